//! The callable that `lru_cache` makes.
//!
//! The dict `cache` maps keys to results (unbounded) or to `Link`s (bounded). The links also form a list from the least to the most
//! recently used; the list owns one count of each link in it. A key's hash is computed once, before anything else, and the user's function
//! may call the cache again or clear it: after it returned nothing that was known before is taken for granted.

use crate::calls::{self, Entry, call_with, vectorcall_call};
use abi::PyObject;
use macros::{Traverse, pytype};
use runtime::errors::PyResult;
use runtime::macro_support::{Args, KwArgs, Traverse, Visitor};
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::{get_attr, hash, is_callable};
use runtime::protocol::{call, number};
use runtime::types::{Dict, Int, Method, Str, Tuple, none, object, type_ready};
use runtime::{err, exceptions, intern};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

// ---- the list of links ---------------------------------------------------------------------------------------------------------

#[derive(Traverse)]
#[repr(C)]
pub struct Link {
    head: ObjectHead,
    #[traverse(skip)]
    older: Cell<*const Link>,
    #[traverse(skip)]
    newer: Cell<*const Link>,
    hash: Cell<isize>,
    #[traverse(skip)]
    key: Cell<Option<Owned>>,
    #[traverse(skip)]
    result: Cell<Option<Owned>>,
}

#[pytype(static = Link_Type, name = "_lru_list_elem", module = "functools", flags = DISALLOW_INSTANTIATION | IMMUTABLETYPE, native)]
impl Link {}

impl Link {
    fn result(&self) -> Option<Owned> {
        // SAFETY: cloned at once.
        unsafe { (*self.result.as_ptr()).clone() }
    }
}

/// The links in order of use, both ends NULL when there are none.
struct Links {
    oldest: Cell<*const Link>,
    newest: Cell<*const Link>,
}

impl Links {
    const EMPTY: Links = Links { oldest: Cell::new(ptr::null()), newest: Cell::new(ptr::null()) };

    /// Adds a link that is in no list; the list keeps the count.
    fn push_newest(&self, link: Owned<Link>) {
        let link = link.into_raw() as *const Link;
        // SAFETY: links in the list are alive.
        unsafe {
            let last = self.newest.replace(link);
            (*link).older.set(last);
            (*link).newer.set(ptr::null());
            match last.as_ref() {
                Some(last) => last.newer.set(link),
                None => self.oldest.set(link),
            }
        }
    }
    /// Puts a link back where `take_oldest` took it from.
    fn push_oldest(&self, link: Owned<Link>) {
        let link = link.into_raw() as *const Link;
        // SAFETY: as above.
        unsafe {
            let first = self.oldest.replace(link);
            (*link).newer.set(first);
            (*link).older.set(ptr::null());
            match first.as_ref() {
                Some(first) => first.older.set(link),
                None => self.newest.set(link),
            }
        }
    }
    /// Takes a link of this list out, and gives the list's count.
    /// # Safety
    /// The link is in this list.
    unsafe fn remove(&self, link: &Link) -> Owned<Link> {
        let (older, newer) = (link.older.replace(ptr::null()), link.newer.replace(ptr::null()));
        // SAFETY: neighbours are NULL or links of the list; the count moves to the caller.
        unsafe {
            match older.as_ref() {
                Some(older) => older.newer.set(newer),
                None => self.oldest.set(newer),
            }
            match newer.as_ref() {
                Some(newer) => newer.older.set(older),
                None => self.newest.set(older),
            }
            Owned::from_raw(link as *const Link as *mut PyObject)
        }
    }
    fn contains(&self, link: &Link) -> bool {
        !link.older.get().is_null() || !link.newer.get().is_null() || ptr::eq(self.newest.get(), link)
    }
    fn take_oldest(&self) -> Option<Owned<Link>> {
        // SAFETY: links in the list are alive.
        unsafe { self.oldest.get().as_ref().map(|link| self.remove(link)) }
    }
    fn is_empty(&self) -> bool {
        self.oldest.get().is_null()
    }
    /// Empties the list before any link is dropped.
    fn clear_all(&self) {
        let mut taken = Vec::new();
        while let Some(link) = self.take_oldest() {
            taken.push(link);
        }
    }
}

impl Traverse for Links {
    fn traverse(&self, visitor: &mut Visitor) {
        let mut at = self.oldest.get();
        // SAFETY: links in the list are alive; no code runs while they are visited.
        while let Some(link) = unsafe { at.as_ref() } {
            link.key.traverse(visitor);
            link.result.traverse(visitor);
            at = link.newer.get();
        }
    }
    fn clear(&self) {
        self.clear_all();
    }
}

impl Drop for Links {
    fn drop(&mut self) {
        self.clear_all();
    }
}

// ---- the wrapper ---------------------------------------------------------------------------------------------------------------

#[derive(Clone, Copy, PartialEq, Eq)]
enum Limit {
    None,
    /// Nothing is kept.
    Zero,
    Links(isize),
}

