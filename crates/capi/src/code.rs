//! `cpython/code.h`, `frameobject.h`, `pyframe.h`, `funcobject.h`, `genobject.h`, and evaluation from `ceval.h`.

use crate::macros::{Done, borrowed, done};
use crate::object::text;
use abi::{PyFrameObject, PyObject, PyThreadState};
use runtime::errors::{self, PyResult};
use runtime::interp::frame::{self, InterpreterFrame};
use runtime::object::{Object, Owned, xincref};
use runtime::protocol::object as proto;
use runtime::protocol::mapping;
use runtime::types::code::Fields;
use runtime::types::{self, Bytes, Code, Dict, Frame, Function, Str, Tuple};
use runtime::{err, intern, state};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::ptr;

pub use runtime::types::traceback::empty_code;

/// A frame object that runs nowhere: for tracebacks of C code (`PyFrame_New`).
pub fn new_frame(code: &Code, globals: &Dict, locals: Option<&Object>) -> PyResult<Owned<Frame>> {
    types::frame::new_detached(code, globals, locals)
}

/// `eval`-like running of a code object.
pub fn eval_code(code: &Object, globals: &Dict, locals: &Object) -> PyResult {
    let Some(code) = code.downcast::<Code>() else { return Err(errors::bad_internal_call()) };
    if !globals.contains(intern!("__builtins__"))? {
        globals.set_item(intern!("__builtins__"), &*state::builtins()?)?;
    }
    runtime::interp::eval_code(code, globals, locals)
}

/// The running frame, or NULL. `ctypes` is no Python code to a program: what it calls sees the caller's frame.
fn calling_frame() -> *mut InterpreterFrame {
    let mut frame = frame::current();
    // SAFETY: a chain of live frames; their globals are live.
    unsafe {
        while !frame.is_null() && Object::from_ptr((*frame).f_globals).downcast::<Dict>().is_some_and(is_ctypes) {
            frame = frame::first_complete((*frame).previous);
        }
    }
    frame
}

/// Whether a frame with these globals is `ctypes`.
fn is_ctypes(globals: &Dict) -> bool {
    let name = globals.get_item(intern!("__name__")).ok().flatten();
    name.is_some_and(|name| name.downcast::<Str>().is_some_and(|name| name.as_utf8() == Ok("_ctypes")))
}

fn current_frame() -> Option<&'static Frame> {
    let frame = calling_frame();
    // SAFETY: NULL or a live frame.
    if frame.is_null() { None } else { unsafe { types::frame::frame_object_of(frame) } }
}

fn current_globals() -> Option<Owned<Dict>> {
    let frame = calling_frame();
    if frame.is_null() {
        return runtime::interp::running_main();
    }
    // SAFETY: a live frame's globals.
    unsafe { Object::from_ptr((*frame).f_globals) }.downcast::<Dict>().map(Owned::from_ref)
}

/// What `locals()` gives in the running frame.
pub fn current_locals() -> PyResult {
    // SAFETY: NULL or a live frame.
    unsafe { types::frame::locals_of(calling_frame()) }
}

fn builtins_of_running_code() -> PyResult<Owned> {
    match current_globals() {
        Some(globals) => state::builtins_of_globals(&globals),
        None => Ok(state::builtins_dict()?.into_object()),
    }
}

unsafe fn of_frame<'a>(frame: *mut InterpreterFrame) -> &'a InterpreterFrame {
    // SAFETY: by the callers.
    unsafe { &*frame }
}

fn attribute(o: &Object, name: &'static str) -> PyResult {
    proto::get_attr_str(o, name)
}

unsafe fn tuple_or_empty(items: &Object) -> PyResult<Owned<Tuple>> {
    items.downcast::<Tuple>().map(Owned::from_ref).ok_or_else(errors::bad_internal_call)
}

