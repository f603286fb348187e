//! `unicodedata`: the Unicode Character Database. Names come from `unicode::names`, all else from `data/` (`tables.rs`);
//! `normalize.rs` has the normalization forms.

mod normalize;
mod tables;

use macros::{Traverse, pymodule, pytype};
use normalize::{Form, jamo, normalize};
use runtime::types::{Float, Int, Module, Str};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, err};
use tables::Tables;

/// A character argument.
fn character(function: &str, value: &Object) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "{}() argument must be a unicode character, not {}", function, value.type_name()));
    };
    if text.len() != 1 {
        return Err(err!(TypeError, "{}(): argument must be a unicode character, not a string of length {}", function, text.len()));
    }
    Ok(text.char_at(0))
}

/// As `character`, for functions with more arguments.
fn first_character(function: &str, value: &Object) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "{}() argument 1 must be a unicode character, not {}", function, value.type_name()));
    };
    if text.len() != 1 {
        return Err(err!(TypeError, "{}(): argument 1 must be a unicode character, not a string of length {}", function, text.len()));
    }
    Ok(text.char_at(0))
}

fn or_default(value: Option<Owned>, default: Option<&Object>, words: &str) -> PyResult {
    match (value, default) {
        (Some(value), _) => Ok(value),
        (None, Some(default)) => Ok(default.to_owned()),
        (None, None) => Err(err!(ValueError, "{}", words)),
    }
}

fn decimal(tables: &Tables, chr: &Object, default: Option<&Object>) -> PyResult {
    let found = tables.numeric(first_character("decimal", chr)?).and_then(|numeric| numeric.decimal);
    or_default(found.map(|value| Int::from_i64(value as i64).into_object()), default, "not a decimal")
}

fn digit(tables: &Tables, chr: &Object, default: Option<&Object>) -> PyResult {
    let found = tables.numeric(first_character("digit", chr)?).and_then(|numeric| numeric.digit);
    or_default(found.map(|value| Int::from_i64(value as i64).into_object()), default, "not a digit")
}

fn numeric(tables: &Tables, chr: &Object, default: Option<&Object>) -> PyResult {
    let found = tables.numeric(first_character("numeric", chr)?).and_then(|numeric| numeric.value);
    or_default(found.map(|value| Float::new(value).into_object()), default, "not a numeric character")
}

fn decomposition(tables: &Tables, chr: &Object) -> PyResult<Owned<Str>> {
    let c = character("decomposition", chr)?;
    if let Some([lead, vowel, trail]) = jamo(c) {
        let text = if trail == 0x11a7 { format!("{lead:04X} {vowel:04X}") } else { format!("{lead:04X} {vowel:04X} {trail:04X}") };
        return Ok(Str::new(&text));
    }
    Ok(Str::new(tables.mapping(c).map_or("", |mapping| mapping.text)))
}

fn form(name: &Str) -> PyResult<Form> {
    match &*name.to_string_lossy() {
        "NFC" => Ok(Form::Nfc),
        "NFKC" => Ok(Form::Nfkc),
        "NFD" => Ok(Form::Nfd),
        "NFKD" => Ok(Form::Nfkd),
        _ => Err(err!(ValueError, "invalid normalization form")),
    }
}

/// ASCII is the same in all forms, Latin-1 in NFC.
fn is_trivially_normal(form: Form, text: &Str) -> bool {
    text.is_ascii() || (form == Form::Nfc && text.max_char() <= 0xff)
}

fn normalized(tables: &Tables, form_name: &Str, text: &Str) -> PyResult<Owned<Str>> {
    let form = form(form_name)?;
    if is_trivially_normal(form, text) {
        return text.to_exact();
    }
    Ok(Str::from_code_points(&normalize(tables, form, text.code_points())))
}

fn is_normal(tables: &Tables, form_name: &Str, text: &Str) -> PyResult<bool> {
    let form = form(form_name)?;
    Ok(is_trivially_normal(form, text) || normalize(tables, form, text.code_points()).into_iter().eq(text.code_points()))
}

/// A character's name; ideographs and syllables included.
fn name_of(tables: &Tables, c: u32) -> Option<String> {
    if !tables.is_assigned(c) {
        return None;
    }
    unicode::names::name(c)
}

fn name(tables: &Tables, chr: &Object, default: Option<&Object>) -> PyResult {
    let found = name_of(tables, first_character("name", chr)?);
    or_default(found.map(|name| Str::new(&name).into_object()), default, "no such name")
}

/// The longest name is much shorter.
const MAX_NAME: usize = 256;

#[cold]
fn key_error(words: &str) -> Raised {
    runtime::errors::raise_object(runtime::exceptions::KeyError(), Some(&Str::new(words)))
}

