//! The matcher: runs a program on a text, backtracking over an explicit stack.
//!
//! The stack holds choices (where to go on after a failure) and, between them, the old values of marks and loop counters: going back to a
//! choice undoes everything that was done since. Assertions, atomic groups and possessive items put a barrier on the stack; when their body
//! has matched, the choices above the barrier go and the old values stay. Depth is bounded by memory alone, and that is MemoryError.

use super::charset::{Fold, is_ascii_word, is_locale_word, is_unicode_word};
use super::program::{At, Inst, NO_NEXT, NO_TEST, Program, Unit, UnitRepeat, Words};
use runtime::PyResult;

/// "Not set", for marks and positions.
pub const UNSET: usize = usize::MAX;

/// One unit of a text: 1, 2 or 4 bytes.
pub trait Character: Copy + Eq + 'static {
    const NARROW: bool;
    fn code(self) -> u32;
    /// The unit for a code point, if it fits.
    fn from_code(code: u32) -> Option<Self>;
    fn position(text: &[Self], wanted: Self) -> Option<usize> {
        text.iter().position(|&c| c == wanted)
    }
    /// The text as bytes, if its units are bytes.
    fn as_bytes(_text: &[Self]) -> Option<&[u8]> {
        None
    }
}
impl Character for u8 {
    const NARROW: bool = true;
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    fn from_code(code: u32) -> Option<u8> {
        u8::try_from(code).ok()
    }
    #[inline]
    fn position(text: &[u8], wanted: u8) -> Option<usize> {
        memchr::memchr(wanted, text)
    }
    fn as_bytes(text: &[u8]) -> Option<&[u8]> {
        Some(text)
    }
}
impl Character for u16 {
    const NARROW: bool = false;
    #[inline(always)]
    fn code(self) -> u32 {
        self as u32
    }
    fn from_code(code: u32) -> Option<u16> {
        u16::try_from(code).ok()
    }
}
impl Character for u32 {
    const NARROW: bool = false;
    #[inline(always)]
    fn code(self) -> u32 {
        self
    }
    fn from_code(code: u32) -> Option<u32> {
        Some(code)
    }
}

#[derive(Clone, Copy)]
enum Kind {
    /// Go on at instruction `arg`, position `a`.
    Choice,
    /// Unit repeat `arg`: fewer characters, from position `b` down to `a`.
    Greedy,
    /// Unit repeat `arg`: one more character at position `a`, after `b` so far.
    Lazy,
    /// Loop `arg`: one more round at position `a`.
    LazyLoop,
    /// Mark `arg` was `a`, `lastindex` was `b`.
    Mark,
    /// Loop `arg` had count `a` and last position `b`.
    Loop,
    /// Barriers: of the instruction or loop `arg`, begun at position `a`, inside barrier `b`.
    Assert,
    AssertNot,
    Atomic,
    /// A possessive item that must match.
    Required,
    /// A possessive item that may match.
    Optional,
}

#[derive(Clone, Copy)]
struct Entry {
    kind: Kind,
    arg: u32,
    a: usize,
    b: usize,
}

/// What a match may not do.
#[derive(Clone, Copy)]
pub struct Limits {
    /// Must end at the text's end.
    pub whole: bool,
    /// Must not end here (`UNSET`: anywhere).
    pub not_at: usize,
}

/// The engine's memory; kept from match to match.
#[derive(Default)]
pub struct Machine {
    stack: Vec<Entry>,
    pub marks: Vec<usize>,
    /// The number of the last group that was closed; 0 for none.
    pub lastindex: usize,
    counts: Vec<usize>,
    lasts: Vec<usize>,
    barrier: usize,
    dirty: bool,
    ticks: u32,
}

impl Machine {
    pub fn new(program: &Program, groups: usize) -> Machine {
        let loops = program.loops.len();
        Machine { marks: vec![UNSET; 2 * groups], counts: vec![0; loops], lasts: vec![UNSET; loops], barrier: UNSET, ..Machine::default() }
    }

    /// Makes ready for another attempt.
    fn reset(&mut self) {
        self.stack.clear();
        self.barrier = UNSET;
        if self.dirty {
            self.marks.fill(UNSET);
            self.lastindex = 0;
            self.dirty = false;
        }
    }

