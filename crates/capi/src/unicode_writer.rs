//! `PyUnicodeWriter`, and the older `_PyUnicodeWriter` struct on C stacks.

use crate::macros::{Done, Out};
use crate::unicodeobject::{bytes_at, from_utf8, wide};
use abi::_PyUnicodeWriter;
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::object as proto;
use runtime::types::str::Text;
use runtime::types::{self, Str, StrBuilder};
use runtime::err;
use std::ffi::{CStr, c_char, c_int};
use std::ptr;

/// What the opaque `PyUnicodeWriter` is.
pub struct Writer(StrBuilder);

/// # Safety
/// A writer that was made and not finished.
unsafe fn writer<'a>(w: *mut Writer) -> &'a mut StrBuilder {
    // SAFETY: by contract.
    unsafe { &mut (*w).0 }
}

/// Text in UTF-8, strict; -1 length: NUL-ended.
unsafe fn utf8<'a>(s: *const c_char, size: isize) -> &'a [u8] {
    // SAFETY: by the callers.
    unsafe { if size < 0 { CStr::from_ptr(s).to_bytes() } else { bytes_at(s, size) } }
}

/// How many bytes at the end begin a character of UTF-8 that does not end.
fn unfinished(data: &[u8]) -> usize {
    for back in 1..=data.len().min(3) {
        let byte = data[data.len() - back];
        let need = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => return 0,
        };
        // Only what could still become a character.
        let whole = std::str::from_utf8(&data[data.len() - back..]).err().is_some_and(|error| error.error_len().is_none());
        return if back < need && whole { back } else { 0 };
    }
    0
}

