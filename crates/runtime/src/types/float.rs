//! `float`: C doubles. Text forms are the shortest that read back the same.

use crate::err;
use crate::errors::{self, PyResult};
use crate::macro_support::Buffer;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::number;
use crate::protocol::object::CompareOp;
use crate::types::int::from_double;
use crate::types::{self, Bytes, Dict, Int, Str, Tuple};
use abi::{PyFloatObject, PyObject};
use macros::pytype;
use num_bigint::BigInt;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;
use std::mem::size_of;
use std::ptr;

#[repr(transparent)]
pub struct Float(pub PyFloatObject);

static FREE: memory::FreeList<100> = memory::FreeList::new();

impl Float {
    #[inline(always)]
    pub fn value(&self) -> f64 {
        self.0.ob_fval.get()
    }
    /// A new reference, or NULL with MemoryError.
    #[inline(always)]
    pub fn new_ptr(value: f64) -> *mut PyObject {
        let mut op = FREE.pop() as *mut PyFloatObject;
        if op.is_null() {
            op = memory::object_malloc(size_of::<PyFloatObject>()) as *mut PyFloatObject;
            if op.is_null() {
                errors::no_memory();
                return ptr::null_mut();
            }
        }
        // SAFETY: a block of the right size.
        unsafe {
            *(op as *mut u64) = 1;
            (*op).ob_base.ob_type.set(PyFloat_Type.as_type_ptr());
            (*op).ob_fval.set(value);
        }
        op as *mut PyObject
    }
    pub fn new(value: f64) -> Owned<Float> {
        let op = Float::new_ptr(value);
        if op.is_null() {
            // Out of memory for 24 bytes: nothing that follows can work either.
            std::process::abort();
        }
        // SAFETY: a new reference.
        unsafe { Owned::from_raw(op) }
    }
    /// `PyFloat_AsDouble`.
    #[inline]
    pub fn as_f64(o: &Object) -> PyResult<f64> {
        match o.downcast::<Float>() {
            Some(float) => Ok(float.value()),
            None => as_f64_slow(o),
        }
    }
}

fn as_f64_slow(o: &Object) -> PyResult<f64> {
    if let Some(int) = o.downcast_exact::<Int>() {
        return int.as_f64();
    }
    match number::slot(o, |t| t.nb_float.get()) {
        Some(nb_float) => {
            // SAFETY: a slot of the object's own type.
            let result = unsafe { errors::from_c(nb_float(o.as_ptr()))? };
            let Some(float) = result.downcast::<Float>() else {
                return Err(err!(TypeError, "{}.__float__ returned non-float (type {})", o.type_name(), result.type_name()));
            };
            if !Float::check_exact(&result) {
                let message = format!(
                    "{}.__float__ returned non-float (type {}).  The ability to return an instance of a strict subclass of float is deprecated, and may be removed in a future version of Python.",
                    o.type_name(),
                    result.type_name()
                );
                crate::exceptions::warn(crate::exceptions::DeprecationWarning(), &message, 1)?;
            }
            Ok(float.value())
        }
        None if number::check_index(o) => number::index(o)?.as_f64(),
        None => Err(err!(TypeError, "must be real number, not {}", o.type_name())),
    }
}

/// An operand as a double, for arithmetic: floats and ints; `None` for others.
fn operand(o: &Object) -> PyResult<Option<f64>> {
    if let Some(float) = o.downcast::<Float>() {
        return Ok(Some(float.value()));
    }
    match o.downcast::<Int>() {
        Some(int) => int.as_f64().map(Some),
        None => Ok(None),
    }
}

macro_rules! arithmetic {
    ($a:expr, $b:expr, |$x:ident, $y:ident| $body:expr) => {{
        let (Some($x), Some($y)) = (operand($a)?, operand($b)?) else { return Ok(types::not_implemented().to_owned()) };
        $body
    }};
}

/// Floor division and remainder as Python defines them.
pub fn div_mod(x: f64, y: f64) -> (f64, f64) {
    let mut m = x % y;
    let mut div = (x - m) / y;
    if m != 0.0 {
        if (y < 0.0) != (m < 0.0) {
            m += y;
            div -= 1.0;
        }
    } else {
        m = 0f64.copysign(y);
    }
    let floor = if div != 0.0 {
        let floor = div.floor();
        if div - floor > 0.5 { floor + 1.0 } else { floor }
    } else {
        0f64.copysign(x / y)
    };
    (floor, m)
}

