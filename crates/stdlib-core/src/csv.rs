//! `_csv`: readers and writers of delimited text.

use macros::{Traverse, pymodule, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::{Args, KwArgs};
use runtime::protocol::{call, iter, number, object};
use runtime::types::str::Text;
use runtime::types::str::search::find_char;
use runtime::types::{Dict, Float, Int, List, Module, Str, StrBuilder, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, intern};
use std::cell::Cell;
use std::mem::offset_of;
use std::sync::atomic::{AtomicIsize, Ordering};

pub static ERROR: ModuleException = ModuleException::new("_csv", "Error", || Ok(exceptions::Exception()), None);
static FIELD_LIMIT: AtomicIsize = AtomicIsize::new(128 * 1024);

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Quoting {
    Minimal,
    All,
    NonNumeric,
    None,
    Strings,
    NotNull,
}

const QUOTINGS: [Quoting; 6] = [Quoting::Minimal, Quoting::All, Quoting::NonNumeric, Quoting::None, Quoting::Strings, Quoting::NotNull];

#[cold]
fn error(words: std::fmt::Arguments<'_>) -> Raised {
    ERROR.raise(words)
}

// ---- dialects ----

#[derive(Traverse)]
#[repr(C)]
pub struct Dialect {
    head: ObjectHead,
    skipinitialspace: bool,
    doublequote: bool,
    strict: bool,
    delimiter: u32,
    #[traverse(skip)]
    quotechar: Option<u32>,
    #[traverse(skip)]
    escapechar: Option<u32>,
    #[traverse(skip)]
    quoting: Quoting,
    lineterminator: Owned<Str>,
}

/// The names of a dialect's parameters, in the order of `Dialect`'s arguments behind `dialect`.
const PARAMETERS: [&str; 8] = ["delimiter", "doublequote", "escapechar", "lineterminator", "quotechar", "quoting", "skipinitialspace", "strict"];

fn flag(value: Option<&Object>, default: bool) -> PyResult<bool> {
    value.map_or(Ok(default), object::is_true)
}

fn character(name: &str, value: &Object, or_none: &str) -> PyResult<u32> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "\"{}\" must be a unicode character{}, not {}", name, or_none, value.type_name()));
    };
    if text.len() != 1 {
        return Err(err!(TypeError, "\"{}\" must be a unicode character{}, not a string of length {}", name, or_none, text.len()));
    }
    Ok(text.char_at(0))
}

fn character_or_none(name: &str, value: Option<&Object>, default: Option<u32>) -> PyResult<Option<u32>> {
    match value {
        None => Ok(default),
        Some(value) if value.is_none() => Ok(None),
        Some(value) => character(name, value, " or None").map(Some),
    }
}

fn registry() -> PyResult<Owned<Dict>> {
    let module = runtime::import::import_module("_csv")?;
    let dialects = object::get_attr_str(&module, "_dialects")?;
    dialects.try_into_typed::<Dict>().map_err(|_| errors::bad_internal_call())
}

fn registered(name: &Object) -> PyResult {
    match registry()?.get_item(name)? {
        Some(dialect) => Ok(dialect),
        None => Err(error(format_args!("unknown dialect"))),
    }
}

