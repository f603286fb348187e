//! `bytes`: the layout and what the interpreter needs of it.

use crate::err;
use crate::errors::PyResult;
use crate::macro_support::Buffer;
use crate::memory;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object::CompareOp;
use crate::types::{self, Int, Str};
use abi::{PyBytesObject, PyObject, Py_buffer};
use macros::pytype;
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Bytes(pub PyBytesObject);

const DATA: usize = offset_of!(PyBytesObject, ob_sval);

impl Bytes {
    pub fn new(data: &[u8]) -> Owned<Bytes> {
        // SAFETY: a fresh block with room for the bytes and the ending NUL.
        unsafe {
            let op = crate::object::alloc_plain(&PyBytes_Type, DATA + data.len() + 1);
            if op.is_null() {
                std::process::abort();
            }
            let b = &*(op as *mut PyBytesObject);
            b.ob_base.ob_size.set(data.len() as isize);
            b.ob_shash.set(-1);
            let to = (op as *mut u8).add(DATA);
            ptr::copy_nonoverlapping(data.as_ptr(), to, data.len());
            *to.add(data.len()) = 0;
            Owned::from_raw(op)
        }
    }
    #[inline]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the object's own bytes, which never change.
        unsafe { std::slice::from_raw_parts((self as *const Bytes as *const u8).add(DATA), self.0.ob_base.ob_size.get() as usize) }
    }
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
}

/// `PyObject_Bytes`: `__bytes__`, or the bytes of a bytes-like object or an iterable of ints.
pub fn bytes_of(o: &Object) -> PyResult<Owned<Bytes>> {
    if let Some(bytes) = o.downcast_exact::<Bytes>() {
        return Ok(Owned::from_ref(bytes));
    }
    if let Some(method) = types::lookup_special(o, crate::intern!("__bytes__"))? {
        let result = crate::protocol::call::call0(&method)?;
        return result.try_into_typed::<Bytes>().map_err(|other| err!(TypeError, "__bytes__ returned non-bytes (type {})", other.type_name()));
    }
    if !o.ty().0.tp_as_buffer.get().is_null() {
        let buffer = Buffer::new(o)?;
        return Ok(Bytes::new(&buffer));
    }
    if Str::check(o) {
        return Err(err!(TypeError, "cannot convert '{}' object to bytes", o.type_name()));
    }
    let list = crate::protocol::sequence::to_list(o)?;
    let mut data = Vec::with_capacity(list.len());
    for i in 0..list.len() {
        let Some(item) = list.get(i) else { break };
        let value = crate::protocol::number::index(&item)?;
        match value.as_i64() {
            Some(n @ 0..=255) => data.push(n as u8),
            _ => return Err(err!(ValueError, "bytes must be in range(0, 256)")),
        }
    }
    Ok(Bytes::new(&data))
}

/// `repr(b)`.
pub fn repr_bytes(data: &[u8]) -> String {
    let quote = if data.contains(&b'\'') && !data.contains(&b'"') { '"' } else { '\'' };
    let mut out = String::with_capacity(data.len() + 3);
    out.push('b');
    out.push(quote);
    for &c in data {
        match c {
            b'\\' => out.push_str("\\\\"),
            b'\t' => out.push_str("\\t"),
            b'\n' => out.push_str("\\n"),
            b'\r' => out.push_str("\\r"),
            c if c as char == quote => {
                out.push('\\');
                out.push(quote);
            }
            0x20..=0x7e => out.push(c as char),
            _ => out.push_str(&format!("\\x{c:02x}")),
        }
    }
    out.push(quote);
    out
}

/// Immutable sequence of bytes.
#[pytype(static = PyBytes_Type, name = "bytes", basicsize = 33, itemsize = 1, flags = BASETYPE | BYTES_SUBCLASS | SEQUENCE | MATCH_SELF)]
impl Bytes {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            if (*op).ob_type.get() == PyBytes_Type.as_type_ptr() {
                memory::object_free(op.cast());
            } else if let Some(free) = (*(*op).ob_type.get()).tp_free.get() {
                free(op.cast());
            }
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&repr_bytes(self.as_slice())))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        if self.0.ob_shash.get() == -1 {
            self.0.ob_shash.set(crate::types::str::hash::hash_bytes(self.as_slice()));
        }
        self.0.ob_shash.get()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        match other.downcast::<Bytes>() {
            Some(other) => Ok(types::bool_object(op.matches(self.as_slice().cmp(other.as_slice()))).to_owned()),
            None => Ok(types::not_implemented().to_owned()),
        }
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_item(&self, i: isize) -> PyResult {
        match self.as_slice().get(i as usize) {
            Some(&b) if i >= 0 => Ok(Int::from_i64(b as i64).into_object()),
            _ => Err(err!(IndexError, "index out of range")),
        }
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        if flags & 1 != 0 {
            return Err(err!(BufferError, "Object is not writable."));
        }
        // SAFETY: the view is the caller's; the bytes live as long as the reference it takes.
        unsafe {
            let v = &*view;
            self.as_object().incref();
            v.obj.set(self.as_object().as_ptr());
            v.buf.set(self.as_slice().as_ptr() as *mut _);
            v.len.set(self.len() as isize);
            v.itemsize.set(1);
            v.readonly.set(1);
            v.ndim.set(1);
            v.format.set(if flags & 4 != 0 { c"B".as_ptr() as *mut _ } else { ptr::null_mut() });
            v.shape.set(if flags & 8 != 0 { v.len.as_ptr() } else { ptr::null_mut() });
            v.strides.set(if flags & 0x18 == 0x18 { v.itemsize.as_ptr() } else { ptr::null_mut() });
            v.suboffsets.set(ptr::null_mut());
            v.internal.set(ptr::null_mut());
        }
        Ok(())
    }
}

