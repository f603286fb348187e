//! Cells: what closures share.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, set_cell, xdecref, xincref};
use crate::protocol::object::{self, CompareOp};
use crate::types::{self, Dict, Str, Tuple, Type};
use abi::{PyCellObject, PyObject};
use macros::pytype;
use std::os::raw::c_int;
use std::ptr;

#[repr(transparent)]
pub struct Cell(pub PyCellObject);

impl Cell {
    /// A cell that takes over `value` (NULL: empty).
    /// # Safety
    /// `value` is NULL or owned by the caller.
    pub unsafe fn new_raw(value: *mut PyObject) -> PyResult<Owned<Cell>> {
        // SAFETY: a fresh block, filled in before it is tracked.
        unsafe {
            let op = match gc::gc_alloc(Cell::type_object(), std::mem::size_of::<PyCellObject>()) {
                Ok(op) => op,
                Err(raised) => {
                    xdecref(value);
                    return Err(raised);
                }
            };
            (*(op as *mut PyCellObject)).ob_ref.set(value);
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    pub fn new(value: Option<&Object>) -> PyResult<Owned<Cell>> {
        // SAFETY: a counted reference moves in.
        unsafe { Cell::new_raw(value.map_or(ptr::null_mut(), |v| xincref(v.as_ptr()))) }
    }
    pub fn get(&self) -> Option<Owned> {
        // SAFETY: NULL or owned.
        unsafe { Object::from_ptr_opt(self.0.ob_ref.get()) }.map(|v| v.to_owned())
    }
    pub fn set(&self, value: Option<&Object>) {
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&self.0.ob_ref, value.map_or(ptr::null_mut(), |v| xincref(v.as_ptr()))) }
    }
}

/// Create a new cell object.
#[pytype(static = PyCell_Type, name = "cell", signature = "([contents])", flags = HAVE_GC)]
impl Cell {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "cell() takes no keyword arguments"));
        }
        if args.len() > 1 {
            return Err(err!(TypeError, "cell expected at most 1 argument, got {}", args.len()));
        }
        let contents = if args.len() == 1 { Some(args.get(0)) } else { None };
        Ok(Cell::new(contents)?.into_object())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&match self.get() {
            None => format!("<cell at {:p}: empty>", self),
            Some(value) => format!("<cell at {:p}: {} object at {:p}>", self, value.type_name(), value.raw()),
        }))
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast_exact::<Cell>() else { return Ok(types::not_implemented().to_owned()) };
        match (self.get(), other.get()) {
            (Some(a), Some(b)) => object::rich_compare(&a, &b, op),
            (a, b) => {
                let truth = compare::of(a.is_some().cmp(&b.is_some()), op);
                Ok(types::bool_object(truth).to_owned())
            }
        }
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead.
        unsafe {
            gc::untrack(op);
            xdecref((*(op as *mut PyCellObject)).ob_ref.get());
            gc::gc_free(op);
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        visitor.visit_cell(&self.0.ob_ref);
    }
    #[slot(raw = tp_clear)]
    unsafe extern "C" fn tp_clear(op: *mut PyObject) -> c_int {
        // SAFETY: the slot owns its value.
        unsafe { set_cell(&(*(op as *mut PyCellObject)).ob_ref, ptr::null_mut()) };
        0
    }
    #[getter]
    fn cell_contents(&self) -> PyResult {
        self.get().ok_or_else(|| err!(ValueError, "Cell is empty"))
    }
    #[setter]
    fn set_cell_contents(&self, value: Option<&Object>) -> PyResult<()> {
        self.set(value);
        Ok(())
    }
}

mod compare {
    use crate::protocol::object::CompareOp;
    use std::cmp::Ordering;

    pub fn of(ordering: Ordering, op: CompareOp) -> bool {
        match op {
            CompareOp::Lt => ordering.is_lt(),
            CompareOp::Le => ordering.is_le(),
            CompareOp::Eq => ordering.is_eq(),
            CompareOp::Ne => ordering.is_ne(),
            CompareOp::Gt => ordering.is_gt(),
            CompareOp::Ge => ordering.is_ge(),
        }
    }
}
