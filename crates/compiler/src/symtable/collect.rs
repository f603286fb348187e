//! The first pass: walks the tree, opens a block for every scope and notes how each name occurs.
//!
//! Errors that need no more than the order of the text are found here: declarations after use, duplicate arguments,
//! `await` and `yield` where they cannot be.

use rustc_hash::FxHashSet;
use syntax::Location;
use syntax::ast::*;

use super::symbol::*;
use super::{Block, BlockId, BlockKey, BlockKind, BlockRole, ComprehensionKind, MangledNames, SymbolTable, Symbols};
use super::key_of;
use crate::flags::PyCF_ALLOW_TOP_LEVEL_AWAIT;
use crate::future::{CO_FUTURE_ANNOTATIONS, FutureFeatures, docstring};
use crate::host::{CompileError, Result, StackGuard};
use crate::names::{Name, Names, known};

pub fn collect<'a>(
    table: &mut SymbolTable,
    module: &Mod<'a>,
    names: &mut Names<'a>,
    future: &FutureFeatures,
    guard: StackGuard,
) -> Result {
    let mut pass = Collector { table, names, future, guard, stack: Vec::new(), current: BlockId::TOP, private: None };
    pass.module(module)
}

struct Collector<'t, 'a> {
    table: &'t mut SymbolTable,
    names: &'t mut Names<'a>,
    future: &'t FutureFeatures,
    guard: StackGuard,
    stack: Vec<BlockId>,
    current: BlockId,
    /// The class whose private names are mangled.
    private: Option<Name>,
}

/// Blocks.
impl<'a> Collector<'_, 'a> {
    fn cur(&mut self) -> &mut Block {
        self.table.block_mut(self.current)
    }

    fn new_block(&mut self, name: Name, kind: BlockKind, key: BlockKey, location: Location) -> BlockId {
        let parent = (!self.stack.is_empty()).then(|| self.table.block(self.current));
        let nested = parent.is_some_and(|parent| parent.nested || parent.is_function_like());
        let method =
            kind == BlockKind::Function && parent.is_some_and(|parent| parent.kind == BlockKind::Class);
        let id = BlockId(self.table.blocks.len() as u32);
        self.table.blocks.push(Block {
            key,
            name,
            kind,
            symbols: Symbols::default(),
            varnames: Vec::new(),
            children: Vec::new(),
            directives: Vec::new(),
            mangled_names: None,
            scope_info: "",
            location,
            comprehension: None,
            annotation_block: None,
            comp_iter_expr: 0,
            nested,
            generator: false,
            coroutine: false,
            annotations_used: false,
            varargs: false,
            varkeywords: false,
            returns_value: false,
            needs_class_closure: false,
            needs_classdict: false,
            comp_inlined: false,
            comp_iter_target: false,
            can_see_class_scope: false,
            has_docstring: false,
            method,
            has_conditional_annotations: false,
            in_conditional_block: false,
            in_unevaluated_annotation: false,
        });
        self.table.by_key.insert(key, id);
        id
    }

    fn enter_existing(&mut self, id: BlockId, add_to_children: bool) {
        let previous = self.stack.last().copied();
        self.stack.push(id);
        self.current = id;
        let Some(previous) = previous else { return };
        let (comp_iter_expr, mangled_names) = {
            let outer = self.table.block(previous);
            (outer.comp_iter_expr, outer.mangled_names)
        };
        let future_annotations = self.future.features & CO_FUTURE_ANNOTATIONS != 0;
        let block = self.table.block_mut(id);
        // No assignment expression in an iterable, however deep inside.
        block.comp_iter_expr = comp_iter_expr;
        if mangled_names.is_some() && block.kind != BlockKind::Class {
            block.mangled_names = mangled_names;
        }
        // Annotations that become strings have no part in the analysis.
        let detached = future_annotations && block.kind == BlockKind::Annotation;
        if add_to_children && !detached {
            self.table.block_mut(previous).children.push(id);
        }
    }

    fn enter(&mut self, name: Name, kind: BlockKind, key: BlockKey, location: Location) -> Result {
        let id = self.new_block(name, kind, key, location);
        self.enter_existing(id, true);
        if matches!(kind, BlockKind::Annotation | BlockKind::TypeVariable | BlockKind::TypeAlias) {
            self.add_def(known::DOT_FORMAT, DEF_PARAM, location)?;
            self.add_def(known::DOT_FORMAT, USE, location)?;
        }
        Ok(())
    }

    fn exit(&mut self) {
        self.stack.pop();
        if let Some(&outer) = self.stack.last() {
            self.current = outer;
        }
    }

    fn enter_type_params(
        &mut self,
        name: Name,
        key: BlockKey,
        has_defaults: bool,
        has_kwdefaults: bool,
        is_class: bool,
        location: Location,
    ) -> Result {
        let in_class = self.cur().kind == BlockKind::Class;
        self.enter(name, BlockKind::TypeParameters, key, location)?;
        if in_class {
            self.cur().can_see_class_scope = true;
            self.add_def(known::DUNDER_CLASSDICT, USE, location)?;
        }
        if is_class {
            // Set when the type parameters are made, used for the bases.
            self.add_def(known::DOT_TYPE_PARAMS, DEF_LOCAL, location)?;
            self.add_def(known::DOT_TYPE_PARAMS, USE, location)?;
            self.add_def(known::DOT_GENERIC_BASE, DEF_LOCAL, location)?;
            self.add_def(known::DOT_GENERIC_BASE, USE, location)?;
        }
        if has_defaults {
            self.add_def(known::DOT_DEFAULTS, DEF_PARAM, location)?;
        }
        if has_kwdefaults {
            self.add_def(known::DOT_KWDEFAULTS, DEF_PARAM, location)?;
        }
        Ok(())
    }

    /// Runs `visit` with the block marked as conditionally executed.
    fn conditional(&mut self, visit: impl FnOnce(&mut Self) -> Result) -> Result {
        let block = self.current;
        let outer = std::mem::replace(&mut self.cur().in_conditional_block, true);
        visit(self)?;
        self.table.block_mut(block).in_conditional_block = outer;
        Ok(())
    }
}

