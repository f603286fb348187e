//! Python functions (`function`): code with its globals, defaults, closure and attributes.
//!
//! `func_version` stands for everything that specialised calls rely on (code, defaults, kwdefaults); it is 0 after any of them changed and
//! is assigned anew when a specialiser asks.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::interp::call::function_vectorcall;
use crate::macro_support::Visitor;
use crate::object::{Object, Owned, PyTyped, set_cell, xdecref, xincref};
use crate::protocol::call as call_protocol;
use crate::types::{self, watchers, Code, Dict, Method, Str, Tuple, Type};
use abi::{PyFunctionObject, PyObject};
use macros::pytype;
use std::cell::Cell;
use std::mem::offset_of;
use std::os::raw::c_int;
use std::ptr;

#[repr(transparent)]
pub struct Function(pub PyFunctionObject);

/// Hands out function versions; 0 means none, and the last ones are kept back so that it never wraps.
struct NextVersion(Cell<u32>);
// SAFETY: under the GIL.
unsafe impl Sync for NextVersion {}
static NEXT_VERSION: NextVersion = NextVersion(Cell::new(1));

impl Function {
    /// A function over `code` in `globals`; `qualname` defaults to the code's (`PyFunction_NewWithQualName`).
    pub fn new(code: &Code, globals: &Dict, qualname: Option<&Str>) -> PyResult<Owned<Function>> {
        let builtins = crate::state::builtins_of_globals(globals)?;
        let module = globals.get_str(crate::intern!("__name__"));
        let consts = code.consts();
        let doc = if code.0.co_flags.get() & abi::CO_HAS_DOCSTRING != 0 && consts.len() > 0 {
            // SAFETY: constants are alive.
            unsafe { Object::from_ptr(consts.items()[0]) }
        } else {
            types::none()
        };
        // SAFETY: a fresh block of the struct's size, filled in completely before it is tracked.
        unsafe {
            let op = gc::gc_alloc(Function::type_object(), std::mem::size_of::<PyFunctionObject>())?;
            let f = &*(op as *mut PyFunctionObject);
            let own = |o: &Object| xincref(o.as_ptr());
            ptr::write_bytes((op as *mut u8).add(16), 0, std::mem::size_of::<PyFunctionObject>() - 16);
            f.func_globals.set(own(globals.as_object()));
            f.func_builtins.set(builtins.into_raw());
            f.func_name.set(xincref(code.0.co_name.get()));
            f.func_qualname.set(match qualname {
                Some(name) => own(name.as_object()),
                None => xincref(code.0.co_qualname.get()),
            });
            f.func_code.set(own(code.as_object()));
            f.func_doc.set(own(doc));
            f.func_module.set(module.map_or(ptr::null_mut(), |m| m.into_raw()));
            f.vectorcall.set(Some(function_vectorcall));
            f.func_version.set(0);
            gc::track(op);
            if watchers::FUNCTION.active() {
                watchers::tell_function(watchers::FUNCTION_CREATE, Object::from_ptr(op), None);
            }
            Ok(Owned::from_raw(op))
        }
    }

    /// What the function refers to.
    #[inline(always)]
    pub(crate) fn owned(&self) -> [&std::cell::Cell<*mut PyObject>; 14] {
        let f = &self.0;
        [
            &f.func_code, &f.func_globals, &f.func_builtins, &f.func_module, &f.func_defaults, &f.func_kwdefaults, &f.func_doc, &f.func_name,
            &f.func_dict, &f.func_closure, &f.func_annotations, &f.func_annotate, &f.func_typeparams, &f.func_qualname,
        ]
    }

