//! Contexts: precision, limits, rounding, flags and traps; signals as exceptions; the current context; the dicts of signals.

use super::number::*;
use macros::{Traverse, pytype};
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::PyObject;
use runtime::modules::contextvars::ContextVar;
use runtime::protocol::object::{self, CompareOp, get_attr};
use runtime::protocol::{call, iter};
use runtime::state::PerInterpreter;
use runtime::types::attributes::{generic_get_attr, generic_set_attr};
use runtime::types::{Dict, Int, List, Str, Tuple, bool_object, not_implemented};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, intern};
use std::cell::{Cell, OnceCell};
use std::rc::{Rc, Weak};

// ---- signals ----

macro_rules! exception {
    ($static_:ident, $name:literal, $base:expr) => {
        pub static $static_: ModuleException = ModuleException::new("decimal", $name, $base, None);
    };
}

exception!(DECIMAL_EXCEPTION, "DecimalException", || Ok(exceptions::ArithmeticError()));
exception!(CLAMPED_SIGNAL, "Clamped", || DECIMAL_EXCEPTION.ty());
exception!(INVALID_SIGNAL, "InvalidOperation", || DECIMAL_EXCEPTION.ty());
exception!(INEXACT_SIGNAL, "Inexact", || DECIMAL_EXCEPTION.ty());
exception!(ROUNDED_SIGNAL, "Rounded", || DECIMAL_EXCEPTION.ty());
exception!(SUBNORMAL_SIGNAL, "Subnormal", || DECIMAL_EXCEPTION.ty());
exception!(CONVERSION_SYNTAX_CONDITION, "ConversionSyntax", || INVALID_SIGNAL.ty());
exception!(DIVISION_IMPOSSIBLE_CONDITION, "DivisionImpossible", || INVALID_SIGNAL.ty());
exception!(INVALID_CONTEXT_CONDITION, "InvalidContext", || INVALID_SIGNAL.ty());

/// An exception with several bases.
pub struct Combined {
    name: &'static str,
    bases: fn() -> PyResult<Vec<&'static Type>>,
    class: Kept,
}

impl Combined {
    const fn new(name: &'static str, bases: fn() -> PyResult<Vec<&'static Type>>) -> Combined {
        Combined { name, bases, class: Kept::new(OnceCell::new(), OnceCell::new) }
    }
    pub fn object(&self) -> PyResult<Owned> {
        let cell = self.class.get();
        if cell.get().is_none() {
            let namespace = Dict::new();
            namespace.set("__module__", &Str::new("decimal"))?;
            let bases: Vec<Owned> = (self.bases)()?.into_iter().map(|base| base.as_object().to_owned()).collect();
            let made = call::call_args(runtime::types::type_type(), &[&Str::new(self.name), &Tuple::from_owned(bases), &namespace])?;
            let _ = cell.set(made);
        }
        match cell.get() {
            Some(class) => Ok(class.clone()),
            None => Err(errors::bad_internal_call()),
        }
    }
}

pub static DIVISION_BY_ZERO_SIGNAL: Combined = Combined::new("DivisionByZero", || Ok(vec![DECIMAL_EXCEPTION.ty()?, exceptions::ZeroDivisionError()]));
pub static FLOAT_OPERATION_SIGNAL: Combined = Combined::new("FloatOperation", || Ok(vec![DECIMAL_EXCEPTION.ty()?, exceptions::TypeError()]));
pub static OVERFLOW_SIGNAL: Combined = Combined::new("Overflow", || Ok(vec![INEXACT_SIGNAL.ty()?, ROUNDED_SIGNAL.ty()?]));
pub static UNDERFLOW_SIGNAL: Combined =
    Combined::new("Underflow", || Ok(vec![INEXACT_SIGNAL.ty()?, ROUNDED_SIGNAL.ty()?, SUBNORMAL_SIGNAL.ty()?]));
pub static DIVISION_UNDEFINED_CONDITION: Combined =
    Combined::new("DivisionUndefined", || Ok(vec![INVALID_SIGNAL.ty()?, exceptions::ZeroDivisionError()]));

