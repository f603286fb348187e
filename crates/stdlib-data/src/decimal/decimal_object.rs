//! `Decimal`: the type. Its operations take a number, a context's settings and the status; here they get their names.

use super::context::{Context, context_argument, current, rounding_of};
use super::conversions::{self, comparable, needed, operand};
use super::number::*;
use super::{arithmetic, compare, digitwise, format, text, transcendental};
use macros::{Traverse, pymethods, pytype};
use runtime::macro_support::Args;
use runtime::protocol::object::CompareOp;
use runtime::protocol::call;
use runtime::types::{Float, Int, Str, Tuple, bool_object, not_implemented};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::cmp::Ordering;

#[derive(Traverse)]
#[repr(C)]
pub struct Decimal {
    head: ObjectHead,
    #[traverse(skip)]
    pub number: Number,
}

pub type Unary = fn(&Number, &Settings, &mut u32) -> Number;
pub type Binary = fn(&Number, &Number, &Settings, &mut u32) -> Number;

impl Decimal {
    #[inline]
    pub fn make(cls: &Type, number: Number) -> PyResult<Owned<Decimal>> {
        Self::construct(cls, Decimal { head: ObjectHead::placeholder(), number })
    }
    #[inline]
    pub fn plain(number: Number) -> PyResult<Owned<Decimal>> {
        Self::make(Self::type_object(), number)
    }
}

/// An operation's result, if the context lets it pass.
#[inline]
pub fn unary(a: &Number, context: &Context, operation: Unary) -> PyResult<Owned<Decimal>> {
    let mut status = 0;
    let result = operation(a, &context.settings.get(), &mut status);
    context.note(status)?;
    Decimal::plain(result)
}

#[inline]
pub fn binary(a: &Number, b: &Number, context: &Context, operation: Binary) -> PyResult<Owned<Decimal>> {
    let mut status = 0;
    let result = operation(a, b, &context.settings.get(), &mut status);
    context.note(status)?;
    Decimal::plain(result)
}

/// An operator: NotImplemented if an operand is no number of ours.
#[inline]
fn operator(a: &Object, b: &Object, operation: Binary) -> PyResult {
    let context = current()?;
    if let (Some(a), Some(b)) = (a.downcast::<Decimal>(), b.downcast::<Decimal>()) {
        return binary(&a.number, &b.number, &context, operation).map(Owned::into_object);
    }
    let (Some(a), Some(b)) = (operand(a)?, operand(b)?) else { return Ok(not_implemented().to_owned()) };
    binary(&a.number, &b.number, &context, operation).map(Owned::into_object)
}

/// Settings with another rounding, if one is given.
fn with_rounding(settings: Settings, rounding: Option<&Object>) -> PyResult<Settings> {
    match rounding {
        Some(rounding) if !rounding.is_none() => Ok(Settings { rounding: rounding_of(rounding)?, ..settings }),
        _ => Ok(settings),
    }
}

fn integral(a: &Number, rounding: Option<&Object>, context: Option<&Object>, exact: bool) -> PyResult<Owned<Decimal>> {
    let context = context_argument(context)?;
    let settings = with_rounding(context.settings.get(), rounding)?;
    let mut status = 0;
    let result = arithmetic::to_integral(a, exact, &settings, &mut status);
    context.note(status)?;
    Decimal::plain(result)
}

