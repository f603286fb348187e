//! Arithmetic on 30-bit digits, least first: sums, products of a short with any number, division by one digit, shifts.
//!
//! For these the work is linear (or nearly), and turning operands into `num_bigint`'s form and back would cost more than the work itself;
//! what is left for that crate is what its better algorithms are for. Results may have leading zeros, which `finish` removes.

use super::{Int, MASK, SHIFT};
use crate::errors::{self, PyResult};
use crate::object::Owned;
use std::cmp::Ordering;

/// Up to this length of the shorter factor, the schoolbook product is the fastest way.
pub(super) const SHORT_FACTOR: usize = 32;

fn room(len: usize) -> PyResult<Vec<u32>> {
    let mut digits = Vec::new();
    digits.try_reserve_exact(len).map_err(|_| errors::no_memory())?;
    Ok(digits)
}

fn finish(mut digits: Vec<u32>, negative: bool) -> PyResult<Owned<Int>> {
    while digits.last() == Some(&0) {
        digits.pop();
    }
    Int::from_digits(&digits, negative)
}

/// Of two magnitudes without leading zeros.
pub(super) fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn sum(a: &[u32], b: &[u32]) -> PyResult<Vec<u32>> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut digits = room(long.len() + 1)?;
    let mut carry = 0;
    for (x, y) in long.iter().zip(short) {
        carry += x + y;
        digits.push(carry & MASK);
        carry >>= SHIFT;
    }
    for x in &long[short.len()..] {
        carry += x;
        digits.push(carry & MASK);
        carry >>= SHIFT;
    }
    digits.push(carry);
    Ok(digits)
}

/// `a - b`, where `a` is not less.
fn difference(a: &[u32], b: &[u32]) -> PyResult<Vec<u32>> {
    let mut digits = room(a.len())?;
    let mut borrow = 0;
    for (x, y) in a.iter().zip(b) {
        let digit = x.wrapping_sub(*y).wrapping_sub(borrow);
        digits.push(digit & MASK);
        borrow = digit >> SHIFT & 1;
    }
    for x in &a[b.len()..] {
        let digit = x.wrapping_sub(borrow);
        digits.push(digit & MASK);
        borrow = digit >> SHIFT & 1;
    }
    Ok(digits)
}

/// `a + b`, or `a - b` if `minus`.
pub(super) fn add(a: &Int, b: &Int, minus: bool) -> PyResult<Owned<Int>> {
    let (negative, other) = (a.is_negative(), b.is_negative() != minus);
    let (a, b) = (a.digits(), b.digits());
    if negative == other {
        return finish(sum(a, b)?, negative);
    }
    match compare(a, b) {
        Ordering::Equal => Ok(Int::from_i64(0)),
        Ordering::Greater => finish(difference(a, b)?, negative),
        Ordering::Less => finish(difference(b, a)?, other),
    }
}

/// `a * b`; one of them has at most `SHORT_FACTOR` digits.
pub(super) fn multiply(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    let negative = a.is_negative() != b.is_negative();
    let (a, b) = (a.digits(), b.digits());
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut digits = room(long.len() + short.len())?;
    digits.resize(long.len() + short.len(), 0);
    for (at, &factor) in short.iter().enumerate() {
        let mut carry = 0u64;
        let place = &mut digits[at..];
        for (digit, &x) in place.iter_mut().zip(long) {
            // At most (2^30 - 1)^2 + 2 * (2^30 - 1), which fits.
            carry += *digit as u64 + x as u64 * factor as u64;
            *digit = carry as u32 & MASK;
            carry >>= SHIFT;
        }
        place[long.len()] = carry as u32;
    }
    finish(digits, negative)
}

/// Quotient rounded down and remainder with the divisor's sign; the divisor has one digit.
pub(super) fn div_mod_digit(a: &Int, b: &Int) -> PyResult<(Owned<Int>, Owned<Int>)> {
    let (negative, divisor) = (a.is_negative() != b.is_negative(), b.digits()[0] as u64);
    let dividend = a.digits();
    let mut quotient = room(dividend.len() + 1)?;
    quotient.resize(dividend.len(), 0);
    let mut rest = 0u64;
    for (digit, &x) in quotient.iter_mut().zip(dividend).rev() {
        rest = rest << SHIFT | x as u64;
        *digit = (rest / divisor) as u32;
        rest %= divisor;
    }
    if negative && rest != 0 {
        // Away from zero: one more in magnitude, and the remainder from the other side.
        rest = divisor - rest;
        let mut at = 0;
        loop {
            if at == quotient.len() {
                quotient.push(1);
                break;
            }
            if quotient[at] < MASK {
                quotient[at] += 1;
                break;
            }
            quotient[at] = 0;
            at += 1;
        }
    }
    let rest = if b.is_negative() { -(rest as i64) } else { rest as i64 };
    Ok((finish(quotient, negative)?, Int::from_i64(rest)))
}

/// `a << count`.
pub(super) fn shift_left(a: &Int, count: u64) -> PyResult<Owned<Int>> {
    let (whole, bits) = ((count / SHIFT as u64) as usize, count % SHIFT as u64);
    let mut digits = room(whole + a.digit_count() + 1)?;
    digits.resize(whole, 0);
    let mut carry = 0u64;
    for &digit in a.digits() {
        carry |= (digit as u64) << bits;
        digits.push(carry as u32 & MASK);
        carry >>= SHIFT;
    }
    digits.push(carry as u32);
    finish(digits, a.is_negative())
}

/// `a >> count`, rounded down; `count` is less than the number of bits.
pub(super) fn shift_right(a: &Int, count: u64) -> PyResult<Owned<Int>> {
    let (whole, bits) = ((count / SHIFT as u64) as usize, count % SHIFT as u64);
    let all = a.digits();
    let kept = &all[whole.min(all.len())..];
    let mut digits = room(kept.len() + 1)?;
    for (at, &digit) in kept.iter().enumerate() {
        let above = kept.get(at + 1).copied().unwrap_or(0) as u64;
        digits.push(((above << SHIFT | digit as u64) >> bits) as u32 & MASK);
    }
    let lost = all[..whole.min(all.len())].iter().any(|&digit| digit != 0) || kept.first().is_some_and(|&digit| digit as u64 & ((1 << bits) - 1) != 0);
    if a.is_negative() && lost {
        digits = sum(&digits, &[1])?;
    }
    finish(digits, a.is_negative())
}