/// `x ** y` of floats, a complex for a negative base and fractional exponent.
pub fn power_of_floats(x: f64, y: f64) -> PyResult {
    let done = |v: f64| Ok(Float::new(v).into_object());
    if y == 0.0 || x == 1.0 {
        return done(1.0);
    }
    if x.is_nan() || y.is_nan() {
        return done(x + y);
    }
    if y.is_infinite() {
        let x = x.abs();
        return done(if x == 1.0 { 1.0 } else if (y > 0.0) == (x > 1.0) { y.abs() } else { 0.0 });
    }
    let odd = y.abs() % 2.0 == 1.0;
    if x.is_infinite() {
        return done(if y > 0.0 {
            if odd { x } else { x.abs() }
        } else if odd {
            0f64.copysign(x)
        } else {
            0.0
        });
    }
    if x == 0.0 {
        if y < 0.0 {
            return Err(err!(ZeroDivisionError, "zero to a negative power"));
        }
        return done(if odd { x } else { 0.0 });
    }
    if x < 0.0 && y != y.floor() {
        return types::complex::power(x, 0.0, y, 0.0);
    }
    let result = x.powf(y);
    if result.is_infinite() {
        return Err(err!(OverflowError, "(34, 'Numerical result out of range')"));
    }
    done(result)
}

