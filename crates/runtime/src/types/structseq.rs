//! Struct sequences: tuples with named fields (`sys.version_info`, `os.stat_result`), of which some may be reachable by name only.
//!
//! The object is a tuple of `n_sequence_fields` items; the named-only ones lie behind, and are owned too.

use crate::errors::{self, PyResult};
use crate::gc;
use crate::object::{Object, Owned, Type, xdecref};
use crate::protocol::object as proto;
use crate::protocol::sequence;
use crate::types::from_spec::{self, PY_TP_BASE, PY_TP_DOC, PY_TP_MEMBERS};
use crate::types::{self, Dict, Int, Str, Tuple};
use crate::{err, intern};
use abi::{PyMemberDef, PyMethodDef, PyObject, PyType_Slot, PyType_Spec, PyTypeObject, c_int, c_void};
use std::cell::Cell;
use std::ffi::CString;
use std::ptr;

/// A field: its name (`None`: reachable by index only) and documentation.
#[derive(Clone, Copy)]
pub struct Field {
    pub name: Option<&'static str>,
    pub doc: &'static str,
}

impl Field {
    pub const fn new(name: &'static str, doc: &'static str) -> Field {
        Field { name: Some(name), doc }
    }
    pub const UNNAMED: Field = Field { name: None, doc: "" };
}

fn item_cell(o: *mut PyObject, index: usize) -> *const Cell<*mut PyObject> {
    // SAFETY: computed inside the object by callers that know its size.
    unsafe { ((*(o as *const abi::PyStructSequence)).ob_item.as_ptr()).add(index) }
}

fn field_count(ty: &Type, name: &'static Str) -> PyResult<usize> {
    let value = ty.dict().get_str(name);
    match value.as_ref().and_then(|v| v.downcast::<Int>()).and_then(|v| v.as_i64()) {
        Some(n) if n >= 0 => Ok(n as usize),
        _ => Err(err!(TypeError, "Missed attribute '{}' of type {}", name, ty.name())),
    }
}

/// Makes a type. `in_sequence` fields are visible as items.
pub fn new_type(name: &str, doc: &str, fields: &[Field], in_sequence: usize) -> PyResult<Owned<Type>> {
    let text = |s: &str| CString::new(s).unwrap_or_default();
    let members = members_of(fields);
    let (c_name, c_doc) = (text(name), text(doc));
    let slot = |number: c_int, value: *const c_void| PyType_Slot { slot: Cell::new(number), pfunc: Cell::new(value as *mut c_void) };
    let slots = [
        slot(52, structseq_dealloc as *const c_void),
        slot(66, structseq_repr as *const c_void),
        slot(PY_TP_DOC, c_doc.as_ptr() as *const c_void),
        slot(64, METHODS.as_ptr() as *const c_void),
        slot(65, structseq_new as *const c_void),
        slot(PY_TP_MEMBERS, members.as_ptr() as *const c_void),
        slot(71, structseq_traverse as *const c_void),
        slot(PY_TP_BASE, types::tuple_type().as_type_ptr() as *const c_void),
        slot(0, ptr::null()),
    ];
    let spec = PyType_Spec {
        name: Cell::new(c_name.as_ptr()),
        basicsize: Cell::new(0),
        itemsize: Cell::new(0),
        flags: Cell::new((abi::Py_TPFLAGS_DEFAULT | abi::Py_TPFLAGS_HAVE_GC) as u32),
        slots: Cell::new(slots.as_ptr() as *mut PyType_Slot),
    };
    // SAFETY: the specification is complete; what outlives the call was leaked or is static.
    let ty = unsafe { from_spec::from_metaclass(None, None, &raw const spec as *mut PyType_Spec, None)? };
    describe(&ty, fields, in_sequence)?;
    Ok(ty)
}

