//! What is wrong with programs: message and place of the error of each, or `ok`.
//!
//!     syntax_errors LIST
//!
//! LIST holds the programs, each preceded by a line with its length in bytes; `tools/mutate_sources.py` writes such
//! lists, and compares.

use bytecode::code::Wtf8;
use compiler::{CompileError, Options};
use syntax::{Arena, Mode, NoHost, Settings};

fn main() {
    let list = std::env::args().nth(1).and_then(|name| std::fs::read(name).ok()).expect("a list of programs");
    // Deep trees need room, as in an interpreter's main thread.
    let work = move || each(&list, |source| println!("{}", verdict(source)));
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

fn each(mut list: &[u8], act: impl Fn(&[u8])) {
    while let Some(end) = list.iter().position(|&byte| byte == b'\n') {
        let length: usize = std::str::from_utf8(&list[..end]).ok().and_then(|text| text.parse().ok()).expect("a length");
        act(&list[end + 1..end + 1 + length]);
        list = &list[end + 1 + length + 1..];
    }
}

fn verdict(source: &[u8]) -> String {
    let arena = Arena::new();
    let module = match syntax::parse(&arena, source, Settings::new(Mode::Exec), &mut NoHost) {
        Ok(module) => module,
        Err(error) => {
            let end = if error.has_end { format!("{} {}", error.end_lineno, error.end_offset) } else { "None None".into() };
            let place = if error.located { format!("{} {} {end}", error.lineno, error.offset) } else { "nowhere".into() };
            return format!("{}: {} @ {place}", error.class_name(), error.message());
        }
    };
    let options = Options { filename: Wtf8::new("<source>"), flags: 0, optimize: 0 };
    match compiler::compile(&arena, &module, &options, &mut NoHost) {
        Ok(_) => "ok".into(),
        Err(CompileError::Syntax(error)) => {
            let at = error.location;
            let (lineno, end_lineno) = (at.lineno, at.end_lineno);
            let (column, end_column) = (at.col_offset + 1, at.end_col_offset + 1);
            format!("SyntaxError: {} @ {lineno} {column} {end_lineno} {end_column}", error.message)
        }
        Err(error) => format!("{error:?}"),
    }
}
