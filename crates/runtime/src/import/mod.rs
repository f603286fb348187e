//! The import system's native part: `IMPORT_NAME` and friends, `__import__`, and the start of CPython's `importlib` bootstrap.
//!
//! Finding and loading is importlib's own Python; here is the fast path (the module is in `sys.modules`), relative names, and errors.

pub mod bootstrap;
pub mod extension;
pub mod lock;
pub mod native;
pub mod on_disk;
pub mod timing;

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::interp::frame::InterpreterFrame;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, mapping, object, sequence};
use crate::state;
use crate::types::{self, Dict, Int, Str};

/// `sys.modules`' entry, if it is there and not None.
pub fn get_module(name: &Str) -> PyResult<Option<Owned>> {
    let modules = state::modules()?;
    match modules.downcast::<Dict>() {
        Some(dict) => dict.get_item(name.as_object()),
        None => errors::catch(mapping::get_item(&modules, name.as_object()), exceptions::KeyError()),
    }
}

/// IMPORT_NAME: calls the frame's `__import__`, directly if it is the builtin one.
/// # Safety
/// `frame` is the running frame.
pub unsafe fn import_name(frame: *mut InterpreterFrame, name: &Str, fromlist: &Object, level: &Object) -> PyResult {
    // SAFETY: a frame's namespaces are live; builtins is a dict or another mapping.
    let (builtins, globals, locals) = unsafe { (Object::from_ptr((*frame).f_builtins), Object::from_ptr((*frame).f_globals), Object::from_ptr_opt((*frame).f_locals)) };
    let function = match builtins.downcast::<Dict>() {
        Some(dict) => dict.get_item(crate::intern!("__import__").as_object())?,
        None => errors::catch(mapping::get_item(builtins, crate::intern!("__import__").as_object()), exceptions::KeyError())?,
    };
    let Some(function) = function else { return Err(err!(ImportError, "__import__ not found")) };
    if state::is_builtin_import(&function) {
        let level = level.downcast::<Int>().and_then(|l| l.as_i64()).unwrap_or(0);
        return import_module_level(name, Some(globals), Some(fromlist), level as i32);
    }
    call::call_args(&function, &[name.as_object(), globals, locals.unwrap_or(types::none()), fromlist, level])
}

/// `PyImport_ImportModule`.
pub fn import_module(name: &str) -> PyResult {
    import_absolute(&Str::new(name))
}

/// The module with a full dotted name itself.
pub fn import_absolute(name: &Str) -> PyResult {
    import_and_check(name)
}

/// `PyImport_ImportModuleLevelObject`.
pub fn import_module_level(name: &Str, globals: Option<&Object>, fromlist: Option<&Object>, level: i32) -> PyResult {
    if level < 0 {
        return Err(err!(ValueError, "level must be >= 0"));
    }
    let absolute: Owned<Str> = if level > 0 {
        resolve_name(name, globals, level)?
    } else {
        if name.len() == 0 {
            return Err(err!(ValueError, "Empty module name"));
        }
        Owned::from_ref(name)
    };
    let module = import_and_check(&absolute)?;
    let has_from = match fromlist {
        Some(list) if !list.is_none() => object::is_true(list)?,
        _ => false,
    };
    if !has_from {
        // `import a.b.c` binds a.
        let shown = name.to_string();
        let Some(dot) = shown.find('.').filter(|_| name.len() > 0) else {
            return Ok(module);
        };
        let front = &shown[..dot];
        if level == 0 {
            return import_absolute(&Str::new(front));
        }
        // Relative: the package that the first part names.
        let cut = shown.chars().count() - front.chars().count();
        let whole = absolute.to_string();
        let keep: String = whole.chars().take(whole.chars().count() - cut).collect();
        return match get_module(&Str::new(&keep))? {
            Some(found) => Ok(found),
            None => Err(err!(KeyError, "'{}' not in sys.modules as expected", keep)),
        };
    }
    if object::has_attr(&module, crate::intern!("__path__"))?
        && let Some(fromlist) = fromlist
    {
        return call::call_method(state::importlib()?, crate::intern!("_handle_fromlist"), &[&module, fromlist, state::import_function()?]);
    }
    Ok(module)
}