    #[inline(always)]
    fn push(&mut self, kind: Kind, arg: u32, a: usize, b: usize) -> PyResult<()> {
        if self.stack.len() == self.stack.capacity() {
            self.grow()?;
        }
        self.stack.push(Entry { kind, arg, a, b });
        Ok(())
    }
    #[cold]
    #[inline(never)]
    fn grow(&mut self) -> PyResult<()> {
        let more = self.stack.capacity().max(32);
        self.stack.try_reserve_exact(more).map_err(|_| runtime::errors::no_memory())
    }

    #[inline(always)]
    fn set_mark(&mut self, mark: u32, position: usize) -> PyResult<()> {
        let old = self.marks[mark as usize];
        if !self.stack.is_empty() {
            self.push(Kind::Mark, mark, old, self.lastindex)?;
        }
        self.dirty = true;
        self.marks[mark as usize] = position;
        if mark & 1 == 1 {
            self.lastindex = (mark / 2 + 1) as usize;
        }
        Ok(())
    }
    #[inline(always)]
    fn save_loop(&mut self, number: u32) -> PyResult<()> {
        let (count, last) = (self.counts[number as usize], self.lasts[number as usize]);
        self.push(Kind::Loop, number, count, last)
    }
    /// Counts one more round of a loop that needs more. Rounds that match nothing are all alike: after one the rest are taken as done, and
    /// the answer is false.
    fn next_required(&mut self, number: u32, min: usize, position: usize) -> PyResult<bool> {
        self.save_loop(number)?;
        let at = number as usize;
        let idle = self.lasts[at] == position;
        self.counts[at] = if idle { min } else { self.counts[at] + 1 };
        // The last position counts from the first optional round on.
        self.lasts[at] = if self.counts[at] >= min { UNSET } else { position };
        Ok(!idle)
    }
    #[inline(always)]
    fn undo(&mut self, entry: &Entry) {
        match entry.kind {
            Kind::Mark => {
                self.marks[entry.arg as usize] = entry.a;
                self.lastindex = entry.b;
            }
            Kind::Loop => {
                self.counts[entry.arg as usize] = entry.a;
                self.lasts[entry.arg as usize] = entry.b;
            }
            _ => {}
        }
    }

    fn raise_barrier(&mut self, kind: Kind, arg: u32, position: usize) -> PyResult<()> {
        let old = self.barrier;
        let at = self.stack.len();
        self.push(kind, arg, position, old)?;
        self.barrier = at;
        Ok(())
    }
    /// Takes the innermost barrier and the choices above it away.
    fn cut(&mut self) -> Option<Entry> {
        let at = self.barrier;
        let barrier = *self.stack.get(at)?;
        let mut to = at;
        for from in at + 1..self.stack.len() {
            let entry = self.stack[from];
            if matches!(entry.kind, Kind::Mark | Kind::Loop) {
                self.stack[to] = entry;
                to += 1;
            }
        }
        self.stack.truncate(to);
        self.barrier = barrier.b;
        Some(barrier)
    }
    /// Undoes everything down to the innermost barrier, and takes it away.
    fn unwind(&mut self) -> Option<Entry> {
        let at = self.barrier;
        let barrier = *self.stack.get(at)?;
        while self.stack.len() > at + 1 {
            if let Some(entry) = self.stack.pop() {
                self.undo(&entry);
            }
        }
        self.stack.pop();
        self.barrier = barrier.b;
        Some(barrier)
    }
}

#[inline(always)]
fn is_unit<C: Character>(program: &Program, unit: Unit, c: C) -> bool {
    let c = c.code();
    match unit {
        Unit::Any => c != b'\n' as u32,
        Unit::AnyAll => true,
        Unit::Literal(lit) => c == lit,
        Unit::NotLiteral(lit) => c != lit,
        Unit::Folded { fold, lit, negated } => fold.is_literal(lit, c) != negated,
        Unit::Set(set) => program.sets[set as usize].contains(c),
    }
}

/// How many characters at the start of `text` are of the unit.
#[inline]
fn count_units<C: Character>(program: &Program, unit: Unit, text: &[C]) -> usize {
    match unit {
        Unit::AnyAll => text.len(),
        Unit::Any => C::from_code(10).and_then(|newline| C::position(text, newline)).unwrap_or(text.len()),
        Unit::Literal(lit) => match C::from_code(lit) {
            Some(lit) => text.iter().take_while(|&&c| c == lit).count(),
            None => 0,
        },
        Unit::NotLiteral(lit) => C::from_code(lit).and_then(|lit| C::position(text, lit)).unwrap_or(text.len()),
        Unit::Folded { fold, lit, negated } => text.iter().take_while(|c| fold.is_literal(lit, c.code()) != negated).count(),
        Unit::Set(set) => {
            let set = &program.sets[set as usize];
            text.iter().position(|c| !set.contains(c.code())).unwrap_or(text.len())
        }
    }
}

