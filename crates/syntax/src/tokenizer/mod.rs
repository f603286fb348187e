//! Source text to tokens, token by token as CPython's C tokenizer cuts them.
//!
//! The tokenizer holds positions, never the text: each call gets the source, so that its owner may append lines in
//! between (interactive input, `tokenize` over a `readline`). It reads line by line: `line_start..inp` is the line at
//! hand, `lineno` its number, `cur` the next byte; the next line is entered only when a byte of it is wanted, and
//! errors count on that.
//!
//! Inside an f-string or t-string a [`Mode`] lies on `modes`; it says whether literal text or an expression is next.

mod indentation;
mod number;
pub mod stream;
mod string;

use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::token::{Token, TokenKind};
use indentation::Indentation;
pub(crate) use string::Mode;

pub(crate) const EOF: i32 = -1;
const MAX_LEVEL: usize = 200;

/// Why the tokenizer stopped; after anything but `Ok` no more lines are read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Done {
    Ok,
    /// The end of the source.
    Eof,
    /// [`Tokenizer::error`] says what is wrong.
    Error,
    TabSpace,
    TooDeep,
    Dedent,
    LineContinuation,
    /// The source ended within a triple-quoted string.
    Eofs,
    /// The source ended within a string.
    Eols,
    /// The source so far does not suffice for the token; see [`Options::more_may_come`].
    NeedMore,
}

#[derive(Clone, Copy, Default, Debug)]
pub struct Options {
    /// Give `COMMENT` and `NL` tokens and be lenient, as the `tokenize` module wants it.
    pub extra_tokens: bool,
    pub type_comments: bool,
    /// Input is read line by line from a person: an empty line ends a block.
    pub interactive: bool,
    /// The source may still grow; its present end is no end.
    pub more_may_come: bool,
}

#[derive(Clone, Copy, Debug)]
struct Bracket {
    open: u8,
    lineno: i32,
    col: i32,
}

/// A warning that the tokenizer or the parser found; given to the host when the parse has succeeded.
#[derive(Clone, Debug)]
pub struct Warning {
    pub kind: WarningKind,
    pub lineno: i32,
    /// What to raise should the warning be turned into an error.
    pub error: Box<SyntaxError>,
}

#[derive(Clone, PartialEq, Debug)]
pub enum WarningKind {
    InvalidLiteral(&'static str),
    InvalidEscape(char),
    InvalidOctalEscape(String),
}

impl std::fmt::Display for WarningKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            WarningKind::InvalidLiteral(kind) => write!(f, "invalid {kind} literal"),
            WarningKind::InvalidEscape(c) => write!(
                f,
                "\"\\{c}\" is an invalid escape sequence. Such sequences will not work in the future. \
                 Did you mean \"\\\\{c}\"? A raw string is also an option."
            ),
            WarningKind::InvalidOctalEscape(digits) => write!(
                f,
                "\"\\{digits}\" is an invalid octal escape sequence. Such sequences will not work in the future. \
                 Did you mean \"\\\\{digits}\"? A raw string is also an option."
            ),
        }
    }
}

#[derive(Clone, Debug)]
pub struct Tokenizer {
    pub(crate) cur: usize,
    pub(crate) inp: usize,
    pub(crate) line_start: usize,
    /// The start of the line on which the token at hand began; errors count columns from it.
    pub(crate) buffer_start: usize,
    within_token: bool,
    /// A token had begun when the source ended.
    end_within_token: bool,
    pub(crate) lineno: i32,
    pub(crate) done: Done,
    pub(crate) indentation: Indentation,
    at_bol: bool,
    brackets: Vec<Bracket>,
    pub(crate) modes: Vec<Mode>,
    options: Options,
    start: usize,
    // Where the string at hand began.
    first_lineno: i32,
    multi_line_start: usize,
    /// There is no NUL before this place.
    nul_free_to: usize,
    comment_newline: bool,
    pub(crate) error: Option<Box<SyntaxError>>,
    pub(crate) warnings: Vec<Warning>,
}

