//! `Statement`: a compiled statement and the database that it belongs to, and how parameters are bound to it.

use crate::failure::{self, failed};
use crate::library::{self, Database, Locked, RawStatement, Value};
use crate::module;
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::{buffer, mapping, object, sequence};
use runtime::types::{ByteArray, Dict, Float, Int, List, Str, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, err, errors, exceptions};
use std::cell::Cell;
use std::ffi::CString;
use std::sync::Arc;

#[derive(Traverse)]
#[repr(C)]
pub struct Statement {
    head: ObjectHead,
    /// None for text that is nothing but blanks and comments. Goes before the database does.
    #[traverse(skip)]
    raw: Option<RawStatement>,
    #[traverse(skip)]
    pub db: Arc<Database>,
    /// INSERT, UPDATE, DELETE or REPLACE.
    pub is_dml: bool,
    /// A cursor holds it; others have to compile their own.
    pub in_use: Cell<bool>,
    /// It has been stepped since it was reset; until then nothing can be bound.
    stepped: Cell<bool>,
}

#[pytype(static = Statement_Type, name = "Statement", module = "sqlite3", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl Statement {}

impl Statement {
    pub fn create(db: &Arc<Database>, sql: &Str) -> PyResult<Owned<Statement>> {
        let text = sql.as_utf8()?;
        let max = db.limit(library::SQLITE_LIMIT_SQL_LENGTH, -1);
        if text.len() > max as usize {
            return Err(failed!(DATA_ERROR, "query string is too large"));
        }
        let Ok(text) = CString::new(text) else {
            return Err(failed!(PROGRAMMING_ERROR, "the query contains a null character"));
        };
        let (raw, used) = match library::without_gil(|| db.prepare(&text)) {
            Ok(prepared) => prepared,
            Err(_) => return Err(failure::of_database(db)),
        };
        if !skip_blanks(&text.as_bytes()[used..]).is_empty() {
            return Err(failed!(PROGRAMMING_ERROR, "You can only execute one statement at a time."));
        }
        if errors::occurred() {
            // A callback's exception that nobody has looked at.
            return Err(runtime::Raised::from_c());
        }
        let is_dml = raw.as_ref().is_some_and(|raw| !raw.is_readonly()) && is_dml(skip_blanks(text.as_bytes()));
        Statement::construct(Statement::type_object(), Statement { head: ObjectHead::placeholder(), raw, db: db.clone(), is_dml, in_use: Cell::new(false), stepped: Cell::new(false) })
    }
    pub fn step(&self) -> i32 {
        self.stepped.set(true);
        self.raw.as_ref().map_or(library::SQLITE_DONE, RawStatement::step_without_gil)
    }
    pub fn reset(&self) {
        if self.stepped.replace(false)
            && let Some(raw) = &self.raw
        {
            raw.reset();
        }
    }
    pub fn is_busy(&self) -> bool {
        self.raw.as_ref().is_some_and(RawStatement::is_busy)
    }
    pub fn is_readonly(&self) -> bool {
        self.raw.as_ref().is_none_or(RawStatement::is_readonly)
    }
    /// The statement with the connection's mutex.
    pub fn locked(&self) -> Option<(&RawStatement, Locked<'_>)> {
        self.raw.as_ref().map(|raw| (raw, self.db.lock()))
    }

