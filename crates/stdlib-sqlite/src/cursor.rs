//! `Cursor`: runs statements and gives their rows.
//!
//! Invariant: `statement` is there exactly while it stands on a row that has not been given yet (or is being run); then it is `busy`, and no
//! other cursor is handed the same one. `locked` keeps Python code that runs meanwhile away from the cursor.

use crate::connection::{Autocommit, Connection};
use crate::failure::{self, OPERATIONAL_ERROR, failed};
use crate::library::{self, SQLITE_DONE, SQLITE_ROW, Value};
use crate::module;
use crate::peek;
use crate::statement::{Statement, decode};
use macros::{Traverse, pytype};
use runtime::protocol::{call, iter, number, object};
use runtime::types::{ByteArray, Bytes, Float, Int, List, Str, Tuple, bytearray, none, str_type};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, exceptions};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

pub const PARSE_DECLTYPES: i32 = 1;
pub const PARSE_COLNAMES: i32 = 2;

#[derive(Traverse)]
#[repr(C)]
pub struct Cursor {
    head: ObjectHead,
    connection: Cell<Option<Owned<Connection>>>,
    description: Cell<Option<Owned>>,
    lastrowid: Cell<Option<Owned>>,
    row_factory: Cell<Option<Owned>>,
    statement: Cell<Option<Owned<Statement>>>,
    /// The converter of each column, where the connection detects types.
    converters: RefCell<Vec<Option<Owned>>>,
    rowcount: Cell<i64>,
    arraysize: Cell<u32>,
    initialized: Cell<bool>,
    closed: Cell<bool>,
    locked: Cell<bool>,
    weakrefs: Cell<*mut abi::PyObject>,
}

impl Drop for Cursor {
    fn drop(&mut self) {
        self.drop_statement();
    }
}

/// Locks a cursor for as long as it lives.
struct Lock<'a>(&'a Cursor);

impl<'a> Lock<'a> {
    fn new(cursor: &'a Cursor) -> Lock<'a> {
        cursor.locked.set(true);
        Lock(cursor)
    }
}
impl Drop for Lock<'_> {
    fn drop(&mut self) {
        self.0.locked.set(false);
    }
}

impl Cursor {
    pub fn description(&self) -> Owned {
        peek(&self.description).unwrap_or_else(|| none().to_owned())
    }
    pub fn set_row_factory(&self, factory: Owned) {
        drop(self.row_factory.replace(Some(factory)));
    }
    /// Lets go of the statement, which others may use from then on.
    fn drop_statement(&self) {
        if let Some(statement) = self.statement.take() {
            statement.reset();
            statement.in_use.set(false);
        }
    }
    fn hold_statement(&self, statement: &Owned<Statement>) {
        statement.in_use.set(true);
        drop(self.statement.replace(Some(statement.clone())));
    }
    fn check_locked(&self) -> PyResult<()> {
        if self.locked.get() { Err(failed!(PROGRAMMING_ERROR, "Recursive use of cursors not allowed.")) } else { Ok(()) }
    }
    fn own_connection(&self) -> PyResult<Owned<Connection>> {
        match peek(&self.connection) {
            Some(connection) if self.initialized.get() => Ok(connection),
            _ => Err(failed!(PROGRAMMING_ERROR, "Base Cursor.__init__ not called.")),
        }
    }
    /// The connection, if the cursor may be used.
    fn checked(&self) -> PyResult<Owned<Connection>> {
        let connection = self.own_connection()?;
        if self.closed.get() {
            return Err(failed!(PROGRAMMING_ERROR, "Cannot operate on a closed cursor."));
        }
        self.check_locked()?;
        connection.check_thread()?;
        connection.database()?;
        Ok(connection)
    }

    // ---- running ----

