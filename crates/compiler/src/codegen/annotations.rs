//! Annotations: functions that compute them when they are asked for (PEP 649), or strings under
//! `from __future__ import annotations`.

use bytecode::Opcode as Op;
use bytecode::Wtf8;
use bytecode::operands::{CONSTANT_NOTIMPLEMENTEDERROR, MAKE_FUNCTION_ANNOTATE};
use syntax::Location;
use syntax::ast::*;

use super::scope::ArgCounts;
use super::{Generator, ScopeType};
use crate::host::Result;
use crate::names::{Name, known};
use crate::symtable::{BlockKey, BlockKind, BlockRole, key_of};
use crate::unit::Const;
use crate::unparse::unparse;

/// `annotationlib.Format.VALUE_WITH_FAKE_GLOBALS`: the last format that compiled annotations know.
const FORMAT_VALUE_WITH_FAKE_GLOBALS: i64 = 2;

impl<'a> Generator<'a, '_> {
    /// Begins a function of one parameter, the format, and refuses formats that it does not know.
    pub(super) fn setup_annotations_scope(&mut self, at: Location, key: BlockKey, name: Name) -> Result {
        let args = ArgCounts { posonlyargcount: 1, ..ArgCounts::default() };
        self.enter_scope(name, ScopeType::Annotations, key, at.lineno, None, args)?;
        let body = self.new_label();
        self.op_i(at, Op::LOAD_FAST, 0);
        self.load_const(at, Const::Int(FORMAT_VALUE_WITH_FAKE_GLOBALS));
        self.compare_op(at, CmpOp::Gt);
        self.op_jump(at, Op::POP_JUMP_IF_FALSE, body);
        self.op_i(at, Op::LOAD_COMMON_CONSTANT, CONSTANT_NOTIMPLEMENTEDERROR);
        self.op_i(at, Op::RAISE_VARARGS, 1);
        self.use_label(body);
        Ok(())
    }

    /// Ends it. Inside, the parameter is `.format`, so that no annotation can mean it; the signature says `format`.
    fn leave_annotations_scope(&mut self, at: Location) -> Result {
        self.op(at, Op::RETURN_VALUE);
        let closure = self.leave_scope_with(true, |code| {
            if let Some(first) = code.localsplusnames.first_mut() {
                *first = Wtf8::new("format");
            }
        })?;
        self.make_closure(at, closure, 0)?;
        Ok(())
    }

    /// The `__annotate__` of a function; returns the flag for it, if there are annotations.
    pub(super) fn function_annotations(&mut self, s: &'a Stmt<'a>, def: &'a FunctionDef<'a>) -> Result<u32> {
        let key = key_of(s, BlockRole::Annotations);
        let used = self.table.lookup(key).is_some_and(|block| self.table.block(block).annotations_used);
        if !used {
            return Ok(0);
        }
        let at = s.location;
        self.setup_annotations_scope(at, key, known::DUNDER_ANNOTATE)?;
        let args = def.args;
        let parameters = args.args.iter().chain(args.posonlyargs).chain(args.vararg);
        let mut count = 0;
        for arg in parameters.chain(args.kwonlyargs).chain(args.kwarg) {
            if let Some(annotation) = arg.annotation {
                let name = self.intern(arg.arg);
                self.argument_annotation(at, name, annotation)?;
                count += 1;
            }
        }
        if let Some(returns) = def.returns {
            self.argument_annotation(at, known::RETURN, returns)?;
            count += 1;
        }
        self.op_i(at, Op::BUILD_MAP, count);
        self.leave_annotations_scope(at)?;
        Ok(MAKE_FUNCTION_ANNOTATE)
    }

    fn argument_annotation(&mut self, at: Location, name: Name, annotation: ExprRef<'a>) -> Result {
        let mangled = self.maybe_mangle(name);
        self.load_const_name(at, mangled);
        if self.future_annotations() {
            return self.annotation_text(annotation);
        }
        self.expr_or_unpacked(at, annotation)
    }

    /// An expression; of `*Ts` the one item that it unpacks to.
    pub(super) fn expr_or_unpacked(&mut self, at: Location, e: ExprRef<'a>) -> Result {
        match e.kind {
            ExprKind::Starred { value, .. } => {
                self.expr(value)?;
                self.op_i(at, Op::UNPACK_SEQUENCE, 1);
                Ok(())
            }
            _ => self.expr(e),
        }
    }

    /// An annotation as a string.
    pub(super) fn annotation_text(&mut self, annotation: ExprRef<'a>) -> Result {
        let text = unparse(annotation, self.guard)?;
        let text = Str::from_wtf8(self.arena.alloc_slice_copy(&text));
        self.load_const(annotation.location, Const::Str(text));
        Ok(())
    }

    /// The `__annotate__` of a module or class, from all annotated variables of its body.
    pub(super) fn process_deferred_annotations(&mut self, at: Location) -> Result {
        let deferred = std::mem::take(&mut self.unit.deferred_annotations);
        if deferred.is_empty() {
            return Ok(());
        }
        let scope_type = self.unit.scope_type;
        let is_module = scope_type == ScopeType::Module;
        if is_module {
            // It runs before the module's statements: in a sequence of its own, put in front later.
            let sequence = std::mem::take(&mut self.unit.sequence);
            self.unit.stashed_sequence = Some(sequence);
        }
        let key = (self.block().key.0, BlockRole::VariableAnnotations);
        self.setup_annotations_scope(at, key, known::DUNDER_ANNOTATE)?;
        self.op_i(at, Op::BUILD_MAP, 0);
        for (statement, index) in deferred {
            self.deferred_annotation(at, statement, index, scope_type)?;
        }
        self.leave_annotations_scope(at)?;
        let name = match self.block().kind {
            BlockKind::Class => known::DUNDER_ANNOTATE_FUNC,
            _ => known::DUNDER_ANNOTATE,
        };
        self.nameop(at, name, ExprContext::Store);
        if is_module && let Some(stashed) = self.unit.stashed_sequence.take() {
            let annotations = std::mem::replace(&mut self.unit.sequence, stashed);
            self.unit.sequence.annotations_code = Some(Box::new(annotations));
        }
        Ok(())
    }

    /// `annotations[name] = annotation`, if the statement was executed.
    fn deferred_annotation(
        &mut self,
        at: Location,
        statement: StmtRef<'a>,
        index: Option<u32>,
        scope_type: ScopeType,
    ) -> Result {
        let StmtKind::AnnAssign { target, annotation, .. } = statement.kind else { return Ok(()) };
        let ExprKind::Name { id, .. } = target.kind else { return Ok(()) };
        let name = self.intern(id);
        let mangled = crate::mangle::mangle(&mut self.names, self.unit.metadata.private, name);
        let not_set = self.new_label();
        let at_statement = statement.location;
        if let Some(index) = index {
            self.load_const(at_statement, Const::Int(index as i64));
            if scope_type == ScopeType::Class {
                let cell = self.free_index(known::DUNDER_CONDITIONAL_ANNOTATIONS);
                self.op_i(at_statement, Op::LOAD_DEREF, cell);
            } else {
                self.op_name(at_statement, Op::LOAD_GLOBAL, known::DUNDER_CONDITIONAL_ANNOTATIONS);
            }
            self.op_i(at_statement, Op::CONTAINS_OP, 0);
            self.op_jump(at_statement, Op::POP_JUMP_IF_FALSE, not_set);
        }
        self.expr(annotation)?;
        self.op_i(at_statement, Op::COPY, 2);
        self.load_const_name(at_statement, mangled);
        self.op(at, Op::STORE_SUBSCR);
        self.use_label(not_set);
        Ok(())
    }
}
