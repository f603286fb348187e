//! Calls: binding arguments to a Python function's parameters, calling native functions from the value stack, and specialising CALL.
//!
//! A Python function called from Python gets its frame on the data stack and runs in the same activation of the loop; everything else
//! goes through vectorcall.

use super::frame::{self, CodeWord, InterpreterFrame, OWNED_BY_THREAD};
use super::stackref::StackRef;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol;
use crate::tstate::ThreadState;
use crate::types::{self, BuiltinFunction, Code, Dict, Function, List, Method, MethodDescriptor, Str, Tuple};
use abi::{PyObject, PyThreadState};
use bytecode::op;
use std::ptr;

const CO_VARARGS: i32 = 4;
const CO_VARKEYWORDS: i32 = 8;

#[cold]
#[inline(never)]
pub fn recursion_error() -> Raised {
    err!(RecursionError, "maximum recursion depth exceeded")
}

/// Gives a frame back that never ran.
/// # Safety
/// `frame` is the topmost of the data stack (or a generator's).
pub unsafe fn abandon_frame(ts: *mut PyThreadState, frame: *mut InterpreterFrame) {
    // SAFETY: by contract.
    unsafe {
        if (*frame).owner == OWNED_BY_THREAD {
            frame::clear_thread_frame(ts, frame);
        } else {
            super::generator::finish(ts, frame);
        }
    }
}

// ---- Python functions ---------------------------------------------------------------------------------------------------------------

/// Pushes the frame of a call of `callable` (a Function) with `total` arguments at `args`, the last ones named by `kwnames` (NULL or a
/// tuple). Callable and arguments are consumed in any case. NULL with the error set if the arguments do not fit.
/// # Safety
/// The slots hold live references.
pub unsafe fn push_frame(
    ts: *mut PyThreadState, callable: StackRef, args: *mut StackRef, total: usize, kwnames: *mut PyObject, previous: *mut InterpreterFrame,
) -> *mut InterpreterFrame {
    // SAFETY: by contract.
    unsafe {
        let function: &Function = callable.obj().cast();
        let code = function.code();
        if (*ts).py_recursion_remaining.get() <= 0 {
            recursion_error();
        } else {
            let new = frame::push(ts, code.0.co_framesize.get() as usize);
            if !new.is_null() {
                let argcount = code.0.co_argcount.get() as usize;
                let simple = kwnames.is_null() && code.0.co_flags.get() & (CO_VARARGS | CO_VARKEYWORDS) == 0 && code.0.co_kwonlyargcount.get() == 0 && total <= argcount;
                // Parameters that are left to their defaults: the last ones.
                let missing = argcount.wrapping_sub(total);
                let defaults = if simple && missing > 0 { Object::from_ptr_opt(function.0.func_defaults.get()).map_or(&[][..], |defaults| defaults.cast::<Tuple>().items()) } else { &[] };
                let simple = simple && missing <= defaults.len();
                let locals = if code.0.co_flags.get() & 1 == 0 { crate::object::xincref(function.0.func_globals.get()) } else { ptr::null_mut() };
                frame::initialize(new, callable.heap_safe(), locals, code.as_object().as_ptr(), if simple { argcount } else { 0 }, previous);
                let base = (*new).locals();
                if simple {
                    for i in 0..total {
                        *base.add(i) = (*args.add(i)).heap_safe();
                    }
                    for (i, &default) in defaults[defaults.len() - missing..].iter().enumerate() {
                        *base.add(total + i) = StackRef::new_ref(default);
                    }
                    return new;
                }
                if bind(function, code, base, args, total, kwnames).is_ok() {
                    return new;
                }
                frame::clear_thread_frame(ts, new);
                return ptr::null_mut();
            }
        }
        callable.close();
        for i in 0..total {
            (*args.add(i)).close();
        }
        ptr::null_mut()
    }
}