pub enum Signal {
    Single(&'static ModuleException),
    Several(&'static Combined),
}

impl Signal {
    pub fn class(&self) -> PyResult<Owned> {
        match self {
            Signal::Single(exception) => Ok(exception.ty()?.as_object().to_owned()),
            Signal::Several(exception) => exception.object(),
        }
    }
}

/// The signals in the order of dicts, with their conditions.
pub static SIGNALS: [(&str, u32, Signal); 9] = [
    ("InvalidOperation", INVALID, Signal::Single(&INVALID_SIGNAL)),
    ("FloatOperation", FLOAT_OPERATION, Signal::Several(&FLOAT_OPERATION_SIGNAL)),
    ("DivisionByZero", DIVISION_BY_ZERO, Signal::Several(&DIVISION_BY_ZERO_SIGNAL)),
    ("Overflow", OVERFLOW, Signal::Several(&OVERFLOW_SIGNAL)),
    ("Underflow", UNDERFLOW, Signal::Several(&UNDERFLOW_SIGNAL)),
    ("Subnormal", SUBNORMAL, Signal::Single(&SUBNORMAL_SIGNAL)),
    ("Inexact", INEXACT, Signal::Single(&INEXACT_SIGNAL)),
    ("Rounded", ROUNDED, Signal::Single(&ROUNDED_SIGNAL)),
    ("Clamped", CLAMPED, Signal::Single(&CLAMPED_SIGNAL)),
];

/// The conditions of InvalidOperation that have classes of their own.
pub static CONDITIONS: [(&str, u32, Signal); 5] = [
    ("InvalidOperation", INVALID_OPERATION, Signal::Single(&INVALID_SIGNAL)),
    ("ConversionSyntax", CONVERSION_SYNTAX, Signal::Single(&CONVERSION_SYNTAX_CONDITION)),
    ("DivisionImpossible", DIVISION_IMPOSSIBLE, Signal::Single(&DIVISION_IMPOSSIBLE_CONDITION)),
    ("DivisionUndefined", DIVISION_UNDEFINED, Signal::Several(&DIVISION_UNDEFINED_CONDITION)),
    ("InvalidContext", INVALID_CONTEXT, Signal::Single(&INVALID_CONTEXT_CONDITION)),
];

/// The order of `repr`.
const SHOWN: [usize; 9] = [8, 0, 2, 6, 1, 3, 7, 5, 4];

/// Raises the first of the signals, with the list of all.
#[cold]
fn raise_signals(status: u32) -> Raised {
    match signal_error(status) {
        Ok(raised) | Err(raised) => raised,
    }
}

fn signal_error(status: u32) -> PyResult<Raised> {
    if status & NO_MEMORY != 0 {
        return Ok(errors::no_memory());
    }
    let list = List::new();
    for (_, bit, class) in &CONDITIONS {
        if status & bit != 0 {
            list.push(class.class()?)?;
        }
    }
    let mut first = None;
    for (at, (_, bits, class)) in SIGNALS.iter().enumerate() {
        if status & bits == 0 {
            continue;
        }
        let class = class.class()?;
        if at > 0 {
            list.push(class.clone())?;
        }
        first.get_or_insert(class);
    }
    let Some(class) = first.as_ref().and_then(|class| class.downcast::<Type>()) else { return Err(errors::bad_internal_call()) };
    Ok(errors::raise_object(class, Some(&list)))
}

fn bits_of_signal(signal: &Object) -> PyResult<u32> {
    for (_, bits, class) in &SIGNALS {
        if signal.is(&*class.class()?) {
            return Ok(*bits);
        }
    }
    Err(err!(
        KeyError,
        "valid values for signals are:\n  [InvalidOperation, FloatOperation, DivisionByZero,\n   Overflow, Underflow, Subnormal, Inexact, Rounded,\n   Clamped]"
    ))
}

fn bits_of_list(list: &Object) -> PyResult<u32> {
    let mut bits = 0;
    let at = iter::get_iter(list)?;
    while let Some(signal) = iter::iter_next(&at)? {
        bits |= bits_of_signal(&signal)?;
    }
    Ok(bits)
}

fn list_of_bits(bits: u32) -> PyResult<Owned<List>> {
    let list = List::new();
    for (_, signal, class) in &SIGNALS {
        if bits & signal != 0 {
            list.push(class.class()?)?;
        }
    }
    Ok(list)
}

fn shown(bits: u32) -> String {
    let names: Vec<&str> = SHOWN.iter().map(|&at| &SIGNALS[at]).filter(|signal| bits & signal.1 != 0).map(|signal| signal.0).collect();
    format!("[{}]", names.join(", "))
}

// ---- roundings ----

pub const ROUNDINGS: [(&str, Rounding); 8] = [
    ("ROUND_UP", Rounding::Up),
    ("ROUND_DOWN", Rounding::Down),
    ("ROUND_CEILING", Rounding::Ceiling),
    ("ROUND_FLOOR", Rounding::Floor),
    ("ROUND_HALF_UP", Rounding::HalfUp),
    ("ROUND_HALF_DOWN", Rounding::HalfDown),
    ("ROUND_HALF_EVEN", Rounding::HalfEven),
    ("ROUND_05UP", Rounding::ZeroFiveUp),
];

pub fn rounding_of(value: &Object) -> PyResult<Rounding> {
    let found = value.downcast::<Str>().and_then(|name| ROUNDINGS.iter().find(|rounding| name.eq_str(rounding.0)));
    found.map(|rounding| rounding.1).ok_or_else(|| {
        err!(
            TypeError,
            "valid values for rounding are:\n  [ROUND_CEILING, ROUND_FLOOR, ROUND_UP, ROUND_DOWN,\n   ROUND_HALF_UP, ROUND_HALF_DOWN, ROUND_HALF_EVEN,\n   ROUND_05UP]"
        )
    })
}

fn name_of(rounding: Rounding) -> &'static str {
    ROUNDINGS.iter().find(|known| known.1 == rounding).map_or("", |known| known.0)
}

// ---- contexts ----

#[derive(Traverse)]
#[repr(C)]
pub struct Context {
    head: ObjectHead,
    #[traverse(skip)]
    pub settings: Cell<Settings>,
    pub capitals: Cell<bool>,
    /// Shared with the dicts of signals, which outlive the context without effect.
    #[traverse(skip)]
    pub status: Rc<Cell<u32>>,
    #[traverse(skip)]
    pub traps: Rc<Cell<u32>>,
    flags_dict: Cell<Option<Owned>>,
    traps_dict: Cell<Option<Owned>>,
    /// One of the module's own, which never becomes the current context itself.
    is_template: Cell<bool>,
}

const DEFAULT: Settings = Settings { prec: 28, emax: 999_999, emin: -999_999, rounding: Rounding::HalfEven, clamp: false };
const DEFAULT_TRAPS: u32 = INVALID | DIVISION_BY_ZERO | OVERFLOW;

/// What a context that is asked for without arguments is made from: DefaultContext, once there is one.
static TEMPLATE: Kept = Kept::new(OnceCell::new(), OnceCell::new);
static VARIABLE: Kept = Kept::new(OnceCell::new(), OnceCell::new);
static SIGNAL_DICT: Kept = Kept::new(OnceCell::new(), OnceCell::new);

/// What an interpreter keeps from the module's first copy on.
pub type Kept = PerInterpreter<OnceCell<Owned>>;

pub fn kept(cell: &'static Kept) -> Option<&'static Object> {
    cell.get().get().map(|object| &**object)
}

impl Context {
    pub fn make(cls: &Type, settings: Settings, capitals: bool, traps: u32) -> PyResult<Owned<Context>> {
        Self::construct(
            cls,
            Context {
                head: ObjectHead::placeholder(),
                settings: Cell::new(settings),
                capitals: Cell::new(capitals),
                status: Rc::new(Cell::new(0)),
                traps: Rc::new(Cell::new(traps)),
                flags_dict: Cell::new(None),
                traps_dict: Cell::new(None),
                is_template: Cell::new(false),
            },
        )
    }

    /// Remembers what happened, and raises what is trapped.
    #[inline]
    pub fn note(&self, status: u32) -> PyResult<()> {
        if status == 0 {
            return Ok(());
        }
        self.status.set(self.status.get() | status);
        if status & (self.traps.get() | NO_MEMORY) != 0 {
            return Err(raise_signals(status & (self.traps.get() | NO_MEMORY)));
        }
        Ok(())
    }

    pub fn duplicate(&self) -> PyResult<Owned<Context>> {
        let copy = Self::make(Self::type_object(), self.settings.get(), self.capitals.get(), self.traps.get())?;
        copy.status.set(self.status.get());
        Ok(copy)
    }

    pub fn set_signals(&self, is_flags: bool, value: &Object) -> PyResult<()> {
        let bits = bits_argument(value)?;
        if is_flags { self.status.set(bits) } else { self.traps.set(bits) }
        Ok(())
    }

    fn change(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.settings.get();
        change(&mut settings);
        self.settings.set(settings);
    }
}

fn integer(value: Option<&Object>) -> PyResult<i64> {
    let Some(value) = value else { return Err(err!(AttributeError, "context attributes cannot be deleted")) };
    match value.downcast::<Int>() {
        Some(value) => value.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C ssize_t")),
        None => Err(err!(TypeError, "an integer is required")),
    }
}

fn within(value: Option<&Object>, low: i64, high: i64, words: &str) -> PyResult<i64> {
    match integer(value)? {
        value if (low..=high).contains(&value) => Ok(value),
        _ => Err(err!(ValueError, "{}", words)),
    }
}

/// Flags or traps from a list of signals, a dict of all signals or another context's dict.
fn bits_argument(value: &Object) -> PyResult<u32> {
    if value.is_instance_of::<List>() { bits_of_list(value) } else { bits_of_dict(value) }
}

fn bits_of_dict(value: &Object) -> PyResult<u32> {
    if let Some(dict) = value.downcast::<SignalDict>() {
        return dict.bits();
    }
    let Some(dict) = value.downcast::<Dict>() else { return Err(err!(TypeError, "argument must be a signal dict")) };
    if dict.len() != SIGNALS.len() {
        return Err(err!(KeyError, "invalid signal dict"));
    }
    let mut bits = 0;
    for (_, signal, class) in &SIGNALS {
        let Some(value) = dict.get_item(&*class.class()?)? else { return Err(err!(KeyError, "invalid signal dict")) };
        if object::is_true(&value)? {
            bits |= signal;
        }
    }
    Ok(bits)
}

/// The context affects most operations and controls rounding,
/// Over/Underflow, raising of exceptions and much more.  A new context
/// is initialized as follows:
///
///     prec - precision, from 1
///     rounding, Emin, Emax, capitals, clamp
///     flags, traps - lists of signals
///
///     >>> from decimal import Context
///     >>> Context(prec=4).divide(1, 7)
///     Decimal('0.1429')
#[pytype(static = DecimalContext_Type, name = "Context", module = "decimal", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    signature = "(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)",
    methods = [Context::UNARY, Context::BINARY, Context::TESTS, Context::OTHERS])]
