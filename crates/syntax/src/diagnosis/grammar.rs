//! The grammar of `grammar.peg` as tables. It is read once, when the first bad program turns up.

use crate::token::{KEYWORDS, TokenKind};
use std::collections::HashMap;
use std::sync::OnceLock;

pub(super) type RuleId = u16;
pub(super) type Slot = u8;

pub(super) struct Grammar {
    pub rules: Vec<Rule>,
    names: HashMap<String, RuleId>,
}

pub(super) struct Rule {
    pub alternatives: Vec<Alternative>,
    pub memo: bool,
    pub left_recursive: bool,
    /// Below this rule, `invalid_...` alternatives are not tried.
    pub without_invalid: bool,
    /// An `if`, `for`, ... whose place the exception remembers.
    pub registers_statement: bool,
}

pub(super) struct Alternative {
    /// Each with the slot that its value goes to.
    pub items: Vec<(Option<Slot>, Item)>,
    pub action: Option<Action>,
    /// Nothing but an `invalid_...` rule.
    pub invalid: bool,
}

pub(super) enum Item {
    Token(TokenKind),
    /// A name with this text.
    Word(String),
    AnySoftKeyword,
    Rule(RuleId),
    Optional(Box<Item>),
    Repeat { item: Box<Item>, at_least_one: bool },
    Gather { separator: Box<Item>, item: Box<Item> },
    Ahead { item: Box<Item>, positive: bool },
    Commit,
    Demanded(TokenKind, String),
}

/// A value: a slot, or the last item of the list in it.
#[derive(Clone, Copy)]
pub(super) struct Ref {
    pub slot: Slot,
    pub last: bool,
}

pub(super) enum Place {
    LastToken,
    NextToken,
    Node(Ref),
    Range(Ref, Ref),
    From(Ref),
}

pub(super) enum Action {
    Value(Ref),
    Node(super::NodeKind, Vec<Ref>),
    Error { place: Place, indentation: bool, message: Message },
    Since(i32, String, Box<Action>),
    /// One of the actions that are written in Rust.
    Special(Special, Vec<Ref>, String),
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Special {
    Exit,
    FutureImport,
    Barry,
    EnsureReal,
    EnsureImaginary,
    SpecPiece,
    Conversion,
    InterpolatedString,
    String,
    Concatenate,
    SingleOrPattern,
    InvalidStarTarget,
    InvalidDelTarget,
    InvalidForTarget,
    GenexpInCall,
    PositionalAfterKeyword,
    ForgotComma,
    LegacyPrint,
    Bound,
    KeyWithoutColon,
    Adjacent,
}

pub(super) enum MessagePart {
    Text(String),
    /// What kind of expression it is.
    ExprName(Slot),
    TokenText(Slot),
    Line(Slot),
}

pub(super) type Message = Vec<MessagePart>;

static GRAMMAR: OnceLock<Grammar> = OnceLock::new();

pub(super) fn grammar() -> &'static Grammar {
    GRAMMAR.get_or_init(|| read(include_str!("grammar.peg")))
}

impl Grammar {
    pub(super) fn rule(&self, name: &str) -> RuleId {
        self.names.get(name).copied().unwrap_or_default()
    }
}

fn read(text: &str) -> Grammar {
    let mut names = HashMap::new();
    let mut rules = Vec::new();
    for line in text.lines() {
        if let Some(header) = line.strip_prefix("rule ") {
            let mut words = header.split(' ');
            let name = words.next().unwrap_or_default();
            let flags: Vec<&str> = words.collect();
            names.insert(name.to_string(), rules.len() as RuleId);
            rules.push(Rule {
                alternatives: Vec::new(),
                memo: flags.contains(&"memo"),
                left_recursive: flags.contains(&"left"),
                without_invalid: name.ends_with("without_invalid"),
                registers_statement: matches!(name, "single_compound_stmt" | "statement"),
            });
        }
    }
    let mut grammar = Grammar { rules, names };
    let mut at = None;
    for line in text.lines() {
        if line.starts_with("rule ") {
            at = Some(at.map_or(0, |at: usize| at + 1));
        } else if let (Some(rule), Some(alternative)) = (at, line.strip_prefix("  ")) {
            let alternative = Reader::new(alternative, &mut grammar).alternative();
            grammar.rules[rule].alternatives.push(alternative);
        }
    }
    grammar
}

