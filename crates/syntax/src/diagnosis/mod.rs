//! What is wrong with a program that the parser has refused.
//!
//! [`engine`] is a PEG machine over the tables of [`grammar`]. It reads the program as CPython's parser does: a first
//! time with the plain grammar, which settles how far a parser gets and what actions complain of; then, if no error was
//! raised, with the rules `invalid_...`, each of which knows one mistake. If they are silent too, the furthest
//! token of the first reading is "invalid syntax". Errors of the tokenizer found up to the end of the source
//! may take precedence.
//!
//! It builds no tree, only as much of nodes as the rules look at. It is slow, and no good program meets it
//! (but for monstrously nested ones, whose depth it counts as CPython would).

mod actions;
mod engine;
mod grammar;
mod report;

use crate::error::{ErrorClass, ErrorKind, SyntaxError};
use crate::host::Host;
use crate::location::Location;
use crate::parser::{Mode, Settings};
use crate::tokenizer::{Tokenizer, Warning};
use engine::Engine;

/// What a node is, as far as messages and rules care.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NodeKind {
    Token,
    /// Anything that nobody asks about.
    Node,
    Seq,
    Stmt,
    Pattern,
    Name,
    Number,
    Imaginary,
    None,
    True,
    False,
    Ellipsis,
    Text,
    Bytes,
    Attribute,
    Subscript,
    Starred,
    List,
    Tuple,
    Lambda,
    Call,
    Operator,
    GeneratorExp,
    Yield,
    Await,
    ListComp,
    SetComp,
    DictComp,
    Dict,
    Set,
    JoinedStr,
    TemplateStr,
    FormattedValue,
    Interpolation,
    Piece,
    Compare,
    In,
    Cmp,
    IfExp,
    NamedExpr,
    Slice,
    Comprehension,
    Args,
    Keyword,
    Unpacking,
}

impl NodeKind {
    fn from_name(name: &str) -> Option<NodeKind> {
        use NodeKind::*;
        Some(match name {
            "Node" => Node,
            "Seq" => Seq,
            "Stmt" => Stmt,
            "Pattern" => Pattern,
            "Name" => Name,
            "None" => None,
            "True" => True,
            "False" => False,
            "Ellipsis" => Ellipsis,
            "Attribute" => Attribute,
            "Subscript" => Subscript,
            "Starred" => Starred,
            "List" => List,
            "Tuple" => Tuple,
            "Lambda" => Lambda,
            "Call" => Call,
            "Operator" => Operator,
            "GeneratorExp" => GeneratorExp,
            "Yield" | "YieldFrom" => Yield,
            "Await" => Await,
            "ListComp" => ListComp,
            "SetComp" => SetComp,
            "DictComp" => DictComp,
            "Dict" => Dict,
            "Set" => Set,
            "FormattedValue" => FormattedValue,
            "Interpolation" => Interpolation,
            "Piece" => Piece,
            "Compare" => Compare,
            "In" => In,
            "Cmp" => Cmp,
            "IfExp" => IfExp,
            "NamedExpr" => NamedExpr,
            "Slice" => Slice,
            "Comprehension" => Comprehension,
            "Args" => Args,
            "Keyword" => Keyword,
            "Unpacking" => Unpacking,
            _ => return Option::None,
        })
    }

    /// What messages call the expression.
    fn expr_name(self) -> &'static str {
        use NodeKind::*;
        match self {
            Attribute => "attribute",
            Subscript => "subscript",
            Starred => "starred",
            Name => "name",
            List => "list",
            Tuple => "tuple",
            Lambda => "lambda",
            Call => "function call",
            Operator => "expression",
            GeneratorExp => "generator expression",
            Yield => "yield expression",
            Await => "await expression",
            ListComp => "list comprehension",
            SetComp => "set comprehension",
            DictComp => "dict comprehension",
            Dict => "dict literal",
            Set => "set display",
            JoinedStr | FormattedValue => "f-string expression",
            TemplateStr | Interpolation => "t-string expression",
            None => "None",
            True => "True",
            False => "False",
            Ellipsis => "ellipsis",
            Compare => "comparison",
            IfExp => "conditional expression",
            NamedExpr => "named expression",
            _ => "literal",
        }
    }
}

pub(crate) struct Diagnosis {
    /// `None` if nothing is wrong.
    pub error: Option<Box<SyntaxError>>,
    pub warnings: Vec<Warning>,
    /// Interactive input must go on before it can be judged.
    pub need_more: bool,
}

/// Levels of rules that fit the stack of any thread.
const SAFE_LEVELS: u32 = 400;
/// Room for all the levels that CPython's parser has.
const DEEP_STACK: usize = 64 << 20;

pub(crate) fn diagnose(
    source: &[u8],
    tokenizer: &Tokenizer,
    settings: Settings,
    host: &mut dyn Host,
) -> Diagnosis {
    let digits = host.int_max_str_digits();
    let run = |levels: u32| {
        let mut engine = Engine::new(source, tokenizer.clone(), settings, digits, levels);
        let found = engine.run();
        Outcome {
            found,
            too_deep: engine.too_deep,
            need_more: engine.need_more,
            warnings: std::mem::take(&mut engine.warnings),
        }
    };
    let mut outcome = run(SAFE_LEVELS);
    if outcome.too_deep {
        let deep = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(DEEP_STACK);
            builder.spawn_scoped(scope, || run(u32::MAX)).ok().and_then(|thread| thread.join().ok())
        });
        outcome = deep.unwrap_or_else(|| {
            let error = SyntaxError::bare(ErrorClass::MemoryError, ErrorKind::StackOverflow);
            let found = Some(report::Found::Final(Box::new(error)));
            Outcome { found, too_deep: false, need_more: false, warnings: Vec::new() }
        });
    }
    let error = outcome.found.map(|found| found.finish(settings.mode == Mode::Exec, host));
    Diagnosis { error, warnings: outcome.warnings, need_more: outcome.need_more }
}

/// What one run of the engine has come to.
struct Outcome {
    found: Option<report::Found>,
    too_deep: bool,
    need_more: bool,
    warnings: Vec<Warning>,
}

/// A node: what it is, where, and those of its parts that a rule may ask for.
pub(crate) struct Node {
    pub kind: NodeKind,
    pub location: Location,
    /// The index of the first token.
    pub token: u32,
    pub children: Vec<u32>,
}
