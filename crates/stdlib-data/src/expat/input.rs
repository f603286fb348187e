//! From the bytes of a document to UTF-8 text, and positions in both.
//!
//! Until the encoding is known (from the first bytes, or the XML declaration), bytes wait undecoded. UTF-8
//! is passed on as it comes; what cannot be decoded in other encodings becomes the byte 0xFF, which the
//! scanner refuses.

use super::scan::is_space;

#[derive(Clone)]
pub enum Encoding {
    Utf8,
    Utf16 { big: bool },
    /// A character for each byte; negative where there is none.
    SingleByte(Box<[i32; 256]>),
}

impl Encoding {
    /// The encodings that need no codec of Python's.
    pub fn built_in(name: &str, current: &Encoding) -> Option<Encoding> {
        let latin1 = || std::array::from_fn(|i| i as i32);
        match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Some(Encoding::Utf8),
            "UTF-16" => Some(match current {
                Encoding::Utf16 { big } => Encoding::Utf16 { big: *big },
                _ => Encoding::Utf16 { big: true },
            }),
            "UTF-16BE" => Some(Encoding::Utf16 { big: true }),
            "UTF-16LE" => Some(Encoding::Utf16 { big: false }),
            "ISO-8859-1" => Some(Encoding::SingleByte(Box::new(latin1()))),
            "US-ASCII" => Some(Encoding::SingleByte(Box::new(std::array::from_fn(|i| if i < 128 { i as i32 } else { -1 })))),
            _ => None,
        }
    }
    /// Whether a document that began in `self` may say that it is in `other`.
    pub fn may_become(&self, other: &Encoding) -> bool {
        match (self, other) {
            (Encoding::Utf16 { big: a }, Encoding::Utf16 { big: b }) => a == b,
            (Encoding::Utf16 { .. }, _) | (_, Encoding::Utf16 { .. }) => false,
            _ => true,
        }
    }
    /// How many bytes of the document these bytes of text were.
    fn original_length(&self, text: &[u8]) -> usize {
        match self {
            Encoding::Utf8 => text.len(),
            Encoding::SingleByte(_) => text.iter().filter(|&&c| c & 0xC0 != 0x80).count(),
            Encoding::Utf16 { .. } => text.iter().filter(|&&c| c & 0xC0 != 0x80).map(|&c| if c >= 0xF0 && c != 0xFF { 4 } else { 2 }).sum(),
        }
    }
}

/// How many bytes are as wanted; a block's count fits a byte, so that the processor counts many at once.
fn count(text: &[u8], is_wanted: impl Fn(u8) -> bool) -> usize {
    text.chunks(255).map(|block| block.iter().fold(0u8, |n, &c| n + is_wanted(c) as u8) as usize).sum()
}

#[derive(Clone, Copy)]
pub struct Position {
    /// In the document's bytes.
    pub index: usize,
    pub line: usize,
    pub column: usize,
}

pub struct Input {
    raw: Vec<u8>,
    /// Decoded, and not yet dropped.
    pub text: Vec<u8>,
    pub encoding: Encoding,
    /// The encoding is decided: bytes are decoded as they come.
    is_known: bool,
    /// It was set from outside: the document's own word does not count.
    pub is_forced: bool,
    /// The position of an offset in `text`.
    mark: (usize, Position),
    /// The mark before the encoding changed, for the XML declaration.
    previous: (usize, Position),
    pub total: usize,
}

impl Input {
    pub fn new() -> Input {
        let start = Position { index: 0, line: 1, column: 0 };
        Input { raw: Vec::new(), text: Vec::new(), encoding: Encoding::Utf8, is_known: false, is_forced: false, mark: (0, start), previous: (0, start), total: 0 }
    }
    pub fn feed(&mut self, data: &[u8], is_final: bool) {
        self.total += data.len();
        if self.is_known && matches!(self.encoding, Encoding::Utf8) {
            self.text.extend_from_slice(data);
            return;
        }
        self.raw.extend_from_slice(data);
        if self.is_known || self.detect(is_final) {
            self.decode();
        }
    }
    /// From now on, and from the outside.
    pub fn force(&mut self, encoding: Encoding) {
        self.is_forced = true;
        self.encoding = encoding;
    }
    /// What follows the XML declaration is in this encoding.
    pub fn change(&mut self, encoding: Encoding) {
        self.previous = self.mark;
        self.settle_mark(self.text.len());
        self.encoding = encoding;
        self.is_known = true;
        self.decode();
    }
    /// There was no declaration, or none with an encoding.
    pub fn confirm(&mut self) {
        if !self.is_known {
            self.is_known = true;
            self.decode();
        }
    }
    /// The memory that text takes.
    pub fn held(&self) -> usize {
        self.raw.capacity() + self.text.capacity()
    }
    /// Bytes wait that make no character yet.
    pub fn has_rest(&self) -> bool {
        !self.raw.is_empty()
    }

