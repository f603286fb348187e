//! `XMLParser`: feeds text to the engine of `pyexpat` and hands its events to the target.

use super::builder::{REPORTS, Report, TreeBuilder};
use super::{PARSE_ERROR, or_none, peek};
use crate::expat::{self, Encoding, Engine, Event, Handler, HandlerSet, Name, Next, Rare, Value, code};
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::{call, object, sequence};
use runtime::types::{Bytes, Dict, Int, Str, Tuple, none};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, errors, exceptions};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

const BASE_HANDLERS: u32 = 1 << Handler::StartElement as u32
    | 1 << Handler::EndElement as u32
    | 1 << Handler::CharacterData as u32
    | 1 << Handler::DefaultHandlerExpand as u32
    | 1 << Handler::StartDoctypeDecl as u32;
const NAMESPACE_HANDLERS: u32 = 1 << Handler::StartNamespaceDecl as u32 | 1 << Handler::EndNamespaceDecl as u32;
const COMMENT_HANDLER: u32 = 1 << Handler::Comment as u32;
const PI_HANDLER: u32 = 1 << Handler::ProcessingInstruction as u32;

/// The methods of a target.
const METHODS: [&str; 9] = ["start", "end", "data", "start_ns", "end_ns", "comment", "pi", "doctype", "close"];

#[derive(Clone, Copy)]
enum Method {
    Start,
    End,
    Data,
    StartNs,
    EndNs,
    Comment,
    Pi,
    Doctype,
    Close,
}

#[derive(Traverse)]
#[repr(C)]
pub struct XmlParser {
    head: ObjectHead,
    target: Cell<Option<Owned>>,
    entity: Cell<Option<Owned>>,
    methods: [Cell<Option<Owned>>; 9],
    #[traverse(skip)]
    engine: RefCell<Option<Engine>>,
    /// Names of the document, by their numbers, as they are in the tree.
    #[traverse(skip)]
    names: RefCell<Vec<Option<Owned<Str>>>>,
    #[traverse(skip)]
    encoding: RefCell<Option<String>>,
    /// The handlers that the engine is told of.
    handlers: Cell<u32>,
    is_parsing: Cell<bool>,
}

fn text(value: &str) -> Owned {
    Str::new(value).into_object()
}

/// A name of the document as it is in the tree.
fn in_tree(name: &str) -> Owned<Str> {
    if name.contains('}') { Str::new(&format!("{{{name}")) } else { Str::new(name) }
}

impl XmlParser {
    fn method(&self, method: Method) -> Option<Owned> {
        peek(&self.methods[method as usize])
    }
    /// The one object for a name, with its namespace in braces.
    #[inline]
    fn name(&self, name: Name) -> Owned {
        if let Some(Some(known)) = self.names.borrow().get(name.index()) {
            return known.clone().into_object();
        }
        self.new_name(name)
    }
    #[cold]
    fn new_name(&self, name: Name) -> Owned {
        let made = match self.engine.borrow().as_ref() {
            Some(engine) => in_tree(engine.names.text(name)),
            None => Str::new(""),
        };
        let mut names = self.names.borrow_mut();
        if names.len() <= name.index() {
            names.resize(name.index() + 1, None);
        }
        names[name.index()] = Some(made.clone());
        made.into_object()
    }
    fn value(&self, value: &Value) -> Owned {
        match self.engine.borrow().as_ref() {
            Some(engine) => Str::from_wtf8(value.bytes(&engine.input.text)).into_object(),
            None => Str::new("").into_object(),
        }
    }
    fn checked_target(&self) -> PyResult<Owned> {
        peek(&self.target).ok_or_else(|| err!(ValueError, "XMLParser.__init__() wasn't called"))
    }
    #[inline]
    fn attributes(&self, attributes: Vec<(Name, Value)>) -> PyResult<Option<Owned<Dict>>> {
        if attributes.is_empty() {
            return Ok(None);
        }
        let dict = Dict::new();
        for (name, value) in attributes {
            dict.set_item_owned(self.name(name), self.value(&value))?;
        }
        Ok(Some(dict))
    }

