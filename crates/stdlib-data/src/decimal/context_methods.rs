//! The methods of `Context` that compute: those of `Decimal`, and the operators, with the context given.

use super::context::Context;
use super::conversions::{self, needed};
use super::decimal_object::{Decimal, binary, divmod, fma, of_class, power_modulo, unary};
use super::number::*;
use super::{arithmetic, compare, digitwise, text, transcendental};
use macros::pymethods;
use runtime::types::Tuple;
use runtime::{Object, Owned, PyResult, PyTyped, err};

fn to_integral_exact(a: &Number, settings: &Settings, status: &mut u32) -> Number {
    arithmetic::to_integral(a, true, settings, status)
}
fn to_integral_value(a: &Number, settings: &Settings, status: &mut u32) -> Number {
    arithmetic::to_integral(a, false, settings, status)
}

#[pymethods(UNARY)]
impl Context {
    /// Return the absolute value of x.
    #[method("abs($self, x, /)")]
    fn abs(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, arithmetic::abs)
    }
    /// Return the value of the (natural) exponential function e**x at the given
    /// number, correctly rounded with ROUND_HALF_EVEN.
    #[method("exp($self, x, /)")]
    fn exp(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, transcendental::exp)
    }
    /// Return the natural (base e) logarithm of the operand, correctly rounded
    /// with ROUND_HALF_EVEN.
    #[method("ln($self, x, /)")]
    fn ln(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, transcendental::ln)
    }
    /// Return the base ten logarithm of the operand, correctly rounded with
    /// ROUND_HALF_EVEN.
    #[method("log10($self, x, /)")]
    fn log10(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, transcendental::log10)
    }
    /// As the prefix minus operator.
    #[method("minus($self, x, /)")]
    fn minus(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, arithmetic::minus)
    }
    /// Return the largest number representable in the context that is smaller
    /// than the operand.
    #[method("next_minus($self, x, /)")]
    fn next_minus(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, compare::next_minus)
    }
    /// Return the smallest number representable in the context that is larger
    /// than the operand.
    #[method("next_plus($self, x, /)")]
    fn next_plus(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, compare::next_plus)
    }
    /// Reduce to the shortest form: no trailing zeros, and any zero as Decimal("0").
    #[method("normalize($self, x, /)")]
    fn normalize(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, arithmetic::normalize)
    }
    /// As the prefix plus operator: rounds to the context.
    #[method("plus($self, x, /)")]
    fn plus(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, arithmetic::plus)
    }
    /// Return the square root of the argument to full precision, correctly
    /// rounded with ROUND_HALF_EVEN.
    #[method("sqrt($self, x, /)")]
    fn sqrt(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, arithmetic::sqrt)
    }
    /// Return the adjusted exponent of the operand as a Decimal.
    #[method("logb($self, x, /)")]
    fn logb(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, digitwise::logb)
    }
    /// Return the digit-wise inversion of the (logical) operand.
    #[method("logical_invert($self, x, /)")]
    fn logical_invert(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, digitwise::logical_invert)
    }
    /// Round to an integer, signaling if the result is rounded or inexact.
    #[method("to_integral_exact($self, x, /)")]
    fn to_integral_exact(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, to_integral_exact)
    }
    /// Round to an integer.
    #[method("to_integral($self, x, /)")]
    #[method("to_integral_value($self, x, /)")]
    fn to_integral_value(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        unary(&needed(x)?.number, self, to_integral_value)
    }
}

