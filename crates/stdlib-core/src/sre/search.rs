//! Where matches begin: scanning a text for the next one.

use super::engine::{Character, Limits, Machine, UNSET, run};
use super::program::{Program, Start};
use runtime::PyResult;

/// The first match that begins at `from` or later; its bounds. `advance`: it must not be empty and at `from`.
pub fn search<C: Character>(program: &Program, machine: &mut Machine, text: &[C], from: usize, advance: bool) -> PyResult<Option<(usize, usize)>> {
    let anywhere = Limits { whole: false, not_at: UNSET };
    let first_limits = Limits { whole: false, not_at: if advance { from } else { UNSET } };
    if from > text.len() || text.len() - from < program.min_width {
        return Ok(None);
    }
    let last = text.len() - program.min_width;
    match &program.start {
        Start::Prefix { text: prefix, skip, finder, whole } => {
            let Some(prefix) = prefix.iter().map(|&c| C::from_code(c)).collect::<Option<Vec<C>>>() else { return Ok(None) };
            let mut at = from;
            while let Some(found) = find_prefix(text, at, &prefix, finder.as_deref()) {
                if *whole {
                    // No groups: nothing is marked.
                    machine.marks.fill(UNSET);
                    machine.lastindex = 0;
                    return Ok(Some((found, found + prefix.len())));
                }
                if let Some(end) = run(program, machine, text, *skip, found + skip, anywhere)? {
                    return Ok(Some((found, end)));
                }
                at = found + 1;
            }
            Ok(None)
        }
        Start::First(first) => {
            let mut at = from;
            let mut limits = first_limits;
            while let Some(found) = text.get(at..).and_then(|rest| rest.iter().position(|c| first.contains(c.code()))) {
                at += found;
                if at > last {
                    break;
                }
                if at != from {
                    limits = anywhere;
                }
                if let Some(end) = run(program, machine, text, 0, at, limits)? {
                    return Ok(Some((at, end)));
                }
                at += 1;
            }
            Ok(None)
        }
        Start::Beginning => {
            if from != 0 {
                return Ok(None);
            }
            Ok(run(program, machine, text, 0, 0, first_limits)?.map(|end| (0, end)))
        }
        Start::Anywhere => {
            let mut limits = first_limits;
            for at in from..=last {
                if let Some(end) = run(program, machine, text, 0, at, limits)? {
                    return Ok(Some((at, end)));
                }
                limits = anywhere;
            }
            Ok(None)
        }
    }
}

#[inline]
fn find_prefix<C: Character>(text: &[C], from: usize, prefix: &[C], finder: Option<&memchr::memmem::Finder<'static>>) -> Option<usize> {
    let rest = text.get(from..)?;
    let (&head, tail) = prefix.split_first()?;
    if tail.is_empty() {
        return Some(from + C::position(rest, head)?);
    }
    if let (Some(finder), Some(bytes)) = (finder, C::as_bytes(rest)) {
        return Some(from + finder.find(bytes)?);
    }
    let mut at = 0;
    loop {
        at += C::position(rest.get(at..)?, head)?;
        if rest.get(at..at + prefix.len())? == prefix {
            return Some(from + at);
        }
        at += 1;
    }
}

/// A match that begins exactly at `from`; its end.
pub fn match_at<C: Character>(program: &Program, machine: &mut Machine, text: &[C], from: usize, limits: Limits) -> PyResult<Option<usize>> {
    if program.min_width > 0 && text.len().saturating_sub(from) < program.min_width {
        return Ok(None);
    }
    run(program, machine, text, 0, from, limits)
}
