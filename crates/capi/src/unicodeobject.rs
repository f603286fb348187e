//! `unicodeobject.h` and `cpython/unicodeobject.h`: making, taking apart and comparing text. Encodings are in `unicode_codecs.rs`, building
//! piece by piece in `unicode_writer.rs`, the character database in `unicode_ctype.rs`.

use crate::macros::Done;
use abi::{PyObject, c_void};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, PyTyped};
use runtime::protocol::call;
use runtime::protocol::object::{self as proto, CompareOp};
use runtime::types::str::Text;
use runtime::types::{self, Bytes, Str};
use runtime::{err, intern};
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// Strict UTF-8.
pub fn from_utf8(bytes: &[u8]) -> PyResult<Owned<Str>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Str::new(text)),
        Err(_) => runtime::codecs::decode_object(&*Bytes::new(bytes), Some("utf-8"), None),
    }
}

/// More bytes than a process can have: a size that is not one.
pub fn check_size(size: isize) -> PyResult<()> {
    if size > 1 << 47 { Err(errors::no_memory()) } else { Ok(()) }
}

/// # Safety
/// `s` points to `len` bytes; NULL only for length 0.
pub unsafe fn bytes_at<'a>(s: *const c_char, len: isize) -> &'a [u8] {
    if s.is_null() || len <= 0 {
        return &[];
    }
    // SAFETY: by contract.
    unsafe { std::slice::from_raw_parts(s.cast(), len as usize) }
}

/// The argument of a function that wants a str and says so with TypeError.
fn need_str(o: &Object) -> PyResult<&Str> {
    o.downcast::<Str>().ok_or_else(bad_argument)
}

fn must_be_str(o: &Object) -> PyResult<&Str> {
    o.downcast::<Str>().ok_or_else(|| err!(TypeError, "must be str, not {}", o.type_name()))
}

/// `PyErr_BadArgument`.
pub fn bad_argument() -> errors::Raised {
    err!(TypeError, "bad argument type for built-in operation")
}

/// Bounds as slices take them.
fn clip(mut start: isize, mut end: isize, len: usize) -> (usize, usize) {
    let len = len as isize;
    if end > len {
        end = len;
    } else if end < 0 {
        end = (end + len).max(0);
    }
    if start < 0 {
        start = (start + len).max(0);
    }
    (start as usize, end as usize)
}

/// Position of `sub` in `text[start..end]`, or -1.
fn find_in(text: &Str, sub: &Str, start: isize, end: isize, direction: c_int) -> isize {
    let (start, end) = clip(start, end, text.len());
    if start > end {
        return -1;
    }
    let part = text.text().slice(start, end);
    let found = if direction > 0 { types::str::search::find(part, sub.text()) } else { types::str::search::rfind(part, sub.text()) };
    found.map_or(-1, |at| (at + start) as isize)
}

fn write_at(s: &Str, index: usize, c: u32) {
    // SAFETY: callers have checked the index and that the form holds the character.
    unsafe {
        match s.kind() {
            1 => *s.data().add(index) = c as u8,
            2 => *(s.data() as *mut u16).add(index) = c as u16,
            _ => *(s.data() as *mut u32).add(index) = c,
        }
    }
}

/// Whether the text may still be written: nobody else has it, and nothing was computed from it.
fn check_modifiable(s: &Str) -> PyResult<()> {
    if s.refcount() != 1 || s.0._base._base.hash.get() != -1 || s.is_interned() || !Str::check_exact(s) {
        return Err(err!(SystemError, "Cannot modify a string currently used"));
    }
    Ok(())
}

fn copy_into(to: &Str, to_start: usize, from: &Str, from_start: usize, count: usize) {
    for i in 0..count {
        write_at(to, to_start + i, from.char_at(from_start + i));
    }
}

/// wchar_t text.
/// # Safety
/// `w` points to `len` characters, or to NUL-ended text if `len` is -1.
pub unsafe fn wide<'a>(w: *const i32, len: isize) -> &'a [u32] {
    if w.is_null() {
        return &[];
    }
    // SAFETY: by contract.
    unsafe {
        let len = if len < 0 { (0..).take_while(|&i| *w.add(i) != 0).count() } else { len as usize };
        std::slice::from_raw_parts(w.cast(), len)
    }
}

