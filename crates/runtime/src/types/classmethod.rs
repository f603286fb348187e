//! `classmethod` and `staticmethod`: a callable in another wrapping, which takes on its name, module and documentation.

use crate::errors::{self, PyResult};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::protocol::object as proto;
use crate::types::attributes::{generic_get_dict, generic_set_dict};
use crate::types::{Dict, GenericAlias, Method, Str, Tuple};
use crate::{err, exceptions, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct ClassMethod {
    head: ObjectHead,
    callable: Cell<Option<Owned>>,
    dict: Cell<Option<Owned<Dict>>>,
}

#[derive(Traverse)]
#[repr(C)]
pub struct StaticMethod {
    head: ObjectHead,
    callable: Cell<Option<Owned>>,
    dict: Cell<Option<Owned<Dict>>>,
}

fn read(cell: &Cell<Option<Owned>>) -> PyResult {
    // SAFETY: the reference to the inside ends here; taking a count runs no code.
    match unsafe { (*cell.as_ptr()).clone() } {
        Some(callable) => Ok(callable),
        None => Err(err!(RuntimeError, "uninitialized classmethod object")),
    }
}

/// One positional argument, no keywords.
fn only_argument<'a>(name: &str, args: &'a Tuple, kwargs: Option<&Dict>) -> PyResult<&'a Object> {
    if kwargs.is_some_and(|k| k.len() > 0) {
        return Err(err!(TypeError, "{}() takes no keyword arguments", name));
    }
    if args.len() != 1 {
        return Err(err!(TypeError, "{} expected 1 argument, got {}", name, args.len()));
    }
    Ok(args.get(0))
}

/// Takes over the callable's own attributes.
fn wrap(this: &Object, callable: &Object) -> PyResult<()> {
    for name in [intern!("__module__"), intern!("__name__"), intern!("__qualname__"), intern!("__doc__")] {
        if let Some(value) = proto::get_attr_opt(callable, name)? {
            proto::set_attr(this, name, Some(&value))?;
        }
    }
    Ok(())
}

/// An attribute of the callable, kept in the wrapper's dict once asked for.
fn wrapped_attribute(this: &Object, callable: &Object, name: &Str) -> PyResult {
    let dict = generic_get_dict(this)?;
    if let Some(own) = dict.get_item(name)? {
        return Ok(own);
    }
    let value = proto::get_attr(callable, name)?;
    dict.set_item(name, &value)?;
    Ok(value)
}

fn set_wrapped_attribute(this: &Object, name: &Str, value: Option<&Object>) -> PyResult<()> {
    let dict = generic_get_dict(this)?;
    match value {
        Some(value) => dict.set_item(name, value),
        None => match dict.del_item(name) {
            Err(_) if errors::matches(exceptions::KeyError()) => {
                errors::clear();
                Err(err!(AttributeError, "'{}' object has no attribute '{}'", this.type_name(), name))
            }
            other => other,
        },
    }
}

impl ClassMethod {
    pub fn new(callable: &Object) -> PyResult<Owned<ClassMethod>> {
        let made = Self::empty(Self::type_object())?;
        made.callable.set(Some(callable.to_owned()));
        Ok(made)
    }
    fn empty(cls: &Type) -> PyResult<Owned<ClassMethod>> {
        Self::construct(cls, ClassMethod { head: ObjectHead::placeholder(), callable: Cell::new(Some(crate::types::none().to_owned())), dict: Cell::new(None) })
    }
    /// The function inside, for the specialiser.
    pub fn function(&self) -> Option<Owned> {
        // SAFETY: as `read`.
        unsafe { (*self.callable.as_ptr()).clone() }
    }
}

impl StaticMethod {
    pub fn new(callable: &Object) -> PyResult<Owned<StaticMethod>> {
        let made = Self::empty(Self::type_object())?;
        made.callable.set(Some(callable.to_owned()));
        Ok(made)
    }
    fn empty(cls: &Type) -> PyResult<Owned<StaticMethod>> {
        Self::construct(cls, StaticMethod { head: ObjectHead::placeholder(), callable: Cell::new(Some(crate::types::none().to_owned())), dict: Cell::new(None) })
    }
    pub fn function(&self) -> Option<Owned> {
        // SAFETY: as `read`.
        unsafe { (*self.callable.as_ptr()).clone() }
    }
}

/// Convert a function to be a class method.
///
/// A class method receives the class as implicit first argument,
/// just like an instance method receives the instance.
/// To declare a class method, use this idiom:
///
///   class C:
///       @classmethod
///       def f(cls, arg1, arg2, argN):
///           ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()).  The instance is ignored except for its class.
/// If a class method is called for a derived class, the derived class
/// object is passed as the implied first argument.
///
/// Class methods are different than C++ or Java static methods.
/// If you want those, see the staticmethod builtin.
#[pytype(static = PyClassMethod_Type, name = "classmethod", signature = "(function, /)", flags = BASETYPE | HAVE_GC, native,
    dictoffset = offset_of!(ClassMethod, dict),
    members = [("__func__", T_OBJECT, offset_of!(ClassMethod, callable), READONLY),
        ("__wrapped__", T_OBJECT, offset_of!(ClassMethod, callable), READONLY)])]
