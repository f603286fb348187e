//! `_dbm`: databases of the ndbm interface, by the system's library (`library.rs`).
//!
//! No reference into a database's memory leaves a call: bytes are copied out before anything else runs.

mod library;

use crate::call::errno;
use crate::posix::path::{FsString, fs_converter};
use library::{Database, Library};
use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::os_error::strerror;
use runtime::exceptions::{self, ModuleException};
use runtime::object::{Object, ObjectHead, Owned};
use runtime::protocol::{buffer, object};
use runtime::types::{Bytes, Int, List, Module, Str, Tuple};
use runtime::{PyResult, PyTyped, Raised, err, errors};
use std::cell::{Cell, Ref, RefCell};
use std::ffi::c_int;

static ERROR: ModuleException = ModuleException::new("_dbm", "error", || Ok(exceptions::OSError()), None);

#[cold]
fn failed(message: &str) -> Raised {
    ERROR.raise(format_args!("{message}"))
}

/// What the format `s#` takes: text as UTF-8, or bytes that do not change.
fn bytes_of<'a>(value: &'a Object, argument: &str) -> PyResult<&'a [u8]> {
    if let Some(text) = value.downcast::<Str>() {
        return Ok(text.as_utf8()?.as_bytes());
    }
    match value.downcast::<Bytes>() {
        Some(bytes) => Ok(bytes.as_slice()),
        None if buffer::check(value) => Err(err!(TypeError, "{argument} must be read-only bytes-like object, not {}", value.type_name())),
        None => Err(err!(TypeError, "a bytes-like object is required, not '{}'", value.type_name())),
    }
}

/// As `bytes_of`, in other words.
fn item_of<'a>(value: &'a Object, what: &str) -> PyResult<&'a [u8]> {
    bytes_of(value, "argument").map_err(|_| {
        errors::clear();
        err!(TypeError, "dbm mappings have bytes or string {what} only")
    })
}

#[cold]
fn missing(key: &Object) -> Raised {
    errors::raise_object(exceptions::KeyError(), Some(key))
}

#[derive(Traverse)]
#[repr(C)]
pub struct Dbm {
    head: ObjectHead,
    /// None: closed.
    #[traverse(skip)]
    database: RefCell<Option<Database>>,
    /// The number of keys, once they have been counted.
    size: Cell<Option<usize>>,
    writable: bool,
}

impl Dbm {
    fn opened(&self) -> PyResult<Ref<'_, Database>> {
        Ref::filter_map(self.database.borrow(), Option::as_ref).map_err(|_| failed("DBM object has already been closed"))
    }
    /// The value of a key as an object.
    fn value_of(database: &Database, key: &[u8]) -> Option<Owned<Bytes>> {
        database.fetch(key, Bytes::new)
    }
}

