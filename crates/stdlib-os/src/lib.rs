//! Native modules of the standard library; which of them are here says the table below.

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[];
