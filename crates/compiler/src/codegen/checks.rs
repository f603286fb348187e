//! Warnings about what is likely a slip: identity with literals, calls and subscripts of literals.

use syntax::ast::*;

use super::Generator;
use crate::host::Result;

impl<'a> Generator<'a, '_> {
    /// `is` with a literal.
    pub(super) fn check_compare(
        &mut self,
        e: &Expr<'a>,
        left: ExprRef<'a>,
        ops: &[CmpOp],
        comparators: &[ExprRef<'a>],
    ) -> Result {
        if !ops.iter().any(|op| matches!(op, CmpOp::Is | CmpOp::IsNot)) {
            return Ok(());
        }
        let mut left = left;
        for (op, &right) in ops.iter().zip(comparators) {
            let (word, meant) = match op {
                CmpOp::Is => ("is", "=="),
                CmpOp::IsNot => ("is not", "!="),
                _ => {
                    left = right;
                    continue;
                }
            };
            let literal = if !can_be_identical(left) { Some(left) } else { (!can_be_identical(right)).then_some(right) };
            if let Some(literal) = literal {
                let name = inferred_type(literal).unwrap_or("");
                return self.warn(
                    e.location,
                    &format!("\"{word}\" with '{name}' literal. Did you mean \"{meant}\"?"),
                );
            }
            left = right;
        }
        Ok(())
    }

    pub(super) fn check_caller(&mut self, e: ExprRef<'a>) -> Result {
        match e.kind {
            ExprKind::Constant { .. }
            | ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::Dict { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::TemplateStr { .. }
            | ExprKind::FormattedValue { .. }
            | ExprKind::Interpolation { .. } => {
                let name = inferred_type(e).unwrap_or("");
                self.warn(e.location, &format!("'{name}' object is not callable; perhaps you missed a comma?"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_subscripter(&mut self, e: ExprRef<'a>) -> Result {
        match e.kind {
            ExprKind::Constant {
                value:
                    Constant::None
                    | Constant::Ellipsis
                    | Constant::True
                    | Constant::False
                    | Constant::Int(_)
                    | Constant::BigInt(_)
                    | Constant::Float(_)
                    | Constant::Complex(_)
                    | Constant::FrozenSet(_),
                ..
            }
            | ExprKind::Set { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::GeneratorExp { .. }
            | ExprKind::TemplateStr { .. }
            | ExprKind::Interpolation { .. }
            | ExprKind::Lambda { .. } => {
                let name = inferred_type(e).unwrap_or("");
                self.warn(e.location, &format!("'{name}' object is not subscriptable; perhaps you missed a comma?"))
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_index(&mut self, e: ExprRef<'a>, index: ExprRef<'a>) -> Result {
        let Some(index_name) = inferred_type(index) else { return Ok(()) };
        if matches!(index_name, "int" | "bool" | "slice") {
            return Ok(());
        }
        match e.kind {
            ExprKind::Constant { value: Constant::Str(_) | Constant::Bytes(_) | Constant::Tuple(_), .. }
            | ExprKind::Tuple { .. }
            | ExprKind::List { .. }
            | ExprKind::ListComp { .. }
            | ExprKind::JoinedStr { .. }
            | ExprKind::FormattedValue { .. } => {
                let name = inferred_type(e).unwrap_or("");
                self.warn(
                    e.location,
                    &format!(
                        "{name} indices must be integers or slices, not {index_name}; perhaps you missed a comma?"
                    ),
                )
            }
            _ => Ok(()),
        }
    }
}

/// No literal, or one of the named singletons.
fn can_be_identical(e: ExprRef<'_>) -> bool {
    match e.kind {
        ExprKind::Tuple { elts, .. } => !elts.iter().all(|elt| matches!(elt.kind, ExprKind::Constant { .. })),
        ExprKind::Constant { value, .. } => {
            matches!(value, Constant::None | Constant::True | Constant::False | Constant::Ellipsis)
        }
        _ => true,
    }
}

/// The name of the type that an expression is sure to have.
fn inferred_type(e: ExprRef<'_>) -> Option<&'static str> {
    Some(match e.kind {
        ExprKind::Tuple { .. } => "tuple",
        ExprKind::List { .. } | ExprKind::ListComp { .. } => "list",
        ExprKind::Dict { .. } | ExprKind::DictComp { .. } => "dict",
        ExprKind::Set { .. } | ExprKind::SetComp { .. } => "set",
        ExprKind::GeneratorExp { .. } => "generator",
        ExprKind::Lambda { .. } => "function",
        ExprKind::TemplateStr { .. } => "string.templatelib.Template",
        ExprKind::Interpolation { .. } => "string.templatelib.Interpolation",
        ExprKind::JoinedStr { .. } | ExprKind::FormattedValue { .. } => "str",
        ExprKind::Constant { value, .. } => match value {
            Constant::None => "NoneType",
            Constant::True | Constant::False => "bool",
            Constant::Ellipsis => "ellipsis",
            Constant::Int(_) | Constant::BigInt(_) => "int",
            Constant::Float(_) => "float",
            Constant::Complex(_) => "complex",
            Constant::Str(_) => "str",
            Constant::Bytes(_) => "bytes",
            Constant::Tuple(_) => "tuple",
            Constant::FrozenSet(_) => "frozenset",
        },
        _ => return None,
    })
}
