//! `_interpreters`: making, running and ending interpreters, which `concurrent.interpreters` is built on. The modules beside it are
//! `_interpqueues` and `_interpchannels`, by which interpreters talk to each other.

mod channels;
pub mod channels_module;
pub mod queues;
mod shared;

use macros::pymodule;
use runtime::crossinterp::buffer::CrossInterpreterBufferView_Type;
use runtime::crossinterp::excinfo::ExcInfo;
use runtime::crossinterp::session::Unshareable;
use runtime::crossinterp::{self, Outcome, XIData};
use runtime::exceptions::base::BaseException;
use runtime::exceptions::{self};
use runtime::macro_support::{Args, KwArgs};
use runtime::object::{Object, Owned, PyTyped};
use runtime::protocol::{call as calls, object};
use runtime::state::{self, Features, Interpreter, whence as origins};
use runtime::subinterpreters as subs;
use runtime::types::namespace::Namespace;
use runtime::types::{self, Code, Dict, Function, List, Module, Str, Tuple};
use runtime::{PyResult, Raised, err, errors};

#[cold]
fn interpreter_error(words: std::fmt::Arguments<'_>) -> Raised {
    errors::raise(exceptions::InterpreterError(), words)
}

/// The interpreter with an id (None is the running one), if it may be dealt with this way.
fn resolve(id: &Object, restricted: bool, ready: bool, doing: &str) -> PyResult<&'static Interpreter> {
    let interp = subs::look_up(id)?;
    if ready && !interp.is_ready.get() {
        return Err(interpreter_error(format_args!("cannot {doing} interpreter {} (not ready)", &*object::repr(id)?)));
    }
    if restricted && interp.whence.get() != origins::STDLIB {
        return Err(interpreter_error(format_args!("cannot {doing} unrecognized interpreter {}", &*object::repr(id)?)));
    }
    Ok(interp)
}

fn summary(interp: &Interpreter) -> Owned {
    Tuple::from_owned(vec![subs::id_object(interp), types::Int::from_i64(interp.whence.get() as i64).into_object()]).into_object()
}

/// None, a name, or an object with the features as attributes.
fn features_of(config: Option<&Object>) -> PyResult<Features> {
    let Some(config) = config.filter(|config| !config.is_none()) else { return Ok(Features::ISOLATED) };
    if let Some(name) = config.downcast::<Str>() {
        return subs::named_features(name.as_utf8()?);
    }
    let Ok(dict) = object::get_attr_str(config, "__dict__") else {
        return Err(errors::raise(exceptions::TypeError(), format_args!("bad config {}", &*{
            errors::clear();
            object::repr(config)?
        })));
    };
    let Some(dict) = dict.downcast::<Dict>() else { return Err(err!(TypeError, "dict expected")) };
    let mut features = Features::EMPTY;
    subs::features_from_dict(&mut features, dict, true)?;
    Ok(features)
}

fn dict_argument<'a>(value: Option<&'a Object>, function: &str, place: usize) -> PyResult<Option<&'a Dict>> {
    match value {
        None => Ok(None),
        Some(value) => match value.downcast::<Dict>() {
            Some(dict) => Ok(Some(dict)),
            None => Err(err!(TypeError, "_interpreters.{}() argument {} must be dict, not {}", function, place, value.type_name())),
        },
    }
}

/// Runs a script that was turned into data, or says why it could not be.
fn run_script(interp: &'static Interpreter, script: PyResult<XIData>, names: Option<&Dict>) -> PyResult {
    let script = script.inspect_err(|_| crossinterp::unwrap_not_shareable())?;
    let outcome = crossinterp::run_in(interp, names, &mut |namespace, _| crossinterp::script::run(&script, namespace).map(|()| None))?;
    Ok(match outcome {
        Outcome::Done(_) => types::none().to_owned(),
        Outcome::Failed(info) => info,
    })
}

/// A call as data.
struct Call {
    function: XIData,
    args: Option<XIData>,
    kwargs: Option<XIData>,
}

impl Call {
    fn pack(function: &Object, args: Option<&Tuple>, kwargs: Option<&Dict>) -> PyResult<Call> {
        if !object::is_callable(function) {
            return Err(err!(TypeError, "expected a callable, got {}", &*object::repr(function)?));
        }
        let shared = crossinterp::share_function(function).or_else(|raised| {
            let original = errors::take();
            crossinterp::share_pickled(function).map_err(|_| match original {
                Some(original) => errors::restore(original),
                None => raised,
            })
        })?;
        let args = args.filter(|args| !args.is_empty()).map(|args| crossinterp::share_with_fallback(args)).transpose()?;
        let kwargs = kwargs.filter(|kwargs| kwargs.len() > 0).map(|kwargs| crossinterp::share_with_fallback(kwargs)).transpose()?;
        Ok(Call { function: shared, args, kwargs })
    }