c_api! {
    fn PyUnicodeWriter_Create(length: isize) -> PyResult<*mut Writer> {
        if length < 0 {
            return Err(err!(ValueError, "length must be positive"));
        }
        Ok(Box::into_raw(Box::new(Writer(StrBuilder::with_capacity(length as usize)))))
    }
    fn PyUnicodeWriter_Discard(w: *mut Writer) {
        if !w.is_null() {
            drop(Box::from_raw(w));
        }
    }
    fn PyUnicodeWriter_Finish(w: *mut Writer) -> PyResult<Owned<Str>> { Box::from_raw(w).0.finish() }
    fn PyUnicodeWriter_WriteChar(w: *mut Writer, c: u32) -> PyResult<Done> {
        if c > 0x10ffff {
            return Err(err!(ValueError, "character must be in range(0x110000)"));
        }
        writer(w).push_char(c);
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteUTF8(w: *mut Writer, s: *const c_char, size: isize) -> PyResult<Done> {
        let data = utf8(s, size);
        match std::str::from_utf8(data) {
            Ok(text) => writer(w).push_str(text),
            Err(_) => writer(w).push_str_object(&*from_utf8(data)?)?,
        }
        Ok(Done)
    }
    fn PyUnicodeWriter_DecodeUTF8Stateful(w: *mut Writer, s: *const c_char, size: isize, errors: Option<&CStr>, consumed: Out<isize>) -> PyResult<Done> {
        let consumed = consumed.0;
        let data = utf8(s, size);
        let decoded = errors::from_c(crate::unicode_codecs::PyUnicode_DecodeUTF8Stateful(data.as_ptr().cast(), data.len() as isize, errors.map_or(ptr::null(), |e| e.as_ptr()), consumed))?;
        writer(w).push_str_object(decoded.cast::<Str>())?;
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteASCII(w: *mut Writer, s: *const c_char, size: isize) -> PyResult<Done> {
        writer(w).push_text(Text::One(utf8(s, size)))?;
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteWideChar(w: *mut Writer, s: *const i32, size: isize) -> PyResult<Done> {
        let text = wide(s, size);
        if let Some(c) = text.iter().find(|&&c| c > 0x10ffff) {
            return Err(err!(ValueError, "character U+{:x} is not in range [U+0000; U+10ffff]", c));
        }
        writer(w).push_text(Text::Four(text))?;
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteUCS4(w: *mut Writer, s: *const u32, size: isize) -> PyResult<Done> {
        if size < 0 {
            return Err(err!(ValueError, "size must be positive"));
        }
        let text = if size == 0 { &[] } else { std::slice::from_raw_parts(s, size as usize) };
        if text.iter().any(|&c| c > 0x10ffff) {
            return Err(err!(ValueError, "character must be in range(0x110000)"));
        }
        writer(w).push_text(Text::Four(text))?;
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteStr(w: *mut Writer, o: &Object) -> PyResult<Done> {
        writer(w).push_str_object(&*proto::str(o)?)?;
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteRepr(w: *mut Writer, o: Option<&Object>) -> PyResult<Done> {
        match o {
            Some(o) => writer(w).push_str_object(&*proto::repr(o)?)?,
            None => writer(w).push_str("<NULL>"),
        }
        Ok(Done)
    }
    fn PyUnicodeWriter_WriteSubstring(w: *mut Writer, o: &Object, start: isize, end: isize) -> PyResult<Done> {
        let Some(s) = o.downcast::<Str>() else { return Err(err!(TypeError, "expect str, not {}", o.type_name())) };
        if start < 0 || start > end {
            return Err(err!(ValueError, "start must be positive and not above end"));
        }
        if end as usize > s.len() {
            return Err(err!(ValueError, "end must be less than or equal to the string length"));
        }
        writer(w).push_substring(s, start as usize, end as usize)?;
        Ok(Done)
    }

    // ---- for `csrc/format.c`
    fn capi_writer_length(w: *mut Writer) -> isize { writer(w).len() as isize }
    /// Lossily decoded text of at most `precision` bytes, padded to `width`.
    fn capi_writer_bytes(w: *mut Writer, s: *const c_char, precision: isize, width: isize, left: c_int) -> PyResult<Done> {
        let len = if precision < 0 { libc::strlen(s) } else { libc::strnlen(s, precision as usize) };
        let data = std::slice::from_raw_parts(s as *const u8, len);
        // What the precision cuts in two is left out; what ends too early is replaced.
        let cut = precision >= 0 && len as isize == precision;
        let data = if cut { &data[..len - unfinished(data)] } else { data };
        let decoded = String::from_utf8_lossy(data);
        pad(writer(w), &Str::new(&decoded), width, -1, left != 0)?;
        Ok(Done)
    }
    fn capi_writer_wide(w: *mut Writer, s: *const i32, precision: isize, width: isize, left: c_int) -> PyResult<Done> {
        let len = (0..if precision < 0 { isize::MAX } else { precision }).take_while(|&i| *s.offset(i) != 0).count();
        pad(writer(w), &Str::from_code_points(wide(s, len as isize)), width, -1, left != 0)?;
        Ok(Done)
    }
    /// A str, cut to `precision` characters, padded to `width`.
    fn capi_writer_padded(w: *mut Writer, o: &Str, precision: isize, width: isize, left: c_int) -> PyResult<Done> {
        pad(writer(w), o, width, precision, left != 0)?;
        Ok(Done)
    }
    /// The type name of an object (`%T`) or of a type (`%N`), fully qualified, with a colon for the last dot if `alternate`.
    fn capi_type_name(o: &Object, of_object: c_int, alternate: c_int) -> PyResult<Owned<Str>> {
        let ty: &runtime::object::Type = if of_object != 0 {
            o.ty()
        } else {
            o.downcast().ok_or_else(|| err!(TypeError, "%N argument must be a type"))?
        };
        let name = types::type_methods::fully_qualified_name(ty)?;
        if alternate == 0 {
            return Ok(Str::new(&name));
        }
        let module = types::type_methods::type_module(ty)?.and_then(|m| m.downcast::<Str>().map(|s| s.to_string()));
        match module {
            Some(module) if name.len() > module.len() && name.starts_with(&module) && module != "builtins" => Ok(Str::new(&format!("{}:{}", module, &name[module.len() + 1..]))),
            _ => Ok(Str::new(&name)),
        }
    }

    // ---- the old struct
    fn _PyUnicodeWriter_Init(w: *mut _PyUnicodeWriter) { ptr::write_bytes(w, 0, 1) }
    fn _PyUnicodeWriter_Dealloc(w: *mut _PyUnicodeWriter) {
        let held = (*w).buffer.replace(ptr::null_mut());
        runtime::object::xdecref(held);
    }
    fn _PyUnicodeWriter_PrepareInternal(w: *mut _PyUnicodeWriter, length: isize, maxchar: u32) -> PyResult<Done> { prepare(&*w, length, maxchar) }
    fn _PyUnicodeWriter_PrepareKindInternal(w: *mut _PyUnicodeWriter, kind: c_int) -> PyResult<Done> {
        prepare(&*w, 0, match kind { 1 => 0xff, 2 => 0xffff, _ => 0x10ffff })
    }
    fn _PyUnicodeWriter_WriteChar(w: *mut _PyUnicodeWriter, c: u32) -> PyResult<Done> { append(&*w, Text::Four(&[c])) }
    fn _PyUnicodeWriter_WriteStr(w: *mut _PyUnicodeWriter, o: &Str) -> PyResult<Done> { append(&*w, o.text()) }
    fn _PyUnicodeWriter_WriteSubstring(w: *mut _PyUnicodeWriter, o: &Str, start: isize, end: isize) -> PyResult<Done> {
        let end = (end.max(0) as usize).min(o.len());
        append(&*w, o.text().slice((start.max(0) as usize).min(end), end))
    }
    fn _PyUnicodeWriter_WriteASCIIString(w: *mut _PyUnicodeWriter, s: *const c_char, size: isize) -> PyResult<Done> { append(&*w, Text::One(utf8(s, size))) }
    fn _PyUnicodeWriter_WriteLatin1String(w: *mut _PyUnicodeWriter, s: *const c_char, size: isize) -> PyResult<Done> { append(&*w, Text::One(utf8(s, size))) }
    fn _PyUnicodeWriter_Finish(w: *mut _PyUnicodeWriter) -> PyResult<Owned<Str>> {
        let Some(buffer) = Owned::<Str>::from_raw_opt((*w).buffer.replace(ptr::null_mut())) else { return Ok(Owned::from_ref(Str::empty())) };
        let used = (*w).pos.get().max(0) as usize;
        if used == buffer.len() { Ok(buffer) } else { Str::from_text(buffer.text().slice(0, used)) }
    }
}

fn pad(out: &mut StrBuilder, s: &Str, width: isize, precision: isize, left: bool) -> PyResult<()> {
    let len = if precision < 0 { s.len() } else { s.len().min(precision as usize) };
    let fill = (width.max(0) as usize).saturating_sub(len);
    if fill > 0 && !left {
        out.push_repeated(b' ' as u32, fill)?;
    }
    out.push_substring(s, 0, len)?;
    if fill > 0 && left {
        out.push_repeated(b' ' as u32, fill)?;
    }
    Ok(())
}

/// Makes room for `length` more characters up to `maxchar` in the writer's buffer.
fn prepare(w: &_PyUnicodeWriter, length: isize, maxchar: u32) -> PyResult<Done> {
    let used = w.pos.get().max(0) as usize;
    let Some(need) = used.checked_add(length.max(0) as usize).filter(|&n| n < isize::MAX as usize) else { return Err(errors::no_memory()) };
    let max = maxchar.max(w.maxchar.get()).max(w.min_char.get());
    // SAFETY: NULL or a str that the writer owns.
    let old = unsafe { Object::from_ptr_opt(w.buffer.get()) }.map(|o| unsafe { o.cast::<Str>() });
    if let Some(old) = old.filter(|old| old.len() >= need && max <= old.max_char()) {
        w.maxchar.set(old.max_char());
        return Ok(Done);
    }
    let size = need.max(w.min_length.get().max(0) as usize) + if w.overallocate.get() != 0 { need / 4 } else { 0 };
    let new = types::str::allocate(size.max(1), max)?;
    // SAFETY: fresh, with room; the old buffer has `used` characters.
    unsafe {
        if let Some(old) = old {
            write_text(&new, 0, old.text().slice(0, used));
        }
        w.kind.set(new.kind() as c_int);
        w.data.set(new.data().cast());
        w.maxchar.set(new.max_char());
        w.size.set(new.len() as isize);
        let held: Option<Owned> = Owned::from_raw_opt(w.buffer.replace(new.into_raw()));
        drop(held);
    }
    Ok(Done)
}

unsafe fn write_text(s: &Str, at: usize, text: Text<'_>) {
    for (i, c) in text.code_points().enumerate() {
        // SAFETY: by the callers: room for the text, in a form that holds it.
        unsafe {
            match s.kind() {
                1 => *s.data().add(at + i) = c as u8,
                2 => *(s.data() as *mut u16).add(at + i) = c as u16,
                _ => *(s.data() as *mut u32).add(at + i) = c,
            }
        }
    }
}

fn append(w: &_PyUnicodeWriter, text: Text<'_>) -> PyResult<Done> {
    if text.is_empty() {
        return Ok(Done);
    }
    let max = text.code_points().max().unwrap_or(0);
    prepare(w, text.len() as isize, max)?;
    // SAFETY: prepared.
    unsafe { write_text(Object::from_ptr(w.buffer.get()).cast(), w.pos.get() as usize, text) };
    w.pos.set(w.pos.get() + text.len() as isize);
    Ok(Done)
}
