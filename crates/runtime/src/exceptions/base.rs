//! `BaseException`: arguments, notes, traceback, cause and context.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xincref};
use crate::protocol::{call, object};
use crate::types::{self, Dict, List, Str, Traceback, Tuple};
use abi::{PyBaseExceptionObject, PyObject};
use macros::pytype;
use std::cell::Cell;
use std::ptr;

#[repr(transparent)]
pub struct BaseException(pub PyBaseExceptionObject);

impl BaseException {
    pub fn args(&self) -> Owned<Tuple> {
        // SAFETY: args is NULL (after clear) or a tuple.
        match unsafe { Object::from_ptr_opt(self.0.args.get()) } {
            Some(args) => unsafe { args.to_owned().cast_into() },
            None => Tuple::empty(),
        }
    }
    pub fn traceback(&self) -> Option<Owned> {
        get(&self.0.traceback)
    }
    pub fn context(&self) -> Option<Owned> {
        get(&self.0.context)
    }
    pub fn cause(&self) -> Option<Owned> {
        get(&self.0.cause)
    }
    pub fn set_traceback(&self, tb: Option<&Object>) {
        put(&self.0.traceback, tb);
    }
    pub fn set_context(&self, context: Option<&Object>) {
        put(&self.0.context, context);
    }
    pub fn set_cause(&self, cause: Option<&Object>) {
        self.0.suppress_context.set(1);
        put(&self.0.cause, cause);
    }
    /// `add_note`, for Rust code.
    pub fn add_note_text(&self, note: &str) -> PyResult<()> {
        call::call_method(self.as_object(), crate::intern!("add_note"), &[Str::new(note).object()]).map(drop)
    }
}

/// The value of an owned slot.
pub(super) fn get(cell: &Cell<*mut PyObject>) -> Option<Owned> {
    // SAFETY: slots are NULL or own their value.
    unsafe { Object::from_ptr_opt(cell.get()) }.map(|v| v.to_owned())
}

/// As `get`, None standing in for an empty slot.
pub(super) fn get_or_none(cell: &Cell<*mut PyObject>) -> Owned {
    get(cell).unwrap_or_else(|| types::none().to_owned())
}

pub(super) fn put(cell: &Cell<*mut PyObject>, value: Option<&Object>) {
    // SAFETY: slots own their value.
    unsafe { set_cell(cell, value.map_or(ptr::null_mut(), |v| xincref(v.as_ptr()))) }
}

pub(super) fn no_keywords(this: &Object, kwargs: Option<&Dict>) -> PyResult<()> {
    if kwargs.is_some_and(|k| k.len() > 0) {
        return Err(err!(TypeError, "{}() takes no keyword arguments", this.type_name()));
    }
    Ok(())
}

/// `BaseException.__new__`: a zeroed instance that keeps the arguments.
pub fn new_instance(cls: &Type, args: &Tuple) -> PyResult {
    let op = cls.alloc(0)?;
    // SAFETY: an exception type's instance begins with this layout; the memory is zeroed.
    unsafe { set_cell(&(*(op.raw() as *mut PyBaseExceptionObject)).args, Owned::from_ref(args).into_raw()) };
    Ok(op)
}

