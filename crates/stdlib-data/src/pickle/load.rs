//! Reading pickles. Whatever the data says, it ends in an object or an exception.

use super::input::{Input, truncated};
use super::opcodes::*;
use super::{UNPICKLING_ERROR, attribute_of};
use num_bigint::BigInt;
use runtime::errors::{Raised, from_c};
use runtime::protocol::{call, iter, mapping, object};
use runtime::types::float::parse_f64;
use runtime::types::int::convert::int_from_text;
use runtime::types::{self, Bytes, Dict, Float, Int, List, Set, Str, Tuple, none};
use runtime::{Object, Owned, PyResult, Type, err, errors, exceptions, intern};
use std::cell::{Cell, RefCell};
use std::collections::HashMap;

/// Objects by number: dense up to a point, whatever numbers the data has.
#[derive(Default)]
pub struct Memo {
    dense: Vec<Option<Owned>>,
    sparse: HashMap<usize, Owned>,
    len: usize,
}

impl Memo {
    pub fn len(&self) -> usize {
        self.len
    }
    pub fn get(&self, index: usize) -> Option<Owned> {
        match self.dense.get(index) {
            Some(entry) => entry.clone(),
            None => self.sparse.get(&index).cloned(),
        }
    }
    /// Gives back what was there.
    #[inline(always)]
    pub fn put(&mut self, index: usize, value: Owned) -> Option<Owned> {
        if index == self.dense.len() && self.sparse.is_empty() {
            runtime::memory::reserve::grow(&mut self.dense);
            self.dense.push(Some(value));
            self.len += 1;
            return None;
        }
        self.put_anywhere(index, value)
    }
    #[inline(never)]
    fn put_anywhere(&mut self, index: usize, value: Owned) -> Option<Owned> {
        let old = if index < self.dense.len() {
            self.dense[index].replace(value)
        } else if index < 2 * self.dense.len() + 1024 && !self.sparse.contains_key(&index) {
            let start = self.dense.len();
            self.dense.resize(index + 1, None);
            if !self.sparse.is_empty() {
                (start..index).for_each(|moved| self.dense[moved] = self.sparse.remove(&moved));
            }
            self.dense[index].replace(value)
        } else {
            self.sparse.insert(index, value)
        };
        self.len += old.is_none() as usize;
        old
    }
    pub fn entries(&self) -> Vec<(usize, Owned)> {
        let dense = self.dense.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.clone()?)));
        dense.chain(self.sparse.iter().map(|(index, entry)| (*index, entry.clone()))).collect()
    }
    pub fn objects(&self) -> impl Iterator<Item = &Owned> {
        self.dense.iter().flatten().chain(self.sparse.values())
    }
}

/// An unpickler's settings and memo.
pub struct Core {
    pub memo: RefCell<Memo>,
    proto: Cell<i64>,
    fix_imports: bool,
    /// None: ASCII.
    encoding: Option<String>,
    /// None: strict.
    errors: Option<String>,
    buffers: Option<Owned>,
}

impl Core {
    pub fn new(fix_imports: bool, encoding: Option<&str>, errors: Option<&str>, buffers: Option<&Object>) -> PyResult<Core> {
        let buffers = match buffers {
            Some(buffers) if !buffers.is_none() => Some(iter::get_iter(buffers)?),
            _ => None,
        };
        let text = |text: Option<&str>, default: &str| text.filter(|&text| text != default).map(str::to_string);
        Ok(Core {
            memo: RefCell::default(),
            proto: Cell::new(0),
            fix_imports,
            encoding: text(encoding, "ASCII"),
            errors: text(errors, "strict"),
            buffers,
        })
    }
    pub fn buffers(&self) -> Option<&Owned> {
        self.buffers.as_ref()
    }

