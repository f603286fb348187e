//! stat and its relatives; access, permissions, owners, times.

use super::path::{DirFd, Fildes, Gid, Path, PathOrFd, Uid, check_dir_fd, check_follow, dir_fd, id_object, shown_dir_fd};
use super::results::{STAT_RESULT, STATVFS_RESULT, float, int};
use crate::call::{Pointer, once, once_os, retry_os};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Object;
use runtime::protocol::number;
use runtime::types::{Float, Int, Tuple};
use std::ffi::c_int;
use std::mem::MaybeUninit;

/// `os.stat_result` of a `struct stat`.
pub fn stat_result(st: &libc::stat) -> PyResult {
    let times = [(st.st_atime, st.st_atime_nsec), (st.st_mtime, st.st_mtime_nsec), (st.st_ctime, st.st_ctime_nsec)];
    let mut items = vec![
        int(st.st_mode),
        int(st.st_ino),
        int(st.st_dev),
        int(st.st_nlink),
        id_object(st.st_uid),
        id_object(st.st_gid),
        int(st.st_size),
    ];
    items.extend(times.iter().map(|t| int(t.0)));
    items.extend(times.iter().map(|t| float(t.0 as f64 + 1e-9 * t.1 as f64)));
    items.extend(times.iter().map(|t| int(t.0 as i128 * 1_000_000_000 + t.1 as i128)));
    items.extend([int(st.st_blksize), int(st.st_blocks), int(st.st_rdev)]);
    STAT_RESULT.make(items)
}

/// `fstatat` or `fstat`: the result or errno.
pub fn stat_path(path: &Path, dir_fd: c_int, follow_symlinks: bool) -> Result<libc::stat, c_int> {
    let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
    let mut st = MaybeUninit::<libc::stat>::uninit();
    let out = Pointer(st.as_mut_ptr());
    once(move || {
        // SAFETY: a C string or NULL, and room for the result.
        unsafe {
            if fd != -1 {
                libc::fstat(fd, out.get())
            } else {
                libc::fstatat(dir_fd, text.get(), out.get(), if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW })
            }
        }
    })?;
    // SAFETY: filled in.
    Ok(unsafe { st.assume_init() })
}

fn do_stat(function: &str, path: &Path, dir_fd: c_int, follow_symlinks: bool) -> PyResult {
    check_dir_fd(function, path, dir_fd)?;
    check_follow(function, path, follow_symlinks)?;
    match stat_path(path, dir_fd, follow_symlinks) {
        Ok(st) => stat_result(&st),
        Err(libc::ENOENT) if provides(path) && let Ok(st) = stat_path(path, dir_fd, follow_symlinks) => stat_result(&st),
        Err(errno) => Err(path.error(errno)),
    }
}

/// Whether it is of the library, which is now there.
#[cold]
fn provides(path: &Path) -> bool {
    let text = path.as_ptr();
    // SAFETY: NULL or a C string.
    !text.is_null() && runtime::import::on_disk::provides_status(unsafe { std::ffi::CStr::from_ptr(text) }.to_bytes())
}

fn statvfs_result(st: &libc::statvfs) -> PyResult {
    STATVFS_RESULT.make(vec![
        int(st.f_bsize),
        int(st.f_frsize),
        int(st.f_blocks),
        int(st.f_bfree),
        int(st.f_bavail),
        int(st.f_files),
        int(st.f_ffree),
        int(st.f_favail),
        int(st.f_flag),
        int(st.f_namemax),
        int(st.f_fsid),
    ])
}

/// Seconds and nanoseconds of a time argument, rounded down.
pub fn timespec_of(time: &Object) -> PyResult<libc::timespec> {
    if let Some(value) = time.downcast::<Float>() {
        let value = value.value();
        if value.is_nan() {
            return Err(err!(ValueError, "Invalid value NaN (not a number)"));
        }
        let mut seconds = value.floor();
        let mut nanoseconds = ((value - seconds) * 1e9).floor();
        if nanoseconds >= 1e9 {
            nanoseconds -= 1e9;
            seconds += 1.0;
        }
        if !(-9.223372036854775808e18..9.223372036854775808e18).contains(&seconds) {
            return Err(err!(OverflowError, "timestamp out of range for platform time_t"));
        }
        return Ok(libc::timespec { tv_sec: seconds as i64, tv_nsec: nanoseconds as i64 });
    }
    if !number::check_index(time) {
        return Err(err!(TypeError, "argument must be int or float, not {}", time.type_name()));
    }
    match number::index(time)?.as_i64() {
        Some(seconds) => Ok(libc::timespec { tv_sec: seconds, tv_nsec: 0 }),
        None => Err(err!(OverflowError, "timestamp out of range for platform time_t")),
    }
}

