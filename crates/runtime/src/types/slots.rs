//! Keeps the dict of a type and its C slots in step, in both directions: `add_operators` puts wrapper descriptors for C slots into the
//! dict of a type that is being readied; `fix_slots` and `update_slot` set the slots of a class by what its special methods are.
//!
//! A slot of a Python-made class holds the very function of a C base as long as the lookup of every name of that slot ends at that base's
//! wrapper; otherwise a dispatcher of `slot_dispatch.rs`.

use crate::errors::PyResult;
use crate::object::{Object, Owned, Type};
use crate::protocol::object::PyObject_HashNotImplemented;
use crate::types::descr::{self, WrapperDescr};
use crate::types::slot_dispatch::{slot_tp_call, slot_tp_new};
use crate::types::slot_wrappers::tp_new_wrapper;
use crate::types::slotdefs::{COUNT, SLOTDEFS};
use crate::types::type_object::GilCell;
use crate::types::{self, Dict, Str};
use crate::{err, intern};
use abi::{PyHeapTypeObject, PyObject, PyTypeObject, c_void, wrapperbase};
use std::cell::Cell;
use std::mem::offset_of;
use std::ptr;

/// The rows by the address of their interned name, sorted; filled by `init`.
static BY_NAME: GilCell<[Cell<(usize, u8)>; COUNT]> = GilCell([const { Cell::new((0, 0)) }; COUNT]);

/// Interns the names of the table. Runs before the first type is readied.
pub(crate) fn init() {
    if !SLOTDEFS[0].name_strobj.get().is_null() {
        return;
    }
    let mut order: Vec<(usize, u8)> = Vec::with_capacity(COUNT);
    for (i, row) in SLOTDEFS.iter().enumerate() {
        // SAFETY: the table's names are C strings.
        let text = unsafe { std::ffi::CStr::from_ptr(row.name.get()) }.to_str().unwrap_or("");
        let name = Str::intern(Str::new(text));
        name.set_immortal();
        order.push((name.raw() as usize, i as u8));
        row.name_strobj.set(name.into_raw());
    }
    order.sort_unstable();
    for (cell, entry) in BY_NAME.0.iter().zip(order) {
        cell.set(entry);
    }
}

/// The rows of a name.
fn rows_of(name: *mut PyObject) -> impl Iterator<Item = usize> {
    let key = name as usize;
    let start = BY_NAME.0.partition_point(|cell| cell.get().0 < key);
    BY_NAME.0[start..].iter().map(Cell::get).take_while(move |entry| entry.0 == key).map(|entry| entry.1 as usize)
}

/// The cell in which `ty` keeps the slot of a row; `None` if the type has no such table.
fn slot_cell(ty: &Type, offset: usize) -> Option<&Cell<*mut c_void>> {
    let (table, start): (*mut c_void, usize) = if offset < size_of::<PyTypeObject>() {
        (ty.as_type_ptr() as *mut c_void, 0)
    } else if offset < offset_of!(PyHeapTypeObject, as_number) {
        (ty.0.tp_as_async.get() as *mut c_void, offset_of!(PyHeapTypeObject, as_async))
    } else if offset < offset_of!(PyHeapTypeObject, as_mapping) {
        (ty.0.tp_as_number.get() as *mut c_void, offset_of!(PyHeapTypeObject, as_number))
    } else if offset < offset_of!(PyHeapTypeObject, as_sequence) {
        (ty.0.tp_as_mapping.get() as *mut c_void, offset_of!(PyHeapTypeObject, as_mapping))
    } else if offset < offset_of!(PyHeapTypeObject, as_buffer) {
        (ty.0.tp_as_sequence.get() as *mut c_void, offset_of!(PyHeapTypeObject, as_sequence))
    } else {
        (ty.0.tp_as_buffer.get() as *mut c_void, offset_of!(PyHeapTypeObject, as_buffer))
    };
    if table.is_null() {
        return None;
    }
    // SAFETY: every slot is a nullable function pointer inside its table.
    Some(unsafe { &*((table as *const u8).add(offset - start) as *const Cell<*mut c_void>) })
}

#[inline]
fn offset_of_row(row: usize) -> usize {
    SLOTDEFS[row].offset.get() as usize
}

/// The first row of the slot that `row` belongs to.
fn group_start(mut row: usize) -> usize {
    while row > 0 && offset_of_row(row - 1) == offset_of_row(row) {
        row -= 1;
    }
    row
}

// ---- from slots to the dict --------------------------------------------------------------------------------------------------------