/// `repr(float)`: the shortest digits, exponent form below 1e-4 and from 1e16.
pub fn repr_f64(value: f64) -> String {
    if value.is_nan() {
        return "nan".into();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let form = Shortest::of(value);
    let (digits, exponent) = (form.digits(), form.exponent);
    let mut out = String::with_capacity(28);
    if value.is_sign_negative() {
        out.push('-');
    }
    let zeros = |out: &mut String, count: usize| out.extend(std::iter::repeat_n('0', count));
    match exponent {
        0..16 => {
            let whole = exponent as usize + 1;
            let (before, after) = digits.split_at(whole.min(digits.len()));
            out.push_str(before);
            zeros(&mut out, whole - before.len());
            out.push('.');
            out.push_str(if after.is_empty() { "0" } else { after });
        }
        -4..0 => {
            out.push_str("0.");
            zeros(&mut out, (-exponent - 1) as usize);
            out.push_str(digits);
        }
        _ => {
            let (first, rest) = digits.split_at(1);
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            let _ = write!(out, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
        }
    }
    out
}

/// The shortest decimal form of a finite value that reads back the same.
pub struct Shortest {
    /// The mantissa, its point taken out.
    text: [u8; 32],
    len: usize,
    /// Of the first digit.
    pub exponent: i32,
}

impl std::fmt::Write for Shortest {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        let room = self.text.get_mut(self.len..self.len + text.len()).ok_or(std::fmt::Error)?;
        room.copy_from_slice(text.as_bytes());
        self.len += text.len();
        Ok(())
    }
}

impl Shortest {
    pub fn of(value: f64) -> Shortest {
        let mut form = Shortest { text: [0; 32], len: 0, exponent: 0 };
        // 17 digits, a point and an exponent fit.
        let _ = write!(form, "{:e}", value.abs());
        let text = &form.text[..form.len];
        // Of two shortest forms at the same distance the even one counts, which rounding the exact value to as many digits gives.
        let mark = text.iter().position(|&c| c == b'e').unwrap_or(form.len);
        if mark > 15 && may_be_halfway(value.abs()) {
            let places = mark - 2;
            let mut even = Shortest { text: [0; 32], len: 0, exponent: 0 };
            let _ = write!(even, "{:.places$e}", value.abs());
            let same = std::str::from_utf8(&even.text[..even.len]).is_ok_and(|text| text.parse() == Ok(value.abs()));
            if same && even.text[..even.len] != form.text[..form.len] {
                form = even;
            }
        }
        let text = &form.text[..form.len];
        let mark = text.iter().position(|&c| c == b'e').unwrap_or(form.len);
        form.exponent = std::str::from_utf8(text.get(mark + 1..).unwrap_or(b"0")).ok().and_then(|text| text.parse().ok()).unwrap_or(0);
        form.len = mark;
        if mark > 1 {
            form.text.copy_within(2..mark, 1);
            form.len -= 1;
        }
        form
    }
    /// The significant digits.
    pub fn digits(&self) -> &str {
        std::str::from_utf8(&self.text[..self.len]).unwrap_or("0")
    }
}

/// Whether the exact value has few enough digits (18) to lie halfway between two decimals of 17 digits or less.
fn may_be_halfway(value: f64) -> bool {
    let (mantissa, exponent) = decompose(value);
    if mantissa == 0 {
        return false;
    }
    let (mantissa, exponent) = (mantissa as u128 >> mantissa.trailing_zeros(), exponent + mantissa.trailing_zeros() as i32);
    match exponent {
        0.. => true,
        -25..0 => mantissa * 5u128.pow(-exponent as u32) < 10u128.pow(18),
        _ => false,
    }
}

/// Compares a float with an int exactly.
fn compare_int(x: f64, y: &Int) -> Option<Ordering> {
    if x.is_nan() {
        return None;
    }
    if x.is_infinite() {
        return Some(if x > 0.0 { Ordering::Greater } else { Ordering::Less });
    }
    if let Some(y) = y.as_i64()
        && y.unsigned_abs() <= 1 << 53
    {
        return x.partial_cmp(&(y as f64));
    }
    let whole = x.trunc();
    let as_int = from_double(whole).ok()?;
    let order = crate::types::int::compare(&as_int, y);
    Some(if order == Ordering::Equal { x.partial_cmp(&whole).unwrap_or(Ordering::Equal) } else { order })
}

/// The hash of a double: equal to that of an equal int or fraction; `object` gives NaNs theirs.
pub fn hash_f64(value: f64, object: &Object) -> isize {
    const BITS: i32 = 61;
    const MODULUS: u64 = (1 << BITS) - 1;
    if value.is_infinite() {
        return if value > 0.0 { 314159 } else { -314159 };
    }
    if value.is_nan() {
        return crate::protocol::object::hash_pointer(object);
    }
    if value == 0.0 {
        return 0;
    }
    let bits = value.abs().to_bits();
    let (mut mantissa, mut exponent) = (bits & ((1 << 52) - 1), ((bits >> 52) & 0x7ff) as i32);
    if exponent == 0 { exponent = 1 } else { mantissa |= 1 << 52 }
    exponent -= 1075;
    let mut x = mantissa % MODULUS;
    let shift = exponent.rem_euclid(BITS) as u32;
    x = ((x << shift) & MODULUS) | (x >> (BITS as u32 - shift));
    if shift == 0 {
        x = mantissa % MODULUS;
    }
    let x = (x % MODULUS) as isize;
    let x = if value < 0.0 { -x } else { x };
    if x == -1 { -2 } else { x }
}

/// Parses the text of `float(text)`, white space and underscores included. `None` if it is none.
pub fn parse_f64(text: &str) -> Option<f64> {
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b' || ('\x1c'..='\x1f').contains(&c));
    let bytes = text.as_bytes();
    // Underscores only between digits.
    for (i, &c) in bytes.iter().enumerate() {
        if c == b'_' && !(i > 0 && bytes[i - 1].is_ascii_digit() && bytes.get(i + 1).is_some_and(|n| n.is_ascii_digit())) {
            return None;
        }
    }
    let clean = if bytes.contains(&b'_') { Cow::Owned(text.replace('_', "")) } else { Cow::Borrowed(text) };
    let unsigned = clean.strip_prefix(['+', '-']).unwrap_or(&clean);
    let first = *unsigned.as_bytes().first()?;
    if !(first.is_ascii_digit() || first == b'.') {
        return match unsigned.to_ascii_lowercase().as_str() {
            "inf" | "infinity" => Some(if clean.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY }),
            "nan" => Some(if clean.starts_with('-') { -f64::NAN } else { f64::NAN }),
            _ => None,
        };
    }
    clean.parse().ok()
}

