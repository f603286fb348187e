//! `#[derive(Traverse)]`: visits and clears every field.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Index, Result};

pub fn derive(item: TokenStream) -> Result<TokenStream> {
    let input: DeriveInput = syn::parse2(item)?;
    let name = &input.ident;
    let (impl_generics, type_generics, where_clause) = input.generics.split_for_impl();
    let (traverse, clear) = match &input.data {
        Data::Struct(data) => {
            let fields: Vec<TokenStream> = data
                .fields
                .iter()
                .enumerate()
                .filter(|(_, field)| !field.attrs.iter().any(|a| a.path().is_ident("traverse")))
                .map(|(at, field)| match &field.ident {
                    Some(name) => quote!(#name),
                    None => {
                        let index = Index::from(at);
                        quote!(#index)
                    }
                })
                .collect();
            (
                quote!(#(::runtime::macro_support::Traverse::traverse(&self.#fields, visitor);)*),
                quote!(#(::runtime::macro_support::Traverse::clear(&self.#fields);)*),
            )
        }
        Data::Enum(data) => {
            let mut arms = Vec::new();
            for variant in &data.variants {
                let tag = &variant.ident;
                let names: Vec<_> = (0..variant.fields.len()).map(|i| quote::format_ident!("f{i}")).collect();
                let skip: Vec<_> = variant.fields.iter().map(|f| f.attrs.iter().any(|a| a.path().is_ident("traverse"))).collect();
                let visited: Vec<_> = names.iter().zip(&skip).filter(|(_, skip)| !**skip).map(|(n, _)| n).collect();
                let pattern = match &variant.fields {
                    Fields::Unit => quote!(Self::#tag),
                    Fields::Unnamed(_) => quote!(Self::#tag(#(#names),*)),
                    Fields::Named(fields) => {
                        let keys = fields.named.iter().map(|f| &f.ident);
                        quote!(Self::#tag { #(#keys: #names),* })
                    }
                };
                arms.push(quote! {
                    #[allow(unused_variables)]
                    #pattern => { #(::runtime::macro_support::Traverse::traverse(#visited, visitor);)* }
                });
            }
            (quote!(match self { #(#arms)* }), quote!())
        }
        Data::Union(_) => return Err(Error::new(name.span(), "Traverse cannot be derived for a union")),
    };
    Ok(quote! {
        impl #impl_generics ::runtime::macro_support::Traverse for #name #type_generics #where_clause {
            #[allow(unused_variables)]
            fn traverse(&self, visitor: &mut ::runtime::macro_support::Visitor) {
                #traverse
            }
            fn clear(&self) {
                #clear
            }
        }
    })
}
