//! The second pass: the scope of every name.
//!
//! A block is told which names its ancestors bind and which of them are declared global; it decides its own names,
//! hands the sets on to its children and hears from them which names they left free. Comprehensions that are to be
//! inlined are merged into their parent here.

use rustc_hash::FxHashSet;

use super::symbol::*;
use super::{Block, BlockId, BlockKind, ComprehensionKind, Scope, SymbolTable};
use crate::host::{CompileError, Result};
use crate::names::{Name, Names, known};

type Set = FxHashSet<Name>;

/// What a class provides to the scopes inside by cells of its own making.
const CLASS_CELLS: [Name; 3] =
    [known::DUNDER_CLASS, known::DUNDER_CLASSDICT, known::DUNDER_CONDITIONAL_ANNOTATIONS];

pub fn analyze(table: &mut SymbolTable, names: &Names<'_>) -> Result {
    let mut pass = Analyzer { table, names };
    let top = Visible { bound: None, global: Set::default(), type_params: Set::default(), class: None };
    pass.block(BlockId::TOP, top, &mut Set::default())
}

struct Analyzer<'t, 'a> {
    table: &'t mut SymbolTable,
    names: &'t Names<'a>,
}

/// What a block sees of the blocks around it.
struct Visible {
    /// Names that enclosing functions bind; `None` for the module.
    bound: Option<Set>,
    global: Set,
    type_params: Set,
    /// The class whose names the block sees (annotation scopes).
    class: Option<BlockId>,
}

impl Analyzer<'_, '_> {
    /// Decides the names of a block and of all blocks inside; adds to `free` what stays open.
    fn block(&mut self, id: BlockId, mut visible: Visible, free: &mut Set) -> Result {
        let kind = self.table.block(id).kind;
        let is_class = kind == BlockKind::Class;
        let function_like = self.table.block(id).is_function_like();

        // A class's names do not exist for the functions inside, so its children get the sets as they are now.
        let class_view = is_class.then(|| (visible.bound.clone().unwrap_or_default(), visible.global.clone()));

        let mut scopes = vec![Scope::Unknown; self.table.block(id).symbols.len()];
        for (position, scope) in scopes.iter_mut().enumerate() {
            let (name, flags) = self.table.block(id).symbols.entry(position);
            *scope = self.name(id, name, flags, &mut visible, free)?;
        }

        let (mut new_bound, new_global) = match class_view {
            Some((mut bound, global)) => {
                bound.extend(CLASS_CELLS);
                (bound, global)
            }
            None => {
                let mut bound = visible.bound.clone().unwrap_or_default();
                if function_like {
                    let symbols = self.table.block(id).symbols.iter();
                    bound.extend(symbols.zip(&scopes).filter(|&(_, &scope)| scope == Scope::Local).map(|(s, _)| s.0));
                }
                (bound, visible.global)
            }
        };

        let mut new_free = Set::default();
        let mut inlined_cells = Set::default();
        self.children(
            id,
            ChildView {
                bound: &mut new_bound,
                global: &new_global,
                type_params: &visible.type_params,
                class: visible.class,
            },
            &mut scopes,
            &mut new_free,
            &mut inlined_cells,
        )?;
        self.splice_inlined(id);

        let block = self.table.block_mut(id);
        if function_like {
            convert_cells(block, &mut scopes, &mut new_free, &inlined_cells);
        } else if is_class {
            drop_class_free(block, &mut new_free);
        }
        let merges_class = is_class || block.can_see_class_scope;
        self.update_symbols(id, &scopes, visible.bound.as_ref(), &new_free, &inlined_cells, merges_class);
        free.extend(new_free);
        Ok(())
    }

