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

/// Parses text: UTF-8 without a byte order mark (see [`source::decode`] for bytes). Warnings go to the host.
pub fn parse<'a>(
    arena: &'a Arena,
    source: &[u8],
    settings: Settings,
    host: &mut dyn Host,
) -> Result<ast::Mod<'a>, Box<SyntaxError>> {
    let source = source::translate_newlines(source, settings.mode == Mode::Exec);
    let options = tokenizer::Options { type_comments: settings.type_comments, ..Default::default() };
    let tokenizer = tokenizer::Tokenizer::new(options);
    let digits = host.int_max_str_digits();
    let mut parser = parser::Parser::new(arena, &source, tokenizer.clone(), settings, digits);
    let parsed = parser.parse();
    let (module, warnings) = match parsed {
        Ok(module) if parser.max_weight < parser::SUSPICIOUS_WEIGHT => (Some(module), parser.warnings),
        _ => {
            let diagnosis = diagnosis::diagnose(&source, &tokenizer, settings, host);
            give_warnings(&diagnosis.warnings, host)?;
            if let Some(error) = diagnosis.error {
                return Err(error);
            }
            (parsed.ok(), Vec::new())
        }
    };
    give_warnings(&warnings, host)?;
    module.ok_or_else(|| {
        // The two readings of the grammar disagree: a mistake of ours.
        Box::new(SyntaxError::bare(ErrorClass::SystemError, ErrorKind::Static("the parser refused a good program")))
    })
}

fn give_warnings(warnings: &[tokenizer::Warning], host: &mut dyn Host) -> Result<(), Box<SyntaxError>> {
    for warning in warnings {
        match host.warn(warning) {
            Ok(false) => {}
            Ok(true) => return Err(warning.error.clone()),
            Err(Raised) => return Err(Box::new(SyntaxError::bare(ErrorClass::Raised, ErrorKind::Raised))),
        }
    }
    Ok(())
}
