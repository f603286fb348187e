//! Prolog, document type and epilog: declarations, parameter entities, conditional sections.
//!
//! A declaration's tokens are collected and interpreted at its `>`; the default handler sees them as they come.

use super::declarations::{Item, Words};
use super::dtd::Entity;
use super::engine::{Engine, Kind, Mode, normal, pi_event};
use super::event::*;
use super::scan::{self, Prolog, Stop};
use std::rc::Rc;

#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
enum Doctype {
    #[default]
    Before,
    Name,
    AfterName,
    Public,
    System,
    AfterId,
    /// Between the brackets, or in an external subset.
    Declarations,
    AfterBracket,
    Closed,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeclarationKind {
    Entity,
    Attlist,
    Element,
    Notation,
    Conditional,
}

#[derive(Default)]
pub struct Subset {
    state: Doctype,
    name: String,
    system: Option<String>,
    public: Option<String>,
    declaration: Option<(DeclarationKind, Vec<Item>)>,
    /// Included sections that are open.
    included: usize,
}

impl Subset {
    pub fn enter_external(&mut self) {
        self.state = Doctype::Declarations;
    }
}

impl Engine {
    pub(super) fn prolog_token(&mut self, handlers: HandlerSet) -> Result<bool, Code> {
        let namespaces = self.namespaces.is_some();
        let (source, at, more) = self.source();
        let scanned = scan::prolog(source.bytes(), at, more, namespaces);
        let (token, end) = match scanned {
            Ok(found) => found,
            Err(Stop::None) if !more => {
                drop(source);
                return self.prolog_ends();
            }
            Err(stop) => {
                drop(source);
                return self.stopped(stop, at);
            }
        };
        let text = String::from_utf8_lossy(&source.bytes()[at..end]).into_owned();
        drop(source);
        if self.mode == Mode::Epilog && !matches!(token, Prolog::Space | Prolog::Comment | Prolog::Pi) {
            return Err(code::JUNK_AFTER_DOC_ELEMENT);
        }
        // A reference to a parameter entity pushes a text: the place behind it must be known before.
        self.advance(end);
        match token {
            Prolog::Comment => {
                let event = if handlers.has(Handler::Comment) { Rare::Comment(normal(&text.as_bytes()[4..text.len() - 3])) } else { Rare::Default(text) };
                self.tell(event, handlers);
                return Ok(true);
            }
            Prolog::Pi => {
                self.tell(pi_event(text.as_bytes(), handlers), handlers);
                return Ok(true);
            }
            Prolog::XmlDecl => return Err(code::MISPLACED_XML_PI),
            _ => {}
        }
        if self.subset.declaration.is_some() {
            return self.declaration_token(token, text, at, handlers).map(|()| true);
        }
        if token == Prolog::Space {
            let is_quiet = !matches!(self.subset.state, Doctype::Before | Doctype::Declarations | Doctype::Closed) && handlers.has(Handler::StartDoctypeDecl);
            if !is_quiet {
                self.tell(Rare::Default(text), handlers);
            }
            return Ok(true);
        }
        match self.subset.state {
            Doctype::Declarations => self.subset_token(token, text, handlers)?,
            _ => self.doctype_token(token, text, handlers)?,
        }
        Ok(true)
    }

    fn tell(&mut self, event: impl Into<Event>, handlers: HandlerSet) {
        let event = event.into();
        if !event.is_default() || handlers.has_default() {
            self.queue.push_back(event);
        }
    }

    fn prolog_ends(&mut self) -> Result<bool, Code> {
        if let Some(open) = self.entities.pop() {
            open.entity.open.set(false);
            if self.subset.declaration.is_some() && !open.in_declaration {
                return Err(code::INCOMPLETE_PE);
            }
            return Ok(true);
        }
        if self.input.has_rest() {
            return Err(code::UNCLOSED_TOKEN);
        }
        match (self.mode, self.kind) {
            (Mode::Epilog, _) => Ok(false),
            (_, Kind::Parameter) if self.subset.declaration.is_none() && self.subset.included == 0 => Ok(false),
            (_, Kind::Parameter) => Err(code::INCOMPLETE_PE),
            _ => Err(code::NO_ELEMENTS),
        }
    }

