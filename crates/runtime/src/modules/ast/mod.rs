//! `_ast`: the classes of syntax trees, and trees as objects.
//!
//! The classes are made from the abstract grammar in `grammar.txt`; `to_objects` and `from_objects` convert between them and the front end's tree.

pub mod classes;
pub mod from_objects;
pub mod to_objects;

use crate::errors::PyResult;
use crate::exceptions;
use crate::intern;
use crate::macro_support::{Args, KwArgs, check_positional};
use crate::object::{Object, ObjectHead, Owned, PyTyped, Type};
use crate::protocol::{call, object, sequence};
use crate::types::{self, Dict, GenericAlias, List, Module, Str, Tuple, Union};
use crate::{compile, err};
use compiler::flags;
use macros::{Traverse, pymodule, pytype};
use std::cell::Cell;
use std::mem::offset_of;
use syntax::Mode;

/// The base of all nodes: attributes in a dict.
#[derive(Traverse)]
#[repr(C)]
pub struct Ast {
    head: ObjectHead,
    dict: Cell<Option<Owned<Dict>>>,
}

impl Ast {
    /// A node of a class with its attributes.
    pub fn with(class: &Type, dict: Owned<Dict>) -> PyResult<Owned> {
        Ok(Ast::construct(class, Ast { head: ObjectHead::placeholder(), dict: Cell::new(Some(dict)) })?.into_object())
    }
}

/// Whether an object is a syntax tree (`PyAST_Check`).
pub fn is_node(o: &Object) -> bool {
    Ast::check(o)
}

/// The names in a class's `_fields` or `_attributes`.
fn names(class: &Object, which: &'static Str) -> PyResult<Vec<Owned>> {
    let Some(names) = object::get_attr_opt(class, which)? else { return Ok(Vec::new()) };
    Ok(sequence::to_list(&names)?.to_vec())
}

