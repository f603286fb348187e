//! A sample program compiled by the reference: marshal data, listing and locations are as recorded.

use std::rc::Rc;

use bytecode::locations::{self, LocationWriter};
use bytecode::{CodeUnit, Constant, dis, exception_table, marshal, verify};

const MARSHAL: &[u8] = include_bytes!("samples/constructs.marshal");

fn sample() -> Rc<CodeUnit> {
    marshal::read_code(MARSHAL).unwrap()
}

fn all_units(unit: &Rc<CodeUnit>) -> Vec<Rc<CodeUnit>> {
    let mut units = vec![unit.clone()];
    for constant in &unit.consts {
        if let Constant::Code(nested) = constant {
            units.extend(all_units(nested));
        }
    }
    units
}

#[test]
fn marshal_data_are_written_as_read() {
    assert!(marshal::write_code(&sample()).unwrap() == MARSHAL);
}

#[test]
fn listing_is_that_of_dis() {
    let listing = dis::disassemble(&sample(), dis::DisOptions::default());
    for (ours, theirs) in listing
        .lines()
        .zip(include_str!("samples/constructs.dis").lines())
    {
        assert_eq!(ours, theirs);
    }
    assert_eq!(listing.len(), include_str!("samples/constructs.dis").len());
}

#[test]
fn locations_are_those_of_the_reference() {
    let number = |n: i32| {
        if n == -1 {
            "-".to_string()
        } else {
            n.to_string()
        }
    };
    let mut found = String::new();
    for unit in all_units(&sample()) {
        let lines: Vec<String> = locations::lines(&unit.linetable, unit.firstlineno)
            .map(|range| format!("{}-{}:{}", range.start, range.end, number(range.lineno)))
            .collect();
        let positions: Vec<String> = locations::positions(&unit.linetable, unit.firstlineno)
            .map(|l| {
                [l.lineno, l.end_lineno, l.col, l.end_col]
                    .map(number)
                    .join(",")
            })
            .collect();
        let name = unit.qualname.to_string_lossy();
        found += &format!(
            "{name}\nlines {}\npositions {}\n",
            lines.join(" "),
            positions.join(" ")
        );
    }
    assert_eq!(found, include_str!("samples/constructs.locations"));
}

#[test]
fn tables_survive_decoding_and_encoding() {
    for unit in all_units(&sample()) {
        let mut writer = LocationWriter::new(unit.firstlineno, 0);
        for entry in locations::entries(&unit.linetable, unit.firstlineno) {
            writer.push(entry.location, entry.end - entry.start);
            assert_eq!(
                locations::location_at(&unit.linetable, unit.firstlineno, entry.end - 1),
                entry.location
            );
        }
        assert_eq!(writer.finish(), unit.linetable);
        let mut table = Vec::new();
        for entry in exception_table::entries(&unit.exceptiontable) {
            exception_table::write_entry(&mut table, entry);
            for at in [entry.start, entry.end - 1] {
                assert_eq!(
                    exception_table::lookup(&unit.exceptiontable, at),
                    Some(entry)
                );
            }
        }
        assert_eq!(table, unit.exceptiontable);
    }
}

#[test]
fn the_verifier_accepts_what_the_compiler_writes() {
    verify::verify_unit(&sample()).unwrap();
}

/// Small random numbers, the same on each run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % bound.max(1)
    }
}

#[test]
fn mutated_code_never_crashes_the_verifier() {
    let units = all_units(&sample());
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut refused = 0;
    for _ in 0..20_000 {
        let mut unit = (*units[random.below(units.len())]).clone();
        for _ in 0..1 + random.below(3) {
            let byte = random.below(256) as u8;
            match random.below(8) {
                0..5 => {
                    let at = random.below(unit.code.len());
                    unit.code[at] = byte;
                }
                5 if !unit.exceptiontable.is_empty() => {
                    let at = random.below(unit.exceptiontable.len());
                    unit.exceptiontable[at] = byte;
                }
                6 => unit.stacksize = byte as u32,
                _ if !unit.localspluskinds.is_empty() => {
                    let at = random.below(unit.localspluskinds.len());
                    unit.localspluskinds[at] = byte;
                }
                _ => unit.code.truncate(byte as usize * 2),
            }
        }
        refused += verify::verify_unit(&unit).is_err() as usize;
        dis::disassemble(
            &unit,
            dis::DisOptions {
                flat: true,
                offsets: true,
            },
        );
    }
    assert!(refused > 10_000, "{refused}");
}

#[test]
fn mutated_data_never_crash_the_reader() {
    let mut random = Random(0x0123_4567_89AB_CDEF);
    for _ in 0..2_000 {
        let mut data = MARSHAL.to_vec();
        for _ in 0..1 + random.below(4) {
            let at = random.below(data.len());
            data[at] = random.below(256) as u8;
        }
        if let Ok(code) = marshal::read_code(&data) {
            let _ = verify::verify_unit(&code);
            for _ in locations::entries(&code.linetable, code.firstlineno) {}
            let _ = exception_table::lookup(&code.exceptiontable, 3);
        }
    }
}

/// A comprehension's variable that is a cell elsewhere: the cell is away until the comprehension's own handler puts it back.
#[test]
fn cells_come_back_after_comprehensions() {
    let unit = marshal::read_code(include_bytes!("samples/comprehension_cells.marshal")).unwrap();
    for unit in all_units(&unit) {
        verify::verify_unit(&unit).unwrap();
    }
}