    /// A token outside of declarations.
    fn doctype_token(&mut self, token: Prolog, text: String, handlers: HandlerSet) -> Result<(), Code> {
        use Doctype::*;
        let wants_start = handlers.has(Handler::StartDoctypeDecl);
        let mut is_quiet = wants_start;
        match (self.subset.state, token) {
            (Before | Closed, Prolog::InstanceStart) => return self.content_begins(handlers),
            (Before, Prolog::DeclOpen) if text == "<!DOCTYPE" => self.subset.state = Name,
            (Name, Prolog::Name) => {
                self.subset.name = text.clone();
                self.subset.state = AfterName;
            }
            (AfterName, Prolog::Name) if text == "SYSTEM" => self.subset.state = System,
            (AfterName, Prolog::Name) if text == "PUBLIC" => self.subset.state = Public,
            (Public, Prolog::Literal) => {
                self.subset.public = Some(public_id(&text)?);
                self.subset.state = System;
            }
            (System, Prolog::Literal) => {
                self.subset.system = Some(text[1..text.len() - 1].to_string());
                self.subset.state = AfterId;
                self.use_foreign_dtd = false;
                let standalone = {
                    let mut dtd = self.dtd.borrow_mut();
                    dtd.has_param_refs = true;
                    dtd.standalone
                };
                if !standalone && self.param_entity_parsing == 0 {
                    self.queue.push_back(Rare::NotStandalone.into());
                }
            }
            (AfterName | AfterId, Prolog::OpenBracket) => {
                self.doctype_starts(true, wants_start);
                self.subset.state = Declarations;
            }
            (AfterName | AfterId | AfterBracket, Prolog::DeclClose) => {
                if self.subset.state != AfterBracket {
                    self.doctype_starts(false, wants_start);
                }
                self.subset.state = Closed;
                self.external_subset(handlers);
                if handlers.has(Handler::EndDoctypeDecl) {
                    self.queue.push_back(Rare::EndDoctype.into());
                }
                is_quiet = handlers.has(Handler::EndDoctypeDecl);
            }
            (_, Prolog::ParamRef) => return Err(code::PARAM_ENTITY_REF),
            _ => return Err(code::SYNTAX),
        }
        if !is_quiet {
            self.tell(Rare::Default(text), handlers);
        }
        Ok(())
    }

    fn doctype_starts(&mut self, has_subset: bool, wants_start: bool) {
        if wants_start {
            let Subset { name, system, public, .. } = &self.subset;
            let event = Rare::StartDoctype { name: name.clone(), system: system.clone(), public: public.clone(), has_subset };
            self.queue.push_back(event.into());
        }
    }

    /// The external subset is read, if there is one and somebody reads it.
    fn external_subset(&mut self, handlers: HandlerSet) {
        if self.subset.system.is_none() && !self.use_foreign_dtd {
            return;
        }
        self.use_foreign_dtd = false;
        self.dtd.borrow_mut().has_param_refs = true;
        if self.param_entity_parsing != 0 && handlers.has(Handler::ExternalEntityRef) {
            if self.param_entity_parsing == 1 && self.dtd.borrow().standalone {
                return;
            }
            self.dtd.borrow_mut().param_entity_read = false;
            let (system, public) = (self.subset.system.clone(), self.subset.public.clone());
            self.queue.push_back(Rare::ExternalEntity { context: None, base: self.base.clone(), system, public, is_parameter: true }.into());
        }
    }

    /// After the handler of a parameter entity.
    pub fn parameter_entity_handled(&mut self) {
        let mut dtd = self.dtd.borrow_mut();
        if !dtd.param_entity_read {
            dtd.stopped = !dtd.standalone;
        } else if !dtd.standalone && self.subset.state == Doctype::Closed {
            self.queue.push_front(Rare::NotStandalone.into());
        }
    }

    fn content_begins(&mut self, handlers: HandlerSet) -> Result<(), Code> {
        self.mode = Mode::Content;
        if self.use_foreign_dtd {
            self.external_subset(handlers);
        }
        Ok(())
    }

