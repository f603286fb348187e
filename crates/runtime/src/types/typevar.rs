//! Type parameters: `TypeVar`, `ParamSpec`, `TypeVarTuple`; `TypeAliasType` and `Generic`; and what the compiler's intrinsics make of them.
//!
//! Bounds, constraints, defaults and aliases of the `[T: bound]` syntax are functions that run when first asked for (PEP 695, 649); a value
//! given directly is handed out as a function by `_ConstEvaluator`. What substitution means is decided by functions of the module `typing`.

use crate::err;
use crate::errors::PyResult;
use crate::import;
use crate::interp::frame::InterpreterFrame;
use crate::macro_support::{Args, KwArgs, Static, method_table, table_len};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::object::{self as protocol, CompareOp};
use crate::protocol::{call, iter, mapping, sequence};
use crate::tstate::ThreadState;
use crate::types::{self, Dict, Function, GenericAlias, Str, StrBuilder, Tuple, not_implemented};
use crate::{intern, types::union};
use abi::PyObject;
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::mem::offset_of;

type Slot = Cell<Option<Owned>>;

/// A reference to what a cell holds.
fn get(cell: &Slot) -> Option<Owned> {
    // SAFETY: cloned at once; no code runs meanwhile.
    unsafe { (*cell.as_ptr()).clone() }
}
fn slot(value: Option<&Object>) -> Slot {
    Cell::new(value.map(Object::to_owned))
}

// ---- what the intrinsics call ------------------------------------------------------------------------------------------------------

/// INTRINSIC_TYPEVAR and its forms with functions that give the bound or the constraints.
pub fn new_typevar(name: &Object, evaluate_bound: Option<&Object>, evaluate_constraints: Option<&Object>) -> PyResult {
    let new = TypeVar {
        evaluate_bound: slot(evaluate_bound),
        evaluate_constraints: slot(evaluate_constraints),
        infer_variance: Cell::new(true),
        ..TypeVar::plain(name)
    };
    Ok(TypeVar::construct(TypeVar::type_object(), new)?.into_object())
}
/// INTRINSIC_PARAMSPEC.
pub fn new_paramspec(name: &Object) -> PyResult {
    let new = ParamSpec { infer_variance: Cell::new(true), ..ParamSpec::plain(name) };
    Ok(ParamSpec::construct(ParamSpec::type_object(), new)?.into_object())
}
/// INTRINSIC_TYPEVARTUPLE.
pub fn new_typevartuple(name: &Object) -> PyResult {
    Ok(TypeVarTuple::construct(TypeVarTuple::type_object(), TypeVarTuple::plain(name))?.into_object())
}
/// INTRINSIC_SUBSCRIPT_GENERIC: the base `Generic[params]` of a class with type parameters.
pub fn subscript_generic(params: &Object) -> PyResult {
    let Some(params) = params.downcast::<Tuple>() else { return Err(crate::errors::bad_internal_call()) };
    let params = unpack_typevartuples(params)?;
    call_typing("_GenericAlias", &[Generic::type_object(), &*params])
}
/// INTRINSIC_TYPEALIAS: of a tuple of name, type parameters (or None) and the function that gives the value.
pub fn new_typealias(args: &Object) -> PyResult {
    let (name, params, compute) = match args.downcast::<Tuple>().map(|t| t.as_slice()) {
        Some([name, params, compute]) => (*name, *params, *compute),
        _ => return Err(crate::errors::bad_internal_call()),
    };
    let params = params.downcast::<Tuple>().filter(|params| !params.is_empty());
    make_alias(name, params, Some(compute), None, None)
}
/// INTRINSIC_SET_TYPEPARAM_DEFAULT: `evaluate` gives the default.
pub fn set_typeparam_default(param: &Object, evaluate: &Object) -> PyResult {
    let cell = if let Some(param) = param.downcast_exact::<TypeVar>() {
        &param.evaluate_default
    } else if let Some(param) = param.downcast_exact::<ParamSpec>() {
        &param.evaluate_default
    } else if let Some(param) = param.downcast_exact::<TypeVarTuple>() {
        &param.evaluate_default
    } else {
        return Err(err!(TypeError, "Expected a type param, got {}", protocol::repr(param)?));
    };
    drop(cell.replace(Some(evaluate.to_owned())));
    Ok(param.to_owned())
}

/// Makes `Generic`, and gives the types the `__module__` that their instances without one of their own show.
pub fn finish_types() -> PyResult<()> {
    Generic::make_type()?;
    let module = Str::intern(Str::new("typing"));
    for ty in [
        TypeVar::type_object(),
        ParamSpec::type_object(),
        TypeVarTuple::type_object(),
        ParamSpecArgs::type_object(),
        ParamSpecKwargs::type_object(),
    ] {
        types::type_object::set_in_dict(ty, intern!("__module__"), &module)?;
    }
    types::type_object::set_in_dict(ConstEvaluator::type_object(), intern!("__module__"), &*Str::new("_typing"))
}

