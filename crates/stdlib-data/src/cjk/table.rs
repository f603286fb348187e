//! The character tables of the encodings, unpacked from `tables.bin` when an encoding is first used. `tools/cjk_tables.py` writes that file
//! and says how it is built.

use std::sync::OnceLock;

static PACKED: &[u8] = include_bytes!("tables.bin");

/// A character, or nothing: no code of two bytes means U+0000.
const NOTHING: u32 = 0;
/// From here on a decoded value is the number of a pair of characters.
const PAIRS: u32 = 0x110000;
/// What `encode` holds for characters that have no code.
const NO_CODE: u32 = 0x7fff_ffff;
/// Set if a character and one after it may have a code in common.
const BEGINS_PAIR: u32 = 1 << 31;

/// The encodings in the order of the file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Set {
    EucJp,
    ShiftJis,
    Cp932,
    EucJis2004,
    EucJisX0213,
    ShiftJis2004,
    ShiftJisX0213,
    Gb2312,
    Gbk,
    Gb18030,
    EucKr,
    Cp949,
    Johab,
    Big5,
    Cp950,
    Big5Hkscs,
}

const SETS: usize = 16;

impl Set {
    fn parent(self) -> Option<Set> {
        match self {
            Set::EucJp | Set::Gb2312 | Set::EucKr | Set::Johab | Set::Big5 => None,
            Set::ShiftJis | Set::EucJis2004 => Some(Set::EucJp),
            Set::Cp932 => Some(Set::ShiftJis),
            Set::EucJisX0213 | Set::ShiftJis2004 => Some(Set::EucJis2004),
            Set::ShiftJisX0213 => Some(Set::ShiftJis2004),
            Set::Gbk => Some(Set::Gb2312),
            Set::Gb18030 => Some(Set::Gbk),
            Set::Cp949 => Some(Set::EucKr),
            Set::Cp950 | Set::Big5Hkscs => Some(Set::Big5),
        }
    }

    pub fn table(self) -> &'static Table {
        static TABLES: [OnceLock<Table>; SETS] = [const { OnceLock::new() }; SETS];
        TABLES[self as usize].get_or_init(|| Table::build(self))
    }
}

/// What a byte alone means.
pub enum Single {
    Character(u32),
    Nothing,
    Lead,
}

/// What a code of several bytes means.
pub enum Decoded {
    Nothing,
    One(u32),
    Two(u32, u32),
}

pub struct Table {
    single: [u16; 256],
    /// By lead byte without its high bit, and second byte.
    double: Vec<u32>,
    /// By second and third byte without their high bits; empty where there is no lead byte 0x8F for them.
    triple: Vec<u32>,
    /// Two characters and their code.
    pairs: Vec<(u32, u32, u32)>,
    /// Pages of 256 characters.
    encode: Vec<Option<Box<[u32; 256]>>>,
}

/// The file's numbers, and where each set and the ranges begin.
struct Unpacked {
    words: Vec<u16>,
    starts: [usize; SETS + 1],
}

/// Reads numbers in order. The file is part of the program, so what it says is there.
struct Reader<'a>(&'a [u16]);

impl<'a> Reader<'a> {
    fn next(&mut self) -> usize {
        self.take(1)[0] as usize
    }
    fn take(&mut self, count: usize) -> &'a [u16] {
        let (taken, rest) = self.0.split_at(count);
        self.0 = rest;
        taken
    }
    /// Runs of characters: for each its first code, then the characters.
    fn runs(&mut self, mut each: impl FnMut(usize, u32, &[u16])) {
        let count = self.next();
        let heads = self.take(3 * count);
        for head in heads.chunks_exact(3) {
            each(head[0] as usize, (head[2] as u32) << 16, self.take(head[1] as usize));
        }
    }
    fn skip_set(&mut self) {
        self.take(256);
        self.runs(|_, _, _| ());
        self.runs(|_, _, _| ());
        for _ in 0..2 {
            let count = self.next();
            self.take(4 * count);
        }
    }
}

