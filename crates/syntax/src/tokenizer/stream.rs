//! Tokens as `_tokenize.TokenizerIter` gives them, from lines that come one at a time.
//!
//! [`TokenStream::next`] asks for a line when it needs one; ends of lines are kept as they are.

use super::{Done, Options, Tokenizer};
use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::token::{Token, TokenKind};

/// Columns count characters.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenInfo {
    /// The number in the `token` module.
    pub kind: u8,
    /// With `extra_tokens` the kind of an operator is `OP`; this is which one.
    pub exact_kind: TokenKind,
    pub string: String,
    pub start: (i32, i32),
    pub end: (i32, i32),
    pub line: String,
}

#[derive(Debug, PartialEq)]
pub enum Next {
    Token(TokenInfo),
    /// Call [`TokenStream::push_line`] or [`TokenStream::finish`], then ask again.
    NeedLine,
    End,
}

pub struct TokenStream {
    source: Vec<u8>,
    tokenizer: Tokenizer,
    extra_tokens: bool,
    /// The last line came without a newline, which was added.
    implicit_newline: bool,
    finished: bool,
    ended: bool,
    last_lineno: i32,
    last_line: String,
}

impl TokenStream {
    pub fn new(extra_tokens: bool) -> Self {
        let options = Options { extra_tokens, more_may_come: true, ..Options::default() };
        TokenStream {
            source: Vec::new(),
            tokenizer: Tokenizer::new(options),
            extra_tokens,
            implicit_newline: false,
            finished: false,
            ended: false,
            last_lineno: 0,
            last_line: String::new(),
        }
    }

    /// Adds what `readline` gave: UTF-8, with its newline but for the last line.
    pub fn push_line(&mut self, line: &[u8]) {
        self.source.extend_from_slice(line);
        if !line.ends_with(b"\n") {
            self.source.push(b'\n');
            self.implicit_newline = true;
        }
        self.tokenizer.resume(true);
    }

    /// There are no more lines.
    pub fn finish(&mut self) {
        self.finished = true;
        self.tokenizer.resume(false);
    }

    #[allow(clippy::should_implement_trait)]
    pub fn next(&mut self) -> Result<Next, Box<SyntaxError>> {
        if self.ended {
            return Ok(Next::End);
        }
        if self.source.is_empty() && !self.finished {
            return Ok(Next::NeedLine);
        }
        let token = self.tokenizer.next_token(&self.source);
        if self.tokenizer.done == Done::NeedMore {
            return Ok(Next::NeedLine);
        }
        if token.kind == TokenKind::ErrorToken {
            self.ended = true;
            return Err(self.error());
        }
        self.ended = token.kind == TokenKind::EndMarker;
        Ok(Next::Token(self.info(token)))
    }

    fn text(&self, start: usize, end: usize) -> String {
        String::from_utf8_lossy(self.source.get(start..end).unwrap_or_default()).into_owned()
    }

    fn characters(&self, start: usize, end: usize) -> i32 {
        self.text(start, end).chars().count() as i32
    }

    fn info(&mut self, token: Token) -> TokenInfo {
        let tokenizer = &self.tokenizer;
        let trailing = token.kind == TokenKind::EndMarker
            || token.kind == TokenKind::Dedent && tokenizer.done == Done::Eof;
        let is_string = is_string(token.kind);
        let line_start = if is_string { tokenizer.multi_line_start } else { tokenizer.line_start };
        if self.extra_tokens && trailing {
            let place = (tokenizer.lineno + 1, 0);
            return TokenInfo {
                kind: token.kind.number(),
                exact_kind: token.kind,
                string: String::new(),
                start: place,
                end: place,
                line: String::new(),
            };
        }
        if tokenizer.lineno != self.last_lineno {
            let newline = self.implicit_newline && tokenizer.inp == self.source.len();
            self.last_line = self.text(line_start, tokenizer.inp - newline as usize);
        }
        let lineno = if is_string { tokenizer.first_lineno } else { tokenizer.lineno };
        let end_lineno = tokenizer.lineno;
        self.last_lineno = lineno;
        let empty = token.col_offset == -1;
        let (start, end) = (token.start as usize, token.end as usize);
        let mut col = if empty { -1 } else { self.characters(line_start, start) };
        let mut end_col = if empty { -1 } else { self.characters(tokenizer.line_start, end) };
        let mut string = if empty { String::new() } else { self.text(start, end) };
        let mut kind = token.kind.number();
        if self.extra_tokens {
            let implicit = self.implicit_newline && tokenizer.inp == self.source.len();
            match token.kind {
                TokenKind::Newline => {
                    if !implicit {
                        let crlf = self.source.get(start) == Some(&b'\r');
                        string = if crlf { "\r\n" } else { "\n" }.into();
                    }
                    end_col += 1;
                }
                TokenKind::Nl if implicit => string.clear(),
                TokenKind::Indent | TokenKind::Dedent => {
                    col = col.max(0);
                    end_col = end_col.max(0);
                }
                other if other.is_operator() => kind = TokenKind::Op as u8,
                _ => {}
            }
        }
        let exact_kind = token.kind;
        TokenInfo { kind, exact_kind, string, start: (lineno, col), end: (end_lineno, end_col), line: self.last_line.clone() }
    }

    fn error(&mut self) -> Box<SyntaxError> {
        if let Some(error) = self.tokenizer.take_error() {
            return error;
        }
        let tokenizer = &self.tokenizer;
        let bytes = match tokenizer.modes.first() {
            Some(mode) => tokenizer.inp.saturating_sub(mode.line_start),
            None if tokenizer.end_within_token => tokenizer.inp - tokenizer.buffer_start,
            None => 0,
        };
        let (class, kind) = match tokenizer.done {
            Done::Eof => {
                let kind = ErrorKind::Static("unexpected EOF in multi-line statement");
                let error = SyntaxError::bare(ErrorClass::SyntaxError, kind);
                return Box::new(SyntaxError { lineno: tokenizer.lineno, offset: bytes as i32, located: true, ..error });
            }
            Done::Dedent => (ErrorClass::IndentationError, ErrorKind::Dedent),
            Done::TabSpace => (ErrorClass::TabError, ErrorKind::TabSpace),
            Done::TooDeep => (ErrorClass::IndentationError, ErrorKind::TooDeep),
            Done::LineContinuation => (ErrorClass::SyntaxError, ErrorKind::LineContinuation),
            _ => (ErrorClass::SyntaxError, ErrorKind::Static("unknown tokenization error")),
        };
        let line = self.text(tokenizer.buffer_start, tokenizer.inp);
        Box::new(SyntaxError {
            lineno: tokenizer.lineno,
            offset: line.chars().count() as i32,
            text: Some(line.trim_end_matches(['\n', '\r']).into()),
            located: true,
            has_end: false,
            ..SyntaxError::bare(class, kind)
        })
    }
}

fn is_string(kind: TokenKind) -> bool {
    use TokenKind::*;
    matches!(
        kind,
        String | FStringStart | FStringMiddle | FStringEnd | TStringStart | TStringMiddle | TStringEnd
    )
}
