//! Writing pickles: what is saved how.
//!
//! Output is collected in frames (protocol 4 on); large data goes out between frames. Nothing stays borrowed while other code runs.

use super::memo::Memo;
use super::opcodes::*;
use super::output::Output;
use super::{PICKLING_ERROR, attribute_of, full_name};
use runtime::kept::Kept;
use runtime::protocol::object;
use runtime::protocol::{call, iter, mapping, number, sequence};
use runtime::tstate::check_recursion;
use runtime::types::int::convert::to_decimal;
use runtime::types::picklebuffer::PickleBuffer;
use runtime::types::{self, ByteArray, Bytes, Dict, Float, FrozenSet, Function, Int, List, Set, Str, Tuple, none};
use runtime::{Object, Owned, PyResult, PyTyped, Raised, err, errors, intern};
use std::cell::{Cell, RefCell};

const BATCH: usize = 1000;

/// `copyreg.dispatch_table`.
static DISPATCH_TABLE: Kept = Kept::new();

/// A pickler's settings and memo.
pub struct Core {
    pub memo: RefCell<Memo>,
    pub proto: i64,
    pub fix_imports: bool,
    pub fast: Cell<i32>,
    /// Whether numbers and lengths are binary; programs may change it.
    pub bin: Cell<i32>,
    /// Set while an object is being pickled.
    pub running: Cell<bool>,
    write: Option<Owned>,
    buffer_callback: Option<Owned>,
}

impl Core {
    pub fn new(file: Option<&Object>, protocol: Option<&Object>, fix_imports: bool, buffer_callback: Option<&Object>) -> PyResult<Core> {
        let proto = match protocol {
            None => DEFAULT_PROTOCOL,
            Some(protocol) => match number::as_i64(protocol)? {
                negative if negative < 0 => HIGHEST_PROTOCOL,
                proto if proto > HIGHEST_PROTOCOL => return Err(err!(ValueError, "pickle protocol must be <= {}", HIGHEST_PROTOCOL)),
                proto => proto,
            },
        };
        let buffer_callback = buffer_callback.filter(|callback| !callback.is_none());
        if buffer_callback.is_some() && proto < 5 {
            return Err(err!(ValueError, "buffer_callback needs protocol >= 5"));
        }
        let write = match file {
            None => None,
            Some(file) => match object::get_attr_opt(file, intern!("write"))? {
                None => return Err(err!(TypeError, "file must have a 'write' attribute")),
                write => write,
            },
        };
        Ok(Core {
            memo: RefCell::default(),
            proto,
            fix_imports: fix_imports && proto < 3,
            fast: Cell::new(0),
            bin: Cell::new((proto >= 1) as i32),
            running: Cell::new(false),
            write,
            buffer_callback: buffer_callback.map(Object::to_owned),
        })
    }
    pub fn buffer_objects(&self) -> impl Iterator<Item = &Owned> {
        self.write.iter().chain(&self.buffer_callback)
    }
}

/// Pickles one object; `pickler` is the object whose hooks are used. Gives the bytes if there is no file.
pub fn dump(core: &Core, pickler: Option<&Object>, value: &Object) -> PyResult<Vec<u8>> {
    let hook = |name: &'static Str| pickler.map_or(Ok(None), |pickler| object::get_attr_opt(pickler, name));
    let mut saver = Saver {
        core,
        out: Output::new(core.write.as_ref()),
        persistent_id: pickler.map_or(Ok(None), super::pickler::persistent_id)?,
        reducer_override: hook(intern!("reducer_override"))?,
        dispatch_table: hook(intern!("dispatch_table"))?,
    };
    if core.proto >= 2 {
        saver.out.put(&[PROTO, core.proto as u8]);
        if core.proto >= 4 {
            saver.out.begin_framing();
        }
    }
    saver.save(value, true)?;
    saver.out.op(STOP);
    saver.out.finish()
}

struct Saver<'a> {
    core: &'a Core,
    out: Output<'a>,
    persistent_id: Option<Owned>,
    reducer_override: Option<Owned>,
    /// The pickler's own.
    dispatch_table: Option<Owned>,
}

#[cold]
fn error(words: std::fmt::Arguments<'_>) -> Raised {
    PICKLING_ERROR.raise(words)
}

/// Adds to the exception that is set what was being serialised.
#[cold]
fn note<T>(raised: Raised, value: &Object, what: std::fmt::Arguments<'_>) -> PyResult<T> {
    let name = errors::preserve(|| full_name(value.ty()));
    errors::add_note(&format!("when serializing {name} {what}"));
    Err(raised)
}

#[cold]
fn shown(value: &Object) -> String {
    match object::repr(value) {
        Ok(text) => text.to_string(),
        Err(_) => {
            errors::clear();
            format!("<{} object>", value.type_name())
        }
    }
}

