//! The parser proper: text goes in, events come out, one after the other.
//!
//! It is asked for the next event and calls nobody, so that a handler may do to the parser what it likes. A
//! token makes some events, which wait in a queue; the next token is read when that is empty. The
//! replacement texts of entities that are being read lie on a stack above the document.

use super::dtd::{Dtd, Entity, predefined};
use super::event::*;
use super::input::{Encoding, Input, Position};
use super::names::{Name, Names};
use super::namespaces::Namespaces;
use super::scan::{self, Attribute, Content, Stop};
use super::subset::Subset;
use super::tags::{Place, Tag};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// Where in a document the parser is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    Prolog,
    Content,
    Cdata,
    Epilog,
    /// In an ignored section of an external subset.
    Ignore,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Document,
    /// An external general entity.
    General,
    /// An external parameter entity or subset.
    Parameter,
}

/// An internal entity that is being read.
pub struct OpenEntity {
    pub entity: Rc<Entity>,
    pub text: Rc<[u8]>,
    pub at: usize,
    pub tags: usize,
    pub in_declaration: bool,
}

pub struct Limits {
    /// Of the text that entities make of the document's.
    pub threshold: f64,
    pub factor: f64,
    /// Of the memory that is held for it.
    pub memory_threshold: f64,
    pub memory_factor: f64,
    direct: f64,
    expanded: f64,
}

/// What reading a piece of content came to.
enum Read {
    Token,
    Ended,
    Stopped(Stop),
    Failed(Code),
}

pub enum Next {
    Event(Event),
    /// All text that is here has been read.
    Hungry,
}

pub struct Engine {
    pub input: Input,
    /// Offset of what has not been read, and of the token that the events come from.
    pub at: usize,
    pub token: usize,
    pub is_final: bool,
    pub kind: Kind,
    pub mode: Mode,
    pub at_start: bool,
    pub dtd: Rc<RefCell<Dtd>>,
    pub queue: VecDeque<Event>,
    pub entities: Vec<OpenEntity>,
    pub subset: Subset,
    pub tags: Vec<Tag>,
    pub names: Names,
    /// What names of elements become, as long as the bindings of namespaces do not change.
    pub expanded: Vec<Option<Name>>,
    /// Where the scanner puts a tag's attributes.
    places: Vec<Attribute>,
    pub namespaces: Option<Namespaces>,
    pub base: Option<String>,
    pub error: Option<Code>,
    pub limits: Limits,
    pub reparse_deferral: bool,
    /// Length of the text that made no token when it was last looked at.
    starved: usize,
    /// A token has been read since text was fed.
    progressed: bool,
    pub param_entity_parsing: i64,
    pub use_foreign_dtd: bool,
    pub started: bool,
    /// Names of open external general entities, for the context.
    open_names: Vec<String>,
}

impl Engine {
    pub fn new(separator: Option<Option<char>>) -> Engine {
        Engine {
            input: Input::new(),
            at: 0,
            token: 0,
            is_final: false,
            kind: Kind::Document,
            mode: Mode::Prolog,
            at_start: true,
            dtd: Rc::default(),
            queue: VecDeque::new(),
            entities: Vec::new(),
            subset: Subset::default(),
            tags: Vec::new(),
            names: Names::default(),
            expanded: Vec::new(),
            places: Vec::new(),
            namespaces: separator.map(Namespaces::new),
            base: None,
            error: None,
            limits: Limits {
                threshold: 8388608.0,
                factor: 100.0,
                memory_threshold: 67108864.0,
                memory_factor: 100.0,
                direct: 0.0,
                expanded: 0.0,
            },
            reparse_deferral: true,
            starved: 0,
            progressed: false,
            param_entity_parsing: 0,
            use_foreign_dtd: false,
            started: false,
            open_names: Vec::new(),
        }
    }

