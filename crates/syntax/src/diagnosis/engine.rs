//! The machine that runs the grammar: ordered choice, memory of results, left recursion, a count of levels.

use super::grammar::{Alternative, Grammar, Item, RuleId, grammar};
use super::report::Found;
use super::{Node, NodeKind};
use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::location::Location;
use crate::parser::{Mode, Settings, has_more_statements};
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Done, Tokenizer, Warning};

/// CPython's limit on rules in rules.
const MAX_LEVELS: u32 = 6000;
/// The value of an optional item that is not there.
pub(super) const ABSENT: u32 = u32::MAX;
/// A node of no interest.
const ANY_NODE: u32 = 0;

/// An error has been found; [`Engine::found`] holds it.
#[derive(Debug)]
pub(super) struct Stop;

/// A node, or no match.
pub(super) type Match = Result<Option<u32>, Stop>;

struct Memo {
    rule: RuleId,
    node: Option<u32>,
    mark: u32,
}

pub(super) struct Engine<'s> {
    pub(super) source: &'s [u8],
    pub(super) tokenizer: Tokenizer,
    pub(super) settings: Settings,
    pub(super) int_max_str_digits: usize,
    grammar: &'static Grammar,
    pub(super) tokens: Vec<Token>,
    memos: Vec<Vec<Memo>>,
    pub(super) nodes: Vec<Node>,
    pub(super) mark: usize,
    level: u32,
    max_safe_level: u32,
    pub(super) second_reading: bool,
    call_invalid_rules: bool,
    pub(super) barry_as_flufl: bool,
    parsing_started: bool,
    pub(super) found: Option<Found>,
    /// The place of the last compound statement that the second reading got through.
    pub(super) last_statement: (i32, i32),
    pub(super) warnings: Vec<Warning>,
    /// More lines of interactive input are wanted.
    pub(super) need_more: bool,
    /// The program is deeper than this thread's stack may bear.
    pub(super) too_deep: bool,
}

impl<'s> Engine<'s> {
    pub(super) fn new(
        source: &'s [u8],
        tokenizer: Tokenizer,
        settings: Settings,
        int_max_str_digits: usize,
        max_safe_level: u32,
    ) -> Self {
        let any_node =
            Node { kind: NodeKind::Node, location: Location::default(), token: 0, children: Vec::new() };
        Engine {
            source,
            tokenizer,
            settings,
            int_max_str_digits,
            grammar: grammar(),
            tokens: Vec::new(),
            memos: Vec::new(),
            nodes: vec![any_node],
            mark: 0,
            level: 0,
            max_safe_level,
            second_reading: false,
            call_invalid_rules: false,
            barry_as_flufl: settings.barry_as_flufl,
            parsing_started: false,
            found: None,
            last_statement: (0, 0),
            warnings: Vec::new(),
            need_more: false,
            too_deep: false,
        }
    }