impl Dialect {
    /// A dialect like `base` (a name, or an object with attributes), but for the given parameters.
    fn make(cls: &Type, base: Option<&Object>, given: [Option<Owned>; 8]) -> PyResult<Owned<Dialect>> {
        let named;
        let mut base = base.filter(|base| !base.is_none());
        if let Some(name) = base
            && name.is_instance_of::<Str>()
        {
            named = registered(name)?;
            base = Some(&named);
        }
        if let Some(dialect) = base.and_then(|base| base.downcast_exact::<Dialect>())
            && given.iter().all(Option::is_none)
            && std::ptr::eq(cls, Self::type_object())
        {
            return Ok(Owned::from_ref(dialect));
        }
        let mut values = given;
        if let Some(base) = base {
            for (value, name) in values.iter_mut().zip(PARAMETERS) {
                if value.is_none() {
                    *value = object::get_attr_opt(base, &Str::new(name))?;
                }
            }
        }
        let [delimiter, doublequote, escapechar, lineterminator, quotechar, quoting, skipinitialspace, strict] = &values;
        let given = |value: &'_ Option<Owned>| value.as_ref().map(|value| value.object().to_owned());
        let delimiter = match given(delimiter) {
            None => b',' as u32,
            Some(value) => character("delimiter", &value, "")?,
        };
        let doublequote = flag(given(doublequote).as_deref(), true)?;
        let escapechar = character_or_none("escapechar", given(escapechar).as_deref(), None)?;
        let lineterminator = match given(lineterminator) {
            None => Str::new("\r\n"),
            Some(value) => {
                let name = value.type_name().to_string();
                value.try_into_typed::<Str>().map_err(|_| err!(TypeError, "\"lineterminator\" must be a string, not {}", name))?
            }
        };
        let no_quotes = quotechar.as_ref().is_some_and(|value| value.is_none());
        let quotechar = character_or_none("quotechar", given(quotechar).as_deref(), Some(b'"' as u32))?;
        let quoting = match quoting {
            None if no_quotes => Quoting::None,
            None => Quoting::Minimal,
            Some(value) => {
                let Some(int) = value.downcast_exact::<Int>() else {
                    return Err(err!(TypeError, "\"quoting\" must be an integer, not {}", value.type_name()));
                };
                let number = int.as_i64().and_then(|number| usize::try_from(number).ok());
                *number.and_then(|number| QUOTINGS.get(number)).ok_or_else(|| err!(TypeError, "bad \"quoting\" value"))?
            }
        };
        let value = Dialect {
            head: ObjectHead::placeholder(),
            skipinitialspace: flag(given(skipinitialspace).as_deref(), false)?,
            doublequote,
            strict: flag(given(strict).as_deref(), false)?,
            delimiter,
            quotechar,
            escapechar,
            quoting,
            lineterminator,
        };
        value.check()?;
        Self::construct(cls, value)
    }

    fn check(&self) -> PyResult<()> {
        if self.quoting != Quoting::None && self.quotechar.is_none() {
            return Err(err!(TypeError, "quotechar must be set if quoting enabled"));
        }
        let characters =
            [("delimiter", Some(self.delimiter), true), ("escapechar", self.escapechar, !self.skipinitialspace), ("quotechar", self.quotechar, !self.skipinitialspace)];
        for (name, c, may_be_space) in characters {
            let Some(c) = c else { continue };
            if c == b'\r' as u32 || c == b'\n' as u32 || (c == b' ' as u32 && !may_be_space) {
                return Err(err!(ValueError, "bad {} value", name));
            }
            if find_char(self.lineterminator.text(), c).is_some() {
                return Err(err!(ValueError, "bad {} or lineterminator value", name));
            }
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            if characters[a].1.is_some() && characters[a].1 == characters[b].1 {
                return Err(err!(ValueError, "bad {} or {} value", characters[a].0, characters[b].0));
            }
        }
        Ok(())
    }

    /// From the arguments of `reader`, `writer` and `register_dialect`.
    fn from_arguments(base: Option<&Object>, kwargs: impl Iterator<Item = (Owned, Owned)>) -> PyResult<Owned<Dialect>> {
        let mut given: [Option<Owned>; 8] = Default::default();
        let mut base = base.map(Object::to_owned);
        for (name, value) in kwargs {
            let text = name.downcast::<Str>().map(Str::to_string_lossy).unwrap_or_default();
            match PARAMETERS.iter().position(|parameter| *parameter == text) {
                Some(at) => given[at] = Some(value),
                None if text == "dialect" => base = Some(value),
                None => return Err(err!(TypeError, "this function got an unexpected keyword argument '{}'", text)),
            }
        }
        Self::make(Self::type_object(), base.as_deref(), given)
    }

    #[inline]
    fn is(c: u32, special: Option<u32>) -> bool {
        special == Some(c)
    }
}

fn char_or_none(c: Option<u32>) -> Option<Owned<Str>> {
    c.map(|c| Str::from_code_points(&[c]))
}