/// Names and kinds of all fast locals, from the three tuples of the old constructor.
fn fast_locals(varnames: &Tuple, cellvars: &Tuple, freevars: &Tuple, args: usize) -> (Owned<Tuple>, Owned<Bytes>) {
    let (mut names, mut kinds): (Vec<Owned>, Vec<u8>) = (Vec::new(), Vec::new());
    for (i, name) in varnames.iter().enumerate() {
        let is_cell = cellvars.iter().any(|cell| matches!((cell.downcast::<Str>(), name.downcast::<Str>()), (Some(a), Some(b)) if Str::equal(a, b)));
        let arg = if i < args { abi::CO_FAST_ARG_POS | abi::CO_FAST_ARG_KW } else { 0 };
        names.push(name.to_owned());
        kinds.push(abi::CO_FAST_LOCAL | arg | if is_cell { abi::CO_FAST_CELL } else { 0 });
    }
    for cell in cellvars.iter() {
        let known = varnames.iter().any(|name| matches!((cell.downcast::<Str>(), name.downcast::<Str>()), (Some(a), Some(b)) if Str::equal(a, b)));
        if !known {
            names.push(cell.to_owned());
            kinds.push(abi::CO_FAST_CELL);
        }
    }
    for free in freevars.iter() {
        names.push(free.to_owned());
        kinds.push(abi::CO_FAST_FREE);
    }
    (Tuple::from_owned(names), Bytes::new(&kinds))
}

