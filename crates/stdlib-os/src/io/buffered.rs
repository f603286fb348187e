//! What the three buffered streams over one raw stream share: the buffer, its lock, positions, and the raw calls.
//!
//! The buffer holds the file's bytes `[raw_pos - pos ..)`: `pos` is the stream's place in the buffer, `raw_pos` the raw stream's.
//! `read_end` and `write_end` are -1 while there is nothing read, or to be written. A thread that may call the raw stream holds the lock;
//! what only copies from the buffer does without, under the GIL.

use super::base::{StreamHead, refuse_state, repr_by_name};
use super::bytes_io::Block;
use super::file_io::FileIO;
use super::{get, offset, retry_interrupted, warn_unclosed};
use macros::pymethods;
use runtime::errors::{self, PyResult, Raised};
use runtime::macro_support::{Traverse, Visitor};
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number, object};
use runtime::tstate::ThreadState;
use runtime::types::{self, Bytes, Int, Str};
use runtime::{err, exceptions, gil, intern};
use std::cell::{Cell, UnsafeCell};
use std::sync::{Condvar, Mutex};

#[repr(C)]
pub struct Buffered {
    pub stream: StreamHead,
    pub raw: Cell<Option<Owned>>,
    /// Initialised, and not detached.
    pub ok: Cell<bool>,
    pub detached: Cell<bool>,
    pub readable: Cell<bool>,
    pub writable: Cell<bool>,
    pub finalizing: Cell<bool>,
    /// Both the stream and its raw file are of the exact native types: `closed` is known without a call.
    pub fast_closed: Cell<bool>,
    /// The raw stream's position, -1 if unknown.
    pub abs_pos: Cell<i64>,
    /// Empty once the stream is closed.
    buffer: UnsafeCell<Vec<u8>>,
    pub pos: Cell<isize>,
    pub raw_pos: Cell<isize>,
    pub read_end: Cell<isize>,
    pub write_pos: Cell<isize>,
    pub write_end: Cell<isize>,
    pub size: Cell<usize>,
    lock: Lock,
}

impl Traverse for Buffered {
    fn traverse(&self, visitor: &mut Visitor) {
        self.stream.traverse(visitor);
        self.raw.traverse(visitor);
    }
    fn clear(&self) {
        self.ok.set(false);
        self.raw.clear();
        self.stream.clear();
    }
}

/// A lock that is taken and given back under the GIL; only waiting for it needs more.
#[derive(Default)]
struct Lock {
    /// The owner's thread state, 0 if free.
    owner: Cell<usize>,
    waiters: Cell<usize>,
    released: (Mutex<u64>, Condvar),
}

/// The lock, held until drop.
pub struct Entered<'a>(&'a Buffered);

impl Drop for Entered<'_> {
    fn drop(&mut self) {
        let lock = &self.0.lock;
        lock.owner.set(0);
        if lock.waiters.get() > 0 {
            *lock.released.0.lock().unwrap_or_else(|e| e.into_inner()) += 1;
            lock.released.1.notify_all();
        }
    }
}

/// What a raw call gave.
pub enum Transfer {
    Done(usize),
    WouldBlock,
}

impl Drop for Buffered {
    fn drop(&mut self) {
        keep_buffer(std::mem::take(self.buffer.get_mut()));
    }
}

struct Spare(Cell<Vec<u8>>);
// SAFETY: only touched under the GIL.
unsafe impl Sync for Spare {}
/// A buffer of the default size that its stream does not need any more: opening files needs no fresh pages then.
static SPARE: Spare = Spare(Cell::new(Vec::new()));

fn new_buffer(size: usize) -> PyResult<Vec<u8>> {
    if size == super::DEFAULT_BUFFER_SIZE {
        let spare = SPARE.0.take();
        if spare.len() == size {
            return Ok(spare);
        }
    }
    let mut memory: Vec<u8> = Vec::new();
    if memory.try_reserve_exact(size).is_err() {
        return Err(errors::no_memory());
    }
    memory.resize(size, 0);
    Ok(memory)
}

fn keep_buffer(memory: Vec<u8>) {
    if memory.len() == super::DEFAULT_BUFFER_SIZE {
        SPARE.0.set(memory);
    }
}

