//! `#[pytype]` and `#[pymethods]`: from an `impl` block to a static type object and its tables.

use crate::callable::{
    Binding, CallableAttr, bracketed, c_string, doc_text, is_named, parameter_types, parse_signature, respan, take_attrs, tuple_dict_body, vectorcall_body, wrap,
};
use crate::signature::Signature;
use crate::slots::{Suite, slot, wrapper};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, FnArg, ImplItem, ImplItemFn, ItemImpl, LitStr, Path, Result, Token, Type};

const MARKERS: &[&str] = &["slot", "method", "classmethod", "staticmethod", "getter", "setter"];

/// The parameters of `#[pytype(...)]`.
struct TypeAttr {
    entries: Vec<(Ident, Option<Expr>)>,
}

impl Parse for TypeAttr {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut entries = Vec::new();
        while !input.is_empty() {
            // `static` is a keyword; `Ident::parse_any` takes it.
            let key = syn::ext::IdentExt::parse_any(input)?;
            let value = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
            entries.push((key, value));
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        Ok(TypeAttr { entries })
    }
}

impl TypeAttr {
    fn flag(&self, name: &str) -> bool {
        self.entries.iter().any(|(key, value)| key == name && value.is_none())
    }
    fn value(&self, name: &str) -> Option<&Expr> {
        self.entries.iter().find(|(key, _)| key == name).and_then(|(_, value)| value.as_ref())
    }
    fn string(&self, name: &str) -> Result<Option<String>> {
        self.value(name).map(|e| string_of(e).map(|s| s.value())).transpose()
    }
    fn check_keys(&self) -> Result<()> {
        const KNOWN: &[&str] = &[
            "static", "name", "signature", "base", "metatype", "flags", "basicsize", "itemsize", "dictoffset", "weaklistoffset", "vectorcall_offset",
            "members", "module", "native", "methods", "no_pytyped", "doc", "final",
        ];
        for (key, value) in &self.entries {
            let text = key.to_string();
            if !KNOWN.contains(&text.as_str()) && !(Suite::of(&text).is_some() && value.is_some()) {
                return Err(Error::new(key.span(), format!("unknown key `{text}`")));
            }
        }
        Ok(())
    }
}

/// The expression inside the invisible groups that `macro_rules!` puts around its fragments.
pub fn ungroup(expr: &Expr) -> &Expr {
    match expr {
        Expr::Group(group) => ungroup(&group.expr),
        other => other,
    }
}

pub fn string_of(expr: &Expr) -> Result<LitStr> {
    match ungroup(expr) {
        Expr::Lit(lit) => match &lit.lit {
            syn::Lit::Str(text) => Ok(text.clone()),
            other => Err(Error::new(other.span(), "expected a string")),
        },
        other => Err(Error::new(other.span(), "expected a string")),
    }
}

/// What the annotated functions of an `impl` block declare.
#[derive(Default)]
struct Declared {
    /// Wrapper functions and other items.
    items: Vec<TokenStream>,
    methods: Vec<TokenStream>,
    /// Name, getter wrapper, setter wrapper, doc.
    getset: Vec<(String, Option<Ident>, Option<Ident>, String)>,
    slots: Vec<(Ident, TokenStream)>,
}

