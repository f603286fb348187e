//! What tests ask about the stack, the memory and the built-in types.

use crate::err;
use crate::errors::{self, PyResult};
use crate::object::{Object, Owned};
use crate::tstate::ThreadState;
use crate::types::{List, Str, slotdefs, startup};
use crate::{codecs, gc};
use std::ffi::CStr;

/// The unit in which native recursion is counted, as the reference has it.
pub const STACK_MARGIN: usize = 16384;

pub fn recursion_depth() -> i32 {
    let state = &ThreadState::current().0;
    state.py_recursion_limit.get() - state.py_recursion_remaining.get()
}

pub fn native_recursion_remaining() -> i64 {
    let room = stack_pointer().saturating_sub(ThreadState::current().1.stack_soft_limit.get());
    (room / STACK_MARGIN * 50) as i64
}

pub fn stack_pointer() -> usize {
    let marker = 0u8;
    std::ptr::from_ref(std::hint::black_box(&marker)) as usize
}

pub fn allocators_name() -> &'static str {
    match std::env::var("PYTHONMALLOC").as_deref() {
        Ok("debug" | "pymalloc_debug") => "pymalloc_debug",
        Ok("malloc") => "malloc",
        Ok("malloc_debug") => "malloc_debug",
        _ => "pymalloc",
    }
}

pub fn slot_names() -> Owned<List> {
    let name = |row: &abi::wrapperbase| {
        // SAFETY: rows of the table hold C string literals.
        let name = unsafe { CStr::from_ptr(row.name.get()) };
        Str::intern(Str::new(&name.to_string_lossy())).into_object()
    };
    List::from_owned(slotdefs::SLOTDEFS.iter().map(name).collect())
}

pub fn static_types() -> Owned<List> {
    List::from_owned(startup::builtin_types().into_iter().map(|ty| (ty as &Object).to_owned()).collect())
}

pub fn tracked_objects() -> usize {
    let mut count = 0;
    gc::each_object(None, |_| {
        count += 1;
        true
    });
    count
}

fn locale_errors(errors: Option<&str>) -> PyResult<&str> {
    match errors.unwrap_or("strict") {
        known @ ("strict" | "surrogateescape" | "surrogatepass") => Ok(known),
        _ => Err(err!(ValueError, "unsupported error handler")),
    }
}

pub fn encode_locale(text: &Str, errors: Option<&str>) -> PyResult {
    let handler = locale_errors(errors)?;
    match codecs::encode(text, Some("utf-8"), Some(handler)) {
        Ok(bytes) => Ok(bytes),
        Err(_) => Err(failed("encode error: pos={start}, reason={reason}")),
    }
}

pub fn decode_locale(bytes: &[u8], errors: Option<&str>) -> PyResult {
    let handler = locale_errors(errors)?;
    match codecs::decode(bytes, Some("utf-8"), Some(handler)) {
        Ok(text) => Ok(text.into_object()),
        Err(_) => Err(failed("decode error: pos={start}, reason={reason}")),
    }
}

/// The codec's error in the words of the function.
fn failed(words: &str) -> errors::Raised {
    let Some(error) = errors::take() else { return err!(RuntimeError, "codec failed") };
    let field = |name| {
        let value = crate::protocol::object::get_attr_str(error.as_object(), name).and_then(|value| crate::protocol::object::str(&value));
        value.map(|text| text.to_string()).unwrap_or_default()
    };
    let (start, reason) = (field("start"), field("reason"));
    errors::clear();
    err!(RuntimeError, "{}", words.replace("{start}", &start).replace("{reason}", &reason))
}