/// Seconds and nanoseconds of a count of nanoseconds.
fn timespec_of_ns(ns: &Object) -> PyResult<libc::timespec> {
    let billion = Int::from_i64(1_000_000_000);
    let pair = number::divmod(ns, &billion)?;
    let Some(pair) = pair.downcast::<Tuple>().filter(|t| t.len() == 2) else {
        return Err(err!(TypeError, "{}.__divmod__() must return a 2-tuple, not {}", ns.type_name(), pair.type_name()));
    };
    let (seconds, rest) = (number::as_i64(pair.get(0))?, number::as_i64(pair.get(1))?);
    Ok(libc::timespec { tv_sec: seconds, tv_nsec: rest })
}

fn pair_of(value: &Object) -> Option<&Tuple> {
    value.downcast::<Tuple>().filter(|t| t.len() == 2)
}

fn utime_times(times: Option<&Object>, ns: Option<&Object>) -> PyResult<Option<[libc::timespec; 2]>> {
    let times = times.filter(|t| !t.is_none());
    if times.is_some() && ns.is_some() {
        return Err(err!(ValueError, "utime: you may specify either 'times' or 'ns' but not both"));
    }
    if let Some(times) = times {
        let Some(pair) = pair_of(times) else {
            return Err(err!(TypeError, "utime: 'times' must be either a tuple of two ints or None"));
        };
        return Ok(Some([timespec_of(pair.get(0))?, timespec_of(pair.get(1))?]));
    }
    let Some(ns) = ns else { return Ok(None) };
    let Some(pair) = pair_of(ns) else { return Err(err!(TypeError, "utime: 'ns' must be a tuple of two ints")) };
    Ok(Some([timespec_of_ns(pair.get(0))?, timespec_of_ns(pair.get(1))?]))
}

