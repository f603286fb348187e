//! `_queue`: `SimpleQueue`, an unbounded queue whose put() may be called from anywhere, a signal handler or a destructor included.

use crate::errors::{self, PyResult};
use crate::modules::pytime::{self, Rounding};
use crate::modules::signal::new_exception;
use crate::modules::thread::raw_lock::Wakeup;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::types::{Dict, GenericAlias, GilCell, Module, Tuple};
use crate::{err, exceptions};
use abi::PyObject;
use macros::{Traverse, pymodule, pytype};
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::VecDeque;
use std::mem::offset_of;

/// `queue.Empty`.
fn empty_type() -> PyResult<&'static Type> {
    static TYPE: GilCell<OnceCell<Owned<Type>>> = GilCell(OnceCell::new());
    if let Some(ty) = TYPE.0.get() {
        return Ok(ty);
    }
    let made = new_exception("_queue", "Empty", exceptions::Exception())?;
    Ok(TYPE.0.get_or_init(|| made))
}

#[derive(Traverse)]
#[repr(C)]
pub struct SimpleQueue {
    head: ObjectHead,
    items: RefCell<VecDeque<Owned>>,
    #[traverse(skip)]
    filled: Wakeup,
    weakrefs: Cell<*mut PyObject>,
}

impl SimpleQueue {
    fn take(&self, block: bool, timeout: Option<&Object>) -> PyResult {
        let deadline = match timeout.filter(|_| block) {
            None => None,
            Some(timeout) => {
                let timeout = pytime::from_seconds(timeout, Rounding::Ceiling)?;
                if timeout < 0 {
                    return Err(err!(ValueError, "'timeout' must be a non-negative number"));
                }
                Some(pytime::monotonic().saturating_add(timeout))
            }
        };
        let mut more_time = block;
        loop {
            let item = self.items.borrow_mut().pop_front();
            if let Some(item) = item {
                return Ok(item);
            }
            if !more_time {
                return Err(errors::raise_none(empty_type()?));
            }
            more_time = self.filled.wait(self.filled.generation(), deadline)?;
        }
    }
    fn add(&self, item: &Object) {
        self.items.borrow_mut().push_back(item.to_owned());
        self.filled.notify(1);
    }
}

/// A simple queue: first in, first out, without a bound.
#[pytype(static = PySimpleQueue_Type, name = "SimpleQueue", module = "_queue", signature = "()", flags = BASETYPE | HAVE_GC, native,
    weaklistoffset = offset_of!(SimpleQueue, weakrefs))]
impl SimpleQueue {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<SimpleQueue>> {
        if std::ptr::eq(cls, SimpleQueue::type_object()) {
            if args.len() > 0 {
                return Err(err!(TypeError, "SimpleQueue() takes no positional arguments"));
            }
            if kwargs.is_some_and(|k| k.len() > 0) {
                return Err(err!(TypeError, "SimpleQueue() takes no keyword arguments"));
            }
        }
        let empty = SimpleQueue {
            head: ObjectHead::placeholder(),
            items: RefCell::default(),
            filled: Wakeup::default(),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        SimpleQueue::construct(cls, empty)
    }
    /// Put an item on the queue. It never blocks; 'block' and 'timeout' are there for Queue's sake.
    #[method("put($self, /, item, block=True, timeout=None)")]
    fn put(&self, item: &Object, _block: bool, _timeout: Option<&Object>) {
        self.add(item);
    }
    /// Put an item on the queue.
    #[method("put_nowait($self, /, item)")]
    fn put_nowait(&self, item: &Object) {
        self.add(item);
    }
    /// Take an item from the queue, waiting for one if 'block' is true, at most 'timeout' seconds.
    ///
    /// Empty is raised if there is none.
    #[method("get($self, /, block=True, timeout=None)")]
    fn get(&self, block: bool, timeout: Option<&Object>) -> PyResult {
        self.take(block, timeout)
    }
    /// Take an item from the queue, or raise Empty.
    #[method("get_nowait($self, /)")]
    fn get_nowait(&self) -> PyResult {
        self.take(false, None)
    }
    /// Whether the queue is empty; that may change at any time.
    #[method("empty($self, /)")]
    fn empty(&self) -> bool {
        self.items.borrow().is_empty()
    }
    /// The number of items; it may change at any time.
    #[method("qsize($self, /)")]
    fn qsize(&self) -> usize {
        self.items.borrow().len()
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

/// What the queue module is made faster with.
#[pymodule(name = "_queue")]
#[types(PySimpleQueue_Type)]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("Empty", empty_type()?)
    }
}
