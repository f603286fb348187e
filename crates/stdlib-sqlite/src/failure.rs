//! The exceptions of DB-API, and which of them a failure of SQLite is.

use crate::library::{self, Database};
use runtime::exceptions::{self, ModuleException};
use runtime::protocol::{call, object};
use runtime::types::{BaseException, Int, Str};
use runtime::{PyResult, Raised, errors};

const fn exception(name: &'static str, base: fn() -> PyResult<&'static runtime::Type>) -> ModuleException {
    ModuleException::new("sqlite3", name, base, None)
}

pub static WARNING: ModuleException = exception("Warning", || Ok(exceptions::Exception()));
pub static ERROR: ModuleException = exception("Error", || Ok(exceptions::Exception()));
pub static INTERFACE_ERROR: ModuleException = exception("InterfaceError", || ERROR.ty());
pub static DATABASE_ERROR: ModuleException = exception("DatabaseError", || ERROR.ty());
pub static DATA_ERROR: ModuleException = exception("DataError", || DATABASE_ERROR.ty());
pub static INTEGRITY_ERROR: ModuleException = exception("IntegrityError", || DATABASE_ERROR.ty());
pub static INTERNAL_ERROR: ModuleException = exception("InternalError", || DATABASE_ERROR.ty());
pub static NOT_SUPPORTED_ERROR: ModuleException = exception("NotSupportedError", || DATABASE_ERROR.ty());
pub static OPERATIONAL_ERROR: ModuleException = exception("OperationalError", || DATABASE_ERROR.ty());
pub static PROGRAMMING_ERROR: ModuleException = exception("ProgrammingError", || DATABASE_ERROR.ty());

/// All of them, in the order of a connection's attributes.
pub static ALL: [(&str, &ModuleException); 10] = [
    ("Warning", &WARNING),
    ("Error", &ERROR),
    ("InterfaceError", &INTERFACE_ERROR),
    ("DatabaseError", &DATABASE_ERROR),
    ("DataError", &DATA_ERROR),
    ("OperationalError", &OPERATIONAL_ERROR),
    ("IntegrityError", &INTEGRITY_ERROR),
    ("InternalError", &INTERNAL_ERROR),
    ("ProgrammingError", &PROGRAMMING_ERROR),
    ("NotSupportedError", &NOT_SUPPORTED_ERROR),
];

/// `failed!(PROGRAMMING_ERROR, "format {}", x)`
macro_rules! failed {
    ($class:ident, $($words:tt)+) => { $crate::failure::$class.raise(format_args!($($words)+)) };
}
pub(crate) use failed;

/// The exception of a primary result code; None where nothing failed, or memory did.
fn class_of(code: i32) -> Option<&'static ModuleException> {
    Some(match code & 0xff {
        library::SQLITE_OK | library::SQLITE_NOMEM => return None,
        library::SQLITE_INTERNAL | library::SQLITE_NOTFOUND => &INTERNAL_ERROR,
        library::SQLITE_ERROR
        | library::SQLITE_PERM
        | library::SQLITE_ABORT
        | library::SQLITE_BUSY
        | library::SQLITE_LOCKED
        | library::SQLITE_READONLY
        | library::SQLITE_INTERRUPT
        | library::SQLITE_IOERR
        | library::SQLITE_FULL
        | library::SQLITE_CANTOPEN
        | library::SQLITE_PROTOCOL
        | library::SQLITE_EMPTY
        | library::SQLITE_SCHEMA => &OPERATIONAL_ERROR,
        library::SQLITE_CORRUPT => &DATABASE_ERROR,
        library::SQLITE_TOOBIG => &DATA_ERROR,
        library::SQLITE_CONSTRAINT | library::SQLITE_MISMATCH => &INTEGRITY_ERROR,
        library::SQLITE_MISUSE | library::SQLITE_RANGE => &INTERFACE_ERROR,
        _ => &DATABASE_ERROR,
    })
}

/// Raises what the database says was wrong last.
#[cold]
pub fn of_database(db: &Database) -> Raised {
    let (code, extended, words) = db.last_error();
    raise(code, extended, &words)
}

/// Raises for a result code that the database does not keep.
#[cold]
pub fn of_code(code: i32) -> Raised {
    raise(code, code, &library::error_text(code))
}

/// The exception with its attributes. A code that is no failure leaves what a callback raised.
fn raise(code: i32, extended: i32, words: &str) -> Raised {
    let Some(class) = class_of(code) else {
        return if code & 0xff == library::SQLITE_NOMEM { errors::no_memory() } else { Raised::from_c() };
    };
    errors::clear();
    match with_code(class, extended, words) {
        Ok(instance) => errors::raise_instance(instance),
        Err(raised) => raised,
    }
}

fn with_code(class: &ModuleException, code: i32, words: &str) -> PyResult<runtime::Owned<BaseException>> {
    let instance = call::call1(class.ty()?, &Str::new(words))?;
    object::set_attr_str(&instance, "sqlite_errorcode", Some(&*Int::from_i64(code as i64)))?;
    let name = crate::module::error_name(code).unwrap_or("unknown");
    object::set_attr_str(&instance, "sqlite_errorname", Some(&*Str::new(name)))?;
    instance.try_into_typed::<BaseException>().map_err(|_| errors::bad_internal_call())
}