#[pymethods(BINARY)]
impl Context {
    /// Return the sum of x and y.
    #[method("add($self, x, y, /)")]
    fn add(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::add)
    }
    /// Compare the numbers: Decimal -1, 0 or 1, or NaN if one is a NaN.
    #[method("compare($self, x, y, /)")]
    fn compare(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::compare)
    }
    /// As compare(), except that all NaNs signal.
    #[method("compare_signal($self, x, y, /)")]
    fn compare_signal(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::compare_signal)
    }
    /// Return x divided by y.
    #[method("divide($self, x, y, /)")]
    fn divide(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::divide)
    }
    /// Return x divided by y, truncated to an integer.
    #[method("divide_int($self, x, y, /)")]
    fn divide_int(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::divide_int)
    }
    /// Maximum of the operands; a number where the other is a quiet NaN.
    #[method("max($self, x, y, /)")]
    fn max(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::max)
    }
    /// As max(), of absolute values.
    #[method("max_mag($self, x, y, /)")]
    fn max_mag(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::max_mag)
    }
    /// Minimum of the operands; a number where the other is a quiet NaN.
    #[method("min($self, x, y, /)")]
    fn min(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::min)
    }
    /// As min(), of absolute values.
    #[method("min_mag($self, x, y, /)")]
    fn min_mag(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::min_mag)
    }
    /// Return the product of x and y.
    #[method("multiply($self, x, y, /)")]
    fn multiply(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::multiply)
    }
    /// Return the number closest to the first operand in direction of the second.
    #[method("next_toward($self, x, y, /)")]
    fn next_toward(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::next_toward)
    }
    /// Return x rounded to the exponent of y.
    #[method("quantize($self, x, y, /)")]
    fn quantize(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::quantize)
    }
    /// Return the remainder of x divided by y, with the sign of x.
    #[method("remainder($self, x, y, /)")]
    fn remainder(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::remainder)
    }
    /// Return the remainder of the division to the nearest integer.
    #[method("remainder_near($self, x, y, /)")]
    fn remainder_near(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::remainder_near)
    }
    /// Return the difference between x and y.
    #[method("subtract($self, x, y, /)")]
    fn subtract(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, arithmetic::subtract)
    }
    /// Compare representations by the total order, NaNs and exponents included.
    #[method("compare_total($self, x, y, /)")]
    fn compare_total(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::compare_total)
    }
    /// As compare_total(), without signs.
    #[method("compare_total_mag($self, x, y, /)")]
    fn compare_total_mag(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, compare::compare_total_mag)
    }
    /// Return the digit-wise and of the (logical) operands.
    #[method("logical_and($self, x, y, /)")]
    fn logical_and(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::logical_and)
    }
    /// Return the digit-wise or of the (logical) operands.
    #[method("logical_or($self, x, y, /)")]
    fn logical_or(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::logical_or)
    }
    /// Return the digit-wise exclusive or of the (logical) operands.
    #[method("logical_xor($self, x, y, /)")]
    fn logical_xor(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::logical_xor)
    }
    /// Rotate the digits of the first operand by the second.
    #[method("rotate($self, x, y, /)")]
    fn rotate(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::rotate)
    }
    /// Return the first operand with its exponent moved by the second.
    #[method("scaleb($self, x, y, /)")]
    fn scaleb(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::scaleb)
    }
    /// Shift the digits of the first operand by the second.
    #[method("shift($self, x, y, /)")]
    fn shift(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        binary(&needed(x)?.number, &needed(y)?.number, self, digitwise::shift)
    }
}

#[pymethods(TESTS)]
impl Context {
    /// Whether x is canonical, as all Decimals are.
    #[method("is_canonical($self, x, /)")]
    fn is_canonical(&self, x: &Object) -> PyResult<bool> {
        decimal(x).map(|_| true)
    }
    /// As the method of Decimal.
    #[method("is_finite($self, x, /)")]
    fn is_finite(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_finite())
    }
    /// As the method of Decimal.
    #[method("is_infinite($self, x, /)")]
    fn is_infinite(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_infinite())
    }
    /// As the method of Decimal.
    #[method("is_nan($self, x, /)")]
    fn is_nan(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_nan())
    }
    /// As the method of Decimal.
    #[method("is_qnan($self, x, /)")]
    fn is_qnan(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.kind == Kind::Nan)
    }
    /// As the method of Decimal.
    #[method("is_snan($self, x, /)")]
    fn is_snan(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_signaling())
    }
    /// As the method of Decimal.
    #[method("is_signed($self, x, /)")]
    fn is_signed(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.negative)
    }
    /// As the method of Decimal.
    #[method("is_zero($self, x, /)")]
    fn is_zero(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_zero())
    }
    /// As the method of Decimal.
    #[method("is_normal($self, x, /)")]
    fn is_normal(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_normal(&self.settings.get()))
    }
    /// As the method of Decimal.
    #[method("is_subnormal($self, x, /)")]
    fn is_subnormal(&self, x: &Object) -> PyResult<bool> {
        let x = &needed(x)?.number;
        Ok(x.is_subnormal(&self.settings.get()))
    }
}

/// An argument that must be a Decimal already.
fn decimal(x: &Object) -> PyResult<Owned<Decimal>> {
    match x.downcast::<Decimal>() {
        Some(decimal) => Ok(Owned::from_ref(decimal)),
        None => Err(err!(TypeError, "argument must be a Decimal")),
    }
}