/// Binds arguments to parameters (`initialize_locals`). Consumes the `total` slots at `args`; what is bound when an error is found belongs
/// to the frame, which its caller clears.
unsafe fn bind(function: &Function, code: &Code, base: *mut StackRef, args: *mut StackRef, total: usize, kwnames: *mut PyObject) -> PyResult<()> {
    // SAFETY: base has co_nlocalsplus slots, all NULL; args has total.
    unsafe {
        let names: Option<&Tuple> = Object::from_ptr_opt(kwnames).map(|names| names.cast());
        let nkw = names.map_or(0, |names| names.len());
        let npos = total - nkw;
        let co = &code.0;
        let argcount = co.co_argcount.get() as usize;
        let kwonly = co.co_kwonlyargcount.get() as usize;
        let posonly = co.co_posonlyargcount.get() as usize;
        let nparams = argcount + kwonly;
        let flags = co.co_flags.get();
        let has_varargs = flags & CO_VARARGS != 0;
        let mut consumed = 0;
        let result = (|| -> PyResult<()> {
            let mut kwdict: *mut PyObject = ptr::null_mut();
            if flags & CO_VARKEYWORDS != 0 {
                let dict = Dict::new();
                kwdict = dict.raw();
                *base.add(nparams + has_varargs as usize) = StackRef::from_owned(dict);
            }
            let direct = npos.min(argcount);
            for i in 0..direct {
                *base.add(i) = (*args.add(i)).heap_safe();
            }
            consumed = direct;
            if has_varargs {
                let rest = if npos > argcount { super::build::tuple(args.add(direct), npos - direct) } else { Tuple::empty().into_raw() };
                consumed = npos.max(direct);
                if rest.is_null() {
                    return Err(Raised::from_c());
                }
                *base.add(nparams) = StackRef::steal(rest);
            }
            // Keyword arguments.
            if let Some(names) = names {
                for k in 0..nkw {
                    let keyword = Object::from_ptr(names.items()[k]);
                    let value = *args.add(npos + k);
                    let Some(keyword) = keyword.downcast::<Str>() else {
                        return Err(err!(TypeError, "keywords must be strings"));
                    };
                    let slot = match find_parameter(code, keyword, posonly, nparams)? {
                        Some(slot) => slot,
                        None => {
                            if kwdict.is_null() {
                                if posonly > 0 {
                                    positional_only_as_keyword(function, code, names, posonly)?;
                                }
                                return Err(unexpected_keyword(function, code, keyword, posonly, nparams));
                            }
                            Object::from_ptr(kwdict).cast::<Dict>().set_item(keyword.as_object(), value.obj())?;
                            continue;
                        }
                    };
                    if !(*base.add(slot)).is_null() {
                        return Err(err!(TypeError, "{}() got multiple values for argument '{}'", function.qualname(), keyword));
                    }
                    *base.add(slot) = StackRef::new_ref(value.ptr());
                }
            }
            if npos > argcount && !has_varargs {
                return Err(too_many_positional(function, code, npos, base));
            }
            // Defaults.
            if npos < argcount {
                let defaults: Option<&Tuple> = Object::from_ptr_opt(function.0.func_defaults.get()).map(|d| d.cast());
                let ndefaults = defaults.map_or(0, |d| d.len());
                let required = argcount.saturating_sub(ndefaults);
                if (npos..required).any(|i| (*base.add(i)).is_null()) {
                    return Err(missing_arguments(function, code, base, 0, required, false));
                }
                if let Some(defaults) = defaults {
                    let start = npos.max(required);
                    for i in start..argcount {
                        if (*base.add(i)).is_null() {
                            let at = i + ndefaults - argcount;
                            *base.add(i) = StackRef::new_ref(defaults.items()[at]);
                        }
                    }
                }
            }
            if kwonly > 0 {
                let kwdefaults: Option<&Dict> = Object::from_ptr_opt(function.0.func_kwdefaults.get()).map(|d| d.cast());
                let mut missing = false;
                for i in argcount..nparams {
                    if !(*base.add(i)).is_null() {
                        continue;
                    }
                    let default = match kwdefaults {
                        Some(dict) => dict.get_item(code.localsplus_name(i).as_object())?,
                        None => None,
                    };
                    match default {
                        Some(value) => *base.add(i) = StackRef::from_owned(value),
                        None => missing = true,
                    }
                }
                if missing {
                    return Err(missing_arguments(function, code, base, argcount, nparams, true));
                }
            }
            Ok(())
        })();
        for i in consumed..total {
            (*args.add(i)).close();
        }
        result
    }
}