// ---- shared parts ------------------------------------------------------------------------------------------------------------------

fn call_typing(name: &str, args: &[&Object]) -> PyResult {
    let typing = import::import_module("typing")?;
    call::call_args(&*protocol::get_attr_str(&typing, name)?, args)
}

/// A bound as `typing` sees it.
fn type_check(arg: &Object, message: &str) -> PyResult {
    if arg.is_none() {
        return Ok(arg.ty().to_owned());
    }
    call_typing("_type_check", &[arg, &*Str::new(message)])
}

/// `bound=` with None for no bound.
fn checked_bound(bound: Option<&Object>) -> PyResult<Option<Owned>> {
    bound.filter(|bound| !bound.is_none()).map(|bound| type_check(bound, "Bound must be a type.")).transpose()
}

fn check_variance(covariant: bool, contravariant: bool, infer: bool) -> PyResult<()> {
    if covariant && contravariant {
        return Err(err!(ValueError, "Bivariant types are not supported."));
    }
    if infer && (covariant || contravariant) {
        return Err(err!(ValueError, "Variance cannot be specified with infer_variance."));
    }
    Ok(())
}

/// The module of the function that is running, or None.
fn caller() -> Owned {
    let frame = ThreadState::current().0.current_frame.get() as *mut InterpreterFrame;
    // SAFETY: NULL or the running frame, which holds its function.
    let module = unsafe {
        if frame.is_null() || (*frame).f_funcobj.is_null() {
            None
        } else {
            (*frame).f_funcobj.obj().downcast_exact::<Function>().and_then(|f| Object::from_ptr_opt(f.0.func_module.get()))
        }
    };
    module.unwrap_or(types::none()).to_owned()
}

/// Stores the module of the caller as `__module__`.
fn with_caller_module<T: PyTyped>(new: Owned<T>) -> PyResult<Owned<T>> {
    protocol::set_attr(new.object(), intern!("__module__"), Some(&*caller()))?;
    Ok(new)
}

/// What a lazily evaluated attribute gives: its value, or that of its function, which is kept.
fn evaluated(value: &Slot, evaluate: &Slot, absent: &Object) -> PyResult {
    if let Some(value) = get(value) {
        return Ok(value);
    }
    let Some(evaluate) = get(evaluate) else { return Ok(absent.to_owned()) };
    let result = call::call0(&evaluate)?;
    drop(value.replace(Some(result.clone())));
    Ok(result)
}

/// The function that gives an attribute's value.
fn evaluator(value: &Slot, evaluate: &Slot) -> PyResult {
    if let Some(evaluate) = get(evaluate) {
        return Ok(evaluate);
    }
    match get(value) {
        Some(value) => ConstEvaluator::of(value),
        None => Ok(types::none().to_owned()),
    }
}

fn has_default(value: &Slot, evaluate: &Slot) -> bool {
    get(evaluate).is_some() || get(value).is_some_and(|value| !value.is(no_default()))
}

/// `~T`, with the sign of the variance.
fn variance_repr(name: &Slot, covariant: bool, contravariant: bool, infer: bool) -> PyResult<Owned<Str>> {
    let name = name_of(name)?;
    if infer {
        return Ok(name);
    }
    Str::concat(&*Str::new(if covariant { "+" } else if contravariant { "-" } else { "~" }), &name)
}

fn name_of(name: &Slot) -> PyResult<Owned<Str>> {
    match get(name).map(|name| name.try_into_typed::<Str>()) {
        Some(Ok(name)) => Ok(name),
        _ => Ok(Owned::from_ref(Str::empty())),
    }
}

fn not_a_base(what: &str) -> PyResult {
    Err(err!(TypeError, "Cannot subclass an instance of {}", what))
}

/// `typing.Unpack[param]`.
fn unpacked(param: &Object) -> PyResult {
    let typing = import::import_module("typing")?;
    mapping::get_item(&*protocol::get_attr_str(&typing, "Unpack")?, param)
}

/// For `iter(Ts)`, as in `*Ts`: one item, `Unpack[Ts]`.
fn unpack_iter(param: &Object) -> PyResult {
    iter::get_iter(&*Tuple::single(unpacked(param)?))
}

/// The parameters with `Unpack[Ts]` for each TypeVarTuple.
fn unpack_typevartuples(params: &Tuple) -> PyResult<Owned<Tuple>> {
    if !params.iter().any(|param| param.is_exact::<TypeVarTuple>()) {
        return Ok(Owned::from_ref(params));
    }
    let items: PyResult<Vec<Owned>> =
        params.iter().map(|param| if param.is_exact::<TypeVarTuple>() { unpacked(param) } else { Ok(param.to_owned()) }).collect();
    Ok(Tuple::from_owned(items?))
}

/// `a | b` for type parameters: forward references may be plain strings.
fn make_union(a: &Object, b: &Object) -> PyResult {
    union::from_tuple(&*Tuple::new(&[a, b]))
}

