//! `_thread._local`: attributes that each thread has its own of.
//!
//! A local owns its dicts, one for each thread that used it. A thread that ends takes its dicts out of all locals.

use crate::err;
use crate::errors::PyResult;
use crate::intern;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self, generic_get_attr_with_dict};
use crate::tstate::ThreadState;
use crate::types::attributes::generic_set_attr_with_dict;
use crate::types::{self, Dict, GilCell, Str, Tuple};
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::{Cell, RefCell};
use std::collections::HashSet;
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Local {
    head: ObjectHead,
    args: Cell<Option<Owned<Tuple>>>,
    kwargs: Cell<Option<Owned<Dict>>>,
    /// By the id of the thread state.
    dicts: RefCell<Vec<ThreadDict>>,
    weakrefs: Cell<*mut PyObject>,
    listed: Listed,
}

#[derive(Traverse)]
struct ThreadDict {
    thread: u64,
    dict: Owned<Dict>,
}

/// Takes a local off the list of all when it goes away.
#[derive(Traverse)]
struct Listed(#[traverse(skip)] Cell<*const Local>);

impl Drop for Listed {
    fn drop(&mut self) {
        if let Some(all) = &mut *ALL.0.borrow_mut() {
            all.remove(&self.0.get());
        }
    }
}

static ALL: GilCell<RefCell<Option<HashSet<*const Local>>>> = GilCell(RefCell::new(None));

/// Drops the dicts of a thread that ends.
pub fn forget_thread(thread: u64) {
    let locals: Vec<*const Local> = ALL.0.borrow().iter().flatten().copied().collect();
    for local in locals {
        // A dict that was dropped may have taken other locals with it.
        let alive = ALL.0.borrow().as_ref().is_some_and(|all| all.contains(&local));
        if !alive {
            continue;
        }
        // SAFETY: listed locals live.
        let local = unsafe { &*local };
        let taken = {
            let mut dicts = local.dicts.borrow_mut();
            dicts.iter().position(|d| d.thread == thread).map(|at| dicts.swap_remove(at))
        };
        drop(taken);
    }
}

/// Keeps the dicts of one thread only, in a forked child.
pub fn keep_only_thread(thread: u64) {
    let locals: Vec<*const Local> = ALL.0.borrow().iter().flatten().copied().collect();
    let mut others: Vec<u64> = Vec::new();
    for local in locals {
        // SAFETY: listed locals live; nothing has been dropped yet.
        others.extend(unsafe { &*local }.dicts.borrow().iter().map(|d| d.thread).filter(|&t| t != thread));
    }
    others.sort_unstable();
    others.dedup();
    others.into_iter().for_each(forget_thread);
}

fn current_thread() -> u64 {
    ThreadState::current().0.id.get()
}

impl Local {
    /// This thread's dict; `__init__` runs when it is made.
    fn dict(&self) -> PyResult<Owned<Dict>> {
        let thread = current_thread();
        if let Some(found) = self.dicts.borrow().iter().find(|d| d.thread == thread) {
            return Ok(found.dict.clone());
        }
        let dict = Dict::new();
        self.dicts.borrow_mut().push(ThreadDict { thread, dict: dict.clone() });
        if let Some(init) = own_init(self.as_object().ty()) {
            // SAFETY: cloning runs no code that could change the cells.
            let (args, kwargs) = unsafe { ((*self.args.as_ptr()).clone(), (*self.kwargs.as_ptr()).clone()) };
            let args = args.unwrap_or_else(Tuple::empty);
            let kwargs = kwargs.as_ref().map_or(std::ptr::null_mut(), |k| k.raw());
            // SAFETY: the slot of the object's own type.
            if unsafe { init(self.as_object().as_ptr(), args.raw(), kwargs) } < 0 {
                let raised = crate::errors::Raised::from_c();
                let taken = {
                    let mut dicts = self.dicts.borrow_mut();
                    dicts.iter().position(|d| d.thread == thread).map(|at| dicts.swap_remove(at))
                };
                crate::errors::preserve(|| drop(taken));
                return Err(raised);
            }
        }
        Ok(dict)
    }
}

/// `tp_init`, where it is not object's.
fn own_init(ty: &Type) -> Option<abi::initproc> {
    let init = ty.0.tp_init.get()?;
    match types::object_type().0.tp_init.get() {
        Some(objects) if std::ptr::fn_addr_eq(init, objects) => None,
        _ => Some(init),
    }
}

/// Data that each thread has its own of.
#[pytype(static = PyThread_Local_Type, name = "_local", module = "_thread", signature = "()", flags = BASETYPE | HAVE_GC, native,
    weaklistoffset = offset_of!(Local, weakrefs))]
impl Local {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Local>> {
        let kwargs = kwargs.filter(|k| k.len() > 0);
        if own_init(cls).is_none() && (args.len() > 0 || kwargs.is_some()) {
            return Err(err!(TypeError, "Initialization arguments are not supported"));
        }
        let kwargs = match kwargs {
            Some(kwargs) => Some(kwargs.copy()?),
            None => None,
        };
        // tp_init runs for this thread when the call of the class goes on.
        let own = ThreadDict { thread: current_thread(), dict: Dict::new() };
        let local = Local::construct(
            cls,
            Local {
                head: ObjectHead::placeholder(),
                args: Cell::new(Some(Owned::from_ref(args))),
                kwargs: Cell::new(kwargs),
                dicts: RefCell::new(vec![own]),
                weakrefs: Cell::new(std::ptr::null_mut()),
                listed: Listed(Cell::new(std::ptr::null())),
            },
        )?;
        let address: *const Local = &*local;
        local.listed.0.set(address);
        ALL.0.borrow_mut().get_or_insert_with(HashSet::new).insert(address);
        Ok(local)
    }
    #[slot]
    fn tp_getattro(&self, name: &Object) -> PyResult {
        let dict = self.dict()?;
        let Some(name) = name.downcast::<Str>() else { return object::get_attr_object(types::none(), name) };
        if Str::equal(name, intern!("__dict__")) {
            return Ok(dict.into_object());
        }
        generic_get_attr_with_dict(self.as_object(), name, Some(&dict))
    }
    #[slot]
    fn tp_setattro(&self, name: &Object, value: Option<&Object>) -> PyResult<()> {
        let dict = self.dict()?;
        if object::rich_compare_bool(name, intern!("__dict__"), object::CompareOp::Eq)? {
            let shown = object::str(name)?;
            return Err(err!(AttributeError, "'{}' object attribute '{}' is read-only", self.as_object().type_name(), &*shown));
        }
        let Some(name) = name.downcast::<Str>() else { return object::set_attr_object(types::none(), name, value) };
        generic_set_attr_with_dict(self.as_object(), name, value, Some(&dict))
    }
}
