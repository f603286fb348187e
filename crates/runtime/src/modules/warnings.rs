//! `_warnings`: issuing warnings, and the filters that decide what becomes of them.
//!
//! The Python module `warnings` and this one share filters, registries and settings: each name is looked up in the Python module first, once
//! that has been imported, because programs set them there.

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::intern;
use crate::modules::contextvars::ContextVar;
use crate::modules::thread::{lock::this_thread, raw_lock::RawLock};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object::{self, CompareOp, is_true};
use crate::protocol::{call, number};
use crate::state::{self, PerInterpreter};
use crate::types::{self, Dict, Frame, Int, List, Module, Str, Tuple};
use macros::pymodule;
use std::cell::{Cell, OnceCell, RefCell};

/// Filters and registries as this module has them.
struct State {
    /// Those of the Python module when they were last looked up.
    filters: RefCell<Owned<List>>,
    once_registry: Owned<Dict>,
    default_action: Owned<Str>,
    context: Owned<ContextVar>,
    /// Registries of another version are void.
    version: Cell<i64>,
    lock: RawLock,
    owner: Cell<u64>,
    depth: Cell<usize>,
}

fn shared() -> PyResult<&'static State> {
    static STATE: PerInterpreter<OnceCell<State>> = PerInterpreter::new(OnceCell::new(), OnceCell::new);
    if let Some(state) = STATE.get().get() {
        return Ok(state);
    }
    let filters = List::new();
    let none = types::none();
    let filter = |category: &Type, action: &'static Str, module: &Object| {
        filters.append(&*Tuple::new(&[action, none, category, module, &*Int::from_i64(0)]))
    };
    filter(exceptions::DeprecationWarning(), intern!("default"), intern!("__main__"))?;
    for category in [
        exceptions::DeprecationWarning(),
        exceptions::PendingDeprecationWarning(),
        exceptions::ImportWarning(),
        exceptions::ResourceWarning(),
    ] {
        filter(category, intern!("ignore"), none)?;
    }
    let state = State {
        filters: RefCell::new(filters),
        once_registry: Dict::new(),
        default_action: Owned::from_ref(intern!("default")),
        context: ContextVar::new(intern!("_warnings_context"), None)?,
        version: Cell::new(0),
        lock: RawLock::new(),
        owner: Cell::new(0),
        depth: Cell::new(0),
    };
    Ok(STATE.get().get_or_init(|| state))
}

impl State {
    fn is_mine(&self) -> bool {
        self.depth.get() > 0 && self.owner.get() == this_thread()
    }
    fn acquire(&self) {
        if self.is_mine() {
            return self.depth.set(self.depth.get() + 1);
        }
        if !self.lock.try_acquire() {
            let lock = &self.lock;
            crate::gil::allow_threads(|| lock.acquire_blocking());
        }
        self.owner.set(this_thread());
        self.depth.set(1);
    }
    fn release(&self) -> bool {
        if !self.is_mine() {
            return false;
        }
        self.depth.set(self.depth.get() - 1);
        if self.depth.get() == 0 {
            self.lock.release();
        }
        true
    }
}

/// `PyErr_WarnEx`: issues a warning; an error if a filter turns it into one.
pub fn warn(category: &Type, message: &str, stack_level: isize) -> PyResult<()> {
    if state::sys().is_err() {
        // Until the interpreter is up nobody can be listening.
        return Ok(());
    }
    issue(&Str::new(message), category, stack_level, None, None)
}

/// `PyErr_WarnExplicit`: as `warn` for a place in a file that is not the running code's.
pub fn warn_explicit(category: &Type, message: &str, filename: &str, line: i64, module_name: Option<&str>) -> PyResult<()> {
    let module = module_name.map(Str::new);
    let warning = Warning {
        category: Owned::from_type(category).into_object(),
        message: Str::new(message).into_object(),
        filename: Str::new(filename),
        line,
        module: module.map(Owned::into_object),
        registry: None,
        source_line: None,
        source: None,
    };
    explicit(warning)
}

