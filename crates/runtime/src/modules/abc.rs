//! `_abc`: the machinery of abstract base classes.
//!
//! Each one has a registry and two caches, sets of weak references to classes. The cache of negative answers is void as soon as
//! any class is registered anywhere (`COUNTER`).

use crate::err;
use crate::errors::{self, PyResult};
use crate::exceptions;
use crate::intern;
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::{call, iter, object, sequence};
use crate::types::{self, Dict, FrozenSet, Int, Set, Str, Tuple, WeakRef};
use macros::{Traverse, pymodule, pytype};
use std::cell::Cell;
use std::sync::atomic::{AtomicU64, Ordering};

static COUNTER: AtomicU64 = AtomicU64::new(0);

const COLLECTION_FLAGS: u64 = (abi::Py_TPFLAGS_SEQUENCE | abi::Py_TPFLAGS_MAPPING) as u64;

/// What an abstract base class keeps: `cls._abc_impl`.
#[derive(Traverse)]
#[repr(C)]
pub struct AbcData {
    head: ObjectHead,
    registry: Cell<Option<Owned<Set>>>,
    cache: Cell<Option<Owned<Set>>>,
    negative: Cell<Option<Owned<Set>>>,
    negative_version: Cell<u64>,
}

#[pytype(static = _PyAbc_Data_Type, name = "_abc_data", module = "_abc", flags = HAVE_GC, native)]
impl AbcData {}

type SetCell = Cell<Option<Owned<Set>>>;

/// Removes a dead reference from its set.
#[derive(Traverse)]
#[repr(C)]
pub struct Remover {
    head: ObjectHead,
    /// A weak reference to the set.
    set: Owned<WeakRef>,
}

#[pytype(static = _PyAbc_Remover_Type, name = "_remover", module = "_abc", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl Remover {
    #[slot]
    fn tp_call(&self, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<()> {
        if let (Some(set), Some(reference)) = (self.set.get(), args.get_opt(0))
            && let Some(set) = Set::from_any(&set)
        {
            set.discard(reference)?;
        }
        Ok(())
    }
}

fn held(cell: &SetCell) -> Option<Owned<Set>> {
    // SAFETY: cloning runs no code that could replace the value.
    unsafe { (*cell.as_ptr()).clone() }
}

/// Whether a class is in a set of weak references.
fn contains(cell: &SetCell, class: &Object) -> PyResult<bool> {
    let Some(set) = held(cell).filter(|s| !s.is_empty()) else { return Ok(false) };
    match errors::catch(WeakRef::new(class, None), exceptions::TypeError())? {
        Some(reference) => set.contains(&reference),
        None => Ok(false),
    }
}

fn add(cell: &SetCell, class: &Object) -> PyResult<()> {
    let set = match held(cell) {
        Some(set) => set,
        None => {
            let set = Set::new();
            cell.set(Some(set.clone()));
            set
        }
    };
    let remover = Remover { head: ObjectHead::placeholder(), set: WeakRef::new(set.object(), None)? };
    types::type_ready(Remover::type_object())?;
    let remover = Remover::construct(Remover::type_object(), remover)?;
    let reference = WeakRef::new(class, Some(remover.as_object()))?;
    set.add(&reference)
}

fn data_of(class: &Object) -> PyResult<Owned<AbcData>> {
    let data = object::get_attr(class, intern!("_abc_impl"))?;
    data.try_into_typed::<AbcData>().map_err(|_| err!(TypeError, "_abc_impl is set to a wrong type"))
}

/// The negative cache, emptied if a class was registered since.
fn refresh_negative(data: &AbcData) {
    let now = COUNTER.load(Ordering::Relaxed);
    if data.negative_version.get() < now {
        data.negative_version.set(now);
        if let Some(set) = held(&data.negative) {
            set.clear();
        }
    }
}

