//! `property`.

use crate::errors::{self, PyResult};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::protocol::object as proto;
use crate::types::type_methods::type_qualname;
use crate::types;
use crate::{err, exceptions, intern};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

#[derive(Traverse)]
#[repr(C)]
pub struct Property {
    head: ObjectHead,
    fget: Cell<Option<Owned>>,
    fset: Cell<Option<Owned>>,
    fdel: Cell<Option<Owned>>,
    doc: Cell<Option<Owned>>,
    name: Cell<Option<Owned>>,
    /// The documentation was taken from the getter.
    #[traverse(skip)]
    getter_doc: Cell<bool>,
}

/// A new reference to what a cell holds.
fn read(cell: &Cell<Option<Owned>>) -> Option<Owned> {
    // SAFETY: the reference to the inside ends here; taking a count runs no code.
    unsafe { (*cell.as_ptr()).clone() }
}

fn not_none(value: Option<&Object>) -> Option<Owned> {
    value.filter(|v| !v.is_none()).map(|v| v.to_owned())
}

impl Property {
    /// The getter, for the specialiser.
    pub fn getter(&self) -> Option<&Object> {
        // SAFETY: valid as long as the property is not initialised anew.
        unsafe { (*self.fget.as_ptr()).as_ref().map(|get| get.object()) }
    }

    fn shown_name(&self) -> PyResult<Option<Owned>> {
        if let Some(name) = read(&self.name) {
            return Ok(Some(name));
        }
        crate::tstate::check_recursion(" while getting the name of a property")?;
        match read(&self.fget) {
            Some(get) => proto::get_attr_opt(&get, intern!("__name__")),
            None => Ok(None),
        }
    }

    #[cold]
    fn lacks(&self, obj: &Object, what: &str) -> PyResult<errors::Raised> {
        let qualname = proto::repr(&*type_qualname(obj.ty())?)?;
        Ok(match self.shown_name()? {
            Some(name) => {
                let name = proto::repr(&name)?;
                err!(AttributeError, "property {} of {} object has no {}", name, qualname, what)
            }
            None => err!(AttributeError, "property of {} object has no {}", qualname, what),
        })
    }

    fn copy_with(&self, get: Option<&Object>, set: Option<&Object>, del: Option<&Object>) -> PyResult {
        let this = self.as_object();
        let pick = |new: Option<&Object>, old: &Cell<Option<Owned>>| match new {
            Some(new) if !new.is_none() => new.to_owned(),
            _ => read(old).unwrap_or_else(|| types::none().to_owned()),
        };
        let (get, set, del) = (pick(get, &self.fget), pick(set, &self.fset), pick(del, &self.fdel));
        let doc = if self.getter_doc.get() && !get.is_none() { None } else { read(&self.doc) };
        let doc = doc.unwrap_or_else(|| types::none().to_owned());
        let class = Owned::from_type(this.ty());
        let new = call::call_args(&class, &[&get, &set, &del, &doc])?;
        if let Some(property) = new.downcast::<Property>() {
            property.name.set(read(&self.name));
        }
        Ok(new)
    }
}

/// Property attribute.
///
///   fget
///     function to be used for getting an attribute value
///   fset
///     function to be used for setting an attribute value
///   fdel
///     function to be used for del'ing an attribute
///   doc
///     docstring
///
/// Typical use is to define a managed attribute x:
///
/// class C(object):
///     def getx(self): return self._x
///     def setx(self, value): self._x = value
///     def delx(self): del self._x
///     x = property(getx, setx, delx, "I'm the 'x' property.")
///
/// Decorators make defining new properties or modifying existing ones easy:
///
/// class C(object):
///     @property
///     def x(self):
///         "I am the 'x' property."
///         return self._x
///     @x.setter
///     def x(self, value):
///         self._x = value
///     @x.deleter
///     def x(self):
///         del self._x
#[pytype(static = PyProperty_Type, name = "property", signature = "(fget=None, fset=None, fdel=None, doc=None)", flags = BASETYPE | HAVE_GC, native,
    members = [("fget", T_OBJECT, offset_of!(Property, fget), READONLY), ("fset", T_OBJECT, offset_of!(Property, fset), READONLY),
        ("fdel", T_OBJECT, offset_of!(Property, fdel), READONLY), ("__doc__", T_OBJECT, offset_of!(Property, doc), 0)])]