fn import_and_check(absolute: &Str) -> PyResult {
    let mut known = get_module(absolute)?;
    if let Some(module) = known.as_ref().filter(|module| !module.is_none())
        && ensure_initialized(module, absolute)?
        && !get_module(absolute)?.is_some_and(|now| now.is(module))
    {
        // The other thread's import failed: this one's turn.
        known = None;
    }
    match known {
        Some(module) if !module.is_none() => {
            timing::cached(absolute);
            Ok(module)
        }
        _ => {
            if crate::audit::is_active() {
                audit_import(absolute)?;
            }
            let timer = timing::start();
            let result = call::call_method(state::importlib()?, crate::intern!("_find_and_load"), &[absolute.as_object(), state::import_function()?]);
            timer.finish(absolute);
            if result.is_err() {
                remove_importlib_frames();
            }
            result
        }
    }
}

/// The event of an import that has to look for the module.
#[cold]
fn audit_import(name: &Str) -> PyResult<()> {
    let sys = state::sys()?;
    let field = |name: &str| sys.dict().get(name).unwrap_or_else(|| crate::types::none().to_owned());
    let (path, meta_path, path_hooks) = (field("path"), field("meta_path"), field("path_hooks"));
    crate::audit::audit("import", &[name, crate::types::none(), &path, &meta_path, &path_hooks])
}

/// A module that another thread is still importing is waited for.
/// The result says whether there was a wait.
fn ensure_initialized(module: &Object, name: &Str) -> PyResult<bool> {
    let Some(spec) = object::get_attr_opt(module, crate::intern!("__spec__"))? else { return Ok(false) };
    let Some(initializing) = object::get_attr_opt(&spec, crate::intern!("_initializing"))? else { return Ok(false) };
    if !object::is_true(&initializing)? {
        return Ok(false);
    }
    call::call_method(state::importlib()?, crate::intern!("_lock_unlock_module"), &[name.as_object()])?;
    Ok(true)
}

/// `from . import x`: the absolute name by the globals' `__package__`, `__spec__` or `__name__` (`resolve_name`).
fn resolve_name(name: &Str, globals: Option<&Object>, level: i32) -> PyResult<Owned<Str>> {
    let Some(globals) = globals else { return Err(err!(KeyError, "'__name__' not in globals")) };
    let Some(dict) = globals.downcast::<Dict>() else { return Err(err!(TypeError, "globals must be a dict")) };
    let package = dict.get_str(crate::intern!("__package__")).filter(|p| !p.is_none());
    let spec = dict.get_str(crate::intern!("__spec__")).filter(|s| !s.is_none());
    let package: Owned = if let Some(package) = package {
        if types::Str::check(&package) {
            if let Some(spec) = &spec {
                let parent = object::get_attr(spec, crate::intern!("parent"))?;
                if !object::rich_compare_bool(&package, &parent, object::CompareOp::Eq)? {
                    crate::modules::warnings::warn(exceptions::DeprecationWarning(), "__package__ != __spec__.parent", 1)?;
                }
            }
            package
        } else {
            return Err(err!(TypeError, "package must be a string"));
        }
    } else if let Some(spec) = spec {
        let parent = object::get_attr(&spec, crate::intern!("parent"))?;
        if !Str::check(&parent) {
            return Err(err!(TypeError, "__spec__.parent must be a string"));
        }
        parent
    } else {
        crate::modules::warnings::warn(exceptions::ImportWarning(), "can't resolve package from __spec__ or __package__, falling back on __name__ and __path__", 1)?;
        let Some(own) = dict.get_str(crate::intern!("__name__")) else { return Err(err!(KeyError, "'__name__' not in globals")) };
        let Some(own) = own.downcast::<Str>() else { return Err(err!(TypeError, "__name__ must be a string")) };
        let text = own.to_string();
        if dict.get_str(crate::intern!("__path__")).is_none() {
            let Some(dot) = text.rfind('.') else { return Err(err!(ImportError, "attempted relative import with no known parent package")) };
            Str::new(&text[..dot]).into_object()
        } else {
            Str::new(&text).into_object()
        }
    };
    let text = object::str(&package)?.to_string();
    if text.is_empty() {
        return Err(err!(ImportError, "attempted relative import with no known parent package"));
    }
    let mut base = text.as_str();
    for _ in 1..level {
        match base.rfind('.') {
            Some(dot) => base = &base[..dot],
            None => return Err(err!(ImportError, "attempted relative import beyond top-level package")),
        }
    }
    Ok(if name.len() == 0 { Str::new(base) } else { Str::new(&format!("{base}.{name}")) })
}

