//! Expressions: operators, displays and all that is a few instructions.

use bytecode::Opcode as Op;
use bytecode::operands::*;
use syntax::Location;
use syntax::ast::*;

use super::call::start_at_attribute;
use super::{Generator, STACK_USE_GUIDELINE, ScopeType};
use crate::host::Result;
use crate::names::{Name, known};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn exprs(&mut self, list: &'a [ExprRef<'a>]) -> Result {
        for e in list {
            self.expr(e)?;
        }
        Ok(())
    }

    pub(super) fn expr(&mut self, e: &'a Expr<'a>) -> Result {
        self.guard.check()?;
        let at = e.location;
        match e.kind {
            ExprKind::Name { id, ctx } => {
                let name = self.intern(id);
                self.nameop(at, name, ctx);
                Ok(())
            }
            ExprKind::Constant { ref value, .. } => {
                self.load_const_ast(at, value);
                Ok(())
            }
            ExprKind::Attribute { value, attr, ctx } => self.attribute(e, value, attr, ctx),
            ExprKind::Call { func, args, keywords } => self.call(e, func, args, keywords),
            ExprKind::Subscript { value, slice, ctx } => self.subscript(e, value, slice, ctx),
            ExprKind::BinOp { left, op, right } => {
                self.expr(left)?;
                self.expr(right)?;
                self.op_i(at, Op::BINARY_OP, binary_operand(op, false));
                Ok(())
            }
            ExprKind::UnaryOp { op, operand } => {
                self.expr(operand)?;
                match op {
                    UnaryOp::UAdd => self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_UNARY_POSITIVE),
                    UnaryOp::Not => {
                        self.op(at, Op::TO_BOOL);
                        self.op(at, Op::UNARY_NOT);
                    }
                    UnaryOp::Invert => self.op(at, Op::UNARY_INVERT),
                    UnaryOp::USub => self.op(at, Op::UNARY_NEGATIVE),
                }
                Ok(())
            }
            ExprKind::Compare { left, ops, comparators } => self.compare(e, left, ops, comparators),
            ExprKind::BoolOp { op, values } => self.bool_op(e, op, values),
            ExprKind::NamedExpr { target, value } => {
                self.expr(value)?;
                self.op_i(at, Op::COPY, 1);
                self.expr(target)
            }
            ExprKind::Tuple { elts, ctx } | ExprKind::List { elts, ctx } => match ctx {
                ExprContext::Store => self.unpack_into(at, elts),
                ExprContext::Del => self.exprs(elts),
                ExprContext::Load => {
                    let is_tuple = matches!(e.kind, ExprKind::Tuple { .. });
                    self.display(at, elts, None, 0, Display { is_tuple, ..LIST })
                }
            },
            ExprKind::Set { elts } => self.display(at, elts, None, 0, SET),
            ExprKind::Dict { keys, values } => self.dict(at, keys, values),
            ExprKind::Slice { lower, upper, step } => self.slice(e, lower, upper, step),
            ExprKind::IfExp { test, body, orelse } => self.if_exp(e, test, body, orelse),
            ExprKind::Lambda { args, body } => self.lambda(e, args, body),
            ExprKind::ListComp { .. }
            | ExprKind::SetComp { .. }
            | ExprKind::DictComp { .. }
            | ExprKind::GeneratorExp { .. } => self.comprehension(e),
            ExprKind::JoinedStr { values } => self.joined_str(at, values),
            ExprKind::TemplateStr { values } => self.template_str(at, values),
            ExprKind::FormattedValue { value, conversion, format_spec } => {
                self.formatted_value(at, value, conversion, format_spec)
            }
            ExprKind::Interpolation { value, str, conversion, format_spec } => {
                self.interpolation(at, value, str, conversion, format_spec)
            }
            ExprKind::Yield { value } => {
                if !self.block().is_function_like() {
                    return self.error(at, "'yield' outside function");
                }
                match value {
                    Some(value) => self.expr(value)?,
                    None => self.load_const(at, Const::None),
                }
                self.add_yield(at);
                Ok(())
            }
            ExprKind::YieldFrom { value } => {
                if !self.block().is_function_like() {
                    return self.error(at, "'yield from' outside function");
                }
                if self.unit.scope_type == ScopeType::AsyncFunction {
                    return self.error(at, "'yield from' inside async function");
                }
                self.expr(value)?;
                self.op(at, Op::GET_YIELD_FROM_ITER);
                self.load_const(at, Const::None);
                self.add_yield_from(at, false);
                Ok(())
            }
            ExprKind::Await { value } => {
                self.expr(value)?;
                self.op_i(at, Op::GET_AWAITABLE, 0);
                self.load_const(at, Const::None);
                self.add_yield_from(at, true);
                Ok(())
            }
            ExprKind::Starred { ctx, .. } => self.error(
                at,
                match ctx {
                    ExprContext::Store => "starred assignment target must be in a list or tuple",
                    _ => "can't use starred expression here",
                },
            ),
        }
    }

    pub(super) fn add_yield(&mut self, location: Location) {
        let block = self.block();
        if block.generator && block.coroutine {
            self.op_i(location, Op::CALL_INTRINSIC_1, INTRINSIC_ASYNC_GEN_WRAP);
        }
        self.op_i(location, Op::YIELD_VALUE, 0);
        self.op_i(location, Op::RESUME, RESUME_AFTER_YIELD);
    }

    fn attribute(&mut self, e: &Expr<'a>, value: ExprRef<'a>, attr: Identifier<'a>, ctx: ExprContext) -> Result {
        let name = self.intern(attr);
        if ctx == ExprContext::Load
            && let Some(args) = self.super_call_args(value, name)
        {
            self.load_args_for_super(value, args)?;
            self.load_super_attr(e.location, name, !args.is_empty(), false);
            self.op(start_at_attribute(e.location, e.location, attr), Op::NOP);
            return Ok(());
        }
        if ctx == ExprContext::Store {
            self.add_static_attribute(value, name);
        }
        self.expr(value)?;
        let at = start_at_attribute(e.location, e.location, attr);
        match ctx {
            ExprContext::Load => self.load_attr(at, name, false),
            ExprContext::Store => self.op_name(at, Op::STORE_ATTR, name),
            ExprContext::Del => self.op_name(at, Op::DELETE_ATTR, name),
        }
        Ok(())
    }

    /// `self.name = ...` in a method: the class knows of it.
    fn add_static_attribute(&mut self, value: ExprRef<'a>, name: Name) {
        if !matches!(value.kind, ExprKind::Name { id, .. } if id == "self") {
            return;
        }
        if let Some(class) = self.stack.iter_mut().rev().find(|unit| unit.scope_type == ScopeType::Class)
            && !class.static_attributes.contains(&name)
        {
            class.static_attributes.push(name);
        }
    }

    /// The arguments of a `super(...)` whose attribute `LOAD_SUPER_ATTR` can look up.
    pub(super) fn super_call_args(&mut self, e: ExprRef<'a>, attr: Name) -> Option<&'a [ExprRef<'a>]> {
        let ExprKind::Call { func, args, keywords: [] } = e.kind else { return None };
        if !matches!(func.kind, ExprKind::Name { id, .. } if id == "super") || attr == known::DUNDER_CLASS {
            return None;
        }
        use crate::symtable::Scope;
        if self.block().scope(known::SUPER) != Scope::GlobalImplicit
            || self.table.top().scope(known::SUPER) != Scope::Unknown
        {
            return None;
        }
        match args {
            [first, second] => {
                let starred = |e: ExprRef<'a>| matches!(e.kind, ExprKind::Starred { .. });
                (!starred(first) && !starred(second)).then_some(args)
            }
            [] => {
                let metadata = &self.unit.metadata;
                let has_self = metadata.argcount > 0 || metadata.posonlyargcount > 0;
                (has_self && self.ref_type(known::DUNDER_CLASS) == Scope::Free).then_some(args)
            }
            _ => None,
        }
    }

    fn ref_type(&self, name: Name) -> crate::symtable::Scope {
        if self.unit.scope_type == ScopeType::Class && name == known::DUNDER_CLASS {
            return crate::symtable::Scope::Cell;
        }
        self.block().scope(name)
    }

    pub(super) fn load_args_for_super(&mut self, call: ExprRef<'a>, args: &'a [ExprRef<'a>]) -> Result {
        if let ExprKind::Call { func, .. } = call.kind {
            self.nameop(func.location, known::SUPER, ExprContext::Load);
        }
        if !args.is_empty() {
            return self.exprs(args);
        }
        self.nameop(call.location, known::DUNDER_CLASS, ExprContext::Load);
        if let Some(&first) = self.unit.metadata.varnames.as_slice().first() {
            self.nameop(call.location, first, ExprContext::Load);
        }
        Ok(())
    }

    /// A list, tuple or set. `pushed` items are on the stack already; `injected` is a name that comes last.
    pub(super) fn display(
        &mut self,
        location: Location,
        elts: &'a [ExprRef<'a>],
        injected: Option<Name>,
        pushed: u32,
        kind: Display,
    ) -> Result {
        let count = elts.len() as u32 + injected.is_some() as u32;
        let big = (count + pushed) as usize > STACK_USE_GUIDELINE;
        let seen_star = elts.iter().any(|elt| matches!(elt.kind, ExprKind::Starred { .. }));
        if !seen_star && !big {
            self.exprs(elts)?;
            if let Some(name) = injected {
                self.nameop(location, name, ExprContext::Load);
            }
            self.op_i(location, if kind.is_tuple { Op::BUILD_TUPLE } else { kind.build }, count + pushed);
            return Ok(());
        }
        let mut built = big;
        if big {
            self.op_i(location, kind.build, pushed);
        }
        for (elt, i) in elts.iter().zip(0..) {
            if let ExprKind::Starred { value, .. } = elt.kind {
                if !built {
                    self.op_i(location, kind.build, i + pushed);
                    built = true;
                }
                self.expr(value)?;
                self.op_i(location, kind.extend, 1);
            } else {
                self.expr(elt)?;
                if built {
                    self.op_i(location, kind.add, 1);
                }
            }
        }
        if let Some(name) = injected {
            self.nameop(location, name, ExprContext::Load);
            self.op_i(location, kind.add, 1);
        }
        if kind.is_tuple {
            self.op_i(location, Op::CALL_INTRINSIC_1, INTRINSIC_LIST_TO_TUPLE);
        }
        Ok(())
    }

    fn dict(&mut self, at: Location, keys: &'a [Option<ExprRef<'a>>], values: &'a [ExprRef<'a>]) -> Result {
        let mut have_dict = false;
        let mut elements = 0;
        let count = values.len().min(keys.len());
        for i in 0..count {
            if keys[i].is_none() {
                if elements > 0 {
                    self.sub_dict(at, &keys[i - elements..i], &values[i - elements..i], &mut have_dict)?;
                    elements = 0;
                }
                if !have_dict {
                    self.op_i(at, Op::BUILD_MAP, 0);
                    have_dict = true;
                }
                self.expr(values[i])?;
                self.op_i(at, Op::DICT_UPDATE, 1);
            } else if elements * 2 > STACK_USE_GUIDELINE {
                self.sub_dict(at, &keys[i - elements..=i], &values[i - elements..=i], &mut have_dict)?;
                elements = 0;
            } else {
                elements += 1;
            }
        }
        if elements > 0 {
            let first = count - elements;
            self.sub_dict(at, &keys[first..count], &values[first..count], &mut have_dict)?;
        }
        if !have_dict {
            self.op_i(at, Op::BUILD_MAP, 0);
        }
        Ok(())
    }

    /// Part of a dict without unpackings, merged into what is there already.
    fn sub_dict(
        &mut self,
        at: Location,
        keys: &'a [Option<ExprRef<'a>>],
        values: &'a [ExprRef<'a>],
        have_dict: &mut bool,
    ) -> Result {
        let big = keys.len() * 2 > STACK_USE_GUIDELINE;
        if big {
            self.op_i(at, Op::BUILD_MAP, 0);
        }
        for (key, value) in keys.iter().zip(values) {
            if let Some(key) = key {
                self.expr(key)?;
            }
            self.expr(value)?;
            if big {
                self.op_i(at, Op::MAP_ADD, 1);
            }
        }
        if !big {
            self.op_i(at, Op::BUILD_MAP, keys.len() as u32);
        }
        if *have_dict {
            self.op_i(at, Op::DICT_UPDATE, 1);
        }
        *have_dict = true;
        Ok(())
    }
}