/// Classes of bytes: bit 0 may start an identifier, bit 1 may go on one, bit 2 is a decimal digit.
const IDENT_START: u8 = 1;
const IDENT_CONTINUE: u8 = 2;
const DIGIT: u8 = 4;
static CLASS: [u8; 256] = {
    let mut table = [0; 256];
    let mut c = 0;
    while c < 256 {
        let byte = c as u8;
        if byte.is_ascii_alphabetic() || byte == b'_' || byte >= 128 {
            table[c] = IDENT_START | IDENT_CONTINUE;
        } else if byte.is_ascii_digit() {
            table[c] = IDENT_CONTINUE | DIGIT;
        }
        c += 1;
    }
    table
};

pub(crate) fn is_identifier_char(c: i32) -> bool {
    (0..256).contains(&c) && CLASS[c as usize] & IDENT_CONTINUE != 0
}

fn is_digit(c: i32) -> bool {
    (b'0' as i32..=b'9' as i32).contains(&c)
}

impl Tokenizer {
    pub fn new(options: Options) -> Self {
        Tokenizer {
            cur: 0,
            inp: 0,
            line_start: 0,
            buffer_start: 0,
            within_token: false,
            end_within_token: false,
            lineno: 0,
            done: Done::Ok,
            indentation: Indentation::default(),
            at_bol: true,
            brackets: Vec::new(),
            modes: Vec::new(),
            options,
            start: 0,
            first_lineno: 0,
            multi_line_start: 0,
            nul_free_to: 0,
            comment_newline: false,
            error: None,
            warnings: Vec::new(),
        }
    }

    /// The next token. After `ErrorToken`, [`Self::done`] and [`Self::take_error`] tell why.
    /// Where `done` is `NeedMore` the state is as before the call: append to the source and call again.
    pub fn next_token(&mut self, source: &[u8]) -> Token {
        if !self.options.more_may_come {
            let token = self.get(source);
            if token.end as usize == source.len() {
                self.notice_end(source, token.kind);
            }
            return token;
        }
        let before = self.clone();
        let token = self.get(source);
        if self.done == Done::NeedMore {
            *self = before;
            self.done = Done::NeedMore;
        }
        token
    }

    /// Most tokens end where the next byte says so: at the end of the source they have seen it.
    #[cold]
    fn notice_end(&mut self, source: &[u8], kind: TokenKind) {
        let looks_ahead = match kind {
            TokenKind::Ellipsis => false,
            TokenKind::Name | TokenKind::Number | TokenKind::FStringStart | TokenKind::TStringStart => true,
            kind => kind.is_operator() || kind.is_keyword(),
        };
        if looks_ahead && self.cur == source.len() {
            let cur = self.cur;
            self.enter_line(source);
            self.cur = cur;
        }
    }

    pub fn done(&self) -> Done {
        self.done
    }

    /// After more source was appended (or none will come any more).
    pub fn resume(&mut self, more_may_come: bool) {
        self.options.more_may_come = more_may_come;
        if self.done == Done::NeedMore {
            self.done = Done::Ok;
        }
    }

    pub fn take_error(&mut self) -> Option<Box<SyntaxError>> {
        self.error.take()
    }

    pub fn take_warnings(&mut self) -> Vec<Warning> {
        std::mem::take(&mut self.warnings)
    }

    pub(crate) fn is_interactive(&self) -> bool {
        self.options.interactive
    }

    /// The innermost open bracket: its character, line and column.
    pub(crate) fn open_bracket(&self) -> Option<(char, i32, i32)> {
        self.brackets.last().map(|bracket| (bracket.open as char, bracket.lineno, bracket.col))
    }

    /// `f` or `t` within such a string.
    pub(crate) fn interpolated_letter(&self) -> Option<char> {
        self.modes.last().map(Mode::letter)
    }

    fn get(&mut self, source: &[u8]) -> Token {
        match self.modes.last() {
            Some(mode) if mode.in_literal => self.interpolated_middle(source),
            _ => self.normal(source),
        }
    }

    // Characters

    #[inline]
    fn nextc(&mut self, source: &[u8]) -> i32 {
        if self.cur < self.inp && self.cur < source.len() {
            let c = source[self.cur];
            self.cur += 1;
            return c as i32;
        }
        self.next_line(source)
    }

