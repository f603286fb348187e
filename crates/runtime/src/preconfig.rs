//! What must be settled before text can be decoded: the locale's character set and UTF-8 mode (PEP 538, PEP 540).

use std::ffi::CStr;
use std::sync::atomic::{AtomicU8, Ordering};

/// What `PYTHONCOERCECLOCALE` says.
#[derive(Clone, Copy)]
pub struct Coercion {
    pub coerce: bool,
    pub warn: bool,
}

/// The encoding of file names and arguments.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FileSystemEncoding {
    Utf8,
    Ascii,
    Latin1,
}

static FILE_SYSTEM_ENCODING: AtomicU8 = AtomicU8::new(FileSystemEncoding::Utf8 as u8);

/// Locales that stand in for the C locale.
const TARGETS: [&CStr; 3] = [c"C.UTF-8", c"C.utf8", c"UTF-8"];

/// Takes the environment's character set, and another in place of the C locale's. True for UTF-8 mode, which `utf8` orders or forbids.
/// Called once, before there are threads.
pub fn configure_locale(coercion: Coercion, utf8: Option<bool>) -> bool {
    set_character_set(c"");
    let utf8_mode = utf8.unwrap_or_else(|| matches!(character_set_locale().as_str(), "C" | "POSIX"));
    if coercion.coerce && character_set_locale() == "C" {
        coerce(coercion.warn);
    }
    if coercion.warn && character_set_locale() == "C" {
        eprint!("{LEGACY_LOCALE}");
    }
    let encoding = match () {
        _ if utf8_mode => FileSystemEncoding::Utf8,
        _ => match codeset().as_str() {
            "ANSI_X3.4-1968" | "US-ASCII" => FileSystemEncoding::Ascii,
            "ISO-8859-1" => FileSystemEncoding::Latin1,
            _ => FileSystemEncoding::Utf8,
        },
    };
    FILE_SYSTEM_ENCODING.store(encoding as u8, Ordering::Relaxed);
    utf8_mode
}

const LEGACY_LOCALE: &str = "Python runtime initialized with LC_CTYPE=C (a locale with default ASCII encoding), which may cause Unicode compatibility problems. Using C.UTF-8, C.utf8, or UTF-8 (if available) as alternative Unicode-compatible locales is recommended.\n";

/// The encoding of file names.
#[inline]
pub fn file_system_encoding() -> FileSystemEncoding {
    match FILE_SYSTEM_ENCODING.load(Ordering::Relaxed) {
        1 => FileSystemEncoding::Ascii,
        2 => FileSystemEncoding::Latin1,
        _ => FileSystemEncoding::Utf8,
    }
}

impl FileSystemEncoding {
    pub fn name(self) -> &'static str {
        match self {
            FileSystemEncoding::Utf8 => "utf-8",
            FileSystemEncoding::Ascii => "ascii",
            FileSystemEncoding::Latin1 => "iso8859-1",
        }
    }
}

/// The locale's name for its character set.
pub fn codeset() -> String {
    // SAFETY: the result is a C string that stays until the locale is changed.
    unsafe {
        let name = libc::nl_langinfo(libc::CODESET);
        if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

/// The name of the locale of category LC_CTYPE.
pub fn character_set_locale() -> String {
    // SAFETY: a query; the result is a C string that stays until the locale is changed.
    unsafe {
        let name = libc::setlocale(libc::LC_CTYPE, std::ptr::null());
        if name.is_null() { String::new() } else { CStr::from_ptr(name).to_string_lossy().into_owned() }
    }
}

fn set_character_set(name: &CStr) -> bool {
    // SAFETY: a C string; no other thread runs.
    unsafe { !libc::setlocale(libc::LC_CTYPE, name.as_ptr()).is_null() }
}

fn coerce(warn: bool) {
    if std::env::var_os("LC_ALL").is_some_and(|value| !value.is_empty()) {
        return;
    }
    let Some(target) = TARGETS.into_iter().find(|target| set_character_set(target)) else { return };
    // SAFETY: C strings; no other thread runs.
    unsafe { libc::setenv(c"LC_CTYPE".as_ptr(), target.as_ptr(), 1) };
    if warn {
        let target = target.to_string_lossy();
        eprint!("Python detected LC_CTYPE=C: LC_CTYPE coerced to {target} (set another locale or PYTHONCOERCECLOCALE=0 to disable this locale coercion behavior).\n");
    }
}
