//! Encoding and decoding a stretch of text. Each function goes on until its input ends or something is wrong; what then happens is for
//! `multibyte.rs` to decide.

use super::iso2022::{self, Variant};
use super::table::{Decoded, Set, Single, Table, gb18030_ranges};

/// Why a codec stopped.
pub enum Problem {
    /// So many bytes or characters mean nothing here.
    Illegal(usize),
    /// The input ends within a sequence.
    Incomplete,
}

/// What a codec keeps between calls; all codecs' states fit into eight bytes, which programs can see.
pub type State = [u8; 8];

#[derive(Clone, Copy)]
enum Kind {
    Table(Set),
    Gb18030,
    EucKr,
    /// JIS X 0213 as of the year 2000, with the table of its second edition.
    JisX0213Of2000(Set, Set),
    Hz,
    Iso2022(&'static Variant),
}

pub struct Codec {
    pub name: &'static str,
    kind: Kind,
}

pub static CODECS_CN: [Codec; 4] = [
    Codec { name: "gb2312", kind: Kind::Table(Set::Gb2312) },
    Codec { name: "gbk", kind: Kind::Table(Set::Gbk) },
    Codec { name: "gb18030", kind: Kind::Gb18030 },
    Codec { name: "hz", kind: Kind::Hz },
];
pub static CODECS_HK: [Codec; 1] = [Codec { name: "big5hkscs", kind: Kind::Table(Set::Big5Hkscs) }];
pub static CODECS_JP: [Codec; 7] = [
    Codec { name: "shift_jis", kind: Kind::Table(Set::ShiftJis) },
    Codec { name: "cp932", kind: Kind::Table(Set::Cp932) },
    Codec { name: "euc_jp", kind: Kind::Table(Set::EucJp) },
    Codec { name: "shift_jis_2004", kind: Kind::Table(Set::ShiftJis2004) },
    Codec { name: "euc_jis_2004", kind: Kind::Table(Set::EucJis2004) },
    Codec { name: "euc_jisx0213", kind: Kind::JisX0213Of2000(Set::EucJisX0213, Set::EucJis2004) },
    Codec { name: "shift_jisx0213", kind: Kind::JisX0213Of2000(Set::ShiftJisX0213, Set::ShiftJis2004) },
];
pub static CODECS_KR: [Codec; 3] = [
    Codec { name: "euc_kr", kind: Kind::EucKr },
    Codec { name: "cp949", kind: Kind::Table(Set::Cp949) },
    Codec { name: "johab", kind: Kind::Table(Set::Johab) },
];
pub static CODECS_TW: [Codec; 2] =
    [Codec { name: "big5", kind: Kind::Table(Set::Big5) }, Codec { name: "cp950", kind: Kind::Table(Set::Cp950) }];
pub static CODECS_ISO2022: [Codec; 7] = [
    Codec { name: "iso2022_kr", kind: Kind::Iso2022(&iso2022::KR) },
    Codec { name: "iso2022_jp", kind: Kind::Iso2022(&iso2022::JP) },
    Codec { name: "iso2022_jp_1", kind: Kind::Iso2022(&iso2022::JP_1) },
    Codec { name: "iso2022_jp_2", kind: Kind::Iso2022(&iso2022::JP_2) },
    Codec { name: "iso2022_jp_2004", kind: Kind::Iso2022(&iso2022::JP_2004) },
    Codec { name: "iso2022_jp_3", kind: Kind::Iso2022(&iso2022::JP_3) },
    Codec { name: "iso2022_jp_ext", kind: Kind::Iso2022(&iso2022::JP_EXT) },
];

impl Codec {
    pub fn initial_encoder_state(&self) -> State {
        match self.kind {
            Kind::Iso2022(_) => iso2022::ENCODER_START,
            _ => State::default(),
        }
    }
    pub fn initial_decoder_state(&self) -> State {
        match self.kind {
            Kind::Iso2022(_) => iso2022::DECODER_START,
            _ => State::default(),
        }
    }

