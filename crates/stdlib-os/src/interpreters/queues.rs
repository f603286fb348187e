//! `_interpqueues`: queues between interpreters.
//!
//! The queues are the process's, and hold data, no objects. All is done with the GIL, so that they need no locks; but dropping data may run
//! anything, so that nothing is dropped while the queues are borrowed.

use super::shared::{Class, Defaults, FULL_FALLBACK, UNBOUND_REMOVE, UNBOUND_REPLACE, class, exception, id_argument};
use macros::pymodule;
use runtime::crossinterp::{self, Shared, XIData};
use runtime::exceptions;
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, object};
use runtime::state::{self, PerInterpreter};
use runtime::types::{self, GilCell, Int, List, Module, Tuple};
use runtime::{PyResult, Raised, err, errors};
use std::cell::RefCell;
use std::collections::VecDeque;

struct Item {
    interpreter: i64,
    /// None once its interpreter has ended.
    data: Option<XIData>,
    unbound_op: i32,
}

struct Queue {
    id: i64,
    references: usize,
    max_size: isize,
    items: VecDeque<Item>,
    defaults: Defaults,
}

impl Queue {
    fn is_full(&self) -> bool {
        self.max_size > 0 && self.items.len() >= self.max_size as usize
    }
}

struct Queues {
    /// The newest last.
    all: Vec<Queue>,
    last_id: i64,
}

static QUEUES: GilCell<RefCell<Queues>> = GilCell(RefCell::new(Queues { all: Vec::new(), last_id: 0 }));

enum Failure {
    NotFound,
    Empty,
    Full,
    NeverBound,
}

fn with<T>(id: i64, f: impl FnOnce(&mut Queue) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut queues = QUEUES.0.borrow_mut();
    match queues.all.iter_mut().find(|queue| queue.id == id) {
        Some(queue) => f(queue),
        None => Err(Failure::NotFound),
    }
}

/// As `with`, failures raised.
fn on<T>(id: i64, f: impl FnOnce(&mut Queue) -> Result<T, Failure>) -> PyResult<T> {
    with(id, f).map_err(|failure| raise(failure, id))
}

fn incref(id: i64) -> Result<(), Failure> {
    with(id, |queue| {
        queue.references += 1;
        Ok(())
    })
}

/// The queue goes with the last reference.
fn decref(id: i64) -> Result<(), Failure> {
    let gone = with(id, |queue| {
        queue.references = queue.references.checked_sub(1).ok_or(Failure::NeverBound)?;
        Ok(queue.references == 0)
    })?;
    if gone { remove(id) } else { Ok(()) }
}

fn remove(id: i64) -> Result<(), Failure> {
    let removed = {
        let mut queues = QUEUES.0.borrow_mut();
        queues.all.iter().position(|queue| queue.id == id).map(|at| queues.all.remove(at))
    };
    removed.map(drop).ok_or(Failure::NotFound)
}

/// An interpreter ends: what it put into queues is no more.
fn forget_interpreter() {
    let id = state::get().id;
    let mut gone = Vec::new();
    for queue in &mut QUEUES.0.borrow_mut().all {
        for item in queue.items.iter_mut().filter(|item| item.interpreter == id) {
            gone.extend(item.data.take());
        }
        queue.items.retain(|item| item.data.is_some() || item.unbound_op != UNBOUND_REMOVE);
    }
    drop(gone);
}

// ---- exceptions, and the classes of `concurrent.interpreters` -----------------------------------------------------------------------------

static QUEUE_ERROR: Class = class();
static QUEUE_NOT_FOUND_ERROR: Class = class();

fn queue_error() -> PyResult<&'static Type> {
    let bases = Tuple::new(&[exceptions::RuntimeError()]);
    exception(&QUEUE_ERROR, "concurrent.interpreters", "QueueError", &bases, Some("Indicates that a queue-related error happened."))
}
fn queue_not_found_error() -> PyResult<&'static Type> {
    exception(&QUEUE_NOT_FOUND_ERROR, "concurrent.interpreters", "QueueNotFoundError", &Tuple::new(&[queue_error()?]), None)
}

/// What `concurrent.interpreters._queues` registers.
#[derive(Clone)]
struct Classes {
    queue: Owned<Type>,
    empty: Owned,
    full: Owned,
}

