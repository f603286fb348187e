//! First pass: instructions one by one, arguments in their ranges, jumps onto instructions.

use super::{CodeView, Result, VerifyError};
use crate::exception_table::{self, ExceptionEntry};
use crate::opcodes::{Kind, Opcode, flags};

/// An instruction with its prefixes joined.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    pub opcode: Opcode,
    pub arg: u32,
    /// Unit of the instruction itself, after its prefixes.
    pub unit: u32,
    /// Index of the instruction jumped to, or `NONE`.
    pub target: u32,
    /// Index of the exception table's entry, or `NONE`.
    pub handler: u32,
}

pub const NONE: u32 = u32::MAX;

pub struct Handler {
    pub entry: ExceptionEntry,
    /// Index of the instruction.
    pub target: u32,
}

pub struct Decoded {
    pub instructions: Vec<Instruction>,
    pub handlers: Vec<Handler>,
    /// By index of instruction: some path meets others here.
    pub is_leader: Vec<bool>,
}

pub fn decode(view: &CodeView) -> Result<Decoded> {
    let units = view.code.as_chunks::<2>();
    if view.code.is_empty() || !units.1.is_empty() || view.code.len() / 2 > i32::MAX as usize / 2 {
        return Err(VerifyError::whole("code: co_code is malformed"));
    }
    let (mut instructions, index_at) = instructions(view, units.0)?;
    let mut decoded = Decoded {
        is_leader: vec![false; instructions.len()],
        handlers: Vec::new(),
        instructions: Vec::new(),
    };
    resolve_jumps(&mut instructions, &index_at, &mut decoded.is_leader)?;
    decoded.handlers = handlers(view, &index_at, &mut decoded.is_leader)?;
    assign_handlers(&mut instructions, &decoded.handlers);
    check_generator(view, &instructions, &decoded.is_leader)?;
    decoded.instructions = instructions;
    Ok(decoded)
}

/// All instructions, and for each unit the index of the instruction that starts there (prefixes count as
/// part of it) or `NONE`.
fn instructions(view: &CodeView, units: &[[u8; 2]]) -> Result<(Vec<Instruction>, Vec<u32>)> {
    let mut instructions = Vec::with_capacity(units.len() / 2 + 1);
    let mut index_at = vec![NONE; units.len()];
    let mut unit = 0;
    while unit < units.len() {
        index_at[unit] = instructions.len() as u32;
        let (mut arg, mut prefixes) = (0u32, 0);
        while units[unit][0] == Opcode::EXTENDED_ARG as u8 {
            arg = arg << 8 | units[unit][1] as u32;
            prefixes += 1;
            unit += 1;
            if prefixes > 3 || unit == units.len() {
                return Err(VerifyError::at(
                    unit - 1,
                    "EXTENDED_ARG without an instruction",
                ));
            }
        }
        let [byte, low] = units[unit];
        let opcode = Opcode::from_number(byte as u32)
            .filter(|&opcode| is_allowed(opcode))
            .ok_or(VerifyError::at(
                unit,
                "an instruction that no compiler writes",
            ))?;
        arg = arg << 8 | low as u32;
        if arg > i32::MAX as u32 {
            return Err(VerifyError::at(unit, "argument out of range"));
        }
        check_argument(view, opcode, arg).map_err(|message| VerifyError::at(unit, message))?;
        instructions.push(Instruction {
            opcode,
            arg,
            unit: unit as u32,
            target: NONE,
            handler: NONE,
        });
        let end = unit + 1 + opcode.caches();
        match units.get(unit + 1..end) {
            Some(caches) if caches.iter().all(|cache| *cache == [0, 0]) => {}
            _ => return Err(VerifyError::at(unit, "inline caches that are not empty")),
        }
        unit = end;
    }
    Ok((instructions, index_at))
}

fn is_allowed(opcode: Opcode) -> bool {
    use Opcode::*;
    let internal = matches!(
        opcode,
        CACHE | RESERVED | INTERPRETER_EXIT | EXIT_INIT_CHECK | ENTER_EXECUTOR
    );
    opcode.info().kind == Kind::Base && !internal
}

