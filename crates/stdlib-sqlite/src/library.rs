//! SQLite's C interface made safe: `Database` and `Statement` own their handles, `without_gil` and `with_gil` hand the GIL over.
//!
//! Invariants. SQLite is built serialised: any thread may use a handle, one at a time by the connection's mutex. A database is closed when its last
//! `Arc` goes, so whoever uses one holds one. A thread never waits for the mutex while it holds the GIL (`lock`), since the mutex's owner may be
//! in a callback that waits for the GIL.

use libsqlite3_sys as ffi;
pub use libsqlite3_sys::*;
use runtime::gil;
use runtime::tstate::ThreadState;
use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::marker::PhantomData;
use std::ptr::{self, NonNull};
use std::slice;
use std::sync::{Arc, Once};

// ---- the GIL -----------------------------------------------------------------------------------------------------------------------

thread_local! {
    /// The state of this thread while it is in SQLite without the GIL.
    static RELEASED: Cell<*const ThreadState> = const { Cell::new(ptr::null()) };
}

/// Runs `f`, which may block or call back, without the GIL.
pub fn without_gil<T>(f: impl FnOnce() -> T + Send) -> T {
    struct Retake(*const ThreadState, *const ThreadState);
    impl Drop for Retake {
        fn drop(&mut self) {
            RELEASED.set(self.1);
            // SAFETY: the state is this thread's, which does not hold the GIL here.
            unsafe { gil::take(self.0) }
        }
    }
    if ThreadState::try_current().is_none() {
        return f();
    }
    // SAFETY: the GIL is held; `f` is Send and touches no object.
    let state = unsafe { gil::release() };
    let _retake = Retake(state, RELEASED.replace(state));
    f()
}

/// Runs `f` with the GIL, in a callback; nothing if this thread never had it.
pub fn with_gil<T>(f: impl FnOnce() -> T) -> Option<T> {
    struct Release;
    impl Drop for Release {
        fn drop(&mut self) {
            // SAFETY: `with_gil` took the GIL on this thread.
            RELEASED.set(unsafe { gil::release() });
        }
    }
    if ThreadState::try_current().is_some() {
        return Some(f());
    }
    let state = RELEASED.replace(ptr::null());
    if state.is_null() {
        return None;
    }
    // SAFETY: `without_gil` left this thread's own state there.
    unsafe { gil::take(state) };
    let _release = Release;
    Some(f())
}

/// A number for this thread.
pub fn thread_ident() -> u64 {
    // SAFETY: no conditions.
    unsafe { libc::pthread_self() as u64 }
}

// ---- the library -------------------------------------------------------------------------------------------------------------------

/// Sets what the library's build chose differently from SQLite's defaults; before any database is opened.
pub fn initialize() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: an option with an int argument, before the library is initialised (else it is refused).
        unsafe { ffi::sqlite3_config(ffi::SQLITE_CONFIG_URI, 0 as c_int) };
    });
}

pub fn version() -> &'static str {
    // SAFETY: a static string.
    unsafe { CStr::from_ptr(ffi::sqlite3_libversion()) }.to_str().unwrap_or("?")
}

/// SQLite's mode of threads as DB-API's level.
pub fn thread_safety() -> i64 {
    // SAFETY: no conditions.
    match unsafe { ffi::sqlite3_threadsafe() } {
        0 => 0,
        2 => 1,
        _ => 3,
    }
}

pub fn is_complete(sql: &CStr) -> bool {
    // SAFETY: a C string.
    unsafe { ffi::sqlite3_complete(sql.as_ptr()) != 0 }
}

pub fn error_text(code: c_int) -> String {
    // SAFETY: a static string for any number.
    text_of(unsafe { ffi::sqlite3_errstr(code) }).unwrap_or_default()
}

pub fn sleep(milliseconds: c_int) {
    // SAFETY: no conditions.
    without_gil(|| unsafe { ffi::sqlite3_sleep(milliseconds) });
}

fn text_of(text: *const c_char) -> Option<String> {
    // SAFETY: NULL or a C string of the library.
    if text.is_null() { None } else { Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned()) }
}

