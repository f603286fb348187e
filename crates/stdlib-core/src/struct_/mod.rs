//! `_struct`: Python values and C structs as bytes. `layout.rs` reads formats, `convert.rs` converts values.

mod convert;
mod layout;

use layout::Layout;
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::{Args, Buffer, PyObject, WritableBuffer, module_state};
use runtime::protocol::{call, number};
use runtime::types::{Bytes, Dict, Module, Str, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, errors, intern};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::rc::Rc;

pub static ERROR: ModuleException = ModuleException::new("struct", "error", || Ok(exceptions::Exception()), None);

/// Formats that the module's functions remember.
const CACHE_LEN: usize = 100;

#[derive(Traverse)]
#[repr(C)]
pub struct Struct {
    head: ObjectHead,
    /// Bytes and values of the layout: C code reads them where CPython's struct has them.
    #[traverse(skip)]
    s_size: Cell<isize>,
    #[traverse(skip)]
    s_len: Cell<isize>,
    #[traverse(skip)]
    layout: RefCell<Option<Rc<Layout>>>,
    format: Cell<Option<Owned<Bytes>>>,
    weakrefs: Cell<*mut PyObject>,
}

impl Struct {
    fn make(format: &Object) -> PyResult<Owned<Struct>> {
        let made = Self::empty(Self::type_object())?;
        made.set_format(format)?;
        Ok(made)
    }
    fn empty(cls: &Type) -> PyResult<Owned<Struct>> {
        let value = Struct {
            head: ObjectHead::placeholder(),
            s_size: Cell::new(-1),
            s_len: Cell::new(-1),
            layout: RefCell::new(None),
            format: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    fn set_format(&self, format: &Object) -> PyResult<()> {
        let format = if let Some(text) = format.downcast::<Str>() {
            match text.as_ascii() {
                Some(text) => Bytes::new(text.as_bytes()),
                None => {
                    let bytes = call::call_method(format, intern!("encode"), &[intern!("ascii")])?;
                    bytes.try_into_typed::<Bytes>().map_err(|_| errors::bad_internal_call())?
                }
            }
        } else if let Some(bytes) = format.downcast::<Bytes>() {
            Owned::from_ref(bytes)
        } else {
            return Err(err!(TypeError, "Struct() argument 1 must be a str or bytes object, not {}", format.type_name()));
        };
        let layout = Layout::parse(format.as_slice())?;
        self.s_size.set(layout.size as isize);
        self.s_len.set(layout.values as isize);
        *self.layout.borrow_mut() = Some(Rc::new(layout));
        drop(self.format.replace(Some(format)));
        Ok(())
    }
    fn layout(&self) -> PyResult<Rc<Layout>> {
        match &*self.layout.borrow() {
            Some(layout) => Ok(layout.clone()),
            None => Err(err!(RuntimeError, "Struct object is not initialized")),
        }
    }
    fn format_text(&self) -> PyResult<Owned<Str>> {
        self.layout()?;
        let format = self.format.take();
        let text = format.as_ref().map(|format| Str::from_latin1(format.as_slice()));
        self.format.set(format);
        text.ok_or_else(errors::bad_internal_call)
    }

    fn pack_values(&self, values: Args<'_>) -> PyResult<Owned<Bytes>> {
        let layout = self.layout()?;
        check_count("pack", &layout, values.len())?;
        let mut small = [0; 64];
        if let Some(out) = small.get_mut(..layout.size) {
            convert::pack(&layout, values, out)?;
            return Ok(Bytes::new(out));
        }
        let mut out = zeroed(layout.size)?;
        convert::pack(&layout, values, &mut out)?;
        Ok(Bytes::new(&out))
    }

    /// `args`: buffer, offset, values.
    fn pack_values_into(&self, args: Args<'_>) -> PyResult<()> {
        let layout = self.layout()?;
        let &[buffer, offset, ref values @ ..] = args else {
            let missing = if args.is_empty() { "buffer" } else { "offset" };
            return Err(ERROR.raise(format_args!("pack_into expected {missing} argument")));
        };
        check_count("pack_into", &layout, values.len())?;
        let mut buffer = match WritableBuffer::new(buffer) {
            Ok(view) => view,
            Err(_) => {
                errors::clear();
                return Err(err!(TypeError, "argument must be read-write bytes-like object, not {}", buffer.type_name()));
            }
        };
        let offset = number::as_isize(offset, Some(exceptions::IndexError()))?;
        let start = place(&layout, offset, buffer.len(), true)?;
        let mut out = zeroed(layout.size)?;
        convert::pack(&layout, values, &mut out)?;
        buffer[start..start + layout.size].copy_from_slice(&out);
        Ok(())
    }

    fn unpack_all(&self, data: &[u8]) -> PyResult<Owned<Tuple>> {
        let layout = self.layout()?;
        if data.len() != layout.size {
            return Err(ERROR.raise(format_args!("unpack requires a buffer of {} bytes", layout.size)));
        }
        Ok(Tuple::from_owned(convert::unpack(&layout, data)))
    }
    fn unpack_at(&self, data: &[u8], offset: isize) -> PyResult<Owned<Tuple>> {
        let layout = self.layout()?;
        let start = place(&layout, offset, data.len(), false)?;
        Ok(Tuple::from_owned(convert::unpack(&layout, &data[start..start + layout.size])))
    }
    fn iterate(&self, buffer: &Object) -> PyResult<Owned<UnpackIterator>> {
        let layout = self.layout()?;
        if layout.size == 0 {
            return Err(ERROR.raise(format_args!("cannot iteratively unpack with a struct of length 0")));
        }
        let buffer = Buffer::new(buffer)?;
        if buffer.len() % layout.size != 0 {
            return Err(ERROR.raise(format_args!("iterative unpacking requires a buffer of a multiple of {} bytes", layout.size)));
        }
        let value = UnpackIterator { head: ObjectHead::placeholder(), layout, buffer: RefCell::new(Some(buffer)), index: Cell::new(0) };
        UnpackIterator::construct(UnpackIterator::type_object(), value)
    }
}

fn zeroed(size: usize) -> PyResult<Vec<u8>> {
    let mut out = Vec::new();
    out.try_reserve_exact(size).map_err(|_| errors::no_memory())?;
    out.resize(size, 0);
    Ok(out)
}

fn check_count(function: &str, layout: &Layout, given: usize) -> PyResult<()> {
    if given == layout.values {
        return Ok(());
    }
    Err(ERROR.raise(format_args!("{function} expected {} items for packing (got {given})", layout.values)))
}

/// Where in a buffer of `len` bytes the struct lies.
fn place(layout: &Layout, mut offset: isize, len: usize, packing: bool) -> PyResult<usize> {
    let size = layout.size as isize;
    if offset < 0 {
        if offset.checked_add(size).is_none_or(|end| end > 0) {
            let what = if packing { "no space to pack" } else { "not enough data to unpack" };
            return Err(ERROR.raise(format_args!("{what} {size} bytes at offset {offset}")));
        }
        if offset + (len as isize) < 0 {
            return Err(ERROR.raise(format_args!("offset {offset} out of range for {len}-byte buffer")));
        }
        offset += len as isize;
    }
    if (len as isize - offset) < size {
        let (function, doing) = if packing { ("pack_into", "packing") } else { ("unpack_from", "unpacking") };
        return Err(ERROR.raise(format_args!(
            "{function} requires a buffer of at least {} bytes for {doing} {size} bytes at offset {offset} (actual buffer size is {len})",
            size as usize + offset as usize
        )));
    }
    Ok(offset as usize)
}

/// Struct(fmt) --> compiled struct object
#[pytype(static = Struct_Type, name = "Struct", module = "_struct", flags = BASETYPE | HAVE_GC, native,
    weaklistoffset = offset_of!(Struct, weakrefs))]
