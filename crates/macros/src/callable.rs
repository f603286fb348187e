//! From a Rust function with a text signature to a C function and its `MethodSpec`: picks the calling convention as Argument Clinic
//! does, and writes a wrapper that fetches and converts the arguments. All real work is in `runtime::macro_support`.

use crate::signature::{Kind, Parameter, Signature, default_expression};
use proc_macro2::{Group, Ident, Literal, Span, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::ffi::CString;
use syn::spanned::Spanned;
use syn::{Attribute, Error, Expr, ExprLit, FnArg, Lit, LitStr, Meta, Result, Token, Type, punctuated::Punctuated};

/// What stands before the declared parameters.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// `&self` or an object standing for it.
    Method,
    /// `cls: &Type`.
    Class,
    Static,
    /// A module function, which may take `&Module` first.
    Module,
}

/// `#[method("name(sig)", flags...)]` and its relatives.
pub struct CallableAttr {
    pub signature: LitStr,
    pub coexist: bool,
    pub nosig: bool,
}

impl CallableAttr {
    pub fn parse(attr: &Attribute) -> Result<CallableAttr> {
        attr.parse_args_with(|input: syn::parse::ParseStream| {
            let signature: LitStr = input.parse()?;
            let mut parsed = CallableAttr { signature, coexist: false, nosig: false };
            while input.parse::<Option<Token![,]>>()?.is_some() && !input.is_empty() {
                let flag: Ident = input.parse()?;
                match flag.to_string().as_str() {
                    "coexist" => parsed.coexist = true,
                    "nosig" => parsed.nosig = true,
                    _ => return Err(Error::new(flag.span(), "expected `coexist` or `nosig`")),
                }
            }
            Ok(parsed)
        })
    }
}

pub fn parse_signature(text: &LitStr) -> Result<Signature> {
    Signature::parse(&text.value()).map_err(|why| Error::new(text.span(), why))
}

/// The doc comment as Python shows it: without the space that follows `///`.
pub fn doc_text(attrs: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attr in attrs {
        if let Meta::NameValue(meta) = &attr.meta
            && meta.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) = &meta.value
        {
            for line in text.value().split('\n') {
                lines.push(line.strip_prefix(' ').unwrap_or(line).trim_end().to_string());
            }
        }
    }
    lines.join("\n").trim().to_string()
}

/// Removes the attributes of the given names and gives them.
pub fn take_attrs(attrs: &mut Vec<Attribute>, names: &[&str]) -> Vec<Attribute> {
    let (taken, kept) = std::mem::take(attrs).into_iter().partition(|a| names.iter().any(|n| a.path().is_ident(n)));
    *attrs = kept;
    taken
}

