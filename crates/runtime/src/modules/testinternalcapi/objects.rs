//! What tests ask about single objects: instance values, versions, memory that was freed, arithmetic of complex numbers with errno.

use crate::err;
use crate::errors::{self, PyResult};
use crate::memory;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::types::dict::inline_values::{cached_keys, values_of};
use crate::types::dict::keys::DictValues;
use crate::types::{self, Complex, FrozenSet, Function, Int, Set, Str, Tuple};
use abi::PyObject;
use std::ptr;
use std::sync::{Condvar, Mutex};

fn has_values(ty: &Type, object: &Object) -> bool {
    // SAFETY: a type with the flag keeps the values in the instance.
    ty.has_flag(abi::Py_TPFLAGS_INLINE_VALUES as u64) && unsafe { (*values_of(object.as_ptr())).valid != 0 }
}

pub fn has_inline_values(object: &Object) -> bool {
    has_values(object.ty(), object)
}

/// The values of an instance that has no dict yet, "<NULL>" for those not set.
pub fn dict_values(object: &Object) -> Option<Owned<Tuple>> {
    let ty = object.ty();
    if !has_values(ty, object) {
        return None;
    }
    // SAFETY: as above; the keys say how many values there are.
    unsafe {
        let keys = cached_keys(ty);
        let count = if keys.is_null() { 0 } else { types::dict::keys::entry_count(keys) };
        let value = |i: usize| match Object::from_ptr_opt(*DictValues::slot(values_of(object.as_ptr()), i as isize)) {
            Some(value) => value.to_owned(),
            None => Str::new("<NULL>").into_object(),
        };
        Some(Tuple::from_owned((0..count).map(value).collect()))
    }
}

unsafe extern "C" fn vectorcall_nop(_callable: *mut PyObject, _args: *const *mut PyObject, _nargsf: usize, _names: *mut PyObject) -> *mut PyObject {
    types::none().to_owned().into_raw()
}

/// A function that does nothing from now on when it is called.
pub fn set_vectorcall_nop(function: &Object) -> PyResult<()> {
    let Some(function) = function.downcast::<Function>() else { return Err(err!(TypeError, "expected function")) };
    function.modified();
    function.0.vectorcall.set(Some(vectorcall_nop));
    Ok(())
}

pub fn assign_version(ty: &Object, version: u32) -> PyResult<()> {
    let Some(ty) = ty.downcast::<Type>() else { return Err(err!(TypeError, "expected type")) };
    if ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
        return Err(err!(TypeError, "immutable type"));
    }
    ty.0.tp_version_tag.set(version);
    ty.0.tp_versions_used.set(ty.0.tp_versions_used.get().saturating_add(1));
    Ok(())
}

pub fn set_update(set: &Object, items: &Object) -> PyResult<()> {
    match set.downcast::<Set>() {
        Some(set) => set.update(items),
        None => Err(errors::bad_internal_call()),
    }
}

/// (1, next position, hash, item), or None at the end.
pub fn set_next_entry(set: &Object, position: usize) -> PyResult {
    if !Set::check(set) && !FrozenSet::check(set) {
        return Err(errors::bad_internal_call());
    }
    let items = crate::protocol::sequence::to_list(set)?;
    let Some(item) = items.get(position) else { return Ok(types::none().to_owned()) };
    let hash = crate::protocol::object::hash(&item)?;
    let parts = [Int::from_i64(1), Int::from_i64(position as i64 + 1), Int::from_i64(hash as i64)];
    Ok(Tuple::new(&[parts[0].object(), parts[1].object(), parts[2].object(), &item]).into_object())
}

/// Digits and spaces as ASCII has them; what is neither ends the text with a question mark.
pub fn ascii_decimal(text: &Object) -> PyResult<Owned<Str>> {
    let Some(text) = text.downcast::<Str>() else { return Err(errors::bad_internal_call()) };
    let mut out = String::new();
    for c in text.code_points() {
        match c {
            0..0x80 => out.push(c as u8 as char),
            _ if unicode::is_space(c) => out.push(' '),
            _ => match unicode::decimal_value(c) {
                Some(digit) => out.push((b'0' + digit as u8) as char),
                None => {
                    out.push('?');
                    break;
                }
            },
        }
    }
    Ok(Str::new(&out))
}

/// One operation on a complex number and a real one, as `(result, errno)`.
pub fn mixed(name: &str, left: &Object, right: &Object) -> PyResult<Owned<Tuple>> {
    let complex = |o: &Object| o.downcast::<Complex>().map(|c| {
        let value = c.0.cval.get();
        (value.real, value.imag)
    });
    let parts = |o: &Object| match complex(o) {
        Some(parts) => Ok(parts),
        None => Ok((types::Float::as_f64(o)?, 0.0)),
    };
    let ((a, b), (c, d)) = (parts(left)?, parts(right)?);
    let mut errno = 0;
    let value = match name {
        "cr_sum" => (a + c, b),
        "cr_diff" => (a - c, b),
        "rc_diff" => (a - c, -d),
        "cr_prod" => (a * c, b * c),
        "cr_quot" => {
            if c == 0.0 {
                errno = libc::EDOM;
                (0.0, 0.0)
            } else {
                (a / c, b / c)
            }
        }
        _ => {
            let quotient = crate::protocol::number::true_divide(left, &*Complex::new(c, d));
            match quotient {
                Ok(made) => complex(&made).unwrap_or((0.0, 0.0)),
                Err(_) => {
                    errors::clear();
                    errno = libc::EDOM;
                    (0.0, 0.0)
                }
            }
        }
    };
    Ok(Tuple::new(&[Complex::new(value.0, value.1).object(), Int::from_i64(errno as i64).object()]))
}

