//! Debug hooks (`PyMem_SetupDebugHooks`, `PYTHONMALLOC=debug`): blocks with guards around them.
//!
//! Around each block stand its size, the letter of its domain and guard bytes; fresh memory is filled with 0xCD, freed
//! memory with 0xDD. A free or realloc that finds a damaged guard, or the letter of another domain, ends the process
//! with a description of the block.
//!
//! ```text
//! [size: 8, big-endian][domain: 1][0xFD: 7] the block [0xFD: 8]
//! ```

use super::MAX_REQUEST;
use super::hooks::{Domain, allocator, set_allocator};
use abi::PyMemAllocatorEx;
use std::cell::Cell;
use std::ffi::c_void;
use std::fmt::Write;
use std::ptr;

const CLEAN: u8 = 0xCD;
const DEAD: u8 = 0xDD;
const FORBIDDEN: u8 = 0xFD;
const WORD: usize = 8;
const FRONT: usize = 2 * WORD;
const EXTRA: usize = FRONT + WORD;

/// What a hook's context points to: the domain's letter and the functions below.
struct Context {
    letter: u8,
    below: PyMemAllocatorEx,
}

/// Puts the debug hooks on top of what is installed in each domain, once.
pub fn setup_debug_hooks() {
    for (domain, letter) in [(Domain::Raw, b'r'), (Domain::Mem, b'm'), (Domain::Object, b'o')] {
        let below = allocator(domain);
        if below.malloc.get().is_some_and(|malloc| ptr::fn_addr_eq(malloc, debug_malloc as Malloc)) {
            continue;
        }
        let context = Box::into_raw(Box::new(Context { letter, below }));
        let table = PyMemAllocatorEx {
            ctx: Cell::new(context.cast()),
            malloc: Cell::new(Some(debug_malloc)),
            calloc: Cell::new(Some(debug_calloc)),
            realloc: Cell::new(Some(debug_realloc)),
            free: Cell::new(Some(debug_free)),
        };
        set_allocator(domain, &table);
    }
}

type Malloc = unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void;

unsafe extern "C" fn debug_malloc(context: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the table's own context.
    unsafe {
        check_gil(&*context.cast(), "_PyMem_DebugMalloc");
        allocate(&*context.cast(), size, false)
    }
}

unsafe extern "C" fn debug_calloc(context: *mut c_void, count: usize, size: usize) -> *mut c_void {
    // SAFETY: the table's own context.
    check_gil(unsafe { &*context.cast() }, "_PyMem_DebugCalloc");
    match count.checked_mul(size) {
        // SAFETY: the table's own context.
        Some(total) => unsafe { allocate(&*context.cast(), total, true) },
        None => ptr::null_mut(),
    }
}

unsafe extern "C" fn debug_realloc(context: *mut c_void, block: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the table's own context; the caller's block is from these hooks.
    unsafe {
        let context = &*context.cast::<Context>();
        check_gil(context, "_PyMem_DebugRealloc");
        if block.is_null() {
            return allocate(context, size, false);
        }
        check(context, block, "_PyMem_DebugRawRealloc");
        let old = size_of_block(block);
        // A fresh block, always: what kept the old address shows itself.
        let new = allocate(context, size, false);
        if !new.is_null() {
            ptr::copy_nonoverlapping(block.cast::<u8>(), new.cast::<u8>(), old.min(size));
            release(context, block, old);
        }
        new
    }
}

unsafe extern "C" fn debug_free(context: *mut c_void, block: *mut c_void) {
    if block.is_null() {
        return;
    }
    // SAFETY: the table's own context; the caller's block is from these hooks.
    unsafe {
        let context = &*context.cast::<Context>();
        check_gil(context, "_PyMem_DebugFree");
        check(context, block, "_PyMem_DebugRawFree");
        release(context, block, size_of_block(block));
    }
}

unsafe fn allocate(context: &Context, size: usize, zeroed: bool) -> *mut c_void {
    if size > MAX_REQUEST - EXTRA {
        return ptr::null_mut();
    }
    let Some(malloc) = context.below.malloc.get() else { return ptr::null_mut() };
    // SAFETY: the block below has room for the guards.
    unsafe {
        let start = malloc(context.below.ctx.get(), size + EXTRA).cast::<u8>();
        if start.is_null() {
            return ptr::null_mut();
        }
        start.cast::<[u8; WORD]>().write(size.to_be_bytes());
        *start.add(WORD) = context.letter;
        ptr::write_bytes(start.add(WORD + 1), FORBIDDEN, WORD - 1);
        let block = start.add(FRONT);
        ptr::write_bytes(block, if zeroed { 0 } else { CLEAN }, size);
        ptr::write_bytes(block.add(size), FORBIDDEN, WORD);
        block.cast()
    }
}