    /// `find_class` as it is without a subclass.
    pub fn find_class(&self, module: &Str, name: &Str) -> PyResult {
        runtime::audit::audit("pickle.find_class", &[module, name])?;
        let (mut module, mut name) = (Owned::from_ref(module), Owned::from_ref(name));
        if self.proto.get() < 3 && self.fix_imports {
            (module, name) = python_3_name(module, name)?;
        }
        if module.is_empty() {
            return Err(err!(ValueError, "Empty module name"));
        }
        let found = runtime::import::import_absolute(&module)?;
        let modules = attribute_of("sys", "modules")?;
        let found = mapping::get_item_opt(&modules, module.object())?.unwrap_or(found);
        if self.proto.get() < 4 || !name.code_points().any(|c| c == b'.' as u32) {
            return object::get_attr(&found, &name);
        }
        let text = name.to_string_lossy().into_owned();
        let mut at = found;
        for part in text.split('.') {
            match object::get_attr(&at, &Str::new(part)) {
                Ok(next) => at = next,
                Err(_) if errors::matches(exceptions::AttributeError()) => {
                    let context = errors::take();
                    let (name, module) = (object::repr(name.object())?, object::repr(module.object())?);
                    let raised = err!(AttributeError, "Can't resolve path {} on module {}", name, module);
                    return Err(errors::with_context(raised, context));
                }
                Err(raised) => return Err(raised),
            }
        }
        Ok(at)
    }
}

fn python_3_name(module: Owned<Str>, name: Owned<Str>) -> PyResult<(Owned<Str>, Owned<Str>)> {
    let as_str = |value: &Object| value.downcast::<Str>().map(Owned::from_ref);
    let names = attribute_of("_compat_pickle", "NAME_MAPPING")?;
    if let Some(pair) = mapping::get_item_opt(&names, Tuple::new(&[module.object(), name.object()]).object())?
        && let Some(pair) = pair.downcast::<Tuple>().filter(|pair| pair.len() == 2)
        && let (Some(module), Some(name)) = (as_str(pair.get(0)), as_str(pair.get(1)))
    {
        return Ok((module, name));
    }
    let imports = attribute_of("_compat_pickle", "IMPORT_MAPPING")?;
    match mapping::get_item_opt(&imports, module.object())?.as_ref().and_then(|other| as_str(other)) {
        Some(other) => Ok((other, name)),
        None => Ok((module, name)),
    }
}

#[cold]
pub fn error(words: std::fmt::Arguments<'_>) -> Raised {
    UNPICKLING_ERROR.raise(words)
}
#[cold]
pub fn no_persistent_load() -> Raised {
    error(format_args!("A load persistent id instruction was encountered, but no persistent_load function was specified."))
}

/// Loads one object; `unpickler` is the object whose hooks are used.
pub fn load(core: &Core, input: Input<'_>, unpickler: Option<&Object>) -> PyResult {
    core.proto.set(0);
    let hook = |name: &'static Str| unpickler.map_or(Ok(None), |unpickler| object::get_attr_opt(unpickler, name));
    let find_class = match unpickler {
        Some(unpickler) if !unpickler.is_exact::<super::unpickler::Unpickler>() => hook(intern!("find_class"))?,
        _ => None,
    };
    let persistent_load = unpickler.map_or(Ok(None), super::unpickler::persistent_load)?;
    let mut loader = Loader { core, input, stack: Vec::new(), marks: Vec::new(), find_class, persistent_load };
    loop {
        let opcode = match loader.input.byte() {
            Ok(opcode) => opcode,
            Err(raised) => return Err(no_opcode(raised)),
        };
        if opcode == STOP {
            return loader.pop();
        }
        loader.step(opcode)?;
    }
}

#[cold]
fn no_opcode(raised: Raised) -> Raised {
    if !UNPICKLING_ERROR.is_set() {
        return raised;
    }
    errors::clear();
    err!(EOFError, "Ran out of input")
}

struct Loader<'a> {
    core: &'a Core,
    input: Input<'a>,
    stack: Vec<Owned>,
    marks: Vec<usize>,
    find_class: Option<Owned>,
    persistent_load: Option<Owned>,
}

