//! Tracing of memory blocks (`tracemalloc`): hooks over the three allocation domains note for each block where it was allocated.
//!
//! The tables are behind a lock of their own, because the raw domain needs no GIL. They are Rust's, so keeping them never comes back to
//! the hooks. Names of files are kept as references to the code objects' own, dropped outside the lock.

use crate::err;
use crate::errors::PyResult;
use crate::gc;
use crate::interp::frame::{self, InterpreterFrame};
use crate::memory::{Domain, allocator, set_allocator};
use crate::object::{Object, Owned};
use crate::state;
use crate::tstate::ThreadState;
use crate::types::{self, Int, List, Str, Tuple};
use abi::{PyMemAllocatorEx, PyObject};
use std::cell::Cell;
use std::collections::{HashMap, HashSet};
use std::ffi::c_void;
use std::mem::size_of;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

pub const MAX_FRAMES: i32 = 65535;
/// Blocks of the interpreter's own domains.
const DEFAULT_DOMAIN: u32 = 0;

#[derive(PartialEq, Eq, Hash)]
struct Place {
    /// A str that `Tables::files` keeps alive; 0 for none.
    file: usize,
    line: u32,
}

#[derive(PartialEq, Eq, Hash)]
struct Traceback {
    /// The most recent call first, as many as are kept.
    places: Box<[Place]>,
    total: u16,
}

struct Trace {
    size: usize,
    /// Counts up with each block.
    serial: u64,
    traceback: Arc<Traceback>,
}

#[derive(Default)]
struct Tables {
    traces: HashMap<(u32, usize), Trace>,
    tracebacks: HashSet<Arc<Traceback>>,
    files: HashSet<usize>,
    current: usize,
    peak: usize,
    serial: u64,
}

static TABLES: Mutex<Option<Box<Tables>>> = Mutex::new(None);
static TRACING: AtomicBool = AtomicBool::new(false);
static LIMIT: AtomicI32 = AtomicI32::new(1);

thread_local! {
    /// Blocks allocated now are not traced: they are the hooks' or the module's own.
    static HELD_BACK: Cell<bool> = const { Cell::new(false) };
}

fn tables() -> MutexGuard<'static, Option<Box<Tables>>> {
    TABLES.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

// ---- noting blocks -----------------------------------------------------------------------------------------------------------------------

/// Where the running code is; without the GIL, nowhere.
fn here(files: &mut HashSet<usize>) -> Traceback {
    let (mut places, mut total) = (Vec::new(), 0u16);
    if let Some(ts) = ThreadState::try_current() {
        let limit = LIMIT.load(Ordering::Relaxed) as usize;
        // SAFETY: the thread holds the GIL; the chain of its frames is live, and reading lines allocates nothing of Python's.
        unsafe {
            let mut at = frame::first_complete(ts.0.current_frame.get() as *mut InterpreterFrame);
            while !at.is_null() {
                if places.len() < limit {
                    let file = (*at).code().0.co_filename.get();
                    if files.insert(file as usize) {
                        Object::from_ptr(file).incref();
                    }
                    places.push(Place { file: file as usize, line: (*at).current_line().max(0) as u32 });
                }
                total = total.saturating_add(1);
                at = frame::first_complete((*at).previous);
            }
        }
    }
    if places.is_empty() {
        places.push(Place { file: 0, line: 0 });
        total = 1;
    }
    Traceback { places: places.into(), total }
}

impl Tables {
    fn add(&mut self, domain: u32, block: usize, size: usize) {
        let made = here(&mut self.files);
        let traceback = match self.tracebacks.get(&made) {
            Some(known) => known.clone(),
            None => {
                let made = Arc::new(made);
                self.tracebacks.insert(made.clone());
                made
            }
        };
        self.serial += 1;
        let serial = self.serial;
        self.put(domain, block, Trace { size, serial, traceback });
    }
    fn put(&mut self, domain: u32, block: usize, trace: Trace) {
        self.current += trace.size;
        if let Some(old) = self.traces.insert((domain, block), trace) {
            self.current -= old.size;
        }
        self.peak = self.peak.max(self.current);
    }
    fn remove(&mut self, domain: u32, block: usize) -> Option<Trace> {
        let old = self.traces.remove(&(domain, block))?;
        self.current -= old.size;
        Some(old)
    }
}

/// `PyTraceMalloc_Track`: -2 if tracing is off.
pub fn track(domain: u32, block: usize, size: usize) -> i32 {
    match tables().as_mut() {
        Some(tables) => {
            tables.add(domain, block, size);
            0
        }
        None => -2,
    }
}

/// `PyTraceMalloc_Untrack`.
pub fn untrack(domain: u32, block: usize) -> i32 {
    match tables().as_mut() {
        Some(tables) => {
            tables.remove(domain, block);
            0
        }
        None => -2,
    }
}

fn note(block: *mut c_void, size: usize) {
    if !block.is_null() && !HELD_BACK.get() {
        track(DEFAULT_DOMAIN, block as usize, size);
    }
}

// ---- hooks ---------------------------------------------------------------------------------------------------------------------------------

