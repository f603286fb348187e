//! Trees that programs built, as the front end's tree.

use super::classes;
use crate::err;
use crate::errors::{self, PyResult, Raised};
use crate::intern;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object::{get_attr_opt, repr};
use crate::tstate::check_recursion;
use crate::types::{self, Bool, Bytes, Complex as PyComplex, Float, FrozenSet, Int, List as PyList, Str as PyStr, Tuple as PyTuple};
use syntax::ast::*;
use syntax::{Location, Mode};

/// Converts a tree of the kind that `mode` asks for, and gives it to `f`.
pub fn with_module<T>(tree: &Object, mode: Mode, f: impl for<'t> FnOnce(&'t Arena, &Mod<'t>) -> PyResult<T>) -> PyResult<T> {
    let wanted = match mode {
        Mode::Exec => "Module",
        Mode::Eval => "Expression",
        Mode::Single => "Interactive",
        Mode::FuncType => "FunctionType",
    };
    if !crate::protocol::object::is_instance(tree, classes::class(wanted)?)? {
        return Err(err!(TypeError, "expected {} node, got {}", wanted, tree.type_name()));
    }
    let arena = Arena::new();
    let module = Converter { arena: &arena }.module(tree)?;
    f(&arena, &module)
}

/// A value as a constant of the tree; `None` for what no constant can be.
pub fn constant<'a>(arena: &'a Arena, value: &Object) -> PyResult<Option<Constant<'a>>> {
    errors::catch(Converter { arena }.constant_of(value), crate::exceptions::TypeError())
}

struct Converter<'a> {
    arena: &'a Arena,
}

type Text = &'static PyStr;

macro_rules! key {
    (type_) => {
        intern!("type")
    };
    ($field:ident) => {
        intern!(stringify!($field))
    };
}

/// A struct or enum variant whose fields are read by the methods named.
macro_rules! read {
    ($self:ident, $node:expr, $class:expr, $($path:ident)::+ { $($field:ident : $how:ident),* $(,)? }) => {
        $($path)::+ { $($field: $self.$how($node, $class, key!($field))?),* }
    };
}

fn missing(key: Text, class: &str) -> Raised {
    err!(TypeError, "required field \"{}\" missing from {}", key, class)
}

fn required(key: Text, class: &str) -> Raised {
    err!(ValueError, "field '{}' is required for {}", key, class)
}

fn unexpected(sum: &str, node: &Object) -> Raised {
    match repr(node) {
        Ok(shown) => err!(TypeError, "expected some sort of {}, but got {}", sum, &*shown),
        Err(raised) => raised,
    }
}

impl<'a> Converter<'a> {
    // ---- fields -----------------------------------------------------------------------------------------------------------------------

