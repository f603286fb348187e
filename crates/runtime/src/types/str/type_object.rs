//! The type object of `str`: construction, destruction, and the slots that are not methods.

use super::construct::{allocate, copy_text};
use super::iterator::StrIterator;
use super::{Str, StrBuilder};
use crate::errors::{PyResult, from_c, no_memory};
use crate::macro_support::{Args, KwArgs, bad_keywords};
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{CompareOp, not_implemented};
use crate::protocol::{self, number};
use crate::types::{Slice, Tuple, bool_object};
use crate::{codecs, err, exceptions, format};
use abi::PyObject;
use macros::pytype;
use std::ffi::c_void;
use std::ptr;

/// str(object='') -> str
/// str(bytes_or_buffer[, encoding[, errors]]) -> str
///
/// The text of an object: what its __str__() gives, or its repr().
/// With an encoding or an error handler, the text that the bytes of a
/// bytes-like object stand for; encoding is 'utf-8' and errors 'strict'
/// where only the other is given.
#[pytype(static = PyUnicode_Type, name = "str", flags = BASETYPE | UNICODE_SUBCLASS | MATCH_SELF,
         methods = [Str::FIND_METHODS, Str::SPLIT_METHODS, Str::PAD_METHODS, Str::CASE_METHODS, Str::REPLACE_METHODS, Str::FORMAT_METHODS])]
impl Str {
    #[slot("str(object=<unrepresentable>, encoding=<unrepresentable>, errors=<unrepresentable>)")]
    fn tp_new(cls: &Type, object: Option<&Object>, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
        let text = construct(object, encoding, errors)?;
        if ptr::eq(cls, Str::type_object()) { Ok(text) } else { subtype_new(cls, &text) }
    }
    #[slot]
    fn tp_vectorcall(_cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Str>> {
        if kwargs.is_empty() {
            match *args {
                [object] => return protocol::object::str(object),
                [] => return Ok(Owned::from_ref(Str::empty())),
                _ => {}
            }
        }
        construct_from_arguments(args, kwargs)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        self.repr()
    }
    #[slot]
    fn tp_str(&self) -> PyResult<Owned<Str>> {
        self.to_exact()
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        self.hash()
    }
    #[slot]
    fn tp_richcompare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
        let (Some(a), Some(b)) = (a.downcast::<Str>(), b.downcast::<Str>()) else { return Ok(not_implemented()) };
        let result = match op {
            CompareOp::Eq => Str::equal(a, b),
            CompareOp::Ne => !Str::equal(a, b),
            _ => op.matches(Str::compare(a, b)),
        };
        Ok(bool_object(result).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        StrIterator::over(self)
    }
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn dealloc(op: *mut PyObject) {
        // SAFETY: a dead string, whole until it is freed here.
        unsafe {
            let this: &Str = Object::from_ptr(op).cast();
            let state = this.state();
            if state & abi::PyUnicode_STATE_INTERNED_MASK != 0 {
                if state & abi::PyUnicode_STATE_INTERNED_MASK != abi::SSTATE_INTERNED_MORTAL {
                    // Immortal: some C code gave up a count that it did not have.
                    return this.set_immortal();
                }
                this.forget_interned();
            }
            const COMPACT_ASCII: u32 = abi::PyUnicode_STATE_COMPACT | abi::PyUnicode_STATE_ASCII;
            if state & COMPACT_ASCII != COMPACT_ASCII {
                free_parts(this);
            }
            if Str::check_exact(this) {
                memory::object_free(op as *mut c_void);
            } else if let Some(free) = this.ty().0.tp_free.get() {
                free(op as *mut c_void);
            }
        }
    }

    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_concat(&self, other: &Object) -> PyResult<Owned<Str>> {
        match other.downcast::<Str>() {
            Some(other) => Str::concat(self, other),
            None => Err(err!(TypeError, "can only concatenate str (not \"{}\") to str", other.type_name())),
        }
    }
    #[slot]
    fn sq_repeat(&self, times: isize) -> PyResult<Owned<Str>> {
        self.repeat(times)
    }
    #[slot]
    fn sq_item(&self, index: isize) -> PyResult<Owned<Str>> {
        if index < 0 || index as usize >= self.len() {
            return Err(err!(IndexError, "string index out of range"));
        }
        Str::from_char(self.char_at(index as usize))
    }
    #[slot]
    fn sq_contains(&self, sub: &Object) -> PyResult<bool> {
        match sub.downcast::<Str>() {
            Some(sub) => Ok(self.contains(sub)),
            None => Err(err!(TypeError, "'in <string>' requires string as left operand, not {}", sub.type_name())),
        }
    }
    #[slot]
    fn mp_subscript(&self, index: &Object) -> PyResult<Owned<Str>> {
        if number::check_index(index) {
            let i = number::as_isize(index, Some(exceptions::IndexError()))?;
            return Self::sq_item(self, if i < 0 { i.saturating_add(self.len() as isize) } else { i });
        }
        let Some(slice) = index.downcast::<Slice>() else {
            return Err(err!(TypeError, "string indices must be integers, not '{}'", index.type_name()));
        };
        let range = slice.resolve(self.len())?;
        if range.count == 0 {
            return Ok(Owned::from_ref(Str::empty()));
        }
        if range.step == 1 {
            return self.substring(range.start as usize, range.start as usize + range.count);
        }
        let mut out = StrBuilder::new();
        out.prepare(range.count, if self.is_ascii() { 0x7f } else { 0 })?;
        for i in range.indices() {
            out.push_char(self.char_at(i));
        }
        out.finish()
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        match a.downcast::<Str>() {
            Some(text) => Ok(format::percent::format_str(text, b)?.into_object()),
            None => Ok(not_implemented()),
        }
    }

    /// The string encoded by a codec.
    ///
    ///   encoding
    ///     The name of the encoding.
    ///   errors
    ///     What to do with characters that it cannot encode: 'strict' raises UnicodeEncodeError;
    ///     also 'ignore', 'replace', 'xmlcharrefreplace', and what codecs.register_error() knows.
    #[method("encode($self, /, encoding='utf-8', errors='strict')")]
    fn py_encode(&self, encoding: Option<&str>, errors: Option<&str>) -> PyResult {
        codecs::encode_str(self, encoding, errors)
    }
    #[method("__getnewargs__($self, /)")]
    fn getnewargs(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::single(Str::from_text(self.text())?.into_object()))
    }
    /// The memory that the string takes, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        let kind = self.kind() as usize;
        let text = (self.len() + 1) * kind;
        let own = match (self.is_compact(), self.is_ascii()) {
            (true, true) => size_of::<abi::PyASCIIObject>() + text,
            (true, false) => size_of::<abi::PyCompactUnicodeObject>() + text,
            (false, _) => size_of::<abi::PyUnicodeObject>() + text,
        };
        own + if self.is_ascii() || self.0._base.utf8.get().is_null() { 0 } else { self.0._base.utf8_length.get() as usize + 1 }
    }
}

