//! The ISO-2022 encodings: character sets of seven bits, chosen by escape sequences.
//!
//! The state's bytes 0 to 3 are the sets that G0 to G3 are, by their final byte (with the high bit if a character has two bytes); byte 4 holds
//! flags.

use super::codec::{Problem, State, push_decoded};
use super::table::{Decoded, Set};

const ESC: u8 = 0x1b;
const SHIFT_OUT: u8 = 0x0e;
const SHIFT_IN: u8 = 0x0f;
/// The longest escape sequence that is looked through for its end.
const LONGEST_ESCAPE: usize = 16;

const ASCII: u8 = b'B';
const DOUBLE: u8 = 0x80;

const FLAGS: usize = 4;
const SHIFTED: u8 = 1;
/// Within an escape sequence that is not of ISO 2022, which passes through.
const FOREIGN_ESCAPE: u8 = 2;

pub const ENCODER_START: State = [ASCII, ASCII, 0, 0, 0, 0, 0, 0];
pub const DECODER_START: State = [ASCII, ASCII, ASCII, 0, 0, 0, 0, 0];

#[derive(Clone, Copy)]
enum Charset {
    JisX0201Roman,
    JisX0201Kana,
    JisX0208,
    JisX0212,
    /// Plane 1 or 2 of an edition.
    JisX0213(Set, u8),
    /// Plane 1, only for two characters with one code.
    JisX0213Pairs(Set),
    Ksx1001,
    Gb2312,
    /// The upper halves of ISO 8859 appear behind single shifts only.
    Latin1,
    Greek,
}

struct Designation {
    mark: u8,
    /// The set goes to G0 or G1.
    plane: usize,
    charset: Charset,
}

const fn designation(mark: u8, plane: usize, charset: Charset) -> Designation {
    Designation { mark, plane, charset }
}

/// One of the encodings: its sets beside ASCII, in the order in which an encoder tries them.
pub struct Variant {
    designations: &'static [Designation],
    /// SO and SI mean nothing.
    no_shift: bool,
    /// There is a G2, from which ESC N takes a character.
    single_shift: bool,
    /// ESC & @ may announce the newer JIS X 0208.
    announced: bool,
}

const JISX0208: Designation = designation(b'B' | DOUBLE, 0, Charset::JisX0208);
const JISX0208_1978: Designation = designation(b'@' | DOUBLE, 0, Charset::JisX0208);
const JISX0212: Designation = designation(b'D' | DOUBLE, 0, Charset::JisX0212);
const ROMAN: Designation = designation(b'J', 0, Charset::JisX0201Roman);
const KANA: Designation = designation(b'I', 0, Charset::JisX0201Kana);

const fn japanese(designations: &'static [Designation]) -> Variant {
    Variant { designations, no_shift: true, single_shift: false, announced: true }
}

pub static KR: Variant =
    Variant { designations: &[designation(b'C' | DOUBLE, 1, Charset::Ksx1001)], no_shift: false, single_shift: false, announced: false };
pub static JP: Variant = japanese(&[JISX0208, ROMAN, JISX0208_1978]);
pub static JP_1: Variant = japanese(&[JISX0208, JISX0212, ROMAN, JISX0208_1978]);
pub static JP_2: Variant = Variant {
    designations: &[
        JISX0208,
        JISX0212,
        designation(b'C' | DOUBLE, 0, Charset::Ksx1001),
        designation(b'A' | DOUBLE, 0, Charset::Gb2312),
        ROMAN,
        JISX0208_1978,
        designation(b'A', 2, Charset::Latin1),
        designation(b'F', 2, Charset::Greek),
    ],
    no_shift: true,
    single_shift: true,
    announced: true,
};
pub static JP_2004: Variant = japanese(&[
    designation(b'Q' | DOUBLE, 0, Charset::JisX0213Pairs(Set::EucJis2004)),
    JISX0208,
    designation(b'Q' | DOUBLE, 0, Charset::JisX0213(Set::EucJis2004, 1)),
    designation(b'P' | DOUBLE, 0, Charset::JisX0213(Set::EucJis2004, 2)),
]);
pub static JP_3: Variant = japanese(&[
    designation(b'O' | DOUBLE, 0, Charset::JisX0213Pairs(Set::EucJisX0213)),
    JISX0208,
    designation(b'O' | DOUBLE, 0, Charset::JisX0213(Set::EucJisX0213, 1)),
    designation(b'P' | DOUBLE, 0, Charset::JisX0213(Set::EucJisX0213, 2)),
]);
pub static JP_EXT: Variant = japanese(&[JISX0208, JISX0212, ROMAN, KANA, JISX0208_1978]);

