//! Code objects: bytecode with its constants, names and tables. The instructions lie behind the struct and are rewritten in place as they
//! specialise; `co_code` gives them back in their original form.

use crate::err;
use crate::errors::{self, PyResult};
use crate::interp::backoff;
use crate::interp::frame::{CodeWord, FRAME_SPECIALS_SIZE};
use crate::macro_support::Args;
use crate::memory;
use crate::object::{Object, Owned, PyTyped, xdecref, xincref};
use crate::protocol::object::{self, CompareOp};
use crate::types::{self, watchers, Bytes, FrozenSet, GilCell, Int, List, Str, Tuple, Type};
use abi::{PyCodeObject, PyObject};
use bytecode::{Opcode, op};
use macros::pytype;
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, HashSet};
use std::mem::offset_of;
use std::ptr;

#[repr(transparent)]
pub struct Code(pub PyCodeObject);

const KIND_LOCAL: u8 = 0x20;
const KIND_CELL: u8 = 0x40;
const KIND_FREE: u8 = 0x80;

/// Everything a new code object is made of (`struct _PyCodeConstructor`).
pub struct Fields<'a> {
    pub argcount: i32,
    pub posonlyargcount: i32,
    pub kwonlyargcount: i32,
    pub stacksize: i32,
    pub flags: i32,
    pub code: Cow<'a, [u8]>,
    pub consts: Owned<Tuple>,
    pub names: Owned<Tuple>,
    pub localsplusnames: Owned<Tuple>,
    pub localspluskinds: Owned<Bytes>,
    pub filename: Owned<Str>,
    pub name: Owned<Str>,
    pub qualname: Owned<Str>,
    pub firstlineno: i32,
    pub linetable: Owned<Bytes>,
    pub exceptiontable: Owned<Bytes>,
}

impl Code {
    /// Makes a code object. The fields are trusted: what comes from outside has passed the verifier.
    pub fn new(fields: Fields<'_>) -> PyResult<Owned<Code>> {
        let units = fields.code.len() / 2;
        let size = offset_of!(PyCodeObject, co_code_adaptive) + units.max(1) * 2;
        let linetable = match crate::state::get().config.borrow().no_debug_ranges {
            true => Bytes::new(&bytecode::locations::without_columns(fields.linetable.as_slice(), fields.firstlineno)),
            false => fields.linetable,
        };
        intern_names(&fields.names);
        intern_names(&fields.localsplusnames);
        intern_constants(&fields.consts);
        // SAFETY: a fresh block of the right size, filled in completely.
        unsafe {
            let op = crate::object::alloc_plain(Code::type_object(), size);
            if op.is_null() {
                return Err(errors::no_memory());
            }
            // The code follows; one unit at least is there.
            let header = offset_of!(PyCodeObject, co_code_adaptive) + 2;
            ptr::write_bytes((op as *mut u8).add(16), 0, header - 16);
            let co = &*(op as *mut PyCodeObject);
            co.ob_base.ob_size.set(units as isize);
            co.co_consts.set(fields.consts.into_raw());
            co.co_names.set(fields.names.into_raw());
            co.co_exceptiontable.set(fields.exceptiontable.into_raw());
            co.co_flags.set(fields.flags);
            co.co_argcount.set(fields.argcount);
            co.co_posonlyargcount.set(fields.posonlyargcount);
            co.co_kwonlyargcount.set(fields.kwonlyargcount);
            co.co_stacksize.set(fields.stacksize);
            co.co_firstlineno.set(fields.firstlineno);
            let kinds = fields.localspluskinds.as_slice();
            let nlocalsplus = kinds.len() as i32;
            co.co_nlocalsplus.set(nlocalsplus);
            co.co_framesize.set(nlocalsplus + fields.stacksize + FRAME_SPECIALS_SIZE as i32);
            co.co_nlocals.set(kinds.iter().filter(|&&k| k & KIND_LOCAL != 0).count() as i32);
            co.co_ncellvars.set(kinds.iter().filter(|&&k| k & KIND_CELL != 0).count() as i32);
            co.co_nfreevars.set(kinds.iter().filter(|&&k| k & KIND_FREE != 0).count() as i32);
            co.co_localsplusnames.set(fields.localsplusnames.into_raw());
            co.co_localspluskinds.set(fields.localspluskinds.into_raw());
            co.co_filename.set(fields.filename.into_raw());
            co.co_name.set(crate::types::Str::intern(fields.name).into_raw());
            co.co_qualname.set(crate::types::Str::intern(fields.qualname).into_raw());
            co.co_linetable.set(linetable.into_raw());
            co._co_unique_id.set(-1);
            let words = (op as *mut u8).add(offset_of!(PyCodeObject, co_code_adaptive)) as *mut CodeWord;
            ptr::copy_nonoverlapping(fields.code.as_ptr(), words as *mut u8, units * 2);
            let mut first = 0;
            while first < units && (*words.add(first)).code != op::RESUME {
                first += 1;
            }
            co._co_firsttraceable.set(first as i32);
            quicken(words, units);
            if watchers::CODE.active() {
                watchers::tell_code(watchers::CODE_CREATE, Object::from_ptr(op));
            }
            Ok(Owned::from_raw(op))
        }
    }

