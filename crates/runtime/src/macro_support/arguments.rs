//! Argument parsing: positional counts and `_PyArg_UnpackKeywords`, with CPython's words for what is wrong.
//!
//! Fast paths are inline and copy pointers; everything else is one non-generic function over slices.

use super::errors;
use crate::errors::{PyResult, Raised};
use crate::object::{Object, Owned, PyTyped};
use crate::types::{Dict, Tuple};
use abi::{PyASCIIObject, PyObject, PyTupleObject, PyUnicodeObject};
use std::slice;

/// Positional arguments as they lie on the caller's stack.
pub type Args<'a> = &'a [&'a Object];

/// Keyword arguments of a call: names (str objects) and values side by side.
#[derive(Clone, Copy)]
pub struct KwArgs<'a> {
    pub names: &'a [&'a Object],
    pub values: &'a [&'a Object],
}

impl<'a> KwArgs<'a> {
    pub const EMPTY: KwArgs<'static> = KwArgs { names: &[], values: &[] };
    #[inline]
    pub fn len(&self) -> usize {
        self.names.len()
    }
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }
    /// Name and value of each.
    pub fn iter(&self) -> impl Iterator<Item = (&'a Object, &'a Object)> + use<'a> {
        self.names.iter().copied().zip(self.values.iter().copied())
    }
    /// The value given for an ASCII name.
    pub fn get(&self, name: &str) -> Option<&'a Object> {
        self.iter().find(|(key, _)| str_equals(key, name)).map(|(_, value)| value)
    }
}

/// A slice of borrowed objects of a C array that may be NULL when empty.
/// # Safety
/// `count` live objects at `items`, for `'a`.
#[inline(always)]
unsafe fn objects<'a>(items: *const *mut PyObject, count: usize) -> &'a [&'a Object] {
    if count == 0 {
        return &[];
    }
    // SAFETY: by contract; `&Object` is a non-null pointer.
    unsafe { slice::from_raw_parts(items as *const &Object, count) }
}

/// # Safety
/// A live tuple, for `'a`.
#[inline(always)]
unsafe fn tuple_items<'a>(tuple: *mut PyObject) -> &'a [&'a Object] {
    let tuple = tuple as *mut PyTupleObject;
    // SAFETY: by contract; a tuple that code can see has no NULL items.
    unsafe { objects((&raw const (*tuple).ob_item) as *const *mut PyObject, (*tuple).ob_base.ob_size.get() as usize) }
}

/// # Safety
/// The arguments of a vectorcall, alive for `'a`.
#[inline(always)]
pub unsafe fn raw_positional<'a>(args: *const *mut PyObject, nargs: isize) -> Args<'a> {
    // SAFETY: by contract.
    unsafe { objects(args, nargs as usize) }
}

/// # Safety
/// The arguments of a vectorcall, alive for `'a`.
#[inline(always)]
pub unsafe fn raw_arguments<'a>(args: *const *mut PyObject, nargs: isize, kwnames: *mut PyObject) -> (Args<'a>, KwArgs<'a>) {
    // SAFETY: by contract; the keywords' values follow the positional arguments.
    unsafe {
        let positional = objects(args, nargs as usize);
        if kwnames.is_null() {
            return (positional, KwArgs::EMPTY);
        }
        let names = tuple_items(kwnames);
        (positional, KwArgs { names, values: objects(args.add(nargs as usize), names.len()) })
    }
}

