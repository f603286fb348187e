//! The interpreter's activations (`_PyEval_EvalFrameDefault`): how a frame is begun, and where an exception goes. The instructions are functions
//! that jump to each other (`registers`, `instructions`).

use super::frame::{self, CodeWord, InterpreterFrame, OWNED_BY_GENERATOR, OWNED_BY_INTERPRETER};
use super::registers::{self, Fast, State};
use super::stackref::StackRef;
use super::{call, exc, generator, monitoring};
use crate::types::{self, Int};
use abi::{PyObject, PyThreadState};
use bytecode::op;
use std::ptr;
use std::sync::atomic::Ordering;

/// Code of the entry frame that every activation pushes: the outermost Python frame returns into it.
static ENTRY_CODE: [CodeWord; 3] = [
    CodeWord { code: op::NOP, arg: 0 },
    CodeWord { code: op::INTERPRETER_EXIT, arg: 0 },
    CodeWord { code: op::RESUME, arg: 0 },
];

/// Runs `frame` (and every Python frame it calls) to its end. With `throwflag`, the current exception is raised in it at once.
/// The frame is consumed. NULL with an exception set on error.
/// # Safety
/// `ts` is the current thread state; `frame` is complete and linked to nothing yet.
pub unsafe fn eval_frame(ts: *mut PyThreadState, frame: *mut InterpreterFrame, throwflag: bool) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let outer = (*ts).current_frame.get();
        let remaining = (*ts).py_recursion_remaining.get();
        let run = std::panic::AssertUnwindSafe(|| activate(ts, frame, throwflag));
        match std::panic::catch_unwind(run) {
            Ok(result) => result,
            Err(panic) => {
                // Our bug (D9): the frames above are abandoned where they stand, the process lives on.
                (*ts).current_frame.set(outer);
                (*ts).py_recursion_remaining.set(remaining);
                exc::panic_to_system_error(panic);
                ptr::null_mut()
            }
        }
    }
}

/// See `eval_frame`.
unsafe fn activate(ts: *mut PyThreadState, frame: *mut InterpreterFrame, throwflag: bool) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let mut entry = InterpreterFrame {
            f_executable: StackRef::borrow(types::none().as_ptr()),
            previous: (*ts).current_frame.get() as *mut InterpreterFrame,
            f_funcobj: StackRef::NULL,
            f_globals: ptr::null_mut(),
            f_builtins: ptr::null_mut(),
            f_locals: ptr::null_mut(),
            frame_obj: ptr::null_mut(),
            instr_ptr: &ENTRY_CODE[1] as *const CodeWord as *mut CodeWord,
            stackpointer: ptr::null_mut(),
            return_offset: 0,
            owner: OWNED_BY_INTERPRETER,
            visited: 0,
            localsplus: [StackRef::NULL],
        };
        entry.stackpointer = entry.locals();
        (*frame).previous = &raw mut entry;
        (*ts).current_frame.set(frame as *mut _);
        if (*ts).py_recursion_remaining.get() <= 0 || crate::tstate::check_recursion("").is_err() {
            if (*ts).current_exception.get().is_null() || !throwflag {
                let _ = call::recursion_error();
            }
            (*ts).current_frame.set(entry.previous as *mut _);
            call::abandon_frame(ts, frame);
            return ptr::null_mut();
        }
        (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() - 1);
        let mut state = State::new(throwflag);
        let registers = Fast { ip: (*frame).instr_ptr, sp: (*frame).stackpointer, frame, ts, oparg: 0, state: &raw mut state };
        if !throwflag {
            return registers::run(registers, None);
        }
        // gen.throw(): the frame resumes by raising, at the instruction where it would have gone on.
        monitoring::legacy::refresh(ts, (*frame).code());
        monitoring::deliver::exception(ts, frame, monitoring::event::PY_THROW, (*frame).lasti());
        registers::run(registers, Some(error))
    }
}

/// An exception is set; the frame's instr_ptr and stackpointer are up to date. Goes on at its handler, or leaves the activation.
#[cold]
pub unsafe fn error(_: *mut CodeWord, _: *mut StackRef, frame: *mut InterpreterFrame, ts: *mut PyThreadState, _: usize, state: *mut State) -> *mut PyObject {
    // SAFETY: the registers of an instruction.
    unsafe {
        let frame = unwind(frame, ts, state);
        if frame.is_null() {
            return ptr::null_mut();
        }
        Fast { ip: (*state).handler, sp: (*frame).stackpointer, frame, ts, oparg: 0, state }.next()
    }
}

