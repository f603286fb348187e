//! Passing values between interpreters (PEP 734): objects never cross, only data that a new object is made of on the other side.
//!
//! `XIData` is such data, with the interpreter it comes from. Which objects have it is decided by their exact type: a few immutable builtins
//! (`data`), buffers, whose memory is shared (`buffer`), and classes that native modules register. Where a fallback is allowed, functions
//! without state go by their code, and everything else is pickled (`pickled`).
//! `session` runs something in another interpreter; what it raises comes back as a snapshot (`excinfo`).

pub mod buffer;
mod data;
pub mod excinfo;
mod pickled;
pub mod script;
pub mod session;
mod stateless;

pub use data::{Shared, XIData, is_shareable, register, share, share_with_fallback, unregister};
pub use pickled::share_pickled;
pub use script::{share_function, share_script};
pub use session::{Outcome, run_in};

use crate::errors::{self, Raised};
use crate::exceptions::{self, base::BaseException};
use crate::object::Owned;

/// Raises NotShareableError; what is raised already becomes its cause.
#[cold]
pub fn not_shareable(message: std::fmt::Arguments<'_>) -> Raised {
    let cause = errors::take();
    let class = match exceptions::not_shareable_error() {
        Ok(class) => class,
        Err(raised) => return raised,
    };
    let raised = errors::raise(class, message);
    with_cause(raised, cause)
}

/// Gives the exception that is set a cause.
pub fn with_cause(raised: Raised, cause: Option<Owned<BaseException>>) -> Raised {
    if let Some(cause) = cause
        && let Some(new) = errors::take()
    {
        new.set_cause(Some(&cause));
        return errors::restore(new);
    }
    raised
}

/// Whether NotShareableError is set.
pub fn is_not_shareable_set() -> bool {
    match errors::preserve(|| exceptions::not_shareable_error()) {
        Ok(class) => errors::matches(class),
        Err(_) => false,
    }
}

/// A NotShareableError with a cause gives way to it: the caller wants to hear what the matter is. (Others stay.)
pub fn unwrap_not_shareable() {
    if is_not_shareable_set()
        && let Some(error) = errors::take()
    {
        let inner = error.cause().and_then(|cause| cause.try_into_typed::<BaseException>().ok());
        errors::restore(inner.unwrap_or(error));
    }
}
