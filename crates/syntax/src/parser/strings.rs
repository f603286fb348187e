//! String literals: concatenation, f-strings and t-strings.
//!
//! Adjacent literals become one node. Within an f-string or t-string, adjacent pieces of text are joined and empty
//! ones dropped; `{expr=}` contributes its own text as a piece.

use super::{Fail, Parsed, Parser, Start, location_of};
use crate::ast::*;
use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::literal::{self, InvalidEscape};
use crate::location::Location;
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Warning, WarningKind};
use std::borrow::Cow;

/// What adjacent literals are made of so far.
#[derive(Default)]
struct Found {
    text: bool,
    bytes: bool,
    fstring: bool,
    tstring: bool,
}

impl<'a> Parser<'a, '_> {
    pub(super) fn strings(&mut self) -> Parsed<ExprRef<'a>> {
        if self.kind() == TokenKind::String && !is_string(self.peek()) {
            return self.string();
        }
        self.concatenation()
    }

    fn string(&mut self) -> Parsed<ExprRef<'a>> {
        let token = self.token;
        let parts = literal::string_parts(self.text(token));
        let raw = parts.raw || memchr::memchr(b'\\', parts.body).is_none();
        let value = if !parts.bytes {
            Constant::Str(self.decode(token, parts.body, raw)?)
        } else if !parts.body.is_ascii() {
            return Err(Fail);
        } else if raw {
            Constant::Bytes(self.arena.alloc_slice_copy(parts.body))
        } else {
            let (value, invalid) = literal::decode_bytes_escapes(parts.body).map_err(|_| Fail)?;
            if let Some(invalid) = invalid {
                self.warn_escape(token, parts.body, invalid);
            }
            Constant::Bytes(self.arena.alloc_slice_copy(&value))
        };
        const U: Str<'static> = Str::new("u");
        let kind = if parts.unicode_kind { Some(&U) } else { None };
        self.bump();
        Ok(self.expr_at(ExprKind::Constant { value, kind }, location_of(token)))
    }

    /// The text of a literal, with its escapes replaced. `token` is where a warning is about.
    fn decode(&mut self, token: Token, body: &[u8], raw: bool) -> Parsed<Str<'a>> {
        if raw {
            return Ok(Str::from_wtf8(self.arena.alloc_slice_copy(body)));
        }
        let (value, invalid) = literal::decode_escapes(body).map_err(|_| Fail)?;
        if let Some(invalid) = invalid {
            self.warn_escape(token, body, invalid);
        }
        Ok(Str::from_wtf8(self.arena.alloc_slice_copy(&value)))
    }

    #[cold]
    fn warn_escape(&mut self, token: Token, body: &[u8], invalid: InvalidEscape) {
        if let Some(warning) = escape_warning(self.source, token, body, invalid) {
            self.warnings.push(warning);
        }
    }

    fn concatenation(&mut self) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let base = self.exprs.len();
        let mut found = Found::default();
        loop {
            let expr = match self.kind() {
                TokenKind::String => {
                    let expr = self.string()?;
                    let is_bytes = matches!(expr.kind, ExprKind::Constant { value: Constant::Bytes(_), .. });
                    *if is_bytes { &mut found.bytes } else { &mut found.text } = true;
                    expr
                }
                TokenKind::FStringStart => {
                    found.fstring = true;
                    self.interpolated(false)?
                }
                TokenKind::TStringStart => {
                    found.tstring = true;
                    self.since(14)?;
                    self.interpolated(true)?
                }
                _ => break,
            };
            self.exprs.push(expr);
        }
        if found.bytes && (found.text || found.fstring) || found.tstring && (found.text || found.bytes || found.fstring) {
            return Err(Fail);
        }
        let location = self.since_start(start);
        let parts = self.take_exprs(base);
        Ok(if found.tstring {
            let values = self.join(parts);
            self.expr_at(ExprKind::TemplateStr { values }, location)
        } else if found.fstring {
            let values = self.join(parts);
            self.expr_at(ExprKind::JoinedStr { values }, location)
        } else if found.bytes {
            self.join_bytes(parts, location)
        } else {
            self.join_text(parts, location)
        })
    }

    fn join_bytes(&self, parts: &[ExprRef<'a>], location: Location) -> ExprRef<'a> {
        let mut joined = Vec::new();
        for part in parts {
            if let ExprKind::Constant { value: Constant::Bytes(bytes), .. } = part.kind {
                joined.extend_from_slice(bytes);
            }
        }
        let value = Constant::Bytes(self.arena.alloc_slice_copy(&joined));
        self.expr_at(ExprKind::Constant { value, kind: None }, location)
    }

    /// Constants to one constant, whose kind is the first one's.
    fn join_text(&self, parts: &[ExprRef<'a>], location: Location) -> ExprRef<'a> {
        let mut joined = Vec::new();
        for part in parts {
            joined.extend_from_slice(text_of(part).unwrap_or(Str::EMPTY).as_bytes());
        }
        let kind = match parts.first().map(|part| part.kind) {
            Some(ExprKind::Constant { kind, .. }) => kind,
            _ => None,
        };
        let value = Constant::Str(Str::from_wtf8(self.arena.alloc_slice_copy(&joined)));
        self.expr_at(ExprKind::Constant { value, kind }, location)
    }

    /// The values of an f-string or t-string that consists of these parts.
    fn join(&mut self, parts: &[ExprRef<'a>]) -> &'a [ExprRef<'a>] {
        let mut flat: Vec<ExprRef<'a>> = Vec::with_capacity(parts.len());
        for part in parts {
            match part.kind {
                ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => flat.extend_from_slice(values),
                _ => flat.push(part),
            }
        }
        let base = self.exprs.len();
        let mut rest = &flat[..];
        while let Some((first, after)) = rest.split_first() {
            let run = rest.iter().take_while(|part| text_of(part).is_some()).count();
            if run == 0 {
                self.exprs.push(first);
                rest = after;
                continue;
            }
            let text = if run == 1 {
                first
            } else {
                let location = first.location.to(rest[run - 1].location);
                self.join_text(&rest[..run], location)
            };
            if text_of(text).is_some_and(|text| !text.is_empty()) {
                self.exprs.push(text);
            }
            rest = &rest[run..];
        }
        self.take_exprs(base)
    }

    /// One f-string or t-string.
    fn interpolated(&mut self, template: bool) -> Parsed<ExprRef<'a>> {
        let start = self.here();
        let first = self.token;
        let raw = self.text(first).iter().any(|c| matches!(c, b'r' | b'R'));
        self.bump();
        let (middle, end) = if template {
            (TokenKind::TStringMiddle, TokenKind::TStringEnd)
        } else {
            (TokenKind::FStringMiddle, TokenKind::FStringEnd)
        };
        self.enter(29)?;
        let base = self.exprs.len();
        let mut pieces: Vec<(usize, Token)> = Vec::new();
        while self.kind() != end {
            let token = self.token;
            if token.kind == middle {
                pieces.push((self.exprs.len(), token));
                self.bump();
                // Its value waits for the end of the string, where a warning about it is placed.
                let value = Constant::Str(Str::EMPTY);
                let piece = self.expr_at(ExprKind::Constant { value, kind: None }, location_of(token));
                self.exprs.push(piece);
            } else {
                self.replacement_field(template, template, raw)?;
            }
        }
        let end = self.token;
        for (at, token) in pieces {
            let text = self.text(token);
            let raw = raw || memchr::memchr(b'\\', text).is_none();
            let value = Constant::Str(self.decode(end, text, raw)?);
            self.exprs[at] = self.expr_at(ExprKind::Constant { value, kind: None }, location_of(token));
        }
        self.bump();
        self.leave(29);
        let mut values: Vec<ExprRef<'a>> = self.exprs.split_off(base);
        values.retain(|value| text_of(value).is_none_or(|text| !text.is_empty()));
        let values = self.arena.alloc_slice_copy(&values);
        let kind = if template { ExprKind::TemplateStr { values } } else { ExprKind::JoinedStr { values } };
        Ok(self.expr(kind, start))
    }

    /// `{...}`: pushes its node, and before it the text of `{expr=}`. `interpolation` says which node it is; fields
    /// in the format specifications of a t-string are as an f-string's.
    fn replacement_field(&mut self, template: bool, interpolation: bool, raw: bool) -> Parsed<()> {
        let start = self.here();
        let open = self.token;
        self.expect(TokenKind::LBrace)?;
        let value = self.annotated_rhs()?;
        let equal = self.token;
        let debug = self.accept(TokenKind::Equal);
        // Where the text of the expression ends.
        let text_end = self.token;
        let mut conversion = -1;
        let mut debug_end = None;
        if self.accept(TokenKind::Exclamation) {
            let name = self.token;
            if name.kind != TokenKind::Name || (name.lineno, name.col_offset) != (text_end.lineno, text_end.end_col_offset)
            {
                return Err(Fail);
            }
            conversion = match self.text(name) {
                b"s" => b's' as i32,
                b"r" => b'r' as i32,
                b"a" => b'a' as i32,
                _ => return Err(Fail),
            };
            debug_end = Some((name.lineno, name.col_offset));
            self.bump();
        }
        let mut format_spec = None;
        if self.kind() == TokenKind::Colon {
            if debug_end.is_none() {
                debug_end = Some((self.token.lineno, self.token.col_offset + 1));
            }
            format_spec = Some(self.format_spec(template, raw)?);
        } else if debug && conversion == -1 {
            conversion = b'r' as i32;
        }
        self.expect(TokenKind::RBrace)?;
        let location = self.since_start(start);
        if debug {
            let (line, col) = debug_end.unwrap_or((location.end_lineno, location.end_col_offset));
            let text = self.expression_text(open, text_end);
            let text_location = Location::new(start.lineno, start.col_offset + 1, line, col - 1);
            let value = Constant::Str(self.alloc_str(&text));
            let piece = self.expr_at(ExprKind::Constant { value, kind: None }, text_location);
            self.exprs.push(piece);
        }
        let kind = if interpolation {
            let text = self.expression_text(open, if debug { equal } else { text_end });
            let str = self.arena.alloc(Constant::Str(self.alloc_str(&text)));
            ExprKind::Interpolation { value, str, conversion, format_spec }
        } else {
            ExprKind::FormattedValue { value, conversion, format_spec }
        };
        let field = self.expr_at(kind, location);
        self.exprs.push(field);
        Ok(())
    }

    fn alloc_str(&self, text: &str) -> Str<'a> {
        Str::new(self.arena.alloc_str(text))
    }

    /// The text between the brace and what ends the expression, without comments.
    fn expression_text(&self, open: Token, end: Token) -> String {
        let text = self.source.get(open.end as usize..end.start as usize).unwrap_or_default();
        String::from_utf8_lossy(&without_comments(text)).into_owned()
    }

    /// From the colon up to the brace that ends the field.
    fn format_spec(&mut self, template: bool, raw: bool) -> Parsed<ExprRef<'a>> {
        let start: Start = self.here();
        self.bump();
        let base = self.exprs.len();
        loop {
            let token = self.token;
            match token.kind {
                TokenKind::FStringMiddle | TokenKind::TStringMiddle => {
                    let text = self.text(token);
                    let raw = raw || memchr::memchr(b'\\', text).is_none();
                    let value = Constant::Str(self.decode(token, text, raw)?);
                    self.bump();
                    let piece = self.expr_at(ExprKind::Constant { value, kind: None }, location_of(token));
                    self.exprs.push(piece);
                }
                TokenKind::LBrace => self.replacement_field(template, false, raw)?,
                _ => break,
            }
        }
        let location = self.since_start(start);
        let parts: Vec<ExprRef<'a>> = self.exprs.split_off(base);
        let values = self.join(&parts);
        Ok(self.expr_at(ExprKind::JoinedStr { values }, location))
    }
}

fn is_string(kind: TokenKind) -> bool {
    matches!(kind, TokenKind::String | TokenKind::FStringStart | TokenKind::TStringStart)
}

fn text_of<'a>(expr: &Expr<'a>) -> Option<Str<'a>> {
    match expr.kind {
        ExprKind::Constant { value: Constant::Str(text), .. } => Some(text),
        _ => None,
    }
}

