//! The collector on objects of a type of its own: two references, a slot for weak references, optional finalizers.

use super::*;
use crate::memory::tests::{Random, gil};
use abi::{PyVarObject, PyWeakReference};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::ptr;
use std::sync::Once;

#[repr(C)]
struct Node {
    ob_base: PyObject,
    refs: [Cell<*mut PyObject>; 2],
    weakrefs: Cell<*mut PyObject>,
    id: usize,
}

thread_local! {
    static DEAD: RefCell<Vec<usize>> = const { RefCell::new(Vec::new()) };
    static LOG: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
    static SCHEDULED: Cell<usize> = const { Cell::new(0) };
    static SAVED: Cell<*mut PyObject> = const { Cell::new(ptr::null_mut()) };
}

fn log(text: impl Into<String>) {
    LOG.with_borrow_mut(|log| log.push(text.into()));
}

unsafe fn decref(op: *mut PyObject) {
    unsafe {
        let count = (*op).ob_refcnt.get();
        if count as i32 >= 0 {
            (*op).ob_refcnt.set(count - 1);
            if count == 1 {
                ((*(*op).ob_type.get()).tp_dealloc.get().unwrap())(op);
            }
        }
    }
}

unsafe fn incref(op: *mut PyObject) -> *mut PyObject {
    unsafe { (*op).ob_refcnt.set((*op).ob_refcnt.get() + 1) };
    op
}

unsafe extern "C" fn node_traverse(op: *mut PyObject, visit: visitproc, arg: *mut c_void) -> c_int {
    for reference in unsafe { &(*op.cast::<Node>()).refs } {
        if !reference.get().is_null() {
            let result = unsafe { visit(reference.get(), arg) };
            if result != 0 {
                return result;
            }
        }
    }
    0
}

unsafe extern "C" fn node_clear(op: *mut PyObject) -> c_int {
    for reference in unsafe { &(*op.cast::<Node>()).refs } {
        let old = reference.replace(ptr::null_mut());
        if !old.is_null() {
            unsafe { decref(old) };
        }
    }
    0
}

unsafe extern "C" fn node_dealloc(op: *mut PyObject) {
    unsafe {
        untrack(op);
        node_clear(op);
        DEAD.with_borrow_mut(|dead| dead.push((*op.cast::<Node>()).id));
        free(op.cast());
    }
}

unsafe extern "C" fn resurrect(op: *mut PyObject) {
    unsafe {
        log(format!("finalize {}", (*op.cast::<Node>()).id));
        SAVED.set(incref(op));
    }
}

unsafe extern "C" fn legacy_del(_: *mut PyObject) {}

unsafe extern "C" fn weakref_dealloc(op: *mut PyObject) {
    unsafe {
        untrack(op);
        log("weak reference died");
        free(op.cast());
    }
}

unsafe extern "C" fn no_traverse(_: *mut PyObject, _: visitproc, _: *mut c_void) -> c_int {
    0
}

fn make_type(size: usize) -> &'static PyTypeObject {
    let ty = Box::leak(Box::new(PyTypeObject {
        ob_base: PyVarObject::immortal_static(ptr::null(), 0),
        ..PyTypeObject::EMPTY
    }));
    ty.tp_name.set(c"node".as_ptr());
    ty.tp_basicsize.set(size as isize);
    ty.tp_flags.set(Py_TPFLAGS_HAVE_GC);
    ty
}

fn node_type() -> &'static PyTypeObject {
    let ty = make_type(size_of::<Node>());
    ty.tp_traverse.set(Some(node_traverse));
    ty.tp_clear.set(Some(node_clear));
    ty.tp_dealloc.set(Some(node_dealloc));
    ty.tp_weaklistoffset.set(offset_of!(Node, weakrefs) as isize);
    ty
}

struct SyncPtr(*const PyTypeObject);
unsafe impl Sync for SyncPtr {}
unsafe impl Send for SyncPtr {}
static WEAKREF_TYPE: std::sync::OnceLock<SyncPtr> = std::sync::OnceLock::new();

fn weakref_type() -> *const PyTypeObject {
    WEAKREF_TYPE
        .get_or_init(|| {
            let ty = make_type(size_of::<PyWeakReference>());
            ty.tp_traverse.set(Some(no_traverse));
            ty.tp_dealloc.set(Some(weakref_dealloc));
            SyncPtr(ty)
        })
        .0
}

static NONE: PyObject = PyObject::immortal_static(ptr::null());