impl Struct {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Struct>> {
        Self::empty(cls)
    }
    #[slot("Struct(format)")]
    fn tp_init(&self, format: &Object) -> PyResult<()> {
        self.set_format(format)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let format = runtime::protocol::object::repr(&*self.format_text()?)?;
        let name = self.as_object().type_name();
        let name = name.rsplit_once('.').map_or(name, |(_, last)| last);
        Ok(Str::new(&format!("{name}({format})")))
    }
    /// pack(v1, v2, ...) -> bytes
    ///
    /// The values v1, v2, ... as bytes, packed by this Struct's format.
    #[method("pack($self, *args)", nosig)]
    fn pack(&self, args: Args<'_>) -> PyResult<Owned<Bytes>> {
        self.pack_values(args)
    }
    /// pack_into(buffer, offset, v1, v2, ...)
    ///
    /// Pack the values v1, v2, ... and write the bytes into the writable buffer, from offset on.
    #[method("pack_into($self, *args)", nosig)]
    fn pack_into(&self, args: Args<'_>) -> PyResult<()> {
        self.pack_values_into(args)
    }
    /// A tuple of the values that the buffer holds, whose size must be the struct's.
    #[method("unpack($self, buffer, /)")]
    fn unpack(&self, buffer: Buffer) -> PyResult<Owned<Tuple>> {
        self.unpack_all(&buffer)
    }
    /// A tuple of the values that the buffer holds from offset on.
    #[method("unpack_from($self, /, buffer, offset=0)")]
    fn unpack_from(&self, buffer: Buffer, offset: isize) -> PyResult<Owned<Tuple>> {
        self.unpack_at(&buffer, offset)
    }
    /// An iterator over the tuples of values that the buffer holds one after the other.
    #[method("iter_unpack($self, buffer, /)")]
    fn iter_unpack(&self, buffer: &Object) -> PyResult<Owned<UnpackIterator>> {
        self.iterate(buffer)
    }
    /// S.__sizeof__() -> size of S in memory, in bytes
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> PyResult<usize> {
        Ok(56 + 32 * (self.layout()?.items.len() + 1))
    }
    /// struct format string
    #[getter]
    fn format(&self) -> PyResult<Owned<Str>> {
        self.format_text()
    }
    /// struct size in bytes
    #[getter]
    fn size(&self) -> isize {
        self.layout.borrow().as_ref().map_or(-1, |layout| layout.size as isize)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct UnpackIterator {
    head: ObjectHead,
    #[traverse(skip)]
    layout: Rc<Layout>,
    #[traverse(skip)]
    buffer: RefCell<Option<Buffer>>,
    index: Cell<usize>,
}

#[pytype(static = UnpackIterator_Type, name = "unpack_iterator", module = "_struct", flags = HAVE_GC | DISALLOW_INSTANTIATION, native, final)]
impl UnpackIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<Tuple>>> {
        let (start, end) = (self.index.get(), self.index.get() + self.layout.size);
        let values = self.buffer.borrow().as_ref().and_then(|buffer| buffer.get(start..end).map(|data| convert::unpack(&self.layout, data)));
        match values {
            Some(values) => {
                self.index.set(end);
                Ok(Some(Tuple::from_owned(values)))
            }
            None => {
                let released = self.buffer.borrow_mut().take();
                drop(released);
                Ok(None)
            }
        }
    }
    #[method("__length_hint__($self, /)", nosig)]
    fn length_hint(&self) -> usize {
        self.buffer.borrow().as_ref().map_or(0, |buffer| buffer.len().saturating_sub(self.index.get()) / self.layout.size)
    }
}

#[derive(Default, Traverse)]
pub struct State {
    cache: RefCell<Option<Owned<Dict>>>,
}

/// The Struct for a format, from the cache if it is there.
fn cached(module: &Module, format: &Object) -> PyResult<Owned<Struct>> {
    if let Some(own) = format.downcast::<Struct>() {
        return Ok(Owned::from_ref(own));
    }
    if !format.is_exact::<Str>() {
        // Bytes are not kept: comparing them with equal strings is an error to some (-bb).
        return Struct::make(format);
    }
    let cache = module_state::<State>(module)?.cache.borrow_mut().get_or_insert_with(Dict::new).clone();
    let found = cache.get_item(format);
    match found {
        Ok(Some(found)) => {
            if let Ok(found) = found.try_into_typed::<Struct>() {
                return Ok(found);
            }
        }
        Ok(None) => {}
        Err(raised) => return Err(raised),
    }
    let made = Struct::make(format)?;
    if cache.len() >= CACHE_LEN {
        cache.clear();
    }
    cache.set_item(format, made.object())?;
    Ok(made)
}

/// Split the arguments of the functions that take a format first.
fn with_format<'a>(module: &Module, args: Args<'a>) -> PyResult<(Owned<Struct>, Args<'a>)> {
    match args.split_first() {
        Some((format, rest)) => Ok((cached(module, format)?, rest)),
        None => Err(err!(TypeError, "missing format argument")),
    }
}

