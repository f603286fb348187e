//! Reads a text signature, `index($self, value, start=0, /)`, as `__text_signature__` shows it.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    PositionalOnly,
    PositionalOrKeyword,
    KeywordOnly,
    /// `*args`
    VarArgs,
    /// `**kwargs`
    VarKeywords,
}

pub struct Parameter {
    pub name: String,
    pub kind: Kind,
    pub default: Option<String>,
}

pub struct Signature {
    pub name: String,
    pub parameters: Vec<Parameter>,
}

impl Signature {
    pub fn parse(text: &str) -> Result<Signature, String> {
        let bad = |why: &str| Err(format!("signature {text:?}: {why}"));
        let Some(open) = text.find('(') else {
            return bad("no parenthesis");
        };
        let Some(inner) = text[open + 1..].strip_suffix(')') else {
            return bad("does not end in a parenthesis");
        };
        let mut parameters: Vec<Parameter> = Vec::new();
        let mut keyword_only = false;
        for item in split_commas(inner) {
            let item = item.trim();
            if item.is_empty() || item.starts_with('$') {
                continue;
            }
            if item == "/" {
                for parameter in &mut parameters {
                    parameter.kind = Kind::PositionalOnly;
                }
            } else if item == "*" {
                keyword_only = true;
            } else if let Some(name) = item.strip_prefix("**") {
                parameters.push(Parameter { name: name.into(), kind: Kind::VarKeywords, default: None });
            } else if let Some(name) = item.strip_prefix('*') {
                keyword_only = true;
                parameters.push(Parameter { name: name.into(), kind: Kind::VarArgs, default: None });
            } else {
                let (name, default) = match item.split_once('=') {
                    Some((name, default)) => (name.trim(), Some(default.trim().to_string())),
                    None => (item, None),
                };
                let kind = if keyword_only { Kind::KeywordOnly } else { Kind::PositionalOrKeyword };
                parameters.push(Parameter { name: name.into(), kind, default });
            }
        }
        Ok(Signature { name: text[..open].trim().to_string(), parameters })
    }

    pub fn has(&self, kind: Kind) -> bool {
        self.parameters.iter().any(|p| p.kind == kind)
    }

    /// The parameters that are not `*args` or `**kwargs`.
    pub fn named(&self) -> impl Iterator<Item = &Parameter> {
        self.parameters.iter().filter(|p| !matches!(p.kind, Kind::VarArgs | Kind::VarKeywords))
    }
}

fn split_commas(text: &str) -> Vec<&str> {
    let (mut depth, mut quote, mut start, mut parts) = (0i32, None, 0, Vec::new());
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '(' | '[' | '{' | '<') => depth += 1,
            (None, ')' | ']' | '}' | '>') => depth -= 1,
            (None, ',') if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

/// A Python default as a Rust expression, where it has an obvious one.
pub fn default_expression(default: &str, float: bool) -> Option<TokenStream> {
    Some(match default {
        "True" => quote!(true),
        "False" => quote!(false),
        "sys.maxsize" => quote!(isize::MAX),
        _ => {
            let quoted = |q: char| default.strip_prefix(q).and_then(|d| d.strip_suffix(q)).filter(|d| !d.contains('\\'));
            if let Some(text) = quoted('\'').or_else(|| quoted('"')) {
                let text = Literal::string(text);
                return Some(quote!(#text));
            }
            let number = default.trim_start_matches(['-', '+']);
            if !number.starts_with(|c: char| c.is_ascii_digit()) {
                return None;
            }
            let text = if float && !default.contains(['.', 'e']) { format!("{default}.0") } else { default.to_string() };
            let tokens: TokenStream = text.parse().ok()?;
            quote!(#tokens)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_have_their_kinds_and_defaults() {
        let s = Signature::parse("f($self, a, b=(1, 2), /, c='x,y', *, d=None, e)").unwrap();
        let seen: Vec<_> = s.parameters.iter().map(|p| (p.name.as_str(), p.kind, p.default.as_deref())).collect();
        assert_eq!(
            seen,
            [
                ("a", Kind::PositionalOnly, None),
                ("b", Kind::PositionalOnly, Some("(1, 2)")),
                ("c", Kind::PositionalOrKeyword, Some("'x,y'")),
                ("d", Kind::KeywordOnly, Some("None")),
                ("e", Kind::KeywordOnly, None),
            ]
        );
        assert_eq!(s.name, "f");
        assert!(Signature::parse("f").is_err());
    }

    #[test]
    fn defaults_become_rust_literals() {
        let text = |d: &str, float| default_expression(d, float).map(|t| t.to_string());
        assert_eq!(text("-1", false).as_deref(), Some("- 1"));
        assert_eq!(text("1", true).as_deref(), Some("1.0"));
        assert_eq!(text("'utf-8'", false).as_deref(), Some("\"utf-8\""));
        assert_eq!(text("True", false).as_deref(), Some("true"));
        assert!(text("<unrepresentable>", false).is_none());
    }
}
