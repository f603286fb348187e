//! `_interpchannels`: the module, and the objects that stand for channels and their ends.

use super::channels::{self, Failure, Waiting};
use super::shared::{Class, Defaults, FULL_FALLBACK, UNBOUND_REPLACE, class, exception};
use macros::{Traverse, pymodule, pytype};
use runtime::crossinterp::{self, Shared};
use runtime::exceptions;
use runtime::modules::thread::lock::wait_time;
use runtime::object::{Object, ObjectHead, Owned, PyTyped, Type};
use runtime::protocol::object::CompareOp;
use runtime::protocol::{call, number, object};
use runtime::state::{self, PerInterpreter};
use runtime::types::structseq::{self, Field};
use runtime::types::{self, Int, List, MemoryView, Module, Tuple};
use runtime::{PyResult, Raised, err, errors};
use std::cell::{OnceCell, RefCell};
use std::sync::Arc;

// ---- exceptions ------------------------------------------------------------------------------------------------------------------------

static ERROR: Class = class();
static NOT_FOUND: Class = class();
static CLOSED: Class = class();
static EMPTY: Class = class();
static NOT_EMPTY: Class = class();

fn error_class(class: &'static Class, name: &str) -> PyResult<&'static Type> {
    let base = Tuple::new(&[exceptions::RuntimeError()]);
    let base = exception(&ERROR, "_interpchannels", "ChannelError", &base, None)?;
    if std::ptr::eq(class, &ERROR) { Ok(base) } else { exception(class, "_interpchannels", name, &Tuple::new(&[base]), None) }
}

fn classes() -> [(&'static Class, &'static str); 5] {
    [
        (&ERROR, "ChannelError"),
        (&NOT_FOUND, "ChannelNotFoundError"),
        (&CLOSED, "ChannelClosedError"),
        (&EMPTY, "ChannelEmptyError"),
        (&NOT_EMPTY, "ChannelNotEmptyError"),
    ]
}

#[cold]
fn raise(failure: Failure, id: i64) -> Raised {
    let (which, message) = match failure {
        Failure::NotFound => (1, format!("channel {id} not found")),
        Failure::Closed => (2, format!("channel {id} is closed")),
        Failure::ClosedWaiting => (2, format!("channel {id} has closed")),
        Failure::InterpreterClosed => (2, format!("channel {id} is already closed")),
        Failure::Empty => (3, format!("channel {id} is empty")),
        Failure::NotEmpty => (4, format!("channel {id} may not be closed if not empty (try force=True)")),
        Failure::NoNextId => (0, "failed to get a channel ID".to_string()),
    };
    let (class, name) = classes()[which];
    match error_class(class, name) {
        Ok(class) => errors::raise(class, format_args!("{message}")),
        Err(raised) => raised,
    }
}

fn raised<T>(id: i64, result: Result<T, Failure>) -> PyResult<T> {
    result.map_err(|failure| raise(failure, id))
}

// ---- ChannelID -------------------------------------------------------------------------------------------------------------------------

/// Which end an object stands for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    Both,
    Send,
    Receive,
}

#[derive(Traverse)]
#[repr(C)]
pub struct ChannelID {
    head: ObjectHead,
    #[traverse(skip)]
    channel: Reference,
    #[traverse(skip)]
    which: Which,
    /// Received elsewhere it becomes an object of the high-level class for its end.
    resolve: bool,
}

/// Keeps the channel; it may be gone all the same.
struct Reference(i64);

impl Drop for Reference {
    fn drop(&mut self) {
        channels::release_object(self.0);
    }
}

impl ChannelID {
    fn new(id: i64, which: Which, force: bool, resolve: bool) -> PyResult<Owned<ChannelID>> {
        match channels::add_object(id) {
            Err(Failure::NotFound) if force => {}
            result => raised(id, result)?,
        }
        let made = ChannelID { head: ObjectHead::placeholder(), channel: Reference(id), which, resolve };
        ChannelID::construct(ChannelID::type_object(), made)
    }
    fn end(&self, which: Which) -> PyResult<Owned<ChannelID>> {
        ChannelID::new(self.channel.0, which, true, self.resolve)
    }
    fn int(&self) -> Owned<Int> {
        Int::from_i64(self.channel.0)
    }
}

