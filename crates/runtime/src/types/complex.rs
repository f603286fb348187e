//! `complex`: two doubles.

use crate::err;
use crate::errors::{self, PyResult};

use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::number;
use crate::protocol::object::CompareOp;
use crate::types::float::{hash_f64, repr_f64};
use crate::types::{self, Dict, Float, Int, Str, Tuple};
use abi::{Py_complex, PyComplexObject};
use macros::pytype;
use std::mem::{offset_of, size_of};

#[repr(transparent)]
pub struct Complex(pub PyComplexObject);

type C = (f64, f64);

impl Complex {
    pub fn new(real: f64, imag: f64) -> Owned<Complex> {
        // SAFETY: a fresh block of the struct's size.
        unsafe {
            let op = crate::object::alloc_plain(&PyComplex_Type, size_of::<PyComplexObject>());
            if op.is_null() {
                std::process::abort();
            }
            (*(op as *mut PyComplexObject)).cval.set(make(real, imag));
            Owned::from_raw(op)
        }
    }
    pub fn value(&self) -> C {
        let v = self.0.cval.get();
        (v.real, v.imag)
    }
}

fn make(real: f64, imag: f64) -> Py_complex {
    Py_complex { real, imag }
}

/// An operand: complex, float or int.
fn operand(o: &Object) -> PyResult<Option<C>> {
    if let Some(c) = o.downcast::<Complex>() {
        return Ok(Some(c.value()));
    }
    if let Some(f) = o.downcast::<Float>() {
        return Ok(Some((f.value(), 0.0)));
    }
    match o.downcast::<Int>() {
        Some(int) => Ok(Some((int.as_f64()?, 0.0))),
        None => Ok(None),
    }
}

/// Whether the operand is really complex (mixed arithmetic keeps signed zeros of the real one).
fn is_real(o: &Object) -> bool {
    !o.is_instance_of::<Complex>()
}

fn of(value: C) -> PyResult {
    Ok(Complex::new(value.0, value.1).into_object())
}

macro_rules! operands {
    ($a:expr, $b:expr) => {
        match (operand($a)?, operand($b)?) {
            (Some(a), Some(b)) => (a, b),
            _ => return Ok(types::not_implemented().to_owned()),
        }
    };
}

/// A part of an infinite number as a direction: one where it is infinite, zero where not, with its sign.
fn direction(part: f64) -> f64 {
    f64::from(u8::from(part.is_infinite())).copysign(part)
}

/// A part that is no number counts as zero, with its sign.
fn without_nan(part: f64) -> f64 {
    if part.is_nan() { 0f64.copysign(part) } else { part }
}

fn multiply(a: C, b: C) -> C {
    let (ac, bd, ad, bc) = (a.0 * b.0, a.1 * b.1, a.0 * b.1, a.1 * b.0);
    let result = (ac - bd, ad + bc);
    if result.0.is_nan() && result.1.is_nan() { multiply_infinities(a, b, [ac, bd, ad, bc]).unwrap_or(result) } else { result }
}

/// The product where plain multiplication gives no numbers: infinite if a factor is, or if a partial product overflowed (C99, annex G).
#[cold]
fn multiply_infinities(mut a: C, mut b: C, partial: [f64; 4]) -> Option<C> {
    let infinite = |c: C| c.0.is_infinite() || c.1.is_infinite();
    let mut recover = false;
    if infinite(a) {
        a = (direction(a.0), direction(a.1));
        b = (without_nan(b.0), without_nan(b.1));
        recover = true;
    }
    if infinite(b) {
        b = (direction(b.0), direction(b.1));
        a = (without_nan(a.0), without_nan(a.1));
        recover = true;
    }
    if !recover && partial.iter().any(|p| p.is_infinite()) {
        a = (without_nan(a.0), without_nan(a.1));
        b = (without_nan(b.0), without_nan(b.1));
        recover = true;
    }
    recover.then(|| (f64::INFINITY * (a.0 * b.0 - a.1 * b.1), f64::INFINITY * (a.0 * b.1 + a.1 * b.0)))
}

