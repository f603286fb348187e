//! `_contextvars`: contexts, context variables, tokens.
//!
//! A context's bindings are a block sorted by the variables' addresses. Copies of a context share the block until one of them changes
//! (`Bindings` is an object, so that the collector sees how often it is referred to). A variable remembers the value it had last in the
//! thread's current context; switching contexts makes that void (`context_ver`).

use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::exceptions;
use crate::macro_support::{Args, KwArgs};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type, set_cell};
use crate::protocol::object::{CompareOp, hash_pointer, not_implemented, repr, rich_compare_bool};
use crate::protocol::call;
use crate::tstate::ThreadState;
use crate::types::{self, Dict, GenericAlias, GilCell, Module, Str, Tuple};
use abi::PyObject;
use macros::{Traverse, pymodule, pytype};
use std::cell::{Cell, OnceCell, RefCell};
use std::mem::offset_of;
use std::ptr;

type Binding = (Owned<ContextVar>, Owned);

#[derive(Traverse)]
#[repr(C)]
pub struct Bindings {
    head: ObjectHead,
    sorted: RefCell<Vec<Binding>>,
}

#[pytype(static = _PyContext_Bindings_Type, name = "_bindings", module = "_contextvars", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl Bindings {}

impl Bindings {
    fn new(sorted: Vec<Binding>) -> PyResult<Owned<Bindings>> {
        types::type_ready(Bindings::type_object())?;
        Bindings::construct(Bindings::type_object(), Bindings { head: ObjectHead::placeholder(), sorted: RefCell::new(sorted) })
    }
    fn find(&self, var: &ContextVar) -> Result<usize, usize> {
        self.sorted.borrow().binary_search_by_key(&(var as *const ContextVar as *mut PyObject), |(v, _)| v.raw())
    }
    fn get(&self, var: &ContextVar) -> Option<Owned> {
        let at = self.find(var).ok()?;
        self.sorted.borrow().get(at).map(|(_, value)| value.clone())
    }
    fn snapshot(&self) -> Vec<Binding> {
        self.sorted.borrow().clone()
    }
    fn len(&self) -> usize {
        self.sorted.borrow().len()
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Context {
    head: ObjectHead,
    bindings: RefCell<Option<Owned<Bindings>>>,
    /// The context that was current when this one was entered.
    previous: RefCell<Option<Owned<Context>>>,
    entered: Cell<bool>,
    weakrefs: Cell<*mut PyObject>,
}

impl Context {
    fn with(bindings: Owned<Bindings>) -> PyResult<Owned<Context>> {
        types::type_ready(Context::type_object())?;
        Context::construct(
            Context::type_object(),
            Context {
                head: ObjectHead::placeholder(),
                bindings: RefCell::new(Some(bindings)),
                previous: RefCell::new(None),
                entered: Cell::new(false),
                weakrefs: Cell::new(ptr::null_mut()),
            },
        )
    }
    /// `PyContext_New`.
    pub fn new() -> PyResult<Owned<Context>> {
        Context::with(Bindings::new(Vec::new())?)
    }
    /// `PyContext_Copy`.
    pub fn copy(&self) -> PyResult<Owned<Context>> {
        Context::with(self.bindings()?)
    }
    fn bindings(&self) -> PyResult<Owned<Bindings>> {
        if let Some(bindings) = &*self.bindings.borrow() {
            return Ok(bindings.clone());
        }
        // The collector took them.
        let fresh = Bindings::new(Vec::new())?;
        *self.bindings.borrow_mut() = Some(fresh.clone());
        Ok(fresh)
    }
    fn get(&self, var: &ContextVar) -> PyResult<Option<Owned>> {
        Ok(self.bindings()?.get(var))
    }
    /// The bindings, not shared with any other context.
    fn own_bindings(&self) -> PyResult<Owned<Bindings>> {
        let bindings = self.bindings()?;
        // Ours and the context's.
        if bindings.object().refcount() <= 2 {
            return Ok(bindings);
        }
        let copy = Bindings::new(bindings.snapshot())?;
        let old = self.bindings.borrow_mut().replace(copy.clone());
        drop(old);
        Ok(copy)
    }
    fn set(&self, var: &ContextVar, value: &Object) -> PyResult<()> {
        let bindings = self.own_bindings()?;
        let place = bindings.find(var);
        let old = {
            let mut sorted = bindings.sorted.borrow_mut();
            match place {
                Ok(at) => Some(std::mem::replace(&mut sorted[at].1, value.to_owned())),
                Err(at) => {
                    sorted.insert(at, (Owned::from_ref(var), value.to_owned()));
                    None
                }
            }
        };
        drop(old);
        Ok(())
    }
    fn remove(&self, var: &ContextVar) -> PyResult<bool> {
        let bindings = self.own_bindings()?;
        let Ok(at) = bindings.find(var) else { return Ok(false) };
        let old = bindings.sorted.borrow_mut().remove(at);
        drop(old);
        Ok(true)
    }
}

/// The thread's current context, made if there is none.
pub fn current() -> PyResult<Owned<Context>> {
    let ts = ThreadState::current();
    // SAFETY: NULL or a context owned by the field.
    if let Some(context) = unsafe { Object::from_ptr_opt(ts.0.context.get()) } {
        // SAFETY: only contexts are put there.
        return Ok(Owned::from_ref(unsafe { context.cast::<Context>() }));
    }
    let fresh = Context::new()?;
    // SAFETY: the field owns its value.
    unsafe { set_cell(&ts.0.context, fresh.clone().into_raw()) };
    Ok(fresh)
}

/// `PyContext_CopyCurrent`.
pub fn copy_current() -> PyResult<Owned<Context>> {
    current()?.copy()
}

fn switch(to: Option<Owned<Context>>) {
    let ts = ThreadState::current();
    ts.0.context_ver.set(ts.0.context_ver.get() + 1);
    // SAFETY: the field owns its value.
    unsafe { set_cell(&ts.0.context, to.map_or(ptr::null_mut(), Owned::into_raw)) };
    if types::watchers::CONTEXT.active() {
        // SAFETY: NULL or the live context.
        types::watchers::tell_context(unsafe { Object::from_ptr_opt(ts.0.context.get()) }.map(Object::to_owned));
    }
}

/// `PyContext_Enter`.
pub fn enter(context: &Context) -> PyResult<()> {
    if context.entered.get() {
        let shown = repr(context.as_object())?;
        return Err(err!(RuntimeError, "cannot enter context: {} is already entered", &*shown));
    }
    let ts = ThreadState::current();
    // SAFETY: NULL or a context owned by the field.
    let previous = unsafe { Object::from_ptr_opt(ts.0.context.get()).map(|c| Owned::from_ref(c.cast::<Context>())) };
    context.entered.set(true);
    *context.previous.borrow_mut() = previous;
    switch(Some(Owned::from_ref(context)));
    Ok(())
}

/// `PyContext_Exit`.
pub fn exit(context: &Context) -> PyResult<()> {
    if !context.entered.get() {
        let shown = repr(context.as_object())?;
        return Err(err!(RuntimeError, "cannot exit context: {} has not been entered", &*shown));
    }
    if ThreadState::current().0.context.get() != context.as_object().as_ptr() {
        return Err(err!(RuntimeError, "cannot exit context: thread state references a different context object"));
    }
    let previous = context.previous.borrow_mut().take();
    context.entered.set(false);
    switch(previous);
    Ok(())
}

fn var_of(key: &Object) -> PyResult<&ContextVar> {
    match key.downcast_exact::<ContextVar>() {
        Some(var) => Ok(var),
        None => {
            let shown = repr(key)?;
            Err(err!(TypeError, "a ContextVar key was expected, got {}", &*shown))
        }
    }
}

/// A mapping of context variables to their values, and the environment of the code that runs in it.
#[pytype(static = PyContext_Type, name = "Context", module = "_contextvars", flags = HAVE_GC, native, weaklistoffset = offset_of!(Context, weakrefs),
    tp_hash = crate::protocol::object::PyObject_HashNotImplemented)]