    /// Enters the next line and gives its first byte.
    #[cold]
    fn next_line(&mut self, source: &[u8]) -> i32 {
        if !self.enter_line(source) {
            return EOF;
        }
        let c = source[self.cur];
        self.cur += 1;
        c as i32
    }

    pub(super) fn enter_line(&mut self, source: &[u8]) -> bool {
        if self.done != Done::Ok {
            return false;
        }
        let rest = &source[self.inp.min(source.len())..];
        if rest.is_empty() {
            self.end_within_token = self.within_token;
            self.done = if self.options.more_may_come { Done::NeedMore } else { Done::Eof };
            self.cur = self.inp;
            return false;
        }
        let length = memchr::memchr(b'\n', rest).map_or(rest.len(), |at| at + 1);
        self.cur = self.inp;
        if !self.within_token {
            self.buffer_start = self.inp;
        }
        self.line_start = self.inp;
        self.inp += length;
        self.lineno += 1;
        if self.inp > self.nul_free_to {
            // Once for all that is there, as a rule.
            match memchr::memchr(0, rest) {
                None => self.nul_free_to = source.len(),
                Some(at) => self.nul_free_to = self.inp - length + at,
            }
        }
        if self.inp > self.nul_free_to {
            self.syntax_error(source, ErrorKind::NullBytes);
            self.cur = self.inp;
            return false;
        }
        true
    }

    #[inline]
    fn backup(&mut self, c: i32) {
        if c != EOF {
            self.cur -= 1;
        }
    }

    /// The byte at `offset` from the current one within the line, or EOF.
    fn peek(&self, source: &[u8], offset: usize) -> i32 {
        let at = self.cur + offset;
        if at < self.inp { source.get(at).map_or(EOF, |&c| c as i32) } else { EOF }
    }

    // Tokens and errors

    #[inline]
    fn token(&self, kind: TokenKind, start: usize, end: usize) -> Token {
        Token {
            start: start as u32,
            end: end as u32,
            lineno: self.lineno,
            col_offset: start as i32 - self.line_start as i32,
            end_lineno: self.lineno,
            end_col_offset: end as i32 - self.line_start as i32,
            kind,
            level: self.brackets.len() as u8,
        }
    }

    /// A token that may have begun on an earlier line.
    fn string_token(&self, kind: TokenKind, start: usize, end: usize) -> Token {
        let col_offset = if start >= self.multi_line_start { (start - self.multi_line_start) as i32 } else { -1 };
        let end_col_offset = if end >= self.line_start { (end - self.line_start) as i32 } else { -1 };
        Token {
            start: start as u32,
            end: end as u32,
            lineno: self.first_lineno,
            col_offset,
            end_lineno: self.lineno,
            end_col_offset,
            kind,
            level: self.brackets.len() as u8,
        }
    }

    /// A token without text.
    fn empty_token(&self, kind: TokenKind) -> Token {
        let mut token = self.token(kind, self.cur, self.cur);
        token.col_offset = -1;
        token.end_col_offset = -1;
        token
    }

    #[cold]
    fn error_token(&self) -> Token {
        self.empty_token(TokenKind::ErrorToken)
    }

    #[cold]
    pub(crate) fn syntax_error(&mut self, source: &[u8], kind: ErrorKind) -> Token {
        self.syntax_error_range(source, kind, -1, -1)
    }

    /// An error about `start..end` on the line at hand.
    #[cold]
    fn syntax_error_at(&mut self, source: &[u8], kind: ErrorKind, start: usize, end: usize) -> Token {
        let characters = |end: usize| {
            let text = source.get(self.line_start..end).unwrap_or_default();
            String::from_utf8_lossy(text).chars().count() as i32
        };
        let (offset, end_offset) = (characters(start) + 1, characters(end));
        self.syntax_error_range(source, kind, offset, end_offset)
    }

