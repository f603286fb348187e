//! Items of arrays: type codes, and values to machine representation and back.

use runtime::protocol::number;
use runtime::types::{Float, Int, Str};
use runtime::{Object, Owned, PyResult, Raised, err};
use std::ffi::CStr;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Kind {
    pub code: u8,
    pub size: usize,
    /// The format of exported buffers.
    pub format: &'static CStr,
}

const fn kind(code: u8, size: usize, format: &'static CStr) -> Kind {
    Kind { code, size, format }
}

pub const KINDS: [Kind; 14] = [
    kind(b'b', 1, c"b"),
    kind(b'B', 1, c"B"),
    kind(b'u', 4, c"w"),
    kind(b'w', 4, c"w"),
    kind(b'h', 2, c"h"),
    kind(b'H', 2, c"H"),
    kind(b'i', 4, c"i"),
    kind(b'I', 4, c"I"),
    kind(b'l', 8, c"l"),
    kind(b'L', 8, c"L"),
    kind(b'q', 8, c"q"),
    kind(b'Q', 8, c"Q"),
    kind(b'f', 4, c"f"),
    kind(b'd', 8, c"d"),
];

/// The bytes of an item; only the first `size` count.
pub type Raw = [u8; 8];

fn raw<const N: usize>(bytes: [u8; N]) -> Raw {
    let mut raw = [0; 8];
    raw[..N].copy_from_slice(&bytes);
    raw
}

fn bytes<const N: usize>(data: &[u8]) -> [u8; N] {
    let mut bytes = [0; N];
    bytes.copy_from_slice(&data[..N]);
    bytes
}

#[cold]
fn overflow(words: &str) -> Raised {
    err!(OverflowError, "{}", words)
}

/// A C long, within bounds.
fn small(value: &Object, low: i64, high: i64, name: &str) -> PyResult<i64> {
    let int = number::index(value)?;
    let value = int.as_i64().ok_or_else(|| overflow("Python int too large to convert to C long"))?;
    if value < low {
        return Err(err!(OverflowError, "{} is less than minimum", name));
    }
    if value > high {
        return Err(err!(OverflowError, "{} is greater than maximum", name));
    }
    Ok(value)
}

fn unsigned_long(value: &Object) -> PyResult<u64> {
    let int = number::index(value)?;
    if int.is_negative() {
        return Err(overflow("can't convert negative value to unsigned int"));
    }
    int.as_u64().ok_or_else(|| overflow("Python int too large to convert to C unsigned long"))
}

impl Kind {
    pub fn of(code: u32) -> Option<Kind> {
        KINDS.into_iter().find(|kind| kind.code as u32 == code)
    }
    pub fn is_text(self) -> bool {
        matches!(self.code, b'u' | b'w')
    }

    /// The item at the start of `data`.
    pub fn load(self, data: &[u8]) -> PyResult {
        Ok(match self.code {
            b'b' => Int::from_i64(data[0] as i8 as i64).into_object(),
            b'B' => Int::from_i64(data[0] as i64).into_object(),
            b'h' => Int::from_i64(i16::from_ne_bytes(bytes(data)) as i64).into_object(),
            b'H' => Int::from_i64(u16::from_ne_bytes(bytes(data)) as i64).into_object(),
            b'i' => Int::from_i64(i32::from_ne_bytes(bytes(data)) as i64).into_object(),
            b'I' => Int::from_i64(u32::from_ne_bytes(bytes(data)) as i64).into_object(),
            b'l' | b'q' => Int::from_i64(i64::from_ne_bytes(bytes(data))).into_object(),
            b'L' | b'Q' => Int::from_u64(u64::from_ne_bytes(bytes(data))).into_object(),
            b'f' => Float::new(f32::from_ne_bytes(bytes(data)) as f64).into_object(),
            b'd' => Float::new(f64::from_ne_bytes(bytes(data))).into_object(),
            _ => character(u32::from_ne_bytes(bytes(data)))?.into_object(),
        })
    }

