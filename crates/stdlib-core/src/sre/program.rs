//! A compiled pattern: SRE's code, checked and translated into instructions with resolved jumps.
//!
//! The translation is the validation: code that does not have the shape the compiler gives it is refused, and the engine trusts what is
//! here. Each alternative, repeat and pattern knows the characters its match can begin with (`Bitmap`), so that most dead ends are never
//! entered.

use super::charset::{self, Bitmap, CATEGORIES, Charset, Fold};
use memchr::memmem::Finder;

/// SRE's opcodes.
#[allow(dead_code)]
pub mod op {
    macro_rules! opcodes { ($($name:ident = $value:expr),* $(,)?) => { $(pub const $name: u32 = $value;)* } }
    opcodes! {
        FAILURE = 0, SUCCESS = 1, ANY = 2, ANY_ALL = 3, ASSERT = 4, ASSERT_NOT = 5, AT = 6, BRANCH = 7, CATEGORY = 8, CHARSET = 9,
        BIGCHARSET = 10, GROUPREF = 11, GROUPREF_EXISTS = 12, IN = 13, INFO = 14, JUMP = 15, LITERAL = 16, MARK = 17, MAX_UNTIL = 18,
        MIN_UNTIL = 19, NOT_LITERAL = 20, NEGATE = 21, RANGE = 22, REPEAT = 23, REPEAT_ONE = 24, SUBPATTERN = 25, MIN_REPEAT_ONE = 26,
        ATOMIC_GROUP = 27, POSSESSIVE_REPEAT = 28, POSSESSIVE_REPEAT_ONE = 29, GROUPREF_IGNORE = 30, IN_IGNORE = 31, LITERAL_IGNORE = 32,
        NOT_LITERAL_IGNORE = 33, GROUPREF_LOC_IGNORE = 34, IN_LOC_IGNORE = 35, LITERAL_LOC_IGNORE = 36, NOT_LITERAL_LOC_IGNORE = 37,
        GROUPREF_UNI_IGNORE = 38, IN_UNI_IGNORE = 39, LITERAL_UNI_IGNORE = 40, NOT_LITERAL_UNI_IGNORE = 41, RANGE_UNI_IGNORE = 42,
    }
}

pub const MAXREPEAT: u32 = u32::MAX;
pub const MAXGROUPS: u32 = (i32::MAX / 2) as u32;

const INFO_PREFIX: u32 = 1;
const INFO_LITERAL: u32 = 2;
const INFO_CHARSET: u32 = 4;

/// Code that the compiler would not make.
#[derive(Debug)]
pub struct InvalidCode;
type Checked<T> = Result<T, InvalidCode>;

/// One character's match.
#[derive(Clone, Copy, Debug)]
pub enum Unit {
    Any,
    AnyAll,
    Literal(u32),
    NotLiteral(u32),
    Folded { fold: Fold, lit: u32, negated: bool },
    Set(u32),
}

/// Positions. The numbers are SRE's `AT_*`.
#[derive(Clone, Copy, Debug)]
pub enum At {
    Beginning,
    BeginningLine,
    Boundary(Words, bool),
    End,
    EndLine,
    EndString,
}

#[derive(Clone, Copy, Debug)]
pub enum Words {
    Ascii,
    Locale,
    Unicode,
}

#[derive(Clone, Copy, Debug)]
pub enum Inst {
    Fail,
    /// The whole pattern has matched.
    Accept,
    /// An assertion's, atomic group's or possessive item's body has matched.
    SubAccept,
    Unit(Unit),
    Mark(u32),
    At(At),
    Jump(u32),
    /// An alternative: another one is at `next`; `first` is a bitmap's number or `NO_TEST`. The last one has `next == NO_NEXT`.
    Alternative { next: u32, first: u32 },
    Group { mark: u32, fold: Fold },
    /// Goes on behind itself if the group has matched, else at `otherwise`.
    GroupExists { mark: u32, otherwise: u32 },
    Assert { back: u32, next: u32 },
    AssertNot { back: u32, next: u32 },
    Atomic,
    RepeatOne(u32),
    MinRepeatOne(u32),
    PossessiveOne(u32),
    Repeat(u32),
    MaxUntil(u32),
    MinUntil(u32),
    Possessive(u32),
}

pub const NO_TEST: u32 = u32::MAX;
pub const NO_NEXT: u32 = u32::MAX;