fn unpacked() -> &'static Unpacked {
    static UNPACKED: OnceLock<Unpacked> = OnceLock::new();
    UNPACKED.get_or_init(|| {
        let bytes = miniz_oxide::inflate::decompress_to_vec(PACKED).unwrap_or_default();
        let words: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        let mut reader = Reader(&words);
        let mut starts = [0; SETS + 1];
        for start in &mut starts[1..] {
            reader.skip_set();
            *start = words.len() - reader.0.len();
        }
        Unpacked { words, starts }
    })
}

/// The ranges of GB 18030's codes of four bytes below U+10000: first character, length, place of the first code.
pub fn gb18030_ranges() -> &'static [(u32, u32, u32)] {
    static RANGES: OnceLock<Vec<(u32, u32, u32)>> = OnceLock::new();
    RANGES.get_or_init(|| {
        let file = unpacked();
        let mut reader = Reader(&file.words[file.starts[SETS]..]);
        let count = reader.next();
        reader.take(3 * count).chunks_exact(3).map(|range| (range[0] as u32, range[1] as u32, range[2] as u32)).collect()
    })
}

/// Where Shift JIS has a code of EUC-JP.
fn to_shift_jis(lead: usize, trail: usize) -> (usize, usize) {
    let (row, cell) = (lead - 0xa1, trail - 0xa1);
    let first = 0x81 + row / 2;
    let second = 0x40 + cell + 94 * (row & 1);
    (first + if first > 0x9f { 0x40 } else { 0 }, second + usize::from(second >= 0x7f))
}

fn triple_index(code: usize) -> usize {
    (code >> 8 & 0x7f) << 7 | code & 0x7f
}

fn value(character: u16, plane: u32) -> u32 {
    if character == 0xffff { NOTHING } else { plane | character as u32 }
}

impl Table {
    fn build(set: Set) -> Table {
        let file = unpacked();
        let mut reader = Reader(&file.words[file.starts[set as usize]..]);
        let mut single = [0; 256];
        single.copy_from_slice(reader.take(256));
        let mut table =
            Table { single, double: vec![NOTHING; 0x8000], triple: Vec::new(), pairs: Vec::new(), encode: (0..0x1100).map(|_| None).collect() };
        table.inherit(set);
        reader.runs(|first, plane, characters| {
            for (code, &character) in (first..).zip(characters) {
                table.double[code - 0x8000] = value(character, plane);
            }
        });
        reader.runs(|first, plane, characters| {
            table.triple.resize(0x4000, NOTHING);
            for (code, &character) in (first..).zip(characters) {
                table.triple[triple_index(code)] = value(character, plane);
            }
        });
        let count = reader.next();
        for pair in reader.take(4 * count).chunks_exact(4) {
            let code = (pair[0] as u32) << 16 | pair[1] as u32;
            table.double[code as usize - 0x8000] = PAIRS + table.pairs.len() as u32;
            table.pairs.push((pair[2] as u32, pair[3] as u32, code));
        }
        table.turn_round();
        let count = reader.next();
        for change in reader.take(4 * count).chunks_exact(4) {
            let code = (change[2] as u32) << 16 | change[3] as u32;
            *table.slot((change[0] as u32) << 16 | change[1] as u32) = if code == u32::MAX { NO_CODE } else { code };
        }
        for (first, ..) in table.pairs.clone() {
            *table.slot(first) |= BEGINS_PAIR;
        }
        table
    }

    /// Takes over what the set's parent decodes, pairs excepted.
    fn inherit(&mut self, set: Set) {
        let Some(parent) = set.parent() else { return };
        let table = parent.table();
        let crossing = matches!((set, parent), (Set::ShiftJis, Set::EucJp) | (Set::ShiftJis2004, Set::EucJis2004));
        if !crossing {
            self.triple = table.triple.clone();
        }
        for (index, &character) in table.double.iter().enumerate().filter(|(_, character)| **character < PAIRS) {
            let (lead, trail) = (0x80 | index >> 8, index & 0xff);
            let (lead, trail) = match crossing {
                false => (lead, trail),
                true if lead >= 0xa1 && trail >= 0xa1 => to_shift_jis(lead, trail),
                true => continue,
            };
            self.double[(lead & 0x7f) << 8 | trail] = character;
        }
    }

