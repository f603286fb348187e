//! Open files: open, close, read, write, seek, duplicate, flags, pipes, copies inside the kernel.

use super::path::{DirFd, Path, dir_fd};
use super::results::int;
use crate::call::{Pointer, errno, once, once_os, os_error, quick, retry, retry_os};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::{Buffer, WritableBuffer};
use runtime::object::{Object, Owned};
use runtime::protocol::{number, sequence};
use runtime::types::Bytes;
use std::ffi::{c_int, c_void};

/// The most that one read or write is asked for (`_PY_READ_MAX`).
pub const IO_MAX: usize = isize::MAX as usize;

/// Reads up to `length` bytes by `read(buffer, length)` into a new bytes object.
pub fn read_bytes<F>(length: isize, read: F) -> PyResult<Owned<Bytes>>
where
    F: Fn(*mut c_void, usize) -> isize + Send + Sync,
{
    if length < 0 {
        return Err(os_error(libc::EINVAL));
    }
    let length = (length as usize).min(IO_MAX);
    let mut buffer: Vec<u8> = Vec::new();
    if buffer.try_reserve_exact(length).is_err() {
        return Err(runtime::errors::no_memory());
    }
    let out = Pointer(buffer.as_mut_ptr());
    let count = retry_os(|| read(out.get() as *mut c_void, length))?;
    // SAFETY: the call wrote so many bytes.
    unsafe { buffer.set_len((count as usize).min(length)) };
    Ok(Bytes::new(&buffer))
}

/// Writes by `write(data, length)`; gives the number of bytes written.
pub fn write_bytes<F>(data: &[u8], write: F) -> PyResult<isize>
where
    F: Fn(*const c_void, usize) -> isize + Send + Sync,
{
    let (start, length) = (Pointer(data.as_ptr() as *mut u8), data.len().min(IO_MAX));
    retry_os(|| write(start.get() as *const c_void, length))
}

/// Whether a descriptor survives exec.
pub fn inheritable(fd: c_int) -> PyResult<bool> {
    // SAFETY: numbers only.
    Ok(quick(unsafe { libc::fcntl(fd, libc::F_GETFD) })? & libc::FD_CLOEXEC == 0)
}

pub fn set_fd_inheritable(fd: c_int, inheritable: bool) -> PyResult<()> {
    // SAFETY: numbers only.
    unsafe {
        let flags = quick(libc::fcntl(fd, libc::F_GETFD))?;
        let wanted = if inheritable { flags & !libc::FD_CLOEXEC } else { flags | libc::FD_CLOEXEC };
        if wanted != flags {
            quick(libc::fcntl(fd, libc::F_SETFD, wanted))?;
        }
    }
    Ok(())
}

/// The exported buffers of a sequence and what readv and writev take.
struct Vectors<B> {
    buffers: Vec<B>,
    parts: Vec<libc::iovec>,
}

fn vectors<B>(buffers: &Object, what: &str, get: impl Fn(&Object) -> PyResult<B>, part: impl Fn(&B) -> (*mut c_void, usize)) -> PyResult<Vectors<B>> {
    if !sequence::is_sequence(buffers) {
        return Err(err!(TypeError, "{}() arg 2 must be a sequence", what));
    }
    let count = sequence::len(buffers)?;
    let mut vectors = Vectors { buffers: Vec::new(), parts: Vec::new() };
    for i in 0..count {
        let item = sequence::sequence_get_item(buffers, i as isize)?;
        let buffer = get(&item)?;
        let (iov_base, iov_len) = part(&buffer);
        vectors.parts.push(libc::iovec { iov_base, iov_len });
        vectors.buffers.push(buffer);
    }
    Ok(vectors)
}

fn readable(buffers: &Object, what: &str) -> PyResult<Vectors<Buffer>> {
    vectors(buffers, what, Buffer::new, |b| (b.as_ptr() as *mut c_void, b.len()))
}

fn writable(buffers: &Object, what: &str) -> PyResult<Vectors<WritableBuffer>> {
    vectors(buffers, what, WritableBuffer::new, |b| (b.as_ptr() as *mut c_void, b.len()))
}

impl<B> Vectors<B> {
    fn run(&mut self, f: impl Fn(*const libc::iovec, c_int) -> isize + Send + Sync) -> PyResult<isize> {
        let (parts, count) = (Pointer(self.parts.as_mut_ptr()), self.parts.len() as c_int);
        let result = retry_os(|| f(parts.get(), count));
        drop(std::mem::take(&mut self.buffers));
        result
    }
}

