//! Views of an `OrderedDict`, and the iterator behind all of them.

use super::order::{NONE, NodeId};
use super::ordered_dict::OrderedDict;
use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped};
use runtime::protocol::object::self_iter;
use runtime::types::dict::key_error;
use runtime::types::dict::views::{DictItems, DictKeysView, DictValuesView, PyDictItems_Type, PyDictKeys_Type, PyDictValues_Type};
use runtime::types::{List, Tuple, builtin_attr};
use runtime::err;
use std::cell::Cell;

pub const KEYS: u8 = 1;
pub const VALUES: u8 = 2;
pub const ITEMS: u8 = KEYS | VALUES;
pub const REVERSED: u8 = 4;

// ---- iterator ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct OrderedDictIterator {
    head: ObjectHead,
    /// None when exhausted.
    dict: Cell<Option<Owned<OrderedDict>>>,
    kind: u8,
    size: Cell<isize>,
    state: Cell<u64>,
    at: Cell<NodeId>,
    /// The last pair, used again if nobody kept it.
    result: Cell<Option<Owned<Tuple>>>,
}

pub fn new_iterator(dict: &OrderedDict, kind: u8) -> PyResult {
    let (at, state) = {
        let order = dict.order();
        (if kind & REVERSED == 0 { order.first() } else { order.last() }, order.state)
    };
    let value = OrderedDictIterator {
        head: ObjectHead::placeholder(),
        dict: Cell::new(Some(Owned::from_ref(dict))),
        kind,
        size: Cell::new(dict.as_dict().used()),
        state: Cell::new(state),
        at: Cell::new(at),
        result: Cell::new(None),
    };
    Ok(OrderedDictIterator::construct(OrderedDictIterator::type_object(), value)?.into_object())
}

impl OrderedDictIterator {
    fn dict(&self) -> Option<Owned<OrderedDict>> {
        // SAFETY: cloned at once.
        unsafe { (*self.dict.as_ptr()).clone() }
    }
    /// The next key and its hash.
    fn advance(&self, dict: &OrderedDict) -> PyResult<Option<Owned>> {
        let at = self.at.get();
        if at == NONE {
            drop(self.dict.take());
            return Ok(None);
        }
        let order = dict.order();
        if order.state != self.state.get() {
            drop(order);
            self.at.set(NONE);
            drop(self.dict.take());
            return Err(err!(RuntimeError, "OrderedDict mutated during iteration"));
        }
        if self.size.get() != dict.as_dict().used() {
            self.size.set(-1);
            drop(order);
            return Err(err!(RuntimeError, "OrderedDict changed size during iteration"));
        }
        let found = order.get(at).map(|(key, hash)| (key.clone(), hash));
        self.at.set(if self.kind & REVERSED == 0 { order.next(at) } else { order.prev(at) });
        let complete = order.len() == dict.as_dict().len();
        drop(order);
        // Where dict's own methods took keys away, each is looked for.
        match found {
            Some((key, hash)) if !complete && dict.as_dict().find_key(&key, hash)?.is_none() => {
                drop(self.dict.take());
                Err(key_error(&key))
            }
            found => Ok(found.map(|(key, _)| key)),
        }
    }
    fn pair(&self, key: Owned, value: Owned) -> Owned {
        if let Some(last) = self.result.take()
            && last.as_object().refcount() == 1
        {
            // SAFETY: nobody else sees the tuple; the old items are dropped last.
            let old = unsafe { last.replace_pair(key, value) };
            self.result.set(Some(last.clone()));
            drop(old);
            return last.into_object();
        }
        let pair = Tuple::pair(key, value);
        self.result.set(Some(pair.clone()));
        pair.into_object()
    }
}

#[pytype(static = PyODictIter_Type, name = "odict_iterator", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl OrderedDictIterator {
    #[slot]
    fn tp_iter(&self) -> Owned {
        self_iter(self)
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let Some(dict) = self.dict() else { return Ok(None) };
        let Some(key) = self.advance(&dict)? else { return Ok(None) };
        if self.kind & ITEMS == KEYS {
            return Ok(Some(key));
        }
        let Some(value) = dict.as_dict().get_item(&key)? else { return Err(key_error(&key)) };
        Ok(Some(if self.kind & ITEMS == VALUES { value } else { self.pair(key, value) }))
    }
    /// Return state information for pickling
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        // What is left, taken by an iterator at the same place.
        let rest = List::new();
        if let Some(dict) = self.dict() {
            let copy = OrderedDictIterator {
                head: ObjectHead::placeholder(),
                dict: Cell::new(Some(dict)),
                kind: self.kind,
                size: Cell::new(self.size.get()),
                state: Cell::new(self.state.get()),
                at: Cell::new(self.at.get()),
                result: Cell::new(None),
            };
            rest.extend(&*Self::construct(Self::type_object(), copy)?)?;
        }
        Ok(Tuple::pair(builtin_attr("iter")?, Tuple::single(rest.into_object()).into_object()))
    }
}

// ---- views ---------------------------------------------------------------------------------------------------------------------

macro_rules! views {
    ($($view:ident $static_:ident $name:literal $base:ident $base_static:ident $kind:ident $new:ident;)*) => {$(
        #[repr(transparent)]
        pub struct $view($base);

        #[pytype(static = $static_, name = $name, base = $base_static, flags = HAVE_GC | DISALLOW_INSTANTIATION)]
        impl $view {
            #[slot]
            fn tp_iter(&self) -> PyResult {
                new_iterator(of_view(self.0.dict())?, $kind)
            }
            #[method("__reversed__($self, /)")]
            fn reversed(&self) -> PyResult {
                new_iterator(of_view(self.0.dict())?, $kind | REVERSED)
            }
        }

        pub fn $new(dict: &OrderedDict) -> PyResult {
            $base::make($view::type_object(), dict.as_dict())
        }
    )*};
}

fn of_view(dict: &Object) -> PyResult<&OrderedDict> {
    dict.downcast::<OrderedDict>().ok_or_else(runtime::errors::bad_internal_call)
}

views! {
    OrderedDictKeys PyODictKeys_Type "odict_keys" DictKeysView PyDictKeys_Type KEYS keys_view;
    OrderedDictValues PyODictValues_Type "odict_values" DictValuesView PyDictValues_Type VALUES values_view;
    OrderedDictItems PyODictItems_Type "odict_items" DictItems PyDictItems_Type ITEMS items_view;
}
