//! Start and end tags: names, attributes with their defaults and references, and what namespaces make of them.
//!
//! Most tags have plain names and no defaults: they are told by numbers of names and places of values, without a copy.

use super::dtd::{AttributeDef, Entity, predefined};
use super::engine::{Engine, Kind, Mode, is_char};
use super::event::*;
use super::names::Name;
use super::scan::{self, Attribute};
use std::collections::HashMap;
use std::rc::Rc;

/// A start tag whose end tag is to come.
pub struct Tag {
    raw: Name,
    name: Name,
    bindings: Vec<Option<String>>,
}

pub struct Attr {
    pub name: String,
    pub value: String,
    pub is_specified: bool,
}

/// A start tag in a text.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub text: &'a [u8],
    pub start: usize,
    pub name_end: usize,
    pub end: usize,
    /// The text is the document, not an entity.
    pub in_document: bool,
}

impl Place<'_> {
    fn default_event(&self) -> Event {
        Rare::Default(String::from_utf8_lossy(&self.text[self.start..self.end]).into_owned()).into()
    }
}

impl Engine {
    /// `attributes`: where the scanner found them.
    pub fn start_tag(&mut self, place: Place<'_>, is_empty: bool, attributes: &[Attribute], handlers: HandlerSet) -> Result<(), Code> {
        let raw = self.names.name(&place.text[place.start + 1..place.name_end]);
        let has_start = handlers.has(Handler::StartElement);
        let (name, told, specified, bindings) = match self.plain_tag(place, raw, attributes)? {
            Some((name, told)) => {
                let specified = told.len();
                (name, told, specified, Vec::new())
            }
            None => self.full_tag(place, raw, attributes, handlers)?,
        };
        if has_start {
            self.queue.push_back(Event::StartElement { name, attributes: told, specified });
        }
        if is_empty {
            if handlers.has(Handler::EndElement) {
                if has_start {
                    self.place(place.end);
                }
                self.queue.push_back(Event::EndElement { name });
            } else if !has_start && handlers.has_default() {
                self.queue.push_back(place.default_event());
            }
            self.end_bindings(bindings, handlers);
            self.element_closed();
            return Ok(());
        }
        if !has_start && handlers.has_default() {
            self.queue.push_back(place.default_event());
        }
        self.tags.push(Tag { raw, name, bindings });
        Ok(())
    }

    /// A tag whose attributes have plain names, in a document without declared attributes: its name and them.
    #[inline]
    fn plain_tag(&mut self, place: Place<'_>, raw: Name, attributes: &[Attribute]) -> Result<Option<(Name, Vec<(Name, Value)>)>, Code> {
        if !attributes.is_empty() && attributes.len() > 8 || !self.dtd.borrow().attributes.is_empty() {
            return Ok(None);
        }
        let mut told: Vec<(Name, Value)> = Vec::with_capacity(attributes.len());
        for attribute in attributes {
            let name = self.names.name(&place.text[attribute.name.0..attribute.name.1]);
            if !self.names.is_plain(name) && self.namespaces.is_some() {
                return Ok(None);
            }
            if told.iter().any(|(other, _)| *other == name) {
                return Err(self.duplicate(place, attribute));
            }
            told.push((name, self.value(place, attribute, true)?));
        }
        let name = match &self.namespaces {
            Some(namespaces) if !self.names.is_plain(raw) || namespaces.has_bindings() => self.expanded_name(raw)?,
            _ => raw,
        };
        Ok(Some((name, told)))
    }

    /// What an element's name becomes by the bindings that hold now.
    fn expanded_name(&mut self, raw: Name) -> Result<Name, Code> {
        if let Some(Some(known)) = self.expanded.get(raw.index()) {
            return Ok(*known);
        }
        let mut name = self.names.text(raw).to_string();
        if let Some(namespaces) = &self.namespaces {
            namespaces.expand(&mut name)?;
        }
        let name = self.names.name(name.as_bytes());
        if self.expanded.len() <= raw.index() {
            self.expanded.resize(raw.index() + 1, None);
        }
        self.expanded[raw.index()] = Some(name);
        Ok(name)
    }

    #[cold]
    fn duplicate(&mut self, place: Place<'_>, attribute: &Attribute) -> Code {
        if place.in_document {
            self.token = attribute.name.0;
        }
        code::DUPLICATE_ATTRIBUTE
    }

