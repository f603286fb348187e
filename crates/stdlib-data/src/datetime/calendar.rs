//! Days of the proleptic Gregorian calendar. Ordinal 1 is the first of January of year 1.

pub const MIN_YEAR: i32 = 1;
pub const MAX_YEAR: i32 = 9999;
pub const MAX_ORDINAL: i64 = 3652059;

pub fn is_leap(year: i32) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub fn days_in_month(year: i32, month: i32) -> i32 {
    match month {
        2 => 28 + is_leap(year) as i32,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub fn days_before_month(year: i32, month: i32) -> i32 {
    const BEFORE: [i32; 13] = [0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    BEFORE[month as usize] + (month > 2 && is_leap(year)) as i32
}

fn days_before_year(year: i32) -> i64 {
    let y = year as i64 - 1;
    y * 365 + y.div_euclid(4) - y.div_euclid(100) + y.div_euclid(400)
}

pub fn ordinal(year: i32, month: i32, day: i32) -> i64 {
    days_before_year(year) + (days_before_month(year, month) + day) as i64
}

/// Year, month and day of an ordinal of at least 1.
pub fn from_ordinal(ordinal: i64) -> (i32, i32, i32) {
    let n = ordinal - 1;
    let (n400, n) = (n / 146097, n % 146097);
    let (n100, n) = (n / 36524, n % 36524);
    let (n4, n) = (n / 1461, n % 1461);
    let (n1, n) = (n / 365, n % 365);
    let year = (n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1) as i32;
    if n1 == 4 || n100 == 4 {
        // The last day of a cycle of 4 or 400 years.
        return (year - 1, 12, 31);
    }
    let mut month = ((n + 50) >> 5) as i32;
    if days_before_month(year, month) as i64 > n {
        month -= 1;
    }
    (year, month, n as i32 - days_before_month(year, month) + 1)
}

/// Monday is 0.
pub fn weekday(year: i32, month: i32, day: i32) -> i32 {
    (ordinal(year, month, day) + 6).rem_euclid(7) as i32
}

/// The ordinal of the Monday of the ISO year's first week.
pub fn iso_first_monday(year: i32) -> i64 {
    let first = ordinal(year, 1, 1);
    let first_weekday = (first + 6).rem_euclid(7);
    let monday = first - first_weekday;
    if first_weekday > 3 { monday + 7 } else { monday }
}

/// ISO year, week and weekday.
pub fn iso_calendar(year: i32, month: i32, day: i32) -> (i32, i32, i32) {
    let today = ordinal(year, month, day);
    let mut iso_year = year;
    let mut monday = iso_first_monday(year);
    if today < monday {
        iso_year -= 1;
        monday = iso_first_monday(iso_year);
    } else if today >= iso_first_monday(year + 1) {
        iso_year += 1;
        monday = iso_first_monday(iso_year);
    }
    let days = today - monday;
    (iso_year, (days / 7 + 1) as i32, (days % 7 + 1) as i32)
}

/// What is wrong with a date of the ISO calendar.
pub enum IsoProblem {
    Year,
    Week,
    Weekday,
}

/// The ordinal of a date of the ISO calendar.
pub fn from_iso(year: i32, week: i32, weekday: i32) -> Result<i64, IsoProblem> {
    if !(MIN_YEAR..=MAX_YEAR).contains(&year) {
        return Err(IsoProblem::Year);
    }
    if week <= 0 || week >= 53 {
        // Years that begin with a Thursday, or leap years that begin with a Wednesday, have 53 weeks.
        let first = self::weekday(year, 1, 1);
        if week != 53 || !(first == 3 || first == 2 && is_leap(year)) {
            return Err(IsoProblem::Week);
        }
    }
    if !(1..=7).contains(&weekday) {
        return Err(IsoProblem::Weekday);
    }
    Ok(iso_first_monday(year) + ((week - 1) * 7 + weekday - 1) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinals_and_dates_are_inverse() {
        for n in (1..=MAX_ORDINAL).step_by(97).chain([1, 59, 60, 365, 366, 146097, 146098, MAX_ORDINAL]) {
            let (y, m, d) = from_ordinal(n);
            assert_eq!(ordinal(y, m, d), n);
            assert!((1..=days_in_month(y, m)).contains(&d));
        }
        assert_eq!(ordinal(2024, 2, 29), 738945);
        assert_eq!(iso_calendar(2021, 1, 3), (2020, 53, 7));
    }
}