/// CSV dialect
///
/// The Dialect type records CSV parsing and generation options.
#[pytype(static = Dialect_Type, name = "Dialect", module = "_csv", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    members = [("skipinitialspace", T_BOOL, offset_of!(Dialect, skipinitialspace), READONLY),
        ("doublequote", T_BOOL, offset_of!(Dialect, doublequote), READONLY),
        ("strict", T_BOOL, offset_of!(Dialect, strict), READONLY)])]
impl Dialect {
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Dialect>> {
        if args.len() > 9 {
            return Err(err!(TypeError, "function takes at most 9 arguments ({} given)", args.len()));
        }
        let mut given: [Option<Owned>; 8] = Default::default();
        let mut base = args.get_opt(0).map(Object::to_owned);
        for (slot, value) in given.iter_mut().zip(args.iter().skip(1)) {
            *slot = Some(value.to_owned());
        }
        let mut position = 0;
        while let Some((name, value)) = kwargs.and_then(|kwargs| kwargs.next(&mut position)) {
            let text = name.downcast::<Str>().map(Str::to_string_lossy).unwrap_or_default();
            match PARAMETERS.iter().position(|parameter| *parameter == text) {
                Some(at) => given[at] = Some(value),
                None if text == "dialect" => base = Some(value),
                None => return Err(err!(TypeError, "this function got an unexpected keyword argument '{}'", text)),
            }
        }
        Self::make(cls, base.as_deref(), given)
    }
    #[getter]
    fn delimiter(&self) -> Owned<Str> {
        Str::from_code_points(&[self.delimiter])
    }
    #[getter]
    fn escapechar(&self) -> Option<Owned<Str>> {
        char_or_none(self.escapechar)
    }
    #[getter]
    fn lineterminator(&self) -> Owned<Str> {
        self.lineterminator.clone()
    }
    #[getter]
    fn quotechar(&self) -> Option<Owned<Str>> {
        char_or_none(self.quotechar)
    }
    #[getter]
    fn quoting(&self) -> i32 {
        self.quoting as i32
    }
    /// Dialects are not pickled.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' instances", self.as_object().type_name()))
    }
    /// Dialects are not pickled.
    #[method("__reduce_ex__($self, protocol, /)", nosig)]
    fn reduce_ex(&self, _protocol: &Object) -> PyResult {
        self.reduce()
    }
}

// ---- reading ----

#[derive(Traverse)]
#[repr(C)]
pub struct Reader {
    head: ObjectHead,
    dialect: Owned<Dialect>,
    line_num: Cell<u64>,
    lines: Owned,
    /// The number of records begun.
    records: Cell<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    StartRecord,
    StartField,
    Escaped,
    InField,
    InQuoted,
    EscapedInQuoted,
    QuoteInQuoted,
    EatLineEnd,
    AfterEscapedLineEnd,
}

/// One record as it is being read.
struct Record<'a> {
    dialect: &'a Dialect,
    fields: Owned<List>,
    field: StrBuilder,
    unquoted: bool,
    state: State,
    limit: isize,
}