    #[inline(always)]
    pub fn words(&self) -> *mut CodeWord {
        (&raw const self.0.co_code_adaptive) as *mut CodeWord
    }
    #[inline(always)]
    pub fn consts_ptr(&self) -> *const *mut PyObject {
        // SAFETY: co_consts is a tuple.
        unsafe { types::tuple::raw_items(self.0.co_consts.get()) }
    }
    #[inline(always)]
    pub fn consts(&self) -> &Tuple {
        // SAFETY: co_consts is a tuple.
        unsafe { Object::from_ptr(self.0.co_consts.get()).cast() }
    }
    pub fn names(&self) -> &Tuple {
        // SAFETY: co_names is a tuple.
        unsafe { Object::from_ptr(self.0.co_names.get()).cast() }
    }
    /// # Safety
    /// `index` is within `co_names`.
    #[inline(always)]
    pub unsafe fn name_at(&self, index: usize) -> &Str {
        // SAFETY: by contract; names are strs.
        unsafe { Object::from_ptr(*types::tuple::raw_items(self.0.co_names.get()).add(index)).cast() }
    }
    /// The name of a local, cell or free variable. The index is checked.
    #[inline]
    pub fn localsplus_name(&self, index: usize) -> &Str {
        // SAFETY: a tuple of strs; get() checks nothing beyond debug assertions, so the bound is tested here.
        unsafe {
            let names: &Tuple = Object::from_ptr(self.0.co_localsplusnames.get()).cast();
            if index < names.len() { names.get(index).cast() } else { Object::from_ptr(self.0.co_name.get()).cast() }
        }
    }
    pub fn kinds(&self) -> &[u8] {
        // SAFETY: bytes, owned by the code object.
        unsafe { Object::from_ptr(self.0.co_localspluskinds.get()).cast::<Bytes>() }.as_slice()
    }
    pub fn name(&self) -> &Str {
        // SAFETY: a str.
        unsafe { Object::from_ptr(self.0.co_name.get()).cast() }
    }
    pub fn qualname(&self) -> &Str {
        // SAFETY: a str.
        unsafe { Object::from_ptr(self.0.co_qualname.get()).cast() }
    }
    pub fn filename(&self) -> &Str {
        // SAFETY: a str.
        unsafe { Object::from_ptr(self.0.co_filename.get()).cast() }
    }
    pub fn flags(&self) -> i32 {
        self.0.co_flags.get()
    }
    pub fn line_table(&self) -> &[u8] {
        // SAFETY: bytes.
        unsafe { Object::from_ptr(self.0.co_linetable.get()).cast::<Bytes>() }.as_slice()
    }
    pub fn exception_table(&self) -> &[u8] {
        // SAFETY: bytes.
        unsafe { Object::from_ptr(self.0.co_exceptiontable.get()).cast::<Bytes>() }.as_slice()
    }
    /// Number of code units.
    pub fn len(&self) -> usize {
        self.0.ob_base.ob_size.get() as usize
    }
    /// `PyCode_Addr2Line`: the line of the instruction at a byte offset, or -1. A negative offset is the first line.
    pub fn line_of(&self, byte_offset: i32) -> i32 {
        if byte_offset < 0 {
            return self.0.co_firstlineno.get();
        }
        bytecode::locations::line_at(self.line_table(), self.0.co_firstlineno.get(), byte_offset as usize / 2)
    }
    /// The instructions as the compiler wrote them: no specialised or instrumented forms, caches zero.
    pub fn original_code(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.len() * 2);
        let mut i = 0;
        while i < self.len() {
            // SAFETY: i is within the code.
            let word = unsafe { *self.words().add(i) };
            let hidden = if i == 0 && self.is_unrunnable() { self.unrunnable(|record| record.first) } else { None };
            let base = match hidden {
                Some(first) => Opcode::from_number(first.code as u32).map_or(first.code, |opcode| opcode.base() as u8),
                None => crate::interp::monitoring::base_opcode(self, i),
            };
            out.extend([base, word.arg]);
            i += 1;
            let caches = Opcode::from_number(base as u32).map_or(0, |opcode| opcode.caches());
            out.extend(std::iter::repeat_n(0, caches * 2));
            i += caches;
        }
        out
    }
    fn names_of_kind(&self, mask: u8) -> Owned<Tuple> {
        let kinds = self.kinds();
        let names: Vec<Owned> = (0..kinds.len()).filter(|&i| kinds[i] & mask != 0).map(|i| self.localsplus_name(i).as_object().to_owned()).collect();
        Tuple::from_owned(names)
    }
    fn own(cell: &Cell<*mut PyObject>) -> Owned {
        // SAFETY: the fields are never NULL.
        unsafe { Object::from_ptr(cell.get()).to_owned() }
    }
}

