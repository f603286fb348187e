//! `_posixsubprocess`: fork and exec in one call, for `subprocess`.
//!
//! The child shares the parent's memory and runs on a stack of its own (as with vfork), unless it has to change its identity or
//! run Python first: then it is a real fork. Everything is prepared before; the child makes system calls only.

use crate::call::{errno, os_error, set_errno};
use crate::posix::files::close_range;
use crate::posix::path::{Gid, Uid, fs_converter};
use crate::posix::process::{StringArray, refuse_at_shutdown, warn_about_threads};
use macros::pymodule;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::fork;
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::Object;
use runtime::protocol::{call, object, sequence};
use runtime::types::{Bytes, Int, List, Tuple};
use std::ffi::{CString, c_char, c_int, c_void};

const CONTEXT: ArgContext = ArgContext { function: "fork_exec", name: "", position: 0 };
const MAX_GROUPS: usize = 65536;

/// What the child does before it becomes the program.
struct Plan {
    programs: StringArray,
    arguments: Option<StringArray>,
    environment: Option<StringArray>,
    directory: Option<CString>,
    keep: Vec<c_int>,
    close_fds: bool,
    p2cread: c_int,
    p2cwrite: c_int,
    c2pread: c_int,
    c2pwrite: c_int,
    errread: c_int,
    errwrite: c_int,
    errpipe_read: c_int,
    errpipe_write: c_int,
    restore_signals: bool,
    call_setsid: bool,
    pgid: c_int,
    gid: Option<u32>,
    groups: Option<Vec<u32>>,
    uid: Option<u32>,
    umask: c_int,
    /// The signal mask to restore when signals were blocked for a shared-memory child.
    mask: Option<libc::sigset_t>,
}

/// Why the child did not become the program.
struct Failure {
    errno: c_int,
    message: &'static [u8],
}

fn system(result: c_int) -> Result<c_int, Failure> {
    if result == -1 { Err(Failure { errno: errno(), message: b"noexec" }) } else { Ok(result) }
}

/// # Safety
/// Numbers only; runs in the child.
unsafe fn set_inheritable(fd: c_int) -> Result<(), Failure> {
    // SAFETY: by contract.
    unsafe {
        let flags = system(libc::fcntl(fd, libc::F_GETFD))?;
        system(libc::fcntl(fd, libc::F_SETFD, flags & !libc::FD_CLOEXEC)).map(drop)
    }
}

impl Plan {
    /// The child's work up to the program's start; async-signal-safe but for `preexec`.
    /// # Safety
    /// Runs in the child.
    unsafe fn prepare(&self) -> Result<(), Failure> {
        // SAFETY (whole function): system calls on numbers and on strings of the plan.
        unsafe {
            for &fd in &self.keep {
                // A descriptor to keep that is not open is the program's concern.
                if fd != self.errpipe_write {
                    let _ = set_inheritable(fd);
                }
            }
            for fd in [self.p2cwrite, self.c2pread, self.errread, self.errpipe_read] {
                if fd >= 0 {
                    system(libc::close(fd))?;
                }
            }
            // The pipes' ends that lie where others are to go move out of the way.
            let mut c2pwrite = self.c2pwrite;
            if c2pwrite == 0 {
                c2pwrite = system(libc::dup(c2pwrite))?;
            }
            let mut errwrite = self.errwrite;
            while errwrite == 0 || errwrite == 1 {
                errwrite = system(libc::dup(errwrite))?;
            }
            for (from, to) in [(self.p2cread, 0), (c2pwrite, 1), (errwrite, 2)] {
                if from == to {
                    set_inheritable(to)?;
                } else if from != -1 {
                    system(libc::dup2(from, to))?;
                }
            }
            if let Some(directory) = &self.directory
                && libc::chdir(directory.as_ptr()) == -1
            {
                return Err(Failure { errno: errno(), message: b"noexec:chdir" });
            }
            if self.umask >= 0 {
                libc::umask(self.umask as libc::mode_t);
            }
            if self.restore_signals {
                for signal in [libc::SIGPIPE, libc::SIGXFSZ] {
                    libc::signal(signal, libc::SIG_DFL);
                }
            }
            if let Some(mask) = &self.mask {
                reset_handlers();
                system(libc::sigprocmask(libc::SIG_SETMASK, mask, std::ptr::null_mut()))?;
            }
            if self.call_setsid {
                system(libc::setsid())?;
            }
            if self.pgid >= 0 {
                system(libc::setpgid(0, self.pgid))?;
            }
            if let Some(groups) = &self.groups {
                system(libc::setgroups(groups.len(), groups.as_ptr()))?;
            }
            if let Some(gid) = self.gid {
                system(libc::setregid(gid, gid))?;
            }
            if let Some(uid) = self.uid {
                system(libc::setreuid(uid, uid))?;
            }
        }
        Ok(())
    }