impl ClassMethod {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<ClassMethod>> {
        ClassMethod::empty(cls)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let callable = only_argument("classmethod", args, kwargs)?;
        drop(self.callable.replace(Some(callable.to_owned())));
        wrap(self.as_object(), callable)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let inner = proto::repr(&*read(&self.callable)?)?;
        Str::concat_all(&[Str::new("<classmethod("), inner, Str::new(")>")])
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, owner: Option<&Object>) -> PyResult {
        let callable = read(&self.callable)?;
        let owner: &Object = match (owner, obj) {
            (Some(owner), _) => owner,
            (None, Some(obj)) => obj.ty(),
            (None, None) => return Err(err!(TypeError, "__get__(None, None) is invalid")),
        };
        Ok(Method::new(&callable, owner)?.into_object())
    }
    #[getter("__isabstractmethod__")]
    fn is_abstract(&self) -> PyResult<bool> {
        proto::is_abstract(&*read(&self.callable)?)
    }
    #[getter("__dict__")]
    fn get_dict(this: &Object) -> PyResult<Owned<Dict>> {
        generic_get_dict(this)
    }
    #[setter("__dict__")]
    fn set_dict(this: &Object, value: Option<&Object>) -> PyResult<()> {
        generic_set_dict(this, value)
    }
    #[getter("__annotations__")]
    fn get_annotations(&self) -> PyResult {
        wrapped_attribute(self.as_object(), &*read(&self.callable)?, intern!("__annotations__"))
    }
    #[setter("__annotations__")]
    fn set_annotations(&self, value: Option<&Object>) -> PyResult<()> {
        set_wrapped_attribute(self.as_object(), intern!("__annotations__"), value)
    }
    #[getter("__annotate__")]
    fn get_annotate(&self) -> PyResult {
        wrapped_attribute(self.as_object(), &*read(&self.callable)?, intern!("__annotate__"))
    }
    #[setter("__annotate__")]
    fn set_annotate(&self, value: Option<&Object>) -> PyResult<()> {
        set_wrapped_attribute(self.as_object(), intern!("__annotate__"), value)
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($cls, object, /)", nosig)]
    fn __class_getitem__(cls: &Type, item: &Object) -> PyResult {
        GenericAlias::make(cls, item)
    }
}

/// Convert a function to be a static method.
///
/// A static method does not receive an implicit first argument.
/// To declare a static method, use this idiom:
///
///      class C:
///          @staticmethod
///          def f(arg1, arg2, argN):
///              ...
///
/// It can be called either on the class (e.g. C.f()) or on an instance
/// (e.g. C().f()). Both the class and the instance are ignored, and
/// neither is passed implicitly as the first argument to the method.
///
/// Static methods in Python are similar to those found in Java or C++.
/// For a more advanced concept, see the classmethod builtin.
#[pytype(static = PyStaticMethod_Type, name = "staticmethod", signature = "(function, /)", flags = BASETYPE | HAVE_GC, native,
    dictoffset = offset_of!(StaticMethod, dict),
    members = [("__func__", T_OBJECT, offset_of!(StaticMethod, callable), READONLY),
        ("__wrapped__", T_OBJECT, offset_of!(StaticMethod, callable), READONLY)])]
impl StaticMethod {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<StaticMethod>> {
        StaticMethod::empty(cls)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let callable = only_argument("staticmethod", args, kwargs)?;
        drop(self.callable.replace(Some(callable.to_owned())));
        wrap(self.as_object(), callable)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let inner = proto::repr(&*read(&self.callable)?)?;
        Str::concat_all(&[Str::new("<staticmethod("), inner, Str::new(")>")])
    }
    #[slot]
    fn tp_descr_get(&self, _obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        read(&self.callable)
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        call::call(&*read(&self.callable)?, args, kwargs)
    }
    #[getter("__isabstractmethod__")]
    fn is_abstract(&self) -> PyResult<bool> {
        proto::is_abstract(&*read(&self.callable)?)
    }
    #[getter("__dict__")]
    fn get_dict(this: &Object) -> PyResult<Owned<Dict>> {
        generic_get_dict(this)
    }
    #[setter("__dict__")]
    fn set_dict(this: &Object, value: Option<&Object>) -> PyResult<()> {
        generic_set_dict(this, value)
    }
    #[getter("__annotations__")]
    fn get_annotations(&self) -> PyResult {
        wrapped_attribute(self.as_object(), &*read(&self.callable)?, intern!("__annotations__"))
    }
    #[setter("__annotations__")]
    fn set_annotations(&self, value: Option<&Object>) -> PyResult<()> {
        set_wrapped_attribute(self.as_object(), intern!("__annotations__"), value)
    }
    #[getter("__annotate__")]
    fn get_annotate(&self) -> PyResult {
        wrapped_attribute(self.as_object(), &*read(&self.callable)?, intern!("__annotate__"))
    }
    #[setter("__annotate__")]
    fn set_annotate(&self, value: Option<&Object>) -> PyResult<()> {
        set_wrapped_attribute(self.as_object(), intern!("__annotate__"), value)
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($cls, object, /)", nosig)]
    fn __class_getitem__(cls: &Type, item: &Object) -> PyResult {
        GenericAlias::make(cls, item)
    }
}

/// Either kind of wrapper around a function, for those that look inside.
pub fn wrapped_function(o: &Object) -> Option<Owned> {
    if let Some(class_method) = o.downcast::<ClassMethod>() {
        return class_method.function();
    }
    o.downcast::<StaticMethod>().and_then(|s| s.function())
}
