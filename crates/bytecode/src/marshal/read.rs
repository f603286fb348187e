//! Reading: a recursive descent over the input that tells a [`MarshalBuilder`] what it finds.
//!
//! The table of references holds a value from the moment CPython would: tuples, lists, dicts and sets
//! before their items are read (so they may contain themselves), frozensets, slices and code only after.

use super::{MAX_DEPTH, code};

/// What went wrong, for the builder to turn into its own kind of error.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum MarshalError {
    /// `EOFError`
    Eof(&'static str),
    /// `ValueError`
    Value(String),
    /// `TypeError`
    Type(&'static str),
}

/// How the bytes of a string are to be understood.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum StrForm {
    /// One byte a character (ASCII in well-formed data, Latin-1 in general).
    OneByte,
    /// UTF-8, surrogates passed through. Not checked yet.
    Utf8,
}

/// The fields of a code object as they stand in the data; nothing about them has been checked.
#[derive(Clone, Debug)]
pub struct CodeFields<V> {
    pub argcount: i32,
    pub posonlyargcount: i32,
    pub kwonlyargcount: i32,
    pub stacksize: i32,
    pub flags: i32,
    pub code: V,
    pub consts: V,
    pub names: V,
    pub localsplusnames: V,
    pub localspluskinds: V,
    pub filename: V,
    pub name: V,
    pub qualname: V,
    pub firstlineno: i32,
    pub linetable: V,
    pub exceptiontable: V,
}

/// What has been filled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Container {
    Tuple,
    List,
    Dict,
    Set,
    FrozenSet,
}

/// Makes values of what is read. A container is created first, filled item by item, then finished;
/// while it is open, [`clone`](Clone) of it may already have been placed inside.
pub trait MarshalBuilder {
    type Value: Clone;
    type Error;

    fn error(&mut self, error: MarshalError) -> Self::Error;

    fn none(&mut self) -> Self::Value;
    fn bool(&mut self, value: bool) -> Self::Value;
    fn ellipsis(&mut self) -> Self::Value;
    fn stop_iteration(&mut self) -> Result<Self::Value, Self::Error>;
    fn int(&mut self, value: i64) -> Result<Self::Value, Self::Error>;
    /// Digits to the base 2**15, lowest first, the last one not zero.
    fn long(&mut self, negative: bool, digits: &[u16]) -> Result<Self::Value, Self::Error>;
    fn float(&mut self, value: f64) -> Result<Self::Value, Self::Error>;
    fn complex(&mut self, real: f64, imag: f64) -> Result<Self::Value, Self::Error>;
    fn bytes(&mut self, bytes: &[u8]) -> Result<Self::Value, Self::Error>;
    fn str(
        &mut self,
        bytes: &[u8],
        form: StrForm,
        intern: bool,
    ) -> Result<Self::Value, Self::Error>;

    /// `length` is what the data claim; `whole` tells that it can be true, so that it may be allocated.
    fn new_tuple(&mut self, length: usize, whole: bool) -> Result<Self::Value, Self::Error>;
    /// Items come in order: `index` counts up from 0 to `length - 1`.
    fn set_tuple_item(
        &mut self,
        tuple: &Self::Value,
        index: usize,
        item: Self::Value,
    ) -> Result<(), Self::Error>;
    fn new_list(&mut self, length: usize) -> Result<Self::Value, Self::Error>;
    fn append(&mut self, list: &Self::Value, item: Self::Value) -> Result<(), Self::Error>;
    fn new_dict(&mut self) -> Result<Self::Value, Self::Error>;
    fn set_item(
        &mut self,
        dict: &Self::Value,
        key: Self::Value,
        value: Self::Value,
    ) -> Result<(), Self::Error>;
    fn new_set(&mut self, frozen: bool, length: usize) -> Result<Self::Value, Self::Error>;
    fn add(&mut self, set: &Self::Value, item: Self::Value) -> Result<(), Self::Error>;
    /// Called when all items are in; the result replaces the container.
    fn finish(&mut self, kind: Container, container: Self::Value) -> Result<Self::Value, Self::Error> {
        let _ = kind;
        Ok(container)
    }

    fn slice(&mut self, parts: [Self::Value; 3]) -> Result<Self::Value, Self::Error>;
    fn code(&mut self, fields: CodeFields<Self::Value>) -> Result<Self::Value, Self::Error>;
}

