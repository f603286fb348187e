//! `PyStatus` and `PyWideStringList` of `cpython/initconfig.h`: plain values.

use abi::{PyStatus, PyWideStringList, c_char, c_int};
use std::cell::Cell;
use std::ptr;

const OK: c_int = 0;
const ERROR: c_int = 1;
const EXIT: c_int = 2;

fn status(kind: c_int, message: *const c_char, exitcode: c_int) -> PyStatus {
    PyStatus { _type: Cell::new(kind), func: Cell::new(ptr::null()), err_msg: Cell::new(message), exitcode: Cell::new(exitcode) }
}

#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Ok() -> PyStatus {
    status(OK, ptr::null(), 0)
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Error(message: *const c_char) -> PyStatus {
    status(ERROR, message, 0)
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_NoMemory() -> PyStatus {
    status(ERROR, c"memory allocation failed".as_ptr(), 0)
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Exit(exitcode: c_int) -> PyStatus {
    status(EXIT, ptr::null(), exitcode)
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_IsError(status: PyStatus) -> c_int {
    (status._type.get() == ERROR) as c_int
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_IsExit(status: PyStatus) -> c_int {
    (status._type.get() == EXIT) as c_int
}
#[unsafe(no_mangle)]
pub extern "C" fn PyStatus_Exception(status: PyStatus) -> c_int {
    (status._type.get() != OK) as c_int
}

/// # Safety
/// A list made by these functions, and NUL-ended text.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyWideStringList_Insert(list: *mut PyWideStringList, index: isize, item: *const i32) -> PyStatus {
    // SAFETY: by contract; the items lie in one raw block that is grown here.
    unsafe {
        let list = &*list;
        let count = list.length.get().max(0) as usize;
        if index < 0 {
            return PyStatus_Error(c"PyWideStringList_Insert index must be >= 0".as_ptr());
        }
        let at = (index as usize).min(count);
        let len = (0..).take_while(|&i| *item.add(i) != 0).count() + 1;
        let copy = runtime::memory::raw_malloc(len * 4) as *mut i32;
        let items = runtime::memory::raw_realloc(list.items.get().cast(), (count + 1) * size_of::<*mut i32>()) as *mut *mut i32;
        if copy.is_null() || items.is_null() {
            return PyStatus_NoMemory();
        }
        ptr::copy_nonoverlapping(item, copy, len);
        ptr::copy(items.add(at), items.add(at + 1), count - at);
        *items.add(at) = copy;
        list.items.set(items);
        list.length.set(count as isize + 1);
        PyStatus_Ok()
    }
}

/// # Safety
/// As `PyWideStringList_Insert`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn PyWideStringList_Append(list: *mut PyWideStringList, item: *const i32) -> PyStatus {
    // SAFETY: by contract.
    unsafe { PyWideStringList_Insert(list, (*list).length.get(), item) }
}