impl Property {
    #[slot]
    fn tp_new(cls: &Type, _args: &types::Tuple, _kwargs: Option<&types::Dict>) -> PyResult<Owned<Property>> {
        let empty = || Cell::new(None);
        Property::construct(
            cls,
            Property {
                head: ObjectHead::placeholder(),
                fget: empty(),
                fset: empty(),
                fdel: empty(),
                doc: empty(),
                name: empty(),
                getter_doc: Cell::new(false),
            },
        )
    }
    #[slot("property(fget=None, fset=None, fdel=None, doc=None)")]
    fn tp_init(&self, fget: Option<&Object>, fset: Option<&Object>, fdel: Option<&Object>, doc: Option<&Object>) -> PyResult<()> {
        let getter = not_none(fget);
        drop(self.fget.replace(getter.clone()));
        drop(self.fset.replace(not_none(fset)));
        drop(self.fdel.replace(not_none(fdel)));
        drop(self.doc.replace(None));
        drop(self.name.replace(None));
        self.getter_doc.set(false);
        let mut text = not_none(doc);
        if text.is_none()
            && let Some(getter) = &getter
        {
            text = proto::get_attr_opt(getter, intern!("__doc__"))?.filter(|d| !d.is_none());
            self.getter_doc.set(text.is_some());
        }
        if ptr::eq(self.as_object().ty(), Property::type_object()) {
            drop(self.doc.replace(text));
            return Ok(());
        }
        // In a subclass the class's own __doc__ would hide the member: the text goes into the instance.
        let value = text.unwrap_or_else(|| types::none().to_owned());
        match proto::set_attr(self.as_object(), intern!("__doc__"), Some(&value)) {
            Err(_) if !self.getter_doc.get() && errors::matches(exceptions::AttributeError()) => {
                errors::clear();
                Ok(())
            }
            other => other,
        }
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        let Some(obj) = obj.filter(|o| !o.is_none()) else {
            return Ok(self.as_object().to_owned());
        };
        match read(&self.fget) {
            Some(get) => call::call1(&get, obj),
            None => Err(self.lacks(obj, "getter")?),
        }
    }
    #[slot]
    fn tp_descr_set(&self, obj: &Object, value: Option<&Object>) -> PyResult<()> {
        match value {
            Some(value) => match read(&self.fset) {
                Some(set) => call::call_args(&set, &[obj, value]).map(drop),
                None => Err(self.lacks(obj, "setter")?),
            },
            None => match read(&self.fdel) {
                Some(del) => call::call1(&del, obj).map(drop),
                None => Err(self.lacks(obj, "deleter")?),
            },
        }
    }
    /// Descriptor to obtain a copy of the property with a different getter.
    #[method("getter($self, object, /)", nosig)]
    fn with_getter(&self, function: &Object) -> PyResult {
        self.copy_with(Some(function), None, None)
    }
    /// Descriptor to obtain a copy of the property with a different setter.
    #[method("setter($self, object, /)", nosig)]
    fn with_setter(&self, function: &Object) -> PyResult {
        self.copy_with(None, Some(function), None)
    }
    /// Descriptor to obtain a copy of the property with a different deleter.
    #[method("deleter($self, object, /)", nosig)]
    fn with_deleter(&self, function: &Object) -> PyResult {
        self.copy_with(None, None, Some(function))
    }
    /// __set_name__($self, owner, name, /)
    /// --
    ///
    /// Method to set name of a property.
    #[method("__set_name__($self, *args)", nosig)]
    fn __set_name__(&self, args: crate::macro_support::Args<'_>) -> PyResult<()> {
        let &[_owner, name] = args else {
            return Err(err!(TypeError, "__set_name__() takes 2 positional arguments but {} were given", args.len()));
        };
        drop(self.name.replace(Some(name.to_owned())));
        Ok(())
    }
    #[getter("__name__")]
    fn get_name(&self) -> PyResult {
        match self.shown_name()? {
            Some(name) => Ok(name),
            None => Err(err!(AttributeError, "'property' object has no attribute '__name__'")),
        }
    }
    #[setter("__name__")]
    fn set_name(&self, value: Option<&Object>) -> PyResult<()> {
        drop(self.name.replace(value.map(|v| v.to_owned())));
        Ok(())
    }
    #[getter("__isabstractmethod__")]
    fn is_abstract(&self) -> PyResult<bool> {
        for cell in [&self.fget, &self.fset, &self.fdel] {
            if let Some(function) = read(cell)
                && proto::is_abstract(&function)?
            {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

