//! `#[pymodule]` and `#[pyfunctions]`: from an inline `mod` to a module definition with multi-phase initialisation.

use crate::callable::{Binding, CallableAttr, bracketed, c_string, doc_text, take_attrs, wrap};
use crate::pytype::string_of;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Error, Expr, Item, ItemMod, Path, Result, Token, parse_quote};

#[derive(Default)]
struct ModuleAttr {
    name: Option<String>,
    doc: Option<String>,
    state: Option<Expr>,
    include: Vec<Expr>,
}

impl Parse for ModuleAttr {
    fn parse(input: ParseStream) -> Result<Self> {
        let mut attr = ModuleAttr::default();
        while !input.is_empty() {
            let key: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let value: Expr = input.parse()?;
            match key.to_string().as_str() {
                "name" => attr.name = Some(string_of(&value)?.value()),
                "doc" => attr.doc = Some(string_of(&value)?.value()),
                "state" => attr.state = Some(value),
                "include" => attr.include = bracketed(&value)?.into_iter().collect(),
                _ => return Err(Error::new(key.span(), "expected name, doc, state or include")),
            }
            if input.parse::<Option<Token![,]>>()?.is_none() {
                break;
            }
        }
        Ok(attr)
    }
}

#[derive(Default)]
struct Declared {
    items: Vec<TokenStream>,
    functions: Vec<TokenStream>,
    exec: Option<Ident>,
    constants: Vec<Ident>,
}

fn collect(items: &mut [Item]) -> Result<Declared> {
    let mut declared = Declared::default();
    for item in items {
        match item {
            Item::Fn(function) => {
                let doc = doc_text(&function.attrs);
                for attr in take_attrs(&mut function.attrs, &["function", "exec"]) {
                    let name = &function.sig.ident;
                    if attr.path().is_ident("exec") {
                        declared.exec = Some(name.clone());
                        continue;
                    }
                    let index = declared.items.len();
                    let wrapped = wrap(&CallableAttr::parse(&attr)?, Binding::Module, &quote!(#name), &function.sig, &doc, index)?;
                    declared.items.push(wrapped.function);
                    declared.functions.push(wrapped.spec);
                }
            }
            Item::Const(constant) => {
                if !take_attrs(&mut constant.attrs, &["constant"]).is_empty() {
                    declared.constants.push(constant.ident.clone());
                }
            }
            _ => {}
        }
    }
    Ok(declared)
}

fn contents(module: &mut ItemMod) -> Result<&mut Vec<Item>> {
    let span = module.span();
    match &mut module.content {
        Some((_, items)) => Ok(items),
        None => Err(Error::new(span, "the attribute needs the module's body: `mod name { ... }`")),
    }
}

pub fn pymodule(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let attr: ModuleAttr = syn::parse2(attr)?;
    let mut module: ItemMod = syn::parse2(item)?;
    let doc = attr.doc.clone().unwrap_or_else(|| doc_text(&module.attrs));
    let mut types: Vec<Path> = Vec::new();
    for list in take_attrs(&mut module.attrs, &["types"]) {
        types.extend(list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?);
    }
    let Some(name) = attr.name.clone() else {
        return Err(Error::new(module.ident.span(), "`name = \"...\"` is missing"));
    };
    let items = contents(&mut module)?;
    let declared = collect(items)?;
    let (wrappers, functions, include) = (&declared.items, &declared.functions, &attr.include);
    let c_name = c_string(&name);
    let c_doc = if doc.is_empty() { quote!(::core::ptr::null()) } else { let d = c_string(&doc); quote!(#d.as_ptr()) };
    let constants = declared.constants.iter().map(|constant| {
        let key = constant.to_string();
        quote!(rt::add_constant(module, #key, rt::IntoPy::into_py(#constant)?)?;)
    });
    let begin = attr.state.as_ref().map(|state| quote!(unsafe { rt::init_state::<#state>(slf)? };));
    let run = declared.exec.as_ref().map(|exec| quote!(#exec(unsafe { rt::param(slf) })?;));
    let (size, state_slots) = match &attr.state {
        None => (quote!(0), quote!(::core::option::Option::None)),
        Some(state) => (quote!(rt::state_size::<#state>()), quote!(::core::option::Option::Some(rt::StateSlots::of::<#state>()))),
    };
    items.push(parse_quote! {
        /// The module's definition (multi-phase initialisation).
        #[allow(unused_unsafe)]
        pub static MODULE_DEF: ::runtime::macro_support::ModuleDef = {
            use ::runtime::macro_support as rt;
            #(#wrappers)*
            const OWN: &[rt::MethodSpec] = &[#(#functions),*];
            const ALL: &[&[rt::MethodSpec]] = &[OWN #(, #include)*];
            static FUNCTIONS: rt::Static<[rt::PyMethodDef; rt::table_len(ALL)]> = rt::Static(rt::method_table(ALL));
            unsafe extern "C" fn __exec(slf: *mut rt::PyObject) -> ::core::ffi::c_int {
                rt::guard_status(|| {
                    #begin
                    // SAFETY: the module that is being initialised.
                    let module = unsafe { rt::object(slf) };
                    #(rt::add_type(module, &#types)?;)*
                    #(#constants)*
                    #run
                    let _ = module;
                    ::core::result::Result::Ok(0)
                })
            }
            static SLOTS: rt::Static<[rt::PyModuleDef_Slot; 4]> = rt::Static(rt::module_slots(__exec));
            rt::ModuleDef::new(#c_name, #c_doc, #size, FUNCTIONS.first(), SLOTS.first(), #state_slots)
        };
    });
    items.push(parse_quote! {
        pub fn definition() -> &'static ::runtime::macro_support::ModuleDef {
            &MODULE_DEF
        }
    });
    Ok(quote!(#module))
}

pub fn pyfunctions(attr: TokenStream, item: TokenStream) -> Result<TokenStream> {
    let name: Ident = syn::parse2(attr)?;
    let mut module: ItemMod = syn::parse2(item)?;
    let items = contents(&mut module)?;
    let declared = collect(items)?;
    let (wrappers, functions) = (&declared.items, &declared.functions);
    items.push(parse_quote! {
        pub const #name: &[::runtime::macro_support::MethodSpec] = {
            use ::runtime::macro_support as rt;
            #(#wrappers)*
            &[#(#functions),*]
        };
    });
    Ok(quote!(#module))
}
