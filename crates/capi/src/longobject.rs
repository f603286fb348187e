//! `longobject.h`, `cpython/longobject.h`, `cpython/longintrepr.h`: integers.

use crate::macros::{Done, Out};
use abi::{PyLongExport, PyLongLayout, PyObject, c_void};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::{Int, Str};
use runtime::err;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// The int of an argument that may be one or have `__index__`.
fn int_of(o: &Object) -> PyResult<Owned<Int>> {
    match o.downcast::<Int>() {
        Some(int) => Ok(Owned::from_ref(int)),
        None => number::index(o),
    }
}

fn need_int(o: &Object) -> PyResult<&Int> {
    o.downcast::<Int>().ok_or_else(|| err!(TypeError, "an integer is required"))
}

fn too_large(what: &str) -> errors::Raised {
    err!(OverflowError, "Python int too large to convert to C {}", what)
}

fn signed(o: &Object) -> PyResult<i64> {
    int_of(o)?.as_i64().ok_or_else(|| too_large("long"))
}

fn unsigned(o: &Object, what: &str) -> PyResult<u64> {
    let int = need_int(o)?;
    if int.is_negative() {
        return Err(err!(OverflowError, "can't convert negative value to {}", what));
    }
    int.as_u64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C {}", what))
}

/// Whether an int beyond 64 bits is above (1) or below (-1).
fn overflow_sign(int: &Int) -> c_int {
    if int.is_negative() { -1 } else { 1 }
}

fn signed_overflow(o: &Object, overflow: *mut c_int) -> PyResult<i64> {
    // SAFETY: the caller's variable.
    unsafe { *overflow = 0 };
    let int = int_of(o)?;
    match int.as_i64() {
        Some(value) => Ok(value),
        None => {
            // SAFETY: as above.
            unsafe { *overflow = overflow_sign(&int) };
            Ok(-1)
        }
    }
}

/// Little-endian two's complement of at least `bit_length + 1` bits.
fn to_bytes(int: &Int) -> Vec<u8> {
    int.to_bigint().to_signed_bytes_le()
}

fn from_bytes(data: &[u8], little: bool, is_signed: bool) -> PyResult<Owned<Int>> {
    use num_bigint::{BigInt, Sign};
    let value = match (little, is_signed) {
        (true, true) => BigInt::from_signed_bytes_le(data),
        (false, true) => BigInt::from_signed_bytes_be(data),
        (true, false) => BigInt::from_bytes_le(Sign::Plus, data),
        (false, false) => BigInt::from_bytes_be(Sign::Plus, data),
    };
    Int::try_from_bigint(&value)
}

static LAYOUT: PyLongLayout = PyLongLayout { bits_per_digit: 30, digit_size: 4, digits_order: -1, digit_endianness: -1 };

