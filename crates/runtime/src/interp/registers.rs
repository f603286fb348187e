//! What an instruction works on, and how it goes on to the next one.
//!
//! An instruction is a function of six arguments, which the calling convention keeps in machine registers: instruction pointer, stack pointer,
//! frame, thread state, argument, and the activation's `State`. It ends by calling the next one through `TABLE` as the last thing it does, with
//! the same signature: the compiler makes a jump of that (`tests/tail_calls.rs` looks whether it did), so the native stack does not grow.
//! A value whose address is taken would stand in the way. Instructions therefore come in two kinds:
//! `fast!` instructions jump themselves, and must not let the address of a local escape;
//! `slow!` instructions return to a wrapper that jumps, and may do anything.
//!
//! `ip` points one past the current instruction's word, at its inline cache. Before anything that may run other code, `save` stores `ip` and
//! `sp` in the frame, where tracebacks, frame objects and the collector read them. No value with `Drop` is alive when an instruction ends.

use super::backoff;
use super::frame::{self, CodeWord, InterpreterFrame};
use super::instructions::TABLE;
use super::stackref::StackRef;
use crate::types::{Code, Str};
use abi::{PyObject, PyThreadState};
use bytecode::op;
use std::ptr;
use std::sync::atomic::Ordering;

/// An instruction. The result is what `eval_frame` returns.
pub type Instruction =
    unsafe fn(ip: *mut CodeWord, sp: *mut StackRef, frame: *mut InterpreterFrame, ts: *mut PyThreadState, oparg: usize, state: *mut State) -> *mut PyObject;

/// What an activation of the interpreter knows besides its registers.
pub struct State {
    /// Where the handler of an exception is looked for that is raised again (it keeps its traceback), or NULL.
    pub reraised_at: *mut CodeWord,
    /// Set while an exception that was thrown in looks for its handler: a suspended frame stands behind its YIELD_VALUE, which is covered.
    pub thrown: bool,
    /// Where unwinding found the handler.
    pub handler: *mut CodeWord,
    /// What is closed after an object that is deallocated between two instructions.
    pub closing: StackRef,
    /// The instruction that a slow one asks for, with its argument.
    pub opcode: u8,
    pub oparg: usize,
    #[cfg(not(tail_calls))]
    pub next: Option<Next>,
}

/// Without tail calls: what `run` calls next.
#[cfg(not(tail_calls))]
pub struct Next(Instruction, *mut CodeWord, *mut StackRef, *mut InterpreterFrame, usize);

impl State {
    pub fn new(thrown: bool) -> State {
        State {
            reraised_at: ptr::null_mut(),
            thrown,
            handler: ptr::null_mut(),
            closing: StackRef::NULL,
            opcode: 0,
            oparg: 0,
            #[cfg(not(tail_calls))]
            next: None,
        }
    }
}

/// How a slow instruction ends. Where the second has its lowest bit set, it is not the next instruction's turn: `ip` is NULL after an error,
/// otherwise the state says what to run.
pub struct Done(pub *mut CodeWord, pub usize);

/// A number in the inline cache. (`read_unaligned` takes the address of a local, see above.)
#[repr(C, packed)]
struct Unaligned<T>(T);