/// Drops `#` to the end of the line, except within strings.
fn without_comments(text: &[u8]) -> Cow<'_, [u8]> {
    if !has_comment(text) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut quote = None;
    let mut at = 0;
    while at < text.len() {
        let c = text[at];
        if c == b'#' && quote.is_none() {
            at += memchr::memchr(b'\n', &text[at..]).unwrap_or(text.len() - at);
            continue;
        }
        if c == b'\\' && at + 1 < text.len() {
            out.push(c);
            at += 1;
        } else {
            toggle_quote(&mut quote, c);
        }
        out.push(text[at]);
        at += 1;
    }
    Cow::Owned(out)
}

fn has_comment(text: &[u8]) -> bool {
    let mut quote = None;
    let mut bytes = text.iter();
    while let Some(&c) = bytes.next() {
        match c {
            b'\\' => _ = bytes.next(),
            b'#' if quote.is_none() => return true,
            _ => toggle_quote(&mut quote, c),
        }
    }
    false
}

/// Triple quotes open, close and open again, which comes to the same.
fn toggle_quote(quote: &mut Option<u8>, c: u8) {
    if c == b'"' || c == b'\'' {
        match *quote {
            None => *quote = Some(c),
            Some(open) if open == c => *quote = None,
            Some(_) => {}
        }
    }
}