// ---- NoDefault ---------------------------------------------------------------------------------------------------------------------

#[unsafe(no_mangle)]
pub static _Py_NoDefaultStruct: PyObject = PyObject::immortal_static(&raw const _PyNoDefault_Type.0);

/// `typing.NoDefault`.
pub fn no_default() -> &'static Object {
    // SAFETY: a static object.
    unsafe { &*(&raw const _Py_NoDefaultStruct as *const Object) }
}

#[repr(transparent)]
pub struct NoDefaultType(pub PyObject);

unsafe extern "C" fn immortal_dealloc(this: *mut PyObject) {
    // SAFETY: a singleton whose count drifted to 0.
    unsafe { Object::from_ptr(this) }.set_immortal();
}

/// The type of the NoDefault singleton.
#[pytype(static = _PyNoDefault_Type, name = "NoDefaultType", signature = "()", tp_dealloc = immortal_dealloc)]
impl NoDefaultType {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        if !args.is_empty() || kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "NoDefaultType takes no arguments"));
        }
        Ok(no_default().to_owned())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<&'static str> {
        Ok("typing.NoDefault")
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> &'static str {
        "NoDefault"
    }
}

// ---- a value as a function ---------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct ConstEvaluator {
    head: ObjectHead,
    value: Slot,
}

impl ConstEvaluator {
    fn of(value: Owned) -> PyResult {
        let new = ConstEvaluator { head: ObjectHead::placeholder(), value: Cell::new(Some(value)) };
        Ok(Self::construct(Self::type_object(), new)?.into_object())
    }
}

/// Internal type for implementing evaluation functions.
#[pytype(static = ConstEvaluator_Type, name = "_ConstEvaluator", module = "_typing", signature = "()", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl ConstEvaluator {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let Some(value) = get(&self.value) else { return Ok(Str::new("<constevaluator>")) };
        Str::concat_all(&[Str::new("<constevaluator "), protocol::repr(&value)?, Str::new(">")])
    }
    #[slot]
    fn tp_call(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
        const STRING: i32 = 4;
        if kwargs.is_some_and(|kwargs| !kwargs.is_empty()) {
            return Err(err!(TypeError, "constevaluator.__call__() takes no keyword arguments"));
        }
        let [format] = args.as_slice() else {
            return Err(err!(TypeError, "constevaluator.__call__() takes exactly 1 argument ({} given)", args.len()));
        };
        let format = crate::protocol::number::as_i32(format)?;
        let value = get(&self.value).unwrap_or_else(|| types::none().to_owned());
        if format != STRING {
            return Ok(value);
        }
        let Some(values) = value.downcast::<Tuple>() else { return Ok(types::generic_alias::type_repr(&value)?.into_object()) };
        let mut text = StrBuilder::new();
        text.push_str("(");
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                text.push_str(", ");
            }
            text.push_str_object(&*types::generic_alias::type_repr(value)?)?;
        }
        text.push_str(")");
        Ok(text.finish()?.into_object())
    }
}

// ---- TypeVar -----------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct TypeVar {
    head: ObjectHead,
    name: Slot,
    bound: Slot,
    evaluate_bound: Slot,
    constraints: Slot,
    evaluate_constraints: Slot,
    default_value: Slot,
    evaluate_default: Slot,
    covariant: Cell<bool>,
    contravariant: Cell<bool>,
    infer_variance: Cell<bool>,
    dict: Cell<Option<Owned<Dict>>>,
    weakrefs: Cell<*mut PyObject>,
}

impl TypeVar {
    fn plain(name: &Object) -> TypeVar {
        TypeVar {
            head: ObjectHead::placeholder(),
            name: slot(Some(name)),
            bound: slot(None),
            evaluate_bound: slot(None),
            constraints: slot(None),
            evaluate_constraints: slot(None),
            default_value: slot(None),
            evaluate_default: slot(None),
            covariant: Cell::new(false),
            contravariant: Cell::new(false),
            infer_variance: Cell::new(false),
            dict: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
        }
    }
    fn default_of(&self) -> PyResult {
        evaluated(&self.default_value, &self.evaluate_default, no_default())
    }
}

/// Type variable.
///
/// The syntax for generic functions, classes and type aliases makes them::
///
///     class Sequence[T]:  # T is a TypeVar
///         ...
///
/// with a bound, constraints or a default, if wanted::
///
///     class StrSequence[S: str]:
///         ...
///
///     class StrOrBytesSequence[A: (str, bytes)]:
///         ...
///
///     class IntDefault[T = int]:
///         ...
///
/// They can also be made by hand, to be used more than once::
///
///    T = TypeVar('T')  # Can be anything
///    S = TypeVar('S', bound=str)  # Can be any subtype of str
///    A = TypeVar('A', str, bytes)  # Must be exactly str or bytes
///    D = TypeVar('D', default=int)  # Defaults to int
///
/// Type checkers infer the variance of type variables that the syntax makes, and of those
/// with ``infer_variance=True``. Others are invariant, or what ``covariant=True`` and
/// ``contravariant=True`` say. See PEP 484 and PEP 695.
#[pytype(static = TypeVar_Type, name = "TypeVar", module = "typing", flags = HAVE_GC, native,
    dictoffset = offset_of!(TypeVar, dict), weaklistoffset = offset_of!(TypeVar, weakrefs),
    members = [("__name__", T_OBJECT, offset_of!(TypeVar, name), READONLY),
        ("__covariant__", T_BOOL, offset_of!(TypeVar, covariant), READONLY),
        ("__contravariant__", T_BOOL, offset_of!(TypeVar, contravariant), READONLY),
        ("__infer_variance__", T_BOOL, offset_of!(TypeVar, infer_variance), READONLY)])]