unsafe fn release(context: &Context, block: *mut c_void, size: usize) {
    // SAFETY: the guards are whole, so the block is what it says.
    unsafe {
        let start = block.cast::<u8>().sub(FRONT);
        ptr::write_bytes(start, DEAD, size + EXTRA);
        if let Some(free) = context.below.free.get() {
            free(context.below.ctx.get(), start.cast());
        }
    }
}

unsafe fn size_of_block(block: *mut c_void) -> usize {
    // SAFETY: the size stands before the block.
    usize::from_be_bytes(unsafe { *block.cast::<u8>().sub(FRONT).cast::<[u8; WORD]>() })
}

unsafe fn check(context: &Context, block: *mut c_void, function: &str) {
    // SAFETY: the guards lie around the block; the trailing one is read only if the leading one is whole.
    unsafe {
        let block = block.cast::<u8>();
        let letter = *block.sub(WORD);
        let problem = if letter != context.letter {
            format!(
                "bad ID: Allocated using API '{}', verified using API '{}'",
                letter as char, context.letter as char
            )
        } else if (1..WORD).any(|index| *block.sub(index) != FORBIDDEN) {
            "bad leading pad byte".to_owned()
        } else if (0..WORD).any(|index| *block.add(size_of_block(block.cast()) + index) != FORBIDDEN) {
            "bad trailing pad byte".to_owned()
        } else {
            return;
        };
        fail(block, &problem, function);
    }
}

#[cold]
unsafe fn fail(block: *mut u8, problem: &str, function: &str) -> ! {
    // SAFETY: describes only what lies before the block, and the block if the leading guard is whole.
    let text = unsafe { describe(block) };
    end(&format!("{text}\nEnable tracemalloc to get the memory block allocation traceback\n\nFatal Python error: {function}: {problem}\n"))
}

fn end(text: &str) -> ! {
    // SAFETY: plain system calls on a buffer of ours.
    unsafe {
        libc::write(2, text.as_ptr().cast(), text.len());
        libc::abort()
    }
}

/// The raw domain is for everybody; the others belong to the thread that holds the GIL.
fn check_gil(context: &Context, function: &str) {
    if context.letter != b'r' && crate::gil::main_thread_ident() != 0 && crate::tstate::ThreadState::try_current().is_none() {
        end(&format!("Fatal Python error: {function}: Python memory allocator called without holding the GIL\n"));
    }
}

unsafe fn describe(block: *mut u8) -> String {
    let mut text = String::new();
    // SAFETY: as `fail`.
    unsafe {
        let size = size_of_block(block.cast());
        let _ = writeln!(text, "Debug memory block at address p={block:p}: API '{}'", *block.sub(WORD) as char);
        let _ = writeln!(text, "    {size} bytes originally requested");
        let _ = write!(text, "    The {} pad bytes at p-{} are ", WORD - 1, WORD - 1);
        let leading: Vec<u8> = (1..WORD).rev().map(|index| *block.sub(index)).collect();
        let whole = describe_guard(&mut text, &leading, 1 - WORD as isize);
        if !whole {
            text.push_str("    Because memory is corrupted at the start, the count of bytes requested\n       may be bogus, and checking the trailing pad bytes may segfault.\n");
            return text;
        }
        let _ = write!(text, "    The {WORD} pad bytes at tail={:p} are ", block.add(size));
        let trailing: Vec<u8> = (0..WORD).map(|index| *block.add(size + index)).collect();
        describe_guard(&mut text, &trailing, 0);
        if size > 0 {
            text.push_str("    Data at p:");
            let hidden = size.saturating_sub(16);
            for index in 0..size.min(8) {
                let _ = write!(text, " {:02x}", *block.add(index));
            }
            if hidden > 0 {
                text.push_str(" ...");
            }
            for index in (size - size.saturating_sub(8).min(8))..size {
                let _ = write!(text, " {:02x}", *block.add(index));
            }
            text.push('\n');
        }
    }
    text
}

fn describe_guard(text: &mut String, guard: &[u8], first: isize) -> bool {
    if guard.iter().all(|&byte| byte == FORBIDDEN) {
        text.push_str("FORBIDDENBYTE, as expected.\n");
        return true;
    }
    let _ = writeln!(text, "not all FORBIDDENBYTE (0x{FORBIDDEN:02x}):");
    let place = if first < 0 { "p" } else { "tail+" };
    for (index, &byte) in guard.iter().enumerate() {
        let mark = if byte == FORBIDDEN { "" } else { " *** OUCH" };
        let _ = writeln!(text, "        at {place}{}: 0x{byte:02x}{mark}", first + index as isize);
    }
    false
}
