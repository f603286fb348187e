//! Type parameters and type aliases (PEP 695, PEP 696).

use bytecode::Opcode as Op;
use bytecode::operands::*;
use syntax::ast::*;

use super::scope::ArgCounts;
use super::{Generator, ScopeType};
use crate::host::Result;
use crate::names::Name;
use crate::symtable::{BlockKey, BlockRole, key_of};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    /// Begins the function whose locals are the type parameters of `name`.
    pub(super) fn enter_type_params(
        &mut self,
        name: Name,
        key: BlockKey,
        firstlineno: i32,
        private: Option<Name>,
        args: ArgCounts,
    ) -> Result {
        let text = format!("<generic parameters of {}>", self.names.text(name));
        let scope_name = self.names.intern_new(&text);
        self.enter_scope(scope_name, ScopeType::Annotations, key, firstlineno, private, args)
    }

    /// Makes the type parameters, binds them and leaves a tuple of them.
    pub(super) fn type_params(&mut self, params: &'a [TypeParam<'a>]) -> Result {
        let mut seen_default = false;
        for param in params {
            let at = param.location;
            let (identifier, default, unpacks) = match param.kind {
                TypeParamKind::TypeVar { name, default_value, .. } => (name, default_value, false),
                TypeParamKind::ParamSpec { name, default_value } => (name, default_value, false),
                TypeParamKind::TypeVarTuple { name, default_value } => (name, default_value, true),
            };
            let name = self.intern(identifier);
            self.load_const_name(at, name);
            match param.kind {
                TypeParamKind::TypeVar { bound: Some(bound), .. } => {
                    self.bound_or_default(bound, name, key_of(param, BlockRole::Bound), false)?;
                    let intrinsic = match bound.kind {
                        ExprKind::Tuple { .. } => INTRINSIC_TYPEVAR_WITH_CONSTRAINTS,
                        _ => INTRINSIC_TYPEVAR_WITH_BOUND,
                    };
                    self.op_i(at, Op::CALL_INTRINSIC_2, intrinsic);
                }
                TypeParamKind::TypeVar { bound: None, .. } => {
                    self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_TYPEVAR);
                }
                TypeParamKind::ParamSpec { .. } => self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_PARAMSPEC),
                TypeParamKind::TypeVarTuple { .. } => self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_TYPEVARTUPLE),
            }
            if let Some(default) = default {
                seen_default = true;
                self.bound_or_default(default, name, key_of(param, BlockRole::Default), unpacks)?;
                self.op_i(at, Op::CALL_INTRINSIC_2, INTRINSIC_SET_TYPEPARAM_DEFAULT);
            } else if seen_default {
                return self.error(
                    at,
                    format!("non-default type parameter '{identifier}' follows default type parameter"),
                );
            }
            self.op_i(at, Op::COPY, 1);
            self.nameop(at, name, ExprContext::Store);
        }
        if let Some(first) = params.first() {
            self.op_i(first.location, Op::BUILD_TUPLE, params.len() as u32);
        }
        Ok(())
    }

    /// A function that evaluates the expression when it is asked for.
    fn bound_or_default(&mut self, e: ExprRef<'a>, name: Name, key: BlockKey, unpacks: bool) -> Result {
        let at = e.location;
        self.load_const_tuple(at, [Const::Int(1)].into_iter());
        self.setup_annotations_scope(at, key, name)?;
        if unpacks {
            self.expr_or_unpacked(at, e)?;
        } else {
            self.expr(e)?;
        }
        self.op(at, Op::RETURN_VALUE);
        let closure = self.leave_scope(true)?;
        self.make_closure(at, closure, MAKE_FUNCTION_DEFAULTS)?;
        Ok(())
    }

    pub(super) fn type_alias(
        &mut self,
        s: &'a Stmt<'a>,
        target: ExprRef<'a>,
        params: &'a [TypeParam<'a>],
        value: ExprRef<'a>,
    ) -> Result {
        let ExprKind::Name { id, .. } = target.kind else { return Ok(()) };
        let name = self.intern(id);
        let at = s.location;
        if params.is_empty() {
            self.load_const_name(at, name);
            self.load_const(at, Const::None);
            self.type_alias_body(s, name, value)?;
        } else {
            let key = key_of(s, BlockRole::TypeParams);
            self.enter_type_params(name, key, at.lineno, None, ArgCounts::default())?;
            self.load_const_name(at, name);
            self.type_params(params)?;
            self.type_alias_body(s, name, value)?;
            let closure = self.leave_scope(false)?;
            self.make_closure(at, closure, 0)?;
            self.op(at, Op::PUSH_NULL);
            self.op_i(at, Op::CALL, 0);
        }
        self.nameop(at, name, ExprContext::Store);
        Ok(())
    }

    fn type_alias_body(&mut self, s: &'a Stmt<'a>, name: Name, value: ExprRef<'a>) -> Result {
        let at = s.location;
        self.load_const_tuple(at, [Const::Int(1)].into_iter());
        self.setup_annotations_scope(at, key_of(s, BlockRole::Statement), name)?;
        self.expr(value)?;
        self.op(at, Op::RETURN_VALUE);
        let closure = self.leave_scope(false)?;
        self.make_closure(at, closure, MAKE_FUNCTION_DEFAULTS)?;
        self.op_i(at, Op::BUILD_TUPLE, 3);
        self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_TYPEALIAS);
        Ok(())
    }
}