macro_rules! registers {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub struct $name {
            pub ip: *mut CodeWord,
            pub sp: *mut StackRef,
            pub frame: *mut InterpreterFrame,
            pub ts: *mut PyThreadState,
            pub oparg: usize,
            pub state: *mut State,
        }

        // Invariant of all of these: the registers are those of a running frame, whose code passed the verifier or came from our compiler: stack
        // depth within co_stacksize, indices within consts, names and locals, jump targets at instructions.
        #[allow(dead_code)]
        impl $name {
            #[inline(always)]
            pub unsafe fn push(&mut self, value: StackRef) {
                // SAFETY: see above.
                unsafe {
                    *self.sp = value;
                    self.sp = self.sp.add(1);
                }
            }
            #[inline(always)]
            pub unsafe fn pop(&mut self) -> StackRef {
                // SAFETY: see above.
                unsafe {
                    self.sp = self.sp.sub(1);
                    *self.sp
                }
            }
            #[inline(always)]
            pub unsafe fn peek(&self, n: usize) -> *mut StackRef {
                // SAFETY: see above.
                unsafe { self.sp.sub(n) }
            }
            #[inline(always)]
            pub unsafe fn local(&self, i: usize) -> *mut StackRef {
                // SAFETY: see above.
                unsafe { (*self.frame).locals().add(i) }
            }
            /// The code's constant of this number.
            #[inline(always)]
            pub unsafe fn constant(&self, i: usize) -> *mut PyObject {
                // SAFETY: see above.
                unsafe { *(*self.frame).code().consts_ptr().add(i) }
            }
            #[inline(always)]
            pub unsafe fn name<'a>(&self, i: usize) -> &'a Str {
                // SAFETY: see above; names live as long as the frame's code.
                unsafe { &*ptr::from_ref((*self.frame).code().name_at(i)) }
            }
            #[inline(always)]
            pub unsafe fn cache16(&self, i: usize) -> u16 {
                // SAFETY: see above.
                unsafe { *(self.ip.add(i) as *const u16) }
            }
            #[inline(always)]
            pub unsafe fn cache32(&self, i: usize) -> u32 {
                // SAFETY: see above.
                unsafe { (*(self.ip.add(i) as *const Unaligned<u32>)).0 }
            }
            #[inline(always)]
            pub unsafe fn cache64(&self, i: usize) -> usize {
                // SAFETY: see above.
                unsafe { (*(self.ip.add(i) as *const Unaligned<usize>)).0 }
            }
            #[inline(always)]
            pub unsafe fn save(&self) {
                // SAFETY: see above.
                unsafe {
                    (*self.frame).instr_ptr = self.ip.sub(1);
                    (*self.frame).stackpointer = self.sp;
                }
            }
            #[inline(always)]
            pub unsafe fn sync(&self) {
                // SAFETY: see above.
                unsafe { (*self.frame).stackpointer = self.sp }
            }
            /// Replaces the top `N` operands by a result. The operands are closed after the frame has forgotten them.
            #[inline(always)]
            pub unsafe fn replace<const N: usize>(&mut self, value: StackRef) {
                // SAFETY: see above; what lies above the stack pointer stays there until this frame pushes something.
                unsafe {
                    let base = self.sp.sub(N);
                    let first = *base;
                    *base = value;
                    self.sp = base.add(1);
                    self.sync();
                    let mut i = N;
                    while i > 1 {
                        i -= 1;
                        (*base.add(i)).close();
                    }
                    first.close();
                }
            }
            #[inline(always)]
            pub unsafe fn drop_top<const N: usize>(&mut self) {
                // SAFETY: as `replace`.
                unsafe {
                    self.sp = self.sp.sub(N);
                    self.sync();
                    let mut i = N;
                    while i > 0 {
                        i -= 1;
                        (*self.sp.add(i)).close();
                    }
                }
            }
            /// Continues in a frame that was pushed for the callee; the caller's stack is already in its final state.
            #[inline(always)]
            pub unsafe fn enter_frame(&mut self, new: *mut InterpreterFrame) {
                // SAFETY: see above.
                unsafe {
                    (*self.frame).stackpointer = self.sp;
                    (*new).previous = self.frame;
                    self.frame = new;
                    (*self.ts).current_frame.set(new as *mut _);
                    (*self.ts).py_recursion_remaining.set((*self.ts).py_recursion_remaining.get() - 1);
                    self.ip = (*new).instr_ptr;
                    self.sp = (*new).stackpointer;
                }
            }
            /// Goes on behind the call in the frame that is current now.
            #[inline(always)]
            pub unsafe fn resume_frame(&mut self) {
                // SAFETY: see above.
                unsafe {
                    self.ip = (*self.frame).instr_ptr.add((*self.frame).return_offset as usize);
                    self.sp = (*self.frame).stackpointer;
                }
            }
            /// Counts an adaptive instruction's counter down; true when it is time to specialise.
            #[inline(always)]
            pub unsafe fn adaptive_due(&self) -> bool {
                // SAFETY: see above.
                unsafe {
                    let counter = self.cache16(0);
                    if backoff::triggers(counter) {
                        return true;
                    }
                    *(self.ip as *mut u16) = backoff::advance(counter);
                    false
                }
            }
            /// Whether a frame of this code can be pushed without a new chunk and without too deep a recursion.
            #[inline(always)]
            pub unsafe fn has_space(&self, code: &Code) -> bool {
                // SAFETY: see above.
                unsafe { (*self.ts).py_recursion_remaining.get() > 0 && frame::has_space(self.ts, code.0.co_framesize.get() as usize) }
            }
            /// Whether signals, the collector, another thread ... wait at the eval breaker.
            #[inline(always)]
            pub unsafe fn has_events(&self) -> bool {
                // SAFETY: see above.
                unsafe { (*self.ts).eval_breaker.load(Ordering::Relaxed) & crate::gil::EVENTS_MASK != 0 }
            }
        }
    };
}

