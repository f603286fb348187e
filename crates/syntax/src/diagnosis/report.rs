//! Where an error is, and which of several is the one to report.

use super::engine::Engine;
use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::host::Host;
use crate::location::Location;
use crate::token::{Token, TokenKind};
use crate::tokenizer::Done;

/// An error: ready, or with columns that are still bytes.
pub(super) enum Found {
    Final(Box<SyntaxError>),
    Raw(RawError),
}

/// Columns count bytes from 1; `line` is the text to count characters in, unless the program's file has one.
pub(super) struct RawError {
    class: ErrorClass,
    kind: ErrorKind,
    lineno: i32,
    col: i32,
    end_lineno: i32,
    end_col: i32,
    line: Vec<u8>,
    last_statement: Option<(i32, i32)>,
}

impl Found {
    pub(super) fn is_syntax_error(&self) -> bool {
        let class = match self {
            Found::Final(error) => error.class,
            Found::Raw(error) => error.class,
        };
        matches!(class, ErrorClass::SyntaxError | ErrorClass::IndentationError | ErrorClass::TabError)
    }

    pub(super) fn with_last_statement(mut self, at: (i32, i32)) -> Self {
        match &mut self {
            Found::Final(error) => error.last_statement = Some(at),
            Found::Raw(error) => error.last_statement = Some(at),
        }
        self
    }

    /// Columns in characters. `ask` says whether the program's file may be asked for the line.
    pub(super) fn finish(self, ask: bool, host: &mut dyn Host) -> Box<SyntaxError> {
        let error = match self {
            Found::Final(error) => return error,
            Found::Raw(error) => error,
        };
        let from_file = if ask { host.program_text(error.lineno) } else { None };
        let line = match &from_file {
            Some(text) => text.as_bytes(),
            None => &error.line[..],
        };
        Box::new(SyntaxError {
            class: error.class,
            kind: error.kind,
            lineno: error.lineno,
            offset: characters(line, error.col),
            end_lineno: error.end_lineno,
            end_offset: if error.end_col > 0 { characters(line, error.end_col) } else { error.end_col },
            text: Some(String::from_utf8_lossy(line).into_owned()),
            located: true,
            has_end: true,
            last_statement: error.last_statement,
        })
    }
}

/// How many characters the first `bytes` bytes are; one past the end is the end of the text.
fn characters(line: &[u8], bytes: i32) -> i32 {
    let bytes = bytes.max(0) as usize;
    let text = String::from_utf8_lossy(&line[..bytes.min(line.len())]);
    text.chars().count() as i32 + (bytes > line.len()) as i32
}