fn is_word(words: Words, c: u32) -> bool {
    match words {
        Words::Ascii => is_ascii_word(c),
        Words::Locale => is_locale_word(c),
        Words::Unicode => is_unicode_word(c),
    }
}

#[inline]
fn is_at<C: Character>(at: At, text: &[C], position: usize) -> bool {
    let is_newline = |c: Option<&C>| c.is_some_and(|c| c.code() == b'\n' as u32);
    match at {
        At::Beginning => position == 0,
        At::BeginningLine => position == 0 || is_newline(text.get(position - 1)),
        At::End => position == text.len() || (position + 1 == text.len() && is_newline(text.last())),
        At::EndLine => position == text.len() || is_newline(text.get(position)),
        At::EndString => position == text.len(),
        At::Boundary(words, wanted) => {
            let here = |c: Option<&C>| c.is_some_and(|c| is_word(words, c.code()));
            let before = position > 0 && here(text.get(position - 1));
            (before != here(text.get(position))) == wanted
        }
    }
}

/// Matches the text of a group again; the position behind it.
fn match_group<C: Character>(machine: &Machine, mark: u32, fold: Fold, text: &[C], position: usize) -> Option<usize> {
    let (start, end) = (machine.marks[mark as usize], machine.marks[mark as usize + 1]);
    if start == UNSET || end == UNSET {
        return None;
    }
    let group = text.get(start..end)?;
    let here = text.get(position..position.checked_add(group.len())?)?;
    let same = match fold {
        Fold::None => group == here,
        fold => group.iter().zip(here).all(|(a, b)| fold.lower(a.code()) == fold.lower(b.code())),
    };
    same.then_some(position + group.len())
}

/// The rightmost position from `high` down to `low` where what follows the repeat may begin.
#[inline]
fn last_possible<C: Character>(repeat: &UnitRepeat, text: &[C], low: usize, high: usize) -> Option<usize> {
    if let Some(lit) = repeat.tail_literal {
        let lit = C::from_code(lit)?;
        let high = high.min(text.len().checked_sub(1)?);
        return text.get(low..=high)?.iter().rposition(|&c| c == lit).map(|at| low + at);
    }
    match &repeat.tail {
        Some(tail) => {
            let high = high.min(text.len().checked_sub(1)?);
            text.get(low..=high)?.iter().rposition(|c| tail.contains(c.code())).map(|at| low + at)
        }
        None => Some(high),
    }
}

