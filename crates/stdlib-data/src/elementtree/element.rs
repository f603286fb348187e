//! `Element`: a node of the tree.
//!
//! Invariant: `children` is borrowed for as long as it takes to copy or move references; comparing, dropping and calling happen outside.

use super::iterator::ElementIterator;
use super::{DEEPCOPY, ELEMENT_PATH, join, or_none, peek};
use macros::{Traverse, pytype};
use runtime::protocol::object::{self, CompareOp};
use runtime::protocol::{call, number, sequence};
use runtime::types::{Bytes, Dict, Int, List, Slice, Str, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, exceptions};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

#[derive(Traverse)]
#[repr(C)]
pub struct Element {
    head: ObjectHead,
    tag: Cell<Option<Owned>>,
    pub text: Cell<Option<Owned>>,
    pub tail: Cell<Option<Owned>>,
    /// None: empty, and nobody has asked for it.
    attrib: Cell<Option<Owned<Dict>>>,
    children: RefCell<Vec<Owned<Element>>>,
    weakrefs: Cell<*mut abi::PyObject>,
}

/// A dict of its own for an element, of a dict and keywords; None if it would be empty.
pub fn attributes(attrib: Option<&Dict>, keywords: Vec<(Owned, Owned)>) -> PyResult<Option<Owned<Dict>>> {
    let attrib = attrib.filter(|attrib| !attrib.is_empty());
    if attrib.is_none() && keywords.is_empty() {
        return Ok(None);
    }
    let own = match attrib {
        Some(attrib) => attrib.copy()?,
        None => Dict::new(),
    };
    for (name, value) in keywords {
        own.set_item_owned(name, value)?;
    }
    Ok(Some(own))
}

/// As `attributes`, of a call's argument and keywords: without the argument, it may be a keyword.
pub fn attributes_of_call(function: &str, position: usize, attrib: Option<&Object>, mut keywords: Vec<(Owned, Owned)>) -> PyResult<Option<Owned<Dict>>> {
    let Some(attrib) = attrib else {
        let named = keywords.iter().position(|(name, _)| name.downcast::<Str>().is_some_and(|name| name.eq_str("attrib")));
        let named = named.map(|at| keywords.remove(at).1);
        return match named.as_deref() {
            None => attributes(None, keywords),
            Some(named) => match named.downcast::<Dict>() {
                Some(named) => attributes(Some(named), keywords),
                None => Err(err!(TypeError, "attrib must be dict, not {}", named.type_name())),
            },
        };
    };
    match attrib.downcast::<Dict>() {
        Some(attrib) => attributes(Some(attrib), keywords),
        None => Err(err!(TypeError, "{}() argument {} must be dict, not {}", function, position, attrib.type_name())),
    }
}

#[cold]
fn not_an_element(object: &Object) -> Raised {
    err!(TypeError, "expected an Element, not \"{}\"", object.type_name())
}

/// Whether a tag is the one that is sought.
#[inline]
pub fn is_tag(tag: &Object, sought: &Object) -> PyResult<bool> {
    if tag.is(sought) {
        return Ok(true);
    }
    if let (Some(tag), Some(sought)) = (tag.downcast_exact::<Str>(), sought.downcast_exact::<Str>()) {
        return Ok(Str::equal(tag, sought));
    }
    object::rich_compare_bool(tag, sought, CompareOp::Eq)
}

/// Whether a path is more than a tag.
fn is_path(path: &Object) -> bool {
    let units: Vec<u32> = match (path.downcast::<Str>(), path.downcast::<Bytes>()) {
        (Some(text), _) => text.code_points().collect(),
        (_, Some(bytes)) => bytes.as_slice().iter().map(|&byte| byte as u32).collect(),
        _ => return true,
    };
    let starts = |with: &str| units.len() >= 3 && with.bytes().zip(&units).all(|(a, &b)| a as u32 == b);
    if starts("{}") || starts("{*}") {
        return true;
    }
    let mut in_namespace = false;
    units.iter().any(|&unit| {
        match char::from_u32(unit) {
            Some('{') => in_namespace = true,
            Some('}') => in_namespace = false,
            Some('/' | '*' | '[' | '@' | '.') => return !in_namespace,
            _ => {}
        }
        false
    })
}

