//! `_pickle`: pickling (`save.rs` writes objects to an `output.rs` and knows them by a `memo.rs`, `pickler.rs` is the type) and unpickling (`load.rs` from an `input.rs`, `unpickler.rs`), protocols 0 to 5.

mod input;
mod load;
mod memo;
mod opcodes;
mod output;
mod pickler;
mod save;
mod unpickler;

use macros::pymodule;
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::Buffer;
use runtime::protocol::object;
use runtime::types::{Bytes, Module, Str};
use runtime::{Object, Owned, PyResult, PyTyped, Type, errors, intern};

pub static PICKLE_ERROR: ModuleException = ModuleException::new("_pickle", "PickleError", || Ok(exceptions::Exception()), None);
pub static PICKLING_ERROR: ModuleException = ModuleException::new("_pickle", "PicklingError", || PICKLE_ERROR.ty(), None);
pub static UNPICKLING_ERROR: ModuleException = ModuleException::new("_pickle", "UnpicklingError", || PICKLE_ERROR.ty(), None);

/// A type's name with its module, unless that is `builtins` or `__main__`.
pub fn full_name(ty: &Type) -> String {
    let part = |name: &'static Str| {
        let found = object::get_attr(ty, name);
        if found.is_err() {
            errors::clear();
        }
        found.ok().and_then(|part| part.downcast::<Str>().map(|part| part.to_string()))
    };
    match (part(intern!("__module__")), part(intern!("__qualname__"))) {
        (_, None) => ty.name().to_string(),
        (Some(module), Some(qualname)) if module != "builtins" && module != "__main__" => format!("{module}.{qualname}"),
        (_, Some(qualname)) => qualname,
    }
}

/// An attribute of a module, as Python code would import it.
pub fn attribute_of(module: &str, name: &str) -> PyResult {
    object::get_attr_str(&*runtime::import::import_module(module)?, name)
}

/// Optimized C implementation for the Python pickle module.
#[pymodule(name = "_pickle")]
pub mod pickle {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let types: [(&str, &'static Type); 5] = [
            ("Pickler", &pickler::Pickler_Type),
            ("Unpickler", &unpickler::Unpickler_Type),
            ("PickleBuffer", runtime::types::picklebuffer::PickleBuffer::type_object()),
            ("", &pickler::PicklerMemoProxy_Type),
            ("", &unpickler::UnpicklerMemoProxy_Type),
        ];
        for (name, ty) in types {
            runtime::types::type_ready(ty)?;
            if !name.is_empty() {
                module.add(name, ty)?;
            }
        }
        for (name, error) in [("PickleError", &PICKLE_ERROR), ("PicklingError", &PICKLING_ERROR), ("UnpicklingError", &UNPICKLING_ERROR)] {
            module.add(name, error.ty()?)?;
        }
        Ok(())
    }

    /// Write a pickled representation of obj to the open file object file.
    ///
    /// This is equivalent to Pickler(file, protocol).dump(obj).
    #[function("dump($module, /, obj, file, protocol=None, *, fix_imports=True,\n     buffer_callback=None)")]
    fn dump(obj: &Object, file: &Object, protocol: Option<&Object>, fix_imports: bool, buffer_callback: Option<&Object>) -> PyResult<()> {
        let core = save::Core::new(Some(file), protocol, fix_imports, buffer_callback)?;
        save::dump(&core, None, obj).map(drop)
    }
    /// Return the pickled representation of the object as a bytes object.
    #[function("dumps($module, /, obj, protocol=None, *, fix_imports=True,\n      buffer_callback=None)")]
    fn dumps(obj: &Object, protocol: Option<&Object>, fix_imports: bool, buffer_callback: Option<&Object>) -> PyResult<Owned<Bytes>> {
        let core = save::Core::new(None, protocol, fix_imports, buffer_callback)?;
        Ok(Bytes::new(&save::dump(&core, None, obj)?))
    }
    /// Read and return an object from the pickle data stored in a file.
    ///
    /// This is equivalent to Unpickler(file).load().
    #[function("load($module, /, file, *, fix_imports=True, encoding='ASCII',\n     errors='strict', buffers=())")]
    fn load(file: &Object, fix_imports: bool, encoding: Option<&str>, errors: Option<&str>, buffers: Option<&Object>) -> PyResult {
        let core = load::Core::new(fix_imports, encoding, errors, buffers)?;
        load::load(&core, input::Input::file(file)?, None)
    }
    /// Read and return an object from the given pickle data.
    #[function("loads($module, data, /, *, fix_imports=True, encoding='ASCII',\n      errors='strict', buffers=())")]
    fn loads(data: &Object, fix_imports: bool, encoding: Option<&str>, errors: Option<&str>, buffers: Option<&Object>) -> PyResult {
        let data = Buffer::new(data)?;
        let core = load::Core::new(fix_imports, encoding, errors, buffers)?;
        load::load(&core, input::Input::bytes(&data), None)
    }
}
