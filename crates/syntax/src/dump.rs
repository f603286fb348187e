//! Trees and tokens as text: the format of `ast.dump` and of `python -m tokenize -e`.
//!
//! A tree is first read into [`Value`]s, each a node with named fields, and those are printed.

mod repr;

use crate::ast::*;
use crate::error::SyntaxError;
use crate::location::Location;
use crate::tokenizer::stream::{Next, TokenStream};
use repr::repr_constant;
pub use repr::repr_str;

/// A tree of more levels than this is cut off.
const MAX_DEPTH: usize = 2000;

/// As `ast.dump(tree, include_attributes=attributes, indent=indent)`; `None` for a tree too deep to print.
pub fn dump(tree: &Mod, attributes: bool, indent: Option<usize>) -> Option<String> {
    let value = Reader { depth: std::cell::Cell::new(0) }.module(tree)?;
    let mut printer = Printer { attributes, indent, out: String::new() };
    printer.value(&value, 0);
    Some(printer.out)
}

/// The tokens of a decoded source, a line each, as `python -m tokenize -e` prints them.
pub fn dump_tokens(source: &[u8]) -> Result<String, Box<SyntaxError>> {
    let mut out = token_line((0, 0), (0, 0), "ENCODING", "utf-8");
    let mut stream = TokenStream::new(true);
    let mut lines = source.split_inclusive(|&c| c == b'\n');
    loop {
        match stream.next()? {
            Next::Token(token) => {
                out += &token_line(token.start, token.end, token.exact_kind.name(), &token.string);
            }
            Next::NeedLine => match lines.next() {
                Some(line) => stream.push_line(line),
                None => stream.finish(),
            },
            Next::End => return Ok(out),
        }
    }
}

fn token_line(start: (i32, i32), end: (i32, i32), kind: &str, string: &str) -> String {
    let place = format!("{},{}-{},{}:", start.0, start.1, end.0, end.1);
    format!("{place:<20}{kind:<15}{:<15}\n", repr_str(string.as_bytes()))
}

enum Value {
    Node { name: &'static str, fields: Vec<(&'static str, Value)>, location: Option<Location> },
    List(Vec<Value>),
    Repr(String),
}

struct Printer {
    attributes: bool,
    indent: Option<usize>,
    out: String,
}

impl Printer {
    /// Prints a value; says whether it is simple enough to stand on one line with others.
    fn value(&mut self, value: &Value, level: usize) -> bool {
        match value {
            Value::Repr(text) => {
                self.out.push_str(text);
                true
            }
            Value::List(items) if items.is_empty() => {
                self.out.push_str("[]");
                true
            }
            Value::List(items) => {
                self.out.push('[');
                for (i, item) in items.iter().enumerate() {
                    self.separate(i > 0, level + 1);
                    self.value(item, level + 1);
                }
                self.out.push(']');
                false
            }
            Value::Node { name, fields, location } => self.node(name, fields, *location, level),
        }
    }

    fn node(&mut self, name: &str, fields: &[(&str, Value)], location: Option<Location>, level: usize) -> bool {
        let mut args: Vec<String> = Vec::new();
        let mut all_simple = true;
        for (field, value) in fields {
            if matches!(value, Value::List(items) if items.is_empty()) {
                continue;
            }
            let mut inner = Printer { attributes: self.attributes, indent: self.indent, out: format!("{field}=") };
            all_simple &= inner.value(value, level + 1);
            args.push(inner.out);
        }
        if let Some(location) = location
            && self.attributes
        {
            args.push(format!("lineno={}", location.lineno));
            args.push(format!("col_offset={}", location.col_offset));
            args.push(format!("end_lineno={}", location.end_lineno));
            args.push(format!("end_col_offset={}", location.end_col_offset));
        }
        self.out.push_str(name);
        self.out.push('(');
        if all_simple && args.len() <= 3 {
            self.out.push_str(&args.join(", "));
            self.out.push(')');
            return args.is_empty();
        }
        for (i, arg) in args.iter().enumerate() {
            self.separate(i > 0, level + 1);
            self.out.push_str(arg);
        }
        self.out.push(')');
        false
    }