/// Code that the verifier refused. It can be looked at like any other; its first instruction is RESERVED, which raises.
struct Unrunnable {
    first: CodeWord,
    fault: String,
}

/// The `_co_unique_id` (otherwise unused) of such code.
const UNRUNNABLE: isize = -2;
static UNRUNNABLES: GilCell<RefCell<BTreeMap<usize, Unrunnable>>> = GilCell(RefCell::new(BTreeMap::new()));

impl Code {
    /// A code object that says what is wrong with it when it is run.
    pub fn new_unrunnable(mut fields: Fields, fault: String) -> PyResult<Owned<Code>> {
        // Its frames need no stack: what is claimed may be any number.
        let stacksize = std::mem::replace(&mut fields.stacksize, 1);
        let first = match fields.code[..] {
            [code, arg, ..] => CodeWord { code, arg },
            _ => return Err(errors::bad_internal_call()),
        };
        let made = Code::new(fields)?;
        made.0.co_stacksize.set(stacksize);
        made.0._co_unique_id.set(UNRUNNABLE);
        UNRUNNABLES.0.borrow_mut().insert(made.as_object().as_ptr() as usize, Unrunnable { first, fault });
        // SAFETY: the code has a word.
        unsafe { (*made.words()).code = op::RESERVED };
        Ok(made)
    }
    pub fn is_unrunnable(&self) -> bool {
        self.0._co_unique_id.get() == UNRUNNABLE
    }
    fn unrunnable<T>(&self, f: impl FnOnce(&Unrunnable) -> T) -> Option<T> {
        UNRUNNABLES.0.borrow().get(&(self.as_object().as_ptr() as usize)).map(f)
    }
}

/// What running refused code comes to.
#[cold]
pub fn raise_unrunnable(code: &Code) {
    let fault = code.unrunnable(|record| record.fault.clone());
    err!(SystemError, "{}", fault.as_deref().unwrap_or("unknown opcode 17"));
}

/// Sets the counters of adaptive instructions, and the quick forms of loads of constants.
unsafe fn quicken(words: *mut CodeWord, units: usize) {
    let mut i = 0;
    while i < units {
        // SAFETY: i is within the code.
        unsafe {
            let code = (*words.add(i)).code;
            let caches = bytecode::opcodes::CACHES[code as usize] as usize;
            if caches > 0 && i + caches < units {
                let counter = words.add(i + 1) as *mut u16;
                *counter = match code {
                    op::JUMP_BACKWARD => 0,
                    op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => 0x5555,
                    _ => backoff::WARMUP,
                };
            }
            i += 1 + caches;
        }
    }
}