registers! {
    /// The registers of an instruction that jumps to the next one itself.
    Fast
}
registers! {
    /// The registers of an instruction that returns to its wrapper.
    Slow
}

impl Fast {
    #[inline(always)]
    unsafe fn go(self, instruction: Instruction) -> *mut PyObject {
        #[cfg(tail_calls)]
        // SAFETY: the registers are those that an instruction needs.
        unsafe {
            instruction(self.ip, self.sp, self.frame, self.ts, self.oparg, self.state)
        }
        #[cfg(not(tail_calls))]
        // SAFETY: the activation's state outlives its instructions.
        unsafe {
            (*self.state).next = Some(Next(instruction, self.ip, self.sp, self.frame, self.oparg));
            ptr::null_mut()
        }
    }
    /// Goes on with the instruction at `ip`.
    #[inline(always)]
    pub unsafe fn next(mut self) -> *mut PyObject {
        // SAFETY: `ip` is at an instruction.
        unsafe {
            let word = *(self.ip as *const u16) as usize;
            self.ip = self.ip.add(1);
            self.oparg = word >> 8;
            self.go(TABLE[word & 0xff])
        }
    }
    /// Pushes the item that an iterator gave and goes on behind the cache; a STORE_FAST that takes it is made at once.
    #[inline(always)]
    pub unsafe fn item_then(mut self, item: StackRef) -> *mut PyObject {
        // SAFETY: `ip` is at an instruction, and FOR_ITER has one unit of cache.
        unsafe {
            self.ip = self.ip.add(1);
            let CodeWord { code, arg } = *self.ip;
            if code == op::STORE_FAST {
                let old = std::mem::replace(&mut *self.local(arg as usize), item);
                self.ip = self.ip.add(1);
                return self.close_then(old, 0);
            }
            self.push(item);
            self.next()
        }
    }
    /// Behind a conditional jump: a NOT_TAKEN, which only instrumentation needs, is passed over.
    #[inline(always)]
    pub unsafe fn next_after_branch(mut self) -> *mut PyObject {
        // SAFETY: `ip` is at an instruction, and NOT_TAKEN has no cache.
        unsafe {
            if (*self.ip).code == op::NOT_TAKEN {
                self.ip = self.ip.add(1);
            }
            self.next()
        }
    }
    /// Goes on behind `skip` units of cache with a truth as operand; a conditional jump that takes it is made at once.
    #[inline(always)]
    pub unsafe fn truth_then(mut self, truth: bool, skip: usize) -> *mut PyObject {
        // SAFETY: `ip` is at an instruction, and a conditional jump has one unit of cache.
        unsafe {
            self.ip = self.ip.add(skip);
            let CodeWord { code, arg } = *self.ip;
            if code == op::POP_JUMP_IF_FALSE {
                self.ip = self.ip.add(2 + if truth { 0 } else { arg as usize });
                return self.next_after_branch();
            }
            if code == op::POP_JUMP_IF_TRUE {
                self.ip = self.ip.add(2 + if truth { arg as usize } else { 0 });
                return self.next_after_branch();
            }
            self.push(bool_ref(truth));
            self.next()
        }
    }
    /// Goes on with this instruction in place of the current one.
    #[inline(always)]
    pub unsafe fn run(self, opcode: u8) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe { self.go(TABLE[opcode as usize]) }
    }
    /// As `run`, by the function.
    #[inline(always)]
    pub unsafe fn jump(self, instruction: Instruction) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe { self.go(instruction) }
    }
    /// A guard failed: the generic form is run.
    #[inline(always)]
    pub unsafe fn deopt(self, generic: u8) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe { self.run(generic) }
    }
    /// Closes an operand that is off the stack already, and goes on behind `skip` units of cache. The end of an object is out of line, so that
    /// whoever only counts down has nothing to save.
    #[inline(always)]
    pub unsafe fn close_then(mut self, value: StackRef, skip: usize) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe {
            if value.drop_count() {
                return self.dealloc_then(value, StackRef::NULL, skip);
            }
            self.ip = self.ip.add(skip);
            self.next()
        }
    }
    /// As `close_then`, with two operands.
    #[inline(always)]
    pub unsafe fn close_both_then(mut self, first: StackRef, second: StackRef, skip: usize) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe {
            if first.drop_count() {
                return self.dealloc_then(first, second, skip);
            }
            if second.drop_count() {
                return self.dealloc_then(second, StackRef::NULL, skip);
            }
            self.ip = self.ip.add(skip);
            self.next()
        }
    }
    #[inline(always)]
    unsafe fn dealloc_then(mut self, dead: StackRef, closing: StackRef, skip: usize) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe {
            self.save();
            self.ip = self.ip.add(skip);
            self.oparg = dead.ptr() as usize;
            if closing.is_borrowed() {
                return self.go(dealloc_and_go_on);
            }
            (*self.state).closing = closing;
            self.go(dealloc_close_and_go_on)
        }
    }
    /// The error is set, the frame up to date.
    #[inline(always)]
    pub unsafe fn error(self) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe { self.go(super::eval::error) }
    }
    /// The error is set. The operands stay where they are: unwinding closes everything above the handler's depth.
    #[inline(always)]
    pub unsafe fn fail(self) -> *mut PyObject {
        // SAFETY: as `go`.
        unsafe {
            self.save();
            self.error()
        }
    }
}

