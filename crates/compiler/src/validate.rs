//! Checks trees that programs built: the parser's trees obey the grammar, these may be anything that the types of
//! `syntax::ast` can hold. [`validate`] comes before everything else in `compile()` of a tree.
//!
//! Invariant: what passes here makes neither the symbol table nor the code generator fail with an internal error.
//! Words and order of the checks are CPython's.

use syntax::ast::*;

use crate::host::{CompileError, Host, Result, StackGuard};

pub fn validate(module: &Mod<'_>, host: &dyn Host) -> Result {
    let validator = Validator { guard: StackGuard::new(host) };
    match *module {
        Mod::Module { body, .. } | Mod::Interactive { body } => validator.stmts(body),
        Mod::Expression { body } => validator.load(body),
        Mod::FunctionType { argtypes, returns } => {
            validator.loads(argtypes)?;
            validator.load(returns)
        }
    }
}

#[derive(Clone, Copy)]
struct Validator {
    guard: StackGuard,
}

#[cold]
fn value_error(message: impl Into<String>) -> Result {
    Err(CompileError::Value(message.into()))
}

#[cold]
fn type_error(message: &str) -> Result {
    Err(CompileError::Type(message.to_owned()))
}

fn nonempty<T>(list: &[T], what: &str, owner: &str) -> Result {
    if list.is_empty() { value_error(format!("empty {what} on {owner}")) } else { Ok(()) }
}

/// A name that would be read as a constant.
fn name(id: Identifier<'_>) -> Result {
    match id.as_str() {
        "None" | "True" | "False" => value_error(format!("identifier field can't represent '{id}' constant")),
        _ => Ok(()),
    }
}

fn name_opt(id: Option<Identifier<'_>>) -> Result {
    id.map_or(Ok(()), name)
}

fn context_name(ctx: ExprContext) -> &'static str {
    match ctx {
        ExprContext::Load => "Load",
        ExprContext::Store => "Store",
        ExprContext::Del => "Del",
    }
}

impl Validator {
    fn stmts(self, body: &[StmtRef<'_>]) -> Result {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn body(self, body: &[StmtRef<'_>], owner: &str) -> Result {
        nonempty(body, "body", owner)?;
        self.stmts(body)
    }