    /// Makes it, in the interpreter that it is for.
    fn make(&self, unshareable: &mut Option<Unshareable>) -> PyResult {
        let mut unpack = |data: &XIData, what: &str| {
            data.new_object().inspect_err(|_| {
                if crossinterp::is_not_shareable_set() {
                    *unshareable = Some(Unshareable(Some(format!("{what} not shareable"))));
                }
            })
        };
        let function = unpack(&self.function, "func")?;
        let args = self.args.as_ref().map(|args| unpack(args, "args")).transpose()?;
        let kwargs = self.kwargs.as_ref().map(|kwargs| unpack(kwargs, "kwargs")).transpose()?;
        let args = match args.as_ref().map(|args| args.downcast::<Tuple>()) {
            Some(Some(args)) => Owned::from_ref(args),
            Some(None) => return Err(errors::bad_internal_call()),
            None => Tuple::empty(),
        };
        calls::call(&function, &args, kwargs.as_ref().and_then(|kwargs| kwargs.downcast::<Dict>()))
    }
}

/// This module provides primitive operations to manage Python interpreters.
/// The 'interpreters' module provides a more convenient interface.
#[pymodule(name = "_interpreters")]
pub mod interpreters {
    use super::*;

    #[constant]
    const WHENCE_UNKNOWN: i32 = origins::UNKNOWN;
    #[constant]
    const WHENCE_RUNTIME: i32 = origins::RUNTIME;
    #[constant]
    const WHENCE_LEGACY_CAPI: i32 = origins::LEGACY_CAPI;
    #[constant]
    const WHENCE_CAPI: i32 = origins::CAPI;
    #[constant]
    const WHENCE_XI: i32 = origins::XI;
    #[constant]
    const WHENCE_STDLIB: i32 = origins::STDLIB;

    #[exec]
    fn exec_module(module: &Module) -> PyResult<()> {
        module.add("InterpreterError", exceptions::InterpreterError())?;
        module.add("InterpreterNotFoundError", exceptions::InterpreterNotFoundError())?;
        module.add("NotShareableError", exceptions::not_shareable_error()?)?;
        types::type_ready(&CrossInterpreterBufferView_Type)?;
        module.add("CrossInterpreterBufferView", &*CrossInterpreterBufferView_Type)
    }

    /// new_config(name='isolated', /, **overrides) -> types.SimpleNamespace
    ///
    /// A new configuration: the features that go by the name ("isolated", "legacy", "empty" or "default"), with the given ones changed.
    #[function("new_config($module, name='isolated', /, **overrides)", nosig)]
    fn new_config(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let name = match args {
            [] => None,
            [name] => Some(name),
            more => return Err(err!(TypeError, "_interpreters.new_config() takes at most 1 argument ({} given)", more.len())),
        };
        let name = match name {
            None => String::new(),
            Some(name) => match name.downcast::<Str>() {
                Some(name) => name.as_utf8()?.to_string(),
                None => return Err(err!(TypeError, "_interpreters.new_config() argument 1 must be str, not {}", name.type_name())),
            },
        };
        let mut features = subs::named_features(&name)?;
        let overrides = Dict::new();
        for (name, value) in kwargs.iter() {
            overrides.set_item(name, value)?;
        }
        if overrides.len() > 0 {
            subs::features_from_dict(&mut features, &overrides, false)?;
        }
        Ok(Namespace::new(Some(&*subs::features_to_dict(features)?))?.into_object())
    }

    /// create([config], *, reqrefs=False) -> ID
    ///
    /// Make a new interpreter, and return its ID, which is never used again.
    ///
    /// Whoever makes it has to end it with destroy(); with reqrefs it ends when decref() was called as often as incref().
    #[function("create($module, config='isolated', *, reqrefs=False)", nosig)]
    fn create(config: Option<&Object>, reqrefs: bool) -> PyResult {
        let features = features_of(config)?;
        let interp = subs::create(features, origins::STDLIB).map_err(|_| {
            let context = errors::take();
            let raised = interpreter_error(format_args!("interpreter creation failed"));
            errors::with_context(raised, context)
        })?;
        interp.needs_references.set(reqrefs);
        Ok(subs::id_object(interp))
    }

