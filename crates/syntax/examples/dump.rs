//! Prints the tree of programs as `ast.dump(tree, include_attributes=True)` does, or what is wrong with them.
//!
//! `dump FILE...` prints one line per file; `dump --tokens FILE` prints tokens; `dump --time FILE...` measures instead. With `--cases` the one file is a
//! list of programs, each preceded by a line `MODE+FLAGS LENGTH`.

use std::time::Instant;
use syntax::tokenizer::stream::Next;
use syntax::{Arena, Mode, NoHost, Settings};

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    match args.first().map(String::as_str) {
        Some("--time") => {
            args.remove(0);
            time(&args);
        }
        Some("--tokens") => tokens(&std::fs::read(&args[1]).expect("a file")),
        Some("--emit-tokens") => match syntax::dump::dump_tokens(&std::fs::read(&args[1]).expect("a file")) {
            Ok(text) => print!("{text}"),
            Err(error) => println!("{}", describe(&error)),
        },
        Some("--cases") => cases(&std::fs::read(&args[1]).expect("cases")),
        _ => {
            for path in &args {
                let bytes = std::fs::read(path).expect("a readable file");
                println!("{}", dump(&bytes, path, Mode::Exec));
            }
        }
    }
}

/// As `_tokenize.TokenizerIter(readline, extra_tokens=True)`, a tuple a line.
fn tokens(source: &[u8]) {
    let mut stream = syntax::tokenizer::stream::TokenStream::new(true);
    let mut lines = source.split_inclusive(|&c| c == b'\n');
    loop {
        match stream.next() {
            Ok(Next::Token(token)) => {
                let repr = |text: &str| syntax::dump::repr_str(text.as_bytes());
                let (string, line) = (repr(&token.string), repr(&token.line));
                println!("({}, {string}, {:?}, {:?}, {line})", token.kind, token.start, token.end);
            }
            Ok(Next::NeedLine) => match lines.next() {
                Some(line) => stream.push_line(line),
                None => stream.finish(),
            },
            Ok(Next::End) => break,
            Err(error) => {
                println!("{}", describe(&error));
                break;
            }
        }
    }
}

fn dump(bytes: &[u8], path: &str, mode: Mode) -> String {
    match syntax::source::decode(bytes, path, &mut NoHost) {
        Ok(text) => dump_text(&text, Settings::new(mode)),
        Err(error) => describe(&error),
    }
}

fn dump_text(text: &[u8], settings: Settings) -> String {
    let arena = Arena::new();
    match syntax::parse(&arena, text, settings, &mut NoHost) {
        Ok(tree) => syntax::dump::dump(&tree, true, None).unwrap_or_else(|| "too deep".into()),
        Err(error) => describe(&error),
    }
}

fn describe(e: &syntax::SyntaxError) -> String {
    if !e.located {
        return format!("{}: {}", e.class_name(), e.message());
    }
    let text = e.text.as_ref().map_or("None".into(), |text| syntax::dump::repr_str(text.as_bytes()));
    let end = if e.has_end { format!("{} {}", e.end_lineno, e.end_offset) } else { "None None".into() };
    let place = format!("{} {} {end}", e.lineno, e.offset);
    let metadata = e.last_statement.map_or("None".into(), |at| format!("{at:?}"));
    format!("{}: {} @ {place} {text} {metadata}", e.class_name(), e.message())
}

fn cases(mut list: &[u8]) {
    while let Some(end) = list.iter().position(|&c| c == b'\n') {
        let header = String::from_utf8_lossy(&list[..end]).into_owned();
        let (mode, length) = header.split_once(' ').expect("MODE LENGTH");
        let length: usize = length.parse().expect("a number");
        let settings = settings(mode);
        let source = &list[end + 1..end + 1 + length];
        list = &list[end + 1 + length + 1..];
        println!("{}", dump_text(source, settings));
    }
}

/// `exec`, `eval`, ... with flags after plus signs.
fn settings(text: &str) -> Settings {
    let mut words = text.split('+');
    let mut settings = Settings::new(match words.next() {
        Some("eval") => Mode::Eval,
        Some("single") => Mode::Single,
        Some("func_type") => Mode::FuncType,
        _ => Mode::Exec,
    });
    for word in words {
        match word {
            "type_comments" => settings.type_comments = true,
            "incomplete" => settings.allow_incomplete_input = true,
            "no_dedent" => settings.dont_imply_dedent = true,
            "barry" => settings.barry_as_flufl = true,
            version => settings.feature_version = version.parse().expect("a minor version"),
        }
    }
    settings
}

fn time(paths: &[String]) {
    let files: Vec<(Vec<u8>, &String)> = paths.iter().map(|path| (std::fs::read(path).expect("a file"), path)).collect();
    let bytes: usize = files.iter().map(|file| file.0.len()).sum();
    for _ in 0..3 {
        let start = Instant::now();
        let mut failed = 0;
        for (bytes, path) in &files {
            let arena = Arena::new();
            let parsed = syntax::source::decode(bytes, path.as_str(), &mut NoHost)
                .and_then(|text| syntax::parse(&arena, &text, Settings::new(Mode::Exec), &mut NoHost).map(|_| ()));
            failed += parsed.is_err() as usize;
        }
        let seconds = start.elapsed().as_secs_f64();
        println!("{bytes} bytes, {failed} failed, {seconds:.3} s, {:.1} MB/s", bytes as f64 / seconds / 1e6);
    }
}
