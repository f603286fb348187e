//! From a command line, or a C program's configuration, to a running interpreter. The executable and `libpython` are made of this.

mod embedded;
pub mod embedding;
mod emit;
mod environment;
mod options;
mod paths;
pub mod run;
