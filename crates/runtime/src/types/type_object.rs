//! Types as the object model uses them: where their dict is, attribute lookup along the MRO with its cache, version tags, watchers,
//! subclasses. Making types is in `type_new.rs`, `type_ready.rs` and `from_spec.rs`; the Python face of `type` in `type_methods.rs`.
//!
//! Invariants. A type with a version tag has only bases with one. Whoever changes what a lookup through a type can find calls
//! `Type::modified`, the only place where a tag is withdrawn; it goes down to all subclasses. A cache entry is valid as long as its
//! version is the type's. The dict of a static built-in type is private (`tp_cache` holds it); of every other type it is `tp_dict`.

use crate::errors::{PyResult, from_c};
use crate::object::{Object, Owned, PyTyped, Type, set_cell, xdecref};
use crate::types::attributes::descr_get;
use crate::types::{self, Dict, Str, Tuple};
use abi::{PyHeapTypeObject, PyObject, PyTypeObject};
use std::cell::{Cell, UnsafeCell};
use std::ptr;

/// Wraps state that only the holder of the GIL touches.
pub struct GilCell<T>(pub T);
// SAFETY: touched under the GIL only.
unsafe impl<T> Sync for GilCell<T> {}

pub use crate::gc::generic_alloc;

pub const STATIC_BUILTIN: u64 = 1 << 1;
/// After so many new versions a class is no longer given one: it changes all the time, and tags are finite.
const MAX_VERSIONS_PER_CLASS: u16 = 1000;

// ---- facts -------------------------------------------------------------------------------------------------------------------------

impl Type {
    #[inline(always)]
    pub fn is_ready(&self) -> bool {
        self.has_flag(abi::Py_TPFLAGS_READY as u64)
    }
    #[inline(always)]
    pub fn is_heap_type(&self) -> bool {
        self.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64)
    }
    #[inline(always)]
    pub fn is_static_builtin(&self) -> bool {
        self.has_flag(STATIC_BUILTIN)
    }
    #[inline(always)]
    pub fn is_gc(&self) -> bool {
        self.has_flag(abi::Py_TPFLAGS_HAVE_GC as u64)
    }
    pub fn add_flags(&self, flags: u64) {
        self.0.tp_flags.set(self.0.tp_flags.get() | flags);
    }
    pub fn clear_flags(&self, flags: u64) {
        self.0.tp_flags.set(self.0.tp_flags.get() & !flags);
    }
    /// The heap type struct, if this is one.
    #[inline]
    pub fn heap(&self) -> Option<&PyHeapTypeObject> {
        // SAFETY: the flag says that the struct is a heap type.
        if self.is_heap_type() { Some(unsafe { &*(self.as_type_ptr() as *const PyHeapTypeObject) }) } else { None }
    }
    /// The dict's pointer, NULL before `type_ready`.
    #[inline(always)]
    pub fn dict_ptr(&self) -> *mut PyObject {
        let dict = self.0.tp_dict.get();
        if dict.is_null() { self.0.tp_cache.get() } else { dict }
    }
    /// The type's dict, which must only be changed together with a call of `modified`.
    #[inline]
    pub fn dict(&self) -> &Dict {
        match self.dict_opt() {
            Some(dict) => dict,
            None => panic!("type '{}' has no dict: it is not ready", self.name()),
        }
    }
    #[inline(always)]
    pub fn dict_opt(&self) -> Option<&Dict> {
        // SAFETY: NULL or a dict.
        unsafe { (self.dict_ptr() as *const Dict).as_ref() }
    }
    /// Installs the dict where it belongs for this kind of type. Takes over the reference.
    pub(crate) fn install_dict(&self, dict: Owned<Dict>) {
        let cell = if self.is_static_builtin() { &self.0.tp_cache } else { &self.0.tp_dict };
        // SAFETY: the cell owns its dict.
        unsafe { set_cell(cell, dict.into_raw()) };
    }
    #[inline]
    pub fn base(&self) -> Option<&Type> {
        // SAFETY: NULL or a type that this type keeps alive.
        unsafe { (self.0.tp_base.get() as *const Type).as_ref() }
    }
    /// The direct bases; empty before `type_ready`.
    #[inline]
    pub fn bases(&self) -> Option<&Tuple> {
        // SAFETY: NULL or a tuple.
        unsafe { (self.0.tp_bases.get() as *const Tuple).as_ref() }
    }
    #[inline]
    pub fn mro(&self) -> Option<&Tuple> {
        // SAFETY: NULL or a tuple.
        unsafe { (self.0.tp_mro.get() as *const Tuple).as_ref() }
    }
    /// The name after the last dot of `tp_name` (`_PyType_Name`).
    pub fn short_name(&self) -> &str {
        let name = self.name();
        name.rsplit('.').next().unwrap_or(name)
    }
    /// Space that instances take before `nitems` items are added.
    #[inline]
    pub fn basicsize(&self) -> usize {
        self.0.tp_basicsize.get() as usize
    }
    /// Calls `tp_alloc`.
    #[inline]
    pub fn alloc(&self, nitems: isize) -> PyResult {
        match self.0.tp_alloc.get() {
            // SAFETY: a slot of the type itself.
            Some(alloc) => unsafe { from_c(alloc(self.as_type_ptr(), nitems)) },
            None => crate::gc::generic_alloc(self, nitems),
        }
    }
}

