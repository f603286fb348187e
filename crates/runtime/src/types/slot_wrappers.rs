//! The other direction of slots: functions that make a C slot callable from Python. A wrapper descriptor (`int.__add__`) calls one of
//! these with the object, the tuple of arguments and the slot's function.
//!
//! Each trusts that the function has the type of its slot: the row of `slotdefs.rs` that names the wrapper says so.

use crate::errors::{self, PyResult, Raised, from_c, to_c};
use crate::macro_support::guard;
use crate::object::{Object, Owned, Type};
use crate::protocol::object::CompareOp;
use crate::protocol::{number, sequence};
use crate::types::slot_dispatch::{slot_tp_new, slot_tp_setattro};
use crate::types::{self, Int, Tuple};
use crate::{err, exceptions};
use abi::{PyObject, c_int, c_void};
use std::ptr;

type P = *mut PyObject;

/// Between `minimum` and `maximum` arguments, as plain pointers. `name` stands in the message of wrappers that take several.
unsafe fn arguments<'a>(args: P, minimum: usize, maximum: usize, name: &str) -> PyResult<&'a [P]> {
    // SAFETY: wrappers are called with a tuple, which lives through the call.
    let args = unsafe { Object::from_ptr(args).cast::<Tuple>() };
    let n = args.len();
    if n >= minimum && n <= maximum {
        return Ok(args.items());
    }
    let plural = |count: usize| if count == 1 { "" } else { "s" };
    Err(match (minimum == maximum, name) {
        (true, "") => err!(TypeError, "expected {} argument{}, got {}", minimum, plural(minimum), n),
        (true, _) => err!(TypeError, "{} expected {} argument{}, got {}", name, minimum, plural(minimum), n),
        (false, "") => err!(TypeError, "expected {} or {} arguments, got {}", minimum, maximum, n),
        (false, _) if n < minimum => err!(TypeError, "{} expected at least {} argument{}, got {}", name, minimum, plural(minimum), n),
        (false, _) => err!(TypeError, "{} expected at most {} argument{}, got {}", name, maximum, plural(maximum), n),
    })
}

macro_rules! wrapper {
    // A wrapper around a slot of type $slot; `$args` are its arguments; the body gives a PyResult.
    ($name:ident, $slot:ty, $minimum:literal..=$maximum:literal, |$this:ident, $args:ident, $f:ident| $body:expr) => {
        wrapper!($name, $slot, $minimum..=$maximum, "", |$this, $args, $f| $body);
    };
    ($name:ident, $slot:ty, $minimum:literal..=$maximum:literal, $shown:literal, |$this:ident, $args:ident, $f:ident| $body:expr) => {
        pub unsafe extern "C" fn $name($this: P, args: P, wrapped: *mut c_void) -> P {
            // SAFETY: the row that names this wrapper gives the function's type; arguments are live objects.
            guard(|| to_c((|| unsafe {
                let $args = arguments(args, $minimum, $maximum, $shown)?;
                let $f = std::mem::transmute::<*mut c_void, $slot>(wrapped);
                $body
            })()))
        }
    };
}

fn none_for(status: c_int) -> PyResult {
    if status < 0 { Err(Raised::from_c()) } else { Ok(types::none().to_owned()) }
}

fn bool_for(status: c_int) -> PyResult {
    if status < 0 { Err(Raised::from_c()) } else { Ok(types::bool_object(status != 0).to_owned()) }
}

wrapper!(wrap_unaryfunc, abi::unaryfunc, 0..=0, |this, _args, f| from_c(f(this)));
wrapper!(wrap_inquirypred, abi::inquiry, 0..=0, |this, _args, f| bool_for(f(this)));
wrapper!(wrap_binaryfunc, abi::binaryfunc, 1..=1, |this, args, f| from_c(f(this, args[0])));
wrapper!(wrap_binaryfunc_r, abi::binaryfunc, 1..=1, |this, args, f| from_c(f(args[0], this)));
wrapper!(wrap_ternaryfunc, abi::ternaryfunc, 1..=2, |this, args, f| from_c(f(this, args[0], second_or_none(args))));
wrapper!(wrap_ternaryfunc_r, abi::ternaryfunc, 1..=2, |this, args, f| from_c(f(args[0], this, second_or_none(args))));

fn second_or_none(args: &[P]) -> P {
    args.get(1).copied().unwrap_or(types::none().as_ptr())
}

wrapper!(wrap_lenfunc, abi::lenfunc, 0..=0, |this, _args, f| {
    let length = f(this);
    if length == -1 && errors::occurred() { Err(Raised::from_c()) } else { Ok(Int::from_i64(length as i64).into_object()) }
});

wrapper!(wrap_hashfunc, abi::hashfunc, 0..=0, |this, _args, f| {
    let value = f(this);
    if value == -1 && errors::occurred() { Err(Raised::from_c()) } else { Ok(Int::from_i64(value as i64).into_object()) }
});

