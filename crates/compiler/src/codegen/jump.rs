//! Conditions: jumping on the truth of an expression without computing its value.

use bytecode::Opcode as Op;
use bytecode::operands::*;
use syntax::Location;
use syntax::ast::*;

use super::Generator;
use crate::host::Result;
use crate::instruction::{Label, NO_LOCATION};

impl<'a> Generator<'a, '_> {
    /// Jumps to `next` if the truth of `e` is `condition`.
    pub(super) fn jump_if(&mut self, location: Location, e: ExprRef<'a>, next: Label, condition: bool) -> Result {
        self.guard.check()?;
        match e.kind {
            ExprKind::UnaryOp { op: UnaryOp::Not, operand } => {
                return self.jump_if(location, operand, next, !condition);
            }
            ExprKind::BoolOp { op, values } => {
                let Some((last, first)) = values.split_last() else { return Ok(()) };
                let decides = op == BoolOp::Or;
                let decided = if decides == condition { next } else { self.new_label() };
                for value in first {
                    self.jump_if(location, value, decided, decides)?;
                }
                self.jump_if(location, last, next, condition)?;
                if decided != next {
                    self.use_label(decided);
                }
                return Ok(());
            }
            ExprKind::IfExp { test, body, orelse } => {
                let end = self.new_label();
                let otherwise = self.new_label();
                self.jump_if(location, test, otherwise, false)?;
                self.jump_if(location, body, next, condition)?;
                self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
                self.use_label(otherwise);
                self.jump_if(location, orelse, next, condition)?;
                self.use_label(end);
                return Ok(());
            }
            ExprKind::Compare { left, ops, comparators } if ops.len() > 1 => {
                return self.jump_if_chain(e, left, ops, comparators, next, condition);
            }
            _ => {}
        }
        self.expr(e)?;
        self.op(e.location, Op::TO_BOOL);
        self.pop_jump_if(e.location, condition, next);
        Ok(())
    }

    fn pop_jump_if(&mut self, location: Location, condition: bool, next: Label) {
        self.op_jump(location, if condition { Op::POP_JUMP_IF_TRUE } else { Op::POP_JUMP_IF_FALSE }, next);
    }

    fn jump_if_chain(
        &mut self,
        e: ExprRef<'a>,
        left: ExprRef<'a>,
        ops: &[CmpOp],
        comparators: &[ExprRef<'a>],
        next: Label,
        condition: bool,
    ) -> Result {
        let at = e.location;
        self.check_compare(e, left, ops, comparators)?;
        let cleanup = self.new_label();
        self.expr(left)?;
        let (Some((&last_op, first_ops)), Some((last, first))) = (ops.split_last(), comparators.split_last()) else {
            return Ok(());
        };
        for (&op, comparator) in first_ops.iter().zip(first) {
            self.expr(comparator)?;
            self.op_i(at, Op::SWAP, 2);
            self.op_i(at, Op::COPY, 2);
            self.compare_op(at, op);
            self.op(at, Op::TO_BOOL);
            self.op_jump(at, Op::POP_JUMP_IF_FALSE, cleanup);
        }
        self.expr(last)?;
        self.compare_op(at, last_op);
        self.op(at, Op::TO_BOOL);
        self.pop_jump_if(at, condition, next);
        let end = self.new_label();
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(cleanup);
        self.op(at, Op::POP_TOP);
        if !condition {
            self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, next);
        }
        self.use_label(end);
        Ok(())
    }

    pub(super) fn compare(
        &mut self,
        e: &Expr<'a>,
        left: ExprRef<'a>,
        ops: &[CmpOp],
        comparators: &[ExprRef<'a>],
    ) -> Result {
        let at = e.location;
        self.check_compare(e, left, ops, comparators)?;
        self.expr(left)?;
        let (Some((&last_op, first_ops)), Some((last, first))) = (ops.split_last(), comparators.split_last()) else {
            return Ok(());
        };
        if first_ops.is_empty() {
            self.expr(last)?;
            self.compare_op(at, last_op);
            return Ok(());
        }
        let cleanup = self.new_label();
        for (&op, comparator) in first_ops.iter().zip(first) {
            self.expr(comparator)?;
            self.op_i(at, Op::SWAP, 2);
            self.op_i(at, Op::COPY, 2);
            self.compare_op(at, op);
            self.op_i(at, Op::COPY, 1);
            self.op(at, Op::TO_BOOL);
            self.op_jump(at, Op::POP_JUMP_IF_FALSE, cleanup);
            self.op(at, Op::POP_TOP);
        }
        self.expr(last)?;
        self.compare_op(at, last_op);
        let end = self.new_label();
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(cleanup);
        self.op_i(at, Op::SWAP, 2);
        self.op(at, Op::POP_TOP);
        self.use_label(end);
        Ok(())
    }

    pub(super) fn compare_op(&mut self, location: Location, op: CmpOp) {
        const LT: u32 = COMPARISON_LESS_THAN;
        const GT: u32 = COMPARISON_GREATER_THAN;
        const EQ: u32 = COMPARISON_EQUALS;
        let (number, mask) = match op {
            CmpOp::Lt => (0, LT),
            CmpOp::LtE => (1, LT | EQ),
            CmpOp::Eq => (2, EQ),
            CmpOp::NotEq => (3, LT | GT | COMPARISON_UNORDERED),
            CmpOp::Gt => (4, GT),
            CmpOp::GtE => (5, GT | EQ),
            CmpOp::Is => return self.op_i(location, Op::IS_OP, 0),
            CmpOp::IsNot => return self.op_i(location, Op::IS_OP, 1),
            CmpOp::In => return self.op_i(location, Op::CONTAINS_OP, 0),
            CmpOp::NotIn => return self.op_i(location, Op::CONTAINS_OP, 1),
        };
        self.op_i(location, Op::COMPARE_OP, number << COMPARE_OP_SHIFT | mask);
    }

    pub(super) fn bool_op(&mut self, e: &Expr<'a>, op: BoolOp, values: &[ExprRef<'a>]) -> Result {
        let Some((last, first)) = values.split_last() else { return Ok(()) };
        let jump = if op == BoolOp::And { Op::JUMP_IF_FALSE } else { Op::JUMP_IF_TRUE };
        let end = self.new_label();
        for value in first {
            self.expr(value)?;
            self.op_jump(e.location, jump, end);
            self.op(e.location, Op::POP_TOP);
        }
        self.expr(last)?;
        self.use_label(end);
        Ok(())
    }

    pub(super) fn if_exp(
        &mut self,
        e: &Expr<'a>,
        test: ExprRef<'a>,
        body: ExprRef<'a>,
        orelse: ExprRef<'a>,
    ) -> Result {
        let end = self.new_label();
        let next = self.new_label();
        self.jump_if(e.location, test, next, false)?;
        self.expr(body)?;
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(next);
        self.expr(orelse)?;
        self.use_label(end);
        Ok(())
    }
}
