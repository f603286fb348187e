//! "Did you mean ...?": the candidate nearest to a misspelt name, by CPython's weighted edit distance.

use crate::object::Owned;
use crate::types::Str;

const MOVE_COST: usize = 2;
const CASE_COST: usize = 1;
const MAX_LENGTH: usize = 40;
const MAX_CANDIDATES: usize = 750;

/// The first candidate with the least distance to `name`, if any is near enough.
pub fn suggestion<'a>(candidates: impl ExactSizeIterator<Item = &'a str>, name: &str) -> Option<&'a str> {
    if candidates.len() >= MAX_CANDIDATES {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        if candidate == name {
            continue;
        }
        let mut limit = (name.len() + candidate.len() + 3) * MOVE_COST / 6;
        if let Some((distance, _)) = best {
            limit = limit.min(distance.saturating_sub(1));
        }
        if let Some(distance) = edit_distance(name.as_bytes(), candidate.as_bytes())
            && distance <= limit
        {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// `suggestion` for str objects; names that have no UTF-8 form suggest nothing.
pub fn closest(candidates: &[Owned<Str>], name: &Str) -> Option<String> {
    let text = |name: &Str| match name.as_utf8() {
        Ok(text) => Some(text.to_owned()),
        Err(_) => {
            crate::errors::clear();
            None
        }
    };
    let name = text(name)?;
    let candidates: Vec<String> = candidates.iter().filter_map(|candidate| text(candidate)).collect();
    suggestion(candidates.iter().map(String::as_str), &name).map(str::to_owned)
}

/// Insertions and deletions cost 2, substitutions 2, changes of letter case 1. `None` for texts too long to compare.
fn edit_distance(mut a: &[u8], mut b: &[u8]) -> Option<usize> {
    while let ([first_a, rest_a @ ..], [first_b, rest_b @ ..]) = (a, b)
        && first_a == first_b
    {
        (a, b) = (rest_a, rest_b);
    }
    while let ([rest_a @ .., last_a], [rest_b @ .., last_b]) = (a, b)
        && last_a == last_b
    {
        (a, b) = (rest_a, rest_b);
    }
    if a.is_empty() || b.is_empty() {
        return Some((a.len() + b.len()) * MOVE_COST);
    }
    if a.len() > MAX_LENGTH || b.len() > MAX_LENGTH {
        return None;
    }
    let mut row: Vec<usize> = (1..=a.len()).map(|i| i * MOVE_COST).collect();
    for (at, &byte) in b.iter().enumerate() {
        let mut diagonal = at * MOVE_COST;
        let mut left = diagonal + MOVE_COST;
        for (cell, &other) in row.iter_mut().zip(a) {
            let substitute = diagonal + substitution_cost(byte, other);
            diagonal = *cell;
            left = substitute.min(left.min(diagonal) + MOVE_COST);
            *cell = left;
        }
    }
    row.last().copied()
}

fn substitution_cost(a: u8, b: u8) -> usize {
    if a == b {
        0
    } else if a.eq_ignore_ascii_case(&b) {
        CASE_COST
    } else {
        MOVE_COST
    }
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn the_nearest_candidate_is_suggested() {
        assert_eq!(suggestion(["key", "reverse"].into_iter(), "keyy"), Some("key"));
        assert_eq!(suggestion(["key", "reverse"].into_iter(), "kye"), None);
        assert_eq!(suggestion(["bytes", "byteorder", "signed"].into_iter(), "bytorder"), Some("byteorder"));
        assert_eq!(suggestion(["Level", "lever"].into_iter(), "level"), Some("Level"));
        assert_eq!(suggestion(["level"].into_iter(), "lev"), None);
    }
}