/// A repeat of one unit.
pub struct UnitRepeat {
    pub unit: Unit,
    pub min: usize,
    pub max: usize,
    /// What follows.
    pub next: u32,
    /// The characters that what follows can begin with, if it cannot be empty.
    pub tail: Option<Bitmap>,
    /// Its only such character.
    pub tail_literal: Option<u32>,
    /// Nothing that the unit matches can begin what follows: giving characters back is in vain.
    pub is_final: bool,
    /// As `is_final`, in texts without characters above 255.
    pub is_final_below_256: bool,
}

/// A repeat of anything.
pub struct Loop {
    pub min: usize,
    pub max: usize,
    pub body: u32,
    /// The UNTIL instruction.
    pub until: u32,
    pub tail: u32,
    pub first: Option<Bitmap>,
}

/// How `search` finds places where a match may begin.
pub enum Start {
    /// With these characters; the first `skip` of them need no second look.
    Prefix { text: Box<[u32]>, skip: usize, finder: Option<Box<Finder<'static>>>, whole: bool },
    First(Bitmap),
    /// Only at the beginning of the text.
    Beginning,
    Anywhere,
}

pub struct Program {
    pub insts: Vec<Inst>,
    pub sets: Vec<Charset>,
    pub firsts: Vec<Bitmap>,
    pub unit_repeats: Vec<UnitRepeat>,
    pub loops: Vec<Loop>,
    pub start: Start,
    pub min_width: usize,
}

/// Translates the code of a pattern with `groups` groups.
pub fn translate(code: &[u32], groups: usize) -> Checked<Program> {
    let program = Program {
        insts: Vec::new(),
        sets: Vec::new(),
        firsts: Vec::new(),
        unit_repeats: Vec::new(),
        loops: Vec::new(),
        start: Start::Anywhere,
        min_width: 0,
    };
    let mut translator = Translator { program, groups, depth: 0, budget: 4 * code.len() + 64 };
    let mut body = code;
    let mut info = None;
    if code.first() == Some(&op::INFO) {
        let skip = *code.get(1).ok_or(InvalidCode)? as usize;
        info = Some(code.get(2..skip + 1).ok_or(InvalidCode)?);
        body = &code[skip + 1..];
    }
    let Some((&op::SUCCESS, body)) = body.split_last() else { return Err(InvalidCode) };
    translator.sequence(body)?;
    translator.emit(Inst::Accept);
    let mut program = translator.program;
    program.add_first_tests();
    program.choose_start(info)?;
    Ok(program)
}

struct Translator {
    program: Program,
    groups: usize,
    depth: u32,
    /// How many instructions may still be translated: an end to going back.
    budget: usize,
}

/// A reader of the words of a piece of code.
struct Words32<'a> {
    code: &'a [u32],
    at: usize,
}

impl<'a> Words32<'a> {
    fn next(&mut self) -> Checked<u32> {
        let word = *self.code.get(self.at).ok_or(InvalidCode)?;
        self.at += 1;
        Ok(word)
    }
    /// The words up to where a skip word here leads; they are passed over. The skip counts from its own place.
    fn skipped(&mut self, operands: usize) -> Checked<(Vec<u32>, &'a [u32])> {
        let at = self.at;
        let skip = self.next()? as usize;
        let mut values = Vec::with_capacity(operands);
        for _ in 0..operands {
            values.push(self.next()?);
        }
        let end = at.checked_add(skip).ok_or(InvalidCode)?;
        let body = self.code.get(self.at..end).ok_or(InvalidCode)?;
        self.at = end;
        Ok((values, body))
    }
}

fn without_success(code: &[u32]) -> Checked<&[u32]> {
    match code.split_last() {
        Some((&op::SUCCESS, body)) => Ok(body),
        _ => Err(InvalidCode),
    }
}

impl Translator {
    fn here(&self) -> u32 {
        self.program.insts.len() as u32
    }
    fn emit(&mut self, inst: Inst) -> u32 {
        let at = self.here();
        self.program.insts.push(inst);
        at
    }

    fn sequence(&mut self, code: &[u32]) -> Checked<()> {
        // Deeper than any pattern that the compiler can make on its own recursion; shallow enough for the native stack.
        self.depth += 1;
        if self.depth > 1000 {
            return Err(InvalidCode);
        }
        let mut words = Words32 { code, at: 0 };
        while words.at < code.len() {
            self.instruction(&mut words)?;
        }
        self.depth -= 1;
        Ok(())
    }

