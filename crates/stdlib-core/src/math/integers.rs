//! Functions of integers: gcd, lcm, factorial, binomials, square root.

use num_bigint::{BigInt, BigUint};
use num_integer::Integer;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::Int;
use runtime::err;

fn from_unsigned(value: BigUint) -> PyResult<Owned<Int>> {
    Int::try_from_bigint(&BigInt::from(value))
}

/// Folds the absolute values of integers by `small` where that works, else by `big`.
fn fold(
    integers: &[&Object],
    start: u64,
    small: impl Fn(u64, u64) -> Option<u64>,
    big: impl Fn(&BigUint, &BigUint) -> BigUint,
) -> PyResult<Owned<Int>> {
    enum Sum {
        Small(u64),
        Big(BigUint),
    }
    let mut sum = Sum::Small(start);
    for integer in integers {
        let integer = number::index(integer)?;
        sum = match (sum, integer.as_i64().map(i64::unsigned_abs)) {
            (Sum::Small(a), Some(b)) => match small(a, b) {
                Some(c) => Sum::Small(c),
                None => Sum::Big(big(&a.into(), &b.into())),
            },
            (Sum::Small(a), None) => Sum::Big(big(&a.into(), integer.to_bigint().magnitude())),
            (Sum::Big(a), _) => Sum::Big(big(&a, integer.to_bigint().magnitude())),
        };
    }
    match sum {
        Sum::Small(value) => Ok(Int::from_u64(value)),
        Sum::Big(value) => from_unsigned(value),
    }
}

pub fn gcd(integers: &[&Object]) -> PyResult<Owned<Int>> {
    fold(integers, 0, |a, b| Some(a.gcd(&b)), |a, b| a.gcd(b))
}

pub fn lcm(integers: &[&Object]) -> PyResult<Owned<Int>> {
    let small = |a: u64, b: u64| if a == 0 || b == 0 { Some(0) } else { (a / a.gcd(&b)).checked_mul(b) };
    fold(integers, 1, small, |a, b| a.lcm(b))
}

/// low * (low + 1) * ... * (high - 1), by halves, so that factors of like size are multiplied.
fn range_product(low: u64, high: u64) -> BigUint {
    let count = high - low;
    if count <= 16 {
        let (mut product, mut part) = (BigUint::from(1u8), 1u64);
        for n in low..high {
            match part.checked_mul(n) {
                Some(next) => part = next,
                None => {
                    product *= part;
                    part = n;
                }
            }
        }
        return product * part;
    }
    let middle = low + count / 2;
    range_product(low, middle) * range_product(middle, high)
}

fn factorial_of(n: u64) -> BigUint {
    range_product(1, n + 1)
}

pub fn factorial(n: &Object) -> PyResult<Owned<Int>> {
    let n = number::index(n)?;
    if n.is_negative() {
        return Err(err!(ValueError, "factorial() not defined for negative values"));
    }
    match n.as_i64() {
        None => Err(err!(OverflowError, "factorial() argument should not exceed {}", i64::MAX)),
        Some(n @ 0..=20) => Ok(Int::from_i64((1..=n).product())),
        Some(n) => from_unsigned(factorial_of(n as u64)),
    }
}

/// n * (n - 1) * ... * (n - k + 1).
fn falling_product(n: &BigInt, k: u64) -> BigUint {
    if let Ok(n) = u64::try_from(n)
        && n < u64::MAX
    {
        return range_product(n + 1 - k, n + 1);
    }
    fn by_halves(n: &BigInt, k: u64) -> BigUint {
        match k {
            0 => BigUint::from(1u8),
            1 => n.magnitude().clone(),
            k => by_halves(n, k / 2) * by_halves(&(n - k / 2), k - k / 2),
        }
    }
    by_halves(n, k)
}

/// Both arguments, checked not to be negative.
fn counts(n: &Object, k: &Object) -> PyResult<(Owned<Int>, Owned<Int>)> {
    let (n, k) = (number::index(n)?, number::index(k)?);
    if n.is_negative() {
        return Err(err!(ValueError, "n must be a non-negative integer"));
    }
    if k.is_negative() {
        return Err(err!(ValueError, "k must be a non-negative integer"));
    }
    Ok((n, k))
}

pub fn perm(n: &Object, k: Option<&Object>) -> PyResult<Owned<Int>> {
    let Some(k) = k else { return factorial(n) };
    let (n, k) = counts(n, k)?;
    let big = n.to_bigint();
    if big < k.to_bigint() {
        return Ok(Int::from_i64(0));
    }
    match k.as_i64() {
        Some(k) => from_unsigned(falling_product(&big, k as u64)),
        None => Err(err!(OverflowError, "k must not exceed {}", i64::MAX)),
    }
}

pub fn comb(n: &Object, k: &Object) -> PyResult<Owned<Int>> {
    let (n, k) = counts(n, k)?;
    let (n, k) = (n.to_bigint(), k.to_bigint());
    if n < k {
        return Ok(Int::from_i64(0));
    }
    let k = (&n - &k).min(k);
    match u64::try_from(&k) {
        Ok(k) if k <= i64::MAX as u64 => from_unsigned(match u64::try_from(&n) {
            Ok(n) => small_comb(n, k).unwrap_or_else(|| falling_product(&n.into(), k) / factorial_of(k)),
            Err(_) => falling_product(&n, k) / factorial_of(k),
        }),
        _ => Err(err!(OverflowError, "min(n - k, k) must not exceed {}", i64::MAX)),
    }
}

/// A binomial whose steps fit machine words.
fn small_comb(n: u64, k: u64) -> Option<BigUint> {
    let mut result = 1u64;
    for i in 0..k.min(64) {
        result = result.checked_mul(n - i)? / (i + 1);
    }
    if k > 64 { None } else { Some(result.into()) }
}

pub fn isqrt(n: &Object) -> PyResult<Owned<Int>> {
    let n = number::index(n)?;
    if n.is_negative() {
        return Err(err!(ValueError, "isqrt() argument must be nonnegative"));
    }
    match n.as_i64() {
        Some(n) => Ok(Int::from_i64(n.isqrt())),
        None => from_unsigned(n.to_bigint().magnitude().sqrt()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_of_ranges_and_binomials_agree() {
        assert_eq!(factorial_of(0), BigUint::from(1u8));
        assert_eq!(factorial_of(25).to_string(), "15511210043330985984000000");
        assert_eq!(falling_product(&BigInt::from(100), 50) / factorial_of(50), BigUint::parse_bytes(b"100891344545564193334812497256", 10).unwrap());
        assert_eq!(small_comb(60, 30).unwrap(), falling_product(&BigInt::from(60), 30) / factorial_of(30));
        assert_eq!(falling_product(&(BigInt::from(1) << 70), 0), BigUint::from(1u8));
    }
}
