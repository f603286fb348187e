//! Arithmetic of ints: one digit in 64 bits, up to 120 bits in 128, linear work on the digits themselves, the rest by `num_bigint`.

use super::digits::Wanted;
use super::{Int, digits};
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::{self, Float};
use num_bigint::BigInt;
use num_integer::Integer;

/// Both operands as ints, or NotImplemented.
macro_rules! both {
    ($a:expr, $b:expr) => {
        match ($a.downcast::<Int>(), $b.downcast::<Int>()) {
            (Some(a), Some(b)) => (a, b),
            _ => return Ok(types::not_implemented().to_owned()),
        }
    };
}

fn done(value: Owned<Int>) -> PyResult {
    Ok(value.into_object())
}

fn big(value: BigInt) -> PyResult {
    Int::try_from_bigint(&value).map(|v| v.into_object())
}

/// Before an operation on large numbers, whose buffers have no way to report failure: whether there is room for a few of that many bits.
fn room(bits: u64) -> PyResult<()> {
    match usize::try_from(bits / 8) {
        Ok(bytes) if crate::memory::reserve::probe(bytes.saturating_mul(6)) => Ok(()),
        _ => Err(crate::errors::no_memory()),
    }
}

pub fn add(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if a.is_compact() && b.is_compact() {
        return done(Int::from_i64(a.compact_value() as i64 + b.compact_value() as i64));
    }
    match (a.as_pair(), b.as_pair()) {
        (Some(x), Some(y)) => done(Int::from_i64(x + y)),
        _ => digits::add(a, b, false).map(|v| v.into_object()),
    }
}

pub fn subtract(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if a.is_compact() && b.is_compact() {
        return done(Int::from_i64(a.compact_value() as i64 - b.compact_value() as i64));
    }
    match (a.as_pair(), b.as_pair()) {
        (Some(x), Some(y)) => done(Int::from_i64(x - y)),
        _ => digits::add(a, b, true).map(|v| v.into_object()),
    }
}

pub fn multiply(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if a.is_compact() && b.is_compact() {
        return done(Int::from_i64(a.compact_value() as i64 * b.compact_value() as i64));
    }
    if let (Some(x), Some(y)) = (a.as_pair(), b.as_pair()) {
        return done(Int::from_i128(x as i128 * y as i128));
    }
    if a.is_zero() || b.is_zero() {
        return done(Int::from_i64(0));
    }
    if a.digit_count().min(b.digit_count()) <= digits::SHORT_FACTOR {
        return digits::multiply(a, b).map(|v| v.into_object());
    }
    room(a.bit_length().saturating_add(b.bit_length()))?;
    big(a.to_bigint() * b.to_bigint())
}

#[cold]
fn by_zero(what: &str) -> crate::errors::Raised {
    err!(ZeroDivisionError, "{}", what)
}

/// Quotient rounded down and the remainder with the divisor's sign.
fn div_mod_i64(a: i64, b: i64) -> (i64, i64) {
    let (q, r) = (a / b, a % b);
    if r != 0 && (r < 0) != (b < 0) { (q - 1, r + b) } else { (q, r) }
}

/// Quotient and remainder of two ints, of which the unwanted one may be 0; ZeroDivisionError.
fn divide(a: &Int, b: &Int, wanted: Wanted) -> PyResult<(Owned<Int>, Owned<Int>)> {
    if b.is_zero() {
        return Err(by_zero("division by zero"));
    }
    if let (Some(x), Some(y)) = (a.as_pair(), b.as_pair()) {
        let (q, r) = div_mod_i64(x, y);
        return Ok((
            if wanted.quotient { Int::from_i64(q) } else { Int::from_i64(0) },
            if wanted.remainder { Int::from_i64(r) } else { Int::from_i64(0) },
        ));
    }
    if b.is_compact() {
        return digits::div_mod_digit(a, b, wanted);
    }
    if a.digit_count() < b.digit_count() {
        // Only the sign is to be settled.
        return Ok(if a.is_zero() || a.is_negative() == b.is_negative() {
            (Int::from_i64(0), a.to_exact()?)
        } else {
            (Int::from_i64(-1), digits::add(a, b, false)?)
        });
    }
    if b.digit_count().min(a.digit_count() - b.digit_count()) <= digits::SHORT_FACTOR {
        return digits::div_mod(a, b, wanted);
    }
    room(a.bit_length())?;
    let (q, r) = a.to_bigint().div_mod_floor(&b.to_bigint());
    Ok((Int::try_from_bigint(&q)?, Int::try_from_bigint(&r)?))
}

/// `divmod` of two ints; ZeroDivisionError.
pub fn div_mod(a: &Int, b: &Int) -> PyResult<(Owned<Int>, Owned<Int>)> {
    divide(a, b, Wanted { quotient: true, remainder: true })
}

