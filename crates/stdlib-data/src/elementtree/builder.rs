//! `TreeBuilder`: makes a tree of the calls start, data, end, comment and pi, and notes events for whoever asked (`XMLParser._setevents`).

use super::element::Element;
use super::{COMMENT_FACTORY, PARSE_ERROR, PI_FACTORY, join, peek};
use macros::{Traverse, pytype};
use runtime::protocol::{call, number, object};
use runtime::types::{Dict, Str, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, Type, err};
use std::cell::{Cell, RefCell};

/// What can be reported.
#[derive(Clone, Copy)]
pub enum Report {
    Start,
    End,
    StartNamespace,
    EndNamespace,
    Comment,
    Pi,
}

pub const REPORTS: [(&str, Report); 6] = [
    ("start", Report::Start),
    ("end", Report::End),
    ("start-ns", Report::StartNamespace),
    ("end-ns", Report::EndNamespace),
    ("comment", Report::Comment),
    ("pi", Report::Pi),
];

#[derive(Traverse)]
#[repr(C)]
pub struct TreeBuilder {
    head: ObjectHead,
    root: Cell<Option<Owned>>,
    /// The element that is open; those that it is in are on the stack (None stands for outside).
    this: Cell<Option<Owned>>,
    stack: RefCell<Vec<Option<Owned>>>,
    /// The element that text belongs to: as its tail, or (`last`) as its text.
    last: Cell<Option<Owned>>,
    last_for_tail: Cell<Option<Owned>>,
    /// Text that waits: objects first, then what the parser has added.
    items: RefCell<Vec<Owned>>,
    text: RefCell<Vec<u8>>,
    element_factory: Cell<Option<Owned>>,
    comment_factory: Cell<Option<Owned>>,
    pi_factory: Cell<Option<Owned>>,
    /// The queue's `append`, and the name of each event that is reported.
    report_to: Cell<Option<Owned>>,
    reported: [Cell<Option<Owned>>; 6],
    insert_comments: Cell<bool>,
    insert_pis: Cell<bool>,
}

impl TreeBuilder {
    pub fn make(cls: &Type) -> PyResult<Owned<TreeBuilder>> {
        TreeBuilder::construct(
            cls,
            TreeBuilder {
                head: ObjectHead::placeholder(),
                root: Cell::new(None),
                this: Cell::new(None),
                stack: RefCell::new(Vec::new()),
                last: Cell::new(None),
                last_for_tail: Cell::new(None),
                items: RefCell::new(Vec::new()),
                text: RefCell::default(),
                element_factory: Cell::new(None),
                comment_factory: Cell::new(None),
                pi_factory: Cell::new(None),
                report_to: Cell::new(None),
                reported: Default::default(),
                insert_comments: Cell::new(false),
                insert_pis: Cell::new(false),
            },
        )
    }

    // ---- reports ----

    pub fn report_all_to(&self, append: Owned) {
        drop(self.report_to.replace(Some(append)));
        self.reported.iter().for_each(|cell| drop(cell.take()));
    }
    pub fn set_reported(&self, report: Report, name: Owned) {
        drop(self.reported[report as usize].replace(Some(name)));
    }
    pub fn reports(&self, report: Report) -> bool {
        peek(&self.reported[report as usize]).is_some()
    }
    #[inline]
    pub fn report(&self, report: Report, what: &Object) -> PyResult<()> {
        if let Some(name) = peek(&self.reported[report as usize])
            && let Some(append) = peek(&self.report_to)
        {
            call::call1(&append, &*Tuple::pair(name, what.to_owned()))?;
        }
        Ok(())
    }

    // ---- events ----

