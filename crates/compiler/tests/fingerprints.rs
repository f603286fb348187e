//! Code of sample programs against fingerprints that were recorded with CPython 3.14 (by `tools/fingerprint.py record`,
//! run in this folder: `python3.14 ../../../tools/fingerprint.py record data/programs > data/fingerprints.txt`).

use std::path::Path;

use bytecode::code::Wtf8;
use compiler::{Options, fingerprint};
use syntax::{Arena, Mode, NoHost, Settings};

#[test]
fn code_equals_the_recorded_fingerprints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let record = std::fs::read_to_string(folder.join("data/fingerprints.txt")).expect("the record");
    let mut differences = Vec::new();
    for line in record.lines() {
        let [level, checksum, length, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("line {line}") };
        let source = std::fs::read(folder.join(name)).expect("a program");
        let text = compile(&source, level.parse().expect("a level"));
        let found = format!("{:08x} {}", fingerprint::crc32(text.as_bytes()), text.len());
        if found != format!("{checksum} {length}") {
            differences.push(format!("{name} at level {level}"));
        }
    }
    assert!(differences.is_empty(), "differ: {differences:#?}");
}

/// The sample of `tests/programs`, recorded with `--sources` (`../../../tools/fingerprint.py record --sources ../../../tests/programs >
/// data/test_programs.txt`): programs that changed since are left out until they are recorded again.
#[test]
fn code_of_the_test_programs_equals_the_recorded_fingerprints() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let record = std::fs::read_to_string(folder.join("data/test_programs.txt")).expect("the record");
    let (mut differences, mut compared) = (Vec::new(), 0);
    for line in record.lines() {
        let [level, checksum, length, source_checksum, name] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("line {line}") };
        let Ok(source) = std::fs::read(folder.join(name)) else { continue };
        if format!("{:08x}", fingerprint::crc32(&source)) != source_checksum {
            continue;
        }
        let text = compile(&source, level.parse().expect("a level"));
        compared += 1;
        if format!("{:08x} {}", fingerprint::crc32(text.as_bytes()), text.len()) != format!("{checksum} {length}") {
            differences.push(format!("{name} at level {level}"));
        }
    }
    assert!(differences.is_empty(), "differ: {differences:#?}");
    assert!(compared >= 400, "only {compared} are as they were recorded: record them again");
}

fn compile(source: &[u8], optimize: u8) -> String {
    let arena = Arena::new();
    let module = syntax::parse(&arena, source, Settings::new(Mode::Exec), &mut NoHost).expect("a good program");
    let options = Options { filename: Wtf8::new("program"), flags: 0, optimize };
    fingerprint::text(&compiler::compile(&arena, &module, &options, &mut NoHost).expect("a good program"))
}
