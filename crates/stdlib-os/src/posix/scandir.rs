//! `scandir`: the iterator over a directory, and its `DirEntry` objects, which remember what readdir and stat said.

use super::directories::Directory;
use super::path::{Path, PathOrFd};
use super::stat::stat_result;
use crate::call::{Pointer, once, os_error};
use macros::{Traverse, pytype};
use runtime::audit::audit;
use runtime::errors::{self, PyResult};
use runtime::macro_support::Args;
use runtime::object::{Object, ObjectHead, Owned, Type};
use runtime::protocol::object;
use runtime::types::{Str, generic_alias};
use std::cell::{Cell, RefCell};
use std::ffi::{CString, c_int};

/// The directory stream of an iterator; `None` when closed or at the end.
#[derive(Default)]
struct Stream(Option<(Directory, Path)>);
impl runtime::macro_support::Traverse for Stream {
    fn traverse(&self, _: &mut runtime::macro_support::Visitor) {}
}

/// What an entry needs to be looked at again.
#[derive(Default)]
struct Location {
    path: CString,
    /// The directory's descriptor, for entries of `scandir(fd)`; -1: none.
    dir_fd: c_int,
}
impl runtime::macro_support::Traverse for Location {
    fn traverse(&self, _: &mut runtime::macro_support::Visitor) {}
}

#[derive(Traverse)]
#[repr(C)]
pub struct DirEntry {
    head: ObjectHead,
    name: Owned,
    path: Owned,
    stat: RefCell<Option<Owned>>,
    lstat: RefCell<Option<Owned>>,
    #[traverse(skip)]
    location: Location,
    #[traverse(skip)]
    inode: Cell<u64>,
    #[traverse(skip)]
    kind: u8,
}

impl DirEntry {
    fn status(&self, follow_symlinks: bool) -> Result<libc::stat, c_int> {
        let (text, dir_fd) = (Pointer(self.location.path.as_ptr() as *mut _), self.location.dir_fd);
        let mut st = std::mem::MaybeUninit::<libc::stat>::uninit();
        let out = Pointer(st.as_mut_ptr());
        let dir_fd = if dir_fd == -1 { libc::AT_FDCWD } else { dir_fd };
        // SAFETY: a C string and room for the result.
        once(move || unsafe { libc::fstatat(dir_fd, text.get(), out.get(), if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW }) })?;
        // SAFETY: filled in.
        Ok(unsafe { st.assume_init() })
    }
    fn error(&self, errno: c_int) -> errors::Raised {
        runtime::exceptions::os_error::raise_os_error(errno, Some(&self.path), None)
    }
    fn cached_lstat(&self) -> PyResult {
        if let Some(known) = self.lstat.borrow().as_ref() {
            return Ok(known.clone());
        }
        let result = stat_result(&self.status(false).map_err(|errno| self.error(errno))?)?;
        *self.lstat.borrow_mut() = Some(result.clone());
        Ok(result)
    }
    fn cached_stat(&self, follow_symlinks: bool) -> PyResult {
        if !follow_symlinks {
            return self.cached_lstat();
        }
        if let Some(known) = self.stat.borrow().as_ref() {
            return Ok(known.clone());
        }
        let result = if self.is_link()? { stat_result(&self.status(true).map_err(|errno| self.error(errno))?)? } else { self.cached_lstat()? };
        *self.stat.borrow_mut() = Some(result.clone());
        Ok(result)
    }
    fn is_link(&self) -> PyResult<bool> {
        match self.kind {
            libc::DT_UNKNOWN => self.has_mode(false, libc::S_IFLNK),
            kind => Ok(kind == libc::DT_LNK),
        }
    }
    /// Whether the entry is of a kind, by readdir's word where that is enough.
    fn has_mode(&self, follow_symlinks: bool, mode: u32) -> PyResult<bool> {
        let need_stat = self.kind == libc::DT_UNKNOWN || (follow_symlinks && self.kind == libc::DT_LNK);
        if !need_stat {
            return Ok(match mode {
                libc::S_IFDIR => self.kind == libc::DT_DIR,
                libc::S_IFREG => self.kind == libc::DT_REG,
                _ => self.kind == libc::DT_LNK,
            });
        }
        let status = match errors::catch(self.cached_stat_unless_link(follow_symlinks), runtime::exceptions::FileNotFoundError())? {
            Some(status) => status,
            None => return Ok(false),
        };
        let found = object::get_attr_str(&status, "st_mode")?;
        Ok(runtime::protocol::number::as_i64(&found)? as u32 & libc::S_IFMT == mode)
    }
    /// For entries of unknown kind, asking whether they are links would ask this again.
    fn cached_stat_unless_link(&self, follow_symlinks: bool) -> PyResult {
        if follow_symlinks && self.kind == libc::DT_UNKNOWN {
            if let Some(known) = self.stat.borrow().as_ref() {
                return Ok(known.clone());
            }
            let result = stat_result(&self.status(true).map_err(|errno| self.error(errno))?)?;
            *self.stat.borrow_mut() = Some(result.clone());
            return Ok(result);
        }
        self.cached_stat(follow_symlinks)
    }
}

#[pytype(static = DirEntry_Type, name = "DirEntry", module = "posix", flags = HAVE_GC | DISALLOW_INSTANTIATION | IMMUTABLETYPE, native,
    members = [
        ("name", T_OBJECT_EX, core::mem::offset_of!(DirEntry, name), READONLY, "file name of the entry, without the directory"),
        ("path", T_OBJECT_EX, core::mem::offset_of!(DirEntry, path), READONLY, "scandir()'s path argument and the name, joined"),
    ])]
