//! f-strings and t-strings.

use bytecode::Opcode as Op;
use bytecode::operands::{FVC_ASCII, FVC_REPR, FVC_STR, NB_INPLACE_ADD};
use syntax::Location;
use syntax::ast::*;

use super::{Generator, STACK_USE_GUIDELINE};
use crate::host::{CompileError, Result};
use crate::names::known;
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn joined_str(&mut self, at: Location, values: &'a [ExprRef<'a>]) -> Result {
        if values.len() > STACK_USE_GUIDELINE {
            self.load_const(at, Const::str(""));
            self.load_attr(at, known::JOIN, true);
            self.op_i(at, Op::BUILD_LIST, 0);
            for value in values {
                self.expr(value)?;
                self.op_i(at, Op::LIST_APPEND, 1);
            }
            self.op_i(at, Op::CALL, 1);
            return Ok(());
        }
        self.exprs(values)?;
        match values.len() {
            0 => self.load_const(at, Const::str("")),
            1 => {}
            count => self.op_i(at, Op::BUILD_STRING, count as u32),
        }
        Ok(())
    }

    pub(super) fn formatted_value(
        &mut self,
        at: Location,
        value: ExprRef<'a>,
        conversion: i32,
        format_spec: Option<ExprRef<'a>>,
    ) -> Result {
        self.expr(value)?;
        if let Some(conversion) = conversion_operand(conversion)? {
            self.op_i(at, Op::CONVERT_VALUE, conversion);
        }
        match format_spec {
            Some(spec) => {
                self.expr(spec)?;
                self.op(at, Op::FORMAT_WITH_SPEC);
            }
            None => self.op(at, Op::FORMAT_SIMPLE),
        }
        Ok(())
    }

    /// A tuple of the texts and one of the interpolations. There is a text before, between and after interpolations.
    pub(super) fn template_str(&mut self, at: Location, values: &'a [ExprRef<'a>]) -> Result {
        let is_interpolation = |e: &ExprRef<'a>| matches!(e.kind, ExprKind::Interpolation { .. });
        let mut strings = 0;
        let mut last_was_interpolation = true;
        let mut rest = values;
        while let Some((first, after)) = rest.split_first() {
            rest = after;
            if is_interpolation(first) {
                if last_was_interpolation {
                    self.load_const(at, Const::str(""));
                    strings += 1;
                }
                last_was_interpolation = true;
                continue;
            }
            self.expr(first)?;
            while let Some((next, after)) = rest.split_first()
                && !is_interpolation(next)
            {
                self.expr(next)?;
                self.op_i(at, Op::BINARY_OP, NB_INPLACE_ADD);
                rest = after;
            }
            strings += 1;
            last_was_interpolation = false;
        }
        if last_was_interpolation {
            self.load_const(at, Const::str(""));
            strings += 1;
        }
        self.op_i(at, Op::BUILD_TUPLE, strings);
        let mut interpolations = 0;
        for value in values.iter().filter(|value| is_interpolation(value)) {
            self.expr(value)?;
            interpolations += 1;
        }
        self.op_i(at, Op::BUILD_TUPLE, interpolations);
        self.op(at, Op::BUILD_TEMPLATE);
        Ok(())
    }

    pub(super) fn interpolation(
        &mut self,
        at: Location,
        value: ExprRef<'a>,
        text: &Constant<'a>,
        conversion: i32,
        format_spec: Option<ExprRef<'a>>,
    ) -> Result {
        self.expr(value)?;
        self.load_const_ast(at, text);
        let mut operand = 2;
        if let Some(spec) = format_spec {
            operand += 1;
            self.expr(spec)?;
        }
        operand |= conversion_operand(conversion)?.unwrap_or(0) << 2;
        self.op_i(at, Op::BUILD_INTERPOLATION, operand);
        Ok(())
    }
}

fn conversion_operand(conversion: i32) -> Result<Option<u32>> {
    match u8::try_from(conversion) {
        _ if conversion == -1 => Ok(None),
        Ok(b's') => Ok(Some(FVC_STR)),
        Ok(b'r') => Ok(Some(FVC_REPR)),
        Ok(b'a') => Ok(Some(FVC_ASCII)),
        _ => Err(CompileError::system(format!("Unrecognized conversion character {conversion}"))),
    }
}
