//! A collection.
//!
//! Among the objects of the generations that are collected, those whose count is not explained by references from
//! each other are reachable from outside, and so is all they reach; the rest is garbage. Its weak references are
//! cleared and their callbacks called, its finalizers run, what they brought back to life is spared, and `tp_clear`
//! breaks the cycles of the remainder, so that reference counting frees it.

use super::list::{COLLECTING, FINALIZED, Head, List, UNREACHABLE};
use super::model::{self, Outcome, Phase, model};
use super::state::{DEBUG_COLLECTABLE, DEBUG_STATS, DEBUG_UNCOLLECTABLE, GENERATIONS};
use super::visit::{Pass, each_reference, is_candidate};
use super::{is_gc, may_be_tracked, state, traverse, weakrefs};
use abi::{PyObject, PyTupleObject, visitproc};
use std::ffi::{CStr, c_int, c_void};
use std::time::Instant;

/// Why a collection runs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reason {
    /// The eval breaker, after many allocations.
    Heap,
    /// `gc.collect` and `PyGC_Collect`.
    Manual,
    /// The end of the interpreter: no callbacks.
    Shutdown,
}

/// Runs at the eval breaker after allocations asked for it: collects the oldest generation that is due.
pub fn run_scheduled() {
    if !state().is_enabled() {
        return;
    }
    if let Some(generation) = due_generation() {
        collect(generation, Reason::Heap);
    }
}

/// Collects a generation and all younger ones. Gives the number of unreachable objects found, 0 if a collection runs
/// already. An exception that is set stays set.
pub fn collect(generation: usize, reason: Reason) -> usize {
    if state().is_collecting() {
        return 0;
    }
    state().set_collecting(true);
    let waiting = (model().save_exception)();
    if reason != Reason::Shutdown {
        (model().notify)(Phase::Start, generation, Outcome::default());
    }
    let outcome = collect_generations(generation);
    if reason != Reason::Shutdown {
        (model().notify)(Phase::Stop, generation, outcome);
    }
    (model().restore_exception)(waiting);
    state().set_collecting(false);
    outcome.collected + outcome.uncollectable
}

/// The oldest generation whose count is above its threshold. A full collection waits until the objects that have not
/// seen one are a quarter of those that have, so that its cost stays linear in what a program allocates.
fn due_generation() -> Option<usize> {
    let state = state();
    let (counts, thresholds) = (state.counts(), state.thresholds());
    (0..GENERATIONS).rev().find(|&generation| {
        let is_full = generation == GENERATIONS - 1;
        counts[generation] > thresholds[generation]
            && !(is_full && state.long_lived_pending.get() < state.long_lived_total.get() / 4)
    })
}

fn collect_generations(generation: usize) -> Outcome {
    let state = state();
    let start = state.has_debug(DEBUG_STATS).then(|| begin_report(generation));
    if generation + 1 < GENERATIONS {
        state.set_count(generation + 1, state.count(generation + 1) + 1);
    }
    for index in 0..=generation {
        state.set_count(index, 0);
    }
    let young = state.generation(generation);
    for index in 0..generation {
        state.generation(index).merge_into(young);
    }
    let old = state.generation((generation + 1).min(GENERATIONS - 1));

    let unreachable = List::new();
    let survivors = deduce_unreachable(young, &unreachable, true);
    promote(young, old, generation, survivors);

    let uncollectable = List::new();
    uncollectable.init();
    move_legacy_finalizers(&unreachable, &uncollectable);
    if state.has_debug(DEBUG_COLLECTABLE) {
        report_objects("collectable", &unreachable);
    }
    let callbacks = weakrefs::handle(&unreachable, old, true);
    let mut outcome = Outcome { collected: callbacks.freed, uncollectable: 0 };
    let found = survey(&unreachable);
    if callbacks.any || found.finalizers {
        finalize(&unreachable);
        let garbage = List::new();
        set_resurrected_aside(&unreachable, &garbage, old);
        // Finalizers may have made new weak references.
        weakrefs::handle(&garbage, old, false);
        outcome.collected += garbage.len();
        delete(&garbage, old);
    } else {
        // No code has run: nothing came back to life.
        outcome.collected += found.objects;
        delete(&unreachable, old);
    }

    outcome.uncollectable = uncollectable.len();
    if state.has_debug(DEBUG_UNCOLLECTABLE) {
        report_objects("uncollectable", &uncollectable);
    }
    keep_uncollectable(&uncollectable, old);
    if let Some(start) = start {
        end_report(outcome, start);
    }
    if generation == GENERATIONS - 1 {
        (model().clear_free_lists)();
    }
    (model().report_exception)(std::ptr::null_mut());
    state.add_stats(generation, outcome.collected, outcome.uncollectable);
    outcome
}

