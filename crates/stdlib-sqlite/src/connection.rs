//! `Connection`: a database with its transactions, functions and hooks.

mod methods;

use crate::blob::Blob;
use crate::callbacks::Kind;
use crate::cursor::{Cursor, Cursor_Type};
use crate::failure::{self, ALL, failed};
use crate::library::{self, Database, SQLITE_BUSY, SQLITE_LOCKED, SQLITE_OK};
use crate::module;
use crate::peek;
use crate::statement::{Statement, to_integer};
use macros::pytype;
use runtime::exceptions::{self, report};
use runtime::macro_support::{ArgContext, Args, Buffer, FromArg, KwArgs, Traverse, Visitor, parse};
use runtime::protocol::{call, object};
use runtime::types::{Bytes, Dict, Int, Str, Tuple, WeakRef, false_, none, str_type, true_};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, errors};
use std::cell::{Cell, RefCell};
use std::ffi::CStr;
use std::mem::offset_of;
use std::sync::Arc;

pub const LEGACY_TRANSACTION_CONTROL: i64 = -1;

/// Who begins transactions: the cursor before what changes data, SQLite, or the connection always.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Autocommit {
    Legacy,
    Enabled,
    Disabled,
}

#[repr(C)]
pub struct Connection {
    head: ObjectHead,
    /// The exceptions of `ALL`, which DB-API wants as attributes.
    exceptions: [Cell<Option<Owned>>; 10],
    db: RefCell<Option<Arc<Database>>>,
    statement_cache: Cell<Option<Owned>>,
    row_factory: Cell<Option<Owned>>,
    text_factory: Cell<Option<Owned>>,
    /// What SQLite calls; taken out of it before it goes.
    authorizer: Cell<Option<Owned>>,
    progress_handler: Cell<Option<Owned>>,
    trace_callback: Cell<Option<Owned>>,
    blobs: RefCell<Vec<Owned<WeakRef>>>,
    isolation_level: Cell<Option<&'static str>>,
    autocommit: Cell<Autocommit>,
    detect_types: Cell<i32>,
    check_same_thread: Cell<bool>,
    initialized: Cell<bool>,
    thread: Cell<u64>,
}

impl Traverse for Connection {
    fn traverse(&self, visitor: &mut Visitor) {
        self.exceptions.traverse(visitor);
        let cells = [&self.statement_cache, &self.row_factory, &self.text_factory, &self.authorizer, &self.progress_handler, &self.trace_callback];
        cells.iter().for_each(|cell| cell.traverse(visitor));
        self.blobs.traverse(visitor);
    }
    fn clear(&self) {
        self.remove_hooks();
        [&self.statement_cache, &self.row_factory, &self.text_factory].iter().for_each(|cell| cell.clear());
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.remove_hooks();
    }
}

/// What `Connection` is made with.
struct Options {
    database: Owned,
    timeout: f64,
    detect_types: i32,
    isolation_level: Option<&'static str>,
    check_same_thread: bool,
    cached_statements: i32,
    uri: bool,
    autocommit: Autocommit,
}

const PARAMETERS: [&str; 9] =
    ["database", "timeout", "detect_types", "isolation_level", "check_same_thread", "factory", "cached_statements", "uri", "autocommit"];