/// What `cls(*args)` gives for a class that is made and initialised as `BaseException` or `StopIteration` is, without the calls; `None` for
/// others, whose own functions have to be asked.
#[inline]
pub fn plain_instance(cls: &Type, args: impl FnOnce() -> Owned<Tuple>) -> Option<PyResult<Owned<BaseException>>> {
    fn same(a: &Cell<Option<abi::initproc>>, b: &Cell<Option<abi::initproc>>) -> bool {
        matches!((a.get(), b.get()), (Some(a), Some(b)) if ptr::fn_addr_eq(a, b))
    }
    let own_new = match (cls.0.tp_new.get(), BASE_EXCEPTION.0.tp_new.get()) {
        (Some(new), Some(own)) => ptr::fn_addr_eq(new, own),
        _ => false,
    };
    if !own_new || !ptr::eq(cls.ty(), types::type_type()) {
        return None;
    }
    let stop = &super::values::STOP_ITERATION;
    let has_value = same(&cls.0.tp_init, &stop.0.tp_init);
    if !has_value && !same(&cls.0.tp_init, &BASE_EXCEPTION.0.tp_init) {
        return None;
    }
    let args = args();
    Some(cls.alloc(0).map(|made| {
        // SAFETY: an instance begins with this layout, that of StopIteration with its own; the memory is zeroed.
        unsafe {
            if has_value {
                let value = if args.len() > 0 { args.get(0) } else { types::none() };
                (*(made.raw() as *mut abi::PyStopIterationObject)).value.set(xincref(value.as_ptr()));
            }
            (*(made.raw() as *mut PyBaseExceptionObject)).args.set(args.into_raw());
            made.cast_into()
        }
    }))
}

/// `tp_vectorcall` of exception types.
/// # Safety
/// A vectorcall's arguments.
pub unsafe extern "C" fn vectorcall(cls: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        if kwnames.is_null() {
            let count = nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET;
            let made = crate::macro_support::guard(|| match plain_instance(Object::from_ptr(cls).cast(), || Tuple::from_borrowed(args, count)) {
                Some(made) => crate::errors::to_c(made),
                None => types::type_new::type_vectorcall(cls, args, nargsf, kwnames),
            });
            return made;
        }
        types::type_new::type_vectorcall(cls, args, nargsf, kwnames)
    }
}

/// Common base class for all exceptions.
#[pytype(static = BASE_EXCEPTION, tp_vectorcall = vectorcall, name = "BaseException", flags = BASETYPE | HAVE_GC | BASE_EXC_SUBCLASS, dictoffset = core::mem::offset_of!(PyBaseExceptionObject, dict),
    members = [("__suppress_context__", T_BOOL, core::mem::offset_of!(PyBaseExceptionObject, suppress_context), 0)])]
