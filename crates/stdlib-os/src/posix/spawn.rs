//! `posix_spawn`, `posix_spawnp`.

use super::path::{Path, fs_converter};
use super::process::{StringArray, environment_array, string_array};
use super::sched::sched_param_of;
use crate::call::os_error;
use crate::sigset::sigset;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::Object;
use runtime::protocol::{mapping, number, sequence};
use runtime::types::Tuple;
use std::ffi::{CString, c_char, c_int};

pub const OPEN: i64 = 0;
pub const CLOSE: i64 = 1;
pub const DUP2: i64 = 2;
pub const CLOSEFROM: i64 = 3;

/// What is asked for by keyword.
pub struct Options<'a> {
    pub file_actions: Option<&'a Object>,
    pub setpgroup: Option<&'a Object>,
    pub resetids: bool,
    pub setsid: bool,
    pub setsigmask: Option<&'a Object>,
    pub setsigdef: Option<&'a Object>,
    pub scheduler: Option<&'a Object>,
}

fn check(errno: c_int) -> PyResult<()> {
    if errno == 0 { Ok(()) } else { Err(os_error(errno)) }
}

/// File actions, destroyed on drop. They refer to the strings of `paths`.
struct FileActions {
    actions: libc::posix_spawn_file_actions_t,
    paths: Vec<CString>,
}

impl FileActions {
    fn new() -> PyResult<Box<FileActions>> {
        // SAFETY: a C struct that init fills in.
        let mut new = Box::new(FileActions { actions: unsafe { std::mem::zeroed() }, paths: Vec::new() });
        // SAFETY: as above.
        check(unsafe { libc::posix_spawn_file_actions_init(&mut new.actions) })?;
        Ok(new)
    }
    fn add(&mut self, action: &Object) -> PyResult<()> {
        let Some(action) = action.downcast::<Tuple>().filter(|t| !t.is_empty()) else {
            return Err(err!(TypeError, "Each file_actions element must be a non-empty tuple"));
        };
        let wrong = |kind: &str, count: usize| Err(err!(TypeError, "A {} file_action tuple must have {} elements", kind, count));
        let int = |i: usize| number::as_i32(action.get(i));
        // SAFETY (all calls): initialised actions; the path lives as long as they do.
        match number::as_i64(action.get(0))? {
            OPEN if action.len() != 5 => wrong("open", 5),
            OPEN => {
                let (fd, path, flags, mode) = (int(1)?, fs_converter(action.get(2))?, int(3)?, number::as_i64(action.get(4))?);
                let text = path.as_ptr();
                self.paths.push(path);
                // SAFETY: see above.
                check(unsafe { libc::posix_spawn_file_actions_addopen(&mut self.actions, fd, text, flags, mode as libc::mode_t) })
            }
            CLOSE if action.len() != 2 => wrong("close", 2),
            CLOSE => {
                let fd = int(1)?;
                // SAFETY: see above.
                check(unsafe { libc::posix_spawn_file_actions_addclose(&mut self.actions, fd) })
            }
            DUP2 if action.len() != 3 => wrong("dup2", 3),
            DUP2 => {
                let (fd, fd2) = (int(1)?, int(2)?);
                // SAFETY: see above.
                check(unsafe { libc::posix_spawn_file_actions_adddup2(&mut self.actions, fd, fd2) })
            }
            CLOSEFROM if action.len() != 2 => wrong("closefrom", 2),
            CLOSEFROM => {
                let fd = int(1)?;
                // SAFETY: see above.
                check(unsafe { libc::posix_spawn_file_actions_addclosefrom_np(&mut self.actions, fd) })
            }
            _ => Err(err!(TypeError, "Unknown file_actions identifier")),
        }
    }
}

impl Drop for FileActions {
    fn drop(&mut self) {
        // SAFETY: initialised.
        unsafe { libc::posix_spawn_file_actions_destroy(&mut self.actions) };
    }
}

struct Attributes(libc::posix_spawnattr_t);

impl Attributes {
    fn new(function: &str, options: &Options<'_>) -> PyResult<Box<Attributes>> {
        // SAFETY (whole function): a C struct that init fills in and the setters change.
        let mut new = Box::new(Attributes(unsafe { std::mem::zeroed() }));
        // SAFETY: see above.
        check(unsafe { libc::posix_spawnattr_init(&mut new.0) })?;
        let mut flags = 0;
        if let Some(group) = options.setpgroup {
            let group = number::as_i32(group)?;
            // SAFETY: see above.
            check(unsafe { libc::posix_spawnattr_setpgroup(&mut new.0, group) })?;
            flags |= libc::POSIX_SPAWN_SETPGROUP;
        }
        if options.resetids {
            flags |= libc::POSIX_SPAWN_RESETIDS;
        }
        if options.setsid {
            flags |= libc::POSIX_SPAWN_SETSID as c_int;
        }
        if let Some(signals) = options.setsigmask {
            let set = sigset(signals)?;
            // SAFETY: see above.
            check(unsafe { libc::posix_spawnattr_setsigmask(&mut new.0, &set) })?;
            flags |= libc::POSIX_SPAWN_SETSIGMASK;
        }
        if let Some(signals) = options.setsigdef {
            let set = sigset(signals)?;
            // SAFETY: see above.
            check(unsafe { libc::posix_spawnattr_setsigdefault(&mut new.0, &set) })?;
            flags |= libc::POSIX_SPAWN_SETSIGDEF;
        }
        if let Some(scheduler) = options.scheduler {
            let Some(pair) = scheduler.downcast::<Tuple>() else {
                return Err(err!(TypeError, "{}: scheduler must be a tuple or None", function));
            };
            if pair.len() != 2 {
                return Err(err!(TypeError, "A scheduler tuple must have two elements"));
            }
            if !pair.get(0).is_none() {
                let policy = number::as_i32(pair.get(0))?;
                // SAFETY: see above.
                check(unsafe { libc::posix_spawnattr_setschedpolicy(&mut new.0, policy) })?;
                flags |= libc::POSIX_SPAWN_SETSCHEDULER;
            }
            let param = sched_param_of(pair.get(1))?;
            // SAFETY: see above.
            check(unsafe { libc::posix_spawnattr_setschedparam(&mut new.0, &param) })?;
            flags |= libc::POSIX_SPAWN_SETSCHEDPARAM;
        }
        // SAFETY: see above.
        check(unsafe { libc::posix_spawnattr_setflags(&mut new.0, flags as i16) })?;
        Ok(new)
    }
}

