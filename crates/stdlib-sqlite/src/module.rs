//! The module: its functions, the adapters and converters, and SQLite's constants.

use crate::callbacks::REPORT_ERRORS;
use crate::connection::{Connection_Type, LEGACY_TRANSACTION_CONTROL, warn_positional};
use crate::cursor::{PARSE_COLNAMES, PARSE_DECLTYPES};
use crate::failure::{ALL, failed};
use crate::library;
use runtime::kept::Kept;
use crate::statement::{Statement, attribute, decode};
use macros::{Traverse, pymodule, pytype};
use runtime::macro_support::{Args, KwArgs, add_constant};
use runtime::protocol::{call, object};
use runtime::types::{ByteArray, Dict, Float, Int, Module, Str, Tuple, type_ready};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, errors, exceptions};
use std::sync::atomic::{AtomicBool, Ordering};

/// (type, protocol) -> callable
static ADAPTERS: Kept = Kept::new();
/// Name in upper case -> callable
static CONVERTERS: Kept = Kept::new();
/// Whether an adapter of int, float, str or bytearray is there: else those are bound as they are.
static BASE_TYPE_ADAPTED: AtomicBool = AtomicBool::new(false);

fn dict_of(kept: &'static Kept) -> PyResult<Owned<Dict>> {
    kept.get_or_make(|| Ok(Dict::new().into_object()))?.try_into_typed::<Dict>().map_err(|_| errors::bad_internal_call())
}

pub fn is_base_type_adapted() -> bool {
    BASE_TYPE_ADAPTED.load(Ordering::Relaxed)
}

/// `functools.lru_cache`.
pub fn lru_cache() -> PyResult {
    static LRU_CACHE: Kept = Kept::new();
    LRU_CACHE.get_or_make(|| {
        let functools = runtime::import::import_module("functools")?;
        object::get_attr_str(&functools, "lru_cache")
    })
}

/// The converter for a type's name, if there is one.
pub fn converter(name: &[u8]) -> PyResult<Option<Owned>> {
    let name = decode(name)?.upper()?;
    dict_of(&CONVERTERS)?.get_item(&name)
}

/// A parameter as one of SQLite's types, by its adapter; else as it is.
pub fn adapt_parameter(value: &Object) -> PyResult {
    adapt_to(value, &PrepareProtocol_Type, Some(value))
}

