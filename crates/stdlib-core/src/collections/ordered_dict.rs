//! `OrderedDict`: a dict and the order of its keys.
//!
//! Every key in `order` was in the dict when it was put there; `dict`'s own methods, called on an OrderedDict, bypass the order. Methods find
//! that out when they look a key up. `order` is borrowed for moments only, never while Python code may run.

use super::order::{NodeId, Order};
use super::ordered_dict_views::{self, KEYS, REVERSED};
use abi::PyObject;
use macros::pytype;
use runtime::errors::{self, PyResult, Raised};
use runtime::macro_support::{Args, KwArgs, Visitor, guard};
use runtime::object::{Object, Owned, PyTyped, Type, set_cell, xdecref};
use runtime::protocol::object::{CompareOp, get_attr_opt, hash, repr, repr_enter, repr_leave, rich_compare_bool};
use runtime::protocol::{call, iter, mapping, sequence};
use runtime::types::dict::{key_error, methods::PyDict_Type};
use runtime::types::{Dict, Str, StrBuilder, Tuple, bool_object, none, not_implemented};
use runtime::{err, intern};
use std::cell::{Cell, OnceCell, Ref, RefCell, RefMut};
use std::ffi::{c_int, c_void};
use std::mem::offset_of;

#[repr(C)]
pub struct OrderedDict {
    dict: abi::PyDictObject,
    /// Made when it is first asked for: an instance begins as zeroes, which is an empty cell.
    order: OnceCell<Box<RefCell<Order>>>,
    attributes: Cell<*mut PyObject>,
    weakrefs: Cell<*mut PyObject>,
}

/// The size that CPython's struct has, which `__sizeof__` is based on.
const BASIC_SIZE: usize = 112;
const _: () = assert!(size_of::<OrderedDict>() <= BASIC_SIZE);
const _: () = assert!(size_of::<OnceCell<Box<RefCell<Order>>>>() == 8);

