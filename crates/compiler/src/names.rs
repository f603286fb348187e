//! Interned names: inside the compiler a name is a number.
//!
//! Invariant: two [`Name`]s of one [`Names`] are equal exactly when their texts are, so tables are keyed by four bytes.
//! Names that the compiler itself speaks of (`__class__`, `.format`, ...) have fixed numbers, see [`known`].

use std::cmp::Ordering;

use rustc_hash::FxHashMap;
use smallvec::SmallVec;
use syntax::ast::{Arena, Identifier};

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct Name(u32);

impl Name {
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

macro_rules! known_names {
    ($($constant:ident = $text:literal,)*) => {
        #[allow(non_camel_case_types, clippy::upper_case_acronyms)]
        enum Position { $($constant,)* }

        /// Names with a fixed number.
        pub mod known {
            use super::{Name, Position};
            $(pub const $constant: Name = Name(Position::$constant as u32);)*
        }

        const KNOWN: &[&str] = &[$($text,)*];
    };
}

known_names! {
    EMPTY = "",
    TOP = "top",
    LAMBDA = "lambda",
    GENEXPR = "genexpr",
    LISTCOMP = "listcomp",
    SETCOMP = "setcomp",
    DICTCOMP = "dictcomp",
    ANON_MODULE = "<module>",
    ANON_LAMBDA = "<lambda>",
    ANON_GENEXPR = "<genexpr>",
    ANON_LISTCOMP = "<listcomp>",
    ANON_SETCOMP = "<setcomp>",
    ANON_DICTCOMP = "<dictcomp>",
    DUNDER_CLASS = "__class__",
    DUNDER_CLASSDICT = "__classdict__",
    DUNDER_CLASSCELL = "__classcell__",
    DUNDER_CLASSDICTCELL = "__classdictcell__",
    DUNDER_CONDITIONAL_ANNOTATIONS = "__conditional_annotations__",
    DUNDER_ANNOTATE = "__annotate__",
    DUNDER_ANNOTATE_FUNC = "__annotate_func__",
    DUNDER_ANNOTATIONS = "__annotations__",
    DUNDER_TYPE_PARAMS = "__type_params__",
    DUNDER_NAME = "__name__",
    DUNDER_MODULE = "__module__",
    DUNDER_QUALNAME = "__qualname__",
    DUNDER_FIRSTLINENO = "__firstlineno__",
    DUNDER_STATIC_ATTRIBUTES = "__static_attributes__",
    DUNDER_DOC = "__doc__",
    DUNDER_DEBUG = "__debug__",
    DOT_FORMAT = ".format",
    DOT_TYPE_PARAMS = ".type_params",
    DOT_GENERIC_BASE = ".generic_base",
    DOT_DEFAULTS = ".defaults",
    DOT_KWDEFAULTS = ".kwdefaults",
    DOT_ZERO = ".0",
    FORMAT = "format",
    SUPER = "super",
    SELF = "self",
    RETURN = "return",
    JOIN = "join",
    ALL = "all",
    ANY = "any",
    TUPLE = "tuple",
    STAR = "*",
}

const UNSEEN: Name = Name(u32::MAX);

/// The interner of one compilation, of one tree.
pub struct Names<'a> {
    arena: &'a Arena,
    texts: Vec<&'a str>,
    by_text: FxHashMap<&'a str, Name>,
    /// By the parser's number of a name, which it interned too; `UNSEEN` before it is met.
    by_number: Vec<Name>,
}

impl<'a> Names<'a> {
    pub fn new(arena: &'a Arena) -> Self {
        let mut names = Names {
            arena,
            texts: Vec::with_capacity(256),
            // A guess from the size of the tree, so that the table seldom grows.
            by_text: FxHashMap::with_capacity_and_hasher(KNOWN.len() + (arena.allocated_bytes() / 512).min(4096), Default::default()),
            by_number: Vec::new(),
        };
        for text in KNOWN {
            names.intern_text(text);
        }
        names
    }

    /// The name of an identifier of the tree.
    #[inline]
    pub fn intern(&mut self, identifier: Identifier<'a>) -> Name {
        if let Some(number) = identifier.number()
            && let Some(&name) = self.by_number.get(number as usize)
            && name != UNSEEN
        {
            return name;
        }
        self.intern_unseen(identifier)
    }

    #[cold]
    #[inline(never)]
    fn intern_unseen(&mut self, identifier: Identifier<'a>) -> Name {
        let name = self.intern_text(identifier.as_str());
        if let Some(number) = identifier.number() {
            let number = number as usize;
            if number >= self.by_number.len() {
                self.by_number.resize(number + 1, UNSEEN);
            }
            self.by_number[number] = name;
        }
        name
    }

    pub fn intern_text(&mut self, text: &'a str) -> Name {
        if let Some(&name) = self.by_text.get(text) {
            return name;
        }
        let name = Name(self.texts.len() as u32);
        self.texts.push(text);
        self.by_text.insert(text, name);
        name
    }

    /// The name of a text made by the compiler.
    pub fn intern_new(&mut self, text: &str) -> Name {
        if let Some(&name) = self.by_text.get(text) {
            return name;
        }
        let text = self.arena.alloc_str(text);
        self.intern_text(text)
    }

    #[inline]
    pub fn text(&self, name: Name) -> &'a str {
        self.texts[name.index()]
    }

    /// By code points, the order in which Python sorts strings.
    pub fn compare(&self, left: Name, right: Name) -> Ordering {
        self.text(left).cmp(self.text(right))
    }
}

/// Tables up to this size are searched from front to back.
const LINEAR: usize = 8;

/// Names in the order in which they were added, each with its position: what `co_names` and its kin grow from.
#[derive(Clone, Debug, Default)]
pub struct NameTable {
    names: SmallVec<[Name; LINEAR]>,
    positions: FxHashMap<Name, u32>,
}

impl NameTable {
    pub fn new() -> Self {
        Self::default()
    }

    #[inline]
    pub fn get(&self, name: Name) -> Option<u32> {
        if self.names.len() <= LINEAR {
            self.names.iter().position(|&known| known == name).map(|position| position as u32)
        } else {
            self.positions.get(&name).copied()
        }
    }

    /// The position of `name`, which is added if it is new.
    #[inline]
    pub fn add(&mut self, name: Name) -> u32 {
        if let Some(position) = self.get(name) {
            return position;
        }
        let position = self.names.len() as u32;
        self.names.push(name);
        match self.names.len().cmp(&(LINEAR + 1)) {
            Ordering::Less => {}
            Ordering::Equal => self.positions.extend(self.names.iter().zip(0..).map(|(&name, at)| (name, at))),
            Ordering::Greater => {
                self.positions.insert(name, position);
            }
        }
        position
    }

    pub fn contains(&self, name: Name) -> bool {
        self.get(name).is_some()
    }

    pub fn len(&self) -> usize {
        self.names.len()
    }

    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    pub fn as_slice(&self) -> &[Name] {
        &self.names
    }

    pub fn iter(&self) -> impl ExactSizeIterator<Item = Name> + '_ {
        self.names.iter().copied()
    }
}

impl FromIterator<Name> for NameTable {
    fn from_iter<I: IntoIterator<Item = Name>>(names: I) -> Self {
        let mut table = NameTable::new();
        for name in names {
            table.add(name);
        }
        table
    }
}