pub fn floor_divide(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if a.is_compact() && b.is_compact() && !b.is_zero() {
        return done(Int::from_i64(div_mod_i64(a.compact_value() as i64, b.compact_value() as i64).0));
    }
    done(divide(a, b, Wanted { quotient: true, remainder: false })?.0)
}

pub fn remainder(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if a.is_compact() && b.is_compact() && !b.is_zero() {
        return done(Int::from_i64(div_mod_i64(a.compact_value() as i64, b.compact_value() as i64).1));
    }
    done(divide(a, b, Wanted { quotient: false, remainder: true })?.1)
}

pub fn divmod(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    let (q, r) = div_mod(a, b)?;
    Ok(types::Tuple::pair(q.into_object(), r.into_object()).into_object())
}

/// `a / b`, correctly rounded.
pub fn true_divide(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if b.is_zero() {
        return Err(by_zero("division by zero"));
    }
    const EXACT: u64 = 1 << 53;
    if let (Some(x), Some(y)) = (a.as_i64(), b.as_i64())
        && x.unsigned_abs() <= EXACT
        && y.unsigned_abs() <= EXACT
    {
        return Ok(Float::new(x as f64 / y as f64).into_object());
    }
    if a.is_zero() {
        return Ok(Float::new(if b.is_negative() { -0.0 } else { 0.0 }).into_object());
    }
    // Scale so that the quotient has at least 55 bits, divide, fold the remainder into the lowest bit, round once by conversion.
    let negative = a.is_negative() != b.is_negative();
    let (x, y) = (a.to_bigint().magnitude().clone(), b.to_bigint().magnitude().clone());
    let diff = x.bits() as i64 - y.bits() as i64;
    if diff > 1024 {
        return Err(err!(OverflowError, "integer division result too large for a float"));
    }
    if diff < -1080 {
        return Ok(Float::new(if negative { -0.0 } else { 0.0 }).into_object());
    }
    // Subnormal results keep fewer bits: never scale beyond 2^1074.
    let shift = (66 - diff).min(1076);
    let (q, r) = if shift >= 0 { (x << shift as u64).div_rem(&y) } else { x.div_rem(&(y << (-shift) as u64)) };
    let mut q: u128 = num_bigint::BigUint::iter_u64_digits(&q).take(2).enumerate().fold(0, |acc, (i, d)| acc | (d as u128) << (64 * i));
    if r != num_bigint::BigUint::ZERO {
        q |= 1;
    }
    let value = scale(q, -shift);
    if value.is_infinite() {
        return Err(err!(OverflowError, "integer division result too large for a float"));
    }
    Ok(Float::new(if negative { -value } else { value }).into_object())
}

/// `q * 2^exponent`, rounded once (the lowest bit of `q` is sticky).
fn scale(q: u128, exponent: i64) -> f64 {
    let bits = 128 - q.leading_zeros() as i64;
    // Precision that the result has: 53 bits, fewer below the normal range.
    let top = bits + exponent;
    let keep = if top < -1021 { 53 - (-1021 - top) } else { 53 };
    let drop = bits - keep.max(0);
    if drop <= 0 {
        return q as f64 * 2f64.powi(exponent as i32);
    }
    let drop = drop as u32;
    let (mut kept, rest, half) = if drop >= 128 { (0, q, u128::MAX) } else { (q >> drop, q & ((1u128 << drop) - 1), 1u128 << (drop - 1)) };
    if rest > half || (rest == half && kept & 1 == 1) {
        kept += 1;
    }
    let e = exponent + drop as i64;
    // Two steps, so that no intermediate power is out of range.
    let first = (e / 2) as i32;
    kept as f64 * 2f64.powi(first) * 2f64.powi(e as i32 - first)
}

pub fn negative(a: &Int) -> PyResult {
    if a.is_compact() {
        return done(Int::from_i64(-(a.compact_value() as i64)));
    }
    done(Int::from_digits(a.digits(), !a.is_negative())?)
}

pub fn invert(a: &Int) -> PyResult {
    match a.as_i64() {
        Some(value) => done(Int::from_i64(!value)),
        None => done(digits::invert(a)?),
    }
}

pub fn absolute(a: &Int) -> PyResult {
    if a.is_negative() { negative(a) } else { done(a.to_exact()?) }
}

macro_rules! bitwise {
    ($name:ident, $op:tt) => {
        pub fn $name(a: &Object, b: &Object) -> PyResult {
            let (a, b) = both!(a, b);
            match (a.as_pair(), b.as_pair()) {
                (Some(x), Some(y)) => done(Int::from_i64(x $op y)),
                _ => done(digits::bitwise(a, b, |x, y| x $op y)?),
            }
        }
    };
}
bitwise!(and, &);
bitwise!(or, |);
bitwise!(xor, ^);