/// Division scaled by the larger part of the divisor; `None` for a zero divisor.
fn divide(a: C, b: C) -> Option<C> {
    let (abs_real, abs_imag) = (b.0.abs(), b.1.abs());
    let result = if abs_real >= abs_imag {
        if abs_real == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / denominator, (a.1 - a.0 * ratio) / denominator)
    } else if abs_imag >= abs_real {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        ((a.0 * ratio + a.1) / denominator, (a.1 * ratio - a.0) / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    Some(if result.0.is_nan() && result.1.is_nan() { divide_infinities(a, b).unwrap_or(result) } else { result })
}

/// The quotient where plain division gives no numbers: infinite for an infinite dividend, zero for an infinite divisor.
#[cold]
fn divide_infinities(a: C, b: C) -> Option<C> {
    let finite = |c: C| c.0.is_finite() && c.1.is_finite();
    let infinite = |c: C| c.0.is_infinite() || c.1.is_infinite();
    if infinite(a) && finite(b) {
        let (x, y) = (direction(a.0), direction(a.1));
        return Some((f64::INFINITY * (x * b.0 + y * b.1), f64::INFINITY * (y * b.0 - x * b.1)));
    }
    if infinite(b) && finite(a) {
        let (x, y) = (direction(b.0), direction(b.1));
        return Some((0.0 * (a.0 * x + a.1 * y), 0.0 * (a.1 * x - a.0 * y)));
    }
    None
}

/// A real number divided by a complex one.
fn divide_real(a: f64, b: C) -> Option<C> {
    let (abs_real, abs_imag) = (b.0.abs(), b.1.abs());
    let result = if abs_real >= abs_imag {
        if abs_real == 0.0 {
            return None;
        }
        let ratio = b.1 / b.0;
        let denominator = b.0 + b.1 * ratio;
        (a / denominator, -a * ratio / denominator)
    } else if abs_imag >= abs_real {
        let ratio = b.0 / b.1;
        let denominator = b.0 * ratio + b.1;
        (a * ratio / denominator, -a / denominator)
    } else {
        (f64::NAN, f64::NAN)
    };
    if result.0.is_nan() && result.1.is_nan() && a.is_finite() && (abs_real.is_infinite() || abs_imag.is_infinite()) {
        return Some((0.0 * (a * direction(b.0)), 0.0 * (-a * direction(b.1))));
    }
    Some(result)
}

/// `(a+bi) ** (c+di)`.
pub fn power(ar: f64, ai: f64, br: f64, bi: f64) -> PyResult {
    let (a, b) = ((ar, ai), (br, bi));
    if b == (0.0, 0.0) {
        return of((1.0, 0.0));
    }
    if bi == 0.0 && br == br.floor() && br.abs() <= 100.0 {
        // A small whole exponent: repeated squaring is exact for Gaussian integers.
        let mut n = br.abs() as u32;
        let (mut result, mut square) = ((1.0, 0.0), a);
        while n > 0 {
            if n & 1 == 1 {
                result = multiply(result, square);
            }
            square = multiply(square, square);
            n >>= 1;
        }
        if br < 0.0 {
            match divide((1.0, 0.0), result) {
                Some(inverse) => result = inverse,
                None => return Err(err!(ZeroDivisionError, "zero to a negative or complex power")),
            }
        }
        return check_overflow(result);
    }
    if a == (0.0, 0.0) {
        if bi != 0.0 || br < 0.0 {
            return Err(err!(ZeroDivisionError, "zero to a negative or complex power"));
        }
        return of((0.0, 0.0));
    }
    let modulus = ar.hypot(ai);
    let mut len = modulus.powf(br);
    let at = ai.atan2(ar);
    let mut phase = at * br;
    if bi != 0.0 {
        len *= (-at * bi).exp();
        phase += bi * modulus.ln();
    }
    // The sine of infinity is a domain error, which has these words whatever its cause.
    if phase.is_infinite() {
        return Err(err!(ZeroDivisionError, "zero to a negative or complex power"));
    }
    check_overflow((len * phase.cos(), len * phase.sin()))
}

fn check_overflow(value: C) -> PyResult {
    if value.0.is_infinite() || value.1.is_infinite() {
        return Err(err!(OverflowError, "complex exponentiation"));
    }
    of(value)
}

/// One part in `repr`: no trailing ".0".
fn part(value: f64) -> String {
    let text = repr_f64(value);
    text.strip_suffix(".0").map(str::to_string).unwrap_or(text)
}

pub fn repr_complex((re, im): C) -> String {
    if re == 0.0 && re.is_sign_positive() {
        return format!("{}j", part(im));
    }
    let imag = part(im);
    let sign = if imag.starts_with('-') { "" } else { "+" };
    format!("({}{}{}j)", part(re), sign, imag)
}

/// `__complex__`, then `__float__` and `__index__` (`PyComplex_AsCComplex`).
pub fn as_complex(o: &Object) -> PyResult<C> {
    if let Some(c) = o.downcast::<Complex>() {
        return Ok(c.value());
    }
    match by_method(o)? {
        Some(value) => Ok(value),
        None => Ok((Float::as_f64(o)?, 0.0)),
    }
}

/// What `__complex__` gives, if the type has it.
fn by_method(o: &Object) -> PyResult<Option<C>> {
    if let Some(method) = types::lookup_special(o, crate::intern!("__complex__"))? {
        let result = crate::protocol::call::call0(&method)?;
        let Some(c) = result.downcast::<Complex>() else {
            return Err(err!(TypeError, "__complex__ returned non-complex (type {})", result.type_name()));
        };
        if !Complex::check_exact(&result) {
            let message = format!(
                "__complex__ returned non-complex (type {}).  The ability to return an instance of a strict subclass of complex is deprecated, and may be removed in a future version of Python.",
                result.type_name()
            );
            crate::exceptions::warn(crate::exceptions::DeprecationWarning(), &message, 1)?;
        }
        return Ok(Some(c.value()));
    }
    Ok(None)
}

/// What is wrong with a text: an underscore that is not between digits is found first.
#[cold]
fn malformed(text: &Str) -> PyResult<crate::errors::Raised> {
    let plain = types::str::to_ascii_decimal(text);
    let bytes = plain.as_bytes();
    let digit = |at: Option<usize>| at.and_then(|at| bytes.get(at)).is_some_and(u8::is_ascii_digit);
    if (0..bytes.len()).any(|i| bytes[i] == b'_' && !(digit(i.checked_sub(1)) && digit(Some(i + 1)))) {
        let shown = crate::protocol::object::repr(text)?;
        return Ok(err!(ValueError, "could not convert string to complex: {}", &*shown));
    }
    Ok(err!(ValueError, "complex() arg is a malformed string"))
}

/// Parses `complex(text)`.
fn parse(text: &str) -> Option<C> {
    let mut s = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\x0b');
    if s.starts_with('(') && s.ends_with(')') {
        s = s[1..s.len() - 1].trim_matches(|c: char| c.is_ascii_whitespace());
    }
    let number = |t: &str| types::float::parse_f64(t).filter(|_| !t.starts_with(char::is_whitespace) && !t.ends_with(char::is_whitespace) && !t.is_empty());
    let Some(body) = s.strip_suffix(['j', 'J']) else { return number(s).map(|re| (re, 0.0)) };
    let unit = |t: &str| match t {
        "" | "+" => Some(1.0),
        "-" => Some(-1.0),
        _ => number(t),
    };
    // The sign that separates the parts: the last one that does not belong to an exponent.
    let bytes = body.as_bytes();
    let split = (1..bytes.len()).rev().find(|&i| matches!(bytes[i], b'+' | b'-') && !matches!(bytes[i - 1], b'e' | b'E'));
    match split {
        Some(at) => Some((number(&body[..at])?, unit(&body[at..])?)),
        None => Some((0.0, unit(body)?)),
    }
}

/// Create a complex number from a string or numbers.
#[pytype(static = PyComplex_Type, name = "complex", signature = "(real=0, imag=0)", flags = BASETYPE,
    members = [
        ("real", T_DOUBLE, offset_of!(PyComplexObject, cval), READONLY, "the real part of a complex number"),
        ("imag", T_DOUBLE, offset_of!(PyComplexObject, cval) + 8, READONLY, "the imaginary part of a complex number"),
    ])]
