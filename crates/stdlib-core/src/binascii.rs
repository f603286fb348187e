//! `binascii`: base64, hexadecimal, uuencode and quoted-printable; checksums.

use macros::pymodule;
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::Buffer;
use runtime::protocol::{number, sequence};
use runtime::types::{Bytes, Int, Module, Str};
use runtime::{Object, Owned, PyResult, Raised, err, errors};

pub static ERROR: ModuleException = ModuleException::new("binascii", "Error", || Ok(exceptions::ValueError()), None);
static INCOMPLETE: ModuleException = ModuleException::new("binascii", "Incomplete", || Ok(exceptions::Exception()), None);

/// The bytes of an ASCII str or of a bytes-like object.
enum AsciiData<'a> {
    Text(&'a str),
    Bytes(Buffer),
}

impl std::ops::Deref for AsciiData<'_> {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            AsciiData::Text(text) => text.as_bytes(),
            AsciiData::Bytes(buffer) => buffer,
        }
    }
}

fn ascii_data(object: &Object) -> PyResult<AsciiData<'_>> {
    if let Some(text) = object.downcast::<Str>() {
        return match text.as_ascii() {
            Some(text) => Ok(AsciiData::Text(text)),
            None => Err(err!(ValueError, "string argument should contain only ASCII characters")),
        };
    }
    match Buffer::new(object) {
        Ok(buffer) => Ok(AsciiData::Bytes(buffer)),
        Err(raised) if !errors::matches(exceptions::TypeError()) => Err(raised),
        Err(_) => {
            errors::clear();
            Err(err!(TypeError, "argument should be bytes, buffer or ASCII string, not '{}'", object.type_name()))
        }
    }
}

#[cold]
fn error(words: &str) -> Raised {
    ERROR.raise(format_args!("{words}"))
}

// ---- base64 ----

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const NO_DIGIT: u8 = 0xff;
static DIGITS: [u8; 256] = {
    let mut digits = [NO_DIGIT; 256];
    let mut at = 0;
    while at < 64 {
        digits[ALPHABET[at] as usize] = at as u8;
        at += 1;
    }
    digits
};

fn decode_base64(data: &[u8], strict: bool) -> PyResult<Vec<u8>> {
    let mut out = runtime::memory::reserve::with_room(data.len() / 4 * 3 + 3);
    let mut rest = data;
    // Whole quads of digits need no bookkeeping.
    while let Some((quad, after)) = rest.split_first_chunk::<4>() {
        let digits = quad.map(|c| DIGITS[c as usize]);
        if digits.iter().any(|&digit| digit == NO_DIGIT) {
            break;
        }
        let bits = digits.iter().fold(0u32, |bits, &digit| bits << 6 | digit as u32);
        out.extend_from_slice(&bits.to_be_bytes()[1..]);
        rest = after;
    }
    if strict && data.first() == Some(&b'=') {
        return Err(error("Leading padding not allowed"));
    }
    let (mut digits, mut pads, mut bits) = (0, 0, 0u8);
    let mut at = 0;
    let one_too_many = |out: &[u8]| {
        ERROR.raise(format_args!(
            "Invalid base64-encoded string: number of data characters ({}) cannot be 1 more than a multiple of 4",
            out.len() / 3 * 4 + 1
        ))
    };
    while let Some(&c) = rest.get(at) {
        at += 1;
        if c == b'=' {
            if strict && digits == 0 {
                return Err(error("Excess padding not allowed"));
            }
            if strict && digits == 1 {
                return Err(one_too_many(&out));
            }
            pads += 1;
            if strict && digits + pads > 4 {
                return Err(error("Excess padding not allowed"));
            }
            continue;
        }
        let digit = DIGITS[c as usize];
        if digit == NO_DIGIT {
            if strict {
                return Err(error("Only base64 data is allowed"));
            }
            continue;
        }
        if strict && pads > 0 {
            return Err(error(if digits + pads == 4 { "Excess data after padding" } else { "Discontinuous padding not allowed" }));
        }
        pads = 0;
        match digits {
            0 => bits = digit,
            1 => {
                out.push(bits << 2 | digit >> 4);
                bits = digit & 0x0f;
            }
            2 => {
                out.push(bits << 4 | digit >> 2);
                bits = digit & 3;
            }
            _ => {
                out.push(bits << 6 | digit);
                bits = 0;
            }
        }
        digits = (digits + 1) % 4;
    }
    match digits {
        0 => Ok(out),
        1 => Err(one_too_many(&out)),
        _ if digits + pads >= 4 => Ok(out),
        _ => Err(error("Incorrect padding")),
    }
}

