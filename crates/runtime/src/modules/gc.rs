//! `gc`: the Python face of the collector, and what the collector needs of the object model (`MODEL`).

use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::gc::{self as collector, GENERATIONS, Model, Outcome, Phase, Reason, state};
use crate::macro_support::Args;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::call;
use crate::tstate::ThreadState;
use crate::types::{self, Dict, Int, List, Str, Tuple};
use crate::{audit, err, gil, intern};
use abi::{PyObject, PyWeakReference};
use macros::pymodule;
use std::ptr;
use std::sync::atomic::Ordering;

/// Makes the collector part of the running interpreter. Needs lists; collections start with this.
pub fn start() -> PyResult<()> {
    static MODEL: std::sync::OnceLock<Model> = std::sync::OnceLock::new();
    let state = state();
    if state.garbage.get().is_null() {
        state.garbage.set(List::new().into_raw());
        state.callbacks.set(List::new().into_raw());
    }
    collector::install_model(MODEL.get_or_init(|| Model {
        none: types::none().as_ptr(),
        tuple_type: Tuple::type_object().as_type_ptr(),
        is_weakref,
        call_weakref_callback,
        schedule,
        notify,
        add_garbage,
        report_exception,
        save_exception: || ThreadState::current().0.current_exception.replace(ptr::null_mut()),
        restore_exception,
        // SAFETY: the collector owns the count it gives up.
        decref: |op| unsafe { Object::from_ptr(op).decref() },
        clear_free_lists: types::clear_free_lists,
        write_debug: |text| super::sys::write_stderr(text),
    }));
    state.set_enabled(true);
    Ok(())
}

/// Says at the interpreter's end how much was uncollectable (`gc.garbage` is not empty).
pub fn report_at_shutdown() {
    let Some(garbage) = list(&state().garbage) else { return };
    let debug = state().debug();
    if garbage.is_empty() || debug & collector::DEBUG_SAVEALL != 0 {
        return;
    }
    let listed = debug & collector::DEBUG_UNCOLLECTABLE != 0;
    let hint = if listed { "" } else { "; use gc.set_debug(gc.DEBUG_UNCOLLECTABLE) to list them" };
    let message = format!("gc: {} uncollectable objects at shutdown{hint}", garbage.len());
    if crate::modules::warnings::warn_explicit(exceptions::ResourceWarning(), &message, "gc", 0, Some("gc")).is_err() {
        exceptions::write_unraisable(None, None);
    }
    if listed {
        match crate::protocol::object::repr(&garbage) {
            Ok(text) => super::sys::write_stderr(&format!("      {}\n", text.to_string_lossy())),
            Err(_) => exceptions::write_unraisable(None, Some(&garbage)),
        }
    }
}

fn list(cell: &std::cell::Cell<*mut PyObject>) -> Option<Owned<List>> {
    // SAFETY: null or a list that the state owns.
    let list = unsafe { Object::from_ptr_opt(cell.get()) }?;
    list.downcast::<List>().map(Owned::from_ref)
}

// ---- the collector's model ----

fn is_weakref(op: *mut PyObject) -> bool {
    // SAFETY: the collector asks about live objects.
    types::weakref::is_weakref(unsafe { Object::from_ptr(op) })
}

fn call_weakref_callback(reference: *mut PyWeakReference) {
    // SAFETY: the collector holds a count of the weak reference; the callback is taken for the call.
    unsafe {
        let callback = Object::from_ptr((*reference).wr_callback.get()).to_owned();
        if call::call1(&callback, Object::from_ptr(reference.cast())).is_err() {
            exceptions::write_unraisable(Some("calling weakref callback"), Some(&callback));
        }
    }
}

fn schedule() {
    if let Some(thread) = ThreadState::try_current() {
        thread.0.eval_breaker.fetch_or(gil::GC_SCHEDULED, Ordering::Relaxed);
    }
}

fn notify(phase: Phase, generation: usize, outcome: Outcome) {
    let Some(callbacks) = list(&state().callbacks) else { return };
    if callbacks.is_empty() {
        return;
    }
    let name = match phase {
        Phase::Start => intern!("start"),
        Phase::Stop => intern!("stop"),
    };
    let info = match information(generation, outcome) {
        Ok(info) => info,
        Err(_) => return exceptions::write_unraisable(Some("building GC callback information"), None),
    };
    let mut index = 0;
    while let Some(callback) = callbacks.get(index) {
        if call::call_args(&callback, &[name, &info]).is_err() {
            exceptions::write_unraisable(Some("calling GC callback"), Some(&callback));
        }
        index += 1;
    }
}

fn information(generation: usize, outcome: Outcome) -> PyResult<Owned<Dict>> {
    let info = Dict::new();
    set_number(&info, intern!("generation"), generation)?;
    set_number(&info, intern!("collected"), outcome.collected)?;
    set_number(&info, intern!("uncollectable"), outcome.uncollectable)?;
    Ok(info)
}

