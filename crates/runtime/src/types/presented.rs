//! What a type shows of itself where native types are static here and CPython's are made on the heap.
//!
//! CPython makes the types of most modules when the module is executed; ours are statics, which costs nothing at start. Python code that
//! asks (`__flags__`, which `copyreg` reads to find the base that C code pickles; `gc.is_tracked`) gets the answer it gets there. The
//! flag in `tp_flags` stays unset, because C code takes it for the layout of the struct.

use crate::macro_support::type_flags::{INHERITS_NEW, MODULE_TYPE};
use crate::object::Type;

/// Types of modules that CPython has as statics, too.
const STATIC: [&str; 20] = [
    "_contextvars.Context",
    "_contextvars.ContextVar",
    "_contextvars.Token",
    "collections.OrderedDict",
    "datetime.date",
    "datetime.datetime",
    "datetime.time",
    "datetime.timedelta",
    "datetime.timezone",
    "datetime.tzinfo",
    "pickle.PickleBuffer",
    "string.templatelib.Interpolation",
    "string.templatelib.Template",
    "string.templatelib.TemplateIter",
    "types.GenericAlias",
    "types.SimpleNamespace",
    "typing.TypeAliasType",
    "typing.Union",
    "typing.NoDefaultType",
    "Token.MISSING",
];

/// Whether the type is one that CPython makes on the heap.
pub fn is_heap_type(ty: &Type) -> bool {
    if !ty.has_flag(MODULE_TYPE) || ty.is_heap_type() {
        return ty.is_heap_type();
    }
    let name = ty.name();
    !name.starts_with("weakref.") && !STATIC.contains(&name)
}

/// `type.__flags__`.
pub fn flags(ty: &Type) -> u64 {
    let heap = if is_heap_type(ty) { abi::Py_TPFLAGS_HEAPTYPE as u64 } else { 0 };
    (ty.flags() & !(MODULE_TYPE | INHERITS_NEW)) | heap
}