/// Slot of the parameter that `keyword` names; parameters before `posonly` have no names.
fn find_parameter(code: &Code, keyword: &Str, posonly: usize, nparams: usize) -> PyResult<Option<usize>> {
    for i in posonly..nparams {
        if ptr::eq(code.localsplus_name(i), keyword) {
            return Ok(Some(i));
        }
    }
    for i in posonly..nparams {
        if Str::equal(code.localsplus_name(i), keyword) {
            return Ok(Some(i));
        }
    }
    Ok(None)
}

#[cold]
fn positional_only_as_keyword(function: &Function, code: &Code, names: &Tuple, posonly: usize) -> PyResult<()> {
    let mut found = Vec::new();
    for i in 0..posonly {
        let parameter = code.localsplus_name(i);
        for &name in names.items() {
            // SAFETY: tuple items are alive.
            if let Some(name) = unsafe { Object::from_ptr(name) }.downcast::<Str>()
                && Str::equal(name, parameter)
            {
                found.push(parameter.to_string());
            }
        }
    }
    if found.is_empty() {
        return Ok(());
    }
    Err(err!(TypeError, "{}() got some positional-only arguments passed as keyword arguments: '{}'", function.qualname(), found.join(", ")))
}

#[cold]
fn unexpected_keyword(function: &Function, code: &Code, keyword: &Str, posonly: usize, nparams: usize) -> Raised {
    let candidates: Vec<Owned<Str>> = (posonly..nparams).map(|i| Owned::from_ref(code.localsplus_name(i))).collect();
    match crate::macro_support::suggestions::closest(&candidates, keyword) {
        Some(close) => err!(TypeError, "{}() got an unexpected keyword argument '{}'. Did you mean '{}'?", function.qualname(), keyword, close),
        None => err!(TypeError, "{}() got an unexpected keyword argument '{}'", function.qualname(), keyword),
    }
}

#[cold]
unsafe fn too_many_positional(function: &Function, code: &Code, given: usize, base: *mut StackRef) -> Raised {
    let argcount = code.0.co_argcount.get() as usize;
    let kwonly = code.0.co_kwonlyargcount.get() as usize;
    // SAFETY: the slots are initialised.
    let kwonly_given = (argcount..argcount + kwonly).filter(|&i| unsafe { !(*base.add(i)).is_null() }).count();
    // SAFETY: func_defaults is NULL or a tuple.
    let ndefaults = unsafe { Object::from_ptr_opt(function.0.func_defaults.get()) }.map_or(0, |d| d.downcast::<Tuple>().map_or(0, |d| d.len()));
    let (plural, takes) = if ndefaults > 0 { (true, format!("from {} to {}", argcount - ndefaults, argcount)) } else { (argcount != 1, argcount.to_string()) };
    let kwonly_text = if kwonly_given > 0 {
        format!(
            " positional argument{} (and {} keyword-only argument{})",
            if given != 1 { "s" } else { "" },
            kwonly_given,
            if kwonly_given != 1 { "s" } else { "" }
        )
    } else {
        String::new()
    };
    err!(
        TypeError,
        "{}() takes {} positional argument{} but {}{} {} given",
        function.qualname(),
        takes,
        if plural { "s" } else { "" },
        given,
        kwonly_text,
        if given == 1 && kwonly_given == 0 { "was" } else { "were" }
    )
}

#[cold]
unsafe fn missing_arguments(function: &Function, code: &Code, base: *mut StackRef, from: usize, to: usize, keyword_only: bool) -> Raised {
    // SAFETY: the slots are initialised.
    let names: Vec<String> = (from..to).filter(|&i| unsafe { (*base.add(i)).is_null() }).map(|i| format!("'{}'", code.localsplus_name(i))).collect();
    let listed = match names.as_slice() {
        [one] => one.clone(),
        [one, two] => format!("{one} and {two}"),
        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
        [] => String::new(),
    };
    err!(
        TypeError,
        "{}() missing {} required {} argument{}: {}",
        function.qualname(),
        names.len(),
        if keyword_only { "keyword-only" } else { "positional" },
        if names.len() == 1 { "" } else { "s" },
        listed
    )
}

/// `PyFunction_Type`'s vectorcall: a Python function called from native code.
/// # Safety
/// The vectorcall protocol.
pub unsafe extern "C" fn function_vectorcall(callable: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe { eval_vector(callable, ptr::null_mut(), args, nargsf & !abi::PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames) }
}