/// The names of abstract methods of a class: its own, and the bases' that it does not override.
fn abstract_methods(class: &Object) -> PyResult<Owned<FrozenSet>> {
    let found = Set::new();
    let namespace = object::get_attr(class, intern!("__dict__"))?;
    let items = call::call_method0(&namespace, intern!("items"))?;
    let items = sequence::to_list(&items)?;
    for item in items.iter() {
        let Some(pair) = item.downcast::<Tuple>().filter(|p| p.len() == 2) else {
            return Err(err!(TypeError, "iteration over '{}' object returned something else than pairs", namespace.type_name()));
        };
        if object::is_abstract(pair.get(1))? {
            found.add(pair.get(0))?;
        }
    }
    let bases = object::get_attr(class, intern!("__bases__"))?;
    let Some(bases) = bases.downcast::<Tuple>() else { return Err(err!(TypeError, "__bases__ is not tuple")) };
    for base in bases.iter() {
        let Some(names) = object::get_attr_opt(base, intern!("__abstractmethods__"))? else { continue };
        let names = iter::get_iter(&names)?;
        while let Some(name) = iter::iter_next(&names)? {
            let value = match name.downcast::<Str>() {
                Some(name) => object::get_attr_opt(class, name)?,
                None => return Err(err!(TypeError, "attribute name must be string, not '{}'", name.type_name())),
            };
            if let Some(value) = value
                && object::is_abstract(&value)?
            {
                found.add(&name)?;
            }
        }
    }
    Set::frozen(found.object())
}

/// Marks a class and those that derive from it as sequences or mappings, for `match`.
fn set_collection_flag(class: &Type, flag: u64) {
    if class.flags() & COLLECTION_FLAGS == flag || class.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
        return;
    }
    class.clear_flags(COLLECTION_FLAGS);
    class.add_flags(flag);
    class.modified();
    for subclass in class.subclasses() {
        set_collection_flag(&subclass, flag);
    }
}

