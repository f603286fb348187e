//! The type `xmlparser`: takes events from the engine and calls the handlers.
//!
//! The engine is borrowed only to take an event; while a handler runs, it is free.

use super::EXPAT_ERROR;
use super::dtd::ContentNode;
use super::engine::{Engine, Next};
use super::event::*;
use super::input::Encoding;
use super::names::Name;
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::protocol::{call, number, object};
use runtime::types::{ByteArray, Bytes, Dict, Int, List, Str, Tuple, none, traceback};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, codecs, err, errors};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;

const HANDLER_COUNT: usize = 22;
const CHARACTER_DATA: usize = Handler::CharacterData as usize;

#[derive(Traverse)]
#[repr(C)]
pub struct Parser {
    head: ObjectHead,
    handlers: [Cell<Option<Owned>>; HANDLER_COUNT],
    /// Names that were seen; None: names are not shared.
    intern: Cell<Option<Owned<Dict>>>,
    intern_or_none: Cell<Option<Owned>>,
    /// Keeps the parser alive whose entity this one reads.
    parent: Cell<Option<Owned>>,
    #[traverse(skip)]
    engine: RefCell<Engine>,
    /// The encoding that the caller named.
    #[traverse(skip)]
    encoding: RefCell<Option<String>>,
    #[traverse(skip)]
    buffer: RefCell<Vec<u8>>,
    buffer_text: Cell<bool>,
    buffer_size: Cell<i32>,
    ordered_attributes: Cell<bool>,
    specified_attributes: Cell<bool>,
    in_callback: Cell<bool>,
    is_parsing: Cell<bool>,
}

const fn handler_offset(handler: Handler) -> usize {
    offset_of!(Parser, handlers) + handler as usize * size_of::<Cell<Option<Owned>>>()
}

/// The value in a cell.
fn kept<T: Clone>(cell: &Cell<Option<T>>) -> Option<T> {
    let value = cell.take();
    cell.set(value.clone());
    value
}

fn text(value: &str) -> Owned {
    Str::new(value).into_object()
}

/// Text that the scanner has checked.
fn utf8(bytes: &[u8]) -> Owned {
    Str::from_wtf8(bytes).into_object()
}

fn text_or_none(value: Option<&str>) -> Owned {
    value.map_or_else(|| none().to_owned(), text)
}

fn int(value: i64) -> Owned {
    Int::from_i64(value).into_object()
}

/// A number of bytes, as C's unsigned long long.
fn threshold_of(value: &Object) -> PyResult<u64> {
    let value = number::index(value)?;
    match value.as_u64() {
        Some(value) => Ok(value),
        None if value.is_negative() => Err(err!(ValueError, "Cannot convert negative int")),
        None => Err(err!(OverflowError, "Python int too large for C unsigned long long")),
    }
}

impl Parser {
    pub fn create(encoding: Option<&str>, separator: Option<Option<char>>, intern: Option<Owned<Dict>>) -> PyResult<Owned<Parser>> {
        Self::with_engine(Engine::new(separator), encoding, intern)
    }

    fn with_engine(engine: Engine, encoding: Option<&str>, intern: Option<Owned<Dict>>) -> PyResult<Owned<Parser>> {
        let value = Parser {
            head: ObjectHead::placeholder(),
            handlers: std::array::from_fn(|_| Cell::new(None)),
            intern_or_none: Cell::new(Some(intern.clone().map_or_else(|| none().to_owned(), Owned::into_object))),
            intern: Cell::new(intern),
            parent: Cell::new(None),
            engine: RefCell::new(engine),
            encoding: RefCell::new(encoding.map(str::to_string)),
            buffer: RefCell::new(Vec::new()),
            buffer_text: Cell::new(false),
            buffer_size: Cell::new(8192),
            ordered_attributes: Cell::new(false),
            specified_attributes: Cell::new(false),
            in_callback: Cell::new(false),
            is_parsing: Cell::new(false),
        };
        Self::construct(Self::type_object(), value)
    }

    fn handler(&self, handler: Handler) -> Option<Owned> {
        kept(&self.handlers[handler as usize]).filter(|value| !value.is_none())
    }

