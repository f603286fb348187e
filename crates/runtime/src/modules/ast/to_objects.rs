//! The front end's tree as objects.

use super::{Ast, classes};
use crate::errors::PyResult;
use crate::intern;
use crate::object::Owned;
use crate::tstate::check_recursion;
use crate::types::{self, Bytes, Complex as PyComplex, Dict as PyDict, Float, FrozenSet, Int, List as PyList, Str as PyStr, Tuple as PyTuple};
use syntax::Location;
use syntax::ast::*;

type Read = PyResult<Owned>;

/// The tree of a program.
pub fn module(module: &Mod<'_>) -> Read {
    Reader.module(module)
}

struct Reader;

/// The key of a field in its node's dict.
macro_rules! key {
    (type_) => {
        intern!("type")
    };
    ($field:ident) => {
        intern!(stringify!($field))
    };
}

macro_rules! node {
    ($name:expr, $location:expr, { $($field:ident : $value:expr),* $(,)? }) => {{
        let dict = PyDict::new();
        $(dict.set_str(key!($field), &*($value).into_field()?)?;)*
        finish($name, dict, $location)
    }};
}

fn finish(name: &str, dict: Owned<PyDict>, location: Option<Location>) -> Read {
    if let Some(location) = location {
        dict.set_str(intern!("lineno"), &*Int::from_i64(location.lineno as i64))?;
        dict.set_str(intern!("col_offset"), &*Int::from_i64(location.col_offset as i64))?;
        dict.set_str(intern!("end_lineno"), &*Int::from_i64(location.end_lineno as i64))?;
        dict.set_str(intern!("end_col_offset"), &*Int::from_i64(location.end_col_offset as i64))?;
    }
    Ast::with(classes::class(name)?, dict)
}

fn none() -> Owned {
    types::none().to_owned()
}

/// A value as a field; what is missing is None.
trait IntoField {
    fn into_field(self) -> Read;
}

impl IntoField for Owned {
    fn into_field(self) -> Read {
        Ok(self)
    }
}

impl<T: IntoField> IntoField for Option<T> {
    fn into_field(self) -> Read {
        match self {
            Some(value) => value.into_field(),
            None => Ok(none()),
        }
    }
}

impl IntoField for Identifier<'_> {
    fn into_field(self) -> Read {
        Ok(PyStr::intern(PyStr::new(self.as_str())).into_object())
    }
}

impl IntoField for Str<'_> {
    fn into_field(self) -> Read {
        Ok(PyStr::from_wtf8(self.as_bytes()).into_object())
    }
}

impl IntoField for &Str<'_> {
    fn into_field(self) -> Read {
        (*self).into_field()
    }
}

impl IntoField for i32 {
    fn into_field(self) -> Read {
        Ok(Int::from_i64(self as i64).into_object())
    }
}

impl IntoField for &Constant<'_> {
    fn into_field(self) -> Read {
        constant(self)
    }
}