impl Options {
    fn parse(args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Options> {
        if args.len() > 8 {
            return Err(err!(TypeError, "Connection() takes at most 8 positional arguments ({} given)", args.len()));
        }
        if args.len() > 1 {
            warn_positional("_sqlite3.Connection()")?;
        }
        let given = parse("Connection", &PARAMETERS, 1, args, kwargs)?;
        let given = |at: usize| given.get(at).and_then(|value| value.as_deref());
        fn converted<'a, T: FromArg<'a>>(value: Option<&'a Object>, name: &'static str, default: T) -> PyResult<T> {
            value.map_or(Ok(default), |value| T::from_arg(value, &ArgContext { function: "Connection", name, position: 0 }))
        }
        Ok(Options {
            database: given(0).ok_or_else(errors::bad_internal_call)?.to_owned(),
            timeout: converted(given(1), "timeout", 5.0)?,
            detect_types: converted(given(2), "detect_types", 0)?,
            isolation_level: given(3).map_or(Ok(Some("")), isolation_level_of)?,
            check_same_thread: converted(given(4), "check_same_thread", true)?,
            cached_statements: converted(given(6), "cached_statements", 128)?,
            uri: converted(given(7), "uri", false)?,
            autocommit: given(8).map_or(Ok(Autocommit::Legacy), autocommit_of)?,
        })
    }
}

pub fn warn_positional(function: &str) -> PyResult<()> {
    warn(&format!(
        "Passing more than 1 positional argument to {function} is deprecated. Parameters 'timeout', 'detect_types', 'isolation_level', \
         'check_same_thread', 'factory', 'cached_statements' and 'uri' will become keyword-only parameters in Python 3.15."
    ))
}

fn warn(words: &str) -> PyResult<()> {
    runtime::modules::warnings::warn(exceptions::DeprecationWarning(), words, 1)
}

fn isolation_level_of(value: &Object) -> PyResult<Option<&'static str>> {
    if value.is_none() {
        return Ok(None);
    }
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "isolation_level must be str or None"));
    };
    let text = text.as_utf8()?;
    if text.contains('\0') {
        return Err(err!(ValueError, "embedded null character"));
    }
    let known = ["", "DEFERRED", "IMMEDIATE", "EXCLUSIVE"].into_iter().find(|known| known.eq_ignore_ascii_case(text));
    known.map(Some).ok_or_else(|| err!(ValueError, "isolation_level string must be '', 'DEFERRED', 'IMMEDIATE', or 'EXCLUSIVE'"))
}

fn autocommit_of(value: &Object) -> PyResult<Autocommit> {
    if value.is(true_()) {
        return Ok(Autocommit::Enabled);
    }
    if value.is(false_()) {
        return Ok(Autocommit::Disabled);
    }
    if value.downcast::<Int>().and_then(Int::as_i64) == Some(LEGACY_TRANSACTION_CONTROL) {
        return Ok(Autocommit::Legacy);
    }
    Err(err!(ValueError, "autocommit must be True, False, or sqlite3.LEGACY_TRANSACTION_CONTROL"))
}

/// `PyUnicode_FSConverter`.
fn file_name(database: &Object) -> PyResult<std::ffi::CString> {
    let unknown = |value: &Object| err!(TypeError, "expected str, bytes or os.PathLike object, not {}", value.type_name());
    let bytes_of = |value: &Object| -> PyResult<Option<Vec<u8>>> {
        if let Some(text) = value.downcast::<Str>() {
            return runtime::codecs::fs_encode(text).map(Some);
        }
        Ok(value.downcast::<Bytes>().map(|bytes| bytes.as_slice().to_vec()))
    };
    let bytes = match bytes_of(database)? {
        Some(bytes) => bytes,
        None => {
            let path = call::call_special(database, &Str::new("__fspath__"), &[])?.ok_or_else(|| unknown(database))?;
            let wrong = || {
                let (of, got) = (database.type_name(), path.type_name());
                err!(TypeError, "expected {}.__fspath__() to return str or bytes, not {}", of, got)
            };
            bytes_of(&path)?.ok_or_else(wrong)?
        }
    };
    std::ffi::CString::new(bytes).map_err(|_| err!(ValueError, "embedded null byte"))
}

// ---- what cursors use --------------------------------------------------------------------------------------------------------------