impl Buffered {
    pub fn new() -> Buffered {
        Buffered {
            stream: StreamHead::new(),
            raw: Cell::new(None),
            ok: Cell::new(false),
            detached: Cell::new(false),
            readable: Cell::new(false),
            writable: Cell::new(false),
            finalizing: Cell::new(false),
            fast_closed: Cell::new(false),
            abs_pos: Cell::new(-1),
            buffer: UnsafeCell::new(Vec::new()),
            pos: Cell::new(0),
            raw_pos: Cell::new(0),
            read_end: Cell::new(-1),
            write_pos: Cell::new(0),
            write_end: Cell::new(-1),
            size: Cell::new(0),
            lock: Lock::default(),
        }
    }
    #[inline(always)]
    pub fn object(&self) -> &Object {
        // SAFETY: the struct begins with an object head.
        unsafe { &*(self as *const Buffered as *const Object) }
    }

    /// Makes the buffer. The kinds' `tp_init` checks the raw stream first and sets `ok` last.
    pub fn initialize(&self, raw: &Object, size: isize, readable: bool, writable: bool, exact: bool) -> PyResult<()> {
        let _entered = self.enter()?;
        self.ok.set(false);
        self.detached.set(false);
        let old = self.raw.replace(Some(raw.to_owned()));
        drop(old);
        self.readable.set(readable);
        self.writable.set(writable);
        if size <= 0 {
            return Err(err!(ValueError, "buffer size must be strictly positive"));
        }
        let memory = new_buffer(size as usize)?;
        // SAFETY: the lock is held: no thread is in a raw call with the old memory.
        let old = unsafe { std::mem::replace(&mut *self.buffer.get(), memory) };
        keep_buffer(old);
        self.size.set(size as usize);
        self.pos.set(0);
        self.raw_pos.set(0);
        if self.raw_tell().is_err() {
            errors::clear();
        }
        self.reset_read();
        self.reset_write();
        self.fast_closed.set(exact && raw.is_exact::<FileIO>());
        self.ok.set(true);
        Ok(())
    }

    // ---- checks and the lock --------------------------------------------------------------------------------------------------------

