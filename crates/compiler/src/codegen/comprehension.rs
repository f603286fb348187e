//! Comprehensions. All but generator expressions run in the frame around them (PEP 709): names that they bind are
//! pushed to the stack before and restored after, also when an exception passes through.

use bytecode::Opcode as Op;
use syntax::Location;
use syntax::ast::*;

use super::fblock::{Datum, FBlockKind};
use super::scope::ArgCounts;
use super::{Generator, ScopeType};
use crate::host::{CompileError, Result};
use crate::instruction::{Label, NO_LOCATION};
use crate::names::{Name, known};
use crate::symtable::symbol::{DEF_LOCAL, DEF_NONLOCAL};
use crate::symtable::{BlockId, BlockKind, BlockRole, Scope, key_of};
use crate::unit::Const;

/// What is built, and of what.
#[derive(Clone, Copy)]
enum Element<'a> {
    Generator(ExprRef<'a>),
    List(ExprRef<'a>),
    Set(ExprRef<'a>),
    Dict(ExprRef<'a>, ExprRef<'a>),
}

/// Where the iterator of a `for` clause comes from.
#[derive(Clone, Copy)]
enum ClauseIterator {
    OnStack,
    /// The one parameter of the function.
    Parameter,
    Evaluated,
}

/// What an inlined comprehension has changed and gives back.
#[derive(Default)]
struct Inlined {
    pushed_locals: Vec<Name>,
    /// Symbols of the block around, as they were.
    symbols: Vec<(Name, u32)>,
    fast_hidden: Vec<Name>,
    cleanup: Option<Label>,
}

impl<'a> Generator<'a, '_> {
    pub(super) fn comprehension(&mut self, e: &'a Expr<'a>) -> Result {
        let (name, element, generators) = match e.kind {
            ExprKind::GeneratorExp { elt, generators } => {
                (known::ANON_GENEXPR, Element::Generator(elt), generators)
            }
            ExprKind::ListComp { elt, generators } => (known::ANON_LISTCOMP, Element::List(elt), generators),
            ExprKind::SetComp { elt, generators } => (known::ANON_SETCOMP, Element::Set(elt), generators),
            ExprKind::DictComp { key, value, generators } => {
                (known::ANON_DICTCOMP, Element::Dict(key, value), generators)
            }
            _ => return Ok(()),
        };
        let Some(outermost) = generators.first() else { return Ok(()) };
        let key = key_of(e, BlockRole::Expression);
        let Some(block) = self.table.lookup(key) else {
            return Err(CompileError::system("unknown symbol table entry"));
        };
        let at = e.location;
        let build = match element {
            Element::Generator(_) => None,
            Element::List(_) => Some(Op::BUILD_LIST),
            Element::Set(_) => Some(Op::BUILD_SET),
            Element::Dict(..) => Some(Op::BUILD_MAP),
        };
        if self.table.block(block).comp_inlined {
            self.iterable(outermost)?;
            let mut inlined = self.tweak_scopes(block);
            self.push_locals(at, block, &mut inlined)?;
            if let Some(build) = build {
                self.op_i(at, build, 0);
                self.op_i(at, Op::SWAP, 2);
            }
            self.generator(at, generators, 0, element, ClauseIterator::OnStack)?;
            self.pop_locals(at, &inlined);
            self.revert_scopes(inlined);
            return Ok(());
        }

        let is_async = self.table.block(block).coroutine;
        let args = ArgCounts { argcount: 1, ..ArgCounts::default() };
        self.enter_scope(name, ScopeType::Comprehension, key, at.lineno, None, args)?;
        if let Some(build) = build {
            self.op_i(at, build, 0);
        }
        self.generator(at, generators, 0, element, ClauseIterator::Parameter)?;
        match build {
            Some(_) => self.op(at, Op::RETURN_VALUE),
            None => self.wrap_in_stopiteration_handler(),
        }
        let closure = self.leave_scope(true)?;
        self.make_closure(at, closure, 0)?;
        self.iterable(outermost)?;
        self.op_i(at, Op::CALL, 0);
        if is_async && build.is_some() {
            self.op_i(at, Op::GET_AWAITABLE, 0);
            self.load_const(at, Const::None);
            self.add_yield_from(at, true);
        }
        Ok(())
    }

    /// The iterator of a `for` clause.
    fn iterable(&mut self, generator: &Comprehension<'a>) -> Result {
        self.expr(generator.iter)?;
        self.op(generator.iter.location, if generator.is_async != 0 { Op::GET_AITER } else { Op::GET_ITER });
        Ok(())
    }

    fn generator(
        &mut self,
        at: Location,
        generators: &'a [Comprehension<'a>],
        depth: u32,
        element: Element<'a>,
        iterator: ClauseIterator,
    ) -> Result {
        self.guard.check()?;
        let Some((generator, rest)) = generators.split_first() else { return Ok(()) };
        if generator.is_async != 0 {
            self.async_generator(at, generator, rest, depth, element, iterator)
        } else {
            self.sync_generator(at, generator, rest, depth, element, iterator)
        }
    }

    fn sync_generator(
        &mut self,
        at: Location,
        generator: &'a Comprehension<'a>,
        rest: &'a [Comprehension<'a>],
        depth: u32,
        element: Element<'a>,
        iterator: ClauseIterator,
    ) -> Result {
        let start = self.new_label();
        let if_cleanup = self.new_label();
        let anchor = self.new_label();
        let mut loops = true;
        match iterator {
            ClauseIterator::OnStack => {}
            ClauseIterator::Parameter => self.op_i(at, Op::LOAD_FAST, 0),
            ClauseIterator::Evaluated => match single_item(generator.iter) {
                // `for y in [f(x)]` is an assignment.
                Some(only) => {
                    self.expr(only)?;
                    loops = false;
                }
                None => self.iterable(generator)?,
            },
        }
        let mut depth = depth;
        if loops {
            depth += 1;
            self.use_label(start);
            self.op_jump(generator.iter.location, Op::FOR_ITER, anchor);
        }
        self.expr(generator.target)?;
        let at_element = self.clauses(at, generator, rest, depth, element, if_cleanup)?;
        self.use_label(if_cleanup);
        if loops {
            self.op_jump(at_element, Op::JUMP, start);
            self.use_label(anchor);
            self.end_for();
        }
        Ok(())
    }

    fn async_generator(
        &mut self,
        at: Location,
        generator: &'a Comprehension<'a>,
        rest: &'a [Comprehension<'a>],
        depth: u32,
        element: Element<'a>,
        iterator: ClauseIterator,
    ) -> Result {
        let start = self.new_label();
        let send = self.new_label();
        let except = self.new_label();
        let if_cleanup = self.new_label();
        match iterator {
            ClauseIterator::OnStack => {}
            ClauseIterator::Parameter => self.op_i(at, Op::LOAD_FAST, 0),
            ClauseIterator::Evaluated => self.iterable(generator)?,
        }
        self.use_label(start);
        self.push_fblock(at, FBlockKind::AsyncComprehensionGenerator, Some(start), None, Datum::None)?;
        self.op_jump(at, Op::SETUP_FINALLY, except);
        self.op(at, Op::GET_ANEXT);
        self.load_const(at, Const::None);
        self.use_label(send);
        self.add_yield_from(at, true);
        self.op(at, Op::POP_BLOCK);
        self.expr(generator.target)?;
        let at_element = self.clauses(at, generator, rest, depth + 1, element, if_cleanup)?;
        self.use_label(if_cleanup);
        self.op_jump(at_element, Op::JUMP, start);
        self.pop_fblock(FBlockKind::AsyncComprehensionGenerator);
        self.use_label(except);
        self.op_jump(at, Op::END_ASYNC_FOR, send);
        Ok(())
    }

    /// Conditions, the `for` clauses inside, and innermost the element. Returns the element's location.
    fn clauses(
        &mut self,
        at: Location,
        generator: &'a Comprehension<'a>,
        rest: &'a [Comprehension<'a>],
        depth: u32,
        element: Element<'a>,
        if_cleanup: Label,
    ) -> Result<Location> {
        for condition in generator.ifs {
            self.jump_if(at, condition, if_cleanup, false)?;
        }
        let (Element::Generator(elt) | Element::List(elt) | Element::Set(elt) | Element::Dict(elt, _)) = element;
        if !rest.is_empty() {
            self.generator(at, rest, depth, element, ClauseIterator::Evaluated)?;
            return Ok(elt.location);
        }
        self.expr(elt)?;
        let mut at_element = elt.location;
        match element {
            Element::Generator(_) => {
                self.add_yield(at_element);
                self.op(at_element, Op::POP_TOP);
            }
            Element::List(_) => self.op_i(at_element, Op::LIST_APPEND, depth + 1),
            Element::Set(_) => self.op_i(at_element, Op::SET_ADD, depth + 1),
            Element::Dict(_, value) => {
                self.expr(value)?;
                at_element = at_element.to(value.location);
                self.op_i(at_element, Op::MAP_ADD, depth + 1);
            }
        }
        Ok(at_element)
    }

    /// Names bound in the comprehension get its scopes for the time being.
    fn tweak_scopes(&mut self, comprehension: BlockId) -> Inlined {
        let in_class_block = self.block().kind == BlockKind::Class && self.unit.in_inlined_comp == 0;
        self.unit.in_inlined_comp += 1;
        let mut inlined = Inlined::default();
        for position in 0..self.table.block(comprehension).symbols.len() {
            let (name, flags) = self.table.block(comprehension).symbols.entry(position);
            let scope = Scope::of(flags);
            let outer_flags = self.block().symbol(name);
            let outer_scope = Scope::of(outer_flags);
            let differs = scope != outer_scope
                && scope != Scope::Free
                && !(scope == Scope::Cell && outer_scope == Scope::Free);
            if differs || in_class_block {
                self.table.block_mut(self.unit.block).symbols.set(name, flags);
                inlined.symbols.push((name, outer_flags));
            }
            let binds = flags & DEF_LOCAL != 0 && flags & DEF_NONLOCAL == 0;
            if (binds || in_class_block) && !self.block().is_function_like() {
                self.hide_fast(name, &mut inlined);
            }
        }
        inlined
    }

    /// In a module or class: the name is a fast local within the comprehension.
    fn hide_fast(&mut self, name: Name, inlined: &mut Inlined) {
        let hidden = &mut self.unit.metadata.fasthidden;
        match hidden.iter_mut().find(|entry| entry.0 == name) {
            Some((_, true)) => return,
            Some(entry) => entry.1 = true,
            None => hidden.push((name, true)),
        }
        inlined.fast_hidden.push(name);
    }

    fn revert_scopes(&mut self, inlined: Inlined) {
        self.unit.in_inlined_comp -= 1;
        for (name, flags) in inlined.symbols {
            self.table.block_mut(self.unit.block).symbols.set(name, flags);
        }
        for (name, now) in &mut self.unit.metadata.fasthidden {
            if inlined.fast_hidden.contains(name) {
                *now = false;
            }
        }
    }

    /// Puts what the comprehension will overwrite on the stack, below the iterator.
    fn push_locals(&mut self, at: Location, comprehension: BlockId, inlined: &mut Inlined) -> Result {
        // The comprehension itself is counted already.
        let in_class_block = self.block().kind == BlockKind::Class && self.unit.in_inlined_comp == 0;
        for position in 0..self.table.block(comprehension).symbols.len() {
            let (name, flags) = self.table.block(comprehension).symbols.entry(position);
            let binds = flags & DEF_LOCAL != 0 && flags & DEF_NONLOCAL == 0;
            if !binds && !in_class_block {
                continue;
            }
            let outer_scope = self.block().scope(name);
            let index = self.unit.metadata.varnames.add(name);
            self.op_i(at, Op::LOAD_FAST_AND_CLEAR, index);
            if Scope::of(flags) == Scope::Cell {
                let cell = match outer_scope {
                    Scope::Free => self.free_index(name),
                    _ => self.unit.metadata.cellvars.add(name),
                };
                self.op_i(at, Op::MAKE_CELL, cell);
            }
            inlined.pushed_locals.push(name);
        }
        if !inlined.pushed_locals.is_empty() {
            self.op_i(at, Op::SWAP, inlined.pushed_locals.len() as u32 + 1);
            let cleanup = self.new_label();
            inlined.cleanup = Some(cleanup);
            self.op_jump(at, Op::SETUP_FINALLY, cleanup);
            self.push_fblock(at, FBlockKind::InlinedComprehension, None, None, Datum::None)?;
        }
        Ok(())
    }

    fn pop_locals(&mut self, at: Location, inlined: &Inlined) {
        let Some(cleanup) = inlined.cleanup else { return };
        self.pop_fblock(FBlockKind::InlinedComprehension);
        self.op(NO_LOCATION, Op::POP_BLOCK);
        let end = self.new_label();
        self.op_jump(NO_LOCATION, Op::JUMP_NO_INTERRUPT, end);
        self.use_label(cleanup);
        // Without what was built so far.
        self.op_i(NO_LOCATION, Op::SWAP, 2);
        self.op(NO_LOCATION, Op::POP_TOP);
        self.restore_locals(at, &inlined.pushed_locals);
        self.op_i(NO_LOCATION, Op::RERAISE, 0);
        self.use_label(end);
        self.restore_locals(at, &inlined.pushed_locals);
    }

    fn restore_locals(&mut self, at: Location, pushed: &[Name]) {
        self.op_i(at, Op::SWAP, pushed.len() as u32 + 1);
        for &name in pushed.iter().rev() {
            let index = self.unit.metadata.varnames.add(name);
            self.op_i(at, Op::STORE_FAST_MAYBE_NULL, index);
        }
    }
}

/// The only item of a list or tuple display.
fn single_item<'a>(e: ExprRef<'a>) -> Option<ExprRef<'a>> {
    match e.kind {
        ExprKind::List { elts: [only], .. } | ExprKind::Tuple { elts: [only], .. }
            if !matches!(only.kind, ExprKind::Starred { .. }) =>
        {
            Some(only)
        }
        _ => None,
    }
}
