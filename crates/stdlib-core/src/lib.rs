//! Native modules of the standard library; which of them are here says the table below.

mod asyncio;
mod bisect;
mod calls;
mod cmath;
mod collections;
mod functools;
mod heapq;
mod itertools;
mod lsprof;
mod math;
mod operator;
mod random;
mod remote_debugging;
mod sre;
mod stat;
mod statistics;
mod struct_;
mod array;
mod json;
mod csv;
mod binascii;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[
    NativeModule { name: "_asyncio", definition: asyncio::asyncio::definition },
    NativeModule { name: "_remote_debugging", definition: remote_debugging::module::definition },
    NativeModule { name: "_operator", definition: operator::operator::definition },
    NativeModule { name: "_functools", definition: functools::functools::definition },
    NativeModule { name: "_collections", definition: collections::collections::definition },
    NativeModule { name: "_csv", definition: csv::csv::definition },
    NativeModule { name: "_json", definition: json::json::definition },
    NativeModule { name: "array", definition: array::array_module::definition },
    NativeModule { name: "_struct", definition: struct_::struct_module::definition },
    NativeModule { name: "binascii", definition: binascii::binascii::definition },
    NativeModule { name: "_sre", definition: sre::sre::definition },
    NativeModule { name: "itertools", definition: itertools::itertools::definition },
    NativeModule { name: "math", definition: math::math::definition },
    NativeModule { name: "cmath", definition: cmath::cmath::definition },
    NativeModule { name: "_bisect", definition: bisect::bisect::definition },
    NativeModule { name: "_lsprof", definition: lsprof::lsprof::definition },
    NativeModule { name: "_heapq", definition: heapq::heapq::definition },
    NativeModule { name: "_random", definition: random::random::definition },
    NativeModule { name: "_stat", definition: stat::stat::definition },
    NativeModule { name: "_statistics", definition: statistics::statistics::definition },
];