    /// A token between declarations.
    fn subset_token(&mut self, token: Prolog, text: String, handlers: HandlerSet) -> Result<(), Code> {
        let is_external = self.kind == Kind::Parameter;
        match token {
            Prolog::DeclOpen => {
                let (kind, handler) = match text.as_str() {
                    "<!ENTITY" => (DeclarationKind::Entity, Handler::EntityDecl),
                    "<!ATTLIST" => (DeclarationKind::Attlist, Handler::AttlistDecl),
                    "<!ELEMENT" => (DeclarationKind::Element, Handler::ElementDecl),
                    "<!NOTATION" => (DeclarationKind::Notation, Handler::NotationDecl),
                    _ => return Err(code::SYNTAX),
                };
                self.subset.declaration = Some((kind, Vec::new()));
                if !handlers.has(handler) {
                    self.tell(Rare::Default(text), handlers);
                }
            }
            Prolog::CondOpen if is_external => self.subset.declaration = Some((DeclarationKind::Conditional, Vec::new())),
            Prolog::CondClose if self.subset.included > 0 => self.subset.included -= 1,
            Prolog::CloseBracket if !is_external && self.entities.is_empty() => {
                self.subset.state = Doctype::AfterBracket;
                if !handlers.has(Handler::StartDoctypeDecl) {
                    self.tell(Rare::Default(text), handlers);
                }
            }
            Prolog::ParamRef => {
                let name = text[1..text.len() - 1].to_string();
                self.parameter_reference(&name, text, false, handlers)?;
            }
            _ => return Err(code::SYNTAX),
        }
        Ok(())
    }

fn parameter_reference(&mut self, name: &str, raw: String, in_declaration: bool, handlers: HandlerSet) -> Result<(), Code> {
        self.read_parameter_entity(name, raw, in_declaration, handlers)?;
        if !self.dtd.borrow().standalone {
            self.queue.push_back(Rare::NotStandalone.into());
        }
        Ok(())
    }

    fn read_parameter_entity(&mut self, name: &str, raw: String, in_declaration: bool, handlers: HandlerSet) -> Result<(), Code> {
        let (entity, had_refs, standalone) = {
            let mut dtd = self.dtd.borrow_mut();
            let had_refs = std::mem::replace(&mut dtd.has_param_refs, true);
            (dtd.parameter.get(name).cloned(), had_refs, dtd.standalone)
        };
        if self.param_entity_parsing == 0 {
            self.dtd.borrow_mut().stopped = !standalone;
            self.tell(Rare::Default(raw), handlers);
            return Ok(());
        }
        let must_exist = match (self.kind, standalone) {
            (Kind::Document, true) => self.entities.is_empty(),
            (Kind::Document, false) => !had_refs,
            _ => false,
        };
        let Some(entity) = entity else {
            if must_exist {
                return Err(code::UNDEFINED_ENTITY);
            }
            self.dtd.borrow_mut().stopped = !standalone;
            if handlers.has(Handler::SkippedEntity) && !in_declaration {
                self.queue.push_back(Rare::Skipped { name: name.to_string(), is_parameter: true }.into());
            } else {
                self.tell(Rare::Default(raw), handlers);
            }
            return Ok(());
        };
        if entity.open.get() {
            return Err(code::RECURSIVE_ENTITY_REF);
        }
        if entity.text.is_some() {
            return self.open_entity(entity, in_declaration);
        }
        if !handlers.has(Handler::ExternalEntityRef) {
            self.dtd.borrow_mut().stopped = !standalone;
            self.tell(Rare::Default(raw), handlers);
            return Ok(());
        }
        self.dtd.borrow_mut().param_entity_read = false;
        let event = Rare::ExternalEntity {
            context: None,
            base: entity.base.clone(),
            system: entity.system.clone(),
            public: entity.public.clone(),
            is_parameter: true,
        };
        self.queue.push_back(event.into());
        Ok(())
    }

    fn declaration_token(&mut self, token: Prolog, text: String, at: usize, handlers: HandlerSet) -> Result<(), Code> {
        let Some((kind, items)) = &mut self.subset.declaration else { return Ok(()) };
        let kind = *kind;
        let handler = match kind {
            DeclarationKind::Entity => Some(Handler::EntityDecl),
            DeclarationKind::Attlist => Some(Handler::AttlistDecl),
            DeclarationKind::Element => Some(Handler::ElementDecl),
            DeclarationKind::Notation => Some(Handler::NotationDecl),
            DeclarationKind::Conditional => None,
        };
        match token {
            Prolog::Space => {}
            Prolog::ParamRef => {
                if self.kind != Kind::Parameter {
                    return Err(code::PARAM_ENTITY_REF);
                }
                let name = text[1..text.len() - 1].to_string();
                return self.parameter_reference(&name, text, true, handlers);
            }
            Prolog::OpenBracket if kind == DeclarationKind::Conditional => {
                let is_word = |word: &str| items.len() == 1 && items[0].text == word;
                if is_word("INCLUDE") {
                    self.subset.included += 1;
                } else if is_word("IGNORE") {
                    self.mode = Mode::Ignore;
                } else {
                    return Err(code::SYNTAX);
                }
                self.subset.declaration = None;
                return Ok(());
            }
            Prolog::DeclOpen | Prolog::CondOpen | Prolog::CondClose | Prolog::InstanceStart | Prolog::OpenBracket | Prolog::CloseBracket => {
                return Err(code::SYNTAX);
            }
            Prolog::DeclClose => {
                let items = std::mem::take(items);
                self.subset.declaration = None;
                let end = Item { token, text: text.clone(), at };
                let mut words = Words::new(items, end);
                let result = self.declare(kind, &mut words, handlers);
                if let Err(code) = result {
                    if self.entities.is_empty() {
                        self.token = words.place();
                    }
                    return Err(code);
                }
                self.place(at);
            }
            _ => items.push(Item { token, text: text.clone(), at }),
        }
        if handler.is_none_or(|handler| !handlers.has(handler)) {
            self.tell(Rare::Default(text), handlers);
        }
        Ok(())
    }

