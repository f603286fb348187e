//! Functions and lambdas.

use bytecode::Opcode as Op;
use bytecode::operands::*;
use syntax::Location;
use syntax::ast::*;

use super::fblock::{Datum, FBlockKind};
use super::scope::{ArgCounts, Closure};
use super::{Generator, ScopeType};
use crate::host::Result;
use crate::instruction::NO_LOCATION;
use crate::names::{Name, known};
use crate::symtable::{BlockRole, key_of};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn function(&mut self, s: &'a Stmt<'a>, def: &'a FunctionDef<'a>, is_async: bool) -> Result {
        let name = self.intern(def.name);
        self.exprs(def.decorator_list)?;
        let firstlineno = first_line(s, def.decorator_list);
        let at = s.location;
        let mut flags = self.default_arguments(at, def.args)?;
        if def.type_params.is_empty() {
            flags |= self.function_annotations(s, def)?;
            self.function_body(s, def, name, is_async, flags, firstlineno)?;
        } else {
            self.generic_function(s, def, name, is_async, flags, firstlineno)?;
        }
        self.apply_decorators(def.decorator_list);
        self.nameop(at, name, ExprContext::Store);
        Ok(())
    }

    /// Type parameters are the locals of a function around the function, which gets the defaults as arguments.
    fn generic_function(
        &mut self,
        s: &'a Stmt<'a>,
        def: &'a FunctionDef<'a>,
        name: Name,
        is_async: bool,
        mut flags: u32,
        firstlineno: i32,
    ) -> Result {
        let at = s.location;
        let passed = (flags & MAKE_FUNCTION_DEFAULTS != 0) as u32 + (flags & MAKE_FUNCTION_KWDEFAULTS != 0) as u32;
        if passed == 2 {
            self.op_i(at, Op::SWAP, 2);
        }
        let args = ArgCounts { argcount: passed, ..ArgCounts::default() };
        self.enter_type_params(name, key_of(s, BlockRole::TypeParams), firstlineno, None, args)?;
        self.type_params(def.type_params)?;
        for i in 0..passed {
            self.op_i(at, Op::LOAD_FAST, i);
        }
        flags |= self.function_annotations(s, def)?;
        self.function_body(s, def, name, is_async, flags, firstlineno)?;
        self.op_i(at, Op::SWAP, 2);
        self.op_i(at, Op::CALL_INTRINSIC_2, INTRINSIC_SET_FUNCTION_TYPE_PARAMS);
        let closure = self.leave_scope(false)?;
        self.make_closure(at, closure, 0)?;
        if passed > 0 {
            self.op_i(at, Op::SWAP, passed + 1);
            self.op_i(at, Op::CALL, passed - 1);
        } else {
            self.op(at, Op::PUSH_NULL);
            self.op_i(at, Op::CALL, 0);
        }
        Ok(())
    }

    fn function_body(
        &mut self,
        s: &'a Stmt<'a>,
        def: &'a FunctionDef<'a>,
        name: Name,
        is_async: bool,
        flags: u32,
        firstlineno: i32,
    ) -> Result {
        let scope_type = if is_async { ScopeType::AsyncFunction } else { ScopeType::Function };
        let key = key_of(s, BlockRole::Statement);
        self.enter_scope(name, scope_type, key, firstlineno, None, count_args(def.args))?;
        let mut body = def.body;
        if self.block().has_docstring {
            let doc = self.docstring(body)?;
            self.unit.metadata.consts.add(doc);
            body = &body[1..];
        }
        let start = self.new_label();
        self.use_label(start);
        let suspends = self.block().coroutine || self.block().generator;
        if suspends {
            self.push_fblock(NO_LOCATION, FBlockKind::StopIteration, Some(start), None, Datum::None)?;
        }
        self.statements(body)?;
        if suspends {
            self.wrap_in_stopiteration_handler();
            self.pop_fblock(FBlockKind::StopIteration);
        }
        let closure = self.leave_scope(true)?;
        self.make_closure(s.location, closure, flags)?;
        Ok(())
    }

    pub(super) fn lambda(&mut self, e: &'a Expr<'a>, args: &'a Arguments<'a>, body: ExprRef<'a>) -> Result {
        let at = e.location;
        let flags = self.default_arguments(at, args)?;
        let key = key_of(e, BlockRole::Expression);
        self.enter_scope(known::ANON_LAMBDA, ScopeType::Lambda, key, at.lineno, None, count_args(args))?;
        self.expr(body)?;
        let closure = if self.block().generator {
            self.leave_scope(false)?
        } else {
            self.op(body.location, Op::RETURN_VALUE);
            self.leave_scope(true)?
        };
        self.make_closure(at, closure, flags)?;
        Ok(())
    }

    /// Makes the function object of a finished code object.
    pub(super) fn make_closure(&mut self, location: Location, closure: Closure, flags: u32) -> Result {
        let mut flags = flags;
        if !closure.freevars.is_empty() {
            for &name in &closure.freevars {
                let index = self.closure_index(name, &closure)?;
                self.op_i(location, Op::LOAD_CLOSURE, index);
            }
            flags |= MAKE_FUNCTION_CLOSURE;
            self.op_i(location, Op::BUILD_TUPLE, closure.freevars.len() as u32);
        }
        let code = self.unit.metadata.consts.add_code(closure.code);
        self.op_i(location, Op::LOAD_CONST, code);
        self.op(location, Op::MAKE_FUNCTION);
        for flag in [
            MAKE_FUNCTION_CLOSURE,
            MAKE_FUNCTION_ANNOTATIONS,
            MAKE_FUNCTION_ANNOTATE,
            MAKE_FUNCTION_KWDEFAULTS,
            MAKE_FUNCTION_DEFAULTS,
        ] {
            if flags & flag != 0 {
                self.op_i(location, Op::SET_FUNCTION_ATTRIBUTE, flag);
            }
        }
        Ok(())
    }

    /// A StopIteration that leaves a generator is an error.
    pub(super) fn wrap_in_stopiteration_handler(&mut self) {
        let handler = self.new_label();
        self.unit.sequence.insert(0, Op::SETUP_CLEANUP, handler.0, NO_LOCATION);
        self.load_const(NO_LOCATION, Const::None);
        self.op(NO_LOCATION, Op::RETURN_VALUE);
        self.use_label(handler);
        self.op_i(NO_LOCATION, Op::CALL_INTRINSIC_1, INTRINSIC_STOPITERATION_ERROR);
        self.op_i(NO_LOCATION, Op::RERAISE, 1);
    }

    /// Pushes the defaults of parameters; returns which kinds there are.
    fn default_arguments(&mut self, at: Location, args: &'a Arguments<'a>) -> Result<u32> {
        let mut flags = 0;
        if !args.defaults.is_empty() {
            self.exprs(args.defaults)?;
            self.op_i(at, Op::BUILD_TUPLE, args.defaults.len() as u32);
            flags |= MAKE_FUNCTION_DEFAULTS;
        }
        let mut count = 0;
        for (arg, default) in args.kwonlyargs.iter().zip(args.kw_defaults) {
            if let Some(default) = default {
                let name = self.intern(arg.arg);
                let mangled = self.maybe_mangle(name);
                self.load_const_name(at, mangled);
                self.expr(default)?;
                count += 1;
            }
        }
        if count > 0 {
            self.op_i(at, Op::BUILD_MAP, count);
            flags |= MAKE_FUNCTION_KWDEFAULTS;
        }
        Ok(flags)
    }

    pub(super) fn apply_decorators(&mut self, decorators: &[ExprRef<'a>]) {
        for decorator in decorators.iter().rev() {
            self.op_i(decorator.location, Op::CALL, 0);
        }
    }
}

fn count_args(args: &Arguments<'_>) -> ArgCounts {
    ArgCounts {
        argcount: args.args.len() as u32,
        posonlyargcount: args.posonlyargs.len() as u32,
        kwonlyargcount: args.kwonlyargs.len() as u32,
    }
}

/// A definition begins with its first decorator.
pub fn first_line(s: &Stmt<'_>, decorators: &[ExprRef<'_>]) -> i32 {
    decorators.first().map_or(s.location.lineno, |first| first.location.lineno)
}