/// `PyErr_ResourceWarning`.
pub fn warn_resource(source: &Object, message: &str, stack_level: isize) -> PyResult<()> {
    issue(&Str::new(message), exceptions::ResourceWarning(), stack_level, Some(source), None)
}

/// A warning with its place.
struct Warning {
    category: Owned,
    message: Owned,
    filename: Owned<Str>,
    line: i64,
    /// Absent: made from the file's name.
    module: Option<Owned>,
    registry: Option<Owned>,
    source_line: Option<Owned>,
    source: Option<Owned>,
}

// ---- the place --------------------------------------------------------------------------------------------------------------------------

fn is_internal(filename: &Str) -> bool {
    // The importer of the embedded library is as internal as the rest of the import system.
    filename.contains(intern!("importlib")) && filename.contains(intern!("_bootstrap")) || filename.eq_str("<frozen _embedded_importer>")
}

fn is_skipped(filename: &Str, prefixes: Option<&Tuple>) -> bool {
    prefixes.is_some_and(|prefixes| prefixes.iter().any(|p| p.downcast::<Str>().is_some_and(|p| filename.starts_with(p))))
}

fn next_external(mut frame: Option<Owned<Frame>>, prefixes: Option<&Tuple>) -> Option<Owned<Frame>> {
    loop {
        frame = frame?.back();
        let filename = frame.as_ref()?.code().filename();
        if !is_internal(filename) && !is_skipped(filename, prefixes) {
            return frame;
        }
    }
}

fn current_frame() -> Option<Owned<Frame>> {
    let current = crate::interp::frame::current();
    if current.is_null() {
        return None;
    }
    // SAFETY: the running frame.
    unsafe { types::frame::frame_object_of(current) }.map(Owned::from_ref)
}

/// `warn()`: the warning's place is `stack_level` frames up.
fn issue(message: &Object, category: &Type, stack_level: isize, source: Option<&Object>, prefixes: Option<&Tuple>) -> PyResult<()> {
    let prefixes = prefixes.filter(|p| p.len() > 0);
    let mut level = if prefixes.is_some() { stack_level.max(2) } else { stack_level };
    let mut frame = current_frame();
    if level <= 0 || frame.as_ref().is_some_and(|f| is_internal(f.code().filename())) {
        while level > 1 && frame.is_some() {
            level -= 1;
            frame = frame.and_then(|f| f.back());
        }
    } else {
        while level > 1 && frame.is_some() {
            level -= 1;
            frame = next_external(frame, prefixes);
        }
    }
    let (globals, filename, line): (Owned<Dict>, Owned<Str>, i64) = match &frame {
        Some(frame) => match frame.globals().downcast::<Dict>() {
            Some(globals) => (Owned::from_ref(globals), Owned::from_ref(frame.code().filename()), frame.line() as i64),
            None => return Err(err!(SystemError, "frame's globals are no dict")),
        },
        None => (Owned::from_ref(state::sys()?.dict()), Str::new("<sys>"), 0),
    };
    let registry = match globals.get_item(intern!("__warningregistry__"))? {
        Some(registry) => registry,
        None => {
            let fresh = Dict::new();
            globals.set_item(intern!("__warningregistry__"), &*fresh)?;
            fresh.into_object()
        }
    };
    let module = match globals.get_item(intern!("__name__"))? {
        Some(name) if name.is_none() || Str::check(&name) => name,
        _ => intern!("<string>").to_owned(),
    };
    explicit(Warning {
        category: Owned::from_type(category).into_object(),
        message: message.to_owned(),
        filename,
        line,
        module: Some(module),
        registry: Some(registry),
        source_line: None,
        source: source.map(Object::to_owned),
    })
}

