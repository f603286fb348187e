//! `FrameLocalsProxy`: `frame.f_locals` of functions (PEP 667).
//!
//! A mapping that reads and writes the frame's variables. Keys that name no variable go to a dict of the frame object's own.

use crate::errors::PyResult;
use crate::macro_support::Args;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp, rich_compare, rich_compare_bool};
use crate::protocol::{iter, mapping};
use crate::types::dict::key_error;
use crate::types::seq_iter::ListIterator;
use crate::types::{self, Dict, Frame, List, Str, Tuple, not_implemented};
use crate::err;
use macros::{Traverse, pytype};
use std::cell::Cell;

/// A view of a function frame's variables.
pub fn proxy_of(frame: &Frame) -> PyResult {
    let new = FrameLocalsProxy { head: ObjectHead::placeholder(), frame: Cell::new(Some(Owned::from_ref(frame))) };
    Ok(FrameLocalsProxy::construct(FrameLocalsProxy::type_object(), new)?.into_object())
}

/// The values that were put into `f_locals` under names that are no variables.
pub fn extra_locals(frame: &Frame) -> Option<Owned<Dict>> {
    // SAFETY: NULL or a dict that the frame object owns.
    unsafe { Object::from_ptr_opt(frame.0.f_extra_locals.get()).map(|extra| extra.to_owned().cast_into()) }
}

fn make_extra_locals(frame: &Frame) -> Owned<Dict> {
    extra_locals(frame).unwrap_or_else(|| {
        let extra = Dict::new();
        frame.0.f_extra_locals.set(extra.clone().into_raw());
        extra
    })
}

#[derive(Traverse)]
#[repr(C)]
pub struct FrameLocalsProxy {
    head: ObjectHead,
    frame: Cell<Option<Owned<Frame>>>,
}

impl FrameLocalsProxy {
    fn frame(&self) -> PyResult<Owned<Frame>> {
        // SAFETY: cloned at once; no code runs meanwhile.
        unsafe { (*self.frame.as_ptr()).clone() }.ok_or_else(|| err!(RuntimeError, "frame of the proxy is gone"))
    }
    /// The slot of the variable that a key names. Hashing the key comes first, and may fail.
    fn slot(&self, frame: &Frame, key: &Object, reading: bool) -> PyResult<Option<usize>> {
        if let Some(name) = key.downcast_exact::<Str>() {
            return Ok(frame.slot_of(name, reading));
        }
        let hash = protocol::hash(key)?;
        // What is not a str may be equal to one.
        let code = frame.code();
        for i in 0..code.kinds().len() {
            let name = code.localsplus_name(i);
            if frame.is_visible(i, reading) && name.hash() == hash && rich_compare_bool(name.as_object(), key, CompareOp::Eq)? {
                return Ok(Some(i));
            }
        }
        Ok(None)
    }
    fn lookup(&self, key: &Object) -> PyResult<Option<Owned>> {
        let frame = self.frame()?;
        if let Some(slot) = self.slot(&frame, key, true)?
            && let Some(value) = frame.local(slot)
        {
            return Ok(Some(value));
        }
        match extra_locals(&frame) {
            Some(extra) => extra.get_item(key),
            None => Ok(None),
        }
    }
    fn subscript(&self, key: &Object) -> PyResult {
        match self.lookup(key)? {
            Some(value) => Ok(value),
            None => Err(err!(KeyError, "local variable '{}' is not defined", protocol::repr(key)?)),
        }
    }
    fn store(&self, key: &Object, value: &Object) -> PyResult<()> {
        let frame = self.frame()?;
        match self.slot(&frame, key, false)? {
            Some(slot) => {
                frame.set_local(slot, Some(value));
                Ok(())
            }
            None => make_extra_locals(&frame).set_item(key, value),
        }
    }
    /// Takes a value that is no variable out; variables cannot be removed.
    fn take(&self, key: &Object) -> PyResult<Option<Owned>> {
        let frame = self.frame()?;
        if self.slot(&frame, key, false)?.is_some() {
            return Err(err!(ValueError, "cannot remove local variables from FrameLocalsProxy"));
        }
        match extra_locals(&frame) {
            Some(extra) => extra.pop(key),
            None => Ok(None),
        }
    }
    fn to_dict(&self) -> PyResult<Owned<Dict>> {
        // With what is no variable at the end.
        self.frame()?.locals_snapshot()
    }
    fn merge(&self, other: &Object) -> PyResult<bool> {
        if !Dict::check(other) && !Self::check(other) {
            return Ok(false);
        }
        let keys = mapping::keys(other)?;
        let iterator = iter::get_iter(&keys)?;
        while let Some(key) = iter::iter_next(&iterator)? {
            let value = mapping::get_item(other, &key)?;
            self.store(&key, &value)?;
        }
        Ok(true)
    }
}