/// Reads one alternative. The text is part of the program: what is wrong in it shows in the tests.
struct Reader<'t, 'g> {
    rest: &'t str,
    grammar: &'g mut Grammar,
    slots: Vec<String>,
}

impl<'t, 'g> Reader<'t, 'g> {
    fn new(text: &'t str, grammar: &'g mut Grammar) -> Self {
        Reader { rest: text, grammar, slots: Vec::new() }
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn accept(&mut self, text: &str) -> bool {
        self.skip_blanks();
        match self.rest.strip_prefix(text) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    /// Up to the end, or a bracket or bar that closes it.
    fn alternative(&mut self) -> Alternative {
        let outer = std::mem::take(&mut self.slots);
        let mut items: Vec<(Option<Slot>, Item)> = Vec::new();
        let mut action = None;
        loop {
            self.skip_blanks();
            if self.accept("->") {
                action = Some(self.action());
                break;
            }
            if self.rest.is_empty() || self.rest.starts_with([')', ']', '|']) {
                break;
            }
            let name_length = self.rest.find(|c: char| !c.is_ascii_lowercase() && c != '_').unwrap_or(0);
            let slot = if name_length > 0 && self.rest[name_length..].starts_with('=') {
                let name = self.rest[..name_length].to_string();
                self.rest = &self.rest[name_length + 1..];
                self.slots.push(name);
                Some(self.slots.len() as Slot - 1)
            } else {
                None
            };
            let item = self.item();
            items.push((slot, item));
        }
        let invalid = items.len() == 1
            && matches!(&items[0].1, Item::Rule(id)
                if self.grammar.names.iter().any(|(name, other)| other == id && name.starts_with("invalid_")));
        self.slots = outer;
        Alternative { items, action, invalid }
    }

    fn item(&mut self) -> Item {
        self.skip_blanks();
        if self.accept("&&") {
            let text = self.quoted('\'');
            return Item::Demanded(token_kind(&text), text);
        }
        if self.accept("&") {
            return Item::Ahead { item: Box::new(self.item()), positive: true };
        }
        if self.accept("!") {
            return Item::Ahead { item: Box::new(self.item()), positive: false };
        }
        if self.accept("~") {
            return Item::Commit;
        }
        let mut item = self.atom();
        // Straight after the item, for a bar or star may begin the next.
        loop {
            if let Some(rest) = self.rest.strip_prefix('?') {
                self.rest = rest;
                item = Item::Optional(Box::new(item));
            } else if let Some(rest) = self.rest.strip_prefix('*') {
                self.rest = rest;
                item = Item::Repeat { item: Box::new(item), at_least_one: false };
            } else if let Some(rest) = self.rest.strip_prefix('+') {
                self.rest = rest;
                item = Item::Repeat { item: Box::new(item), at_least_one: true };
            } else if let Some(rest) = self.rest.strip_prefix('.') {
                self.rest = rest;
                let element = self.atom();
                self.accept("+");
                item = Item::Gather { separator: Box::new(item), item: Box::new(element) };
            } else {
                return item;
            }
        }
    }

    fn atom(&mut self) -> Item {
        if self.rest.starts_with('\'') {
            return Item::Token(token_kind(&self.quoted('\'')));
        }
        if self.rest.starts_with('"') {
            let text = self.quoted('"');
            return match text.as_str() {
                "!" | "/" => Item::Token(token_kind(&text)),
                _ => Item::Word(text),
            };
        }
        if self.accept("(") {
            return self.group(")");
        }
        if self.accept("[") {
            return Item::Optional(Box::new(self.group("]")));
        }
        let length = self.rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(length);
        self.rest = rest;
        if name == "SOFT_KEYWORD" {
            return Item::AnySoftKeyword;
        }
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            return Item::Token(token_kind(name));
        }
        Item::Rule(self.grammar.rule(name))
    }

    /// Alternatives in brackets: a rule without a name, or just the item if that is all there is.
    fn group(&mut self, close: &str) -> Item {
        let mut alternatives = vec![self.alternative()];
        while self.accept("|") {
            alternatives.push(self.alternative());
        }
        self.accept(close);
        if let [Alternative { items, action: None, .. }] = &mut alternatives[..]
            && items.len() == 1
            && let Some((_, item)) = items.pop()
        {
            return item;
        }
        self.grammar.rules.push(Rule {
            alternatives,
            memo: false,
            left_recursive: false,
            without_invalid: false,
            registers_statement: false,
        });
        Item::Rule(self.grammar.rules.len() as RuleId - 1)
    }

    fn quoted(&mut self, quote: char) -> String {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            if c == quote {
                self.rest = &self.rest[at + 1..];
                break;
            }
            if c == '\\' {
                text.extend(chars.next().map(|(_, c)| c));
            } else {
                text.push(c);
            }
        }
        text
    }

