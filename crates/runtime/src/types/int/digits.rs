//! Arithmetic on 30-bit digits, least first: sums, products of a short with any number, quotients, shifts, bitwise operations.
//!
//! Results are written straight into new ints (`Draft`). Loops take two digits at a time, as one number of 60 bits. What is left for
//! `num_bigint` is what its better algorithms are for: products and quotients of two large numbers, where turning operands into its form
//! and back costs little beside the work itself.

use super::draft::Draft;
use super::{Int, MASK, SHIFT};
use crate::errors::PyResult;
use crate::object::Owned;
use std::cmp::Ordering;

/// Up to this length of the shorter factor (or of the quotient or divisor), the schoolbook way is the fastest.
pub(super) const SHORT_FACTOR: usize = 64;

const PAIR_BITS: u32 = 2 * SHIFT;
const PAIR_MASK: u64 = (1 << PAIR_BITS) - 1;

/// Two digits as one number.
/// # Safety
/// Two digits at `at`.
#[inline(always)]
unsafe fn pair(at: *const u32) -> u64 {
    // SAFETY: by contract.
    unsafe { *at as u64 | (*at.add(1) as u64) << SHIFT }
}

/// Writes a number of 60 bits as two digits.
/// # Safety
/// Room for two digits at `at`.
#[inline(always)]
unsafe fn put_pair(at: *mut u32, value: u64) {
    // SAFETY: by contract.
    unsafe {
        *at = value as u32 & MASK;
        *at.add(1) = (value >> SHIFT) as u32;
    }
}

/// Of two magnitudes without leading zeros.
pub(super) fn compare(a: &[u32], b: &[u32]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

fn sum(a: &[u32], b: &[u32], negative: bool) -> PyResult<Owned<Int>> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let draft = Draft::new(long.len() + 1)?;
    let (x, y, to) = (long.as_ptr(), short.as_ptr(), draft.as_mut_ptr());
    let mut at = 0;
    let mut carry = 0u64;
    // SAFETY: indexes are within the operands; the draft has one digit more than the longer one.
    unsafe {
        while at + 2 <= short.len() {
            carry += pair(x.add(at)) + pair(y.add(at));
            put_pair(to.add(at), carry & PAIR_MASK);
            carry >>= PAIR_BITS;
            at += 2;
        }
        if at < short.len() {
            carry += (*x.add(at) + *y.add(at)) as u64;
            *to.add(at) = carry as u32 & MASK;
            carry >>= SHIFT;
            at += 1;
        }
        while at < long.len() && carry != 0 {
            carry += *x.add(at) as u64;
            *to.add(at) = carry as u32 & MASK;
            carry >>= SHIFT;
            at += 1;
        }
        x.add(at).copy_to_nonoverlapping(to.add(at), long.len() - at);
        *to.add(long.len()) = carry as u32;
        Ok(draft.finish(long.len() + 1, negative))
    }
}

/// `a - b`, where `a` is not less.
fn difference(a: &[u32], b: &[u32], negative: bool) -> PyResult<Owned<Int>> {
    let draft = Draft::new(a.len())?;
    let (x, y, to) = (a.as_ptr(), b.as_ptr(), draft.as_mut_ptr());
    let mut at = 0;
    let mut borrow = 0u64;
    // SAFETY: indexes are within the operands and the draft.
    unsafe {
        while at + 2 <= b.len() {
            let digits = pair(x.add(at)).wrapping_sub(pair(y.add(at))).wrapping_sub(borrow);
            put_pair(to.add(at), digits & PAIR_MASK);
            borrow = digits >> 63;
            at += 2;
        }
        while at < b.len() {
            let digit = (*x.add(at) as u64).wrapping_sub(*y.add(at) as u64).wrapping_sub(borrow);
            *to.add(at) = digit as u32 & MASK;
            borrow = digit >> 63;
            at += 1;
        }
        while at < a.len() && borrow != 0 {
            let digit = (*x.add(at) as u64).wrapping_sub(borrow);
            *to.add(at) = digit as u32 & MASK;
            borrow = digit >> 63;
            at += 1;
        }
        x.add(at).copy_to_nonoverlapping(to.add(at), a.len() - at);
        Ok(draft.finish(a.len(), negative))
    }
}