    /// The scope of one name of a block.
    fn name(
        &self,
        id: BlockId,
        name: Name,
        flags: u32,
        visible: &mut Visible,
        free: &mut Set,
    ) -> Result<Scope> {
        if flags & DEF_GLOBAL != 0 {
            if flags & DEF_NONLOCAL != 0 {
                let name_text = self.names.text(name);
                return self.fail(id, name, format!("name '{name_text}' is nonlocal and global"));
            }
            visible.global.insert(name);
            if let Some(bound) = &mut visible.bound {
                bound.remove(&name);
            }
            return Ok(Scope::GlobalExplicit);
        }
        if flags & DEF_NONLOCAL != 0 {
            let Some(bound) = &visible.bound else {
                return self.fail(id, name, "nonlocal declaration not allowed at module level".to_owned());
            };
            if !bound.contains(&name) {
                let name_text = self.names.text(name);
                return self.fail(id, name, format!("no binding for nonlocal '{name_text}' found"));
            }
            if visible.type_params.contains(&name) {
                let name_text = self.names.text(name);
                return self.fail(id, name, format!("nonlocal binding not allowed for type parameter '{name_text}'"));
            }
            free.insert(name);
            return Ok(Scope::Free);
        }
        if flags & DEF_BOUND != 0 {
            visible.global.remove(&name);
            if flags & DEF_TYPE_PARAM != 0 {
                visible.type_params.insert(name);
            } else {
                visible.type_params.remove(&name);
            }
            return Ok(Scope::Local);
        }
        // A scope that sees a class: what the class binds is looked up there and then among the globals, never in the
        // function around the class.
        if let Some(class) = visible.class {
            let class_flags = self.table.block(class).symbol(name);
            if class_flags & DEF_GLOBAL != 0 {
                return Ok(Scope::GlobalExplicit);
            }
            if class_flags & DEF_BOUND != 0 && class_flags & DEF_NONLOCAL == 0 {
                return Ok(Scope::GlobalImplicit);
            }
        }
        if visible.bound.as_ref().is_some_and(|bound| bound.contains(&name)) {
            free.insert(name);
            return Ok(Scope::Free);
        }
        Ok(Scope::GlobalImplicit)
    }

    #[cold]
    fn fail(&self, id: BlockId, name: Name, message: String) -> Result<Scope> {
        let directives = &self.table.block(id).directives;
        Err(match directives.iter().find(|directive| directive.0 == name) {
            Some(&(_, location)) => CompileError::syntax_at(message, location),
            None => CompileError::Runtime("BUG: internal directive bookkeeping broken".to_owned()),
        })
    }

    fn children(
        &mut self,
        id: BlockId,
        view: ChildView<'_>,
        scopes: &mut Vec<Scope>,
        new_free: &mut Set,
        inlined_cells: &mut Set,
    ) -> Result {
        let is_class = self.table.block(id).kind == BlockKind::Class;
        let sees_class = self.table.block(id).can_see_class_scope;
        for at in 0..self.table.block(id).children.len() {
            let child = self.table.block(id).children[at];
            let entry = self.table.block(child);
            let class = match entry.can_see_class_scope {
                true if is_class => Some(id),
                true => view.class,
                false => None,
            };
            // All but generator expressions are inlined, except in annotation scopes of classes.
            let inline = matches!(
                entry.comprehension,
                Some(ComprehensionKind::List | ComprehensionKind::Set | ComprehensionKind::Dict)
            ) && !entry.generator
                && !sees_class;
            let visible = Visible {
                bound: Some(view.bound.clone()),
                global: view.global.clone(),
                type_params: view.type_params.clone(),
                class,
            };
            // What the child leaves free is seen on its own only where it is inlined.
            if inline {
                let mut child_free = new_free.clone();
                self.block(child, visible, &mut child_free)?;
                self.inline_comprehension(id, child, scopes, &mut child_free, inlined_cells);
                self.table.block_mut(child).comp_inlined = true;
                new_free.extend(child_free);
            } else {
                self.block(child, visible, new_free)?;
            }
        }
        Ok(())
    }

