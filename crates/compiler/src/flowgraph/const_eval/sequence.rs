//! Strings, bytes and tuples: concatenation, repetition, subscripts.

use syntax::ast::{Arena, Str};
use syntax::text::push_code_point;

use super::integer;
use crate::unit::Const;

/// Repetition gives at most this many items of a tuple,
const MAX_COLLECTION_SIZE: usize = 256;
/// characters or bytes,
const MAX_STR_SIZE: usize = 4096;
/// items with those of nested tuples.
const MAX_TOTAL_ITEMS: i64 = 1024;

pub(super) fn concat<'a>(arena: &'a Arena, left: Const<'a>, right: Const<'a>) -> Option<Const<'a>> {
    match (left, right) {
        (Const::Str(a), Const::Str(b)) => {
            let bytes = join(arena, a.as_bytes(), b.as_bytes());
            Some(Const::Str(Str::from_wtf8(bytes)))
        }
        (Const::Bytes(a), Const::Bytes(b)) => Some(Const::Bytes(join(arena, a, b))),
        (Const::Tuple(a), Const::Tuple(b)) => Some(Const::Tuple(join(arena, a, b))),
        _ => None,
    }
}

fn join<'a, T: Copy>(arena: &'a Arena, a: &[T], b: &[T]) -> &'a [T] {
    arena.alloc_slice_fill_iter(Joined(a.iter().chain(b).copied(), a.len() + b.len()))
}

struct Joined<I>(I, usize);

impl<I: Iterator> Iterator for Joined<I> {
    type Item = I::Item;

    fn next(&mut self) -> Option<I::Item> {
        self.0.next()
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.1, Some(self.1))
    }
}

impl<I: Iterator> ExactSizeIterator for Joined<I> {}

pub(super) fn repeat<'a>(arena: &'a Arena, sequence: Const<'a>, count: Const<'a>) -> Option<Const<'a>> {
    let count = integer::to_big(count)?;
    match sequence {
        Const::Tuple(items) => {
            if items.is_empty() {
                return Some(sequence);
            }
            let count = usize::try_from(count).ok().filter(|&count| count <= MAX_COLLECTION_SIZE / items.len())?;
            if count != 0 && !within_complexity(sequence, &mut (MAX_TOTAL_ITEMS / count as i64)) {
                return None;
            }
            Some(Const::Tuple(arena.alloc_slice_copy(&items.repeat(count))))
        }
        Const::Str(text) => {
            let length = text.code_points().count();
            if length == 0 {
                return Some(sequence);
            }
            let count = usize::try_from(count).ok().filter(|&count| count <= MAX_STR_SIZE / length)?;
            Some(Const::Str(Str::from_wtf8(arena.alloc_slice_copy(&text.as_bytes().repeat(count)))))
        }
        Const::Bytes(bytes) => {
            if bytes.is_empty() {
                return Some(sequence);
            }
            let count = usize::try_from(count).ok().filter(|&count| count <= MAX_STR_SIZE / bytes.len())?;
            Some(Const::Bytes(arena.alloc_slice_copy(&bytes.repeat(count))))
        }
        _ => None,
    }
}

/// Takes the items of nested tuples from `limit`; false when they exceed it.
fn within_complexity(value: Const<'_>, limit: &mut i64) -> bool {
    if let Const::Tuple(items) = value {
        *limit -= items.len() as i64;
        return *limit >= 0 && items.iter().all(|item| within_complexity(*item, limit));
    }
    true
}

pub(super) fn subscript<'a>(arena: &'a Arena, container: Const<'a>, key: Const<'a>) -> Option<Const<'a>> {
    match container {
        Const::Tuple(items) => match key {
            Const::Slice(slice) => {
                let picked: Vec<Const<'a>> = indices(slice, items.len())?.map(|at| items[at]).collect();
                Some(Const::Tuple(arena.alloc_slice_copy(&picked)))
            }
            _ => Some(items[index(key, items.len())?]),
        },
        Const::Bytes(bytes) => match key {
            Const::Slice(slice) => {
                let picked: Vec<u8> = indices(slice, bytes.len())?.map(|at| bytes[at]).collect();
                Some(Const::Bytes(arena.alloc_slice_copy(&picked)))
            }
            _ => Some(Const::Int(bytes[index(key, bytes.len())?] as i64)),
        },
        Const::Str(text) => {
            let points: Vec<u32> = text.code_points().collect();
            let mut bytes: Vec<u8> = Vec::new();
            match key {
                Const::Slice(slice) => {
                    indices(slice, points.len())?.for_each(|at| push_code_point(&mut bytes, points[at]));
                }
                _ => push_code_point(&mut bytes, points[index(key, points.len())?]),
            }
            Some(Const::Str(Str::from_wtf8(arena.alloc_slice_copy(&bytes))))
        }
        _ => None,
    }
}

fn index(key: Const<'_>, length: usize) -> Option<usize> {
    let index = i64::try_from(integer::to_big(key)?).ok()?;
    let index = if index < 0 { index + length as i64 } else { index };
    usize::try_from(index).ok().filter(|&index| index < length)
}

/// The positions that a slice picks from a sequence.
fn indices(slice: &[Const<'_>; 3], length: usize) -> Option<impl Iterator<Item = usize>> {
    let length = length as i64;
    let part = |value: Const<'_>| -> Option<Option<i64>> {
        match value {
            Const::None => Some(None),
            _ => {
                let value = integer::to_big(value)?;
                let limit = |value| i64::try_from(value).unwrap_or(i64::MAX);
                Some(Some(if value.sign() == num_bigint::Sign::Minus { -limit(-value) } else { limit(value) }))
            }
        }
    };
    let step = part(slice[2])?.unwrap_or(1);
    if step == 0 {
        return None;
    }
    let clamp = |bound: i64| {
        let bound = if bound < 0 { bound.saturating_add(length) } else { bound };
        if step > 0 { bound.clamp(0, length) } else { bound.clamp(-1, length - 1) }
    };
    let start = part(slice[0])?.map_or(if step > 0 { 0 } else { length - 1 }, clamp);
    let stop = part(slice[1])?.map_or(if step > 0 { length } else { -1 }, clamp);
    let mut at = start;
    Some(std::iter::from_fn(move || {
        let inside = if step > 0 { at < stop } else { at > stop };
        if !inside {
            return None;
        }
        let position = at;
        at = at.saturating_add(step);
        Some(position as usize)
    }))
}