/// The members of the named fields. Names and documentation must outlive the type; these types live as long as their modules.
fn members_of(fields: &[Field]) -> Vec<PyMemberDef> {
    let text = |s: &str| CString::new(s).unwrap_or_default();
    let start = tuple_basicsize();
    let mut members: Vec<PyMemberDef> = Vec::new();
    for (i, field) in fields.iter().enumerate() {
        if let Some(name) = field.name {
            members.push(PyMemberDef {
                name: Cell::new(text(name).into_raw()),
                r#type: Cell::new(abi::_Py_T_OBJECT),
                offset: Cell::new((start + i * size_of::<usize>()) as isize),
                flags: Cell::new(1),
                doc: Cell::new(if field.doc.is_empty() { ptr::null() } else { text(field.doc).into_raw() }),
            });
        }
    }
    members.push(PyMemberDef::EMPTY);
    members
}

/// What a type's dict says of its fields.
fn describe(ty: &Type, fields: &[Field], in_sequence: usize) -> PyResult<()> {
    let unnamed = fields.iter().filter(|f| f.name.is_none()).count();
    let dict = ty.dict();
    dict.set_str(intern!("n_sequence_fields"), &*Int::from_i64(in_sequence as i64))?;
    dict.set_str(intern!("n_fields"), &*Int::from_i64(fields.len() as i64))?;
    dict.set_str(intern!("n_unnamed_fields"), &*Int::from_i64(unnamed as i64))?;
    let names: Vec<Owned> =
        fields[..in_sequence.min(fields.len())].iter().filter_map(|f| f.name).map(|n| Str::intern(Str::new(n)).into_object()).collect();
    dict.set_str(intern!("__match_args__"), &*Tuple::from_owned(names))?;
    ty.modified();
    Ok(())
}

/// `PyStructSequence_InitType2`: fills in an extension's static type, which is zeroed but for its head.
/// # Safety
/// Name and documentation outlive the type.
pub unsafe fn init_static(ty: &Type, name: *const std::ffi::c_char, doc: *const std::ffi::c_char, fields: &[Field], in_sequence: usize) -> PyResult<()> {
    if ty.is_ready() {
        return Ok(());
    }
    let own = &ty.0;
    // SAFETY: function pointers of the slots' types; members and methods live for good.
    unsafe {
        let cell = |slot: *const c_void, value: *const c_void| *(slot as *mut *const c_void) = value;
        own.tp_name.set(name);
        own.tp_doc.set(doc);
        cell((&raw const own.tp_dealloc).cast(), structseq_dealloc as *const c_void);
        cell((&raw const own.tp_repr).cast(), structseq_repr as *const c_void);
        cell((&raw const own.tp_new).cast(), structseq_new as *const c_void);
        cell((&raw const own.tp_traverse).cast(), structseq_traverse as *const c_void);
        cell((&raw const own.tp_methods).cast(), METHODS.as_ptr() as *const c_void);
    }
    own.tp_members.set(Box::leak(members_of(fields).into_boxed_slice()).as_mut_ptr());
    own.tp_basicsize.set(tuple_basicsize() as isize);
    own.tp_itemsize.set(size_of::<usize>() as isize);
    own.tp_base.set(types::tuple_type().as_type_ptr());
    own.tp_flags.set(own.tp_flags.get() | abi::Py_TPFLAGS_DEFAULT as u64 | abi::Py_TPFLAGS_HAVE_GC as u64);
    types::type_ready(ty)?;
    describe(ty, fields, in_sequence)
}


/// Offset of the items in a tuple.
fn tuple_basicsize() -> usize {
    types::tuple_type().basicsize()
}

/// An instance with the given items, one for each field.
pub fn new(ty: &Type, items: Vec<Owned>) -> PyResult {
    let visible = field_count(ty, intern!("n_sequence_fields"))?;
    let total = field_count(ty, intern!("n_fields"))?;
    if items.len() != total {
        return Err(errors::bad_internal_call());
    }
    let op = gc::gc_alloc(ty, tuple_basicsize() + total * size_of::<usize>())?;
    // SAFETY: a fresh block with room for all items.
    unsafe {
        let seq = &*(op as *const abi::PyStructSequence);
        seq.ob_base.ob_size.set(visible as isize);
        seq.ob_hash.set(-1);
        for (i, item) in items.into_iter().enumerate() {
            ptr::write(item_cell(op, i) as *mut *mut PyObject, item.into_raw());
        }
        gc::track(op);
        Ok(Owned::from_raw(op))
    }
}