    fn handler_set(&self) -> HandlerSet {
        let mut set = 0;
        for (i, cell) in self.handlers.iter().enumerate() {
            let value = cell.take();
            if value.as_ref().is_some_and(|value| !value.is_none()) {
                set |= 1 << i;
            }
            cell.set(value);
        }
        HandlerSet(set)
    }

    /// The one object for a name of the document.
    fn name(&self, name: Name) -> PyResult {
        let made = Str::new(self.engine.borrow().names.text(name));
        self.intern(made)
    }
    /// The one object for a name.
    fn interned(&self, name: &str) -> PyResult {
        self.intern(Str::new(name))
    }
    fn intern(&self, name: Owned<Str>) -> PyResult {
        match kept(&self.intern) {
            None => Ok(name.into_object()),
            Some(dict) => dict.set_default(&name, &name),
        }
    }
    fn interned_or_none(&self, name: Option<&str>) -> PyResult {
        name.map_or_else(|| Ok(none().to_owned()), |name| self.interned(name))
    }

    /// Calls a handler, after the text that waits.
    fn call(&self, handler: Handler, args: &[Owned]) -> PyResult<Option<Owned>> {
        self.flush()?;
        self.call_now(handler, args)
    }
    fn call_now(&self, handler: Handler, args: &[Owned]) -> PyResult<Option<Owned>> {
        let Some(function) = self.handler(handler) else { return Ok(None) };
        let was_in_callback = self.in_callback.replace(true);
        let borrowed: Vec<&Object> = args.iter().map(|arg| arg.object()).collect();
        let result = call::call_args(&function, &borrowed);
        self.in_callback.set(was_in_callback);
        if result.is_err() {
            let (function, line) = handler.place();
            traceback::add_native(function, "../Modules/pyexpat.c", line);
        }
        result.map(Some)
    }

    fn flush(&self) -> PyResult<()> {
        if self.buffer.borrow().is_empty() {
            return Ok(());
        }
        let waiting = std::mem::take(&mut *self.buffer.borrow_mut());
        self.call_now(Handler::CharacterData, &[utf8(&waiting)]).map(drop)
    }

    fn character_data(&self, data: &Value) -> PyResult<()> {
        let piece = |data: &Value| utf8(data.bytes(&self.engine.borrow().input.text));
        if !self.buffer_text.get() {
            return self.call_now(Handler::CharacterData, &[piece(data)]).map(drop);
        }
        let size = self.buffer_size.get() as usize;
        let len = data.bytes(&self.engine.borrow().input.text).len();
        if self.buffer.borrow().len() + len > size {
            self.flush()?;
            if self.handler(Handler::CharacterData).is_none() {
                return Ok(());
            }
        }
        if len > size {
            return self.call_now(Handler::CharacterData, &[piece(data)]).map(drop);
        }
        self.buffer.borrow_mut().extend_from_slice(data.bytes(&self.engine.borrow().input.text));
        Ok(())
    }