impl Complex {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let parsed = crate::macro_support::parse("complex", &["real", "imag"], 0, args, kwargs)?;
        let real = parsed.first().and_then(|p| p.as_deref());
        let imag = parsed.get(1).and_then(|p| p.as_deref());
        let by_name = kwargs.is_some_and(|kwargs| kwargs.len() > 0);
        let value = match (real, imag) {
            (None, None) => (0.0, 0.0),
            (Some(real), None) if by_name => {
                let (re, im) = part_argument(real, "real")?;
                (re, im.unwrap_or(0.0))
            }
            (Some(real), None) if Complex::check_exact(real) && std::ptr::eq(cls, &PyComplex_Type) => return Ok(real.to_owned()),
            (Some(real), None) => match real.downcast::<Str>() {
                Some(text) => match parse(&types::str::to_ascii_decimal(text)) {
                    Some(value) => value,
                    None => return Err(malformed(text)?),
                },
                None => first_argument(real)?,
            },
            (real, Some(imag)) => {
                if let Some(real) = real.filter(|real| Str::check(real)) {
                    return Err(err!(TypeError, "complex() argument 'real' must be a real number, not {}", real.type_name()));
                }
                if Str::check(imag) {
                    return Err(err!(TypeError, "complex() argument 'imag' must be a real number, not {}", imag.type_name()));
                }
                let (mut re, carried) = match real {
                    Some(real) => part_argument(real, "real")?,
                    None => (0.0, None),
                };
                let (mut im, deducted) = part_argument(imag, "imag")?;
                // Only parts that are complex themselves change the other: zeros keep their signs.
                if let Some(deducted) = deducted {
                    re -= deducted;
                }
                if let Some(carried) = carried {
                    im += carried;
                }
                (re, im)
            }
        };
        if std::ptr::eq(cls, &PyComplex_Type) {
            return of(value);
        }
        let made = cls.alloc(0)?;
        // SAFETY: an instance of a subclass has the layout.
        unsafe { made.cast::<Complex>() }.0.cval.set(make(value.0, value.1));
        Ok(made)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&repr_complex(self.value())))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        let (re, im) = self.value();
        let (r, i) = (hash_f64(re, self.as_object()) as usize, hash_f64(im, self.as_object()) as usize);
        let hash = r.wrapping_add(i.wrapping_mul(1000003)) as isize;
        if hash == -1 { -2 } else { hash }
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(types::not_implemented().to_owned());
        }
        let (re, im) = self.value();
        let equal = if let Some(other) = other.downcast::<Complex>() {
            self.value() == other.value()
        } else if let Some(other) = other.downcast::<Float>() {
            re == other.value() && im == 0.0
        } else if other.is_instance_of::<Int>() {
            im == 0.0 && crate::protocol::object::rich_compare_bool(Float::new(re).object(), other, CompareOp::Eq)?
        } else {
            return Ok(types::not_implemented().to_owned());
        };
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        let (x, y) = operands!(a, b);
        of((x.0 + y.0, if is_real(a) { y.1 } else if is_real(b) { x.1 } else { x.1 + y.1 }))
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        let (x, y) = operands!(a, b);
        of((x.0 - y.0, if is_real(a) { -y.1 } else if is_real(b) { x.1 } else { x.1 - y.1 }))
    }
    #[slot]
    fn nb_multiply(a: &Object, b: &Object) -> PyResult {
        let (x, y) = operands!(a, b);
        of(if is_real(a) { (x.0 * y.0, x.0 * y.1) } else if is_real(b) { (x.0 * y.0, x.1 * y.0) } else { multiply(x, y) })
    }
    #[slot]
    fn nb_true_divide(a: &Object, b: &Object) -> PyResult {
        let (x, y) = operands!(a, b);
        if is_real(b) {
            if y.0 == 0.0 {
                return Err(err!(ZeroDivisionError, "division by zero"));
            }
            return of((x.0 / y.0, x.1 / y.0));
        }
        match if is_real(a) { divide_real(x.0, y) } else { divide(x, y) } {
            Some(value) => of(value),
            None => Err(err!(ZeroDivisionError, "division by zero")),
        }
    }
    #[slot]
    fn nb_power(a: &Object, b: &Object, c: &Object) -> PyResult {
        let (x, y) = operands!(a, b);
        if !c.is_none() {
            return Err(err!(ValueError, "complex modulo"));
        }
        power(x.0, x.1, y.0, y.1)
    }
    #[slot]
    fn nb_negative(&self) -> PyResult {
        let (re, im) = self.value();
        of((-re, -im))
    }
    #[slot]
    fn nb_positive(&self) -> PyResult {
        of(self.value())
    }
    #[slot]
    fn nb_absolute(&self) -> PyResult {
        let (re, im) = self.value();
        let value = re.hypot(im);
        if value.is_infinite() && re.is_finite() && im.is_finite() {
            return Err(err!(OverflowError, "absolute value too large"));
        }
        Ok(Float::new(value).into_object())
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        self.value() != (0.0, 0.0)
    }
    /// Convert number to a complex floating-point number.
    #[classmethod("from_number($type, number, /)")]
    fn from_number(cls: &Type, number: &Object) -> PyResult {
        if Complex::check_exact(number) && std::ptr::eq(cls, &PyComplex_Type) {
            return Ok(number.to_owned());
        }
        let value = as_complex(number)?;
        let made = of(value)?;
        if std::ptr::eq(cls, &PyComplex_Type) { Ok(made) } else { crate::protocol::call::call1(cls, &made) }
    }
    /// Return the complex conjugate of its argument. (3-4j).conjugate() == 3+4j.
    #[method("conjugate($self, /)")]
    fn conjugate(&self) -> PyResult {
        let (re, im) = self.value();
        of((re, -im))
    }
    #[method("__complex__($self, /)")]
    fn __complex__(&self) -> PyResult {
        of(self.value())
    }
    #[method("__getnewargs__($self, /)")]
    fn __getnewargs__(&self) -> PyResult {
        let (re, im) = self.value();
        Ok(Tuple::from_owned(vec![Float::new(re).into_object(), Float::new(im).into_object()]).into_object())
    }
    /// Convert to a string according to format_spec.
    #[method("__format__($self, format_spec, /)")]
    fn __format__(&self, format_spec: &Str) -> PyResult {
        if format_spec.len() == 0 {
            return Ok(crate::protocol::object::str(self.as_object())?.into_object());
        }
        let (re, im) = self.value();
        crate::format::format_complex(re, im, format_spec)
    }
}

