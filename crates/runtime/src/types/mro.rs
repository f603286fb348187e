//! The method resolution order (C3), the best base of several, and which layouts fit together.
//!
//! The *solid base* of a class is the nearest class of its line of `tp_base`s that added C fields or slots. Instances of a class with
//! several bases have the layout of the one base whose solid base derives from all the others'.

use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped, Type, set_cell};
use crate::protocol::object as proto;
use crate::protocol::object::CompareOp;
use crate::protocol::{call, sequence};
use crate::types::subtype::subtype_clear;
use crate::types::type_object::lookup_special;
use crate::types::{self, List, Tuple};
use crate::{err, intern};
use std::ptr;

fn as_type(item: &Object) -> &Type {
    // SAFETY: used on items of bases and MRO tuples, which are types.
    unsafe { item.cast::<Type>() }
}

// ---- the order ---------------------------------------------------------------------------------------------------------------------

/// `type.mro(cls)`: the order by C3.
pub fn compute_mro(ty: &Type) -> PyResult<Vec<Owned>> {
    let Some(bases) = ty.bases() else { return Ok(vec![ty.as_object().to_owned()]) };
    let bases = Owned::from_ref(bases);
    for i in 0..bases.len() {
        if as_type(bases.get(i)).mro().is_none() {
            return Err(err!(TypeError, "Cannot extend an incomplete type '{}'", as_type(bases.get(i)).name()));
        }
    }
    let mut result = vec![ty.as_object().to_owned()];
    if bases.len() == 1 {
        if let Some(mro) = as_type(bases.get(0)).mro() {
            result.extend((0..mro.len()).map(|i| mro.get(i).to_owned()));
        }
        return Ok(result);
    }
    for i in 0..bases.len() {
        for j in 0..i {
            if bases.get(i).is(bases.get(j)) {
                let name = proto::get_attr(bases.get(i), intern!("__name__"))?;
                return Err(err!(TypeError, "duplicate base class {}", proto::str(&name)?));
            }
        }
    }
    let mut lines: Vec<Owned<Tuple>> = Vec::with_capacity(bases.len() + 1);
    for i in 0..bases.len() {
        if let Some(mro) = as_type(bases.get(i)).mro() {
            lines.push(Owned::from_ref(mro));
        }
    }
    lines.push(bases);
    merge(&lines, &mut result)?;
    Ok(result)
}

fn merge(lines: &[Owned<Tuple>], result: &mut Vec<Owned>) -> PyResult<()> {
    let mut heads = vec![0usize; lines.len()];
    loop {
        let mut done = 0;
        let mut chosen = None;
        for (line, &head) in lines.iter().zip(&heads) {
            if head >= line.len() {
                done += 1;
                continue;
            }
            let candidate = line.get(head);
            let in_a_tail = lines.iter().zip(&heads).any(|(l, &h)| (h + 1..l.len()).any(|k| l.get(k).is(candidate)));
            if !in_a_tail {
                chosen = Some(candidate);
                break;
            }
        }
        let Some(candidate) = chosen else {
            return if done == lines.len() { Ok(()) } else { inconsistent(lines, &heads) };
        };
        result.push(candidate.to_owned());
        for (line, head) in lines.iter().zip(&mut heads) {
            if *head < line.len() && line.get(*head).is(candidate) {
                *head += 1;
            }
        }
    }
}

#[cold]
fn inconsistent(lines: &[Owned<Tuple>], heads: &[usize]) -> PyResult<()> {
    let mut seen: Vec<&Object> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    for (line, &head) in lines.iter().zip(heads) {
        if head < line.len() && !seen.iter().any(|s| s.is(line.get(head))) {
            seen.push(line.get(head));
            names.push(match proto::get_attr_opt(line.get(head), intern!("__name__"))? {
                Some(name) => proto::str(&name)?.to_string_lossy().into_owned(),
                None => "?".to_string(),
            });
        }
    }
    Err(err!(TypeError, "Cannot create a consistent method resolution order (MRO) for bases {}", names.join(", ")))
}