    // Actions

    fn word(&mut self) -> &'t str {
        self.skip_blanks();
        let end = self.rest.find([' ', ')', ']', '|', '"']).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        word
    }

    fn slot(&self, name: &str) -> Slot {
        self.slots.iter().position(|slot| slot == name).unwrap_or_default() as Slot
    }

    fn reference(&self, word: &str) -> Ref {
        let name = word.trim_end_matches('$');
        Ref { slot: self.slot(name), last: word.ends_with('$') }
    }

    fn references(&mut self) -> Vec<Ref> {
        let mut list = Vec::new();
        loop {
            self.skip_blanks();
            if self.rest.is_empty() || self.rest.starts_with([')', ']', '|', '"']) {
                return list;
            }
            let word = self.word();
            list.push(self.reference(word));
        }
    }

    fn action(&mut self) -> Action {
        let word = self.word();
        match word {
            "since" => {
                let version = self.word().parse().unwrap_or(0);
                self.skip_blanks();
                let what = self.quoted('"');
                Action::Since(version, what, Box::new(self.action()))
            }
            "error" | "indent" => self.error(word == "indent"),
            "invalid_target" => {
                let special = match self.word() {
                    "del" => Special::InvalidDelTarget,
                    "for" => Special::InvalidForTarget,
                    _ => Special::InvalidStarTarget,
                };
                Action::Special(special, self.references(), String::new())
            }
            "interpolated" => {
                let kind = self.word().to_string();
                Action::Special(Special::InterpolatedString, self.references(), kind)
            }
            _ => {
                if let Some(special) = special(word) {
                    let references = self.references();
                    self.skip_blanks();
                    let text = if self.rest.starts_with('"') { self.quoted('"') } else { String::new() };
                    return Action::Special(special, references, text);
                }
                match super::NodeKind::from_name(word) {
                    Some(kind) => Action::Node(kind, self.references()),
                    None => Action::Value(self.reference(word)),
                }
            }
        }
    }

    fn error(&mut self, indentation: bool) -> Action {
        self.skip_blanks();
        let place = if self.rest.starts_with('"') {
            Place::LastToken
        } else {
            match self.word() {
                "next" => Place::NextToken,
                "at" => {
                    let word = self.word();
                    Place::Node(self.reference(word))
                }
                "from" => {
                    let word = self.word();
                    Place::From(self.reference(word))
                }
                range => {
                    let (start, end) = range.split_once("..").unwrap_or((range, range));
                    Place::Range(self.reference(start), self.reference(end))
                }
            }
        };
        self.skip_blanks();
        let message = self.quoted('"');
        Action::Error { place, indentation, message: self.message(&message) }
    }

    fn message(&self, text: &str) -> Message {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(open) = rest.find('{') {
            // A brace in quotes is meant.
            let Some(close) = rest[open..].find('}').map(|close| open + close) else { break };
            let inside = &rest[open + 1..close];
            let (name, what) = inside.split_once('.').unwrap_or((inside, ""));
            if !self.slots.iter().any(|slot| slot == name) {
                break;
            }
            parts.push(MessagePart::Text(rest[..open].to_string()));
            let slot = self.slot(name);
            parts.push(match what {
                "text" => MessagePart::TokenText(slot),
                "line" => MessagePart::Line(slot),
                _ => MessagePart::ExprName(slot),
            });
            rest = &rest[close + 1..];
        }
        parts.push(MessagePart::Text(rest.to_string()));
        parts
    }
}

fn special(word: &str) -> Option<Special> {
    Some(match word {
        "exit" => Special::Exit,
        "future_import" => Special::FutureImport,
        "barry" => Special::Barry,
        "ensure_real" => Special::EnsureReal,
        "ensure_imaginary" => Special::EnsureImaginary,
        "SpecPiece" => Special::SpecPiece,
        "conversion" => Special::Conversion,
        "string" => Special::String,
        "concatenate" => Special::Concatenate,
        "single_or_pattern" => Special::SingleOrPattern,
        "genexp_in_call" => Special::GenexpInCall,
        "positional_after_keyword" => Special::PositionalAfterKeyword,
        "forgot_comma" => Special::ForgotComma,
        "legacy_print" => Special::LegacyPrint,
        "bound" => Special::Bound,
        "key_without_colon" => Special::KeyWithoutColon,
        "adjacent" => Special::Adjacent,
        _ => return None,
    })
}

