//! What works on paths as text, and the environment: no file is touched here.

use super::path::{FsString, TextOrBytes, decode, fspath as fspath_of};
use crate::call::quick;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::types::{Bytes, Dict, Str};

/// The normal form: no empty and `.` parts, `..` folded where something precedes; `//` at the start stays.
fn normalize<T: Copy + PartialEq>(path: &[T], slash: T, dot: T) -> Vec<T> {
    let leading = path.iter().take_while(|&&c| c == slash).count();
    let root = match leading {
        2 => 2,
        0 => 0,
        _ => 1,
    };
    let mut out = vec![slash; root];
    let mut starts: Vec<usize> = Vec::new();
    for part in path.split(|&c| c == slash) {
        if part.is_empty() || part == [dot] {
            continue;
        }
        if part == [dot, dot] {
            let last_is_parent = starts.last().is_none_or(|&at| out[at..] == [dot, dot]);
            if !last_is_parent {
                if let Some(at) = starts.pop() {
                    out.truncate(at.saturating_sub(1).max(root));
                }
                continue;
            }
            if root > 0 {
                continue;
            }
        }
        if out.len() > root {
            out.push(slash);
        }
        starts.push(out.len());
        out.extend_from_slice(part);
    }
    if out.is_empty() {
        out.push(dot);
    }
    out
}

/// How much of the path is its root: nothing, `/` or `//`.
fn root_length(path: impl Iterator<Item = bool>) -> usize {
    match path.take(3).take_while(|&slash| slash).count() {
        2 => 2,
        0 => 0,
        _ => 1,
    }
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// The path as str or bytes: itself, or what its __fspath__() method gives.
    #[function("fspath($module, /, path)")]
    fn fspath(path: &Object) -> PyResult {
        fspath_of(path)
    }

    /// Normalize a path, without '.', empty and avoidable '..' parts.
    #[function("_path_normpath($module, /, path)")]
    fn _path_normpath(path: TextOrBytes) -> PyResult<Owned> {
        if let Some(bytes) = path.0.downcast::<Bytes>() {
            return Ok(Bytes::new(&normalize(bytes.as_slice(), b'/', b'.')).into_object());
        }
        match path.0.downcast::<Str>() {
            Some(text) => {
                let points: Vec<u32> = text.code_points().collect();
                Ok(Str::from_code_points(&normalize(&points, '/' as u32, '.' as u32)).into_object())
            }
            None => Err(runtime::errors::bad_internal_call()),
        }
    }

    /// Split a path into drive (always empty here), root and the rest.
    #[function("_path_splitroot_ex($module, /, p)")]
    fn _path_splitroot_ex(p: TextOrBytes) -> PyResult<(Owned, Owned, Owned)> {
        if let Some(bytes) = p.0.downcast::<Bytes>() {
            let (root, rest) = bytes.as_slice().split_at(root_length(bytes.as_slice().iter().map(|&b| b == b'/')));
            return Ok((Bytes::new(b"").into_object(), Bytes::new(root).into_object(), Bytes::new(rest).into_object()));
        }
        match p.0.downcast::<Str>() {
            Some(text) => {
                let at = root_length(text.code_points().map(|c| c == '/' as u32));
                let (root, rest) = (text.substring(0, at)?, text.substring(at, text.len())?);
                Ok((Str::new("").into_object(), root.into_object(), rest.into_object()))
            }
            None => Err(runtime::errors::bad_internal_call()),
        }
    }

    /// The process's environment as a dict of bytes.
    #[function("_create_environ($module, /)")]
    fn _create_environ() -> PyResult<Owned<Dict>> {
        environment()
    }

    /// Set an environment variable.
    #[function("putenv($module, name, value, /)")]
    fn putenv(name: FsString, value: FsString) -> PyResult<()> {
        if name.to_bytes().contains(&b'=') {
            return Err(err!(ValueError, "illegal environment variable name"));
        }
        audit("os.putenv", &[&Bytes::new(name.to_bytes()), &Bytes::new(value.to_bytes())])?;
        // SAFETY: C strings; the environment is changed under the GIL, as in every Python.
        quick(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) }).map(drop)
    }

    /// Remove an environment variable.
    #[function("unsetenv($module, name, /)")]
    fn unsetenv(name: FsString) -> PyResult<()> {
        audit("os.unsetenv", &[&Bytes::new(name.to_bytes())])?;
        // SAFETY: as above.
        quick(unsafe { libc::unsetenv(name.as_ptr()) }).map(drop)
    }

    /// The text of an error number.
    #[function("strerror($module, code, /)")]
    fn strerror(code: i32) -> Owned<Str> {
        decode(runtime::exceptions::os_error::strerror(code).as_bytes())
    }

    /// The encoding of a terminal; None if the descriptor is none.
    #[function("device_encoding($module, /, fd)")]
    fn device_encoding(fd: i32) -> Option<&'static str> {
        // SAFETY: numbers only.
        if unsafe { libc::isatty(fd) } == 1 { Some("UTF-8") } else { None }
    }
}

/// The environment as bytes; of a name that is there twice, the first counts.
pub fn environment() -> PyResult<Owned<Dict>> {
    let dict = Dict::new();
    for (name, value) in std::env::vars_os() {
        let (name, value) = (Bytes::new(name.as_encoded_bytes()), Bytes::new(value.as_encoded_bytes()));
        dict.set_default(&name, &value)?;
    }
    Ok(dict)
}

#[cfg(test)]
mod tests {
    use super::normalize;

    #[test]
    fn normal_forms() {
        for (path, normal) in [("", "."), ("//a/../b", "//b"), ("///a", "/a"), ("/../a/./", "/a"), ("../../a/..", "../.."), ("a/..", "."), ("a//b/../../..", "..")] {
            assert_eq!(normalize(path.as_bytes(), b'/', b'.'), normal.as_bytes(), "{path}");
        }
    }
}
