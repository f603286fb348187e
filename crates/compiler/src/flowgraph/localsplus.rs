//! Lays out locals, cells and free variables in one row, and begins the code with what sets them up.
//!
//! Until here arguments of cell instructions count cells and free variables from 0; afterwards they are places in the
//! row, where an argument that is a cell has one place only.

use bytecode::Opcode;
use bytecode::code::co;
use syntax::Location;

use super::classes::{CELL, class};
use super::{ENTRY, Graph, Instr};
use crate::instruction::NO_LOCATION;
use crate::unit::Metadata;

impl Graph {
    /// Gives the length of the row.
    pub(super) fn prepare_localsplus(&mut self, metadata: &Metadata<'_>, code_flags: u32) -> u32 {
        let nlocals = metadata.varnames.len() as u32;
        let count = (metadata.cellvars.len() + metadata.freevars.len()) as u32;
        let mut places: Vec<u32> = (nlocals..nlocals + count).collect();
        for (cell, name) in metadata.cellvars.iter().enumerate() {
            if let Some(argument) = metadata.varnames.get(name) {
                places[cell] = argument;
            }
        }
        self.insert_prefix_instructions(metadata, &places, code_flags);
        nlocals + count - self.fix_cell_places(nlocals, &mut places)
    }

    fn insert_prefix_instructions(&mut self, metadata: &Metadata<'_>, places: &[u32], code_flags: u32) {
        let mut prefix = Vec::new();
        if !metadata.freevars.is_empty() {
            prefix.push(Instr::new(Opcode::COPY_FREE_VARS, metadata.freevars.len() as u32, NO_LOCATION));
        }
        // Cells in the order of their places.
        let mut cells: Vec<u32> = (0..metadata.cellvars.len() as u32).collect();
        cells.sort_by_key(|&cell| places[cell as usize]);
        prefix.extend(cells.into_iter().map(|cell| Instr::new(Opcode::MAKE_CELL, cell, NO_LOCATION)));
        if code_flags & (co::GENERATOR | co::COROUTINE | co::ASYNC_GENERATOR) != 0 {
            let location = Location::new(metadata.firstlineno, -1, metadata.firstlineno, -1);
            prefix.push(Instr::new(Opcode::RETURN_GENERATOR, 0, location));
            prefix.push(Instr::new(Opcode::POP_TOP, 0, location));
        }
        if !prefix.is_empty() {
            self[ENTRY].insert(0, &prefix);
        }
    }

    /// Turns the arguments of cell instructions into places; gives the number of cells that are arguments.
    fn fix_cell_places(&mut self, nlocals: u32, places: &mut [u32]) -> u32 {
        if places.is_empty() {
            return 0;
        }
        let mut dropped = 0;
        for (position, place) in places.iter_mut().enumerate() {
            if *place == nlocals + position as u32 {
                *place -= dropped;
            } else {
                dropped += 1;
            }
        }
        for block in self.blocks[..self.used].iter_mut().filter(|block| block.holds & CELL != 0) {
            for instr in &mut block.instrs {
                if class(instr.opcode) & CELL != 0
                    && let Some(place) = places.get(instr.oparg as usize)
                {
                    instr.oparg = *place;
                }
            }
        }
        dropped
    }
}
