//! Sums without loss: `fsum`, norms, sums of products.

use super::libm::{fma, frexp, ldexp};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned};
use runtime::protocol::{iter, number, sequence};
use runtime::types::{Bool, Float, Int, Tuple};
use runtime::err;

/// A sum of two floats, exact: the rounded sum and what rounding lost.
#[derive(Clone, Copy)]
struct Double {
    hi: f64,
    lo: f64,
}

/// a + b.
fn add_exact(a: f64, b: f64) -> Double {
    let hi = a + b;
    let z = hi - a;
    Double { hi, lo: (a - (hi - z)) + (b - z) }
}

/// a + b where |a| >= |b|.
fn add_smaller(a: f64, b: f64) -> Double {
    let hi = a + b;
    Double { hi, lo: (a - hi) + b }
}

/// a * b.
fn multiply_exact(a: f64, b: f64) -> Double {
    let hi = a * b;
    Double { hi, lo: fma(a, b, -hi) }
}

// ---- fsum ----------------------------------------------------------------------------------------------------------------------

/// Sums by keeping the partial sums that do not overlap (Shewchuk); the result is rounded once.
pub fn fsum(seq: &Object) -> PyResult<f64> {
    let iterator = iter::get_iter(seq)?;
    let mut partials: Vec<f64> = Vec::with_capacity(32);
    let (mut special, mut infinities) = (0.0, 0.0);
    while let Some(item) = iter::iter_next(&iterator)? {
        let given = Float::as_f64(&item)?;
        let (mut x, mut kept) = (given, 0);
        for i in 0..partials.len() {
            let y = partials[i];
            let (big, small) = if x.abs() < y.abs() { (y, x) } else { (x, y) };
            let hi = big + small;
            let lo = small - (hi - big);
            if lo != 0.0 {
                partials[kept] = lo;
                kept += 1;
            }
            x = hi;
        }
        partials.truncate(kept);
        if x != 0.0 {
            if x.is_finite() {
                partials.push(x);
                continue;
            }
            if given.is_finite() {
                return Err(err!(OverflowError, "intermediate overflow in fsum"));
            }
            if given.is_infinite() {
                infinities += given;
            }
            special += given;
            partials.clear();
        }
    }
    if special != 0.0 {
        if infinities.is_nan() {
            return Err(err!(ValueError, "-inf + inf in fsum"));
        }
        return Ok(special);
    }
    Ok(round_partials(&mut partials))
}

fn round_partials(partials: &mut Vec<f64>) -> f64 {
    let Some(mut hi) = partials.pop() else { return 0.0 };
    let mut lo = 0.0;
    while let Some(y) = partials.pop() {
        let x = hi;
        hi = x + y;
        lo = y - (hi - x);
        if lo != 0.0 {
            break;
        }
    }
    // A remainder of exactly half a unit is rounded by the sign of what lies below.
    if let Some(&next) = partials.last()
        && (lo < 0.0 && next < 0.0 || lo > 0.0 && next > 0.0)
    {
        let y = lo * 2.0;
        let x = hi + y;
        if y == x - hi {
            hi = x;
        }
    }
    hi
}

// ---- norms ---------------------------------------------------------------------------------------------------------------------

/// The Euclidean norm of absolute values, whose largest is `max`.
fn norm(values: &mut [f64], max: f64, found_nan: bool) -> f64 {
    if max.is_infinite() {
        return max;
    }
    if found_nan {
        return f64::NAN;
    }
    if max == 0.0 || values.len() <= 1 {
        return max;
    }
    let (_, exponent) = frexp(max);
    if exponent < -1023 {
        // The scale would overflow: make subnormal values normal.
        values.iter_mut().for_each(|x| *x /= f64::MIN_POSITIVE);
        return f64::MIN_POSITIVE * norm(values, max / f64::MIN_POSITIVE, found_nan);
    }
    let scale = ldexp(1.0, -exponent);
    let (mut sum, mut low, mut lower) = (1.0, 0.0, 0.0);
    let mut add = |square: Double, sum: &mut f64| {
        let total = add_smaller(*sum, square.hi);
        *sum = total.hi;
        low += square.lo;
        lower += total.lo;
        *sum - 1.0 + (low + lower)
    };
    let mut squared = 0.0;
    for &value in values.iter() {
        let x = value * scale;
        squared = add(multiply_exact(x, x), &mut sum);
    }
    // One step of Newton's iteration on the exact remainder.
    let root = squared.sqrt();
    let remainder = add(multiply_exact(-root, root), &mut sum);
    (root + remainder / (2.0 * root)) / scale
}

pub fn hypot(coordinates: &[&Object]) -> PyResult<f64> {
    let mut values = Vec::with_capacity(coordinates.len());
    for coordinate in coordinates {
        values.push(Float::as_f64(coordinate)?.abs());
    }
    Ok(norm_of(&mut values))
}

fn norm_of(values: &mut [f64]) -> f64 {
    let max = values.iter().fold(0.0, |max, &x| if x > max { x } else { max });
    let found_nan = values.iter().any(|x| x.is_nan());
    norm(values, max, found_nan)
}