/// Names.
impl<'a> Collector<'_, 'a> {
    fn mangled(&mut self, name: Name) -> Name {
        self.table.maybe_mangle(self.names, self.private, self.current, name)
    }

    fn lookup_in(&mut self, block: BlockId, name: Name) -> u32 {
        let mangled = self.table.maybe_mangle(self.names, self.private, block, name);
        self.table.block(block).symbol(mangled)
    }

    fn add_def(&mut self, name: Name, flag: u32, location: Location) -> Result {
        let ctx = if flag == USE { ExprContext::Load } else { ExprContext::Store };
        self.add_def_ctx(name, flag, location, ctx)
    }

    fn add_def_ctx(&mut self, name: Name, flag: u32, location: Location, ctx: ExprContext) -> Result {
        if flag & (DEF_PARAM | DEF_LOCAL | DEF_IMPORT) != 0 {
            check_name(name, location, ctx)?;
        }
        if flag & DEF_TYPE_PARAM != 0
            && let Some(set) = self.cur().mangled_names
        {
            self.table.mangled_sets[set.0 as usize].insert(name);
        }
        self.add_def_in(name, flag, self.current, location)
    }

    fn add_def_in(&mut self, name: Name, flag: u32, block: BlockId, location: Location) -> Result {
        let mangled = self.mangled(name);
        let entry = self.table.block_mut(block);
        let known_flags = entry.symbols.get(mangled);
        let before = known_flags.unwrap_or(0);
        if flag & before & (DEF_PARAM | DEF_TYPE_PARAM) != 0 {
            let text = self.names.text(name);
            return Err(CompileError::syntax_at(
                if flag & before & DEF_PARAM != 0 {
                    format!("duplicate argument '{text}' in function definition")
                } else {
                    format!("duplicate type parameter '{text}'")
                },
                location,
            ));
        }
        let mut flags = before | flag;
        if entry.comp_iter_target {
            if flags & (DEF_GLOBAL | DEF_NONLOCAL) != 0 {
                let text = self.names.text(name);
                return Err(CompileError::syntax_at(
                    format!("comprehension inner loop cannot rebind assignment expression target '{text}'"),
                    location,
                ));
            }
            flags |= DEF_COMP_ITER;
        }
        if known_flags != Some(flags) {
            entry.symbols.set(mangled, flags);
        }
        if flag & DEF_PARAM != 0 {
            entry.varnames.push(mangled);
        } else if flag & DEF_GLOBAL != 0 {
            let top = self.table.block_mut(BlockId::TOP);
            let flags = top.symbol(mangled) | flag;
            top.symbols.set(mangled, flags);
        }
        Ok(())
    }

    fn record_directive(&mut self, name: Name, location: Location) {
        let mangled = self.mangled(name);
        self.cur().directives.push((mangled, location));
    }

    /// The names of a `global` or `nonlocal` statement.
    fn declare(&mut self, names: &[Identifier<'a>], flag: u32, location: Location) -> Result {
        let word = if flag == DEF_GLOBAL { "global" } else { "nonlocal" };
        for &identifier in names {
            let name = self.names.intern(identifier);
            let flags = self.lookup_in(self.current, name);
            if flags & (DEF_PARAM | DEF_LOCAL | USE | DEF_ANNOT) != 0 {
                let message = if flags & DEF_PARAM != 0 {
                    format!("name '{identifier}' is parameter and {word}")
                } else if flags & USE != 0 {
                    format!("name '{identifier}' is used prior to {word} declaration")
                } else if flags & DEF_ANNOT != 0 {
                    format!("annotated name '{identifier}' can't be {word}")
                } else {
                    format!("name '{identifier}' is assigned to before {word} declaration")
                };
                return Err(CompileError::syntax_at(message, location));
            }
            self.add_def(name, flag, location)?;
            self.record_directive(name, location);
        }
        Ok(())
    }
}

