//! Every syntax error, and its words.

use std::fmt;

/// The exception class.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ErrorClass {
    SyntaxError,
    IndentationError,
    TabError,
    /// `_IncompleteInputError`: more lines could make the input complete.
    IncompleteInputError,
    MemoryError,
    OverflowError,
    ValueError,
    SystemError,
    /// The host raised: its exception is waiting there.
    Raised,
}

/// An error with its place as the attributes of `SyntaxError` have it: columns count characters from 1, and
/// 0 or -1 as CPython gives them where it knows none.
#[derive(Clone, Debug)]
pub struct SyntaxError {
    pub class: ErrorClass,
    pub kind: ErrorKind,
    pub lineno: i32,
    pub offset: i32,
    pub end_lineno: i32,
    pub end_offset: i32,
    /// The source line; `None` where there is none to show.
    pub text: Option<String>,
    /// Whether location and text are part of the exception at all.
    pub located: bool,
    /// Whether the end is known; otherwise `end_lineno` and `end_offset` are `None`.
    pub has_end: bool,
    /// Line and column of the last good compound statement: with the source, the exception's `_metadata`.
    pub last_statement: Option<(i32, i32)>,
}

impl SyntaxError {
    pub fn message(&self) -> String {
        self.kind.to_string()
    }

    /// The name of the exception class.
    pub fn class_name(&self) -> &'static str {
        match self.class {
            ErrorClass::SyntaxError => "SyntaxError",
            ErrorClass::IndentationError => "IndentationError",
            ErrorClass::TabError => "TabError",
            ErrorClass::IncompleteInputError => "_IncompleteInputError",
            ErrorClass::MemoryError => "MemoryError",
            ErrorClass::OverflowError => "OverflowError",
            ErrorClass::ValueError => "ValueError",
            ErrorClass::SystemError | ErrorClass::Raised => "SystemError",
        }
    }

    /// The host raised; its exception is the error.
    pub fn raised() -> Box<Self> {
        Box::new(Self::bare(ErrorClass::Raised, ErrorKind::Raised))
    }

    /// An error that is only a message.
    pub(crate) fn bare(class: ErrorClass, kind: ErrorKind) -> Self {
        SyntaxError {
            class,
            kind,
            lineno: 0,
            offset: 0,
            end_lineno: 0,
            end_offset: 0,
            text: None,
            located: false,
            has_end: false,
            last_statement: None,
        }
    }
}

/// What is wrong. Each variant's words stand in [`fmt::Display`] below.
#[derive(Clone, PartialEq, Debug)]
pub enum ErrorKind {
    /// The words of the grammar's tables, of a warning that became an error, and of codecs.
    Text(String),
    Static(&'static str),
    // The host's exception is the error.
    Raised,
    // Tokenizer.
    NullBytes,
    UnterminatedString { line: i32, escaped_quote: bool },
    UnterminatedTripleQuoted { line: i32 },
    UnterminatedInterpolated { kind: char, triple: bool, line: i32 },
    ExpectingBrace { kind: char },
    SingleBrace { kind: char },
    UnmatchedInterpolated { kind: char, bracket: char },
    NewlineInFormat { kind: char },
    NestedInterpolated,
    NestedExpressions { kind: char },
    Unmatched(char),
    ClosingMismatch { close: char, open: char, line: Option<i32> },
    TooManyParentheses,
    NeverClosed(char),
    InvalidCharacter(char),
    NonPrintable(u32),
    InvalidLiteral(&'static str),
    InvalidDigit { digit: char, base: &'static str },
    LeadingZeros,
    TooDeep,
    Dedent,
    TabSpace,
    LineContinuation,
    UnexpectedEof,
    // Parser.
    InvalidSyntax,
    UnexpectedIndent,
    UnexpectedUnindent,
    Incomplete,
    StackOverflow,
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        use ErrorKind::*;
        match self {
            Text(text) => f.write_str(text),
            Static(text) => f.write_str(text),
            Raised => f.write_str("the host raised an exception"),
            NullBytes => f.write_str("source code cannot contain null bytes"),
            UnterminatedString { line, escaped_quote: false } => {
                write!(f, "unterminated string literal (detected at line {line})")
            }
            UnterminatedString { line, escaped_quote: true } => write!(
                f,
                "unterminated string literal (detected at line {line}); perhaps you escaped the end quote?"
            ),
            UnterminatedTripleQuoted { line } => {
                write!(f, "unterminated triple-quoted string literal (detected at line {line})")
            }
            UnterminatedInterpolated { kind, triple, line } => {
                let quotes = if *triple { "triple-quoted " } else { "" };
                write!(f, "unterminated {quotes}{kind}-string literal (detected at line {line})")
            }
            ExpectingBrace { kind } => write!(f, "{kind}-string: expecting '}}'"),
            SingleBrace { kind } => write!(f, "{kind}-string: single '}}' is not allowed"),
            UnmatchedInterpolated { kind, bracket } => write!(f, "{kind}-string: unmatched '{bracket}'"),
            NewlineInFormat { kind } => write!(
                f,
                "{kind}-string: newlines are not allowed in format specifiers for single quoted {kind}-strings"
            ),
            NestedInterpolated => f.write_str("too many nested f-strings or t-strings"),
            NestedExpressions { kind } => write!(f, "{kind}-string: expressions nested too deeply"),
            Unmatched(bracket) => write!(f, "unmatched '{bracket}'"),
            ClosingMismatch { close, open, line: None } => {
                write!(f, "closing parenthesis '{close}' does not match opening parenthesis '{open}'")
            }
            ClosingMismatch { close, open, line: Some(line) } => {
                write!(f, "closing parenthesis '{close}' does not match opening parenthesis '{open}' on line {line}")
            }
            TooManyParentheses => f.write_str("too many nested parentheses"),
            NeverClosed(bracket) => write!(f, "'{bracket}' was never closed"),
            InvalidCharacter(c) => write!(f, "invalid character '{c}' (U+{:04X})", *c as u32),
            NonPrintable(code) => write!(f, "invalid non-printable character U+{code:04X}"),
            InvalidLiteral(kind) => write!(f, "invalid {kind} literal"),
            InvalidDigit { digit, base } => write!(f, "invalid digit '{digit}' in {base} literal"),
            LeadingZeros => f.write_str(
                "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers",
            ),
            TooDeep => f.write_str("too many levels of indentation"),
            Dedent => f.write_str("unindent does not match any outer indentation level"),
            TabSpace => f.write_str("inconsistent use of tabs and spaces in indentation"),
            LineContinuation => f.write_str("unexpected character after line continuation character"),
            UnexpectedEof => f.write_str("unexpected EOF while parsing"),
            InvalidSyntax => f.write_str("invalid syntax"),
            UnexpectedIndent => f.write_str("unexpected indent"),
            UnexpectedUnindent => f.write_str("unexpected unindent"),
            Incomplete => f.write_str("incomplete input"),
            StackOverflow => f.write_str("Parser stack overflowed - Python source too complex to parse"),
        }
    }
}