/// `float(x)` for any argument (`PyNumber_Float`).
pub fn float_of(x: &Object) -> PyResult<f64> {
    let converts = number::slot(x, |t| t.nb_float.get()).is_some();
    if let Some(text) = x.downcast::<Str>().filter(|_| !converts) {
        let ascii = text.as_ascii().map_or_else(|| Cow::Owned(types::str::to_ascii_decimal(text)), Cow::Borrowed);
        return match parse_f64(&ascii) {
            Some(value) => Ok(value),
            None => Err(cannot_parse(x)),
        };
    }
    if let Some(float) = x.downcast_exact::<Float>() {
        return Ok(float.value());
    }
    if converts || number::check_index(x) {
        return as_f64_slow(x);
    }
    if Bytes::check(x) || types::ByteArray::check(x) || x.ty().0.tp_as_buffer.get() as usize != 0 {
        let Ok(buffer) = Buffer::new(x) else {
            errors::clear();
            return Err(err!(TypeError, "float() argument must be a string or a real number, not '{}'", x.type_name()));
        };
        return match std::str::from_utf8(&buffer).ok().and_then(parse_f64) {
            Some(value) => Ok(value),
            None => Err(cannot_parse(x)),
        };
    }
    Err(err!(TypeError, "float() argument must be a string or a real number, not '{}'", x.type_name()))
}

#[cold]
fn cannot_parse(x: &Object) -> errors::Raised {
    match crate::protocol::object::repr(x) {
        Ok(shown) => err!(ValueError, "could not convert string to float: {}", &*shown),
        Err(raised) => raised,
    }
}

fn whole(value: f64, round: impl Fn(f64) -> f64) -> PyResult {
    Ok(from_double(if value.is_finite() { round(value) } else { value })?.into_object())
}