fn adapt_to(value: &Object, protocol: &Object, otherwise: Option<&Object>) -> PyResult {
    let key = Tuple::new(&[value.ty(), protocol]);
    if let Some(adapter) = dict_of(&ADAPTERS)?.get_item(&key)? {
        return call::call1(&adapter, value);
    }
    for (of, name, argument) in [(protocol, "__adapt__", value), (value, "__conform__", protocol)] {
        let Some(method) = attribute(of, name)? else { continue };
        if let Some(adapted) = errors::catch(call::call1(&method, argument), exceptions::TypeError())?
            && !adapted.is_none()
        {
            return Ok(adapted);
        }
    }
    match otherwise {
        Some(value) => Ok(value.to_owned()),
        None => Err(failed!(PROGRAMMING_ERROR, "can't adapt")),
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct PrepareProtocol {
    head: ObjectHead,
}

/// PEP 246 style object adaption protocol type.
#[pytype(static = PrepareProtocol_Type, name = "PrepareProtocol", module = "sqlite3", flags = HAVE_GC | IMMUTABLETYPE, native)]
impl PrepareProtocol {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<PrepareProtocol>> {
        PrepareProtocol::construct(cls, PrepareProtocol { head: ObjectHead::placeholder() })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
}

#[pymodule(name = "_sqlite3")]
#[types(crate::blob::Blob_Type, crate::connection::Connection_Type, crate::cursor::Cursor_Type, crate::row::Row_Type, PrepareProtocol_Type)]
pub mod sqlite3 {
    use super::*;

    /// connect($module, /, database, timeout=5.0, detect_types=0,
    ///         isolation_level='', check_same_thread=True,
    ///         factory=ConnectionType, cached_statements=128, uri=False, *,
    ///         autocommit=sqlite3.LEGACY_TRANSACTION_CONTROL)
    /// --
    ///
    /// Open a connection to a database file.
    ///
    /// The name ":memory:" stands for a database in memory.
    ///
    /// Note: more than one positional argument is deprecated; parameters
    /// 'timeout', 'detect_types', 'isolation_level', 'check_same_thread',
    /// 'factory', 'cached_statements' and 'uri' will become keyword-only
    /// parameters in Python 3.15.
    #[function("connect($module, *args, **kwargs)", nosig)]
    fn connect(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        if (2..=8).contains(&args.len()) {
            warn_positional("sqlite3.connect()")?;
        }
        let factory = args.get(5).copied().or_else(|| kwargs.get("factory")).unwrap_or(&Connection_Type);
        let keywords = Dict::new();
        for (name, value) in kwargs.iter() {
            keywords.set_item(name, value)?;
        }
        call::call(factory, &Tuple::new(args), if kwargs.is_empty() { None } else { Some(&keywords) })
    }
    /// Tell whether a string is a complete SQL statement.
    #[function("complete_statement($module, /, statement)")]
    fn complete_statement(statement: &str) -> bool {
        library::is_complete(&library::c_string(statement))
    }
    /// Register what makes a value of SQLite of an object of a type.
    #[function("register_adapter($module, type, adapter, /)")]
    fn register_adapter(r#type: &Object, adapter: &Object) -> PyResult<()> {
        let basic: [&Type; 4] = [Int::type_object(), Float::type_object(), Str::type_object(), ByteArray::type_object()];
        if basic.iter().any(|basic| r#type.is(basic)) {
            BASE_TYPE_ADAPTED.store(true, Ordering::Relaxed);
        }
        dict_of(&ADAPTERS)?.set_item(&Tuple::new(&[r#type, &PrepareProtocol_Type]), adapter)
    }
    /// Register what makes a Python object of a value of a declared type.
    #[function("register_converter($module, typename, converter, /)")]
    fn register_converter(typename: &Str, converter: &Object) -> PyResult<()> {
        let name = typename.upper()?;
        dict_of(&CONVERTERS)?.set_item(&name, converter)
    }
    /// Say whether exceptions in callbacks are reported to sys.unraisablehook.
    #[function("enable_callback_tracebacks($module, enable, /)")]
    fn enable_callback_tracebacks(enable: bool) {
        REPORT_ERRORS.store(enable, Ordering::Relaxed);
    }
    /// Adapt an object to a protocol.
    #[function("adapt($module, obj, proto=PrepareProtocolType, alt=<unrepresentable>, /)")]
    fn adapt(obj: &Object, proto: Option<&Object>, alt: Option<&Object>) -> PyResult {
        adapt_to(obj, proto.unwrap_or(&PrepareProtocol_Type), alt)
    }
    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        library::initialize();
        type_ready(Statement::type_object())?;
        let module = module.as_object();
        for (name, exception) in &ALL {
            object::set_attr_str(module, name, Some(exception.ty()?))?;
        }
        for &(name, value) in RESULT_CODES.iter().chain(&ACTIONS).chain(&LIMITS).chain(&OPTIONS) {
            add_constant(module, name, Int::from_i64(value as i64).into_object())?;
        }
        let numbers =
            [("PARSE_DECLTYPES", PARSE_DECLTYPES as i64), ("PARSE_COLNAMES", PARSE_COLNAMES as i64), ("threadsafety", library::thread_safety())];
        for (name, value) in numbers.into_iter().chain([("LEGACY_TRANSACTION_CONTROL", LEGACY_TRANSACTION_CONTROL)]) {
            add_constant(module, name, Int::from_i64(value).into_object())?;
        }
        add_constant(module, "sqlite_version", Str::new(library::version()).into_object())?;
        add_constant(module, "adapters", dict_of(&ADAPTERS)?.into_object())?;
        add_constant(module, "converters", dict_of(&CONVERTERS)?.into_object())
    }
}

// ---- constants ---------------------------------------------------------------------------------------------------------------------

pub fn error_name(code: i32) -> Option<&'static str> {
    RESULT_CODES.iter().find(|(_, value)| *value == code).map(|(name, _)| *name)
}

/// Whether an option of connections is set by a boolean.
pub fn is_boolean_option(option: i32) -> bool {
    OPTIONS.iter().any(|(_, value)| *value == option)
}

type Constant = (&'static str, i32);

/// What calls of SQLite give.
static RESULT_CODES: [Constant; 105] = [
    ("SQLITE_OK", library::SQLITE_OK),
    ("SQLITE_OK_LOAD_PERMANENTLY", library::SQLITE_OK_LOAD_PERMANENTLY),
    ("SQLITE_OK_SYMLINK", library::SQLITE_OK_SYMLINK),
    ("SQLITE_ERROR", library::SQLITE_ERROR),
    ("SQLITE_ERROR_MISSING_COLLSEQ", library::SQLITE_ERROR_MISSING_COLLSEQ),
    ("SQLITE_ERROR_RETRY", library::SQLITE_ERROR_RETRY),
    ("SQLITE_ERROR_SNAPSHOT", library::SQLITE_ERROR_SNAPSHOT),
    ("SQLITE_INTERNAL", library::SQLITE_INTERNAL),
    ("SQLITE_PERM", library::SQLITE_PERM),
    ("SQLITE_ABORT", library::SQLITE_ABORT),
    ("SQLITE_ABORT_ROLLBACK", library::SQLITE_ABORT_ROLLBACK),
    ("SQLITE_BUSY", library::SQLITE_BUSY),
    ("SQLITE_BUSY_RECOVERY", library::SQLITE_BUSY_RECOVERY),
    ("SQLITE_BUSY_SNAPSHOT", library::SQLITE_BUSY_SNAPSHOT),
    ("SQLITE_BUSY_TIMEOUT", library::SQLITE_BUSY_TIMEOUT),
    ("SQLITE_LOCKED", library::SQLITE_LOCKED),
    ("SQLITE_LOCKED_SHAREDCACHE", library::SQLITE_LOCKED_SHAREDCACHE),
    ("SQLITE_LOCKED_VTAB", library::SQLITE_LOCKED_VTAB),
    ("SQLITE_NOMEM", library::SQLITE_NOMEM),
    ("SQLITE_READONLY", library::SQLITE_READONLY),
    ("SQLITE_READONLY_RECOVERY", library::SQLITE_READONLY_RECOVERY),
    ("SQLITE_READONLY_CANTLOCK", library::SQLITE_READONLY_CANTLOCK),
    ("SQLITE_READONLY_ROLLBACK", library::SQLITE_READONLY_ROLLBACK),
    ("SQLITE_READONLY_DBMOVED", library::SQLITE_READONLY_DBMOVED),
    ("SQLITE_READONLY_CANTINIT", library::SQLITE_READONLY_CANTINIT),
    ("SQLITE_READONLY_DIRECTORY", library::SQLITE_READONLY_DIRECTORY),
    ("SQLITE_INTERRUPT", library::SQLITE_INTERRUPT),
    ("SQLITE_IOERR", library::SQLITE_IOERR),
    ("SQLITE_IOERR_READ", library::SQLITE_IOERR_READ),
    ("SQLITE_IOERR_SHORT_READ", library::SQLITE_IOERR_SHORT_READ),
    ("SQLITE_IOERR_WRITE", library::SQLITE_IOERR_WRITE),
    ("SQLITE_IOERR_FSYNC", library::SQLITE_IOERR_FSYNC),
    ("SQLITE_IOERR_DIR_FSYNC", library::SQLITE_IOERR_DIR_FSYNC),
    ("SQLITE_IOERR_TRUNCATE", library::SQLITE_IOERR_TRUNCATE),
    ("SQLITE_IOERR_FSTAT", library::SQLITE_IOERR_FSTAT),
    ("SQLITE_IOERR_UNLOCK", library::SQLITE_IOERR_UNLOCK),
    ("SQLITE_IOERR_RDLOCK", library::SQLITE_IOERR_RDLOCK),
    ("SQLITE_IOERR_DELETE", library::SQLITE_IOERR_DELETE),
    ("SQLITE_IOERR_BLOCKED", library::SQLITE_IOERR_BLOCKED),
    ("SQLITE_IOERR_NOMEM", library::SQLITE_IOERR_NOMEM),
    ("SQLITE_IOERR_ACCESS", library::SQLITE_IOERR_ACCESS),
    ("SQLITE_IOERR_CHECKRESERVEDLOCK", library::SQLITE_IOERR_CHECKRESERVEDLOCK),
    ("SQLITE_IOERR_LOCK", library::SQLITE_IOERR_LOCK),
    ("SQLITE_IOERR_CLOSE", library::SQLITE_IOERR_CLOSE),
    ("SQLITE_IOERR_DIR_CLOSE", library::SQLITE_IOERR_DIR_CLOSE),
    ("SQLITE_IOERR_SHMOPEN", library::SQLITE_IOERR_SHMOPEN),
    ("SQLITE_IOERR_SHMSIZE", library::SQLITE_IOERR_SHMSIZE),
    ("SQLITE_IOERR_SHMLOCK", library::SQLITE_IOERR_SHMLOCK),
    ("SQLITE_IOERR_SHMMAP", library::SQLITE_IOERR_SHMMAP),
    ("SQLITE_IOERR_SEEK", library::SQLITE_IOERR_SEEK),
    ("SQLITE_IOERR_DELETE_NOENT", library::SQLITE_IOERR_DELETE_NOENT),
    ("SQLITE_IOERR_MMAP", library::SQLITE_IOERR_MMAP),
    ("SQLITE_IOERR_GETTEMPPATH", library::SQLITE_IOERR_GETTEMPPATH),
    ("SQLITE_IOERR_CONVPATH", library::SQLITE_IOERR_CONVPATH),
    ("SQLITE_IOERR_VNODE", library::SQLITE_IOERR_VNODE),
    ("SQLITE_IOERR_AUTH", library::SQLITE_IOERR_AUTH),
    ("SQLITE_IOERR_BEGIN_ATOMIC", library::SQLITE_IOERR_BEGIN_ATOMIC),
    ("SQLITE_IOERR_COMMIT_ATOMIC", library::SQLITE_IOERR_COMMIT_ATOMIC),
    ("SQLITE_IOERR_ROLLBACK_ATOMIC", library::SQLITE_IOERR_ROLLBACK_ATOMIC),
    ("SQLITE_IOERR_DATA", library::SQLITE_IOERR_DATA),
    ("SQLITE_IOERR_CORRUPTFS", library::SQLITE_IOERR_CORRUPTFS),
    ("SQLITE_CORRUPT", library::SQLITE_CORRUPT),
    ("SQLITE_CORRUPT_VTAB", library::SQLITE_CORRUPT_VTAB),
    ("SQLITE_CORRUPT_SEQUENCE", library::SQLITE_CORRUPT_SEQUENCE),
    ("SQLITE_CORRUPT_INDEX", library::SQLITE_CORRUPT_INDEX),
    ("SQLITE_NOTFOUND", library::SQLITE_NOTFOUND),
    ("SQLITE_FULL", library::SQLITE_FULL),
    ("SQLITE_CANTOPEN", library::SQLITE_CANTOPEN),
    ("SQLITE_CANTOPEN_NOTEMPDIR", library::SQLITE_CANTOPEN_NOTEMPDIR),
    ("SQLITE_CANTOPEN_ISDIR", library::SQLITE_CANTOPEN_ISDIR),
    ("SQLITE_CANTOPEN_FULLPATH", library::SQLITE_CANTOPEN_FULLPATH),
    ("SQLITE_CANTOPEN_CONVPATH", library::SQLITE_CANTOPEN_CONVPATH),
    ("SQLITE_CANTOPEN_DIRTYWAL", library::SQLITE_CANTOPEN_DIRTYWAL),
    ("SQLITE_CANTOPEN_SYMLINK", library::SQLITE_CANTOPEN_SYMLINK),
    ("SQLITE_PROTOCOL", library::SQLITE_PROTOCOL),
    ("SQLITE_EMPTY", library::SQLITE_EMPTY),
    ("SQLITE_SCHEMA", library::SQLITE_SCHEMA),
    ("SQLITE_TOOBIG", library::SQLITE_TOOBIG),
    ("SQLITE_CONSTRAINT", library::SQLITE_CONSTRAINT),
    ("SQLITE_CONSTRAINT_CHECK", library::SQLITE_CONSTRAINT_CHECK),
    ("SQLITE_CONSTRAINT_COMMITHOOK", library::SQLITE_CONSTRAINT_COMMITHOOK),
    ("SQLITE_CONSTRAINT_FOREIGNKEY", library::SQLITE_CONSTRAINT_FOREIGNKEY),
    ("SQLITE_CONSTRAINT_FUNCTION", library::SQLITE_CONSTRAINT_FUNCTION),
    ("SQLITE_CONSTRAINT_NOTNULL", library::SQLITE_CONSTRAINT_NOTNULL),
    ("SQLITE_CONSTRAINT_PRIMARYKEY", library::SQLITE_CONSTRAINT_PRIMARYKEY),
    ("SQLITE_CONSTRAINT_TRIGGER", library::SQLITE_CONSTRAINT_TRIGGER),
    ("SQLITE_CONSTRAINT_UNIQUE", library::SQLITE_CONSTRAINT_UNIQUE),
    ("SQLITE_CONSTRAINT_VTAB", library::SQLITE_CONSTRAINT_VTAB),
    ("SQLITE_CONSTRAINT_ROWID", library::SQLITE_CONSTRAINT_ROWID),
    ("SQLITE_CONSTRAINT_PINNED", library::SQLITE_CONSTRAINT_PINNED),
    ("SQLITE_MISMATCH", library::SQLITE_MISMATCH),
    ("SQLITE_MISUSE", library::SQLITE_MISUSE),
    ("SQLITE_NOLFS", library::SQLITE_NOLFS),
    ("SQLITE_AUTH", library::SQLITE_AUTH),
    ("SQLITE_AUTH_USER", library::SQLITE_AUTH_USER),
    ("SQLITE_FORMAT", library::SQLITE_FORMAT),
    ("SQLITE_RANGE", library::SQLITE_RANGE),
    ("SQLITE_NOTADB", library::SQLITE_NOTADB),
    ("SQLITE_NOTICE", library::SQLITE_NOTICE),
    ("SQLITE_NOTICE_RECOVER_WAL", library::SQLITE_NOTICE_RECOVER_WAL),
    ("SQLITE_NOTICE_RECOVER_ROLLBACK", library::SQLITE_NOTICE_RECOVER_ROLLBACK),
    ("SQLITE_WARNING", library::SQLITE_WARNING),
    ("SQLITE_WARNING_AUTOINDEX", library::SQLITE_WARNING_AUTOINDEX),
    ("SQLITE_ROW", library::SQLITE_ROW),
    ("SQLITE_DONE", library::SQLITE_DONE),
];
/// What an authorizer is asked, and what it answers.
static ACTIONS: [Constant; 35] = [
    ("SQLITE_DENY", library::SQLITE_DENY),
    ("SQLITE_CREATE_INDEX", library::SQLITE_CREATE_INDEX),
    ("SQLITE_IGNORE", library::SQLITE_IGNORE),
    ("SQLITE_CREATE_TABLE", library::SQLITE_CREATE_TABLE),
    ("SQLITE_CREATE_TEMP_INDEX", library::SQLITE_CREATE_TEMP_INDEX),
    ("SQLITE_CREATE_TEMP_TABLE", library::SQLITE_CREATE_TEMP_TABLE),
    ("SQLITE_CREATE_TEMP_TRIGGER", library::SQLITE_CREATE_TEMP_TRIGGER),
    ("SQLITE_CREATE_TEMP_VIEW", library::SQLITE_CREATE_TEMP_VIEW),
    ("SQLITE_CREATE_TRIGGER", library::SQLITE_CREATE_TRIGGER),
    ("SQLITE_CREATE_VIEW", library::SQLITE_CREATE_VIEW),
    ("SQLITE_DELETE", library::SQLITE_DELETE),
    ("SQLITE_DROP_INDEX", library::SQLITE_DROP_INDEX),
    ("SQLITE_DROP_TABLE", library::SQLITE_DROP_TABLE),
    ("SQLITE_DROP_TEMP_INDEX", library::SQLITE_DROP_TEMP_INDEX),
    ("SQLITE_DROP_TEMP_TABLE", library::SQLITE_DROP_TEMP_TABLE),
    ("SQLITE_DROP_TEMP_TRIGGER", library::SQLITE_DROP_TEMP_TRIGGER),
    ("SQLITE_DROP_TEMP_VIEW", library::SQLITE_DROP_TEMP_VIEW),
    ("SQLITE_DROP_TRIGGER", library::SQLITE_DROP_TRIGGER),
    ("SQLITE_DROP_VIEW", library::SQLITE_DROP_VIEW),
    ("SQLITE_INSERT", library::SQLITE_INSERT),
    ("SQLITE_PRAGMA", library::SQLITE_PRAGMA),
    ("SQLITE_READ", library::SQLITE_READ),
    ("SQLITE_SELECT", library::SQLITE_SELECT),
    ("SQLITE_TRANSACTION", library::SQLITE_TRANSACTION),
    ("SQLITE_UPDATE", library::SQLITE_UPDATE),
    ("SQLITE_ATTACH", library::SQLITE_ATTACH),
    ("SQLITE_DETACH", library::SQLITE_DETACH),
    ("SQLITE_ALTER_TABLE", library::SQLITE_ALTER_TABLE),
    ("SQLITE_REINDEX", library::SQLITE_REINDEX),
    ("SQLITE_ANALYZE", library::SQLITE_ANALYZE),
    ("SQLITE_CREATE_VTABLE", library::SQLITE_CREATE_VTABLE),
    ("SQLITE_DROP_VTABLE", library::SQLITE_DROP_VTABLE),
    ("SQLITE_FUNCTION", library::SQLITE_FUNCTION),
    ("SQLITE_SAVEPOINT", library::SQLITE_SAVEPOINT),
    ("SQLITE_RECURSIVE", library::SQLITE_RECURSIVE),
];
/// Limits of a connection.
static LIMITS: [Constant; 12] = [
    ("SQLITE_LIMIT_LENGTH", library::SQLITE_LIMIT_LENGTH),
    ("SQLITE_LIMIT_SQL_LENGTH", library::SQLITE_LIMIT_SQL_LENGTH),
    ("SQLITE_LIMIT_COLUMN", library::SQLITE_LIMIT_COLUMN),
    ("SQLITE_LIMIT_EXPR_DEPTH", library::SQLITE_LIMIT_EXPR_DEPTH),
    ("SQLITE_LIMIT_COMPOUND_SELECT", library::SQLITE_LIMIT_COMPOUND_SELECT),
    ("SQLITE_LIMIT_VDBE_OP", library::SQLITE_LIMIT_VDBE_OP),
    ("SQLITE_LIMIT_FUNCTION_ARG", library::SQLITE_LIMIT_FUNCTION_ARG),
    ("SQLITE_LIMIT_ATTACHED", library::SQLITE_LIMIT_ATTACHED),
    ("SQLITE_LIMIT_LIKE_PATTERN_LENGTH", library::SQLITE_LIMIT_LIKE_PATTERN_LENGTH),
    ("SQLITE_LIMIT_VARIABLE_NUMBER", library::SQLITE_LIMIT_VARIABLE_NUMBER),
    ("SQLITE_LIMIT_TRIGGER_DEPTH", library::SQLITE_LIMIT_TRIGGER_DEPTH),
    ("SQLITE_LIMIT_WORKER_THREADS", library::SQLITE_LIMIT_WORKER_THREADS),
];
/// Boolean options of a connection.
static OPTIONS: [Constant; 16] = [
    ("SQLITE_DBCONFIG_ENABLE_FKEY", library::SQLITE_DBCONFIG_ENABLE_FKEY),
    ("SQLITE_DBCONFIG_ENABLE_TRIGGER", library::SQLITE_DBCONFIG_ENABLE_TRIGGER),
    ("SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER", library::SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER),
    ("SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION", library::SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION),
    ("SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE", library::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE),
    ("SQLITE_DBCONFIG_ENABLE_QPSG", library::SQLITE_DBCONFIG_ENABLE_QPSG),
    ("SQLITE_DBCONFIG_TRIGGER_EQP", library::SQLITE_DBCONFIG_TRIGGER_EQP),
    ("SQLITE_DBCONFIG_RESET_DATABASE", library::SQLITE_DBCONFIG_RESET_DATABASE),
    ("SQLITE_DBCONFIG_DEFENSIVE", library::SQLITE_DBCONFIG_DEFENSIVE),
    ("SQLITE_DBCONFIG_WRITABLE_SCHEMA", library::SQLITE_DBCONFIG_WRITABLE_SCHEMA),
    ("SQLITE_DBCONFIG_LEGACY_ALTER_TABLE", library::SQLITE_DBCONFIG_LEGACY_ALTER_TABLE),
    ("SQLITE_DBCONFIG_DQS_DML", library::SQLITE_DBCONFIG_DQS_DML),
    ("SQLITE_DBCONFIG_DQS_DDL", library::SQLITE_DBCONFIG_DQS_DDL),
    ("SQLITE_DBCONFIG_ENABLE_VIEW", library::SQLITE_DBCONFIG_ENABLE_VIEW),
    ("SQLITE_DBCONFIG_LEGACY_FILE_FORMAT", library::SQLITE_DBCONFIG_LEGACY_FILE_FORMAT),
    ("SQLITE_DBCONFIG_TRUSTED_SCHEMA", library::SQLITE_DBCONFIG_TRUSTED_SCHEMA),
];