fn encode_base64(data: &[u8], newline: bool) -> Vec<u8> {
    let mut out = runtime::memory::reserve::with_room(data.len().div_ceil(3) * 4 + 1);
    let digit = |bits: u32| ALPHABET[(bits & 63) as usize];
    let mut groups = data.chunks_exact(3);
    for group in &mut groups {
        let bits = (group[0] as u32) << 16 | (group[1] as u32) << 8 | group[2] as u32;
        out.extend_from_slice(&[digit(bits >> 18), digit(bits >> 12), digit(bits >> 6), digit(bits)]);
    }
    match *groups.remainder() {
        [a] => out.extend_from_slice(&[digit(a as u32 >> 2), digit((a as u32) << 4), b'=', b'=']),
        [a, b] => {
            let bits = (a as u32) << 10 | (b as u32) << 2;
            out.extend_from_slice(&[digit(bits >> 12), digit(bits >> 6), digit(bits), b'=']);
        }
        _ => {}
    }
    if newline {
        out.push(b'\n');
    }
    out
}

// ---- hexadecimal ----

/// The value of a character as a hexadecimal digit; `NO_DIGIT` for others.
const HEX_VALUES: [u8; 256] = {
    let mut values = [NO_DIGIT; 256];
    let mut digit = 0;
    while digit < 16 {
        values[HEX[digit] as usize] = digit as u8;
        values[HEX[digit].to_ascii_uppercase() as usize] = digit as u8;
        digit += 1;
    }
    values
};
const HEX: &[u8; 16] = b"0123456789abcdef";
/// The two digits of each byte.
const HEX_PAIRS: [[u8; 2]; 256] = {
    let mut pairs = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        pairs[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    pairs
};

fn hex_value(c: u8) -> Option<u8> {
    Some(HEX_VALUES[c as usize]).filter(|&value| value != NO_DIGIT)
}

fn decode_hex(data: &[u8]) -> PyResult<Owned<Bytes>> {
    if data.len() % 2 != 0 {
        return Err(error("Odd-length string"));
    }
    let mut is_bad = false;
    let decoded = Bytes::build(data.len() / 2, |out| {
        for (byte, pair) in out.iter_mut().zip(data.chunks_exact(2)) {
            let (high, low) = (HEX_VALUES[pair[0] as usize], HEX_VALUES[pair[1] as usize]);
            is_bad |= (high | low) > 15;
            *byte = high << 4 | low & 15;
        }
    })?;
    if is_bad { Err(error("Non-hexadecimal digit found")) } else { Ok(decoded) }
}

/// The character of a `sep` argument.
fn separator(sep: &Object) -> PyResult<u8> {
    if sequence::len(sep)? != 1 {
        return Err(err!(ValueError, "sep must be length 1."));
    }
    match (sep.downcast::<Str>(), sep.downcast::<Bytes>()) {
        (Some(text), _) => u8::try_from(text.char_at(0)).map_err(|_| err!(ValueError, "sep must be ASCII.")),
        (_, Some(bytes)) => Ok(bytes.as_slice()[0]),
        _ => Err(err!(TypeError, "sep must be str or bytes.")),
    }
}

fn encode_hex(data: &[u8], sep: Option<&Object>, bytes_per_sep: i32) -> PyResult<Owned<Bytes>> {
    let sep = sep.map(separator).transpose()?.filter(|_| bytes_per_sep != 0);
    if sep.is_none() {
        let Some(len) = data.len().checked_mul(2) else { return Err(runtime::errors::no_memory()) };
        return Bytes::build(len, |out| {
            for (pair, &byte) in out.chunks_exact_mut(2).zip(data) {
                pair.copy_from_slice(&HEX_PAIRS[byte as usize]);
            }
        });
    }
    let group = bytes_per_sep.unsigned_abs() as usize;
    let first = if bytes_per_sep > 0 && group > 0 { data.len() % group } else { 0 };
    let mut out = runtime::memory::reserve::with_room(data.len() * 3);
    for (at, &byte) in data.iter().enumerate() {
        if let Some(sep) = sep
            && at > 0
            && (at + group - first) % group == 0
        {
            out.push(sep);
        }
        out.extend_from_slice(&HEX_PAIRS[byte as usize]);
    }
    Ok(Bytes::new(&out))
}

// ---- uuencode ----

fn decode_uu(data: &[u8]) -> PyResult<Vec<u8>> {
    let Some((&first, data)) = data.split_first() else { return Err(error("Missing length byte")) };
    let len = (first.wrapping_sub(b' ') & 63) as usize;
    let mut out = runtime::memory::reserve::with_room(len);
    let (mut bits, mut bit_count) = (0u32, 0);
    let mut at = 0;
    while out.len() < len {
        let value = match data.get(at) {
            // Trailing spaces are often lost.
            None | Some(b'\n' | b'\r') => 0,
            Some(&c) if (b' '..=b' ' + 64).contains(&c) => (c - b' ') & 63,
            Some(_) => return Err(error("Illegal char")),
        };
        at += 1;
        bits = bits << 6 | value as u32;
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            out.push((bits >> bit_count) as u8);
            bits &= (1 << bit_count) - 1;
        }
    }
    let rest = data.get(at..).unwrap_or(&[]);
    if rest.iter().any(|c| !matches!(c, b' ' | b'`' | b'\n' | b'\r')) {
        return Err(error("Trailing garbage"));
    }
    Ok(out)
}