/// A channel ID identifies a channel and may be used as an int.
#[pytype(static = ChannelID_Type, name = "ChannelID", module = "_interpchannels", flags = BASETYPE | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native)]
impl ChannelID {
    #[slot]
    fn tp_repr(&self) -> String {
        let end = match self.which {
            Which::Both => "",
            Which::Send => ", send=True",
            Which::Receive => ", recv=True",
        };
        format!("{}({}{end})", self.as_object().ty().short_name(), self.channel.0)
    }
    #[slot]
    fn tp_str(&self) -> String {
        self.channel.0.to_string()
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        object::hash(&self.int())
    }
    #[slot]
    fn nb_int(&self) -> Owned<Int> {
        self.int()
    }
    #[slot]
    fn nb_index(&self) -> Owned<Int> {
        self.int()
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        if !matches!(op, CompareOp::Eq | CompareOp::Ne) {
            return Ok(types::not_implemented().to_owned());
        }
        let equal = if let Some(other) = other.downcast::<ChannelID>() {
            self.which == other.which && self.channel.0 == other.channel.0
        } else if let Some(other) = other.downcast::<Int>() {
            other.as_i64() == Some(self.channel.0)
        } else if number::check(other) {
            return object::rich_compare(&self.int(), other, op);
        } else {
            return Ok(types::not_implemented().to_owned());
        };
        Ok(types::bool_object(equal == matches!(op, CompareOp::Eq)).to_owned())
    }
    #[getter("end", "'send', 'recv', or 'both'")]
    fn get_end(&self) -> &'static str {
        match self.which {
            Which::Both => "both",
            Which::Send => "send",
            Which::Receive => "recv",
        }
    }
    #[getter("send", "the 'send' end of the channel")]
    fn get_send(&self) -> PyResult<Owned<ChannelID>> {
        self.end(Which::Send)
    }
    #[getter("recv", "the 'recv' end of the channel")]
    fn get_recv(&self) -> PyResult<Owned<ChannelID>> {
        self.end(Which::Receive)
    }
}

/// The channel that an argument names, and the end.
fn argument(value: &Object) -> PyResult<(i64, Which)> {
    if let Some(id) = value.downcast::<ChannelID>() {
        return Ok((id.channel.0, id.which));
    }
    if !number::check_index(value) {
        return Err(err!(TypeError, "channel ID must be an int, got {}", value.type_name()));
    }
    match number::as_i64(value)? {
        id if id >= 0 => Ok((id, Which::Both)),
        _ => Err(err!(ValueError, "channel ID must be a non-negative int, got {}", &*object::repr(value)?)),
    }
}

fn id_of(value: &Object) -> PyResult<i64> {
    Ok(argument(value)?.0)
}

// ---- as data ---------------------------------------------------------------------------------------------------------------------------

/// The classes of the high level: of the send end, and of the receive end.
static END_CLASSES: PerInterpreter<RefCell<Option<(Owned<Type>, Owned<Type>)>>> = PerInterpreter::new(RefCell::new(None), Default::default);

fn end_class(which: Which) -> PyResult<Owned<Type>> {
    let known = || END_CLASSES.get().borrow().as_ref().map(|classes| if which == Which::Send { classes.0.clone() } else { classes.1.clone() });
    if let Some(class) = known() {
        return Ok(class);
    }
    if runtime::import::import_module("concurrent.interpreters._channels").is_err() {
        errors::clear();
        runtime::import::import_module("test.support.channels")?;
    }
    known().ok_or_else(errors::bad_internal_call)
}

struct SharedId {
    id: i64,
    which: Which,
    resolve: bool,
    /// It was an object of the high level.
    is_end: bool,
    /// Keeps the channel while it is on the way.
    _reference: Option<Reference>,
}

impl Shared for SharedId {
    fn new_object(&self) -> PyResult {
        let id = ChannelID::new(self.id, self.which, false, false)?;
        if self.is_end {
            return call::call1(&*end_class(self.which)?, &id);
        }
        if self.resolve && self.which != Which::Both {
            match end_class(self.which).and_then(|class| call::call1(&*class, &id)) {
                Ok(end) => return Ok(end),
                Err(_) => errors::clear(),
            }
        }
        Ok(id.into_object())
    }
}