/// The line of source that a module's loader gives; importlib knows which loader that is.
fn source_line(module_globals: &Dict, line: i64) -> PyResult<Option<Owned>> {
    let external = object::get_attr(state::importlib()?, intern!("_bootstrap_external"))?;
    let loader = call::call_method(&external, intern!("_bless_my_loader"), &[module_globals])?;
    let Some(name) = module_globals.get_item(intern!("__name__"))? else { return Ok(None) };
    let Some(get_source) = object::get_attr_opt(&loader, intern!("get_source"))? else { return Ok(None) };
    let source = match call::call1(&get_source, &name) {
        Ok(source) => source,
        // Not every loader has the source of every module.
        Err(_) if errors::matches(exceptions::ImportError()) || errors::matches(exceptions::OSError()) => {
            errors::clear();
            return Ok(None);
        }
        Err(raised) => return Err(raised),
    };
    if source.is_none() {
        return Ok(None);
    }
    let lines = call::call_method0(&source, intern!("splitlines"))?;
    Ok(lines.downcast::<List>().and_then(|lines| lines.get(usize::try_from(line - 1).unwrap_or(usize::MAX))))
}

// ---- filters ----------------------------------------------------------------------------------------------------------------------------

/// An attribute of the Python module; without `import` only if that has been imported.
fn library_attribute(name: &'static Str, import: bool) -> PyResult<Option<Owned>> {
    let module = if import && !crate::gil::is_finalizing() {
        match crate::import::import_module("warnings") {
            Ok(module) => Some(module),
            Err(_) if errors::matches(exceptions::ImportError()) => {
                errors::clear();
                None
            }
            Err(raised) => return Err(raised),
        }
    } else {
        if state::modules().is_err() {
            errors::clear();
            return Ok(None);
        }
        crate::import::get_module(intern!("warnings"))?
    };
    match module {
        Some(module) if !module.is_none() => object::get_attr_opt(&module, name),
        _ => Ok(None),
    }
}

fn matches(pattern: &Object, text: &Object) -> PyResult<bool> {
    if pattern.is_none() {
        return Ok(true);
    }
    // The filters made at start-up have plain text.
    if let Some(own) = pattern.downcast_exact::<Str>() {
        return object::rich_compare_bool(own, text, CompareOp::Eq);
    }
    let result = call::call_method(pattern, intern!("match"), &[text])?;
    is_true(&result)
}

struct Found {
    action: Owned<Str>,
    item: Owned,
}

fn search(filters: &List, name: &str, category: &Object, text: &Object, line: i64, module: &Object) -> PyResult<Option<Found>> {
    let mut index = 0;
    while let Some(item) = filters.get(index) {
        let Some(parts) = item.downcast::<Tuple>().filter(|t| t.len() == 5) else {
            return Err(err!(ValueError, "warnings.{} item {} isn't a 5-tuple", name, index));
        };
        let Some(action) = parts.get(0).downcast::<Str>() else {
            return Err(err!(TypeError, "action must be a string, not '{}'", parts.get(0).type_name()));
        };
        let good_message = matches(parts.get(1), text)?;
        let good_module = matches(parts.get(3), module)?;
        let good_category = object::is_subclass(category, parts.get(2))?;
        let wanted = number::as_isize(parts.get(4), None)? as i64;
        if good_category && good_message && good_module && (wanted == 0 || wanted == line) {
            return Ok(Some(Found { action: Owned::from_ref(action), item: item.clone() }));
        }
        index += 1;
    }
    Ok(None)
}

