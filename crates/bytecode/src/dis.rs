//! Disassembly as `python -m dis` prints it, but for the addresses of code objects.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::code::{CodeUnit, Constant, Wtf8};
use crate::exception_table;
use crate::locations;
use crate::opcodes::{CACHES, Opcode, flags};
use crate::operands;
use crate::repr::write_repr;

/// What `dis` can be asked for.
#[derive(Clone, Copy, Default, Debug)]
pub struct DisOptions {
    /// Show offsets of instructions.
    pub offsets: bool,
    /// Do not go into nested code.
    pub flat: bool,
}

/// The listing of a code object and of those among its constants.
pub fn disassemble(code: &CodeUnit, options: DisOptions) -> String {
    let mut out = String::new();
    write_code(&mut out, code, options, 0);
    out
}

/// Nesting beyond which code among constants is left out.
const MAX_NESTING: usize = 200;

fn write_code(out: &mut String, code: &CodeUnit, options: DisOptions, nesting: usize) {
    Listing::new(code, options).write(out);
    if options.flat || nesting == MAX_NESTING {
        return;
    }
    for constant in &code.consts {
        if let Constant::Code(nested) = constant {
            out.push_str("\nDisassembly of ");
            write_repr(out, constant);
            out.push_str(":\n");
            write_code(out, nested, options, nesting + 1);
        }
    }
}

const OPNAME_WIDTH: usize = 20;
const OPARG_WIDTH: usize = 5;

/// An instruction as listed: prefixes stand for themselves.
struct Instruction {
    offset: usize,
    opcode: u8,
    /// With what its prefixes add; None if it takes none.
    arg: Option<u32>,
}

struct Listing<'a> {
    code: &'a CodeUnit,
    /// Labels by offset, counted from 1.
    labels: BTreeMap<usize, usize>,
    /// Lines by the offset at which they start; None for code without a line.
    lines: BTreeMap<usize, Option<i32>>,
    lineno_width: usize,
    label_width: usize,
    offset_width: usize,
}