fn set_number(dict: &Dict, key: &Str, number: usize) -> PyResult<()> {
    dict.set_str(key, &Int::from_i64(number as i64))
}

fn add_garbage(op: *mut PyObject) {
    if let Some(garbage) = list(&state().garbage)
        // SAFETY: the collector gives live objects.
        && garbage.append(unsafe { Object::from_ptr(op) }).is_err()
    {
        errors::clear();
    }
}

fn report_exception(op: *mut PyObject) {
    if errors::occurred() {
        // SAFETY: null or a live object.
        let type_of = unsafe { Object::from_ptr_opt(op) }.map(|object| object.ty());
        match type_of {
            Some(ty) => exceptions::write_unraisable(Some("in tp_clear"), Some(ty)),
            None => exceptions::write_unraisable(Some("in garbage collection"), None),
        }
    }
}

fn restore_exception(exception: *mut PyObject) {
    // SAFETY: the field owns what it holds; `save_exception` took it out of there.
    unsafe { crate::object::set_cell(&ThreadState::current().0.current_exception, exception) };
}

// ---- the module ----

fn check_generation(generation: i32) -> PyResult<usize> {
    match usize::try_from(generation) {
        Ok(generation) if generation < GENERATIONS => Ok(generation),
        _ => Err(err!(ValueError, "invalid generation")),
    }
}

/// The generation that `get_objects` was asked for; `None` for all.
fn wanted_generation(generation: Option<&Object>) -> PyResult<Option<usize>> {
    let Some(generation) = generation.filter(|generation| !generation.is_none()) else { return Ok(None) };
    if !crate::protocol::number::check_index(generation) {
        return Err(err!(TypeError, "argument should be integer or None, not '{}'", generation.type_name()));
    }
    match crate::protocol::number::as_isize(generation, Some(exceptions::OverflowError()))? {
        -1 => Ok(None),
        negative if negative < 0 => Err(err!(ValueError, "generation parameter cannot be negative")),
        index if (index as usize) < GENERATIONS => Ok(Some(index as usize)),
        _ => Err(err!(
            ValueError,
            "generation parameter must be less than the number of available generations ({GENERATIONS})"
        )),
    }
}

/// The collector of reference cycles: when it runs, what it sees, what it found.
///
/// enable, disable, isenabled -- automatic collection.
/// collect -- a collection now.
/// get_threshold, set_threshold, get_count -- when collections happen.
/// get_stats, set_debug, get_debug -- what they did.
/// get_objects, get_referrers, get_referents -- tracked objects and their references.
/// is_tracked, is_finalized -- an object's state.
/// freeze, unfreeze, get_freeze_count -- objects that no collection looks at.
#[pymodule(name = "gc")]
pub mod gc {
    use super::*;

    #[constant]
    const DEBUG_STATS: i64 = collector::DEBUG_STATS as i64;
    #[constant]
    const DEBUG_COLLECTABLE: i64 = collector::DEBUG_COLLECTABLE as i64;
    #[constant]
    const DEBUG_UNCOLLECTABLE: i64 = collector::DEBUG_UNCOLLECTABLE as i64;
    #[constant]
    const DEBUG_SAVEALL: i64 = collector::DEBUG_SAVEALL as i64;
    #[constant]
    const DEBUG_LEAK: i64 = collector::DEBUG_LEAK as i64;

    #[exec]
    fn exec(module: &types::Module) -> PyResult<()> {
        if let (Some(garbage), Some(callbacks)) = (list(&state().garbage), list(&state().callbacks)) {
            module.add("garbage", &garbage)?;
            module.add("callbacks", &callbacks)?;
        }
        Ok(())
    }

    /// Turn automatic collection on.
    #[function("enable($module, /)")]
    fn enable() {
        state().set_enabled(true);
    }

    /// Turn automatic collection off.
    #[function("disable($module, /)")]
    fn disable() {
        state().set_enabled(false);
    }

    /// Whether automatic collection is on.
    #[function("isenabled($module, /)")]
    fn isenabled() -> bool {
        state().is_enabled()
    }

    /// Collect a generation and all younger ones (everything by default).
    ///
    /// The result is the number of unreachable objects found.
    #[function("collect($module, /, generation=2)")]
    fn collect(generation: i32) -> PyResult<usize> {
        Ok(collector::collect(check_generation(generation)?, Reason::Manual))
    }

    /// Choose what collections write to sys.stderr, and whether they free anything.
    ///
    ///   flags
    ///     A sum of DEBUG_STATS (sizes and times), DEBUG_COLLECTABLE and DEBUG_UNCOLLECTABLE
    ///     (objects found), DEBUG_SAVEALL (put all into gc.garbage), or DEBUG_LEAK (all but
    ///     the first).
    #[function("set_debug($module, flags, /)")]
    fn set_debug(flags: i32) {
        state().set_debug(flags);
    }

    /// The flags given to set_debug.
    #[function("get_debug($module, /)")]
    fn get_debug() -> i32 {
        state().debug()
    }