    #[inline]
    pub fn check_initialized(&self) -> PyResult<()> {
        if self.ok.get() { Ok(()) } else { Err(self.not_ok()) }
    }
    #[cold]
    fn not_ok(&self) -> Raised {
        if self.detached.get() {
            return err!(ValueError, "raw stream has been detached");
        }
        err!(ValueError, "I/O operation on uninitialized object")
    }
    pub fn raw(&self) -> PyResult {
        get(&self.raw).ok_or_else(|| self.not_ok())
    }
    #[inline]
    pub fn is_closed(&self) -> PyResult<bool> {
        if self.memory().is_empty() {
            return Ok(true);
        }
        if self.fast_closed.get()
            // SAFETY: only looked at.
            && let Some(raw) = unsafe { (*self.raw.as_ptr()).as_ref() }
            && let Some(file) = raw.downcast_exact::<FileIO>()
        {
            return Ok(file.is_closed());
        }
        let closed = object::get_attr(&*self.raw()?, intern!("closed"))?;
        object::is_true(&closed)
    }
    /// `what` is for instance "read of closed file".
    #[inline]
    pub fn check_closed(&self, what: &str) -> PyResult<()> {
        if self.is_closed()? { Err(err!(ValueError, "{what}")) } else { Ok(()) }
    }
    /// Takes the lock; raises if this thread has it already.
    #[inline]
    pub fn enter(&self) -> PyResult<Entered<'_>> {
        let me = ThreadState::current_ptr() as usize;
        if self.lock.owner.get() != 0 {
            self.wait_for_lock(me)?;
        }
        self.lock.owner.set(me);
        Ok(Entered(self))
    }
    #[cold]
    fn wait_for_lock(&self, me: usize) -> PyResult<()> {
        let lock = &self.lock;
        let _keep_alive = self.object().to_owned();
        while lock.owner.get() != 0 {
            if lock.owner.get() == me {
                let shown = object::repr(self.object())?;
                return Err(err!(RuntimeError, "reentrant call inside {}", &*shown));
            }
            let finalizing = gil::is_finalizing();
            lock.waiters.set(lock.waiters.get() + 1);
            let (mutex, changed) = (&lock.released.0, &lock.released.1);
            let seen = *mutex.lock().unwrap_or_else(|e| e.into_inner());
            gil::allow_threads(|| {
                let mut now = mutex.lock().unwrap_or_else(|e| e.into_inner());
                while *now == seen {
                    let waited = changed.wait_timeout(now, std::time::Duration::from_secs(1)).unwrap_or_else(|e| e.into_inner());
                    now = waited.0;
                    if waited.1.timed_out() && finalizing {
                        break;
                    }
                }
            });
            lock.waiters.set(lock.waiters.get() - 1);
            if finalizing && lock.owner.get() != 0 {
                // The owner is a daemon thread that never comes back.
                let shown = object::ascii(self.object()).map(|text| text.to_string()).unwrap_or_default();
                exceptions::report::write_raw_stderr(&format!(
                    "Fatal Python error: _enter_buffered_busy: could not acquire lock for {shown} at interpreter shutdown, possibly due to daemon threads\n"
                ));
                std::process::abort();
            }
        }
        Ok(())
    }

    // ---- the buffer -----------------------------------------------------------------------------------------------------------------

    /// The whole buffer; not to be held while Python code may run.
    #[inline(always)]
    pub fn memory(&self) -> &[u8] {
        // SAFETY: the borrow ends before the buffer is written to or replaced.
        unsafe { &*self.buffer.get() }
    }
    /// As `memory`, to write to.
    #[inline(always)]
    #[allow(clippy::mut_from_ref)]
    pub fn memory_mut(&self) -> &mut [u8] {
        // SAFETY: the only borrow while it lasts; it ends before Python code runs.
        unsafe { &mut *self.buffer.get() }
    }
    #[inline(always)]
    pub fn valid_read(&self) -> bool {
        self.readable.get() && self.read_end.get() != -1
    }
    #[inline(always)]
    pub fn valid_write(&self) -> bool {
        self.writable.get() && self.write_end.get() != -1
    }
    pub fn reset_read(&self) {
        self.read_end.set(-1);
    }
    pub fn reset_write(&self) {
        self.write_pos.set(0);
        self.write_end.set(-1);
    }
    /// Bytes that can be read from the buffer.
    #[inline(always)]
    pub fn ahead(&self) -> usize {
        if self.valid_read() { (self.read_end.get() - self.pos.get()).max(0) as usize } else { 0 }
    }
    /// The bytes that can be read from the buffer.
    #[inline]
    pub fn readahead(&self) -> &[u8] {
        let (at, count) = (self.pos.get().max(0) as usize, self.ahead());
        self.memory().get(at..at + count).unwrap_or(&[])
    }
    /// How far the raw stream is ahead of this one.
    pub fn raw_offset(&self) -> isize {
        if (self.valid_read() || self.valid_write()) && self.raw_pos.get() >= 0 { self.raw_pos.get() - self.pos.get() } else { 0 }
    }
    pub fn adjust_position(&self, pos: isize) {
        self.pos.set(pos);
        if self.valid_read() && self.read_end.get() < pos {
            self.read_end.set(pos);
        }
    }
    pub fn advance(&self, count: usize) {
        self.pos.set(self.pos.get() + count as isize);
    }

    // ---- the raw stream -------------------------------------------------------------------------------------------------------------

    /// The raw stream if it is a plain file whose method nobody replaced.
    fn plain_file(raw: &Object, method: &Str) -> bool {
        raw.is_exact::<FileIO>()
            && match types::attributes::dict_of(raw) {
                Ok(Some(dict)) => !dict.contains_str(method),
                Ok(None) => true,
                Err(_) => {
                    errors::clear();
                    false
                }
            }
    }
    fn position(&self, result: &Object) -> PyResult<i64> {
        let at = offset(result)?;
        if at < 0 {
            return Err(err!(OSError, "Raw stream returned invalid position {at}"));
        }
        self.abs_pos.set(at);
        Ok(at)
    }
    pub fn raw_tell(&self) -> PyResult<i64> {
        self.abs_pos.set(-1);
        let raw = self.raw()?;
        if Self::plain_file(&raw, intern!("tell"))
            && let Some(file) = raw.downcast_exact::<FileIO>()
        {
            let at = file.seek_raw(0, libc::SEEK_CUR)?;
            self.abs_pos.set(at);
            return Ok(at);
        }
        self.position(&*call::call_method0(&raw, intern!("tell"))?)
    }
    /// The raw stream's position, asked for if unknown.
    pub fn known_raw_tell(&self) -> PyResult<i64> {
        if self.abs_pos.get() != -1 { Ok(self.abs_pos.get()) } else { self.raw_tell() }
    }
    pub fn raw_seek(&self, target: i64, whence: i32) -> PyResult<i64> {
        self.abs_pos.set(-1);
        let raw = self.raw()?;
        if Self::plain_file(&raw, intern!("seek"))
            && let Some(file) = raw.downcast_exact::<FileIO>()
        {
            let at = file.seek_raw(target, whence)?;
            self.abs_pos.set(at);
            return Ok(at);
        }
        let result = call::call_method(&raw, intern!("seek"), &[&Int::from_i64(target), &Int::from_i64(whence as i64)])?;
        self.position(&result)
    }
    fn transferred(&self, count: usize) -> Transfer {
        if count > 0 && self.abs_pos.get() != -1 {
            self.abs_pos.set(self.abs_pos.get() + count as i64);
        }
        Transfer::Done(count)
    }
    /// One raw read into memory that the lock protects (or the caller owns).
    pub fn raw_read(&self, to: *mut u8, len: usize) -> PyResult<Transfer> {
        let raw = self.raw()?;
        if Self::plain_file(&raw, intern!("readinto"))
            && let Some(file) = raw.downcast_exact::<FileIO>()
        {
            // SAFETY: by the caller, nobody else touches the memory.
            return Ok(match file.read_raw(unsafe { std::slice::from_raw_parts_mut(to, len) })? {
                Some(count) => self.transferred(count),
                None => Transfer::WouldBlock,
            });
        }
        let (block, view) = Block::view(vec![0; len], false)?;
        let result = retry_interrupted(|| call::call_method(&raw, intern!("readinto"), &[&view]))?;
        if result.is_none() {
            return Ok(Transfer::WouldBlock);
        }
        let count = match number::as_isize(&result, Some(exceptions::ValueError())) {
            Ok(count) => count,
            Err(_) => return Err(errors::raise_from_cause(exceptions::OSError(), format_args!("raw readinto() failed"))),
        };
        if count < 0 || count as usize > len {
            return Err(err!(OSError, "raw readinto() returned invalid length {count} (should have been between 0 and {len})"));
        }
        // SAFETY: room for `len` bytes by the caller.
        unsafe { std::ptr::copy_nonoverlapping(block.bytes().as_ptr(), to, count as usize) };
        Ok(self.transferred(count as usize))
    }
    /// One raw write of memory that the lock (or an export) protects.
    pub fn raw_write(&self, data: *const u8, len: usize) -> PyResult<Transfer> {
        let raw = self.raw()?;
        // SAFETY: by the caller, the memory stays.
        let bytes = unsafe { std::slice::from_raw_parts(data, len) };
        if Self::plain_file(&raw, intern!("write"))
            && let Some(file) = raw.downcast_exact::<FileIO>()
        {
            return Ok(match file.write_raw(bytes)? {
                Some(count) => self.transferred(count),
                None => Transfer::WouldBlock,
            });
        }
        let (_block, view) = Block::view(bytes.to_vec(), true)?;
        crate::call::set_errno(0);
        let result = retry_interrupted(|| call::call_method(&raw, intern!("write"), &[&view]))?;
        if result.is_none() {
            return Ok(Transfer::WouldBlock);
        }
        let count = number::as_isize(&result, Some(exceptions::ValueError()))?;
        if count < 0 || count as usize > len {
            return Err(err!(OSError, "raw write() returned invalid length {count} (should have been between 0 and {len})"));
        }
        Ok(self.transferred(count as usize))
    }

    // ---- flushing -------------------------------------------------------------------------------------------------------------------

    /// Writes out what is to be written. The lock is held.
    pub fn flush_writes(&self) -> PyResult<()> {
        if !self.valid_write() || self.write_pos.get() == self.write_end.get() {
            self.reset_write();
            return Ok(());
        }
        let rewind = self.raw_offset() + (self.pos.get() - self.write_pos.get());
        if rewind != 0 {
            self.raw_seek(-(rewind as i64), 1)?;
            self.raw_pos.set(self.raw_pos.get() - rewind);
        }
        while self.write_pos.get() < self.write_end.get() {
            let (from, to) = (self.write_pos.get() as usize, self.write_end.get() as usize);
            match self.raw_write(self.memory()[from..to].as_ptr(), to - from)? {
                Transfer::Done(count) => {
                    self.write_pos.set(self.write_pos.get() + count as isize);
                    self.raw_pos.set(self.write_pos.get());
                    // A partial write may mean that a signal came.
                    gil::check_signals()?;
                }
                Transfer::WouldBlock => return Err(super::blocking_error(libc::EAGAIN, 0)),
            }
        }
        self.reset_write();
        Ok(())
    }
    /// Writes out, and puts the raw stream where this one is.
    pub fn flush_and_rewind(&self) -> PyResult<()> {
        self.flush_writes()?;
        if self.readable.get() {
            let target = self.raw_offset();
            self.reset_read_after(|| self.raw_seek(-(target as i64), 1).map(drop))?;
        }
        Ok(())
    }
    fn reset_read_after(&self, f: impl FnOnce() -> PyResult<()>) -> PyResult<()> {
        let result = f();
        self.reset_read();
        result
    }
    pub fn flush_stream(&self) -> PyResult<()> {
        self.check_initialized()?;
        self.check_closed("flush of closed file")?;
        let _entered = self.enter()?;
        self.flush_and_rewind()
    }

    // ---- getters --------------------------------------------------------------------------------------------------------------------

    pub fn raw_attribute(&self, name: &Str) -> PyResult {
        self.check_initialized()?;
        object::get_attr(&*self.raw()?, name)
    }
    fn forward(&self, name: &Str) -> PyResult {
        self.check_initialized()?;
        call::call_method0(&*self.raw()?, name)
    }
    pub fn repr(&self) -> PyResult<Owned<Str>> {
        repr_by_name(self.object(), || Ok(String::new()))
    }
    pub fn tell_position(&self) -> PyResult<i64> {
        self.check_initialized()?;
        let _entered = self.enter()?;
        let at = self.raw_tell()? - self.raw_offset() as i64;
        Ok(at.max(0))
    }
    fn close_locked(&self) -> PyResult {
        let entered = self.enter()?;
        let closed = self.is_closed()?;
        if closed {
            return Ok(types::none().to_owned());
        }
        if self.finalizing.get()
            && let Some(raw) = get(&self.raw)
        {
            dealloc_warn(&raw, self.object());
        }
        drop(entered);
        let flushed = call::call_method0(self.object(), intern!("flush"));
        let closed = {
            let raw = get(&self.raw);
            let _entered = match self.enter() {
                Ok(entered) => Some(entered),
                Err(_) => {
                    errors::clear();
                    None
                }
            };
            let closed = super::both(flushed, || match &raw {
                Some(raw) => call::call_method0(raw, intern!("close")),
                None => Ok(types::none().to_owned()),
            });
            if _entered.is_some() {
                // SAFETY: the lock is held: no thread is in a raw call with the memory.
                keep_buffer(unsafe { std::mem::take(&mut *self.buffer.get()) });
                self.read_end.set(if self.read_end.get() == -1 { -1 } else { 0 });
                self.pos.set(0);
            }
            closed
        };
        closed
    }
    fn seek_to(&self, target: &Object, whence: i32) -> PyResult<i64> {
        self.check_initialized()?;
        if !(0..=2).contains(&whence) && whence != libc::SEEK_HOLE && whence != libc::SEEK_DATA {
            return Err(err!(ValueError, "whence value {whence} unsupported"));
        }
        self.check_closed("seek of closed file")?;
        super::base::check_seekable(&*self.raw()?)?;
        let mut target = offset(target)?;
        if whence != 2 && whence <= 2 && self.readable.get() {
            // A place that is in the buffer needs no raw call.
            let current = self.known_raw_tell()?;
            let ahead = self.ahead() as i64;
            if ahead > 0 {
                let by = if whence == 0 { target - (current - self.raw_offset() as i64) } else { target };
                if by >= -(self.pos.get() as i64) && by <= ahead {
                    self.pos.set(self.pos.get() + by as isize);
                    // Character devices tell no position.
                    return Ok((current - ahead + by).max(0));
                }
            }
        }
        let _entered = self.enter()?;
        if self.writable.get() {
            self.flush_writes()?;
        }
        if whence == 1 {
            target -= self.raw_offset() as i64;
        }
        let at = self.raw_seek(target, whence)?;
        self.raw_pos.set(-1);
        if self.readable.get() {
            self.reset_read();
        }
        Ok(at)
    }
}