impl Context {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<Context>> {
        if args.len() > 0 || kwargs.is_some_and(|k| k.len() > 0) {
            return Err(err!(TypeError, "Context() does not accept any arguments"));
        }
        Context::new()
    }
    #[slot]
    fn tp_richcompare(a: &Object, b: &Object, op: CompareOp) -> PyResult {
        let (CompareOp::Eq | CompareOp::Ne, Some(a), Some(b)) = (op, a.downcast_exact::<Context>(), b.downcast_exact::<Context>()) else {
            return Ok(not_implemented());
        };
        let (a, b) = (a.bindings()?, b.bindings()?);
        let mut equal = a.len() == b.len();
        if equal && a.raw() != b.raw() {
            for (var, value) in a.snapshot() {
                equal = match b.get(&var) {
                    Some(other) => rich_compare_bool(&value, &other, CompareOp::Eq)?,
                    None => false,
                };
                if !equal {
                    break;
                }
            }
        }
        Ok(types::bool_object(equal == (op == CompareOp::Eq)).to_owned())
    }
    #[slot]
    fn tp_iter(&self) -> PyResult {
        KeysIterator::over(self)
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        Ok(self.bindings()?.len())
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        match self.get(var_of(key)?)? {
            Some(value) => Ok(value),
            None => Err(errors::raise_object(exceptions::KeyError(), Some(key))),
        }
    }
    #[slot]
    fn sq_contains(&self, key: &Object) -> PyResult<bool> {
        Ok(self.get(var_of(key)?)?.is_some())
    }
    /// The value of a variable in this context, or the default.
    #[method("get($self, key, default=None, /)")]
    fn get_or(&self, key: &Object, default: Option<&Object>) -> PyResult<Option<Owned>> {
        Ok(self.get(var_of(key)?)?.or_else(|| default.map(Object::to_owned)))
    }
    /// The pairs of variable and value.
    #[method("items($self, /)")]
    fn items(&self) -> PyResult {
        ItemsIterator::over(self)
    }
    /// The variables.
    #[method("keys($self, /)")]
    fn keys(&self) -> PyResult {
        KeysIterator::over(self)
    }
    /// The values.
    #[method("values($self, /)")]
    fn values(&self) -> PyResult {
        ValuesIterator::over(self)
    }
    /// A copy, which changes no more with this context.
    #[method("copy($self, /)")]
    fn copy_method(&self) -> PyResult<Owned<Context>> {
        self.copy()
    }
    /// Call a function in this context; what it changes stays here.
    #[method("run($self, *args, **kwargs)", nosig)]
    fn run(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let [function, rest @ ..] = args else {
            return Err(err!(TypeError, "run() missing 1 required positional argument"));
        };
        enter(self)?;
        let result = if kwargs.is_empty() {
            call::call_args(function, rest)
        } else {
            let words = Dict::new();
            let filled = kwargs.iter().try_for_each(|(name, value)| words.set_item(name, value));
            filled.and_then(|()| call::call(function, &Tuple::new(rest), Some(&words)))
        };
        match result {
            Ok(result) => exit(self).map(|()| result),
            Err(raised) => {
                let failure = errors::take();
                if exit(self).is_err() {
                    return Err(Raised::from_c());
                }
                match failure {
                    Some(failure) => Err(errors::restore(failure)),
                    None => Err(raised),
                }
            }
        }
    }
}