/// Computes the MRO, by the metatype's `mro` if it has its own, and stores it.
/// `Ok(false)`: somebody set another one meanwhile (a reentrant `__bases__` assignment), which stays.
pub(crate) fn set_mro(ty: &Type) -> PyResult<bool> {
    let old = ty.0.tp_mro.get();
    let new = if ptr::eq(ty.ty(), types::type_type()) { Tuple::from_owned(compute_mro(ty)?) } else { custom_mro(ty)? };
    if ty.0.tp_mro.get() != old {
        return Ok(false);
    }
    // SAFETY: the cell owns its tuple.
    unsafe { set_cell(&ty.0.tp_mro, new.into_raw()) };
    ty.modified();
    // The order may have classes that are no bases, and do not know of this one: nothing about it may be cached.
    if !has_default_mro(ty) {
        ty.never_cache();
    }
    Ok(true)
}

fn custom_mro(ty: &Type) -> PyResult<Owned<Tuple>> {
    let Some(method) = lookup_special(ty, intern!("mro"))? else {
        return Err(err!(AttributeError, "mro"));
    };
    let order = call::call0(&method)?;
    let order = sequence::to_tuple(&order)?;
    if order.len() == 0 {
        return Err(err!(TypeError, "type MRO must not be empty"));
    }
    let solid = solid_base(ty);
    for i in 0..order.len() {
        let item = order.get(i);
        let Some(base) = item.downcast::<Type>() else {
            return Err(err!(TypeError, "mro() returned a non-class ('{}')", item.type_name()));
        };
        if !solid.is_subtype(solid_base(base)) {
            return Err(err!(TypeError, "mro() returned base with unsuitable layout ('{}')", base.name()));
        }
    }
    Ok(order)
}

/// Whether `ty`'s order comes from `type.mro` itself.
pub(crate) fn has_default_mro(ty: &Type) -> bool {
    let meta = ty.ty();
    ptr::eq(meta, types::type_type()) || {
        match (meta.lookup(intern!("mro")), types::type_type().lookup(intern!("mro"))) {
            (Some(a), Some(b)) => a.is(b),
            _ => false,
        }
    }
}

// ---- bases -------------------------------------------------------------------------------------------------------------------------

/// `solid_base`.
pub fn solid_base(ty: &Type) -> &Type {
    let mut at = ty;
    loop {
        let Some(base) = at.base() else { return types::object_type() };
        if at.0.tp_basicsize.get() != base.0.tp_basicsize.get() || at.0.tp_itemsize.get() != base.0.tp_itemsize.get() {
            return at;
        }
        at = base;
    }
}

/// `best_base`: the base whose layout instances have.
pub fn best_base(bases: &Tuple) -> PyResult<&Type> {
    let mut best: Option<(&Type, &Type)> = None;
    for i in 0..bases.len() {
        let Some(base) = bases.get(i).downcast::<Type>() else {
            return Err(err!(TypeError, "bases must be types"));
        };
        if !base.is_ready() {
            types::type_ready(base)?;
        }
        if !base.has_flag(abi::Py_TPFLAGS_BASETYPE as u64) {
            return Err(err!(TypeError, "type '{}' is not an acceptable base type", base.name()));
        }
        let solid = solid_base(base);
        match best {
            None => best = Some((base, solid)),
            Some((_, winner)) if winner.is_subtype(solid) => {}
            Some((_, winner)) if solid.is_subtype(winner) => best = Some((base, solid)),
            Some(_) => return Err(err!(TypeError, "multiple bases have instance lay-out conflict")),
        }
    }
    match best {
        Some((base, _)) => Ok(base),
        None => Ok(types::object_type()),
    }
}

/// `_PyType_CalculateMetaclass`: the most derived of the metatype asked for and those of the bases.
pub fn calculate_metaclass<'a>(metatype: &'a Type, bases: &'a Tuple) -> PyResult<&'a Type> {
    let mut winner = metatype;
    for i in 0..bases.len() {
        let of_base = bases.get(i).ty();
        if winner.is_subtype(of_base) {
            continue;
        }
        if of_base.is_subtype(winner) {
            winner = of_base;
            continue;
        }
        return Err(err!(
            TypeError,
            "metaclass conflict: the metaclass of a derived class must be a (non-strict) subclass of the metaclasses of all its bases"
        ));
    }
    Ok(winner)
}

