//! `boolobject.h`, `floatobject.h`, `complexobject.h`, `pystrtod.h`.

use crate::macros::Done;
use abi::{PyObject, Py_complex};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::object as proto;
use runtime::types::{self, Complex, Float, Str};
use runtime::{err, intern};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// The complex value of an argument: a complex, something with `__complex__`, or a float.
fn complex_of(o: &Object) -> PyResult<(f64, f64)> {
    types::complex::as_complex(o)
}

/// Bytes of a float in the order asked for.
unsafe fn put(bytes: &[u8], p: *mut c_char, little: c_int) {
    for (i, byte) in bytes.iter().enumerate() {
        // SAFETY: the caller's buffer has that size.
        unsafe { *p.add(if little != 0 { i } else { bytes.len() - 1 - i }) = *byte as c_char };
    }
}

unsafe fn get<const N: usize>(p: *const c_char, little: c_int) -> [u8; N] {
    // SAFETY: the caller's buffer has that size.
    std::array::from_fn(|i| unsafe { *p.add(if little != 0 { i } else { N - 1 - i }) as u8 })
}

/// IEEE 754 binary16 with ties to even; `None` if too large.
fn to_half(x: f64) -> Option<u16> {
    let sign = (x.is_sign_negative() as u16) << 15;
    if x == 0.0 {
        return Some(sign);
    }
    if x.is_infinite() {
        return Some(sign | 0x7c00);
    }
    if x.is_nan() {
        let payload = (x.to_bits() >> 42) as u16 & 0x3ff;
        return Some(sign | 0x7c00 | if payload == 0 { 0x200 } else { payload });
    }
    let magnitude = x.abs();
    let exponent = ((magnitude.to_bits() >> 52) as i32 - 1023).max(-14);
    // In units of the last place, rounded to even.
    let mut units = (magnitude / f64::powi(2.0, exponent - 10)).round_ties_even() as u32;
    let mut exponent = exponent;
    if units >= 0x800 {
        (units, exponent) = (units >> 1, exponent + 1);
    }
    if exponent > 15 {
        return None;
    }
    Some(sign | if units < 0x400 { units as u16 } else { ((exponent + 15) as u16) << 10 | (units as u16 & 0x3ff) })
}

fn from_half(bits: u16) -> f64 {
    let sign = if bits & 0x8000 != 0 { -1.0 } else { 1.0 };
    let (exponent, fraction) = ((bits >> 10) & 0x1f, (bits & 0x3ff) as f64);
    match exponent {
        0x1f if fraction == 0.0 => sign * f64::INFINITY,
        0x1f => f64::from_bits(((bits & 0x8000) as u64) << 48 | 0x7ff0_0000_0000_0000 | ((bits & 0x3ff) as u64) << 42),
        0 => sign * fraction * f64::powi(2.0, -24),
        e => sign * (1.0 + fraction / 1024.0) * f64::powi(2.0, e as i32 - 15),
    }
}

