//! Passing objects by pickle.
//!
//! What the sender's `__main__` defines is not in the receiver's. Its file is remembered, and run in the receiver as soon as something is
//! missing there: once for each interpreter, under a name that keeps `if __name__ == "__main__"` from being true, as a module that stands in
//! for `__main__` only while objects are being unpickled.

use super::data::{Shared, XIData};
use super::not_shareable;
use crate::errors::{self, PyResult};
use crate::exceptions::{self, base::BaseException};
use crate::import;
use crate::intern;
use crate::object::{Object, Owned};
use crate::protocol::{call, object};
use crate::state::PerInterpreter;
use crate::types::{self, Bytes, Dict, Module, Str, Tuple};
use std::cell::RefCell;

const RUN_NAME: &str = "<fake __main__>";

struct Pickled {
    bytes: Box<[u8]>,
    /// `__main__.__file__`, as WTF-8.
    main_file: Option<Box<[u8]>>,
}

/// The data of an object that can be pickled.
pub fn share_pickled(object: &Object) -> PyResult<XIData> {
    let pickled = dumps(object).map_err(|_| not_shareable(format_args!("object could not be pickled")))?;
    let main_file = main_file().map(|file| file.to_wtf8().into_owned().into());
    let bytes = pickled.downcast::<Bytes>().map(|bytes| bytes.as_slice().into()).unwrap_or_default();
    Ok(XIData::of(Box::new(Pickled { bytes, main_file })))
}

fn dumps(object: &Object) -> PyResult {
    let dumps = object::get_attr_str(&*import::import_module("pickle")?, "dumps")?;
    call::call1(&dumps, object)
}

/// `__main__.__file__`, if there is one.
fn main_file() -> Option<Owned<Str>> {
    let main = import::get_module(intern!("__main__"));
    let file = main.and_then(|main| match main {
        Some(main) => object::get_attr_opt(&main, intern!("__file__")),
        None => Ok(None),
    });
    match file {
        Ok(file) => file.and_then(|file| file.try_into_typed::<Str>().ok()),
        Err(_) => {
            errors::clear();
            None
        }
    }
}

impl Shared for Pickled {
    fn new_object(&self) -> PyResult {
        self.loads().map_err(|_| not_shareable(format_args!("object could not be unpickled")))
    }
}

impl Pickled {
    fn loads(&self) -> PyResult {
        let loads = object::get_attr_str(&*import::import_module("pickle")?, "loads")?;
        let bytes = Bytes::new(&self.bytes);
        let raised = match call::call1(&loads, &bytes) {
            Ok(loaded) => return Ok(loaded),
            Err(raised) => raised,
        };
        if !errors::matches(exceptions::AttributeError()) {
            return Err(raised);
        }
        let Some(error) = errors::take() else { return Err(raised) };
        let Some(stand_in) = self.stand_in(&error) else {
            errors::clear();
            return Err(errors::restore(error));
        };
        let modules = import::sys_modules();
        let key = intern!("__main__");
        let former = modules.get_str(key);
        modules.set_str(key, &stand_in)?;
        let loaded = call::call1(&loads, &bytes);
        errors::preserve(|| {
            let restored = match &former {
                Some(former) => modules.set_str(key, former),
                None => modules.del_str(key),
            };
            if restored.is_err() {
                errors::clear();
            }
        });
        loaded.or_else(|_| {
            errors::clear();
            Err(errors::restore(error))
        })
    }

    /// The module that has what the error says is missing, if running the sender's file gives one.
    fn stand_in(&self, error: &BaseException) -> Option<Owned> {
        static KNOWN: PerInterpreter<RefCell<Option<(Box<[u8]>, Option<Owned>)>>> = PerInterpreter::new(RefCell::new(None), Default::default);
        let name = missing_from_main(error)?;
        let file = self.main_file.as_ref()?;
        let known = KNOWN.get().borrow().as_ref().filter(|(known, _)| known == file).map(|(_, made)| made.clone());
        let made = match known {
            Some(made) => made,
            None => {
                let made = run_path(&Str::from_wtf8(file)).ok();
                errors::clear();
                KNOWN.get().replace(Some((file.clone(), made.clone())));
                made
            }
        }?;
        let has_it = made.downcast::<Module>()?.dict().get_str(&Str::new(&name)).is_some();
        has_it.then_some(made)
    }
}

/// Runs a file as a module that is no `__main__`.
fn run_path(file: &Str) -> PyResult {
    let run_path = object::get_attr_str(&*import::import_module("runpy")?, "run_path")?;
    let namespace = call::call_args(&run_path, &[file, types::none(), &Str::new(RUN_NAME)])?;
    let module = Module::new(RUN_NAME)?;
    if let Some(namespace) = namespace.downcast::<Dict>() {
        module.dict().update(namespace)?;
    }
    Ok(module.into_object())
}

/// The attribute, if the message says that `__main__` does not have it.
fn missing_from_main(error: &BaseException) -> Option<String> {
    let args = object::get_attr_str(error.as_object(), "args").inspect_err(|_| errors::clear()).ok()?;
    let message = args.downcast::<Tuple>()?.get_opt(0)?.downcast::<Str>()?.to_string();
    let name = message.strip_prefix("module '__main__' has no attribute '")?.strip_suffix('\'')?;
    (!name.contains('\'')).then(|| name.to_string())
}