impl Connection {
    /// The open database.
    pub fn database(&self) -> PyResult<Arc<Database>> {
        if !self.initialized.get() {
            return Err(failed!(PROGRAMMING_ERROR, "Base Connection.__init__ not called."));
        }
        self.db.borrow().clone().ok_or_else(|| failed!(PROGRAMMING_ERROR, "Cannot operate on a closed database."))
    }
    pub fn check_thread(&self) -> PyResult<()> {
        if !self.initialized.get() || !self.check_same_thread.get() {
            return Ok(());
        }
        let (made, here) = (self.thread.get(), library::thread_ident());
        if made == here {
            return Ok(());
        }
        Err(failed!(
            PROGRAMMING_ERROR,
            "SQLite objects created in a thread can only be used in that same thread. The object was created in thread id {made} and this is thread id {here}."
        ))
    }
    /// The open database, if this thread may use it.
    fn checked(&self) -> PyResult<Arc<Database>> {
        self.check_thread()?;
        self.database()
    }
    pub fn detect_types(&self) -> i32 {
        self.detect_types.get()
    }
    pub fn isolation(&self) -> Option<&'static str> {
        self.isolation_level.get()
    }
    pub fn autocommit_mode(&self) -> Autocommit {
        self.autocommit.get()
    }
    pub fn text_factory_object(&self) -> Option<Owned> {
        peek(&self.text_factory)
    }
    /// The compiled statement, from the cache if it is there.
    pub fn cached_statement(&self, sql: &Str) -> PyResult<Owned<Statement>> {
        let Some(cache) = peek(&self.statement_cache) else { return Err(errors::bad_internal_call()) };
        call::call1(&cache, sql)?.try_into_typed::<Statement>().map_err(|_| err!(TypeError, "the connection's __call__() must give a statement"))
    }
    /// Runs a statement of our own.
    pub fn run(&self, sql: &CStr) -> PyResult<()> {
        let db = self.database()?;
        run_on(&db, sql)
    }
    fn remove_hooks(&self) {
        if let Ok(db) = self.db.try_borrow()
            && let Some(db) = db.clone()
        {
            db.set_trace(None);
            db.set_progress_handler(None, 0);
            db.set_authorizer(None);
        }
        drop((self.authorizer.take(), self.progress_handler.take(), self.trace_callback.take()));
    }
    /// Rolls back where the connection keeps a transaction open, and lets go of the database.
    fn close_database(&self) -> PyResult<()> {
        let Some(db) = self.db.borrow().clone() else { return Ok(()) };
        let rolled_back = if self.autocommit.get() == Autocommit::Disabled && !db.autocommit() { run_on(&db, c"ROLLBACK") } else { Ok(()) };
        errors::preserve(|| {
            self.remove_hooks();
            drop(self.db.take());
            drop(db);
        });
        rolled_back
    }
    fn close_blobs(&self) {
        let blobs = self.blobs.take();
        for blob in blobs.iter().filter_map(|blob| blob.get()) {
            if let Some(blob) = blob.downcast::<Blob>() {
                blob.close_now();
            }
        }
    }
    fn new_cursor(&self, factory: Option<&Object>) -> PyResult<Owned<Cursor>> {
        self.checked()?;
        let made = call::call1(factory.unwrap_or(&Cursor_Type), self.as_object())?;
        let cursor = match made.try_into_typed::<Cursor>() {
            Ok(cursor) => cursor,
            Err(other) => return Err(err!(TypeError, "factory must return a cursor, not {}", other.type_name())),
        };
        if let Some(factory) = peek(&self.row_factory).filter(|factory| !factory.is_none()) {
            cursor.set_row_factory(factory);
        }
        Ok(cursor)
    }
    fn set_option_of_function(&self, name: &str, value: i32) -> PyResult<Arc<Database>> {
        let db = self.checked()?;
        let most = db.limit(library::SQLITE_LIMIT_FUNCTION_ARG, -1);
        if value < -1 || value > most {
            return Err(failed!(PROGRAMMING_ERROR, "'{name}' must be between -1 and {most}, not {value}"));
        }
        Ok(db)
    }
}

fn run_on(db: &Database, sql: &CStr) -> PyResult<()> {
    if db.run(sql) == SQLITE_OK { Ok(()) } else { Err(failure::of_database(db)) }
}

fn callable_or_none(value: &Object) -> Option<&Object> {
    Some(value).filter(|value| !value.is_none())
}

/// Unpacks the arguments of a method whose first parameters may, for now, be given by name.
fn unpack(
    function: &'static str,
    names: &'static [&'static str],
    positional: usize,
    required: usize,
    args: Args<'_>,
    kwargs: KwArgs<'_>,
    deprecated: (usize, &str),
) -> PyResult<Vec<Option<Owned>>> {
    if args.len() > positional {
        let (s, takes) = (if positional == 1 { "" } else { "s" }, if positional < names.len() { "takes exactly" } else { "takes at most" });
        let kind = if positional < names.len() { "positional argument" } else { "argument" };
        return Err(err!(TypeError, "{}() {} {} {}{} ({} given)", function, takes, positional, kind, s, args.len() + kwargs.len()));
    }
    let dict = Dict::new();
    for (name, value) in kwargs.iter() {
        dict.set_item(name, value)?;
    }
    let given = parse(function, names, required, &Tuple::new(args), Some(&dict))?;
    if args.len() < deprecated.0 {
        warn(&format!("Passing keyword argument{}", deprecated.1))?;
    }
    Ok(given)
}

