//! Names and kinds of the variables in the order of their places: locals, cells that are no arguments, free variables.

use bytecode::code::{Wtf8, co, kinds};

use crate::names::Name;
use crate::unit::Metadata;

pub(super) fn localsplus(
    metadata: &Metadata<'_>,
    count: usize,
    code_flags: u32,
    text: &mut dyn FnMut(Name) -> Wtf8,
) -> (Vec<Wtf8>, Vec<u8>) {
    let mut all_names = Vec::with_capacity(count);
    let mut all_kinds = Vec::with_capacity(count);
    let mut add = |name: Name, kind: u8| {
        all_names.push(text(name));
        all_kinds.push(kind);
    };
    for (position, name) in metadata.varnames.iter().enumerate() {
        let mut kind = kinds::LOCAL | argument_kind(metadata, position as u32, code_flags);
        if metadata.was_fast_hidden(name) {
            kind |= kinds::HIDDEN;
        }
        if metadata.cellvars.contains(name) {
            kind |= kinds::CELL;
        }
        add(name, kind);
    }
    for name in metadata.cellvars.iter().filter(|&name| !metadata.varnames.contains(name)) {
        add(name, kinds::CELL);
    }
    for name in metadata.freevars.iter() {
        add(name, kinds::FREE);
    }
    (all_names, all_kinds)
}

/// How an argument may be given; arguments are the first locals, `*args` and `**kwargs` the last of them.
fn argument_kind(metadata: &Metadata<'_>, position: u32, code_flags: u32) -> u8 {
    let groups = [
        (metadata.posonlyargcount, kinds::ARG_POS),
        (metadata.argcount, kinds::ARG_POS | kinds::ARG_KW),
        (metadata.kwonlyargcount, kinds::ARG_KW),
        ((code_flags & co::VARARGS != 0) as u32, kinds::ARG_VAR | kinds::ARG_POS),
        ((code_flags & co::VARKEYWORDS != 0) as u32, kinds::ARG_VAR | kinds::ARG_KW),
    ];
    let mut end = 0;
    for (count, kind) in groups {
        end += count;
        if position < end {
            return kind;
        }
    }
    0
}