    fn dispatch(&self, event: Event) -> PyResult<()> {
        match event {
            Event::At(_) => Ok(()),
            Event::Text(data) => self.character_data(&data),
            Event::StartElement { name, attributes, specified } => self.start_element(name, attributes, specified),
            Event::EndElement { name } => {
                self.flush()?;
                let name = self.name(name)?;
                self.call(Handler::EndElement, &[name]).map(drop)
            }
            Event::Rare(event) => self.dispatch_rare(*event),
        }
    }
    fn dispatch_rare(&self, event: Rare) -> PyResult<()> {
        match event {
            Rare::Pi { target, data } => self.call(Handler::ProcessingInstruction, &[self.interned(&target)?, text(&data)]).map(drop),
            Rare::UnparsedEntity(entity) => {
                let args = [
                    self.interned(&entity.name)?,
                    self.interned_or_none(entity.base.as_deref())?,
                    self.interned_or_none(entity.system.as_deref())?,
                    self.interned_or_none(entity.public.as_deref())?,
                    self.interned_or_none(entity.notation.as_deref())?,
                ];
                self.call(Handler::UnparsedEntityDecl, &args).map(drop)
            }
            Rare::Notation { name, base, system, public } => {
                let args = [
                    self.interned(&name)?,
                    self.interned_or_none(base.as_deref())?,
                    self.interned_or_none(system.as_deref())?,
                    self.interned_or_none(public.as_deref())?,
                ];
                self.call(Handler::NotationDecl, &args).map(drop)
            }
            Rare::StartNamespace { prefix, uri } => {
                let args = [self.interned_or_none(prefix.as_deref())?, self.interned_or_none(uri.as_deref())?];
                self.call(Handler::StartNamespaceDecl, &args).map(drop)
            }
            Rare::EndNamespace { prefix } => self.call(Handler::EndNamespaceDecl, &[self.interned_or_none(prefix.as_deref())?]).map(drop),
            Rare::Comment(data) => self.call(Handler::Comment, &[text(&data)]).map(drop),
            Rare::StartCdata => self.call(Handler::StartCdataSection, &[]).map(drop),
            Rare::EndCdata => self.call(Handler::EndCdataSection, &[]).map(drop),
            Rare::Default(data) => {
                let handler = if self.handler(Handler::DefaultHandlerExpand).is_some() { Handler::DefaultHandlerExpand } else { Handler::Default };
                self.call(handler, &[text(&data)]).map(drop)
            }
            Rare::NotStandalone => match self.call(Handler::NotStandalone, &[])? {
                Some(answer) => self.end_unless(&answer, code::NOT_STANDALONE),
                None => Ok(()),
            },
            Rare::ExternalEntity { context, base, system, public, is_parameter } => self.external_entity(context, base, system, public, is_parameter),
            Rare::StartDoctype { name, system, public, has_subset } => {
                let args = [
                    self.interned(&name)?,
                    self.interned_or_none(system.as_deref())?,
                    self.interned_or_none(public.as_deref())?,
                    int(has_subset as i64),
                ];
                self.call(Handler::StartDoctypeDecl, &args).map(drop)
            }
            Rare::EndDoctype => self.call(Handler::EndDoctypeDecl, &[]).map(drop),
            Rare::Entity(entity) => {
                let value = entity.text.as_ref().map(|text| String::from_utf8_lossy(text).into_owned());
                let args = [
                    self.interned(&entity.name)?,
                    int(entity.is_parameter as i64),
                    text_or_none(value.as_deref()),
                    self.interned_or_none(entity.base.as_deref())?,
                    self.interned_or_none(entity.system.as_deref())?,
                    self.interned_or_none(entity.public.as_deref())?,
                    self.interned_or_none(entity.notation.as_deref())?,
                ];
                self.call(Handler::EntityDecl, &args).map(drop)
            }
            Rare::XmlDecl { version, encoding, standalone } => {
                let args = [text_or_none(version.as_deref()), text_or_none(encoding.as_deref()), int(standalone)];
                self.call(Handler::XmlDecl, &args).map(drop)
            }
            Rare::UnknownEncoding(name) => {
                self.flush()?;
                match unknown_encoding(&name)? {
                    Some(encoding) => self.engine.borrow_mut().set_encoding(encoding),
                    None => self.engine.borrow_mut().error = Some(code::UNKNOWN_ENCODING),
                }
                Ok(())
            }
            Rare::Element { name, model } => {
                let model = content_model(&model)?;
                let name = self.interned(&name)?;
                self.call(Handler::ElementDecl, &[name, model]).map(drop)
            }
            Rare::Attlist { element, attribute, kind, default, is_required } => {
                let args =
                    [self.interned(&element)?, self.interned(&attribute)?, text(&kind), text_or_none(default.as_deref()), int(is_required as i64)];
                self.call(Handler::AttlistDecl, &args).map(drop)
            }
            Rare::Skipped { name, is_parameter } => self.call(Handler::SkippedEntity, &[self.interned(&name)?, int(is_parameter as i64)]).map(drop),
        }
    }

    fn start_element(&self, name: Name, attributes: Vec<(Name, Value)>, specified: usize) -> PyResult<()> {
        // The values' places do not outlast what the waiting text's handler might do.
        let values: Vec<Owned> = {
            let engine = self.engine.borrow();
            attributes.iter().map(|(_, value)| utf8(value.bytes(&engine.input.text))).collect()
        };
        self.flush()?;
        let count = if self.specified_attributes.get() { specified } else { attributes.len() };
        let attributes = attributes.into_iter().zip(values).take(count);
        let container = if self.ordered_attributes.get() {
            let list = List::new();
            for ((name, _), value) in attributes {
                list.push(self.name(name)?)?;
                list.push(value)?;
            }
            list.into_object()
        } else {
            let dict = Dict::new();
            for ((name, _), value) in attributes {
                dict.set_item_owned(self.name(name)?, value)?;
            }
            dict.into_object()
        };
        let name = self.name(name)?;
        self.call(Handler::StartElement, &[name, container]).map(drop)
    }

