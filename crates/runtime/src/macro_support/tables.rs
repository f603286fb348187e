//! Static tables of C structs, built in constant expressions.

use crate::object::Type;
use abi::{PyCFunction, PyGetSetDef, PyMemberDef, PyMethodDef, PyObject, PyTypeObject, PyVarObject, getter, setter};
use std::cell::Cell;
use std::ffi::{CStr, c_char, c_int, c_ulong};
use std::ptr;

/// A static in writable memory whose address C code gets.
#[repr(transparent)]
pub struct Static<T>(pub T);
// SAFETY: only touched under the GIL.
unsafe impl<T> Sync for Static<T> {}

impl<T> Static<T> {
    pub const fn ptr(&'static self) -> *mut T {
        &raw const self.0 as *mut T
    }
}
impl<T, const N: usize> Static<[T; N]> {
    pub const fn first(&'static self) -> *mut T {
        &raw const self.0 as *mut T
    }
}

/// A method as the macros declare it; `method_table` makes `PyMethodDef`s of them.
#[derive(Clone, Copy)]
pub struct MethodSpec {
    name: &'static CStr,
    function: PyCFunction,
    flags: c_int,
    doc: &'static CStr,
}
// SAFETY: immutable.
unsafe impl Sync for MethodSpec {}

type Fastcall = unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize) -> *mut PyObject;
type FastcallKeywords = unsafe extern "C" fn(*mut PyObject, *const *mut PyObject, isize, *mut PyObject) -> *mut PyObject;

impl MethodSpec {
    pub const fn noargs(name: &'static CStr, function: PyCFunction, flags: c_int, doc: &'static CStr) -> MethodSpec {
        MethodSpec { name, function, flags: flags | abi::METH_NOARGS, doc }
    }
    pub const fn one(name: &'static CStr, function: PyCFunction, flags: c_int, doc: &'static CStr) -> MethodSpec {
        MethodSpec { name, function, flags: flags | abi::METH_O, doc }
    }
    pub const fn fastcall(name: &'static CStr, function: Fastcall, flags: c_int, doc: &'static CStr) -> MethodSpec {
        // SAFETY: called by the convention that the flags name.
        let function = unsafe { std::mem::transmute::<Fastcall, PyCFunction>(function) };
        MethodSpec { name, function, flags: flags | abi::METH_FASTCALL, doc }
    }
    pub const fn fastcall_keywords(name: &'static CStr, function: FastcallKeywords, flags: c_int, doc: &'static CStr) -> MethodSpec {
        // SAFETY: called by the convention that the flags name.
        let function = unsafe { std::mem::transmute::<FastcallKeywords, PyCFunction>(function) };
        MethodSpec { name, function, flags: flags | abi::METH_FASTCALL | abi::METH_KEYWORDS, doc }
    }
}

/// Entries of `method_table`, the end mark included.
pub const fn table_len(parts: &[&[MethodSpec]]) -> usize {
    let (mut total, mut at) = (1, 0);
    while at < parts.len() {
        total += parts[at].len();
        at += 1;
    }
    total
}

pub const fn method_table<const N: usize>(parts: &[&[MethodSpec]]) -> [PyMethodDef; N] {
    let mut table = [const { PyMethodDef::EMPTY }; N];
    let (mut part, mut next) = (0, 0);
    while part < parts.len() {
        let mut at = 0;
        while at < parts[part].len() {
            let spec = parts[part][at];
            table[next] = PyMethodDef {
                ml_name: Cell::new(spec.name.as_ptr()),
                ml_meth: Cell::new(Some(spec.function)),
                ml_flags: Cell::new(spec.flags),
                ml_doc: Cell::new(if spec.doc.is_empty() { ptr::null() } else { spec.doc.as_ptr() }),
            };
            next += 1;
            at += 1;
        }
        part += 1;
    }
    table
}

pub const GETSET_END: PyGetSetDef = PyGetSetDef::EMPTY;
pub const MEMBER_END: PyMemberDef = PyMemberDef::EMPTY;

pub const fn getset(name: &'static CStr, get: Option<getter>, set: Option<setter>, doc: *const c_char) -> PyGetSetDef {
    PyGetSetDef {
        name: Cell::new(name.as_ptr()),
        get: Cell::new(get),
        set: Cell::new(set),
        doc: Cell::new(doc),
        closure: Cell::new(ptr::null_mut()),
    }
}

