//! The `match` statement and its patterns.

use super::{Fail, Parsed, Parser};
use crate::ast::*;
use crate::token::TokenKind;

impl<'a> Parser<'a, '_> {
    /// A `match` statement; `None` (and nothing consumed) where `match` is an ordinary name.
    pub(super) fn match_statement(&mut self) -> Parsed<Option<StmtKind<'a>>> {
        let before = self.checkpoint();
        let weight = self.weight;
        let Ok(subject) = self.match_header() else {
            self.weight = weight;
            self.go_back(before);
            return Ok(None);
        };
        self.since(10)?;
        self.expect(TokenKind::Newline)?;
        self.expect(TokenKind::Indent)?;
        self.enter(4)?;
        let mut cases = Vec::new();
        while self.at_soft_keyword("case") {
            cases.push(self.case_block()?);
        }
        self.leave(4);
        if cases.is_empty() {
            return Err(Fail);
        }
        self.expect(TokenKind::Dedent)?;
        Ok(Some(StmtKind::Match { subject, cases: self.arena.alloc_slice_copy(&cases) }))
    }

    /// Through the colon, which must end the line: only then it is a `match` statement.
    fn match_header(&mut self) -> Parsed<ExprRef<'a>> {
        self.bump();
        let start = self.here();
        let starred = self.kind() == TokenKind::Star;
        let mut subject = self.star_named_expression()?;
        if self.kind() == TokenKind::Comma {
            let base = self.exprs.len();
            self.exprs.push(subject);
            while self.accept(TokenKind::Comma) && self.kind() != TokenKind::Colon {
                let next = self.star_named_expression()?;
                self.exprs.push(next);
            }
            let elts = self.take_exprs(base);
            subject = self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start);
        } else if starred {
            return Err(Fail);
        }
        self.expect(TokenKind::Colon)?;
        self.expect_last(TokenKind::Newline)?;
        Ok(subject)
    }

    fn case_block(&mut self) -> Parsed<MatchCase<'a>> {
        self.bump();
        let pattern = self.patterns()?;
        let guard = if self.accept(TokenKind::If) { Some(self.named_expression()?) } else { None };
        self.expect(TokenKind::Colon)?;
        let body = self.block()?;
        Ok(MatchCase { pattern, guard, body })
    }

    fn patterns(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        let starred = self.kind() == TokenKind::Star;
        let first = self.maybe_star_pattern()?;
        if self.kind() != TokenKind::Comma {
            return if starred { Err(Fail) } else { Ok(first) };
        }
        let patterns = self.rest_of_sequence(first, TokenKind::Colon)?;
        Ok(self.pattern_node(PatternKind::MatchSequence { patterns }, start))
    }

    /// From the first comma up to the closing token; a guard closes as well as a colon.
    fn rest_of_sequence(&mut self, first: PatternRef<'a>, close: TokenKind) -> Parsed<&'a [PatternRef<'a>]> {
        let mut patterns = vec![first];
        while self.accept(TokenKind::Comma) {
            if self.kind() == close || self.kind() == TokenKind::If {
                break;
            }
            patterns.push(self.maybe_star_pattern()?);
        }
        Ok(self.arena.alloc_slice_copy(&patterns))
    }

    fn maybe_star_pattern(&mut self) -> Parsed<PatternRef<'a>> {
        if self.kind() != TokenKind::Star {
            return self.pattern();
        }
        let start = self.here();
        self.bump();
        let name = if self.at_soft_keyword("_") {
            self.bump();
            None
        } else {
            Some(self.capture_target()?)
        };
        Ok(self.pattern_node(PatternKind::MatchStar { name }, start))
    }

    fn pattern(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        let pattern = self.or_pattern()?;
        if !self.accept(TokenKind::As) {
            return Ok(pattern);
        }
        let name = Some(self.capture_target()?);
        Ok(self.pattern_node(PatternKind::MatchAs { pattern: Some(pattern), name }, start))
    }

    /// A name that a pattern binds.
    fn capture_target(&mut self) -> Parsed<Identifier<'a>> {
        if self.at_soft_keyword("_") {
            return Err(Fail);
        }
        let name = self.name()?;
        match self.kind() {
            TokenKind::Dot | TokenKind::LPar | TokenKind::Equal => Err(Fail),
            _ => Ok(name),
        }
    }

    fn or_pattern(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        let first = self.closed_pattern()?;
        if self.kind() != TokenKind::VBar {
            return Ok(first);
        }
        let mut patterns = vec![first];
        while self.accept(TokenKind::VBar) {
            patterns.push(self.closed_pattern()?);
        }
        let patterns = self.arena.alloc_slice_copy(&patterns);
        Ok(self.pattern_node(PatternKind::MatchOr { patterns }, start))
    }

    fn closed_pattern(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        let kind = match self.kind() {
            TokenKind::Number | TokenKind::Minus => PatternKind::MatchValue { value: self.literal_number()? },
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => {
                PatternKind::MatchValue { value: self.strings()? }
            }
            TokenKind::None => self.singleton(Constant::None),
            TokenKind::True => self.singleton(Constant::True),
            TokenKind::False => self.singleton(Constant::False),
            TokenKind::Name => return self.name_pattern(),
            TokenKind::LPar => return self.parenthesized_pattern(),
            TokenKind::LSqb => {
                self.bump();
                self.enter(20)?;
                let patterns = self.closed_sequence(TokenKind::RSqb)?;
                self.leave(20);
                PatternKind::MatchSequence { patterns }
            }
            TokenKind::LBrace => self.mapping_pattern()?,
            _ => return Err(Fail),
        };
        Ok(self.pattern_node(kind, start))
    }

    fn singleton(&mut self, value: Constant<'a>) -> PatternKind<'a> {
        self.bump();
        PatternKind::MatchSingleton { value }
    }

    /// A number, which may have a sign and an imaginary part.
    fn literal_number(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let negative = self.accept(TokenKind::Minus);
        if self.kind() != TokenKind::Number {
            return Err(Fail);
        }
        let mut real = self.number()?;
        let real_is_complex = is_complex(real);
        if negative {
            real = self.expr(ExprKind::UnaryOp { op: UnaryOp::USub, operand: real }, start);
        }
        let op = match self.kind() {
            TokenKind::Plus => Operator::Add,
            TokenKind::Minus => Operator::Sub,
            _ => return Ok(real),
        };
        self.bump();
        if real_is_complex || self.kind() != TokenKind::Number {
            return Err(Fail);
        }
        let right = self.number()?;
        if !is_complex(right) {
            return Err(Fail);
        }
        Ok(self.expr(ExprKind::BinOp { left: real, op, right }, start))
    }

    /// A wildcard, a capture, a value with dots, or a class.
    fn name_pattern(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        if self.at_soft_keyword("_") {
            self.bump();
            return Ok(self.pattern_node(PatternKind::MatchAs { pattern: None, name: None }, start));
        }
        let value = self.name_or_attr()?;
        let kind = match (self.kind(), value.kind) {
            (TokenKind::LPar, _) => self.class_pattern(value)?,
            (TokenKind::Equal, _) => return Err(Fail),
            (_, ExprKind::Name { id, .. }) => PatternKind::MatchAs { pattern: None, name: Some(id) },
            _ => PatternKind::MatchValue { value },
        };
        Ok(self.pattern_node(kind, start))
    }

    fn name_or_attr(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let id = self.name()?;
        let mut value = self.expr(ExprKind::Name { id, ctx: ExprContext::Load }, start);
        while self.accept(TokenKind::Dot) {
            let attr = self.name()?;
            value = self.expr(ExprKind::Attribute { value, attr, ctx: ExprContext::Load }, start);
        }
        Ok(value)
    }

    fn class_pattern(&mut self, cls: ExprRef<'a>) -> Parsed<PatternKind<'a>> {
        self.bump();
        self.enter(20)?;
        let mut patterns = Vec::new();
        let mut kwd_attrs = Vec::new();
        let mut kwd_patterns = Vec::new();
        while self.kind() != TokenKind::RPar {
            if self.kind() == TokenKind::Name && self.peek() == TokenKind::Equal {
                kwd_attrs.push(self.name()?);
                self.bump();
                kwd_patterns.push(self.pattern()?);
            } else if kwd_attrs.is_empty() {
                patterns.push(self.pattern()?);
            } else {
                return Err(Fail);
            }
            if !self.accept(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RPar)?;
        self.leave(20);
        Ok(PatternKind::MatchClass(self.arena.alloc(MatchClass {
            cls,
            patterns: self.arena.alloc_slice_copy(&patterns),
            kwd_attrs: self.arena.alloc_slice_copy(&kwd_attrs),
            kwd_patterns: self.arena.alloc_slice_copy(&kwd_patterns),
        })))
    }

    fn parenthesized_pattern(&mut self) -> Parsed<PatternRef<'a>> {
        let start = self.here();
        self.bump();
        self.enter(20)?;
        let patterns: &'a [PatternRef<'a>] = if self.accept(TokenKind::RPar) {
            &[]
        } else {
            let starred = self.kind() == TokenKind::Star;
            let first = self.maybe_star_pattern()?;
            if self.kind() == TokenKind::RPar && !starred {
                self.bump();
                self.leave(20);
                return Ok(first);
            }
            if self.kind() != TokenKind::Comma {
                return Err(Fail);
            }
            let patterns = self.rest_of_sequence(first, TokenKind::RPar)?;
            self.expect(TokenKind::RPar)?;
            patterns
        };
        self.leave(20);
        Ok(self.pattern_node(PatternKind::MatchSequence { patterns }, start))
    }

    /// The patterns of a sequence through its closing bracket.
    fn closed_sequence(&mut self, close: TokenKind) -> Parsed<&'a [PatternRef<'a>]> {
        if self.accept(close) {
            return Ok(&[]);
        }
        let first = self.maybe_star_pattern()?;
        let patterns = self.rest_of_sequence(first, close)?;
        self.expect(close)?;
        Ok(patterns)
    }

    fn mapping_pattern(&mut self) -> Parsed<PatternKind<'a>> {
        self.bump();
        self.enter(20)?;
        let mut keys = Vec::new();
        let mut patterns = Vec::new();
        let mut rest = None;
        while self.kind() != TokenKind::RBrace {
            if self.accept(TokenKind::DoubleStar) {
                rest = Some(self.capture_target()?);
                self.accept(TokenKind::Comma);
                break;
            }
            keys.push(self.mapping_key()?);
            self.expect(TokenKind::Colon)?;
            patterns.push(self.pattern()?);
            if !self.accept(TokenKind::Comma) {
                break;
            }
        }
        self.expect(TokenKind::RBrace)?;
        self.leave(20);
        let keys = self.arena.alloc_slice_copy(&keys);
        let patterns = self.arena.alloc_slice_copy(&patterns);
        Ok(PatternKind::MatchMapping { keys, patterns, rest })
    }

    fn mapping_key(&mut self) -> Parsed<ExprRef<'a>> {
        let location = self.token_location();
        let value = match self.kind() {
            TokenKind::Number | TokenKind::Minus => return self.literal_number(),
            TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart => return self.strings(),
            TokenKind::None => Constant::None,
            TokenKind::True => Constant::True,
            TokenKind::False => Constant::False,
            TokenKind::Name => {
                let value = self.name_or_attr()?;
                return if matches!(value.kind, ExprKind::Attribute { .. }) { Ok(value) } else { Err(Fail) };
            }
            _ => return Err(Fail),
        };
        self.bump();
        Ok(self.expr_at(ExprKind::Constant { value, kind: None }, location))
    }

    fn pattern_node(&self, kind: PatternKind<'a>, start: super::Start) -> PatternRef<'a> {
        let location = self.since_start(start);
        self.arena.alloc(Pattern { kind, location })
    }
}

fn is_complex(expr: ExprRef) -> bool {
    matches!(expr.kind, ExprKind::Constant { value: Constant::Complex(_), .. })
}
