//! Checks a graph's invariants between passes, in debug builds.

use super::{ENTRY, Graph, is_jump};

/// Panics with the listing of a graph that a pass has broken.
pub fn assert_valid(graph: &Graph, after: &str) {
    if let Some(fault) = fault(graph) {
        panic!("control-flow graph broken after {after}: {fault}\n{}", graph.listing());
    }
}

/// What is wrong with the graph, if anything.
pub fn fault(graph: &Graph) -> Option<String> {
    let mut in_order = vec![false; graph.used];
    let mut at = ENTRY;
    while at.is_some() {
        match in_order.get_mut(at.index()) {
            None => return Some(format!("{at:?} does not exist")),
            Some(seen) if *seen => return Some(format!("{at:?} stands twice")),
            Some(seen) => *seen = true,
        }
        at = graph[at].next;
    }
    for id in graph.order() {
        let block = &graph[id];
        if let Some(missing) = block.instrs.iter().find(|instr| instr.holds() & !block.holds != 0) {
            return Some(format!("{id:?} does not say that it holds {}", missing.opcode.name()));
        }
        for (position, instr) in block.instrs.iter().enumerate() {
            let last = position + 1 == block.instrs.len();
            // NOT_TAKEN closes the block of the jump it belongs to.
            let closing = is_jump(instr.opcode) || instr.opcode.is_scope_exit();
            let not_taken = block.instrs.get(position + 1).is_some_and(|next| next.opcode == bytecode::Opcode::NOT_TAKEN);
            if closing && !last && !not_taken {
                return Some(format!("{id:?}: {} at {position} is not the last", instr.opcode.name()));
            }
            if instr.has_target() && !in_order.get(instr.target.index()).copied().unwrap_or(false) {
                return Some(format!("{id:?}: target {:?} of {position} does not stand anywhere", instr.target));
            }
        }
    }
    None
}