    fn external_entity(&self, context: Option<String>, base: Option<String>, system: Option<String>, public: Option<String>, is_parameter: bool) -> PyResult<()> {
        let args = [
            text_or_none(context.as_deref()),
            self.interned_or_none(base.as_deref())?,
            self.interned_or_none(system.as_deref())?,
            self.interned_or_none(public.as_deref())?,
        ];
        if let Some(answer) = self.call(Handler::ExternalEntityRef, &args)? {
            self.end_unless(&answer, code::EXTERNAL_ENTITY_HANDLING)?;
        }
        if is_parameter {
            self.engine.borrow_mut().parameter_entity_handled();
        }
        Ok(())
    }

    /// Parsing ends with this error if a handler's answer is zero.
    fn end_unless(&self, answer: &Object, error: Code) -> PyResult<()> {
        if number::as_i64(answer)? == 0 {
            let mut engine = self.engine.borrow_mut();
            engine.error = Some(error);
            engine.queue.clear();
        }
        Ok(())
    }

    /// All events of the text that is there.
    fn run(&self, is_final: bool) -> PyResult<()> {
        loop {
            let handlers = self.handler_set();
            let next = self.engine.borrow_mut().next(handlers);
            match next {
                Ok(Next::Event(event)) => {
                    if let Err(raised) = self.dispatch(event) {
                        return Err(self.failed(raised));
                    }
                }
                Ok(Next::Hungry) => {
                    if let Err(raised) = self.flush() {
                        return Err(self.failed(raised));
                    }
                    if is_final {
                        let mut engine = self.engine.borrow_mut();
                        engine.error = Some(code::FINISHED);
                    }
                    return Ok(());
                }
                Err(code) => {
                    if let Err(raised) = self.flush() {
                        return Err(self.failed(raised));
                    }
                    return Err(self.error(code));
                }
            }
        }
    }

    /// A handler has raised: nothing is called from now on.
    #[cold]
    fn failed(&self, raised: Raised) -> Raised {
        self.buffer.borrow_mut().clear();
        let handlers: Vec<Option<Owned>> = self.handlers.iter().map(Cell::take).collect();
        {
            let mut engine = self.engine.borrow_mut();
            engine.queue.clear();
        }
        errors::preserve(|| drop(handlers));
        raised
    }

    #[cold]
    fn error(&self, code: Code) -> Raised {
        let position = self.engine.borrow().event_position();
        let words = super::message(code).unwrap_or("unknown error");
        let raised = EXPAT_ERROR.raise(format_args!("{}: line {}, column {}", words, position.line, position.column));
        let Some(exception) = errors::take() else { return raised };
        let set = |name: &str, value: i64| object::set_attr_str(&exception, name, Some(&int(value)));
        let result = set("code", code as i64).and_then(|()| set("offset", position.column as i64)).and_then(|()| set("lineno", position.line as i64));
        match result {
            Ok(()) => errors::restore(exception),
            Err(raised) => raised,
        }
    }

    fn parse(&self, data: &[u8], is_final: bool) -> PyResult<i64> {
        if self.is_parsing.get() {
            return Err(err!(RuntimeError, "cannot call Parse() from within a handler"));
        }
        let named = self.encoding.borrow_mut().take();
        if let Some(name) = named {
            let current = self.engine.borrow().input.encoding.clone();
            let encoding = match Encoding::built_in(&name, &current) {
                Some(encoding) => Some(encoding),
                None => unknown_encoding(&name)?,
            };
            match encoding {
                Some(encoding) => self.engine.borrow_mut().input.force(encoding),
                None => self.engine.borrow_mut().error = Some(code::UNKNOWN_ENCODING),
            }
        }
        self.engine.borrow_mut().feed(data, is_final);
        self.is_parsing.set(true);
        let result = self.run(is_final);
        self.is_parsing.set(false);
        result.map(|()| 1)
    }