/// `_PyEval_Vector`: runs a function with borrowed arguments; `locals` (NULL or borrowed) becomes the frame's namespace.
/// # Safety
/// `callable` is a Function; `args` has `nargs` and the keyword values.
pub unsafe fn eval_vector(callable: *mut PyObject, locals: *mut PyObject, args: *const *mut PyObject, nargs: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let ts = ThreadState::current_ptr();
        let nkw = if kwnames.is_null() { 0 } else { Object::from_ptr(kwnames).cast::<Tuple>().len() };
        let total = nargs + nkw;
        let mut small = [StackRef::NULL; 12];
        let mut large;
        let slots: *mut StackRef = if total <= small.len() {
            small.as_mut_ptr()
        } else {
            large = vec![StackRef::NULL; total];
            large.as_mut_ptr()
        };
        for i in 0..total {
            *slots.add(i) = StackRef::new_ref(*args.add(i));
        }
        let frame = push_frame(ts, StackRef::new_ref(callable), slots, total, kwnames, ptr::null_mut());
        if frame.is_null() {
            return ptr::null_mut();
        }
        if !locals.is_null() {
            let old = (*frame).f_locals;
            (*frame).f_locals = crate::object::xincref(locals);
            crate::object::xdecref(old);
        }
        super::eval::eval_frame(ts, frame, false)
    }
}

// ---- f(*args, **kwargs) -----------------------------------------------------------------------------------------------------------------

/// Makes the two top operands of CALL_FUNCTION_EX a real tuple and NULL or a dict.
/// # Safety
/// Stack: callable, NULL, args, kwargs.
pub unsafe fn prepare_ex(sp: *mut StackRef) -> PyResult<()> {
    // SAFETY: by contract.
    unsafe {
        let (callable, args) = (*sp.sub(4), *sp.sub(2));
        if !Tuple::check_exact(args.obj()) {
            let o = args.obj();
            if o.ty().0.tp_iter.get().is_none() && !protocol::sequence::check(o) {
                let name = types::descr::function_str(callable.obj());
                return Err(err!(TypeError, "{} argument after * must be an iterable, not {}", name, o.type_name()));
            }
            let tuple = protocol::sequence::to_tuple(o)?;
            *sp.sub(2) = StackRef::from_owned(tuple);
            args.close();
        }
        Ok(())
    }
}

/// `push_frame` for CALL_FUNCTION_EX. The callable is consumed, tuple and dict are not.
/// # Safety
/// As `push_frame`.
pub unsafe fn push_frame_ex(ts: *mut PyThreadState, callable: StackRef, args: StackRef, kwargs: StackRef, previous: *mut InterpreterFrame) -> *mut InterpreterFrame {
    // SAFETY: by contract.
    unsafe {
        let tuple: &Tuple = args.obj().cast();
        let mut slots: Vec<StackRef> = tuple.items().iter().map(|&item| StackRef::new_ref(item)).collect();
        let mut names: Option<Owned<Tuple>> = None;
        if !kwargs.is_null() {
            let dict: &Dict = kwargs.obj().cast();
            if dict.len() > 0 {
                let mut keys = Vec::with_capacity(dict.len());
                let mut pos = 0;
                while let Some((key, value)) = dict.next(&mut pos) {
                    keys.push(key);
                    slots.push(StackRef::from_owned(value));
                }
                names = Some(Tuple::from_owned(keys));
            }
        }
        push_frame(ts, callable, slots.as_mut_ptr(), slots.len(), names.as_ref().map_or(ptr::null_mut(), |n| n.raw()), previous)
    }
}

// ---- native callables from the stack ----------------------------------------------------------------------------------------------------

/// Arguments as `PyObject *`s, in their own slots: each gets a count of its own, and so no tag. The slot in front is the callee's to write
/// (PY_VECTORCALL_ARGUMENTS_OFFSET).
/// # Safety
/// `args` has `total` live slots, and one in front.
#[inline(always)]
pub unsafe fn plain(args: *mut StackRef, total: usize) -> *mut *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        for i in 0..total {
            *args.add(i) = StackRef::steal((*args.add(i)).into_ptr());
        }
    }
    args as *mut *mut PyObject
}

/// Vectorcall with arguments from the value stack, which keeps them. Owned result or NULL.
/// # Safety
/// `args` has `total` live slots, the last ones named by `kwnames`.
pub unsafe fn vectorcall_stack(callable: &Object, args: *mut StackRef, total: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    unsafe {
        let nkw = if kwnames.is_null() { 0 } else { Object::from_ptr(kwnames).cast::<Tuple>().len() };
        protocol::call::vectorcall_raw(callable.as_ptr(), plain(args, total), (total - nkw) | abi::PY_VECTORCALL_ARGUMENTS_OFFSET, kwnames)
    }
}

