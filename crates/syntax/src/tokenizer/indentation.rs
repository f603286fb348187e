//! Indentation: from the white space at the start of a line to INDENT and DEDENT tokens.
//!
//! Each level is kept twice, once with tabs to columns of 8 and once with tabs worth 1; lines whose order differs
//! between the two depend on the size of a tab and are refused.

use super::{Done, EOF, Tokenizer};
use crate::token::{Token, TokenKind};

const TAB_SIZE: u32 = 8;
const MAX_INDENT: usize = 100;

#[derive(Clone, Default, Debug)]
pub(crate) struct Indentation {
    /// The levels above 0: column, and column with tabs worth 1.
    levels: Vec<(u32, u32)>,
    /// INDENTs (positive) or DEDENTs (negative) still to be given.
    pub(super) pending: i32,
}

impl Indentation {
    /// Ends all blocks: what CPython does at the end of single-statement input.
    pub(crate) fn close_all(&mut self) {
        self.pending = -(self.levels.len() as i32);
        self.levels.clear();
    }

    pub(crate) fn is_indented(&self) -> bool {
        !self.levels.is_empty()
    }
}

impl Tokenizer {
    /// Measures the white space of a new line; says whether the line is blank (or only a comment).
    pub(super) fn begin_line(&mut self, source: &[u8]) -> Result<bool, Token> {
        let (mut col, mut alt_col, mut continued_col) = (0u32, 0u32, 0u32);
        if self.cur >= self.inp {
            self.enter_line(source);
        }
        // Most indentation is of spaces alone.
        let line = source.get(self.cur..self.inp.min(source.len())).unwrap_or_default();
        let spaces = line.iter().take_while(|&&c| c == b' ').count();
        self.cur += spaces;
        col += spaces as u32;
        alt_col += spaces as u32;
        let c = loop {
            let c = self.nextc(source);
            match u8::try_from(c) {
                Ok(b' ') => {
                    col += 1;
                    alt_col += 1;
                }
                Ok(b'\t') => {
                    col = (col / TAB_SIZE + 1) * TAB_SIZE;
                    alt_col += 1;
                }
                Ok(0x0c) => {
                    col = 0;
                    alt_col = 0;
                }
                // The white space before the first backslash is the indentation of what follows.
                Ok(b'\\') => {
                    if continued_col == 0 {
                        continued_col = col;
                    }
                    if !self.continuation_line(source) {
                        return Err(self.error_token());
                    }
                }
                _ => break c,
            }
        };
        self.backup(c);
        let mut blank_line = false;
        if matches!(u8::try_from(c), Ok(b'#' | b'\n' | b'\r')) {
            if self.options.interactive && col == 0 && c == b'\n' as i32 {
                // An empty line typed by a person ends the block.
            } else if self.options.interactive && self.lineno == 1 {
                col = 0;
                alt_col = 0;
            } else {
                blank_line = true;
            }
        }
        if self.done == Done::NeedMore || blank_line || !self.brackets.is_empty() {
            return Ok(blank_line);
        }
        if continued_col != 0 {
            col = continued_col;
            alt_col = continued_col;
        }
        if c == EOF && self.done == Done::Error {
            return Ok(blank_line);
        }
        self.change_indentation(col, alt_col)?;
        Ok(blank_line)
    }

    fn change_indentation(&mut self, col: u32, alt_col: u32) -> Result<(), Token> {
        let levels = &mut self.indentation.levels;
        let (top, alt_top) = levels.last().copied().unwrap_or((0, 0));
        if col == top {
            if alt_col != alt_top {
                return Err(self.stop(Done::TabSpace));
            }
        } else if col > top {
            if levels.len() + 1 >= MAX_INDENT {
                return Err(self.stop(Done::TooDeep));
            }
            if alt_col <= alt_top {
                return Err(self.stop(Done::TabSpace));
            }
            self.indentation.pending += 1;
            levels.push((col, alt_col));
        } else {
            while levels.last().is_some_and(|level| col < level.0) {
                levels.pop();
                self.indentation.pending -= 1;
            }
            let (top, alt_top) = levels.last().copied().unwrap_or((0, 0));
            if col != top {
                return Err(self.stop(Done::Dedent));
            }
            if alt_col != alt_top {
                return Err(self.stop(Done::TabSpace));
            }
        }
        Ok(())
    }

    #[cold]
    fn stop(&mut self, done: Done) -> Token {
        self.done = done;
        self.cur = self.inp;
        self.error_token()
    }

    pub(super) fn pending_indentation(&mut self) -> Token {
        let pending = &mut self.indentation.pending;
        let kind = if *pending < 0 {
            *pending += 1;
            TokenKind::Dedent
        } else {
            *pending -= 1;
            TokenKind::Indent
        };
        if !self.options.extra_tokens {
            return self.empty_token(kind);
        }
        let start = if kind == TokenKind::Dedent { self.cur } else { self.line_start };
        self.token(kind, start, self.cur)
    }
}