    fn set_flag(value: Option<&Object>) -> PyResult<bool> {
        match value {
            Some(value) => object::is_true(value),
            None => Err(err!(RuntimeError, "Cannot delete attribute")),
        }
    }

    fn limit(&self, value: f64, set: impl FnOnce(&mut Engine)) -> PyResult<()> {
        if value.is_nan() || value < 1.0 {
            return self.limit_error("'max_factor' must be at least 1.0");
        }
        self.set_limit(set)
    }
    fn set_limit(&self, set: impl FnOnce(&mut Engine)) -> PyResult<()> {
        if kept(&self.parent).is_some() {
            return self.limit_error("parser must be a root parser");
        }
        set(&mut self.engine.borrow_mut());
        Ok(())
    }
    /// An `ExpatError` about a limit.
    #[cold]
    fn limit_error(&self, words: &str) -> PyResult<()> {
        let raised = EXPAT_ERROR.raise(format_args!("{words}"));
        let Some(exception) = errors::take() else { return Err(raised) };
        let position = self.engine.borrow().event_position();
        object::set_attr_str(&exception, "code", Some(&int(41)))?;
        object::set_attr_str(&exception, "offset", Some(&int(position.column as i64)))?;
        object::set_attr_str(&exception, "lineno", Some(&int(position.line as i64)))?;
        Err(errors::restore(exception))
    }
}

/// The nested tuples of a content model, built from the leaves, so that depth costs no stack.
fn content_model(nodes: &[ContentNode]) -> PyResult {
    const DEEPEST: usize = 5000;
    let mut depth = vec![0usize; nodes.len()];
    let mut made: Vec<Option<Owned>> = nodes.iter().map(|_| None).collect();
    for (i, node) in nodes.iter().enumerate() {
        for &child in &node.children {
            depth[child] = depth[i] + 1;
            if depth[child] > DEEPEST {
                return Err(err!(RecursionError, "maximum recursion depth exceeded in conv_content_model"));
            }
        }
    }
    for (i, node) in nodes.iter().enumerate().rev() {
        let children = node.children.iter().filter_map(|&child| made[child].take()).collect();
        let items = vec![int(node.kind as i64), int(node.quantifier), text_or_none(node.name.as_deref()), Tuple::from_owned(children).into_object()];
        made[i] = Some(Tuple::from_owned(items).into_object());
    }
    made.swap_remove(0).ok_or_else(errors::bad_internal_call)
}

/// A table for an encoding of single bytes that Python knows; `None` if XML cannot be written in it.
pub fn unknown_encoding(name: &str) -> PyResult<Option<Encoding>> {
    let template: Vec<u8> = (0..=255).collect();
    let decoded = codecs::decode(&template, Some(name), Some("replace"))?;
    if decoded.len() != 256 {
        return Err(err!(ValueError, "multi-byte encodings are not supported"));
    }
    let table: [i32; 256] = std::array::from_fn(|i| match decoded.char_at(i) {
        0xFFFD => -1,
        c => c as i32,
    });
    let is_plain = |i: usize| matches!(i as u8, b'\t' | b'\n' | b'\r' | 0x20..=0x7E) && !b"$@\\^`{}~".contains(&(i as u8));
    let fits = table.iter().enumerate().all(|(i, &c)| {
        let stands_for_another = (0..128).contains(&c) && is_plain(c as usize) && c as usize != i;
        !stands_for_another && (i >= 128 || !is_plain(i) || c as usize == i)
    });
    Ok(fits.then(|| Encoding::SingleByte(Box::new(table))))
}