    #[inline]
    fn value(&mut self, place: Place<'_>, attribute: &Attribute, is_cdata: bool) -> Result<Value, Code> {
        let (start, end) = attribute.value;
        if attribute.is_plain && is_cdata {
            return Ok(Value::of(place.text, start, end, place.in_document));
        }
        let value = self.attribute_value(&place.text[start..end], is_cdata).map_err(|(code, place_in_value)| {
            if let (Some(at), true) = (place_in_value, place.in_document) {
                self.token = start + at;
            }
            code
        })?;
        Ok(Value::Made(value))
    }

    /// Any tag: its name, its attributes, how many of them stand there, and the prefixes that it binds.
    #[inline(never)]
    fn full_tag(&mut self, place: Place<'_>, raw: Name, attributes: &[Attribute], handlers: HandlerSet) -> Result<(Name, Vec<(Name, Value)>, usize, Vec<Option<String>>), Code> {
        let mut name = self.names.text(raw).to_string();
        let mut attributes = self.attributes(place, &name, attributes)?;
        let mut bindings = Vec::new();
        if let Some(namespaces) = &mut self.namespaces {
            let mut started = Vec::new();
            let result = namespaces.start(&mut name, &mut attributes, &mut started);
            if !started.is_empty() {
                self.expanded.clear();
            }
            for (prefix, uri) in started {
                bindings.push(prefix.clone());
                if handlers.has(Handler::StartNamespaceDecl) {
                    self.queue.push_back(Rare::StartNamespace { prefix, uri }.into());
                }
            }
            result?;
        }
        let specified = attributes.iter().filter(|attribute| attribute.is_specified).count();
        let name = self.names.name(name.as_bytes());
        let told = attributes.into_iter().map(|attribute| (self.names.name(attribute.name.as_bytes()), Value::Made(attribute.value))).collect();
        Ok((name, told, specified, bindings))
    }

    pub fn end_tag(&mut self, place: Place<'_>, handlers: HandlerSet) -> Result<(), Code> {
        let floor = self.entities.last().map_or(0, |open| open.tags);
        if self.tags.len() <= floor {
            return Err(code::ASYNC_ENTITY);
        }
        let Some(tag) = self.tags.pop() else { return Err(code::ASYNC_ENTITY) };
        if !self.names.is(tag.raw, &place.text[place.start + 2..place.name_end]) {
            if place.in_document {
                self.token = place.start + 2;
            }
            return Err(code::TAG_MISMATCH);
        }
        if handlers.has(Handler::EndElement) {
            self.queue.push_back(Event::EndElement { name: tag.name });
        } else if handlers.has_default() {
            self.queue.push_back(place.default_event());
        }
        self.end_bindings(tag.bindings, handlers);
        self.element_closed();
        Ok(())
    }

    #[inline]
    fn end_bindings(&mut self, bindings: Vec<Option<String>>, handlers: HandlerSet) {
        if bindings.is_empty() {
            return;
        }
        self.expanded.clear();
        for prefix in bindings.into_iter().rev() {
            if let Some(namespaces) = &mut self.namespaces {
                namespaces.unbind();
            }
            if handlers.has(Handler::EndNamespaceDecl) {
                self.queue.push_back(Rare::EndNamespace { prefix }.into());
            }
        }
    }

    fn element_closed(&mut self) {
        if self.tags.is_empty() && self.kind == Kind::Document && self.entities.is_empty() {
            self.mode = Mode::Epilog;
        }
    }

    /// The attributes of a start tag, with the defaults of the document type.
    fn attributes(&mut self, place: Place<'_>, element: &str, places: &[Attribute]) -> Result<Vec<Attr>, Code> {
        let mut list: Vec<Attr> = Vec::with_capacity(places.len());
        let dtd = self.dtd.clone();
        let mut seen = HashMap::new();
        for attribute in places {
            let name = String::from_utf8_lossy(&place.text[attribute.name.0..attribute.name.1]).into_owned();
            let is_duplicate = match places.len() {
                0..=8 => list.iter().any(|other| other.name == name),
                _ => seen.insert(name.clone(), ()).is_some(),
            };
            if is_duplicate {
                return Err(self.duplicate(place, attribute));
            }
            let is_cdata = dtd.borrow().attributes.get(element).and_then(|defs| defs.iter().find(|def| def.name == name)).is_none_or(|def| def.is_cdata);
            let value = match self.value(place, attribute, is_cdata)? {
                Value::Here(start, end) => String::from_utf8_lossy(&place.text[start..end]).into_owned(),
                Value::Made(value) => value,
            };
            list.push(Attr { name, value, is_specified: true });
        }
        let specified = list.len();
        if let Some(defs) = dtd.borrow().attributes.get(element) {
            for AttributeDef { name, default, .. } in defs {
                if let Some(default) = default
                    && !list[..specified].iter().any(|other| other.name == *name)
                {
                    list.push(Attr { name: name.clone(), value: default.clone(), is_specified: false });
                }
            }
        }
        Ok(list)
    }

