//! Decimal numbers as the General Decimal Arithmetic specification has them: sign, coefficient, exponent; infinities and NaNs. Rounding to a
//! context is here (`finalize`); the operations are in `arithmetic.rs`, `compare.rs`, `digitwise.rs` and `transcendental.rs`.
//!
//! Operations never fail: what goes wrong is a bit in the status, which `context.rs` turns into exceptions. No operation makes a
//! coefficient much longer than its operands and the precision, whatever the exponents.

use num_bigint::BigUint;
use num_integer::Integer;
use std::cmp::Ordering;

pub const CLAMPED: u32 = 0x1;
pub const CONVERSION_SYNTAX: u32 = 0x2;
pub const DIVISION_BY_ZERO: u32 = 0x4;
pub const DIVISION_IMPOSSIBLE: u32 = 0x8;
pub const DIVISION_UNDEFINED: u32 = 0x10;
pub const INEXACT: u32 = 0x40;
pub const INVALID_CONTEXT: u32 = 0x80;
pub const INVALID_OPERATION: u32 = 0x100;
/// A result that memory has no room for.
pub const NO_MEMORY: u32 = 0x200;
pub const FLOAT_OPERATION: u32 = 0x400;
pub const OVERFLOW: u32 = 0x800;
pub const ROUNDED: u32 = 0x1000;
pub const SUBNORMAL: u32 = 0x2000;
pub const UNDERFLOW: u32 = 0x4000;
/// All conditions whose signal is InvalidOperation.
pub const INVALID: u32 = CONVERSION_SYNTAX | DIVISION_IMPOSSIBLE | DIVISION_UNDEFINED | INVALID_CONTEXT | INVALID_OPERATION | NO_MEMORY | 0x20;

pub const MAX_PREC: i64 = 999_999_999_999_999_999;
pub const MAX_EMAX: i64 = MAX_PREC;
pub const MIN_EMIN: i64 = -MAX_PREC;
pub const MIN_ETINY: i64 = MIN_EMIN - (MAX_PREC - 1);
/// Longer coefficients than this are taken for out of memory.
const MOST_DIGITS: u64 = 1 << 28;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rounding {
    Up,
    Down,
    Ceiling,
    Floor,
    HalfUp,
    HalfDown,
    HalfEven,
    ZeroFiveUp,
}

/// What of a context operations look at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Settings {
    pub prec: i64,
    pub emax: i64,
    pub emin: i64,
    pub rounding: Rounding,
    pub clamp: bool,
}