static CLASSES: PerInterpreter<RefCell<Option<Classes>>> = PerInterpreter::new(RefCell::new(None), Default::default);

fn classes() -> PyResult<Classes> {
    if let Some(known) = &*CLASSES.get().borrow() {
        return Ok(known.clone());
    }
    runtime::import::import_module("concurrent.interpreters._queues")?;
    CLASSES.get().borrow().clone().ok_or_else(errors::bad_internal_call)
}

#[cold]
fn raise(failure: Failure, id: i64) -> Raised {
    let class = || -> PyResult<(Owned, String)> {
        Ok(match failure {
            Failure::NotFound => (queue_not_found_error()?.as_object().to_owned(), format!("queue {id} not found")),
            Failure::NeverBound => (queue_error()?.as_object().to_owned(), format!("queue {id} never bound")),
            Failure::Empty => (classes()?.empty, format!("queue {id} is empty")),
            Failure::Full => (classes()?.full, format!("queue {id} is full")),
        })
    };
    match class() {
        Err(raised) => raised,
        Ok((class, message)) => match class.downcast::<Type>() {
            Some(class) => errors::raise(class, format_args!("{message}")),
            None => errors::bad_internal_call(),
        },
    }
}

/// A queue as data: a reference to it.
struct SharedQueue(i64);

impl Shared for SharedQueue {
    fn new_object(&self) -> PyResult {
        call::call1(&classes()?.queue, &*Int::from_i64(self.0))
    }
}

impl Drop for SharedQueue {
    fn drop(&mut self) {
        // It may have been destroyed.
        let _ = decref(self.0);
    }
}

fn share_queue(queue: &Object) -> PyResult<Box<dyn Shared>> {
    let id = id_argument(&*object::get_attr_str(queue, "_id")?, "queue ID")?;
    incref(id).map_err(|failure| raise(failure, id))?;
    Ok(Box::new(SharedQueue(id)))
}

/// This module provides primitive operations to manage Python interpreters.
/// The 'interpreters' module provides a more convenient interface.
#[pymodule(name = "_interpqueues")]
pub mod interpqueues {
    use super::*;

    #[exec]
    fn exec_module(module: &Module) -> PyResult<()> {
        module.add("QueueError", queue_error()?)?;
        module.add("QueueNotFoundError", queue_not_found_error()?)?;
        state::get().at_end(forget_interpreter);
        Ok(())
    }

    /// create(maxsize, unboundop, fallback) -> qid
    ///
    /// Make a queue, and return its ID, which is never used again.
    #[function("create($module, maxsize, unboundop=-1, fallback=-1)", nosig)]
    fn create(maxsize: isize, unboundop: i32, fallback: i32) -> PyResult<i64> {
        let defaults = Defaults::of(unboundop, fallback, Defaults { unbound_op: UNBOUND_REPLACE, fallback: FULL_FALLBACK })?;
        let mut queues = QUEUES.0.borrow_mut();
        queues.last_id += 1;
        let id = queues.last_id;
        queues.all.push(Queue { id, references: 0, max_size: maxsize, items: VecDeque::new(), defaults });
        Ok(id)
    }

    /// destroy(qid)
    ///
    /// Empty and forget the queue, whoever refers to it.
    #[function("destroy($module, qid)", nosig)]
    fn destroy(qid: &Object) -> PyResult<()> {
        let id = id_argument(qid, "queue ID")?;
        remove(id).map_err(|failure| raise(failure, id))
    }

    /// list_all() -> [(qid, unboundop, fallback)]
    ///
    /// All queues, with their defaults.
    #[function("list_all($self, /)")]
    fn list_all() -> Owned<List> {
        let all: Vec<_> = QUEUES.0.borrow().all.iter().rev().map(|queue| (queue.id, queue.defaults)).collect();
        let int = |value: i64| Int::from_i64(value).into_object();
        let row = |(id, defaults): (i64, Defaults)| Tuple::from_owned(vec![int(id), int(defaults.unbound_op as i64), int(defaults.fallback as i64)]).into_object();
        List::from_owned(all.into_iter().map(row).collect())
    }