    /// A field that may be missing or None.
    fn field_opt(&self, node: &Object, key: Text) -> PyResult<Option<Owned>> {
        Ok(get_attr_opt(node, key)?.filter(|value| !value.is_none()))
    }
    /// A field that has to be there and not None.
    fn field(&self, node: &Object, class: &str, key: Text) -> PyResult {
        match get_attr_opt(node, key)? {
            None => Err(missing(key, class)),
            Some(value) if value.is_none() => Err(required(key, class)),
            Some(value) => Ok(value),
        }
    }
    fn list<T: Copy>(&self, node: &Object, class: &str, key: Text, read: impl Fn(&Self, &Object) -> PyResult<T>) -> PyResult<&'a [T]> {
        let Some(value) = get_attr_opt(node, key)? else { return Ok(&[]) };
        let Some(list) = value.downcast::<PyList>() else {
            return Err(err!(TypeError, "{} field \"{}\" must be a list, not a {}", class, key, value.type_name()));
        };
        let length = list.len();
        let mut items = Vec::with_capacity(length);
        for index in 0..length {
            let Some(item) = list.get(index) else { break };
            items.push(read(self, &item)?);
            if list.len() != length {
                return Err(err!(RuntimeError, "{} field \"{}\" changed size during iteration", class, key));
            }
        }
        Ok(self.arena.alloc_slice_copy(&items))
    }
    fn text(&self, text: &PyStr) -> PyResult<&'a str> {
        Ok(self.arena.alloc_str(text.as_utf8()?))
    }
    fn name_of(&self, value: &Object) -> PyResult<Identifier<'a>> {
        match value.downcast_exact::<PyStr>() {
            Some(text) => Ok(Identifier::new(self.arena, self.text(text)?)),
            None => Err(err!(TypeError, "AST identifier must be of type str")),
        }
    }
    fn name(&self, node: &Object, class: &str, key: Text) -> PyResult<Identifier<'a>> {
        self.name_of(&*self.field(node, class, key)?)
    }
    fn name_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<Identifier<'a>>> {
        self.field_opt(node, key)?.map(|value| self.name_of(&value)).transpose()
    }
    fn names(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Identifier<'a>]> {
        self.list(node, class, key, |this, item| this.name_of(item))
    }
    fn string_of(&self, value: &Object) -> PyResult<Str<'a>> {
        let bytes: &[u8] = match (value.downcast_exact::<PyStr>(), value.downcast_exact::<Bytes>()) {
            (Some(text), _) => self.arena.alloc_slice_copy(&text.to_wtf8()),
            (None, Some(bytes)) => self.arena.alloc_slice_copy(bytes.as_slice()),
            _ => return Err(err!(TypeError, "AST string must be of type str")),
        };
        Ok(Str::from_wtf8(bytes))
    }
    fn string(&self, node: &Object, class: &str, key: Text) -> PyResult<Str<'a>> {
        self.string_of(&*self.field(node, class, key)?)
    }
    fn string_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<&'a Str<'a>>> {
        match self.field_opt(node, key)? {
            Some(value) => Ok(Some(self.arena.alloc(self.string_of(&value)?))),
            None => Ok(None),
        }
    }
    fn int_of(&self, value: &Object) -> PyResult<i32> {
        if !Int::check(value) {
            let shown = repr(value)?;
            return Err(err!(ValueError, "invalid integer value: {}", &*shown));
        }
        crate::protocol::number::as_i32(value)
    }
    fn int(&self, node: &Object, class: &str, key: Text) -> PyResult<i32> {
        match get_attr_opt(node, key)? {
            Some(value) => self.int_of(&value),
            None => Err(missing(key, class)),
        }
    }
    fn int_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<i32>> {
        self.field_opt(node, key)?.map(|value| self.int_of(&value)).transpose()
    }
    fn location(&self, node: &Object, class: &str) -> PyResult<Location> {
        let lineno = self.int(node, class, intern!("lineno"))?;
        let col_offset = self.int(node, class, intern!("col_offset"))?;
        let end_lineno = self.int_opt(node, class, intern!("end_lineno"))?.unwrap_or(lineno);
        let end_col_offset = self.int_opt(node, class, intern!("end_col_offset"))?.unwrap_or(col_offset);
        let location = Location { lineno, col_offset, end_lineno, end_col_offset };
        if lineno > end_lineno {
            return Err(err!(ValueError, "AST node line range ({}, {}) is not valid", lineno, end_lineno));
        }
        if (lineno < 0 && end_lineno != lineno) || (col_offset < 0 && col_offset != end_col_offset) {
            return Err(err!(
                ValueError,
                "AST node column range ({}, {}) for line range ({}, {}) is not valid",
                col_offset,
                end_col_offset,
                lineno,
                end_lineno
            ));
        }
        if lineno == end_lineno && col_offset > end_col_offset {
            return Err(err!(ValueError, "line {}, column {}-{} is not a valid range", lineno, col_offset, end_col_offset));
        }
        Ok(location)
    }

    // ---- constants --------------------------------------------------------------------------------------------------------------------

    fn constant_of(&self, value: &Object) -> PyResult<Constant<'a>> {
        check_recursion(" during compilation")?;
        let all = |items: Vec<Owned>| -> PyResult<&'a [Constant<'a>]> {
            let items = items.iter().map(|item| self.constant_of(item)).collect::<PyResult<Vec<_>>>()?;
            Ok(self.arena.alloc_slice_copy(&items))
        };
        Ok(if value.is_none() {
            Constant::None
        } else if value.is(types::ellipsis()) {
            Constant::Ellipsis
        } else if Bool::check_exact(value) {
            if value.is(types::true_()) { Constant::True } else { Constant::False }
        } else if let Some(int) = value.downcast_exact::<Int>() {
            Constant::from_bigint(self.arena, &int.to_bigint())
        } else if let Some(float) = value.downcast_exact::<Float>() {
            Constant::Float(float.value())
        } else if let Some(complex) = value.downcast_exact::<PyComplex>() {
            let (real, imag) = complex.value();
            Constant::Complex(self.arena.alloc(Complex { real, imag }))
        } else if PyStr::check_exact(value) {
            Constant::Str(self.string_of(value)?)
        } else if let Some(bytes) = value.downcast_exact::<Bytes>() {
            Constant::Bytes(self.arena.alloc_slice_copy(bytes.as_slice()))
        } else if let Some(tuple) = value.downcast_exact::<PyTuple>() {
            Constant::Tuple(all(tuple.iter().map(Object::to_owned).collect())?)
        } else if FrozenSet::check_exact(value) {
            Constant::FrozenSet(all(crate::protocol::sequence::to_list(value)?.to_vec())?)
        } else {
            return Err(err!(TypeError, "got an invalid type in Constant: {}", value.type_name()));
        })
    }
    fn constant(&self, node: &Object, class: &str, key: Text) -> PyResult<Constant<'a>> {
        match get_attr_opt(node, key)? {
            Some(value) => self.constant_of(&value),
            None => Err(missing(key, class)),
        }
    }
    fn constant_ref(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a Constant<'a>> {
        Ok(self.arena.alloc(self.constant(node, class, key)?))
    }

    // ---- words ------------------------------------------------------------------------------------------------------------------------

    fn context(&self, node: &Object, class: &str, key: Text) -> PyResult<ExprContext> {
        let Some(value) = get_attr_opt(node, key)? else { return Err(missing(key, class)) };
        Ok(match classes::alternative("expr_context", &value)? {
            Some("Load") => ExprContext::Load,
            Some("Store") => ExprContext::Store,
            Some("Del") => ExprContext::Del,
            _ => return Err(unexpected("expr_context", &value)),
        })
    }
    fn boolop(&self, node: &Object, class: &str, key: Text) -> PyResult<BoolOp> {
        let Some(value) = get_attr_opt(node, key)? else { return Err(missing(key, class)) };
        Ok(match classes::alternative("boolop", &value)? {
            Some("And") => BoolOp::And,
            Some("Or") => BoolOp::Or,
            _ => return Err(unexpected("boolop", &value)),
        })
    }
    fn operator(&self, node: &Object, class: &str, key: Text) -> PyResult<Operator> {
        use Operator::*;
        let Some(value) = get_attr_opt(node, key)? else { return Err(missing(key, class)) };
        let all = [Add, Sub, Mult, MatMult, Div, Mod, Pow, LShift, RShift, BitOr, BitXor, BitAnd, FloorDiv];
        let name = classes::alternative("operator", &value)?;
        all.into_iter().find(|op| Some(&*format!("{op:?}")) == name).ok_or_else(|| unexpected("operator", &value))
    }
    fn unaryop(&self, node: &Object, class: &str, key: Text) -> PyResult<UnaryOp> {
        use UnaryOp::*;
        let Some(value) = get_attr_opt(node, key)? else { return Err(missing(key, class)) };
        let name = classes::alternative("unaryop", &value)?;
        [Invert, Not, UAdd, USub].into_iter().find(|op| Some(&*format!("{op:?}")) == name).ok_or_else(|| unexpected("unaryop", &value))
    }
    fn cmpops(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [CmpOp]> {
        use CmpOp::*;
        self.list(node, class, key, |_, value| {
            let name = classes::alternative("cmpop", value)?;
            let all = [Eq, NotEq, Lt, LtE, Gt, GtE, Is, IsNot, In, NotIn];
            all.into_iter().find(|op| Some(&*format!("{op:?}")) == name).ok_or_else(|| unexpected("cmpop", value))
        })
    }

    // ---- modules, statements ----------------------------------------------------------------------------------------------------------

    fn module(&self, node: &Object) -> PyResult<Mod<'a>> {
        Ok(match classes::alternative("mod", node)? {
            Some(c @ "Module") => read!(self, node, c, Mod::Module { body: stmts, type_ignores: type_ignores }),
            Some(c @ "Interactive") => read!(self, node, c, Mod::Interactive { body: stmts }),
            Some(c @ "Expression") => read!(self, node, c, Mod::Expression { body: expr }),
            Some(c @ "FunctionType") => read!(self, node, c, Mod::FunctionType { argtypes: exprs, returns: expr }),
            _ => return Err(unexpected("mod", node)),
        })
    }
    fn type_ignores(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [TypeIgnore<'a>]> {
        self.list(node, class, key, |this, item| Ok(read!(this, item, "TypeIgnore", TypeIgnore { lineno: int, tag: string })))
    }
    fn stmts(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [StmtRef<'a>]> {
        self.list(node, class, key, |this, item| this.stmt_of(item))
    }
    fn stmt_of(&self, node: &Object) -> PyResult<StmtRef<'a>> {
        check_recursion(" while traversing 'stmt' node")?;
        if node.is_none() {
            return Err(err!(ValueError, "None disallowed in statement list"));
        }
        let Some(class) = classes::alternative("stmt", node)? else { return Err(unexpected("stmt", node)) };
        let location = self.location(node, "stmt")?;
        let kind = self.stmt_kind(node, class)?;
        Ok(self.arena.alloc(Stmt { kind, location }))
    }
    fn stmt_kind(&self, node: &Object, c: &'static str) -> PyResult<StmtKind<'a>> {
        use StmtKind as K;
        Ok(match c {
            "FunctionDef" => K::FunctionDef(self.function(node, c)?),
            "AsyncFunctionDef" => K::AsyncFunctionDef(self.function(node, c)?),
            "ClassDef" => K::ClassDef(self.arena.alloc(read!(self, node, c, ClassDef {
                name: name, bases: exprs, keywords: keywords, body: stmts, decorator_list: exprs, type_params: type_params,
            }))),
            "Return" => read!(self, node, c, K::Return { value: expr_opt }),
            "Delete" => read!(self, node, c, K::Delete { targets: exprs }),
            "Assign" => read!(self, node, c, K::Assign { targets: exprs, value: expr, type_comment: string_opt }),
            "TypeAlias" => read!(self, node, c, K::TypeAlias { name: expr, type_params: type_params, value: expr }),
            "AugAssign" => read!(self, node, c, K::AugAssign { target: expr, op: operator, value: expr }),
            "AnnAssign" => read!(self, node, c, K::AnnAssign { target: expr, annotation: expr, value: expr_opt, simple: int }),
            "For" => K::For(self.for_loop(node, c)?),
            "AsyncFor" => K::AsyncFor(self.for_loop(node, c)?),
            "While" => read!(self, node, c, K::While { test: expr, body: stmts, orelse: stmts }),
            "If" => read!(self, node, c, K::If { test: expr, body: stmts, orelse: stmts }),
            "With" => K::With(self.with(node, c)?),
            "AsyncWith" => K::AsyncWith(self.with(node, c)?),
            "Match" => read!(self, node, c, K::Match { subject: expr, cases: match_cases }),
            "Raise" => read!(self, node, c, K::Raise { exc: expr_opt, cause: expr_opt }),
            "Try" => K::Try(self.try_statement(node, c)?),
            "TryStar" => K::TryStar(self.try_statement(node, c)?),
            "Assert" => read!(self, node, c, K::Assert { test: expr, msg: expr_opt }),
            "Import" => read!(self, node, c, K::Import { names: aliases }),
            "ImportFrom" => read!(self, node, c, K::ImportFrom { module: name_opt, names: aliases, level: int_opt }),
            "Global" => read!(self, node, c, K::Global { names: names }),
            "Nonlocal" => read!(self, node, c, K::Nonlocal { names: names }),
            "Expr" => read!(self, node, c, K::Expr { value: expr }),
            "Pass" => K::Pass,
            "Break" => K::Break,
            "Continue" => K::Continue,
            _ => return Err(unexpected("stmt", node)),
        })
    }
    fn function(&self, node: &Object, c: &'static str) -> PyResult<&'a FunctionDef<'a>> {
        Ok(self.arena.alloc(read!(self, node, c, FunctionDef {
            name: name, args: arguments, body: stmts, decorator_list: exprs, returns: expr_opt, type_comment: string_opt, type_params: type_params,
        })))
    }
    fn for_loop(&self, node: &Object, c: &'static str) -> PyResult<&'a For<'a>> {
        Ok(self.arena.alloc(read!(self, node, c, For { target: expr, iter: expr, body: stmts, orelse: stmts, type_comment: string_opt })))
    }
    fn with(&self, node: &Object, c: &'static str) -> PyResult<&'a With<'a>> {
        Ok(self.arena.alloc(read!(self, node, c, With { items: with_items, body: stmts, type_comment: string_opt })))
    }
    fn try_statement(&self, node: &Object, c: &'static str) -> PyResult<&'a Try<'a>> {
        Ok(self.arena.alloc(read!(self, node, c, Try { body: stmts, handlers: handlers, orelse: stmts, finalbody: stmts })))
    }
    fn aliases(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Alias<'a>]> {
        self.list(node, class, key, |this, item| {
            let (name, asname) = (this.name(item, "alias", intern!("name"))?, this.name_opt(item, "alias", intern!("asname"))?);
            Ok(Alias { name, asname, location: this.location(item, "alias")? })
        })
    }
    fn with_items(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [WithItem<'a>]> {
        self.list(node, class, key, |this, item| {
            Ok(read!(this, item, "withitem", WithItem { context_expr: expr, optional_vars: expr_opt }))
        })
    }
    fn match_cases(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [MatchCase<'a>]> {
        self.list(node, class, key, |this, item| {
            Ok(read!(this, item, "match_case", MatchCase { pattern: pattern, guard: expr_opt, body: stmts }))
        })
    }
    fn handlers(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [ExceptHandler<'a>]> {
        self.list(node, class, key, |this, item| {
            check_recursion(" while traversing 'excepthandler' node")?;
            if classes::alternative("excepthandler", item)?.is_none() {
                return Err(unexpected("excepthandler", item));
            }
            let c = "ExceptHandler";
            Ok(ExceptHandler {
                type_: this.expr_opt(item, c, intern!("type"))?,
                name: this.name_opt(item, c, intern!("name"))?,
                body: this.stmts(item, c, intern!("body"))?,
                location: this.location(item, "excepthandler")?,
            })
        })
    }
    fn type_params(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [TypeParam<'a>]> {
        self.list(node, class, key, |this, item| {
            use TypeParamKind as K;
            let kind = match classes::alternative("type_param", item)? {
                Some(c @ "TypeVar") => read!(this, item, c, K::TypeVar { name: name, bound: expr_opt, default_value: expr_opt }),
                Some(c @ "ParamSpec") => read!(this, item, c, K::ParamSpec { name: name, default_value: expr_opt }),
                Some(c @ "TypeVarTuple") => read!(this, item, c, K::TypeVarTuple { name: name, default_value: expr_opt }),
                _ => return Err(unexpected("type_param", item)),
            };
            Ok(TypeParam { kind, location: this.location(item, "type_param")? })
        })
    }

    // ---- expressions ------------------------------------------------------------------------------------------------------------------

    fn expr(&self, node: &Object, class: &str, key: Text) -> PyResult<ExprRef<'a>> {
        self.expr_of(&*self.field(node, class, key)?)
    }
    fn expr_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<ExprRef<'a>>> {
        self.field_opt(node, key)?.map(|value| self.expr_of(&value)).transpose()
    }
    fn exprs(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [ExprRef<'a>]> {
        self.list(node, class, key, |this, item| {
            if item.is_none() {
                return Err(err!(ValueError, "None disallowed in expression list"));
            }
            this.expr_of(item)
        })
    }
    fn exprs_opt(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Option<ExprRef<'a>>]> {
        self.list(node, class, key, |this, item| if item.is_none() { Ok(None) } else { this.expr_of(item).map(Some) })
    }
    fn expr_of(&self, node: &Object) -> PyResult<ExprRef<'a>> {
        check_recursion(" while traversing 'expr' node")?;
        let Some(class) = classes::alternative("expr", node)? else { return Err(unexpected("expr", node)) };
        let location = self.location(node, "expr")?;
        let kind = self.expr_kind(node, class)?;
        Ok(self.arena.alloc(Expr { kind, location }))
    }
    fn expr_kind(&self, node: &Object, c: &'static str) -> PyResult<ExprKind<'a>> {
        use ExprKind as K;
        Ok(match c {
            "BoolOp" => read!(self, node, c, K::BoolOp { op: boolop, values: exprs }),
            "NamedExpr" => read!(self, node, c, K::NamedExpr { target: expr, value: expr }),
            "BinOp" => read!(self, node, c, K::BinOp { left: expr, op: operator, right: expr }),
            "UnaryOp" => read!(self, node, c, K::UnaryOp { op: unaryop, operand: expr }),
            "Lambda" => read!(self, node, c, K::Lambda { args: arguments, body: expr }),
            "IfExp" => read!(self, node, c, K::IfExp { test: expr, body: expr, orelse: expr }),
            "Dict" => read!(self, node, c, K::Dict { keys: exprs_opt, values: exprs }),
            "Set" => read!(self, node, c, K::Set { elts: exprs }),
            "ListComp" => read!(self, node, c, K::ListComp { elt: expr, generators: comprehensions }),
            "SetComp" => read!(self, node, c, K::SetComp { elt: expr, generators: comprehensions }),
            "DictComp" => read!(self, node, c, K::DictComp { key: expr, value: expr, generators: comprehensions }),
            "GeneratorExp" => read!(self, node, c, K::GeneratorExp { elt: expr, generators: comprehensions }),
            "Await" => read!(self, node, c, K::Await { value: expr }),
            "Yield" => read!(self, node, c, K::Yield { value: expr_opt }),
            "YieldFrom" => read!(self, node, c, K::YieldFrom { value: expr }),
            "Compare" => read!(self, node, c, K::Compare { left: expr, ops: cmpops, comparators: exprs }),
            "Call" => read!(self, node, c, K::Call { func: expr, args: exprs, keywords: keywords }),
            "FormattedValue" => read!(self, node, c, K::FormattedValue { value: expr, conversion: int, format_spec: expr_opt }),
            "Interpolation" => read!(self, node, c, K::Interpolation { value: expr, str: constant_ref, conversion: int, format_spec: expr_opt }),
            "JoinedStr" => read!(self, node, c, K::JoinedStr { values: exprs }),
            "TemplateStr" => read!(self, node, c, K::TemplateStr { values: exprs }),
            "Constant" => read!(self, node, c, K::Constant { value: constant, kind: string_opt }),
            "Attribute" => read!(self, node, c, K::Attribute { value: expr, attr: name, ctx: context }),
            "Subscript" => read!(self, node, c, K::Subscript { value: expr, slice: expr, ctx: context }),
            "Starred" => read!(self, node, c, K::Starred { value: expr, ctx: context }),
            "Name" => read!(self, node, c, K::Name { id: name, ctx: context }),
            "List" => read!(self, node, c, K::List { elts: exprs, ctx: context }),
            "Tuple" => read!(self, node, c, K::Tuple { elts: exprs, ctx: context }),
            "Slice" => read!(self, node, c, K::Slice { lower: expr_opt, upper: expr_opt, step: expr_opt }),
            _ => return Err(unexpected("expr", node)),
        })
    }
    fn comprehensions(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Comprehension<'a>]> {
        self.list(node, class, key, |this, item| {
            Ok(read!(this, item, "comprehension", Comprehension { target: expr, iter: expr, ifs: exprs, is_async: int }))
        })
    }
    fn keywords(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Keyword<'a>]> {
        self.list(node, class, key, |this, item| {
            let (arg, value) = (this.name_opt(item, "keyword", intern!("arg"))?, this.expr(item, "keyword", intern!("value"))?);
            Ok(Keyword { arg, value, location: this.location(item, "keyword")? })
        })
    }
    fn arguments(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a Arguments<'a>> {
        let node = self.field(node, class, key)?;
        let made = read!(self, &node, "arguments", Arguments {
            posonlyargs: args, args: args, vararg: arg_opt, kwonlyargs: args, kw_defaults: exprs_opt, kwarg: arg_opt, defaults: exprs,
        });
        Ok(self.arena.alloc(made))
    }
    fn args(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [Arg<'a>]> {
        self.list(node, class, key, |this, item| this.arg_of(item))
    }
    fn arg_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<&'a Arg<'a>>> {
        match self.field_opt(node, key)? {
            Some(value) => Ok(Some(self.arena.alloc(self.arg_of(&value)?))),
            None => Ok(None),
        }
    }
    fn arg_of(&self, node: &Object) -> PyResult<Arg<'a>> {
        let c = "arg";
        Ok(Arg {
            arg: self.name(node, c, intern!("arg"))?,
            annotation: self.expr_opt(node, c, intern!("annotation"))?,
            type_comment: self.string_opt(node, c, intern!("type_comment"))?,
            location: self.location(node, c)?,
        })
    }

    // ---- patterns ---------------------------------------------------------------------------------------------------------------------

    fn pattern(&self, node: &Object, class: &str, key: Text) -> PyResult<PatternRef<'a>> {
        self.pattern_of(&*self.field(node, class, key)?)
    }
    fn pattern_opt(&self, node: &Object, _class: &str, key: Text) -> PyResult<Option<PatternRef<'a>>> {
        self.field_opt(node, key)?.map(|value| self.pattern_of(&value)).transpose()
    }
    fn patterns(&self, node: &Object, class: &str, key: Text) -> PyResult<&'a [PatternRef<'a>]> {
        self.list(node, class, key, |this, item| this.pattern_of(item))
    }
    fn pattern_of(&self, node: &Object) -> PyResult<PatternRef<'a>> {
        use PatternKind as K;
        check_recursion(" while traversing 'pattern' node")?;
        let Some(c) = classes::alternative("pattern", node)? else { return Err(unexpected("pattern", node)) };
        let location = self.location(node, "pattern")?;
        let kind = match c {
            "MatchValue" => read!(self, node, c, K::MatchValue { value: expr }),
            "MatchSingleton" => read!(self, node, c, K::MatchSingleton { value: constant }),
            "MatchSequence" => read!(self, node, c, K::MatchSequence { patterns: patterns }),
            "MatchMapping" => read!(self, node, c, K::MatchMapping { keys: exprs, patterns: patterns, rest: name_opt }),
            "MatchClass" => K::MatchClass(self.arena.alloc(
                read!(self, node, c, MatchClass { cls: expr, patterns: patterns, kwd_attrs: names, kwd_patterns: patterns }),
            )),
            "MatchStar" => read!(self, node, c, K::MatchStar { name: name_opt }),
            "MatchAs" => read!(self, node, c, K::MatchAs { pattern: pattern_opt, name: name_opt }),
            "MatchOr" => read!(self, node, c, K::MatchOr { patterns: patterns }),
            _ => return Err(unexpected("pattern", node)),
        };
        Ok(self.arena.alloc(Pattern { kind, location }))
    }
}