impl<'a> Listing<'a> {
    fn new(code: &'a CodeUnit, options: DisOptions) -> Listing<'a> {
        let mut labels = BTreeMap::new();
        for instruction in instructions(&code.code) {
            if let Some(target) = jump_target(&instruction) {
                labels.insert(target, 0);
            }
        }
        for entry in exception_table::entries(&code.exceptiontable) {
            for unit in [entry.start, entry.end, entry.target] {
                labels.insert(unit as usize * 2, 0);
            }
        }
        labels
            .values_mut()
            .enumerate()
            .for_each(|(i, label)| *label = i + 1);
        let lines = line_starts(code);
        let digits = |n: usize| n.to_string().len();
        Listing {
            lineno_width: lineno_width(&lines),
            label_width: 4 + digits(labels.len()),
            offset_width: if options.offsets {
                digits(code.code.len().saturating_sub(2).max(9999))
            } else {
                0
            },
            code,
            labels,
            lines,
        }
    }

    fn write(&self, out: &mut String) {
        for instruction in instructions(&self.code.code) {
            self.write_instruction(out, &instruction);
        }
        let mut entries = exception_table::entries(&self.code.exceptiontable).peekable();
        if entries.peek().is_some() {
            out.push_str("ExceptionTable:\n");
        }
        for entry in entries {
            let label = |unit: u32| self.labels.get(&(unit as usize * 2)).copied().unwrap_or(0);
            let (start, end, target) = (label(entry.start), label(entry.end), label(entry.target));
            let lasti = if entry.lasti { " lasti" } else { "" };
            line(
                out,
                format_args!("  L{start} to L{end} -> L{target} [{}]{lasti}", entry.depth),
            );
        }
    }

    fn write_instruction(&self, out: &mut String, instruction: &Instruction) {
        let mut text = String::new();
        if self.lineno_width > 0 {
            let width = self.lineno_width;
            let start = self.lines.get(&instruction.offset);
            if start.is_some() && instruction.offset > 0 {
                out.push('\n');
            }
            let lineno = match start {
                Some(Some(line)) => line.to_string(),
                Some(None) => NO_LINE.to_string(),
                None => String::new(),
            };
            write!(text, "{lineno:>width$} ").unwrap_or(());
        }
        let label = match self.labels.get(&instruction.offset) {
            Some(label) => format!("L{label}:"),
            None => String::new(),
        };
        write!(text, "{label:>0$} ", self.label_width).unwrap_or(());
        if self.offset_width > 0 {
            write!(text, "{:>1$}   ", instruction.offset, self.offset_width).unwrap_or(());
        }
        let opcode = Opcode::from_number(instruction.opcode as u32);
        let name = opcode.map_or_else(
            || format!("<{}>", instruction.opcode),
            |op| op.name().to_string(),
        );
        write!(text, "    {name:<OPNAME_WIDTH$}").unwrap_or(());
        if let (Some(arg), Some(opcode)) = (instruction.arg, opcode) {
            let width = OPARG_WIDTH.saturating_sub(name.len().saturating_sub(OPNAME_WIDTH));
            write!(text, " {arg:>width$}").unwrap_or(());
            let details = self.details(opcode, arg, instruction);
            if !details.is_empty() {
                write!(text, " ({details})").unwrap_or(());
            }
        }
        line(out, format_args!("{}", text.trim_end()));
    }

    /// What stands in parentheses behind the argument.
    fn details(&self, opcode: Opcode, arg: u32, instruction: &Instruction) -> String {
        use Opcode::*;
        let index = arg as usize;
        let table = |names: &[&str]| {
            names
                .get(index)
                .map_or(String::new(), |name| name.to_string())
        };
        let with = |name: String, addition: &str| if arg & 1 != 0 { name + addition } else { name };
        match opcode.base() {
            LOAD_GLOBAL => with(self.name(index >> 1), " + NULL"),
            LOAD_ATTR => with(self.name(index >> 1), " + NULL|self"),
            LOAD_SUPER_ATTR => with(self.name(index >> 2), " + NULL|self"),
            LOAD_FAST_LOAD_FAST
            | LOAD_FAST_BORROW_LOAD_FAST_BORROW
            | STORE_FAST_LOAD_FAST
            | STORE_FAST_STORE_FAST => {
                format!("{}, {}", self.local(index >> 4), self.local(index & 15))
            }
            COMPARE_OP => {
                let symbol = operands::CMP_OPS
                    .get(index >> operands::COMPARE_OP_SHIFT)
                    .unwrap_or(&"");
                if arg & operands::COMPARE_OP_TO_BOOL != 0 {
                    format!("bool({symbol})")
                } else {
                    symbol.to_string()
                }
            }
            CONVERT_VALUE => table(&["", "str", "repr", "ascii"]),
            SET_FUNCTION_ATTRIBUTE => {
                let names = [
                    "defaults",
                    "kwdefaults",
                    "annotations",
                    "closure",
                    "annotate",
                ];
                let set = names
                    .iter()
                    .enumerate()
                    .filter(|(i, _)| arg >> i & 1 != 0)
                    .map(|(_, name)| *name);
                set.collect::<Vec<_>>().join(", ")
            }
            BINARY_OP => operands::NB_OPS
                .get(index)
                .map_or(String::new(), |op| op.1.to_string()),
            CALL_INTRINSIC_1 => table(&operands::INTRINSICS_1),
            CALL_INTRINSIC_2 => table(&operands::INTRINSICS_2),
            LOAD_COMMON_CONSTANT => match table(&operands::COMMON_CONSTANTS) {
                name if name == "all" || name == "any" => format!("<built-in function {name}>"),
                name => name,
            },
            LOAD_SPECIAL => table(&operands::SPECIAL_METHODS),
            IS_OP => ["is", "is not"][(arg != 0) as usize].to_string(),
            CONTAINS_OP => ["in", "not in"][(arg != 0) as usize].to_string(),
            base if base.has(flags::JUMP) => {
                let preposition = if base == END_ASYNC_FOR { "from" } else { "to" };
                let label = jump_target(instruction).and_then(|target| self.labels.get(&target));
                format!("{preposition} L{}", label.unwrap_or(&0))
            }
            base if base.has(flags::CONST) => {
                let mut text = String::new();
                if let Some(constant) = self.code.consts.get(index) {
                    write_repr(&mut text, constant);
                }
                text
            }
            base if base.has(flags::NAME) => self.name(index),
            base if base.has(flags::LOCAL | flags::FREE) => self.local(index),
            _ => String::new(),
        }
    }

    fn name(&self, index: usize) -> String {
        self.code
            .names
            .get(index)
            .map_or(String::new(), Wtf8::to_string_lossy)
    }

    fn local(&self, index: usize) -> String {
        self.code
            .localsplusnames
            .get(index)
            .map_or(String::new(), Wtf8::to_string_lossy)
    }
}

fn line(out: &mut String, text: std::fmt::Arguments) {
    out.write_fmt(text).unwrap_or(());
    out.push('\n');
}

/// All instructions, caches left out.
fn instructions(code: &[u8]) -> impl Iterator<Item = Instruction> + '_ {
    let (mut offset, mut prefix) = (0, 0u32);
    std::iter::from_fn(move || {
        let (&opcode, &low) = (code.get(offset)?, code.get(offset + 1)?);
        let known = Opcode::from_number(opcode as u32).map(Opcode::base);
        let arg = prefix << 8 | low as u32;
        prefix = if known == Some(Opcode::EXTENDED_ARG) {
            arg
        } else {
            0
        };
        let has_arg = known.is_some_and(|known| known.has(flags::ARG));
        let instruction = Instruction {
            offset,
            opcode,
            arg: has_arg.then_some(arg),
        };
        offset += 2 + 2 * known.map_or(0, |known| CACHES[known as usize] as usize);
        Some(instruction)
    })
}

fn jump_target(instruction: &Instruction) -> Option<usize> {
    let opcode = Opcode::from_number(instruction.opcode as u32)?.base();
    let distance = instruction.arg.filter(|_| opcode.has(flags::JUMP))? as usize * 2;
    let next = instruction.offset + 2 + opcode.caches() * 2;
    if opcode.is_backward_jump() {
        next.checked_sub(distance)
    } else {
        Some(next + distance)
    }
}

fn line_starts(code: &CodeUnit) -> BTreeMap<usize, Option<i32>> {
    let ranges = locations::lines(&code.linetable, code.firstlineno);
    ranges
        .map(|range| (range.start, (range.lineno != -1).then_some(range.lineno)))
        .collect()
}

fn lineno_width(lines: &BTreeMap<usize, Option<i32>>) -> usize {
    // Line 0 is no line: that of a module's RESUME.
    let Some(last) = lines.values().flatten().filter(|&&line| line != 0).max() else {
        return 0;
    };
    let width = last.to_string().len().max(3);
    if lines.values().any(Option::is_none) {
        width.max(NO_LINE.len())
    } else {
        width
    }
}

/// In place of a line number.
const NO_LINE: &str = "  --";
