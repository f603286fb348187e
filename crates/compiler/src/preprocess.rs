//! What is done to the tree before its symbols are collected: docstrings go at level 2, `__debug__` becomes a
//! constant, `'...' % (a, b)` a formatted string, numbers in patterns are put together; and jumps out of a `finally`
//! block are warned of (PEP 765).
//!
//! Trees are never changed: where something differs the nodes above it are made anew, all else is shared. A fold
//! gives `None` for "as it was".

mod format;
mod pattern;

use syntax::Location;
use syntax::ast::*;

use crate::future::docstring;
use crate::host::{Host, Result, StackGuard, warn};

#[derive(Clone, Copy, Debug, Default)]
pub struct PreprocessFlags {
    /// 0, 1 or 2.
    pub optimize: i32,
    /// `from __future__ import annotations` is in force.
    pub future_annotations: bool,
    /// The tree is to be shown, not compiled: expressions stay as they are.
    pub syntax_check_only: bool,
    /// Warn of jumps out of `finally` blocks.
    pub warnings: bool,
}

/// Gives the tree to compile.
pub fn preprocess<'a>(
    arena: &'a Arena,
    module: Mod<'a>,
    host: &mut dyn Host,
    flags: PreprocessFlags,
) -> Result<Mod<'a>> {
    let guard = StackGuard::new(host);
    let mut fold = Preprocessor { arena, host, guard, flags, contexts: Vec::new() };
    Ok(match module {
        Mod::Module { body, type_ignores } => {
            fold.body(body)?.map_or(module, |body| Mod::Module { body, type_ignores })
        }
        Mod::Interactive { body } => fold.stmts(body)?.map_or(module, |body| Mod::Interactive { body }),
        Mod::Expression { body } => fold.expr(body)?.map_or(module, |body| Mod::Expression { body }),
        Mod::FunctionType { .. } => module,
    })
}

type Fold<T> = Result<Option<T>>;

struct Preprocessor<'a, 'h> {
    arena: &'a Arena,
    host: &'h mut dyn Host,
    guard: StackGuard,
    flags: PreprocessFlags,
    /// Within the first `finally`: what encloses the statement, the innermost last.
    contexts: Vec<Context>,
}

#[derive(Clone, Copy, PartialEq)]
enum Context {
    Finally,
    Function,
    Loop,
}

/// Evaluates the folds in order; if one of the fields changed, the value made of all.
macro_rules! rebuild {
    ($($field:ident: $fold:expr),+ => $build:expr) => {{
        let mut changed = false;
        $(let $field = match $fold {
            Some(new) => {
                changed = true;
                new
            }
            None => $field,
        };)+
        changed.then(|| $build)
    }};
}