impl TypeVar {
    #[slot("typevar(name, *constraints, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)")]
    fn tp_new(
        cls: &Type,
        name: &Str,
        constraints: Args<'_>,
        bound: Option<&Object>,
        default: Option<&Object>,
        covariant: bool,
        contravariant: bool,
        infer_variance: bool,
    ) -> PyResult<Owned<TypeVar>> {
        check_variance(covariant, contravariant, infer_variance)?;
        let bound = checked_bound(bound)?;
        let constraints = match constraints {
            [] => None,
            [_] => return Err(err!(TypeError, "A single constraint is not allowed")),
            _ if bound.is_some() => return Err(err!(TypeError, "Constraints cannot be combined with bound=...")),
            many => Some(Tuple::new(many).into_object()),
        };
        let new = TypeVar {
            bound: Cell::new(bound),
            constraints: Cell::new(constraints),
            default_value: slot(Some(default.unwrap_or(no_default()))),
            covariant: Cell::new(covariant),
            contravariant: Cell::new(contravariant),
            infer_variance: Cell::new(infer_variance),
            ..TypeVar::plain(name)
        };
        with_caller_module(TypeVar::construct(cls, new)?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        variance_repr(&self.name, self.covariant.get(), self.contravariant.get(), self.infer_variance.get())
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        make_union(a, b)
    }
    #[getter("__bound__")]
    fn get_bound(&self) -> PyResult {
        evaluated(&self.bound, &self.evaluate_bound, types::none())
    }
    #[getter("__constraints__")]
    fn get_constraints(&self) -> PyResult {
        evaluated(&self.constraints, &self.evaluate_constraints, Tuple::empty_ref())
    }
    #[getter("__default__")]
    fn get_default(&self) -> PyResult {
        self.default_of()
    }
    #[getter("evaluate_bound")]
    fn get_evaluate_bound(&self) -> PyResult {
        evaluator(&self.bound, &self.evaluate_bound)
    }
    #[getter("evaluate_constraints")]
    fn get_evaluate_constraints(&self) -> PyResult {
        evaluator(&self.constraints, &self.evaluate_constraints)
    }
    #[getter("evaluate_default")]
    fn get_evaluate_default(&self) -> PyResult {
        evaluator(&self.default_value, &self.evaluate_default)
    }
    #[method("__typing_subst__($self, arg, /)")]
    fn typing_subst(&self, arg: &Object) -> PyResult {
        call_typing("_typevar_subst", &[self, arg])
    }
    #[method("__typing_prepare_subst__($self, alias, args, /)")]
    fn typing_prepare_subst(&self, alias: &Object, args: &Object) -> PyResult {
        let params = protocol::get_attr(alias, intern!("__parameters__"))?;
        let at = sequence::iter_index(&params, self)?;
        let given = sequence::len(args)?;
        if at < given {
            return Ok(args.to_owned());
        }
        if at == given {
            let default = self.default_of()?;
            if !default.is(no_default()) {
                return sequence::concat(args, &*Tuple::single(default));
            }
        }
        Err(err!(TypeError, "Too few arguments for {}; actual {}, expected at least {}", protocol::str(alias)?, given, at + 1))
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
    #[method("has_default($self, /)")]
    fn py_has_default(&self) -> bool {
        has_default(&self.default_value, &self.evaluate_default)
    }
    #[method("__mro_entries__($self, object, /)")]
    fn mro_entries(&self, _bases: &Object) -> PyResult {
        not_a_base("TypeVar")
    }
}

// ---- ParamSpec ---------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct ParamSpec {
    head: ObjectHead,
    name: Slot,
    bound: Slot,
    default_value: Slot,
    evaluate_default: Slot,
    covariant: Cell<bool>,
    contravariant: Cell<bool>,
    infer_variance: Cell<bool>,
    dict: Cell<Option<Owned<Dict>>>,
    weakrefs: Cell<*mut PyObject>,
}

impl ParamSpec {
    fn plain(name: &Object) -> ParamSpec {
        ParamSpec {
            head: ObjectHead::placeholder(),
            name: slot(Some(name)),
            bound: slot(None),
            default_value: slot(None),
            evaluate_default: slot(None),
            covariant: Cell::new(false),
            contravariant: Cell::new(false),
            infer_variance: Cell::new(false),
            dict: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
        }
    }
}

/// Parameter specification variable.
///
/// The syntax for generic functions, classes and type aliases makes them with '**'::
///
///     type IntFunc[**P] = Callable[P, int]
///
///     type IntFuncDefault[**P = [int, str]] = Callable[P, int]
///
/// They can also be made by hand::
///
///     P = ParamSpec('P')
///     DefaultP = ParamSpec('DefaultP', default=[int, str])
///
/// They tell type checkers that one callable has the parameters of another, as is common with
/// higher-order functions and decorators. They may stand in ``Concatenate``, as the first argument
/// of ``Callable``, and as parameters of user-defined Generics::
///
///     def add_logging[**P, T](f: Callable[P, T]) -> Callable[P, T]:
///         def inner(*args: P.args, **kwargs: P.kwargs) -> T:
///             logging.info(f'{f.__name__} was called')
///             return f(*args, **kwargs)
///         return inner
///
/// They can be asked what they are::
///
///     >>> P = ParamSpec('P', bound=int)
///     >>> P.__name__, P.__bound__
///     ('P', <class 'int'>)
///
/// Only those defined at the top level of a module can be pickled.
#[pytype(static = ParamSpec_Type, name = "ParamSpec", module = "typing", flags = HAVE_GC, native,
    dictoffset = offset_of!(ParamSpec, dict), weaklistoffset = offset_of!(ParamSpec, weakrefs),
    members = [("__name__", T_OBJECT, offset_of!(ParamSpec, name), READONLY),
        ("__bound__", T_OBJECT, offset_of!(ParamSpec, bound), READONLY),
        ("__covariant__", T_BOOL, offset_of!(ParamSpec, covariant), READONLY),
        ("__contravariant__", T_BOOL, offset_of!(ParamSpec, contravariant), READONLY),
        ("__infer_variance__", T_BOOL, offset_of!(ParamSpec, infer_variance), READONLY)])]
