//! `FileIO`: a raw stream over a file descriptor.

use super::base::{DICT_OFFSET, StreamHead, WEAKREFS_OFFSET, base_close, refuse_state};
use super::{DEFAULT_BUFFER_SIZE, both, unsupported, warn_unclosed};
use crate::call::{self as system, Pointer, os_error};
use super::base::size_or_all;
use macros::{Traverse, pytype};
use crate::posix::path::fs_converter;
use runtime::audit::audit;
use runtime::errors::{self, PyResult};
use runtime::exceptions::raise_os_error;
use runtime::macro_support::{Buffer, NoneOr, WritableBuffer};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::{call, number, object};
use runtime::types::{self, Bytes, Dict, Int, Str, Tuple};
use runtime::{err, exceptions, intern};
use std::cell::Cell;
use std::ffi::{CString, c_int};
use std::mem::offset_of;

/// The first block that `readall` reads if the file's size says nothing.
const SMALL_CHUNK: usize = 8 * 1024;
/// The system's limit of one read or write.
const MAX_TRANSFER: usize = 0x7fff_f000;
/// Files above this size are worth a system call that says how much is left.
const LARGE_FILE: usize = 64 * 1024;

/// What `fstat` said when the file was opened.
#[derive(Clone, Copy)]
struct AtOpen {
    size: i64,
    block_size: i64,
    mode: u32,
}

#[derive(Traverse)]
#[repr(C)]
pub struct FileIO {
    stream: StreamHead,
    fd: Cell<c_int>,
    created: Cell<bool>,
    readable: Cell<bool>,
    writable: Cell<bool>,
    appending: Cell<bool>,
    /// -1 while unknown.
    seekable: Cell<i8>,
    closefd: Cell<bool>,
    finalizing: Cell<bool>,
    #[traverse(skip)]
    at_open: Cell<Option<AtOpen>>,
}

/// What a mode string asks for.
#[derive(Clone, Copy, Default)]
struct Mode {
    created: bool,
    readable: bool,
    writable: bool,
    appending: bool,
    flags: c_int,
}

fn parse_mode(text: &str) -> PyResult<Mode> {
    let wrong = || err!(ValueError, "Must have exactly one of create/read/write/append mode and at most one plus");
    let mut mode = Mode::default();
    let (mut kind, mut plus, mut flags) = (false, false, 0);
    for c in text.chars() {
        match c {
            'x' | 'r' | 'w' | 'a' => {
                if kind {
                    return Err(wrong());
                }
                kind = true;
                match c {
                    'x' => {
                        (mode.created, mode.writable) = (true, true);
                        flags = libc::O_EXCL | libc::O_CREAT;
                    }
                    'r' => mode.readable = true,
                    'w' => {
                        mode.writable = true;
                        flags = libc::O_CREAT | libc::O_TRUNC;
                    }
                    _ => {
                        (mode.writable, mode.appending) = (true, true);
                        flags = libc::O_APPEND | libc::O_CREAT;
                    }
                }
            }
            'b' => {}
            '+' => {
                if plus {
                    return Err(wrong());
                }
                plus = true;
                (mode.readable, mode.writable) = (true, true);
            }
            _ => return Err(err!(ValueError, "invalid mode: {text}")),
        }
    }
    if !kind {
        return Err(wrong());
    }
    mode.flags = libc::O_CLOEXEC
        | flags
        | match (mode.readable, mode.writable) {
            (true, true) => libc::O_RDWR,
            (true, false) => libc::O_RDONLY,
            _ => libc::O_WRONLY,
        };
    Ok(mode)
}

impl FileIO {
    /// The descriptor, -1 if closed.
    #[inline]
    pub fn fd(&self) -> c_int {
        self.fd.get()
    }
    pub fn is_closed(&self) -> bool {
        self.fd.get() < 0
    }
    pub fn make(cls: &Type) -> PyResult<Owned<FileIO>> {
        FileIO::construct(
            cls,
            FileIO {
                stream: StreamHead::new(),
                fd: Cell::new(-1),
                created: Cell::new(false),
                readable: Cell::new(false),
                writable: Cell::new(false),
                appending: Cell::new(false),
                seekable: Cell::new(-1),
                closefd: Cell::new(true),
                finalizing: Cell::new(false),
                at_open: Cell::new(None),
            },
        )
    }