c_api! {
    fn PyBool_FromLong(value: i64) -> Owned { types::bool_object(value != 0).to_owned() }

    fn PyFloat_FromDouble(value: f64) -> Owned<Float> { Float::new(value) }
    fn PyFloat_FromString(o: &Object) -> PyResult<Owned> {
        let text = match o.downcast::<Str>() {
            Some(s) => Some(types::str::to_ascii_decimal(s)),
            None => bytes_text(o)?,
        };
        let Some(text) = text else {
            return Err(err!(TypeError, "float() argument must be a string or a real number, not '{}'", o.type_name()));
        };
        match types::float::parse_f64(&text) {
            Some(value) => Ok(Float::new(value).into_object()),
            None => Err(err!(ValueError, "could not convert string to float: {}", proto::repr(o)?)),
        }
    }
    fn PyFloat_AsDouble(o: Option<&Object>) -> PyResult<f64> {
        match o {
            Some(o) => Float::as_f64(o),
            None => Err(crate::unicodeobject::bad_argument()),
        }
    }
    fn PyFloat_GetMax() -> f64 { f64::MAX }
    fn PyFloat_GetMin() -> f64 { f64::MIN_POSITIVE }
    fn PyFloat_GetInfo() -> PyResult { proto::get_attr(&*runtime::state::sys()?, intern!("float_info")) }
    fn PyFloat_Pack2(x: f64, p: *mut c_char, little: c_int) -> PyResult<Done> {
        match to_half(x) {
            Some(bits) => put(&bits.to_le_bytes(), p, little),
            None => return Err(err!(OverflowError, "float too large to pack with e format")),
        }
        Ok(Done)
    }
    fn PyFloat_Pack4(x: f64, p: *mut c_char, little: c_int) -> PyResult<Done> {
        if x.is_nan() {
            // A conversion would quieten it: sign and payload are moved as they are.
            let bits = x.to_bits();
            let payload = (bits >> 29) as u32 & 0x7f_ffff;
            let half = (bits >> 63) as u32 * (1 << 31) | 0x7f80_0000 | if payload == 0 { 0x40_0000 } else { payload };
            put(&half.to_le_bytes(), p, little);
            return Ok(Done);
        }
        let y = x as f32;
        if y.is_infinite() && !x.is_infinite() {
            return Err(err!(OverflowError, "float too large to pack with f format"));
        }
        put(&y.to_le_bytes(), p, little);
        Ok(Done)
    }
    fn PyFloat_Pack8(x: f64, p: *mut c_char, little: c_int) -> PyResult<Done> {
        put(&x.to_le_bytes(), p, little);
        Ok(Done)
    }
    fn PyFloat_Unpack2(p: *const c_char, little: c_int) -> f64 { from_half(u16::from_le_bytes(get(p, little))) }
    fn PyFloat_Unpack4(p: *const c_char, little: c_int) -> f64 {
        let bits = u32::from_le_bytes(get(p, little));
        if f32::from_bits(bits).is_nan() {
            return f64::from_bits((bits as u64 >> 31) << 63 | 0x7ff0_0000_0000_0000 | (bits as u64 & 0x7f_ffff) << 29);
        }
        f32::from_bits(bits) as f64
    }
    fn PyFloat_Unpack8(p: *const c_char, little: c_int) -> f64 { f64::from_le_bytes(get(p, little)) }
    fn _Py_HashDouble(o: Option<&Object>, value: f64) -> isize {
        types::float::hash_f64(value, o.unwrap_or(types::none()))
    }

    fn PyComplex_FromDoubles(real: f64, imag: f64) -> Owned<Complex> { Complex::new(real, imag) }
    fn PyComplex_RealAsDouble(o: &Object) -> PyResult<f64> {
        match o.downcast::<Complex>() {
            Some(complex) => Ok(complex.value().0),
            None => Ok(complex_of(o)?.0),
        }
    }
    fn PyComplex_ImagAsDouble(o: &Object) -> PyResult<f64> {
        match o.downcast::<Complex>() {
            Some(complex) => Ok(complex.value().1),
            None => Ok(complex_of(o)?.1),
        }
    }

    // ---- text and double
    fn PyOS_string_to_double(s: &CStr, end: *mut *mut c_char, overflow: Option<&Object>) -> PyResult<f64> {
        let bytes = s.to_bytes();
        let used = longest_float(bytes);
        let text = std::str::from_utf8(&bytes[..used]).unwrap_or("");
        let complaint = |used: usize| used == 0 || (end.is_null() && used != bytes.len());
        if !end.is_null() {
            *end = s.as_ptr().add(used) as *mut c_char;
        }
        if complaint(used) || bytes.first().is_some_and(|c| c.is_ascii_whitespace()) {
            return Err(err!(ValueError, "could not convert string to float: '{}'", s.to_string_lossy()));
        }
        let value: f64 = types::float::parse_f64(text).unwrap_or(f64::NAN);
        let digits = text.bytes().any(|c| c.is_ascii_digit());
        if value.is_infinite() && digits && let Some(exc) = overflow {
            let message = Str::new(&format!("value too large to convert to float: '{}'", s.to_string_lossy()));
            return Err(match exc.downcast::<runtime::object::Type>() {
                Some(exc) => errors::raise_object(exc, Some(&message)),
                None => errors::bad_internal_call(),
            });
        }
        Ok(value)
    }
    fn PyOS_double_to_string(value: f64, code: c_char, precision: c_int, flags: c_int, kind: *mut c_int) -> PyResult<*mut c_char> {
        let text = format_double(value, code as u8, precision, flags)?;
        if !kind.is_null() {
            *kind = if value.is_nan() { 2 } else if value.is_infinite() { 1 } else { 0 };
        }
        let block = runtime::memory::mem_malloc(text.len() + 1) as *mut u8;
        if block.is_null() {
            return Err(errors::no_memory());
        }
        ptr::copy_nonoverlapping(text.as_ptr(), block, text.len());
        *block.add(text.len()) = 0;
        Ok(block.cast())
    }
    fn PyOS_mystricmp(a: *const c_char, b: *const c_char) -> c_int { libc::strcasecmp(a, b) }
    fn PyOS_mystrnicmp(a: *const c_char, b: *const c_char, n: isize) -> c_int { libc::strncasecmp(a, b, n as usize) }
    fn PyOS_strtol(s: *const c_char, end: *mut *mut c_char, base: c_int) -> i64 { libc::strtol(s, end, base) }
    fn PyOS_strtoul(s: *const c_char, end: *mut *mut c_char, base: c_int) -> u64 { libc::strtoul(s, end, base) }
}

