//! Universal newlines: the state machine, and `IncrementalNewlineDecoder`, its Python face.

use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::{call, number, object};
use runtime::types::str::StrBuilder;
use runtime::types::str::search::find_char;
use runtime::types::{self, Bytes, Dict, Int, Str, Tuple};
use runtime::{err, intern};
use std::cell::Cell;

const SEEN_CR: u8 = 1;
const SEEN_LF: u8 = 2;
const SEEN_CRLF: u8 = 4;

/// Notes the line ends of a text that comes in pieces, and makes `\n` of them if asked to. A `\r` at the end of a piece waits for the next,
/// so that `\r\n` is never torn.
#[derive(Default)]
pub struct Newlines {
    pub pending_cr: Cell<bool>,
    seen: Cell<u8>,
    translate: Cell<bool>,
}

impl Newlines {
    pub fn new(translate: bool) -> Newlines {
        Newlines { pending_cr: Cell::new(false), seen: Cell::new(0), translate: Cell::new(translate) }
    }
    pub fn reset(&self) {
        self.pending_cr.set(false);
        self.seen.set(0);
    }
    /// Begins anew in another mode.
    pub fn restart(&self, translate: bool) {
        self.translate.set(translate);
        self.reset();
    }
    fn note(&self, kind: u8) {
        self.seen.set(self.seen.get() | kind);
    }

    pub fn process(&self, text: Owned<Str>, last: bool) -> PyResult<Owned<Str>> {
        if !self.pending_cr.get() && self.seen.get() & !SEEN_LF == 0 && find_char(text.text(), '\r' as u32).is_none() {
            // Only line feeds so far.
            if self.seen.get() == 0 && find_char(text.text(), '\n' as u32).is_some() {
                self.note(SEEN_LF);
            }
            return Ok(text);
        }
        self.process_slow(text, last)
    }

    #[cold]
    fn process_slow(&self, text: Owned<Str>, last: bool) -> PyResult<Owned<Str>> {
        let mut text = text;
        if self.pending_cr.get() && (last || !text.is_empty()) {
            text = Str::concat(Str::latin1_char(b'\r'), &text)?;
            self.pending_cr.set(false);
        }
        if !last && !text.is_empty() && text.char_at(text.len() - 1) == '\r' as u32 {
            text = text.substring(0, text.len() - 1)?;
            self.pending_cr.set(true);
        }
        let units = text.text();
        let mut out = StrBuilder::new();
        let (mut done, mut at) = (0, 0);
        while let Some(found) = find_line_end(units.slice(at, units.len())) {
            let here = at + found;
            at = here + 1;
            if units.at(here) == '\n' as u32 {
                self.note(SEEN_LF);
                continue;
            }
            let crlf = at < units.len() && units.at(at) == '\n' as u32;
            self.note(if crlf { SEEN_CRLF } else { SEEN_CR });
            at += crlf as usize;
            if self.translate.get() {
                out.push_text(units.slice(done, here))?;
                out.push_char('\n' as u32);
                done = at;
            }
        }
        if done == 0 {
            return Ok(text);
        }
        out.push_text(units.slice(done, units.len()))?;
        out.finish()
    }

    /// The kinds of line ends seen: None, a string, or a tuple.
    pub fn seen(&self) -> Owned {
        let kinds = [(SEEN_CR, intern!("\r")), (SEEN_LF, intern!("\n")), (SEEN_CRLF, intern!("\r\n"))];
        let seen: Vec<&Object> = kinds.iter().filter(|(kind, _)| self.seen.get() & kind != 0).map(|(_, text)| { let text: &Object = text; text }).collect();
        match seen.as_slice() {
            [] => types::none().to_owned(),
            [one] => Object::to_owned(one),
            more => Tuple::new(more).into_object(),
        }
    }
}

