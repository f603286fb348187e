//! `super`: attribute lookup that starts behind a class in an object's MRO.

use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::interp::frame;
use crate::protocol::call;
use crate::protocol::object as proto;
use crate::types::attributes::{descr_get, generic_get_attr};
use crate::types::{Bytes, Cell, Dict, Str, Tuple};
use crate::{err, intern};
use macros::{Traverse, pytype};
use std::cell::Cell as StdCell;
use std::mem::offset_of;
use std::ptr;

#[derive(Traverse)]
#[repr(C)]
pub struct Super {
    head: ObjectHead,
    class: StdCell<Option<Owned<Type>>>,
    obj: StdCell<Option<Owned>>,
    obj_type: StdCell<Option<Owned<Type>>>,
}

fn read<T>(cell: &StdCell<Option<Owned<T>>>) -> Option<Owned<T>> {
    // SAFETY: the reference to the inside ends here; taking a count runs no code.
    unsafe { (*cell.as_ptr()).clone() }
}

/// The class whose MRO is searched; an error if `obj` is neither an instance nor a subclass of `class`.
pub fn check(class: &Type, obj: &Object) -> PyResult<Owned<Type>> {
    if let Some(sub) = obj.downcast::<Type>()
        && sub.is_subtype(class)
        // A class may be missing in an order of its own making.
        && sub.mro().is_none_or(|mro| !ptr::eq(sub, class) || (0..mro.len()).any(|i| mro.get(i).is(class)))
    {
        return Ok(Owned::from_type(sub));
    }
    if obj.ty().is_subtype(class) {
        return Ok(Owned::from_type(obj.ty()));
    }
    // A proxy may claim a class.
    if let Some(claimed) = proto::get_attr_opt(obj, intern!("__class__"))?
        && let Some(claimed) = claimed.downcast::<Type>()
        && !ptr::eq(claimed, obj.ty())
        && claimed.is_subtype(class)
    {
        return Ok(Owned::from_type(claimed));
    }
    let (kind, name) = match obj.downcast::<Type>() {
        Some(ty) => ("type", ty.name()),
        None => ("instance of", obj.type_name()),
    };
    Err(err!(
        TypeError,
        "super(type, obj): obj ({} {}) is not an instance or subtype of type ({}).",
        kind,
        name,
        class.name()
    ))
}

/// What the MRO of `obj_type` behind `class` has under `name`, not bound.
pub fn find(class: &Type, obj_type: &Type, name: &Str) -> Option<Owned> {
    if name.eq_str("__class__") {
        return None;
    }
    let mro = Owned::from_ref(obj_type.mro()?);
    let at = (0..mro.len()).find(|&i| mro.get(i).is(class))?;
    // SAFETY: an MRO holds types.
    (at + 1..mro.len()).find_map(|i| unsafe { mro.get(i).cast::<Type>() }.dict_opt().and_then(|dict| dict.get_str(name)))
}

/// `super(class, obj).name` without a super object (`LOAD_SUPER_ATTR`). The flag: a method that wants `obj` in front.
/// `Ok(None)`: not found there, the super object's own attributes are to be asked.
pub fn lookup(class: &Type, obj: &Object, name: &Str, want_method: bool) -> PyResult<Option<(Owned, bool)>> {
    let obj_type = check(class, obj)?;
    let Some(found) = find(class, &obj_type, name) else { return Ok(None) };
    let on_class = ptr::eq(obj, obj_type.object());
    if want_method && !on_class && found.ty().has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
        return Ok(Some((found, true)));
    }
    bind(found, obj, &obj_type).map(|value| Some((value, false)))
}

/// What `super()` without arguments works on: the class in the cell `__class__`, and the first argument of the running function.
fn arguments_of_frame() -> PyResult<(Owned<Type>, Owned)> {
    let frame = frame::current();
    if frame.is_null() {
        return Err(err!(RuntimeError, "super(): no current frame"));
    }
    // SAFETY: a live frame of Python code; its places are those that the code object describes.
    unsafe {
        let code = &(*frame).code().0;
        if code.co_argcount.get() == 0 {
            return Err(err!(RuntimeError, "super(): no arguments"));
        }
        let locals = (*frame).locals();
        let read = |index: usize| if (*locals.add(index)).is_null() { None } else { Some((*locals.add(index)).obj()) };
        let kinds = Object::from_ptr(code.co_localspluskinds.get()).cast::<Bytes>().as_slice();
        let mut first = read(0);
        // An argument that inner functions use lies in a cell.
        if kinds.first().is_some_and(|kind| kind & CO_FAST_CELL != 0)
            && let Some(cell) = first.and_then(|c| c.downcast_exact::<Cell>())
        {
            first = Object::from_ptr_opt(cell.0.ob_ref.get());
        }
        let Some(first) = first else {
            return Err(err!(RuntimeError, "super(): arg[0] deleted"));
        };
        let first = first.to_owned();
        let names = Object::from_ptr(code.co_localsplusnames.get()).cast::<Tuple>();
        let free = code.co_nlocalsplus.get() as usize - code.co_nfreevars.get() as usize;
        for i in free..names.len() {
            if !names.get(i).downcast::<Str>().is_some_and(|name| name.eq_str("__class__")) {
                continue;
            }
            let Some(cell) = read(i).and_then(|c| c.downcast_exact::<Cell>()) else {
                return Err(err!(RuntimeError, "super(): bad __class__ cell"));
            };
            let Some(class) = Object::from_ptr_opt(cell.0.ob_ref.get()) else {
                return Err(err!(RuntimeError, "super(): empty __class__ cell"));
            };
            return match class.downcast::<Type>() {
                Some(class) => Ok((Owned::from_type(class), first)),
                None => Err(err!(RuntimeError, "super(): __class__ is not a type ({})", class.type_name())),
            };
        }
    }
    Err(err!(RuntimeError, "super(): __class__ cell not found"))
}

