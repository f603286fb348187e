//! `timedelta`. Arithmetic is on microseconds, which take less than 68 bits.

use macros::pytype;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use runtime::errors::{PyResult, Raised};
use runtime::object::{Object, Owned, PyTyped, Type};
use runtime::protocol::object::CompareOp;
use runtime::types::int::from_double;
use runtime::types::{Float, Int, Str, Tuple, bool_object, not_implemented};
use runtime::{err, intern};
use std::mem::offset_of;

#[repr(transparent)]
pub struct TimeDelta(pub abi::PyDateTime_Delta);

pub const MAX_DAYS: i64 = 999999999;
pub const US_PER_SECOND: i64 = 1_000_000;
pub const US_PER_DAY: i128 = 86400 * US_PER_SECOND as i128;

#[cold]
fn too_large() -> Raised {
    err!(OverflowError, "Python int too large to convert to C int")
}

impl TimeDelta {
    pub fn days(&self) -> i32 {
        self.0.days.get()
    }
    pub fn seconds(&self) -> i32 {
        self.0.seconds.get()
    }
    pub fn microseconds(&self) -> i32 {
        self.0.microseconds.get()
    }
    /// The whole length.
    pub fn total(&self) -> i128 {
        self.days() as i128 * US_PER_DAY + self.seconds() as i128 * US_PER_SECOND as i128 + self.microseconds() as i128
    }
    pub fn is_zero(&self) -> bool {
        self.total() == 0
    }

    pub fn from_total(total: i128) -> PyResult<Owned<TimeDelta>> {
        Self::make(Self::type_object(), total)
    }
    pub fn make(cls: &Type, total: i128) -> PyResult<Owned<TimeDelta>> {
        let (days, rest) = (total.div_euclid(US_PER_DAY), total.rem_euclid(US_PER_DAY));
        let Ok(days) = i32::try_from(days) else { return Err(too_large()) };
        if (days as i64).abs() > MAX_DAYS {
            return Err(err!(OverflowError, "days={}; must have magnitude <= {}", days, MAX_DAYS));
        }
        // SAFETY: the type's instances have this layout.
        let delta: Owned<TimeDelta> = unsafe { cls.alloc(0)?.cast_into() };
        delta.0.hashcode.set(-1);
        delta.0.days.set(days);
        delta.0.seconds.set((rest / US_PER_SECOND as i128) as i32);
        delta.0.microseconds.set((rest % US_PER_SECOND as i128) as i32);
        Ok(delta)
    }
    fn from_big(total: &BigInt) -> PyResult<Owned<TimeDelta>> {
        Self::from_total(i128::try_from(total).map_err(|_| too_large())?)
    }
    /// For offsets and differences that are known to be small.
    pub fn from_seconds(seconds: i64) -> PyResult<Owned<TimeDelta>> {
        Self::from_total(seconds as i128 * US_PER_SECOND as i128)
    }
}

/// The nearest integer to a / b, of two equally near the even one.
fn divide_nearest(a: &BigInt, b: &BigInt) -> PyResult<BigInt> {
    if b.sign() == Sign::NoSign {
        return Err(err!(ZeroDivisionError, "division by zero"));
    }
    let (quotient, remainder) = a.div_mod_floor(b);
    // The remainder has the divisor's sign.
    let twice = (&remainder * 2u8).magnitude().cmp(b.magnitude());
    let up = twice.is_gt() || twice.is_eq() && quotient.is_odd();
    Ok(if up { quotient + 1 } else { quotient })
}

