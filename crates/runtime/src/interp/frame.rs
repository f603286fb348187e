//! Interpreter frames (`_PyInterpreterFrame`) and the data stack they live on, in CPython 3.14's layout: greenlet, Cython and debuggers read them.
//!
//! A frame lives on its thread's data stack, in a generator's body, or (after it ended while a frame object survives) in that object.
//! `instr_ptr` and `stackpointer` are up to date whenever code outside the loop can run.

use super::stackref::StackRef;
use crate::object::{Object, set_cell, xdecref};
use crate::types::{Code, Frame as FrameObject, Function};
use abi::{PyFrameObject, PyObject, PyThreadState};
use std::mem::{offset_of, size_of};
use std::ptr;

/// One 16-bit unit of code as it lies in memory; it is read as a whole.
#[repr(C, align(2))]
#[derive(Clone, Copy)]
pub struct CodeWord {
    pub code: u8,
    pub arg: u8,
}

pub const OWNED_BY_THREAD: u8 = 0;
pub const OWNED_BY_GENERATOR: u8 = 1;
pub const OWNED_BY_FRAME_OBJECT: u8 = 2;
pub const OWNED_BY_INTERPRETER: u8 = 3;
pub const OWNED_BY_CSTACK: u8 = 4;

#[repr(C)]
pub struct InterpreterFrame {
    pub f_executable: StackRef,
    pub previous: *mut InterpreterFrame,
    pub f_funcobj: StackRef,
    pub f_globals: *mut PyObject,
    pub f_builtins: *mut PyObject,
    pub f_locals: *mut PyObject,
    pub frame_obj: *mut PyFrameObject,
    pub instr_ptr: *mut CodeWord,
    pub stackpointer: *mut StackRef,
    pub return_offset: u16,
    pub owner: u8,
    pub visited: u8,
    pub localsplus: [StackRef; 1],
}

/// Words that a frame takes besides its locals and stack (`FRAME_SPECIALS_SIZE`).
pub const FRAME_SPECIALS_SIZE: usize = (size_of::<InterpreterFrame>() - 1) / 8;
const _: () = assert!(offset_of!(InterpreterFrame, localsplus) == 80 && FRAME_SPECIALS_SIZE == 10);

impl InterpreterFrame {
    /// # Safety
    /// The frame's executable is a code object (not an entry frame).
    #[inline(always)]
    pub unsafe fn code(&self) -> &Code {
        // SAFETY: by contract.
        unsafe { self.f_executable.obj().cast() }
    }
    /// # Safety
    /// As `code`, with a function.
    #[inline(always)]
    pub unsafe fn func(&self) -> &Function {
        // SAFETY: by contract.
        unsafe { self.f_funcobj.obj().cast() }
    }
    #[inline(always)]
    pub fn locals(&mut self) -> *mut StackRef {
        (&raw mut self.localsplus) as *mut StackRef
    }
    /// Index of the current instruction in code units (`_PyInterpreterFrame_LASTI`).
    /// # Safety
    /// As `code`.
    #[inline(always)]
    pub unsafe fn lasti(&self) -> isize {
        // SAFETY: instr_ptr points into the code object's words.
        unsafe { self.instr_ptr.offset_from(self.code().words()) }
    }
    /// A frame is incomplete until its first RESUME.
    /// # Safety
    /// A live frame.
    pub unsafe fn is_incomplete(&self) -> bool {
        if self.owner >= OWNED_BY_INTERPRETER {
            return true;
        }
        // SAFETY: not an entry frame, so it has code.
        self.owner != OWNED_BY_GENERATOR && unsafe { self.lasti() < self.code().0._co_firsttraceable.get() as isize }
    }
    /// The line that the frame executes, or -1.
    /// # Safety
    /// As `code`.
    pub unsafe fn current_line(&self) -> i32 {
        // SAFETY: by contract.
        unsafe { self.code().line_of(self.lasti() as i32 * 2) }
    }
}

/// The first complete frame at or below `frame` (`_PyFrame_GetFirstComplete`).
/// # Safety
/// NULL or a live frame chain.
pub unsafe fn first_complete(mut frame: *mut InterpreterFrame) -> *mut InterpreterFrame {
    // SAFETY: by contract.
    while !frame.is_null() && unsafe { (*frame).is_incomplete() } {
        // SAFETY: as above.
        frame = unsafe { (*frame).previous };
    }
    frame
}

/// The running thread's topmost Python frame, or NULL.
pub fn current() -> *mut InterpreterFrame {
    let ts = crate::tstate::ThreadState::current();
    // SAFETY: current_frame heads a live chain.
    unsafe { first_complete(ts.0.current_frame.get() as *mut InterpreterFrame) }
}