/// Frees the blocks that a string has besides its own.
/// # Safety
/// A dead string that is not compact ASCII.
unsafe fn free_parts(this: &Str) {
    let utf8 = this.0._base.utf8.get() as *mut c_void;
    let compact = this.is_compact();
    // SAFETY: the blocks are this string's.
    unsafe {
        if !utf8.is_null() && (compact || utf8 != this.0.data.get()) {
            memory::mem_free(utf8);
        }
        if !compact {
            memory::mem_free(this.0.data.get());
        }
    }
}

/// What `str(...)` makes, as an exact string (or what `__str__` gave).
fn construct(object: Option<&Object>, encoding: Option<&str>, errors: Option<&str>) -> PyResult<Owned<Str>> {
    match object {
        None => Ok(Owned::from_ref(Str::empty())),
        Some(object) if encoding.is_none() && errors.is_none() => protocol::object::str(object),
        Some(object) => codecs::decode_object(object, encoding, errors),
    }
}

#[cold]
fn construct_from_arguments(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Str>> {
    const NAMES: [&str; 3] = ["object", "encoding", "errors"];
    if args.len() > 3 && kwargs.is_empty() {
        return Err(err!(TypeError, "str expected at most 3 arguments, got {}", args.len()));
    }
    if args.len() + kwargs.len() > 3 {
        return Err(err!(TypeError, "str() takes at most 3 arguments ({} given)", args.len() + kwargs.len()));
    }
    let mut given: [Option<&Object>; 3] = std::array::from_fn(|i| args.get(i).copied());
    for (name, value) in kwargs.iter() {
        let at = name.downcast::<Str>().and_then(|name| NAMES.iter().position(|n| name.eq_str(n)));
        match at {
            None => return Err(bad_keywords("str", &NAMES, kwargs.names.iter().copied())),
            Some(at) if given[at].is_some() => {
                return Err(err!(TypeError, "argument for str() given by name ('{}') and position ({})", NAMES[at], at + 1));
            }
            Some(at) => given[at] = Some(value),
        }
    }
    let text = |at: usize| -> PyResult<Option<&str>> {
        let Some(value) = given[at] else { return Ok(None) };
        match value.downcast::<Str>() {
            Some(text) => text.as_utf8().map(Some),
            None => Err(err!(TypeError, "str() argument '{}' must be str, not {}", NAMES[at], if value.is_none() && !kwargs.is_empty() { "None" } else { value.type_name() })),
        }
    };
    let (encoding, errors) = (text(1)?, text(2)?);
    construct(given[0], encoding, errors)
}

/// An instance of a subclass with this text, in the full form.
fn subtype_new(cls: &Type, text: &Str) -> PyResult<Owned<Str>> {
    let Some(alloc) = cls.0.tp_alloc.get() else { return Err(crate::errors::bad_internal_call()) };
    let (len, kind) = (text.len(), text.kind());
    // SAFETY: the slot of a str subclass: zeroed memory of at least a full string's size.
    unsafe {
        let new: Owned<Str> = from_c(alloc(cls.as_type_ptr(), 0))?.cast_into();
        let base = &new.0._base._base;
        // Until there is text, the object is one that can be deallocated.
        base.hash.set(-1);
        base.length.set(0);
        base.state.set(kind << abi::PyUnicode_STATE_KIND_SHIFT);
        let Some(size) = (len + 1).checked_mul(kind as usize) else { return Err(no_memory()) };
        let data = memory::mem_malloc(size) as *mut u8;
        if data.is_null() {
            return Err(no_memory());
        }
        ptr::copy_nonoverlapping(text.data(), data, size);
        new.0.data.set(data as *mut c_void);
        base.length.set(len as isize);
        base.hash.set(text.hash());
        if text.is_ascii() {
            base.state.set(base.state.get() | abi::PyUnicode_STATE_ASCII);
            new.0._base.utf8.set(data as *mut std::ffi::c_char);
            new.0._base.utf8_length.set(len as isize);
        }
        Ok(new)
    }
}

impl Str {
    /// The string as a literal that gives it.
    pub fn repr(&self) -> PyResult<Owned<Str>> {
        let text = self.text();
        let (mut single, mut double, mut plain) = (false, false, true);
        for c in text.code_points() {
            match c {
                0x27 => single = true,
                0x22 => double = true,
                0x5c | 0..0x20 | 0x7f.. => plain = false,
                _ => {}
            }
        }
        let quote = if single && !double { '"' } else { '\'' } as u32;
        let Some(len) = self.len().checked_add(2) else { return Err(no_memory()) };
        if plain && !(single && double) {
            let new = allocate(len, 0x7f)?;
            // SAFETY: fresh, with room for the text and two quotes; `plain` says that the text is ASCII.
            unsafe {
                *new.data() = quote as u8;
                copy_text(text, new.data(), 1, 1);
                *new.data().add(len - 1) = quote as u8;
            }
            return Ok(new);
        }
        let mut out = StrBuilder::new();
        out.prepare(len, 0x7f)?;
        out.push_char(quote);
        for c in text.code_points() {
            match c {
                0x5c => out.push_ascii(b"\\\\"),
                9 => out.push_ascii(b"\\t"),
                10 => out.push_ascii(b"\\n"),
                13 => out.push_ascii(b"\\r"),
                _ if c == quote => {
                    out.push_char(0x5c);
                    out.push_char(c);
                }
                0x7f => codecs::push_escape(&mut out, c),
                0x20..0x7f => out.push_char(c),
                0x80.. if unicode::is_printable(c) => out.push_char(c),
                _ => codecs::push_escape(&mut out, c),
            }
        }
        out.push_char(quote);
        out.finish()
    }
}
