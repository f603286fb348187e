//! Decimals from and to other objects.

use super::context::Context;
use super::decimal_object::Decimal;
use super::number::*;
use super::text;
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use std::borrow::Cow;
use runtime::protocol::object::{self, CompareOp};
use runtime::protocol::call;
use runtime::types::str::to_ascii_decimal;
use runtime::types::{Complex, Float, Int, List, Str, Tuple};
use runtime::{Object, Owned, PyResult, PyTyped, Type, err, errors, intern};

pub fn from_int(value: &Int) -> Number {
    let negative = value.is_negative();
    let magnitude = match value.as_i64() {
        Some(small) => BigUint::from(small.unsigned_abs()),
        None => value.to_bigint().into_parts().1,
    };
    Number::finite(negative, magnitude, 0)
}

/// What `from_float` and its kin accept.
pub fn from_int_or_float(value: &Object) -> PyResult<Number> {
    match (value.downcast::<Int>(), value.downcast::<Float>()) {
        (Some(int), _) => Ok(from_int(int)),
        (None, Some(float)) => Ok(from_float(float.value())),
        (None, None) => Err(err!(TypeError, "argument must be int or float")),
    }
}

/// A float's exact value.
pub fn from_float(value: f64) -> Number {
    if value.is_nan() {
        return Number::nan().with_sign(value.is_sign_negative());
    }
    if value.is_infinite() {
        return Number::infinity(value < 0.0);
    }
    let bits = value.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mut mantissa, mut power) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    if mantissa == 0 {
        return Number::zero(value.is_sign_negative(), 0);
    }
    let zeros = mantissa.trailing_zeros() as i64;
    mantissa >>= zeros;
    power += zeros;
    let (coefficient, exponent) = if power >= 0 {
        (BigUint::from(mantissa) << power as u64, 0)
    } else {
        (BigUint::from(mantissa) * BigUint::from(5u32).pow(-power as u32), power)
    };
    Number::finite(value.is_sign_negative(), coefficient, exponent)
}

fn from_tuple(value: &Object) -> PyResult<Number> {
    let items: Vec<Owned> = match (value.downcast::<Tuple>(), value.downcast::<List>()) {
        (Some(tuple), _) => tuple.iter().map(Object::to_owned).collect(),
        (_, Some(list)) => list.to_vec(),
        _ => Vec::new(),
    };
    let [sign, digits, exponent] = &items[..] else {
        return Err(err!(ValueError, "argument must be a sequence of length 3"));
    };
    let negative = match sign.downcast::<Int>().and_then(Int::as_i64) {
        Some(0) => false,
        Some(1) => true,
        _ => return Err(err!(ValueError, "sign must be an integer with the value 0 or 1")),
    };
    let mut kind = Kind::Finite;
    let mut power = 0;
    if let Some(text) = exponent.downcast::<Str>() {
        kind = match text.as_ascii() {
            Some("F") => Kind::Infinite,
            Some("n") => Kind::Nan,
            Some("N") => Kind::SignalingNan,
            _ => return Err(err!(ValueError, "string argument in the third position must be 'F', 'n' or 'N'")),
        };
    } else {
        let Some(int) = exponent.downcast::<Int>() else {
            return Err(err!(ValueError, "exponent must be an integer"));
        };
        power = int.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C ssize_t"))?;
    }
    let wrong = || err!(ValueError, "coefficient must be a tuple of digits");
    let digits: Vec<Owned> = match (digits.downcast::<Tuple>(), digits.downcast::<List>()) {
        (Some(tuple), _) => tuple.iter().map(Object::to_owned).collect(),
        (_, Some(list)) => list.to_vec(),
        _ => return Err(wrong()),
    };
    let mut bytes = Vec::with_capacity(digits.len());
    for digit in &digits {
        match digit.downcast::<Int>().and_then(Int::as_i64) {
            Some(digit @ 0..=9) => bytes.push(digit as u8),
            _ => return Err(wrong()),
        }
    }
    let coefficient = if kind == Kind::Infinite { BigUint::ZERO } else { BigUint::from_radix_be(&bytes, 10).unwrap_or_default() };
    // Beyond all contexts is beyond all contexts.
    Ok(Number { negative, kind, coefficient, exponent: power.clamp(-4 * MAX_PREC, 4 * MAX_PREC) })
}

/// A str's text as `text::parse` takes it: ASCII, no white space around, no underscores.
fn clean(value: &Str) -> Cow<'_, str> {
    match value.as_ascii() {
        Some(ascii) if !ascii.bytes().any(|c| c == b'_' || c.is_ascii_whitespace() || c < 0x20) => Cow::Borrowed(ascii),
        _ => {
            let text = to_ascii_decimal(value);
            let blank = |c: char| c.is_ascii_whitespace() || ('\x0b'..='\x0c').contains(&c) || ('\x1c'..='\x1f').contains(&c);
            Cow::Owned(text.trim_matches(blank).replace('_', ""))
        }
    }
}

