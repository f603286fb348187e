//! A code object as plain data: what the compiler produces, marshal carries and the runtime turns into
//! a `code` object. Fields are CPython's `co_*`; `code` holds instructions and (zeroed) caches exactly
//! as a `.pyc` stores them.
//!
//! Equality of constants is that of CPython's constant merging: the type counts, floats compare by
//! their bits, so `1`, `1.0` and `True` differ, and so do `0.0` and `-0.0`.

use std::borrow::Borrow;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::rc::Rc;

pub use num_bigint::BigInt;

/// Bits of `co_flags`.
pub mod co {
    pub const OPTIMIZED: u32 = 0x0001;
    pub const NEWLOCALS: u32 = 0x0002;
    pub const VARARGS: u32 = 0x0004;
    pub const VARKEYWORDS: u32 = 0x0008;
    pub const NESTED: u32 = 0x0010;
    pub const GENERATOR: u32 = 0x0020;
    pub const COROUTINE: u32 = 0x0080;
    pub const ITERABLE_COROUTINE: u32 = 0x0100;
    pub const ASYNC_GENERATOR: u32 = 0x0200;
    pub const FUTURE_DIVISION: u32 = 0x2_0000;
    pub const FUTURE_ABSOLUTE_IMPORT: u32 = 0x4_0000;
    pub const FUTURE_WITH_STATEMENT: u32 = 0x8_0000;
    pub const FUTURE_PRINT_FUNCTION: u32 = 0x10_0000;
    pub const FUTURE_UNICODE_LITERALS: u32 = 0x20_0000;
    pub const FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
    pub const FUTURE_GENERATOR_STOP: u32 = 0x80_0000;
    pub const FUTURE_ANNOTATIONS: u32 = 0x100_0000;
    pub const NO_MONITORING_EVENTS: u32 = 0x200_0000;
    pub const HAS_DOCSTRING: u32 = 0x400_0000;
    pub const METHOD: u32 = 0x800_0000;
}

/// Bits of `localspluskinds`.
pub mod kinds {
    /// Filled from positional arguments.
    pub const ARG_POS: u8 = 0x02;
    /// Filled from keyword arguments.
    pub const ARG_KW: u8 = 0x04;
    /// `*args` or `**kwargs`.
    pub const ARG_VAR: u8 = 0x08;
    pub const ARG: u8 = ARG_POS | ARG_KW | ARG_VAR;
    /// The variable of an inlined comprehension.
    pub const HIDDEN: u8 = 0x10;
    pub const LOCAL: u8 = 0x20;
    pub const CELL: u8 = 0x40;
    pub const FREE: u8 = 0x80;
}

/// A Python string: UTF-8 in which lone surrogates may stand as their three-byte form (WTF-8).
/// Pairs of surrogates stay apart, as in a Python string. Cheap to clone.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Wtf8(Rc<[u8]>);

impl Wtf8 {
    pub fn new(text: &str) -> Wtf8 {
        Wtf8(text.as_bytes().into())
    }

    /// From WTF-8 bytes; None if they are not.
    pub fn from_bytes(bytes: &[u8]) -> Option<Wtf8> {
        is_wtf8(bytes).then(|| Wtf8(bytes.into()))
    }

    /// From bytes that are known to be WTF-8 (anything else is not unsafe, but decodes to less than it holds).
    pub fn from_valid(bytes: &[u8]) -> Wtf8 {
        debug_assert!(is_wtf8(bytes));
        Wtf8(bytes.into())
    }

    /// From code points, surrogates included; None if one is above 0x10FFFF.
    pub fn from_code_points(points: impl IntoIterator<Item = u32>) -> Option<Wtf8> {
        let mut bytes = Vec::new();
        for point in points {
            push_code_point(&mut bytes, point)?;
        }
        Some(Wtf8(bytes.into()))
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The text, if no surrogate is in it.
    pub fn as_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }

    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }

    /// Length in bytes of the encoded form.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn code_points(&self) -> impl Iterator<Item = u32> + '_ {
        let mut rest: &[u8] = &self.0;
        std::iter::from_fn(move || {
            let (point, length) = decode_code_point(rest)?;
            rest = &rest[length..];
            Some(point)
        })
    }

    /// The text with each surrogate replaced by U+FFFD.
    pub fn to_string_lossy(&self) -> String {
        match self.as_str() {
            Some(text) => text.to_string(),
            None => self
                .code_points()
                .map(|p| char::from_u32(p).unwrap_or('\u{FFFD}'))
                .collect(),
        }
    }

    /// Consists of letters, digits and underscores of ASCII only: such constants are interned.
    pub fn is_all_name_chars(&self) -> bool {
        self.0
            .iter()
            .all(|&b| b.is_ascii_alphanumeric() || b == b'_')
    }
}