/// Bits beyond which a result could not be allocated.
const TOO_MANY_BITS: u64 = 1 << 40;

pub fn lshift(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if b.is_negative() {
        return Err(err!(ValueError, "negative shift count"));
    }
    if a.is_zero() {
        return done(Int::from_i64(0));
    }
    let Some(count) = b.as_u64() else { return Err(err!(OverflowError, "too many digits in integer")) };
    if count < 64
        && let Some(value) = a.as_i64()
        && let Some(shifted) = (value as i128).checked_mul(1i128 << count)
    {
        return done(Int::from_i128(shifted));
    }
    if count.saturating_add(a.bit_length()) > TOO_MANY_BITS {
        return Err(crate::errors::no_memory());
    }
    digits::shift_left(a, count).map(|v| v.into_object())
}

pub fn rshift(a: &Object, b: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if b.is_negative() {
        return Err(err!(ValueError, "negative shift count"));
    }
    let gone = || done(Int::from_i64(if a.is_negative() { -1 } else { 0 }));
    let Some(count) = b.as_u64() else { return gone() };
    if count >= a.bit_length() {
        return gone();
    }
    match a.as_i64() {
        Some(value) => done(Int::from_i64(value >> count.min(63))),
        None => digits::shift_right(a, count).map(|v| v.into_object()),
    }
}

/// `pow(a, b)` and `pow(a, b, modulus)`.
pub fn power(a: &Object, b: &Object, modulus: &Object) -> PyResult {
    let (a, b) = both!(a, b);
    if modulus.is_none() {
        if b.is_negative() {
            return types::float::power_of_floats(a.as_f64()?, b.as_f64()?);
        }
        let Some(exponent) = b.as_u64() else {
            return match a.as_i64() {
                Some(0) => done(Int::from_i64(0)),
                Some(1) => done(Int::from_i64(1)),
                Some(-1) => done(Int::from_i64(if b.digits()[0] & 1 == 0 { 1 } else { -1 })),
                _ => Err(crate::errors::no_memory()),
            };
        };
        if let Some(base) = a.as_i64() {
            if base == 2 && exponent < TOO_MANY_BITS {
                return done(digits::shift_left(&Int::from_i64(1), exponent)?);
            }
            if let Ok(e) = u32::try_from(exponent)
                && let Some(value) = (base as i128).checked_pow(e)
            {
                return done(Int::from_i128(value));
            }
        }
        if a.bit_length().saturating_mul(exponent) > TOO_MANY_BITS {
            return Err(crate::errors::no_memory());
        }
        let Ok(e) = u32::try_from(exponent) else { return Err(crate::errors::no_memory()) };
        room(a.bit_length().saturating_mul(exponent))?;
        return big(a.to_bigint().pow(e));
    }
    let Some(modulus) = modulus.downcast::<Int>() else { return Ok(types::not_implemented().to_owned()) };
    if modulus.is_zero() {
        return Err(err!(ValueError, "pow() 3rd argument cannot be 0"));
    }
    let m = modulus.to_bigint();
    let (mut base, mut exponent) = (a.to_bigint(), b.to_bigint());
    if b.is_negative() {
        match base.modinv(&m.magnitude().clone().into()) {
            Some(inverse) => base = inverse,
            None => return Err(err!(ValueError, "base is not invertible for the given modulus")),
        }
        exponent = -exponent;
    }
    big(base.modpow(&exponent, &m))
}

/// The hash of an int: its value modulo 2^61 - 1 with its sign, never -1.
pub fn int_hash(a: &Int) -> isize {
    if a.is_compact() {
        let value = a.compact_value();
        return if value == -1 { -2 } else { value };
    }
    // Multiplying by a power of two modulo 2^61 - 1 turns the bits round.
    const BITS: u32 = 61;
    const MODULUS: u64 = (1 << BITS) - 1;
    let mut x = 0u64;
    for &digit in a.digits().iter().rev() {
        x = (x << super::SHIFT & MODULUS | x >> (BITS - super::SHIFT)) + digit as u64;
        if x >= MODULUS {
            x -= MODULUS;
        }
    }
    let hash = if a.is_negative() { -(x as isize) } else { x as isize };
    if hash == -1 { -2 } else { hash }
}

/// Three-way comparison.
pub fn compare(a: &Int, b: &Int) -> std::cmp::Ordering {
    if a.is_compact() && b.is_compact() {
        return a.compact_value().cmp(&b.compact_value());
    }
    let magnitude = || digits::compare(a.digits(), b.digits());
    match (a.is_negative(), b.is_negative()) {
        (false, true) => std::cmp::Ordering::Greater,
        (true, false) => std::cmp::Ordering::Less,
        (false, false) => magnitude(),
        (true, true) => magnitude().reverse(),
    }
}