/// What the hooks of a domain stand on. Filled in before they are installed.
struct Below(Cell<Option<PyMemAllocatorEx>>);
// SAFETY: written under the GIL while the hooks are not installed.
unsafe impl Sync for Below {}
static BELOW: [Below; 3] = [const { Below(Cell::new(None)) }; 3];

unsafe fn below<'a>(context: *mut c_void) -> &'a PyMemAllocatorEx {
    // SAFETY: the hooks' context is one of BELOW, which is filled in.
    unsafe { (*(*(context as *const Below)).0.as_ptr()).as_ref().unwrap_unchecked() }
}

unsafe extern "C" fn hook_malloc(context: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the functions below take any size.
    unsafe {
        let below = below(context);
        let block = below.malloc.get().map_or(ptr::null_mut(), |malloc| malloc(below.ctx.get(), size));
        note(block, size);
        block
    }
}

unsafe extern "C" fn hook_calloc(context: *mut c_void, count: usize, size: usize) -> *mut c_void {
    // SAFETY: as above.
    unsafe {
        let below = below(context);
        let block = below.calloc.get().map_or(ptr::null_mut(), |calloc| calloc(below.ctx.get(), count, size));
        note(block, count.saturating_mul(size));
        block
    }
}

unsafe extern "C" fn hook_realloc(context: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's block.
    unsafe {
        let below = below(context);
        let Some(realloc) = below.realloc.get() else { return ptr::null_mut() };
        // The trace goes before the block does: another thread may get the address at once.
        let old = if block.is_null() { None } else { tables().as_mut().and_then(|tables| tables.remove(DEFAULT_DOMAIN, block as usize)) };
        let new = realloc(below.ctx.get(), block, size);
        if !new.is_null() {
            note(new, size);
        } else if let (Some(old), Some(tables)) = (old, tables().as_mut()) {
            tables.put(DEFAULT_DOMAIN, block as usize, old);
        }
        new
    }
}

unsafe extern "C" fn hook_free(context: *mut c_void, block: *mut c_void) {
    // SAFETY: the caller's block.
    unsafe {
        if block.is_null() {
            return;
        }
        untrack(DEFAULT_DOMAIN, block as usize);
        let below = below(context);
        if let Some(free) = below.free.get() {
            free(below.ctx.get(), block);
        }
    }
}

const DOMAINS: [Domain; 3] = [Domain::Raw, Domain::Mem, Domain::Object];

// ---- the module's functions ------------------------------------------------------------------------------------------------------------------

pub fn is_tracing() -> bool {
    TRACING.load(Ordering::Relaxed)
}

pub fn limit() -> i32 {
    LIMIT.load(Ordering::Relaxed)
}

/// Begins tracing with up to `frames` places a block; only notes the number if it has begun.
pub fn start(frames: i32) -> PyResult<()> {
    if !(1..=MAX_FRAMES).contains(&frames) {
        return Err(err!(ValueError, "the number of frames must be in range [1; {}]", MAX_FRAMES));
    }
    if is_tracing() {
        return Ok(());
    }
    install(frames);
    Ok(())
}

fn install(frames: i32) {
    LIMIT.store(frames, Ordering::Relaxed);
    *tables() = Some(Box::default());
    types::tuple::suspend_free_lists(true);
    types::list::suspend_free_list(true);
    types::float::suspend_free_list(true);
    for (below, domain) in BELOW.iter().zip(DOMAINS) {
        below.0.set(Some(allocator(domain)));
        let hooks = PyMemAllocatorEx {
            ctx: Cell::new(ptr::from_ref(below) as *mut c_void),
            malloc: Cell::new(Some(hook_malloc)),
            calloc: Cell::new(Some(hook_calloc)),
            realloc: Cell::new(Some(hook_realloc)),
            free: Cell::new(Some(hook_free)),
        };
        set_allocator(domain, &hooks);
    }
    TRACING.store(true, Ordering::Relaxed);
}

/// Ends tracing and forgets the traces.
pub fn stop() {
    if !TRACING.swap(false, Ordering::Relaxed) {
        return;
    }
    for (below, domain) in BELOW.iter().zip(DOMAINS) {
        // A thread without the GIL may be inside a raw hook: what it stands on stays filled in.
        if let Some(table) = below.0.take() {
            set_allocator(domain, &table);
            below.0.set(Some(table));
        }
    }
    types::tuple::suspend_free_lists(false);
    types::list::suspend_free_list(false);
    types::float::suspend_free_list(false);
    let old = tables().take();
    if let Some(old) = old {
        forget_files(old.files);
    }
}

pub fn clear() {
    let old = tables().as_mut().map(|tables| std::mem::take(&mut **tables));
    if let Some(old) = old {
        forget_files(old.files);
    }
}

fn forget_files(files: HashSet<usize>) {
    for file in files {
        // SAFETY: `here` took a reference to each.
        unsafe { Object::from_ptr(file as *mut PyObject).decref() };
    }
}

/// Bytes traced now and at most.
pub fn traced_memory() -> (usize, usize) {
    tables().as_ref().map_or((0, 0), |tables| (tables.current, tables.peak))
}

