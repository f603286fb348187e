//! Items of native single-character formats as Python objects, and back.

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::object::Object;
use crate::protocol::{number, object};
use crate::types::{self, Bytes, Float, Int};
use crate::exceptions;
use std::ffi::{CStr, c_char};

/// The character of a native format: one, perhaps behind '@'.
pub fn native_char(format: *const c_char) -> Option<u8> {
    if format.is_null() {
        return None;
    }
    // SAFETY: formats are NUL-ended strings that the exporter keeps.
    let text = unsafe { CStr::from_ptr(format) }.to_bytes();
    let text = text.strip_prefix(b"@").unwrap_or(text);
    match *text {
        [c] if size_of(c).is_some() => Some(c),
        _ => None,
    }
}

/// Size of an item.
pub fn size_of(c: u8) -> Option<usize> {
    Some(match c {
        b'c' | b'b' | b'B' | b'?' => 1,
        b'h' | b'H' | b'e' => 2,
        b'i' | b'I' | b'f' => 4,
        b'l' | b'L' | b'q' | b'Q' | b'n' | b'N' | b'd' | b'P' => 8,
        _ => return None,
    })
}

/// A static format string as `cast` stores it.
pub fn native_format(format: &str) -> Option<&'static CStr> {
    const PLAIN: [&CStr; 17] = [c"c", c"b", c"B", c"h", c"H", c"i", c"I", c"l", c"L", c"q", c"Q", c"n", c"N", c"f", c"d", c"e", c"?"];
    const NATIVE: [&CStr; 17] = [c"@c", c"@b", c"@B", c"@h", c"@H", c"@i", c"@I", c"@l", c"@L", c"@q", c"@Q", c"@n", c"@N", c"@f", c"@d", c"@e", c"@?"];
    if format == "P" {
        return Some(c"P");
    }
    if format == "@P" {
        return Some(c"@P");
    }
    PLAIN.into_iter().chain(NATIVE).find(|f| f.to_bytes() == format.as_bytes())
}

/// The character for reading and writing items, or the error that says that there is none.
pub fn item_format(format: *const c_char) -> PyResult<u8> {
    native_char(format).ok_or_else(|| err!(NotImplementedError, "memoryview: format {} not supported", shown(format)))
}

fn shown(format: *const c_char) -> String {
    // SAFETY: NULL or a NUL-ended string.
    if format.is_null() { "B".into() } else { unsafe { CStr::from_ptr(format) }.to_string_lossy().into_owned() }
}

/// The item at `at`.
/// # Safety
/// An item of format `c` is there, aligned or not.
pub unsafe fn unpack(at: *const u8, c: u8) -> PyResult {
    macro_rules! read {
        ($ty:ty) => {
            // SAFETY: by contract.
            unsafe { (at as *const $ty).read_unaligned() }
        };
    }
    Ok(match c {
        b'B' => Int::from_i64(read!(u8) as i64).into_object(),
        b'b' => Int::from_i64(read!(i8) as i64).into_object(),
        b'h' => Int::from_i64(read!(i16) as i64).into_object(),
        b'H' => Int::from_i64(read!(u16) as i64).into_object(),
        b'i' => Int::from_i64(read!(i32) as i64).into_object(),
        b'I' => Int::from_i64(read!(u32) as i64).into_object(),
        b'l' | b'q' | b'n' => Int::from_i64(read!(i64)).into_object(),
        b'L' | b'Q' | b'N' | b'P' => Int::from_u64(read!(u64)).into_object(),
        b'e' => Float::new(half_to_f64(read!(u16))).into_object(),
        b'f' => Float::new(read!(f32) as f64).into_object(),
        b'd' => Float::new(read!(f64)).into_object(),
        b'?' => types::bool_object(read!(u8) != 0).to_owned(),
        b'c' => Bytes::byte(read!(u8)).to_owned(),
        _ => return Err(err!(NotImplementedError, "memoryview: format {} not supported", c as char)),
    })
}

/// A converted item: its bytes.
pub struct Packed {
    pub bytes: [u8; 8],
    pub len: usize,
}

/// Converts a value for storing. This may run code, so nothing is written yet.
pub fn pack(value: &Object, c: u8, format: *const c_char) -> PyResult<Packed> {
    let result = convert(value, c, format);
    result.map_err(|raised| {
        if errors::matches(exceptions::TypeError()) {
            errors::clear();
            return err!(TypeError, "memoryview: invalid type for format '{}'", shown(format));
        }
        if errors::matches(exceptions::OverflowError()) || errors::matches(exceptions::ValueError()) {
            errors::clear();
            return bad_value(format);
        }
        raised
    })
}