fn clean_ends(text: &Str) -> bool {
    let text = text.to_string_lossy();
    text.trim().len() == text.len()
}

fn float_operation(context: &Context) -> PyResult<()> {
    context.note(FLOAT_OPERATION)
}

#[cold]
fn not_supported<T>(value: &Object) -> PyResult<T> {
    Err(err!(TypeError, "conversion from {} to Decimal is not supported", value.type_name()))
}

/// `Decimal(value, context)`: nothing is rounded.
pub fn exactly(cls: &Type, value: &Object, context: &Context) -> PyResult<Owned<Decimal>> {
    let mut status = 0;
    let number = if let Some(decimal) = value.downcast::<Decimal>() {
        if value.is_exact::<Decimal>() && std::ptr::eq(cls, Decimal::type_object()) {
            return Ok(Owned::from_ref(decimal));
        }
        decimal.number.clone()
    } else if let Some(text) = value.downcast::<Str>() {
        match text::parse(&clean(text)) {
            Some(number) => text::exactly(number, &mut status),
            None => invalid(CONVERSION_SYNTAX, &mut status),
        }
    } else if let Some(int) = value.downcast::<Int>() {
        from_int(int)
    } else if value.is_instance_of::<List>() || value.is_instance_of::<Tuple>() {
        text::exactly(from_tuple(value)?, &mut status)
    } else if let Some(float) = value.downcast::<Float>() {
        float_operation(context)?;
        from_float(float.value())
    } else {
        return not_supported(value);
    };
    context.note(status)?;
    Decimal::make(cls, number)
}

/// `Context.create_decimal`: rounded to the context.
pub fn rounded(value: &Object, context: &Context) -> PyResult<Owned<Decimal>> {
    let settings = context.settings.get();
    let mut status = 0;
    let number = if let Some(decimal) = value.downcast::<Decimal>() {
        let number = &decimal.number;
        if number.is_nan() && number.digits() > settings.prec - settings.clamp as i64 {
            invalid(CONVERSION_SYNTAX, &mut status)
        } else {
            number.clone().finalize(&settings, &mut status)
        }
    } else if let Some(text) = value.downcast::<Str>() {
        match text.as_ascii() {
            Some(ascii) => text::parse_rounded(ascii, &settings, &mut status),
            // No space around is taken, whichever it is.
            None if clean_ends(text) => text::parse_rounded(&to_ascii_decimal(text), &settings, &mut status),
            None => invalid(CONVERSION_SYNTAX, &mut status),
        }
    } else if let Some(int) = value.downcast::<Int>() {
        from_int(int).finalize(&settings, &mut status)
    } else if value.is_instance_of::<List>() || value.is_instance_of::<Tuple>() {
        from_tuple(value)?.finalize(&settings, &mut status)
    } else if let Some(float) = value.downcast::<Float>() {
        float_operation(context)?;
        from_float(float.value()).finalize(&settings, &mut status)
    } else {
        return not_supported(value);
    };
    context.note(status)?;
    Decimal::make(Decimal::type_object(), number)
}

/// An operand: a Decimal or an int; None for others.
#[inline]
pub fn operand(value: &Object) -> PyResult<Option<Owned<Decimal>>> {
    if let Some(decimal) = value.downcast::<Decimal>() {
        return Ok(Some(Owned::from_ref(decimal)));
    }
    match value.downcast::<Int>() {
        Some(int) => Decimal::make(Decimal::type_object(), from_int(int)).map(Some),
        None => Ok(None),
    }
}

/// An operand that must be one.
pub fn needed(value: &Object) -> PyResult<Owned<Decimal>> {
    match operand(value)? {
        Some(decimal) => Ok(decimal),
        None => not_supported(value),
    }
}

/// The operands of a comparison, scaled if the other is a fraction; None if they cannot be compared.
pub fn comparable(own: &Decimal, other: &Object, op: CompareOp, context: &Context) -> PyResult<Option<(Owned<Decimal>, Owned<Decimal>)>> {
    let own_object = || Owned::from_ref(own);
    let equality = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if let Some(decimal) = operand(other)? {
        return Ok(Some((own_object(), decimal)));
    }
    let float = |value: f64| -> PyResult<_> {
        if equality {
            // The comparison is exact, so nothing is raised.
            context.status.set(context.status.get() | FLOAT_OPERATION);
        } else {
            float_operation(context)?;
        }
        Ok(Some((own_object(), Decimal::make(Decimal::type_object(), from_float(value))?)))
    };
    if let Some(value) = other.downcast::<Float>() {
        return float(value.value());
    }
    if let Some(value) = other.downcast::<Complex>() {
        let (real, imaginary) = value.value();
        return if equality && imaginary == 0.0 { float(real) } else { Ok(None) };
    }
    let rational = object::get_attr_str(&*runtime::import::import_module("numbers")?, "Rational")?;
    if !runtime::types::subclass_check::is_instance(other, &rational)? {
        return Ok(None);
    }
    let part = |name: &'static Str| object::get_attr(other, name);
    let (numerator, denominator) = (part(intern!("numerator"))?, part(intern!("denominator"))?);
    let (Some(numerator), Some(denominator)) = (operand(&numerator)?, operand(&denominator)?) else { return Ok(None) };
    if !own.number.is_finite() {
        return Ok(Some((own_object(), numerator)));
    }
    let scaled = Number::finite(own.number.negative, &own.number.coefficient * &denominator.number.coefficient, own.number.exponent);
    Ok(Some((Decimal::make(Decimal::type_object(), scaled)?, numerator)))
}