fn intern_names(names: &Tuple) {
    // SAFETY: the tuple is new and nobody else sees it; interning gives an equal str.
    unsafe {
        let slots = types::tuple::raw_items(names.as_object().as_ptr());
        for i in 0..names.len() {
            if Str::check_exact(names.get(i)) && !names.get(i).cast::<Str>().is_interned() {
                let name: Owned<Str> = Owned::from_raw(*slots.add(i));
                *slots.add(i) = Str::intern(name).into_raw();
            }
        }
    }
}

/// Strings that look like names are interned, as are those in tuples of constants.
fn intern_constants(consts: &Tuple) {
    let mut pending = Vec::new();
    intern_items(consts, &mut pending);
    // A tuple from marshal may hold itself, or one in many places: each is looked at once.
    let mut seen = HashSet::new();
    while let Some(tuple) = pending.pop() {
        if seen.insert(tuple) {
            // SAFETY: the constants hold their tuples; interning replaces strings and sets only.
            intern_items(unsafe { Object::from_ptr(tuple).cast() }, &mut pending);
        }
    }
}

/// `intern_constants` of the items themselves; tuples among them are put off.
fn intern_items(items: &Tuple, tuples: &mut Vec<*mut PyObject>) {
    // SAFETY: as `intern_names`.
    unsafe {
        let slots = types::tuple::raw_items(items.as_object().as_ptr());
        for i in 0..items.len() {
            let item = items.get(i);
            if let Some(text) = item.downcast_exact::<Str>() {
                if !text.is_interned() && text.is_all_name_chars() {
                    let text: Owned<Str> = Owned::from_raw(*slots.add(i));
                    *slots.add(i) = Str::intern(text).into_raw();
                }
            } else if Tuple::check_exact(item) {
                tuples.push(item.as_ptr());
            } else if let Some(set) = item.downcast_exact::<FrozenSet>()
                && let Some(interned) = intern_frozenset(set)
            {
                drop(Owned::<Object>::from_raw(std::mem::replace(&mut *slots.add(i), interned.into_raw())));
            }
        }
    }
}

/// The set with its strings interned, if one was not.
fn intern_frozenset(set: &FrozenSet) -> Option<Owned> {
    let items = set.as_set().to_vec();
    let pending = |item: &Owned| item.downcast_exact::<Str>().is_some_and(|text| text.is_all_name_chars() && !text.is_interned());
    if !items.iter().any(pending) {
        return None;
    }
    let interned = items.into_iter().map(|item| match item.try_into_typed::<Str>() {
        Ok(text) if Str::check_exact(&text) && text.is_all_name_chars() => Str::intern(text).into_object(),
        Ok(text) => text.into_object(),
        Err(other) => other,
    });
    // Equal items with equal hashes: only memory can be missing, and then the set stays as it is.
    FrozenSet::from_items(&interned.collect::<Vec<_>>()).map(Owned::into_object).map_err(|_| errors::clear()).ok()
}

/// The code of the frame below an inlined `__init__`: checks the result, returns the object.
pub fn init_cleanup_code() -> &'static Code {
    struct Slot(Cell<*mut PyObject>);
    // SAFETY: under the GIL.
    unsafe impl Sync for Slot {}
    static CODE: Slot = Slot(Cell::new(ptr::null_mut()));
    if CODE.0.get().is_null() {
        let made = Code::new(Fields {
            argcount: 0,
            posonlyargcount: 0,
            kwonlyargcount: 0,
            stacksize: 2,
            flags: abi::CO_OPTIMIZED | abi::CO_NO_MONITORING_EVENTS,
            code: Cow::Borrowed(&[op::EXIT_INIT_CHECK, 0, op::RETURN_VALUE, 0, op::RESUME, 0]),
            consts: Tuple::empty(),
            names: Tuple::empty(),
            localsplusnames: Tuple::empty(),
            localspluskinds: Bytes::new(b""),
            filename: Str::new("<shim>"),
            name: Str::new("__init__"),
            qualname: Str::new("__init__"),
            firstlineno: 1,
            linetable: Bytes::new(b""),
            exceptiontable: Bytes::new(b""),
        });
        match made {
            Ok(code) => CODE.0.set(code.into_raw()),
            // Only out of memory, right at start: there is nothing to go on with.
            Err(_) => std::process::abort(),
        }
    }
    // SAFETY: kept for the process.
    unsafe { Object::from_ptr(CODE.0.get()).cast() }
}