#[pymethods(UNARY)]
impl Decimal {
    /// Return the value of the (natural) exponential function e**x at the given
    /// number, correctly rounded with ROUND_HALF_EVEN.
    #[method("exp($self, /, context=None)")]
    fn exp(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, transcendental::exp)
    }
    /// Return the natural (base e) logarithm of the operand, correctly rounded
    /// with ROUND_HALF_EVEN.
    #[method("ln($self, /, context=None)")]
    fn ln(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, transcendental::ln)
    }
    /// Return the base ten logarithm of the operand, correctly rounded with
    /// ROUND_HALF_EVEN.
    #[method("log10($self, /, context=None)")]
    fn log10(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, transcendental::log10)
    }
    /// Return the largest number representable in the context that is smaller
    /// than the operand.
    #[method("next_minus($self, /, context=None)")]
    fn next_minus(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, compare::next_minus)
    }
    /// Return the smallest number representable in the context that is larger
    /// than the operand.
    #[method("next_plus($self, /, context=None)")]
    fn next_plus(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, compare::next_plus)
    }
    /// Reduce to the shortest form: no trailing zeros, and any zero as Decimal("0").
    #[method("normalize($self, /, context=None)")]
    fn normalize(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, arithmetic::normalize)
    }
    /// Return the square root of the argument to full precision, correctly
    /// rounded with ROUND_HALF_EVEN.
    #[method("sqrt($self, /, context=None)")]
    fn sqrt(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, arithmetic::sqrt)
    }
    /// Return the adjusted exponent of the operand as a Decimal.
    #[method("logb($self, /, context=None)")]
    fn logb(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, digitwise::logb)
    }
    /// Return the digit-wise inversion of the (logical) operand.
    #[method("logical_invert($self, /, context=None)")]
    fn logical_invert(&self, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*context_argument(context)?, digitwise::logical_invert)
    }
}

#[pymethods(BINARY)]
impl Decimal {
    /// Compare the numbers: Decimal -1, 0 or 1, or NaN if one is a NaN.
    #[method("compare($self, /, other, context=None)")]
    fn compare(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::compare)
    }
    /// As compare(), except that all NaNs signal.
    #[method("compare_signal($self, /, other, context=None)")]
    fn compare_signal(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::compare_signal)
    }
    /// Maximum of the operands; a number where the other is a quiet NaN.
    #[method("max($self, /, other, context=None)")]
    fn max(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::max)
    }
    /// As max(), of absolute values.
    #[method("max_mag($self, /, other, context=None)")]
    fn max_mag(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::max_mag)
    }
    /// Minimum of the operands; a number where the other is a quiet NaN.
    #[method("min($self, /, other, context=None)")]
    fn min(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::min)
    }
    /// As min(), of absolute values.
    #[method("min_mag($self, /, other, context=None)")]
    fn min_mag(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::min_mag)
    }
    /// Return the number closest to the first operand in direction of the second.
    #[method("next_toward($self, /, other, context=None)")]
    fn next_toward(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::next_toward)
    }
    /// Return the remainder of the division to the nearest integer.
    #[method("remainder_near($self, /, other, context=None)")]
    fn remainder_near(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, arithmetic::remainder_near)
    }
    /// Compare representations by the total order, NaNs and exponents included.
    ///
    ///     >>> Decimal('2.50').compare_total(Decimal('2.5'))
    ///     Decimal('-1')
    #[method("compare_total($self, /, other, context=None)")]
    fn compare_total(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::compare_total)
    }
    /// As compare_total(), without signs.
    #[method("compare_total_mag($self, /, other, context=None)")]
    fn compare_total_mag(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, compare::compare_total_mag)
    }
    /// Return the digit-wise and of the (logical) operands.
    #[method("logical_and($self, /, other, context=None)")]
    fn logical_and(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::logical_and)
    }
    /// Return the digit-wise or of the (logical) operands.
    #[method("logical_or($self, /, other, context=None)")]
    fn logical_or(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::logical_or)
    }
    /// Return the digit-wise exclusive or of the (logical) operands.
    #[method("logical_xor($self, /, other, context=None)")]
    fn logical_xor(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::logical_xor)
    }
    /// Rotate the digits of the first operand by the second.
    #[method("rotate($self, /, other, context=None)")]
    fn rotate(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::rotate)
    }
    /// Return the first operand with its exponent moved by the second.
    #[method("scaleb($self, /, other, context=None)")]
    fn scaleb(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::scaleb)
    }
    /// Shift the digits of the first operand by the second.
    #[method("shift($self, /, other, context=None)")]
    fn shift(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        binary(&self.number, &needed(other)?.number, &context, digitwise::shift)
    }
}

