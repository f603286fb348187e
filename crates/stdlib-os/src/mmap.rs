//! `mmap`: files (or memory of no file) as mutable bytes.
//!
//! The mapping stays where it is while buffers of it are exported. Another process may shorten the file: that is a SIGBUS, here as in C.

use crate::call::{Pointer, errno, once, os_error, quick};
use crate::posix::results::int;
use macros::{Traverse, pymodule, pytype};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::Buffer;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::{buffer, number};
use runtime::types::{Bytes, Int, Module, Slice, Str};
use std::cell::Cell;
use std::ffi::{c_int, c_void};

const ACCESS_DEFAULT: i32 = 0;
const ACCESS_READ: i32 = 1;
const ACCESS_WRITE: i32 = 2;
const ACCESS_COPY: i32 = 3;

/// The mapped memory and the descriptor of its file, both given back on drop.
struct Mapping {
    data: Cell<*mut u8>,
    size: Cell<usize>,
    fd: Cell<c_int>,
}

impl Mapping {
    fn unmap(&self) {
        let (data, size, fd) = (Pointer(self.data.replace(std::ptr::null_mut())), self.size.replace(0), self.fd.replace(-1));
        // SAFETY: a mapping and a descriptor that are given back once.
        unsafe {
            if fd >= 0 {
                libc::close(fd);
            }
            if !data.get().is_null() {
                libc::munmap(data.get() as *mut c_void, size);
            }
        }
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        self.unmap();
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct Mmap {
    head: ObjectHead,
    #[traverse(skip)]
    mapping: Mapping,
    position: Cell<usize>,
    #[traverse(skip)]
    offset: i64,
    exports: Cell<isize>,
    #[traverse(skip)]
    flags: c_int,
    #[traverse(skip)]
    access: i32,
    #[traverse(skip)]
    trackfd: bool,
    weakrefs: Cell<*mut abi::PyObject>,
}

#[cold]
fn closed() -> Raised {
    err!(ValueError, "mmap closed or invalid")
}

/// An optional count as `read` takes it.
fn optional_size(value: Option<&Object>) -> PyResult<Option<isize>> {
    match value {
        None => Ok(None),
        Some(value) if value.is_none() => Ok(None),
        Some(value) if number::check_index(value) => number::as_isize(value, Some(runtime::exceptions::OverflowError())).map(Some),
        Some(value) => Err(err!(TypeError, "argument should be integer or None, not '{}'", value.type_name())),
    }
}

impl Mmap {
    fn size_checked(&self) -> PyResult<usize> {
        if self.mapping.data.get().is_null() { Err(closed()) } else { Ok(self.mapping.size.get()) }
    }
    /// Copies bytes out of the mapping, which has been checked to be there.
    fn copy(&self, start: usize, end: usize) -> Owned<Bytes> {
        // SAFETY: inside the mapping; nothing runs meanwhile that could unmap it.
        Bytes::new(unsafe { std::slice::from_raw_parts(self.mapping.data.get().add(start), end.saturating_sub(start)) })
    }
    fn put(&self, at: usize, byte: u8) {
        // SAFETY: callers stay inside the mapping. Volatile: other processes share the memory.
        unsafe { self.mapping.data.get().add(at).write_volatile(byte) }
    }
    fn byte(&self, at: usize) -> u8 {
        // SAFETY: as above.
        unsafe { self.mapping.data.get().add(at).read_volatile() }
    }
    fn check_writable(&self) -> PyResult<()> {
        if self.access == ACCESS_READ {
            return Err(err!(TypeError, "mmap can't modify a readonly memory map."));
        }
        Ok(())
    }
    fn check_resizeable(&self) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(err!(BufferError, "mmap can't resize with extant buffers exported."));
        }
        if !self.trackfd {
            return Err(err!(ValueError, "mmap can't resize with trackfd=False."));
        }
        if self.access != ACCESS_DEFAULT && self.access != ACCESS_WRITE {
            return Err(err!(TypeError, "mmap can't resize a readonly or copy-on-write memory map."));
        }
        Ok(())
    }
    /// An index into the mapping: an item of the object.
    fn index(&self, key: &Object) -> PyResult<usize> {
        let index = number::as_isize(key, Some(runtime::exceptions::IndexError()))?;
        let size = self.size_checked()? as isize;
        let index = if index < 0 { index + size } else { index };
        if index < 0 || index >= size {
            return Err(err!(IndexError, "mmap index out of range"));
        }
        Ok(index as usize)
    }
    fn search(&self, view: &[u8], start: Option<&Object>, end: Option<&Object>, reverse: bool) -> PyResult<isize> {
        let bound = |value: Option<&Object>, default: usize| -> PyResult<isize> { Ok(optional_size(value)?.unwrap_or(default as isize)) };
        self.size_checked()?;
        let (start, end) = (bound(start, self.position.get())?, bound(end, self.mapping.size.get())?);
        let size = self.size_checked()? as isize;
        let clamp = |value: isize| if value < 0 { (value + size).max(0) } else { value.min(size) } as usize;
        let (start, end) = (clamp(start), clamp(end));
        if end < start || end - start < view.len() {
            return Ok(-1);
        }
        // SAFETY: inside the mapping; the search runs no Python code.
        let hay = unsafe { std::slice::from_raw_parts(self.mapping.data.get().add(start), end - start) };
        let found = if view.is_empty() {
            Some(if reverse { hay.len() } else { 0 })
        } else if reverse {
            hay.windows(view.len()).rposition(|window| window == view)
        } else {
            find(hay, view)
        };
        Ok(found.map_or(-1, |at| (at + start) as isize))
    }
    fn shut(&self) -> PyResult<()> {
        if self.exports.get() > 0 {
            return Err(err!(BufferError, "cannot close exported pointers exist"));
        }
        self.mapping.unmap();
        Ok(())
    }
}