impl OrderedDict {
    pub fn as_dict(&self) -> &Dict {
        // SAFETY: the struct begins with a dict.
        unsafe { self.as_object().cast() }
    }
    fn cell(&self) -> &RefCell<Order> {
        self.order.get_or_init(Default::default)
    }
    pub fn order(&self) -> Ref<'_, Order> {
        self.cell().borrow()
    }
    fn order_mut(&self) -> RefMut<'_, Order> {
        self.cell().borrow_mut()
    }
    fn is_exact_type(&self) -> bool {
        self.is_exact::<OrderedDict>()
    }
    /// An empty one of the exact type.
    fn empty() -> PyResult<Owned<OrderedDict>> {
        let made = call::call0(Self::type_object())?;
        made.try_into_typed().map_err(|_| errors::bad_internal_call())
    }

    /// The node of a key, and the key object that the dict holds.
    fn find(&self, key: &Object, hash: isize) -> PyResult<Option<NodeId>> {
        if self.order().is_empty() {
            return Ok(None);
        }
        let Some(held) = self.as_dict().find_key(key, hash)? else { return Ok(None) };
        Ok(self.order().find(&held))
    }

    /// Adds the key at the end of the order if it is not in it; it is in the dict.
    fn remember(&self, key: &Object, hash: isize) -> PyResult<()> {
        let Some(held) = self.as_dict().find_key(key, hash)? else { return Err(key_error(key)) };
        let mut order = self.order_mut();
        if order.find(&held).is_none() {
            order.push_last(held, hash);
        }
        Ok(())
    }
    /// Takes the key out of the order, if it is in it.
    fn forget(&self, key: &Object, hash: isize) -> PyResult<bool> {
        let Some(id) = self.find(key, hash)? else { return Ok(false) };
        let key = self.order_mut().remove(id);
        drop(key);
        Ok(true)
    }

    pub fn set(&self, key: &Object, value: &Object) -> PyResult<()> {
        let hash = hash(key)?;
        self.set_known_hash(key, hash, value)
    }
    fn set_known_hash(&self, key: &Object, hash: isize, value: &Object) -> PyResult<()> {
        self.as_dict().set_known_hash(key, hash, value)?;
        if let Err(raised) = self.remember(key, hash) {
            // The dict is not to hold what the order does not know.
            errors::preserve(|| {
                let _ = self.as_dict().take_known_hash(key, hash);
                errors::clear();
            });
            return Err(raised);
        }
        Ok(())
    }
    pub fn delete(&self, key: &Object) -> PyResult<()> {
        let hash = hash(key)?;
        self.forget(key, hash)?;
        match self.as_dict().take_known_hash(key, hash)? {
            Some(_) => Ok(()),
            None => Err(key_error(key)),
        }
    }
    fn take(&self, key: &Object, hash: isize, default: Option<&Object>) -> PyResult {
        let value = if self.forget(key, hash)? { self.as_dict().take_known_hash(key, hash)? } else { None };
        match (value, default) {
            (Some(value), _) => Ok(value),
            (None, Some(default)) => Ok(default.to_owned()),
            (None, None) => Err(key_error(key)),
        }
    }
    fn clear_all(&self) {
        let old = std::mem::take(&mut *self.order_mut());
        self.order_mut().state = old.state + 1;
        self.as_dict().clear();
        drop(old);
    }
    /// Runs `f` for the keys in order, with their hashes; it must not change the order.
    fn each_key(&self, mut f: impl FnMut(&Object, isize) -> PyResult<()>) -> PyResult<()> {
        let (mut at, state) = {
            let order = self.order();
            (order.first(), order.state)
        };
        loop {
            let found = self.order().get(at).map(|(key, hash)| (key.clone(), hash));
            let Some((key, hash)) = found else { return Ok(()) };
            f(&key, hash)?;
            if self.order().state != state {
                return Err(err!(RuntimeError, "OrderedDict mutated during iteration"));
            }
            at = self.order().next(at);
        }
    }

    /// `self[key] = value` as a subclass would have it.
    fn assign(&self, key: &Object, value: &Object) -> PyResult<()> {
        if self.is_exact_type() { self.set(key, value) } else { mapping::set_item(self, key, value) }
    }
    /// Adds the pairs that an iterable gives.
    fn add_pairs(&self, pairs: &Object) -> PyResult<()> {
        let iterator = iter::get_iter(pairs)?;
        while let Some(pair) = iter::iter_next(&iterator)? {
            if let Some(tuple) = pair.downcast_exact::<Tuple>()
                && let &[key, value] = tuple.as_slice()
            {
                self.assign(key, value)?;
                continue;
            }
            let parts = iter::get_iter(&pair)?;
            let Some(key) = iter::iter_next(&parts)? else {
                return Err(err!(ValueError, "need more than 0 values to unpack"));
            };
            let Some(value) = iter::iter_next(&parts)? else {
                return Err(err!(ValueError, "need more than 1 value to unpack"));
            };
            if iter::iter_next(&parts)?.is_some() {
                return Err(err!(ValueError, "too many values to unpack (expected 2)"));
            }
            self.assign(&key, &value)?;
        }
        Ok(())
    }
    /// Adds the items of a mapping or the pairs of an iterable.
    fn add_all(&self, other: &Object) -> PyResult<()> {
        if let Some(dict) = other.downcast_exact::<Dict>() {
            return self.add_pairs(&*dict.items_list()?);
        }
        if let Some(keys) = get_attr_opt(other, intern!("keys"))? {
            let keys = call::call0(&keys)?;
            let iterator = iter::get_iter(&keys)?;
            while let Some(key) = iter::iter_next(&iterator)? {
                let value = mapping::get_item(other, &key)?;
                self.assign(&key, &value)?;
            }
            return Ok(());
        }
        if let Some(items) = get_attr_opt(other, intern!("items"))? {
            return self.add_pairs(&*call::call0(&items)?);
        }
        self.add_pairs(other)
    }

    /// Whether both have the same keys in the same order.
    fn same_order(&self, other: &OrderedDict) -> PyResult<bool> {
        let changed = || err!(RuntimeError, "OrderedDict mutated during iteration");
        let (state, other_state) = (self.order().state, other.order().state);
        let (mut a, mut b) = (self.order().first(), other.order().first());
        loop {
            let x = self.order().get(a).map(|(key, _)| key.clone());
            let y = other.order().get(b).map(|(key, _)| key.clone());
            let (x, y) = match (x, y) {
                (Some(x), Some(y)) => (x, y),
                (None, None) => return Ok(true),
                _ => return Ok(false),
            };
            let equal = rich_compare_bool(&x, &y, CompareOp::Eq)?;
            if self.order().state != state || other.order().state != other_state {
                return Err(changed());
            }
            if !equal {
                return Ok(false);
            }
            (a, b) = (self.order().next(a), other.order().next(b));
        }
    }
}

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead OrderedDict; dict's own function does the rest.
    unsafe {
        runtime::gc::untrack(op);
        let this = op as *mut OrderedDict;
        if !(*this).weakrefs.get().is_null() {
            runtime::types::weakref::clear_weakrefs(op);
        }
        guard(|| {
            xdecref((*this).attributes.replace(std::ptr::null_mut()));
            drop((*(&raw mut (*this).order)).take());
            0
        });
        if let Some(base) = Dict::type_object().0.tp_dealloc.get() {
            base(op);
        }
    }
}

unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live OrderedDict; nothing changes during a traversal.
    unsafe {
        let this: &OrderedDict = Object::from_ptr(op).cast();
        let mut visitor = Visitor::new(visit, arg);
        visitor.visit_cell(&this.attributes);
        if let Some(order) = this.order.get()
            && let Ok(order) = order.try_borrow()
        {
            order.keys().for_each(|(key, _)| visitor.visit(key));
        }
        match Dict::type_object().0.tp_traverse.get() {
            Some(base) if visitor.status() == 0 => base(op, visit, arg),
            _ => visitor.status(),
        }
    }
}

unsafe extern "C" fn clear(op: *mut PyObject) -> c_int {
    guard(|| {
        // SAFETY: a live OrderedDict.
        unsafe {
            let this: &OrderedDict = Object::from_ptr(op).cast();
            set_cell(&this.attributes, std::ptr::null_mut());
            this.clear_all();
        }
        0
    })
}

/// Dictionary that remembers insertion order
#[pytype(static = PyODict_Type, name = "OrderedDict", module = "collections", base = PyDict_Type, flags = BASETYPE | HAVE_GC | IMMUTABLETYPE,
    basicsize = BASIC_SIZE, dictoffset = offset_of!(OrderedDict, attributes), weaklistoffset = offset_of!(OrderedDict, weakrefs),
    tp_hash = runtime::protocol::object::PyObject_HashNotImplemented, tp_dealloc = dealloc, tp_traverse = traverse, tp_clear = clear)]
