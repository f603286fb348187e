//! `PyInitConfig` (PEP 741): a configuration whose options are set by name, for programs that must not know the struct's layout.

use super::config::{self, Field, Origin};
use super::wide;
use abi::{PyConfig, PyModInitFunction, PyPreConfig, PyStatus};
use capi::status::{PyStatus_Error, PyStatus_IsError, PyStatus_IsExit, PyStatus_NoMemory, PyStatus_Ok};
use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_int};
use std::ptr;

pub struct PyInitConfig {
    config: PyConfig,
    pre: PyPreConfig,
    status: RefCell<PyStatus>,
    /// The text that `PyInitConfig_GetError` gave out last.
    message: RefCell<CString>,
}

impl PyInitConfig {
    fn fail(&self, status: PyStatus) -> c_int {
        *self.status.borrow_mut() = status;
        -1
    }
    fn refuse(&self, words: &'static CStr) -> c_int {
        self.fail(PyStatus_Error(words.as_ptr()))
    }
    /// An option's places: it may be one of the struct's, of what is settled before, or of both.
    fn find(&self, name: *const c_char) -> Option<(Field<'_>, Option<&Cell<c_int>>)> {
        // SAFETY: the callers pass C strings.
        let name = unsafe { CStr::from_ptr(name) }.to_string_lossy();
        let before = match &*name {
            "allocator" => Some(&self.pre.allocator),
            "coerce_c_locale" => Some(&self.pre.coerce_c_locale),
            "coerce_c_locale_warn" => Some(&self.pre.coerce_c_locale_warn),
            "configure_locale" => Some(&self.pre.configure_locale),
            "utf8_mode" => Some(&self.pre.utf8_mode),
            "dev_mode" => Some(&self.pre.dev_mode),
            "isolated" => Some(&self.pre.isolated),
            "parse_argv" => Some(&self.pre.parse_argv),
            "use_environment" => Some(&self.pre.use_environment),
            _ => None,
        };
        match (config::field(&self.config, &name), before) {
            (Some(field), before) => Some((field, before)),
            (None, Some(before)) => Some((Field::Int(before), None)),
            (None, None) => None,
        }
    }
}

const UNKNOWN: &CStr = c"unknown config option name";