    #[inline(always)]
    pub fn code(&self) -> &Code {
        // SAFETY: func_code is always a code object, owned by the function.
        unsafe { Object::from_ptr(self.0.func_code.get()).cast() }
    }
    #[inline(always)]
    pub fn qualname(&self) -> &Str {
        // SAFETY: always a str.
        unsafe { Object::from_ptr(self.0.func_qualname.get()).cast() }
    }
    /// Whether the interpreter may push the function's frame itself.
    #[inline(always)]
    pub fn is_inlinable(&self) -> bool {
        self.0.vectorcall.get().map(|f| f as usize) == Some(function_vectorcall as *const () as usize)
    }
    /// Takes exactly `nargs` positional arguments into its first locals: no defaults involved, no `*`, no keywords, an optimised body.
    pub fn is_simple(&self, nargs: usize) -> bool {
        let code = &self.code().0;
        let flags = code.co_flags.get();
        self.is_inlinable() && flags & (abi::CO_VARARGS | abi::CO_VARKEYWORDS) == 0 && flags & abi::CO_OPTIMIZED != 0 && code.co_kwonlyargcount.get() == 0 && code.co_argcount.get() as usize == nargs
    }
    /// The current version, assigned if there is none. 0 if versions are used up.
    pub fn version(&self) -> u32 {
        if self.0.func_version.get() == 0 {
            let next = NEXT_VERSION.0.get();
            if next == u32::MAX {
                return 0;
            }
            NEXT_VERSION.0.set(next + 1);
            self.0.func_version.set(next);
        }
        self.0.func_version.get()
    }
    /// Something that specialised calls rely on changed.
    pub fn modified(&self) {
        self.0.func_version.set(0);
    }
    fn tell(&self, event: c_int, value: Option<&Object>) {
        if watchers::FUNCTION.active() {
            watchers::tell_function(event, self.as_object(), value);
        }
    }
    /// INTRINSIC_SET_FUNCTION_TYPE_PARAMS.
    pub fn set_type_params(&self, params: &Object) {
        Function::set(&self.0.func_typeparams, Some(params));
    }
    /// SET_FUNCTION_ATTRIBUTE: `which` is one `MAKE_FUNCTION_*` bit. SystemError for a value of a wrong type, which damaged code may bring:
    /// the verifier vouches for closures alone.
    pub fn set_attribute(&self, which: usize, value: Owned) -> PyResult<()> {
        let (cell, fits) = match which {
            1 => (&self.0.func_defaults, Tuple::check(&value)),
            2 => (&self.0.func_kwdefaults, Dict::check(&value)),
            4 => (&self.0.func_annotations, Dict::check(&value) || Tuple::check_exact(&value)),
            8 => (&self.0.func_closure, true),
            _ => (&self.0.func_annotate, true),
        };
        if !fits {
            return Err(err!(SystemError, "bad attribute of a new function"));
        }
        // SAFETY: the slot owns its value.
        unsafe { set_cell(cell, value.into_raw()) };
        Ok(())
    }
    fn get(cell: &Cell<*mut PyObject>) -> PyResult {
        // SAFETY: the slots are NULL or owned.
        Ok(unsafe { Object::from_ptr_opt(cell.get()) }.unwrap_or(types::none()).to_owned())
    }
    fn set(cell: &Cell<*mut PyObject>, value: Option<&Object>) {
        let value = value.filter(|v| !v.is_none());
        // SAFETY: as above.
        unsafe { set_cell(cell, value.map_or(ptr::null_mut(), |v| xincref(v.as_ptr()))) };
    }
    /// The compiler names a function's `__annotate__` after the scope of the function: when it is first asked for it gets the function's name.
    fn name_as_part_of(&self, owner: &Function) -> PyResult<()> {
        if self.0.func_qualname.get() == self.code().0.co_qualname.get() && self.code().name().eq_str("__annotate__") {
            let name = Str::concat(owner.qualname(), &*Str::new(".__annotate__"))?;
            // SAFETY: the slot owns its value.
            unsafe { set_cell(&self.0.func_qualname, name.into_raw()) };
        }
        Ok(())
    }
    /// The annotations dict, computing it from `__annotate__` when needed.
    pub fn annotations(&self) -> PyResult {
        let current = self.0.func_annotations.get();
        // SAFETY: NULL or owned: a dict, or the flat tuple that the compiler makes.
        unsafe {
            if let Some(tuple) = Object::from_ptr_opt(current).and_then(|a| a.downcast_exact::<Tuple>()) {
                let dict = Dict::new();
                for pair in tuple.items().chunks_exact(2) {
                    dict.set_item(Object::from_ptr(pair[0]), Object::from_ptr(pair[1]))?;
                }
                set_cell(&self.0.func_annotations, dict.into_raw());
            } else if current.is_null() {
                let annotate = Object::from_ptr_opt(self.0.func_annotate.get());
                let dict = match annotate {
                    Some(annotate) if annotate.ty().0.tp_call.get().is_some() => {
                        let annotate = annotate.to_owned();
                        let made = call_protocol::call1(&annotate, types::Int::from_i64(1).object())?;
                        if !Dict::check(&made) {
                            return Err(err!(TypeError, "__annotate__ returned non-dict of type '{}'", made.type_name()));
                        }
                        made
                    }
                    _ => Dict::new().into_object(),
                };
                set_cell(&self.0.func_annotations, dict.into_raw());
            }
        }
        Function::get(&self.0.func_annotations)
    }
}

