//! Statements: bodies, loops, `return`, `assert` and all that is a few instructions.

use bytecode::Opcode as Op;
use bytecode::operands::{CONSTANT_ASSERTIONERROR, INTRINSIC_PRINT};
use syntax::Location;
use syntax::ast::*;

use super::fblock::{Datum, FBlockKind};
use super::{Generator, ScopeType, cleandoc};
use crate::future::docstring;
use crate::host::Result;
use crate::instruction::NO_LOCATION;
use crate::names::{Name, known};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn module_body(&mut self, body: &'a [StmtRef<'a>], is_interactive: bool) -> Result {
        let location = body.first().map_or(Location::new(1, 0, 1, 0), |first| first.location);
        if self.block().has_conditional_annotations {
            self.op_i(location, Op::BUILD_SET, 0);
            let index = self.unit.metadata.names.add(known::DUNDER_CONDITIONAL_ANNOTATIONS);
            self.op_i(location, Op::STORE_NAME, index);
        }
        self.body(location, body, is_interactive)
    }

    /// The body of a module or class: docstring, statements, annotations.
    pub(super) fn body(&mut self, location: Location, body: &'a [StmtRef<'a>], is_interactive: bool) -> Result {
        if self.future_annotations() && self.block().annotations_used {
            self.op(location, Op::SETUP_ANNOTATIONS);
        }
        if body.is_empty() {
            return Ok(());
        }
        let mut statements = body;
        // What is a string at the prompt is no docstring.
        if !is_interactive && self.block().has_docstring {
            let doc = self.docstring(body)?;
            let at = body.first().map_or(location, |first| match first.kind {
                StmtKind::Expr { value } => value.location,
                _ => first.location,
            });
            self.load_const(at, doc);
            self.nameop(NO_LOCATION, known::DUNDER_DOC, ExprContext::Store);
            statements = &body[1..];
        }
        self.statements(statements)?;
        if !self.future_annotations() {
            self.process_deferred_annotations(location)?;
        }
        Ok(())
    }

    /// The cleaned docstring of a body that has one.
    pub(super) fn docstring(&self, body: &[StmtRef<'a>]) -> Result<Const<'a>> {
        let text = docstring(body).unwrap_or(Str::EMPTY);
        Ok(Const::Str(cleandoc(self.arena, text)?))
    }

    #[inline]
    pub(super) fn statements(&mut self, body: &'a [StmtRef<'a>]) -> Result {
        for statement in body {
            self.stmt(statement)?;
        }
        Ok(())
    }

    fn stmt(&mut self, s: &'a Stmt<'a>) -> Result {
        self.guard.check()?;
        match s.kind {
            StmtKind::FunctionDef(def) => self.function(s, def, false),
            StmtKind::AsyncFunctionDef(def) => self.function(s, def, true),
            StmtKind::ClassDef(def) => self.class(s, def),
            StmtKind::TypeAlias { name, type_params, value } => self.type_alias(s, name, type_params, value),
            StmtKind::Return { value } => self.return_(s, value),
            StmtKind::Delete { targets } => self.exprs(targets),
            StmtKind::Assign { targets, value, .. } => self.assign(s, targets, value),
            StmtKind::AugAssign { target, op, value } => self.aug_assign(s, target, op, value),
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(s, target, annotation, value, simple != 0)
            }
            StmtKind::For(stmt) => self.conditional(|g| g.for_(s, stmt)),
            StmtKind::AsyncFor(stmt) => self.conditional(|g| g.async_for(s, stmt)),
            StmtKind::While { test, body, orelse } => self.conditional(|g| g.while_(s, test, body, orelse)),
            StmtKind::If { test, body, orelse } => self.conditional(|g| g.if_(s, test, body, orelse)),
            StmtKind::With(stmt) => self.conditional(|g| g.with(stmt.items, stmt.body)),
            StmtKind::AsyncWith(stmt) => self.conditional(|g| g.async_with(stmt.items, stmt.body)),
            StmtKind::Match { subject, cases } => self.conditional(|g| g.match_(subject, cases)),
            StmtKind::Raise { exc, cause } => {
                let mut count = 0;
                if let Some(exc) = exc {
                    self.expr(exc)?;
                    count = 1;
                    if let Some(cause) = cause {
                        self.expr(cause)?;
                        count = 2;
                    }
                }
                self.op_i(s.location, Op::RAISE_VARARGS, count);
                Ok(())
            }
            StmtKind::Try(stmt) => self.conditional(|g| g.try_(s, stmt)),
            StmtKind::TryStar(stmt) => self.conditional(|g| g.try_star(s, stmt)),
            StmtKind::Assert { test, msg } => self.assert(s, test, msg),
            StmtKind::Import { names } => self.import(s, names),
            StmtKind::ImportFrom { module, names, level } => self.import_from(s, module, names, level),
            StmtKind::Global { .. } | StmtKind::Nonlocal { .. } => Ok(()),
            StmtKind::Expr { value } => self.stmt_expr(s.location, value),
            StmtKind::Pass => {
                self.op(s.location, Op::NOP);
                Ok(())
            }
            StmtKind::Break => self.break_(s.location),
            StmtKind::Continue => self.continue_(s.location),
        }
    }

    #[inline]
    fn conditional(&mut self, generate: impl FnOnce(&mut Self) -> Result) -> Result {
        self.unit.in_conditional_block += 1;
        generate(self)?;
        self.unit.in_conditional_block -= 1;
        Ok(())
    }

    fn stmt_expr(&mut self, location: Location, value: ExprRef<'a>) -> Result {
        if self.interactive && self.stack.is_empty() {
            self.expr(value)?;
            self.op_i(location, Op::CALL_INTRINSIC_1, INTRINSIC_PRINT);
        } else if matches!(value.kind, ExprKind::Constant { .. }) {
            self.op(location, Op::NOP);
            return Ok(());
        } else {
            self.expr(value)?;
        }
        self.op(NO_LOCATION, Op::POP_TOP);
        Ok(())
    }

    fn if_(
        &mut self,
        s: &Stmt<'a>,
        test: ExprRef<'a>,
        body: &'a [StmtRef<'a>],
        orelse: &'a [StmtRef<'a>],
    ) -> Result {
        let end = self.new_label();
        let next = if orelse.is_empty() { end } else { self.new_label() };
        self.jump_if(s.location, test, next, false)?;
        self.statements(body)?;
        if !orelse.is_empty() {
            self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
            self.use_label(next);
            self.statements(orelse)?;
        }
        self.use_label(end);
        Ok(())
    }

    fn for_(&mut self, s: &Stmt<'a>, stmt: &For<'a>) -> Result {
        let start = self.new_label();
        let body = self.new_label();
        let cleanup = self.new_label();
        let end = self.new_label();
        self.push_fblock(s.location, FBlockKind::ForLoop, Some(start), Some(end), Datum::None)?;
        self.expr(stmt.iter)?;
        let at_iter = stmt.iter.location;
        self.op(at_iter, Op::GET_ITER);
        self.use_label(start);
        self.op_jump(at_iter, Op::FOR_ITER, cleanup);
        // A line of its own for the target, should it stand on one.
        self.op(stmt.target.location, Op::NOP);
        self.use_label(body);
        self.expr(stmt.target)?;
        self.statements(stmt.body)?;
        self.op_jump(NO_LOCATION, Op::JUMP, start);
        self.use_label(cleanup);
        self.end_for();
        self.pop_fblock(FBlockKind::ForLoop);
        self.statements(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    /// After the last item. A generator's exhaustion lands on the first of these, any other iterator's on the second.
    pub(super) fn end_for(&mut self) {
        self.op(NO_LOCATION, Op::END_FOR);
        self.op(NO_LOCATION, Op::POP_ITER);
    }

    fn async_for(&mut self, s: &Stmt<'a>, stmt: &For<'a>) -> Result {
        let start = self.new_label();
        let send = self.new_label();
        let except = self.new_label();
        let end = self.new_label();
        self.expr(stmt.iter)?;
        self.op(stmt.iter.location, Op::GET_AITER);
        self.use_label(start);
        self.push_fblock(s.location, FBlockKind::ForLoop, Some(start), Some(end), Datum::None)?;
        self.op_jump(s.location, Op::SETUP_FINALLY, except);
        self.op(s.location, Op::GET_ANEXT);
        self.load_const(s.location, Const::None);
        self.use_label(send);
        self.add_yield_from(s.location, true);
        self.op(s.location, Op::POP_BLOCK);
        self.op(s.location, Op::NOT_TAKEN);
        self.expr(stmt.target)?;
        self.statements(stmt.body)?;
        self.op_jump(NO_LOCATION, Op::JUMP, start);
        self.pop_fblock(FBlockKind::ForLoop);
        self.use_label(except);
        // The end of the loop follows the `for`, not the body.
        self.op_jump(stmt.iter.location, Op::END_ASYNC_FOR, send);
        self.statements(stmt.orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn while_(
        &mut self,
        s: &Stmt<'a>,
        test: ExprRef<'a>,
        body: &'a [StmtRef<'a>],
        orelse: &'a [StmtRef<'a>],
    ) -> Result {
        let start = self.new_label();
        let end = self.new_label();
        let anchor = self.new_label();
        self.use_label(start);
        self.push_fblock(s.location, FBlockKind::WhileLoop, Some(start), Some(end), Datum::None)?;
        self.jump_if(s.location, test, anchor, false)?;
        self.statements(body)?;
        self.op_jump(NO_LOCATION, Op::JUMP, start);
        self.pop_fblock(FBlockKind::WhileLoop);
        self.use_label(anchor);
        self.statements(orelse)?;
        self.use_label(end);
        Ok(())
    }

    fn return_(&mut self, s: &Stmt<'a>, value: Option<ExprRef<'a>>) -> Result {
        let mut location = s.location;
        let constant = match value.map(|value| value.kind) {
            None => Some(Constant::None),
            Some(ExprKind::Constant { value, .. }) => Some(value),
            Some(_) => None,
        };
        let preserve_tos = constant.is_none();
        let block = self.block();
        if !block.is_function_like() {
            return self.error(location, "'return' outside function");
        }
        if value.is_some() && block.coroutine && block.generator {
            return self.error(location, "'return' with value in async generator");
        }
        if let Some(value) = value {
            if preserve_tos {
                self.expr(value)?;
            } else {
                location = value.location;
                self.op(location, Op::NOP);
            }
        }
        if value.is_none_or(|value| value.location.lineno != s.location.lineno) {
            location = s.location;
            self.op(location, Op::NOP);
        }
        self.unwind_fblock_stack(&mut location, preserve_tos, false)?;
        if let Some(constant) = constant {
            self.load_const_ast(location, &constant);
        }
        self.op(location, Op::RETURN_VALUE);
        Ok(())
    }

    fn break_(&mut self, origin: Location) -> Result {
        let mut location = origin;
        self.op(location, Op::NOP);
        let Some(target) = self.unwind_fblock_stack(&mut location, false, true)? else {
            return self.error(origin, "'break' outside loop");
        };
        self.unwind_fblock(&mut location, &target, false)?;
        if let Some(exit) = target.exit {
            self.op_jump(location, Op::JUMP, exit);
        }
        Ok(())
    }

    fn continue_(&mut self, origin: Location) -> Result {
        let mut location = origin;
        self.op(location, Op::NOP);
        let Some(target) = self.unwind_fblock_stack(&mut location, false, true)? else {
            return self.error(origin, "'continue' not properly in loop");
        };
        if let Some(start) = target.block {
            self.op_jump(location, Op::JUMP, start);
        }
        Ok(())
    }

    fn assert(&mut self, s: &Stmt<'a>, test: ExprRef<'a>, msg: Option<ExprRef<'a>>) -> Result {
        let always_true = match test.kind {
            ExprKind::Tuple { elts, .. } => !elts.is_empty(),
            ExprKind::Constant { value: Constant::Tuple(items), .. } => !items.is_empty(),
            _ => false,
        };
        if always_true {
            self.warn(s.location, "assertion is always true, perhaps remove parentheses?")?;
        }
        if self.optimize > 0 {
            return Ok(());
        }
        let end = self.new_label();
        self.jump_if(s.location, test, end, true)?;
        self.op_i(s.location, Op::LOAD_COMMON_CONSTANT, CONSTANT_ASSERTIONERROR);
        if let Some(msg) = msg {
            self.expr(msg)?;
            self.op_i(s.location, Op::CALL, 0);
        }
        self.op_i(test.location, Op::RAISE_VARARGS, 1);
        self.use_label(end);
        Ok(())
    }

    /// The scope is a module or class, where variables have annotations.
    pub(super) fn annotates_variables(&self) -> bool {
        matches!(self.unit.scope_type, ScopeType::Module | ScopeType::Class)
    }

    pub(super) fn intern(&mut self, identifier: Identifier<'a>) -> Name {
        self.names.intern(identifier)
    }
}