    pub fn execute_with(&self, sql: &Str, parameters: Option<&Object>) -> PyResult<()> {
        self.run(sql, false, parameters)
    }
    pub fn executemany_with(&self, sql: &Str, sequence: &Object) -> PyResult<()> {
        self.run(sql, true, Some(sequence))
    }
    fn run(&self, sql: &Str, many: bool, parameters: Option<&Object>) -> PyResult<()> {
        let connection = self.checked()?;
        let lock = Lock::new(self);
        let mut result = self.run_locked(&connection, sql, many, parameters);
        if result.is_ok() && errors::occurred() {
            // A collation's exception.
            result = Err(Raised::from_c());
        }
        drop(lock);
        if result.is_err() {
            self.drop_statement();
            self.rowcount.set(-1);
        } else if peek(&self.statement).is_some_and(|statement| !statement.is_busy()) {
            self.drop_statement();
        }
        result
    }
    fn run_locked(&self, connection: &Connection, sql: &Str, many: bool, parameters: Option<&Object>) -> PyResult<()> {
        let sets = match parameters {
            Some(sets) if many => Some(if iter::is_iterator(sets) { sets.to_owned() } else { iter::get_iter(sets)? }),
            _ => None,
        };
        drop(self.description.replace(Some(none().to_owned())));
        self.drop_statement();
        let mut statement = connection.cached_statement(sql)?;
        if many && statement.is_readonly() {
            return Err(failed!(PROGRAMMING_ERROR, "executemany() can only execute DML statements."));
        }
        if statement.in_use.get() || statement.is_busy() {
            // Another cursor stands in it.
            statement = Statement::create(&connection.database()?, sql)?;
        }
        self.hold_statement(&statement);
        self.rowcount.set(if statement.is_dml { 0 } else { -1 });
        let db = connection.database()?;
        if connection.autocommit_mode() == Autocommit::Legacy
            && statement.is_dml
            && db.autocommit()
            && let Some(level) = connection.isolation()
        {
            connection.run(&library::c_string(&format!("BEGIN {level}")))?;
        }
        match sets {
            None => {
                match parameters {
                    Some(parameters) => statement.bind(parameters)?,
                    None => statement.bind(&*Tuple::empty())?,
                }
                self.first_step(connection, &statement)?;
                drop(self.lastrowid.replace(Some(Int::from_i64(db.last_insert_rowid()).into_object())));
            }
            Some(sets) => {
                while let Some(parameters) = iter::iter_next(&sets)? {
                    statement.bind(&parameters)?;
                    self.first_step(connection, &statement)?;
                }
            }
        }
        Ok(())
    }
    fn first_step(&self, connection: &Connection, statement: &Statement) -> PyResult<()> {
        let code = statement.step();
        if code != SQLITE_DONE && code != SQLITE_ROW {
            errors::clear();
            return Err(failure::of_database(&statement.db));
        }
        if errors::occurred() {
            return Err(Raised::from_c());
        }
        let detect = connection.detect_types();
        if detect != 0 && self.find_converters(statement, detect).is_err() {
            let class = OPERATIONAL_ERROR.ty()?;
            return Err(errors::raise_from_cause(class, format_args!("Error while building row_cast_map")));
        }
        if self.description().is_none() {
            self.describe(statement, detect)?;
        }
        if code == SQLITE_DONE {
            if statement.is_dml {
                self.rowcount.set(self.rowcount.get() + statement.db.changes());
            }
            statement.reset();
        }
        Ok(())
    }
    fn describe(&self, statement: &Statement, detect: i32) -> PyResult<()> {
        let names: Option<Vec<Vec<u8>>> = match statement.locked() {
            None => return Ok(()),
            Some((raw, _lock)) => (0..raw.column_count()).map(|at| raw.column_name(at)).collect(),
        };
        let names = names.ok_or_else(errors::no_memory)?;
        if names.is_empty() {
            return Ok(());
        }
        let mut columns = Vec::with_capacity(names.len());
        for name in &names {
            let mut items = vec![decode(shown_name(name, detect))?.into_object()];
            items.resize_with(7, || none().to_owned());
            columns.push(Tuple::from_vec(items).into_object());
        }
        drop(self.description.replace(Some(Tuple::from_vec(columns).into_object())));
        Ok(())
    }
    fn find_converters(&self, statement: &Statement, detect: i32) -> PyResult<()> {
        let columns: Vec<(Option<Vec<u8>>, Option<Vec<u8>>)> = match statement.locked() {
            None => Vec::new(),
            Some((raw, _lock)) => (0..raw.column_count()).map(|at| (raw.column_name(at), raw.column_type_name(at))).collect(),
        };
        let mut converters = Vec::with_capacity(columns.len());
        for (name, declared) in columns {
            let mut converter = None;
            if detect & PARSE_COLNAMES != 0 {
                let name = name.ok_or_else(errors::no_memory)?;
                if let Some(key) = bracketed(&name) {
                    converter = module::converter(key)?;
                }
            }
            if converter.is_none()
                && detect & PARSE_DECLTYPES != 0
                && let Some(declared) = declared
            {
                let end = declared.iter().position(|byte| matches!(byte, b' ' | b'(')).unwrap_or(declared.len());
                converter = module::converter(&declared[..end])?;
            }
            converters.push(converter);
        }
        let old = self.converters.replace(converters);
        drop(old);
        Ok(())
    }