pub fn pytype(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let attr: TypeAttr = syn::parse2(attr)?;
    attr.check_keys()?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let this = (*block.self_ty).clone();
    let Some(Expr::Path(static_path)) = attr.value("static").map(ungroup) else {
        return Err(Error::new(this.span(), "`static = NAME` is missing"));
    };
    let Some(static_name) = static_path.path.get_ident().cloned() else {
        return Err(Error::new(static_path.span(), "expected an identifier"));
    };
    let Some(name) = attr.string("name")? else {
        return Err(Error::new(this.span(), "`name = \"...\"` is missing"));
    };
    let mut doc = attr.string("doc")?.unwrap_or_else(|| doc_text(&block.attrs));
    if let Some(signature) = attr.string("signature")? {
        doc = format!("{name}{signature}\n--\n\n{doc}");
    }
    let full_name = attr.string("module")?.map_or(name.clone(), |module| format!("{module}.{name}"));

    let mut flags = Vec::new();
    if let Some(expr) = attr.value("flags") {
        flag_names(expr, &mut flags)?;
    }
    let declared = collect(&mut block, &this, Some((&static_name, &name)))?;
    let has_gc = flags.iter().any(|f| f.is_ident("HAVE_GC"));
    let native = attr.flag("native");

    let mut assignments: Vec<TokenStream> = Vec::new();
    let mut suites: Vec<(Suite, Vec<TokenStream>)> = Suite::SUBSIDIARY.iter().map(|s| (*s, Vec::new())).collect();
    let mut add_slot = |name: &Ident, function: TokenStream| {
        let suite = Suite::of(&name.to_string()).unwrap_or(Suite::Type);
        let assignment = quote!(t.#name = ::core::cell::Cell::new(::core::option::Option::Some(#function)););
        match suites.iter_mut().find(|(s, _)| *s == suite) {
            Some((_, list)) => list.push(assignment),
            None => assignments.push(assignment),
        }
    };
    let has_slot = |name: &str| declared.slots.iter().any(|(slot, _)| slot == name) || attr.value(name).is_some();
    for (name, function) in &declared.slots {
        add_slot(name, function.clone());
    }
    for (key, value) in &attr.entries {
        if let Some(value) = value
            && Suite::of(&key.to_string()).is_some()
        {
            add_slot(key, quote!(#value));
        }
    }
    if native {
        if !has_slot("tp_dealloc") {
            add_slot(&format_ident!("tp_dealloc"), quote!(rt::native_dealloc::<#this>));
        }
        if has_gc && !has_slot("tp_traverse") {
            add_slot(&format_ident!("tp_traverse"), quote!(rt::native_traverse::<#this>));
        }
        if has_gc && !has_slot("tp_clear") {
            add_slot(&format_ident!("tp_clear"), quote!(rt::native_clear::<#this>));
        }
    }

    let mut statics: Vec<TokenStream> = Vec::new();
    for (suite, list) in suites.iter().filter(|(_, list)| !list.is_empty()) {
        let (table, field) = suite.table();
        let storage = format_ident!("AS_{}", format!("{suite:?}").to_uppercase());
        statics.push(quote! {
            static #storage: rt::Static<rt::#table> = {
                // SAFETY: all slots NULL.
                let mut t: rt::#table = unsafe { ::core::mem::zeroed() };
                #(#list)*
                rt::Static(t)
            };
        });
        assignments.push(quote!(t.#field = ::core::cell::Cell::new(#storage.ptr());));
    }

    let more: Vec<Expr> = attr.value("methods").map(bracketed).transpose()?.into_iter().flatten().collect();
    if !declared.methods.is_empty() || !more.is_empty() {
        let methods = &declared.methods;
        statics.push(quote! {
            const OWN: &[rt::MethodSpec] = &[#(#methods),*];
            const ALL: &[&[rt::MethodSpec]] = &[OWN #(, #more)*];
            static METHODS: rt::Static<[rt::PyMethodDef; rt::table_len(ALL)]> = rt::Static(rt::method_table(ALL));
        });
        assignments.push(quote!(t.tp_methods = ::core::cell::Cell::new(METHODS.first());));
    }
    if !declared.getset.is_empty() {
        let count = declared.getset.len() + 1;
        let entries = declared.getset.iter().map(|(name, get, set, doc)| {
            let name = c_string(name);
            let option = |f: &Option<Ident>| match f {
                Some(f) => quote!(::core::option::Option::Some(#f)),
                None => quote!(::core::option::Option::None),
            };
            let (get, set, doc) = (option(get), option(set), doc_pointer(doc));
            quote!(rt::getset(#name, #get, #set, #doc))
        });
        statics.push(quote! {
            static GETSET: rt::Static<[rt::PyGetSetDef; #count]> = rt::Static([#(#entries,)* rt::GETSET_END]);
        });
        assignments.push(quote!(t.tp_getset = ::core::cell::Cell::new(GETSET.first());));
    }
    if let Some(members) = attr.value("members") {
        let mut entries = Vec::new();
        for member in bracketed(members)? {
            let Expr::Tuple(tuple) = ungroup(&member) else {
                return Err(Error::new(member.span(), "expected (name, type, offset, flags, doc)"));
            };
            let parts: Vec<&Expr> = tuple.elems.iter().collect();
            let [name, ty, offset, flags, rest @ ..] = parts.as_slice() else {
                return Err(Error::new(member.span(), "expected (name, type, offset, flags, doc)"));
            };
            let name = c_string(&string_of(name)?.value());
            let doc = doc_pointer(&rest.first().map(|d| string_of(d).map(|d| d.value())).transpose()?.unwrap_or_default());
            entries.push(quote!(rt::member(#name, #ty, (#offset) as isize, #flags, #doc)));
        }
        let count = entries.len() + 1;
        statics.push(quote! {
            static MEMBERS: rt::Static<[rt::PyMemberDef; #count]> = {
                #[allow(unused_imports)]
                use rt::member_types::*;
                rt::Static([#(#entries,)* rt::MEMBER_END])
            };
        });
        assignments.push(quote!(t.tp_members = ::core::cell::Cell::new(MEMBERS.first());));
    }
    for (key, field) in [("base", "tp_base"), ("metatype", "ob_type")] {
        if let Some(path) = attr.value(key) {
            if field == "ob_type" {
                assignments.push(quote!(t = rt::with_metatype(t, &raw const #path);));
            } else {
                assignments.push(quote!(t.tp_base = ::core::cell::Cell::new(rt::type_pointer(&raw const #path));));
            }
        }
    }
    for (key, field) in [("dictoffset", "tp_dictoffset"), ("weaklistoffset", "tp_weaklistoffset"), ("vectorcall_offset", "tp_vectorcall_offset")] {
        if let Some(value) = attr.value(key) {
            let field = format_ident!("{field}");
            assignments.push(quote!(t.#field = ::core::cell::Cell::new((#value) as isize);));
        }
    }
    let basicsize = attr.value("basicsize").map_or_else(|| quote!(::core::mem::size_of::<#this>()), |e| quote!(#e));
    let itemsize = attr.value("itemsize").map_or_else(|| quote!(0), |e| quote!(#e));
    let c_name = c_string(&full_name);
    let c_doc = doc_pointer(&doc);
    let exported = {
        let text = static_name.to_string();
        text.starts_with("Py") || text.starts_with("_Py")
    };
    let export = exported.then(|| quote!(#[unsafe(no_mangle)]));
    let items = &declared.items;
    let of_module = if full_name.contains('.') { quote!(rt::type_flags::MODULE_TYPE) } else { quote!(0) };
    let typed = if attr.flag("no_pytyped") { quote!() } else { typed_impl(&this, &static_name, &flags, attr.flag("final")) };
    let construct = native.then(|| native_impl(&this));

    Ok(quote! {
        #block
        #[allow(non_upper_case_globals)]
        #export
        pub static #static_name: ::runtime::object::Type = {
            use ::runtime::macro_support as rt;
            #(#items)*
            #(#statics)*
            let mut t = rt::static_type(#c_name, #basicsize, #itemsize, #of_module #(| rt::type_flags::#flags)*, #c_doc);
            #(#assignments)*
            ::runtime::object::Type(t)
        };
        #typed
        #construct
    })
}

fn doc_pointer(doc: &str) -> TokenStream {
    if doc.is_empty() {
        return quote!(::core::ptr::null());
    }
    let doc = c_string(doc);
    quote!(#doc.as_ptr())
}

/// `A | B | C` as paths.
fn flag_names(expr: &Expr, out: &mut Vec<Path>) -> Result<()> {
    match ungroup(expr) {
        Expr::Binary(binary) => {
            flag_names(&binary.left, out)?;
            flag_names(&binary.right, out)
        }
        Expr::Path(path) => {
            out.push(path.path.clone());
            Ok(())
        }
        other => Err(Error::new(other.span(), "expected FLAG | FLAG ...")),
    }
}

fn typed_impl(this: &Type, static_name: &Ident, flags: &[Path], is_final: bool) -> TokenStream {
    let fast = flags.iter().find(|f| f.get_ident().is_some_and(|i| i.to_string().ends_with("_SUBCLASS")));
    let check = if static_name == "PyBaseObject_Type" {
        quote!(let _ = object; true)
    } else if is_final {
        quote!(::core::ptr::eq(object.ty(), &#static_name))
    } else if let Some(flag) = fast {
        quote!(object.ty().has_flag(::runtime::macro_support::type_flags::#flag))
    } else {
        quote!(object.ty().is_subtype(&#static_name))
    };
    // `Object` is the target itself, and `Type` derefs by hand.
    let deref = (static_name != "PyBaseObject_Type" && static_name != "PyType_Type").then(|| {
        quote! {
            impl ::core::ops::Deref for #this {
                type Target = ::runtime::object::Object;
                #[inline(always)]
                fn deref(&self) -> &::runtime::object::Object {
                    ::runtime::object::PyTyped::as_object(self)
                }
            }
        }
    });
    let own = (static_name != "PyBaseObject_Type" && static_name != "PyType_Type").then(|| {
        quote! {
            impl #this {
                /// A new reference (inherent, so that no reference to the struct is cloned instead).
                #[inline(always)]
                #[allow(dead_code)]
                pub fn to_owned(&self) -> ::runtime::object::Owned {
                    ::runtime::object::Object::to_owned(self)
                }
            }
        }
    });
    quote! {
        #deref
        #own
        // SAFETY: the type object declares this struct as its instances' layout.
        unsafe impl ::runtime::object::PyTyped for #this {
            #[inline(always)]
            fn type_object() -> &'static ::runtime::object::Type {
                &#static_name
            }
            #[inline(always)]
            fn check(object: &::runtime::object::Object) -> bool {
                #check
            }
        }
    }
}

fn native_impl(this: &Type) -> TokenStream {
    quote! {
        impl #this {
            /// Allocates an instance of `cls` (this type or a subtype) and moves the fields of `value` in; the head of `value` is ignored.
            #[inline]
            #[allow(dead_code)]
            pub fn construct(cls: &::runtime::object::Type, value: Self) -> ::runtime::errors::PyResult<::runtime::object::Owned<Self>> {
                // SAFETY: a native type: `#[repr(C)]`, the head first.
                unsafe { ::runtime::macro_support::construct(cls, value) }
            }
        }
    }
}

pub fn pymethods(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let name: Ident = syn::parse2(attr)?;
    let mut block: ItemImpl = syn::parse2(item)?;
    let this = (*block.self_ty).clone();
    let declared = collect(&mut block, &this, None)?;
    let (items, methods) = (&declared.items, &declared.methods);
    if !declared.slots.is_empty() || !declared.getset.is_empty() {
        return Err(Error::new(this.span(), "only methods may stand in a #[pymethods] block"));
    }
    Ok(quote! {
        #block
        impl #this {
            pub const #name: &'static [::runtime::macro_support::MethodSpec] = {
                use ::runtime::macro_support as rt;
                #(#items)*
                &[#(#methods),*]
            };
        }
    })
}

/// Takes the marker attributes off the functions of `block` and writes their wrappers.
fn collect(block: &mut ItemImpl, this: &Type, type_info: Option<(&Ident, &str)>) -> Result<Declared> {
    let mut declared = Declared::default();
    for item in &mut block.items {
        let ImplItem::Fn(function) = item else { continue };
        let doc = doc_text(&function.attrs);
        for attr in take_attrs(&mut function.attrs, MARKERS) {
            declare(&mut declared, &attr, function, this, &doc, type_info)?;
        }
    }
    Ok(declared)
}

fn declare(declared: &mut Declared, attr: &Attribute, function: &ImplItemFn, this: &Type, doc: &str, type_info: Option<(&Ident, &str)>) -> Result<()> {
    let name = &function.sig.ident;
    let target = quote!(<#this>::#name);
    let index = declared.items.len();
    let span = name.span();
    let binding = match attr.path().get_ident().map(|i| i.to_string()).as_deref() {
        Some(kind @ ("slot" | "getter" | "setter")) => {
            match kind {
                "slot" => declare_slot(declared, attr, function, &target, type_info)?,
                "getter" => declare_getter(declared, attr, function, &target, doc)?,
                _ => declare_setter(declared, attr, function, &target)?,
            }
            for item in &mut declared.items[index..] {
                *item = respan(std::mem::take(item), span);
            }
            return Ok(());
        }
        Some("classmethod") => Binding::Class,
        Some("staticmethod") => Binding::Static,
        _ => Binding::Method,
    };
    let wrapped = wrap(&CallableAttr::parse(attr)?, binding, &target, &function.sig, doc, index)?;
    declared.items.push(wrapped.function);
    declared.methods.push(wrapped.spec);
    Ok(())
}

/// `#[slot]`, `#[slot(tp_name)]`, `#[slot(raw = tp_name)]`, `#[slot("name(signature)")]`, `#[slot("name(signature)", vectorcall)]`.
fn declare_slot(declared: &mut Declared, attr: &Attribute, function: &ImplItemFn, target: &TokenStream, type_info: Option<(&Ident, &str)>) -> Result<()> {
    let mut name = function.sig.ident.clone();
    let mut signature: Option<LitStr> = None;
    let mut vectorcall = false;
    if let syn::Meta::List(list) = &attr.meta {
        if let Ok(text) = list.parse_args::<LitStr>() {
            signature = Some(text);
        } else {
            let parts = list.parse_args_with(Punctuated::<SlotPart, Token![,]>::parse_terminated)?;
            for part in parts {
                match part {
                    SlotPart::Raw(slot) => {
                        declared.slots.push((slot, target.clone()));
                        return Ok(());
                    }
                    SlotPart::Name(flag) if flag == "vectorcall" => vectorcall = true,
                    SlotPart::Name(slot) => name = slot,
                    SlotPart::Signature(text) => signature = Some(text),
                }
            }
        }
    }
    let text = name.to_string();
    let span = name.span();
    let wrapper_name = format_ident!("__slot_{}", name);
    if Suite::of(&text).is_none() {
        return Err(Error::new(span, format!("`{text}` is not the name of a slot")));
    }
    let inputs: Vec<&FnArg> = function.sig.inputs.iter().collect();
    if let Some(signature) = signature {
        let Some((static_name, _)) = type_info else {
            return Err(Error::new(span, "slots belong in the #[pytype] block"));
        };
        if inputs.is_empty() {
            return Err(Error::new(span, "the first parameter (`&self`, `cls: &Type`) is missing"));
        }
        let parsed = parse_signature(&signature)?;
        let types = parameter_types(&inputs[1..])?;
        declared.items.push(signature_slot(&text, &wrapper_name, &parsed, &types, target, static_name, span)?);
        if vectorcall {
            let body = vectorcall_body(&parsed, &types, target, span)?;
            declared.items.push(quote! {
                unsafe extern "C" fn __slot_tp_vectorcall(
                    slf: *mut rt::PyObject,
                    args: *const *mut rt::PyObject,
                    nargsf: usize,
                    kwnames: *mut rt::PyObject,
                ) -> *mut rt::PyObject {
                    rt::guard_object(|| #body)
                }
            });
            declared.slots.push((format_ident!("tp_vectorcall"), quote!(__slot_tp_vectorcall)));
        }
    } else {
        declared.items.push(match text.as_str() {
            "tp_traverse" => quote! {
                unsafe extern "C" fn #wrapper_name(slf: *mut rt::PyObject, visit: rt::VisitFn, arg: *mut ::core::ffi::c_void) -> ::core::ffi::c_int {
                    let mut visitor = rt::Visitor::new(visit, arg);
                    rt::guard(move || {
                        let answer = #target(unsafe { rt::param(slf) }, &mut visitor);
                        visitor.finish(answer)
                    })
                }
            },
            "tp_vectorcall" => quote! {
                unsafe extern "C" fn #wrapper_name(slf: *mut rt::PyObject, args: *const *mut rt::PyObject, nargsf: usize, kwnames: *mut rt::PyObject) -> *mut rt::PyObject {
                    rt::guard(|| {
                        // SAFETY: the arguments of a vectorcall.
                        let (args, kwargs) = unsafe { rt::raw_arguments(args, (nargsf & (usize::MAX >> 1)) as isize, kwnames) };
                        rt::object_result(#target(unsafe { rt::param(slf) }, args, kwargs))
                    })
                }
            },
            _ => {
                let Some(slot) = slot(&text) else {
                    return Err(Error::new(span, format!("`{text}` can only be given as #[slot(raw = {text})]")));
                };
                let expected = slot.parameters.len();
                if inputs.len() != expected {
                    return Err(Error::new(span, format!("`{text}` takes {expected} parameters")));
                }
                wrapper(&wrapper_name, &slot, target)
            }
        });
    }
    declared.slots.push((name, quote!(#wrapper_name)));
    Ok(())
}

/// `tp_new`, `tp_init` and `tp_call` with a text signature.
fn signature_slot(
    slot: &str,
    wrapper: &Ident,
    signature: &Signature,
    types: &[&Type],
    target: &TokenStream,
    static_name: &Ident,
    span: proc_macro2::Span,
) -> Result<TokenStream> {
    // Keywords of a type without keyword parameters are refused only where the other half of construction is not a subclass's own.
    let (check, status) = match slot {
        "tp_new" => (quote!(unsafe { rt::refuses_keywords_in_new(slf, &raw const #static_name) }), false),
        "tp_init" => (quote!(unsafe { rt::refuses_keywords_in_init(slf, &raw const #static_name) }), true),
        "tp_call" => (quote!(true), false),
        _ => return Err(Error::new(span, "only tp_new, tp_init and tp_call take a signature")),
    };
    let body = tuple_dict_body(signature, types, target, span, check, status)?;
    let result = if status { quote!(::core::ffi::c_int) } else { quote!(*mut rt::PyObject) };
    let guard = if status { quote!(rt::guard_status) } else { quote!(rt::guard_object) };
    let receiver = if slot == "tp_new" { quote!(*mut rt::PyTypeObject) } else { quote!(*mut rt::PyObject) };
    Ok(quote! {
        unsafe extern "C" fn #wrapper(slf: #receiver, args: *mut rt::PyObject, kwargs: *mut rt::PyObject) -> #result {
            #guard(|| #body)
        }
    })
}

enum SlotPart {
    Raw(Ident),
    Name(Ident),
    Signature(LitStr),
}

impl Parse for SlotPart {
    fn parse(input: ParseStream) -> Result<Self> {
        if input.peek(LitStr) {
            return Ok(SlotPart::Signature(input.parse()?));
        }
        let name: Ident = input.parse()?;
        if name == "raw" {
            input.parse::<Token![=]>()?;
            return Ok(SlotPart::Raw(input.parse()?));
        }
        Ok(SlotPart::Name(name))
    }
}

/// The name (and doc) in `#[getter("name", "doc")]`.
fn attribute_name(attr: &Attribute, default: &str) -> Result<(String, Option<String>)> {
    if matches!(attr.meta, syn::Meta::Path(_)) {
        return Ok((default.to_string(), None));
    }
    let parts = attr.parse_args_with(Punctuated::<LitStr, Token![,]>::parse_terminated)?;
    let mut parts = parts.into_iter().map(|p| p.value());
    Ok((parts.next().unwrap_or_else(|| default.to_string()), parts.next()))
}

fn declare_getter(declared: &mut Declared, attr: &Attribute, function: &ImplItemFn, target: &TokenStream, doc: &str) -> Result<()> {
    let ident = function.sig.ident.to_string();
    let (name, own_doc) = attribute_name(attr, ident.trim_start_matches("r#"))?;
    let wrapper = format_ident!("__get{}_{}", declared.items.len(), name);
    declared.items.push(quote! {
        unsafe extern "C" fn #wrapper(slf: *mut rt::PyObject, _: *mut ::core::ffi::c_void) -> *mut rt::PyObject {
            rt::guard(|| rt::object_result(#target(unsafe { rt::param(slf) })))
        }
    });
    let doc = own_doc.unwrap_or_else(|| doc.to_string());
    let entry = getset_entry(declared, name);
    entry.1 = Some(wrapper);
    entry.3 = doc;
    Ok(())
}

fn declare_setter(declared: &mut Declared, attr: &Attribute, function: &ImplItemFn, target: &TokenStream) -> Result<()> {
    let ident = function.sig.ident.to_string();
    let (name, _) = attribute_name(attr, ident.strip_prefix("set_").unwrap_or(&ident))?;
    let last_is_option = function.sig.inputs.last().is_some_and(|arg| match arg {
        FnArg::Typed(arg) => is_named(Some(&&*arg.ty), "Option"),
        FnArg::Receiver(_) => false,
    });
    if !last_is_option || function.sig.inputs.len() != 2 {
        return Err(Error::new(function.sig.ident.span(), "a setter takes `&self, value: Option<&Object>` (None deletes)"));
    }
    let wrapper = format_ident!("__set{}_{}", declared.items.len(), name);
    declared.items.push(quote! {
        unsafe extern "C" fn #wrapper(slf: *mut rt::PyObject, value: *mut rt::PyObject, _: *mut ::core::ffi::c_void) -> ::core::ffi::c_int {
            rt::guard(|| rt::SlotInt::into_c(#target(unsafe { rt::param(slf) }, unsafe { rt::param(value) })))
        }
    });
    getset_entry(declared, name).2 = Some(wrapper);
    Ok(())
}

fn getset_entry(declared: &mut Declared, name: String) -> &mut (String, Option<Ident>, Option<Ident>, String) {
    let at = match declared.getset.iter().position(|e| e.0 == name) {
        Some(at) => at,
        None => {
            declared.getset.push((name, None, None, String::new()));
            declared.getset.len() - 1
        }
    };
    &mut declared.getset[at]
}