#[pymethods(TESTS)]
impl Decimal {
    /// Always True: all Decimals are canonical.
    #[method("is_canonical($self, /)")]
    fn is_canonical(&self) -> bool {
        true
    }
    /// Whether it is neither infinite nor a NaN.
    #[method("is_finite($self, /)")]
    fn is_finite(&self) -> bool {
        self.number.is_finite()
    }
    /// Whether it is infinite.
    #[method("is_infinite($self, /)")]
    fn is_infinite(&self) -> bool {
        self.number.is_infinite()
    }
    /// Whether it is a NaN of either kind.
    #[method("is_nan($self, /)")]
    fn is_nan(&self) -> bool {
        self.number.is_nan()
    }
    /// Whether it is a quiet NaN.
    #[method("is_qnan($self, /)")]
    fn is_qnan(&self) -> bool {
        self.number.kind == Kind::Nan
    }
    /// Whether it is a signaling NaN.
    #[method("is_snan($self, /)")]
    fn is_snan(&self) -> bool {
        self.number.is_signaling()
    }
    /// Whether the sign is negative, of zeros and NaNs too.
    #[method("is_signed($self, /)")]
    fn is_signed(&self) -> bool {
        self.number.negative
    }
    /// Whether it is a zero.
    #[method("is_zero($self, /)")]
    fn is_zero(&self) -> bool {
        self.number.is_zero()
    }
    /// Whether it is finite, not zero and not subnormal.
    #[method("is_normal($self, /, context=None)")]
    fn is_normal(&self, context: Option<&Object>) -> PyResult<bool> {
        Ok(self.number.is_normal(&context_argument(context)?.settings.get()))
    }
    /// Whether its adjusted exponent is below Emin.
    #[method("is_subnormal($self, /, context=None)")]
    fn is_subnormal(&self, context: Option<&Object>) -> PyResult<bool> {
        Ok(self.number.is_subnormal(&context_argument(context)?.settings.get()))
    }
}

/// Construct a new Decimal object. 'value' can be an integer, string, tuple,
/// or another Decimal object. If no value is given, return Decimal('0').
/// The context does not affect the conversion and is only passed to determine
/// if the InvalidOperation trap is active.
#[pytype(static = Decimal_Type, name = "Decimal", module = "decimal", flags = BASETYPE | IMMUTABLETYPE, native, signature = "(value='0', context=None)",
    methods = [Decimal::UNARY, Decimal::BINARY, Decimal::TESTS])]