    fn instruction(&mut self, words: &mut Words32<'_>) -> Checked<()> {
        self.budget = self.budget.checked_sub(1).ok_or(InvalidCode)?;
        let opcode = words.next()?;
        if let Some(unit) = self.unit(opcode, words)? {
            self.emit(Inst::Unit(unit));
            return Ok(());
        }
        match opcode {
            op::FAILURE => {
                self.emit(Inst::Fail);
            }
            op::MARK => {
                let mark = words.next()?;
                if mark as usize >= 2 * self.groups {
                    return Err(InvalidCode);
                }
                self.emit(Inst::Mark(mark));
            }
            op::AT => {
                let at = at_code(words.next()?)?;
                self.emit(Inst::At(at));
            }
            op::BRANCH => self.branch(words)?,
            op::GROUPREF => self.group(words, Fold::None)?,
            op::GROUPREF_IGNORE => self.group(words, Fold::Ascii)?,
            op::GROUPREF_UNI_IGNORE => self.group(words, Fold::Unicode)?,
            op::GROUPREF_LOC_IGNORE => self.group(words, Fold::Locale)?,
            op::GROUPREF_EXISTS => self.group_exists(words)?,
            op::ASSERT | op::ASSERT_NOT => {
                let (operands, body) = words.skipped(1)?;
                let back = operands[0];
                let at = self.emit(Inst::Fail);
                self.sequence(without_success(body)?)?;
                self.emit(Inst::SubAccept);
                let next = self.here();
                self.program.insts[at as usize] =
                    if opcode == op::ASSERT { Inst::Assert { back, next } } else { Inst::AssertNot { back, next } };
            }
            op::ATOMIC_GROUP => {
                let (_, body) = words.skipped(0)?;
                self.emit(Inst::Atomic);
                self.sequence(without_success(body)?)?;
                self.emit(Inst::SubAccept);
            }
            op::REPEAT_ONE | op::MIN_REPEAT_ONE | op::POSSESSIVE_REPEAT_ONE => self.unit_repeat(opcode, words)?,
            op::REPEAT | op::POSSESSIVE_REPEAT => self.repeat(opcode, words)?,
            _ => return Err(InvalidCode),
        }
        Ok(())
    }

    fn unit(&mut self, opcode: u32, words: &mut Words32<'_>) -> Checked<Option<Unit>> {
        let folded = |fold, lit, negated| Some(Unit::Folded { fold, lit, negated });
        Ok(match opcode {
            op::ANY => Some(Unit::Any),
            op::ANY_ALL => Some(Unit::AnyAll),
            op::LITERAL => Some(Unit::Literal(words.next()?)),
            op::NOT_LITERAL => Some(Unit::NotLiteral(words.next()?)),
            op::LITERAL_IGNORE => folded(Fold::Ascii, words.next()?, false),
            op::NOT_LITERAL_IGNORE => folded(Fold::Ascii, words.next()?, true),
            op::LITERAL_UNI_IGNORE => folded(Fold::Unicode, words.next()?, false),
            op::NOT_LITERAL_UNI_IGNORE => folded(Fold::Unicode, words.next()?, true),
            op::LITERAL_LOC_IGNORE => folded(Fold::Locale, words.next()?, false),
            op::NOT_LITERAL_LOC_IGNORE => folded(Fold::Locale, words.next()?, true),
            op::IN => Some(self.set(words, Fold::None)?),
            op::IN_IGNORE => Some(self.set(words, Fold::Ascii)?),
            op::IN_UNI_IGNORE => Some(self.set(words, Fold::Unicode)?),
            op::IN_LOC_IGNORE => Some(self.set(words, Fold::Locale)?),
            op::CATEGORY => {
                let category = words.next()?;
                if category >= CATEGORIES {
                    return Err(InvalidCode);
                }
                Some(self.add_set(&[op::CATEGORY, category, op::FAILURE], Fold::None))
            }
            _ => None,
        })
    }

    fn set(&mut self, words: &mut Words32<'_>, fold: Fold) -> Checked<Unit> {
        let (_, code) = words.skipped(0)?;
        charset::validate(code)?;
        Ok(self.add_set(code, fold))
    }
    fn add_set(&mut self, code: &[u32], fold: Fold) -> Unit {
        self.program.sets.push(Charset::new(code, fold));
        Unit::Set(self.program.sets.len() as u32 - 1)
    }

