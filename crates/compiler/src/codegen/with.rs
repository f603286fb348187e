//! `with` and `async with`.

use bytecode::Opcode as Op;
use bytecode::operands::{SPECIAL_AENTER, SPECIAL_AEXIT, SPECIAL_ENTER, SPECIAL_EXIT};
use syntax::Location;
use syntax::ast::*;

use super::Generator;
use super::fblock::{Datum, FBlockKind};
use crate::host::Result;
use crate::instruction::{Label, NO_LOCATION};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn with(&mut self, items: &'a [WithItem<'a>], body: &'a [StmtRef<'a>]) -> Result {
        let Some((item, rest)) = items.split_first() else { return self.statements(body) };
        self.guard.check()?;
        let block = self.new_label();
        let final_ = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        let at = item.context_expr.location;
        self.expr(item.context_expr)?;
        self.enter_context(at, SPECIAL_EXIT, SPECIAL_ENTER);
        self.op_jump(at, Op::SETUP_WITH, final_);
        self.use_label(block);
        self.push_fblock(at, FBlockKind::With, Some(block), Some(final_), Datum::None)?;
        self.bind_context(item)?;
        self.with(rest, body)?;
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.pop_fblock(FBlockKind::With);

        self.call_exit_with_nones(at);
        self.op(at, Op::POP_TOP);
        self.op_jump(at, Op::JUMP, exit);

        self.use_label(final_);
        self.op_jump(at, Op::SETUP_CLEANUP, cleanup);
        self.op(at, Op::PUSH_EXC_INFO);
        self.op(at, Op::WITH_EXCEPT_START);
        self.with_except_finish(cleanup);
        self.use_label(exit);
        Ok(())
    }

    pub(super) fn async_with(&mut self, items: &'a [WithItem<'a>], body: &'a [StmtRef<'a>]) -> Result {
        let Some((item, rest)) = items.split_first() else { return self.statements(body) };
        self.guard.check()?;
        let block = self.new_label();
        let final_ = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        let at = item.context_expr.location;
        self.expr(item.context_expr)?;
        self.enter_context(at, SPECIAL_AEXIT, SPECIAL_AENTER);
        self.await_with(at, 1);
        self.op_jump(at, Op::SETUP_WITH, final_);
        self.use_label(block);
        self.push_fblock(at, FBlockKind::AsyncWith, Some(block), Some(final_), Datum::None)?;
        self.bind_context(item)?;
        self.async_with(rest, body)?;
        self.pop_fblock(FBlockKind::AsyncWith);
        self.op(at, Op::POP_BLOCK);

        self.call_exit_with_nones(at);
        self.await_with(at, 2);
        self.op(at, Op::POP_TOP);
        self.op_jump(at, Op::JUMP, exit);

        self.use_label(final_);
        self.op_jump(at, Op::SETUP_CLEANUP, cleanup);
        self.op(at, Op::PUSH_EXC_INFO);
        self.op(at, Op::WITH_EXCEPT_START);
        self.await_with(at, 2);
        self.with_except_finish(cleanup);
        self.use_label(exit);
        Ok(())
    }

    /// Leaves the bound exit method and the result of entering.
    fn enter_context(&mut self, at: Location, exit: u32, enter: u32) {
        self.op_i(at, Op::COPY, 1);
        self.op_i(at, Op::LOAD_SPECIAL, exit);
        self.op_i(at, Op::SWAP, 2);
        self.op_i(at, Op::SWAP, 3);
        self.op_i(at, Op::LOAD_SPECIAL, enter);
        self.op_i(at, Op::CALL, 0);
    }

    fn bind_context(&mut self, item: &WithItem<'a>) -> Result {
        match item.optional_vars {
            Some(vars) => self.expr(vars),
            None => {
                self.op(item.context_expr.location, Op::POP_TOP);
                Ok(())
            }
        }
    }

    /// Awaits what `__aenter__` (1) or `__aexit__` (2) returned.
    fn await_with(&mut self, at: Location, origin: u32) {
        self.op_i(at, Op::GET_AWAITABLE, origin);
        self.load_const(at, Const::None);
        self.add_yield_from(at, true);
    }

    pub(super) fn call_exit_with_nones(&mut self, location: Location) {
        for _ in 0..3 {
            self.load_const(location, Const::None);
        }
        self.op_i(location, Op::CALL, 3);
    }

    fn with_except_finish(&mut self, cleanup: Label) {
        let suppress = self.new_label();
        self.op(NO_LOCATION, Op::TO_BOOL);
        self.op_jump(NO_LOCATION, Op::POP_JUMP_IF_TRUE, suppress);
        self.op_i(NO_LOCATION, Op::RERAISE, 2);
        self.use_label(suppress);
        self.op(NO_LOCATION, Op::POP_TOP);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op(NO_LOCATION, Op::POP_EXCEPT);
        self.op(NO_LOCATION, Op::POP_TOP);
        self.op(NO_LOCATION, Op::POP_TOP);
        self.op(NO_LOCATION, Op::POP_TOP);
        let exit = self.new_label();
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, exit);
        self.use_label(cleanup);
        self.pop_except_and_reraise(NO_LOCATION);
        self.use_label(exit);
    }

    /// Runs a sub-iterator to its end: `yield from` and `await`.
    pub(super) fn add_yield_from(&mut self, location: Location, is_await: bool) {
        use bytecode::operands::{RESUME_AFTER_AWAIT, RESUME_AFTER_YIELD_FROM};
        let send = self.new_label();
        let fail = self.new_label();
        let exit = self.new_label();
        self.use_label(send);
        self.op_jump(location, Op::SEND, exit);
        // A StopIteration from close() or throw() comes out of the YIELD_VALUE.
        self.op_jump(location, Op::SETUP_FINALLY, fail);
        self.op_i(location, Op::YIELD_VALUE, 1);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op_i(location, Op::RESUME, if is_await { RESUME_AFTER_AWAIT } else { RESUME_AFTER_YIELD_FROM });
        self.op_jump(location, Op::JUMP_NO_INTERRUPT, send);
        self.use_label(fail);
        self.op(location, Op::CLEANUP_THROW);
        self.use_label(exit);
        self.op(location, Op::END_SEND);
    }
}
