//! How many lines a second the front end reads and compiles. Sources are in memory before the clock starts.
//!
//!     throughput [--rounds N] FILE|DIRECTORY|@LIST ...
//!
//! `tools/throughput.py` runs it in turn with the reference's `compile()`.

use std::path::Path;
use std::time::{Duration, Instant};

use bytecode::code::Wtf8;
use compiler::Options;
use syntax::{Arena, Mode, NoHost, Settings};

fn main() {
    let mut rounds = 5;
    let mut sources = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        if arg == "--rounds" {
            rounds = args.next().and_then(|number| number.parse().ok()).expect("a number of rounds");
        } else {
            collect(&arg, &mut sources);
        }
    }
    let work = move || measure(&sources, rounds);
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

fn measure(sources: &[Vec<u8>], rounds: usize) {
    let lines: usize = sources.iter().map(|source| source.iter().filter(|byte| **byte == b'\n').count()).sum();
    let mut parse_times = Vec::new();
    let mut compile_times = Vec::new();
    for _ in 0..rounds {
        parse_times.push(timed(sources, false));
        compile_times.push(timed(sources, true));
    }
    for (name, times) in [("parse", &mut parse_times), ("parse+compile", &mut compile_times)] {
        times.sort();
        let median = times[times.len() / 2].as_secs_f64();
        println!("{name}: {:.3} s for {lines} lines, {:.0} lines/s", median, lines as f64 / median);
    }
}

fn timed(sources: &[Vec<u8>], compile: bool) -> Duration {
    let start = Instant::now();
    let mut arena = Arena::new();
    for source in sources {
        run(&arena, source, compile);
        arena.reset();
    }
    start.elapsed()
}

fn run(arena: &Arena, bytes: &[u8], compile: bool) {
    let Ok(source) = syntax::source::decode(bytes, "<source>", &mut NoHost) else { return };
    let Ok(module) = syntax::parse(arena, &source, Settings::new(Mode::Exec), &mut NoHost) else { return };
    if compile {
        let options = Options { filename: Wtf8::new("<source>"), flags: 0, optimize: 0 };
        std::hint::black_box(compiler::compile(arena, &module, &options, &mut NoHost).is_ok());
    } else {
        std::hint::black_box(&module);
    }
}

fn collect(name: &str, sources: &mut Vec<Vec<u8>>) {
    if let Some(list) = name.strip_prefix('@') {
        for line in std::fs::read_to_string(list).expect("a list of files").lines() {
            collect(line, sources);
        }
    } else if Path::new(name).is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(name).expect("a directory").flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let python = entry.extension().is_some_and(|extension| extension == "py");
            if let Some(name) = entry.to_str()
                && (python || entry.is_dir())
            {
                collect(name, sources);
            }
        }
    } else if let Ok(source) = std::fs::read(name) {
        sources.push(source);
    }
}