/// Create a code object.  Not for mere mortals.
#[pytype(static = PyCode_Type, name = "code", signature = "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, codestring, constants, names, varnames, filename, name,\n     qualname, firstlineno, linetable, exceptiontable, freevars=(),\n     cellvars=(), /)",
    basicsize = 208, itemsize = 2, weaklistoffset = offset_of!(PyCodeObject, co_weakreflist),
    members = [
        ("co_argcount", T_INT, offset_of!(PyCodeObject, co_argcount), READONLY),
        ("co_posonlyargcount", T_INT, offset_of!(PyCodeObject, co_posonlyargcount), READONLY),
        ("co_kwonlyargcount", T_INT, offset_of!(PyCodeObject, co_kwonlyargcount), READONLY),
        ("co_stacksize", T_INT, offset_of!(PyCodeObject, co_stacksize), READONLY),
        ("co_flags", T_INT, offset_of!(PyCodeObject, co_flags), READONLY),
        ("co_names", T_OBJECT, offset_of!(PyCodeObject, co_names), READONLY),
        ("co_filename", T_OBJECT, offset_of!(PyCodeObject, co_filename), READONLY),
        ("co_name", T_OBJECT, offset_of!(PyCodeObject, co_name), READONLY),
        ("co_qualname", T_OBJECT, offset_of!(PyCodeObject, co_qualname), READONLY),
        ("co_firstlineno", T_INT, offset_of!(PyCodeObject, co_firstlineno), READONLY),
        ("co_linetable", T_OBJECT, offset_of!(PyCodeObject, co_linetable), READONLY),
        ("co_exceptiontable", T_OBJECT, offset_of!(PyCodeObject, co_exceptiontable), READONLY),
        ("co_consts", T_OBJECT, offset_of!(PyCodeObject, co_consts), READONLY),
    ])]