/// Adds a wrapper descriptor for each slot that the type fills itself and whose name its dict does not have.
pub(crate) fn add_operators(ty: &Type, dict: &Dict) -> PyResult<()> {
    for row in &SLOTDEFS {
        if row.wrapper.get().is_none() {
            continue;
        }
        let Some(cell) = slot_cell(ty, row.offset.get() as usize) else { continue };
        let function = cell.get();
        if function.is_null() {
            continue;
        }
        // SAFETY: `init` filled the names.
        let name = unsafe { Object::from_ptr(row.name_strobj.get()).cast::<Str>() };
        if dict.contains_str(name) {
            continue;
        }
        if function == PyObject_HashNotImplemented as *mut c_void {
            dict.set_str(name, types::none())?;
        } else {
            let wrapper = WrapperDescr::new(ty, row, function)?;
            dict.set_str(name, &wrapper)?;
        }
    }
    Ok(())
}

/// `__new__` for a type with a `tp_new` of its own: a built-in function bound to the type.
pub(crate) fn add_new_wrapper(ty: &Type, dict: &Dict) -> PyResult<()> {
    if dict.contains_str(intern!("__new__")) {
        return Ok(());
    }
    let function = descr::bind(&NEW_METHOD, Some(ty), None, None)?;
    dict.set_str(intern!("__new__"), &function)
}

/// The definition behind every `__new__` of a type with a C `tp_new`.
pub static NEW_METHOD: abi::PyMethodDef = abi::PyMethodDef {
    ml_name: Cell::new(c"__new__".as_ptr()),
    // SAFETY: the flags say that the function takes keywords.
    ml_meth: Cell::new(Some(unsafe { std::mem::transmute::<abi::PyCFunctionWithKeywords, abi::PyCFunction>(tp_new_wrapper) })),
    ml_flags: Cell::new(abi::METH_VARARGS | abi::METH_KEYWORDS),
    ml_doc: Cell::new(crate::types::slot_wrappers::NEW_DOC.as_ptr()),
};

// ---- from the dict to slots --------------------------------------------------------------------------------------------------------

/// If exactly one slot with this name is filled in the type, its cell. A name like `__len__` stands for two slots.
fn only_filled_slot<'a>(ty: &'a Type, name: *mut PyObject) -> Option<&'a Cell<*mut c_void>> {
    let mut only = None;
    for row in rows_of(name) {
        if let Some(cell) = slot_cell(ty, offset_of_row(row))
            && !cell.get().is_null()
        {
            if only.is_some() {
                return None;
            }
            only = Some(cell);
        }
    }
    only
}

/// Sets one slot by what the names of its rows find; gives the row after the group.
fn update_group(ty: &Type, start: usize) -> usize {
    let offset = offset_of_row(start);
    let mut end = start + 1;
    while end < COUNT && offset_of_row(end) == offset {
        end += 1;
    }
    let Some(cell) = slot_cell(ty, offset) else { return end };
    let mut specific: *mut c_void = ptr::null_mut();
    let mut generic: *mut c_void = ptr::null_mut();
    let mut use_generic = false;
    for row in &SLOTDEFS[start..end] {
        // SAFETY: `init` filled the names.
        let name = unsafe { Object::from_ptr(row.name_strobj.get()).cast::<Str>() };
        let Some(found) = ty.lookup(name) else {
            if offset == offset_of!(PyTypeObject, tp_iternext) && !cell.get().is_null() {
                // Whoever iterates right now must find a function.
                specific = _PyObject_NextNotImplemented as *mut c_void;
            }
            continue;
        };
        if let Some(wrapper) = found.downcast_exact::<WrapperDescr>()
            && wrapper.name_object() == row.name_strobj.get()
        {
            let filled = only_filled_slot(ty, row.name_strobj.get());
            if filled.is_none_or(|f| ptr::eq(f, cell)) {
                generic = row.function.get();
            }
            // SAFETY: a wrapper's base is a row of the table or a copy of one.
            let (wrapped_by, wrapped_slot) = unsafe { ((*wrapper.0.d_base.get()).wrapper.get(), (*wrapper.0.d_base.get()).offset.get()) };
            // A slot that Python code never fills (`sq_concat`) takes no function of another slot of that name (`nb_add`).
            // Nor does `nb_add`, which is called with swapped operands too, take `sq_concat`.
            let for_this_slot = wrapped_slot == row.offset.get() || !row.function.get().is_null() && !is_add(row);
            let same_kind = for_this_slot && match (wrapped_by, row.wrapper.get()) {
                (Some(a), Some(b)) => ptr::fn_addr_eq(a, b),
                _ => false,
            };
            let function = wrapper.0.d_wrapped.get();
            if same_kind && (specific.is_null() || specific == function) && ty.is_subtype(wrapper.defining_type()) {
                specific = function;
            } else {
                use_generic = true;
            }
        } else if offset == offset_of!(PyTypeObject, tp_new)
            && let Some(function) = descr::definition_and_self(found)
            && function.0.ml_meth.get().is_some_and(|f| {
                // SAFETY: compared by address only.
                ptr::fn_addr_eq(f, unsafe { std::mem::transmute::<abi::PyCFunctionWithKeywords, abi::PyCFunction>(tp_new_wrapper) })
            })
        {
            // Not a wrapper descriptor, but as good as one. A dispatcher left from an earlier `__new__` gives way to the real function.
            let now = cell.get();
            specific = if now.is_null() || now == slot_tp_new as *mut c_void {
                match function.1.and_then(|owner| owner.downcast::<Type>()) {
                    Some(owner) => owner.0.tp_new.get().map_or(ptr::null_mut(), |f| f as *mut c_void),
                    None => now,
                }
            } else {
                now
            };
        } else if found.is_none() && offset == offset_of!(PyTypeObject, tp_hash) {
            specific = PyObject_HashNotImplemented as *mut c_void;
        } else {
            use_generic = true;
            generic = row.function.get();
            if generic == slot_tp_call as *mut c_void {
                // A `__call__` of Python's must not be passed by through an inherited vectorcall.
                ty.clear_flags(abi::Py_TPFLAGS_HAVE_VECTORCALL as u64);
            }
        }
    }
    cell.set(if !specific.is_null() && !use_generic { specific } else { generic });
    end
}

