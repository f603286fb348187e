//! Codecs of text.

use crate::errors::{Raised, raise_object};
use crate::types::{Int, Str, Tuple};

/// Raises `UnicodeEncodeError(encoding, object, start, end, reason)`.
#[cold]
pub fn raise_encode_error(encoding: &str, object: &Str, start: usize, end: usize, reason: &str) -> Raised {
    let args = Tuple::new(&[&Str::new(encoding), object, &Int::from_i64(start as i64), &Int::from_i64(end as i64), &Str::new(reason)]);
    raise_object(crate::exceptions::UnicodeEncodeError(), Some(&args))
}
