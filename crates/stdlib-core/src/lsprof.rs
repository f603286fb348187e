//! `_lsprof`: the deterministic profiler behind `cProfile`, a tool of `sys.monitoring`.
//!
//! An entry for each function, a sub-entry for each function that it called; a stack of contexts for the calls that are running. The data
//! is borrowed for moments only: the timer may be a Python function, which may come back to the profiler.

use macros::{Traverse, pymodule, pytype};
use runtime::errors::{self, PyResult};
use runtime::exceptions;
use runtime::interp::monitoring::{self, event};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::{call, number, object};
use runtime::types::structseq::{self, Field};
use runtime::types::{self, BuiltinFunction, Dict, Float, GilCell, Int, List, MethodDescriptor, Module, Str, Tuple};
use runtime::err;
use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::time::Instant;

/// The tool number that PEP 669 keeps for profilers.
const TOOL: usize = 2;
/// Seconds as an external timer's float gives them become integers of this unit.
const DOUBLE_PRECISION: f64 = 4294967296.0;
const NANOSECOND: f64 = 1e-9;

const CALLBACKS: [(usize, &str); 9] = [
    (event::PY_START, "_pystart_callback"),
    (event::PY_RESUME, "_pystart_callback"),
    (event::PY_THROW, "_pythrow_callback"),
    (event::PY_RETURN, "_pyreturn_callback"),
    (event::PY_YIELD, "_pyreturn_callback"),
    (event::PY_UNWIND, "_pyreturn_callback"),
    (event::CALL, "_ccall_callback"),
    (event::C_RETURN, "_creturn_callback"),
    (event::C_RAISE, "_creturn_callback"),
];

#[derive(Default, Clone, Copy)]
struct Counts {
    /// Time with calls of others, and without.
    total: i64,
    inline: i64,
    calls: i64,
    recursive: i64,
    level: i64,
}

impl Counts {
    fn stop(&mut self, total: i64, inline: i64) {
        self.level -= 1;
        if self.level == 0 {
            self.total += total;
        } else {
            self.recursive += 1;
        }
        self.inline += inline;
        self.calls += 1;
    }
}

/// A function that was called.
struct Entry {
    /// The code object, or a text for built-in functions.
    user: Owned,
    counts: Counts,
    /// By entry number: what it called, in the order of the first call.
    callees: Vec<(usize, Counts)>,
    callee_index: HashMap<usize, usize>,
}

impl Entry {
    fn callee(&mut self, entry: usize) -> &mut Counts {
        let at = *self.callee_index.entry(entry).or_insert_with(|| {
            self.callees.push((entry, Counts::default()));
            self.callees.len() - 1
        });
        &mut self.callees[at].1
    }
}

/// A call that runs.
struct Context {
    entry: usize,
    started: i64,
    /// Time of the calls that it made.
    inner: i64,
}

#[derive(Default)]
struct Data {
    entries: Vec<Entry>,
    index: HashMap<usize, usize>,
    running: Vec<Context>,
}

#[derive(Traverse)]
#[repr(C)]
pub struct Profiler {
    head: ObjectHead,
    #[traverse(skip)]
    data: RefCell<Data>,
    timer: RefCell<Option<Owned>>,
    #[traverse(skip)]
    unit: Cell<f64>,
    #[traverse(skip)]
    enabled: Cell<bool>,
    #[traverse(skip)]
    subcalls: Cell<bool>,
    #[traverse(skip)]
    builtins: Cell<bool>,
    #[traverse(skip)]
    in_timer: Cell<bool>,
    #[traverse(skip)]
    origin: Instant,
}

impl Profiler {
    fn now(&self) -> i64 {
        let timer = self.timer.borrow().clone();
        match timer {
            None => self.origin.elapsed().as_nanos() as i64,
            Some(timer) => self.external_now(&timer).unwrap_or_else(|_| {
                exceptions::write_unraisable(Some("Exception ignored while calling _lsprof timer"), Some(&timer));
                0
            }),
        }
    }
    fn external_now(&self, timer: &Object) -> PyResult<i64> {
        self.in_timer.set(true);
        let read = call::call0(timer);
        self.in_timer.set(false);
        let value = read?;
        if self.unit.get() > 0.0 {
            return match value.downcast::<Int>() {
                Some(value) => value.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C long long")),
                None => {
                    let value = number::index(&value)?;
                    value.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C long long"))
                }
            };
        }
        Ok((Float::as_f64(&value)? * DOUBLE_PRECISION) as i64)
    }