fn from_wide(text: &[u32]) -> PyResult<Owned<Str>> {
    if let Some(c) = text.iter().find(|&&c| c > 0x10ffff) {
        return Err(err!(ValueError, "character U+{:x} is not in range [U+0000; U+10ffff]", c));
    }
    Ok(Str::from_code_points(text))
}

c_api! {
    // ---- making
    fn PyUnicode_New(size: isize, maxchar: u32) -> PyResult<Owned<Str>> {
        if size == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        if maxchar > 0x10ffff {
            return Err(err!(SystemError, "invalid maximum character passed to PyUnicode_New"));
        }
        if size < 0 {
            return Err(err!(SystemError, "Negative size passed to PyUnicode_New"));
        }
        types::str::allocate(size as usize, maxchar)
    }
    fn PyUnicode_FromStringAndSize(s: *const c_char, size: isize) -> PyResult<Owned<Str>> {
        if size < 0 {
            return Err(err!(SystemError, "Negative size passed to PyUnicode_FromStringAndSize"));
        }
        if s.is_null() && size != 0 {
            return Err(err!(SystemError, "NULL string with positive size with NULL passed to PyUnicode_FromStringAndSize"));
        }
        check_size(size)?;
        from_utf8(bytes_at(s, size))
    }
    fn PyUnicode_FromString(s: &CStr) -> PyResult<Owned<Str>> {
        from_utf8(s.to_bytes())
    }
    fn PyUnicode_FromKindAndData(kind: c_int, data: *const c_void, size: isize) -> PyResult<Owned<Str>> {
        if size < 0 {
            return Err(err!(ValueError, "size must be positive"));
        }
        if !matches!(kind, 1 | 2 | 4) {
            return Err(err!(SystemError, "invalid kind"));
        }
        if size == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        let n = size as usize;
        Str::from_text(match kind {
            1 => Text::One(std::slice::from_raw_parts(data.cast(), n)),
            2 => Text::Two(std::slice::from_raw_parts(data.cast(), n)),
            4 => {
                let text: &[u32] = std::slice::from_raw_parts(data.cast(), n);
                return from_wide(text);
            }
            _ => return Err(err!(SystemError, "invalid kind")),
        })
    }
    fn PyUnicode_FromWideChar(w: *const i32, size: isize) -> PyResult<Owned<Str>> {
        if w.is_null() && size != 0 {
            return Err(errors::bad_internal_call());
        }
        if size < -1 {
            return Err(err!(SystemError, "Negative size passed to PyUnicode_New"));
        }
        from_wide(wide(w, size))
    }
    fn PyUnicode_FromOrdinal(ordinal: c_int) -> PyResult<Owned<Str>> {
        if !(0..=0x10ffff).contains(&ordinal) {
            return Err(err!(ValueError, "chr() arg not in range(0x110000)"));
        }
        Str::from_char(ordinal as u32)
    }
    fn PyUnicode_FromObject(o: &Object) -> PyResult<Owned<Str>> {
        match o.downcast::<Str>() {
            Some(text) => text.to_exact(),
            None => Err(err!(TypeError, "Can't convert '{}' object to str implicitly", o.type_name())),
        }
    }
    fn _PyUnicode_Copy(o: &Str) -> PyResult<Owned<Str>> {
        let new = types::str::allocate(o.len(), o.max_char())?;
        copy_into(&new, 0, o, 0, o.len());
        Ok(new)
    }
    fn PyUnicode_InternInPlace(p: *mut *mut PyObject) {
        if let Some(o) = Object::from_ptr_opt(*p)
            && Str::check_exact(o)
        {
            let owned: Owned<Str> = Owned::from_raw(*p);
            *p = Str::intern(owned).into_raw();
        }
    }
    fn PyUnicode_InternImmortal(p: *mut *mut PyObject) {
        if let Some(o) = Object::from_ptr_opt(*p)
            && Str::check_exact(o)
        {
            let owned: Owned<Str> = Owned::from_raw(*p);
            *p = Str::intern_immortal(owned).as_ptr();
        }
    }
    fn PyUnicode_InternFromString(s: &CStr) -> PyResult<Owned<Str>> {
        Ok(Str::intern(from_utf8(s.to_bytes())?))
    }

    // ---- reading
    fn PyUnicode_GetLength(o: &Object) -> PyResult<isize> {
        Ok(need_str(o)?.len() as isize)
    }
    fn PyUnicode_GetSize(_o: Option<&Object>) -> PyResult<isize> {
        Err(err!(RuntimeError, "PyUnicode_GetSize has been removed."))
    }
    fn PyUnicode_ReadChar(o: &Object, index: isize) -> PyResult<u32> {
        let s = need_str(o)?;
        if index < 0 || index as usize >= s.len() {
            return Err(err!(IndexError, "string index out of range"));
        }
        Ok(s.char_at(index as usize))
    }
    fn PyUnicode_KIND(o: &Str) -> c_int {
        o.kind() as c_int
    }
    fn PyUnicode_DATA(o: &Str) -> *mut c_void {
        o.data().cast()
    }
    fn PyUnicode_AsUTF8AndSize(o: &Object, size: *mut isize) -> PyResult<*const c_char> {
        let Some(s) = o.downcast::<Str>() else {
            if !size.is_null() {
                *size = -1;
            }
            return Err(bad_argument());
        };
        match s.as_utf8() {
            Ok(text) => {
                if !size.is_null() {
                    *size = text.len() as isize;
                }
                // The end mark follows, in the object or in its cache.
                Ok(text.as_ptr().cast())
            }
            Err(raised) => {
                if !size.is_null() {
                    *size = -1;
                }
                Err(raised)
            }
        }
    }
    fn PyUnicode_AsUTF8(o: &Object) -> PyResult<*const c_char> {
        Ok(need_str(o)?.as_utf8()?.as_ptr().cast())
    }
    fn _PyUnicode_AsUTF8NoNUL(o: &Str) -> PyResult<*const c_char> {
        let text = o.as_utf8()?;
        if text.as_bytes().contains(&0) {
            return Err(err!(ValueError, "embedded null character"));
        }
        Ok(text.as_ptr().cast())
    }
    fn PyUnicode_AsUCS4(o: &Object, buffer: *mut u32, len: isize, copy_null: c_int) -> PyResult<*mut u32> {
        let s = need_str(o)?;
        if buffer.is_null() || len < 0 {
            return Err(errors::bad_internal_call());
        }
        let need = s.len() + (copy_null != 0) as usize;
        if (len as usize) < need {
            if copy_null != 0 && len > 0 {
                *buffer = 0;
            }
            return Err(err!(SystemError, "string is longer than the buffer"));
        }
        for (i, c) in s.code_points().enumerate() {
            *buffer.add(i) = c;
        }
        if copy_null != 0 {
            *buffer.add(s.len()) = 0;
        }
        Ok(buffer)
    }
    fn PyUnicode_AsUCS4Copy(o: &Str) -> PyResult<*mut u32> {
        let block = runtime::memory::mem_malloc((o.len() + 1) * 4) as *mut u32;
        if block.is_null() {
            return Err(errors::no_memory());
        }
        for (i, c) in o.code_points().enumerate() {
            *block.add(i) = c;
        }
        *block.add(o.len()) = 0;
        Ok(block)
    }
    fn PyUnicode_AsWideChar(o: Option<&Object>, w: *mut i32, size: isize) -> PyResult<isize> {
        let o = need_str(o.ok_or_else(errors::bad_internal_call)?)?;
        if w.is_null() {
            return Ok(o.len() as isize + 1);
        }
        let count = o.len().min(size.max(0) as usize);
        for (i, c) in o.code_points().take(count).enumerate() {
            *w.add(i) = c as i32;
        }
        if size as usize > o.len() {
            *w.add(o.len()) = 0;
        }
        Ok(count as isize)
    }
    fn PyUnicode_AsWideCharString(o: Option<&Object>, size: *mut isize) -> PyResult<*mut i32> {
        let o = need_str(o.ok_or_else(errors::bad_internal_call)?)?;
        if size.is_null() && o.code_points().any(|c| c == 0) {
            return Err(err!(ValueError, "embedded null character"));
        }
        let block = runtime::memory::mem_malloc((o.len() + 1) * 4) as *mut i32;
        if block.is_null() {
            return Err(errors::no_memory());
        }
        for (i, c) in o.code_points().enumerate() {
            *block.add(i) = c as i32;
        }
        *block.add(o.len()) = 0;
        if !size.is_null() {
            *size = o.len() as isize;
        }
        Ok(block)
    }
    fn PyUnicode_Substring(s: &Object, start: isize, end: isize) -> PyResult<Owned<Str>> {
        let s = need_str(s)?;
        if start < 0 || end < 0 {
            return Err(err!(IndexError, "string index out of range"));
        }
        let end = (end as usize).min(s.len());
        if start as usize >= end {
            return Ok(Owned::from_ref(Str::empty()));
        }
        s.substring(start as usize, end)
    }

    // ---- writing what nobody has seen yet
    fn PyUnicode_WriteChar(o: &Object, index: isize, c: u32) -> PyResult<Done> {
        let Some(s) = o.downcast::<Str>().filter(|s| s.is_compact()) else { return Err(bad_argument()) };
        if index < 0 || index as usize >= s.len() {
            return Err(err!(IndexError, "string index out of range"));
        }
        check_modifiable(s)?;
        if c > s.max_char() {
            return Err(err!(ValueError, "character out of range"));
        }
        write_at(s, index as usize, c);
        Ok(Done)
    }
    fn PyUnicode_CopyCharacters(to: &Str, to_start: isize, from: &Str, from_start: isize, count: isize) -> PyResult<isize> {
        if from_start < 0 || from_start as usize > from.len() || to_start < 0 || to_start as usize > to.len() {
            return Err(err!(IndexError, "string index out of range"));
        }
        if count < 0 {
            return Err(err!(SystemError, "how_many cannot be negative"));
        }
        let count = (count as usize).min(from.len() - from_start as usize);
        if to_start as usize + count > to.len() {
            return Err(err!(SystemError, "Cannot write {} characters at {} in a string of {} characters", count, to_start, to.len()));
        }
        if count == 0 {
            return Ok(0);
        }
        check_modifiable(to)?;
        if from.max_char() > to.max_char() && (0..count).any(|i| from.char_at(from_start as usize + i) > to.max_char()) {
            return Err(err!(SystemError, "Cannot copy {} characters into a string of {} characters", "UCS", "smaller"));
        }
        copy_into(to, to_start as usize, from, from_start as usize, count);
        Ok(count as isize)
    }
    fn PyUnicode_Fill(o: &Str, start: isize, length: isize, c: u32) -> PyResult<isize> {
        check_modifiable(o)?;
        if start < 0 {
            return Err(err!(IndexError, "string index out of range"));
        }
        if c > o.max_char() {
            return Err(err!(ValueError, "fill character is bigger than the string maximum character"));
        }
        let count = (length.max(0) as usize).min(o.len().saturating_sub(start as usize));
        for i in 0..count {
            write_at(o, start as usize + i, c);
        }
        Ok(count as isize)
    }
    fn PyUnicode_Resize(p: *mut *mut PyObject, length: isize) -> PyResult<Done> {
        let Some(old) = Object::from_ptr_opt(*p).and_then(|o| o.downcast::<Str>()) else { return Err(errors::bad_internal_call()) };
        if length < 0 {
            return Err(errors::bad_internal_call());
        }
        let length = length as usize;
        if old.len() == length {
            return Ok(Done);
        }
        let new = if length == 0 {
            Owned::from_ref(Str::empty())
        } else {
            let new = types::str::allocate(length, old.max_char())?;
            copy_into(&new, 0, old, 0, length.min(old.len()));
            new
        };
        let given_up: Owned<Str> = Owned::from_raw(*p);
        *p = new.into_raw();
        drop(given_up);
        Ok(Done)
    }

    // ---- operations
    fn PyUnicode_Concat(left: &Object, right: &Object) -> PyResult<Owned<Str>> {
        let left = must_be_str(left)?;
        match right.downcast::<Str>() {
            Some(right) => Str::concat(left, right),
            None => Err(err!(TypeError, "can only concatenate str (not \"{}\") to str", right.type_name())),
        }
    }
    fn PyUnicode_Append(left: *mut *mut PyObject, right: Option<&Object>) {
        let Some(own) = Owned::<Object>::from_raw_opt(*left) else {
            if !errors::occurred() {
                errors::bad_internal_call();
            }
            return;
        };
        *left = ptr::null_mut();
        match (own.try_into_typed::<Str>(), right.and_then(|r| r.downcast::<Str>())) {
            (Ok(own), Some(right)) => *left = errors::to_c(Str::append(own, right)),
            _ => {
                if !errors::occurred() {
                    errors::bad_internal_call();
                }
            }
        }
    }
    fn PyUnicode_AppendAndDel(left: *mut *mut PyObject, right: *mut PyObject) {
        PyUnicode_Append(left, right);
        runtime::object::xdecref(right);
    }
    fn PyUnicode_Join(separator: Option<&Object>, items: &Object) -> PyResult<Owned<Str>> {
        match separator {
            None => Str::new(" ").join(items),
            Some(separator) => match separator.downcast::<Str>() {
                Some(separator) => separator.join(items),
                None => Err(err!(TypeError, "separator: expected str instance, {} found", separator.type_name())),
            },
        }
    }
    fn PyUnicode_Split(s: &Object, sep: Option<&Object>, max: isize) -> PyResult<Owned<types::List>> {
        let sep = sep.map(must_be_str).transpose()?;
        Ok(types::List::from_owned(must_be_str(s)?.split(sep, max)?))
    }
    fn PyUnicode_RSplit(s: &Object, sep: Option<&Object>, max: isize) -> PyResult {
        let sep = sep.map(must_be_str).transpose()?;
        let max = types::Int::from_i64(max as i64);
        call::call_method(must_be_str(s)?, intern!("rsplit"), &[sep.map_or(types::none(), |s| s), &*max])
    }
    fn PyUnicode_Splitlines(s: &Object, keepends: c_int) -> PyResult {
        call::call_method(must_be_str(s)?, intern!("splitlines"), &[types::bool_object(keepends != 0)])
    }
    fn PyUnicode_Partition(s: &Object, sep: &Object) -> PyResult {
        call::call_method(must_be_str(s)?, intern!("partition"), &[must_be_str(sep)?])
    }
    fn PyUnicode_RPartition(s: &Object, sep: &Object) -> PyResult {
        call::call_method(must_be_str(s)?, intern!("rpartition"), &[must_be_str(sep)?])
    }
    fn PyUnicode_Replace(s: &Object, old: &Object, new: &Object, max: isize) -> PyResult<Owned<Str>> {
        must_be_str(s)?.replace(must_be_str(old)?, must_be_str(new)?, max)
    }
    fn PyUnicode_Translate(s: &Object, table: Option<&Object>, errors: Option<&CStr>) -> PyResult {
        let s = must_be_str(s)?;
        crate::unicode_codecs::translate(s, table.ok_or_else(bad_argument)?, errors)
    }
    fn PyUnicode_Format(format: &Str, args: &Object) -> PyResult {
        runtime::protocol::number::remainder(format, args)
    }
    fn PyUnicode_Contains(container: &Object, element: &Object) -> PyResult<bool> {
        let Some(element) = element.downcast::<Str>() else {
            return Err(err!(TypeError, "'in <string>' requires string as left operand, not {}", element.type_name()));
        };
        Ok(must_be_str(container)?.contains(element))
    }
    fn PyUnicode_Find(s: &Object, sub: &Object, start: isize, end: isize, direction: c_int) -> PyResult<FindResult> {
        Ok(FindResult(find_in(find_str(s)?, find_str(sub)?, start, end, direction)))
    }
    fn PyUnicode_FindChar(s: &Str, c: u32, start: isize, end: isize, direction: c_int) -> isize {
        let (start, end) = clip(start, end, s.len());
        if start >= end {
            return -1;
        }
        let part = s.text().slice(start, end);
        let found = if direction > 0 { types::str::search::find_char(part, c) } else { types::str::search::rfind_char(part, c) };
        found.map_or(-1, |at| (at + start) as isize)
    }
    fn PyUnicode_Count(s: &Object, sub: &Object, start: isize, end: isize) -> PyResult<isize> {
        let (s, sub) = (must_be_str(s)?, must_be_str(sub)?);
        let (start, end) = clip(start, end, s.len());
        if start > end {
            return Ok(0);
        }
        Ok(types::str::search::count(s.text().slice(start, end), sub.text(), usize::MAX) as isize)
    }
    fn PyUnicode_Tailmatch(s: &Object, sub: &Object, start: isize, end: isize, direction: c_int) -> PyResult<isize> {
        let (s, sub) = (must_be_str(s)?, must_be_str(sub)?);
        let (start, end) = clip(start, end, s.len());
        if start > end || end - start < sub.len() {
            return Ok(0);
        }
        let at = if direction > 0 { end - sub.len() } else { start };
        Ok((0..sub.len()).all(|i| s.char_at(at + i) == sub.char_at(i)) as isize)
    }
    fn PyUnicode_IsIdentifier(s: &Str) -> bool {
        s.is_identifier()
    }

    // ---- comparison
    fn PyUnicode_Compare(a: &Object, b: &Object) -> PyResult<c_int> {
        match (a.downcast::<Str>(), b.downcast::<Str>()) {
            (Some(a), Some(b)) => Ok(Str::compare(a, b) as c_int),
            _ => Err(err!(TypeError, "Can't compare {} and {}", a.type_name(), b.type_name())),
        }
    }
    fn PyUnicode_CompareWithASCIIString(s: &Str, other: *const c_char) -> c_int {
        let other = CStr::from_ptr(other).to_bytes();
        s.code_points().cmp(other.iter().map(|&c| c as u32)) as c_int
    }
    fn PyUnicode_Equal(a: &Object, b: &Object) -> PyResult<bool> {
        let text = |o: &Object, which: &str| match o.is_instance_of::<Str>() {
            true => Ok(()),
            false => Err(err!(TypeError, "{} argument must be str, not {}", which, o.type_name())),
        };
        text(a, "first")?;
        text(b, "second")?;
        Ok(Str::equal(a.cast(), b.cast()))
    }
    fn _PyUnicode_Equal(a: &Str, b: &Str) -> bool {
        Str::equal(a, b)
    }
    fn _PyUnicode_EQ(a: &Str, b: &Str) -> bool {
        Str::equal(a, b)
    }
    fn PyUnicode_EqualToUTF8(s: &Str, other: &CStr) -> bool {
        equals_utf8(s, other.to_bytes())
    }
    fn PyUnicode_EqualToUTF8AndSize(s: &Str, other: *const c_char, size: isize) -> bool {
        equals_utf8(s, bytes_at(other, size))
    }
    fn _PyUnicode_EqualToASCIIString(s: &Str, other: &CStr) -> bool {
        s.as_ascii().is_some_and(|own| own.as_bytes() == other.to_bytes())
    }
    fn PyUnicode_RichCompare(a: &Object, b: &Object, op: c_int) -> PyResult {
        let Some(op) = CompareOp::from_c(op) else { return Err(bad_argument()) };
        match (a.downcast::<Str>(), b.downcast::<Str>()) {
            (Some(x), Some(y)) => Ok(types::bool_object(op.matches(Str::compare(x, y))).to_owned()),
            _ => Ok(proto::not_implemented()),
        }
    }
    fn _PyUnicode_JoinArray(separator: Option<&Str>, items: *const *mut PyObject, count: isize) -> PyResult<Owned<Str>> {
        let items = types::Tuple::from_borrowed(items, count.max(0) as usize);
        match separator {
            Some(separator) => separator.join(&items),
            None => Str::new(" ").join(&items),
        }
    }
    fn _PyUnicode_XStrip(s: &Str, striptype: c_int, chars: &Object) -> PyResult {
        let method = [intern!("lstrip"), intern!("rstrip"), intern!("strip")].get(striptype as usize).copied().ok_or_else(errors::bad_internal_call)?;
        call::call_method(s, method, &[chars])
    }
    fn _PyUnicode_FindMaxChar(s: &Str, start: isize, end: isize) -> u32 {
        let (start, end) = clip(start, end, s.len());
        if start >= end { 127 } else { (start..end).map(|i| s.char_at(i)).fold(0x7f, |a, c| match c { 0..0x80 => a, 0x80..0x100 => a.max(0xff), 0x100..0x10000 => a.max(0xffff), _ => 0x10ffff }) }
    }

    // ---- paths
    fn PyUnicode_FSConverter(arg: Option<&Object>, out: *mut c_void) -> PyResult<Converted> {
        let out = out as *mut *mut PyObject;
        let Some(arg) = arg else {
            runtime::object::xdecref(std::mem::replace(&mut *out, ptr::null_mut()));
            return Ok(Converted(1));
        };
        let path = fs_path(arg)?;
        let bytes = match path.downcast::<Str>() {
            Some(text) => crate::unicode_codecs::encode_fs(text)?,
            None => path,
        };
        let Some(data) = bytes.downcast::<Bytes>() else { return Err(errors::bad_internal_call()) };
        if data.as_slice().contains(&0) {
            return Err(err!(ValueError, "embedded null byte"));
        }
        *out = bytes.into_raw();
        // Py_CLEANUP_SUPPORTED
        Ok(Converted(0x20000))
    }
    fn PyUnicode_FSDecoder(arg: Option<&Object>, out: *mut c_void) -> PyResult<Converted> {
        let out = out as *mut *mut PyObject;
        let Some(arg) = arg else {
            runtime::object::xdecref(std::mem::replace(&mut *out, ptr::null_mut()));
            return Ok(Converted(1));
        };
        let path = fs_path(arg)?;
        let text = match path.downcast::<Bytes>() {
            Some(bytes) => crate::unicode_codecs::decode_fs(bytes.as_slice())?.into_object(),
            None => path,
        };
        if text.downcast::<Str>().is_some_and(|s| s.code_points().any(|c| c == 0)) {
            return Err(err!(ValueError, "embedded null character"));
        }
        *out = text.into_raw();
        Ok(Converted(0x20000))
    }
    fn PyOS_FSPath(path: &Object) -> PyResult {
        fs_path(path)
    }
}