    /// The parser of an external entity; without a context, of a parameter entity.
    pub fn for_entity(&self, context: Option<&str>) -> Engine {
        let mut child = Engine::new(None);
        child.dtd = self.dtd.clone();
        child.namespaces = self.namespaces.clone();
        child.base = self.base.clone();
        child.reparse_deferral = self.reparse_deferral;
        child.param_entity_parsing = self.param_entity_parsing;
        child.limits.threshold = self.limits.threshold;
        child.limits.factor = self.limits.factor;
        child.limits.memory_threshold = self.limits.memory_threshold;
        child.limits.memory_factor = self.limits.memory_factor;
        child.limits.direct = self.limits.direct;
        match context {
            Some(context) => {
                child.kind = Kind::General;
                child.mode = Mode::Content;
                child.set_context(context);
            }
            None => {
                child.kind = Kind::Parameter;
                child.subset.enter_external();
            }
        }
        child
    }

    pub fn feed(&mut self, data: &[u8], is_final: bool) {
        if !self.started && self.kind == Kind::Parameter {
            self.dtd.borrow_mut().param_entity_read = true;
        }
        self.started = true;
        self.progressed = false;
        self.is_final = is_final;
        self.limits.direct += data.len() as f64;
        self.input.feed(data, is_final);
    }

    /// The encoding that the XML declaration asked for.
    pub fn set_encoding(&mut self, encoding: Encoding) {
        self.input.change(encoding);
    }

    pub fn event_position(&self) -> Position {
        self.input.position(self.token)
    }

    /// The next event, or the error in which parsing ends.
    pub fn next(&mut self, handlers: HandlerSet) -> Result<Next, Code> {
        loop {
            if let Some(event) = self.pop() {
                return Ok(Next::Event(event));
            }
            if let Some(code) = self.error {
                return Err(code);
            }
            match self.step(handlers) {
                Ok(true) => {}
                Ok(false) => return Ok(Next::Hungry),
                Err(code) => {
                    self.error = Some(code);
                    let place = self.token;
                    // What the token has made before the error is told first.
                    if let Some(event) = self.pop() {
                        self.queue.push_back(Event::At(place));
                        return Ok(Next::Event(event));
                    }
                    return Err(code);
                }
            }
        }
    }

    /// The next event that waits; `token` becomes its place.
    fn pop(&mut self) -> Option<Event> {
        loop {
            match self.queue.pop_front()? {
                Event::At(place) => self.token = place,
                event => return Some(event),
            }
        }
    }
    /// Events that are told from now on stand at this place of the document.
    pub fn place(&mut self, offset: usize) {
        if self.entities.is_empty() {
            self.queue.push_back(Event::At(offset));
        }
    }

    /// Reads a token; false if there is none.
    fn step(&mut self, handlers: HandlerSet) -> Result<bool, Code> {
        if self.entities.is_empty() {
            if self.input.forget(self.at) {
                self.at = 0;
                self.token = 0;
            }
            let available = self.input.text.len() - self.at;
            if self.starved > 0 && self.reparse_deferral && !self.is_final && available < 2 * self.starved {
                return Ok(false);
            }
            self.token = self.at;
            if self.at_start {
                return self.start(handlers);
            }
        }
        let more = match self.mode {
            Mode::Prolog | Mode::Epilog => self.prolog_token(handlers),
            Mode::Content | Mode::Cdata => self.content_token(handlers),
            Mode::Ignore => self.ignored_section(handlers),
        }?;
        self.check_memory()?;
        Ok(more)
    }

    /// The text that tokens come from, the place in it, and whether more may follow.
    pub fn source(&self) -> (Source<'_>, usize, bool) {
        match self.entities.last() {
            Some(open) => (Source::Entity(open.text.clone()), open.at, false),
            None => (Source::Document(&self.input.text), self.at, !self.is_final),
        }
    }
    pub fn advance(&mut self, to: usize) {
        match self.entities.last_mut() {
            Some(open) => open.at = to,
            None => {
                // The document's first start tag is seen before it is read.
                if to > self.at {
                    self.starved = 0;
                    self.progressed = true;
                }
                self.at = to;
            }
        }
    }
    /// Turns a scan without a token into an error, or into hunger.
    pub fn stopped(&mut self, stop: Stop, at: usize) -> Result<bool, Code> {
        let in_entity = !self.entities.is_empty();
        match stop {
            Stop::Invalid(place) => {
                if !in_entity {
                    self.token = place;
                }
                Err(code::INVALID_TOKEN)
            }
            _ if !in_entity && !self.is_final => {
                self.starved = if self.progressed { 0 } else { self.input.text.len() - at };
                Ok(false)
            }
            Stop::PartialChar => Err(code::PARTIAL_CHAR),
            _ => Err(code::UNCLOSED_TOKEN),
        }
    }