pub fn reset_peak() {
    if let Some(tables) = tables().as_mut() {
        tables.peak = tables.current;
    }
}

/// Bytes that the tables take, nearly.
pub fn own_memory() -> usize {
    tables().as_ref().map_or(0, |tables| {
        let tracebacks: usize = tables.tracebacks.iter().map(|t| size_of::<Traceback>() + t.places.len() * size_of::<Place>() + 32).sum();
        tables.traces.capacity() * (size_of::<((u32, usize), Trace)>() + 1) + tables.files.capacity() * 9 + tracebacks
    })
}

/// Runs without tracing what is allocated meanwhile.
fn held_back<T>(run: impl FnOnce() -> T) -> T {
    let outer = HELD_BACK.replace(true);
    let result = run();
    HELD_BACK.set(outer);
    result
}

/// The objects that tracebacks become; equal ones become the same.
#[derive(Default)]
struct Shown {
    tracebacks: HashMap<usize, Owned<Tuple>>,
}

impl Shown {
    fn traceback(&mut self, traceback: &Arc<Traceback>) -> Owned<Tuple> {
        if let Some(shown) = self.tracebacks.get(&(Arc::as_ptr(traceback) as usize)) {
            return shown.clone();
        }
        let shown = show(traceback);
        self.tracebacks.insert(Arc::as_ptr(traceback) as usize, shown.clone());
        shown
    }
}

fn show(traceback: &Traceback) -> Owned<Tuple> {
    let place = |place: &Place| {
        let file = match place.file {
            0 => Str::new("<unknown>").into_object(),
            // SAFETY: kept alive by the tables, which are not cleared while the GIL is held here.
            file => unsafe { Object::from_ptr(file as *mut PyObject) }.to_owned(),
        };
        Tuple::from_owned(vec![file, Int::from_i64(place.line as i64).into_object()]).into_object()
    };
    Tuple::from_owned(traceback.places.iter().map(place).collect())
}

/// All traces: (domain, size, traceback, number of frames).
pub fn traces() -> Owned<List> {
    held_back(|| {
        let mut all: Vec<(u64, u32, usize, Arc<Traceback>)> = match tables().as_ref() {
            Some(tables) => tables.traces.iter().map(|(&(domain, _), trace)| (trace.serial, domain, trace.size, trace.traceback.clone())).collect(),
            None => Vec::new(),
        };
        // The newest first.
        all.sort_unstable_by_key(|&(serial, ..)| std::cmp::Reverse(serial));
        let mut shown = Shown::default();
        let mut list = Vec::with_capacity(all.len());
        for (_, domain, size, traceback) in all {
            let frames = shown.traceback(&traceback).into_object();
            let numbers = |n: usize| Int::from_usize(n).into_object();
            list.push(Tuple::from_owned(vec![numbers(domain as usize), numbers(size), frames, numbers(traceback.total as usize)]).into_object());
        }
        List::from_owned(list)
    })
}

/// Where a block was allocated.
pub fn block_traceback(domain: u32, block: usize) -> Option<Owned<Tuple>> {
    let traceback = tables().as_ref().and_then(|tables| tables.traces.get(&(domain, block)).map(|trace| trace.traceback.clone()))?;
    Some(held_back(|| show(&traceback)))
}

/// Where an object was allocated.
pub fn object_traceback(o: &Object) -> Option<Owned<Tuple>> {
    // SAFETY: a live object's type; its block begins in front of it.
    let before = unsafe { gc::preheader_size(o.ty().as_type_ptr()) };
    block_traceback(DEFAULT_DOMAIN, o.as_ptr() as usize - before)
}

/// `-X tracemalloc[=N]` and `PYTHONTRACEMALLOC`. An error's text, if the number is none.
pub fn start_if_asked() -> Result<(), String> {
    let config = state::get().config.borrow();
    let option = config.x_options.iter().rev().find(|(name, _)| name == "tracemalloc").map(|(_, value)| value.clone());
    let (text, problem) = match option {
        Some(None) => (Some("1".to_string()), ""),
        Some(Some(value)) => (Some(value), "-X tracemalloc=NFRAME: invalid number of frames"),
        None if config.ignore_environment => (None, ""),
        None => (std::env::var("PYTHONTRACEMALLOC").ok().filter(|value| !value.is_empty()), "PYTHONTRACEMALLOC: invalid number of frames"),
    };
    drop(config);
    let Some(text) = text else { return Ok(()) };
    match text.parse::<i32>() {
        Ok(0) => Ok(()),
        Ok(frames) if (1..=MAX_FRAMES).contains(&frames) => {
            install(frames);
            Ok(())
        }
        _ => Err(format!("config_init_tracemalloc: {problem}")),
    }
}

/// In the child of a fork: the lock may have been another thread's.
/// # Safety
/// As `fork`'s functions: there is no other thread.
pub unsafe fn after_fork_child() {
    if TABLES.try_lock().is_err() {
        // SAFETY: nobody holds the lock any more; what it guarded may be half written and is dropped.
        unsafe { ptr::write(&raw const TABLES as *mut Mutex<Option<Box<Tables>>>, Mutex::new(Some(Box::default()))) };
    }
}