fn encode_uu(data: &[u8], backtick: bool) -> PyResult<Vec<u8>> {
    if data.len() > 45 {
        return Err(error("At most 45 bytes at once"));
    }
    let character = |value: u32| if backtick && value & 63 == 0 { b'`' } else { b' ' + (value & 63) as u8 };
    let mut out = vec![character(data.len() as u32)];
    for group in data.chunks(3) {
        let byte = |at: usize| group.get(at).copied().unwrap_or(0) as u32;
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        out.extend_from_slice(&[character(bits >> 18), character(bits >> 12), character(bits >> 6), character(bits)]);
    }
    out.push(b'\n');
    Ok(out)
}

// ---- quoted-printable ----

fn decode_qp(data: &[u8], header: bool) -> Vec<u8> {
    let mut out = runtime::memory::reserve::with_room(data.len());
    let mut at = 0;
    while at < data.len() {
        let c = data[at];
        at += 1;
        if c != b'=' {
            out.push(if header && c == b'_' { b' ' } else { c });
            continue;
        }
        match data.get(at) {
            None => break,
            Some(b'\n' | b'\r') => {
                // A soft line break: through the end of the line.
                at = data[at..].iter().position(|&c| c == b'\n').map_or(data.len(), |newline| at + newline + 1);
            }
            Some(b'=') => {
                out.push(b'=');
                at += 1;
            }
            Some(&high) => match (hex_value(high), data.get(at + 1).and_then(|&low| hex_value(low))) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    at += 2;
                }
                _ => out.push(b'='),
            },
        }
    }
    out
}

fn push_quoted(out: &mut Vec<u8>, c: u8) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    out.extend_from_slice(&[b'=', HEX[(c >> 4) as usize], HEX[(c & 15) as usize]]);
}

fn encode_qp(data: &[u8], quote_tabs: bool, is_text: bool, header: bool) -> Vec<u8> {
    const MAX_LINE: usize = 76;
    let crlf = data.iter().position(|&c| c == b'\n').is_some_and(|at| at > 0 && data[at - 1] == b'\r');
    let line_end: &[u8] = if crlf { b"\r\n" } else { b"\n" };
    let mut out = runtime::memory::reserve::with_room(data.len() * 5 / 4);
    let (mut at, mut line) = (0, 0);
    while at < data.len() {
        let c = data[at];
        let next = data.get(at + 1).copied();
        let is_blank = matches!(c, b' ' | b'\t');
        let is_line_end = matches!(c, b'\r' | b'\n');
        let quoted = c > 126
            || c == b'='
            || (header && c == b'_')
            || (c == b'.' && line == 0 && matches!(next, None | Some(b'\n' | b'\r' | 0)))
            || (!is_text && is_line_end)
            || (is_blank && next.is_none())
            || (c < 33 && !is_line_end && (quote_tabs || !is_blank));
        if quoted {
            if line + 3 >= MAX_LINE {
                out.push(b'=');
                out.extend_from_slice(line_end);
                line = 0;
            }
            push_quoted(&mut out, c);
            at += 1;
            line += 3;
        } else if is_text && (c == b'\n' || (c == b'\r' && next == Some(b'\n'))) {
            line = 0;
            if let Some(&last @ (b' ' | b'\t')) = out.last() {
                out.pop();
                push_quoted(&mut out, last);
            }
            out.extend_from_slice(line_end);
            at += if c == b'\r' { 2 } else { 1 };
        } else {
            if next.is_some_and(|next| next != b'\n') && line + 1 >= MAX_LINE {
                out.push(b'=');
                out.extend_from_slice(line_end);
                line = 0;
            }
            line += 1;
            out.push(if header && c == b' ' { b'_' } else { c });
            at += 1;
        }
    }
    out
}

/// CRC-CCITT, polynomial 0x1021.
fn crc_ccitt(data: &[u8], mut crc: u16) -> u16 {
    static TABLE: [u16; 256] = {
        let mut table = [0; 256];
        let mut at = 0;
        while at < 256 {
            let mut crc = (at as u16) << 8;
            let mut bit = 0;
            while bit < 8 {
                crc = if crc & 0x8000 != 0 { crc << 1 ^ 0x1021 } else { crc << 1 };
                bit += 1;
            }
            table[at] = crc;
            at += 1;
        }
        table
    };
    for &byte in data {
        crc = crc << 8 ^ TABLE[(crc >> 8) as usize ^ byte as usize];
    }
    crc
}

