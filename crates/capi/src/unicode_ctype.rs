//! The character database functions of `cpython/unicodeobject.h`.

use std::ffi::c_int;

c_api! {
    fn _PyUnicode_IsLowercase(c: u32) -> bool { unicode::is_lower(c) }
    fn _PyUnicode_IsUppercase(c: u32) -> bool { unicode::is_upper(c) }
    fn _PyUnicode_IsTitlecase(c: u32) -> bool { unicode::is_title(c) }
    fn _PyUnicode_IsWhitespace(c: u32) -> bool { unicode::is_space(c) }
    fn _PyUnicode_IsLinebreak(c: u32) -> bool { unicode::is_line_break(c) }
    fn _PyUnicode_IsPrintable(c: u32) -> bool { unicode::is_printable(c) }
    fn _PyUnicode_IsAlpha(c: u32) -> bool { unicode::is_alpha(c) }
    fn _PyUnicode_IsNumeric(c: u32) -> bool { unicode::is_numeric(c) }
    fn _PyUnicode_IsDecimalDigit(c: u32) -> bool { unicode::decimal_value(c).is_some() }
    fn _PyUnicode_IsDigit(c: u32) -> bool { unicode::digit_value(c).is_some() }
    fn _PyUnicode_ToDecimalDigit(c: u32) -> c_int { unicode::decimal_value(c).map_or(-1, |d| d as c_int) }
    fn _PyUnicode_ToDigit(c: u32) -> c_int { unicode::digit_value(c).map_or(-1, |d| d as c_int) }
    fn _PyUnicode_ToLowercase(c: u32) -> u32 { unicode::to_lower(c) }
    fn _PyUnicode_ToUppercase(c: u32) -> u32 { unicode::to_upper(c) }
    fn _PyUnicode_ToTitlecase(c: u32) -> u32 { unicode::to_title(c) }
}
