//! `defaultdict`: a dict with a factory for the values of missing keys.

use abi::PyObject;
use macros::pytype;
use runtime::errors::PyResult;
use runtime::macro_support::{Traverse, Visitor, guard};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::object::{is_callable, repr, repr_enter, repr_leave};
use runtime::protocol::{call, iter};
use runtime::types::dict::methods::PyDict_Type;
use runtime::types::{Dict, GenericAlias, Str, StrBuilder, Tuple, none, not_implemented};
use runtime::{err, errors, exceptions, intern};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::mem::offset_of;

#[repr(C)]
pub struct DefaultDict {
    dict: abi::PyDictObject,
    factory: Cell<Option<Owned>>,
}

impl DefaultDict {
    fn as_dict(&self) -> &Dict {
        // SAFETY: the struct begins with a dict.
        unsafe { self.as_object().cast() }
    }
    fn factory(&self) -> Option<Owned> {
        // SAFETY: cloned at once.
        unsafe { (*self.factory.as_ptr()).clone() }
    }
    fn factory_or_none(&self) -> Owned {
        self.factory().unwrap_or_else(|| none().to_owned())
    }
}

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead defaultdict; dict's own function does the rest.
    unsafe {
        runtime::gc::untrack(op);
        guard(|| {
            drop(Object::from_ptr(op).cast::<DefaultDict>().factory.take());
            0
        });
        if let Some(base) = Dict::type_object().0.tp_dealloc.get() {
            base(op);
        }
    }
}

unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live defaultdict.
    unsafe {
        let mut visitor = Visitor::new(visit, arg);
        Object::from_ptr(op).cast::<DefaultDict>().factory.traverse(&mut visitor);
        match Dict::type_object().0.tp_traverse.get() {
            Some(base) if visitor.status() == 0 => base(op, visit, arg),
            _ => visitor.status(),
        }
    }
}

unsafe extern "C" fn clear(op: *mut PyObject) -> c_int {
    // SAFETY: a live defaultdict.
    unsafe {
        guard(|| {
            drop(Object::from_ptr(op).cast::<DefaultDict>().factory.take());
            0
        });
        Dict::type_object().0.tp_clear.get().map_or(0, |base| base(op))
    }
}

/// A new object of the type of `like`, with its factory and the items of `items`.
fn with_items(like: &DefaultDict, items: &Object) -> PyResult {
    call::call_args(like.ty(), &[&like.factory_or_none(), items])
}

/// defaultdict(default_factory=None, /, [...]) --> dict with default factory
///
/// The default factory is called without arguments to produce
/// a new value when a key is not present, in __getitem__ only.
/// A defaultdict compares equal to a dict with the same items.
/// All remaining arguments are treated the same as if they were
/// passed to the dict constructor, including keyword arguments.
#[pytype(static = DefaultDict_Type, name = "defaultdict", module = "collections", base = PyDict_Type,
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, tp_dealloc = dealloc, tp_traverse = traverse, tp_clear = clear,
    members = [("default_factory", T_OBJECT, offset_of!(DefaultDict, factory), 0, "Factory for default value called by __missing__().")])]
impl DefaultDict {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let factory = args.get_opt(0);
        if let Some(factory) = factory
            && !factory.is_none()
            && !is_callable(factory)
        {
            return Err(err!(TypeError, "first argument must be callable or None"));
        }
        let old = self.factory.replace(factory.map(|f| f.to_owned()));
        let rest = args.slice(1.min(args.len()), args.len());
        let Some(init) = Dict::type_object().0.tp_init.get() else { return Ok(()) };
        // SAFETY: dict's own initialisation.
        let status = unsafe { init(self.as_ptr(), rest.raw(), kwargs.map_or(std::ptr::null_mut(), |k| k.as_ptr())) };
        drop(old);
        if status < 0 { Err(errors::Raised::from_c()) } else { Ok(()) }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let Some(base) = Dict::type_object().0.tp_repr.get() else { return Ok(Str::new("")) };
        // SAFETY: dict's own repr.
        let items = unsafe { errors::from_c(base(self.as_ptr())) }?;
        let factory = match self.factory() {
            None => Str::new("None"),
            Some(factory) if repr_enter(&factory) => Str::new("..."),
            Some(factory) => {
                let shown = repr(&factory);
                repr_leave(&factory);
                shown?
            }
        };
        let mut text = StrBuilder::new();
        text.push_str(self.ty().short_name());
        text.push_str("(");
        text.push_str_object(&factory)?;
        text.push_str(", ");
        if let Some(items) = items.downcast::<Str>() {
            text.push_str_object(items)?;
        }
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        let (own, other) = match a.downcast::<DefaultDict>() {
            Some(own) => (own, b),
            None => match b.downcast::<DefaultDict>() {
                Some(own) => (own, a),
                None => return Ok(not_implemented().to_owned()),
            },
        };
        if !Dict::check(other) {
            return Ok(not_implemented().to_owned());
        }
        let merged = with_items(own, a)?;
        let Some(dict) = merged.downcast::<Dict>() else { return Ok(not_implemented().to_owned()) };
        dict.update(b)?;
        Ok(merged)
    }
    /// __missing__(key) # Called by __getitem__ for missing key; pseudo-code:
    ///   if self.default_factory is None: raise KeyError((key,))
    ///   self[key] = value = self.default_factory()
    ///   return value
    #[method("__missing__($self, object, /)")]
    fn missing(&self, key: &Object) -> PyResult {
        match self.factory() {
            Some(factory) if !factory.is_none() => {
                let value = call::call0(&factory)?;
                // The factory may have stored a value itself; that stays.
                self.as_dict().set_default(key, &value)
            }
            _ => Err(errors::raise_object(exceptions::KeyError(), Some(&*Tuple::new(&[key])))),
        }
    }
    /// D.copy() -> a shallow copy of D.
    #[method("copy($self, /)")]
    #[method("__copy__($self, /)")]
    fn copy(&self) -> PyResult {
        with_items(self, self)
    }
    /// Return state information for pickling.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let args = match self.factory() {
            Some(factory) if !factory.is_none() => Tuple::single(factory),
            _ => Tuple::empty(),
        };
        let items = call::call_method0(self, intern!("items"))?;
        let items = iter::get_iter(&items)?;
        let none = || none().to_owned();
        Ok(Tuple::from_owned(vec![self.ty().to_owned(), args.into_object(), none(), none(), items]))
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}
