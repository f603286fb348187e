//! Arguments of calls and classes, parameters of functions and lambdas, type parameters.

use super::{Fail, Parsed, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;

/// Functions have annotations and type comments; lambdas do not.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Function,
    Lambda,
}

impl Owner {
    fn close(self) -> TokenKind {
        if self == Owner::Function { TokenKind::RPar } else { TokenKind::Colon }
    }
}

impl<'a> Parser<'a, '_> {
    /// Through the closing parenthesis. With `open`, the place of the opening one, a lone generator expression
    /// may go without its own parentheses.
    #[allow(clippy::type_complexity)]
    pub(super) fn call_arguments(
        &mut self,
        open: Option<Start>,
    ) -> Parsed<(&'a [ExprRef<'a>], &'a [Keyword<'a>])> {
        if self.accept(TokenKind::RPar) {
            return Ok((&[], &[]));
        }
        self.enter(28)?;
        let base = self.exprs.len();
        let mut keywords: Vec<Keyword<'a>> = Vec::new();
        let mut unpacked_mapping = false;
        loop {
            let start = self.here();
            match self.kind() {
                TokenKind::Star => {
                    if unpacked_mapping {
                        return Err(Fail);
                    }
                    let arg = self.starred_expression()?;
                    self.exprs.push(arg);
                }
                TokenKind::DoubleStar => {
                    unpacked_mapping = true;
                    self.bump();
                    let value = self.expression()?;
                    keywords.push(Keyword { arg: None, value, location: self.since_start(start) });
                }
                TokenKind::Name if self.peek() == TokenKind::Equal => {
                    let arg = self.name()?;
                    self.bump();
                    let value = self.expression()?;
                    keywords.push(Keyword { arg: Some(arg), value, location: self.since_start(start) });
                }
                _ => {
                    if !keywords.is_empty() {
                        return Err(Fail);
                    }
                    let arg = self.named_expression()?;
                    if matches!(self.kind(), TokenKind::For | TokenKind::Async) {
                        let Some(open) = open else { return Err(Fail) };
                        if self.exprs.len() > base {
                            return Err(Fail);
                        }
                        let generators = self.for_if_clauses()?;
                        self.expect(TokenKind::RPar)?;
                        let genexp = self.expr(ExprKind::GeneratorExp { elt: arg, generators }, open);
                        self.leave(28);
                        return Ok((self.arena.alloc_slice_copy(&[genexp]), &[]));
                    }
                    self.exprs.push(arg);
                }
            }
            if !self.accept(TokenKind::Comma) || self.kind() == TokenKind::RPar {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        self.leave(28);
        let args = self.take_exprs(base);
        Ok((args, self.arena.alloc_slice_copy(&keywords)))
    }

    /// Through the closing parenthesis.
    pub(super) fn parameters(&mut self) -> Parsed<&'a Arguments<'a>> {
        let args = self.any_parameters(Owner::Function)?;
        self.expect(TokenKind::RPar)?;
        Ok(args)
    }

    /// Up to the colon.
    pub(super) fn lambda_parameters(&mut self) -> Parsed<&'a Arguments<'a>> {
        self.any_parameters(Owner::Lambda)
    }

    fn any_parameters(&mut self, owner: Owner) -> Parsed<&'a Arguments<'a>> {
        if self.kind() == owner.close() {
            const EMPTY: Arguments<'static> = Arguments {
                posonlyargs: &[],
                args: &[],
                vararg: None,
                kwonlyargs: &[],
                kw_defaults: &[],
                kwarg: None,
                defaults: &[],
            };
            return Ok(&EMPTY);
        }
        let mut arguments = Arguments::default();
        let mut plain: Vec<Arg<'a>> = Vec::new();
        let base = self.exprs.len();
        let mut seen_slash = false;
        loop {
            match self.kind() {
                TokenKind::Name => {
                    let arg = self.parameter(owner, false)?;
                    let default = self.default()?;
                    match default {
                        Some(default) => self.exprs.push(default),
                        None if self.exprs.len() > base => return Err(Fail),
                        None => {}
                    }
                    plain.push(arg);
                    if !self.parameter_end(owner, plain.last_mut())? {
                        break;
                    }
                }
                TokenKind::Slash => {
                    if seen_slash || plain.is_empty() {
                        return Err(Fail);
                    }
                    self.since(8)?;
                    seen_slash = true;
                    self.bump();
                    arguments.posonlyargs = self.arena.alloc_slice_copy(&plain);
                    plain.clear();
                    if !self.parameter_end(owner, None)? {
                        break;
                    }
                }
                TokenKind::Star | TokenKind::DoubleStar => {
                    arguments.defaults = self.take_exprs(base);
                    self.star_parameters(owner, &mut arguments)?;
                    arguments.args = self.arena.alloc_slice_copy(&plain);
                    return Ok(self.arena.alloc(arguments));
                }
                kind if kind == owner.close() => break,
                _ => return Err(Fail),
            }
        }
        arguments.defaults = self.take_exprs(base);
        arguments.args = self.arena.alloc_slice_copy(&plain);
        Ok(self.arena.alloc(arguments))
    }

    /// From the first `*` or `**`.
    fn star_parameters(&mut self, owner: Owner, arguments: &mut Arguments<'a>) -> Parsed<()> {
        let mut kwonly: Vec<Arg<'a>> = Vec::new();
        let mut kw_defaults = Vec::new();
        let mut more = true;
        if self.accept(TokenKind::Star) {
            if self.accept(TokenKind::Comma) {
                // A bare star needs a name after it.
                if self.kind() != TokenKind::Name {
                    return Err(Fail);
                }
            } else {
                let mut arg = self.parameter(owner, true)?;
                more = self.parameter_end(owner, Some(&mut arg))?;
                arguments.vararg = Some(self.arena.alloc(arg));
            }
            while more && self.kind() == TokenKind::Name {
                let arg = self.parameter(owner, false)?;
                let default = self.default()?;
                kwonly.push(arg);
                kw_defaults.push(default);
                more = self.parameter_end(owner, kwonly.last_mut())?;
            }
        }
        if more && self.accept(TokenKind::DoubleStar) {
            let mut arg = self.parameter(owner, false)?;
            self.parameter_end(owner, Some(&mut arg))?;
            arguments.kwarg = Some(self.arena.alloc(arg));
        }
        if self.kind() != owner.close() {
            return Err(Fail);
        }
        arguments.kwonlyargs = self.arena.alloc_slice_copy(&kwonly);
        arguments.kw_defaults = self.arena.alloc_slice_copy(&kw_defaults);
        Ok(())
    }

    fn parameter(&mut self, owner: Owner, star: bool) -> Parsed<Arg<'a>> {
        let start = self.here();
        let arg = self.name()?;
        let mut annotation = None;
        if owner == Owner::Function && self.accept(TokenKind::Colon) {
            annotation = Some(if star { self.star_expression()? } else { self.expression()? });
        }
        Ok(Arg { arg, annotation, type_comment: None, location: self.since_start(start) })
    }

    fn default(&mut self) -> Parsed<Option<ExprRef<'a>>> {
        if self.accept(TokenKind::Equal) { Ok(Some(self.expression()?)) } else { Ok(None) }
    }

    /// The comma after a parameter and its type comment; says whether another parameter may follow.
    fn parameter_end(&mut self, owner: Owner, arg: Option<&mut Arg<'a>>) -> Parsed<bool> {
        let comma = self.accept(TokenKind::Comma);
        if owner == Owner::Function
            && let Some(arg) = arg
        {
            arg.type_comment = self.type_comment();
        }
        if !comma && self.kind() != owner.close() {
            return Err(Fail);
        }
        Ok(comma && self.kind() != owner.close())
    }

    /// `[T, *Ts, **P]`, if it is there.
    pub(super) fn type_params(&mut self) -> Parsed<&'a [TypeParam<'a>]> {
        if !self.accept(TokenKind::LSqb) {
            return Ok(&[]);
        }
        self.since(12)?;
        let mut params = Vec::new();
        loop {
            params.push(self.type_param()?);
            if !self.accept(TokenKind::Comma) || self.kind() == TokenKind::RSqb {
                break;
            }
        }
        self.expect(TokenKind::RSqb)?;
        Ok(self.arena.alloc_slice_copy(&params))
    }

    fn type_param(&mut self) -> Parsed<TypeParam<'a>> {
        let start = self.here();
        let kind = match self.kind() {
            TokenKind::Star => {
                self.bump();
                let name = self.name()?;
                let default_value = self.type_param_default(true)?;
                TypeParamKind::TypeVarTuple { name, default_value }
            }
            TokenKind::DoubleStar => {
                self.bump();
                let name = self.name()?;
                let default_value = self.type_param_default(false)?;
                TypeParamKind::ParamSpec { name, default_value }
            }
            _ => {
                let name = self.name()?;
                let bound = if self.accept(TokenKind::Colon) { Some(self.expression()?) } else { None };
                let default_value = self.type_param_default(false)?;
                TypeParamKind::TypeVar { name, bound, default_value }
            }
        };
        Ok(TypeParam { kind, location: self.since_start(start) })
    }

    fn type_param_default(&mut self, star: bool) -> Parsed<Option<ExprRef<'a>>> {
        if !self.accept(TokenKind::Equal) {
            return Ok(None);
        }
        self.since(13)?;
        Ok(Some(if star { self.star_expression()? } else { self.expression()? }))
    }
}
