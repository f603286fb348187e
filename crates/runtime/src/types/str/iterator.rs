//! Iterators over strings: `str_ascii_iterator` and, for other text, `str_iterator`.

use super::Str;
use crate::errors::PyResult;
use crate::object::{ObjectHead, Owned, PyTyped};
use crate::protocol::object::self_iter;
use crate::types::{Int, Tuple, builtin_attr};
use macros::{Traverse, pytype};
use std::cell::Cell;

macro_rules! string_iterator {
    ($name:ident, $ty:ident, $py_name:literal, $item:expr) => {
        /// An index and the string, which is given up at the end.
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            index: Cell<isize>,
            text: Cell<Option<Owned<Str>>>,
        }

        impl $name {
            #[inline(always)]
            fn text(&self) -> Option<&Str> {
                // SAFETY: the cell is only written by this type's functions; no code runs while the borrow lasts.
                unsafe { (*self.text.as_ptr()).as_deref() }
            }
        }

        #[pytype(static = $ty, name = $py_name, flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
        impl $name {
            #[slot]
            fn tp_iter(&self) -> PyResult {
                Ok(self_iter(self.as_object()))
            }
            #[slot]
            fn tp_iternext(&self) -> PyResult<Option<Owned<Str>>> {
                let Some(text) = self.text() else { return Ok(None) };
                let index = self.index.get();
                if (index as usize) < text.len() {
                    self.index.set(index + 1);
                    let item: fn(u32) -> PyResult<Owned<Str>> = $item;
                    return item(text.char_at(index as usize)).map(Some);
                }
                drop(self.text.take());
                Ok(None)
            }
            #[method("__length_hint__($self, /)", nosig)]
            fn length_hint(&self) -> usize {
                self.text().map_or(0, |text| text.len() - self.index.get() as usize)
            }
            #[method("__reduce__($self, /)", nosig)]
            fn reduce(&self) -> PyResult<Owned<Tuple>> {
                // Looked up first: getting `iter` may run code.
                let function = builtin_attr("iter")?;
                Ok(match self.text() {
                    Some(text) => Tuple::triple(
                        function,
                        Tuple::single(text.as_object().to_owned()).into_object(),
                        Int::from_i64(self.index.get() as i64).into_object(),
                    ),
                    None => Tuple::pair(function, Tuple::single(Owned::from_ref(Str::empty()).into_object()).into_object()),
                })
            }
            #[method("__setstate__($self, state, /)", nosig)]
            fn setstate(&self, state: isize) {
                if let Some(text) = self.text() {
                    self.index.set(state.clamp(0, text.len() as isize));
                }
            }
        }
    };
}

string_iterator!(StrIterator, PyUnicodeIter_Type, "str_iterator", Str::from_char);
string_iterator!(AsciiIterator, _PyUnicodeASCIIIter_Type, "str_ascii_iterator", |c| Ok(Owned::from_ref(Str::latin1_char(c as u8))));

impl StrIterator {
    /// The iterator for `text`, of the type that fits it.
    pub fn over(text: &Str) -> PyResult {
        let (head, index, held) = (ObjectHead::placeholder(), Cell::new(0), Cell::new(Some(Owned::from_ref(text))));
        if text.is_ascii() {
            return Ok(AsciiIterator::construct(AsciiIterator::type_object(), AsciiIterator { head, index, text: held })?.into_object());
        }
        Ok(StrIterator::construct(StrIterator::type_object(), StrIterator { head, index, text: held })?.into_object())
    }
}
