//! The type object of `str` and its slots.

use super::Str;
use crate::errors::PyResult;
use crate::memory;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object::{CompareOp, not_implemented};
use crate::types::bool_object;
use abi::PyObject;
use macros::pytype;
use std::ffi::c_void;

/// str(object='') -> str
/// str(bytes_or_buffer[, encoding[, errors]]) -> str
///
/// Create a new string object from the given object. If encoding or
/// errors is specified, then the object must expose a data buffer
/// that will be decoded using the given encoding and error handler.
/// Otherwise, returns the result of object.__str__() (if defined)
/// or repr(object).
/// encoding defaults to 'utf-8'.
/// errors defaults to 'strict'.
#[pytype(static = PyUnicode_Type, name = "str", flags = BASETYPE | UNICODE_SUBCLASS | MATCH_SELF)]
impl Str {
    #[slot]
    fn tp_hash(&self) -> isize {
        self.hash()
    }
    #[slot]
    fn tp_richcompare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
        let (Some(a), Some(b)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(not_implemented()) };
        let result = match op {
            CompareOp::Eq => Str::equal(a, b),
            CompareOp::Ne => !Str::equal(a, b),
            CompareOp::Lt => Str::compare(a, b).is_lt(),
            CompareOp::Le => Str::compare(a, b).is_le(),
            CompareOp::Gt => Str::compare(a, b).is_gt(),
            CompareOp::Ge => Str::compare(a, b).is_ge(),
        };
        Ok(bool_object(result).to_owned())
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        self.to_exact()
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn dealloc(op: *mut PyObject) {
        // SAFETY: a dead string, whole until it is freed here.
        unsafe {
            let this: &Str = Object::from_ptr(op).cast();
            let state = this.state();
            if state & abi::PyUnicode_STATE_INTERNED_MASK != 0 {
                if state & abi::PyUnicode_STATE_INTERNED_MASK != abi::SSTATE_INTERNED_MORTAL {
                    // Immortal: some C code gave up a count it did not have.
                    return this.set_immortal();
                }
                this.forget_interned();
            }
            const COMPACT_ASCII: u32 = abi::PyUnicode_STATE_COMPACT | abi::PyUnicode_STATE_ASCII;
            if state & COMPACT_ASCII != COMPACT_ASCII {
                let utf8 = this.0._base.utf8.get() as *mut c_void;
                let compact = state & abi::PyUnicode_STATE_COMPACT != 0;
                if !utf8.is_null() && (compact || utf8 != this.0.data.get()) {
                    memory::mem_free(utf8);
                }
                if !compact {
                    memory::mem_free(this.0.data.get());
                }
            }
            if Str::check_exact(this) {
                memory::object_free(op as *mut c_void);
            } else if let Some(free) = this.ty().0.tp_free.get() {
                free(op as *mut c_void);
            }
        }
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
}