impl Decimal {
    #[slot("Decimal(value='0', context=None)")]
    fn tp_new(cls: &Type, value: Option<&Object>, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        match value {
            Some(value) => conversions::exactly(cls, value, &context),
            None => Decimal::make(cls, Number::zero(false, 0)),
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        Ok(format!("Decimal('{}')", text::write(&self.number, false, current()?.capitals.get())))
    }
    #[slot]
    fn tp_str(&self) -> PyResult<String> {
        Ok(text::write(&self.number, false, current()?.capitals.get()))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        conversions::hash(self)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let context = current()?;
        let Some((a, b)) = comparable(self, other, op, &context)? else { return Ok(not_implemented().to_owned()) };
        let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
        if a.number.is_nan() || b.number.is_nan() {
            if !equality || a.number.is_signaling() || b.number.is_signaling() {
                context.note(INVALID_OPERATION)?;
            }
            return Ok(bool_object(op == CompareOp::Ne).to_owned());
        }
        let order = compare::order(&a.number, &b.number);
        let holds = match op {
            CompareOp::Lt => order == Ordering::Less,
            CompareOp::Le => order != Ordering::Greater,
            CompareOp::Eq => order == Ordering::Equal,
            CompareOp::Ne => order != Ordering::Equal,
            CompareOp::Gt => order == Ordering::Greater,
            CompareOp::Ge => order != Ordering::Less,
        };
        Ok(bool_object(holds).to_owned())
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::add)
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::subtract)
    }
    #[slot]
    fn nb_multiply(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::multiply)
    }
    #[slot]
    fn nb_true_divide(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::divide)
    }
    #[slot]
    fn nb_floor_divide(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::divide_int)
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        operator(a, b, arithmetic::remainder)
    }
    #[slot]
    fn nb_divmod(a: &Object, b: &Object) -> PyResult {
        let context = current()?;
        let (Some(a), Some(b)) = (operand(a)?, operand(b)?) else { return Ok(not_implemented().to_owned()) };
        Ok(divmod(&a, &b, &context)?.into_object())
    }
    #[slot]
    fn nb_power(a: &Object, b: &Object, modulo: &Object) -> PyResult {
        let context = current()?;
        let (Some(a), Some(b)) = (operand(a)?, operand(b)?) else { return Ok(not_implemented().to_owned()) };
        if modulo.is_none() {
            return binary(&a.number, &b.number, &context, transcendental::power).map(Owned::into_object);
        }
        let Some(modulo) = operand(modulo)? else { return Ok(not_implemented().to_owned()) };
        Ok(power_modulo(&a, &b, &modulo, &context)?.into_object())
    }
    #[slot]
    fn nb_negative(&self) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*current()?, arithmetic::minus)
    }
    #[slot]
    fn nb_positive(&self) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*current()?, arithmetic::plus)
    }
    #[slot]
    fn nb_absolute(&self) -> PyResult<Owned<Decimal>> {
        unary(&self.number, &*current()?, arithmetic::abs)
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        !self.number.is_zero()
    }
    #[slot]
    fn nb_int(&self) -> PyResult<Owned<Int>> {
        conversions::to_int(&self.number, Rounding::Down)
    }
    #[slot]
    fn nb_float(&self) -> PyResult {
        if self.number.is_signaling() {
            return Err(err!(ValueError, "cannot convert signaling NaN to float"));
        }
        if self.number.is_nan() {
            let nan = if self.number.negative { -f64::NAN } else { f64::NAN };
            return Ok(Float::new(nan).into_object());
        }
        let text = text::write(&self.number, false, true);
        Ok(Float::new(text.parse().unwrap_or(f64::NAN)).into_object())
    }
    /// Round to the nearest integer, rounding as the keyword or else the context says.
    #[method("to_integral($self, /, rounding=None, context=None)")]
    #[method("to_integral_value($self, /, rounding=None, context=None)")]
    fn to_integral_value(&self, rounding: Option<&Object>, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        integral(&self.number, rounding, context, false)
    }
    /// Round to the nearest integer, signaling Inexact and Rounded as appropriate.
    #[method("to_integral_exact($self, /, rounding=None, context=None)")]
    fn to_integral_exact(&self, rounding: Option<&Object>, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        integral(&self.number, rounding, context, true)
    }
    /// Return a value equal to the first operand after rounding and having the
    /// exponent of the second operand.
    ///
    ///     >>> Decimal('1.41421356').quantize(Decimal('1.000'))
    ///     Decimal('1.414')
    ///
    /// If the coefficient would be longer than the precision, it is invalid.
    #[method("quantize($self, /, exp, rounding=None, context=None)")]
    fn quantize(&self, exp: &Object, rounding: Option<&Object>, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        let settings = with_rounding(context.settings.get(), rounding)?;
        let pattern = needed(exp)?;
        let mut status = 0;
        let result = arithmetic::quantize(&self.number, &pattern.number, &settings, &mut status);
        context.note(status)?;
        Decimal::plain(result)
    }
    /// Fused multiply-add: self*other+third with no rounding of the product.
    ///
    ///     >>> Decimal(4).fma(6, 7)
    ///     Decimal('31')
    #[method("fma($self, /, other, third, context=None)")]
    fn fma(&self, other: &Object, third: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        let context = context_argument(context)?;
        fma(self, &*needed(other)?, &*needed(third)?, &context)
    }
    /// Return the adjusted exponent of the number.
    #[method("adjusted($self, /)")]
    fn adjusted(&self) -> i64 {
        if self.number.is_finite() { self.number.adjusted() } else { 0 }
    }
    /// Return the canonical encoding of the argument: itself.
    #[method("canonical($self, /)")]
    #[method("conjugate($self, /)")]
    #[method("__copy__($self, /)")]
    fn canonical(&self) -> Owned<Decimal> {
        Owned::from_ref(self)
    }
    #[method("__deepcopy__($self, memo, /)")]
    fn deepcopy(&self, _memo: &Object) -> Owned<Decimal> {
        Owned::from_ref(self)
    }
    /// Return Decimal(10), the radix in which Decimal does arithmetic.
    #[method("radix($self, /)")]
    fn radix(&self) -> PyResult<Owned<Decimal>> {
        Decimal::plain(Number::small(10, 0))
    }
    /// Return the absolute value, whatever the context.
    #[method("copy_abs($self, /)")]
    fn copy_abs(&self) -> PyResult<Owned<Decimal>> {
        Decimal::plain(self.number.clone().with_sign(false))
    }
    /// Return the negation, whatever the context.
    #[method("copy_negate($self, /)")]
    fn copy_negate(&self) -> PyResult<Owned<Decimal>> {
        Decimal::plain(self.number.negated())
    }
    /// Return a copy with the sign of the other operand.
    ///
    ///     >>> Decimal('7.5').copy_sign(Decimal('-0.1'))
    ///     Decimal('-7.5')
    #[method("copy_sign($self, /, other, context=None)")]
    fn copy_sign(&self, other: &Object, context: Option<&Object>) -> PyResult<Owned<Decimal>> {
        context_argument(context)?;
        Decimal::plain(self.number.clone().with_sign(needed(other)?.number.negative))
    }
    /// Whether the exponents are the same, or both are infinite or NaNs.
    #[method("same_quantum($self, /, other, context=None)")]
    fn same_quantum(&self, other: &Object, context: Option<&Object>) -> PyResult<bool> {
        context_argument(context)?;
        Ok(compare::same_quantum(&self.number, &needed(other)?.number))
    }
    /// Say in a string what kind of number it is: '+Normal', '-Zero', 'NaN' ...
    #[method("number_class($self, /, context=None)")]
    fn number_class(&self, context: Option<&Object>) -> PyResult<&'static str> {
        Ok(compare::class(&self.number, &context_argument(context)?.settings.get()))
    }
    /// Convert to a string in engineering notation: exponents are multiples of 3.
    #[method("to_eng_string($self, /, context=None)")]
    fn to_eng_string(&self, context: Option<&Object>) -> PyResult<String> {
        Ok(text::write(&self.number, true, context_argument(context)?.capitals.get()))
    }
    /// Convert a float to a decimal number, exactly.
    ///
    /// Decimal.from_float(0.1) is not the same as Decimal('0.1').
    #[classmethod("from_float($type, f, /)")]
    fn from_float(cls: &Type, f: &Object) -> PyResult {
        of_class(cls, conversions::from_int_or_float(f)?)
    }
    /// Convert a real number to a decimal number, exactly.
    ///
    ///     >>> Decimal.from_number(314)
    ///     Decimal('314')
    #[classmethod("from_number($type, number, /)")]
    fn from_number(cls: &Type, number: &Object) -> PyResult {
        let value = if let Some(int) = number.downcast::<Int>() {
            conversions::from_int(int)
        } else if let Some(float) = number.downcast::<Float>() {
            conversions::from_float(float.value())
        } else if let Some(decimal) = number.downcast::<Decimal>() {
            decimal.number.clone()
        } else {
            return Err(err!(TypeError, "Cannot convert {} to Decimal", runtime::protocol::object::repr(number)?));
        };
        of_class(cls, value)
    }
    /// Return a tuple representation of the number.
    #[method("as_tuple($self, /)")]
    fn as_tuple(&self) -> PyResult {
        conversions::as_tuple(&self.number)
    }
    /// Express a finite Decimal as a pair of integers in lowest terms, the denominator positive.
    #[method("as_integer_ratio($self, /)")]
    fn as_integer_ratio(&self) -> PyResult<(Owned<Int>, Owned<Int>)> {
        conversions::as_integer_ratio(&self.number)
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let text = Str::new(&text::write(&self.number, false, current()?.capitals.get()));
        Ok(Tuple::pair(self.as_object().ty().as_object().to_owned(), Tuple::single(text.into_object()).into_object()))
    }
    /// Formats as `_pydecimal` does, in the current context.
    #[method("__format__($self, format_spec, override=<unrepresentable>, /)", nosig)]
    fn format(&self, args: Args<'_>) -> PyResult {
        let (spec, override_) = match *args {
            [spec] => (spec, None),
            [spec, override_] => (spec, Some(override_)),
            [] => return Err(err!(TypeError, "function takes at least 1 argument (0 given)")),
            _ => return Err(err!(TypeError, "function takes at most 2 arguments ({} given)", args.len())),
        };
        let Some(spec) = spec.downcast::<Str>() else { return Err(err!(TypeError, "format arg must be str")) };
        format::format(self, spec, override_)
    }
    #[method("__round__($self, ndigits=<unrepresentable>, /)", nosig)]
    fn round(&self, args: Args<'_>) -> PyResult {
        match *args {
            [] => Ok(conversions::to_int(&self.number, Rounding::HalfEven)?.into_object()),
            [digits] => {
                let Some(digits) = digits.downcast::<Int>() else { return Err(err!(TypeError, "optional arg must be an integer")) };
                let Some(places) = digits.as_i64().map(i64::saturating_neg) else {
                    return Err(err!(OverflowError, "Python int too large to convert to C ssize_t"));
                };
                let context = current()?;
                Ok(binary(&self.number, &Number::small(1, places), &context, arithmetic::quantize)?.into_object())
            }
            _ => Err(err!(TypeError, "__round__ expected at most 1 argument, got {}", args.len())),
        }
    }
    #[method("__ceil__($self, /)")]
    fn ceil(&self) -> PyResult<Owned<Int>> {
        conversions::to_int(&self.number, Rounding::Ceiling)
    }
    #[method("__floor__($self, /)")]
    fn floor(&self) -> PyResult<Owned<Int>> {
        conversions::to_int(&self.number, Rounding::Floor)
    }
    #[method("__trunc__($self, /)")]
    fn trunc(&self) -> PyResult<Owned<Int>> {
        conversions::to_int(&self.number, Rounding::Down)
    }
    #[method("__complex__($self, /)")]
    fn complex(&self) -> PyResult {
        let real = self.nb_float()?;
        call::call1(runtime::types::Complex::type_object(), &real)
    }
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        // Words of 19 digits, four of them within the object.
        let words = (self.number.digits() as usize).div_ceil(19);
        104 + if words > 4 { 8 * words } else { 0 }
    }
    #[getter]
    fn real(&self) -> Owned<Decimal> {
        Owned::from_ref(self)
    }
    #[getter]
    fn imag(&self) -> PyResult<Owned<Decimal>> {
        Decimal::plain(Number::zero(false, 0))
    }
}