/// Takes over `func`'s count and (if not NULL) `locals`'; locals from `null_from` on become NULL.
/// # Safety
/// `frame` has room for the code's frame size.
#[inline(always)]
pub unsafe fn initialize(frame: *mut InterpreterFrame, func: StackRef, locals: *mut PyObject, code: *mut PyObject, null_from: usize, previous: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        let f = &mut *frame;
        let co: &Code = Object::from_ptr(code).cast();
        let function: &Function = func.obj().cast();
        f.previous = previous;
        f.f_funcobj = func;
        f.f_executable = StackRef::new_ref(code);
        f.f_builtins = function.0.func_builtins.get();
        f.f_globals = function.0.func_globals.get();
        f.f_locals = locals;
        let nlocalsplus = co.0.co_nlocalsplus.get() as usize;
        let base = f.locals();
        f.stackpointer = base.add(nlocalsplus);
        f.frame_obj = ptr::null_mut();
        f.instr_ptr = co.words();
        f.return_offset = 0;
        f.owner = OWNED_BY_THREAD;
        f.visited = 0;
        for i in null_from..nlocalsplus {
            *base.add(i) = StackRef::NULL;
        }
    }
}

// ---- the data stack ---------------------------------------------------------------------------------------------------------------

const CHUNK_SIZE: usize = 16 * 1024;

#[repr(C)]
struct StackChunk {
    previous: *mut StackChunk,
    size: usize,
    top: usize,
    data: [*mut PyObject; 1],
}

/// Reserves `size` words on the thread's data stack; NULL (with MemoryError) if there is no memory.
/// # Safety
/// `ts` is the current thread state; frames are popped in reverse order.
#[inline(always)]
pub unsafe fn push(ts: *mut PyThreadState, size: usize) -> *mut InterpreterFrame {
    // SAFETY: by contract.
    unsafe {
        let top = (*ts).datastack_top.get();
        if !top.is_null() && ((*ts).datastack_limit.get() as usize) - (top as usize) > size * 8 {
            (*ts).datastack_top.set(top.add(size));
            return top as *mut InterpreterFrame;
        }
        push_chunk(ts, size)
    }
}

/// Whether `push` would succeed without a new chunk (`_PyThreadState_HasStackSpace`).
/// # Safety
/// `ts` is the current thread state.
#[inline(always)]
pub unsafe fn has_space(ts: *mut PyThreadState, size: usize) -> bool {
    // SAFETY: by contract.
    unsafe {
        let top = (*ts).datastack_top.get();
        !top.is_null() && ((*ts).datastack_limit.get() as usize) - (top as usize) > size * 8
    }
}

#[cold]
#[inline(never)]
unsafe fn push_chunk(ts: *mut PyThreadState, size: usize) -> *mut InterpreterFrame {
    // SAFETY: chunks are linked through datastack_chunk; sizes are in bytes, tops in words.
    unsafe {
        let mut bytes = CHUNK_SIZE;
        while bytes < 8 * (size + 64) {
            bytes *= 2;
        }
        let old = (*ts).datastack_chunk.get() as *mut StackChunk;
        if !old.is_null() {
            let used = (*ts).datastack_top.get().offset_from((&raw mut (*old).data) as *mut *mut PyObject);
            (*old).top = used as usize;
        }
        let cached = (*ts).datastack_cached_chunk.get() as *mut StackChunk;
        let chunk = if !cached.is_null() && (*cached).size >= bytes {
            (*ts).datastack_cached_chunk.set(ptr::null_mut());
            bytes = (*cached).size;
            cached
        } else {
            libc::malloc(bytes) as *mut StackChunk
        };
        if chunk.is_null() {
            crate::errors::no_memory();
            return ptr::null_mut();
        }
        (*chunk).previous = old;
        (*chunk).size = bytes;
        (*chunk).top = 0;
        (*ts).datastack_chunk.set(chunk as *mut _);
        (*ts).datastack_limit.set((chunk as *mut u8).add(bytes) as *mut _);
        // The first word of a root chunk stays unused, so that popping the first frame does not look like an empty chunk.
        let start = ((&raw mut (*chunk).data) as *mut *mut PyObject).add(old.is_null() as usize);
        (*ts).datastack_top.set(start.add(size));
        start as *mut InterpreterFrame
    }
}

/// Gives the words of the topmost frame back.
/// # Safety
/// `frame` is the topmost frame of the data stack.
#[inline(always)]
pub unsafe fn pop(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        let chunk = (*ts).datastack_chunk.get() as *mut StackChunk;
        if frame as usize == (&raw mut (*chunk).data) as usize {
            return pop_chunk(ts, chunk);
        }
        (*ts).datastack_top.set(frame as *mut *mut PyObject);
    }
}

/// Whether the frame stands first in its chunk, so that popping it ends the chunk.
/// # Safety
/// `chunk` is the thread's `datastack_chunk`.
#[inline(always)]
pub unsafe fn is_first_of_chunk<T>(frame: *mut InterpreterFrame, chunk: *mut T) -> bool {
    // SAFETY: by contract.
    unsafe { frame as usize == (&raw mut (*(chunk as *mut StackChunk)).data) as usize }
}