fn bytes_of<'a>(data: *const c_void, len: c_int) -> &'a [u8] {
    // SAFETY: `len` bytes of the library, for as long as the caller may look at them.
    if data.is_null() || len <= 0 { &[] } else { unsafe { slice::from_raw_parts(data as *const u8, len as usize) } }
}

unsafe extern "C" {
    // The bindings leave it out.
    fn sqlite3_close_v2(db: *mut ffi::sqlite3) -> c_int;
}

// ---- databases ---------------------------------------------------------------------------------------------------------------------

pub struct Database(NonNull<ffi::sqlite3>);
// SAFETY: the library is serialised.
unsafe impl Send for Database {}
// SAFETY: as above.
unsafe impl Sync for Database {}

impl Drop for Database {
    fn drop(&mut self) {
        // SAFETY: open until here. What is left of statements keeps a zombie, which the library frees.
        without_gil(|| unsafe { sqlite3_close_v2(self.raw()) });
    }
}

/// The connection's mutex, held.
pub struct Locked<'a>(*mut ffi::sqlite3_mutex, PhantomData<&'a Database>);

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // SAFETY: entered by `lock`.
        unsafe { ffi::sqlite3_mutex_leave(self.0) }
    }
}

impl Database {
    /// Opens a database; an error has the handle, if there is one, for its words.
    pub fn open(path: &CStr, uri: bool, timeout: c_int) -> Result<Arc<Database>, (c_int, Option<Database>)> {
        let flags = ffi::SQLITE_OPEN_READWRITE | ffi::SQLITE_OPEN_CREATE | if uri { ffi::SQLITE_OPEN_URI } else { 0 };
        let (code, db) = without_gil(|| {
            let mut db = ptr::null_mut();
            // SAFETY: a C string and a place for the handle, which the result owns.
            let code = unsafe { ffi::sqlite3_open_v2(path.as_ptr(), &mut db, flags, ptr::null()) };
            let db = NonNull::new(db).map(Database);
            if let (ffi::SQLITE_OK, Some(db)) = (code, &db) {
                // SAFETY: an open database.
                unsafe { ffi::sqlite3_busy_timeout(db.raw(), timeout) };
                db.use_defaults();
            }
            (code, db)
        });
        match db {
            Some(db) if code == ffi::SQLITE_OK => Ok(Arc::new(db)),
            db => Err((code, db)),
        }
    }
    /// The bundled library is built with foreign keys on; elsewhere they are off until a program asks.
    fn use_defaults(&self) {
        // SAFETY: an option with an int and an int's address or NULL.
        unsafe { ffi::sqlite3_db_config(self.raw(), ffi::SQLITE_DBCONFIG_ENABLE_FKEY, 0 as c_int, ptr::null_mut::<c_int>()) };
    }
    pub fn raw(&self) -> *mut ffi::sqlite3 {
        self.0.as_ptr()
    }
    /// Enters the mutex, so that what follows does not wait: for calls that are short and call nothing back.
    pub fn lock(&self) -> Locked<'_> {
        // SAFETY: an open database; its mutex lives as long.
        let mutex = unsafe { ffi::sqlite3_db_mutex(self.raw()) };
        // SAFETY: a mutex or NULL.
        while unsafe { ffi::sqlite3_mutex_try(mutex) } != ffi::SQLITE_OK {
            without_gil(|| {
                // SAFETY: an open database and its mutex.
                unsafe {
                    let mutex = ffi::sqlite3_db_mutex(self.raw());
                    ffi::sqlite3_mutex_enter(mutex);
                    ffi::sqlite3_mutex_leave(mutex);
                }
            });
        }
        Locked(mutex, PhantomData)
    }
    /// Code, extended code and words of the last failure.
    pub fn last_error(&self) -> (c_int, c_int, String) {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { (ffi::sqlite3_errcode(self.raw()), ffi::sqlite3_extended_errcode(self.raw()), text_of(ffi::sqlite3_errmsg(self.raw())).unwrap_or_default()) }
    }
    /// Whether no transaction is open.
    pub fn autocommit(&self) -> bool {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_get_autocommit(self.raw()) != 0 }
    }
    pub fn changes(&self) -> i64 {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_changes(self.raw()) as i64 }
    }
    pub fn total_changes(&self) -> i64 {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_total_changes(self.raw()) as i64 }
    }
    pub fn last_insert_rowid(&self) -> i64 {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_last_insert_rowid(self.raw()) }
    }
    pub fn interrupt(&self) {
        // SAFETY: an open database; any thread may.
        unsafe { ffi::sqlite3_interrupt(self.raw()) }
    }
    /// Sets a limit (a negative one asks only); the old one, -1 for an unknown category.
    pub fn limit(&self, category: c_int, value: c_int) -> c_int {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_limit(self.raw(), category, value) }
    }
    /// Sets a boolean option (a negative value asks only).
    pub fn config(&self, option: c_int, value: c_int) -> Result<bool, c_int> {
        let mut actual: c_int = 0;
        let _lock = self.lock();
        // SAFETY: callers pass options with these two arguments only.
        let code = unsafe { ffi::sqlite3_db_config(self.raw(), option, value, &raw mut actual) };
        if code == ffi::SQLITE_OK { Ok(actual != 0) } else { Err(code) }
    }
    /// Compiles the first statement of `sql`; how much of `sql` it was. No statement for blanks and comments.
    pub fn prepare(&self, sql: &CStr) -> Result<(Option<RawStatement>, usize), c_int> {
        let bytes = sql.to_bytes_with_nul();
        let (mut statement, mut tail) = (ptr::null_mut(), ptr::null());
        // SAFETY: a C string with its length, and places for the results.
        let code = unsafe { ffi::sqlite3_prepare_v2(self.raw(), bytes.as_ptr() as *const c_char, bytes.len() as c_int, &mut statement, &mut tail) };
        if code != ffi::SQLITE_OK {
            return Err(code);
        }
        let used = if tail.is_null() { bytes.len() - 1 } else { (tail as usize).saturating_sub(bytes.as_ptr() as usize).min(bytes.len() - 1) };
        Ok((NonNull::new(statement).map(RawStatement), used))
    }
    /// Runs one statement that gives no rows, without the GIL.
    pub fn run(&self, sql: &CStr) -> c_int {
        without_gil(|| match self.prepare(sql) {
            Ok((Some(statement), _)) => {
                statement.step();
                statement.finish()
            }
            Ok((None, _)) => ffi::SQLITE_OK,
            Err(code) => code,
        })
    }
    /// Runs all statements of a script, without the GIL.
    pub fn run_script(&self, mut sql: &CStr) -> c_int {
        without_gil(|| {
            loop {
                match self.prepare(sql) {
                    Err(code) => return code,
                    Ok((statement, used)) => {
                        if let Some(statement) = statement {
                            while statement.step() == ffi::SQLITE_ROW {}
                            let code = statement.finish();
                            if code != ffi::SQLITE_OK {
                                return code;
                            }
                        }
                        let Ok(rest) = CStr::from_bytes_with_nul(&sql.to_bytes_with_nul()[used..]) else { return ffi::SQLITE_OK };
                        if rest.is_empty() || used == 0 {
                            return ffi::SQLITE_OK;
                        }
                        sql = rest;
                    }
                }
            }
        })
    }
    pub fn enable_load_extension(&self, enable: bool) -> c_int {
        let _lock = self.lock();
        // SAFETY: an open database.
        unsafe { ffi::sqlite3_enable_load_extension(self.raw(), enable as c_int) }
    }
    pub fn load_extension(&self, path: &CStr, entry_point: Option<&CStr>) -> Result<(), String> {
        without_gil(|| {
            let mut words = ptr::null_mut();
            // SAFETY: C strings or NULL; the words are ours to free.
            unsafe {
                let code = ffi::sqlite3_load_extension(self.raw(), path.as_ptr(), entry_point.map_or(ptr::null(), CStr::as_ptr), &mut words);
                let text = text_of(words);
                ffi::sqlite3_free(words as *mut c_void);
                if code == ffi::SQLITE_OK { Ok(()) } else { Err(text.unwrap_or_else(|| error_text(code))) }
            }
        })
    }
    /// A copy of a database's file, handed to `take`; None if there is none of the name.
    pub fn serialize<T>(&self, name: &CStr, take: impl FnOnce(&[u8]) -> T) -> Option<T> {
        let mut size = 0;
        let mut ours = false;
        let data = without_gil(|| {
            // SAFETY: a C string and a place for the size.
            let mut data = unsafe { ffi::sqlite3_serialize(self.raw(), name.as_ptr(), &mut size, ffi::SQLITE_SERIALIZE_NOCOPY as u32) };
            if data.is_null() {
                // SAFETY: as above; without the flag the memory is ours.
                data = unsafe { ffi::sqlite3_serialize(self.raw(), name.as_ptr(), &mut size, 0) };
                ours = true;
            }
            data as usize
        }) as *mut u8;
        if data.is_null() {
            return None;
        }
        // SAFETY: `size` bytes.
        let result = take(unsafe { slice::from_raw_parts(data, size.max(0) as usize) });
        if ours {
            // SAFETY: of the library's allocator.
            unsafe { ffi::sqlite3_free(data as *mut c_void) };
        }
        Some(result)
    }
    /// Replaces a database by one in memory that is a copy of `data`.
    pub fn deserialize(&self, name: &CStr, data: &[u8]) -> c_int {
        // SAFETY: no conditions; the block is handed over below, whatever comes of it.
        let copy = unsafe { ffi::sqlite3_malloc64(data.len() as u64) } as *mut u8;
        if copy.is_null() {
            return ffi::SQLITE_NOMEM;
        }
        // SAFETY: a fresh block of that size.
        unsafe { ptr::copy_nonoverlapping(data.as_ptr(), copy, data.len()) };
        let (copy, size) = (copy as usize, data.len() as i64);
        without_gil(|| {
            let flags = ffi::SQLITE_DESERIALIZE_FREEONCLOSE | ffi::SQLITE_DESERIALIZE_RESIZEABLE;
            // SAFETY: a C string, and a block of the library's allocator that it takes over.
            unsafe { ffi::sqlite3_deserialize(self.raw(), name.as_ptr(), copy as *mut u8, size, size, flags as u32) }
        })
    }
    /// Starts a copy of `source`'s database `name` into `self`'s main one.
    pub fn backup<'a>(&'a self, source: &'a Database, name: &CStr) -> Option<Backup<'a>> {
        without_gil(|| {
            // SAFETY: two open databases, which the result borrows.
            let backup = unsafe { ffi::sqlite3_backup_init(self.raw(), c"main".as_ptr(), source.raw(), name.as_ptr()) };
            NonNull::new(backup).map(|backup| Backup(backup, PhantomData))
        })
    }
    pub fn open_blob(&self, database: &CStr, table: &CStr, column: &CStr, row: i64, writable: bool) -> Option<RawBlob> {
        without_gil(|| {
            let mut blob = ptr::null_mut();
            // SAFETY: C strings and a place for the handle.
            unsafe { ffi::sqlite3_blob_open(self.raw(), database.as_ptr(), table.as_ptr(), column.as_ptr(), row, writable as c_int, &mut blob) };
            NonNull::new(blob).map(RawBlob)
        })
    }
}

