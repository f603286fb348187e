//! The abstract syntax tree, name by name the one of Python 3.14's `ast` module.
//!
//! Every node lies in an [`Arena`] and is `Copy`: children are plain references, lists are slices, nothing is ever
//! dropped node by node (so a tree of any depth is freed flat). A tree that differs in places shares the rest.
//! The pattern of use is
//!
//! ```ignore
//! let arena = Arena::new();
//! let module = syntax::parse(&arena, ...)?;
//! ```
//!
//! Invariant: trees made by the parser obey the grammar (contexts, operand kinds, lengths); trees converted from
//! objects that a program built obey only the types below, and `compile` validates them.

use crate::location::Location;
pub use crate::text::{Identifier, Str};

/// Where nodes live. `arena.alloc(node)`, `arena.alloc_slice_copy(&nodes)`, `arena.alloc_str(text)`.
pub type Arena = bumpalo::Bump;

pub type ExprRef<'a> = &'a Expr<'a>;
pub type StmtRef<'a> = &'a Stmt<'a>;
pub type PatternRef<'a> = &'a Pattern<'a>;

#[derive(Clone, Copy, Debug)]
pub enum Mod<'a> {
    Module { body: &'a [StmtRef<'a>], type_ignores: &'a [TypeIgnore<'a>] },
    Interactive { body: &'a [StmtRef<'a>] },
    Expression { body: ExprRef<'a> },
    FunctionType { argtypes: &'a [ExprRef<'a>], returns: ExprRef<'a> },
}

#[derive(Clone, Copy, Debug)]
pub struct Stmt<'a> {
    pub kind: StmtKind<'a>,
    pub location: Location,
}