    /// Columns count from 1; -1 is the place up to which has been read.
    #[cold]
    fn syntax_error_range(&mut self, source: &[u8], kind: ErrorKind, offset: i32, end_offset: i32) -> Token {
        if self.done != Done::Error {
            self.error = Some(Box::new(self.make_error(source, kind, offset, end_offset)));
            self.done = Done::Error;
        }
        self.error_token()
    }

    fn make_error(&self, source: &[u8], kind: ErrorKind, offset: i32, end_offset: i32) -> SyntaxError {
        let line = &source[self.line_start.min(source.len())..];
        let read = (self.cur - self.line_start).min(line.len());
        let offset = if offset == -1 { String::from_utf8_lossy(&line[..read]).chars().count() as i32 } else { offset };
        let end_offset = if end_offset == -1 { offset } else { end_offset };
        let length = memchr::memchr2(b'\n', 0, line).unwrap_or(line.len());
        SyntaxError {
            class: ErrorClass::SyntaxError,
            kind,
            lineno: self.lineno,
            offset,
            end_lineno: self.lineno,
            end_offset,
            text: Some(String::from_utf8_lossy(&line[..length]).into_owned()),
            located: true,
            has_end: true,
            last_statement: None,
        }
    }

    #[cold]
    fn warn(&mut self, source: &[u8], kind: WarningKind) {
        let words = match &kind {
            WarningKind::InvalidEscape(c) => ErrorKind::Text(format!(
                "\"\\{c}\" is an invalid escape sequence. Did you mean \"\\\\{c}\"? A raw string is also an option."
            )),
            other => ErrorKind::Text(other.to_string()),
        };
        let error = Box::new(self.make_error(source, words, -1, -1));
        self.warnings.push(Warning { kind, lineno: self.lineno, error });
    }

    // Normal mode

    fn normal(&mut self, source: &[u8]) -> Token {
        loop {
            let mut blank_line = false;
            self.within_token = false;
            if self.at_bol {
                self.at_bol = false;
                match self.begin_line(source) {
                    Ok(blank) => blank_line = blank,
                    Err(token) => return token,
                }
            }
            self.start = self.cur;
            if self.indentation.pending != 0 {
                return self.pending_indentation();
            }
            if let Some(token) = self.token_on_line(source, blank_line) {
                return token;
            }
        }
    }

    /// The next token on the line at hand; `None` when the line ended without one.
    fn token_on_line(&mut self, source: &[u8], mut blank_line: bool) -> Option<Token> {
        loop {
            self.within_token = false;
            // White space does not end a line.
            let line = &source[..self.inp.min(source.len())];
            while let Some(b' ' | b'\t' | 0x0c) = line.get(self.cur) {
                self.cur += 1;
            }
            if let Some(&byte) = line.get(self.cur)
                && CLASS[byte as usize] & IDENT_START != 0
            {
                self.start = self.cur;
                self.cur += 1;
                self.within_token = true;
                return Some(self.name(source, byte));
            }
            let mut c = self.nextc(source);
            let start = if c == EOF { self.cur } else { self.cur - 1 };
            self.start = start;
            self.within_token = true;
            if c == b'#' as i32 {
                match self.comment(source, blank_line) {
                    Ok(next) => c = next,
                    Err(token) => return Some(token),
                }
            }
            if c == EOF {
                let at_end = self.brackets.is_empty() && self.done == Done::Eof;
                return Some(if at_end { self.end_marker() } else { self.error_token() });
            }
            let byte = c as u8;
            if CLASS[byte as usize] & IDENT_START != 0 {
                return Some(self.name(source, byte));
            }
            if c == b'\r' as i32 {
                c = self.nextc(source);
            }
            if c == b'\n' as i32 {
                self.at_bol = true;
                if blank_line || !self.brackets.is_empty() {
                    if self.options.extra_tokens {
                        self.comment_newline = false;
                        return Some(self.token(TokenKind::Nl, self.start, self.cur));
                    }
                    return None;
                }
                if self.comment_newline && self.options.extra_tokens {
                    self.comment_newline = false;
                    return Some(self.token(TokenKind::Nl, self.start, self.cur));
                }
                // The text goes without the newline, the columns with it.
                let mut token = self.token(TokenKind::Newline, self.start, self.cur - 1);
                token.end_col_offset += 1;
                return Some(token);
            }
            if c == b'.' as i32 {
                if is_digit(self.peek(source, 0)) {
                    return Some(self.number(source, c));
                }
                if self.peek(source, 0) == c && self.peek(source, 1) == c {
                    self.cur += 2;
                    return Some(self.token(TokenKind::Ellipsis, start, self.cur));
                }
                return Some(self.token(TokenKind::Dot, start, self.cur));
            }
            if is_digit(c) {
                return Some(self.number(source, c));
            }
            if c == b'\'' as i32 || c == b'"' as i32 {
                return Some(self.string(source, byte));
            }
            if c == b'\\' as i32 {
                if !self.continuation_line(source) {
                    return Some(self.error_token());
                }
                blank_line = false;
                continue;
            }
            return Some(self.operator(source, c));
        }
    }