macro_rules! iterators {
    ($($ty:ident $static_:ident $name:literal $pick:expr;)*) => {$(
        #[derive(Traverse)]
        #[repr(C)]
        pub struct $ty {
            head: ObjectHead,
            left: RefCell<Vec<Binding>>,
        }
        impl $ty {
            fn over(context: &Context) -> PyResult {
                types::type_ready($ty::type_object())?;
                let mut left = context.bindings()?.snapshot();
                left.reverse();
                Ok($ty::construct($ty::type_object(), $ty { head: ObjectHead::placeholder(), left: RefCell::new(left) })?.into_object())
            }
        }
        #[pytype(static = $static_, name = $name, flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
        impl $ty {
            #[slot]
            fn tp_iter(this: &Object) -> Owned {
                this.to_owned()
            }
            #[slot]
            fn tp_iternext(&self) -> PyResult<Option<Owned>> {
                let next = self.left.borrow_mut().pop();
                let pick: fn(Binding) -> Owned = $pick;
                Ok(next.map(pick))
            }
        }
    )*};
}
iterators! {
    KeysIterator _PyContextKeys_Type "keys" |(var, _)| var.into_object();
    ValuesIterator _PyContextValues_Type "values" |(_, value)| value;
    ItemsIterator _PyContextItems_Type "items" |(var, value)| Tuple::pair(var.into_object(), value).into_object();
}

#[derive(Traverse)]
#[repr(C)]
pub struct ContextVar {
    head: ObjectHead,
    name: Owned<Str>,
    default: Option<Owned>,
    /// The value in the current context of the thread with id `cached_thread` while that is at version `cached_version`; borrowed.
    cached: Cell<*mut PyObject>,
    cached_thread: Cell<u64>,
    cached_version: Cell<u64>,
    weakrefs: Cell<*mut PyObject>,
}

