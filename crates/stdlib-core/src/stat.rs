//! `_stat`: the bits of a file's mode, and their picture.

use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Object;
use runtime::types::{Int, Module};

/// A mode as an argument.
fn mode(o: &Object) -> PyResult<u32> {
    let int = runtime::protocol::number::index(o)?;
    match int.as_u64() {
        Some(mode) => u32::try_from(mode).map_err(|_| err!(OverflowError, "mode out of range")),
        None if int.is_negative() => Err(err!(OverflowError, "can't convert negative value to unsigned int")),
        None => Err(err!(OverflowError, "Python int too large to convert to C unsigned long")),
    }
}

const TYPE: u32 = 0o170000;

fn has_type(o: &Object, kind: u32) -> PyResult<bool> {
    Ok(mode(o)? & TYPE == kind)
}

/// Constants of the module: names and values.
const CONSTANTS: &[(&str, i64)] = &[
    ("S_IFDIR", 0o40000),
    ("S_IFCHR", 0o20000),
    ("S_IFBLK", 0o60000),
    ("S_IFREG", 0o100000),
    ("S_IFIFO", 0o10000),
    ("S_IFLNK", 0o120000),
    ("S_IFSOCK", 0o140000),
    ("S_IFDOOR", 0o0),
    ("S_IFPORT", 0o0),
    ("S_IFWHT", 0o0),
    ("S_ISUID", 0o4000),
    ("S_ISGID", 0o2000),
    ("S_ISVTX", 0o1000),
    ("S_ENFMT", 0o2000),
    ("S_IREAD", 0o400),
    ("S_IWRITE", 0o200),
    ("S_IEXEC", 0o100),
    ("S_IRWXU", 0o700),
    ("S_IRUSR", 0o400),
    ("S_IWUSR", 0o200),
    ("S_IXUSR", 0o100),
    ("S_IRWXG", 0o70),
    ("S_IRGRP", 0o40),
    ("S_IWGRP", 0o20),
    ("S_IXGRP", 0o10),
    ("S_IRWXO", 0o7),
    ("S_IROTH", 0o4),
    ("S_IWOTH", 0o2),
    ("S_IXOTH", 0o1),
    ("UF_SETTABLE", 0o177777),
    ("UF_NODUMP", 0o1),
    ("UF_IMMUTABLE", 0o2),
    ("UF_APPEND", 0o4),
    ("UF_OPAQUE", 0o10),
    ("UF_NOUNLINK", 0o20),
    ("UF_COMPRESSED", 0o40),
    ("UF_TRACKED", 0o100),
    ("UF_DATAVAULT", 0o200),
    ("UF_HIDDEN", 0o100000),
    ("SF_SETTABLE", 0o37777600000),
    ("SF_ARCHIVED", 0o200000),
    ("SF_IMMUTABLE", 0o400000),
    ("SF_APPEND", 0o1000000),
    ("SF_NOUNLINK", 0o4000000),
    ("SF_SNAPSHOT", 0o10000000),
    ("SF_FIRMLINK", 0o40000000),
    ("SF_DATALESS", 0o10000000000),
    ("ST_MODE", 0),
    ("ST_INO", 1),
    ("ST_DEV", 2),
    ("ST_NLINK", 3),
    ("ST_UID", 4),
    ("ST_GID", 5),
    ("ST_SIZE", 6),
    ("ST_ATIME", 7),
    ("ST_MTIME", 8),
    ("ST_CTIME", 9),
];

