//! The graph optimiser against results that were recorded with CPython 3.14:
//! `python3.14 tools/check_optimize_cfg.py - --random 50 --seed 7 --record crates/compiler/tests/data/optimize_cfg.txt`.

use compiler::flowgraph::{Graph, text};

#[test]
fn optimised_sequences_equal_the_recorded_ones() {
    let record = include_str!("data/optimize_cfg.txt");
    let mut lines = record.lines().peekable();
    let mut graph = Graph::new();
    let mut count = 0;
    while lines.peek().is_some() {
        let found = text::optimize_case(&mut graph, &mut lines).expect("a well-formed case");
        let expected: String =
            lines.by_ref().take_while(|line| *line != "==").flat_map(|line| [line, "\n"]).chain(["==\n"]).collect();
        count += 1;
        assert_eq!(found, expected, "case {count}");
    }
    assert!(count > 40);
}