/// Where the bytes come from: a slice, or an object with `readinto`.
pub trait MarshalInput<B: MarshalBuilder> {
    /// The next byte, None at the end.
    fn byte(&mut self, builder: &mut B) -> Result<Option<u8>, B::Error>;
    /// The next `length` bytes; fewer are an error.
    fn take(&mut self, builder: &mut B, length: usize) -> Result<&[u8], B::Error>;
    /// Whether there can be as many bytes more, as far as that can be told without reading.
    fn can_hold(&self, length: usize) -> bool;
}

impl<B: MarshalBuilder> MarshalInput<B> for &[u8] {
    #[inline]
    fn byte(&mut self, _: &mut B) -> Result<Option<u8>, B::Error> {
        Ok(self.split_off_first().copied())
    }

    #[inline]
    fn take(&mut self, builder: &mut B, length: usize) -> Result<&[u8], B::Error> {
        match self.split_off(..length) {
            Some(bytes) => Ok(bytes),
            None => Err(builder.error(MarshalError::Eof("marshal data too short"))),
        }
    }

    #[inline]
    fn can_hold(&self, length: usize) -> bool {
        length <= self.len()
    }
}

/// Reads one value after the other from an input. References do not reach from one to the next.
pub struct Reader<'a, B: MarshalBuilder, I: MarshalInput<B>> {
    builder: &'a mut B,
    input: &'a mut I,
    refs: Vec<Option<B::Value>>,
    digits: Vec<u16>,
    depth: usize,
    allow_code: bool,
}

type Read<V, E> = Result<Option<V>, E>;

impl<'a, B: MarshalBuilder, I: MarshalInput<B>> Reader<'a, B, I> {
    pub fn new(builder: &'a mut B, input: &'a mut I) -> Self {
        Reader {
            builder,
            input,
            refs: Vec::new(),
            digits: Vec::new(),
            depth: 0,
            allow_code: true,
        }
    }

    /// Whether code objects are let through (they are by default).
    pub fn allow_code(mut self, allow: bool) -> Self {
        self.allow_code = allow;
        self
    }

    /// `marshal.loads`: one value.
    pub fn read(&mut self) -> Result<B::Value, B::Error> {
        self.refs.clear();
        self.required("NULL object in marshal data for object")
    }

    /// A value that must not be the null marker.
    fn required(&mut self, message: &'static str) -> Result<B::Value, B::Error> {
        match self.object()? {
            Some(value) => Ok(value),
            None => Err(self.builder.error(MarshalError::Type(message))),
        }
    }

    /// One value; None for the null marker.
    fn object(&mut self) -> Read<B::Value, B::Error> {
        let Some(byte) = self.input.byte(self.builder)? else {
            return Err(self
                .builder
                .error(MarshalError::Eof("EOF read where object expected")));
        };
        if self.depth >= MAX_DEPTH {
            return Err(self.value_error("recursion limit exceeded"));
        }
        self.depth += 1;
        let is_ref = byte & code::FLAG_REF != 0;
        let result = self.object_of_type(byte & !code::FLAG_REF, is_ref);
        self.depth -= 1;
        result
    }

    fn object_of_type(&mut self, kind: u8, is_ref: bool) -> Read<B::Value, B::Error> {
        let value = match kind {
            code::NULL => return Ok(None),
            code::NONE => return Ok(Some(self.builder.none())),
            code::TRUE => return Ok(Some(self.builder.bool(true))),
            code::FALSE => return Ok(Some(self.builder.bool(false))),
            code::ELLIPSIS => return Ok(Some(self.builder.ellipsis())),
            code::STOP_ITERATION => return self.builder.stop_iteration().map(Some),
            code::REF => return self.reference().map(Some),
            code::SHORT_ASCII | code::SHORT_ASCII_INTERNED => {
                let length = self.byte()? as usize;
                self.str(length, StrForm::OneByte, kind == code::SHORT_ASCII_INTERNED)?
            }
            code::SMALL_TUPLE => {
                let length = self.byte()? as usize;
                return self.tuple(length, is_ref).map(Some);
            }
            code::TUPLE => {
                let length = self.size("bad marshal data (tuple size out of range)")?;
                return self.tuple(length, is_ref).map(Some);
            }
            code::CODE => return self.code(is_ref).map(Some),
            code::INT => {
                let value = self.int32()?;
                self.builder.int(value as i64)?
            }
            code::BYTES => {
                let length = self.size("bad marshal data (bytes object size out of range)")?;
                let bytes = self.input.take(self.builder, length)?;
                self.builder.bytes(bytes)?
            }
            _ => return self.rare_object(kind, is_ref),
        };
        Ok(Some(self.enter(value, is_ref)))
    }

