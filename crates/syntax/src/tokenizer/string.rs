//! Strings, and the literal text of f-strings and t-strings.

use super::{Done, EOF, Tokenizer, WarningKind};
use crate::error::ErrorKind;
use crate::token::{Token, TokenKind};

const MAX_NESTED_STRINGS: usize = 150;
const MAX_NESTED_EXPRESSIONS: i32 = 3;

/// An f-string or t-string that is open.
#[derive(Clone, Debug)]
pub(crate) struct Mode {
    /// Literal text is next; otherwise an expression.
    pub(super) in_literal: bool,
    pub(super) in_format_spec: bool,
    quote: u8,
    quote_size: usize,
    raw: bool,
    template: bool,
    /// The offset, line start and line of the string's first character.
    start: usize,
    pub(super) line_start: usize,
    lineno: i32,
    /// Brackets open since the string began, and how many were when the innermost expression did; -1 outside.
    pub(super) depth: i32,
    pub(super) expr_depth: i32,
}

impl Mode {
    pub(super) fn letter(&self) -> char {
        if self.template { 't' } else { 'f' }
    }

    fn middle(&self) -> TokenKind {
        if self.template { TokenKind::TStringMiddle } else { TokenKind::FStringMiddle }
    }
}

impl Tokenizer {
    /// A plain string, whose first quote has been read.
    pub(super) fn string(&mut self, source: &[u8], quote: u8) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let quote_char = quote as i32;
        let triple = self.peek(source, 0) == quote_char && self.peek(source, 1) == quote_char;
        if triple {
            self.cur += 2;
            return self.triple_quoted(source, quote);
        }
        let mut escaped_quote = false;
        // Within the line, straight over the bytes.
        let line = &source[self.cur..self.inp.min(source.len())];
        let mut at = 0;
        while let Some(&c) = line.get(at) {
            if c == quote {
                self.cur += at + 1;
                return self.string_token(TokenKind::String, self.start, self.cur);
            }
            if c == b'\\' || c == b'\n' {
                break;
            }
            at += 1;
        }
        self.cur += at;
        loop {
            let mut c = self.nextc(source);
            if self.done == Done::Error {
                return self.error_token();
            }
            if c == EOF || c == b'\n' as i32 {
                return self.unterminated(source, quote, 1, escaped_quote);
            }
            if c == quote_char {
                return self.string_token(TokenKind::String, self.start, self.cur);
            }
            if c == b'\\' as i32 {
                c = self.nextc(source);
                escaped_quote |= c == quote_char;
                if c == b'\r' as i32 {
                    self.nextc(source);
                }
            }
        }
    }

    fn triple_quoted(&mut self, source: &[u8], quote: u8) -> Token {
        let mut quotes = 0;
        while quotes < 3 {
            // Skip to the next byte that means anything.
            let line = &source[self.cur.min(source.len())..self.inp.min(source.len())];
            if quotes == 0 {
                self.cur += memchr::memchr3(quote, b'\\', b'\n', line).unwrap_or(0);
            }
            let mut c = self.nextc(source);
            if self.done == Done::Error {
                return self.error_token();
            }
            if c == EOF {
                return self.unterminated(source, quote, 3, false);
            }
            if c == quote as i32 {
                quotes += 1;
                continue;
            }
            quotes = 0;
            if c == b'\\' as i32 {
                c = self.nextc(source);
                if c == b'\r' as i32 {
                    self.nextc(source);
                }
            }
        }
        self.string_token(TokenKind::String, self.start, self.cur)
    }

    /// The error is at the string's first quote.
    #[cold]
    fn unterminated(&mut self, source: &[u8], quote: u8, quote_size: usize, escaped_quote: bool) -> Token {
        if self.done == Done::NeedMore {
            return self.error_token();
        }
        let line = self.lineno;
        self.cur = self.start + 1;
        self.line_start = self.multi_line_start;
        self.lineno = self.first_lineno;
        // In an f-string the very same quotes rather mean that a brace is missing.
        let kind = match self.modes.last() {
            Some(mode) if mode.quote == quote && mode.quote_size == quote_size => {
                ErrorKind::ExpectingBrace { kind: mode.letter() }
            }
            _ if quote_size == 3 => ErrorKind::UnterminatedTripleQuoted { line },
            _ => ErrorKind::UnterminatedString { line, escaped_quote },
        };
        let at_end = self.done == Done::Eof;
        let missing_brace = matches!(kind, ErrorKind::ExpectingBrace { .. });
        let token = self.syntax_error(source, kind);
        if at_end && !missing_brace {
            self.done = if quote_size == 3 { Done::Eofs } else { Done::Eols };
        }
        token
    }

    /// The start of an f-string or t-string, whose first quote has been read.
    pub(super) fn interpolated_start(&mut self, source: &[u8], quote: u8, raw: bool, template: bool) -> Token {
        self.first_lineno = self.lineno;
        self.multi_line_start = self.line_start;
        let quote_char = quote as i32;
        let mut quote_size = 1;
        if self.peek(source, 0) == quote_char && self.peek(source, 1) == quote_char {
            quote_size = 3;
            self.cur += 2;
        }
        if self.modes.len() + 1 >= MAX_NESTED_STRINGS {
            return self.syntax_error(source, ErrorKind::NestedInterpolated);
        }
        self.modes.push(Mode {
            in_literal: true,
            in_format_spec: false,
            quote,
            quote_size,
            raw,
            template,
            start: self.start,
            line_start: self.line_start,
            lineno: self.lineno,
            depth: 0,
            expr_depth: -1,
        });
        let kind = if template { TokenKind::TStringStart } else { TokenKind::FStringStart };
        self.string_token(kind, self.start, self.cur)
    }

    /// In an f-string or t-string: literal text, its end, or the brace of an expression.
    pub(super) fn interpolated_middle(&mut self, source: &[u8]) -> Token {
        let Some(top) = self.modes.len().checked_sub(1) else { return self.error_token() };
        self.start = self.cur;
        self.within_token = true;
        self.first_lineno = self.lineno;
        let first = self.nextc(source);
        if first == b'{' as i32 {
            let second = self.peek(source, 0);
            self.cur -= 1;
            if second != first {
                return match self.enter_expression(source, top) {
                    Some(error) => error,
                    None => self.normal(source),
                };
            }
        } else {
            self.backup(first);
        }
        let Mode { quote, quote_size, .. } = self.modes[top];
        if (0..quote_size).all(|i| self.peek(source, i) == quote as i32) {
            self.cur += quote_size;
            let mode = self.modes.pop();
            let template = mode.is_some_and(|mode| mode.template);
            let kind = if template { TokenKind::TStringEnd } else { TokenKind::FStringEnd };
            // The end is on this line, whatever came before.
            self.multi_line_start = self.line_start;
            return self.string_token(kind, self.start, self.cur);
        }
        self.literal_text(source, top)
    }

    /// Expressions may nest through format specifications, but not deep.
    fn enter_expression(&mut self, source: &[u8], top: usize) -> Option<Token> {
        let mode = &mut self.modes[top];
        mode.expr_depth += 1;
        if mode.expr_depth >= MAX_NESTED_EXPRESSIONS {
            let kind = ErrorKind::NestedExpressions { kind: mode.letter() };
            return Some(self.syntax_error(source, kind));
        }
        mode.in_literal = false;
        None
    }

    fn literal_text(&mut self, source: &[u8], top: usize) -> Token {
        self.multi_line_start = self.line_start;
        let middle = self.modes[top].middle();
        let Mode { quote, quote_size, raw, .. } = self.modes[top];
        let mut quotes = 0;
        let mut named_escape = false;
        while quotes != quote_size {
            let c = self.nextc(source);
            if self.done == Done::Error {
                return self.error_token();
            }
            let mode = &mut self.modes[top];
            let in_format_spec = mode.in_format_spec && mode.expr_depth >= 0;
            if c == EOF || quote_size == 1 && c == b'\n' as i32 {
                if in_format_spec && c == b'\n' as i32 {
                    let kind = ErrorKind::NewlineInFormat { kind: mode.letter() };
                    return self.syntax_error(source, kind);
                }
                return self.unterminated_interpolated(source, top);
            }
            let byte = c as u8;
            if byte == quote {
                quotes += 1;
                continue;
            }
            quotes = 0;
            match byte {
                b'{' => {
                    if self.peek(source, 0) == c && !in_format_spec {
                        self.cur += 1;
                        return self.string_token(middle, self.start, self.cur - 1).ending_before_brace();
                    }
                    self.cur -= 1;
                    if let Some(error) = self.enter_expression(source, top) {
                        return error;
                    }
                    self.modes[top].in_format_spec = false;
                    return self.string_token(middle, self.start, self.cur);
                }
                b'}' => {
                    if named_escape {
                        return self.string_token(middle, self.start, self.cur);
                    }
                    if self.peek(source, 0) == c && !in_format_spec && self.modes[top].depth == 0 {
                        self.cur += 1;
                        return self.string_token(middle, self.start, self.cur - 1).ending_before_brace();
                    }
                    self.cur -= 1;
                    let mode = &mut self.modes[top];
                    mode.in_literal = false;
                    mode.in_format_spec = false;
                    return self.string_token(middle, self.start, self.cur);
                }
                b'\\' => {
                    let mut next = self.nextc(source);
                    if next == b'\r' as i32 {
                        next = self.nextc(source);
                    }
                    if next == b'{' as i32 || next == b'}' as i32 {
                        if !raw {
                            self.warn(source, WarningKind::InvalidEscape(next as u8 as char));
                        }
                        self.cur -= 1;
                        continue;
                    }
                    if !raw && next == b'N' as i32 && self.peek(source, 0) == b'{' as i32 {
                        self.cur += 1;
                        named_escape = true;
                    }
                }
                _ => {}
            }
        }
        self.cur -= quote_size;
        self.string_token(middle, self.start, self.cur)
    }

    #[cold]
    fn unterminated_interpolated(&mut self, source: &[u8], top: usize) -> Token {
        if self.done == Done::NeedMore {
            return self.error_token();
        }
        let line = self.lineno;
        let mode = &self.modes[top];
        self.cur = mode.start + 1;
        self.line_start = mode.line_start;
        self.lineno = mode.lineno;
        let kind = ErrorKind::UnterminatedInterpolated { kind: mode.letter(), triple: mode.quote_size == 3, line };
        let at_end = self.done == Done::Eof;
        let triple = mode.quote_size == 3;
        let token = self.syntax_error(source, kind);
        if at_end && triple {
            self.done = Done::Eofs;
        }
        token
    }
}

impl Token {
    /// Text before a doubled brace holds one of the two; its end column is that of both, as in CPython.
    fn ending_before_brace(mut self) -> Token {
        self.end_col_offset += 1;
        self
    }
}
