//! Evaluates operations on constants and replaces displays of constants by a constant.
//!
//! An operation that would raise stays as it is; so do results that would be large (see `const_eval`).

use bytecode::Opcode;
use syntax::ast::Arena;

use super::const_eval::{eval_binary, eval_unary};
use super::load_const::{const_value, loads_const, small_int};
use super::{Instr, nop_out};
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

    /// `BUILD_LIST 0`, each constant followed by `LIST_APPEND 1`, conversion to a tuple: the tuple.
    pub(super) fn fold_list_to_tuple(&mut self, instrs: &mut [Instr], at: usize) {
        let mut expect_append = true;
        let mut items = Vec::new();
        for start in (0..at).rev() {
            let instr = instrs[start];
            if instr.opcode == Opcode::NOP {
                continue;
            }
            if instr.opcode == Opcode::BUILD_LIST && instr.oparg == 0 {
                if !expect_append {
                    return;
                }
                items.reverse();
                for position in start..at {
                    if instrs[position].opcode != Opcode::NOP {
                        nop_out(instrs, &[position]);
                    }
                }
                let items = self.arena.alloc_slice_copy(&items);
                self.load(&mut instrs[at], Const::Tuple(items));
                return;
            }
            if expect_append {
                if instr.opcode != Opcode::LIST_APPEND || instr.oparg != 1 {
                    return;
                }
            } else {
                if !loads_const(instr.opcode) {
                    return;
                }
                items.push(self.value(&instr));
            }
            expect_append = !expect_append;
        }
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
            match frozen_set(self.arena, items) {
                Some(set) => set,
                None => return,
            }
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

/// The set's items, each once by Python's equality (of `1` and `True` the first stays). Code is not for sets.
fn frozen_set<'a>(arena: &'a Arena, items: &[Const<'a>]) -> Option<Const<'a>> {
    let mut unique: Vec<Const<'a>> = Vec::with_capacity(items.len());
    for item in items {
        if matches!(item, Const::Code(_)) {
            return None;
        }
        if !unique.iter().any(|other| super::const_eval::equal(other, item)) {
            unique.push(*item);
        }
    }
    Some(Const::FrozenSet(arena.alloc_slice_copy(&unique)))
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
