//! Heap types from C descriptions: `PyType_FromMetaclass` and its relatives.

use crate::errors::{self, PyResult};
use crate::object::{Object, Owned, Type, set_cell};
use crate::types::mro::{best_base, calculate_metaclass};
use crate::types::subtype::subtype_dealloc;
use crate::types::type_new::{c_string_copy, link_tables, set_tp_name, type_new};
use crate::types::{self, Str, Tuple};
use crate::{err, exceptions, intern};
use abi::{
    PyAsyncMethods, PyBufferProcs, PyHeapTypeObject, PyMappingMethods, PyMemberDef, PyNumberMethods, PyObject, PySequenceMethods, PyType_Slot,
    PyType_Spec, PyTypeObject, c_char, c_int, c_void,
};
use std::cell::Cell;
use std::ffi::CStr;
use std::mem::offset_of;
use std::ptr;

pub const PY_TP_BASE: c_int = 48;
pub const PY_TP_BASES: c_int = 49;
pub const PY_TP_DOC: c_int = 56;
pub const PY_TP_MEMBERS: c_int = 72;
pub const PY_TP_TOKEN: c_int = 83;
const RELATIVE_OFFSET: c_int = 8;

/// Where a slot number's pointer lies in the heap type struct.
macro_rules! slot_offsets {
    ($($number:literal $kind:ident $field:ident;)*) => {
        const fn slot_offset(slot: c_int) -> Option<usize> {
            match slot {
                $($number => Some(slot_offsets!(@ $kind $field)),)*
                _ => None,
            }
        }
    };
    (@ tp $field:ident) => { offset_of!(PyTypeObject, $field) };
    (@ nb $field:ident) => { offset_of!(PyHeapTypeObject, as_number) + offset_of!(PyNumberMethods, $field) };
    (@ sq $field:ident) => { offset_of!(PyHeapTypeObject, as_sequence) + offset_of!(PySequenceMethods, $field) };
    (@ mp $field:ident) => { offset_of!(PyHeapTypeObject, as_mapping) + offset_of!(PyMappingMethods, $field) };
    (@ am $field:ident) => { offset_of!(PyHeapTypeObject, as_async) + offset_of!(PyAsyncMethods, $field) };
    (@ bf $field:ident) => { offset_of!(PyHeapTypeObject, as_buffer) + offset_of!(PyBufferProcs, $field) };
}

slot_offsets! {
    1 bf bf_getbuffer;
    2 bf bf_releasebuffer;
    3 mp mp_ass_subscript;
    4 mp mp_length;
    5 mp mp_subscript;
    6 nb nb_absolute;
    7 nb nb_add;
    8 nb nb_and;
    9 nb nb_bool;
    10 nb nb_divmod;
    11 nb nb_float;
    12 nb nb_floor_divide;
    13 nb nb_index;
    14 nb nb_inplace_add;
    15 nb nb_inplace_and;
    16 nb nb_inplace_floor_divide;
    17 nb nb_inplace_lshift;
    18 nb nb_inplace_multiply;
    19 nb nb_inplace_or;
    20 nb nb_inplace_power;
    21 nb nb_inplace_remainder;
    22 nb nb_inplace_rshift;
    23 nb nb_inplace_subtract;
    24 nb nb_inplace_true_divide;
    25 nb nb_inplace_xor;
    26 nb nb_int;
    27 nb nb_invert;
    28 nb nb_lshift;
    29 nb nb_multiply;
    30 nb nb_negative;
    31 nb nb_or;
    32 nb nb_positive;
    33 nb nb_power;
    34 nb nb_remainder;
    35 nb nb_rshift;
    36 nb nb_subtract;
    37 nb nb_true_divide;
    38 nb nb_xor;
    39 sq sq_ass_item;
    40 sq sq_concat;
    41 sq sq_contains;
    42 sq sq_inplace_concat;
    43 sq sq_inplace_repeat;
    44 sq sq_item;
    45 sq sq_length;
    46 sq sq_repeat;
    47 tp tp_alloc;
    48 tp tp_base;
    49 tp tp_bases;
    50 tp tp_call;
    51 tp tp_clear;
    52 tp tp_dealloc;
    53 tp tp_del;
    54 tp tp_descr_get;
    55 tp tp_descr_set;
    56 tp tp_doc;
    57 tp tp_getattr;
    58 tp tp_getattro;
    59 tp tp_hash;
    60 tp tp_init;
    61 tp tp_is_gc;
    62 tp tp_iter;
    63 tp tp_iternext;
    64 tp tp_methods;
    65 tp tp_new;
    66 tp tp_repr;
    67 tp tp_richcompare;
    68 tp tp_setattr;
    69 tp tp_setattro;
    70 tp tp_str;
    71 tp tp_traverse;
    72 tp tp_members;
    73 tp tp_getset;
    74 tp tp_free;
    75 nb nb_matrix_multiply;
    76 nb nb_inplace_matrix_multiply;
    77 am am_await;
    78 am am_aiter;
    79 am am_anext;
    80 tp tp_finalize;
    81 am am_send;
    82 tp tp_vectorcall;
}

