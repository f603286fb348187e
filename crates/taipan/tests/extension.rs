//! Loads a C extension module, compiled on the spot against prototypes of its own, and compares what it prints with CPython's output.

use std::path::PathBuf;
use std::process::Command;

#[test]
fn c_extension_works_as_in_cpython() {
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/extension");
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let library = target.join("probe.so");
    let compiled = Command::new("cc").args(["-shared", "-fPIC", "-O1"]).arg(source.join("probe.c")).arg("-o").arg(&library).status();
    let Ok(status) = compiled else {
        eprintln!("skipped: no C compiler");
        return;
    };
    assert!(status.success(), "the extension does not compile");
    let run = Command::new(env!("CARGO_BIN_EXE_taipan")).arg(source.join("use_probe.py")).env("PYTHONPATH", &target).output().expect("taipan starts");
    let expected = std::fs::read_to_string(source.join("use_probe.out")).expect("the recorded output");
    assert_eq!(String::from_utf8_lossy(&run.stdout), expected, "{}", String::from_utf8_lossy(&run.stderr));
}
