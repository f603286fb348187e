//! Native modules of the standard library that speak to the system; which of them are here says the table below.

pub mod call;
pub mod errno;
pub mod posix;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[
    NativeModule { name: "errno", definition: errno::errno::definition },
    NativeModule { name: "posix", definition: posix::posix::definition },
];
