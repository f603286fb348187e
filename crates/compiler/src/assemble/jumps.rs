//! The instructions in one row, with the arguments of jumps as distances.
//!
//! A distance may need `EXTENDED_ARG`s, which lengthen other distances: sizes are computed until they stay.

use bytecode::Opcode;
use syntax::Location;

use crate::flowgraph::{BlockId, Graph, is_jump};
use crate::instruction::NEXT_LOCATION;

/// Code units between the `SEND` that `END_ASYNC_FOR` refers to and its `END_SEND`.
const END_SEND_OFFSET: u32 = 5;

#[derive(Clone, Copy)]
pub(super) struct FlatInstr {
    pub(super) opcode: Opcode,
    pub(super) oparg: u32,
    pub(super) location: Location,
    pub(super) except: BlockId,
    /// Of a jump.
    target: BlockId,
    /// Where it begins, in code units.
    pub(super) offset: u32,
    /// Inline cache entries.
    pub(super) caches: u32,
}

#[derive(Default)]
pub(super) struct Flat {
    pub(super) instrs: Vec<FlatInstr>,
    /// Length in code units.
    pub(super) units: u32,
    /// By block: its first instruction.
    starts: Vec<u32>,
    jumps: Vec<u32>,
    /// Some instruction has the location of the one after it.
    pub(super) next_locations: bool,
}

/// In `starts`: the block was not reached yet.
const NOT_YET: u32 = u32::MAX;

impl FlatInstr {
    /// Code units with prefixes and caches.
    #[inline]
    pub(super) fn units(&self) -> u32 {
        1 + (self.oparg > 0xff) as u32 + (self.oparg > 0xffff) as u32 + (self.oparg > 0xff_ffff) as u32 + self.caches
    }
}

impl Flat {
    pub(super) fn load(&mut self, graph: &Graph) {
        self.instrs.clear();
        self.jumps.clear();
        self.starts.clear();
        self.starts.resize(graph.len(), NOT_YET);
        self.next_locations = false;
        for id in graph.order() {
            let start = self.instrs.len();
            self.starts[id.index()] = start as u32;
            let mut next_locations = false;
            self.instrs.extend(graph[id].instrs.iter().map(|instr| {
                next_locations |= instr.location.lineno == NEXT_LOCATION.lineno;
                FlatInstr {
                    opcode: instr.opcode,
                    oparg: instr.oparg,
                    location: instr.location,
                    except: instr.except,
                    target: instr.target,
                    offset: 0,
                    caches: instr.opcode.caches() as u32,
                }
            }));
            self.next_locations |= next_locations;
            // A jump stands at the end, or before the `NOT_TAKEN` there.
            let end = self.instrs.len();
            for at in end.saturating_sub(2).max(start)..end {
                if is_jump(self.instrs[at].opcode) {
                    self.direct(at);
                }
            }
        }
        for at in &self.jumps {
            // The target, until distances are known (and the first guess at their size).
            let target = self.starts[self.instrs[*at as usize].target.index()];
            self.instrs[*at as usize].oparg = target;
        }
    }

    /// Settles the direction of a jump: what was loaded lies before it.
    fn direct(&mut self, at: usize) {
        self.jumps.push(at as u32);
        let instr = &mut self.instrs[at];
        let forward = self.starts[instr.target.index()] == NOT_YET;
        instr.opcode = match instr.opcode {
            Opcode::JUMP | Opcode::JUMP_NO_INTERRUPT if forward => Opcode::JUMP_FORWARD,
            Opcode::JUMP => Opcode::JUMP_BACKWARD,
            Opcode::JUMP_NO_INTERRUPT => Opcode::JUMP_BACKWARD_NO_INTERRUPT,
            other => other,
        };
        instr.caches = instr.opcode.caches() as u32;
    }

    pub(super) fn resolve_jumps(&mut self) {
        loop {
            self.place();
            let mut again = false;
            for at in &self.jumps {
                let instr = self.instrs[*at as usize];
                let units = instr.units();
                let target = self.offset_of(instr.target);
                let end = instr.offset + units;
                let distance = if instr.opcode == Opcode::END_ASYNC_FOR {
                    (end - target).wrapping_sub(END_SEND_OFFSET)
                } else if target < end {
                    end - target
                } else {
                    target - end
                };
                let instr = &mut self.instrs[*at as usize];
                instr.oparg = distance;
                again |= instr.units() != units;
            }
            if !again {
                return;
            }
        }
    }

    fn place(&mut self) {
        let mut offset = 0;
        for instr in &mut self.instrs {
            instr.offset = offset;
            offset += instr.units();
        }
        self.units = offset;
    }

    fn offset_of(&self, block: BlockId) -> u32 {
        // An empty block at the end is where the code ends.
        self.instrs.get(self.starts[block.index()] as usize).map_or(self.units, |instr| instr.offset)
    }

    /// Where a block begins, in code units.
    pub(super) fn block_offset(&self, block: BlockId) -> u32 {
        self.offset_of(block)
    }
}