fn find_str(o: &Object) -> PyResult<&Str> {
    must_be_str(o)
}

/// -1 means not found, -2 an error.
pub struct FindResult(isize);
impl crate::macros::Success for FindResult {
    type C = isize;
    const ERROR: isize = -2;
    fn into_c(self) -> isize {
        self.0
    }
}

/// What converters answer: 0 is an error.
pub struct Converted(pub c_int);
impl crate::macros::Success for Converted {
    type C = c_int;
    const ERROR: c_int = 0;
    fn into_c(self) -> c_int {
        self.0
    }
}

fn equals_utf8(s: &Str, other: &[u8]) -> bool {
    match s.as_ascii() {
        Some(own) => own.as_bytes() == other,
        None => std::str::from_utf8(other).is_ok_and(|other| s.eq_str(other)),
    }
}

/// `os.fspath`.
pub fn fs_path(path: &Object) -> PyResult {
    if path.is_instance_of::<Str>() || path.is_instance_of::<Bytes>() {
        return Ok(path.to_owned());
    }
    let Some(method) = proto::lookup_special(path, intern!("__fspath__"))? else {
        return Err(err!(TypeError, "expected str, bytes or os.PathLike object, not {}", path.type_name()));
    };
    let made = call::call0(&method)?;
    if !made.is_instance_of::<Str>() && !made.is_instance_of::<Bytes>() {
        return Err(err!(TypeError, "expected {}.__fspath__() to return str or bytes, not {}", path.type_name(), made.type_name()));
    }
    Ok(made)
}
