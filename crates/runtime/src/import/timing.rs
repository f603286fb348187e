//! `-X importtime`: how long imports take, the inner ones before the outer.

use crate::exceptions::report::write_raw_stderr;
use crate::types::{Bytes, Str};
use std::cell::Cell;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::{Duration, Instant};

/// 0: off; 1: what is loaded; 2: also what was there already.
static LEVEL: AtomicI32 = AtomicI32::new(0);

thread_local! {
    /// How deep imports are nested, and the time that those below the current one took.
    static DEPTH: Cell<usize> = const { Cell::new(0) };
    static INNER: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

pub fn set_level(level: i32) {
    LEVEL.store(level, Ordering::Relaxed);
    if level > 0 {
        write_raw_stderr("import time: self [us] | cumulative | imported package\n");
    }
}

/// An import that is under way.
pub struct Timer(Option<(Instant, Duration)>);

pub fn start() -> Timer {
    if LEVEL.load(Ordering::Relaxed) == 0 {
        return Timer(None);
    }
    DEPTH.set(DEPTH.get() + 1);
    Timer(Some((Instant::now(), INNER.replace(Duration::ZERO))))
}

impl Timer {
    pub fn finish(self, name: &Str) {
        let Some((begin, before)) = self.0 else { return };
        let (total, inner) = (begin.elapsed(), INNER.get());
        let depth = DEPTH.get() - 1;
        DEPTH.set(depth);
        INNER.set(before + total);
        let own = total.saturating_sub(inner).as_micros();
        write_raw_stderr(format!("import time: {own:>9} | {:>10} | {:2$}{3}\n", total.as_micros(), "", depth * 2, shown(name)));
    }
}

/// A module that was in `sys.modules`.
#[inline]
pub fn cached(name: &Str) {
    if LEVEL.load(Ordering::Relaxed) >= 2 {
        write_raw_stderr(format!("import time: cached    | cached     | {:1$}{2}\n", "", DEPTH.get() * 2, shown(name)));
    }
}

fn shown(name: &Str) -> String {
    match crate::codecs::encode(name, Some("utf-8"), Some("backslashreplace")) {
        Ok(bytes) => bytes.downcast::<Bytes>().map_or(String::new(), |bytes| String::from_utf8_lossy(bytes.as_slice()).into_owned()),
        Err(_) => {
            crate::errors::clear();
            name.to_string_lossy().into_owned()
        }
    }
}