impl Code {
    #[slot(raw = tp_dealloc)]
    unsafe extern "C" fn tp_dealloc(op: *mut PyObject) {
        // SAFETY: the object is dead; its fields are dropped once.
        unsafe {
            if watchers::CODE.active() && watchers::tell_of_end(op, |code| watchers::tell_code(watchers::CODE_DESTROY, code)) {
                return;
            }
            let co = &*(op as *mut PyCodeObject);
            types::code_extra::free_all(&co.co_extra);
            crate::interp::monitoring::free_data(Object::from_ptr(op).cast());
            if !co.co_weakreflist.get().is_null() {
                types::weakref::clear_weakrefs(op);
            }
            for cell in [
                &co.co_consts, &co.co_names, &co.co_exceptiontable, &co.co_localsplusnames, &co.co_localspluskinds, &co.co_filename, &co.co_name, &co.co_qualname,
                &co.co_linetable,
            ] {
                xdecref(cell.get());
            }
            if co._co_unique_id.get() == UNRUNNABLE {
                UNRUNNABLES.0.borrow_mut().remove(&(op as usize));
            }
            memory::object_free(op.cast());
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let lineno = if self.0.co_firstlineno.get() != 0 { self.0.co_firstlineno.get() } else { -1 };
        Ok(Str::new(&format!("<code object {} at {:p}, file \"{}\", line {}>", self.name(), self, self.filename(), lineno)))
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        let mut hash: usize = 20221211;
        let mut mix = |h: usize| {
            hash ^= h;
            hash = hash.wrapping_mul(1000003);
        };
        for o in [self.name().as_object(), self.consts().as_object()] {
            mix(object::hash(o)? as usize);
        }
        // SAFETY: the fields are never NULL.
        unsafe {
            for cell in [&self.0.co_names, &self.0.co_localsplusnames, &self.0.co_linetable, &self.0.co_exceptiontable] {
                mix(object::hash(Object::from_ptr(cell.get()))? as usize);
            }
        }
        for n in [&self.0.co_argcount, &self.0.co_posonlyargcount, &self.0.co_kwonlyargcount, &self.0.co_flags, &self.0.co_firstlineno] {
            mix(n.get() as usize);
        }
        for byte in self.original_code() {
            mix(byte as usize);
        }
        Ok(hash as isize)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let (true, Some(other)) = (matches!(op, CompareOp::Eq | CompareOp::Ne), other.downcast_exact::<Code>()) else {
            return Ok(types::not_implemented().to_owned());
        };
        let equal = self.equals(other)?;
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[getter]
    fn co_code(&self) -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&self.original_code()))
    }
    #[getter]
    fn _co_code_adaptive(&self) -> PyResult<Owned<Bytes>> {
        // SAFETY: the code's own words.
        Ok(Bytes::new(unsafe { std::slice::from_raw_parts(self.words() as *const u8, self.len() * 2) }))
    }
    #[getter]
    fn co_lnotab(&self) -> PyResult {
        crate::modules::warnings::warn(crate::exceptions::DeprecationWarning(), "co_lnotab is deprecated, use co_lines instead.", 1)?;
        Ok(Bytes::new(&lnotab(self)).into_object())
    }
    #[getter]
    fn co_nlocals(&self) -> i32 {
        self.0.co_nlocals.get()
    }
    #[getter]
    fn co_varnames(&self) -> Owned<Tuple> {
        self.names_of_kind(KIND_LOCAL)
    }
    #[getter]
    fn co_cellvars(&self) -> Owned<Tuple> {
        self.names_of_kind(KIND_CELL)
    }
    #[getter]
    fn co_freevars(&self) -> Owned<Tuple> {
        self.names_of_kind(KIND_FREE)
    }
    /// Iterate over (start, end, line) of the code's bytes.
    #[method("co_lines($self, /)", nosig)]
    fn co_lines(&self) -> PyResult {
        let mut items = Vec::new();
        for range in bytecode::locations::lines(self.line_table(), self.0.co_firstlineno.get()) {
            let line = if range.lineno < 0 { types::none().to_owned() } else { Int::from_i64(range.lineno as i64).into_object() };
            items.push(Tuple::from_owned(vec![Int::from_i64(range.start as i64).into_object(), Int::from_i64(range.end as i64).into_object(), line]).into_object());
        }
        crate::protocol::iter::get_iter(List::from_owned(items).object())
    }
    /// Iterate over (line, end line, column, end column) of each code unit.
    #[method("co_positions($self, /)", nosig)]
    fn co_positions(&self) -> PyResult {
        let number = |n: i32| if n < 0 { types::none().to_owned() } else { Int::from_i64(n as i64).into_object() };
        let mut items = Vec::new();
        for at in bytecode::locations::positions(self.line_table(), self.0.co_firstlineno.get()) {
            items.push(Tuple::from_owned(vec![number(at.lineno), number(at.end_lineno), number(at.col), number(at.end_col)]).into_object());
        }
        crate::protocol::iter::get_iter(List::from_owned(items).object())
    }
    /// Iterate over the (instruction, not taken, taken) offsets of conditional jumps.
    #[method("co_branches($self, /)", nosig)]
    fn co_branches(&self) -> PyResult {
        let code = self.original_code();
        let mut items = Vec::new();
        let (mut i, mut oparg) = (0, 0usize);
        while i + 1 < code.len() {
            let (opcode, arg) = (code[i], code[i + 1] as usize);
            oparg = oparg << 8 | arg;
            let caches = Opcode::from_number(opcode as u32).map_or(0, |o| o.caches());
            let next = i + 2 + caches * 2;
            let target = match opcode {
                op::POP_JUMP_IF_FALSE | op::POP_JUMP_IF_TRUE | op::POP_JUMP_IF_NONE | op::POP_JUMP_IF_NOT_NONE => Some((next + 2, next + oparg * 2)),
                op::FOR_ITER => Some((next, next + oparg * 2 + 4)),
                op::END_ASYNC_FOR => Some((next.saturating_sub(oparg * 2) + 4, next)),
                _ => None,
            };
            if let Some((not_taken, taken)) = target {
                let n = |v: usize| Int::from_i64(v as i64).into_object();
                // `async for` branches at END_SEND.
                let from = if opcode == op::END_ASYNC_FOR { not_taken.saturating_sub(4) } else { i };
                items.push(Tuple::from_owned(vec![n(from), n(not_taken), n(taken)]).into_object());
            }
            if opcode != op::EXTENDED_ARG {
                oparg = 0;
            }
            i = next;
        }
        crate::protocol::iter::get_iter(List::from_owned(items).object())
    }
    /// The name of a local variable by its index in the frame.
    #[method("_varname_from_oparg($self, /, oparg)")]
    fn _varname_from_oparg(&self, oparg: i32) -> PyResult {
        if oparg < 0 || oparg >= self.0.co_nlocalsplus.get() {
            return Err(err!(IndexError, "tuple index out of range"));
        }
        Ok(self.localsplus_name(oparg as usize).as_object().to_owned())
    }
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, kwargs: Option<&types::Dict>) -> PyResult {
        super::code_new::new(cls, args, kwargs)
    }
    /// Return a copy of the code object with new values for the specified fields.
    #[method("replace($self, /, **changes)")]
    fn replace(&self, args: Args<'_>, kwargs: crate::macro_support::KwArgs<'_>) -> PyResult {
        super::code_new::replace(self, args, kwargs)
    }
    /// Return a copy of the code object with new values for the specified fields.
    #[method("__replace__($self, /, **changes)")]
    fn __replace__(&self, args: Args<'_>, kwargs: crate::macro_support::KwArgs<'_>) -> PyResult {
        super::code_new::replace(self, args, kwargs)
    }
}

