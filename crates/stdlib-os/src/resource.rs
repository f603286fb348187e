//! `resource`: limits and usage of resources.

use crate::call::{errno, os_error};
use crate::posix::results::{ResultType, float, int};
use macros::pymodule;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::protocol::{number, sequence};
use runtime::types::structseq::Field;
use runtime::types::{Int, Module, Tuple};
use std::ffi::c_int;

static STRUCT_RUSAGE: ResultType = ResultType::new(
    "resource.struct_rusage",
    "struct_rusage: what getrusage gives.\n\nA tuple of (utime, stime, maxrss, ixrss, idrss, isrss, minflt, majflt,\nnswap, inblock, oublock, msgsnd, msgrcv, nsignals, nvcsw, nivcsw), by\nname ru_utime and so on.",
    &[
        Field::new("ru_utime", "user time"),
        Field::new("ru_stime", "system time"),
        Field::new("ru_maxrss", "most memory resident at a time"),
        Field::new("ru_ixrss", "shared memory"),
        Field::new("ru_idrss", "data that is not shared"),
        Field::new("ru_isrss", "stack that is not shared"),
        Field::new("ru_minflt", "page faults without I/O"),
        Field::new("ru_majflt", "page faults with I/O"),
        Field::new("ru_nswap", "times swapped out"),
        Field::new("ru_inblock", "input operations on blocks"),
        Field::new("ru_oublock", "output operations on blocks"),
        Field::new("ru_msgsnd", "IPC messages sent"),
        Field::new("ru_msgrcv", "IPC messages received"),
        Field::new("ru_nsignals", "signals received"),
        Field::new("ru_nvcsw", "context switches asked for"),
        Field::new("ru_nivcsw", "context switches forced"),
    ],
    16,
);

/// `resource.struct_rusage` of a `struct rusage`.
pub fn rusage_result(usage: &libc::rusage) -> PyResult {
    let seconds = |time: libc::timeval| float(time.tv_sec as f64 + time.tv_usec as f64 * 1e-6);
    STRUCT_RUSAGE.make(vec![
        seconds(usage.ru_utime),
        seconds(usage.ru_stime),
        int(usage.ru_maxrss),
        int(usage.ru_ixrss),
        int(usage.ru_idrss),
        int(usage.ru_isrss),
        int(usage.ru_minflt),
        int(usage.ru_majflt),
        int(usage.ru_nswap),
        int(usage.ru_inblock),
        int(usage.ru_oublock),
        int(usage.ru_msgsnd),
        int(usage.ru_msgrcv),
        int(usage.ru_nsignals),
        int(usage.ru_nvcsw),
        int(usage.ru_nivcsw),
    ])
}

/// How many resources have limits.
const NLIMITS: c_int = 16;

fn check_resource(resource: c_int) -> PyResult<()> {
    if !(0..NLIMITS).contains(&resource) {
        return Err(err!(ValueError, "invalid resource specified"));
    }
    Ok(())
}

/// A limit; RLIM_INFINITY is -1.
fn limit(value: &Object) -> PyResult<u64> {
    let int = number::index(value)?;
    match (int.as_u64(), int.as_i64()) {
        (Some(limit), _) => Ok(limit),
        (None, Some(-1)) => Ok(libc::RLIM_INFINITY),
        _ if int.is_negative() => Err(err!(ValueError, "Cannot convert negative int")),
        _ => Err(err!(OverflowError, "Python int too large to convert to C rlim_t")),
    }
}

fn limits_of(limits: &Object) -> PyResult<libc::rlimit> {
    let pair = match limits.downcast::<Tuple>() {
        Some(tuple) => Owned::from_ref(tuple),
        None => sequence::to_tuple(limits)?,
    };
    if pair.len() != 2 {
        return Err(err!(ValueError, "expected a tuple of 2 integers"));
    }
    Ok(libc::rlimit { rlim_cur: limit(pair.get(0))?, rlim_max: limit(pair.get(1))? })
}

fn limits_result(limits: &libc::rlimit) -> PyResult<(Owned, Owned)> {
    let shown = |value: u64| if value == libc::RLIM_INFINITY { int(-1) } else { Int::from_u64(value).into_object() };
    Ok((shown(limits.rlim_cur), shown(limits.rlim_max)))
}

fn limit_error() -> runtime::errors::Raised {
    match errno() {
        libc::EINVAL => err!(ValueError, "current limit exceeds maximum limit"),
        libc::EPERM => err!(ValueError, "not allowed to raise maximum limit"),
        errno => os_error(errno),
    }
}