fn contains(names: &[Owned], name: &Object) -> PyResult<bool> {
    for known in names {
        if object::rich_compare_bool(known, name, object::CompareOp::Eq)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn deprecated(message: &str) -> PyResult<()> {
    exceptions::warn(exceptions::DeprecationWarning(), message, 1)
}

/// Gives fields that no argument was given for their defaults: None, an empty list, Load().
fn set_defaults(node: &Object, missing: &[Owned]) -> PyResult<()> {
    let class = node.ty();
    let Some(field_types) = object::get_attr_opt(class, intern!("_field_types"))? else { return Ok(()) };
    let Some(field_types) = field_types.downcast::<Dict>() else {
        return Err(err!(TypeError, "_field_types must be a dict, not '{}'", field_types.type_name()));
    };
    for name in missing {
        let shown = object::repr(name)?;
        let Some(kind) = field_types.get_item(name)? else {
            deprecated(&format!("Field {} is missing from {}._field_types. This will become an error in Python 3.15.", &*shown, class.name()))?;
            continue;
        };
        if Union::check(&kind) {
            // The class has None for it.
            continue;
        }
        if GenericAlias::check(&kind) {
            object::set_attr_object(node, name, Some(&*List::new()))?;
        } else if kind.is(classes::class("expr_context")?) {
            object::set_attr_object(node, name, Some(&*classes::singleton("Load")?))?;
        } else {
            deprecated(&format!(
                "{}.__init__ missing 1 required positional argument: {}. This will become an error in Python 3.15.",
                class.name(),
                &*shown
            ))?;
        }
    }
    Ok(())
}

const REPR_DEPTH: u32 = 3;

fn repr_node(node: &Object, depth: u32) -> PyResult<String> {
    let name = node.ty().short_name().to_string();
    if depth == 0 {
        return Ok(format!("{name}(...)"));
    }
    if object::repr_enter(node) {
        return Ok(format!("{name}(...)"));
    }
    let result = repr_fields(node, depth);
    object::repr_leave(node);
    Ok(format!("{name}({})", result?))
}

fn repr_fields(node: &Object, depth: u32) -> PyResult<String> {
    let mut parts = Vec::new();
    for field in names(node.ty(), intern!("_fields"))? {
        let value = object::get_attr_object(node, &field)?;
        parts.push(format!("{}={}", &*object::str(&field)?, repr_value(&value, depth)?));
    }
    Ok(parts.join(", "))
}

fn repr_value(value: &Object, depth: u32) -> PyResult<String> {
    if is_node(value) {
        return repr_node(value, depth - 1);
    }
    let (items, open, close) = if let Some(list) = value.downcast::<List>() {
        (list.to_vec(), "[", "]")
    } else if let Some(tuple) = value.downcast::<Tuple>() {
        (tuple.iter().map(Object::to_owned).collect(), "(", ")")
    } else {
        return Ok(object::repr(value)?.to_string());
    };
    let item = |item: &Owned| if is_node(item) { repr_node(item, depth - 1) } else { Ok(object::repr(item)?.to_string()) };
    let inner = match items.as_slice() {
        [] => String::new(),
        [only] => item(only)?,
        [first, second] => format!("{}, {}", item(first)?, item(second)?),
        [first, .., last] => format!("{}, ..., {}", item(first)?, item(last)?),
    };
    Ok(format!("{open}{inner}{close}"))
}

#[pytype(static = PyAST_Type, name = "AST", module = "ast", flags = BASETYPE | HAVE_GC, native, dictoffset = offset_of!(Ast, dict))]
impl Ast {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Ast>> {
        Ast::construct(cls, Ast { head: ObjectHead::placeholder(), dict: Cell::new(Some(Dict::new())) })
    }
    #[slot]
    fn tp_init(this: &Object, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let class = this.ty();
        let fields = sequence::to_list(&*object::get_attr(class, intern!("_fields"))?)?.to_vec();
        if fields.len() < args.len() {
            let plural = if fields.len() == 1 { "" } else { "s" };
            return Err(err!(TypeError, "{} constructor takes at most {} positional argument{}", class.name(), fields.len(), plural));
        }
        for (field, value) in fields.iter().zip(args.iter()) {
            object::set_attr_object(this, field, Some(value))?;
        }
        let given = args.len();
        let mut missing: Vec<Owned> = fields[given..].to_vec();
        let mut attributes = None;
        let mut position = 0;
        while let Some((key, value)) = kwargs.and_then(|k| k.next(&mut position)) {
            if contains(&fields, &key)? {
                let before = missing.len();
                let mut kept = Vec::with_capacity(before);
                for name in missing {
                    if !object::rich_compare_bool(&name, &key, object::CompareOp::Eq)? {
                        kept.push(name);
                    }
                }
                missing = kept;
                if missing.len() == before {
                    let shown = object::repr(&key)?;
                    return Err(err!(TypeError, "{} got multiple values for argument {}", class.name(), &*shown));
                }
            } else {
                if attributes.is_none() {
                    attributes = Some(names(class, intern!("_attributes"))?);
                }
                if !contains(attributes.as_deref().unwrap_or(&[]), &key)? {
                    let shown = object::repr(&key)?;
                    deprecated(&format!(
                        "{}.__init__ got an unexpected keyword argument {}. Support for arbitrary keyword arguments is deprecated and will be removed in Python 3.15.",
                        class.name(),
                        &*shown
                    ))?;
                }
            }
            object::set_attr_object(this, &key, Some(&value))?;
        }
        if missing.is_empty() { Ok(()) } else { set_defaults(this, &missing) }
    }
    #[slot]
    fn tp_repr(this: &Object) -> PyResult<String> {
        repr_node(this, REPR_DEPTH)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        let this = self.as_object();
        let class: Owned = this.ty().to_owned();
        let Some(dict) = object::get_attr_opt(this, intern!("__dict__"))? else {
            return Ok(Tuple::pair(class, Tuple::empty().into_object()));
        };
        let Some(dict) = dict.downcast::<Dict>() else {
            return Ok(Tuple::pair(class, Tuple::empty().into_object()));
        };
        // The arguments only keep the class from missing its fields: were the values among them, nodes that know
        // their parents would recurse without end.
        let mut positional = Vec::new();
        for field in names(this.ty(), intern!("_fields"))? {
            match dict.get_item(&field)? {
                Some(_) => positional.push(types::none().to_owned()),
                None => break,
            }
        }
        Ok(Tuple::triple(class, Tuple::from_owned(positional).into_object(), dict.copy()?.into_object()))
    }
    /// Return a copy of the AST node with new values for the specified fields.
    #[method("__replace__($self, *args, **fields)", nosig)]
    fn replace(&self, args: Args<'_>, fields: KwArgs<'_>) -> PyResult {
        check_positional("__replace__", args.len(), 0, 0)?;
        replace_fields(self.as_object(), fields)
    }
    #[getter("__dict__")]
    fn dict(&self) -> PyResult<Owned<Dict>> {
        object::generic_get_dict(self.as_object())
    }
    #[setter("__dict__")]
    fn set_dict(&self, value: Option<&Object>) -> PyResult<()> {
        object::generic_set_dict(self.as_object(), value)
    }
}

/// `copy.replace` of a node.
fn replace_fields(this: &Object, changes: KwArgs<'_>) -> PyResult {
    let class = this.ty();
    let (fields, attributes) = (names(class, intern!("_fields"))?, names(class, intern!("_attributes"))?);
    for (key, _) in changes.iter() {
        if !contains(&fields, key)? && !contains(&attributes, key)? {
            let shown = object::repr(key)?;
            return Err(err!(TypeError, "{}.__replace__ got an unexpected keyword argument {}.", class.name(), &*shown));
        }
        if !types::Str::check(key) {
            return Err(err!(TypeError, "keywords must be strings"));
        }
    }
    let payload = Dict::new();
    let own = object::get_attr_opt(this, intern!("__dict__"))?;
    let own = own.as_ref().and_then(|d| d.downcast::<Dict>());
    let mut missing: Vec<String> = Vec::new();
    for (names, required) in [(&fields, true), (&attributes, false)] {
        for name in names {
            let value = match own {
                Some(own) => own.get_item(name)?,
                None => None,
            };
            if let Some(value) = value {
                payload.set_item(name, &value)?;
            } else if required && let Some(name) = name.downcast::<Str>() {
                let given = changes.iter().any(|(key, _)| key.downcast::<Str>().is_some_and(|k| Str::equal(k, name)));
                if !given && object::get_attr_opt(class, name)?.is_none() {
                    missing.push(object::repr(name)?.to_string());
                }
            }
        }
    }
    if !missing.is_empty() {
        let plural = if missing.len() == 1 { "" } else { "s" };
        missing.sort();
        return Err(err!(
            TypeError,
            "{}.__replace__ missing {} keyword argument{}: {}.",
            class.name(),
            missing.len(),
            plural,
            missing.join(", ")
        ));
    }
    for (key, value) in changes.iter() {
        payload.set_item(key, value)?;
    }
    call::call(class, &Tuple::empty(), Some(&payload))
}

/// `compile()` of a tree.
pub fn compile_tree(tree: &Object, filename: &Str, mode: Mode, bits: u32, optimize: i32) -> PyResult {
    from_objects::with_module(tree, mode, |arena, module| {
        let mut host = compile::RuntimeHost { filename: Owned::from_ref(filename), module_name: None };
        let options = compile::options(filename, bits, optimize);
        if bits & flags::PyCF_ONLY_AST != 0 {
            if bits & flags::PyCF_OPTIMIZED_AST != flags::PyCF_OPTIMIZED_AST {
                return Ok(tree.to_owned());
            }
            compiler::validate(module, &host).map_err(|error| compile::raise_compile_error(error, &host))?;
            return optimized(arena, module, &options, &mut host);
        }
        compiler::validate(module, &host).map_err(|error| compile::raise_compile_error(error, &host))?;
        let unit = compiler::compile(arena, module, &options, &mut host).map_err(|error| compile::raise_compile_error(error, &host))?;
        Ok(types::Code::from_unit(&unit)?.into_object())
    })
}

/// `compile()` of text with `PyCF_ONLY_AST`.
pub fn parse(request: &compile::Request<'_>) -> PyResult {
    let bits = request.flags;
    compile::with_tree(request, |arena, module, host, options| {
        if bits & flags::PyCF_OPTIMIZED_AST == flags::PyCF_OPTIMIZED_AST {
            return optimized(arena, module, options, host);
        }
        to_objects::module(module)
    })
}

fn optimized<'a>(
    arena: &'a syntax::Arena,
    module: &syntax::ast::Mod<'a>,
    options: &compiler::Options,
    host: &mut compile::RuntimeHost,
) -> PyResult {
    let program = compiler::Program::new(arena, module, options, host).map_err(|error| compile::raise_compile_error(error, host))?;
    to_objects::module(&program.module)
}

/// Classes of syntax trees.
#[pymodule(name = "_ast")]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        let integer = |value: u32| types::Int::from_i64(value as i64);
        module.add("PyCF_ALLOW_TOP_LEVEL_AWAIT", &*integer(flags::PyCF_ALLOW_TOP_LEVEL_AWAIT))?;
        module.add("PyCF_ONLY_AST", &*integer(flags::PyCF_ONLY_AST))?;
        module.add("PyCF_TYPE_COMMENTS", &*integer(flags::PyCF_TYPE_COMMENTS))?;
        module.add("PyCF_OPTIMIZED_AST", &*integer(flags::PyCF_OPTIMIZED_AST))?;
        module.add("AST", Ast::type_object())?;
        classes::add_to(module)?;
        // A heap type in the reference: its attributes may be set.
        Ast::type_object().clear_flags(abi::Py_TPFLAGS_IMMUTABLETYPE as u64);
        Ok(())
    }
}