/// Functions to convert between Python values and C structs.
/// Python bytes objects hold the struct's data, format strings describe its layout.
///
/// The first character of a format may say byte order, size and alignment:
///   @: native order, size & alignment (default)
///   =: native order, std. size & alignment
///   <: little-endian, std. size & alignment
///   >: big-endian, std. size & alignment
///   !: same as >
///
/// The others are types, each of which may have a decimal repeat count in front:
///   x: pad byte (no data); c: char; b: signed byte; B: unsigned byte;
///   ?: _Bool; h: short; H: unsigned short; i: int; I: unsigned int;
///   l: long; L: unsigned long; q: long long; Q: unsigned long long;
///   f: float; d: double; e: half-float;
///   F: float complex; D: double complex.
/// Where the count is the length:
///   s: byte string (array of char); p: Pascal string (with count byte).
/// In native format only:
///   n: ssize_t; N: size_t;
///   P: an integer type that is wide enough to hold a pointer.
/// Whitespace between types does not matter.
///
/// The variable struct.error is an exception raised on errors.
#[pymodule(name = "_struct", state = State)]
#[types(Struct_Type)]
pub mod struct_module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&UnpackIterator_Type)?;
        module.add("error", ERROR.ty()?)
    }
    /// Clear the internal cache.
    #[function("_clearcache($module, /)")]
    fn _clearcache(module: &Module) -> PyResult<()> {
        let old = module_state::<State>(module)?.cache.borrow_mut().take();
        drop(old);
        Ok(())
    }
    /// The size in bytes of the struct that the format describes.
    #[function("calcsize($module, format, /)")]
    fn calcsize(module: &Module, format: &Object) -> PyResult<usize> {
        Ok(cached(module, format)?.layout()?.size)
    }
    /// pack(format, v1, v2, ...) -> bytes
    ///
    /// The values v1, v2, ... as bytes, packed by the format string.
    #[function("pack($module, *args)", nosig)]
    fn pack(module: &Module, args: Args<'_>) -> PyResult<Owned<Bytes>> {
        let (own, args) = with_format(module, args)?;
        own.pack_values(args)
    }
    /// pack_into(format, buffer, offset, v1, v2, ...)
    ///
    /// Pack the values v1, v2, ... and write the bytes into the writable buffer, from offset on.
    #[function("pack_into($module, *args)", nosig)]
    fn pack_into(module: &Module, args: Args<'_>) -> PyResult<()> {
        let (own, args) = with_format(module, args)?;
        own.pack_values_into(args)
    }
    /// A tuple of the values that the buffer holds, whose size must be calcsize(format).
    #[function("unpack($module, format, buffer, /)")]
    fn unpack(module: &Module, format: &Object, buffer: Buffer) -> PyResult<Owned<Tuple>> {
        cached(module, format)?.unpack_all(&buffer)
    }
    /// A tuple of the values that the buffer holds from offset on, by the format.
    #[function("unpack_from($module, format, /, buffer, offset=0)")]
    fn unpack_from(module: &Module, format: &Object, buffer: Buffer, offset: isize) -> PyResult<Owned<Tuple>> {
        cached(module, format)?.unpack_at(&buffer, offset)
    }
    /// An iterator over the tuples of values that the buffer holds one after the other.
    #[function("iter_unpack($module, format, buffer, /)")]
    fn iter_unpack(module: &Module, format: &Object, buffer: &Object) -> PyResult<Owned<UnpackIterator>> {
        cached(module, format)?.iterate(buffer)
    }
}
