//! Scheduling: policies, parameters, CPU affinity.

use super::results::{SCHED_PARAM, int};
use crate::call::{Pointer, errno, once_os, os_error, quick};
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::{ArgContext, FromArg};
use runtime::object::{Object, Owned};
use runtime::protocol::{iter, number};
use runtime::types::{Int, Set, Tuple};
use std::ffi::c_int;
use std::ops::ControlFlow;

/// A `sched_param` argument.
pub struct SchedParam(pub libc::sched_param);
impl<'a> FromArg<'a> for SchedParam {
    fn from_arg(value: &'a Object, _: &ArgContext) -> PyResult<SchedParam> {
        sched_param_of(value).map(SchedParam)
    }
}

pub fn sched_param_of(value: &Object) -> PyResult<libc::sched_param> {
    let own = std::ptr::eq(value.ty(), SCHED_PARAM.get()?);
    let Some(items) = value.downcast::<Tuple>().filter(|_| own) else {
        return Err(err!(TypeError, "must have a sched_param object"));
    };
    let priority = number::as_i64(items.get(0))?;
    let sched_priority = c_int::try_from(priority).map_err(|_| err!(OverflowError, "sched_priority out of range"))?;
    Ok(libc::sched_param { sched_priority })
}

/// How many bits of CPU sets a word has.
const WORD: usize = 64;

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// The highest priority of a policy.
    #[function("sched_get_priority_max($module, /, policy)")]
    fn sched_get_priority_max(policy: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::sched_get_priority_max(policy) })
    }
    /// The lowest priority of a policy.
    #[function("sched_get_priority_min($module, /, policy)")]
    fn sched_get_priority_min(policy: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::sched_get_priority_min(policy) })
    }
    /// The scheduling policy of a process; 0 is this one.
    #[function("sched_getscheduler($module, pid, /)")]
    fn sched_getscheduler(pid: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::sched_getscheduler(pid) })
    }
    /// Set policy and parameters of a process.
    #[function("sched_setscheduler($module, pid, policy, param, /)")]
    fn sched_setscheduler(pid: i32, policy: i32, param: SchedParam) -> PyResult<()> {
        // SAFETY: a struct of numbers.
        quick(unsafe { libc::sched_setscheduler(pid, policy, &param.0) }).map(drop)
    }
    /// The scheduling parameters of a process.
    #[function("sched_getparam($module, pid, /)")]
    fn sched_getparam(pid: i32) -> PyResult {
        let mut param = libc::sched_param { sched_priority: 0 };
        // SAFETY: room for the result.
        quick(unsafe { libc::sched_getparam(pid, &mut param) })?;
        SCHED_PARAM.make(vec![int(param.sched_priority)])
    }
    /// Set the scheduling parameters of a process.
    #[function("sched_setparam($module, pid, param, /)")]
    fn sched_setparam(pid: i32, param: SchedParam) -> PyResult<()> {
        // SAFETY: a struct of numbers.
        quick(unsafe { libc::sched_setparam(pid, &param.0) }).map(drop)
    }
    /// The time slice of a process under the round-robin policy, in seconds.
    #[function("sched_rr_get_interval($module, pid, /)")]
    fn sched_rr_get_interval(pid: i32) -> PyResult<f64> {
        let mut interval = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        // SAFETY: room for the result.
        quick(unsafe { libc::sched_rr_get_interval(pid, &mut interval) })?;
        Ok(interval.tv_sec as f64 + 1e-9 * interval.tv_nsec as f64)
    }
    /// Let another thread or process have the CPU.
    #[function("sched_yield($module, /)")]
    fn sched_yield() -> PyResult<()> {
        // SAFETY: no arguments.
        once_os(|| unsafe { libc::sched_yield() }).map(drop)
    }

    /// Say which CPUs a process may run on.
    #[function("sched_setaffinity($module, pid, mask, /)")]
    fn sched_setaffinity(pid: i32, mask: &Object) -> PyResult<()> {
        let mut words = vec![0u64; 16];
        iter::iterate(mask, |item| {
            let Some(cpu) = item.downcast::<Int>() else {
                return Err(err!(TypeError, "expected an iterator of ints, but iterator yielded {}", &*runtime::protocol::object::repr(item.ty())?));
            };
            let cpu = match cpu.as_i64() {
                Some(cpu) if cpu < 0 => return Err(err!(ValueError, "negative CPU number")),
                Some(cpu) if cpu < i32::MAX as i64 => cpu as usize,
                _ => return Err(err!(OverflowError, "CPU number too large")),
            };
            if cpu / WORD >= words.len() {
                if words.try_reserve(cpu / WORD + 1 - words.len()).is_err() {
                    return Err(runtime::errors::no_memory());
                }
                words.resize(cpu / WORD + 1, 0);
            }
            words[cpu / WORD] |= 1 << (cpu % WORD);
            Ok(ControlFlow::Continue(()))
        })?;
        // SAFETY: a set of so many bytes.
        quick(unsafe { libc::sched_setaffinity(pid, words.len() * 8, words.as_ptr().cast()) }).map(drop)
    }

    /// The set of CPUs that a process may run on.
    #[function("sched_getaffinity($module, pid, /)")]
    fn sched_getaffinity(pid: i32) -> PyResult<Owned<Set>> {
        let mut words = vec![0u64; 16];
        loop {
            let (out, size) = (Pointer(words.as_mut_ptr()), words.len() * 8);
            // SAFETY: room for so many bytes.
            if unsafe { libc::sched_getaffinity(pid, size, out.get().cast()) } == 0 {
                break;
            }
            if errno() != libc::EINVAL || words.len() > 1 << 16 {
                return Err(os_error(errno()));
            }
            words = vec![0; words.len() * 2];
        }
        let cpus = Set::new();
        for (i, word) in words.iter().enumerate() {
            for bit in (0..WORD).filter(|bit| word >> bit & 1 == 1) {
                cpus.add(&int((i * WORD + bit) as i64))?;
            }
        }
        Ok(cpus)
    }

    /// The number of CPUs that are there.
    #[function("cpu_count($module, /)")]
    fn cpu_count() -> PyResult<Option<i64>> {
        let configured = runtime::state::get().config.borrow().cpu_count;
        if configured > 0 {
            return Ok(Some(configured as i64));
        }
        // SAFETY: numbers only.
        let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
        Ok(if count > 0 { Some(count) } else { None })
    }
}