/// The warning about an escape in `token`, whose literal text is `body`; the tokenizer itself warns of braces.
pub(crate) fn escape_warning(source: &[u8], token: Token, body: &[u8], invalid: InvalidEscape) -> Option<Warning> {
    let in_interpolated = matches!(
        token.kind,
        TokenKind::FStringMiddle | TokenKind::FStringEnd | TokenKind::TStringMiddle | TokenKind::TStringEnd
    );
    if in_interpolated && matches!(invalid.character, '{' | '}') {
        return None;
    }
    let mut lineno = token.lineno;
    let mut col_offset = token.col_offset;
    for &c in &body[..invalid.offset] {
        if c == b'\n' {
            lineno += 1;
            col_offset = 0;
        } else if c < 0x80 {
            col_offset += 1;
        } else if c >= 0xc0 {
            // The decoder has written such characters as `\UXXXXXXXX`.
            col_offset += 10;
        }
    }
    if lineno == token.lineno {
        let text = source.get(token.start as usize..token.end as usize).unwrap_or_default();
        let first = text.first().copied().filter(|c| matches!(c, b'"' | b'\''));
        let quotes = text.iter().take_while(|c| matches!(c, b'"' | b'\'')).filter(|&&c| Some(c) == first).count();
        col_offset += quotes as i32;
    }
    let (kind, words) = match invalid.octal {
        Some(digits) => {
            let words = format!(
                "\"\\{digits}\" is an invalid octal escape sequence. Did you mean \"\\\\{digits}\"? \
                 A raw string is also an option."
            );
            (WarningKind::InvalidOctalEscape(digits), words)
        }
        None => {
            let c = invalid.character;
            let words =
                format!("\"\\{c}\" is an invalid escape sequence. Did you mean \"\\\\{c}\"? A raw string is also an option.");
            (WarningKind::InvalidEscape(c), words)
        }
    };
    let error = SyntaxError {
        class: ErrorClass::SyntaxError,
        kind: ErrorKind::Text(words),
        lineno,
        offset: col_offset,
        end_lineno: lineno,
        end_offset: col_offset + 2,
        text: None,
        located: true,
        has_end: true,
        last_statement: None,
    };
    Some(Warning { kind, lineno, error: Box::new(error) })
}