impl Element {
    /// A new element; the dict becomes its own.
    pub fn create(tag: &Object, attrib: Option<Owned<Dict>>) -> PyResult<Owned<Element>> {
        Element::make(Element::type_object(), tag.to_owned(), attrib)
    }
    pub fn make(cls: &Type, tag: Owned, attrib: Option<Owned<Dict>>) -> PyResult<Owned<Element>> {
        Element::construct(
            cls,
            Element {
                head: ObjectHead::placeholder(),
                tag: Cell::new(Some(tag)),
                text: Cell::new(None),
                tail: Cell::new(None),
                attrib: Cell::new(attrib),
                children: RefCell::new(Vec::new()),
                weakrefs: Cell::new(std::ptr::null_mut()),
            },
        )
    }
    pub fn push(&self, child: &Element) {
        self.children.borrow_mut().push(Owned::from_ref(child));
    }
    pub fn child(&self, index: usize) -> Option<Owned<Element>> {
        self.children.borrow().get(index).cloned()
    }
    pub fn tag_object(&self) -> Owned {
        or_none(&self.tag)
    }
    /// Whether this is an element of the document, not a comment or the like.
    pub fn has_text_tag(&self) -> bool {
        let tag = self.tag_object();
        tag.is_none() || tag.is_instance_of::<Str>()
    }
    fn len(&self) -> usize {
        self.children.borrow().len()
    }
    fn own_attrib(&self) -> Owned<Dict> {
        peek(&self.attrib).unwrap_or_else(|| {
            let made = Dict::new();
            self.attrib.set(Some(made.clone()));
            made
        })
    }
    /// The first child with a tag; a child that is compared may change the children.
    fn first(&self, tag: &Object) -> PyResult<Option<Owned<Element>>> {
        let mut at = 0;
        while let Some(child) = self.child(at) {
            if is_tag(&child.tag_object(), tag)? {
                return Ok(Some(child));
            }
            at += 1;
        }
        Ok(None)
    }
    fn by_path(&self, function: &str, args: &[&Object]) -> PyResult {
        let module = ELEMENT_PATH.imported("xml.etree.ElementPath", None)?;
        call::call_method(&module, &Str::new(function), args)
    }
    fn replace_children(&self, children: Vec<Owned<Element>>) {
        let old = self.children.replace(children);
        drop(old);
    }
    fn set_attribute(cell: &Cell<Option<Owned>>, value: Option<&Object>) -> PyResult<()> {
        drop(cell.replace(Some(settable(value)?.to_owned())));
        Ok(())
    }
    fn index_of(&self, key: &Object) -> PyResult<Option<usize>> {
        let index = number::as_isize(key, Some(exceptions::IndexError()))?;
        let len = self.len();
        let index = if index < 0 { index + len as isize } else { index };
        Ok(usize::try_from(index).ok().filter(|&index| index < len))
    }
    fn set_child(&self, index: Option<usize>, value: Option<&Object>) -> PyResult<()> {
        let Some(index) = index else { return Err(err!(IndexError, "child assignment index out of range")) };
        let old = match value {
            Some(value) => {
                let child = Owned::from_ref(value.downcast::<Element>().ok_or_else(|| not_an_element(value))?);
                self.children.borrow_mut().get_mut(index).map(|place| std::mem::replace(place, child))
            }
            None => {
                let mut children = self.children.borrow_mut();
                if index < children.len() { Some(children.remove(index)) } else { None }
            }
        };
        drop(old);
        Ok(())
    }
    fn set_slice(&self, slice: &Slice, value: Option<&Object>) -> PyResult<()> {
        let (start, stop, step) = slice.unpack()?;
        let mut new = Vec::new();
        if let Some(value) = value {
            let items = sequence::sequence_fast(value, "assignment expects an iterable")?;
            for at in 0..sequence::fast_len(&items) {
                let item = sequence::fast_item(&items, at);
                new.push(item.try_into_typed::<Element>().map_err(|item| not_an_element(&item))?);
            }
        }
        let indices: Vec<usize> = runtime::types::slice::adjust(start, stop, step, self.len() as isize).indices().collect();
        if value.is_some() && step != 1 && new.len() != indices.len() {
            return Err(err!(ValueError, "attempt to assign sequence of size {} to extended slice of size {}", new.len(), indices.len()));
        }
        let mut removed = Vec::with_capacity(indices.len());
        {
            let mut children = self.children.borrow_mut();
            if step == 1 {
                let len = children.len();
                let cut = |at: isize| if at < 0 { at.saturating_add(len as isize).max(0) as usize } else { (at as usize).min(len) };
                let first = cut(start);
                removed.extend(children.splice(first..first + indices.len(), new));
            } else if value.is_some() {
                for (index, child) in indices.into_iter().zip(new) {
                    removed.push(std::mem::replace(&mut children[index], child));
                }
            } else {
                let mut doomed = vec![false; children.len()];
                indices.into_iter().for_each(|index| doomed[index] = true);
                let all = std::mem::take(&mut *children);
                for (child, doomed) in all.into_iter().zip(doomed) {
                    if doomed { removed.push(child) } else { children.push(child) }
                }
            }
        }
        drop(removed);
        Ok(())
    }
}