/// `a + b`, or `a - b` if `minus`.
pub(super) fn add(a: &Int, b: &Int, minus: bool) -> PyResult<Owned<Int>> {
    let (negative, other) = (a.is_negative(), b.is_negative() != minus);
    let (a, b) = (a.digits(), b.digits());
    if negative == other {
        return sum(a, b, negative);
    }
    match compare(a, b) {
        Ordering::Equal => Ok(Int::from_i64(0)),
        Ordering::Greater => difference(a, b, negative),
        Ordering::Less => difference(b, a, other),
    }
}

/// One more in magnitude; not of 0.
fn increment(a: &Int) -> PyResult<Owned<Int>> {
    sum(a.digits(), &[1], a.is_negative())
}

/// `~a`, which is `-a - 1`.
pub(super) fn invert(a: &Int) -> PyResult<Owned<Int>> {
    if a.is_negative() { difference(a.digits(), &[1], false) } else { sum(a.digits(), &[1], true) }
}

/// Writes (or adds, if `ADD`) `long * factor` to the `long.len() + 2` digits at `to`; with `ADD`, the topmost two are written, not added to.
/// # Safety
/// There are so many digits; with `ADD` all but two hold a value.
#[inline(always)]
unsafe fn product_row<const ADD: bool>(to: *mut u32, long: &[u32], factor: u64) {
    let x = long.as_ptr();
    let mut carry = 0u64;
    let mut at = 0;
    // SAFETY: by contract. At most (2^60 - 1)^2 + 2 * (2^60 - 1) is summed up, which is less than 2^120.
    unsafe {
        while at + 2 <= long.len() {
            let mut product = pair(x.add(at)) as u128 * factor as u128 + carry as u128;
            if ADD {
                product += pair(to.add(at)) as u128;
            }
            put_pair(to.add(at), product as u64 & PAIR_MASK);
            carry = (product >> PAIR_BITS) as u64;
            at += 2;
        }
        if at < long.len() {
            let mut product = *x.add(at) as u128 * factor as u128 + carry as u128;
            if ADD {
                product += *to.add(at) as u128;
            }
            *to.add(at) = product as u32 & MASK;
            carry = (product >> SHIFT) as u64;
            at += 1;
        }
        put_pair(to.add(at), carry);
    }
}

/// `a * b`; one of them has at most `SHORT_FACTOR` digits, none is zero.
pub(super) fn multiply(a: &Int, b: &Int) -> PyResult<Owned<Int>> {
    let negative = a.is_negative() != b.is_negative();
    let (a, b) = (a.digits(), b.digits());
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    // A short factor of an odd number of digits gets a zero on top.
    let draft = Draft::new(long.len() + (short.len() + 1 & !1))?;
    let (to, y) = (draft.as_mut_ptr(), short.as_ptr());
    let mut at = 0;
    // SAFETY: each row of two digits of the short factor ends two digits further up than the one before.
    unsafe {
        while at < short.len() {
            let factor = if at + 1 < short.len() { pair(y.add(at)) } else { *y.add(at) as u64 };
            if at == 0 {
                product_row::<false>(to, long, factor);
            } else {
                product_row::<true>(to.add(at), long, factor);
            }
            at += 2;
        }
        let len = draft.capacity();
        Ok(draft.finish(len, negative))
    }
}

/// What a division is wanted for: what is not wanted is not made.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Wanted {
    pub quotient: bool,
    pub remainder: bool,
}

/// Quotient rounded down and remainder with the divisor's sign; the divisor has one digit.
pub(super) fn div_mod_digit(a: &Int, b: &Int, wanted: Wanted) -> PyResult<(Owned<Int>, Owned<Int>)> {
    let (negative, divisor) = (a.is_negative() != b.is_negative(), b.digits()[0] as u64);
    let dividend = a.digits();
    let mut rest = 0u64;
    let mut quotient = None;
    if wanted.quotient {
        let draft = Draft::new(dividend.len())?;
        let to = draft.as_mut_ptr();
        for (at, &x) in dividend.iter().enumerate().rev() {
            rest = rest << SHIFT | x as u64;
            // SAFETY: as many digits as the dividend has.
            unsafe { *to.add(at) = (rest / divisor) as u32 };
            rest %= divisor;
        }
        // SAFETY: all digits are written.
        quotient = Some(unsafe { draft.finish(dividend.len(), negative) });
    } else {
        for &x in dividend.iter().rev() {
            rest = (rest << SHIFT | x as u64) % divisor;
        }
    }
    if negative && rest != 0 {
        // Away from zero: one more in magnitude, and the remainder from the other side.
        rest = divisor - rest;
        quotient = match quotient {
            Some(quotient) if quotient.is_zero() => Some(Int::from_i64(-1)),
            Some(quotient) => Some(increment(&quotient)?),
            None => None,
        };
    }
    let rest = if b.is_negative() { -(rest as i64) } else { rest as i64 };
    Ok((quotient.unwrap_or_else(|| Int::from_i64(0)), Int::from_i64(rest)))
}