    fn stmt(self, stmt: &Stmt<'_>) -> Result {
        self.guard.check()?;
        match stmt.kind {
            StmtKind::FunctionDef(function) => self.function(function, "FunctionDef"),
            StmtKind::AsyncFunctionDef(function) => self.function(function, "AsyncFunctionDef"),
            StmtKind::ClassDef(class) => {
                name(class.name)?;
                self.body(class.body, "ClassDef")?;
                self.type_params(class.type_params)?;
                self.loads(class.bases)?;
                self.keywords(class.keywords)?;
                self.loads(class.decorator_list)
            }
            StmtKind::Return { value } => self.load_opt(value),
            StmtKind::Delete { targets } => {
                nonempty(targets, "targets", "Delete")?;
                self.exprs(targets, ExprContext::Del)
            }
            StmtKind::Assign { targets, value, .. } => {
                nonempty(targets, "targets", "Assign")?;
                self.exprs(targets, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::TypeAlias { name, type_params, value } => {
                if !matches!(name.kind, ExprKind::Name { .. }) {
                    return type_error("TypeAlias with non-Name name");
                }
                self.expr(name, ExprContext::Store)?;
                self.type_params(type_params)?;
                self.load(value)
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target, ExprContext::Store)?;
                self.load(value)
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                if simple != 0 && !matches!(target.kind, ExprKind::Name { .. }) {
                    return type_error("AnnAssign with simple non-Name target");
                }
                self.expr(target, ExprContext::Store)?;
                self.load_opt(value)?;
                self.load(annotation)
            }
            StmtKind::For(each) => self.for_loop(each, "For"),
            StmtKind::AsyncFor(each) => self.for_loop(each, "AsyncFor"),
            StmtKind::While { test, body, orelse } => self.conditional(test, body, orelse, "While"),
            StmtKind::If { test, body, orelse } => self.conditional(test, body, orelse, "If"),
            StmtKind::With(with) => self.with(with, "With"),
            StmtKind::AsyncWith(with) => self.with(with, "AsyncWith"),
            StmtKind::Match { subject, cases } => {
                self.load(subject)?;
                nonempty(cases, "cases", "Match")?;
                cases.iter().try_for_each(|case| {
                    self.pattern(case.pattern, false)?;
                    self.load_opt(case.guard)?;
                    self.body(case.body, "match_case")
                })
            }
            StmtKind::Raise { exc: None, cause: Some(_) } => value_error("Raise with cause but no exception"),
            StmtKind::Raise { exc, cause } => {
                self.load_opt(exc)?;
                self.load_opt(cause)
            }
            StmtKind::Try(statement) => self.try_statement(statement, "Try"),
            StmtKind::TryStar(statement) => self.try_statement(statement, "TryStar"),
            StmtKind::Assert { test, msg } => {
                self.load(test)?;
                self.load_opt(msg)
            }
            StmtKind::Import { names } => self.aliases(names, "Import"),
            StmtKind::ImportFrom { names, level, .. } => {
                if level.is_some_and(|level| level < 0) {
                    return value_error("Negative ImportFrom level");
                }
                self.aliases(names, "ImportFrom")
            }
            StmtKind::Global { names } => nonempty(names, "names", "Global"),
            StmtKind::Nonlocal { names } => nonempty(names, "names", "Nonlocal"),
            StmtKind::Expr { value } => self.load(value),
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => Ok(()),
        }
    }

    fn function(self, function: &FunctionDef<'_>, owner: &str) -> Result {
        name(function.name)?;
        self.body(function.body, owner)?;
        self.type_params(function.type_params)?;
        self.arguments(function.args)?;
        self.loads(function.decorator_list)?;
        self.load_opt(function.returns)
    }

    fn for_loop(self, each: &For<'_>, owner: &str) -> Result {
        self.expr(each.target, ExprContext::Store)?;
        self.load(each.iter)?;
        self.body(each.body, owner)?;
        self.stmts(each.orelse)
    }

    fn conditional(self, test: ExprRef<'_>, body: &[StmtRef<'_>], orelse: &[StmtRef<'_>], owner: &str) -> Result {
        self.load(test)?;
        self.body(body, owner)?;
        self.stmts(orelse)
    }

    fn with(self, with: &With<'_>, owner: &str) -> Result {
        nonempty(with.items, "items", owner)?;
        for item in with.items {
            self.load(item.context_expr)?;
            if let Some(target) = item.optional_vars {
                self.expr(target, ExprContext::Store)?;
            }
        }
        self.body(with.body, owner)
    }

    fn try_statement(self, statement: &Try<'_>, owner: &str) -> Result {
        self.body(statement.body, owner)?;
        if statement.handlers.is_empty() {
            if statement.finalbody.is_empty() {
                return value_error(format!("{owner} has neither except handlers nor finalbody"));
            }
            if !statement.orelse.is_empty() {
                return value_error(format!("{owner} has orelse but no except handlers"));
            }
        }
        for handler in statement.handlers {
            self.load_opt(handler.type_)?;
            name_opt(handler.name)?;
            self.body(handler.body, "ExceptHandler")?;
        }
        self.stmts(statement.finalbody)?;
        self.stmts(statement.orelse)
    }

    fn aliases(self, names: &[Alias<'_>], owner: &str) -> Result {
        nonempty(names, "names", owner)?;
        names.iter().try_for_each(|alias| {
            name(alias.name)?;
            name_opt(alias.asname)
        })
    }

    fn type_params(self, params: &[TypeParam<'_>]) -> Result {
        params.iter().try_for_each(|param| match param.kind {
            TypeParamKind::TypeVar { name: id, bound, default_value } => {
                name(id)?;
                self.load_opt(bound)?;
                self.load_opt(default_value)
            }
            TypeParamKind::ParamSpec { name: id, default_value }
            | TypeParamKind::TypeVarTuple { name: id, default_value } => {
                name(id)?;
                self.load_opt(default_value)
            }
        })
    }

    fn arguments(self, args: &Arguments<'_>) -> Result {
        let annotations = |list: &[Arg<'_>]| list.iter().try_for_each(|arg| self.load_opt(arg.annotation));
        annotations(args.posonlyargs)?;
        annotations(args.args)?;
        self.load_opt(args.vararg.and_then(|arg| arg.annotation))?;
        annotations(args.kwonlyargs)?;
        self.load_opt(args.kwarg.and_then(|arg| arg.annotation))?;
        if args.defaults.len() > args.posonlyargs.len() + args.args.len() {
            return value_error("more positional defaults than args on arguments");
        }
        if args.kw_defaults.len() != args.kwonlyargs.len() {
            return value_error("length of kwonlyargs is not the same as kw_defaults on arguments");
        }
        self.loads(args.defaults)?;
        args.kw_defaults.iter().try_for_each(|&default| self.load_opt(default))
    }

    fn keywords(self, keywords: &[Keyword<'_>]) -> Result {
        keywords.iter().try_for_each(|keyword| self.load(keyword.value))
    }

    fn load(self, expr: ExprRef<'_>) -> Result {
        self.expr(expr, ExprContext::Load)
    }

    fn load_opt(self, expr: Option<ExprRef<'_>>) -> Result {
        expr.map_or(Ok(()), |expr| self.load(expr))
    }

    fn loads(self, exprs: &[ExprRef<'_>]) -> Result {
        self.exprs(exprs, ExprContext::Load)
    }

    fn exprs(self, exprs: &[ExprRef<'_>], ctx: ExprContext) -> Result {
        exprs.iter().try_for_each(|expr| self.expr(expr, ctx))
    }

    fn context(self, expr: &Expr<'_>, wanted: ExprContext) -> Result {
        let has = match expr.kind {
            ExprKind::Name { id, ctx } => {
                name(id)?;
                ctx
            }
            ExprKind::Attribute { ctx, .. }
            | ExprKind::Subscript { ctx, .. }
            | ExprKind::Starred { ctx, .. }
            | ExprKind::List { ctx, .. }
            | ExprKind::Tuple { ctx, .. } => ctx,
            _ if wanted == ExprContext::Load => return Ok(()),
            _ => {
                let wanted = context_name(wanted);
                return value_error(format!("expression which can't be assigned to in {wanted} context"));
            }
        };
        if has == wanted {
            return Ok(());
        }
        let (wanted, has) = (context_name(wanted), context_name(has));
        value_error(format!("expression must have {wanted} context but has {has} instead"))
    }

    fn expr(self, expr: &Expr<'_>, ctx: ExprContext) -> Result {
        self.guard.check()?;
        self.context(expr, ctx)?;
        match expr.kind {
            ExprKind::BoolOp { values, .. } => {
                if values.len() < 2 {
                    return value_error("BoolOp with less than 2 values");
                }
                self.loads(values)
            }
            ExprKind::NamedExpr { target, value } => {
                if !matches!(target.kind, ExprKind::Name { .. }) {
                    return type_error("NamedExpr target must be a Name");
                }
                self.load(value)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.load(left)?;
                self.load(right)
            }
            ExprKind::UnaryOp { operand: value, .. } | ExprKind::Await { value } | ExprKind::YieldFrom { value } => {
                self.load(value)
            }
            ExprKind::Lambda { args, body } => {
                self.arguments(args)?;
                self.load(body)
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.load(test)?;
                self.load(body)?;
                self.load(orelse)
            }
            ExprKind::Dict { keys, values } => {
                if keys.len() != values.len() {
                    return value_error("Dict doesn't have the same number of keys as values");
                }
                keys.iter().try_for_each(|&key| self.load_opt(key))?;
                self.loads(values)
            }
            ExprKind::Set { elts } => self.loads(elts),
            ExprKind::ListComp { elt, generators }
            | ExprKind::SetComp { elt, generators }
            | ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(generators)?;
                self.load(elt)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(generators)?;
                self.load(key)?;
                self.load(value)
            }
            ExprKind::Yield { value } => self.load_opt(value),
            ExprKind::Compare { left, ops, comparators } => {
                if comparators.is_empty() {
                    return value_error("Compare with no comparators");
                }
                if comparators.len() != ops.len() {
                    return value_error("Compare has a different number of comparators and operands");
                }
                self.loads(comparators)?;
                self.load(left)
            }
            ExprKind::Call { func, args, keywords } => {
                self.load(func)?;
                self.loads(args)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue { value, format_spec, .. } | ExprKind::Interpolation { value, format_spec, .. } => {
                self.load(value)?;
                self.load_opt(format_spec)
            }
            ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => self.loads(values),
            ExprKind::Attribute { value, .. } => self.load(value),
            ExprKind::Subscript { value, slice, .. } => {
                self.load(slice)?;
                self.load(value)
            }
            ExprKind::Starred { value, .. } => self.expr(value, ctx),
            ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts, ctx),
            ExprKind::Slice { lower, upper, step } => {
                self.load_opt(lower)?;
                self.load_opt(upper)?;
                self.load_opt(step)
            }
            ExprKind::Constant { .. } | ExprKind::Name { .. } => Ok(()),
        }
    }

    fn comprehension(self, generators: &[Comprehension<'_>]) -> Result {
        if generators.is_empty() {
            return value_error("comprehension with no generators");
        }
        generators.iter().try_for_each(|generator| {
            self.expr(generator.target, ExprContext::Store)?;
            self.load(generator.iter)?;
            self.loads(generator.ifs)
        })
    }

    fn patterns(self, patterns: &[PatternRef<'_>], star_ok: bool) -> Result {
        patterns.iter().try_for_each(|pattern| self.pattern(pattern, star_ok))
    }

    fn pattern(self, pattern: &Pattern<'_>, star_ok: bool) -> Result {
        self.guard.check()?;
        match pattern.kind {
            PatternKind::MatchValue { value } => self.pattern_value(value),
            PatternKind::MatchSingleton { value: Constant::None | Constant::True | Constant::False } => Ok(()),
            PatternKind::MatchSingleton { .. } => {
                value_error("MatchSingleton can only contain True, False and None")
            }
            PatternKind::MatchSequence { patterns } => self.patterns(patterns, true),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                if keys.len() != patterns.len() {
                    return value_error("MatchMapping doesn't have the same number of keys as patterns");
                }
                capture(rest)?;
                for key in keys {
                    // Singletons are good keys, although no good values of patterns.
                    if !is_singleton(key) {
                        self.pattern_value(key)?;
                    }
                }
                self.patterns(patterns, false)
            }
            PatternKind::MatchClass(class) => self.class_pattern(class),
            PatternKind::MatchStar { .. } if !star_ok => value_error("can't use MatchStar here"),
            PatternKind::MatchStar { name } => capture(name),
            PatternKind::MatchAs { pattern, name } => {
                capture(name)?;
                match pattern {
                    None => Ok(()),
                    Some(_) if name.is_none() => {
                        value_error("MatchAs must specify a target name if a pattern is given")
                    }
                    Some(pattern) => self.pattern(pattern, false),
                }
            }
            PatternKind::MatchOr { patterns } => {
                if patterns.len() < 2 {
                    return value_error("MatchOr requires at least 2 patterns");
                }
                self.patterns(patterns, false)
            }
        }
    }

    fn class_pattern(self, class: &MatchClass<'_>) -> Result {
        if class.kwd_attrs.len() != class.kwd_patterns.len() {
            return value_error("MatchClass doesn't have the same number of keyword attributes as patterns");
        }
        self.load(class.cls)?;
        let mut cls = class.cls;
        while let ExprKind::Attribute { value, .. } = cls.kind {
            cls = value;
        }
        if !matches!(cls.kind, ExprKind::Name { .. }) {
            return value_error("MatchClass cls field can only contain Name or Attribute nodes.");
        }
        class.kwd_attrs.iter().try_for_each(|&attr| name(attr))?;
        self.patterns(class.patterns, false)?;
        self.patterns(class.kwd_patterns, false)
    }

    /// A value that a subject is compared with: a literal, a negative or complex number, or a dotted name.
    fn pattern_value(self, value: &Expr<'_>) -> Result {
        self.load(value)?;
        let permitted = match value.kind {
            ExprKind::Constant { value, .. } => match value {
                Constant::Str(_) | Constant::Bytes(_) => true,
                _ if is_real(&value) || matches!(value, Constant::Complex(_)) => true,
                _ => return value_error("unexpected constant inside of a literal pattern"),
            },
            // Strings with replacement fields are refused later, by the code generator.
            ExprKind::Attribute { .. } | ExprKind::JoinedStr { .. } | ExprKind::TemplateStr { .. } => true,
            ExprKind::UnaryOp { .. } => is_negative(value, true),
            ExprKind::BinOp { left, op: Operator::Add | Operator::Sub, right } => {
                (is_number(left, false) || is_negative(left, false))
                    && matches!(right.kind, ExprKind::Constant { value: Constant::Complex(_), .. })
            }
            _ => false,
        };
        if permitted { Ok(()) } else { value_error("patterns may only match literals and attribute lookups") }
    }
}

/// The name that a pattern binds.
fn capture(id: Option<Identifier<'_>>) -> Result {
    match id {
        Some(id) if id == "_" => value_error("can't capture name '_' in patterns"),
        _ => name_opt(id),
    }
}

fn is_singleton(expr: &Expr<'_>) -> bool {
    matches!(expr.kind, ExprKind::Constant { value: Constant::None | Constant::True | Constant::False, .. })
}

fn is_real(value: &Constant<'_>) -> bool {
    matches!(value, Constant::Int(_) | Constant::BigInt(_) | Constant::Float(_))
}

fn is_number(expr: &Expr<'_>, complex_too: bool) -> bool {
    match expr.kind {
        ExprKind::Constant { value, .. } => is_real(&value) || complex_too && matches!(value, Constant::Complex(_)),
        _ => false,
    }
}

fn is_negative(expr: &Expr<'_>, complex_too: bool) -> bool {
    match expr.kind {
        ExprKind::UnaryOp { op: UnaryOp::USub, operand } => is_number(operand, complex_too),
        _ => false,
    }
}
