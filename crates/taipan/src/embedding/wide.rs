//! Wide strings of the C API (`wchar_t *`, `PyWideStringList`) and the bytes that the interpreter works with.
//!
//! Bytes that are no UTF-8 travel as lone surrogates. Wide strings belong to the raw allocator.

use abi::{PyWideStringList, wchar_t};
use runtime::memory::{raw_free, raw_malloc};
use std::cell::Cell;
use std::ffi::{CString, c_char};
use std::ptr;

/// The bytes of a wide string; None for NULL.
/// # Safety
/// NULL or a string that ends in 0.
pub unsafe fn bytes(text: *const wchar_t) -> Option<Vec<u8>> {
    if text.is_null() {
        return None;
    }
    let mut out = Vec::new();
    // SAFETY: by contract.
    for c in (0..).map(|i| unsafe { *text.add(i) } as u32).take_while(|&c| c != 0) {
        match char::from_u32(c) {
            Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
            None if (0xdc80..=0xdcff).contains(&c) => out.push(c as u8),
            None => out.push(b'?'),
        }
    }
    Some(out)
}

/// A wide string of bytes; NULL without memory.
pub fn allocate(text: &[u8]) -> *mut wchar_t {
    let mut points: Vec<wchar_t> = Vec::new();
    for chunk in text.utf8_chunks() {
        points.extend(chunk.valid().chars().map(|c| c as wchar_t));
        points.extend(chunk.invalid().iter().map(|&byte| 0xdc00 + byte as wchar_t));
    }
    points.push(0);
    let block = raw_malloc(points.len() * size_of::<wchar_t>()) as *mut wchar_t;
    if !block.is_null() {
        // SAFETY: room for all of them.
        unsafe { ptr::copy_nonoverlapping(points.as_ptr(), block, points.len()) };
    }
    block
}

/// Replaces a string that the place owns.
/// # Safety
/// The place holds NULL or what `allocate` made.
pub unsafe fn set(place: &Cell<*mut wchar_t>, text: Option<&[u8]>) {
    let new = text.map_or(ptr::null_mut(), allocate);
    // SAFETY: by contract.
    unsafe { raw_free(place.replace(new).cast()) };
}

/// # Safety
/// A list of strings that end in 0.
pub unsafe fn list(list: &PyWideStringList) -> Vec<Vec<u8>> {
    // SAFETY: by contract.
    (0..list.length.get().max(0) as usize).filter_map(|i| unsafe { bytes(*list.items.get().add(i)) }).collect()
}

/// # Safety
/// The list owns its strings, from `allocate` or the list's own functions.
pub unsafe fn clear(list: &PyWideStringList) {
    // SAFETY: by contract.
    unsafe {
        for i in 0..list.length.replace(0).max(0) as usize {
            raw_free((*list.items.get().add(i)).cast());
        }
        raw_free(list.items.replace(ptr::null_mut()).cast());
    }
}

/// Replaces a list's strings; false without memory.
/// # Safety
/// As `clear`.
pub unsafe fn set_list(list: &PyWideStringList, texts: &[Vec<u8>]) -> bool {
    // SAFETY: by contract; the copies are the list's own.
    unsafe {
        clear(list);
        texts.iter().all(|text| {
            let copy = allocate(text);
            let failed = copy.is_null() || capi::status::PyStatus_Exception(capi::status::PyWideStringList_Append(ptr::from_ref(list).cast_mut(), copy)) != 0;
            raw_free(copy.cast());
            !failed
        })
    }
}

/// The C strings of an argument vector.
/// # Safety
/// `count` C strings.
pub unsafe fn arguments(count: isize, items: *const *const c_char) -> Vec<Vec<u8>> {
    // SAFETY: by contract.
    (0..count.max(0) as usize).map(|i| unsafe { std::ffi::CStr::from_ptr(*items.add(i)) }.to_bytes().to_vec()).collect()
}

/// As `arguments`, of wide strings.
/// # Safety
/// `count` strings that end in 0.
pub unsafe fn wide_arguments(count: isize, items: *const *mut wchar_t) -> Vec<Vec<u8>> {
    // SAFETY: by contract.
    (0..count.max(0) as usize).filter_map(|i| unsafe { bytes(*items.add(i)) }).collect()
}

/// A C string that is never freed: messages of errors.
pub fn leaked(text: &str) -> *const c_char {
    CString::new(text.replace('\0', "?")).map_or(c"".as_ptr(), |text| text.into_raw())
}