impl DirEntry {
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        Ok(Str::concat_all(&[Str::new("<DirEntry "), object::repr(&self.name)?, Str::new(">")])?)
    }
    /// Whether the entry is a directory; remembered.
    #[method("is_dir($self, /, *, follow_symlinks=True)")]
    fn is_dir(&self, follow_symlinks: bool) -> PyResult<bool> {
        self.has_mode(follow_symlinks, libc::S_IFDIR)
    }
    /// Whether the entry is a regular file; remembered.
    #[method("is_file($self, /, *, follow_symlinks=True)")]
    fn is_file(&self, follow_symlinks: bool) -> PyResult<bool> {
        self.has_mode(follow_symlinks, libc::S_IFREG)
    }
    /// Whether the entry is a symbolic link; remembered.
    #[method("is_symlink($self, /)")]
    fn is_symlink(&self) -> PyResult<bool> {
        self.is_link()
    }
    /// Whether the entry is a junction, of which this system has none.
    #[method("is_junction($self, /)")]
    fn is_junction(&self) -> bool {
        false
    }
    /// The entry's os.stat_result; remembered.
    #[method("stat($self, /, *, follow_symlinks=True)")]
    fn stat(&self, follow_symlinks: bool) -> PyResult {
        self.cached_stat(follow_symlinks)
    }
    /// The entry's inode number; remembered.
    #[method("inode($self, /)")]
    fn inode(&self) -> u64 {
        self.inode.get()
    }
    /// The entry's path.
    #[method("__fspath__($self, /)")]
    fn __fspath__(&self) -> Owned {
        self.path.clone()
    }
    /// The type is generic over str and bytes.
    #[classmethod("__class_getitem__($type, object, /)")]
    fn __class_getitem__(cls: &Type, object: &Object) -> PyResult {
        generic_alias::new(cls, object)
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct ScandirIterator {
    head: ObjectHead,
    #[traverse(skip)]
    stream: RefCell<Stream>,
}

impl ScandirIterator {
    fn shut(&self) {
        let stream = std::mem::take(&mut *self.stream.borrow_mut());
        drop(stream);
    }
    fn entry(&self, path: &Path, entry: super::directories::Entry) -> PyResult {
        let name = path.same_type(&entry.name);
        let (full, dir_fd) = if path.fd != -1 {
            (entry.name, path.fd)
        } else {
            let mut full = path.as_bytes().to_vec();
            if !full.is_empty() && full.last() != Some(&b'/') {
                full.push(b'/');
            }
            full.extend_from_slice(&entry.name);
            (full, -1)
        };
        let shown = if dir_fd != -1 { name.clone() } else { path.same_type(&full) };
        let entry = DirEntry {
            head: ObjectHead::placeholder(),
            name,
            path: shown,
            stat: RefCell::new(None),
            lstat: RefCell::new(None),
            location: Location { path: CString::new(full).unwrap_or_default(), dir_fd },
            inode: Cell::new(entry.inode),
            kind: entry.kind,
        };
        Ok(DirEntry::construct(&DirEntry_Type, entry)?.into_object())
    }
}

#[pytype(static = ScandirIterator_Type, name = "ScandirIterator", module = "posix", flags = DISALLOW_INSTANTIATION, native)]
impl ScandirIterator {
    #[slot]
    fn tp_iter(&self) -> &Object {
        self
    }
    #[slot]
    fn tp_iternext(&self) -> PyResult<Option<Owned>> {
        // The stream is out of its place while readdir runs without the GIL: another thread finds an exhausted iterator.
        let taken = self.stream.borrow_mut().0.take();
        let Some((mut directory, path)) = taken else { return Ok(None) };
        let step = directory.next();
        match step {
            Ok(Some(entry)) => {
                let made = self.entry(&path, entry);
                *self.stream.borrow_mut() = Stream(Some((directory, path)));
                made.map(Some)
            }
            Ok(None) => Ok(None),
            Err(errno) => Err(path.error(errno)),
        }
    }
    /// Close the directory.
    #[method("close($self, /)", nosig)]
    fn close(&self) {
        self.shut();
    }
    #[method("__enter__($self, /)", nosig)]
    fn __enter__(&self) -> &Object {
        self
    }
    #[method("__exit__($self, *args)", nosig)]
    fn __exit__(&self, _args: Args<'_>) {
        self.shut();
    }
    #[slot]
    fn tp_finalize(&self) {
        if self.stream.borrow().0.is_none() {
            return;
        }
        let this: &Object = self;
        errors::preserve(|| {
            let warned = object::repr(this).and_then(|shown| {
                runtime::modules::warnings::warn(runtime::exceptions::ResourceWarning(), &format!("unclosed scandir iterator {}", &*shown), 1)
            });
            if warned.is_err() {
                if errors::matches(runtime::exceptions::Warning()) {
                    runtime::exceptions::write_unraisable(None, Some(this));
                } else {
                    errors::clear();
                }
            }
        });
        self.shut();
    }
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// Iterate over the DirEntry objects of a directory's entries, without '.' and '..', in no order.
    ///
    ///   path
    ///     As for listdir().
    #[function("scandir($module, /, path=None)")]
    fn scandir(path: Option<PathOrFd>) -> PyResult {
        audit("os.scandir", &[path.as_ref().map_or(runtime::types::none(), |p| p.object.object())])?;
        let path = path.map_or_else(Path::dot, |path| path.0.or_dot());
        let directory = match Directory::open(&path)? {
            Ok(directory) => directory,
            Err(errno) => return Err(if path.has_text() { path.error(errno) } else { os_error(errno) }),
        };
        let iterator = ScandirIterator { head: ObjectHead::placeholder(), stream: RefCell::new(Stream(Some((directory, path)))) };
        Ok(ScandirIterator::construct(&ScandirIterator_Type, iterator)?.into_object())
    }
}
