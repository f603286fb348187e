//! Running something in another interpreter: names go into its `__main__`, it runs, and result or exception come back as data.

use super::data::{XIData, share, share_with_fallback};
use super::excinfo::ExcInfo;
use super::{is_not_shareable_set, not_shareable, with_cause};
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions::{self, base::BaseException};
use crate::import;
use crate::intern;
use crate::object::Owned;
use crate::state::{self, Interpreter};
use crate::subinterpreters::{self, Entered};
use crate::types::{Dict, Module, Str};
use std::mem::ManuallyDrop;
use std::ptr;

/// What a run ended with.
pub enum Outcome {
    /// The result, if there was one to bring back.
    Done(Option<Owned>),
    /// The snapshot of an exception that nobody caught, as an object.
    Failed(Owned),
}

/// What went wrong in the session itself, not in what it ran.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Failure {
    Uncaught,
    AlreadyRunning,
    MainNamespace,
    ApplyNamespace,
    Propagation,
    /// With the words of the error where they differ.
    NotShareable(Option<String>),
}

/// Told by the work that it could not get at what it was given: the exception that is set is the reason.
pub struct Unshareable(pub Option<String>);

/// What the work gives back: a result to be passed on (or none), or an exception; `Unshareable` in its cell if that came of the arguments.
pub type Work<'a> = &'a mut dyn FnMut(&Dict, &mut Option<Unshareable>) -> PyResult<Option<Owned>>;

/// Runs `work` with the namespace of `__main__` in an interpreter, after binding `names` there. An error is one of the session, raised here.
pub fn run_in(interp: &'static Interpreter, names: Option<&Dict>, work: Work<'_>) -> PyResult<Outcome> {
    let names = names.map(share_names).transpose()?.unwrap_or_default();
    let entered = Entered::new(interp);
    let same = entered.is_same();
    let result = in_session(interp, &names, work);
    // Still there: the result is turned into data, or the exception into a snapshot.
    let result = match result {
        Ok(None) => Ok(None),
        Ok(Some(value)) if same => Ok(Some(Carried::Object(value))),
        Ok(Some(value)) => match share_with_fallback(&value) {
            Ok(data) => Ok(Some(Carried::Data(data, Lent { interp: interp.id, value: ManuallyDrop::new(value) }))),
            Err(_) => Err(if is_not_shareable_set() { Failure::NotShareable(None) } else { Failure::Propagation }),
        },
        Err(failure) => Err(failure),
    };
    let result = result.map_err(|failure| {
        let info = errors::take().map(|exc| snapshot(&exc));
        (failure, info)
    });
    drop(entered);
    match result {
        Ok(None) => Ok(Outcome::Done(None)),
        Ok(Some(Carried::Object(value))) => Ok(Outcome::Done(Some(value))),
        Ok(Some(Carried::Data(data, _lent))) => match data.new_object() {
            Ok(value) => Ok(Outcome::Done(Some(value))),
            Err(raised) => {
                super::unwrap_not_shareable();
                Err(raised)
            }
        },
        // Of a MemoryError nothing is told.
        Err((Failure::Uncaught, Some(Some(info)))) if info.is_empty() => Ok(Outcome::Done(None)),
        Err((Failure::Uncaught, Some(Some(info)))) => Ok(Outcome::Failed(info.to_object()?)),
        Err((failure, info)) => Err(raise_failure(failure, info.flatten())),
    }
}

enum Carried {
    Object(Owned),
    Data(XIData, Lent),
}

/// The result itself, until it has been made anew: objects that refer to it must not meet another one at its address.
struct Lent {
    interp: i64,
    value: ManuallyDrop<Owned>,
}

impl Drop for Lent {
    fn drop(&mut self) {
        if let Some(owner) = subinterpreters::find(self.interp) {
            // SAFETY: dropped once, here.
            subinterpreters::call_in(owner, || unsafe { ManuallyDrop::drop(&mut self.value) });
        }
    }
}

/// The names as data; they must be shareable.
fn share_names(names: &Dict) -> PyResult<Vec<(String, XIData)>> {
    let mut shared = Vec::new();
    let mut at = 0;
    while let Some((name, value)) = names.next(&mut at) {
        let Some(name) = name.downcast::<Str>() else { return Err(err!(TypeError, "bad argument type for built-in operation")) };
        let name = name.as_utf8()?.to_string();
        if name.contains('\0') {
            return Err(err!(ValueError, "found embedded NULL character"));
        }
        shared.push((name, share(&value)?));
    }
    Ok(shared)
}

