//! The command line.

mod embedded;
mod emit;
mod options;
mod run;

fn main() {
    let status = run::main();
    std::process::exit(status);
}
