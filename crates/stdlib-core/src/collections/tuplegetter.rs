//! `_tuplegetter`: the descriptor of a named tuple's field.

use macros::{Traverse, pytype};
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::object::repr;
use runtime::types::{Int, Str, Tuple, none};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct TupleGetter {
    head: ObjectHead,
    index: isize,
    doc: Cell<Option<Owned>>,
}

impl TupleGetter {
    fn doc(&self) -> Owned {
        // SAFETY: cloned at once.
        unsafe { (*self.doc.as_ptr()).clone() }.unwrap_or_else(|| none().to_owned())
    }
}

#[pytype(static = TupleGetter_Type, name = "_tuplegetter", module = "collections", flags = HAVE_GC | IMMUTABLETYPE, native,
    members = [("__doc__", T_OBJECT, offset_of!(TupleGetter, doc), 0)])]
impl TupleGetter {
    #[slot("_tuplegetter(index, doc, /)")]
    fn tp_new(cls: &Type, index: isize, doc: &Object) -> PyResult<Owned<TupleGetter>> {
        Self::construct(cls, TupleGetter { head: ObjectHead::placeholder(), index, doc: Cell::new(Some(doc.to_owned())) })
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        let Some(obj) = obj else { return Ok(self.to_owned()) };
        let Some(tuple) = obj.downcast::<Tuple>() else {
            if obj.is_none() {
                return Ok(self.to_owned());
            }
            return Err(err!(
                TypeError,
                "descriptor for index '{}' for tuple subclasses doesn't apply to '{}' object",
                self.index,
                obj.type_name()
            ));
        };
        match usize::try_from(self.index).ok().and_then(|index| tuple.get_opt(index)) {
            Some(item) => Ok(item.to_owned()),
            None => Err(err!(IndexError, "tuple index out of range")),
        }
    }
    #[slot]
    fn tp_descr_set(&self, _obj: &Object, value: Option<&Object>) -> PyResult<()> {
        Err(match value {
            None => err!(AttributeError, "can't delete attribute"),
            Some(_) => err!(AttributeError, "can't set attribute"),
        })
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let doc = repr(&self.doc())?;
        Ok(Str::new(&format!("_tuplegetter({}, {})", self.index, doc.to_string_lossy())))
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        Tuple::pair(self.ty().to_owned(), Tuple::pair(Int::from_i64(self.index as i64).into_object(), self.doc()).into_object())
    }
}
