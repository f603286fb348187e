//! The few properties of characters that the syntax asks for.

use std::sync::OnceLock;
use unicode_properties::{GeneralCategory, UnicodeGeneralCategory};

/// `str.isprintable` of one character.
pub(crate) fn is_printable(c: char) -> bool {
    use GeneralCategory::*;
    c == ' '
        || !matches!(
            c.general_category(),
            Control | Format | Surrogate | PrivateUse | Unassigned | LineSeparator | ParagraphSeparator | SpaceSeparator
        )
}

static HAS_NAMES: OnceLock<fn() -> bool> = OnceLock::new();

/// Sets whom to ask, before a name is looked up, whether the program has a database of names: to a program, that is a module.
pub fn ask_for_names(ask: fn() -> bool) {
    let _ = HAS_NAMES.set(ask);
}

pub(crate) fn has_names() -> bool {
    HAS_NAMES.get().is_none_or(|ask| ask())
}

/// The character of a name or alias in the Unicode database, as `\N{...}` has it.
pub(crate) fn character_by_name(name: &str) -> Option<char> {
    ::unicode::names::character(name).and_then(char::from_u32)
}
