//! `_interpchannels`: channels between interpreters, what of them is the process's.
//!
//! A channel is a queue of data with two ends. Each interpreter that used an end is associated with it until it releases it; a channel that
//! had associations and has none left is closed. As with queues, all is done with the GIL, and nothing is dropped while channels are borrowed.

use super::shared::{Defaults, UNBOUND_REMOVE};
use runtime::crossinterp::XIData;
use runtime::modules::thread::raw_lock::Event;
use runtime::subinterpreters;
use runtime::types::GilCell;
use std::cell::RefCell;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Failure {
    NotFound,
    Closed,
    /// While the sender was waiting.
    ClosedWaiting,
    /// For the running interpreter.
    InterpreterClosed,
    Empty,
    NotEmpty,
    NoNextId,
}

/// A sender that waits for what becomes of its item.
#[derive(Default)]
pub struct Waiting {
    pub done: Event,
    received: AtomicBool,
}

impl Waiting {
    pub fn finish(&self, received: bool) {
        self.received.store(received, Ordering::Release);
        self.done.set();
    }
    pub fn was_received(&self) -> bool {
        self.received.load(Ordering::Acquire)
    }
}

pub struct Item {
    interpreter: i64,
    /// None once its interpreter has ended.
    pub data: Option<XIData>,
    pub waiting: Option<Arc<Waiting>>,
    pub unbound_op: i32,
}

/// Dropping an item that nobody received tells its sender so.
impl Drop for Item {
    fn drop(&mut self) {
        if let Some(waiting) = self.waiting.take() {
            waiting.finish(false);
        }
    }
}

struct End {
    interpreter: i64,
    is_open: bool,
}

/// The associations of one end. What an interpreter releases twice counts twice, as in CPython.
#[derive(Default)]
struct Ends {
    all: Vec<End>,
    open: i64,
}

impl Ends {
    fn find(&self, interpreter: i64) -> Option<&End> {
        self.all.iter().find(|end| end.interpreter == interpreter)
    }
    fn associate(&mut self, interpreter: i64) -> Result<(), Failure> {
        match self.find(interpreter) {
            Some(end) if !end.is_open => Err(Failure::InterpreterClosed),
            Some(_) => Ok(()),
            None => {
                self.add(interpreter);
                Ok(())
            }
        }
    }
    fn add(&mut self, interpreter: i64) {
        self.all.push(End { interpreter, is_open: true });
        self.open += 1;
    }
    /// An interpreter that was never associated is, and is done with it.
    fn release(&mut self, interpreter: i64) {
        if self.find(interpreter).is_none() {
            self.add(interpreter);
        }
        self.release_known(interpreter);
    }
    fn release_known(&mut self, interpreter: i64) {
        if let Some(end) = self.all.iter_mut().find(|end| end.interpreter == interpreter) {
            end.is_open = false;
            self.open -= 1;
        }
    }
    fn release_all(&mut self) {
        for end in &mut self.all {
            end.is_open = false;
            self.open -= 1;
        }
    }
}

struct Channel {
    items: VecDeque<Item>,
    send: Ends,
    receive: Ends,
    defaults: Defaults,
    is_open: bool,
    /// The send end is closed; the channel is when it is empty.
    is_closing: bool,
}

impl Channel {
    fn has_open_ends(&self) -> bool {
        self.send.open != 0 || self.receive.open != 0 || (self.send.all.is_empty() && self.receive.all.is_empty())
    }
}

struct Entry {
    id: i64,
    channel: Option<Channel>,
    /// `ChannelID` objects that there are of it.
    objects: i64,
}

struct Channels {
    /// The newest last.
    all: Vec<Entry>,
    next_id: i64,
}

static CHANNELS: GilCell<RefCell<Channels>> = GilCell(RefCell::new(Channels { all: Vec::new(), next_id: 0 }));

fn with_entry<T>(id: i64, f: impl FnOnce(&mut Entry) -> Result<T, Failure>) -> Result<T, Failure> {
    let mut channels = CHANNELS.0.borrow_mut();
    match channels.all.iter_mut().find(|entry| entry.id == id) {
        Some(entry) => f(entry),
        None => Err(Failure::NotFound),
    }
}

