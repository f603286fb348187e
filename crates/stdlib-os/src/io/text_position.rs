//! `tell` and `seek` of text streams. A position is a number (a cookie) that packs where the buffer is to seek to, the decoder's state there,
//! and how much to decode and skip from there.

use super::text_wrapper::{Snapshot, TextIOWrapper, is_zero};
use super::text_codec::Decoder;
use super::{offset, unsupported};
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number, object};
use runtime::types::{Bytes, Int, Str};
use runtime::{err, intern};

/// The parts of a position; in the number they follow one another from the low end: 64, 32, 32, 32 and 8 bits.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Cookie {
    start: u64,
    flags: u32,
    bytes_to_feed: u32,
    chars_to_skip: u32,
    need_eof: u8,
}

const BYTES: usize = 21;

impl Cookie {
    fn pack(&self) -> [u8; BYTES] {
        let mut bytes = [0; BYTES];
        bytes[..8].copy_from_slice(&self.start.to_le_bytes());
        bytes[8..12].copy_from_slice(&self.flags.to_le_bytes());
        bytes[12..16].copy_from_slice(&self.bytes_to_feed.to_le_bytes());
        bytes[16..20].copy_from_slice(&self.chars_to_skip.to_le_bytes());
        bytes[20] = self.need_eof;
        bytes
    }
    fn unpack(bytes: &[u8; BYTES]) -> Cookie {
        let word = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
        Cookie {
            start: word(0) as u64 | (word(4) as u64) << 32,
            flags: word(8),
            bytes_to_feed: word(12),
            chars_to_skip: word(16),
            need_eof: bytes[20],
        }
    }
    fn to_int(self) -> PyResult<Owned<Int>> {
        if self.flags == 0 && self.bytes_to_feed == 0 && self.chars_to_skip == 0 && self.need_eof == 0 {
            return Ok(Int::from_u64(self.start));
        }
        let bytes = self.pack();
        let bit = |at: usize| (bytes.get(at / 8).copied().unwrap_or(0) >> (at % 8) & 1) as u32;
        let mut digits: Vec<u32> = (0..BYTES * 8).step_by(30).map(|at| (0..30).map(|i| bit(at + i) << i).sum()).collect();
        while digits.last() == Some(&0) {
            digits.pop();
        }
        Int::from_digits(&digits, false)
    }
    fn from_int(value: &Int) -> PyResult<Cookie> {
        let mut bytes = [0u8; BYTES];
        for (at, digit) in value.digits().iter().enumerate() {
            for i in 0..30 {
                if digit >> i & 1 == 0 {
                    continue;
                }
                let place = at * 30 + i;
                match bytes.get_mut(place / 8) {
                    Some(byte) => *byte |= 1 << (place % 8),
                    None => return Err(err!(OverflowError, "int too big to convert")),
                }
            }
        }
        Ok(Cookie::unpack(&bytes))
    }
}

fn set_flags(decoder: &Decoder, flags: u32) -> PyResult<()> {
    decoder.set_state(&Bytes::new(&[]), &Int::from_i64(flags as i64))
}

/// How much is put aside, and the flags.
fn state_of(decoder: &Decoder) -> PyResult<(usize, u32)> {
    let (pending, flags) = decoder.state()?;
    let pending = pending.downcast::<Bytes>().map_or(0, |b| b.len());
    Ok((pending, flags.as_u64_mask() as u32))
}

impl TextIOWrapper {
    /// `tell`.
    pub fn tell_cookie(&self) -> PyResult {
        self.check_open()?;
        if !self.seekable.get() {
            return Err(unsupported("underlying stream is not seekable"));
        }
        if !self.telling.get() {
            return Err(err!(OSError, "telling position disabled by next() call"));
        }
        self.flush_pending()?;
        call::call_method0(self, intern!("flush"))?;
        let at = call::call_method0(&*self.buffer()?, intern!("tell"))?;
        let (Some(decoder), Some(snapshot)) = (self.decoder(), self.snapshot.borrow().clone()) else {
            return Ok(at);
        };
        let Some(input) = snapshot.input.downcast::<Bytes>() else { return Ok(at) };
        let input = input.as_slice();
        let start = offset(&at)? - input.len() as i64;
        let mut cookie = Cookie { start: start as u64, flags: snapshot.flags.as_u64_mask() as u32, ..Cookie::default() };
        let used = self.used.get();
        if used == 0 {
            return Ok(cookie.to_int()?.into_object());
        }
        // The decoder replays the chunk; afterwards it must be as it is now.
        let (pending, flags) = decoder.state()?;
        let found = self.locate(&decoder, &mut cookie, input, used);
        let restored = match found {
            Ok(()) => decoder.set_state(&pending, &flags),
            Err(raised) => {
                let error = runtime::errors::take();
                if decoder.set_state(&pending, &flags).is_err() {
                    runtime::errors::clear();
                }
                if let Some(error) = error {
                    runtime::errors::restore(error);
                }
                return Err(raised);
            }
        };
        restored?;
        Ok(cookie.to_int()?.into_object())
    }

