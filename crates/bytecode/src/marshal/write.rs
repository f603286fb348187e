//! Writing: a recursive walk over values that a [`MarshalSource`] explains.

use std::borrow::Cow;
use std::collections::HashMap;

use super::read::CodeFields;
use super::{MAX_DEPTH, code};

/// Why a value could not be written; the messages are those of CPython's `ValueError`s.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WriteError {
    Unmarshallable,
    TooDeep,
    CodeNotAllowed,
}

impl WriteError {
    pub fn message(self) -> &'static str {
        match self {
            WriteError::Unmarshallable => "unmarshallable object",
            WriteError::TooDeep => "object too deeply nested to marshal",
            WriteError::CodeNotAllowed => "marshalling code objects is disallowed",
        }
    }
}

/// What a value is, with all of it that can be had without recursion.
pub enum View<'a, V> {
    None,
    True,
    False,
    Ellipsis,
    StopIteration,
    Int(i64),
    /// Digits to the base 2**15, lowest first, the last one not zero.
    Long {
        negative: bool,
        digits: Cow<'a, [u16]>,
    },
    Float(f64),
    Complex(f64, f64),
    Bytes(Cow<'a, [u8]>),
    /// WTF-8 bytes.
    Str {
        text: Cow<'a, [u8]>,
        interned: bool,
    },
    /// Items are asked for one by one.
    Tuple(usize),
    List(usize),
    Dict(Vec<(V, V)>),
    /// In order of iteration; the writer sorts.
    Set {
        frozen: bool,
        items: Vec<V>,
    },
    Slice([V; 3]),
    Code(Box<CodeFields<V>>),
    Unmarshallable,
}

/// Explains values to the writer.
pub trait MarshalSource {
    type Value;

    fn view<'a>(&'a self, value: &'a Self::Value) -> View<'a, Self::Value>;

    /// An item of a tuple or list, None if it has shrunk.
    fn item(&self, container: &Self::Value, index: usize) -> Option<Self::Value>;

    /// Identifies the value if it may be met again (more than one reference, or interned); such values
    /// are flagged and written once. Not asked for None, bools, Ellipsis and StopIteration.
    fn identity(&self, value: &Self::Value) -> Option<usize>;
}

/// Writes values one after the other; references reach from one to the next.
pub struct Writer<'a, S: MarshalSource> {
    source: &'a S,
    out: Vec<u8>,
    refs: HashMap<usize, u32>,
    /// Slices and code that are being written: what is in them cannot refer to them, as the reader makes them last.
    unfinished: Vec<u32>,
    version: i32,
    depth: usize,
    allow_code: bool,
}

impl<'a, S: MarshalSource> Writer<'a, S> {
    pub fn new(source: &'a S, version: i32) -> Self {
        let (out, refs) = (Vec::new(), HashMap::new());
        Writer {
            source,
            out,
            refs,
            unfinished: Vec::new(),
            version,
            depth: 0,
            allow_code: true,
        }
    }

    pub fn allow_code(mut self, allow: bool) -> Self {
        self.allow_code = allow;
        self
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.out
    }

    pub fn write(&mut self, value: &S::Value) -> Result<(), WriteError> {
        if self.depth >= MAX_DEPTH {
            return Err(WriteError::TooDeep);
        }
        self.depth += 1;
        let result = self.write_view(value);
        self.depth -= 1;
        result
    }

