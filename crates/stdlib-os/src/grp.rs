//! `grp`: the group database.

use crate::posix::path::{Gid, id_object};
use crate::posix::results::ResultType;
use crate::pwd::{look_up, name_argument, text_or_none};
use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Owned;
use runtime::types::structseq::Field;
use runtime::types::{List, Module, Str};

static STRUCT_GROUP: ResultType = ResultType::new(
    "grp.struct_group",
    "grp.struct_group: what getgr*() give.\n\nA tuple of (name, passwd, gid, mem), by name gr_name and so on.",
    &[
        Field::new("gr_name", "group name"),
        Field::new("gr_passwd", "password"),
        Field::new("gr_gid", "group id"),
        Field::new("gr_mem", "names of the members"),
    ],
    4,
);

fn entry(entry: &libc::group) -> PyResult {
    let members = List::new();
    // SAFETY: an entry that the library filled in; its members are a NULL-ended array.
    unsafe {
        let mut at = entry.gr_mem;
        while !at.is_null() && !at.read_unaligned().is_null() {
            members.append(&text_or_none(at.read_unaligned()))?;
            at = at.add(1);
        }
        STRUCT_GROUP.make(vec![text_or_none(entry.gr_name), text_or_none(entry.gr_passwd), id_object(entry.gr_gid), members.into_object()])
    }
}

/// This module gives access to the groups that the system knows, as tuples (name, password, group id,
/// names of the members) with named items. A user's own group need not list the user.
#[pymodule(name = "grp")]
pub mod grp {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("struct_group", STRUCT_GROUP.get()?)
    }

    /// The entry of a group id.
    #[function("getgrgid($module, /, id)")]
    fn getgrgid(id: Gid) -> PyResult {
        // SAFETY: the arguments of the lookup.
        match look_up(|out, buffer, size, found| unsafe { libc::getgrgid_r(id.0, out, buffer, size, found) })? {
            Some((found, _buffer)) => entry(&found),
            None => Err(err!(KeyError, "getgrgid(): gid not found: {}", &*runtime::protocol::object::str(&id_object(id.0))?)),
        }
    }

    /// The entry of a group name.
    #[function("getgrnam($module, /, name)")]
    fn getgrnam(name: &Str) -> PyResult {
        let text = name_argument(name)?;
        let c_text = &text;
        // SAFETY: the arguments of the lookup.
        match look_up(|out, buffer, size, found| unsafe { libc::getgrnam_r(c_text.as_ptr(), out, buffer, size, found) })? {
            Some((found, _buffer)) => entry(&found),
            None => Err(err!(KeyError, "getgrnam(): name not found: {}", &*name.repr()?)),
        }
    }

    /// All entries, in no order.
    #[function("getgrall($module, /)")]
    fn getgrall() -> PyResult<Owned<List>> {
        let all = List::new();
        // SAFETY: the library's own storage, which is read before the next call, under the GIL.
        unsafe {
            libc::setgrent();
            loop {
                let found = libc::getgrent();
                if found.is_null() {
                    break;
                }
                let made = entry(&*found).and_then(|made| all.append(&made));
                if let Err(raised) = made {
                    libc::endgrent();
                    return Err(raised);
                }
            }
            libc::endgrent();
        }
        Ok(all)
    }
}
