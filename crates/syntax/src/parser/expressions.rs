//! Expressions: from `star_expressions` down to the operators; what operators join is in `atoms`.

use super::{Fail, Parsed, Parser, Start};
use crate::ast::*;
use crate::token::TokenKind;

/// How tightly a binary operator binds; 0 for what is none.
static PRECEDENCE: [u8; 256] = {
    let mut table = [0; 256];
    table[TokenKind::VBar as usize] = 1;
    table[TokenKind::Circumflex as usize] = 2;
    table[TokenKind::Amper as usize] = 3;
    table[TokenKind::LeftShift as usize] = 4;
    table[TokenKind::RightShift as usize] = 4;
    table[TokenKind::Plus as usize] = 5;
    table[TokenKind::Minus as usize] = 5;
    table[TokenKind::Star as usize] = 6;
    table[TokenKind::Slash as usize] = 6;
    table[TokenKind::DoubleSlash as usize] = 6;
    table[TokenKind::Percent as usize] = 6;
    table[TokenKind::At as usize] = 6;
    table
};

pub(super) fn binary_operator(kind: TokenKind) -> Option<Operator> {
    Some(match kind {
        TokenKind::VBar => Operator::BitOr,
        TokenKind::Circumflex => Operator::BitXor,
        TokenKind::Amper => Operator::BitAnd,
        TokenKind::LeftShift => Operator::LShift,
        TokenKind::RightShift => Operator::RShift,
        TokenKind::Plus => Operator::Add,
        TokenKind::Minus => Operator::Sub,
        TokenKind::Star => Operator::Mult,
        TokenKind::Slash => Operator::Div,
        TokenKind::DoubleSlash => Operator::FloorDiv,
        TokenKind::Percent => Operator::Mod,
        TokenKind::At => Operator::MatMult,
        _ => return None,
    })
}

/// Whether an expression can begin with the token.
#[inline]
pub(super) fn starts_expression(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        Name | Number | String | FStringStart | TStringStart | LPar | LSqb | LBrace | Minus | Plus | Tilde | Not
            | Lambda | Await | None | True | False | Ellipsis
    )
}

