//! `InstructionSequence`: instructions as the stages of the compiler hand them on.
//!
//! Invariant: every instruction is one that the code generator could write (no specialised or instrumented form), with an argument the
//! assembler can encode; labels are few enough to keep a table of. What a label stands for is looked at when the sequence is used.

use super::graph_error;
use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::types::{self, Int, List, Tuple};
use bytecode::Opcode;
use bytecode::opcodes::{MIN_INSTRUMENTED_OPCODE, flags};
use compiler::instruction::{Instruction, InstructionSequence, Label, Location, MAX_OPARG};
use macros::{Traverse, pytype};
use std::cell::{Cell, RefCell};

/// More labels than any code has.
const MAX_LABEL: i32 = 1 << 20;

#[derive(Traverse)]
#[repr(C)]
pub struct Sequence {
    head: ObjectHead,
    #[traverse(skip)]
    instructions: RefCell<InstructionSequence>,
    nested: RefCell<Option<Owned<List>>>,
    labels: Cell<i32>,
}

/// Create a new InstructionSequence object.
#[pytype(static = _PyInstructionSequence_Type, name = "InstructionSequence", signature = "()", flags = HAVE_GC, native)]
impl Sequence {
    #[slot("InstructionSequenceType()")]
    fn tp_new(_cls: &Type) -> PyResult<Owned<Sequence>> {
        Sequence::new_empty()
    }
    /// Append an instruction.
    #[method("addop($self, /, opcode, oparg, lineno, col_offset, end_lineno, end_col_offset)")]
    fn addop(&self, opcode: i32, oparg: i32, lineno: i32, col_offset: i32, end_lineno: i32, end_col_offset: i32) -> PyResult<()> {
        let plain = |opcode: &Opcode| opcode.base() == *opcode && (opcode.is_pseudo() || (*opcode as u16) < MIN_INSTRUMENTED_OPCODE as u16);
        let known = u32::try_from(opcode).ok().and_then(Opcode::from_number).filter(plain);
        let Some(opcode) = known else { return Err(err!(ValueError, "invalid opcode {}", opcode)) };
        let takes_argument = opcode.has(flags::ARG) || opcode.has_target();
        let oparg = match u32::try_from(oparg) {
            Ok(oparg) if oparg <= MAX_OPARG => oparg,
            _ => return Err(err!(ValueError, "invalid oparg {}", oparg)),
        };
        // The reference fills in its struct by position, whatever the parameters are called: tests count on it.
        let location = Location::new(lineno, end_lineno, col_offset, end_col_offset);
        let oparg = if takes_argument { oparg } else { 0 };
        self.instructions.borrow_mut().instrs.push(Instruction { opcode, oparg, location });
        Ok(())
    }
    /// A new label, to be placed with use_label().
    #[method("new_label($self, /)")]
    fn new_label(&self) -> i32 {
        self.labels.set(self.labels.get().saturating_add(1));
        self.labels.get()
    }
    /// Place label at current location.
    #[method("use_label($self, /, label)")]
    fn use_label(&self, label: i32) -> PyResult<()> {
        if !(0..MAX_LABEL).contains(&label) {
            return Err(err!(ValueError, "invalid label {}", label));
        }
        self.instructions.borrow_mut().use_label(Label(label as u32));
        Ok(())
    }
    /// Add a nested sequence.
    #[method("add_nested($self, /, nested)")]
    fn add_nested(&self, nested: &Object) -> PyResult<()> {
        if nested.downcast::<Sequence>().is_none() {
            return Err(err!(TypeError, "expected an instruction sequence, not {}", nested.ty().type_name()));
        }
        let list = self.nested.borrow_mut().get_or_insert_with(List::new).clone();
        list.append(nested)
    }
    /// The nested sequences.
    #[method("get_nested($self, /)")]
    fn get_nested(&self) -> Owned<List> {
        self.nested.borrow().clone().unwrap_or_else(List::new)
    }
    /// Return the instructions as a list of tuples.
    #[method("get_instructions($self, /)")]
    fn get_instructions(&self) -> PyResult<Owned<List>> {
        let mut sequence = self.instructions.borrow_mut();
        sequence.check_labels().map_err(graph_error)?;
        sequence.apply_label_map();
        let tuples = sequence.instrs.iter().map(|instr| {
            let Location { lineno, col_offset, end_lineno, end_col_offset } = instr.location;
            let int = |value: i32| Int::from_i64(value as i64).into_object();
            let oparg = if instr.opcode.has(flags::ARG) { int(instr.oparg as i32) } else { types::none().to_owned() };
            let place = [lineno, end_lineno, col_offset, end_col_offset].map(int);
            Tuple::from_owned([int(instr.opcode as i32), oparg].into_iter().chain(place).collect()).into_object()
        });
        Ok(List::from_owned(tuples.collect()))
    }
}

impl Sequence {
    pub fn new_empty() -> PyResult<Owned<Sequence>> {
        Sequence::from_instructions(InstructionSequence::new())
    }

    /// A sequence of the compiler's, with those of nested code objects.
    pub fn from_instructions(mut instructions: InstructionSequence) -> PyResult<Owned<Sequence>> {
        let nested = std::mem::take(&mut instructions.nested);
        let nested = match nested.is_empty() {
            true => None,
            false => {
                let made = nested.into_iter().map(|inner| Ok(Sequence::from_instructions(inner)?.into_object()));
                Some(List::from_owned(made.collect::<PyResult<_>>()?))
            }
        };
        let made = Sequence {
            head: ObjectHead::placeholder(),
            instructions: RefCell::new(instructions),
            nested: RefCell::new(nested),
            labels: Cell::new(0),
        };
        Sequence::construct(Sequence::type_object(), made)
    }

    /// A copy of the instructions that the optimiser may work on. It has no nested sequences.
    pub fn instructions(&self) -> PyResult<InstructionSequence> {
        let instructions = self.instructions.borrow();
        instructions.check_labels().map_err(graph_error)?;
        Ok(instructions.copy())
    }
}
