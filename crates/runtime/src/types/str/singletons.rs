//! The empty string and the 256 strings of one Latin-1 character: statics, immortal and interned.

use super::{PyUnicode_Type, Str};
use crate::object::Type;
use abi::{PyASCIIObject, PyCompactUnicodeObject, PyObject};
use std::cell::Cell;
use std::ptr;

#[repr(C)]
struct AsciiChar {
    head: PyASCIIObject,
    text: [u8; 2],
}

#[repr(C)]
struct LatinChar {
    head: PyCompactUnicodeObject,
    text: [u8; 2],
}

struct Table<T>(T);
// SAFETY: only touched under the GIL.
unsafe impl<T> Sync for Table<T> {}

const STATE: u32 = abi::SSTATE_INTERNED_IMMORTAL_STATIC
    | 1 << abi::PyUnicode_STATE_KIND_SHIFT
    | abi::PyUnicode_STATE_COMPACT
    | abi::PyUnicode_STATE_STATICALLY_ALLOCATED;

const fn head(length: isize, ascii: bool) -> PyASCIIObject {
    PyASCIIObject {
        ob_base: PyObject::immortal_static(&raw const PyUnicode_Type as *const Type as *const abi::PyTypeObject),
        length: Cell::new(length),
        // The hash of the empty text is 0 whatever the key.
        hash: Cell::new(if length == 0 { 0 } else { -1 }),
        state: Cell::new(if ascii { STATE | abi::PyUnicode_STATE_ASCII } else { STATE }),
    }
}

static EMPTY: Table<AsciiChar> = Table(AsciiChar { head: head(0, true), text: [0, 0] });

static ASCII: Table<[AsciiChar; 128]> = Table({
    let mut table = [const { AsciiChar { head: head(1, true), text: [0, 0] } }; 128];
    let mut i = 0;
    while i < 128 {
        table[i].text[0] = i as u8;
        i += 1;
    }
    table
});

static LATIN: Table<[LatinChar; 128]> = Table({
    let mut table = [const {
        LatinChar {
            head: PyCompactUnicodeObject { _base: head(1, false), utf8_length: Cell::new(0), utf8: Cell::new(ptr::null_mut()) },
            text: [0, 0],
        }
    }; 128];
    let mut i = 0;
    while i < 128 {
        table[i].text[0] = 128 + i as u8;
        i += 1;
    }
    table
});

impl Str {
    /// The string of one character below 256; there is one object for each.
    #[inline(always)]
    pub fn latin1_char(c: u8) -> &'static Str {
        // SAFETY: the statics are whole strings in their compact forms.
        unsafe {
            if c < 128 {
                &*(&raw const ASCII.0[c as usize] as *const Str)
            } else {
                &*(&raw const LATIN.0[c as usize - 128] as *const Str)
            }
        }
    }
    /// The empty string.
    #[inline(always)]
    pub fn empty() -> &'static Str {
        // SAFETY: as above.
        unsafe { &*(&raw const EMPTY.0 as *const Str) }
    }
}