impl Record<'_> {
    fn add(&mut self, c: u32) -> PyResult<()> {
        if self.field.len() as isize >= self.limit {
            return Err(error(format_args!("field larger than field limit ({})", self.limit)));
        }
        self.field.prepare(1, c)?;
        self.field.push_char(c);
        Ok(())
    }
    fn save(&mut self) -> PyResult<()> {
        let field = std::mem::replace(&mut self.field, StrBuilder::new());
        let quoting = self.dialect.quoting;
        if self.unquoted && field.is_empty() && matches!(quoting, Quoting::Strings | Quoting::NotNull) {
            return self.fields.append(none());
        }
        let is_number = self.unquoted && !field.is_empty() && matches!(quoting, Quoting::NonNumeric | Quoting::Strings);
        let text = field.finish()?;
        if is_number {
            return self.fields.push(number::float(text.object())?);
        }
        self.fields.push(text.into_object())
    }
    fn end_field(&mut self, c: Option<u32>) -> PyResult<()> {
        self.save()?;
        self.state = if c.is_none() { State::StartRecord } else { State::EatLineEnd };
        Ok(())
    }

    /// One character, or the line's end.
    fn process(&mut self, c: Option<u32>) -> PyResult<()> {
        let dialect = self.dialect;
        let is_line_end = c.is_none_or(|c| c == b'\n' as u32 || c == b'\r' as u32);
        match self.state {
            State::StartRecord => match c {
                None => {}
                Some(_) if is_line_end => self.state = State::EatLineEnd,
                Some(_) => {
                    self.state = State::StartField;
                    return self.process(c);
                }
            },
            State::StartField => {
                self.unquoted = true;
                let Some(code) = c.filter(|_| !is_line_end) else { return self.end_field(c) };
                if Dialect::is(code, dialect.quotechar) && dialect.quoting != Quoting::None {
                    self.unquoted = false;
                    self.state = State::InQuoted;
                } else if Dialect::is(code, dialect.escapechar) {
                    self.state = State::Escaped;
                } else if code == b' ' as u32 && dialect.skipinitialspace {
                } else if code == dialect.delimiter {
                    return self.save();
                } else {
                    self.state = State::InField;
                    return self.add(code);
                }
            }
            State::Escaped => {
                self.state = if c.is_some() && is_line_end { State::AfterEscapedLineEnd } else { State::InField };
                return self.add(c.unwrap_or(b'\n' as u32));
            }
            State::AfterEscapedLineEnd if c.is_none() => {}
            State::InField | State::AfterEscapedLineEnd => {
                self.state = State::InField;
                let Some(code) = c.filter(|_| !is_line_end) else { return self.end_field(c) };
                if Dialect::is(code, dialect.escapechar) {
                    self.state = State::Escaped;
                } else if code == dialect.delimiter {
                    self.state = State::StartField;
                    return self.save();
                } else {
                    return self.add(code);
                }
            }
            State::InQuoted => match c {
                None => {}
                Some(c) if Dialect::is(c, dialect.escapechar) => self.state = State::EscapedInQuoted,
                Some(c) if Dialect::is(c, dialect.quotechar) && dialect.quoting != Quoting::None => {
                    self.state = if dialect.doublequote { State::QuoteInQuoted } else { State::InField };
                }
                Some(c) => return self.add(c),
            },
            State::EscapedInQuoted => {
                self.state = State::InQuoted;
                return self.add(c.unwrap_or(b'\n' as u32));
            }
            State::QuoteInQuoted => {
                let Some(code) = c.filter(|_| !is_line_end) else { return self.end_field(c) };
                if dialect.quoting != Quoting::None && Dialect::is(code, dialect.quotechar) {
                    self.state = State::InQuoted;
                    return self.add(code);
                }
                if code == dialect.delimiter {
                    self.state = State::StartField;
                    return self.save();
                }
                if dialect.strict {
                    let shown = |c: u32| char::from_u32(c).unwrap_or('\u{fffd}');
                    let quote = dialect.quotechar.map_or('"', shown);
                    return Err(error(format_args!("'{}' expected after '{quote}'", shown(dialect.delimiter))));
                }
                self.state = State::InField;
                return self.add(code);
            }
            State::EatLineEnd => match c {
                None => self.state = State::StartRecord,
                Some(_) if is_line_end => {}
                Some(_) => {
                    return Err(error(format_args!(
                        "new-line character seen in unquoted field - do you need to open the file with newline=''?"
                    )));
                }
            },
        }
        Ok(())
    }

    /// How many characters of the text from `at` on are plain ones of the field.
    fn plain_run(&self, text: Text<'_>, at: usize) -> usize {
        let dialect = self.dialect;
        let rest = text.slice(at, text.len());
        let special = |c: u32| Dialect::is(c, dialect.escapechar) || Dialect::is(c, dialect.quotechar);
        let plain: &dyn Fn(u32) -> bool = match self.state {
            State::InField => {
                &|c| c != dialect.delimiter && !Dialect::is(c, dialect.escapechar) && c != b'\n' as u32 && c != b'\r' as u32
            }
            State::InQuoted => &|c| !special(c),
            _ => return 0,
        };
        rest.code_points().position(|c| !plain(c)).unwrap_or(rest.len())
    }

    fn process_line(&mut self, line: &Str) -> PyResult<()> {
        let text = line.text();
        let mut at = 0;
        while at < text.len() {
            let run = self.plain_run(text, at);
            if run > 1 && (self.field.len() + run) as isize > self.limit {
                return Err(error(format_args!("field larger than field limit ({})", self.limit)));
            }
            if run > 1 {
                self.field.push_text(text.slice(at, at + run))?;
                at += run;
                continue;
            }
            self.process(Some(text.at(at)))?;
            at += 1;
        }
        self.process(None)
    }
}