    /// Hands on an event to a plain builder.
    #[inline]
    fn build(&self, builder: &TreeBuilder, event: Event) -> PyResult<()> {
        match event {
            Event::Text(data) => {
                if let Some(engine) = self.engine.borrow().as_ref() {
                    builder.add_text(data.bytes(&engine.input.text));
                }
                Ok(())
            }
            Event::StartElement { name, attributes, .. } => builder.handle_start(&*self.name(name), self.attributes(attributes)?).map(drop),
            Event::EndElement { .. } => builder.handle_end().map(drop),
            Event::Rare(event) => self.build_rare(builder, *event),
            Event::At(_) => Ok(()),
        }
    }
    #[cold]
    fn build_rare(&self, builder: &TreeBuilder, event: Rare) -> PyResult<()> {
        match event {
            Rare::Comment(data) => drop(builder.handle_comment(&text(&data))?),
            Rare::Pi { target, data } if builder.wants_pi() => drop(builder.handle_pi(&text(&target), &text(&data))?),
            Rare::StartNamespace { prefix, uri } if builder.reports(Report::StartNamespace) => {
                let parts = [prefix, uri].map(|part| text(part.as_deref().unwrap_or("")));
                builder.report(Report::StartNamespace, &*Tuple::from_vec(parts.into()))?;
            }
            Rare::EndNamespace { .. } => builder.report(Report::EndNamespace, none())?,
            other => self.common(other, |data| builder.add_data(data))?,
        }
        Ok(())
    }
    /// Hands on an event to a target with methods in Python.
    fn tell(&self, event: Event) -> PyResult<()> {
        let call = |method: Method, args: &[&Object]| -> PyResult<()> {
            let Some(function) = self.method(method) else { return Ok(()) };
            call::call_args(&function, args).map(drop)
        };
        match event {
            Event::Text(data) => call(Method::Data, &[&self.value(&data)]),
            Event::StartElement { name, attributes, .. } => {
                let attributes = self.attributes(attributes)?.unwrap_or_else(Dict::new);
                call(Method::Start, &[&self.name(name), attributes.object()])
            }
            Event::EndElement { name } => call(Method::End, &[&self.name(name)]),
            Event::At(_) => Ok(()),
            Event::Rare(event) => match *event {
                Rare::Comment(data) => call(Method::Comment, &[&text(&data)]),
                Rare::Pi { target, data } => call(Method::Pi, &[&text(&target), &text(&data)]),
                Rare::StartNamespace { prefix, uri } => {
                    let [prefix, uri] = [prefix, uri].map(|part| text(part.as_deref().unwrap_or("")));
                    call(Method::StartNs, &[&prefix, &uri])
                }
                Rare::EndNamespace { prefix } => call(Method::EndNs, &[&text(prefix.as_deref().unwrap_or(""))]),
                other => self.common(other, |data| call(Method::Data, &[data])),
            },
        }
    }
    /// What does not depend on the target.
    #[cold]
    fn common(&self, event: Rare, data: impl FnOnce(&Object) -> PyResult<()>) -> PyResult<()> {
        match event {
            Rare::Default(raw) => {
                let Some(name) = raw.strip_prefix('&').and_then(|raw| raw.strip_suffix(';')) else { return Ok(()) };
                let entities = or_none(&self.entity);
                let value = match entities.downcast::<Dict>() {
                    Some(entities) => entities.get_item(&Str::new(name))?,
                    None => None,
                };
                match value {
                    Some(value) => data(&value),
                    None => {
                        let shown: String = raw.chars().take(100).collect();
                        Err(self.parse_error(code::UNDEFINED_ENTITY, &format!("undefined entity {shown}")))
                    }
                }
            }
            Rare::StartDoctype { name, system, public, .. } => {
                let part = |part: Option<&str>| part.map_or_else(|| none().to_owned(), |part| in_tree(part).into_object());
                let args = [part(Some(&name)), part(public.as_deref()), part(system.as_deref())];
                if let Some(doctype) = self.method(Method::Doctype) {
                    let args: Vec<&Object> = args.iter().map(Owned::object).collect();
                    return call::call_args(&doctype, &args).map(drop);
                }
                if object::has_attr(self.as_object(), runtime::intern!("doctype"))? {
                    let words = "The doctype() method of XMLParser is ignored.  Define doctype() method on the TreeBuilder target.";
                    runtime::modules::warnings::warn(exceptions::RuntimeWarning(), words, 1)?;
                }
                Ok(())
            }
            Rare::UnknownEncoding(name) => {
                let encoding = expat::unknown_encoding(&name)?;
                if let Some(engine) = self.engine.borrow_mut().as_mut() {
                    match encoding {
                        Some(encoding) => engine.set_encoding(encoding),
                        None => engine.error = Some(code::UNKNOWN_ENCODING),
                    }
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }

    #[cold]
    fn parse_error(&self, code: i32, words: &str) -> Raised {
        let (line, column) = match self.engine.borrow().as_ref().map(Engine::event_position) {
            Some(position) => (position.line as i64, position.column as i64),
            None => (0, 0),
        };
        let raised = PARSE_ERROR.raise(format_args!("{words}: line {line}, column {column}"));
        let Some(exception) = errors::take() else { return raised };
        let int = |value: i64| Int::from_i64(value).into_object();
        let done = object::set_attr_str(&exception, "code", Some(&int(code as i64)))
            .and_then(|()| object::set_attr_str(&exception, "position", Some(&Tuple::pair(int(line), int(column)))));
        match done {
            Ok(()) => errors::restore(exception),
            Err(raised) => raised,
        }
    }

    fn parse(&self, data: &[u8], is_final: bool) -> PyResult<()> {
        let target = self.checked_target()?;
        if self.is_parsing.get() {
            return Err(err!(RuntimeError, "cannot parse from within a handler"));
        }
        self.settle_encoding()?;
        if let Some(engine) = self.engine.borrow_mut().as_mut() {
            engine.feed(data, is_final);
        }
        self.is_parsing.set(true);
        let result = self.run(&target, is_final);
        self.is_parsing.set(false);
        result
    }
    fn settle_encoding(&self) -> PyResult<()> {
        let Some(name) = self.encoding.take() else { return Ok(()) };
        let current = match self.engine.borrow().as_ref() {
            Some(engine) => engine.input.encoding.clone(),
            None => return Ok(()),
        };
        let encoding = match Encoding::built_in(&name, &current) {
            Some(encoding) => Some(encoding),
            None => expat::unknown_encoding(&name)?,
        };
        if let Some(engine) = self.engine.borrow_mut().as_mut() {
            match encoding {
                Some(encoding) => engine.input.force(encoding),
                None => engine.error = Some(code::UNKNOWN_ENCODING),
            }
        }
        Ok(())
    }
    fn run(&self, target: &Object, is_final: bool) -> PyResult<()> {
        let builder = target.downcast_exact::<TreeBuilder>();
        let mut failed = None;
        loop {
            let next = match self.engine.borrow_mut().as_mut() {
                Some(engine) => engine.next(HandlerSet(self.handlers.get())),
                None => return Ok(()),
            };
            match next {
                // After an exception nobody is told anything.
                Ok(Next::Event(_)) if failed.is_some() => {}
                Ok(Next::Event(event)) => {
                    let told = match builder {
                        Some(builder) => self.build(builder, event),
                        None => self.tell(event),
                    };
                    failed = told.err();
                }
                Ok(Next::Hungry) => {
                    if is_final && let Some(engine) = self.engine.borrow_mut().as_mut() {
                        engine.error = Some(code::FINISHED);
                    }
                    return failed.map_or(Ok(()), Err);
                }
                Err(code) => {
                    return Err(failed.unwrap_or_else(|| self.parse_error(code, expat::message(code).unwrap_or("unknown error"))));
                }
            }
        }
    }
    /// What comes is text: whatever the document says of its encoding.
    fn expect_text(&self) {
        drop(self.encoding.take());
        if let Some(engine) = self.engine.borrow_mut().as_mut()
            && !engine.started
        {
            engine.input.force(Encoding::Utf8);
        }
    }
    fn parse_object(&self, data: &Object) -> PyResult<()> {
        match data.downcast::<Str>() {
            Some(string) => {
                self.expect_text();
                self.parse(string.as_utf8()?.as_bytes(), false)
            }
            None => {
                let data = Buffer::new(data)?;
                self.parse(&data, false)
            }
        }
    }
    fn finish(&self) -> PyResult<Option<Owned>> {
        self.parse(b"", true)?;
        Ok(self.checked_target()?.downcast_exact::<TreeBuilder>().map(TreeBuilder::finished))
    }
}

#[pytype(static = XmlParser_Type, name = "XMLParser", module = "xml.etree.ElementTree", flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native,
    members = [("entity", T_OBJECT, offset_of!(XmlParser, entity), READONLY),
        ("target", T_OBJECT, offset_of!(XmlParser, target), READONLY)])]
impl XmlParser {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<XmlParser>> {
        XmlParser::construct(
            cls,
            XmlParser {
                head: ObjectHead::placeholder(),
                target: Cell::new(None),
                entity: Cell::new(None),
                methods: Default::default(),
                engine: RefCell::new(None),
                names: RefCell::default(),
                encoding: RefCell::new(None),
                handlers: Cell::new(0),
                is_parsing: Cell::new(false),
            },
        )
    }
    #[slot("XMLParser(*, target=None, encoding=None)")]
    fn tp_init(&self, target: Option<&Object>, encoding: Option<&str>) -> PyResult<()> {
        if self.is_parsing.get() {
            return Err(err!(RuntimeError, "cannot call __init__() from within a handler"));
        }
        let target = match target {
            Some(target) => target.to_owned(),
            // Without factories: comments and instructions are reported as they are.
            None => TreeBuilder::make(TreeBuilder::type_object())?.into_object(),
        };
        let mut handlers = BASE_HANDLERS;
        for (cell, name) in self.methods.iter().zip(METHODS) {
            drop(cell.replace(object::get_attr_opt(&target, &Str::new(name))?));
        }
        let has = |method: Method| self.method(method).is_some();
        if has(Method::StartNs) || has(Method::EndNs) {
            handlers |= NAMESPACE_HANDLERS;
        }
        if has(Method::Comment) {
            handlers |= COMMENT_HANDLER;
        }
        if has(Method::Pi) {
            handlers |= PI_HANDLER;
        }
        self.handlers.set(handlers);
        drop(self.entity.replace(Some(Dict::new().into_object())));
        drop(self.engine.replace(Some(Engine::new(Some(Some('}'))))));
        drop(self.encoding.replace(encoding.map(str::to_string)));
        drop(self.names.take());
        drop(self.target.replace(Some(target)));
        Ok(())
    }
    #[getter]
    fn version(&self) -> &'static str {
        "Expat 2.7.1"
    }
    #[method("feed($self, data, /)")]
    fn feed(&self, data: &Object) -> PyResult<()> {
        self.checked_target()?;
        self.parse_object(data)
    }
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<()> {
        self.checked_target()?;
        let defer = |on: bool| {
            if let Some(engine) = self.engine.borrow_mut().as_mut() {
                engine.reparse_deferral = on;
            }
        };
        defer(false);
        let result = self.parse(b"", false);
        defer(true);
        result
    }
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        if let Some(tree) = self.finish()? {
            return Ok(tree);
        }
        match self.method(Method::Close) {
            Some(close) => call::call0(&close),
            None => Ok(none().to_owned()),
        }
    }
    #[method("_parse_whole($self, file, /)")]
    fn parse_whole(&self, file: &Object) -> PyResult {
        const BLOCK: i64 = 64 * 1024;
        self.checked_target()?;
        let read = object::get_attr_str(file, "read")?;
        loop {
            let block = call::call1(&read, &*Int::from_i64(BLOCK))?;
            if let Some(string) = block.downcast_exact::<Str>() {
                if string.is_empty() {
                    break;
                }
                self.expect_text();
                self.parse(&string.to_wtf8(), false)?;
            } else {
                match block.downcast_exact::<Bytes>() {
                    Some(bytes) if !bytes.is_empty() => self.parse(bytes.as_slice(), false)?,
                    _ => break,
                }
            }
        }
        Ok(self.finish()?.unwrap_or_else(|| none().to_owned()))
    }
    #[method("_setevents($self, events_queue, events_to_report=None, /)")]
    fn setevents(&self, events_queue: &Object, events_to_report: Option<&Object>) -> PyResult<()> {
        let target = self.checked_target()?;
        let Some(builder) = target.downcast_exact::<TreeBuilder>() else {
            return Err(err!(TypeError, "event handling only supported for ElementTree.TreeBuilder targets"));
        };
        builder.report_all_to(object::get_attr_str(events_queue, "append")?);
        let Some(events) = events_to_report else {
            builder.set_reported(Report::End, text("end"));
            return Ok(());
        };
        let events = sequence::sequence_fast(events, "events must be a sequence")?;
        for at in 0..sequence::fast_len(&events) {
            let name = sequence::fast_item(&events, at);
            let shown = match (name.downcast::<Str>(), name.downcast::<Bytes>()) {
                (Some(name), _) => name.to_string_lossy().into_owned(),
                (_, Some(name)) => String::from_utf8_lossy(name.as_slice()).into_owned(),
                _ => return Err(err!(ValueError, "invalid events sequence")),
            };
            let Some((_, report)) = REPORTS.iter().find(|(known, _)| *known == shown) else {
                return Err(err!(ValueError, "unknown event '{}'", shown));
            };
            let handlers = match report {
                Report::StartNamespace | Report::EndNamespace => NAMESPACE_HANDLERS,
                Report::Comment => COMMENT_HANDLER,
                Report::Pi => PI_HANDLER,
                Report::Start | Report::End => 0,
            };
            self.handlers.set(self.handlers.get() | handlers);
            builder.set_reported(*report, name);
        }
        Ok(())
    }
}