// ---- finding what is unreachable ----

/// Moves the objects of `base` that only objects of `base` refer to into `unreachable`, which is initialised here. They keep
/// `COLLECTING`. Gives the number of objects that stay in `base`; without the tuples that need no collector, if those are to be untracked.
fn deduce_unreachable(base: &List, unreachable: &List, untrack_tuples: bool) -> usize {
    update_counts(base);
    subtract_references(base);
    unreachable.init();
    let survivors = move_unreachable(base, unreachable, untrack_tuples);
    clear_unreachable(unreachable);
    survivors
}

/// Replaces the backward links by reference counts. Immortal objects need no collector and leave it.
fn update_counts(base: &List) {
    let mut before = base.head();
    for head in base.iter() {
        // SAFETY: heads in the list are valid; only forward links matter from here on.
        unsafe {
            let count = (*Head::object(head)).ob_refcnt.get();
            if (count as i32) < 0 {
                (*before).next.set((*head).next.get());
                (*head).forget();
                continue;
            }
            (*head).start_collecting(count as usize);
            before = head;
        }
    }
    base.0.prev.set(before);
}

/// Takes references among the objects of the list off their counts.
#[derive(Clone, Copy)]
struct Subtract;

impl Pass for Subtract {
    #[inline(always)]
    unsafe fn visit(self, op: *mut PyObject, times: usize) {
        // SAFETY: by contract.
        unsafe {
            if is_candidate(op) {
                let head = Head::of(op);
                if (*head).has(COLLECTING) {
                    (*head).decrease_count(times);
                }
            }
        }
    }
    fn callback(self) -> (visitproc, *mut c_void) {
        (SUBTRACT, std::ptr::null_mut())
    }
}

fn subtract_references(base: &List) {
    for head in base.iter() {
        // SAFETY: tracked objects can be traversed.
        unsafe { each_reference(Head::object(head), Subtract) };
    }
}

static SUBTRACT: visitproc = visit_subtract;

/// Whether a traversal counts references (then those without a count of their own must be left out).
pub fn is_subtracting(visit: visitproc) -> bool {
    std::ptr::fn_addr_eq(visit, SUBTRACT)
}

/// Takes a reference off the count of an object that is being collected.
unsafe extern "C" fn visit_subtract(op: *mut PyObject, _: *mut c_void) -> c_int {
    // SAFETY: traversal visits live objects.
    unsafe { Subtract.visit(op, 1) };
    0
}

/// Walks `young`: an object with references from outside is reachable, and marks what it refers to; others move to
/// `unreachable` for the time being, and come back to the end of `young` when they are marked later.
/// Behind the walk, backward links are whole again. Gives the number of those that stay; see `deduce_unreachable`.
fn move_unreachable(young: &List, unreachable: &List, untrack_tuples: bool) -> usize {
    let end = young.head();
    let mut before = end;
    let mut head = young.first();
    let mut survivors = 0;
    while head != end {
        // SAFETY: heads in the list are valid; tracked objects can be traversed.
        unsafe {
            if (*head).count() != 0 {
                let op = Head::object(head);
                each_reference(op, Reach(end));
                (*head).set_prev(before);
                (*head).clear_flag(COLLECTING);
                if untrack_tuples && model::is_exact_tuple(op) && needs_no_tracking(op) {
                    (*before).next.set((*head).next.get());
                    (*head).forget();
                } else {
                    survivors += 1;
                    before = head;
                }
            } else {
                (*before).next.set((*head).next.get());
                let last = unreachable.0.prev.get();
                (*last).next.set(head.map_addr(|bits| bits | UNREACHABLE));
                (*head).set_prev(last);
                (*head).next.set(unreachable.head().map_addr(|bits| bits | UNREACHABLE));
                unreachable.0.prev.set(head);
            }
            head = (*before).next.get();
        }
    }
    young.0.prev.set(before);
    survivors
}

/// Marks what a reachable object refers to; holds the head of the list of reachable objects.
#[derive(Clone, Copy)]
struct Reach(*mut Head);

