//! `_picklebuffer`: the one type that `pickle` has from the runtime. The rest of that module is Python code here.

use crate::errors::PyResult;
use crate::object::PyTyped;
use crate::types::Module;
use crate::types::picklebuffer::PickleBuffer;
use macros::pymodule;

/// Wrapper for buffers that may be pickled out of band.
#[pymodule(name = "_picklebuffer")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("PickleBuffer", PickleBuffer::type_object())
    }
}