    /// Encodes `text[*at..]`. Without `flush` a character at the end may wait for one that follows.
    pub fn encode(&self, state: &mut State, text: &[u32], at: &mut usize, out: &mut Vec<u8>, flush: bool) -> Result<(), Problem> {
        match self.kind {
            Kind::Table(set) | Kind::JisX0213Of2000(set, _) => encode_by_table(set.table(), text, at, out, flush, |_, _| false),
            Kind::Gb18030 => encode_by_table(Set::Gb18030.table(), text, at, out, flush, encode_gb18030),
            Kind::EucKr => encode_by_table(Set::EucKr.table(), text, at, out, flush, encode_by_letters),
            Kind::Hz => encode_hz(state, text, at, out),
            Kind::Iso2022(variant) => iso2022::encode(variant, state, text, at, out, flush),
        }
    }

    /// Ends what an encoder's state still has open.
    pub fn reset_encoder(&self, state: &mut State, out: &mut Vec<u8>) {
        match self.kind {
            Kind::Hz if state[0] != 0 => {
                out.extend(b"~}");
                state[0] = 0;
            }
            Kind::Iso2022(_) => iso2022::reset_encoder(state, out),
            _ => {}
        }
    }

    pub fn decode(&self, state: &mut State, input: &[u8], at: &mut usize, out: &mut Vec<u32>) -> Result<(), Problem> {
        match self.kind {
            Kind::Table(set) => decode_by_table(set.table(), input, at, out, |_, _| None),
            Kind::JisX0213Of2000(set, later) => decode_by_table(set.table(), input, at, out, |input, table| added_later(input, table, later)),
            Kind::Gb18030 => decode_by_table(Set::Gb18030.table(), input, at, out, decode_gb18030),
            Kind::EucKr => decode_by_table(Set::EucKr.table(), input, at, out, decode_letters),
            Kind::Hz => decode_hz(state, input, at, out),
            Kind::Iso2022(variant) => iso2022::decode(variant, state, input, at, out),
        }
    }

