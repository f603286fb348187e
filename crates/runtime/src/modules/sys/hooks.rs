//! The hooks of `sys`: display of values and exceptions, breakpoints, audit events, tracing, asynchronous generators.

use crate::errors::{self, PyResult};
use crate::exceptions::base::BaseException;
use crate::exceptions::report;
use crate::interp::monitoring;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, object};
use crate::tstate::ThreadState;
use crate::types::structseq::{self, Field};
use crate::types::{self, Dict, GilCell, Str, Tuple};
use crate::{audit, err, exceptions, state};
use macros::pyfunctions;
use std::cell::Cell;

struct HookTypes {
    unraisable: Cell<Option<Owned<Type>>>,
    asyncgen: Cell<Option<Owned<Type>>>,
}

static TYPES: GilCell<HookTypes> = GilCell(HookTypes { unraisable: Cell::new(None), asyncgen: Cell::new(None) });

fn cached(slot: &Cell<Option<Owned<Type>>>, make: impl FnOnce() -> PyResult<Owned<Type>>) -> PyResult<Owned<Type>> {
    let ty = match slot.take() {
        Some(ty) => ty,
        None => make()?,
    };
    slot.set(Some(ty.clone()));
    Ok(ty)
}

/// The argument of `sys.unraisablehook`.
pub fn unraisable_args(fields: &Tuple) -> PyResult {
    let ty = cached(&TYPES.0.unraisable, || {
        let fields = [
            Field::new("exc_type", "Exception type"),
            Field::new("exc_value", "Exception value"),
            Field::new("exc_traceback", "Exception traceback"),
            Field::new("err_msg", "Error message"),
            Field::new("object", "Object causing the exception"),
        ];
        let ty = structseq::new_type("builtins.UnraisableHookArgs", "UnraisableHookArgs\n\nType used to pass arguments to sys.unraisablehook.", &fields, 5)?;
        // As a built-in type's, the shown name is without the module.
        ty.0.tp_name.set(c"UnraisableHookArgs".as_ptr() as *mut _);
        ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
        Ok(ty)
    })?;
    structseq::new(&ty, fields.iter().map(|field| field.to_owned()).collect())
}

fn attribute(args: &Object, name: &str) -> PyResult {
    object::get_attr_str(args, name)
}

#[pyfunctions(HOOKS)]
pub mod functions {
    use super::*;

    /// Print an object to sys.stdout and also save it in builtins._
    #[function("displayhook($module, object, /)")]
    fn displayhook(object: &Object) -> PyResult<()> {
        if object.is_none() {
            return Ok(());
        }
        let builtins = state::builtins()?;
        builtins.add("_", types::none())?;
        let Some(out) = state::sys_attribute(crate::intern!("stdout"))?.filter(|out| !out.is_none()) else {
            return Err(err!(RuntimeError, "lost sys.stdout"));
        };
        let text = object::repr(object)?;
        if let Err(raised) = call::call_method(&out, crate::intern!("write"), &[&text]) {
            if !errors::matches(exceptions::UnicodeEncodeError()) {
                return Err(raised);
            }
            errors::clear();
            let encoding = object::str(&*object::get_attr_str(&out, "encoding")?)?.to_string();
            let bytes = crate::codecs::encode(&text, Some(&encoding), Some("backslashreplace"))?;
            match object::get_attr_opt(&out, crate::intern!("buffer"))? {
                Some(buffer) => drop(call::call_method(&buffer, crate::intern!("write"), &[&bytes])?),
                None => {
                    let shown = call::call_method(&bytes, crate::intern!("decode"), &[&Str::new(&encoding), &Str::new("strict")])?;
                    call::call_method(&out, crate::intern!("write"), &[&shown])?;
                }
            }
        }
        call::call_method(&out, crate::intern!("write"), &[&Str::new("\n")])?;
        builtins.add("_", object)
    }

    /// Handle an exception by displaying it with a traceback on sys.stderr.
    #[function("excepthook($module, exctype, value, traceback, /)")]
    fn excepthook(_exctype: &Object, value: &Object, traceback: &Object) -> PyResult<()> {
        let Some(exc) = value.downcast::<BaseException>() else {
            report::write_stderr(&format!("TypeError: print_exception(): Exception expected for value, {} found\n", value.type_name()));
            return Ok(());
        };
        if exc.traceback().is_none() && types::Traceback::check(traceback) {
            exc.set_traceback(Some(traceback));
        }
        report::display(&Owned::from_ref(exc));
        Ok(())
    }