/// XML parser
#[pytype(static = Parser_Type, name = "xmlparser", module = "pyexpat", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final,
    members = [("StartElementHandler", T_OBJECT, handler_offset(Handler::StartElement), 0),
        ("EndElementHandler", T_OBJECT, handler_offset(Handler::EndElement), 0),
        ("ProcessingInstructionHandler", T_OBJECT, handler_offset(Handler::ProcessingInstruction), 0),
        ("UnparsedEntityDeclHandler", T_OBJECT, handler_offset(Handler::UnparsedEntityDecl), 0),
        ("NotationDeclHandler", T_OBJECT, handler_offset(Handler::NotationDecl), 0),
        ("StartNamespaceDeclHandler", T_OBJECT, handler_offset(Handler::StartNamespaceDecl), 0),
        ("EndNamespaceDeclHandler", T_OBJECT, handler_offset(Handler::EndNamespaceDecl), 0),
        ("CommentHandler", T_OBJECT, handler_offset(Handler::Comment), 0),
        ("StartCdataSectionHandler", T_OBJECT, handler_offset(Handler::StartCdataSection), 0),
        ("EndCdataSectionHandler", T_OBJECT, handler_offset(Handler::EndCdataSection), 0),
        ("DefaultHandler", T_OBJECT, handler_offset(Handler::Default), 0),
        ("DefaultHandlerExpand", T_OBJECT, handler_offset(Handler::DefaultHandlerExpand), 0),
        ("NotStandaloneHandler", T_OBJECT, handler_offset(Handler::NotStandalone), 0),
        ("ExternalEntityRefHandler", T_OBJECT, handler_offset(Handler::ExternalEntityRef), 0),
        ("StartDoctypeDeclHandler", T_OBJECT, handler_offset(Handler::StartDoctypeDecl), 0),
        ("EndDoctypeDeclHandler", T_OBJECT, handler_offset(Handler::EndDoctypeDecl), 0),
        ("EntityDeclHandler", T_OBJECT, handler_offset(Handler::EntityDecl), 0),
        ("XmlDeclHandler", T_OBJECT, handler_offset(Handler::XmlDecl), 0),
        ("ElementDeclHandler", T_OBJECT, handler_offset(Handler::ElementDecl), 0),
        ("AttlistDeclHandler", T_OBJECT, handler_offset(Handler::AttlistDecl), 0),
        ("SkippedEntityHandler", T_OBJECT, handler_offset(Handler::SkippedEntity), 0),
        ("intern", T_OBJECT, offset_of!(Parser, intern_or_none), READONLY)])]
