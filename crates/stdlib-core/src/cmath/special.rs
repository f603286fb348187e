//! Values of the complex functions at arguments with infinities, nans and zeroes, as the C standard's annex G has them; where it leaves
//! them open, those that Python gives. Rows are classes of real parts, columns of imaginary ones (`Class`); None is a domain error.
//! Pairs of two finite non-zero parts are not looked up.

use super::C;
use std::f64::consts::{FRAC_PI_2 as P12, FRAC_PI_4 as P14, PI};

const P34: f64 = 3.0 * P14;
const INF: f64 = f64::INFINITY;
const N: f64 = f64::NAN;

pub type Table = [[Option<C>; 7]; 7];

/// A class of floats, in the tables' order.
fn class(x: f64) -> usize {
    match x {
        x if x.is_nan() => 6,
        x if x == INF => 5,
        x if x == -INF => 0,
        x if x == 0.0 => if x.is_sign_negative() { 2 } else { 3 },
        x if x < 0.0 => 1,
        _ => 4,
    }
}

pub fn lookup(table: &Table, (re, im): C) -> Option<C> {
    table[class(re)][class(im)]
}

/// Rows of pairs; `e` is an error.
macro_rules! table {
    ($($name:ident { $([$($cell:tt)*])* })*) => {
        $(pub const $name: Table = [$(table!(@row [] $($cell)*)),*];)*
    };
    (@row [$($done:tt)*]) => { [$($done)*] };
    (@row [$($done:tt)*] e $($rest:tt)*) => { table!(@row [$($done)* None,] $($rest)*) };
    (@row [$($done:tt)*] ($re:expr, $im:expr) $($rest:tt)*) => { table!(@row [$($done)* Some(($re, $im)),] $($rest)*) };
}

