//! What recorded cases cannot show: hosts, interactive input, depth, streams of tokens.

use syntax::ast::{Mod, StmtKind};
use syntax::tokenizer::stream::{Next, TokenStream};
use syntax::tokenizer::Warning;
use syntax::{Arena, ErrorClass, Host, Mode, NoHost, Raised, Settings};

/// Notes warnings, and makes errors of them if told so; reads lines from a list.
#[derive(Default)]
struct TestHost {
    warnings: Vec<String>,
    strict: bool,
    lines: Vec<&'static str>,
    prompts: Vec<bool>,
}

impl Host for TestHost {
    fn warn(&mut self, warning: &Warning) -> Result<bool, Raised> {
        self.warnings.push(format!("{}: {}", warning.lineno, warning.kind));
        Ok(self.strict)
    }

    fn read_line(&mut self, continuation: bool) -> Result<Option<Vec<u8>>, Raised> {
        self.prompts.push(continuation);
        if self.lines.is_empty() {
            return Ok(None);
        }
        Ok(Some(self.lines.remove(0).as_bytes().to_vec()))
    }
}

fn statements(module: &Mod) -> usize {
    match module {
        Mod::Module { body, .. } | Mod::Interactive { body } => body.len(),
        _ => 0,
    }
}

#[test]
fn warnings_come_once_even_if_the_program_is_bad() {
    let mut host = TestHost::default();
    let arena = Arena::new();
    let bad = syntax::parse(&arena, b"'\\d'\n1if x else y z\n", Settings::new(Mode::Exec), &mut host);
    assert_eq!(bad.unwrap_err().message(), "invalid syntax");
    assert_eq!(host.warnings.len(), 2);
    assert!(host.warnings[0].starts_with("1: \"\\d\" is an invalid escape sequence."));
    assert_eq!(host.warnings[1], "2: invalid decimal literal");
}

#[test]
fn a_warning_may_be_an_error() {
    let mut host = TestHost { strict: true, ..TestHost::default() };
    let arena = Arena::new();
    let error = syntax::parse(&arena, b"x = '\\d'\n", Settings::new(Mode::Exec), &mut host).unwrap_err();
    assert_eq!(error.message(), "\"\\d\" is an invalid escape sequence. Did you mean \"\\\\d\"? A raw string is also an option.");
    assert_eq!((error.lineno, error.offset), (1, 6));
}

#[test]
fn interactive_input_is_read_as_far_as_needed() {
    let lines = vec!["x = 1\n", "if x:\n", "  y\n", "\n", "(a,\n", "b)\n", "1 +\n"];
    let mut host = TestHost { lines, ..TestHost::default() };
    let arena = Arena::new();
    let settings = Settings::new(Mode::Single);
    for prompts in [vec![false], vec![false, true, true], vec![false, true]] {
        let read = syntax::parse_interactive(&arena, settings, &mut host).unwrap().unwrap();
        assert_eq!(statements(&read.module), 1);
        assert_eq!(host.prompts, prompts);
        host.prompts.clear();
    }
    let error = syntax::parse_interactive(&arena, settings, &mut host).err().unwrap();
    assert_eq!(error.message(), "invalid syntax");
    assert!(syntax::parse_interactive(&arena, settings, &mut host).unwrap().is_none());
}

#[test]
fn depth_is_bounded_as_in_cpython() {
    let parse = |source: String| {
        let arena = Arena::new();
        let result = syntax::parse(&arena, source.as_bytes(), Settings::new(Mode::Exec), &mut NoHost).map(|_| ());
        result.map_err(|error| (error.class, error.message()))
    };
    let nots = |count: usize| parse("not ".repeat(count) + "1");
    assert_eq!(nots(5968), Ok(()));
    let words = "Parser stack overflowed - Python source too complex to parse";
    assert_eq!(nots(5969), Err((ErrorClass::MemoryError, words.to_string())));
    assert_eq!(parse("a+".repeat(50_000) + "a"), Ok(()));
    let brackets = parse("(".repeat(201));
    assert_eq!(brackets, Err((ErrorClass::SyntaxError, "too many nested parentheses".to_string())));
}

#[test]
fn surrogates_survive_in_strings() {
    let arena = Arena::new();
    let tree = syntax::parse(&arena, br"'\ud800\udc00'", Settings::new(Mode::Exec), &mut NoHost).unwrap();
    let Mod::Module { body: [statement], .. } = tree else { panic!("one statement") };
    let StmtKind::Expr { value } = statement.kind else { panic!("an expression") };
    let syntax::ast::ExprKind::Constant { value: syntax::ast::Constant::Str(text), .. } = value.kind else {
        panic!("a string")
    };
    assert_eq!(text.code_points().collect::<Vec<_>>(), [0xd800, 0xdc00]);
}

#[test]
fn a_stream_asks_for_lines() {
    let mut stream = TokenStream::new(true);
    let mut lines = vec!["x = (1,  # one\n", "2)"].into_iter();
    let mut found = Vec::new();
    loop {
        match stream.next().unwrap() {
            Next::Token(token) => found.push(token.string),
            Next::NeedLine => match lines.next() {
                Some(line) => stream.push_line(line.as_bytes()),
                None => stream.finish(),
            },
            Next::End => break,
        }
    }
    assert_eq!(found, ["x", "=", "(", "1", ",", "# one", "\n", "2", ")", "", ""]);
}
