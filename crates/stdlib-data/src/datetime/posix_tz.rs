//! Time zones as POSIX writes them (`EST5EDT,M3.2.0,M11.1.0`), and when daylight saving time begins and ends by them.

use super::calendar;

/// 1970-01-01, counted from the beginning of year 1.
const EPOCH: i64 = 719_163;

/// A day of each year, and seconds after its beginning.
pub struct Rule {
    day: Day,
    time: i64,
}

enum Day {
    /// From 0 on, or (Julian) from 1 on without February 29.
    OfYear { day: i64, is_julian: bool },
    /// The `week`th `day` (0 is Sunday) of a month; the fifth is the last.
    OfMonth { month: i32, week: i64, day: i64 },
}

impl Rule {
    /// The rule's moment in a year, in seconds since 1970 by the clock.
    pub fn in_year(&self, year: i32) -> i64 {
        let day = match self.day {
            Day::OfYear { day, is_julian } => {
                // As everywhere: day 0 lies before the year, and after day 59 a leap year has one more.
                calendar::ordinal(year, 1, 1) - EPOCH - 1 + day + (is_julian && day >= 59 && calendar::is_leap(year)) as i64
            }
            Day::OfMonth { month, week, day } => {
                let first = calendar::ordinal(year, month, 1);
                // Ordinal 1 is a Monday.
                let first_weekday = first.rem_euclid(7);
                let mut in_month = (day - first_weekday).rem_euclid(7) + (week - 1) * 7;
                if in_month >= calendar::days_in_month(year, month) as i64 {
                    in_month -= 7;
                }
                first + in_month - EPOCH
            }
        };
        day * 86400 + self.time
    }
}

pub struct Saving {
    pub name: String,
    pub offset: i64,
    pub start: Rule,
    pub end: Rule,
}

pub struct PosixZone {
    pub name: String,
    pub offset: i64,
    pub saving: Option<Saving>,
}

/// What is wrong with a text; what follows is the text itself.
pub type Problem = &'static str;

struct Reader<'a>(&'a [u8]);

impl Reader<'_> {
    fn eat(&mut self, byte: u8) -> bool {
        match self.0.split_first() {
            Some((&first, rest)) if first == byte => {
                self.0 = rest;
                true
            }
            _ => false,
        }
    }
    fn while_is(&mut self, is: impl Fn(u8) -> bool) -> String {
        let end = self.0.iter().position(|&byte| !is(byte)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken.iter().map(|&byte| byte as char).collect()
    }
    fn name(&mut self) -> Option<String> {
        let name = if self.eat(b'<') {
            let name = self.while_is(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'-');
            if !self.eat(b'>') {
                return None;
            }
            name
        } else {
            self.while_is(|byte| byte.is_ascii_alphabetic())
        };
        if name.is_empty() { None } else { Some(name) }
    }
    fn number(&mut self, min: usize, max: usize) -> Option<i64> {
        let len = self.0.iter().take(max).take_while(|byte| byte.is_ascii_digit()).count();
        if len < min {
            return None;
        }
        let (digits, rest) = self.0.split_at(len);
        self.0 = rest;
        Some(digits.iter().fold(0, |sum, digit| sum * 10 + (digit - b'0') as i64))
    }
    /// `[+-]h[h[h]][:mm[:ss]]` in seconds.
    fn time(&mut self, max_hours: i64) -> Option<i64> {
        let is_negative = self.eat(b'-') || { self.eat(b'+'); false };
        let hours = self.number(1, 3).filter(|&hours| hours <= max_hours)?;
        let mut total = hours * 3600;
        if self.eat(b':') {
            total += self.number(2, 2)? * 60;
            if self.eat(b':') {
                total += self.number(2, 2)?;
            }
        }
        Some(if is_negative { -total } else { total })
    }
    /// An offset: west of Greenwich is positive in the text.
    fn offset(&mut self) -> Option<i64> {
        self.time(24).map(|time| -time)
    }
    fn rule(&mut self) -> Option<Rule> {
        let day = if self.eat(b'M') {
            let month = self.number(1, 2).filter(|month| (1..=12).contains(month))?;
            let week = if self.eat(b'.') { self.number(1, 1).filter(|week| (1..=5).contains(week))? } else { return None };
            let day = if self.eat(b'.') { self.number(1, 1).filter(|day| (0..=6).contains(day))? } else { return None };
            Day::OfMonth { month: month as i32, week, day }
        } else {
            let is_julian = self.eat(b'J');
            let day = self.number(1, 3).filter(|day| (is_julian as i64..=365).contains(day))?;
            Day::OfYear { day, is_julian }
        };
        let time = if self.eat(b'/') { self.time(167)? } else { 2 * 3600 };
        Some(Rule { day, time })
    }
}

pub fn parse(text: &[u8]) -> Result<PosixZone, Problem> {
    let mut reader = Reader(text);
    let name = reader.name().ok_or("Invalid STD format in ")?;
    let offset = reader.offset().ok_or("Invalid STD offset in ")?;
    if reader.0.is_empty() {
        return Ok(PosixZone { name, offset, saving: None });
    }
    let saving_name = reader.name().ok_or("Invalid DST format in ")?;
    let saving_offset = if reader.0.first() == Some(&b',') { offset + 3600 } else { reader.offset().ok_or("Invalid DST offset in ")? };
    let mut rule = || {
        if !reader.eat(b',') {
            return Err("Missing transition rules in TZ string: ");
        }
        reader.rule().ok_or("Malformed transition rule in TZ string: ")
    };
    let (start, end) = (rule()?, rule()?);
    if !reader.0.is_empty() {
        return Err("Extraneous characters at end of TZ string: ");
    }
    Ok(PosixZone { name, offset, saving: Some(Saving { name: saving_name, offset: saving_offset, start, end }) })
}
