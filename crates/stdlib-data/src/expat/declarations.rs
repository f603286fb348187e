//! The four declarations, from their tokens.

use super::dtd::{AttributeDef, ContentNode, ContentType, Entity, predefined, quantifier};
use super::engine::{Engine, Kind};
use super::event::*;
use super::scan::Prolog;
use super::subset::{DeclarationKind, public_id};
use std::cell::Cell;
use std::rc::Rc;

pub struct Item {
    pub token: Prolog,
    pub text: String,
    pub at: usize,
}

/// The tokens of a declaration, read from front to back.
pub struct Words {
    items: Vec<Item>,
    at: usize,
}

impl Words {
    pub fn new(mut items: Vec<Item>, end: Item) -> Words {
        items.push(end);
        Words { items, at: 0 }
    }
    /// The place of the token that was read last.
    pub fn place(&self) -> usize {
        self.items[self.at.saturating_sub(1).min(self.items.len() - 1)].at
    }
    fn peek(&self) -> &Item {
        &self.items[self.at.min(self.items.len() - 1)]
    }
    fn next(&mut self) -> &Item {
        self.at += 1;
        &self.items[(self.at - 1).min(self.items.len() - 1)]
    }
    fn name(&mut self) -> Result<String, Code> {
        let item = self.next();
        if item.token == Prolog::Name { Ok(item.text.clone()) } else { Err(code::SYNTAX) }
    }
    fn literal(&mut self) -> Result<String, Code> {
        let item = self.next();
        if item.token == Prolog::Literal { Ok(item.text[1..item.text.len() - 1].to_string()) } else { Err(code::SYNTAX) }
    }
    fn public(&mut self) -> Result<String, Code> {
        let item = self.next();
        if item.token == Prolog::Literal { public_id(&item.text) } else { Err(code::SYNTAX) }
    }
    fn end(&mut self) -> Result<(), Code> {
        if self.next().token == Prolog::DeclClose && self.at == self.items.len() { Ok(()) } else { Err(code::SYNTAX) }
    }
}

impl Engine {
    pub(super) fn declare(&mut self, kind: DeclarationKind, words: &mut Words, handlers: HandlerSet) -> Result<(), Code> {
        match kind {
            DeclarationKind::Entity => self.declare_entity(words, handlers),
            DeclarationKind::Attlist => self.declare_attributes(words, handlers),
            DeclarationKind::Element => self.declare_element(words, handlers),
            DeclarationKind::Notation => self.declare_notation(words, handlers),
            DeclarationKind::Conditional => Err(code::SYNTAX),
        }
    }

    fn declare_entity(&mut self, words: &mut Words, handlers: HandlerSet) -> Result<(), Code> {
        let is_parameter = words.peek().token == Prolog::Percent;
        if is_parameter {
            words.next();
        }
        let name = words.name()?;
        let is_internal = self.kind == Kind::Document && self.entities.is_empty();
        let mut entity = Entity {
            name,
            text: None,
            system: None,
            public: None,
            base: self.base.clone(),
            notation: None,
            is_parameter,
            is_internal,
            open: Cell::new(false),
        };
        let mut place = None;
        if words.peek().token == Prolog::Literal {
            let literal = words.literal()?;
            place = Some(words.place());
            entity.text = Some(self.entity_value(&literal)?);
        } else {
            match words.name()?.as_str() {
                "SYSTEM" => {}
                "PUBLIC" => entity.public = Some(words.public()?),
                _ => return Err(code::SYNTAX),
            }
            entity.system = Some(words.literal()?);
            if words.peek().token == Prolog::Name && !is_parameter {
                if words.name()? != "NDATA" {
                    return Err(code::SYNTAX);
                }
                entity.notation = Some(words.name()?);
                place = Some(words.place());
            }
        }
        words.end()?;
        if !is_parameter && predefined(&entity.name).is_some() {
            return Ok(());
        }
        let entity = Rc::new(entity);
        let is_new = self.dtd.borrow_mut().declare(entity.clone());
        if !is_new {
            return Ok(());
        }
        if let Some(place) = place {
            self.place(place);
        }
        if entity.notation.is_some() && handlers.has(Handler::UnparsedEntityDecl) {
            self.queue.push_back(Rare::UnparsedEntity(entity).into());
        } else if handlers.has(Handler::EntityDecl) {
            self.queue.push_back(Rare::Entity(entity).into());
        }
        Ok(())
    }

    fn declare_notation(&mut self, words: &mut Words, handlers: HandlerSet) -> Result<(), Code> {
        let name = words.name()?;
        let (mut system, mut public) = (None, None);
        match words.name()?.as_str() {
            "SYSTEM" => system = Some(words.literal()?),
            "PUBLIC" => {
                public = Some(words.public()?);
                if words.peek().token == Prolog::Literal {
                    system = Some(words.literal()?);
                }
            }
            _ => return Err(code::SYNTAX),
        }
        words.end()?;
        if handlers.has(Handler::NotationDecl) {
            self.queue.push_back(Rare::Notation { name, base: self.base.clone(), system, public }.into());
        }
        Ok(())
    }

