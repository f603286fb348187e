//! The few properties of characters that the syntax asks for.

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

/// The character of a name or alias in the Unicode database, as `\N{...}` has it.
pub(crate) fn character_by_name(name: &str) -> Option<char> {
    ::unicode::names::character(name).and_then(char::from_u32)
}