    /// Reads the program, a second time if need be; `None` if it is good.
    pub(super) fn run(&mut self) -> Option<Found> {
        let start = self.grammar.rule(match self.settings.mode {
            Mode::Exec => "file",
            Mode::Single => "interactive",
            Mode::Eval => "eval",
            Mode::FuncType => "func_type",
        });
        if matches!(self.rule(start), Ok(Some(_))) {
            if self.settings.mode == Mode::Single && has_more_statements(self.source, self.tokenizer.cur) {
                let words = "multiple statements found while compiling a single statement";
                self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static(words));
            }
            return self.found.take();
        }
        if self.too_deep || self.need_more {
            return None;
        }
        let at_end = matches!(self.tokenizer.done, Done::Eof | Done::Eofs | Done::Eols);
        if self.settings.allow_incomplete_input && at_end {
            self.found = None;
            self.raise(ErrorClass::IncompleteInputError, false, ErrorKind::Incomplete);
            return self.found.take();
        }
        let is_syntax_error = self.found.as_ref().is_none_or(Found::is_syntax_error);
        if !is_syntax_error {
            return self.found.take();
        }
        let last_token = self.tokens.last().copied();
        if self.found.is_none() {
            self.memos.iter_mut().for_each(Vec::clear);
            self.mark = 0;
            self.level = 0;
            self.second_reading = true;
            self.call_invalid_rules = true;
            // What it matches is of no interest, what it finds is in `found`.
            let _ = self.rule(start);
            if self.too_deep {
                return None;
            }
        }
        self.conclude(last_token);
        let last_statement = self.last_statement;
        self.found.take().map(|found| found.with_last_statement(last_statement))
    }

    // Tokens

    /// Makes sure that the token at `mark` has been read.
    pub(super) fn fill(&mut self) -> Result<(), Stop> {
        while self.mark >= self.tokens.len() {
            self.fill_token()?;
        }
        Ok(())
    }

    fn fill_token(&mut self) -> Result<(), Stop> {
        let mut token = self.tokenizer.next_token(self.source);
        while token.kind == TokenKind::TypeIgnore {
            token = self.tokenizer.next_token(self.source);
        }
        if self.settings.mode == Mode::Single && token.kind == TokenKind::EndMarker && self.parsing_started {
            token.kind = TokenKind::Newline;
            self.parsing_started = false;
            if self.tokenizer.indentation.is_indented() && !self.settings.dont_imply_dedent {
                self.tokenizer.indentation.close_all();
            }
        } else {
            self.parsing_started = true;
        }
        if self.barry_as_flufl && token.kind == TokenKind::Less && self.source.get(token.end as usize) == Some(&b'>') {
            let next = self.tokenizer.next_token(self.source);
            if next.kind == TokenKind::Greater {
                token = Token { kind: TokenKind::NotEqual, start: token.start, col_offset: token.col_offset, ..next };
            }
        }
        let last = self.tokens.len();
        self.tokens.push(token);
        self.memos.push(Vec::new());
        let warnings = self.tokenizer.take_warnings();
        if !self.second_reading {
            self.warnings.extend(warnings);
        }
        if token.kind != TokenKind::ErrorToken {
            return Ok(());
        }
        if self.tokenizer.done == Done::NeedMore {
            // For an error that has been found, no one is asked for more.
            if self.second_reading {
                self.tokens[last].kind = TokenKind::EndMarker;
                return Ok(());
            }
            self.need_more = true;
        } else {
            self.tokenizer_error();
        }
        Err(Stop)
    }

    pub(super) fn text(&self, token: &Token) -> &'s [u8] {
        self.source.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    fn expect(&mut self, kind: TokenKind) -> Match {
        self.fill()?;
        let token = self.tokens[self.mark];
        if token.kind != kind {
            return Ok(None);
        }
        self.mark += 1;
        match kind {
            TokenKind::Name => self.name_token(token).map(Some),
            TokenKind::Number => self.number_token(token).map(Some),
            _ => Ok(Some(self.token_node(NodeKind::Token, token))),
        }
    }

    fn word(&mut self, matches: impl Fn(&[u8]) -> bool) -> Match {
        self.fill()?;
        let token = self.tokens[self.mark];
        if token.kind != TokenKind::Name || !matches(self.text(&token)) {
            return Ok(None);
        }
        self.mark += 1;
        self.name_token(token).map(Some)
    }

    /// A node for the token just consumed.
    pub(super) fn token_node(&mut self, kind: NodeKind, token: Token) -> u32 {
        let location = Location::new(token.lineno, token.col_offset, token.end_lineno, token.end_col_offset);
        let index = self.mark as u32 - 1;
        self.add(Node { kind, location, token: index, children: Vec::new() })
    }

    pub(super) fn add(&mut self, node: Node) -> u32 {
        self.nodes.push(node);
        self.nodes.len() as u32 - 1
    }

    // Rules

    fn enter(&mut self) -> Result<(), Stop> {
        if self.level >= self.max_safe_level {
            self.too_deep = true;
            return Err(Stop);
        }
        if self.level == MAX_LEVELS {
            self.found = Some(Found::Final(Box::new(SyntaxError::bare(
                ErrorClass::MemoryError,
                ErrorKind::StackOverflow,
            ))));
            return Err(Stop);
        }
        self.level += 1;
        Ok(())
    }

    fn rule(&mut self, id: RuleId) -> Match {
        let rule = &self.grammar.rules[id as usize];
        self.enter()?;
        self.fill()?;
        let result = if rule.left_recursive {
            self.left_recursive(id)
        } else if rule.memo {
            match self.recall(id) {
                Some(node) => Ok(node),
                None => {
                    let at = self.mark;
                    let result = self.alternatives(id)?;
                    let mark = self.mark as u32;
                    self.memos[at].push(Memo { rule: id, node: result, mark });
                    Ok(result)
                }
            }
        } else if rule.without_invalid {
            let before = std::mem::replace(&mut self.call_invalid_rules, false);
            let result = self.alternatives(id);
            self.call_invalid_rules = before;
            result
        } else {
            self.alternatives(id)
        };
        self.level -= 1;
        result
    }

    /// A remembered result, and goes on behind it.
    fn recall(&mut self, id: RuleId) -> Option<Option<u32>> {
        let memo = self.memos[self.mark].iter().rev().find(|memo| memo.rule == id)?;
        self.mark = memo.mark as usize;
        Some(memo.node)
    }

    /// Starts from failure and reads again with ever longer results, as long as they grow.
    fn left_recursive(&mut self, id: RuleId) -> Match {
        if let Some(node) = self.recall(id) {
            return Ok(node);
        }
        let start = self.mark;
        let mut end = start;
        let mut result = None;
        let memo = self.memos[start].len();
        self.memos[start].push(Memo { rule: id, node: None, mark: start as u32 });
        loop {
            self.memos[start][memo] = Memo { rule: id, node: result, mark: self.mark.max(end) as u32 };
            self.mark = start;
            self.enter()?;
            let longer = self.alternatives(id)?;
            self.level -= 1;
            if longer.is_none() || self.mark <= end {
                break;
            }
            end = self.mark;
            result = longer;
        }
        self.mark = end;
        Ok(result)
    }

    fn alternatives(&mut self, id: RuleId) -> Match {
        let grammar = self.grammar;
        let rule = &grammar.rules[id as usize];
        let start = self.mark;
        for (index, alternative) in rule.alternatives.iter().enumerate() {
            if alternative.invalid && !self.call_invalid_rules {
                continue;
            }
            self.mark = start;
            match self.alternative(alternative, start)? {
                Outcome::Matched(node) => {
                    if rule.registers_statement && index == 0 && self.call_invalid_rules {
                        self.register_statement(start);
                    }
                    return Ok(Some(node));
                }
                Outcome::NoMatch => {}
                // The action declined, or `~` was passed: the alternatives after it do not count.
                Outcome::Declined => return Ok(None),
                Outcome::Committed => {
                    self.mark = start;
                    return Ok(None);
                }
            }
        }
        self.mark = start;
        Ok(None)
    }

    fn register_statement(&mut self, start: usize) {
        let token = &self.tokens[start];
        if token.lineno >= self.last_statement.0 {
            // Decorators stand before the statement that they belong to.
            let mut at = start;
            while self.tokens[at].kind == TokenKind::At {
                while self.tokens[at].kind != TokenKind::Newline {
                    at += 1;
                }
                at += 1;
            }
            // Functions do not count, for CPython has read them by the rule for bad ones.
            let token = &self.tokens[at];
            let is_function = token.kind == TokenKind::Def
                || token.kind == TokenKind::Async && self.tokens[at + 1].kind == TokenKind::Def;
            if !is_function {
                self.last_statement = (token.lineno, token.col_offset);
            }
        }
    }

    fn alternative(&mut self, alternative: &'static Alternative, start: usize) -> Result<Outcome, Stop> {
        let mut slots = [ABSENT; 8];
        let mut committed = false;
        let mut only = ANY_NODE;
        for (slot, item) in &alternative.items {
            if matches!(item, Item::Commit) {
                committed = true;
                continue;
            }
            let Some(node) = self.item(item)? else {
                return Ok(if committed { Outcome::Committed } else { Outcome::NoMatch });
            };
            if let Some(slot) = slot {
                slots[*slot as usize] = node;
            }
            if !matches!(item, Item::Ahead { .. }) {
                only = node;
            }
        }
        let Some(action) = &alternative.action else {
            let real_items = alternative.items.iter().filter(|(_, item)| !matches!(item, Item::Ahead { .. })).count();
            return Ok(Outcome::Matched(if real_items == 1 { only } else { ANY_NODE }));
        };
        Ok(match self.act(action, &slots, start)? {
            Some(node) => Outcome::Matched(node),
            None => Outcome::Declined,
        })
    }

    fn item(&mut self, item: &'static Item) -> Match {
        match item {
            Item::Token(kind) => self.expect(*kind),
            Item::Word(word) => self.word(|text| text == word.as_bytes()),
            Item::AnySoftKeyword => self.word(|text| matches!(text, b"_" | b"case" | b"match" | b"type")),
            Item::Rule(id) => self.rule(*id),
            Item::Optional(item) => {
                let before = self.mark;
                let node = self.item(item)?;
                if node.is_none() {
                    self.mark = before;
                }
                Ok(Some(node.unwrap_or(ABSENT)))
            }
            Item::Repeat { item, at_least_one } => {
                let list = self.repeat(item, None)?;
                if *at_least_one && list.is_empty() { Ok(None) } else { Ok(Some(self.seq(list))) }
            }
            Item::Gather { separator, item } => self.gather(separator, item),
            Item::Ahead { item, positive } => {
                let before = self.mark;
                let matched = self.item(item)?.is_some();
                self.mark = before;
                Ok((matched == *positive).then_some(ANY_NODE))
            }
            Item::Commit => Ok(Some(ANY_NODE)),
            Item::Demanded(kind, text) => {
                let node = self.expect(*kind)?;
                if node.is_none() {
                    let token = self.tokens[self.mark];
                    let location =
                        Location::new(token.lineno, token.col_offset, token.end_lineno, token.end_col_offset);
                    self.raise_at(location, ErrorKind::Text(format!("expected '{text}'")));
                    return Err(Stop);
                }
                Ok(node)
            }
        }
    }

    /// As many as there are, with `separator` before each.
    fn repeat(&mut self, item: &'static Item, separator: Option<&'static Item>) -> Result<Vec<u32>, Stop> {
        self.enter()?;
        let mut list = Vec::new();
        loop {
            let before = self.mark;
            if let Some(separator) = separator
                && self.item(separator)?.is_none()
            {
                self.mark = before;
                break;
            }
            match self.item(item)? {
                Some(node) if self.mark > before => list.push(node),
                _ => {
                    self.mark = before;
                    break;
                }
            }
        }
        self.level -= 1;
        Ok(list)
    }

    fn gather(&mut self, separator: &'static Item, item: &'static Item) -> Match {
        self.enter()?;
        let before = self.mark;
        let Some(first) = self.item(item)? else {
            self.mark = before;
            self.level -= 1;
            return Ok(None);
        };
        let mut list = vec![first];
        list.extend(self.repeat(item, Some(separator))?);
        self.level -= 1;
        Ok(Some(self.seq(list)))
    }

    pub(super) fn seq(&mut self, children: Vec<u32>) -> u32 {
        let location = self.span(&children);
        let token = children.first().map_or(0, |&first| self.nodes[first as usize].token);
        self.add(Node { kind: NodeKind::Seq, location, token, children })
    }

    fn span(&self, children: &[u32]) -> Location {
        match (children.first(), children.last()) {
            (Some(&first), Some(&last)) => {
                self.nodes[first as usize].location.to(self.nodes[last as usize].location)
            }
            _ => Location::default(),
        }
    }

    /// The place of what has been read since the token `start`.
    pub(super) fn location_since(&self, start: usize) -> Location {
        let first = &self.tokens[start];
        let mut at = self.mark.max(1) - 1;
        while at > 0 && self.tokens[at].kind.is_whitespace() {
            at -= 1;
        }
        let last = &self.tokens[at];
        Location::new(first.lineno, first.col_offset, last.end_lineno, last.end_col_offset)
    }
}

enum Outcome {
    Matched(u32),
    NoMatch,
    Declined,
    Committed,
}
