//! Entering and leaving code objects.

use bytecode::{CodeUnit, Opcode as Op};
use bytecode::operands::RESUME_AT_FUNC_START;
use syntax::Location;

use super::{Generator, ScopeType, Unit};
use crate::host::{CompileError, Result};
use crate::instruction::InstructionSequence;
use crate::mangle::mangle;
use crate::names::{Name, NameTable, Names, known};
use crate::symtable::{BlockId, BlockKey, Scope, SymbolTable, symbol};
use crate::unit::Metadata;

/// How many parameters a code object has, `*args` and `**kwargs` apart.
#[derive(Clone, Copy, Default)]
pub struct ArgCounts {
    pub argcount: u32,
    pub posonlyargcount: u32,
    pub kwonlyargcount: u32,
}

/// A finished code object as the code around it refers to it.
pub struct Closure {
    pub code: CodeUnit,
    pub freevars: Vec<Name>,
}

impl<'a> Unit<'a> {
    pub(super) fn for_module(table: &SymbolTable, names: &mut Names<'a>) -> Self {
        Unit::new(
            table,
            names,
            known::ANON_MODULE,
            ScopeType::Module,
            BlockId::TOP,
            1,
            ArgCounts::default(),
            InstructionSequence::new(),
        )
    }

    #[allow(clippy::too_many_arguments)]
    fn new(
        table: &SymbolTable,
        names: &Names<'a>,
        name: Name,
        scope_type: ScopeType,
        block: BlockId,
        firstlineno: i32,
        args: ArgCounts,
        sequence: InstructionSequence,
    ) -> Self {
        let entry = table.block(block);
        let mut metadata = Metadata::new(name, firstlineno);
        metadata.argcount = args.argcount;
        metadata.posonlyargcount = args.posonlyargcount;
        metadata.kwonlyargcount = args.kwonlyargcount;
        metadata.varnames = entry.varnames.iter().copied().collect();
        metadata.cellvars = names_by_scope(table, names, block, Scope::Cell, symbol::DEF_COMP_CELL);
        // Cells that a class (or module) makes by itself.
        let implicit = [
            (entry.needs_class_closure, known::DUNDER_CLASS),
            (entry.needs_classdict, known::DUNDER_CLASSDICT),
            (entry.has_conditional_annotations, known::DUNDER_CONDITIONAL_ANNOTATIONS),
        ];
        for (needed, name) in implicit {
            if needed {
                metadata.cellvars.add(name);
            }
        }
        metadata.freevars = names_by_scope(table, names, block, Scope::Free, symbol::DEF_FREE_CLASS);
        metadata.qualname = names.text(name);
        Unit {
            block,
            scope_type,
            metadata,
            sequence,
            stashed_sequence: None,
            static_attributes: Vec::new(),
            deferred_annotations: Vec::new(),
            next_conditional_annotation_index: 0,
            fblocks: Vec::new(),
            in_inlined_comp: 0,
            in_conditional_block: 0,
        }
    }
}

/// The names of a block that have a scope or a flag, sorted.
fn names_by_scope(table: &SymbolTable, names: &Names<'_>, block: BlockId, scope: Scope, flag: u32) -> NameTable {
    let symbols = table.block(block).symbols.iter();
    let mut found: Vec<Name> =
        symbols.filter(|&(_, flags)| Scope::of(flags) == scope || flags & flag != 0).map(|(name, _)| name).collect();
    if found.is_empty() {
        return NameTable::new();
    }
    found.sort_unstable_by(|&left, &right| names.compare(left, right));
    found.into_iter().collect()
}

impl<'a> Generator<'a, '_> {
    /// Begins a nested code object; `private` is the class it is the body of.
    pub(super) fn enter_scope(
        &mut self,
        name: Name,
        scope_type: ScopeType,
        key: BlockKey,
        firstlineno: i32,
        private: Option<Name>,
        args: ArgCounts,
    ) -> Result {
        let Some(block) = self.table.lookup(key) else {
            return Err(CompileError::system("unknown symbol table entry"));
        };
        let sequence = self.spare_sequences.pop().unwrap_or_default();
        let mut unit =
            Unit::new(&self.table, &self.names, name, scope_type, block, firstlineno, args, sequence);
        unit.metadata.private = private.or(self.unit.metadata.private);
        self.stack.push(std::mem::replace(&mut self.unit, unit));
        self.set_qualname();
        self.begin_scope(firstlineno);
        Ok(())
    }

    /// The instructions at the start of every code object.
    pub(super) fn begin_scope(&mut self, firstlineno: i32) {
        let is_module = self.unit.scope_type == ScopeType::Module;
        let lineno = if is_module { 0 } else { firstlineno };
        let location = Location::new(lineno, 0, firstlineno, 0);
        self.op_i(location, Op::RESUME, RESUME_AT_FUNC_START);
        if is_module {
            self.op(location, Op::ANNOTATIONS_PLACEHOLDER);
        }
    }

    fn set_qualname(&mut self) {
        let depth = self.stack.len();
        if depth <= 1 {
            return;
        }
        let mut parent = &self.stack[depth - 1];
        if parent.scope_type == ScopeType::Annotations {
            // What is inside type parameters is named as if it stood outside of them.
            if depth == 2 {
                return;
            }
            parent = &self.stack[depth - 2];
        }
        let name = self.unit.metadata.name;
        if matches!(self.unit.scope_type, ScopeType::Function | ScopeType::AsyncFunction | ScopeType::Class) {
            let mangled = mangle(&mut self.names, parent.metadata.private, name);
            if self.table.block(parent.block).scope(mangled) == Scope::GlobalExplicit {
                return;
            }
        }
        let locals = match parent.scope_type {
            ScopeType::Function | ScopeType::AsyncFunction | ScopeType::Lambda => ".<locals>.",
            _ => ".",
        };
        let parts = [parent.metadata.qualname, locals, self.names.text(name)];
        let mut qualname = String::with_capacity(parts.iter().map(|part| part.len()).sum());
        qualname.extend(parts);
        self.unit.metadata.qualname = self.arena.alloc_str(&qualname);
    }

    /// Ends the code object: completes, assembles it and goes back to the one around it.
    pub(super) fn leave_scope(&mut self, add_none: bool) -> Result<Closure> {
        self.leave_scope_with(add_none, |_| {})
    }

    /// As [`Self::leave_scope`], with a last change to the code object.
    pub(super) fn leave_scope_with(
        &mut self,
        add_none: bool,
        change: impl FnOnce(&mut CodeUnit),
    ) -> Result<Closure> {
        self.add_return_at_end(add_none);
        let mut code = self.assemble_unit()?;
        change(&mut code);
        let Some(outer) = self.stack.pop() else {
            return Err(CompileError::system("the module's scope was left"));
        };
        let mut unit = std::mem::replace(&mut self.unit, outer);
        if self.save_nested {
            self.unit.sequence.nested.push(unit.sequence);
        } else {
            unit.sequence.clear();
            self.spare_sequences.push(unit.sequence);
        }
        Ok(Closure { code, freevars: unit.metadata.freevars.iter().collect() })
    }
}