c_api! {
    // ---- from C
    fn PyLong_FromLong(value: i64) -> Owned<Int> { Int::from_i64(value) }
    fn PyLong_FromLongLong(value: i64) -> Owned<Int> { Int::from_i64(value) }
    fn PyLong_FromSsize_t(value: isize) -> Owned<Int> { Int::from_i64(value as i64) }
    fn PyLong_FromInt32(value: c_int) -> Owned<Int> { Int::from_i64(value as i64) }
    fn PyLong_FromInt64(value: i64) -> Owned<Int> { Int::from_i64(value) }
    fn PyLong_FromUnsignedLong(value: u64) -> Owned<Int> { Int::from_u64(value) }
    fn PyLong_FromUnsignedLongLong(value: u64) -> Owned<Int> { Int::from_u64(value) }
    fn PyLong_FromSize_t(value: usize) -> Owned<Int> { Int::from_u64(value as u64) }
    fn PyLong_FromUInt32(value: u32) -> Owned<Int> { Int::from_u64(value as u64) }
    fn PyLong_FromUInt64(value: u64) -> Owned<Int> { Int::from_u64(value) }
    fn PyLong_FromVoidPtr(value: *mut c_void) -> Owned<Int> { Int::from_u64(value as usize as u64) }
    fn PyLong_FromDouble(value: f64) -> PyResult<Owned<Int>> { runtime::types::int::from_double(value) }
    fn PyLong_FromString(s: &CStr, end: *mut *mut c_char, base: c_int) -> PyResult<Owned<Int>> {
        if base != 0 && !(2..=36).contains(&base) {
            return Err(err!(ValueError, "int() arg 2 must be >= 2 and <= 36"));
        }
        let bytes = s.to_bytes();
        let shown = Str::from_latin1(bytes);
        if !end.is_null() {
            *end = s.as_ptr().add(bytes.len()) as *mut c_char;
        }
        let result = match std::str::from_utf8(bytes) {
            Ok(text) => runtime::types::int::int_from_text(text, base as u32, &shown),
            Err(_) => Err(err!(ValueError, "invalid literal for int() with base {}: {}", base, runtime::protocol::object::repr(&shown)?)),
        };
        if result.is_err() && !end.is_null() {
            *end = s.as_ptr() as *mut c_char;
        }
        result
    }
    fn PyLong_FromUnicodeObject(o: &Str, base: c_int) -> PyResult<Owned<Int>> {
        if base != 0 && !(2..=36).contains(&base) {
            return Err(err!(ValueError, "int() arg 2 must be >= 2 and <= 36"));
        }
        runtime::types::int::int_from_str(o, base as u32)
    }
    fn PyLong_FromNativeBytes(data: *const c_void, size: usize, flags: c_int) -> PyResult<Owned<Int>> {
        native_bytes(data, size, flags, flags == -1 || flags & 4 == 0)
    }
    fn PyLong_FromUnsignedNativeBytes(data: *const c_void, size: usize, flags: c_int) -> PyResult<Owned<Int>> {
        native_bytes(data, size, flags, false)
    }
    fn _PyLong_FromByteArray(data: *const u8, size: usize, little: c_int, is_signed: c_int) -> PyResult<Owned<Int>> {
        if size == 0 {
            return Ok(Int::from_i64(0));
        }
        from_bytes(std::slice::from_raw_parts(data, size), little != 0, is_signed != 0)
    }

    // ---- to C
    fn PyLong_AsLong(o: &Object) -> PyResult<i64> { signed(o) }
    fn PyLong_AsLongLong(o: &Object) -> PyResult<i64> { int_of(o)?.as_i64().ok_or_else(|| err!(OverflowError, "int too big to convert")) }
    fn PyLong_AsLongAndOverflow(o: &Object, overflow: Out<c_int>) -> PyResult<i64> { signed_overflow(o, overflow.0) }
    fn PyLong_AsLongLongAndOverflow(o: &Object, overflow: Out<c_int>) -> PyResult<i64> { signed_overflow(o, overflow.0) }
    fn PyLong_AsInt(o: &Object) -> PyResult<c_int> {
        match int_of(o)?.as_i64().and_then(|value| c_int::try_from(value).ok()) {
            Some(value) => Ok(value),
            None => Err(too_large("int")),
        }
    }
    fn _PyLong_AsInt(o: &Object) -> PyResult<c_int> {
        match int_of(o)?.as_i64().and_then(|value| c_int::try_from(value).ok()) {
            Some(value) => Ok(value),
            None => Err(too_large("int")),
        }
    }
    fn PyLong_AsSsize_t(o: &Object) -> PyResult<isize> {
        need_int(o)?.as_i64().map(|value| value as isize).ok_or_else(|| too_large("ssize_t"))
    }
    fn PyLong_AsSize_t(o: &Object) -> PyResult<usize> {
        let int = need_int(o)?;
        if int.is_negative() {
            return Err(err!(OverflowError, "can't convert negative value to size_t"));
        }
        int.as_u64().map(|value| value as usize).ok_or_else(|| too_large("size_t"))
    }
    fn PyLong_AsUnsignedLong(o: &Object) -> PyResult<u64> { unsigned(o, "unsigned long") }
    fn PyLong_AsUnsignedLongLong(o: &Object) -> PyResult<u64> {
        let int = need_int(o)?;
        if int.is_negative() {
            return Err(err!(OverflowError, "can't convert negative int to unsigned"));
        }
        int.as_u64().ok_or_else(|| err!(OverflowError, "int too big to convert"))
    }
    fn PyLong_AsUnsignedLongMask(o: &Object) -> PyResult<u64> { Ok(int_of(o)?.as_u64_mask()) }
    fn PyLong_AsUnsignedLongLongMask(o: &Object) -> PyResult<u64> { Ok(int_of(o)?.as_u64_mask()) }
    fn PyLong_AsVoidPtr(o: &Object) -> PyResult<*mut c_void> {
        let int = need_int(o)?;
        let value = match int.as_i64() {
            Some(value) => value as usize,
            None => int.as_u64().ok_or_else(|| err!(OverflowError, "int too big to convert"))? as usize,
        };
        Ok(value as *mut c_void)
    }
    fn PyLong_AsDouble(o: &Object) -> PyResult<f64> { need_int(o)?.as_f64() }
    fn PyLong_AsInt32(o: &Object, out: *mut i32) -> PyResult<Done> {
        let value = int_of(o)?.as_i64().and_then(|value| i32::try_from(value).ok()).ok_or_else(|| too_large("int32_t"))?;
        *out = value;
        Ok(Done)
    }
    fn PyLong_AsInt64(o: &Object, out: *mut i64) -> PyResult<Done> {
        *out = int_of(o)?.as_i64().ok_or_else(|| too_large("int64_t"))?;
        Ok(Done)
    }
    fn PyLong_AsUInt32(o: &Object, out: *mut u32) -> PyResult<Done> {
        let int = int_of(o)?;
        if int.is_negative() {
            return Err(err!(ValueError, "Cannot convert negative int"));
        }
        *out = int.as_u64().and_then(|value| u32::try_from(value).ok()).ok_or_else(|| too_large("uint32_t"))?;
        Ok(Done)
    }
    fn PyLong_AsUInt64(o: &Object, out: *mut u64) -> PyResult<Done> {
        let int = int_of(o)?;
        if int.is_negative() {
            return Err(err!(ValueError, "Cannot convert negative int"));
        }
        *out = int.as_u64().ok_or_else(|| too_large("uint64_t"))?;
        Ok(Done)
    }
    fn PyLong_AsNativeBytes(o: &Object, buffer: *mut c_void, size: isize, flags: c_int) -> PyResult<isize> {
        as_native_bytes(o, buffer as *mut u8, size, flags)
    }
    fn _PyLong_AsByteArray(o: &Int, out: *mut u8, size: usize, little: c_int, is_signed: c_int, with_exceptions: c_int) -> PyResult<Done> {
        let failed = |message: &str| {
            if with_exceptions != 0 {
                err!(OverflowError, "{}", message);
            }
            Err(errors::Raised::from_c())
        };
        if is_signed == 0 && o.is_negative() {
            return failed("can't convert negative int to unsigned");
        }
        let fill = if o.is_negative() { 0xff } else { 0 };
        let mut data = to_bytes(o);
        if is_signed == 0 && data.last() == Some(&0) {
            data.pop();
        }
        let fits = data.len() <= size;
        data.resize(size, fill);
        for (i, byte) in data.iter().enumerate() {
            *out.add(if little != 0 { i } else { size - 1 - i }) = *byte;
        }
        if fits { Ok(Done) } else { failed("int too big to convert") }
    }

    // ---- facts
    fn PyLong_GetSign(o: &Object, sign: *mut c_int) -> PyResult<Done> {
        let Some(int) = o.downcast::<Int>() else { return Err(err!(TypeError, "expect int, got {}", o.type_name())) };
        *sign = int.sign();
        Ok(Done)
    }
    fn _PyLong_Sign(o: &Int) -> c_int { o.sign() }
    fn PyLong_IsPositive(o: &Object) -> PyResult<bool> { Ok(expect_int(o)?.sign() > 0) }
    fn PyLong_IsNegative(o: &Object) -> PyResult<bool> { Ok(expect_int(o)?.sign() < 0) }
    fn PyLong_IsZero(o: &Object) -> PyResult<bool> { Ok(expect_int(o)?.is_zero()) }
    fn _PyLong_NumBits(o: &Int) -> i64 { o.bit_length() as i64 }
    fn PyUnstable_Long_IsCompact(o: &Int) -> bool { o.is_compact() }
    fn PyUnstable_Long_CompactValue(o: &Int) -> isize { o.compact_value() }
    fn PyLong_GetInfo() -> PyResult {
        runtime::protocol::object::get_attr_str(&*runtime::state::sys()?, "int_info")
    }
    fn _PyLong_GCD(a: &Object, b: &Object) -> PyResult<Owned<Int>> {
        use num_integer::Integer;
        Ok(Int::from_bigint(&int_of(a)?.to_bigint().gcd(&int_of(b)?.to_bigint())))
    }
    fn _PyLong_Format(o: &Object, base: c_int) -> PyResult<Owned<Str>> { Ok(Str::new(&number::to_base(o, base as u32)?)) }

    // ---- digits
    fn _PyLong_Copy(o: &Int) -> PyResult<Owned<Int>> {
        // The tag of a big copy may be edited by the caller: never share one.
        if o.is_compact() {
            return Ok(Int::from_i64(o.compact_value() as i64));
        }
        Int::from_digits(o.digits(), o.is_negative())
    }
    fn _PyLong_FromDigits(negative: c_int, count: isize, digits: *const u32) -> PyResult<Owned<Int>> {
        if count <= 0 {
            return Ok(Int::from_i64(0));
        }
        Int::from_digits(trimmed(std::slice::from_raw_parts(digits, count as usize)), negative != 0)
    }
    fn _PyLong_New(count: isize) -> PyResult<*mut PyObject> {
        if count < 0 {
            return Err(errors::bad_internal_call());
        }
        let block = fresh_digits(count.max(1) as usize, false)?;
        Ok(block)
    }
    fn PyLong_GetNativeLayout() -> *const PyLongLayout { &raw const LAYOUT }
    fn PyLong_Export(o: &Object, export: *mut PyLongExport) -> PyResult<Done> {
        let Some(int) = o.downcast::<Int>() else {
            ptr::write_bytes(export, 0, 1);
            return Err(err!(TypeError, "expected int, got {}", o.type_name()));
        };
        ptr::write_bytes(export, 0, 1);
        let out = &*export;
        match int.as_i64() {
            Some(value) => out.value.set(value),
            None => {
                out.negative.set(int.is_negative() as u8);
                out.ndigits.set(int.digit_count() as isize);
                out.digits.set(int.digits().as_ptr() as *const c_void);
                o.incref();
                out._reserved.set(o.as_ptr() as usize);
            }
        }
        Ok(Done)
    }
    fn PyLong_FreeExport(export: *mut PyLongExport) {
        let held = (*export)._reserved.replace(0);
        runtime::object::xdecref(held as *mut PyObject);
    }
    fn PyLongWriter_Create(negative: c_int, count: isize, digits: *mut *mut c_void) -> PyResult<*mut PyObject> {
        if count <= 0 {
            *digits = ptr::null_mut();
            return Err(err!(ValueError, "ndigits must be positive"));
        }
        let op = fresh_digits(count as usize, negative != 0)?;
        *digits = (*(op as *mut abi::PyLongObject)).long_value.ob_digit.as_ptr() as *mut c_void;
        Ok(op)
    }
    fn PyLongWriter_Finish(writer: *mut PyObject) -> PyResult<Owned<Int>> {
        let made: Owned<Int> = Owned::from_raw(writer);
        Int::from_digits(trimmed(made.digits()), made.is_negative())
    }
    fn PyLongWriter_Discard(writer: *mut PyObject) {
        runtime::object::xdecref(writer);
    }
}

