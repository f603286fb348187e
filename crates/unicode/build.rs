//! Turns the runs of `data/properties.txt` into a two-stage table: a block number for every 128 code points, a record number for every
//! place in a block.

use std::collections::HashMap;
use std::fmt::Write;
use std::{env, fs, path::Path};

const BLOCK: usize = 128;

fn main() {
    println!("cargo::rerun-if-changed=data");
    let data = Path::new(&env::var("CARGO_MANIFEST_DIR").unwrap()).join("data");
    let runs = fs::read_to_string(data.join("properties.txt")).unwrap();
    let mut records: Vec<String> = Vec::new();
    let mut numbers: HashMap<String, u8> = HashMap::new();
    let mut table: Vec<u8> = Vec::with_capacity(0x110000);
    let mut last = 0;
    for line in runs.lines().filter(|line| !line.starts_with('#')) {
        let (start, record) = line.split_once(' ').unwrap();
        table.resize(usize::from_str_radix(start, 16).unwrap(), last);
        last = *numbers.entry(record.to_string()).or_insert_with(|| {
            records.push(record.to_string());
            u8::try_from(records.len() - 1).expect("at most 256 records")
        });
    }
    table.resize(0x110000, last);

    let mut out = String::new();
    writeln!(out, "pub(crate) static RECORDS: [Record; {}] = [", records.len()).unwrap();
    for record in &records {
        let fields: Vec<&str> = record.split(' ').collect();
        writeln!(
            out,
            "Record {{ flags: 0x{}, decimal: {}, digit: {}, lower: {}, upper: {}, title: {}, fold: {} }},",
            fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]
        )
        .unwrap();
    }
    out.push_str("];\n");

    let mut blocks: Vec<&[u8]> = Vec::new();
    let mut known: HashMap<&[u8], u16> = HashMap::new();
    let index: Vec<u16> = table
        .chunks(BLOCK)
        .map(|block| {
            *known.entry(block).or_insert_with(|| {
                blocks.push(block);
                (blocks.len() - 1) as u16
            })
        })
        .collect();
    writeln!(out, "static INDEX: [u16; {}] = {index:?};", index.len()).unwrap();
    let places: Vec<u8> = blocks.concat();
    writeln!(out, "static PLACES: [u8; {}] = {places:?};", places.len()).unwrap();

    let special = fs::read_to_string(data.join("special.txt")).unwrap();
    let rows: Vec<&str> = special.lines().filter(|line| !line.starts_with('#')).collect();
    writeln!(out, "static SPECIAL: [(u32, [&[u32]; 4]); {}] = [", rows.len()).unwrap();
    for row in rows {
        let mut parts = row.split(';');
        write!(out, "(0x{}, [", parts.next().unwrap()).unwrap();
        for part in parts {
            let points: Vec<String> = part.split(' ').map(|p| format!("0x{p}")).collect();
            write!(out, "&[{}], ", points.join(", ")).unwrap();
        }
        out.push_str("]),\n");
    }
    out.push_str("];\n");
    let target = env::var("OUT_DIR").unwrap();
    fs::write(Path::new(&target).join("tables.rs"), out).unwrap();

    let names = fs::read_to_string(data.join("names.txt")).unwrap();
    let rows: Vec<(&str, &str)> = names.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(';')).collect();
    let mut out = format!("static NAMES: [(&str, &[u32]); {}] = [", rows.len());
    for (name, points) in rows {
        let points: Vec<String> = points.split(' ').map(|p| format!("0x{p}")).collect();
        writeln!(out, "(\"{name}\", &[{}]),", points.join(", ")).unwrap();
    }
    out.push_str("];\n");
    fs::write(Path::new(&target).join("names.rs"), out).unwrap();
}
