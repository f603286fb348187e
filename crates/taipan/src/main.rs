//! The command line.
//!
//! The C entry point, not Rust's: that would open /dev/null for standard files that are closed, where Python says that they are closed.

#![no_main]

use std::ffi::{c_char, c_int};

#[global_allocator]
static ALLOCATOR: runtime::memory::reserve::Allocator = runtime::memory::reserve::Allocator;

#[unsafe(no_mangle)]
extern "C" fn main(_argc: c_int, _argv: *const *const c_char) -> c_int {
    let status = taipan::run::main();
    std::process::exit(status);
}