fn check_count(count: isize) -> PyResult<usize> {
    usize::try_from(count).map_err(|_| err!(ValueError, "negative value for 'count' not allowed"))
}

/// An offset argument that may be None: the value behind a pointer.
fn offset_of(value: Option<&Object>) -> PyResult<Option<i64>> {
    value.filter(|v| !v.is_none()).map(number::as_i64).transpose()
}

fn pointer_to(offset: &mut Option<i64>) -> Pointer<i64> {
    Pointer(offset.as_mut().map_or(std::ptr::null_mut(), |o| o as *mut i64))
}

fn duplicate(fd: c_int) -> PyResult<c_int> {
    // SAFETY: numbers only.
    retry_os(|| unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) })
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// Open a file; gives a file descriptor that child processes do not inherit.
    #[function("open($module, /, path, flags, mode=511, *, dir_fd=None)")]
    fn open(path: Path, flags: i32, mode: i32, dir_fd: Option<DirFd>) -> PyResult<i32> {
        let dir_fd = super::dir_fd(dir_fd);
        let flags = flags | libc::O_CLOEXEC;
        audit("open", &[&path.object, runtime::types::none(), &int(flags)])?;
        let text = Pointer(path.as_ptr() as *mut _);
        // SAFETY: a C string.
        retry(|| unsafe { libc::openat(dir_fd, text.get(), flags, mode) })?.map_err(|errno| path.error(errno))
    }

    /// Close a file descriptor.
    #[function("close($module, /, fd)")]
    fn close(fd: i32) -> PyResult<()> {
        // A descriptor is closed even if the call is interrupted, so that there is no second try.
        // SAFETY: numbers only.
        match once(|| unsafe { libc::close(fd) }) {
            Err(errno) if errno != libc::EINTR => Err(os_error(errno)),
            _ => Ok(()),
        }
    }

    /// Close all file descriptors from fd_low up to but without fd_high; errors do not matter.
    #[function("closerange($module, fd_low, fd_high, /)")]
    fn closerange(fd_low: i32, fd_high: i32) -> PyResult<()> {
        runtime::gil::allow_threads(|| close_range(fd_low, fd_high.saturating_sub(1)));
        Ok(())
    }

    /// Duplicate a file descriptor; child processes do not inherit the new one.
    #[function("dup($module, fd, /)")]
    fn dup(fd: i32) -> PyResult<i32> {
        duplicate(fd)
    }

    /// Make fd2 a duplicate of fd.
    #[function("dup2($module, /, fd, fd2, inheritable=True)")]
    fn dup2(fd: i32, fd2: i32, inheritable: bool) -> PyResult<i32> {
        if fd < 0 || fd2 < 0 {
            return Err(os_error(libc::EBADF));
        }
        if fd == fd2 || inheritable {
            // SAFETY: numbers only.
            let result = retry_os(|| unsafe { libc::dup2(fd, fd2) })?;
            if !inheritable {
                set_fd_inheritable(fd2, false)?;
            }
            return Ok(result);
        }
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::dup3(fd, fd2, libc::O_CLOEXEC) })
    }

    /// Read up to length bytes; none at the end of the file.
    #[function("read($module, fd, length, /)")]
    fn read(fd: i32, length: isize) -> PyResult<Owned<Bytes>> {
        // SAFETY: room for so many bytes.
        read_bytes(length, move |buffer, length| unsafe { libc::read(fd, buffer, length) })
    }

    /// Read into a writable buffer; gives the number of bytes read.
    #[function("readinto($module, fd, buffer, /)")]
    fn readinto(fd: i32, buffer: WritableBuffer) -> PyResult<isize> {
        let (start, length) = (Pointer(buffer.as_ptr() as *mut c_void), buffer.len().min(IO_MAX));
        // SAFETY: an exported buffer of that length.
        retry_os(|| unsafe { libc::read(fd, start.get(), length) })
    }

    /// Read up to length bytes at an offset; the file position stays.
    #[function("pread($module, fd, length, offset, /)")]
    fn pread(fd: i32, length: isize, offset: i64) -> PyResult<Owned<Bytes>> {
        // SAFETY: room for so many bytes.
        read_bytes(length, move |buffer, length| unsafe { libc::pread(fd, buffer, length, offset) })
    }

    /// Read into writable buffers, one after the other; gives the number of bytes read.
    #[function("readv($module, fd, buffers, /)")]
    fn readv(fd: i32, buffers: &Object) -> PyResult<isize> {
        // SAFETY: the parts describe exported buffers.
        writable(buffers, "readv")?.run(|parts, count| unsafe { libc::readv(fd, parts, count) })
    }

    /// Read into writable buffers from an offset; gives the number of bytes read.
    #[function("preadv($module, fd, buffers, offset, flags=0, /)")]
    fn preadv(fd: i32, buffers: &Object, offset: i64, flags: i32) -> PyResult<isize> {
        // SAFETY: the parts describe exported buffers.
        writable(buffers, "preadv2")?.run(|parts, count| unsafe { libc::preadv2(fd, parts, count, offset, flags) })
    }

    /// Write bytes; gives how many were written.
    #[function("write($module, fd, data, /)")]
    fn write(fd: i32, data: Buffer) -> PyResult<isize> {
        // SAFETY: an exported buffer of that length.
        write_bytes(&data, move |start, length| unsafe { libc::write(fd, start, length) })
    }

    /// Write bytes at an offset; the file position stays.
    #[function("pwrite($module, fd, buffer, offset, /)")]
    fn pwrite(fd: i32, buffer: Buffer, offset: i64) -> PyResult<isize> {
        // SAFETY: an exported buffer of that length.
        write_bytes(&buffer, move |start, length| unsafe { libc::pwrite(fd, start, length, offset) })
    }

    /// Write buffers, one after the other; gives the number of bytes written.
    #[function("writev($module, fd, buffers, /)")]
    fn writev(fd: i32, buffers: &Object) -> PyResult<isize> {
        // SAFETY: the parts describe exported buffers.
        readable(buffers, "writev")?.run(|parts, count| unsafe { libc::writev(fd, parts, count) })
    }

    /// Write buffers at an offset; gives the number of bytes written.
    #[function("pwritev($module, fd, buffers, offset, flags=0, /)")]
    fn pwritev(fd: i32, buffers: &Object, offset: i64, flags: i32) -> PyResult<isize> {
        // SAFETY: the parts describe exported buffers.
        readable(buffers, "pwritev2")?.run(|parts, count| unsafe { libc::pwritev2(fd, parts, count, offset, flags) })
    }

    /// Set the position of an open file; gives the new one, counted from the start.
    #[function("lseek($module, fd, position, whence, /)")]
    fn lseek(fd: i32, position: i64, whence: i32) -> PyResult<i64> {
        // SAFETY: numbers only.
        once_os(|| unsafe { libc::lseek(fd, position, whence) })
    }

    /// Whether the descriptor is a terminal.
    #[function("isatty($module, fd, /)")]
    fn isatty(fd: i32) -> bool {
        // SAFETY: numbers only.
        runtime::gil::allow_threads(|| unsafe { libc::isatty(fd) }) == 1
    }

    /// Create a pipe: (descriptor to read from, descriptor to write to).
    #[function("pipe($module, /)")]
    fn pipe() -> PyResult<(i32, i32)> {
        pipe_with(libc::O_CLOEXEC)
    }

    /// Create a pipe with flags: (descriptor to read from, descriptor to write to).
    #[function("pipe2($module, flags, /)")]
    fn pipe2(flags: i32) -> PyResult<(i32, i32)> {
        pipe_with(flags)
    }

    /// Copy bytes from one descriptor to another inside the kernel; gives their number.
    #[function("sendfile($module, /, out_fd, in_fd, offset, count)")]
    fn sendfile(out_fd: i32, in_fd: i32, offset: &Object, count: isize) -> PyResult<isize> {
        let mut offset = offset_of(Some(offset))?;
        let at = pointer_to(&mut offset);
        // SAFETY: the offset is a local or NULL.
        retry_os(|| unsafe { libc::sendfile(out_fd, in_fd, at.get(), count as usize) })
    }

    /// Copy bytes between two files inside the kernel; gives their number.
    #[function("copy_file_range($module, /, src, dst, count, offset_src=None, offset_dst=None)")]
    fn copy_file_range(src: i32, dst: i32, count: isize, offset_src: Option<&Object>, offset_dst: Option<&Object>) -> PyResult<isize> {
        let count = check_count(count)?;
        let (mut from, mut to) = (offset_of(offset_src)?, offset_of(offset_dst)?);
        let (from, to) = (pointer_to(&mut from), pointer_to(&mut to));
        // SAFETY: the offsets are locals or NULL.
        retry_os(|| unsafe { libc::copy_file_range(src, from.get(), dst, to.get(), count, 0) })
    }

    /// Move bytes between a pipe and another file inside the kernel; gives their number.
    #[function("splice($module, /, src, dst, count, offset_src=None, offset_dst=None, flags=0)")]
    fn splice(src: i32, dst: i32, count: isize, offset_src: Option<&Object>, offset_dst: Option<&Object>, flags: u32) -> PyResult<isize> {
        let count = check_count(count)?;
        let (mut from, mut to) = (offset_of(offset_src)?, offset_of(offset_dst)?);
        let (from, to) = (pointer_to(&mut from), pointer_to(&mut to));
        // SAFETY: the offsets are locals or NULL.
        retry_os(|| unsafe { libc::splice(src, from.get(), dst, to.get(), count, flags) })
    }

    /// Whether child processes inherit the descriptor.
    #[function("get_inheritable($module, fd, /)")]
    fn get_inheritable(fd: i32) -> PyResult<bool> {
        super::inheritable(fd)
    }

    /// Say whether child processes inherit the descriptor.
    #[function("set_inheritable($module, fd, inheritable, /)")]
    fn set_inheritable(fd: i32, inheritable: i32) -> PyResult<()> {
        set_fd_inheritable(fd, inheritable != 0)
    }

    /// Whether reads and writes wait (O_NONBLOCK is not set).
    #[function("get_blocking($module, fd, /)")]
    fn get_blocking(fd: i32) -> PyResult<bool> {
        // SAFETY: numbers only.
        Ok(quick(unsafe { libc::fcntl(fd, libc::F_GETFL) })? & libc::O_NONBLOCK == 0)
    }

    /// Say whether reads and writes wait.
    #[function("set_blocking($module, fd, blocking, /)")]
    fn set_blocking(fd: i32, blocking: bool) -> PyResult<()> {
        // SAFETY: numbers only.
        unsafe {
            let flags = quick(libc::fcntl(fd, libc::F_GETFL))?;
            let wanted = if blocking { flags & !libc::O_NONBLOCK } else { flags | libc::O_NONBLOCK };
            if wanted != flags {
                quick(libc::fcntl(fd, libc::F_SETFL, wanted))?;
            }
        }
        Ok(())
    }

    /// Lock, unlock or test part of an open file, from the file position on.
    #[function("lockf($module, fd, command, length, /)")]
    fn lockf(fd: i32, command: i32, length: i64) -> PyResult<()> {
        audit("os.lockf", &[&int(fd), &int(command), &int(length)])?;
        // SAFETY: numbers only.
        once_os(|| unsafe { libc::lockf(fd, command, length) }).map(drop)
    }

    /// Make sure that the disk has room for part of a file.
    #[function("posix_fallocate($module, fd, offset, length, /)")]
    fn posix_fallocate(fd: i32, offset: i64, length: i64) -> PyResult<()> {
        // SAFETY: numbers only.
        returned_errno(|| unsafe { libc::posix_fallocate(fd, offset, length) })
    }

    /// Say how part of a file is going to be used.
    #[function("posix_fadvise($module, fd, offset, length, advice, /)")]
    fn posix_fadvise(fd: i32, offset: i64, length: i64, advice: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        returned_errno(|| unsafe { libc::posix_fadvise(fd, offset, length, advice) })
    }
}

