//! The attribute macros with which built-in types, native modules and their functions are declared. This header is their manual.
//!
//! What they generate is thin: C wrapper functions and static tables. Checks, conversions and errors are in `runtime::macro_support`.
//!
//! # Types
//! ```ignore
//! #[repr(transparent)]
//! pub struct List(pub abi::PyListObject);          // a C layout
//!
//! /// Built-in mutable sequence.                   // the doc comment is tp_doc, behind the text signature
//! #[pytype(static = PyList_Type, name = "list", signature = "(iterable=(), /)",
//!          flags = BASETYPE | HAVE_GC | LIST_SUBCLASS | SEQUENCE | MATCH_SELF, tp_iter = some::c_function)]
//! impl List {
//!     #[slot] fn tp_repr(&self) -> PyResult { .. }
//! }
//! ```
//! Keys: `static` (exported under its C name if that begins with `Py` or `_Py`; else a plain `pub static`), `name`, `signature`, `doc`
//! (instead of a doc comment), `module` (prefix of `tp_name`), `base = STATIC` (default object), `metatype = STATIC`,
//! `flags = A | B` (names as in `Py_TPFLAGS_*`, without the prefix: `macro_support::type_flags`), `basicsize` (default: the struct's size),
//! `itemsize`, `dictoffset`, `weaklistoffset`, `vectorcall_offset`,
//! `members = [("start", T_OBJECT_EX, core::mem::offset_of!(..), READONLY, "doc"), ..]`, `methods = [Str::CASE_METHODS, ..]` (from
//! `#[pymethods]` blocks), any slot as `tp_xxx = path::to::c_function`, `native`, `final` (no subtype exists: checks are one comparison), `no_pytyped` (the `PyTyped` impl is written by hand).
//!
//! The type gets `PyTyped` and `Deref<Target = Object>`. The `PyTyped` impl (`obj.downcast::<List>()`) tests the `*_SUBCLASS` flag where `flags` has one.
//!
//! Native types have a Rust struct of their own:
//! ```ignore
//! #[derive(Traverse)]
//! #[repr(C)]
//! pub struct Deque {
//!     head: ObjectHead,
//!     items: RefCell<VecDeque<Owned>>,
//!     weakrefs: Cell<*mut PyObject>,               // weaklistoffset = core::mem::offset_of!(Deque, weakrefs)
//!     dict: Cell<Option<Owned<Dict>>>,             // dictoffset = core::mem::offset_of!(Deque, dict)
//!     #[traverse(skip)] hasher: ForeignType,       // holds no objects
//! }
//! #[pytype(static = Deque_Type, name = "deque", module = "collections", flags = BASETYPE | HAVE_GC, native)]
//! impl Deque {
//!     #[slot("deque(iterable=(), maxlen=None)")]
//!     fn tp_new(cls: &Type, iterable: Option<&Object>, maxlen: Option<isize>) -> PyResult<Owned<Deque>> {
//!         Deque::construct(cls, Deque { head: ObjectHead::placeholder(), .. })
//!     }
//! }
//! ```
//! `native` generates `construct`, `tp_dealloc` (untrack, finalizer, weak references, drop of the fields, `tp_free`) and, with `HAVE_GC`,
//! `tp_traverse` and `tp_clear` from `Traverse`. A field that Python code can reach must not stay borrowed while Python code runs.
//!
//! # Slots
//! `#[slot]` takes the slot from the function's name, `#[slot(tp_str)]` names it, `#[slot(raw = tp_dealloc)]` gives an `unsafe extern "C" fn` as it is,
//! `#[slot("name(signature)")]` (tp_new, tp_init, tp_call only) parses the arguments as for methods; `#[slot("name(signature)", vectorcall)]` on `tp_new`
//! of a type without `tp_init` also makes its `tp_vectorcall`, so that calling the type builds no tuple.
//! Parameters are those of the C slot: `&self` or any `&T` (unchecked: a slot's self has the type's layout), `Option<&T>` where NULL may come,
//! `isize`, `c_int`, `CompareOp`, `*mut Py_buffer`. Binary number slots get both operands: declare `(a: &Object, b: &Object)`. Results:
//!
//! | slots | result |
//! |---|---|
//! | tp_repr, tp_str, tp_iter, tp_getattro, nb_*, sq_item, sq_concat, mp_subscript, tp_call, tp_new, tp_descr_get, tp_richcompare, am_await ... | `PyResult<T: IntoPy>` |
//! | tp_iternext | `PyResult<Option<T>>`, `None` at the end |
//! | sq_length, mp_length | `PyResult<usize>` or `usize` |
//! | tp_hash | `PyResult<isize>` or `isize` (-1 becomes -2) |
//! | nb_bool, sq_contains | `PyResult<bool>` or `bool` |
//! | sq_ass_item, mp_ass_subscript, tp_setattro, tp_descr_set (value or instance's value `Option`: None deletes), tp_init, bf_getbuffer | `PyResult<()>` |
//! | tp_traverse(&self, v: &mut Visitor) | nothing: call `v.visit(obj)` |
//! | tp_clear, tp_finalize, tp_dealloc(`*mut PyObject`), bf_releasebuffer | nothing |
//! | am_send(&self, &Object) | `PyResult<SendResult>` |
//! | tp_vectorcall(cls: &Type, Args<'_>, KwArgs<'_>) | `PyResult<T>` |
//! | tp_new(cls: &Type, &Tuple, Option<&Dict>), tp_init(&self, &Tuple, Option<&Dict>), tp_call | as above |
//!
//! # Methods, functions
//! ```ignore
//! /// Append object to the end.
//! #[method("append($self, object, /)")] fn append(&self, object: &Object) -> PyResult<()>
//! #[method("index($self, value, start=0, stop=sys.maxsize, /)")] fn index(&self, value: &Object, start: Option<SliceIndex>, stop: Option<SliceIndex>) -> PyResult<isize>
//! #[method("sort($self, /, *, key=None, reverse=False)")] fn sort(&self, key: Option<&Object>, reverse: bool) -> PyResult<()>
//! #[classmethod("fromkeys($type, iterable, value=None, /)")] fn fromkeys(cls: &Type, iterable: &Object, value: Option<&Object>) -> PyResult
//! #[staticmethod("maketrans(x, y=<unrepresentable>, /)")] fn maketrans(x: &Object, y: Option<&Object>) -> PyResult
//! #[method("format($self, *args, **kwargs)", nosig)] fn format(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult     // raw views
//! #[method("__getitem__($self, index, /)", coexist)] ..
//! #[getter] fn real(&self) -> PyResult        #[getter("__name__", "doc")] fn name(&self) -> ..
//! #[setter] fn set_real(&self, value: Option<&Object>) -> PyResult<()>        #[setter("__name__")] ..
//! ```
//! The doc comment becomes `ml_doc`, behind the signature; with `nosig` without it (where CPython shows no `__text_signature__`).
//! One function may carry several of these attributes (aliases). The calling convention is Argument Clinic's choice: no parameters NOARGS, one required
//! positional-only O, all positional-only FASTCALL, else FASTCALL|KEYWORDS. Words of errors are CPython's.
//!
//! The Rust parameters match the signature's one to one (`*args` is an `Args<'_>`), each type a `FromArg`:
//! `&Object`, `&T` of a `PyTyped` type ("f() argument 1 must be str, not int"), `bool` (truth), `i32 i64 isize u8 u32 u64 usize` (C's int, long, Py_ssize_t ...,
//! with their overflow errors), `f64`, `char`, `&str` (UTF-8, no NUL), `SliceIndex`, `Buffer` (bytes-like), `WritableBuffer`, `NoneOr<T>`. `Option<T>` is `None`
//! - for a parameter with default `None`: when absent or `None`;
//! - for a parameter with another default: when absent;
//! - for a required parameter: when it is `None`.
//!
//! A plain `T` for a parameter whose default is a literal (number, string, bool, `sys.maxsize`) gets that literal.
//! Results are any `IntoPy` or a `PyResult` of one: `()`, `bool`, integers, `f64`, `&str`, `String`, `Owned<T>`, `&Object`, `Option<T>` (None), tuples.
//!
//! `#[pymethods(CASE_METHODS)] impl Str { #[method(..)] .. }` puts part of a type's methods into another file: `methods = [Str::CASE_METHODS]`.
//!
//! # Modules
//! ```ignore
//! /// This module provides access to the mathematical functions ...
//! #[pymodule(name = "math", state = State, include = [super::trig::TRIG])]
//! #[types(Foo_Type, Bar_Type)]
//! pub mod math {
//!     use super::*;
//!     /// Return the square root of x.
//!     #[function("sqrt($module, x, /)")] fn sqrt(x: f64) -> PyResult<f64> { .. }
//!     #[function("next($module, /)")] fn next(module: &Module) -> PyResult<isize> { .. }     // the module, where state is needed
//!     #[constant] const MAX_DIGITS: i64 = 10;
//!     #[exec] fn exec(module: &Module) -> PyResult<()> { .. }
//! }
//! ```
//! generates in the module `pub static MODULE_DEF` and `pub fn definition() -> &'static ModuleDef`. `state`, `include`, `types`, `exec` may be missing. State is a
//! `Default + Traverse` struct per module object: `macro_support::module_state::<State>(module)`. `#[pyfunctions(TRIG)] mod trig { #[function(..)] .. }` holds part of the functions.