c_api! {
    // ---- code
    fn PyCode_NewEmpty(filename: &CStr, function: &CStr, line: c_int) -> PyResult<Owned<Code>> { empty_code(&filename.to_string_lossy(), &function.to_string_lossy(), line) }
    fn PyUnstable_Code_NewWithPosOnlyArgs(
        argcount: c_int, posonly: c_int, kwonly: c_int, _nlocals: c_int, stacksize: c_int, flags: c_int, code: &Object, consts: &Object, names: &Object, varnames: &Object,
        freevars: &Object, cellvars: &Object, filename: &Str, name: &Str, qualname: &Str, firstlineno: c_int, linetable: &Object, exceptiontable: &Object
    ) -> PyResult {
        if argcount < posonly || posonly < 0 || kwonly < 0 || stacksize < 0 || flags < 0 {
            return Err(errors::bad_internal_call());
        }
        let (Some(code), Some(linetable), Some(exceptiontable)) = (code.downcast::<Bytes>(), linetable.downcast::<Bytes>(), exceptiontable.downcast::<Bytes>()) else { return Err(errors::bad_internal_call()) };
        let varnames = tuple_or_empty(varnames)?;
        let args = (argcount + kwonly) as usize + (flags & abi::CO_VARARGS != 0) as usize + (flags & abi::CO_VARKEYWORDS != 0) as usize;
        let (localsplusnames, localspluskinds) = fast_locals(&varnames, &*tuple_or_empty(cellvars)?, &*tuple_or_empty(freevars)?, args);
        // Zeroed instructions are shown, never run; what may be run passes the verifier.
        let shown_only = code.as_slice().iter().all(|&byte| byte == 0);
        let fields = Fields {
            argcount, posonlyargcount: posonly, kwonlyargcount: kwonly, stacksize, flags,
            code: code.as_slice().into(),
            consts: tuple_or_empty(consts)?, names: tuple_or_empty(names)?, localsplusnames, localspluskinds,
            filename: Owned::from_ref(filename), name: Owned::from_ref(name), qualname: Owned::from_ref(qualname), firstlineno,
            linetable: Owned::from_ref(linetable), exceptiontable: Owned::from_ref(exceptiontable),
        };
        if shown_only { Ok(Code::new(fields)?.into_object()) } else { types::code_new::make(fields) }
    }
    fn PyUnstable_Eval_RequestCodeExtraIndex(free: Option<unsafe extern "C" fn(*mut c_void)>) -> isize { types::code_extra::request_index(free).map_or(-1, |index| index as isize) }
    fn PyUnstable_Code_GetExtra(code: &Object, index: isize, extra: *mut *mut c_void) -> PyResult<Done> {
        let Some(code) = code.downcast::<Code>() else { return Err(errors::bad_internal_call()) };
        let value = usize::try_from(index).map_or(std::ptr::null_mut(), |index| types::code_extra::get(code, index));
        // SAFETY: the caller's place for a pointer.
        unsafe { *extra = value };
        done(Ok(()))
    }
    fn PyUnstable_Code_SetExtra(code: &Object, index: isize, extra: *mut c_void) -> PyResult<Done> {
        match (code.downcast::<Code>(), usize::try_from(index)) {
            (Some(code), Ok(index)) => done(types::code_extra::set(code, index, extra)),
            _ => Err(errors::bad_internal_call()),
        }
    }
    fn PyCode_GetCode(code: &Code) -> PyResult { attribute(code, "co_code") }
    fn PyCode_GetVarnames(code: &Code) -> PyResult { attribute(code, "co_varnames") }
    fn PyCode_GetCellvars(code: &Code) -> PyResult { attribute(code, "co_cellvars") }
    fn PyCode_GetFreevars(code: &Code) -> PyResult { attribute(code, "co_freevars") }
    fn PyUnstable_Code_New(
        argcount: c_int, kwonly: c_int, nlocals: c_int, stacksize: c_int, flags: c_int, code: *mut PyObject, consts: *mut PyObject, names: *mut PyObject, varnames: *mut PyObject,
        freevars: *mut PyObject, cellvars: *mut PyObject, filename: *mut PyObject, name: *mut PyObject, qualname: *mut PyObject, firstlineno: c_int, linetable: *mut PyObject,
        exceptiontable: *mut PyObject
    ) -> *mut PyObject {
        PyUnstable_Code_NewWithPosOnlyArgs(
            argcount, 0, kwonly, nlocals, stacksize, flags, code, consts, names, varnames, freevars, cellvars, filename, name, qualname, firstlineno, linetable, exceptiontable,
        )
    }
    fn PyCode_Addr2Location(code: &Code, offset: c_int, line: *mut c_int, column: *mut c_int, end_line: *mut c_int, end_column: *mut c_int) -> c_int {
        let first = code.0.co_firstlineno.get();
        let found = match usize::try_from(offset) {
            Ok(offset) => bytecode::locations::location_at(code.line_table(), first, offset / 2),
            Err(_) => bytecode::locations::Location { lineno: first, end_lineno: first, col: 0, end_col: 0 },
        };
        *line = found.lineno;
        *column = found.col;
        *end_line = found.end_lineno;
        *end_column = found.end_col;
        1
    }
    fn PyCode_Addr2Line(code: &Code, offset: c_int) -> c_int {
        if offset < 0 { code.0.co_firstlineno.get() } else { code.line_of(offset) }
    }
    fn PyCode_Optimize(code: &Object, _consts: &Object, _names: &Object, _lnotab: &Object) -> Owned { code.to_owned() }
    fn _PyCode_ConstantKey(o: &Object) -> PyResult { types::code_new::constant_key(o) }

    // ---- frames
    fn PyFrame_New(_ts: *mut PyThreadState, code: &Code, globals: &Dict, locals: Option<&Object>) -> PyResult<Owned<Frame>> { new_frame(code, globals, locals) }
    fn PyFrame_GetCode(frame: &Frame) -> Owned<Code> { Owned::from_ref(frame.code()) }
    fn PyFrame_GetBack(frame: &Frame) -> *mut PyObject { frame.back().map_or(ptr::null_mut(), Owned::into_raw) }
    fn PyFrame_GetLineNumber(frame: &Frame) -> c_int { frame.line() }
    fn PyFrame_GetLasti(frame: &Frame) -> c_int { frame.lasti() }
    fn PyFrame_GetGlobals(frame: &Frame) -> Owned { frame.globals().to_owned() }
    fn PyFrame_GetBuiltins(frame: &Frame) -> PyResult { attribute(frame, "f_builtins") }
    fn PyFrame_GetLocals(frame: &Frame) -> PyResult { attribute(frame, "f_locals") }
    fn PyFrame_GetGenerator(frame: &Frame) -> PyResult {
        match proto::get_attr_opt(frame, intern!("f_generator"))? {
            Some(found) if !found.is_none() => Ok(found),
            _ => Err(errors::Raised::from_c()),
        }
    }
    fn PyFrame_GetVar(frame: &Frame, name: &Object) -> PyResult { frame_variable(frame, name) }
    fn PyFrame_GetVarString(frame: &Frame, name: &CStr) -> PyResult { frame_variable(frame, &*text(name)?) }
    fn PyFrame_FastToLocalsWithError(_frame: &Frame) -> c_int { 0 }
    fn PyFrame_FastToLocals(_frame: &Frame) {}
    fn PyFrame_LocalsToFast(_frame: &Frame, _clear: c_int) {}
    fn _PyFrame_IsEntryFrame(frame: &Frame) -> bool { of_frame(frame.frame_ptr()).previous.is_null() }
    fn PyUnstable_InterpreterFrame_GetCode(frame: *mut InterpreterFrame) -> *mut PyObject { xincref((*frame).f_executable.ptr()) }
    fn PyUnstable_InterpreterFrame_GetLasti(frame: *mut InterpreterFrame) -> c_int { (*frame).lasti() as c_int * 2 }
    fn PyUnstable_InterpreterFrame_GetLine(frame: *mut InterpreterFrame) -> c_int { (*frame).current_line() }

    // ---- the running code
    fn PyEval_GetFrame() -> *mut PyFrameObject { current_frame().map_or(ptr::null_mut(), |frame| frame.as_ptr().cast()) }
    fn PyEval_GetGlobals() -> *mut PyObject { current_globals().map_or(ptr::null_mut(), borrowed) }
    fn PyEval_GetBuiltins() -> *mut PyObject { builtins_of_running_code().map_or(ptr::null_mut(), borrowed) }
    fn PyEval_GetLocals() -> PyResult<*mut PyObject> {
        let locals = current_locals()?;
        // Kept by the frame, which outlives the borrow.
        if let Some(frame) = current_frame() {
            let old: Option<Owned> = Owned::from_raw_opt(frame.0.f_locals_cache.replace(locals.clone().into_raw()));
            drop(old);
        }
        Ok(borrowed(locals))
    }
    fn PyEval_GetFrameGlobals() -> *mut PyObject { current_globals().map_or(ptr::null_mut(), Owned::into_raw) }
    fn PyEval_GetFrameBuiltins() -> PyResult { builtins_of_running_code() }
    fn PyEval_GetFrameLocals() -> PyResult { current_locals() }
    fn PyEval_GetFuncName(o: &Object) -> *const c_char {
        if let Some(method) = o.downcast::<types::Method>() {
            return PyEval_GetFuncName(method.0.im_func.get());
        }
        if let Some(function) = o.downcast::<Function>() {
            let name = Object::from_ptr(function.0.func_name.get());
            return name.downcast::<Str>().and_then(|name| name.as_utf8().ok()).map_or(ptr::null(), |name| name.as_ptr().cast());
        }
        match o.downcast::<types::BuiltinFunction>() {
            Some(function) => (*function.0.m_ml.get()).ml_name.get(),
            None => o.ty().0.tp_name.get(),
        }
    }
    fn PyEval_GetFuncDesc(o: &Object) -> *const c_char {
        let callable = o.is_instance_of::<types::Method>() || o.is_instance_of::<Function>() || o.is_instance_of::<types::BuiltinFunction>();
        if callable { c"()".as_ptr() } else { c" object".as_ptr() }
    }
    fn PyEval_EvalCode(code: &Object, globals: &Object, locals: Option<&Object>) -> PyResult {
        let Some(globals) = globals.downcast::<Dict>() else { return Err(errors::bad_internal_call()) };
        eval_code(code, globals, locals.unwrap_or(globals))
    }
    fn PyEval_EvalCodeEx(
        code: &Code, globals: &Dict, locals: Option<&Object>, args: *const *mut PyObject, argc: c_int, kwargs: *const *mut PyObject, kwargc: c_int, defaults: *const *mut PyObject,
        defaultc: c_int, kwdefaults: Option<&Object>, closure: Option<&Object>
    ) -> PyResult {
        let cells = closure.map_or(0, |closure| closure.downcast::<Tuple>().map_or(0, |cells| cells.len()));
        if kwdefaults.is_some_and(|kwdefaults| !kwdefaults.is_instance_of::<Dict>()) || cells != code.0.co_nfreevars.get() as usize {
            return Err(errors::bad_internal_call());
        }
        let function = Function::new(code, globals, None)?;
        if defaultc > 0 {
            function.0.func_defaults.set(Tuple::from_borrowed(defaults, defaultc as usize).into_raw());
        }
        function.0.func_kwdefaults.set(kwdefaults.map_or(ptr::null_mut(), |d| d.to_owned().into_raw()));
        function.0.func_closure.set(closure.map_or(ptr::null_mut(), |c| c.to_owned().into_raw()));
        let (argc, kwargc) = (argc.max(0) as usize, kwargc.max(0) as usize);
        let mut values: Vec<*mut PyObject> = (0..argc).map(|i| *args.add(i)).collect();
        values.extend((0..kwargc).map(|i| *kwargs.add(2 * i + 1)));
        let names = Tuple::from_owned((0..kwargc).map(|i| Object::from_ptr(*kwargs.add(2 * i)).to_owned()).collect());
        let locals = locals.unwrap_or(globals);
        // Code with variables of its own takes no namespace.
        let locals = if code.flags() & abi::CO_OPTIMIZED != 0 { ptr::null_mut() } else { locals.as_ptr() };
        let names = if kwargc == 0 { ptr::null_mut() } else { names.raw() };
        errors::from_c(runtime::interp::call::eval_vector(function.raw(), locals, values.as_ptr(), argc, names))
    }

    // ---- functions
    fn PyFunction_New(code: &Code, globals: &Dict) -> PyResult<Owned<Function>> { Function::new(code, globals, None) }
    fn PyFunction_NewWithQualName(code: &Code, globals: &Dict, qualname: Option<&Str>) -> PyResult<Owned<Function>> { Function::new(code, globals, qualname) }
    fn PyFunction_GetCode(o: &Function) -> *mut PyObject { o.0.func_code.get() }
    fn PyFunction_GetGlobals(o: &Function) -> *mut PyObject { o.0.func_globals.get() }
    fn PyFunction_GetModule(o: &Function) -> *mut PyObject { o.0.func_module.get() }
    fn PyFunction_GetDefaults(o: &Function) -> *mut PyObject { o.0.func_defaults.get() }
    fn PyFunction_GetKwDefaults(o: &Function) -> *mut PyObject { o.0.func_kwdefaults.get() }
    fn PyFunction_GetClosure(o: &Function) -> *mut PyObject { o.0.func_closure.get() }
    fn PyFunction_GetAnnotations(o: &Function) -> PyResult<*mut PyObject> {
        if o.0.func_annotations.get().is_null() && (o.0.func_annotate.get().is_null() || Object::from_ptr(o.0.func_annotate.get()).is_none()) {
            return Ok(types::none().as_ptr());
        }
        Ok(borrowed(o.annotations()?))
    }
    fn PyFunction_SetDefaults(o: &Function, value: Option<&Object>) -> PyResult<Done> { set_function(o, "__defaults__", value, |v| v.is_instance_of::<Tuple>(), "non-tuple default args") }
    fn PyFunction_SetKwDefaults(o: &Function, value: Option<&Object>) -> PyResult<Done> { set_function(o, "__kwdefaults__", value, |v| v.is_instance_of::<Dict>(), "non-dict keyword only default args") }
    fn PyFunction_SetAnnotations(o: &Function, value: Option<&Object>) -> PyResult<Done> { set_function(o, "__annotations__", value, |v| v.is_instance_of::<Dict>(), "non-dict annotations") }
    fn PyFunction_SetClosure(o: &Function, value: Option<&Object>) -> PyResult<Done> {
        let value = match value {
            Some(value) if value.is_none() => None,
            Some(value) if value.is_instance_of::<Tuple>() => Some(value),
            _ => return Err(err!(SystemError, "expected tuple for closure, got '{}'", value.map_or("NULL", |v| v.type_name()))),
        };
        let old: Option<Owned> = Owned::from_raw_opt(o.0.func_closure.replace(value.map_or(ptr::null_mut(), |v| v.to_owned().into_raw())));
        drop(old);
        o.modified();
        Ok(Done)
    }
    fn PyFunction_SetVectorcall(o: &Function, function: Option<abi::vectorcallfunc>) {
        o.modified();
        o.0.vectorcall.set(function);
    }

    // ---- generators
    fn PyGen_GetCode(o: &Object) -> PyResult {
        let name = match o.type_name() {
            "coroutine" => "cr_code",
            "async_generator" => "ag_code",
            _ => "gi_code",
        };
        attribute(o, name)
    }
    fn _PyGen_SetStopIterationValue(value: &Object) -> c_int {
        types::generator::raise_stop_iteration(value);
        0
    }
    fn _PyGen_FetchStopIterationValue(out: *mut *mut PyObject) -> PyResult<Done> {
        *out = ptr::null_mut();
        if !errors::occurred() {
            return Ok(Done);
        }
        *out = runtime::interp::exc::fetch_stop_iteration_value()?.into_raw();
        Ok(Done)
    }
    fn _PyCoro_GetAwaitableIter(o: &Object) -> PyResult { runtime::interp::generator::awaitable_iter(o) }
}

fn frame_variable(frame: &Frame, name: &Object) -> PyResult {
    if !name.is_instance_of::<Str>() {
        return Err(err!(TypeError, "name must be str, not {}", name.type_name()));
    }
    let locals = attribute(frame, "f_locals")?;
    match errors::catch(mapping::get_item(&locals, name), runtime::exceptions::KeyError())? {
        Some(value) => Ok(value),
        None => Err(err!(NameError, "variable {} does not exist", proto::repr(name)?)),
    }
}

fn set_function(o: &Function, attribute: &str, value: Option<&Object>, ok: fn(&Object) -> bool, what: &str) -> PyResult<Done> {
    match value {
        Some(value) if value.is_none() || ok(value) => done(proto::set_attr_str(o, attribute, Some(value))),
        _ => Err(err!(SystemError, "{}", what)),
    }
}
