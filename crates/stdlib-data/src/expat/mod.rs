//! `pyexpat`: XML parsing, with expat's events, errors and limits.
//!
//! `scan` finds tokens, `engine`, `tags`, `subset` and `declarations` make events of them, `parser` calls the handlers.
//! No crate has what is needed here, which is expat's behaviour: events for each token with its position,
//! document types with entities and defaults, text that comes in pieces.

mod declarations;
mod dtd;
mod engine;
mod event;
mod input;
mod names;
mod namespaces;
mod parser;
mod scan;
mod subset;
mod tags;

pub use engine::{Engine, Next};
pub use event::{Event, Handler, HandlerSet, Rare, Value, code};
pub use input::Encoding;
pub use names::Name;
pub use parser::unknown_encoding;

use macros::pymodule;
use parser::{Parser, Parser_Type};
use runtime::exceptions::{self, ModuleException};
use runtime::types::{Dict, Int, List, Module, Str, Tuple};
use runtime::{Object, Owned, PyResult, PyTyped, err};

pub static EXPAT_ERROR: ModuleException = ModuleException::new("xml.parsers.expat", "ExpatError", || Ok(exceptions::Exception()), None);

/// Names and texts of the errors, from number 1 on.
const ERRORS: [(&str, &str); 44] = [
    ("NO_MEMORY", "out of memory"),
    ("SYNTAX", "syntax error"),
    ("NO_ELEMENTS", "no element found"),
    ("INVALID_TOKEN", "not well-formed (invalid token)"),
    ("UNCLOSED_TOKEN", "unclosed token"),
    ("PARTIAL_CHAR", "partial character"),
    ("TAG_MISMATCH", "mismatched tag"),
    ("DUPLICATE_ATTRIBUTE", "duplicate attribute"),
    ("JUNK_AFTER_DOC_ELEMENT", "junk after document element"),
    ("PARAM_ENTITY_REF", "illegal parameter entity reference"),
    ("UNDEFINED_ENTITY", "undefined entity"),
    ("RECURSIVE_ENTITY_REF", "recursive entity reference"),
    ("ASYNC_ENTITY", "asynchronous entity"),
    ("BAD_CHAR_REF", "reference to invalid character number"),
    ("BINARY_ENTITY_REF", "reference to binary entity"),
    ("ATTRIBUTE_EXTERNAL_ENTITY_REF", "reference to external entity in attribute"),
    ("MISPLACED_XML_PI", "XML or text declaration not at start of entity"),
    ("UNKNOWN_ENCODING", "unknown encoding"),
    ("INCORRECT_ENCODING", "encoding specified in XML declaration is incorrect"),
    ("UNCLOSED_CDATA_SECTION", "unclosed CDATA section"),
    ("EXTERNAL_ENTITY_HANDLING", "error in processing external entity reference"),
    ("NOT_STANDALONE", "document is not standalone"),
    ("UNEXPECTED_STATE", "unexpected parser state - please send a bug report"),
    ("ENTITY_DECLARED_IN_PE", "entity declared in parameter entity"),
    ("FEATURE_REQUIRES_XML_DTD", "requested feature requires XML_DTD support in Expat"),
    ("CANT_CHANGE_FEATURE_ONCE_PARSING", "cannot change setting once parsing has begun"),
    ("UNBOUND_PREFIX", "unbound prefix"),
    ("UNDECLARING_PREFIX", "must not undeclare prefix"),
    ("INCOMPLETE_PE", "incomplete markup in parameter entity"),
    ("XML_DECL", "XML declaration not well-formed"),
    ("TEXT_DECL", "text declaration not well-formed"),
    ("PUBLICID", "illegal character(s) in public id"),
    ("SUSPENDED", "parser suspended"),
    ("NOT_SUSPENDED", "parser not suspended"),
    ("ABORTED", "parsing aborted"),
    ("FINISHED", "parsing finished"),
    ("SUSPEND_PE", "cannot suspend in external parameter entity"),
    ("RESERVED_PREFIX_XML", "reserved prefix (xml) must not be undeclared or bound to another namespace name"),
    ("RESERVED_PREFIX_XMLNS", "reserved prefix (xmlns) must not be declared or undeclared"),
    ("RESERVED_NAMESPACE_URI", "prefix must not be bound to one of the reserved namespace names"),
    ("INVALID_ARGUMENT", "invalid argument"),
    ("NO_BUFFER", "a successful prior call to function XML_GetBuffer is required"),
    ("AMPLIFICATION_LIMIT_BREACH", "limit on input amplification factor (from DTD and entities) breached"),
    ("NOT_STARTED", "parser not started"),
];