    fn branch(&mut self, words: &mut Words32<'_>) -> Checked<()> {
        let mut ends = Vec::new();
        let mut target = None;
        let mut last = None;
        loop {
            let start = words.at;
            if words.code.get(start) == Some(&0) {
                words.at += 1;
                break;
            }
            let (_, body) = words.skipped(0)?;
            // The body ends with a jump behind the branch.
            let Some((&[op::JUMP, skip], body)) = body.split_last_chunk::<2>().map(|(body, jump)| (jump, body)) else { return Err(InvalidCode) };
            let to = words.at - 1 + skip as usize;
            if *target.get_or_insert(to) != to {
                return Err(InvalidCode);
            }
            let at = self.emit(Inst::Alternative { next: NO_NEXT, first: NO_TEST });
            if let Some(last) = last.replace(at) {
                self.program.insts[last as usize] = Inst::Alternative { next: at, first: NO_TEST };
            }
            self.sequence(body)?;
            ends.push(self.emit(Inst::Fail));
        }
        match target {
            None => {
                self.emit(Inst::Fail);
            }
            Some(target) if target != words.at => return Err(InvalidCode),
            Some(_) => {}
        }
        let next = self.here();
        for end in ends {
            self.program.insts[end as usize] = Inst::Jump(next);
        }
        Ok(())
    }

    fn group_number(&self, group: u32) -> Checked<u32> {
        if group as usize >= self.groups { Err(InvalidCode) } else { Ok(2 * group) }
    }
    fn group(&mut self, words: &mut Words32<'_>, fold: Fold) -> Checked<()> {
        let mark = self.group_number(words.next()?)?;
        self.emit(Inst::Group { mark, fold });
        Ok(())
    }

    /// `group skip yes`, or `group skip yes JUMP skip no`: the first skip leads behind `yes` (and its jump), counted from the word before.
    fn group_exists(&mut self, words: &mut Words32<'_>) -> Checked<()> {
        let mark = self.group_number(words.next()?)?;
        let at = words.at;
        let skip = words.next()? as usize;
        let end_of_yes = (at + skip).checked_sub(1).filter(|&end| end > at && end <= words.code.len()).ok_or(InvalidCode)?;
        let mut yes = &words.code[words.at..end_of_yes];
        let mut no = None;
        words.at = end_of_yes;
        if let Some((body, &[op::JUMP, skip])) = yes.split_last_chunk::<2>() {
            // Almost certainly the jump behind `no`; but a repeat of U+000F at the end looks the same, and is tried next.
            let end = (end_of_yes - 1).checked_add(skip as usize).ok_or(InvalidCode)?;
            if skip > 0
                && let Some(code) = words.code.get(end_of_yes..end)
            {
                (yes, no) = (body, Some(code));
                words.at = end;
            }
        }
        let state = self.state();
        let inst = self.emit(Inst::Fail);
        if self.sequence(yes).is_err() {
            if no.take().is_none() {
                return Err(InvalidCode);
            }
            self.restore(state);
            self.emit(Inst::Fail);
            words.at = end_of_yes;
            self.sequence(&words.code[at + 1..end_of_yes])?;
        }
        let otherwise = match no {
            None => self.here(),
            Some(no) => {
                let jump = self.emit(Inst::Fail);
                let otherwise = self.here();
                self.sequence(no)?;
                let end = self.here();
                self.program.insts[jump as usize] = Inst::Jump(end);
                otherwise
            }
        };
        self.program.insts[inst as usize] = Inst::GroupExists { mark, otherwise };
        Ok(())
    }

    /// The lengths of what has been translated, to go back to.
    fn state(&self) -> (u32, [usize; 4]) {
        let program = &self.program;
        (self.depth, [program.insts.len(), program.sets.len(), program.unit_repeats.len(), program.loops.len()])
    }
    fn restore(&mut self, (depth, [insts, sets, unit_repeats, loops]): (u32, [usize; 4])) {
        self.depth = depth;
        self.program.insts.truncate(insts);
        self.program.sets.truncate(sets);
        self.program.unit_repeats.truncate(unit_repeats);
        self.program.loops.truncate(loops);
    }

    fn unit_repeat(&mut self, opcode: u32, words: &mut Words32<'_>) -> Checked<()> {
        let (bounds, body) = words.skipped(2)?;
        let (min, max) = repeat_bounds(&bounds)?;
        let mut item = Words32 { code: without_success(body)?, at: 0 };
        let opcode_of_unit = item.next()?;
        let unit = match opcode_of_unit {
            // What no character is in.
            op::FAILURE => self.add_set(&[op::FAILURE], Fold::None),
            _ => self.unit(opcode_of_unit, &mut item)?.ok_or(InvalidCode)?,
        };
        if item.at != item.code.len() {
            return Err(InvalidCode);
        }
        let number = self.program.unit_repeats.len() as u32;
        let at = self.emit(match opcode {
            op::REPEAT_ONE => Inst::RepeatOne(number),
            op::MIN_REPEAT_ONE => Inst::MinRepeatOne(number),
            _ => Inst::PossessiveOne(number),
        });
        let repeat =
            UnitRepeat { unit, min, max, next: at + 1, tail: None, tail_literal: None, is_final: false, is_final_below_256: false };
        self.program.unit_repeats.push(repeat);
        Ok(())
    }

