//! The classes of nodes, made once from the abstract grammar.

use super::Ast;
use crate::err;
use crate::errors::PyResult;
use crate::intern;
use crate::object::{Object, Owned, PyTyped, Type};
use crate::types::{self, Dict, GenericAlias, GilCell, Int, Module, Str, Tuple};
use std::cell::OnceCell;
use std::collections::HashMap;

/// Python 3.14's abstract grammar: a sum or product a line, `attributes` at its end.
const GRAMMAR: &str = include_str!("grammar.txt");

struct Classes {
    by_name: HashMap<&'static str, Owned<Type>>,
    /// Names by the address of the class.
    names: HashMap<usize, &'static str>,
    /// The only instances of classes without fields, of contexts and operators.
    singletons: HashMap<&'static str, Owned>,
    /// In the grammar's order.
    order: Vec<&'static str>,
    /// The alternatives of each sum.
    sums: HashMap<&'static str, Vec<&'static str>>,
}

fn all() -> PyResult<&'static Classes> {
    static CLASSES: GilCell<OnceCell<Classes>> = GilCell(OnceCell::new());
    if let Some(classes) = CLASSES.0.get() {
        return Ok(classes);
    }
    let made = make()?;
    Ok(CLASSES.0.get_or_init(|| made))
}

fn unknown(name: &str) -> crate::errors::Raised {
    err!(SystemError, "no class of nodes is called {}", name)
}

/// The class of a name in the grammar.
pub fn class(name: &str) -> PyResult<&'static Type> {
    match all()?.by_name.get(name) {
        Some(class) => Ok(class),
        None => Err(unknown(name)),
    }
}

/// The instance that stands for an operator or a context.
pub fn singleton(name: &str) -> PyResult {
    match all()?.singletons.get(name) {
        Some(instance) => Ok(instance.clone()),
        None => Err(unknown(name)),
    }
}

