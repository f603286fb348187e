//! `_embedded`: the library that is part of the executable, for the Python half of its importer.

use crate::err;
use crate::errors::PyResult;
use crate::import::bootstrap::{self, Library};
use crate::object::Owned;
use crate::types::{self, Bytes, Code, List, Str, Tuple};
use macros::pymodule;
use std::collections::BTreeSet;

fn library() -> PyResult<Library> {
    bootstrap::library().ok_or_else(|| err!(ImportError, "the library is not embedded"))
}

/// Access to the embedded library.
#[pymodule(name = "_embedded")]
pub mod embedded {
    use super::*;

    /// (is_package, path relative to the library) of a module, or None.
    #[function("find($module, name, /)")]
    fn find(name: &Str) -> PyResult {
        let Some(found) = (library()?.find)(&name.to_string_lossy()) else { return Ok(types::none().to_owned()) };
        Ok(Tuple::from_owned(vec![types::bool_object(found.is_package).to_owned(), Str::new(found.path).into_object()]).into_object())
    }

    /// The code object of a module, with the given file name.
    #[function("code($module, name, path, /)")]
    fn code(name: &Str, path: &Str) -> PyResult<Owned<Code>> {
        let Some(found) = (library()?.find)(&name.to_string_lossy()) else {
            return Err(err!(ImportError, "no embedded module named {}", &*crate::protocol::object::repr(name)?));
        };
        let loaded = crate::modules::marshal::loads(found.code, true)?;
        let code = loaded.try_into_typed::<Code>().map_err(|other| err!(TypeError, "{} is not code", other.type_name()))?;
        let old = Owned::from_ref(code.filename());
        crate::modules::imp::fix_co_filename(&code, &old, path);
        Ok(code)
    }

    /// The contents of a file, or None.
    #[function("read($module, path, /)")]
    fn read(path: &Str) -> PyResult<Option<Owned<Bytes>>> {
        Ok((library()?.file)(&path.to_string_lossy()).map(|data| Bytes::new(&data)))
    }

    /// The modules directly below a prefix ('' or 'package.'): a list of (name, is_package).
    #[function("children($module, prefix, /)")]
    fn children(prefix: &Str) -> PyResult<Owned<List>> {
        let (library, prefix) = (library()?, prefix.to_string());
        let list = List::new();
        for name in (library.names)() {
            let Some(rest) = name.strip_prefix(prefix.as_str()).filter(|rest| !rest.is_empty() && !rest.contains('.')) else { continue };
            let is_package = (library.find)(name).is_some_and(|found| found.is_package);
            list.push(Tuple::from_owned(vec![Str::new(rest).into_object(), types::bool_object(is_package).to_owned()]).into_object())?;
        }
        Ok(list)
    }

    /// The names in a directory.
    #[function("listdir($module, path, /)")]
    fn listdir(path: &Str) -> PyResult<Owned<List>> {
        let (library, mut prefix) = (library()?, path.to_string());
        if !prefix.is_empty() {
            prefix.push('/');
        }
        let below = |path: &'static str| path.strip_prefix(prefix.as_str()).and_then(|rest| rest.split('/').next());
        let names: BTreeSet<&str> = (library.files)().into_iter().filter_map(|(path, _)| below(path)).collect();
        Ok(List::from_owned(names.into_iter().map(|name| Str::new(name).into_object()).collect()))
    }
}