/// Text that `free` takes back.
fn c_text(text: &[u8]) -> *mut c_char {
    // SAFETY: room for the text and the end.
    unsafe {
        let block = libc::malloc(text.len() + 1) as *mut c_char;
        if !block.is_null() {
            ptr::copy_nonoverlapping(text.as_ptr().cast(), block, text.len());
            *block.add(text.len()) = 0;
        }
        block
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn PyInitConfig_Create() -> *mut PyInitConfig {
    // SAFETY: zero is a value of every field of both structs.
    let (config, pre) = unsafe { (std::mem::zeroed::<PyConfig>(), std::mem::zeroed::<PyPreConfig>()) };
    config::initialize(&config, Origin::Isolated);
    config::initialize_pre(&pre, Origin::Isolated);
    Box::into_raw(Box::new(PyInitConfig { config, pre, status: RefCell::new(PyStatus_Ok()), message: RefCell::default() }))
}
/// # Safety
/// NULL or what `PyInitConfig_Create` made.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_Free(c: *mut PyInitConfig) {
    if !c.is_null() {
        // SAFETY: by contract.
        unsafe {
            config::clear(&(*c).config);
            drop(Box::from_raw(c));
        }
    }
}
/// # Safety
/// A configuration and a place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_GetError(c: *mut PyInitConfig, out: *mut *const c_char) -> c_int {
    // SAFETY: by contract; messages are never freed.
    unsafe {
        let c = &*c;
        let status = super::copy(&c.status.borrow());
        let text = |text: *const c_char| (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned());
        let message = if PyStatus_IsExit(super::copy(&status)) != 0 {
            format!("exit code {}", status.exitcode.get())
        } else if PyStatus_IsError(super::copy(&status)) != 0 {
            let message = text(status.err_msg.get()).unwrap_or_default();
            text(status.func.get()).map_or(message.clone(), |function| format!("{function}: {message}"))
        } else {
            *out = ptr::null();
            return 0;
        };
        let mut kept = c.message.borrow_mut();
        *kept = CString::new(message).unwrap_or_default();
        *out = kept.as_ptr();
        1
    }
}
/// # Safety
/// A configuration and a place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_GetExitCode(c: *mut PyInitConfig, out: *mut c_int) -> c_int {
    // SAFETY: by contract.
    unsafe {
        let status = (*c).status.borrow();
        let exits = PyStatus_IsExit(super::copy(&status)) != 0;
        if exits {
            *out = status.exitcode.get();
        }
        exits as c_int
    }
}
/// # Safety
/// A configuration and a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_HasOption(c: *mut PyInitConfig, name: *const c_char) -> c_int {
    // SAFETY: by contract.
    unsafe { &*c }.find(name).is_some() as c_int
}
/// # Safety
/// A configuration, a C string and a place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_GetInt(c: *mut PyInitConfig, name: *const c_char, out: *mut i64) -> c_int {
    // SAFETY: by contract.
    unsafe {
        let c = &*c;
        *out = match c.find(name) {
            Some((Field::Int(place) | Field::Unsigned(place), _)) => place.get() as i64,
            Some((Field::Long(place), _)) => place.get() as i64,
            Some(_) => return c.refuse(c"config option type is not int"),
            None => return c.refuse(UNKNOWN),
        };
        0
    }
}
/// # Safety
/// A configuration, a C string and a place.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_GetStr(c: *mut PyInitConfig, name: *const c_char, out: *mut *mut c_char) -> c_int {
    // SAFETY: by contract.
    unsafe {
        let c = &*c;
        let text = match c.find(name) {
            Some((Field::Text(place), _)) => wide::bytes(place.get()),
            Some(_) => return c.refuse(c"config option type is not string"),
            None => return c.refuse(UNKNOWN),
        };
        *out = text.as_deref().map_or(ptr::null_mut(), c_text);
        if text.is_some() && (*out).is_null() { c.fail(PyStatus_NoMemory()) } else { 0 }
    }
}
/// # Safety
/// A configuration, a C string and places.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_GetStrList(c: *mut PyInitConfig, name: *const c_char, length: *mut usize, out: *mut *mut *mut c_char) -> c_int {
    // SAFETY: by contract; room for each item.
    unsafe {
        let c = &*c;
        let texts = match c.find(name) {
            Some((Field::List(list), _)) => wide::list(list),
            Some(_) => return c.refuse(c"config option type is not string list"),
            None => return c.refuse(UNKNOWN),
        };
        let items = libc::malloc(texts.len().max(1) * size_of::<*mut c_char>()) as *mut *mut c_char;
        if items.is_null() {
            return c.fail(PyStatus_NoMemory());
        }
        for (i, text) in texts.iter().enumerate() {
            *items.add(i) = c_text(text);
        }
        (*length, *out) = (texts.len(), items);
        0
    }
}
/// # Safety
/// What `PyInitConfig_GetStrList` gave.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_FreeStrList(length: usize, items: *mut *mut c_char) {
    // SAFETY: by contract.
    unsafe {
        for i in 0..length {
            libc::free((*items.add(i)).cast());
        }
        libc::free(items.cast());
    }
}
/// # Safety
/// A configuration and a C string.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_SetInt(c: *mut PyInitConfig, name: *const c_char, value: i64) -> c_int {
    // SAFETY: by contract.
    let c = unsafe { &*c };
    let Some((field, before)) = c.find(name) else { return c.refuse(UNKNOWN) };
    match field {
        Field::Int(place) => match c_int::try_from(value) {
            Ok(value) => {
                place.set(value);
                if let Some(before) = before {
                    before.set(value);
                }
            }
            Err(_) => return c.refuse(c"config option value is out of int range"),
        },
        Field::Unsigned(place) => match c_int::try_from(value) {
            Ok(value) if value >= 0 => place.set(value),
            _ => return c.refuse(c"config option value is out of unsigned int range"),
        },
        Field::Long(place) => match u64::try_from(value) {
            Ok(value) => place.set(value),
            Err(_) => return c.refuse(c"config option value is out of unsigned long range"),
        },
        Field::Text(_) | Field::List(_) => return c.refuse(c"config option type is not int"),
    }
    0
}
/// # Safety
/// A configuration and C strings; the value may be NULL.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_SetStr(c: *mut PyInitConfig, name: *const c_char, value: *const c_char) -> c_int {
    // SAFETY: by contract.
    unsafe {
        let c = &*c;
        match c.find(name) {
            Some((Field::Text(place), _)) => {
                let value = (!value.is_null()).then(|| CStr::from_ptr(value).to_bytes());
                wide::set(place, value);
                if value.is_some() && place.get().is_null() { c.fail(PyStatus_NoMemory()) } else { 0 }
            }
            Some(_) => c.refuse(c"config option type is not string"),
            None => c.refuse(UNKNOWN),
        }
    }
}
/// # Safety
/// A configuration, and as many C strings as there are said to be.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_SetStrList(c: *mut PyInitConfig, name: *const c_char, length: usize, items: *const *const c_char) -> c_int {
    // SAFETY: by contract.
    unsafe {
        let c = &*c;
        match c.find(name) {
            Some((Field::List(list), _)) => {
                if ptr::eq(list, &c.config.module_search_paths) {
                    c.config.module_search_paths_set.set(1);
                }
                if wide::set_list(list, &wide::arguments(length as isize, items)) { 0 } else { c.fail(PyStatus_NoMemory()) }
            }
            Some(_) => c.refuse(c"config option type is not strings list"),
            None => c.refuse(UNKNOWN),
        }
    }
}
/// # Safety
/// A configuration, a C string and a module's initialisation function.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyInitConfig_AddModule(_c: *mut PyInitConfig, name: *const c_char, function: Option<PyModInitFunction>) -> c_int {
    let Some(function) = function else { return -1 };
    // SAFETY: by contract.
    runtime::import::extension::append_inittab(&unsafe { CStr::from_ptr(name) }.to_string_lossy(), function);
    0
}
/// # Safety
/// A configuration.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn Py_InitializeFromInitConfig(c: *mut PyInitConfig) -> c_int {
    // SAFETY: by contract.
    let c = unsafe { &*c };
    config::preinitialize(&c.pre);
    let status = super::start_from(&c.config);
    if PyStatus_IsError(super::copy(&status)) != 0 || PyStatus_IsExit(super::copy(&status)) != 0 { c.fail(status) } else { 0 }
}
