//! Atoms and what is attached to them: names, literals, displays, comprehensions, attributes, calls, subscripts.

use super::expressions::starts_expression;
use super::{Fail, Parsed, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    #[inline]
    pub(super) fn await_primary(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() != TokenKind::Await {
            return self.primary();
        }
        self.since(5)?;
        let start = self.here();
        self.bump();
        let value = self.primary()?;
        Ok(self.expr(ExprKind::Await { value }, start))
    }

    #[inline]
    pub(super) fn primary(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let mut expr = self.atom()?;
        loop {
            expr = match self.kind() {
                TokenKind::Dot => {
                    self.bump();
                    let attr = self.name()?;
                    self.expr(ExprKind::Attribute { value: expr, attr, ctx: ExprContext::Load }, start)
                }
                TokenKind::LPar => self.call(start, expr)?,
                TokenKind::LSqb => self.subscript(start, expr)?,
                _ => return Ok(expr),
            }
        }
    }

    #[inline]
    fn atom(&mut self) -> Parsed<ExprRef<'a>> {
        let token = self.token;
        let constant = match token.kind {
            TokenKind::Name => {
                let id = self.name()?;
                let location = super::location_of(token);
                return Ok(self.expr_at(ExprKind::Name { id, ctx: ExprContext::Load }, location));
            }
            TokenKind::Number => return self.number(),
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => return self.strings(),
            TokenKind::LPar => return self.parenthesized(),
            TokenKind::LSqb => return self.list(),
            TokenKind::LBrace => return self.braces(),
            TokenKind::None => Constant::None,
            TokenKind::True => Constant::True,
            TokenKind::False => Constant::False,
            TokenKind::Ellipsis => Constant::Ellipsis,
            _ => return Err(Fail),
        };
        self.bump();
        Ok(self.expr_at(ExprKind::Constant { value: constant, kind: None }, super::location_of(token)))
    }

    pub(super) fn number(&mut self) -> Parsed<ExprRef<'a>> {
        let token = self.token;
        let text = self.text(token);
        if self.settings.feature_version < 6 && text.contains(&b'_') {
            return Err(Fail);
        }
        let value = self.number_value(text)?;
        self.bump();
        Ok(self.expr_at(ExprKind::Constant { value, kind: None }, super::location_of(token)))
    }

    fn call(&mut self, start: Start, func: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let open = self.here();
        self.bump();
        let (args, keywords) = self.call_arguments(Some(open))?;
        Ok(self.expr(ExprKind::Call { func, args, keywords }, start))
    }

    fn subscript(&mut self, start: Start, value: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        self.bump();
        let slice = self.slices()?;
        self.expect(TokenKind::RSqb)?;
        Ok(self.expr(ExprKind::Subscript { value, slice, ctx: ExprContext::Load }, start))
    }

    fn slices(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let starred = self.kind() == TokenKind::Star;
        let first = if starred { self.starred_expression()? } else { self.slice()? };
        if !starred && self.kind() != TokenKind::Comma {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Comma) && self.kind() != TokenKind::RSqb {
            let next = if self.kind() == TokenKind::Star { self.starred_expression()? } else { self.slice()? };
            self.exprs.push(next);
        }
        let elts = self.take_exprs(base);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
    }

    fn slice(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let lower = if self.kind() == TokenKind::Colon {
            None
        } else {
            let expr = self.named_expression()?;
            if self.kind() != TokenKind::Colon {
                return Ok(expr);
            }
            // A bound is an expression without `:=`.
            let parenthesized = start.col_offset != expr.location.col_offset || start.lineno != expr.location.lineno;
            if matches!(expr.kind, ExprKind::NamedExpr { .. }) && !parenthesized {
                return Err(Fail);
            }
            Some(expr)
        };
        self.bump();
        let upper = self.slice_bound()?;
        let step = if self.accept(TokenKind::Colon) { self.slice_bound()? } else { None };
        Ok(self.expr(ExprKind::Slice { lower, upper, step }, start))
    }

    fn slice_bound(&mut self) -> Parsed<Option<ExprRef<'a>>> {
        if starts_expression(self.kind()) { Ok(Some(self.expression()?)) } else { Ok(None) }
    }

    /// A tuple, a group or a generator expression.
    fn parenthesized(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        self.enter(26)?;
        let expr = self.parenthesized_from(start);
        self.leave(26);
        expr
    }

    fn parenthesized_from(&mut self, start: Start) -> Parsed<ExprRef<'a>> {
        match self.kind() {
            TokenKind::RPar => {
                self.bump();
                return Ok(self.expr(ExprKind::Tuple { elts: &[], ctx: ExprContext::Load }, start));
            }
            TokenKind::Yield => {
                let expr = self.yield_expression()?;
                self.expect(TokenKind::RPar)?;
                return Ok(expr);
            }
            _ => {}
        }
        let starred = self.kind() == TokenKind::Star;
        let first = self.star_named_expression()?;
        match self.kind() {
            TokenKind::RPar if !starred => {
                self.bump();
                Ok(first)
            }
            TokenKind::Comma => {
                let elts = self.rest_of_display(first, TokenKind::RPar)?;
                Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
            }
            TokenKind::For | TokenKind::Async if !starred => {
                let generators = self.for_if_clauses()?;
                self.expect(TokenKind::RPar)?;
                Ok(self.expr(ExprKind::GeneratorExp { elt: first, generators }, start))
            }
            _ => Err(Fail),
        }
    }

    /// From the first comma of a display through its closing bracket.
    fn rest_of_display(&mut self, first: ExprRef<'a>, close: TokenKind) -> Parsed<&'a [ExprRef<'a>]> {
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Comma) && self.kind() != close {
            let next = self.star_named_expression()?;
            self.exprs.push(next);
        }
        self.expect(close)?;
        Ok(self.take_exprs(base))
    }

    fn list(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        self.enter(26)?;
        if self.accept(TokenKind::RSqb) {
            self.leave(26);
            return Ok(self.expr(ExprKind::List { elts: &[], ctx: ExprContext::Load }, start));
        }
        let starred = self.kind() == TokenKind::Star;
        let first = self.star_named_expression()?;
        let kind = if !starred && matches!(self.kind(), TokenKind::For | TokenKind::Async) {
            let generators = self.for_if_clauses()?;
            self.expect(TokenKind::RSqb)?;
            ExprKind::ListComp { elt: first, generators }
        } else {
            ExprKind::List { elts: self.rest_of_display(first, TokenKind::RSqb)?, ctx: ExprContext::Load }
        };
        self.leave(26);
        Ok(self.expr(kind, start))
    }

    /// A dictionary, a set, or a comprehension of either.
    fn braces(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        self.enter(26)?;
        let kind = self.braces_from()?;
        self.leave(26);
        Ok(self.expr(kind, start))
    }

    fn braces_from(&mut self) -> Parsed<ExprKind<'a>> {
        if self.accept(TokenKind::RBrace) {
            return Ok(ExprKind::Dict { keys: &[], values: &[] });
        }
        if self.accept(TokenKind::DoubleStar) {
            let value = self.bitwise_or()?;
            return self.rest_of_dict(None, value);
        }
        let starred = self.kind() == TokenKind::Star;
        let named = self.kind() == TokenKind::Name && self.peek() == TokenKind::ColonEqual;
        let first = self.star_named_expression()?;
        match self.kind() {
            TokenKind::Colon if !starred && !named => {
                self.bump();
                let value = self.expression()?;
                if matches!(self.kind(), TokenKind::For | TokenKind::Async) {
                    let generators = self.for_if_clauses()?;
                    self.expect(TokenKind::RBrace)?;
                    return Ok(ExprKind::DictComp { key: first, value, generators });
                }
                self.rest_of_dict(Some(first), value)
            }
            TokenKind::For | TokenKind::Async if !starred => {
                let generators = self.for_if_clauses()?;
                self.expect(TokenKind::RBrace)?;
                Ok(ExprKind::SetComp { elt: first, generators })
            }
            _ => Ok(ExprKind::Set { elts: self.rest_of_display(first, TokenKind::RBrace)? }),
        }
    }

    fn rest_of_dict(&mut self, key: Option<ExprRef<'a>>, value: ExprRef<'a>) -> Parsed<ExprKind<'a>> {
        let base = self.exprs.len();
        self.exprs.push(value);
        let mut keys = vec![key];
        while self.accept(TokenKind::Comma) && self.kind() != TokenKind::RBrace {
            let value = if self.accept(TokenKind::DoubleStar) {
                keys.push(None);
                self.bitwise_or()?
            } else {
                keys.push(Some(self.expression()?));
                self.expect(TokenKind::Colon)?;
                self.expression()?
            };
            self.exprs.push(value);
        }
        self.expect(TokenKind::RBrace)?;
        let keys = self.arena.alloc_slice_copy(&keys);
        Ok(ExprKind::Dict { keys, values: self.take_exprs(base) })
    }

    pub(super) fn for_if_clauses(&mut self) -> Parsed<&'a [Comprehension<'a>]> {
        let mut clauses = Vec::with_capacity(1);
        loop {
            let is_async = self.kind() == TokenKind::Async;
            if is_async {
                self.bump();
                self.since(6)?;
            } else if self.kind() != TokenKind::For {
                break;
            }
            self.expect(TokenKind::For)?;
            let target = self.star_targets()?;
            self.expect(TokenKind::In)?;
            let iter = self.disjunction()?;
            let base = self.exprs.len();
            while self.accept(TokenKind::If) {
                let test = self.disjunction()?;
                self.exprs.push(test);
            }
            let ifs = self.take_exprs(base);
            clauses.push(Comprehension { target, iter, ifs, is_async: is_async as i32 });
        }
        Ok(self.arena.alloc_slice_copy(&clauses))
    }
}