/// Positional-only arguments whose count has been checked.
#[derive(Clone, Copy)]
pub struct Positional<'a>(&'a [&'a Object]);

impl<'a> Positional<'a> {
    /// `_PyArg_CheckPositional`.
    /// # Safety
    /// The arguments of a vectorcall, alive for `'a`.
    #[inline(always)]
    pub unsafe fn new(args: *const *mut PyObject, nargs: isize, name: &'static str, min: usize, max: usize) -> PyResult<Positional<'a>> {
        // SAFETY: by contract.
        Self::checked(unsafe { objects(args, nargs as usize) }, name, min, max)
    }
    /// # Safety
    /// A live tuple, for `'a`.
    #[inline(always)]
    pub unsafe fn of_tuple(args: *mut PyObject, name: &'static str, min: usize, max: usize) -> PyResult<Positional<'a>> {
        // SAFETY: by contract.
        Self::checked(unsafe { tuple_items(args) }, name, min, max)
    }
    #[inline(always)]
    fn checked(items: &'a [&'a Object], name: &'static str, min: usize, max: usize) -> PyResult<Positional<'a>> {
        if items.len() < min || items.len() > max {
            return Err(errors::positional_count(name, items.len(), min, max));
        }
        Ok(Positional(items))
    }
    #[inline(always)]
    pub fn get(&self, at: usize) -> Option<&'a Object> {
        self.0.get(at).copied()
    }
    /// # Safety
    /// `at` is below the minimum that was checked.
    #[inline(always)]
    pub unsafe fn required(&self, at: usize) -> &'a Object {
        debug_assert!(at < self.0.len());
        // SAFETY: by contract.
        unsafe { self.0.get_unchecked(at) }
    }
    /// `*args` after `at` others.
    #[inline(always)]
    pub fn rest(&self, at: usize) -> Args<'a> {
        self.0.get(at..).unwrap_or(&[])
    }
}

/// A function's parameters other than `*args`, in order: positional-only, positional-or-keyword, keyword-only.
pub struct Parameters {
    pub function: &'static str,
    pub names: &'static [&'static str],
    pub positional_only: u8,
    /// Required and possible positional arguments, and required keyword-only ones.
    pub min_positional: u8,
    pub max_positional: u8,
    pub min_keyword: u8,
}

type Given<'a, const N: usize> = [Option<&'a Object>; N];

/// `_PyArg_UnpackKeywords` on a vectorcall: the argument of each parameter.
/// # Safety
/// The arguments of a vectorcall, alive for `'a`.
#[inline(always)]
pub unsafe fn unpack<'a, const N: usize>(
    parameters: &'static Parameters,
    args: *const *mut PyObject,
    nargs: isize,
    kwnames: *mut PyObject,
) -> PyResult<Given<'a, N>> {
    // SAFETY: by contract.
    unsafe {
        let mut given = [None; N];
        let count = nargs as usize;
        if kwnames.is_null() && parameters.takes_positional(count) {
            for (slot, value) in given.iter_mut().zip(objects(args, count)) {
                *slot = Some(*value);
            }
            return Ok(given);
        }
        let (args, kwargs) = raw_arguments(args, nargs, kwnames);
        unpack_slow(parameters, args, kwargs, &mut given)?;
        Ok(given)
    }
}

/// As `unpack`, where excess positional arguments go to `*args`.
/// # Safety
/// The arguments of a vectorcall, alive for `'a`.
#[inline]
pub unsafe fn unpack_varargs<'a, const N: usize>(
    parameters: &'static Parameters,
    args: *const *mut PyObject,
    nargs: isize,
    kwnames: *mut PyObject,
) -> PyResult<(Given<'a, N>, Args<'a>)> {
    // SAFETY: by contract.
    let (args, kwargs) = unsafe { raw_arguments(args, nargs, kwnames) };
    split_varargs(parameters, args, kwargs)
}

fn split_varargs<'a, const N: usize>(parameters: &'static Parameters, args: Args<'a>, kwargs: KwArgs<'a>) -> PyResult<(Given<'a, N>, Args<'a>)> {
    let mut given = [None; N];
    let (own, rest) = args.split_at(args.len().min(parameters.max_positional as usize));
    if kwargs.is_empty() && parameters.takes_positional(own.len()) {
        for (slot, value) in given.iter_mut().zip(own) {
            *slot = Some(*value);
        }
    } else {
        unpack_slow_varargs(parameters, own, kwargs, &mut given)?;
    }
    Ok((given, rest))
}

/// # Safety
/// The argument is there: a required one, after a successful `unpack`.
#[inline(always)]
pub unsafe fn present<'a>(given: Option<&'a Object>) -> &'a Object {
    debug_assert!(given.is_some());
    // SAFETY: by contract.
    unsafe { given.unwrap_unchecked() }
}

impl Parameters {
    /// Whether so many positional arguments and no keywords are a valid call.
    #[inline(always)]
    fn takes_positional(&self, count: usize) -> bool {
        self.min_keyword == 0 && count >= self.min_positional as usize && count <= self.max_positional as usize
    }
    fn is_required(&self, at: usize) -> bool {
        let (min, max, keyword) = (self.min_positional as usize, self.max_positional as usize, self.min_keyword as usize);
        at < min || (max <= at && at < max + keyword)
    }
}