// ---- the method cache --------------------------------------------------------------------------------------------------------------

const CACHE_SIZE: usize = 4096;
const CACHE_NAME_LIMIT: usize = 100;

/// Where instances with inline values keep an attribute, as far as it is known. Shared keys only ever grow: an index stays right, and a
/// name that was not among the first `entries` is none of them as long as there are no more.
#[derive(Clone, Copy)]
pub struct Place {
    /// -1: not among the keys.
    pub index: i16,
    /// -1: not looked for.
    pub entries: i16,
}

impl Place {
    const UNKNOWN: Place = Place { index: -1, entries: -1 };
}

struct CacheEntry {
    version: Cell<u32>,
    place: Cell<Place>,
    /// Owned.
    name: Cell<*mut PyObject>,
    /// Borrowed from the type that holds it; NULL says that there is no such attribute.
    value: Cell<*mut PyObject>,
}

static CACHE: GilCell<[CacheEntry; CACHE_SIZE]> = GilCell(
    [const { CacheEntry { version: Cell::new(0), place: Cell::new(Place::UNKNOWN), name: Cell::new(ptr::null_mut()), value: Cell::new(ptr::null_mut()) } }; CACHE_SIZE],
);

#[inline(always)]
fn cache_entry(version: u32, name: *mut PyObject) -> &'static CacheEntry {
    &CACHE.0[(version as usize ^ (name as usize >> 4)) & (CACHE_SIZE - 1)]
}

impl Type {
    /// `_PyType_Lookup`: the attribute that the MRO gives, not bound. Borrowed from the class that holds it: take a reference before
    /// anything can run Python code.
    #[inline]
    pub fn lookup(&self, name: &Str) -> Option<&Object> {
        let version = self.0.tp_version_tag.get();
        if version != 0 {
            let entry = cache_entry(version, name.as_ptr());
            if entry.version.get() == version && entry.name.get() == name.as_ptr() {
                // SAFETY: a valid entry's value is held by a class of the MRO.
                return unsafe { Object::from_ptr_opt(entry.value.get()) };
            }
        }
        self.lookup_uncached(name)
    }

    /// As `lookup`, and where an instance has an attribute of that name.
    #[inline]
    pub fn lookup_placed(&self, name: &Str) -> (Option<&Object>, Place) {
        let version = self.0.tp_version_tag.get();
        if version != 0 {
            let entry = cache_entry(version, name.as_ptr());
            if entry.version.get() == version && entry.name.get() == name.as_ptr() {
                // SAFETY: a valid entry's value is held by a class of the MRO.
                return (unsafe { Object::from_ptr_opt(entry.value.get()) }, entry.place.get());
            }
        }
        (self.lookup_uncached(name), Place::UNKNOWN)
    }

    /// Looks an exact `str` up in the shared keys, for those who come later too.
    /// # Safety
    /// The type has inline values.
    #[inline(never)]
    pub unsafe fn find_place(&self, name: &Str) -> Place {
        // SAFETY: such a type has shared keys; an exact str's hash is there or can be made.
        let place = unsafe {
            let keys = types::dict::inline_values::cached_keys(self);
            let index = types::dict::keys::lookup_unicode(keys, name.as_ptr(), types::dict::keys::str_hash(name.as_ptr()));
            Place { index: index as i16, entries: (*keys).nentries as i16 }
        };
        let version = self.0.tp_version_tag.get();
        if version != 0 {
            let entry = cache_entry(version, name.as_ptr());
            if entry.version.get() == version && entry.name.get() == name.as_ptr() {
                entry.place.set(place);
            }
        }
        place
    }