impl ParamSpec {
    #[slot("paramspec(name, *, bound=None, default=typing.NoDefault, covariant=False, contravariant=False, infer_variance=False)")]
    fn tp_new(
        cls: &Type,
        name: &Str,
        bound: Option<&Object>,
        default: Option<&Object>,
        covariant: bool,
        contravariant: bool,
        infer_variance: bool,
    ) -> PyResult<Owned<ParamSpec>> {
        check_variance(covariant, contravariant, infer_variance)?;
        let new = ParamSpec {
            bound: slot(bound),
            default_value: slot(Some(default.unwrap_or(no_default()))),
            covariant: Cell::new(covariant),
            contravariant: Cell::new(contravariant),
            infer_variance: Cell::new(infer_variance),
            ..ParamSpec::plain(name)
        };
        with_caller_module(ParamSpec::construct(cls, new)?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        variance_repr(&self.name, self.covariant.get(), self.contravariant.get(), self.infer_variance.get())
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        make_union(a, b)
    }
    /// The positional arguments.
    #[getter]
    fn args(&self) -> PyResult<Owned<ParamSpecArgs>> {
        ParamSpecArgs::of(self)
    }
    /// The keyword arguments.
    #[getter]
    fn kwargs(&self) -> PyResult<Owned<ParamSpecKwargs>> {
        ParamSpecKwargs::of(self)
    }
    /// The default value for this ParamSpec.
    #[getter("__default__")]
    fn get_default(&self) -> PyResult {
        evaluated(&self.default_value, &self.evaluate_default, no_default())
    }
    #[getter("evaluate_default")]
    fn get_evaluate_default(&self) -> PyResult {
        evaluator(&self.default_value, &self.evaluate_default)
    }
    #[method("__typing_subst__($self, arg, /)")]
    fn typing_subst(&self, arg: &Object) -> PyResult {
        call_typing("_paramspec_subst", &[self, arg])
    }
    #[method("__typing_prepare_subst__($self, alias, args, /)")]
    fn typing_prepare_subst(&self, alias: &Object, args: &Object) -> PyResult {
        call_typing("_paramspec_prepare_subst", &[self, alias, args])
    }
    #[method("has_default($self, /)")]
    fn py_has_default(&self) -> bool {
        has_default(&self.default_value, &self.evaluate_default)
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
    #[method("__mro_entries__($self, object, /)")]
    fn mro_entries(&self, _bases: &Object) -> PyResult {
        not_a_base("ParamSpec")
    }
}

macro_rules! paramspec_part {
    ($name:ident, $ty:ident, $py_name:literal, $signature:literal, $suffix:literal, $doc:literal) => {
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $name {
            head: ObjectHead,
            origin: Slot,
            weakrefs: Cell<*mut PyObject>,
        }

        impl $name {
            fn of(origin: &Object) -> PyResult<Owned<$name>> {
                let new = $name { head: ObjectHead::placeholder(), origin: slot(Some(origin)), weakrefs: Cell::new(std::ptr::null_mut()) };
                Self::construct(Self::type_object(), new)
            }
        }

        #[pytype(static = $ty, name = $py_name, module = "typing", doc = $doc, flags = HAVE_GC, native,
            weaklistoffset = offset_of!($name, weakrefs), members = [("__origin__", T_OBJECT, offset_of!($name, origin), READONLY)],
            tp_hash = crate::protocol::object::PyObject_HashNotImplemented)]
        impl $name {
            #[slot($signature)]
            fn tp_new(_cls: &Type, origin: &Object) -> PyResult<Owned<$name>> {
                $name::of(origin)
            }
            #[slot]
            fn tp_repr(&self) -> PyResult<Owned<Str>> {
                let origin = get(&self.origin).unwrap_or_else(|| types::none().to_owned());
                let shown = match origin.downcast_exact::<ParamSpec>() {
                    Some(spec) => name_of(&spec.name)?,
                    None => protocol::repr(&origin)?,
                };
                Str::concat(&shown, &*Str::new($suffix))
            }
            #[slot]
            fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
                if let Some(other) = other.downcast_exact::<$name>()
                    && matches!(op, CompareOp::Eq | CompareOp::Ne)
                    && let (Some(a), Some(b)) = (get(&self.origin), get(&other.origin))
                {
                    return protocol::rich_compare(&a, &b, op);
                }
                Ok(not_implemented().to_owned())
            }
            #[method("__mro_entries__($self, object, /)")]
            fn mro_entries(&self, _bases: &Object) -> PyResult {
                not_a_base($py_name)
            }
        }
    };
}