#[pymodule(name = "resource")]
pub mod resource {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("error", runtime::exceptions::OSError())?;
        module.add("struct_rusage", STRUCT_RUSAGE.get()?)?;
        for (name, value) in CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        Ok(())
    }

    /// The resources that this process, its children or this thread used.
    #[function("getrusage($module, who, /)")]
    fn getrusage(who: i32) -> PyResult {
        // SAFETY: a struct of numbers, which the call fills in.
        let usage = unsafe {
            let mut usage: libc::rusage = std::mem::zeroed();
            if libc::getrusage(who, &mut usage) == -1 {
                return Err(if errno() == libc::EINVAL { err!(ValueError, "invalid who parameter") } else { os_error(errno()) });
            }
            usage
        };
        rusage_result(&usage)
    }

    /// (soft limit, hard limit) of a resource.
    #[function("getrlimit($module, resource, /)")]
    fn getrlimit(resource: i32) -> PyResult<(Owned, Owned)> {
        check_resource(resource)?;
        let mut limits = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        // SAFETY: room for the result.
        if unsafe { libc::getrlimit(resource as _, &mut limits) } == -1 {
            return Err(os_error(errno()));
        }
        limits_result(&limits)
    }

    /// Set (soft limit, hard limit) of a resource.
    #[function("setrlimit($module, resource, limits, /)")]
    fn setrlimit(resource: i32, limits: &Object) -> PyResult<()> {
        check_resource(resource)?;
        audit("resource.setrlimit", &[&int(resource), limits])?;
        let limits = limits_of(limits)?;
        // SAFETY: a struct of numbers.
        if unsafe { libc::setrlimit(resource as _, &limits) } == -1 { Err(limit_error()) } else { Ok(()) }
    }

    /// Set a limit of a process if one is given; gives the former one.
    #[function("prlimit($module, pid, resource, limits=None, /)")]
    fn prlimit(pid: i32, resource: i32, limits: Option<&Object>) -> PyResult<(Owned, Owned)> {
        check_resource(resource)?;
        audit("resource.prlimit", &[&int(pid), &int(resource), limits.unwrap_or(runtime::types::none())])?;
        let new = limits.map(limits_of).transpose()?;
        let mut old = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
        let new = new.as_ref().map_or(std::ptr::null(), |new| new as *const _);
        // SAFETY: structs of numbers, or NULL.
        if unsafe { libc::prlimit(pid, resource as _, new, &mut old) } == -1 {
            return Err(if errno() == libc::EINVAL { err!(ValueError, "current limit exceeds maximum limit") } else { os_error(errno()) });
        }
        limits_result(&old)
    }

    /// The bytes of a memory page.
    #[function("getpagesize($module, /)")]
    fn getpagesize() -> i64 {
        // SAFETY: numbers only.
        unsafe { libc::sysconf(libc::_SC_PAGESIZE) }
    }
}

const CONSTANTS: &[(&str, i64)] = &[
    ("RLIMIT_AS", libc::RLIMIT_AS as i64),
    ("RLIMIT_CORE", libc::RLIMIT_CORE as i64),
    ("RLIMIT_CPU", libc::RLIMIT_CPU as i64),
    ("RLIMIT_DATA", libc::RLIMIT_DATA as i64),
    ("RLIMIT_FSIZE", libc::RLIMIT_FSIZE as i64),
    ("RLIMIT_MEMLOCK", libc::RLIMIT_MEMLOCK as i64),
    ("RLIMIT_MSGQUEUE", libc::RLIMIT_MSGQUEUE as i64),
    ("RLIMIT_NICE", libc::RLIMIT_NICE as i64),
    ("RLIMIT_NOFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_NPROC", libc::RLIMIT_NPROC as i64),
    ("RLIMIT_OFILE", libc::RLIMIT_NOFILE as i64),
    ("RLIMIT_RSS", libc::RLIMIT_RSS as i64),
    ("RLIMIT_RTPRIO", libc::RLIMIT_RTPRIO as i64),
    ("RLIMIT_RTTIME", libc::RLIMIT_RTTIME as i64),
    ("RLIMIT_SIGPENDING", libc::RLIMIT_SIGPENDING as i64),
    ("RLIMIT_STACK", libc::RLIMIT_STACK as i64),
    ("RLIM_INFINITY", -1),
    ("RUSAGE_CHILDREN", libc::RUSAGE_CHILDREN as i64),
    ("RUSAGE_SELF", libc::RUSAGE_SELF as i64),
    ("RUSAGE_THREAD", libc::RUSAGE_THREAD as i64),
];
