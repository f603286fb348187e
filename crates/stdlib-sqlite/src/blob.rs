//! `Blob`: a value of a row, read and written in place.

use crate::connection::Connection;
use crate::failure::{self, failed};
use crate::library::{Database, RawBlob, SQLITE_OK};
use crate::peek;
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::number;
use runtime::types::{Bytes, Int, Slice};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, err, errors, exceptions};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::rc::Rc;
use std::sync::Arc;

/// An open blob with its database; whoever uses it holds it open.
struct Open {
    // Closed before the database is.
    raw: RawBlob,
    db: Arc<Database>,
}

#[derive(Traverse)]
#[repr(C)]
pub struct Blob {
    head: ObjectHead,
    connection: Cell<Option<Owned<Connection>>>,
    #[traverse(skip)]
    open: RefCell<Option<Rc<Open>>>,
    length: i32,
    offset: Cell<i32>,
    weakrefs: Cell<*mut abi::PyObject>,
}

impl Blob {
    pub fn create(connection: &Connection, db: Arc<Database>, raw: RawBlob) -> PyResult<Owned<Blob>> {
        let length = raw.len();
        Blob::construct(
            Blob::type_object(),
            Blob {
                head: ObjectHead::placeholder(),
                connection: Cell::new(Some(Owned::from_ref(connection))),
                open: RefCell::new(Some(Rc::new(Open { raw, db }))),
                length,
                offset: Cell::new(0),
                weakrefs: Cell::new(std::ptr::null_mut()),
            },
        )
    }
    pub fn close_now(&self) {
        let open = self.open.borrow_mut().take();
        drop(open);
    }
    fn check_connection(&self) -> PyResult<()> {
        match peek(&self.connection) {
            Some(connection) => {
                connection.database()?;
                connection.check_thread()
            }
            None => Err(errors::bad_internal_call()),
        }
    }
    fn checked(&self) -> PyResult<Rc<Open>> {
        self.check_connection()?;
        let open = self.open.borrow().clone();
        open.ok_or_else(|| failed!(PROGRAMMING_ERROR, "Cannot operate on a closed blob."))
    }
    fn read_at(&self, open: &Open, length: isize, offset: isize) -> PyResult<Owned<Bytes>> {
        let Ok(length) = usize::try_from(length) else {
            return Err(err!(SystemError, "Negative size passed to PyBytes_FromStringAndSize"));
        };
        let mut code = SQLITE_OK;
        let bytes = Bytes::build(length, |into| code = open.raw.read(into, offset as i32))?;
        if code != SQLITE_OK { Err(failure::of_database(&open.db)) } else { Ok(bytes) }
    }
    fn write_at(&self, open: &Open, data: &[u8], offset: isize) -> PyResult<()> {
        // The GIL is given up meanwhile: bytes that others may change are copied.
        let data = data.to_vec();
        if open.raw.write(&data, offset as i32) != SQLITE_OK { Err(failure::of_database(&open.db)) } else { Ok(()) }
    }
    fn index_of(&self, key: &Object) -> PyResult<isize> {
        let index = number::as_isize(key, Some(exceptions::IndexError()))?;
        let index = if index < 0 { index + self.length as isize } else { index };
        if index < 0 || index >= self.length as isize {
            return Err(err!(IndexError, "Blob index out of range"));
        }
        Ok(index)
    }
    fn slice_of(&self, slice: &Slice) -> PyResult<(isize, isize, isize, usize)> {
        let (start, stop, step) = slice.unpack()?;
        let length = self.length as isize;
        let cut = |at: isize| {
            if at < 0 {
                let at = at.saturating_add(length);
                if at < 0 { if step < 0 { -1 } else { 0 } } else { at }
            } else if at >= length {
                if step < 0 { length - 1 } else { length }
            } else {
                at
            }
        };
        let count = runtime::types::slice::adjust(start, stop, step, length).indices().len();
        Ok((cut(start), cut(stop), step, count))
    }
}

#[pytype(static = Blob_Type, name = "Blob", module = "sqlite3", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native,
    weaklistoffset = offset_of!(Blob, weakrefs))]