#[derive(Traverse)]
#[repr(C)]
pub struct LruCache {
    head: ObjectHead,
    #[traverse(skip)]
    vectorcall: Entry,
    links: Links,
    cache: Owned<Dict>,
    function: Owned,
    cache_info_type: Owned,
    #[traverse(skip)]
    limit: Limit,
    typed: bool,
    hits: Cell<isize>,
    misses: Cell<isize>,
    dict: Cell<Option<Owned<Dict>>>,
    #[traverse(skip)]
    weakrefs: Cell<*mut PyObject>,
}

struct Mark(Cell<*const Object>);
// SAFETY: touched under the GIL only.
unsafe impl Sync for Mark {}
static KEYWORDS_FOLLOW: Mark = Mark(Cell::new(ptr::null()));

/// The object between positional and keyword arguments in a key.
fn keywords_mark() -> PyResult<&'static Object> {
    if KEYWORDS_FOLLOW.0.get().is_null() {
        let mark = object::new_instance(Object::type_object())?;
        KEYWORDS_FOLLOW.0.set(mark.into_raw() as *const Object);
    }
    // SAFETY: owned by the static for ever.
    Ok(unsafe { &*KEYWORDS_FOLLOW.0.get() })
}

impl LruCache {
    fn key(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        if !self.typed && kwargs.is_empty() {
            if let [only] = args
                && (only.is_exact::<Str>() || only.is_exact::<Int>())
            {
                return Ok((*only).to_owned());
            }
            return Ok(Tuple::new(args).into_object());
        }
        let mut parts: Vec<&Object> = Vec::with_capacity(2 * args.len() + 3 * kwargs.len() + 1);
        parts.extend_from_slice(args);
        if !kwargs.is_empty() {
            parts.push(keywords_mark()?);
            for (name, value) in kwargs.iter() {
                parts.push(name);
                parts.push(value);
            }
        }
        if self.typed {
            parts.extend(args.iter().chain(kwargs.values).map(|o| o.ty().as_object()));
        }
        Ok(Tuple::new(&parts).into_object())
    }

    #[inline]
    fn count_hit(&self) {
        self.hits.set(self.hits.get().wrapping_add(1));
    }
    #[inline]
    fn count_miss(&self) {
        self.misses.set(self.misses.get().wrapping_add(1));
    }

    fn call(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        match self.limit {
            Limit::None => self.call_unbounded(args, kwargs),
            Limit::Links(limit) => self.call_bounded(limit, args, kwargs),
            Limit::Zero => {
                self.count_miss();
                call_with(&self.function, args, kwargs)
            }
        }
    }

    fn call_unbounded(&self, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let key = self.key(args, kwargs)?;
        let hash = hash(&key)?;
        if let Some(result) = self.cache.get_known_hash(&key, hash)? {
            self.count_hit();
            return Ok(result);
        }
        self.count_miss();
        let result = call_with(&self.function, args, kwargs)?;
        self.cache.set_known_hash(&key, hash, &result)?;
        Ok(result)
    }

    fn call_bounded(&self, limit: isize, args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let key = self.key(args, kwargs)?;
        let hash = hash(&key)?;
        if let Some(found) = self.cache.get_known_hash(&key, hash)? {
            // SAFETY: the values of a bounded cache are links.
            let link = unsafe { found.cast::<Link>() };
            if self.links.contains(link) {
                // SAFETY: it is in the list.
                let held = unsafe { self.links.remove(link) };
                self.links.push_newest(held);
            }
            self.count_hit();
            return link.result().ok_or_else(|| err!(SystemError, "cached result is missing"));
        }
        self.count_miss();
        let result = call_with(&self.function, args, kwargs)?;
        self.keep(limit, key, hash, &result)?;
        Ok(result)
    }

    /// Puts a result that was just computed into a bounded cache.
    fn keep(&self, limit: isize, key: Owned, hash: isize, result: &Object) -> PyResult<()> {
        if self.cache.get_known_hash(&key, hash)?.is_some() {
            // The function called the cache with the same arguments, and that call has kept its result.
            return Ok(());
        }
        if (self.cache.len() as isize) < limit || self.links.is_empty() {
            let link = Link {
                head: ObjectHead::placeholder(),
                older: Cell::new(ptr::null()),
                newer: Cell::new(ptr::null()),
                hash: Cell::new(hash),
                key: Cell::new(Some(key.clone())),
                result: Cell::new(Some(result.to_owned())),
            };
            let link = Link::construct(Link::type_object(), link)?;
            self.cache.set_known_hash(&key, hash, &link)?;
            self.links.push_newest(link);
            return Ok(());
        }
        // Full: the oldest link gets the new key and result.
        let Some(link) = self.links.take_oldest() else { return Ok(()) };
        // SAFETY: cloned at once.
        let Some(old_key) = (unsafe { (*link.key.as_ptr()).clone() }) else { return Ok(()) };
        match self.cache.take_known_hash(&old_key, link.hash.get()) {
            Err(raised) => {
                self.links.push_oldest(link);
                return Err(raised);
            }
            // Something removed the old key meanwhile; the link is an orphan.
            Ok(None) => return Ok(()),
            Ok(Some(_)) => {}
        }
        link.hash.set(hash);
        let old = (link.key.replace(Some(key.clone())), link.result.replace(Some(result.to_owned())));
        self.cache.set_known_hash(&key, hash, &link)?;
        self.links.push_newest(link);
        drop((old, old_key));
        Ok(())
    }
}