    pub fn wants_pi(&self) -> bool {
        self.insert_pis.get() || self.reports(Report::Pi)
    }
    /// Adds text that is UTF-8.
    #[inline]
    pub fn add_text(&self, text: &[u8]) {
        if self.has_last() {
            runtime::memory::reserve::extend(&mut self.text.borrow_mut(), text);
        }
    }
    fn has_last(&self) -> bool {
        let last = self.last.take();
        let is_there = last.is_some();
        self.last.set(last);
        is_there
    }
    pub fn add_data(&self, data: &Object) -> PyResult<()> {
        if !self.has_last() {
            return Ok(());
        }
        self.settle_text();
        self.items.borrow_mut().push(data.to_owned());
        Ok(())
    }
    /// The parser's text becomes an item.
    fn settle_text(&self) {
        let mut text = self.text.borrow_mut();
        if !text.is_empty() {
            let item = Str::from_wtf8(&text).into_object();
            text.clear();
            self.items.borrow_mut().push(item);
        }
    }
    /// Gives the text that waits to its element.
    #[inline]
    fn flush(&self) -> PyResult<()> {
        if self.text.borrow().is_empty() && self.items.borrow().is_empty() {
            return Ok(());
        }
        self.flush_text()
    }
    fn flush_text(&self) -> PyResult<()> {
        let data = if self.items.borrow().is_empty() {
            let mut text = self.text.borrow_mut();
            let data = Str::from_wtf8(&text).into_object();
            text.clear();
            data
        } else {
            self.settle_text();
            let mut items = self.items.take();
            if items.len() == 1 { items.swap_remove(0) } else { join(&items)? }
        };
        let (element, is_tail) = match (peek(&self.last_for_tail), peek(&self.last)) {
            (Some(element), _) => (element, true),
            (None, Some(element)) => (element, false),
            (None, None) => return Ok(()),
        };
        if let Some(element) = element.downcast_exact::<Element>() {
            let cell = if is_tail { &element.tail } else { &element.text };
            let joined = match peek(cell).filter(|old| !old.is_none()) {
                None => data,
                Some(old) => join(&[old, data])?,
            };
            drop(cell.replace(Some(joined)));
            return Ok(());
        }
        let name = if is_tail { runtime::intern!("tail") } else { runtime::intern!("text") };
        let old = object::get_attr(&element, name)?;
        let joined = if old.is_none() { data } else { number::add(&old, &data)? };
        object::set_attr(&element, name, Some(&joined))
    }
    fn add_child(parent: &Object, child: &Object) -> PyResult<()> {
        let Some(element) = parent.downcast_exact::<Element>() else {
            return call::call_method(parent, runtime::intern!("append"), &[child]).map(drop);
        };
        match child.downcast::<Element>() {
            Some(child) => {
                element.push(child);
                Ok(())
            }
            None => Err(err!(TypeError, "expected an Element, not \"{}\"", child.type_name())),
        }
    }
    pub fn handle_start(&self, tag: &Object, attrib: Option<Owned<Dict>>) -> PyResult {
        self.flush()?;
        let node = match peek(&self.element_factory) {
            None => Element::create(tag, attrib)?.into_object(),
            Some(factory) => call::call_args(&factory, &[tag, &*attrib.unwrap_or_else(Dict::new)])?,
        };
        drop(self.last_for_tail.take());
        let this = peek(&self.this);
        match &this {
            Some(this) => Self::add_child(this, &node)?,
            None => {
                if peek(&self.root).is_some() {
                    return Err(PARSE_ERROR.raise(format_args!("multiple elements on top level")));
                }
                self.root.set(Some(node.clone()));
            }
        }
        self.stack.borrow_mut().push(this);
        drop(self.this.replace(Some(node.clone())));
        drop(self.last.replace(Some(node.clone())));
        self.report(Report::Start, &node)?;
        Ok(node)
    }
    pub fn handle_end(&self) -> PyResult {
        self.flush()?;
        let Some(outer) = self.stack.borrow_mut().pop() else {
            return Err(err!(IndexError, "pop from empty stack"));
        };
        let Some(ended) = self.this.replace(outer) else {
            return Err(err!(IndexError, "pop from empty stack"));
        };
        drop(self.last.replace(Some(ended.clone())));
        drop(self.last_for_tail.replace(Some(ended.clone())));
        self.report(Report::End, &ended)?;
        Ok(ended)
    }
    /// Puts a comment or an instruction into the tree.
    fn insert(&self, node: &Owned) -> PyResult<()> {
        if let Some(this) = peek(&self.this) {
            Self::add_child(&this, node)?;
            drop(self.last_for_tail.replace(Some(node.clone())));
        }
        Ok(())
    }
    pub fn handle_comment(&self, text: &Object) -> PyResult {
        self.flush()?;
        let comment = match peek(&self.comment_factory) {
            Some(factory) => {
                let comment = call::call1(&factory, text)?;
                if self.insert_comments.get() {
                    self.insert(&comment)?;
                }
                comment
            }
            None => text.to_owned(),
        };
        self.report(Report::Comment, &comment)?;
        Ok(comment)
    }
    pub fn handle_pi(&self, target: &Object, text: &Object) -> PyResult {
        self.flush()?;
        let pi = match peek(&self.pi_factory) {
            Some(factory) => {
                let pi = call::call_args(&factory, &[target, text])?;
                if self.insert_pis.get() {
                    self.insert(&pi)?;
                }
                pi
            }
            None => Tuple::pair(target.to_owned(), text.to_owned()).into_object(),
        };
        self.report(Report::Pi, &pi)?;
        Ok(pi)
    }
    pub fn finished(&self) -> Owned {
        super::or_none(&self.root)
    }
}

#[pytype(static = TreeBuilder_Type, name = "TreeBuilder", module = "xml.etree.ElementTree", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native)]
impl TreeBuilder {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<TreeBuilder>> {
        TreeBuilder::make(cls)
    }
    #[slot("TreeBuilder(element_factory=None, *, comment_factory=None, pi_factory=None, insert_comments=False, insert_pis=False)")]
    fn tp_init(
        &self,
        element_factory: Option<&Object>,
        comment_factory: Option<&Object>,
        pi_factory: Option<&Object>,
        insert_comments: bool,
        insert_pis: bool,
    ) -> PyResult<()> {
        let own = |given: Option<&Object>| given.map(Object::to_owned);
        drop(self.element_factory.replace(own(element_factory)));
        let comments = own(comment_factory).or_else(|| COMMENT_FACTORY.get());
        self.insert_comments.set(insert_comments && comments.is_some());
        drop(self.comment_factory.replace(comments));
        let instructions = own(pi_factory).or_else(|| PI_FACTORY.get());
        self.insert_pis.set(insert_pis && instructions.is_some());
        drop(self.pi_factory.replace(instructions));
        Ok(())
    }
    #[method("data($self, data, /)")]
    fn data(&self, data: &Object) -> PyResult<()> {
        self.add_data(data)
    }
    #[method("start($self, tag, attrs, /)")]
    fn start(&self, tag: &Object, attrs: &Dict) -> PyResult {
        self.handle_start(tag, super::element::attributes(Some(attrs), Vec::new())?)
    }
    #[method("end($self, tag, /)")]
    fn end(&self, tag: &Object) -> PyResult {
        let _ = tag;
        self.handle_end()
    }
    #[method("comment($self, text, /)")]
    fn comment(&self, text: &Object) -> PyResult {
        self.handle_comment(text)
    }
    #[method("pi($self, target, text=None, /)")]
    fn pi(&self, target: &Object, text: Option<&Object>) -> PyResult {
        self.handle_pi(target, text.unwrap_or(none()))
    }
    #[method("close($self, /)")]
    fn close(&self) -> Owned {
        self.finished()
    }
}
