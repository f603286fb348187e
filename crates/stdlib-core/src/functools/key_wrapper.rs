//! What `cmp_to_key` gives: a callable that wraps objects, and the wrapped objects, which compare by the function.

use macros::{Traverse, pytype};
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped};
use runtime::protocol::call;
use runtime::protocol::object::{CompareOp, rich_compare};
use runtime::types::Int;
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct KeyWrapper {
    head: ObjectHead,
    compare: Owned,
    object: Cell<Option<Owned>>,
}

impl KeyWrapper {
    pub fn of_function(compare: &Object) -> PyResult<Owned<KeyWrapper>> {
        Self::construct(Self::type_object(), KeyWrapper { head: ObjectHead::placeholder(), compare: compare.to_owned(), object: Cell::new(None) })
    }
    fn object(&self) -> Option<Owned> {
        // SAFETY: cloned at once.
        unsafe { (*self.object.as_ptr()).clone() }
    }
}

#[pytype(static = KeyWrapper_Type, name = "KeyWrapper", module = "functools", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native,
    tp_hash = runtime::protocol::object::PyObject_HashNotImplemented,
    members = [("obj", T_OBJECT, offset_of!(KeyWrapper, object), 0, "Value wrapped by a key function.")])]
impl KeyWrapper {
    #[slot("K(obj)")]
    fn tp_call(&self, obj: &Object) -> PyResult<Owned<KeyWrapper>> {
        let value = KeyWrapper { head: ObjectHead::placeholder(), compare: self.compare.clone(), object: Cell::new(Some(obj.to_owned())) };
        Self::construct(Self::type_object(), value)
    }
    #[getter("__text_signature__")]
    fn text_signature(&self) -> &'static str {
        "(obj)"
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast_exact::<KeyWrapper>() else {
            return Err(err!(TypeError, "other argument must be K instance"));
        };
        let (Some(x), Some(y)) = (self.object(), other.object()) else {
            return Err(err!(AttributeError, "object"));
        };
        let verdict = call::call_args(&self.compare, &[&x, &y])?;
        rich_compare(&verdict, &Int::from_i64(0), op)
    }
}
