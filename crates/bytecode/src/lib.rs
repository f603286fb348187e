//! CPython 3.14's bytecode as data: the instruction table, code units with their location and
//! exception tables, the marshal format, the verifier and the disassembly. No objects.

mod instruction_table;

pub mod code;
pub mod dis;
pub mod exception_table;
pub mod locations;
pub mod marshal;
pub mod opcodes;
pub mod operands;
pub mod pyc;
pub mod repr;
pub mod verify;

pub use code::{BigInt, CodeUnit, Constant, Wtf8, co, kinds};
pub use locations::Location;
pub use opcodes::{MAGIC, MAGIC_NUMBER, Opcode, flags, op};
