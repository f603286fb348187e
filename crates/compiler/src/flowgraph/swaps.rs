//! Makes runs of `SWAP`s short, and where it can swaps instructions instead of stack items.

use bytecode::Opcode;

use super::{Block, Instr};

impl Block {
    pub(super) fn optimize_swaps(&mut self) {
        let mut at = 0;
        while at < self.instrs.len() {
            if self.instrs[at].opcode == Opcode::SWAP {
                at = shorten_run(&mut self.instrs, at);
                apply_static_swaps(&mut self.instrs, at);
            }
            at += 1;
        }
    }
}

/// Replaces the run of `SWAP`s and `NOP`s at `start` by the fewest `SWAP`s that do the same, at its end.
/// Gives the last position of the run (`start` if nothing was done).
fn shorten_run(instrs: &mut [Instr], start: usize) -> usize {
    let mut length = 1;
    let mut depth = instrs[start].oparg as usize;
    let mut more = false;
    while let Some(instr) = instrs.get(start + length) {
        match instr.opcode {
            Opcode::SWAP => {
                depth = depth.max(instr.oparg as usize);
                more = true;
            }
            Opcode::NOP => {}
            _ => break,
        }
        length += 1;
    }
    if !more || depth > MAX_DEPTH {
        return start;
    }
    let run = &mut instrs[start..start + length];
    // Which item is where after the run; the top of the stack is 0.
    let mut stack: Vec<usize> = (0..depth).collect();
    for instr in run.iter() {
        if instr.opcode == Opcode::SWAP && instr.oparg > 0 {
            stack.swap(0, instr.oparg as usize - 1);
        }
    }
    // Each cycle of the permutation is undone by swapping with the top along it; writing the swaps from the end
    // turns undoing into doing.
    const VISITED: usize = usize::MAX;
    let mut unused = length;
    for first in 0..depth {
        if stack[first] == VISITED || stack[first] == first {
            continue;
        }
        let mut item = first;
        loop {
            if item != 0 {
                unused -= 1;
                run[unused].opcode = Opcode::SWAP;
                run[unused].oparg = item as u32 + 1;
            }
            if stack[item] == VISITED {
                break;
            }
            item = std::mem::replace(&mut stack[item], VISITED);
        }
    }
    for instr in &mut run[..unused] {
        instr.set_nop();
    }
    start + length - 1
}

/// Deeper permutations (of instruction sequences that programs make) stay as they are.
const MAX_DEPTH: usize = 1 << 16;

/// May change places with its like: pops one item, raises nothing, runs no code but finalizers.
fn is_swappable(opcode: Opcode) -> bool {
    matches!(opcode, Opcode::STORE_FAST | Opcode::STORE_FAST_MAYBE_NULL | Opcode::POP_TOP)
}

fn stores_to(instr: &Instr) -> Option<u32> {
    matches!(instr.opcode, Opcode::STORE_FAST | Opcode::STORE_FAST_MAYBE_NULL).then_some(instr.oparg)
}

/// The next swappable instruction after `at`, if nothing else comes first and it is on `line` (if one is asked for).
fn next_swappable(instrs: &[Instr], at: usize, line: Option<i32>) -> Option<usize> {
    for (position, instr) in instrs.iter().enumerate().skip(at + 1) {
        if line.is_some_and(|line| line >= 0 && instr.location.lineno != line) {
            return None;
        }
        if instr.opcode == Opcode::NOP {
            continue;
        }
        return is_swappable(instr.opcode).then_some(position);
    }
    None
}

/// From `at` backwards: drops a `SWAP n` by exchanging the first and the n-th of the pops that follow it.
fn apply_static_swaps(instrs: &mut [Instr], at: usize) {
    for swap in (0..=at).rev() {
        match instrs[swap].opcode {
            Opcode::SWAP => {}
            Opcode::NOP => continue,
            other if is_swappable(other) => continue,
            _ => return,
        }
        let Some(first) = next_swappable(instrs, swap, None) else { return };
        let line = instrs[first].location.lineno;
        let mut last = first;
        for _ in 1..instrs[swap].oparg {
            match next_swappable(instrs, last, Some(line)) {
                Some(next) => last = next,
                None => return,
            }
        }
        let (store_first, store_last) = (stores_to(&instrs[first]), stores_to(&instrs[last]));
        if store_first.is_some() || store_last.is_some() {
            if store_first == store_last {
                return;
            }
            // Nothing between may store to either place.
            let between = instrs.get(first + 1..last).unwrap_or(&[]);
            if between.iter().filter_map(stores_to).any(|place| {
                store_first == Some(place) || store_last == Some(place)
            }) {
                return;
            }
        }
        instrs[swap].set_nop();
        instrs.swap(first, last);
    }
}
