//! `_sre`: the engine of regular expressions. `re._compiler` compiles patterns to SRE code; here it is checked, translated (`program.rs`)
//! and run (`engine.rs`, `search.rs`). The types are in `pattern.rs`, `match_object.rs`, `scanner.rs` and `template.rs`.

mod charset;
mod engine;
mod match_object;
mod pattern;
mod program;
mod scanner;
mod search;
mod target;
mod template;

use macros::pymodule;
use runtime::types::{Dict, Int, List, Module, Tuple};
use runtime::{Object, Owned, PyResult, err};

/// The words of a list of ints.
fn words(code: &List) -> PyResult<Vec<u32>> {
    let mut words = Vec::with_capacity(code.len());
    for word in code.iter() {
        let Some(int) = word.downcast::<Int>() else { return Err(err!(TypeError, "an integer is required")) };
        if int.is_negative() {
            return Err(err!(OverflowError, "can't convert negative value to unsigned int"));
        }
        match int.as_i64().and_then(|word| u32::try_from(word).ok()) {
            Some(word) => words.push(word),
            None => return Err(err!(OverflowError, "regular expression code size limit exceeded")),
        }
    }
    Ok(words)
}

#[pymodule(name = "_sre")]
pub mod sre {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for ty in [&pattern::Pattern_Type, &match_object::Match_Type, &scanner::Scanner_Type, &template::Template_Type] {
            runtime::types::type_ready(ty)?;
        }
        for (name, value) in [("MAGIC", 20230612), ("CODESIZE", 4), ("MAXREPEAT", program::MAXREPEAT), ("MAXGROUPS", program::MAXGROUPS)] {
            module.add(name, Int::from_i64(value as i64).object())?;
        }
        module.add("copyright", runtime::types::Str::new(" SRE 2.2.2 Copyright (c) 1997-2002 by Secret Labs AB ").object())
    }

    #[function("getcodesize($module, /)")]
    fn getcodesize() -> i32 {
        4
    }
    #[function("ascii_iscased($module, character, /)")]
    fn ascii_iscased(character: i32) -> bool {
        u8::try_from(character).is_ok_and(|c| c.is_ascii_alphabetic())
    }
    #[function("unicode_iscased($module, character, /)")]
    fn unicode_iscased(character: i32) -> bool {
        let c = character as u32;
        charset::unicode_lower(c) != c || charset::unicode_upper(c) != c
    }
    #[function("ascii_tolower($module, character, /)")]
    fn ascii_tolower(character: i32) -> i32 {
        charset::ascii_lower(character as u32) as i32
    }
    #[function("unicode_tolower($module, character, /)")]
    fn unicode_tolower(character: i32) -> i32 {
        charset::unicode_lower(character as u32) as i32
    }

    #[function("compile($module, /, pattern, flags, code, groups, groupindex,\n        indexgroup)")]
    fn compile(
        pattern: &Object,
        flags: i32,
        code: &List,
        groups: isize,
        groupindex: &Dict,
        indexgroup: &Tuple,
    ) -> PyResult<Owned<pattern::Pattern>> {
        let code = words(code)?;
        let groups_in_range = usize::try_from(groups).ok().filter(|&groups| groups <= program::MAXGROUPS as usize);
        let program = groups_in_range.and_then(|groups| program::translate(&code, groups).ok());
        let Some(program) = program else { return Err(err!(RuntimeError, "invalid SRE code")) };
        pattern::Pattern::make(pattern, flags, groups, groupindex, indexgroup, code, program)
    }

    /// Make a template object.
    ///
    ///   template
    ///     A list of literal strings (str or bytes) with group numbers between them,
    ///     as returned by re._parser.parse_template():
    ///         [literal1, group1, ..., literalN, groupN]
    #[function("template($module, pattern, template, /)")]
    fn template_(pattern: &Object, template: &List) -> PyResult<Owned<template::Template>> {
        let _ = pattern;
        template::Template::make(template)
    }
}

#[cfg(test)]
mod tests;