/// Closes `count` slots below `sp`, top first, the frame having forgotten each before it is closed. Gives the new stack pointer.
/// # Safety
/// The slots are live.
#[inline(always)]
pub unsafe fn close_args(frame: *mut InterpreterFrame, mut sp: *mut StackRef, count: usize) -> *mut StackRef {
    // SAFETY: by contract.
    unsafe {
        let mut left = count;
        while left > 0 {
            sp = sp.sub(1);
            let slot = *sp;
            if !slot.is_borrowed() {
                (*frame).stackpointer = sp;
                slot.close();
            }
            left -= 1;
        }
        (*frame).stackpointer = sp;
        sp
    }
}

/// A C function returned NULL: make sure that an exception is set.
#[cold]
pub fn result_check() {
    if !errors::occurred() {
        Raised::from_c();
    }
}

pub fn expected_flags(opcode: u8) -> i32 {
    match opcode {
        op::CALL_BUILTIN_O | op::CALL_METHOD_DESCRIPTOR_O => abi::METH_O,
        op::CALL_BUILTIN_FAST | op::CALL_METHOD_DESCRIPTOR_FAST => abi::METH_FASTCALL,
        op::CALL_METHOD_DESCRIPTOR_NOARGS => abi::METH_NOARGS,
        _ => abi::METH_FASTCALL | abi::METH_KEYWORDS,
    }
}

// ---- specialisation -------------------------------------------------------------------------------------------------------------------------

/// Builtin functions that instructions know by identity; filled in when the builtins module is made.
#[derive(Clone, Copy)]
pub enum Builtin {
    Len,
    IsInstance,
    ListAppend,
    All,
    Any,
}

/// See `Builtin`: those of the interpreter that runs, with a count of each.
pub type Known = [*mut PyObject; 5];
pub const NONE_KNOWN: Known = [ptr::null_mut(); 5];
pub struct KnownBuiltins([std::cell::Cell<*mut PyObject>; 5]);
// SAFETY: touched under the GIL.
unsafe impl Sync for KnownBuiltins {}
static KNOWN: KnownBuiltins = KnownBuiltins([const { std::cell::Cell::new(ptr::null_mut()) }; 5]);

pub fn set_builtin(which: Builtin, function: &Object) {
    function.incref();
    let former = KNOWN.0[which as usize].replace(function.as_ptr());
    // SAFETY: NULL or ours.
    unsafe { crate::object::xdecref(former) };
}

/// Another interpreter comes to run, which has builtins of its own. Gives those of the former.
pub fn exchange_known(known: Known) -> Known {
    std::array::from_fn(|which| KNOWN.0[which].replace(known[which]))
}

/// The running interpreter has no builtins any more.
pub fn forget_known() -> Vec<crate::object::Owned> {
    // SAFETY: NULL or ours.
    exchange_known(NONE_KNOWN).into_iter().filter_map(|known| unsafe { crate::object::Owned::from_raw_opt(known) }).collect()
}

pub fn builtin(which: Builtin) -> &'static Object {
    let known = KNOWN.0[which as usize].get();
    // SAFETY: set at start and never freed; None stands in before that.
    unsafe { if known.is_null() { types::none() } else { Object::from_ptr(known) } }
}

#[inline(always)]
pub fn builtin_len() -> *mut PyObject {
    KNOWN.0[Builtin::Len as usize].get()
}
#[inline(always)]
pub fn builtin_isinstance() -> *mut PyObject {
    KNOWN.0[Builtin::IsInstance as usize].get()
}
#[inline(always)]
pub fn list_append() -> *mut PyObject {
    KNOWN.0[Builtin::ListAppend as usize].get()
}

unsafe fn write_version(ip: *mut CodeWord, version: u32) {
    // SAFETY: CALL has a two-unit version behind its counter.
    unsafe { ptr::write_unaligned(ip.add(1) as *mut u32, version) }
}