    /// An XML or text declaration, if one stands at the start.
    fn start(&mut self, handlers: HandlerSet) -> Result<bool, Code> {
        let text = &self.input.text;
        let opening = b"<?xml";
        let body = &text[self.at..];
        if !body.starts_with(opening) || body.get(5).is_some_and(|&c| !scan::is_space(c)) {
            if body.len() < 6 && opening.starts_with(&body[..body.len().min(5)]) && !self.is_final {
                return Ok(false);
            }
            if body.is_empty() && self.input.has_rest() && !self.is_final {
                return Ok(false);
            }
            self.at_start = false;
            self.input.confirm();
            return Ok(true);
        }
        let namespaces = self.namespaces.is_some();
        let end = match scan::prolog(text, self.at, !self.is_final, namespaces) {
            Ok((_, end)) => end,
            Err(stop) => return self.stopped(stop, self.at),
        };
        let raw = String::from_utf8_lossy(&text[self.at..end]).into_owned();
        let is_document = self.kind == Kind::Document;
        let wrong = if is_document { code::XML_DECL } else { code::TEXT_DECL };
        let declaration = match declaration(&raw, is_document) {
            Ok(found) => found,
            Err(place) => {
                self.token = self.at + place;
                return Err(wrong);
            }
        };
        self.at_start = false;
        self.advance(end);
        if is_document && declaration.standalone == 1 {
            self.dtd.borrow_mut().standalone = true;
        }
        let encoding = declaration.encoding.clone();
        if handlers.has(Handler::XmlDecl) {
            self.queue.push_back(Rare::XmlDecl { version: declaration.version, encoding: declaration.encoding, standalone: declaration.standalone }.into());
        } else if handlers.has_default() {
            self.queue.push_back(Rare::Default(raw).into());
        }
        match encoding {
            Some(name) if !self.input.is_forced => match Encoding::built_in(&name, &self.input.encoding) {
                Some(encoding) if self.input.encoding.may_become(&encoding) => self.input.change(encoding),
                Some(_) => return Err(code::INCORRECT_ENCODING),
                None => self.queue.push_back(Rare::UnknownEncoding(name).into()),
            },
            _ => self.input.confirm(),
        }
        Ok(true)
    }

    // ---- content ----

    fn content_token(&mut self, handlers: HandlerSet) -> Result<bool, Code> {
        match self.entities.last() {
            Some(open) => {
                let (text, at) = (open.text.clone(), open.at);
                let read = self.read_content(&text, at, false, false, handlers);
                self.content_read(read, at)
            }
            None => {
                // The text is not looked at elsewhere while a token of it is read.
                let text = std::mem::take(&mut self.input.text);
                let (at, more) = (self.at, !self.is_final);
                let read = self.read_content(&text, at, more, true, handlers);
                self.input.text = text;
                self.content_read(read, at)
            }
        }
    }

    fn content_read(&mut self, read: Read, at: usize) -> Result<bool, Code> {
        match read {
            Read::Token => Ok(true),
            Read::Ended => self.content_ends(),
            Read::Stopped(stop) => self.stopped(stop, at),
            Read::Failed(code) => Err(code),
        }
    }

    fn read_content(&mut self, text: &[u8], at: usize, more: bool, in_document: bool, handlers: HandlerSet) -> Read {
        let namespaces = self.namespaces.is_some();
        let mut places = std::mem::take(&mut self.places);
        places.clear();
        let scanned = if self.mode == Mode::Cdata { scan::cdata(text, at, more) } else { scan::content(text, at, more, namespaces, &mut places) };
        let read = match scanned {
            Ok((token, end)) => match self.content_event(token, text, at, end, in_document, &places, handlers) {
                Ok(()) => Read::Token,
                Err(code) => Read::Failed(code),
            },
            Err(Stop::None) if !more => Read::Ended,
            Err(Stop::Partial) if self.mode == Mode::Cdata && !more => Read::Failed(code::UNCLOSED_CDATA_SECTION),
            Err(stop) => Read::Stopped(stop),
        };
        self.places = places;
        read
    }

