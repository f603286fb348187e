//! `StringIO`: a text stream in memory.
//!
//! Text that is only appended is collected in a `StrBuilder` in its narrowest form, and read from there. What overwrites or cuts turns it into
//! an array of code points.

use super::base::{DICT_OFFSET, StreamHead, WEAKREFS_OFFSET};
use super::bytes_io::restore_dict;
use super::get;
use super::newline_decoder::{Newlines, find_line_end};
use super::base::size_or_all;
use macros::{Traverse, pytype};
use runtime::errors::{self, PyResult};
use runtime::macro_support::{NoneOr, PyObject};
use runtime::object::{Object, Owned, Type};
use runtime::protocol::{call, number, object};
use runtime::types::str::search::{find, find_char};
use runtime::types::str::{StrBuilder, Text};
use runtime::types::{self, Dict, Int, Str, Tuple};
use runtime::{err, exceptions, intern};
use std::cell::{Cell, UnsafeCell};

enum Store {
    Appending(StrBuilder),
    Chars(Vec<u32>),
}

impl Store {
    fn text(&self) -> Text<'_> {
        match self {
            Store::Appending(builder) => builder.text(),
            Store::Chars(chars) => Text::Four(chars),
        }
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct StringIO {
    stream: StreamHead,
    /// No Python code runs while this is borrowed.
    #[traverse(skip)]
    store: UnsafeCell<Store>,
    position: Cell<usize>,
    ok: Cell<bool>,
    closed: Cell<bool>,
    universal: Cell<bool>,
    translate_read: Cell<bool>,
    /// Text is stored as it is written.
    plain: Cell<bool>,
    /// The `newline` argument: what lines end with ("" is any), None for universal newlines.
    read_newline: Cell<Option<Owned<Str>>>,
    /// What `\n` is written as.
    write_newline: Cell<Option<Owned<Str>>>,
    #[traverse(skip)]
    newlines: Newlines,
}

impl StringIO {
    fn check_open(&self) -> PyResult<()> {
        if !self.ok.get() {
            return Err(err!(ValueError, "I/O operation on uninitialized object"));
        }
        if self.closed.get() {
            return Err(err!(ValueError, "I/O operation on closed file"));
        }
        Ok(())
    }
    fn text(&self) -> Text<'_> {
        // SAFETY: the borrow ends before the store changes.
        unsafe { &*self.store.get() }.text()
    }
    #[allow(clippy::mut_from_ref)]
    fn store(&self) -> &mut Store {
        // SAFETY: the only borrow while it lasts.
        unsafe { &mut *self.store.get() }
    }
    fn chars(&self) -> PyResult<&mut Vec<u32>> {
        let store = self.store();
        if let Store::Appending(builder) = store {
            let mut chars: Vec<u32> = Vec::new();
            if chars.try_reserve(builder.len()).is_err() {
                return Err(errors::no_memory());
            }
            runtime::with_text!(builder.text(), units => chars.extend(units.iter().map(|&c| c as u32)));
            *store = Store::Chars(chars);
        }
        match store {
            Store::Chars(chars) => Ok(chars),
            // Replaced above.
            Store::Appending(_) => unreachable!(),
        }
    }
    fn restart(&self) {
        *self.store() = Store::Appending(StrBuilder::new());
        self.position.set(0);
    }