/// Statements with more fields than fit a small node hold a reference to a struct of the same name.
#[derive(Clone, Copy, Debug)]
pub enum StmtKind<'a> {
    FunctionDef(&'a FunctionDef<'a>),
    AsyncFunctionDef(&'a FunctionDef<'a>),
    ClassDef(&'a ClassDef<'a>),
    Return { value: Option<ExprRef<'a>> },
    Delete { targets: &'a [ExprRef<'a>] },
    Assign { targets: &'a [ExprRef<'a>], value: ExprRef<'a>, type_comment: Option<&'a Str<'a>> },
    TypeAlias { name: ExprRef<'a>, type_params: &'a [TypeParam<'a>], value: ExprRef<'a> },
    AugAssign { target: ExprRef<'a>, op: Operator, value: ExprRef<'a> },
    /// `simple` is 1 for a bare name without parentheses.
    AnnAssign { target: ExprRef<'a>, annotation: ExprRef<'a>, value: Option<ExprRef<'a>>, simple: i32 },
    For(&'a For<'a>),
    AsyncFor(&'a For<'a>),
    While { test: ExprRef<'a>, body: &'a [StmtRef<'a>], orelse: &'a [StmtRef<'a>] },
    If { test: ExprRef<'a>, body: &'a [StmtRef<'a>], orelse: &'a [StmtRef<'a>] },
    With(&'a With<'a>),
    AsyncWith(&'a With<'a>),
    Match { subject: ExprRef<'a>, cases: &'a [MatchCase<'a>] },
    Raise { exc: Option<ExprRef<'a>>, cause: Option<ExprRef<'a>> },
    Try(&'a Try<'a>),
    TryStar(&'a Try<'a>),
    Assert { test: ExprRef<'a>, msg: Option<ExprRef<'a>> },
    Import { names: &'a [Alias<'a>] },
    ImportFrom { module: Option<Identifier<'a>>, names: &'a [Alias<'a>], level: Option<i32> },
    Global { names: &'a [Identifier<'a>] },
    Nonlocal { names: &'a [Identifier<'a>] },
    Expr { value: ExprRef<'a> },
    Pass,
    Break,
    Continue,
}

#[derive(Clone, Copy, Debug)]
pub struct FunctionDef<'a> {
    pub name: Identifier<'a>,
    pub args: &'a Arguments<'a>,
    pub body: &'a [StmtRef<'a>],
    pub decorator_list: &'a [ExprRef<'a>],
    pub returns: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a Str<'a>>,
    pub type_params: &'a [TypeParam<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct ClassDef<'a> {
    pub name: Identifier<'a>,
    pub bases: &'a [ExprRef<'a>],
    pub keywords: &'a [Keyword<'a>],
    pub body: &'a [StmtRef<'a>],
    pub decorator_list: &'a [ExprRef<'a>],
    pub type_params: &'a [TypeParam<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct For<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub body: &'a [StmtRef<'a>],
    pub orelse: &'a [StmtRef<'a>],
    pub type_comment: Option<&'a Str<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct With<'a> {
    pub items: &'a [WithItem<'a>],
    pub body: &'a [StmtRef<'a>],
    pub type_comment: Option<&'a Str<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct Try<'a> {
    pub body: &'a [StmtRef<'a>],
    pub handlers: &'a [ExceptHandler<'a>],
    pub orelse: &'a [StmtRef<'a>],
    pub finalbody: &'a [StmtRef<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct Expr<'a> {
    pub kind: ExprKind<'a>,
    pub location: Location,
}

#[derive(Clone, Copy, Debug)]
pub enum ExprKind<'a> {
    BoolOp { op: BoolOp, values: &'a [ExprRef<'a>] },
    NamedExpr { target: ExprRef<'a>, value: ExprRef<'a> },
    BinOp { left: ExprRef<'a>, op: Operator, right: ExprRef<'a> },
    UnaryOp { op: UnaryOp, operand: ExprRef<'a> },
    Lambda { args: &'a Arguments<'a>, body: ExprRef<'a> },
    IfExp { test: ExprRef<'a>, body: ExprRef<'a>, orelse: ExprRef<'a> },
    /// A key of `None` is `**value`.
    Dict { keys: &'a [Option<ExprRef<'a>>], values: &'a [ExprRef<'a>] },
    Set { elts: &'a [ExprRef<'a>] },
    ListComp { elt: ExprRef<'a>, generators: &'a [Comprehension<'a>] },
    SetComp { elt: ExprRef<'a>, generators: &'a [Comprehension<'a>] },
    DictComp { key: ExprRef<'a>, value: ExprRef<'a>, generators: &'a [Comprehension<'a>] },
    GeneratorExp { elt: ExprRef<'a>, generators: &'a [Comprehension<'a>] },
    Await { value: ExprRef<'a> },
    Yield { value: Option<ExprRef<'a>> },
    YieldFrom { value: ExprRef<'a> },
    Compare { left: ExprRef<'a>, ops: &'a [CmpOp], comparators: &'a [ExprRef<'a>] },
    Call { func: ExprRef<'a>, args: &'a [ExprRef<'a>], keywords: &'a [Keyword<'a>] },
    /// `conversion` is -1, or the character code of `s`, `r` or `a`.
    FormattedValue { value: ExprRef<'a>, conversion: i32, format_spec: Option<ExprRef<'a>> },
    Interpolation { value: ExprRef<'a>, str: &'a Constant<'a>, conversion: i32, format_spec: Option<ExprRef<'a>> },
    JoinedStr { values: &'a [ExprRef<'a>] },
    TemplateStr { values: &'a [ExprRef<'a>] },
    /// `kind` is "u" for a literal with that prefix.
    Constant { value: Constant<'a>, kind: Option<&'a Str<'a>> },
    Attribute { value: ExprRef<'a>, attr: Identifier<'a>, ctx: ExprContext },
    Subscript { value: ExprRef<'a>, slice: ExprRef<'a>, ctx: ExprContext },
    Starred { value: ExprRef<'a>, ctx: ExprContext },
    Name { id: Identifier<'a>, ctx: ExprContext },
    List { elts: &'a [ExprRef<'a>], ctx: ExprContext },
    Tuple { elts: &'a [ExprRef<'a>], ctx: ExprContext },
    Slice { lower: Option<ExprRef<'a>>, upper: Option<ExprRef<'a>>, step: Option<ExprRef<'a>> },
}

// Expressions are most of a tree: 40 bytes of fields and 16 of location.
const _: () = assert!(size_of::<Expr>() <= 64 && size_of::<Stmt>() <= 64);

/// The value of a constant. `Tuple` and `FrozenSet` arise only in trees that programs build (and in folding).
#[derive(Clone, Copy, Debug)]
pub enum Constant<'a> {
    None,
    True,
    False,
    Ellipsis,
    Int(i64),
    /// Beyond `i64`.
    BigInt(&'a BigInt<'a>),
    Float(f64),
    Complex(&'a Complex),
    Str(Str<'a>),
    Bytes(&'a [u8]),
    Tuple(&'a [Constant<'a>]),
    FrozenSet(&'a [Constant<'a>]),
}

/// An integer of any size: sign and magnitude, the least significant 32 bits first.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct BigInt<'a> {
    pub negative: bool,
    pub magnitude: &'a [u32],
}

impl<'a> BigInt<'a> {
    pub fn new(arena: &'a Arena, value: &num_bigint::BigInt) -> Self {
        let (sign, digits) = value.to_u32_digits();
        BigInt { negative: sign == num_bigint::Sign::Minus, magnitude: arena.alloc_slice_copy(&digits) }
    }

    pub fn to_bigint(&self) -> num_bigint::BigInt {
        let sign = if self.negative { num_bigint::Sign::Minus } else { num_bigint::Sign::Plus };
        num_bigint::BigInt::from_slice(sign, self.magnitude)
    }
}

impl<'a> Constant<'a> {
    /// The smallest form of an integer.
    pub fn from_bigint(arena: &'a Arena, value: &num_bigint::BigInt) -> Self {
        match i64::try_from(value) {
            Ok(small) => Constant::Int(small),
            Err(_) => Constant::BigInt(arena.alloc(BigInt::new(arena, value))),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Complex {
    pub real: f64,
    pub imag: f64,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum ExprContext {
    Load,
    Store,
    Del,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum BoolOp {
    And,
    Or,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Operator {
    Add,
    Sub,
    Mult,
    MatMult,
    Div,
    Mod,
    Pow,
    LShift,
    RShift,
    BitOr,
    BitXor,
    BitAnd,
    FloorDiv,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum UnaryOp {
    Invert,
    Not,
    UAdd,
    USub,
}

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum CmpOp {
    Eq,
    NotEq,
    Lt,
    LtE,
    Gt,
    GtE,
    Is,
    IsNot,
    In,
    NotIn,
}

#[derive(Clone, Copy, Debug)]
pub struct Comprehension<'a> {
    pub target: ExprRef<'a>,
    pub iter: ExprRef<'a>,
    pub ifs: &'a [ExprRef<'a>],
    pub is_async: i32,
}

/// The one kind of `excepthandler`.
#[derive(Clone, Copy, Debug)]
pub struct ExceptHandler<'a> {
    pub type_: Option<ExprRef<'a>>,
    pub name: Option<Identifier<'a>>,
    pub body: &'a [StmtRef<'a>],
    pub location: Location,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Arguments<'a> {
    pub posonlyargs: &'a [Arg<'a>],
    pub args: &'a [Arg<'a>],
    pub vararg: Option<&'a Arg<'a>>,
    pub kwonlyargs: &'a [Arg<'a>],
    /// As long as `kwonlyargs`; `None` for one without a default.
    pub kw_defaults: &'a [Option<ExprRef<'a>>],
    pub kwarg: Option<&'a Arg<'a>>,
    /// Belong to the last of `posonlyargs` and `args`.
    pub defaults: &'a [ExprRef<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct Arg<'a> {
    pub arg: Identifier<'a>,
    pub annotation: Option<ExprRef<'a>>,
    pub type_comment: Option<&'a Str<'a>>,
    pub location: Location,
}

/// A keyword argument of a call; without a name it is `**value`.
#[derive(Clone, Copy, Debug)]
pub struct Keyword<'a> {
    pub arg: Option<Identifier<'a>>,
    pub value: ExprRef<'a>,
    pub location: Location,
}

#[derive(Clone, Copy, Debug)]
pub struct Alias<'a> {
    pub name: Identifier<'a>,
    pub asname: Option<Identifier<'a>>,
    pub location: Location,
}

#[derive(Clone, Copy, Debug)]
pub struct WithItem<'a> {
    pub context_expr: ExprRef<'a>,
    pub optional_vars: Option<ExprRef<'a>>,
}

#[derive(Clone, Copy, Debug)]
pub struct MatchCase<'a> {
    pub pattern: PatternRef<'a>,
    pub guard: Option<ExprRef<'a>>,
    pub body: &'a [StmtRef<'a>],
}

#[derive(Clone, Copy, Debug)]
pub struct Pattern<'a> {
    pub kind: PatternKind<'a>,
    pub location: Location,
}

#[derive(Clone, Copy, Debug)]
pub enum PatternKind<'a> {
    MatchValue { value: ExprRef<'a> },
    MatchSingleton { value: Constant<'a> },
    MatchSequence { patterns: &'a [PatternRef<'a>] },
    MatchMapping { keys: &'a [ExprRef<'a>], patterns: &'a [PatternRef<'a>], rest: Option<Identifier<'a>> },
    MatchClass(&'a MatchClass<'a>),
    MatchStar { name: Option<Identifier<'a>> },
    /// Neither pattern nor name: the wildcard `_`.
    MatchAs { pattern: Option<PatternRef<'a>>, name: Option<Identifier<'a>> },
    MatchOr { patterns: &'a [PatternRef<'a>] },
}

#[derive(Clone, Copy, Debug)]
pub struct MatchClass<'a> {
    pub cls: ExprRef<'a>,
    pub patterns: &'a [PatternRef<'a>],
    pub kwd_attrs: &'a [Identifier<'a>],
    pub kwd_patterns: &'a [PatternRef<'a>],
}

/// The one kind of `type_ignore`.
#[derive(Clone, Copy, Debug)]
pub struct TypeIgnore<'a> {
    pub lineno: i32,
    pub tag: Str<'a>,
}

#[derive(Clone, Copy, Debug)]
pub struct TypeParam<'a> {
    pub kind: TypeParamKind<'a>,
    pub location: Location,
}

#[derive(Clone, Copy, Debug)]
pub enum TypeParamKind<'a> {
    TypeVar { name: Identifier<'a>, bound: Option<ExprRef<'a>>, default_value: Option<ExprRef<'a>> },
    ParamSpec { name: Identifier<'a>, default_value: Option<ExprRef<'a>> },
    TypeVarTuple { name: Identifier<'a>, default_value: Option<ExprRef<'a>> },
}