// ---- assignment of __class__ and __bases__ -----------------------------------------------------------------------------------------

/// Whether objects (or, for `__bases__`, the base) of type `old` can become ones of type `new`.
pub(crate) fn check_compatible(old: &Type, new: &Type, attribute: &str, set_class: bool) -> PyResult<()> {
    if new.0.tp_free.get() != old.0.tp_free.get() {
        return Err(err!(TypeError, "{} assignment: '{}' deallocator differs from '{}'", attribute, new.name(), old.name()));
    }
    let relevant = (abi::Py_TPFLAGS_HAVE_GC | abi::Py_TPFLAGS_INLINE_VALUES | abi::Py_TPFLAGS_PREHEADER) as u64;
    let (had, has) = (old.flags() & relevant, new.flags() & relevant);
    let flags_fit = if set_class { had == has } else { has & !had == 0 };
    if flags_fit {
        let (mut a, mut b) = (new, old);
        while let Some(base) = same_layout_base(a) {
            a = base;
        }
        while let Some(base) = same_layout_base(b) {
            b = base;
        }
        if ptr::eq(a, b) || (a.0.tp_base.get() == b.0.tp_base.get() && same_slots_added(a, b)?) {
            return Ok(());
        }
    }
    Err(err!(TypeError, "{} assignment: '{}' object layout differs from '{}'", attribute, new.name(), old.name()))
}

/// The base, if the class adds nothing to its layout.
fn same_layout_base(child: &Type) -> Option<&Type> {
    let parent = child.base()?;
    let same = child.0.tp_basicsize.get() == parent.0.tp_basicsize.get()
        && child.0.tp_itemsize.get() == parent.0.tp_itemsize.get()
        && child.0.tp_dictoffset.get() == parent.0.tp_dictoffset.get()
        && child.0.tp_weaklistoffset.get() == parent.0.tp_weaklistoffset.get()
        && child.is_gc() == parent.is_gc()
        && (!child.is_gc()
            || child.0.tp_clear.get() == parent.0.tp_clear.get()
            || child.0.tp_clear.get().is_some_and(|f| ptr::fn_addr_eq(f, subtype_clear as abi::inquiry)));
    same.then_some(parent)
}

/// Whether two classes with the same base add the same slots to it.
fn same_slots_added(a: &Type, b: &Type) -> PyResult<bool> {
    let word = size_of::<usize>() as isize;
    let mut size = a.base().map_or(size_of::<abi::PyObject>() as isize, |base| base.0.tp_basicsize.get());
    if a.0.tp_dictoffset.get() == size && b.0.tp_dictoffset.get() == size {
        size += word;
    }
    if a.0.tp_weaklistoffset.get() == size && b.0.tp_weaklistoffset.get() == size {
        size += word;
    }
    let (Some(ha), Some(hb)) = (a.heap(), b.heap()) else { return Ok(false) };
    let (sa, sb) = (ha.ht_slots.get(), hb.ht_slots.get());
    if !sa.is_null() && !sb.is_null() {
        // SAFETY: both are tuples of names.
        let (sa, sb) = unsafe { (Object::from_ptr(sa), Object::from_ptr(sb)) };
        if !proto::rich_compare_bool(sa, sb, CompareOp::Eq)? {
            return Ok(false);
        }
        // SAFETY: as above.
        size += word * unsafe { sa.cast::<Tuple>() }.len() as isize;
    }
    Ok(size == a.0.tp_basicsize.get() && size == b.0.tp_basicsize.get())
}