impl Parser {
    /// Parse XML data.
    ///
    /// 'isfinal' should be true at end of input.
    #[method("Parse($self, data, isfinal=False, /)")]
    fn py_parse(&self, data: &Object, isfinal: bool) -> PyResult<i64> {
        match data.downcast::<Str>() {
            Some(string) => {
                let bytes = string.as_utf8()?.as_bytes().to_vec();
                {
                    let mut engine = self.engine.borrow_mut();
                    if !engine.started {
                        engine.input.force(Encoding::Utf8);
                    }
                }
                drop(self.encoding.borrow_mut().take());
                self.parse(&bytes, isfinal)
            }
            None => {
                let buffer = Buffer::new(data)?;
                let bytes = buffer.to_vec();
                drop(buffer);
                self.parse(&bytes, isfinal)
            }
        }
    }
    /// Parse XML data from file-like object.
    #[method("ParseFile($self, file, /)")]
    fn parse_file(&self, file: &Object) -> PyResult<i64> {
        const BLOCK: i64 = 2048;
        let Some(read) = object::get_attr_opt(file, &Str::new("read"))? else {
            return Err(err!(TypeError, "argument must have 'read' attribute"));
        };
        loop {
            let block = call::call1(&read, &int(BLOCK))?;
            if !block.is_instance_of::<Bytes>() && !block.is_instance_of::<ByteArray>() {
                return Err(err!(TypeError, "read() did not return a bytes object (type={})", block.type_name()));
            }
            let bytes = Buffer::new(&block)?.to_vec();
            if bytes.len() as i64 > BLOCK {
                return Err(err!(ValueError, "read() returned too much data: {} bytes requested, {} returned", BLOCK, bytes.len()));
            }
            let is_last = bytes.is_empty();
            self.parse(&bytes, is_last)?;
            if is_last {
                return Ok(1);
            }
        }
    }
    /// Set the base URL for the parser.
    #[method("SetBase($self, base, /)")]
    fn set_base(&self, base: &str) {
        self.engine.borrow_mut().base = Some(base.to_string());
    }
    /// Return base URL string for the parser.
    #[method("GetBase($self, /)")]
    fn base(&self) -> Option<String> {
        self.engine.borrow().base.clone()
    }
    /// Return the text that caused the current event, and what is buffered behind it, as bytes.
    ///
    /// None outside of handlers.
    #[method("GetInputContext($self, /)")]
    fn input_context(&self) -> Option<Owned<Bytes>> {
        if !self.in_callback.get() {
            return None;
        }
        let engine = self.engine.borrow();
        Some(Bytes::new(&engine.input.text[engine.token.min(engine.input.text.len())..]))
    }
    /// Create a parser for parsing an external entity based on the information passed to the ExternalEntityRefHandler.
    #[method("ExternalEntityParserCreate($self, context, encoding=<unrepresentable>, /)")]
    fn external_entity_parser_create(&self, context: Option<&str>, encoding: Option<&str>) -> PyResult<Owned<Parser>> {
        let engine = self.engine.borrow().for_entity(context);
        let child = Self::with_engine(engine, encoding, kept(&self.intern))?;
        child.buffer_text.set(self.buffer_text.get());
        child.buffer_size.set(self.buffer_size.get());
        child.ordered_attributes.set(self.ordered_attributes.get());
        child.specified_attributes.set(self.specified_attributes.get());
        child.parent.set(Some(Owned::from_ref(self).into_object()));
        for (own, theirs) in child.handlers.iter().zip(&self.handlers) {
            own.set(kept(theirs));
        }
        Ok(child)
    }
    /// Controls parsing of parameter entities (including the external DTD subset).
    ///
    /// Possible flag values are XML_PARAM_ENTITY_PARSING_NEVER, XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE
    /// and XML_PARAM_ENTITY_PARSING_ALWAYS. Returns true if setting the flag was successful.
    #[method("SetParamEntityParsing($self, flag, /)")]
    fn set_param_entity_parsing(&self, flag: i32) -> i64 {
        let mut engine = self.engine.borrow_mut();
        if engine.started {
            return 0;
        }
        engine.param_entity_parsing = flag as i64;
        1
    }
    /// Allows the application to provide an artificial external subset if one is not specified as part of the document instance.
    #[method("UseForeignDTD($self, flag=True, /)")]
    fn use_foreign_dtd(&self, flag: bool) -> PyResult<()> {
        if self.engine.borrow().started {
            return Err(self.error(code::CANT_CHANGE_FEATURE_ONCE_PARSING));
        }
        self.engine.borrow_mut().use_foreign_dtd = flag;
        Ok(())
    }
    /// Enable/Disable reparse deferral; enabled by default with Expat >=2.6.0.
    #[method("SetReparseDeferralEnabled($self, enabled, /)")]
    fn set_reparse_deferral(&self, enabled: bool) {
        self.engine.borrow_mut().reparse_deferral = enabled;
    }
    /// Retrieve reparse deferral enabled status; always returns false with Expat <2.6.0.
    #[method("GetReparseDeferralEnabled($self, /)")]
    fn reparse_deferral(&self) -> bool {
        self.engine.borrow().reparse_deferral
    }
    /// Sets the maximum amplification factor for the protection against billion laughs attacks.
    #[method("SetBillionLaughsAttackProtectionMaximumAmplification($self, max_factor, /)")]
    fn set_maximum_amplification(&self, max_factor: f64) -> PyResult<()> {
        self.limit(max_factor, |engine| engine.limits.factor = max_factor)
    }
    /// Sets the number of bytes from which on the protection against billion laughs attacks is active.
    #[method("SetBillionLaughsAttackProtectionActivationThreshold($self, threshold, /)")]
    fn set_activation_threshold(&self, threshold: &Object) -> PyResult<()> {
        let threshold = threshold_of(threshold)?;
        self.set_limit(|engine| engine.limits.threshold = threshold as f64)
    }
    /// Sets how many times the memory that a document takes may exceed the document.
    ///
    /// max_factor is at least 1.0. More than 100 is usual at the beginning of a
    /// document: the activation threshold says from where on it counts.
    #[method("SetAllocTrackerMaximumAmplification($self, max_factor, /)")]
    fn set_memory_amplification(&self, max_factor: f64) -> PyResult<()> {
        self.limit(max_factor, |engine| engine.limits.memory_factor = max_factor)
    }
    /// Sets the number of bytes of memory from which on their proportion to the document is limited.
    #[method("SetAllocTrackerActivationThreshold($self, threshold, /)")]
    fn set_memory_threshold(&self, threshold: &Object) -> PyResult<()> {
        let threshold = threshold_of(threshold)?;
        self.set_limit(|engine| engine.limits.memory_threshold = threshold as f64)
    }