/// Which alternative of a sum an object is an instance of.
pub fn alternative(sum: &'static str, node: &Object) -> PyResult<Option<&'static str>> {
    let classes = all()?;
    let alternatives = classes.sums.get(sum).ok_or_else(|| unknown(sum))?;
    if let Some(name) = classes.names.get(&(node.ty() as *const Type as usize)) {
        return Ok(alternatives.contains(name).then_some(*name));
    }
    for name in alternatives {
        if crate::protocol::object::is_instance(node, class(name)?)? {
            return Ok(Some(name));
        }
    }
    Ok(None)
}

pub fn add_to(module: &Module) -> PyResult<()> {
    let classes = all()?;
    for name in &classes.order {
        if let Some(class) = classes.by_name.get(name) {
            module.add(name, &**class)?;
        }
    }
    Ok(())
}

/// A constructor in the grammar: its name and its fields as `type name`.
fn parse_constructor(text: &'static str) -> (&'static str, Vec<(&'static str, &'static str)>) {
    let Some((name, rest)) = text.split_once('(') else { return (text.trim(), Vec::new()) };
    let fields = rest.trim_end().trim_end_matches(')').split(',').filter_map(|field| field.trim().split_once(' '));
    (name.trim(), fields.collect())
}

fn make() -> PyResult<Classes> {
    let mut classes =
        Classes { by_name: HashMap::new(), names: HashMap::new(), singletons: HashMap::new(), order: Vec::new(), sums: HashMap::new() };
    let base = Ast::type_object();
    types::type_ready(base)?;
    for name in [intern!("_fields"), intern!("_attributes"), intern!("__match_args__")] {
        base.dict().set_str(name, &*Tuple::empty())?;
    }
    base.modified();
    let mut field_lists = Vec::new();
    for line in GRAMMAR.lines() {
        let (definition, attributes) = line.split_once(" attributes ").unwrap_or((line, ""));
        match definition.split_once(" = ") {
            Some((sum, alternatives)) => {
                classes.add(sum, base, &[], Some(attributes), &documentation(sum, alternatives))?;
                let mut names = Vec::new();
                let parent = class_in(&classes, sum)?;
                for alternative in alternatives.split(" | ") {
                    let (name, fields) = parse_constructor(alternative);
                    classes.add(name, &parent, &fields, None, alternative)?;
                    names.push(name);
                    field_lists.push((name, fields));
                }
                classes.sums.insert(sum, names);
            }
            None => {
                let (name, fields) = parse_constructor(definition);
                classes.add(name, base, &fields, Some(attributes), definition)?;
                classes.sums.insert(name, vec![name]);
                field_lists.push((name, fields));
            }
        }
    }
    for (name, fields) in field_lists {
        let kinds = Dict::new();
        for (kind, field) in &fields {
            kinds.set(field, &*classes.kind_of(kind)?)?;
        }
        let class = class_in(&classes, name)?;
        class.dict().set_str(intern!("_field_types"), &*kinds)?;
        class.dict().set_str(intern!("__annotations_cache__"), &*kinds.copy()?)?;
        class.modified();
        let of_words = ["expr_context", "boolop", "operator", "unaryop", "cmpop"];
        if fields.is_empty() && of_words.iter().any(|sum| classes.sums.get(sum).is_some_and(|s| s.contains(&name))) {
            classes.singletons.insert(name, Ast::with(&class, Dict::new())?);
        }
    }
    Ok(classes)
}

fn class_in(classes: &Classes, name: &str) -> PyResult<Owned<Type>> {
    classes.by_name.get(name).cloned().ok_or_else(|| unknown(name))
}

/// `sum = A(..)`, with the alternatives one below the other.
fn documentation(sum: &str, alternatives: &str) -> String {
    let plain = !alternatives.contains('(');
    let separator = if plain { " | ".to_string() } else { format!("\n{}| ", " ".repeat(sum.len() + 1)) };
    format!("{sum} = {}", alternatives.split(" | ").collect::<Vec<_>>().join(&separator))
}

impl Classes {
    fn add(&mut self, name: &'static str, parent: &Type, fields: &[(&str, &'static str)], attributes: Option<&'static str>, doc: &str) -> PyResult<()> {
        let text = |s: &str| Str::intern(Str::new(s)).into_object();
        let namespace = Dict::new();
        let names = Tuple::from_owned(fields.iter().map(|(_, field)| text(field)).collect());
        namespace.set("_fields", &*names)?;
        namespace.set("__match_args__", &*names)?;
        namespace.set("__module__", intern!("ast"))?;
        namespace.set("__doc__", &*Str::new(doc))?;
        if let Some(attributes) = attributes {
            let list = attributes.split_whitespace().map(|a| text(a.trim_start_matches('?'))).collect();
            namespace.set("_attributes", &*Tuple::from_owned(list))?;
            for optional in attributes.split_whitespace().filter_map(|a| a.strip_prefix('?')) {
                namespace.set(optional, types::none())?;
            }
        }
        for (kind, field) in fields {
            if kind.ends_with('?') {
                namespace.set(field, types::none())?;
            }
        }
        namespace.set("__slots__", &*Tuple::empty())?;
        let class = types::type_new::new_type(types::type_type(), &Str::new(name), &Tuple::new(&[parent]), &namespace, None)?;
        class.dict().pop(intern!("__slots__"))?;
        class.modified();
        self.names.insert(class.raw() as usize, name);
        self.by_name.insert(name, class);
        self.order.push(name);
        Ok(())
    }
    /// What `_field_types` says of a field: a class, `list[class]`, or `class | None`.
    fn kind_of(&self, kind: &str) -> PyResult {
        let plain = kind.trim_end_matches(['*', '?']);
        let class: Owned = match plain {
            "identifier" => Str::type_object().to_owned(),
            "int" => Int::type_object().to_owned(),
            "string" | "constant" => match plain {
                "string" => Str::type_object().to_owned(),
                _ => types::object_type().to_owned(),
            },
            name => class_in(self, name)?.into_object(),
        };
        if kind.ends_with('*') {
            let list = GenericAlias::make(types::List::type_object(), &class)?;
            return Ok(list);
        }
        if kind.ends_with('?') {
            return crate::protocol::number::or(&class, types::none());
        }
        Ok(class)
    }
}