/// IMPORT_FROM: an attribute of the module, or the submodule in `sys.modules`.
pub fn import_from(module: &Object, name: &Str) -> PyResult {
    if let Some(value) = object::get_attr_opt(module, name)? {
        return Ok(value);
    }
    let module_name = object::get_attr_opt(module, crate::intern!("__name__"))?;
    let Some(full) = module_name.as_ref().and_then(|n| n.downcast::<Str>()) else {
        return Err(cannot_import(module, None, name));
    };
    if let Some(found) = get_module(&Str::new(&format!("{full}.{name}")))? {
        return Ok(found);
    }
    Err(cannot_import(module, Some(full), name))
}

/// The ImportError of `from m import x`, with CPython's guesses at the cause.
#[cold]
fn cannot_import(module: &Object, module_name: Option<&Str>, name: &Str) -> errors::Raised {
    let shown = module_name.map_or("<unknown module name>".to_string(), |n| n.to_string());
    let spec = object::get_attr_opt(module, crate::intern!("__spec__")).ok().flatten();
    let origin = spec.as_deref().and_then(|s| types::module::file_origin(s).ok().flatten());
    let shadowing = origin.as_ref().is_some_and(|origin| types::module::is_possibly_shadowing(origin).unwrap_or(false));
    let shadowing_stdlib = match module_name.filter(|_| shadowing).map(types::module::is_stdlib_name) {
        Some(Ok(found)) => found,
        // A name that cannot even be looked up: that is the error.
        Some(Err(raised)) => return raised,
        None => false,
    };
    // A module without a spec may still say where it is from.
    let file = || module.downcast::<types::Module>()?.dict().get_str(crate::intern!("__file__"))?.try_into_typed::<Str>().ok();
    let origin = origin.or_else(file).map(|o| o.to_string());
    let initializing = spec.as_deref().is_some_and(|spec| match object::get_attr_opt(spec, crate::intern!("_initializing")) {
        Ok(Some(flag)) => object::is_true(&flag).unwrap_or(false),
        _ => false,
    });
    errors::clear();
    let plain = format!("cannot import name '{name}' from '{shown}'");
    let partial = || format!("cannot import name '{name}' from partially initialized module '{shown}' (most likely due to a circular import)");
    let message = match (&origin, initializing) {
        (Some(origin), _) if shadowing_stdlib => format!(
            "{plain} (consider renaming '{origin}' since it has the same name as the standard library module named '{shown}' and prevents importing that standard library module)"
        ),
        (Some(origin), true) if shadowing => {
            format!("{plain} (consider renaming '{origin}' if it has the same name as a library you intended to import)")
        }
        (Some(origin), true) => format!("{} ({origin})", partial()),
        (None, true) => partial(),
        (Some(origin), false) => format!("{plain} ({origin})"),
        (None, false) => format!("{plain} (unknown location)"),
    };
    exceptions::raise_import_error(&message, module_name.map(|n| n.as_object()), origin.as_deref(), Some(name.as_object()))
}

