//! Numbers, with underscores in their places and no name stuck to their end.

use super::{EOF, Tokenizer, WarningKind, is_digit, is_identifier_char};
use crate::error::ErrorKind;
use crate::token::{Token, TokenKind};

impl Tokenizer {
    /// A number that begins with `c`, a digit or a period.
    pub(super) fn number(&mut self, source: &[u8], c: i32) -> Token {
        match self.scan_number(source, c) {
            Ok(()) => self.token(TokenKind::Number, self.start, self.cur),
            Err(token) => token,
        }
    }

    /// Leaves `cur` behind the number.
    fn scan_number(&mut self, source: &[u8], c: i32) -> Result<(), Token> {
        if c == b'.' as i32 {
            let c = self.nextc(source);
            return self.fraction(source, c);
        }
        if c == b'0' as i32 {
            let c = self.nextc(source);
            return match u8::try_from(c).unwrap_or(0) | 0x20 {
                b'x' => self.radix(source, 16, "hexadecimal"),
                b'o' => self.radix(source, 8, "octal"),
                b'b' => self.radix(source, 2, "binary"),
                _ => self.zeros(source, c),
            };
        }
        let c = self.decimal_tail(source)?;
        if c == b'.' as i32 {
            let c = self.nextc(source);
            return self.fraction(source, c);
        }
        self.exponent_or_end(source, c)
    }

    fn radix(&mut self, source: &[u8], radix: u32, name: &'static str) -> Result<(), Token> {
        let is_radix_digit = |c: i32| u8::try_from(c).is_ok_and(|c| (c as char).is_digit(radix));
        let mut c = self.nextc(source);
        loop {
            if c == b'_' as i32 {
                c = self.nextc(source);
            }
            if !is_radix_digit(c) {
                return Err(self.no_digit(source, c, name));
            }
            while is_radix_digit(c) {
                c = self.nextc(source);
            }
            if c != b'_' as i32 {
                break;
            }
        }
        if is_digit(c) {
            return Err(self.no_digit(source, c, name));
        }
        self.end_of_number(source, c, name)
    }

    #[cold]
    fn no_digit(&mut self, source: &[u8], c: i32, base: &'static str) -> Token {
        if is_digit(c) {
            return self.syntax_error(source, ErrorKind::InvalidDigit { digit: c as u8 as char, base });
        }
        self.backup(c);
        self.syntax_error(source, ErrorKind::InvalidLiteral(base))
    }

    /// After a leading zero: zeros, a float, or an old octal number, which is refused.
    fn zeros(&mut self, source: &[u8], mut c: i32) -> Result<(), Token> {
        loop {
            if c == b'_' as i32 {
                c = self.nextc(source);
                if !is_digit(c) {
                    self.backup(c);
                    return Err(self.syntax_error(source, ErrorKind::InvalidLiteral("decimal")));
                }
            }
            if c != b'0' as i32 {
                break;
            }
            c = self.nextc(source);
        }
        let zeros_end = self.cur;
        let mut nonzero = false;
        if is_digit(c) {
            nonzero = true;
            c = self.decimal_tail(source)?;
        }
        if c == b'.' as i32 {
            let c = self.nextc(source);
            return self.fraction(source, c);
        }
        if matches!(u8::try_from(c), Ok(b'e' | b'E' | b'j' | b'J')) {
            return self.exponent_or_end(source, c);
        }
        if nonzero && !self.options.extra_tokens {
            self.backup(c);
            return Err(self.syntax_error_at(source, ErrorKind::LeadingZeros, self.start, zeros_end));
        }
        self.end_of_number(source, c, "decimal")
    }

    /// Digits with single underscores between them; gives the byte after.
    fn decimal_tail(&mut self, source: &[u8]) -> Result<i32, Token> {
        loop {
            let mut c = self.nextc(source);
            while is_digit(c) {
                c = self.nextc(source);
            }
            if c != b'_' as i32 {
                return Ok(c);
            }
            c = self.nextc(source);
            if !is_digit(c) {
                self.backup(c);
                return Err(self.syntax_error(source, ErrorKind::InvalidLiteral("decimal")));
            }
        }
    }

    /// `c` is the byte after the period.
    fn fraction(&mut self, source: &[u8], mut c: i32) -> Result<(), Token> {
        if is_digit(c) {
            c = self.decimal_tail(source)?;
        }
        self.exponent_or_end(source, c)
    }

    fn exponent_or_end(&mut self, source: &[u8], mut c: i32) -> Result<(), Token> {
        if c == b'e' as i32 || c == b'E' as i32 {
            let e = c;
            c = self.nextc(source);
            if c == b'+' as i32 || c == b'-' as i32 {
                c = self.nextc(source);
                if !is_digit(c) {
                    self.backup(c);
                    return Err(self.syntax_error(source, ErrorKind::InvalidLiteral("decimal")));
                }
            } else if !is_digit(c) {
                // No exponent: perhaps `1else`.
                self.backup(c);
                return self.end_of_number(source, e, "decimal");
            }
            c = self.decimal_tail(source)?;
        }
        if c == b'j' as i32 || c == b'J' as i32 {
            c = self.nextc(source);
            return self.end_of_number(source, c, "imaginary");
        }
        self.end_of_number(source, c, "decimal")
    }

    /// `c`, the byte after the number, has been read. A keyword that may follow a number gets a warning,
    /// any other name is an error. Leaves `c` unread.
    fn end_of_number(&mut self, source: &[u8], c: i32, kind: &'static str) -> Result<(), Token> {
        self.backup(c);
        if c == EOF || !is_identifier_char(c) || self.options.extra_tokens {
            return Ok(());
        }
        let rest = &source[self.cur..self.inp.min(source.len())];
        let followed_by = |word: &[u8]| {
            rest.starts_with(word) && !rest.get(word.len()).is_some_and(|&c| is_identifier_char(c as i32))
        };
        let keyword = match c as u8 {
            b'i' => matches!(rest.get(1), Some(b'f' | b'n' | b's')),
            b'a' => followed_by(b"and"),
            b'e' => followed_by(b"else"),
            b'f' => followed_by(b"for"),
            b'o' => followed_by(b"or"),
            b'n' => followed_by(b"not"),
            _ => false,
        };
        if keyword {
            self.warn(source, WarningKind::InvalidLiteral(kind));
            return Ok(());
        }
        if c < 128 {
            return Err(self.syntax_error(source, ErrorKind::InvalidLiteral(kind)));
        }
        Ok(())
    }
}