/// Ranges of arguments; those of jumps and of the stack come later.
fn check_argument(
    view: &CodeView,
    opcode: Opcode,
    arg: u32,
) -> std::result::Result<(), &'static str> {
    use Opcode::*;
    let locals = view.localspluskinds.len();
    let index = arg as usize;
    let fits = match opcode {
        LOAD_FAST_LOAD_FAST
        | LOAD_FAST_BORROW_LOAD_FAST_BORROW
        | STORE_FAST_LOAD_FAST
        | STORE_FAST_STORE_FAST => index >> 4 < locals && index & 15 < locals,
        COPY_FREE_VARS => index == view.free_count(),
        LOAD_ATTR | LOAD_GLOBAL => index >> 1 < view.names,
        LOAD_SUPER_ATTR => index >> 2 < view.names,
        LOAD_SMALL_INT => arg <= 256,
        LOAD_COMMON_CONSTANT => arg < 5,
        LOAD_SPECIAL => arg < 4,
        CALL_INTRINSIC_1 => (1..=11).contains(&arg),
        CALL_INTRINSIC_2 => (1..=5).contains(&arg),
        BINARY_OP => arg < 27,
        COMPARE_OP => arg >> 5 < 6,
        CONTAINS_OP | IS_OP => arg <= 1,
        CONVERT_VALUE => (1..=3).contains(&arg),
        BUILD_INTERPOLATION => arg >> 2 <= 3,
        BUILD_SLICE => arg == 2 || arg == 3,
        RAISE_VARARGS | RERAISE => arg <= 2,
        SET_FUNCTION_ATTRIBUTE => matches!(arg, 1 | 2 | 4 | 8 | 16),
        COPY | SWAP | LIST_APPEND | LIST_EXTEND | SET_ADD | SET_UPDATE | MAP_ADD | DICT_UPDATE
        | DICT_MERGE => arg >= 1,
        UNPACK_EX => arg >> 8 <= i32::MAX as u32 >> 9,
        BUILD_MAP => arg <= i32::MAX as u32 / 2,
        _ if opcode.has(flags::CONST) => index < view.consts,
        _ if opcode.has(flags::NAME) => index < view.names,
        _ if opcode.has(flags::LOCAL | flags::FREE) => index < locals,
        _ => true,
    };
    if fits {
        Ok(())
    } else {
        Err("argument out of range")
    }
}

fn resolve_jumps(
    instructions: &mut [Instruction],
    index_at: &[u32],
    is_leader: &mut [bool],
) -> Result<()> {
    for i in 0..instructions.len() {
        let Instruction {
            opcode, arg, unit, ..
        } = instructions[i];
        if !opcode.has(flags::JUMP) {
            continue;
        }
        let next = unit as i64 + 1 + opcode.caches() as i64;
        let target = if opcode.is_backward_jump() {
            next - arg as i64
        } else {
            next + arg as i64
        };
        let error = VerifyError::at(unit as usize, "jump to no instruction");
        let index = usize::try_from(target)
            .ok()
            .and_then(|t| index_at.get(t))
            .copied();
        let index = index.filter(|&index| index != NONE).ok_or(error)?;
        if opcode == Opcode::END_ASYNC_FOR {
            // Its argument only tells monitoring where the loop is.
            continue;
        }
        if opcode == Opcode::FOR_ITER && instructions[index as usize].opcode != Opcode::END_FOR {
            return Err(VerifyError::at(unit as usize, "FOR_ITER without END_FOR"));
        }
        instructions[i].target = index;
        is_leader[index as usize] = true;
    }
    Ok(())
}

fn handlers(view: &CodeView, index_at: &[u32], is_leader: &mut [bool]) -> Result<Vec<Handler>> {
    let mut entries = exception_table::entries(view.exceptiontable);
    let mut handlers = Vec::new();
    let mut end = 0;
    for entry in &mut entries {
        let target = index_at.get(entry.target as usize).copied().unwrap_or(NONE);
        let in_order = end <= entry.start && entry.start < entry.end;
        if !in_order || entry.end as usize > index_at.len() || target == NONE {
            return Err(VerifyError::whole("exception table is malformed"));
        }
        end = entry.end;
        is_leader[target as usize] = true;
        handlers.push(Handler { entry, target });
    }
    if entries.position() != view.exceptiontable.len() {
        return Err(VerifyError::whole("exception table is malformed"));
    }
    Ok(handlers)
}

/// Both lists are in order, so one walk over both does it.
fn assign_handlers(instructions: &mut [Instruction], handlers: &[Handler]) {
    let mut next = 0;
    for instruction in instructions {
        while handlers
            .get(next)
            .is_some_and(|h| h.entry.end <= instruction.unit)
        {
            next += 1;
        }
        if handlers
            .get(next)
            .is_some_and(|h| h.entry.start <= instruction.unit)
        {
            instruction.handler = next as u32;
        }
    }
}

/// `RETURN_GENERATOR` once, after nothing but the making of cells, never jumped at or before.
fn check_generator(
    view: &CodeView,
    instructions: &[Instruction],
    is_leader: &[bool],
) -> Result<()> {
    use Opcode::*;
    let is_return = |i: &&Instruction| i.opcode == RETURN_GENERATOR;
    let prefix = instructions
        .iter()
        .take_while(|i| matches!(i.opcode, COPY_FREE_VARS | MAKE_CELL | NOP))
        .count();
    let starts = instructions.get(prefix).filter(is_return).is_some();
    let count = instructions.iter().filter(is_return).count();
    if starts != view.is_generator() || count != starts as usize {
        return Err(VerifyError::whole(
            "RETURN_GENERATOR is missing or misplaced",
        ));
    }
    if starts && is_leader[..=prefix].contains(&true) {
        return Err(VerifyError::whole("a jump to before RETURN_GENERATOR"));
    }
    let yields = instructions.iter().find(|i| i.opcode == YIELD_VALUE);
    match yields {
        Some(i) if !starts => Err(VerifyError::at(
            i.unit as usize,
            "yield outside of a generator",
        )),
        _ => Ok(()),
    }
}