table! {
    ACOS {
        [(P34, INF) (PI, INF) (PI, INF) (PI, -INF) (PI, -INF) (P34, -INF) (N, INF)]
        [(P12, INF) (N, N) (PI, N) (PI, N) (N, N) (P12, -INF) (N, N)]
        [(P12, INF) (P12, N) (P12, 0.0) (P12, -0.0) (P12, N) (P12, -INF) (P12, N)]
        [(P12, INF) (P12, N) (P12, 0.0) (P12, -0.0) (P12, N) (P12, -INF) (P12, N)]
        [(P12, INF) (N, N) (0.0, N) (0.0, N) (N, N) (P12, -INF) (N, N)]
        [(P14, INF) (0.0, INF) (0.0, INF) (0.0, -INF) (0.0, -INF) (P14, -INF) (N, INF)]
        [(N, INF) (N, N) (N, N) (N, N) (N, N) (N, -INF) (N, N)]
    }
    ACOSH {
        [(INF, -P34) (INF, -PI) (INF, -PI) (INF, PI) (INF, PI) (INF, P34) (INF, N)]
        [(INF, -P12) (N, N) (N, -PI) (N, PI) (N, N) (INF, P12) (N, N)]
        [(INF, -P12) (N, -P12) (0.0, -P12) (0.0, P12) (N, P12) (INF, P12) (N, P12)]
        [(INF, -P12) (N, -P12) (0.0, -P12) (0.0, P12) (N, P12) (INF, P12) (N, P12)]
        [(INF, -P12) (N, N) (N, -0.0) (N, 0.0) (N, N) (INF, P12) (N, N)]
        [(INF, -P14) (INF, -0.0) (INF, -0.0) (INF, 0.0) (INF, 0.0) (INF, P14) (INF, N)]
        [(INF, N) (N, N) (N, N) (N, N) (N, N) (INF, N) (N, N)]
    }
    ASINH {
        [(-INF, -P14) (-INF, -0.0) (-INF, -0.0) (-INF, 0.0) (-INF, 0.0) (-INF, P14) (-INF, N)]
        [(-INF, -P12) (N, N) (N, -0.0) (N, 0.0) (N, N) (-INF, P12) (N, N)]
        [(-INF, -P12) (N, -P12) (-0.0, -0.0) (-0.0, 0.0) (N, P12) (-INF, P12) (N, N)]
        [(INF, -P12) (N, -P12) (0.0, -0.0) (0.0, 0.0) (N, P12) (INF, P12) (N, N)]
        [(INF, -P12) (N, N) (N, -0.0) (N, 0.0) (N, N) (INF, P12) (N, N)]
        [(INF, -P14) (INF, -0.0) (INF, -0.0) (INF, 0.0) (INF, 0.0) (INF, P14) (INF, N)]
        [(INF, N) (N, N) (N, -0.0) (N, 0.0) (N, N) (INF, N) (N, N)]
    }
    ATANH {
        [(-0.0, -P12) (-0.0, -P12) (-0.0, -P12) (-0.0, P12) (-0.0, P12) (-0.0, P12) (-0.0, N)]
        [(-0.0, -P12) (N, N) (N, -P12) (N, P12) (N, N) (-0.0, P12) (N, N)]
        [(-0.0, -P12) (-0.0, N) (-0.0, -0.0) (-0.0, 0.0) (-0.0, N) (-0.0, P12) (-0.0, N)]
        [(0.0, -P12) (0.0, N) (0.0, -0.0) (0.0, 0.0) (0.0, N) (0.0, P12) (0.0, N)]
        [(0.0, -P12) (N, N) (N, -P12) (N, P12) (N, N) (0.0, P12) (N, N)]
        [(0.0, -P12) (0.0, -P12) (0.0, -P12) (0.0, P12) (0.0, P12) (0.0, P12) (0.0, N)]
        [(0.0, -P12) (N, N) (N, N) (N, N) (N, N) (0.0, P12) (N, N)]
    }
    COSH {
        [e (INF, INF) (INF, 0.0) (INF, -0.0) (INF, -INF) e (INF, N)]
        [e (N, N) (N, 0.0) (N, -0.0) (N, N) e (N, N)]
        [e (N, 0.0) (1.0, 0.0) (1.0, -0.0) (N, -0.0) e (N, 0.0)]
        [e (N, -0.0) (1.0, -0.0) (1.0, 0.0) (N, 0.0) e (N, 0.0)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (INF, -INF) (INF, -0.0) (INF, 0.0) (INF, INF) e (INF, N)]
        [(N, N) (N, N) (N, 0.0) (N, 0.0) (N, N) (N, N) (N, N)]
    }
    EXP {
        [(0.0, 0.0) (0.0, -0.0) (0.0, -0.0) (0.0, 0.0) (0.0, 0.0) (0.0, 0.0) (0.0, 0.0)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (N, N) (1.0, -0.0) (1.0, 0.0) (N, N) e (N, N)]
        [e (N, N) (1.0, -0.0) (1.0, 0.0) (N, N) e (N, N)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (INF, -INF) (INF, -0.0) (INF, 0.0) (INF, INF) e (INF, N)]
        [(N, N) (N, N) (N, -0.0) (N, 0.0) (N, N) (N, N) (N, N)]
    }
    LOG {
        [(INF, -P34) (INF, -PI) (INF, -PI) (INF, PI) (INF, PI) (INF, P34) (INF, N)]
        [(INF, -P12) (N, -P34) (N, -PI) (N, PI) (N, P34) (INF, P12) (N, N)]
        [(INF, -P12) (N, -P12) e e (N, P12) (INF, P12) (N, N)]
        [(INF, -P12) (N, -P12) e e (N, P12) (INF, P12) (N, N)]
        [(INF, -P12) (N, -P14) (N, -0.0) (N, 0.0) (N, P14) (INF, P12) (N, N)]
        [(INF, -P14) (INF, -0.0) (INF, -0.0) (INF, 0.0) (INF, 0.0) (INF, P14) (INF, N)]
        [(INF, N) (N, N) (N, N) (N, N) (N, N) (INF, N) (N, N)]
    }
    SINH {
        [e (-INF, -INF) (-INF, -0.0) (-INF, 0.0) (-INF, INF) e (INF, N)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (-0.0, N) (-0.0, -0.0) (-0.0, 0.0) (-0.0, N) e (0.0, N)]
        [e (0.0, N) (0.0, -0.0) (0.0, 0.0) (0.0, N) e (0.0, N)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (INF, -INF) (INF, -0.0) (INF, 0.0) (INF, INF) e (INF, N)]
        [(N, N) (N, N) (N, -0.0) (N, 0.0) (N, N) (N, N) (N, N)]
    }
    SQRT {
        [(INF, -INF) (0.0, -INF) (0.0, -INF) (0.0, INF) (0.0, INF) (INF, INF) (N, INF)]
        [(INF, -INF) (N, N) (0.0, N) (0.0, N) (N, N) (INF, INF) (N, N)]
        [(INF, -INF) (N, N) (0.0, -0.0) (0.0, 0.0) (N, N) (INF, INF) (N, N)]
        [(INF, -INF) (N, N) (0.0, -0.0) (0.0, 0.0) (N, N) (INF, INF) (N, N)]
        [(INF, -INF) (N, N) (N, -0.0) (N, 0.0) (N, N) (INF, INF) (N, N)]
        [(INF, -INF) (INF, -0.0) (INF, -0.0) (INF, 0.0) (INF, 0.0) (INF, INF) (INF, N)]
        [(INF, -INF) (N, N) (N, N) (N, N) (N, N) (INF, INF) (N, N)]
    }
    TANH {
        [(-1.0, 0.0) (-1.0, -0.0) (-1.0, -0.0) (-1.0, 0.0) (-1.0, 0.0) (-1.0, 0.0) (-1.0, 0.0)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (-0.0, N) (-0.0, -0.0) (-0.0, 0.0) (-0.0, N) e (-0.0, N)]
        [e (0.0, N) (0.0, -0.0) (0.0, 0.0) (0.0, N) e (0.0, N)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [(1.0, 0.0) (1.0, -0.0) (1.0, -0.0) (1.0, 0.0) (1.0, 0.0) (1.0, 0.0) (1.0, 0.0)]
        [(N, N) (N, N) (N, -0.0) (N, 0.0) (N, N) (N, N) (N, N)]
    }
    RECT {
        [e (-INF, INF) (-INF, 0.0) (-INF, -0.0) (-INF, -INF) e (INF, N)]
        [e (N, N) (N, 0.0) (N, -0.0) (N, N) e (N, N)]
        [(0.0, 0.0) (-0.0, 0.0) (-0.0, 0.0) (-0.0, -0.0) (-0.0, -0.0) (0.0, 0.0) (0.0, 0.0)]
        [(0.0, 0.0) (0.0, -0.0) (0.0, -0.0) (0.0, 0.0) (0.0, 0.0) (0.0, 0.0) (0.0, 0.0)]
        [e (N, N) (N, -0.0) (N, 0.0) (N, N) e (N, N)]
        [e (INF, -INF) (INF, -0.0) (INF, 0.0) (INF, INF) e (INF, N)]
        [(N, N) (N, N) (N, 0.0) (N, 0.0) (N, N) (N, N) (N, N)]
    }
}
