//! The facts of the Unicode database, read from `data/` when they are first asked for: of version 16.0, and what was different in 3.2.

use std::collections::HashMap;
use std::sync::OnceLock;

pub struct Record {
    pub category: &'static str,
    pub bidirectional: &'static str,
    pub combining: u8,
    pub width: &'static str,
    pub mirrored: bool,
}

#[derive(Clone, Copy)]
pub struct Numeric {
    pub decimal: Option<i8>,
    pub digit: Option<i8>,
    pub value: Option<f64>,
}

pub struct Mapping {
    /// As `decomposition()` shows it, with its tag.
    pub text: &'static str,
    pub code_points: Vec<u32>,
    pub is_canonical: bool,
}

pub struct Tables {
    records: Vec<Record>,
    /// For each block of 256 code points the place of its record numbers in `numbers`.
    blocks: Vec<u32>,
    numbers: Vec<u16>,
    numerics: HashMap<u32, Numeric>,
    mappings: HashMap<u32, Mapping>,
    /// What pairs of characters compose to.
    pairs: HashMap<(u32, u32), u32>,
    /// Mappings that were corrected after this version.
    corrected: HashMap<u32, u32>,
    /// The database whose mappings these characters have (3.2 has today's).
    base: Option<&'static Tables>,
}

/// Version 16.0.
pub fn current() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::parse(include_str!("../../data/unicodedata.txt"), None))
}

/// Version 3.2, for IDNA.
pub fn version_3_2() -> &'static Tables {
    static TABLES: OnceLock<Tables> = OnceLock::new();
    TABLES.get_or_init(|| Tables::parse(include_str!("../../data/unicodedata_3_2_0.txt"), Some(current())))
}

const CODE_POINTS: u32 = 0x110000;

fn hex(text: &str) -> u32 {
    u32::from_str_radix(text, 16).unwrap_or(0)
}

impl Tables {
    fn parse(data: &'static str, base: Option<&'static Tables>) -> Tables {
        let mut tables =
            Tables { records: Vec::new(), blocks: Vec::new(), numbers: Vec::new(), numerics: HashMap::new(), mappings: HashMap::new(), pairs: HashMap::new(), corrected: HashMap::new(), base };
        let mut runs = Vec::new();
        for line in data.lines() {
            let (kind, rest) = line.split_once(' ').unwrap_or((line, ""));
            let mut fields = rest.split(' ');
            let mut field = || fields.next().unwrap_or("");
            match kind {
                "R" => {
                    let (category, bidirectional) = (field(), field());
                    tables.records.push(Record {
                        category,
                        bidirectional: if bidirectional == "-" { "" } else { bidirectional },
                        combining: field().parse().unwrap_or(0),
                        width: field(),
                        mirrored: field() == "1",
                    });
                }
                "S" => runs.push((hex(field()), field().parse::<u16>().unwrap_or(0))),
                "N" => {
                    let code = hex(field());
                    let numeric = Numeric { decimal: field().parse().ok(), digit: field().parse().ok(), value: field().parse().ok() };
                    tables.numerics.insert(code, numeric);
                }
                "C" => {
                    tables.corrected.insert(hex(field()), hex(field()));
                }
                "D" | "D!" => {
                    if let Some((code, text)) = rest.split_once(' ') {
                        tables.add_mapping(hex(code), text, kind == "D!");
                    }
                }
                _ => {}
            }
        }
        tables.fill_blocks(&runs);
        tables
    }

    fn add_mapping(&mut self, code: u32, text: &'static str, excluded: bool) {
        let is_canonical = !text.starts_with('<');
        let code_points: Vec<u32> = text.split(' ').filter(|part| !part.starts_with('<')).map(hex).collect();
        if let ([a, b], true, false) = (code_points.as_slice(), is_canonical, excluded) {
            self.pairs.insert((*a, *b), code);
        }
        self.mappings.insert(code, Mapping { text, code_points, is_canonical });
    }

    fn fill_blocks(&mut self, runs: &[(u32, u16)]) {
        let mut seen: HashMap<Vec<u16>, u32> = HashMap::new();
        let mut at = 0;
        for start in (0..CODE_POINTS).step_by(256) {
            let mut block = Vec::with_capacity(256);
            for code in start..start + 256 {
                while runs.get(at + 1).is_some_and(|run| run.0 <= code) {
                    at += 1;
                }
                block.push(runs.get(at).map_or(0, |run| run.1));
            }
            let place = self.numbers.len() as u32;
            let found = *seen.entry(block.clone()).or_insert(place);
            if found == place {
                self.numbers.extend_from_slice(&block);
            }
            self.blocks.push(found);
        }
    }

    pub fn record(&self, code: u32) -> &Record {
        let place = self.blocks.get((code >> 8) as usize).copied().unwrap_or(0) as usize;
        let number = self.numbers.get(place + (code & 0xff) as usize).copied().unwrap_or(0);
        &self.records[number as usize]
    }
    pub fn numeric(&self, code: u32) -> Option<Numeric> {
        self.numerics.get(&code).copied()
    }
    /// The mapping of a character that exists in this version; Hangul syllables have theirs by rule.
    pub fn mapping(&self, code: u32) -> Option<&Mapping> {
        match self.base {
            None => self.mappings.get(&code),
            Some(base) => self.mappings.get(&code).or_else(|| base.mapping(code).filter(|_| self.is_assigned(code))),
        }
    }
    /// What the character was mapped to before a correction.
    pub fn corrected(&self, code: u32) -> Option<u32> {
        self.corrected.get(&code).copied()
    }
    pub fn is_assigned(&self, code: u32) -> bool {
        self.record(code).category != "Cn"
    }
    pub fn compose(&self, a: u32, b: u32) -> Option<u32> {
        match self.base {
            None => self.pairs.get(&(a, b)).copied(),
            Some(base) => base.compose(a, b),
        }
    }
}