    #[cold]
    #[inline(never)]
    fn lookup_uncached(&self, name: &Str) -> Option<&Object> {
        let cacheable = std::ptr::eq(name.ty(), types::str_type()) && name.len() <= CACHE_NAME_LIMIT;
        let version = if cacheable { self.version() } else { 0 };
        let found = self.find_in_mro(name);
        if version != 0 && self.0.tp_version_tag.get() == version {
            let entry = cache_entry(version, name.as_ptr());
            let old = entry.name.replace(name.as_object().to_owned().into_raw());
            entry.value.set(found.map_or(ptr::null_mut(), |v| v.as_ptr()));
            entry.place.set(Place::UNKNOWN);
            entry.version.set(version);
            // SAFETY: the entry owned its name; a str's deallocation runs no Python code.
            unsafe { xdecref(old) };
        }
        found
    }

    fn find_in_mro(&self, name: &Str) -> Option<&Object> {
        if self.0.tp_mro.get().is_null() && !self.is_ready() && !self.has_flag(abi::Py_TPFLAGS_READYING as u64) {
            if types::type_ready(self).is_err() {
                crate::errors::clear();
                return None;
            }
        }
        let mro = Owned::from_ref(self.mro()?);
        for i in 0..mro.len() {
            // SAFETY: an MRO holds types.
            let class = unsafe { mro.get(i).cast::<Type>() };
            if let Some(dict) = class.dict_opt()
                && let Some(value) = dict.get_str_borrowed(name)
            {
                // SAFETY: the class keeps the value alive; the class outlives `self`'s MRO.
                return Some(unsafe { Object::from_ptr(value.as_ptr()) });
            }
        }
        None
    }

    /// As `lookup`, with a `str` that need not be interned; for slow paths.
    pub fn lookup_str(&self, name: &str) -> Option<&Object> {
        let name = Str::intern(Str::new(name));
        self.lookup(&name)
    }

    /// The type's version tag, assigned if it has none; 0 if none can be given.
    #[inline]
    pub fn version(&self) -> u32 {
        let version = self.0.tp_version_tag.get();
        if version != 0 { version } else { self.assign_version() }
    }

    #[cold]
    fn assign_version(&self) -> u32 {
        if !self.is_ready() || self.0.tp_versions_used.get() >= MAX_VERSIONS_PER_CLASS {
            return 0;
        }
        if let Some(bases) = self.bases() {
            for i in 0..bases.len() {
                // SAFETY: bases are types.
                if unsafe { bases.get(i).cast::<Type>() }.version() == 0 {
                    return 0;
                }
            }
        }
        let version = NEXT_VERSION.0.get();
        if version == 0 {
            return 0;
        }
        NEXT_VERSION.0.set(version.wrapping_add(1));
        self.0.tp_version_tag.set(version);
        if !self.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
            self.0.tp_versions_used.set(self.0.tp_versions_used.get() + 1);
        }
        version
    }

    /// The class gets no version from now on.
    pub(crate) fn never_cache(&self) {
        self.0.tp_version_tag.set(0);
        self.0.tp_versions_used.set(MAX_VERSIONS_PER_CLASS);
    }

    /// `PyType_Modified`: forgets what was cached about the type and its subclasses, and tells the watchers.
    pub fn modified(&self) {
        if self.0.tp_version_tag.get() == 0 {
            return;
        }
        self.for_each_subclass(|sub| sub.modified());
        if self.0.tp_watched.get() != 0 {
            self.notify_watchers();
        }
        self.0.tp_version_tag.set(0);
        if let Some(heap) = self.heap() {
            heap._spec_cache.getitem.set(ptr::null_mut());
            heap._spec_cache.getitem_version.set(0);
            heap._spec_cache.init_version.set(0);
            heap._spec_cache.init.set(ptr::null_mut());
        }
    }

    #[cold]
    fn notify_watchers(&self) {
        let mut bits = self.0.tp_watched.get();
        let mut i = 0;
        while bits != 0 {
            if bits & 1 != 0
                && let Some(callback) = WATCHERS.0[i].get()
            {
                // SAFETY: a registered callback.
                if unsafe { callback(self.as_type_ptr()) } < 0 {
                    let pending = crate::errors::take();
                    let shown = crate::protocol::object::repr(self).map_or_else(|_| self.name().to_string(), |shown| shown.to_string());
                    crate::errors::clear();
                    if let Some(pending) = pending {
                        crate::errors::restore(pending);
                    }
                    crate::exceptions::write_unraisable(Some(&format!("Exception ignored in type watcher callback #{i} for {shown}")), None);
                }
            }
            i += 1;
            bits >>= 1;
        }
    }
}

