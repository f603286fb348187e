//! Loads of fast locals that need no reference of their own become `LOAD_FAST_BORROW`.
//!
//! Within a block each item of the stack is followed to the load it came from. A load may borrow if its item is
//! consumed in the block, is not stored into a local, and its local is not overwritten while the item is there.
//!
//! Needs the depths of `stack_depth`, and is the last pass: nothing may be inserted afterwards.

use bytecode::Opcode;

use super::classes::{LOCAL, TARGET, class};
use super::{BlockId, ENTRY, Graph, Instr};

/// An item on the stack: the instruction that made it and the local it came from.
#[derive(Clone, Copy, Debug)]
struct Ref {
    instr: u32,
    local: u32,
}

const NOT_LOCAL: u32 = u32::MAX;
const UNKNOWN: Ref = Ref { instr: u32::MAX, local: NOT_LOCAL };

/// The stack of one block. Its loads borrow from the moment they are met until something says that they must not.
#[derive(Default, Debug)]
pub(super) struct Refs {
    items: Vec<Ref>,
}

impl Graph {
    pub(super) fn optimize_load_fast(&mut self) {
        let mut stack = self.start_traversal();
        let mut refs = std::mem::take(&mut self.refs);
        self[ENTRY].start_depth = 0;
        self.visit(ENTRY, &mut stack);
        while let Some(id) = stack.pop() {
            if self[id].holds & LOCAL == 0 {
                // No load to borrow: only the way on.
                self.visit_successors(id, &mut stack);
                continue;
            }
            let block = &mut self[id];
            refs.start(block.start_depth);
            for at in 0..block.instrs.len() {
                refs.execute(at, &mut block.instrs);
            }
            refs.finish(&mut block.instrs);
            self.visit_successors(id, &mut stack);
        }
        self.refs = refs;
        self.stack = stack;
    }

    /// A jump stands at the end, or before the `NOT_TAKEN` there; block pushes are left in sequences of tests only.
    fn visit_successors(&mut self, id: BlockId, stack: &mut Vec<BlockId>) {
        let count = self[id].instrs.len();
        let first = if self[id].has_inner_targets() { 0 } else { count.saturating_sub(2) };
        for at in first..count {
            let instr = &self[id].instrs[at];
            if class(instr.opcode) & TARGET != 0 {
                let target = instr.target;
                self.visit(target, stack);
            }
        }
        let block = &self[id];
        let next = block.next;
        // An empty block's successor is not looked at.
        if next.is_some() && !block.instrs.is_empty() && block.falls_through() {
            self.visit(next, stack);
        }
    }
}

impl Refs {
    fn start(&mut self, depth: i32) {
        self.items.clear();
        self.items.resize(depth.max(0) as usize, UNKNOWN);
    }

    /// What is still on the stack is owned.
    fn finish(&mut self, instrs: &mut [Instr]) {
        for &item in &self.items {
            own(item, instrs);
        }
    }

    fn push(&mut self, instr: u32, local: u32) {
        self.items.push(Ref { instr, local });
    }

    fn pop(&mut self) -> Ref {
        self.items.pop().unwrap_or(UNKNOWN)
    }

    fn pop_many(&mut self, count: usize) {
        self.items.truncate(self.items.len().saturating_sub(count));
    }

    /// The local gets another value: items that came from it must have been owned.
    fn kill(&self, local: u32, instrs: &mut [Instr]) {
        for &item in self.items.iter().filter(|item| item.local == local) {
            own(item, instrs);
        }
    }

    fn store(&mut self, local: u32, instrs: &mut [Instr]) {
        let item = self.pop();
        self.kill(local, instrs);
        own(item, instrs);
    }