/// Bytes-like text, if the object is one.
fn bytes_text(o: &Object) -> PyResult<Option<String>> {
    let buffered = unsafe { o.ty().0.tp_as_buffer.get().as_ref() }.is_some_and(|procs| procs.bf_getbuffer.get().is_some());
    if !buffered {
        return Ok(None);
    }
    let Ok(bytes) = runtime::protocol::buffer::BufferView::get(o, abi::PyBUF_SIMPLE) else {
        errors::clear();
        return Ok(None);
    };
    Ok(Some(String::from_utf8_lossy(bytes.as_bytes()).into_owned()))
}

/// How many bytes at the start are a number as `strtod` reads it (decimal only).
fn longest_float(s: &[u8]) -> usize {
    let sign = s.first().is_some_and(|c| matches!(c, b'+' | b'-')) as usize;
    let rest = &s[sign..];
    let word = |w: &[u8]| rest.len() >= w.len() && rest[..w.len()].eq_ignore_ascii_case(w);
    for w in [&b"infinity"[..], b"inf", b"nan"] {
        if word(w) {
            return sign + w.len();
        }
    }
    let digits = |from: usize| rest[from.min(rest.len())..].iter().take_while(|c| c.is_ascii_digit()).count();
    let whole = digits(0);
    let mut at = whole;
    let mut fraction = 0;
    if rest.get(at) == Some(&b'.') {
        fraction = digits(at + 1);
        at += 1 + fraction;
    }
    if whole + fraction == 0 {
        return 0;
    }
    if rest.get(at).is_some_and(|c| matches!(c, b'e' | b'E')) {
        let signed = rest.get(at + 1).is_some_and(|c| matches!(c, b'+' | b'-')) as usize;
        let exponent = digits(at + 1 + signed);
        if exponent > 0 {
            at += 1 + signed + exponent;
        }
    }
    sign + at
}

/// By the runtime's own float formatting: `r` is the repr, the others are format specifications.
fn format_double(value: f64, code: u8, precision: c_int, flags: c_int) -> PyResult<String> {
    let (sign, add_dot_0, alternate) = (flags & 1 != 0, flags & 2 != 0, flags & 4 != 0);
    let mut text = match code {
        b'r' => {
            let text = types::float::repr_f64(value);
            if add_dot_0 { text } else { text.strip_suffix(".0").map(String::from).unwrap_or(text) }
        }
        b'e' | b'E' | b'f' | b'F' | b'g' | b'G' => {
            let spec = format!("{}.{}{}", if alternate { "#" } else { "" }, precision.max(0), code as char);
            let formatted = runtime::format::format_object(&Float::new(value), Some(&*Str::new(&spec)))?;
            let mut text = formatted.to_string();
            if add_dot_0 && value.is_finite() && !text.contains(['.', 'e', 'E']) {
                text.push_str(".0");
            }
            text
        }
        _ => return Err(errors::bad_internal_call()),
    };
    if sign && !text.starts_with('-') {
        text.insert(0, '+');
    }
    Ok(text)
}