    /// destroy(id, *, restrict=False)
    ///
    /// End an interpreter. The running one, and one that runs something, cannot be ended: InterpreterError.
    #[function("destroy($module, id, *, restrict=False)", nosig)]
    fn destroy(id: &Object, restrict: bool) -> PyResult<()> {
        let interp = resolve(id, restrict, false, "destroy")?;
        if std::ptr::eq(interp, state::get()) {
            return Err(interpreter_error(format_args!("cannot destroy the current interpreter")));
        }
        if interp.is_main() || interp.is_running_main() {
            return Err(interpreter_error(format_args!("interpreter running")));
        }
        if !interp.finalizing.get().is_null() {
            return Err(interpreter_error(format_args!("interpreter running")));
        }
        subs::destroy(interp);
        Ok(())
    }

    /// list_all() -> [(ID, whence)]
    ///
    /// All interpreters.
    #[function("list_all($module, *, require_ready=False)", nosig)]
    fn list_all(require_ready: bool) -> Owned<List> {
        List::from_owned(subs::all().into_iter().filter(|interp| !require_ready || interp.is_ready.get()).map(summary).collect())
    }

    /// get_current() -> (ID, whence)
    ///
    /// The running interpreter.
    #[function("get_current($self, /)")]
    fn get_current() -> Owned {
        summary(state::get())
    }

    /// get_main() -> (ID, whence)
    ///
    /// The main interpreter.
    #[function("get_main($self, /)")]
    fn get_main() -> Owned {
        summary(state::main())
    }

    /// is_running(id, *, restrict=False) -> bool
    ///
    /// Whether the interpreter runs something.
    #[function("is_running($module, id, *, restrict=False)", nosig)]
    fn is_running(id: &Object, restrict: bool) -> PyResult<bool> {
        let interp = resolve(id, restrict, true, "check if running for")?;
        Ok(interp.is_main() || interp.is_running_main())
    }

    /// get_config(id, *, restrict=False) -> types.SimpleNamespace
    ///
    /// The configuration that the interpreter was made with.
    #[function("get_config($module, id, *, restrict=False)", nosig)]
    fn get_config(id: &Object, restrict: bool) -> PyResult {
        let interp = if id.is_none() {
            let interp = state::get();
            if restrict && interp.whence.get() != origins::STDLIB {
                return Err(interpreter_error(format_args!("cannot get the config of unrecognized current interpreter")));
            }
            interp
        } else {
            resolve(id, restrict, false, "get the config of")?
        };
        Ok(Namespace::new(Some(&*subs::features_to_dict(interp.features.get())?))?.into_object())
    }

    /// whence(id) -> int
    ///
    /// Where the interpreter was made.
    #[function("whence($module, id)", nosig)]
    fn whence(id: &Object) -> PyResult<i32> {
        Ok(subs::look_up(id)?.whence.get())
    }

    /// exec(id, code, shared={}, *, restrict=False)
    ///
    /// Run code in the interpreter's __main__: source, a code object or a function's code, without arguments, results and free variables.
    ///
    /// The values of shared are bound to their names before. The result is None, or a snapshot of the exception that nobody caught.
    #[function("exec($module, id, code, shared={}, *, restrict=False)", nosig)]
    fn exec(id: &Object, code: &Object, shared: Option<&Object>, restrict: bool) -> PyResult {
        let shared = dict_argument(shared, "exec", 3)?;
        let interp = resolve(id, restrict, true, "exec code for")?;
        run_script(interp, crossinterp::share_script(code), shared)
    }

    /// run_string(id, script, shared={}, *, restrict=False)
    ///
    /// Run source in the interpreter (see exec()).
    #[function("run_string($module, id, script, shared={}, *, restrict=False)", nosig)]
    fn run_string(id: &Object, script: &Object, shared: Option<&Object>, restrict: bool) -> PyResult {
        if !Str::check(script) {
            return Err(err!(TypeError, "_interpreters.run_string() argument 2 must be str, not {}", script.type_name()));
        }
        let shared = dict_argument(shared, "run_string", 3)?;
        let interp = resolve(id, restrict, true, "run a string in")?;
        run_script(interp, crossinterp::share_script(script), shared)
    }