    fn check_open(&self) -> PyResult<()> {
        if self.fd.get() < 0 { Err(err!(ValueError, "I/O operation on closed file")) } else { Ok(()) }
    }
    fn check_reading(&self) -> PyResult<()> {
        self.check_open()?;
        if self.readable.get() { Ok(()) } else { Err(unsupported("File not open for reading")) }
    }
    fn check_writing(&self) -> PyResult<()> {
        self.check_open()?;
        if self.writable.get() { Ok(()) } else { Err(unsupported("File not open for writing")) }
    }

    /// One `read` into memory that stays in place: the count, or None if it would block.
    pub fn read_raw(&self, memory: &mut [u8]) -> PyResult<Option<usize>> {
        self.check_reading()?;
        let (fd, to, len) = (self.fd.get(), Pointer(memory.as_mut_ptr()), memory.len().min(MAX_TRANSFER));
        // SAFETY: the caller's memory, exclusively borrowed through the call.
        match system::retry(move || unsafe { libc::read(fd, to.get().cast(), len) })? {
            Ok(n) => Ok(Some(n as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(errno) => Err(os_error(errno)),
        }
    }
    /// One `write` of memory that stays in place: the count, or None if it would block.
    pub fn write_raw(&self, data: &[u8]) -> PyResult<Option<usize>> {
        self.check_writing()?;
        let (fd, from, len) = (self.fd.get(), Pointer(data.as_ptr() as *mut u8), data.len().min(MAX_TRANSFER));
        // SAFETY: the caller's memory, borrowed through the call.
        match system::retry(move || unsafe { libc::write(fd, from.get().cast(), len) })? {
            Ok(n) => Ok(Some(n as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(errno) => Err(os_error(errno)),
        }
    }
    /// `lseek`; remembers whether the file can seek.
    pub fn seek_raw(&self, target: i64, whence: c_int) -> PyResult<i64> {
        self.check_open()?;
        let fd = self.fd.get();
        // SAFETY: plain system call.
        let result = system::once(move || unsafe { libc::lseek(fd, target, whence) });
        if self.seekable.get() < 0 {
            self.seekable.set(result.is_ok() as i8);
        }
        result.map_err(os_error)
    }

    fn close_descriptor(&self) -> PyResult<()> {
        let fd = self.fd.replace(-1);
        if fd < 0 {
            return Ok(());
        }
        // SAFETY: the stream's own descriptor, given up before the call.
        system::once(move || unsafe { libc::close(fd) }).map(drop).map_err(os_error)
    }

    fn read_all(&self) -> PyResult<Option<Owned<Bytes>>> {
        self.check_open()?;
        let mut wanted = SMALL_CHUNK;
        if let Some(known) = self.at_open.get().filter(|s| s.size > 0 && s.size < MAX_TRANSFER as i64) {
            wanted = known.size as usize + 1;
            if wanted > LARGE_FILE {
                let fd = self.fd.get();
                // SAFETY: plain system call.
                if let Ok(at) = system::once(move || unsafe { libc::lseek(fd, 0, libc::SEEK_CUR) }) {
                    wanted = ((known.size - at).max(0) as usize + 1).max(SMALL_CHUNK);
                }
            }
        }
        let mut bytes = Bytes::with_len(wanted)?;
        let mut filled = 0;
        loop {
            if filled >= wanted {
                wanted = grown(filled);
                let larger = Bytes::with_len(wanted)?;
                // SAFETY: both are fresh, and longer than what was filled.
                unsafe { std::ptr::copy_nonoverlapping(bytes.data(), larger.data(), filled) };
                bytes = larger;
            }
            // SAFETY: the rest of a fresh object that nobody else sees.
            let room = unsafe { std::slice::from_raw_parts_mut(bytes.data().add(filled), wanted - filled) };
            match self.read_open(room)? {
                Some(0) => break,
                Some(n) => filled += n,
                None if filled > 0 => break,
                None => return Ok(None),
            }
        }
        Bytes::truncated(bytes, filled).map(Some)
    }
    /// `read_raw` whatever the mode (the system refuses then).
    fn read_open(&self, memory: &mut [u8]) -> PyResult<Option<usize>> {
        let (fd, to, len) = (self.fd.get(), Pointer(memory.as_mut_ptr()), memory.len().min(MAX_TRANSFER));
        // SAFETY: the caller's memory, exclusively borrowed through the call.
        match system::retry(move || unsafe { libc::read(fd, to.get().cast(), len) })? {
            Ok(n) => Ok(Some(n as usize)),
            Err(libc::EAGAIN) => Ok(None),
            Err(errno) => Err(os_error(errno)),
        }
    }

    /// Opens; the caller closes the descriptor if that fails half way. True if the descriptor is ours.
    fn open(&self, file: &Object, mode: &str, closefd: bool, opener: Option<&Object>, own: &mut bool) -> PyResult<()> {
        let mut given = -1;
        if file.is_exact::<types::Bool>() {
            exceptions::warn(exceptions::RuntimeWarning(), "bool is used as a file descriptor", 1)?;
        }
        let mut path = CString::default();
        match number::check_index(file).then(|| number::as_i32(file)) {
            Some(Ok(fd)) if fd < 0 => return Err(err!(ValueError, "negative file descriptor")),
            Some(Ok(fd)) => given = fd,
            Some(Err(_)) => errors::clear(),
            None => {}
        }
        if given < 0 {
            path = fs_converter(file)?;
        }
        let parsed = parse_mode(mode)?;
        self.created.set(parsed.created);
        self.readable.set(parsed.readable);
        self.writable.set(parsed.writable);
        self.appending.set(parsed.appending);
        audit("open", &[file, &Str::new(mode), &Int::from_i64(parsed.flags as i64)])?;
        if given >= 0 {
            self.fd.set(given);
            self.closefd.set(closefd);
        } else {
            self.closefd.set(true);
            if !closefd {
                return Err(err!(ValueError, "Cannot use closefd=False with file name"));
            }
            let fd = match opener.filter(|o| !o.is_none()) {
                None => {
                    let name = &path;
                    // SAFETY: a NUL-ended path that outlives the call.
                    let open = || system::retry(|| unsafe { libc::open(name.as_ptr(), parsed.flags, 0o666) });
                    let mut opened = open()?;
                    if opened == Err(libc::ENOENT) && runtime::import::on_disk::provides_file(name.to_bytes()) {
                        opened = open()?;
                    }
                    match opened {
                        Ok(fd) => fd,
                        Err(errno) => return Err(raise_os_error(errno, Some(file), None)),
                    }
                }
                Some(opener) => {
                    let fd = call::call_args(opener, &[file, &Int::from_i64(parsed.flags as i64)])?;
                    if !fd.is_instance_of::<Int>() {
                        return Err(err!(TypeError, "expected integer from opener"));
                    }
                    let fd = number::as_i32(&fd)?;
                    if fd < 0 {
                        return Err(err!(ValueError, "opener returned {fd}"));
                    }
                    // SAFETY: plain system calls.
                    system::quick(unsafe { libc::fcntl(fd, libc::F_SETFD, libc::fcntl(fd, libc::F_GETFD) | libc::FD_CLOEXEC) })?;
                    fd
                }
            };
            self.fd.set(fd);
            *own = true;
        }
        self.look_at_file(file, given < 0)?;
        object::set_attr(self, intern!("name"), Some(file))?;
        if self.appending.get() {
            // Pipes refuse, which is no error.
            let fd = self.fd.get();
            // SAFETY: plain system call.
            let end = system::once(move || unsafe { libc::lseek(fd, 0, libc::SEEK_END) });
            self.seekable.set(end.is_ok() as i8);
            if let Err(errno) = end
                && errno != libc::ESPIPE
            {
                return Err(os_error(errno));
            }
        }
        Ok(())
    }

    fn look_at_file(&self, file: &Object, opened: bool) -> PyResult<()> {
        let fd = self.fd.get();
        // SAFETY: zero is a valid `stat`, which the call fills in.
        let mut found: libc::stat = unsafe { std::mem::zeroed() };
        let to = Pointer(&raw mut found);
        // SAFETY: as above.
        match system::once(move || unsafe { libc::fstat(fd, to.get()) }) {
            Ok(_) => {
                if found.st_mode & libc::S_IFMT == libc::S_IFDIR {
                    return Err(raise_os_error(libc::EISDIR, Some(file), None));
                }
                self.at_open.set(Some(AtOpen { size: found.st_size, block_size: found.st_blksize as i64, mode: found.st_mode }));
                Ok(())
            }
            Err(libc::EBADF) => Err(raise_os_error(libc::EBADF, if opened { Some(file) } else { None }, None)),
            Err(_) => {
                self.at_open.set(None);
                Ok(())
            }
        }
    }

    /// The mode as `mode` shows it.
    fn mode_text(&self) -> &'static str {
        match (self.created.get(), self.appending.get(), self.readable.get(), self.writable.get()) {
            (true, _, true, _) => "xb+",
            (true, _, false, _) => "xb",
            (_, true, true, _) => "ab+",
            (_, true, false, _) => "ab",
            (_, _, true, true) => "rb+",
            (_, _, true, false) => "rb",
            _ => "wb",
        }
    }
    /// The size of buffers for this file.
    pub fn block_size(&self) -> i64 {
        self.at_open.get().map(|s| s.block_size).filter(|&n| n > 1).unwrap_or(DEFAULT_BUFFER_SIZE as i64)
    }
    /// `isatty` that does not ask the system about what cannot be a terminal.
    pub fn isatty_open_only(&self) -> PyResult<bool> {
        if self.at_open.get().is_some_and(|s| s.mode & libc::S_IFMT != libc::S_IFCHR) {
            return Ok(false);
        }
        self.is_terminal()
    }
    fn is_terminal(&self) -> PyResult<bool> {
        self.check_open()?;
        let fd = self.fd.get();
        // SAFETY: plain system call.
        Ok(runtime::gil::allow_threads(move || unsafe { libc::isatty(fd) }) == 1)
    }
    fn warn_if_open(&self, source: &Object) {
        if self.fd.get() >= 0 && self.closefd.get() {
            warn_unclosed(self, source);
        }
    }
    /// Closes as `close` does.
    pub fn close_file(&self) -> PyResult {
        let closed = base_close(self);
        if !self.closefd.get() {
            self.fd.set(-1);
            return closed;
        }
        if self.finalizing.get() {
            errors::preserve(|| self.warn_if_open(self));
        }
        both(closed, || {
            self.close_descriptor()?;
            Ok(types::none().to_owned())
        })
    }
}

/// The next size of `readall`'s buffer.
fn grown(size: usize) -> usize {
    let more = if size > 65536 { size >> 3 } else { 256 + size };
    size + more.max(SMALL_CHUNK)
}

/// Open a file.
///
/// The mode can be 'r' (default), 'w', 'x' or 'a' for reading,
/// writing, exclusive creation or appending.  The file will be created if it
/// doesn't exist when opened for writing or appending; it will be truncated
/// when opened for writing.  A FileExistsError will be raised if it already
/// exists when opened for creating. Opening a file for creating implies
/// writing so this mode behaves in a similar way to 'w'.Add a '+' to the mode
/// to allow simultaneous reading and writing. A custom opener can be used by
/// passing a callable as *opener*. The underlying file descriptor for the file
/// object is then obtained by calling opener with (*name*, *flags*).
/// *opener* must return an open file descriptor (passing os.open as *opener*
/// results in functionality similar to passing None).
#[pytype(static = FileIO_Type, name = "FileIO", module = "_io", base = super::base::_RawIOBase_Type, signature = "(file, mode='r', closefd=True, opener=None)",
    flags = BASETYPE | HAVE_GC | IMMUTABLETYPE, native, dictoffset = DICT_OFFSET, weaklistoffset = WEAKREFS_OFFSET,
    members = [("_finalizing", T_BOOL, offset_of!(FileIO, finalizing), 0)])]
impl FileIO {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<FileIO>> {
        FileIO::make(cls)
    }
    #[slot("FileIO(file, mode='r', closefd=True, opener=None)")]
    fn tp_init(&self, file: &Object, mode: &str, closefd: bool, opener: Option<&Object>) -> PyResult<()> {
        if self.fd.get() >= 0 {
            if self.closefd.get() {
                self.close_descriptor()?;
            } else {
                self.fd.set(-1);
            }
        }
        let mut own = false;
        let opened = self.open(file, mode, closefd, opener, &mut own);
        if opened.is_err() {
            if !own {
                self.fd.set(-1);
            }
            both(opened.map(|()| types::none().to_owned()), || {
                self.close_descriptor()?;
                Ok(types::none().to_owned())
            })?;
        }
        opened
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        if self.fd.get() < 0 {
            return Ok(Str::new(&format!("<{} [closed]>", self.type_name())));
        }
        let closefd = if self.closefd.get() { "True" } else { "False" };
        let Some(name) = object::get_attr_opt(self, intern!("name"))? else {
            return Ok(Str::new(&format!("<{} fd={} mode='{}' closefd={}>", self.type_name(), self.fd.get(), self.mode_text(), closefd)));
        };
        if object::repr_enter(self) {
            return Err(err!(RuntimeError, "reentrant call inside {}.__repr__", self.type_name()));
        }
        let name = object::repr(&name);
        object::repr_leave(self);
        let name = name?;
        let name = String::from_utf8_lossy(&name.to_wtf8()).into_owned();
        Ok(Str::new(&format!("<{} name={} mode='{}' closefd={}>", self.type_name(), name, self.mode_text(), closefd)))
    }
    /// Read at most size bytes, returned as bytes.
    ///
    /// If size is less than 0, read all bytes in the file making
    /// multiple read calls. See ``FileIO.readall``.
    ///
    /// Attempts to make only one system call, retrying only per
    /// PEP 475 (EINTR). This means less data may be returned than
    /// requested.
    ///
    /// In non-blocking mode, returns None if no data is available.
    /// Return an empty bytes object at EOF.
    #[method("read($self, size=-1, /)")]
    fn read(&self, size: Option<NoneOr<isize>>) -> PyResult {
        self.check_reading()?;
        let size = size_or_all(size);
        if size < 0 {
            return call::call_method0(self, intern!("readall"));
        }
        let size = (size as usize).min(MAX_TRANSFER);
        let bytes = Bytes::with_len(size)?;
        // SAFETY: a fresh object that nobody else sees; its memory is written before it is given out.
        match self.read_raw(unsafe { std::slice::from_raw_parts_mut(bytes.data(), size) })? {
            Some(n) => Bytes::truncated(bytes, n).map(Owned::into_object),
            None => Ok(types::none().to_owned()),
        }
    }
    /// Read all data from the file, returned as bytes.
    ///
    /// Reads until either there is an error or read returns 0 (eof)
    /// If the file is already at EOF, returns an empty bytes object.
    ///
    /// In non-blocking mode, returns as much data as could be read
    /// before EAGAIN. If no data is available (EAGAIN is returned
    /// before bytes are read) returns None.
    #[method("readall($self, /)")]
    fn readall(&self) -> PyResult {
        match self.read_all()? {
            Some(bytes) => Ok(bytes.into_object()),
            None => Ok(types::none().to_owned()),
        }
    }
    /// Same as RawIOBase.readinto().
    #[method("readinto($self, buffer, /)")]
    fn readinto(&self, buffer: &Object) -> PyResult<Option<usize>> {
        let mut buffer = writable_argument(buffer, "readinto", 1)?;
        self.read_raw(&mut buffer)
    }
    /// Write buffer b to file, return number of bytes written.
    ///
    /// Only makes one system call, so not all of the data may be written.
    /// The number of bytes actually written is returned.  In non-blocking mode,
    /// returns None if the write would block.
    #[method("write($self, b, /)")]
    fn write(&self, b: Buffer) -> PyResult<Option<usize>> {
        self.write_raw(&b)
    }
    /// Move to new file position and return the file position.
    ///
    /// Argument offset is a byte count.  Optional argument whence defaults to
    /// SEEK_SET or 0 (offset from start of file, offset should be >= 0); other values
    /// are SEEK_CUR or 1 (move relative to current position, positive or negative),
    /// and SEEK_END or 2 (move relative to end of file, usually negative, although
    /// many platforms allow seeking beyond the end of a file).
    ///
    /// Note that not all file objects are seekable.
    #[method("seek($self, pos, whence=0, /)")]
    fn seek(&self, pos: &Object, whence: i32) -> PyResult<i64> {
        self.check_open()?;
        self.seek_raw(number::as_i64(pos)?, whence)
    }
    /// Current file position.
    ///
    /// Can raise OSError for non seekable files.
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<i64> {
        self.seek_raw(0, libc::SEEK_CUR)
    }
    /// Truncate the file to at most size bytes and return the truncated size.
    ///
    /// Size defaults to the current file position, as returned by tell().
    /// The current file position is changed to the value of size.
    #[method("truncate($self, size=None, /)")]
    fn truncate(&self, size: Option<&Object>) -> PyResult {
        self.check_writing()?;
        let size = match size.filter(|s| !s.is_none()) {
            Some(size) => size.to_owned(),
            None => Int::from_i64(self.seek_raw(0, libc::SEEK_CUR)?).into_object(),
        };
        let (fd, length) = (self.fd.get(), number::as_i64(&size)?);
        // SAFETY: plain system call.
        system::retry_os(move || unsafe { libc::ftruncate(fd, length) })?;
        // The size as it was when the file was opened says nothing any more.
        self.at_open.set(self.at_open.get().map(|s| AtOpen { size: 0, ..s }));
        Ok(size)
    }
    /// Close the file.
    ///
    /// A closed file cannot be used for further I/O operations.  close() may be
    /// called more than once without error.
    #[method("close($self, /)")]
    fn close(&self) -> PyResult {
        self.close_file()
    }
    /// True if file supports random-access.
    #[method("seekable($self, /)")]
    fn seekable(&self) -> PyResult<bool> {
        self.check_open()?;
        if self.seekable.get() < 0 && self.seek_raw(0, libc::SEEK_CUR).is_err() {
            errors::clear();
        }
        Ok(self.seekable.get() == 1)
    }
    /// True if file was opened in a read mode.
    #[method("readable($self, /)")]
    fn readable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(self.readable.get())
    }
    /// True if file was opened in a write mode.
    #[method("writable($self, /)")]
    fn writable(&self) -> PyResult<bool> {
        self.check_open()?;
        Ok(self.writable.get())
    }
    /// Return the underlying file descriptor (an integer).
    #[method("fileno($self, /)")]
    fn fileno(&self) -> PyResult<i32> {
        self.check_open()?;
        Ok(self.fd.get())
    }
    /// True if the file is connected to a TTY device.
    #[method("isatty($self, /)")]
    fn isatty(&self) -> PyResult<bool> {
        self.is_terminal()
    }
    /// Cheap form of isatty() for use while a file is opened.
    #[method("_isatty_open_only($self, /)")]
    fn _isatty_open_only(&self) -> PyResult<bool> {
        self.isatty_open_only()
    }
    #[method("_dealloc_warn($self, object, /)")]
    fn _dealloc_warn(&self, source: &Object) {
        self.warn_if_open(source);
    }
    #[method("__getstate__($self, /)")]
    fn __getstate__(&self) -> PyResult {
        refuse_state(self)
    }
    /// True if the file is closed
    #[getter]
    fn closed(&self) -> bool {
        self.is_closed()
    }
    /// True if the file descriptor will be closed by close().
    #[getter]
    fn closefd(&self) -> bool {
        self.closefd.get()
    }
    /// String giving the file mode
    #[getter]
    fn mode(&self) -> &'static str {
        self.mode_text()
    }
    /// Stat st_blksize if available
    #[getter]
    fn _blksize(&self) -> i64 {
        self.block_size()
    }
}

/// A writable buffer argument, with the converter's words for what is none.
pub fn writable_argument(value: &Object, function: &'static str, position: u32) -> PyResult<WritableBuffer> {
    use runtime::macro_support::{ArgContext, FromArg};
    WritableBuffer::from_arg(value, &ArgContext { function, name: "", position })
}

/// A new `FileIO`, by a call of the type.
pub fn open_file(file: &Object, mode: &str, closefd: bool, opener: Option<&Object>) -> PyResult<Owned<FileIO>> {
    let stream = FileIO::make(FileIO::type_object())?;
    stream.tp_init(file, mode, closefd, opener)?;
    Ok(stream)
}