static MODEL: Model = Model {
    none: (&raw const NONE).cast_mut(),
    tuple_type: ptr::null(),
    is_weakref: |op| unsafe { ptr::eq((*op).ob_type.get(), weakref_type()) },
    call_weakref_callback: |reference| unsafe {
        assert!(ptr::eq((*reference).wr_object.get(), &NONE));
        log("callback");
    },
    schedule: || SCHEDULED.set(SCHEDULED.get() + 1),
    notify: |phase, generation, outcome| log(format!("{phase:?} {generation} {}", outcome.collected)),
    add_garbage: |op| {
        log(format!("garbage {}", unsafe { (*op.cast::<Node>()).id }));
    },
    report_exception: |_| (),
    save_exception: ptr::null_mut,
    restore_exception: |_| (),
    decref: |op| unsafe { decref(op) },
    clear_free_lists: || (),
    write_debug: |_| (),
};

/// Every test begins here: under the lock, with the model, without leftovers.
fn start() -> std::sync::MutexGuard<'static, ()> {
    static ONCE: Once = Once::new();
    let guard = gil();
    ONCE.call_once(|| install_model(&MODEL));
    DEAD.with_borrow_mut(Vec::clear);
    LOG.with_borrow_mut(Vec::clear);
    guard
}

fn node(ty: &'static PyTypeObject, id: usize) -> *mut PyObject {
    unsafe {
        let op = alloc_raw(ptr::from_ref(ty).cast_mut(), size_of::<Node>());
        let head = op.read();
        op.cast::<Node>().write(Node {
            ob_base: head,
            refs: [const { Cell::new(ptr::null_mut()) }; 2],
            weakrefs: Cell::new(ptr::null_mut()),
            id,
        });
        track(op);
        op
    }
}

fn set(op: *mut PyObject, slot: usize, target: *mut PyObject) {
    unsafe { (*op.cast::<Node>()).refs[slot].set(incref(target)) };
}

/// A cycle of two nodes, given away.
fn cycle(ty: &'static PyTypeObject, id: usize) -> [*mut PyObject; 2] {
    let pair = [node(ty, id), node(ty, id + 1)];
    set(pair[0], 0, pair[1]);
    set(pair[1], 0, pair[0]);
    unsafe {
        decref(pair[0]);
        decref(pair[1]);
    }
    pair
}

fn weakref(target: *mut PyObject, with_callback: bool) -> *mut PyWeakReference {
    unsafe {
        let ty = weakref_type().cast_mut();
        let reference = alloc_raw(ty, size_of::<PyWeakReference>()).cast::<PyWeakReference>();
        let head = (*reference).ob_base.ob_refcnt_full().get();
        reference.write(PyWeakReference::EMPTY);
        (*reference).ob_base.ob_refcnt_full().set(head);
        (*reference).ob_base.ob_type.set(ty);
        (*reference).wr_object.set(target);
        if with_callback {
            (*reference).wr_callback.set((&raw const NONE).cast_mut());
        }
        let slot = &(*target.cast::<Node>()).weakrefs;
        let first = slot.get().cast::<PyWeakReference>();
        (*reference).wr_next.set(first);
        if !first.is_null() {
            (*first).wr_prev.set(reference);
        }
        slot.set(reference.cast());
        track(reference.cast());
        reference
    }
}

fn dead() -> Vec<usize> {
    let mut dead = DEAD.take();
    dead.sort();
    dead
}

#[test]
fn cycles_die_and_what_is_referred_to_from_outside_lives() {
    let _gil = start();
    let ty = node_type();
    cycle(ty, 1);
    let root = node(ty, 10);
    let pair = cycle(ty, 20);
    set(root, 0, pair[0]);
    assert_eq!(collect(2, Reason::Manual), 2);
    assert_eq!(dead(), [1, 2]);
    assert_eq!(LOG.take(), ["Start 2 0", "Stop 2 2"]);
    unsafe { decref(root) };
    assert_eq!(dead(), [10]);
    assert_eq!(collect(0, Reason::Manual), 0);
    assert_eq!(collect(2, Reason::Manual), 2);
    assert_eq!(dead(), [20, 21]);
}

#[test]
fn random_graphs_keep_exactly_what_roots_reach() {
    let _gil = start();
    let ty = node_type();
    let mut random = Random(7);
    for round in 0..300 {
        let count = 1 + random.below(60);
        let nodes: Vec<_> = (0..count).map(|id| node(ty, id)).collect();
        let mut edges = vec![Vec::new(); count];
        for (id, &op) in nodes.iter().enumerate() {
            for slot in 0..2 {
                if random.below(3) > 0 {
                    let target = random.below(count);
                    set(op, slot, nodes[target]);
                    edges[id].push(target);
                }
            }
        }
        let roots: Vec<usize> = (0..count).filter(|_| random.below(10) == 0).collect();
        let mut alive = vec![false; count];
        let mut todo = roots.clone();
        while let Some(id) = todo.pop() {
            if !std::mem::replace(&mut alive[id], true) {
                todo.extend(&edges[id]);
            }
        }
        for (id, &op) in nodes.iter().enumerate() {
            if !roots.contains(&id) {
                unsafe { decref(op) };
            }
        }
        collect(random.below(3), Reason::Manual);
        let expected: Vec<usize> = (0..count).filter(|&id| !alive[id]).collect();
        assert_eq!(dead(), expected, "round {round}");
        roots.iter().for_each(|&id| unsafe { decref(nodes[id]) });
        collect(2, Reason::Manual);
        dead();
    }
}