/// Adds what a dict or a proxy holds to a dict.
fn add_all(target: &Dict, source: &Object) -> PyResult<()> {
    let own;
    let dict = match source.downcast_exact::<FrameLocalsProxy>() {
        Some(proxy) => {
            own = proxy.to_dict()?;
            &*own
        }
        // SAFETY: the callers let only dicts and proxies in.
        None => unsafe { source.cast::<Dict>() },
    };
    target.update(dict.as_object())
}

#[pytype(static = PyFrameLocalsProxy_Type, name = "FrameLocalsProxy", flags = HAVE_GC | MAPPING, native,
    tp_hash = crate::protocol::object::PyObject_HashNotImplemented)]
impl FrameLocalsProxy {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if args.len() != 1 {
            return Err(err!(TypeError, "FrameLocalsProxy expected 1 argument, got {}", args.len()));
        }
        let Some(frame) = args.get(0).downcast::<Frame>() else {
            return Err(err!(TypeError, "expect frame, not {}", types::type_methods::fully_qualified_name(args.get(0).ty())?));
        };
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "FrameLocalsProxy takes no keyword arguments"));
        }
        proxy_of(frame)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if protocol::repr_enter(self) {
            return Ok(Str::new("{...}"));
        }
        let result = self.to_dict().and_then(|dict| protocol::repr(&dict));
        protocol::repr_leave(self);
        result
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if let Some(other) = other.downcast_exact::<FrameLocalsProxy>() {
            let same = self.frame()?.raw() == other.frame()?.raw();
            return match op {
                CompareOp::Eq => Ok(types::bool_object(same).to_owned()),
                CompareOp::Ne => Ok(types::bool_object(!same).to_owned()),
                _ => Ok(not_implemented().to_owned()),
            };
        }
        if Dict::check(other) {
            return rich_compare(&*self.to_dict()?, other, op);
        }
        Ok(not_implemented().to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        ListIterator::over(&*self.keys()?)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        let fits = |o: &Object| Dict::check(o) || FrameLocalsProxy::check(o);
        if !fits(a) || !fits(b) {
            return Ok(not_implemented().to_owned());
        }
        let result = Dict::new();
        add_all(&result, a)?;
        add_all(&result, b)?;
        Ok(result.into_object())
    }
    #[slot]
    fn nb_inplace_or(&self, other: &Object) -> PyResult {
        Ok(if self.merge(other)? { self.to_owned() } else { not_implemented().to_owned() })
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        Ok(self.to_dict()?.len())
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        self.subscript(key)
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        match value {
            Some(value) => self.store(key, value),
            None => self.take(key)?.map(drop).ok_or_else(|| key_error(key)),
        }
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        Ok(self.lookup(key)?.is_some())
    }

    #[method("__contains__($self, object, /)", coexist)]
    fn contains(&self, key: &Object) -> PyResult<bool> {
        Ok(self.lookup(key)?.is_some())
    }
    #[method("__getitem__($self, object, /)", coexist)]
    fn getitem(&self, key: &Object) -> PyResult {
        self.subscript(key)
    }
    #[method("update($self, object, /)")]
    fn update(&self, other: &Object) -> PyResult<()> {
        if self.merge(other)? {
            return Ok(());
        }
        Err(err!(TypeError, "update() argument must be dict or another FrameLocalsProxy"))
    }
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult<Owned<List>> {
        let keys = self.keys()?;
        keys.reverse();
        Ok(keys)
    }
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Dict>> {
        self.to_dict()
    }
    #[method("keys($self, /)")]
    fn keys(&self) -> PyResult<Owned<List>> {
        self.to_dict()?.keys_list()
    }
    #[method("values($self, /)")]
    fn values(&self) -> PyResult<Owned<List>> {
        self.to_dict()?.values_list()
    }
    #[method("items($self, /)")]
    fn items(&self) -> PyResult<Owned<List>> {
        self.to_dict()?.items_list()
    }
    #[method("get($self, *args)", nosig)]
    fn get(&self, args: Args<'_>) -> PyResult {
        let (key, default) = match *args {
            [key] => (key, types::none()),
            [key, default] => (key, default),
            _ => return Err(err!(TypeError, "get expected 1 or 2 arguments")),
        };
        Ok(self.lookup(key)?.unwrap_or_else(|| default.to_owned()))
    }
    #[method("setdefault($self, *args)", nosig)]
    fn setdefault(&self, args: Args<'_>) -> PyResult {
        let (key, default) = match *args {
            [key] => (key, types::none()),
            [key, default] => (key, default),
            _ => return Err(err!(TypeError, "setdefault expected 1 or 2 arguments")),
        };
        if let Some(value) = self.lookup(key)? {
            return Ok(value);
        }
        self.store(key, default)?;
        Ok(default.to_owned())
    }
    #[method("pop($self, *args)", nosig)]
    fn pop(&self, args: Args<'_>) -> PyResult {
        crate::macro_support::check_positional("pop", args.len(), 1, 2)?;
        match (self.take(args[0])?, args.get(1)) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok((*default).to_owned()),
            (None, None) => Err(key_error(args[0])),
        }
    }
}