fn expect_int(o: &Object) -> PyResult<&Int> {
    o.downcast::<Int>().ok_or_else(|| err!(TypeError, "expected int, got {}", o.type_name()))
}

unsafe fn native_bytes(data: *const c_void, size: usize, flags: c_int, is_signed: bool) -> PyResult<Owned<Int>> {
    if data.is_null() {
        return Err(errors::bad_internal_call());
    }
    if size == 0 {
        return Ok(Int::from_i64(0));
    }
    // Flags: -1 native, bit 0 little endian, bit 1 native.
    let little = flags == -1 || flags & 2 != 0 || flags & 1 != 0;
    // SAFETY: by the caller.
    from_bytes(unsafe { std::slice::from_raw_parts(data.cast(), size) }, little, is_signed)
}

fn as_native_bytes(o: &Object, buffer: *mut u8, size: isize, flags: c_int) -> PyResult<isize> {
    if size < 0 {
        return Err(err!(ValueError, "n_bytes must be non-negative"));
    }
    let defaults = flags == -1;
    let int = match o.downcast::<Int>() {
        Some(int) => Owned::from_ref(int),
        None if !defaults && flags & 16 != 0 => number::index(o)?,
        None => return Err(err!(TypeError, "expect int, got {}", o.type_name())),
    };
    if !defaults && flags & 8 != 0 && int.is_negative() {
        return Err(err!(ValueError, "Cannot convert negative int"));
    }
    let data = to_bytes(&int);
    let unsigned = defaults || flags & 4 != 0;
    let little = defaults || flags & 3 != 0;
    let fill = if int.is_negative() { 0xff } else { 0 };
    if !buffer.is_null() {
        for i in 0..size as usize {
            let byte = data.get(i).copied().unwrap_or(fill);
            // SAFETY: the caller's buffer of `size` bytes.
            unsafe { *buffer.add(if little { i } else { size as usize - 1 - i }) = byte };
        }
    }
    // A value that fits needs what was offered; without an offer, a small one needs a word.
    let n = size as usize;
    let fits = data.len() <= n || (unsigned && !int.is_negative() && data.len() == n + 1 && data[n] == 0);
    let bits = int.bit_length() as usize;
    let needed = match int.is_compact() {
        true if n > 0 && n <= 8 && fits => n,
        // The sign alone has no room.
        true if n > 0 && n < 8 && !int.is_negative() && data.len() == n + 1 && data[n] == 0 => n + 1,
        true => 8,
        false if n > 0 && bits / 8 == n && fits => n,
        false => bits / 8 + 1,
    };
    Ok(needed as isize)
}

/// Digits without leading zeros.
fn trimmed(digits: &[u32]) -> &[u32] {
    let len = digits.iter().rposition(|&digit| digit != 0).map_or(0, |at| at + 1);
    &digits[..len]
}

/// An int object with room for digits that the caller writes.
fn fresh_digits(count: usize, negative: bool) -> PyResult<*mut PyObject> {
    // Digits that are all ones, so that nothing is trimmed; an int of more than one digit is never a shared one.
    let digits = vec![1u32 << 29 | 1; count.max(2)];
    let made = Int::from_digits(&digits, negative)?;
    let op = made.into_raw();
    // SAFETY: fresh and unshared; the tag's count is set to what was asked for.
    unsafe {
        let tag = &(*(op as *mut abi::PyLongObject)).long_value.lv_tag;
        tag.set(count << 3 | if negative { 2 } else { 0 });
    }
    Ok(op)
}