impl<'a> Parser<'a, '_> {
    /// `expressions`: as `star_expressions`, without stars.
    pub(super) fn expressions(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let first = self.expression()?;
        if self.kind() != TokenKind::Comma {
            return Ok(first);
        }
        self.expressions_from(start, first)
    }

    /// The tuple that `first`, at a comma, is the beginning of.
    pub(super) fn expressions_from(&mut self, start: Start, first: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Comma) && starts_expression(self.kind()) {
            let next = self.expression()?;
            self.exprs.push(next);
        }
        let elts = self.take_exprs(base);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
    }

    pub(super) fn star_expressions(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let first = self.star_expression()?;
        if self.kind() != TokenKind::Comma {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Comma) && (starts_expression(self.kind()) || self.kind() == TokenKind::Star) {
            let next = self.star_expression()?;
            self.exprs.push(next);
        }
        let elts = self.take_exprs(base);
        Ok(self.expr(ExprKind::Tuple { elts, ctx: ExprContext::Load }, start))
    }

    pub(super) fn star_expression(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Star { self.starred() } else { self.expression() }
    }

    /// `*` and what it may stand before in displays and tuples.
    pub(super) fn starred(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        let value = self.bitwise_or()?;
        Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, start))
    }

    /// `*` in calls and subscripts, where any expression may follow.
    pub(super) fn starred_expression(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        let value = self.expression()?;
        Ok(self.expr(ExprKind::Starred { value, ctx: ExprContext::Load }, start))
    }

    pub(super) fn star_named_expression(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Star { self.starred() } else { self.named_expression() }
    }

    pub(super) fn named_expression(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Name && self.peek() == TokenKind::ColonEqual {
            return self.assignment_expression();
        }
        let expr = self.expression()?;
        if self.kind() == TokenKind::ColonEqual { Err(Fail) } else { Ok(expr) }
    }

    fn assignment_expression(&mut self) -> Parsed<ExprRef<'a>> {
        self.since(8)?;
        let start = self.here();
        let id = self.name()?;
        let target = self.expr(ExprKind::Name { id, ctx: ExprContext::Store }, start);
        self.bump();
        let value = self.expression()?;
        Ok(self.expr(ExprKind::NamedExpr { target, value }, start))
    }

    /// `yield_expr | star_expressions`.
    pub(super) fn annotated_rhs(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Yield { self.yield_expression() } else { self.star_expressions() }
    }

    pub(super) fn yield_expression(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        self.bump();
        if self.accept(TokenKind::From) {
            let value = self.expression()?;
            return Ok(self.expr(ExprKind::YieldFrom { value }, start));
        }
        let some = starts_expression(self.kind()) || self.kind() == TokenKind::Star;
        let value = if some { Some(self.star_expressions()?) } else { None };
        Ok(self.expr(ExprKind::Yield { value }, start))
    }

    #[inline]
    pub(super) fn expression(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Lambda {
            return self.lambda();
        }
        let start = self.here();
        let body = self.disjunction()?;
        if self.kind() != TokenKind::If {
            return Ok(body);
        }
        self.conditional(start, body)
    }

    /// `body if test else ...`, any number of times.
    fn conditional(&mut self, start: Start, body: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let mut parts = vec![(start, body, self.condition()?)];
        self.enter(1)?;
        let mut last;
        loop {
            if self.kind() == TokenKind::Lambda {
                last = self.lambda()?;
                break;
            }
            let start = self.here();
            last = self.disjunction()?;
            if self.kind() != TokenKind::If {
                break;
            }
            parts.push((start, last, self.condition()?));
            self.enter(1)?;
        }
        self.leave(parts.len() as u32);
        while let Some((start, body, test)) = parts.pop() {
            last = self.expr(ExprKind::IfExp { test, body, orelse: last }, start);
        }
        Ok(last)
    }

    /// From `if` to `else`.
    fn condition(&mut self) -> Parsed<ExprRef<'a>> {
        self.bump();
        let test = self.disjunction()?;
        self.expect(TokenKind::Else)?;
        Ok(test)
    }

    fn lambda(&mut self) -> Parsed<ExprRef<'a>> {
        let mut parts = Vec::new();
        while self.kind() == TokenKind::Lambda {
            let start = self.here();
            self.bump();
            let args = self.lambda_parameters()?;
            self.expect(TokenKind::Colon)?;
            parts.push((start, args));
            self.enter(2)?;
        }
        let mut body = self.expression()?;
        self.leave(2 * parts.len() as u32);
        while let Some((start, args)) = parts.pop() {
            body = self.expr(ExprKind::Lambda { args, body }, start);
        }
        Ok(body)
    }

    #[inline]
    pub(super) fn disjunction(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let first = self.inversion()?;
        match self.kind() {
            TokenKind::And | TokenKind::Or => self.bool_op(start, first),
            _ => Ok(first),
        }
    }

    fn bool_op(&mut self, start: Start, first: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let first = self.conjunction_from(start, first)?;
        if self.kind() != TokenKind::Or {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::Or) {
            let start = self.here();
            let next = self.inversion()?;
            let next = self.conjunction_from(start, next)?;
            self.exprs.push(next);
        }
        let values = self.take_exprs(base);
        Ok(self.expr(ExprKind::BoolOp { op: BoolOp::Or, values }, start))
    }

    fn conjunction_from(&mut self, start: Start, first: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        if self.kind() != TokenKind::And {
            return Ok(first);
        }
        let base = self.exprs.len();
        self.exprs.push(first);
        while self.accept(TokenKind::And) {
            let next = self.inversion()?;
            self.exprs.push(next);
        }
        let values = self.take_exprs(base);
        Ok(self.expr(ExprKind::BoolOp { op: BoolOp::And, values }, start))
    }

    #[inline]
    fn inversion(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::Not {
            return self.negations();
        }
        self.comparison()
    }

    fn negations(&mut self) -> Parsed<ExprRef<'a>> {
        let mut starts = Vec::new();
        while self.kind() == TokenKind::Not {
            starts.push(self.here());
            self.enter(1)?;
            self.bump();
        }
        let mut operand = self.comparison()?;
        self.leave(starts.len() as u32);
        while let Some(start) = starts.pop() {
            operand = self.expr(ExprKind::UnaryOp { op: UnaryOp::Not, operand }, start);
        }
        Ok(operand)
    }

    #[inline]
    fn comparison(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let left = self.bitwise_or()?;
        use TokenKind::*;
        match self.kind() {
            EqEqual | NotEqual | Less | LessEqual | Greater | GreaterEqual | In | Is | Not => self.compare(start, left),
            _ => Ok(left),
        }
    }

    fn compare(&mut self, start: Start, left: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let base = self.exprs.len();
        let mut ops = Vec::with_capacity(2);
        while let Some(op) = self.comparison_operator()? {
            ops.push(op);
            let next = self.bitwise_or()?;
            self.exprs.push(next);
        }
        if ops.is_empty() {
            return Ok(left);
        }
        let ops = self.arena.alloc_slice_copy(&ops);
        let comparators = self.take_exprs(base);
        Ok(self.expr(ExprKind::Compare { left, ops, comparators }, start))
    }

    fn comparison_operator(&mut self) -> Parsed<Option<CmpOp>> {
        let op = match self.kind() {
            TokenKind::EqEqual => CmpOp::Eq,
            TokenKind::NotEqual => {
                if self.barry_as_flufl {
                    return Err(Fail);
                }
                CmpOp::NotEq
            }
            TokenKind::Less if self.barry_as_flufl && self.at_diamond() => {
                self.bump();
                CmpOp::NotEq
            }
            TokenKind::Less => CmpOp::Lt,
            TokenKind::LessEqual => CmpOp::LtE,
            TokenKind::Greater => CmpOp::Gt,
            TokenKind::GreaterEqual => CmpOp::GtE,
            TokenKind::In => CmpOp::In,
            TokenKind::Is => {
                self.bump();
                return Ok(Some(if self.accept(TokenKind::Not) { CmpOp::IsNot } else { CmpOp::Is }));
            }
            TokenKind::Not => {
                self.bump();
                self.expect(TokenKind::In)?;
                return Ok(Some(CmpOp::NotIn));
            }
            _ => return Ok(None),
        };
        self.bump();
        Ok(Some(op))
    }

    /// `<>`, the operator for friends of Barry only.
    fn at_diamond(&mut self) -> bool {
        let next = self.peek_token();
        next.kind == TokenKind::Greater && next.start == self.token.end
    }

    #[inline]
    pub(super) fn bitwise_or(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let left = self.unary()?;
        if PRECEDENCE[self.kind() as usize] == 0 {
            return Ok(left);
        }
        self.binary(start, left, 1)
    }

    /// Operators that bind at least as tightly as `min`; all of them group to the left.
    fn binary(&mut self, start: Start, mut left: ExprRef<'a>, min: u8) -> Parsed<ExprRef<'a>> {
        loop {
            let precedence = PRECEDENCE[self.kind() as usize];
            if precedence < min {
                return Ok(left);
            }
            let Some(op) = binary_operator(self.kind()) else { return Ok(left) };
            if op == Operator::MatMult {
                self.since(5)?;
            }
            self.bump();
            let right_start = self.here();
            let mut right = self.unary()?;
            if PRECEDENCE[self.kind() as usize] > precedence {
                right = self.binary(right_start, right, precedence + 1)?;
            }
            left = self.expr(ExprKind::BinOp { left, op, right }, start);
        }
    }

    #[inline]
    fn unary(&mut self) -> Parsed<ExprRef<'a>> {
        match self.kind() {
            TokenKind::Plus | TokenKind::Minus | TokenKind::Tilde => self.signs(),
            _ => self.power(),
        }
    }

    fn signs(&mut self) -> Parsed<ExprRef<'a>> {
        let mut signs = Vec::new();
        loop {
            let op = match self.kind() {
                TokenKind::Plus => UnaryOp::UAdd,
                TokenKind::Minus => UnaryOp::USub,
                TokenKind::Tilde => UnaryOp::Invert,
                _ => break,
            };
            signs.push((self.here(), op));
            self.enter(1)?;
            self.bump();
        }
        let mut operand = self.power()?;
        self.leave(signs.len() as u32);
        while let Some((start, op)) = signs.pop() {
            operand = self.expr(ExprKind::UnaryOp { op, operand }, start);
        }
        Ok(operand)
    }

    #[inline]
    fn power(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let base = self.await_primary()?;
        if self.kind() != TokenKind::DoubleStar {
            return Ok(base);
        }
        self.powers(start, base)
    }

    /// `**` groups to the right, and its right operand may have a sign.
    fn powers(&mut self, start: Start, base: ExprRef<'a>) -> Parsed<ExprRef<'a>> {
        let mut parts = vec![(start, base)];
        self.enter(2)?;
        let mut right = loop {
            self.bump();
            if !matches!(self.kind(), TokenKind::Plus | TokenKind::Minus | TokenKind::Tilde) {
                let start = self.here();
                let next = self.await_primary()?;
                if self.kind() != TokenKind::DoubleStar {
                    break next;
                }
                parts.push((start, next));
                self.enter(2)?;
            } else {
                break self.signs()?;
            }
        };
        self.leave(2 * parts.len() as u32);
        while let Some((start, left)) = parts.pop() {
            right = self.expr(ExprKind::BinOp { left, op: Operator::Pow, right }, start);
        }
        Ok(right)
    }
}
