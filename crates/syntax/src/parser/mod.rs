//! The parser of good programs: recursive descent over the tokens, split as the grammar is.
//!
//! It accepts exactly the language of CPython's grammar and gives CPython's tree, but it never says what is wrong: any
//! failure is the fieldless [`Fail`], and the caller runs [`crate::diagnosis`] to find the error. Look-ahead is a
//! token or two; where the grammar needs more (`with (`, `match`) the parser tries one reading and goes back.
//!
//! Depth: brackets nest at most 200 deep (the tokenizer sees to it) and blocks 100; chains without brackets (`not not`,
//! `x if y else ...`, `elif`) are loops here. `weight` counts what the chains would cost CPython's parser, whose
//! stack is limited; a program that comes near gets a second look.

mod arguments;
mod atoms;
mod compound;
mod expressions;
mod literals;
mod patterns;
mod statements;
mod strings;
mod targets;

pub(crate) use literals::{TooManyDigits, number_value};
pub(crate) use strings::escape_warning;

use crate::ast::*;
use crate::interner::Interner;
use crate::location::Location;
use crate::token::{Token, TokenKind};
use crate::tokenizer::{Tokenizer, Warning};

/// The program is wrong, or too much for the parser.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fail;

pub(crate) type Parsed<T> = Result<T, Fail>;

/// What to parse, as `compile`'s `mode`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Exec,
    Single,
    Eval,
    FuncType,
}

#[derive(Clone, Copy, Debug)]
pub struct Settings {
    pub mode: Mode,
    /// The minor version whose syntax is accepted.
    pub feature_version: i32,
    pub type_comments: bool,
    /// `from __future__ import barry_as_FLUFL` is in force.
    pub barry_as_flufl: bool,
    /// Input that merely ends too early is `_IncompleteInputError` (`PyCF_ALLOW_INCOMPLETE_INPUT`).
    pub allow_incomplete_input: bool,
    /// In `Single`, the end of the input does not end open blocks (`PyCF_DONT_IMPLY_DEDENT`).
    pub dont_imply_dedent: bool,
}

impl Settings {
    pub fn new(mode: Mode) -> Self {
        Settings {
            mode,
            feature_version: 14,
            type_comments: false,
            barry_as_flufl: false,
            allow_incomplete_input: false,
            dont_imply_dedent: false,
        }
    }
}

/// Deeper nesting than this may be too much for CPython's parser stack.
pub(crate) const SUSPICIOUS_WEIGHT: u32 = 1500;
const MAX_WEIGHT: u32 = 6100;

pub(crate) struct Parser<'a, 's> {
    arena: &'a Arena,
    source: &'s [u8],
    settings: Settings,
    pub(crate) tokenizer: Tokenizer,
    tokens: Vec<Token>,
    /// The token at hand, a copy of `tokens[pos]`.
    token: Token,
    pos: usize,
    names: Interner<'a>,
    barry_as_flufl: bool,
    parsing_started: bool,
    type_ignores: Vec<TypeIgnore<'a>>,
    pub(crate) warnings: Vec<Warning>,
    int_max_str_digits: usize,
    // Lists under construction; each user takes what lies above where it began.
    exprs: Vec<ExprRef<'a>>,
    stmts: Vec<StmtRef<'a>>,
    weight: u32,
    pub(crate) max_weight: u32,
    /// The native stack must not grow below this address; 0 is no limit.
    pub(crate) stack_limit: usize,
    /// Parsing ended there.
    pub(crate) out_of_stack: bool,
}

/// Where a node begins.
#[derive(Clone, Copy)]
struct Start {
    lineno: i32,
    col_offset: i32,
}

/// A place to go back to.
struct Checkpoint {
    pos: usize,
    exprs: usize,
    warnings: usize,
}

