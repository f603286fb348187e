//! `bytes_iterator` and `bytearray_iterator`.

use super::Bytes;
use crate::errors::PyResult;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::protocol::object::self_iter;
use crate::types::{ByteArray, Int, Tuple, builtin_attr};
use macros::{Traverse, pytype};
use std::cell::Cell;

macro_rules! byte_iterator {
    ($name:ident, $ty:ident, $py_name:literal, $source:ident) => {
        /// An index and the bytes, which are given up at the end.
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            index: Cell<isize>,
            source: Cell<Option<Owned<$source>>>,
        }

        impl $name {
            pub fn over(source: &$source) -> PyResult {
                let value = $name { head: ObjectHead::placeholder(), index: Cell::new(0), source: Cell::new(Some(Owned::from_ref(source))) };
                Ok(Self::construct(Self::type_object(), value)?.into_object())
            }
            #[inline(always)]
            fn source(&self) -> Option<&$source> {
                // SAFETY: the cell is only written by this type's functions; no code runs while the borrow lasts.
                unsafe { (*self.source.as_ptr()).as_deref() }
            }
        }

        #[pytype(static = $ty, name = $py_name, flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
        impl $name {
            #[slot]
            fn tp_iter(&self) -> PyResult {
                Ok(self_iter(self.as_object()))
            }
            #[slot]
            fn tp_iternext(&self) -> PyResult<Option<Owned<Int>>> {
                let Some(source) = self.source() else { return Ok(None) };
                let index = self.index.get();
                if let Some(&c) = source.as_slice().get(index as usize) {
                    self.index.set(index + 1);
                    return Ok(Some(Int::from_i64(c as i64)));
                }
                self.index.set(-1);
                drop(self.source.take());
                Ok(None)
            }
            /// A guess at how many items are left.
            #[method("__length_hint__($self, /)")]
            fn length_hint(&self) -> usize {
                self.source().map_or(0, |source| source.len().saturating_sub(self.index.get().max(0) as usize))
            }
            /// State for pickling.
            #[method("__reduce__($self, /)")]
            fn reduce(&self) -> PyResult<Owned<Tuple>> {
                // Looked up first: getting `iter` may run code.
                let function = builtin_attr("iter")?;
                Ok(match self.source() {
                    Some(source) => Tuple::triple(
                        function,
                        Tuple::single(source.as_object().to_owned()).into_object(),
                        Int::from_i64(self.index.get() as i64).into_object(),
                    ),
                    None => Tuple::pair(function, Tuple::single(Tuple::empty().into_object()).into_object()),
                })
            }
            /// Set state when unpickling.
            #[method("__setstate__($self, object, /)")]
            fn setstate(&self, state: isize) {
                if let Some(source) = self.source() {
                    self.index.set(state.clamp(0, source.len() as isize));
                }
            }
        }
    };
}

byte_iterator!(BytesIterator, PyBytesIter_Type, "bytes_iterator", Bytes);
byte_iterator!(ByteArrayIterator, PyByteArrayIter_Type, "bytearray_iterator", ByteArray);