fn find_action(state: &State, category: &Object, text: &Object, line: i64, module: &Object) -> PyResult<Found> {
    let context = state.context.value(Some(types::none()))?.filter(|c| !c.is_none());
    let found = match context {
        Some(context) => {
            let filters = object::get_attr(&context, intern!("_filters"))?;
            let Some(filters) = filters.downcast::<List>() else {
                return Err(err!(ValueError, "_filters of warnings._warnings_context must be a list"));
            };
            search(filters, "_filters", category, text, line, module)?
        }
        None => {
            let filters = match library_attribute(intern!("filters"), false)? {
                Some(filters) => {
                    let Ok(filters) = filters.try_into_typed::<List>() else {
                        return Err(err!(ValueError, "_warnings.filters must be a list"));
                    };
                    let old = state.filters.replace(filters.clone());
                    drop(old);
                    filters
                }
                None => state.filters.borrow().clone(),
            };
            search(&filters, "filters", category, text, line, module)?
        }
    };
    if let Some(found) = found {
        return Ok(found);
    }
    let action = match library_attribute(intern!("defaultaction"), false)? {
        None => state.default_action.clone(),
        Some(action) => action
            .try_into_typed::<Str>()
            .map_err(|other| err!(TypeError, "_warnings.defaultaction must be a string, not '{}'", other.type_name()))?,
    };
    Ok(Found { action, item: types::none().to_owned() })
}

/// Whether the registry says that the warning was given; a registry of older filters is emptied.
fn already_warned(state: &State, registry: &Dict, key: &Object, record: bool) -> PyResult<bool> {
    let version = registry.get_item(intern!("version"))?;
    let current = version.as_ref().and_then(|v| v.downcast_exact::<Int>()).and_then(|v| v.as_i64()) == Some(state.version.get());
    if !current {
        registry.clear();
        registry.set_item(intern!("version"), &*Int::from_i64(state.version.get()))?;
    } else if let Some(warned) = registry.get_item(key)?
        && is_true(&warned)?
    {
        return Ok(true);
    }
    if record {
        registry.set_item(key, types::true_())?;
    }
    Ok(false)
}

fn module_of_file(filename: &Str) -> PyResult<Owned> {
    let n = filename.len();
    if n == 0 {
        return Ok(intern!("<unknown>").to_owned());
    }
    if n >= 3 && filename.ends_with(intern!(".py")) {
        return Ok(filename.substring(0, n - 3)?.into_object());
    }
    Ok(filename.as_object().to_owned())
}

fn explicit(warning: Warning) -> PyResult<()> {
    let state = shared()?;
    if let Some(registry) = warning.registry.as_deref().filter(|r| !r.is_none())
        && !Dict::check(registry)
    {
        return Err(err!(TypeError, "'registry' must be a dict or None"));
    }
    let module = match &warning.module {
        // Late in the interpreter's end.
        Some(module) if module.is_none() => return Ok(()),
        Some(module) => module.clone(),
        None => module_of_file(&warning.filename)?,
    };
    let (text, category, instance) = if object::is_instance(&warning.message, exceptions::Warning())? {
        (object::str(&warning.message)?.into_object(), warning.message.ty().to_owned(), warning.message.clone())
    } else {
        (warning.message.clone(), warning.category.clone(), call::call1(&warning.category, &warning.message)?)
    };
    state.acquire();
    let decided = decide(state, &warning, &module, &text, &category, &instance);
    state.release();
    if decided? { show(&warning, &text, &category, &instance) } else { Ok(()) }
}

