//! Statements, and the simple ones in full.

use super::expressions::starts_expression;
use super::{Fail, Parsed, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// A compound statement, or a line of simple ones.
    pub(super) fn statement(&mut self) -> Parsed<()> {
        if self.compound_statement()? { Ok(()) } else { self.simple_statements_of(false) }
    }

    /// Simple statements through their NEWLINE. `last` says that nothing after that may be read.
    pub(super) fn simple_statements_of(&mut self, last: bool) -> Parsed<()> {
        loop {
            self.simple_statement()?;
            if self.accept(TokenKind::Semi) {
                if self.kind() != TokenKind::Newline {
                    continue;
                }
            } else if self.kind() != TokenKind::Newline {
                return Err(Fail);
            }
            if !last {
                self.bump();
            }
            return Ok(());
        }
    }

    fn simple_statement(&mut self) -> Parsed<()> {
        let start = self.here();
        let kind = match self.kind() {
            TokenKind::Name => {
                let peek = self.peek();
                if peek == TokenKind::Equal {
                    return self.assignment_to_name(start);
                }
                if peek == TokenKind::Name && self.at_soft_keyword("type") {
                    self.type_alias()?
                } else {
                    return self.expression_statement(start);
                }
            }
            TokenKind::Return => {
                self.bump();
                let some = starts_expression(self.kind()) || self.kind() == TokenKind::Star;
                StmtKind::Return { value: if some { Some(self.star_expressions()?) } else { None } }
            }
            TokenKind::Import => self.import_name()?,
            TokenKind::From => self.import_from()?,
            TokenKind::Raise => self.raise()?,
            TokenKind::Pass => self.word(StmtKind::Pass),
            TokenKind::Break => self.word(StmtKind::Break),
            TokenKind::Continue => self.word(StmtKind::Continue),
            TokenKind::Del => self.delete()?,
            TokenKind::Assert => self.assert()?,
            TokenKind::Global => StmtKind::Global { names: self.names()? },
            TokenKind::Nonlocal => StmtKind::Nonlocal { names: self.names()? },
            TokenKind::Yield => {
                let value = self.yield_expression()?;
                if self.kind() == TokenKind::Equal {
                    return Err(Fail);
                }
                StmtKind::Expr { value }
            }
            _ => return self.expression_statement(start),
        };
        self.push_stmt(kind, start);
        Ok(())
    }

    fn word(&mut self, kind: StmtKind<'a>) -> StmtKind<'a> {
        self.bump();
        kind
    }

    /// `name = ...`, the most frequent statement of all.
    fn assignment_to_name(&mut self, start: Start) -> Parsed<()> {
        let location = self.token_location();
        let id = self.name()?;
        let target = self.expr_at(ExprKind::Name { id, ctx: ExprContext::Store }, location);
        self.assignment(start, target)
    }

    /// From the first `=`, with the first target.
    fn assignment(&mut self, start: Start, target: ExprRef<'a>) -> Parsed<()> {
        let base = self.exprs.len();
        self.exprs.push(target);
        self.bump();
        let mut value = self.annotated_rhs()?;
        while self.accept(TokenKind::Equal) {
            let target = self.to_target(value, ExprContext::Store)?;
            self.exprs.push(target);
            value = self.annotated_rhs()?;
        }
        let targets = self.take_exprs(base);
        let type_comment = self.type_comment();
        self.push_stmt(StmtKind::Assign { targets, value, type_comment }, start);
        Ok(())
    }

    fn expression_statement(&mut self, start: Start) -> Parsed<()> {
        let parenthesized = self.kind() == TokenKind::LPar;
        let expr = self.star_expressions()?;
        let kind = match self.kind() {
            TokenKind::Equal => {
                let target = self.to_target(expr, ExprContext::Store)?;
                return self.assignment(start, target);
            }
            TokenKind::Colon => self.annotated_assignment(expr, parenthesized)?,
            kind => match augmented_operator(kind) {
                Some(op) => self.augmented_assignment(expr, op)?,
                None => StmtKind::Expr { value: expr },
            },
        };
        self.push_stmt(kind, start);
        Ok(())
    }

    fn annotated_assignment(&mut self, expr: ExprRef<'a>, parenthesized: bool) -> Parsed<StmtKind<'a>> {
        self.since(6)?;
        let target = self.to_single_target(expr)?;
        let simple = (matches!(target.kind, ExprKind::Name { .. }) && !parenthesized) as i32;
        self.bump();
        let annotation = self.expression()?;
        let value = if self.accept(TokenKind::Equal) { Some(self.annotated_rhs()?) } else { None };
        Ok(StmtKind::AnnAssign { target, annotation, value, simple })
    }

    fn augmented_assignment(&mut self, expr: ExprRef<'a>, op: Operator) -> Parsed<StmtKind<'a>> {
        if op == Operator::MatMult {
            self.since(5)?;
        }
        let target = self.to_single_target(expr)?;
        self.bump();
        let value = self.annotated_rhs()?;
        Ok(StmtKind::AugAssign { target, op, value })
    }

    fn type_alias(&mut self) -> Parsed<StmtKind<'a>> {
        self.since(12)?;
        self.bump();
        let location = self.token_location();
        let id = self.name()?;
        let name = self.expr_at(ExprKind::Name { id, ctx: ExprContext::Store }, location);
        let type_params = self.type_params()?;
        self.expect(TokenKind::Equal)?;
        let value = self.expression()?;
        Ok(StmtKind::TypeAlias { name, type_params, value })
    }

    fn raise(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        if !starts_expression(self.kind()) {
            return Ok(StmtKind::Raise { exc: None, cause: None });
        }
        let exc = Some(self.expression()?);
        let cause = if self.accept(TokenKind::From) { Some(self.expression()?) } else { None };
        Ok(StmtKind::Raise { exc, cause })
    }

    fn assert(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        let test = self.expression()?;
        let msg = if self.accept(TokenKind::Comma) { Some(self.expression()?) } else { None };
        Ok(StmtKind::Assert { test, msg })
    }

    fn delete(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        let base = self.exprs.len();
        loop {
            let target = self.del_target()?;
            self.exprs.push(target);
            if !self.accept(TokenKind::Comma) || matches!(self.kind(), TokenKind::Semi | TokenKind::Newline) {
                break;
            }
        }
        Ok(StmtKind::Delete { targets: self.take_exprs(base) })
    }

    fn names(&mut self) -> Parsed<&'a [Identifier<'a>]> {
        self.bump();
        let mut names = vec![self.name()?];
        while self.accept(TokenKind::Comma) {
            names.push(self.name()?);
        }
        Ok(self.arena.alloc_slice_copy(&names))
    }

    // Imports

    fn import_name(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        let mut names = Vec::with_capacity(1);
        loop {
            let start = self.here();
            let name = self.dotted_name()?;
            let asname = self.as_name()?;
            names.push(Alias { name, asname, location: self.since_start(start) });
            if !self.accept(TokenKind::Comma) {
                break;
            }
        }
        Ok(StmtKind::Import { names: self.arena.alloc_slice_copy(&names) })
    }

    fn as_name(&mut self) -> Parsed<Option<Identifier<'a>>> {
        if self.accept(TokenKind::As) { Ok(Some(self.name()?)) } else { Ok(None) }
    }

    fn dotted_name(&mut self) -> Parsed<Identifier<'a>> {
        let first = self.name()?;
        if self.kind() != TokenKind::Dot {
            return Ok(first);
        }
        let mut dotted = String::from(first.as_str());
        while self.accept(TokenKind::Dot) {
            dotted.push('.');
            dotted.push_str(self.name()?.as_str());
        }
        Ok(self.names.intern(dotted.as_bytes()))
    }

    fn import_from(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        let mut level = 0;
        loop {
            match self.kind() {
                TokenKind::Dot => level += 1,
                TokenKind::Ellipsis => level += 3,
                _ => break,
            }
            self.bump();
        }
        let module = if self.kind() == TokenKind::Import && level > 0 { None } else { Some(self.dotted_name()?) };
        self.expect(TokenKind::Import)?;
        let names = self.import_from_targets()?;
        if level == 0
            && module.is_some_and(|module| module == "__future__")
            && names.iter().any(|alias| alias.name == "barry_as_FLUFL")
        {
            self.barry_as_flufl = true;
        }
        Ok(StmtKind::ImportFrom { module, names, level: Some(level) })
    }

    fn import_from_targets(&mut self) -> Parsed<&'a [Alias<'a>]> {
        if self.kind() == TokenKind::Star {
            let location = self.token_location();
            self.bump();
            let star = Alias { name: Identifier::STAR, asname: None, location };
            return Ok(self.arena.alloc_slice_copy(&[star]));
        }
        let parenthesized = self.accept(TokenKind::LPar);
        let mut names = Vec::new();
        loop {
            let start = self.here();
            let name = self.name()?;
            let asname = self.as_name()?;
            names.push(Alias { name, asname, location: self.since_start(start) });
            if !self.accept(TokenKind::Comma) || parenthesized && self.kind() == TokenKind::RPar {
                break;
            }
        }
        if parenthesized {
            self.expect(TokenKind::RPar)?;
        }
        Ok(self.arena.alloc_slice_copy(&names))
    }
}

fn augmented_operator(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::PlusEqual => Operator::Add,
        TokenKind::MinEqual => Operator::Sub,
        TokenKind::StarEqual => Operator::Mult,
        TokenKind::AtEqual => Operator::MatMult,
        TokenKind::SlashEqual => Operator::Div,
        TokenKind::PercentEqual => Operator::Mod,
        TokenKind::AmperEqual => Operator::BitAnd,
        TokenKind::VBarEqual => Operator::BitOr,
        TokenKind::CircumflexEqual => Operator::BitXor,
        TokenKind::LeftShiftEqual => Operator::LShift,
        TokenKind::RightShiftEqual => Operator::RShift,
        TokenKind::DoubleStarEqual => Operator::Pow,
        TokenKind::DoubleSlashEqual => Operator::FloorDiv,
        _ => return None,
    })
}