    fn end_marker(&self) -> Token {
        self.empty_token(TokenKind::EndMarker)
    }

    /// Skips a comment and gives the byte after it, or the token that the comment is.
    fn comment(&mut self, source: &[u8], blank_line: bool) -> Result<i32, Token> {
        let line = &source[self.cur..self.inp.min(source.len())];
        let length = memchr::memchr2(b'\n', b'\r', line).unwrap_or(line.len());
        self.cur += length;
        if self.options.type_comments
            && let Some(token) = self.type_comment(source, blank_line)
        {
            return Err(token);
        }
        if self.options.extra_tokens {
            self.comment_newline = blank_line;
            return Err(self.token(TokenKind::Comment, self.start, self.cur));
        }
        Ok(self.nextc(source))
    }

    fn type_comment(&mut self, source: &[u8], blank_line: bool) -> Option<Token> {
        let text = &source[self.start..self.cur];
        let mut rest = text;
        for part in [&b"#"[..], b"type:"] {
            rest = rest.strip_prefix(part)?;
            let spaces = rest.iter().take_while(|c| matches!(c, b' ' | b'\t')).count();
            rest = &rest[spaces..];
        }
        let start = self.cur - rest.len();
        let after = rest.strip_prefix(b"ignore");
        if let Some(after) = after
            && !after.first().is_some_and(|&c| c >= 128 || c.is_ascii_alphanumeric())
        {
            if blank_line {
                // The comment is all there is on the line, which ends with it.
                self.nextc(source);
                self.at_bol = true;
            }
            return Some(self.token(TokenKind::TypeIgnore, start + 6, self.cur));
        }
        Some(self.token(TokenKind::TypeComment, start, self.cur))
    }

    #[inline]
    fn name(&mut self, source: &[u8], first: u8) -> Token {
        let start = self.start;
        if matches!(first | 0x20, b'b' | b'f' | b'r' | b't' | b'u')
            && let Some(token) = self.prefixed_string(source)
        {
            return token;
        }
        let line = &source[start..self.inp.min(source.len())];
        let mut non_ascii = first;
        let mut length = 1;
        for &byte in &line[1..] {
            if CLASS[byte as usize] & IDENT_CONTINUE == 0 {
                break;
            }
            non_ascii |= byte;
            length += 1;
        }
        self.cur = start + length;
        if non_ascii >= 128 {
            return self.non_ascii_name(source, start);
        }
        self.token(TokenKind::from_keyword(&line[..length]), start, self.cur)
    }

    /// Names beyond ASCII must be of PEP 3131's characters.
    #[cold]
    fn non_ascii_name(&mut self, source: &[u8], start: usize) -> Token {
        if !self.options.extra_tokens {
            let text = String::from_utf8_lossy(&source[start..self.cur]);
            let invalid = text.char_indices().find(|&(at, c)| {
                c != '_' && !if at == 0 { unicode_ident::is_xid_start(c) } else { unicode_ident::is_xid_continue(c) }
            });
            if let Some((at, c)) = invalid {
                self.cur = start + at + c.len_utf8();
                let printable = crate::unicode::is_printable(c);
                let kind = if printable { ErrorKind::InvalidCharacter(c) } else { ErrorKind::NonPrintable(c as u32) };
                return self.syntax_error(source, kind);
            }
        }
        self.token(TokenKind::Name, start, self.cur)
    }