/// `type.__bases__ = ...`.
pub(crate) fn set_bases(ty: &Type, value: Option<&Object>) -> PyResult<()> {
    check_settable(ty, value, "__bases__")?;
    let Some(value) = value else { return Ok(()) };
    let Some(bases) = value.downcast::<Tuple>() else {
        return Err(err!(TypeError, "can only assign tuple to {}.__bases__, not {}", ty.name(), value.type_name()));
    };
    if bases.len() == 0 {
        return Err(err!(TypeError, "can only assign non-empty tuple to {}.__bases__, not ()", ty.name()));
    }
    for i in 0..bases.len() {
        let Some(base) = bases.get(i).downcast::<Type>() else {
            return Err(err!(
                TypeError,
                "{}.__bases__ must be tuple of classes, not '{}'",
                ty.name(),
                bases.get(i).type_name()
            ));
        };
        // A base whose order is not finished yet may derive from `ty` all the same.
        if base.is_subtype(ty) || (base.mro().is_some() && derives_by_base(base, ty)) {
            return Err(err!(TypeError, "a __bases__ item causes an inheritance cycle"));
        }
    }
    let new_base = Owned::from_type(best_base(bases)?);
    let Some(old_base) = ty.base() else {
        return Err(err!(TypeError, "can't set {}.__bases__", ty.name()));
    };
    check_compatible(old_base, &new_base, "__bases__", false)?;
    let old_base = Owned::from_type(old_base);
    let old_bases = ty.bases().map(Owned::from_ref);
    // SAFETY: the cells own their values.
    unsafe {
        set_cell(&ty.0.tp_bases, Owned::from_ref(bases).into_raw());
        set_cell(&ty.0.tp_base, new_base.clone().into_raw() as *mut abi::PyTypeObject);
    }
    let mut changed: Vec<(Owned<Type>, Owned<Tuple>)> = Vec::new();
    if let Err(raised) = recompute_down(ty, &mut changed) {
        for (class, order) in changed {
            // SAFETY: as above.
            unsafe { set_cell(&class.0.tp_mro, order.into_raw()) };
            class.modified();
        }
        if ty.0.tp_base.get() == new_base.raw() as *mut abi::PyTypeObject && ty.0.tp_bases.get() == bases.as_ptr() {
            // SAFETY: as above.
            unsafe {
                set_cell(&ty.0.tp_base, old_base.into_raw() as *mut abi::PyTypeObject);
                if let Some(old_bases) = old_bases {
                    set_cell(&ty.0.tp_bases, old_bases.into_raw());
                }
            }
        }
        return Err(raised);
    }
    if ty.0.tp_bases.get() == bases.as_ptr() {
        if let Some(old_bases) = &old_bases {
            for i in 0..old_bases.len() {
                as_type(old_bases.get(i)).remove_subclass(ty);
            }
        }
        ty.add_to_bases();
        types::slots::update_all_slots(ty);
        ty.modified();
    }
    Ok(())
}

fn derives_by_base(mut class: &Type, ancestor: &Type) -> bool {
    while let Some(base) = class.base() {
        if ptr::eq(base, ancestor) {
            return true;
        }
        class = base;
    }
    false
}

/// New MROs for a class and everything below it; what was there before goes to `changed`.
fn recompute_down(ty: &Type, changed: &mut Vec<(Owned<Type>, Owned<Tuple>)>) -> PyResult<()> {
    let before = ty.mro().map(Owned::from_ref);
    if !set_mro(ty)? {
        return Ok(());
    }
    if let Some(before) = before {
        changed.push((Owned::from_type(ty), before));
    }
    for sub in ty.subclasses() {
        recompute_down(&sub, changed)?;
    }
    Ok(())
}

/// `check_set_special_type_attr`: only mutable types, and no deletion.
pub(crate) fn check_settable(ty: &Type, value: Option<&Object>, name: &str) -> PyResult<()> {
    if ty.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
        return Err(err!(TypeError, "cannot set '{}' attribute of immutable type '{}'", name, ty.name()));
    }
    let Some(value) = value else {
        return Err(err!(TypeError, "cannot delete '{}' attribute of immutable type '{}'", name, ty.name()));
    };
    if crate::audit::is_active() {
        crate::audit::audit("object.__setattr__", &[ty, &types::Str::new(name), value])?;
    }
    Ok(())
}

/// `type.mro()` as a list.
pub(crate) fn mro_list(ty: &Type) -> PyResult<Owned<List>> {
    Ok(List::from_owned(compute_mro(ty)?))
}