    fn write_view(&mut self, value: &S::Value) -> Result<(), WriteError> {
        let source = self.source;
        let view = source.view(value);
        let singleton = match view {
            View::None => code::NONE,
            View::True => code::TRUE,
            View::False => code::FALSE,
            View::Ellipsis => code::ELLIPSIS,
            View::StopIteration => code::STOP_ITERATION,
            _ => 0,
        };
        if singleton != 0 {
            self.out.push(singleton);
            return Ok(());
        }
        let mut flag = 0;
        if self.version >= 3
            && let Some(identity) = source.identity(value)
        {
            if let Some(&index) = self.refs.get(&identity) {
                if self.unfinished.contains(&index) {
                    return Err(WriteError::Unmarshallable);
                }
                self.out.push(code::REF);
                self.int32(index as i32);
                return Ok(());
            }
            self.refs.insert(identity, self.refs.len() as u32);
            flag = code::FLAG_REF;
        }
        if flag != 0 && matches!(view, View::Slice(_) | View::Code(_)) {
            self.unfinished.push(self.refs.len() as u32 - 1);
            let result = self.write_kind(value, view, flag);
            self.unfinished.pop();
            return result;
        }
        self.write_kind(value, view, flag)
    }

    fn write_kind(&mut self, value: &S::Value, view: View<'_, S::Value>, flag: u8) -> Result<(), WriteError> {
        match view {
            View::Tuple(length) if self.version >= 4 && length < 256 => {
                self.out.extend([code::SMALL_TUPLE | flag, length as u8]);
                self.items(value, length)
            }
            View::Tuple(length) => {
                self.head(code::TUPLE | flag, length)?;
                self.items(value, length)
            }
            View::List(length) => {
                self.head(code::LIST | flag, length)?;
                self.items(value, length)
            }
            View::Dict(pairs) => self.dict(&pairs, flag),
            View::Set { frozen, items } => self.set(frozen, &items, flag),
            View::Slice(parts) => self.slice(&parts, flag),
            View::Code(fields) => self.code(&fields, flag),
            leaf => self.leaf(leaf, flag),
        }
    }

    /// What has no items.
    fn leaf(&mut self, view: View<S::Value>, flag: u8) -> Result<(), WriteError> {
        match view {
            View::Int(value) => match i32::try_from(value) {
                Ok(value) => {
                    self.out.push(code::INT | flag);
                    self.int32(value);
                }
                Err(_) => {
                    let mut rest = value.unsigned_abs();
                    let mut digits = Vec::new();
                    while rest != 0 {
                        digits.push((rest & 0x7FFF) as u16);
                        rest >>= 15;
                    }
                    self.long(value < 0, &digits, flag)?;
                }
            },
            View::Long { negative, digits } => self.long(negative, &digits, flag)?,
            View::Float(value) if self.version > 1 => {
                self.out.push(code::BINARY_FLOAT | flag);
                self.out.extend(value.to_le_bytes());
            }
            View::Float(value) => {
                self.out.push(code::FLOAT | flag);
                self.float_text(value);
            }
            View::Complex(real, imag) if self.version > 1 => {
                self.out.push(code::BINARY_COMPLEX | flag);
                self.out.extend(real.to_le_bytes());
                self.out.extend(imag.to_le_bytes());
            }
            View::Complex(real, imag) => {
                self.out.push(code::COMPLEX | flag);
                self.float_text(real);
                self.float_text(imag);
            }
            View::Bytes(bytes) => {
                self.head(code::BYTES | flag, bytes.len())?;
                self.out.extend_from_slice(&bytes);
            }
            View::Str { text, interned } => self.str(&text, interned, flag)?,
            _ => return Err(WriteError::Unmarshallable),
        }
        Ok(())
    }

    fn str(&mut self, text: &[u8], interned: bool, flag: u8) -> Result<(), WriteError> {
        if self.version >= 4 && text.is_ascii() {
            if text.len() < 256 {
                let kind = [code::SHORT_ASCII, code::SHORT_ASCII_INTERNED][interned as usize];
                self.out.extend([kind | flag, text.len() as u8]);
            } else {
                let kind = [code::ASCII, code::ASCII_INTERNED][interned as usize];
                self.head(kind | flag, text.len())?;
            }
        } else {
            let interned = interned && self.version >= 3;
            let kind = [code::UNICODE, code::INTERNED][interned as usize];
            self.head(kind | flag, text.len())?;
        }
        self.out.extend_from_slice(text);
        Ok(())
    }

