//! Fingerprints of the code objects that our compiler makes; `tools/fingerprint.py` has the same for any interpreter,
//! the form of the output, and the comparison.
//!
//!     fingerprint [--levels 0,1,2] [--dump] FILE|DIRECTORY|@LIST ...

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use bytecode::code::{CodeUnit, Constant, Wtf8};
use compiler::Options;
use syntax::{Arena, Mode, NoHost, Settings};

fn main() {
    let mut levels = vec![0, 1, 2];
    let mut dump = false;
    let mut paths = Vec::new();
    let mut args = std::env::args().skip(1);
    while let Some(arg) = args.next() {
        match arg.as_str() {
            "--levels" => {
                let list = args.next().expect("levels");
                levels = list.split(',').map(|level| level.parse().expect("a level")).collect();
            }
            "--dump" => dump = true,
            name => collect(name, &mut paths),
        }
    }
    // Deep trees need room, as in an interpreter's main thread.
    let work = move || run(&paths, &levels, dump);
    std::thread::Builder::new().stack_size(64 << 20).spawn(work).expect("a thread").join().expect("no panic");
}

fn run(paths: &[String], levels: &[u8], dump: bool) {
    let mut out = std::io::BufWriter::new(std::io::stdout());
    for path in paths {
        for &level in levels {
            let line = match std::panic::catch_unwind(|| fingerprint(path, level)) {
                Ok(Ok(text)) if dump => text,
                Ok(Ok(text)) => format!("{level} {:08x} {} {path}\n", crc32(text.as_bytes()), text.len()),
                Ok(Err(error)) if dump => format!("{error}\n"),
                Ok(Err(error)) => {
                    eprintln!("{path}: {error}");
                    format!("{level} error {} {path}\n", error.split(['(', ' ', '{']).next().unwrap_or("unknown"))
                }
                Err(_) => format!("{level} error panic {path}\n"),
            };
            out.write_all(line.as_bytes()).expect("writable output");
        }
    }
}

fn collect(name: &str, paths: &mut Vec<String>) {
    if let Some(list) = name.strip_prefix('@') {
        for line in std::fs::read_to_string(list).expect("a list of files").lines() {
            collect(line, paths);
        }
    } else if Path::new(name).is_dir() {
        let mut entries: Vec<_> = std::fs::read_dir(name).expect("a directory").flatten().map(|e| e.path()).collect();
        entries.sort();
        for entry in entries {
            let python = entry.extension().is_some_and(|extension| extension == "py");
            if let Some(name) = entry.to_str()
                && (python || entry.is_dir())
            {
                collect(name, paths);
            }
        }
    } else {
        paths.push(name.to_string());
    }
}

fn fingerprint(path: &str, level: u8) -> Result<String, String> {
    let code = compile(path, level)?;
    let mut out = String::new();
    show_code(&code, &mut out);
    Ok(out)
}

fn compile(path: &str, level: u8) -> Result<CodeUnit, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let source = syntax::source::decode(&bytes, path, &mut NoHost).map_err(|error| format!("SyntaxError {error:?}"))?;
    let arena = Arena::new();
    let module = syntax::parse(&arena, &source, Settings::new(Mode::Exec), &mut NoHost)
        .map_err(|error| format!("SyntaxError {error:?}"))?;
    let options = Options { filename: Wtf8::new(path), flags: 0, optimize: level };
    compiler::compile(&arena, &module, &options, &mut syntax::NoHost).map_err(|error| format!("{error:?}"))
}

fn show_code(code: &CodeUnit, out: &mut String) {
    let CodeUnit { argcount, posonlyargcount, kwonlyargcount, stacksize, flags, firstlineno, .. } = code;
    let _ = writeln!(
        out,
        "code {argcount} {posonlyargcount} {kwonlyargcount} {stacksize} {flags:x} {firstlineno}"
    );
    let _ = writeln!(out, "name {} {}", hex(code.name.as_bytes()), hex(code.qualname.as_bytes()));
    let mut field = |name: &str, items: &mut dyn Iterator<Item = &Wtf8>| {
        out.push_str(name);
        for item in items {
            out.push(' ');
            out.push_str(&hex(item.as_bytes()));
        }
        out.push('\n');
    };
    field("names", &mut code.names.iter());
    field("varnames", &mut code.varnames());
    field("cellvars", &mut code.cellvars());
    field("freevars", &mut code.freevars());
    for (name, bytes) in [("code", &code.code), ("lines", &code.linetable), ("exceptions", &code.exceptiontable)] {
        let _ = writeln!(out, "{name} {}", &hex(bytes)[1..]);
    }
    for constant in &code.consts {
        match constant {
            Constant::Code(code) => show_code(code, out),
            _ => {
                let _ = writeln!(out, "const {}", show_const(constant));
            }
        }
    }
    out.push_str("end\n");
}

fn show_const(value: &Constant) -> String {
    let list = |items: &[Constant]| items.iter().map(|item| format!(" {}", show_const(item))).collect::<String>();
    match value {
        Constant::None => "None".into(),
        Constant::True => "True".into(),
        Constant::False => "False".into(),
        Constant::Ellipsis => "Ellipsis".into(),
        Constant::Int(value) if *value < 0 => format!("int -{:x}", value.unsigned_abs()),
        Constant::Int(value) => format!("int {value:x}"),
        Constant::BigInt(value) => format!("int {:x}", **value),
        Constant::Float(value) => format!("float {:x}", value.to_bits()),
        Constant::Complex(real, imag) => format!("complex {:x} {:x}", real.to_bits(), imag.to_bits()),
        Constant::Str(text) => format!("str {}", hex(text.as_bytes())),
        Constant::Bytes(bytes) => format!("bytes {}", hex(bytes)),
        Constant::Tuple(items) => format!("tuple {}{}", items.len(), list(items)),
        Constant::FrozenSet(items) => {
            let mut texts: Vec<String> = items.iter().map(|item| format!(" {}", show_const(item))).collect();
            texts.sort();
            format!("frozenset {}{}", items.len(), texts.concat())
        }
        Constant::Slice(parts) => format!("slice{}", list(&parts[..])),
        Constant::Code(_) => "code".into(),
    }
}

fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(1 + bytes.len() * 2);
    text.push('x');
    for byte in bytes {
        text.push(DIGITS[(byte >> 4) as usize] as char);
        text.push(DIGITS[(byte & 15) as usize] as char);
    }
    text
}

/// As `zlib.crc32`.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (number, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(number as u32, |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    !bytes.iter().fold(!0u32, |crc, byte| crc >> 8 ^ table[((crc ^ *byte as u32) & 0xff) as usize])
}
