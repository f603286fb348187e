//! The ndbm interface of whatever database library the system has, opened when it is first asked for.
//!
//! Berkeley DB is preferred, as in CPython's usual builds, so that both read the same files; then GNU dbm's compatible interface. An open database is
//! used by one thread at a time, since whoever calls holds the GIL.

use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr::NonNull;
use std::sync::OnceLock;

/// `datum`.
#[repr(C)]
#[derive(Clone, Copy)]
struct Datum {
    data: *const c_char,
    size: c_int,
}

impl Datum {
    /// None where C's int has no room for the size.
    fn of(bytes: &[u8]) -> Option<Datum> {
        Some(Datum { data: bytes.as_ptr().cast(), size: c_int::try_from(bytes.len()).ok()? })
    }
}

type Handle = *mut c_void;

/// The functions of `ndbm.h`.
pub struct Library {
    pub name: &'static str,
    open: unsafe extern "C" fn(*const c_char, c_int, c_int) -> Handle,
    close: unsafe extern "C" fn(Handle),
    fetch: unsafe extern "C" fn(Handle, Datum) -> Datum,
    store: unsafe extern "C" fn(Handle, Datum, Datum, c_int) -> c_int,
    delete: unsafe extern "C" fn(Handle, Datum) -> c_int,
    firstkey: unsafe extern "C" fn(Handle) -> Datum,
    nextkey: unsafe extern "C" fn(Handle) -> Datum,
    error: unsafe extern "C" fn(Handle) -> c_int,
    clearerr: unsafe extern "C" fn(Handle) -> c_int,
}

/// Files to look for, the prefix of the functions' names in them, and what `_dbm.library` says.
const CANDIDATES: [(&CStr, &str, &str); 4] = [
    (c"libdb-5.3.so", "__db_ndbm_", "Berkeley DB"),
    (c"libdb-6.2.so", "__db_ndbm_", "Berkeley DB"),
    (c"libgdbm_compat.so.4", "dbm_", "GNU gdbm"),
    (c"libgdbm_compat.so.3", "dbm_", "GNU gdbm"),
];

impl Library {
    /// The system's library, or why the one that is looked for first does not open.
    pub fn get() -> Result<&'static Library, &'static str> {
        static FOUND: OnceLock<Result<Library, String>> = OnceLock::new();
        let found = FOUND.get_or_init(|| {
            let mut failure = None;
            for (file, prefix, name) in CANDIDATES {
                match Library::load(file, prefix, name) {
                    Ok(library) => return Ok(library),
                    Err(reason) => _ = failure.get_or_insert(reason),
                }
            }
            Err(failure.unwrap_or_default())
        });
        found.as_ref().map_err(String::as_str)
    }

    fn load(file: &CStr, prefix: &str, name: &'static str) -> Result<Library, String> {
        // SAFETY: loading a library that the system knows by that name; it stays loaded.
        let image = unsafe { libc::dlopen(file.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        if image.is_null() {
            // SAFETY: NULL or the C string that says why, copied before anything else is loaded.
            let reason = unsafe { libc::dlerror().as_ref().map(|text| CStr::from_ptr(text).to_string_lossy().into_owned()) };
            return Err(reason.unwrap_or_default());
        }
        macro_rules! function {
            ($name:ident) => {{
                let symbol = format!("{prefix}{}\0", stringify!($name));
                // SAFETY: a C string and an open image.
                let address = unsafe { libc::dlsym(image, symbol.as_ptr().cast()) };
                if address.is_null() {
                    return Err(format!("{}: undefined symbol: {}", file.to_string_lossy(), symbol.trim_end_matches('\0')));
                }
                // SAFETY: `ndbm.h` declares the function of that name with the field's type.
                unsafe { std::mem::transmute(address) }
            }};
        }
        Ok(Library {
            name,
            open: function!(open),
            close: function!(close),
            fetch: function!(fetch),
            store: function!(store),
            delete: function!(delete),
            firstkey: function!(firstkey),
            nextkey: function!(nextkey),
            error: function!(error),
            clearerr: function!(clearerr),
        })
    }

    /// Opens a database; None leaves the reason in errno.
    pub fn open(&'static self, file: &CStr, flags: c_int, mode: c_int) -> Option<Database> {
        // SAFETY: a C string, which no library changes.
        let handle = unsafe { (self.open)(file.as_ptr(), flags, mode) };
        Some(Database { library: self, handle: NonNull::new(handle)? })
    }
}

/// The library refused; why is not known.
pub struct Refused;

/// An open database, closed on drop.
pub struct Database {
    library: &'static Library,
    handle: NonNull<c_void>,
}

impl Database {
    fn raw(&self) -> Handle {
        self.handle.as_ptr()
    }

    /// Shows what the library returned to `look`, while it lasts: until the next call.
    fn show<T>(&self, datum: Datum, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let data = NonNull::new(datum.data as *mut u8)?;
        // SAFETY: the library's own memory, which it keeps until it is called again; `look` does not call it.
        Some(look(unsafe { std::slice::from_raw_parts(data.as_ptr(), datum.size.max(0) as usize) }))
    }

    /// The value of a key. `look` must not use the database.
    pub fn fetch<T>(&self, key: &[u8], look: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let key = Datum::of(key)?;
        // SAFETY: an open database and bytes that live longer than the call.
        let found = unsafe { (self.library.fetch)(self.raw(), key) };
        self.show(found, look)
    }

    /// Stores a value; without `replace` a value that is there stays.
    pub fn store(&self, key: &[u8], value: &[u8], replace: bool) -> Result<(), Refused> {
        let (Some(key), Some(value)) = (Datum::of(key), Datum::of(value)) else { return Err(Refused) };
        // SAFETY: as in `fetch`.
        self.done(unsafe { (self.library.store)(self.raw(), key, value, replace as c_int) })
    }

    pub fn delete(&self, key: &[u8]) -> Result<(), Refused> {
        let Some(key) = Datum::of(key) else { return Err(Refused) };
        // SAFETY: as in `fetch`.
        self.done(unsafe { (self.library.delete)(self.raw(), key) })
    }

    /// Deletes the first key; false if there is none.
    pub fn delete_first(&self) -> Result<bool, Refused> {
        // SAFETY: an open database; the key is the library's, as its interface allows.
        unsafe {
            let key = (self.library.firstkey)(self.raw());
            if key.data.is_null() {
                return Ok(false);
            }
            self.done((self.library.delete)(self.raw(), key)).map(|()| true)
        }
    }

    /// The first key or the one behind the last asked for. `look` must not use the database.
    pub fn next_key<T>(&self, first: bool, look: impl FnOnce(&[u8]) -> T) -> Option<T> {
        // SAFETY: an open database.
        let key = unsafe { if first { (self.library.firstkey)(self.raw()) } else { (self.library.nextkey)(self.raw()) } };
        self.show(key, look)
    }

    /// Whether an error has been noted, which is then forgotten.
    pub fn take_error(&self) -> bool {
        // SAFETY: an open database.
        unsafe { (self.library.error)(self.raw()) != 0 && { (self.library.clearerr)(self.raw()); true } }
    }

    fn done(&self, status: c_int) -> Result<(), Refused> {
        if status >= 0 {
            return Ok(());
        }
        // SAFETY: an open database.
        unsafe { (self.library.clearerr)(self.raw()) };
        Err(Refused)
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: nobody uses it any more.
        unsafe { (self.library.close)(self.raw()) }
    }
}