pub const fn member(name: &'static CStr, ty: c_int, offset: isize, flags: c_int, doc: *const c_char) -> PyMemberDef {
    PyMemberDef { name: Cell::new(name.as_ptr()), r#type: Cell::new(ty), offset: Cell::new(offset), flags: Cell::new(flags), doc: Cell::new(doc) }
}

/// A type object with the fields that every static type has.
pub const fn static_type(name: &'static CStr, basicsize: usize, itemsize: usize, flags: u64, doc: *const c_char) -> PyTypeObject {
    PyTypeObject {
        ob_base: PyVarObject::immortal_static(ptr::null(), 0),
        tp_name: Cell::new(name.as_ptr()),
        tp_basicsize: Cell::new(basicsize as isize),
        tp_itemsize: Cell::new(itemsize as isize),
        tp_flags: Cell::new(flags as c_ulong),
        tp_doc: Cell::new(doc),
        ..PyTypeObject::EMPTY
    }
}

pub const fn with_metatype(mut ty: PyTypeObject, metatype: *const Type) -> PyTypeObject {
    ty.ob_base = PyVarObject::immortal_static(metatype as *const PyTypeObject, 0);
    ty
}

pub const fn type_pointer(ty: *const Type) -> *mut PyTypeObject {
    ty as *mut PyTypeObject
}

/// `Py_TPFLAGS_*` as `flags = ...` names them.
pub mod type_flags {
    pub const SEQUENCE: u64 = 1 << 5;
    pub const MAPPING: u64 = 1 << 6;
    pub const DISALLOW_INSTANTIATION: u64 = 1 << 7;
    pub const IMMUTABLETYPE: u64 = 1 << 8;
    pub const BASETYPE: u64 = 1 << 10;
    pub const HAVE_VECTORCALL: u64 = 1 << 11;
    pub const HAVE_GC: u64 = 1 << 14;
    pub const METHOD_DESCRIPTOR: u64 = 1 << 17;
    pub const IS_ABSTRACT: u64 = 1 << 20;
    /// Ours: `tp_new` makes the memory, but `__new__` is inherited, as where `tp_init` does all.
    pub const INHERITS_NEW: u64 = 1 << 16;
    /// Ours: a native type of a module, which CPython makes on the heap. `types::presented` shows it as such.
    pub const MODULE_TYPE: u64 = 1 << 21;
    pub const MATCH_SELF: u64 = 1 << 22;
    pub const ITEMS_AT_END: u64 = 1 << 23;
    pub const LONG_SUBCLASS: u64 = 1 << 24;
    pub const LIST_SUBCLASS: u64 = 1 << 25;
    pub const TUPLE_SUBCLASS: u64 = 1 << 26;
    pub const BYTES_SUBCLASS: u64 = 1 << 27;
    pub const UNICODE_SUBCLASS: u64 = 1 << 28;
    pub const DICT_SUBCLASS: u64 = 1 << 29;
    pub const BASE_EXC_SUBCLASS: u64 = 1 << 30;
    pub const TYPE_SUBCLASS: u64 = 1 << 31;
}

/// `Py_T_*` and member flags as `members = [...]` names them.
pub mod member_types {
    use std::ffi::c_int;
    pub const T_SHORT: c_int = 0;
    pub const T_INT: c_int = 1;
    pub const T_LONG: c_int = 2;
    pub const T_FLOAT: c_int = 3;
    pub const T_DOUBLE: c_int = 4;
    pub const T_STRING: c_int = 5;
    pub const T_OBJECT: c_int = 6;
    pub const T_CHAR: c_int = 7;
    pub const T_BYTE: c_int = 8;
    pub const T_UBYTE: c_int = 9;
    pub const T_USHORT: c_int = 10;
    pub const T_UINT: c_int = 11;
    pub const T_ULONG: c_int = 12;
    pub use crate::types::members::T_TYPE_FLAGS;
    pub const T_BOOL: c_int = 14;
    pub const T_OBJECT_EX: c_int = 16;
    pub const T_LONGLONG: c_int = 17;
    pub const T_ULONGLONG: c_int = 18;
    pub const T_PYSSIZET: c_int = 19;
    pub const READONLY: c_int = 1;
    pub const AUDIT_READ: c_int = 2;
}