/// Goes through registry and filters; whether the warning is to be shown.
fn decide(state: &State, warning: &Warning, module: &Object, text: &Object, category: &Object, instance: &Object) -> PyResult<bool> {
    let line = Int::from_i64(warning.line).into_object();
    let key = Tuple::new(&[text, category, &line]);
    let registry = warning.registry.as_deref().and_then(|r| r.downcast::<Dict>());
    if let Some(registry) = registry
        && already_warned(state, registry, &key, false)?
    {
        return Ok(false);
    }
    let Found { action, item } = find_action(state, category, text, warning.line, module)?;
    if action.eq_str("error") {
        return Err(match category.downcast::<Type>() {
            Some(category) => errors::raise_object(category, Some(instance)),
            None => err!(TypeError, "exceptions must derive from BaseException"),
        });
    }
    if action.eq_str("ignore") {
        return Ok(false);
    }
    if action.eq_str("always") || action.eq_str("all") {
        return Ok(true);
    }
    if let Some(registry) = registry {
        registry.set_item(&key, types::true_())?;
    }
    if action.eq_str("once") {
        let once;
        let registry = match registry {
            Some(registry) => registry,
            None => {
                let found = library_attribute(intern!("onceregistry"), false)?;
                once = found.unwrap_or_else(|| state.once_registry.clone().into_object());
                match once.downcast::<Dict>() {
                    Some(once) => once,
                    None => return Err(err!(TypeError, "_warnings.onceregistry must be a dict, not '{}'", once.type_name())),
                }
            }
        };
        return Ok(!already_warned(state, registry, &*Tuple::new(&[text, category]), true)?);
    }
    if action.eq_str("module") {
        return match registry {
            Some(registry) => Ok(!already_warned(state, registry, &*Tuple::new(&[text, category, &*Int::from_i64(0)]), true)?),
            None => Ok(true),
        };
    }
    if !action.eq_str("default") {
        let (action, item) = (object::repr(&action)?, object::repr(&item)?);
        return Err(err!(RuntimeError, "Unrecognized action ({}) in warnings.filters:\n {}", &*action, &*item));
    }
    Ok(true)
}

// ---- showing ----------------------------------------------------------------------------------------------------------------------------

fn show(warning: &Warning, text: &Object, category: &Object, instance: &Object) -> PyResult<()> {
    // A source of resources wants the traceback of its allocation, which the Python module knows to find.
    let Some(show) = library_attribute(intern!("_showwarnmsg"), warning.source.is_some())? else {
        return show_plainly(warning, text, category);
    };
    if !object::is_callable(&show) {
        return Err(err!(TypeError, "warnings._showwarnmsg() must be set to a callable"));
    }
    let Some(class) = library_attribute(intern!("WarningMessage"), false)? else {
        return Err(err!(RuntimeError, "unable to get warnings.WarningMessage"));
    };
    let none = types::none();
    let line = Int::from_i64(warning.line);
    let source = warning.source.as_deref().unwrap_or(none);
    // The file itself is asked first, which the Python module does.
    let text_of_line = warning.source_line.as_deref().filter(|_| crate::compile::file_line(&warning.filename, warning.line as i32).is_none());
    let message = call::call_args(&class, &[instance, category, &warning.filename, &line, none, text_of_line.unwrap_or(none), source])?;
    call::call1(&show, &message).map(drop)
}

fn show_plainly(warning: &Warning, text: &Object, category: &Object) -> PyResult<()> {
    let name = object::get_attr(category, intern!("__name__"))?;
    let stderr = state::sys_attribute(intern!("stderr"))?;
    if stderr.as_ref().is_some_and(|s| s.is_none()) {
        return Ok(());
    }
    let (name, text) = (object::str(&name)?, object::str(text)?);
    let mut shown = format!("{}:{}: {}: {}\n", &*warning.filename, warning.line, &*name, &*text);
    let line = match &warning.source_line {
        Some(line) => Some(object::str(line)?.to_string()),
        None => crate::compile::file_line(&warning.filename, warning.line as i32),
    };
    if let Some(line) = line.as_deref().map(str::trim).filter(|l| !l.is_empty()) {
        shown.push_str(&format!("  {line}\n"));
    }
    let Some(stderr) = stderr else {
        // Before there are streams.
        exceptions::report::write_raw_stderr(&shown);
        return Ok(());
    };
    // A stream that cannot be written to loses the warning.
    if call::call_method(&stderr, intern!("write"), &[&Str::new(&shown)]).is_err() {
        errors::clear();
    }
    Ok(())
}

// ---- the module -------------------------------------------------------------------------------------------------------------------------