impl Context {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Context>> {
        match kept(&TEMPLATE).and_then(|template| template.downcast::<Context>()) {
            Some(template) => {
                Self::make(cls, template.settings.get(), template.capitals.get(), template.traps.get())
            }
            None => Self::make(cls, DEFAULT, true, DEFAULT_TRAPS),
        }
    }
    #[slot("Context(prec=None, rounding=None, Emin=None, Emax=None, capitals=None, clamp=None, flags=None, traps=None)")]
    #[allow(clippy::too_many_arguments)]
    fn tp_init(
        &self,
        prec: Option<&Object>,
        rounding: Option<&Object>,
        emin: Option<&Object>,
        emax: Option<&Object>,
        capitals: Option<&Object>,
        clamp: Option<&Object>,
        flags: Option<&Object>,
        traps: Option<&Object>,
    ) -> PyResult<()> {
        let setters: [(Option<&Object>, fn(&Context, Option<&Object>) -> PyResult<()>); 6] = [
            (prec, Context::set_prec),
            (rounding, Context::set_rounding),
            (emin, Context::set_emin),
            (emax, Context::set_emax),
            (capitals, Context::set_capitals),
            (clamp, Context::set_clamp),
        ];
        for (value, set) in setters {
            if value.is_some() {
                set(self, value)?;
            }
        }
        if let Some(traps) = traps {
            self.traps.set(bits_argument(traps)?);
        }
        if let Some(flags) = flags {
            self.status.set(bits_argument(flags)?);
        }
        Ok(())
    }
    #[slot]
    fn tp_repr(&self) -> String {
        let settings = self.settings.get();
        format!(
            "Context(prec={}, rounding={}, Emin={}, Emax={}, capitals={}, clamp={}, flags={}, traps={})",
            settings.prec,
            name_of(settings.rounding),
            settings.emin,
            settings.emax,
            self.capitals.get() as i32,
            settings.clamp as i32,
            shown(self.status.get()),
            shown(self.traps.get())
        )
    }
    #[slot]
    fn tp_getattro(&self, name: &Str) -> PyResult {
        if name.eq_str("traps") {
            return SignalDict::of(self, false);
        }
        if name.eq_str("flags") {
            return SignalDict::of(self, true);
        }
        generic_get_attr(self.as_object(), name)
    }
    #[slot]
    fn tp_setattro(&self, name: &Str, value: Option<&Object>) -> PyResult<()> {
        let is_traps = name.eq_str("traps");
        if is_traps || name.eq_str("flags") {
            let Some(value) = value else { return Err(err!(AttributeError, "context attributes cannot be deleted")) };
            let bits = bits_of_dict(value)?;
            if is_traps { self.traps.set(bits) } else { self.status.set(bits) }
            return Ok(());
        }
        if self.as_object().is_exact::<Context>() && self.as_object().ty().lookup(name).is_none() {
            return Err(err!(AttributeError, "'decimal.Context' object has no attribute '{}'", name.to_string_lossy()));
        }
        generic_set_attr(self.as_object(), name, value)
    }
    #[getter("prec")]
    fn prec(&self) -> i64 {
        self.settings.get().prec
    }
    #[setter("prec")]
    fn set_prec(&self, value: Option<&Object>) -> PyResult<()> {
        let prec = within(value, 1, MAX_PREC, "valid range for prec is [1, MAX_PREC]")?;
        self.change(|settings| settings.prec = prec);
        Ok(())
    }
    #[getter("Emax")]
    fn emax(&self) -> i64 {
        self.settings.get().emax
    }
    #[setter("Emax")]
    fn set_emax(&self, value: Option<&Object>) -> PyResult<()> {
        let emax = within(value, 0, MAX_EMAX, "valid range for Emax is [0, MAX_EMAX]")?;
        self.change(|settings| settings.emax = emax);
        Ok(())
    }
    #[getter("Emin")]
    fn emin(&self) -> i64 {
        self.settings.get().emin
    }
    #[setter("Emin")]
    fn set_emin(&self, value: Option<&Object>) -> PyResult<()> {
        let emin = within(value, MIN_EMIN, 0, "valid range for Emin is [MIN_EMIN, 0]")?;
        self.change(|settings| settings.emin = emin);
        Ok(())
    }
    #[getter("rounding")]
    fn rounding(&self) -> Owned<Str> {
        Str::intern(Str::new(name_of(self.settings.get().rounding)))
    }
    #[setter("rounding")]
    fn set_rounding(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(AttributeError, "context attributes cannot be deleted")) };
        let rounding = rounding_of(value)?;
        self.change(|settings| settings.rounding = rounding);
        Ok(())
    }
    #[getter("capitals")]
    fn capitals_number(&self) -> i32 {
        self.capitals.get() as i32
    }
    #[setter("capitals")]
    fn set_capitals(&self, value: Option<&Object>) -> PyResult<()> {
        self.capitals.set(within(value, 0, 1, "valid values for capitals are 0 or 1")? != 0);
        Ok(())
    }
    #[getter("clamp")]
    fn clamp(&self) -> i32 {
        self.settings.get().clamp as i32
    }
    #[setter("clamp")]
    fn set_clamp(&self, value: Option<&Object>) -> PyResult<()> {
        let clamp = within(value, 0, 1, "valid values for clamp are 0 or 1")? != 0;
        self.change(|settings| settings.clamp = clamp);
        Ok(())
    }
    /// Return a value equal to Emin - prec + 1, which is the minimum exponent value
    /// for subnormal results.
    #[method("Etiny($self, /)")]
    fn etiny(&self) -> i64 {
        self.settings.get().etiny()
    }
    /// Return a value equal to Emax - prec + 1, the maximum exponent if the
    /// 'clamp' field of the context is set to 1.
    #[method("Etop($self, /)")]
    fn etop(&self) -> i64 {
        self.settings.get().etop()
    }
    /// Reset all flags to False.
    #[method("clear_flags($self, /)")]
    fn clear_flags(&self) {
        self.status.set(0);
    }
    /// Set all traps to False.
    #[method("clear_traps($self, /)")]
    fn clear_traps(&self) {
        self.traps.set(0);
    }
    /// Return a duplicate of the context with all flags cleared.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Context>> {
        self.duplicate()
    }
    #[method("__copy__($self, /)")]
    fn dunder_copy(&self) -> PyResult<Owned<Context>> {
        self.duplicate()
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let settings = self.settings.get();
        let arguments = Tuple::from_owned(vec![
            Int::from_i64(settings.prec).into_object(),
            Str::new(name_of(settings.rounding)).into_object(),
            Int::from_i64(settings.emin).into_object(),
            Int::from_i64(settings.emax).into_object(),
            Int::from_i64(self.capitals.get() as i64).into_object(),
            Int::from_i64(settings.clamp as i64).into_object(),
            list_of_bits(self.status.get())?.into_object(),
            list_of_bits(self.traps.get())?.into_object(),
        ]);
        Ok(Tuple::pair(self.as_object().ty().as_object().to_owned(), arguments.into_object()))
    }
}