#[pytype(static = Dbm_Type, name = "dbm", module = "_dbm", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native)]
impl Dbm {
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        let database = self.opened()?;
        if let Some(size) = self.size.get() {
            return Ok(size);
        }
        let mut size = 0;
        while database.next_key(size == 0, |_| ()).is_some() {
            size += 1;
        }
        self.size.set(Some(size));
        Ok(size)
    }
    #[slot]
    fn nb_bool(&self) -> PyResult<bool> {
        let database = self.opened()?;
        if let Some(size) = self.size.get() {
            return Ok(size > 0);
        }
        let any = database.next_key(true, |_| ()).is_some();
        if !any {
            self.size.set(Some(0));
        }
        Ok(any)
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        let database = self.opened()?;
        let bytes = match (key.downcast::<Str>(), key.downcast::<Bytes>()) {
            (Some(text), _) => text.as_utf8()?.as_bytes(),
            (_, Some(bytes)) => bytes.as_slice(),
            _ => return Err(err!(TypeError, "dbm key must be bytes or string, not {}", key.type_name())),
        };
        Ok(database.fetch(bytes, |_| ()).is_some())
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult<Owned<Bytes>> {
        let bytes = bytes_of(key, "argument")?;
        let database = self.opened()?;
        let Some(value) = Dbm::value_of(&database, bytes) else {
            drop(database);
            return Err(missing(key));
        };
        if database.take_error() { Err(failed("")) } else { Ok(value) }
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        let bytes = item_of(key, "keys")?;
        let database = self.opened()?;
        self.size.set(None);
        match value {
            None if database.delete(bytes).is_err() => {
                // Why it failed is not known: a database that can be written did not have it.
                drop(database);
                return Err(if self.writable { missing(key) } else { failed("cannot delete item from database") });
            }
            None => {}
            Some(value) => {
                let value = item_of(value, "elements")?;
                database.store(bytes, value, true).map_err(|_| failed("cannot add item to database"))?;
            }
        }
        if database.take_error() { Err(failed("")) } else { Ok(()) }
    }
    /// Close the database.
    #[method("close($self, /)")]
    fn close(&self) {
        let database = self.database.borrow_mut().take();
        drop(database);
    }
    /// Return a list of all keys.
    #[method("keys($self, /)")]
    fn keys(&self) -> PyResult<Owned<List>> {
        let database = self.opened()?;
        let keys = List::new();
        let mut first = true;
        while let Some(key) = database.next_key(first, Bytes::new) {
            keys.append(&key)?;
            first = false;
        }
        Ok(keys)
    }
    /// The value of a key, or the default where there is none.
    #[method("get($self, key, default=None, /)")]
    fn get(&self, key: &Object, default: Option<&Object>) -> PyResult {
        let bytes = bytes_of(key, "get() argument 1")?;
        match Dbm::value_of(&*self.opened()?, bytes) {
            Some(value) => Ok(value.into_object()),
            None => Ok(default.map_or_else(|| runtime::types::none().to_owned(), Owned::from_ref)),
        }
    }
    /// The value of a key; where there is none, the default becomes it.
    #[method("setdefault($self, key, default=b'', /)")]
    fn setdefault(&self, key: &Object, default: Option<&Object>) -> PyResult {
        let bytes = bytes_of(key, "setdefault() argument 1")?;
        let database = self.opened()?;
        if let Some(value) = Dbm::value_of(&database, bytes) {
            return Ok(value.into_object());
        }
        let default = default.map_or_else(|| Bytes::new(b"").into_object(), Owned::from_ref);
        let value = item_of(&default, "elements")?;
        self.size.set(None);
        database.store(bytes, value, false).map_err(|_| failed("cannot add item to database"))?;
        Ok(default)
    }
    /// Delete all keys and their values.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        let database = self.opened()?;
        self.size.set(None);
        loop {
            match database.delete_first() {
                Ok(true) => {}
                Ok(false) => return Ok(()),
                Err(_) => return Err(failed("cannot delete item from database")),
            }
        }
    }
    #[method("__enter__($self, /)")]
    fn enter(&self) -> Owned {
        Owned::from_ref(self)
    }
    #[method("__exit__($self, *args)", nosig)]
    fn exit(&self, _args: runtime::macro_support::Args<'_>) {
        self.close();
    }
}

#[pymodule(name = "_dbm")]
pub mod _dbm {
    use super::*;

    /// Return a database object.
    ///
    ///   filename
    ///     Its name, without the suffix that the library gives its files.
    ///   flags
    ///     "r": for reading; "w": for writing; "c": for writing, made if it
    ///     is not there; "n": always new and empty.
    ///   mode
    ///     The mode of files that are made.
    #[function("open($module, filename, flags='r', mode=0o666, /)")]
    fn open(filename: &Object, flags: &str, mode: Option<i32>) -> PyResult<Owned<Dbm>> {
        let flags = match flags {
            "r" => libc::O_RDONLY,
            "w" => libc::O_RDWR,
            "c" | "rw" => libc::O_RDWR | libc::O_CREAT,
            "n" => libc::O_RDWR | libc::O_CREAT | libc::O_TRUNC,
            _ => return Err(failed("arg 2 to open should be 'r', 'w', 'c', or 'n'")),
        };
        open_database(fs_converter(filename).map(FsString)?, flags, mode.unwrap_or(0o666))
    }

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        runtime::types::type_ready(&Dbm_Type)?;
        let library = Library::get().map_err(|reason| err!(ImportError, "{reason}"))?;
        object::set_attr_str(module, "library", Some(&Str::new(library.name)))?;
        object::set_attr_str(module, "error", Some(ERROR.ty()?))
    }
}

fn open_database(file: FsString, flags: c_int, mode: c_int) -> PyResult<Owned<Dbm>> {
    let library = Library::get().map_err(|reason| err!(ImportError, "{reason}"))?;
    let Some(database) = library.open(&file, flags, mode) else {
        let errno = errno();
        let name = runtime::codecs::fs_decode(file.to_bytes());
        return Err(errors::raise_object(
            ERROR.ty()?,
            Some(&Tuple::new(&[&Int::from_i64(errno as i64), &Str::new(&strerror(errno)), &name])),
        ));
    };
    Dbm::construct(
        Dbm::type_object(),
        Dbm {
            head: ObjectHead::placeholder(),
            database: RefCell::new(Some(database)),
            size: Cell::new(None),
            writable: flags & libc::O_RDWR != 0,
        },
    )
}
