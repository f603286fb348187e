//! `_tracemalloc`: the functions behind the module `tracemalloc`. The work is done in `crate::tracemalloc`.

use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::tracemalloc;
use crate::types::{List, Tuple};
use macros::pymodule;

/// Debug module to trace memory blocks allocated by Python.
#[pymodule(name = "_tracemalloc")]
pub mod module {
    use super::*;

    /// Return True if the tracemalloc module is tracing Python memory allocations.
    #[function("is_tracing($module, /)")]
    fn is_tracing() -> bool {
        tracemalloc::is_tracing()
    }

    /// Clear traces of memory blocks allocated by Python.
    #[function("clear_traces($module, /)")]
    fn clear_traces() {
        tracemalloc::clear();
    }

    /// Get traces of all memory blocks allocated by Python.
    ///
    /// Return a list of (size: int, traceback: tuple) tuples.
    /// traceback is a tuple of (filename: str, lineno: int) tuples.
    ///
    /// Return an empty list if the tracemalloc module is disabled.
    #[function("_get_traces($module, /)")]
    fn _get_traces() -> Owned<List> {
        tracemalloc::traces()
    }

    /// Get the traceback where the Python object obj was allocated.
    ///
    /// Return a tuple of (filename: str, lineno: int) tuples.
    /// Return None if the tracemalloc module is disabled or did not
    /// trace the allocation of the object.
    #[function("_get_object_traceback($module, obj, /)")]
    fn _get_object_traceback(obj: &Object) -> Option<Owned<Tuple>> {
        tracemalloc::object_traceback(obj)
    }

    /// Start tracing Python memory allocations.
    ///
    /// Also set the maximum number of frames stored in the traceback of a
    /// trace to nframe.
    #[function("start($module, nframe=1, /)")]
    fn start(nframe: Option<i32>) -> PyResult<()> {
        tracemalloc::start(nframe.unwrap_or(1))
    }

    /// Stop tracing Python memory allocations.
    ///
    /// Also clear traces of memory blocks allocated by Python.
    #[function("stop($module, /)")]
    fn stop() {
        tracemalloc::stop();
    }

    /// Get the maximum number of frames stored in the traceback of a trace.
    ///
    /// By default, a trace of an allocated memory block only stores
    /// the most recent frame: the limit is 1.
    #[function("get_traceback_limit($module, /)")]
    fn get_traceback_limit() -> i32 {
        tracemalloc::limit()
    }

    /// Get the memory usage in bytes of the tracemalloc module.
    ///
    /// This memory is used internally to trace memory allocations.
    #[function("get_tracemalloc_memory($module, /)")]
    fn get_tracemalloc_memory() -> usize {
        tracemalloc::own_memory()
    }

    /// Get the current size and peak size of memory blocks traced by tracemalloc.
    ///
    /// Returns a tuple: (current: int, peak: int).
    #[function("get_traced_memory($module, /)")]
    fn get_traced_memory() -> (usize, usize) {
        tracemalloc::traced_memory()
    }

    /// Set the peak size of memory blocks traced by tracemalloc to the current size.
    ///
    /// Do nothing if the tracemalloc module is not tracing memory allocations.
    #[function("reset_peak($module, /)")]
    fn reset_peak() {
        tracemalloc::reset_peak();
    }
}
