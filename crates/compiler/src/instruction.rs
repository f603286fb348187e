//! The instruction sequence: what the code generator writes and the control-flow graph is built from.
//!
//! A jump's argument is a [`Label`] until [`InstructionSequence::apply_label_map`] has turned it into the index of an
//! instruction; a sequence is in exactly one of the two states, told by `labels_applied`. Block pushes (`SETUP_*`)
//! have labels as jumps do.

use bytecode::{Opcode, flags};
pub use syntax::Location;

use crate::flowgraph::GraphError;
use crate::flowgraph::classes::{TARGET, class};

/// An instruction that belongs to no line.
pub const NO_LOCATION: Location = Location::new(-1, -1, -1, -1);
/// An instruction that takes the location of the one after it (resolved by the assembler).
pub const NEXT_LOCATION: Location = Location::new(-2, -2, -2, -2);

/// A jump target that is placed with [`InstructionSequence::use_label`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Label(pub u32);

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Instruction {
    pub opcode: Opcode,
    pub oparg: u32,
    pub location: Location,
}

/// Largest argument an instruction may have.
pub const MAX_OPARG: u32 = (1 << 30) - 1;

#[derive(Default, Debug)]
pub struct InstructionSequence {
    pub instrs: Vec<Instruction>,
    /// Label → index of the instruction that follows it; `UNPLACED` before it is placed.
    label_map: Vec<u32>,
    labels_applied: bool,
    /// Sequences of nested code objects, kept only when asked for (`compiler_codegen`).
    pub nested: Vec<InstructionSequence>,
    /// Code that sets up annotations; the graph gets it at the place of `ANNOTATIONS_PLACEHOLDER`. It has no jumps.
    pub annotations_code: Option<Box<InstructionSequence>>,
}

const UNPLACED: u32 = u32::MAX;

impl InstructionSequence {
    pub fn new() -> Self {
        Self::default()
    }

    /// Empties the sequence and keeps its memory.
    pub fn clear(&mut self) {
        self.instrs.clear();
        self.label_map.clear();
        self.labels_applied = false;
        self.nested.clear();
        self.annotations_code = None;
    }

    pub fn len(&self) -> usize {
        self.instrs.len()
    }

    pub fn is_empty(&self) -> bool {
        self.instrs.is_empty()
    }

    pub fn new_label(&mut self) -> Label {
        // Labels count from 1, as the reference's do: 0 is never handed out.
        if self.label_map.is_empty() {
            self.label_map.push(UNPLACED);
        }
        self.label_map.push(UNPLACED);
        Label(self.label_map.len() as u32 - 1)
    }

    /// Places `label` before the next instruction.
    pub fn use_label(&mut self, label: Label) {
        let index = label.0 as usize;
        if index >= self.label_map.len() {
            self.label_map.resize(index + 1, UNPLACED);
        }
        self.label_map[index] = self.instrs.len() as u32;
    }

    #[inline]
    pub fn addop(&mut self, opcode: Opcode, oparg: u32, location: Location) {
        debug_assert!(opcode.has(flags::ARG) || opcode.has_target() || oparg == 0, "{opcode:?} takes no argument");
        debug_assert!(oparg <= MAX_OPARG);
        self.instrs.push(Instruction { opcode, oparg, location });
    }

    #[inline]
    pub fn addop0(&mut self, opcode: Opcode, location: Location) {
        self.addop(opcode, 0, location);
    }

    #[inline]
    pub fn addop_jump(&mut self, opcode: Opcode, target: Label, location: Location) {
        debug_assert!(opcode.has_target(), "{opcode:?} has no target");
        self.instrs.push(Instruction { opcode, oparg: target.0, location });
    }

    /// Inserts before the instruction at `position`; labels there and after move along.
    pub fn insert(&mut self, position: usize, opcode: Opcode, oparg: u32, location: Location) {
        debug_assert!(!self.labels_applied);
        self.instrs.insert(position, Instruction { opcode, oparg, location });
        for place in &mut self.label_map {
            if *place != UNPLACED && *place >= position as u32 {
                *place += 1;
            }
        }
    }

    /// Every target is a label that stands somewhere, or with labels applied an instruction. The code generator's are; tests make others.
    pub fn check_labels(&self) -> Result<(), GraphError> {
        if self.labels_applied || self.label_map.is_empty() {
            return Ok(());
        }
        let placed = |label: u32| self.label_map.get(label as usize).is_some_and(|&place| place != UNPLACED);
        match self.instrs.iter().find(|instr| instr.opcode.has_target() && !placed(instr.oparg)) {
            Some(instr) => Err(GraphError::Value(format!("label {} was never placed", instr.oparg).into())),
            None => Ok(()),
        }
    }

    /// The same instructions, without nested sequences.
    pub fn copy(&self) -> InstructionSequence {
        InstructionSequence {
            instrs: self.instrs.clone(),
            label_map: self.label_map.clone(),
            labels_applied: self.labels_applied,
            nested: Vec::new(),
            annotations_code: self.annotations_code.as_ref().map(|code| Box::new(code.copy())),
        }
    }

    /// Turns every target from a label into the index of an instruction, which it does not the second time.
    pub fn apply_label_map(&mut self) {
        self.apply_label_map_with(|_| ());
    }

    /// As `apply_label_map`; tells every target.
    #[inline]
    pub(crate) fn apply_label_map_with(&mut self, mut tell: impl FnMut(u32)) {
        let labels = !self.labels_applied && !self.label_map.is_empty();
        for instr in &mut self.instrs {
            if class(instr.opcode) & TARGET != 0 {
                if labels {
                    let place = self.label_map.get(instr.oparg as usize).copied().unwrap_or(UNPLACED);
                    debug_assert_ne!(place, UNPLACED, "label {} was never placed", instr.oparg);
                    instr.oparg = place;
                }
                tell(instr.oparg);
            }
        }
        self.label_map.clear();
        self.labels_applied = true;
    }
}