impl Code {
    fn equals(&self, other: &Code) -> PyResult<bool> {
        if self.as_object().is(other.as_object()) {
            return Ok(true);
        }
        let numbers = |c: &Code| [c.0.co_argcount.get(), c.0.co_posonlyargcount.get(), c.0.co_kwonlyargcount.get(), c.0.co_flags.get(), c.0.co_firstlineno.get(), c.len() as i32];
        if numbers(self) != numbers(other) || !Str::equal(self.name(), other.name()) || self.original_code() != other.original_code() {
            return Ok(false);
        }
        // Constants of equal value and different type (1, 1.0, True) make different code.
        let (a, b) = (types::code_new::constant_key(self.consts().as_object())?, types::code_new::constant_key(other.consts().as_object())?);
        if !object::rich_compare_bool(&a, &b, CompareOp::Eq)? {
            return Ok(false);
        }
        for (a, b) in [
            (&self.0.co_names, &other.0.co_names),
            (&self.0.co_localsplusnames, &other.0.co_localsplusnames),
            (&self.0.co_linetable, &other.0.co_linetable),
            (&self.0.co_exceptiontable, &other.0.co_exceptiontable),
        ] {
            if !object::rich_compare_bool(&Code::own(a), &Code::own(b), CompareOp::Eq)? {
                return Ok(false);
            }
        }
        Ok(true)
    }
    /// A new reference to one of the fields, for `replace`.
    pub fn field(cell: &Cell<*mut PyObject>) -> Owned {
        // SAFETY: the fields are never NULL.
        unsafe { Owned::from_raw(xincref(cell.get())) }
    }
}

/// The old line table format (PEP 3.6): pairs of byte and line increments.
fn lnotab(code: &Code) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = code.0.co_firstlineno.get();
    let mut start = 0;
    for range in bytecode::locations::lines(code.line_table(), line) {
        if range.lineno < 0 || range.lineno == line {
            continue;
        }
        let (mut bytes, mut lines) = (range.start - start, range.lineno - line);
        while bytes > 254 {
            out.extend([254, 0]);
            bytes -= 254;
        }
        while lines < -128 {
            out.extend([bytes as u8, 0x80]);
            (bytes, lines) = (0, lines + 128);
        }
        while lines > 127 {
            out.extend([bytes as u8, 127]);
            (bytes, lines) = (0, lines - 127);
        }
        out.extend([bytes as u8, lines as i8 as u8]);
        (line, start) = (range.lineno, range.start);
    }
    out
}