/// Calls that give their errno as the result.
fn returned_errno(f: impl Fn() -> c_int + Send + Sync) -> PyResult<()> {
    loop {
        match runtime::gil::allow_threads(&f) {
            0 => return Ok(()),
            libc::EINTR => runtime::gil::check_signals()?,
            errno => return Err(os_error(errno)),
        }
    }
}

fn pipe_with(flags: c_int) -> PyResult<(c_int, c_int)> {
    let mut fds = [-1; 2];
    let out = Pointer(fds.as_mut_ptr());
    // SAFETY: room for two numbers.
    once_os(move || unsafe { libc::pipe2(out.get(), flags) })?;
    Ok((fds[0], fds[1]))
}

/// Closes descriptors `low..=high`; async-signal-safe.
pub fn close_range(low: c_int, high: c_int) {
    let low = low.max(0);
    if high < low {
        return;
    }
    // SAFETY: numbers only.
    unsafe {
        if libc::syscall(libc::SYS_close_range, low as u32, high as u32, 0u32) == 0 || errno() != libc::ENOSYS {
            return;
        }
        let limit = libc::sysconf(libc::_SC_OPEN_MAX);
        let high = if limit > 0 { (high as i64).min(limit - 1) } else { high as i64 };
        for fd in low..=high as c_int {
            libc::close(fd);
        }
    }
}
