//! Format strings: from text to a list of items with places.

use super::ERROR;
use runtime::{PyResult, Raised};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Pad,
    Char,
    Bool,
    Signed,
    Unsigned,
    Pointer,
    Half,
    Float,
    Double,
    ComplexFloat,
    ComplexDouble,
    /// `s`: the size is the repeat count.
    Bytes,
    /// `p`: as `s`, with a length byte.
    Pascal,
}

/// Consecutive items of one kind.
#[derive(Clone, Copy, Debug)]
pub struct Item {
    pub kind: Kind,
    pub code: u8,
    pub size: usize,
    pub offset: usize,
    pub repeat: usize,
}

#[derive(Debug)]
pub struct Layout {
    pub items: Vec<Item>,
    pub size: usize,
    /// The number of Python values.
    pub values: usize,
    pub big_endian: bool,
}

/// Kind, size and alignment of a code.
fn describe(code: u8, native: bool) -> Option<(Kind, usize, usize)> {
    let (kind, size) = match code {
        b'x' => (Kind::Pad, 1),
        b'c' => (Kind::Char, 1),
        b'b' => (Kind::Signed, 1),
        b'B' => (Kind::Unsigned, 1),
        b'?' => (Kind::Bool, 1),
        b'h' => (Kind::Signed, 2),
        b'H' => (Kind::Unsigned, 2),
        b'i' => (Kind::Signed, 4),
        b'I' => (Kind::Unsigned, 4),
        b'l' => (Kind::Signed, if native { 8 } else { 4 }),
        b'L' => (Kind::Unsigned, if native { 8 } else { 4 }),
        b'q' => (Kind::Signed, 8),
        b'Q' => (Kind::Unsigned, 8),
        b'n' if native => (Kind::Signed, 8),
        b'N' if native => (Kind::Unsigned, 8),
        b'P' if native => (Kind::Pointer, 8),
        b'e' => (Kind::Half, 2),
        b'f' => (Kind::Float, 4),
        b'd' => (Kind::Double, 8),
        b'F' => (Kind::ComplexFloat, 8),
        b'D' => (Kind::ComplexDouble, 16),
        b's' => (Kind::Bytes, 1),
        b'p' => (Kind::Pascal, 1),
        _ => return None,
    };
    let align = match kind {
        _ if !native => 1,
        Kind::ComplexFloat => 4,
        Kind::ComplexDouble => 8,
        _ => size,
    };
    Some((kind, size, align))
}

#[cold]
fn too_long() -> Raised {
    ERROR.raise(format_args!("total struct size too long"))
}

impl Layout {
    pub fn parse(format: &[u8]) -> PyResult<Layout> {
        if format.contains(&0) {
            return Err(ERROR.raise(format_args!("embedded null character")));
        }
        let (native, big_endian, codes) = match format.split_first() {
            Some((b'<', rest)) => (false, false, rest),
            Some((b'>' | b'!', rest)) => (false, true, rest),
            Some((b'=', rest)) => (false, cfg!(target_endian = "big"), rest),
            Some((b'@', rest)) => (true, cfg!(target_endian = "big"), rest),
            _ => (true, cfg!(target_endian = "big"), format),
        };
        let mut layout = Layout { items: Vec::new(), size: 0, values: 0, big_endian };
        let mut codes = codes.iter().copied().peekable();
        while let Some(mut code) = codes.next() {
            if matches!(code, b' ' | 9..=13) {
                continue;
            }
            let mut repeat = 1usize;
            if code.is_ascii_digit() {
                repeat = (code - b'0') as usize;
                while let Some(digit) = codes.next_if(u8::is_ascii_digit) {
                    repeat = repeat.checked_mul(10).and_then(|n| n.checked_add((digit - b'0') as usize)).ok_or_else(too_long)?;
                }
                if repeat > isize::MAX as usize {
                    return Err(too_long());
                }
                code = codes.next().ok_or_else(|| ERROR.raise(format_args!("repeat count given without format specifier")))?;
            }
            let Some((kind, size, align)) = describe(code, native) else {
                return Err(ERROR.raise(format_args!("bad char in struct format")));
            };
            layout.add(kind, code, size, align, repeat)?;
        }
        Ok(layout)
    }

    fn add(&mut self, kind: Kind, code: u8, size: usize, align: usize, repeat: usize) -> PyResult<()> {
        let offset = self.size.checked_next_multiple_of(align).ok_or_else(too_long)?;
        let total = size.checked_mul(repeat).and_then(|n| n.checked_add(offset)).filter(|&n| n <= isize::MAX as usize);
        self.size = total.ok_or_else(too_long)?;
        let item = match kind {
            Kind::Pad => return Ok(()),
            Kind::Bytes | Kind::Pascal => Item { kind, code, size: repeat, offset, repeat: 1 },
            _ => Item { kind, code, size, offset, repeat },
        };
        self.values = self.values.checked_add(item.repeat).ok_or_else(too_long)?;
        if item.repeat > 0 {
            self.items.push(item);
        }
        Ok(())
    }
}
