//! `marshal`: the format of `.pyc` files, read into objects and written from them. The format itself is in the `bytecode` crate.
//!
//! Code that comes this way is verified before it becomes an object (D9).

use crate::errors::{self, PyResult, Raised};
use crate::macro_support::Buffer;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::buffer::BufferView;
use crate::protocol::{call, number};
use crate::types::code::Fields;
use crate::types::{self, ByteArray, Bytes, Code, Complex, Dict, Float, FrozenSet, Int, List, MemoryView, Set, Slice, Str, Tuple};
use crate::{err, exceptions};
use bytecode::marshal::{CodeFields, Container, MarshalBuilder, MarshalError, MarshalInput, MarshalSource, Reader, StrForm, View, WriteError, Writer};
use macros::pymodule;
use std::borrow::Cow;

/// One marshalled value at the start of `data`. `trusted` data is our own and need not be verified.
pub fn loads(mut data: &[u8], trusted: bool) -> PyResult {
    let mut builder = Builder { trusted };
    Reader::new(&mut builder, &mut data).read()
}

/// The value that the data begins with, and how many bytes it takes.
pub fn loads_prefix(data: &[u8], trusted: bool) -> PyResult<(Owned, usize)> {
    let (mut builder, mut rest) = (Builder { trusted }, data);
    let value = Reader::new(&mut builder, &mut rest).read()?;
    Ok((value, data.len() - rest.len()))
}

/// The marshalled form of a value.
pub fn dumps(value: &Object, version: i32, allow_code: bool) -> PyResult<Vec<u8>> {
    let source = Source;
    let mut writer = Writer::new(&source, version).allow_code(allow_code);
    writer.write(&value.to_owned()).map_err(write_error)?;
    Ok(writer.into_bytes())
}

fn write_error(error: WriteError) -> Raised {
    err!(ValueError, "{}", error.message())
}

struct Builder {
    trusted: bool,
}

fn wrong_field(name: &str) -> Raised {
    err!(TypeError, "bad marshal data (code object's {} has the wrong type)", name)
}

fn typed<T: PyTyped>(value: Owned, name: &str) -> PyResult<Owned<T>> {
    value.try_into_typed::<T>().map_err(|_| wrong_field(name))
}

impl MarshalBuilder for Builder {
    type Value = Owned;
    type Error = Raised;