    // ---- rows ----

    fn next_row(&self) -> PyResult<Option<Owned>> {
        let connection = self.checked()?;
        let Some(statement) = peek(&self.statement) else { return Ok(None) };
        let lock = Lock::new(self);
        let row = self.current_row(&connection, &statement);
        drop(lock);
        let row = row?;
        let code = statement.step();
        if code != SQLITE_ROW {
            if code == SQLITE_DONE && statement.is_dml {
                self.rowcount.set(statement.db.changes());
            }
            let failure = if code == SQLITE_DONE { None } else { Some(failure::of_database(&statement.db)) };
            errors::preserve(|| self.drop_statement());
            if let Some(failure) = failure {
                return Err(failure);
            }
        }
        if errors::occurred() {
            self.drop_statement();
            return Err(Raised::from_c());
        }
        match peek(&self.row_factory) {
            Some(factory) if !factory.is_none() => {
                let cursor = self.as_object().to_owned();
                call::call_args(&factory, &[&cursor, &*row]).map(Some)
            }
            _ => Ok(Some(row.into_object())),
        }
    }
    fn current_row(&self, connection: &Connection, statement: &Statement) -> PyResult<Owned<Tuple>> {
        let text_factory = connection.text_factory_object();
        let text = text_factory.as_deref().map_or(Text::Str, Text::of);
        let detect = connection.detect_types() != 0;
        let converters = if detect { self.converters.borrow().clone() } else { Vec::new() };
        let converter = |at: usize| converters.get(at).and_then(Option::as_ref);
        let (values, undecodable) = read_row(statement, &text, |at| converter(at).is_some())?;
        if let Some((at, bytes)) = undecodable {
            return Err(undecodable_text(statement, at, &bytes));
        }
        if text != Text::Call && !detect {
            return Ok(Tuple::from_vec(values.into_iter().map(|(value, _)| value).collect()));
        }
        let mut items = Vec::with_capacity(values.len());
        for (at, (value, is_text)) in values.into_iter().enumerate() {
            items.push(match (converter(at), &text_factory) {
                (Some(converter), _) if !value.is_none() => call::call1(converter, &value)?,
                (None, Some(factory)) if is_text && text == Text::Call => call::call1(factory, &value)?,
                _ => value,
            });
        }
        Ok(Tuple::from_vec(items))
    }
}

/// What text becomes.
#[derive(PartialEq, Eq)]
enum Text {
    Str,
    Bytes,
    ByteArray,
    /// What a call with the bytes gives.
    Call,
}

impl Text {
    fn of(factory: &Object) -> Text {
        if factory.is(str_type()) {
            Text::Str
        } else if factory.is(Bytes::type_object()) {
            Text::Bytes
        } else if factory.is(bytearray::ty()) {
            Text::ByteArray
        } else {
            Text::Call
        }
    }
}

/// The row's values, and which are text that is to be handed on; no Python code runs while the connection's mutex is held. A text that is
/// not UTF-8 comes back with its column.
type RowValues = (Vec<(Owned, bool)>, Option<(i32, Vec<u8>)>);

fn read_row(statement: &Statement, text: &Text, has_converter: impl Fn(usize) -> bool) -> PyResult<RowValues> {
    let Some((raw, lock)) = statement.locked() else { return Ok((Vec::new(), None)) };
    let count = raw.data_count();
    let mut values = Vec::with_capacity(count.max(0) as usize);
    for at in 0..count {
        let value = if has_converter(at as usize) { raw.column_bytes(&lock, at) } else { raw.column(&lock, at) };
        values.push(match value {
            Value::Null => (none().to_owned(), false),
            Value::Integer(value) => (Int::from_i64(value).into_object(), false),
            Value::Float(value) => (Float::new(value).into_object(), false),
            Value::Blob(data) => (Bytes::try_new(data)?.into_object(), false),
            Value::NoMemory => return Err(errors::no_memory()),
            Value::Text(data) => match text {
                Text::Str => match std::str::from_utf8(data) {
                    Ok(text) => (Str::from_utf8(text)?.into_object(), false),
                    Err(_) => return Ok((values, Some((at, data.to_vec())))),
                },
                Text::Bytes | Text::Call => (Bytes::try_new(data)?.into_object(), true),
                Text::ByteArray => (ByteArray::new(data)?.into_object(), false),
            },
        });
    }
    Ok((values, None))
}