/// To an int, rounded.
pub fn to_int(number: &Number, rounding: Rounding) -> PyResult<Owned<Int>> {
    match number.kind {
        Kind::Finite => {}
        Kind::Infinite => return Err(err!(OverflowError, "cannot convert Infinity to integer")),
        Kind::Nan | Kind::SignalingNan => return Err(err!(ValueError, "cannot convert NaN to integer")),
    }
    if number.exponent > 0 && !fits(number.exponent) {
        return if number.is_zero() { Ok(Int::from_i64(0)) } else { Err(errors::no_memory()) };
    }
    let magnitude = number.rescaled(0, rounding).0.coefficient;
    Int::try_from_bigint(&BigInt::from_biguint(if number.negative { Sign::Minus } else { Sign::Plus }, magnitude))
}

pub fn as_integer_ratio(number: &Number) -> PyResult<(Owned<Int>, Owned<Int>)> {
    match number.kind {
        Kind::Finite => {}
        Kind::Infinite => return Err(err!(OverflowError, "cannot convert Infinity to integer ratio")),
        Kind::Nan | Kind::SignalingNan => return Err(err!(ValueError, "cannot convert NaN to integer ratio")),
    }
    if number.is_zero() {
        return Ok((Int::from_i64(0), Int::from_i64(1)));
    }
    if !fits(number.exponent) {
        return Err(errors::no_memory());
    }
    let (mut numerator, mut denominator) = match number.exponent {
        0.. => (number.aligned(0), BigUint::from(1u32)),
        exponent => (number.coefficient.clone(), power_of_ten(exponent.unsigned_abs())),
    };
    let common = numerator.gcd(&denominator);
    numerator /= &common;
    denominator /= &common;
    let sign = if number.negative { Sign::Minus } else { Sign::Plus };
    Ok((Int::try_from_bigint(&BigInt::from_biguint(sign, numerator))?, Int::try_from_bigint(&BigInt::from(denominator))?))
}

pub fn as_tuple(number: &Number) -> PyResult {
    let mut digits = if number.kind == Kind::Infinite || number.is_nan() && number.coefficient == BigUint::ZERO {
        if number.kind == Kind::Infinite { vec![0] } else { Vec::new() }
    } else {
        number.coefficient.to_radix_be(10)
    };
    if number.is_finite() && digits.is_empty() {
        digits.push(0);
    }
    let digits = Tuple::from_owned(digits.into_iter().map(|digit| Int::from_i64(digit as i64).into_object()).collect());
    let exponent = match number.kind {
        Kind::Finite => Int::from_i64(number.exponent).into_object(),
        Kind::Infinite => Str::new("F").into_object(),
        Kind::Nan => Str::new("n").into_object(),
        Kind::SignalingNan => Str::new("N").into_object(),
    };
    let sign = Int::from_i64(number.negative as i64);
    call::call_args(super::decimal_tuple()?, &[sign.object(), digits.object(), &exponent])
}

/// Equal numbers have equal hashes, of whatever type: modulo 2^61 - 1.
pub fn hash(decimal: &Decimal) -> PyResult<isize> {
    const MODULUS: u64 = (1 << 61) - 1;
    let number = &decimal.number;
    match number.kind {
        Kind::SignalingNan => return Err(err!(TypeError, "Cannot hash a signaling NaN value")),
        Kind::Nan => return Ok(object::hash_pointer(decimal.as_object())),
        Kind::Infinite => return Ok(if number.negative { -314159 } else { 314159 }),
        Kind::Finite => {}
    }
    /// 10 to a negative power is a power of this.
    const INVERSE_OF_TEN: u64 = 2_075_258_708_292_324_556;
    let times = |a: u64, b: u64| {
        let product = a as u128 * b as u128;
        let sum = (product as u64 & MODULUS) + (product >> 61) as u64;
        if sum >= MODULUS { sum - MODULUS } else { sum }
    };
    let mut power = number.exponent.unsigned_abs();
    let mut hash = u64::try_from(&(&number.coefficient % MODULUS)).unwrap_or(0);
    let mut square = if number.exponent < 0 { INVERSE_OF_TEN } else { 10 };
    while power > 0 {
        if power & 1 == 1 {
            hash = times(hash, square);
        }
        square = times(square, square);
        power >>= 1;
    }
    let hash = hash as isize;
    Ok(match if number.negative { -hash } else { hash } {
        -1 => -2,
        hash => hash,
    })
}