    fn separate(&mut self, comma: bool, level: usize) {
        match self.indent {
            Some(indent) => {
                self.out.push_str(if comma { ",\n" } else { "\n" });
                self.out.extend(std::iter::repeat_n(' ', indent * level));
            }
            None if comma => self.out.push_str(", "),
            None => {}
        }
    }
}

/// Nodes to values. A field that is `None` by default is left out when it is; empty lists are left to the printer.
struct Reader {
    depth: std::cell::Cell<usize>,
}

type Read = Option<Value>;

macro_rules! node {
    ($name:expr, $location:expr, { $($field:ident : $value:expr),* $(,)? }) => {{
        #[allow(unused_mut)]
        let mut fields: Vec<(&'static str, Value)> = Vec::new();
        $(if let Some(value) = $value.into_field() { fields.push((field_name(stringify!($field)), value)); })*
        Some(Value::Node { name: $name, fields, location: $location })
    }};
}

fn field_name(name: &'static str) -> &'static str {
    if name == "type_" { "type" } else { name }
}

/// A value, or an optional one, as a field.
trait IntoField {
    fn into_field(self) -> Option<Value>;
}

impl IntoField for Value {
    fn into_field(self) -> Option<Value> {
        Some(self)
    }
}

impl IntoField for Option<Value> {
    fn into_field(self) -> Option<Value> {
        self
    }
}

impl IntoField for Identifier<'_> {
    fn into_field(self) -> Option<Value> {
        Some(Value::Repr(repr_str(self.as_bytes())))
    }
}

impl IntoField for Option<Identifier<'_>> {
    fn into_field(self) -> Option<Value> {
        self.and_then(IntoField::into_field)
    }
}

impl IntoField for Str<'_> {
    fn into_field(self) -> Option<Value> {
        Some(Value::Repr(repr_str(self.as_bytes())))
    }
}

impl IntoField for Option<&Str<'_>> {
    fn into_field(self) -> Option<Value> {
        self.and_then(|text| text.into_field())
    }
}

impl IntoField for i32 {
    fn into_field(self) -> Option<Value> {
        Some(Value::Repr(self.to_string()))
    }
}

impl IntoField for Option<i32> {
    fn into_field(self) -> Option<Value> {
        self.and_then(IntoField::into_field)
    }
}

impl IntoField for &Constant<'_> {
    fn into_field(self) -> Option<Value> {
        Some(Value::Repr(repr_constant(self)))
    }
}

/// An operator or context: a node without fields.
fn word(word: impl std::fmt::Debug) -> Value {
    Value::Repr(format!("{word:?}()"))
}

impl IntoField for ExprContext {
    fn into_field(self) -> Option<Value> {
        Some(word(self))
    }
}

impl IntoField for BoolOp {
    fn into_field(self) -> Option<Value> {
        Some(word(self))
    }
}

impl IntoField for Operator {
    fn into_field(self) -> Option<Value> {
        Some(word(self))
    }
}

impl IntoField for UnaryOp {
    fn into_field(self) -> Option<Value> {
        Some(word(self))
    }
}

fn names(names: &[Identifier]) -> Value {
    Value::List(names.iter().map(|name| Value::Repr(repr_str(name.as_bytes()))).collect())
}

impl Reader {
    fn list<T>(&self, items: &[T], read: impl Fn(&Self, &T) -> Read) -> Read {
        items.iter().map(|item| read(self, item)).collect::<Option<_>>().map(Value::List)
    }

    /// Runs `read` one level down.
    fn nested(&self, read: impl FnOnce(&Self) -> Read) -> Read {
        if self.depth.get() >= MAX_DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let value = read(self);
        self.depth.set(self.depth.get() - 1);
        value
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
            None => Some(Value::Repr("None".into())),
        })
    }

    /// The outer option is failure, the inner one a missing field.
    fn optional(&self, expr: Option<ExprRef>) -> Option<Option<Value>> {
        match expr {
            Some(expr) => self.expr(expr).map(Some),
            None => Some(None),
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
            Global { names: list } => node!("Global", at, { names: names(list) }),
            Nonlocal { names: list } => node!("Nonlocal", at, { names: names(list) }),
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
                ops: Value::List(ops.iter().map(word).collect()),
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
                kwd_attrs: names(class.kwd_attrs),
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