/// `from m import *`.
/// # Safety
/// `frame` is the running frame.
pub unsafe fn import_star(frame: *mut InterpreterFrame, module: &Object) -> PyResult {
    // SAFETY: by contract.
    let Some(locals) = (unsafe { Object::from_ptr_opt((*frame).f_locals) }) else {
        return Err(err!(SystemError, "no locals found during 'import *'"));
    };
    let locals = locals.to_owned();
    let (names, skip_private) = match object::get_attr_opt(module, crate::intern!("__all__"))? {
        Some(all) => (all, false),
        None => {
            let Some(dict) = object::get_attr_opt(module, crate::intern!("__dict__"))? else {
                return Err(err!(ImportError, "from-import-* object has no __dict__ and no __all__"));
            };
            (call::call_method0(&dict, crate::intern!("keys"))?, true)
        }
    };
    let names = if skip_private { sequence::to_list(&names)?.into_object() } else { names };
    let mut i = 0;
    loop {
        let Some(name) = errors::catch(sequence::sequence_get_item(&names, i), exceptions::IndexError())? else { break };
        i += 1;
        let Some(text) = name.downcast::<Str>() else {
            let module_name = object::get_attr_opt(module, crate::intern!("__name__"))?;
            let shown = match &module_name {
                Some(n) if Str::check(n) => object::str(n)?.to_string(),
                _ => return Err(err!(TypeError, "module __name__ must be a string, not {}", module_name.as_ref().map_or("None", |n| n.type_name()))),
            };
            let what = if skip_private { "Key in" } else { "Item in" };
            let place = if skip_private { "__dict__" } else { "__all__" };
            return Err(err!(TypeError, "{} {}.{} must be str, not {}", what, shown, place, name.type_name()));
        };
        if skip_private && text.len() > 0 && text.char_at(0) == '_' as u32 {
            continue;
        }
        let value = object::get_attr(module, text)?;
        match locals.downcast_exact::<Dict>() {
            Some(dict) => dict.set_item(&name, &value)?,
            None => mapping::set_item(&locals, &name, &value)?,
        }
    }
    Ok(types::none().to_owned())
}

/// Takes importlib's own frames off an ImportError's traceback (all of an exception's, if they are all importlib's chunk that says so).
fn remove_importlib_frames() {
    if state::verbose() > 0 {
        return;
    }
    let Some(exc) = errors::take() else { return };
    let always = exc.object().ty().is_subtype(exceptions::ImportError());
    type Link = std::cell::Cell<*mut abi::PyTracebackObject>;
    // SAFETY: traceback links are NULL or own tracebacks; each frame has code. A cut link takes a count of what follows before it lets go.
    unsafe {
        let mut link = &exc.0.traceback as *const _ as *const Link;
        let mut outer = link;
        let mut inside = false;
        let mut tb = (*link).get();
        while !tb.is_null() {
            let next = (*tb).tb_next.get() as *mut abi::PyTracebackObject;
            let code = types::frame::code_of_frame_object((*tb).tb_frame.get());
            let now_inside = code.filename().eq_str("<frozen importlib._bootstrap>") || code.filename().eq_str("<frozen importlib._bootstrap_external>");
            if now_inside && !inside {
                outer = link;
            }
            inside = now_inside;
            if inside && (always || code.name().eq_str("_call_with_frames_removed")) {
                crate::object::xincref(next as *mut abi::PyObject);
                crate::object::set_cell(&*outer, next);
                link = outer;
            } else {
                link = &(*tb).tb_next as *const _ as *const Link;
            }
            tb = next;
        }
    }
    errors::restore(exc);
}

/// `sys.modules` as a dict; an empty one before there is any.
pub fn sys_modules() -> Owned<Dict> {
    match state::modules().map(|m| m.try_into_typed::<Dict>()) {
        Ok(Ok(dict)) => dict,
        _ => {
            errors::clear();
            Dict::new()
        }
    }
}

/// The full name of the extension module that is being loaded, where its definition only knows the last part.
pub fn resolve_package_context(name: &str) -> String {
    native::package_context(name)
}