/// What the slots say before the type exists.
#[derive(Default)]
struct Scan {
    member_count: usize,
    /// Offsets, and whether they count from the type's own data.
    weaklist_offset: Option<(isize, bool)>,
    dict_offset: Option<(isize, bool)>,
    vectorcall_offset: Option<(isize, bool)>,
    doc: Option<Vec<u8>>,
    token: Option<*mut c_void>,
    members: *mut PyMemberDef,
    base: *mut PyTypeObject,
    bases: *mut PyObject,
}

/// A member as it may stand in a specification.
unsafe fn check_member(member: &PyMemberDef, basicsize: c_int) -> PyResult<()> {
    let flags = member.flags.get();
    if flags & RELATIVE_OFFSET != 0 {
        if basicsize > 0 {
            return Err(err!(SystemError, "With Py_RELATIVE_OFFSET, basicsize must be negative."));
        }
        if member.offset.get() < 0 || member.offset.get() >= -(basicsize as isize) {
            return Err(err!(SystemError, "Member offset out of range (0..-basicsize)"));
        }
    }
    // SAFETY: the name is a C string.
    let name = unsafe { CStr::from_ptr(member.name.get()) }.to_string_lossy();
    if matches!(&*name, "__weaklistoffset__" | "__dictoffset__" | "__vectorcalloffset__") {
        if member.r#type.get() != abi::Py_T_PYSSIZET {
            return Err(err!(SystemError, "type of {} must be Py_T_PYSSIZET", name));
        }
        if flags & !RELATIVE_OFFSET != abi::Py_READONLY {
            return Err(err!(SystemError, "flags for {} must be Py_READONLY or (Py_READONLY | Py_RELATIVE_OFFSET)", name));
        }
    }
    Ok(())
}

/// # Safety
/// A slot list ended by number 0.
unsafe fn scan(slots: *mut PyType_Slot, basicsize: c_int) -> PyResult<Scan> {
    let mut found = Scan { members: ptr::null_mut(), base: ptr::null_mut(), bases: ptr::null_mut(), ..Scan::default() };
    let mut at = slots;
    // SAFETY: by contract; members are ended by an entry without a name.
    unsafe {
        while (*at).slot.get() != 0 {
            let value = (*at).pfunc.get();
            match (*at).slot.get() {
                PY_TP_MEMBERS => {
                    if !found.members.is_null() {
                        return Err(err!(SystemError, "Multiple Py_tp_members slots are not supported."));
                    }
                    found.members = value as *mut PyMemberDef;
                    let mut member = found.members;
                    while !(*member).name.get().is_null() {
                        found.member_count += 1;
                        let name = CStr::from_ptr((*member).name.get()).to_bytes();
                        check_member(&*member, basicsize)?;
                        let relative = (*member).flags.get() & RELATIVE_OFFSET != 0;
                        let place = Some(((*member).offset.get(), relative));
                        match name {
                            b"__weaklistoffset__" => found.weaklist_offset = place,
                            b"__dictoffset__" => found.dict_offset = place,
                            b"__vectorcalloffset__" => found.vectorcall_offset = place,
                            _ => {}
                        }
                        member = member.add(1);
                    }
                }
                PY_TP_DOC => {
                    if found.doc.is_some() {
                        return Err(err!(SystemError, "Multiple Py_tp_doc slots are not supported."));
                    }
                    if !value.is_null() {
                        found.doc = Some(CStr::from_ptr(value as *const c_char).to_bytes().to_vec());
                    }
                }
                PY_TP_BASE => found.base = value as *mut PyTypeObject,
                PY_TP_BASES => found.bases = value as *mut PyObject,
                PY_TP_TOKEN => found.token = Some(value),
                number if slot_offset(number).is_none() => return Err(err!(RuntimeError, "invalid slot offset")),
                _ => {}
            }
            at = at.add(1);
        }
    }
    Ok(found)
}

fn bases_tuple(given: Option<&Object>, found: &Scan) -> PyResult<Owned<Tuple>> {
    if let Some(given) = given {
        return Ok(match given.downcast::<Tuple>() {
            Some(tuple) => Owned::from_ref(tuple),
            None => Tuple::new(&[given]),
        });
    }
    // SAFETY: NULL or objects that the spec keeps alive.
    unsafe {
        if let Some(bases) = Object::from_ptr_opt(found.bases) {
            return bases.to_owned().try_into_typed::<Tuple>().map_err(|_| err!(SystemError, "Py_tp_bases is not a tuple"));
        }
        if let Some(base) = Object::from_ptr_opt(found.base as *mut PyObject) {
            return Ok(Tuple::new(&[base]));
        }
    }
    Ok(Tuple::new(&[types::object_type()]))
}