/// Ends frames up to the one that has a handler, which it returns; the state says where the handler is. NULL if the activation has none.
#[inline(never)]
unsafe fn unwind(mut frame: *mut InterpreterFrame, ts: *mut PyThreadState, state: *mut State) -> *mut InterpreterFrame {
    // SAFETY: a chain of frames that ends with the activation's entry frame.
    unsafe {
        let reraised_at = std::mem::replace(&mut (*state).reraised_at, ptr::null_mut());
        let mut reraised = !reraised_at.is_null();
        // `at` is where a handler is looked for; `reported` is what monitoring tells (the last unit of an instruction that raises).
        let (mut at, mut reported) = exc::place_of_error(frame, if reraised { Some(reraised_at) } else { None }, std::mem::take(&mut (*state).thrown));
        if reraised && (*frame).owner != OWNED_BY_INTERPRETER {
            monitoring::deliver::exception(ts, frame, monitoring::event::RERAISE, reported);
        }
        loop {
            if (*frame).owner == OWNED_BY_INTERPRETER {
                (*ts).current_frame.set((*frame).previous as *mut _);
                return ptr::null_mut();
            }
            exc::ensure_exception();
            let complete = !(*frame).is_incomplete();
            if !reraised && complete {
                exc::add_traceback(frame);
                monitoring::deliver::exception(ts, frame, monitoring::event::RAISE, reported);
            }
            reraised = false;
            let code = (*frame).code();
            let offset = at.offset_from(code.words()) as usize;
            let stack = (*frame).locals().add(code.0.co_nlocalsplus.get() as usize);
            if let Some(handler) = exc::find_handler(code, offset) {
                close_down_to(frame, stack.add(handler.depth));
                if handler.lasti {
                    push(frame, StackRef::from_owned(Int::from_i64((*frame).lasti() as i64)));
                }
                push(frame, exc::take_for_handler());
                let target = code.words().add(handler.target);
                if monitoring::deliver::handled(ts, frame, handler.target, (*(*frame).stackpointer.sub(1)).obj()).is_err() {
                    reraised = true;
                    at = target.sub(1);
                    reported = handler.target as isize - 1;
                    continue;
                }
                // A handler before what it handles may be a loop.
                if handler.target <= offset && (*ts).eval_breaker.load(Ordering::Relaxed) & crate::gil::EVENTS_MASK != 0 {
                    (*frame).instr_ptr = target;
                    if crate::gil::handle_eval_breaker().is_err() {
                        let top = (*frame).stackpointer.sub(1);
                        let old = std::mem::replace(&mut *top, exc::take_for_handler());
                        old.close();
                    }
                }
                // The frame's own instr_ptr stays at what raised: tracing looks whether the line has changed since.
                (*state).handler = target;
                return frame;
            }
            // No handler: the frame ends.
            close_down_to(frame, stack);
            if complete {
                monitoring::deliver::exception(ts, frame, monitoring::event::PY_UNWIND, reported);
            }
            let dying = frame;
            frame = (*dying).previous;
            (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() + 1);
            (*ts).current_frame.set(frame as *mut _);
            if (*dying).owner == OWNED_BY_GENERATOR {
                generator::finish(ts, dying);
            } else {
                frame::clear_thread_frame(ts, dying);
            }
            at = (*frame).instr_ptr;
            reported = if (*frame).owner == OWNED_BY_INTERPRETER { 0 } else { (*frame).lasti() - 1 };
        }
    }
}

/// Closes the operands above `base`, each after the frame has forgotten it.
unsafe fn close_down_to(frame: *mut InterpreterFrame, base: *mut StackRef) {
    // SAFETY: the slots below stackpointer are initialised.
    unsafe {
        while (*frame).stackpointer > base {
            (*frame).stackpointer = (*frame).stackpointer.sub(1);
            (*(*frame).stackpointer).close();
        }
    }
}

/// Pushes an operand of a frame that does not run.
unsafe fn push(frame: *mut InterpreterFrame, value: StackRef) {
    // SAFETY: a handler's depth leaves room for what it is given.
    unsafe {
        *(*frame).stackpointer = value;
        (*frame).stackpointer = (*frame).stackpointer.add(1);
    }
}