/// Of a channel that is not closed.
fn with<T>(id: i64, f: impl FnOnce(&mut Channel) -> Result<T, Failure>) -> Result<T, Failure> {
    with_entry(id, |entry| match &mut entry.channel {
        Some(channel) if channel.is_open => f(channel),
        _ => Err(Failure::Closed),
    })
}

pub fn create(defaults: Defaults) -> Result<i64, Failure> {
    let mut channels = CHANNELS.0.borrow_mut();
    let id = channels.next_id;
    if id < 0 {
        return Err(Failure::NoNextId);
    }
    channels.next_id = id.wrapping_add(1);
    let channel =
        Channel { items: VecDeque::new(), send: Ends::default(), receive: Ends::default(), defaults, is_open: true, is_closing: false };
    channels.all.push(Entry { id, channel: Some(channel), objects: 0 });
    Ok(id)
}

pub fn destroy(id: i64) -> Result<(), Failure> {
    let removed = {
        let mut channels = CHANNELS.0.borrow_mut();
        channels.all.iter().position(|entry| entry.id == id).map(|at| channels.all.remove(at))
    };
    removed.map(drop).ok_or(Failure::NotFound)
}

/// One more object stands for the channel.
pub fn add_object(id: i64) -> Result<(), Failure> {
    with_entry(id, |entry| {
        entry.objects += 1;
        Ok(())
    })
}

/// One less; the channel goes with the last.
pub fn release_object(id: i64) {
    let last = with_entry(id, |entry| {
        entry.objects -= 1;
        Ok(entry.objects == 0)
    });
    if last == Ok(true) {
        let _ = destroy(id);
    }
}

/// Ids and defaults of those that are not closed, the newest first.
pub fn list() -> Vec<(i64, Defaults)> {
    let channels = CHANNELS.0.borrow();
    channels.all.iter().rev().filter_map(|entry| Some((entry.id, entry.channel.as_ref()?.defaults))).collect()
}

pub fn defaults(id: i64) -> Result<Defaults, Failure> {
    with(id, |channel| Ok(channel.defaults))
}

pub fn count(id: i64) -> Result<usize, Failure> {
    with(id, |channel| Ok(channel.items.len()))
}

/// Whether the channel can be sent to, before the object is turned into data.
pub fn check_send(id: i64) -> Result<(), Failure> {
    with(id, |channel| if channel.is_closing { Err(Failure::Closed) } else { Ok(()) })
}

pub fn send(id: i64, interpreter: i64, data: XIData, waiting: Option<Arc<Waiting>>, unbound_op: i32) -> Result<(), Failure> {
    let mut item = Some(Item { interpreter, data: Some(data), waiting: None, unbound_op });
    let done = with(id, |channel| {
        channel.send.associate(interpreter)?;
        if let Some(mut item) = item.take() {
            item.waiting = waiting;
            channel.items.push_back(item);
        }
        Ok(())
    });
    drop(item);
    done
}

/// Takes an item back that was not received in time.
pub fn take_back(id: i64, waiting: &Arc<Waiting>) {
    let is_it = |item: &Item| item.waiting.as_ref().is_some_and(|other| Arc::ptr_eq(other, waiting));
    let removed = with(id, |channel| {
        let at = channel.items.iter().position(is_it);
        Ok(at.and_then(|at| channel.items.remove(at)))
    });
    drop(removed);
    finish_closing(id);
}

pub fn receive(id: i64, interpreter: i64) -> Result<Item, Failure> {
    let item = with(id, |channel| {
        channel.receive.associate(interpreter)?;
        match channel.items.pop_front() {
            Some(item) => Ok(item),
            None => {
                channel.is_open &= !channel.is_closing;
                Err(Failure::Empty)
            }
        }
    });
    finish_closing(id);
    item
}

/// A channel that is closing is closed once it is empty.
fn finish_closing(id: i64) {
    let closed = with_entry(id, |entry| {
        let done = entry.channel.as_ref().is_some_and(|channel| channel.is_closing && channel.items.is_empty());
        Ok(if done { entry.channel.take() } else { None })
    });
    drop(closed);
}