/// The first place of a part: candidates by its first byte.
fn find(hay: &[u8], part: &[u8]) -> Option<usize> {
    let first = *part.first()?;
    let mut from = 0;
    loop {
        let rest = hay.get(from..)?;
        let at = from + rest.iter().position(|&b| b == first)?;
        if hay[at..].starts_with(part) {
            return Some(at);
        }
        from = at + 1;
    }
}

/// The length of a mapping of an open file: what was asked for, or all behind the offset.
fn file_length(st: &libc::stat, length: usize, offset: i64) -> PyResult<usize> {
    if st.st_mode & libc::S_IFMT != libc::S_IFREG {
        return Ok(length);
    }
    if length == 0 {
        if st.st_size == 0 {
            return Err(err!(ValueError, "cannot mmap an empty file"));
        }
        if offset >= st.st_size {
            return Err(err!(ValueError, "mmap offset is greater than file size"));
        }
        return Ok((st.st_size - offset) as usize);
    }
    if offset > st.st_size || ((st.st_size - offset) as usize) < length {
        return Err(err!(ValueError, "mmap length is greater than file size"));
    }
    Ok(length)
}

/// mmap(fileno, length[, flags[, prot[, access[, offset[, trackfd]]]]])
///
/// Map length bytes of the file with the descriptor fileno (-1: memory of no file), from offset, a
/// multiple of ALLOCATIONGRANULARITY. Length 0 is the whole rest of the file. access (ACCESS_READ,
/// ACCESS_WRITE, ACCESS_COPY) stands for flags and prot, of which it may not be used with.
#[pytype(static = Mmap_Type, name = "mmap", module = "mmap", flags = BASETYPE | IMMUTABLETYPE, native,
    weaklistoffset = core::mem::offset_of!(Mmap, weakrefs))]