impl From<&str> for Wtf8 {
    fn from(text: &str) -> Wtf8 {
        Wtf8::new(text)
    }
}

impl From<String> for Wtf8 {
    fn from(text: String) -> Wtf8 {
        Wtf8::new(&text)
    }
}

impl Borrow<[u8]> for Wtf8 {
    fn borrow(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for Wtf8 {
    fn eq(&self, other: &str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl PartialEq<&str> for Wtf8 {
    fn eq(&self, other: &&str) -> bool {
        *self.0 == *other.as_bytes()
    }
}

impl fmt::Debug for Wtf8 {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "{:?}", self.to_string_lossy())
    }
}

/// Appends the WTF-8 form of one code point; None above 0x10FFFF.
pub fn push_code_point(bytes: &mut Vec<u8>, point: u32) -> Option<()> {
    match char::from_u32(point) {
        Some(c) => bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None if point <= 0x10FFFF => bytes.extend_from_slice(&[
            0xED,
            0x80 | (point >> 6 & 0x3F) as u8,
            0x80 | (point & 0x3F) as u8,
        ]),
        None => return None,
    }
    Some(())
}

/// The first code point of WTF-8 bytes and its length.
fn decode_code_point(bytes: &[u8]) -> Option<(u32, usize)> {
    let tail = |i: usize| {
        bytes
            .get(i)
            .filter(|&&b| b & 0xC0 == 0x80)
            .map(|&b| (b & 0x3F) as u32)
    };
    let first = *bytes.first()? as u32;
    let (point, length) = match first {
        0..0x80 => (first, 1),
        0xC2..0xE0 => ((first & 0x1F) << 6 | tail(1)?, 2),
        0xE0..0xF0 => ((first & 0x0F) << 12 | tail(1)? << 6 | tail(2)?, 3),
        0xF0..0xF5 => (
            (first & 0x07) << 18 | tail(1)? << 12 | tail(2)? << 6 | tail(3)?,
            4,
        ),
        _ => return None,
    };
    let least = [0, 0, 0x80, 0x800, 0x10000][length];
    (point >= least && point <= 0x10FFFF).then_some((point, length))
}

fn is_wtf8(mut bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).is_ok() {
        return true;
    }
    while !bytes.is_empty() {
        match decode_code_point(bytes) {
            Some((_, length)) => bytes = &bytes[length..],
            None => return false,
        }
    }
    true
}

/// A constant of a code unit.
#[derive(Clone)]
pub enum Constant {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// An integer outside of `i64`.
    BigInt(Rc<BigInt>),
    Float(f64),
    Complex(f64, f64),
    Str(Wtf8),
    Bytes(Rc<[u8]>),
    Tuple(Rc<[Constant]>),
    /// Items in the order of insertion.
    FrozenSet(Rc<[Constant]>),
    /// Start, stop, step.
    Slice(Rc<[Constant; 3]>),
    Code(Rc<CodeUnit>),
}

impl Constant {
    pub fn str(text: &str) -> Constant {
        Constant::Str(Wtf8::new(text))
    }

    pub fn bool(value: bool) -> Constant {
        if value {
            Constant::True
        } else {
            Constant::False
        }
    }