fn check_name(name: Name, location: Location, ctx: ExprContext) -> Result {
    if name != known::DUNDER_DEBUG {
        return Ok(());
    }
    match ctx {
        ExprContext::Load => Ok(()),
        ExprContext::Store => Err(CompileError::syntax_at("cannot assign to __debug__", location)),
        ExprContext::Del => Err(CompileError::syntax_at("cannot delete __debug__", location)),
    }
}

/// Statements.
impl<'a> Collector<'_, 'a> {
    fn module(&mut self, module: &Mod<'a>) -> Result {
        self.enter(known::TOP, BlockKind::Module, key_of(module, BlockRole::Module), Location::new(0, 0, 0, 0))?;
        match *module {
            Mod::Module { body, .. } => {
                self.cur().has_docstring = docstring(body).is_some();
                self.statements(body)?;
            }
            Mod::Interactive { body } => self.statements(body)?,
            Mod::Expression { body } => self.expr(body)?,
            Mod::FunctionType { .. } => {
                return Err(CompileError::Runtime("this compiler does not handle FunctionTypes".to_owned()));
            }
        }
        self.exit();
        Ok(())
    }

    fn statements(&mut self, body: &[StmtRef<'a>]) -> Result {
        body.iter().try_for_each(|statement| self.stmt(statement))
    }

    fn stmt(&mut self, s: &'a Stmt<'a>) -> Result {
        self.guard.check()?;
        match s.kind {
            StmtKind::FunctionDef(def) => self.function(s, def, false)?,
            StmtKind::AsyncFunctionDef(def) => self.function(s, def, true)?,
            StmtKind::ClassDef(def) => self.class(s, def)?,
            StmtKind::TypeAlias { name, type_params, value } => self.type_alias(s, name, type_params, value)?,
            StmtKind::Return { value } => {
                if let Some(value) = value {
                    self.expr(value)?;
                    self.cur().returns_value = true;
                }
            }
            StmtKind::Delete { targets } => self.exprs(targets)?,
            StmtKind::Assign { targets, value, .. } => {
                self.exprs(targets)?;
                self.expr(value)?;
            }
            StmtKind::AugAssign { target, value, .. } => {
                self.expr(target)?;
                self.expr(value)?;
            }
            StmtKind::AnnAssign { target, annotation, value, simple } => {
                self.ann_assign(s, target, annotation, value, simple != 0)?
            }
            StmtKind::For(stmt) => self.for_loop(stmt)?,
            StmtKind::AsyncFor(stmt) => {
                self.require_coroutine("'async for' outside async function", s.location)?;
                self.for_loop(stmt)?;
            }
            StmtKind::While { test, body, orelse } | StmtKind::If { test, body, orelse } => {
                self.expr(test)?;
                self.conditional(|pass| {
                    pass.statements(body)?;
                    pass.statements(orelse)
                })?;
            }
            StmtKind::With(stmt) => self.with(stmt)?,
            StmtKind::AsyncWith(stmt) => {
                self.require_coroutine("'async with' outside async function", s.location)?;
                self.with(stmt)?;
            }
            StmtKind::Match { subject, cases } => {
                self.expr(subject)?;
                self.conditional(|pass| {
                    for case in cases {
                        pass.pattern(case.pattern)?;
                        if let Some(guard) = case.guard {
                            pass.expr(guard)?;
                        }
                        pass.statements(case.body)?;
                    }
                    Ok(())
                })?;
            }
            StmtKind::Raise { exc, cause } => {
                if let Some(exc) = exc {
                    self.expr(exc)?;
                    if let Some(cause) = cause {
                        self.expr(cause)?;
                    }
                }
            }
            StmtKind::Try(stmt) | StmtKind::TryStar(stmt) => self.conditional(|pass| {
                pass.statements(stmt.body)?;
                for handler in stmt.handlers {
                    if let Some(type_) = handler.type_ {
                        pass.expr(type_)?;
                    }
                    if let Some(name) = handler.name {
                        let name = pass.names.intern(name);
                        pass.add_def(name, DEF_LOCAL, handler.location)?;
                    }
                    pass.statements(handler.body)?;
                }
                pass.statements(stmt.orelse)?;
                pass.statements(stmt.finalbody)
            })?,
            StmtKind::Assert { test, msg } => {
                self.expr(test)?;
                if let Some(msg) = msg {
                    self.expr(msg)?;
                }
            }
            StmtKind::Import { names } => names.iter().try_for_each(|alias| self.alias(alias))?,
            StmtKind::ImportFrom { module, names, level } => {
                names.iter().try_for_each(|alias| self.alias(alias))?;
                self.check_import_from(s, module, level)?;
            }
            StmtKind::Global { names } => self.declare(names, DEF_GLOBAL, s.location)?,
            StmtKind::Nonlocal { names } => self.declare(names, DEF_NONLOCAL, s.location)?,
            StmtKind::Expr { value } => self.expr(value)?,
            StmtKind::Pass | StmtKind::Break | StmtKind::Continue => {}
        }
        Ok(())
    }

    fn function(&mut self, s: &'a Stmt<'a>, def: &'a FunctionDef<'a>, is_async: bool) -> Result {
        let name = self.names.intern(def.name);
        self.add_def(name, DEF_LOCAL, s.location)?;
        self.defaults(def.args)?;
        self.exprs(def.decorator_list)?;
        let generic = !def.type_params.is_empty();
        if generic {
            let has_kwdefaults = def.args.kw_defaults.iter().any(Option::is_some);
            // The reference counts an empty list of defaults too.
            self.enter_type_params(name, key_of(s, BlockRole::TypeParams), true, has_kwdefaults, false, s.location)?;
            self.type_params(def.type_params)?;
        }
        let body = self.new_block(name, BlockKind::Function, key_of(s, BlockRole::Statement), s.location);
        self.table.block_mut(body).has_docstring = docstring(def.body).is_some();
        self.annotations(s, def)?;
        self.enter_existing(body, true);
        if is_async {
            self.cur().coroutine = true;
        }
        self.arguments(def.args)?;
        self.statements(def.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn class(&mut self, s: &'a Stmt<'a>, def: &'a ClassDef<'a>) -> Result {
        let name = self.names.intern(def.name);
        self.add_def(name, DEF_LOCAL, s.location)?;
        self.exprs(def.decorator_list)?;
        let outer_private = self.private;
        let generic = !def.type_params.is_empty();
        if generic {
            self.enter_type_params(name, key_of(s, BlockRole::TypeParams), false, false, true, s.location)?;
            self.private = Some(name);
            let set = MangledNames(self.table.mangled_sets.len() as u32);
            self.table.mangled_sets.push(FxHashSet::default());
            self.cur().mangled_names = Some(set);
            self.type_params(def.type_params)?;
        }
        self.exprs(def.bases)?;
        self.keywords(def.keywords)?;
        self.enter(name, BlockKind::Class, key_of(s, BlockRole::Statement), s.location)?;
        self.private = Some(name);
        if generic {
            self.add_def(known::DUNDER_TYPE_PARAMS, DEF_LOCAL, s.location)?;
            self.add_def(known::DOT_TYPE_PARAMS, USE, s.location)?;
        }
        self.cur().has_docstring = docstring(def.body).is_some();
        self.statements(def.body)?;
        self.exit();
        if generic {
            self.exit();
        }
        self.private = outer_private;
        Ok(())
    }

    fn type_alias(
        &mut self,
        s: &'a Stmt<'a>,
        target: ExprRef<'a>,
        type_params: &'a [TypeParam<'a>],
        value: ExprRef<'a>,
    ) -> Result {
        self.expr(target)?;
        let ExprKind::Name { id, .. } = target.kind else {
            return Err(CompileError::system("TypeAlias with non-Name name"));
        };
        let name = self.names.intern(id);
        let in_class = self.cur().kind == BlockKind::Class;
        let generic = !type_params.is_empty();
        if generic {
            self.enter_type_params(name, key_of(s, BlockRole::TypeParams), false, false, false, s.location)?;
            self.type_params(type_params)?;
        }
        self.enter(name, BlockKind::TypeAlias, key_of(s, BlockRole::Statement), s.location)?;
        self.cur().can_see_class_scope = in_class;
        if in_class {
            self.add_def(known::DUNDER_CLASSDICT, USE, value.location)?;
        }
        self.expr(value)?;
        self.exit();
        if generic {
            self.exit();
        }
        Ok(())
    }

    fn ann_assign(
        &mut self,
        s: &'a Stmt<'a>,
        target: ExprRef<'a>,
        annotation: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
        simple: bool,
    ) -> Result {
        self.cur().annotations_used = true;
        if let ExprKind::Name { id, .. } = target.kind {
            let name = self.names.intern(id);
            let flags = self.lookup_in(self.current, name);
            if flags & (DEF_GLOBAL | DEF_NONLOCAL) != 0 && self.current != BlockId::TOP && simple {
                let word = if flags & DEF_GLOBAL != 0 { "global" } else { "nonlocal" };
                return Err(CompileError::syntax_at(format!("annotated name '{id}' can't be {word}"), s.location));
            }
            if simple {
                self.add_def(name, DEF_ANNOT | DEF_LOCAL, target.location)?;
            } else if value.is_some() {
                self.add_def(name, DEF_LOCAL, target.location)?;
            }
        } else {
            self.expr(target)?;
        }
        self.variable_annotation(annotation)?;
        value.map_or(Ok(()), |value| self.expr(value))
    }

    /// The annotation of a variable. All of one block's lie in one annotation block.
    fn variable_annotation(&mut self, annotation: ExprRef<'a>) -> Result {
        let parent = self.current;
        let kind = self.cur().kind;
        let location = annotation.location;
        // Annotations of local variables are never evaluated.
        let unevaluated = kind == BlockKind::Function;
        let conditional = kind == BlockKind::Module || kind == BlockKind::Class && self.cur().in_conditional_block;
        if conditional && !self.cur().has_conditional_annotations {
            self.cur().has_conditional_annotations = true;
            self.add_def(known::DUNDER_CONDITIONAL_ANNOTATIONS, USE, location)?;
        }
        match self.cur().annotation_block {
            Some(block) => self.enter_existing(block, false),
            None => {
                let key = (self.cur().key.0, BlockRole::VariableAnnotations);
                self.enter(known::DUNDER_ANNOTATE, BlockKind::Annotation, key, location)?;
                let block = self.current;
                self.table.block_mut(parent).annotation_block = Some(block);
                if kind == BlockKind::Class && self.future.features & CO_FUTURE_ANNOTATIONS == 0 {
                    self.cur().can_see_class_scope = true;
                    self.table.block_mut(parent).needs_classdict = true;
                    self.add_def(known::DUNDER_CLASSDICT, USE, location)?;
                }
            }
        }
        if unevaluated {
            self.cur().in_unevaluated_annotation = true;
        }
        self.expr(annotation)?;
        if unevaluated {
            self.cur().in_unevaluated_annotation = false;
        }
        self.exit();
        Ok(())
    }

    fn for_loop(&mut self, stmt: &For<'a>) -> Result {
        self.expr(stmt.target)?;
        self.expr(stmt.iter)?;
        self.conditional(|pass| {
            pass.statements(stmt.body)?;
            pass.statements(stmt.orelse)
        })
    }

    fn with(&mut self, stmt: &With<'a>) -> Result {
        self.conditional(|pass| {
            for item in stmt.items {
                pass.expr(item.context_expr)?;
                if let Some(vars) = item.optional_vars {
                    pass.expr(vars)?;
                }
            }
            pass.statements(stmt.body)
        })
    }

    fn alias(&mut self, alias: &Alias<'a>) -> Result {
        let text = alias.asname.unwrap_or(alias.name);
        if text == "*" {
            if self.cur().kind != BlockKind::Module {
                return Err(CompileError::syntax_at("import * only allowed at module level", alias.location));
            }
            return Ok(());
        }
        // `import spam.eggs` binds `spam`.
        let name = match text.as_str().split_once('.') {
            Some((package, _)) => self.names.intern_text(package),
            None => self.names.intern(text),
        };
        self.add_def(name, DEF_IMPORT, alias.location)
    }

    fn check_import_from(&self, s: &Stmt<'a>, module: Option<Identifier<'a>>, level: Option<i32>) -> Result {
        let future = self.future.location;
        let at = s.location;
        let late = at.lineno > future.lineno
            || at.lineno == future.end_lineno && at.col_offset > future.end_col_offset;
        if level.unwrap_or(0) == 0 && module.is_some_and(|module| module == "__future__") && late {
            return Err(CompileError::syntax_at(
                "from __future__ imports must occur at the beginning of the file",
                at,
            ));
        }
        Ok(())
    }

    fn allows_top_level_await(&self) -> bool {
        self.future.features & PyCF_ALLOW_TOP_LEVEL_AWAIT != 0
            && self.table.block(self.current).kind == BlockKind::Module
    }

    fn require_coroutine(&mut self, message: &str, location: Location) -> Result {
        if self.allows_top_level_await() {
            self.cur().coroutine = true;
        }
        if self.cur().coroutine { Ok(()) } else { Err(CompileError::syntax_at(message, location)) }
    }
}

/// Parameters.
impl<'a> Collector<'_, 'a> {
    /// Defaults are evaluated outside the function.
    fn defaults(&mut self, args: &Arguments<'a>) -> Result {
        self.exprs(args.defaults)?;
        args.kw_defaults.iter().flatten().try_for_each(|default| self.expr(default))
    }

    fn annotations(&mut self, s: &'a Stmt<'a>, def: &'a FunctionDef<'a>) -> Result {
        let sees_class = self.cur().can_see_class_scope || self.cur().kind == BlockKind::Class;
        let key = key_of(s, BlockRole::Annotations);
        self.enter(known::DUNDER_ANNOTATE, BlockKind::Annotation, key, s.location)?;
        if sees_class {
            self.cur().can_see_class_scope = true;
            self.add_def(known::DUNDER_CLASSDICT, USE, s.location)?;
        }
        let args = def.args;
        let parameters = args.posonlyargs.iter().chain(args.args).chain(args.vararg).chain(args.kwarg);
        let annotations = parameters.chain(args.kwonlyargs).filter_map(|arg| arg.annotation).chain(def.returns);
        for annotation in annotations {
            self.cur().annotations_used = true;
            self.expr(annotation)?;
        }
        self.exit();
        Ok(())
    }

    fn arguments(&mut self, args: &'a Arguments<'a>) -> Result {
        for arg in args.posonlyargs.iter().chain(args.args).chain(args.kwonlyargs) {
            self.parameter(arg)?;
        }
        if let Some(arg) = args.vararg {
            self.parameter(arg)?;
            self.cur().varargs = true;
        }
        if let Some(arg) = args.kwarg {
            self.parameter(arg)?;
            self.cur().varkeywords = true;
        }
        Ok(())
    }

    fn parameter(&mut self, arg: &Arg<'a>) -> Result {
        let name = self.names.intern(arg.arg);
        self.add_def(name, DEF_PARAM, arg.location)
    }

    fn type_params(&mut self, params: &'a [TypeParam<'a>]) -> Result {
        params.iter().try_for_each(|param| self.type_param(param))
    }

    fn type_param(&mut self, param: &'a TypeParam<'a>) -> Result {
        self.guard.check()?;
        let (identifier, bound, default, default_info) = match param.kind {
            TypeParamKind::TypeVar { name, bound, default_value } => {
                (name, Some(bound), default_value, "a TypeVar default")
            }
            TypeParamKind::TypeVarTuple { name, default_value } => {
                (name, None, default_value, "a TypeVarTuple default")
            }
            TypeParamKind::ParamSpec { name, default_value } => (name, None, default_value, "a ParamSpec default"),
        };
        let name = self.names.intern(identifier);
        self.add_def(name, DEF_TYPE_PARAM | DEF_LOCAL, param.location)?;
        if let Some(bound) = bound {
            let info = match bound.map(|bound| bound.kind) {
                Some(ExprKind::Tuple { .. }) => "a TypeVar constraint",
                _ => "a TypeVar bound",
            };
            self.type_param_part(bound, name, param, BlockRole::Bound, info)?;
        }
        self.type_param_part(default, name, param, BlockRole::Default, default_info)
    }

    fn type_param_part(
        &mut self,
        part: Option<ExprRef<'a>>,
        name: Name,
        param: &'a TypeParam<'a>,
        role: BlockRole,
        info: &'static str,
    ) -> Result {
        if name == known::DUNDER_CLASSDICT {
            return Err(CompileError::syntax_at(
                "reserved name '__classdict__' cannot be used for type parameter",
                param.location,
            ));
        }
        let Some(part) = part else { return Ok(()) };
        let in_class = self.cur().can_see_class_scope;
        self.enter(name, BlockKind::TypeVariable, key_of(param, role), part.location)?;
        self.cur().can_see_class_scope = in_class;
        if in_class {
            self.add_def(known::DUNDER_CLASSDICT, USE, part.location)?;
        }
        self.cur().scope_info = info;
        self.expr(part)?;
        self.exit();
        Ok(())
    }
}