    /// The bytes of a value.
    pub fn store(self, value: &Object) -> PyResult<Raw> {
        Ok(match self.code {
            b'b' => raw([small(value, -128, 127, "signed char")? as u8]),
            b'B' => raw([small(value, 0, 255, "unsigned byte integer")? as u8]),
            b'h' => raw((small(value, i16::MIN as i64, i16::MAX as i64, "signed short integer")? as i16).to_ne_bytes()),
            b'H' => raw((small(value, 0, u16::MAX as i64, "unsigned short")? as u16).to_ne_bytes()),
            b'i' => raw((small(value, i32::MIN as i64, i32::MAX as i64, "signed integer")? as i32).to_ne_bytes()),
            b'I' => match u32::try_from(unsigned_long(value)?) {
                Ok(value) => raw(value.to_ne_bytes()),
                Err(_) => return Err(overflow("unsigned int is greater than maximum")),
            },
            b'l' => raw(small(value, i64::MIN, i64::MAX, "")?.to_ne_bytes()),
            b'L' => raw(unsigned_long(value)?.to_ne_bytes()),
            b'q' => raw(number::index(value)?.as_i64().ok_or_else(|| overflow("int too big to convert"))?.to_ne_bytes()),
            b'Q' => {
                let int = number::index(value)?;
                if int.is_negative() {
                    return Err(overflow("can't convert negative int to unsigned"));
                }
                raw(int.as_u64().ok_or_else(|| overflow("int too big to convert"))?.to_ne_bytes())
            }
            b'f' => raw((Float::as_f64(value)? as f32).to_ne_bytes()),
            b'd' => raw(Float::as_f64(value)?.to_ne_bytes()),
            _ => {
                let Some(text) = value.downcast::<Str>() else {
                    return Err(err!(TypeError, "array item must be a unicode character, not {}", value.type_name()));
                };
                if text.len() != 1 {
                    return Err(err!(TypeError, "array item must be a unicode character, not a string of length {}", text.len()));
                }
                raw(text.char_at(0).to_ne_bytes())
            }
        })
    }
}

fn character(c: u32) -> PyResult<Owned<Str>> {
    if c > 0x10ffff {
        return Err(err!(ValueError, "character U+{:x} is not in range [U+0000; U+10ffff]", c));
    }
    Ok(Str::from_code_points(&[c]))
}

/// The machine formats of pickled arrays: size, signed, big-endian, and whether floats or text.
pub struct MachineFormat {
    pub size: usize,
    pub signed: bool,
    pub big_endian: bool,
    pub class: Class,
}
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Class {
    Integer,
    Float,
    Utf16,
    Utf32,
}

impl MachineFormat {
    pub fn of(code: i32) -> Option<MachineFormat> {
        let make = |size, signed, class| Some(MachineFormat { size, signed, big_endian: code & 1 == 1, class });
        match code {
            0 | 1 => Some(MachineFormat { size: 1, signed: code == 1, big_endian: false, class: Class::Integer }),
            2 | 3 => make(2, false, Class::Integer),
            4 | 5 => make(2, true, Class::Integer),
            6 | 7 => make(4, false, Class::Integer),
            8 | 9 => make(4, true, Class::Integer),
            10 | 11 => make(8, false, Class::Integer),
            12 | 13 => make(8, true, Class::Integer),
            14 | 15 => make(4, true, Class::Float),
            16 | 17 => make(8, true, Class::Float),
            18 | 19 => make(2, false, Class::Utf16),
            20 | 21 => make(4, false, Class::Utf32),
            _ => None,
        }
    }
    /// The code of a kind's own format.
    pub fn code_of(kind: Kind) -> i32 {
        let big = cfg!(target_endian = "big") as i32;
        match kind.code {
            b'b' => 1,
            b'B' => 0,
            b'u' | b'w' => 20 + big,
            b'f' => 14 + big,
            b'd' => 16 + big,
            code => {
                let width = match kind.size {
                    2 => 2,
                    4 => 6,
                    _ => 10,
                };
                width + if code.is_ascii_lowercase() { 2 } else { 0 } + big
            }
        }
    }
    /// The value of one item.
    pub fn load(&self, data: &[u8]) -> Owned {
        let mut bytes = [0; 8];
        let n = data.len().min(8);
        bytes[..n].copy_from_slice(&data[..n]);
        if self.big_endian {
            bytes[..n].reverse();
        }
        let bits = u64::from_le_bytes(bytes);
        match self.class {
            Class::Float if self.size == 4 => Float::new(f32::from_bits(bits as u32) as f64).into_object(),
            Class::Float => Float::new(f64::from_bits(bits)).into_object(),
            _ if self.signed => {
                let spare = 64 - 8 * self.size as u32;
                Int::from_i64((bits << spare) as i64 >> spare).into_object()
            }
            _ => Int::from_u64(bits).into_object(),
        }
    }
}
