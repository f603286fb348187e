//! `_functools`: `partial` (`partial.rs`), the cache of `lru_cache` (`lru_cache.rs`), `reduce` and `cmp_to_key`.

mod key_wrapper;
mod lru_cache;
mod partial;

use key_wrapper::{KeyWrapper, KeyWrapper_Type};
use lru_cache::LruCache_Type;
use macros::pymodule;
use partial::{Partial_Type, Placeholder_Type, placeholder};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, iter};
use runtime::types::{Module, type_ready};
use runtime::{err, exceptions};

/// Tools that operate on functions.
#[pymodule(name = "_functools")]
#[types(Placeholder_Type, Partial_Type, LruCache_Type)]
pub mod functools {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        type_ready(&KeyWrapper_Type)?;
        module.add("Placeholder", &*placeholder()?)
    }

    /// Apply a function of two arguments cumulatively to the items of an iterable, from left to right.
    ///
    /// The result is a single value. If initial is given, it stands before the items, and is
    /// the result for an empty iterable.
    ///
    /// For example, reduce(lambda x, y: x+y, [1, 2, 3, 4, 5])
    /// calculates ((((1 + 2) + 3) + 4) + 5).
    #[function("reduce($module, function, iterable, /, initial=<unrepresentable>)")]
    fn reduce(function: &Object, iterable: &Object, initial: Option<&Object>) -> PyResult {
        let iterator = match iter::get_iter(iterable) {
            Err(_) if errors::matches(exceptions::TypeError()) => return Err(err!(TypeError, "reduce() arg 2 must support iteration")),
            other => other?,
        };
        let mut result = initial.map(|o| o.to_owned());
        while let Some(item) = iter::iter_next(&iterator)? {
            result = Some(match result {
                None => item,
                Some(so_far) => call::call_args(function, &[&so_far, &item])?,
            });
        }
        result.ok_or_else(|| err!(TypeError, "reduce() of empty iterable with no initial value"))
    }

    /// Convert a cmp= function into a key= function.
    ///
    ///   mycmp
    ///     Function that compares two objects.
    #[function("cmp_to_key($module, /, mycmp)")]
    fn cmp_to_key(mycmp: &Object) -> PyResult<Owned<KeyWrapper>> {
        KeyWrapper::of_function(mycmp)
    }
}