    /// Puts text, in which newlines are translated already, at the position.
    fn put(&self, text: &Str) -> PyResult<()> {
        let at = self.position.get();
        let end = at + text.len();
        if end > isize::MAX as usize / 8 {
            return Err(err!(OverflowError, "new position too large"));
        }
        if let Store::Appending(builder) = self.store()
            && at == builder.len()
        {
            builder.push_str_object(text)?;
            self.position.set(end);
            return Ok(());
        }
        let chars = self.chars()?;
        if end > chars.len() && chars.try_reserve(end - chars.len()).is_err() {
            return Err(errors::no_memory());
        }
        if end > chars.len() {
            chars.resize(end, 0);
        }
        runtime::with_text!(text.text(), units => {
            for (to, &c) in chars[at..end].iter_mut().zip(units) {
                *to = c as u32;
            }
        });
        self.position.set(end);
        Ok(())
    }
    fn write_text(&self, text: &Str) -> PyResult<()> {
        if self.universal.get() {
            let text = self.newlines.process(Owned::from_ref(text), true)?;
            return self.write_ends(&text);
        }
        self.write_ends(text)
    }
    fn write_ends(&self, text: &Str) -> PyResult<()> {
        match get(&self.write_newline) {
            Some(newline) if find_char(text.text(), '\n' as u32).is_some() => {
                let text = text.replace(intern!("\n"), &newline, -1)?;
                self.put(&text)
            }
            _ => self.put(text),
        }
    }
    /// The length of the line at the position, at most `limit`.
    fn line_length(&self, limit: isize) -> usize {
        let text = self.text();
        let at = self.position.get().min(text.len());
        let mut rest = text.slice(at, text.len());
        if limit >= 0 {
            rest = rest.slice(0, rest.len().min(limit as usize));
        }
        if self.translate_read.get() {
            return find_char(rest, '\n' as u32).map_or(rest.len(), |at| at + 1);
        }
        if self.universal.get() {
            return match find_line_end(rest) {
                None => rest.len(),
                Some(at) if rest.at(at) == '\r' as u32 && at + 1 < rest.len() && rest.at(at + 1) == '\n' as u32 => at + 2,
                Some(at) => at + 1,
            };
        }
        match get(&self.read_newline).filter(|n| !n.is_empty()) {
            Some(newline) => find(rest, newline.text()).map_or(rest.len(), |at| at + newline.len()),
            None => find_char(rest, '\n' as u32).map_or(rest.len(), |at| at + 1),
        }
    }
    fn take(&self, count: usize) -> PyResult<Owned<Str>> {
        let at = self.position.get();
        if count == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        let result = Str::from_text(self.text().slice(at, at + count));
        self.position.set(at + count);
        result
    }
    #[cold]
    fn write_any(&self, s: &Object) -> PyResult<usize> {
        if !self.ok.get() {
            self.check_open()?;
        }
        let Some(text) = s.downcast::<Str>() else {
            return Err(err!(TypeError, "string argument expected, got '{}'", s.type_name()));
        };
        self.check_open()?;
        if !text.is_empty() {
            self.write_text(text)?;
        }
        Ok(text.len())
    }
    fn initialize(&self, value: &Object, newline: &Object) -> PyResult<()> {
        let newline: Option<Owned<Str>> = match newline.downcast::<Str>() {
            Some(text) => Some(Owned::from_ref(text)),
            None if newline.is_none() => None,
            None => return Err(err!(TypeError, "newline must be str or None, not {}", newline.type_name())),
        };
        if let Some(text) = &newline
            && !["", "\n", "\r", "\r\n"].iter().any(|known| text.eq_str(known))
        {
            let shown = object::repr(text)?;
            return Err(err!(ValueError, "illegal newline value: {}", &*shown));
        }
        if !value.is_none() && !value.is_instance_of::<Str>() {
            return Err(err!(TypeError, "initial_value must be str or None, not {}", value.type_name()));
        }
        self.ok.set(false);
        self.universal.set(newline.as_ref().is_none_or(|n| n.is_empty()));
        self.translate_read.set(newline.is_none());
        let write = newline.clone().filter(|n| !n.is_empty() && n.char_at(0) == '\r' as u32);
        self.plain.set(!self.universal.get() && write.is_none());
        drop(self.write_newline.replace(write));
        drop(self.read_newline.replace(newline));
        self.newlines.restart(self.translate_read.get());
        self.restart();
        if let Some(text) = value.downcast::<Str>() {
            self.write_text(text)?;
        }
        self.position.set(0);
        self.closed.set(false);
        self.ok.set(true);
        Ok(())
    }
}