    pub(super) fn ignored_section(&mut self, handlers: HandlerSet) -> Result<bool, Code> {
        let (source, at, _) = self.source();
        match scan::ignored(source.bytes(), at) {
            Ok(end) => {
                let text = String::from_utf8_lossy(&source.bytes()[at..end]).into_owned();
                drop(source);
                self.advance(end);
                self.mode = Mode::Prolog;
                self.tell(Rare::Default(text), handlers);
                Ok(true)
            }
            Err(stop) => {
                drop(source);
                match self.stopped(stop, at) {
                    Err(code::UNCLOSED_TOKEN) => Err(code::SYNTAX),
                    result => result,
                }
            }
        }
    }

    /// The text of an entity's value, as it will be read: character references and parameter entities are expanded.
    pub(super) fn entity_value(&mut self, literal: &str) -> Result<Rc<[u8]>, Code> {
        let mut out = Vec::with_capacity(literal.len());
        let mut stack: Vec<(Option<Rc<Entity>>, Rc<[u8]>, usize)> = vec![(None, Rc::from(literal.as_bytes()), 0)];
        let result = self.expand_entity_value(&mut out, &mut stack);
        stack.iter().filter_map(|(entity, ..)| entity.as_ref()).for_each(|entity| entity.open.set(false));
        result.map(|()| Rc::from(out))
    }

    fn expand_entity_value(&mut self, out: &mut Vec<u8>, stack: &mut Vec<(Option<Rc<Entity>>, Rc<[u8]>, usize)>) -> Result<(), Code> {
        let namespaces = self.namespaces.is_some();
        while let Some((_, text, at)) = stack.last_mut() {
            match text.get(*at) {
                None => {
                    if let Some((Some(entity), ..)) = stack.pop() {
                        entity.open.set(false);
                    }
                }
                Some(b'&') => {
                    let (end, value) = scan::reference(text, *at + 1, namespaces).map_err(|_| code::INVALID_TOKEN)?;
                    match value {
                        None => out.extend_from_slice(&text[*at..end]),
                        Some(value) => {
                            let c = char::from_u32(value).filter(|&c| super::engine::is_char(c)).ok_or(code::BAD_CHAR_REF)?;
                            out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                        }
                    }
                    *at = end;
                }
                Some(b'%') => {
                    let Some(length) = text[*at..].iter().position(|&c| c == b';').filter(|&length| length > 1) else { return Err(code::INVALID_TOKEN) };
                    if self.kind != Kind::Parameter {
                        return Err(code::PARAM_ENTITY_REF);
                    }
                    let name = String::from_utf8_lossy(&text[*at + 1..*at + length]).into_owned();
                    *at += length + 1;
                    let found = self.dtd.borrow().parameter.get(&name).cloned();
                    let Some(entity) = found else {
                        let mut dtd = self.dtd.borrow_mut();
                        dtd.stopped = !dtd.standalone;
                        return Ok(());
                    };
                    if entity.open.get() {
                        return Err(code::RECURSIVE_ENTITY_REF);
                    }
                    if let Some(text) = entity.text.clone() {
                        self.account(text.len())?;
                        entity.open.set(true);
                        stack.push((Some(entity), text, 0));
                    }
                }
                Some(b'\r') => {
                    *at += if text[*at..].starts_with(b"\r\n") { 2 } else { 1 };
                    out.push(b'\n');
                }
                Some(&c) => {
                    out.push(c);
                    *at += 1;
                }
            }
        }
        Ok(())
    }
}

/// A public identifier without its quotes, spaces made one.
pub fn public_id(literal: &str) -> Result<String, Code> {
    let body = &literal[1..literal.len() - 1];
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || " \r\n-'()+,./:=?;!*#@$_%".contains(c);
    if !body.chars().all(is_allowed) {
        return Err(code::PUBLICID);
    }
    Ok(body.split([' ', '\r', '\n']).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" "))
}