/// Convert a string or number to a floating-point number, if possible.
#[pytype(static = PyFloat_Type, name = "float", signature = "(x=0, /)", flags = BASETYPE | MATCH_SELF)]
impl Float {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        // A subclass with an initialiser of its own takes what it likes.
        let init = |t: &Type| t.0.tp_init.get().map(|f| f as usize);
        if kwargs.is_some_and(|k| k.len() > 0) && (std::ptr::eq(cls, &PyFloat_Type) || init(cls) == init(&PyFloat_Type)) {
            return Err(err!(TypeError, "float() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "float expected at most 1 argument, got {}", args.len()));
        }
        let value = if args.len() == 1 { float_of(args.get(0))? } else { 0.0 };
        if std::ptr::eq(cls, &PyFloat_Type) {
            if args.len() == 1 && Float::check_exact(args.get(0)) {
                return Ok(args.get(0).to_owned());
            }
            return Ok(Float::new(value).into_object());
        }
        let made = cls.alloc(0)?;
        // SAFETY: an instance of a subclass has the layout.
        unsafe { made.cast::<Float>() }.0.ob_fval.set(value);
        Ok(made)
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead; exact floats go to the free list.
        unsafe {
            if (*op).ob_type.get() == PyFloat_Type.as_type_ptr() {
                if !FREE.push(op.cast()) {
                    memory::object_free(op.cast());
                }
            } else if let Some(free) = (*(*op).ob_type.get()).tp_free.get() {
                free(op.cast());
            }
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&repr_f64(self.value())))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        hash_f64(self.value(), self.as_object())
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let x = self.value();
        let order = if let Some(other) = other.downcast::<Float>() {
            x.partial_cmp(&other.value())
        } else if let Some(other) = other.downcast::<Int>() {
            compare_int(x, other)
        } else {
            return Ok(types::not_implemented().to_owned());
        };
        let truth = order.map_or(op == CompareOp::Ne, |order| op.matches(order));
        Ok(types::bool_object(truth).to_owned())
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| Ok(Float::new(x + y).into_object()))
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| Ok(Float::new(x - y).into_object()))
    }
    #[slot]
    fn nb_multiply(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| Ok(Float::new(x * y).into_object()))
    }
    #[slot]
    fn nb_true_divide(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| {
            if y == 0.0 {
                return Err(err!(ZeroDivisionError, "division by zero"));
            }
            Ok(Float::new(x / y).into_object())
        })
    }
    #[slot]
    fn nb_floor_divide(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| {
            if y == 0.0 {
                return Err(err!(ZeroDivisionError, "division by zero"));
            }
            Ok(Float::new(div_mod(x, y).0).into_object())
        })
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| {
            if y == 0.0 {
                return Err(err!(ZeroDivisionError, "division by zero"));
            }
            let m = x % y;
            let m = if m != 0.0 { if (y < 0.0) != (m < 0.0) { m + y } else { m } } else { 0f64.copysign(y) };
            Ok(Float::new(m).into_object())
        })
    }
    #[slot]
    fn nb_divmod(a: &Object, b: &Object) -> PyResult {
        arithmetic!(a, b, |x, y| {
            if y == 0.0 {
                return Err(err!(ZeroDivisionError, "division by zero"));
            }
            let (q, r) = div_mod(x, y);
            Ok(Tuple::from_owned(vec![Float::new(q).into_object(), Float::new(r).into_object()]).into_object())
        })
    }
    #[slot]
    fn nb_power(a: &Object, b: &Object, c: &Object) -> PyResult {
        if !c.is_none() {
            return Err(err!(TypeError, "pow() 3rd argument not allowed unless all arguments are integers"));
        }
        arithmetic!(a, b, |x, y| power_of_floats(x, y))
    }
    #[slot]
    fn nb_negative(&self) -> PyResult {
        Ok(Float::new(-self.value()).into_object())
    }
    #[slot]
    fn nb_positive(&self) -> PyResult {
        Ok(Float::new(self.value()).into_object())
    }
    #[slot]
    fn nb_absolute(&self) -> PyResult {
        Ok(Float::new(self.value().abs()).into_object())
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        self.value() != 0.0
    }
    #[slot]
    fn nb_int(&self) -> PyResult {
        whole(self.value(), f64::trunc)
    }
    #[slot]
    fn nb_float(&self) -> PyResult {
        Ok(if Float::check_exact(self.as_object()) { self.as_object().to_owned() } else { Float::new(self.value()).into_object() })
    }

    /// Convert real number to a floating-point number.
    #[classmethod("from_number($type, number, /)")]
    fn from_number(cls: &Type, number: &Object) -> PyResult {
        let value = Float::as_f64(number)?;
        let float = if Float::check_exact(number) { number.to_owned() } else { Float::new(value).into_object() };
        if std::ptr::eq(cls, &PyFloat_Type) { Ok(float) } else { crate::protocol::call::call1(cls, &float) }
    }
    /// Return self, the complex conjugate of any float.
    #[method("conjugate($self, /)")]
    fn conjugate(&self) -> PyResult {
        self.nb_float()
    }
    /// Return the Integral closest to x between 0 and x.
    #[method("__trunc__($self, /)")]
    fn __trunc__(&self) -> PyResult {
        whole(self.value(), f64::trunc)
    }
    /// Return the floor as an Integral.
    #[method("__floor__($self, /)")]
    fn __floor__(&self) -> PyResult {
        whole(self.value(), f64::floor)
    }
    /// Return the ceiling as an Integral.
    #[method("__ceil__($self, /)")]
    fn __ceil__(&self) -> PyResult {
        whole(self.value(), f64::ceil)
    }
    /// Return the Integral closest to x, rounding half toward even; with ndigits, a float.
    #[method("__round__($self, ndigits=None, /)")]
    fn __round__(&self, ndigits: Option<&Object>) -> PyResult {
        let x = self.value();
        let Some(ndigits) = ndigits else { return whole(x, f64::round_ties_even) };
        let ndigits = number::as_isize(ndigits, None)?;
        if !x.is_finite() || ndigits > 323 {
            return Ok(Float::new(x).into_object());
        }
        if ndigits < -308 {
            return Ok(Float::new(0f64.copysign(x)).into_object());
        }
        let rounded = if ndigits >= 0 {
            // Correct rounding in decimal: Rust's formatting rounds the exact value, ties to even.
            format!("{:.*}", ndigits as usize, x).parse().unwrap_or(x)
        } else {
            round_to_power(x, (-ndigits) as u32)
        };
        if f64::is_infinite(rounded) {
            return Err(err!(OverflowError, "rounded value too large to represent"));
        }
        Ok(Float::new(rounded).into_object())
    }
    /// Return a pair of integers, whose ratio is exactly equal to the original float.
    ///
    /// The second is positive, and they have no common divisor; infinities raise OverflowError, NaNs ValueError.
    ///
    /// >>> (0.625).as_integer_ratio()
    /// (5, 8)
    /// >>> (-3.0).as_integer_ratio()
    /// (-3, 1)
    /// >>> (0.0).as_integer_ratio()
    /// (0, 1)
    #[method("as_integer_ratio($self, /)")]
    fn as_integer_ratio(&self) -> PyResult {
        let x = self.value();
        if x.is_infinite() {
            return Err(err!(OverflowError, "cannot convert Infinity to integer ratio"));
        }
        if x.is_nan() {
            return Err(err!(ValueError, "cannot convert NaN to integer ratio"));
        }
        let (mut mantissa, mut exponent) = decompose(x);
        while mantissa != 0 && mantissa % 2 == 0 && exponent < 0 {
            mantissa /= 2;
            exponent += 1;
        }
        if mantissa == 0 {
            exponent = 0;
        }
        let (n, d) = if exponent >= 0 { (BigInt::from(mantissa) << exponent as u32, BigInt::from(1)) } else { (BigInt::from(mantissa), BigInt::from(1) << (-exponent) as u32) };
        Ok(Tuple::from_owned(vec![Int::try_from_bigint(&n)?.into_object(), Int::try_from_bigint(&d)?.into_object()]).into_object())
    }
    /// Return True if the float is an integer.
    #[method("is_integer($self, /)")]
    fn is_integer(&self) -> bool {
        self.value().is_finite() && self.value().floor() == self.value()
    }
    /// Return a hexadecimal representation of a floating-point number.
    ///
    /// >>> (0.75).hex()
    /// '0x1.8000000000000p-1'
    /// >>> (-10.0).hex()
    /// '-0x1.4000000000000p+3'
    #[method("hex($self, /)")]
    fn hex(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&hex_f64(self.value())))
    }
    /// Create a floating-point number from a hexadecimal string.
    ///
    /// >>> float.fromhex('0x1.8p+1')
    /// 3.0
    /// >>> float.fromhex('-.8')
    /// -0.5
    #[classmethod("fromhex($type, string, /)")]
    fn fromhex(cls: &Type, string: &Object) -> PyResult {
        let Some(string) = string.downcast::<Str>() else {
            return Err(err!(TypeError, "bad argument type for built-in operation"));
        };
        let value = parse_hex(string.as_utf8()?)?;
        let float = Float::new(value).into_object();
        if std::ptr::eq(cls, &PyFloat_Type) { Ok(float) } else { crate::protocol::call::call1(cls, &float) }
    }
    #[method("__getnewargs__($self, /)")]
    fn __getnewargs__(&self) -> PyResult {
        Ok(Tuple::from_owned(vec![Float::new(self.value()).into_object()]).into_object())
    }
    /// Formats the float according to format_spec.
    #[method("__format__($self, format_spec, /)")]
    fn __format__(&self, format_spec: &Str) -> PyResult {
        if format_spec.len() == 0 {
            return Ok(crate::protocol::object::str(self.as_object())?.into_object());
        }
        crate::format::format_float(self.value(), format_spec)
    }
    /// The format of C doubles or floats on this machine.
    #[classmethod("__getformat__($type, typestr, /)")]
    fn __getformat__(_cls: &Type, typestr: &str) -> PyResult<&'static str> {
        match typestr {
            "double" | "float" => Ok("IEEE, little-endian"),
            _ => Err(err!(ValueError, "__getformat__() argument 1 must be 'double' or 'float'")),
        }
    }
    #[getter("real", "the real part of a complex number")]
    fn real(&self) -> PyResult {
        self.nb_float()
    }
    #[getter("imag", "the imaginary part of a complex number")]
    fn imag(&self) -> PyResult {
        Ok(Float::new(0.0).into_object())
    }
}