/// A float as a fraction.
fn integer_ratio(x: f64) -> PyResult<(BigInt, BigInt)> {
    if x.is_nan() {
        return Err(err!(ValueError, "cannot convert NaN to integer ratio"));
    }
    if x.is_infinite() {
        return Err(err!(OverflowError, "cannot convert Infinity to integer ratio"));
    }
    if x == 0.0 {
        return Ok((BigInt::from(0), BigInt::from(1)));
    }
    let bits = x.to_bits();
    let exponent = (bits >> 52 & 0x7ff) as i64;
    let mantissa = if exponent == 0 { (bits & ((1 << 52) - 1)) << 1 } else { bits & ((1 << 52) - 1) | 1 << 52 };
    let (zeros, exponent) = (mantissa.trailing_zeros(), exponent - 1075);
    let exponent = exponent + zeros as i64;
    let numerator = BigInt::from(mantissa >> zeros) * if x < 0.0 { -1 } else { 1 };
    Ok(if exponent >= 0 { (numerator << exponent, BigInt::from(1)) } else { (numerator, BigInt::from(1) << -exponent) })
}

/// A float as a fraction, by its own method if it is of a subclass.
fn ratio_of(x: &Float) -> PyResult<(BigInt, BigInt)> {
    if x.is_exact::<Float>() {
        return integer_ratio(x.value());
    }
    let ratio = runtime::protocol::call::call_method0(x, intern!("as_integer_ratio"))?;
    let Some(pair) = ratio.downcast::<Tuple>() else {
        return Err(err!(TypeError, "unexpected return type from as_integer_ratio(): expected tuple, not '{}'", ratio.type_name()));
    };
    match pair.as_slice() {
        &[a, b] => match (a.downcast::<Int>(), b.downcast::<Int>()) {
            (Some(a), Some(b)) => Ok((a.to_bigint(), b.to_bigint())),
            _ => Err(err!(TypeError, "as_integer_ratio() must return a tuple of ints")),
        },
        _ => Err(err!(ValueError, "as_integer_ratio() must return a 2-tuple")),
    }
}

/// Adds `value` units of `factor` microseconds: ints exactly, floats with the rest below a microsecond kept apart.
fn accumulate(name: &str, value: &Object, factor: i64, sum: &mut i128, leftover: &mut f64) -> PyResult<()> {
    let mut add = |n: &Int, factor: i64| {
        let product = n.as_i128().and_then(|n| n.checked_mul(factor as i128)).and_then(|n| sum.checked_add(n));
        *sum = product.ok_or_else(too_large)?;
        Ok(())
    };
    if let Some(n) = value.downcast::<Int>() {
        return add(n, factor);
    }
    let Some(x) = value.downcast::<Float>() else {
        return Err(err!(TypeError, "unsupported type for timedelta {} component: {}", name, value.type_name()));
    };
    let x = x.value();
    let whole = x.trunc();
    add(&*from_double(whole)?, factor)?;
    let fraction = x - whole;
    if fraction == 0.0 {
        return Ok(());
    }
    let units = factor as f64 * fraction;
    add(&*from_double(units.trunc())?, 1)?;
    *leftover += units - units.trunc();
    Ok(())
}

/// The operand as a timedelta.
fn delta(o: &Object) -> Option<&TimeDelta> {
    o.downcast::<TimeDelta>()
}

fn multiply(delta: &TimeDelta, by: &Object) -> PyResult {
    if let Some(n) = by.downcast::<Int>() {
        let product = n.as_i128().and_then(|n| delta.total().checked_mul(n)).ok_or_else(too_large)?;
        return Ok(TimeDelta::from_total(product)?.into_object());
    }
    if let Some(x) = by.downcast::<Float>() {
        let (a, b) = ratio_of(x)?;
        return Ok(TimeDelta::from_big(&divide_nearest(&(a * delta.total()), &b)?)?.into_object());
    }
    Ok(not_implemented().to_owned())
}

#[cold]
fn division_by_zero() -> Raised {
    err!(ZeroDivisionError, "division by zero")
}