#[pymethods(OTHERS)]
impl Context {
    /// Return the quotient and the remainder of x divided by y.
    #[method("divmod($self, x, y, /)")]
    fn divmod(&self, x: &Object, y: &Object) -> PyResult<Owned<Tuple>> {
        divmod(&*needed(x)?, &*needed(y)?, self)
    }
    /// Compute a**b. If 'a' is negative, then 'b' must be integral.  With a
    /// modulus, the result is (a**b) % modulo, of integers only.
    #[method("power($self, /, a, b, modulo=None)")]
    fn power(&self, a: &Object, b: &Object, modulo: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let (a, b) = (needed(a)?, needed(b)?);
        match modulo {
            Some(modulo) if !modulo.is_none() => power_modulo(&a, &b, &*needed(modulo)?, self),
            _ => binary(&a.number, &b.number, self, transcendental::power),
        }
    }
    /// Return x multiplied by y, plus z, rounded once.
    #[method("fma($self, x, y, z, /)")]
    fn fma(&self, x: &Object, y: &Object, z: &Object) -> PyResult<Owned<Decimal>> {
        fma(&*needed(x)?, &*needed(y)?, &*needed(z)?, self)
    }
    /// Return 10.
    #[method("radix($self, /)")]
    fn radix(&self) -> PyResult<Owned<Decimal>> {
        Decimal::plain(Number::small(10, 0))
    }
    /// Round a Decimal to the context.
    #[method("_apply($self, x, /)")]
    fn apply(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        conversions::rounded(&*needed(x)?, self)
    }
    /// Return x itself, a Decimal.
    #[method("canonical($self, x, /)")]
    fn canonical(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        decimal(x)
    }
    /// Return a copy of x with the sign set to 0.
    #[method("copy_abs($self, x, /)")]
    fn copy_abs(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        Decimal::plain(needed(x)?.number.clone().with_sign(false))
    }
    /// Return a copy of Decimal x.
    #[method("copy_decimal($self, x, /)")]
    fn copy_decimal(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        needed(x)
    }
    /// Return a copy of x with the sign inverted.
    #[method("copy_negate($self, x, /)")]
    fn copy_negate(&self, x: &Object) -> PyResult<Owned<Decimal>> {
        Decimal::plain(needed(x)?.number.negated())
    }
    /// Copy the sign from y to x.
    #[method("copy_sign($self, x, y, /)")]
    fn copy_sign(&self, x: &Object, y: &Object) -> PyResult<Owned<Decimal>> {
        Decimal::plain(needed(x)?.number.clone().with_sign(needed(y)?.number.negative))
    }
    /// Return a string that says what kind of number x is.
    #[method("number_class($self, x, /)")]
    fn number_class(&self, x: &Object) -> PyResult<&'static str> {
        Ok(compare::class(&needed(x)?.number, &self.settings.get()))
    }
    /// Convert a number to a string in scientific notation.
    #[method("to_sci_string($self, x, /)")]
    fn to_sci_string(&self, x: &Object) -> PyResult<String> {
        Ok(text::write(&needed(x)?.number, false, self.capitals.get()))
    }
    /// Convert a number to a string in engineering notation.
    #[method("to_eng_string($self, x, /)")]
    fn to_eng_string(&self, x: &Object) -> PyResult<String> {
        Ok(text::write(&needed(x)?.number, true, self.capitals.get()))
    }
    /// Whether the operands have the same exponent.
    #[method("same_quantum($self, x, y, /)")]
    fn same_quantum(&self, x: &Object, y: &Object) -> PyResult<bool> {
        Ok(compare::same_quantum(&needed(x)?.number, &needed(y)?.number))
    }
    /// Create a new Decimal instance from num, rounded to the context.
    #[method("create_decimal($self, num='0', /)")]
    fn create_decimal(&self, num: Option<&Object>) -> PyResult<Owned<Decimal>> {
        match num {
            Some(num) => conversions::rounded(num, self),
            None => Decimal::plain(Number::zero(false, 0).finalize(&self.settings.get(), &mut 0)),
        }
    }
    /// Create a new Decimal instance from float f, rounded to the context.
    #[method("create_decimal_from_float($self, f, /)")]
    fn create_decimal_from_float(&self, f: &Object) -> PyResult {
        let number = conversions::from_int_or_float(f)?;
        let mut status = 0;
        let number = number.finalize(&self.settings.get(), &mut status);
        self.note(status)?;
        of_class(Decimal::type_object(), number)
    }
}