static NEXT_VERSION: GilCell<Cell<u32>> = GilCell(Cell::new(1));

/// `PyType_ClearCache`: gives the highest version used.
pub fn clear_cache() -> u32 {
    for entry in &CACHE.0 {
        entry.version.set(0);
        entry.value.set(ptr::null_mut());
        let name = entry.name.replace(ptr::null_mut());
        // SAFETY: the entry owned its name.
        unsafe { xdecref(name) };
    }
    NEXT_VERSION.0.get().wrapping_sub(1)
}

/// `_PyType_LookupByVersion` is not kept; caches hold the type's address beside the version. This says whether both still agree.
#[inline(always)]
pub fn has_version(ty: &Type, version: u32) -> bool {
    ty.0.tp_version_tag.get() == version
}

// ---- watchers ----------------------------------------------------------------------------------------------------------------------

pub const MAX_WATCHERS: usize = 8;
static WATCHERS: GilCell<[Cell<Option<abi::PyType_WatchCallback>>; MAX_WATCHERS]> = GilCell([const { Cell::new(None) }; MAX_WATCHERS]);

/// `PyType_AddWatcher`. Watcher 0 belongs to the interpreter.
pub fn add_watcher(callback: abi::PyType_WatchCallback) -> PyResult<i32> {
    for (i, slot) in WATCHERS.0.iter().enumerate().skip(1) {
        if slot.get().is_none() {
            slot.set(Some(callback));
            return Ok(i as i32);
        }
    }
    Err(crate::err!(RuntimeError, "no more type watcher IDs available"))
}

fn watcher(id: i32) -> PyResult<&'static Cell<Option<abi::PyType_WatchCallback>>> {
    let Some(slot) = usize::try_from(id).ok().and_then(|i| WATCHERS.0.get(i)) else {
        return Err(crate::err!(ValueError, "Invalid type watcher ID {}", id));
    };
    if slot.get().is_none() {
        return Err(crate::err!(ValueError, "No type watcher set for ID {}", id));
    }
    Ok(slot)
}

/// `PyType_ClearWatcher`.
pub fn clear_watcher(id: i32) -> PyResult<()> {
    watcher(id)?.set(None);
    Ok(())
}

/// `PyType_Watch`.
pub fn watch(id: i32, ty: &Object) -> PyResult<()> {
    let Some(ty) = ty.downcast::<Type>() else {
        return Err(crate::err!(ValueError, "Cannot watch non-type"));
    };
    watcher(id)?;
    // A type without a version is not reported when it changes.
    ty.version();
    ty.0.tp_watched.set(ty.0.tp_watched.get() | 1 << id);
    Ok(())
}

/// `PyType_Unwatch`.
pub fn unwatch(id: i32, ty: &Object) -> PyResult<()> {
    let Some(ty) = ty.downcast::<Type>() else {
        return Err(crate::err!(ValueError, "Cannot watch non-type"));
    };
    watcher(id)?;
    ty.0.tp_watched.set(ty.0.tp_watched.get() & !(1 << id));
    Ok(())
}

// ---- subclasses --------------------------------------------------------------------------------------------------------------------

/// `tp_subclasses` points to one of these: the direct subclasses in order of creation. A subclass takes itself out when it dies.
/// Each with its interpreter: the subclasses of static types are of many.
struct Subclasses(UnsafeCell<Vec<(*mut PyTypeObject, i64)>>);

impl Type {
    fn subclass_list(&self) -> Option<&Subclasses> {
        // SAFETY: NULL or a box of ours; nothing else writes the field.
        unsafe { (self.0.tp_subclasses.get() as *const Subclasses).as_ref() }
    }

    pub(crate) fn add_subclass(&self, sub: &Type) {
        if self.0.tp_subclasses.get().is_null() {
            let list = Box::new(Subclasses(UnsafeCell::new(Vec::new())));
            self.0.tp_subclasses.set(Box::into_raw(list) as *mut _);
        }
        if let Some(list) = self.subclass_list() {
            // SAFETY: no reference into the vector is held anywhere.
            let list = unsafe { &mut *list.0.get() };
            if !list.iter().any(|&(known, _)| known == sub.as_type_ptr()) {
                list.push((sub.as_type_ptr(), crate::state::get().id));
            }
        }
    }