/// Create a function object.
#[pytype(static = PyFunction_Type, name = "function", signature = "(code, globals, name=None, argdefs=None, closure=None,\n         kwdefaults=None)",
    flags = HAVE_GC | HAVE_VECTORCALL | METHOD_DESCRIPTOR, dictoffset = offset_of!(PyFunctionObject, func_dict),
    weaklistoffset = offset_of!(PyFunctionObject, func_weakreflist), vectorcall_offset = offset_of!(PyFunctionObject, vectorcall),
    members = [
        ("__closure__", T_OBJECT, offset_of!(PyFunctionObject, func_closure), READONLY),
        ("__doc__", T_OBJECT, offset_of!(PyFunctionObject, func_doc), 0),
        ("__globals__", T_OBJECT, offset_of!(PyFunctionObject, func_globals), READONLY),
        ("__module__", T_OBJECT, offset_of!(PyFunctionObject, func_module), 0),
        ("__builtins__", T_OBJECT, offset_of!(PyFunctionObject, func_builtins), READONLY),
    ])]
impl Function {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        let parsed = crate::macro_support::parse(
            "function", &["code", "globals", "name", "argdefs", "closure", "kwdefaults"], 2, args, kwargs)?;
        let get = |i: usize| -> Option<&Object> { parsed[i].as_deref() };
        let (Some(code), Some(globals)) = (get(0), get(1)) else { return Err(err!(SystemError, "function() lost its arguments")) };
        let Some(code) = code.downcast_exact::<Code>() else {
            return Err(err!(TypeError, "function() argument 'code' must be code, not {}", code.type_name()));
        };
        let Some(globals) = globals.downcast::<Dict>() else {
            return Err(err!(TypeError, "function() argument 'globals' must be dict, not {}", globals.type_name()));
        };
        let name = get(2).filter(|n| !n.is_none());
        if name.is_some_and(|n| !Str::check(n)) {
            return Err(err!(TypeError, "arg 3 (name) must be None or string"));
        }
        let defaults = get(3).filter(|n| !n.is_none());
        if defaults.is_some_and(|n| !Tuple::check(n)) {
            return Err(err!(TypeError, "arg 4 (defaults) must be None or tuple"));
        }
        let nfree = code.0.co_nfreevars.get() as usize;
        let closure = get(4);
        let cells = closure.and_then(|c| c.downcast::<Tuple>());
        if cells.is_none() {
            if nfree > 0 && closure.is_none_or(|c| c.is_none()) {
                return Err(err!(TypeError, "arg 5 (closure) must be tuple"));
            }
            if closure.is_some_and(|c| !c.is_none()) {
                return Err(err!(TypeError, "arg 5 (closure) must be None or tuple"));
            }
        }
        let nclosure = cells.map_or(0, |c| c.len());
        if nclosure != nfree {
            return Err(err!(ValueError, "{} requires closure of length {}, not {}", code.name(), nfree, nclosure));
        }
        if let Some(cells) = cells {
            for i in 0..cells.len() {
                if cells.get(i).downcast_exact::<types::Cell>().is_none() {
                    return Err(err!(TypeError, "arg 5 (closure) expected cell, found {}", cells.get(i).type_name()));
                }
            }
        }
        let kwdefaults = get(5).filter(|n| !n.is_none());
        if kwdefaults.is_some_and(|k| !Dict::check(k)) {
            return Err(err!(TypeError, "arg 6 (kwdefaults) must be None or dict"));
        }
        let function = Function::new(code, globals, None)?;
        if let Some(name) = name {
            Function::set(&function.0.func_name, Some(name));
        }
        Function::set(&function.0.func_defaults, defaults);
        Function::set(&function.0.func_closure, cells.map(|c| c.as_object()));
        Function::set(&function.0.func_kwdefaults, kwdefaults);
        Ok(function.into_object())
    }

    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::new(&format!("<function {} at {:p}>", self.qualname(), self)))
    }

    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        match obj.filter(|o| !o.is_none()) {
            Some(obj) => Ok(Method::new(self.as_object(), obj)?.into_object()),
            None => Ok(self.as_object().to_owned()),
        }
    }

    #[slot(raw = tp_call)]
    unsafe extern "C" fn tp_call(op: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
        // SAFETY: the tp_call protocol.
        unsafe { call_protocol::vectorcall_call(op, args, kwargs) }
    }

    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead; its slots are dropped once, the block goes back.
        unsafe {
            if watchers::FUNCTION.active() && watchers::tell_of_end(op, |f| watchers::tell_function(watchers::FUNCTION_DESTROY, f, None)) {
                return;
            }
            gc::untrack(op);
            let f = &*(op as *mut PyFunctionObject);
            if !f.func_weakreflist.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            Function::clear_slots(f);
            for cell in [&f.func_code, &f.func_name, &f.func_qualname] {
                xdecref(cell.replace(ptr::null_mut()));
            }
            gc::gc_free(op);
        }
    }

    #[slot]
    fn tp_traverse(&self, visitor: &mut Visitor) {
        for cell in self.owned() {
            visitor.visit_cell(cell);
        }
    }

    #[slot(raw = tp_clear)]
    unsafe extern "C" fn tp_clear(op: *mut PyObject) -> c_int {
        // SAFETY: the clear protocol; name and code stay, which others may still read.
        unsafe { Function::clear_slots(&*(op as *mut PyFunctionObject)) };
        0
    }

    #[getter]
    fn __code__(&self) -> PyResult {
        crate::audit::read_attribute(self, "__code__")?;
        Function::get(&self.0.func_code)
    }
    #[setter]
    fn set___code__(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(code) = value.and_then(|v| v.downcast_exact::<Code>()) else {
            return Err(err!(TypeError, "__code__ must be set to a code object"));
        };
        crate::audit::write_attribute(self, "__code__", value)?;
        let nfree = code.0.co_nfreevars.get() as usize;
        // SAFETY: NULL or a tuple.
        let nclosure = unsafe { Object::from_ptr_opt(self.0.func_closure.get()) }.map_or(0, |c| c.downcast::<Tuple>().map_or(0, |c| c.len()));
        if nclosure != nfree {
            let name = unsafe { Object::from_ptr(self.0.func_name.get()).cast::<Str>() };
            return Err(err!(ValueError, "{}() requires a code object with {} free vars, not {}", name, nclosure, nfree));
        }
        let kind = abi::CO_GENERATOR | abi::CO_COROUTINE | abi::CO_ASYNC_GENERATOR;
        if self.code().flags() & kind != code.flags() & kind {
            let message = "Assigning a code object of non-matching type is deprecated (e.g., from a generator to a plain function)";
            crate::exceptions::warn(crate::exceptions::DeprecationWarning(), message, 1)?;
        }
        self.tell(watchers::FUNCTION_MODIFY_CODE, value);
        self.modified();
        Function::set(&self.0.func_code, value);
        Ok(())
    }
    #[getter]
    fn __name__(&self) -> PyResult {
        Function::get(&self.0.func_name)
    }
    #[setter]
    fn set___name__(&self, value: Option<&Object>) -> PyResult<()> {
        if !value.is_some_and(Str::check) {
            return Err(err!(TypeError, "__name__ must be set to a string object"));
        }
        Function::set(&self.0.func_name, value);
        Ok(())
    }
    #[getter]
    fn __qualname__(&self) -> PyResult {
        Function::get(&self.0.func_qualname)
    }
    #[setter]
    fn set___qualname__(&self, value: Option<&Object>) -> PyResult<()> {
        if !value.is_some_and(Str::check) {
            return Err(err!(TypeError, "__qualname__ must be set to a string object"));
        }
        Function::set(&self.0.func_qualname, value);
        Ok(())
    }
    #[getter]
    fn __defaults__(&self) -> PyResult {
        crate::audit::read_attribute(self, "__defaults__")?;
        Function::get(&self.0.func_defaults)
    }
    #[setter]
    fn set___defaults__(&self, value: Option<&Object>) -> PyResult<()> {
        let value = value.filter(|v| !v.is_none());
        if value.is_some_and(|v| !Tuple::check(v)) {
            return Err(err!(TypeError, "__defaults__ must be set to a tuple object"));
        }
        crate::audit::write_attribute(self, "__defaults__", value)?;
        self.tell(watchers::FUNCTION_MODIFY_DEFAULTS, value);
        self.modified();
        Function::set(&self.0.func_defaults, value);
        Ok(())
    }
    #[getter]
    fn __kwdefaults__(&self) -> PyResult {
        crate::audit::read_attribute(self, "__kwdefaults__")?;
        Function::get(&self.0.func_kwdefaults)
    }
    #[setter]
    fn set___kwdefaults__(&self, value: Option<&Object>) -> PyResult<()> {
        let value = value.filter(|v| !v.is_none());
        if value.is_some_and(|v| !Dict::check(v)) {
            return Err(err!(TypeError, "__kwdefaults__ must be set to a dict object"));
        }
        crate::audit::write_attribute(self, "__kwdefaults__", value)?;
        self.tell(watchers::FUNCTION_MODIFY_KWDEFAULTS, value);
        self.modified();
        Function::set(&self.0.func_kwdefaults, value);
        Ok(())
    }
    #[getter]
    fn __annotations__(&self) -> PyResult {
        self.annotations()
    }
    #[setter]
    fn set___annotations__(&self, value: Option<&Object>) -> PyResult<()> {
        let value = value.filter(|v| !v.is_none());
        if value.is_some_and(|v| !Dict::check(v)) {
            return Err(err!(TypeError, "__annotations__ must be set to a dict object"));
        }
        Function::set(&self.0.func_annotations, value);
        Function::set(&self.0.func_annotate, None);
        Ok(())
    }
    #[getter]
    fn __annotate__(&self) -> PyResult {
        // SAFETY: NULL or owned.
        if let Some(annotate) = unsafe { Object::from_ptr_opt(self.0.func_annotate.get()) }.and_then(|a| a.downcast_exact::<Function>()) {
            annotate.name_as_part_of(self)?;
        }
        Function::get(&self.0.func_annotate)
    }
    #[setter]
    fn set___annotate__(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "__annotate__ cannot be deleted")) };
        if value.is_none() {
            Function::set(&self.0.func_annotate, None);
            // SAFETY: the slot owns its value; None keeps the getter from computing again.
            unsafe { set_cell(&self.0.func_annotate, xincref(value.as_ptr())) };
            return Ok(());
        }
        if value.ty().0.tp_call.get().is_none() {
            return Err(err!(TypeError, "__annotate__ must be callable or None"));
        }
        Function::set(&self.0.func_annotate, Some(value));
        Function::set(&self.0.func_annotations, None);
        Ok(())
    }
    #[getter]
    fn __type_params__(&self) -> PyResult {
        // SAFETY: NULL or owned.
        match unsafe { Object::from_ptr_opt(self.0.func_typeparams.get()) } {
            Some(params) => Ok(params.to_owned()),
            None => Ok(Tuple::empty().into_object()),
        }
    }
    #[setter]
    fn set___type_params__(&self, value: Option<&Object>) -> PyResult<()> {
        if !value.is_some_and(Tuple::check) {
            return Err(err!(TypeError, "__type_params__ must be set to a tuple"));
        }
        Function::set(&self.0.func_typeparams, value);
        Ok(())
    }
    #[getter]
    fn __dict__(&self) -> PyResult {
        Ok(types::attributes::generic_get_dict(self.as_object())?.into_object())
    }
    #[setter]
    fn set___dict__(&self, value: Option<&Object>) -> PyResult<()> {
        types::attributes::generic_set_dict(self.as_object(), value)
    }
}

impl Function {
    unsafe fn clear_slots(f: &PyFunctionObject) {
        f.func_version.set(0);
        for cell in [
            &f.func_globals, &f.func_builtins, &f.func_module, &f.func_defaults, &f.func_kwdefaults, &f.func_doc, &f.func_dict, &f.func_closure,
            &f.func_annotations, &f.func_annotate, &f.func_typeparams,
        ] {
            // SAFETY: the slot owned its value.
            unsafe { xdecref(cell.replace(ptr::null_mut())) };
        }
    }
}