unsafe extern "C" fn lru_vectorcall(this: *mut PyObject, args: *const *mut PyObject, nargsf: usize, kwnames: *mut PyObject) -> *mut PyObject {
    // SAFETY: a vectorcall.
    unsafe { calls::enter::<LruCache>(this, args, nargsf, kwnames, LruCache::call) }
}

/// Create a cached callable that wraps another function.
///
/// user_function:      the function being cached
///
/// maxsize:  0         for no caching
///           None      for unlimited cache size
///           n         for a bounded cache
///
/// typed:    False     cache f(3) and f(3.0) as identical calls
///           True      cache f(3) and f(3.0) as distinct calls
///
/// cache_info_type:    namedtuple class with the fields:
///                         hits misses currsize maxsize
#[pytype(static = LruCache_Type, name = "_lru_cache_wrapper", module = "functools",
    flags = HAVE_GC | HAVE_VECTORCALL | METHOD_DESCRIPTOR | IMMUTABLETYPE, native, tp_call = vectorcall_call,
    dictoffset = offset_of!(LruCache, dict), weaklistoffset = offset_of!(LruCache, weakrefs), vectorcall_offset = offset_of!(LruCache, vectorcall))]
impl LruCache {
    #[slot("lru_cache(user_function, maxsize, typed, cache_info_type)")]
    fn tp_new(cls: &Type, user_function: &Object, maxsize: &Object, typed: bool, cache_info_type: &Object) -> PyResult<Owned<LruCache>> {
        if !is_callable(user_function) {
            return Err(err!(TypeError, "the first argument must be callable"));
        }
        let limit = if maxsize.is_none() {
            Limit::None
        } else if number::check_index(maxsize) {
            match number::as_isize(maxsize, Some(exceptions::OverflowError()))? {
                ..=0 => Limit::Zero,
                n => Limit::Links(n),
            }
        } else {
            return Err(err!(TypeError, "maxsize should be integer or None"));
        };
        type_ready(&Link_Type)?;
        let value = LruCache {
            head: ObjectHead::placeholder(),
            vectorcall: Cell::new(Some(lru_vectorcall)),
            links: Links::EMPTY,
            cache: Dict::new(),
            function: user_function.to_owned(),
            cache_info_type: cache_info_type.to_owned(),
            limit,
            typed,
            hits: Cell::new(0),
            misses: Cell::new(0),
            dict: Cell::new(None),
            weakrefs: Cell::new(ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn tp_descr_get(&self, obj: Option<&Object>, _ty: Option<&Object>) -> PyResult {
        match obj {
            Some(obj) if !obj.is_none() => Ok(Method::new(self, obj)?.into_object()),
            _ => Ok(self.to_owned()),
        }
    }
    #[getter("__dict__")]
    fn get_dict(&self) -> PyResult<Owned<Dict>> {
        runtime::protocol::object::generic_get_dict(self)
    }
    #[setter("__dict__")]
    fn set_dict(&self, value: Option<&Object>) -> PyResult<()> {
        runtime::protocol::object::generic_set_dict(self, value)
    }
    /// Report cache statistics
    #[method("cache_info($self, /)")]
    fn cache_info(&self) -> PyResult {
        let limit = match self.limit {
            Limit::None => none().to_owned(),
            Limit::Zero => Int::from_i64(0).into_object(),
            Limit::Links(n) => Int::from_i64(n as i64).into_object(),
        };
        let (hits, misses, size) = (Int::from_i64(self.hits.get() as i64), Int::from_i64(self.misses.get() as i64), Int::from_usize(self.cache.len()));
        call::call_args(&self.cache_info_type, &[&hits, &misses, &limit, &size])
    }
    /// Clear the cache and cache statistics
    #[method("cache_clear($self, /)")]
    fn cache_clear(&self) {
        self.hits.set(0);
        self.misses.set(0);
        let mut old = Vec::new();
        while let Some(link) = self.links.take_oldest() {
            old.push(link);
        }
        Dict::clear(&self.cache);
    }
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult {
        get_attr(self, intern!("__qualname__"))
    }
    #[method("__copy__($self, /)", nosig)]
    fn copy(&self) -> Owned {
        self.to_owned()
    }
    #[method("__deepcopy__($self, memo, /)", nosig)]
    fn deepcopy(&self, _memo: &Object) -> Owned {
        self.to_owned()
    }
}
