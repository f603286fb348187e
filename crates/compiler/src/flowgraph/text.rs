//! Instruction sequences and constants as text, for tests of the optimiser by themselves.
//!
//! A case is `case LOCALS`, the constants one a line, `--`, the instructions one a line (name, argument, line, end line,
//! column, end column), `==`. What is not of this form is read as `None`.

use bytecode::Opcode;
use syntax::Location;
use syntax::ast::{Arena, BigInt, Complex, Str};

use super::Graph;
use crate::instruction::{Instruction, InstructionSequence};
use crate::unit::{Const, ConstTable};

/// Takes a case from the lines and shows what the optimiser makes of it, in the form of a case without its first
/// line, or the error.
pub fn optimize_case<'l>(graph: &mut Graph, lines: &mut impl Iterator<Item = &'l str>) -> Option<String> {
    let nlocals = lines.next()?.strip_prefix("case ")?.parse().ok()?;
    let arena = Arena::new();
    let mut consts = ConstTable::default();
    for line in lines.by_ref().take_while(|line| *line != "--") {
        consts.push_foreign(read_const(&arena, &mut line.split(' '))?);
    }
    let mut sequence = InstructionSequence::new();
    for line in lines.by_ref().take_while(|line| *line != "==") {
        sequence.instrs.push(read_instr(line)?);
    }
    Some(match graph.optimize_sequence(&mut sequence, &arena, &mut consts, nlocals) {
        Ok(result) => {
            let consts = consts.items.iter().map(show_const);
            let instrs = result.instrs.iter().map(show_instr);
            consts.chain(["--".to_string()]).chain(instrs).chain(["==\n".to_string()]).collect::<Vec<_>>().join("\n")
        }
        Err(error) => format!("{error:?}\n==\n"),
    })
}

fn read_instr(line: &str) -> Option<Instruction> {
    let mut words = line.split(' ');
    let opcode = words.next().and_then(Opcode::from_name)?;
    let mut number = || words.next()?.parse::<i32>().ok();
    let oparg = number()? as u32;
    let (lineno, end_lineno, col_offset, end_col_offset) = (number()?, number()?, number()?, number()?);
    Some(Instruction { opcode, oparg, location: Location::new(lineno, col_offset, end_lineno, end_col_offset) })
}

fn show_instr(instr: &Instruction) -> String {
    let Location { lineno, col_offset, end_lineno, end_col_offset } = instr.location;
    format!("{} {} {lineno} {end_lineno} {col_offset} {end_col_offset}", instr.opcode.name(), instr.oparg)
}

fn read_const<'a, 'l>(arena: &'a Arena, words: &mut impl Iterator<Item = &'l str>) -> Option<Const<'a>> {
    Some(match words.next()? {
        "None" => Const::None,
        "True" => Const::True,
        "False" => Const::False,
        "Ellipsis" => Const::Ellipsis,
        "int" => {
            let value: num_bigint::BigInt = words.next()?.parse().ok()?;
            match i64::try_from(&value) {
                Ok(value) => Const::Int(value),
                Err(_) => Const::BigInt(arena.alloc(BigInt::new(arena, &value))),
            }
        }
        "float" => Const::Float(f64::from_bits(words.next()?.parse().ok()?)),
        "complex" => {
            let mut part = || Some(f64::from_bits(words.next()?.parse().ok()?));
            Const::Complex(Complex { real: part()?, imag: part()? })
        }
        "str" => Const::Str(Str::from_wtf8(arena.alloc_slice_copy(&unhex(words.next()?)?))),
        "bytes" => Const::Bytes(arena.alloc_slice_copy(&unhex(words.next()?)?)),
        kind @ ("tuple" | "frozenset" | "slice") => {
            let count: usize = if kind == "slice" { 3 } else { words.next()?.parse().ok()? };
            let items: Option<Vec<Const<'a>>> = (0..count).map(|_| read_const(arena, words)).collect();
            let items = arena.alloc_slice_copy(&items?);
            match kind {
                "tuple" => Const::Tuple(items),
                "frozenset" => Const::FrozenSet(items),
                _ => Const::Slice(arena.alloc([items[0], items[1], items[2]])),
            }
        }
        _ => return None,
    })
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let text = text.strip_prefix('x')?;
    (0..text.len() / 2).map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok()).collect()
}

fn show_const(value: &Const<'_>) -> String {
    let hex = |bytes: &[u8]| bytes.iter().fold("x".to_string(), |text, byte| text + &format!("{byte:02x}"));
    let list = |items: &[Const<'_>]| items.iter().map(|item| format!(" {}", show_const(item))).collect::<String>();
    match value {
        Const::None => "None".into(),
        Const::True => "True".into(),
        Const::False => "False".into(),
        Const::Ellipsis => "Ellipsis".into(),
        Const::Int(value) => format!("int {value}"),
        Const::BigInt(value) => format!("int {}", value.to_bigint()),
        Const::Float(value) => format!("float {}", value.to_bits()),
        Const::Complex(value) => format!("complex {} {}", value.real.to_bits(), value.imag.to_bits()),
        Const::Str(text) => format!("str {}", hex(text.as_bytes())),
        Const::Bytes(bytes) => format!("bytes {}", hex(bytes)),
        Const::Tuple(items) => format!("tuple {}{}", items.len(), list(items)),
        Const::FrozenSet(items) => {
            let mut texts: Vec<String> = items.iter().map(show_const).collect();
            texts.sort();
            format!("frozenset {} {}", items.len(), texts.join(" ")).trim_end().to_string()
        }
        Const::Slice(items) => format!("slice{}", list(&items[..])),
        Const::Code(_) => "code".into(),
    }
}