/// An instance whose items are still to be set (`PyStructSequence_New`).
pub fn new_empty(ty: &Type) -> PyResult {
    let visible = field_count(ty, intern!("n_sequence_fields"))?;
    let total = field_count(ty, intern!("n_fields"))?;
    let op = gc::gc_alloc(ty, tuple_basicsize() + total * size_of::<usize>())?;
    // SAFETY: a fresh block with room for all items.
    unsafe {
        let seq = &*(op as *const abi::PyStructSequence);
        seq.ob_base.ob_size.set(visible as isize);
        seq.ob_hash.set(-1);
        for i in 0..total {
            ptr::write(item_cell(op, i) as *mut *mut PyObject, ptr::null_mut());
        }
        gc::track(op);
        Ok(Owned::from_raw(op))
    }
}

unsafe extern "C" fn structseq_new(ty: *mut PyTypeObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: the tp_new protocol.
        errors::to_c(unsafe {
            make(
                Type::from_type_ptr(ty),
                Object::from_ptr(args).cast::<Tuple>(),
                Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()),
            )
        })
    })
}

fn make(ty: &Type, args: &Tuple, kwargs: Option<&Dict>) -> PyResult {
    let visible = field_count(ty, intern!("n_sequence_fields"))?;
    let total = field_count(ty, intern!("n_fields"))?;
    let keyword = |name: &str| kwargs.and_then(|k| k.get_str(&Str::intern(Str::new(name))));
    let given = match args.len() {
        0 => keyword("sequence"),
        _ => Some(args.get(0).to_owned()),
    };
    let Some(given) = given else {
        return Err(err!(TypeError, "structseq() missing required argument 'sequence' (pos 1)"));
    };
    let by_name = if args.len() > 1 { Some(args.get(1).to_owned()) } else { keyword("dict") };
    let by_name = match by_name {
        None => None,
        Some(dict) => match dict.try_into_typed::<Dict>() {
            Ok(dict) => Some(dict),
            Err(_) => return Err(err!(TypeError, "{}() takes a dict as second arg, if any", ty.name())),
        },
    };
    let sequence = match errors::catch(sequence::to_tuple(&given), crate::exceptions::TypeError())? {
        Some(sequence) => sequence,
        None => return Err(err!(TypeError, "constructor requires a sequence")),
    };
    let n = sequence.len();
    if n < visible || n > total {
        return Err(if visible == total {
            err!(TypeError, "{}() takes a {}-sequence ({}-sequence given)", ty.name(), visible, n)
        } else if n < visible {
            err!(TypeError, "{}() takes an at least {}-sequence ({}-sequence given)", ty.name(), visible, n)
        } else {
            err!(TypeError, "{}() takes an at most {}-sequence ({}-sequence given)", ty.name(), total, n)
        });
    }
    let mut items: Vec<Owned> = (0..n).map(|i| sequence.get(i).to_owned()).collect();
    let mut used = 0;
    for i in n..total {
        let value = match (&by_name, field_name(ty, i)) {
            (Some(dict), Some(name)) => dict.get_str(&name),
            _ => None,
        };
        used += value.is_some() as usize;
        items.push(value.unwrap_or_else(|| types::none().to_owned()));
    }
    if let Some(dict) = &by_name
        && dict.len() > used
    {
        return Err(err!(TypeError, "{}() got duplicate or unexpected field name(s)", ty.name()));
    }
    new(ty, items)
}

/// The name of the field at an index.
fn field_name(ty: &Type, index: usize) -> Option<Owned<Str>> {
    let offset = (tuple_basicsize() + index * size_of::<usize>()) as isize;
    let base = defining_type(ty);
    let mut at = base.0.tp_members.get();
    // SAFETY: a table ended by an entry without a name.
    unsafe {
        while !at.is_null() && !(*at).name.get().is_null() {
            if (*at).offset.get() == offset {
                let name = std::ffi::CStr::from_ptr((*at).name.get()).to_string_lossy();
                return Some(Str::intern(Str::new(&name)));
            }
            at = at.add(1);
        }
    }
    None
}

