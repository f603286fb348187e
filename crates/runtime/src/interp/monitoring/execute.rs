//! What instrumented instructions do: deliver their event, then the ordinary instruction's work, here or (where that is simpler) in the loop.

use super::deliver::{self, Event, Went};
use super::instrument::{self, opcode_below_both, opcode_below_line, pause_counter};
use super::{event, is_tracing};
use crate::errors::{self, PyResult};
use crate::interp::frame::{CodeWord, InterpreterFrame};
use crate::interp::stackref::StackRef;
use crate::interp::{call, iter};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol;
use crate::types::generator::{Coroutine, Generator};
use crate::types::{self, Code, Dict, Function, Method, Tuple};
use abi::PyThreadState;
use bytecode::op;
use bytecode::opcodes::{CACHES, MIN_INSTRUMENTED_OPCODE};
use std::ptr;

/// How the loop goes on after an instruction that it does not run itself.
pub enum Next {
    /// The same instruction as this opcode.
    Run(u8),
    /// The instruction at this place.
    Go(*mut CodeWord, *mut StackRef),
    /// The instruction at this place as this opcode (a trace function moved the frame); the stack pointer is the frame's.
    RunAt(u8, *mut CodeWord),
    Raise,
}

struct At<'a> {
    ts: *mut PyThreadState,
    frame: *mut InterpreterFrame,
    code: &'a Code,
    this: *mut CodeWord,
    /// One past `this`: at its caches.
    ip: *mut CodeWord,
    sp: *mut StackRef,
    oparg: usize,
}

/// Runs an instrumented instruction. `ip` points one past its word.
/// # Safety
/// As in the loop; the frame's `instr_ptr` is still that of the instruction that was saved before.
#[cold]
#[inline(never)]
pub unsafe fn instrumented(ts: *mut PyThreadState, frame: *mut InterpreterFrame, opcode: u8, oparg: usize, ip: *mut CodeWord, sp: *mut StackRef) -> Next {
    // SAFETY: by contract.
    unsafe {
        let previous = (*frame).instr_ptr;
        let this = ip.sub(1);
        (*frame).instr_ptr = this;
        (*frame).stackpointer = sp;
        let code: &Code = &*ptr::from_ref((*frame).code());
        let at = At { ts, frame, code, this, ip, sp, oparg };
        at.run(opcode, previous).unwrap_or(Next::Raise)
    }
}

