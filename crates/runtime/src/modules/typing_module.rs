//! `_typing`: what the module `typing` has from the runtime.

use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::types::typevar::{Generic, ParamSpec, ParamSpecArgs, ParamSpecKwargs, TypeAlias, TypeVar, TypeVarTuple, no_default};
use crate::types::{Module, Union};
use macros::pymodule;

/// Primitives and accelerators for the typing module.
#[pymodule(name = "_typing")]
pub mod typing {
    use super::*;

    #[function("_idfunc($module, x, /)")]
    fn _idfunc(x: &Object) -> Owned {
        x.to_owned()
    }

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        for (name, ty) in [
            ("TypeVar", TypeVar::type_object()),
            ("TypeVarTuple", TypeVarTuple::type_object()),
            ("ParamSpec", ParamSpec::type_object()),
            ("ParamSpecArgs", ParamSpecArgs::type_object()),
            ("ParamSpecKwargs", ParamSpecKwargs::type_object()),
            ("Generic", Generic::type_object()),
            ("TypeAliasType", TypeAlias::type_object()),
            ("Union", Union::type_object()),
        ] {
            module.add(name, ty)?;
        }
        module.add("NoDefault", no_default())
    }
}