pub fn dist(p: &Object, q: &Object) -> PyResult<f64> {
    let point = |o: &Object| match o.downcast::<Tuple>() {
        Some(tuple) => Ok(Owned::from_ref(tuple)),
        None => sequence::to_tuple(o),
    };
    let (p, q) = (point(p)?, point(q)?);
    if p.len() != q.len() {
        return Err(err!(ValueError, "both points must have the same number of dimensions"));
    }
    let mut values = Vec::with_capacity(p.len());
    for (x, y) in p.iter().zip(q.iter()) {
        values.push((Float::as_f64(x)? - Float::as_f64(y)?).abs());
    }
    Ok(norm_of(&mut values))
}

// ---- sumprod -------------------------------------------------------------------------------------------------------------------

/// A sum of three floats.
#[derive(Clone, Copy)]
struct Triple {
    hi: f64,
    lo: f64,
    tiny: f64,
}

impl Triple {
    const ZERO: Triple = Triple { hi: 0.0, lo: 0.0, tiny: 0.0 };
    fn add_product(self, x: f64, y: f64) -> Triple {
        let product = multiply_exact(x, y);
        let sum = add_exact(self.hi, product.hi);
        let low = add_exact(self.lo, product.lo);
        let middle = add_exact(low.hi, sum.lo);
        Triple { hi: sum.hi, lo: middle.hi, tiny: self.tiny + low.lo + middle.lo }
    }
    fn value(self) -> f64 {
        let last = add_exact(self.lo, self.tiny);
        let total = add_exact(self.hi, last.hi);
        total.hi + (total.lo + last.lo)
    }
}

/// Both factors as floats, if one of them is a float and the other a float, an int or a bool.
fn float_factors(p: &Object, q: &Object) -> Option<(f64, f64)> {
    let float = |o: &Object| o.downcast_exact::<Float>().map(|f| f.value());
    let int = |o: &Object| {
        let int = o.downcast::<Int>().filter(|_| o.is_exact::<Int>() || o.is_exact::<Bool>())?;
        int.as_f64().map_err(|_| errors::clear()).ok()
    };
    match (float(p), float(q)) {
        (Some(x), Some(y)) => Some((x, y)),
        (Some(x), None) => Some((x, int(q)?)),
        (None, Some(y)) => Some((int(p)?, y)),
        (None, None) => None,
    }
}

fn small_int(o: &Object) -> Option<i64> {
    o.downcast_exact::<Int>().and_then(|int| int.as_i64())
}

pub fn sumprod(p: &Object, q: &Object) -> PyResult {
    let (p, q) = (iter::get_iter(p)?, iter::get_iter(q)?);
    let mut total = Int::from_i64(0).into_object();
    // Machine integers first, then floats, each as long as they do.
    let (mut ints, mut floats) = (Some(0i64), Some(Triple::ZERO));
    let mut floats_used = false;
    loop {
        let (x, y) = (iter::iter_next(&p)?, iter::iter_next(&q)?);
        let pair = match (x, y) {
            (Some(x), Some(y)) => Some((x, y)),
            (None, None) => None,
            _ => return Err(err!(ValueError, "Inputs are not the same length")),
        };
        if let Some(sum) = ints {
            let next = pair.as_ref().and_then(|(x, y)| small_int(x)?.checked_mul(small_int(y)?)?.checked_add(sum));
            if let Some(next) = next {
                ints = Some(next);
                continue;
            }
            ints = None;
            if sum != 0 {
                total = number::add(&total, &Int::from_i64(sum))?;
            }
        }
        if let Some(sum) = floats {
            if let Some((x, y)) = pair.as_ref().and_then(|(x, y)| float_factors(x, y)) {
                let next = sum.add_product(x, y);
                if next.hi.is_finite() {
                    (floats, floats_used) = (Some(next), true);
                    continue;
                }
            }
            floats = None;
            if floats_used {
                total = number::add(&total, &Float::new(sum.value()))?;
            }
        }
        let Some((x, y)) = pair else { return Ok(total) };
        total = number::add(&total, &*number::multiply(&x, &y)?)?;
    }
}

/// The product of the items, beginning with `start`.
pub fn prod(iterable: &Object, start: Option<&Object>) -> PyResult {
    let iterator = iter::get_iter(iterable)?;
    let mut result = start.map_or_else(|| Int::from_i64(1).into_object(), |start| start.to_owned());
    let mut waiting = None;
    if let Some(mut product) = small_int(&result) {
        loop {
            let Some(item) = iter::iter_next(&iterator)? else { return Ok(Int::from_i64(product).into_object()) };
            match small_int(&item).and_then(|n| product.checked_mul(n)) {
                Some(next) => product = next,
                None => {
                    (result, waiting) = (Int::from_i64(product).into_object(), Some(item));
                    break;
                }
            }
        }
    }
    loop {
        let item = match waiting.take() {
            Some(item) => item,
            None => match iter::iter_next(&iterator)? {
                Some(item) => item,
                None => return Ok(result),
            },
        };
        result = match (result.downcast_exact::<Float>(), item.downcast_exact::<Float>()) {
            (Some(x), Some(y)) => Float::new(x.value() * y.value()).into_object(),
            _ => number::multiply(&result, &item)?,
        };
    }
}
