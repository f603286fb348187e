//! Targets of assignments, loops, `with` and `del`: parsed as expressions, then given their context.
//!
//! Every target is also an expression, and an expression is a target by its kind alone; so one pass over it
//! both checks and converts.

use super::expressions::starts_expression;
use super::{Fail, Parsed, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// The targets of a loop; the `in` after them is no operator.
    pub(super) fn star_targets(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let first = self.star_target()?;
        if self.kind() != TokenKind::Comma {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Comma) && (starts_expression(self.kind()) || self.kind() == TokenKind::Star) {
            let next = self.star_target()?;
            self.exprs.push(next);
        }
        let elts = self.take_exprs(base);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Store }, start))
    }

    /// One target, which may be starred.
    pub(super) fn star_target(&mut self) -> Parsed<ExprRef<'a>> {
        let expr = if self.kind() == TokenKind::Star { self.starred()? } else { self.primary()? };
        self.to_target(expr, ExprContext::Store)
    }

    pub(super) fn del_target(&mut self) -> Parsed<ExprRef<'a>> {
        let expr = self.primary()?;
        self.to_target(expr, ExprContext::Del)
    }

    /// The expression as a target, if it can be one.
    pub(super) fn to_target(&mut self, expr: ExprRef<'a>, ctx: ExprContext) -> Parsed<ExprRef<'a>> {
        let kind = match expr.kind {
            ExprKind::Name { id, .. } => ExprKind::Name { id, ctx },
            ExprKind::Attribute { value, attr, .. } => ExprKind::Attribute { value, attr, ctx },
            ExprKind::Subscript { value, slice, .. } => ExprKind::Subscript { value, slice, ctx },
            ExprKind::Tuple { elts, .. } => ExprKind::Tuple { elts: self.to_targets(elts, ctx)?, ctx },
            ExprKind::List { elts, .. } => ExprKind::List { elts: self.to_targets(elts, ctx)?, ctx },
            ExprKind::Starred { value, .. } if ctx == ExprContext::Store => {
                ExprKind::Starred { value: self.to_target(value, ctx)?, ctx }
            }
            _ => return Err(Fail),
        };
        Ok(self.expr_at(kind, expr.location))
    }

    fn to_targets(&mut self, elts: &[ExprRef<'a>], ctx: ExprContext) -> Parsed<&'a [ExprRef<'a>]> {
        let base = self.exprs.len();
        for elt in elts {
            let target = self.to_target(elt, ctx)?;
            self.exprs.push(target);
        }
        Ok(self.take_exprs(base))
    }

    /// A target of `name: annotation` or `target += value`.
    pub(super) fn to_single_target(&mut self, expr: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        match expr.kind {
            ExprKind::Name { .. } | ExprKind::Attribute { .. } | ExprKind::Subscript { .. } => {
                self.to_target(expr, ExprContext::Store)
            }
            _ => Err(Fail),
        }
    }
}