    #[inline]
    fn content_event(
        &mut self,
        token: Content,
        text: &[u8],
        at: usize,
        end: usize,
        in_document: bool,
        places: &[Attribute],
        handlers: HandlerSet,
    ) -> Result<(), Code> {
        match token {
            Content::StartTag { is_empty, name_end } => {
                self.start_tag(Place { text, start: at, name_end, end, in_document }, is_empty, places, handlers)?;
            }
            Content::EndTag { name_end } => self.end_tag(Place { text, start: at, name_end, end, in_document }, handlers)?,
            Content::Chars if in_document && !matches!(self.input.encoding, Encoding::Utf8) => self.converted_characters(text, at, end, handlers),
            Content::Chars if handlers.has(Handler::CharacterData) => {
                self.queue.push_back(Event::Text(Value::of(text, at, end, in_document)));
            }
            Content::Newline if handlers.has(Handler::CharacterData) => match text[at] {
                b'\n' => self.queue.push_back(Event::Text(Value::of(text, at, at + 1, in_document))),
                _ => self.queue.push_back(Event::Text(Value::Made("\n".to_string()))),
            },
            Content::EntityRef => {
                let name = String::from_utf8_lossy(&text[at + 1..end - 1]).into_owned();
                let raw = String::from_utf8_lossy(&text[at..end]).into_owned();
                self.advance(end);
                return self.entity_reference(name, raw, handlers);
            }
            _ => self.rare_content(token, &text[at..end], handlers)?,
        }
        self.advance(end);
        Ok(())
    }

    /// Text that was converted comes in pieces of 1,024 bytes.
    fn converted_characters(&mut self, text: &[u8], mut at: usize, end: usize, handlers: HandlerSet) {
        while at < end {
            let mut cut = end.min(at + 1024);
            while cut < end && text[cut] & 0xC0 == 0x80 {
                cut -= 1;
            }
            if handlers.has(Handler::CharacterData) {
                self.queue.push_back(Event::Text(Value::Here(at, cut)));
            } else if handlers.has_default() {
                self.queue.push_back(default(&text[at..cut]));
            }
            at = cut;
        }
    }

    #[inline(never)]
    fn rare_content(&mut self, token: Content, piece: &[u8], handlers: HandlerSet) -> Result<(), Code> {
        let event: Event = match token {
            Content::CharRef(value) => match char::from_u32(value).filter(|&c| is_char(c)) {
                Some(c) if handlers.has(Handler::CharacterData) => Event::Text(Value::Made(c.to_string())),
                Some(_) => default(piece),
                None => return Err(code::BAD_CHAR_REF),
            },
            Content::Comment if handlers.has(Handler::Comment) => Rare::Comment(normal(&piece[4..piece.len() - 3])).into(),
            Content::Pi => pi_event(piece, handlers),
            Content::XmlDecl => return Err(code::MISPLACED_XML_PI),
            Content::CdataOpen => {
                self.mode = Mode::Cdata;
                if handlers.has(Handler::StartCdataSection) { Rare::StartCdata.into() } else { default(piece) }
            }
            Content::CdataClose => {
                self.mode = Mode::Content;
                if handlers.has(Handler::EndCdataSection) { Rare::EndCdata.into() } else { default(piece) }
            }
            _ => default(piece),
        };
        if handlers.has_default() || !event.is_default() {
            self.queue.push_back(event);
        }
        Ok(())
    }

    /// The text of an entity, or of the document, ends.
    fn content_ends(&mut self) -> Result<bool, Code> {
        if let Some(open) = self.entities.last() {
            if self.mode == Mode::Cdata {
                return Err(code::UNCLOSED_CDATA_SECTION);
            }
            if open.tags != self.tags.len() {
                return Err(code::ASYNC_ENTITY);
            }
            open.entity.open.set(false);
            self.entities.pop();
            return Ok(true);
        }
        if self.input.has_rest() {
            return Err(code::UNCLOSED_TOKEN);
        }
        match self.mode {
            Mode::Cdata => Err(code::UNCLOSED_CDATA_SECTION),
            _ if self.kind == Kind::General => match self.tags.is_empty() {
                true => Ok(false),
                false => Err(code::ASYNC_ENTITY),
            },
            _ => Err(code::NO_ELEMENTS),
        }
    }

