//! The type `int`: constructor, slots, methods.

use super::convert::{int_from_str, int_from_text, to_decimal};
use super::operators as ops;
use super::Int;
use crate::err;
use crate::errors::PyResult;
use crate::macro_support::{Args, Buffer, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::number;
use crate::protocol::object::{self, CompareOp};
use crate::types::{self, Bytes, Dict, Float, Str, Tuple};

use macros::pytype;
use num_bigint::BigInt;

/// `hex`, `oct`, `bin` and the like: digits in a base with an optional prefix.
pub fn format_radix(value: &Int, radix: u32, prefix: &str) -> String {
    let digits = match value.as_i128() {
        Some(v) => {
            let m = v.unsigned_abs();
            match radix {
                2 => format!("{m:b}"),
                8 => format!("{m:o}"),
                16 => format!("{m:x}"),
                _ => m.to_string(),
            }
        }
        None => value.to_bigint().magnitude().to_str_radix(radix),
    };
    format!("{}{}{}", if value.is_negative() { "-" } else { "" }, prefix, digits)
}

/// Gives an int the type `cls`, a subclass of int.
fn of_subtype(cls: &Type, value: Owned<Int>) -> PyResult {
    if std::ptr::eq(cls, &PyLong_Type) {
        return Ok(value.into_object());
    }
    let n = value.digit_count();
    let made = cls.alloc(n as isize)?;
    // SAFETY: the allocation has room for n digits behind int's basic size.
    unsafe { Int::fill(made.raw(), value.digits(), value.is_negative()) };
    Ok(made)
}

fn new_int(x: Option<&Object>, base: Option<&Object>) -> PyResult<Owned<Int>> {
    let (x, base) = match (x, base) {
        (None, None) => return Ok(Int::from_i64(0)),
        (None, Some(_)) => return Err(err!(TypeError, "int() missing string argument")),
        (Some(x), None) => return number::long(x),
        (Some(x), Some(base)) => (x, base),
    };
    let base = number::as_isize(base, None)?;
    if base != 0 && !(2..=36).contains(&base) {
        return Err(err!(ValueError, "int() base must be >= 2 and <= 36, or 0"));
    }
    if let Some(text) = x.downcast::<Str>() {
        return int_from_str(text, base as u32);
    }
    if Bytes::check(x) || types::ByteArray::check(x) {
        let buffer = Buffer::new(x)?;
        let text = String::from_utf8_lossy(&buffer).into_owned();
        return int_from_text(&text, base as u32, &*Bytes::try_new(&buffer)?);
    }
    Err(err!(TypeError, "int() can't convert non-string with explicit base"))
}

/// int([x]) -> integer
/// int(x, base=10) -> integer
///
/// The integer that a number or a text stands for; 0 without an argument.
/// A number is asked by its __int__(), which floats answer by truncation.
/// A text (str, bytes or bytearray) is a literal in the base, which is from
/// 2 to 36, or 0 where the literal's prefix says it; a sign and white space
/// around it are allowed.
///
/// >>> int('  -101 ', 2)
/// -5
#[pytype(static = PyLong_Type, name = "int", basicsize = 24, itemsize = 4, flags = BASETYPE | LONG_SUBCLASS | MATCH_SELF)]
impl Int {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let parsed = crate::macro_support::parse("int", &["", "base"], 0, args, kwargs)?;
        let x = parsed.first().and_then(|p| p.as_deref());
        let base = parsed.get(1).and_then(|p| p.as_deref());
        of_subtype(cls, new_int(x, base)?)
    }
    #[slot]
    fn tp_vectorcall(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        if !kwargs.is_empty() {
            let keywords = Dict::new();
            for (name, value) in kwargs.iter() {
                keywords.set_item(name, value)?;
            }
            return Self::tp_new(cls, &Tuple::new(&args), Some(&keywords));
        }
        if args.len() > 2 {
            return Err(err!(TypeError, "int expected at most 2 arguments, got {}", args.len()));
        }
        of_subtype(cls, new_int(args.first().copied(), args.get(1).copied())?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&to_decimal(self)?))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        ops::int_hash(self)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        match other.downcast::<Int>() {
            Some(other) => Ok(types::bool_object(op.matches(ops::compare(self, other))).to_owned()),
            None => Ok(types::not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        ops::add(a, b)
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        ops::subtract(a, b)
    }
    #[slot]
    fn nb_multiply(a: &Object, b: &Object) -> PyResult {
        ops::multiply(a, b)
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        ops::remainder(a, b)
    }
    #[slot]
    fn nb_divmod(a: &Object, b: &Object) -> PyResult {
        ops::divmod(a, b)
    }
    #[slot]
    fn nb_power(a: &Object, b: &Object, c: &Object) -> PyResult {
        ops::power(a, b, c)
    }
    #[slot]
    fn nb_floor_divide(a: &Object, b: &Object) -> PyResult {
        ops::floor_divide(a, b)
    }
    #[slot]
    fn nb_true_divide(a: &Object, b: &Object) -> PyResult {
        ops::true_divide(a, b)
    }
    #[slot]
    fn nb_lshift(a: &Object, b: &Object) -> PyResult {
        ops::lshift(a, b)
    }
    #[slot]
    fn nb_rshift(a: &Object, b: &Object) -> PyResult {
        ops::rshift(a, b)
    }
    #[slot]
    fn nb_and(a: &Object, b: &Object) -> PyResult {
        ops::and(a, b)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        ops::or(a, b)
    }
    #[slot]
    fn nb_xor(a: &Object, b: &Object) -> PyResult {
        ops::xor(a, b)
    }
    #[slot]
    fn nb_negative(&self) -> PyResult {
        ops::negative(self)
    }
    #[slot]
    fn nb_positive(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    #[slot]
    fn nb_absolute(&self) -> PyResult {
        ops::absolute(self)
    }
    #[slot]
    fn nb_invert(&self) -> PyResult {
        ops::invert(self)
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        !self.is_zero()
    }
    #[slot]
    fn nb_int(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    #[slot]
    fn nb_index(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    #[slot]
    fn nb_float(&self) -> PyResult {
        Ok(Float::new(self.as_f64()?).into_object())
    }

    /// Returns self, the complex conjugate of any int.
    #[method("conjugate($self, /)", nosig)]
    fn conjugate(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    /// Number of bits necessary to represent self in binary.
    ///
    /// >>> (255).bit_length(), (256).bit_length()
    /// (8, 9)
    /// >>> (0).bit_length()
    /// 0
    #[method("bit_length($self, /)")]
    fn bit_length_(&self) -> u64 {
        self.bit_length()
    }
    /// Number of ones in the binary representation of the absolute value of self.
    ///
    /// >>> (0b1011).bit_count()
    /// 3
    /// >>> (-0b1011).bit_count()
    /// 3
    #[method("bit_count($self, /)")]
    fn bit_count(&self) -> u64 {
        self.digits().iter().map(|d| d.count_ones() as u64).sum()
    }
    /// Return an array of bytes representing an integer.
    #[method("to_bytes($self, /, length=1, byteorder='big', *, signed=False)")]
    fn to_bytes(&self, length: Option<isize>, byteorder: Option<&Object>, signed: bool) -> PyResult<Owned<Bytes>> {
        let length = length.unwrap_or(1);
        if length < 0 {
            return Err(err!(ValueError, "length argument must be non-negative"));
        }
        let little = is_little("to_bytes", byteorder)?;
        if !signed && self.is_negative() {
            return Err(err!(OverflowError, "can't convert negative int to unsigned"));
        }
        let length = length as usize;
        // Bits that the number takes: the sign has one of its own, and -2^n needs no more than 2^n - 1.
        let mut bits = self.bit_length();
        if signed && !self.is_zero() {
            bits += 1;
            if self.is_negative() && self.digits().iter().map(|digit| digit.count_ones()).sum::<u32>() == 1 {
                bits -= 1;
            }
        }
        if bits.div_ceil(8) > length as u64 {
            return Err(err!(OverflowError, "int too big to convert"));
        }
        Bytes::build(length, |out| {
            if little { self.fill_bytes(out.iter_mut()) } else { self.fill_bytes(out.iter_mut().rev()) }
        })
    }
    /// Return the integer represented by the given array of bytes.
    #[classmethod("from_bytes($type, /, bytes, byteorder='big', *, signed=False)")]
    fn from_bytes(cls: &Type, bytes: &Object, byteorder: Option<&Object>, signed: bool) -> PyResult {
        let little = is_little("from_bytes", byteorder)?;
        let bytes = types::bytes::bytes_of(bytes)?;
        let value = of_bytes(bytes.as_slice(), little, signed)?;
        if std::ptr::eq(cls, &PyLong_Type) {
            return Ok(value.into_object());
        }
        crate::protocol::call::call1(cls, value.object())
    }
    /// Return a pair of integers, whose ratio is equal to the original int.
    ///
    /// >>> (-7).as_integer_ratio()
    /// (-7, 1)
    /// >>> (2**70).as_integer_ratio() == (2**70, 1)
    /// True
    /// >>> (0).as_integer_ratio()
    /// (0, 1)
    #[method("as_integer_ratio($self, /)")]
    fn as_integer_ratio(&self) -> PyResult {
        Ok(Tuple::from_owned(vec![self.to_exact()?.into_object(), Int::from_i64(1).into_object()]).into_object())
    }
    /// Returns True. Exists for duck type compatibility with float.is_integer.
    #[method("is_integer($self, /)")]
    fn is_integer(&self) -> bool {
        true
    }
    /// Truncating an Integral returns itself.
    #[method("__trunc__($self, /)", nosig)]
    fn __trunc__(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    /// Flooring an Integral returns itself.
    #[method("__floor__($self, /)", nosig)]
    fn __floor__(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    /// Ceiling of an Integral returns itself.
    #[method("__ceil__($self, /)", nosig)]
    fn __ceil__(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    /// Rounding an Integral returns itself; with a negative ndigits, to a power of ten, ties to even.
    #[method("__round__($self, ndigits=None, /)")]
    fn __round__(&self, ndigits: Option<&Object>) -> PyResult {
        let Some(ndigits) = ndigits.filter(|n| !n.is_none()) else { return Ok(self.to_exact()?.into_object()) };
        let ndigits = number::index(ndigits)?;
        if !ndigits.is_negative() {
            return Ok(self.to_exact()?.into_object());
        }
        let places = ndigits.as_i64().map_or(u64::MAX, |n| n.unsigned_abs());
        if places as f64 * 3.3 > self.bit_length() as f64 + 4.0 {
            return Ok(Int::from_i64(0).into_object());
        }
        let unit = BigInt::from(10u32).pow(places as u32);
        let value = self.to_bigint();
        let (quotient, rest) = num_integer::Integer::div_mod_floor(&value, &unit);
        let twice: BigInt = &rest * 2;
        let up = twice > unit || (twice == unit && num_integer::Integer::is_odd(&quotient));
        let rounded = (quotient + up as i32) * unit;
        Ok(Int::try_from_bigint(&rounded)?.into_object())
    }
    #[method("__getnewargs__($self, /)")]
    fn __getnewargs__(&self) -> PyResult {
        Ok(Tuple::from_owned(vec![self.to_exact()?.into_object()]).into_object())
    }
    /// Convert to a string according to format_spec.
    #[method("__format__($self, format_spec, /)")]
    fn __format__(&self, format_spec: &Str) -> PyResult {
        if format_spec.len() == 0 {
            return Ok(object::str(self.as_object())?.into_object());
        }
        crate::format::format_int(self, format_spec)
    }
    /// Returns size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn __sizeof__(&self) -> usize {
        self.as_object().ty().basicsize() + 4 * self.digit_count().max(1)
    }
    #[getter("real", "the real part of a complex number")]
    fn real(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    #[getter("imag", "the imaginary part of a complex number")]
    fn imag(&self) -> PyResult {
        Ok(Int::from_i64(0).into_object())
    }
    #[getter("numerator", "the numerator of a rational number in lowest terms")]
    fn numerator(&self) -> PyResult {
        Ok(self.to_exact()?.into_object())
    }
    #[getter("denominator", "the denominator of a rational number in lowest terms")]
    fn denominator(&self) -> PyResult {
        Ok(Int::from_i64(1).into_object())
    }
}

impl Int {
    /// Writes the number's bytes, least first, as a two's complement.
    fn fill_bytes<'a>(&self, out: impl Iterator<Item = &'a mut u8>) {
        let mut digits = self.digits().iter();
        let (mut acc, mut bits) = (0u64, 0);
        let flip = if self.is_negative() { 0xff } else { 0 };
        let mut carry = flip as u32 & 1;
        for byte in out {
            if bits < 8 {
                acc |= (digits.next().copied().unwrap_or(0) as u64) << bits;
                bits += super::SHIFT;
            }
            carry += (acc as u8 ^ flip) as u32;
            *byte = carry as u8;
            carry >>= 8;
            acc >>= 8;
            bits -= 8;
        }
    }
}

/// The int that the bytes stand for.
fn of_bytes(bytes: &[u8], little: bool, signed: bool) -> PyResult<Owned<Int>> {
    let last = if little { bytes.last() } else { bytes.first() };
    let negative = signed && last.is_some_and(|&byte| byte & 0x80 != 0);
    // Eight bytes (or those that are left) as a number; the i-th from the least.
    let limb = |i: usize| {
        let (from, to) = (i * 8, (i * 8 + 8).min(bytes.len()));
        let mut eight = if negative { [0xff; 8] } else { [0; 8] };
        if little {
            eight[..to - from].copy_from_slice(&bytes[from..to]);
            u64::from_le_bytes(eight)
        } else {
            eight[8 - (to - from)..].copy_from_slice(&bytes[bytes.len() - to..bytes.len() - from]);
            u64::from_be_bytes(eight)
        }
    };
    let count = bytes.len().div_ceil(8);
    match (count, negative) {
        (0, _) => Ok(Int::from_i64(0)),
        (1, true) => Ok(Int::from_i64(limb(0) as i64)),
        (1, false) => Ok(Int::from_u64(limb(0))),
        (_, false) => Int::from_limbs((0..count).map(limb), false),
        (_, true) => {
            // The magnitude is the complement, plus 1.
            let mut carry = true;
            let limbs = (0..count).map(|i| {
                let (value, over) = (!limb(i)).overflowing_add(carry as u64);
                carry = over;
                value
            });
            Int::from_limbs(limbs, true)
        }
    }
}

fn is_little(function: &str, byteorder: Option<&Object>) -> PyResult<bool> {
    let Some(order) = byteorder else { return Ok(false) };
    let Some(order) = order.downcast::<Str>() else {
        let given = if order.is_none() { "None" } else { order.type_name() };
        return Err(err!(TypeError, "{}() argument 'byteorder' must be str, not {}", function, given));
    };
    if order.eq_str("little") {
        Ok(true)
    } else if order.eq_str("big") {
        Ok(false)
    } else {
        Err(err!(ValueError, "byteorder must be either 'little' or 'big'"))
    }
}

