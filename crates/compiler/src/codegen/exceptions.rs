//! `try` in its forms.
//!
//! Handlers are ordinary code: block pushes (`SETUP_*`, `POP_BLOCK`) mark which instructions they guard, and the
//! graph turns that into the exception table.

use bytecode::Opcode as Op;
use bytecode::operands::INTRINSIC_PREP_RERAISE_STAR;
use syntax::Location;
use syntax::ast::*;

use super::Generator;
use super::fblock::{Datum, FBlockKind};
use crate::host::Result;
use crate::instruction::{Label, NO_LOCATION};
use crate::names::Name;
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn try_(&mut self, s: &Stmt<'a>, stmt: &Try<'a>) -> Result {
        if stmt.finalbody.is_empty() {
            self.try_except(s, stmt)
        } else {
            self.try_finally(s, stmt, Self::try_except)
        }
    }

    pub(super) fn try_star(&mut self, s: &Stmt<'a>, stmt: &Try<'a>) -> Result {
        if stmt.finalbody.is_empty() {
            self.try_star_except(s, stmt)
        } else {
            self.try_finally(s, stmt, Self::try_star_except)
        }
    }

    pub(super) fn pop_except_and_reraise(&mut self, location: Location) {
        // The stack holds the previous exception, the last instruction and the exception.
        self.op_i(location, Op::COPY, 3);
        self.op(location, Op::POP_EXCEPT);
        self.op_i(location, Op::RERAISE, 1);
    }

    /// The `finally` body stands twice: after success, and as a handler.
    fn try_finally(
        &mut self,
        s: &Stmt<'a>,
        stmt: &Try<'a>,
        except: fn(&mut Self, &Stmt<'a>, &Try<'a>) -> Result,
    ) -> Result {
        let body = self.new_label();
        let end = self.new_label();
        let exit = self.new_label();
        let cleanup = self.new_label();
        self.op_jump(s.location, Op::SETUP_FINALLY, end);
        self.use_label(body);
        let datum = Datum::Finally(stmt.finalbody);
        self.push_fblock(s.location, FBlockKind::FinallyTry, Some(body), Some(end), datum)?;
        if stmt.handlers.is_empty() {
            self.statements(stmt.body)?;
        } else {
            except(self, s, stmt)?;
        }
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.pop_fblock(FBlockKind::FinallyTry);
        self.statements(stmt.finalbody)?;
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, exit);

        self.use_label(end);
        self.op_jump(NO_LOCATION, Op::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Op::PUSH_EXC_INFO);
        self.push_fblock(NO_LOCATION, FBlockKind::FinallyEnd, Some(end), None, Datum::None)?;
        self.statements(stmt.finalbody)?;
        self.pop_fblock(FBlockKind::FinallyEnd);
        self.op_i(NO_LOCATION, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise(NO_LOCATION);
        self.use_label(exit);
        Ok(())
    }

    fn try_except(&mut self, s: &Stmt<'a>, stmt: &Try<'a>) -> Result {
        let body = self.new_label();
        let except = self.new_label();
        let end = self.new_label();
        let cleanup = self.new_label();
        self.op_jump(s.location, Op::SETUP_FINALLY, except);
        self.use_label(body);
        self.push_fblock(s.location, FBlockKind::TryExcept, Some(body), None, Datum::None)?;
        self.statements(stmt.body)?;
        self.pop_fblock(FBlockKind::TryExcept);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.statements(stmt.orelse)?;
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);

        self.use_label(except);
        self.op_jump(NO_LOCATION, Op::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Op::PUSH_EXC_INFO);
        self.push_fblock(s.location, FBlockKind::ExceptionHandler, None, None, Datum::None)?;
        for (i, handler) in stmt.handlers.iter().enumerate() {
            let at = handler.location;
            if handler.type_.is_none() && i + 1 < stmt.handlers.len() {
                return self.error(at, "default 'except:' must be last");
            }
            let next = self.new_label();
            if let Some(type_) = handler.type_ {
                self.expr(type_)?;
                self.op(at, Op::CHECK_EXC_MATCH);
                self.op_jump(at, Op::POP_JUMP_IF_FALSE, next);
            }
            match handler.name {
                Some(name) => {
                    let name = self.intern(name);
                    self.named_handler(handler, name, end)?;
                }
                None => self.plain_handler(handler, end)?,
            }
            self.use_label(next);
        }
        self.pop_fblock(FBlockKind::ExceptionHandler);
        self.op_i(NO_LOCATION, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise(NO_LOCATION);
        self.use_label(end);
        Ok(())
    }

    /// `except ... as name`: whatever happens, the name is unbound at the end.
    fn named_handler(&mut self, handler: &ExceptHandler<'a>, name: Name, end: Label) -> Result {
        let at = handler.location;
        let cleanup_end = self.new_label();
        let cleanup_body = self.new_label();
        self.nameop(at, name, ExprContext::Store);
        self.op_jump(at, Op::SETUP_CLEANUP, cleanup_end);
        self.use_label(cleanup_body);
        self.push_fblock(at, FBlockKind::HandlerCleanup, Some(cleanup_body), None, Datum::Name(name))?;
        self.statements(handler.body)?;
        self.pop_fblock(FBlockKind::HandlerCleanup);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op(NO_LOCATION, Op::POP_EXCEPT);
        self.unbind(name);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(cleanup_end);
        self.unbind(name);
        self.op_i(NO_LOCATION, Op::RERAISE, 1);
        Ok(())
    }

    fn plain_handler(&mut self, handler: &ExceptHandler<'a>, end: Label) -> Result {
        let at = handler.location;
        let cleanup_body = self.new_label();
        self.op(at, Op::POP_TOP);
        self.use_label(cleanup_body);
        self.push_fblock(at, FBlockKind::HandlerCleanup, Some(cleanup_body), None, Datum::None)?;
        self.statements(handler.body)?;
        self.pop_fblock(FBlockKind::HandlerCleanup);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op(NO_LOCATION, Op::POP_EXCEPT);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        Ok(())
    }

    /// `name = None; del name`: the body may have deleted it already.
    fn unbind(&mut self, name: Name) {
        self.load_const(NO_LOCATION, Const::None);
        self.nameop(NO_LOCATION, name, ExprContext::Store);
        self.nameop(NO_LOCATION, name, ExprContext::Del);
    }

    /// `except*`: each handler takes its part of the group; a list collects what they raise and what nobody takes.
    fn try_star_except(&mut self, s: &Stmt<'a>, stmt: &Try<'a>) -> Result {
        let body = self.new_label();
        let except = self.new_label();
        let orelse = self.new_label();
        let end = self.new_label();
        let cleanup = self.new_label();
        let reraise_star = self.new_label();
        self.op_jump(s.location, Op::SETUP_FINALLY, except);
        self.use_label(body);
        self.push_fblock(s.location, FBlockKind::TryExcept, Some(body), None, Datum::None)?;
        self.statements(stmt.body)?;
        self.pop_fblock(FBlockKind::TryExcept);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, orelse);

        self.use_label(except);
        self.op_jump(NO_LOCATION, Op::SETUP_CLEANUP, cleanup);
        self.op(NO_LOCATION, Op::PUSH_EXC_INFO);
        self.push_fblock(s.location, FBlockKind::ExceptionGroupHandler, None, None, Datum::None)?;
        for (i, handler) in stmt.handlers.iter().enumerate() {
            let last = i + 1 == stmt.handlers.len();
            self.star_handler(handler, i == 0, last.then_some(reraise_star))?;
        }
        self.pop_fblock(FBlockKind::ExceptionGroupHandler);

        let reraise = self.new_label();
        self.use_label(reraise_star);
        self.op_i(NO_LOCATION, Op::CALL_INTRINSIC_2, INTRINSIC_PREP_RERAISE_STAR);
        self.op_i(NO_LOCATION, Op::COPY, 1);
        self.op_jump(NO_LOCATION, Op::POP_JUMP_IF_NOT_NONE, reraise);
        // Nothing to raise again.
        self.op(NO_LOCATION, Op::POP_TOP);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op(NO_LOCATION, Op::POP_EXCEPT);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(reraise);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        self.op_i(NO_LOCATION, Op::SWAP, 2);
        self.op(NO_LOCATION, Op::POP_EXCEPT);
        self.op_i(NO_LOCATION, Op::RERAISE, 0);
        self.use_label(cleanup);
        self.pop_except_and_reraise(NO_LOCATION);
        self.use_label(orelse);
        self.statements(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn star_handler(&mut self, handler: &ExceptHandler<'a>, first: bool, reraise: Option<Label>) -> Result {
        let at = handler.location;
        let next = self.new_label();
        let except_with_error = self.new_label();
        let no_match = self.new_label();
        if first {
            // The list of exceptions, and a copy of the group to take parts from.
            self.op_i(at, Op::BUILD_LIST, 0);
            self.op_i(at, Op::COPY, 2);
        }
        if let Some(type_) = handler.type_ {
            self.expr(type_)?;
            self.op(at, Op::CHECK_EG_MATCH);
            self.op_i(at, Op::COPY, 1);
            self.op_jump(at, Op::POP_JUMP_IF_NONE, no_match);
        }
        let cleanup_end = self.new_label();
        let cleanup_body = self.new_label();
        let name = handler.name.map(|name| self.intern(name));
        match name {
            Some(name) => self.nameop(at, name, ExprContext::Store),
            None => self.op(at, Op::POP_TOP),
        }
        self.op_jump(at, Op::SETUP_CLEANUP, cleanup_end);
        self.use_label(cleanup_body);
        let datum = name.map_or(Datum::None, Datum::Name);
        self.push_fblock(at, FBlockKind::HandlerCleanup, Some(cleanup_body), None, datum)?;
        self.statements(handler.body)?;
        self.pop_fblock(FBlockKind::HandlerCleanup);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        if let Some(name) = name {
            self.unbind(name);
        }
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, next);

        // The handler raised: its exception joins the list.
        self.use_label(cleanup_end);
        if let Some(name) = name {
            self.unbind(name);
        }
        self.op_i(NO_LOCATION, Op::LIST_APPEND, 3);
        self.op(NO_LOCATION, Op::POP_TOP);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, except_with_error);

        self.use_label(next);
        self.op(NO_LOCATION, Op::NOP);
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, except_with_error);
        self.use_label(no_match);
        self.op(at, Op::POP_TOP);
        self.use_label(except_with_error);
        if let Some(reraise) = reraise {
            // What no handler took.
            self.op_i(NO_LOCATION, Op::LIST_APPEND, 1);
            self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, reraise);
        }
        Ok(())
    }
}