    fn entity_reference(&mut self, name: String, raw: String, handlers: HandlerSet) -> Result<(), Code> {
        if let Some(c) = predefined(&name) {
            if handlers.has(Handler::CharacterData) {
                self.queue.push_back(Event::Text(Value::Made(c.to_string())));
            } else if handlers.has_default() {
                self.queue.push_back(Rare::Default(raw).into());
            }
            return Ok(());
        }
        let entity = self.dtd.borrow().general.get(&name).cloned();
        let (complete, standalone) = {
            let dtd = self.dtd.borrow();
            (!dtd.has_param_refs || dtd.standalone, dtd.standalone)
        };
        let Some(entity) = entity else {
            if complete {
                return Err(code::UNDEFINED_ENTITY);
            }
            if handlers.has(Handler::SkippedEntity) {
                self.queue.push_back(Rare::Skipped { name, is_parameter: false }.into());
            } else if handlers.has_default() {
                self.queue.push_back(Rare::Default(raw).into());
            }
            return Ok(());
        };
        if complete && standalone && !entity.is_internal {
            return Err(code::ENTITY_DECLARED_IN_PE);
        }
        if entity.open.get() {
            return Err(code::RECURSIVE_ENTITY_REF);
        }
        if entity.notation.is_some() {
            return Err(code::BINARY_ENTITY_REF);
        }
        if entity.text.is_some() {
            if !handlers.expands() {
                if handlers.has(Handler::SkippedEntity) {
                    self.queue.push_back(Rare::Skipped { name, is_parameter: false }.into());
                } else {
                    self.queue.push_back(Rare::Default(raw).into());
                }
                return Ok(());
            }
            return self.open_entity(entity, false);
        }
        if handlers.has(Handler::ExternalEntityRef) {
            entity.open.set(true);
            self.open_names.push(name);
            let context = self.context();
            self.open_names.pop();
            entity.open.set(false);
            let event = Rare::ExternalEntity {
                context: Some(context),
                base: entity.base.clone(),
                system: entity.system.clone(),
                public: entity.public.clone(),
                is_parameter: false,
            };
            self.queue.push_back(event.into());
        } else if handlers.has_default() {
            self.queue.push_back(Rare::Default(raw).into());
        }
        Ok(())
    }

    /// Reading goes on in the text of an internal entity.
    pub fn open_entity(&mut self, entity: Rc<Entity>, in_declaration: bool) -> Result<(), Code> {
        let Some(text) = entity.text.clone() else { return Ok(()) };
        self.account(text.len())?;
        entity.open.set(true);
        let tags = self.tags.len();
        self.entities.push(OpenEntity { entity, text, at: 0, tags, in_declaration });
        Ok(())
    }

    /// Counts what entities add to the document, against the tricks that make gigabytes of little text.
    pub fn account(&mut self, added: usize) -> Result<(), Code> {
        self.limits.expanded += added as f64;
        let total = self.limits.direct + self.limits.expanded;
        if total >= self.limits.threshold && total / self.limits.direct.max(1.0) > self.limits.factor {
            return Err(code::AMPLIFICATION_LIMIT_BREACH);
        }
        Ok(())
    }

    /// Sets a bound to what is held in memory for a document, in proportion to the document.
    fn check_memory(&self) -> Result<(), Code> {
        let entities = self.entities.capacity() * size_of::<OpenEntity>() + self.tags.capacity() * size_of::<Tag>();
        let held = self.input.held() + self.dtd.borrow().held + entities + self.queue.capacity() * size_of::<Event>();
        if held as f64 >= self.limits.memory_threshold && held as f64 / self.limits.direct.max(1.0) > self.limits.memory_factor {
            return Err(code::NO_MEMORY);
        }
        Ok(())
    }