#[cold]
#[inline(never)]
unsafe fn pop_chunk(ts: *mut PyThreadState, chunk: *mut StackChunk) {
    // SAFETY: only non-root chunks begin with a frame, so there is a previous one.
    unsafe {
        let previous = (*chunk).previous;
        (*ts).datastack_chunk.set(previous as *mut _);
        let data = (&raw mut (*previous).data) as *mut *mut PyObject;
        (*ts).datastack_top.set(data.add((*previous).top));
        (*ts).datastack_limit.set((previous as *mut u8).add((*previous).size) as *mut _);
        let cached = (*ts).datastack_cached_chunk.get() as *mut StackChunk;
        if cached.is_null() {
            (*ts).datastack_cached_chunk.set(chunk as *mut _);
        } else {
            libc::free(chunk as *mut _);
        }
    }
}

/// Frees the data stack of a thread that ends.
/// # Safety
/// No frame of the thread is left.
pub unsafe fn free_data_stack(ts: *mut PyThreadState) {
    // SAFETY: by contract.
    unsafe {
        let mut chunk = (*ts).datastack_chunk.replace(ptr::null_mut()) as *mut StackChunk;
        while !chunk.is_null() {
            let previous = (*chunk).previous;
            libc::free(chunk as *mut _);
            chunk = previous;
        }
        libc::free((*ts).datastack_cached_chunk.replace(ptr::null_mut()) as *mut _);
        (*ts).datastack_top.set(ptr::null_mut());
        (*ts).datastack_limit.set(ptr::null_mut());
    }
}

// ---- ending a frame -----------------------------------------------------------------------------------------------------------------

/// Drops everything the frame owns except its code. A frame object that others still hold takes the contents over.
/// # Safety
/// The frame has ended; it is linked out of the thread's chain or about to be.
pub unsafe fn clear_except_code(frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        let f = &mut *frame;
        if !f.frame_obj.is_null() {
            let object = f.frame_obj;
            f.frame_obj = ptr::null_mut();
            if Object::from_ptr(object as *mut PyObject).refcount() > 1 {
                take_ownership(object, frame);
                xdecref(object as *mut PyObject);
                return;
            }
            xdecref(object as *mut PyObject);
        }
        clear_locals(frame);
        xdecref(std::mem::replace(&mut f.f_locals, ptr::null_mut()));
        let func = std::mem::replace(&mut f.f_funcobj, StackRef::NULL);
        func.close();
    }
}

/// Closes the stack and the locals.
/// # Safety
/// `stackpointer` is up to date.
#[inline(always)]
pub unsafe fn clear_locals(frame: *mut InterpreterFrame) {
    // SAFETY: the slots below stackpointer are initialised.
    unsafe {
        let base = (*frame).locals();
        let mut sp = (*frame).stackpointer;
        (*frame).stackpointer = base;
        while sp > base {
            sp = sp.sub(1);
            let slot = *sp;
            *sp = StackRef::NULL;
            slot.close();
        }
    }
}

/// Moves an ended frame into its frame object, which outlives it, and links `f_back`.
unsafe fn take_ownership(object: *mut PyFrameObject, frame: *mut InterpreterFrame) {
    // SAFETY: the frame object has room for its code's frame behind its header.
    unsafe {
        let f = &mut *frame;
        let fo: &FrameObject = Object::from_ptr(object as *mut PyObject).cast();
        let dest = fo.own_frame();
        let src_base = f.locals();
        let used = f.stackpointer.offset_from(src_base) as usize;
        ptr::copy_nonoverlapping(frame as *const u8, dest as *mut u8, offset_of!(InterpreterFrame, localsplus) + used * 8);
        let d = &mut *dest;
        d.stackpointer = d.locals().add(used);
        d.f_executable = f.f_executable.dup();
        d.f_funcobj = f.f_funcobj.heap_safe();
        for i in 0..used {
            let slot = d.locals().add(i);
            *slot = (*slot).heap_safe();
        }
        d.owner = OWNED_BY_FRAME_OBJECT;
        d.previous = ptr::null_mut();
        d.frame_obj = ptr::null_mut();
        f.f_funcobj = StackRef::NULL;
        f.f_locals = ptr::null_mut();
        f.stackpointer = src_base;
        // A frame that never reached RESUME is shown at it.
        let first = d.code().words().add(d.code().0._co_firsttraceable.get() as usize);
        if d.instr_ptr < first {
            d.instr_ptr = first;
        }
        (*object).f_frame.set(dest as *mut _);
        let back = first_complete(f.previous);
        if !back.is_null() && (*object).f_back.get().is_null() {
            match crate::types::frame::frame_object_of(back) {
                Some(back) => set_cell(&(*object).f_back, back.to_owned().into_raw() as *mut PyFrameObject),
                None => crate::errors::clear(),
            }
        }
        if !crate::gc::is_tracked(object as *mut PyObject) {
            crate::gc::track(object as *mut PyObject);
        }
    }
}

/// Ends the topmost frame of the data stack and gives its words back.
/// # Safety
/// As `clear_except_code`; owner is the thread.
#[inline(always)]
pub unsafe fn clear_thread_frame(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        clear_except_code(frame);
        (*frame).f_executable.close();
        pop(ts, frame);
    }
}