/// `fixup_slot_dispatchers`: all slots of a new class.
pub(crate) fn fix_all_slots(ty: &Type) {
    let mut row = 0;
    while row < COUNT {
        row = update_group(ty, row);
    }
}

/// As `fix_all_slots`, for a class with one base, itself Python-made (or `object`): what the base has is right wherever the class has
/// no special method of its own.
pub(crate) fn fix_own_slots(ty: &Type, base: &Type, dict: &Dict) {
    let mut row = 0;
    let mut previous = usize::MAX;
    while row < COUNT {
        let offset = offset_of_row(row);
        if offset != previous {
            previous = offset;
            if let (Some(own), Some(inherited)) = (slot_cell(ty, offset), slot_cell(base, offset)) {
                own.set(inherited.get());
            }
        }
        row += 1;
    }
    let mut at = 0;
    while let Some((key, _)) = dict.next(&mut at) {
        for row in rows_of(key.raw()) {
            update_group(ty, group_start(row));
        }
    }
}

/// After `name` changed in the dict of `ty`: sets the slots of the type and of the subclasses that see the change.
pub(crate) fn update_slot(ty: &Type, name: &Str) {
    let name = Str::intern(Owned::from_ref(name));
    let mut groups: Vec<usize> = rows_of(name.raw()).map(group_start).collect();
    groups.dedup();
    if !groups.is_empty() {
        update_down(ty, &name, &groups);
    }
}

fn update_down(ty: &Type, name: &Str, groups: &[usize]) {
    for &group in groups {
        update_group(ty, group);
    }
    ty.for_each_subclass(|sub| {
        let hidden = sub.dict_opt().is_some_and(|dict| dict.contains_str(name));
        if !hidden {
            update_down(sub, name, groups);
        }
    });
}

/// After the bases of a class changed: all slots, of subclasses too.
pub(crate) fn update_all_slots(ty: &Type) {
    fix_all_slots(ty);
    ty.for_each_subclass(update_all_slots);
}

/// What a class has in `tp_iternext` after its `__next__` was deleted.
/// # Safety
/// A live object.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn _PyObject_NextNotImplemented(o: *mut PyObject) -> *mut PyObject {
    // SAFETY: by contract.
    err!(TypeError, "'{}' object is not iterable", unsafe { Object::from_ptr(o) }.type_name());
    ptr::null_mut()
}

pub use _PyObject_NextNotImplemented as next_not_implemented;

/// `PyIter_Check`: whether the type has a `tp_iternext` that is one.
#[inline]
pub fn is_iterator(ty: &Type) -> bool {
    match ty.0.tp_iternext.get() {
        Some(slot) => !ptr::fn_addr_eq(slot, _PyObject_NextNotImplemented as abi::iternextfunc),
        None => false,
    }
}

/// Whether a row is that of `__add__`.
fn is_add(row: &wrapperbase) -> bool {
    // SAFETY: names of rows are C strings.
    unsafe { std::ffi::CStr::from_ptr(row.name.get()) == c"__add__" }
}

/// The row of the table with this name and slot offset; for code that makes wrappers by itself.
pub fn row_named(name: &str) -> Option<&'static wrapperbase> {
    let name = Str::intern(Str::new(name));
    rows_of(name.raw()).next().map(|row| &SLOTDEFS[row])
}

/// Whether `descr` is a slot wrapper whose function is `function`.
pub fn is_wrapper_of(found: &Object, function: *const ()) -> bool {
    descr::wrapped_slot(found) == Some(function)
}
