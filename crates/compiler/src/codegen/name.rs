//! Loading, storing and deleting names.

use bytecode::Opcode as Op;
use syntax::Location;
use syntax::ast::ExprContext;

use super::Generator;
use super::scope::Closure;
use crate::host::{CompileError, Result};
use crate::names::{Name, known};
use crate::symtable::{BlockKind, Scope};
use crate::unparse::repr_of_text;

/// Which family of instructions reaches a name.
enum Access {
    Fast,
    Global,
    Deref,
    Name,
}

impl Generator<'_, '_> {
    pub(super) fn nameop(&mut self, location: Location, name: Name, ctx: ExprContext) {
        let mangled = self.maybe_mangle(name);
        let scope = self.block().scope(mangled);
        let (access, arg) = self.resolve(mangled, scope);
        use ExprContext::*;
        let opcode = match (access, ctx) {
            (Access::Fast, Load) => Op::LOAD_FAST,
            (Access::Fast, Store) => Op::STORE_FAST,
            (Access::Fast, Del) => Op::DELETE_FAST,
            (Access::Deref, Load) => self.load_deref(location),
            (Access::Deref, Store) => Op::STORE_DEREF,
            (Access::Deref, Del) => Op::DELETE_DEREF,
            (Access::Global, Load) => {
                if scope == Scope::GlobalImplicit && self.block().can_see_class_scope {
                    self.load_classdict(location);
                    Op::LOAD_FROM_DICT_OR_GLOBALS
                } else {
                    Op::LOAD_GLOBAL
                }
            }
            (Access::Global, Store) => Op::STORE_GLOBAL,
            (Access::Global, Del) => Op::DELETE_GLOBAL,
            (Access::Name, Load) => {
                let inlined_in_class = self.block().kind == BlockKind::Class && self.unit.in_inlined_comp > 0;
                if inlined_in_class { Op::LOAD_GLOBAL } else { Op::LOAD_NAME }
            }
            (Access::Name, Store) => Op::STORE_NAME,
            (Access::Name, Del) => Op::DELETE_NAME,
        };
        let arg = if opcode == Op::LOAD_GLOBAL { arg << 1 } else { arg };
        self.op_i(location, opcode, arg);
    }

    fn resolve(&mut self, mangled: Name, scope: Scope) -> (Access, u32) {
        let function_like = self.block().is_function_like();
        let metadata = &mut self.unit.metadata;
        match scope {
            Scope::Local if function_like || metadata.is_fast_hidden(mangled) => {
                (Access::Fast, metadata.varnames.add(mangled))
            }
            Scope::Free => (Access::Deref, self.free_index(mangled)),
            Scope::Cell => (Access::Deref, metadata.cellvars.add(mangled)),
            Scope::GlobalImplicit if function_like => (Access::Global, metadata.names.add(mangled)),
            Scope::GlobalExplicit => (Access::Global, metadata.names.add(mangled)),
            Scope::Local | Scope::GlobalImplicit | Scope::Unknown => (Access::Name, metadata.names.add(mangled)),
        }
    }

    /// Argument of the instructions that reach a free variable: those count on from the cells.
    pub(super) fn free_index(&mut self, name: Name) -> u32 {
        self.unit.metadata.cellvars.len() as u32 + self.unit.metadata.freevars.add(name)
    }

    /// The instruction that loads a cell, after what it looks through before.
    fn load_deref(&mut self, location: Location) -> Op {
        if self.block().kind == BlockKind::Class && self.unit.in_inlined_comp == 0 {
            self.op(location, Op::LOAD_LOCALS);
            Op::LOAD_FROM_DICT_OR_DEREF
        } else if self.block().can_see_class_scope {
            self.load_classdict(location);
            Op::LOAD_FROM_DICT_OR_DEREF
        } else {
            Op::LOAD_DEREF
        }
    }

    fn load_classdict(&mut self, location: Location) {
        let index = self.free_index(known::DUNDER_CLASSDICT);
        self.op_i(location, Op::LOAD_DEREF, index);
    }

    /// Argument of `LOAD_CLOSURE` for a variable that the unit hands on to a function inside it.
    pub(super) fn closure_index(&self, name: Name, closure: &Closure) -> Result<u32> {
        let own_cell = self.unit.scope_type == super::ScopeType::Class
            && matches!(
                name,
                known::DUNDER_CLASS | known::DUNDER_CLASSDICT | known::DUNDER_CONDITIONAL_ANNOTATIONS
            );
        let metadata = &self.unit.metadata;
        let scope = if own_cell { Scope::Cell } else { self.block().scope(name) };
        let index = match scope {
            Scope::Cell => metadata.cellvars.get(name),
            _ => metadata.freevars.get(name).map(|index| metadata.cellvars.len() as u32 + index),
        };
        index.ok_or_else(|| self.no_such_cell(name, scope, closure))
    }

    /// A class that binds `__classdict__` itself and has annotations; the reference fails in this way too.
    #[cold]
    fn no_such_cell(&self, name: Name, scope: Scope, closure: &Closure) -> CompileError {
        let quoted = |name| repr_of_text(self.names.text(name).as_bytes());
        let mut freevars = closure.freevars.iter().map(|&name| quoted(name)).collect::<Vec<_>>().join(", ");
        if closure.freevars.len() == 1 {
            freevars.push(',');
        }
        CompileError::system(format!(
            "compiler_lookup_arg(name={}) with reftype={} failed in {}; freevars of code {}: ({freevars})",
            quoted(name),
            scope as u32,
            self.names.text(self.unit.metadata.name),
            closure.code.name.to_string_lossy(),
        ))
    }
}