    /// Closes descriptors and starts the first program that there is; returns on failure only.
    /// # Safety
    /// Runs in the child.
    unsafe fn execute(&self) -> Failure {
        let mut low = 3;
        if self.close_fds {
            for &fd in &self.keep {
                if fd >= low {
                    close_range(low, fd - 1);
                    low = fd + 1;
                }
            }
            close_range(low, c_int::MAX);
        }
        let mut failure = 0;
        let arguments = self.arguments.as_ref().map_or(std::ptr::null(), |a| a.as_ptr() as *const *const c_char);
        let mut program = self.programs.as_ptr();
        // SAFETY: NULL-ended arrays of C strings.
        unsafe {
            while !(*program).is_null() {
                match &self.environment {
                    Some(environment) => libc::execve(*program, arguments, environment.as_ptr() as *const *const c_char),
                    None => libc::execv(*program, arguments),
                };
                let errno = errno();
                if errno != libc::ENOENT && errno != libc::ENOTDIR && failure == 0 {
                    failure = errno;
                }
                program = program.add(1);
            }
        }
        Failure { errno: if failure != 0 { failure } else { errno() }, message: b"" }
    }

    /// Tells the parent through the pipe, as subprocess reads it: `OSError:hex errno:message`.
    /// # Safety
    /// Runs in the child.
    unsafe fn report(&self, failure: &Failure) {
        let mut text = [0u8; 128];
        let mut length = 0;
        let mut push = |part: &[u8]| {
            let part = &part[..part.len().min(text.len() - length)];
            text[length..length + part.len()].copy_from_slice(part);
            length += part.len();
        };
        if failure.errno != 0 {
            push(b"OSError:");
            let mut digits = [0u8; 8];
            let (mut at, mut rest) = (digits.len(), failure.errno as u32);
            while rest != 0 {
                at -= 1;
                digits[at] = b"0123456789ABCDEF"[(rest & 15) as usize];
                rest >>= 4;
            }
            push(&digits[at..]);
            push(b":");
        } else {
            push(b"SubprocessError:0:");
        }
        push(failure.message);
        // SAFETY: bytes of this function.
        unsafe { libc::write(self.errpipe_write, text.as_ptr().cast(), length) };
    }
}

/// Handlers belong to the parent; the child has default actions before it unblocks signals.
/// # Safety
/// Runs in a child with a signal table of its own.
unsafe fn reset_handlers() {
    // SAFETY: by contract; structs of numbers.
    unsafe {
        let mut default: libc::sigaction = std::mem::zeroed();
        default.sa_sigaction = libc::SIG_DFL;
        for signal in 1..65 {
            if signal == libc::SIGKILL || signal == libc::SIGSTOP {
                continue;
            }
            let mut present: libc::sigaction = std::mem::zeroed();
            if libc::sigaction(signal, std::ptr::null(), &mut present) == -1 {
                continue;
            }
            if present.sa_sigaction != libc::SIG_IGN && present.sa_sigaction != libc::SIG_DFL {
                libc::sigaction(signal, &default, std::ptr::null_mut());
            }
        }
    }
}

/// The child of a shared-memory clone.
extern "C" fn shared_child(plan: *mut c_void) -> c_int {
    // SAFETY: the plan outlives the child: the parent waits until it execs or exits.
    unsafe {
        let plan = &*(plan as *const Plan);
        let failure = match plan.prepare() {
            Ok(()) => plan.execute(),
            Err(failure) => failure,
        };
        plan.report(&failure);
        libc::_exit(255)
    }
}

const STACK: usize = 256 << 10;