impl Saver<'_> {
    fn proto(&self) -> i64 {
        self.core.proto
    }
    fn is_binary(&self) -> bool {
        self.core.bin.get() != 0
    }

    // ---- the memo ----

    #[inline]
    fn memo_index(&self, value: &Object) -> Option<usize> {
        self.core.memo.borrow().get(value)
    }
    #[inline]
    fn put_get(&mut self, index: usize) {
        let [a, b, c, d] = (index as u32).to_le_bytes();
        if !self.is_binary() {
            self.out.put(format!("g{index}\n").as_bytes());
        } else if index < 256 {
            self.out.put(&[BINGET, a]);
        } else {
            self.out.put(&[LONG_BINGET, a, b, c, d]);
        }
    }
    #[inline]
    fn memoize(&mut self, value: &Object) {
        if self.core.fast.get() != 0 {
            return;
        }
        let mut memo = self.core.memo.borrow_mut();
        let index = memo.len();
        let old = memo.insert(value.to_owned(), index);
        drop(memo);
        drop(old);
        if self.proto() >= 4 {
            self.out.op(MEMOIZE);
        } else {
            self.put_put(index);
        }
    }
    fn put_put(&mut self, index: usize) {
        let [a, b, c, d] = (index as u32).to_le_bytes();
        if !self.is_binary() {
            self.out.put(format!("p{index}\n").as_bytes());
        } else if index < 256 {
            self.out.put(&[BINPUT, a]);
        } else {
            self.out.put(&[LONG_BINPUT, a, b, c, d]);
        }
    }

    // ---- dispatch ----

    fn save(&mut self, value: &Object, use_persistent_id: bool) -> PyResult<()> {
        if use_persistent_id && self.persistent_id.is_some() && self.save_by_persistent_id(value)? {
            return self.out.boundary();
        }
        if let Some(text) = value.downcast_exact::<Str>() {
            match self.memo_index(value) {
                Some(index) => self.put_get(index),
                None => self.save_str(text)?,
            }
        } else if let Some(int) = value.downcast_exact::<Int>() {
            self.save_int(int)?;
        } else if value.is_none() {
            self.out.op(NONE);
        } else if value.is(types::true_()) || value.is(types::false_()) {
            self.save_bool(value.is(types::true_()));
        } else if let Some(float) = value.downcast_exact::<Float>() {
            self.save_float(float.value());
        } else if let Some(index) = self.memo_index(value) {
            self.put_get(index);
        } else {
            check_recursion(" while pickling an object")?;
            self.save_object(value)?;
        }
        self.out.boundary()
    }
    #[cold]
    fn save_by_persistent_id(&mut self, value: &Object) -> PyResult<bool> {
        let Some(function) = &self.persistent_id else { return Ok(false) };
        let id = call::call1(function, value)?;
        if id.is_none() {
            return Ok(false);
        }
        self.save_persistent(&id)?;
        Ok(true)
    }

    fn save_object(&mut self, value: &Object) -> PyResult<()> {
        if let Some(bytes) = value.downcast_exact::<Bytes>() {
            return self.save_bytes(bytes);
        }
        if let Some(dict) = value.downcast_exact::<Dict>() {
            return self.save_dict(dict);
        }
        if let Some(list) = value.downcast_exact::<List>() {
            return self.save_list(list);
        }
        if let Some(tuple) = value.downcast_exact::<Tuple>() {
            return self.save_tuple(tuple);
        }
        if value.is_exact::<Set>() {
            return self.save_set(value);
        }
        if value.is_exact::<FrozenSet>() {
            return self.save_frozenset(value);
        }
        if value.is_exact::<ByteArray>() {
            return self.save_bytearray(value);
        }
        if value.is_exact::<PickleBuffer>() {
            return self.save_picklebuffer(value);
        }
        self.save_by_reduction(value)
    }

    fn save_by_reduction(&mut self, value: &Object) -> PyResult<()> {
        if let Some(reducer) = &self.reducer_override {
            let reduced = call::call1(reducer, value)?;
            if !reduced.is(types::not_implemented()) {
                return self.save_reduced(value, &reduced);
            }
        }
        let ty = value.ty();
        if std::ptr::eq(ty, types::type_type()) {
            return self.save_type(value);
        }
        if value.is_exact::<Function>() {
            return self.save_global(value, None);
        }
        let dispatch_table = match &self.dispatch_table {
            Some(own) => own.clone(),
            None => DISPATCH_TABLE.imported("copyreg", Some("dispatch_table"))?,
        };
        if let Some(reducer) = mapping::get_item_opt(&dispatch_table, ty)? {
            let reduced = call::call1(&reducer, value)?;
            return self.save_reduced(value, &reduced);
        }
        if ty.is_subtype(types::type_type()) {
            return self.save_global(value, None);
        }
        let reduced = if let Some(reduce) = object::get_attr_opt(value, intern!("__reduce_ex__"))? {
            call::call1(&reduce, Int::from_i64(self.proto()).object())?
        } else if let Some(reduce) = object::get_attr_opt(value, intern!("__reduce__"))? {
            call::call0(&reduce)?
        } else {
            return Err(error(format_args!("Can't pickle {} object", full_name(ty))));
        };
        self.save_reduced(value, &reduced)
    }

    fn save_reduced(&mut self, value: &Object, reduced: &Object) -> PyResult<()> {
        if reduced.is_instance_of::<Str>() {
            return self.save_global(value, Some(reduced));
        }
        let result = match reduced.downcast::<Tuple>() {
            None => Err(error(format_args!("__reduce__ must return a string or tuple, not {}", full_name(reduced.ty())))),
            Some(parts) if !(2..=6).contains(&parts.len()) => {
                Err(error(format_args!("tuple returned by __reduce__ must contain 2 through 6 elements")))
            }
            Some(parts) => self.save_reduce(parts, value),
        };
        result.or_else(|raised| note(raised, value, format_args!("object")))
    }

    fn save_persistent(&mut self, id: &Object) -> PyResult<()> {
        if self.is_binary() {
            self.save(id, false)?;
            self.out.op(BINPERSID);
            return Ok(());
        }
        let text = object::str(id)?;
        let Some(ascii) = text.as_ascii() else {
            return Err(error(format_args!("persistent IDs in protocol 0 must be ASCII strings")));
        };
        self.out.op(PERSID);
        self.out.put(ascii.as_bytes());
        self.out.op(b'\n');
        Ok(())
    }

    // ---- atoms ----

    fn save_bool(&mut self, truth: bool) {
        match (self.proto() >= 2, truth) {
            (true, true) => self.out.op(NEWTRUE),
            (true, false) => self.out.op(NEWFALSE),
            (false, true) => self.out.put(b"I01\n"),
            (false, false) => self.out.put(b"I00\n"),
        }
    }
    fn save_float(&mut self, value: f64) {
        if self.is_binary() {
            self.out.op(BINFLOAT);
            self.out.put(&value.to_be_bytes());
        } else {
            self.out.put(format!("F{}\n", runtime::types::float::repr_f64(value)).as_bytes());
        }
    }
    #[inline]
    fn save_int(&mut self, int: &Int) -> PyResult<()> {
        if let Some(value) = int.as_i64()
            && let Ok(value) = i32::try_from(value)
            && self.is_binary()
        {
            let [a, b, c, d] = value.to_le_bytes();
            match value {
                0..=0xff => self.out.put(&[BININT1, a]),
                0x100..=0xffff => self.out.put(&[BININT2, a, b]),
                _ => self.out.put(&[BININT, a, b, c, d]),
            }
            return Ok(());
        }
        self.save_long(int)
    }
    /// An int that has no binary form of fixed length.
    fn save_long(&mut self, int: &Int) -> PyResult<()> {
        let value = int.as_i64();
        if self.proto() < 2 {
            let text = to_decimal(int)?;
            match value.and_then(|value| i32::try_from(value).ok()) {
                Some(_) => self.out.put(format!("I{text}\n").as_bytes()),
                None => self.out.put(format!("L{text}L\n").as_bytes()),
            }
            return Ok(());
        }
        if let Some(value) = value.filter(|&value| value != 0) {
            // As many bytes as the number and its sign need.
            let spare = if value < 0 { value.leading_ones() } else { value.leading_zeros() } - 1;
            let len = 8 - (spare / 8) as usize;
            self.out.put(&[LONG1, len as u8]);
            self.out.put(&value.to_le_bytes()[..len]);
            return Ok(());
        }
        let bytes = int.to_bigint().to_signed_bytes_le();
        match u8::try_from(bytes.len()) {
            Ok(len) => self.out.put(&[LONG1, len]),
            Err(_) => {
                let len = i32::try_from(bytes.len()).map_err(|_| err!(OverflowError, "int too large to pickle"))?;
                self.out.op(LONG4);
                self.out.put(&len.to_le_bytes());
            }
        }
        self.out.put(&bytes);
        Ok(())
    }

    /// Data with its length before it: a short form of one byte, one of four, one of eight.
    #[inline]
    fn put_sized(&mut self, data: &[u8], payload: Option<&Object>, short: Option<u8>, medium: u8, long: u8) -> PyResult<()> {
        if let (Some(short), Ok(len)) = (short, u8::try_from(data.len())) {
            self.out.put(&[short, len]);
            self.out.put(data);
            return Ok(());
        }
        if let Ok(len) = u32::try_from(data.len()) {
            let [a, b, c, d] = len.to_le_bytes();
            return self.out.put_large(&[medium, a, b, c, d], data, payload);
        }
        if self.proto() < 4 {
            return Err(err!(OverflowError, "serializing a bytes object larger than 4 GiB requires pickle protocol 4 or higher"));
        }
        let mut header = vec![long];
        header.extend_from_slice(&(data.len() as u64).to_le_bytes());
        self.out.put_large(&header, data, payload)
    }

    #[inline]
    fn save_str(&mut self, text: &Str) -> PyResult<()> {
        if !self.is_binary() {
            self.save_str_line(text);
        } else {
            let short = (self.proto() >= 4).then_some(SHORT_BINUNICODE);
            match text.as_ascii() {
                Some(ascii) => self.put_sized(ascii.as_bytes(), None, short, BINUNICODE, BINUNICODE8)?,
                None => self.put_sized(&text.to_wtf8(), None, short, BINUNICODE, BINUNICODE8)?,
            }
        }
        self.memoize(text);
        Ok(())
    }
    fn save_str_line(&mut self, text: &Str) {
        let mut line = vec![UNICODE];
        for c in text.code_points() {
            match c {
                0 | 10 | 13 | 26 | 92 | 0x100..=0xffff => line.extend_from_slice(format!("\\u{c:04x}").as_bytes()),
                0x10000.. => line.extend_from_slice(format!("\\U{c:08x}").as_bytes()),
                _ => line.push(c as u8),
            }
        }
        line.push(b'\n');
        self.out.put(&line);
    }

    fn save_bytes(&mut self, bytes: &Bytes) -> PyResult<()> {
        if self.proto() < 3 {
            let parts = if bytes.len() == 0 {
                Tuple::pair(Bytes::type_object().to_owned(), Tuple::empty().into_object())
            } else {
                let text = Str::from_latin1(bytes.as_slice()).into_object();
                let arguments = Tuple::pair(text, Str::new("latin1").into_object());
                Tuple::pair(attribute_of("codecs", "encode")?, arguments.into_object())
            };
            return self.save_reduce(&parts, bytes);
        }
        self.put_sized(bytes.as_slice(), Some(bytes), Some(SHORT_BINBYTES), BINBYTES, BINBYTES8)?;
        self.memoize(bytes);
        Ok(())
    }

    fn put_bytearray(&mut self, data: &[u8]) -> PyResult<()> {
        let mut header = vec![BYTEARRAY8];
        header.extend_from_slice(&(data.len() as u64).to_le_bytes());
        self.out.put_large(&header, data, None)
    }

    fn save_bytearray(&mut self, value: &Object) -> PyResult<()> {
        let data = runtime::macro_support::Buffer::new(value)?.to_vec();
        if self.proto() < 5 {
            let arguments = if data.is_empty() { Tuple::empty() } else { Tuple::single(Bytes::new(&data).into_object()) };
            let parts = Tuple::pair(ByteArray::type_object().to_owned(), arguments.into_object());
            return self.save_reduce(&parts, value);
        }
        self.put_bytearray(&data)?;
        self.memoize(value);
        Ok(())
    }

    fn save_picklebuffer(&mut self, value: &Object) -> PyResult<()> {
        if self.proto() < 5 {
            return Err(error(format_args!("PickleBuffer can only be pickled with protocol >= 5")));
        }
        let view = call::call1(&*types::builtin_attr("memoryview")?, value)?;
        let is = |name: &'static Str| object::is_true(&*object::get_attr(&view, name)?);
        if !is(intern!("contiguous"))? {
            return Err(error(format_args!("PickleBuffer can not be pickled when pointing to a non-contiguous buffer")));
        }
        let readonly = is(intern!("readonly"))?;
        let in_band = match &self.core.buffer_callback {
            None => true,
            Some(callback) => object::is_true(&*call::call1(callback, value)?)?,
        };
        if !in_band {
            self.out.op(NEXT_BUFFER);
            if readonly {
                self.out.op(READONLY_BUFFER);
            }
            return Ok(());
        }
        let data = call::call_method0(&view, intern!("tobytes"))?;
        let Some(data) = data.downcast::<Bytes>() else { return Err(errors::bad_internal_call()) };
        if readonly {
            self.put_sized(data.as_slice(), None, Some(SHORT_BINBYTES), BINBYTES, BINBYTES8)?;
        } else {
            self.put_bytearray(data.as_slice())?;
        }
        self.memoize(value);
        Ok(())
    }

    // ---- containers ----

    fn save_tuple(&mut self, tuple: &Tuple) -> PyResult<()> {
        let len = tuple.len();
        if len == 0 {
            self.out.put(if self.is_binary() { &[EMPTY_TUPLE] } else { &[MARK, TUPLE] });
            return Ok(());
        }
        let is_short = len <= 3 && self.proto() >= 2;
        if !is_short {
            self.out.op(MARK);
        }
        for (at, item) in tuple.iter().enumerate() {
            self.save(item, true).or_else(|raised| note(raised, tuple, format_args!("item {at}")))?;
        }
        // The tuple may have been saved as part of an item of its own.
        if let Some(index) = self.memo_index(tuple) {
            match (is_short, self.is_binary()) {
                (true, _) => (0..len).for_each(|_| self.out.op(POP)),
                (false, true) => self.out.op(POP_MARK),
                (false, false) => (0..=len).for_each(|_| self.out.op(POP)),
            }
            self.put_get(index);
            return Ok(());
        }
        self.out.op(if is_short { [TUPLE1, TUPLE2, TUPLE3][len - 1] } else { TUPLE });
        self.memoize(tuple);
        Ok(())
    }

    fn save_list(&mut self, list: &List) -> PyResult<()> {
        self.out.put(if self.is_binary() { &[EMPTY_LIST] } else { &[MARK, LIST] });
        self.memoize(list);
        if !self.is_binary() {
            let mut at = 0;
            while self.save_item(list, at)? {
                self.out.op(APPEND);
                at += 1;
            }
            return Ok(());
        }
        if list.len() == 1 {
            self.save_item(list, 0)?;
            self.out.op(APPEND);
            return Ok(());
        }
        let mut at = 0;
        while at < list.len() {
            self.out.op(MARK);
            let end = at + BATCH;
            while at < end && self.save_item(list, at)? {
                at += 1;
            }
            self.out.op(APPENDS);
        }
        Ok(())
    }
    /// Saves an item of a list; false behind its end.
    #[inline]
    fn save_item(&mut self, list: &List, at: usize) -> PyResult<bool> {
        let Some(item) = list.get(at) else { return Ok(false) };
        self.save(&item, true).or_else(|raised| note(raised, list, format_args!("item {at}")))?;
        Ok(true)
    }

    fn save_pair(&mut self, container: &Object, key: &Object, value: &Object) -> PyResult<()> {
        self.save(key, true)?;
        self.save(value, true).or_else(|raised| {
            let key = errors::preserve(|| shown(key));
            note(raised, container, format_args!("item {key}"))
        })
    }

    fn save_dict(&mut self, dict: &Dict) -> PyResult<()> {
        self.out.put(if self.is_binary() { &[EMPTY_DICT] } else { &[MARK, DICT] });
        self.memoize(dict);
        let len = dict.len();
        let mut position = 0;
        if !self.is_binary() || len == 1 {
            while let Some((key, value)) = dict.next(&mut position) {
                self.save_pair(dict, &key, &value)?;
                self.out.op(SETITEM);
                changed_size(dict, len)?;
            }
            return Ok(());
        }
        let mut next = dict.next(&mut position);
        while next.is_some() {
            self.out.op(MARK);
            let mut count = 0;
            while count < BATCH
                && let Some((key, value)) = next.take()
            {
                self.save_pair(dict, &key, &value)?;
                changed_size(dict, len)?;
                next = dict.next(&mut position);
                count += 1;
            }
            self.out.op(SETITEMS);
        }
        Ok(())
    }

    fn save_set(&mut self, set: &Object) -> PyResult<()> {
        if self.proto() < 4 {
            let items = sequence::to_list(set)?;
            let parts = Tuple::pair(set.ty().to_owned(), Tuple::single(items.into_object()).into_object());
            return self.save_reduce(&parts, set);
        }
        self.out.op(EMPTY_SET);
        self.memoize(set);
        let items = iter::get_iter(set)?;
        let mut next = iter::iter_next(&items)?;
        while next.is_some() {
            self.out.op(MARK);
            let mut count = 0;
            while count < BATCH
                && let Some(item) = next.take()
            {
                self.save(&item, true).or_else(|raised| note(raised, set, format_args!("element")))?;
                next = iter::iter_next(&items)?;
                count += 1;
            }
            self.out.op(ADDITEMS);
        }
        Ok(())
    }

    fn save_frozenset(&mut self, set: &Object) -> PyResult<()> {
        if self.proto() < 4 {
            let items = sequence::to_list(set)?;
            let parts = Tuple::pair(set.ty().to_owned(), Tuple::single(items.into_object()).into_object());
            return self.save_reduce(&parts, set);
        }
        self.out.op(MARK);
        let items = iter::get_iter(set)?;
        while let Some(item) = iter::iter_next(&items)? {
            self.save(&item, true).or_else(|raised| note(raised, set, format_args!("element")))?;
        }
        if let Some(index) = self.memo_index(set) {
            self.out.op(POP_MARK);
            self.put_get(index);
            return Ok(());
        }
        self.out.op(FROZENSET);
        self.memoize(set);
        Ok(())
    }

    /// The items of a reduction's iterator, in batches; one alone goes without a mark.
    fn save_batches(&mut self, items: &Object, single: u8, several: u8, mut save: impl FnMut(&mut Self, &Object) -> PyResult<()>) -> PyResult<()> {
        let items = iter::get_iter(items)?;
        let mut next = iter::iter_next(&items)?;
        while let Some(first) = next.take() {
            next = iter::iter_next(&items)?;
            if !self.is_binary() || next.is_none() {
                save(self, &first)?;
                self.out.op(single);
                continue;
            }
            self.out.op(MARK);
            save(self, &first)?;
            let mut count = 1;
            while count < BATCH
                && let Some(item) = next.take()
            {
                save(self, &item)?;
                next = iter::iter_next(&items)?;
                count += 1;
            }
            self.out.op(several);
        }
        Ok(())
    }

    // ---- reductions ----

    /// Saves what `__reduce__` gave: (callable, args[, state[, listitems[, dictitems[, state_setter]]]]).
    fn save_reduce(&mut self, parts: &Tuple, value: &Object) -> PyResult<()> {
        let part = |at: usize| parts.get_opt(at).filter(|part| !part.is_none());
        let (function, arguments) = (parts.get(0), parts.get(1));
        if !object::is_callable(function) {
            return Err(error(format_args!("first item of the tuple returned by __reduce__ must be callable, not {}", full_name(function.ty()))));
        }
        let Some(arguments) = arguments.downcast::<Tuple>() else {
            return Err(error(format_args!("second item of the tuple returned by __reduce__ must be a tuple, not {}", full_name(parts.get(1).ty()))));
        };
        let name = if self.proto() >= 2 { object::get_attr_opt(function, intern!("__name__"))? } else { None };
        let name = name.as_ref().and_then(|name| name.downcast::<Str>());
        if name.is_some_and(|name| name.eq_str("__newobj_ex__")) {
            self.save_newobj_ex(arguments, value)?;
        } else if name.is_some_and(|name| name.eq_str("__newobj__")) {
            self.save_newobj(arguments, value)?;
        } else {
            self.save(function, true).or_else(|raised| note(raised, value, format_args!("reconstructor")))?;
            self.save(arguments, true).or_else(|raised| note(raised, value, format_args!("reconstructor arguments")))?;
            self.out.op(REDUCE);
        }
        if let Some(setter) = part(5)
            && !object::is_callable(setter)
        {
            return Err(error(format_args!("sixth item of the tuple returned by __reduce__ must be callable, not {}", full_name(setter.ty()))));
        }
        // A recursive object may have been saved already, as part of its arguments.
        match self.memo_index(value) {
            Some(index) => {
                self.out.op(POP);
                self.put_get(index);
            }
            None => self.memoize(value),
        }
        if let Some(items) = part(3) {
            if !iter::is_iterator(items) {
                return Err(error(format_args!("fourth item of the tuple returned by __reduce__ must be an iterator, not {}", full_name(items.ty()))));
            }
            let mut at = 0usize;
            self.save_batches(items, APPEND, APPENDS, |saver, item| {
                saver.save(item, true).or_else(|raised| note(raised, value, format_args!("item {at}")))?;
                at += 1;
                Ok(())
            })?;
        }
        if let Some(items) = part(4) {
            if !iter::is_iterator(items) {
                return Err(error(format_args!("fifth item of the tuple returned by __reduce__ must be an iterator, not {}", full_name(items.ty()))));
            }
            self.save_batches(items, SETITEM, SETITEMS, |saver, item| match item.downcast::<Tuple>() {
                Some(pair) if pair.len() == 2 => saver.save_pair(value, pair.get(0), pair.get(1)),
                _ => Err(err!(TypeError, "dict items iterator must return 2-tuples")),
            })?;
        }
        if let Some(state) = part(2) {
            self.save_state(state, part(5), value)?;
        }
        Ok(())
    }

    fn save_state(&mut self, state: &Object, setter: Option<&Object>, value: &Object) -> PyResult<()> {
        let Some(setter) = setter else {
            self.save(state, true).or_else(|raised| note(raised, value, format_args!("state")))?;
            self.out.op(BUILD);
            return Ok(());
        };
        self.save(setter, true).or_else(|raised| note(raised, value, format_args!("state setter")))?;
        self.save(value, true)?;
        self.save(state, true).or_else(|raised| note(raised, value, format_args!("state")))?;
        self.out.put(&[TUPLE2, REDUCE, POP]);
        Ok(())
    }

    /// Checks a class that is to be remade by its `__new__`.
    fn check_class(&self, function: &str, class: &Object, value: &Object) -> PyResult<()> {
        if !object::has_attr(class, intern!("__new__"))? {
            return Err(error(format_args!("first argument to {function}() has no __new__")));
        }
        let own = object::get_attr(value, intern!("__class__"))?;
        if !own.is(class) {
            return Err(error(format_args!("first argument to {function}() must be {}, not {}", shown(&own), shown(class))));
        }
        Ok(())
    }

    fn save_newobj_ex(&mut self, arguments: &Tuple, value: &Object) -> PyResult<()> {
        if arguments.len() != 3 {
            return Err(error(format_args!("__newobj_ex__ expected 3 arguments, got {}", arguments.len())));
        }
        let (class, args, kwargs) = (arguments.get(0), arguments.get(1), arguments.get(2));
        self.check_class("__newobj_ex__", class, value)?;
        let Some(args) = args.downcast::<Tuple>() else {
            return Err(error(format_args!("second argument to __newobj_ex__() must be a tuple, not {}", full_name(args.ty()))));
        };
        let Some(kwargs) = kwargs.downcast::<Dict>() else {
            return Err(error(format_args!("third argument to __newobj_ex__() must be a dict, not {}", full_name(kwargs.ty()))));
        };
        if self.proto() >= 4 {
            self.save(class, true).or_else(|raised| note(raised, value, format_args!("class")))?;
            let saved = self.save(args, true).and_then(|()| self.save(kwargs, true));
            saved.or_else(|raised| note(raised, value, format_args!("__new__ arguments")))?;
            self.out.op(NEWOBJ_EX);
            return Ok(());
        }
        let mut all = vec![object::get_attr(class, intern!("__new__"))?, class.to_owned()];
        all.extend(args.iter().map(Object::to_owned));
        let partial = call::call(&*attribute_of("functools", "partial")?, &Tuple::from_owned(all), Some(kwargs))?;
        self.save(&partial, true).or_else(|raised| note(raised, value, format_args!("reconstructor")))?;
        self.save(Tuple::empty_ref(), true)?;
        self.out.op(REDUCE);
        Ok(())
    }

    fn save_newobj(&mut self, arguments: &Tuple, value: &Object) -> PyResult<()> {
        let Some(class) = arguments.get_opt(0) else {
            return Err(error(format_args!("__newobj__ expected at least 1 argument, got 0")));
        };
        self.check_class("__newobj__", class, value)?;
        self.save(class, true).or_else(|raised| note(raised, value, format_args!("class")))?;
        let rest = arguments.slice(1, arguments.len());
        self.save(rest.object(), true).or_else(|raised| note(raised, value, format_args!("__new__ arguments")))?;
        self.out.op(NEWOBJ);
        Ok(())
    }

    // ---- classes and functions ----

    fn save_type(&mut self, value: &Object) -> PyResult<()> {
        for only in [none(), types::not_implemented(), types::ellipsis()] {
            if value.is(only.ty()) {
                let parts = Tuple::pair(types::type_type().to_owned(), Tuple::single(only.to_owned()).into_object());
                return self.save_reduce(&parts, value);
            }
        }
        self.save_global(value, None)
    }

    fn save_global(&mut self, value: &Object, name: Option<&Object>) -> PyResult<()> {
        let name = match name {
            Some(name) => name.to_owned(),
            None => match object::get_attr_opt(value, intern!("__qualname__"))? {
                Some(name) => name,
                None => object::get_attr(value, intern!("__name__"))?,
            },
        };
        let module = module_of(value, &name)?;
        let (Some(name), Some(module)) = (name.downcast::<Str>(), module.downcast::<Str>()) else {
            return Err(err!(TypeError, "a global's name must be a string"));
        };
        if self.proto() >= 2 && self.save_extension(module, name)? {
            return Ok(());
        }
        if self.proto() >= 4 {
            self.save(module, true)?;
            self.save(name, true)?;
            self.out.op(STACK_GLOBAL);
        } else {
            self.save_global_by_name(module, name)?;
        }
        self.memoize(value);
        Ok(())
    }

    /// Saves a registered extension's code; false if there is none.
    fn save_extension(&mut self, module: &Str, name: &Str) -> PyResult<bool> {
        let registry = attribute_of("copyreg", "_extension_registry")?;
        let key = Tuple::new(&[module, name]);
        let Some(code) = mapping::get_item_opt(&registry, key.object())? else { return Ok(false) };
        let code = number::as_i64(&code)?;
        let [a, b, c, d] = (code as u32).to_le_bytes();
        match code {
            1..=0xff => self.out.put(&[EXT1, a]),
            0x100..=0xffff => self.out.put(&[EXT2, a, b]),
            0x10000..=0x7fff_ffff => self.out.put(&[EXT4, a, b, c, d]),
            _ => return Err(err!(RuntimeError, "extension code {} is out of range", code)),
        }
        Ok(true)
    }

    /// GLOBAL, with `getattr` for the parts of a dotted name.
    fn save_global_by_name(&mut self, module: &Str, name: &Str) -> PyResult<()> {
        let path = name.to_string_lossy().into_owned();
        let mut path = path.split('.');
        let first = path.next().unwrap_or("");
        let rest: Vec<&str> = path.collect();
        for _ in &rest {
            self.save(&*types::builtin_attr("getattr")?, true)?;
            if self.proto() < 2 {
                self.out.op(MARK);
            }
        }
        if rest.is_empty() {
            self.put_global(module, name)?;
        } else {
            self.put_global(module, &Str::new(first))?;
        }
        for part in rest {
            self.save(&Str::new(part), true)?;
            self.out.op(if self.proto() < 2 { TUPLE } else { TUPLE2 });
            self.out.op(REDUCE);
        }
        Ok(())
    }

    fn put_global(&mut self, module: &Str, name: &Str) -> PyResult<()> {
        let (mut module, mut name) = (Owned::from_ref(module), Owned::from_ref(name));
        if self.core.fix_imports {
            (module, name) = self.python_2_name(module, name)?;
        }
        let as_line = |kind: &str, text: &Str| -> PyResult<Vec<u8>> {
            let encoding = if self.proto() < 3 { "ascii" } else { "utf-8" };
            let encoded = runtime::codecs::encode(text, Some(encoding), None);
            match encoded {
                Ok(encoded) => Ok(encoded.downcast::<Bytes>().map_or_else(Vec::new, |encoded| encoded.as_slice().to_vec())),
                Err(raised) if !errors::matches(runtime::exceptions::UnicodeEncodeError()) => Err(raised),
                Err(_) => {
                    let context = errors::take();
                    let raised = error(format_args!("can't pickle {kind} identifier {} using pickle protocol {}", shown(text), self.proto()));
                    Err(errors::with_context(raised, context))
                }
            }
        };
        let mut line = vec![GLOBAL];
        line.extend(as_line("module", &module)?);
        line.push(b'\n');
        line.extend(as_line("global", &name)?);
        line.push(b'\n');
        self.out.put(&line);
        Ok(())
    }

    fn python_2_name(&self, module: Owned<Str>, name: Owned<Str>) -> PyResult<(Owned<Str>, Owned<Str>)> {
        let as_str = |value: &Object| value.downcast::<Str>().map(Owned::from_ref);
        let names = attribute_of("_compat_pickle", "REVERSE_NAME_MAPPING")?;
        if let Some(pair) = mapping::get_item_opt(&names, Tuple::new(&[module.object(), name.object()]).object())?
            && let Some(pair) = pair.downcast::<Tuple>().filter(|pair| pair.len() == 2)
            && let (Some(module), Some(name)) = (as_str(pair.get(0)), as_str(pair.get(1)))
        {
            return Ok((module, name));
        }
        let imports = attribute_of("_compat_pickle", "REVERSE_IMPORT_MAPPING")?;
        match mapping::get_item_opt(&imports, module.object())?.as_ref().and_then(|other| as_str(other)) {
            Some(other) => Ok((other, name)),
            None => Ok((module, name)),
        }
    }
}

fn changed_size(dict: &Dict, len: usize) -> PyResult<()> {
    if dict.len() != len { Err(err!(RuntimeError, "dictionary changed size during iteration")) } else { Ok(()) }
}

/// The module where a global lives: `__module__` if that holds, else `pickle.whichmodule` searches (or refuses).
fn module_of(value: &Object, name: &Object) -> PyResult {
    if let Some(module) = object::get_attr_opt(value, intern!("__module__"))?
        && let (Some(module_name), Some(name)) = (module.downcast::<Str>(), name.downcast::<Str>())
    {
        let modules = attribute_of("sys", "modules")?;
        if let Some(found) = mapping::get_item_opt(&modules, module_name)?
            && let Some(found) = resolve(&found, name)?
            && found.is(value)
        {
            return Ok(module);
        }
    }
    call::call_args(&*attribute_of("pickle", "whichmodule")?, &[value, name])
}

/// What a dotted name leads to; `None` if it leads nowhere.
fn resolve(start: &Object, name: &Str) -> PyResult<Option<Owned>> {
    let Some(text) = name.as_ascii() else { return object::get_attr_opt(start, name) };
    let mut at = start.to_owned();
    for part in text.split('.') {
        match object::get_attr_opt(&at, &Str::new(part))? {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

