//! The type slots: for each its C signature and how the Rust function's parameters and result map to it.

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The struct of a type object in which a slot lies.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Suite {
    Type,
    Number,
    Sequence,
    Mapping,
    Async,
    Buffer,
}

impl Suite {
    pub const SUBSIDIARY: [Suite; 5] = [Suite::Number, Suite::Sequence, Suite::Mapping, Suite::Async, Suite::Buffer];

    /// The C struct's name and the field of the type object that points to it.
    pub fn table(self) -> (Ident, Ident) {
        let (table, field) = match self {
            Suite::Type => ("PyTypeObject", "tp_base"),
            Suite::Number => ("PyNumberMethods", "tp_as_number"),
            Suite::Sequence => ("PySequenceMethods", "tp_as_sequence"),
            Suite::Mapping => ("PyMappingMethods", "tp_as_mapping"),
            Suite::Async => ("PyAsyncMethods", "tp_as_async"),
            Suite::Buffer => ("PyBufferProcs", "tp_as_buffer"),
        };
        (format_ident!("{table}"), format_ident!("{field}"))
    }

    pub fn of(slot: &str) -> Option<Suite> {
        Some(match slot.get(..3)? {
            "tp_" => Suite::Type,
            "nb_" => Suite::Number,
            "sq_" => Suite::Sequence,
            "mp_" => Suite::Mapping,
            "am_" => Suite::Async,
            "bf_" => Suite::Buffer,
            _ => return None,
        })
    }
}

/// How a slot's Rust result becomes its C result.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Returns {
    Object,
    /// `PyResult<Option<T>>`: `None` is NULL without an exception.
    Next,
    /// 0, 1 or -1.
    Int,
    Size,
    /// A size whose -1 becomes -2.
    Hash,
    /// `PyResult<SendResult>` and an out-pointer.
    Send,
    Void,
}

pub struct Slot {
    /// One letter a C parameter: `o` object, `t` type, `n` Py_ssize_t, `i` int, `p` any other pointer.
    pub parameters: &'static str,
    pub returns: Returns,
}

/// The slot's shape; `None` for names that can only be given raw.
pub fn slot(name: &str) -> Option<Slot> {
    use Returns::*;
    let (parameters, returns) = match name {
        "tp_repr" | "tp_str" | "tp_iter" | "nb_negative" | "nb_positive" | "nb_absolute" | "nb_invert" | "nb_int" | "nb_float" | "nb_index"
        | "am_await" | "am_aiter" | "am_anext" => ("o", Object),
        "tp_iternext" => ("o", Next),
        "tp_getattro" | "mp_subscript" | "sq_concat" | "sq_inplace_concat" => ("oo", Object),
        "nb_power" | "nb_inplace_power" | "tp_call" | "tp_descr_get" => ("ooo", Object),
        "tp_new" => ("too", Object),
        "tp_richcompare" => ("ooi", Object),
        "sq_item" | "sq_repeat" | "sq_inplace_repeat" => ("on", Object),
        "tp_alloc" => ("tn", Object),
        "sq_length" | "mp_length" => ("o", Size),
        "tp_hash" => ("o", Hash),
        "nb_bool" | "tp_clear" | "tp_is_gc" => ("o", Int),
        "sq_contains" => ("oo", Int),
        "sq_ass_item" => ("ono", Int),
        "mp_ass_subscript" | "tp_setattro" | "tp_descr_set" | "tp_init" => ("ooo", Int),
        "bf_getbuffer" => ("opi", Int),
        "bf_releasebuffer" => ("op", Void),
        "tp_dealloc" | "tp_finalize" | "tp_del" => ("o", Void),
        "am_send" => ("oo", Send),
        _ if name.starts_with("nb_") => ("oo", Object),
        _ => return None,
    };
    Some(Slot { parameters, returns })
}

/// The wrapper of a slot function whose parameters map one to one.
pub fn wrapper(name: &Ident, slot: &Slot, target: &TokenStream) -> TokenStream {
    let arguments: Vec<Ident> = (0..slot.parameters.len()).map(|i| format_ident!("a{i}")).collect();
    let types = slot.parameters.chars().map(|kind| match kind {
        'n' => quote!(isize),
        'i' => quote!(::core::ffi::c_int),
        'p' => quote!(*mut rt::Py_buffer),
        't' => quote!(*mut rt::PyTypeObject),
        _ => quote!(*mut rt::PyObject),
    });
    let call = quote!(#target(#(unsafe { rt::param(#arguments) }),*));
    let (extra, result, body) = match slot.returns {
        Returns::Object => (quote!(), quote!(*mut rt::PyObject), quote!(rt::object_result(#call))),
        Returns::Next => (quote!(), quote!(*mut rt::PyObject), quote!(rt::next_result(#call))),
        Returns::Int => (quote!(), quote!(::core::ffi::c_int), quote!(rt::SlotInt::into_c(#call))),
        Returns::Size => (quote!(), quote!(isize), quote!(rt::SlotSize::into_c(#call))),
        Returns::Hash => (quote!(), quote!(isize), quote!(rt::hash_result(#call))),
        Returns::Send => (quote!(, out: *mut *mut rt::PyObject), quote!(::core::ffi::c_int), quote!(unsafe { rt::send_result(#call, out) })),
        Returns::Void => (quote!(), quote!(()), quote!(#call)),
    };
    quote! {
        unsafe extern "C" fn #name(#(#arguments: #types),* #extra) -> #result {
            rt::guard(|| #body)
        }
    }
}