    /// The types that code objects seldom hold; kept apart so that the frames of the recursion are small.
    #[inline(never)]
    fn rare_object(&mut self, kind: u8, is_ref: bool) -> Read<B::Value, B::Error> {
        let value = match kind {
            code::ASCII | code::ASCII_INTERNED => {
                let length = self.size(STR_SIZE)?;
                self.str(length, StrForm::OneByte, kind == code::ASCII_INTERNED)?
            }
            code::UNICODE | code::INTERNED => {
                let length = self.size(STR_SIZE)?;
                self.str(length, StrForm::Utf8, kind == code::INTERNED)?
            }
            code::INT64 => {
                let value = i64::from_le_bytes(self.array()?);
                self.builder.int(value)?
            }
            code::LONG => self.long()?,
            code::BINARY_FLOAT => {
                let value = f64::from_le_bytes(self.array()?);
                self.builder.float(value)?
            }
            code::FLOAT => {
                let value = self.float_text()?;
                self.builder.float(value)?
            }
            code::BINARY_COMPLEX => {
                let real = f64::from_le_bytes(self.array()?);
                let imag = f64::from_le_bytes(self.array()?);
                self.builder.complex(real, imag)?
            }
            code::COMPLEX => {
                let real = self.float_text()?;
                let imag = self.float_text()?;
                self.builder.complex(real, imag)?
            }
            code::LIST => {
                let length = self.size("bad marshal data (list size out of range)")?;
                return self.list(length, is_ref).map(Some);
            }
            code::DICT => return self.dict(is_ref).map(Some),
            code::SET | code::FROZENSET => {
                let length = self.size("bad marshal data (set size out of range)")?;
                return self.set(kind == code::FROZENSET, length, is_ref).map(Some);
            }
            code::SLICE => return self.slice(is_ref),
            _ => return Err(self.value_error("bad marshal data (unknown type code)")),
        };
        Ok(Some(self.enter(value, is_ref)))
    }

    fn str(&mut self, n: usize, form: StrForm, intern: bool) -> Result<B::Value, B::Error> {
        let bytes = self.input.take(self.builder, n)?;
        self.builder.str(bytes, form, intern)
    }

    fn tuple(&mut self, length: usize, is_ref: bool) -> Result<B::Value, B::Error> {
        let tuple = self.builder.new_tuple(length, self.input.can_hold(length))?;
        let slot = self.enter_open(&tuple, is_ref);
        for index in 0..length {
            let item = self.required("NULL object in marshal data for tuple")?;
            self.builder.set_tuple_item(&tuple, index, item)?;
        }
        self.finish(Container::Tuple, tuple, slot)
    }

    fn list(&mut self, length: usize, is_ref: bool) -> Result<B::Value, B::Error> {
        let list = self.builder.new_list(length)?;
        let slot = self.enter_open(&list, is_ref);
        for _ in 0..length {
            let item = self.required("NULL object in marshal data for list")?;
            self.builder.append(&list, item)?;
        }
        self.finish(Container::List, list, slot)
    }

    /// Pairs up to a null key; a null value ends the dict as well.
    fn dict(&mut self, is_ref: bool) -> Result<B::Value, B::Error> {
        let dict = self.builder.new_dict()?;
        let slot = self.enter_open(&dict, is_ref);
        while let Some(key) = self.object()? {
            let Some(value) = self.object()? else { break };
            self.builder.set_item(&dict, key, value)?;
        }
        self.finish(Container::Dict, dict, slot)
    }

    fn set(&mut self, frozen: bool, length: usize, is_ref: bool) -> Result<B::Value, B::Error> {
        let set = self.builder.new_set(frozen, length)?;
        let slot = match frozen {
            true => self.reserve(is_ref),
            false => self.enter_open(&set, is_ref),
        };
        for _ in 0..length {
            let item = self.required("NULL object in marshal data for set")?;
            self.builder.add(&set, item)?;
        }
        self.finish(if frozen { Container::FrozenSet } else { Container::Set }, set, slot)
    }

    fn slice(&mut self, is_ref: bool) -> Read<B::Value, B::Error> {
        let slot = self.reserve(is_ref);
        let Some(start) = self.object()? else {
            return Ok(None);
        };
        let Some(stop) = self.object()? else {
            return Ok(None);
        };
        let Some(step) = self.object()? else {
            return Ok(None);
        };
        let slice = self.builder.slice([start, stop, step])?;
        Ok(Some(self.fill(slice, slot)))
    }

