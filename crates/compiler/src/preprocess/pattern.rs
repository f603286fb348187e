//! Patterns: negative and complex numbers in them become constants.

use syntax::ast::*;

use bytecode::Opcode;
use bytecode::operands::{NB_ADD, NB_SUBTRACT};

use super::{Fold, Preprocessor};
use crate::flowgraph::{eval_binary, eval_unary};
use crate::unit::Const;

impl<'a> Preprocessor<'a, '_> {
    pub(super) fn pattern(&mut self, pattern: PatternRef<'a>) -> Fold<PatternRef<'a>> {
        use PatternKind::*;
        self.guard.check()?;
        let kind = match pattern.kind {
            MatchValue { value } => self.number(value).map(|value| MatchValue { value }),
            MatchSequence { patterns } => self.patterns(patterns)?.map(|patterns| MatchSequence { patterns }),
            MatchMapping { keys, patterns, rest } => {
                let new_keys = self.list(keys, |fold, key| Ok(fold.number(key)))?;
                let new_patterns = self.patterns(patterns)?;
                (new_keys.is_some() || new_patterns.is_some()).then(|| MatchMapping {
                    keys: new_keys.unwrap_or(keys),
                    patterns: new_patterns.unwrap_or(patterns),
                    rest,
                })
            }
            MatchClass(class) => self.match_class(class)?.map(MatchClass),
            MatchAs { pattern, name } => {
                self.option(pattern, Self::pattern)?.map(|pattern| MatchAs { pattern, name })
            }
            MatchOr { patterns } => self.patterns(patterns)?.map(|patterns| MatchOr { patterns }),
            MatchSingleton { .. } | MatchStar { .. } => None,
        };
        Ok(kind.map(|kind| &*self.arena.alloc(Pattern { kind, location: pattern.location })))
    }

    fn patterns(&mut self, patterns: &'a [PatternRef<'a>]) -> Fold<&'a [PatternRef<'a>]> {
        self.list(patterns, Self::pattern)
    }

    fn match_class(&mut self, class: &'a MatchClass<'a>) -> Fold<&'a MatchClass<'a>> {
        let new_cls = self.expr(class.cls)?;
        let new_patterns = self.patterns(class.patterns)?;
        let new_kwd_patterns = self.patterns(class.kwd_patterns)?;
        if new_cls.is_none() && new_patterns.is_none() && new_kwd_patterns.is_none() {
            return Ok(None);
        }
        Ok(Some(self.arena.alloc(MatchClass {
            cls: new_cls.unwrap_or(class.cls),
            patterns: new_patterns.unwrap_or(class.patterns),
            kwd_attrs: class.kwd_attrs,
            kwd_patterns: new_kwd_patterns.unwrap_or(class.kwd_patterns),
        })))
    }

    /// `-1` and `1 + 2j` as constants.
    fn number(&self, expr: ExprRef<'a>) -> Option<ExprRef<'a>> {
        if self.flags.syntax_check_only {
            return None;
        }
        let constant = |expr: ExprRef<'a>| match &expr.kind {
            ExprKind::Constant { value, .. } => Some(Const::from_ast(self.arena, value)),
            _ => None,
        };
        let result = match expr.kind {
            ExprKind::UnaryOp { op: UnaryOp::USub, operand } => {
                eval_unary(self.arena, Opcode::UNARY_NEGATIVE, 0, constant(operand)?)?
            }
            ExprKind::BinOp { left, op: op @ (Operator::Add | Operator::Sub), right } => {
                let right = constant(right)?;
                let left = constant(self.number(left).unwrap_or(left))?;
                let op = if op == Operator::Add { NB_ADD } else { NB_SUBTRACT };
                eval_binary(self.arena, op, left, right)?
            }
            _ => return None,
        };
        let value = match result {
            Const::Int(value) => Constant::Int(value),
            Const::BigInt(value) => Constant::BigInt(value),
            Const::Float(value) => Constant::Float(value),
            Const::Complex(value) => Constant::Complex(self.arena.alloc(value)),
            Const::Str(value) => Constant::Str(value),
            Const::Bytes(value) => Constant::Bytes(value),
            _ => return None,
        };
        let kind = ExprKind::Constant { value, kind: None };
        Some(self.arena.alloc(Expr { kind, location: expr.location }))
    }
}