// ---- the current context ----

fn variable() -> PyResult<&'static ContextVar> {
    kept(&VARIABLE).and_then(|variable| variable.downcast::<ContextVar>()).ok_or_else(errors::bad_internal_call)
}

/// The current context; a copy of DefaultContext where there is none yet.
#[inline]
pub fn current() -> PyResult<Owned<Context>> {
    if let Some(found) = variable()?.lookup()? {
        return found.try_into_typed::<Context>().map_err(|_| errors::bad_internal_call());
    }
    first_context()
}

#[cold]
fn first_context() -> PyResult<Owned<Context>> {
    let context = match kept(&TEMPLATE).and_then(|template| template.downcast::<Context>()) {
        Some(template) => template.duplicate()?,
        None => Context::make(Context::type_object(), DEFAULT, true, DEFAULT_TRAPS)?,
    };
    context.status.set(0);
    variable()?.set_value(&context)?;
    Ok(context)
}

/// A `context` argument: None is the current one.
pub fn context_argument(value: Option<&Object>) -> PyResult<Owned<Context>> {
    match value {
        None => current(),
        Some(value) if value.is_none() => current(),
        Some(value) => match value.downcast::<Context>() {
            Some(context) => Ok(Owned::from_ref(context)),
            None => Err(err!(TypeError, "optional argument must be a context")),
        },
    }
}