/// The first `\r` or `\n`.
pub fn find_line_end(text: types::str::Text<'_>) -> Option<usize> {
    match text {
        types::str::Text::One(units) => memchr::memchr2(b'\r', b'\n', units),
        types::str::Text::Two(units) => units.iter().position(|&c| c == b'\r' as u16 || c == b'\n' as u16),
        types::str::Text::Four(units) => units.iter().position(|&c| c == b'\r' as u32 || c == b'\n' as u32),
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct IncrementalNewlineDecoder {
    head: ObjectHead,
    decoder: Cell<Option<Owned>>,
    #[traverse(skip)]
    newlines: Newlines,
}

impl IncrementalNewlineDecoder {
    fn inner(&self) -> PyResult {
        super::get(&self.decoder).ok_or_else(|| err!(ValueError, "IncrementalNewlineDecoder.__init__() not called"))
    }
}

/// A decoder's result, which must be text.
pub fn expect_text(decoded: Owned) -> PyResult<Owned<Str>> {
    decoded
        .try_into_typed::<Str>()
        .map_err(|other| err!(TypeError, "decoder should return a string result, not '{}'", other.type_name()))
}

/// Codec used when reading a file in universal newlines mode.
///
/// It wraps another incremental decoder, translating \r\n and \r into \n.
/// It also records the types of newlines encountered.  When used with
/// translate=False, it ensures that the newline sequence is returned in
/// one piece. When used with decoder=None, it expects unicode strings as
/// decode input and translates newlines without first invoking an external
/// decoder.
#[pytype(static = IncrementalNewlineDecoder_Type, name = "IncrementalNewlineDecoder", module = "_io", signature = "(decoder, translate, errors='strict')",
    flags = BASETYPE | INHERITS_NEW | HAVE_GC | IMMUTABLETYPE, native)]
impl IncrementalNewlineDecoder {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<IncrementalNewlineDecoder>> {
        IncrementalNewlineDecoder::construct(
            cls,
            IncrementalNewlineDecoder { head: ObjectHead::placeholder(), decoder: Cell::new(None), newlines: Newlines::default() },
        )
    }
    #[slot("IncrementalNewlineDecoder(decoder, translate, errors='strict')")]
    fn tp_init(&self, decoder: &Object, translate: bool, _errors: Option<&Object>) -> PyResult<()> {
        let old = self.decoder.replace(Some(decoder.to_owned()));
        drop(old);
        self.newlines.translate.set(translate);
        self.newlines.reset();
        Ok(())
    }
    #[method("decode($self, /, input, final=False)")]
    fn decode(&self, input: &Object, last: bool) -> PyResult<Owned<Str>> {
        let decoder = self.inner()?;
        let decoded = if decoder.is_none() {
            input.to_owned()
        } else {
            call::call_method(&decoder, intern!("decode"), &[input, types::bool_object(last)])?
        };
        self.newlines.process(expect_text(decoded)?, last)
    }
    #[method("getstate($self, /)")]
    fn getstate(&self) -> PyResult {
        let decoder = self.inner()?;
        let (buffer, flag) = if decoder.is_none() {
            (Bytes::new(&[]).into_object(), 0)
        } else {
            let state = call::call_method0(&decoder, intern!("getstate"))?;
            let Some(state) = state.downcast::<Tuple>().filter(|s| s.len() == 2) else {
                return Err(err!(TypeError, "illegal decoder state"));
            };
            (state.get(0).to_owned(), number::index(state.get(1))?.as_u64_mask())
        };
        let flag = flag << 1 | self.newlines.pending_cr.get() as u64;
        Ok(Tuple::new(&[&buffer, &Int::from_u64(flag)]).into_object())
    }
    #[method("setstate($self, state, /)")]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let decoder = self.inner()?;
        let Some(state) = state.downcast::<Tuple>() else {
            return Err(err!(TypeError, "state argument must be a tuple"));
        };
        if state.len() != 2 {
            return Err(err!(TypeError, "setstate(): illegal state argument"));
        }
        let flag = number::index(state.get(1))?.as_u64_mask();
        self.newlines.pending_cr.set(flag & 1 != 0);
        if !decoder.is_none() {
            let inner = Tuple::new(&[state.get(0), &Int::from_u64(flag >> 1)]);
            call::call_method(&decoder, intern!("setstate"), &[&inner])?;
        }
        Ok(())
    }
    #[method("reset($self, /)")]
    fn reset(&self) -> PyResult {
        let decoder = self.inner()?;
        self.newlines.reset();
        if decoder.is_none() {
            return Ok(types::none().to_owned());
        }
        call::call_method0(&decoder, intern!("reset"))
    }
    #[getter]
    fn newlines(&self) -> PyResult {
        self.inner()?;
        Ok(self.newlines.seen())
    }
}

impl IncrementalNewlineDecoder {
    pub fn over(decoder: &Object, translate: bool) -> PyResult {
        let made = IncrementalNewlineDecoder::construct(
            IncrementalNewlineDecoder::type_object(),
            IncrementalNewlineDecoder {
                head: ObjectHead::placeholder(),
                decoder: Cell::new(Some(decoder.to_owned())),
                newlines: Newlines::new(translate),
            },
        )?;
        Ok(made.into_object())
    }
}

/// The line ends that a decoder of any kind has seen.
pub fn newlines_of(decoder: &Object) -> PyResult<Option<Owned>> {
    object::get_attr_opt(decoder, intern!("newlines"))
}