impl Pass for Reach {
    #[inline(always)]
    unsafe fn visit(self, op: *mut PyObject, _: usize) {
        // SAFETY: by contract.
        unsafe {
            if is_candidate(op) {
                let head = Head::of(op);
                if (*head).has(COLLECTING) {
                    mark(head, self.0);
                }
            }
        }
    }
    fn callback(self) -> (visitproc, *mut c_void) {
        (visit_reachable, self.0.cast())
    }
}

unsafe extern "C" fn visit_reachable(op: *mut PyObject, young: *mut c_void) -> c_int {
    // SAFETY: traversal visits live objects; `young` is the list's head.
    unsafe { Reach(young.cast()).visit(op, 1) };
    0
}

#[inline(always)]
unsafe fn mark(head: *mut Head, young: *mut Head) {
    // SAFETY: the caller's heads are that of an object in this collection and that of the list of reachable objects.
    unsafe {
        if (*head).next.get().addr() & UNREACHABLE != 0 {
            let (prev, next) = ((*head).prev(), (*head).next.get());
            (*prev).next.set(next);
            (*next.map_addr(|bits| bits & !UNREACHABLE)).set_prev(prev);
            // The count replaces the backward link, as for all objects that are still to be walked.
            let list = &*young.cast::<List>();
            let last = list.0.prev.get();
            (*last).next.set(head);
            (*head).next.set(list.head());
            list.0.prev.set(head);
            (*head).set_count(1);
        } else if (*head).count() == 0 {
            (*head).set_count(1);
        }
    }
}

/// Takes the marks off the forward links and makes the list a normal one.
fn clear_unreachable(unreachable: &List) {
    let end = unreachable.head();
    let mut head: *mut Head = end;
    loop {
        // SAFETY: heads in the list are valid.
        unsafe {
            let next = (*head).next.get().map_addr(|bits| bits & !UNREACHABLE);
            (*head).next.set(next);
            head = next;
        }
        if head == end {
            return;
        }
    }
}

/// Whether an exact tuple is complete and its items cannot be part of a cycle (`_PyTuple_MaybeUntrack`).
unsafe fn needs_no_tracking(op: *mut PyObject) -> bool {
    // SAFETY: the caller says that it is a tuple; it is complete if no item is null.
    unsafe {
        let tuple = &*op.cast::<PyTupleObject>();
        let items = (&raw const tuple.ob_item).cast::<*mut PyObject>();
        for index in 0..tuple.ob_base.ob_size.get() as usize {
            let item = *items.add(index);
            if item.is_null() || may_be_tracked(item) {
                return false;
            }
        }
        true
    }
}

/// Survivors grow older.
fn promote(young: &List, old: &List, generation: usize, survivors: usize) {
    let state = state();
    if generation == GENERATIONS - 1 {
        state.long_lived_pending.set(0);
        state.long_lived_total.set(survivors);
        return;
    }
    if generation == GENERATIONS - 2 {
        state.long_lived_pending.set(state.long_lived_pending.get() + survivors);
    }
    young.merge_into(old);
}

// ---- legacy finalizers ----

/// Moves objects with `tp_del`, and all that they reach among the unreachable, to `uncollectable`.
fn move_legacy_finalizers(unreachable: &List, uncollectable: &List) {
    for head in unreachable.iter() {
        // SAFETY: objects in the list are live.
        unsafe {
            if has_legacy_finalizer(Head::object(head)) {
                (*head).clear_flag(COLLECTING);
                uncollectable.take(head);
            }
        }
    }
    // The list grows while it is walked.
    for head in uncollectable.iter_growing() {
        // SAFETY: objects in the list are live.
        unsafe { traverse(Head::object(head), visit_move, uncollectable.head().cast()) };
    }
}

unsafe extern "C" fn visit_move(op: *mut PyObject, list: *mut c_void) -> c_int {
    // SAFETY: traversal visits live objects; `list` is a list's head.
    unsafe {
        if is_gc(op) {
            let head = Head::of(op);
            if (*head).has(COLLECTING) {
                (*head).clear_flag(COLLECTING);
                (*list.cast::<List>()).take(head);
            }
        }
    }
    0
}

unsafe fn has_legacy_finalizer(op: *mut PyObject) -> bool {
    // SAFETY: the caller's object is live.
    unsafe { (*(*op).ob_type.get()).tp_del.get().is_some() }
}