#[cold]
fn undecodable_text(statement: &Statement, at: i32, text: &[u8]) -> Raised {
    const ROOM: usize = 198;
    let name = statement.locked().and_then(|(raw, _lock)| raw.column_name(at)).unwrap_or_default();
    let text = text.split(|&byte| byte == 0).next().unwrap_or(&[]);
    let words = [b"Could not decode to UTF-8 column '".as_slice(), &name, b"' with text '", text, b"'"].concat();
    let shown: String = words.iter().take(ROOM).map(|&byte| if byte.is_ascii() { byte as char } else { '\u{fffd}' }).collect();
    failed!(OPERATIONAL_ERROR, "{shown}")
}

/// A column's name as `description` shows it: where types are read from names, without the type.
fn shown_name(name: &[u8], detect: i32) -> &[u8] {
    match name.iter().position(|&byte| byte == b'[') {
        Some(at) if detect & PARSE_COLNAMES != 0 => {
            let name = &name[..at];
            name.strip_suffix(b" ").unwrap_or(name)
        }
        _ => name,
    }
}

/// The type in a column's name: what stands between the last `[` and the `]` behind it.
fn bracketed(name: &[u8]) -> Option<&[u8]> {
    let mut start = None;
    for (at, byte) in name.iter().enumerate() {
        match (byte, start) {
            (b'[', _) => start = Some(at + 1),
            (b']', Some(start)) => return Some(&name[start..at]),
            _ => {}
        }
    }
    None
}

fn to_u32(value: &Object, too_large: &str) -> PyResult<u32> {
    let value = number::index(value)?;
    if value.is_negative() {
        return Err(err!(ValueError, "Cannot convert negative int"));
    }
    value.as_u64().and_then(|value| u32::try_from(value).ok()).ok_or_else(|| err!(OverflowError, "{}", too_large))
}

/// SQLite database cursor class.
#[pytype(static = Cursor_Type, name = "Cursor", module = "sqlite3", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    weaklistoffset = offset_of!(Cursor, weakrefs),
    members = [("connection", T_OBJECT_EX, offset_of!(Cursor, connection), READONLY),
        ("description", T_OBJECT, offset_of!(Cursor, description), READONLY),
        ("lastrowid", T_OBJECT, offset_of!(Cursor, lastrowid), READONLY),
        ("rowcount", T_LONG, offset_of!(Cursor, rowcount), READONLY)])]
