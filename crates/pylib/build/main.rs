//! Puts the Python half of the standard library into one blob: compiled code, compressed sources, index.
//!
//! Files come from the crate `rustpython-pylib` (CPython 3.14's `Lib/`), set right by the table in
//! `edits.rs` and `edits_network.rs`, and from `Lib/` beside this folder, which has what that crate lacks. Everything is read,
//! compiled and compressed on all cores; the output is sorted, so that it is the same on each run.

mod edits;
mod edits_network;
mod library;
mod pack;
mod sysconfig_files;

use std::env;
use std::path::PathBuf;

fn main() {
    let own = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("Lib");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap());
    println!("cargo:rerun-if-changed=build");
    println!("cargo:rerun-if-changed=Lib");

    let mut files = library::collect(rustpython_pylib::LIB_PATH.as_ref(), &own);
    files.extend(sysconfig_files::make(&files));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let packed = pack::pack_all(files);
    pack::write(&out, &packed);
}