/// A finite value as integer times power of two.
fn decompose(x: f64) -> (i64, i32) {
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = (bits & ((1 << 52) - 1)) as i64;
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    (if x < 0.0 { -mantissa } else { mantissa }, exponent)
}

/// Rounds to a multiple of 10^places, ties to even.
fn round_to_power(x: f64, places: u32) -> f64 {
    let (mantissa, exponent) = decompose(x);
    let unit = BigInt::from(10u32).pow(places);
    // value = mantissa * 2^exponent; compare twice the remainder with the unit, both scaled to integers.
    let (value, unit_scaled) = if exponent >= 0 { (BigInt::from(mantissa) << exponent as u32, unit.clone()) } else { (BigInt::from(mantissa), unit.clone() << (-exponent) as u32) };
    let (q, r) = num_integer::Integer::div_mod_floor(&value, &unit_scaled);
    let twice: BigInt = &r * 2;
    let up = twice > unit_scaled || (twice == unit_scaled && num_integer::Integer::is_odd(&q));
    let rounded = (q + up as i32) * unit;
    let result: f64 = rounded.to_string().parse().unwrap_or(f64::INFINITY);
    if result == 0.0 { 0f64.copysign(x) } else { result }
}

fn hex_f64(x: f64) -> String {
    if !x.is_finite() {
        return repr_f64(x);
    }
    let sign = if x.is_sign_negative() { "-" } else { "" };
    if x == 0.0 {
        return format!("{sign}0x0.0p+0");
    }
    let bits = x.to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i32;
    let fraction = bits & ((1 << 52) - 1);
    let (lead, exponent) = if exponent == 0 { (0, -1022) } else { (1, exponent - 1023) };
    format!("{sign}0x{lead}.{fraction:013x}p{}{}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
}

/// `float.fromhex`'s grammar.
fn parse_hex(text: &str) -> PyResult<f64> {
    let invalid = || err!(ValueError, "invalid hexadecimal floating-point string");
    let too_large = || err!(OverflowError, "hexadecimal value too large to represent as a float");
    let trimmed = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    let (negative, rest) = match trimmed.as_bytes().first() {
        Some(b'-') => (true, &trimmed[1..]),
        Some(b'+') => (false, &trimmed[1..]),
        _ => (false, trimmed),
    };
    let finish = |v: f64| Ok(if negative { -v } else { v });
    match rest.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => return finish(f64::INFINITY),
        "nan" => return finish(f64::NAN),
        _ => {}
    }
    let rest = rest.strip_prefix("0x").or_else(|| rest.strip_prefix("0X")).unwrap_or(rest);
    let (mantissa, exponent) = match rest.find(['p', 'P']) {
        Some(p) => (&rest[..p], rest[p + 1..].parse::<i64>().map_err(|_| invalid())?),
        None => (rest, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() || !whole.chars().chain(fraction.chars()).all(|c| c.is_ascii_hexdigit()) {
        return Err(invalid());
    }
    let digits: String = format!("{whole}{fraction}");
    let value = num_bigint::BigUint::parse_bytes(digits.as_bytes(), 16).ok_or_else(invalid)?;
    if value.bits() == 0 {
        return finish(0.0);
    }
    let exponent = exponent.saturating_sub(4 * fraction.len() as i64);
    let top = value.bits() as i64 + exponent;
    if top > 1024 {
        return Err(too_large());
    }
    if top < -1080 {
        return finish(0.0);
    }
    // Keep the bits that the result has, round half to even.
    let keep = if top < -1021 { 53 - (-1021 - top) } else { 53 };
    let drop = value.bits() as i64 - keep.max(0);
    let (mut kept, shift) = if drop > 0 {
        let kept = &value >> drop as u64;
        let rest = &value - (&kept << drop as u64);
        let half = num_bigint::BigUint::from(1u32) << (drop - 1) as u64;
        let odd = kept.bit(0);
        let up = rest > half || (rest == half && odd);
        (u64::try_from(&kept).unwrap_or(0) + up as u64, drop)
    } else {
        (u64::try_from(&value).unwrap_or(0), 0)
    };
    let mut e = exponent + shift;
    // Powers of two in range: split in two steps.
    while kept != 0 && kept % 2 == 0 && e < 0 {
        kept /= 2;
        e += 1;
    }
    let first = e / 2;
    let result = kept as f64 * 2f64.powi(first as i32) * 2f64.powi((e - first) as i32);
    if result.is_infinite() {
        return Err(too_large());
    }
    finish(result)
}

/// Gives the free list's blocks back.
pub fn clear_free_list() {
    // SAFETY: dead floats' blocks.
    FREE.clear(|block| unsafe { memory::object_free(block) });
}

pub fn free_list_count() -> usize {
    FREE.len()
}

/// While `tracemalloc` traces, each float has a block of its own making.
pub fn suspend_free_list(suspended: bool) {
    // SAFETY: the list's blocks are dead floats.
    FREE.suspend(suspended, |block| unsafe { memory::object_free(block) });
}