    /// A string with a prefix, if that is what the letters are.
    #[inline]
    fn prefixed_string(&mut self, source: &[u8]) -> Option<Token> {
        let start = self.start;
        let line = &source[start..self.inp.min(source.len())];
        let (mut b, mut f, mut r, mut t, mut u) = (false, false, false, false, false);
        let mut length = 0;
        loop {
            let seen = match line.get(length)? | 0x20 {
                b'b' => &mut b,
                b'f' => &mut f,
                b'r' => &mut r,
                b't' => &mut t,
                b'u' => &mut u,
                _ if matches!(line[length], b'"' | b'\'') => break,
                _ => return None,
            };
            if *seen {
                return None;
            }
            *seen = true;
            length += 1;
        }
        self.cur = start + length + 1;
        let quote = line[length];
        let clash = [(u, b, "u", "b"), (u, r, "u", "r"), (u, f, "u", "f"), (u, t, "u", "t"), (b, f, "b", "f"),
            (b, t, "b", "t"), (f, t, "f", "t")];
        if let Some((_, _, one, other)) = clash.into_iter().find(|&(one, other, ..)| one && other) {
            let kind = ErrorKind::Text(format!("'{one}' and '{other}' prefixes are incompatible"));
            return Some(self.syntax_error_at(source, kind, start, self.cur));
        }
        Some(if f || t { self.interpolated_start(source, quote, r, t) } else { self.string(source, quote) })
    }

    /// After a backslash: the line must end, and another follow.
    fn continuation_line(&mut self, source: &[u8]) -> bool {
        let mut c = self.nextc(source);
        if c == b'\r' as i32 {
            c = self.nextc(source);
        }
        if c != b'\n' as i32 {
            self.done = if self.done == Done::NeedMore { Done::NeedMore } else { Done::LineContinuation };
            return false;
        }
        let c = self.nextc(source);
        if c == EOF {
            if self.done == Done::Ok {
                self.done = Done::Eof;
            }
            self.cur = self.inp;
            return false;
        }
        self.backup(c);
        true
    }

    // Operators and brackets

    fn operator(&mut self, source: &[u8], c: i32) -> Token {
        use TokenKind::*;
        let byte = c as u8;
        let start = self.start;
        if byte == b':' && self.modes.last().is_some_and(|mode| mode.depth - 1 == mode.expr_depth) {
            // The colon after which a format specification begins.
            if let Some(mode) = self.modes.last_mut() {
                mode.in_literal = true;
                mode.in_format_spec = true;
            }
            return self.token(Colon, start, self.cur);
        }
        let second = self.peek(source, 0);
        if let Some(kind) = two_characters(byte, second) {
            self.cur += 1;
            if let Some(kind) = three_characters(byte, second, self.peek(source, 0)) {
                self.cur += 1;
                return self.token(kind, start, self.cur);
            }
            return self.token(kind, start, self.cur);
        }
        let kind = match byte {
            b'(' | b'[' | b'{' => {
                if self.brackets.len() >= MAX_LEVEL {
                    return self.syntax_error(source, ErrorKind::TooManyParentheses);
                }
                let col = (start - self.line_start) as i32;
                self.brackets.push(Bracket { open: byte, lineno: self.lineno, col });
                if let Some(mode) = self.modes.last_mut() {
                    mode.depth += 1;
                }
                match byte {
                    b'(' => LPar,
                    b'[' => LSqb,
                    _ => LBrace,
                }
            }
            b')' | b']' | b'}' => match self.close_bracket(source, byte) {
                Ok(kind) => kind,
                Err(token) => return token,
            },
            b':' => Colon,
            b',' => Comma,
            b';' => Semi,
            b'+' => Plus,
            b'-' => Minus,
            b'*' => Star,
            b'/' => Slash,
            b'|' => VBar,
            b'&' => Amper,
            b'<' => Less,
            b'>' => Greater,
            b'=' => Equal,
            b'%' => Percent,
            b'~' => Tilde,
            b'^' => Circumflex,
            b'@' => At,
            b'!' => Exclamation,
            _ if !(0x20..0x7f).contains(&byte) => return self.syntax_error(source, ErrorKind::NonPrintable(byte as u32)),
            _ => Op,
        };
        self.token(kind, start, self.cur)
    }

