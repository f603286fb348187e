//! Whether the compiler makes jumps of calls at a function's end, on which the interpreter's instructions rely (`interp::registers`).

fn main() {
    println!("cargo::rustc-check-cfg=cfg(tail_calls)");
    println!("cargo::rerun-if-changed=build.rs");
    let optimised = std::env::var("OPT_LEVEL").is_ok_and(|level| level != "0");
    if optimised && std::env::var_os("CARGO_CFG_FUZZING").is_none() {
        println!("cargo::rustc-cfg=tail_calls");
    }
}