    fn error(&mut self, error: MarshalError) -> Raised {
        match error {
            MarshalError::Eof(message) => err!(EOFError, "{}", message),
            MarshalError::Value(message) => err!(ValueError, "{}", message),
            MarshalError::Type(message) => err!(TypeError, "{}", message),
        }
    }
    fn none(&mut self) -> Owned {
        types::none().to_owned()
    }
    fn bool(&mut self, value: bool) -> Owned {
        types::bool_object(value).to_owned()
    }
    fn ellipsis(&mut self) -> Owned {
        types::ellipsis().to_owned()
    }
    fn stop_iteration(&mut self) -> PyResult {
        Ok(exceptions::StopIteration().as_object().to_owned())
    }
    fn int(&mut self, value: i64) -> PyResult {
        Ok(Int::from_i64(value).into_object())
    }
    fn long(&mut self, negative: bool, digits: &[u16]) -> PyResult {
        let joined: Vec<u32> = digits.chunks(2).map(|pair| pair[0] as u32 | (pair.get(1).copied().unwrap_or(0) as u32) << 15).collect();
        Ok(Int::from_digits(&joined, negative)?.into_object())
    }
    fn float(&mut self, value: f64) -> PyResult {
        Ok(Float::new(value).into_object())
    }
    fn complex(&mut self, real: f64, imag: f64) -> PyResult {
        Ok(Complex::new(real, imag).into_object())
    }
    fn bytes(&mut self, bytes: &[u8]) -> PyResult {
        Ok(Bytes::new(bytes).into_object())
    }
    fn str(&mut self, bytes: &[u8], form: StrForm, intern: bool) -> PyResult {
        let text = match form {
            StrForm::OneByte => Str::from_latin1(bytes),
            StrForm::Utf8 if bytecode::Wtf8::from_bytes(bytes).is_some() => Str::from_wtf8(bytes),
            StrForm::Utf8 => crate::codecs::decode(bytes, Some("utf-8"), Some("surrogatepass"))?,
        };
        Ok(if intern { Str::intern(text) } else { text }.into_object())
    }
    // Where the claimed length may be a lie a tuple is grown as a list. Otherwise it is full of None until its items come: items may
    // refer to it, and may be compared and hashed meanwhile.
    fn new_tuple(&mut self, length: usize, whole: bool) -> PyResult {
        match length {
            0 => Ok(Tuple::empty().into_object()),
            _ if whole => {
                let tuple = Tuple::with_len(length)?;
                let none = types::none().as_ptr();
                // SAFETY: the tuple is new; None is immortal.
                unsafe { (0..length).for_each(|index| tuple.items_ptr().add(index).write(none)) };
                Ok(tuple.into_object())
            }
            _ => Ok(List::new().into_object()),
        }
    }
    fn set_tuple_item(&mut self, tuple: &Owned, index: usize, item: Owned) -> PyResult<()> {
        match tuple.downcast_exact::<Tuple>() {
            Some(tuple) if index < tuple.len() => {
                // SAFETY: within the tuple, which is still being made; None was there.
                unsafe { tuple.items_ptr().add(index).write(item.into_raw()) };
                Ok(())
            }
            _ => self.append(tuple, item),
        }
    }
    fn new_list(&mut self, _length: usize) -> PyResult {
        Ok(List::new().into_object())
    }
    fn append(&mut self, list: &Owned, item: Owned) -> PyResult<()> {
        match list.downcast::<List>() {
            Some(list) => list.push(item),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn new_dict(&mut self) -> PyResult {
        Ok(Dict::new().into_object())
    }
    fn set_item(&mut self, dict: &Owned, key: Owned, value: Owned) -> PyResult<()> {
        match dict.downcast::<Dict>() {
            Some(dict) => dict.set_item(&key, &value),
            None => Err(errors::bad_internal_call()),
        }
    }
    fn new_set(&mut self, frozen: bool, _length: usize) -> PyResult {
        Ok(if frozen { List::new().into_object() } else { Set::new().into_object() })
    }
    fn add(&mut self, set: &Owned, item: Owned) -> PyResult<()> {
        match set.downcast::<Set>() {
            Some(set) => set.add(&item),
            None => self.append(set, item),
        }
    }
    fn finish(&mut self, kind: Container, container: Owned) -> PyResult {
        match (kind, container.downcast_exact::<List>()) {
            (Container::Tuple, Some(items)) => Ok(items.as_tuple().into_object()),
            (Container::Tuple, None) => {
                if let Some(tuple) = container.downcast_exact::<Tuple>() {
                    tuple.0.ob_hash.set(-1);
                }
                Ok(container)
            }
            (Container::FrozenSet, Some(items)) => Ok(FrozenSet::from_items(&items.to_vec())?.into_object()),
            _ => Ok(container),
        }
    }
    fn slice(&mut self, [start, stop, step]: [Owned; 3]) -> PyResult {
        Ok(Slice::from_owned(start, stop, step)?.into_object())
    }
    fn code(&mut self, fields: CodeFields<Owned>) -> PyResult {
        let code = typed::<Bytes>(fields.code, "code")?;
        let fields = Fields {
            argcount: fields.argcount,
            posonlyargcount: fields.posonlyargcount,
            kwonlyargcount: fields.kwonlyargcount,
            stacksize: fields.stacksize,
            flags: fields.flags,
            code: code.as_slice().into(),
            consts: typed(fields.consts, "consts")?,
            names: typed(fields.names, "names")?,
            localsplusnames: typed(fields.localsplusnames, "localsplusnames")?,
            localspluskinds: typed(fields.localspluskinds, "localspluskinds")?,
            filename: typed(fields.filename, "filename")?,
            name: typed(fields.name, "name")?,
            qualname: typed(fields.qualname, "qualname")?,
            firstlineno: fields.firstlineno,
            linetable: typed(fields.linetable, "linetable")?,
            exceptiontable: typed(fields.exceptiontable, "exceptiontable")?,
        };
        if self.trusted { Ok(Code::new(fields)?.into_object()) } else { types::code_new::make(fields) }
    }
}

struct Source;

fn field(pointer: *mut abi::PyObject) -> Owned {
    // SAFETY: the object fields of a code object are set.
    unsafe { Object::from_ptr(pointer) }.to_owned()
}

impl MarshalSource for Source {
    type Value = Owned;

    fn view<'a>(&'a self, value: &'a Owned) -> View<'a, Owned> {
        let o: &Object = value;
        if let Some(text) = o.downcast_exact::<Str>() {
            return View::Str { text: wtf8_bytes(text), interned: text.is_interned() };
        }
        if let Some(tuple) = o.downcast_exact::<Tuple>() {
            return View::Tuple(tuple.len());
        }
        if let Some(int) = o.downcast_exact::<Int>() {
            return match int.as_i64() {
                Some(small) => View::Int(small),
                None => {
                    let mut digits: Vec<u16> = int.digits().iter().flat_map(|&d| [(d & 0x7fff) as u16, (d >> 15) as u16]).collect();
                    while digits.last() == Some(&0) {
                        digits.pop();
                    }
                    View::Long { negative: int.is_negative(), digits: Cow::Owned(digits) }
                }
            };
        }
        if let Some(bytes) = o.downcast_exact::<Bytes>() {
            return View::Bytes(Cow::Borrowed(bytes.as_slice()));
        }
        if let Some(float) = o.downcast_exact::<Float>() {
            return View::Float(float.value());
        }
        if let Some(code) = o.downcast_exact::<Code>() {
            return View::Code(Box::new(view_code(code)));
        }
        if let Some(list) = o.downcast_exact::<List>() {
            return View::List(list.len());
        }
        if let Some(dict) = o.downcast_exact::<Dict>() {
            let mut position = 0;
            let mut items = Vec::new();
            while let Some(item) = dict.next(&mut position) {
                items.push(item);
            }
            return View::Dict(items);
        }
        if let Some(set) = o.downcast_exact::<Set>() {
            return View::Set { frozen: false, items: set.to_vec() };
        }
        if let Some(set) = o.downcast_exact::<FrozenSet>() {
            return View::Set { frozen: true, items: set.as_set().to_vec() };
        }
        if let Some(complex) = o.downcast_exact::<Complex>() {
            let (real, imag) = complex.value();
            return View::Complex(real, imag);
        }
        if let Some(slice) = o.downcast_exact::<Slice>() {
            return View::Slice([slice.start().to_owned(), slice.stop().to_owned(), slice.step().to_owned()]);
        }
        match o {
            _ if o.is_none() => View::None,
            _ if o.is(types::true_()) => View::True,
            _ if o.is(types::false_()) => View::False,
            _ if o.is(types::ellipsis()) => View::Ellipsis,
            _ if o.is(exceptions::StopIteration()) => View::StopIteration,
            _ => match BufferView::get(o, abi::PyBUF_SIMPLE as i32) {
                Ok(view) => View::Bytes(Cow::Owned(view.as_bytes().to_vec())),
                Err(_) => {
                    errors::clear();
                    View::Unmarshallable
                }
            },
        }
    }

    fn item(&self, container: &Owned, index: usize) -> Option<Owned> {
        match container.downcast_exact::<Tuple>() {
            Some(tuple) => tuple.get_opt(index).map(|item| item.to_owned()),
            None => container.downcast_exact::<List>()?.get(index),
        }
    }

    fn identity(&self, value: &Owned) -> Option<usize> {
        // One reference is the walk's own, one the container's.
        let shared = value.refcount() > 2 || value.downcast_exact::<Str>().is_some_and(|text| text.is_interned());
        shared.then(|| value.as_ptr() as usize)
    }
}

fn wtf8_bytes(text: &Str) -> Cow<'_, [u8]> {
    match text.as_ascii() {
        Some(ascii) => Cow::Borrowed(ascii.as_bytes()),
        None => Cow::Owned(crate::compile::wtf8(text).as_bytes().to_vec()),
    }
}

fn view_code(code: &Code) -> CodeFields<Owned> {
    let c = &code.0;
    CodeFields {
        argcount: c.co_argcount.get(),
        posonlyargcount: c.co_posonlyargcount.get(),
        kwonlyargcount: c.co_kwonlyargcount.get(),
        stacksize: c.co_stacksize.get(),
        flags: c.co_flags.get(),
        code: Bytes::new(&code.original_code()).into_object(),
        consts: field(c.co_consts.get()),
        names: field(c.co_names.get()),
        localsplusnames: field(c.co_localsplusnames.get()),
        localspluskinds: field(c.co_localspluskinds.get()),
        filename: field(c.co_filename.get()),
        name: field(c.co_name.get()),
        qualname: field(c.co_qualname.get()),
        firstlineno: c.co_firstlineno.get(),
        linetable: field(c.co_linetable.get()),
        exceptiontable: field(c.co_exceptiontable.get()),
    }
}

/// Input from an object with `readinto`, which is asked for what is needed and no more.
struct FileInput<'a> {
    file: &'a Object,
    buffer: Vec<u8>,
}

