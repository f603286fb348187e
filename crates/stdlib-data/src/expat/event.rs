//! What the parser tells, and the numbers of errors and handlers.

use super::dtd::{ContentNode, Entity};
use super::names::Name;
use std::rc::Rc;

/// Error codes are expat's.
pub type Code = i32;

pub mod code {
    use super::Code;
    pub const SYNTAX: Code = 2;
    pub const NO_ELEMENTS: Code = 3;
    pub const INVALID_TOKEN: Code = 4;
    pub const UNCLOSED_TOKEN: Code = 5;
    pub const PARTIAL_CHAR: Code = 6;
    pub const TAG_MISMATCH: Code = 7;
    pub const DUPLICATE_ATTRIBUTE: Code = 8;
    pub const JUNK_AFTER_DOC_ELEMENT: Code = 9;
    pub const PARAM_ENTITY_REF: Code = 10;
    pub const NO_MEMORY: Code = 1;
    pub const UNDEFINED_ENTITY: Code = 11;
    pub const RECURSIVE_ENTITY_REF: Code = 12;
    pub const ASYNC_ENTITY: Code = 13;
    pub const BAD_CHAR_REF: Code = 14;
    pub const BINARY_ENTITY_REF: Code = 15;
    pub const ATTRIBUTE_EXTERNAL_ENTITY_REF: Code = 16;
    pub const MISPLACED_XML_PI: Code = 17;
    pub const UNKNOWN_ENCODING: Code = 18;
    pub const INCORRECT_ENCODING: Code = 19;
    pub const UNCLOSED_CDATA_SECTION: Code = 20;
    pub const EXTERNAL_ENTITY_HANDLING: Code = 21;
    pub const NOT_STANDALONE: Code = 22;
    pub const CANT_CHANGE_FEATURE_ONCE_PARSING: Code = 26;
    pub const UNBOUND_PREFIX: Code = 27;
    pub const UNDECLARING_PREFIX: Code = 28;
    pub const INCOMPLETE_PE: Code = 29;
    pub const XML_DECL: Code = 30;
    pub const TEXT_DECL: Code = 31;
    pub const PUBLICID: Code = 32;
    pub const ENTITY_DECLARED_IN_PE: Code = 24;
    pub const FINISHED: Code = 36;
    pub const RESERVED_PREFIX_XML: Code = 38;
    pub const RESERVED_PREFIX_XMLNS: Code = 39;
    pub const RESERVED_NAMESPACE_URI: Code = 40;
    pub const AMPLIFICATION_LIMIT_BREACH: Code = 43;
}

macro_rules! handlers {
    ($($variant:ident $line:literal)*) => {
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        pub enum Handler { $($variant),* }

        impl Handler {
            /// The function in which CPython calls the handler, and its line: both stand in tracebacks.
            pub fn place(self) -> (&'static str, i32) {
                match self { $(Handler::$variant => (stringify!($variant), $line)),* }
            }
        }
    };
}

handlers!(StartElement 490 EndElement 554 ProcessingInstruction 558 CharacterData 355 UnparsedEntityDecl 564 NotationDecl 706
    StartNamespaceDecl 716 EndNamespaceDecl 723 Comment 728 StartCdataSection 732 EndCdataSection 736 Default 740 DefaultHandlerExpand 744
    NotStandalone 749 ExternalEntityRef 753 StartDoctypeDecl 769 EndDoctypeDecl 777 EntityDecl 576 XmlDecl 593 ElementDecl 669
    AttlistDecl 684 SkippedEntity 698);

/// Which handlers are set.
#[derive(Clone, Copy)]
pub struct HandlerSet(pub u32);

impl HandlerSet {
    pub fn has(self, handler: Handler) -> bool {
        self.0 & (1 << handler as u32) != 0
    }
    pub fn has_default(self) -> bool {
        self.has(Handler::Default) || self.has(Handler::DefaultHandlerExpand)
    }
    pub fn expands(self) -> bool {
        !self.has_default() || self.has(Handler::DefaultHandlerExpand)
    }
}

/// Text of the document, or made of it.
pub enum Value {
    /// From one offset in the document's text to another; good until the next event is asked for.
    Here(usize, usize),
    Made(String),
}

impl Value {
    #[inline]
    pub fn of(text: &[u8], start: usize, end: usize, in_document: bool) -> Value {
        match in_document {
            true => Value::Here(start, end),
            false => Value::Made(String::from_utf8_lossy(&text[start..end]).into_owned()),
        }
    }
    /// Its bytes, which are UTF-8: the scanner has looked.
    #[inline]
    pub fn bytes<'a>(&'a self, text: &'a [u8]) -> &'a [u8] {
        match self {
            Value::Here(start, end) => text.get(*start..*end).unwrap_or(&[]),
            Value::Made(text) => text.as_bytes(),
        }
    }
}

pub enum Event {
    /// The events that follow stand at this offset. Not told to anybody.
    At(usize),
    StartElement { name: Name, attributes: Vec<(Name, Value)>, specified: usize },
    EndElement { name: Name },
    Text(Value),
    Rare(Box<Rare>),
}

impl From<Rare> for Event {
    #[inline(never)]
    fn from(event: Rare) -> Event {
        Event::Rare(Box::new(event))
    }
}

impl Event {
    pub fn is_default(&self) -> bool {
        matches!(self, Event::Rare(rare) if matches!(**rare, Rare::Default(_)))
    }
}

pub enum Rare {
    Pi { target: String, data: String },
    UnparsedEntity(Rc<Entity>),
    Notation { name: String, base: Option<String>, system: Option<String>, public: Option<String> },
    StartNamespace { prefix: Option<String>, uri: Option<String> },
    EndNamespace { prefix: Option<String> },
    Comment(String),
    StartCdata,
    EndCdata,
    /// Text that no handler wanted.
    Default(String),
    /// Parsing ends with an error if its handler says so.
    NotStandalone,
    /// As above. With `is_parameter`, what follows depends on whether the handler read the entity.
    ExternalEntity { context: Option<String>, base: Option<String>, system: Option<String>, public: Option<String>, is_parameter: bool },
    StartDoctype { name: String, system: Option<String>, public: Option<String>, has_subset: bool },
    EndDoctype,
    Entity(Rc<Entity>),
    XmlDecl { version: Option<String>, encoding: Option<String>, standalone: i64 },
    /// The encoding is none of the built-in ones; it is to be set before parsing goes on.
    UnknownEncoding(String),
    Element { name: String, model: Vec<ContentNode> },
    Attlist { element: String, attribute: String, kind: String, default: Option<String>, is_required: bool },
    Skipped { name: String, is_parameter: bool },
}