/// The text of an error.
pub fn message(code: i32) -> Option<&'static str> {
    let index = usize::try_from(code).ok()?.checked_sub(1)?;
    ERRORS.get(index).map(|(_, text)| *text)
}

const MODEL: [(&str, i64); 10] = [
    ("XML_CTYPE_EMPTY", 1),
    ("XML_CTYPE_ANY", 2),
    ("XML_CTYPE_MIXED", 3),
    ("XML_CTYPE_NAME", 4),
    ("XML_CTYPE_CHOICE", 5),
    ("XML_CTYPE_SEQ", 6),
    ("XML_CQUANT_NONE", 0),
    ("XML_CQUANT_OPT", 1),
    ("XML_CQUANT_REP", 2),
    ("XML_CQUANT_PLUS", 3),
];

const FEATURES: [(&str, i64); 8] = [
    ("sizeof(XML_Char)", 1),
    ("sizeof(XML_LChar)", 1),
    ("XML_DTD", 0),
    ("XML_CONTEXT_BYTES", 1024),
    ("XML_NS", 0),
    ("XML_BLAP_MAX_AMP", 100),
    ("XML_BLAP_ACT_THRES", 8388608),
    ("XML_GE", 0),
];

fn submodule(parent: &Module, name: &str, doc: &str) -> PyResult<Owned<Module>> {
    let full = format!("pyexpat.{name}");
    let module = Module::new(&full)?;
    module.add("__doc__", &Str::new(doc))?;
    runtime::import::sys_modules().set(&full, &module)?;
    parent.add(name, &module)?;
    Ok(module)
}

/// Python wrapper for Expat parser.
#[pymodule(name = "pyexpat")]
#[types(Parser_Type)]
pub mod pyexpat {
    use super::*;

    /// Return a new XML parser object.
    #[function("ParserCreate($module, /, encoding=None, namespace_separator=None, intern=<unrepresentable>)")]
    fn parser_create(encoding: Option<&str>, namespace_separator: Option<&str>, intern: Option<&Object>) -> PyResult<Owned<Parser>> {
        let separator = match namespace_separator {
            None => None,
            Some(text) if text.chars().count() > 1 => {
                return Err(err!(ValueError, "namespace_separator must be at most one character, omitted, or None"));
            }
            Some(text) => Some(text.chars().next()),
        };
        let intern = match intern {
            None => Some(Dict::new()),
            Some(intern) if intern.is_none() => None,
            Some(intern) => match intern.downcast::<Dict>() {
                Some(dict) => Some(Owned::from_ref(dict)),
                None => return Err(err!(TypeError, "intern must be a dictionary")),
            },
        };
        Parser::create(encoding, separator, intern)
    }
    /// Returns string error for given number.
    #[function("ErrorString($module, code, /)")]
    fn error_string(code: i64) -> Option<&'static str> {
        i32::try_from(code).ok().and_then(message)
    }

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let error = EXPAT_ERROR.ty()?;
        module.add("error", error)?;
        module.add("ExpatError", error)?;
        module.add("XMLParserType", Parser::type_object())?;
        module.dict().del_str(&Str::new("xmlparser"))?;
        let int = |value: i64| Int::from_i64(value);
        module.add("EXPAT_VERSION", &Str::new("expat_2.7.1"))?;
        module.add("version_info", &Tuple::from_owned([2, 7, 1].map(|n| int(n).into_object()).into()))?;
        module.add("native_encoding", &Str::new("UTF-8"))?;
        let errors = submodule(module, "errors", "Constants used to describe error conditions.")?;
        let (codes, messages) = (Dict::new(), Dict::new());
        for (i, (name, text)) in ERRORS.iter().enumerate() {
            let (text, number) = (Str::new(text), int(i as i64 + 1));
            errors.add(&format!("XML_ERROR_{name}"), &text)?;
            codes.set_item(&text, &number)?;
            messages.set_item(&number, &text)?;
        }
        errors.add("codes", &codes)?;
        errors.add("messages", &messages)?;
        let model = submodule(module, "model", "Constants used to interpret content model information.")?;
        for (name, value) in MODEL {
            model.add(name, &int(value))?;
        }
        let features = List::new();
        for (name, value) in FEATURES {
            features.push(Tuple::pair(Str::new(name).into_object(), int(value).into_object()).into_object())?;
        }
        module.add("features", &features)?;
        for (name, value) in [("NEVER", 0), ("UNLESS_STANDALONE", 1), ("ALWAYS", 2)] {
            module.add(&format!("XML_PARAM_ENTITY_PARSING_{name}"), &int(value))?;
        }
        Ok(())
    }
}