// ---- statements --------------------------------------------------------------------------------------------------------------------

/// A prepared statement; without a database of its own, for use inside a call.
pub struct RawStatement(NonNull<ffi::sqlite3_stmt>);
// SAFETY: the library is serialised.
unsafe impl Send for RawStatement {}
// SAFETY: as above.
unsafe impl Sync for RawStatement {}

impl Drop for RawStatement {
    fn drop(&mut self) {
        // SAFETY: not finalised before.
        without_gil(|| unsafe { ffi::sqlite3_finalize(self.raw()) });
    }
}

/// A value of a result.
pub enum Value<'a> {
    Null,
    Integer(i64),
    Float(f64),
    Text(&'a [u8]),
    Blob(&'a [u8]),
    NoMemory,
}

impl RawStatement {
    fn raw(&self) -> *mut ffi::sqlite3_stmt {
        self.0.as_ptr()
    }
    /// Finalises; the code of the last step.
    fn finish(self) -> c_int {
        // SAFETY: not finalised before, nor after.
        let code = unsafe { ffi::sqlite3_finalize(self.raw()) };
        std::mem::forget(self);
        code
    }
    /// Takes a step where the thread is; see `step_without_gil`.
    pub fn step(&self) -> c_int {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_step(self.raw()) }
    }
    pub fn step_without_gil(&self) -> c_int {
        without_gil(|| self.step())
    }
    pub fn reset(&self) {
        // SAFETY: a live statement.
        without_gil(|| unsafe { ffi::sqlite3_reset(self.raw()) });
    }
    pub fn is_readonly(&self) -> bool {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_stmt_readonly(self.raw()) != 0 }
    }
    pub fn is_busy(&self) -> bool {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_stmt_busy(self.raw()) != 0 }
    }
    pub fn parameter_count(&self) -> c_int {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_bind_parameter_count(self.raw()) }
    }
    pub fn parameter_name(&self, at: c_int) -> Option<&CStr> {
        // SAFETY: a live statement, which the name belongs to.
        unsafe {
            let name = ffi::sqlite3_bind_parameter_name(self.raw(), at);
            if name.is_null() { None } else { Some(CStr::from_ptr(name)) }
        }
    }
    pub fn bind(&self, at: c_int, value: &Value<'_>) -> c_int {
        let statement = self.raw();
        // SAFETY: a live statement; text and blobs are copied by the library.
        unsafe {
            match *value {
                Value::Null => ffi::sqlite3_bind_null(statement, at),
                Value::Integer(value) => ffi::sqlite3_bind_int64(statement, at, value),
                Value::Float(value) => ffi::sqlite3_bind_double(statement, at, value),
                Value::Text(text) => ffi::sqlite3_bind_text(statement, at, text.as_ptr() as *const c_char, text.len() as c_int, ffi::SQLITE_TRANSIENT()),
                Value::Blob(data) => ffi::sqlite3_bind_blob(statement, at, data.as_ptr() as *const c_void, data.len() as c_int, ffi::SQLITE_TRANSIENT()),
                Value::NoMemory => ffi::SQLITE_NOMEM,
            }
        }
    }
    /// How many columns a row of the result has.
    pub fn column_count(&self) -> c_int {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_column_count(self.raw()) }
    }
    /// How many values the current row has.
    pub fn data_count(&self) -> c_int {
        // SAFETY: a live statement.
        unsafe { ffi::sqlite3_data_count(self.raw()) }
    }
    pub fn column_name(&self, at: c_int) -> Option<Vec<u8>> {
        // SAFETY: a live statement; a C string or NULL.
        unsafe {
            let name = ffi::sqlite3_column_name(self.raw(), at);
            if name.is_null() { None } else { Some(CStr::from_ptr(name).to_bytes().to_vec()) }
        }
    }
    /// The type that a column was declared with.
    pub fn column_type_name(&self, at: c_int) -> Option<Vec<u8>> {
        // SAFETY: as above.
        unsafe {
            let name = ffi::sqlite3_column_decltype(self.raw(), at);
            if name.is_null() { None } else { Some(CStr::from_ptr(name).to_bytes().to_vec()) }
        }
    }
    /// A value of the current row; valid until the statement is stepped, reset or asked for the same column otherwise.
    pub fn column<'a>(&'a self, _lock: &'a Locked<'_>, at: c_int) -> Value<'a> {
        let statement = self.raw();
        // SAFETY: a live statement; the library checks the column.
        unsafe {
            match ffi::sqlite3_column_type(statement, at) {
                ffi::SQLITE_NULL => Value::Null,
                ffi::SQLITE_INTEGER => Value::Integer(ffi::sqlite3_column_int64(statement, at)),
                ffi::SQLITE_FLOAT => Value::Float(ffi::sqlite3_column_double(statement, at)),
                ffi::SQLITE_TEXT => {
                    let text = ffi::sqlite3_column_text(statement, at);
                    if text.is_null() && self.out_of_memory() {
                        return Value::NoMemory;
                    }
                    Value::Text(bytes_of(text as *const c_void, ffi::sqlite3_column_bytes(statement, at)))
                }
                _ => {
                    let data = ffi::sqlite3_column_blob(statement, at);
                    if data.is_null() && self.out_of_memory() {
                        return Value::NoMemory;
                    }
                    Value::Blob(bytes_of(data, ffi::sqlite3_column_bytes(statement, at)))
                }
            }
        }
    }
    /// As `column`, whatever it is, as bytes.
    pub fn column_bytes<'a>(&'a self, _lock: &'a Locked<'_>, at: c_int) -> Value<'a> {
        let statement = self.raw();
        // SAFETY: as in `column`.
        unsafe {
            let data = ffi::sqlite3_column_blob(statement, at);
            if data.is_null() {
                return if self.out_of_memory() { Value::NoMemory } else { Value::Null };
            }
            Value::Blob(bytes_of(data, ffi::sqlite3_column_bytes(statement, at)))
        }
    }
    fn out_of_memory(&self) -> bool {
        // SAFETY: a live statement has a database.
        unsafe { ffi::sqlite3_errcode(ffi::sqlite3_db_handle(self.raw())) == ffi::SQLITE_NOMEM }
    }
}