impl BaseException {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult {
        new_instance(cls, args)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        no_keywords(self.as_object(), kwargs)?;
        put(&self.0.args, Some(args.as_object()));
        Ok(())
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead: whatever the subclass's layout, its clear gives up the fields, the allocator of its type gets the block.
        unsafe {
            gc::untrack(op);
            let ty = Object::from_ptr(op).ty();
            let mut own = ty as *const Type;
            // A Python subclass's dealloc came here through its base: the static type's tp_clear is the one that knows the layout.
            while (*own).has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
                own = (*own).0.tp_base.get() as *const Type;
            }
            if let Some(clear) = (*own).0.tp_clear.get() {
                clear(op);
            }
            if let Some(free) = ty.0.tp_free.get() {
                free(op.cast());
            }
        }
    }
    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        traverse_base(&self.0, &mut *visitor);
    }
    #[slot]
    fn tp_clear(&self) {
        clear_base(&self.0);
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        let args = self.args();
        match args.len() {
            0 => Ok(Str::new("")),
            1 => object::str(args.get(0)),
            _ => object::str(args.object()),
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.as_object().ty().short_name().to_string();
        let args = self.args();
        if args.len() == 1 {
            let shown = object::repr(args.get(0))?;
            return Ok(Str::new(&format!("{}({})", name, &*shown)));
        }
        let shown = object::repr(args.object())?;
        Ok(Str::new(&format!("{}{}", name, &*shown)))
    }
    /// Helper for pickle.
    #[method("__reduce__($self, /)")]
    fn __reduce__(&self) -> PyResult {
        let args = self.args();
        let ty: &Object = self.as_object().ty();
        match get(&self.0.dict) {
            Some(dict) => Ok(Tuple::new(&[ty, args.object(), &dict]).into_object()),
            None => Ok(Tuple::new(&[ty, args.object()]).into_object()),
        }
    }
    /// Restore attributes from a pickled state.
    #[method("__setstate__($self, state, /)")]
    fn __setstate__(&self, state: &Object) -> PyResult {
        if !state.is_none() {
            let Some(dict) = state.downcast::<Dict>() else { return Err(err!(TypeError, "state is not a dictionary")) };
            let mut pos = 0;
            while let Some((key, value)) = dict.next(&mut pos) {
                object::set_attr_object(self.as_object(), &key, Some(&value))?;
            }
        }
        Ok(types::none().to_owned())
    }
    /// Set self.__traceback__ to tb and return self.
    #[method("with_traceback($self, object, /)")]
    fn with_traceback(&self, object: &Object) -> PyResult {
        self.set___traceback__(Some(object))?;
        Ok(self.as_object().to_owned())
    }
    /// Add a note to the exception
    #[method("add_note($self, object, /)")]
    fn add_note(&self, object: &Object) -> PyResult<()> {
        if !Str::check(object) {
            return Err(err!(TypeError, "add_note() argument must be str, not {}", object.type_name()));
        }
        let notes = match object::get_attr_opt(self.as_object(), crate::intern!("__notes__"))? {
            Some(notes) => notes,
            None => {
                let list = List::from_owned(Vec::new()).into_object();
                object::set_attr(self.as_object(), crate::intern!("__notes__"), Some(&list))?;
                list
            }
        };
        let Some(list) = notes.downcast::<List>() else { return Err(err!(TypeError, "Cannot add note: __notes__ is not a list")) };
        list.append(object)
    }
    #[getter]
    fn __dict__(&self) -> PyResult {
        crate::types::attributes::generic_get_dict(self.as_object()).map(|d| d.into_object())
    }
    #[setter]
    fn set___dict__(&self, value: Option<&Object>) -> PyResult<()> {
        crate::types::attributes::generic_set_dict(self.as_object(), value)
    }
    #[getter("args")]
    fn get_args(&self) -> PyResult {
        Ok(get_or_none(&self.0.args))
    }
    #[setter("args")]
    fn set_args(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "args may not be deleted")) };
        let tuple = crate::protocol::sequence::to_tuple(value)?;
        put(&self.0.args, Some(tuple.object()));
        Ok(())
    }
    #[getter]
    fn __traceback__(&self) -> PyResult {
        Ok(get_or_none(&self.0.traceback))
    }
    #[setter]
    fn set___traceback__(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "__traceback__ may not be deleted")) };
        if value.is_none() {
            self.set_traceback(None);
        } else if value.is_instance_of::<Traceback>() {
            self.set_traceback(Some(value));
        } else {
            return Err(err!(TypeError, "__traceback__ must be a traceback or None"));
        }
        Ok(())
    }
    #[getter]
    fn __context__(&self) -> PyResult {
        Ok(get_or_none(&self.0.context))
    }
    #[setter]
    fn set___context__(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "__context__ may not be deleted")) };
        if !value.is_none() && !value.is_instance_of::<BaseException>() {
            return Err(err!(TypeError, "exception context must be None or derive from BaseException"));
        }
        self.set_context(Some(value).filter(|v| !v.is_none()));
        Ok(())
    }
    #[getter]
    fn __cause__(&self) -> PyResult {
        Ok(get_or_none(&self.0.cause))
    }
    #[setter]
    fn set___cause__(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "__cause__ may not be deleted")) };
        if !value.is_none() && !value.is_instance_of::<BaseException>() {
            return Err(err!(TypeError, "exception cause must be None or derive from BaseException"));
        }
        self.set_cause(Some(value).filter(|v| !v.is_none()));
        Ok(())
    }
}

pub(super) fn traverse_base(base: &PyBaseExceptionObject, visitor: &mut Visitor) {
    for cell in [&base.dict, &base.args, &base.notes, &base.traceback, &base.cause, &base.context] {
        visitor.visit_cell(cell);
    }
}

pub(super) fn clear_base(base: &PyBaseExceptionObject) {
    for cell in [&base.dict, &base.args, &base.notes, &base.traceback, &base.cause, &base.context] {
        put(cell, None);
    }
}