/// CSV reader
///
/// Reader objects are responsible for reading and parsing tabular data
/// in CSV format.
#[pytype(static = Reader_Type, name = "reader", module = "_csv", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    members = [("dialect", T_OBJECT, offset_of!(Reader, dialect), READONLY), ("line_num", T_ULONG, offset_of!(Reader, line_num), READONLY)])]
impl Reader {
    #[slot]
    fn tp_iter(&self) -> PyResult {
        Ok(self.as_object().to_owned())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned<List>>> {
        let mut record = Record {
            dialect: &self.dialect,
            fields: List::new(),
            field: StrBuilder::new(),
            unquoted: false,
            state: State::StartRecord,
            limit: FIELD_LIMIT.load(Ordering::Relaxed),
        };
        let number = self.records.get() + 1;
        self.records.set(number);
        loop {
            let line = iter::next_nested(&self.lines)?;
            if self.records.get() != number {
                return Err(error(format_args!("iterator has already advanced the reader")));
            }
            let Some(line) = line else {
                if !record.field.is_empty() || record.state == State::InQuoted {
                    if self.dialect.strict {
                        return Err(error(format_args!("unexpected end of data")));
                    }
                    record.save()?;
                    break;
                }
                return Ok(None);
            };
            let Some(text) = line.downcast::<Str>() else {
                return Err(error(format_args!(
                    "iterator should return strings, not {} (the file should be opened in text mode)",
                    line.type_name()
                )));
            };
            self.line_num.set(self.line_num.get() + 1);
            record.process_line(text)?;
            if record.state == State::StartRecord {
                break;
            }
        }
        Ok(Some(record.fields))
    }
}

// ---- writing ----

#[derive(Traverse)]
#[repr(C)]
pub struct Writer {
    head: ObjectHead,
    dialect: Owned<Dialect>,
    write: Owned,
}

impl Writer {
    /// Appends a field (`None` for None) to the line.
    fn append(&self, line: &mut StrBuilder, field: Option<&Str>, first: bool, mut quoted: bool) -> PyResult<()> {
        let dialect = &*self.dialect;
        let push = |line: &mut StrBuilder, c: u32| -> PyResult<()> {
            line.prepare(1, c)?;
            line.push_char(c);
            Ok(())
        };
        if !first {
            push(line, dialect.delimiter)?;
        }
        let text = field.map_or(Text::One(&[]), Str::text);
        if text.is_empty() && dialect.delimiter == b' ' as u32 && dialect.skipinitialspace {
            if self.may_not_be_empty(field.is_none()) {
                return Err(error(format_args!("empty field must be quoted if delimiter is a space and skipinitialspace is true")));
            }
            quoted = true;
        }
        let is_special = |c: u32| {
            c == dialect.delimiter
                || Dialect::is(c, dialect.escapechar)
                || Dialect::is(c, dialect.quotechar)
                || c == b'\n' as u32
                || c == b'\r' as u32
                || find_char(dialect.lineterminator.text(), c).is_some()
        };
        if !quoted && !text.code_points().any(is_special) {
            return line.push_text(text);
        }
        let mut body = StrBuilder::with_capacity(text.len());
        for c in text.code_points() {
            if is_special(c) {
                let mut escape = dialect.quoting == Quoting::None;
                if !escape {
                    if Dialect::is(c, dialect.quotechar) {
                        if dialect.doublequote {
                            push(&mut body, c)?;
                        } else {
                            escape = true;
                        }
                    } else if Dialect::is(c, dialect.escapechar) {
                        escape = true;
                    }
                    quoted |= !escape;
                }
                if escape {
                    let Some(escapechar) = dialect.escapechar else {
                        return Err(error(format_args!("need to escape, but no escapechar set")));
                    };
                    push(&mut body, escapechar)?;
                }
            }
            push(&mut body, c)?;
        }
        let quote = dialect.quotechar.filter(|_| quoted);
        if let Some(quote) = quote {
            push(line, quote)?;
        }
        line.push_text(body.text())?;
        if let Some(quote) = quote {
            push(line, quote)?;
        }
        Ok(())
    }
    /// Whether an empty field cannot be quoted.
    fn may_not_be_empty(&self, is_none: bool) -> bool {
        match self.dialect.quoting {
            Quoting::None => true,
            Quoting::Strings | Quoting::NotNull => is_none,
            _ => false,
        }
    }
    fn write_row(&self, row: &Object) -> PyResult {
        let fields = match iter::get_iter(row) {
            Ok(fields) => fields,
            Err(_) if errors::matches(exceptions::TypeError()) => {
                errors::clear();
                return Err(error(format_args!("iterable expected, not {}", row.type_name())));
            }
            Err(raised) => return Err(raised),
        };
        let mut line = StrBuilder::new();
        let (mut count, mut last_is_none) = (0, false);
        while let Some(field) = iter::iter_next(&fields)? {
            let quoted = match self.dialect.quoting {
                Quoting::NonNumeric => !number::check(&field),
                Quoting::All => true,
                Quoting::Strings => field.is_instance_of::<Str>(),
                Quoting::NotNull => !field.is_none(),
                Quoting::Minimal | Quoting::None => false,
            };
            last_is_none = field.is_none();
            if last_is_none {
                self.append(&mut line, None, count == 0, quoted)?;
            } else {
                let text = match field.downcast::<Str>() {
                    Some(text) => Owned::from_ref(text),
                    None => match field.downcast_exact::<Float>() {
                        Some(float) => object::repr(float.as_object())?,
                        None => object::str(&field)?,
                    },
                };
                self.append(&mut line, Some(&text), count == 0, quoted)?;
            }
            count += 1;
        }
        if count > 0 && line.is_empty() {
            if self.may_not_be_empty(last_is_none) {
                return Err(error(format_args!("single empty field record must be quoted")));
            }
            self.append(&mut line, None, true, true)?;
        }
        line.push_text(self.dialect.lineterminator.text())?;
        call::call1(&self.write, line.finish()?.object())
    }
}

/// CSV writer
///
/// Writer objects are responsible for generating tabular data
/// in CSV format from sequence input.
#[pytype(static = Writer_Type, name = "writer", module = "_csv", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final,
    members = [("dialect", T_OBJECT, offset_of!(Writer, dialect), READONLY)])]