/// Rewrites a CALL for the callable it sees. `ip` points at its cache.
/// # Safety
/// As in the loop.
#[cold]
#[inline(never)]
pub unsafe fn specialize(callable: &Object, self_or_null: StackRef, ip: *mut CodeWord, oparg: usize) {
    // SAFETY: by contract.
    unsafe {
        let total = oparg + !self_or_null.is_null() as usize;
        let chosen = choose(callable, self_or_null, ip, oparg, total);
        super::specialize::commit(ip, op::CALL, chosen);
    }
}

unsafe fn choose(callable: &Object, self_or_null: StackRef, ip: *mut CodeWord, oparg: usize, total: usize) -> Option<u8> {
    // SAFETY: as `specialize`.
    unsafe {
        if let Some(function) = callable.downcast_exact::<Function>() {
            return if function.is_simple(total) && function.version() != 0 {
                write_version(ip, function.version());
                Some(op::CALL_PY_EXACT_ARGS)
            } else {
                Some(op::CALL_PY_GENERAL)
            };
        }
        if let Some(method) = callable.downcast_exact::<Method>() {
            let function = Object::from_ptr(method.0.im_func.get()).downcast_exact::<Function>();
            return match function {
                Some(function) if self_or_null.is_null() && function.is_simple(oparg + 1) && function.version() != 0 => {
                    write_version(ip, function.version());
                    Some(op::CALL_BOUND_METHOD_EXACT_ARGS)
                }
                Some(_) => Some(op::CALL_BOUND_METHOD_GENERAL),
                None => Some(op::CALL_NON_PY_GENERAL),
            };
        }
        if let Some(cls) = callable.downcast::<Type>() {
            if self_or_null.is_null() && oparg == 1 {
                if std::ptr::eq(cls, types::type_type()) {
                    return Some(op::CALL_TYPE_1);
                }
                if std::ptr::eq(cls, Str::type_object()) {
                    return Some(op::CALL_STR_1);
                }
                if std::ptr::eq(cls, Tuple::type_object()) {
                    return Some(op::CALL_TUPLE_1);
                }
            }
            if cls.0.tp_vectorcall.get().is_some() && std::ptr::eq(callable.ty(), types::type_type()) && !cls.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) {
                return Some(op::CALL_BUILTIN_CLASS);
            }
            if self_or_null.is_null() && cache_init(cls, oparg + 1) {
                write_version(ip, cls.0.tp_version_tag.get());
                return Some(op::CALL_ALLOC_AND_ENTER_INIT);
            }
            return Some(op::CALL_NON_PY_GENERAL);
        }
        if callable.as_ptr() == builtin_len() && total == 1 && self_or_null.is_null() {
            return Some(op::CALL_LEN);
        }
        if callable.as_ptr() == builtin_isinstance() && total == 2 && self_or_null.is_null() {
            return Some(op::CALL_ISINSTANCE);
        }
        if callable.as_ptr() == list_append() && total == 2 && oparg == 1 && !self_or_null.is_null() && List::check_exact(self_or_null.obj()) && (*ip.add(3)).code == op::POP_TOP {
            return Some(op::CALL_LIST_APPEND);
        }
        if let Some(function) = callable.downcast_exact::<BuiltinFunction>() {
            let flags = (*function.0.m_ml.get()).ml_flags.get();
            return Some(match flags {
                f if f == abi::METH_O && total == 1 => op::CALL_BUILTIN_O,
                f if f == abi::METH_FASTCALL => op::CALL_BUILTIN_FAST,
                f if f == abi::METH_FASTCALL | abi::METH_KEYWORDS => op::CALL_BUILTIN_FAST_WITH_KEYWORDS,
                _ => op::CALL_NON_PY_GENERAL,
            });
        }
        if let Some(descr) = callable.downcast_exact::<MethodDescriptor>() {
            let flags = (*descr.0.d_method.get()).ml_flags.get();
            return Some(match flags {
                f if f == abi::METH_NOARGS && total == 1 => op::CALL_METHOD_DESCRIPTOR_NOARGS,
                f if f == abi::METH_O && total == 2 => op::CALL_METHOD_DESCRIPTOR_O,
                f if f == abi::METH_FASTCALL => op::CALL_METHOD_DESCRIPTOR_FAST,
                f if f == abi::METH_FASTCALL | abi::METH_KEYWORDS => op::CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS,
                _ => op::CALL_NON_PY_GENERAL,
            });
        }
        Some(op::CALL_NON_PY_GENERAL)
    }
}