impl Slow {
    #[inline(always)]
    pub fn next(self) -> Done {
        Done(self.ip, self.sp as usize)
    }
    #[inline(always)]
    pub unsafe fn run(self, opcode: u8) -> Done {
        // SAFETY: the activation's state outlives its instructions.
        unsafe {
            (*self.state).opcode = opcode;
            (*self.state).oparg = self.oparg;
        }
        Done(self.ip, self.sp as usize | 1)
    }
    /// A specialiser rewrote the instruction: what stands there now is run.
    #[inline(always)]
    pub unsafe fn redo(self) -> Done {
        // SAFETY: `ip` is behind the instruction.
        unsafe { self.run((*self.ip.sub(1)).code) }
    }
    #[inline(always)]
    pub unsafe fn deopt(self, generic: u8) -> Done {
        // SAFETY: as `run`.
        unsafe { self.run(generic) }
    }
    #[inline(always)]
    pub fn error(self) -> Done {
        Done(ptr::null_mut(), 1)
    }
    #[inline(always)]
    pub unsafe fn fail(self) -> Done {
        // SAFETY: the frame is the running one.
        unsafe { self.save() };
        self.error()
    }
    /// A re-raised exception keeps its traceback: no entry is added where it is raised again. Its handler is looked for at `at`.
    #[inline(always)]
    pub unsafe fn reraised(self, at: *mut CodeWord) -> Done {
        // SAFETY: as `run`.
        unsafe { (*self.state).reraised_at = at };
        self.error()
    }
}

/// Ends the object that stands in the argument's place.
#[inline(never)]
unsafe fn dealloc_and_go_on(ip: *mut CodeWord, sp: *mut StackRef, frame: *mut InterpreterFrame, ts: *mut PyThreadState, oparg: usize, state: *mut State) -> *mut PyObject {
    // SAFETY: the registers of an instruction; the object's last count is gone.
    unsafe {
        crate::object::dealloc(oparg as *mut PyObject);
        Fast { ip, sp, frame, ts, oparg: 0, state }.next()
    }
}

/// As `dealloc_and_go_on`, and closes another operand.
#[inline(never)]
unsafe fn dealloc_close_and_go_on(
    ip: *mut CodeWord, sp: *mut StackRef, frame: *mut InterpreterFrame, ts: *mut PyThreadState, oparg: usize, state: *mut State,
) -> *mut PyObject {
    // SAFETY: as above.
    unsafe {
        let closing = (*state).closing;
        crate::object::dealloc(oparg as *mut PyObject);
        closing.close();
        Fast { ip, sp, frame, ts, oparg: 0, state }.next()
    }
}

/// After a slow instruction.
#[inline(always)]
pub unsafe fn after_slow(done: Done, ts: *mut PyThreadState, state: *mut State) -> *mut PyObject {
    // SAFETY: whoever changes the frame sets the thread's.
    unsafe {
        let r = Fast { ip: done.0, sp: done.1 as *mut StackRef, frame: (*ts).current_frame.get() as *mut InterpreterFrame, ts, oparg: 0, state };
        if done.1 & 1 != 0 { r.jump(irregular) } else { r.next() }
    }
}

/// See `Done`.
#[cold]
unsafe fn irregular(ip: *mut CodeWord, sp: *mut StackRef, frame: *mut InterpreterFrame, ts: *mut PyThreadState, _: usize, state: *mut State) -> *mut PyObject {
    // SAFETY: the registers of an instruction; the stack pointer's mark is taken away.
    unsafe {
        let r = Fast { ip, sp: sp.byte_sub(1), frame, ts, oparg: (*state).oparg, state };
        if ip.is_null() { r.error() } else { r.run((*state).opcode) }
    }
}

