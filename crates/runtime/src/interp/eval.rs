//! The evaluation loop (`_PyEval_EvalFrameDefault`): one `match` in a loop (D7).
//!
//! Instruction pointer, stack pointer, frame and constants are locals of the loop. Before anything that may run other code, `save!`
//! stores them in the frame, where tracebacks, frame objects and the collector read them. `ip` points one past the current
//! instruction's word, at its inline cache. No value with `Drop` is alive across a dispatch.
//!
//! What an instruction family does beyond its fast path stands in the family's own file (`binary_op`, `attr`, `call`, ...).

use super::backoff;
use super::frame::{self, CodeWord, InterpreterFrame, OWNED_BY_GENERATOR, OWNED_BY_INTERPRETER};
use super::stackref::StackRef;
use super::{attr, binary_op, build, call, compare, exc, generator, globals, intrinsics, iter, matching, monitoring, names, special, subscr, unpack};
use crate::import;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol;
use crate::protocol::number;
use crate::types::{self, Cell as PyCell, Code, Dict, Function, Int, List, Set, Str, Tuple};
use abi::{PyObject, PyThreadState};
use bytecode::op;
use std::ptr;

/// Code of the entry frame that every activation of the loop pushes: the outermost Python frame returns into it.
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
        let run = std::panic::AssertUnwindSafe(|| eval_loop(ts, frame, throwflag));
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
unsafe fn eval_loop(ts: *mut PyThreadState, first: *mut InterpreterFrame, throwflag: bool) -> *mut PyObject {
    // SAFETY: the whole loop works on raw frames; each instruction relies on what the verifier or our compiler guarantees: stack depth
    // within co_stacksize, indices within consts, names and locals, jump targets at instructions.
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
        let entry: *mut InterpreterFrame = &raw mut entry;
        let mut frame = first;
        (*frame).previous = entry;
        (*ts).current_frame.set(frame as *mut _);
        let mut ip: *mut CodeWord = (*frame).instr_ptr;
        let mut sp: *mut StackRef = (*frame).stackpointer;
        let mut consts: *const *mut PyObject = (*frame).code().consts_ptr();

        // The allocator of registers must know which instructions are few: it would keep `ip` and `sp` in memory for their calls' sake.
        macro_rules! slow { () => { std::hint::cold_path() }; }
        macro_rules! push { ($value:expr) => {{ let value: StackRef = $value; *sp = value; sp = sp.add(1); }}; }
        macro_rules! pop { () => {{ sp = sp.sub(1); *sp }}; }
        macro_rules! peek { ($n:expr) => { *sp.sub($n) }; }
        macro_rules! local { ($i:expr) => { *(*frame).locals().add($i) }; }
        macro_rules! cache16 { ($i:expr) => { *(ip.add($i) as *const u16) }; }
        macro_rules! cache32 { ($i:expr) => { ptr::read_unaligned(ip.add($i) as *const u32) }; }
        macro_rules! cache64 { ($i:expr) => { ptr::read_unaligned(ip.add($i) as *const usize) }; }
        macro_rules! save { () => {{ (*frame).instr_ptr = ip.sub(1); (*frame).stackpointer = sp; }}; }
        macro_rules! sync { () => { (*frame).stackpointer = sp }; }
        macro_rules! name { ($i:expr) => { (*frame).code().name_at($i) }; }


        // Replaces the top `$n` operands by a result. The operands are closed after the frame has forgotten them.
        macro_rules! replace { ($n:expr, $value:expr) => {{
            let value: StackRef = $value;
            let operands: [StackRef; $n] = *(sp.sub($n) as *const [StackRef; $n]);
            sp = sp.sub($n);
            *sp = value;
            sp = sp.add(1);
            sync!();
            let mut i = $n;
            while i > 0 { i -= 1; operands[i].close(); }
        }}; }
        macro_rules! drop_top { ($n:expr) => {{
            let operands: [StackRef; $n] = *(sp.sub($n) as *const [StackRef; $n]);
            sp = sp.sub($n);
            sync!();
            let mut i = $n;
            while i > 0 { i -= 1; operands[i].close(); }
        }}; }
        macro_rules! bool_ref { ($b:expr) => { StackRef::borrow(types::bool_object($b).as_ptr()) }; }
        // Continues in a frame that was pushed for the callee; the caller's stack is already in its final state.
        macro_rules! enter_frame { ($new:expr) => {{
            let new: *mut InterpreterFrame = $new;
            (*frame).stackpointer = sp;
            (*new).previous = frame;
            frame = new;
            (*ts).current_frame.set(frame as *mut _);
            (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() - 1);
            ip = (*frame).instr_ptr;
            sp = (*frame).stackpointer;
            consts = (*frame).code().consts_ptr();
        }}; }
        macro_rules! resume_frame { () => {{
            ip = (*frame).instr_ptr.add((*frame).return_offset as usize);
            sp = (*frame).stackpointer;
            if (*frame).owner != OWNED_BY_INTERPRETER { consts = (*frame).code().consts_ptr(); }
        }}; }
        // Counts an adaptive instruction's counter down; true when it is time to specialise.
        macro_rules! adaptive_due { () => {{
            let counter = cache16!(0);
            if backoff::triggers(counter) { true } else { *(ip as *mut u16) = backoff::advance(counter); false }
        }}; }
        macro_rules! has_space { ($code:expr) => {
            (*ts).py_recursion_remaining.get() > 0 && frame::has_space(ts, ($code).0.co_framesize.get() as usize)
        }; }

        if (*ts).py_recursion_remaining.get() <= 0 || crate::tstate::check_recursion("").is_err() {
            if (*ts).current_exception.get().is_null() || !throwflag {
                let _ = call::recursion_error();
            }
            (*ts).current_frame.set((*entry).previous as *mut _);
            call::abandon_frame(ts, frame);
            return ptr::null_mut();
        }
        (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() - 1);
        let mut raising = throwflag;
        // Set while an exception that was thrown in looks for its handler: a suspended frame stands behind its YIELD_VALUE, which is covered.
        let mut thrown = false;
        // A re-raised exception keeps its traceback: no entry is added where RERAISE stands. Its handler is looked up at RERAISE itself.
        let mut reraised = false;
        let mut handler_at: *mut CodeWord = ip;

        'run: loop {
            'error: {
                // `fail!` leaves the operands where they are: unwinding closes everything above the handler's depth.
                macro_rules! fail { () => {{ slow!(); save!(); break 'error; }}; }
                macro_rules! tri { ($result:expr) => { match $result { Ok(value) => value, Err(_) => { slow!(); save!(); break 'error; } } }; }
                macro_rules! eval_breaker_after_call { () => {
                    if (*ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) & crate::gil::EVENTS_MASK != 0 {
                        slow!();
                        (*frame).instr_ptr = ip.sub(4);
                        (*frame).stackpointer = sp;
                        if crate::gil::handle_eval_breaker().is_err() { break 'error; }
                    }
                }; }
                macro_rules! eval_breaker { () => {
                    if (*ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) & crate::gil::EVENTS_MASK != 0 {
                        slow!();
                        save!();
                        if crate::gil::handle_eval_breaker().is_err() { break 'error; }
                    }
                }; }
                if raising {
                    // gen.throw(): the frame resumes by raising, at the instruction where it would have gone on.
                    raising = false;
                    thrown = true;
                    monitoring::legacy::refresh(ts, (*frame).code());
                    monitoring::deliver::exception(ts, frame, monitoring::event::PY_THROW, (*frame).lasti());
                    break 'error;
                }
                let (mut opcode, mut oparg): (u8, usize);
                macro_rules! fetch { () => {{
                    let word = *ip;
                    opcode = word.code;
                    oparg = word.arg as usize;
                    ip = ip.add(1);
                }}; }
                fetch!();
                // One loop, with the fetch at its end: an inner loop for redo would have its invariants computed at every instruction.
                'redo: loop {
                    // After a specialiser rewrote the instruction: run what stands there now; or the generic form, where a guard failed.
                    macro_rules! redo { ($redo:lifetime) => {{ slow!(); opcode = (*ip.sub(1)).code; continue $redo; }}; }
                    macro_rules! deopt { ($redo:lifetime, $generic:ident) => {{ slow!(); opcode = op::$generic; continue $redo; }}; }
                    'dispatch: {
                        match opcode {
                            op::NOP | op::NOT_TAKEN | op::CACHE => {}
                            op::EXTENDED_ARG => {
                                let next = *ip;
                                opcode = next.code;
                                oparg = oparg << 8 | next.arg as usize;
                                ip = ip.add(1);
                                continue 'redo;
                            }
                            op::RESUME => {
                                slow!();
                                let version = (*ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) & !crate::gil::EVENTS_MASK;
                                let code = (*frame).code();
                                if code.0._co_instrumentation_version.load(std::sync::atomic::Ordering::Relaxed) != version && !monitoring::is_tracing(ts) {
                                    save!();
                                    if monitoring::instrument(code).is_err() { break 'error; }
                                    ip = ip.sub(1);
                                    break 'dispatch;
                                }
                                if oparg & 3 < 2 { eval_breaker!(); }
                                if !monitoring::is_tracing(ts) && (*ip.sub(1)).code == op::RESUME {
                                    (*ip.sub(1)).code = op::RESUME_CHECK;
                                }
                            }
                            op::RESUME_CHECK => {
                                slow!();
                                let code = (*frame).code();
                                if (*ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) != code.0._co_instrumentation_version.load(std::sync::atomic::Ordering::Relaxed) {
                                    deopt!('redo, RESUME);
                                }
                            }

                            // ---- locals, constants, stack ------------------------------------------------------------------------
                            op::LOAD_FAST => push!(local!(oparg).dup()),
                            op::LOAD_FAST_BORROW => push!(StackRef::borrow(local!(oparg).0 as *mut PyObject)),
                            op::LOAD_FAST_CHECK => {
                                slow!();
                                let value = local!(oparg);
                                if value.is_null() {
                                    save!();
                                    names::raise_unbound_local((*frame).code(), oparg);
                                    break 'error;
                                }
                                push!(value.dup());
                            }
                            op::LOAD_FAST_AND_CLEAR => {
                                slow!();
                                let value = local!(oparg);
                                local!(oparg) = StackRef::NULL;
                                push!(value);
                            }
                            op::LOAD_FAST_LOAD_FAST => {
                                slow!();
                                push!(local!(oparg >> 4).dup());
                                push!(local!(oparg & 15).dup());
                            }
                            op::LOAD_FAST_BORROW_LOAD_FAST_BORROW => {
                                push!(StackRef::borrow(local!(oparg >> 4).0 as *mut PyObject));
                                push!(StackRef::borrow(local!(oparg & 15).0 as *mut PyObject));
                            }
                            // Constants live as long as their code object, which the frame keeps alive.
                            op::LOAD_CONST => {
                                slow!();
                                let value = *consts.add(oparg);
                                // Known only now: reading a .pyc interns strings after their code is made. An instrumented instruction stays.
                                if (*ip.sub(1)).code == op::LOAD_CONST {
                                    (*ip.sub(1)).code = if Object::from_ptr(value).is_immortal() { op::LOAD_CONST_IMMORTAL } else { op::LOAD_CONST_MORTAL };
                                }
                                push!(StackRef::new_ref(value));
                            }
                            op::LOAD_CONST_MORTAL => push!(StackRef::new_ref(*consts.add(oparg))),
                            op::LOAD_CONST_IMMORTAL => push!(StackRef::borrow(*consts.add(oparg))),
                            op::LOAD_SMALL_INT => push!(StackRef::borrow(Int::small_ptr(oparg as isize))),
                            op::STORE_FAST => {
                                let value = pop!();
                                let old = local!(oparg);
                                local!(oparg) = value;
                                if !old.is_borrowed() { save!(); old.close(); }
                            }
                            op::STORE_FAST_LOAD_FAST => {
                                slow!();
                                let value = pop!();
                                let old = local!(oparg >> 4);
                                local!(oparg >> 4) = value;
                                push!(local!(oparg & 15).dup());
                                if !old.is_borrowed() { save!(); old.close(); }
                            }
                            op::STORE_FAST_STORE_FAST => {
                                slow!();
                                let first = pop!();
                                let old = local!(oparg >> 4);
                                local!(oparg >> 4) = first;
                                let second = pop!();
                                let old2 = local!(oparg & 15);
                                local!(oparg & 15) = second;
                                save!();
                                old.close();
                                old2.close();
                            }
                            op::DELETE_FAST => {
                                slow!();
                                let old = local!(oparg);
                                if old.is_null() {
                                    save!();
                                    names::raise_unbound_local((*frame).code(), oparg);
                                    break 'error;
                                }
                                local!(oparg) = StackRef::NULL;
                                save!();
                                old.close();
                            }
                            op::POP_TOP | op::POP_ITER => {
                                slow!();
                                let value = pop!();
                                if !value.is_borrowed() { save!(); value.close(); }
                            }
                            // The frame stays at FOR_ITER.
                            op::END_FOR => {
                                slow!();
                                let value = pop!();
                                sync!();
                                value.close();
                            }
                            op::PUSH_NULL => push!(StackRef::NULL),
                            op::END_SEND => {
                                slow!();
                                let value = pop!();
                                let receiver = pop!();
                                push!(value);
                                save!();
                                receiver.close();
                            }
                            op::COPY => {
                                let value = peek!(oparg);
                                push!(value.dup());
                            }
                            op::SWAP => {
                                let top = peek!(1);
                                peek!(1) = peek!(oparg);
                                peek!(oparg) = top;
                            }

                            // ---- unary, truth ------------------------------------------------------------------------------------
                            op::UNARY_NEGATIVE => { slow!(); save!(); let v = tri!(number::negative(peek!(1).obj())); replace!(1, StackRef::from_owned(v)); }
                            op::UNARY_INVERT => { slow!(); save!(); let v = tri!(number::invert(peek!(1).obj())); replace!(1, StackRef::from_owned(v)); }
                            op::UNARY_NOT => {
                                slow!();
                                let value = peek!(1).ptr() == types::true_().as_ptr();
                                peek!(1) = bool_ref!(!value);
                            }
                            op::TO_BOOL => {
                                slow!();
                                if adaptive_due!() { super::specialize::to_bool(peek!(1).obj(), ip); redo!('redo); }
                                save!();
                                let truth = tri!(protocol::object::is_true(peek!(1).obj()));
                                replace!(1, bool_ref!(truth));
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_BOOL => {
                                slow!();
                                let v = peek!(1).ptr();
                                if v != types::true_().as_ptr() && v != types::false_().as_ptr() { deopt!('redo, TO_BOOL); }
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_INT => {
                                slow!();
                                let v = peek!(1);
                                if !Int::check_exact(v.obj()) { deopt!('redo, TO_BOOL); }
                                let truth = !v.obj().cast::<Int>().is_zero();
                                peek!(1) = bool_ref!(truth);
                                v.close();
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_LIST => {
                                slow!();
                                let v = peek!(1);
                                if !List::check_exact(v.obj()) { deopt!('redo, TO_BOOL); }
                                let truth = v.obj().cast::<List>().len() != 0;
                                save!();
                                replace!(1, bool_ref!(truth));
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_NONE => {
                                slow!();
                                if peek!(1).ptr() != types::none().as_ptr() { deopt!('redo, TO_BOOL); }
                                peek!(1) = bool_ref!(false);
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_STR => {
                                slow!();
                                let v = peek!(1);
                                if !Str::check_exact(v.obj()) { deopt!('redo, TO_BOOL); }
                                let truth = v.obj().cast::<Str>().len() != 0;
                                peek!(1) = bool_ref!(truth);
                                v.close();
                                ip = ip.add(3);
                            }
                            op::TO_BOOL_ALWAYS_TRUE => {
                                slow!();
                                if peek!(1).obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, TO_BOOL); }
                                save!();
                                replace!(1, bool_ref!(true));
                                ip = ip.add(3);
                            }

                            // ---- binary operators --------------------------------------------------------------------------------
                            op::BINARY_OP => {
                                slow!();
                                if adaptive_due!() { super::specialize::binary_op(peek!(2).obj(), peek!(1).obj(), ip, oparg, (*frame).locals()); redo!('redo); }
                                save!();
                                let v = tri!(binary_op::generic(peek!(2).obj(), peek!(1).obj(), oparg));
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_ADD_INT | op::BINARY_OP_SUBTRACT_INT | op::BINARY_OP_MULTIPLY_INT => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                let (l, r) = (left.obj(), right.obj());
                                if !Int::check_exact(l) || !Int::check_exact(r) { deopt!('redo, BINARY_OP); }
                                let (l, r) = (l.cast::<Int>(), r.cast::<Int>());
                                if !(l.is_compact() && r.is_compact()) { deopt!('redo, BINARY_OP); }
                                let (a, b) = (l.compact_value() as i64, r.compact_value() as i64);
                                let value = match opcode { op::BINARY_OP_ADD_INT => a + b, op::BINARY_OP_SUBTRACT_INT => a - b, _ => a * b };
                                let result = binary_op::int_result(value, left, right);
                                if result.is_null() { fail!(); }
                                sp = sp.sub(1);
                                peek!(1) = result;
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_ADD_FLOAT | op::BINARY_OP_SUBTRACT_FLOAT | op::BINARY_OP_MULTIPLY_FLOAT => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                let (l, r) = (left.obj(), right.obj());
                                if !types::Float::check_exact(l) || !types::Float::check_exact(r) { deopt!('redo, BINARY_OP); }
                                let (a, b) = (l.cast::<types::Float>().value(), r.cast::<types::Float>().value());
                                let value = match opcode { op::BINARY_OP_ADD_FLOAT => a + b, op::BINARY_OP_SUBTRACT_FLOAT => a - b, _ => a * b };
                                let result = binary_op::float_result(value, left, right);
                                if result.is_null() { fail!(); }
                                sp = sp.sub(1);
                                peek!(1) = result;
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_ADD_UNICODE => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { deopt!('redo, BINARY_OP); }
                                save!();
                                let v = tri!(Str::concat(left.obj().cast(), right.obj().cast()));
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_INPLACE_ADD_UNICODE => {
                                slow!();
                                // `s += t` with a STORE_FAST to the same local next: the local's count is given up first, so that the text can grow in place.
                                let (left, right) = (peek!(2), peek!(1));
                                if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { deopt!('redo, BINARY_OP); }
                                let next = *ip.add(5);
                                let target = &raw mut local!(next.arg as usize);
                                if next.code != op::STORE_FAST || (*target).ptr() != left.ptr() { deopt!('redo, BINARY_OP); }
                                save!();
                                let grown = binary_op::append_in_place(left, right, target);
                                sp = sp.sub(2);
                                sync!();
                                if grown.is_null() { break 'error; }
                                push!(grown);
                                right.close();
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_EXTEND => {
                                slow!();
                                let v = match binary_op::extended(peek!(2).obj(), peek!(1).obj(), cache64!(1)) { Some(v) => v, None => deopt!('redo, BINARY_OP) };
                                let v = tri!(v);
                                save!();
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(5);
                            }

                            // ---- subscripts --------------------------------------------------------------------------------------
                            op::BINARY_OP_SUBSCR_LIST_INT => {
                                slow!();
                                let (list, index) = (peek!(2), peek!(1));
                                if !Int::check_exact(index.obj()) || !List::check_exact(list.obj()) { deopt!('redo, BINARY_OP); }
                                let i = index.obj().cast::<Int>();
                                let l = list.obj().cast::<List>();
                                if !i.is_nonnegative_compact() || i.compact_value() as usize >= l.len() { deopt!('redo, BINARY_OP); }
                                let item = *l.items_ptr().add(i.compact_value() as usize);
                                let item = StackRef::new_ref(item);
                                sp = sp.sub(1);
                                peek!(1) = item;
                                index.close();
                                if !list.is_borrowed() { save!(); list.close(); }
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_SUBSCR_TUPLE_INT => {
                                slow!();
                                let (tuple, index) = (peek!(2), peek!(1));
                                if !Int::check_exact(index.obj()) || !Tuple::check_exact(tuple.obj()) { deopt!('redo, BINARY_OP); }
                                let i = index.obj().cast::<Int>();
                                let t = tuple.obj().cast::<Tuple>();
                                if !i.is_nonnegative_compact() || i.compact_value() as usize >= t.len() { deopt!('redo, BINARY_OP); }
                                let item = StackRef::new_ref(t.items()[i.compact_value() as usize]);
                                sp = sp.sub(1);
                                peek!(1) = item;
                                index.close();
                                if !tuple.is_borrowed() { save!(); tuple.close(); }
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_SUBSCR_STR_INT => {
                                slow!();
                                let (text, index) = (peek!(2), peek!(1));
                                if !Int::check_exact(index.obj()) || !Str::check_exact(text.obj()) { deopt!('redo, BINARY_OP); }
                                let i = index.obj().cast::<Int>();
                                let s = text.obj().cast::<Str>();
                                if !i.is_nonnegative_compact() || i.compact_value() as usize >= s.len() { deopt!('redo, BINARY_OP); }
                                let c = s.char_at(i.compact_value() as usize);
                                if c >= 256 { deopt!('redo, BINARY_OP); }
                                let item = StackRef::borrow(Str::latin1_char(c as u8).as_ptr());
                                sp = sp.sub(1);
                                peek!(1) = item;
                                index.close();
                                text.close();
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_SUBSCR_DICT => {
                                slow!();
                                if !Dict::check_exact(peek!(2).obj()) { deopt!('redo, BINARY_OP); }
                                save!();
                                let v = tri!(subscr::dict_item(peek!(2).obj().cast(), peek!(1).obj()));
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_SUBSCR_LIST_SLICE => {
                                slow!();
                                if !List::check_exact(peek!(2).obj()) { deopt!('redo, BINARY_OP); }
                                save!();
                                let v = tri!(protocol::mapping::get_item(peek!(2).obj(), peek!(1).obj()));
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(5);
                            }
                            op::BINARY_OP_SUBSCR_GETITEM => {
                                slow!();
                                let container = peek!(2);
                                let Some(getitem) = subscr::cached_getitem(container.obj().ty()) else { deopt!('redo, BINARY_OP) };
                                let code = getitem.code();
                                if !has_space!(code) { deopt!('redo, BINARY_OP); }
                                let new = frame::push(ts, code.0.co_framesize.get() as usize);
                                frame::initialize(new, StackRef::from_owned(Owned::from_ref(getitem)), ptr::null_mut(), code.as_object().as_ptr(), 2, frame);
                                let base = (*new).locals();
                                *base = container.heap_safe();
                                *base.add(1) = peek!(1).heap_safe();
                                sp = sp.sub(2);
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).return_offset = 6;
                                enter_frame!(new);
                            }
                            op::BINARY_SLICE => {
                                slow!();
                                save!();
                                let v = tri!(subscr::slice(peek!(3).obj(), peek!(2).obj(), peek!(1).obj()));
                                replace!(3, StackRef::from_owned(v));
                            }
                            op::STORE_SLICE => {
                                slow!();
                                save!();
                                tri!(subscr::store_slice(peek!(3).obj(), peek!(2).obj(), peek!(1).obj(), peek!(4).obj()));
                                drop_top!(4);
                            }
                            op::STORE_SUBSCR => {
                                slow!();
                                if adaptive_due!() { super::specialize::store_subscr(peek!(2).obj(), peek!(1).obj(), ip); redo!('redo); }
                                save!();
                                tri!(protocol::mapping::set_item(peek!(2).obj(), peek!(1).obj(), peek!(3).obj()));
                                drop_top!(3);
                                ip = ip.add(1);
                            }
                            op::STORE_SUBSCR_LIST_INT => {
                                slow!();
                                let (value, list, index) = (peek!(3), peek!(2), peek!(1));
                                if !Int::check_exact(index.obj()) || !List::check_exact(list.obj()) { deopt!('redo, STORE_SUBSCR); }
                                let i = index.obj().cast::<Int>();
                                let l = list.obj().cast::<List>();
                                if !i.is_nonnegative_compact() || i.compact_value() as usize >= l.len() { deopt!('redo, STORE_SUBSCR); }
                                let slot = l.items_ptr().add(i.compact_value() as usize);
                                let old = *slot;
                                *slot = value.into_ptr();
                                sp = sp.sub(3);
                                save!();
                                Object::from_ptr(old).decref();
                                index.close();
                                list.close();
                                ip = ip.add(1);
                            }
                            op::STORE_SUBSCR_DICT => {
                                slow!();
                                if !Dict::check_exact(peek!(2).obj()) { deopt!('redo, STORE_SUBSCR); }
                                save!();
                                tri!(peek!(2).obj().cast::<Dict>().set_item(peek!(1).obj(), peek!(3).obj()));
                                drop_top!(3);
                                ip = ip.add(1);
                            }
                            op::DELETE_SUBSCR => {
                                slow!();
                                save!();
                                tri!(protocol::mapping::del_item(peek!(2).obj(), peek!(1).obj()));
                                drop_top!(2);
                            }

                            // ---- comparison --------------------------------------------------------------------------------------
                            op::COMPARE_OP => {
                                slow!();
                                if adaptive_due!() { super::specialize::compare_op(peek!(2).obj(), peek!(1).obj(), ip); redo!('redo); }
                                save!();
                                let v = tri!(compare::generic(peek!(2).obj(), peek!(1).obj(), oparg));
                                replace!(2, StackRef::from_owned(v));
                                ip = ip.add(1);
                            }
                            op::COMPARE_OP_INT => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                if !Int::check_exact(left.obj()) || !Int::check_exact(right.obj()) { deopt!('redo, COMPARE_OP); }
                                let (l, r) = (left.obj().cast::<Int>(), right.obj().cast::<Int>());
                                if !(l.is_compact() && r.is_compact()) { deopt!('redo, COMPARE_OP); }
                                let truth = compare::of_ordering(l.compact_value().cmp(&r.compact_value()), oparg);
                                sp = sp.sub(1);
                                peek!(1) = bool_ref!(truth);
                                left.close();
                                right.close();
                                ip = ip.add(1);
                            }
                            op::COMPARE_OP_FLOAT => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                if !types::Float::check_exact(left.obj()) || !types::Float::check_exact(right.obj()) { deopt!('redo, COMPARE_OP); }
                                let truth = compare::floats(left.obj().cast::<types::Float>().value(), right.obj().cast::<types::Float>().value(), oparg);
                                sp = sp.sub(1);
                                peek!(1) = bool_ref!(truth);
                                left.close();
                                right.close();
                                ip = ip.add(1);
                            }
                            op::COMPARE_OP_STR => {
                                slow!();
                                let (left, right) = (peek!(2), peek!(1));
                                if !Str::check_exact(left.obj()) || !Str::check_exact(right.obj()) { deopt!('redo, COMPARE_OP); }
                                let equal = Str::equal(left.obj().cast(), right.obj().cast());
                                let truth = compare::of_equality(equal, oparg);
                                sp = sp.sub(1);
                                peek!(1) = bool_ref!(truth);
                                left.close();
                                right.close();
                                ip = ip.add(1);
                            }
                            op::IS_OP => {
                                slow!();
                                let same = (peek!(2).ptr() == peek!(1).ptr()) != (oparg == 1);
                                save!();
                                replace!(2, bool_ref!(same));
                            }
                            op::CONTAINS_OP => {
                                slow!();
                                if adaptive_due!() { super::specialize::contains_op(peek!(1).obj(), ip); redo!('redo); }
                                save!();
                                let found = tri!(protocol::sequence::contains(peek!(1).obj(), peek!(2).obj()));
                                replace!(2, bool_ref!(found != (oparg == 1)));
                                ip = ip.add(1);
                            }
                            op::CONTAINS_OP_DICT => {
                                slow!();
                                if !Dict::check_exact(peek!(1).obj()) { deopt!('redo, CONTAINS_OP); }
                                save!();
                                let found = tri!(peek!(1).obj().cast::<Dict>().contains(peek!(2).obj()));
                                replace!(2, bool_ref!(found != (oparg == 1)));
                                ip = ip.add(1);
                            }
                            op::CONTAINS_OP_SET => {
                                slow!();
                                if !Set::check_any_exact(peek!(1).obj()) { deopt!('redo, CONTAINS_OP); }
                                save!();
                                let found = tri!(crate::types::set::contains(peek!(1).obj().cast::<Set>(), peek!(2).obj()));
                                replace!(2, bool_ref!(found != (oparg == 1)));
                                ip = ip.add(1);
                            }

                            // ---- jumps -------------------------------------------------------------------------------------------
                            op::JUMP_FORWARD => ip = ip.add(oparg),
                            op::JUMP_BACKWARD | op::JUMP_BACKWARD_NO_JIT | op::JUMP_BACKWARD_JIT => {
                                slow!();
                                eval_breaker!();
                                ip = ip.add(1).sub(oparg);
                            }
                            op::JUMP_BACKWARD_NO_INTERRUPT => {
                                slow!();
                                // Behind the RESUME of `yield from`, the callee is to be interrupted. Any other loop would be deaf to signals.
                                if !exc::is_yield_from_loop(*ip.sub(2), *ip.sub(oparg)) { eval_breaker!(); }
                                ip = ip.sub(oparg);
                            }
                            op::POP_JUMP_IF_FALSE => {
                                let value = pop!();
                                ip = ip.add(1);
                                if value.ptr() == types::false_().as_ptr() { ip = ip.add(oparg); }
                            }
                            op::POP_JUMP_IF_TRUE => {
                                let value = pop!();
                                ip = ip.add(1);
                                if value.ptr() == types::true_().as_ptr() { ip = ip.add(oparg); }
                            }
                            op::POP_JUMP_IF_NONE => {
                                slow!();
                                let value = pop!();
                                if value.ptr() == types::none().as_ptr() { ip = ip.add(1 + oparg); }
                                else { save!(); value.close(); ip = ip.add(1); }
                            }
                            op::POP_JUMP_IF_NOT_NONE => {
                                slow!();
                                let value = pop!();
                                if value.ptr() == types::none().as_ptr() { ip = ip.add(1); }
                                else { save!(); value.close(); ip = ip.add(1 + oparg); }
                            }

                            // ---- iteration ---------------------------------------------------------------------------------------
                            op::GET_ITER => {
                                slow!();
                                save!();
                                let v = tri!(protocol::iter::get_iter(peek!(1).obj()));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::GET_YIELD_FROM_ITER => {
                                slow!();
                                save!();
                                let v = tri!(generator::yield_from_iter((*frame).code(), peek!(1).obj()));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::FOR_ITER => {
                                slow!();
                                if adaptive_due!() { super::specialize::for_iter(peek!(1).obj(), ip, oparg); redo!('redo); }
                                save!();
                                match tri!(iter::next(peek!(1).obj())) {
                                    Some(value) => { push!(StackRef::from_owned(value)); ip = ip.add(1); }
                                    None => ip = ip.add(1 + oparg + 1),
                                }
                            }
                            op::FOR_ITER_LIST => {
                                slow!();
                                let Some(it) = types::ListIterator::exact(peek!(1).obj()) else { deopt!('redo, FOR_ITER) };
                                match it.next_raw() {
                                    Some(item) => { push!(StackRef::new_ref(item)); ip = ip.add(1); }
                                    None => { save!(); it.exhaust(); ip = ip.add(1 + oparg + 1); }
                                }
                            }
                            op::FOR_ITER_TUPLE => {
                                slow!();
                                let Some(it) = types::TupleIterator::exact(peek!(1).obj()) else { deopt!('redo, FOR_ITER) };
                                match it.next_raw() {
                                    Some(item) => { push!(StackRef::new_ref(item)); ip = ip.add(1); }
                                    None => { save!(); it.exhaust(); ip = ip.add(1 + oparg + 1); }
                                }
                            }
                            op::FOR_ITER_RANGE => {
                                slow!();
                                let Some(it) = types::RangeIterator::exact(peek!(1).obj()) else { deopt!('redo, FOR_ITER) };
                                match it.next_value() {
                                    Some(value) => {
                                        let v = Int::new_ptr(value as i64);
                                        if v.is_null() { fail!(); }
                                        push!(StackRef::steal(v));
                                        ip = ip.add(1);
                                    }
                                    None => { save!(); ip = ip.add(1 + oparg + 1); }
                                }
                            }
                            op::FOR_ITER_GEN => {
                                slow!();
                                let gen_ref = peek!(1);
                                let Some(g) = generator::exact_resumable(gen_ref.obj()) else { deopt!('redo, FOR_ITER) };
                                if (*ts).py_recursion_remaining.get() <= 1 { deopt!('redo, FOR_ITER); }
                                let new = g.frame_ptr();
                                // The generator's stack receives None as the value of its `yield`.
                                *(*new).stackpointer = StackRef::borrow(types::none().as_ptr());
                                (*new).stackpointer = (*new).stackpointer.add(1);
                                g.mark_executing(ts);
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).return_offset = (1 + 1 + oparg) as u16;
                                enter_frame!(new);
                            }
                            op::SEND => {
                                slow!();
                                if adaptive_due!() { super::specialize::send(peek!(2).obj(), ip); redo!('redo); }
                                save!();
                                match tri!(generator::send(peek!(2).obj(), peek!(1).obj())) {
                                    generator::Sent::Yielded(value) => { replace!(1, StackRef::from_owned(value)); ip = ip.add(1); }
                                    generator::Sent::Returned(value) => {
                                        replace!(1, StackRef::from_owned(value));
                                        // An iterator that is at its end may be asked again and again.
                                        eval_breaker!();
                                        ip = ip.add(1 + oparg);
                                    }
                                }
                            }
                            op::SEND_GEN => {
                                slow!();
                                let Some(g) = generator::exact_resumable_any(peek!(2).obj()) else { deopt!('redo, SEND) };
                                if (*ts).py_recursion_remaining.get() <= 1 { deopt!('redo, SEND); }
                                let value = pop!();
                                let new = g.frame_ptr();
                                *(*new).stackpointer = value.heap_safe();
                                (*new).stackpointer = (*new).stackpointer.add(1);
                                g.mark_executing(ts);
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).return_offset = (1 + 1 + oparg) as u16;
                                enter_frame!(new);
                            }
                            op::YIELD_VALUE => {
                                slow!();
                                // The frame's own pointer moves on: a suspended generator stands at its RESUME.
                                let value = pop!().heap_safe();
                                (*frame).instr_ptr = ip;
                                (*frame).stackpointer = sp;
                                generator::suspend(ts, frame, oparg);
                                (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() + 1);
                                let caller = (*frame).previous;
                                (*frame).previous = ptr::null_mut();
                                frame = caller;
                                (*ts).current_frame.set(frame as *mut _);
                                if (*frame).owner == OWNED_BY_INTERPRETER {
                                    (*ts).current_frame.set((*frame).previous as *mut _);
                                    return value.ptr();
                                }
                                // The caller is at FOR_ITER or SEND: one cache entry, then its body.
                                sp = (*frame).stackpointer;
                                consts = (*frame).code().consts_ptr();
                                ip = (*frame).instr_ptr.add(2);
                                push!(value);
                            }
                            op::RETURN_GENERATOR => {
                                slow!();
                                save!();
                                let g = tri!(generator::from_frame(ts, frame));
                                let dying = frame;
                                frame = (*dying).previous;
                                (*ts).current_frame.set(frame as *mut _);
                                (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() + 1);
                                frame::pop(ts, dying);
                                resume_frame!();
                                push!(StackRef::from_owned(g));
                            }
                            op::GET_AWAITABLE => {
                                slow!();
                                save!();
                                let v = tri!(generator::get_awaitable(peek!(1).obj(), oparg));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::GET_AITER => { slow!(); save!(); let v = tri!(generator::get_aiter(peek!(1).obj())); replace!(1, StackRef::from_owned(v)); }
                            op::GET_ANEXT => { slow!(); save!(); let v = tri!(generator::get_anext(peek!(1).obj())); push!(StackRef::from_owned(v)); }
                            op::END_ASYNC_FOR => {
                                slow!();
                                save!();
                                if exc::is_stop_async_iteration(peek!(1).obj()) { drop_top!(2); }
                                else {
                                    let value = pop!();
                                    save!();
                                    exc::reraise(value.into_owned());
                                    reraised = true;
                                    handler_at = ip.sub(1);
                                    break 'error;
                                }
                            }
                            op::CLEANUP_THROW => {
                                slow!();
                                save!();
                                match exc::stop_iteration_value(peek!(1).obj()) {
                                    Some(value) => {
                                        let (sub_iter, last, exc_value) = (peek!(3), peek!(2), peek!(1));
                                        sp = sp.sub(3);
                                        push!(StackRef::borrow(types::none().as_ptr()));
                                        push!(StackRef::from_owned(value));
                                        sync!();
                                        exc_value.close();
                                        last.close();
                                        sub_iter.close();
                                    }
                                    None => {
                                        exc::reraise(peek!(1).obj().to_owned());
                                        reraised = true;
                                        handler_at = ip.sub(1);
                                        break 'error;
                                    }
                                }
                            }
                            op::RETURN_VALUE => {
                                slow!();
                                let value = pop!().heap_safe();
                                let dying = frame;
                                (*dying).stackpointer = sp;
                                (*dying).instr_ptr = ip.sub(1);
                                frame = (*dying).previous;
                                (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() + 1);
                                if (*dying).owner == OWNED_BY_GENERATOR {
                                    (*ts).current_frame.set(frame as *mut _);
                                    generator::finish(ts, dying);
                                } else {
                                    (*ts).current_frame.set(frame as *mut _);
                                    frame::clear_thread_frame(ts, dying);
                                }
                                resume_frame!();
                                push!(value);
                            }
                            op::INTERPRETER_EXIT => {
                                slow!();
                                (*ts).current_frame.set((*entry).previous as *mut _);
                                return pop!().ptr();
                            }

                            // ---- names -------------------------------------------------------------------------------------------
                            op::LOAD_NAME => { slow!(); save!(); let v = tri!(names::load_name(frame, name!(oparg))); push!(StackRef::from_owned(v)); }
                            op::STORE_NAME => { slow!(); save!(); tri!(names::store_name(frame, name!(oparg), peek!(1).obj())); drop_top!(1); }
                            op::DELETE_NAME => { slow!(); save!(); tri!(names::delete_name(frame, name!(oparg))); }
                            op::STORE_GLOBAL => { slow!(); save!(); tri!(names::store_global(frame, name!(oparg), peek!(1).obj())); drop_top!(1); }
                            op::DELETE_GLOBAL => { slow!(); save!(); tri!(names::delete_global(frame, name!(oparg))); }
                            op::LOAD_GLOBAL => {
                                slow!();
                                if adaptive_due!() { globals::specialize((*frame).f_globals, (*frame).f_builtins, ip, name!(oparg >> 1)); redo!('redo); }
                                save!();
                                let v = tri!(names::load_global(frame, name!(oparg >> 1)));
                                push!(StackRef::from_owned(v));
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(4);
                            }
                            op::LOAD_GLOBAL_MODULE => {
                                slow!();
                                let value = globals::entry_if_version((*frame).f_globals, cache16!(1), cache16!(3));
                                if value.is_null() { deopt!('redo, LOAD_GLOBAL); }
                                push!(StackRef::new_ref(value));
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(4);
                            }
                            op::LOAD_GLOBAL_BUILTIN => {
                                slow!();
                                if !globals::keys_version_is((*frame).f_globals, cache16!(1)) { deopt!('redo, LOAD_GLOBAL); }
                                let value = globals::entry_if_version((*frame).f_builtins, cache16!(2), cache16!(3));
                                if value.is_null() { deopt!('redo, LOAD_GLOBAL); }
                                push!(StackRef::new_ref(value));
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(4);
                            }
                            op::LOAD_LOCALS => { slow!(); save!(); let v = tri!(names::load_locals(frame)); push!(StackRef::from_owned(v)); }
                            op::LOAD_FROM_DICT_OR_GLOBALS => {
                                slow!();
                                save!();
                                let v = tri!(names::load_from_dict_or_globals(frame, peek!(1).obj(), name!(oparg)));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::LOAD_FROM_DICT_OR_DEREF => {
                                slow!();
                                save!();
                                let v = tri!(names::load_from_dict_or_deref(frame, peek!(1).obj(), oparg));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::LOAD_DEREF => {
                                slow!();
                                let cell = local!(oparg).obj().cast::<PyCell>();
                                let value = cell.0.ob_ref.get();
                                if value.is_null() {
                                    save!();
                                    names::raise_unbound_deref((*frame).code(), oparg);
                                    break 'error;
                                }
                                push!(StackRef::new_ref(value));
                            }
                            op::STORE_DEREF => {
                                slow!();
                                let value = pop!().into_ptr();
                                let cell = local!(oparg).obj().cast::<PyCell>();
                                save!();
                                let old = cell.0.ob_ref.replace(value);
                                crate::object::xdecref(old);
                            }
                            op::DELETE_DEREF => {
                                slow!();
                                save!();
                                let old = local!(oparg).obj().cast::<PyCell>().0.ob_ref.replace(ptr::null_mut());
                                if old.is_null() {
                                    names::raise_unbound_deref((*frame).code(), oparg);
                                    break 'error;
                                }
                                Object::from_ptr(old).decref();
                            }
                            op::MAKE_CELL => {
                                slow!();
                                let initial = local!(oparg);
                                // A handler may count on a cell being there (the verifier says so): without memory for one there is no way on.
                                let Ok(cell) = PyCell::new_raw(if initial.is_null() { ptr::null_mut() } else { initial.into_ptr() }) else {
                                    std::alloc::handle_alloc_error(std::alloc::Layout::new::<PyCell>())
                                };
                                local!(oparg) = StackRef::from_owned(cell);
                            }
                            op::COPY_FREE_VARS => {
                                slow!();
                                let closure = (*frame).func().0.func_closure.get();
                                let items = types::tuple::raw_items(closure);
                                let offset = (*frame).code().0.co_nlocalsplus.get() as usize - oparg;
                                for i in 0..oparg { local!(offset + i) = StackRef::new_ref(*items.add(i)); }
                            }
                            op::LOAD_BUILD_CLASS => { slow!(); save!(); let v = tri!(names::load_build_class(frame)); push!(StackRef::from_owned(v)); }
                            op::LOAD_COMMON_CONSTANT => push!(StackRef::new_ref(names::common_constant(oparg).as_ptr())),
                            op::SETUP_ANNOTATIONS => { slow!(); save!(); tri!(names::setup_annotations(frame)); }

                            // ---- attributes --------------------------------------------------------------------------------------
                            op::LOAD_ATTR => {
                                slow!();
                                if adaptive_due!() { attr::specialize_load(peek!(1).obj(), ip, name!(oparg >> 1), oparg & 1 != 0); redo!('redo); }
                                save!();
                                let name = name!(oparg >> 1);
                                if oparg & 1 != 0 {
                                    match tri!(attr::load_method(peek!(1).obj(), name)) {
                                        attr::Loaded::Unbound(function) => {
                                            let owner = peek!(1);
                                            peek!(1) = StackRef::from_owned(function);
                                            push!(owner);
                                        }
                                        attr::Loaded::Value(value) => {
                                            replace!(1, StackRef::from_owned(value));
                                            push!(StackRef::NULL);
                                        }
                                    }
                                } else {
                                    let v = tri!(protocol::object::get_attr(peek!(1).obj(), name));
                                    replace!(1, StackRef::from_owned(v));
                                }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_INSTANCE_VALUE => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                let value = attr::inline_value(owner.obj(), cache16!(3));
                                if value.is_null() { deopt!('redo, LOAD_ATTR); }
                                peek!(1) = StackRef::new_ref(value);
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                if !owner.is_borrowed() { save!(); owner.close(); }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_WITH_HINT => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                let value = attr::hinted_value(owner.obj(), name!(oparg >> 1), cache16!(3));
                                if value.is_null() { deopt!('redo, LOAD_ATTR); }
                                let value = StackRef::new_ref(value);
                                save!();
                                replace!(1, value);
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_MODULE => {
                                slow!();
                                let owner = peek!(1);
                                let value = attr::module_value(owner.obj(), cache32!(1), cache16!(3));
                                if value.is_null() { deopt!('redo, LOAD_ATTR); }
                                let value = StackRef::new_ref(value);
                                save!();
                                replace!(1, value);
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_SLOT => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                let value = *((owner.ptr() as *const u8).add(cache16!(3) as usize) as *const *mut PyObject);
                                if value.is_null() { deopt!('redo, LOAD_ATTR); }
                                let value = StackRef::new_ref(value);
                                save!();
                                replace!(1, value);
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_CLASS | op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK => {
                                slow!();
                                let owner = peek!(1);
                                if opcode == op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK && owner.obj().ty().0.tp_version_tag.get() != cache32!(3) { deopt!('redo, LOAD_ATTR); }
                                if !Type::check(owner.obj()) || owner.obj().cast::<Type>().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                let value = StackRef::new_ref(cache64!(5) as *mut PyObject);
                                save!();
                                replace!(1, value);
                                if oparg & 1 != 0 { push!(StackRef::NULL); }
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_METHOD_WITH_VALUES | op::LOAD_ATTR_METHOD_NO_DICT | op::LOAD_ATTR_METHOD_LAZY_DICT => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                if opcode == op::LOAD_ATTR_METHOD_WITH_VALUES {
                                    if !attr::values_valid_and_keys_version(owner.obj(), cache32!(3)) { deopt!('redo, LOAD_ATTR); }
                                } else if opcode == op::LOAD_ATTR_METHOD_LAZY_DICT && !attr::dict_slot_is_null(owner.obj(), cache16!(3)) {
                                    deopt!('redo, LOAD_ATTR);
                                }
                                peek!(1) = StackRef::new_ref(cache64!(5) as *mut PyObject);
                                push!(owner);
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES | op::LOAD_ATTR_NONDESCRIPTOR_NO_DICT => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                if opcode == op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES && !attr::values_valid_and_keys_version(owner.obj(), cache32!(3)) { deopt!('redo, LOAD_ATTR); }
                                let value = StackRef::new_ref(cache64!(5) as *mut PyObject);
                                save!();
                                replace!(1, value);
                                ip = ip.add(9);
                            }
                            op::LOAD_ATTR_PROPERTY | op::LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN => {
                                slow!();
                                // The getter (or `__getattribute__`) is a Python function of exactly the arguments: its frame is pushed here.
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, LOAD_ATTR); }
                                let getter: &Function = (*(cache64!(5) as *const Object)).cast();
                                if getter.0.func_version.get() != cache32!(3) || oparg & 1 != 0 { deopt!('redo, LOAD_ATTR); }
                                let code = getter.code();
                                if !has_space!(code) { deopt!('redo, LOAD_ATTR); }
                                let nargs = if opcode == op::LOAD_ATTR_PROPERTY { 1 } else { 2 };
                                let new = frame::push(ts, code.0.co_framesize.get() as usize);
                                frame::initialize(new, StackRef::from_owned(Owned::from_ref(getter)), ptr::null_mut(), code.as_object().as_ptr(), nargs, frame);
                                *(*new).locals() = owner.heap_safe();
                                if nargs == 2 { *(*new).locals().add(1) = StackRef::new_ref(name!(oparg >> 1).as_object().as_ptr()); }
                                sp = sp.sub(1);
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).return_offset = 10;
                                enter_frame!(new);
                            }
                            op::STORE_ATTR => {
                                slow!();
                                if adaptive_due!() { attr::specialize_store(peek!(1).obj(), ip, name!(oparg)); redo!('redo); }
                                save!();
                                tri!(protocol::object::set_attr(peek!(1).obj(), name!(oparg), Some(peek!(2).obj())));
                                drop_top!(2);
                                ip = ip.add(4);
                            }
                            op::STORE_ATTR_INSTANCE_VALUE => {
                                slow!();
                                let (value, owner) = (peek!(2), peek!(1));
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, STORE_ATTR); }
                                let Some(old) = attr::store_inline_value(owner.obj(), cache16!(3), value) else { deopt!('redo, STORE_ATTR) };
                                sp = sp.sub(2);
                                save!();
                                crate::object::xdecref(old);
                                owner.close();
                                ip = ip.add(4);
                            }
                            op::STORE_ATTR_SLOT => {
                                slow!();
                                let (value, owner) = (peek!(2), peek!(1));
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, STORE_ATTR); }
                                let slot = (owner.ptr() as *mut u8).add(cache16!(3) as usize) as *mut *mut PyObject;
                                let old = *slot;
                                *slot = value.into_ptr();
                                sp = sp.sub(2);
                                save!();
                                crate::object::xdecref(old);
                                owner.close();
                                ip = ip.add(4);
                            }
                            op::STORE_ATTR_WITH_HINT => {
                                slow!();
                                let owner = peek!(1);
                                if owner.obj().ty().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, STORE_ATTR); }
                                save!();
                                if !attr::store_hinted(owner.obj(), name!(oparg), cache16!(3), peek!(2).obj()) { deopt!('redo, STORE_ATTR); }
                                drop_top!(2);
                                ip = ip.add(4);
                            }
                            op::DELETE_ATTR => {
                                slow!();
                                save!();
                                tri!(protocol::object::set_attr(peek!(1).obj(), name!(oparg), None));
                                drop_top!(1);
                            }
                            op::LOAD_SUPER_ATTR | op::LOAD_SUPER_ATTR_ATTR | op::LOAD_SUPER_ATTR_METHOD => {
                                slow!();
                                save!();
                                match tri!(attr::load_super(peek!(3).obj(), peek!(2).obj(), peek!(1).obj(), name!(oparg >> 2), oparg & 2 != 0, oparg & 1 != 0)) {
                                    attr::Loaded::Unbound(function) => {
                                        let (a, b, owner) = (peek!(3), peek!(2), peek!(1));
                                        sp = sp.sub(3);
                                        push!(StackRef::from_owned(function));
                                        push!(owner);
                                        sync!();
                                        b.close();
                                        a.close();
                                    }
                                    attr::Loaded::Value(value) => {
                                        replace!(3, StackRef::from_owned(value));
                                        if oparg & 1 != 0 { push!(StackRef::NULL); }
                                    }
                                }
                                ip = ip.add(1);
                            }
                            op::LOAD_SPECIAL => {
                                slow!();
                                save!();
                                match tri!(special::load(peek!(1).obj(), oparg)) {
                                    attr::Loaded::Unbound(function) => {
                                        let owner = peek!(1);
                                        peek!(1) = StackRef::from_owned(function);
                                        push!(owner.heap_safe());
                                    }
                                    attr::Loaded::Value(value) => { replace!(1, StackRef::from_owned(value)); push!(StackRef::NULL); }
                                }
                            }

                            // ---- calls -------------------------------------------------------------------------------------------
                            op::CALL | op::CALL_NON_PY_GENERAL | op::CALL_PY_GENERAL | op::CALL_BOUND_METHOD_GENERAL => {
                                slow!();
                                if opcode == op::CALL && adaptive_due!() { call::specialize(peek!(oparg + 2).obj(), peek!(oparg + 1), ip, oparg); redo!('redo); }
                                let mut args = sp.sub(oparg);
                                let mut total = oparg;
                                if (*args.sub(1)).is_null() {
                                    // A bound method becomes its function with `self` in front; owned counts go into both slots.
                                    let callable = *args.sub(2);
                                    if let Some(method) = types::Method::exact(callable.obj()) {
                                        *args.sub(1) = StackRef::new_ref(method.0.im_self.get());
                                        *args.sub(2) = StackRef::new_ref(method.0.im_func.get());
                                        save!();
                                        callable.close();
                                    }
                                }
                                if !(*args.sub(1)).is_null() { args = args.sub(1); total += 1; }
                                let callable = *sp.sub(oparg + 2);
                                save!();
                                if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
                                    (*frame).return_offset = 4;
                                    let base = sp.sub(oparg + 2);
                                    let new = call::push_frame(ts, callable, args, total, ptr::null_mut(), frame);
                                    // Arguments and callable moved into the frame, or are closed if that failed.
                                    sp = base;
                                    sync!();
                                    if new.is_null() { break 'error; }
                                    enter_frame!(new);
                                } else {
                                    let result = call::vectorcall_stack(callable.obj(), args, total, ptr::null_mut());
                                    sp = call::close_args(frame, sp, oparg + 2);
                                    if result.is_null() { break 'error; }
                                    push!(StackRef::steal(result));
                                    ip = ip.add(3);
                                    eval_breaker_after_call!();
                                }
                            }
                            op::CALL_PY_EXACT_ARGS | op::CALL_BOUND_METHOD_EXACT_ARGS => {
                                slow!();
                                let mut callable = peek!(oparg + 2);
                                let mut receiver = peek!(oparg + 1);
                                if opcode == op::CALL_BOUND_METHOD_EXACT_ARGS {
                                    if !receiver.is_null() { deopt!('redo, CALL); }
                                    let Some(method) = types::Method::exact(callable.obj()) else { deopt!('redo, CALL) };
                                    let function = method.0.im_func.get();
                                    if (*(function as *const Function)).0.func_version.get() != cache32!(1) || !Function::check_exact(Object::from_ptr(function)) { deopt!('redo, CALL); }
                                    let owner = method.0.im_self.get();
                                    if !has_space!((*(function as *const Function)).code()) { deopt!('redo, CALL); }
                                    let bound = callable;
                                    receiver = StackRef::new_ref(owner);
                                    callable = StackRef::new_ref(function);
                                    peek!(oparg + 1) = receiver;
                                    peek!(oparg + 2) = callable;
                                    save!();
                                    bound.close();
                                } else {
                                    if !Function::check_exact(callable.obj()) || callable.obj().cast::<Function>().0.func_version.get() != cache32!(1) { deopt!('redo, CALL); }
                                }
                                let function: &Function = callable.obj().cast();
                                let code = function.code();
                                let total = oparg + !receiver.is_null() as usize;
                                if code.0.co_argcount.get() as usize != total || !has_space!(code) { deopt!('redo, CALL); }
                                let new = frame::push(ts, code.0.co_framesize.get() as usize);
                                let args = sp.sub(total);
                                frame::initialize(new, callable.heap_safe(), ptr::null_mut(), code.as_object().as_ptr(), total, frame);
                                let base = (*new).locals();
                                for i in 0..total { *base.add(i) = (*args.add(i)).heap_safe(); }
                                sp = sp.sub(oparg + 2);
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).return_offset = 4;
                                enter_frame!(new);
                            }
                            op::CALL_TYPE_1 => {
                                slow!();
                                if !peek!(2).is_null() || oparg != 1 || peek!(3).ptr() != types::type_type().as_ptr() { deopt!('redo, CALL); }
                                let arg = peek!(1);
                                let ty = StackRef::new_ref(arg.obj().ty().as_ptr());
                                sp = sp.sub(2);
                                peek!(1) = ty;
                                save!();
                                arg.close();
                                ip = ip.add(3);
                            }
                            op::CALL_STR_1 | op::CALL_TUPLE_1 => {
                                slow!();
                                let expected = if opcode == op::CALL_STR_1 { Str::type_object() } else { Tuple::type_object() };
                                if !peek!(2).is_null() || oparg != 1 || peek!(3).ptr() != expected.as_ptr() { deopt!('redo, CALL); }
                                save!();
                                let v = if opcode == op::CALL_STR_1 { tri!(protocol::object::str(peek!(1).obj())).into_object() } else { tri!(protocol::sequence::to_tuple(peek!(1).obj())).into_object() };
                                replace!(3, StackRef::from_owned(v));
                                ip = ip.add(3);
                                eval_breaker_after_call!();
                            }
                            op::CALL_BUILTIN_CLASS | op::CALL_BUILTIN_O | op::CALL_BUILTIN_FAST | op::CALL_BUILTIN_FAST_WITH_KEYWORDS
                            | op::CALL_METHOD_DESCRIPTOR_O | op::CALL_METHOD_DESCRIPTOR_FAST | op::CALL_METHOD_DESCRIPTOR_NOARGS
                            | op::CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS => {
                                slow!();
                                let receiver = peek!(oparg + 1);
                                let total = oparg + !receiver.is_null() as usize;
                                let callable = peek!(oparg + 2);
                                save!();
                                let Some(result) = call::native(opcode, callable.obj(), sp.sub(total), total) else { deopt!('redo, CALL) };
                                if oparg == 0 && receiver.is_borrowed() && callable.is_borrowed() {
                                    sp = sp.sub(2);
                                } else {
                                    sp = call::close_args(frame, sp, oparg + 2);
                                }
                                if result.is_null() { call::result_check(); break 'error; }
                                push!(StackRef::steal(result));
                                ip = ip.add(3);
                                eval_breaker_after_call!();
                            }
                            op::CALL_LEN => {
                                slow!();
                                if !peek!(2).is_null() || oparg != 1 || peek!(3).ptr() != call::builtin_len() { deopt!('redo, CALL); }
                                save!();
                                let n = tri!(protocol::sequence::len(peek!(1).obj()));
                                let v = Int::new_ptr(n as i64);
                                if v.is_null() { fail!(); }
                                replace!(3, StackRef::steal(v));
                                ip = ip.add(3);
                            }
                            op::CALL_ISINSTANCE => {
                                slow!();
                                if !peek!(3).is_null() || oparg != 2 || peek!(4).ptr() != call::builtin_isinstance() { deopt!('redo, CALL); }
                                save!();
                                let truth = tri!(protocol::object::is_instance(peek!(2).obj(), peek!(1).obj()));
                                replace!(4, bool_ref!(truth));
                                ip = ip.add(3);
                            }
                            op::CALL_LIST_APPEND => {
                                slow!();
                                // callable, self, value; the value's count moves into the list. POP_TOP follows and is skipped.
                                let (callable, owner, value) = (peek!(3), peek!(2), peek!(1));
                                if oparg != 1 || owner.is_null() || callable.ptr() != call::list_append() || !List::check_exact(owner.obj()) { deopt!('redo, CALL); }
                                let ok = owner.obj().cast::<List>().push(value.into_owned());
                                sp = sp.sub(3);
                                if ok.is_err() { owner.close(); callable.close(); fail!(); }
                                if !owner.is_borrowed() { save!(); owner.close(); }
                                callable.close();
                                ip = ip.add(3 + 1);
                            }
                            op::CALL_ALLOC_AND_ENTER_INIT => {
                                slow!();
                                let callable = peek!(oparg + 2);
                                if !peek!(oparg + 1).is_null() || !Type::check(callable.obj()) || callable.obj().cast::<Type>().0.tp_version_tag.get() != cache32!(1) { deopt!('redo, CALL); }
                                let cls: &Type = callable.obj().cast();
                                let Some((init, simple)) = call::cached_init(cls, oparg + 1) else { deopt!('redo, CALL) };
                                let code = init.code();
                                if (*ts).py_recursion_remaining.get() <= 1 || !frame::has_space(ts, code.0.co_framesize.get() as usize + call::INIT_SHIM_SIZE) { deopt!('redo, CALL); }
                                save!();
                                let object = tri!(crate::gc::generic_alloc(cls, 0));
                                // The shim frame below __init__'s checks its result and returns the object.
                                let shim = call::push_init_shim(ts, object.object(), frame);
                                if !simple {
                                    // Its arguments are bound as those of any call; the object stands where self was not.
                                    let args = sp.sub(oparg + 1);
                                    *args = StackRef::from_owned(object);
                                    let new = call::push_frame(ts, StackRef::from_owned(Owned::from_ref(init)), args, oparg + 1, ptr::null_mut(), shim);
                                    sp = sp.sub(oparg + 2);
                                    sync!();
                                    callable.close();
                                    if new.is_null() {
                                        frame::clear_thread_frame(ts, shim);
                                        fail!();
                                    }
                                    (*frame).return_offset = 4;
                                    (*shim).previous = frame;
                                    (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() - 1);
                                    frame = shim;
                                    sp = (*shim).stackpointer;
                                    enter_frame!(new);
                                    break 'dispatch;
                                }
                                let new = frame::push(ts, code.0.co_framesize.get() as usize);
                                let total = oparg + 1;
                                frame::initialize(new, StackRef::from_owned(Owned::from_ref(init)), ptr::null_mut(), code.as_object().as_ptr(), total, shim);
                                let base = (*new).locals();
                                *base = StackRef::from_owned(object);
                                let args = sp.sub(oparg);
                                for i in 0..oparg { *base.add(1 + i) = (*args.add(i)).heap_safe(); }
                                sp = sp.sub(oparg + 2);
                                sync!();
                                (*frame).return_offset = 4;
                                (*shim).previous = frame;
                                (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() - 1);
                                frame = shim;
                                sp = (*shim).stackpointer;
                                callable.close();
                                enter_frame!(new);
                            }
                            op::EXIT_INIT_CHECK => {
                                slow!();
                                let value = pop!();
                                if value.ptr() != types::none().as_ptr() {
                                    push!(value);
                                    save!();
                                    let _ = crate::err!(TypeError, "__init__() should return None, not '{}'", value.obj().type_name());
                                    break 'error;
                                }
                            }
                            op::CALL_KW | op::CALL_KW_PY | op::CALL_KW_BOUND_METHOD | op::CALL_KW_NON_PY => {
                                slow!();
                                if opcode == op::CALL_KW && adaptive_due!() { call::specialize_kw(peek!(oparg + 3).obj(), peek!(oparg + 2), ip); redo!('redo); }
                                let kwnames = peek!(1);
                                let mut args = sp.sub(1 + oparg);
                                let mut total = oparg;
                                if (*args.sub(1)).is_null() {
                                    let callable = *args.sub(2);
                                    if let Some(method) = types::Method::exact(callable.obj()) {
                                        *args.sub(1) = StackRef::new_ref(method.0.im_self.get());
                                        *args.sub(2) = StackRef::new_ref(method.0.im_func.get());
                                        save!();
                                        callable.close();
                                    }
                                }
                                if !(*args.sub(1)).is_null() { args = args.sub(1); total += 1; }
                                let callable = *sp.sub(oparg + 3);
                                save!();
                                if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
                                    (*frame).return_offset = 4;
                                    let base = sp.sub(oparg + 3);
                                    let new = call::push_frame(ts, callable, args, total, kwnames.ptr(), frame);
                                    sp = base;
                                    sync!();
                                    kwnames.close();
                                    if new.is_null() { break 'error; }
                                    enter_frame!(new);
                                } else {
                                    let result = call::vectorcall_stack(callable.obj(), args, total, kwnames.ptr());
                                    sp = call::close_args(frame, sp, oparg + 3);
                                    if result.is_null() { break 'error; }
                                    push!(StackRef::steal(result));
                                    ip = ip.add(3);
                                    eval_breaker_after_call!();
                                }
                            }
                            op::CALL_FUNCTION_EX => {
                                slow!();
                                save!();
                                tri!(call::prepare_ex(sp));
                                let (callable, args, kwargs) = (peek!(4), peek!(2), peek!(1));
                                if Function::check_exact(callable.obj()) && callable.obj().cast::<Function>().is_inlinable() {
                                    (*frame).return_offset = 1;
                                    let new = call::push_frame_ex(ts, callable, args, kwargs, frame);
                                    sp = sp.sub(4);
                                    sync!();
                                    args.close();
                                    kwargs.close();
                                    if new.is_null() { break 'error; }
                                    enter_frame!(new);
                                } else {
                                    let kw = if kwargs.is_null() { None } else { Some(kwargs.obj().cast::<Dict>()) };
                                    let v = tri!(protocol::call::call(callable.obj(), args.obj().cast(), kw));
                                    replace!(4, StackRef::from_owned(v));
                                    eval_breaker!();
                                }
                            }
                            op::CALL_INTRINSIC_1 => { slow!(); save!(); let v = tri!(intrinsics::unary(oparg, peek!(1).obj(), frame)); replace!(1, StackRef::from_owned(v)); }
                            op::CALL_INTRINSIC_2 => { slow!(); save!(); let v = tri!(intrinsics::binary(oparg, peek!(2).obj(), peek!(1).obj())); replace!(2, StackRef::from_owned(v)); }
                            op::MAKE_FUNCTION => {
                                slow!();
                                save!();
                                let v = tri!(Function::new(peek!(1).obj().cast::<Code>(), Object::from_ptr((*frame).f_globals).cast::<Dict>(), None));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::SET_FUNCTION_ATTRIBUTE => {
                                slow!();
                                let function = peek!(1);
                                let set = function.obj().cast::<Function>().set_attribute(oparg, peek!(2).into_owned());
                                sp = sp.sub(1);
                                peek!(1) = function;
                                tri!(set);
                            }

                            // ---- building and taking apart -----------------------------------------------------------------------
                            op::BUILD_TUPLE => { slow!(); save!(); let v = build::tuple(sp.sub(oparg), oparg); sp = sp.sub(oparg); if v.is_null() { fail!(); } push!(StackRef::steal(v)); }
                            op::BUILD_LIST => { slow!(); save!(); let v = build::list(sp.sub(oparg), oparg); sp = sp.sub(oparg); if v.is_null() { fail!(); } push!(StackRef::steal(v)); }
                            op::BUILD_SET => { slow!(); save!(); let v = tri!(build::set(sp.sub(oparg), oparg)); sp = call::close_args(frame, sp, oparg); push!(StackRef::from_owned(v)); }
                            op::BUILD_MAP => { slow!(); save!(); let v = tri!(build::map(sp.sub(2 * oparg), oparg)); sp = call::close_args(frame, sp, 2 * oparg); push!(StackRef::from_owned(v)); }
                            op::BUILD_STRING => { slow!(); save!(); let v = tri!(build::string(sp.sub(oparg), oparg)); sp = call::close_args(frame, sp, oparg); push!(StackRef::from_owned(v)); }
                            op::BUILD_SLICE => {
                                slow!();
                                save!();
                                let v = tri!(build::slice(peek!(oparg).obj(), peek!(oparg - 1).obj(), if oparg == 3 { Some(peek!(1).obj()) } else { None }));
                                sp = call::close_args(frame, sp, oparg);
                                push!(StackRef::from_owned(v));
                            }
                            op::BUILD_TEMPLATE => { slow!(); save!(); let v = tri!(build::template(peek!(2).obj(), peek!(1).obj())); replace!(2, StackRef::from_owned(v)); }
                            op::BUILD_INTERPOLATION => {
                                slow!();
                                save!();
                                let n = 2 + (oparg & 1);
                                let spec = if oparg & 1 != 0 { Some(peek!(1).obj()) } else { None };
                                let v = tri!(build::interpolation(peek!(n).obj(), peek!(n - 1).obj(), oparg >> 2, spec));
                                sp = call::close_args(frame, sp, n);
                                push!(StackRef::from_owned(v));
                            }
                            op::LIST_APPEND => {
                                slow!();
                                let value = pop!().into_owned();
                                if peek!(oparg).obj().cast::<List>().push(value).is_err() { fail!(); }
                            }
                            op::SET_ADD => { slow!(); save!(); tri!(build::set_add(peek!(oparg + 1).obj(), peek!(1).obj())); drop_top!(1); }
                            op::MAP_ADD => { slow!(); save!(); tri!(peek!(oparg + 2).obj().cast::<Dict>().set_item(peek!(2).obj(), peek!(1).obj())); drop_top!(2); }
                            op::LIST_EXTEND => { slow!(); save!(); tri!(build::list_extend(peek!(oparg + 1).obj().cast(), peek!(1).obj())); drop_top!(1); }
                            op::SET_UPDATE => { slow!(); save!(); tri!(peek!(oparg + 1).obj().cast::<Set>().update(peek!(1).obj())); drop_top!(1); }
                            op::DICT_UPDATE => { slow!(); save!(); tri!(build::dict_update(peek!(oparg + 1).obj().cast(), peek!(1).obj())); drop_top!(1); }
                            op::DICT_MERGE => { slow!(); save!(); tri!(build::dict_merge(peek!(oparg + 1).obj().cast(), peek!(1).obj(), peek!(oparg + 4).obj())); drop_top!(1); }
                            op::UNPACK_SEQUENCE => {
                                slow!();
                                if adaptive_due!() { super::specialize::unpack_sequence(peek!(1).obj(), ip, oparg); redo!('redo); }
                                let value = pop!();
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).stackpointer = sp;
                                let done = unpack::sequence(value.obj(), oparg, sp);
                                if done.is_err() { value.close(); break 'error; }
                                sp = sp.add(oparg);
                                sync!();
                                value.close();
                                ip = ip.add(1);
                            }
                            op::UNPACK_SEQUENCE_TWO_TUPLE | op::UNPACK_SEQUENCE_TUPLE => {
                                slow!();
                                let value = peek!(1);
                                if !Tuple::check_exact(value.obj()) || value.obj().cast::<Tuple>().len() != oparg { deopt!('redo, UNPACK_SEQUENCE); }
                                sp = sp.sub(1);
                                let items = types::tuple::raw_items(value.ptr());
                                for i in 0..oparg { *sp.add(oparg - 1 - i) = StackRef::new_ref(*items.add(i)); }
                                sp = sp.add(oparg);
                                if !value.is_borrowed() { save!(); value.close(); }
                                ip = ip.add(1);
                            }
                            op::UNPACK_SEQUENCE_LIST => {
                                slow!();
                                let value = peek!(1);
                                if !List::check_exact(value.obj()) || value.obj().cast::<List>().len() != oparg { deopt!('redo, UNPACK_SEQUENCE); }
                                sp = sp.sub(1);
                                let items = value.obj().cast::<List>().items_ptr();
                                for i in 0..oparg { *sp.add(oparg - 1 - i) = StackRef::new_ref(*items.add(i)); }
                                sp = sp.add(oparg);
                                if !value.is_borrowed() { save!(); value.close(); }
                                ip = ip.add(1);
                            }
                            op::UNPACK_EX => {
                                slow!();
                                let value = pop!();
                                (*frame).instr_ptr = ip.sub(1);
                                (*frame).stackpointer = sp;
                                let (before, after) = (oparg & 0xff, oparg >> 8);
                                let done = unpack::extended(value.obj(), before, after, sp);
                                if done.is_err() { value.close(); break 'error; }
                                sp = sp.add(before + 1 + after);
                                sync!();
                                value.close();
                            }
                            op::CONVERT_VALUE => {
                                slow!();
                                save!();
                                let v = tri!(build::convert(peek!(1).obj(), oparg));
                                replace!(1, StackRef::from_owned(v));
                            }
                            op::FORMAT_SIMPLE => {
                                slow!();
                                if !Str::check_exact(peek!(1).obj()) {
                                    save!();
                                    let v = tri!(build::format(peek!(1).obj(), None));
                                    replace!(1, StackRef::from_owned(v));
                                }
                            }
                            op::FORMAT_WITH_SPEC => { slow!(); save!(); let v = tri!(build::format(peek!(2).obj(), Some(peek!(1).obj()))); replace!(2, StackRef::from_owned(v)); }

                            // ---- matching ----------------------------------------------------------------------------------------
                            op::GET_LEN => {
                                slow!();
                                save!();
                                let n = tri!(protocol::sequence::len(peek!(1).obj()));
                                push!(StackRef::from_owned(Int::from_i64(n as i64)));
                            }
                            op::MATCH_MAPPING => { slow!(); let m = peek!(1).obj().ty().has_flag(abi::Py_TPFLAGS_MAPPING as u64); push!(bool_ref!(m)); }
                            op::MATCH_SEQUENCE => { slow!(); let m = peek!(1).obj().ty().has_flag(abi::Py_TPFLAGS_SEQUENCE as u64); push!(bool_ref!(m)); }
                            op::MATCH_KEYS => { slow!(); save!(); let v = tri!(matching::keys(peek!(2).obj(), peek!(1).obj().cast())); push!(StackRef::from_owned(v)); }
                            op::MATCH_CLASS => {
                                slow!();
                                save!();
                                let v = tri!(matching::class(peek!(3).obj(), peek!(2).obj(), oparg, peek!(1).obj().cast()));
                                let v = match v { Some(v) => StackRef::from_owned(v), None => StackRef::borrow(types::none().as_ptr()) };
                                replace!(3, v);
                            }

                            // ---- imports -----------------------------------------------------------------------------------------
                            op::IMPORT_NAME => {
                                slow!();
                                save!();
                                let v = tri!(import::import_name(frame, name!(oparg), peek!(1).obj(), peek!(2).obj()));
                                replace!(2, StackRef::from_owned(v));
                            }
                            op::IMPORT_FROM => { slow!(); save!(); let v = tri!(import::import_from(peek!(1).obj(), name!(oparg))); push!(StackRef::from_owned(v)); }

                            // ---- exceptions --------------------------------------------------------------------------------------
                            op::RAISE_VARARGS => {
                                slow!();
                                save!();
                                let exc = if oparg >= 1 { Some(peek!(oparg).obj().to_owned()) } else { None };
                                let cause = if oparg == 2 { Some(peek!(1).obj().to_owned()) } else { None };
                                if exc::do_raise(exc, cause) {
                                    // A bare `raise` goes on as it was: no traceback entry of its own.
                                    reraised = true;
                                    handler_at = ip.sub(1);
                                }
                                break 'error;
                            }
                            op::RERAISE => {
                                slow!();
                                let value = pop!();
                                if oparg > 0 {
                                    // The saved instruction offset: tracebacks show where it was first raised.
                                    let lasti = exc::saved_offset((*frame).code(), peek!(oparg).obj());
                                    (*frame).stackpointer = sp;
                                    (*frame).instr_ptr = (*frame).code().words().add(lasti);
                                    exc::reraise(value.into_owned());
                                    reraised = true;
                                    handler_at = ip.sub(1);
                                    break 'error;
                                }
                                save!();
                                exc::reraise(value.into_owned());
                                reraised = true;
                                handler_at = ip.sub(1);
                                break 'error;
                            }
                            op::PUSH_EXC_INFO => {
                                slow!();
                                // Code that no compiler made may bring anything here.
                                if !peek!(1).obj().is_instance_of::<types::BaseException>() { save!(); exc::not_an_exception(peek!(1).obj()); break 'error; }
                                let exc = pop!();
                                let item = (*ts).exc_info.get();
                                let previous = (*item).exc_value.get();
                                push!(if previous.is_null() { StackRef::borrow(types::none().as_ptr()) } else { StackRef::steal(previous) });
                                (*item).exc_value.set(exc.dup().ptr());
                                push!(exc);
                            }
                            op::POP_EXCEPT => {
                                slow!();
                                let previous = peek!(1).obj();
                                if !previous.is_none() && !previous.is_instance_of::<types::BaseException>() { save!(); exc::not_an_exception(previous); break 'error; }
                                let previous = pop!();
                                let item = (*ts).exc_info.get();
                                let value = if previous.ptr() == types::none().as_ptr() { ptr::null_mut() } else { previous.into_ptr() };
                                let old = (*item).exc_value.replace(value);
                                save!();
                                crate::object::xdecref(old);
                            }
                            op::CHECK_EXC_MATCH => {
                                slow!();
                                save!();
                                let matched = tri!(exc::check_match(peek!(2).obj(), peek!(1).obj()));
                                replace!(1, bool_ref!(matched));
                            }
                            op::CHECK_EG_MATCH => {
                                slow!();
                                save!();
                                let (rest, matched) = tri!(exc::group_match(frame, peek!(2).obj(), peek!(1).obj()));
                                let (group, pattern) = (peek!(2), peek!(1));
                                peek!(2) = StackRef::from_owned(rest);
                                peek!(1) = StackRef::from_owned(matched);
                                sync!();
                                group.close();
                                pattern.close();
                            }
                            op::WITH_EXCEPT_START => {
                                slow!();
                                save!();
                                let v = tri!(special::with_except_start(peek!(5), peek!(4), peek!(1).obj()));
                                push!(StackRef::from_owned(v));
                            }

                            op::RESERVED => { slow!(); save!(); crate::types::code::raise_unrunnable((*frame).code()); break 'error; }

                            // Instrumented forms, and numbers without an instruction. Every number has its arm, so that the jump needs no check of its range.
                            op::INSTRUMENTED_END_FOR | op::INSTRUMENTED_POP_ITER | op::INSTRUMENTED_END_SEND
                            | op::INSTRUMENTED_FOR_ITER | op::INSTRUMENTED_INSTRUCTION | op::INSTRUMENTED_JUMP_FORWARD
                            | op::INSTRUMENTED_NOT_TAKEN | op::INSTRUMENTED_POP_JUMP_IF_TRUE | op::INSTRUMENTED_POP_JUMP_IF_FALSE
                            | op::INSTRUMENTED_POP_JUMP_IF_NONE | op::INSTRUMENTED_POP_JUMP_IF_NOT_NONE | op::INSTRUMENTED_RESUME
                            | op::INSTRUMENTED_RETURN_VALUE | op::INSTRUMENTED_YIELD_VALUE | op::INSTRUMENTED_END_ASYNC_FOR
                            | op::INSTRUMENTED_LOAD_SUPER_ATTR | op::INSTRUMENTED_CALL | op::INSTRUMENTED_CALL_KW
                            | op::INSTRUMENTED_CALL_FUNCTION_EX | op::INSTRUMENTED_JUMP_BACKWARD | op::INSTRUMENTED_LINE
                            | op::ENTER_EXECUTOR | 121 | 122 | 123 | 124 | 125 | 126 | 127 | 212 | 213 | 214 | 215 | 216 | 217 | 218
                            | 219 | 220 | 221 | 222 | 223 | 224 | 225 | 226 | 227 | 228 | 229 | 230 | 231 | 232 | 233 => {
                                slow!();
                                match monitoring::instrumented(ts, frame, opcode, oparg, ip, sp) {
                                    monitoring::Next::Run(base) => { opcode = base; continue 'redo; }
                                    monitoring::Next::Go(to, top) => { ip = to; sp = top; }
                                    monitoring::Next::RunAt(base, to) => {
                                        opcode = base;
                                        oparg = (*to).arg as usize;
                                        ip = to.add(1);
                                        sp = (*frame).stackpointer;
                                        continue 'redo;
                                    }
                                    monitoring::Next::Raise => break 'error,
                                }
                            }
                        }
                    }
                    fetch!();
                }
            }

            // ---- an exception is set; the frame's instr_ptr and stackpointer are up to date -----------------------------------------------
            // `at` is where a handler is looked for; `reported` is what monitoring tells (the last unit of an instruction that raises).
            let (mut at, mut reported) = exc::place_of_error(frame, if reraised { Some(handler_at) } else { None }, std::mem::take(&mut thrown));
            if reraised && (*frame).owner != OWNED_BY_INTERPRETER { monitoring::deliver::exception(ts, frame, monitoring::event::RERAISE, reported); }
            loop {
                if (*frame).owner == OWNED_BY_INTERPRETER {
                    (*ts).current_frame.set((*entry).previous as *mut _);
                    return ptr::null_mut();
                }
                exc::ensure_exception();
                let complete = !(*frame).is_incomplete();
                if !reraised && complete {
                    exc::add_traceback(frame);
                    monitoring::deliver::exception(ts, frame, monitoring::event::RAISE, reported);
                }
                reraised = false;
                sp = (*frame).stackpointer;
                let code = (*frame).code();
                let offset = at.offset_from(code.words()) as usize;
                if let Some(handler) = exc::find_handler(code, offset) {
                    let base = (*frame).locals().add(code.0.co_nlocalsplus.get() as usize + handler.depth);
                    while sp > base {
                        let value = pop!();
                        sync!();
                        value.close();
                    }
                    if handler.lasti {
                        push!(StackRef::from_owned(Int::from_i64((*frame).lasti() as i64)));
                    }
                    push!(exc::take_for_handler());
                    ip = code.words().add(handler.target);
                    sync!();
                    if monitoring::deliver::handled(ts, frame, handler.target, peek!(1).obj()).is_err() {
                        reraised = true;
                        at = ip.sub(1);
                        reported = handler.target as isize - 1;
                        continue;
                    }
                    consts = code.consts_ptr();
                    // A handler before what it handles may be a loop.
                    if handler.target <= offset && (*ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) & crate::gil::EVENTS_MASK != 0 {
                        slow!();
                        (*frame).instr_ptr = ip;
                        if crate::gil::handle_eval_breaker().is_err() {
                            let raised = exc::take_for_handler();
                            let old = peek!(1);
                            peek!(1) = raised;
                            old.close();
                        }
                    }
                    continue 'run;
                }
                // No handler: the frame ends.
                let base = (*frame).locals().add(code.0.co_nlocalsplus.get() as usize);
                while sp > base {
                    let value = pop!();
                    sync!();
                    value.close();
                }
                if complete { monitoring::deliver::exception(ts, frame, monitoring::event::PY_UNWIND, reported); }
                let dying = frame;
                frame = (*dying).previous;
                (*ts).py_recursion_remaining.set((*ts).py_recursion_remaining.get() + 1);
                (*ts).current_frame.set(frame as *mut _);
                if (*dying).owner == OWNED_BY_GENERATOR { generator::finish(ts, dying); } else { frame::clear_thread_frame(ts, dying); }
                at = (*frame).instr_ptr;
                reported = if (*frame).owner == OWNED_BY_INTERPRETER { 0 } else { (*frame).lasti() - 1 };
            }
        }
    }
}