fn chown_path(path: &Path, uid: Uid, gid: Gid, dir_fd: c_int, follow_symlinks: bool) -> PyResult<()> {
    audit("os.chown", &[&path.object, &id_object(uid.0), &id_object(gid.0), &int(shown_dir_fd(dir_fd))])?;
    let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
    // SAFETY: a C string or NULL.
    once(move || unsafe {
        if fd != -1 {
            libc::fchown(fd, uid.0, gid.0)
        } else {
            libc::fchownat(dir_fd, text.get(), uid.0, gid.0, if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW })
        }
    })
    .map_err(|errno| path.error(errno))?;
    Ok(())
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// The status of a file, as an os.stat_result.
    ///
    ///   path
    ///     A str, bytes, path-like object or open file descriptor.
    ///   dir_fd
    ///     A descriptor of the directory that a relative path starts from; None for the
    ///     current directory.
    ///   follow_symlinks
    ///     If false, a symbolic link is looked at itself, not what it points to.
    #[function("stat($module, /, path, *, dir_fd=None, follow_symlinks=True)")]
    fn stat(path: PathOrFd, dir_fd: Option<DirFd>, follow_symlinks: bool) -> PyResult {
        do_stat("stat", &path, super::dir_fd(dir_fd), follow_symlinks)
    }

    /// As stat(path, follow_symlinks=False).
    #[function("lstat($module, /, path, *, dir_fd=None)")]
    fn lstat(path: Path, dir_fd: Option<DirFd>) -> PyResult {
        do_stat("lstat", &path, super::dir_fd(dir_fd), false)
    }

    /// The status of an open file.
    #[function("fstat($module, /, fd)")]
    fn fstat(fd: i32) -> PyResult {
        let mut st = MaybeUninit::<libc::stat>::uninit();
        let out = Pointer(st.as_mut_ptr());
        // SAFETY: room for the result.
        retry_os(|| unsafe { libc::fstat(fd, out.get()) })?;
        // SAFETY: filled in.
        stat_result(&unsafe { st.assume_init() })
    }

    /// Information about the file system that the path is on.
    #[function("statvfs($module, /, path)")]
    fn statvfs(path: PathOrFd) -> PyResult {
        let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
        let mut st = MaybeUninit::<libc::statvfs>::uninit();
        let out = Pointer(st.as_mut_ptr());
        // SAFETY: a C string or NULL, and room for the result.
        once(move || unsafe { if fd != -1 { libc::fstatvfs(fd, out.get()) } else { libc::statvfs(text.get(), out.get()) } })
            .map_err(|errno| path.error(errno))?;
        // SAFETY: filled in.
        statvfs_result(&unsafe { st.assume_init() })
    }

    /// Information about the file system that the open file is on.
    #[function("fstatvfs($module, fd, /)")]
    fn fstatvfs(fd: i32) -> PyResult {
        let mut st = MaybeUninit::<libc::statvfs>::uninit();
        let out = Pointer(st.as_mut_ptr());
        // SAFETY: room for the result.
        retry_os(|| unsafe { libc::fstatvfs(fd, out.get()) })?;
        // SAFETY: filled in.
        statvfs_result(&unsafe { st.assume_init() })
    }

    /// Whether the path can be used in the given way by the real user.
    ///
    ///   mode
    ///     F_OK (it exists), or a sum of R_OK, W_OK and X_OK.
    ///   effective_ids
    ///     If true, the effective user and group count.
    #[function("access($module, /, path, mode, *, dir_fd=None, effective_ids=False, follow_symlinks=True)")]
    fn access(path: Path, mode: i32, dir_fd: Option<DirFd>, effective_ids: bool, follow_symlinks: bool) -> PyResult<bool> {
        let (text, dir_fd) = (Pointer(path.as_ptr() as *mut _), super::dir_fd(dir_fd));
        let flags = if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW } | if effective_ids { libc::AT_EACCESS } else { 0 };
        // SAFETY: a C string.
        Ok(once(move || unsafe { libc::faccessat(dir_fd, text.get(), mode, flags) }).is_ok())
    }

    /// Change the permissions of a file.
    #[function("chmod($module, /, path, mode, *, dir_fd=None, follow_symlinks=(os.name != 'nt'))")]
    fn chmod(path: PathOrFd, mode: i32, dir_fd: Option<DirFd>, follow_symlinks: Option<bool>) -> PyResult<()> {
        let (follow_symlinks, dir_fd) = (follow_symlinks.unwrap_or(true), super::dir_fd(dir_fd));
        audit("os.chmod", &[&path.object, &int(mode), &int(shown_dir_fd(dir_fd))])?;
        let (text, fd, mode) = (Pointer(path.as_ptr() as *mut _), path.fd, mode as libc::mode_t);
        // SAFETY: a C string or NULL.
        let done = once(move || unsafe {
            if fd != -1 {
                libc::fchmod(fd, mode)
            } else {
                libc::fchmodat(dir_fd, text.get(), mode, if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW })
            }
        });
        match done {
            Ok(_) => Ok(()),
            Err(libc::ENOTSUP) if fd == -1 && !follow_symlinks => {
                if dir_fd != libc::AT_FDCWD {
                    return Err(err!(ValueError, "chmod: cannot use dir_fd and follow_symlinks together"));
                }
                Err(err!(NotImplementedError, "chmod: follow_symlinks unavailable on this platform"))
            }
            Err(errno) => Err(path.error(errno)),
        }
    }

    /// Change the permissions of an open file.
    #[function("fchmod($module, /, fd, mode)")]
    fn fchmod(fd: i32, mode: i32) -> PyResult<()> {
        audit("os.chmod", &[&int(fd), &int(mode), &int(-1)])?;
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::fchmod(fd, mode as libc::mode_t) }).map(drop)
    }

    /// Change owner and group of a file; -1 leaves one as it is.
    #[function("chown($module, /, path, uid, gid, *, dir_fd=None, follow_symlinks=True)")]
    fn chown(path: PathOrFd, uid: Uid, gid: Gid, dir_fd: Option<DirFd>, follow_symlinks: bool) -> PyResult<()> {
        let dir_fd = super::dir_fd(dir_fd);
        check_dir_fd("chown", &path, dir_fd)?;
        check_follow("chown", &path, follow_symlinks)?;
        chown_path(&path, uid, gid, dir_fd, follow_symlinks)
    }

    /// Change owner and group of an open file; -1 leaves one as it is.
    #[function("fchown($module, /, fd, uid, gid)")]
    fn fchown(fd: i32, uid: Uid, gid: Gid) -> PyResult<()> {
        audit("os.chown", &[&int(fd), &id_object(uid.0), &id_object(gid.0), &int(-1)])?;
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::fchown(fd, uid.0, gid.0) }).map(drop)
    }

    /// Change owner and group of a file or, itself, of a symbolic link.
    #[function("lchown($module, /, path, uid, gid)")]
    fn lchown(path: Path, uid: Uid, gid: Gid) -> PyResult<()> {
        chown_path(&path, uid, gid, libc::AT_FDCWD, false)
    }

    /// Set access and modification time of a file.
    ///
    ///   times
    ///     (atime, mtime) in seconds; None for the present time.
    ///   ns
    ///     (atime, mtime) in nanoseconds, instead of times.
    #[function("utime($module, /, path, times=None, *, ns=<unrepresentable>, dir_fd=None, follow_symlinks=True)")]
    fn utime(path: PathOrFd, times: Option<&Object>, ns: Option<&Object>, dir_fd: Option<DirFd>, follow_symlinks: bool) -> PyResult<()> {
        let values = utime_times(times, ns)?;
        let dir_fd = super::dir_fd(dir_fd);
        check_dir_fd("utime", &path, dir_fd)?;
        check_follow("utime", &path, follow_symlinks)?;
        let none = runtime::types::none();
        audit("os.utime", &[&path.object, times.unwrap_or(none), ns.unwrap_or(none), &int(shown_dir_fd(dir_fd))])?;
        let (text, fd) = (Pointer(path.as_ptr() as *mut _), path.fd);
        once(move || {
            let values = values.as_ref().map_or(std::ptr::null(), |v| v.as_ptr());
            // SAFETY: a C string or NULL; two times or NULL.
            unsafe {
                if fd != -1 {
                    libc::futimens(fd, values)
                } else {
                    libc::utimensat(dir_fd, text.get(), values, if follow_symlinks { 0 } else { libc::AT_SYMLINK_NOFOLLOW })
                }
            }
        })
        .map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// Change the mask that is taken off the permissions of new files; gives the former one.
    #[function("umask($module, mask, /)")]
    fn umask(mask: i32) -> u32 {
        // SAFETY: numbers only.
        unsafe { libc::umask(mask as libc::mode_t) }
    }

    /// Set the size of a file.
    #[function("truncate($module, /, path, length)")]
    fn truncate(path: PathOrFd, length: i64) -> PyResult<()> {
        if path.fd != -1 {
            return truncate_fd(path.fd, length);
        }
        audit("os.truncate", &[&path.object, &int(length)])?;
        let text = Pointer(path.as_ptr() as *mut _);
        // SAFETY: a C string or NULL.
        once(move || unsafe { libc::truncate(text.get(), length) }).map_err(|errno| path.error(errno))?;
        Ok(())
    }

    /// Set the size of an open file.
    #[function("ftruncate($module, fd, length, /)")]
    fn ftruncate(fd: i32, length: i64) -> PyResult<()> {
        truncate_fd(fd, length)
    }

    /// Write the file's data to the disk.
    #[function("fsync($module, /, fd)")]
    fn fsync(fd: Fildes) -> PyResult<()> {
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::fsync(fd.0) }).map(drop)
    }

    /// Write the file's data to the disk, without metadata that is not needed to read it.
    #[function("fdatasync($module, /, fd)")]
    fn fdatasync(fd: Fildes) -> PyResult<()> {
        // SAFETY: numbers only.
        retry_os(|| unsafe { libc::fdatasync(fd.0) }).map(drop)
    }

    /// Write all data to the disks.
    #[function("sync($module, /)")]
    fn sync() -> PyResult<()> {
        once_os(|| {
            // SAFETY: no arguments.
            unsafe { libc::sync() };
            0
        })
        .map(drop)
    }
}

fn truncate_fd(fd: c_int, length: i64) -> PyResult<()> {
    audit("os.truncate", &[&int(fd), &int(length)])?;
    // SAFETY: numbers only.
    retry_os(|| unsafe { libc::ftruncate(fd, length) }).map(drop)
}