    /// set_threshold(threshold0, [threshold1, [threshold2]])
    /// Say how often each generation is collected; a threshold0 of zero turns automatic collection off.
    #[function("set_threshold($module, *args)", nosig)]
    fn set_threshold(args: Args<'_>) -> PyResult<()> {
        if args.is_empty() || args.len() > GENERATIONS {
            return Err(err!(TypeError, "gc.set_threshold requires 1 to 3 arguments"));
        }
        let mut thresholds = state().thresholds();
        for (threshold, arg) in thresholds.iter_mut().zip(args.iter()) {
            *threshold = crate::protocol::number::as_i32(arg)?;
        }
        for (generation, threshold) in thresholds.into_iter().enumerate() {
            state().set_threshold(generation, threshold);
        }
        Ok(())
    }

    /// The three thresholds.
    #[function("get_threshold($module, /)")]
    fn get_threshold() -> (i32, i32, i32) {
        state().thresholds().into()
    }

    /// The counts that are compared with the thresholds.
    #[function("get_count($module, /)")]
    fn get_count() -> (i32, i32, i32) {
        state().counts().into()
    }

    /// List the tracked objects that refer directly to one of 'objs'.
    #[function("get_referrers($module, /, *objs)")]
    fn get_referrers(objs: Args<'_>) -> PyResult<Owned<List>> {
        audit::audit("gc.get_referrers", &[&Tuple::new(&objs)])?;
        let found = List::new();
        let mut result = Ok(());
        collector::each_object(None, |op| {
            // SAFETY: tracked objects are live.
            let object = unsafe { Object::from_ptr(op) };
            let refers = !object.is(&found) && !collector::referents(object, |to| !objs.iter().any(|obj| obj.is(to)));
            if refers {
                result = found.append(object);
            }
            result.is_ok()
        });
        result.map(|()| found)
    }

    /// List what 'objs' refer to directly.
    #[function("get_referents($module, /, *objs)")]
    fn get_referents(objs: Args<'_>) -> PyResult<Owned<List>> {
        audit::audit("gc.get_referents", &[&Tuple::new(&objs)])?;
        let found = List::new();
        for object in objs.iter() {
            let mut result = Ok(());
            collector::referents(object, |to| {
                result = found.append(to);
                result.is_ok()
            });
            result?;
        }
        Ok(found)
    }

    /// List the tracked objects, but for the list itself.
    ///
    ///   generation
    ///     Only those of this generation; None for all.
    #[function("get_objects($module, /, generation=None)")]
    fn get_objects(generation: Option<&Object>) -> PyResult<Owned<List>> {
        let wanted = wanted_generation(generation)?;
        audit::audit("gc.get_objects", &[generation.filter(|wanted| !wanted.is_none()).unwrap_or(Int::from_i64(-1).as_object())])?;
        let generation = wanted;
        let found = List::new();
        let mut result = Ok(());
        collector::each_object(generation, |op| {
            // SAFETY: tracked objects are live.
            let object = unsafe { Object::from_ptr(op) };
            if !object.is(&found) {
                result = found.append(object);
            }
            result.is_ok()
        });
        result.map(|()| found)
    }

    /// Per generation, a dict of collections made, objects collected and objects found uncollectable.
    #[function("get_stats($module, /)")]
    fn get_stats() -> PyResult<Owned<List>> {
        let all: [collector::Stats; GENERATIONS] = std::array::from_fn(|generation| state().stats(generation));
        let list = List::new();
        for stats in all {
            let dict = Dict::new();
            set_number(&dict, intern!("collections"), stats.collections)?;
            set_number(&dict, intern!("collected"), stats.collected)?;
            set_number(&dict, intern!("uncollectable"), stats.uncollectable)?;
            list.append(&dict)?;
        }
        Ok(list)
    }

    /// Whether the collector looks at the object. Objects that cannot be part of a cycle are not tracked.
    #[function("is_tracked($module, obj, /)")]
    fn is_tracked(obj: &Object) -> bool {
        // SAFETY: a live object; one with a head is asked for its state.
        let tracked = unsafe { collector::is_gc(obj.as_ptr()) && collector::is_tracked(obj.as_ptr()) };
        tracked || obj.downcast::<Type>().is_some_and(types::presented::is_heap_type)
    }

    /// Whether the object's finalizer has run.
    #[function("is_finalized($module, obj, /)")]
    fn is_finalized(obj: &Object) -> bool {
        // SAFETY: as above.
        unsafe { collector::is_gc(obj.as_ptr()) && collector::is_finalized(obj.as_ptr()) }
    }

    /// Hide all tracked objects from future collections, for instance before a fork, to keep their pages shared.
    #[function("freeze($module, /)")]
    fn freeze() {
        collector::freeze();
    }

    /// Put the frozen objects into the oldest generation.
    #[function("unfreeze($module, /)")]
    fn unfreeze() {
        collector::unfreeze();
    }

    /// The number of frozen objects.
    #[function("get_freeze_count($module, /)")]
    fn get_freeze_count() -> usize {
        collector::freeze_count()
    }
}
