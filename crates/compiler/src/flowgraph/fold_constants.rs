//! Evaluates operations on constants and replaces displays of constants by a constant.
//!
//! An operation that would raise stays as it is; so do results that would be large (see `const_eval`).

use bytecode::Opcode;
use rustc_hash::FxHashMap;
use syntax::ast::Arena;

use super::const_eval::{eval_binary, eval_unary};
use super::load_const::{const_value, loads_const, small_int};
use super::{Instr, nop_out};
use crate::instruction::NO_LOCATION;
use crate::unit::{Const, ConstTable};

/// Displays with more items than this are built at run time.
const STACK_USE_GUIDELINE: usize = 30;
/// Displays of lists and sets shorter than this are built item by item, unless they are only iterated.
const MIN_CONST_SEQUENCE_SIZE: usize = 3;

pub(super) struct Folder<'a, 'c> {
    pub(super) arena: &'a Arena,
    pub(super) consts: &'c mut ConstTable<'a>,
}

impl<'a> Folder<'a, '_> {
    pub(super) fn fold_unary(&mut self, instrs: &mut [Instr], at: usize) {
        let Some([operand]) = const_loads::<1>(instrs, at) else { return };
        let Instr { opcode, oparg, .. } = instrs[at];
        if let Some(result) = eval_unary(self.arena, opcode, oparg, self.value(&instrs[operand])) {
            nop_out(instrs, &[operand]);
            self.load(&mut instrs[at], result);
        }
    }

    pub(super) fn fold_binary(&mut self, instrs: &mut [Instr], at: usize) {
        let Some([left, right]) = const_loads::<2>(instrs, at) else { return };
        let (lhs, rhs) = (self.value(&instrs[left]), self.value(&instrs[right]));
        if let Some(result) = eval_binary(self.arena, instrs[at].oparg, lhs, rhs) {
            nop_out(instrs, &[left, right]);
            self.load(&mut instrs[at], result);
        }
    }

    pub(super) fn fold_tuple(&mut self, instrs: &mut [Instr], at: usize) {
        let size = instrs[at].oparg as usize;
        let mut positions = [0; STACK_USE_GUIDELINE];
        if size > STACK_USE_GUIDELINE || !find_const_loads(instrs, at, &mut positions[..size]) {
            return;
        }
        let items = self.collect(instrs, &positions[..size]);
        nop_out(instrs, &positions[..size]);
        self.load(&mut instrs[at], Const::Tuple(items));
    }

    /// A tuple of constants that was built as a list, converted at `at`. Tells whether it was one.
    pub(super) fn fold_list_to_tuple(&mut self, instrs: &mut [Instr], at: usize) -> bool {
        let Some(start) = find_appends(instrs, at, Opcode::BUILD_LIST, Opcode::LIST_APPEND) else { return false };
        let items = self.take_items(&mut instrs[start..at]);
        self.load(&mut instrs[at], Const::Tuple(items));
        true
    }

    /// A list or set of constants, the last added at `at`, that is only iterated or searched.
    pub(super) fn fold_appends(&mut self, instrs: &mut [Instr], at: usize) {
        let append = instrs[at].opcode;
        let build = if append == Opcode::LIST_APPEND { Opcode::BUILD_LIST } else { Opcode::BUILD_SET };
        let Some(start) = find_appends(instrs, at + 1, build, append) else { return };
        let items = self.take_items(&mut instrs[start..at + 1]);
        let value = if append == Opcode::LIST_APPEND {
            Const::Tuple(items)
        } else {
            frozen_set(self.arena, items)
        };
        self.load(&mut instrs[at], value);
    }

    /// The constants loaded by the instructions, which all become `NOP`s.
    fn take_items(&self, instrs: &mut [Instr]) -> &'a [Const<'a>] {
        let loads = instrs.iter().filter(|instr| loads_const(instr.opcode));
        let items: Vec<Const<'a>> = loads.map(|instr| self.value(instr)).collect();
        for instr in instrs.iter_mut().filter(|instr| instr.opcode != Opcode::NOP) {
            instr.set_nop();
            instr.location = NO_LOCATION;
        }
        self.arena.alloc_slice_copy(&items)
    }

    /// A display that is iterated or searched at once becomes a tuple or frozenset; one of constants is filled from
    /// such a constant.
    pub(super) fn fold_list_or_set(&mut self, instrs: &mut [Instr], at: usize, next: Opcode) {
        let contains_or_iter = matches!(next, Opcode::GET_ITER | Opcode::CONTAINS_OP);
        let Instr { opcode, oparg, location, .. } = instrs[at];
        let size = oparg as usize;
        if size > STACK_USE_GUIDELINE || (size < MIN_CONST_SEQUENCE_SIZE && !contains_or_iter) {
            return;
        }
        let mut positions = [0; STACK_USE_GUIDELINE];
        if !find_const_loads(instrs, at, &mut positions[..size]) {
            if contains_or_iter && opcode == Opcode::BUILD_LIST {
                instrs[at].opcode = Opcode::BUILD_TUPLE;
            }
            return;
        }
        let items = self.collect(instrs, &positions[..size]);
        let result = if opcode == Opcode::BUILD_SET {
            frozen_set(self.arena, items)
        } else {
            Const::Tuple(items)
        };
        let index = self.consts.add(result);
        nop_out(instrs, &positions[..size]);
        if contains_or_iter {
            instrs[at].set_op1(Opcode::LOAD_CONST, index);
        } else {
            // Three constants at least were before, so there is room.
            instrs[at - 2].location = location;
            instrs[at - 2].set_op1(opcode, 0);
            instrs[at - 1].set_op1(Opcode::LOAD_CONST, index);
            let extend = if opcode == Opcode::BUILD_LIST { Opcode::LIST_EXTEND } else { Opcode::SET_UPDATE };
            instrs[at].set_op1(extend, 1);
        }
    }

    fn value(&self, instr: &Instr) -> Const<'a> {
        const_value(instr.opcode, instr.oparg, self.consts)
    }

    fn collect(&self, instrs: &[Instr], positions: &[usize]) -> &'a [Const<'a>] {
        self.arena.alloc_slice_fill_iter(positions.iter().map(|&position| self.value(&instrs[position])))
    }

    fn load(&mut self, instr: &mut Instr, value: Const<'a>) {
        match small_int(value) {
            Some(small) => instr.set_op1(Opcode::LOAD_SMALL_INT, small),
            None => instr.set_op1(Opcode::LOAD_CONST, self.consts.add(value)),
        }
    }
}