impl ContextVar {
    /// `PyContextVar_New`.
    pub fn new(name: &Str, default: Option<&Object>) -> PyResult<Owned<ContextVar>> {
        crate::protocol::object::hash(name)?;
        types::type_ready(ContextVar::type_object())?;
        ContextVar::construct(
            ContextVar::type_object(),
            ContextVar {
                head: ObjectHead::placeholder(),
                name: Owned::from_ref(name),
                default: default.map(Object::to_owned),
                cached: Cell::new(ptr::null_mut()),
                cached_thread: Cell::new(0),
                cached_version: Cell::new(0),
                weakrefs: Cell::new(ptr::null_mut()),
            },
        )
    }
    fn remember(&self, ts: &ThreadState, value: &Object) {
        self.cached.set(value.as_ptr());
        self.cached_thread.set(ts.0.id.get());
        self.cached_version.set(ts.0.context_ver.get());
    }
    /// The value in the current context, if it has one there.
    pub fn lookup(&self) -> PyResult<Option<Owned>> {
        let ts = ThreadState::current();
        let cached = self.cached.get();
        if !cached.is_null() && self.cached_thread.get() == ts.0.id.get() && self.cached_version.get() == ts.0.context_ver.get() {
            // SAFETY: the current context holds the value; a change there passes by `set_value`.
            return Ok(Some(unsafe { Object::from_ptr(cached) }.to_owned()));
        }
        // SAFETY: NULL or a context owned by the field.
        let Some(context) = (unsafe { Object::from_ptr_opt(ts.0.context.get()).map(|c| c.cast::<Context>()) }) else { return Ok(None) };
        let found = context.get(self)?;
        if let Some(value) = &found {
            self.remember(ts, value);
        }
        Ok(found)
    }
    /// `PyContextVar_Get`: the value, the default given, the variable's default, or `None`.
    pub fn value(&self, default: Option<&Object>) -> PyResult<Option<Owned>> {
        Ok(self.lookup()?.or_else(|| default.map(Object::to_owned)).or_else(|| self.default.clone()))
    }
    fn bind(&self, value: Option<&Object>) -> PyResult<bool> {
        self.cached.set(ptr::null_mut());
        let context = current()?;
        match value {
            Some(value) => {
                context.set(self, value)?;
                self.remember(ThreadState::current(), value);
                Ok(true)
            }
            None => context.remove(self),
        }
    }
    /// `PyContextVar_Set`.
    pub fn set_value(&self, value: &Object) -> PyResult<Owned<Token>> {
        let context = current()?;
        let old = context.get(self)?;
        let token = Token::construct(
            Token::type_object(),
            Token {
                head: ObjectHead::placeholder(),
                context,
                var: Owned::from_ref(self),
                old,
                used: Cell::new(false),
            },
        )?;
        self.bind(Some(value))?;
        Ok(token)
    }
    /// `PyContextVar_Reset`.
    pub fn reset_to(&self, token: &Token) -> PyResult<()> {
        let shown = || repr(token.as_object());
        if token.used.get() {
            return Err(err!(RuntimeError, "{} has already been used once", &*shown()?));
        }
        if !std::ptr::eq(self, &*token.var) {
            return Err(err!(ValueError, "{} was created by a different ContextVar", &*shown()?));
        }
        if current()?.raw() != token.context.raw() {
            return Err(err!(ValueError, "{} was created in a different Context", &*shown()?));
        }
        token.used.set(true);
        if !self.bind(token.old.as_deref())? {
            return Err(errors::raise_object(exceptions::LookupError(), Some(self.as_object())));
        }
        Ok(())
    }
}

/// A variable whose value depends on the context that code runs in.
#[pytype(static = PyContextVar_Type, name = "ContextVar", module = "_contextvars", flags = HAVE_GC, native, weaklistoffset = offset_of!(ContextVar, weakrefs),
    members = [("name", T_OBJECT, offset_of!(ContextVar, name), READONLY)])]
