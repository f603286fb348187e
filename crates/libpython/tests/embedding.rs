//! A C program, compiled and linked on the spot, starts the interpreter in each of the ways that there are; what it prints was recorded from CPython.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

fn output(program: &Path, arguments: &[&str]) -> (String, Option<i32>) {
    let run = Command::new(program).args(arguments).env("PYTHONDONTWRITEBYTECODE", "1").output().expect("the program starts");
    assert!(run.status.code().is_some(), "{}", String::from_utf8_lossy(&run.stderr));
    (String::from_utf8_lossy(&run.stdout).into_owned(), run.status.code())
}

/// The library, built in the profile of the test: nothing in Rust links a cdylib, so testing does not build it.
fn library() -> PathBuf {
    let folder = std::env::current_exe().ok().and_then(|test| Some(test.parent()?.parent()?.to_path_buf())).expect("the folder of the profile");
    let profile = match folder.file_name().and_then(|name| name.to_str()) {
        Some("debug") | None => "dev",
        Some(name) => name,
    };
    let target = folder.parent().expect("the target folder");
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "-q", "-p", "libpython", "--profile", profile, "--target-dir"]).arg(target);
    assert!(cargo.status().expect("cargo starts").success(), "the library does not build");
    folder.join("libpython3_14.so")
}

#[test]
fn a_c_program_embeds_the_library() {
    let target = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("embedding");
    let _ = std::fs::remove_dir_all(&target);
    std::fs::create_dir_all(&target).expect("a folder");
    let built = library();
    for name in ["libpython3.14.so", "libpython3.14.so.1.0"] {
        symlink(&built, target.join(name)).expect("a link");
    }
    let source = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/embed/program.c");
    let program = target.join("program");
    let mut compiler = Command::new("cc");
    compiler.arg(source).arg("-o").arg(&program).arg("-L").arg(&target).arg("-lpython3.14").arg(format!("-Wl,-rpath,{}", target.display()));
    let Ok(status) = compiler.status() else {
        eprintln!("skipped: no C compiler");
        return;
    };
    assert!(status.success(), "the program does not link");
    let script = target.join("script.py");
    std::fs::write(&script, "import sys; print(sys.argv[1:], __name__); sys.exit(3)\n").expect("a file");
    let script = script.to_str().expect("a name");
    let simple = "before 0\nargv [''] json [1, null] host 42\nlibrary True\nthread\nfailing -1\nsqrt 1.5\natexit\nafter 0 0\n";
    assert_eq!(output(&program, &["simple"]), (simple.to_string(), Some(0)));
    assert_eq!(output(&program, &["configured", script, "a"]), ("['a'] __main__\n".to_string(), Some(3)));
    assert_eq!(output(&program, &["configured", "-c", "print(1)"]), ("1\n".to_string(), Some(0)));
    assert_eq!(output(&program, &["configured", "-V"]), ("Python 3.14.8\n".to_string(), Some(0)));
    assert_eq!(output(&program, &["configured", "--nope"]), (String::new(), Some(2)));
    assert_eq!(output(&program, &["main", "-O", script]), ("[] __main__\n".to_string(), Some(3)));
    let named = "error unknown config option name\n['one', 'two'] 2 1 42 False\n";
    assert_eq!(output(&program, &["named"]), (named.to_string(), Some(0)));
}