/// The set of the items, each once by Python's equality (of `1` and `True` the first stays).
fn frozen_set<'a>(arena: &'a Arena, items: &[Const<'a>]) -> Const<'a> {
    let mut unique: Vec<Const<'a>> = Vec::with_capacity(items.len());
    let mut seen: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
    for item in items {
        let alike = seen.entry(super::const_eval::equality_hash(item)).or_default();
        if !alike.iter().any(|&other| super::const_eval::equal(&unique[other], item)) {
            alike.push(unique.len());
            unique.push(*item);
        }
    }
    Const::FrozenSet(arena.alloc_slice_copy(&unique))
}

/// Where a display begins that is built empty and then filled by constants one by one, right before `end`.
fn find_appends(instrs: &[Instr], end: usize, build: Opcode, append: Opcode) -> Option<usize> {
    let mut expect_append = true;
    for start in (0..end).rev() {
        let instr = instrs[start];
        if instr.opcode == Opcode::NOP {
            continue;
        }
        if instr.opcode == build && instr.oparg == 0 {
            return expect_append.then_some(start);
        }
        let expected = if expect_append { instr.opcode == append && instr.oparg == 1 } else { loads_const(instr.opcode) };
        if !expected {
            return None;
        }
        expect_append = !expect_append;
    }
    None
}

fn const_loads<const N: usize>(instrs: &[Instr], before: usize) -> Option<[usize; N]> {
    let mut positions = [0; N];
    find_const_loads(instrs, before, &mut positions).then_some(positions)
}

/// Positions of the constant loads right before `before`, `NOP`s skipped; whether there are that many.
fn find_const_loads(instrs: &[Instr], before: usize, positions: &mut [usize]) -> bool {
    let mut at = before;
    for position in positions.iter_mut().rev() {
        loop {
            if at == 0 {
                return false;
            }
            at -= 1;
            if instrs[at].opcode != Opcode::NOP {
                break;
            }
        }
        if !loads_const(instrs[at].opcode) {
            return false;
        }
        *position = at;
    }
    true
}