#[inline(never)]
fn unpack_slow<'a>(parameters: &Parameters, args: Args<'a>, kwargs: KwArgs<'a>, given: &mut [Option<&'a Object>]) -> PyResult<()> {
    if args.len() + kwargs.len() > parameters.names.len() {
        return Err(errors::too_many_arguments(parameters, args.len(), kwargs.len()));
    }
    if args.len() > parameters.max_positional as usize {
        return Err(errors::too_many_positional(parameters, args.len()));
    }
    assign(parameters, args, kwargs, given, true)
}

#[inline(never)]
fn unpack_slow_varargs<'a>(parameters: &Parameters, args: Args<'a>, kwargs: KwArgs<'a>, given: &mut [Option<&'a Object>]) -> PyResult<()> {
    assign(parameters, args, kwargs, given, false)
}

fn assign<'a>(
    parameters: &Parameters,
    args: Args<'a>,
    kwargs: KwArgs<'a>,
    given: &mut [Option<&'a Object>],
    report_duplicates: bool,
) -> PyResult<()> {
    let positional_only = parameters.positional_only as usize;
    let min_positional_only = positional_only.min(parameters.min_positional as usize);
    if args.len() < min_positional_only {
        return Err(errors::too_few_positional(parameters, min_positional_only, args.len()));
    }
    for (slot, value) in given.iter_mut().zip(args) {
        *slot = Some(*value);
    }
    let mut left = kwargs.len();
    for at in args.len().max(positional_only)..parameters.names.len() {
        let value = if left > 0 { kwargs.get(parameters.names[at]) } else { None };
        given[at] = value;
        if value.is_some() {
            left -= 1;
        } else if parameters.is_required(at) {
            return Err(errors::missing_argument(parameters, at));
        }
    }
    if left == 0 {
        return Ok(());
    }
    if report_duplicates {
        for (at, name) in parameters.names.iter().enumerate().take(args.len()).skip(positional_only) {
            if kwargs.get(name).is_some() {
                return Err(errors::given_twice(parameters, name, at));
            }
        }
    }
    Err(errors::unexpected_keyword(parameters, &kwargs))
}

/// Whether a str object is the ASCII text `text`.
pub(super) fn str_equals(object: &Object, text: &str) -> bool {
    str_ascii(object) == Some(text.as_bytes())
}

/// The bytes of a str object that is ASCII.
pub(super) fn str_ascii(object: &Object) -> Option<&[u8]> {
    if !object.ty().has_flag(super::type_flags::UNICODE_SUBCLASS) {
        return None;
    }
    const COMPACT: u32 = 1 << 5;
    const ASCII: u32 = 1 << 6;
    // SAFETY: a str object; ASCII text has `length` bytes behind the head or at `data`.
    unsafe {
        let head = object.as_ptr() as *const PyASCIIObject;
        let state = (*head).state.get();
        if state & ASCII == 0 {
            return None;
        }
        let data = if state & COMPACT != 0 { head.add(1) as *const u8 } else { (*(head as *const PyUnicodeObject)).data.get() as *const u8 };
        Some(slice::from_raw_parts(data, (*head).length.get() as usize))
    }
}

/// A tuple and a dict of arguments, side by side as in a vectorcall. Holds its own references: converting one argument may run code that changes the dict.
pub struct Flat<'a> {
    positional: Args<'a>,
    names: Vec<Owned>,
    values: Vec<Owned>,
}

