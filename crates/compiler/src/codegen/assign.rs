//! Assignments of all kinds, and what unpacking them takes.

use bytecode::Opcode as Op;
use bytecode::operands::NB_SUBSCR;
use syntax::Location;
use syntax::ast::*;

use super::call::start_at_attribute;
use super::expr::binary_operand;
use super::{Generator, ScopeType};
use crate::host::{CompileError, Result};
use crate::names::known;
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn assign(&mut self, s: &Stmt<'a>, targets: &'a [ExprRef<'a>], value: ExprRef<'a>) -> Result {
        self.expr(value)?;
        for (i, target) in targets.iter().enumerate() {
            if i + 1 < targets.len() {
                self.op_i(s.location, Op::COPY, 1);
            }
            self.expr(target)?;
        }
        Ok(())
    }

    /// Assigns the sequence on the stack to a list or tuple of targets.
    pub(super) fn unpack_into(&mut self, location: Location, elts: &'a [ExprRef<'a>]) -> Result {
        let mut seen_star = false;
        for (i, elt) in elts.iter().enumerate() {
            if !matches!(elt.kind, ExprKind::Starred { .. }) {
                continue;
            }
            if seen_star {
                return self.error(location, "multiple starred expressions in assignment");
            }
            let after = elts.len() - i - 1;
            if i >= 1 << 8 || after >= (i32::MAX >> 8) as usize {
                return self.error(location, "too many expressions in star-unpacking assignment");
            }
            self.op_i(location, Op::UNPACK_EX, (i + (after << 8)) as u32);
            seen_star = true;
        }
        if !seen_star {
            self.op_i(location, Op::UNPACK_SEQUENCE, elts.len() as u32);
        }
        elts.iter().try_for_each(|elt| match elt.kind {
            ExprKind::Starred { value, .. } => self.expr(value),
            _ => self.expr(elt),
        })
    }

    pub(super) fn aug_assign(
        &mut self,
        s: &Stmt<'a>,
        target: ExprRef<'a>,
        op: Operator,
        value: ExprRef<'a>,
    ) -> Result {
        let at = target.location;
        match target.kind {
            ExprKind::Attribute { value: object, attr, .. } => {
                let attr_name = self.intern(attr);
                self.expr(object)?;
                self.op_i(at, Op::COPY, 1);
                let at_attr = start_at_attribute(at, target.location, attr);
                self.load_attr(at_attr, attr_name, false);
                self.in_place(s, op, value)?;
                self.op_i(at_attr, Op::SWAP, 2);
                self.op_name(at_attr, Op::STORE_ATTR, attr_name);
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                self.expr(object)?;
                if let Some((lower, upper)) = two_part_slice(slice) {
                    self.slice_bounds(slice.location, lower, upper)?;
                    self.op_i(at, Op::COPY, 3);
                    self.op_i(at, Op::COPY, 3);
                    self.op_i(at, Op::COPY, 3);
                    self.op(at, Op::BINARY_SLICE);
                    self.in_place(s, op, value)?;
                    self.op_i(at, Op::SWAP, 4);
                    self.op_i(at, Op::SWAP, 3);
                    self.op_i(at, Op::SWAP, 2);
                    self.op(at, Op::STORE_SLICE);
                } else {
                    self.expr(slice)?;
                    self.op_i(at, Op::COPY, 2);
                    self.op_i(at, Op::COPY, 2);
                    self.op_i(at, Op::BINARY_OP, NB_SUBSCR);
                    self.in_place(s, op, value)?;
                    self.op_i(at, Op::SWAP, 3);
                    self.op_i(at, Op::SWAP, 2);
                    self.op(at, Op::STORE_SUBSCR);
                }
            }
            ExprKind::Name { id, .. } => {
                let name = self.intern(id);
                self.nameop(at, name, ExprContext::Load);
                self.in_place(s, op, value)?;
                self.nameop(at, name, ExprContext::Store);
            }
            _ => return Err(CompileError::system("invalid node type for augmented assignment")),
        }
        Ok(())
    }

    fn in_place(&mut self, s: &Stmt<'a>, op: Operator, value: ExprRef<'a>) -> Result {
        self.expr(value)?;
        self.op_i(s.location, Op::BINARY_OP, binary_operand(op, true));
        Ok(())
    }

    pub(super) fn ann_assign(
        &mut self,
        s: &'a Stmt<'a>,
        target: ExprRef<'a>,
        annotation: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
        simple: bool,
    ) -> Result {
        // The assignment comes first, the annotation last.
        if let Some(value) = value {
            self.expr(value)?;
            self.expr(target)?;
        }
        match target.kind {
            ExprKind::Name { id, .. } => {
                if simple && self.annotates_variables() {
                    self.simple_annotation(s, id, annotation)?;
                }
            }
            ExprKind::Attribute { value: object, .. } => {
                if value.is_none() {
                    self.check_ann_expr(object)?;
                }
            }
            ExprKind::Subscript { value: object, slice, .. } => {
                if value.is_none() {
                    self.check_ann_expr(object)?;
                    self.check_ann_subscr(slice)?;
                }
            }
            _ => return Err(CompileError::system("invalid node type for annotated assignment")),
        }
        Ok(())
    }

    fn simple_annotation(&mut self, s: &'a Stmt<'a>, id: Identifier<'a>, annotation: ExprRef<'a>) -> Result {
        let name = self.intern(id);
        if self.future_annotations() {
            self.annotation_text(annotation)?;
            self.op_name(s.location, Op::LOAD_NAME, known::DUNDER_ANNOTATIONS);
            let mangled = self.maybe_mangle(name);
            self.load_const_name(s.location, mangled);
            self.op(s.location, Op::STORE_SUBSCR);
            return Ok(());
        }
        let is_class = self.unit.scope_type == ScopeType::Class;
        let conditional = !is_class || self.unit.in_conditional_block > 0;
        let index = conditional.then(|| {
            self.unit.next_conditional_annotation_index += 1;
            self.unit.next_conditional_annotation_index - 1
        });
        self.unit.deferred_annotations.push((s, index));
        if let Some(index) = index {
            if is_class {
                let cell = self.unit.metadata.cellvars.add(known::DUNDER_CONDITIONAL_ANNOTATIONS);
                self.op_i(s.location, Op::LOAD_DEREF, cell);
            } else {
                self.op_name(s.location, Op::LOAD_NAME, known::DUNDER_CONDITIONAL_ANNOTATIONS);
            }
            self.load_const(s.location, Const::Int(index as i64));
            self.op_i(s.location, Op::SET_ADD, 1);
            self.op(s.location, Op::POP_TOP);
        }
        Ok(())
    }

    /// Evaluates a part of an annotated target for its errors only.
    fn check_ann_expr(&mut self, e: ExprRef<'a>) -> Result {
        self.expr(e)?;
        self.op(e.location, Op::POP_TOP);
        Ok(())
    }

    fn check_ann_subscr(&mut self, e: ExprRef<'a>) -> Result {
        match e.kind {
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().flatten().try_for_each(|part| self.check_ann_expr(part))
            }
            ExprKind::Tuple { elts, .. } => {
                self.guard.check()?;
                elts.iter().try_for_each(|elt| self.check_ann_subscr(elt))
            }
            _ => self.check_ann_expr(e),
        }
    }

    pub(super) fn subscript(
        &mut self,
        e: &Expr<'a>,
        value: ExprRef<'a>,
        slice: ExprRef<'a>,
        ctx: ExprContext,
    ) -> Result {
        if ctx == ExprContext::Load {
            self.check_subscripter(value)?;
            self.check_index(value, slice)?;
        }
        self.expr(value)?;
        if ctx != ExprContext::Del
            && let Some((lower, upper)) = two_part_slice(slice)
        {
            self.slice_bounds(slice.location, lower, upper)?;
            let store = ctx == ExprContext::Store;
            self.op(e.location, if store { Op::STORE_SLICE } else { Op::BINARY_SLICE });
            return Ok(());
        }
        self.expr(slice)?;
        match ctx {
            ExprContext::Load => self.op_i(e.location, Op::BINARY_OP, NB_SUBSCR),
            ExprContext::Store => self.op(e.location, Op::STORE_SUBSCR),
            ExprContext::Del => self.op(e.location, Op::DELETE_SUBSCR),
        }
        Ok(())
    }

    fn slice_bounds(&mut self, location: Location, lower: Bound<'a>, upper: Bound<'a>) -> Result {
        for bound in [lower, upper] {
            match bound {
                Some(bound) => self.expr(bound)?,
                None => self.load_const(location, Const::None),
            }
        }
        Ok(())
    }

    pub(super) fn slice(&mut self, e: &Expr<'a>, lower: Bound<'a>, upper: Bound<'a>, step: Bound<'a>) -> Result {
        if let Some(parts) = constant_slice(lower, upper, step) {
            let parts = parts.map(|part| part.map_or(Const::None, |part| Const::from_ast(self.arena, part)));
            let parts: &'a [Const<'a>; 3] = self.arena.alloc(parts);
            self.load_const(e.location, Const::Slice(parts));
            return Ok(());
        }
        self.slice_bounds(e.location, lower, upper)?;
        if let Some(step) = step {
            self.expr(step)?;
        }
        self.op_i(e.location, Op::BUILD_SLICE, if step.is_some() { 3 } else { 2 });
        Ok(())
    }
}

type Bound<'a> = Option<ExprRef<'a>>;

/// The parts of a slice of constants only: it is a constant itself.
fn constant_slice<'a>(
    lower: Bound<'a>,
    upper: Bound<'a>,
    step: Bound<'a>,
) -> Option<[Option<&'a Constant<'a>>; 3]> {
    let mut parts = [None; 3];
    for (part, e) in parts.iter_mut().zip([lower, upper, step]) {
        *part = match e {
            None => None,
            Some(Expr { kind: ExprKind::Constant { value, .. }, .. }) => Some(value),
            Some(_) => return None,
        };
    }
    Some(parts)
}

/// The bounds of a slice that has instructions of its own: no step, and not constant.
fn two_part_slice<'a>(slice: ExprRef<'a>) -> Option<(Bound<'a>, Bound<'a>)> {
    match slice.kind {
        ExprKind::Slice { lower, upper, step: None } if constant_slice(lower, upper, None).is_none() => {
            Some((lower, upper))
        }
        _ => None,
    }
}
