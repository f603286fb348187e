//! Source text to tokens to the abstract syntax tree of Python 3.14, and syntax errors.
//!
//! [`parse`] is the way in. A program is first parsed by [`parser`], which is fast and knows only good programs;
//! where it fails, the error is found by a second, slow reading that follows CPython's grammar to the letter.

pub mod ast;
mod diagnosis;
pub mod dump;
pub mod error;
pub mod host;
mod interner;
mod literal;
pub mod location;
mod parser;
pub mod source;
pub mod text;
pub mod token;
pub mod tokenizer;
mod unicode;

pub use ast::Arena;
pub use error::{ErrorClass, ErrorKind, SyntaxError};
pub use host::{Host, NoHost, Raised};
pub use location::Location;
pub use parser::{Mode, Settings};
pub use unicode::ask_for_names;

/// Parses text: UTF-8 without a byte order mark (see [`source::decode`] for bytes). Warnings go to the host.
pub fn parse<'a>(
    arena: &'a Arena,
    source: &[u8],
    settings: Settings,
    host: &mut dyn Host,
) -> Result<ast::Mod<'a>, Box<SyntaxError>> {
    let source = source::translate_newlines(source, settings.mode == Mode::Exec);
    let options = tokenizer::Options { type_comments: settings.type_comments, ..Default::default() };
    match parse_prepared(arena, &source, options, settings, host)? {
        Some(module) => Ok(module),
        None => Err(refused()),
    }
}

/// A statement read from a person, and its lines.
pub struct Interactive<'a> {
    pub module: ast::Mod<'a>,
    pub source: Vec<u8>,
}

/// Reads lines from the host until they are a statement (or an error); `None` at the end of input.
pub fn parse_interactive<'a>(
    arena: &'a Arena,
    settings: Settings,
    host: &mut dyn Host,
) -> Result<Option<Interactive<'a>>, Box<SyntaxError>> {
    let settings = Settings { mode: Mode::Single, ..settings };
    let mut source = Vec::new();
    let mut more_may_come = true;
    while more_may_come {
        match host.read_line(!source.is_empty()).map_err(|Raised| SyntaxError::raised())? {
            Some(line) => {
                source.extend_from_slice(&source::translate_newlines(&line, true));
                if line.is_empty() {
                    source.push(b'\n');
                }
            }
            None if source.is_empty() => return Ok(None),
            None => more_may_come = false,
        }
        let type_comments = settings.type_comments;
        let options = tokenizer::Options { type_comments, interactive: true, more_may_come, extra_tokens: false };
        if let Some(module) = parse_prepared(arena, &source, options, settings, host)? {
            return Ok(Some(Interactive { module, source }));
        }
    }
    Err(refused())
}

/// `None` if the source does not suffice yet.
fn parse_prepared<'a>(
    arena: &'a Arena,
    source: &[u8],
    options: tokenizer::Options,
    settings: Settings,
    host: &mut dyn Host,
) -> Result<Option<ast::Mod<'a>>, Box<SyntaxError>> {
    let tokenizer = tokenizer::Tokenizer::new(options);
    let digits = host.int_max_str_digits();
    let mut parser = parser::Parser::new(arena, source, tokenizer.clone(), settings, digits);
    parser.stack_limit = host.stack_limit();
    let parsed = parser.parse();
    if parser.out_of_stack {
        return Err(Box::new(SyntaxError::bare(ErrorClass::MemoryError, ErrorKind::StackOverflow)));
    }
    if parser.tokenizer.done() == tokenizer::Done::NeedMore {
        return Ok(None);
    }
    if let Ok(module) = parsed
        && parser.max_weight < parser::SUSPICIOUS_WEIGHT
    {
        give_warnings(&parser.warnings, host)?;
        return Ok(Some(module));
    }
    let diagnosis = diagnosis::diagnose(source, &tokenizer, settings, host);
    if diagnosis.need_more {
        return Ok(None);
    }
    give_warnings(&diagnosis.warnings, host)?;
    match (diagnosis.error, parsed) {
        (Some(error), _) => Err(error),
        (None, Ok(module)) => Ok(Some(module)),
        (None, Err(_)) => Err(refused()),
    }
}

/// The two readings of the grammar disagree: a mistake of ours.
#[cold]
fn refused() -> Box<SyntaxError> {
    Box::new(SyntaxError::bare(ErrorClass::SystemError, ErrorKind::Static("the parser refused a good program")))
}

fn give_warnings(warnings: &[tokenizer::Warning], host: &mut dyn Host) -> Result<(), Box<SyntaxError>> {
    for warning in warnings {
        match host.warn(warning) {
            Ok(false) => {}
            Ok(true) => return Err(warning.error.clone()),
            Err(Raised) => return Err(SyntaxError::raised()),
        }
    }
    Ok(())
}
