//! The methods that bytes and bytearray share, and what both types need of each other. Results are of the type itself.
//!
//! Arguments are converted, which may run code, before the bytes are looked at: a bytearray may change meanwhile.

use super::engine::{self, Part, is_space};
use crate::err;
use crate::errors::{self, PyResult, Raised, no_memory};
use crate::macro_support::{ArgContext, Buffer, FromArg, SliceIndex, bad_argument};
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{buffer, number, sequence};
use crate::types::slice::SliceRange;
use crate::types::{ByteArray, Bytes, Int, List, Str, Tuple};
use crate::{exceptions, format};
use std::cell::Cell;

/// An array of bytes: `bytes` or `bytearray`.
pub trait ByteString: PyTyped {
    const NAME: &'static str;
    fn bytes(&self) -> &[u8];
    /// A new object of `len` bytes that `fill` writes.
    fn build(len: usize, fill: impl FnOnce(&mut [u8])) -> PyResult<Owned<Self>>;
    /// The result of an operation that changed nothing.
    fn unchanged(&self) -> PyResult<Owned<Self>>;
    /// Keeps the bytes where they are while code runs that may try to resize the object: that is a BufferError.
    fn hold(&self) -> Hold<'_> {
        Hold(None)
    }
    /// The object itself, where it may be shared instead of copied.
    fn shared(object: &Object) -> Option<Owned<Self>>;
    fn of(data: &[u8]) -> PyResult<Owned<Self>> {
        Self::build(data.len(), |out| out.copy_from_slice(data))
    }
}

/// An export of a bytearray's bytes for as long as this lives.
pub struct Hold<'a>(Option<&'a Cell<isize>>);

impl<'a> Hold<'a> {
    pub fn on(exports: &'a Cell<isize>) -> Hold<'a> {
        exports.set(exports.get() + 1);
        Hold(Some(exports))
    }
}

impl Drop for Hold<'_> {
    fn drop(&mut self) {
        if let Some(exports) = self.0 {
            exports.set(exports.get() - 1);
        }
    }
}

/// What is looked for: one byte, given as a number, or a text.
pub enum Needle {
    Byte(u8),
    Text(Buffer),
}

impl Needle {
    pub fn as_slice(&self) -> &[u8] {
        match self {
            Needle::Byte(c) => std::slice::from_ref(c),
            Needle::Text(text) => text,
        }
    }
}

impl Needle {
    fn of<T: ByteString>(this: &T, value: &Object) -> PyResult<Needle> {
        let _hold = this.hold();
        if buffer::check(value) {
            return Ok(Needle::Text(Buffer::new(value)?));
        }
        if !number::check_index(value) {
            return Err(err!(TypeError, "argument should be integer or bytes-like object, not '{}'", value.type_name()));
        }
        match number::as_isize(value, None)? {
            byte @ 0..=255 => Ok(Needle::Byte(byte as u8)),
            _ => Err(err!(ValueError, "byte must be in range(0, 256)")),
        }
    }
}

/// One byte, given as a bytes or bytearray of that length.
pub struct FillByte(u8);

impl<'a> FromArg<'a> for FillByte {
    fn from_arg(value: &'a Object, context: &ArgContext) -> PyResult<FillByte> {
        let (data, kind) = if let Some(bytes) = value.downcast::<Bytes>() {
            (bytes.as_slice(), "bytes")
        } else if let Some(bytes) = value.downcast::<ByteArray>() {
            (bytes.as_slice(), "bytearray")
        } else {
            return Err(bad_argument(context, "a byte string of length 1", value));
        };
        match data {
            [c] => Ok(FillByte(*c)),
            _ => Err(err!(
                TypeError,
                "{}(): argument {} must be a byte string of length 1, not a {} object of length {}",
                context.function,
                context.position,
                kind,
                data.len()
            )),
        }
    }
}