    pub fn reset_decoder(&self, state: &mut State) {
        match self.kind {
            Kind::Hz => state[..4].fill(0),
            Kind::Iso2022(_) => iso2022::reset_decoder(state),
            _ => {}
        }
    }
}

pub fn push_decoded(decoded: Decoded, out: &mut Vec<u32>) -> bool {
    match decoded {
        Decoded::Nothing => return false,
        Decoded::One(character) => out.push(character),
        Decoded::Two(first, second) => out.extend([first, second]),
    }
    true
}

fn push_code(code: u32, out: &mut Vec<u8>) {
    let bytes = code.to_be_bytes();
    let length = match code {
        0..0x100 => 1,
        0x100..0x10000 => 2,
        _ => 3,
    };
    out.extend(&bytes[4 - length..]);
}

/// `other` encodes what the table does not have, and says whether it could.
fn encode_by_table(
    table: &Table,
    text: &[u32],
    at: &mut usize,
    out: &mut Vec<u8>,
    flush: bool,
    other: impl Fn(u32, &mut Vec<u8>) -> bool,
) -> Result<(), Problem> {
    while let Some(&character) = text.get(*at) {
        if table.begins_pair(character) {
            match text.get(*at + 1) {
                None if !flush => return Err(Problem::Incomplete),
                None => {}
                Some(&next) => {
                    if let Some(code) = table.pair(character, next) {
                        push_code(code, out);
                        *at += 2;
                        continue;
                    }
                }
            }
        }
        match table.code(character) {
            Some(code) => push_code(code, out),
            None if other(character, out) => {}
            None => return Err(Problem::Illegal(1)),
        }
        *at += 1;
    }
    Ok(())
}

/// What a special decoder made of its input: how long it was, and the character.
type Special = Option<Result<(usize, u32), Problem>>;

/// `special` is asked first about codes of several bytes.
fn decode_by_table(
    table: &Table,
    input: &[u8],
    at: &mut usize,
    out: &mut Vec<u32>,
    special: impl Fn(&[u8], &Table) -> Special,
) -> Result<(), Problem> {
    while let Some(&lead) = input.get(*at) {
        match table.single(lead) {
            Single::Character(character) => {
                out.push(character);
                *at += 1;
                continue;
            }
            Single::Nothing => return Err(Problem::Illegal(1)),
            Single::Lead => {}
        }
        let rest = &input[*at..];
        let Some(&second) = rest.get(1) else { return Err(Problem::Incomplete) };
        if let Some(found) = special(rest, table) {
            let (length, character) = found?;
            out.push(character);
            *at += length;
            continue;
        }
        let (length, decoded) = if lead == 0x8f && table.has_triples() {
            let Some(&third) = rest.get(2) else { return Err(Problem::Incomplete) };
            (3, table.triple(second, third))
        } else {
            (2, table.double(lead, second))
        };
        if !push_decoded(decoded, out) {
            return Err(Problem::Illegal(1));
        }
        *at += length;
    }
    Ok(())
}

/// What the second edition of JIS X 0213 added is wrong as a whole, not by its first byte.
fn added_later(input: &[u8], table: &Table, later: Set) -> Special {
    let missing = |table: &Table| matches!(table.double(input[0], input[1]), Decoded::Nothing);
    (missing(table) && !missing(later.table()) && !(input[0] == 0x8f && table.has_triples())).then_some(Err(Problem::Illegal(2)))
}

// ---- GB 18030: codes of four bytes count the characters that have no shorter one ----

/// The place of U+10000 among the codes of four bytes.
const SUPPLEMENT: u32 = 189_000;

fn encode_gb18030(character: u32, out: &mut Vec<u8>) -> bool {
    let place = if character >= 0x10000 {
        Some(character - 0x10000 + SUPPLEMENT)
    } else {
        let ranges = gb18030_ranges();
        let index = ranges.partition_point(|range| range.0 <= character);
        index.checked_sub(1).map(|index| ranges[index]).filter(|range| character - range.0 < range.1).map(|range| range.2 + (character - range.0))
    };
    let Some(place) = place else { return false };
    let (rest, fourth) = (place / 10, place % 10);
    let (rest, third) = (rest / 126, rest % 126);
    out.extend([(rest / 10) as u8 + 0x81, (rest % 10) as u8 + 0x30, third as u8 + 0x81, fourth as u8 + 0x30]);
    true
}

fn decode_gb18030(input: &[u8], _: &Table) -> Special {
    if !input[1].is_ascii_digit() {
        return None;
    }
    let &[first, second, third, fourth, ..] = input else { return Some(Err(Problem::Incomplete)) };
    let valid = (0x81..0xff).contains(&first) && (0x81..0xff).contains(&third) && fourth.is_ascii_digit();
    let place = || (((first as u32 - 0x81) * 10 + second as u32 - 0x30) * 126 + third as u32 - 0x81) * 10 + fourth as u32 - 0x30;
    let character = match valid.then(place) {
        None => None,
        Some(place @ SUPPLEMENT..) => Some(place - SUPPLEMENT + 0x10000).filter(|&character| character < 0x110000),
        // Two ranges changed places between editions, so their codes are in no order.
        Some(place) => gb18030_ranges().iter().find(|range| (range.2..range.2 + range.1).contains(&place)).map(|range| range.0 + place - range.2),
    };
    Some(character.map(|character| (4, character)).ok_or(Problem::Illegal(1)))
}

// ---- EUC-KR: syllables without a code of their own are spelt by four letters (KS X 1001, annex 3) ----

const LETTER: u8 = 0xa4;
const FILLER: u8 = 0xd4;
const INITIALS: [u8; 19] =
    [0xa1, 0xa2, 0xa4, 0xa7, 0xa8, 0xa9, 0xb1, 0xb2, 0xb3, 0xb5, 0xb6, 0xb7, 0xb8, 0xb9, 0xba, 0xbb, 0xbc, 0xbd, 0xbe];
const FIRST_VOWEL: u8 = 0xbf;
const VOWELS: u8 = 21;
const FINALS: [u8; 28] = [
    FILLER, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7, 0xa9, 0xaa, 0xab, 0xac, 0xad, 0xae, 0xaf, 0xb0, 0xb1, 0xb2, 0xb4, 0xb5, 0xb6, 0xb7, 0xb8, 0xba,
    0xbb, 0xbc, 0xbd, 0xbe,
];

fn encode_by_letters(character: u32, out: &mut Vec<u8>) -> bool {
    let Some(syllable) = character.checked_sub(0xac00).filter(|&syllable| syllable < 11172) else { return false };
    let (initial, vowel, last) = (syllable / 588, syllable / 28 % 21, syllable % 28);
    out.extend([LETTER, FILLER, LETTER, INITIALS[initial as usize], LETTER, FIRST_VOWEL + vowel as u8, LETTER, FINALS[last as usize]]);
    true
}

fn decode_letters(input: &[u8], _: &Table) -> Special {
    if input[..2] != [LETTER, FILLER] {
        return None;
    }
    let Some(&[_, _, LETTER, initial, LETTER, vowel, LETTER, last]) = input.first_chunk::<8>() else {
        return Some(Err(if input.len() < 8 { Problem::Incomplete } else { Problem::Illegal(1) }));
    };
    let initial = INITIALS.iter().position(|&byte| byte == initial);
    let vowel = vowel.checked_sub(FIRST_VOWEL).filter(|&vowel| vowel < VOWELS);
    let last = FINALS.iter().position(|&byte| byte == last);
    Some(match (initial, vowel, last) {
        (Some(initial), Some(vowel), Some(last)) => Ok((8, 0xac00 + initial as u32 * 588 + vowel as u32 * 28 + last as u32)),
        _ => Err(Problem::Illegal(1)),
    })
}

// ---- HZ: GB 2312 in seven bits between ~{ and ~}; the state's first byte is 1 there ----

fn encode_hz(state: &mut State, text: &[u32], at: &mut usize, out: &mut Vec<u8>) -> Result<(), Problem> {
    let table = Set::Gb2312.table();
    while let Some(&character) = text.get(*at) {
        if character < 0x80 {
            if state[0] != 0 {
                out.extend(b"~}");
                state[0] = 0;
            }
            out.push(character as u8);
            if character == '~' as u32 {
                out.push(b'~');
            }
        } else {
            let Some(code) = table.code(character) else { return Err(Problem::Illegal(1)) };
            if state[0] == 0 {
                out.extend(b"~{");
                state[0] = 1;
            }
            push_code(code & 0x7f7f, out);
        }
        *at += 1;
    }
    Ok(())
}

fn decode_hz(state: &mut State, input: &[u8], at: &mut usize, out: &mut Vec<u32>) -> Result<(), Problem> {
    let table = Set::Gb2312.table();
    while let Some(&byte) = input.get(*at) {
        let second = input.get(*at + 1).copied();
        if byte == b'~' {
            let Some(second) = second else { return Err(Problem::Incomplete) };
            match (second, state[0]) {
                (b'~', 0) => out.push('~' as u32),
                (b'{', 0) => state[0] = 1,
                (b'}', 1) => state[0] = 0,
                (b'\n', 0) => {}
                _ => return Err(Problem::Illegal(1)),
            }
            *at += 2;
        } else if byte & 0x80 != 0 {
            return Err(Problem::Illegal(1));
        } else if state[0] == 0 {
            out.push(byte as u32);
            *at += 1;
        } else {
            let Some(second) = second else { return Err(Problem::Incomplete) };
            if second & 0x80 != 0 || !push_decoded(table.double(byte | 0x80, second | 0x80), out) {
                return Err(Problem::Illegal(1));
            }
            *at += 2;
        }
    }
    Ok(())
}
