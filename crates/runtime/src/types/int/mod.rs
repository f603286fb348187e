//! `int`: arbitrary-size integers in CPython's layout (sign and digit count in `lv_tag`, 30-bit digits, least first).
//!
//! Invariants: no leading zero digits; zero has digit count 0, tag 1 and a readable first digit of 0; -5..=256 are immortal statics, so that a
//! value in that range that came from arithmetic is always the static. Operations on one-digit numbers run in 64 bits, larger ones go through
//! `num_bigint`.

pub mod convert;
mod digits;
mod draft;
mod methods;
mod operators;

pub use convert::{int_from_str, int_from_text, parse_int, to_decimal};
pub use methods::{PyLong_Type, format_radix};
pub use operators::{and, compare, int_hash, or, xor};

use crate::err;
use crate::errors::{self, PyResult};
use crate::memory;
use crate::object::{Owned, PyTyped};
use abi::{PyLongObject, PyObject};
use draft::Draft;
use num_bigint::{BigInt, Sign};
use std::mem::{offset_of, size_of};
use std::ptr;

#[repr(transparent)]
pub struct Int(pub PyLongObject);

pub const SHIFT: u32 = 30;
pub const MASK: u32 = (1 << SHIFT) - 1;
const NON_SIZE_BITS: u32 = 3;
const DIGITS: usize = offset_of!(PyLongObject, long_value) + 8;

pub const SMALL_MIN: i64 = -5;
pub const SMALL_MAX: i64 = 256;

/// The static small ints, -5 first.
#[repr(transparent)]
pub struct SmallInts([PyLongObject; 262]);
// SAFETY: only their counts are ever written, under the GIL.
unsafe impl Sync for SmallInts {}

pub static SMALL_INTS: SmallInts = SmallInts({
    let mut table = [const { PyLongObject::EMPTY }; 262];
    let mut i = 0;
    while i < 262 {
        let value = i as i64 + SMALL_MIN;
        let (sign, digit, count) = if value < 0 { (2, -value, 1) } else if value == 0 { (1, 0, 0) } else { (0, value, 1) };
        table[i] = PyLongObject {
            ob_base: PyObject::immortal_static(&raw const PyLong_Type.0),
            long_value: abi::_PyLongValue { lv_tag: std::cell::Cell::new(count << NON_SIZE_BITS | 4 | sign), ob_digit: [std::cell::Cell::new(digit as u32)] },
        };
        i += 1;
    }
    table
});