mod callable;
mod pymodule;
mod pytype;
mod signature;
mod slots;
mod traverse;

use proc_macro::TokenStream;

fn finish(result: syn::Result<proc_macro2::TokenStream>) -> TokenStream {
    result.unwrap_or_else(|error| error.to_compile_error()).into()
}

/// Declares a static type; see the crate's manual.
#[proc_macro_attribute]
pub fn pytype(attr: TokenStream, item: TokenStream) -> TokenStream {
    finish(pytype::pytype(attr.into(), item.into()))
}

/// Declares part of a type's methods; see the crate's manual.
#[proc_macro_attribute]
pub fn pymethods(attr: TokenStream, item: TokenStream) -> TokenStream {
    finish(pytype::pymethods(attr.into(), item.into()))
}

/// Declares a native module; see the crate's manual.
#[proc_macro_attribute]
pub fn pymodule(attr: TokenStream, item: TokenStream) -> TokenStream {
    finish(pymodule::pymodule(attr.into(), item.into()))
}

/// Declares part of a module's functions; see the crate's manual.
#[proc_macro_attribute]
pub fn pyfunctions(attr: TokenStream, item: TokenStream) -> TokenStream {
    finish(pymodule::pyfunctions(attr.into(), item.into()))
}

/// Implements `macro_support::Traverse` field by field; `#[traverse(skip)]` leaves a field out.
#[proc_macro_derive(Traverse, attributes(traverse))]
pub fn derive_traverse(item: TokenStream) -> TokenStream {
    finish(traverse::derive(item.into()))
}