#[test]
fn weak_references_call_back_unless_they_are_garbage_too() {
    let _gil = start();
    let ty = node_type();
    let pair = [node(ty, 1), node(ty, 2)];
    set(pair[0], 0, pair[1]);
    set(pair[1], 0, pair[0]);
    let outside = weakref(pair[0], true);
    let silent = weakref(pair[0], false);
    let inside = weakref(pair[1], true);
    set(pair[0], 1, inside.cast());
    unsafe {
        decref(inside.cast());
        pair.iter().for_each(|&op| decref(op));
        assert_eq!(collect(2, Reason::Manual), 3);
        assert_eq!(dead(), [1, 2]);
        assert_eq!(LOG.take(), ["Start 2 0", "callback", "weak reference died", "Stop 2 3"]);
        assert!(ptr::eq((*outside).wr_object.get(), &NONE) && ptr::eq((*silent).wr_object.get(), &NONE));
        decref(outside.cast());
        decref(silent.cast());
    }
}

#[test]
fn finalizers_run_once_and_may_resurrect() {
    let _gil = start();
    let ty = node_type();
    ty.tp_finalize.set(Some(resurrect));
    let op = node(ty, 5);
    set(op, 0, op);
    unsafe { decref(op) };
    assert_eq!(collect(2, Reason::Shutdown), 0);
    assert_eq!(LOG.take(), ["finalize 5"]);
    assert_eq!(SAVED.take(), op);
    unsafe {
        assert!(is_finalized(op) && is_tracked(op));
        decref(op);
    }
    assert_eq!(collect(2, Reason::Shutdown), 1);
    assert_eq!(dead(), [5]);
    assert_eq!(LOG.take(), [""; 0]);
}

#[test]
fn legacy_finalizers_make_garbage() {
    let _gil = start();
    let ty = node_type();
    ty.tp_del.set(Some(legacy_del));
    let pair = cycle(ty, 1);
    assert_eq!(collect(2, Reason::Shutdown), 2);
    assert_eq!(LOG.take(), ["garbage 1", "garbage 2"]);
    assert_eq!(dead(), [0; 0]);
    ty.tp_del.set(None);
    assert_eq!(collect(2, Reason::Shutdown), 2);
    assert_eq!(dead(), [1, 2]);
    let _ = pair;
}

#[test]
fn frozen_objects_are_left_alone() {
    let _gil = start();
    let before = freeze_count();
    cycle(node_type(), 1);
    freeze();
    assert!(freeze_count() >= before + 2);
    assert_eq!(collect(2, Reason::Shutdown), 0);
    unfreeze();
    assert_eq!(freeze_count(), 0);
    assert_eq!(collect(2, Reason::Shutdown), 2);
    assert_eq!(dead(), [1, 2]);
}

#[test]
fn allocations_schedule_and_never_collect() {
    let _gil = start();
    let ty = node_type();
    collect(2, Reason::Shutdown);
    state().set_enabled(true);
    SCHEDULED.set(0);
    let nodes: Vec<_> = (0..2000).map(|id| node(ty, id)).collect();
    assert_eq!(SCHEDULED.get(), 0);
    cycle(ty, 5000);
    assert!(SCHEDULED.get() > 0);
    assert_eq!(dead(), [0; 0]);
    run_scheduled();
    assert_eq!(dead(), [5000, 5001]);
    assert_eq!(state().counts(), [0, 1, 0]);
    state().set_enabled(false);
    nodes.into_iter().for_each(|op| unsafe { decref(op) });
    dead();
}

#[test]
fn objects_are_aligned_and_know_their_neighbours() {
    let _gil = start();
    let ty = node_type();
    let (a, b) = (node(ty, 1), node(ty, 2));
    set(a, 1, b);
    let mut seen = Vec::new();
    unsafe {
        assert!(each_referent(a, |op| {
            seen.push(op);
            true
        }));
        assert_eq!(seen, [b]);
        assert!((a as usize).is_multiple_of(16));
        assert!(!each_object(Some(0), |op| op != a));
        untrack(a);
        untrack(a);
        assert!(!is_tracked(a) && each_object(None, |op| op != a));
        decref(b);
        decref(a);
    }
}
