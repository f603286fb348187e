//! Checks `.pyc` files given on the command line: reading and writing gives the same bytes, location
//! and exception tables survive decoding and encoding, the verifier accepts the code. Prints each that differs and a summary.

use bytecode::locations::{self, LocationWriter};
use bytecode::{CodeUnit, Constant, exception_table, marshal, verify};

fn main() {
    let (mut files, mut codes, mut rewritten, mut equal) = (0, 0, 0, 0);
    for path in std::env::args().skip(1) {
        let Ok(data) = std::fs::read(&path) else {
            continue;
        };
        let body = data.get(16..).unwrap_or(&[]);
        files += 1;
        let code = match marshal::read_code(body) {
            Ok(code) => code,
            Err(error) => {
                println!("{path}: {error:?}");
                continue;
            }
        };
        codes += check_code(&path, &code);
        if let Err(error) = verify::verify_unit(&code) {
            println!("{path}: {error:?}");
        }
        match marshal::write_code(&code) {
            Ok(bytes) if bytes == body => equal += 1,
            Ok(bytes) => {
                let at = bytes.iter().zip(body).take_while(|(a, b)| a == b).count();
                let window = |data: &[u8]| {
                    data[at.saturating_sub(40).min(data.len())..(at + 20).min(data.len())]
                        .escape_ascii()
                        .to_string()
                };
                println!(
                    "{path}: at {at}\n  read  {}\n  wrote {}",
                    window(body),
                    window(&bytes)
                );
                match marshal::read_code(&bytes) {
                    Ok(again) if again == code => rewritten += 1,
                    _ => println!("{path}: does not read back equal"),
                }
            }
            Err(error) => println!("{path}: {error:?}"),
        }
    }
    println!(
        "{files} files, {codes} code objects, {equal} written with the same bytes, {rewritten} equal otherwise"
    );
}

fn check_code(path: &str, code: &CodeUnit) -> usize {
    let name = code.qualname.to_string_lossy();
    let mut writer = LocationWriter::new(code.firstlineno, 0);
    let mut units = 0;
    for entry in locations::entries(&code.linetable, code.firstlineno) {
        writer.push(entry.location, entry.end - entry.start);
        units = entry.end;
    }
    if units * 2 != code.code.len() {
        println!("{path}: {name}: location table covers {units} units");
    }
    if writer.finish() != code.linetable {
        println!("{path}: {name}: location table differs");
    }
    let mut table = Vec::new();
    for entry in exception_table::entries(&code.exceptiontable) {
        exception_table::write_entry(&mut table, entry);
        for unit in entry.start..entry.end {
            if exception_table::lookup(&code.exceptiontable, unit) != Some(entry) {
                println!("{path}: {name}: lookup of {unit} fails");
            }
        }
    }
    if table != code.exceptiontable {
        println!("{path}: {name}: exception table differs");
    }
    let nested = code.consts.iter().filter_map(|constant| match constant {
        Constant::Code(code) => Some(check_code(path, code)),
        _ => None,
    });
    1 + nested.sum::<usize>()
}
