//! Namespaces: prefixes, what they are bound to, and the expanded names of elements and attributes.

use super::tags::Attr;
use super::event::{Code, code};
use std::collections::HashSet;

const XML: &str = "http://www.w3.org/XML/1998/namespace";
const XMLNS: &str = "http://www.w3.org/2000/xmlns/";

#[derive(Clone)]
pub struct Namespaces {
    /// Between URI and local name; `None` if they are glued together.
    separator: Option<char>,
    /// Names end in their prefix.
    pub triplets: bool,
    /// Innermost last. An empty prefix is the default namespace, an empty URI none.
    bindings: Vec<(String, String)>,
}

impl Namespaces {
    pub fn new(separator: Option<char>) -> Namespaces {
        Namespaces { separator, triplets: false, bindings: Vec::new() }
    }

    /// Takes the declarations out of the attributes and expands all names.
    pub fn start(&mut self, name: &mut String, attributes: &mut Vec<Attr>, started: &mut Vec<(Option<String>, Option<String>)>) -> Result<(), Code> {
        let mut error = None;
        attributes.retain(|attribute| {
            let prefix = match attribute.name.as_str() {
                "xmlns" => "",
                name => match name.strip_prefix("xmlns:") {
                    Some(prefix) => prefix,
                    None => return true,
                },
            };
            if error.is_none() {
                match self.bind(prefix, &attribute.value) {
                    Ok(()) => started.push((some(prefix), some(&attribute.value))),
                    Err(code) => error = Some(code),
                }
            }
            false
        });
        if let Some(code) = error {
            return Err(code);
        }
        let mut seen = HashSet::new();
        for attribute in attributes.iter_mut() {
            if let Some((prefix, local)) = attribute.name.split_once(':') {
                let uri = self.uri(prefix).ok_or(code::UNBOUND_PREFIX)?;
                if !seen.insert((uri.to_string(), local.to_string())) {
                    return Err(code::DUPLICATE_ATTRIBUTE);
                }
                attribute.name = self.expanded(uri, local, prefix);
            }
        }
        self.expand(name)
    }

    pub fn has_bindings(&self) -> bool {
        !self.bindings.is_empty()
    }

    /// Expands the name of an element.
    pub fn expand(&self, name: &mut String) -> Result<(), Code> {
        let (prefix, local) = name.split_once(':').unwrap_or(("", name));
        match self.uri(prefix) {
            Some(uri) => *name = self.expanded(uri, local, prefix),
            None if prefix.is_empty() => {}
            None => return Err(code::UNBOUND_PREFIX),
        }
        Ok(())
    }

    fn expanded(&self, uri: &str, local: &str, prefix: &str) -> String {
        let mut name = String::with_capacity(uri.len() + local.len() + 1);
        name.push_str(uri);
        name.extend(self.separator);
        name.push_str(local);
        if self.triplets && !prefix.is_empty() {
            name.extend(self.separator);
            name.push_str(prefix);
        }
        name
    }

    fn uri(&self, prefix: &str) -> Option<&str> {
        if prefix == "xml" {
            return Some(XML);
        }
        self.bindings.iter().rev().find(|(bound, _)| bound == prefix).map(|(_, uri)| uri.as_str()).filter(|uri| !uri.is_empty())
    }

    fn bind(&mut self, prefix: &str, uri: &str) -> Result<(), Code> {
        if uri.is_empty() && !prefix.is_empty() {
            return Err(code::UNDECLARING_PREFIX);
        }
        if prefix == "xmlns" {
            return Err(code::RESERVED_PREFIX_XMLNS);
        }
        if (prefix == "xml") != (uri == XML) {
            return Err(if prefix == "xml" { code::RESERVED_PREFIX_XML } else { code::RESERVED_NAMESPACE_URI });
        }
        if uri == XMLNS {
            return Err(code::RESERVED_NAMESPACE_URI);
        }
        let is_uri_char = |c: char| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&'()*+,;=%".contains(c);
        if self.separator.is_some_and(|separator| uri.contains(separator) && !is_uri_char(separator)) {
            return Err(code::SYNTAX);
        }
        self.bindings.push((prefix.to_string(), uri.to_string()));
        Ok(())
    }

    pub fn unbind(&mut self) {
        self.bindings.pop();
    }

    /// `prefix=uri` for all that is bound.
    pub fn context(&self) -> Vec<String> {
        let mut seen = HashSet::new();
        let mut list: Vec<String> =
            self.bindings.iter().rev().filter(|(prefix, uri)| seen.insert(prefix) && !uri.is_empty()).map(|(prefix, uri)| format!("{prefix}={uri}")).collect();
        list.push(format!("xml={XML}"));
        list
    }
    pub fn bind_inherited(&mut self, prefix: &str, uri: &str) {
        if prefix != "xml" {
            self.bindings.push((prefix.to_string(), uri.to_string()));
        }
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_string())
}