/// Expressions.
impl<'a> Collector<'_, 'a> {
    fn exprs(&mut self, list: &[ExprRef<'a>]) -> Result {
        list.iter().try_for_each(|e| self.expr(e))
    }

    fn expr(&mut self, e: &'a Expr<'a>) -> Result {
        self.guard.check()?;
        match e.kind {
            ExprKind::NamedExpr { target, value } => {
                self.refuse_in_annotation("named expression", e)?;
                self.named_expr(e, target, value)
            }
            ExprKind::BoolOp { values, .. } | ExprKind::JoinedStr { values } | ExprKind::TemplateStr { values } => {
                self.exprs(values)
            }
            ExprKind::BinOp { left, right, .. } => {
                self.expr(left)?;
                self.expr(right)
            }
            ExprKind::UnaryOp { operand, .. } => self.expr(operand),
            ExprKind::Lambda { args, body } => {
                self.defaults(args)?;
                self.enter(known::LAMBDA, BlockKind::Function, key_of(e, BlockRole::Expression), e.location)?;
                self.arguments(args)?;
                self.expr(body)?;
                self.exit();
                Ok(())
            }
            ExprKind::IfExp { test, body, orelse } => {
                self.expr(test)?;
                self.expr(body)?;
                self.expr(orelse)
            }
            ExprKind::Dict { keys, values } => {
                keys.iter().flatten().try_for_each(|key| self.expr(key))?;
                self.exprs(values)
            }
            ExprKind::Set { elts } | ExprKind::List { elts, .. } | ExprKind::Tuple { elts, .. } => self.exprs(elts),
            ExprKind::GeneratorExp { elt, generators } => {
                self.comprehension(e, ComprehensionKind::Generator, generators, elt, None)
            }
            ExprKind::ListComp { elt, generators } => {
                self.comprehension(e, ComprehensionKind::List, generators, elt, None)
            }
            ExprKind::SetComp { elt, generators } => {
                self.comprehension(e, ComprehensionKind::Set, generators, elt, None)
            }
            ExprKind::DictComp { key, value, generators } => {
                self.comprehension(e, ComprehensionKind::Dict, generators, key, Some(value))
            }
            ExprKind::Yield { value } => {
                self.refuse_in_annotation("yield expression", e)?;
                if let Some(value) = value {
                    self.expr(value)?;
                }
                self.mark_generator(e)
            }
            ExprKind::YieldFrom { value } => {
                self.refuse_in_annotation("yield expression", e)?;
                self.expr(value)?;
                self.mark_generator(e)
            }
            ExprKind::Await { value } => {
                self.refuse_in_annotation("await expression", e)?;
                self.check_await(e)?;
                self.expr(value)?;
                self.cur().coroutine = true;
                Ok(())
            }
            ExprKind::Compare { left, comparators, .. } => {
                self.expr(left)?;
                self.exprs(comparators)
            }
            ExprKind::Call { func, args, keywords } => {
                self.expr(func)?;
                self.exprs(args)?;
                self.keywords(keywords)
            }
            ExprKind::FormattedValue { value, format_spec, .. } | ExprKind::Interpolation { value, format_spec, .. } => {
                self.expr(value)?;
                format_spec.map_or(Ok(()), |spec| self.expr(spec))
            }
            ExprKind::Constant { .. } => Ok(()),
            ExprKind::Attribute { value, attr, ctx } => {
                let attr = self.names.intern(attr);
                check_name(attr, e.location, ctx)?;
                self.expr(value)
            }
            ExprKind::Subscript { value, slice, .. } => {
                self.expr(value)?;
                self.expr(slice)
            }
            ExprKind::Starred { value, .. } => self.expr(value),
            ExprKind::Slice { lower, upper, step } => {
                [lower, upper, step].into_iter().flatten().try_for_each(|part| self.expr(part))
            }
            ExprKind::Name { id, ctx } => self.name(e, id, ctx),
        }
    }

    fn name(&mut self, e: &Expr<'a>, id: Identifier<'a>, ctx: ExprContext) -> Result {
        if self.cur().in_unevaluated_annotation {
            return Ok(());
        }
        let name = self.names.intern(id);
        let flag = if ctx == ExprContext::Load { USE } else { DEF_LOCAL };
        self.add_def_ctx(name, flag, e.location, ctx)?;
        // `super()` finds its class through `__class__`.
        if name == known::SUPER && ctx == ExprContext::Load && self.cur().is_function_like() {
            self.add_def(known::DUNDER_CLASS, USE, e.location)?;
        }
        Ok(())
    }

    fn keywords(&mut self, keywords: &[Keyword<'a>]) -> Result {
        for keyword in keywords {
            if let Some(arg) = keyword.arg {
                let name = self.names.intern(arg);
                check_name(name, keyword.location, ExprContext::Store)?;
            }
        }
        keywords.iter().try_for_each(|keyword| self.expr(keyword.value))
    }

    fn named_expr(&mut self, e: &Expr<'a>, target: ExprRef<'a>, value: ExprRef<'a>) -> Result {
        if self.cur().comp_iter_expr > 0 {
            return Err(CompileError::syntax_at(
                "assignment expression cannot be used in a comprehension iterable expression",
                e.location,
            ));
        }
        if self.cur().comprehension.is_some() {
            self.extend_named_expr_scope(target)?;
        }
        self.expr(value)?;
        self.expr(target)
    }

    /// An assignment expression in a comprehension binds its target in the nearest block that is none.
    fn extend_named_expr_scope(&mut self, target: ExprRef<'a>) -> Result {
        let ExprKind::Name { id, .. } = target.kind else {
            return Err(CompileError::system("NamedExpr with non-Name target"));
        };
        let name = self.names.intern(id);
        let location = target.location;
        for at in (0..self.stack.len()).rev() {
            let block = self.stack[at];
            let entry = self.table.block(block);
            if entry.comprehension.is_some() {
                let flags = self.lookup_in(block, name);
                if flags & DEF_COMP_ITER != 0 && flags & DEF_LOCAL != 0 {
                    return Err(CompileError::syntax_at(
                        format!("assignment expression cannot rebind comprehension iteration variable '{id}'"),
                        location,
                    ));
                }
                continue;
            }
            let refused = match entry.kind {
                BlockKind::Function => {
                    let flags = self.lookup_in(block, name);
                    let flag = if flags & DEF_GLOBAL != 0 { DEF_GLOBAL } else { DEF_NONLOCAL };
                    self.add_def(name, flag, location)?;
                    self.record_directive(name, location);
                    return self.add_def_in(name, DEF_LOCAL, block, location);
                }
                BlockKind::Module => {
                    self.add_def(name, DEF_GLOBAL, location)?;
                    self.record_directive(name, location);
                    return self.add_def_in(name, DEF_GLOBAL, block, location);
                }
                BlockKind::Annotation => continue,
                BlockKind::Class => {
                    "assignment expression within a comprehension cannot be used in a class body"
                }
                BlockKind::TypeParameters => {
                    "assignment expression within a comprehension cannot be used within the definition of a generic"
                }
                BlockKind::TypeAlias => {
                    "assignment expression within a comprehension cannot be used in a type alias"
                }
                BlockKind::TypeVariable => {
                    "assignment expression within a comprehension cannot be used in a TypeVar bound"
                }
            };
            return Err(CompileError::syntax_at(refused, location));
        }
        Ok(())
    }

    fn comprehension(
        &mut self,
        e: &'a Expr<'a>,
        kind: ComprehensionKind,
        generators: &'a [Comprehension<'a>],
        elt: ExprRef<'a>,
        value: Option<ExprRef<'a>>,
    ) -> Result {
        let Some((outermost, inner)) = generators.split_first() else {
            return Err(CompileError::Value("comprehension with no generators".to_owned()));
        };
        // The outermost iterable is evaluated outside.
        self.cur().comp_iter_expr += 1;
        self.expr(outermost.iter)?;
        self.cur().comp_iter_expr -= 1;
        let name = match kind {
            ComprehensionKind::Generator => known::GENEXPR,
            ComprehensionKind::List => known::LISTCOMP,
            ComprehensionKind::Set => known::SETCOMP,
            ComprehensionKind::Dict => known::DICTCOMP,
        };
        self.enter(name, BlockKind::Function, key_of(e, BlockRole::Expression), e.location)?;
        self.cur().comprehension = Some(kind);
        if outermost.is_async != 0 {
            self.cur().coroutine = true;
        }
        self.add_def(known::DOT_ZERO, DEF_PARAM, e.location)?;
        self.comprehension_target(outermost.target)?;
        self.exprs(outermost.ifs)?;
        for generator in inner {
            self.comprehension_target(generator.target)?;
            self.cur().comp_iter_expr += 1;
            self.expr(generator.iter)?;
            self.cur().comp_iter_expr -= 1;
            self.exprs(generator.ifs)?;
            if generator.is_async != 0 {
                self.cur().coroutine = true;
            }
        }
        if let Some(value) = value {
            self.expr(value)?;
        }
        self.expr(elt)?;
        let is_generator = kind == ComprehensionKind::Generator;
        self.cur().generator = is_generator;
        let is_async = self.cur().coroutine && !is_generator;
        self.exit();
        if !is_async {
            return Ok(());
        }
        if !self.is_async_def() && self.cur().comprehension.is_none() && !self.allows_top_level_await() {
            return Err(CompileError::syntax_at(
                "asynchronous comprehension outside of an asynchronous function",
                e.location,
            ));
        }
        self.cur().coroutine = true;
        Ok(())
    }

    fn comprehension_target(&mut self, target: ExprRef<'a>) -> Result {
        self.cur().comp_iter_target = true;
        self.expr(target)?;
        self.cur().comp_iter_target = false;
        Ok(())
    }

    fn is_async_def(&mut self) -> bool {
        self.cur().kind == BlockKind::Function && self.cur().coroutine
    }

    fn check_await(&mut self, e: &Expr<'a>) -> Result {
        if self.allows_top_level_await() {
            return Ok(());
        }
        if !self.cur().is_function_like() {
            return Err(CompileError::syntax_at("'await' outside function", e.location));
        }
        if !self.is_async_def() && self.cur().comprehension.is_none() {
            return Err(CompileError::syntax_at("'await' outside async function", e.location));
        }
        Ok(())
    }

    fn mark_generator(&mut self, e: &Expr<'a>) -> Result {
        self.cur().generator = true;
        let message = match self.cur().comprehension {
            None => return Ok(()),
            Some(ComprehensionKind::List) => "'yield' inside list comprehension",
            Some(ComprehensionKind::Set) => "'yield' inside set comprehension",
            Some(ComprehensionKind::Dict) => "'yield' inside dict comprehension",
            Some(ComprehensionKind::Generator) => "'yield' inside generator expression",
        };
        Err(CompileError::syntax_at(message, e.location))
    }

    fn refuse_in_annotation(&mut self, what: &str, e: &Expr<'a>) -> Result {
        let place = match self.cur().kind {
            BlockKind::Annotation => "an annotation",
            BlockKind::TypeVariable => self.cur().scope_info,
            BlockKind::TypeAlias => "a type alias",
            BlockKind::TypeParameters => "the definition of a generic",
            _ => return Ok(()),
        };
        Err(CompileError::syntax_at(format!("{what} cannot be used within {place}"), e.location))
    }
}