/// What a set makes of a character.
enum Found {
    No,
    Code(u32),
    /// The code of this and the next character.
    PairCode(u32),
    /// A next character would decide.
    Undecided,
}

/// A code of two bytes in EUC, but not one that stands for a single-byte set.
fn double_code(set: Set, character: u32) -> Option<u32> {
    set.table().code(character).filter(|code| (0xa100..0x10000).contains(code)).map(|code| code & 0x7f7f)
}

/// A code of EUC's third set.
fn triple_code(set: Set, character: u32) -> Option<u32> {
    set.table().code(character).filter(|&code| code > 0xffff).map(|code| code & 0x7f7f)
}

/// Whether the second plane of JIS X 0213 has the row of a code; JIS X 0212 has the others.
fn is_in_plane_2(code: u32) -> bool {
    !matches!(code >> 8 & 0x7f, 0x22 | 0x26 | 0x27 | 0x29..=0x2b | 0x30..=0x6d)
}

impl Charset {
    fn width(self) -> usize {
        match self {
            Charset::JisX0201Roman | Charset::JisX0201Kana | Charset::Latin1 | Charset::Greek => 1,
            _ => 2,
        }
    }

    fn encode(self, character: u32, next: Option<u32>, flush: bool) -> Found {
        let code = match self {
            Charset::JisX0201Roman => match character {
                0xa5 => Some(0x5c),
                0x203e => Some(0x7e),
                _ => None,
            },
            Charset::JisX0201Kana => (0xff61..=0xff9f).contains(&character).then(|| character - 0xff40),
            Charset::JisX0208 => double_code(Set::EucJp, character),
            Charset::JisX0212 => triple_code(Set::EucJp, character),
            Charset::Ksx1001 => double_code(Set::EucKr, character),
            Charset::Gb2312 => double_code(Set::Gb2312, character),
            Charset::JisX0213(set, plane) => {
                if plane == 1 && set.table().begins_pair(character) && next.is_none() && !flush {
                    return Found::Undecided;
                }
                // The full-width forms are there for EUC alone.
                let code = if plane == 1 { double_code(set, character) } else { triple_code(set, character).filter(|&code| is_in_plane_2(code)) };
                code.filter(|_| !matches!(character, 0xff3c | 0xff5e))
            }
            Charset::JisX0213Pairs(set) => {
                if !set.table().begins_pair(character) {
                    return Found::No;
                }
                return match next {
                    None if !flush => Found::Undecided,
                    None => Found::No,
                    Some(next) => set.table().pair(character, next).map_or(Found::No, |code| Found::PairCode(code & 0x7f7f)),
                };
            }
            Charset::Latin1 | Charset::Greek => None,
        };
        code.map_or(Found::No, Found::Code)
    }