    fn enter(&self, key: usize, user: impl FnOnce() -> Owned) {
        let known = self.data.borrow().index.get(&key).copied();
        let entry = match known {
            Some(entry) => entry,
            None => {
                let user = user();
                let mut data = self.data.borrow_mut();
                let entry = data.entries.len();
                data.entries.push(Entry { user, counts: Counts::default(), callees: Vec::new(), callee_index: HashMap::new() });
                data.index.insert(key, entry);
                entry
            }
        };
        {
            let mut data = self.data.borrow_mut();
            let caller = data.running.last().map(|context| context.entry);
            data.entries[entry].counts.level += 1;
            if self.subcalls.get()
                && let Some(caller) = caller
            {
                data.entries[caller].callee(entry).level += 1;
            }
        }
        let started = self.now();
        self.data.borrow_mut().running.push(Context { entry, started, inner: 0 });
    }

    fn leave(&self, key: usize) {
        if self.data.borrow().running.is_empty() {
            return;
        }
        let known = self.data.borrow().index.get(&key).copied();
        match known {
            Some(entry) => self.stop(entry),
            None => drop(self.data.borrow_mut().running.pop()),
        }
    }

    fn stop(&self, entry: usize) {
        let now = self.now();
        let mut data = self.data.borrow_mut();
        let Some(context) = data.running.pop() else { return };
        let total = now.wrapping_sub(context.started);
        let inline = total.wrapping_sub(context.inner);
        let caller = data.running.last_mut().map(|caller| {
            caller.inner += total;
            caller.entry
        });
        let Some(of_entry) = data.entries.get_mut(entry) else { return };
        of_entry.counts.stop(total, inline);
        if self.subcalls.get()
            && let Some(caller) = caller
            && let Some(of_caller) = data.entries.get_mut(caller)
            && of_caller.callee_index.contains_key(&entry)
        {
            of_caller.callee(entry).stop(total, inline);
        }
    }

    /// Ends the calls that were running when profiling ended.
    fn flush(&self) {
        loop {
            let Some(entry) = self.data.borrow().running.last().map(|context| context.entry) else { return };
            self.stop(entry);
        }
    }

    /// Enters or leaves a built-in function, told by a CALL event and its relatives.
    fn native(&self, callable: &Object, first: &Object, enter: bool) {
        if !self.builtins.get() {
            return;
        }
        let (key, name): (usize, Box<dyn FnOnce() -> Owned>) = if let Some(function) = callable.downcast::<BuiltinFunction>() {
            (std::ptr::from_ref(function.def()) as usize, Box::new(|| name_of_function(function)))
        } else if let Some(method) = callable.downcast_exact::<MethodDescriptor>() {
            if first.is(monitoring::missing()) {
                return;
            }
            (std::ptr::from_ref(method.definition()) as usize, Box::new(|| name_of_method(method.as_object(), first.ty())))
        } else {
            return;
        };
        if enter { self.enter(key, name) } else { self.leave(key) }
    }

    fn statistics(&self) -> PyResult<Owned<List>> {
        let factor = if self.timer.borrow().is_none() {
            NANOSECOND
        } else if self.unit.get() > 0.0 {
            self.unit.get()
        } else {
            1.0 / DOUBLE_PRECISION
        };
        type Row = (Owned, Counts, Vec<(Owned, Counts)>);
        let rows: Vec<Row> = {
            let data = self.data.borrow();
            let callees = |entry: &Entry| entry.callees.iter().filter(|(_, counts)| counts.calls != 0).map(|(callee, counts)| (data.entries[*callee].user.clone(), *counts)).collect();
            data.entries.iter().filter(|entry| entry.counts.calls != 0).map(|entry| (entry.user.clone(), entry.counts, callees(entry))).collect()
        };
        let fields = |user: Owned, counts: Counts| -> Vec<Owned> {
            vec![
                user,
                Int::from_i64(counts.calls).into_object(),
                Int::from_i64(counts.recursive).into_object(),
                Float::new(factor * counts.total as f64).into_object(),
                Float::new(factor * counts.inline as f64).into_object(),
            ]
        };
        let mut list = Vec::with_capacity(rows.len());
        for (user, counts, callees) in rows {
            let mut items = fields(user, counts);
            items.push(if callees.is_empty() {
                types::none().to_owned()
            } else {
                let callees = callees.into_iter().map(|(user, counts)| structseq::new(SUBENTRY.get()?, fields(user, counts))).collect::<PyResult<Vec<Owned>>>()?;
                List::from_owned(callees).into_object()
            });
            list.push(structseq::new(ENTRY.get()?, items)?);
        }
        Ok(List::from_owned(list))
    }
}