fn share_known(id: &ChannelID, is_end: bool) -> Box<dyn Shared> {
    let reference = channels::add_object(id.channel.0).is_ok().then(|| Reference(id.channel.0));
    Box::new(SharedId { id: id.channel.0, which: id.which, resolve: id.resolve, is_end, _reference: reference })
}

fn share_id(value: &Object) -> PyResult<Box<dyn Shared>> {
    value.downcast::<ChannelID>().map(|id| share_known(id, false)).ok_or_else(errors::bad_internal_call)
}

fn share_end(value: &Object) -> PyResult<Box<dyn Shared>> {
    let id = object::get_attr_str(value, "_id")?;
    id.downcast::<ChannelID>().map(|id| share_known(id, true)).ok_or_else(errors::bad_internal_call)
}

// ---- sending and information -------------------------------------------------------------------------------------------------------------

fn send_object(id: i64, value: &Object, how: Defaults, wait: Option<i64>) -> PyResult<()> {
    raised(id, channels::check_send(id))?;
    let data = how.share(value)?;
    let here = state::get().id;
    let Some(timeout) = wait else { return raised(id, channels::send(id, here, data, None, how.unbound_op)) };
    let waiting = Arc::<Waiting>::default();
    raised(id, channels::send(id, here, data, Some(waiting.clone()), how.unbound_op))?;
    match waiting.done.wait(timeout) {
        Ok(true) if waiting.was_received() => Ok(()),
        Ok(true) => Err(raise(Failure::ClosedWaiting, id)),
        in_vain => {
            let taken = errors::preserve(|| channels::take_back(id, &waiting));
            let () = taken;
            if waiting.was_received() {
                errors::clear();
                return Ok(());
            }
            in_vain?;
            Err(err!(TimeoutError, "timed out"))
        }
    }
}

fn info_class() -> PyResult<&'static Type> {
    static CLASS: PerInterpreter<OnceCell<Owned<Type>>> = PerInterpreter::new(OnceCell::new(), OnceCell::new);
    let cell = CLASS.get();
    if let Some(class) = cell.get() {
        return Ok(class);
    }
    let fields = [
        Field::new("open", "both ends are open"),
        Field::new("closing", "send is closed, recv is non-empty"),
        Field::new("closed", "both ends are closed"),
        Field::new("count", "queued objects"),
        Field::new("num_interp_send", "interpreters bound to the send end"),
        Field::new("num_interp_send_released", "interpreters bound to the send end and released"),
        Field::new("num_interp_recv", "interpreters bound to the send end"),
        Field::new("num_interp_recv_released", "interpreters bound to the send end and released"),
        Field::new("num_interp_both", "interpreters bound to both ends"),
        Field::new("num_interp_both_released", "interpreters bound to both ends and released_from_both"),
        Field::new("num_interp_both_send_released", "interpreters bound to both ends and released_from_the send end"),
        Field::new("num_interp_both_recv_released", "interpreters bound to both ends and released_from_the recv end"),
        Field::new("send_associated", "current interpreter is bound to the send end"),
        Field::new("send_released", "current interpreter *was* bound to the send end"),
        Field::new("recv_associated", "current interpreter is bound to the recv end"),
        Field::new("recv_released", "current interpreter *was* bound to the recv end"),
    ];
    let made = structseq::new_type("_interpchannels.ChannelInfo", "ChannelInfo\n\nA named tuple of a channel's state.", &fields, 8)?;
    Ok(cell.get_or_init(|| made))
}

fn forget_interpreter() {
    channels::forget_interpreter(state::get().id);
}

const ORDINARY: Defaults = Defaults { unbound_op: UNBOUND_REPLACE, fallback: FULL_FALLBACK };

/// This module provides primitive operations to manage Python interpreters.
/// The 'interpreters' module provides a more convenient interface.
#[pymodule(name = "_interpchannels")]
#[types(ChannelID_Type)]
pub mod interpchannels {
    use super::*;

    #[exec]
    fn exec_module(module: &Module) -> PyResult<()> {
        for (class, name) in classes() {
            module.add(name, error_class(class, name)?)?;
        }
        module.add("ChannelInfo", info_class()?)?;
        crossinterp::register(ChannelID::type_object(), share_id);
        state::get().at_end(forget_interpreter);
        Ok(())
    }