// ---- interpreters

/// Runs source in an interpreter of its own; 0, or -1 if it raised.
pub fn run_in_interpreter(code: &Str, config: &Object) -> PyResult<i32> {
    use crate::protocol::{call, object};
    let module = crate::import::import_module("_interpreters")?;
    let function = |name: &str| object::get_attr_str(&module, name);
    let id = call::call1(&*function("create")?, config)?;
    let ran = function("run_string").and_then(|run| call::call_args(&run, &[&id, code]));
    errors::preserve(|| {
        if function("destroy").and_then(|destroy| call::call1(&destroy, &id)).is_err() {
            errors::clear();
        }
    });
    let problem = ran?;
    if problem.is_none() {
        return Ok(0);
    }
    if let Some(shown) = object::get_attr_opt(&problem, crate::intern!("errdisplay"))?
        && let Some(shown) = shown.downcast::<Str>()
    {
        crate::exceptions::report::write_stderr(&format!("{shown}\n"));
    }
    Ok(-1)
}

// ---- pending calls

unsafe extern "C" fn run_pending(callable: *mut std::ffi::c_void) -> i32 {
    // SAFETY: `add_pending` gave the queue a reference.
    let callable: Owned = unsafe { Owned::from_raw(callable.cast()) };
    match crate::protocol::call::call0(&callable) {
        Ok(_) => 0,
        Err(_) => -1,
    }
}

/// Queues a callable a number of times; how many found room. With `ensure`, waits for room.
pub fn add_pending(callable: &Object, count: u32, ensure: bool) -> u32 {
    let mut added = 0;
    while added < count {
        let reference = callable.to_owned().into_raw();
        if crate::gil::add_pending_call_for_all(run_pending, reference.cast()) {
            added += 1;
            continue;
        }
        // SAFETY: the queue did not take it.
        drop(unsafe { Owned::<Object>::from_raw(reference) });
        if !ensure {
            break;
        }
        crate::gil::allow_threads(std::thread::yield_now);
    }
    added
}

/// A question for a thread of one interpreter: which one are you?
struct Question {
    wanted: i64,
    answer: Mutex<Option<i64>>,
    answered: Condvar,
}

unsafe extern "C" fn answer(question: *mut std::ffi::c_void) -> i32 {
    // SAFETY: whoever asks waits for the answer.
    let asked = unsafe { &*(question as *const Question) };
    let id = crate::state::get().id;
    if id != asked.wanted {
        // For another interpreter's threads: they find it when they take the GIL.
        return if crate::gil::add_pending_call_for_all(answer, question) { 0 } else { -1 };
    }
    *asked.answer.lock().unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(id);
    asked.answered.notify_all();
    0
}

/// The number of the interpreter in which a pending call for it ran.
pub fn identify_pending(wanted: i64) -> PyResult<i64> {
    let question = Question { wanted, answer: Mutex::new(None), answered: Condvar::new() };
    if !crate::gil::add_pending_call_for_all(answer, &raw const question as *mut std::ffi::c_void) {
        return Err(err!(RuntimeError, "no room for a pending call"));
    }
    Ok(crate::gil::allow_threads(|| {
        let mut found = question.answer.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        loop {
            match *found {
                Some(id) => return id,
                None => found = question.answered.wait(found).unwrap_or_else(|poisoned| poisoned.into_inner()),
            }
        }
    }))
}

// ---- memory that was freed

/// `_PyMem_IsPtrFreed`: an address that the debug hooks left in memory, or none.
fn is_pointer_freed(address: usize) -> bool {
    const WORD: usize = usize::MAX / 0xff;
    [0, WORD * 0xcd, WORD * 0xdd, WORD * 0xfd].contains(&address)
}

/// `_PyObject_IsFreed`.
///
/// # Safety
/// Null, or 16 bytes that may be read.
unsafe fn is_freed(op: *const PyObject) -> bool {
    // SAFETY: by contract.
    is_pointer_freed(op as usize) || is_pointer_freed(unsafe { *(op as *const usize).add(1) })
}

/// Makes an object of which nothing but the count is right, and asks whether it is taken for a freed one.
pub fn check_is_freed(how: &str) -> PyResult<()> {
    // SAFETY: blocks of the allocator, which gives memory that stays readable when it is freed.
    let seen = unsafe {
        match how {
            "null" => is_freed(ptr::null()),
            "uninitialized" => {
                let op = memory::object_malloc(size_of::<PyObject>()) as *mut u64;
                *op = 1;
                is_freed(op.cast())
            }
            "forbidden bytes" => {
                // The type lies in the guard behind a block that has room for the count.
                let op = memory::object_malloc(8) as *mut u64;
                *op = 1;
                is_freed(op.cast())
            }
            _ => {
                let op = memory::object_malloc(size_of::<PyObject>()) as *mut u64;
                *op = 1;
                *op.add(1) = types::object_type() as *const Type as u64;
                memory::object_free(op.cast());
                is_freed(op.cast())
            }
        }
    };
    if seen { Ok(()) } else { Err(err!(AssertionError, "object is not seen as freed")) }
}
