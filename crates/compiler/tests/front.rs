//! Symbols, generated code and errors of small programs.

use compiler::emit::{Stage, emit};
use compiler::{CompileError, Options, compile};
use syntax::{Arena, Host, Location, Mode, NoHost, Raised, Settings};

/// Collects warnings, and makes errors of them if told so.
#[derive(Default)]
struct Recorder {
    warnings: Vec<(String, i32)>,
    as_errors: bool,
}

impl Host for Recorder {
    fn warn_at(&mut self, message: &str, location: Location) -> Result<bool, Raised> {
        self.warnings.push((message.to_owned(), location.lineno));
        Ok(self.as_errors)
    }
}

fn options() -> Options {
    Options { filename: "test".into(), flags: 0, optimize: 0 }
}

fn compile_with(source: &str, host: &mut Recorder) -> Result<bytecode::CodeUnit, CompileError> {
    let arena = Arena::new();
    let module = syntax::parse(&arena, source.as_bytes(), Settings::new(Mode::Exec), &mut NoHost)
        .unwrap_or_else(|error| panic!("{source:?}: {}", error.message()));
    compile(&arena, &module, &options(), host)
}

fn error_of(source: &str) -> String {
    match compile_with(source, &mut Recorder::default()) {
        Err(CompileError::Syntax(error)) => {
            let at = error.location;
            format!("{}:{}-{}:{} {}", at.lineno, at.col_offset, at.end_lineno, at.end_col_offset, error.message)
        }
        other => panic!("{source:?}: {other:?}"),
    }
}

fn shown(source: &str, stage: Stage) -> String {
    let arena = Arena::new();
    let module = syntax::parse(&arena, source.as_bytes(), Settings::new(Mode::Exec), &mut NoHost)
        .unwrap_or_else(|error| panic!("{source:?}: {}", error.message()));
    emit(&arena, &module, &options(), stage, &mut NoHost).unwrap_or_else(|error| panic!("{source:?}: {error:?}"))
}

/// The strings among the constants of a code object and of those inside.
fn strings(code: &bytecode::CodeUnit) -> Vec<String> {
    let mut found = Vec::new();
    for constant in &code.consts {
        match constant {
            bytecode::Constant::Str(text) => found.push(text.to_string_lossy()),
            bytecode::Constant::Code(code) => found.extend(strings(code)),
            _ => {}
        }
    }
    found
}

#[test]
fn errors_have_the_words_and_places_of_the_reference() {
    for (source, expected) in [
        ("return 1", "1:0-1:8 'return' outside function"),
        ("def f(a, a): pass", "1:9-1:10 duplicate argument 'a' in function definition"),
        ("def f():\n x = 1\n global x", "3:1-3:9 name 'x' is assigned to before global declaration"),
        ("def f():\n nonlocal x", "2:1-2:11 no binding for nonlocal 'x' found"),
        ("break", "1:0-1:5 'break' outside loop"),
        ("def f(): await x", "1:9-1:16 'await' outside async function"),
        ("f(a=1, a=2)", "1:7-1:10 keyword argument repeated: a"),
        ("match x:\n case a: pass\n case b: pass", "2:6-2:7 name capture 'a' makes remaining patterns unreachable"),
        ("match x:\n case {1: a, True: b}: pass", "2:6-2:21 mapping pattern checks duplicate key (True)"),
        ("x = 1\nfrom __future__ import annotations", "2:0-2:34 from __future__ imports must occur at the beginning of the file"),
        ("try: a\nexcept* A: continue", "2:11-2:19 'break', 'continue' and 'return' cannot appear in an except* block"),
    ] {
        assert_eq!(error_of(source), expected, "{source}");
    }
}

#[test]
fn warnings_go_to_the_host_and_may_become_errors() {
    let mut host = Recorder::default();
    assert!(compile_with("x is 1\n'a'()\n", &mut host).is_ok());
    assert_eq!(
        host.warnings,
        [
            ("\"is\" with 'int' literal. Did you mean \"==\"?".to_owned(), 1),
            ("'str' object is not callable; perhaps you missed a comma?".to_owned(), 2),
        ]
    );
    let mut host = Recorder { as_errors: true, ..Recorder::default() };
    assert!(matches!(compile_with("x is 1", &mut host), Err(CompileError::Syntax(error)) if error.in_args));
}

#[test]
fn a_finally_body_warns_once_although_it_is_generated_twice() {
    let mut host = Recorder::default();
    assert!(compile_with("try: pass\nfinally: 1 is x\n", &mut host).is_ok());
    assert_eq!(host.warnings.len(), 1);
}

#[test]
fn docstrings_lose_the_indentation_of_the_source() {
    let code = compile_with("def f():\n  '''first\n     second\n    third\n\n\ttabbed'''\n", &mut Recorder::default());
    let code = code.unwrap_or_else(|error| panic!("{error:?}"));
    assert!(strings(&code).contains(&"first\n second\nthird\n\n    tabbed".to_owned()), "{:?}", strings(&code));
}

#[test]
fn annotations_become_text_with_the_fewest_parentheses() {
    let source = "from __future__ import annotations\n\
                  x: (a+b)*c ** (-d) if (not e) else lambda x, /, *y, z=1: (x , y)\n\
                  y: f'{a!r:>{w}} {{}}' [1:2, ...]\n";
    let code = compile_with(source, &mut Recorder::default()).unwrap_or_else(|error| panic!("{error:?}"));
    let strings = strings(&code);
    assert!(
        strings.contains(&"(a + b) * c ** (-d) if not e else lambda x, /, *y, z=1: (x, y)".to_owned()),
        "{strings:?}"
    );
    assert!(strings.contains(&"f'{a!r:>{w}} {{}}'[1:2, ...]".to_owned()), "{strings:?}");
}

#[test]
fn inlined_comprehensions_merge_their_names() {
    let symbols = shown("def f(y):\n    return [lambda: x for x in y]\n", Stage::Symbols);
    assert!(symbols.contains("x: cell, assigned, iteration variable, cell of a comprehension"), "{symbols}");
    assert!(symbols.contains("x: free, used"), "{symbols}");
}

#[test]
fn deep_nesting_is_an_error_and_no_crash() {
    let deep = format!("x{}", ".a".repeat(200_000));
    let result = std::thread::Builder::new()
        .stack_size(16 << 20)
        .spawn(move || matches!(compile_with(&deep, &mut Recorder::default()), Err(CompileError::Recursion)))
        .map(|thread| thread.join());
    assert!(matches!(result, Ok(Ok(true))), "{result:?}");
}

#[test]
fn stages_show_themselves() {
    let source = "def f(a):\n    return a\n";
    assert!(shown(source, Stage::Instructions).contains("LOAD_FAST 0"));
    assert!(shown(source, Stage::Cfg).contains("RETURN_VALUE"));
    assert!(shown(source, Stage::CfgDot).contains("digraph"));
}