impl Blob {
    /// Close the blob.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.check_connection()?;
        self.close_now();
        Ok(())
    }
    /// Read from the current position on.
    ///
    ///   length
    ///     How many bytes.
    ///
    /// At most what is left is read; all of it if length is absent or negative.
    #[method("read($self, length=-1, /)")]
    fn read(&self, length: i32) -> PyResult<Owned<Bytes>> {
        let open = self.checked()?;
        let left = self.length - self.offset.get();
        let length = if length < 0 { left } else { length.min(left) };
        let bytes = self.read_at(&open, length as isize, self.offset.get() as isize)?;
        self.offset.set(self.offset.get() + length);
        Ok(bytes)
    }
    /// Write at the current position.
    ///
    /// The blob keeps its length: writing beyond its end is an error.
    #[method("write($self, data, /)")]
    fn write(&self, data: Buffer) -> PyResult<()> {
        let open = self.checked()?;
        if data.len() > i32::MAX as usize {
            return Err(err!(OverflowError, "data longer than INT_MAX bytes"));
        }
        if data.len() > (self.length - self.offset.get()) as usize {
            return Err(err!(ValueError, "data longer than blob length"));
        }
        self.write_at(&open, &data, self.offset.get() as isize)?;
        self.offset.set(self.offset.get() + data.len() as i32);
        Ok(())
    }
    /// Set the current position.
    ///
    /// origin says what offset counts from: os.SEEK_SET (the start, the
    /// default), os.SEEK_CUR (the current position) or os.SEEK_END (the end).
    #[method("seek($self, offset, origin=0, /)")]
    fn seek(&self, offset: i32, origin: i32) -> PyResult<()> {
        self.checked()?;
        let base = match origin {
            0 => 0,
            1 => self.offset.get(),
            2 => self.length,
            _ => return Err(err!(ValueError, "'origin' should be os.SEEK_SET, os.SEEK_CUR, or os.SEEK_END")),
        };
        let Some(offset) = base.checked_add(offset) else {
            return Err(err!(OverflowError, "seek offset results in overflow"));
        };
        if offset < 0 || offset > self.length {
            return Err(err!(ValueError, "offset out of blob range"));
        }
        self.offset.set(offset);
        Ok(())
    }
    /// Return the current position.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<i32> {
        self.checked()?;
        Ok(self.offset.get())
    }
    /// Enter a with statement.
    #[method("__enter__($self, /)")]
    fn enter(&self) -> PyResult<Owned> {
        self.checked()?;
        Ok(self.as_object().to_owned())
    }
    /// Leave a with statement: close the blob.
    #[method("__exit__($self, type, val, tb, /)")]
    fn exit(&self, r#type: &Object, val: &Object, tb: &Object) -> PyResult<bool> {
        let _ = (r#type, val, tb);
        self.checked()?;
        self.close_now();
        Ok(false)
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        self.checked()?;
        Ok(self.length as usize)
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        let open = self.checked()?;
        if number::check_index(key) {
            let byte = self.read_at(&open, 1, self.index_of(key)?)?;
            return Ok(Int::from_i64(byte.as_slice().first().copied().unwrap_or(0) as i64).into_object());
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(err!(TypeError, "Blob indices must be integers"));
        };
        let (start, stop, step, count) = self.slice_of(slice)?;
        if count == 0 {
            return Ok(Bytes::empty().as_object().to_owned());
        }
        if step == 1 {
            return Ok(self.read_at(&open, count as isize, start)?.into_object());
        }
        let whole = self.read_at(&open, stop - start, start)?;
        let picked: Vec<u8> = whole.as_slice().iter().step_by(step as usize).take(count).copied().collect();
        Ok(Bytes::try_new(&picked)?.into_object())
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        let open = self.checked()?;
        if number::check_index(key) {
            let Some(value) = value else { return Err(err!(TypeError, "Blob doesn't support item deletion")) };
            let Some(int) = value.downcast::<Int>() else {
                return Err(err!(TypeError, "'{}' object cannot be interpreted as an integer", value.type_name()));
            };
            let index = self.index_of(key)?;
            let Some(byte) = int.as_i64().and_then(|int| u8::try_from(int).ok()) else {
                return Err(err!(ValueError, "byte must be in range(0, 256)"));
            };
            return self.write_at(&open, &[byte], index);
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(err!(TypeError, "Blob indices must be integers"));
        };
        let Some(value) = value else { return Err(err!(TypeError, "Blob doesn't support slice deletion")) };
        let (start, stop, step, count) = self.slice_of(slice)?;
        let data = Buffer::new(value)?;
        if data.len() != count {
            return Err(err!(IndexError, "Blob slice assignment is wrong size"));
        }
        if count == 0 {
            return Ok(());
        }
        if step == 1 {
            return self.write_at(&open, &data, start);
        }
        let whole = self.read_at(&open, stop - start, start)?;
        let mut whole = whole.as_slice().to_vec();
        whole.iter_mut().step_by(step as usize).zip(data.iter()).for_each(|(to, from)| *to = *from);
        self.write_at(&open, &whole, start)
    }
}