/// Puts objects with legacy finalizers (or all that they hold, with DEBUG_SAVEALL) into `gc.garbage`.
fn keep_uncollectable(uncollectable: &List, old: &List) {
    for head in uncollectable.iter() {
        let op = Head::object(head);
        // SAFETY: objects in the list are live.
        if model::saves_all() || unsafe { has_legacy_finalizer(op) } {
            (model().add_garbage)(op);
        }
    }
    uncollectable.merge_into(old);
}

// ---- finalizers and deletion ----

/// What there is in a list of unreachable objects.
struct Found {
    objects: usize,
    /// Some object has a finalizer that has not run.
    finalizers: bool,
}

fn survey(unreachable: &List) -> Found {
    let mut found = Found { objects: 0, finalizers: false };
    for head in unreachable.iter() {
        found.objects += 1;
        // SAFETY: objects in the list are live.
        unsafe { found.finalizers |= (*(*Head::object(head)).ob_type.get()).tp_finalize.get().is_some() && !(*head).has(FINALIZED) };
    }
    found
}

/// Runs `tp_finalize` of all objects that have not had it.
fn finalize(collectable: &List) {
    let seen = List::new();
    seen.init();
    while !collectable.is_empty() {
        let head = collectable.first();
        let op = Head::object(head);
        // SAFETY: the object is live, and the count taken keeps it so.
        unsafe {
            seen.take(head);
            let Some(tp_finalize) = (*(*op).ob_type.get()).tp_finalize.get() else { continue };
            if !(*head).has(FINALIZED) {
                (*head).set_flag(FINALIZED);
                incref(op);
                tp_finalize(op);
                (model().decref)(op);
            }
        }
    }
    seen.merge_into(collectable);
}

/// Moves what is unreachable still, after finalizers ran, to `garbage`, and the rest to `old`.
fn set_resurrected_aside(unreachable: &List, garbage: &List, old: &List) {
    for head in unreachable.iter() {
        // SAFETY: heads in the list are valid.
        unsafe { (*head).clear_flag(COLLECTING) };
    }
    deduce_unreachable(unreachable, garbage, false);
    unreachable.merge_into(old);
}

/// Breaks the cycles. What survives that (it was brought back by a destructor) is an old object from now on.
fn delete(garbage: &List, old: &List) {
    while !garbage.is_empty() {
        let head = garbage.first();
        let op = Head::object(head);
        // SAFETY: the object is live, and the count taken keeps it so; in the list afterwards means alive.
        unsafe {
            if model::saves_all() {
                (model().add_garbage)(op);
            } else if let Some(tp_clear) = (*(*op).ob_type.get()).tp_clear.get() {
                incref(op);
                tp_clear(op);
                (model().report_exception)(op);
                (model().decref)(op);
            }
            if garbage.first() == head {
                (*head).clear_flag(COLLECTING);
                old.take(head);
            }
        }
    }
}

unsafe fn incref(op: *mut PyObject) {
    // SAFETY: the caller's object is live.
    let count = unsafe { &(*op).ob_refcnt };
    if count.get() as i32 >= 0 {
        count.set(count.get() + 1);
    }
}

// ---- what gc.set_debug prints ----

fn begin_report(generation: usize) -> Instant {
    let state = state();
    let write = model().write_debug;
    write(&format!("gc: collecting generation {generation}...\n"));
    let sizes: [usize; GENERATIONS] = std::array::from_fn(|index| state.generation(index).len());
    write(&format!("gc: objects in each generation: {} {} {}\n", sizes[0], sizes[1], sizes[2]));
    write(&format!("gc: objects in permanent generation: {}\n", state.frozen().len()));
    Instant::now()
}

fn end_report(outcome: Outcome, start: Instant) {
    let (all, kept) = (outcome.collected + outcome.uncollectable, outcome.uncollectable);
    let elapsed = start.elapsed().as_secs_f64();
    (model().write_debug)(&format!("gc: done, {all} unreachable, {kept} uncollectable, {elapsed:.4}s elapsed\n"));
}

fn report_objects(what: &str, list: &List) {
    for head in list.iter() {
        let op = Head::object(head);
        // SAFETY: the object is live; `tp_name` is a C string.
        let name = unsafe { CStr::from_ptr((*(*op).ob_type.get()).tp_name.get()) };
        (model().write_debug)(&format!("gc: {what} <{} {op:p}>\n", name.to_string_lossy()));
    }
}