/// The kind of token that a quoted text or a capital name in the grammar means.
fn token_kind(text: &str) -> TokenKind {
    use TokenKind::*;
    if let Some((_, kind)) = KEYWORDS.iter().find(|(keyword, _)| *keyword == text) {
        return *kind;
    }
    match text {
        "NAME" => Name,
        "NUMBER" => Number,
        "STRING" => String,
        "NEWLINE" => Newline,
        "INDENT" => Indent,
        "DEDENT" => Dedent,
        "ENDMARKER" => EndMarker,
        "TYPE_COMMENT" => TypeComment,
        "FSTRING_START" => FStringStart,
        "FSTRING_MIDDLE" => FStringMiddle,
        "FSTRING_END" => FStringEnd,
        "TSTRING_START" => TStringStart,
        "TSTRING_MIDDLE" => TStringMiddle,
        "TSTRING_END" => TStringEnd,
        "(" => LPar,
        ")" => RPar,
        "[" => LSqb,
        "]" => RSqb,
        "{" => LBrace,
        "}" => RBrace,
        ":" => Colon,
        "," => Comma,
        ";" => Semi,
        "+" => Plus,
        "-" => Minus,
        "*" => Star,
        "/" => Slash,
        "|" => VBar,
        "&" => Amper,
        "<" => Less,
        ">" => Greater,
        "=" => Equal,
        "." => Dot,
        "%" => Percent,
        "==" => EqEqual,
        "!=" => NotEqual,
        "<=" => LessEqual,
        ">=" => GreaterEqual,
        "~" => Tilde,
        "^" => Circumflex,
        "<<" => LeftShift,
        ">>" => RightShift,
        "**" => DoubleStar,
        "+=" => PlusEqual,
        "-=" => MinEqual,
        "*=" => StarEqual,
        "/=" => SlashEqual,
        "%=" => PercentEqual,
        "&=" => AmperEqual,
        "|=" => VBarEqual,
        "^=" => CircumflexEqual,
        "<<=" => LeftShiftEqual,
        ">>=" => RightShiftEqual,
        "**=" => DoubleStarEqual,
        "//" => DoubleSlash,
        "//=" => DoubleSlashEqual,
        "@" => At,
        "@=" => AtEqual,
        "->" => RArrow,
        "..." => Ellipsis,
        ":=" => ColonEqual,
        "!" => Exclamation,
        _ => ErrorToken,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unknown_tokens(item: &Item) -> bool {
        match item {
            Item::Token(kind) | Item::Demanded(kind, _) => *kind == TokenKind::ErrorToken,
            Item::Optional(item) | Item::Repeat { item, .. } | Item::Ahead { item, .. } => unknown_tokens(item),
            Item::Gather { separator, item } => unknown_tokens(separator) || unknown_tokens(item),
            _ => false,
        }
    }

    #[test]
    fn grammar_is_read_completely() {
        let grammar = grammar();
        assert!(grammar.names.len() > 200);
        for (id, rule) in grammar.rules.iter().enumerate() {
            assert!(!rule.alternatives.is_empty(), "rule {id} has no alternatives");
            for alternative in &rule.alternatives {
                assert!(!alternative.items.is_empty(), "an empty alternative in rule {id}");
                assert!(alternative.items.iter().all(|(_, item)| !unknown_tokens(item)), "unknown token in rule {id}");
            }
        }
    }

    #[test]
    fn every_name_in_the_grammar_is_a_rule() {
        let grammar = grammar();
        for line in include_str!("grammar.peg").lines().filter(|line| line.starts_with("  ")) {
            let items = line.split(" -> ").next().unwrap_or_default();
            let mut unquoted = String::new();
            let mut quote = None;
            for c in items.chars() {
                match quote {
                    Some(q) if q == c => quote = None,
                    Some(_) => {}
                    None if c == '\'' || c == '"' => quote = Some(c),
                    None => unquoted.push(c),
                }
            }
            for word in unquoted.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '=') {
                let word = word.rsplit('=').next().unwrap_or_default();
                if word.starts_with(|c: char| c.is_ascii_lowercase()) && word.len() > 1 {
                    assert!(grammar.names.contains_key(word), "no rule {word}");
                }
            }
        }
    }
}
