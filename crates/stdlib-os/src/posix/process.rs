//! Processes: fork, exec, waiting, signals, exit.

use super::path::{FsString, Path, PathOrFd, fs_converter};
use super::results::{WAITID_RESULT, int};
use crate::call::{Pointer, errno, once_os, os_error, quick, retry_os};
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::fork;
use runtime::object::{Object, Owned};
use runtime::protocol::{mapping, number, object, sequence};
use runtime::types::{List, Tuple};
use std::ffi::{CString, c_char, c_int};

/// A NULL-ended array of C strings, as exec takes it.
pub struct StringArray {
    strings: Vec<CString>,
    pointers: Vec<*mut c_char>,
}

impl StringArray {
    pub fn new(strings: Vec<CString>) -> StringArray {
        let mut pointers: Vec<*mut c_char> = strings.iter().map(|s| s.as_ptr() as *mut c_char).collect();
        pointers.push(std::ptr::null_mut());
        StringArray { strings, pointers }
    }
    pub fn as_ptr(&self) -> *const *mut c_char {
        self.pointers.as_ptr()
    }
    pub fn is_empty(&self) -> bool {
        self.strings.is_empty()
    }
    pub fn first_is_empty(&self) -> bool {
        self.strings.first().is_none_or(|s| s.is_empty())
    }
}

/// The arguments for a new program. None if the object is no tuple or list.
pub fn string_array(arguments: &Object) -> PyResult<Option<StringArray>> {
    if !arguments.is_instance_of::<Tuple>() && !arguments.is_instance_of::<List>() {
        return Ok(None);
    }
    let items = sequence::to_tuple(arguments)?;
    let strings: PyResult<Vec<CString>> = items.iter().map(fs_converter).collect();
    Ok(Some(StringArray::new(strings?)))
}

/// The `name=value` strings of a mapping.
pub fn environment_array(env: &Object) -> PyResult<StringArray> {
    let (keys, values) = (mapping::keys(env)?, mapping::values(env)?);
    let mut strings = Vec::new();
    for i in 0..keys.len() {
        let (Some(key), Some(value)) = (keys.get(i), values.get(i)) else { break };
        let (key, value) = (fs_converter(&key)?, fs_converter(&value)?);
        if key.is_empty() || key.as_bytes()[1..].contains(&b'=') {
            return Err(err!(ValueError, "illegal environment variable name"));
        }
        let mut text = key.into_bytes();
        text.push(b'=');
        text.extend_from_slice(value.as_bytes());
        strings.push(CString::new(text).unwrap_or_default());
    }
    Ok(StringArray::new(strings))
}

/// DeprecationWarning if there are other threads, whose locks the child may wait for forever.
pub fn warn_about_threads(function: &str) -> PyResult<()> {
    let threads = std::fs::read_to_string("/proc/self/stat").ok().and_then(|text| {
        let rest = text.rsplit_once(')')?.1;
        rest.split_ascii_whitespace().nth(17)?.parse::<u32>().ok()
    });
    if threads.is_some_and(|n| n > 1) {
        let words = format!(
            "This process (pid={}) is multi-threaded, use of {}() may lead to deadlocks in the child.",
            std::process::id(),
            function
        );
        runtime::modules::warnings::warn(runtime::exceptions::DeprecationWarning(), &words, 1)?;
    }
    Ok(())
}

/// Nothing may be forked that would run Python while the interpreter ends.
pub fn refuse_at_shutdown(words: &str) -> PyResult<()> {
    if runtime::gil::is_finalizing() { Err(err!(PythonFinalizationError, "{}", words)) } else { Ok(()) }
}

fn may_fork() -> PyResult<()> {
    if runtime::state::get().features.get().allow_fork { Ok(()) } else { Err(err!(RuntimeError, "fork not supported for isolated subinterpreters")) }
}

fn may_exec() -> PyResult<()> {
    if runtime::state::get().features.get().allow_exec { Ok(()) } else { Err(err!(RuntimeError, "exec not supported for isolated subinterpreters")) }
}

/// Forks with all hooks; `call` does it. The errno of a failure counts after the hooks have run.
fn fork_with(function: &'static str, call: impl FnOnce() -> c_int) -> PyResult<c_int> {
    fork::before_fork();
    let pid = call();
    let failure = errno();
    if pid == 0 {
        // SAFETY: the child of a fork by this thread.
        unsafe { fork::after_fork_child()? };
        return Ok(0);
    }
    fork::after_fork_parent();
    if pid == -1 {
        return Err(os_error(failure));
    }
    warn_about_threads(function)?;
    Ok(pid)
}