/// The running interpreter is done with one end or both.
pub fn release(id: i64, interpreter: i64, send: bool, receive: bool) -> Result<(), Failure> {
    // Asked for neither or both, both are meant.
    let both = send == receive;
    with(id, |channel| {
        if send || both {
            channel.send.release(interpreter);
        }
        if receive || both {
            channel.receive.release(interpreter);
        }
        channel.is_open = channel.has_open_ends();
        Ok(())
    })
}

/// Closes the channel for all interpreters; only its send end if it is not empty and nothing else is asked for.
pub fn close(id: i64, send_only: bool, force: bool) -> Result<(), Failure> {
    let closed = with_entry(id, |entry| {
        let Some(channel) = &mut entry.channel else { return Err(Failure::Closed) };
        if (!force && send_only && channel.is_closing) || !channel.is_open {
            return Err(Failure::Closed);
        }
        if !force && !channel.items.is_empty() {
            if !send_only {
                return Err(Failure::NotEmpty);
            }
            channel.is_closing = true;
            return Ok(None);
        }
        channel.is_open = false;
        channel.send.release_all();
        channel.receive.release_all();
        Ok(entry.channel.take())
    })?;
    drop(closed);
    Ok(())
}

/// The interpreters that are associated with an end, oldest first.
pub fn interpreters(id: i64, send: bool) -> Result<Vec<i64>, Failure> {
    let all: Vec<i64> = subinterpreters::all().into_iter().map(|interp| interp.id).collect();
    with(id, |channel| {
        if send && channel.is_closing {
            return Err(Failure::Closed);
        }
        let ends = if send { &channel.send } else { &channel.receive };
        Ok(all.into_iter().filter(|&interp| ends.find(interp).is_some_and(|end| end.is_open)).collect())
    })
}

/// An interpreter ends: what it sent is no more, and it is associated with nothing.
pub fn forget_interpreter(interpreter: i64) {
    let mut data = Vec::new();
    let mut items = Vec::new();
    for channel in CHANNELS.0.borrow_mut().all.iter_mut().filter_map(|entry| entry.channel.as_mut()) {
        for item in channel.items.iter_mut().filter(|item| item.interpreter == interpreter) {
            data.extend(item.data.take());
        }
        let (gone, left) = channel.items.drain(..).partition(|item| item.data.is_none() && item.unbound_op == UNBOUND_REMOVE);
        channel.items = left;
        let gone: VecDeque<Item> = gone;
        items.extend(gone);
        channel.send.release_known(interpreter);
        channel.receive.release_known(interpreter);
        channel.is_open = channel.has_open_ends();
    }
    drop((data, items));
}

/// What `_get_info` tells.
#[derive(Default)]
pub struct Info {
    pub closed: bool,
    pub closing: bool,
    pub count: i64,
    /// Interpreters at the send end only, those of them that released it, the same of the receive end, at both ends, at both and released
    /// from both, from the send end, from the receive end.
    pub interpreters: [i64; 8],
    /// The running interpreter: 1 associated, -1 released.
    pub send: i32,
    pub receive: i32,
}

pub fn info(id: i64, interpreter: i64) -> Result<Info, Failure> {
    with_entry(id, |entry| {
        let mut info = Info::default();
        let Some(channel) = entry.channel.as_ref().filter(|channel| channel.is_open) else {
            info.closed = true;
            return Ok(info);
        };
        info.closing = channel.is_closing;
        info.count = channel.items.len() as i64;
        let state = |ends: &Ends| ends.find(interpreter).map_or(0, |end| if end.is_open { 1 } else { -1 });
        (info.send, info.receive) = (state(&channel.send), state(&channel.receive));
        let counts = &mut info.interpreters;
        for end in &channel.send.all {
            counts[!end.is_open as usize] += 1;
        }
        for end in &channel.receive.all {
            let place = match (channel.send.find(end.interpreter), end.is_open) {
                (None, open) => 2 + !open as usize,
                (Some(send), open) => {
                    counts[!send.is_open as usize] -= 1;
                    match (send.is_open, open) {
                        (true, true) => 4,
                        (false, false) => 5,
                        (true, false) => 6,
                        (false, true) => 7,
                    }
                }
            };
            counts[place] += 1;
        }
        Ok(info)
    })
}
