//! Short programs with the tree or error that the reference gives; `tools/record_syntax_cases.py` records them.

use syntax::{Arena, Mode, NoHost, Settings, SyntaxError};

fn describe(error: &SyntaxError) -> String {
    let text = error.text.as_ref().map_or("None".into(), |text| syntax::dump::repr_str(text.as_bytes()));
    let at = error.last_statement.map_or("None".into(), |at| format!("{at:?}"));
    let place = format!("{} {} {} {}", error.lineno, error.offset, error.end_lineno, error.end_offset);
    format!("{}: {} @ {place} {text} {at}", error.class_name(), error.message())
}

fn answer(mode: &str, source: &str) -> String {
    let arena = Arena::new();
    let mode = match mode {
        "single" => Mode::Single,
        "eval" => Mode::Eval,
        _ => Mode::Exec,
    };
    match syntax::parse(&arena, source.as_bytes(), Settings::new(mode), &mut NoHost) {
        Ok(tree) => syntax::dump::dump(&tree, true, None).expect("a shallow tree"),
        Err(error) => describe(&error),
    }
}

fn check(cases: &str) {
    let mut wrong = Vec::new();
    for case in cases.split("=== ").skip(1) {
        let (mode, rest) = case.split_once('\n').expect("a mode");
        let (source, expected) = rest.split_once("--- \n").expect("an answer");
        let found = answer(mode, source);
        if found != expected.trim_end_matches('\n') {
            wrong.push(format!("{source}\nexpected {expected}found    {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn errors_are_the_references() {
    check(include_str!("errors.txt"));
}

#[test]
fn trees_are_the_references() {
    check(include_str!("trees.txt"));
}