impl Engine<'_> {
    /// An error at the last token read (or the next one).
    #[cold]
    pub(super) fn raise(&mut self, class: ErrorClass, next_token: bool, kind: ErrorKind) {
        let index = if next_token { self.mark } else { self.tokens.len().wrapping_sub(1) };
        let Some(token) = self.tokens.get(index).copied() else {
            self.raise_raw(class, kind, Location::new(0, -1, 0, -2));
            return;
        };
        let col = if token.col_offset == -1 {
            if self.tokenizer.cur == self.tokenizer.buffer_start {
                -1
            } else {
                (self.tokenizer.cur as i32 - self.tokenizer.line_start as i32) - 1
            }
        } else {
            token.col_offset
        };
        let end_col = if token.end_col_offset == -1 { -2 } else { token.end_col_offset };
        self.raise_raw(class, kind, Location::new(token.lineno, col, token.end_lineno, end_col));
    }

    #[cold]
    pub(super) fn raise_at(&mut self, place: Location, kind: ErrorKind) {
        self.raise_raw(ErrorClass::SyntaxError, kind, place);
    }

    /// From a place up to where the tokenizer is.
    #[cold]
    pub(super) fn raise_from(&mut self, place: Location, kind: ErrorKind) {
        let end = self.tokenizer.cur as i32 - self.tokenizer.line_start as i32;
        let place = Location::new(place.lineno, place.col_offset, self.tokenizer.lineno, end - 1);
        self.raise_raw(ErrorClass::SyntaxError, kind, place);
    }

    #[cold]
    pub(super) fn raise_bare(&mut self, class: ErrorClass, kind: ErrorKind) {
        self.found = Some(Found::Final(Box::new(SyntaxError::bare(class, kind))));
    }

    /// Columns count from 0 here.
    fn raise_raw(&mut self, class: ErrorClass, kind: ErrorKind, place: Location) {
        if self.found.is_some() {
            return;
        }
        let line = self.line_of_error(place.lineno);
        self.found = Some(Found::Raw(RawError {
            class,
            kind,
            lineno: place.lineno,
            col: place.col_offset + 1,
            end_lineno: place.end_lineno,
            end_col: place.end_col_offset + 1,
            line,
            last_statement: None,
        }));
    }

    fn line_of_error(&self, lineno: i32) -> Vec<u8> {
        let tokenizer = &self.tokenizer;
        if !tokenizer.is_interactive() && tokenizer.lineno <= lineno && tokenizer.inp > tokenizer.buffer_start {
            return self.source.get(tokenizer.line_start..tokenizer.inp).unwrap_or_default().to_vec();
        }
        let mut rest = self.source;
        for _ in 1..lineno {
            match memchr::memchr(b'\n', rest) {
                Some(at) => rest = &rest[at + 1..],
                None => break,
            }
        }
        rest[..memchr::memchr(b'\n', rest).unwrap_or(rest.len())].to_vec()
    }

    /// The error of an `ErrorToken`.
    #[cold]
    pub(super) fn tokenizer_error(&mut self) {
        if self.found.is_some() {
            return;
        }
        if let Some(error) = self.tokenizer.take_error() {
            self.found = Some(Found::Final(error));
            return;
        }
        let lineno = self.tokenizer.lineno;
        let (class, kind, col) = match self.tokenizer.done {
            Done::Eof => {
                if !self.raise_unclosed_bracket() {
                    self.raise(ErrorClass::SyntaxError, false, ErrorKind::UnexpectedEof);
                }
                return;
            }
            Done::Dedent => {
                self.raise(ErrorClass::IndentationError, false, ErrorKind::Dedent);
                return;
            }
            Done::TabSpace => (ErrorClass::TabError, ErrorKind::TabSpace, 0),
            Done::TooDeep => (ErrorClass::IndentationError, ErrorKind::TooDeep, 0),
            Done::LineContinuation => {
                let col = self.tokenizer.cur as i32 - self.tokenizer.buffer_start as i32 - 1;
                (ErrorClass::SyntaxError, ErrorKind::LineContinuation, col.max(0))
            }
            _ => (ErrorClass::SyntaxError, ErrorKind::Static("unknown parsing error"), 0),
        };
        self.raise_raw(class, kind, Location::new(lineno, col, lineno, -1));
    }

    fn raise_unclosed_bracket(&mut self) -> bool {
        let Some((bracket, lineno, col)) = self.tokenizer.open_bracket() else { return false };
        let place = Location::new(lineno, col, lineno, -1);
        self.raise_raw(ErrorClass::SyntaxError, ErrorKind::NeverClosed(bracket), place);
        true
    }

    /// After both readings: settles on an error. `last_token` is the furthest one of the first reading.
    pub(super) fn conclude(&mut self, last_token: Option<Token>) {
        if self.found.is_some() {
            if self.tokenizer.done == Done::Ok {
                self.tokenize_the_rest();
            }
            return;
        }
        let Some(last_token) = last_token else {
            self.raise(ErrorClass::SyntaxError, false, ErrorKind::Static("error at start before reading any input"));
            return;
        };
        if last_token.kind == TokenKind::ErrorToken && self.tokenizer.done == Done::Eof {
            if !self.raise_unclosed_bracket() {
                self.raise(ErrorClass::SyntaxError, false, ErrorKind::UnexpectedEof);
            }
            return;
        }
        if let Some(kind) = Self::at_indentation(last_token.kind) {
            self.raise(ErrorClass::IndentationError, false, kind);
            return;
        }
        let place = Location::new(
            last_token.lineno,
            last_token.col_offset,
            last_token.end_lineno,
            last_token.end_col_offset,
        );
        self.raise_at(place, ErrorKind::InvalidSyntax);
        self.tokenize_the_rest();
    }

    /// An error of the tokenizer anywhere in the source goes before the one found, and so does a bracket
    /// that was never closed and stands on an earlier line.
    fn tokenize_the_rest(&mut self) {
        if self.tokenizer.is_interactive() {
            return;
        }
        let Some(current_line) = self.tokens.last().map(|token| token.lineno) else { return };
        loop {
            match self.tokenizer.next_token(self.source).kind {
                TokenKind::ErrorToken => break,
                TokenKind::EndMarker => return,
                _ => {}
            }
        }
        let before = self.found.take();
        if let Some(error) = self.tokenizer.take_error() {
            self.found = Some(Found::Final(error));
        } else if self.tokenizer.open_bracket().is_some_and(|(_, lineno, _)| current_line > lineno) {
            self.raise_unclosed_bracket();
        }
        // Within an f-string, the error in the expression explains more.
        if self.found.is_none() || !self.tokenizer.modes.is_empty() {
            self.found = before;
        }
    }
}
