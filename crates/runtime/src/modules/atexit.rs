//! `atexit`: functions that run when the interpreter ends, the last one registered first.

use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, Owned};
use crate::protocol::object::{CompareOp, is_callable, repr, rich_compare_bool};
use crate::protocol::call;
use crate::state::PerInterpreter;
use crate::types::{Dict, Tuple};
use macros::pymodule;
use std::cell::RefCell;

#[derive(Clone)]
struct Callback {
    function: Owned,
    args: Owned<Tuple>,
    kwargs: Option<Owned<Dict>>,
}

static CALLBACKS: PerInterpreter<RefCell<Vec<Callback>>> = PerInterpreter::new(RefCell::new(Vec::new()), Default::default);

/// Runs and forgets the functions, those among them that are registered meanwhile included.
pub fn run_exit_functions() {
    loop {
        let next = CALLBACKS.get().borrow_mut().pop();
        let Some(Callback { function, args, kwargs }) = next else { return };
        if call::call(&function, &args, kwargs.as_deref()).is_err() {
            let saved = crate::errors::take();
            let shown = repr(&function).map(|r| r.to_string()).unwrap_or_else(|_| {
                crate::errors::clear();
                "<unknown>".to_string()
            });
            if let Some(saved) = saved {
                crate::errors::restore(saved);
            }
            exceptions::write_unraisable(Some(&format!("Exception ignored in atexit callback {shown}")), None);
        }
    }
}

/// Functions that run when the interpreter ends: register them with register().
#[pymodule(name = "atexit")]
pub mod module {
    use super::*;

    /// register($module, func, /, *args, **kwargs)
    /// --
    ///
    /// Have func(*args, **kwargs) called when the interpreter ends. The result is func.
    #[function("register($module, *args, **kwargs)", nosig)]
    fn register(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let [function, rest @ ..] = args else {
            return Err(err!(TypeError, "register() takes at least 1 argument (0 given)"));
        };
        if !is_callable(function) {
            return Err(err!(TypeError, "the first argument must be callable"));
        }
        let mut words = None;
        for (name, value) in kwargs.iter() {
            words.get_or_insert_with(Dict::new).set_item(name, value)?;
        }
        let function = Object::to_owned(function);
        CALLBACKS.get().borrow_mut().push(Callback { function: function.clone(), args: Tuple::new(rest), kwargs: words });
        Ok(function)
    }

    /// Forget all registered functions.
    #[function("_clear($module, /)")]
    fn clear() {
        let old = std::mem::take(&mut *CALLBACKS.get().borrow_mut());
        drop(old);
    }

    /// Forget a function, however often it is registered; one that is not is no error.
    #[function("unregister($module, func, /)")]
    fn unregister(func: &Object) -> PyResult<()> {
        // Comparing may run anything: the list is looked at anew each time.
        let mut index = CALLBACKS.get().borrow().len();
        while index > 0 {
            index -= 1;
            let Some(callback) = CALLBACKS.get().borrow().get(index).cloned() else { continue };
            if rich_compare_bool(&callback.function, func, CompareOp::Eq)? {
                let mut callbacks = CALLBACKS.get().borrow_mut();
                let position = callbacks.iter().position(|c| c.args.raw() == callback.args.raw() && c.function.raw() == callback.function.raw());
                let removed = position.map(|at| callbacks.remove(at));
                drop(callbacks);
                drop(removed);
            }
        }
        Ok(())
    }

    /// Run all registered functions now. An exception is reported and does not stop the others.
    #[function("_run_exitfuncs($module, /)")]
    fn run_exitfuncs() {
        run_exit_functions();
    }

    /// The number of registered functions.
    #[function("_ncallbacks($module, /)")]
    fn ncallbacks() -> usize {
        CALLBACKS.get().borrow().len()
    }
}