    pub fn bind(&self, parameters: &Object) -> PyResult<()> {
        let needed = self.locked().map_or(0, |(raw, _lock)| raw.parameter_count());
        if let Some(dict) = parameters.downcast::<Dict>() {
            return self.bind_names(dict, needed);
        }
        let is_plain = parameters.is_exact::<Tuple>() || parameters.is_exact::<List>();
        if !is_plain && !sequence::is_sequence(parameters) {
            return Err(failed!(PROGRAMMING_ERROR, "parameters are of unsupported type"));
        }
        let given = sequence::len(parameters)?;
        if given != needed as usize {
            return Err(failed!(
                PROGRAMMING_ERROR,
                "Incorrect number of bindings supplied. The current statement uses {needed}, and there are {given} supplied."
            ));
        }
        for at in 1..=needed {
            if let Some(name) = self.parameter_name(at).filter(|name| !name.starts_with('?')) {
                return Err(failed!(
                    PROGRAMMING_ERROR,
                    "Binding {at} ('{name}') is a named parameter, but you supplied a sequence which requires nameless (qmark) placeholders."
                ));
            }
            let value = if let Some(tuple) = parameters.downcast_exact::<Tuple>() {
                tuple.get(at as usize - 1).to_owned()
            } else {
                sequence::sequence_get_item(parameters, at as isize - 1)?
            };
            self.bind_one(at, &value)?;
        }
        Ok(())
    }
    fn parameter_name(&self, at: i32) -> Option<String> {
        let (raw, _lock) = self.locked()?;
        raw.parameter_name(at).map(|name| name.to_string_lossy().into_owned())
    }
    fn bind_names(&self, dict: &Dict, needed: i32) -> PyResult<()> {
        for at in 1..=needed {
            let Some(name) = self.parameter_name(at) else {
                return Err(failed!(PROGRAMMING_ERROR, "Binding {at} has no name, but you supplied a dictionary (which has only names)."));
            };
            let name = name.get(1..).unwrap_or("");
            let key = Str::new(name);
            let found = if dict.as_object().is_exact::<Dict>() { dict.get_item(&key) } else { mapping::get_item(dict, &key).map(Some) };
            let value = match found {
                Ok(Some(value)) => value,
                Err(raised) if !errors::matches(exceptions::LookupError()) => return Err(raised),
                _ => return Err(failed!(PROGRAMMING_ERROR, "You did not supply a value for binding parameter :{name}.")),
            };
            self.bind_one(at, &value)?;
        }
        Ok(())
    }
    fn bind_one(&self, at: i32, value: &Object) -> PyResult<()> {
        let is_basic = value.is_exact::<Int>() || value.is_exact::<Float>() || value.is_exact::<Str>() || value.is_exact::<ByteArray>();
        let adapted = if is_basic && !module::is_base_type_adapted() { None } else { Some(module::adapt_parameter(value)?) };
        let value = adapted.as_deref().unwrap_or(value);
        let code = with_value(value, |value| self.locked().map_or(library::SQLITE_OK, |(raw, _lock)| raw.bind(at, &value)))?;
        match code {
            Some(library::SQLITE_OK) => Ok(()),
            Some(_) => Err(failure::of_database(&self.db)),
            None => Err(failed!(PROGRAMMING_ERROR, "Error binding parameter {at}: type '{}' is not supported", value.type_name())),
        }
    }
}

/// Hands an object to `f` as SQLite's value; None if it is none.
pub fn with_value<T>(value: &Object, f: impl FnOnce(Value<'_>) -> T) -> PyResult<Option<T>> {
    if value.is_none() {
        return Ok(Some(f(Value::Null)));
    }
    if let Some(int) = value.downcast::<Int>() {
        return Ok(Some(f(Value::Integer(to_integer(int)?))));
    }
    if let Some(float) = value.downcast::<Float>() {
        return Ok(Some(f(Value::Float(float.value()))));
    }
    if let Some(text) = value.downcast::<Str>() {
        let text = text.as_utf8()?.as_bytes();
        if text.len() > i32::MAX as usize {
            return Err(err!(OverflowError, "string longer than INT_MAX bytes"));
        }
        return Ok(Some(f(Value::Text(text))));
    }
    if !buffer::check(value) {
        return Ok(None);
    }
    let data = Buffer::new(value)?;
    if data.len() > i32::MAX as usize {
        return Err(err!(OverflowError, "BLOB longer than INT_MAX bytes"));
    }
    // An empty blob is no NULL: its pointer must not be one.
    Ok(Some(f(Value::Blob(&data))))
}

pub fn to_integer(int: &Int) -> PyResult<i64> {
    int.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to SQLite INTEGER"))
}

/// The text behind blanks and comments.
fn skip_blanks(mut sql: &[u8]) -> &[u8] {
    loop {
        match sql {
            [b' ' | b'\t' | b'\n' | b'\r' | 0x0c, rest @ ..] => sql = rest,
            [b'-', b'-', rest @ ..] => match rest.iter().position(|&byte| byte == b'\n') {
                Some(end) => sql = &rest[end..],
                None => return &[],
            },
            [b'/', b'*', rest @ ..] => match rest.windows(2).position(|pair| pair == b"*/") {
                Some(end) => sql = &rest[end + 2..],
                None => return &[],
            },
            _ => return sql,
        }
    }
}

fn is_dml(sql: &[u8]) -> bool {
    ["insert", "update", "delete", "replace"].iter().any(|word| sql.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word.as_bytes())))
}

/// `str` of bytes that SQLite says are UTF-8.
pub fn decode(text: &[u8]) -> PyResult<Owned<Str>> {
    runtime::codecs::utf8::decode(text, None)
}

/// As `object::get_attr_opt` by a name.
pub fn attribute(of: &Object, name: &str) -> PyResult<Option<Owned>> {
    object::get_attr_opt(of, &Str::new(name))
}