/// Matches from instruction `pc` at `position`; the end of the match. The marks are in the machine.
pub fn run<C: Character>(
    program: &Program,
    machine: &mut Machine,
    text: &[C],
    mut pc: usize,
    mut position: usize,
    limits: Limits,
) -> PyResult<Option<usize>> {
    machine.reset();
    loop {
        let matched = match program.insts[pc] {
            Inst::Unit(unit) => match text.get(position) {
                Some(&c) if is_unit(program, unit, c) => {
                    position += 1;
                    pc += 1;
                    true
                }
                _ => false,
            },
            Inst::Mark(mark) => {
                machine.set_mark(mark, position)?;
                pc += 1;
                true
            }
            Inst::Jump(to) => {
                pc = to as usize;
                true
            }
            Inst::Alternative { next, first } => {
                let possible =
                    first == NO_TEST || text.get(position).is_some_and(|c| program.firsts[first as usize].contains(c.code()));
                if possible {
                    if next != NO_NEXT {
                        machine.push(Kind::Choice, next, position, 0)?;
                    }
                    pc += 1;
                } else if next != NO_NEXT {
                    pc = next as usize;
                }
                possible || next != NO_NEXT
            }
            Inst::At(at) => {
                pc += 1;
                is_at(at, text, position)
            }
            Inst::RepeatOne(number) => {
                let repeat = &program.unit_repeats[number as usize];
                let rest = text.get(position..).unwrap_or(&[]);
                let count = count_units(program, repeat.unit, &rest[..rest.len().min(repeat.max)]);
                let low = position.saturating_add(repeat.min);
                let high = position + count;
                pc = repeat.next as usize;
                if count < repeat.min {
                    false
                } else if low == high || repeat.is_final || (C::NARROW && repeat.is_final_below_256) {
                    position = high;
                    true
                } else {
                    match last_possible(repeat, text, low, high) {
                        None => false,
                        Some(at) => {
                            if at > low {
                                machine.push(Kind::Greedy, number, low, at)?;
                            }
                            position = at;
                            true
                        }
                    }
                }
            }
            Inst::MinRepeatOne(number) => {
                let repeat = &program.unit_repeats[number as usize];
                let rest = text.get(position..).unwrap_or(&[]);
                let count = count_units(program, repeat.unit, &rest[..rest.len().min(repeat.min)]);
                if count < repeat.min {
                    false
                } else {
                    position += count;
                    if repeat.max > count {
                        machine.push(Kind::Lazy, number, position, count)?;
                    }
                    pc = repeat.next as usize;
                    true
                }
            }
            Inst::PossessiveOne(number) => {
                let repeat = &program.unit_repeats[number as usize];
                let rest = text.get(position..).unwrap_or(&[]);
                let count = count_units(program, repeat.unit, &rest[..rest.len().min(repeat.max)]);
                position += count;
                pc = repeat.next as usize;
                count >= repeat.min
            }
            Inst::Repeat(number) => {
                machine.save_loop(number)?;
                machine.counts[number as usize] = 0;
                machine.lasts[number as usize] = UNSET;
                pc = program.loops[number as usize].until as usize;
                true
            }
            Inst::MaxUntil(number) => {
                let entry = &program.loops[number as usize];
                if machine.counts[number as usize] < entry.min && machine.next_required(number, entry.min, position)? {
                    pc = entry.body as usize;
                } else if machine.counts[number as usize] < entry.max
                    && position != machine.lasts[number as usize]
                    && entry.first.as_ref().is_none_or(|first| text.get(position).is_some_and(|c| first.contains(c.code())))
                {
                    machine.push(Kind::Choice, entry.tail, position, 0)?;
                    machine.save_loop(number)?;
                    machine.counts[number as usize] += 1;
                    machine.lasts[number as usize] = position;
                    pc = entry.body as usize;
                } else {
                    pc = entry.tail as usize;
                }
                true
            }
            Inst::MinUntil(number) => {
                let entry = &program.loops[number as usize];
                if machine.counts[number as usize] < entry.min && machine.next_required(number, entry.min, position)? {
                    pc = entry.body as usize;
                } else {
                    machine.push(Kind::LazyLoop, number, position, 0)?;
                    pc = entry.tail as usize;
                }
                true
            }
            Inst::Group { mark, fold } => match match_group(machine, mark, fold, text, position) {
                Some(end) => {
                    position = end;
                    pc += 1;
                    true
                }
                None => false,
            },
            Inst::GroupExists { mark, otherwise } => {
                let (start, end) = (machine.marks[mark as usize], machine.marks[mark as usize + 1]);
                let exists = start != UNSET && end != UNSET && start <= end;
                pc = if exists { pc + 1 } else { otherwise as usize };
                true
            }
            Inst::Assert { back, .. } => match position.checked_sub(back as usize) {
                Some(start) => {
                    machine.raise_barrier(Kind::Assert, pc as u32, position)?;
                    position = start;
                    pc += 1;
                    true
                }
                None => false,
            },
            Inst::AssertNot { back, next } => {
                match position.checked_sub(back as usize) {
                    Some(start) => {
                        machine.raise_barrier(Kind::AssertNot, pc as u32, position)?;
                        position = start;
                        pc += 1;
                    }
                    None => pc = next as usize,
                }
                true
            }
            Inst::Atomic => {
                machine.raise_barrier(Kind::Atomic, pc as u32, position)?;
                pc += 1;
                true
            }
            Inst::Possessive(number) => {
                machine.save_loop(number)?;
                machine.counts[number as usize] = 0;
                machine.lasts[number as usize] = UNSET;
                pc = possessive_round(program, machine, number, position)?;
                true
            }
            Inst::SubAccept => match machine.stack.get(machine.barrier).map(|barrier| barrier.kind) {
                Some(Kind::AssertNot) => {
                    machine.unwind();
                    false
                }
                Some(kind) => {
                    let Some(barrier) = machine.cut() else { return Ok(None) };
                    match kind {
                        Kind::Assert => {
                            position = barrier.a;
                            pc = match program.insts[barrier.arg as usize] {
                                Inst::Assert { next, .. } => next as usize,
                                _ => pc + 1,
                            };
                        }
                        Kind::Required | Kind::Optional => {
                            if matches!(kind, Kind::Optional) {
                                machine.save_loop(barrier.arg)?;
                                machine.counts[barrier.arg as usize] += 1;
                            }
                            pc = possessive_round(program, machine, barrier.arg, position)?;
                        }
                        _ => pc += 1,
                    }
                    true
                }
                None => false,
            },
            Inst::Accept => {
                if !(limits.whole && position != text.len()) && position != limits.not_at {
                    return Ok(Some(position));
                }
                false
            }
            Inst::Fail => false,
        };
        machine.ticks = machine.ticks.wrapping_add(1);
        if machine.ticks & 0xffff == 0 {
            runtime::gil::check_signals()?;
        }
        if matched {
            continue;
        }
        // Back to the last choice.
        loop {
            let Some(entry) = machine.stack.pop() else { return Ok(None) };
            match entry.kind {
                Kind::Choice => {
                    (pc, position) = (entry.arg as usize, entry.a);
                    break;
                }
                Kind::Greedy => {
                    let repeat = &program.unit_repeats[entry.arg as usize];
                    let Some(at) = last_possible(repeat, text, entry.a, entry.b - 1) else { continue };
                    if at > entry.a {
                        machine.push(Kind::Greedy, entry.arg, entry.a, at)?;
                    }
                    (pc, position) = (repeat.next as usize, at);
                    break;
                }
                Kind::Lazy => {
                    let repeat = &program.unit_repeats[entry.arg as usize];
                    let (mut at, mut count) = (entry.a, entry.b);
                    // One more, and on to where what follows may begin.
                    let resumed = loop {
                        match text.get(at) {
                            Some(&c) if count < repeat.max && is_unit(program, repeat.unit, c) => {}
                            _ => break false,
                        }
                        at += 1;
                        count += 1;
                        match &repeat.tail {
                            Some(tail) if !text.get(at).is_some_and(|c| tail.contains(c.code())) => {}
                            _ => break true,
                        }
                    };
                    if resumed {
                        if count < repeat.max {
                            machine.push(Kind::Lazy, entry.arg, at, count)?;
                        }
                        (pc, position) = (repeat.next as usize, at);
                        break;
                    }
                }
                Kind::LazyLoop => {
                    let repeat = &program.loops[entry.arg as usize];
                    let count = machine.counts[entry.arg as usize];
                    if count < repeat.max && entry.a != machine.lasts[entry.arg as usize] {
                        machine.save_loop(entry.arg)?;
                        machine.counts[entry.arg as usize] = count + 1;
                        machine.lasts[entry.arg as usize] = entry.a;
                        (pc, position) = (repeat.body as usize, entry.a);
                        break;
                    }
                }
                Kind::Mark | Kind::Loop => machine.undo(&entry),
                Kind::Assert | Kind::Atomic | Kind::Required => machine.barrier = entry.b,
                Kind::AssertNot => {
                    machine.barrier = entry.b;
                    position = entry.a;
                    if let Inst::AssertNot { next, .. } = program.insts[entry.arg as usize] {
                        pc = next as usize;
                    }
                    break;
                }
                Kind::Optional => {
                    machine.barrier = entry.b;
                    (pc, position) = (program.loops[entry.arg as usize].tail as usize, entry.a);
                    break;
                }
            }
        }
    }
}