fn in_session(interp: &Interpreter, names: &[(String, XIData)], work: Work<'_>) -> Result<Option<Owned>, Failure> {
    if set_running_main(interp).is_err() {
        errors::clear();
        return Err(Failure::AlreadyRunning);
    }
    let _running = RunningMain(interp);
    let mut unshareable = None;
    let namespace = main_namespace().map_err(|_| Failure::MainNamespace)?;
    for (name, data) in names {
        let bound = data.new_object().and_then(|value| namespace.set(name, &value));
        bound.map_err(|_| Failure::ApplyNamespace)?;
    }
    work(&namespace, &mut unshareable).map_err(|_| match unshareable {
        Some(Unshareable(words)) => Failure::NotShareable(words),
        None => Failure::Uncaught,
    })
}

/// `_PyInterpreterState_SetRunningMain`: one thread at a time.
pub fn set_running_main(interp: &Interpreter) -> PyResult<()> {
    if interp.is_running_main() {
        return Err(errors::raise(exceptions::InterpreterError(), format_args!("interpreter already running")));
    }
    interp.running_main.set(crate::tstate::ThreadState::current());
    Ok(())
}

struct RunningMain<'a>(&'a Interpreter);
impl Drop for RunningMain<'_> {
    fn drop(&mut self) {
        self.0.running_main.set(ptr::null());
    }
}

/// The dict of `__main__`.
pub fn main_namespace() -> PyResult<Owned<Dict>> {
    match import::get_module(intern!("__main__"))?.and_then(|main| main.try_into_typed::<Module>().ok()) {
        Some(main) => Ok(Owned::from_ref(main.dict())),
        None => Err(errors::raise(exceptions::ModuleNotFoundError(), format_args!("__main__ module not found"))),
    }
}

/// None for an exception that cannot even be told of; that is said on standard error.
fn snapshot(exc: &Owned<BaseException>) -> Option<ExcInfo> {
    match ExcInfo::of(exc) {
        Ok(info) => Some(info),
        Err(why) => {
            errors::clear();
            exceptions::report::write_raw_stderr(&format!("RunFailedError: script raised an uncaught exception ({why})"));
            None
        }
    }
}

/// Raises what a session failed with.
#[cold]
fn raise_failure(failure: Failure, info: Option<ExcInfo>) -> Raised {
    let words = match failure {
        Failure::NotShareable(words) => {
            let words = words.unwrap_or_else(|| "object does not support cross-interpreter data".to_string());
            let raised = not_shareable(format_args!("{words}"));
            return match info {
                Some(info) => {
                    let shown = info.display.clone().or_else(|| info.formatted()).unwrap_or_default();
                    let error = errors::take();
                    errors::raise(exceptions::Exception(), format_args!("{shown}"));
                    let cause = errors::take();
                    if let Some(error) = error {
                        errors::restore(error);
                    }
                    with_cause(raised, cause)
                }
                None => raised,
            };
        }
        Failure::AlreadyRunning => return errors::raise(exceptions::InterpreterError(), format_args!("interpreter already running")),
        Failure::Uncaught => return errors::raise_none(exceptions::InterpreterError()),
        Failure::MainNamespace => "failed to get __main__ namespace",
        Failure::ApplyNamespace => "failed to apply namespace to __main__",
        Failure::Propagation => "failed to transfer exception between interpreters",
    };
    let context = info.and_then(|info| {
        errors::raise(exceptions::InterpreterError(), format_args!("{}", info.formatted().unwrap_or_default()));
        let made = errors::take()?;
        if let Some(display) = &info.display
            && crate::protocol::object::set_attr_str(made.object(), "_errdisplay", Some(&Str::new(display))).is_err()
        {
            errors::clear();
        }
        Some(made)
    });
    let raised = errors::raise(exceptions::InterpreterError(), format_args!("{words}"));
    errors::with_context(raised, context)
}

/// Whether the running interpreter is the one with this id.
pub fn is_current(id: i64) -> bool {
    state::get().id == id
}