pub fn of_class(cls: &Type, number: Number) -> PyResult {
    let plain = Decimal::plain(number)?;
    if std::ptr::eq(cls, Decimal::type_object()) {
        return Ok(plain.into_object());
    }
    call::call1(cls, &plain)
}

pub fn divmod(a: &Decimal, b: &Decimal, context: &Context) -> PyResult<Owned<Tuple>> {
    let mut status = 0;
    let (quotient, rest) = arithmetic::divmod(&a.number, &b.number, &context.settings.get(), &mut status);
    context.note(status)?;
    Ok(Tuple::pair(Decimal::plain(quotient)?.into_object(), Decimal::plain(rest)?.into_object()))
}

pub fn fma(a: &Decimal, b: &Decimal, c: &Decimal, context: &Context) -> PyResult<Owned<Decimal>> {
    let mut status = 0;
    let result = arithmetic::fma(&a.number, &b.number, &c.number, &context.settings.get(), &mut status);
    context.note(status)?;
    Decimal::plain(result)
}

pub fn power_modulo(a: &Decimal, b: &Decimal, modulo: &Decimal, context: &Context) -> PyResult<Owned<Decimal>> {
    let mut status = 0;
    let result = transcendental::power_modulo(&a.number, &b.number, &modulo.number, &context.settings.get(), &mut status);
    context.note(status)?;
    Decimal::plain(result)
}