pub fn set_current(value: &Object) -> PyResult<()> {
    let Some(context) = value.downcast::<Context>() else { return Err(err!(TypeError, "argument must be a context")) };
    // The templates must not change when somebody sets a precision.
    let context = if context.is_template.get() {
        let copy = context.duplicate()?;
        copy.status.set(0);
        copy
    } else {
        Owned::from_ref(context)
    };
    variable()?.set_value(&context).map(drop)
}

// ---- localcontext ----

#[derive(Traverse)]
#[repr(C)]
pub struct ContextManager {
    head: ObjectHead,
    local: Owned<Context>,
    global: Owned<Context>,
}

impl ContextManager {
    pub fn make(local: Owned<Context>, global: Owned<Context>) -> PyResult<Owned<ContextManager>> {
        Self::construct(Self::type_object(), ContextManager { head: ObjectHead::placeholder(), local, global })
    }
}

#[pytype(static = DecimalContextManager_Type, name = "ContextManager", module = "decimal", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native, final)]
impl ContextManager {
    #[method("__enter__($self, /)")]
    fn enter(&self) -> PyResult<Owned<Context>> {
        set_current(&self.local)?;
        Ok(self.local.clone())
    }
    #[method("__exit__($self, exc_type, exc_value, traceback, /)", nosig)]
    fn exit(&self, _exc_type: &Object, _exc_value: &Object, _traceback: &Object) -> PyResult<bool> {
        set_current(&self.global)?;
        Ok(false)
    }
}