paramspec_part!(
    ParamSpecArgs,
    ParamSpecArgs_Type,
    "ParamSpecArgs",
    "paramspecargs(origin)",
    ".args",
    "The args for a ParamSpec object.\n\nFor a ParamSpec object P, P.args is a ParamSpecArgs, whose __origin__ is P::\n\n    >>> P = ParamSpec('P')\n    >>> P.args.__origin__ is P\n    True\n\nIt is there for introspection and means nothing to static type checkers.\n"
);
paramspec_part!(
    ParamSpecKwargs,
    ParamSpecKwargs_Type,
    "ParamSpecKwargs",
    "paramspeckwargs(origin)",
    ".kwargs",
    "The kwargs for a ParamSpec object.\n\nFor a ParamSpec object P, P.kwargs is a ParamSpecKwargs, whose __origin__ is P::\n\n    >>> P = ParamSpec('P')\n    >>> P.kwargs.__origin__ is P\n    True\n\nIt is there for introspection and means nothing to static type checkers.\n"
);

// ---- TypeVarTuple ------------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct TypeVarTuple {
    head: ObjectHead,
    name: Slot,
    default_value: Slot,
    evaluate_default: Slot,
    dict: Cell<Option<Owned<Dict>>>,
    weakrefs: Cell<*mut PyObject>,
}

impl TypeVarTuple {
    fn plain(name: &Object) -> TypeVarTuple {
        TypeVarTuple {
            head: ObjectHead::placeholder(),
            name: slot(Some(name)),
            default_value: slot(None),
            evaluate_default: slot(None),
            dict: Cell::new(None),
            weakrefs: Cell::new(std::ptr::null_mut()),
        }
    }
}

/// Type variable tuple. A specialized form of type variable that stands for any number of types.
///
/// The syntax for generic functions, classes and type aliases makes them with a single '*'::
///
///     def move_first_element_to_last[T, *Ts](tup: tuple[T, *Ts]) -> tuple[*Ts, T]:
///         return (*tup[1:], tup[0])
///
/// They can also be made by hand::
///
///     Ts = TypeVarTuple('Ts')  # Can be given any name
///     DefaultTs = TypeVarTuple('Ts', default=Unpack[tuple[int, str]])
///
/// Only those defined at the top level of a module can be pickled.
#[pytype(static = TypeVarTuple_Type, name = "TypeVarTuple", module = "typing", flags = HAVE_GC, native,
    dictoffset = offset_of!(TypeVarTuple, dict), weaklistoffset = offset_of!(TypeVarTuple, weakrefs),
    members = [("__name__", T_OBJECT, offset_of!(TypeVarTuple, name), READONLY)])]
