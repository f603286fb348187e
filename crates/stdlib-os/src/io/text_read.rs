//! Reading text: chunks of the buffer are decoded, lines and characters given out.

use super::get;
use super::newline_decoder::find_line_end;
use super::text_wrapper::{Snapshot, TextIOWrapper, exact_buffered};
use super::unsupported;
use runtime::errors::{self, PyResult};
use runtime::macro_support::Buffer;
use runtime::object::{Owned, PyTyped};
use runtime::protocol::call;
use runtime::types::str::{StrBuilder, Text};
use runtime::types::str::search::find_char;
use runtime::types::{Bytes, Int, Str};
use runtime::{err, intern};

/// A search for the end of a line.
enum Found {
    /// The line ends here.
    End(usize),
    /// It does not end; up to here the text need not be looked at again.
    Open(usize),
}

impl TextIOWrapper {
    /// The end of the line in `text`.
    fn line_end(&self, text: Text<'_>) -> Found {
        if self.translate_read.get() {
            return find_char(text, '\n' as u32).map_or(Found::Open(text.len()), |at| Found::End(at + 1));
        }
        if self.universal.get() {
            // The decoder keeps a final "\r" back until it knows what follows.
            return match find_line_end(text) {
                None => Found::Open(text.len()),
                Some(at) if text.at(at) == '\r' as u32 && at + 1 < text.len() && text.at(at + 1) == '\n' as u32 => Found::End(at + 2),
                Some(at) => Found::End(at + 1),
            };
        }
        let newline = get(&self.read_newline);
        let Some(newline) = newline.filter(|n| n.len() > 1) else {
            let end = get(&self.read_newline).map_or('\n' as u32, |n| n.char_at(0));
            return find_char(text, end).map_or(Found::Open(text.len()), |at| Found::End(at + 1));
        };
        match runtime::types::str::search::find(text, newline.text()) {
            Some(at) => Found::End(at + newline.len()),
            // "\r" at the end may be the first half.
            None if !text.is_empty() && text.at(text.len() - 1) == newline.char_at(0) => Found::Open(text.len() - 1),
            None => Found::Open(text.len()),
        }
    }

    /// Reads and decodes a chunk. False at the end of the stream.
    pub fn read_chunk(&self, hint: usize) -> PyResult<bool> {
        let Some(decoder) = self.decoder() else { return Err(unsupported("not readable")) };
        let before = if self.telling.get() { Some(decoder.state()?) } else { None };
        let mut size = self.chunk_size.get();
        if hint > 0 {
            let wanted = self.ratio.get().max(1.0) * hint as f64;
            size = size.max(if wanted < isize::MAX as f64 { wanted as isize } else { isize::MAX });
        }
        let buffer = self.buffer()?;
        let chunk = match exact_buffered(&buffer) {
            // SAFETY: only looked at.
            Some(reader) if reader.readable.get() && unsafe { (*reader.stream.dict.as_ptr()).as_ref() }.is_none_or(|dict| dict.is_empty()) => {
                reader.read_once(size)?.into_object()
            }
            _ => {
                let name = if self.has_read1.get() { intern!("read1") } else { intern!("read") };
                call::call_method(&buffer, name, &[&Int::from_i64(size as i64)])?
            }
        };
        let (text, count) = match chunk.downcast_exact::<Bytes>() {
            Some(bytes) => (decoder.decode(&chunk, bytes.as_slice(), bytes.len() == 0)?, bytes.len()),
            None => {
                let Ok(bytes) = Buffer::new(&chunk) else {
                    let name = if self.has_read1.get() { "read1" } else { "read" };
                    errors::clear();
                    return Err(err!(
                        TypeError,
                        "underlying {name}() should have returned a bytes-like object, not '{}'",
                        chunk.type_name()
                    ));
                };
                (decoder.decode(&chunk, &bytes, bytes.is_empty())?, bytes.len())
            }
        };
        let more = count > 0 || !text.is_empty();
        self.ratio.set(if text.is_empty() { 0.0 } else { count as f64 / text.len() as f64 });
        self.set_decoded(text);
        if let Some((pending, flags)) = before {
            let input = match (pending.downcast::<Bytes>(), chunk.downcast::<Bytes>()) {
                (pending, None) => {
                    let mut all = pending.map(|b| b.as_slice().to_vec()).unwrap_or_default();
                    all.extend_from_slice(&Buffer::new(&chunk)?);
                    Bytes::new(&all).into_object()
                }
                (Some(pending), Some(chunk)) if pending.len() > 0 => {
                    let mut all = pending.as_slice().to_vec();
                    all.extend_from_slice(chunk.as_slice());
                    Bytes::new(&all).into_object()
                }
                _ => chunk,
            };
            let old = self.snapshot.replace(Some(Snapshot { flags, input }));
            drop(old);
        }
        Ok(more)
    }

    pub fn set_decoded(&self, text: Owned<Str>) {
        let old = self.decoded.replace(Some(text));
        drop(old);
        self.used.set(0);
    }
    /// Up to `count` decoded characters (all if negative).
    fn take_decoded(&self, count: isize) -> PyResult<Owned<Str>> {
        let Some(decoded) = get(&self.decoded) else { return Ok(Owned::from_ref(Str::empty())) };
        let used = self.used.get().min(decoded.len());
        let left = decoded.len() - used;
        let count = if count < 0 { left } else { left.min(count as usize) };
        self.used.set(used + count);
        decoded.substring(used, used + count)
    }