// ---- dicts of signals ----

/// The base of `SignalDict`, which Python's MutableMapping completes: a context's flags or traps.
#[derive(Traverse)]
#[repr(C)]
pub struct SignalDict {
    head: ObjectHead,
    #[traverse(skip)]
    bits: Cell<Weak<Cell<u32>>>,
}

impl SignalDict {
    fn of(context: &Context, is_flags: bool) -> PyResult {
        let cell = if is_flags { &context.flags_dict } else { &context.traps_dict };
        if let Some(known) = cell.take() {
            cell.set(Some(known.clone()));
            return Ok(known);
        }
        let Some(class) = kept(&SIGNAL_DICT) else { return Err(errors::bad_internal_call()) };
        let made = call::call0(class)?;
        if let Some(dict) = made.downcast::<SignalDict>() {
            dict.bits.set(Rc::downgrade(if is_flags { &context.status } else { &context.traps }));
        }
        cell.set(Some(made.clone()));
        Ok(made)
    }
    /// The context's bits, if it lives.
    fn shared(&self) -> PyResult<Rc<Cell<u32>>> {
        let weak = self.bits.take();
        let shared = weak.upgrade();
        self.bits.set(weak);
        shared.ok_or_else(|| err!(ValueError, "invalid signal dict"))
    }
    fn bits(&self) -> PyResult<u32> {
        Ok(self.shared()?.get())
    }
    fn set_bits(&self, bits: u32) -> PyResult<()> {
        self.shared()?.set(bits);
        Ok(())
    }
}