impl TypeVarTuple {
    #[slot("typevartuple(name, *, default=typing.NoDefault)")]
    fn tp_new(cls: &Type, name: &Str, default: Option<&Object>) -> PyResult<Owned<TypeVarTuple>> {
        let new = TypeVarTuple { default_value: slot(Some(default.unwrap_or(no_default()))), ..TypeVarTuple::plain(name) };
        with_caller_module(TypeVarTuple::construct(cls, new)?)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        unpack_iter(self)
    }
    #[getter("__default__")]
    fn get_default(&self) -> PyResult {
        evaluated(&self.default_value, &self.evaluate_default, no_default())
    }
    #[getter("evaluate_default")]
    fn get_evaluate_default(&self) -> PyResult {
        evaluator(&self.default_value, &self.evaluate_default)
    }
    #[method("__typing_subst__($self, arg, /)")]
    fn typing_subst(&self, _arg: &Object) -> PyResult {
        Err(err!(TypeError, "Substitution of bare TypeVarTuple is not supported"))
    }
    #[method("__typing_prepare_subst__($self, alias, args, /)")]
    fn typing_prepare_subst(&self, alias: &Object, args: &Object) -> PyResult {
        call_typing("_typevartuple_prepare_subst", &[self, alias, args])
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
    #[method("has_default($self, /)")]
    fn py_has_default(&self) -> bool {
        has_default(&self.default_value, &self.evaluate_default)
    }
    #[method("__mro_entries__($self, object, /)")]
    fn mro_entries(&self, _bases: &Object) -> PyResult {
        not_a_base("TypeVarTuple")
    }
}

// ---- TypeAliasType -----------------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct TypeAlias {
    head: ObjectHead,
    name: Slot,
    /// NULL where there are no type parameters.
    type_params: Slot,
    compute_value: Slot,
    value: Slot,
    module: Slot,
}

fn make_alias(
    name: &Object,
    type_params: Option<&Tuple>,
    compute_value: Option<&Object>,
    value: Option<&Object>,
    module: Option<&Object>,
) -> PyResult {
    let new = TypeAlias {
        head: ObjectHead::placeholder(),
        name: slot(Some(name)),
        type_params: slot(type_params.map(|params| params.as_object())),
        compute_value: slot(compute_value),
        value: slot(value),
        module: slot(module),
    };
    Ok(TypeAlias::construct(TypeAlias::type_object(), new)?.into_object())
}

/// A type parameter without a default may not follow one with a default.
fn check_defaults(params: &Tuple) -> PyResult<()> {
    let mut seen = false;
    for param in params.iter() {
        let default = if let Some(param) = param.downcast_exact::<TypeVar>() {
            param.get_default()?
        } else if let Some(param) = param.downcast_exact::<ParamSpec>() {
            param.get_default()?
        } else if let Some(param) = param.downcast_exact::<TypeVarTuple>() {
            param.get_default()?
        } else {
            return Err(err!(TypeError, "Expected a type param, got {}", protocol::repr(param)?));
        };
        if !default.is(no_default()) {
            seen = true;
        } else if seen {
            return Err(err!(TypeError, "non-default type parameter '{}' follows default type parameter", protocol::repr(param)?));
        }
    }
    Ok(())
}

impl TypeAlias {
    fn params(&self) -> Owned<Tuple> {
        match get(&self.type_params).map(|params| params.try_into_typed::<Tuple>()) {
            Some(Ok(params)) => params,
            _ => Tuple::empty(),
        }
    }
}

/// Type alias.
///
/// The type statement makes them::
///
///     type Alias = int
///
/// Type checkers take Alias and int for the same. At run time, Alias is an instance of
/// TypeAliasType with its name in __name__. Its value, __value__, is computed when it is
/// first asked for. __module__ is the name of the module of the definition.
///
/// Type aliases can have type parameters, which are in __type_params__::
///
///     type ListOrSet[T] = list[T] | set[T]
///
/// See PEP 695.
#[pytype(static = _PyTypeAlias_Type, name = "TypeAliasType", module = "typing", flags = HAVE_GC, native,
    members = [("__name__", T_OBJECT, offset_of!(TypeAlias, name), READONLY)])]