    pub(crate) fn remove_subclass(&self, sub: &Type) {
        if let Some(list) = self.subclass_list() {
            // SAFETY: no reference into the vector is held anywhere.
            let list = unsafe { &mut *list.0.get() };
            if let Some(at) = list.iter().rposition(|&(known, _)| known == sub.as_type_ptr()) {
                list.remove(at);
            }
        }
    }

    /// Frees the bookkeeping of a type that dies.
    pub(crate) fn free_subclass_list(&self) {
        let list = self.0.tp_subclasses.replace(ptr::null_mut());
        if !list.is_null() {
            // SAFETY: made by `add_subclass`.
            drop(unsafe { Box::from_raw(list as *mut Subclasses) });
        }
    }

    pub fn has_subclasses(&self) -> bool {
        // SAFETY: no mutable reference is held.
        self.subclass_list().is_some_and(|list| unsafe { !(*list.0.get()).is_empty() })
    }

    /// Calls `f` for each living direct subclass. `f` may change the list (it is walked by index).
    pub(crate) fn for_each_subclass(&self, mut f: impl FnMut(&Type)) {
        let mut i = 0;
        while let Some(list) = self.subclass_list() {
            // SAFETY: the reference ends with the statement.
            let Some(&(sub, _)) = (unsafe { (&*list.0.get()).get(i) }) else { break };
            // SAFETY: listed subclasses live.
            f(unsafe { Type::from_type_ptr(sub) });
            i += 1;
        }
    }

    /// The direct subclasses, those being deallocated left out.
    pub fn subclasses(&self) -> Vec<Owned<Type>> {
        let mut all = Vec::new();
        self.for_each_subclass(|sub| {
            if sub.refcount() != 0 {
                all.push(Owned::from_type(sub));
            }
        });
        all
    }

    /// As `subclasses`, without those that other interpreters made.
    pub fn own_subclasses(&self) -> Vec<Owned<Type>> {
        let here = crate::state::get().id;
        let is_own = |sub: &Owned<Type>| {
            // SAFETY: the reference ends with the statement.
            let made = self.subclass_list().and_then(|list| unsafe { &*list.0.get() }.iter().find(|(known, _)| *known == sub.as_type_ptr()));
            made.is_some_and(|&(_, made)| made == here) || !sub.has_flag(abi::Py_TPFLAGS_HEAPTYPE as u64)
        };
        self.subclasses().into_iter().filter(is_own).collect()
    }

    pub(crate) fn add_to_bases(&self) {
        if let Some(bases) = self.bases() {
            for i in 0..bases.len() {
                if let Some(base) = bases.get(i).downcast::<Type>() {
                    base.add_subclass(self);
                }
            }
        }
    }

    pub(crate) fn remove_from_bases(&self) {
        if let Some(bases) = self.bases() {
            for i in 0..bases.len() {
                if let Some(base) = bases.get(i).downcast::<Type>() {
                    base.remove_subclass(self);
                }
            }
        }
    }
}

// ---- attributes of types -----------------------------------------------------------------------------------------------------------

/// Whether the slot is `type.__getattribute__`'s own.
#[inline]
pub fn is_type_getattro(slot: abi::getattrofunc) -> bool {
    ptr::fn_addr_eq(slot, type_getattro as abi::getattrofunc)
}

/// `type.__getattribute__`: `Ok(None)` if there is no such attribute.
pub fn lookup_attribute(ty: &Type, name: &Str) -> PyResult<Option<Owned>> {
    let metatype = ty.ty();
    if !ty.is_ready() {
        types::type_ready(ty)?;
    }
    let meta = metatype.lookup(name).map(|m| m.to_owned());
    if let Some(meta) = &meta {
        let mty = meta.ty();
        if mty.0.tp_descr_set.get().is_some()
            && let Some(get) = mty.0.tp_descr_get.get()
        {
            // SAFETY: a slot of the descriptor's own type.
            return unsafe { from_c(get(meta.raw(), ty.as_ptr(), metatype.as_ptr())) }.map(Some);
        }
    }
    if let Some(own) = ty.lookup(name) {
        let own = own.to_owned();
        return match own.ty().0.tp_descr_get.get() {
            // SAFETY: a slot of the descriptor's own type.
            Some(get) => unsafe { from_c(get(own.raw(), ptr::null_mut(), ty.as_ptr())) }.map(Some),
            None => Ok(Some(own)),
        };
    }
    let Some(meta) = meta else { return Ok(None) };
    match descr_get(&meta, Some(ty), Some(metatype)) {
        Some(bound) => bound.map(Some),
        None => Ok(Some(meta)),
    }
}