impl At<'_> {
    unsafe fn index(&self) -> usize {
        // SAFETY: `this` is within the code.
        unsafe { self.this.offset_from(self.code.words()) as usize }
    }
    unsafe fn peek(&self, n: usize) -> StackRef {
        // SAFETY: the verifier's stack depth.
        unsafe { *self.sp.sub(n) }
    }
    fn event<'b>(&self, number: usize, args: &'b [&'b Object]) -> Event<'b> {
        // SAFETY: as `index`.
        Event::new(number, unsafe { self.index() }, args)
    }

    unsafe fn run(&self, opcode: u8, previous: *mut CodeWord) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            let (mut opcode, i) = (opcode, self.index());
            if opcode < MIN_INSTRUMENTED_OPCODE {
                return Err(crate::err!(SystemError, "unknown opcode {}", opcode));
            }
            let mut disabled = false;
            if opcode == op::INSTRUMENTED_LINE {
                if !is_tracing(self.ts) {
                    disabled = deliver::line(self.ts, self.frame, i, previous)?;
                    if (*self.frame).instr_ptr != self.this {
                        return Ok(self.elsewhere());
                    }
                }
                opcode = opcode_below_line(self.code, i);
            }
            let told = opcode == op::INSTRUMENTED_INSTRUCTION;
            if told {
                // A LINE that goes away with its event takes this INSTRUCTION with it.
                if !is_tracing(self.ts) && !disabled {
                    deliver::instruction(self.ts, self.frame, i)?;
                }
                opcode = opcode_below_both(self.code, i);
            }
            self.run_below(opcode, told)
        }
    }

    /// What stands below LINE and INSTRUCTION. After an INSTRUCTION (`told`), the ends of branches name themselves as the branch.
    unsafe fn run_below(&self, opcode: u8, told: bool) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            let next = self.ip.add(CACHES[opcode as usize] as usize);
            match opcode {
                op::INSTRUMENTED_RESUME => self.resume(),
                op::INSTRUMENTED_RETURN_VALUE => {
                    deliver::deliver(self.ts, self.frame, self.event(event::PY_RETURN, &[self.peek(1).obj()]))?;
                    Ok(Next::Run(op::RETURN_VALUE))
                }
                op::INSTRUMENTED_YIELD_VALUE => match deliver::deliver_movable(self.ts, self.frame, self.event(event::PY_YIELD, &[self.peek(1).obj()]))? {
                    Went::On => Ok(Next::Run(op::YIELD_VALUE)),
                    Went::Elsewhere => Ok(self.elsewhere()),
                },
                op::INSTRUMENTED_CALL => self.call(false),
                op::INSTRUMENTED_CALL_KW => self.call(true),
                op::INSTRUMENTED_CALL_FUNCTION_EX => self.call_ex(),
                op::INSTRUMENTED_LOAD_SUPER_ATTR => self.load_super_attr(),
                op::INSTRUMENTED_JUMP_FORWARD => self.jump(event::JUMP, self.this, self.ip.add(self.oparg), self.sp),
                op::INSTRUMENTED_JUMP_BACKWARD => {
                    self.eval_breaker()?;
                    self.jump(event::JUMP, self.this, next.sub(self.oparg), self.sp)
                }
                op::INSTRUMENTED_POP_JUMP_IF_FALSE | op::INSTRUMENTED_POP_JUMP_IF_TRUE | op::INSTRUMENTED_POP_JUMP_IF_NONE | op::INSTRUMENTED_POP_JUMP_IF_NOT_NONE => {
                    let value = self.peek(1);
                    let jumps = match opcode {
                        op::INSTRUMENTED_POP_JUMP_IF_FALSE => value.ptr() == types::false_().as_ptr(),
                        op::INSTRUMENTED_POP_JUMP_IF_TRUE => value.ptr() == types::true_().as_ptr(),
                        op::INSTRUMENTED_POP_JUMP_IF_NONE => value.ptr() == types::none().as_ptr(),
                        _ => value.ptr() != types::none().as_ptr(),
                    };
                    let sp = self.drop_top(value);
                    if jumps { self.jump(event::BRANCH_RIGHT, self.this, next.add(self.oparg), sp) } else { Ok(Next::Go(next, sp)) }
                }
                op::INSTRUMENTED_NOT_TAKEN => {
                    // The branch stands in front: a conditional jump with its cache, or END_SEND in `async for`.
                    let i = self.index();
                    let back = if told {
                        0
                    } else if i >= 2 && is_conditional_jump(instrument::base_opcode(self.code, i - 2)) {
                        2
                    } else {
                        1.min(i)
                    };
                    self.jump(event::BRANCH_LEFT, self.this.sub(back), self.ip, self.sp)
                }
                op::INSTRUMENTED_FOR_ITER => match iter::next(self.peek(1).obj())? {
                    Some(value) => {
                        *self.sp = StackRef::from_owned(value);
                        let sp = self.sp.add(1);
                        (*self.frame).stackpointer = sp;
                        self.jump(event::BRANCH_LEFT, self.this, next, sp)
                    }
                    None => Ok(Next::Go(next.add(self.oparg + 1), self.sp)),
                },
                op::INSTRUMENTED_POP_ITER => {
                    let iterator = self.peek(1);
                    let sp = self.sp.sub(1);
                    (*self.frame).stackpointer = sp;
                    let from = if told { self.this } else { self.for_iter() };
                    let went = self.jump(event::BRANCH_RIGHT, from, self.ip, sp);
                    iterator.close();
                    went
                }
                op::INSTRUMENTED_END_FOR => {
                    if Generator::check(self.peek(2).obj()) {
                        deliver::stop_iteration(self.ts, self.frame, self.index(), self.peek(1).obj())?;
                    }
                    Ok(Next::Run(op::END_FOR))
                }
                op::INSTRUMENTED_END_SEND => {
                    let receiver = self.peek(2).obj();
                    if Generator::check(receiver) || Coroutine::check_exact(receiver) {
                        deliver::stop_iteration(self.ts, self.frame, self.index(), self.peek(1).obj())?;
                    }
                    Ok(Next::Run(op::END_SEND))
                }
                op::INSTRUMENTED_END_ASYNC_FOR => match self.jump_event(event::BRANCH_RIGHT, self.ip.sub(self.oparg), self.ip)? {
                    Went::On => Ok(Next::Run(op::END_ASYNC_FOR)),
                    Went::Elsewhere => Ok(self.elsewhere()),
                },
                op::RESERVED | op::ENTER_EXECUTOR | op::INSTRUMENTED_LINE | op::INSTRUMENTED_INSTRUCTION => Err(crate::err!(SystemError, "unknown opcode {}", opcode)),
                // An ordinary instruction below LINE or INSTRUCTION.
                _ => {
                    pause_counter(self.code, self.index(), opcode);
                    Ok(Next::Run(opcode))
                }
            }
        }
    }

    /// Goes on where a trace function moved the frame to. The line there has no event of its own.
    unsafe fn elsewhere(&self) -> Next {
        // SAFETY: the setter of f_lineno sets a valid place.
        unsafe {
            let to = (*self.frame).instr_ptr;
            let i = to.offset_from(self.code.words()) as usize;
            let opcode = opcode_below_line(self.code, i);
            pause_counter(self.code, i, bytecode::opcodes::BASE[opcode as usize]);
            Next::RunAt(opcode, to)
        }
    }

    unsafe fn eval_breaker(&self) -> PyResult<()> {
        // SAFETY: the current thread state.
        let requests = unsafe { (*self.ts).eval_breaker.load(std::sync::atomic::Ordering::Relaxed) };
        if requests & crate::gil::EVENTS_MASK != 0 { crate::gil::handle_eval_breaker() } else { Ok(()) }
    }

    unsafe fn resume(&self) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            if !is_tracing(self.ts) && !super::is_up_to_date(self.code) {
                instrument::instrument(self.code)?;
                return Ok(Next::Go(self.this, self.sp));
            }
            if self.oparg & 3 < 2 {
                self.eval_breaker()?;
            }
            let number = if self.oparg > 0 { event::PY_RESUME } else { event::PY_START };
            match deliver::deliver_movable(self.ts, self.frame, self.event(number, &[]))? {
                Went::On => Ok(Next::Go(self.ip, self.sp)),
                Went::Elsewhere => Ok(self.elsewhere()),
            }
        }
    }

    unsafe fn jump_event(&self, number: usize, from: *mut CodeWord, to: *mut CodeWord) -> PyResult<Went> {
        // SAFETY: both are within the code.
        unsafe {
            let words = self.code.words();
            let event = Event { number, at: self.index(), offset: from.offset_from(words) as usize, target: Some(to.offset_from(words) as usize), args: &[] };
            deliver::deliver_movable(self.ts, self.frame, event)
        }
    }

    unsafe fn jump(&self, number: usize, from: *mut CodeWord, to: *mut CodeWord, sp: *mut StackRef) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        match unsafe { self.jump_event(number, from, to)? } {
            Went::On => Ok(Next::Go(to, sp)),
            // SAFETY: as `instrumented`.
            Went::Elsewhere => Ok(unsafe { self.elsewhere() }),
        }
    }

    unsafe fn drop_top(&self, value: StackRef) -> *mut StackRef {
        // SAFETY: as `instrumented`.
        unsafe {
            let sp = self.sp.sub(1);
            (*self.frame).stackpointer = sp;
            value.close();
            sp
        }
    }

    /// The FOR_ITER whose loop ends at this POP_ITER.
    unsafe fn for_iter(&self) -> *mut CodeWord {
        // SAFETY: indices within the code.
        unsafe {
            let here = self.index();
            let found = super::flow::instructions(self.code).into_iter().find(|&(_, opcode, oparg, next)| opcode == op::FOR_ITER && next + oparg + 1 == here);
            found.map_or(self.this, |(i, ..)| self.code.words().add(i))
        }
    }

    // ---- calls -----------------------------------------------------------------------------------------------------------------------

    /// CALL and CALL_KW: a Python function is left to the loop; anything else is called here, for the event of its return.
    unsafe fn call(&self, named: bool) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            let extra = named as usize;
            let kwnames = if named { self.peek(1).ptr() } else { ptr::null_mut() };
            let mut args = self.sp.sub(self.oparg + extra);
            if (*args.sub(1)).is_null() {
                let callable = *args.sub(2);
                if let Some(method) = Method::exact(callable.obj()) {
                    *args.sub(1) = StackRef::new_ref(method.0.im_self.get());
                    *args.sub(2) = StackRef::new_ref(method.0.im_func.get());
                    callable.close();
                }
            }
            let mut total = self.oparg;
            if !(*args.sub(1)).is_null() {
                args = args.sub(1);
                total += 1;
            }
            let callable = (*self.sp.sub(self.oparg + extra + 2)).obj();
            let first = if total > 0 { (*args).obj() } else { super::missing() };
            deliver::deliver(self.ts, self.frame, self.event(event::CALL, &[callable, first]))?;
            if Function::check_exact(callable) && callable.cast::<Function>().is_inlinable() {
                // The forms that do not try to specialise.
                return Ok(Next::Run(if named { op::CALL_KW_NON_PY } else { op::CALL_NON_PY_GENERAL }));
            }
            let result = Owned::from_raw_opt(call::vectorcall_stack(callable, args, total, kwnames));
            let result = self.returned(result, callable, first);
            let sp = call::close_args(self.frame, self.sp, self.oparg + extra + 2);
            let Some(result) = result else { return Ok(Next::Raise) };
            self.push_result(sp, result, self.ip.add(3))
        }
    }

    unsafe fn call_ex(&self) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            call::prepare_ex(self.sp)?;
            let (callable, args, kwargs) = (self.peek(4).obj(), self.peek(2).obj().cast::<Tuple>(), self.peek(1));
            let first = if args.len() > 0 { args.get(0) } else { super::missing() };
            deliver::deliver(self.ts, self.frame, self.event(event::CALL, &[callable, first]))?;
            let kwargs = if kwargs.is_null() { None } else { Some(kwargs.obj().cast::<Dict>()) };
            let result = protocol::call::call(callable, args, kwargs).ok();
            // Python functions have events of their own.
            let is_python = Function::check(callable) || Method::check_exact(callable);
            let result = if is_python { result } else { self.returned(result, callable, first) };
            let sp = call::close_args(self.frame, self.sp, 4);
            let Some(result) = result else { return Ok(Next::Raise) };
            self.push_result(sp, result, self.ip)
        }
    }

    /// C_RETURN or C_RAISE after a call; the result unless an exception is set now.
    unsafe fn returned(&self, result: Option<Owned>, callable: &Object, first: &Object) -> Option<Owned> {
        let args = [callable, first];
        // SAFETY: as `instrumented`.
        unsafe {
            match result {
                Some(result) => deliver::deliver(self.ts, self.frame, self.event(event::C_RETURN, &args)).ok().map(|()| result),
                None => {
                    if !errors::occurred() {
                        call::result_check();
                    }
                    deliver::deliver_protected(self.ts, self.frame, self.event(event::C_RAISE, &args));
                    None
                }
            }
        }
    }

    unsafe fn push_result(&self, sp: *mut StackRef, result: Owned, next: *mut CodeWord) -> PyResult<Next> {
        // SAFETY: the operands made room.
        unsafe {
            *sp = StackRef::from_owned(result);
            let sp = sp.add(1);
            (*self.frame).stackpointer = sp;
            self.eval_breaker()?;
            Ok(Next::Go(next, sp))
        }
    }

    /// `super().name`: the call of `super` has events, so the object is made.
    unsafe fn load_super_attr(&self) -> PyResult<Next> {
        // SAFETY: as `instrumented`.
        unsafe {
            let (callable, class, receiver) = (self.peek(3).obj(), self.peek(2).obj(), self.peek(1).obj());
            let given = self.oparg & 2 != 0;
            let first = if given { class } else { super::missing() };
            deliver::deliver(self.ts, self.frame, self.event(event::CALL, &[callable, first]))?;
            let made = if given { protocol::call::call_args(callable, &[class, receiver]) } else { protocol::call::call0(callable) };
            let Some(made) = self.returned(made.ok(), callable, first) else { return Ok(Next::Raise) };
            let value = protocol::object::get_attr(&made, self.code.name_at(self.oparg >> 2))?;
            drop(made);
            let mut sp = call::close_args(self.frame, self.sp, 3);
            *sp = StackRef::from_owned(value);
            sp = sp.add(1);
            if self.oparg & 1 != 0 {
                *sp = StackRef::NULL;
                sp = sp.add(1);
            }
            (*self.frame).stackpointer = sp;
            Ok(Next::Go(self.ip.add(1), sp))
        }
    }
}

fn is_conditional_jump(opcode: u8) -> bool {
    matches!(opcode, op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE)
}
