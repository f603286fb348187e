//! Which handler each instruction's exceptions go to.
//!
//! Needs block pushes and `POP_BLOCK`s in place. Afterwards `Instr::except` is set, `POP_BLOCK`s are `NOP`s, and
//! resumptions know whether they stand within exactly one handler.

use bytecode::Opcode;
use bytecode::operands::{RESUME_AT_FUNC_START, RESUME_OPARG_DEPTH1_MASK};

use super::classes::{HANDLER, NOPS};
use super::{BlockId, ENTRY, Graph, GraphError, Result};

/// A stack of handlers as a list that blocks share: `parent` is what is left after a pop.
struct Handlers {
    nodes: Vec<Handler>,
}

#[derive(Clone, Copy)]
struct Handler {
    block: BlockId,
    parent: u32,
    depth: u32,
}

/// The empty stack.
const EMPTY: u32 = 0;

impl Graph {
    pub(super) fn mark_except_handlers(&mut self) {
        if self.classes & HANDLER == 0 {
            return;
        }
        for id in (0..self.used).filter(|&id| self.blocks[id].holds & HANDLER != 0).collect::<Vec<_>>() {
            for at in 0..self.blocks[id].instrs.len() {
                let instr = self.blocks[id].instrs[at];
                if instr.opcode.is_block_push() {
                    self[instr.target].except_handler = true;
                }
            }
        }
    }

    pub(super) fn label_exception_targets(&mut self) -> Result {
        if self.classes & HANDLER == 0 {
            return Ok(());
        }
        let mut handlers = Handlers { nodes: vec![Handler { block: BlockId::NONE, parent: EMPTY, depth: 0 }] };
        // By block: its stack of handlers at the start, once visited.
        let mut stacks = vec![EMPTY; self.used];
        let mut todo = self.start_traversal();
        self.visit(ENTRY, &mut todo);
        while let Some(id) = todo.pop() {
            let mut stack = stacks[id.index()];
            if self[id].holds & HANDLER != 0 {
                self[id].holds |= NOPS;
            }
            let mut last_yield_depth = 0;
            let mut enter = |graph: &mut Graph, target: BlockId, stack: u32| {
                if graph[target].visited != graph.traversal {
                    stacks[target.index()] = stack;
                    graph.visit(target, &mut todo);
                }
            };
            for at in 0..self[id].instrs.len() {
                let instr = &mut self.blocks[id.index()].instrs[at];
                let handler = handlers.nodes[stack as usize];
                match instr.opcode {
                    Opcode::SETUP_FINALLY | Opcode::SETUP_WITH | Opcode::SETUP_CLEANUP => {
                        let instr = *instr;
                        enter(self, instr.target, stack);
                        if instr.opcode != Opcode::SETUP_FINALLY {
                            self[instr.target].preserve_lasti = true;
                        }
                        stack = handlers.push(stack, instr.target);
                    }
                    Opcode::POP_BLOCK => {
                        if stack == EMPTY {
                            return Err(GraphError::system("malformed control flow graph."));
                        }
                        stack = handler.parent;
                        instr.set_nop();
                    }
                    Opcode::YIELD_VALUE => {
                        instr.except = handler.block;
                        last_yield_depth = handler.depth;
                    }
                    Opcode::RESUME => {
                        instr.except = handler.block;
                        if instr.oparg != RESUME_AT_FUNC_START && last_yield_depth == 1 {
                            instr.oparg |= RESUME_OPARG_DEPTH1_MASK;
                        }
                        if instr.oparg != RESUME_AT_FUNC_START {
                            last_yield_depth = 0;
                        }
                    }
                    _ => {
                        instr.except = handler.block;
                        if instr.is_jump() {
                            let target = instr.target;
                            enter(self, target, stack);
                        }
                    }
                }
            }
            if self[id].falls_through() && self[id].next.is_some() {
                let next = self[id].next;
                enter(self, next, stack);
            }
        }
        self.stack = todo;
        Ok(())
    }
}

impl Handlers {
    fn push(&mut self, parent: u32, block: BlockId) -> u32 {
        let depth = self.nodes[parent as usize].depth + 1;
        self.nodes.push(Handler { block, parent, depth });
        self.nodes.len() as u32 - 1
    }
}
