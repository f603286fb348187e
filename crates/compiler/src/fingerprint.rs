//! A text that shows every field of a code unit and of those within it: equal texts are equal code.
//!
//! `tools/fingerprint.py` makes the same text from code objects; its checksum is what the tools compare.

use std::fmt::Write;

use bytecode::code::{CodeUnit, Constant, Wtf8};

pub fn text(code: &CodeUnit) -> String {
    let mut out = String::new();
    show_code(code, &mut out);
    out
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
pub fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0u32; 256];
    for (number, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(number as u32, |crc, _| if crc & 1 != 0 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 });
    }
    !bytes.iter().fold(!0u32, |crc, byte| crc >> 8 ^ table[((crc ^ *byte as u32) & 0xff) as usize])
}
