//! `memory_iterator`: over the items of a view of one dimension.

use super::MemoryView;
use super::format::{item_format, unpack};
use crate::err;
use crate::errors::PyResult;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::protocol::object::self_iter;
use macros::{Traverse, pytype};
use std::cell::Cell;

#[derive(Traverse)]
#[repr(C)]
pub struct MemoryIterator {
    head: ObjectHead,
    index: Cell<isize>,
    memory: Cell<Option<Owned<MemoryView>>>,
    length: Cell<isize>,
    /// The items' format when iteration began.
    format: Cell<usize>,
}

impl MemoryIterator {
    pub fn over(memory: &MemoryView) -> PyResult {
        memory.check()?;
        match memory.ndim() {
            0 => return Err(err!(TypeError, "invalid indexing of 0-dim memory")),
            1 => {}
            _ => return Err(err!(NotImplementedError, "multi-dimensional sub-views are not implemented")),
        }
        let value = MemoryIterator {
            head: ObjectHead::placeholder(),
            index: Cell::new(0),
            memory: Cell::new(Some(Owned::from_ref(memory))),
            length: Cell::new(memory.length() as isize),
            format: Cell::new(item_format(memory.view().format.get())? as usize),
        };
        Ok(Self::construct(Self::type_object(), value)?.into_object())
    }
}

#[pytype(static = _PyMemoryIter_Type, name = "memory_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl MemoryIterator {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self_iter(self.as_object()))
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        // SAFETY: the cell is only written here; no code runs while the borrow lasts.
        let Some(memory) = (unsafe { (*self.memory.as_ptr()).as_deref() }) else { return Ok(None) };
        let index = self.index.get();
        if index < self.length.get() {
            memory.check()?;
            self.index.set(index + 1);
            // SAFETY: an index within the view, which is not released.
            return unsafe { Ok(Some(unpack(memory.item_pointer(memory.view().buf.get().cast(), 0, index)?, self.format.get() as u8)?)) };
        }
        drop(self.memory.take());
        Ok(None)
    }
}