#[pytype(static = SignalDictMixin_Type, name = "SignalDictMixin", module = "decimal", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl SignalDict {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<SignalDict>> {
        Self::construct(cls, SignalDict { head: ObjectHead::placeholder(), bits: Cell::new(Weak::new()) })
    }
    #[slot]
    fn tp_init(&self, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        Ok(())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let bits = self.bits()?;
        let items: Vec<String> =
            SIGNALS.iter().map(|signal| format!("<class 'decimal.{}'>:{}", signal.0, if bits & signal.1 != 0 { "True" } else { "False" })).collect();
        Ok(format!("{{{}}}", items.join(", ")))
    }
    #[slot(raw = tp_hash)]
    unsafe extern "C" fn tp_hash(op: *mut PyObject) -> isize {
        // SAFETY: a slot gets a live object.
        let _ = object::hash_not_implemented(unsafe { Object::from_ptr(op) });
        -1
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(not_implemented().to_owned());
        }
        let own = self.bits()?;
        let equal = if let Some(dict) = other.downcast::<SignalDict>() {
            own == dict.bits()?
        } else if other.is_instance_of::<Dict>() {
            let canonical = |bits: u32| SIGNALS.iter().fold(0, |all, signal| all | if bits & signal.1 != 0 { signal.1 } else { 0 });
            match errors::catch(bits_of_dict(other), exceptions::KeyError())? {
                Some(bits) => canonical(own) == canonical(bits),
                None => false,
            }
        } else {
            return Ok(not_implemented().to_owned());
        };
        Ok(bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        self.shared()?;
        let classes: PyResult<Vec<Owned>> = SIGNALS.iter().map(|signal| signal.2.class()).collect();
        iter::get_iter(&Tuple::from_owned(classes?))
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        self.shared()?;
        Ok(SIGNALS.len())
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult<bool> {
        let bits = self.bits()?;
        Ok(bits & bits_of_signal(key)? != 0)
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        let bits = self.bits()?;
        let Some(value) = value else { return Err(err!(ValueError, "signal keys cannot be deleted")) };
        let signal = bits_of_signal(key)?;
        let on = object::is_true(value)?;
        self.set_bits(if on { bits | signal } else { bits & !signal })
    }
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Dict>> {
        let bits = self.bits()?;
        let copy = Dict::new();
        for (_, signal, class) in &SIGNALS {
            copy.set_item(&*class.class()?, bool_object(bits & signal != 0))?;
        }
        Ok(copy)
    }
}