    fn context(&self) -> String {
        let mut parts: Vec<String> = self.namespaces.iter().flat_map(Namespaces::context).collect();
        parts.extend(self.entities.iter().map(|open| open.entity.name.clone()));
        parts.extend(self.open_names.iter().cloned());
        parts.join("\x0C")
    }

    fn set_context(&mut self, context: &str) {
        for part in context.split('\x0C') {
            match part.split_once('=') {
                Some((prefix, uri)) => {
                    if let Some(namespaces) = &mut self.namespaces {
                        namespaces.bind_inherited(prefix, uri);
                    }
                }
                None if !part.is_empty() => self.open_names.push(part.to_string()),
                None => {}
            }
        }
    }
}

/// A text that tokens are read from.
pub enum Source<'a> {
    Document(&'a [u8]),
    Entity(Rc<[u8]>),
}

impl Source<'_> {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Source::Document(text) => text,
            Source::Entity(text) => text,
        }
    }
}

pub fn is_char(c: char) -> bool {
    !matches!(c, '\0'..='\x08' | '\x0B' | '\x0C' | '\x0E'..='\x1F' | '\u{FFFE}' | '\u{FFFF}')
}

/// Text with line ends made equal.
pub fn normal(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    match text.contains('\r') {
        true => text.replace("\r\n", "\n").replace('\r', "\n"),
        false => text.into_owned(),
    }
}

pub fn default(text: &[u8]) -> Event {
    Rare::Default(String::from_utf8_lossy(text).into_owned()).into()
}

pub fn pi_event(text: &[u8], handlers: HandlerSet) -> Event {
    if !handlers.has(Handler::ProcessingInstruction) {
        return default(text);
    }
    let body = &text[2..text.len() - 2];
    let end = body.iter().position(|&c| scan::is_space(c)).unwrap_or(body.len());
    let data = end + body[end..].iter().take_while(|&&c| scan::is_space(c)).count();
    Rare::Pi { target: String::from_utf8_lossy(&body[..end]).into_owned(), data: normal(&body[data..]) }.into()
}

struct Declaration {
    version: Option<String>,
    encoding: Option<String>,
    standalone: i64,
}

/// The pseudo-attributes of `<?xml ...?>`; an error is the place of what is wrong.
fn declaration(raw: &str, is_document: bool) -> Result<Declaration, usize> {
    let mut found = Declaration { version: None, encoding: None, standalone: -1 };
    let bytes = raw.as_bytes();
    let end = bytes.len() - 2;
    let mut at = 5;
    let mut stage = 0;
    loop {
        let before = at;
        while at < end && scan::is_space(bytes[at]) {
            at += 1;
        }
        if at >= end {
            break;
        }
        if at == before {
            return Err(at);
        }
        let start = at;
        while at < end && bytes[at].is_ascii_lowercase() {
            at += 1;
        }
        let name = &raw[start..at];
        while at < end && scan::is_space(bytes[at]) {
            at += 1;
        }
        if at >= end || bytes[at] != b'=' {
            return Err(at);
        }
        at += 1;
        while at < end && scan::is_space(bytes[at]) {
            at += 1;
        }
        let quote = bytes[at];
        if at >= end || (quote != b'"' && quote != b'\'') {
            return Err(at);
        }
        let value_at = at + 1;
        let Some(length) = bytes[value_at..end].iter().position(|&c| c == quote) else { return Err(end) };
        let value = &raw[value_at..value_at + length];
        if let Some(bad) = value.bytes().position(|c| !(c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))) {
            return Err(value_at + bad);
        }
        at = value_at + length + 1;
        match (name, stage) {
            ("version", 0) => {
                found.version = Some(value.to_string());
                stage = 1;
            }
            ("encoding", 0 | 1) if stage == 1 || !is_document => {
                if !value.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    return Err(value_at);
                }
                found.encoding = Some(value.to_string());
                stage = 2;
            }
            ("standalone", 1 | 2) if is_document => {
                found.standalone = match value {
                    "yes" => 1,
                    "no" => 0,
                    _ => return Err(value_at),
                };
                stage = 3;
            }
            _ => return Err(start),
        }
    }
    let is_complete = if is_document { found.version.is_some() } else { found.encoding.is_some() };
    if is_complete { Ok(found) } else { Err(end) }
}
