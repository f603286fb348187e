//! Link arguments of the executable: it exports the C API to the extension modules that it loads, and in optimised builds the
//! functions that a start runs lie side by side, so that a start touches a fifth of the text's pages. `startup.order`
//! lists them (`tools/startup_order.sh` writes it), with `*` for the hash in a name; it becomes a linker script that puts
//! their sections before the others. A linker that does not take the script (found out by linking an empty program) goes
//! without.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    // Only the C API: extension modules bring libraries of their own (OpenSSL, zlib), which must not be bound to those in here.
    let exports = PathBuf::from(variable("OUT_DIR")).join("exports.list");
    match std::fs::write(&exports, "{ Py*; _Py*; };\n") {
        Ok(()) => println!("cargo:rustc-link-arg-bins=-Wl,--dynamic-list={}", exports.display()),
        Err(_) => println!("cargo:rustc-link-arg-bins=-Wl,--export-dynamic"),
    }
    // OpenSSL's look at the processor waits until TLS is used (`stdlib-ssl/src/start.rs`).
    if linker_takes("-Wl,--wrap=OPENSSL_cpuid_setup") {
        println!("cargo:rustc-link-arg-bins=-Wl,--wrap=OPENSSL_cpuid_setup");
    }
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=startup.order");
    let list = PathBuf::from(variable("CARGO_MANIFEST_DIR")).join("startup.order");
    if variable("OPT_LEVEL") != "3" {
        return;
    }
    // At a fixed address nothing is to be relocated at a start (PIE: 20,000 places), as in CPython's own default build.
    if linker_takes("-no-pie") {
        println!("cargo:rustc-link-arg-bins=-no-pie");
    }
    if let Ok(names) = std::fs::read_to_string(list) {
        let sections: String = names.lines().map(|name| format!("    *(.text.{name} .text.unlikely.{name})\n")).collect();
        let script = PathBuf::from(variable("OUT_DIR")).join("startup.ld");
        let text = format!("SECTIONS {{\n  .text.startup : {{\n{sections}  }}\n}} INSERT BEFORE .text;\n");
        let argument = format!("-Wl,-T,{}", script.display());
        if std::fs::write(&script, text).is_ok() && linker_takes(&argument) {
            println!("cargo:rustc-link-arg-bins={argument}");
        }
    }
}

/// Whether an empty program links with the argument.
fn linker_takes(argument: &str) -> bool {
    let folder = PathBuf::from(variable("OUT_DIR"));
    let source = folder.join("empty.rs");
    std::fs::write(&source, "fn main() {}\n").is_ok() && links(&source, &folder.join("empty"), argument)
}

fn links(source: &Path, program: &Path, argument: &str) -> bool {
    Command::new(variable("RUSTC"))
        .arg(source)
        .arg("-o")
        .arg(program)
        .arg("--target")
        .arg(variable("TARGET"))
        .arg("-C")
        .arg(format!("link-arg={argument}"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}