    #[inline(never)]
    fn code(&mut self, is_ref: bool) -> Result<B::Value, B::Error> {
        const NULL: &str = "NULL object in marshal data for code object";
        if !self.allow_code {
            return Err(self.value_error("unmarshalling code objects is disallowed"));
        }
        let slot = self.reserve(is_ref);
        let fields = CodeFields {
            argcount: self.int32()?,
            posonlyargcount: self.int32()?,
            kwonlyargcount: self.int32()?,
            stacksize: self.int32()?,
            flags: self.int32()?,
            code: self.required(NULL)?,
            consts: self.required(NULL)?,
            names: self.required(NULL)?,
            localsplusnames: self.required(NULL)?,
            localspluskinds: self.required(NULL)?,
            filename: self.required(NULL)?,
            name: self.required(NULL)?,
            qualname: self.required(NULL)?,
            firstlineno: self.int32()?,
            linetable: self.required(NULL)?,
            exceptiontable: self.required(NULL)?,
        };
        let value = self.builder.code(fields)?;
        Ok(self.fill(value, slot))
    }

    fn reference(&mut self) -> Result<B::Value, B::Error> {
        let index = self.int32()?;
        let entry = usize::try_from(index)
            .ok()
            .and_then(|i| self.refs.get(i)?.clone());
        entry.ok_or_else(|| self.value_error("bad marshal data (invalid reference)"))
    }

    fn long(&mut self) -> Result<B::Value, B::Error> {
        let length = self.int32()?;
        if length == i32::MIN {
            return Err(self.value_error("bad marshal data (long size out of range)"));
        }
        self.digits.clear();
        for _ in 0..length.unsigned_abs() {
            let digit = u16::from_le_bytes(self.array()?);
            if digit >= 1 << 15 {
                return Err(self.value_error("bad marshal data (digit out of range in long)"));
            }
            self.digits.push(digit);
        }
        match self.digits.last() {
            None => self.builder.int(0),
            Some(0) => Err(self.value_error("bad marshal data (unnormalized long data)")),
            Some(_) => self.builder.long(length < 0, &self.digits),
        }
    }

    /// A float as text, as versions 0 and 1 of the format have it.
    fn float_text(&mut self) -> Result<f64, B::Error> {
        let length = self.byte()? as usize;
        let bytes = self.input.take(self.builder, length)?;
        let text = String::from_utf8_lossy(bytes);
        match text.parse() {
            Ok(value) => Ok(value),
            Err(_) => {
                let message = format!("could not convert string to float: '{text}'");
                Err(self.builder.error(MarshalError::Value(message)))
            }
        }
    }

    fn byte(&mut self) -> Result<u8, B::Error> {
        match self.input.byte(self.builder)? {
            Some(byte) => Ok(byte),
            None => Err(self
                .builder
                .error(MarshalError::Eof("EOF read where not expected"))),
        }
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], B::Error> {
        let bytes = self.input.take(self.builder, N)?;
        let mut array = [0; N];
        array.copy_from_slice(bytes);
        Ok(array)
    }

    fn int32(&mut self) -> Result<i32, B::Error> {
        Ok(i32::from_le_bytes(self.array()?))
    }

    fn size(&mut self, message: &'static str) -> Result<usize, B::Error> {
        let size = self.int32()?;
        usize::try_from(size).map_err(|_| self.value_error(message))
    }

    /// Enters a complete value into the table of references if it is flagged.
    fn enter(&mut self, value: B::Value, is_ref: bool) -> B::Value {
        if is_ref {
            self.refs.push(Some(value.clone()));
        }
        value
    }

    fn enter_open(&mut self, value: &B::Value, is_ref: bool) -> Option<usize> {
        is_ref.then(|| {
            self.refs.push(Some(value.clone()));
            self.refs.len() - 1
        })
    }

    /// Keeps a place for a value that cannot be referred to before it is complete.
    fn reserve(&mut self, is_ref: bool) -> Option<usize> {
        is_ref.then(|| {
            self.refs.push(None);
            self.refs.len() - 1
        })
    }

    fn fill(&mut self, value: B::Value, slot: Option<usize>) -> B::Value {
        if let Some(entry) = slot.and_then(|slot| self.refs.get_mut(slot)) {
            *entry = Some(value.clone());
        }
        value
    }

    fn finish(&mut self, kind: Container, container: B::Value, slot: Option<usize>) -> Result<B::Value, B::Error> {
        let value = self.builder.finish(kind, container)?;
        Ok(self.fill(value, slot))
    }

    #[cold]
    fn value_error(&mut self, message: &str) -> B::Error {
        self.builder.error(MarshalError::Value(message.to_string()))
    }
}

const STR_SIZE: &str = "bad marshal data (string size out of range)";