/// What a length in the data may make us allocate before the data are seen to be there.
const BLOCK: usize = 1 << 20;

impl FileInput<'_> {
    /// Appends the next bytes to the buffer; tells whether all were there.
    fn fill(&mut self, length: usize) -> PyResult<bool> {
        let block = ByteArray::new(&vec![0; length])?;
        let view = MemoryView::from_object(block.as_object())?;
        let count = call::call_method(self.file, crate::intern!("readinto"), &[view.as_object()])?;
        let count = number::as_isize(&count, Some(exceptions::ValueError()))?;
        if count > length as isize {
            return Err(err!(ValueError, "read() returned too much data: {} bytes requested, {} returned", length, count));
        }
        self.buffer.extend_from_slice(block.as_slice());
        Ok(count == length as isize)
    }
}

impl MarshalInput<Builder> for FileInput<'_> {
    fn byte(&mut self, _: &mut Builder) -> PyResult<Option<u8>> {
        self.buffer.clear();
        Ok(if self.fill(1)? { self.buffer.first().copied() } else { None })
    }
    fn take(&mut self, _: &mut Builder, length: usize) -> PyResult<&[u8]> {
        self.buffer.clear();
        let mut left = length;
        loop {
            let part = left.min(BLOCK);
            if !self.fill(part)? {
                return Err(err!(EOFError, "EOF read where not expected"));
            }
            left -= part;
            if left == 0 {
                break;
            }
        }
        match self.buffer.get(..length) {
            Some(bytes) => Ok(bytes),
            None => Err(err!(EOFError, "EOF read where not expected")),
        }
    }
    fn can_hold(&self, length: usize) -> bool {
        length <= BLOCK / 16
    }
}

