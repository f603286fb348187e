//! `_rawffi`: memory at addresses, shared libraries, calls of C functions and callbacks, for the Python module `_ctypes`.
//!
//! What an argument or a structure is in registers is decided there; here registers are bytes.

mod call;
mod callback;
mod exporter;

use callback::{Closure, Closure_Type};
use exporter::Exporter_Type;
use macros::pymodule;
use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Int, MemoryView, Str};
use runtime::object::Type;
use runtime::{Object, Owned, PyResult, err};
use std::ffi::{CStr, CString, c_void};

fn pointer<T>(address: u64) -> *mut T {
    address as usize as *mut T
}

/// What the dynamic linker says went wrong.
fn dl_error() -> Option<String> {
    // SAFETY: dlerror gives NULL or a string that lasts until the next call in this thread.
    unsafe {
        let message = libc::dlerror();
        (!message.is_null()).then(|| CStr::from_ptr(message).to_string_lossy().into_owned())
    }
}

/// Raw memory and calls, for ctypes.
#[pymodule(name = "_rawffi")]
#[types(Closure_Type, Exporter_Type)]
pub mod rawffi {
    use super::*;

    /// The address where a buffer's memory begins.
    #[function("address($module, buffer, /)")]
    fn address(buffer: &Object) -> PyResult<u64> {
        Ok(Buffer::new(buffer)?.as_ptr() as usize as u64)
    }
    /// A writable view of memory that nobody here owns.
    #[function("memory($module, address, size, /)")]
    fn memory(address: u64, size: isize) -> PyResult<Owned<MemoryView>> {
        let Ok(size) = usize::try_from(size) else { return Err(err!(ValueError, "negative size")) };
        // SAFETY: as safe as ctypes is: the caller answers for the address.
        unsafe { MemoryView::from_memory(pointer(address), size, false) }
    }
    /// The bytes before the first NUL, at most size of them; all of size if that is not negative and exact is true.
    #[function("string_at($module, address, size=-1, /)")]
    fn string_at(address: u64, size: isize) -> Owned<Bytes> {
        // SAFETY: as above.
        unsafe {
            let length = if size < 0 { libc::strlen(pointer(address)) } else { size as usize };
            Bytes::new(std::slice::from_raw_parts(pointer::<u8>(address), length))
        }
    }
    /// The wide characters before the first NUL, or size of them.
    #[function("wstring_at($module, address, size=-1, /)")]
    fn wstring_at(address: u64, size: isize) -> Owned<Str> {
        // SAFETY: as above; read unaligned.
        unsafe {
            let at = |i: usize| pointer::<u32>(address).wrapping_add(i).read_unaligned();
            let length = if size < 0 { (0..).find(|&i| at(i) == 0).unwrap_or(0) } else { size as usize };
            let points: Vec<u32> = (0..length).map(at).map(|c| if c > 0x10FFFF { 0xFFFD } else { c }).collect();
            Str::from_code_points(&points)
        }
    }
    /// The object at an address; with steal, its reference is taken over.
    #[function("object_at($module, address, steal=False, /)")]
    fn object_at(address: u64, steal: bool) -> PyResult {
        if address == 0 {
            return Err(err!(ValueError, "PyObject is NULL"));
        }
        // SAFETY: the caller answers for the address being an object's.
        unsafe { Ok(if steal { Owned::from_raw(pointer(address)) } else { Object::from_ptr(pointer(address)).to_owned() }) }
    }

    /// Opens a shared library; None is the program itself.
    #[function("dlopen($module, name, mode, /)")]
    fn dlopen(name: Option<&Object>, mode: i32) -> PyResult<u64> {
        let path = match name {
            None => None,
            Some(name) => {
                let bytes = match name.downcast::<Str>() {
                    Some(text) => text.to_wtf8().into_owned(),
                    None => Buffer::new(name)?.to_vec(),
                };
                Some(CString::new(bytes).map_err(|_| err!(ValueError, "embedded null byte"))?)
            }
        };
        let start = path.as_ref().map_or(std::ptr::null(), |path| path.as_ptr());
        // SAFETY: a C string or NULL. Its initialisers are the library's business.
        let handle = unsafe { libc::dlopen(start, mode | libc::RTLD_NOW) };
        if handle.is_null() { Err(err!(OSError, "{}", dl_error().unwrap_or_else(|| "unknown dlopen() error".to_string()))) } else { Ok(handle as usize as u64) }
    }
    #[function("dlclose($module, handle, /)")]
    fn dlclose(handle: u64) -> PyResult<()> {
        // SAFETY: the caller answers for the handle.
        if unsafe { libc::dlclose(pointer(handle)) } != 0 {
            return Err(err!(OSError, "{}", dl_error().unwrap_or_else(|| "unknown dlclose() error".to_string())));
        }
        Ok(())
    }
    #[function("dlsym($module, handle, name, /)")]
    fn dlsym(handle: u64, name: &str) -> PyResult<u64> {
        let Ok(symbol) = CString::new(name) else { return Err(err!(ValueError, "embedded null character")) };
        // SAFETY: as above; NULL is an address, too, if there is no error.
        unsafe {
            libc::dlerror();
            let address = libc::dlsym(pointer::<c_void>(handle), symbol.as_ptr());
            if address.is_null() {
                return Err(err!(OSError, "{}", dl_error().unwrap_or_else(|| format!("symbol '{name}' not found"))));
            }
            Ok(address as usize as u64)
        }
    }

    /// Calls a function: six integer registers, eight vector registers, and the stack as bytes.
    ///
    /// Gives rax, rdx, xmm0, xmm1 and st0 (16 bytes) as bytes. flags: 1 exchanges errno with the copy of this thread, 2 keeps the GIL,
    /// 4 takes st0.
    #[function("call($module, address, ints, floats, stack, flags, /)")]
    fn call(address: u64, ints: Buffer, floats: Buffer, stack: Buffer, flags: i32) -> PyResult<Owned<Bytes>> {
        call::call(address, &ints, &floats, &stack, flags)
    }
    #[function("get_errno($module, /)")]
    fn get_errno() -> i32 {
        call::ERRNO.get()
    }
    #[function("set_errno($module, value, /)")]
    fn set_errno(value: i32) -> i32 {
        call::ERRNO.replace(value)
    }

    /// A C function that calls handler(ints, floats, stack) with the registers as bytes and the stack's address.
    ///
    /// The handler gives 16 bytes: rax and xmm0.
    #[function("closure($module, handler, /)")]
    fn closure(handler: &Object) -> PyResult<Owned<Closure>> {
        Closure::create(handler)
    }
    /// Makes a class one whose attributes cannot be set.
    #[function("seal($module, type, /)")]
    fn seal(r#type: &Object) -> PyResult<()> {
        let Some(ty) = r#type.downcast::<Type>() else { return Err(err!(TypeError, "a type is expected")) };
        // As the types that C code makes: the name with its module. Types live as long as the process.
        if let Ok(name) = CString::new(format!("_ctypes.{}", ty.name())) {
            ty.0.tp_name.set(name.into_raw());
        }
        ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
        Ok(())
    }
    /// The addresses of memmove and memset.
    #[function("addresses($module, /)")]
    fn addresses() -> (Owned<Int>, Owned<Int>) {
        let of = |function: usize| Int::from_i64(function as i64);
        (of(libc::memmove as *const () as usize), of(libc::memset as *const () as usize))
    }
}