// ---- the type ----------------------------------------------------------------------------------------------------------------------

/// SQLite database connection object.
#[pytype(static = Connection_Type, name = "Connection", module = "sqlite3", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    members = [("Warning", T_OBJECT, offset_of!(Connection, exceptions), READONLY),
        ("Error", T_OBJECT, offset_of!(Connection, exceptions) + 8, READONLY),
        ("InterfaceError", T_OBJECT, offset_of!(Connection, exceptions) + 16, READONLY),
        ("DatabaseError", T_OBJECT, offset_of!(Connection, exceptions) + 24, READONLY),
        ("DataError", T_OBJECT, offset_of!(Connection, exceptions) + 32, READONLY),
        ("OperationalError", T_OBJECT, offset_of!(Connection, exceptions) + 40, READONLY),
        ("IntegrityError", T_OBJECT, offset_of!(Connection, exceptions) + 48, READONLY),
        ("InternalError", T_OBJECT, offset_of!(Connection, exceptions) + 56, READONLY),
        ("ProgrammingError", T_OBJECT, offset_of!(Connection, exceptions) + 64, READONLY),
        ("NotSupportedError", T_OBJECT, offset_of!(Connection, exceptions) + 72, READONLY)],
    methods = [Connection::DATABASE_METHODS])]
