//! A full collection of a million tracked objects: `cargo bench -p runtime --bench gc`.

use abi::{PyObject, PyTypeObject, PyVarObject, visitproc};
use runtime::gc::{Reason, alloc_raw, collect, free, track, untrack};
use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::ptr;
use std::time::Instant;

const COUNT: usize = 1_000_000;

#[repr(C)]
struct Node {
    ob_base: PyObject,
    refs: [Cell<*mut PyObject>; 2],
}

unsafe extern "C" fn traverse(op: *mut PyObject, visit: visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: the benchmark's own objects.
    unsafe {
        for reference in &(*op.cast::<Node>()).refs {
            if !reference.get().is_null() {
                visit(reference.get(), arg);
            }
        }
    }
    0
}

fn main() {
    let ty: &PyTypeObject = Box::leak(Box::new(PyTypeObject {
        ob_base: PyVarObject::immortal_static(ptr::null(), 0),
        ..PyTypeObject::EMPTY
    }));
    ty.tp_basicsize.set(size_of::<Node>() as isize);
    ty.tp_flags.set(abi::Py_TPFLAGS_HAVE_GC);
    ty.tp_traverse.set(Some(traverse));
    // SAFETY: the objects live until the end; each pair refers to each other.
    unsafe {
        let start = Instant::now();
        let nodes: Vec<*mut PyObject> = (0..COUNT)
            .map(|_| {
                let op = alloc_raw(ptr::from_ref(ty).cast_mut(), size_of::<Node>());
                (*op.cast::<Node>()).refs = [const { Cell::new(ptr::null_mut()) }; 2];
                track(op);
                op
            })
            .collect();
        println!("allocate and track   {:8.2} ns an object", start.elapsed().as_secs_f64() / COUNT as f64 * 1e9);
        for (index, &op) in nodes.iter().enumerate() {
            for (slot, other) in [index ^ 1, index * 7919 % COUNT].into_iter().enumerate() {
                (*op.cast::<Node>()).refs[slot].set(nodes[other]);
                (*nodes[other]).ob_refcnt.set((*nodes[other]).ob_refcnt.get() + 1);
            }
        }
        for _ in 0..5 {
            let start = Instant::now();
            assert_eq!(collect(2, Reason::Shutdown), 0);
            println!("collect, all reachable {:6.2} ms", start.elapsed().as_secs_f64() * 1e3);
        }
        let start = Instant::now();
        for &op in &nodes {
            untrack(op);
            free(op.cast());
        }
        println!("untrack and free     {:8.2} ns an object", start.elapsed().as_secs_f64() / COUNT as f64 * 1e9);
    }
}