impl<'a> Flat<'a> {
    /// # Safety
    /// A live tuple, and NULL or a live dict, for `'a`.
    #[inline]
    pub unsafe fn new(args: *mut PyObject, kwargs: *mut PyObject) -> PyResult<Flat<'a>> {
        // SAFETY: by contract.
        let mut flat = Flat { positional: unsafe { tuple_items(args) }, names: Vec::new(), values: Vec::new() };
        if !kwargs.is_null() {
            // SAFETY: by contract a dict.
            flat.add_keywords(unsafe { Object::from_ptr(kwargs).cast::<Dict>() })?;
        }
        Ok(flat)
    }
    #[cold]
    fn add_keywords(&mut self, kwargs: &Dict) -> PyResult<()> {
        let mut position = 0;
        while let Some((key, value)) = kwargs.next(&mut position) {
            if !key.ty().has_flag(super::type_flags::UNICODE_SUBCLASS) {
                return Err(crate::err!(TypeError, "keywords must be strings"));
            }
            self.names.push(key);
            self.values.push(value);
        }
        Ok(())
    }
    /// # Safety
    /// The result must not outlive `self`.
    pub unsafe fn arguments(&self) -> (Args<'a>, KwArgs<'a>) {
        // SAFETY: `Owned` and `&Object` are both one non-null pointer; the lifetime is by contract.
        unsafe {
            let names = objects(self.names.as_ptr() as *const *mut PyObject, self.names.len());
            let values = objects(self.values.as_ptr() as *const *mut PyObject, self.values.len());
            (self.positional, KwArgs { names, values })
        }
    }
}

/// # Safety
/// The result must not outlive `flat`.
#[inline]
pub unsafe fn unpack_flat<'a, const N: usize>(parameters: &'static Parameters, flat: &Flat<'a>) -> PyResult<Given<'a, N>> {
    // SAFETY: by contract.
    let (args, kwargs) = unsafe { flat.arguments() };
    let mut given = [None; N];
    if kwargs.is_empty() && parameters.takes_positional(args.len()) {
        for (slot, value) in given.iter_mut().zip(args) {
            *slot = Some(*value);
        }
    } else {
        unpack_slow(parameters, args, kwargs, &mut given)?;
    }
    Ok(given)
}

/// # Safety
/// The result must not outlive `flat`.
#[inline]
pub unsafe fn unpack_flat_varargs<'a, const N: usize>(parameters: &'static Parameters, flat: &Flat<'a>) -> PyResult<(Given<'a, N>, Args<'a>)> {
    // SAFETY: by contract.
    let (args, kwargs) = unsafe { flat.arguments() };
    split_varargs(parameters, args, kwargs)
}

/// Unpacks a call's tuple and dict by hand: the first `required` parameters are required, those named "" (first) are positional-only.
pub fn parse(
    function: &'static str,
    names: &'static [&'static str],
    required: usize,
    args: &Tuple,
    kwargs: Option<&Dict>,
) -> PyResult<Vec<Option<Owned>>> {
    let parameters = Parameters {
        function,
        names,
        positional_only: names.iter().take_while(|name| name.is_empty()).count() as u8,
        min_positional: required as u8,
        max_positional: names.len() as u8,
        min_keyword: 0,
    };
    let kwargs = kwargs.map_or(std::ptr::null_mut(), |dict| dict.as_object().as_ptr());
    let mut given = vec![None; names.len()];
    // SAFETY: a tuple and a dict, which outlive the call.
    let flat = unsafe { Flat::new(args.as_object().as_ptr(), kwargs)? };
    // SAFETY: `flat` outlives their use.
    let (positional, keywords) = unsafe { flat.arguments() };
    unpack_slow(&parameters, positional, keywords, &mut given)?;
    Ok(given.into_iter().map(|value| value.map(Object::to_owned)).collect())
}

/// `_PyArg_NoKeywords`.
/// # Safety
/// NULL or a live dict.
#[inline]
pub unsafe fn no_keywords(kwargs: *mut PyObject, name: &'static str) -> PyResult<()> {
    // SAFETY: by contract; `ma_used` counts the entries.
    if kwargs.is_null() || unsafe { (*(kwargs as *mut abi::PyDictObject)).ma_used.get() } == 0 {
        return Ok(());
    }
    Err(refused_keywords(name))
}

/// As `no_keywords`, for a vectorcall.
/// # Safety
/// NULL or a live tuple.
#[inline(always)]
pub unsafe fn no_keyword_names(kwnames: *mut PyObject, name: &'static str) -> PyResult<()> {
    // SAFETY: by contract.
    if kwnames.is_null() || unsafe { tuple_items(kwnames) }.is_empty() {
        return Ok(());
    }
    Err(refused_keywords(name))
}

#[cold]
#[inline(never)]
fn refused_keywords(name: &str) -> Raised {
    crate::err!(TypeError, "{}() takes no keyword arguments", name)
}