/// Difference between two datetime values.
///
/// timedelta(days=0, seconds=0, microseconds=0, milliseconds=0, minutes=0, hours=0, weeks=0)
///
/// All arguments are optional and default to 0.
/// Arguments may be integers or floats, and may be positive or negative.
#[pytype(static = Delta_Type, name = "timedelta", module = "datetime", flags = BASETYPE | IMMUTABLETYPE,
    members = [
        ("days", T_INT, offset_of!(TimeDelta, 0) + offset_of!(abi::PyDateTime_Delta, days), READONLY, "Number of days."),
        ("seconds", T_INT, offset_of!(TimeDelta, 0) + offset_of!(abi::PyDateTime_Delta, seconds), READONLY,
            "Number of seconds (>= 0 and less than 1 day)."),
        ("microseconds", T_INT, offset_of!(TimeDelta, 0) + offset_of!(abi::PyDateTime_Delta, microseconds), READONLY,
            "Number of microseconds (>= 0 and less than 1 second)."),
    ])]
impl TimeDelta {
    #[slot("__new__(days=<unrepresentable>, seconds=<unrepresentable>, microseconds=<unrepresentable>, milliseconds=<unrepresentable>, minutes=<unrepresentable>, hours=<unrepresentable>, weeks=<unrepresentable>)", vectorcall)]
    #[allow(clippy::too_many_arguments)]
    fn tp_new(
        cls: &Type,
        days: Option<&Object>,
        seconds: Option<&Object>,
        microseconds: Option<&Object>,
        milliseconds: Option<&Object>,
        minutes: Option<&Object>,
        hours: Option<&Object>,
        weeks: Option<&Object>,
    ) -> PyResult<Owned<TimeDelta>> {
        let (mut sum, mut leftover) = (0i128, 0.0f64);
        let parts = [
            ("microseconds", microseconds, 1),
            ("milliseconds", milliseconds, 1000),
            ("seconds", seconds, US_PER_SECOND),
            ("minutes", minutes, 60 * US_PER_SECOND),
            ("hours", hours, 3600 * US_PER_SECOND),
            ("days", days, 86400 * US_PER_SECOND),
            ("weeks", weeks, 7 * 86400 * US_PER_SECOND),
        ];
        for (name, value, factor) in parts {
            if let Some(value) = value {
                accumulate(name, value, factor, &mut sum, &mut leftover)?;
            }
        }
        if leftover != 0.0 {
            let mut whole = leftover.round();
            if (whole - leftover).abs() == 0.5 {
                // Half-way: the sum is to be even.
                let odd = (sum & 1) as f64;
                whole = 2.0 * ((leftover + odd) * 0.5).round() - odd;
            }
            sum += whole as i128;
        }
        Self::make(cls, sum)
    }
    #[slot]
    fn tp_repr(&self) -> Owned<Str> {
        let parts = [("days", self.days()), ("seconds", self.seconds()), ("microseconds", self.microseconds())];
        let parts: Vec<String> = parts.iter().filter(|part| part.1 != 0).map(|(name, value)| format!("{name}={value}")).collect();
        let arguments = if parts.is_empty() { "0".to_string() } else { parts.join(", ") };
        Str::new(&format!("{}({})", self.type_name(), arguments))
    }
    #[slot]
    fn tp_str(&self) -> Owned<Str> {
        let (days, seconds, us) = (self.days(), self.seconds(), self.microseconds());
        let mut text = String::new();
        if days != 0 {
            text = format!("{} day{}, ", days, if days == 1 || days == -1 { "" } else { "s" });
        }
        text += &format!("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
        if us != 0 {
            text += &format!(".{us:06}");
        }
        Str::new(&text)
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        if self.0.hashcode.get() == -1 {
            let parts = [self.days(), self.seconds(), self.microseconds()].map(|n| Int::from_i64(n as i64));
            self.0.hashcode.set(Tuple::compute_hash(&[&parts[0], &parts[1], &parts[2]])? as _);
        }
        Ok(self.0.hashcode.get() as isize)
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        Ok(match delta(other) {
            Some(other) => bool_object(op.matches(self.total().cmp(&other.total()))).to_owned(),
            None => not_implemented().to_owned(),
        })
    }
    #[slot]
    fn nb_add(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b)) {
            (Some(a), Some(b)) => Ok(Self::from_total(a.total() + b.total())?.into_object()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_subtract(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b)) {
            (Some(a), Some(b)) => Ok(Self::from_total(a.total() - b.total())?.into_object()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_multiply(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b)) {
            (Some(a), _) => multiply(a, b),
            (None, Some(b)) => multiply(b, a),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_remainder(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b)) {
            (Some(_), Some(b)) if b.is_zero() => Err(division_by_zero()),
            (Some(a), Some(b)) => Ok(Self::from_total(a.total().mod_floor(&b.total()))?.into_object()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_divmod(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b)) {
            (Some(_), Some(b)) if b.is_zero() => Err(division_by_zero()),
            (Some(a), Some(b)) => {
                let (quotient, remainder) = a.total().div_mod_floor(&b.total());
                Ok(Tuple::pair(Int::from_i128(quotient).into_object(), Self::from_total(remainder)?.into_object()).into_object())
            }
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_floor_divide(a: &Object, b: &Object) -> PyResult {
        match (delta(a), delta(b), b.downcast::<Int>()) {
            (Some(_), Some(b), _) if b.is_zero() => Err(division_by_zero()),
            (Some(a), Some(b), _) => Ok(Int::from_i128(Integer::div_floor(&a.total(), &b.total())).into_object()),
            (Some(_), _, Some(n)) if n.is_zero() => Err(division_by_zero()),
            (Some(a), _, Some(n)) => Ok(Self::from_big(&Integer::div_floor(&BigInt::from(a.total()), &n.to_bigint()))?.into_object()),
            _ => Ok(not_implemented().to_owned()),
        }
    }
    #[slot]
    fn nb_true_divide(a: &Object, b: &Object) -> PyResult {
        let Some(a) = delta(a) else { return Ok(not_implemented().to_owned()) };
        if let Some(b) = delta(b) {
            return runtime::protocol::number::true_divide(&Int::from_i128(a.total()), &Int::from_i128(b.total()));
        }
        if let Some(n) = b.downcast::<Int>() {
            return Ok(Self::from_big(&divide_nearest(&a.total().into(), &n.to_bigint())?)?.into_object());
        }
        if let Some(x) = b.downcast::<Float>() {
            let (p, q) = ratio_of(x)?;
            return Ok(Self::from_big(&divide_nearest(&(q * a.total()), &p)?)?.into_object());
        }
        Ok(not_implemented().to_owned())
    }
    #[slot]
    fn nb_negative(&self) -> PyResult<Owned<TimeDelta>> {
        Self::from_total(-self.total())
    }
    #[slot]
    fn nb_positive(&self) -> PyResult<Owned<TimeDelta>> {
        Self::from_total(self.total())
    }
    #[slot]
    fn nb_absolute(&self) -> PyResult<Owned<TimeDelta>> {
        Self::from_total(self.total().abs())
    }
    #[slot]
    fn nb_bool(&self) -> bool {
        !self.is_zero()
    }
    /// Total seconds in the duration.
    #[method("total_seconds($self, /)")]
    fn total_seconds(&self) -> PyResult {
        runtime::protocol::number::true_divide(&Int::from_i128(self.total()), &Int::from_i64(US_PER_SECOND))
    }
    /// __reduce__() -> (cls, state)
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> Owned<Tuple> {
        let state = [self.days(), self.seconds(), self.microseconds()].map(|n| Int::from_i64(n as i64).into_object());
        Tuple::pair(self.ty().to_owned(), Tuple::from_owned(state.into()).into_object())
    }
}

/// The class attributes.
pub fn add_constants() -> PyResult<()> {
    let ty = TimeDelta::type_object();
    let day = US_PER_DAY;
    runtime::types::type_object::set_in_dict(ty, intern!("resolution"), &*TimeDelta::from_total(1)?)?;
    runtime::types::type_object::set_in_dict(ty, intern!("min"), &*TimeDelta::from_total(-(MAX_DAYS as i128) * day)?)?;
    runtime::types::type_object::set_in_dict(ty, intern!("max"), &*TimeDelta::from_total((MAX_DAYS as i128 + 1) * day - 1)?)
}