/// The name of the nth named field: what the representation shows, also where unnamed fields lie between.
fn member_name(ty: &Type, n: usize) -> Option<Owned<Str>> {
    let mut at = defining_type(ty).0.tp_members.get();
    // SAFETY: a table ended by an entry without a name.
    unsafe {
        for _ in 0..n {
            if at.is_null() || (*at).name.get().is_null() {
                return None;
            }
            at = at.add(1);
        }
        if at.is_null() || (*at).name.get().is_null() {
            return None;
        }
        Some(Str::intern(Str::new(&std::ffi::CStr::from_ptr((*at).name.get()).to_string_lossy())))
    }
}

/// The `tp_new` of all struct sequences, for types that do more.
/// # Safety
/// The arguments of a `tp_new`.
pub unsafe fn new_from_arguments(ty: *mut PyTypeObject, args: *mut PyObject, kwargs: *mut PyObject) -> PyResult {
    // SAFETY: by contract.
    unsafe { make(Type::from_type_ptr(ty), Object::from_ptr(args).cast::<Tuple>(), Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>())) }
}

/// Gives field `to` of a fresh instance the value of field `from` if it has none.
pub fn default_hidden(instance: &Object, to: usize, from: usize) {
    if to < real_size(instance) && from < real_size(instance) && item(instance, to).is_none() {
        let value = item(instance, from);
        // SAFETY: both fields exist; the cell owns its value.
        unsafe { crate::object::set_cell(&*item_cell(instance.as_ptr(), to), value.into_raw()) };
    }
}

fn defining_type(ty: &Type) -> &Type {
    let mut at = ty;
    while at.0.tp_members.get().is_null() {
        match at.base() {
            Some(base) => at = base,
            None => break,
        }
    }
    at
}

/// How many items an instance owns, hidden ones included.
fn real_size(o: &Object) -> usize {
    let count = o.ty().lookup(intern!("n_fields")).and_then(|v| v.downcast::<Int>()).and_then(|v| v.as_i64());
    match count {
        Some(n) if n >= 0 => n as usize,
        // SAFETY: an instance of a tuple subclass.
        _ => unsafe { o.cast::<Tuple>() }.len(),
    }
}

unsafe extern "C" fn structseq_dealloc(this: *mut PyObject) {
    crate::macro_support::guard(|| {
        // SAFETY: a dead instance; its heap type loses a count at the end.
        unsafe {
            gc::untrack(this);
            let o = Object::from_ptr(this);
            let ty = o.ty_ptr();
            for i in 0..real_size(o) {
                xdecref((*item_cell(this, i)).get());
            }
            gc::gc_free(this);
            // Instances of a static type hold none.
            if Type::from_type_ptr(ty).is_heap_type() {
                xdecref(ty as *mut PyObject);
            }
        }
        0
    });
}

unsafe extern "C" fn structseq_traverse(this: *mut PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: a live instance.
    unsafe {
        let o = Object::from_ptr(this);
        let status = visit(o.ty().as_ptr(), arg);
        if status != 0 {
            return status;
        }
        for i in 0..real_size(o) {
            let item = (*item_cell(this, i)).get();
            if !item.is_null() {
                let status = visit(item, arg);
                if status != 0 {
                    return status;
                }
            }
        }
        0
    }
}

fn item(o: &Object, index: usize) -> Owned {
    // SAFETY: callers stay below the field count.
    unsafe { Object::from_ptr_opt((*item_cell(o.as_ptr(), index)).get()) }.unwrap_or(types::none()).to_owned()
}

unsafe extern "C" fn structseq_repr(this: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: a live instance.
        let o = unsafe { Object::from_ptr(this) };
        errors::to_c((|| {
            let mut parts = vec![Str::new(o.ty().name()), Str::new("(")];
            let visible = field_count_of(o, intern!("n_sequence_fields"))?;
            for i in 0..visible {
                if i > 0 {
                    parts.push(Str::new(", "));
                }
                let Some(name) = member_name(o.ty(), i) else {
                    return Err(err!(SystemError, "In structseq_repr(), member {} name is NULL for type {}", i, o.ty().name()));
                };
                parts.push(name);
                parts.push(Str::new("="));
                parts.push(proto::repr(&item(o, i))?);
            }
            parts.push(Str::new(")"));
            Str::concat_all(&parts)
        })())
    })
}