impl Writer {
    /// Write a row, an iterable of fields, as one line of the file.
    ///
    /// Fields other than strings are written as str() shows them.
    #[method("writerow($self, row, /)")]
    fn writerow(&self, row: &Object) -> PyResult {
        self.write_row(row)
    }
    /// Write all rows of an iterable.
    #[method("writerows($self, rows, /)")]
    fn writerows(&self, rows: &Object) -> PyResult<()> {
        let rows = iter::get_iter(rows)?;
        while let Some(row) = iter::iter_next(&rows)? {
            self.write_row(&row)?;
        }
        Ok(())
    }
}

/// The first argument, the dialect, and the keywords of a call.
fn arguments<'a>(function: &str, args: Args<'a>, kwargs: KwArgs<'a>) -> PyResult<(&'a Object, Owned<Dialect>)> {
    let (first, base) = match args {
        [] => return Err(err!(TypeError, "{} expected at least 1 argument, got 0", function)),
        [first] => (first, None),
        [first, base] => (first, Some(*base)),
        _ => return Err(err!(TypeError, "{} expected at most 2 arguments, got {}", function, args.len())),
    };
    Ok((first, Dialect::from_arguments(base, kwargs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())))?))
}

/// CSV parsing and writing.
#[pymodule(name = "_csv")]
pub mod csv {
    use super::*;