    #[getter("CharacterDataHandler")]
    fn character_data_handler(&self) -> Option<Owned> {
        kept(&self.handlers[CHARACTER_DATA])
    }
    #[setter("CharacterDataHandler")]
    fn set_character_data_handler(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(RuntimeError, "Cannot delete attribute")) };
        // The text that waits belongs to the old handler.
        self.flush()?;
        drop(self.handlers[CHARACTER_DATA].replace(Some(value.to_owned())));
        Ok(())
    }
    #[getter]
    fn buffer_text(&self) -> bool {
        self.buffer_text.get()
    }
    #[setter]
    fn set_buffer_text(&self, value: Option<&Object>) -> PyResult<()> {
        let flag = Self::set_flag(value)?;
        if !flag {
            self.flush()?;
        }
        self.buffer_text.set(flag);
        Ok(())
    }
    #[getter]
    fn buffer_size(&self) -> i64 {
        self.buffer_size.get() as i64
    }
    #[setter]
    fn set_buffer_size(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(RuntimeError, "Cannot delete attribute")) };
        if !value.is_instance_of::<Int>() {
            return Err(err!(TypeError, "buffer_size must be an integer"));
        }
        let size = number::as_i64(value)?;
        if size <= 0 {
            return Err(err!(ValueError, "buffer_size must be greater than zero"));
        }
        let Ok(size) = i32::try_from(size) else {
            return Err(err!(ValueError, "buffer_size must not be greater than {}", i32::MAX));
        };
        if size != self.buffer_size.get() {
            self.flush()?;
            self.buffer_size.set(size);
        }
        Ok(())
    }
    #[getter]
    fn buffer_used(&self) -> i64 {
        self.buffer.borrow().len() as i64
    }
    #[getter]
    fn namespace_prefixes(&self) -> bool {
        self.engine.borrow().namespaces.as_ref().is_some_and(|namespaces| namespaces.triplets)
    }
    #[setter]
    fn set_namespace_prefixes(&self, value: Option<&Object>) -> PyResult<()> {
        let flag = Self::set_flag(value)?;
        if let Some(namespaces) = &mut self.engine.borrow_mut().namespaces {
            namespaces.triplets = flag;
        }
        Ok(())
    }
    #[getter]
    fn ordered_attributes(&self) -> bool {
        self.ordered_attributes.get()
    }
    #[setter]
    fn set_ordered_attributes(&self, value: Option<&Object>) -> PyResult<()> {
        self.ordered_attributes.set(Self::set_flag(value)?);
        Ok(())
    }
    #[getter]
    fn specified_attributes(&self) -> bool {
        self.specified_attributes.get()
    }
    #[setter]
    fn set_specified_attributes(&self, value: Option<&Object>) -> PyResult<()> {
        self.specified_attributes.set(Self::set_flag(value)?);
        Ok(())
    }
    #[getter("ErrorCode")]
    fn error_code(&self) -> i64 {
        self.engine.borrow().error.filter(|&code| code != code::FINISHED).unwrap_or(0) as i64
    }
    #[getter("ErrorLineNumber")]
    fn error_line_number(&self) -> usize {
        self.engine.borrow().event_position().line
    }
    #[getter("CurrentLineNumber")]
    fn current_line_number(&self) -> usize {
        self.error_line_number()
    }
    #[getter("ErrorColumnNumber")]
    fn error_column_number(&self) -> usize {
        self.engine.borrow().event_position().column
    }
    #[getter("CurrentColumnNumber")]
    fn current_column_number(&self) -> usize {
        self.error_column_number()
    }
    #[getter("ErrorByteIndex")]
    fn error_byte_index(&self) -> i64 {
        let engine = self.engine.borrow();
        if engine.started { engine.event_position().index as i64 } else { -1 }
    }
    #[getter("CurrentByteIndex")]
    fn current_byte_index(&self) -> i64 {
        self.error_byte_index()
    }
}

