//! `_tracemalloc`: tracing of memory blocks. Blocks are not traced here: the module says so, and `start()` fails.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned};
use crate::types::List;
use macros::pymodule;

/// Tracing of memory blocks, for tracemalloc.
#[pymodule(name = "_tracemalloc")]
pub mod module {
    use super::*;

    /// Whether memory blocks are traced.
    #[function("is_tracing($module, /)")]
    fn is_tracing() -> bool {
        false
    }

    /// Forget the traces.
    #[function("clear_traces($module, /)")]
    fn clear_traces() {}

    /// The traces of all blocks, as a list.
    #[function("_get_traces($module, /)")]
    fn get_traces() -> Owned<List> {
        List::new()
    }

    /// Where the object's block was allocated; None if that is not known.
    #[function("_get_object_traceback($module, obj, /)")]
    fn get_object_traceback(obj: &Object) {
        let _ = obj;
    }

    /// Start tracing, with at most 'nframe' frames of each traceback kept.
    #[function("start($module, nframe=1, /)")]
    fn start(nframe: i32) -> PyResult<()> {
        if !(1..=65535).contains(&nframe) {
            return Err(err!(ValueError, "the number of frames must be in range [1; 65535]"));
        }
        Err(err!(RuntimeError, "can't start tracemalloc"))
    }

    /// Stop tracing.
    #[function("stop($module, /)")]
    fn stop() {}

    /// The number of frames kept of each traceback.
    #[function("get_traceback_limit($module, /)")]
    fn get_traceback_limit() -> i32 {
        1
    }

    /// The memory that tracing takes, in bytes.
    #[function("get_tracemalloc_memory($module, /)")]
    fn get_tracemalloc_memory() -> i32 {
        0
    }

    /// The size of all traced blocks and its peak.
    #[function("get_traced_memory($module, /)")]
    fn get_traced_memory() -> (i32, i32) {
        (0, 0)
    }

    /// Make the peak what is in use now.
    #[function("reset_peak($module, /)")]
    fn reset_peak() {}
}
