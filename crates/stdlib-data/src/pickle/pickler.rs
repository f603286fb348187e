//! `Pickler` and the proxy of its memo.

use super::PICKLING_ERROR;
use super::memo::Memo;
use super::save::{Core, dump};
use macros::{Traverse, pytype};
use runtime::macro_support::{PyObject, Traverse, Visitor};
use runtime::protocol::{number, object};
use runtime::types::attributes::{generic_get_attr, generic_set_attr};
use runtime::types::{Dict, Int, Str, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, intern};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::rc::Rc;

#[derive(Traverse)]
#[repr(C)]
pub struct Pickler {
    head: ObjectHead,
    core: Held,
    persistent_id: Cell<Option<Owned>>,
    dispatch_table: Cell<Option<Owned>>,
    weakrefs: Cell<*mut PyObject>,
}

/// The settings of the last `__init__`.
#[derive(Default)]
struct Held(RefCell<Option<Rc<Core>>>);

impl Traverse for Held {
    fn traverse(&self, visitor: &mut Visitor) {
        let Ok(core) = self.0.try_borrow() else { return };
        let Some(core) = core.as_ref() else { return };
        core.buffer_objects().for_each(|object| object.traverse(visitor));
        if let Ok(memo) = core.memo.try_borrow() {
            memo.entries().for_each(|(object, _)| object.traverse(visitor));
        }
    }
    fn clear(&self) {
        let core = self.0.borrow_mut().take();
        drop(core);
    }
}

impl Pickler {
    /// The settings, while they are not in use.
    fn idle_core(&self) -> PyResult<Rc<Core>> {
        let core = self.core()?;
        if core.running.get() { Err(already_used()) } else { Ok(core) }
    }
    fn core(&self) -> PyResult<Rc<Core>> {
        match self.core.0.borrow().as_ref() {
            Some(core) => Ok(core.clone()),
            None => {
                let name = self.as_object().type_name();
                Err(PICKLING_ERROR.raise(format_args!("Pickler.__init__() was not called by {name}.__init__()")))
            }
        }
    }
}

#[cold]
fn already_used() -> Raised {
    err!(RuntimeError, "Pickler object is already used")
}

/// The function that gives persistent ids: an instance's own, or that of a subclass. The base's would only say None.
pub fn persistent_id(pickler: &Object) -> PyResult<Option<Owned>> {
    let name = intern!("persistent_id");
    if let Some(own) = pickler.downcast::<Pickler>().and_then(|pickler| kept(&pickler.persistent_id)) {
        return Ok(Some(own));
    }
    let base = Pickler::type_object().lookup(name);
    match (pickler.ty().lookup(name), base) {
        (Some(found), Some(base)) if found.is(base) => Ok(None),
        _ => object::get_attr_opt(pickler, name),
    }
}

fn kept(cell: &Cell<Option<Owned>>) -> Option<Owned> {
    let value = cell.take();
    cell.set(value.clone());
    value
}

/// This takes a binary file for writing a pickle data stream.
///
/// The optional protocol argument is a number from 0 to 5; the default is 5, and
/// a negative one is the highest.  The file argument must have a write() method
/// that takes a bytes argument.  With fix_imports and a protocol below 3, names
/// are those of Python 2.  With a buffer_callback, buffer views are given to it,
/// and unless the result is true they stay out of the pickle.
#[pytype(static = Pickler_Type, name = "Pickler", module = "_pickle", flags = BASETYPE | HAVE_GC, native,
    signature = "(file, protocol=None, fix_imports=True, buffer_callback=None)", weaklistoffset = offset_of!(Pickler, weakrefs))]