    fn repeat(&mut self, opcode: u32, words: &mut Words32<'_>) -> Checked<()> {
        let (bounds, body) = words.skipped(2)?;
        let (min, max) = repeat_bounds(&bounds)?;
        let number = self.program.loops.len() as u32;
        self.program.loops.push(Loop { min, max, body: 0, until: 0, tail: 0, first: None });
        let at = self.emit(if opcode == op::REPEAT { Inst::Repeat(number) } else { Inst::Possessive(number) });
        self.sequence(body)?;
        let until = self.emit(match (opcode, words.next()?) {
            (op::REPEAT, op::MAX_UNTIL) => Inst::MaxUntil(number),
            (op::REPEAT, op::MIN_UNTIL) => Inst::MinUntil(number),
            (op::POSSESSIVE_REPEAT, op::SUCCESS) => Inst::SubAccept,
            _ => return Err(InvalidCode),
        });
        let entry = &mut self.program.loops[number as usize];
        (entry.body, entry.until, entry.tail) = (at + 1, until, until + 1);
        Ok(())
    }
}

fn repeat_bounds(bounds: &[u32]) -> Checked<(usize, usize)> {
    let (min, max) = (bounds[0], bounds[1]);
    if min > max {
        return Err(InvalidCode);
    }
    Ok((min as usize, if max == MAXREPEAT { usize::MAX } else { max as usize }))
}

fn at_code(code: u32) -> Checked<At> {
    Ok(match code {
        0 | 2 => At::Beginning,
        1 => At::BeginningLine,
        3 => At::Boundary(Words::Ascii, true),
        4 => At::Boundary(Words::Ascii, false),
        5 => At::End,
        6 => At::EndLine,
        7 => At::EndString,
        8 => At::Boundary(Words::Locale, true),
        9 => At::Boundary(Words::Locale, false),
        10 => At::Boundary(Words::Unicode, true),
        11 => At::Boundary(Words::Unicode, false),
        _ => return Err(InvalidCode),
    })
}

// ---- what a match can begin with ----

impl Program {
    fn unit_bitmap(&self, unit: Unit) -> Bitmap {
        match unit {
            Unit::Any => Bitmap::not_literal(b'\n' as u32),
            Unit::AnyAll => Bitmap::FULL,
            Unit::Literal(lit) => Bitmap::literal(lit),
            Unit::NotLiteral(lit) => Bitmap::not_literal(lit),
            Unit::Folded { fold: Fold::Locale, .. } => Bitmap::FULL,
            Unit::Folded { fold, lit, negated } => Bitmap::folded_literal(lit, fold, negated),
            Unit::Set(set) => self.sets[set as usize].map,
        }
    }

    /// The characters that a match from `pc` can begin with; `None` if it can be empty, or if it is too much work to say.
    fn first(&self, mut pc: u32, budget: &mut u32) -> Option<Bitmap> {
        loop {
            *budget = budget.checked_sub(1)?;
            match *self.insts.get(pc as usize)? {
                Inst::Fail => return Some(Bitmap::EMPTY),
                Inst::Accept | Inst::SubAccept | Inst::Group { .. } | Inst::MaxUntil(_) | Inst::MinUntil(_) => return None,
                Inst::Unit(unit) => return Some(self.unit_bitmap(unit)),
                Inst::Mark(_) | Inst::At(_) | Inst::Atomic => pc += 1,
                Inst::Jump(to) => pc = to,
                Inst::Assert { next, .. } | Inst::AssertNot { next, .. } => pc = next,
                Inst::Alternative { next, .. } => {
                    let own = self.first(pc + 1, budget)?;
                    if next == NO_NEXT {
                        return Some(own);
                    }
                    return Some(own.union(&self.first(next, budget)?));
                }
                Inst::GroupExists { otherwise, .. } => return Some(self.first(pc + 1, budget)?.union(&self.first(otherwise, budget)?)),
                Inst::RepeatOne(number) | Inst::MinRepeatOne(number) | Inst::PossessiveOne(number) => {
                    let repeat = &self.unit_repeats[number as usize];
                    let own = self.unit_bitmap(repeat.unit);
                    return if repeat.min > 0 { Some(own) } else { Some(own.union(&self.first(repeat.next, budget)?)) };
                }
                Inst::Repeat(number) | Inst::Possessive(number) => {
                    let entry = &self.loops[number as usize];
                    let own = self.first(entry.body, budget)?;
                    return if entry.min > 0 { Some(own) } else { Some(own.union(&self.first(entry.tail, budget)?)) };
                }
            }
        }
    }