/// Whether `subclass` is one of the class's registered classes, or of their subclasses.
fn is_registered(data: &AbcData, subclass: &Object) -> PyResult<bool> {
    if contains(&data.registry, subclass)? {
        return Ok(true);
    }
    let Some(registry) = held(&data.registry) else { return Ok(false) };
    // issubclass() may change the registry.
    for reference in registry.to_vec() {
        let Some(class) = reference.downcast::<WeakRef>().and_then(|r| r.get()) else { continue };
        if object::is_subclass(subclass, &class)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn subclass_check(class: &Object, subclass: &Object) -> PyResult<bool> {
    let Some(subtype) = subclass.downcast::<Type>() else {
        return Err(err!(TypeError, "issubclass() arg 1 must be a class"));
    };
    let data = data_of(class)?;
    if contains(&data.cache, subclass)? {
        return Ok(true);
    }
    let current = data.negative_version.get() >= COUNTER.load(Ordering::Relaxed);
    refresh_negative(&data);
    if current && contains(&data.negative, subclass)? {
        return Ok(false);
    }
    let said = call::call_method(class, intern!("__subclasshook__"), &[subclass])?;
    if said.is(types::true_()) {
        add(&data.cache, subclass)?;
        return Ok(true);
    }
    if said.is(types::false_()) {
        add(&data.negative, subclass)?;
        return Ok(false);
    }
    if !said.is(types::not_implemented()) {
        return Err(err!(AssertionError, "__subclasshook__ must return either False, True, or NotImplemented"));
    }
    let direct = subtype.mro().is_some_and(|mro| mro.iter().any(|t| t.is(class)));
    if direct || is_registered(&data, subclass)? {
        add(&data.cache, subclass)?;
        return Ok(true);
    }
    let subclasses = call::call_method0(class, intern!("__subclasses__"))?;
    if !types::List::check(&subclasses) {
        return Err(err!(TypeError, "__subclasses__() must return a list"));
    }
    let subclasses = sequence::to_list(&subclasses)?;
    for candidate in subclasses.iter() {
        if object::is_subclass(subclass, &candidate)? {
            add(&data.cache, subclass)?;
            return Ok(true);
        }
    }
    add(&data.negative, subclass)?;
    Ok(false)
}

/// Speeds up abc.py.
#[pymodule(name = "_abc")]
pub mod module {
    use super::*;

    /// Set a new abstract base class up.
    #[function("_abc_init($module, self, /)")]
    fn abc_init(this: &Object) -> PyResult<()> {
        let names = abstract_methods(this)?;
        object::set_attr(this, intern!("__abstractmethods__"), Some(names.object()))?;
        let empty = || Cell::new(None);
        types::type_ready(AbcData::type_object())?;
        let data = AbcData::construct(
            AbcData::type_object(),
            AbcData {
                head: ObjectHead::placeholder(),
                registry: empty(),
                cache: empty(),
                negative: empty(),
                negative_version: Cell::new(COUNTER.load(Ordering::Relaxed)),
            },
        )?;
        object::set_attr(this, intern!("_abc_impl"), Some(data.as_object()))?;
        if let Some(class) = this.downcast::<Type>() {
            let flags = class.dict().pop(intern!("__abc_tpflags__"))?;
            if let Some(flags) = flags.as_ref().and_then(|f| f.downcast_exact::<Int>()).and_then(|f| f.as_i64()) {
                let flags = flags as u64 & COLLECTION_FLAGS;
                if flags == COLLECTION_FLAGS {
                    return Err(err!(TypeError, "__abc_tpflags__ cannot be both Py_TPFLAGS_SEQUENCE and Py_TPFLAGS_MAPPING"));
                }
                class.add_flags(flags);
                class.modified();
            }
        }
        Ok(())
    }

    /// Register a class as a virtual subclass.
    #[function("_abc_register($module, self, subclass, /)")]
    fn abc_register<'a>(this: &Object, subclass: &'a Object) -> PyResult<&'a Object> {
        let Some(subtype) = subclass.downcast::<Type>() else { return Err(err!(TypeError, "Can only register classes")) };
        if object::is_subclass(subclass, this)? {
            return Ok(subclass);
        }
        // The other way round would make the two the same.
        if object::is_subclass(this, subclass)? {
            return Err(err!(RuntimeError, "Refusing to create an inheritance cycle"));
        }
        let data = data_of(this)?;
        add(&data.registry, subclass)?;
        COUNTER.fetch_add(1, Ordering::Relaxed);
        if let Some(class) = this.downcast::<Type>() {
            let flag = class.flags() & COLLECTION_FLAGS;
            if flag != 0 {
                set_collection_flag(subtype, flag);
            }
        }
        Ok(subclass)
    }

    /// isinstance() for an abstract base class.
    #[function("_abc_instancecheck($module, self, instance, /)")]
    fn abc_instancecheck(this: &Object, instance: &Object) -> PyResult {
        let data = data_of(this)?;
        let subclass = object::get_attr_opt(instance, intern!("__class__"))?.unwrap_or_else(|| instance.ty().to_owned());
        if contains(&data.cache, &subclass)? {
            return Ok(types::true_().to_owned());
        }
        let subtype: Owned = instance.ty().to_owned();
        if subtype.raw() == subclass.raw() {
            if data.negative_version.get() == COUNTER.load(Ordering::Relaxed) && contains(&data.negative, &subclass)? {
                return Ok(types::false_().to_owned());
            }
            return call::call_method(this, intern!("__subclasscheck__"), &[&subclass]);
        }
        let said = call::call_method(this, intern!("__subclasscheck__"), &[&subclass])?;
        if object::is_true(&said)? {
            return Ok(said);
        }
        call::call_method(this, intern!("__subclasscheck__"), &[&subtype])
    }

    /// issubclass() for an abstract base class.
    #[function("_abc_subclasscheck($module, self, subclass, /)")]
    fn abc_subclasscheck(this: &Object, subclass: &Object) -> PyResult<bool> {
        subclass_check(this, subclass)
    }

    /// A number that changes when a class is registered: as long as it is the same, answers are.
    #[function("get_cache_token($module, /)")]
    fn get_cache_token() -> u64 {
        COUNTER.load(Ordering::Relaxed)
    }

    /// For debugging: registry, cache, negative cache (copies), and the negative cache's version.
    #[function("_get_dump($module, self, /)")]
    fn get_dump(this: &Object) -> PyResult<(Owned<Set>, Owned<Set>, Owned<Set>, u64)> {
        let data = data_of(this)?;
        let copy = |cell: &SetCell| match held(cell) {
            Some(set) => Set::from_iterable(set.object()),
            None => Ok(Set::new()),
        };
        Ok((copy(&data.registry)?, copy(&data.cache)?, copy(&data.negative)?, data.negative_version.get()))
    }

    /// For tests: empty the registry.
    #[function("_reset_registry($module, self, /)")]
    fn reset_registry(this: &Object) -> PyResult<()> {
        if let Some(set) = held(&data_of(this)?.registry) {
            set.clear();
        }
        Ok(())
    }

    /// For tests: empty the caches.
    #[function("_reset_caches($module, self, /)")]
    fn reset_caches(this: &Object) -> PyResult<()> {
        let data = data_of(this)?;
        for set in [held(&data.cache), held(&data.negative)].into_iter().flatten() {
            set.clear();
        }
        data.negative_version.set(0);
        Ok(())
    }
}
