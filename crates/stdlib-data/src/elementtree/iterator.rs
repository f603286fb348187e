//! What `Element.iter` and `Element.itertext` give: a walk over the tree in the order of the document, which may change meanwhile.

use super::element::{Element, is_tag};
use super::peek;
use macros::{Traverse, pytype};
use runtime::protocol::object;
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped};
use std::cell::{Cell, RefCell};

#[derive(Traverse)]
#[repr(C)]
pub struct ElementIterator {
    head: ObjectHead,
    /// Where the walk begins, until it has.
    root: Cell<Option<Owned<Element>>>,
    sought: Cell<Option<Owned>>,
    /// The elements that the walk is in, with the child that is next.
    path: RefCell<Vec<(Owned<Element>, usize)>>,
    is_text: bool,
}

impl ElementIterator {
    pub fn create(root: &Element, sought: Option<&Object>, is_text: bool) -> PyResult<Owned<ElementIterator>> {
        ElementIterator::construct(
            ElementIterator::type_object(),
            ElementIterator {
                head: ObjectHead::placeholder(),
                root: Cell::new(Some(Owned::from_ref(root))),
                sought: Cell::new(sought.map(Object::to_owned)),
                path: RefCell::new(Vec::new()),
                is_text,
            },
        )
    }
    /// The next element, entered; or one that is left, whose tail follows; None at the end.
    fn advance(&self) -> Option<(Owned<Element>, bool)> {
        let mut left = None;
        let found = {
            let mut path = self.path.borrow_mut();
            loop {
                let next = match path.last_mut() {
                    None => match self.root.take() {
                        Some(root) => root,
                        None => break None,
                    },
                    Some((parent, at)) => match parent.child(*at) {
                        Some(child) => {
                            *at += 1;
                            child
                        }
                        None => {
                            let over = path.pop().map(|(element, _)| element);
                            if self.is_text && !path.is_empty() {
                                break over.map(|element| (element, true));
                            }
                            // The walk may be its last owner; it is dropped when the path is free.
                            left.get_or_insert_with(Vec::new).extend(over);
                            continue;
                        }
                    },
                };
                // Comments and instructions have no text of the document's, but a tail.
                if self.is_text && !next.has_text_tag() {
                    if path.is_empty() {
                        break None;
                    }
                    break Some((next, true));
                }
                path.push((next.clone(), 0));
                break Some((next, false));
            }
        };
        drop(left);
        found
    }
}

#[pytype(static = ElementIterator_Type, name = "_element_iterator", module = "_elementtree", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl ElementIterator {
    #[slot]
    fn tp_iter(&self) -> Owned {
        object::self_iter(self.as_object())
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        let sought = peek(&self.sought);
        while let Some((element, is_left)) = self.advance() {
            if !self.is_text {
                match &sought {
                    Some(sought) if !is_tag(&element.tag_object(), sought)? => continue,
                    _ => return Ok(Some(element.into_object())),
                }
            }
            let text = peek(if is_left { &element.tail } else { &element.text });
            if let Some(text) = text.filter(|text| !text.is_none())
                && object::is_true(&text)?
            {
                return Ok(Some(text));
            }
        }
        Ok(None)
    }
}