    /// channel_create(unboundop, fallback) -> cid
    ///
    /// Make a channel, and return its ID, which is never used again.
    #[function("create($module, unboundop=-1, fallback=-1)", nosig)]
    fn create(unboundop: i32, fallback: i32) -> PyResult<Owned<ChannelID>> {
        let defaults = Defaults::of(unboundop, fallback, ORDINARY)?;
        let id = raised(-1, channels::create(defaults))?;
        ChannelID::new(id, Which::Both, false, false)
    }

    /// channel_destroy(cid)
    ///
    /// Close and forget the channel, whoever uses it.
    #[function("destroy($module, cid)", nosig)]
    fn destroy(cid: &Object) -> PyResult<()> {
        let id = id_of(cid)?;
        raised(id, channels::destroy(id))
    }

    /// channel_list_all() -> [(cid, unboundop, fallback)]
    ///
    /// All channels, with their defaults.
    #[function("list_all($self, /)")]
    fn list_all() -> PyResult<Owned<List>> {
        let int = |value: i32| Int::from_i64(value as i64).into_object();
        let row = |(id, defaults): (i64, Defaults)| {
            let id = ChannelID::new(id, Which::Both, false, false)?.into_object();
            Ok(Tuple::from_owned(vec![id, int(defaults.unbound_op), int(defaults.fallback)]).into_object())
        };
        Ok(List::from_owned(channels::list().into_iter().map(row).collect::<PyResult<Vec<_>>>()?))
    }

    /// channel_list_interpreters(cid, *, send) -> [id]
    ///
    /// The IDs of the interpreters that are associated with the send end (send is true) or the receive end.
    #[function("list_interpreters($module, cid, *, send)", nosig)]
    fn list_interpreters(cid: &Object, send: bool) -> PyResult<Owned<List>> {
        let id = id_of(cid)?;
        let all = raised(id, channels::interpreters(id, send))?;
        Ok(List::from_owned(all.into_iter().map(|id| Int::from_i64(id).into_object()).collect()))
    }

    /// channel_send(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)
    ///
    /// Append the object's data to the channel's queue, and wait until it is received, unless blocking is false.
    #[function("send($module, cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", nosig)]
    fn send(cid: &Object, obj: &Object, unboundop: i32, fallback: i32, blocking: bool, timeout: Option<&Object>) -> PyResult<()> {
        let how = Defaults::of(unboundop, fallback, ORDINARY)?;
        let id = id_of(cid)?;
        let wait = wait_time(blocking, timeout)?;
        send_object(id, obj, how, blocking.then_some(wait))
    }

    /// channel_send_buffer(cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)
    ///
    /// As channel_send() for the object's buffer, whose memory is shared.
    #[function("send_buffer($module, cid, obj, unboundop=-1, fallback=-1, *, blocking=True, timeout=None)", nosig)]
    fn send_buffer(cid: &Object, obj: &Object, unboundop: i32, fallback: i32, blocking: bool, timeout: Option<&Object>) -> PyResult<()> {
        let how = Defaults::of(unboundop, fallback, ORDINARY)?;
        let id = id_of(cid)?;
        let wait = wait_time(blocking, timeout)?;
        let memory = MemoryView::from_object(obj)?;
        send_object(id, &memory, how, blocking.then_some(wait))
    }

    /// channel_recv(cid, [default]) -> (obj, unboundop)
    ///
    /// An object made of the data at the front of the channel's queue, which is removed, and None; or None and what is to stand for an
    /// object whose interpreter ended. Raises ChannelEmptyError unless there is a default.
    #[function("recv($module, cid, default=<unrepresentable>)", nosig)]
    fn recv(cid: &Object, default: Option<&Object>) -> PyResult {
        let id = id_of(cid)?;
        let none = types::none().to_owned();
        let mut item = match (channels::receive(id, state::get().id), default) {
            (Err(Failure::Empty), Some(default)) => return Ok(Tuple::from_owned(vec![default.to_owned(), none]).into_object()),
            (item, _) => raised(id, item)?,
        };
        let pair = match item.data.take() {
            Some(data) => {
                let value = data.new_object()?;
                if let Some(waiting) = item.waiting.take() {
                    waiting.finish(true);
                }
                vec![value, none]
            }
            None => vec![none, Int::from_i64(item.unbound_op as i64).into_object()],
        };
        drop(item);
        Ok(Tuple::from_owned(pair).into_object())
    }