wrapper!(wrap_indexargfunc, abi::ssizeargfunc, 1..=1, |this, args, f| {
    let count = number::as_isize(Object::from_ptr(args[0]), Some(exceptions::OverflowError()))?;
    from_c(f(this, count))
});

/// An index, counted from the end if negative.
unsafe fn index(this: P, arg: P) -> PyResult<isize> {
    // SAFETY: live objects.
    let (this, arg) = unsafe { (Object::from_ptr(this), Object::from_ptr(arg)) };
    let at = number::as_isize(arg, Some(exceptions::OverflowError()))?;
    if at < 0 {
        // SAFETY: the slot table of the object's own type.
        let has_length = unsafe { this.ty().0.tp_as_sequence.get().as_ref().is_some_and(|s| s.sq_length.get().is_some()) };
        if has_length {
            return Ok(at + sequence::len(this)? as isize);
        }
    }
    Ok(at)
}

wrapper!(wrap_sq_item, abi::ssizeargfunc, 1..=1, |this, args, f| from_c(f(this, index(this, args[0])?)));
wrapper!(wrap_sq_setitem, abi::ssizeobjargproc, 2..=2, "__setitem__", |this, args, f| none_for(f(this, index(this, args[0])?, args[1])));
wrapper!(wrap_sq_delitem, abi::ssizeobjargproc, 1..=1, |this, args, f| none_for(f(this, index(this, args[0])?, ptr::null_mut())));
wrapper!(wrap_objobjproc, abi::objobjproc, 1..=1, |this, args, f| bool_for(f(this, args[0])));
wrapper!(wrap_objobjargproc, abi::objobjargproc, 2..=2, "__setitem__", |this, args, f| none_for(f(this, args[0], args[1])));
wrapper!(wrap_delitem, abi::objobjargproc, 1..=1, |this, args, f| none_for(f(this, args[0], ptr::null_mut())));

wrapper!(wrap_setattr, abi::setattrofunc, 2..=2, "__setattr__", |this, args, f| {
    refuse_bypass(Object::from_ptr(this), f, "__setattr__")?;
    none_for(f(this, args[0], args[1]))
});
wrapper!(wrap_delattr, abi::setattrofunc, 1..=1, |this, args, f| {
    refuse_bypass(Object::from_ptr(this), f, "__delattr__")?;
    none_for(f(this, args[0], ptr::null_mut()))
});

/// `object.__setattr__(x, ...)` must not go past the `__setattr__` that a C type between `object` and the class of `x` has: the nearest
/// base that is not a Python-made class has to have the very function that is called.
fn refuse_bypass(this: &Object, function: abi::setattrofunc, what: &str) -> PyResult<()> {
    let ty = this.ty();
    let Some(mro) = ty.mro() else { return Ok(()) };
    let dispatcher = slot_tp_setattro as abi::setattrofunc;
    let slot_of = |class: &Type| class.0.tp_setattro.get();
    let is = |slot: Option<abi::setattrofunc>, f: abi::setattrofunc| slot.is_some_and(|s| ptr::fn_addr_eq(s, f));
    // The class whose C function the object's type uses.
    let mut defining = ty;
    for i in (0..mro.len()).rev() {
        // SAFETY: an MRO holds types.
        let class = unsafe { mro.get(i).cast::<Type>() };
        if !is(slot_of(class), dispatcher) && slot_of(class) == slot_of(ty) {
            defining = class;
            break;
        }
    }
    let mut at = Some(defining);
    while let Some(class) = at {
        if is(slot_of(class), function) {
            break;
        }
        if !is(slot_of(class), dispatcher) {
            return Err(err!(TypeError, "can't apply this {} to {} object", what, ty.name()));
        }
        at = class.base();
    }
    Ok(())
}

macro_rules! comparisons {
    ($($name:ident $op:ident;)*) => {$(
        wrapper!($name, abi::richcmpfunc, 1..=1, |this, args, f| from_c(f(this, args[0], CompareOp::$op as c_int)));
    )*};
}
comparisons! {
    richcmp_lt Lt;
    richcmp_le Le;
    richcmp_eq Eq;
    richcmp_ne Ne;
    richcmp_gt Gt;
    richcmp_ge Ge;
}

wrapper!(wrap_next, abi::iternextfunc, 0..=0, |this, _args, f| {
    match Owned::<Object>::from_raw_opt(f(this)) {
        Some(item) => Ok(item),
        None if errors::occurred() => Err(Raised::from_c()),
        None => Err(errors::raise_none(exceptions::StopIteration())),
    }
});