impl TypeAlias {
    #[slot("typealias(name, value, *, type_params=<unrepresentable>)")]
    fn tp_new(_cls: &Type, name: &Str, value: &Object, type_params: Option<&Object>) -> PyResult {
        let params = match type_params {
            None => None,
            Some(params) => match params.downcast::<Tuple>() {
                Some(params) => Some(params),
                None => return Err(err!(TypeError, "type_params must be a tuple")),
            },
        };
        if let Some(params) = params {
            check_defaults(params)?;
        }
        make_alias(name, params.filter(|params| !params.is_empty()), None, Some(value), Some(&*caller()))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        unpack_iter(self)
    }
    #[slot]
    fn nb_or(a: &Object, b: &Object) -> PyResult {
        union::type_or(a, b)
    }
    #[slot]
    fn mp_subscript(&self, args: &Object) -> PyResult {
        if get(&self.type_params).is_none() {
            return Err(err!(TypeError, "Only generic type aliases are subscriptable"));
        }
        GenericAlias::make(self, args)
    }
    #[getter("__parameters__")]
    fn get_parameters(&self) -> PyResult<Owned<Tuple>> {
        unpack_typevartuples(&*self.params())
    }
    #[getter("__type_params__")]
    fn get_type_params(&self) -> PyResult<Owned<Tuple>> {
        Ok(self.params())
    }
    #[getter("__value__")]
    fn get_value(&self) -> PyResult {
        evaluated(&self.value, &self.compute_value, types::none())
    }
    #[getter("evaluate_value")]
    fn get_evaluate_value(&self) -> PyResult {
        evaluator(&self.value, &self.compute_value)
    }
    #[getter("__module__")]
    fn get_module(&self) -> PyResult {
        if let Some(module) = get(&self.module) {
            return Ok(module);
        }
        let compute = get(&self.compute_value);
        // SAFETY: a function owns its module's name, if it has one.
        let module = compute.as_ref().and_then(|f| f.downcast_exact::<Function>()).and_then(|f| unsafe { Object::from_ptr_opt(f.0.func_module.get()) });
        Ok(module.unwrap_or(types::none()).to_owned())
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Str>> {
        name_of(&self.name)
    }
}

// ---- Generic -----------------------------------------------------------------------------------------------------------------------

/// `typing.Generic`, a heap type: code looks for the first base that is none, and means `object`.
pub struct Generic;

static GENERIC: types::GilCell<Cell<*const Type>> = types::GilCell(Cell::new(std::ptr::null()));
static GENERIC_TABLE: Static<[abi::PyMethodDef; table_len(&[Generic::GENERIC_METHODS])]> = Static(method_table(&[Generic::GENERIC_METHODS]));

impl Generic {
    /// The type, once `finish_types` made it.
    pub fn type_object() -> &'static Type {
        // SAFETY: made at start-up and never freed.
        unsafe { GENERIC.0.get().as_ref() }.unwrap_or(types::object_type())
    }
    fn make_type() -> PyResult<()> {
        let slot = |slot: i32, pfunc: *mut std::ffi::c_void| abi::PyType_Slot { slot: Cell::new(slot), pfunc: Cell::new(pfunc) };
        let mut slots = [
            slot(abi::Py_tp_doc, GENERIC_DOC.as_ptr() as *mut _),
            slot(abi::Py_tp_methods, GENERIC_TABLE.first().cast()),
            slot(0, std::ptr::null_mut()),
        ];
        let mut spec = abi::PyType_Spec {
            name: Cell::new(c"typing.Generic".as_ptr()),
            basicsize: Cell::new(size_of::<PyObject>() as i32),
            itemsize: Cell::new(0),
            flags: Cell::new((abi::Py_TPFLAGS_DEFAULT | abi::Py_TPFLAGS_BASETYPE) as u32),
            slots: Cell::new(slots.as_mut_ptr()),
        };
        // SAFETY: a valid specification; the methods are static.
        let ty = unsafe { types::from_spec::from_metaclass(None, None, &mut spec, None)? };
        GENERIC.0.set(ty.into_raw() as *const Type);
        Ok(())
    }
}

/// Calls a function of `typing` with the class before the arguments.
fn call_with_class(name: &str, cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
    let function = protocol::get_attr_str(&*import::import_module("typing")?, name)?;
    let mut all: Vec<&Object> = vec![cls];
    all.extend_from_slice(args);
    if kwargs.is_empty() {
        return call::call_args(&function, &all);
    }
    let named = Dict::new();
    for (key, value) in kwargs.iter() {
        named.set_item(key, value)?;
    }
    call::call(&function, &*Tuple::new(&all), Some(&*named))
}

const GENERIC_DOC: &std::ffi::CStr = c"\
Abstract base class for generic types.\n\
\n\
Classes with a list of parameters after their name inherit from Generic::\n\
\n\
\x20\x20\x20\x20class Mapping[KT, VT]:\n\
\x20\x20\x20\x20\x20\x20\x20\x20def __getitem__(self, key: KT) -> VT:\n\
\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20...\n\
\x20\x20\x20\x20\x20\x20\x20\x20# Etc.\n\
\n\
On older versions of Python, generic classes have to do so explicitly.\n\
\n\
Such a class can then be used like this::\n\
\n\
\x20\x20\x20\x20def lookup_name[KT, VT](mapping: Mapping[KT, VT], key: KT, default: VT) -> VT:\n\
\x20\x20\x20\x20\x20\x20\x20\x20try:\n\
\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20return mapping[key]\n\
\x20\x20\x20\x20\x20\x20\x20\x20except KeyError:\n\
\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20\x20return default\n\
";

#[macros::pymethods(GENERIC_METHODS)]
impl Generic {
    /// Parameterizes a generic class.
    ///
    /// For a generic class `Foo`, `Foo[int]` calls this with `cls=Foo` and `params=int`. It is also called when a generic class is
    /// defined, by `class Foo[T]: ...`.
    #[classmethod("__class_getitem__($type, *args, **kwargs)", nosig)]
    fn class_getitem(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        call_with_class("_generic_class_getitem", cls, args, kwargs)
    }
    /// Initializes subclasses.
    #[classmethod("__init_subclass__($type, *args, **kwargs)", nosig)]
    fn init_subclass(cls: &Type, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        call_with_class("_generic_init_subclass", cls, args, kwargs)
    }
}
