//! Fingerprints of the code objects that our compiler makes; `tools/fingerprint.py` has the same for any interpreter,
//! the form of the output, and the comparison.
//!
//!     fingerprint [--levels 0,1,2] [--dump] FILE|DIRECTORY|@LIST ...

use std::io::Write as _;
use std::path::Path;

use bytecode::code::{CodeUnit, Wtf8};
use compiler::{Options, fingerprint};
use syntax::{Arena, Mode, NoHost, Settings};

fn main() {
    let mut levels = vec![0, 1, 2];
    let mut dump = false;
    let mut paths = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--levels" => {
                let list = args.next().expect("levels");
                levels = list.split(',').map(|level| level.parse().expect("a level")).collect();
            }
            "--dump" => dump = true,
            name => collect(name, &mut paths),
        }
    }
    // Deep trees need room, as in an interpreter's main thread.
    let work = move || run(&paths, &levels, dump);
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

fn run(paths: &[String], levels: &[u8], dump: bool) {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for path in paths {
        for &level in levels {
            let line = match std::panic::catch_unwind(|| text_of(path, level)) {
                Ok(Ok(text)) if dump => text,
                Ok(Ok(text)) => format!("{level} {:08x} {} {path}\n", fingerprint::crc32(text.as_bytes()), text.len()),
                Ok(Err(error)) if dump => format!("{error}\n"),
                Ok(Err(error)) => {
                    eprintln!("{path}: {error}");
                    format!("{level} error {} {path}\n", error.split(['(', ' ', '{']).next().unwrap_or("unknown"))
                }
                Err(_) => format!("{level} error panic {path}\n"),
            };
            out.write_all(line.as_bytes()).expect("writable output");
        }
    }
}

fn collect(name: &str, paths: &mut Vec<String>) {
    if let Some(list) = name.strip_prefix('@') {
        for line in std::fs::read_to_string(list).expect("a list of files").lines() {
            collect(line, paths);
        }
    } else if Path::new(name).is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(name).expect("a directory").flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let python = entry.extension().is_some_and(|extension| extension == "py");
            if let Some(name) = entry.to_str()
                && (python || entry.is_dir())
            {
                collect(name, paths);
            }
        }
    } else {
        paths.push(name.to_string());
    }
}

fn text_of(path: &str, level: u8) -> Result<String, String> {
    Ok(fingerprint::text(&compile(path, level)?))
}

fn compile(path: &str, level: u8) -> Result<CodeUnit, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let source = syntax::source::decode(&bytes, path, &mut NoHost).map_err(|error| format!("SyntaxError {error:?}"))?;
    let arena = Arena::new();
    let module = syntax::parse(&arena, &source, Settings::new(Mode::Exec), &mut NoHost)
        .map_err(|error| format!("SyntaxError {error:?}"))?;
    let options = Options { filename: Wtf8::new(path), flags: 0, optimize: level };
    compiler::compile(&arena, &module, &options, &mut syntax::NoHost).map_err(|error| format!("{error:?}"))
}