    fn close_bracket(&mut self, source: &[u8], close: u8) -> Result<TokenKind, Token> {
        let lenient = self.options.extra_tokens;
        if let Some(mode) = self.modes.last()
            && mode.depth == 0
            && close == b'}'
        {
            let kind = ErrorKind::SingleBrace { kind: mode.letter() };
            return Err(self.syntax_error(source, kind));
        }
        match self.brackets.pop() {
            None if !lenient => return Err(self.syntax_error(source, ErrorKind::Unmatched(close as char))),
            None => {}
            Some(bracket) if !lenient && !matches!((bracket.open, close), (b'(', b')') | (b'[', b']') | (b'{', b'}')) => {
                return Err(self.mismatched_bracket(source, bracket, close));
            }
            Some(_) => {}
        }
        if let Some(mode) = self.modes.last_mut() {
            mode.depth -= 1;
            if mode.depth < 0 {
                let kind = ErrorKind::UnmatchedInterpolated { kind: mode.letter(), bracket: close as char };
                return Err(self.syntax_error(source, kind));
            }
            if close == b'}' && mode.depth == mode.expr_depth {
                mode.expr_depth -= 1;
                mode.in_literal = true;
                mode.in_format_spec = false;
            }
        }
        Ok(match close {
            b')' => TokenKind::RPar,
            b']' => TokenKind::RSqb,
            _ => TokenKind::RBrace,
        })
    }

    #[cold]
    fn mismatched_bracket(&mut self, source: &[u8], bracket: Bracket, close: u8) -> Token {
        // A closing bracket that would end the expression of an f-string has no business with what is before it.
        if let Some(mode) = self.modes.last()
            && bracket.open == b'{'
            && mode.depth - 1 == mode.expr_depth
        {
            let kind = ErrorKind::UnmatchedInterpolated { kind: mode.letter(), bracket: close as char };
            return self.syntax_error(source, kind);
        }
        let line = (bracket.lineno != self.lineno).then_some(bracket.lineno);
        let kind = ErrorKind::ClosingMismatch { close: close as char, open: bracket.open as char, line };
        self.syntax_error(source, kind)
    }
}

#[inline]
fn two_characters(first: u8, second: i32) -> Option<TokenKind> {
    use TokenKind::*;
    let second = u8::try_from(second).ok()?;
    Some(match (first, second) {
        (b'!', b'=') => NotEqual,
        (b'%', b'=') => PercentEqual,
        (b'&', b'=') => AmperEqual,
        (b'*', b'*') => DoubleStar,
        (b'*', b'=') => StarEqual,
        (b'+', b'=') => PlusEqual,
        (b'-', b'=') => MinEqual,
        (b'-', b'>') => RArrow,
        (b'/', b'/') => DoubleSlash,
        (b'/', b'=') => SlashEqual,
        (b':', b'=') => ColonEqual,
        (b'<', b'<') => LeftShift,
        (b'<', b'=') => LessEqual,
        (b'=', b'=') => EqEqual,
        (b'>', b'=') => GreaterEqual,
        (b'>', b'>') => RightShift,
        (b'@', b'=') => AtEqual,
        (b'^', b'=') => CircumflexEqual,
        (b'|', b'=') => VBarEqual,
        _ => return Option::None,
    })
}

fn three_characters(first: u8, second: i32, third: i32) -> Option<TokenKind> {
    use TokenKind::*;
    if third != b'=' as i32 {
        return Option::None;
    }
    Some(match (first, second as u8) {
        (b'*', b'*') => DoubleStarEqual,
        (b'/', b'/') => DoubleSlashEqual,
        (b'<', b'<') => LeftShiftEqual,
        (b'>', b'>') => RightShiftEqual,
        _ => return Option::None,
    })
}
