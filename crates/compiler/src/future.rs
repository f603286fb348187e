//! `from __future__ import ...`: which features a module asks for.

use syntax::Location;
use syntax::ast::{ExprKind, Constant, Mod, StmtKind, StmtRef};

use crate::host::{CompileError, Result};

/// Flags of code objects that `__future__` statements set.
pub const CO_FUTURE_BARRY_AS_BDFL: u32 = 0x40_0000;
pub const CO_FUTURE_ANNOTATIONS: u32 = 0x100_0000;

#[derive(Clone, Copy, Debug)]
pub struct FutureFeatures {
    /// `CO_FUTURE_*`, and once compilation has begun the other compiler flags too.
    pub features: u32,
    /// Of the last `__future__` statement at the top.
    pub location: Location,
}

impl FutureFeatures {
    pub fn from_ast(module: &Mod<'_>) -> Result<Self> {
        let mut future = FutureFeatures { features: 0, location: Location::new(-1, -1, -1, -1) };
        let (Mod::Module { body, .. } | Mod::Interactive { body }) = *module else { return Ok(future) };
        let first = docstring(body).is_some() as usize;
        for statement in &body[first..] {
            let StmtKind::ImportFrom { module: Some(module), names, level } = statement.kind else { break };
            if level.unwrap_or(0) != 0 || module != "__future__" {
                break;
            }
            for alias in names {
                future.features |= feature_flag(&alias.name, alias.location)?;
            }
            future.location = statement.location;
        }
        Ok(future)
    }
}

fn feature_flag(feature: &str, location: Location) -> Result<u32> {
    match feature {
        "nested_scopes" | "generators" | "division" | "absolute_import" | "with_statement" | "print_function"
        | "unicode_literals" | "generator_stop" => Ok(0),
        "barry_as_FLUFL" => Ok(CO_FUTURE_BARRY_AS_BDFL),
        "annotations" => Ok(CO_FUTURE_ANNOTATIONS),
        "braces" => Err(CompileError::syntax_at("not a chance", location)),
        _ => {
            let shown: String = feature.chars().take(100).collect();
            Err(CompileError::syntax_at(format!("future feature {shown} is not defined"), location))
        }
    }
}

/// The docstring of a body: its first statement, if that is a string.
pub fn docstring<'a>(body: &[StmtRef<'a>]) -> Option<syntax::ast::Str<'a>> {
    match body.first()?.kind {
        StmtKind::Expr { value } => match value.kind {
            ExprKind::Constant { value: Constant::Str(text), .. } => Some(text),
            _ => None,
        },
        _ => None,
    }
}