fn wait_for(pid: c_int, options: c_int) -> PyResult<(c_int, c_int)> {
    let mut status = 0;
    let out = Pointer(&raw mut status);
    // SAFETY: room for the status.
    let pid = retry_os(|| unsafe { libc::waitpid(pid, out.get(), options) })?;
    Ok((pid, status))
}

fn wait_with_usage(pid: c_int, options: c_int) -> PyResult<(c_int, c_int, Owned)> {
    let mut status = 0;
    // SAFETY: a struct of numbers.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let (out, usage_out) = (Pointer(&raw mut status), Pointer(&raw mut usage));
    // SAFETY: room for the results.
    let pid = retry_os(|| unsafe { libc::wait4(pid, out.get(), options, usage_out.get()) })?;
    Ok((pid, status, crate::resource::rusage_result(&usage)?))
}

fn exec_error(path: &Path) -> runtime::errors::Raised {
    path.error(errno())
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// Fork: gives 0 in the child process, and the child's id in the parent.
    #[function("fork($module, /)")]
    fn fork() -> PyResult<i32> {
        refuse_at_shutdown("can't fork at interpreter shutdown")?;
        may_fork()?;
        audit("os.fork", &[])?;
        // SAFETY: the hooks put the child's state right.
        fork_with("fork", || unsafe { libc::fork() })
    }

    /// Fork with a new pseudo-terminal as the child's controlling terminal.
    ///
    /// Gives (0, an unusable number) in the child, and (the child's id, descriptor of the terminal's
    /// master side) in the parent.
    #[function("forkpty($module, /)")]
    fn forkpty() -> PyResult<(i32, i32)> {
        refuse_at_shutdown("can't fork at interpreter shutdown")?;
        may_fork()?;
        audit("os.forkpty", &[])?;
        let mut master = -1;
        let out = &raw mut master;
        // SAFETY: room for the descriptor; the hooks put the child's state right.
        let pid = fork_with("forkpty", || unsafe { libc::forkpty(out, std::ptr::null_mut(), std::ptr::null(), std::ptr::null()) })?;
        Ok((pid, master))
    }

    /// Register callables that run when a process is forked with fork().
    ///
    ///   before
    ///     Runs in the parent before; the last one registered first.
    ///   after_in_child
    ///     Runs in the child after.
    ///   after_in_parent
    ///     Runs in the parent after.
    #[function("register_at_fork($module, /, *, before=<unrepresentable>, after_in_child=<unrepresentable>, after_in_parent=<unrepresentable>)")]
    fn register_at_fork(before: Option<&Object>, after_in_child: Option<&Object>, after_in_parent: Option<&Object>) -> PyResult<()> {
        if before.is_none() && after_in_child.is_none() && after_in_parent.is_none() {
            return Err(err!(TypeError, "At least one argument is required."));
        }
        for (name, hook) in [("before", before), ("after_in_child", after_in_child), ("after_in_parent", after_in_parent)] {
            if let Some(hook) = hook
                && !object::is_callable(hook)
            {
                return Err(err!(TypeError, "'{}' must be callable, not {}", name, hook.type_name()));
            }
        }
        runtime::fork::register(before, after_in_child, after_in_parent);
        Ok(())
    }

    /// Replace this process's program.
    ///
    ///   path
    ///     The program.
    ///   argv
    ///     A tuple or list of its arguments, its name first.
    #[function("execv($module, path, argv, /)")]
    fn execv(path: Path, argv: &Object) -> PyResult<()> {
        may_exec()?;
        let Some(arguments) = string_array_of(argv, "execv() arg 2 must be a tuple or list")? else {
            return Err(err!(ValueError, "execv() arg 2 must not be empty"));
        };
        if arguments.first_is_empty() {
            return Err(err!(ValueError, "execv() arg 2 first element cannot be empty"));
        }
        audit("os.exec", &[&path.object, argv, runtime::types::none()])?;
        // SAFETY: a C string and a NULL-ended array.
        unsafe { libc::execv(path.as_ptr(), arguments.as_ptr() as *const *const c_char) };
        Err(os_error(errno()))
    }

    /// Replace this process's program, with an environment.
    ///
    ///   path
    ///     The program, or an open file descriptor of it.
    ///   argv
    ///     A tuple or list of its arguments, its name first.
    ///   env
    ///     A mapping of names to values.
    #[function("execve($module, /, path, argv, env)")]
    fn execve(path: PathOrFd, argv: &Object, env: &Object) -> PyResult<()> {
        may_exec()?;
        let Some(arguments) = string_array_of(argv, "execve: argv must be a tuple or list")? else {
            return Err(err!(ValueError, "execve: argv must not be empty"));
        };
        if arguments.first_is_empty() {
            return Err(err!(ValueError, "execve: argv first element cannot be empty"));
        }
        if !mapping::is_mapping(env) {
            return Err(err!(TypeError, "execve: environment must be a mapping object"));
        }
        let environment = environment_array(env)?;
        audit("os.exec", &[&path.object, argv, env])?;
        let (arguments, environment) = (arguments.as_ptr() as *const *const c_char, environment.as_ptr() as *const *const c_char);
        // SAFETY: a C string or NULL, and NULL-ended arrays.
        unsafe {
            if path.fd > -1 {
                libc::fexecve(path.fd, arguments, environment);
            } else {
                libc::execve(path.as_ptr(), arguments, environment);
            }
        }
        Err(exec_error(&path))
    }

    /// Run a command in a shell; gives its wait status.
    #[function("system($module, /, command)")]
    fn system(command: FsString) -> PyResult<i32> {
        audit("os.system", &[&super::super::path::decode_c(&command)])?;
        let command = command.0;
        // SAFETY: a C string.
        Ok(runtime::gil::allow_threads(move || unsafe { libc::system(command.as_ptr()) }))
    }

    /// Send a signal to a process.
    #[function("kill($module, pid, signal, /)")]
    fn kill(pid: i32, signal: isize) -> PyResult<()> {
        let signal = c_int::try_from(signal).map_err(|_| err!(OverflowError, "Python int too large to convert to C int"))?;
        audit("os.kill", &[&int(pid), &int(signal)])?;
        // SAFETY: numbers only.
        quick(unsafe { libc::kill(pid, signal) })?;
        // A signal to this process has its handler run now.
        runtime::gil::check_signals()
    }

    /// Send a signal to a process group.
    #[function("killpg($module, pgid, signal, /)")]
    fn killpg(pgid: i32, signal: i32) -> PyResult<()> {
        audit("os.killpg", &[&int(pgid), &int(signal)])?;
        // SAFETY: numbers only.
        quick(unsafe { libc::killpg(pgid, signal) })?;
        runtime::gil::check_signals()
    }

    /// Exit at once, without clearing anything up.
    #[function("_exit($module, /, status)")]
    fn _exit(status: i32) {
        // SAFETY: does not return.
        unsafe { libc::_exit(status) }
    }

    /// Abort the process with the signal SIGABRT.
    #[function("abort($module, /)")]
    fn abort() {
        // SAFETY: does not return.
        unsafe { libc::abort() }
    }

    /// Wait for a child process: (its id, its wait status).
    #[function("wait($module, /)")]
    fn wait() -> PyResult<(i32, i32)> {
        wait_for(-1, 0)
    }

    /// Wait for the given child process: (its id, its wait status).
    #[function("waitpid($module, pid, options, /)")]
    fn waitpid(pid: i32, options: i32) -> PyResult<(i32, i32)> {
        wait_for(pid, options)
    }

    /// Wait for a child process: (its id, its wait status, what resources it used).
    #[function("wait3($module, /, options)")]
    fn wait3(options: i32) -> PyResult<(i32, i32, Owned)> {
        wait_with_usage(-1, options)
    }

    /// Wait for the given child process: (its id, its wait status, what resources it used).
    #[function("wait4($module, /, pid, options)")]
    fn wait4(pid: i32, options: i32) -> PyResult<(i32, i32, Owned)> {
        wait_with_usage(pid, options)
    }

    /// Wait for a change of one or several child processes: a waitid_result, or None if there was none (WNOHANG).
    ///
    ///   idtype
    ///     P_PID, P_PGID, P_PIDFD or P_ALL.
    ///   id
    ///     Which one.
    ///   options
    ///     A sum of WEXITED, WSTOPPED or WCONTINUED, and WNOHANG or WNOWAIT.
    #[function("waitid($module, idtype, id, options, /)")]
    fn waitid(idtype: i32, id: i32, options: i32) -> PyResult {
        // SAFETY: a struct of numbers.
        let mut info: libc::siginfo_t = unsafe { std::mem::zeroed() };
        let out = Pointer(&raw mut info);
        // SAFETY: room for the result.
        retry_os(|| unsafe { libc::waitid(idtype as libc::idtype_t, id as libc::id_t, out.get(), options) })?;
        // SAFETY: filled in for a child.
        let (pid, uid, status) = unsafe { (info.si_pid(), info.si_uid(), info.si_status()) };
        if pid == 0 {
            return Ok(runtime::types::none().to_owned());
        }
        WAITID_RESULT.make(vec![int(pid), super::super::path::id_object(uid), int(info.si_signo), int(status), int(info.si_code)])
    }

    /// The exit code that a wait status stands for: that of the process, or minus the number of the signal that ended it.
    #[function("waitstatus_to_exitcode($module, /, status)")]
    fn waitstatus_to_exitcode(status: &Object) -> PyResult<i32> {
        let status = number::as_i32(status)?;
        if libc::WIFEXITED(status) {
            return Ok(libc::WEXITSTATUS(status));
        }
        if libc::WIFSIGNALED(status) {
            let signal = libc::WTERMSIG(status);
            if signal <= 0 {
                return Err(err!(ValueError, "invalid WTERMSIG: {}", signal));
            }
            return Ok(-signal);
        }
        if libc::WIFSTOPPED(status) {
            return Err(err!(ValueError, "process stopped by delivery of signal {}", libc::WSTOPSIG(status)));
        }
        Err(err!(ValueError, "invalid wait status: {}", status))
    }

    /// Whether the process left a core dump.
    #[function("WCOREDUMP($module, status, /)")]
    fn wcoredump(status: i32) -> bool {
        libc::WCOREDUMP(status)
    }
    /// Whether the process was continued.
    #[function("WIFCONTINUED($module, /, status)")]
    fn wifcontinued(status: i32) -> bool {
        libc::WIFCONTINUED(status)
    }
    /// Whether the process is stopped.
    #[function("WIFSTOPPED($module, /, status)")]
    fn wifstopped(status: i32) -> bool {
        libc::WIFSTOPPED(status)
    }
    /// Whether a signal ended the process.
    #[function("WIFSIGNALED($module, /, status)")]
    fn wifsignaled(status: i32) -> bool {
        libc::WIFSIGNALED(status)
    }
    /// Whether the process exited by itself.
    #[function("WIFEXITED($module, /, status)")]
    fn wifexited(status: i32) -> bool {
        libc::WIFEXITED(status)
    }
    /// The exit code of the process.
    #[function("WEXITSTATUS($module, /, status)")]
    fn wexitstatus(status: i32) -> i32 {
        libc::WEXITSTATUS(status)
    }
    /// The signal that ended the process.
    #[function("WTERMSIG($module, /, status)")]
    fn wtermsig(status: i32) -> i32 {
        libc::WTERMSIG(status)
    }
    /// The signal that stopped the process.
    #[function("WSTOPSIG($module, /, status)")]
    fn wstopsig(status: i32) -> i32 {
        libc::WSTOPSIG(status)
    }

    /// A descriptor that stands for the process.
    #[function("pidfd_open($module, /, pid, flags=0)")]
    fn pidfd_open(pid: i32, flags: u32) -> PyResult<i64> {
        // SAFETY: numbers only.
        quick(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, flags) })
    }

    /// Move into another namespace.
    #[function("setns($module, /, fd, nstype=0)")]
    fn setns(fd: super::super::path::Fildes, nstype: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        once_os(move || unsafe { libc::setns(fd.0, nstype) }).map(drop)
    }

    /// Stop sharing parts of the execution context (CLONE_* flags).
    #[function("unshare($module, /, flags)")]
    fn unshare(flags: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        once_os(move || unsafe { libc::unshare(flags) }).map(drop)
    }

    /// Run the input hook, if one is installed.
    #[function("_inputhook($module, /)")]
    fn _inputhook() -> i32 {
        0
    }

    /// Whether an input hook is installed.
    #[function("_is_inputhook_installed($module, /)")]
    fn _is_inputhook_installed() -> bool {
        false
    }
}

/// The array of a tuple or list, None if it is empty; TypeError with `words` for other objects.
fn string_array_of(argv: &Object, words: &str) -> PyResult<Option<StringArray>> {
    let Some(array) = string_array(argv)? else { return Err(err!(TypeError, "{}", words)) };
    Ok(if array.is_empty() { None } else { Some(array) })
}