    #[constant]
    const QUOTE_MINIMAL: i64 = 0;
    #[constant]
    const QUOTE_ALL: i64 = 1;
    #[constant]
    const QUOTE_NONNUMERIC: i64 = 2;
    #[constant]
    const QUOTE_NONE: i64 = 3;
    #[constant]
    const QUOTE_STRINGS: i64 = 4;
    #[constant]
    const QUOTE_NOTNULL: i64 = 5;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, ty) in [("Dialect", &Dialect_Type), ("Reader", &Reader_Type), ("Writer", &Writer_Type)] {
            runtime::types::type_ready(ty)?;
            module.add(name, ty)?;
        }
        module.add("Error", ERROR.ty()?)?;
        module.add("_dialects", Dict::new().object())
    }

    /// Return a reader object that will process lines from the given iterable.
    ///
    /// The "iterable" argument can be any object that gives a line of input for
    /// each iteration, such as a file object or a list.  The "dialect" argument
    /// is an instance, subclass or registered name of a dialect; keyword
    /// arguments override its parameters.
    ///
    /// The reader object is an iterator over the rows, lists of strings.
    #[function("reader($module, iterable, /, dialect='excel', **fmtparams)")]
    fn reader(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Reader>> {
        let Some(first) = args.first() else {
            return Err(err!(TypeError, "reader expected at least 1 argument, got 0"));
        };
        let lines = iter::get_iter(first)?;
        let (_, dialect) = arguments("reader", args, kwargs)?;
        let value = Reader { head: ObjectHead::placeholder(), dialect, line_num: Cell::new(0), lines, records: Cell::new(0) };
        Reader::construct(Reader::type_object(), value)
    }

    /// Return a writer object that will write user data on the given file object.
    ///
    /// The "fileobj" argument can be any object with a write method.  The
    /// "dialect" argument and keyword arguments are those of reader().
    #[function("writer($module, fileobj, /, dialect='excel', **fmtparams)")]
    fn writer(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Writer>> {
        let (file, dialect) = arguments("writer", args, kwargs)?;
        let write = object::get_attr_opt(file, intern!("write"))?.filter(|write| object::is_callable(write));
        let Some(write) = write else { return Err(err!(TypeError, "argument 1 must have a \"write\" method")) };
        Writer::construct(Writer::type_object(), Writer { head: ObjectHead::placeholder(), dialect, write })
    }

    /// Return a list of all known dialect names.
    #[function("list_dialects($module, /)")]
    fn list_dialects() -> PyResult<Owned<List>> {
        registry()?.keys_list()
    }

    /// Create a mapping from a string name to a CVS dialect.
    ///
    /// The "dialect" argument and keyword arguments are those of reader().
    #[function("register_dialect($module, name, /, dialect='excel', **fmtparams)")]
    fn register_dialect(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        match args.first() {
            None => return Err(err!(TypeError, "register_dialect expected at least 1 argument, got 0")),
            Some(name) if !name.is_instance_of::<Str>() => return Err(err!(TypeError, "dialect name must be a string")),
            Some(_) => {}
        }
        let (name, dialect) = arguments("register_dialect", args, kwargs)?;
        registry()?.set_item(name, dialect.object())
    }

    /// Delete the name/dialect mapping associated with a string name.
    #[function("unregister_dialect($module, /, name)")]
    fn unregister_dialect(name: &Object) -> PyResult<()> {
        match registry()?.pop(name)? {
            Some(_) => Ok(()),
            None => Err(error(format_args!("unknown dialect"))),
        }
    }

    /// Return the dialect instance associated with name.
    #[function("get_dialect($module, /, name)")]
    fn get_dialect(name: &Object) -> PyResult {
        registered(name)
    }

    /// Sets an upper limit on parsed fields.
    ///
    /// The result is the old limit; without an argument nothing changes.
    #[function("field_size_limit($module, /, new_limit=<unrepresentable>)")]
    fn field_size_limit(new_limit: Option<&Object>) -> PyResult<isize> {
        let Some(limit) = new_limit else { return Ok(FIELD_LIMIT.load(Ordering::Relaxed)) };
        if !limit.is_exact::<Int>() {
            return Err(err!(TypeError, "limit must be an integer"));
        }
        let limit = number::as_i64(limit)? as isize;
        Ok(FIELD_LIMIT.swap(limit, Ordering::Relaxed))
    }
}
