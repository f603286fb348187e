//! Runs the graph optimiser on instruction sequences in text, for comparison with the reference's
//! `_testinternalcapi.optimize_cfg` (see `tools/check_optimize_cfg.py`; the form is that of `flowgraph::text`).

use compiler::flowgraph::{Graph, text};

fn main() {
    let input = std::io::read_to_string(std::io::stdin()).expect("readable input");
    let mut lines = input.lines().peekable();
    let mut graph = Graph::new();
    while lines.peek().is_some() {
        print!("{}", text::optimize_case(&mut graph, &mut lines).expect("a well-formed case"));
    }
}