/// This module contains functions that can read and write Python values in
/// a binary format. The format is specific to Python, but independent of
/// machine architecture issues.
#[pymodule(name = "marshal")]
pub mod marshal {
    use super::*;

    #[constant]
    const version: i64 = bytecode::marshal::VERSION as i64;

    /// Write the value on the open file.
    #[function("dump($module, value, file, version=5, /, *, allow_code=True)")]
    fn dump(value: &Object, file: &Object, format: i32, allow_code: bool) -> PyResult {
        crate::audit::audit("marshal.dumps", &[value, &Int::from_i64(format as i64)])?;
        let data = super::dumps(value, format, allow_code)?;
        call::call_method(file, crate::intern!("write"), &[Bytes::new(&data).as_object()])
    }

    /// Return the bytes object that would be written to a file by dump(value, file).
    #[function("dumps($module, value, version=5, /, *, allow_code=True)")]
    fn dumps(value: &Object, format: i32, allow_code: bool) -> PyResult<Owned<Bytes>> {
        crate::audit::audit("marshal.dumps", &[value, &Int::from_i64(format as i64)])?;
        Ok(Bytes::new(&super::dumps(value, format, allow_code)?))
    }

    /// Read one value from the open file and return it.
    #[function("load($module, file, /, *, allow_code=True)")]
    fn load(file: &Object, allow_code: bool) -> PyResult {
        let probe = call::call_method(file, crate::intern!("read"), &[Int::from_i64(0).as_object()])?;
        if !Bytes::check(&probe) {
            return Err(err!(TypeError, "file.read() returned not bytes but {}", probe.type_name()));
        }
        crate::audit::audit("marshal.load", &[])?;
        let mut input = FileInput { file, buffer: Vec::new() };
        Reader::new(&mut Builder { trusted: false }, &mut input).allow_code(allow_code).read()
    }

    /// Convert the bytes-like object to a value.
    #[function("loads($module, bytes, /, *, allow_code=True)")]
    fn loads(bytes: Buffer, allow_code: bool) -> PyResult {
        // The buffer may change while objects are made (hashing runs Python code).
        let data = bytes.to_vec();
        if crate::audit::is_active() {
            crate::audit::audit("marshal.loads", &[&Bytes::new(&data)])?;
        }
        Reader::new(&mut Builder { trusted: false }, &mut &data[..]).allow_code(allow_code).read()
    }
}