/// `PyType_FromMetaclass`.
/// # Safety
/// A valid specification; static data that it points to (methods, getsets) outlives the type.
pub unsafe fn from_metaclass(metaclass: Option<&Type>, module: Option<&Object>, spec: *mut PyType_Spec, bases: Option<&Object>) -> PyResult<Owned<Type>> {
    // SAFETY: by contract.
    unsafe {
        let spec = &*spec;
        let found = scan(spec.slots.get(), spec.basicsize.get())?;
        if spec.name.get().is_null() {
            return Err(err!(SystemError, "Type spec does not define the name field."));
        }
        let name = CStr::from_ptr(spec.name.get()).to_string_lossy().into_owned();
        let bases = bases_tuple(bases, &found)?;
        let metaclass = match metaclass {
            Some(metaclass) => calculate_metaclass(metaclass, &bases)?,
            None => calculate_metaclass(types::type_type(), &bases)?,
        };
        if metaclass.0.tp_new.get().is_some_and(|f| !ptr::fn_addr_eq(f, type_new as abi::newfunc)) {
            return Err(err!(TypeError, "Metaclasses with custom tp_new are not supported."));
        }
        if spec.flags.get() as u64 & abi::Py_TPFLAGS_IMMUTABLETYPE as u64 != 0 {
            for base in bases.iter().filter_map(|base| base.downcast::<Type>()) {
                if !base.has_flag(abi::Py_TPFLAGS_IMMUTABLETYPE as u64) {
                    let shown = types::type_methods::fully_qualified_name(base)?;
                    return Err(err!(TypeError, "Creating immutable type {} from mutable base {}", name, shown));
                }
            }
        }
        let base = Owned::from_type(best_base(&bases)?);
        let (basicsize, data_offset) = basic_size(spec, &base, &name)?;
        let itemsize = if spec.itemsize.get() != 0 { spec.itemsize.get() as isize } else { base.0.tp_itemsize.get() };

        let class: Owned<Type> = metaclass.alloc(found.member_count as isize)?.cast_into();
        let ty = &class.0;
        ty.tp_flags.set(spec.flags.get() as u64 | abi::Py_TPFLAGS_HEAPTYPE);
        link_tables(&class);
        set_tp_name(&class, &name);
        let short = Str::intern(Str::new(name.rsplit('.').next().unwrap_or(&name)));
        if let Some(heap) = class.heap() {
            heap.ht_name.set(short.clone().into_raw());
            heap.ht_qualname.set(short.into_raw());
            heap.ht_module.set(module.map_or(ptr::null_mut(), |m| m.to_owned().into_raw()));
            if let Some(token) = found.token {
                heap.ht_token.set(if token.is_null() { spec as *const PyType_Spec as *mut c_void } else { token });
            }
        }
        ty.tp_base.set(base.clone().into_raw() as *mut PyTypeObject);
        ty.tp_bases.set(bases.into_raw());
        ty.tp_basicsize.set(basicsize);
        ty.tp_itemsize.set(itemsize);
        if let Some(doc) = &found.doc {
            ty.tp_doc.set(c_string_copy(doc));
        }
        fill_slots(&class, spec, &found, data_offset);
        if ty.tp_dealloc.get().is_none() {
            // An instance holds its heap type: the deallocator has to give it back.
            ty.tp_dealloc.set(Some(subtype_dealloc));
        }
        let places =
            [(found.vectorcall_offset, &ty.tp_vectorcall_offset), (found.weaklist_offset, &ty.tp_weaklistoffset), (found.dict_offset, &ty.tp_dictoffset)];
        for (place, cell) in places {
            if let Some((offset, relative)) = place {
                cell.set(offset + if relative { data_offset } else { 0 });
            }
        }
        types::type_ready(&class)?;
        let dict = class.dict();
        dict.pop(intern!("__weaklistoffset__"))?;
        dict.pop(intern!("__dictoffset__"))?;
        if !dict.contains_str(intern!("__module__")) {
            match name.rfind('.') {
                Some(dot) => dict.set_str(intern!("__module__"), &*Str::intern(Str::new(&name[..dot])))?,
                None => exceptions::warn(
                    exceptions::DeprecationWarning(),
                    &format!("builtin type {name} has no __module__ attribute"),
                    1,
                )?,
            }
        }
        class.modified();
        Ok(class)
    }
}