/// `tp_getattro` of `type`.
/// # Safety
/// A type and a name.
pub unsafe extern "C" fn type_getattro(ty: *mut PyObject, name: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    let (ty, name) = unsafe { (Object::from_ptr(ty).cast::<Type>(), Object::from_ptr(name)) };
    let result = match name.downcast::<Str>() {
        Some(name) => match lookup_attribute(ty, name) {
            Ok(Some(value)) => Ok(value),
            Ok(None) => Err(crate::err!(AttributeError, "type object '{}' has no attribute '{}'", ty.name(), name)),
            Err(raised) => Err(raised),
        },
        None => Err(crate::err!(TypeError, "attribute name must be string, not '{}'", name.type_name())),
    };
    crate::errors::to_c(result)
}

/// Sets or deletes an attribute of a type (`type.__setattr__`).
pub fn set_type_attribute(ty: &Type, name: &Object, value: Option<&Object>) -> PyResult<()> {
    if ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
        let name = crate::protocol::object::repr(name)?;
        return Err(crate::err!(TypeError, "cannot set {} attribute of immutable type '{}'", name, ty.name()));
    }
    let Some(given) = name.downcast::<Str>() else {
        return Err(crate::err!(TypeError, "attribute name must be string, not '{}'", name.type_name()));
    };
    let name = if std::ptr::eq(given.ty(), types::str_type()) { Str::intern(Owned::from_ref(given)) } else { Owned::from_ref(given) };
    if !ty.is_ready() {
        types::type_ready(ty)?;
    }
    let dict = Owned::from_ref(ty.dict());
    // The old value outlives the change, so that what its end runs sees the type in its new state.
    let _old = dict.get_str(&name);
    ty.modified();
    let result = types::attributes::generic_set_attr_with_dict(ty, &name, value, Some(&dict));
    ty.modified();
    result?;
    if is_dunder(&name) {
        types::slots::update_slot(ty, &name);
    }
    Ok(())
}

/// Stores into the type's own dict, with all that follows from it; for code that fills types in.
pub fn set_in_dict(ty: &Type, name: &Str, value: &Object) -> PyResult<()> {
    ty.dict().set_item(name, value)?;
    ty.modified();
    if is_dunder(name) && ty.is_ready() {
        types::slots::update_slot(ty, name);
    }
    Ok(())
}

/// `tp_setattro` of `type`.
/// # Safety
/// A type, a name, a value or NULL.
pub unsafe extern "C" fn type_setattro(ty: *mut PyObject, name: *mut PyObject, value: *mut PyObject) -> i32 {
    // SAFETY: by contract.
    let (ty, name, value) = unsafe { (Object::from_ptr(ty).cast::<Type>(), Object::from_ptr(name), Object::from_ptr_opt(value)) };
    if set_type_attribute(ty, name, value).is_ok() { 0 } else { -1 }
}

/// Whether a name has the form `__x__`.
pub fn is_dunder(name: &Str) -> bool {
    let n = name.len();
    let underscore = b'_' as u32;
    n > 4
        && name.char_at(0) == underscore
        && name.char_at(1) == underscore
        && name.char_at(n - 1) == underscore
        && name.char_at(n - 2) == underscore
}

/// `_PyObject_LookupSpecial`: the attribute of the object's type, bound to the object. `Ok(None)` if there is none.
pub fn lookup_special(o: &Object, name: &Str) -> PyResult<Option<Owned>> {
    let ty = o.ty();
    let Some(found) = ty.lookup(name) else { return Ok(None) };
    let found = found.to_owned();
    match descr_get(&found, Some(o), Some(ty)) {
        Some(bound) => bound.map(Some),
        None => Ok(Some(found)),
    }
}

/// As `lookup_special`, but a method is not bound: `true` says that the object has to be passed in front.
pub fn lookup_special_method(o: &Object, name: &Str) -> PyResult<Option<(Owned, bool)>> {
    let ty = o.ty();
    let Some(found) = ty.lookup(name) else { return Ok(None) };
    let found = found.to_owned();
    if found.ty().has_flag(abi::Py_TPFLAGS_METHOD_DESCRIPTOR as u64) {
        return Ok(Some((found, true)));
    }
    match descr_get(&found, Some(o), Some(ty)) {
        Some(bound) => bound.map(|b| Some((b, false))),
        None => Ok(Some((found, false))),
    }
}