impl Connection {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Connection>> {
        Connection::construct(
            cls,
            Connection {
                head: ObjectHead::placeholder(),
                exceptions: Default::default(),
                db: RefCell::new(None),
                statement_cache: Cell::new(None),
                row_factory: Cell::new(None),
                text_factory: Cell::new(None),
                authorizer: Cell::new(None),
                progress_handler: Cell::new(None),
                trace_callback: Cell::new(None),
                blobs: RefCell::new(Vec::new()),
                isolation_level: Cell::new(None),
                autocommit: Cell::new(Autocommit::Legacy),
                detect_types: Cell::new(0),
                check_same_thread: Cell::new(false),
                initialized: Cell::new(false),
                thread: Cell::new(0),
            },
        )
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let options = Options::parse(args, kwargs)?;
        runtime::audit::audit("sqlite3.connect", &[&options.database])?;
        let path = file_name(&options.database)?;
        if self.initialized.replace(false) {
            self.close_blobs();
            self.close_database()?;
        }
        let db = match Database::open(&path, options.uri, (options.timeout * 1000.0) as i32) {
            Ok(db) => db,
            Err((_, Some(db))) => return Err(failure::of_database(&db)),
            Err((code, None)) => return Err(failure::of_code(code)),
        };
        let make_cache = module::lru_cache()?;
        let decorate = call::call1(&make_cache, &Int::from_i64(options.cached_statements as i64))?;
        let cache = call::call1(&decorate, self.as_object())?;
        drop(self.statement_cache.replace(Some(cache)));
        drop(self.db.replace(Some(db)));
        drop(self.row_factory.replace(Some(none().to_owned())));
        drop(self.text_factory.replace(Some(str_type().to_owned())));
        for (cell, (_, exception)) in self.exceptions.iter().zip(&ALL) {
            drop(cell.replace(Some(exception.ty()?.to_owned())));
        }
        self.detect_types.set(options.detect_types);
        self.isolation_level.set(options.isolation_level);
        self.autocommit.set(options.autocommit);
        self.check_same_thread.set(options.check_same_thread);
        self.thread.set(library::thread_ident());
        runtime::audit::audit("sqlite3.connect/handle", &[self.as_object()])?;
        self.initialized.set(true);
        if options.autocommit == Autocommit::Disabled { self.run(c"BEGIN") } else { Ok(()) }
    }
    #[slot]
    fn tp_finalize(&self) {
        errors::preserve(|| {
            let teardown = runtime::gil::is_finalizing();
            let is_open = self.db.borrow().is_some();
            if teardown && is_open {
                self.remove_hooks();
            }
            let shown = |words: &str| {
                let text = errors::preserve(|| object::repr(self.as_object()).map(|text| text.to_string()));
                format!("{words} {}", text.unwrap_or_default())
            };
            if is_open && runtime::modules::warnings::warn_resource(self.as_object(), &shown("unclosed database in"), 1).is_err() {
                if errors::matches(exceptions::Warning()) {
                    report::write_unraisable(Some(&shown("Exception ignored while finalizing database connection")), None);
                }
                errors::clear();
            }
            self.close_blobs();
            if self.close_database().is_err() {
                if teardown {
                    errors::clear();
                } else {
                    report::write_unraisable(Some(&shown("Exception ignored while closing database")), None);
                }
            }
        });
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Statement>> {
        let db = self.database()?;
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "sqlite3.Connection() takes no keyword arguments"));
        }
        let [sql] = args.as_slice() else {
            return Err(err!(TypeError, "function takes exactly 1 argument ({} given)", args.len()));
        };
        match sql.downcast::<Str>() {
            Some(sql) => Statement::create(&db, sql),
            None => Err(err!(TypeError, "argument 1 must be str, not {}", sql.type_name())),
        }
    }
    /// Return a cursor for the connection.
    #[method("cursor($self, /, factory=<unrepresentable>)")]
    fn cursor(&self, factory: Option<&Object>) -> PyResult<Owned<Cursor>> {
        self.new_cursor(factory)
    }
    /// Run one SQL statement with a new cursor.
    #[method("execute($self, sql, parameters=(), /)")]
    fn execute(&self, sql: &Str, parameters: Option<&Object>) -> PyResult<Owned<Cursor>> {
        let cursor = self.new_cursor(None)?;
        cursor.execute_with(sql, parameters)?;
        Ok(cursor)
    }
    /// Run one SQL statement for each set of parameters, with a new cursor.
    #[method("executemany($self, sql, parameters, /)")]
    fn executemany(&self, sql: &Str, parameters: &Object) -> PyResult<Owned<Cursor>> {
        let cursor = self.new_cursor(None)?;
        cursor.executemany_with(sql, parameters)?;
        Ok(cursor)
    }
    /// Run a script of SQL statements with a new cursor.
    #[method("executescript($self, sql_script, /)")]
    fn executescript(&self, sql_script: &Object) -> PyResult<Owned<Cursor>> {
        let cursor = self.new_cursor(None)?;
        call::call_method(&cursor, runtime::intern!("executescript"), &[sql_script])?;
        Ok(cursor)
    }
    /// Close the database connection.
    ///
    /// A transaction that is open is not committed.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.check_thread()?;
        if !self.initialized.get() {
            return Err(failed!(PROGRAMMING_ERROR, "Base Connection.__init__ not called."));
        }
        self.close_blobs();
        drop(self.statement_cache.take());
        self.close_database()
    }
    /// Commit the transaction that is open.
    ///
    /// Without one, nothing is done.
    #[method("commit($self, /)")]
    fn commit(&self) -> PyResult<()> {
        self.end_transaction(c"COMMIT")
    }
    /// Roll back to where the open transaction began.
    ///
    /// Without one, nothing is done.
    #[method("rollback($self, /)")]
    fn rollback(&self) -> PyResult<()> {
        self.end_transaction(c"ROLLBACK")
    }
    fn end_transaction(&self, how: &CStr) -> PyResult<()> {
        let db = self.checked()?;
        match self.autocommit.get() {
            Autocommit::Enabled => Ok(()),
            Autocommit::Legacy => if db.autocommit() { Ok(()) } else { run_on(&db, how) },
            Autocommit::Disabled => {
                run_on(&db, how)?;
                run_on(&db, c"BEGIN")
            }
        }
    }
    /// Enter a with statement.
    ///
    /// Gives the connection itself.
    #[method("__enter__($self, /)")]
    fn enter(&self) -> PyResult<Owned> {
        self.checked()?;
        Ok(self.as_object().to_owned())
    }
    /// Leave a with statement.
    ///
    /// The transaction is rolled back if there was an exception, else committed.
    #[method("__exit__($self, type, value, traceback, /)")]
    fn exit(&self, r#type: &Object, value: &Object, traceback: &Object) -> PyResult<bool> {
        if !(r#type.is_none() && value.is_none() && traceback.is_none()) {
            self.rollback()?;
        } else if let Err(raised) = self.commit() {
            // What could not be committed must not stay locked.
            let failure = errors::take();
            if self.rollback().is_err() {
                return Err(errors::with_context(raised, failure));
            }
            return Err(failure.map_or(raised, errors::restore));
        }
        Ok(false)
    }
    /// Abort what the database is doing.
    #[method("interrupt($self, /)")]
    fn interrupt(&self) -> PyResult<()> {
        self.database()?.interrupt();
        Ok(())
    }
    /// Return an iterator over the database as SQL text.
    ///
    ///   filter
    ///     Which objects, as a pattern of LIKE.
    #[method("iterdump($self, /, *, filter=None)")]
    fn iterdump(&self, filter: Option<&Object>) -> PyResult {
        self.database()?;
        let dump = runtime::import::import_module("sqlite3.dump")?;
        let Some(function) = crate::statement::attribute(&dump, "_iterdump")? else {
            return Err(failed!(OPERATIONAL_ERROR, "Failed to obtain _iterdump() reference"));
        };
        let kwargs = Dict::new();
        kwargs.set("filter", filter.unwrap_or(none()))?;
        call::call(&function, &Tuple::new(&[self.as_object()]), Some(&kwargs))
    }

    // ---- attributes ----

    #[getter]
    fn isolation_level(&self) -> PyResult<Option<&'static str>> {
        self.database()?;
        Ok(self.isolation_level.get())
    }
    #[setter]
    fn set_isolation_level(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(AttributeError, "cannot delete attribute")) };
        let level = isolation_level_of(value)?;
        if level.is_none() {
            // Nobody would end the transaction otherwise.
            self.isolation_level.set(None);
            return self.commit();
        }
        self.isolation_level.set(level);
        Ok(())
    }
    #[getter]
    fn autocommit(&self) -> PyResult {
        self.checked()?;
        Ok(match self.autocommit.get() {
            Autocommit::Enabled => true_().to_owned(),
            Autocommit::Disabled => false_().to_owned(),
            Autocommit::Legacy => Int::from_i64(LEGACY_TRANSACTION_CONTROL).into_object(),
        })
    }
    #[setter]
    fn set_autocommit(&self, value: Option<&Object>) -> PyResult<()> {
        let db = self.checked()?;
        let Some(value) = value else { return Err(err!(AttributeError, "cannot delete autocommit attribute")) };
        let mode = autocommit_of(value)?;
        match mode {
            Autocommit::Enabled if !db.autocommit() => run_on(&db, c"COMMIT")?,
            Autocommit::Disabled if db.autocommit() => run_on(&db, c"BEGIN")?,
            _ => {}
        }
        self.autocommit.set(mode);
        Ok(())
    }
    #[getter]
    fn total_changes(&self) -> PyResult<i64> {
        Ok(self.database()?.total_changes())
    }
    #[getter]
    fn in_transaction(&self) -> PyResult<bool> {
        Ok(!self.database()?.autocommit())
    }
    #[getter]
    fn row_factory(&self) -> Option<Owned> {
        peek(&self.row_factory)
    }
    #[setter]
    fn set_row_factory(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(AttributeError, "cannot delete row_factory attribute")) };
        drop(self.row_factory.replace(Some(value.to_owned())));
        Ok(())
    }
    #[getter]
    fn text_factory(&self) -> Option<Owned> {
        peek(&self.text_factory)
    }
    #[setter]
    fn set_text_factory(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(AttributeError, "cannot delete text_factory attribute")) };
        drop(self.text_factory.replace(Some(value.to_owned())));
        Ok(())
    }
    #[getter("__text_signature__")]
    fn text_signature(&self) -> &'static str {
        "(sql, /)"
    }
}