/// Rewrites a CALL_KW.
/// # Safety
/// As `specialize`.
#[cold]
#[inline(never)]
pub unsafe fn specialize_kw(callable: &Object, _self_or_null: StackRef, ip: *mut CodeWord) {
    let chosen = if Function::check_exact(callable) {
        op::CALL_KW_PY
    } else if Method::check_exact(callable) {
        op::CALL_KW_BOUND_METHOD
    } else {
        op::CALL_KW_NON_PY
    };
    // SAFETY: by contract.
    unsafe { super::specialize::commit(ip, op::CALL_KW, Some(chosen)) };
}

/// The noted version of an `__init__` whose arguments are not simply its first locals. No function has it.
const BOUND_EACH_TIME: u32 = u32::MAX;

/// Notes a class whose instances are made by `object.__new__` and a Python `__init__`.
fn cache_init(cls: &Type, nargs: usize) -> bool {
    if !cls.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64) || !std::ptr::eq(cls.ty(), types::type_type()) {
        return false;
    }
    let plain_new = cls.0.tp_new.get().map(|f| f as usize) == types::object_type().0.tp_new.get().map(|f| f as usize);
    let plain_alloc = cls.0.tp_alloc.get().map(|f| f as usize) == types::object_type().0.tp_alloc.get().map(|f| f as usize);
    if !plain_new || !plain_alloc || cls.has_flag(abi::Py_TPFLAGS_IS_ABSTRACT as u64) {
        return false;
    }
    let Some(init) = cls.lookup(crate::intern!("__init__")) else { return false };
    let Some(function) = init.downcast_exact::<Function>() else { return false };
    if !function.is_inlinable() || function.code().flags() & abi::CO_OPTIMIZED == 0 || cls.version() == 0 || function.version() == 0 {
        return false;
    }
    let version = if function.is_simple(nargs) { function.version() } else { BOUND_EACH_TIME };
    // SAFETY: a heap type.
    unsafe {
        let heap = &*(cls.as_type_ptr() as *const abi::PyHeapTypeObject);
        heap._spec_cache.init.set(init.as_ptr());
        heap._spec_cache.init_version.set(version);
    }
    true
}

/// The `__init__` noted by `cache_init`, and whether it still takes exactly the arguments that it was noted with. The caller has checked
/// the type's version, which guards it.
#[inline(always)]
pub fn cached_init(cls: &Type, nargs: usize) -> Option<(&Function, bool)> {
    // SAFETY: versions of types with a noted __init__ are heap types' own.
    unsafe {
        let heap = &*(cls.as_type_ptr() as *const abi::PyHeapTypeObject);
        let init: &Function = Object::from_ptr_opt(heap._spec_cache.init.get())?.cast();
        let simple = init.0.func_version.get() == heap._spec_cache.init_version.get() && init.code().0.co_argcount.get() as usize == nargs;
        Some((init, simple))
    }
}

// ---- the shim below an inlined __init__ -----------------------------------------------------------------------------------------------------

/// Words of the shim's frame: the frame itself and two stack slots.
pub const INIT_SHIM_SIZE: usize = frame::FRAME_SPECIALS_SIZE + 4;

/// Pushes the frame whose code checks that `__init__` returned None and returns the new object.
/// # Safety
/// The data stack has room (the caller checked).
#[inline(always)]
pub unsafe fn push_init_shim(ts: *mut PyThreadState, object: &Object, previous: *mut InterpreterFrame) -> *mut InterpreterFrame {
    // SAFETY: by contract.
    unsafe {
        let code = types::code::init_cleanup_code();
        let shim = frame::push(ts, code.0.co_framesize.get() as usize);
        let f = &mut *shim;
        f.f_executable = StackRef::new_ref(code.as_object().as_ptr());
        f.previous = previous;
        f.f_funcobj = StackRef::borrow(types::none().as_ptr());
        f.f_globals = (*previous).f_globals;
        f.f_builtins = (*previous).f_builtins;
        f.f_locals = ptr::null_mut();
        f.frame_obj = ptr::null_mut();
        f.instr_ptr = code.words();
        f.return_offset = 0;
        f.owner = OWNED_BY_THREAD;
        f.visited = 0;
        let base = f.locals();
        *base = StackRef::new_ref(object.as_ptr());
        f.stackpointer = base.add(1);
        shim
    }
}
