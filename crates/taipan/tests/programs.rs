//! Runs the programs of `tests/programs` and compares what they print with what CPython 3.14 printed.
//!
//! `NAME.out` is standard output; `NAME.err`, where it exists, standard error (in which the folder of the program is `<programs>`),
//! and then the program must have ended with status 1.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const LIMIT: Duration = Duration::from_secs(120);

fn programs() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/programs").canonicalize().expect("the programs are there")
}

/// What differs, if anything.
fn run(program: &Path) -> Result<(), String> {
    let folder = program.parent().expect("a folder");
    let (out_file, err_file) = (temporary(program, "out"), temporary(program, "err"));
    let create = |path: &Path| Stdio::from(std::fs::File::create(path).expect("a temporary file"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_taipan"))
        .arg(program)
        .current_dir(folder)
        .env("PYTHONHASHSEED", "0")
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env_remove("PYTHONPATH")
        .stdin(Stdio::null())
        .stdout(create(&out_file))
        .stderr(create(&err_file))
        .spawn()
        .expect("the interpreter starts");
    let start = Instant::now();
    let status = loop {
        match child.try_wait().expect("a child") {
            Some(status) => break status,
            None if start.elapsed() > LIMIT => {
                let _ = child.kill();
                let _ = child.wait();
                return Err("took too long".into());
            }
            None => std::thread::sleep(Duration::from_millis(5)),
        }
    };
    let read = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned();
    let (out, err) = (read(&out_file), read(&err_file).replace(&folder.display().to_string(), "<programs>"));
    let _ = (std::fs::remove_file(&out_file), std::fs::remove_file(&err_file));
    compare("standard output", &read(&program.with_extension("out")), &out, &err)?;
    let expected_err = program.with_extension("err");
    if expected_err.exists() {
        compare("standard error", &read(&expected_err), &err, "")?;
        if status.code() != Some(1) {
            return Err(format!("ended with {status}"));
        }
    } else if !status.success() {
        return Err(format!("ended with {status}\n{err}"));
    }
    Ok(())
}

fn temporary(program: &Path, what: &str) -> PathBuf {
    let name = program.file_stem().expect("a name").to_string_lossy().into_owned();
    std::env::temp_dir().join(format!("taipan-test-{}-{name}.{what}", std::process::id()))
}

fn compare(what: &str, expected: &str, found: &str, note: &str) -> Result<(), String> {
    if expected == found {
        return Ok(());
    }
    let same = expected.lines().zip(found.lines()).take_while(|(a, b)| a == b).count();
    let at = |text: &str| text.lines().nth(same).unwrap_or("(nothing)").to_string();
    Err(format!("{what}, line {}:\n  expected {}\n  found    {}\n{note}", same + 1, at(expected), at(found)))
}

#[test]
fn programs_print_what_cpython_prints() {
    let mut programs: Vec<PathBuf> = std::fs::read_dir(programs())
        .expect("a folder")
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "py") && path.with_extension("out").exists())
        .collect();
    programs.sort();
    assert!(programs.len() >= 20, "the programs are missing");
    let (next, failures) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some(program) = programs.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(problem) = run(program) {
                let name = program.file_name().expect("a name").to_string_lossy().into_owned();
                failures.lock().expect("no panic").push(format!("{name}: {problem}"));
            }
        }
    };
    let threads = std::thread::available_parallelism().map_or(2, |n| n.get());
    std::thread::scope(|scope| (0..threads).for_each(|_| drop(scope.spawn(work))));
    let failures = failures.into_inner().expect("no panic");
    assert!(failures.is_empty(), "{} of {} programs differ:\n{}", failures.len(), programs.len(), failures.join("\n"));
}
