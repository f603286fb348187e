//! Identities: users, groups, process groups, sessions, priorities.

use super::path::{FsString, Gid, Uid, id_object};
use crate::call::{errno, os_error, quick, set_errno};
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::{Object, Owned};
use runtime::protocol::sequence;
use runtime::types::{Int, List, Str};
use std::ffi::CString;

const CONTEXT: ArgContext = ArgContext { function: "", name: "", position: 0 };

/// setgroups takes no more.
const MAX_GROUPS: usize = 65536;

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// This process's id.
    #[function("getpid($module, /)")]
    fn getpid() -> i32 {
        // SAFETY: no arguments.
        unsafe { libc::getpid() }
    }
    /// The parent process's id.
    #[function("getppid($module, /)")]
    fn getppid() -> i32 {
        // SAFETY: no arguments.
        unsafe { libc::getppid() }
    }
    /// The real user id.
    #[function("getuid($module, /)")]
    fn getuid() -> Owned {
        // SAFETY: no arguments.
        id_object(unsafe { libc::getuid() })
    }
    /// The effective user id.
    #[function("geteuid($module, /)")]
    fn geteuid() -> Owned {
        // SAFETY: no arguments.
        id_object(unsafe { libc::geteuid() })
    }
    /// The real group id.
    #[function("getgid($module, /)")]
    fn getgid() -> Owned {
        // SAFETY: no arguments.
        id_object(unsafe { libc::getgid() })
    }
    /// The effective group id.
    #[function("getegid($module, /)")]
    fn getegid() -> Owned {
        // SAFETY: no arguments.
        id_object(unsafe { libc::getegid() })
    }
    /// Real, effective and saved user id.
    #[function("getresuid($module, /)")]
    fn getresuid() -> PyResult<(Owned, Owned, Owned)> {
        let (mut real, mut effective, mut saved) = (0, 0, 0);
        // SAFETY: room for three ids.
        quick(unsafe { libc::getresuid(&mut real, &mut effective, &mut saved) })?;
        Ok((id_object(real), id_object(effective), id_object(saved)))
    }
    /// Real, effective and saved group id.
    #[function("getresgid($module, /)")]
    fn getresgid() -> PyResult<(Owned, Owned, Owned)> {
        let (mut real, mut effective, mut saved) = (0, 0, 0);
        // SAFETY: room for three ids.
        quick(unsafe { libc::getresgid(&mut real, &mut effective, &mut saved) })?;
        Ok((id_object(real), id_object(effective), id_object(saved)))
    }
    /// Set the user id.
    #[function("setuid($module, uid, /)")]
    fn setuid(uid: Uid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setuid(uid.0) }).map(drop)
    }
    /// Set the effective user id.
    #[function("seteuid($module, euid, /)")]
    fn seteuid(euid: Uid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::seteuid(euid.0) }).map(drop)
    }
    /// Set the group id.
    #[function("setgid($module, gid, /)")]
    fn setgid(gid: Gid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setgid(gid.0) }).map(drop)
    }
    /// Set the effective group id.
    #[function("setegid($module, egid, /)")]
    fn setegid(egid: Gid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setegid(egid.0) }).map(drop)
    }
    /// Set real and effective user id.
    #[function("setreuid($module, ruid, euid, /)")]
    fn setreuid(ruid: Uid, euid: Uid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setreuid(ruid.0, euid.0) }).map(drop)
    }
    /// Set real and effective group id.
    #[function("setregid($module, rgid, egid, /)")]
    fn setregid(rgid: Gid, egid: Gid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setregid(rgid.0, egid.0) }).map(drop)
    }
    /// Set real, effective and saved user id.
    #[function("setresuid($module, ruid, euid, suid, /)")]
    fn setresuid(ruid: Uid, euid: Uid, suid: Uid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setresuid(ruid.0, euid.0, suid.0) }).map(drop)
    }
    /// Set real, effective and saved group id.
    #[function("setresgid($module, rgid, egid, sgid, /)")]
    fn setresgid(rgid: Gid, egid: Gid, sgid: Gid) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setresgid(rgid.0, egid.0, sgid.0) }).map(drop)
    }

    /// The supplementary groups of this process.
    #[function("getgroups($module, /)")]
    fn getgroups() -> PyResult<Owned<List>> {
        // SAFETY: asks for the count, then for so many.
        let groups = unsafe {
            let count = quick(libc::getgroups(0, std::ptr::null_mut()))?;
            let mut groups = vec![0; count as usize];
            let count = quick(libc::getgroups(count, groups.as_mut_ptr()))?;
            groups.truncate(count as usize);
            groups
        };
        Ok(List::from_owned(groups.into_iter().map(id_object).collect()))
    }

    /// Set the supplementary groups of this process.
    #[function("setgroups($module, groups, /)")]
    fn setgroups(groups: &Object) -> PyResult<()> {
        if !sequence::is_sequence(groups) {
            return Err(err!(TypeError, "setgroups argument must be a sequence"));
        }
        let count = sequence::len(groups)?;
        if count > MAX_GROUPS {
            return Err(err!(ValueError, "too many groups"));
        }
        let mut ids = Vec::with_capacity(count);
        for i in 0..count {
            let item = sequence::sequence_get_item(groups, i as isize)?;
            if !item.is_instance_of::<Int>() {
                return Err(err!(TypeError, "groups must be integers"));
            }
            ids.push(Gid::from_arg(&item, &CONTEXT)?.0);
        }
        // SAFETY: an array of so many ids.
        quick(unsafe { libc::setgroups(ids.len(), ids.as_ptr()) }).map(drop)
    }

    /// The groups that a user is in.
    #[function("getgrouplist($module, user, group, /)")]
    fn getgrouplist(user: &str, group: Gid) -> PyResult<Owned<List>> {
        let user = CString::new(user).unwrap_or_default();
        let mut capacity = 64;
        loop {
            let (mut groups, mut count) = (vec![0; capacity], capacity as i32);
            // SAFETY: room for so many groups.
            let found = unsafe { libc::getgrouplist(user.as_ptr(), group.0, groups.as_mut_ptr(), &mut count) };
            if found != -1 {
                groups.truncate(count as usize);
                return Ok(List::from_owned(groups.into_iter().map(id_object).collect()));
            }
            if capacity > 1 << 20 {
                return Err(os_error(errno()));
            }
            capacity *= 2;
        }
    }

    /// Set the supplementary groups to those that a user is in.
    #[function("initgroups($module, username, gid, /)")]
    fn initgroups(username: FsString, gid: Gid) -> PyResult<()> {
        // SAFETY: a C string.
        quick(unsafe { libc::initgroups(username.as_ptr(), gid.0) }).map(drop)
    }

    /// The name of the user who logged in.
    #[function("getlogin($module, /)")]
    fn getlogin() -> PyResult<Owned<Str>> {
        let mut name = [0u8; 256];
        // SAFETY: room for so many bytes.
        match unsafe { getlogin_r(name.as_mut_ptr().cast(), name.len()) } {
            0 => Ok(super::super::path::decode(name.split(|&b| b == 0).next().unwrap_or(&[]))),
            errno => Err(os_error(errno)),
        }
    }

    /// The process group of a process; 0 is this one.
    #[function("getpgid($module, /, pid)")]
    fn getpgid(pid: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::getpgid(pid) })
    }
    /// This process's group.
    #[function("getpgrp($module, /)")]
    fn getpgrp() -> i32 {
        // SAFETY: no arguments.
        unsafe { libc::getpgrp() }
    }
    /// Make this process the leader of its process group.
    #[function("setpgrp($module, /)")]
    fn setpgrp() -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setpgid(0, 0) }).map(drop)
    }
    /// Put a process into a process group.
    #[function("setpgid($module, pid, pgrp, /)")]
    fn setpgid(pid: i32, pgrp: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setpgid(pid, pgrp) }).map(drop)
    }
    /// The session of a process.
    #[function("getsid($module, pid, /)")]
    fn getsid(pid: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::getsid(pid) })
    }
    /// Start a session.
    #[function("setsid($module, /)")]
    fn setsid() -> PyResult<()> {
        // SAFETY: no arguments.
        quick(unsafe { libc::setsid() }).map(drop)
    }
    /// The foreground process group of a terminal.
    #[function("tcgetpgrp($module, fd, /)")]
    fn tcgetpgrp(fd: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::tcgetpgrp(fd) })
    }
    /// Set the foreground process group of a terminal.
    #[function("tcsetpgrp($module, fd, pgid, /)")]
    fn tcsetpgrp(fd: i32, pgid: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::tcsetpgrp(fd, pgid) }).map(drop)
    }

    /// Scheduling priority of a process, process group or user.
    #[function("getpriority($module, /, which, who)")]
    fn getpriority(which: i32, who: i32) -> PyResult<i32> {
        set_errno(0);
        // SAFETY: numbers only.
        let priority = unsafe { libc::getpriority(which as _, who as libc::id_t) };
        if errno() != 0 { Err(os_error(errno())) } else { Ok(priority) }
    }
    /// Set the scheduling priority of a process, process group or user.
    #[function("setpriority($module, /, which, who, priority)")]
    fn setpriority(which: i32, who: i32, priority: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        quick(unsafe { libc::setpriority(which as _, who as libc::id_t, priority) }).map(drop)
    }
    /// Add to this process's niceness; gives the new one.
    #[function("nice($module, increment, /)")]
    fn nice(increment: i32) -> PyResult<i32> {
        set_errno(0);
        // SAFETY: numbers only.
        let value = unsafe { libc::nice(increment) };
        if value == -1 && errno() != 0 { Err(os_error(errno())) } else { Ok(value) }
    }
}

unsafe extern "C" {
    fn getlogin_r(name: *mut std::ffi::c_char, size: usize) -> std::ffi::c_int;
}