    /// Fills `encode` from what the codes mean; the first code of a character wins.
    fn turn_round(&mut self) {
        let singles = (0..256).filter(|&byte| self.single[byte] < 0xfffe).map(|byte| (self.single[byte] as u32, byte as u32));
        let doubles = self.double.iter().enumerate().map(|(index, &character)| (character, 0x8000 | index as u32));
        let triples = self.triple.iter().enumerate().map(|(index, &character)| {
            (character, 0x8f8080 | (index as u32 >> 7) << 8 | index as u32 & 0x7f)
        });
        let several = doubles.chain(triples).filter(|&(character, _)| character != NOTHING && character < PAIRS);
        for (character, code) in singles.chain(several).collect::<Vec<_>>() {
            let slot = self.slot(character);
            if *slot == NO_CODE {
                *slot = code;
            }
        }
    }

    fn slot(&mut self, character: u32) -> &mut u32 {
        &mut self.encode[(character >> 8) as usize].get_or_insert_with(|| Box::new([NO_CODE; 256]))[(character & 0xff) as usize]
    }

    pub fn single(&self, byte: u8) -> Single {
        match self.single[byte as usize] {
            0xffff => Single::Nothing,
            0xfffe => Single::Lead,
            character => Single::Character(character as u32),
        }
    }

    fn decoded(&self, value: u32) -> Decoded {
        match value {
            NOTHING => Decoded::Nothing,
            PAIRS.. => self.pairs.get((value - PAIRS) as usize).map_or(Decoded::Nothing, |&(first, second, _)| Decoded::Two(first, second)),
            character => Decoded::One(character),
        }
    }

    /// `lead` has its high bit set.
    pub fn double(&self, lead: u8, trail: u8) -> Decoded {
        self.decoded(self.double[(lead as usize & 0x7f) << 8 | trail as usize])
    }

    pub fn has_triples(&self) -> bool {
        !self.triple.is_empty()
    }

    /// Behind 0x8F.
    pub fn triple(&self, second: u8, third: u8) -> Decoded {
        if second < 0x80 || third < 0x80 || self.triple.is_empty() {
            return Decoded::Nothing;
        }
        self.decoded(self.triple[triple_index((second as usize) << 8 | third as usize)])
    }

    fn entry(&self, character: u32) -> u32 {
        match self.encode.get((character >> 8) as usize) {
            Some(Some(page)) => page[(character & 0xff) as usize],
            _ => NO_CODE,
        }
    }

    /// The code of a character: one, two or three bytes, high ones first.
    #[inline]
    pub fn code(&self, character: u32) -> Option<u32> {
        let code = self.entry(character) & !BEGINS_PAIR;
        (code != NO_CODE).then_some(code)
    }

    #[inline]
    pub fn begins_pair(&self, character: u32) -> bool {
        self.entry(character) & BEGINS_PAIR != 0
    }

    pub fn pair(&self, first: u32, second: u32) -> Option<u32> {
        self.pairs.iter().find(|pair| (pair.0, pair.1) == (first, second)).map(|pair| pair.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_hold_known_characters() {
        let table = Set::EucJp.table();
        assert_eq!(table.code(0x3042), Some(0xa4a2));
        assert!(matches!(table.double(0xa4, 0xa2), Decoded::One(0x3042)));
        assert_eq!(Set::ShiftJis.table().code(0x3042), Some(0x82a0));
        assert_eq!(Set::EucJis2004.table().pair(0xe6, 0x300), Some(0xabc4));
        assert!(Set::ShiftJis2004.table().begins_pair(0xe6));
        assert_eq!(Set::Cp949.table().code(0xac02), Some(0x8141));
        assert!(gb18030_ranges().len() > 200);
    }
}
