//! What patterns are matched against: str or bytes-like objects.

use super::pattern::Pattern;
use runtime::macro_support::Buffer;
use runtime::types::str::Text;
use runtime::types::{Bytes, Str};
use runtime::{Object, Owned, PyResult, err, errors};

/// A text to match; a bytes-like object stays exported.
pub struct Target {
    object: Owned,
    buffer: Option<Buffer>,
}

impl Target {
    pub fn new(object: &Object) -> PyResult<Target> {
        if object.is_instance_of::<Str>() {
            return Ok(Target { object: object.to_owned(), buffer: None });
        }
        match Buffer::new(object) {
            Ok(buffer) => Ok(Target { object: object.to_owned(), buffer: Some(buffer) }),
            Err(_) if errors::matches(runtime::exceptions::TypeError()) || errors::matches(runtime::exceptions::BufferError()) => {
                errors::clear();
                Err(err!(TypeError, "expected string or bytes-like object, got '{}'", object.type_name()))
            }
            Err(raised) => Err(raised),
        }
    }
    /// A target for `pattern`, which must be of the same kind.
    pub fn of(pattern: &Pattern, object: &Object) -> PyResult<Target> {
        let target = Target::new(object)?;
        match (target.is_bytes(), pattern.is_bytes()) {
            (true, Some(false)) => Err(err!(TypeError, "cannot use a string pattern on a bytes-like object")),
            (false, Some(true)) => Err(err!(TypeError, "cannot use a bytes pattern on a string-like object")),
            _ => Ok(target),
        }
    }
    pub fn object(&self) -> &Object {
        &self.object
    }
    pub fn is_bytes(&self) -> bool {
        self.buffer.is_some()
    }
    #[inline]
    pub fn text(&self) -> Text<'_> {
        match &self.buffer {
            Some(buffer) => Text::One(buffer),
            None => self.object.downcast::<Str>().map_or(Text::One(&[]), Str::text),
        }
    }
    pub fn len(&self) -> usize {
        self.text().len()
    }
    /// The part from `start` to `end`, as str or bytes.
    pub fn slice(&self, start: usize, end: usize) -> PyResult {
        let len = self.len();
        let end = end.min(len);
        let start = start.min(end);
        match (&self.buffer, self.object.downcast::<Str>()) {
            (None, Some(text)) => Ok(text.substring(start, end)?.into_object()),
            (Some(_), _) if (start, end) == (0, len) && self.object.is_exact::<Bytes>() => Ok(self.object.clone()),
            (Some(buffer), _) => Ok(Bytes::new(&buffer[start..end]).into_object()),
            (None, None) => Err(errors::bad_internal_call()),
        }
    }
    /// An empty str or bytes, to join parts with.
    pub fn join(&self, parts: Vec<Owned>) -> PyResult {
        join(self.is_bytes(), parts)
    }
}

/// The parts of a str or of bytes as one.
pub fn join(is_bytes: bool, parts: Vec<Owned>) -> PyResult {
    if !is_bytes {
        let items: Vec<&Object> = parts.iter().map(|part| part.object()).collect();
        return Ok(Str::empty().join_items(&items)?.into_object());
    }
    let mut joined = Vec::new();
    if let [only] = parts.as_slice()
        && only.is_exact::<Bytes>()
    {
        return Ok(only.clone());
    }
    for (at, part) in parts.iter().enumerate() {
        match Buffer::new(part) {
            Ok(buffer) => joined.extend_from_slice(&buffer),
            Err(_) if errors::matches(runtime::exceptions::TypeError()) => {
                errors::clear();
                return Err(err!(TypeError, "sequence item {}: expected a bytes-like object, {} found", at, part.type_name()));
            }
            Err(raised) => return Err(raised),
        }
    }
    Ok(Bytes::new(&joined).into_object())
}
