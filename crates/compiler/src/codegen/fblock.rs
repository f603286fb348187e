//! Frame blocks: what surrounds a statement (loops, handlers, `with`), and how `return`, `break` and `continue` get
//! out of it.

use bytecode::Opcode as Op;
use syntax::Location;
use syntax::ast::{ExprContext, StmtRef};

use super::Generator;
use crate::host::Result;
use crate::instruction::{Label, NO_LOCATION};
use crate::names::Name;
use crate::unit::Const;

/// Most blocks that may be open at a time.
const CO_MAXBLOCKS: usize = 21;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum FBlockKind {
    WhileLoop,
    ForLoop,
    TryExcept,
    FinallyTry,
    FinallyEnd,
    With,
    AsyncWith,
    HandlerCleanup,
    PopValue,
    ExceptionHandler,
    ExceptionGroupHandler,
    AsyncComprehensionGenerator,
    StopIteration,
    /// The cleanup of a comprehension's locals: no statement is within it, so nothing unwinds it, but it counts.
    InlinedComprehension,
}

/// What unwinding needs to know besides.
#[derive(Clone, Copy, Debug)]
pub enum Datum<'a> {
    None,
    /// The body of `finally`.
    Finally(&'a [StmtRef<'a>]),
    /// The name of an exception, to be unbound.
    Name(Name),
}

#[derive(Clone, Copy, Debug)]
pub struct FBlock<'a> {
    pub kind: FBlockKind,
    /// Where the block begins; `continue` goes there.
    pub block: Option<Label>,
    /// Where `break` goes.
    pub exit: Option<Label>,
    pub location: Location,
    pub datum: Datum<'a>,
}

impl<'a> Generator<'a, '_> {
    pub(super) fn push_fblock(
        &mut self,
        location: Location,
        kind: FBlockKind,
        block: Option<Label>,
        exit: Option<Label>,
        datum: Datum<'a>,
    ) -> Result {
        if self.unit.fblocks.len() >= CO_MAXBLOCKS {
            return self.error(location, "too many statically nested blocks");
        }
        self.unit.fblocks.push(FBlock { kind, block, exit, location, datum });
        if kind == FBlockKind::FinallyEnd {
            self.disable_warnings += 1;
        }
        Ok(())
    }

    pub(super) fn pop_fblock(&mut self, kind: FBlockKind) {
        let popped = self.unit.fblocks.pop();
        debug_assert_eq!(popped.map(|block| block.kind), Some(kind));
        if kind == FBlockKind::FinallyEnd {
            self.disable_warnings -= 1;
        }
    }

    /// Leaves one block. `preserve_tos` says that the value on top of the stack (a return value) must stay there.
    pub(super) fn unwind_fblock(
        &mut self,
        location: &mut Location,
        block: &FBlock<'a>,
        preserve_tos: bool,
    ) -> Result {
        match block.kind {
            FBlockKind::WhileLoop
            | FBlockKind::ExceptionHandler
            | FBlockKind::ExceptionGroupHandler
            | FBlockKind::AsyncComprehensionGenerator
            | FBlockKind::StopIteration
            | FBlockKind::InlinedComprehension => {}
            FBlockKind::ForLoop | FBlockKind::PopValue => {
                if preserve_tos {
                    self.op_i(*location, Op::SWAP, 2);
                }
                self.op(*location, Op::POP_TOP);
            }
            FBlockKind::TryExcept => self.op(*location, Op::POP_BLOCK),
            FBlockKind::FinallyTry => {
                // With the line of the statement that leaves.
                self.op(*location, Op::POP_BLOCK);
                if preserve_tos {
                    self.push_fblock(*location, FBlockKind::PopValue, None, None, Datum::None)?;
                }
                if let Datum::Finally(body) = block.datum {
                    self.statements(body)?;
                }
                if preserve_tos {
                    self.pop_fblock(FBlockKind::PopValue);
                }
                // The `finally` body runs after the statement, so what follows has no line.
                *location = NO_LOCATION;
            }
            FBlockKind::FinallyEnd => {
                if preserve_tos {
                    self.op_i(*location, Op::SWAP, 2);
                }
                self.op(*location, Op::POP_TOP);
                if preserve_tos {
                    self.op_i(*location, Op::SWAP, 2);
                }
                self.op(*location, Op::POP_BLOCK);
                self.op(*location, Op::POP_EXCEPT);
            }
            FBlockKind::With | FBlockKind::AsyncWith => {
                *location = block.location;
                self.op(*location, Op::POP_BLOCK);
                if preserve_tos {
                    self.op_i(*location, Op::SWAP, 3);
                    self.op_i(*location, Op::SWAP, 2);
                }
                self.call_exit_with_nones(*location);
                if block.kind == FBlockKind::AsyncWith {
                    self.op_i(*location, Op::GET_AWAITABLE, 2);
                    self.load_const(*location, Const::None);
                    self.add_yield_from(*location, true);
                }
                self.op(*location, Op::POP_TOP);
                *location = NO_LOCATION;
            }
            FBlockKind::HandlerCleanup => {
                let name = match block.datum {
                    Datum::Name(name) => Some(name),
                    _ => None,
                };
                if name.is_some() {
                    self.op(*location, Op::POP_BLOCK);
                }
                if preserve_tos {
                    self.op_i(*location, Op::SWAP, 2);
                }
                self.op(*location, Op::POP_BLOCK);
                self.op(*location, Op::POP_EXCEPT);
                if let Some(name) = name {
                    self.load_const(*location, Const::None);
                    self.nameop(*location, name, ExprContext::Store);
                    self.nameop(*location, name, ExprContext::Del);
                }
            }
        }
        Ok(())
    }

    /// Leaves all blocks, or those inside the innermost loop, which is then the result.
    pub(super) fn unwind_fblock_stack(
        &mut self,
        location: &mut Location,
        preserve_tos: bool,
        to_loop: bool,
    ) -> Result<Option<FBlock<'a>>> {
        let Some(&top) = self.unit.fblocks.last() else { return Ok(None) };
        if top.kind == FBlockKind::ExceptionGroupHandler {
            return self
                .error(*location, "'break', 'continue' and 'return' cannot appear in an except* block");
        }
        if to_loop && matches!(top.kind, FBlockKind::WhileLoop | FBlockKind::ForLoop) {
            return Ok(Some(top));
        }
        // A block that is left is not around the code that leaves it.
        self.pop_fblock(top.kind);
        self.unwind_fblock(location, &top, preserve_tos)?;
        let found = self.unwind_fblock_stack(location, preserve_tos, to_loop)?;
        self.push_fblock(top.location, top.kind, top.block, top.exit, top.datum)?;
        Ok(found)
    }
}