fn settable(value: Option<&Object>) -> PyResult<&Object> {
    value.ok_or_else(|| err!(AttributeError, "can't delete element attribute"))
}

/// `copy.deepcopy`, without the call where the answer is plain.
fn deepcopy(value: &Object, memo: &Dict) -> PyResult {
    if value.is_none() || value.is_exact::<Str>() {
        return Ok(value.to_owned());
    }
    if let Some(element) = value.downcast_exact::<Element>()
        && element.as_object().refcount() <= 2
    {
        runtime::tstate::check_recursion(" in Element.__deepcopy__")?;
        return element.__deepcopy__(memo).map(Owned::into_object);
    }
    call::call_args(&*DEEPCOPY.imported("copy", Some("deepcopy"))?, &[value, memo])
}

#[pytype(static = Element_Type, name = "Element", module = "xml.etree.ElementTree", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    weaklistoffset = offset_of!(Element, weakrefs))]
impl Element {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Element>> {
        Element::make(cls, none().to_owned(), None)
    }
    #[slot]
    fn tp_init(&self, args: &Tuple, kwargs: Option<&Dict>) -> PyResult<()> {
        let (tag, attrib) = match *args.as_slice() {
            [tag] => (tag, None),
            [tag, attrib] => (tag, Some(attrib)),
            [] => return Err(err!(TypeError, "Element() takes at least 1 argument (0 given)")),
            _ => return Err(err!(TypeError, "Element() takes at most 2 arguments ({} given)", args.len())),
        };
        let mut keywords = Vec::new();
        for name in kwargs.map(|kwargs| kwargs.keys_vec()).unwrap_or_default() {
            if let Some(value) = kwargs.and_then(|kwargs| kwargs.get_item(&name).transpose()).transpose()? {
                keywords.push((name, value));
            }
        }
        let attrib = attributes_of_call("Element", 2, attrib, keywords)?;
        drop(self.attrib.replace(attrib));
        drop(self.tag.replace(Some(tag.to_owned())));
        drop(self.text.take());
        drop(self.tail.take());
        Ok(())
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let object = self.as_object();
        if object::repr_enter(object) {
            return Err(err!(RuntimeError, "reentrant call inside {}.__repr__", object.type_name()));
        }
        let shown = object::repr(&self.tag_object()).map(|tag| format!("<Element {} at {:#x}>", &*tag, object.as_ptr() as usize));
        object::repr_leave(object);
        shown
    }
    #[slot]
    fn nb_bool(&self) -> PyResult<bool> {
        let words = "Testing an element's truth value will always return True in future versions.  \
                     Use specific 'len(elem)' or 'elem is not None' test instead.";
        runtime::modules::warnings::warn(exceptions::DeprecationWarning(), words, 1)?;
        Ok(self.len() > 0)
    }
    #[slot]
    fn sq_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn sq_item(&self, index: isize) -> PyResult<Owned<Element>> {
        let child = usize::try_from(index).ok().and_then(|index| self.child(index));
        child.ok_or_else(|| err!(IndexError, "child index out of range"))
    }
    #[slot]
    fn sq_ass_item(&self, index: isize, value: Option<&Object>) -> PyResult<()> {
        self.set_child(usize::try_from(index).ok().filter(|&index| index < self.len()), value)
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.len()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult {
        if number::check_index(key) {
            let child = self.index_of(key)?.and_then(|index| self.child(index));
            return child.map(Owned::into_object).ok_or_else(|| err!(IndexError, "child index out of range"));
        }
        let Some(slice) = key.downcast::<Slice>() else {
            return Err(err!(TypeError, "element indices must be integers"));
        };
        let indices = slice.resolve(self.len())?.indices();
        Ok(List::from_owned(indices.filter_map(|index| self.child(index).map(Owned::into_object)).collect()).into_object())
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        if number::check_index(key) {
            return self.set_child(self.index_of(key)?, value);
        }
        match key.downcast::<Slice>() {
            Some(slice) => self.set_slice(slice, value),
            None => Err(err!(TypeError, "element indices must be integers")),
        }
    }

    // ---- attributes ----

    /// A string identifying what kind of data this element represents
    #[getter]
    fn tag(&self) -> Owned {
        self.tag_object()
    }
    #[setter]
    fn set_tag(&self, value: Option<&Object>) -> PyResult<()> {
        Self::set_attribute(&self.tag, value)
    }
    /// A string of text directly after the start tag, or None
    #[getter]
    fn text(&self) -> Owned {
        or_none(&self.text)
    }
    #[setter]
    fn set_text(&self, value: Option<&Object>) -> PyResult<()> {
        Self::set_attribute(&self.text, value)
    }
    /// A string of text directly after the end tag, or None
    #[getter]
    fn tail(&self) -> Owned {
        or_none(&self.tail)
    }
    #[setter]
    fn set_tail(&self, value: Option<&Object>) -> PyResult<()> {
        Self::set_attribute(&self.tail, value)
    }
    /// A dictionary containing the element's attributes
    #[getter]
    fn attrib(&self) -> Owned<Dict> {
        self.own_attrib()
    }
    #[setter]
    fn set_attrib(&self, value: Option<&Object>) -> PyResult<()> {
        let value = settable(value)?;
        let Some(value) = value.downcast::<Dict>() else {
            return Err(err!(TypeError, "attrib must be dict, not {}", value.type_name()));
        };
        drop(self.attrib.replace(Some(Owned::from_ref(value))));
        Ok(())
    }
    #[method("get($self, /, key, default=None)")]
    fn get(&self, key: &Object, default: Option<&Object>) -> PyResult {
        let found = match peek(&self.attrib) {
            Some(attrib) => attrib.get_item(key)?,
            None => None,
        };
        Ok(found.unwrap_or_else(|| default.unwrap_or(none()).to_owned()))
    }
    #[method("set($self, key, value, /)")]
    fn set(&self, key: &Object, value: &Object) -> PyResult<()> {
        self.own_attrib().set_item(key, value)
    }
    #[method("keys($self, /)")]
    fn keys(&self) -> PyResult<Owned<List>> {
        peek(&self.attrib).map_or_else(|| Ok(List::new()), |attrib| attrib.keys_list())
    }
    #[method("items($self, /)")]
    fn items(&self) -> PyResult<Owned<List>> {
        peek(&self.attrib).map_or_else(|| Ok(List::new()), |attrib| attrib.items_list())
    }

    // ---- children ----

    #[method("append($self, subelement, /)")]
    fn append(&self, subelement: &Object) -> PyResult<()> {
        match subelement.downcast::<Element>() {
            Some(child) => {
                self.push(child);
                Ok(())
            }
            None => Err(err!(TypeError, "append() argument 1 must be xml.etree.ElementTree.Element, not {}", subelement.type_name())),
        }
    }
    #[method("extend($self, elements, /)")]
    fn extend(&self, elements: &Object) -> PyResult<()> {
        let items = sequence::sequence_fast(elements, "'elements' must be an iterable")?;
        let mut at = 0;
        while at < sequence::fast_len(&items) {
            let item = sequence::fast_item(&items, at);
            self.push(item.downcast::<Element>().ok_or_else(|| not_an_element(&item))?);
            at += 1;
        }
        Ok(())
    }
    #[method("insert($self, index, subelement, /)")]
    fn insert(&self, index: isize, subelement: &Element) {
        let mut children = self.children.borrow_mut();
        let len = children.len();
        let index = if index < 0 { index.saturating_add(len as isize).max(0) as usize } else { (index as usize).min(len) };
        children.insert(index, Owned::from_ref(subelement));
        drop(children);
    }
    #[method("remove($self, subelement, /)")]
    fn remove(&self, subelement: &Element) -> PyResult<()> {
        let mut at = 0;
        let found = loop {
            let Some(child) = self.child(at) else { break None };
            if child.raw() == subelement.as_object().as_ptr() || object::rich_compare_bool(&child, subelement, CompareOp::Eq)? {
                break Some(at);
            }
            at += 1;
        };
        let Some(at) = found else { return Err(err!(ValueError, "Element.remove(x): element not found")) };
        // The comparison may have taken it away.
        let removed = {
            let mut children = self.children.borrow_mut();
            if at < children.len() { Some(children.remove(at)) } else { None }
        };
        drop(removed);
        Ok(())
    }
    #[method("clear($self, /)")]
    fn clear(&self) {
        drop(self.attrib.take());
        self.replace_children(Vec::new());
        drop(self.text.take());
        drop(self.tail.take());
    }
    #[method("makeelement($self, tag, attrib, /)")]
    fn makeelement(&self, tag: &Object, attrib: &Dict) -> PyResult<Owned<Element>> {
        Element::create(tag, attributes(Some(attrib), Vec::new())?)
    }

    // ---- finding ----

    #[method("find($self, /, path, namespaces=None)")]
    fn find(&self, path: &Object, namespaces: Option<&Object>) -> PyResult {
        if namespaces.is_some() || is_path(path) {
            return self.by_path("find", &[self.as_object(), path, namespaces.unwrap_or(none())]);
        }
        Ok(self.first(path)?.map_or_else(|| none().to_owned(), Owned::into_object))
    }
    #[method("findtext($self, /, path, default=None, namespaces=None)")]
    fn findtext(&self, path: &Object, default: Option<&Object>, namespaces: Option<&Object>) -> PyResult {
        let default = default.unwrap_or(none());
        if namespaces.is_some() || is_path(path) {
            return self.by_path("findtext", &[self.as_object(), path, default, namespaces.unwrap_or(none())]);
        }
        Ok(match self.first(path)? {
            Some(child) => peek(&child.text).filter(|text| !text.is_none()).unwrap_or_else(|| Str::new("").into_object()),
            None => default.to_owned(),
        })
    }
    #[method("findall($self, /, path, namespaces=None)")]
    fn findall(&self, path: &Object, namespaces: Option<&Object>) -> PyResult {
        if namespaces.is_some() || is_path(path) {
            return self.by_path("findall", &[self.as_object(), path, namespaces.unwrap_or(none())]);
        }
        let found = List::new();
        let mut at = 0;
        while let Some(child) = self.child(at) {
            if is_tag(&child.tag_object(), path)? {
                found.push(child.into_object())?;
            }
            at += 1;
        }
        Ok(found.into_object())
    }
    #[method("iterfind($self, /, path, namespaces=None)")]
    fn iterfind(&self, path: &Object, namespaces: Option<&Object>) -> PyResult {
        self.by_path("iterfind", &[self.as_object(), path, namespaces.unwrap_or(none())])
    }
    #[method("iter($self, /, tag=None)")]
    fn iter(&self, tag: Option<&Object>) -> PyResult<Owned<ElementIterator>> {
        let is_star = |tag: &Object| match (tag.downcast::<Str>(), tag.downcast::<Bytes>()) {
            (Some(text), _) => text.eq_str("*"),
            (_, Some(bytes)) => bytes.as_slice() == b"*",
            _ => false,
        };
        ElementIterator::create(self, tag.filter(|tag| !is_star(tag)), false)
    }
    #[method("itertext($self, /)")]
    fn itertext(&self) -> PyResult<Owned<ElementIterator>> {
        ElementIterator::create(self, None, true)
    }

    // ---- copies ----

    #[method("__copy__($self, /)")]
    fn __copy__(&self) -> PyResult<Owned<Element>> {
        let attrib = peek(&self.attrib);
        let copy = Element::create(&self.tag_object(), attributes(attrib.as_deref(), Vec::new())?)?;
        copy.text.set(peek(&self.text));
        copy.tail.set(peek(&self.tail));
        let children = self.children.borrow().clone();
        copy.replace_children(children);
        Ok(copy)
    }
    #[method("__deepcopy__($self, memo, /)")]
    fn __deepcopy__(&self, memo: &Dict) -> PyResult<Owned<Element>> {
        let copied = |cell: &Cell<Option<Owned>>| deepcopy(&or_none(cell), memo);
        let tag = copied(&self.tag)?;
        let attrib = match peek(&self.attrib) {
            Some(attrib) => {
                let items = attrib.items_list()?;
                let is_plain = items.iter().all(|item| {
                    item.downcast::<Tuple>().is_some_and(|pair| pair.iter().all(|part| part.is_exact::<Str>()))
                });
                if is_plain && attrib.as_object().is_exact::<Dict>() {
                    Some(attrib.copy()?)
                } else {
                    let copy = deepcopy(&attrib, memo)?;
                    Some(copy.try_into_typed::<Dict>().map_err(|copy| err!(TypeError, "attrib must be dict, not {}", copy.type_name()))?)
                }
            }
            None => None,
        };
        let copy = Element::create(&tag, attrib)?;
        copy.text.set(Some(copied(&self.text)?));
        copy.tail.set(Some(copied(&self.tail)?));
        let mut at = 0;
        while let Some(child) = self.child(at) {
            let child = deepcopy(&child, memo)?;
            copy.push(child.downcast::<Element>().ok_or_else(|| not_an_element(&child))?);
            at += 1;
        }
        let id = Int::from_usize(self.as_object().as_ptr() as usize);
        memo.set_item(&id, copy.object())?;
        Ok(copy)
    }
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> usize {
        let own = self.as_object().ty().0.tp_basicsize.get() as usize;
        own + self.children.borrow().capacity() * size_of::<Owned<Element>>()
    }
    #[method("__getstate__($self, /)")]
    fn getstate(&self) -> PyResult<Owned<Dict>> {
        let children = self.children.borrow().iter().map(|child| child.clone().into_object()).collect();
        let state = Dict::new();
        state.set("tag", &self.tag_object())?;
        state.set("_children", &*List::from_owned(children))?;
        state.set("attrib", &*peek(&self.attrib).unwrap_or_else(Dict::new))?;
        state.set("text", &or_none(&self.text))?;
        state.set("tail", &or_none(&self.tail))?;
        Ok(state)
    }
    #[method("__setstate__($self, state, /)")]
    fn setstate(&self, state: &Object) -> PyResult<()> {
        let Some(state) = state.downcast_exact::<Dict>() else {
            return Err(err!(TypeError, "Don't know how to unpickle \"{}\" as an Element", object::repr(state)?));
        };
        for key in state.keys_vec() {
            let known = ["tag", "attrib", "text", "tail", "_children"];
            if !key.downcast::<Str>().is_some_and(|key| known.iter().any(|known| key.eq_str(known))) {
                return Err(err!(TypeError, "this function got an unexpected keyword argument {}", object::repr(&key)?));
            }
        }
        let given = |name: &str| state.get_item(&Str::new(name));
        let text_of = |value: Option<Owned>| match value {
            Some(value) => match value.downcast_exact::<List>() {
                Some(list) => join(&list.to_vec()).map(Some),
                None => Ok(Some(value)),
            },
            None => Ok(None),
        };
        let Some(tag) = given("tag")? else { return Err(err!(TypeError, "tag may not be NULL")) };
        let (text, tail) = (text_of(given("text")?)?, text_of(given("tail")?)?);
        drop(self.tag.replace(Some(tag)));
        drop(self.text.replace(text));
        drop(self.tail.replace(tail));
        let (attrib, children) = (given("attrib")?, given("_children")?);
        if attrib.is_none() && children.is_none() {
            return Ok(());
        }
        if let Some(children) = children {
            let Some(list) = children.downcast::<List>() else { return Err(err!(TypeError, "'_children' is not a list")) };
            let mut new = Vec::new();
            for child in list.to_vec() {
                new.push(child.try_into_typed::<Element>().map_err(|child| not_an_element(&child))?);
            }
            self.replace_children(new);
        }
        let attrib = match attrib {
            Some(attrib) => Some(attrib.try_into_typed::<Dict>().map_err(|attrib| err!(TypeError, "attrib must be dict, not {}", attrib.type_name()))?),
            None => None,
        };
        drop(self.attrib.replace(attrib));
        Ok(())
    }
}
