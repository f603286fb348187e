//! Data symbols that no runtime type stands behind: flags, tables, version.

use runtime::macro_support::Static;
use std::cell::Cell;
use std::ffi::{c_char, c_int};
use std::ptr;

/// A global variable that stands for an option.
pub type Flag = Static<Cell<c_int>>;

macro_rules! data {
    ($($name:ident: $ty:ty = $value:expr;)*) => {$(
        #[unsafe(no_mangle)]
        pub static $name: Static<$ty> = Static($value);
    )*};
}

/// Classes of ASCII characters: lower 1, upper 2, digit 4, hexadecimal digit 8, space 16.
const fn ctype_table() -> [u32; 256] {
    let mut table = [0; 256];
    let mut c = 0;
    while c < 128 {
        let b = c as u8;
        table[c] = (b.is_ascii_lowercase() as u32) | (b.is_ascii_uppercase() as u32) << 1 | (b.is_ascii_digit() as u32) << 2 | (b.is_ascii_hexdigit() as u32) << 3
            | (matches!(b, 9..=13 | 32) as u32) << 4;
        c += 1;
    }
    table
}

const fn mapped(upper: bool) -> [u8; 256] {
    let mut table = [0; 256];
    let mut c = 0;
    while c < 256 {
        let b = c as u8;
        table[c] = if upper { b.to_ascii_uppercase() } else { b.to_ascii_lowercase() };
        c += 1;
    }
    table
}

const fn digit_values() -> [u8; 256] {
    let mut table = [37; 256];
    let mut c = 0;
    while c < 128 {
        let b = c as u8;
        if b.is_ascii_digit() {
            table[c] = b - b'0';
        } else if b.is_ascii_alphabetic() {
            table[c] = b.to_ascii_lowercase() - b'a' + 10;
        }
        c += 1;
    }
    table
}

const fn ascii_whitespace() -> [u8; 128] {
    let mut table = [0; 128];
    let mut c = 0;
    while c < 128 {
        table[c] = matches!(c as u8, 9..=13 | 28..=32) as u8;
        c += 1;
    }
    table
}

data! {
    Py_Version: u64 = 0x030E_08F0;
    _PyByteArray_empty_string: [Cell<u8>; 1] = [Cell::new(0)];
    _Py_ascii_whitespace: [u8; 128] = ascii_whitespace();
    _Py_ctype_table: [u32; 256] = ctype_table();
    _Py_ctype_tolower: [u8; 256] = mapped(false);
    _Py_ctype_toupper: [u8; 256] = mapped(true);
    _PyLong_DigitValue: [u8; 256] = digit_values();
    Py_hexdigits: Cell<*const c_char> = Cell::new(c"0123456789abcdef".as_ptr());
    PyStructSequence_UnnamedField: Cell<*const c_char> = Cell::new(c"unnamed field".as_ptr());
    Py_FileSystemDefaultEncoding: Cell<*const c_char> = Cell::new(c"utf-8".as_ptr());
    Py_FileSystemDefaultEncodeErrors: Cell<*const c_char> = Cell::new(c"surrogateescape".as_ptr());
    Py_HasFileSystemDefaultEncoding: Cell<c_int> = Cell::new(1);
    PyOS_InputHook: Cell<Option<unsafe extern "C" fn() -> c_int>> = Cell::new(None);
    PyOS_ReadlineFunctionPointer: Cell<*mut u8> = Cell::new(ptr::null_mut());
    _PyOS_ReadlineTState: Cell<*mut u8> = Cell::new(ptr::null_mut());
    PyImport_FrozenModules: Cell<*const abi::_frozen> = Cell::new(ptr::null());
    PyImport_Inittab: Cell<*mut abi::_inittab> = Cell::new(ptr::null_mut());
    PyUnstable_ExecutableKinds: [Cell<*const c_char>; 6] = [
        Cell::new(c"skip".as_ptr()), Cell::new(c"py-function".as_ptr()), Cell::new(c"builtin-function".as_ptr()), Cell::new(c"method-descriptor".as_ptr()),
        Cell::new(ptr::null()), Cell::new(ptr::null()),
    ];
    _Py_SwappedOp: [c_int; 6] = [4, 5, 2, 3, 0, 1];
    Py_DebugFlag: Cell<c_int> = Cell::new(0);
    Py_VerboseFlag: Cell<c_int> = Cell::new(0);
    Py_QuietFlag: Cell<c_int> = Cell::new(0);
    Py_InteractiveFlag: Cell<c_int> = Cell::new(0);
    Py_InspectFlag: Cell<c_int> = Cell::new(0);
    Py_OptimizeFlag: Cell<c_int> = Cell::new(0);
    Py_NoSiteFlag: Cell<c_int> = Cell::new(0);
    Py_BytesWarningFlag: Cell<c_int> = Cell::new(0);
    Py_FrozenFlag: Cell<c_int> = Cell::new(0);
    Py_IgnoreEnvironmentFlag: Cell<c_int> = Cell::new(0);
    Py_DontWriteBytecodeFlag: Cell<c_int> = Cell::new(0);
    Py_NoUserSiteDirectory: Cell<c_int> = Cell::new(0);
    Py_UnbufferedStdioFlag: Cell<c_int> = Cell::new(0);
    Py_HashRandomizationFlag: Cell<c_int> = Cell::new(0);
    Py_IsolatedFlag: Cell<c_int> = Cell::new(0);
    Py_UTF8Mode: Cell<c_int> = Cell::new(0);
}

/// A flag after `PyConfig_Set` of its option.
pub fn set_flag(option: &str, value: c_int) {
    let (cell, value) = match option {
        "bytes_warning" => (&Py_BytesWarningFlag, value),
        "inspect" => (&Py_InspectFlag, value),
        "interactive" => (&Py_InteractiveFlag, value),
        "optimization_level" => (&Py_OptimizeFlag, value),
        "parser_debug" => (&Py_DebugFlag, value),
        "quiet" => (&Py_QuietFlag, value),
        "use_environment" => (&Py_IgnoreEnvironmentFlag, (value == 0) as c_int),
        "verbose" => (&Py_VerboseFlag, value),
        "write_bytecode" => (&Py_DontWriteBytecodeFlag, (value == 0) as c_int),
        _ => return,
    };
    cell.0.set(value);
}

/// The flags as the configuration has them; called when the interpreter is up.
pub fn set_flags() {
    let config = runtime::state::get().config.borrow();
    let flag = |cell: &Static<Cell<c_int>>, value: c_int| cell.0.set(value);
    flag(&Py_VerboseFlag, config.verbose);
    flag(&Py_QuietFlag, config.quiet as c_int);
    flag(&Py_InteractiveFlag, config.interactive as c_int);
    flag(&Py_InspectFlag, config.inspect as c_int);
    flag(&Py_OptimizeFlag, config.optimization_level);
    flag(&Py_NoSiteFlag, config.no_site as c_int);
    flag(&Py_BytesWarningFlag, config.bytes_warning);
    flag(&Py_IgnoreEnvironmentFlag, config.ignore_environment as c_int);
    flag(&Py_DontWriteBytecodeFlag, config.dont_write_bytecode as c_int);
    flag(&Py_NoUserSiteDirectory, config.no_user_site as c_int);
    flag(&Py_UnbufferedStdioFlag, config.unbuffered as c_int);
    flag(&Py_IsolatedFlag, config.isolated as c_int);
    flag(&Py_UTF8Mode, config.utf8_mode as c_int);
    flag(&Py_DebugFlag, config.parser_debug as c_int);
}
