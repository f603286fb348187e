//! The built-in types, one file (or folder) each, and the object model around them.
//!
//! `type_object.rs` is the place to begin: lookup, caches, versions. `type_ready.rs` and `type_new.rs` make types, `slots.rs` keeps slots and
//! special methods in step, `attributes.rs` is generic attribute access, `startup.rs` readies the static types.

pub mod async_generator;
pub mod attributes;
pub mod bool;
pub mod builtin_function;
pub mod bytearray;
pub mod bytes;
pub mod capsule;
pub mod cell;
pub mod classmethod;
pub mod code;
pub mod code_extra;
pub mod code_from_unit;
pub mod code_new;
pub mod complex;
pub mod descr;
pub mod dict;
pub mod enumerate;
pub mod float;
pub mod frame;
pub mod frame_jump;
pub mod frame_locals;
pub mod from_spec;
pub mod function;
pub mod functional;
pub mod generator;
pub mod generic_alias;
pub mod int;
pub mod list;
mod list_methods;
pub mod list_sort;
pub mod mappingproxy;
pub mod members;
pub mod memoryview;
pub mod method;
pub mod module;
pub mod mro;
pub mod namespace;
pub mod object;
pub mod picklebuffer;
pub mod presented;
pub mod property;
pub mod range;
pub mod seq_iter;
pub mod set;
mod set_methods;
pub mod singletons;
pub mod slice;
pub mod slot_buffer;
pub mod slot_dispatch;
pub mod slot_wrappers;
pub mod slotdefs;
pub mod slots;
pub mod startup;
pub mod str;
pub mod structseq;
pub mod subclass_check;
pub mod subtype;
pub mod super_type;
pub mod template;
pub mod traceback;
pub mod tuple;
pub mod type_methods;
pub mod type_new;
pub mod type_object;
pub mod type_ready;
pub mod typevar;
pub mod union;
pub mod watchers;
pub mod weakref;
pub mod weakref_proxy;

pub use crate::exceptions::base::BaseException;
pub use crate::object::Type;
pub use self::bool::{Bool, bool_object, bool_type, false_, true_};
pub use builtin_function::BuiltinFunction;
pub use bytearray::ByteArray;
pub use bytes::Bytes;
pub use capsule::Capsule;
pub use cell::Cell;
pub use classmethod::{ClassMethod, StaticMethod};
pub use code::Code;
pub use complex::Complex;
pub use dict::Dict;
pub use float::Float;
pub use frame::Frame;
pub use function::Function;
pub use descr::MethodDescr as MethodDescriptor;
pub use descr::MemberDescr as MemberDescriptor;
pub use generator::Generator;
pub use generic_alias::GenericAlias;
pub use int::Int;
pub use list::List;
pub use mappingproxy::MappingProxy;
pub use memoryview::MemoryView;
pub use method::Method;
pub use module::Module;
pub use namespace::Namespace;
pub use object::object_type;
pub use property::Property;
pub use range::{Range, RangeIterator};
pub use set::{FrozenSet, Set};
pub use singletons::{ellipsis, none, not_implemented};
pub use slice::Slice;
pub use seq_iter::{ListIterator, TupleIterator};
pub use str::{Str, StrBuilder};
pub use super_type as super_;
pub use super_type::Super;
pub use traceback::Traceback;
pub use tuple::Tuple;
pub use type_methods::type_type;
pub use type_object::{GilCell, lookup_special, lookup_special_method};
pub use type_ready::{builtin_type_ready, type_ready};
pub use union::Union;
pub use weakref::WeakRef;

use crate::object::{Owned, PyTyped};

/// `str`.
#[inline(always)]
pub fn str_type() -> &'static Type {
    Str::type_object()
}

/// `tuple`.
#[inline(always)]
pub fn tuple_type() -> &'static Type {
    Tuple::type_object()
}

/// `frozenset`.
#[inline(always)]
pub fn frozenset_type() -> &'static Type {
    FrozenSet::type_object()
}

/// `NoneType`.
#[inline(always)]
pub fn none_type() -> &'static Type {
    singletons::NoneType::type_object()
}

/// `int`.
#[inline(always)]
pub fn int_type() -> &'static Type {
    Int::type_object()
}

/// An interned str.
pub fn intern(text: Owned<Str>) -> Owned<Str> {
    Str::intern(text)
}

/// Gives the blocks in free lists back (a full collection does).
pub fn clear_free_lists() {
    tuple::clear_free_lists();
    list::clear_free_list();
    float::clear_free_list();
}

/// What the free lists hold, as `sys._debugmallocstats` shows it. Types without a list are listed with none.
pub fn free_list_stats(out: &mut dyn std::fmt::Write) -> std::fmt::Result {
    let (small, large) = tuple::free_list_counts();
    for (count, name, size) in [(0, "PyDictObject", size_of::<abi::PyDictObject>()), (float::free_list_count(), "PyFloatObject", size_of::<abi::PyFloatObject>())] {
        writeln!(out, "{count} free {name}s * {size} bytes each = {}", count * size)?;
    }
    for (length, count) in small.iter().enumerate() {
        writeln!(out, "{count} free {}-sized PyTupleObjects * {} bytes each = {}", length + 1, large + 8 * length, count * (large + 8 * length))?;
    }
    Ok(())
}

/// An attribute of the `builtins` module, for `__reduce__` methods that name a built-in function.
pub fn builtin_attr(name: &str) -> crate::errors::PyResult {
    let name = Str::intern(Str::new(name));
    let current = crate::interp::frame::current();
    if current.is_null() {
        return crate::protocol::object::get_attr(&*crate::state::builtins()?, &name);
    }
    // The running code's builtins may be others than the interpreter's.
    // SAFETY: a running frame's builtins are live.
    let builtins = unsafe { crate::object::Object::from_ptr((*current).f_builtins) }.to_owned();
    let found = crate::protocol::mapping::get_item(&builtins, &name);
    match crate::errors::catch(found, crate::exceptions::KeyError())? {
        Some(value) => Ok(value),
        None => Err(crate::errors::raise_object(crate::exceptions::AttributeError(), Some(&*name))),
    }
}
