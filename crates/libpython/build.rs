//! Link arguments of the shared library: its name, and the C API as what it exports.

use std::env;
use std::path::PathBuf;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libpython3.14.so.1.0");
    // Calls within the library go straight to their functions.
    println!("cargo:rustc-cdylib-link-arg=-Wl,-Bsymbolic");
    // As in the executable (`taipan/build.rs`).
    println!("cargo:rustc-cdylib-link-arg=-Wl,--wrap=OPENSSL_cpuid_setup");
    // The compiler exports the functions that are written in Rust; this adds those in C.
    let exports = PathBuf::from(env::var("OUT_DIR").unwrap_or_default()).join("exports.map");
    if std::fs::write(&exports, "{ global: Py*; _Py*; };\n").is_ok() {
        println!("cargo:rustc-cdylib-link-arg=-Wl,--version-script={}", exports.display());
    }
}