pub fn c_string(text: &str) -> TokenStream {
    let text = CString::new(text.replace('\0', "")).unwrap_or_default();
    let literal = Literal::c_string(&text);
    quote!(#literal)
}

/// `name(sig)\n--\n\ndoc`, from which `__text_signature__` and `__doc__` are read.
pub fn doc_with_signature(signature: &str, doc: &str) -> String {
    format!("{signature}\n--\n\n{doc}")
}

/// Gives generated code the place of `at`, so that the compiler's errors point to the function at fault.
pub fn respan(tokens: TokenStream, at: Span) -> TokenStream {
    let place = Span::call_site().located_at(at);
    tokens
        .into_iter()
        .map(|mut token| {
            match &mut token {
                TokenTree::Group(group) => {
                    let mut new = Group::new(group.delimiter(), respan(group.stream(), at));
                    new.set_span(place);
                    return TokenTree::Group(new);
                }
                TokenTree::Ident(ident) if ident == "$crate" => {}
                other => other.set_span(place),
            }
            token
        })
        .collect()
}

/// The wrapper function and the expression of its `MethodSpec`.
pub struct Wrapped {
    pub function: TokenStream,
    pub spec: TokenStream,
}

pub fn wrap(attr: &CallableAttr, binding: Binding, target: &TokenStream, sig: &syn::Signature, doc: &str, index: usize) -> Result<Wrapped> {
    let signature = parse_signature(&attr.signature)?;
    let inputs: Vec<&FnArg> = sig.inputs.iter().collect();
    let leading = leading_count(binding, &inputs, &signature);
    if leading > inputs.len() {
        return Err(Error::new(sig.ident.span(), "the first parameter (`&self`, `cls: &Type`) is missing"));
    }
    let types = parameter_types(&inputs[leading..])?;
    let convention = Convention::choose(&signature, &types);
    let first: Option<TokenStream> = (leading == 1).then(|| quote!(rt::param(slf)));
    let wrapper = format_ident!("__py{}_{}", index, sig.ident.to_string().trim_start_matches("r#"));
    let body = call_body(&signature, &types, convention, target, first, sig.ident.span())?;
    let (constructor, parameters) = match convention {
        Convention::NoArgs => ("noargs", quote!(slf: *mut rt::PyObject, _: *mut rt::PyObject)),
        Convention::One => ("one", quote!(slf: *mut rt::PyObject, arg: *mut rt::PyObject)),
        Convention::Fast => ("fastcall", quote!(slf: *mut rt::PyObject, args: *const *mut rt::PyObject, nargs: isize)),
        Convention::FastKeywords => (
            "fastcall_keywords",
            quote!(slf: *mut rt::PyObject, args: *const *mut rt::PyObject, nargs: isize, kwnames: *mut rt::PyObject),
        ),
    };
    let constructor = Ident::new(constructor, Span::call_site());
    let mut flags = match binding {
        Binding::Class => 0x10,
        Binding::Static => 0x20,
        Binding::Method | Binding::Module => 0,
    };
    if attr.coexist {
        flags |= 0x40;
    }
    let name = c_string(&signature.name);
    let doc = c_string(&if attr.nosig { doc.to_string() } else { doc_with_signature(&attr.signature.value(), doc) });
    Ok(Wrapped {
        function: respan(
            quote! {
                unsafe extern "C" fn #wrapper(#parameters) -> *mut rt::PyObject {
                    rt::guard_object(|| #body)
                }
            },
            sig.ident.span(),
        ),
        spec: quote!(rt::MethodSpec::#constructor(#name, #wrapper, #flags, #doc)),
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Convention {
    NoArgs,
    One,
    Fast,
    FastKeywords,
}

impl Convention {
    fn choose(signature: &Signature, types: &[&Type]) -> Convention {
        if is_named(types.last(), "KwArgs") {
            return Convention::FastKeywords;
        }
        if types.len() == 1 && is_named(types.first(), "Args") {
            return Convention::Fast;
        }
        match signature.parameters.as_slice() {
            [] => Convention::NoArgs,
            [only] if only.kind == Kind::PositionalOnly && only.default.is_none() => Convention::One,
            all if all.iter().all(|p| matches!(p.kind, Kind::PositionalOnly | Kind::VarArgs)) => Convention::Fast,
            _ => Convention::FastKeywords,
        }
    }
}

fn leading_count(binding: Binding, inputs: &[&FnArg], signature: &Signature) -> usize {
    match binding {
        Binding::Method | Binding::Class => 1,
        Binding::Static => 0,
        Binding::Module => {
            let first_is_module = match inputs.first() {
                Some(FnArg::Typed(arg)) => match &*arg.ty {
                    Type::Reference(reference) => is_named(Some(&&*reference.elem), "Module"),
                    _ => false,
                },
                _ => false,
            };
            (first_is_module && inputs.len() != signature.parameters.len()) as usize
        }
    }
}

pub fn parameter_types<'a>(inputs: &[&'a FnArg]) -> Result<Vec<&'a Type>> {
    inputs
        .iter()
        .map(|input| match input {
            FnArg::Typed(arg) => Ok(&*arg.ty),
            FnArg::Receiver(receiver) => Err(Error::new(receiver.span(), "`self` is not expected here")),
        })
        .collect()
}

/// Whether the type's last path segment is `name`.
pub fn is_named(ty: Option<&&Type>, name: &str) -> bool {
    matches!(ty, Some(Type::Path(path)) if path.path.segments.last().is_some_and(|s| s.ident == name))
}

/// The expression that fetches the arguments, calls `target` and gives the C result.
pub fn call_body(
    signature: &Signature,
    types: &[&Type],
    convention: Convention,
    target: &TokenStream,
    first: Option<TokenStream>,
    span: Span,
) -> Result<TokenStream> {
    let first: Vec<TokenStream> = first.into_iter().collect();
    if is_named(types.last(), "KwArgs") {
        if types.len() != 2 {
            return Err(Error::new(span, "the raw form takes exactly `args: Args<'_>, kwargs: KwArgs<'_>`"));
        }
        return Ok(quote! {{
            // SAFETY: the arguments of a vectorcall.
            let (args, kwargs) = unsafe { rt::raw_arguments(args, nargs, kwnames) };
            rt::IntoPy::into_py(#target(#(unsafe { #first },)* args, kwargs))
        }});
    }
    if types.len() == 1 && is_named(types.first(), "Args") && !signature.parameters.iter().any(|p| p.kind == Kind::KeywordOnly) {
        return Ok(quote! {{
            // SAFETY: the arguments of a vectorcall.
            let args = unsafe { rt::raw_positional(args, nargs) };
            rt::IntoPy::into_py(#target(#(unsafe { #first },)* args))
        }});
    }
    if signature.parameters.len() != types.len() {
        let message = format!("the signature has {} parameters, the function {}", signature.parameters.len(), types.len());
        return Err(Error::new(span, message));
    }
    let name = &signature.name;
    let body = |fetch: TokenStream, arguments: Vec<TokenStream>| {
        quote!({
            #fetch
            rt::IntoPy::into_py(#target(#(unsafe { #first },)* #(#arguments),*))
        })
    };
    match convention {
        Convention::NoArgs => Ok(body(quote!(), Vec::new())),
        Convention::One => {
            let context = context(name, "", 0);
            let value = required(types[0], quote!(unsafe { rt::object(arg) }), &context);
            Ok(body(quote!(), vec![value]))
        }
        Convention::Fast => {
            let minimum = signature.named().filter(|p| p.default.is_none()).count();
            let count = signature.named().count();
            let maximum = if signature.has(Kind::VarArgs) { quote!(usize::MAX) } else { quote!(#count) };
            let fetch = quote! {
                // SAFETY: the arguments of a vectorcall.
                let given = unsafe { rt::Positional::new(args, nargs, #name, #minimum, #maximum)? };
            };
            let mut arguments = Vec::new();
            for (at, (parameter, ty)) in signature.parameters.iter().zip(types).enumerate() {
                let context = context(name, "", at + 1);
                arguments.push(match (parameter.kind, &parameter.default) {
                    (Kind::VarArgs, _) => quote!(given.rest(#at)),
                    (_, None) => required(ty, quote!(unsafe { given.required(#at) }), &context),
                    (_, Some(_)) => optional(parameter, ty, quote!(given.get(#at)), &context, span)?,
                });
            }
            Ok(body(fetch, arguments))
        }
        Convention::FastKeywords => {
            let (descriptor, count) = descriptor(signature);
            let fetch = if signature.has(Kind::VarArgs) {
                quote! {
                    static PARAMETERS: rt::Parameters = #descriptor;
                    // SAFETY: the arguments of a vectorcall.
                    let (given, rest) = unsafe { rt::unpack_varargs::<#count>(&PARAMETERS, args, nargs, kwnames)? };
                }
            } else {
                quote! {
                    static PARAMETERS: rt::Parameters = #descriptor;
                    // SAFETY: the arguments of a vectorcall.
                    let given = unsafe { rt::unpack::<#count>(&PARAMETERS, args, nargs, kwnames)? };
                }
            };
            Ok(body(fetch, keyword_arguments(signature, types, span)?))
        }
    }
}

/// The argument expressions over `given: [Option<&Object>; N]` (and `rest`).
fn keyword_arguments(signature: &Signature, types: &[&Type], span: Span) -> Result<Vec<TokenStream>> {
    let mut arguments = Vec::new();
    let mut at = 0usize;
    for (parameter, ty) in signature.parameters.iter().zip(types) {
        if parameter.kind == Kind::VarArgs {
            arguments.push(quote!(rest));
            continue;
        }
        let shown = if parameter.kind == Kind::PositionalOnly { "" } else { &parameter.name };
        let context = context(&signature.name, shown, at + 1);
        arguments.push(match &parameter.default {
            // SAFETY in the expansion: `unpack` succeeds only with all required arguments present.
            None => required(ty, quote!(unsafe { rt::present(given[#at]) }), &context),
            Some(_) => optional(parameter, ty, quote!(given[#at]), &context, span)?,
        });
        at += 1;
    }
    Ok(arguments)
}

/// The `Parameters` table entry of a function, and how many named parameters it has.
fn descriptor(signature: &Signature) -> (TokenStream, usize) {
    let name = &signature.name;
    let names: Vec<&str> = signature.named().map(|p| p.name.as_str()).collect();
    let count = names.len();
    let positional_only = signature.named().filter(|p| p.kind == Kind::PositionalOnly).count() as u8;
    let positional: Vec<_> = signature.named().filter(|p| p.kind != Kind::KeywordOnly).collect();
    let max_positional = positional.len() as u8;
    let min_positional = positional.iter().filter(|p| p.default.is_none()).count() as u8;
    let min_keyword = signature.named().filter(|p| p.kind == Kind::KeywordOnly && p.default.is_none()).count() as u8;
    let table = quote! {
        rt::Parameters {
            function: #name,
            names: &[#(#names),*],
            positional_only: #positional_only,
            min_positional: #min_positional,
            max_positional: #max_positional,
            min_keyword: #min_keyword,
        }
    };
    (table, count)
}

fn context(function: &str, name: &str, position: usize) -> TokenStream {
    let position = position as u32;
    quote!(&rt::ArgContext { function: #function, name: #name, position: #position })
}

fn required(ty: &Type, value: TokenStream, context: &TokenStream) -> TokenStream {
    if is_named(Some(&ty), "Option") {
        quote!(rt::none_or(::core::option::Option::Some(#value), #context)?)
    } else {
        quote!(rt::FromArg::from_arg(#value, #context)?)
    }
}

fn optional(parameter: &Parameter, ty: &Type, value: TokenStream, context: &TokenStream, span: Span) -> Result<TokenStream> {
    let default = parameter.default.as_deref().unwrap_or("");
    if is_named(Some(&ty), "Option") {
        return Ok(if default == "None" { quote!(rt::none_or(#value, #context)?) } else { quote!(rt::optional(#value, #context)?) });
    }
    let Some(default) = default_expression(default, is_named(Some(&ty), "f64")) else {
        let message = format!("the default of `{}` has no Rust literal: make the parameter an Option", parameter.name);
        return Err(Error::new(span, message));
    };
    Ok(quote!(match #value {
        ::core::option::Option::Some(value) => rt::FromArg::from_arg(value, #context)?,
        ::core::option::Option::None => #default,
    }))
}

/// `tp_new`, `tp_init`, `tp_call` declared with a signature: arguments come as a tuple and a dict.
/// `status`: the result is 0 or -1 instead of an object.
pub fn tuple_dict_body(signature: &Signature, types: &[&Type], target: &TokenStream, span: Span, check: TokenStream, status: bool) -> Result<TokenStream> {
    let convert = if status { quote!(rt::status) } else { quote!(rt::IntoPy::into_py) };
    if is_named(types.last(), "KwArgs") {
        return Ok(quote!({
            let flat = unsafe { rt::Flat::new(args, kwargs)? };
            let (args, kwargs) = unsafe { flat.arguments() };
            #convert(#target(unsafe { rt::param(slf) }, args, kwargs))
        }));
    }
    if signature.parameters.len() != types.len() {
        let message = format!("the signature has {} parameters, the function {}", signature.parameters.len(), types.len());
        return Err(Error::new(span, message));
    }
    let name = &signature.name;
    if signature.parameters.iter().all(|p| matches!(p.kind, Kind::PositionalOnly | Kind::VarArgs)) {
        let minimum = signature.named().filter(|p| p.default.is_none()).count();
        let count = signature.named().count();
        let maximum = if signature.has(Kind::VarArgs) { quote!(usize::MAX) } else { quote!(#count) };
        let mut arguments = Vec::new();
        for (at, (parameter, ty)) in signature.parameters.iter().zip(types).enumerate() {
            let context = context(name, "", at + 1);
            arguments.push(match (parameter.kind, &parameter.default) {
                (Kind::VarArgs, _) => quote!(given.rest(#at)),
                (_, None) => required(ty, quote!(unsafe { given.required(#at) }), &context),
                (_, Some(_)) => optional(parameter, ty, quote!(given.get(#at)), &context, span)?,
            });
        }
        return Ok(quote!({
            if #check {
                // SAFETY: NULL or a dict.
                unsafe { rt::no_keywords(kwargs, #name)? };
            }
            // SAFETY: a tuple of arguments.
            let given = unsafe { rt::Positional::of_tuple(args, #name, #minimum, #maximum)? };
            #convert(#target(unsafe { rt::param(slf) }, #(#arguments),*))
        }));
    }
    let (descriptor, count) = descriptor(signature);
    let fetch = if signature.has(Kind::VarArgs) {
        quote!(let (given, rest) = unsafe { rt::unpack_flat_varargs::<#count>(&PARAMETERS, &flat)? };)
    } else {
        quote!(let given = unsafe { rt::unpack_flat::<#count>(&PARAMETERS, &flat)? };)
    };
    let arguments = keyword_arguments(signature, types, span)?;
    Ok(quote!({
        static PARAMETERS: rt::Parameters = #descriptor;
        // SAFETY: a tuple of arguments and NULL or a dict of keywords.
        let flat = unsafe { rt::Flat::new(args, kwargs)? };
        #fetch
        #convert(#target(unsafe { rt::param(slf) }, #(#arguments),*))
    }))
}

/// `tp_vectorcall` of a type whose construction is its `tp_new` alone.
pub fn vectorcall_body(signature: &Signature, types: &[&Type], target: &TokenStream, span: Span) -> Result<TokenStream> {
    let raw = is_named(types.last(), "KwArgs");
    let positional = !raw && signature.parameters.iter().all(|p| matches!(p.kind, Kind::PositionalOnly | Kind::VarArgs));
    let convention = if positional { Convention::Fast } else { Convention::FastKeywords };
    let body = call_body(signature, types, convention, target, Some(quote!(rt::param(slf))), span)?;
    let name = &signature.name;
    let check = positional.then(|| quote!(unsafe { rt::no_keyword_names(kwnames, #name)? };));
    Ok(quote!({
        let nargs = (nargsf & (usize::MAX >> 1)) as isize;
        #check
        #body
    }))
}

/// Comma-separated expressions in brackets, as in `methods = [A::X, A::Y]`.
pub fn bracketed(expr: &Expr) -> Result<Punctuated<Expr, Token![,]>> {
    match crate::pytype::ungroup(expr) {
        Expr::Array(array) => Ok(array.elems.clone()),
        other => Err(Error::new(other.span(), "expected [...]")),
    }
}