impl Mmap {
    #[slot("mmap(fileno, length, flags=1, prot=3, access=0, offset=0, *, trackfd=True)")]
    fn tp_new(cls: &Type, fileno: i32, length: isize, flags: i32, prot: i32, access: i32, offset: i64, trackfd: bool) -> PyResult<Owned<Mmap>> {
        if length < 0 {
            return Err(err!(OverflowError, "memory mapped length must be positive"));
        }
        if offset < 0 {
            return Err(err!(OverflowError, "memory mapped offset must be positive"));
        }
        if access != ACCESS_DEFAULT && (flags != libc::MAP_SHARED || prot != libc::PROT_READ | libc::PROT_WRITE) {
            return Err(err!(ValueError, "mmap can't specify both access and flags, prot."));
        }
        let both = libc::PROT_READ | libc::PROT_WRITE;
        let (mut flags, prot, access) = match access {
            ACCESS_READ => (libc::MAP_SHARED, libc::PROT_READ, access),
            ACCESS_WRITE => (libc::MAP_SHARED, both, access),
            ACCESS_COPY => (libc::MAP_PRIVATE, both, access),
            ACCESS_DEFAULT if prot & both == both => (flags, prot, ACCESS_DEFAULT),
            ACCESS_DEFAULT if prot & libc::PROT_WRITE != 0 => (flags, prot, ACCESS_WRITE),
            ACCESS_DEFAULT => (flags, prot, ACCESS_READ),
            _ => return Err(err!(ValueError, "mmap invalid access parameter.")),
        };
        audit("mmap.__new__", &[&int(fileno), &int(length as i64), &int(access), &int(offset)])?;
        let mut size = length as usize;
        if fileno != -1 {
            let mut st = std::mem::MaybeUninit::<libc::stat>::uninit();
            let out = Pointer(st.as_mut_ptr());
            // SAFETY: room for the result, which is filled in on success.
            if once(move || unsafe { libc::fstat(fileno, out.get()) }).is_ok() {
                // SAFETY: filled in.
                size = file_length(&unsafe { st.assume_init() }, size, offset)?;
            }
        }
        let mut own = -1;
        if fileno == -1 {
            flags |= libc::MAP_ANONYMOUS;
        } else if trackfd {
            // SAFETY: numbers only.
            own = quick(unsafe { libc::fcntl(fileno, libc::F_DUPFD_CLOEXEC, 0) })?;
        }
        let mapping = Mapping { data: Cell::new(std::ptr::null_mut()), size: Cell::new(0), fd: Cell::new(own) };
        // SAFETY: the system chooses the place.
        let mapped = runtime::gil::allow_threads(move || {
            let data = unsafe { libc::mmap(std::ptr::null_mut(), size, prot, flags, fileno, offset) };
            if data == libc::MAP_FAILED { Err(errno()) } else { Ok(Pointer(data)) }
        });
        mapping.data.set(mapped.map_err(os_error)?.get() as *mut u8);
        mapping.size.set(size);
        let new = Mmap {
            head: ObjectHead::placeholder(),
            mapping,
            position: Cell::new(0),
            offset,
            exports: Cell::new(0),
            flags,
            access,
            trackfd,
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Mmap::construct(cls, new)
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let name = self.ty().name();
        if self.mapping.data.get().is_null() {
            return Ok(Str::new(&format!("<{name} closed=True>")));
        }
        let access = match self.access {
            ACCESS_READ => "ACCESS_READ",
            ACCESS_WRITE => "ACCESS_WRITE",
            ACCESS_COPY => "ACCESS_COPY",
            _ => "ACCESS_DEFAULT",
        };
        let (length, position, offset) = (self.mapping.size.get(), self.position.get(), self.offset);
        Ok(Str::new(&format!("<{name} closed=False, access={access}, length={length}, pos={position}, offset={offset}>")))
    }
    #[slot]
    fn mp_length(&self) -> PyResult<usize> {
        self.size_checked()
    }
    #[slot]
    fn mp_subscript(&self, key: &Object) -> PyResult<Owned> {
        self.size_checked()?;
        if number::check_index(key) {
            let at = self.index(key)?;
            return Ok(int(self.byte(at)));
        }
        let Some(slice) = key.downcast::<Slice>() else { return Err(err!(TypeError, "mmap indices must be integers")) };
        let (start, stop, step) = slice.unpack()?;
        let range = runtime::types::slice::adjust(start, stop, step, self.size_checked()? as isize);
        let bytes: Vec<u8> = range.indices().map(|at| self.byte(at)).collect();
        Ok(Bytes::new(&bytes).into_object())
    }
    #[slot]
    fn mp_ass_subscript(&self, key: &Object, value: Option<&Object>) -> PyResult<()> {
        self.size_checked()?;
        self.check_writable()?;
        if number::check_index(key) {
            let at = self.index(key)?;
            let Some(value) = value else { return Err(err!(TypeError, "mmap doesn't support item deletion")) };
            if !number::check_index(value) {
                return Err(err!(TypeError, "mmap item value must be an int"));
            }
            let byte = number::as_isize(value, Some(runtime::exceptions::TypeError()))?;
            let Ok(byte) = u8::try_from(byte) else { return Err(err!(ValueError, "mmap item value must be in range(0, 256)")) };
            if at >= self.size_checked()? {
                return Err(err!(IndexError, "mmap index out of range"));
            }
            self.put(at, byte);
            return Ok(());
        }
        let Some(slice) = key.downcast::<Slice>() else { return Err(err!(TypeError, "mmap indices must be integer")) };
        let (start, stop, step) = slice.unpack()?;
        let Some(value) = value else { return Err(err!(TypeError, "mmap object doesn't support slice deletion")) };
        let data = Buffer::new(value)?;
        let range = runtime::types::slice::adjust(start, stop, step, self.size_checked()? as isize);
        let indices = range.indices();
        if data.len() != indices.len() {
            return Err(err!(IndexError, "mmap slice assignment is wrong size"));
        }
        for (at, &byte) in indices.zip(data.iter()) {
            self.put(at, byte);
        }
        Ok(())
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut abi::Py_buffer, flags: i32) -> PyResult<()> {
        let size = self.size_checked()?;
        // SAFETY: the view is the caller's; the mapping stays while it is exported.
        unsafe { buffer::fill_info(view, Some(self), self.mapping.data.get(), size, self.access == ACCESS_READ, flags)? };
        self.exports.set(self.exports.get() + 1);
        Ok(())
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut abi::Py_buffer) {
        self.exports.set(self.exports.get() - 1);
    }
    #[getter("closed")]
    fn closed(&self) -> bool {
        self.mapping.data.get().is_null()
    }

    #[method("close($self, /)")]
    fn close(&self) -> PyResult<()> {
        self.shut()
    }
    #[method("find($self, view, start=None, end=None, /)")]
    fn find(&self, view: Buffer, start: Option<&Object>, end: Option<&Object>) -> PyResult<isize> {
        self.search(&view, start, end, false)
    }
    #[method("rfind($self, view, start=None, end=None, /)")]
    fn rfind(&self, view: Buffer, start: Option<&Object>, end: Option<&Object>) -> PyResult<isize> {
        self.search(&view, start, end, true)
    }
    #[method("flush($self, offset=0, size=None, /)")]
    fn flush(&self, offset: isize, size: Option<&Object>) -> PyResult<()> {
        let total = self.size_checked()? as isize;
        let size = match optional_size(size)? {
            Some(size) => size,
            None => total,
        };
        if size < 0 || offset < 0 || self.size_checked()? as isize - offset < size {
            return Err(err!(ValueError, "flush values out of range"));
        }
        if self.access == ACCESS_READ || self.access == ACCESS_COPY {
            return Ok(());
        }
        // SAFETY: inside the mapping.
        let at = Pointer(unsafe { self.mapping.data.get().add(offset as usize) });
        // SAFETY: as above.
        once(move || unsafe { libc::msync(at.get() as *mut c_void, size as usize, libc::MS_SYNC) }).map(drop).map_err(os_error)
    }
    #[method("madvise($self, option, start=0, length=None, /)")]
    fn madvise(&self, option: i32, start: isize, length: Option<isize>) -> PyResult<()> {
        let size = self.size_checked()? as isize;
        let length = length.unwrap_or(size);
        if start < 0 || start >= size {
            return Err(err!(ValueError, "madvise start out of bounds"));
        }
        if length < 0 {
            return Err(err!(ValueError, "madvise length invalid"));
        }
        if isize::MAX - start < length {
            return Err(err!(OverflowError, "madvise length too large"));
        }
        let length = length.min(size - start);
        // SAFETY: inside the mapping; what the advice does to it is the caller's wish.
        quick(unsafe { libc::madvise(self.mapping.data.get().add(start as usize) as *mut c_void, length as usize, option) }).map(drop)
    }
    #[method("move($self, dest, src, count, /)")]
    fn r#move(&self, dest: isize, src: isize, count: isize) -> PyResult<()> {
        let size = self.size_checked()? as isize;
        self.check_writable()?;
        if dest < 0 || src < 0 || count < 0 || size - dest < count || size - src < count {
            return Err(err!(ValueError, "source, destination, or count out of range"));
        }
        let data = self.mapping.data.get();
        // SAFETY: both ranges are inside the mapping.
        unsafe { std::ptr::copy(data.add(src as usize), data.add(dest as usize), count as usize) };
        Ok(())
    }
    #[method("read($self, n=None, /)")]
    fn read(&self, n: Option<&Object>) -> PyResult<Owned<Bytes>> {
        let wanted = optional_size(n)?;
        let size = self.size_checked()?;
        let start = self.position.get().min(size);
        let left = size - start;
        let count = wanted.filter(|&n| n >= 0).map_or(left, |n| (n as usize).min(left));
        self.position.set(start + count);
        Ok(self.copy(start, start + count))
    }
    #[method("read_byte($self, /)")]
    fn read_byte(&self) -> PyResult<u8> {
        let at = self.position.get();
        if at >= self.size_checked()? {
            return Err(err!(ValueError, "read byte out of range"));
        }
        self.position.set(at + 1);
        Ok(self.byte(at))
    }
    #[method("readline($self, /)")]
    fn readline(&self) -> PyResult<Owned<Bytes>> {
        let (size, start) = (self.size_checked()?, self.position.get());
        if start >= size {
            return Ok(Bytes::new(b""));
        }
        // SAFETY: inside the mapping; the search runs no Python code.
        let rest = unsafe { std::slice::from_raw_parts(self.mapping.data.get().add(start), size - start) };
        let end = rest.iter().position(|&b| b == b'\n').map_or(size, |at| start + at + 1);
        self.position.set(end);
        Ok(self.copy(start, end))
    }
    #[method("resize($self, newsize, /)")]
    fn resize(&self, newsize: isize) -> PyResult<()> {
        self.size_checked()?;
        self.check_resizeable()?;
        if newsize < 0 || isize::MAX - newsize < self.offset as isize {
            return Err(err!(ValueError, "new size out of range"));
        }
        let (size, fd) = (self.mapping.size.get(), self.mapping.fd.get());
        if fd == -1 && self.flags & libc::MAP_PRIVATE == 0 && newsize as usize > size {
            return Err(err!(ValueError, "mmap: can't expand a shared anonymous mapping"));
        }
        // SAFETY: nothing is exported, so that the mapping may move.
        unsafe {
            if fd != -1 {
                quick(libc::ftruncate(fd, self.offset + newsize as i64))?;
            }
            let moved = libc::mremap(self.mapping.data.get() as *mut c_void, size, newsize as usize, libc::MREMAP_MAYMOVE);
            if moved == libc::MAP_FAILED {
                return Err(os_error(errno()));
            }
            self.mapping.data.set(moved as *mut u8);
        }
        self.mapping.size.set(newsize as usize);
        Ok(())
    }
    #[method("seek($self, pos, whence=0, /)")]
    fn seek(&self, pos: isize, whence: i32) -> PyResult<usize> {
        let size = self.size_checked()?;
        let from = match whence {
            0 => 0,
            1 => self.position.get(),
            2 => size,
            _ => return Err(err!(ValueError, "unknown seek type")),
        };
        match (from as isize).checked_add(pos) {
            Some(to) if to >= 0 && to as usize <= size => {
                self.position.set(to as usize);
                Ok(to as usize)
            }
            _ => Err(err!(ValueError, "seek out of range")),
        }
    }
    #[method("seekable($self, /)")]
    fn seekable(&self) -> bool {
        true
    }
    #[method("size($self, /)")]
    fn size(&self) -> PyResult<i64> {
        self.size_checked()?;
        let fd = self.mapping.fd.get();
        let mut st = std::mem::MaybeUninit::<libc::stat>::uninit();
        let out = Pointer(st.as_mut_ptr());
        // SAFETY: room for the result.
        once(move || unsafe { libc::fstat(fd, out.get()) }).map_err(os_error)?;
        // SAFETY: filled in.
        Ok(unsafe { st.assume_init() }.st_size)
    }
    #[method("tell($self, /)")]
    fn tell(&self) -> PyResult<usize> {
        self.size_checked()?;
        Ok(self.position.get())
    }
    #[method("write($self, bytes, /)")]
    fn write(&self, bytes: Buffer) -> PyResult<usize> {
        let size = self.size_checked()?;
        self.check_writable()?;
        let at = self.position.get();
        if at > size || size - at < bytes.len() {
            return Err(err!(ValueError, "data out of range"));
        }
        // SAFETY: inside the mapping; the data may be part of it.
        unsafe { std::ptr::copy(bytes.as_ptr(), self.mapping.data.get().add(at), bytes.len()) };
        self.position.set(at + bytes.len());
        Ok(bytes.len())
    }
    #[method("write_byte($self, byte, /)")]
    fn write_byte(&self, byte: u8) -> PyResult<()> {
        let size = self.size_checked()?;
        self.check_writable()?;
        let at = self.position.get();
        if at >= size {
            return Err(err!(ValueError, "write byte out of range"));
        }
        self.put(at, byte);
        self.position.set(at + 1);
        Ok(())
    }
    #[method("__enter__($self, /)")]
    fn __enter__(&self) -> PyResult<Owned> {
        self.size_checked()?;
        let this: &Object = self;
        Ok(this.to_owned())
    }
    #[method("__exit__($self, exc_type, exc_value, traceback, /)")]
    fn __exit__(&self, _exc_type: &Object, _exc_value: &Object, _traceback: &Object) -> PyResult<()> {
        self.shut()
    }
}