impl Drop for Attributes {
    fn drop(&mut self) {
        // SAFETY: initialised.
        unsafe { libc::posix_spawnattr_destroy(&mut self.0) };
    }
}

fn spawn(function: &'static str, search: bool, path: &Path, argv: &Object, env: &Object, options: &Options<'_>) -> PyResult<c_int> {
    let Some(arguments) = string_array(argv)? else { return Err(err!(TypeError, "{}: argv must be a tuple or list", function)) };
    if arguments.is_empty() {
        return Err(err!(ValueError, "{}: argv must not be empty", function));
    }
    if !env.is_none() && !mapping::is_mapping(env) {
        return Err(err!(TypeError, "{}: environment must be a mapping object or None", function));
    }
    if arguments.first_is_empty() {
        return Err(err!(ValueError, "{}: argv first element cannot be empty", function));
    }
    let environment: Option<StringArray> = if env.is_none() { None } else { Some(environment_array(env)?) };
    let mut actions = None;
    if let Some(given) = options.file_actions.filter(|a| !a.is_none()) {
        if !sequence::is_sequence(given) {
            return Err(err!(TypeError, "file_actions must be a sequence or None"));
        }
        let items = sequence::to_tuple(given)?;
        if !items.is_empty() {
            let mut made = FileActions::new()?;
            for item in items.iter() {
                made.add(item)?;
            }
            actions = Some(made);
        }
    }
    let attributes = Attributes::new(function, options)?;
    audit("os.posix_spawn", &[&path.object, argv, env])?;
    let mut pid = 0;
    let actions_ptr = actions.as_ref().map_or(std::ptr::null(), |a| &raw const a.actions);
    let argv = arguments.as_ptr() as *const *mut c_char;
    // SAFETY: C strings, NULL-ended arrays, initialised structs.
    let errno = unsafe {
        let env = match &environment {
            Some(environment) => environment.as_ptr(),
            None => environ as *const *mut c_char,
        };
        let spawn = if search { libc::posix_spawnp } else { libc::posix_spawn };
        spawn(&mut pid, path.as_ptr(), actions_ptr, &attributes.0, argv, env)
    };
    if errno != 0 {
        return Err(path.error(errno));
    }
    Ok(pid)
}

unsafe extern "C" {
    static environ: *const *const c_char;
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// Run a program in a new process; gives its id.
    ///
    ///   file_actions
    ///     Tuples (POSIX_SPAWN_OPEN, ...) and the like: what to do with file descriptors.
    ///   setpgroup
    ///     The process group of the new process.
    ///   resetids
    ///     If true, effective ids become the real ones.
    ///   setsid
    ///     If true, the new process starts a session.
    ///   setsigmask, setsigdef
    ///     Signals to block, signals that are not to be ignored.
    ///   scheduler
    ///     A tuple of scheduling policy (or None) and parameters.
    #[function("posix_spawn($module, path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)")]
    fn posix_spawn(
        path: Path,
        argv: &Object,
        env: &Object,
        file_actions: Option<&Object>,
        setpgroup: Option<&Object>,
        resetids: bool,
        setsid: bool,
        setsigmask: Option<&Object>,
        setsigdef: Option<&Object>,
        scheduler: Option<&Object>,
    ) -> PyResult<i32> {
        let options = Options { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
        spawn("posix_spawn", false, &path, argv, env, &options)
    }

    /// As posix_spawn(), where a path without a slash is looked for in PATH.
    #[function("posix_spawnp($module, path, argv, env, /, *, file_actions=(), setpgroup=None, resetids=False, setsid=False, setsigmask=(), setsigdef=(), scheduler=None)")]
    fn posix_spawnp(
        path: Path,
        argv: &Object,
        env: &Object,
        file_actions: Option<&Object>,
        setpgroup: Option<&Object>,
        resetids: bool,
        setsid: bool,
        setsigmask: Option<&Object>,
        setsigdef: Option<&Object>,
        scheduler: Option<&Object>,
    ) -> PyResult<i32> {
        let options = Options { file_actions, setpgroup, resetids, setsid, setsigmask, setsigdef, scheduler };
        spawn("posix_spawnp", true, &path, argv, env, &options)
    }
}