/// How a built-in function is called in statistics.
fn name_of_function(function: &BuiltinFunction) -> Owned {
    let name = function.name();
    // A method is named as its class shows it: the object is not to be kept alive.
    if let Some(this) = function.receiver_object()
        && let Some(found) = this.ty().lookup(&Str::intern(Str::new(name)))
    {
        match object::repr(found) {
            Ok(shown) => return shown.into_object(),
            Err(_) => errors::clear(),
        }
    }
    let module = function.module_object().and_then(|module| {
        module.downcast::<Str>().map(|name| name.to_string()).or_else(|| {
            let name = object::get_attr_str(module, "__name__").ok()?;
            name.downcast::<Str>().map(|name| name.to_string())
        })
    });
    errors::clear();
    Str::new(&match module {
        Some(module) => format!("<built-in method {module}.{name}>"),
        None => format!("<built-in method {name}>"),
    })
    .into_object()
}

/// As `name_of_function`, for a method that is bound to an instance of `ty`.
fn name_of_method(method: &Object, ty: &Type) -> Owned {
    let shown = object::get_attr_str(method, "__name__").and_then(|name| {
        let found = name.downcast::<Str>().and_then(|name| ty.lookup(name));
        object::repr(found.unwrap_or(method))
    });
    shown.map_or_else(
        |_| {
            errors::clear();
            Str::new("<built-in method>").into_object()
        },
        |shown| shown.into_object(),
    )
}

/// Build a profiler object using the specified timer function.
///
/// The default timer is a fast built-in one based on real time.
/// For custom timer functions returning integers, 'timeunit' can
/// be a float specifying a scale (that is, how long each integer unit
/// is, in seconds).
#[pytype(static = Profiler_Type, name = "Profiler", module = "_lsprof", signature = "(timer=None, timeunit=0.0, subcalls=True, builtins=True)",
    flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native)]