    /// Decides by the first bytes; false if there are too few. A declaration of a document of single bytes goes to `text` alone.
    fn detect(&mut self, is_final: bool) -> bool {
        let raw = &self.raw;
        if raw.len() < 3 && !is_final {
            return false;
        }
        let skipped = match raw.as_slice() {
            [0xEF, 0xBB, 0xBF, ..] if !matches!(self.encoding, Encoding::SingleByte(_)) => 3,
            [0xFE, 0xFF, ..] | [0xFF, 0xFE, ..] if !self.is_forced || matches!(self.encoding, Encoding::Utf16 { .. }) => 2,
            _ => 0,
        };
        if skipped == 2 {
            self.encoding = Encoding::Utf16 { big: raw[0] == 0xFE };
        } else if !self.is_forced && skipped == 0 {
            match raw.as_slice() {
                [0, _, ..] => self.encoding = Encoding::Utf16 { big: true },
                [_, 0, ..] => self.encoding = Encoding::Utf16 { big: false },
                _ => {}
            }
        }
        if self.is_forced || skipped > 0 && matches!(self.encoding, Encoding::Utf16 { .. }) || matches!(self.encoding, Encoding::Utf16 { .. }) {
            self.drop_mark(skipped);
            self.is_known = true;
            return true;
        }
        let body = &raw[skipped..];
        let opening = b"<?xml";
        let could_be = body.starts_with(opening) && body.get(5).is_none_or(|&c| is_space(c)) || opening.starts_with(body);
        if could_be && !is_final && !body.windows(2).any(|pair| pair == b"?>") {
            return false;
        }
        let declaration = if body.len() > 5 && could_be { body.windows(2).position(|pair| pair == b"?>").map(|at| at + 2) } else { None };
        self.drop_mark(skipped);
        match declaration {
            Some(end) => {
                self.text.extend(self.raw.drain(..end));
                false
            }
            None => {
                self.is_known = true;
                true
            }
        }
    }

    /// Drops the byte order mark, which counts as a column.
    fn drop_mark(&mut self, length: usize) {
        self.raw.drain(..length);
        self.mark.1.index += length;
        self.mark.1.column += (length > 0) as usize;
    }

    fn decode(&mut self) {
        match &self.encoding {
            Encoding::Utf8 => self.text.append(&mut self.raw),
            Encoding::SingleByte(table) => {
                for byte in self.raw.drain(..) {
                    match u32::try_from(table[byte as usize]).ok().and_then(char::from_u32) {
                        Some(c) => self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        None => self.text.push(0xFF),
                    }
                }
            }
            Encoding::Utf16 { big } => {
                let unit = |at: usize| {
                    let pair = [*self.raw.get(at)?, *self.raw.get(at + 1)?];
                    Some(if *big { u16::from_be_bytes(pair) } else { u16::from_le_bytes(pair) })
                };
                let mut at = 0;
                while let Some(first) = unit(at) {
                    let mut code = first as u32;
                    let mut length = 2;
                    if (0xD800..0xDC00).contains(&first) {
                        let Some(second) = unit(at + 2) else { break };
                        if (0xDC00..0xE000).contains(&second) {
                            code = 0x10000 + ((first as u32 - 0xD800) << 10) + (second as u32 - 0xDC00);
                            length = 4;
                        }
                    }
                    match char::from_u32(code) {
                        Some(c) => self.text.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                        None => self.text.push(0xFF),
                    }
                    at += length;
                }
                self.raw.drain(..at);
            }
        }
    }

    /// Line, column and byte of an offset that is not before the mark.
    pub fn position(&self, offset: usize) -> Position {
        let (from, mut position) = if offset < self.mark.0 { self.previous } else { self.mark };
        let text = &self.text[from..offset.clamp(from, self.text.len())];
        position.index += self.encoding.original_length(text);
        if count(text, |c| c == b'\r') == 0 {
            let lines = count(text, |c| c == b'\n');
            let last = if lines > 0 { text.iter().rposition(|&c| c == b'\n') } else { None };
            let columns = match last {
                Some(last) => {
                    position.line += lines;
                    position.column = 0;
                    &text[last + 1..]
                }
                None => text,
            };
            position.column += count(columns, |c| c & 0xC0 != 0x80);
            return position;
        }
        for (i, &c) in text.iter().enumerate() {
            let before = if i > 0 { text[i - 1] } else { 0 };
            match c {
                b'\n' if before == b'\r' => {}
                b'\n' | b'\r' => {
                    position.line += 1;
                    position.column = 0;
                }
                c if c & 0xC0 == 0x80 => {}
                _ => position.column += 1,
            }
        }
        position
    }
    fn settle_mark(&mut self, offset: usize) {
        self.mark = (offset, self.position(offset));
    }
    /// Drops the text before an offset; true if it did, and offsets are then that much smaller.
    pub fn forget(&mut self, offset: usize) -> bool {
        if offset < 64 * 1024 && offset < self.text.len() {
            return false;
        }
        // A line end must not be torn apart.
        self.settle_mark(offset);
        self.text.drain(..offset);
        self.mark.0 = 0;
        true
    }
}
