//! Classes.

use bytecode::Opcode as Op;
use bytecode::operands::INTRINSIC_SUBSCRIPT_GENERIC;
use syntax::Location;
use syntax::ast::*;

use super::function::first_line;
use super::scope::ArgCounts;
use super::{Generator, ScopeType};
use crate::host::Result;
use crate::instruction::NO_LOCATION;
use crate::names::{Name, known};
use crate::symtable::{BlockRole, key_of};
use crate::unit::Const;

impl<'a> Generator<'a, '_> {
    pub(super) fn class(&mut self, s: &'a Stmt<'a>, def: &'a ClassDef<'a>) -> Result {
        let name = self.intern(def.name);
        self.exprs(def.decorator_list)?;
        let firstlineno = first_line(s, def.decorator_list);
        let at = s.location;
        if def.type_params.is_empty() {
            self.class_body(s, def, name, firstlineno)?;
            self.call_with(at, 2, def.bases, None, def.keywords)?;
        } else {
            let key = key_of(s, BlockRole::TypeParams);
            self.enter_type_params(name, key, firstlineno, Some(name), ArgCounts::default())?;
            self.type_params(def.type_params)?;
            self.nameop(at, known::DOT_TYPE_PARAMS, ExprContext::Store);
            self.class_body(s, def, name, firstlineno)?;
            self.nameop(at, known::DOT_TYPE_PARAMS, ExprContext::Load);
            self.op_i(at, Op::CALL_INTRINSIC_1, INTRINSIC_SUBSCRIPT_GENERIC);
            self.nameop(at, known::DOT_GENERIC_BASE, ExprContext::Store);
            self.call_with(at, 2, def.bases, Some(known::DOT_GENERIC_BASE), def.keywords)?;
            let closure = self.leave_scope(false)?;
            self.make_closure(at, closure, 0)?;
            self.op(at, Op::PUSH_NULL);
            self.op_i(at, Op::CALL, 0);
        }
        self.apply_decorators(def.decorator_list);
        self.nameop(at, name, ExprContext::Store);
        Ok(())
    }

    /// Leaves `__build_class__`, the body as a function and the name of the class.
    fn class_body(&mut self, s: &'a Stmt<'a>, def: &'a ClassDef<'a>, name: Name, firstlineno: i32) -> Result {
        let key = key_of(s, BlockRole::Statement);
        self.enter_scope(name, ScopeType::Class, key, firstlineno, Some(name), ArgCounts::default())?;
        let at = Location::new(firstlineno, 0, firstlineno, 0);
        self.nameop(at, known::DUNDER_NAME, ExprContext::Load);
        self.nameop(at, known::DUNDER_MODULE, ExprContext::Store);
        self.load_const(at, Const::str(self.unit.metadata.qualname));
        self.nameop(at, known::DUNDER_QUALNAME, ExprContext::Store);
        self.load_const(at, Const::Int(firstlineno as i64));
        self.nameop(at, known::DUNDER_FIRSTLINENO, ExprContext::Store);
        if !def.type_params.is_empty() {
            self.nameop(at, known::DOT_TYPE_PARAMS, ExprContext::Load);
            self.nameop(at, known::DUNDER_TYPE_PARAMS, ExprContext::Store);
        }
        if self.block().needs_classdict {
            self.op(at, Op::LOAD_LOCALS);
            let cell = self.unit.metadata.cellvars.add(known::DUNDER_CLASSDICT);
            self.op_i(at, Op::STORE_DEREF, cell);
        }
        if self.block().has_conditional_annotations {
            self.op_i(at, Op::BUILD_SET, 0);
            let cell = self.unit.metadata.cellvars.add(known::DUNDER_CONDITIONAL_ANNOTATIONS);
            self.op_i(at, Op::STORE_DEREF, cell);
        }
        self.body(at, def.body, false)?;
        self.store_static_attributes();
        self.store_class_cells();
        self.op(NO_LOCATION, Op::RETURN_VALUE);
        let closure = self.leave_scope(true)?;

        // With the line of the class, not of a decorator.
        let at = s.location;
        self.op(at, Op::LOAD_BUILD_CLASS);
        self.op(at, Op::PUSH_NULL);
        self.make_closure(at, closure, 0)?;
        self.load_const_name(at, name);
        Ok(())
    }

    fn store_static_attributes(&mut self) {
        let mut attributes = std::mem::take(&mut self.unit.static_attributes);
        let names = &self.names;
        attributes.sort_unstable_by(|&left, &right| names.compare(left, right));
        let texts: Vec<&'a str> = attributes.iter().map(|&name| names.text(name)).collect();
        self.load_const_tuple(NO_LOCATION, texts.into_iter().map(Const::str));
        self.nameop(NO_LOCATION, known::DUNDER_STATIC_ATTRIBUTES, ExprContext::Store);
    }

    /// Puts the cells that methods use where `type.__new__` finds them; leaves the result of the body.
    fn store_class_cells(&mut self) {
        if self.block().needs_classdict {
            let cell = self.unit.metadata.cellvars.add(known::DUNDER_CLASSDICT);
            self.op_i(NO_LOCATION, Op::LOAD_CLOSURE, cell);
            self.nameop(NO_LOCATION, known::DUNDER_CLASSDICTCELL, ExprContext::Store);
        }
        if self.block().needs_class_closure {
            let cell = self.unit.metadata.cellvars.add(known::DUNDER_CLASS);
            self.op_i(NO_LOCATION, Op::LOAD_CLOSURE, cell);
            self.op_i(NO_LOCATION, Op::COPY, 1);
            self.nameop(NO_LOCATION, known::DUNDER_CLASSCELL, ExprContext::Store);
        } else {
            self.load_const(NO_LOCATION, Const::None);
        }
    }
}
