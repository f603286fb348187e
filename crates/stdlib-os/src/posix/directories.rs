//! The name space: directories, links, renaming, special files, extended attributes.

use super::path::{DirFd, Fildes, Path, PathOrFd, check_follow, decode, dir_fd, shown_dir_fd};
use super::results::int;
use crate::call::{Pointer, errno, once, os_error, retry_os};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::exceptions::os_error::raise_os_error;
use runtime::macro_support::Buffer;
use runtime::object::Owned;
use runtime::types::{Bytes, List};
use std::ffi::{CStr, c_int};

/// An open directory stream.
pub struct Directory(*mut libc::DIR, Option<c_int>);
// SAFETY: one thread at a time reads the stream: its holders are objects, used under the GIL, or locals.
unsafe impl Send for Directory {}

/// What readdir tells of an entry.
pub struct Entry {
    pub name: Vec<u8>,
    pub inode: u64,
    pub kind: u8,
}

impl Directory {
    /// Opens the directory of a path or, duplicated, of a descriptor; errno on failure.
    pub fn open(path: &Path) -> PyResult<Result<Directory, c_int>> {
        if path.fd != -1 {
            let fd = path.fd;
            // SAFETY: numbers only.
            let copy = match once(|| unsafe { libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 0) }) {
                Ok(copy) => copy,
                Err(errno) => return Ok(Err(errno)),
            };
            // SAFETY: the stream owns the duplicate.
            return Ok(runtime::gil::allow_threads(move || unsafe {
                let stream = libc::fdopendir(copy);
                if stream.is_null() {
                    let errno = errno();
                    libc::close(copy);
                    return Err(errno);
                }
                libc::rewinddir(stream);
                Ok(Directory(stream, Some(fd)))
            }));
        }
        runtime::import::on_disk::before_listing(path.as_bytes());
        let text = Pointer(path.as_ptr() as *mut std::ffi::c_char);
        // SAFETY: a C string or NULL.
        Ok(runtime::gil::allow_threads(move || unsafe {
            if text.get().is_null() {
                return Err(libc::EFAULT);
            }
            let stream = libc::opendir(text.get());
            if stream.is_null() { Err(errno()) } else { Ok(Directory(stream, None)) }
        }))
    }
    /// The next entry but `.` and `..`; `Ok(None)` at the end.
    pub fn next(&mut self) -> Result<Option<Entry>, c_int> {
        let stream = Pointer(self.0);
        runtime::gil::allow_threads(move || {
            loop {
                crate::call::set_errno(0);
                // SAFETY: an open stream; the entry is copied before the next call.
                unsafe {
                    let entry = libc::readdir(stream.get());
                    if entry.is_null() {
                        return match errno() {
                            0 => Ok(None),
                            errno => Err(errno),
                        };
                    }
                    let name = CStr::from_ptr((*entry).d_name.as_ptr()).to_bytes();
                    if name != b"." && name != b".." {
                        return Ok(Some(Entry { name: name.to_vec(), inode: (*entry).d_ino, kind: (*entry).d_type }));
                    }
                }
            }
        })
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let (stream, rewind) = (Pointer(self.0), self.1.is_some());
        // SAFETY: the stream is closed once. A shared descriptor goes back to its start.
        unsafe {
            if rewind {
                libc::rewinddir(stream.get());
            }
            libc::closedir(stream.get());
        }
    }
}

fn list(path: &Path) -> PyResult<Owned<List>> {
    let mut directory = match Directory::open(path)? {
        Ok(directory) => directory,
        Err(errno) => return Err(if path.has_text() { path.error(errno) } else { os_error(errno) }),
    };
    let names = List::new();
    loop {
        match directory.next() {
            Ok(Some(entry)) => names.append(&path.same_type(&entry.name))?,
            Ok(None) => return Ok(names),
            Err(errno) => return Err(path.error(errno)),
        }
    }
}

fn rename_paths(src: &Path, dst: &Path, src_dir_fd: Option<DirFd>, dst_dir_fd: Option<DirFd>) -> PyResult<()> {
    let (src_fd, dst_fd) = (dir_fd(src_dir_fd), dir_fd(dst_dir_fd));
    audit("os.rename", &[&src.object, &dst.object, &int(shown_dir_fd(src_fd)), &int(shown_dir_fd(dst_fd))])?;
    let (from, to) = (Pointer(src.as_ptr() as *mut _), Pointer(dst.as_ptr() as *mut _));
    // SAFETY: C strings.
    once(move || unsafe { libc::renameat(src_fd, from.get(), dst_fd, to.get()) })
        .map_err(|errno| raise_os_error(errno, Some(&src.object), Some(&dst.object)))?;
    Ok(())
}

