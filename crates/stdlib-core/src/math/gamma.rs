//! The gamma function and its logarithm, by Lanczos' approximation (g = 6.0246..., 13 terms), accurate to a few units in the last place
//! where the C library's often is not.

use super::libm::{cos, exp, fmod, log, pow, sin};
use std::f64::consts::PI;

/// What is wrong with an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Domain,
    Range,
}

const G: f64 = 6.024680040776729583740234375;
const G_MINUS_HALF: f64 = 5.524680040776729583740234375;
const LOG_PI: f64 = 1.144729885849400174143427351353058711647;

/// Numerator and denominator of the rational function, lowest powers first.
const NUMERATOR: [f64; 13] = [
    23531376880.410759688572007674451636754734846804940,
    42919803642.649098768957899047001988850926355848959,
    35711959237.355668049440185451547166705960488635843,
    17921034426.037209699919755754458931112671403265390,
    6039542586.3520280050642916443072979210699388420708,
    1439720407.3117216736632230727949123939715485786372,
    248874557.86205415651146038641322942321632125127801,
    31426415.585400194380614231628318205362874684987640,
    2876370.6289353724412254090516208496135991145378768,
    186056.26539522349504029498971604569928220784236328,
    8071.6720023658162106380029022722506138218516325024,
    210.82427775157934587250973392071336271166969580291,
    2.5066282746310002701649081771338373386264310793408,
];
const DENOMINATOR: [f64; 13] =
    [0.0, 39916800.0, 120543840.0, 150917976.0, 105258076.0, 45995730.0, 13339535.0, 2637558.0, 357423.0, 32670.0, 1925.0, 66.0, 1.0];

/// gamma(n) = (n - 1)! for n from 1, as far as it is exact.
const FACTORIALS: [f64; 23] = {
    let mut table = [1.0; 23];
    let mut n = 1;
    while n < 23 {
        table[n] = table[n - 1] * n as f64;
        n += 1;
    }
    table
};

/// The rational function at x > 0; for large x in powers of 1/x, against overflow.
fn lanczos_sum(x: f64) -> f64 {
    let horner = |terms: &mut dyn Iterator<Item = (f64, f64)>, factor: &dyn Fn(f64) -> f64| {
        let (mut num, mut den) = (0.0, 0.0);
        for (a, b) in terms {
            num = factor(num) + a;
            den = factor(den) + b;
        }
        num / den
    };
    let pairs = NUMERATOR.into_iter().zip(DENOMINATOR);
    if x < 5.0 { horner(&mut pairs.rev(), &|sum| sum * x) } else { horner(&mut { pairs }, &|sum| sum / x) }
}

/// sin(pi x), exact at integers.
fn sin_pi(x: f64) -> f64 {
    let y = fmod(x.abs(), 2.0);
    let r = match (2.0 * y).round() as i32 {
        0 => sin(PI * y),
        1 => cos(PI * (y - 0.5)),
        2 => sin(PI * (1.0 - y)),
        3 => -cos(PI * (y - 1.5)),
        _ => sin(PI * (y - 2.0)),
    };
    1f64.copysign(x) * r
}

pub fn gamma(x: f64) -> Result<f64, Problem> {
    if !x.is_finite() {
        return if x.is_nan() || x > 0.0 { Ok(x) } else { Err(Problem::Domain) };
    }
    if x == 0.0 {
        return Err(Problem::Domain);
    }
    if x == x.floor() {
        if x < 0.0 {
            return Err(Problem::Domain);
        }
        if x <= 23.0 {
            return Ok(FACTORIALS[x as usize - 1]);
        }
    }
    let magnitude = x.abs();
    if magnitude < 1e-20 {
        let r = 1.0 / x;
        return if r.is_infinite() { Err(Problem::Range) } else { Ok(r) };
    }
    if magnitude > 200.0 {
        return if x < 0.0 { Ok(0.0 / sin_pi(x)) } else { Err(Problem::Range) };
    }
    let y = magnitude + G_MINUS_HALF;
    // z corrects for the rounding error of y.
    let z = if magnitude > G_MINUS_HALF { (y - magnitude) - G_MINUS_HALF } else { (y - G_MINUS_HALF) - magnitude } * G / y;
    let (square, half) = (magnitude < 140.0, magnitude / 2.0 - 0.25);
    let r = if x < 0.0 {
        let mut r = -PI / sin_pi(magnitude) / magnitude * exp(y) / lanczos_sum(magnitude);
        r -= z * r;
        if square {
            r / pow(y, magnitude - 0.5)
        } else {
            let root = pow(y, half);
            r / root / root
        }
    } else {
        let mut r = lanczos_sum(magnitude) / exp(y);
        r += z * r;
        if square {
            r * pow(y, magnitude - 0.5)
        } else {
            let root = pow(y, half);
            r * root * root
        }
    };
    if r.is_infinite() { Err(Problem::Range) } else { Ok(r) }
}

pub fn log_gamma(x: f64) -> Result<f64, Problem> {
    if !x.is_finite() {
        return Ok(if x.is_nan() { x } else { f64::INFINITY });
    }
    if x == x.floor() && x <= 2.0 {
        return if x <= 0.0 { Err(Problem::Domain) } else { Ok(0.0) };
    }
    let magnitude = x.abs();
    if magnitude < 1e-20 {
        return Ok(-log(magnitude));
    }
    let mut r = log(lanczos_sum(magnitude)) - G;
    r += (magnitude - 0.5) * (log(magnitude + G - 0.5) - 1.0);
    if x < 0.0 {
        r = LOG_PI - log(sin_pi(magnitude).abs()) - log(magnitude) - r;
    }
    if r.is_infinite() { Err(Problem::Range) } else { Ok(r) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_of_integers_is_exact_and_continues_the_factorial() {
        assert_eq!(gamma(5.0), Ok(24.0));
        assert_eq!(gamma(23.0), Ok(1.1240007277776077e21));
        assert_eq!(gamma(-1.0), Err(Problem::Domain));
        assert_eq!(gamma(200.0), Err(Problem::Range));
        let half = gamma(0.5).unwrap();
        assert!((half * half - PI).abs() < 1e-14);
        assert!((log_gamma(100.5).unwrap() - 361.4355404677776).abs() < 1e-12);
    }
}
