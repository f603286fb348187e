//! What a document type declares: entities, attributes, content models.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

pub struct Entity {
    pub name: String,
    /// The replacement text of an internal entity.
    pub text: Option<Rc<[u8]>>,
    pub system: Option<String>,
    pub public: Option<String>,
    pub base: Option<String>,
    pub notation: Option<String>,
    pub is_parameter: bool,
    /// Declared in the document itself, outside of parameter entities.
    pub is_internal: bool,
    pub open: Cell<bool>,
}

pub struct AttributeDef {
    pub name: String,
    pub is_cdata: bool,
    pub default: Option<String>,
}

#[derive(Default)]
pub struct Dtd {
    pub general: HashMap<String, Rc<Entity>>,
    pub parameter: HashMap<String, Rc<Entity>>,
    pub attributes: HashMap<String, Vec<AttributeDef>>,
    pub has_param_refs: bool,
    pub standalone: bool,
    /// Declarations are no longer taken note of, once one may have been missed.
    pub stopped: bool,
    pub param_entity_read: bool,
    /// Bytes that the declarations take.
    pub held: usize,
}

impl Dtd {
    /// The first declaration counts.
    pub fn declare(&mut self, entity: Rc<Entity>) -> bool {
        let table = if entity.is_parameter { &mut self.parameter } else { &mut self.general };
        if self.stopped || table.contains_key(&entity.name) {
            return false;
        }
        let texts = [&entity.system, &entity.public, &entity.base, &entity.notation];
        let texts = texts.into_iter().flatten().map(String::len).sum::<usize>() + entity.text.as_ref().map_or(0, |text| text.len());
        self.held += size_of::<Entity>() + 2 * entity.name.len() + texts;
        table.insert(entity.name.clone(), entity);
        true
    }
    pub fn declare_attribute(&mut self, element: &str, attribute: AttributeDef) -> bool {
        if self.stopped {
            return false;
        }
        let list = self.attributes.entry(element.to_string()).or_default();
        if list.iter().any(|other| other.name == attribute.name) {
            return false;
        }
        self.held += size_of::<AttributeDef>() + attribute.name.len() + attribute.default.as_ref().map_or(0, String::len);
        list.push(attribute);
        true
    }
}

/// The text of a predefined entity.
pub fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum ContentType {
    Empty = 1,
    Any = 2,
    Mixed = 3,
    Name = 4,
    Choice = 5,
    Seq = 6,
}

/// A node of a content model. The nodes of a model lie in one vector, children behind their parents.
pub struct ContentNode {
    pub kind: ContentType,
    /// 0 none, 1 `?`, 2 `*`, 3 `+`.
    pub quantifier: i64,
    pub name: Option<String>,
    pub children: Vec<usize>,
}

impl ContentNode {
    pub fn new(kind: ContentType) -> ContentNode {
        ContentNode { kind, quantifier: 0, name: None, children: Vec::new() }
    }
}

pub fn quantifier(c: u8) -> i64 {
    match c {
        b'?' => 1,
        b'*' => 2,
        b'+' => 3,
        _ => 0,
    }
}