/// The object that a constant is.
fn constant(value: &Constant<'_>) -> Read {
    let all = |items: &[Constant<'_>]| items.iter().map(constant).collect::<PyResult<Vec<Owned>>>();
    Ok(match value {
        Constant::None => none(),
        Constant::True => types::true_().to_owned(),
        Constant::False => types::false_().to_owned(),
        Constant::Ellipsis => types::ellipsis().to_owned(),
        Constant::Int(value) => Int::from_i64(*value).into_object(),
        Constant::BigInt(value) => Int::try_from_bigint(&value.to_bigint())?.into_object(),
        Constant::Float(value) => Float::new(*value).into_object(),
        Constant::Complex(value) => PyComplex::new(value.real, value.imag).into_object(),
        Constant::Str(text) => {
            let text = PyStr::from_wtf8(text.as_bytes());
            // As the parser does: what could be a name is shared.
            if text.is_all_name_chars() { PyStr::intern(text).into_object() } else { text.into_object() }
        }
        Constant::Bytes(bytes) => Bytes::new(bytes).into_object(),
        Constant::Tuple(items) => PyTuple::from_owned(all(items)?).into_object(),
        Constant::FrozenSet(items) => FrozenSet::from_items(&all(items)?)?.into_object(),
    })
}

/// An operator or context.
fn word(word: impl std::fmt::Debug) -> Read {
    classes::singleton(&format!("{word:?}"))
}

impl IntoField for ExprContext {
    fn into_field(self) -> Read {
        word(self)
    }
}

impl IntoField for BoolOp {
    fn into_field(self) -> Read {
        word(self)
    }
}

impl IntoField for Operator {
    fn into_field(self) -> Read {
        word(self)
    }
}

impl IntoField for UnaryOp {
    fn into_field(self) -> Read {
        word(self)
    }
}

fn list_of(items: PyResult<Vec<Owned>>) -> Read {
    Ok(PyList::from_owned(items?).into_object())
}

fn names(names: &[Identifier]) -> Read {
    list_of(names.iter().map(|name| name.into_field()).collect())
}

impl Reader {
    fn list<T>(&self, items: &[T], read: impl Fn(&Self, &T) -> Read) -> Read {
        list_of(items.iter().map(|item| read(self, item)).collect())
    }

    /// Runs `read` one level down.
    fn nested(&self, read: impl FnOnce(&Self) -> Read) -> Read {
        check_recursion(" during  ast construction")?;
        read(self)
    }

    fn module(&self, module: &Mod) -> Read {
        match *module {
            Mod::Module { body, type_ignores } => node!("Module", None, {
                body: self.stmts(body)?,
                type_ignores: self.list(type_ignores, |_, ignore| node!("TypeIgnore", None, {
                    lineno: ignore.lineno, tag: ignore.tag,
                }))?,
            }),
            Mod::Interactive { body } => node!("Interactive", None, { body: self.stmts(body)? }),
            Mod::Expression { body } => node!("Expression", None, { body: self.expr(body)? }),
            Mod::FunctionType { argtypes, returns } => node!("FunctionType", None, {
                argtypes: self.exprs(argtypes)?, returns: self.expr(returns)?,
            }),
        }
    }

    fn stmts(&self, stmts: &[StmtRef]) -> Read {
        self.list(stmts, |reader, stmt| reader.stmt(stmt))
    }

    fn exprs(&self, exprs: &[ExprRef]) -> Read {
        self.list(exprs, |reader, expr| reader.expr(expr))
    }

    /// Expressions some of which may be missing.
    fn optional_exprs(&self, exprs: &[Option<ExprRef>]) -> Read {
        self.list(exprs, |reader, expr| match expr {
            Some(expr) => reader.expr(expr),
            None => Ok(none()),
        })
    }

    /// None for a missing one.
    fn optional(&self, expr: Option<ExprRef>) -> Read {
        match expr {
            Some(expr) => self.expr(expr),
            None => Ok(none()),
        }
    }

    fn stmt(&self, stmt: &Stmt) -> Read {
        self.nested(|reader| reader.stmt_kind(stmt))
    }

    fn stmt_kind(&self, stmt: &Stmt) -> Read {
        use StmtKind::*;
        let at = Some(stmt.location);
        match stmt.kind {
            FunctionDef(def) => self.function("FunctionDef", def, at),
            AsyncFunctionDef(def) => self.function("AsyncFunctionDef", def, at),
            ClassDef(def) => node!("ClassDef", at, {
                name: def.name,
                bases: self.exprs(def.bases)?,
                keywords: self.keywords(def.keywords)?,
                body: self.stmts(def.body)?,
                decorator_list: self.exprs(def.decorator_list)?,
                type_params: self.type_params(def.type_params)?,
            }),
            Return { value } => node!("Return", at, { value: self.optional(value)? }),
            Delete { targets } => node!("Delete", at, { targets: self.exprs(targets)? }),
            Assign { targets, value, type_comment } => node!("Assign", at, {
                targets: self.exprs(targets)?, value: self.expr(value)?, type_comment: type_comment,
            }),
            TypeAlias { name, type_params, value } => node!("TypeAlias", at, {
                name: self.expr(name)?, type_params: self.type_params(type_params)?, value: self.expr(value)?,
            }),
            AugAssign { target, op, value } => node!("AugAssign", at, {
                target: self.expr(target)?, op: op, value: self.expr(value)?,
            }),
            AnnAssign { target, annotation, value, simple } => node!("AnnAssign", at, {
                target: self.expr(target)?,
                annotation: self.expr(annotation)?,
                value: self.optional(value)?,
                simple: simple,
            }),
            For(node) => self.for_loop("For", node, at),
            AsyncFor(node) => self.for_loop("AsyncFor", node, at),
            While { test, body, orelse } => node!("While", at, {
                test: self.expr(test)?, body: self.stmts(body)?, orelse: self.stmts(orelse)?,
            }),
            If { test, body, orelse } => node!("If", at, {
                test: self.expr(test)?, body: self.stmts(body)?, orelse: self.stmts(orelse)?,
            }),
            With(node) => self.with("With", node, at),
            AsyncWith(node) => self.with("AsyncWith", node, at),
            Match { subject, cases } => node!("Match", at, {
                subject: self.expr(subject)?,
                cases: self.list(cases, |reader, case| node!("match_case", None, {
                    pattern: reader.pattern(case.pattern)?,
                    guard: reader.optional(case.guard)?,
                    body: reader.stmts(case.body)?,
                }))?,
            }),
            Raise { exc, cause } => node!("Raise", at, { exc: self.optional(exc)?, cause: self.optional(cause)? }),
            Try(node) => self.try_statement("Try", node, at),
            TryStar(node) => self.try_statement("TryStar", node, at),
            Assert { test, msg } => node!("Assert", at, { test: self.expr(test)?, msg: self.optional(msg)? }),
            Import { names } => node!("Import", at, { names: self.aliases(names)? }),
            ImportFrom { module, names, level } => node!("ImportFrom", at, {
                module: module, names: self.aliases(names)?, level: level,
            }),
            Global { names: list } => node!("Global", at, { names: names(list)? }),
            Nonlocal { names: list } => node!("Nonlocal", at, { names: names(list)? }),
            Expr { value } => node!("Expr", at, { value: self.expr(value)? }),
            Pass => node!("Pass", at, {}),
            Break => node!("Break", at, {}),
            Continue => node!("Continue", at, {}),
        }
    }

    fn function(&self, name: &'static str, def: &FunctionDef, at: Option<Location>) -> Read {
        node!(name, at, {
            name: def.name,
            args: self.arguments(def.args)?,
            body: self.stmts(def.body)?,
            decorator_list: self.exprs(def.decorator_list)?,
            returns: self.optional(def.returns)?,
            type_comment: def.type_comment,
            type_params: self.type_params(def.type_params)?,
        })
    }

    fn for_loop(&self, name: &'static str, node: &For, at: Option<Location>) -> Read {
        node!(name, at, {
            target: self.expr(node.target)?,
            iter: self.expr(node.iter)?,
            body: self.stmts(node.body)?,
            orelse: self.stmts(node.orelse)?,
            type_comment: node.type_comment,
        })
    }

    fn with(&self, name: &'static str, node: &With, at: Option<Location>) -> Read {
        node!(name, at, {
            items: self.list(node.items, |reader, item| node!("withitem", None, {
                context_expr: reader.expr(item.context_expr)?,
                optional_vars: reader.optional(item.optional_vars)?,
            }))?,
            body: self.stmts(node.body)?,
            type_comment: node.type_comment,
        })
    }

    fn try_statement(&self, name: &'static str, node: &Try, at: Option<Location>) -> Read {
        node!(name, at, {
            body: self.stmts(node.body)?,
            handlers: self.list(node.handlers, |reader, handler| node!("ExceptHandler", Some(handler.location), {
                type_: reader.optional(handler.type_)?,
                name: handler.name,
                body: reader.stmts(handler.body)?,
            }))?,
            orelse: self.stmts(node.orelse)?,
            finalbody: self.stmts(node.finalbody)?,
        })
    }

    fn aliases(&self, aliases: &[Alias]) -> Read {
        self.list(aliases, |_, alias| node!("alias", Some(alias.location), { name: alias.name, asname: alias.asname }))
    }

    fn keywords(&self, keywords: &[Keyword]) -> Read {
        self.list(keywords, |reader, keyword| node!("keyword", Some(keyword.location), {
            arg: keyword.arg, value: reader.expr(keyword.value)?,
        }))
    }

    fn type_params(&self, params: &[TypeParam]) -> Read {
        self.list(params, |reader, param| {
            let at = Some(param.location);
            match param.kind {
                TypeParamKind::TypeVar { name, bound, default_value } => node!("TypeVar", at, {
                    name: name, bound: reader.optional(bound)?, default_value: reader.optional(default_value)?,
                }),
                TypeParamKind::ParamSpec { name, default_value } => node!("ParamSpec", at, {
                    name: name, default_value: reader.optional(default_value)?,
                }),
                TypeParamKind::TypeVarTuple { name, default_value } => node!("TypeVarTuple", at, {
                    name: name, default_value: reader.optional(default_value)?,
                }),
            }
        })
    }

    fn arguments(&self, args: &Arguments) -> Read {
        let vararg = match args.vararg {
            Some(arg) => Some(self.arg(arg)?),
            None => None,
        };
        let kwarg = match args.kwarg {
            Some(arg) => Some(self.arg(arg)?),
            None => None,
        };
        node!("arguments", None, {
            posonlyargs: self.list(args.posonlyargs, Self::arg)?,
            args: self.list(args.args, Self::arg)?,
            vararg: vararg,
            kwonlyargs: self.list(args.kwonlyargs, Self::arg)?,
            kw_defaults: self.optional_exprs(args.kw_defaults)?,
            kwarg: kwarg,
            defaults: self.exprs(args.defaults)?,
        })
    }

    fn arg(&self, arg: &Arg) -> Read {
        node!("arg", Some(arg.location), {
            arg: arg.arg, annotation: self.optional(arg.annotation)?, type_comment: arg.type_comment,
        })
    }

    fn expr(&self, expr: &Expr) -> Read {
        self.nested(|reader| reader.expr_kind(expr))
    }

    fn expr_kind(&self, expr: &Expr) -> Read {
        use ExprKind::*;
        let at = Some(expr.location);
        match expr.kind {
            BoolOp { op, values } => node!("BoolOp", at, { op: op, values: self.exprs(values)? }),
            NamedExpr { target, value } => node!("NamedExpr", at, {
                target: self.expr(target)?, value: self.expr(value)?,
            }),
            BinOp { left, op, right } => node!("BinOp", at, {
                left: self.expr(left)?, op: op, right: self.expr(right)?,
            }),
            UnaryOp { op, operand } => node!("UnaryOp", at, { op: op, operand: self.expr(operand)? }),
            Lambda { args, body } => node!("Lambda", at, { args: self.arguments(args)?, body: self.expr(body)? }),
            IfExp { test, body, orelse } => node!("IfExp", at, {
                test: self.expr(test)?, body: self.expr(body)?, orelse: self.expr(orelse)?,
            }),
            Dict { keys, values } => node!("Dict", at, {
                keys: self.optional_exprs(keys)?, values: self.exprs(values)?,
            }),
            Set { elts } => node!("Set", at, { elts: self.exprs(elts)? }),
            ListComp { elt, generators } => self.comprehension("ListComp", elt, generators, at),
            SetComp { elt, generators } => self.comprehension("SetComp", elt, generators, at),
            GeneratorExp { elt, generators } => self.comprehension("GeneratorExp", elt, generators, at),
            DictComp { key, value, generators } => node!("DictComp", at, {
                key: self.expr(key)?, value: self.expr(value)?, generators: self.generators(generators)?,
            }),
            Await { value } => node!("Await", at, { value: self.expr(value)? }),
            Yield { value } => node!("Yield", at, { value: self.optional(value)? }),
            YieldFrom { value } => node!("YieldFrom", at, { value: self.expr(value)? }),
            Compare { left, ops, comparators } => node!("Compare", at, {
                left: self.expr(left)?,
                ops: list_of(ops.iter().map(word).collect())?,
                comparators: self.exprs(comparators)?,
            }),
            Call { func, args, keywords } => node!("Call", at, {
                func: self.expr(func)?, args: self.exprs(args)?, keywords: self.keywords(keywords)?,
            }),
            FormattedValue { value, conversion, format_spec } => node!("FormattedValue", at, {
                value: self.expr(value)?, conversion: conversion, format_spec: self.optional(format_spec)?,
            }),
            Interpolation { value, str, conversion, format_spec } => node!("Interpolation", at, {
                value: self.expr(value)?,
                str: str,
                conversion: conversion,
                format_spec: self.optional(format_spec)?,
            }),
            JoinedStr { values } => node!("JoinedStr", at, { values: self.exprs(values)? }),
            TemplateStr { values } => node!("TemplateStr", at, { values: self.exprs(values)? }),
            Constant { value, kind } => node!("Constant", at, { value: (&value), kind: kind }),
            Attribute { value, attr, ctx } => node!("Attribute", at, {
                value: self.expr(value)?, attr: attr, ctx: ctx,
            }),
            Subscript { value, slice, ctx } => node!("Subscript", at, {
                value: self.expr(value)?, slice: self.expr(slice)?, ctx: ctx,
            }),
            Starred { value, ctx } => node!("Starred", at, { value: self.expr(value)?, ctx: ctx }),
            Name { id, ctx } => node!("Name", at, { id: id, ctx: ctx }),
            List { elts, ctx } => node!("List", at, { elts: self.exprs(elts)?, ctx: ctx }),
            Tuple { elts, ctx } => node!("Tuple", at, { elts: self.exprs(elts)?, ctx: ctx }),
            Slice { lower, upper, step } => node!("Slice", at, {
                lower: self.optional(lower)?, upper: self.optional(upper)?, step: self.optional(step)?,
            }),
        }
    }

    fn comprehension(&self, name: &'static str, elt: &Expr, generators: &[Comprehension], at: Option<Location>) -> Read {
        node!(name, at, { elt: self.expr(elt)?, generators: self.generators(generators)? })
    }

    fn generators(&self, generators: &[Comprehension]) -> Read {
        self.list(generators, |reader, generator| node!("comprehension", None, {
            target: reader.expr(generator.target)?,
            iter: reader.expr(generator.iter)?,
            ifs: reader.exprs(generator.ifs)?,
            is_async: generator.is_async,
        }))
    }

    fn patterns(&self, patterns: &[PatternRef]) -> Read {
        self.list(patterns, |reader, pattern| reader.pattern(pattern))
    }

    fn pattern(&self, pattern: &Pattern) -> Read {
        self.nested(|reader| reader.pattern_kind(pattern))
    }

    fn pattern_kind(&self, pattern: &Pattern) -> Read {
        use PatternKind::*;
        let at = Some(pattern.location);
        match pattern.kind {
            MatchValue { value } => node!("MatchValue", at, { value: self.expr(value)? }),
            MatchSingleton { value } => node!("MatchSingleton", at, { value: (&value) }),
            MatchSequence { patterns } => node!("MatchSequence", at, { patterns: self.patterns(patterns)? }),
            MatchMapping { keys, patterns, rest } => node!("MatchMapping", at, {
                keys: self.exprs(keys)?, patterns: self.patterns(patterns)?, rest: rest,
            }),
            MatchClass(class) => node!("MatchClass", at, {
                cls: self.expr(class.cls)?,
                patterns: self.patterns(class.patterns)?,
                kwd_attrs: names(class.kwd_attrs)?,
                kwd_patterns: self.patterns(class.kwd_patterns)?,
            }),
            MatchStar { name } => node!("MatchStar", at, { name: name }),
            MatchAs { pattern, name } => {
                let pattern = match pattern {
                    Some(pattern) => Some(self.pattern(pattern)?),
                    None => None,
                };
                node!("MatchAs", at, { pattern: pattern, name: name })
            }
            MatchOr { patterns } => node!("MatchOr", at, { patterns: self.patterns(patterns)? }),
        }
    }
}