    /// `read`.
    pub fn read_text(&self, size: isize) -> PyResult<Owned<Str>> {
        self.check_open()?;
        let Some(decoder) = self.decoder() else { return Err(unsupported("not readable")) };
        self.flush_pending()?;
        if size < 0 {
            let bytes = call::call_method0(&*self.buffer()?, intern!("read"))?;
            if bytes.is_none() {
                return Err(err!(BlockingIOError, "Read returned None."));
            }
            let decoded = match bytes.downcast::<Bytes>() {
                Some(data) => decoder.decode(&bytes, data.as_slice(), true)?,
                None => {
                    let data = Buffer::new(&bytes)?;
                    decoder.decode(&bytes, &data, true)?
                }
            };
            let first = self.take_decoded(-1)?;
            // SAFETY: only looked at.
            if unsafe { (*self.decoded.as_ptr()).is_some() } {
                self.forget_decoded();
            }
            self.forget_snapshot();
            return if first.is_empty() { decoded.to_exact() } else { Str::append(first, &decoded) };
        }
        let mut result = self.take_decoded(size)?;
        let mut left = size as usize - result.len();
        let mut all: Option<StrBuilder> = None;
        // Whole chunks are collected until there is enough.
        while left > 0 {
            let more = loop {
                match self.read_chunk(left) {
                    Err(raised) => {
                        if !super::interrupted()? {
                            return Err(raised);
                        }
                    }
                    Ok(more) => break more,
                }
            };
            if !more {
                break;
            }
            let piece = self.take_decoded(left as isize)?;
            left -= piece.len();
            match &mut all {
                Some(all) => all.push_str_object(&piece)?,
                None if result.is_empty() => result = piece,
                None => {
                    let mut builder = StrBuilder::new();
                    builder.push_str_object(&result)?;
                    builder.push_str_object(&piece)?;
                    all = Some(builder);
                }
            }
        }
        match all {
            Some(all) => all.finish(),
            None => Ok(result),
        }
    }

    /// `readline`: at most `limit` characters, if that is not negative.
    pub fn read_line(&self, limit: isize) -> PyResult<Owned<Str>> {
        self.check_open()?;
        self.flush_pending()?;
        let limit = if limit < 0 { usize::MAX } else { limit as usize };
        // The whole line is in the decoded text.
        if let Some(decoded) = get(&self.decoded) {
            let used = self.used.get();
            let rest = decoded.text().slice(used.min(decoded.len()), decoded.len());
            if let Found::End(end) = self.line_end(rest) {
                let end = used + end.min(limit);
                self.used.set(end);
                return decoded.substring(used, end);
            }
        }
        self.read_long_line(limit)
    }

    fn read_long_line(&self, limit: usize) -> PyResult<Owned<Str>> {
        let mut line = StrBuilder::new();
        // What could not be told to be in the line without the next chunk ("\r" of "\r\n").
        let mut kept: Option<Owned<Str>> = None;
        loop {
            let mut ended = false;
            let decoded = loop {
                if let Some(decoded) = get(&self.decoded)
                    && decoded.len() > self.used.get()
                {
                    break Some(decoded);
                }
                match self.read_chunk(0) {
                    Err(raised) => {
                        if !super::interrupted()? {
                            return Err(raised);
                        }
                    }
                    Ok(true) => {}
                    Ok(false) => {
                        ended = true;
                        break None;
                    }
                }
            };
            let Some(decoded) = decoded else {
                debug_assert!(ended);
                self.forget_decoded();
                self.forget_snapshot();
                break;
            };
            let used = self.used.get();
            let (text, start, carried) = match kept.take() {
                Some(kept) => {
                    let rest = decoded.substring(used, decoded.len())?;
                    let carried = kept.len();
                    (Str::concat(&kept, &rest)?, 0, carried)
                }
                None => (decoded, used, 0),
            };
            let have = line.len();
            let (end, done) = match self.line_end(text.text().slice(start, text.len())) {
                Found::End(end) => (start + end.min(limit - have), true),
                Found::Open(end) if end >= limit - have => (start + (limit - have), true),
                Found::Open(end) => (start + end, false),
            };
            line.push_text(text.text().slice(start, end))?;
            if done {
                // `carried` characters of the text were in earlier chunks.
                self.used.set(if carried > 0 { used + end.saturating_sub(carried) } else { end });
                if carried > end {
                    self.put_back(&text, end)?;
                }
                break;
            }
            if end < text.len() {
                kept = Some(text.substring(end, text.len())?);
            }
            self.forget_decoded();
        }
        if let Some(kept) = kept {
            line.push_str_object(&kept)?;
        }
        line.finish()
    }

    /// A limit fell between what was kept of an earlier chunk and the present one.
    #[cold]
    fn put_back(&self, text: &Str, end: usize) -> PyResult<()> {
        let rest = text.substring(end, text.len())?;
        self.set_decoded(rest);
        Ok(())
    }

    /// `__next__`.
    pub fn next_line(&self) -> PyResult<Option<Owned>> {
        self.check_attached()?;
        self.telling.set(false);
        let line = if self.is_exact::<TextIOWrapper>() {
            self.read_line(-1)?
        } else {
            let line = call::call_method0(self.as_object(), intern!("readline"))?;
            line.try_into_typed::<Str>()
                .map_err(|other| err!(OSError, "readline() should have returned a str object, not '{}'", other.type_name()))?
        };
        if line.is_empty() {
            self.forget_snapshot();
            self.telling.set(self.seekable.get());
            return Ok(None);
        }
        Ok(Some(line.into_object()))
    }
}