impl OrderedDict {
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(err!(TypeError, "expected at most 1 argument, got {}", args.len()));
        }
        if let Some(other) = args.get_opt(0) {
            self.add_all(other)?;
        }
        match kwargs {
            Some(kwargs) => self.add_pairs(&*kwargs.items_list()?),
            None => Ok(()),
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.ty().short_name();
        if self.as_dict().is_empty() {
            return Ok(Str::new(&format!("{name}()")));
        }
        if repr_enter(self) {
            return Ok(Str::new("..."));
        }
        let shown = self.plain_copy().and_then(|dict| repr(&dict));
        repr_leave(self);
        let mut text = StrBuilder::new();
        text.push_str(self.ty().short_name());
        text.push_str("(");
        text.push_str_object(&*shown?)?;
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (Some(dict), CompareOp::Eq | CompareOp::Ne) = (other.downcast::<Dict>(), op) else {
            return Ok(not_implemented().to_owned());
        };
        let mut equal = self.as_dict().equals(dict)?;
        if equal && let Some(other) = other.downcast::<OrderedDict>() {
            equal = self.same_order(other)?;
        }
        Ok(bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        ordered_dict_views::new_iterator(self, KEYS)
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        match value {
            Some(value) => self.set(key, value),
            None => self.delete(key),
        }
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        let (ty, other) = match a.downcast::<OrderedDict>() {
            Some(_) => (a.ty(), b),
            None => (b.ty(), a),
        };
        if !Dict::check(other) {
            return Ok(not_implemented().to_owned());
        }
        let merged = call::call1(ty, a)?;
        match merged.downcast::<OrderedDict>() {
            Some(new) => new.add_all(b)?,
            None => return Err(errors::bad_internal_call()),
        }
        Ok(merged)
    }
    #[slot]
    fn nb_inplace_or(&self, other: &Object) -> PyResult {
        self.add_all(other)?;
        Ok(self.to_owned())
    }
    #[getter("__dict__")]
    fn get_dict(&self) -> PyResult<Owned<Dict>> {
        runtime::protocol::object::generic_get_dict(self)
    }
    #[setter("__dict__")]
    fn set_dict(&self, value: Option<&Object>) -> PyResult<()> {
        runtime::protocol::object::generic_set_dict(self, value)
    }
    /// Create a new ordered dictionary with keys from iterable and values set to value.
    #[classmethod("fromkeys($type, /, iterable, value=None)")]
    fn fromkeys(cls: &Type, iterable: &Object, value: Option<&Object>) -> PyResult {
        let value = value.unwrap_or(none());
        let made = call::call0(cls)?;
        let iterator = iter::get_iter(iterable)?;
        while let Some(key) = iter::iter_next(&iterator)? {
            match made.downcast_exact::<OrderedDict>() {
                Some(new) => new.set(&key, value)?,
                None => mapping::set_item(&made, &key, value)?,
            }
        }
        Ok(made)
    }
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        // The dict, and per entry of its table and per key what the order needs.
        let dict = self.as_dict();
        let table = if dict.is_empty() { 0 } else { dict.table_size() };
        dict.size_in_bytes() + 8 * table + 32 * dict.len()
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let state = call::call_method0(self, intern!("__getstate__"))?;
        let items = call::call_method0(self, intern!("items"))?;
        let items = iter::get_iter(&items)?;
        Ok(Tuple::from_owned(vec![self.ty().to_owned(), Tuple::empty().into_object(), state, none().to_owned(), items]))
    }
    /// Insert key with a value of default if key is not in the dictionary.
    ///
    /// Return the value for key if key is in the dictionary, else default.
    #[method("setdefault($self, /, key, default=None)")]
    fn setdefault(&self, key: &Object, default: Option<&Object>) -> PyResult {
        let default = default.unwrap_or(none());
        if self.is_exact_type() {
            if let Some(value) = self.as_dict().get_item(key)? {
                return Ok(value);
            }
            self.set(key, default)?;
            return Ok(default.to_owned());
        }
        if sequence::contains(self, key)? {
            return mapping::get_item(self, key);
        }
        mapping::set_item(self, key, default)?;
        Ok(default.to_owned())
    }
    /// od.pop(key[,default]) -> v, remove specified key and return the corresponding value.
    ///
    /// If the key is not found, return the default if given; otherwise,
    /// raise a KeyError.
    #[method("pop($self, /, key, default=<unrepresentable>)")]
    fn pop(&self, key: &Object, default: Option<&Object>) -> PyResult {
        self.take(key, hash(key)?, default)
    }
    /// Remove and return a (key, value) pair from the dictionary.
    ///
    /// Pairs are returned in LIFO order if last is true or FIFO order if
    /// false.
    #[method("popitem($self, /, last=True)")]
    fn popitem(&self, last: bool) -> PyResult<Owned<Tuple>> {
        let found = {
            let order = self.order();
            let id = if last { order.last() } else { order.first() };
            order.get(id).map(|(key, hash)| (key.clone(), hash))
        };
        let Some((key, hash)) = found else {
            return Err(err!(KeyError, "dictionary is empty"));
        };
        let value = self.take(&key, hash, None)?;
        Ok(Tuple::pair(key, value))
    }
    #[method("keys($self, /)", nosig)]
    fn keys_method(&self) -> PyResult {
        ordered_dict_views::keys_view(self)
    }
    #[method("values($self, /)", nosig)]
    fn values_method(&self) -> PyResult {
        ordered_dict_views::values_view(self)
    }
    #[method("items($self, /)", nosig)]
    fn items_method(&self) -> PyResult {
        ordered_dict_views::items_view(self)
    }
    #[method("update($self, *args, **kwargs)", nosig)]
    fn update(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        if args.len() > 1 {
            return Err(err!(TypeError, "update() takes at most 1 positional argument ({} given)", args.len()));
        }
        if let Some(other) = args.first() {
            self.add_all(other)?;
        }
        kwargs.iter().try_for_each(|(name, value)| self.assign(name, value))
    }
    /// Remove all items from ordered dict.
    #[method("clear($self, /)")]
    fn clear(&self) {
        self.clear_all();
    }
    /// A shallow copy of ordered dict.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult {
        if self.is_exact_type() {
            let new = Self::empty()?;
            self.each_key(|key, hash| {
                let value = self.as_dict().get_item(key)?.ok_or_else(|| key_error(key))?;
                new.set_known_hash(key, hash, &value)
            })?;
            return Ok(new.into_object());
        }
        let new = call::call0(self.ty())?;
        self.each_key(|key, _| mapping::set_item(&new, key, &*mapping::get_item(self, key)?))?;
        Ok(new)
    }
    /// od.__reversed__() <==> reversed(od)
    #[method("__reversed__($self, /)")]
    fn reversed(&self) -> PyResult {
        ordered_dict_views::new_iterator(self, KEYS | REVERSED)
    }
    /// Move an existing element to the end (or beginning if last is false).
    ///
    /// Raise KeyError if the element does not exist.
    #[method("move_to_end($self, /, key, last=True)")]
    fn move_to_end(&self, key: &Object, last: bool) -> PyResult<()> {
        let empty = self.order().is_empty();
        let id = if empty { None } else { self.find(key, hash(key)?)? };
        let Some(id) = id else { return Err(key_error(key)) };
        let mut order = self.order_mut();
        if last { order.move_last(id) } else { order.move_first(id) }
        Ok(())
    }
}

impl OrderedDict {
    /// A plain dict with the same items in the same order.
    fn plain_copy(&self) -> Result<Owned<Dict>, Raised> {
        let dict = Dict::new();
        if !self.is_exact_type() {
            // A subclass may have its own idea of its items.
            dict.update(self)?;
            return Ok(dict);
        }
        self.each_key(|key, hash| match self.as_dict().get_item(key)? {
            Some(value) => dict.set_known_hash(key, hash, &value),
            None => Err(key_error(key)),
        })?;
        Ok(dict)
    }
}