/// What `strip` takes off.
pub fn strip<T: ByteString>(this: &T, chars: Option<&Object>, left: bool, right: bool) -> PyResult<Owned<T>> {
    let chars = match chars {
        Some(chars) if !chars.is_none() => Some(Buffer::new(chars)?),
        _ => None,
    };
    let text = this.bytes();
    let part = match &chars {
        None => engine::trim(text, left, right, is_space),
        Some(chars) => {
            let mut set = [false; 256];
            chars.iter().for_each(|&c| set[c as usize] = true);
            engine::trim(text, left, right, |c| set[c as usize])
        }
    };
    piece(this, part)
}

/// A part of the object, which is the object itself if that is all of it.
pub fn piece<T: ByteString>(this: &T, (start, end): Part) -> PyResult<Owned<T>> {
    let text = this.bytes();
    if start == 0 && end == text.len() { this.unchanged() } else { T::of(&text[start..end]) }
}

pub fn pieces<T: ByteString>(this: &T, parts: Vec<Part>) -> PyResult<Owned<List>> {
    if let [part] = parts[..] {
        return Ok(List::from_owned(vec![piece(this, part)?.into_object()]));
    }
    let text = this.bytes();
    let items: PyResult<Vec<Owned>> = parts.into_iter().map(|(start, end)| Ok(T::of(&text[start..end])?.into_object())).collect();
    Ok(List::from_owned(items?))
}

/// The object in a field filled up on both sides.
pub fn pad<T: ByteString>(this: &T, left: usize, right: usize, fill: u8) -> PyResult<Owned<T>> {
    let text = this.bytes();
    if left == 0 && right == 0 {
        return this.unchanged();
    }
    let Some(total) = left.checked_add(right).and_then(|n| n.checked_add(text.len())) else { return Err(no_memory()) };
    T::build(total, |out| {
        let mut w = engine::Writer::new(out);
        w.fill(fill, left);
        w.put(text);
        w.fill(fill, right);
    })
    .map_err(|raised| as_memory_error(total, raised))
}

/// Too large an object is a MemoryError where numbers of Python said the size.
#[cold]
pub fn as_memory_error(_size: usize, raised: Raised) -> Raised {
    if errors::matches(exceptions::OverflowError()) {
        errors::clear();
        return no_memory();
    }
    raised
}

/// A search's bounds; `None` where nothing can be found.
pub(crate) use crate::types::str::find::bounds;