/// A child that shares memory until it execs. `None`: the system refuses, a fork may do.
fn spawn_shared(plan: &mut Plan) -> Option<c_int> {
    // SAFETY: signals are blocked while the child runs, so that no handler runs in it; the stack is unmapped after it is done with it.
    unsafe {
        let stack = libc::mmap(
            std::ptr::null_mut(),
            STACK,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_STACK,
            -1,
            0,
        );
        if stack == libc::MAP_FAILED {
            return None;
        }
        let mut all: libc::sigset_t = std::mem::zeroed();
        let mut old: libc::sigset_t = std::mem::zeroed();
        libc::sigfillset(&mut all);
        libc::pthread_sigmask(libc::SIG_BLOCK, &all, &mut old);
        plan.mask = Some(old);
        let top = (stack as *mut u8).add(STACK) as *mut c_void;
        let pid = libc::clone(shared_child, top, libc::CLONE_VM | libc::CLONE_VFORK | libc::SIGCHLD, plan as *mut Plan as *mut c_void);
        let failure = errno();
        plan.mask = None;
        libc::pthread_sigmask(libc::SIG_SETMASK, &old, std::ptr::null_mut());
        libc::munmap(stack, STACK);
        set_errno(failure);
        if pid == -1 { None } else { Some(pid) }
    }
}

/// A real fork, with Python's hooks around it if there is Python code to run in the child.
fn spawn_forked(plan: &Plan, preexec: Option<&Object>) -> PyResult<c_int> {
    if preexec.is_some() {
        fork::before_fork();
    }
    // SAFETY: the child makes system calls only, or has the runtime's state put right first.
    let pid = unsafe { libc::fork() };
    let failure = errno();
    if pid == 0 {
        // SAFETY: in the child.
        unsafe {
            if preexec.is_some() && fork::after_fork_child().is_err() {
                libc::_exit(255);
            }
            let failure = match plan.prepare() {
                Err(failure) => failure,
                Ok(()) => match preexec.map(call::call0) {
                    Some(Err(_)) => {
                        errors::clear();
                        Failure { errno: 0, message: b"Exception occurred in preexec_fn." }
                    }
                    result => {
                        drop(result);
                        plan.execute()
                    }
                },
            };
            plan.report(&failure);
            libc::_exit(255)
        }
    }
    if preexec.is_some() {
        fork::after_fork_parent();
    }
    if pid == -1 {
        return Err(os_error(failure));
    }
    if preexec.is_some() {
        warn_about_threads("fork")?;
    }
    Ok(pid)
}

fn bytes_array(items: &Object) -> PyResult<StringArray> {
    let items = sequence::to_tuple(items)?;
    let strings: PyResult<Vec<CString>> = items
        .iter()
        .map(|item| match item.downcast::<Bytes>() {
            Some(bytes) => CString::new(bytes.as_slice()).map_err(|_| err!(ValueError, "embedded null byte")),
            None => Err(err!(TypeError, "expected bytes, {} found", item.type_name())),
        })
        .collect();
    Ok(StringArray::new(strings?))
}

fn kept_descriptors(fds: &Tuple) -> PyResult<Vec<c_int>> {
    let mut keep: Vec<c_int> = Vec::new();
    for item in fds.iter() {
        let fd = item.downcast::<Int>().and_then(|i| i.as_i64()).and_then(|i| c_int::try_from(i).ok());
        match fd {
            Some(fd) if fd >= 0 && keep.last().is_none_or(|&last| fd > last) => keep.push(fd),
            _ => return Err(err!(ValueError, "bad value(s) in fds_to_keep")),
        }
    }
    Ok(keep)
}

fn group_list(groups: &Object) -> PyResult<Option<Vec<u32>>> {
    if groups.is_none() {
        return Ok(None);
    }
    let Some(list) = groups.downcast::<List>() else {
        return Err(err!(TypeError, "setgroups argument must be a list"));
    };
    if list.len() > MAX_GROUPS {
        return Err(err!(ValueError, "too many extra_groups"));
    }
    let mut ids = Vec::new();
    let mut at = 0;
    while let Some(item) = list.get(at) {
        if !item.is_instance_of::<Int>() {
            return Err(err!(TypeError, "extra_groups must be integers"));
        }
        match Gid::from_arg(&item, &CONTEXT) {
            Ok(gid) => ids.push(gid.0),
            Err(_) => {
                errors::clear();
                return Err(err!(ValueError, "invalid group id"));
            }
        }
        at += 1;
    }
    Ok(Some(ids))
}