    fn declare_attributes(&mut self, words: &mut Words, handlers: HandlerSet) -> Result<(), Code> {
        let element = words.name()?;
        while words.peek().token != Prolog::DeclClose {
            let attribute = words.name()?;
            let kind = attribute_type(words)?;
            let is_cdata = kind == "CDATA";
            let mut is_required = false;
            let mut has_default = true;
            if words.peek().token == Prolog::PoundName {
                match words.next().text.as_str() {
                    "#REQUIRED" => (is_required, has_default) = (true, false),
                    "#IMPLIED" => has_default = false,
                    "#FIXED" => is_required = true,
                    _ => return Err(code::SYNTAX),
                }
            }
            let default = match has_default {
                false => None,
                true => {
                    let literal = words.literal()?;
                    Some(self.attribute_value(literal.as_bytes(), is_cdata).map_err(|(code, _)| code)?)
                }
            };
            if self.dtd.borrow().stopped {
                continue;
            }
            let definition = AttributeDef { name: attribute.clone(), is_cdata, default: default.clone() };
            self.dtd.borrow_mut().declare_attribute(&element, definition);
            if handlers.has(Handler::AttlistDecl) {
                self.place(words.place());
                self.queue.push_back(Rare::Attlist { element: element.clone(), attribute, kind, default, is_required }.into());
            }
        }
        words.end()
    }

    fn declare_element(&mut self, words: &mut Words, handlers: HandlerSet) -> Result<(), Code> {
        let name = words.name()?;
        let model = match words.peek().token {
            Prolog::Name => match words.name()?.as_str() {
                "EMPTY" => vec![ContentNode::new(ContentType::Empty)],
                "ANY" => vec![ContentNode::new(ContentType::Any)],
                _ => return Err(code::SYNTAX),
            },
            _ => content_model(words)?,
        };
        let place = words.place();
        words.end()?;
        if handlers.has(Handler::ElementDecl) {
            self.place(place);
            self.queue.push_back(Rare::Element { name, model }.into());
        }
        Ok(())
    }
}

fn attribute_type(words: &mut Words) -> Result<String, Code> {
    let mut kind = String::new();
    if words.peek().token == Prolog::Name {
        kind = words.name()?;
        if matches!(kind.as_str(), "CDATA" | "ID" | "IDREF" | "IDREFS" | "ENTITY" | "ENTITIES" | "NMTOKEN" | "NMTOKENS") {
            return Ok(kind);
        }
        if kind != "NOTATION" {
            return Err(code::SYNTAX);
        }
    }
    let is_notation = !kind.is_empty();
    if words.next().token != Prolog::OpenParen {
        return Err(code::SYNTAX);
    }
    kind.push('(');
    loop {
        let item = words.next();
        match item.token {
            Prolog::Name => kind.push_str(&item.text),
            Prolog::Nmtoken if !is_notation => kind.push_str(&item.text),
            _ => return Err(code::SYNTAX),
        }
        match words.next().token {
            Prolog::Or => kind.push('|'),
            Prolog::CloseParen(0) => break,
            _ => return Err(code::SYNTAX),
        }
    }
    kind.push(')');
    Ok(kind)
}

/// The model in parentheses. Groups that are open lie on a stack, not on the machine's.
fn content_model(words: &mut Words) -> Result<Vec<ContentNode>, Code> {
    let mut nodes: Vec<ContentNode> = Vec::new();
    /// A group, and what separates its parts once one has been seen.
    struct Group {
        node: usize,
        separator: Option<Prolog>,
    }
    let mut open: Vec<Group> = Vec::new();
    let mut expects_part = true;
    loop {
        let item = words.next();
        match item.token {
            Prolog::OpenParen if expects_part && !nodes.first().is_some_and(|root| root.kind == ContentType::Mixed) => {
                let node = nodes.len();
                nodes.push(ContentNode::new(ContentType::Seq));
                if let Some(group) = open.last() {
                    nodes[group.node].children.push(node);
                }
                open.push(Group { node, separator: None });
            }
            Prolog::PoundName if expects_part && nodes.len() == 1 && item.text == "#PCDATA" && nodes[0].kind == ContentType::Seq => {
                nodes[0].kind = ContentType::Mixed;
                expects_part = false;
            }
            Prolog::Name | Prolog::NameQuantified(_) if expects_part && !open.is_empty() => {
                let mut node = ContentNode::new(ContentType::Name);
                let mut text = item.text.clone();
                if let Prolog::NameQuantified(c) = item.token {
                    if nodes[0].kind == ContentType::Mixed {
                        return Err(code::SYNTAX);
                    }
                    text.pop();
                    node.quantifier = quantifier(c);
                }
                node.name = Some(text);
                let index = nodes.len();
                nodes.push(node);
                if let Some(group) = open.last() {
                    nodes[group.node].children.push(index);
                }
                expects_part = false;
            }
            token @ (Prolog::Or | Prolog::Comma) if !expects_part => {
                let Some(group) = open.last_mut() else { return Err(code::SYNTAX) };
                if group.separator.is_some_and(|separator| separator != token) {
                    return Err(code::SYNTAX);
                }
                group.separator = Some(token);
                let node = &mut nodes[group.node];
                match token {
                    Prolog::Or if node.kind == ContentType::Seq => node.kind = ContentType::Choice,
                    Prolog::Comma if node.kind == ContentType::Mixed => return Err(code::SYNTAX),
                    _ => {}
                }
                expects_part = true;
            }
            Prolog::CloseParen(c) if !expects_part => {
                let Some(group) = open.pop() else { return Err(code::SYNTAX) };
                let node = &mut nodes[group.node];
                if node.kind == ContentType::Mixed && (!matches!(c, 0 | b'*') || (c == 0 && !node.children.is_empty())) {
                    return Err(code::SYNTAX);
                }
                node.quantifier = quantifier(c);
                if open.is_empty() {
                    return Ok(nodes);
                }
            }
            _ => return Err(code::SYNTAX),
        }
    }
}
