//! Compound statements and their blocks.

use super::{Fail, Parsed, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// A compound statement, if the token at hand begins one.
    pub(super) fn compound_statement(&mut self) -> Parsed<bool> {
        let start = self.here();
        let kind = match self.kind() {
            TokenKind::Name => {
                if !self.at_soft_keyword("match") {
                    return Ok(false);
                }
                match self.match_statement()? {
                    Some(kind) => kind,
                    None => return Ok(false),
                }
            }
            TokenKind::Def => StmtKind::FunctionDef(self.function(&[])?),
            TokenKind::If => self.if_statement()?,
            TokenKind::Class => StmtKind::ClassDef(self.class(&[])?),
            TokenKind::With => StmtKind::With(self.with(false)?),
            TokenKind::For => StmtKind::For(self.for_loop()?),
            TokenKind::Try => self.try_statement()?,
            TokenKind::While => self.while_loop()?,
            TokenKind::At => return self.decorated().map(|()| true),
            TokenKind::Async => self.async_statement(&[])?,
            _ => return Ok(false),
        };
        self.push_stmt(kind, start);
        Ok(true)
    }

    fn async_statement(&mut self, decorators: &'a [ExprRef<'a>]) -> Parsed<StmtKind<'a>> {
        self.since(5)?;
        self.bump();
        match self.kind() {
            TokenKind::Def => Ok(StmtKind::AsyncFunctionDef(self.function(decorators)?)),
            TokenKind::With if decorators.is_empty() => Ok(StmtKind::AsyncWith(self.with(true)?)),
            TokenKind::For if decorators.is_empty() => Ok(StmtKind::AsyncFor(self.for_loop()?)),
            _ => Err(Fail),
        }
    }

    fn decorated(&mut self) -> Parsed<()> {
        let base = self.exprs.len();
        while self.accept(TokenKind::At) {
            let decorator = self.named_expression()?;
            self.exprs.push(decorator);
            self.expect(TokenKind::Newline)?;
        }
        let decorators = self.take_exprs(base);
        let start = self.here();
        let kind = match self.kind() {
            TokenKind::Def => StmtKind::FunctionDef(self.function(decorators)?),
            TokenKind::Class => StmtKind::ClassDef(self.class(decorators)?),
            TokenKind::Async => self.async_statement(decorators)?,
            _ => return Err(Fail),
        };
        self.push_stmt(kind, start);
        Ok(())
    }

    /// What follows a colon: an indented block, or simple statements on the same line.
    pub(super) fn block(&mut self) -> Parsed<&'a [StmtRef<'a>]> {
        let base = self.stmts.len();
        if self.accept(TokenKind::Newline) {
            self.expect(TokenKind::Indent)?;
            self.enter(4)?;
            loop {
                self.statement()?;
                match self.kind() {
                    TokenKind::Dedent => break,
                    TokenKind::EndMarker | TokenKind::ErrorToken => return Err(Fail),
                    _ => {}
                }
            }
            self.leave(4);
            self.bump();
        } else {
            self.simple_statements_of(false)?;
        }
        Ok(self.take_stmts(base))
    }

    fn else_block(&mut self) -> Parsed<&'a [StmtRef<'a>]> {
        if !self.accept(TokenKind::Else) {
            return Ok(&[]);
        }
        self.expect(TokenKind::Colon)?;
        self.block()
    }

    fn function(&mut self, decorator_list: &'a [ExprRef<'a>]) -> Parsed<&'a FunctionDef<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        self.expect(TokenKind::LPar)?;
        let args = self.parameters()?;
        let returns = if self.accept(TokenKind::RArrow) { Some(self.expression()?) } else { None };
        self.expect(TokenKind::Colon)?;
        let type_comment = self.function_type_comment()?;
        let body = self.block()?;
        Ok(self.arena.alloc(FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params }))
    }

    /// On the line of the `def`, or on the next before the block.
    fn function_type_comment(&mut self) -> Parsed<Option<&'a Str<'a>>> {
        if self.kind() == TokenKind::Newline && self.settings.type_comments && self.peek() == TokenKind::TypeComment {
            let before = self.checkpoint();
            self.bump();
            let comment = self.type_comment();
            if self.kind() == TokenKind::Newline && self.peek() == TokenKind::Indent {
                return Ok(comment);
            }
            self.go_back(before);
            return Ok(None);
        }
        Ok(self.type_comment())
    }

    fn class(&mut self, decorator_list: &'a [ExprRef<'a>]) -> Parsed<&'a ClassDef<'a>> {
        self.bump();
        let name = self.name()?;
        let type_params = self.type_params()?;
        let (bases, keywords) = if self.accept(TokenKind::LPar) { self.call_arguments(None)? } else { Default::default() };
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        Ok(self.arena.alloc(ClassDef { name, bases, keywords, body, decorator_list, type_params }))
    }

    /// `elif` after `elif` is a loop here, though each is the `else` of the one before.
    fn if_statement(&mut self) -> Parsed<StmtKind<'a>> {
        let mut clauses: Vec<(Start, ExprRef<'a>, &'a [StmtRef<'a>])> = Vec::with_capacity(1);
        loop {
            let start = self.here();
            self.bump();
            let test = self.named_expression()?;
            self.expect(TokenKind::Colon)?;
            let body = self.block()?;
            clauses.push((start, test, body));
            if self.kind() != TokenKind::Elif {
                break;
            }
            self.enter(1)?;
        }
        self.leave(clauses.len() as u32 - 1);
        let mut orelse = self.else_block()?;
        loop {
            let Some((start, test, body)) = clauses.pop() else { return Err(Fail) };
            let kind = StmtKind::If { test, body, orelse };
            if clauses.is_empty() {
                return Ok(kind);
            }
            let location = self.since_start(start);
            let stmt: StmtRef<'a> = self.arena.alloc(Stmt { kind, location });
            orelse = self.arena.alloc_slice_copy(&[stmt]);
        }
    }

    fn while_loop(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        let test = self.named_expression()?;
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        let orelse = self.else_block()?;
        Ok(StmtKind::While { test, body, orelse })
    }

    fn for_loop(&mut self) -> Parsed<&'a For<'a>> {
        self.bump();
        let target = self.star_targets()?;
        self.expect(TokenKind::In)?;
        let iter = self.star_expressions()?;
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let body = self.block()?;
        let orelse = self.else_block()?;
        Ok(self.arena.alloc(For { target, iter, body, orelse, type_comment }))
    }

    fn with(&mut self, is_async: bool) -> Parsed<&'a With<'a>> {
        self.bump();
        let before = self.checkpoint();
        let parenthesized = self.kind() == TokenKind::LPar;
        if parenthesized && let Ok(items) = self.parenthesized_with_items() {
            // After `async with (...):` there is no place for a type comment.
            if !(is_async && self.kind() == TokenKind::TypeComment) {
                let type_comment = self.type_comment();
                let body = self.block()?;
                return Ok(self.arena.alloc(With { items, body, type_comment }));
            }
        }
        if parenthesized {
            self.go_back(before);
        }
        let mut items = Vec::with_capacity(1);
        loop {
            items.push(self.with_item()?);
            if !self.accept(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::Colon)?;
        let type_comment = self.type_comment();
        let items = self.arena.alloc_slice_copy(&items);
        let body = self.block()?;
        Ok(self.arena.alloc(With { items, body, type_comment }))
    }

    /// Through the colon; fails where the parenthesis belongs to an expression.
    fn parenthesized_with_items(&mut self) -> Parsed<&'a [WithItem<'a>]> {
        let weight = self.weight;
        let items = self.try_parenthesized_with_items();
        self.weight = weight;
        items
    }

    fn try_parenthesized_with_items(&mut self) -> Parsed<&'a [WithItem<'a>]> {
        self.bump();
        let mut items = Vec::new();
        loop {
            items.push(self.with_item()?);
            if !self.accept(TokenKind::Comma) || self.kind() == TokenKind::RPar {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        self.expect(TokenKind::Colon)?;
        Ok(self.arena.alloc_slice_copy(&items))
    }

    fn with_item(&mut self) -> Parsed<WithItem<'a>> {
        let context_expr = self.expression()?;
        let optional_vars = if self.accept(TokenKind::As) { Some(self.star_target()?) } else { None };
        Ok(WithItem { context_expr, optional_vars })
    }

    fn try_statement(&mut self) -> Parsed<StmtKind<'a>> {
        self.bump();
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        let mut handlers: Vec<ExceptHandler<'a>> = Vec::new();
        let mut is_star = false;
        while self.kind() == TokenKind::Except {
            let star = self.peek() == TokenKind::Star;
            if !handlers.is_empty() && star != is_star {
                return Err(Fail);
            }
            is_star = star;
            handlers.push(self.except_handler(star)?);
        }
        let orelse = if handlers.is_empty() { &[] } else { self.else_block()? };
        let finalbody = if self.accept(TokenKind::Finally) {
            self.expect(TokenKind::Colon)?;
            self.block()?
        } else if handlers.is_empty() {
            return Err(Fail);
        } else {
            &[]
        };
        let handlers = self.arena.alloc_slice_copy(&handlers);
        let node = self.arena.alloc(Try { body, handlers, orelse, finalbody });
        if is_star {
            self.since(11)?;
            return Ok(StmtKind::TryStar(node));
        }
        Ok(StmtKind::Try(node))
    }

    fn except_handler(&mut self, star: bool) -> Parsed<ExceptHandler<'a>> {
        let start = self.here();
        self.bump();
        if star {
            self.bump();
        }
        let mut type_ = None;
        let mut name = None;
        if star || self.kind() != TokenKind::Colon {
            let type_start = self.here();
            let expr = self.expression()?;
            if self.kind() == TokenKind::Comma {
                self.since(14)?;
                type_ = Some(self.expressions_from(type_start, expr)?);
            } else {
                type_ = Some(expr);
                if self.accept(TokenKind::As) {
                    name = Some(self.name()?);
                }
            }
        }
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        Ok(ExceptHandler { type_, name, body, location: self.since_start(start) })
    }
}