impl ContextVar {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<Owned<ContextVar>> {
        let given = args.len() + kwargs.map_or(0, |k| k.len());
        if args.len() > 1 {
            return Err(err!(TypeError, "ContextVar() takes at most 1 positional argument ({} given)", given));
        }
        if args.len() < 1 {
            return Err(err!(TypeError, "ContextVar() takes exactly 1 positional argument ({} given)", given));
        }
        let mut default = None;
        let mut position = 0;
        while let Some((key, value)) = kwargs.and_then(|k| k.next(&mut position)) {
            match key.downcast::<Str>() {
                Some(key) if key.eq_str("default") => default = Some(value),
                Some(key) => return Err(err!(TypeError, "ContextVar() got an unexpected keyword argument '{}'", key)),
                None => return Err(err!(TypeError, "keywords must be strings")),
            }
        }
        let Some(name) = args.get(0).downcast::<Str>() else {
            return Err(err!(TypeError, "context variable name must be a str"));
        };
        ContextVar::new(name, default.as_deref())
    }
    #[slot]
    fn tp_hash(this: &Object) -> isize {
        hash_pointer(this)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let name = repr(&self.name)?;
        let this: *const ContextVar = self;
        Ok(match &self.default {
            Some(default) => format!("<ContextVar name={} default={} at {this:p}>", &*name, &*repr(default)?),
            None => format!("<ContextVar name={} at {this:p}>", &*name),
        })
    }
    /// The value in the current context; else the default given, else the variable's, else LookupError.
    #[method("get($self, default=<unrepresentable>, /)")]
    fn get(&self, default: Option<&Object>) -> PyResult {
        match self.value(default)? {
            Some(value) => Ok(value),
            None => Err(errors::raise_object(exceptions::LookupError(), Some(self.as_object()))),
        }
    }
    /// Set the value in the current context. The result is a token that reset() takes.
    #[method("set($self, value, /)")]
    fn set(&self, value: &Object) -> PyResult<Owned<Token>> {
        self.set_value(value)
    }
    /// Make the value what it was before the set() that made the token.
    #[method("reset($self, token, /)")]
    fn reset(&self, token: &Object) -> PyResult<()> {
        match token.downcast_exact::<Token>() {
            Some(token) => self.reset_to(token),
            None => {
                let shown = repr(token)?;
                Err(err!(TypeError, "expected an instance of Token, got {}", &*shown))
            }
        }
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Token {
    head: ObjectHead,
    context: Owned<Context>,
    var: Owned<ContextVar>,
    old: Option<Owned>,
    used: Cell<bool>,
}

#[pytype(static = PyContextToken_Type, name = "Token", module = "_contextvars", flags = HAVE_GC, native,
    tp_hash = crate::protocol::object::PyObject_HashNotImplemented)]
impl Token {
    #[slot]
    fn tp_new(_cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Token>> {
        Err(err!(RuntimeError, "Tokens can only be created by ContextVars"))
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let used = if self.used.get() { " used" } else { "" };
        let var = repr(self.var.as_object())?;
        let this: *const Token = self;
        Ok(format!("<Token{used} var={} at {this:p}>", &*var))
    }
    #[getter]
    fn var(&self) -> Owned<ContextVar> {
        self.var.clone()
    }
    #[getter]
    fn old_value(&self) -> PyResult {
        match &self.old {
            Some(old) => Ok(old.clone()),
            None => missing(),
        }
    }
    /// See PEP 585
    #[classmethod("__class_getitem__($type, object, /)")]
    fn class_getitem(cls: &Type, object: &Object) -> PyResult {
        GenericAlias::make(cls, object)
    }
    /// The token itself.
    #[method("__enter__($self, /)")]
    fn enter(&self) -> Owned {
        self.as_object().to_owned()
    }
    /// Reset the variable.
    #[method("__exit__($self, type, val, tb, /)")]
    fn exit(&self, _ty: &Object, _value: &Object, _tb: &Object) -> PyResult<()> {
        self.var.reset_to(self)
    }
}

/// The type of `Token.MISSING`.
#[derive(Traverse)]
#[repr(C)]
pub struct Missing {
    head: ObjectHead,
}

#[pytype(static = _PyContextTokenMissing_Type, name = "Token.MISSING", flags = DISALLOW_INSTANTIATION, native)]
impl Missing {
    #[slot]
    fn tp_repr(&self) -> &'static str {
        "<Token.MISSING>"
    }
}

fn missing() -> PyResult {
    static MISSING: GilCell<OnceCell<Owned>> = GilCell(OnceCell::new());
    if let Some(missing) = MISSING.0.get() {
        return Ok(missing.clone());
    }
    types::type_ready(Missing::type_object())?;
    let made = Missing::construct(Missing::type_object(), Missing { head: ObjectHead::placeholder() })?.into_object();
    Ok(MISSING.0.get_or_init(|| made).clone())
}

/// Context variables.
#[pymodule(name = "_contextvars")]
#[types(PyContext_Type, PyContextVar_Type, PyContextToken_Type)]
pub mod module {
    use super::*;

    #[exec]
    fn exec(_module: &Module) -> PyResult<()> {
        let token = Token::type_object();
        token.dict().set("MISSING", &*missing()?)?;
        token.modified();
        Ok(())
    }

    /// A copy of the current context.
    #[function("copy_context($module, /)")]
    fn copy_context() -> PyResult<Owned<Context>> {
        copy_current()
    }
}