/// The next round of a possessive repeat, or what follows it.
fn possessive_round(program: &Program, machine: &mut Machine, number: u32, position: usize) -> PyResult<usize> {
    let entry = &program.loops[number as usize];
    if machine.counts[number as usize] < entry.min && machine.next_required(number, entry.min, position)? {
        machine.raise_barrier(Kind::Required, number, position)?;
        return Ok(entry.body as usize);
    }
    if machine.counts[number as usize] < entry.max && position != machine.lasts[number as usize] {
        machine.save_loop(number)?;
        machine.lasts[number as usize] = position;
        machine.raise_barrier(Kind::Optional, number, position)?;
        return Ok(entry.body as usize);
    }
    Ok(entry.tail as usize)
}

impl Machine {
    /// Start and end of a group (from 1 on) after a match.
    #[inline]
    pub fn group(&self, group: usize) -> Option<(usize, usize)> {
        let (start, end) = (self.marks[2 * group - 2], self.marks[2 * group - 1]);
        (start != UNSET && end != UNSET && start <= end).then_some((start, end))
    }
    /// Gives the memory of an unusually deep stack back.
    pub fn forget_deep_stack(&mut self) {
        if self.stack.capacity() > 1 << 14 {
            self.stack = Vec::new();
        }
    }
}