    /// Merges the names of an inlined comprehension into the block around it.
    fn inline_comprehension(
        &mut self,
        id: BlockId,
        comprehension: BlockId,
        scopes: &mut Vec<Scope>,
        child_free: &mut Set,
        inlined_cells: &mut Set,
    ) {
        let is_class = self.table.block(id).kind == BlockKind::Class;
        let mut dropped = Vec::new();
        for position in 0..self.table.block(comprehension).symbols.len() {
            let (name, flags) = self.table.block(comprehension).symbols.entry(position);
            if flags & DEF_PARAM != 0 {
                continue;
            }
            let mut scope = Scope::of(flags);
            let only_flags = flags & ((1 << SCOPE_OFFSET) - 1);
            if scope == Scope::Cell || only_flags & DEF_COMP_CELL != 0 {
                inlined_cells.insert(name);
            }
            let existing = self.table.block(id).symbols.get(name);
            // The class's own cells are not free through a class, unless what is inside the comprehension needs them.
            if scope == Scope::Free && is_class && CLASS_CELLS.contains(&name) {
                scope = Scope::GlobalImplicit;
                if !self.is_free_in_any_child(comprehension, name) {
                    child_free.remove(&name);
                }
                dropped.push(name);
            }
            match existing {
                None => {
                    self.table.block_mut(id).symbols.set(name, only_flags);
                    scopes.push(scope);
                }
                // A name that is free in the comprehension and local outside is simply local now, unless a child of
                // the comprehension still needs it.
                Some(outer) => {
                    if outer & DEF_BOUND != 0 && !is_class && !self.is_free_in_any_child(comprehension, name) {
                        child_free.remove(&name);
                    }
                }
            }
        }
        for name in dropped {
            self.table.block_mut(comprehension).symbols.remove(name);
        }
    }

    fn is_free_in_any_child(&self, id: BlockId, name: Name) -> bool {
        self.table.block(id).children.iter().any(|&child| self.table.block(child).scope(name) == Scope::Free)
    }

    /// Children of inlined comprehensions become the block's own.
    fn splice_inlined(&mut self, id: BlockId) {
        if !self.table.block(id).children.iter().any(|&child| self.table.block(child).comp_inlined) {
            return;
        }
        let mut spliced = Vec::new();
        for &child in &self.table.block(id).children {
            let entry = self.table.block(child);
            if entry.comp_inlined {
                spliced.extend_from_slice(&entry.children);
            } else {
                spliced.push(child);
            }
        }
        self.table.block_mut(id).children = spliced;
    }

    /// Writes the scopes into the flags and adds the names that children leave free.
    fn update_symbols(
        &mut self,
        id: BlockId,
        scopes: &[Scope],
        bound: Option<&Set>,
        free: &Set,
        inlined_cells: &Set,
        merges_class: bool,
    ) {
        let names = self.names;
        let symbols = &mut self.table.block_mut(id).symbols;
        for ((name, flags), &scope) in symbols.entries_mut().iter_mut().zip(scopes) {
            if inlined_cells.contains(name) {
                *flags |= DEF_COMP_CELL;
            }
            *flags |= (scope as u32) << SCOPE_OFFSET;
        }
        if free.is_empty() {
            return;
        }
        // The reference goes through a set here; by text is as good an order and always the same.
        let mut sorted: Vec<Name> = free.iter().copied().collect();
        sorted.sort_unstable_by(|&left, &right| names.compare(left, right));
        for name in sorted {
            match symbols.get(name) {
                // A method's free variable may be named as a local of the class.
                Some(flags) if merges_class => symbols.set(name, flags | DEF_FREE_CLASS),
                Some(_) => {}
                None => {
                    if bound.is_none_or(|bound| bound.contains(&name)) {
                        symbols.set(name, (Scope::Free as u32) << SCOPE_OFFSET);
                    }
                }
            }
        }
    }
}

/// What a block's children see.
struct ChildView<'s> {
    bound: &'s mut Set,
    global: &'s Set,
    type_params: &'s Set,
    class: Option<BlockId>,
}

/// A local that a child left free lives in a cell, and is free no longer.
fn convert_cells(block: &Block, scopes: &mut [Scope], free: &mut Set, inlined_cells: &Set) {
    if free.is_empty() && inlined_cells.is_empty() {
        return;
    }
    for ((name, _), scope) in block.symbols.iter().zip(scopes) {
        if *scope == Scope::Local && (free.contains(&name) || inlined_cells.contains(&name)) {
            *scope = Scope::Cell;
            free.remove(&name);
        }
    }
}

/// The names that a class provides to the functions inside by cells of its own making.
fn drop_class_free(block: &mut Block, free: &mut Set) {
    block.needs_class_closure |= free.remove(&known::DUNDER_CLASS);
    block.needs_classdict |= free.remove(&known::DUNDER_CLASSDICT);
    block.has_conditional_annotations |= free.remove(&known::DUNDER_CONDITIONAL_ANNOTATIONS);
}