// ---- backups, blobs ----------------------------------------------------------------------------------------------------------------

pub struct Backup<'a>(NonNull<ffi::sqlite3_backup>, PhantomData<&'a Database>);
// SAFETY: the library is serialised.
unsafe impl Send for Backup<'_> {}
// SAFETY: as above.
unsafe impl Sync for Backup<'_> {}

impl Backup<'_> {
    fn raw(&self) -> *mut ffi::sqlite3_backup {
        self.0.as_ptr()
    }
    pub fn step(&self, pages: c_int) -> c_int {
        // SAFETY: a live backup.
        without_gil(|| unsafe { ffi::sqlite3_backup_step(self.raw(), pages) })
    }
    /// Pages left and pages in all, as of the last step.
    pub fn progress(&self) -> (c_int, c_int) {
        // SAFETY: a live backup.
        unsafe { (ffi::sqlite3_backup_remaining(self.raw()), ffi::sqlite3_backup_pagecount(self.raw())) }
    }
    pub fn finish(self) -> c_int {
        // SAFETY: not finished before, nor after.
        let code = without_gil(|| unsafe { ffi::sqlite3_backup_finish(self.raw()) });
        std::mem::forget(self);
        code
    }
}

impl Drop for Backup<'_> {
    fn drop(&mut self) {
        // SAFETY: not finished before.
        without_gil(|| unsafe { ffi::sqlite3_backup_finish(self.raw()) });
    }
}