impl<'a, 's> Parser<'a, 's> {
    pub(crate) fn new(
        arena: &'a Arena,
        source: &'s [u8],
        tokenizer: Tokenizer,
        settings: Settings,
        int_max_str_digits: usize,
    ) -> Self {
        let mut parser = Parser {
            arena,
            source,
            settings,
            tokenizer,
            tokens: Vec::with_capacity(if settings.mode == Mode::Exec { source.len() / 5 + 16 } else { 64 }),
            token: Token {
                start: 0,
                end: 0,
                lineno: 1,
                col_offset: 0,
                end_lineno: 1,
                end_col_offset: 0,
                kind: TokenKind::EndMarker,
                level: 0,
            },
            pos: 0,
            names: Interner::new(arena, source.len()),
            barry_as_flufl: settings.barry_as_flufl,
            parsing_started: false,
            type_ignores: Vec::new(),
            warnings: Vec::new(),
            int_max_str_digits,
            exprs: Vec::new(),
            stmts: Vec::new(),
            weight: 0,
            max_weight: 0,
            stack_limit: 0,
            out_of_stack: false,
        };
        parser.fill();
        parser.token = parser.tokens[0];
        parser
    }

    pub(crate) fn parse(&mut self) -> Parsed<Mod<'a>> {
        match self.settings.mode {
            Mode::Exec => self.file(),
            Mode::Single => self.interactive(),
            Mode::Eval => self.eval(),
            Mode::FuncType => self.func_type(),
        }
    }

    fn file(&mut self) -> Parsed<Mod<'a>> {
        while self.kind() != TokenKind::EndMarker {
            self.statement()?;
        }
        let body = self.take_stmts(0);
        let type_ignores = self.arena.alloc_slice_copy(&self.type_ignores);
        Ok(Mod::Module { body, type_ignores })
    }

    fn interactive(&mut self) -> Parsed<Mod<'a>> {
        match self.kind() {
            TokenKind::Newline => {
                let location = self.token_location();
                self.bump();
                let stmt = self.arena.alloc(Stmt { kind: StmtKind::Pass, location });
                return Ok(Mod::Interactive { body: self.arena.alloc_slice_copy(&[&*stmt]) });
            }
            TokenKind::EndMarker => return Err(Fail),
            _ => {}
        }
        if self.compound_statement()? {
            // The blank line after a block.
            self.expect_last(TokenKind::Newline)?;
        } else {
            self.simple_statements_of(true)?;
        }
        let body = self.take_stmts(0);
        if self.more_statements() {
            return Err(Fail);
        }
        Ok(Mod::Interactive { body })
    }

    /// Whether more than blanks and comments is left after a single statement.
    fn more_statements(&self) -> bool {
        has_more_statements(self.source, self.tokenizer.cur)
    }

    fn eval(&mut self) -> Parsed<Mod<'a>> {
        let body = self.expressions()?;
        self.end_of_input()?;
        Ok(Mod::Expression { body })
    }

    fn func_type(&mut self) -> Parsed<Mod<'a>> {
        self.expect(TokenKind::LPar)?;
        let base = self.exprs.len();
        let mut stars = 0;
        while self.kind() != TokenKind::RPar {
            // `*` and `**` are allowed for the last ones, and ignored.
            let kind = self.kind();
            let star = match kind {
                TokenKind::Star => 1,
                TokenKind::DoubleStar => 2,
                _ => 0,
            };
            if star <= stars && stars > 0 {
                return Err(Fail);
            }
            if star > 0 {
                stars = star;
                self.bump();
            }
            let expr = self.expression()?;
            self.exprs.push(expr);
            if !self.accept(TokenKind::Comma) {
                break;
            }
            if self.kind() == TokenKind::RPar {
                return Err(Fail);
            }
        }
        self.expect(TokenKind::RPar)?;
        let argtypes = self.take_exprs(base);
        self.expect(TokenKind::RArrow)?;
        let returns = self.expression()?;
        self.end_of_input()?;
        Ok(Mod::FunctionType { argtypes, returns })
    }

    fn end_of_input(&mut self) -> Parsed<()> {
        while self.accept(TokenKind::Newline) {}
        if self.kind() == TokenKind::EndMarker { Ok(()) } else { Err(Fail) }
    }

    // Tokens

    /// Reads tokens: all of a file at once, one at a time where reading further than needed would show.
    #[cold]
    #[inline(never)]
    fn fill(&mut self) {
        loop {
            let mut token = self.tokenizer.next_token(self.source);
            while token.kind == TokenKind::TypeIgnore {
                let tag = self.arena.alloc_slice_copy(&self.source[token.start as usize..token.end as usize]);
                self.type_ignores.push(TypeIgnore { lineno: self.tokenizer.lineno, tag: Str::from_wtf8(tag) });
                token = self.tokenizer.next_token(self.source);
            }
            if self.settings.mode == Mode::Single {
                if token.kind == TokenKind::EndMarker && self.parsing_started {
                    token.kind = TokenKind::Newline;
                    self.parsing_started = false;
                    if self.tokenizer.indentation.is_indented() && !self.settings.dont_imply_dedent {
                        self.tokenizer.indentation.close_all();
                    }
                } else {
                    self.parsing_started = true;
                }
            }
            self.tokens.push(token);
            let at_end = matches!(token.kind, TokenKind::EndMarker | TokenKind::ErrorToken);
            if at_end || self.settings.mode == Mode::Single {
                break;
            }
        }
        self.warnings.extend(self.tokenizer.take_warnings());
    }

    #[inline]
    fn kind(&self) -> TokenKind {
        self.token.kind
    }

    /// The kind of the next token but one.
    fn peek(&mut self) -> TokenKind {
        self.peek_token().kind
    }

    fn peek_token(&mut self) -> Token {
        if self.pos + 1 >= self.tokens.len() {
            if matches!(self.kind(), TokenKind::EndMarker | TokenKind::ErrorToken) {
                return self.token;
            }
            self.fill();
        }
        self.tokens[self.pos + 1]
    }

    #[inline]
    fn bump(&mut self) {
        if self.pos + 1 >= self.tokens.len() {
            self.bump_slow();
        } else {
            self.pos += 1;
            self.token = self.tokens[self.pos];
        }
    }

    #[cold]
    fn bump_slow(&mut self) {
        if matches!(self.kind(), TokenKind::EndMarker | TokenKind::ErrorToken) {
            self.tokens.push(self.token);
        } else {
            self.fill();
        }
        self.pos += 1;
        self.token = self.tokens[self.pos];
    }

    #[inline]
    fn accept(&mut self, kind: TokenKind) -> bool {
        let found = self.kind() == kind;
        if found {
            self.bump();
        }
        found
    }

    #[inline]
    fn expect(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.accept(kind) { Ok(()) } else { Err(Fail) }
    }

    /// As `expect`, without reading the token after it.
    fn expect_last(&mut self, kind: TokenKind) -> Parsed<()> {
        if self.kind() == kind { Ok(()) } else { Err(Fail) }
    }

    fn text(&self, token: Token) -> &'s [u8] {
        self.source.get(token.start as usize..token.end as usize).unwrap_or_default()
    }

    /// Whether the token at hand is the name `word`, which is a keyword only in places.
    fn at_soft_keyword(&self, word: &str) -> bool {
        self.kind() == TokenKind::Name && self.text(self.token) == word.as_bytes()
    }

    /// A name, consumed.
    #[inline]
    fn name(&mut self) -> Parsed<Identifier<'a>> {
        if self.kind() != TokenKind::Name {
            return Err(Fail);
        }
        let text = self.text(self.token);
        let name = self.names.intern(text);
        self.bump();
        // Normalisation can turn a name into the spelling of a constant, which no name may have.
        if !text.is_ascii() && matches!(name.as_str(), "None" | "True" | "False") {
            return Err(Fail);
        }
        Ok(name)
    }

    fn checkpoint(&self) -> Checkpoint {
        Checkpoint { pos: self.pos, exprs: self.exprs.len(), warnings: self.warnings.len() }
    }

    fn go_back(&mut self, to: Checkpoint) {
        self.pos = to.pos;
        self.token = self.tokens[to.pos];
        self.exprs.truncate(to.exprs);
        self.warnings.truncate(to.warnings);
    }

    /// Syntax that came with Python 3.`version`.
    #[inline]
    fn since(&self, version: i32) -> Parsed<()> {
        if self.settings.feature_version < version { Err(Fail) } else { Ok(()) }
    }

    /// Notes that `levels` of CPython's parser stack are in use for a while; undone by [`Self::leave`].
    #[inline]
    fn enter(&mut self, levels: u32) -> Parsed<()> {
        self.weight += levels;
        self.max_weight = self.max_weight.max(self.weight);
        let here = 0u8;
        if std::ptr::from_ref(std::hint::black_box(&here)).addr() < self.stack_limit {
            self.out_of_stack = true;
            return Err(Fail);
        }
        if self.weight > MAX_WEIGHT { Err(Fail) } else { Ok(()) }
    }

    #[inline]
    fn leave(&mut self, levels: u32) {
        self.weight -= levels;
    }

    // Nodes

    #[inline]
    fn here(&self) -> Start {
        Start { lineno: self.token.lineno, col_offset: self.token.col_offset }
    }

    fn token_location(&self) -> Location {
        location_of(self.token)
    }

    /// From `start` to the end of the last token that carries text.
    #[inline]
    fn since_start(&self, start: Start) -> Location {
        let mut at = self.pos - 1;
        while self.tokens[at].kind.is_whitespace() && at > 0 {
            at -= 1;
        }
        let end = &self.tokens[at];
        Location::new(start.lineno, start.col_offset, end.end_lineno, end.end_col_offset)
    }

    #[inline]
    fn expr_at(&self, kind: ExprKind<'a>, location: Location) -> ExprRef<'a> {
        self.arena.alloc(Expr { kind, location })
    }

    #[inline]
    fn expr(&self, kind: ExprKind<'a>, start: Start) -> ExprRef<'a> {
        self.expr_at(kind, self.since_start(start))
    }

    fn push_stmt(&mut self, kind: StmtKind<'a>, start: Start) {
        let location = self.since_start(start);
        let stmt = self.arena.alloc(Stmt { kind, location });
        self.stmts.push(stmt);
    }

    #[inline]
    fn take_exprs(&mut self, base: usize) -> &'a [ExprRef<'a>] {
        let list = self.arena.alloc_slice_copy(&self.exprs[base..]);
        self.exprs.truncate(base);
        list
    }

    fn take_stmts(&mut self, base: usize) -> &'a [StmtRef<'a>] {
        let list = self.arena.alloc_slice_copy(&self.stmts[base..]);
        self.stmts.truncate(base);
        list
    }

    /// A type comment, if the token at hand is one.
    fn type_comment(&mut self) -> Option<&'a Str<'a>> {
        if self.kind() != TokenKind::TypeComment {
            return None;
        }
        let text = self.arena.alloc_slice_copy(self.text(self.token));
        self.bump();
        Some(self.arena.alloc(Str::from_wtf8(text)))
    }
}

#[inline]
fn location_of(token: Token) -> Location {
    Location::new(token.lineno, token.col_offset, token.end_lineno, token.end_col_offset)
}

pub(crate) fn has_more_statements(source: &[u8], from: usize) -> bool {
    let mut rest = source.get(from..).unwrap_or_default();
    loop {
        let blanks = rest.iter().take_while(|c| matches!(c, b' ' | b'\t' | b'\n' | 0x0c)).count();
        rest = &rest[blanks..];
        match rest.first() {
            None => return false,
            Some(b'#') => rest = &rest[memchr::memchr(b'\n', rest).unwrap_or(rest.len())..],
            Some(_) => return true,
        }
    }
}
