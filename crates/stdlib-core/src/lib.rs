//! Native modules of the standard library; which of them are here says the table below.

mod calls;
mod operator;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[NativeModule { name: "_operator", definition: operator::operator::definition }];