    /// `bytes` are as many as the set's characters have, of seven bits where they mean something.
    fn decode(self, bytes: &[u8]) -> Decoded {
        let one = |character: Option<u32>| character.map_or(Decoded::Nothing, Decoded::One);
        let &[first, ref rest @ ..] = bytes else { return Decoded::Nothing };
        match (self, rest.first()) {
            (Charset::JisX0201Roman, _) => one(match first {
                0x5c => Some(0xa5),
                0x7e => Some(0x203e),
                0..0x80 => Some(first as u32),
                _ => None,
            }),
            (Charset::JisX0201Kana, _) => one((0x21..=0x5f).contains(&first).then(|| first as u32 + 0xff40)),
            (_, None) => Decoded::Nothing,
            (_, Some(0x80..)) => Decoded::Nothing,
            (Charset::JisX0208, Some(second)) => Set::EucJp.table().double(first | 0x80, second | 0x80),
            (Charset::JisX0212, Some(second)) => Set::EucJp.table().triple(first | 0x80, second | 0x80),
            // In EUC-KR the filler only begins spelt syllables.
            (Charset::Ksx1001, Some(second)) => Set::Cp949.table().double(first | 0x80, second | 0x80),
            (Charset::Gb2312, Some(second)) => Set::Gb2312.table().double(first | 0x80, second | 0x80),
            // Two codes mean something else than in EUC.
            (Charset::JisX0213(_, 1) | Charset::JisX0213Pairs(_), Some(0x32)) if first == 0x22 => Decoded::One(0x7e),
            (Charset::JisX0213(Set::EucJisX0213, 2), Some(0x3b)) if first == 0x7d => Decoded::One(0x9b1c),
            (Charset::JisX0213(set, 1) | Charset::JisX0213Pairs(set), Some(second)) => set.table().double(first | 0x80, second | 0x80),
            (Charset::JisX0213(set, _), Some(second)) => {
                // EUC also has JIS X 0212 there.
                match is_in_plane_2((first as u32) << 8) {
                    true => set.table().triple(first | 0x80, second | 0x80),
                    false => Decoded::Nothing,
                }
            }
            (Charset::Latin1 | Charset::Greek, _) => Decoded::Nothing,
        }
    }
}

fn shift_in(state: &mut State, out: &mut Vec<u8>) {
    if state[FLAGS] & SHIFTED != 0 {
        out.push(SHIFT_IN);
        state[FLAGS] &= !SHIFTED;
    }
}

fn ascii_to_g0(state: &mut State, out: &mut Vec<u8>) {
    if state[0] != ASCII {
        out.extend([ESC, b'(', ASCII]);
        state[0] = ASCII;
    }
}

pub fn reset_encoder(state: &mut State, out: &mut Vec<u8>) {
    shift_in(state, out);
    ascii_to_g0(state, out);
}

pub fn reset_decoder(state: &mut State) {
    state[0] = ASCII;
    state[FLAGS] &= !SHIFTED;
}

/// Puts a set where the next character's bytes will be looked up in it.
fn designate(state: &mut State, wanted: &Designation, out: &mut Vec<u8>) {
    let double = wanted.charset.width() == 2;
    if wanted.plane == 0 {
        shift_in(state, out);
    }
    if state[wanted.plane] != wanted.mark {
        let last = wanted.mark & !DOUBLE;
        match (wanted.plane, double) {
            (0, false) => out.extend([ESC, b'(', last]),
            (0, true) if wanted.mark == JISX0208.mark => out.extend([ESC, b'$', last]),
            (0, true) => out.extend([ESC, b'$', b'(', last]),
            (_, false) => out.extend([ESC, b')', last]),
            (_, true) => out.extend([ESC, b'$', b')', last]),
        }
        state[wanted.plane] = wanted.mark;
    }
    if wanted.plane == 1 && state[FLAGS] & SHIFTED == 0 {
        out.push(SHIFT_OUT);
        state[FLAGS] |= SHIFTED;
    }
}

pub fn encode(variant: &Variant, state: &mut State, text: &[u32], at: &mut usize, out: &mut Vec<u8>, flush: bool) -> Result<(), Problem> {
    'characters: while let Some(&character) = text.get(*at) {
        if character < 0x80 {
            ascii_to_g0(state, out);
            shift_in(state, out);
            out.push(character as u8);
            *at += 1;
            continue;
        }
        for wanted in variant.designations {
            let (code, length) = match wanted.charset.encode(character, text.get(*at + 1).copied(), flush) {
                Found::No => continue,
                Found::Undecided => return Err(Problem::Incomplete),
                Found::Code(code) => (code, 1),
                Found::PairCode(code) => (code, 2),
            };
            designate(state, wanted, out);
            if wanted.charset.width() == 2 {
                out.push((code >> 8) as u8);
            }
            out.push(code as u8);
            *at += length;
            continue 'characters;
        }
        return Err(Problem::Illegal(1));
    }
    Ok(())
}