    fn execute(&mut self, at: usize, instrs: &mut [Instr]) {
        let instr = instrs[at];
        let position = at;
        let at = at as u32;
        use Opcode::*;
        let oparg = instr.oparg;
        match instr.opcode {
            LOAD_FAST => {
                instrs[position].opcode = LOAD_FAST_BORROW;
                self.push(at, oparg);
            }
            DELETE_FAST => self.kill(oparg, instrs),
            LOAD_FAST_AND_CLEAR => {
                self.kill(oparg, instrs);
                self.push(at, oparg);
            }
            LOAD_FAST_LOAD_FAST => {
                instrs[position].opcode = LOAD_FAST_BORROW_LOAD_FAST_BORROW;
                self.push(at, oparg >> 4);
                self.push(at, oparg & 15);
            }
            STORE_FAST => self.store(oparg, instrs),
            STORE_FAST_LOAD_FAST => {
                self.store(oparg >> 4, instrs);
                self.push(at, oparg & 15);
            }
            STORE_FAST_STORE_FAST => {
                self.store(oparg >> 4, instrs);
                self.store(oparg & 15, instrs);
            }
            COPY => {
                let item = self.items.len().checked_sub(oparg as usize).and_then(|at| self.items.get(at));
                let item = item.copied().unwrap_or(UNKNOWN);
                self.items.push(item);
            }
            SWAP => {
                let depth = self.items.len();
                if (1..=depth).contains(&(oparg as usize)) {
                    self.items.swap(depth - oparg as usize, depth - 1);
                }
            }
            // Their inputs stay. (That the new items are attributed to the block's first instructions is the
            // reference's doing; what they own by that shows in the code.)
            GET_ANEXT | GET_LEN | IMPORT_FROM | MATCH_KEYS | MATCH_MAPPING | MATCH_SEQUENCE | WITH_EXCEPT_START => {
                let (popped, pushed) = effects(&instr);
                for number in 0..pushed.saturating_sub(popped) {
                    self.push(number as u32, NOT_LOCAL);
                }
            }
            // Some of their inputs stay, and nothing is new.
            DICT_MERGE | DICT_UPDATE | LIST_APPEND | LIST_EXTEND | MAP_ADD | RERAISE | SET_ADD | SET_UPDATE => {
                let (popped, pushed) = effects(&instr);
                self.pop_many(popped.saturating_sub(pushed));
            }
            END_SEND | SET_FUNCTION_ATTRIBUTE => {
                let top = self.pop();
                self.pop();
                self.items.push(top);
            }
            // They may leave the very object they took.
            FORMAT_SIMPLE | GET_YIELD_FROM_ITER => {}
            LOAD_SPECIAL | PUSH_EXC_INFO => {
                let top = self.pop();
                self.push(at, NOT_LOCAL);
                self.items.push(top);
            }
            CHECK_EXC_MATCH => {
                self.pop();
                self.push(at, NOT_LOCAL);
            }
            FOR_ITER => self.push(at, NOT_LOCAL),
            LOAD_ATTR | LOAD_SUPER_ATTR => {
                let self_ref = self.pop();
                if instr.opcode == LOAD_SUPER_ATTR {
                    self.pop_many(2);
                }
                self.push(at, NOT_LOCAL);
                if oparg & 1 != 0 {
                    // A method's object may be pushed again.
                    self.items.push(self_ref);
                }
            }
            SEND => {
                self.pop();
                self.push(at, NOT_LOCAL);
            }
            // These act on the stack of their target only.
            SETUP_FINALLY | SETUP_WITH | SETUP_CLEANUP => {}
            _ => {
                let (popped, pushed) = effects(&instr);
                self.pop_many(popped);
                for _ in 0..pushed {
                    self.push(at, NOT_LOCAL);
                }
            }
        }
    }
}

/// The instruction that made the item may not borrow.
fn own(item: Ref, instrs: &mut [Instr]) {
    if let Some(instr) = instrs.get_mut(item.instr as usize) {
        instr.opcode = match instr.opcode {
            Opcode::LOAD_FAST_BORROW => Opcode::LOAD_FAST,
            Opcode::LOAD_FAST_BORROW_LOAD_FAST_BORROW => Opcode::LOAD_FAST_LOAD_FAST,
            other => other,
        };
    }
}

fn effects(instr: &Instr) -> (usize, usize) {
    let oparg = instr.oparg as i32;
    (instr.opcode.num_popped(oparg).max(0) as usize, instr.opcode.num_pushed(oparg).max(0) as usize)
}
