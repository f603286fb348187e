//! UTF-7 (RFC 2152).

use super::errors::Decoding;
use super::Decoded;
use crate::errors::PyResult;
use crate::types::Str;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

fn base64_value(c: u8) -> Option<u32> {
    match c {
        b'A'..=b'Z' => Some((c - b'A') as u32),
        b'a'..=b'z' => Some((c - b'a') as u32 + 26),
        b'0'..=b'9' => Some((c - b'0') as u32 + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    }
}

/// The decoder within a base-64 section.
#[derive(Default)]
struct Section {
    bits: u32,
    count: u32,
    /// A high surrogate that waits for its other half.
    high: Option<u32>,
    /// Where the section began, and how long the output was.
    start: usize,
    out_len: usize,
}

/// Decodes; without `final_`, up to the start of a section that is not complete.
pub fn decode(bytes: &[u8], errors: Option<&str>, final_: bool) -> PyResult<Decoded> {
    let mut d = Decoding::new("utf7", bytes, errors);
    let mut section: Option<Section> = None;
    let mut at = 0;
    loop {
        while at < d.input.len() {
            let c = d.input[at];
            let Some(open) = &mut section else {
                at = plain(&mut d, at, &mut section)?;
                continue;
            };
            if let Some(value) = base64_value(c) {
                at += 1;
                open.bits = open.bits << 6 | value;
                open.count += 6;
                if open.count >= 16 {
                    open.count -= 16;
                    let unit = open.bits >> open.count;
                    open.bits &= (1 << open.count) - 1;
                    push_unit(&mut d, open, unit);
                }
                continue;
            }
            let Some(closed) = section.take() else { continue };
            let problem = if closed.count >= 6 {
                Some("partial character in shift sequence")
            } else if closed.bits != 0 && closed.count > 0 {
                Some("non-zero padding bits in shift sequence")
            } else {
                None
            };
            if let Some(problem) = problem {
                at = d.error(closed.start, at + 1, problem)?;
                continue;
            }
            if let Some(high) = closed.high
                && c < 0x80
                && c != b'+'
            {
                d.out.push_char(high);
            }
            at += (c == b'-') as usize;
        }
        match &section {
            Some(open) if final_ => {
                let incomplete = open.high.is_some() || open.count >= 6 || (open.count > 0 && open.bits != 0);
                let start = open.start;
                section = None;
                if incomplete {
                    at = d.error(start, d.input.len(), "unterminated shift sequence")?;
                    if at < d.input.len() {
                        continue;
                    }
                }
            }
            Some(open) => {
                d.out.truncate(open.out_len);
                at = open.start;
            }
            None => {}
        }
        let max = d.out.text().max_char();
        let text = if max < d.out.max_char() { Str::from_text(d.out.text())? } else { d.finish()? };
        return Ok(Decoded { text, consumed: at, byte_order: 0 });
    }
}

/// One byte outside a section.
fn plain(d: &mut Decoding<'_>, at: usize, section: &mut Option<Section>) -> PyResult<usize> {
    match d.input[at] {
        b'+' => match d.input.get(at + 1) {
            Some(b'-') => {
                d.out.push_char('+' as u32);
                Ok(at + 2)
            }
            Some(&next) if base64_value(next).is_none() => d.error(at, at + 2, "ill-formed sequence"),
            _ => {
                *section = Some(Section { start: at, out_len: d.out.len(), ..Section::default() });
                Ok(at + 1)
            }
        },
        c if c < 0x80 => {
            d.out.push_char(c as u32);
            Ok(at + 1)
        }
        _ => d.error(at, at + 1, "unexpected special character"),
    }
}

fn push_unit(d: &mut Decoding<'_>, section: &mut Section, unit: u32) {
    if let Some(high) = section.high.take() {
        if unit & 0xfc00 == 0xdc00 {
            return d.out.push_char(0x10000 + ((high & 0x3ff) << 10) + (unit & 0x3ff));
        }
        d.out.push_char(high);
    }
    if unit & 0xfc00 == 0xd800 { section.high = Some(unit) } else { d.out.push_char(unit) }
}

/// Whether a character stands for itself.
fn is_direct(c: u32) -> bool {
    match u8::try_from(c) {
        Ok(c) => matches!(c, b'\t' | b'\n' | b'\r' | 0x20..=0x7d) && !matches!(c, b'+' | b'\\'),
        Err(_) => false,
    }
}

/// Encodes; there is nothing that it cannot encode.
pub fn encode(text: &Str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut shifted, mut bits, mut count) = (false, 0u64, 0u32);
    let push_unit = |out: &mut Vec<u8>, bits: &mut u64, count: &mut u32, unit: u32| {
        *bits = (*bits << 16 | unit as u64) & 0x3fffff;
        *count += 16;
        while *count >= 6 {
            *count -= 6;
            out.push(ALPHABET[(*bits >> *count) as usize & 63]);
        }
    };
    let flush = |out: &mut Vec<u8>, bits: u64, count: u32| {
        if count > 0 {
            out.push(ALPHABET[(bits << (6 - count)) as usize & 63]);
        }
    };
    for c in text.code_points() {
        if is_direct(c) {
            if shifted {
                flush(&mut out, bits, count);
                (shifted, bits, count) = (false, 0, 0);
                if base64_value(c as u8).is_some() || c == '-' as u32 {
                    out.push(b'-');
                }
            }
            out.push(c as u8);
            continue;
        }
        if !shifted {
            if c == '+' as u32 {
                out.extend_from_slice(b"+-");
                continue;
            }
            out.push(b'+');
            shifted = true;
        }
        if c >= 0x10000 {
            push_unit(&mut out, &mut bits, &mut count, 0xd7c0 + (c >> 10));
            push_unit(&mut out, &mut bits, &mut count, 0xdc00 + (c & 0x3ff));
        } else {
            push_unit(&mut out, &mut bits, &mut count, c);
        }
    }
    flush(&mut out, bits, count);
    if shifted {
        out.push(b'-');
    }
    out
}