/// The low 32 bits of an int argument.
fn low_bits(value: &Object) -> PyResult<u32> {
    let int: Owned<Int> = number::index(value)?;
    Ok(int.as_u64_mask() as u32)
}

/// Conversion between binary data and ASCII
#[pymodule(name = "binascii")]
pub mod binascii {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("Error", ERROR.ty()?)?;
        module.add("Incomplete", INCOMPLETE.ty()?)
    }
    /// Decode a line of uuencoded data.
    #[function("a2b_uu($module, data, /)")]
    fn a2b_uu(data: &Object) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&decode_uu(&ascii_data(data)?)?))
    }
    /// Uuencode line of data.
    #[function("b2a_uu($module, data, /, *, backtick=False)")]
    fn b2a_uu(data: Buffer, backtick: bool) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&encode_uu(&data, backtick)?))
    }
    /// Decode a line of base64 data.
    ///
    ///   strict_mode
    ///     Refuse bytes that are no base64 data, and data behind the padding (= / ==).
    #[function("a2b_base64($module, data, /, *, strict_mode=False)")]
    fn a2b_base64(data: &Object, strict_mode: bool) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&decode_base64(&ascii_data(data)?, strict_mode)?))
    }
    /// Base64-code line of data.
    #[function("b2a_base64($module, data, /, *, newline=True)")]
    fn b2a_base64(data: Buffer, newline: bool) -> Owned<Bytes> {
        Bytes::new(&encode_base64(&data, newline))
    }
    /// Compute CRC-CCITT incrementally.
    #[function("crc_hqx($module, data, crc, /)")]
    fn crc_hqx(data: Buffer, crc: &Object) -> PyResult<u32> {
        Ok(crc_ccitt(&data, low_bits(crc)? as u16) as u32)
    }
    /// Compute CRC-32 incrementally.
    #[function("crc32($module, data, crc=0, /)")]
    fn crc32(data: Buffer, crc: Option<&Object>) -> PyResult<u32> {
        let mut hasher = crc32fast::Hasher::new_with_initial(crc.map_or(Ok(0), low_bits)?);
        hasher.update(&data);
        Ok(hasher.finalize())
    }
    /// Hexadecimal representation of binary data.
    ///
    ///   sep
    ///     A character or byte to put between bytes.
    ///   bytes_per_sep
    ///     How many bytes between separators.  Positive values count from the
    ///     right, negative values count from the left.
    ///
    /// The result is a bytes object.  hexlify() is the same function.
    #[function("b2a_hex($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn b2a_hex(data: Buffer, sep: Option<&Object>, bytes_per_sep: i32) -> PyResult<Owned<Bytes>> {
        encode_hex(&data, sep, bytes_per_sep)
    }
    /// Hexadecimal representation of binary data; the same as b2a_hex().
    #[function("hexlify($module, /, data, sep=<unrepresentable>, bytes_per_sep=1)")]
    fn hexlify(data: Buffer, sep: Option<&Object>, bytes_per_sep: i32) -> PyResult<Owned<Bytes>> {
        encode_hex(&data, sep, bytes_per_sep)
    }
    /// Binary data of hexadecimal representation.
    ///
    /// hexstr must contain an even number of hex digits (upper or lower case).
    /// unhexlify() is the same function.
    #[function("a2b_hex($module, hexstr, /)")]
    fn a2b_hex(hexstr: &Object) -> PyResult<Owned<Bytes>> {
        decode_hex(&ascii_data(hexstr)?)
    }
    /// Binary data of hexadecimal representation; the same as a2b_hex().
    #[function("unhexlify($module, hexstr, /)")]
    fn unhexlify(hexstr: &Object) -> PyResult<Owned<Bytes>> {
        decode_hex(&ascii_data(hexstr)?)
    }
    /// Decode a string of qp-encoded data.
    #[function("a2b_qp($module, /, data, header=False)")]
    fn a2b_qp(data: &Object, header: bool) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&decode_qp(&ascii_data(data)?, header)))
    }
    /// Encode a string using quoted-printable encoding.
    ///
    /// With istext, newlines stay and white space at the end of lines is quoted;
    /// without, \r and \n are quoted.  With quotetabs, so are spaces and tabs.
    #[function("b2a_qp($module, /, data, quotetabs=False, istext=True, header=False)")]
    fn b2a_qp(data: Buffer, quotetabs: bool, istext: bool, header: bool) -> Owned<Bytes> {
        Bytes::new(&encode_qp(&data, quotetabs, istext, header))
    }
}