/// Patterns.
impl<'a> Collector<'_, 'a> {
    fn patterns(&mut self, list: &[PatternRef<'a>]) -> Result {
        list.iter().try_for_each(|p| self.pattern(p))
    }

    fn capture(&mut self, name: Option<Identifier<'a>>, location: Location) -> Result {
        let Some(name) = name else { return Ok(()) };
        let name = self.names.intern(name);
        self.add_def(name, DEF_LOCAL, location)
    }

    fn pattern(&mut self, p: &'a Pattern<'a>) -> Result {
        self.guard.check()?;
        match p.kind {
            PatternKind::MatchValue { value } => self.expr(value),
            PatternKind::MatchSingleton { .. } => Ok(()),
            PatternKind::MatchSequence { patterns } | PatternKind::MatchOr { patterns } => self.patterns(patterns),
            PatternKind::MatchStar { name } => self.capture(name, p.location),
            PatternKind::MatchMapping { keys, patterns, rest } => {
                self.exprs(keys)?;
                self.patterns(patterns)?;
                self.capture(rest, p.location)
            }
            PatternKind::MatchClass(class) => {
                self.expr(class.cls)?;
                self.patterns(class.patterns)?;
                for (&attr, pattern) in class.kwd_attrs.iter().zip(class.kwd_patterns) {
                    let attr = self.names.intern(attr);
                    check_name(attr, pattern.location, ExprContext::Store)?;
                }
                self.patterns(class.kwd_patterns)
            }
            PatternKind::MatchAs { pattern, name } => {
                if let Some(pattern) = pattern {
                    self.pattern(pattern)?;
                }
                self.capture(name, p.location)
            }
        }
    }
}