pub struct RawBlob(NonNull<ffi::sqlite3_blob>);
// SAFETY: the library is serialised.
unsafe impl Send for RawBlob {}
// SAFETY: as above.
unsafe impl Sync for RawBlob {}

impl RawBlob {
    fn raw(&self) -> *mut ffi::sqlite3_blob {
        self.0.as_ptr()
    }
    pub fn len(&self) -> c_int {
        // SAFETY: an open blob.
        unsafe { ffi::sqlite3_blob_bytes(self.raw()) }
    }
    pub fn read(&self, into: &mut [u8], offset: c_int) -> c_int {
        // SAFETY: an open blob, and as many bytes as are asked for.
        without_gil(|| unsafe { ffi::sqlite3_blob_read(self.raw(), into.as_mut_ptr() as *mut c_void, into.len() as c_int, offset) })
    }
    pub fn write(&self, data: &[u8], offset: c_int) -> c_int {
        // SAFETY: an open blob, and as many bytes as are written.
        without_gil(|| unsafe { ffi::sqlite3_blob_write(self.raw(), data.as_ptr() as *const c_void, data.len() as c_int, offset) })
    }
}

impl Drop for RawBlob {
    fn drop(&mut self) {
        // SAFETY: open until here.
        without_gil(|| unsafe { ffi::sqlite3_blob_close(self.raw()) });
    }
}

/// A C string of text without NUL bytes.
pub fn c_string(text: &str) -> CString {
    CString::new(text.replace('\0', "")).unwrap_or_default()
}