    /// put(qid, obj)
    ///
    /// Append the object's data to the queue.
    #[function("put($module, qid, obj, unboundop=-1, fallback=-1)", nosig)]
    fn put(qid: &Object, obj: &Object, unboundop: i32, fallback: i32) -> PyResult<()> {
        let id = id_argument(qid, "queue ID")?;
        let others = on(id, |queue| Ok(queue.defaults))?;
        let how = Defaults::of(unboundop, fallback, others)?;
        let mut data = Some(how.share(obj)?);
        let done = with(id, |queue| {
            if queue.is_full() {
                return Err(Failure::Full);
            }
            queue.items.push_back(Item { interpreter: state::get().id, data: data.take(), unbound_op: how.unbound_op });
            Ok(())
        });
        drop(data);
        done.map_err(|failure| raise(failure, id))
    }

    /// get(qid) -> (obj, unboundop)
    ///
    /// An object made of the data at the front of the queue, which is removed, and None; or None and what is to stand for an object whose
    /// interpreter ended. Raises QueueEmpty.
    #[function("get($module, qid)", nosig)]
    fn get(qid: &Object) -> PyResult {
        let id = id_argument(qid, "queue ID")?;
        let item = on(id, |queue| queue.items.pop_front().ok_or(Failure::Empty))?;
        let none = types::none().to_owned();
        let pair = match item.data {
            Some(data) => vec![data.new_object()?, none],
            None => vec![none, Int::from_i64(item.unbound_op as i64).into_object()],
        };
        Ok(Tuple::from_owned(pair).into_object())
    }

    /// bind(qid)
    ///
    /// Take a reference to the queue, which lives as long as there is one.
    #[function("bind($module, qid)", nosig)]
    fn bind(qid: &Object) -> PyResult<()> {
        let id = id_argument(qid, "queue ID")?;
        incref(id).map_err(|failure| raise(failure, id))
    }

    /// release(qid)
    ///
    /// Give a reference back. The queue goes with the last one.
    #[function("release($module, qid)", nosig)]
    fn release(qid: &Object) -> PyResult<()> {
        let id = id_argument(qid, "queue ID")?;
        decref(id).map_err(|failure| raise(failure, id))
    }

    /// get_maxsize(qid)
    ///
    /// How many items fit in; 0 is any number.
    #[function("get_maxsize($module, qid)", nosig)]
    fn get_maxsize(qid: &Object) -> PyResult<isize> {
        on(id_argument(qid, "queue ID")?, |queue| Ok(queue.max_size))
    }

    /// get_queue_defaults(qid)
    ///
    /// What the queue was made with: (unboundop, fallback).
    #[function("get_queue_defaults($module, qid)", nosig)]
    fn get_queue_defaults(qid: &Object) -> PyResult<(i32, i32)> {
        let defaults = on(id_argument(qid, "queue ID")?, |queue| Ok(queue.defaults))?;
        Ok((defaults.unbound_op, defaults.fallback))
    }

    /// is_full(qid)
    ///
    /// Whether there is a greatest size, and it is reached.
    #[function("is_full($module, qid)", nosig)]
    fn is_full(qid: &Object) -> PyResult<bool> {
        on(id_argument(qid, "queue ID")?, |queue| Ok(queue.is_full()))
    }

    /// get_count(qid)
    ///
    /// The number of items.
    #[function("get_count($module, qid)", nosig)]
    fn get_count(qid: &Object) -> PyResult<usize> {
        on(id_argument(qid, "queue ID")?, |queue| Ok(queue.items.len()))
    }

    /// For concurrent.interpreters: its classes of queues, and of exceptions for empty and full ones.
    #[function("_register_heap_types($module, queuetype, emptyerror, fullerror)", nosig)]
    fn register_heap_types(queuetype: &Object, emptyerror: &Object, fullerror: &Object) -> PyResult<()> {
        let Some(queue) = queuetype.downcast::<Type>() else { return Err(err!(TypeError, "expected a type for 'queuetype'")) };
        let exception = |class: &Object, what: &str| match class.downcast::<Type>() {
            Some(found) if found.is_subtype(exceptions::BaseException()) => Ok(class.to_owned()),
            _ => Err(err!(TypeError, "expected an exception type for '{}'", what)),
        };
        let (empty, full) = (exception(emptyerror, "emptyerror")?, exception(fullerror, "fullerror")?);
        let former = CLASSES.get().replace(Some(Classes { queue: Owned::from_type(queue), empty, full }));
        if let Some(former) = &former {
            crossinterp::unregister(&former.queue);
        }
        crossinterp::register(queue, share_queue);
        drop(former);
        Ok(())
    }
}