fn lookup(name: &Str) -> PyResult<Owned<Str>> {
    if name.len() > MAX_NAME {
        return Err(key_error("name too long"));
    }
    let text = name.to_string_lossy();
    if let Some(c) = unicode::names::character(&text) {
        return Ok(Str::from_code_points(&[c]));
    }
    match unicode::names::sequence(&text) {
        Some(points) => Ok(Str::from_code_points(points)),
        None => Err(key_error(&format!("undefined character name '{text}'"))),
    }
}

/// Another version of the database.
#[derive(Traverse)]
#[repr(C)]
pub struct Ucd {
    head: ObjectHead,
    #[traverse(skip)]
    tables: &'static Tables,
}

#[pytype(static = UCD_Type, name = "UCD", module = "unicodedata", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl Ucd {
    #[getter]
    fn unidata_version(&self) -> &'static str {
        "3.2.0"
    }
    /// Converts a Unicode character into its equivalent decimal value.
    #[method("decimal($self, chr, default=<unrepresentable>, /)")]
    fn decimal(&self, chr: &Object, default: Option<&Object>) -> PyResult {
        decimal(self.tables, chr, default)
    }
    /// Converts a Unicode character into its equivalent digit value.
    #[method("digit($self, chr, default=<unrepresentable>, /)")]
    fn digit(&self, chr: &Object, default: Option<&Object>) -> PyResult {
        digit(self.tables, chr, default)
    }
    /// Converts a Unicode character into its equivalent numeric value.
    #[method("numeric($self, chr, default=<unrepresentable>, /)")]
    fn numeric(&self, chr: &Object, default: Option<&Object>) -> PyResult {
        numeric(self.tables, chr, default)
    }
    /// Returns the general category assigned to the character chr as string.
    #[method("category($self, chr, /)")]
    fn category(&self, chr: &Object) -> PyResult<&'static str> {
        Ok(self.tables.record(character("category", chr)?).category)
    }
    /// Returns the bidirectional class assigned to the character chr as string.
    #[method("bidirectional($self, chr, /)")]
    fn bidirectional(&self, chr: &Object) -> PyResult<&'static str> {
        Ok(self.tables.record(character("bidirectional", chr)?).bidirectional)
    }
    /// Returns the canonical combining class assigned to the character chr as integer.
    #[method("combining($self, chr, /)")]
    fn combining(&self, chr: &Object) -> PyResult<u8> {
        Ok(self.tables.record(character("combining", chr)?).combining)
    }
    /// Returns the mirrored property assigned to the character chr as integer.
    #[method("mirrored($self, chr, /)")]
    fn mirrored(&self, chr: &Object) -> PyResult<i32> {
        Ok(self.tables.record(character("mirrored", chr)?).mirrored as i32)
    }
    /// Returns the east asian width assigned to the character chr as string.
    #[method("east_asian_width($self, chr, /)")]
    fn east_asian_width(&self, chr: &Object) -> PyResult<&'static str> {
        Ok(self.tables.record(character("east_asian_width", chr)?).width)
    }
    /// Returns the character decomposition mapping assigned to the character chr as string.
    #[method("decomposition($self, chr, /)")]
    fn decomposition(&self, chr: &Object) -> PyResult<Owned<Str>> {
        decomposition(self.tables, chr)
    }
    /// Return whether the Unicode string unistr is in the normal form 'form'.
    #[method("is_normalized($self, form, unistr, /)")]
    fn is_normalized(&self, form: &Str, unistr: &Str) -> PyResult<bool> {
        is_normal(self.tables, form, unistr)
    }
    /// Return the normal form 'form' for the Unicode string unistr.
    #[method("normalize($self, form, unistr, /)")]
    fn normalize(&self, form: &Str, unistr: &Str) -> PyResult<Owned<Str>> {
        normalized(self.tables, form, unistr)
    }
    /// Returns the name assigned to the character chr as a string.
    #[method("name($self, chr, default=<unrepresentable>, /)")]
    fn name(&self, chr: &Object, default: Option<&Object>) -> PyResult {
        name(self.tables, chr, default)
    }
    /// Look up character by name.
    #[method("lookup($self, name, /)")]
    fn lookup(&self, name: &Str) -> PyResult<Owned<Str>> {
        let found = lookup(name)?;
        // That version has neither aliases nor sequences.
        let is_name = found.len() == 1 && unicode::names::name(found.char_at(0)).is_some_and(|own| own.eq_ignore_ascii_case(&name.to_string_lossy()));
        if is_name && self.tables.is_assigned(found.char_at(0)) { Ok(found) } else { Err(key_error(&format!("undefined character name '{name}'"))) }
    }
}

