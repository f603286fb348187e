//! Prints the disassembly of `.pyc` files.

use bytecode::{dis, marshal, pyc};

fn main() {
    for path in std::env::args().skip(1) {
        let data = std::fs::read(&path).unwrap_or_default();
        match marshal::read_code(data.get(pyc::HEADER_SIZE..).unwrap_or(&[])) {
            Ok(code) => print!("{}", dis::disassemble(&code, dis::DisOptions::default())),
            Err(error) => eprintln!("{path}: {error:?}"),
        }
    }
}