    /// The smallest variant that holds the integer.
    pub fn int(value: BigInt) -> Constant {
        match i64::try_from(&value) {
            Ok(small) => Constant::Int(small),
            Err(_) => Constant::BigInt(Rc::new(value)),
        }
    }
}

impl From<i64> for Constant {
    fn from(value: i64) -> Constant {
        Constant::Int(value)
    }
}

impl PartialEq for Constant {
    fn eq(&self, other: &Constant) -> bool {
        use Constant::*;
        match (self, other) {
            (None, None) | (True, True) | (False, False) | (Ellipsis, Ellipsis) => true,
            (Int(a), Int(b)) => a == b,
            (BigInt(a), BigInt(b)) => a == b,
            (Float(a), Float(b)) => a.to_bits() == b.to_bits(),
            (Complex(a, b), Complex(c, d)) => {
                a.to_bits() == c.to_bits() && b.to_bits() == d.to_bits()
            }
            (Str(a), Str(b)) => a == b,
            (Bytes(a), Bytes(b)) => a == b,
            (Tuple(a), Tuple(b)) => Rc::ptr_eq(a, b) || a == b,
            (FrozenSet(a), FrozenSet(b)) => {
                a.len() == b.len() && a.iter().all(|item| b.contains(item))
            }
            (Slice(a), Slice(b)) => a == b,
            (Code(a), Code(b)) => Rc::ptr_eq(a, b) || a == b,
            _ => false,
        }
    }
}

impl Eq for Constant {}

impl Hash for Constant {
    fn hash<H: Hasher>(&self, state: &mut H) {
        use Constant::*;
        std::mem::discriminant(self).hash(state);
        match self {
            None | True | False | Ellipsis => {}
            Int(value) => value.hash(state),
            BigInt(value) => value.hash(state),
            Float(value) => value.to_bits().hash(state),
            Complex(real, imag) => (real.to_bits(), imag.to_bits()).hash(state),
            Str(text) => text.hash(state),
            Bytes(bytes) => bytes.hash(state),
            Tuple(items) => items.hash(state),
            // The order of the items does not count.
            FrozenSet(items) => items.len().hash(state),
            Slice(parts) => parts.hash(state),
            Code(code) => code.hash(state),
        }
    }
}

impl fmt::Debug for Constant {
    /// As `repr()` shows it, code apart.
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let mut text = String::new();
        crate::repr::write_repr(&mut text, self);
        f.write_str(&text)
    }
}

/// A code object without the object.
#[derive(Clone, Debug, Default)]
pub struct CodeUnit {
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
    /// Largest depth of the value stack.
    pub stacksize: u32,
    pub flags: u32,
    /// Instructions: two bytes each (opcode, argument), caches as zeros.
    pub code: Vec<u8>,
    pub consts: Vec<Constant>,
    pub names: Vec<Wtf8>,
    /// Arguments, locals, cells, free variables, in that order; an argument that is a cell stands once.
    pub localsplusnames: Vec<Wtf8>,
    pub localspluskinds: Vec<u8>,
    pub filename: Wtf8,
    pub name: Wtf8,
    pub qualname: Wtf8,
    pub firstlineno: i32,
    /// See [`crate::locations`].
    pub linetable: Vec<u8>,
    /// See [`crate::exception_table`].
    pub exceptiontable: Vec<u8>,
}

impl Default for Wtf8 {
    fn default() -> Wtf8 {
        Wtf8::new("")
    }
}

impl CodeUnit {
    /// Slots for arguments, `*args` and `**kwargs` included.
    pub fn total_args(&self) -> usize {
        self.argcount as usize
            + self.kwonlyargcount as usize
            + (self.flags & co::VARARGS != 0) as usize
            + (self.flags & co::VARKEYWORDS != 0) as usize
    }

    fn names_of_kind(&self, mask: u8) -> impl Iterator<Item = &Wtf8> {
        let kinds = self.localspluskinds.iter();
        self.localsplusnames
            .iter()
            .zip(kinds)
            .filter(move |(_, k)| *k & mask != 0)
            .map(|(n, _)| n)
    }

    /// `co_varnames`.
    pub fn varnames(&self) -> impl Iterator<Item = &Wtf8> {
        self.names_of_kind(kinds::LOCAL)
    }

    /// `co_cellvars`.
    pub fn cellvars(&self) -> impl Iterator<Item = &Wtf8> {
        self.names_of_kind(kinds::CELL)
    }

    /// `co_freevars`.
    pub fn freevars(&self) -> impl Iterator<Item = &Wtf8> {
        self.names_of_kind(kinds::FREE)
    }
}

/// Equality of code objects as Python sees it: file and qualified name do not count.
impl PartialEq for CodeUnit {
    fn eq(&self, other: &CodeUnit) -> bool {
        self.name == other.name
            && self.argcount == other.argcount
            && self.posonlyargcount == other.posonlyargcount
            && self.kwonlyargcount == other.kwonlyargcount
            && self.flags == other.flags
            && self.firstlineno == other.firstlineno
            && self.code == other.code
            && self.consts == other.consts
            && self.names == other.names
            && self.localsplusnames == other.localsplusnames
            && self.linetable == other.linetable
            && self.exceptiontable == other.exceptiontable
    }
}

impl Eq for CodeUnit {}

impl Hash for CodeUnit {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
        self.firstlineno.hash(state);
        self.code.hash(state);
        self.linetable.hash(state);
    }
}