/// This module provides access to the Unicode Character Database, version 16.0.0,
/// which defines properties of all Unicode characters.  Names are those of the
/// UnicodeData File Format of the database.
#[pymodule(name = "unicodedata")]
#[types(UCD_Type)]
pub mod unicodedata {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("unidata_version", Str::new(unicode::UNICODE_VERSION).object())?;
        let old = Ucd::construct(Ucd::type_object(), Ucd { head: ObjectHead::placeholder(), tables: tables::version_3_2() })?;
        module.add("ucd_3_2_0", old.object())
    }
    /// Converts a Unicode character into its equivalent decimal value.
    ///
    /// Without such a value, the result is default; without default, ValueError is raised.
    #[function("decimal($self, chr, default=<unrepresentable>, /)")]
    fn decimal(chr: &Object, default: Option<&Object>) -> PyResult {
        super::decimal(tables::current(), chr, default)
    }
    /// Converts a Unicode character into its equivalent digit value.
    ///
    /// Without such a value, the result is default; without default, ValueError is raised.
    #[function("digit($self, chr, default=<unrepresentable>, /)")]
    fn digit(chr: &Object, default: Option<&Object>) -> PyResult {
        super::digit(tables::current(), chr, default)
    }
    /// Converts a Unicode character into its equivalent numeric value.
    ///
    /// Without such a value, the result is default; without default, ValueError is raised.
    #[function("numeric($self, chr, default=<unrepresentable>, /)")]
    fn numeric(chr: &Object, default: Option<&Object>) -> PyResult {
        super::numeric(tables::current(), chr, default)
    }
    /// Returns the general category assigned to the character chr as string.
    #[function("category($self, chr, /)")]
    fn category(chr: &Object) -> PyResult<&'static str> {
        Ok(tables::current().record(character("category", chr)?).category)
    }
    /// Returns the bidirectional class assigned to the character chr as string.
    ///
    /// If no such value is defined, an empty string is returned.
    #[function("bidirectional($self, chr, /)")]
    fn bidirectional(chr: &Object) -> PyResult<&'static str> {
        Ok(tables::current().record(character("bidirectional", chr)?).bidirectional)
    }
    /// Returns the canonical combining class assigned to the character chr as integer.
    ///
    /// Returns 0 if no combining class is defined.
    #[function("combining($self, chr, /)")]
    fn combining(chr: &Object) -> PyResult<u8> {
        Ok(tables::current().record(character("combining", chr)?).combining)
    }
    /// Returns the mirrored property assigned to the character chr as integer.
    ///
    /// Returns 1 if the character is mirrored in bidirectional text, 0 otherwise.
    #[function("mirrored($self, chr, /)")]
    fn mirrored(chr: &Object) -> PyResult<i32> {
        Ok(tables::current().record(character("mirrored", chr)?).mirrored as i32)
    }
    /// Returns the east asian width assigned to the character chr as string.
    #[function("east_asian_width($self, chr, /)")]
    fn east_asian_width(chr: &Object) -> PyResult<&'static str> {
        Ok(tables::current().record(character("east_asian_width", chr)?).width)
    }
    /// Returns the character decomposition mapping assigned to the character chr as string.
    ///
    /// An empty string is returned in case no such mapping is defined.
    #[function("decomposition($self, chr, /)")]
    fn decomposition(chr: &Object) -> PyResult<Owned<Str>> {
        super::decomposition(tables::current(), chr)
    }
    /// Return whether the Unicode string unistr is in the normal form 'form'.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[function("is_normalized($self, form, unistr, /)")]
    fn is_normalized(form: &Str, unistr: &Str) -> PyResult<bool> {
        is_normal(tables::current(), form, unistr)
    }
    /// Return the normal form 'form' for the Unicode string unistr.
    ///
    /// Valid values for form are 'NFC', 'NFKC', 'NFD', and 'NFKD'.
    #[function("normalize($self, form, unistr, /)")]
    fn normalize(form: &Str, unistr: &Str) -> PyResult<Owned<Str>> {
        normalized(tables::current(), form, unistr)
    }
    /// Returns the name assigned to the character chr as a string.
    ///
    /// If no name is defined, default is returned, or, if not given,
    /// ValueError is raised.
    #[function("name($self, chr, default=<unrepresentable>, /)")]
    fn name(chr: &Object, default: Option<&Object>) -> PyResult {
        super::name(tables::current(), chr, default)
    }
    /// Look up character by name.
    ///
    /// If a character with the given name is found, return the
    /// corresponding character.  If not found, KeyError is raised.
    #[function("lookup($self, name, /)")]
    fn lookup(name: &Str) -> PyResult<Owned<Str>> {
        super::lookup(name)
    }
}
