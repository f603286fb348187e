//! The files that an installed CPython has for who compiles extensions, made of the values in `_sysconfigdata`: the Makefile, `pyconfig.h`,
//! and the values as JSON. `@prefix@` stands for the place of the installation, which is known when the files are written there.

use crate::library::File;
use std::collections::BTreeMap;
use std::fmt::Write;

const SOURCE: &str = "_sysconfigdata__linux_x86_64-linux-gnu.py";
const CONFIG: &str = "config-3.14-x86_64-linux-gnu";

enum Value {
    Text(String),
    Number(i64),
}

/// The three files, of the library's own `_sysconfigdata`.
pub fn make(files: &[File]) -> Vec<File> {
    let Some(source) = files.iter().find(|file| file.path == SOURCE) else { return Vec::new() };
    let values = read(std::str::from_utf8(&source.text).unwrap());
    assert!(values.len() > 500, "{SOURCE} is not written as expected");
    let file = |path: String, text: String| File { path, text: text.into_bytes() };
    vec![
        file(format!("{CONFIG}/Makefile"), makefile(&values)),
        file(format!("{CONFIG}/pyconfig.h"), header(&values)),
        file("_sysconfig_vars__linux_x86_64-linux-gnu.json".to_string(), json(values)),
    ]
}

/// Reads the assignments: a `"NAME": value,` a line, and lists of names that all have the number after them.
fn read(source: &str) -> BTreeMap<String, Value> {
    let mut values = BTreeMap::new();
    let mut names = Vec::new();
    let mut flags = String::new();
    for line in source.lines() {
        if let Some(text) = line.strip_prefix("_cflags = ") {
            flags = unquote(text);
        } else if let Some(entry) = line.strip_prefix("    \"") {
            let (name, value) = entry.split_once("\": ").unwrap();
            let value = value.strip_suffix(',').unwrap();
            let value = match value.parse() {
                Ok(number) => Value::Number(number),
                Err(_) if value == "_cflags" => Value::Text(flags.clone()),
                Err(_) => Value::Text(value.split(" + ").map(|part| if part.starts_with('_') { "@prefix@".to_string() } else { unquote(part) }).collect()),
            };
            values.insert(name.to_string(), value);
        } else if let Some(number) = line.strip_prefix("\"\"\".split(), ") {
            let number: i64 = number.strip_suffix("))").unwrap().parse().unwrap();
            values.extend(names.drain(..).map(|name| (name, Value::Number(number))));
        } else if line.starts_with(|c: char| c.is_ascii_uppercase()) {
            names.extend(line.split_whitespace().map(str::to_string));
        }
    }
    values
}

fn unquote(text: &str) -> String {
    text.trim_matches('"').to_string()
}

fn makefile(values: &BTreeMap<String, Value>) -> String {
    let mut out = "# What sysconfig tells about this build, for programs that read it here.\n".to_string();
    for (name, value) in values {
        match value {
            Value::Text(text) => writeln!(out, "{name}=\t{text}"),
            Value::Number(number) => writeln!(out, "{name}=\t{number}"),
        }
        .unwrap();
    }
    out
}

fn header(values: &BTreeMap<String, Value>) -> String {
    let mut out = "/* What sysconfig tells about this build, for C code. */\n#ifndef Py_PYCONFIG_H\n#define Py_PYCONFIG_H\n\n".to_string();
    // What must be said before the system's headers are read.
    for (name, value) in [("_GNU_SOURCE", "1"), ("_POSIX_C_SOURCE", "200809L"), ("_XOPEN_SOURCE", "700")] {
        writeln!(out, "#ifndef {name}\n# define {name} {value}\n#endif").unwrap();
    }
    out.push_str("#define _FILE_OFFSET_BITS 64\n#define _LARGEFILE_SOURCE 1\n#define _REENTRANT 1\n#define RETSIGTYPE void\n\n");
    for (name, value) in values {
        let is_fact = ["HAVE_", "SIZEOF_", "ALIGNOF_", "WITH_", "Py_", "PY_COERCE", "ENABLE_", "STDC_", "SYS_SELECT", "PTHREAD_"].iter().any(|start| name.starts_with(start));
        match value {
            Value::Number(0) if is_fact => writeln!(out, "/* #undef {name} */"),
            Value::Number(number) if is_fact => writeln!(out, "#define {name} {number}"),
            _ => Ok(()),
        }
        .unwrap();
    }
    out.push_str("\n#endif\n");
    out
}

fn json(mut values: BTreeMap<String, Value>) -> String {
    let mut text = |name: &str, value: &str| drop(values.insert(name.to_string(), Value::Text(value.to_string())));
    text("srcdir", &format!("@prefix@/lib/python3.14/{CONFIG}"));
    for name in ["base", "installed_base", "platbase", "installed_platbase"] {
        text(name, "@prefix@");
    }
    text("projectbase", "@prefix@/bin");
    text("platlibdir", "lib");
    text("implementation", "Python");
    text("implementation_lower", "python");
    text("py_version", "3.14.8");
    text("py_version_short", "3.14");
    text("py_version_nodot", "314");
    for name in ["abiflags", "py_version_nodot_plat", "abi_thread"] {
        text(name, "");
    }
    let mut out = "{".to_string();
    for (i, (name, value)) in values.iter().enumerate() {
        let comma = if i == 0 { "" } else { "," };
        match value {
            Value::Text(text) => write!(out, "{comma}\n  \"{name}\": \"{text}\""),
            Value::Number(number) => write!(out, "{comma}\n  \"{name}\": {number}"),
        }
        .unwrap();
    }
    out.push_str("\n}\n");
    out
}