/// The number whose lowest digit is that of weight `at` (which may lie below the number), of `N` digits; those outside the number are 0.
#[inline(always)]
fn window<const N: usize>(digits: &[u32], at: isize) -> u128 {
    let mut value = 0u128;
    for i in (0..N as isize).rev() {
        let digit = if at + i >= 0 { digits.get((at + i) as usize).copied().unwrap_or(0) } else { 0 };
        value = value << SHIFT | digit as u128;
    }
    value
}

/// `rest -= divisor * digit`, where `rest` has one digit more; whether that was too much (`rest` is then short of 2^30 to that number).
#[inline(always)]
fn subtract_product(rest: &mut [u32], divisor: &[u32], digit: u64) -> bool {
    debug_assert!(rest.len() == divisor.len() + 1);
    let (to, y) = (rest.as_mut_ptr(), divisor.as_ptr());
    let (mut carry, mut at) = (0u64, 0);
    // SAFETY: indexes are within the divisor, and so in `rest`.
    unsafe {
        while at + 2 <= divisor.len() {
            let product = pair(y.add(at)) as u128 * digit as u128 + carry as u128;
            let left = pair(to.add(at)).wrapping_sub(product as u64 & PAIR_MASK);
            put_pair(to.add(at), left & PAIR_MASK);
            carry = (product >> PAIR_BITS) as u64 + (left >> 63);
            at += 2;
        }
        if at < divisor.len() {
            let product = *y.add(at) as u64 * digit + carry;
            let left = (*to.add(at) as u64).wrapping_sub(product & MASK as u64);
            *to.add(at) = left as u32 & MASK;
            carry = (product >> SHIFT) + (left >> 63);
            at += 1;
        }
        let left = (*to.add(at) as u64).wrapping_sub(carry);
        *to.add(at) = left as u32 & MASK;
        left >> 63 != 0
    }
}

/// `rest += divisor` without the carry out of `rest`'s top digit.
#[cold]
fn add_back(rest: &mut [u32], divisor: &[u32]) {
    let mut carry = 0;
    for (at, digit) in rest.iter_mut().enumerate() {
        carry += *digit + divisor.get(at).copied().unwrap_or(0);
        *digit = carry & MASK;
        carry >>= SHIFT;
    }
}

/// Quotient rounded down and remainder with the divisor's sign (0 for what is not wanted). The divisor has two digits or more, the dividend
/// no fewer.
///
/// Knuth's algorithm D, but without scaling the operands: an estimate from 60 leading bits of the divisor is too large by at most 1.
pub(super) fn div_mod(a: &Int, b: &Int, wanted: Wanted) -> PyResult<(Owned<Int>, Owned<Int>)> {
    let negative = a.is_negative() != b.is_negative();
    let (dividend, divisor) = (a.digits(), b.digits());
    let n = divisor.len();
    let steps = dividend.len() - n + 1;
    let mut rest = Draft::new(dividend.len() + 1)?;
    // SAFETY: one digit more than the dividend has.
    unsafe {
        rest.as_mut_ptr().copy_from_nonoverlapping(dividend.as_ptr(), dividend.len());
        *rest.as_mut_ptr().add(dividend.len()) = 0;
    }
    // SAFETY: all are written.
    let digits = unsafe { rest.digits() };
    let quotient = if wanted.quotient { Some(Draft::new(steps)?) } else { None };
    // The topmost 60 bits of the divisor's three leading digits; what lies below is cut off from the dividend too.
    let cut = 32 - divisor[n - 1].leading_zeros();
    let top = (window::<3>(divisor, n as isize - 3) >> cut) as u64;
    for step in (0..steps).rev() {
        let part = &mut digits[step..step + n + 1];
        let leading = window::<4>(part, n as isize - 3) >> cut;
        let mut digit = (leading / top as u128) as u64;
        if digit != 0 && subtract_product(part, divisor, digit) {
            add_back(part, divisor);
            digit -= 1;
        }
        if let Some(quotient) = &quotient {
            // SAFETY: `steps` digits.
            unsafe { *quotient.as_mut_ptr().add(step) = digit as u32 };
        }
    }
    let exact = digits[..n].iter().all(|&digit| digit == 0);
    let mut quotient = match quotient {
        // SAFETY: all digits are written.
        Some(quotient) => unsafe { quotient.finish(steps, negative) },
        None => Int::from_i64(0),
    };
    if negative && !exact && wanted.quotient {
        quotient = if quotient.is_zero() { Int::from_i64(-1) } else { increment(&quotient)? };
    }
    if !wanted.remainder || exact {
        return Ok((quotient, Int::from_i64(0)));
    }
    // SAFETY: written above.
    let remainder = unsafe { rest.finish(n, b.is_negative()) };
    let remainder = if negative { difference(divisor, remainder.digits(), b.is_negative())? } else { remainder };
    Ok((quotient, remainder))
}