    /// channel_close(cid, *, send=None, recv=None, force=False)
    ///
    /// Close the channel for all interpreters. One that is not empty is only closed with force; if just its send end is to be closed, the
    /// channel is when it has been emptied.
    #[function("close($module, cid, *, send=False, recv=False, force=False)", nosig)]
    fn close(cid: &Object, send: bool, recv: bool, force: bool) -> PyResult<()> {
        let id = id_of(cid)?;
        raised(id, channels::close(id, send && !recv, force))
    }

    /// channel_release(cid, *, send=None, recv=None, force=True)
    ///
    /// The running interpreter is done with the send end, the receive end, or (by default) both.
    #[function("release($module, cid, *, send=False, recv=False, force=False)", nosig)]
    fn release(cid: &Object, send: bool, recv: bool, _force: bool) -> PyResult<()> {
        let id = id_of(cid)?;
        raised(id, channels::release(id, state::get().id, send, recv))
    }

    /// get_count(cid)
    ///
    /// The number of items.
    #[function("get_count($module, cid)", nosig)]
    fn get_count(cid: &Object) -> PyResult<usize> {
        let id = id_of(cid)?;
        raised(id, channels::count(id))
    }

    /// get_info(cid)
    ///
    /// What is known of the channel, as a ChannelInfo.
    #[function("get_info($module, cid)", nosig)]
    fn get_info(cid: &Object) -> PyResult {
        let id = id_of(cid)?;
        let info = raised(id, channels::info(id, state::get().id))?;
        let flag = |value: bool| types::bool_object(value).to_owned();
        let mut items = vec![flag(!info.closed && !info.closing), flag(info.closing), flag(info.closed), Int::from_i64(info.count).into_object()];
        items.extend(info.interpreters.iter().map(|&count| Int::from_i64(count).into_object()));
        items.extend([flag(info.send == 1), flag(info.send == -1), flag(info.receive == 1), flag(info.receive == -1)]);
        structseq::new(info_class()?, items)
    }

    /// get_channel_defaults(cid)
    ///
    /// What the channel was made with: (unboundop, fallback).
    #[function("get_channel_defaults($module, cid)", nosig)]
    fn get_channel_defaults(cid: &Object) -> PyResult<(i32, i32)> {
        let id = id_of(cid)?;
        let defaults = raised(id, channels::defaults(id))?;
        Ok((defaults.unbound_op, defaults.fallback))
    }

    /// For internal use: a ChannelID.
    #[function("_channel_id($module, id, *, send=<unrepresentable>, recv=<unrepresentable>, force=False, _resolve=False)", nosig)]
    fn channel_id(id: &Object, send: Option<bool>, recv: Option<bool>, force: bool, _resolve: bool) -> PyResult<Owned<ChannelID>> {
        let (id, which) = argument(id)?;
        let which = match (send, recv) {
            (Some(false), Some(false)) => return Err(err!(ValueError, "'send' and 'recv' cannot both be False")),
            (Some(true), Some(true)) => Which::Both,
            (Some(true), _) => Which::Send,
            (_, Some(true)) => Which::Receive,
            _ => which,
        };
        ChannelID::new(id, which, force, _resolve)
    }

    /// For the high level: its classes for the ends of channels.
    #[function("_register_end_types($module, send, recv)", nosig)]
    fn register_end_types(send: &Object, recv: &Object) -> PyResult<()> {
        let Some(send) = send.downcast::<Type>() else { return Err(err!(TypeError, "expected a type for 'send'")) };
        let Some(recv) = recv.downcast::<Type>() else { return Err(err!(TypeError, "expected a type for 'recv'")) };
        let former = END_CLASSES.get().replace(Some((Owned::from_type(send), Owned::from_type(recv))));
        if let Some((send, recv)) = &former {
            crossinterp::unregister(send);
            crossinterp::unregister(recv);
        }
        crossinterp::register(send, share_end);
        crossinterp::register(recv, share_end);
        drop(former);
        Ok(())
    }
}