    fn first_of(&self, pc: u32) -> Option<Bitmap> {
        self.first(pc, &mut 64).filter(|map| *map != Bitmap::FULL)
    }

    fn add_first_tests(&mut self) {
        for pc in 0..self.insts.len() {
            match self.insts[pc] {
                Inst::Alternative { next, .. } => {
                    if let Some(map) = self.first_of(pc as u32 + 1) {
                        self.firsts.push(map);
                        self.insts[pc] = Inst::Alternative { next, first: self.firsts.len() as u32 - 1 };
                    }
                }
                Inst::RepeatOne(number) | Inst::MinRepeatOne(number) | Inst::PossessiveOne(number) => {
                    let repeat = &self.unit_repeats[number as usize];
                    let own = self.unit_bitmap(repeat.unit);
                    let Some(tail) = self.first_of(repeat.next) else { continue };
                    let literal = match self.literal_at(repeat.next) {
                        Some(lit) => Some(lit),
                        None => tail.single(),
                    };
                    let repeat = &mut self.unit_repeats[number as usize];
                    repeat.is_final_below_256 = own.is_disjoint_below_256(&tail);
                    repeat.is_final = repeat.is_final_below_256 && !(own.high && tail.high);
                    repeat.tail = Some(tail);
                    repeat.tail_literal = literal;
                }
                Inst::Repeat(number) | Inst::Possessive(number) => {
                    let first = self.first_of(self.loops[number as usize].body);
                    self.loops[number as usize].first = first;
                }
                _ => {}
            }
        }
    }

    /// The literal that is matched first from `pc` on.
    fn literal_at(&self, mut pc: u32) -> Option<u32> {
        loop {
            match *self.insts.get(pc as usize)? {
                Inst::Unit(Unit::Literal(lit)) => return Some(lit),
                Inst::Mark(_) => pc += 1,
                Inst::Jump(to) if to > pc => pc = to,
                _ => return None,
            }
        }
    }

    fn choose_start(&mut self, info: Option<&[u32]>) -> Checked<()> {
        if let Some(info) = info {
            let &[flags, min, _, ref rest @ ..] = info else { return Err(InvalidCode) };
            self.min_width = min as usize;
            if flags & !(INFO_PREFIX | INFO_LITERAL | INFO_CHARSET) != 0 {
                return Err(InvalidCode);
            }
            if flags & INFO_PREFIX != 0 {
                let &[len, skip, ref text @ ..] = rest else { return Err(InvalidCode) };
                let (text, overlap) = text.split_at_checked(len as usize).ok_or(InvalidCode)?;
                if overlap.len() != text.len() || skip > len || text.is_empty() {
                    return Err(InvalidCode);
                }
                // The prefix must be what the code begins with; then the engine may skip it.
                let is_prefix = |at: usize| matches!(self.insts[at], Inst::Unit(Unit::Literal(lit)) if lit == text[at]);
                if skip as usize > self.insts.len() || !(0..skip as usize).all(is_prefix) {
                    return Err(InvalidCode);
                }
                let bytes: Option<Vec<u8>> = text.iter().map(|&c| u8::try_from(c).ok()).collect();
                let whole = flags & INFO_LITERAL != 0 && skip == len && matches!(self.insts.get(len as usize), Some(Inst::Accept));
                let finder = bytes.map(|bytes| Box::new(Finder::new(&bytes).into_owned()));
                self.start = Start::Prefix { text: text.into(), skip: skip as usize, finder, whole };
                return Ok(());
            }
            if flags & INFO_CHARSET != 0 {
                charset::validate(rest)?;
            }
        }
        if matches!(self.insts[0], Inst::At(At::Beginning)) {
            self.start = Start::Beginning;
        } else if let Some(first) = self.first_of(0) {
            self.start = Start::First(first);
        }
        Ok(())
    }
}