#[cold]
fn bad_value(format: *const c_char) -> Raised {
    err!(ValueError, "memoryview: invalid value for format '{}'", shown(format))
}

fn convert(value: &Object, c: u8, format: *const c_char) -> PyResult<Packed> {
    let mut packed = Packed { bytes: [0; 8], len: size_of(c).unwrap_or(1) };
    let integer = || -> PyResult<Option<i128>> { Ok(number::index(value)?.as_i128()) };
    let bits: u64 = match c {
        b'b' | b'h' | b'i' | b'l' | b'q' | b'n' => {
            let limit = 1i128 << (packed.len * 8 - 1);
            match integer()? {
                Some(n) if n >= -limit && n < limit => n as u64,
                _ => return Err(bad_value(format)),
            }
        }
        b'B' | b'H' | b'I' | b'L' | b'Q' | b'N' => {
            let limit = 1i128 << (packed.len * 8);
            match integer()? {
                Some(n) if n >= 0 && n < limit => n as u64,
                _ => return Err(bad_value(format)),
            }
        }
        b'P' => match integer()? {
            Some(n) if n >= i64::MIN as i128 && n <= u64::MAX as i128 => n as u64,
            _ => return Err(bad_value(format)),
        },
        b'd' => Float::as_f64(value)?.to_bits(),
        b'f' => (Float::as_f64(value)? as f32).to_bits() as u64,
        b'e' => match f64_to_half(Float::as_f64(value)?) {
            Some(bits) => bits as u64,
            None => return Err(bad_value(format)),
        },
        b'?' => object::is_true(value)? as u64,
        b'c' => {
            let Some(bytes) = value.downcast::<Bytes>() else { return Err(err!(TypeError, "bytes")) };
            match bytes.as_slice() {
                [c] => *c as u64,
                _ => return Err(bad_value(format)),
            }
        }
        _ => return Err(err!(NotImplementedError, "memoryview: format {} not supported", shown(format))),
    };
    packed.bytes = bits.to_ne_bytes();
    Ok(packed)
}

/// IEEE half precision to double.
pub fn half_to_f64(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10 & 0x1f) as i32, (bits & 0x3ff) as f64);
    match exponent {
        0x1f if fraction == 0.0 => sign * f64::INFINITY,
        0x1f => {
            // The payload keeps its place at the top of the fraction.
            f64::from_bits((bits as u64 & 0x8000) << 48 | 0x7ff0_0000_0000_0000 | (bits as u64 & 0x3ff) << 42)
        }
        0 => sign * fraction * 2f64.powi(-24),
        _ => sign * (1.0 + fraction / 1024.0) * 2f64.powi(exponent - 15),
    }
}

/// Double to half precision, rounded half to even; `None` if it is too large.
pub fn f64_to_half(x: f64) -> Option<u16> {
    let sign = (x.is_sign_negative() as u16) << 15;
    if x.is_nan() {
        let payload = (x.to_bits() >> 42) as u16 & 0x3ff;
        return Some(sign | 0x7c00 | if payload == 0 { 0x200 } else { payload });
    }
    let a = x.abs();
    if a.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if a < 2f64.powi(-14) {
        // Subnormal: units of 2**-24; 1024 of them are the smallest normal number, with the right bits.
        return Some(sign | (a * 2f64.powi(24)).round_ties_even() as u16);
    }
    let exponent = ((a.to_bits() >> 52) as i32) - 1023;
    let fraction = ((a / 2f64.powi(exponent) - 1.0) * 1024.0).round_ties_even() as u16;
    let bits = ((exponent + 15) as u32 * 1024) + fraction as u32;
    if exponent > 15 || bits >= 0x7c00 { None } else { Some(sign | bits as u16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_precision_goes_there_and_back() {
        for bits in 0..=u16::MAX {
            let x = half_to_f64(bits);
            assert_eq!(f64_to_half(x), Some(bits), "{bits:x}");
        }
        assert_eq!(f64_to_half(65519.9), Some(0x7bff));
        assert_eq!(f64_to_half(65520.0), None);
        assert_eq!(f64_to_half(1e300), None);
    }
}