/// `co_localspluskinds`: the variable lies in a cell of its own.
const CO_FAST_CELL: u8 = 0x40;

fn bind(found: Owned, obj: &Object, obj_type: &Type) -> PyResult {
    let instance = if ptr::eq(obj, obj_type as &Object) { None } else { Some(obj) };
    match descr_get(&found, instance, Some(obj_type)) {
        Some(bound) => bound,
        None => Ok(found),
    }
}

impl Super {
    /// `super(class, obj)`.
    pub fn bound(class: &Type, obj: &Object) -> PyResult<Owned<Super>> {
        let obj_type = check(class, obj)?;
        Super::make(Super::type_object(), Some(Owned::from_type(class)), Some(obj.to_owned()), Some(obj_type))
    }
    fn make(cls: &Type, class: Option<Owned<Type>>, obj: Option<Owned>, obj_type: Option<Owned<Type>>) -> PyResult<Owned<Super>> {
        Super::construct(
            cls,
            Super { head: ObjectHead::placeholder(), class: StdCell::new(class), obj: StdCell::new(obj), obj_type: StdCell::new(obj_type) },
        )
    }
}

/// super() -> same as super(__class__, <first argument>)
/// super(type) -> unbound super object
/// super(type, obj) -> bound super object; requires isinstance(obj, type)
/// super(type, type2) -> bound super object; requires issubclass(type2, type)
/// Typical use to call a cooperative superclass method:
/// class C(B):
///     def meth(self, arg):
///         super().meth(arg)
/// This works for class methods too:
/// class C(B):
///     @classmethod
///     def cmeth(cls, arg):
///         super().cmeth(arg)
#[pytype(static = PySuper_Type, name = "super", flags = BASETYPE | HAVE_GC, native,
    members = [("__thisclass__", T_OBJECT, offset_of!(Super, class), READONLY, "the class invoking super()"),
        ("__self__", T_OBJECT, offset_of!(Super, obj), READONLY, "the instance invoking super(); may be None"),
        ("__self_class__", T_OBJECT, offset_of!(Super, obj_type), READONLY, "the type of the instance invoking super(); may be None")])]
impl Super {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Super>> {
        Super::make(cls, None, None, None)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "super() takes no keyword arguments"));
        }
        if args.len() > 2 {
            return Err(err!(TypeError, "super() expected at most 2 arguments, got {}", args.len()));
        }
        let (class, obj) = if args.len() == 0 {
            let (class, obj) = arguments_of_frame()?;
            (class, Some(obj))
        } else {
            let Some(class) = args.get(0).downcast::<Type>() else {
                return Err(err!(TypeError, "super() argument 1 must be a type, not {}", args.get(0).type_name()));
            };
            let obj = (args.len() == 2).then(|| args.get(1)).filter(|o| !o.is_none()).map(|o| o.to_owned());
            (Owned::from_type(class), obj)
        };
        let obj_type = match &obj {
            Some(obj) => Some(check(&class, obj)?),
            None => None,
        };
        drop(self.class.replace(Some(class)));
        drop(self.obj.replace(obj));
        drop(self.obj_type.replace(obj_type));
        Ok(())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let class = read(&self.class).map_or("NULL".to_string(), |c| c.name().to_string());
        Ok(match read(&self.obj_type) {
            Some(obj_type) => format!("<super: <class '{}'>, <{} object>>", class, obj_type.name()),
            None => format!("<super: <class '{class}'>, NULL>"),
        })
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        let Some(name) = name.downcast::<Str>() else {
            return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name()));
        };
        if let (Some(class), Some(obj), Some(obj_type)) = (read(&self.class), read(&self.obj), read(&self.obj_type))
            && let Some(found) = find(&class, &obj_type, name)
        {
            return bind(found, &obj, &obj_type);
        }
        generic_get_attr(self.as_object(), name)
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _owner: Option<&Object>) -> PyResult {
        let this = self.as_object();
        let Some(obj) = obj.filter(|o| !o.is_none()) else { return Ok(this.to_owned()) };
        if read(&self.obj).is_some() {
            return Ok(this.to_owned());
        }
        let Some(class) = read(&self.class) else { return Ok(this.to_owned()) };
        if !ptr::eq(this.ty(), Super::type_object()) {
            return call::call_args(this.ty(), &[&class, obj]);
        }
        Ok(Super::bound(&class, obj)?.into_object())
    }
}