/// Text I/O implementation using an in-memory buffer.
///
/// The initial_value argument sets the value of object.  The newline
/// argument is like the one of TextIOWrapper's constructor.
#[pytype(static = StringIO_Type, name = "StringIO", module = "_io", base = super::base::_TextIOBase_Type, signature = "(initial_value='', newline='\\n')",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native, dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET)]
impl StringIO {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: a dead StringIO.
        unsafe { super::base::dealloc_quietly::<StringIO>(op) }
    }
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<StringIO>> {
        StringIO::construct(
            cls,
            StringIO {
                stream: StreamHead::new(),
                store: UnsafeCell::new(Store::Appending(StrBuilder::new())),
                position: Cell::new(0),
                ok: Cell::new(false),
                closed: Cell::new(false),
                universal: Cell::new(false),
                translate_read: Cell::new(false),
                plain: Cell::new(false),
                read_newline: Cell::new(None),
                write_newline: Cell::new(None),
                newlines: Newlines::default(),
            },
        )
    }
    #[slot("StringIO(initial_value='', newline='\\n')")]
    fn tp_init(&self, initial_value: Option<&Object>, newline: Option<&Object>) -> PyResult<()> {
        self.initialize(initial_value.unwrap_or(types::none()), newline.unwrap_or(intern!("\n")))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.check_open()?;
        if self.is_exact::<StringIO>() {
            let count = self.line_length(-1);
            return Ok(if count == 0 { None } else { Some(self.take(count)?.into_object()) });
        }
        let line = call::call_method0(self, intern!("readline"))?;
        let Some(text) = line.downcast::<Str>() else {
            return Err(err!(OSError, "readline() should have returned a str object, not '{}'", line.type_name()));
        };
        Ok(if text.is_empty() { None } else { Some(line) })
    }
    /// Close the IO object.
    ///
    /// Attempting any further operation after the object is closed
    /// will raise a ValueError.
    ///
    /// This method has no effect if the file is already closed.
    #[method("close($self, /)")]
    fn close(&self) {
        self.closed.set(true);
        let old = std::mem::replace(self.store(), Store::Appending(StrBuilder::new()));
        drop(old);
    }
    /// Retrieve the entire contents of the object.
    #[method("getvalue($self, /)")]
    fn getvalue(&self) -> PyResult<Owned<Str>> {
        self.check_open()?;
        Str::from_text(self.text())
    }
    /// Read at most size characters, returned as a string.
    ///
    /// If the argument is negative or omitted, read until EOF
    /// is reached. Return an empty string at EOF.
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Str>> {
        self.check_open()?;
        let left = self.text().len().saturating_sub(self.position.get());
        let size = size_or_all(size);
        self.take(if size < 0 { left } else { left.min(size as usize) })
    }
    /// Read until newline or EOF.
    ///
    /// Returns an empty string if EOF is hit immediately.
    #[method("readline($self, size=-1, /)")]
    fn readline(&self, size: Option<NoneOr<isize>>) -> PyResult<Owned<Str>> {
        self.check_open()?;
        self.take(self.line_length(size_or_all(size)))
    }
    /// Tell the current file position.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<usize> {
        self.check_open()?;
        Ok(self.position.get())
    }
    /// Truncate size to pos.
    ///
    /// The pos argument defaults to the current file position, as
    /// returned by tell().  The current file position is unchanged.
    /// Returns the new absolute position.
    #[method("truncate($self, pos=None, /)")]
    fn truncate(&self, pos: Option<isize>) -> PyResult<isize> {
        self.check_open()?;
        let size = pos.unwrap_or(self.position.get() as isize);
        if size < 0 {
            return Err(err!(ValueError, "Negative size value {size}"));
        }
        if (size as usize) < self.text().len() {
            self.chars()?.truncate(size as usize);
        }
        Ok(size)
    }
    /// Change stream position.
    ///
    /// Seek to character offset pos relative to position indicated by whence:
    ///     0  Start of stream (the default).  pos should be >= 0;
    ///     1  Current position - pos must be 0;
    ///     2  End of stream - pos must be 0.
    /// Returns the new absolute position.
    #[method("seek($self, pos, whence=0, /)")]
    fn seek(&self, pos: isize, whence: i32) -> PyResult<usize> {
        self.check_open()?;
        match whence {
            0 if pos < 0 => return Err(err!(ValueError, "Negative seek position {pos}")),
            0 => self.position.set(pos as usize),
            1 | 2 if pos != 0 => return Err(err!(OSError, "Can't do nonzero cur-relative seeks")),
            1 => {}
            2 => self.position.set(self.text().len()),
            _ => return Err(err!(ValueError, "Invalid whence ({whence}, should be 0, 1 or 2)")),
        }
        Ok(self.position.get())
    }
    /// Write string to file.
    ///
    /// Returns the number of characters written, which is always equal to
    /// the length of the string.
    #[method("write($self, s, /)")]
    fn write(&self, s: &Object) -> PyResult<usize> {
        if self.plain.get()
            && self.ok.get()
            && !self.closed.get()
            && let Some(text) = s.downcast::<Str>()
            && let Store::Appending(builder) = self.store()
            && self.position.get() == builder.len()
        {
            builder.push_str_object(text)?;
            self.position.set(builder.len());
            return Ok(text.len());
        }
        self.write_any(s)
    }
    /// Returns True if the IO object can be seeked.
    #[method("seekable($self, /)")]
    fn seekable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    /// Returns True if the IO object can be read.
    #[method("readable($self, /)")]
    fn readable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    /// Returns True if the IO object can be written.
    #[method("writable($self, /)")]
    fn writable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(true)
    }
    #[method("__getstate__($self, /)")]
    fn __getstate__(&self) -> PyResult {
        let value = call::call_method0(self, intern!("getvalue"))?;
        let newline = match get(&self.read_newline) {
            Some(newline) => newline.into_object(),
            None => types::none().to_owned(),
        };
        let position = Int::from_u64(self.position.get() as u64);
        let dict = match get(&self.stream.dict) {
            Some(dict) => dict.copy()?.into_object(),
            None => types::none().to_owned(),
        };
        Ok(Tuple::new(&[&value, &newline, &position, &dict]).into_object())
    }
    #[method("__setstate__($self, state, /)")]
    fn __setstate__(&self, state: &Object) -> PyResult<()> {
        if self.closed.get() {
            return Err(err!(ValueError, "I/O operation on closed file"));
        }
        let Some(state) = state.downcast::<Tuple>().filter(|s| s.len() >= 4) else {
            return Err(err!(TypeError, "{}.__setstate__ argument should be 4-tuple, got {}", self.type_name(), state.type_name()));
        };
        // The value is taken as it is: its newlines were translated when it was written.
        self.initialize(types::none(), state.get(1))?;
        match state.get(0).downcast::<Str>() {
            Some(value) => self.put(value)?,
            None if state.get(0).is_none() => {}
            None => return Err(err!(TypeError, "initial_value must be str or None, not {}", state.get(0).type_name())),
        }
        let position = state.get(2);
        if !position.is_instance_of::<Int>() {
            return Err(err!(TypeError, "third item of state must be an integer, got {}", position.type_name()));
        }
        let position = number::as_isize(position, Some(exceptions::OverflowError()))?;
        if position < 0 {
            return Err(err!(ValueError, "position value cannot be negative"));
        }
        self.position.set(position as usize);
        restore_dict(&self.stream, state.get(3), "fourth")
    }
    #[getter]
    fn closed(&self) -> PyResult<bool> {
        if !self.ok.get() {
            return Err(err!(ValueError, "I/O operation on uninitialized object"));
        }
        Ok(self.closed.get())
    }
    #[getter]
    fn newlines(&self) -> PyResult {
        self.check_open()?;
        Ok(if self.universal.get() { self.newlines.seen() } else { types::none().to_owned() })
    }
    #[getter]
    fn line_buffering(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(false)
    }
}