/// `a << count`.
pub(super) fn shift_left(a: &Int, count: u64) -> PyResult<Owned<Int>> {
    let (whole, bits) = ((count / SHIFT as u64) as usize, count % SHIFT as u64);
    let from = a.digits();
    let draft = Draft::new(whole + from.len() + 1)?;
    let mut to = draft.as_mut_ptr();
    let mut carry = 0u64;
    // SAFETY: room for whole digits, those of `a` and one more.
    unsafe {
        to.write_bytes(0, whole);
        to = to.add(whole);
        for &digit in from {
            carry |= (digit as u64) << bits;
            *to = carry as u32 & MASK;
            to = to.add(1);
            carry >>= SHIFT;
        }
        *to = carry as u32;
        let len = draft.capacity();
        Ok(draft.finish(len, a.is_negative()))
    }
}

/// `a >> count`, rounded down; `count` is less than the number of bits.
pub(super) fn shift_right(a: &Int, count: u64) -> PyResult<Owned<Int>> {
    let (whole, bits) = ((count / SHIFT as u64) as usize, count % SHIFT as u64);
    let all = a.digits();
    let kept = &all[whole.min(all.len())..];
    let draft = Draft::new(kept.len())?;
    for (at, &digit) in kept.iter().enumerate() {
        let above = kept.get(at + 1).copied().unwrap_or(0) as u64;
        // SAFETY: as many digits as are kept.
        unsafe { *draft.as_mut_ptr().add(at) = ((above << SHIFT | digit as u64) >> bits) as u32 & MASK };
    }
    // SAFETY: all are written.
    let shifted = unsafe { draft.finish(kept.len(), a.is_negative()) };
    if a.is_negative() {
        let lost = all[..whole.min(all.len())].iter().any(|&digit| digit != 0) || kept.first().is_some_and(|&digit| digit as u64 & ((1 << bits) - 1) != 0);
        if lost {
            return if shifted.is_zero() { Ok(Int::from_i64(-1)) } else { increment(&shifted) };
        }
    }
    Ok(shifted)
}

/// `a & b` and the like, of numbers as two's complements with signs that go on for ever.
pub(super) fn bitwise(a: &Int, b: &Int, operate: impl Fn(u32, u32) -> u32) -> PyResult<Owned<Int>> {
    let (x, y) = (a.digits(), b.digits());
    let len = x.len().max(y.len()) + 1;
    let draft = Draft::new(len)?;
    let to = draft.as_mut_ptr();
    // The two's complement of a magnitude: its digits inverted, plus 1.
    let (flip_x, flip_y) = (if a.is_negative() { MASK } else { 0 }, if b.is_negative() { MASK } else { 0 });
    let negative = operate(flip_x, flip_y) & MASK != 0;
    let flip = if negative { MASK } else { 0 };
    let (mut carry_x, mut carry_y, mut carry) = (flip_x & 1, flip_y & 1, flip & 1);
    for at in 0..len {
        carry_x += x.get(at).copied().unwrap_or(0) ^ flip_x;
        carry_y += y.get(at).copied().unwrap_or(0) ^ flip_y;
        carry += (operate(carry_x & MASK, carry_y & MASK) & MASK) ^ flip;
        // SAFETY: `len` digits.
        unsafe { *to.add(at) = carry & MASK };
        carry_x >>= SHIFT;
        carry_y >>= SHIFT;
        carry >>= SHIFT;
    }
    // SAFETY: all are written.
    Ok(unsafe { draft.finish(len, negative) })
}