    /// Finds the last place before `used` characters at which the decoder's state is only flags.
    fn locate(&self, decoder: &Decoder, cookie: &mut Cookie, input: &[u8], used: usize) -> PyResult<()> {
        let mut to_skip = used;
        // A guess by the ratio of bytes to characters, corrected downwards.
        let mut skip = ((self.ratio.get() * to_skip as f64) as usize).min(input.len());
        let mut back = 1;
        loop {
            if skip == 0 {
                set_flags(decoder, cookie.flags)?;
                break;
            }
            set_flags(decoder, cookie.flags)?;
            let count = decoder.decode_slice(&input[..skip], false)?.len();
            if count <= to_skip {
                let (pending, flags) = state_of(decoder)?;
                if pending == 0 {
                    cookie.flags = flags;
                    to_skip -= count;
                    break;
                }
                skip = skip.saturating_sub(pending);
                back = 1;
            } else {
                skip = skip.saturating_sub(back);
                back *= 2;
            }
        }
        cookie.start += skip as u64;
        cookie.chars_to_skip = to_skip as u32;
        if to_skip == 0 {
            return Ok(());
        }
        let mut count = 0;
        let mut rest = &input[skip..];
        while !rest.is_empty() && count < to_skip {
            count += decoder.decode_slice(&rest[..1], false)?.len();
            rest = &rest[1..];
            cookie.bytes_to_feed += 1;
            let (pending, flags) = state_of(decoder)?;
            if pending == 0 && count <= to_skip {
                cookie.start += cookie.bytes_to_feed as u64;
                to_skip -= count;
                cookie.flags = flags;
                (cookie.bytes_to_feed, count) = (0, 0);
            }
            if count >= to_skip {
                break;
            }
        }
        if rest.is_empty() && count < to_skip {
            count += decoder.decode_slice(&[], true)?.len();
            cookie.need_eof = 1;
            if count < to_skip {
                return Err(err!(OSError, "can't reconstruct logical file position"));
            }
        }
        cookie.chars_to_skip = to_skip as u32;
        Ok(())
    }

    /// `seek`.
    pub fn seek_to(&self, position: &Object, whence: i32) -> PyResult {
        self.check_open()?;
        if !self.seekable.get() {
            return Err(unsupported("underlying stream is not seekable"));
        }
        let mut position = position.to_owned();
        match whence {
            0 => {}
            1 => {
                if !is_zero(&position)? {
                    return Err(unsupported("can't do nonzero cur-relative seeks"));
                }
                position = call::call_method0(self, intern!("tell"))?;
            }
            2 => {
                if !is_zero(&position)? {
                    return Err(unsupported("can't do nonzero end-relative seeks"));
                }
                return self.seek_to_end();
            }
            _ => return Err(err!(ValueError, "invalid whence ({whence}, should be 0, 1 or 2)")),
        }
        if object::rich_compare_bool(&position, &Int::from_i64(0), object::CompareOp::Lt)? {
            let shown = object::repr(&position)?;
            return Err(err!(ValueError, "negative seek position {}", &*shown));
        }
        call::call_method0(self, intern!("flush"))?;
        let cookie = Cookie::from_int(&*number::index(&position)?)?;
        let start = Int::from_i64(cookie.start as i64);
        let buffer = self.buffer()?;
        call::call_method(&buffer, intern!("seek"), &[&start])?;
        self.forget_decoded();
        self.forget_snapshot();
        let decoder = self.decoder();
        if let Some(decoder) = &decoder {
            if cookie.start == 0 && cookie.flags == 0 {
                decoder.reset()?;
            } else {
                set_flags(decoder, cookie.flags)?;
            }
        }
        let flags = Int::from_i64(cookie.flags as i64);
        let input = if cookie.chars_to_skip > 0 {
            let size = Int::from_i64(cookie.bytes_to_feed as i64);
            let chunk = call::call_method(&buffer, intern!("read"), &[&size])?;
            let Some(bytes) = chunk.downcast::<Bytes>() else {
                return Err(err!(TypeError, "underlying read() should have returned a bytes object, not '{}'", chunk.type_name()));
            };
            let old = self.snapshot.replace(Some(Snapshot { flags, input: chunk.clone() }));
            drop(old);
            let Some(decoder) = &decoder else { return Err(unsupported("not readable")) };
            let text: Owned<Str> = decoder.decode(&chunk, bytes.as_slice(), cookie.need_eof != 0)?;
            let length = text.len();
            self.set_decoded(text);
            if length < cookie.chars_to_skip as usize {
                return Err(err!(OSError, "can't restore logical file position"));
            }
            self.used.set(cookie.chars_to_skip as usize);
            None
        } else {
            Some(Snapshot { flags, input: Bytes::new(&[]).into_object() })
        };
        if let Some(snapshot) = input {
            let old = self.snapshot.replace(Some(snapshot));
            drop(old);
        }
        if let Some(encoder) = self.encoder() {
            encoder.restart(cookie.start == 0 && cookie.flags == 0)?;
        }
        Ok(position)
    }

    fn seek_to_end(&self) -> PyResult {
        call::call_method0(self, intern!("flush"))?;
        self.forget_decoded();
        self.forget_snapshot();
        if let Some(decoder) = self.decoder() {
            decoder.reset()?;
        }
        let end = call::call_method(&*self.buffer()?, intern!("seek"), &[&Int::from_i64(0), &Int::from_i64(2)])?;
        if let Some(encoder) = self.encoder() {
            encoder.restart(is_zero(&end)?)?;
        }
        Ok(end)
    }
}

#[cfg(test)]
mod tests {
    use super::Cookie;

    #[test]
    fn a_position_keeps_its_parts() {
        let cookie = Cookie { start: 0x0123_4567_89ab_cdef, flags: 7, bytes_to_feed: 1 << 31, chars_to_skip: 5, need_eof: 1 };
        assert_eq!(Cookie::unpack(&cookie.pack()), cookie);
    }
}