fn remove_path(path: &Path, given: Option<DirFd>, event: &str, flags: c_int) -> PyResult<()> {
    let fd = dir_fd(given);
    audit(event, &[&path.object, &int(shown_dir_fd(fd))])?;
    let text = Pointer(path.as_ptr() as *mut std::ffi::c_char);
    // SAFETY: a C string.
    once(move || unsafe { libc::unlinkat(fd, text.get(), flags) }).map_err(|errno| path.error(errno))?;
    Ok(())
}

/// Calls an xattr function with growing buffers until the value fits.
fn grow(limit: usize, path: &Path, f: impl Fn(*mut u8, usize) -> isize + Send + Sync) -> PyResult<Vec<u8>> {
    for size in [128, limit] {
        let mut buffer = vec![0u8; size];
        let out = Pointer(buffer.as_mut_ptr());
        match once(|| f(out.get(), size)) {
            Ok(length) => {
                buffer.truncate(length as usize);
                return Ok(buffer);
            }
            Err(libc::ERANGE) if size < limit => {}
            Err(errno) => return Err(path.error(errno)),
        }
    }
    Err(path.error(libc::ERANGE))
}

/// The kernel's limit of values and lists of extended attributes.
pub const XATTR_SIZE_MAX: usize = 65536;

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// The names of a directory's entries, without '.' and '..', in no order.
    ///
    ///   path
    ///     Bytes give names as bytes. None is the current directory.
    #[function("listdir($module, /, path=None)")]
    fn listdir(path: Option<PathOrFd>) -> PyResult<Owned<List>> {
        match path {
            Some(path) => {
                audit("os.listdir", &[&path.object])?;
                list(&path.0.or_dot())
            }
            None => {
                audit("os.listdir", &[runtime::types::none()])?;
                list(&Path::dot())
            }
        }
    }

    /// Create a directory.
    #[function("mkdir($module, /, path, mode=511, *, dir_fd=None)")]
    fn mkdir(path: Path, mode: i32, dir_fd: Option<DirFd>) -> PyResult<()> {
        let fd = super::dir_fd(dir_fd);
        audit("os.mkdir", &[&path.object, &int(mode), &int(shown_dir_fd(fd))])?;
        let text = Pointer(path.as_ptr() as *mut std::ffi::c_char);
        // SAFETY: a C string.
        once(move || unsafe { libc::mkdirat(fd, text.get(), mode as libc::mode_t) }).map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// Remove an empty directory.
    #[function("rmdir($module, /, path, *, dir_fd=None)")]
    fn rmdir(path: Path, dir_fd: Option<DirFd>) -> PyResult<()> {
        remove_path(&path, dir_fd, "os.rmdir", libc::AT_REMOVEDIR)
    }

    /// Remove a file (as remove()).
    #[function("unlink($module, /, path, *, dir_fd=None)")]
    fn unlink(path: Path, dir_fd: Option<DirFd>) -> PyResult<()> {
        remove_path(&path, dir_fd, "os.remove", 0)
    }

    /// Remove a file (as unlink()).
    #[function("remove($module, /, path, *, dir_fd=None)")]
    fn remove(path: Path, dir_fd: Option<DirFd>) -> PyResult<()> {
        remove_path(&path, dir_fd, "os.remove", 0)
    }

    /// Rename a file or directory.
    #[function("rename($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn rename(src: Path, dst: Path, src_dir_fd: Option<DirFd>, dst_dir_fd: Option<DirFd>) -> PyResult<()> {
        rename_paths(&src, &dst, src_dir_fd, dst_dir_fd)
    }

    /// Rename a file or directory, over an existing destination.
    #[function("replace($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None)")]
    fn replace(src: Path, dst: Path, src_dir_fd: Option<DirFd>, dst_dir_fd: Option<DirFd>) -> PyResult<()> {
        rename_paths(&src, &dst, src_dir_fd, dst_dir_fd)
    }

    /// Make a hard link to a file.
    ///
    ///   follow_symlinks
    ///     If false and src is a symbolic link, the link itself gets another name.
    #[function("link($module, /, src, dst, *, src_dir_fd=None, dst_dir_fd=None, follow_symlinks=(os.name != 'nt'))")]
    fn link(src: Path, dst: Path, src_dir_fd: Option<DirFd>, dst_dir_fd: Option<DirFd>, follow_symlinks: Option<bool>) -> PyResult<()> {
        let (src_fd, dst_fd) = (super::dir_fd(src_dir_fd), super::dir_fd(dst_dir_fd));
        audit("os.link", &[&src.object, &dst.object, &int(shown_dir_fd(src_fd)), &int(shown_dir_fd(dst_fd))])?;
        let (from, to) = (Pointer(src.as_ptr() as *mut _), Pointer(dst.as_ptr() as *mut _));
        let flags = if follow_symlinks.unwrap_or(true) { libc::AT_SYMLINK_FOLLOW } else { 0 };
        // SAFETY: C strings.
        once(move || unsafe { libc::linkat(src_fd, from.get(), dst_fd, to.get(), flags) })
            .map_err(|errno| raise_os_error(errno, Some(&src.object), Some(&dst.object)))?;
        Ok(())
    }

    /// Make a symbolic link at dst that points to src.
    #[function("symlink($module, /, src, dst, target_is_directory=False, *, dir_fd=None)")]
    fn symlink(src: Path, dst: Path, _target_is_directory: bool, dir_fd: Option<DirFd>) -> PyResult<()> {
        let fd = super::dir_fd(dir_fd);
        audit("os.symlink", &[&src.object, &dst.object, &int(shown_dir_fd(fd))])?;
        let (from, to) = (Pointer(src.as_ptr() as *mut _), Pointer(dst.as_ptr() as *mut _));
        // SAFETY: C strings.
        once(move || unsafe { libc::symlinkat(from.get(), fd, to.get()) })
            .map_err(|errno| raise_os_error(errno, Some(&src.object), Some(&dst.object)))?;
        Ok(())
    }

    /// What a symbolic link points to.
    #[function("readlink($module, /, path, *, dir_fd=None)")]
    fn readlink(path: Path, dir_fd: Option<DirFd>) -> PyResult<Owned> {
        let fd = super::dir_fd(dir_fd);
        let text = Pointer(path.as_ptr() as *mut std::ffi::c_char);
        let mut buffer = vec![0u8; libc::PATH_MAX as usize + 1];
        let (out, size) = (Pointer(buffer.as_mut_ptr()), buffer.len());
        // SAFETY: a C string, and room for so many bytes.
        let length = once(move || unsafe { libc::readlinkat(fd, text.get(), out.get().cast(), size) }).map_err(|errno| path.error(errno))?;
        Ok(path.same_type(&buffer[..length as usize]))
    }

    /// Make a FIFO (a named pipe).
    #[function("mkfifo($module, /, path, mode=438, *, dir_fd=None)")]
    fn mkfifo(path: Path, mode: i32, dir_fd: Option<DirFd>) -> PyResult<()> {
        let (fd, text) = (super::dir_fd(dir_fd), Pointer(path.as_ptr() as *mut _));
        // SAFETY: a C string.
        retry_os(|| unsafe { libc::mkfifoat(fd, text.get(), mode as libc::mode_t) }).map(drop)
    }

    /// Make a file, device file or FIFO.
    ///
    ///   mode
    ///     Permissions and kind of file (stat.S_IFREG and so on).
    ///   device
    ///     For device files: what makedev() gives.
    #[function("mknod($module, /, path, mode=384, device=0, *, dir_fd=None)")]
    fn mknod(path: Path, mode: i32, device: u64, dir_fd: Option<DirFd>) -> PyResult<()> {
        let (fd, text) = (super::dir_fd(dir_fd), Pointer(path.as_ptr() as *mut _));
        // SAFETY: a C string.
        retry_os(|| unsafe { libc::mknodat(fd, text.get(), mode as libc::mode_t, device) }).map(drop)
    }

    /// Change the current directory.
    #[function("chdir($module, /, path)")]
    fn chdir(path: PathOrFd) -> PyResult<()> {
        audit("os.chdir", &[&path.object])?;
        let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
        // SAFETY: a C string or NULL.
        once(move || unsafe { if fd != -1 { libc::fchdir(fd) } else { libc::chdir(text.get()) } }).map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// Change the current directory to an open one.
    #[function("fchdir($module, /, fd)")]
    fn fchdir(fd: Fildes) -> PyResult<()> {
        audit("os.chdir", &[&int(fd.0)])?;
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::fchdir(fd.0) }).map(drop)
    }

    /// Change the root directory.
    #[function("chroot($module, /, path)")]
    fn chroot(path: Path) -> PyResult<()> {
        let text = Pointer(path.as_ptr() as *mut std::ffi::c_char);
        // SAFETY: a C string.
        once(move || unsafe { libc::chroot(text.get()) }).map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// The current directory.
    #[function("getcwd($module, /)")]
    fn getcwd() -> PyResult<Owned> {
        Ok(decode(&current_directory()?).into_object())
    }

    /// The current directory, as bytes.
    #[function("getcwdb($module, /)")]
    fn getcwdb() -> PyResult<Owned<Bytes>> {
        Ok(Bytes::new(&current_directory()?))
    }

    /// The value of an extended attribute.
    #[function("getxattr($module, /, path, attribute, *, follow_symlinks=True)")]
    fn getxattr(path: PathOrFd, attribute: Path, follow_symlinks: bool) -> PyResult<Owned<Bytes>> {
        check_follow("getxattr", &path, follow_symlinks)?;
        audit("os.getxattr", &[&path.object, &attribute.object])?;
        let (text, fd, name) = (Pointer(path.as_ptr() as *mut _), path.fd, Pointer(attribute.as_ptr() as *mut _));
        // SAFETY: C strings, and room for `size` bytes.
        let value = grow(XATTR_SIZE_MAX, &path, move |out, size| unsafe {
            match (fd, follow_symlinks) {
                (-1, true) => libc::getxattr(text.get(), name.get(), out.cast(), size),
                (-1, false) => libc::lgetxattr(text.get(), name.get(), out.cast(), size),
                _ => libc::fgetxattr(fd, name.get(), out.cast(), size),
            }
        })?;
        Ok(Bytes::new(&value))
    }

    /// Set an extended attribute.
    #[function("setxattr($module, /, path, attribute, value, flags=0, *, follow_symlinks=True)")]
    fn setxattr(path: PathOrFd, attribute: Path, value: Buffer, flags: i32, follow_symlinks: bool) -> PyResult<()> {
        check_follow("setxattr", &path, follow_symlinks)?;
        audit("os.setxattr", &[&path.object, &attribute.object, &Bytes::new(&value), &int(flags)])?;
        let (text, fd, name) = (Pointer(path.as_ptr() as *mut _), path.fd, Pointer(attribute.as_ptr() as *mut _));
        let (data, size) = (Pointer(value.as_ptr() as *mut _), value.len());
        // SAFETY: C strings, and `size` bytes.
        once(move || unsafe {
            match (fd, follow_symlinks) {
                (-1, true) => libc::setxattr(text.get(), name.get(), data.get(), size, flags),
                (-1, false) => libc::lsetxattr(text.get(), name.get(), data.get(), size, flags),
                _ => libc::fsetxattr(fd, name.get(), data.get(), size, flags),
            }
        })
        .map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// Remove an extended attribute.
    #[function("removexattr($module, /, path, attribute, *, follow_symlinks=True)")]
    fn removexattr(path: PathOrFd, attribute: Path, follow_symlinks: bool) -> PyResult<()> {
        check_follow("removexattr", &path, follow_symlinks)?;
        audit("os.removexattr", &[&path.object, &attribute.object])?;
        let (text, fd, name) = (Pointer(path.as_ptr() as *mut _), path.fd, Pointer(attribute.as_ptr() as *mut _));
        // SAFETY: C strings.
        once(move || unsafe {
            match (fd, follow_symlinks) {
                (-1, true) => libc::removexattr(text.get(), name.get()),
                (-1, false) => libc::lremovexattr(text.get(), name.get()),
                _ => libc::fremovexattr(fd, name.get()),
            }
        })
        .map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// The names of the extended attributes.
    #[function("listxattr($module, /, path=None, *, follow_symlinks=True)")]
    fn listxattr(path: Option<PathOrFd>, follow_symlinks: bool) -> PyResult<Owned<List>> {
        let shown = path.as_ref().map(|p| p.object.clone());
        let path = path.map_or_else(Path::dot, |path| path.0.or_dot());
        check_follow("listxattr", &path, follow_symlinks)?;
        audit("os.listxattr", &[shown.as_ref().map_or(runtime::types::none(), |o| o.object())])?;
        let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
        // SAFETY: a C string or NULL, and room for `size` bytes.
        let value = grow(XATTR_SIZE_MAX, &path, move |out, size| unsafe {
            match (fd, follow_symlinks) {
                (-1, true) => libc::listxattr(text.get(), out.cast(), size),
                (-1, false) => libc::llistxattr(text.get(), out.cast(), size),
                _ => libc::flistxattr(fd, out.cast(), size),
            }
        })?;
        let names = List::new();
        for name in value.split(|&b| b == 0).filter(|name| !name.is_empty()) {
            names.append(&decode(name))?;
        }
        Ok(names)
    }
}

fn current_directory() -> PyResult<Vec<u8>> {
    let directory = runtime::gil::allow_threads(std::env::current_dir);
    match directory {
        Ok(directory) => Ok(std::os::unix::ffi::OsStringExt::into_vec(directory.into_os_string())),
        Err(error) => match error.raw_os_error() {
            Some(errno) => Err(os_error(errno)),
            None => Err(err!(OSError, "{}", error)),
        },
    }
}