impl Loader<'_> {
    // ---- the stack ----

    #[inline(always)]
    fn push(&mut self, value: Owned) {
        runtime::memory::reserve::grow(&mut self.stack);
        self.stack.push(value);
    }
    #[cold]
    fn underflow(&self) -> Raised {
        if self.marks.is_empty() { error(format_args!("unpickling stack underflow")) } else { error(format_args!("unexpected MARK found")) }
    }
    /// Whether `n` objects lie above the last mark.
    fn check(&self, n: usize) -> PyResult<()> {
        let fence = self.marks.last().copied().unwrap_or(0);
        if self.stack.len().saturating_sub(fence) < n { Err(self.underflow()) } else { Ok(()) }
    }
    fn pop(&mut self) -> PyResult {
        self.check(1)?;
        self.stack.pop().ok_or_else(errors::bad_internal_call)
    }
    fn top(&self) -> PyResult {
        self.check(1)?;
        self.stack.last().cloned().ok_or_else(errors::bad_internal_call)
    }
    #[inline]
    fn marked(&mut self) -> PyResult<usize> {
        match self.marks.pop() {
            Some(mark) => Ok(mark.min(self.stack.len())),
            None => Err(error(format_args!("could not find MARK"))),
        }
    }
    fn pop_mark(&mut self) -> PyResult<Vec<Owned>> {
        let mark = self.marked()?;
        Ok(self.stack.split_off(mark))
    }
    fn push_tuple(&mut self, len: usize) -> PyResult<()> {
        self.check(len)?;
        let tuple = match len {
            1 => Tuple::single(self.pop()?),
            2 => {
                let second = self.pop()?;
                Tuple::pair(self.pop()?, second)
            }
            _ => Tuple::from_owned(self.stack.split_off(self.stack.len() - len)),
        };
        self.push(tuple.into_object());
        Ok(())
    }

    // ---- the memo ----

    fn push_memo(&mut self, index: usize) -> PyResult<()> {
        let found = self.core.memo.borrow().get(index);
        match found {
            Some(value) => {
                self.push(value);
                Ok(())
            }
            None => Err(error(format_args!("Memo value not found at index {index}"))),
        }
    }
    /// Memoizes the top of the stack under the next number.
    #[inline]
    fn memoize(&mut self) -> PyResult<()> {
        self.check(1)?;
        let Some(top) = self.stack.last() else { return Err(errors::bad_internal_call()) };
        let mut memo = self.core.memo.borrow_mut();
        let index = memo.len;
        let old = memo.put(index, top.clone());
        drop(memo);
        drop(old);
        Ok(())
    }
    fn put_memo(&mut self, index: usize) -> PyResult<()> {
        let value = self.top()?;
        let old = self.core.memo.borrow_mut().put(index, value);
        drop(old);
        Ok(())
    }

    fn text(&mut self, len: usize) -> PyResult<Owned<Str>> {
        let data = self.input.read(len)?;
        if let Some(text) = Str::from_utf8_bytes(data) {
            return Ok(text);
        }
        let bytes = Bytes::new(data);
        let text = call::call_method(bytes.object(), intern!("decode"), &[intern!("utf-8"), intern!("surrogatepass")])?;
        text.try_into_typed::<Str>().map_err(|_| errors::bad_internal_call())
    }
    fn push_text(&mut self, len: usize) -> PyResult<()> {
        let text = self.text(len)?;
        self.push(text.into_object());
        Ok(())
    }
    fn push_bytes(&mut self, len: usize) -> PyResult<()> {
        let bytes = Bytes::new(self.input.read(len)?);
        self.push(bytes.into_object());
        Ok(())
    }
    /// A string of Python 2.
    fn push_string(&mut self, data: &[u8]) -> PyResult<()> {
        let bytes = Bytes::new(data);
        let value = if self.core.encoding.as_deref() == Some("bytes") {
            bytes.into_object()
        } else {
            let (encoding, errors) = (Str::new(self.core.encoding.as_deref().unwrap_or("ASCII")), Str::new(self.core.errors.as_deref().unwrap_or("strict")));
            call::call_method(bytes.object(), intern!("decode"), &[encoding.object(), errors.object()])?
        };
        self.push(value);
        Ok(())
    }
    fn number_line(&mut self) -> PyResult<usize> {
        let line = self.input.line()?;
        if line.is_empty() {
            return Err(truncated());
        }
        let text = String::from_utf8_lossy(&line).into_owned();
        let int = int_from_text(&text, 10, &Str::new(&text))?;
        if int.is_negative() {
            return Err(err!(ValueError, "negative PUT argument"));
        }
        int.as_i64().map(|index| index as usize).ok_or_else(|| err!(OverflowError, "Python int too large to convert to C ssize_t"))
    }

    #[inline(always)]
    fn step(&mut self, opcode: u8) -> PyResult<()> {
        match opcode {
            MARK => {
                runtime::memory::reserve::grow(&mut self.marks);
                self.marks.push(self.stack.len());
            }
            NONE => self.push(none().to_owned()),
            NEWTRUE => self.push(types::true_().to_owned()),
            NEWFALSE => self.push(types::false_().to_owned()),
            BININT1 => {
                let value = self.input.byte()?;
                self.push(Int::from_i64(value as i64).into_object());
            }
            BININT2 => {
                let value = u16::from_le_bytes(self.input.array()?);
                self.push(Int::from_i64(value as i64).into_object());
            }
            BININT => {
                let value = i32::from_le_bytes(self.input.array()?);
                self.push(Int::from_i64(value as i64).into_object());
            }
            BINFLOAT => {
                let value = f64::from_be_bytes(self.input.array()?);
                self.push(Float::new(value).into_object());
            }
            SHORT_BINUNICODE => {
                let len = self.input.byte()? as usize;
                self.push_text(len)?;
            }
            BINUNICODE => {
                let len = self.input.size4()?;
                self.push_text(len)?;
            }
            BINUNICODE8 => {
                let len = self.input.size8("BINUNICODE")?;
                self.push_text(len)?;
            }
            SHORT_BINBYTES => {
                let len = self.input.byte()? as usize;
                self.push_bytes(len)?;
            }
            BINBYTES => {
                let len = self.input.size4()?;
                self.push_bytes(len)?;
            }
            BINBYTES8 => {
                let len = self.input.size8("BINBYTES")?;
                self.push_bytes(len)?;
            }
            MEMOIZE => self.memoize()?,
            BINPUT => {
                let index = self.input.byte()? as usize;
                self.put_memo(index)?;
            }
            LONG_BINPUT => {
                let index = self.input.size4()?;
                self.put_memo(index)?;
            }
            BINGET => {
                let index = self.input.byte()? as usize;
                self.push_memo(index)?;
            }
            LONG_BINGET => {
                let index = self.input.size4()?;
                self.push_memo(index)?;
            }
            EMPTY_TUPLE => self.push(Tuple::empty().into_object()),
            TUPLE1 => self.push_tuple(1)?,
            TUPLE2 => self.push_tuple(2)?,
            TUPLE3 => self.push_tuple(3)?,
            TUPLE => {
                let items = self.pop_mark()?;
                self.push(Tuple::from_owned(items).into_object());
            }
            EMPTY_LIST => self.push(List::new().into_object()),
            EMPTY_DICT => self.push(Dict::new().into_object()),
            EMPTY_SET => self.push(Set::new().into_object()),
            LIST => {
                let items = self.pop_mark()?;
                self.push(List::from_owned(items).into_object());
            }
            APPEND => {
                self.check(1)?;
                self.append(self.stack.len() - 1)?;
            }
            APPENDS => {
                let start = self.marked()?;
                self.append(start)?;
            }
            SETITEM => {
                self.check(2)?;
                self.set_items(self.stack.len() - 2)?;
            }
            SETITEMS => {
                let start = self.marked()?;
                self.set_items(start)?;
            }
            FRAME => {
                let len = self.input.size8("FRAME length")?;
                self.input.begin_frame(len)?;
            }
            PROTO => {
                let proto = self.input.byte()?;
                if proto as i64 > HIGHEST_PROTOCOL {
                    return Err(err!(ValueError, "unsupported pickle protocol: {}", proto));
                }
                self.core.proto.set(proto as i64);
            }
            GLOBAL | STACK_GLOBAL => self.load_global(opcode)?,
            REDUCE => {
                let arguments = self.pop()?;
                let function = self.pop()?;
                let Some(arguments) = arguments.downcast::<Tuple>() else {
                    return Err(err!(TypeError, "argument list must be a tuple"));
                };
                let made = call::call(&function, arguments, None)?;
                self.push(made);
            }
            NEWOBJ | NEWOBJ_EX => self.load_new(opcode == NEWOBJ_EX)?,
            BUILD => self.load_build()?,
            _ => return self.step_rare(opcode),
        }
        Ok(())
    }

    fn step_rare(&mut self, opcode: u8) -> PyResult<()> {
        match opcode {
            POP => {
                if self.stack.len() == self.marks.last().copied().unwrap_or(0) && !self.marks.is_empty() {
                    self.marks.pop();
                } else {
                    self.pop()?;
                }
            }
            POP_MARK => drop(self.pop_mark()?),
            DUP => {
                let top = self.top()?;
                self.push(top);
            }
            INT | LONG | FLOAT | STRING | UNICODE | PERSID => self.load_line(opcode)?,
            LONG1 => {
                let len = self.input.byte()? as usize;
                self.load_long(len)?;
            }
            LONG4 => {
                let len = i32::from_le_bytes(self.input.array()?);
                let Ok(len) = usize::try_from(len) else {
                    return Err(error(format_args!("LONG pickle has negative byte count")));
                };
                self.load_long(len)?;
            }
            BINSTRING => {
                let len = i32::from_le_bytes(self.input.array()?);
                let Ok(len) = usize::try_from(len) else {
                    return Err(error(format_args!("BINSTRING pickle has negative byte count")));
                };
                let data = self.input.read(len)?.to_vec();
                self.push_string(&data)?;
            }
            SHORT_BINSTRING => {
                let len = self.input.byte()? as usize;
                let data = self.input.read(len)?.to_vec();
                self.push_string(&data)?;
            }
            BYTEARRAY8 => {
                let len = self.input.size8("BYTEARRAY8")?;
                let bytes = Bytes::new(self.input.read(len)?);
                let made = call::call1(&*types::builtin_attr("bytearray")?, bytes.object())?;
                self.push(made);
            }
            NEXT_BUFFER => {
                let Some(buffers) = &self.core.buffers else {
                    return Err(error(format_args!("pickle stream refers to out-of-band data but no *buffers* argument was given")));
                };
                match iter::iter_next(buffers)? {
                    Some(buffer) => self.push(buffer),
                    None => return Err(error(format_args!("not enough out-of-band buffers"))),
                }
            }
            READONLY_BUFFER => {
                let buffer = self.pop()?;
                let view = call::call1(&*types::builtin_attr("memoryview")?, &buffer)?;
                let readonly = object::is_true(&*object::get_attr(&view, intern!("readonly"))?)?;
                let kept = if readonly { buffer } else { call::call_method0(&view, intern!("toreadonly"))? };
                self.push(kept);
            }
            DICT => {
                let items = self.pop_mark()?;
                if items.len() % 2 != 0 {
                    return Err(error(format_args!("odd number of items for DICT")));
                }
                let dict = Dict::new();
                for pair in items.chunks_exact(2) {
                    dict.set_item(&pair[0], &pair[1])?;
                }
                self.push(dict.into_object());
            }
            FROZENSET => {
                let items = self.pop_mark()?;
                let set = Set::frozen(List::from_owned(items).object())?;
                self.push(set.into_object());
            }
            ADDITEMS => {
                let items = self.pop_mark()?;
                let set = self.top()?;
                match set.downcast::<Set>() {
                    Some(own) => items.into_iter().try_for_each(|item| own.add_owned(item))?,
                    None => {
                        let add = object::get_attr(&set, intern!("add"))?;
                        items.iter().try_for_each(|item| call::call1(&add, item).map(drop))?;
                    }
                }
            }
            GET => {
                let line = self.input.line()?;
                if line.is_empty() {
                    return Err(truncated());
                }
                let text = String::from_utf8_lossy(&line).into_owned();
                let int = int_from_text(&text, 10, &Str::new(&text))?;
                match int.as_i64().and_then(|index| usize::try_from(index).ok()) {
                    Some(index) => self.push_memo(index)?,
                    None => return Err(error(format_args!("Memo value not found at index {text}"))),
                }
            }
            PUT => {
                let index = self.number_line()?;
                self.put_memo(index)?;
            }
            BINPERSID => {
                let id = self.pop()?;
                self.push_persistent(&id)?;
            }
            INST => {
                let module = self.line_text("ascii")?;
                let name = self.line_text("ascii")?;
                let class = self.find(&module, &name)?;
                let arguments = self.pop_mark()?;
                self.instantiate(&class, arguments)?;
            }
            OBJ => {
                let mut items = self.pop_mark()?;
                if items.is_empty() {
                    return Err(self.underflow());
                }
                let class = items.remove(0);
                self.instantiate(&class, items)?;
            }
            EXT1 => {
                let code = self.input.byte()? as i64;
                self.load_extension(code)?;
            }
            EXT2 => {
                let code = u16::from_le_bytes(self.input.array()?) as i64;
                self.load_extension(code)?;
            }
            EXT4 => {
                let code = i32::from_le_bytes(self.input.array()?) as i64;
                self.load_extension(code)?;
            }
            _ => {
                let shown = match opcode {
                    b'\'' | b'\\' => format!("'\\{}'", opcode as char),
                    0x20..=0x7e => format!("'{}'", opcode as char),
                    _ => format!("'\\x{opcode:02x}'"),
                };
                return Err(error(format_args!("invalid load key, {shown}.")));
            }
        }
        Ok(())
    }

    // ---- values ----

    fn load_line(&mut self, opcode: u8) -> PyResult<()> {
        let line = self.input.line()?;
        if line.is_empty() && matches!(opcode, INT | LONG | FLOAT) {
            return Err(truncated());
        }
        let lossy = || String::from_utf8_lossy(&line).into_owned();
        let value = match opcode {
            INT if line == b"01" => types::true_().to_owned(),
            INT if line == b"00" => types::false_().to_owned(),
            INT => {
                let text = lossy();
                match int_from_text(&text, 10, &Str::new(&text)) {
                    Ok(int) => int.into_object(),
                    Err(raised) if !errors::matches(runtime::exceptions::ValueError()) => return Err(raised),
                    Err(_) => {
                        errors::clear();
                        return Err(err!(ValueError, "could not convert string to int"));
                    }
                }
            }
            LONG => {
                let text = lossy();
                let text = text.strip_suffix('L').unwrap_or(&text);
                int_from_text(text, 10, &Str::new(text))?.into_object()
            }
            FLOAT => match parse_f64(&lossy()) {
                Some(value) => Float::new(value).into_object(),
                None => {
                    return Err(err!(ValueError, "could not convert string to float: '{}\n'", lossy()));
                }
            },
            STRING => {
                let is_quoted = line.len() >= 2 && line.first() == line.last() && matches!(line[0], b'"' | b'\'');
                if !is_quoted {
                    return Err(error(format_args!("the STRING opcode argument must be quoted")));
                }
                let decoded = call::call1(&*attribute_of("_codecs", "escape_decode")?, Bytes::new(&line[1..line.len() - 1]).object())?;
                let data = match decoded.downcast::<Tuple>().and_then(|pair| pair.get_opt(0)).and_then(|data| data.downcast::<Bytes>()) {
                    Some(data) => data.as_slice().to_vec(),
                    None => return Err(errors::bad_internal_call()),
                };
                return self.push_string(&data);
            }
            UNICODE => call::call_method(Bytes::new(&line).object(), intern!("decode"), &[intern!("raw-unicode-escape")])?,
            _ => {
                let Some(id) = std::str::from_utf8(&line).ok().filter(|id| id.is_ascii()) else {
                    return Err(error(format_args!("persistent IDs in protocol 0 must be ASCII strings")));
                };
                return self.push_persistent(&Str::new(id));
            }
        };
        self.push(value);
        Ok(())
    }

    fn load_long(&mut self, len: usize) -> PyResult<()> {
        let value = BigInt::from_signed_bytes_le(self.input.read(len)?);
        self.push(Int::try_from_bigint(&value)?.into_object());
        Ok(())
    }

    /// The container below the objects from `start` on.
    fn below(&self, start: usize) -> PyResult {
        let fence = self.marks.last().copied().unwrap_or(0);
        match start.checked_sub(1).filter(|&at| at >= fence).and_then(|at| self.stack.get(at)) {
            Some(container) => Ok(container.clone()),
            None => Err(self.underflow()),
        }
    }

    /// Appends the objects from `start` on to the list below them.
    fn append(&mut self, start: usize) -> PyResult<()> {
        let list = self.below(start)?;
        if let Some(list) = list.downcast_exact::<List>() {
            return self.stack.drain(start..).try_for_each(|item| list.push(item));
        }
        let items = self.stack.split_off(start);
        if let Some(extend) = object::get_attr_opt(&list, intern!("extend"))? {
            return call::call1(&extend, List::from_owned(items).object()).map(drop);
        }
        let append = object::get_attr(&list, intern!("append"))?;
        items.iter().try_for_each(|item| call::call1(&append, item).map(drop))
    }

    /// Keys and values from `start` on go to the dict below them.
    fn set_items(&mut self, start: usize) -> PyResult<()> {
        let container = self.below(start)?;
        if (self.stack.len() - start) % 2 != 0 {
            return Err(error(format_args!("odd number of items for SETITEMS")));
        }
        let mut items = self.stack.drain(start..);
        if let Some(dict) = container.downcast_exact::<Dict>() {
            while let (Some(key), Some(value)) = (items.next(), items.next()) {
                dict.set_item_owned(key, value)?;
            }
            return Ok(());
        }
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            mapping::set_item(&container, &key, &value)?;
        }
        Ok(())
    }

    // ---- objects ----

    fn push_persistent(&mut self, id: &Object) -> PyResult<()> {
        let Some(load) = &self.persistent_load else {
            return Err(no_persistent_load());
        };
        let value = call::call1(load, id)?;
        self.push(value);
        Ok(())
    }

    fn find(&self, module: &Str, name: &Str) -> PyResult {
        match &self.find_class {
            Some(find_class) => call::call_args(find_class, &[module, name]),
            None => self.core.find_class(module, name),
        }
    }
    fn line_text(&mut self, encoding: &str) -> PyResult<Owned<Str>> {
        let line = self.input.line()?;
        if line.is_empty() {
            return Err(truncated());
        }
        if let Ok(text) = std::str::from_utf8(&line)
            && (text.is_ascii() || encoding == "utf-8")
        {
            return Ok(Str::new(text));
        }
        let text = call::call_method(Bytes::new(&line).object(), intern!("decode"), &[&Str::new(encoding)])?;
        text.try_into_typed::<Str>().map_err(|_| errors::bad_internal_call())
    }
    fn load_global(&mut self, opcode: u8) -> PyResult<()> {
        let found = if opcode == GLOBAL {
            let module = self.line_text("utf-8")?;
            let name = self.line_text("utf-8")?;
            self.find(&module, &name)?
        } else {
            let name = self.pop()?;
            let module = self.pop()?;
            match (module.downcast_exact::<Str>(), name.downcast_exact::<Str>()) {
                (Some(module), Some(name)) => self.find(module, name)?,
                _ => return Err(error(format_args!("STACK_GLOBAL requires str"))),
            }
        };
        self.push(found);
        Ok(())
    }

    fn load_extension(&mut self, code: i64) -> PyResult<()> {
        let key = Int::from_i64(code);
        let cache = attribute_of("copyreg", "_extension_cache")?;
        if let Some(found) = mapping::get_item_opt(&cache, key.object())? {
            self.push(found);
            return Ok(());
        }
        let registry = attribute_of("copyreg", "_inverted_registry")?;
        let Some(pair) = mapping::get_item_opt(&registry, key.object())? else {
            if code <= 0 {
                return Err(error(format_args!("EXT specifies code <= 0")));
            }
            return Err(err!(ValueError, "unregistered extension code {}", code));
        };
        let names = pair.downcast::<Tuple>().filter(|pair| pair.len() == 2);
        let names = names.and_then(|pair| Some((pair.get(0).downcast::<Str>()?, pair.get(1).downcast::<Str>()?)));
        let Some((module, name)) = names else {
            return Err(err!(ValueError, "_inverted_registry[{}] isn't a 2-tuple of strings", code));
        };
        let found = self.find(module, name)?;
        mapping::set_item(&cache, key.object(), &found)?;
        self.push(found);
        Ok(())
    }

    fn instantiate(&mut self, class: &Object, arguments: Vec<Owned>) -> PyResult<()> {
        let made = if arguments.is_empty()
            && class.is_instance_of::<Type>()
            && object::get_attr_opt(class, intern!("__getinitargs__"))?.is_none()
        {
            call::call1(&*object::get_attr(class, intern!("__new__"))?, class)?
        } else {
            call::call(class, &Tuple::from_owned(arguments), None)?
        };
        self.push(made);
        Ok(())
    }

    fn load_new(&mut self, extended: bool) -> PyResult<()> {
        let opcode = if extended { "NEWOBJ_EX" } else { "NEWOBJ" };
        let kwargs = if extended { Some(self.pop()?) } else { None };
        let arguments = self.pop()?;
        let class = self.pop()?;
        let Some(class_type) = class.downcast::<Type>() else {
            return Err(error(format_args!("{opcode} class argument must be a type, not {}", class.type_name())));
        };
        let Some(new) = class_type.0.tp_new.get() else {
            return Err(error(format_args!("{opcode} class argument '{}' doesn't have __new__", class_type.name())));
        };
        if !arguments.is_instance_of::<Tuple>() {
            return Err(error(format_args!("{opcode} expected an arg tuple, got {}", arguments.type_name())));
        }
        if let Some(kwargs) = &kwargs
            && !kwargs.is_instance_of::<Dict>()
        {
            return Err(error(format_args!("{opcode} kwargs argument must be a dict, not {}", kwargs.type_name())));
        }
        let kwargs = kwargs.as_ref().map_or(std::ptr::null_mut(), |kwargs| kwargs.as_ptr());
        // SAFETY: the class's own slot, a tuple, and a dict or NULL.
        let made = unsafe { from_c(new(class_type.as_type_ptr(), arguments.as_ptr(), kwargs)) }?;
        self.push(made);
        Ok(())
    }

    fn load_build(&mut self) -> PyResult<()> {
        let state = self.pop()?;
        let instance = self.top()?;
        if let Some(setstate) = object::get_attr_opt(&instance, intern!("__setstate__"))? {
            return call::call1(&setstate, &state).map(drop);
        }
        let (mut state, mut slots) = (state, None);
        if let Some(pair) = state.downcast::<Tuple>().filter(|pair| pair.len() == 2) {
            slots = Some(pair.get(1).to_owned());
            let first = pair.get(0).to_owned();
            state = first;
        }
        if !state.is_none() && object::is_true(&state)? {
            let Some(state) = state.downcast::<Dict>() else { return Err(error(format_args!("state is not a dictionary"))) };
            let dict = object::get_attr(&instance, intern!("__dict__"))?;
            let mut position = 0;
            while let Some((key, value)) = state.next(&mut position) {
                // Attribute names are interned, as the compiler interns them.
                let key = match key.try_into_typed::<Str>() {
                    Ok(name) if name.object().is_exact::<Str>() => Str::intern(name).into_object(),
                    Ok(name) => name.into_object(),
                    Err(other) => other,
                };
                mapping::set_item(&dict, &key, &value)?;
            }
        }
        if let Some(slots) = slots.filter(|slots| !slots.is_none()) {
            let Some(slots) = slots.downcast::<Dict>() else { return Err(error(format_args!("slot state is not a dictionary"))) };
            let mut position = 0;
            while let Some((key, value)) = slots.next(&mut position) {
                object::set_attr_object(&instance, &key, Some(&value))?;
            }
        }
        Ok(())
    }
}