/// The only argument of `complex(x)`.
fn first_argument(x: &Object) -> PyResult<C> {
    if !Complex::check_exact(x)
        && let Some(value) = by_method(x)?
    {
        return Ok(value);
    }
    match as_complex(x) {
        Ok(value) => Ok(value),
        Err(raised) => {
            let has_number = number::slot(x, |t| t.nb_float.get()).is_some() || number::check_index(x);
            if !has_number && !x.is_instance_of::<Complex>() && errors::matches(crate::exceptions::TypeError()) && types::lookup_special(x, crate::intern!("__complex__"))?.is_none() {
                errors::clear();
                return Err(err!(TypeError, "complex() argument must be a string or a number, not {}", x.type_name()));
            }
            Err(raised)
        }
    }
}

/// A part given separately: a real number, or (deprecated) a complex one, which has an imaginary part too.
fn part_argument(x: &Object, name: &str) -> PyResult<(f64, Option<f64>)> {
    let wrong = || format!("complex() argument '{}' must be a real number, not {}", name, x.type_name());
    let made = if name == "real" && !Complex::check_exact(x) { by_method(x)? } else { None };
    if made.is_some() || x.is_instance_of::<Complex>() {
        let value = match made {
            Some(value) => value,
            None => as_complex(x)?,
        };
        crate::exceptions::warn(crate::exceptions::DeprecationWarning(), &wrong(), 1)?;
        return Ok((value.0, Some(value.1)));
    }
    if number::slot(x, |t| t.nb_float.get()).is_none() && !number::check_index(x) {
        return Err(err!(TypeError, "{}", wrong()));
    }
    Ok((Float::as_f64(x)?, None))
}