/// S_IFMT_: file type bits; S_IFDIR, S_IFREG ...: the types
/// S_ISUID, S_ISGID, S_ISVTX: set UID, set GID, save swapped text after use
/// S_IRWXU, S_IRUSR ...: permissions of the owner, the group (G, GRP) and others (O, OTH)
/// UF_..., SF_...: flags of files on some systems
/// ST_...: places in the tuple that os.stat() gives
#[pymodule(name = "_stat")]
pub mod stat {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        CONSTANTS.iter().try_for_each(|(name, value)| module.add(name, &*Int::from_i64(*value)))
    }

    /// S_ISDIR(mode) -> bool
    ///
    /// Return True if mode is from a directory.
    #[function("S_ISDIR($self, object, /)")]
    fn s_isdir(object: &Object) -> PyResult<bool> {
        has_type(object, 0o040000)
    }

    /// S_ISCHR(mode) -> bool
    ///
    /// Return True if mode is from a character special device file.
    #[function("S_ISCHR($self, object, /)")]
    fn s_ischr(object: &Object) -> PyResult<bool> {
        has_type(object, 0o020000)
    }

    /// S_ISBLK(mode) -> bool
    ///
    /// Return True if mode is from a block special device file.
    #[function("S_ISBLK($self, object, /)")]
    fn s_isblk(object: &Object) -> PyResult<bool> {
        has_type(object, 0o060000)
    }

    /// S_ISREG(mode) -> bool
    ///
    /// Return True if mode is from a regular file.
    #[function("S_ISREG($self, object, /)")]
    fn s_isreg(object: &Object) -> PyResult<bool> {
        has_type(object, 0o100000)
    }

    /// S_ISFIFO(mode) -> bool
    ///
    /// Return True if mode is from a FIFO (named pipe).
    #[function("S_ISFIFO($self, object, /)")]
    fn s_isfifo(object: &Object) -> PyResult<bool> {
        has_type(object, 0o010000)
    }

    /// S_ISLNK(mode) -> bool
    ///
    /// Return True if mode is from a symbolic link.
    #[function("S_ISLNK($self, object, /)")]
    fn s_islnk(object: &Object) -> PyResult<bool> {
        has_type(object, 0o120000)
    }

    /// S_ISSOCK(mode) -> bool
    ///
    /// Return True if mode is from a socket.
    #[function("S_ISSOCK($self, object, /)")]
    fn s_issock(object: &Object) -> PyResult<bool> {
        has_type(object, 0o140000)
    }

    /// S_ISDOOR(mode) -> bool
    ///
    /// Return True if mode is from a door; this system has none.
    #[function("S_ISDOOR($self, object, /)")]
    fn s_isdoor(object: &Object) -> PyResult<bool> {
        mode(object).map(|_| false)
    }

    /// S_ISPORT(mode) -> bool
    ///
    /// Return True if mode is from a event port; this system has none.
    #[function("S_ISPORT($self, object, /)")]
    fn s_isport(object: &Object) -> PyResult<bool> {
        mode(object).map(|_| false)
    }

    /// S_ISWHT(mode) -> bool
    ///
    /// Return True if mode is from a whiteout; this system has none.
    #[function("S_ISWHT($self, object, /)")]
    fn s_iswht(object: &Object) -> PyResult<bool> {
        mode(object).map(|_| false)
    }

    /// Return the portion of the file's mode that can be set by os.chmod().
    #[function("S_IMODE($self, object, /)")]
    fn s_imode(object: &Object) -> PyResult<u32> {
        Ok(mode(object)? & 0o7777)
    }

    /// Return the portion of the file's mode that describes the file type.
    #[function("S_IFMT($self, object, /)")]
    fn s_ifmt(object: &Object) -> PyResult<u32> {
        Ok(mode(object)? & TYPE)
    }

    /// Convert a file's mode to a string of the form '-rwxrwxrwx'
    #[function("filemode($self, object, /)")]
    fn filemode(object: &Object) -> PyResult<String> {
        let mode = mode(object)?;
        let mut text = String::with_capacity(10);
        text.push(match mode & TYPE {
            0o100000 => '-',
            0o040000 => 'd',
            0o120000 => 'l',
            0o060000 => 'b',
            0o020000 => 'c',
            0o010000 => 'p',
            0o140000 => 's',
            _ => '?',
        });
        // Per class: the shift of its bits, its special bit and the letter of that.
        for (shift, special, letter) in [(6, 0o4000, 's'), (3, 0o2000, 's'), (0, 0o1000, 't')] {
            let bits = mode >> shift;
            text.push(if bits & 4 != 0 { 'r' } else { '-' });
            text.push(if bits & 2 != 0 { 'w' } else { '-' });
            text.push(match (mode & special != 0, bits & 1 != 0) {
                (true, true) => letter,
                (true, false) => letter.to_ascii_uppercase(),
                (false, true) => 'x',
                (false, false) => '-',
            });
        }
        Ok(text)
    }
}