#[pymodule(name = "mmap")]
#[types(super::Mmap_Type)]
pub mod mmap {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("error", runtime::exceptions::OSError())?;
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        // SAFETY: numbers only.
        let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
        module.add("PAGESIZE", &Int::from_i64(page))?;
        module.add("ALLOCATIONGRANULARITY", &Int::from_i64(page))
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("ACCESS_COPY", 3),
    ("ACCESS_DEFAULT", 0),
    ("ACCESS_READ", 1),
    ("ACCESS_WRITE", 2),
    ("MADV_DODUMP", 17),
    ("MADV_DOFORK", 11),
    ("MADV_DONTDUMP", 16),
    ("MADV_DONTFORK", 10),
    ("MADV_DONTNEED", 4),
    ("MADV_FREE", 8),
    ("MADV_HUGEPAGE", 14),
    ("MADV_HWPOISON", 100),
    ("MADV_MERGEABLE", 12),
    ("MADV_NOHUGEPAGE", 15),
    ("MADV_NORMAL", 0),
    ("MADV_RANDOM", 1),
    ("MADV_REMOVE", 9),
    ("MADV_SEQUENTIAL", 2),
    ("MADV_UNMERGEABLE", 13),
    ("MADV_WILLNEED", 3),
    ("MAP_32BIT", 64),
    ("MAP_ANON", 32),
    ("MAP_ANONYMOUS", 32),
    ("MAP_DENYWRITE", 2048),
    ("MAP_EXECUTABLE", 4096),
    ("MAP_NORESERVE", 16384),
    ("MAP_POPULATE", 32768),
    ("MAP_PRIVATE", 2),
    ("MAP_SHARED", 1),
    ("MAP_STACK", 131072),
    ("PROT_EXEC", 4),
    ("PROT_READ", 1),
    ("PROT_WRITE", 2),
];