/// The basic size, and where the type's own data begins.
fn basic_size(spec: &PyType_Spec, base: &Type, name: &str) -> PyResult<(isize, isize)> {
    let align = |n: isize| (n + 15) & !15;
    let asked = spec.basicsize.get() as isize;
    let of_base = base.0.tp_basicsize.get();
    if asked == 0 {
        return Ok((of_base, of_base));
    }
    if asked < 0 {
        let flags = base.0.tp_flags.get() | spec.flags.get() as u64;
        if base.0.tp_itemsize.get() != 0 && flags & abi::Py_TPFLAGS_ITEMS_AT_END as u64 == 0 {
            return Err(err!(SystemError, "Cannot extend variable-size class without Py_TPFLAGS_ITEMS_AT_END."));
        }
        let start = align(of_base);
        return Ok((start + align(-asked), start));
    }
    if asked < of_base {
        return Err(err!(
            SystemError,
            "tp_basicsize for type '{}' ({}) is too small for base '{}' ({})",
            name,
            asked,
            base.name(),
            of_base
        ));
    }
    Ok((asked, asked))
}

/// Copies the slots' pointers and the members into the type.
unsafe fn fill_slots(class: &Owned<Type>, spec: &PyType_Spec, found: &Scan, data_offset: isize) {
    // SAFETY: slot numbers were checked; the members have room behind the struct.
    unsafe {
        let mut at = spec.slots.get();
        while (*at).slot.get() != 0 {
            let number = (*at).slot.get();
            if !matches!(number, PY_TP_BASE | PY_TP_BASES | PY_TP_DOC | PY_TP_MEMBERS | PY_TP_TOKEN)
                && let Some(offset) = slot_offset(number)
            {
                let cell = &*((class.raw() as *const u8).add(offset) as *const Cell<*mut c_void>);
                cell.set((*at).pfunc.get());
            }
            at = at.add(1);
        }
        if found.member_count > 0 {
            let members = (class.raw() as *mut u8).add(class.ty().basicsize()) as *mut PyMemberDef;
            ptr::copy_nonoverlapping(found.members, members, found.member_count);
            for i in 0..found.member_count {
                let member = &*members.add(i);
                if member.flags.get() & RELATIVE_OFFSET != 0 {
                    member.flags.set(member.flags.get() & !RELATIVE_OFFSET);
                    member.offset.set(member.offset.get() + data_offset);
                }
            }
            class.0.tp_members.set(members);
        }
    }
}

/// `PyType_GetSlot`.
pub fn get_slot(ty: &Type, slot: c_int) -> PyResult<*mut c_void> {
    let Some(offset) = (if slot == PY_TP_TOKEN { None } else { slot_offset(slot) }) else {
        return Err(errors::bad_internal_call());
    };
    let table: *mut c_void = if offset < size_of::<PyTypeObject>() {
        ty.as_type_ptr() as *mut c_void
    } else if offset < offset_of!(PyHeapTypeObject, as_number) {
        ty.0.tp_as_async.get() as *mut c_void
    } else if offset < offset_of!(PyHeapTypeObject, as_mapping) {
        ty.0.tp_as_number.get() as *mut c_void
    } else if offset < offset_of!(PyHeapTypeObject, as_sequence) {
        ty.0.tp_as_mapping.get() as *mut c_void
    } else if offset < offset_of!(PyHeapTypeObject, as_buffer) {
        ty.0.tp_as_sequence.get() as *mut c_void
    } else {
        ty.0.tp_as_buffer.get() as *mut c_void
    };
    if table.is_null() {
        return Ok(ptr::null_mut());
    }
    let start = [
        offset_of!(PyHeapTypeObject, as_buffer),
        offset_of!(PyHeapTypeObject, as_sequence),
        offset_of!(PyHeapTypeObject, as_mapping),
        offset_of!(PyHeapTypeObject, as_number),
        offset_of!(PyHeapTypeObject, as_async),
        0,
    ]
    .into_iter()
    .find(|&start| offset >= start)
    .unwrap_or(0);
    // SAFETY: every slot is one word inside its table.
    Ok(unsafe { *((table as *const u8).add(offset - start) as *const *mut c_void) })
}

/// `PyType_GetModule`.
pub fn module_of(ty: &Type) -> PyResult {
    let Some(heap) = ty.heap() else {
        return Err(err!(TypeError, "PyType_GetModule: Type '{}' is not a heap type", ty.name()));
    };
    // SAFETY: NULL or a module that the type holds.
    match unsafe { Object::from_ptr_opt(heap.ht_module.get()) } {
        Some(module) => Ok(module.to_owned()),
        None => Err(err!(TypeError, "PyType_GetModule: Type '{}' has no associated module", ty.name())),
    }
}

/// Sets the module that a heap type belongs to.
pub fn set_module(ty: &Type, module: &Object) {
    if let Some(heap) = ty.heap() {
        // SAFETY: the cell owns its value.
        unsafe { set_cell(&heap.ht_module, module.to_owned().into_raw()) };
    }
}