    /// An attribute's value: references expanded, spaces made equal. An error has its place if that is in `text` itself.
    pub fn attribute_value(&mut self, text: &[u8], is_cdata: bool) -> Result<String, (Code, Option<usize>)> {
        let mut out: Vec<u8> = Vec::with_capacity(text.len());
        let mut stack: Vec<(Option<Rc<Entity>>, Rc<[u8]>, usize)> = vec![(None, Rc::from(text), 0)];
        let result = self.expand_value(&mut out, &mut stack, is_cdata);
        for (entity, ..) in &stack {
            if let Some(entity) = entity {
                entity.open.set(false);
            }
        }
        // An undefined entity is told at the tag.
        result.map_err(|error| (error, (stack.len() == 1 && error != code::UNDEFINED_ENTITY).then_some(stack[0].2)))?;
        if !is_cdata && out.last() == Some(&b' ') {
            out.pop();
        }
        Ok(String::from_utf8_lossy(&out).into_owned())
    }

    fn expand_value(&mut self, out: &mut Vec<u8>, stack: &mut Vec<(Option<Rc<Entity>>, Rc<[u8]>, usize)>, is_cdata: bool) -> Result<(), Code> {
        let namespaces = self.namespaces.is_some();
        while let Some((_, text, at)) = stack.last_mut() {
            let Some(&c) = text.get(*at) else {
                if stack.len() == 1 {
                    return Ok(());
                }
                if let Some((Some(entity), ..)) = stack.pop() {
                    entity.open.set(false);
                }
                continue;
            };
            match c {
                b' ' | b'\t' | b'\n' | b'\r' => {
                    *at += if text[*at..].starts_with(b"\r\n") { 2 } else { 1 };
                    if is_cdata || !matches!(out.last(), None | Some(b' ')) {
                        out.push(b' ');
                    }
                }
                b'<' => return Err(code::INVALID_TOKEN),
                b'&' => {
                    let (end, value) = scan::reference(text, *at + 1, namespaces).map_err(|_| code::INVALID_TOKEN)?;
                    if let Some(value) = value {
                        let c = char::from_u32(value).filter(|&c| is_char(c)).ok_or(code::BAD_CHAR_REF)?;
                        if is_cdata || c != ' ' || !matches!(out.last(), None | Some(b' ')) {
                            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                        *at = end;
                        continue;
                    }
                    let name = String::from_utf8_lossy(&text[*at + 1..end - 1]).into_owned();
                    if let Some(c) = predefined(&name) {
                        out.push(c as u8);
                        *at = end;
                        continue;
                    }
                    let (found, complete) = {
                        let dtd = self.dtd.borrow();
                        (dtd.general.get(&name).cloned(), !dtd.has_param_refs || dtd.standalone)
                    };
                    let Some(entity) = found else {
                        if complete {
                            return Err(code::UNDEFINED_ENTITY);
                        }
                        *at = end;
                        continue;
                    };
                    if entity.open.get() {
                        return Err(code::RECURSIVE_ENTITY_REF);
                    }
                    if entity.notation.is_some() {
                        return Err(code::BINARY_ENTITY_REF);
                    }
                    let Some(replacement) = entity.text.clone() else { return Err(code::ATTRIBUTE_EXTERNAL_ENTITY_REF) };
                    *at = end;
                    self.account(replacement.len())?;
                    entity.open.set(true);
                    stack.push((Some(entity), replacement, 0));
                }
                c => {
                    out.push(c);
                    *at += 1;
                }
            }
        }
        Ok(())
    }
}