wrapper!(wrap_descr_get, abi::descrgetfunc, 1..=2, "__get__", |this, args, f| {
    let null_for_none = |p: P| if p == types::none().as_ptr() { ptr::null_mut() } else { p };
    let obj = null_for_none(args[0]);
    let owner = args.get(1).map_or(ptr::null_mut(), |&p| null_for_none(p));
    if obj.is_null() && owner.is_null() {
        return Err(err!(TypeError, "__get__(None, None) is invalid"));
    }
    from_c(f(this, obj, owner))
});
wrapper!(wrap_descr_set, abi::descrsetfunc, 2..=2, "__set__", |this, args, f| none_for(f(this, args[0], args[1])));
wrapper!(wrap_descr_delete, abi::descrsetfunc, 1..=1, |this, args, f| none_for(f(this, args[0], ptr::null_mut())));

wrapper!(wrap_del, abi::destructor, 0..=0, |this, _args, f| {
    f(this);
    Ok(types::none().to_owned())
});

pub unsafe extern "C" fn wrap_call(this: P, args: P, wrapped: *mut c_void, kwargs: P) -> P {
    // SAFETY: the row that names this wrapper gives the function's type.
    unsafe { std::mem::transmute::<*mut c_void, abi::ternaryfunc>(wrapped)(this, args, kwargs) }
}

pub unsafe extern "C" fn wrap_init(this: P, args: P, wrapped: *mut c_void, kwargs: P) -> P {
    // SAFETY: the row that names this wrapper gives the function's type.
    let status = unsafe { std::mem::transmute::<*mut c_void, abi::initproc>(wrapped)(this, args, kwargs) };
    to_c(none_for(status))
}

/// `X.__new__` of a type with a C `tp_new`: the method definition's function. `this` is the type whose `tp_new` it is.
pub unsafe extern "C" fn tp_new_wrapper(this: P, args: P, kwargs: P) -> P {
    // SAFETY: called with the type as self, a tuple, and NULL or a dict.
    guard(|| to_c(unsafe { new_of(Object::from_ptr(this), Object::from_ptr(args).cast::<Tuple>(), kwargs) }))
}

unsafe fn new_of(this: &Object, args: &Tuple, kwargs: P) -> PyResult {
    let Some(ty) = this.downcast::<Type>() else {
        return Err(err!(SystemError, "__new__() called with non-type 'self'"));
    };
    if args.len() < 1 {
        return Err(err!(TypeError, "{}.__new__(): not enough arguments", ty.name()));
    }
    let Some(sub) = args.get(0).downcast::<Type>() else {
        return Err(err!(TypeError, "{}.__new__(X): X is not a type object ({})", ty.name(), args.get(0).type_name()));
    };
    if !sub.is_subtype(ty) {
        return Err(err!(TypeError, "{}.__new__({}): {} is not a subtype of {}", ty.name(), sub.name(), sub.name(), ty.name()));
    }
    if sub.has_flag(crate::macro_support::type_flags::DISALLOW_INSTANTIATION) {
        return Err(err!(TypeError, "cannot create '{}' instances", sub.name()));
    }
    // The new object must be made by the nearest base that is not Python-made: the C parts of the layout need it.
    let mut native = Some(sub);
    while let Some(at) = native
        && at.0.tp_new.get().is_some_and(|f| ptr::fn_addr_eq(f, slot_tp_new as abi::newfunc))
    {
        native = at.base();
    }
    let mut ty = ty;
    if let Some(native) = native
        && native.0.tp_new.get() != ty.0.tp_new.get()
    {
        let made_by = native.0.tp_new.get();
        let mut owner = native;
        while let Some(base) = owner.base().filter(|base| owner.is_heap_type() && base.0.tp_new.get() == made_by) {
            owner = base;
        }
        if owner.has_flag(crate::macro_support::type_flags::INHERITS_NEW) && ptr::eq(ty, types::object_type()) {
            ty = owner;
        }
    }
    if let Some(native) = native
        && native.0.tp_new.get() != ty.0.tp_new.get()
    {
        return Err(err!(TypeError, "{}.__new__({}) is not safe, use {}.__new__()", ty.name(), sub.name(), native.name()));
    }
    let Some(new) = ty.0.tp_new.get() else {
        return Err(err!(TypeError, "cannot create '{}' instances", ty.name()));
    };
    let rest: Vec<Owned> = (1..args.len()).map(|i| args.get(i).to_owned()).collect();
    let rest = Tuple::from_owned(rest);
    // SAFETY: a slot of the type, called as tp_new is.
    unsafe { from_c(new(sub.as_type_ptr(), rest.raw(), kwargs)) }
}

/// Documentation of the `__new__` that `tp_new_wrapper` serves.
pub const NEW_DOC: &std::ffi::CStr =
    c"__new__($type, *args, **kwargs)\n--\n\nCreate and return a new object.  See help(type) for accurate signature.";