/// The instructions of a kind of display.
#[derive(Clone, Copy)]
pub struct Display {
    build: Op,
    add: Op,
    extend: Op,
    is_tuple: bool,
}

const LIST: Display =
    Display { build: Op::BUILD_LIST, add: Op::LIST_APPEND, extend: Op::LIST_EXTEND, is_tuple: false };
pub const TUPLE: Display = Display { is_tuple: true, ..LIST };
const SET: Display = Display { build: Op::BUILD_SET, add: Op::SET_ADD, extend: Op::SET_UPDATE, is_tuple: false };

/// Argument of `BINARY_OP`.
pub fn binary_operand(op: Operator, in_place: bool) -> u32 {
    let plain = match op {
        Operator::Add => NB_ADD,
        Operator::Sub => NB_SUBTRACT,
        Operator::Mult => NB_MULTIPLY,
        Operator::MatMult => NB_MATRIX_MULTIPLY,
        Operator::Div => NB_TRUE_DIVIDE,
        Operator::Mod => NB_REMAINDER,
        Operator::Pow => NB_POWER,
        Operator::LShift => NB_LSHIFT,
        Operator::RShift => NB_RSHIFT,
        Operator::BitOr => NB_OR,
        Operator::BitXor => NB_XOR,
        Operator::BitAnd => NB_AND,
        Operator::FloorDiv => NB_FLOOR_DIVIDE,
    };
    if in_place { plain + NB_INPLACE_ADD } else { plain }
}