/// Passes the warning about an unclosed stream down to the raw stream.
pub fn dealloc_warn(raw: &Object, source: &Object) {
    if let Some(file) = raw.downcast_exact::<FileIO>() {
        if !file.is_closed() && object::get_attr(file, intern!("closefd")).is_ok_and(|c| c.is(types::true_())) {
            warn_unclosed(raw, source);
        }
        return;
    }
    if call::call_method(raw, intern!("_dealloc_warn"), &[source]).is_err() {
        errors::clear();
    }
}

#[pymethods(SHARED)]
impl Buffered {
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        self.check_initialized()?;
        self.close_locked()
    }
    /// Disconnect this buffer from its underlying raw stream and return it.
    ///
    /// After the raw stream has been detached, the buffer is in an unusable
    /// state.
    #[method("detach($self, /)")]
    fn detach(&self) -> PyResult {
        self.check_initialized()?;
        call::call_method0(self.object(), intern!("flush"))?;
        let raw = self.raw.take();
        self.detached.set(true);
        self.ok.set(false);
        raw.ok_or_else(|| self.not_ok())
    }
    #[method("seekable($self, /)")]
    fn seekable(&self) -> PyResult {
        self.forward(intern!("seekable"))
    }
    #[method("fileno($self, /)")]
    fn fileno(&self) -> PyResult {
        self.forward(intern!("fileno"))
    }
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult {
        self.forward(intern!("isatty"))
    }
    #[method("_dealloc_warn($self, source, /)")]
    fn _dealloc_warn(&self, source: &Object) {
        if self.ok.get()
            && let Some(raw) = get(&self.raw)
        {
            dealloc_warn(&raw, source);
        }
    }
    #[method("seek($self, target, whence=0, /)")]
    fn seek(&self, target: &Object, whence: i32) -> PyResult<i64> {
        self.seek_to(target, whence)
    }
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<i64> {
        self.tell_position()
    }
    #[method("truncate($self, pos=None, /)")]
    fn truncate(&self, pos: Option<&Object>) -> PyResult {
        self.check_initialized()?;
        self.check_closed("truncate of closed file")?;
        if !self.writable.get() {
            return Err(super::unsupported("truncate"));
        }
        let _entered = self.enter()?;
        self.flush_and_rewind()?;
        let result = call::call_method(&*self.raw()?, intern!("truncate"), &[pos.unwrap_or(types::none())])?;
        if self.raw_tell().is_err() {
            errors::clear();
        }
        Ok(result)
    }
    #[method("__sizeof__($self, /)")]
    fn __sizeof__(&self) -> usize {
        self.object().ty().basicsize() + self.memory().len()
    }
    #[method("__getstate__($self, /)")]
    fn __getstate__(&self) -> PyResult {
        refuse_state(self.object())
    }
}

#[pymethods(READABLE)]
impl Buffered {
    #[method("readable($self, /)")]
    fn readable_method(&self) -> PyResult {
        self.forward(intern!("readable"))
    }
}

#[pymethods(WRITABLE)]
impl Buffered {
    #[method("writable($self, /)")]
    fn writable_method(&self) -> PyResult {
        self.forward(intern!("writable"))
    }
    #[method("flush($self, /)")]
    fn flush(&self) -> PyResult<()> {
        self.flush_stream()
    }
}

#[pymethods(READER_FLUSH)]
impl Buffered {
    #[method("flush($self, /)")]
    fn simple_flush(&self) -> PyResult {
        self.forward(intern!("flush"))
    }
}

/// Bytes, or raises.
pub fn expect_bytes<'a>(value: &'a Object, words: &str) -> PyResult<&'a Bytes> {
    value.downcast::<Bytes>().ok_or_else(|| err!(TypeError, "{words}"))
}