impl Pickler {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Pickler>> {
        let value = Pickler {
            head: ObjectHead::placeholder(),
            core: Held::default(),
            persistent_id: Cell::new(None),
            dispatch_table: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    #[slot("Pickler(file, protocol=None, fix_imports=True, buffer_callback=None)")]
    fn tp_init(&self, file: &Object, protocol: Option<&Object>, fix_imports: bool, buffer_callback: Option<&Object>) -> PyResult<()> {
        if self.core.0.borrow().as_ref().is_some_and(|core| core.running.get()) {
            return Err(already_used());
        }
        let core = Core::new(Some(file), protocol, fix_imports, buffer_callback)?;
        let old = self.core.0.borrow_mut().replace(Rc::new(core));
        drop(old);
        Ok(())
    }
    /// Write a pickled representation of the given object to the open file.
    #[method("dump($self, obj, /)")]
    fn dump(&self, obj: &Object) -> PyResult<()> {
        let core = self.idle_core()?;
        core.running.set(true);
        let result = dump(&core, Some(self.as_object()), obj);
        core.running.set(false);
        result.map(drop)
    }
    /// Clears the pickler's "memo".
    ///
    /// The memo remembers which objects the pickler has seen, so that shared or
    /// recursive objects are pickled by reference and not by value.
    #[method("clear_memo($self, /)")]
    fn clear_memo(&self) -> PyResult<()> {
        let old = std::mem::take(&mut *self.core()?.memo.borrow_mut());
        drop(old);
        Ok(())
    }
    /// Size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> PyResult<usize> {
        let basic = self.as_object().ty().0.tp_basicsize.get() as usize;
        Ok(basic + self.core.0.borrow().as_ref().map_or(0, |core| core.memo.borrow().capacity() * 16))
    }
    #[getter]
    fn memo(&self) -> PyResult<Owned<PicklerMemoProxy>> {
        let value = PicklerMemoProxy { head: ObjectHead::placeholder(), pickler: Owned::from_ref(self) };
        PicklerMemoProxy::construct(PicklerMemoProxy::type_object(), value)
    }
    #[setter]
    fn set_memo(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "attribute deletion is not supported")) };
        let mut memo = Memo::default();
        let mut dropped = Vec::new();
        if let Some(proxy) = value.downcast::<PicklerMemoProxy>() {
            for (object, index) in proxy.pickler.core()?.memo.borrow().entries() {
                memo.insert(object.clone(), index);
            }
        } else if let Some(dict) = value.downcast::<Dict>() {
            let mut position = 0;
            while let Some((_, entry)) = dict.next(&mut position) {
                let Some(entry) = entry.downcast::<Tuple>().filter(|entry| entry.len() == 2) else {
                    return Err(err!(TypeError, "'memo' values must be 2-item tuples"));
                };
                let index = number::as_isize(entry.get(0), None)?;
                dropped.extend(memo.insert(entry.get(1).to_owned(), index.max(0) as usize));
            }
        } else {
            return Err(err!(TypeError, "'memo' attribute must be a PicklerMemoProxy object or dict, not {}", value.type_name()));
        }
        let old = std::mem::replace(&mut *self.core()?.memo.borrow_mut(), memo);
        drop((old, dropped));
        Ok(())
    }
    #[slot]
    fn tp_getattro(&self, name: &Str) -> PyResult {
        match name.eq_str("persistent_id").then(|| kept(&self.persistent_id)).flatten() {
            Some(own) => Ok(own),
            None => generic_get_attr(self.as_object(), name),
        }
    }
    /// An instance may have a `persistent_id` of its own.
    #[slot]
    fn tp_setattro(&self, name: &Str, value: Option<&Object>) -> PyResult<()> {
        if name.eq_str("persistent_id") {
            drop(self.persistent_id.replace(value.map(Object::to_owned)));
            return Ok(());
        }
        generic_set_attr(self.as_object(), name, value)
    }
    /// The persistent id of an object, None if it has none.
    #[method("persistent_id($self, obj, /)", nosig)]
    fn persistent_id(&self, _obj: &Object) -> Option<Owned> {
        None
    }
    #[getter]
    fn dispatch_table(&self) -> PyResult {
        kept(&self.dispatch_table).ok_or_else(|| err!(AttributeError, "dispatch_table"))
    }
    #[setter]
    fn set_dispatch_table(&self, value: Option<&Object>) -> PyResult<()> {
        let old = self.dispatch_table.replace(value.map(Object::to_owned));
        if value.is_none() && old.is_none() {
            return Err(err!(AttributeError, "dispatch_table"));
        }
        Ok(())
    }
    #[getter]
    fn bin(&self) -> PyResult<i32> {
        Ok(self.core()?.bin.get())
    }
    #[setter]
    fn set_bin(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "can't delete numeric/char attribute")) };
        self.core()?.bin.set(number::as_i32(value)?);
        Ok(())
    }
    #[getter]
    fn fast(&self) -> PyResult<i32> {
        Ok(self.core()?.fast.get())
    }
    #[setter]
    fn set_fast(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "can't delete numeric/char attribute")) };
        self.core()?.fast.set(number::as_i32(value)?);
        Ok(())
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct PicklerMemoProxy {
    head: ObjectHead,
    pickler: Owned<Pickler>,
}

#[pytype(static = PicklerMemoProxy_Type, name = "PicklerMemoProxy", module = "_pickle", flags = HAVE_GC, native, final)]
impl PicklerMemoProxy {
    #[slot(raw = tp_hash)]
    unsafe extern "C" fn tp_hash(op: *mut PyObject) -> isize {
        // SAFETY: a slot gets a live object.
        let _ = runtime::protocol::object::hash_not_implemented(unsafe { Object::from_ptr(op) });
        -1
    }
    /// Remove all items from memo.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        self.pickler.clear_memo()
    }
    /// Copy the memo to a new object.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Dict>> {
        let core = self.pickler.core()?;
        let entries: Vec<(usize, Owned)> = core.memo.borrow().entries().map(|(object, index)| (index, object.clone())).collect();
        let copy = Dict::new();
        for (index, object) in entries {
            copy.set_item(Int::from_usize(object.as_ptr() as usize).object(), Tuple::pair(Int::from_usize(index).into_object(), object).object())?;
        }
        Ok(copy)
    }
    /// Implement pickle support.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::pair(Dict::type_object().to_owned(), Tuple::single(self.copy()?.into_object()).into_object()))
    }
}
