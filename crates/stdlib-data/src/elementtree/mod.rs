//! `_elementtree`: the fast half of `xml.etree.ElementTree`.
//!
//! `element` is the tree, `iterator` walks it, `builder` makes it from events, `parser` takes the events from the engine of `pyexpat`: where the
//! target is a plain `TreeBuilder`, parsing calls no Python.

mod builder;
mod element;
mod iterator;
mod parser;

use builder::TreeBuilder_Type;
use runtime::kept::Kept;
use element::{Element, Element_Type};
use macros::pymodule;
use parser::XmlParser_Type;
use runtime::exceptions::{self, ModuleException};
use runtime::macro_support::{Args, KwArgs};
use runtime::protocol::object;
use runtime::types::{Module, Str, Tuple, none, type_ready};
use runtime::{Object, Owned, PyResult, PyTyped, err};
use std::cell::Cell;

pub static PARSE_ERROR: ModuleException = ModuleException::new("xml.etree.ElementTree", "ParseError", || Ok(exceptions::SyntaxError()), None);

static COMMENT_FACTORY: Kept = Kept::new();
static PI_FACTORY: Kept = Kept::new();
static ELEMENT_PATH: Kept = Kept::new();
static DEEPCOPY: Kept = Kept::new();

/// A new reference to what a cell holds.
#[inline]
fn peek<T>(cell: &Cell<Option<Owned<T>>>) -> Option<Owned<T>> {
    let value = cell.take();
    let copy = value.clone();
    // What the cell held meanwhile is nothing: no code ran.
    cell.set(value);
    copy
}

fn or_none(cell: &Cell<Option<Owned>>) -> Owned {
    peek(cell).unwrap_or_else(|| none().to_owned())
}

/// Python's `""`.join, which says what is wrong with an item that is no text.
fn join(items: &[Owned]) -> PyResult {
    let texts: Option<Vec<Owned<Str>>> = items.iter().map(|item| item.downcast::<Str>().map(Owned::from_ref)).collect();
    match texts {
        Some(texts) => Ok(Str::concat_all(&texts)?.into_object()),
        None => {
            let items: Vec<&Object> = items.iter().map(Owned::object).collect();
            runtime::protocol::call::call_method(&Str::new(""), runtime::intern!("join"), &[&*Tuple::new(&items)])
        }
    }
}

#[pymodule(name = "_elementtree")]
#[types(Element_Type, TreeBuilder_Type, XmlParser_Type)]
pub mod elementtree {
    use super::*;

    #[function("SubElement($module, *args, **kwargs)", nosig)]
    fn sub_element(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<Element>> {
        let count = args.len() + kwargs.len();
        let (parent, tag, attrib) = match *args {
            [parent, tag] => (parent, tag, None),
            [parent, tag, attrib] => (parent, tag, Some(attrib)),
            [] | [_] => return Err(err!(TypeError, "SubElement() takes at least 2 arguments ({} given)", args.len())),
            _ => return Err(err!(TypeError, "SubElement() takes at most 3 arguments ({} given)", count)),
        };
        let Some(parent) = parent.downcast::<Element>() else {
            return Err(err!(TypeError, "SubElement() argument 1 must be xml.etree.ElementTree.Element, not {}", parent.type_name()));
        };
        let keywords = kwargs.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let attrib = element::attributes_of_call("SubElement", 3, attrib, keywords)?;
        let child = Element::create(tag, attrib)?;
        parent.push(&child);
        Ok(child)
    }
    /// Set what makes comments and processing instructions.
    ///
    /// For internal use only.
    #[function("_set_factories($module, comment_factory, pi_factory, /)")]
    fn set_factories(comment_factory: &Object, pi_factory: &Object) -> PyResult<(Owned, Owned)> {
        for (factory, kind) in [(comment_factory, "Comment"), (pi_factory, "PI")] {
            if !factory.is_none() && !object::is_callable(factory) {
                return Err(err!(TypeError, "{} factory must be callable, not {}", kind, factory.type_name()));
            }
        }
        let set = |kept: &'static Kept, factory: &Object| {
            let old = kept.set(Some(factory).filter(|factory| !factory.is_none()).map(Object::to_owned));
            old.unwrap_or_else(|| none().to_owned())
        };
        Ok((set(&COMMENT_FACTORY, comment_factory), set(&PI_FACTORY, pi_factory)))
    }
    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        type_ready(iterator::ElementIterator::type_object())?;
        module.add("ParseError", PARSE_ERROR.ty()?)
    }
}