impl Int {
    #[inline(always)]
    pub fn tag(&self) -> usize {
        self.0.long_value.lv_tag.get()
    }
    #[inline(always)]
    pub fn digit_count(&self) -> usize {
        self.tag() >> NON_SIZE_BITS
    }
    /// At most one digit.
    #[inline(always)]
    pub fn is_compact(&self) -> bool {
        self.tag() < 16
    }
    /// The values of two compact ints of which none is negative, which most pairs are.
    #[inline(always)]
    pub fn small_pair(left: &Int, right: &Int) -> Option<(i64, i64)> {
        // Size 0 or 1, sign 0 (positive) or 1 (zero); the bit between them says nothing of the value.
        if (left.tag() | right.tag()) & !0b1101 != 0 {
            return None;
        }
        Some((left.0.long_value.ob_digit[0].get() as i64, right.0.long_value.ob_digit[0].get() as i64))
    }
    /// The value of a compact int.
    #[inline(always)]
    pub fn compact_value(&self) -> isize {
        let sign = 1 - (self.tag() & 3) as isize;
        sign * self.0.long_value.ob_digit[0].get() as isize
    }
    #[inline(always)]
    pub fn is_nonnegative_compact(&self) -> bool {
        self.tag() & !4 <= (1 << NON_SIZE_BITS) | 1
    }
    #[inline(always)]
    pub fn is_zero(&self) -> bool {
        self.tag() & 3 == 1
    }
    #[inline(always)]
    pub fn is_negative(&self) -> bool {
        self.tag() & 3 == 2
    }
    /// -1, 0, 1.
    pub fn sign(&self) -> i32 {
        1 - (self.tag() & 3) as i32
    }
    pub fn digits(&self) -> &[u32] {
        // SAFETY: the object has that many digits behind its tag.
        unsafe { std::slice::from_raw_parts((self as *const Int as *const u8).add(DIGITS) as *const u32, self.digit_count()) }
    }
    #[inline(always)]
    pub fn is_small(value: i64) -> bool {
        (SMALL_MIN..=SMALL_MAX).contains(&value)
    }
    /// The static object of a small value.
    #[inline(always)]
    pub fn small_ptr(value: isize) -> *mut PyObject {
        debug_assert!(Int::is_small(value as i64));
        // SAFETY: within the table.
        unsafe { (&raw const SMALL_INTS.0 as *const PyLongObject).offset(value - SMALL_MIN as isize) as *mut PyObject }
    }
    /// A new reference, or NULL with MemoryError.
    #[inline(always)]
    pub fn new_ptr(value: i64) -> *mut PyObject {
        if Int::is_small(value) {
            return Int::small_ptr(value as isize);
        }
        if value.unsigned_abs() <= MASK as u64 {
            let op = memory::object_malloc(size_of::<PyLongObject>()) as *mut PyLongObject;
            if op.is_null() {
                errors::no_memory();
                return ptr::null_mut();
            }
            // SAFETY: a fresh block.
            unsafe {
                *(op as *mut u64) = 1;
                (*op).ob_base.ob_type.set(PyLong_Type.as_type_ptr());
                (*op).long_value.lv_tag.set(8 | if value < 0 { 2 } else { 0 });
                (*op).long_value.ob_digit[0].set(value.unsigned_abs() as u32);
            }
            return op as *mut PyObject;
        }
        Int::new_wide(value)
    }
    /// An int of more than one digit.
    #[inline(never)]
    fn new_wide(value: i64) -> *mut PyObject {
        let magnitude = value.unsigned_abs();
        if magnitude >> (2 * SHIFT) != 0 {
            return Int::new_large(magnitude as u128, value < 0);
        }
        let op = memory::object_malloc(DIGITS + 8) as *mut PyLongObject;
        if op.is_null() {
            errors::no_memory();
            return ptr::null_mut();
        }
        // SAFETY: a fresh block with room for two digits.
        unsafe {
            *(op as *mut u64) = 1;
            (*op).ob_base.ob_type.set(PyLong_Type.as_type_ptr());
            (*op).long_value.lv_tag.set(2 << NON_SIZE_BITS | if value < 0 { 2 } else { 0 });
            let digits = (op as *mut u8).add(DIGITS) as *mut u32;
            *digits = magnitude as u32 & MASK;
            *digits.add(1) = (magnitude >> SHIFT) as u32;
        }
        op as *mut PyObject
    }
    #[inline(never)]
    fn new_large(mut magnitude: u128, negative: bool) -> *mut PyObject {
        let n = ((128 - magnitude.leading_zeros()).div_ceil(SHIFT) as usize).max(1);
        let Ok(draft) = Draft::new(n) else { return ptr::null_mut() };
        // SAFETY: as many digits as the magnitude needs.
        unsafe {
            for at in 0..n {
                *draft.as_mut_ptr().add(at) = magnitude as u32 & MASK;
                magnitude >>= SHIFT;
            }
            draft.finish(n, negative).into_raw()
        }
    }
    /// An int of the given digits (normalised by the caller: no leading zeros). Small values give the statics.
    pub fn from_digits(digits: &[u32], negative: bool) -> PyResult<Owned<Int>> {
        if digits.is_empty() {
            // SAFETY: an immortal static.
            return Ok(unsafe { Owned::from_raw(Int::small_ptr(0)) });
        }
        if let [digit] = digits {
            let value = if negative { -(*digit as i64) } else { *digit as i64 };
            if Int::is_small(value) {
                // SAFETY: an immortal static.
                return Ok(unsafe { Owned::from_raw(Int::small_ptr(value as isize)) });
            }
        }
        let size = size_of::<PyLongObject>().max(DIGITS + digits.len() * 4);
        // SAFETY: a fresh block with room for the digits.
        unsafe {
            let op = crate::object::alloc_plain(&PyLong_Type, size);
            if op.is_null() {
                return Err(errors::no_memory());
            }
            Int::fill(op, digits, negative);
            Ok(Owned::from_raw(op))
        }
    }
    /// Writes tag and digits.
    /// # Safety
    /// `op` has room for the digits.
    pub unsafe fn fill(op: *mut PyObject, digits: &[u32], negative: bool) {
        // SAFETY: by contract.
        unsafe {
            let value = op as *mut PyLongObject;
            let sign = if digits.is_empty() { 1 } else if negative { 2 } else { 0 };
            (*value).long_value.lv_tag.set(digits.len() << NON_SIZE_BITS | sign);
            let to = (op as *mut u8).add(DIGITS) as *mut u32;
            if digits.is_empty() {
                *to = 0;
            }
            ptr::copy_nonoverlapping(digits.as_ptr(), to, digits.len());
        }
    }
    /// Makes the compact, unshared int `op` hold `value` if that needs one digit and is not small; the tag's sign bits change with it.
    /// # Safety
    /// `op` is an exact int that only the caller refers to.
    #[inline(always)]
    pub unsafe fn overwrite_compact(op: *mut PyObject, value: i64) -> bool {
        if Int::is_small(value) || value.unsigned_abs() > MASK as u64 {
            return false;
        }
        // SAFETY: by contract; every int has room for one digit.
        unsafe {
            let int = op as *mut PyLongObject;
            (*int).long_value.lv_tag.set(8 | if value < 0 { 2 } else { 0 });
            (*int).long_value.ob_digit[0].set(value.unsigned_abs() as u32);
        }
        true
    }
    /// MemoryError for these small sizes ends the process's usefulness anyway: a static stands in (the error stays set).
    #[inline]
    pub fn from_i64(value: i64) -> Owned<Int> {
        let op = Int::new_ptr(value);
        // SAFETY: a new reference, or the static zero.
        unsafe { Owned::from_raw(if op.is_null() { Int::small_ptr(0) } else { op }) }
    }
    pub fn from_u64(value: u64) -> Owned<Int> {
        match i64::try_from(value) {
            Ok(value) => Int::from_i64(value),
            Err(_) => Int::from_i128(value as i128),
        }
    }
    pub fn from_usize(value: usize) -> Owned<Int> {
        Int::from_u64(value as u64)
    }
    pub fn from_i128(value: i128) -> Owned<Int> {
        if let Ok(value) = i64::try_from(value) {
            return Int::from_i64(value);
        }
        let op = Int::new_large(value.unsigned_abs(), value < 0);
        // SAFETY: as `from_i64`.
        unsafe { Owned::from_raw(if op.is_null() { Int::small_ptr(0) } else { op }) }
    }
    pub fn from_bigint(value: &BigInt) -> Owned<Int> {
        Int::try_from_bigint(value).unwrap_or_else(|_| Int::from_i64(0))
    }
    pub fn try_from_bigint(value: &BigInt) -> PyResult<Owned<Int>> {
        Int::from_limbs(value.magnitude().iter_u64_digits(), value.sign() == Sign::Minus)
    }
    /// The int whose magnitude is given 64 bits at a time, least first.
    pub fn from_limbs(limbs: impl ExactSizeIterator<Item = u64>, negative: bool) -> PyResult<Owned<Int>> {
        let draft = Draft::new((limbs.len() * 64).div_ceil(SHIFT as usize) + 1)?;
        let (to, mut n) = (draft.as_mut_ptr(), 0);
        let (mut acc, mut bits) = (0u128, 0u32);
        // SAFETY: there is room for the digits of all limbs and one more.
        unsafe {
            for limb in limbs {
                acc |= (limb as u128) << bits;
                // Two digits come with every limb, a third with some.
                *to.add(n) = acc as u32 & MASK;
                *to.add(n + 1) = (acc >> SHIFT) as u32 & MASK;
                n += 2;
                acc >>= 2 * SHIFT;
                bits += 64 - 2 * SHIFT;
                if bits >= SHIFT {
                    *to.add(n) = acc as u32 & MASK;
                    n += 1;
                    acc >>= SHIFT;
                    bits -= SHIFT;
                }
            }
            *to.add(n) = acc as u32;
            Ok(draft.finish(n + 1, negative))
        }
    }
    pub fn to_bigint(&self) -> BigInt {
        if self.is_compact() {
            return BigInt::from(self.compact_value());
        }
        let mut words: Vec<u32> = Vec::with_capacity(self.digit_count());
        let (mut acc, mut bits) = (0u64, 0u32);
        for &digit in self.digits() {
            acc |= (digit as u64) << bits;
            bits += SHIFT;
            if bits >= 32 {
                words.push(acc as u32);
                acc >>= 32;
                bits -= 32;
            }
        }
        if acc != 0 {
            words.push(acc as u32);
        }
        BigInt::new(if self.is_negative() { Sign::Minus } else { Sign::Plus }, words)
    }
    /// The value of an int of at most two digits.
    #[inline(always)]
    pub fn as_pair(&self) -> Option<i64> {
        let tag = self.tag();
        if tag >= 3 << NON_SIZE_BITS {
            return None;
        }
        let low = self.0.long_value.ob_digit[0].get() as i64;
        // SAFETY: a second digit is read only where the tag says that there is one.
        let high = if tag >= 2 << NON_SIZE_BITS { unsafe { *((self as *const Int as *const u8).add(DIGITS + 4) as *const u32) as i64 } } else { 0 };
        Some((1 - (tag & 3) as i64) * (high << SHIFT | low))
    }
    pub fn as_i128(&self) -> Option<i128> {
        if self.digit_count() > 4 {
            return None;
        }
        let mut magnitude = 0u128;
        for &digit in self.digits().iter().rev() {
            magnitude = magnitude << SHIFT | digit as u128;
        }
        Some(if self.is_negative() { -(magnitude as i128) } else { magnitude as i128 })
    }
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        if self.is_compact() {
            return Some(self.compact_value() as i64);
        }
        self.as_i128().and_then(|v| i64::try_from(v).ok())
    }
    pub fn as_u64(&self) -> Option<u64> {
        self.as_i128().and_then(|v| u64::try_from(v).ok())
    }
    /// The value modulo 2^64 (`PyLong_AsUnsignedLongLongMask`).
    pub fn as_u64_mask(&self) -> u64 {
        let mut value = 0u64;
        for &digit in self.digits().iter().rev() {
            value = value << SHIFT | digit as u64;
        }
        if self.is_negative() { value.wrapping_neg() } else { value }
    }
    /// Number of bits of the magnitude.
    pub fn bit_length(&self) -> u64 {
        match self.digits().last() {
            None => 0,
            Some(&top) => (self.digit_count() as u64 - 1) * SHIFT as u64 + (32 - top.leading_zeros()) as u64,
        }
    }
    /// The nearest double, ties to even; OverflowError beyond the largest.
    pub fn as_f64(&self) -> PyResult<f64> {
        if self.is_compact() {
            return Ok(self.compact_value() as f64);
        }
        if let Some(value) = self.as_i128() {
            return Ok(value as f64);
        }
        self.round_to_f64().ok_or_else(|| err!(OverflowError, "int too large to convert to float"))
    }
    fn round_to_f64(&self) -> Option<f64> {
        let bits = self.bit_length();
        if bits > 1024 {
            return None;
        }
        // The top 64 bits, the rest folded into the lowest one.
        let digits = self.digits();
        let shift = bits - 64;
        let (skip, offset) = ((shift / SHIFT as u64) as usize, (shift % SHIFT as u64) as u32);
        let mut sticky = digits[..skip].iter().any(|&d| d != 0);
        let mut acc = 0u128;
        for &digit in digits[skip..].iter().rev() {
            acc = acc << SHIFT | digit as u128;
        }
        sticky |= acc & ((1u128 << offset) - 1) != 0;
        let top = (acc >> offset) as u64 | sticky as u64;
        let value = top as f64 * 2f64.powi(shift as i32);
        if value.is_infinite() {
            return None;
        }
        Some(if self.is_negative() { -value } else { value })
    }
    /// An int that is exactly of type `int`, for operands that may be bools or of subclasses.
    pub fn to_exact(&self) -> PyResult<Owned<Int>> {
        if Int::check_exact(self.as_object()) {
            return Ok(Owned::from_ref(self));
        }
        Int::from_digits(self.digits(), self.is_negative())
    }
}

/// `PyLong_FromDouble`.
pub fn from_double(value: f64) -> PyResult<Owned<Int>> {
    if value.is_nan() {
        return Err(err!(ValueError, "cannot convert float NaN to integer"));
    }
    if value.is_infinite() {
        return Err(err!(OverflowError, "cannot convert float infinity to integer"));
    }
    if value.abs() < 9.2e18 {
        return Ok(Int::from_i64(value as i64));
    }
    let bits = value.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64 - 1075;
    let mantissa = (bits & ((1 << 52) - 1)) | 1 << 52;
    let big = BigInt::from(mantissa) << exponent.max(0) as u64;
    Int::try_from_bigint(&if value < 0.0 { -big } else { big })
}