impl Profiler {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Profiler>> {
        let value = Profiler {
            head: ObjectHead::placeholder(),
            data: RefCell::default(),
            timer: RefCell::new(None),
            unit: Cell::new(0.0),
            enabled: Cell::new(false),
            subcalls: Cell::new(true),
            builtins: Cell::new(true),
            in_timer: Cell::new(false),
            origin: Instant::now(),
        };
        Self::construct(cls, value)
    }
    #[slot("Profiler(timer=None, timeunit=0.0, subcalls=True, builtins=True)")]
    fn tp_init(&self, timer: Option<&Object>, timeunit: Option<f64>, subcalls: Option<bool>, builtins: Option<bool>) -> PyResult<()> {
        self.subcalls.set(subcalls.unwrap_or(true));
        self.builtins.set(builtins.unwrap_or(true));
        self.unit.set(timeunit.unwrap_or(0.0));
        let old = self.timer.replace(timer.filter(|timer| !timer.is_none()).map(|timer| timer.to_owned()));
        drop(old);
        Ok(())
    }
    /// list of profiler_entry objects.
    ///
    /// getstats() -> list of profiler_entry objects
    ///
    /// Return all information collected by the profiler.
    /// Each profiler_entry is a tuple-like object with the
    /// following attributes:
    ///
    ///     code          code object
    ///     callcount     how many times this was called
    ///     reccallcount  how many times called recursively
    ///     totaltime     total time in this entry
    ///     inlinetime    inline time in this entry (not in subcalls)
    ///     calls         details of the calls
    ///
    /// The calls attribute is either None or a list of
    /// profiler_subentry objects:
    ///
    ///     code          called code object
    ///     callcount     how many times this is called
    ///     reccallcount  how many times this is called recursively
    ///     totaltime     total time spent in this call
    ///     inlinetime    inline time (not in further subcalls)
    #[method("getstats($self, /)")]
    fn getstats(&self) -> PyResult<Owned<List>> {
        self.statistics()
    }
    /// Start collecting profiling information.
    ///
    ///   subcalls
    ///     If True, also records for each function
    ///     statistics separated according to its current caller.
    ///   builtins
    ///     If True, records the time spent in
    ///     built-in functions separately from their caller.
    #[method("enable($self, /, subcalls=True, builtins=True)")]
    fn enable(&self, subcalls: Option<bool>, builtins: Option<bool>) -> PyResult<()> {
        self.subcalls.set(subcalls.unwrap_or(true));
        self.builtins.set(builtins.unwrap_or(true));
        if monitoring::tool_name(TOOL).is_some() {
            return Err(err!(ValueError, "tool {} is already in use", TOOL));
        }
        monitoring::set_tool_name(TOOL, Some(Str::new("cProfile").into_object()));
        let mut events = 0;
        for (event, method) in CALLBACKS {
            let callback = object::get_attr_str(self, method)?;
            drop(monitoring::register_callback(TOOL, event, Some(callback)));
            events |= 1 << event;
        }
        // The returns of calls come with the calls.
        events &= !(1 << event::C_RETURN | 1 << event::C_RAISE);
        monitoring::set_events(TOOL, events)?;
        self.enabled.set(true);
        Ok(())
    }
    /// Stop collecting profiling information.
    #[method("disable($self, /)")]
    fn disable(&self) -> PyResult<()> {
        if self.in_timer.get() {
            return Err(err!(RuntimeError, "cannot disable profiler in external timer"));
        }
        if self.enabled.get() {
            for (event, _) in CALLBACKS {
                drop(monitoring::register_callback(TOOL, event, None));
            }
            monitoring::set_events(TOOL, 0)?;
            monitoring::clear_tool(TOOL)?;
            monitoring::set_tool_name(TOOL, None);
            self.enabled.set(false);
            self.flush();
        }
        Ok(())
    }
    /// Clear all profiling information collected so far.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        if self.in_timer.get() {
            return Err(err!(RuntimeError, "cannot clear profiler in external timer"));
        }
        let old = std::mem::take(&mut *self.data.borrow_mut());
        drop(old);
        Ok(())
    }
    #[method("_pystart_callback($self, code, instruction_offset, /)")]
    fn _pystart_callback(&self, code: &Object, _instruction_offset: &Object) {
        self.enter(code.as_ptr() as usize, || code.to_owned());
    }
    #[method("_pythrow_callback($self, code, instruction_offset, exception, /)")]
    fn _pythrow_callback(&self, code: &Object, _instruction_offset: &Object, _exception: &Object) {
        self.enter(code.as_ptr() as usize, || code.to_owned());
    }
    #[method("_pyreturn_callback($self, code, instruction_offset, retval, /)")]
    fn _pyreturn_callback(&self, code: &Object, _instruction_offset: &Object, _retval: &Object) {
        self.leave(code.as_ptr() as usize);
    }
    #[method("_ccall_callback($self, code, instruction_offset, callable, self_arg, /)")]
    fn _ccall_callback(&self, _code: &Object, _instruction_offset: &Object, callable: &Object, self_arg: &Object) {
        self.native(callable, self_arg, true);
    }
    #[method("_creturn_callback($self, code, instruction_offset, callable, self_arg, /)")]
    fn _creturn_callback(&self, _code: &Object, _instruction_offset: &Object, callable: &Object, self_arg: &Object) {
        self.native(callable, self_arg, false);
    }
}

/// A struct sequence type that is made when it is first needed.
struct Row {
    made: GilCell<OnceCell<Owned<Type>>>,
    name: &'static str,
    fields: &'static [Field],
}

impl Row {
    fn get(&self) -> PyResult<&Type> {
        if self.made.0.get().is_none() {
            let ty = structseq::new_type(self.name, "", self.fields, self.fields.len())?;
            let _ = self.made.0.set(ty);
        }
        self.made.0.get().map(|ty| &**ty).ok_or_else(errors::bad_internal_call)
    }
}

static ENTRY: Row = Row {
    made: GilCell(OnceCell::new()),
    name: "_lsprof.profiler_entry",
    fields: &[
        Field::new("code", "code object or built-in function name"),
        Field::new("callcount", "how many times this was called"),
        Field::new("reccallcount", "how many times called recursively"),
        Field::new("totaltime", "total time in this entry"),
        Field::new("inlinetime", "inline time in this entry (not in subcalls)"),
        Field::new("calls", "details of the calls"),
    ],
};
static SUBENTRY: Row = Row {
    made: GilCell(OnceCell::new()),
    name: "_lsprof.profiler_subentry",
    fields: &[
        Field::new("code", "called code object or built-in function name"),
        Field::new("callcount", "how many times this is called"),
        Field::new("reccallcount", "how many times this is called recursively"),
        Field::new("totaltime", "total time spent in this call"),
        Field::new("inlinetime", "inline time (not in further subcalls)"),
    ],
};

/// Fast profiler
#[pymodule(name = "_lsprof")]
#[types(Profiler_Type)]
pub mod lsprof {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("profiler_entry", ENTRY.get()?)?;
        module.add("profiler_subentry", SUBENTRY.get()?)
    }
}