impl<'a> Preprocessor<'a, '_> {
    /// A list, copied when the first item changes.
    fn list<T: Copy>(
        &mut self,
        items: &'a [T],
        mut fold: impl FnMut(&mut Self, T) -> Fold<T>,
    ) -> Fold<&'a [T]> {
        let mut copy: Option<&'a mut [T]> = None;
        for (at, &item) in items.iter().enumerate() {
            if let Some(new) = fold(self, item)? {
                copy.get_or_insert_with(|| self.arena.alloc_slice_copy(items))[at] = new;
            }
        }
        Ok(copy.map(|items| &*items))
    }

    fn option<T: Copy>(&mut self, item: Option<T>, fold: impl FnOnce(&mut Self, T) -> Fold<T>) -> Fold<Option<T>> {
        match item {
            Some(item) => Ok(fold(self, item)?.map(Some)),
            None => Ok(None),
        }
    }

    fn stmts(&mut self, stmts: &'a [StmtRef<'a>]) -> Fold<&'a [StmtRef<'a>]> {
        self.list(stmts, Self::stmt)
    }

    fn exprs(&mut self, exprs: &'a [ExprRef<'a>]) -> Fold<&'a [ExprRef<'a>]> {
        self.list(exprs, Self::expr)
    }

    fn opt_expr(&mut self, expr: Option<ExprRef<'a>>) -> Fold<Option<ExprRef<'a>>> {
        self.option(expr, Self::expr)
    }

    fn opt_exprs(&mut self, exprs: &'a [Option<ExprRef<'a>>]) -> Fold<&'a [Option<ExprRef<'a>>]> {
        self.list(exprs, Self::opt_expr)
    }

    /// The body of a module, class or function, which may begin with a docstring.
    fn body(&mut self, stmts: &'a [StmtRef<'a>]) -> Fold<&'a [StmtRef<'a>]> {
        if self.flags.optimize < 2 || docstring(stmts).is_none() {
            return self.stmts(stmts);
        }
        let stmts = match stmts {
            [only] => {
                let Location { lineno, col_offset, .. } = only.location;
                let location = Location::new(lineno, col_offset, lineno, col_offset.wrapping_add(4));
                let pass: StmtRef<'a> = self.arena.alloc(Stmt { kind: StmtKind::Pass, location });
                self.arena.alloc_slice_copy(&[pass])
            }
            _ => &stmts[1..],
        };
        // A second string is not a docstring: it must not become the first statement as a constant.
        let stmts = match docstring(stmts) {
            Some(_) => self.hide_docstring(stmts),
            None => stmts,
        };
        Ok(Some(self.stmts(stmts)?.unwrap_or(stmts)))
    }

    fn hide_docstring(&mut self, stmts: &'a [StmtRef<'a>]) -> &'a [StmtRef<'a>] {
        let copy = self.arena.alloc_slice_copy(stmts);
        if let Some(first) = copy.first_mut()
            && let StmtKind::Expr { value } = first.kind
        {
            let location = first.location;
            let kind = ExprKind::JoinedStr { values: self.arena.alloc_slice_copy(&[value]) };
            let value = self.arena.alloc(Expr { kind, location });
            *first = self.arena.alloc(Stmt { kind: StmtKind::Expr { value }, location });
        }
        copy
    }

    fn within<T>(&mut self, context: Context, fold: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.contexts.push(context);
        let result = fold(self)?;
        self.contexts.pop();
        Ok(result)
    }

    /// Before a jump that would swallow an exception.
    fn warn_in_finally(&mut self, keyword: &str, location: Location) -> Result {
        if self.flags.warnings && self.contexts.last() == Some(&Context::Finally) {
            warn(self.host, &format!("'{keyword}' in a 'finally' block"), location)?;
        }
        Ok(())
    }

    fn stmt(&mut self, stmt: StmtRef<'a>) -> Fold<StmtRef<'a>> {
        self.guard.check()?;
        let location = stmt.location;
        let kind = self.stmt_kind(stmt.kind, location)?;
        Ok(kind.map(|kind| &*self.arena.alloc(Stmt { kind, location })))
    }

    fn stmt_kind(&mut self, kind: StmtKind<'a>, location: Location) -> Fold<StmtKind<'a>> {
        use StmtKind::*;
        Ok(match kind {
            FunctionDef(def) => self.function(def)?.map(FunctionDef),
            AsyncFunctionDef(def) => self.function(def)?.map(AsyncFunctionDef),
            ClassDef(def) => self.class(def)?.map(ClassDef),
            Return { value } => {
                self.warn_in_finally("return", location)?;
                rebuild!(value: self.opt_expr(value)? => Return { value })
            }
            Delete { targets } => rebuild!(targets: self.exprs(targets)? => Delete { targets }),
            Assign { targets, value, type_comment } => rebuild!(
                targets: self.exprs(targets)?, value: self.expr(value)? => Assign { targets, value, type_comment }
            ),
            AugAssign { target, op, value } => rebuild!(
                target: self.expr(target)?, value: self.expr(value)? => AugAssign { target, op, value }
            ),
            AnnAssign { target, annotation, value, simple } => rebuild!(
                target: self.expr(target)?, annotation: self.annotation(annotation)?, value: self.opt_expr(value)?
                => AnnAssign { target, annotation, value, simple }
            ),
            TypeAlias { name, type_params, value } => rebuild!(
                name: self.expr(name)?, type_params: self.type_params(type_params)?, value: self.expr(value)?
                => TypeAlias { name, type_params, value }
            ),
            For(node) => self.for_loop(node)?.map(For),
            AsyncFor(node) => self.for_loop(node)?.map(AsyncFor),
            While { test, body, orelse } => rebuild!(
                test: self.expr(test)?,
                body: self.within(Context::Loop, |fold| fold.stmts(body))?,
                orelse: self.stmts(orelse)?
                => While { test, body, orelse }
            ),
            If { test, body, orelse } => rebuild!(
                test: self.expr(test)?, body: self.stmts(body)?, orelse: self.stmts(orelse)?
                => If { test, body, orelse }
            ),
            With(node) => self.with(node)?.map(With),
            AsyncWith(node) => self.with(node)?.map(AsyncWith),
            Raise { exc, cause } => rebuild!(
                exc: self.opt_expr(exc)?, cause: self.opt_expr(cause)? => Raise { exc, cause }
            ),
            Try(node) => self.try_stmt(node)?.map(Try),
            TryStar(node) => self.try_stmt(node)?.map(TryStar),
            Assert { test, msg } => rebuild!(
                test: self.expr(test)?, msg: self.opt_expr(msg)? => Assert { test, msg }
            ),
            Expr { value } => rebuild!(value: self.expr(value)? => Expr { value }),
            Match { subject, cases } => rebuild!(
                subject: self.expr(subject)?, cases: self.list(cases, Self::match_case)? => Match { subject, cases }
            ),
            Break => {
                self.warn_in_finally("break", location)?;
                None
            }
            Continue => {
                self.warn_in_finally("continue", location)?;
                None
            }
            Import { .. } | ImportFrom { .. } | Global { .. } | Nonlocal { .. } | Pass => None,
        })
    }

    fn function(&mut self, def: &'a FunctionDef<'a>) -> Fold<&'a FunctionDef<'a>> {
        let FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params } = *def;
        Ok(rebuild!(
            type_params: self.type_params(type_params)?,
            args: self.arguments(args)?,
            body: self.within(Context::Function, |fold| fold.body(body))?,
            decorator_list: self.exprs(decorator_list)?,
            returns: self.option(returns, Self::annotation)?
            => &*self.arena.alloc(FunctionDef { name, args, body, decorator_list, returns, type_comment, type_params })
        ))
    }

    fn class(&mut self, def: &'a ClassDef<'a>) -> Fold<&'a ClassDef<'a>> {
        let ClassDef { name, bases, keywords, body, decorator_list, type_params } = *def;
        Ok(rebuild!(
            type_params: self.type_params(type_params)?,
            bases: self.exprs(bases)?,
            keywords: self.list(keywords, Self::keyword)?,
            body: self.body(body)?,
            decorator_list: self.exprs(decorator_list)?
            => &*self.arena.alloc(ClassDef { name, bases, keywords, body, decorator_list, type_params })
        ))
    }

    fn for_loop(&mut self, node: &'a For<'a>) -> Fold<&'a For<'a>> {
        let For { target, iter, body, orelse, type_comment } = *node;
        Ok(rebuild!(
            target: self.expr(target)?,
            iter: self.expr(iter)?,
            body: self.within(Context::Loop, |fold| fold.stmts(body))?,
            orelse: self.stmts(orelse)?
            => &*self.arena.alloc(For { target, iter, body, orelse, type_comment })
        ))
    }

    fn with(&mut self, node: &'a With<'a>) -> Fold<&'a With<'a>> {
        let With { items, body, type_comment } = *node;
        Ok(rebuild!(
            items: self.list(items, |fold, item| {
                let WithItem { context_expr, optional_vars } = item;
                Ok(rebuild!(
                    context_expr: fold.expr(context_expr)?, optional_vars: fold.opt_expr(optional_vars)?
                    => WithItem { context_expr, optional_vars }
                ))
            })?,
            body: self.stmts(body)?
            => &*self.arena.alloc(With { items, body, type_comment })
        ))
    }

    fn try_stmt(&mut self, node: &'a Try<'a>) -> Fold<&'a Try<'a>> {
        let Try { body, handlers, orelse, finalbody } = *node;
        Ok(rebuild!(
            body: self.stmts(body)?,
            handlers: self.list(handlers, |fold, handler| {
                let ExceptHandler { type_, name, body, location } = handler;
                Ok(rebuild!(
                    type_: fold.opt_expr(type_)?, body: fold.stmts(body)?
                    => ExceptHandler { type_, name, body, location }
                ))
            })?,
            orelse: self.stmts(orelse)?,
            finalbody: self.within(Context::Finally, |fold| fold.stmts(finalbody))?
            => &*self.arena.alloc(Try { body, handlers, orelse, finalbody })
        ))
    }

    fn match_case(&mut self, case: MatchCase<'a>) -> Fold<MatchCase<'a>> {
        let MatchCase { pattern, guard, body } = case;
        Ok(rebuild!(
            pattern: self.pattern(pattern)?, guard: self.opt_expr(guard)?, body: self.stmts(body)?
            => MatchCase { pattern, guard, body }
        ))
    }

    fn type_params(&mut self, params: &'a [TypeParam<'a>]) -> Fold<&'a [TypeParam<'a>]> {
        self.list(params, |fold, param| {
            use TypeParamKind::*;
            let location = param.location;
            let kind = match param.kind {
                TypeVar { name, bound, default_value } => rebuild!(
                    bound: fold.opt_expr(bound)?, default_value: fold.opt_expr(default_value)?
                    => TypeVar { name, bound, default_value }
                ),
                ParamSpec { name, default_value } => rebuild!(
                    default_value: fold.opt_expr(default_value)? => ParamSpec { name, default_value }
                ),
                TypeVarTuple { name, default_value } => rebuild!(
                    default_value: fold.opt_expr(default_value)? => TypeVarTuple { name, default_value }
                ),
            };
            Ok(kind.map(|kind| TypeParam { kind, location }))
        })
    }

    /// With `from __future__ import annotations` they are kept as written.
    fn annotation(&mut self, annotation: ExprRef<'a>) -> Fold<ExprRef<'a>> {
        if self.flags.future_annotations { Ok(None) } else { self.expr(annotation) }
    }

    fn arguments(&mut self, arguments: &'a Arguments<'a>) -> Fold<&'a Arguments<'a>> {
        let Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults } = *arguments;
        Ok(rebuild!(
            posonlyargs: self.list(posonlyargs, Self::arg)?,
            args: self.list(args, Self::arg)?,
            vararg: self.option(vararg, Self::arg_ref)?,
            kwonlyargs: self.list(kwonlyargs, Self::arg)?,
            kw_defaults: self.opt_exprs(kw_defaults)?,
            kwarg: self.option(kwarg, Self::arg_ref)?,
            defaults: self.exprs(defaults)?
            => &*self.arena.alloc(Arguments { posonlyargs, args, vararg, kwonlyargs, kw_defaults, kwarg, defaults })
        ))
    }

    fn arg(&mut self, arg: Arg<'a>) -> Fold<Arg<'a>> {
        let annotation = self.option(arg.annotation, Self::annotation)?;
        Ok(annotation.map(|annotation| Arg { annotation, ..arg }))
    }

    fn arg_ref(&mut self, arg: &'a Arg<'a>) -> Fold<&'a Arg<'a>> {
        Ok(self.arg(*arg)?.map(|arg| &*self.arena.alloc(arg)))
    }

    fn keyword(&mut self, keyword: Keyword<'a>) -> Fold<Keyword<'a>> {
        Ok(self.expr(keyword.value)?.map(|value| Keyword { value, ..keyword }))
    }

    fn comprehension(&mut self, comprehension: Comprehension<'a>) -> Fold<Comprehension<'a>> {
        let Comprehension { target, iter, ifs, is_async } = comprehension;
        Ok(rebuild!(
            target: self.expr(target)?, iter: self.expr(iter)?, ifs: self.exprs(ifs)?
            => Comprehension { target, iter, ifs, is_async }
        ))
    }

    fn generators(&mut self, generators: &'a [Comprehension<'a>]) -> Fold<&'a [Comprehension<'a>]> {
        self.list(generators, Self::comprehension)
    }

    fn expr(&mut self, expr: ExprRef<'a>) -> Fold<ExprRef<'a>> {
        // Most nodes are leaves.
        match expr.kind {
            ExprKind::Name { id, ctx: ExprContext::Load } if id == "__debug__" => {}
            ExprKind::Name { .. } | ExprKind::Constant { .. } => return Ok(None),
            _ => self.guard.check()?,
        }
        let location = expr.location;
        let kind = self.expr_kind(expr.kind)?;
        Ok(kind.map(|kind| &*self.arena.alloc(Expr { kind, location })))
    }

    fn expr_kind(&mut self, kind: ExprKind<'a>) -> Fold<ExprKind<'a>> {
        use ExprKind::*;
        Ok(match kind {
            BoolOp { op, values } => rebuild!(values: self.exprs(values)? => BoolOp { op, values }),
            NamedExpr { target, value } => rebuild!(value: self.expr(value)? => NamedExpr { target, value }),
            BinOp { left, op, right } => {
                let folded = rebuild!(
                    left: self.expr(left)?, right: self.expr(right)? => BinOp { left, op, right }
                );
                self.fold_format(folded.unwrap_or(kind)).or(folded)
            }
            UnaryOp { op, operand } => rebuild!(operand: self.expr(operand)? => UnaryOp { op, operand }),
            Lambda { args, body } => rebuild!(
                args: self.arguments(args)?, body: self.expr(body)? => Lambda { args, body }
            ),
            IfExp { test, body, orelse } => rebuild!(
                test: self.expr(test)?, body: self.expr(body)?, orelse: self.expr(orelse)?
                => IfExp { test, body, orelse }
            ),
            Dict { keys, values } => rebuild!(
                keys: self.opt_exprs(keys)?, values: self.exprs(values)? => Dict { keys, values }
            ),
            Set { elts } => rebuild!(elts: self.exprs(elts)? => Set { elts }),
            ListComp { elt, generators } => rebuild!(
                elt: self.expr(elt)?, generators: self.generators(generators)? => ListComp { elt, generators }
            ),
            SetComp { elt, generators } => rebuild!(
                elt: self.expr(elt)?, generators: self.generators(generators)? => SetComp { elt, generators }
            ),
            DictComp { key, value, generators } => rebuild!(
                key: self.expr(key)?, value: self.expr(value)?, generators: self.generators(generators)?
                => DictComp { key, value, generators }
            ),
            GeneratorExp { elt, generators } => rebuild!(
                elt: self.expr(elt)?, generators: self.generators(generators)? => GeneratorExp { elt, generators }
            ),
            Await { value } => rebuild!(value: self.expr(value)? => Await { value }),
            Yield { value } => rebuild!(value: self.opt_expr(value)? => Yield { value }),
            YieldFrom { value } => rebuild!(value: self.expr(value)? => YieldFrom { value }),
            Compare { left, ops, comparators } => rebuild!(
                left: self.expr(left)?, comparators: self.exprs(comparators)? => Compare { left, ops, comparators }
            ),
            Call { func, args, keywords } => rebuild!(
                func: self.expr(func)?, args: self.exprs(args)?, keywords: self.list(keywords, Self::keyword)?
                => Call { func, args, keywords }
            ),
            FormattedValue { value, conversion, format_spec } => rebuild!(
                value: self.expr(value)?, format_spec: self.opt_expr(format_spec)?
                => FormattedValue { value, conversion, format_spec }
            ),
            Interpolation { value, str, conversion, format_spec } => rebuild!(
                value: self.expr(value)?, format_spec: self.opt_expr(format_spec)?
                => Interpolation { value, str, conversion, format_spec }
            ),
            JoinedStr { values } => rebuild!(values: self.exprs(values)? => JoinedStr { values }),
            TemplateStr { values } => rebuild!(values: self.exprs(values)? => TemplateStr { values }),
            Attribute { value, attr, ctx } => rebuild!(value: self.expr(value)? => Attribute { value, attr, ctx }),
            Subscript { value, slice, ctx } => rebuild!(
                value: self.expr(value)?, slice: self.expr(slice)? => Subscript { value, slice, ctx }
            ),
            Starred { value, ctx } => rebuild!(value: self.expr(value)? => Starred { value, ctx }),
            Slice { lower, upper, step } => rebuild!(
                lower: self.opt_expr(lower)?, upper: self.opt_expr(upper)?, step: self.opt_expr(step)?
                => Slice { lower, upper, step }
            ),
            List { elts, ctx } => rebuild!(elts: self.exprs(elts)? => List { elts, ctx }),
            Tuple { elts, ctx } => rebuild!(elts: self.exprs(elts)? => Tuple { elts, ctx }),
            Name { id, ctx } => {
                let debug = !self.flags.syntax_check_only && ctx == ExprContext::Load && id == "__debug__";
                debug.then(|| self.constant(self.flags.optimize == 0))
            }
            Constant { .. } => None,
        })
    }

    fn constant(&self, value: bool) -> ExprKind<'a> {
        let value = if value { syntax::ast::Constant::True } else { syntax::ast::Constant::False };
        ExprKind::Constant { value, kind: None }
    }
}