fn category_of(message: &Object, category: Option<&Object>) -> PyResult<Owned<Type>> {
    if object::is_instance(message, exceptions::Warning())? {
        return Ok(Owned::from_type(message.ty()));
    }
    let category = category.unwrap_or(exceptions::UserWarning());
    match category.downcast::<Type>() {
        Some(class) if object::is_subclass(class, exceptions::Warning())? => Ok(Owned::from_type(class)),
        _ => Err(err!(TypeError, "category must be a Warning subclass, not '{}'", category.type_name())),
    }
}

fn check_prefixes(prefixes: &Tuple) -> PyResult<()> {
    match prefixes.iter().find(|p| !Str::check(p)) {
        Some(other) => Err(err!(TypeError, "Found non-str '{}' in skip_file_prefixes.", other.type_name())),
        None => Ok(()),
    }
}

/// What the warnings module is made faster with: warn(), warn_explicit() and the filters.
#[pymodule(name = "_warnings")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let state = shared()?;
        module.add("filters", &**state.filters.borrow())?;
        module.add("_onceregistry", &*state.once_registry)?;
        module.add("_defaultaction", &*state.default_action)?;
        module.add("_warnings_context", state.context.as_object())
    }

    /// Issue a warning, which may be ignored or become an exception.
    ///
    ///   message
    ///     The text, or an instance of a warning category.
    ///   category
    ///     A subclass of Warning; UserWarning by default.
    ///   stacklevel
    ///     How far up the stack the code is that the warning is about.
    ///   source
    ///     The object that a ResourceWarning is about.
    ///   skip_file_prefixes
    ///     Frames of files with these prefixes do not count.
    #[function("warn($module, /, message, category=None, stacklevel=1, source=None, *,\n     skip_file_prefixes=())")]
    fn warn(
        message: &Object,
        category: Option<&Object>,
        stacklevel: isize,
        source: Option<&Object>,
        skip_file_prefixes: Option<&Tuple>,
    ) -> PyResult<()> {
        let category = category_of(message, category)?;
        if let Some(prefixes) = skip_file_prefixes {
            check_prefixes(prefixes)?;
        }
        issue(message, &category, stacklevel, source, skip_file_prefixes)
    }

    /// Issue a warning about a place that is given instead of taken from the stack.
    #[function("warn_explicit($module, /, message, category, filename, lineno,\n              module=<unrepresentable>, registry=None,\n              module_globals=None, source=None)")]
    fn warn_explicit(
        message: &Object,
        category: &Object,
        filename: &Str,
        lineno: i32,
        module: Option<&Object>,
        registry: Option<&Object>,
        module_globals: Option<&Object>,
        source: Option<&Object>,
    ) -> PyResult<()> {
        let source_line = match module_globals {
            None => None,
            Some(globals) => match globals.downcast::<Dict>() {
                Some(globals) => super::source_line(globals, lineno as i64)?,
                None => return Err(err!(TypeError, "module_globals must be a dict, not '{}'", globals.type_name())),
            },
        };
        explicit(Warning {
            category: category.to_owned(),
            message: message.to_owned(),
            filename: Owned::from_ref(filename),
            line: lineno as i64,
            module: module.map(Object::to_owned),
            registry: registry.map(Object::to_owned),
            source_line,
            source: source.map(Object::to_owned),
        })
    }

    /// To be called, with the lock held, when the filters have changed.
    #[function("_filters_mutated_lock_held($module, /)")]
    fn filters_mutated_lock_held() -> PyResult<()> {
        let state = shared()?;
        if !state.is_mine() {
            return Err(err!(RuntimeError, "warnings lock is not held"));
        }
        state.version.set(state.version.get() + 1);
        Ok(())
    }

    #[function("_acquire_lock($module, /)")]
    fn acquire_lock() -> PyResult<()> {
        shared()?.acquire();
        Ok(())
    }

    #[function("_release_lock($module, /)")]
    fn release_lock() -> PyResult<()> {
        if shared()?.release() { Ok(()) } else { Err(err!(RuntimeError, "cannot release un-acquired lock")) }
    }
}