/// Runs from the instruction at `ip` to the end of the activation's first frame.
pub unsafe fn run(r: Fast, first: Option<Instruction>) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        #[allow(unused_mut)]
        let mut result = match first {
            Some(instruction) => r.jump(instruction),
            None => r.next(),
        };
        #[cfg(not(tail_calls))]
        while let Some(Next(instruction, ip, sp, frame, oparg)) = (*r.state).next.take() {
            result = instruction(ip, sp, frame, r.ts, oparg, r.state);
        }
        result
    }
}

/// An instruction that jumps to the next one itself. With a second name in the head it is one for several numbers, and the name is the number.
macro_rules! fast {
    ($(#[$doc:meta])* $name:ident($r:ident) $body:block) => {
        $(#[$doc])*
        #[allow(unused_mut, unreachable_code)]
        #[inline(never)]
        pub unsafe fn $name(
            ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
            ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
        ) -> *mut ::abi::PyObject {
            let mut $r = $crate::interp::registers::Fast { ip, sp, frame, ts, oparg, state };
            // SAFETY: see `Fast`.
            unsafe {
                $body;
                $r.next()
            }
        }
    };
    ($(#[$doc:meta])* $name:ident($r:ident, $op:ident) $body:block) => {
        $(#[$doc])*
        #[allow(unused_mut, unreachable_code)]
        #[inline(never)]
        pub unsafe fn $name<const $op: u8>(
            ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
            ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
        ) -> *mut ::abi::PyObject {
            let mut $r = $crate::interp::registers::Fast { ip, sp, frame, ts, oparg, state };
            // SAFETY: see `Fast`.
            unsafe {
                $body;
                $r.next()
            }
        }
    };
}
/// An instruction that does what it likes and returns; see `fast!`.
macro_rules! slow {
    ($(#[$doc:meta])* $name:ident($r:ident) $body:block) => {
        $(#[$doc])*
        #[inline(never)]
        pub unsafe fn $name(
            ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
            ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
        ) -> *mut ::abi::PyObject {
            #[inline(never)]
            #[allow(unused_mut, unreachable_code)]
            unsafe fn body(
                ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
                ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
            ) -> $crate::interp::registers::Done {
                let mut $r = $crate::interp::registers::Slow { ip, sp, frame, ts, oparg, state };
                // SAFETY: see `Slow`.
                unsafe {
                    $body;
                    $r.next()
                }
            }
            // SAFETY: see `Fast`.
            unsafe { $crate::interp::registers::after_slow(body(ip, sp, frame, ts, oparg, state), ts, state) }
        }
    };
    ($(#[$doc:meta])* $name:ident($r:ident, $op:ident) $body:block) => {
        $(#[$doc])*
        #[inline(never)]
        pub unsafe fn $name<const $op: u8>(
            ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
            ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
        ) -> *mut ::abi::PyObject {
            #[inline(never)]
            #[allow(unused_mut, unreachable_code)]
            unsafe fn body<const $op: u8>(
                ip: *mut $crate::interp::frame::CodeWord, sp: *mut $crate::interp::stackref::StackRef, frame: *mut $crate::interp::frame::InterpreterFrame,
                ts: *mut ::abi::PyThreadState, oparg: usize, state: *mut $crate::interp::registers::State,
            ) -> $crate::interp::registers::Done {
                let mut $r = $crate::interp::registers::Slow { ip, sp, frame, ts, oparg, state };
                // SAFETY: see `Slow`.
                unsafe {
                    $body;
                    $r.next()
                }
            }
            // SAFETY: see `Fast`.
            unsafe { $crate::interp::registers::after_slow(body::<$op>(ip, sp, frame, ts, oparg, state), ts, state) }
        }
    };
}
/// The value of a result, or the error.
macro_rules! tri {
    ($r:ident, $result:expr) => {
        match $result {
            Ok(value) => value,
            Err(_) => return $r.fail(),
        }
    };
}
/// Lets others have their turn where they wait for it.
macro_rules! eval_breaker {
    ($r:ident) => {
        if $r.has_events() {
            $r.save();
            if $crate::gil::handle_eval_breaker().is_err() {
                return $r.error();
            }
        }
    };
}
/// As `eval_breaker!`, behind a call and its cache.
macro_rules! eval_breaker_after_call {
    ($r:ident) => {
        if $r.has_events() {
            (*$r.frame).instr_ptr = $r.ip.sub(4);
            (*$r.frame).stackpointer = $r.sp;
            if $crate::gil::handle_eval_breaker().is_err() {
                return $r.error();
            }
        }
    };
}
pub(super) use {eval_breaker, eval_breaker_after_call, fast, slow, tri};

/// True or False for a slot.
#[inline(always)]
pub fn bool_ref(truth: bool) -> StackRef {
    StackRef::borrow(crate::types::bool_object(truth).as_ptr())
}
