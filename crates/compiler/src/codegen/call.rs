//! Calls: plain, of methods, with unpacked arguments, and those of `any`, `all` and `tuple` that need no call.

use bytecode::Opcode as Op;
use bytecode::operands::*;
use syntax::Location;
use syntax::ast::*;

use super::expr::TUPLE;
use super::{Generator, STACK_USE_GUIDELINE};
use crate::host::Result;
use crate::instruction::{Label, NO_LOCATION};
use crate::names::Name;
use crate::symtable::symbol::DEF_IMPORT;
use crate::symtable::{BlockRole, key_of};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn call(
        &mut self,
        e: &'a Expr<'a>,
        func: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        keywords: &'a [Keyword<'a>],
    ) -> Result {
        self.validate_keywords(keywords)?;
        if self.method_call(e, func, args, keywords)? {
            return Ok(());
        }
        let skip_normal_call = self.new_label();
        self.check_caller(func)?;
        self.expr(func)?;
        self.builtin_call(func, args, keywords, skip_normal_call)?;
        self.op(func.location, Op::PUSH_NULL);
        self.call_with(e.location, 0, args, None, keywords)?;
        self.use_label(skip_normal_call);
        Ok(())
    }

    /// `object.method(...)`: no bound method is made. False if the call is not of this form.
    fn method_call(
        &mut self,
        e: &Expr<'a>,
        func: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        keywords: &'a [Keyword<'a>],
    ) -> Result<bool> {
        let ExprKind::Attribute { value, attr, ctx: ExprContext::Load } = func.kind else { return Ok(false) };
        if self.is_import_originated(value) {
            return Ok(false);
        }
        let stack_use = args.len() + keywords.len() + !keywords.is_empty() as usize;
        if stack_use >= STACK_USE_GUIDELINE || !is_plain(args, keywords) {
            return Ok(false);
        }
        let name = self.intern(attr);
        let at = if let Some(super_args) = self.super_call_args(value, name) {
            self.load_args_for_super(value, super_args)?;
            self.load_super_attr(func.location, name, !super_args.is_empty(), true);
            let at = start_at_attribute(func.location, func.location, attr);
            self.op(at, Op::NOP);
            at
        } else {
            self.expr(value)?;
            let at = start_at_attribute(func.location, func.location, attr);
            self.load_attr(at, name, true);
            at
        };
        self.exprs(args)?;
        let at_call = start_at_attribute(e.location, func.location, attr);
        if keywords.is_empty() {
            self.op_i(at_call, Op::CALL, args.len() as u32);
        } else {
            self.keyword_values(at, keywords)?;
            self.op_i(at_call, Op::CALL_KW, (args.len() + keywords.len()) as u32);
        }
        Ok(true)
    }

    /// A name that the module imports: what is called on it is likely no method.
    fn is_import_originated(&mut self, e: ExprRef<'a>) -> bool {
        let ExprKind::Name { id, .. } = e.kind else { return false };
        let name = self.intern(id);
        self.table.top().symbol(name) & DEF_IMPORT != 0
    }

    /// `all(... for ...)`, `any(...)` and `tuple(...)`: if the name still means the builtin, the generator is run here.
    fn builtin_call(
        &mut self,
        func: ExprRef<'a>,
        args: &'a [ExprRef<'a>],
        keywords: &[Keyword<'a>],
        end: Label,
    ) -> Result {
        let (ExprKind::Name { id, .. }, [generator], []) = (func.kind, args, keywords) else { return Ok(()) };
        if !matches!(generator.kind, ExprKind::GeneratorExp { .. }) {
            return Ok(());
        }
        let block = self.table.lookup(key_of(*generator, BlockRole::Expression));
        if block.is_some_and(|block| self.table.block(block).coroutine) {
            return Ok(());
        }
        let at = func.location;
        let skip = self.new_label();
        let builtin = match id.as_str() {
            "all" => Some((CONSTANT_BUILTIN_ALL, Some((true, Op::POP_JUMP_IF_TRUE)))),
            "any" => Some((CONSTANT_BUILTIN_ANY, Some((false, Op::POP_JUMP_IF_FALSE)))),
            "tuple" => Some((CONSTANT_BUILTIN_TUPLE, None)),
            _ => None,
        };
        if let Some((constant, quantifier)) = builtin {
            self.op_i(at, Op::COPY, 1);
            self.op_i(at, Op::LOAD_COMMON_CONSTANT, constant);
            self.compare_op(at, CmpOp::Is);
            self.op_jump(at, Op::POP_JUMP_IF_FALSE, skip);
            self.op(at, Op::POP_TOP);
            if quantifier.is_none() {
                self.op_i(at, Op::BUILD_LIST, 0);
            }
            self.expr(generator)?;
            let start = self.new_label();
            let cleanup = self.new_label();
            self.use_label(start);
            self.op_jump(at, Op::FOR_ITER, cleanup);
            match quantifier {
                Some((_, go_on)) => {
                    self.op(at, Op::TO_BOOL);
                    self.op_jump(at, go_on, start);
                }
                None => {
                    self.op_i(at, Op::LIST_APPEND, 2);
                    self.op_jump(at, Op::JUMP, start);
                }
            }
            self.op(NO_LOCATION, Op::POP_ITER);
            if let Some((initial, _)) = quantifier {
                self.load_const(at, Const::bool(!initial));
            }
            self.op_jump(at, Op::JUMP, end);
            self.use_label(cleanup);
            self.end_for();
            match quantifier {
                Some((initial, _)) => self.load_const(at, Const::bool(initial)),
                None => self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_LIST_TO_TUPLE),
            }
            self.op_jump(at, Op::JUMP, end);
        }
        self.use_label(skip);
        Ok(())
    }

    fn validate_keywords(&self, keywords: &[Keyword<'a>]) -> Result {
        for (i, keyword) in keywords.iter().enumerate() {
            let Some(arg) = keyword.arg else { continue };
            if let Some(other) = keywords[i + 1..].iter().find(|other| other.arg == Some(arg)) {
                return self.error(other.location, format!("keyword argument repeated: {arg}"));
            }
        }
        Ok(())
    }

    /// Calls what is on the stack with `n` arguments there already; `injected` is a name passed after `args`.
    pub(super) fn call_with(
        &mut self,
        at: Location,
        n: u32,
        args: &'a [ExprRef<'a>],
        injected: Option<Name>,
        keywords: &'a [Keyword<'a>],
    ) -> Result {
        self.validate_keywords(keywords)?;
        if args.len() + keywords.len() * 2 > STACK_USE_GUIDELINE || !is_plain(args, keywords) {
            return self.call_unpacked(at, n, args, injected, keywords);
        }
        self.exprs(args)?;
        let mut count = n + args.len() as u32;
        if let Some(name) = injected {
            self.nameop(at, name, ExprContext::Load);
            count += 1;
        }
        if keywords.is_empty() {
            self.op_i(at, Op::CALL, count);
        } else {
            self.keyword_values(at, keywords)?;
            self.op_i(at, Op::CALL_KW, count + keywords.len() as u32);
        }
        Ok(())
    }

    /// Values of keyword arguments and the tuple of their names.
    fn keyword_values(&mut self, at: Location, keywords: &'a [Keyword<'a>]) -> Result {
        for keyword in keywords {
            self.expr(keyword.value)?;
        }
        self.load_const_tuple(at, keywords.iter().map(|keyword| Const::str(keyword.arg.map_or("", |arg| arg.as_str()))));
        Ok(())
    }

    /// `CALL_FUNCTION_EX`: a tuple and a dict of arguments.
    fn call_unpacked(
        &mut self,
        at: Location,
        n: u32,
        args: &'a [ExprRef<'a>],
        injected: Option<Name>,
        keywords: &'a [Keyword<'a>],
    ) -> Result {
        match args {
            [Expr { kind: ExprKind::Starred { value, .. }, .. }] if n == 0 => self.expr(value)?,
            _ => self.display(at, args, injected, n, TUPLE)?,
        }
        if keywords.is_empty() {
            self.op(at, Op::PUSH_NULL);
        } else {
            self.keyword_dict(at, keywords)?;
        }
        self.op(at, Op::CALL_FUNCTION_EX);
        Ok(())
    }

    fn keyword_dict(&mut self, at: Location, keywords: &'a [Keyword<'a>]) -> Result {
        let mut have_dict = false;
        let mut seen = 0;
        for (i, keyword) in keywords.iter().enumerate() {
            if keyword.arg.is_some() {
                seen += 1;
                continue;
            }
            if seen > 0 {
                self.sub_kwargs(at, &keywords[i - seen..i])?;
                if have_dict {
                    self.op_i(at, Op::DICT_MERGE, 1);
                }
                have_dict = true;
                seen = 0;
            }
            if !have_dict {
                self.op_i(at, Op::BUILD_MAP, 0);
                have_dict = true;
            }
            self.expr(keyword.value)?;
            self.op_i(at, Op::DICT_MERGE, 1);
        }
        if seen > 0 {
            self.sub_kwargs(at, &keywords[keywords.len() - seen..])?;
            if have_dict {
                self.op_i(at, Op::DICT_MERGE, 1);
            }
        }
        Ok(())
    }

    fn sub_kwargs(&mut self, at: Location, keywords: &'a [Keyword<'a>]) -> Result {
        let big = keywords.len() * 2 > STACK_USE_GUIDELINE;
        if big {
            self.op_i(NO_LOCATION, Op::BUILD_MAP, 0);
        }
        for keyword in keywords {
            self.load_const(at, Const::str(keyword.arg.map_or("", |arg| arg.as_str())));
            self.expr(keyword.value)?;
            if big {
                self.op_i(NO_LOCATION, Op::MAP_ADD, 1);
            }
        }
        if !big {
            self.op_i(at, Op::BUILD_MAP, keywords.len() as u32);
        }
        Ok(())
    }
}

/// Neither `*args` nor `**kwargs`.
fn is_plain(args: &[ExprRef<'_>], keywords: &[Keyword<'_>]) -> bool {
    !args.iter().any(|arg| matches!(arg.kind, ExprKind::Starred { .. }))
        && keywords.iter().all(|keyword| keyword.arg.is_some())
}

/// `location` with its start moved to the name of an attribute that ends on another line. `attribute` is where the
/// attribute expression stands.
pub fn start_at_attribute(mut location: Location, attribute: Location, attr: Identifier<'_>) -> Location {
    if location.lineno == attribute.end_lineno {
        return location;
    }
    location.lineno = attribute.end_lineno;
    let length = attr.chars().count() as i64;
    if length <= attribute.end_col_offset as i64 {
        location.col_offset = (attribute.end_col_offset as i64 - length) as i32;
    } else {
        // A tree that no parser made.
        location.col_offset = -1;
        location.end_col_offset = -1;
    }
    location.end_lineno = location.end_lineno.max(location.lineno);
    if location.lineno == location.end_lineno {
        location.end_col_offset = location.end_col_offset.max(location.col_offset);
    }
    location
}
