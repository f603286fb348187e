//! A snapshot of an exception: all that is told of it outside of its interpreter.

use crate::errors::{self, PyResult};
use crate::exceptions::{self, base::BaseException};
use crate::import;
use crate::intern;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::{call, object};
use crate::types::namespace::Namespace;
use crate::types::{self, Dict, Str, Tuple};

/// See the module. All is text: `None` where it could not be had.
#[derive(Default)]
pub struct ExcInfo {
    name: Option<String>,
    qualname: Option<String>,
    module: Option<String>,
    pub message: Option<String>,
    /// The traceback as it would be printed, without the last line's end.
    pub display: Option<String>,
}

impl ExcInfo {
    /// Of an exception in the running interpreter. What keeps it from being taken is said in the error.
    pub fn of(exc: &BaseException) -> Result<ExcInfo, &'static str> {
        let exc = exc.as_object();
        if exc.ty().is_subtype(exceptions::MemoryError()) {
            return Ok(ExcInfo::default());
        }
        let class = exc.ty().as_object();
        let text = |name: &str| object::get_attr_str(class, name).and_then(|value| plain_text(&value));
        let (Ok(name), Ok(qualname), Ok(module)) = (text("__name__"), text("__qualname__"), text("__module__")) else {
            return Err("error while initializing exception type snapshot");
        };
        let Ok(message) = object::str(exc) else { return Err("error while formatting exception") };
        let Ok(message) = plain_text(&message) else { return Err("error while copying exception message") };
        let display = display(exc).inspect_err(|_| errors::clear()).ok();
        Ok(ExcInfo { name: Some(name), qualname: Some(qualname), module: Some(module), message: Some(message), display })
    }

    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.message.is_none()
    }

    /// `module.qualname: message`, as far as known; the module of builtins and programs is left out.
    pub fn formatted(&self) -> Option<String> {
        let message = self.message.as_deref();
        let Some(name) = self.qualname.as_deref().or(self.name.as_deref()) else { return message.map(str::to_string) };
        let module = self.module.as_deref().filter(|module| !matches!(*module, "builtins" | "__main__"));
        let name = module.map_or_else(|| name.to_string(), |module| format!("{module}.{name}"));
        Some(message.map_or_else(|| name.clone(), |message| format!("{name}: {message}")))
    }

    /// As a `types.SimpleNamespace` of the running interpreter.
    pub fn to_object(&self) -> PyResult {
        let whole = Dict::new();
        let kind = Dict::new();
        for (key, value) in [("__name__", &self.name), ("__qualname__", &self.qualname), ("__module__", &self.module)] {
            if let Some(value) = value {
                kind.set(key, &Str::new(value))?;
            }
        }
        let text = |text: Option<&str>| text.map_or_else(|| types::none().to_owned(), |text| Str::new(text).into_object());
        let kind = if kind.len() == 0 { types::none().to_owned() } else { Namespace::new(Some(&kind))?.into_object() };
        whole.set("type", &kind)?;
        whole.set("msg", &text(self.message.as_deref()))?;
        whole.set("formatted", &text(self.formatted().as_deref()))?;
        if let Some(display) = &self.display {
            whole.set("errdisplay", &Str::new(display))?;
        }
        Ok(Namespace::new(Some(&whole))?.into_object())
    }
}

/// Text that has no NUL and can be encoded.
fn plain_text(value: &Object) -> PyResult<String> {
    let Some(text) = value.downcast::<Str>() else { return Err(errors::bad_internal_call()) };
    let text = text.as_utf8()?;
    if text.contains('\0') {
        return Err(crate::err!(ValueError, "found embedded NULL character"));
    }
    Ok(text.to_string())
}

/// What `traceback` would print.
fn display(exc: &Object) -> PyResult<String> {
    let class = object::get_attr_str(&*import::import_module("traceback")?, "TracebackException")?;
    let create = object::get_attr_str(&class, "from_exception")?;
    let words = Dict::new();
    words.set("save_exc_type", types::false_())?;
    words.set("lookup_lines", types::false_())?;
    let made = call::call(&create, &Tuple::new(&[exc]), Some(&words))?;
    let lines: Owned = call::call_method0(&made, intern!("format"))?;
    let joined = call::call_method(Str::new("").object(), intern!("join"), &[&lines])?;
    let mut text = plain_text(&joined)?;
    if text.ends_with('\n') {
        text.pop();
    }
    Ok(text)
}
