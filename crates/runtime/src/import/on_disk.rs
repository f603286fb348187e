//! The embedded library as files, for what walks its directory or opens a file in it.
//!
//! Modules are imported from the executable and need no files; `os.__file__` and its like name places that usually do not exist. The
//! first time a program lists a directory of the library, or opens a file that only the executable has, all of it is written to its
//! place. A stamp beside the files says which library they are of: another executable's are replaced. A directory that has `os.py`
//! and no stamp belongs to somebody else and is left alone, as is one that cannot be written.

use super::bootstrap::{self, Library};
use crate::state;
use std::ffi::OsStr;
use std::fs;
use std::hash::Hasher;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

const STAMP: &str = ".taipan-library";
/// The directory that has the Makefile.
const CONFIG: &str = "config-3.14-x86_64-linux-gnu";

/// Whether the library's files are where they belong, as far as this process knows.
static DONE: AtomicBool = AtomicBool::new(false);

/// Before a directory is listed: puts the library there if it is one of the library's.
#[inline]
pub fn before_listing(directory: &[u8]) {
    if !DONE.load(Ordering::Relaxed) && directory.starts_with(b"/") {
        let is_above = |path: &str, folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        provide(directory, |library, relative| {
            relative.is_empty() || (library.files)().iter().any(|(path, _)| is_above(path, relative))
        });
    }
}

/// After a file was not found: whether it is there now.
#[cold]
pub fn provides_file(path: &[u8]) -> bool {
    !DONE.load(Ordering::Relaxed)
        && path.starts_with(b"/")
        && provide(path, |library, relative| (library.files)().iter().any(|(path, _)| *path == relative))
}

/// After a status was not found: as `provides_file`, for what is no Python source. (Sources are asked for with every traceback, and
/// have other ways to be read.)
#[cold]
pub fn provides_status(path: &[u8]) -> bool {
    !path.ends_with(b".py")
        && !DONE.load(Ordering::Relaxed)
        && path.starts_with(b"/")
        && provide(path, |library, relative| relative == CONFIG || (library.files)().iter().any(|(path, _)| *path == relative))
}

fn provide(path: &[u8], is_wanted: impl FnOnce(&Library, &str) -> bool) -> bool {
    let (root, relative) = {
        let config = state::get().config.borrow();
        let root = &config.stdlib_dir[..];
        let relative = match path.strip_prefix(root) {
            _ if root.is_empty() => return false,
            Some(relative) => relative.to_vec(),
            None if path.ends_with(b"/pyconfig.h") && header_of(root).as_os_str().as_bytes() == path => format!("/{CONFIG}/pyconfig.h").into_bytes(),
            None => return false,
        };
        (root.to_vec(), relative)
    };
    let Ok(relative) = std::str::from_utf8(&relative) else { return false };
    let Some(library) = bootstrap::library() else { return false };
    if !(relative.is_empty() || relative.starts_with('/')) || !is_wanted(&library, relative.trim_matches('/')) {
        return false;
    }
    // Once is enough, whether or not it succeeds.
    DONE.store(true, Ordering::Relaxed);
    write_library(&library, Path::new(OsStr::from_bytes(&root))).is_ok()
}

/// `PREFIX` of the library's directory.
fn prefix_of(root: &Path) -> &Path {
    root.parent().and_then(Path::parent).unwrap_or(Path::new("/"))
}

/// Where C code looks for `pyconfig.h`.
fn header_of(root: &[u8]) -> PathBuf {
    prefix_of(Path::new(OsStr::from_bytes(root))).join("include/python3.14/pyconfig.h")
}

fn write_library(library: &Library, root: &Path) -> std::io::Result<()> {
    let (stamp, place) = (stamp_of(library), root.join(STAMP));
    match fs::read_to_string(&place) {
        Ok(found) if found == stamp => return Ok(()),
        Ok(_) => fs::remove_file(&place)?,
        Err(_) if root.join("os.py").exists() => return Ok(()),
        Err(_) => {}
    }
    for (path, _) in (library.files)() {
        let Some(mut data) = (library.file)(path) else { continue };
        let target = root.join(path);
        if path.starts_with(CONFIG) || path.ends_with(".json") {
            data = String::from_utf8_lossy(&data).replace("@prefix@", &prefix_of(root).to_string_lossy()).into_bytes();
        }
        if path.ends_with("/pyconfig.h") {
            write_header(root, &data);
        }
        if let Some(folder) = target.parent() {
            fs::create_dir_all(folder)?;
        }
        // Whole or not at all, whoever else is writing it.
        let part = PathBuf::from(format!("{}.{}.part", target.display(), std::process::id()));
        fs::write(&part, data)?;
        fs::rename(&part, &target)?;
    }
    fs::write(&place, stamp)
}

/// A header that is there is somebody's, and stays.
fn write_header(root: &Path, data: &[u8]) {
    let header = header_of(root.as_os_str().as_bytes());
    if !header.exists()
        && let Some(folder) = header.parent()
        && fs::create_dir_all(folder).is_ok()
    {
        // Where it cannot be written, `CONFIG` has it.
        let _ = fs::write(&header, data);
    }
}

/// What tells one library from another.
fn stamp_of(library: &Library) -> String {
    let mut hasher = std::hash::DefaultHasher::new();
    for (path, size) in (library.files)() {
        hasher.write(path.as_bytes());
        hasher.write_usize(size);
    }
    format!("{} {:016x}\n", env!("CARGO_PKG_VERSION"), hasher.finish())
}
