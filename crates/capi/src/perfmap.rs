//! Maps of generated code for `perf` (`/tmp/perf-PID.map`), written by extensions that generate some. The interpreter writes none itself: it
//! has no trampolines, and the functions that ask for them do nothing.

use std::ffi::{CStr, c_int, c_uint, c_void};
use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::sync::{Mutex, MutexGuard};

static MAP: Mutex<Option<File>> = Mutex::new(None);

fn map() -> MutexGuard<'static, Option<File>> {
    MAP.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// Opens the map of this process; false if it cannot.
fn open(map: &mut Option<File>) -> bool {
    if map.is_none() {
        let path = format!("/tmp/perf-{}.map", std::process::id());
        *map = OpenOptions::new().append(true).create(true).mode(0o600).custom_flags(libc::O_NOFOLLOW | libc::O_CLOEXEC).open(path).ok();
    }
    map.is_some()
}

fn write(map: &mut Option<File>, data: &[u8]) -> bool {
    open(map) && map.as_mut().is_some_and(|file| file.write_all(data).is_ok())
}

c_api! {
    fn PyUnstable_PerfMapState_Init() -> c_int { if open(&mut map()) { 0 } else { -1 } }
    fn PyUnstable_PerfMapState_Fini() { drop(map().take()) }
    fn PyUnstable_WritePerfMapEntry(address: *const c_void, size: c_uint, name: &CStr) -> c_int {
        let entry = [format!("{:x} {size:x} ", address as usize).as_bytes(), name.to_bytes(), b"\n"].concat();
        if write(&mut map(), &entry) { 0 } else { -1 }
    }
    fn PyUnstable_CopyPerfMapFile(parent: &CStr) -> c_int {
        use std::os::unix::ffi::OsStrExt;
        let mut data = Vec::new();
        // A parent without a map has nothing to hand on.
        let Ok(mut file) = File::open(std::ffi::OsStr::from_bytes(parent.to_bytes())) else { return 0 };
        if file.read_to_end(&mut data).is_ok() && write(&mut map(), &data) { 0 } else { -1 }
    }
    fn PyUnstable_PerfTrampoline_CompileCode(_code: *mut abi::PyObject) -> c_int { 0 }
    fn PyUnstable_PerfTrampoline_SetPersistAfterFork(_enable: c_int) -> c_int { 0 }
}