/// Carries out the escape sequence that `input` begins with; its length.
fn escape(variant: &Variant, state: &mut State, input: &[u8]) -> Result<usize, Problem> {
    let mut end = 1;
    loop {
        if end >= LONGEST_ESCAPE {
            return Err(Problem::Illegal(1));
        }
        match input.get(end) {
            None => return Err(Problem::Incomplete),
            Some(b'A'..=b'Z' | b'@') => break,
            Some(b'&') if variant.announced && input.get(end + 1) == Some(&b'@') => end += 3,
            Some(_) => end += 1,
        }
    }
    let length = end + 1;
    let illegal = Err(Problem::Illegal(length));
    let (charset, plane) = match &input[..length] {
        [_, b'$', last] => (last | DOUBLE, 0),
        [_, b'(', last] => (*last, 0),
        [_, b')', last] => (*last, 1),
        [_, b'.', last] if variant.single_shift => (*last, 2),
        [_, b'$', b'(', last] => (last | DOUBLE, 0),
        [_, b'$', b')', last] => (last | DOUBLE, 1),
        [_, _, _, ESC, b'$', b'B'] if variant.announced => (JISX0208.mark, 0),
        _ => return illegal,
    };
    if charset != ASCII && !variant.designations.iter().any(|known| known.mark == charset) {
        return illegal;
    }
    state[plane] = charset;
    Ok(length)
}

/// ISO 8859-7's character for a byte of its upper half.
fn greek(byte: u8) -> Option<u32> {
    match byte {
        0xa1 => Some(0x2018),
        0xa2 => Some(0x2019),
        0xaf => Some(0x2015),
        0x80..=0xa0 | 0xa3 | 0xa6..=0xa9 | 0xab..=0xad | 0xb0..=0xb3 | 0xb7 | 0xbb | 0xbd => Some(byte as u32),
        0xb4..=0xfe if byte != 0xd2 => Some(byte as u32 + 0x2d0),
        _ => None,
    }
}

/// A character of G2 behind ESC N.
fn from_g2(state: &State, byte: u8) -> Option<u32> {
    match state[2] {
        b'A' if byte < 0x80 => Some(byte as u32 + 0x80),
        b'F' if byte < 0x80 => greek(byte | 0x80),
        ASCII if byte < 0x80 => Some(byte as u32),
        _ => None,
    }
}

pub fn decode(variant: &Variant, state: &mut State, input: &[u8], at: &mut usize, out: &mut Vec<u32>) -> Result<(), Problem> {
    while let Some(&byte) = input.get(*at) {
        let rest = &input[*at..];
        if state[FLAGS] & FOREIGN_ESCAPE != 0 {
            out.push(byte as u32);
            *at += 1;
            if matches!(byte, b'A'..=b'Z' | b'@') {
                state[FLAGS] &= !FOREIGN_ESCAPE;
            }
            continue;
        }
        match byte {
            ESC => {
                *at += match rest.get(1) {
                    None => return Err(Problem::Incomplete),
                    Some(b'(' | b')' | b'$' | b'.' | b'&') => escape(variant, state, rest)?,
                    Some(b'N') if variant.single_shift => {
                        let Some(&byte) = rest.get(2) else { return Err(Problem::Incomplete) };
                        out.push(from_g2(state, byte).ok_or(Problem::Illegal(3))?);
                        3
                    }
                    Some(_) => {
                        out.push(ESC as u32);
                        state[FLAGS] |= FOREIGN_ESCAPE;
                        1
                    }
                };
            }
            SHIFT_IN | SHIFT_OUT if !variant.no_shift => {
                if byte == SHIFT_OUT {
                    state[FLAGS] |= SHIFTED;
                } else {
                    state[FLAGS] &= !SHIFTED;
                }
                *at += 1;
            }
            b'\n' => {
                state[FLAGS] &= !SHIFTED;
                out.push(byte as u32);
                *at += 1;
            }
            0x80.. => return Err(Problem::Illegal(1)),
            _ => {
                let charset = state[usize::from(state[FLAGS] & SHIFTED != 0)];
                if byte < 0x20 || charset == ASCII {
                    out.push(byte as u32);
                    *at += 1;
                    continue;
                }
                // A state from outside may name any set.
                let Some(known) = variant.designations.iter().find(|known| known.mark == charset) else {
                    return Err(Problem::Illegal(1));
                };
                let width = known.charset.width();
                let Some(bytes) = rest.get(..width) else { return Err(Problem::Incomplete) };
                if !push_decoded(known.charset.decode(bytes), out) {
                    return Err(Problem::Illegal(width));
                }
                *at += width;
            }
        }
    }
    Ok(())
}