pub fn affix<T: ByteString>(this: &T, affix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>, at_end: bool) -> PyResult<bool> {
    let test = |affix: &Object| -> PyResult<bool> {
        let affix = Buffer::new(affix)?;
        let text = this.bytes();
        Ok(bounds(start, end, text.len()).is_some_and(|(start, end)| {
            let text = &text[start..end];
            if at_end { text.ends_with(&affix) } else { text.starts_with(&affix) }
        }))
    };
    if let Some(affixes) = affix.downcast::<Tuple>() {
        for affix in affixes.iter() {
            if test(affix)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    test(affix).map_err(|raised| {
        if errors::matches(exceptions::TypeError()) {
            errors::clear();
            let name = if at_end { "endswith" } else { "startswith" };
            return err!(TypeError, "{} first arg must be bytes or a tuple of bytes, not {}", name, affix.type_name());
        }
        raised
    })
}

pub fn replace<T: ByteString>(this: &T, old: &[u8], new: &[u8], count: isize) -> PyResult<Owned<T>> {
    let text = this.bytes();
    let max = usize::try_from(count).unwrap_or(usize::MAX);
    let n = if max == 0 || old.len() > text.len() || old.is_empty() && new.is_empty() { 0 } else { engine::count(text, old, max) };
    if n == 0 {
        return this.unchanged();
    }
    let total = new.len().checked_mul(n).and_then(|added| (text.len() - old.len() * n).checked_add(added)).filter(|&n| n <= isize::MAX as usize);
    let Some(total) = total else { return Err(err!(OverflowError, "replace bytes are too long")) };
    T::build(total, |out| engine::replace_into(text, old, new, n, out)).map_err(|raised| as_memory_error(total, raised))
}

enum Item {
    Bytes(Owned<Bytes>),
    Other(Buffer),
}

/// The items of an iterable with this object between them.
pub fn join<T: ByteString>(this: &T, iterable: &Object) -> PyResult<Owned<T>> {
    let fast = sequence::sequence_fast(iterable, "can only join an iterable")?;
    let count = sequence::fast_len(&fast);
    if count == 0 {
        return T::of(&[]);
    }
    if count == 1
        && let Some(only) = T::shared(&sequence::fast_item(&fast, 0))
    {
        return Ok(only);
    }
    let mut items = Vec::with_capacity(count);
    let mut total = Some(0usize);
    for i in 0..count {
        // Asking an object for its buffer may run code.
        if sequence::fast_len(&fast) != count {
            return Err(err!(RuntimeError, "sequence changed size during iteration"));
        }
        let item = sequence::fast_item(&fast, i);
        let part = match item.downcast_exact::<Bytes>() {
            Some(bytes) => Item::Bytes(Owned::from_ref(bytes)),
            None => match Buffer::new(&item) {
                Ok(buffer) => Item::Other(buffer),
                Err(_) => {
                    errors::clear();
                    return Err(err!(TypeError, "sequence item {}: expected a bytes-like object, {} found", i, item.type_name()));
                }
            },
        };
        total = total.and_then(|n| n.checked_add(part.as_slice().len()));
        items.push(part);
    }
    let separator = this.bytes();
    let total = separator.len().checked_mul(count - 1).zip(total).and_then(|(a, b)| a.checked_add(b)).filter(|&n| n <= isize::MAX as usize);
    let Some(total) = total else { return Err(err!(OverflowError, "join() result is too long")) };
    T::build(total, |out| {
        let mut w = engine::Writer::new(out);
        for (i, item) in items.iter().enumerate() {
            if i > 0 && !separator.is_empty() {
                w.put(separator);
            }
            w.put(item.as_slice());
        }
    })
    .map_err(|raised| as_memory_error(total, raised))
}

impl Item {
    fn as_slice(&self) -> &[u8] {
        match self {
            Item::Bytes(bytes) => bytes.as_slice(),
            Item::Other(buffer) => buffer,
        }
    }
}

pub fn translate<T: ByteString>(this: &T, table: &Object, delete: Option<&Object>) -> PyResult<Owned<T>> {
    let table = if table.is_none() { None } else { Some(Buffer::new(table)?) };
    if table.as_ref().is_some_and(|table| table.len() != 256) {
        return Err(err!(ValueError, "translation table must be 256 characters long"));
    }
    let delete = delete.map(Buffer::new).transpose()?;
    if let Some(table) = &table
        && let Ok(table) = <&[u8; 256]>::try_from(&**table)
        && delete.as_ref().is_none_or(|delete| delete.is_empty())
    {
        let text = this.bytes();
        let new = T::build(text.len(), |out| out.iter_mut().zip(text).for_each(|(out, &c)| *out = table[c as usize]))?;
        return if new.bytes() == text { this.unchanged() } else { Ok(new) };
    }
    let mut dropped = [false; 256];
    delete.iter().flat_map(|delete| delete.iter()).for_each(|&c| dropped[c as usize] = true);
    let text = this.bytes();
    let out: Vec<u8> = text.iter().filter(|&&c| !dropped[c as usize]).map(|&c| table.as_ref().map_or(c, |table| table[c as usize])).collect();
    if out == text { this.unchanged() } else { T::of(&out) }
}

/// What `range` names of the bytes.
pub fn subslice<T: ByteString>(text: &[u8], range: SliceRange) -> PyResult<Owned<T>> {
    if range.step == 1 {
        return T::of(&text[range.start as usize..range.start as usize + range.count]);
    }
    T::build(range.count, |out| out.iter_mut().zip(range.indices()).for_each(|(out, at)| *out = text[at]))
}

/// Fills `out` with repetitions of `text`, of whose length its own is a multiple.
pub fn fill_repeated(text: &[u8], out: &mut [u8]) {
    match text {
        [] => {}
        [c] => out.fill(*c),
        _ if out.is_empty() => {}
        _ => {
            out[..text.len()].copy_from_slice(text);
            let mut done = text.len();
            while done < out.len() {
                let n = done.min(out.len() - done);
                out.copy_within(..n, done);
                done += n;
            }
        }
    }
}

/// `item in text`.
pub fn byte_in<T: ByteString>(this: &T, item: &Object) -> PyResult<bool> {
    let hold = this.hold();
    if number::check_index(item) {
        match number::as_isize(item, None) {
            Ok(byte @ 0..=255) => return Ok(memchr::memchr(byte as u8, this.bytes()).is_some()),
            Ok(_) => return Err(err!(ValueError, "byte must be in range(0, 256)")),
            // It may be bytes-like as well.
            Err(_) => errors::clear(),
        }
    }
    let sub = Buffer::new(item)?;
    drop(hold);
    Ok(engine::find(this.bytes(), &sub).is_some())
}

/// `text % args`.
pub fn format_percent<T: ByteString>(text: &[u8], args: &Object) -> PyResult<Owned<T>> {
    T::of(&format::percent::format_bytes(text, args)?)
}

pub fn check_repr_size(len: usize) -> PyResult<()> {
    if len > (isize::MAX as usize - 16) / 4 {
        return Err(err!(OverflowError, "bytes object is too large to make repr"));
    }
    Ok(())
}

fn warns() -> bool {
    crate::state::get().config.borrow().bytes_warning > 0
}

/// BytesWarning for `str(b)`, under `-b`.
pub fn warn_str(_this: &Object, message: &str) -> PyResult<()> {
    if warns() { crate::modules::warnings::warn(exceptions::BytesWarning(), message, 1) } else { Ok(()) }
}

/// BytesWarning for comparisons that are never true, under `-b`.
pub fn warn_comparison(this: &Object, other: &Object) -> PyResult<()> {
    if !warns() {
        return Ok(());
    }
    if Str::check(other) || Str::check(this) {
        return crate::modules::warnings::warn(exceptions::BytesWarning(), "Comparison between bytes and string", 1);
    }
    if Int::check(other) && Bytes::check(this) {
        return crate::modules::warnings::warn(exceptions::BytesWarning(), "Comparison between bytes and int", 1);
    }
    Ok(())
}

fn missing<T: ByteString>(this: &T, width: isize) -> usize {
    usize::try_from(width).unwrap_or(0).saturating_sub(this.bytes().len())
}

fn non_empty<T: ByteString>(this: &T, sep: &Object) -> PyResult<Buffer> {
    let _hold = this.hold();
    let sep = Buffer::new(sep)?;
    if sep.is_empty() { Err(err!(ValueError, "empty separator")) } else { Ok(sep) }
}

fn found(at: Option<usize>) -> PyResult<usize> {
    at.ok_or_else(|| err!(ValueError, "subsection not found"))
}

/// Where `needle` is in the bounds, counted from the front of all.
fn search<T: ByteString>(this: &T, needle: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>, last: bool) -> PyResult<Option<usize>> {
    let needle = Needle::of(this, needle)?;
    let text = this.bytes();
    let Some((start, end)) = bounds(start, end, text.len()) else { return Ok(None) };
    let find = if last { engine::rfind } else { engine::find };
    Ok(find(&text[start..end], needle.as_slice()).map(|at| at + start))
}

fn count_in<T: ByteString>(this: &T, needle: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
    let needle = Needle::of(this, needle)?;
    let text = this.bytes();
    Ok(bounds(start, end, text.len()).map_or(0, |(start, end)| engine::count(&text[start..end], needle.as_slice(), usize::MAX)))
}

/// A copy that `change` works on.
fn changed<T: ByteString>(this: &T, change: impl FnOnce(&mut [u8])) -> PyResult<Owned<T>> {
    let text = this.bytes();
    T::build(text.len(), |out| {
        out.copy_from_slice(text);
        change(out);
    })
}

macro_rules! shared_methods {
    ($ty:ident) => {
        #[macros::pymethods(SHARED_METHODS)]
        impl $ty {
            /// find($self, sub[, start[, end]], /)
            /// --
            ///
            /// The first index in B[start:end] at which sub (bytes-like, or one byte as an int) is found, or -1.
            #[method("find($self, sub, start=None, end=None, /)", nosig)]
            fn py_find(&self, sub: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<isize> {
                Ok(search(self, sub, start, end, false)?.map_or(-1, |at| at as isize))
            }
            /// rfind($self, sub[, start[, end]], /)
            /// --
            ///
            /// The last index in B[start:end] at which sub (bytes-like, or one byte as an int) is found, or -1.
            #[method("rfind($self, sub, start=None, end=None, /)", nosig)]
            fn py_rfind(&self, sub: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<isize> {
                Ok(search(self, sub, start, end, true)?.map_or(-1, |at| at as isize))
            }
            /// index($self, sub[, start[, end]], /)
            /// --
            ///
            /// As find(), but raises ValueError if sub is not found.
            #[method("index($self, sub, start=None, end=None, /)", nosig)]
            fn py_index(&self, sub: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
                found(search(self, sub, start, end, false)?)
            }
            /// rindex($self, sub[, start[, end]], /)
            /// --
            ///
            /// As rfind(), but raises ValueError if sub is not found.
            #[method("rindex($self, sub, start=None, end=None, /)", nosig)]
            fn py_rindex(&self, sub: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
                found(search(self, sub, start, end, true)?)
            }
            /// count($self, sub[, start[, end]], /)
            /// --
            ///
            /// How often sub occurs in B[start:end] without overlapping itself.
            #[method("count($self, sub, start=None, end=None, /)", nosig)]
            fn py_count(&self, sub: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<usize> {
                count_in(self, sub, start, end)
            }
            /// startswith($self, prefix[, start[, end]], /)
            /// --
            ///
            /// Whether the bytes (B[start:end], if given) begin with the prefix, or with one of a tuple of prefixes.
            #[method("startswith($self, prefix, start=None, end=None, /)", nosig)]
            fn py_startswith(&self, prefix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<bool> {
                affix(self, prefix, start, end, false)
            }
            /// endswith($self, suffix[, start[, end]], /)
            /// --
            ///
            /// Whether the bytes (B[start:end], if given) end with the suffix, or with one of a tuple of suffixes.
            #[method("endswith($self, suffix, start=None, end=None, /)", nosig)]
            fn py_endswith(&self, suffix: &Object, start: Option<SliceIndex>, end: Option<SliceIndex>) -> PyResult<bool> {
                affix(self, suffix, start, end, true)
            }
            /// The bytes without a prefix that they begin with.
            #[method("removeprefix($self, prefix, /)")]
            fn py_removeprefix(&self, prefix: Buffer) -> PyResult<Owned<$ty>> {
                let text = self.bytes();
                let start = if text.starts_with(&prefix) { prefix.len() } else { 0 };
                piece(self, (start, text.len()))
            }
            /// The bytes without a suffix that they end with.
            #[method("removesuffix($self, suffix, /)")]
            fn py_removesuffix(&self, suffix: Buffer) -> PyResult<Owned<$ty>> {
                let text = self.bytes();
                let end = if text.ends_with(&suffix) { text.len() - suffix.len() } else { text.len() };
                piece(self, (0, end))
            }
            /// The parts between the separators, as a list.
            ///
            ///   sep
            ///     What separates the parts. None means runs of ASCII white space; empty parts are then left out.
            ///   maxsplit
            ///     How many splits at most, from the front; -1 sets no limit.
            #[method("split($self, /, sep=None, maxsplit=-1)")]
            fn py_split(&self, sep: Option<&Object>, maxsplit: isize) -> PyResult<Owned<List>> {
                let max = usize::try_from(maxsplit).unwrap_or(usize::MAX);
                let sep = sep.map(|sep| non_empty(self, sep)).transpose()?;
                let text = self.bytes();
                pieces(self, match &sep {
                    None => engine::split_whitespace(text, max),
                    Some(sep) => engine::split_at(text, sep, max),
                })
            }
            /// The parts between the separators, as a list.
            ///
            ///   sep
            ///     What separates the parts. None means runs of ASCII white space; empty parts are then left out.
            ///   maxsplit
            ///     How many splits at most, from the end; -1 sets no limit.
            #[method("rsplit($self, /, sep=None, maxsplit=-1)")]
            fn py_rsplit(&self, sep: Option<&Object>, maxsplit: isize) -> PyResult<Owned<List>> {
                let max = usize::try_from(maxsplit).unwrap_or(usize::MAX);
                let sep = sep.map(|sep| non_empty(self, sep)).transpose()?;
                let text = self.bytes();
                pieces(self, match &sep {
                    None => engine::rsplit_whitespace(text, max),
                    Some(sep) => engine::rsplit_at(text, sep, max),
                })
            }
            /// The lines, as a list; with their line ends if keepends is true.
            #[method("splitlines($self, /, keepends=False)")]
            fn py_splitlines(&self, keepends: bool) -> PyResult<Owned<List>> {
                pieces(self, engine::split_lines(self.bytes(), keepends))
            }
            /// The part before the first separator, the separator, and the part after it; all bytes and two empty parts if there is none.
            #[method("partition($self, sep, /)")]
            fn py_partition(&self, sep: &Object) -> PyResult<Owned<Tuple>> {
                let separator = non_empty(self, sep)?;
                let text = self.bytes();
                Ok(match engine::find(text, &separator) {
                    Some(at) => Tuple::triple(
                        $ty::of(&text[..at])?.into_object(),
                        Self::separator(sep, &separator)?,
                        $ty::of(&text[at + separator.len()..])?.into_object(),
                    ),
                    None => Tuple::triple(self.unchanged()?.into_object(), $ty::of(&[])?.into_object(), $ty::of(&[])?.into_object()),
                })
            }
            /// The part before the last separator, the separator, and the part after it; two empty parts and all bytes if there is none.
            #[method("rpartition($self, sep, /)")]
            fn py_rpartition(&self, sep: &Object) -> PyResult<Owned<Tuple>> {
                let separator = non_empty(self, sep)?;
                let text = self.bytes();
                Ok(match engine::rfind(text, &separator) {
                    Some(at) => Tuple::triple(
                        $ty::of(&text[..at])?.into_object(),
                        Self::separator(sep, &separator)?,
                        $ty::of(&text[at + separator.len()..])?.into_object(),
                    ),
                    None => Tuple::triple($ty::of(&[])?.into_object(), $ty::of(&[])?.into_object(), self.unchanged()?.into_object()),
                })
            }
            /// The bytes of all items of an iterable, with these bytes between them.
            ///
            /// Example: b'.'.join([b'ab', b'pq', b'rs']) -> b'ab.pq.rs'.
            #[method("join($self, iterable_of_bytes, /)")]
            fn py_join(&self, iterable: &Object) -> PyResult<Owned<$ty>> {
                self.join(iterable)
            }
            /// A copy with new for each old, or for the first count of them.
            ///
            ///   count
            ///     How many to replace at most; -1 replaces all.
            #[method("replace($self, old, new, count=-1, /)")]
            fn py_replace(&self, old: Buffer, new: Buffer, count: isize) -> PyResult<Owned<$ty>> {
                replace(self, &old, &new, count)
            }
            /// The bytes without those of the argument at both ends; without an argument, without ASCII white space.
            #[method("strip($self, bytes=None, /)")]
            fn py_strip(&self, bytes: Option<&Object>) -> PyResult<Owned<$ty>> {
                strip(self, bytes, true, true)
            }
            /// As strip(), at the front only.
            #[method("lstrip($self, bytes=None, /)")]
            fn py_lstrip(&self, bytes: Option<&Object>) -> PyResult<Owned<$ty>> {
                strip(self, bytes, true, false)
            }
            /// As strip(), at the end only.
            #[method("rstrip($self, bytes=None, /)")]
            fn py_rstrip(&self, bytes: Option<&Object>) -> PyResult<Owned<$ty>> {
                strip(self, bytes, false, true)
            }
            /// A copy with each byte replaced by what the table has at its index, without those in delete.
            ///
            ///   table
            ///     A bytes-like object of length 256, or None.
            #[method("translate($self, table, /, delete=b'')")]
            fn py_translate(&self, table: &Object, delete: Option<&Object>) -> PyResult<Owned<$ty>> {
                translate(self, table, delete)
            }
            /// A table for translate(): the bytes of the first argument become those of the second, which is of the same length.
            #[staticmethod("maketrans(frm, to, /)")]
            fn py_maketrans(from: Buffer, to: Buffer) -> PyResult<Owned<Bytes>> {
                if from.len() != to.len() {
                    return Err(err!(ValueError, "maketrans arguments must have same length"));
                }
                let mut table: [u8; 256] = std::array::from_fn(|i| i as u8);
                from.iter().zip(to.iter()).for_each(|(&from, &to)| table[from as usize] = to);
                Bytes::try_new(&table)
            }
            /// The bytes in the middle of a field of the given width.
            #[method("center($self, width, fillchar=b' ', /)")]
            fn py_center(&self, width: isize, fillchar: Option<FillByte>) -> PyResult<Owned<$ty>> {
                let all = missing(self, width);
                let left = all / 2 + (all & width as usize & 1);
                pad(self, left, all - left, fillchar.map_or(b' ', |c| c.0))
            }
            /// The bytes at the left of a field of the given width.
            #[method("ljust($self, width, fillchar=b' ', /)")]
            fn py_ljust(&self, width: isize, fillchar: Option<FillByte>) -> PyResult<Owned<$ty>> {
                pad(self, 0, missing(self, width), fillchar.map_or(b' ', |c| c.0))
            }
            /// The bytes at the right of a field of the given width.
            #[method("rjust($self, width, fillchar=b' ', /)")]
            fn py_rjust(&self, width: isize, fillchar: Option<FillByte>) -> PyResult<Owned<$ty>> {
                pad(self, missing(self, width), 0, fillchar.map_or(b' ', |c| c.0))
            }
            /// The bytes filled up with zeros, after a sign, to the given width.
            #[method("zfill($self, width, /)")]
            fn py_zfill(&self, width: isize) -> PyResult<Owned<$ty>> {
                let zeros = missing(self, width);
                let padded = pad(self, zeros, 0, b'0')?;
                if zeros == 0 {
                    return Ok(padded);
                }
                match self.bytes().first() {
                    Some(&sign @ (b'+' | b'-')) => changed(&*padded, |out| {
                        out[0] = sign;
                        out[zeros] = b'0';
                    }),
                    _ => Ok(padded),
                }
            }
            /// The bytes with spaces for their tabs, up to the next column that is a multiple of tabsize.
            #[method("expandtabs($self, /, tabsize=8)")]
            fn py_expandtabs(&self, tabsize: i32) -> PyResult<Owned<$ty>> {
                match engine::expand_tabs(self.bytes(), tabsize.max(0) as usize) {
                    Some(text) => $ty::of(&text),
                    None => Err(err!(OverflowError, "result too long")),
                }
            }
            /// A copy with ASCII letters in lower case.
            #[method("lower($self, /)")]
            fn py_lower(&self) -> PyResult<Owned<$ty>> {
                changed(self, |out| out.make_ascii_lowercase())
            }
            /// A copy with ASCII letters in upper case.
            #[method("upper($self, /)")]
            fn py_upper(&self) -> PyResult<Owned<$ty>> {
                changed(self, |out| out.make_ascii_uppercase())
            }
            /// A copy with the case of ASCII letters exchanged.
            #[method("swapcase($self, /)")]
            fn py_swapcase(&self) -> PyResult<Owned<$ty>> {
                changed(self, engine::swap_case)
            }
            /// A copy with the first letter of each word in upper case, others in lower case (ASCII).
            #[method("title($self, /)")]
            fn py_title(&self) -> PyResult<Owned<$ty>> {
                changed(self, engine::title)
            }
            /// A copy with the first byte in upper case, others in lower case (ASCII).
            #[method("capitalize($self, /)")]
            fn py_capitalize(&self) -> PyResult<Owned<$ty>> {
                changed(self, engine::capitalize)
            }
            /// Whether there are bytes, all ASCII letters or digits.
            #[method("isalnum($self, /)")]
            fn py_isalnum(&self) -> bool {
                let text = self.bytes();
                !text.is_empty() && text.iter().all(u8::is_ascii_alphanumeric)
            }
            /// Whether there are bytes, all ASCII letters.
            #[method("isalpha($self, /)")]
            fn py_isalpha(&self) -> bool {
                let text = self.bytes();
                !text.is_empty() && text.iter().all(u8::is_ascii_alphabetic)
            }
            /// Whether all bytes are ASCII, or there are none.
            #[method("isascii($self, /)")]
            fn py_isascii(&self) -> bool {
                self.bytes().is_ascii()
            }
            /// Whether there are bytes, all ASCII digits.
            #[method("isdigit($self, /)")]
            fn py_isdigit(&self) -> bool {
                let text = self.bytes();
                !text.is_empty() && text.iter().all(u8::is_ascii_digit)
            }
            /// Whether there are ASCII letters, all in lower case.
            #[method("islower($self, /)")]
            fn py_islower(&self) -> bool {
                let text = self.bytes();
                text.iter().any(u8::is_ascii_lowercase) && !text.iter().any(u8::is_ascii_uppercase)
            }
            /// Whether there are ASCII letters, all in upper case.
            #[method("isupper($self, /)")]
            fn py_isupper(&self) -> bool {
                let text = self.bytes();
                text.iter().any(u8::is_ascii_uppercase) && !text.iter().any(u8::is_ascii_lowercase)
            }
            /// Whether there are bytes, all ASCII white space.
            #[method("isspace($self, /)")]
            fn py_isspace(&self) -> bool {
                let text = self.bytes();
                !text.is_empty() && text.iter().all(|&c| is_space(c))
            }
            /// Whether there are ASCII letters, in upper case at the front of words and in lower case within.
            #[method("istitle($self, /)")]
            fn py_istitle(&self) -> bool {
                engine::is_title(self.bytes())
            }
            /// The text that the bytes stand for in an encoding.
            ///
            ///   encoding
            ///     The name of the encoding.
            ///   errors
            ///     What to do with bytes that it cannot decode: 'strict' raises UnicodeDecodeError;
            ///     also 'ignore', 'replace', and what codecs.register_error() knows.
            #[method("decode($self, /, encoding='utf-8', errors='strict')")]
            fn py_decode(&self, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
                crate::codecs::decode_object(self, encoding, errors)
            }
            /// The bytes as hexadecimal digits.
            ///
            ///   sep
            ///     A character to stand between groups of bytes.
            ///   bytes_per_sep
            ///     How many bytes form a group, counted from the right; from the left if negative.
            ///
            /// >>> value = bytearray(b'Ok!')
            /// >>> value.hex()
            /// '4f6b21'
            /// >>> value.hex(':')
            /// '4f:6b:21'
            /// >>> value.hex(' ', 2)
            /// '4f 6b21'
            /// >>> value.hex(' ', -2)
            /// '4f6b 21'
            #[method("hex($self, /, sep=<unrepresentable>, bytes_per_sep=1)")]
            fn py_hex(&self, sep: Option<&Object>, bytes_per_sep: i32) -> PyResult<Owned<Str>> {
                let hold = self.hold();
                let sep = super::hex::separator(sep)?;
                drop(hold);
                super::hex::to_hex(self.bytes(), sep, bytes_per_sep)
            }
        }
    };
}

shared_methods!(Bytes);
shared_methods!(ByteArray);

impl Bytes {
    /// The separator as `partition` gives it back: the argument itself.
    fn separator(sep: &Object, _bytes: &[u8]) -> PyResult {
        Ok(sep.to_owned())
    }
    pub fn join(&self, iterable: &Object) -> PyResult<Owned<Bytes>> {
        join(self, iterable)
    }
}

impl ByteArray {
    /// The separator as `partition` gives it back: a bytearray.
    fn separator(_sep: &Object, bytes: &[u8]) -> PyResult {
        Ok(ByteArray::of(bytes)?.into_object())
    }
    fn join(&self, iterable: &Object) -> PyResult<Owned<ByteArray>> {
        // The separator may not change while items are asked for their buffers.
        let _exported = Buffer::new(self.as_object())?;
        join(self, iterable)
    }
}