    /// Handle an unraisable exception.
    #[function("unraisablehook($module, unraisable, /)")]
    fn unraisablehook(unraisable: &Object) -> PyResult<()> {
        if unraisable.type_name() != "UnraisableHookArgs" {
            return Err(err!(TypeError, "sys.unraisablehook argument type must be UnraisableHookArgs"));
        }
        if report::stderr().is_none() {
            return Ok(());
        }
        let message = attribute(unraisable, "err_msg")?;
        let source = attribute(unraisable, "object")?;
        let value = attribute(unraisable, "exc_value")?;
        let mut line = String::new();
        if !source.is_none() {
            line = if message.is_none() { "Exception ignored in".to_string() } else { object::str(&message)?.to_string() };
            line.push_str(": ");
            match object::repr(&source) {
                Ok(text) => line.push_str(&text.to_string_lossy()),
                Err(_) => {
                    errors::clear();
                    line.push_str("<object repr() failed>");
                }
            }
            line.push('\n');
        } else if !message.is_none() {
            line = format!("{}:\n", &*object::str(&message)?);
        }
        report::write_stderr(&line);
        if let Some(exc) = value.downcast::<BaseException>() {
            report::display_traceback_and_line(&Owned::from_ref(exc));
        }
        Ok(())
    }

    /// This hook function is called by built-in breakpoint().
    #[function("breakpointhook($module, /, *args, **kwargs)")]
    fn breakpointhook(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let environ = crate::import::import_module("os").and_then(|os| object::get_attr_str(&os, "environ"))?;
        let chosen = call::call_method(&environ, crate::intern!("get"), &[&Str::new("PYTHONBREAKPOINT")])?;
        let name = if chosen.is_none() { String::new() } else { object::str(&chosen)?.to_string() };
        let name = match name.as_str() {
            "0" => return Ok(types::none().to_owned()),
            "" => "pdb.set_trace".to_string(),
            _ => name,
        };
        let (module, attribute) = name.rsplit_once('.').unwrap_or(("builtins", &name));
        let hook = crate::import::import_module(module).and_then(|_| {
            let module = crate::import::get_module(&Str::new(module))?.ok_or_else(|| err!(ImportError, "no module named {}", module))?;
            object::get_attr_str(&module, attribute)
        });
        match hook {
            Ok(hook) => {
                let names: Vec<Owned> = kwargs.iter().map(|(name, _)| name.to_owned()).collect();
                let dict = Dict::new();
                for ((_, value), name) in kwargs.iter().zip(&names) {
                    dict.set_item(name, value)?;
                }
                let positional: Vec<&Object> = args.to_vec();
                call::call(&hook, &Tuple::new(&positional), Some(&dict))
            }
            Err(_) => {
                errors::clear();
                crate::modules::warnings::warn(exceptions::RuntimeWarning(), &format!("Ignoring unimportable $PYTHONBREAKPOINT: \"{name}\""), 1)?;
                Ok(types::none().to_owned())
            }
        }
    }

    /// Passes the event to any hooks that are attached.
    #[function("audit($module, event, /, *args)")]
    fn py_audit(event: &str, args: Args<'_>) -> PyResult<()> {
        audit::audit(event, args)
    }

    /// Adds a new audit hook callback.
    #[function("addaudithook($module, /, hook)")]
    fn addaudithook(hook: &Object) -> PyResult<()> {
        if audit::audit("sys.addaudithook", &[]).is_err() {
            // A hook refuses: silently, if by an Exception.
            if errors::matches(exceptions::Exception()) {
                errors::clear();
                return Ok(());
            }
            return Err(errors::Raised::from_c());
        }
        audit::add_hook(hook.to_owned());
        Ok(())
    }

    /// Return the global debug tracing function set with sys.settrace.
    #[function("gettrace($module, /)")]
    fn gettrace() -> Option<Owned> {
        monitoring::trace_function()
    }

    /// Return the profiling function set with sys.setprofile.
    #[function("getprofile($module, /)")]
    fn getprofile() -> Option<Owned> {
        monitoring::profile_function()
    }