impl Cursor {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&runtime::types::Dict>) -> PyResult<Owned<Cursor>> {
        Cursor::construct(
            cls,
            Cursor {
                head: ObjectHead::placeholder(),
                connection: Cell::new(None),
                description: Cell::new(None),
                lastrowid: Cell::new(None),
                row_factory: Cell::new(None),
                statement: Cell::new(None),
                converters: RefCell::new(Vec::new()),
                rowcount: Cell::new(0),
                arraysize: Cell::new(0),
                initialized: Cell::new(false),
                closed: Cell::new(false),
                locked: Cell::new(false),
                weakrefs: Cell::new(std::ptr::null_mut()),
            },
        )
    }
    #[slot("Cursor(connection, /)")]
    fn tp_init(&self, connection: &Connection) -> PyResult<()> {
        self.check_locked()?;
        drop(self.connection.replace(Some(Owned::from_ref(connection))));
        self.drop_statement();
        drop(self.converters.take());
        drop(self.description.replace(Some(none().to_owned())));
        drop(self.lastrowid.replace(Some(none().to_owned())));
        drop(self.row_factory.replace(Some(none().to_owned())));
        self.arraysize.set(1);
        self.closed.set(false);
        self.rowcount.set(-1);
        connection.check_thread()?;
        self.initialized.set(true);
        Ok(())
    }
    /// Run one SQL statement.
    #[method("execute($self, sql, parameters=(), /)")]
    fn execute(&self, sql: &Str, parameters: Option<&Object>) -> PyResult<Owned> {
        self.execute_with(sql, parameters)?;
        Ok(self.as_object().to_owned())
    }
    /// Run one SQL statement for each set of parameters.
    #[method("executemany($self, sql, seq_of_parameters, /)")]
    fn executemany(&self, sql: &Str, seq_of_parameters: &Object) -> PyResult<Owned> {
        self.executemany_with(sql, seq_of_parameters)?;
        Ok(self.as_object().to_owned())
    }
    /// Run a script of SQL statements.
    #[method("executescript($self, sql_script, /)")]
    fn executescript(&self, sql_script: &str) -> PyResult<Owned> {
        let connection = self.checked()?;
        let db = connection.database()?;
        if sql_script.len() > db.limit(library::SQLITE_LIMIT_SQL_LENGTH, -1) as usize {
            return Err(failed!(DATA_ERROR, "query string is too large"));
        }
        if connection.autocommit_mode() == Autocommit::Legacy && !db.autocommit() {
            connection.run(c"COMMIT")?;
        }
        let code = db.run_script(&library::c_string(sql_script));
        if code != library::SQLITE_OK {
            errors::clear();
            return Err(failure::of_database(&db));
        }
        if errors::occurred() {
            return Err(Raised::from_c());
        }
        Ok(self.as_object().to_owned())
    }
    /// Get the next row, or None.
    #[method("fetchone($self, /)")]
    fn fetchone(&self) -> PyResult<Option<Owned>> {
        self.next_row()
    }
    /// Get the next rows.
    ///
    ///   size
    ///     How many; Cursor.arraysize if absent.
    #[method("fetchmany($self, /, size=1)")]
    fn fetchmany(&self, size: Option<&Object>) -> PyResult<Owned<List>> {
        let size = match size {
            Some(size) => to_u32(size, "Python int too large for C uint32_t")?,
            None => self.arraysize.get(),
        };
        let rows = List::new();
        for _ in 0..size {
            match self.next_row()? {
                Some(row) => rows.push(row)?,
                None => break,
            }
        }
        Ok(rows)
    }
    /// Get all rows that are left.
    #[method("fetchall($self, /)")]
    fn fetchall(&self) -> PyResult<Owned<List>> {
        let rows = List::new();
        while let Some(row) = self.next_row()? {
            rows.push(row)?;
        }
        Ok(rows)
    }
    /// Close the cursor.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.check_locked()?;
        let connection = self.own_connection()?;
        connection.check_thread()?;
        connection.database()?;
        self.drop_statement();
        self.closed.set(true);
        Ok(())
    }
    /// DB-API wants it; it does nothing here.
    #[method("setinputsizes($self, sizes, /)")]
    fn setinputsizes(&self, sizes: &Object) {
        let _ = sizes;
    }
    /// DB-API wants it; it does nothing here.
    #[method("setoutputsize($self, size, column=None, /)")]
    fn setoutputsize(&self, size: &Object, column: Option<&Object>) {
        let _ = (size, column);
    }
    #[getter]
    fn arraysize(&self) -> u32 {
        self.arraysize.get()
    }
    #[setter]
    fn set_arraysize(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else {
            return Err(err!(AttributeError, "attribute 'arraysize' of '{}' objects cannot be deleted", self.as_object().type_name()));
        };
        self.arraysize.set(to_u32(value, "Python int too large to convert to C uint32_t")?);
        Ok(())
    }
    #[getter("row_factory")]
    fn get_row_factory(&self) -> Option<Owned> {
        peek(&self.row_factory)
    }
    #[setter("row_factory")]
    fn put_row_factory(&self, value: Option<&Object>) -> PyResult<()> {
        match value {
            Some(value) => {
                self.set_row_factory(value.to_owned());
                Ok(())
            }
            None => Err(errors::raise(exceptions::AttributeError(), format_args!("cannot delete row_factory attribute"))),
        }
    }
    #[slot]
    fn tp_iter(&self) -> Owned {
        object::self_iter(self.as_object())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        self.next_row()
    }
}