/// Makes what the module needs; DefaultContext, BasicContext and ExtendedContext.
pub fn set_up() -> PyResult<[Owned<Context>; 3]> {
    for ty in [&DecimalContext_Type, &DecimalContextManager_Type, &SignalDictMixin_Type] {
        runtime::types::type_ready(ty)?;
    }
    if SIGNAL_DICT.get().get().is_none() {
        let mapping = get_attr(&*runtime::import::import_module("collections.abc")?, intern!("MutableMapping"))?;
        let bases = Tuple::pair(SignalDictMixin_Type.as_object().to_owned(), mapping);
        let abc_meta = runtime::protocol::object::get_attr_str(&*runtime::import::import_module("abc")?, "ABCMeta")?;
        let class = call::call_args(&abc_meta, &[&Str::new("SignalDict"), &bases, &Dict::new()])?;
        let _ = SIGNAL_DICT.get().set(class);
        let variable = ContextVar::new(&Str::new("decimal_context"), None)?;
        let _ = VARIABLE.get().set(variable.into_object());
    }
    let default = match kept(&TEMPLATE).and_then(|template| template.downcast::<Context>()) {
        Some(template) => Owned::from_ref(template),
        None => {
            let made = Context::make(Context::type_object(), DEFAULT, true, DEFAULT_TRAPS)?;
            let _ = TEMPLATE.get().set(made.clone().into_object());
            made
        }
    };
    let basic = Settings { prec: 9, rounding: Rounding::HalfUp, ..DEFAULT };
    let basic = Context::make(Context::type_object(), basic, true, DEFAULT_TRAPS | UNDERFLOW | CLAMPED)?;
    let extended = Context::make(Context::type_object(), Settings { prec: 9, ..DEFAULT }, true, 0)?;
    for template in [&default, &basic, &extended] {
        template.is_template.set(true);
    }
    Ok([default, basic, extended])
}

/// A context of IEEE 754's interchange formats.
pub fn ieee(bits: i64) -> PyResult<Owned<Context>> {
    if bits <= 0 || bits > 512 || bits % 32 != 0 {
        return Err(err!(ValueError, "argument must be a multiple of 32, with a maximum of 512"));
    }
    let emax = 3 * (1i64 << (bits / 16 + 3));
    let settings = Settings { prec: 9 * (bits / 32) - 2, emax, emin: 1 - emax, rounding: Rounding::HalfEven, clamp: true };
    Context::make(Context::type_object(), settings, true, 0)
}