impl Settings {
    pub fn etiny(&self) -> i64 {
        self.emin - (self.prec - 1)
    }
    pub fn etop(&self) -> i64 {
        self.emax - (self.prec - 1)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Finite,
    Infinite,
    /// The coefficient is the payload.
    Nan,
    SignalingNan,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Number {
    pub negative: bool,
    pub kind: Kind,
    pub coefficient: BigUint,
    pub exponent: i64,
}

/// The powers of ten that a u128 holds.
pub const SMALL_POWERS: [u128; 39] = {
    let mut table = [1; 39];
    let mut i = 1;
    while i < 39 {
        table[i] = table[i - 1] * 10;
        i += 1;
    }
    table
};

pub fn power_of_ten(n: u64) -> BigUint {
    match SMALL_POWERS.get(n as usize) {
        Some(&power) => BigUint::from(power),
        None => BigUint::from(10u32).pow(n as u32),
    }
}

/// A coefficient that a u128 holds, as nearly all do: those are computed with without allocation.
#[inline]
pub fn small_of(value: &BigUint) -> Option<u128> {
    let mut words = value.iter_u64_digits();
    match words.len() {
        0 => Some(0),
        1 => words.next().map(u128::from),
        2 => Some(words.next()? as u128 | (words.next()? as u128) << 64),
        _ => None,
    }
}

#[inline]
pub fn digits_of_small(value: u128) -> usize {
    let least = ((128 - value.leading_zeros()) * 1233 >> 12) as usize;
    (least + usize::from(SMALL_POWERS.get(least).is_some_and(|&power| value >= power))).max(1)
}

/// The number of decimal digits; 1 for zero.
pub fn digits_of(value: &BigUint) -> u64 {
    if let Some(small) = small_of(value) {
        return digits_of_small(small) as u64;
    }
    // From the number of bits it is known up to one.
    let low = ((value.bits() - 1) as f64 * std::f64::consts::LOG10_2 * (1.0 - 1e-15)) as u64;
    if value.bits() < 1 << 40 {
        let high = (value.bits() as f64 * std::f64::consts::LOG10_2 * (1.0 + 1e-15)) as u64;
        if low == high {
            return low + 1;
        }
    }
    let mut digits = low.max(1);
    while *value >= power_of_ten(digits) {
        digits += 1;
    }
    digits
}

impl Number {
    pub fn finite(negative: bool, coefficient: BigUint, exponent: i64) -> Number {
        Number { negative, kind: Kind::Finite, coefficient, exponent }
    }
    pub fn small(value: u64, exponent: i64) -> Number {
        Number::finite(false, BigUint::from(value), exponent)
    }
    pub fn zero(negative: bool, exponent: i64) -> Number {
        Number::finite(negative, BigUint::ZERO, exponent)
    }
    pub fn infinity(negative: bool) -> Number {
        Number { negative, kind: Kind::Infinite, coefficient: BigUint::ZERO, exponent: 0 }
    }
    pub fn nan() -> Number {
        Number { negative: false, kind: Kind::Nan, coefficient: BigUint::ZERO, exponent: 0 }
    }

    pub fn is_finite(&self) -> bool {
        self.kind == Kind::Finite
    }
    pub fn is_infinite(&self) -> bool {
        self.kind == Kind::Infinite
    }
    pub fn is_nan(&self) -> bool {
        matches!(self.kind, Kind::Nan | Kind::SignalingNan)
    }
    pub fn is_signaling(&self) -> bool {
        self.kind == Kind::SignalingNan
    }
    pub fn is_zero(&self) -> bool {
        self.is_finite() && self.coefficient == BigUint::ZERO
    }
    pub fn digits(&self) -> i64 {
        digits_of(&self.coefficient) as i64
    }
    /// The exponent of the first digit.
    pub fn adjusted(&self) -> i64 {
        self.exponent + self.digits() - 1
    }
    pub fn is_integer(&self) -> bool {
        if !self.is_finite() {
            return false;
        }
        self.exponent >= 0 || self.is_zero() || {
            let places = (-self.exponent) as u64;
            places < self.digits() as u64 && (&self.coefficient % power_of_ten(places)) == BigUint::ZERO
        }
    }
    /// Of an integer.
    pub fn is_odd(&self) -> bool {
        match self.exponent {
            1.. => false,
            0 => self.coefficient.bit(0),
            _ if self.is_zero() => false,
            exponent => (&self.coefficient / power_of_ten(exponent.unsigned_abs())).bit(0),
        }
    }
    pub fn is_normal(&self, settings: &Settings) -> bool {
        self.is_finite() && !self.is_zero() && self.adjusted() >= settings.emin
    }
    pub fn is_subnormal(&self, settings: &Settings) -> bool {
        self.is_finite() && !self.is_zero() && self.adjusted() < settings.emin
    }
    pub fn with_sign(mut self, negative: bool) -> Number {
        self.negative = negative;
        self
    }
    pub fn negated(&self) -> Number {
        self.clone().with_sign(!self.negative)
    }

    /// The coefficient written with a smaller or equal exponent.
    pub fn aligned(&self, exponent: i64) -> BigUint {
        &self.coefficient * power_of_ten((self.exponent - exponent) as u64)
    }

    /// With another exponent, rounded if that is larger; the bits of what was lost.
    pub fn rescaled(&self, exponent: i64, rounding: Rounding) -> (Number, u32) {
        if self.is_zero() {
            return (Number::zero(self.negative, exponent), 0);
        }
        if self.exponent >= exponent {
            return (Number::finite(self.negative, self.aligned(exponent), exponent), 0);
        }
        let (coefficient, status) = shift_right(&self.coefficient, (exponent - self.exponent) as u64, rounding, self.negative);
        (Number::finite(self.negative, coefficient, exponent), status)
    }

    /// An integer that a program wants as one: None if it is not.
    pub fn to_i64(&self) -> Option<i64> {
        if !self.is_integer() {
            return None;
        }
        if self.is_zero() {
            return Some(0);
        }
        if self.adjusted() > 18 {
            return None;
        }
        let magnitude = match self.exponent {
            0.. => i64::try_from(self.aligned(0)).ok()?,
            exponent => i64::try_from(&self.coefficient / power_of_ten(exponent.unsigned_abs())).ok()?,
        };
        Some(if self.negative { -magnitude } else { magnitude })
    }

    /// Rounds to a context, as the last step of nearly all operations.
    pub fn finalize(mut self, settings: &Settings, status: &mut u32) -> Number {
        match self.kind {
            Kind::Finite => {}
            Kind::Infinite => return self,
            Kind::Nan | Kind::SignalingNan => {
                // A payload keeps its last digits.
                let room = settings.prec - settings.clamp as i64;
                if self.digits() > room {
                    self.coefficient = if room > 0 { self.coefficient % power_of_ten(room as u64) } else { BigUint::ZERO };
                }
                return self;
            }
        }
        let (etiny, etop) = (settings.etiny(), settings.etop());
        if self.coefficient == BigUint::ZERO {
            let highest = if settings.clamp { etop } else { settings.emax };
            let exponent = self.exponent.clamp(etiny, highest);
            if exponent != self.exponent {
                *status |= CLAMPED;
                self.exponent = exponent;
            }
            return self;
        }
        let digits = self.digits();
        let mut least = digits.saturating_add(self.exponent).saturating_sub(settings.prec);
        if least > etop {
            return overflow(self.negative, settings, status);
        }
        let subnormal = least < etiny;
        if subnormal {
            least = etiny;
        }
        if self.exponent < least {
            let (coefficient, lost) = shift_right(&self.coefficient, least.abs_diff(self.exponent), settings.rounding, self.negative);
            self.coefficient = coefficient;
            self.exponent = least;
            if self.digits() > settings.prec {
                self.coefficient /= 10u32;
                self.exponent += 1;
            }
            if self.exponent > etop {
                return overflow(self.negative, settings, status);
            }
            *status |= lost | ROUNDED;
            if subnormal {
                *status |= SUBNORMAL | if lost & INEXACT != 0 { UNDERFLOW } else { 0 };
            }
            if self.coefficient == BigUint::ZERO {
                *status |= CLAMPED;
            }
            return self;
        }
        if subnormal {
            *status |= SUBNORMAL;
        }
        if settings.clamp && self.exponent > etop {
            if !fits(self.exponent - etop) {
                return no_memory(status);
            }
            *status |= CLAMPED;
            self.coefficient = self.aligned(etop);
            self.exponent = etop;
        }
        self
    }
}

/// A coefficient without its last digits; INEXACT and ROUNDED of what they were.
pub fn shift_right(coefficient: &BigUint, places: u64, rounding: Rounding, negative: bool) -> (BigUint, u32) {
    if places == 0 {
        return (coefficient.clone(), 0);
    }
    if let (Some(small), Some(&unit)) = (small_of(coefficient), SMALL_POWERS.get(places as usize)) {
        let (kept, status) = shift_right_small(small, unit, rounding, negative);
        return (BigUint::from(kept), status);
    }
    let digits = digits_of(coefficient);
    let (mut kept, rest, half) = if places > digits {
        // Less than a tenth.
        (BigUint::ZERO, *coefficient != BigUint::ZERO, Ordering::Less)
    } else {
        let unit = power_of_ten(places);
        let (kept, rest) = coefficient.div_rem(&unit);
        let half = (&rest << 1u32).cmp(&unit);
        (kept, rest != BigUint::ZERO, half)
    };
    if !rest {
        return (kept, ROUNDED);
    }
    if goes_up(rounding, negative, half, || kept.bit(0), || (&kept % 5u32) == BigUint::ZERO) {
        kept += 1u32;
    }
    (kept, ROUNDED | INEXACT)
}

#[inline]
fn shift_right_small(coefficient: u128, unit: u128, rounding: Rounding, negative: bool) -> (u128, u32) {
    let (kept, rest) = match (u64::try_from(coefficient), u64::try_from(unit)) {
        (Ok(small), Ok(unit)) => ((small / unit) as u128, (small % unit) as u128),
        _ => {
            let kept = coefficient / unit;
            (kept, coefficient - kept * unit)
        }
    };
    if rest == 0 {
        return (kept, ROUNDED);
    }
    let up = goes_up(rounding, negative, rest.cmp(&(unit - rest)), || kept & 1 == 1, || kept % 5 == 0);
    (kept + u128::from(up), ROUNDED | INEXACT)
}

/// Whether the magnitude grows when something is cut off, which is less than half a unit, half or more.
#[inline]
fn goes_up(rounding: Rounding, negative: bool, half: Ordering, odd: impl Fn() -> bool, ends_in_0_or_5: impl Fn() -> bool) -> bool {
    match rounding {
        Rounding::Up => true,
        Rounding::Down => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
        Rounding::HalfUp => half != Ordering::Less,
        Rounding::HalfDown => half == Ordering::Greater,
        Rounding::HalfEven => half == Ordering::Greater || half == Ordering::Equal && odd(),
        Rounding::ZeroFiveUp => ends_in_0_or_5(),
    }
}

/// `finalize` of a small coefficient that is not zero.
#[inline]
pub fn finalize_small(negative: bool, coefficient: u128, exponent: i64, settings: &Settings, status: &mut u32) -> Number {
    let digits = digits_of_small(coefficient) as i64;
    let adjusted = exponent.saturating_add(digits - 1);
    if adjusted < settings.emin || adjusted >= settings.emax || settings.clamp && exponent > settings.etop() {
        return Number::finite(negative, BigUint::from(coefficient), exponent).finalize(settings, status);
    }
    if digits <= settings.prec {
        return Number::finite(negative, BigUint::from(coefficient), exponent);
    }
    let drop = digits - settings.prec;
    let (mut kept, lost) = shift_right_small(coefficient, SMALL_POWERS[drop as usize], settings.rounding, negative);
    let mut exponent = exponent + drop;
    if kept == SMALL_POWERS[settings.prec as usize] {
        kept /= 10;
        exponent += 1;
    }
    *status |= lost | ROUNDED;
    Number::finite(negative, BigUint::from(kept), exponent)
}

/// Small coefficients brought to the smaller of two exponents, if they stay small.
#[inline]
pub fn aligned_small(a: &Number, b: &Number) -> Option<(u128, u128)> {
    let (p, q) = (small_of(&a.coefficient)?, small_of(&b.coefficient)?);
    let power = |distance: i64| SMALL_POWERS.get(usize::try_from(distance).ok()?).copied();
    match a.exponent.checked_sub(b.exponent)? {
        0 => Some((p, q)),
        distance @ 1.. => Some((p.checked_mul(power(distance)?)?, q)),
        distance => Some((p, q.checked_mul(power(-distance)?)?)),
    }
}

/// The largest finite number of a context.
pub fn largest(negative: bool, settings: &Settings) -> Number {
    Number::finite(negative, power_of_ten(settings.prec as u64) - 1u32, settings.etop())
}

fn overflow(negative: bool, settings: &Settings, status: &mut u32) -> Number {
    *status |= OVERFLOW | INEXACT | ROUNDED;
    let infinite = match settings.rounding {
        Rounding::Up | Rounding::HalfUp | Rounding::HalfDown | Rounding::HalfEven => true,
        Rounding::Down | Rounding::ZeroFiveUp => false,
        Rounding::Ceiling => !negative,
        Rounding::Floor => negative,
    };
    match infinite {
        true => Number::infinity(negative),
        false if settings.prec as u64 > MOST_DIGITS => no_memory(status),
        false => largest(negative, settings),
    }
}

/// An operation that makes no sense: NaN.
pub fn invalid(condition: u32, status: &mut u32) -> Number {
    *status |= condition;
    Number::nan()
}

pub fn no_memory(status: &mut u32) -> Number {
    invalid(NO_MEMORY, status)
}

/// Whether a precision is one that memory has room for.
pub fn fits(digits: i64) -> bool {
    digits.unsigned_abs() <= MOST_DIGITS
}

/// The result if an operand is a NaN: signaling ones first.
pub fn nan_of(operands: &[&Number], settings: &Settings, status: &mut u32) -> Option<Number> {
    let signaling = operands.iter().find(|operand| operand.is_signaling());
    if signaling.is_some() {
        *status |= INVALID_OPERATION;
    }
    let found = signaling.or_else(|| operands.iter().find(|operand| operand.is_nan()))?;
    let quiet = Number { kind: Kind::Nan, ..(*found).clone() };
    Some(quiet.finalize(settings, status))
}