    /// Set the global debug tracing function.
    #[function("settrace($module, function, /)")]
    fn settrace(function: &Object) -> PyResult<()> {
        monitoring::legacy::set_trace((!function.is_none()).then_some(function))
    }

    /// Set the global debug tracing function in all running threads belonging to the current interpreter.
    #[function("_settraceallthreads($module, function, /)")]
    fn _settraceallthreads(function: &Object) {
        monitoring::legacy::set_trace_all_threads((!function.is_none()).then_some(function));
    }

    /// Set the profiling function.
    #[function("setprofile($module, function, /)")]
    fn setprofile(function: &Object) -> PyResult<()> {
        monitoring::legacy::set_profile((!function.is_none()).then_some(function))
    }

    /// Set the global profiling function in all running threads belonging to the current interpreter.
    #[function("_setprofileallthreads($module, function, /)")]
    fn _setprofileallthreads(function: &Object) {
        monitoring::legacy::set_profile_all_threads((!function.is_none()).then_some(function));
    }

    /// Check status of origin tracking for coroutine objects in this thread.
    #[function("get_coroutine_origin_tracking_depth($module, /)")]
    fn get_coroutine_origin_tracking_depth() -> i32 {
        ThreadState::current().0.coroutine_origin_tracking_depth.get()
    }

    /// Enable or disable origin tracking for coroutine objects in this thread.
    #[function("set_coroutine_origin_tracking_depth($module, /, depth)")]
    fn set_coroutine_origin_tracking_depth(depth: i32) -> PyResult<()> {
        if depth < 0 {
            return Err(err!(ValueError, "depth must be >= 0"));
        }
        ThreadState::current().0.coroutine_origin_tracking_depth.set(depth);
        Ok(())
    }

    /// Return the installed asynchronous generators hooks.
    #[function("get_asyncgen_hooks($module, /)")]
    fn get_asyncgen_hooks() -> PyResult {
        let ty = cached(&TYPES.0.asyncgen, || {
            let fields = [Field::new("firstiter", "Hook to intercept first iteration"), Field::new("finalizer", "Hook to intercept finalization")];
            let ty = structseq::new_type("builtins.asyncgen_hooks", "asyncgen_hooks", &fields, 2)?;
            ty.0.tp_name.set(c"asyncgen_hooks".as_ptr() as *mut _);
            ty.add_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
            Ok(ty)
        })?;
        let thread = &ThreadState::current().0;
        // SAFETY: NULL or owned by the thread state.
        let value = |cell: &Cell<*mut abi::PyObject>| unsafe { Object::from_ptr_opt(cell.get()) }.unwrap_or(types::none()).to_owned();
        structseq::new(&ty, vec![value(&thread.async_gen_firstiter), value(&thread.async_gen_finalizer)])
    }

    /// Set a finalizer for async generators objects.
    #[function("set_asyncgen_hooks([firstiter] [, finalizer])", nosig)]
    fn set_asyncgen_hooks(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<()> {
        if args.len() > 2 {
            return Err(err!(TypeError, "set_asyncgen_hooks() takes at most 2 arguments ({} given)", args.len()));
        }
        let firstiter = args.first().copied().or(kwargs.get("firstiter"));
        let finalizer = args.get(1).copied().or(kwargs.get("finalizer"));
        for (value, what) in [(finalizer, "finalizer"), (firstiter, "firstiter")] {
            if let Some(value) = value.filter(|value| !value.is_none() && !object::is_callable(value)) {
                return Err(err!(TypeError, "callable {} expected, got {}", what, value.type_name()));
            }
            if value.is_some_and(|value| !value.is_none()) {
                audit::audit(&format!("sys.set_asyncgen_hooks_{what}"), &[])?;
            }
        }
        let thread = &ThreadState::current().0;
        for (value, cell) in [(finalizer, &thread.async_gen_finalizer), (firstiter, &thread.async_gen_firstiter)] {
            if let Some(value) = value {
                let new = if value.is_none() { std::ptr::null_mut() } else { unsafe { crate::object::xincref(value.as_ptr()) } };
                // SAFETY: the cell owned its reference.
                unsafe { crate::object::xdecref(cell.replace(new)) };
            }
        }
        Ok(())
    }
}