/// The helper of the subprocess module on POSIX systems.
#[pymodule(name = "_posixsubprocess")]
pub mod _posixsubprocess {
    use super::*;

    /// Start a program in a new process; gives the process's id.
    ///
    /// The child closes the parent's ends of the pipes, makes its own ends the standard files, calls
    /// preexec_fn if there is one, closes all other descriptors but pass_fds (a sorted tuple) if
    /// close_fds is true, and becomes the first of executable_list that exists. What fails in the child
    /// is written to errpipe_write for subprocess to raise.
    ///
    /// preexec_fn is not safe where there are threads: it may wait forever for a lock.
    #[function("fork_exec($module, args, executable_list, close_fds, pass_fds, cwd, env, p2cread, p2cwrite, c2pread, c2pwrite, errread, errwrite, errpipe_read, errpipe_write, restore_signals, call_setsid, pgid_to_set, gid, extra_groups, uid, child_umask, preexec_fn, /)")]
    fn fork_exec(
        args: &Object,
        executable_list: &Object,
        close_fds: bool,
        pass_fds: &Tuple,
        cwd: &Object,
        env: &Object,
        p2cread: i32,
        p2cwrite: i32,
        c2pread: i32,
        c2pwrite: i32,
        errread: i32,
        errwrite: i32,
        errpipe_read: i32,
        errpipe_write: i32,
        restore_signals: bool,
        call_setsid: bool,
        pgid_to_set: i32,
        gid: &Object,
        extra_groups: &Object,
        uid: &Object,
        child_umask: i32,
        preexec_fn: &Object,
    ) -> PyResult<i32> {
        if close_fds && errpipe_write < 3 {
            return Err(err!(ValueError, "errpipe_write must be >= 3"));
        }
        if !preexec_fn.is_none() {
            refuse_at_shutdown("preexec_fn not supported at interpreter shutdown")?;
            if !runtime::state::is_main() {
                return Err(err!(RuntimeError, "preexec_fn not supported within subinterpreters"));
            }
        }
        let keep = kept_descriptors(pass_fds)?;
        let programs = bytes_array(executable_list)?;
        let arguments = if args.is_none() {
            None
        } else {
            let items = sequence::sequence_fast(args, "argv must be a tuple or list")?;
            let count = sequence::fast_len(&items);
            let mut strings = Vec::with_capacity(count);
            for i in 0..count {
                if sequence::fast_len(&items) != count {
                    return Err(err!(RuntimeError, "args changed during iteration"));
                }
                strings.push(fs_converter(&sequence::fast_item(&items, i))?);
            }
            Some(StringArray::new(strings))
        };
        runtime::audit::audit("_posixsubprocess.fork_exec", &[executable_list, args, env])?;
        let environment = if env.is_none() { None } else { Some(bytes_array(env)?) };
        let directory = if cwd.is_none() { None } else { Some(fs_converter(cwd)?) };
        let groups = group_list(extra_groups)?;
        let gid = if gid.is_none() { None } else { Some(Gid::from_arg(gid, &CONTEXT)?.0) };
        let uid = if uid.is_none() { None } else { Some(Uid::from_arg(uid, &CONTEXT)?.0) };
        let mut plan = Plan {
            programs,
            arguments,
            environment,
            directory,
            keep,
            close_fds,
            p2cread,
            p2cwrite,
            c2pread,
            c2pwrite,
            errread,
            errwrite,
            errpipe_read,
            errpipe_write,
            restore_signals,
            call_setsid,
            pgid: pgid_to_set,
            gid,
            groups,
            uid,
            umask: child_umask,
            mask: None,
        };
        if preexec_fn.is_none() {
            let same_identity = plan.gid.is_none() && plan.uid.is_none() && plan.groups.is_none();
            if same_identity && let Some(pid) = spawn_shared(&mut plan) {
                return Ok(pid);
            }
            return spawn_forked(&plan, None);
        }
        // A collection in the child between fork and exec would free what the parent goes on using.
        let collector = runtime::import::import_module("gc")?;
        let run = |name: &str| object::get_attr_str(&collector, name).and_then(|function| call::call0(&function));
        let enabled = run("isenabled").and_then(|answer| object::is_true(&answer))?;
        if enabled {
            run("disable")?;
        }
        let result = spawn_forked(&plan, Some(preexec_fn));
        if enabled {
            drop(errors::preserve(|| run("enable")));
        }
        result
    }
}