    /// run_func(id, func, shared={}, *, restrict=False)
    ///
    /// Run a function's code, or a code object, in the interpreter (see exec()).
    #[function("run_func($module, id, func, shared={}, *, restrict=False)", nosig)]
    fn run_func(id: &Object, func: &Object, shared: Option<&Object>, restrict: bool) -> PyResult {
        let shared = dict_argument(shared, "run_func", 3)?;
        let interp = resolve(id, restrict, true, "run a function in")?;
        if !Function::check(func) && !Code::check(func) {
            return Err(err!(TypeError, "_interpreters.run_func() argument 2 must be a function, not {}", func.type_name()));
        }
        run_script(interp, crossinterp::share_script(func), shared)
    }

    /// call(id, callable, args=(), kwargs={}, *, restrict=False)
    ///
    /// Call an object in the interpreter. All of it has to be shareable, a function without state, or fit for pickling.
    #[function("call($module, id, callable, args=(), kwargs={}, *, preserve_exc=False, restrict=False)", nosig)]
    fn call(id: &Object, callable: &Object, args: Option<&Object>, kwargs: Option<&Object>, _preserve_exc: bool, restrict: bool) -> PyResult {
        let args = match args {
            None => None,
            Some(args) => match args.downcast::<Tuple>() {
                Some(args) => Some(args),
                None => return Err(err!(TypeError, "_interpreters.call() argument 3 must be tuple, not {}", args.type_name())),
            },
        };
        let kwargs = dict_argument(kwargs, "call", 4)?;
        let interp = resolve(id, restrict, true, "make a call in")?;
        let packed = Call::pack(callable, args, kwargs)?;
        let outcome = crossinterp::run_in(interp, None, &mut |_, unshareable| packed.make(unshareable).map(Some))?;
        let none = || types::none().to_owned();
        let pair = match outcome {
            Outcome::Done(result) => vec![result.unwrap_or_else(none), none()],
            Outcome::Failed(info) => vec![none(), info],
        };
        Ok(Tuple::from_owned(pair).into_object())
    }

    /// set___main___attrs(id, ns, *, restrict=False)
    ///
    /// Bind values to names in the interpreter's __main__.
    #[function("set___main___attrs($module, id, updates, *, restrict=False)", nosig)]
    fn set_main_attrs(id: &Object, updates: &Object, restrict: bool) -> PyResult<()> {
        let updates = dict_argument(Some(updates), "set___main___attrs", 2)?;
        let interp = resolve(id, restrict, true, "update __main__ for")?;
        if updates.is_none_or(|updates| updates.len() == 0) {
            return Err(err!(ValueError, "arg 2 must be a non-empty dict"));
        }
        crossinterp::run_in(interp, updates, &mut |_, _| Ok(None)).map(drop)
    }

    /// incref(id, *, implieslink=False, restrict=False)
    #[function("incref($module, id, *, implieslink=False, restrict=False)", nosig)]
    fn incref(id: &Object, implieslink: bool, restrict: bool) -> PyResult<()> {
        let interp = resolve(id, restrict, true, "incref")?;
        if implieslink {
            interp.needs_references.set(true);
        }
        subs::incref(interp);
        Ok(())
    }

    /// decref(id, *, restrict=False)
    #[function("decref($module, id, *, restrict=False)", nosig)]
    fn decref(id: &Object, restrict: bool) -> PyResult<()> {
        subs::decref(resolve(id, restrict, true, "decref")?);
        Ok(())
    }

    /// is_shareable(obj) -> bool
    ///
    /// Whether the object's data can be given to other interpreters.
    #[function("is_shareable($module, obj)", nosig)]
    fn is_shareable(obj: &Object) -> bool {
        crossinterp::is_shareable(obj)
    }

    /// capture_exception(exc=None) -> types.SimpleNamespace
    ///
    /// A snapshot of an exception, as exec() returns it.
    #[function("capture_exception($module, exc=None)", nosig)]
    fn capture_exception(exc: Option<&Object>) -> PyResult {
        let Some(exc) = exc.filter(|exc| !exc.is_none()) else { return Ok(types::none().to_owned()) };
        let Some(exc) = exc.downcast::<BaseException>() else {
            return Err(err!(TypeError, "expected exception, got {}", &*object::repr(exc)?));
        };
        match ExcInfo::of(exc) {
            Ok(info) => info.to_object(),
            Err(why) => Err(errors::raise(exceptions::Exception(), format_args!("{why}"))),
        }
    }
}
