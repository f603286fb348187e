//! `_weakref`: weak references and proxies as `weakref` imports them.

use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::object::{Object, Owned, PyTyped};
use crate::types::weakref::{all, count, is_dead_reference};
use crate::types::{Dict, List, Module, WeakRef, weakref_proxy};
use macros::pymodule;

/// What weak references need of the interpreter.
#[pymodule(name = "_weakref")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("ref", WeakRef::type_object())?;
        module.add("ReferenceType", WeakRef::type_object())?;
        module.add("ProxyType", &weakref_proxy::_PyWeakref_ProxyType)?;
        module.add("CallableProxyType", &weakref_proxy::_PyWeakref_CallableProxyType)
    }

    /// The number of weak references to an object.
    #[function("getweakrefcount($module, object, /)")]
    fn getweakrefcount(object: &Object) -> usize {
        count(object)
    }

    /// The weak references to an object, as a list.
    #[function("getweakrefs($module, object, /)")]
    fn getweakrefs(object: &Object) -> Owned<List> {
        List::from_owned(all(object))
    }

    /// A proxy that behaves as the object does while it lives. The callback is called with the
    /// proxy when the object is about to go away.
    #[function("proxy($module, object, callback=None, /)")]
    fn proxy(object: &Object, callback: Option<&Object>) -> PyResult<Owned<WeakRef>> {
        WeakRef::new_proxy(object, callback)
    }

    /// Delete the key from the dict if its value is a dead weak reference.
    #[function("_remove_dead_weakref($module, dct, key, /)")]
    fn remove_dead_weakref(dct: &Dict, key: &Object) -> PyResult<()> {
        let Some(value) = dct.get_item(key)? else { return Ok(()) };
        if is_dead_reference(&value)? {
            errors::catch(dct.del_item(key), exceptions::KeyError())?;
        }
        Ok(())
    }
}
