//! Runs the graph optimiser on instruction sequences in text, for comparison with the reference's
//! `_testinternalcapi.optimize_cfg` (see `tools/check_optimize_cfg.py`).
//!
//! Input, case after case: `case LOCALS`, the constants one a line, `--`, the instructions one a line (name, argument,
//! line, end line, column, end column), `==`. Output is of the same form.

use std::io::{BufRead, Write};

use bytecode::Opcode;
use compiler::flowgraph::Graph;
use compiler::instruction::{Instruction, InstructionSequence};
use compiler::unit::{Const, ConstTable};
use syntax::Location;
use syntax::ast::{Arena, BigInt, Complex, Str};

fn main() {
    let stdin = std::io::stdin();
    let mut out = std::io::BufWriter::new(std::io::stdout());
    let mut lines = stdin.lock().lines().map(|line| line.expect("readable input"));
    let mut graph = Graph::new();
    while let Some(line) = lines.next() {
        let nlocals = line.strip_prefix("case ").expect("a case").parse().expect("a number");
        let arena = Arena::new();
        let mut consts = ConstTable::default();
        for line in lines.by_ref().take_while(|line| line != "--") {
            let mut words = line.split(' ');
            let value = read_const(&arena, &mut words);
            consts.push_foreign(value);
        }
        let mut sequence = InstructionSequence::new();
        for line in lines.by_ref().take_while(|line| line != "==") {
            sequence.instrs.push(read_instr(&line));
        }
        match graph.optimize_sequence(&mut sequence, &arena, &mut consts, nlocals) {
            Ok(result) => {
                for value in &consts.items {
                    writeln!(out, "{}", show_const(value)).expect("writable output");
                }
                writeln!(out, "--").expect("writable output");
                for instr in &result.instrs {
                    let Location { lineno, col_offset, end_lineno, end_col_offset } = instr.location;
                    let name = instr.opcode.name();
                    writeln!(out, "{name} {} {lineno} {end_lineno} {col_offset} {end_col_offset}", instr.oparg)
                        .expect("writable output");
                }
            }
            Err(error) => writeln!(out, "{error:?}").expect("writable output"),
        }
        writeln!(out, "==").expect("writable output");
    }
}

fn read_instr(line: &str) -> Instruction {
    let mut words = line.split(' ');
    let opcode = words.next().and_then(Opcode::from_name).expect("an instruction");
    let mut number = || words.next().expect("a number").parse::<i32>().expect("a number");
    let oparg = number() as u32;
    let (lineno, end_lineno, col_offset, end_col_offset) = (number(), number(), number(), number());
    Instruction { opcode, oparg, location: Location::new(lineno, col_offset, end_lineno, end_col_offset) }
}

fn read_const<'a, 'l>(arena: &'a Arena, words: &mut impl Iterator<Item = &'l str>) -> Const<'a> {
    let mut word = || words.next().expect("a constant");
    match word() {
        "None" => Const::None,
        "True" => Const::True,
        "False" => Const::False,
        "Ellipsis" => Const::Ellipsis,
        "int" => {
            let value: num_bigint::BigInt = word().parse().expect("an integer");
            match i64::try_from(&value) {
                Ok(value) => Const::Int(value),
                Err(_) => Const::BigInt(arena.alloc(BigInt::new(arena, &value))),
            }
        }
        "float" => Const::Float(f64::from_bits(word().parse().expect("bits"))),
        "complex" => Const::Complex(Complex {
            real: f64::from_bits(word().parse().expect("bits")),
            imag: f64::from_bits(word().parse().expect("bits")),
        }),
        "str" => Const::Str(Str::from_wtf8(arena.alloc_slice_copy(&unhex(word())))),
        "bytes" => Const::Bytes(arena.alloc_slice_copy(&unhex(word()))),
        kind @ ("tuple" | "frozenset") => {
            let count: usize = word().parse().expect("a count");
            let items: Vec<Const<'a>> = (0..count).map(|_| read_const(arena, words)).collect();
            let items = arena.alloc_slice_copy(&items);
            if kind == "tuple" { Const::Tuple(items) } else { Const::FrozenSet(items) }
        }
        "slice" => Const::Slice(arena.alloc([(); 3].map(|()| read_const(arena, words)))),
        other => panic!("constant of kind {other}"),
    }
}

fn unhex(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('x').expect("hexadecimal");
    (0..text.len() / 2).map(|at| u8::from_str_radix(&text[at * 2..at * 2 + 2], 16).expect("a byte")).collect()
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
