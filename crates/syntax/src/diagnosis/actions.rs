//! What the alternatives of the grammar do when they match: make nodes, raise errors.

use super::engine::{ABSENT, Engine, Match, Stop};
use super::grammar::{Action, Message, MessagePart, Place, Ref, Special};
use super::{Node, NodeKind};
use crate::ast::Arena;
use crate::error::{ErrorClass, ErrorKind};
use crate::literal::{self, LiteralError};
use crate::location::Location;
use crate::parser::{TooManyDigits, escape_warning, number_value};
use crate::token::{Token, TokenKind};

type Slots = [u32; 8];

/// Which kind of target an invalid one was meant to be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Targets {
    Star,
    Del,
    For,
}

impl Engine<'_> {
    pub(super) fn act(&mut self, action: &'static Action, slots: &Slots, start: usize) -> Match {
        match action {
            Action::Value(reference) => Ok(Some(self.value(*reference, slots))),
            Action::Node(kind, parts) => Ok(Some(self.node(*kind, parts, slots, start))),
            Action::Error { place, indentation, message } => {
                let message = self.message(message, slots);
                self.raise_in_place(place, *indentation, message, slots)
            }
            Action::Since(version, what, action) => {
                if self.settings.feature_version < *version {
                    let words = format!("{what} only supported in Python 3.{version} and greater");
                    self.raise(ErrorClass::SyntaxError, false, ErrorKind::Text(words));
                    return Err(Stop);
                }
                self.act(action, slots, start)
            }
            Action::Special(special, parts, text) => {
                let parts: Vec<u32> = parts.iter().map(|part| self.value(*part, slots)).collect();
                self.special(*special, &parts, text, start)
            }
        }
    }

    fn value(&self, reference: Ref, slots: &Slots) -> u32 {
        let value = slots[reference.slot as usize];
        if !reference.last || value == ABSENT {
            return value;
        }
        self.nodes[value as usize].children.last().copied().unwrap_or(value)
    }

    fn location(&self, value: u32) -> Location {
        self.nodes.get(value as usize).map(|node| node.location).unwrap_or_default()
    }

    /// A node over all that the alternative has matched, with lists among its parts laid flat.
    fn node(&mut self, kind: NodeKind, parts: &[Ref], slots: &Slots, start: usize) -> u32 {
        if kind == NodeKind::Node {
            return 0;
        }
        let mut children = Vec::new();
        for part in parts {
            let value = self.value(*part, slots);
            if value == ABSENT {
                continue;
            }
            let node = &self.nodes[value as usize];
            if node.kind == NodeKind::Seq {
                children.extend_from_slice(&node.children);
            } else {
                children.push(value);
            }
        }
        if kind == NodeKind::Seq {
            return self.seq(children);
        }
        let mut location = self.location_since(start);
        if kind == NodeKind::Comprehension
            && let Some(&last) = children.last()
        {
            location = location.to(self.location(last));
        }
        self.add(Node { kind, location, token: start as u32, children })
    }

    fn message(&self, message: &Message, slots: &Slots) -> String {
        let mut text = String::new();
        for part in message {
            let node = |slot: u8| self.nodes.get(slots[slot as usize] as usize);
            match part {
                MessagePart::Text(words) => text.push_str(words),
                MessagePart::ExprName(slot) => text.push_str(node(*slot).map_or("", |node| node.kind.expr_name())),
                MessagePart::TokenText(slot) => {
                    let token = node(*slot).and_then(|node| self.tokens.get(node.token as usize));
                    text.push_str(&token.map_or("".into(), |token| String::from_utf8_lossy(self.text(token))));
                }
                MessagePart::Line(slot) => {
                    text.push_str(&node(*slot).map_or(0, |node| node.location.lineno).to_string());
                }
            }
        }
        text
    }

    fn raise_in_place(&mut self, place: &Place, indentation: bool, message: String, slots: &Slots) -> Match {
        let kind = ErrorKind::Text(message);
        let class = if indentation { ErrorClass::IndentationError } else { ErrorClass::SyntaxError };
        match place {
            Place::LastToken => self.raise(class, false, kind),
            Place::NextToken => {
                self.fill()?;
                self.raise(class, true, kind);
            }
            Place::Node(node) => {
                let location = self.location(self.value(*node, slots));
                self.raise_at(location, kind);
            }
            Place::Range(first, last) => {
                let first = self.location(self.value(*first, slots));
                let last = self.location(self.value(*last, slots));
                self.raise_at(first.to(last), kind);
            }
            Place::From(node) => {
                let location = self.location(self.value(*node, slots));
                self.raise_from(location, kind);
            }
        }
        Err(Stop)
    }

    fn special(&mut self, special: Special, parts: &[u32], text: &str, start: usize) -> Match {
        let part = |index: usize| parts.get(index).copied().unwrap_or(ABSENT);
        match special {
            Special::Exit => Ok(None),
            Special::FutureImport => {
                self.future_import(parts, start);
                self.leaf(NodeKind::Stmt, start)
            }
            Special::Barry => self.check_barry(part(0)),
            Special::EnsureReal => self.ensure(part(0), false),
            Special::EnsureImaginary => self.ensure(part(0), true),
            Special::SpecPiece => self.spec_piece(part(0)),
            Special::Conversion => self.conversion(part(0), part(1)),
            Special::InterpolatedString => self.interpolated_string(parts, text, start),
            Special::String => self.string(part(0)),
            Special::Concatenate => self.concatenate(part(0), start),
            Special::SingleOrPattern => match self.nodes[part(0) as usize].children[..] {
                [only] => Ok(Some(only)),
                _ => self.leaf(NodeKind::Pattern, start),
            },
            Special::InvalidStarTarget => self.raise_invalid_target(part(0), Targets::Star),
            Special::InvalidDelTarget => self.raise_invalid_target(part(0), Targets::Del),
            Special::InvalidForTarget => self.raise_invalid_target(part(0), Targets::For),
            Special::GenexpInCall => self.genexp_in_call(part(0), part(1)),
            Special::PositionalAfterKeyword => self.positional_after_keyword(part(0)),
            Special::ForgotComma => self.forgot_comma(part(0), part(1)),
            Special::LegacyPrint => self.legacy_print(part(0), part(1)),
            Special::Bound => {
                let what =
                    if self.nodes[part(1) as usize].kind == NodeKind::Tuple { "constraints" } else { "bound" };
                let location = self.location(part(0));
                self.raise_from(location, ErrorKind::Text(format!("cannot use {what} with {text}")));
                Err(Stop)
            }
            Special::KeyWithoutColon => {
                let key = self.location(part(0));
                let place = Location::new(key.lineno, key.end_col_offset - 1, key.end_lineno, -1);
                self.raise_at(place, ErrorKind::Static("':' expected after dictionary key"));
                Err(Stop)
            }
            Special::Adjacent => {
                let (less, greater) = (self.location(part(0)), self.location(part(1)));
                if (less.end_lineno, less.end_col_offset) != (greater.lineno, greater.col_offset) {
                    return Ok(None);
                }
                let words = "invalid syntax.  Maybe you meant '!=' instead of '<>'?";
                self.raise_at(less.to(greater), ErrorKind::Static(words));
                Err(Stop)
            }
        }
    }

    /// A node without parts over what the alternative has matched.
    fn leaf(&mut self, kind: NodeKind, start: usize) -> Match {
        let location = self.location_since(start);
        Ok(Some(self.add(Node { kind, location, token: start as u32, children: Vec::new() })))
    }

    // Names, numbers, strings

    pub(super) fn name_token(&mut self, token: Token) -> Result<u32, Stop> {
        let text = self.text(&token);
        if !text.is_ascii() {
            use unicode_normalization::UnicodeNormalization;
            let name: String = String::from_utf8_lossy(text).nfkc().collect();
            if matches!(name.as_str(), "None" | "True" | "False") {
                let words = format!("identifier field can't represent '{name}' constant");
                self.raise_bare(ErrorClass::ValueError, ErrorKind::Text(words));
                return Err(Stop);
            }
        }
        Ok(self.token_node(NodeKind::Name, token))
    }

    pub(super) fn number_token(&mut self, token: Token) -> Result<u32, Stop> {
        let text = self.text(&token);
        if self.settings.feature_version < 6 && text.contains(&b'_') {
            let words = "Underscores in numeric literals are only supported in Python 3.6 and greater";
            self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static(words));
            return Err(Stop);
        }
        let many_digits = text.len() > self.int_max_str_digits;
        if many_digits
            && let Err(TooManyDigits(digits)) = number_value(&Arena::new(), text, self.int_max_str_digits)
        {
            let words = format!(
                "Exceeds the limit ({} digits) for integer string conversion: value has {digits} digits; \
                 use sys.set_int_max_str_digits() to increase the limit - Consider hexadecimal for huge integer \
                 literals to avoid decimal conversion limits.",
                self.int_max_str_digits
            );
            let place = Location::new(token.lineno, -1, token.lineno, -1);
            self.raise_at(place, ErrorKind::Text(words));
            return Err(Stop);
        }
        let imaginary = matches!(text.last(), Some(b'j' | b'J'));
        Ok(self.token_node(if imaginary { NodeKind::Imaginary } else { NodeKind::Number }, token))
    }

    fn ensure(&mut self, number: u32, imaginary: bool) -> Match {
        if (self.nodes[number as usize].kind == NodeKind::Imaginary) == imaginary {
            return Ok(Some(number));
        }
        let words = if imaginary {
            "imaginary number required in complex literal"
        } else {
            "real number required in complex literal"
        };
        let location = self.location(number);
        self.raise_at(location, ErrorKind::Static(words));
        Err(Stop)
    }

    fn token_of(&self, node: u32) -> Token {
        self.tokens[self.nodes[node as usize].token as usize]
    }

    fn string(&mut self, node: u32) -> Match {
        let token = self.token_of(node);
        let parts = literal::string_parts(self.text(&token));
        if parts.bytes && !parts.body.is_ascii() {
            let location = self.location(node);
            self.raise_at(location, ErrorKind::Static("bytes can only contain ASCII literal characters"));
            return Err(Stop);
        }
        if !parts.raw {
            self.check_escapes(token, parts.body, parts.bytes)?;
        }
        self.nodes[node as usize].kind = if parts.bytes { NodeKind::Bytes } else { NodeKind::Text };
        Ok(Some(node))
    }

    /// `token` is what a warning or error is about.
    fn check_escapes(&mut self, token: Token, body: &[u8], bytes: bool) -> Result<(), Stop> {
        let decoded = if bytes { literal::decode_bytes_escapes(body) } else { literal::decode_escapes(body) };
        match decoded {
            Ok((_, invalid)) => {
                if let Some(invalid) = invalid
                    && !self.second_reading
                {
                    self.warnings.extend(escape_warning(self.source, token, body, invalid));
                }
                Ok(())
            }
            Err(LiteralError::Unicode(words)) => {
                self.raise(ErrorClass::SyntaxError, false, ErrorKind::Text(format!("(unicode error) {words}")));
                Err(Stop)
            }
            Err(LiteralError::Value(words)) => {
                self.raise(ErrorClass::SyntaxError, false, ErrorKind::Text(format!("(value error) {words}")));
                Err(Stop)
            }
        }
    }

    fn concatenate(&mut self, strings: u32, start: usize) -> Match {
        let children = self.nodes[strings as usize].children.clone();
        let kinds: Vec<NodeKind> = children.iter().map(|&child| self.nodes[child as usize].kind).collect();
        let bytes = kinds.contains(&NodeKind::Bytes);
        if bytes && kinds.iter().any(|&kind| kind != NodeKind::Bytes) {
            let words = "cannot mix bytes and nonbytes literals";
            self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static(words));
            return Err(Stop);
        }
        let kind = [NodeKind::TemplateStr, NodeKind::JoinedStr, NodeKind::Bytes]
            .into_iter()
            .find(|kind| kinds.contains(kind))
            .unwrap_or(NodeKind::Text);
        self.leaf(kind, start)
    }

    /// Text in a format specification, whose escapes count whatever the prefix of the string.
    fn spec_piece(&mut self, piece: u32) -> Match {
        let token = self.token_of(piece);
        let body = self.text(&token);
        self.check_escapes(token, body, false)?;
        Ok(Some(piece))
    }

    fn interpolated_string(&mut self, parts: &[u32], kind: &str, start: usize) -> Match {
        let [first, pieces, last] = parts[..] else { return Ok(None) };
        let raw = self.text(&self.token_of(first)).iter().any(|c| matches!(c, b'r' | b'R'));
        if !raw {
            let end = self.token_of(last);
            for piece in self.nodes[pieces as usize].children.clone() {
                if self.nodes[piece as usize].kind == NodeKind::Piece {
                    let token = self.token_of(piece);
                    let body = self.text(&token);
                    self.check_escapes(end, body, false)?;
                }
            }
        }
        self.leaf(if kind == "JoinedStr" { NodeKind::JoinedStr } else { NodeKind::TemplateStr }, start)
    }

    fn conversion(&mut self, mark: u32, name: u32) -> Match {
        let (bang, word) = (self.location(mark), self.location(name));
        if (bang.lineno, bang.end_col_offset) != (word.lineno, word.col_offset) {
            let letter = self.string_letter();
            let words = format!("{letter}-string: conversion type must come right after the exclamation mark");
            self.raise_at(bang.to(word), ErrorKind::Text(words));
            return Err(Stop);
        }
        let token = self.token_of(name);
        let text = String::from_utf8_lossy(self.text(&token)).into_owned();
        if !matches!(text.as_str(), "s" | "r" | "a") {
            let letter = self.string_letter();
            let text = crate::dump::repr_str(text.as_bytes());
            let words = format!("{letter}-string: invalid conversion character {text}: expected 's', 'r', or 'a'");
            let location = self.location(name);
            self.raise_at(location, ErrorKind::Text(words));
            return Err(Stop);
        }
        Ok(Some(name))
    }

    fn string_letter(&self) -> char {
        self.tokenizer.interpolated_letter().unwrap_or('f')
    }

    // Statements and expressions

    fn future_import(&mut self, parts: &[u32], start: usize) {
        let [dots, module] = parts[..] else { return };
        let absolute = self.nodes.get(dots as usize).is_none_or(|dots| dots.children.is_empty());
        if absolute && self.text(&self.token_of(module)) == b"__future__" {
            let names = &self.tokens[start..self.mark];
            if names.iter().any(|token| self.text(token) == b"barry_as_FLUFL") {
                self.barry_as_flufl = true;
            }
        }
    }

    fn check_barry(&mut self, operator: u32) -> Match {
        if self.barry_as_flufl && self.text(&self.token_of(operator)) != b"<>" {
            let words = "with Barry as BDFL, use '<>' instead of '!='";
            self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static(words));
            return Err(Stop);
        }
        Ok(Some(operator))
    }

    fn raise_invalid_target(&mut self, expr: u32, targets: Targets) -> Match {
        match self.invalid_target(expr, targets) {
            Some(invalid) => {
                let verb = if targets == Targets::Del { "delete" } else { "assign to" };
                let words = format!("cannot {verb} {}", self.nodes[invalid as usize].kind.expr_name());
                let location = self.location(invalid);
                self.raise_at(location, ErrorKind::Text(words));
                Err(Stop)
            }
            None => Ok(None),
        }
    }

    /// The first part of the expression that cannot be a target. Tuples and lists nest no deeper than brackets do.
    fn invalid_target(&self, expr: u32, targets: Targets) -> Option<u32> {
        let node = &self.nodes[expr as usize];
        match node.kind {
            NodeKind::List | NodeKind::Tuple => {
                node.children.iter().find_map(|&child| self.invalid_target(child, targets))
            }
            NodeKind::Starred if targets != Targets::Del => {
                node.children.first().and_then(|&value| self.invalid_target(value, targets))
            }
            NodeKind::Compare if targets == Targets::For => {
                let first_is_in =
                    node.children.get(1).is_some_and(|&pair| self.nodes[pair as usize].kind == NodeKind::In);
                if first_is_in { node.children.first().and_then(|&left| self.invalid_target(left, targets)) } else { None }
            }
            NodeKind::Name | NodeKind::Subscript | NodeKind::Attribute => None,
            _ => Some(expr),
        }
    }

    fn genexp_in_call(&mut self, args: u32, clauses: u32) -> Match {
        let positional: Vec<u32> = self.nodes[args as usize]
            .children
            .iter()
            .copied()
            .filter(|&arg| !matches!(self.nodes[arg as usize].kind, NodeKind::Keyword | NodeKind::Unpacking))
            .collect();
        let Some(&last) = positional.last().filter(|_| positional.len() > 1) else { return Ok(None) };
        let place = self.location(last).to(self.location(clauses));
        self.raise_at(place, ErrorKind::Static("Generator expression must be parenthesized"));
        Err(Stop)
    }

    fn positional_after_keyword(&mut self, args: u32) -> Match {
        let children = &self.nodes[args as usize].children;
        let unpacking = children.iter().any(|&arg| self.nodes[arg as usize].kind == NodeKind::Unpacking);
        let words = if unpacking {
            "positional argument follows keyword argument unpacking"
        } else {
            "positional argument follows keyword argument"
        };
        self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static(words));
        Err(Stop)
    }

    /// The name of a statement that Python 2 had.
    fn legacy_name(&self, node: u32) -> Option<&str> {
        if self.nodes[node as usize].kind != NodeKind::Name {
            return None;
        }
        match self.text(&self.token_of(node)) {
            b"print" => Some("print"),
            b"exec" => Some("exec"),
            _ => None,
        }
    }

    fn forgot_comma(&mut self, first: u32, second: u32) -> Match {
        if self.legacy_name(first).is_some() || self.tokens[self.mark - 1].level == 0 {
            return Ok(None);
        }
        let place = self.location(first).to(self.location(second));
        self.raise_at(place, ErrorKind::Static("invalid syntax. Perhaps you forgot a comma?"));
        Err(Stop)
    }

    fn legacy_print(&mut self, name: u32, rest: u32) -> Match {
        let Some(word) = self.legacy_name(name) else { return Ok(None) };
        let words = format!("Missing parentheses in call to '{word}'. Did you mean {word}(...)?");
        let place = self.location(name).to(self.location(rest));
        self.raise_at(place, ErrorKind::Text(words));
        Err(Stop)
    }

    pub(super) fn at_indentation(kind: TokenKind) -> Option<ErrorKind> {
        match kind {
            TokenKind::Indent => Some(ErrorKind::UnexpectedIndent),
            TokenKind::Dedent => Some(ErrorKind::UnexpectedUnindent),
            _ => None,
        }
    }
}