    fn long(&mut self, negative: bool, digits: &[u16], flag: u8) -> Result<(), WriteError> {
        let size = i32::try_from(digits.len()).map_err(|_| WriteError::Unmarshallable)?;
        self.out.push(code::LONG | flag);
        self.int32(if negative { -size } else { size });
        self.out
            .extend(digits.iter().flat_map(|digit| digit.to_le_bytes()));
        Ok(())
    }

    fn items(&mut self, container: &S::Value, length: usize) -> Result<(), WriteError> {
        for index in 0..length {
            match self.source.item(container, index) {
                Some(item) => self.write(&item)?,
                None => self.out.push(code::NULL),
            }
        }
        Ok(())
    }

    fn dict(&mut self, pairs: &[(S::Value, S::Value)], flag: u8) -> Result<(), WriteError> {
        self.out.push(code::DICT | flag);
        for (key, value) in pairs {
            self.write(key)?;
            self.write(value)?;
        }
        self.out.push(code::NULL);
        Ok(())
    }

    /// Items in the order of what each is written as alone, so that equal sets give equal bytes.
    fn set(&mut self, frozen: bool, items: &[S::Value], flag: u8) -> Result<(), WriteError> {
        let kind = if frozen { code::FROZENSET } else { code::SET };
        self.head(kind | flag, items.len())?;
        let mut order = Vec::with_capacity(items.len());
        for item in items {
            let mut alone = Writer::new(self.source, self.version).allow_code(self.allow_code);
            alone.depth = self.depth;
            alone.write(item)?;
            order.push((alone.out, item));
        }
        order.sort_by(|a, b| a.0.cmp(&b.0));
        for (_, item) in order {
            self.write(item)?;
        }
        Ok(())
    }

    fn slice(&mut self, parts: &[S::Value; 3], flag: u8) -> Result<(), WriteError> {
        if self.version < 5 {
            return Err(WriteError::Unmarshallable);
        }
        self.out.push(code::SLICE | flag);
        parts.iter().try_for_each(|part| self.write(part))
    }

    fn code(&mut self, fields: &CodeFields<S::Value>, flag: u8) -> Result<(), WriteError> {
        if !self.allow_code {
            return Err(WriteError::CodeNotAllowed);
        }
        self.out.push(code::CODE | flag);
        self.int32(fields.argcount);
        self.int32(fields.posonlyargcount);
        self.int32(fields.kwonlyargcount);
        self.int32(fields.stacksize);
        self.int32(fields.flags);
        self.write(&fields.code)?;
        self.write(&fields.consts)?;
        self.write(&fields.names)?;
        self.write(&fields.localsplusnames)?;
        self.write(&fields.localspluskinds)?;
        self.write(&fields.filename)?;
        self.write(&fields.name)?;
        self.write(&fields.qualname)?;
        self.int32(fields.firstlineno);
        self.write(&fields.linetable)?;
        self.write(&fields.exceptiontable)
    }

    /// 17 significant digits, as C's `%.17g`.
    fn float_text(&mut self, value: f64) {
        let text = format_17g(value);
        self.out.push(text.len() as u8);
        self.out.extend_from_slice(text.as_bytes());
    }

    fn head(&mut self, kind: u8, size: usize) -> Result<(), WriteError> {
        let size = i32::try_from(size).map_err(|_| WriteError::Unmarshallable)?;
        self.out.push(kind);
        self.int32(size);
        Ok(())
    }

    fn int32(&mut self, value: i32) {
        self.out.extend(value.to_le_bytes());
    }
}

fn format_17g(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() {
            "nan"
        } else if value > 0.0 {
            "inf"
        } else {
            "-inf"
        }
        .into();
    }
    let scientific = format!("{value:.16e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_string(),
        false => text.to_string(),
    };
    if (-4..17).contains(&exponent) {
        return trim(&format!("{value:.*}", (16 - exponent) as usize));
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{}e{sign}{:02}", trim(mantissa), exponent.abs())
}