// ---- complex arithmetic by value

/// # Safety
/// No precondition.
#[unsafe(no_mangle)]
pub extern "C" fn PyComplex_FromCComplex(value: Py_complex) -> *mut PyObject {
    Complex::new(value.real, value.imag).into_raw()
}

/// # Safety
/// A live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyComplex_AsCComplex(o: *mut PyObject) -> Py_complex {
    let mut out = Py_complex { real: -1.0, imag: 0.0 };
    runtime::macro_support::guard(|| {
        // SAFETY: by contract.
        let Some(o) = (unsafe { Object::from_ptr_opt(o) }) else {
            errors::bad_internal_call();
            return;
        };
        let value = match o.downcast::<Complex>() {
            Some(complex) => Ok(complex.value()),
            None => complex_of(o),
        };
        if let Ok((real, imag)) = value {
            out = Py_complex { real, imag };
        }
    });
    out
}

macro_rules! complex_functions {
    ($($name:ident($a:ident, $b:ident) = $body:expr;)*) => {$(
        #[unsafe(no_mangle)]
        pub extern "C" fn $name($a: Py_complex, $b: Py_complex) -> Py_complex { $body }
    )*};
}
fn complex(real: f64, imag: f64) -> Py_complex {
    Py_complex { real, imag }
}
complex_functions! {
    _Py_c_sum(a, b) = complex(a.real + b.real, a.imag + b.imag);
    _Py_c_diff(a, b) = complex(a.real - b.real, a.imag - b.imag);
    _Py_c_prod(a, b) = complex(a.real * b.real - a.imag * b.imag, a.real * b.imag + a.imag * b.real);
}

#[unsafe(no_mangle)]
pub extern "C" fn _Py_c_neg(a: Py_complex) -> Py_complex {
    complex(-a.real, -a.imag)
}

#[unsafe(no_mangle)]
pub extern "C" fn _Py_c_abs(a: Py_complex) -> f64 {
    a.real.hypot(a.imag)
}

/// Sets `errno` to `EDOM` for a division by zero.
#[unsafe(no_mangle)]
pub extern "C" fn _Py_c_quot(a: Py_complex, b: Py_complex) -> Py_complex {
    if b.real == 0.0 && b.imag == 0.0 {
        // SAFETY: the thread's own errno.
        unsafe { *libc::__errno_location() = libc::EDOM };
        return complex(0.0, 0.0);
    }
    if b.real.abs() >= b.imag.abs() {
        let ratio = b.imag / b.real;
        let denominator = b.real + b.imag * ratio;
        complex((a.real + a.imag * ratio) / denominator, (a.imag - a.real * ratio) / denominator)
    } else {
        let ratio = b.real / b.imag;
        let denominator = b.real * ratio + b.imag;
        complex((a.real * ratio + a.imag) / denominator, (a.imag * ratio - a.real) / denominator)
    }
}

/// As `_Py_c_quot`.
#[unsafe(no_mangle)]
pub extern "C" fn _Py_c_pow(a: Py_complex, b: Py_complex) -> Py_complex {
    if b.real == 0.0 && b.imag == 0.0 {
        return complex(1.0, 0.0);
    }
    if a.real == 0.0 && a.imag == 0.0 {
        if b.imag != 0.0 || b.real < 0.0 {
            // SAFETY: the thread's own errno.
            unsafe { *libc::__errno_location() = libc::EDOM };
        }
        return complex(0.0, 0.0);
    }
    let abs = _Py_c_abs(a);
    let mut len = abs.powf(b.real);
    let angle = a.imag.atan2(a.real);
    let mut phase = angle * b.real;
    if b.imag != 0.0 {
        len *= (-angle * b.imag).exp();
        phase += b.imag * abs.ln();
    }
    complex(len * phase.cos(), len * phase.sin())
}