/// As `field_count`, also for subclasses.
fn field_count_of(o: &Object, name: &'static Str) -> PyResult<usize> {
    match o.ty().lookup(name).and_then(|v| v.downcast::<Int>()).and_then(|v| v.as_i64()) {
        Some(n) if n >= 0 => Ok(n as usize),
        _ => Err(err!(TypeError, "Missed attribute '{}' of type {}", name, o.ty().name())),
    }
}

unsafe extern "C" fn structseq_reduce(this: *mut PyObject, _: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: a live instance.
        let o = unsafe { Object::from_ptr(this) };
        errors::to_c((|| -> PyResult {
            let visible = field_count_of(o, intern!("n_sequence_fields"))?;
            let total = field_count_of(o, intern!("n_fields"))?;
            let shown = Tuple::from_owned((0..visible).map(|i| item(o, i)).collect());
            let hidden = Dict::new();
            for i in visible..total {
                if let Some(name) = field_name(o.ty(), i) {
                    hidden.set_str(&name, &*item(o, i))?;
                }
            }
            Ok(Tuple::new(&[o.ty(), &*Tuple::new(&[&*shown, &*hidden])]).into_object())
        })())
    })
}

unsafe extern "C" fn structseq_replace(this: *mut PyObject, args: *mut PyObject, kwargs: *mut PyObject) -> *mut PyObject {
    crate::macro_support::guard(|| {
        // SAFETY: a method's arguments.
        let (o, args, kwargs) = unsafe {
            (Object::from_ptr(this), Object::from_ptr(args).cast::<Tuple>(), Object::from_ptr_opt(kwargs).map(|k| k.cast::<Dict>()))
        };
        errors::to_c((|| -> PyResult {
            if args.len() > 0 {
                return Err(err!(TypeError, "__replace__() takes no positional arguments ({} given)", args.len()));
            }
            if field_count_of(o, intern!("n_unnamed_fields"))? > 0 {
                return Err(err!(
                    TypeError,
                    "__replace__() is not supported for {} because it has unnamed field(s)",
                    o.ty().name()
                ));
            }
            let changes = match kwargs {
                Some(kwargs) => kwargs.copy()?,
                None => Dict::new(),
            };
            let total = field_count_of(o, intern!("n_fields"))?;
            let mut items = Vec::with_capacity(total);
            for i in 0..total {
                let changed = match field_name(o.ty(), i) {
                    Some(name) => changes.pop(&name)?,
                    None => None,
                };
                items.push(changed.unwrap_or_else(|| item(o, i)));
            }
            if changes.len() > 0 {
                let names = changes.keys_list()?;
                return Err(err!(TypeError, "Got unexpected field name(s): {}", proto::repr(&names)?));
            }
            new(o.ty(), items)
        })())
    })
}

static METHODS: [PyMethodDef; 3] = [
    PyMethodDef {
        ml_name: Cell::new(c"__reduce__".as_ptr()),
        ml_meth: Cell::new(Some(structseq_reduce)),
        ml_flags: Cell::new(abi::METH_NOARGS),
        ml_doc: Cell::new(ptr::null()),
    },
    PyMethodDef {
        ml_name: Cell::new(c"__replace__".as_ptr()),
        // SAFETY: the flags say that the function takes keywords.
        ml_meth: Cell::new(Some(unsafe { std::mem::transmute::<abi::PyCFunctionWithKeywords, abi::PyCFunction>(structseq_replace) })),
        ml_flags: Cell::new(abi::METH_VARARGS | abi::METH_KEYWORDS),
        ml_doc: Cell::new(
            c"__replace__($self, /, **changes)\n--\n\nReturn a copy of the structure with new values for the specified fields.".as_ptr(),
        ),
    },
    PyMethodDef::EMPTY,
];
