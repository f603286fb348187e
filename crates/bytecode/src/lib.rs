//! CPython 3.14's bytecode as data: the instruction table, code units with their location and
//! exception tables, the marshal format, the verifier and the disassembly. No objects.

mod instruction_table;

pub mod opcodes;
pub mod operands;

pub use opcodes::{MAGIC, MAGIC_NUMBER, Opcode, flags, op};
