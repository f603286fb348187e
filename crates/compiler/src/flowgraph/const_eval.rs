//! Python's operators on constants, as far as the compiler evaluates them. `None` means: leave it to run time, because
//! it raises, warns, or gives something large.

mod complex;
mod float;
mod integer;
mod sequence;

use std::hash::Hasher;

use bytecode::Opcode;
use bytecode::operands::*;
use num_bigint::BigInt;
use rustc_hash::FxHasher;
use syntax::ast::{Arena, Complex};

use crate::unit::Const;

/// Python's `bool(value)`.
pub fn is_true(value: Const<'_>) -> bool {
    match value {
        Const::None | Const::False => false,
        Const::Int(value) => value != 0,
        Const::Float(value) => value != 0.0,
        Const::Complex(value) => value.real != 0.0 || value.imag != 0.0,
        Const::Str(text) => !text.is_empty(),
        Const::Bytes(bytes) => !bytes.is_empty(),
        Const::Tuple(items) | Const::FrozenSet(items) => !items.is_empty(),
        Const::True | Const::Ellipsis | Const::BigInt(_) | Const::Slice(_) | Const::Code(_) => true,
    }
}

pub fn eval_unary<'a>(arena: &'a Arena, opcode: Opcode, oparg: u32, operand: Const<'a>) -> Option<Const<'a>> {
    match opcode {
        Opcode::UNARY_NOT => Some(Const::bool(!is_true(operand))),
        // ~True warns.
        Opcode::UNARY_INVERT if matches!(operand, Const::True | Const::False) => None,
        Opcode::UNARY_INVERT => integer::from_big(arena, !integer::to_big(operand)?),
        Opcode::UNARY_NEGATIVE => match Number::of(operand)? {
            Number::Int(value) => integer::from_big(arena, -value),
            Number::Float(value) => Some(Const::Float(-value)),
            Number::Complex(value) => Some(Const::Complex(Complex { real: -value.real, imag: -value.imag })),
        },
        Opcode::CALL_INTRINSIC_1 if oparg == INTRINSIC_UNARY_POSITIVE => match operand {
            Const::True => Some(Const::Int(1)),
            Const::False => Some(Const::Int(0)),
            Const::Int(_) | Const::BigInt(_) | Const::Float(_) | Const::Complex(_) => Some(operand),
            _ => None,
        },
        _ => None,
    }
}

/// `oparg` is that of `BINARY_OP`.
pub fn eval_binary<'a>(arena: &'a Arena, oparg: u32, left: Const<'a>, right: Const<'a>) -> Option<Const<'a>> {
    if let (Const::Int(left), Const::Int(right)) = (left, right)
        && let Some(result) = small_integers(oparg, left, right)
    {
        return Some(Const::Int(result));
    }
    if oparg == NB_SUBSCR {
        return sequence::subscript(arena, left, right);
    }
    match (Number::of(left), Number::of(right)) {
        (Some(left_number), Some(right_number)) => numbers(arena, oparg, (left, left_number), (right, right_number)),
        (None, None) if oparg == NB_ADD => sequence::concat(arena, left, right),
        (None, Some(_)) if oparg == NB_MULTIPLY => sequence::repeat(arena, left, right),
        (Some(_), None) if oparg == NB_MULTIPLY => sequence::repeat(arena, right, left),
        _ => None,
    }
}

/// Python's `left == right` for what may stand in a set. Numbers of different types may be equal.
pub(super) fn equal(left: &Const<'_>, right: &Const<'_>) -> bool {
    match (Number::of(*left), Number::of(*right)) {
        (Some(left), Some(right)) => left.equals(&right),
        (None, None) => match (left, right) {
            (Const::Tuple(a), Const::Tuple(b)) => a.len() == b.len() && a.iter().zip(*b).all(|(a, b)| equal(a, b)),
            (Const::FrozenSet(a), Const::FrozenSet(b)) => {
                a.len() == b.len() && a.iter().all(|item| b.iter().any(|other| equal(item, other)))
            }
            (Const::Slice(a), Const::Slice(b)) => a.iter().zip(*b).all(|(a, b)| equal(a, b)),
            _ => left.same(right),
        },
        _ => false,
    }
}

/// A hash that equal values share.
pub(super) fn equality_hash(value: &Const<'_>) -> u64 {
    let mut hasher = FxHasher::default();
    match value {
        Const::Str(text) => hasher.write(text.as_bytes()),
        Const::Bytes(bytes) => hasher.write(bytes),
        Const::Tuple(items) => items.iter().for_each(|item| hasher.write_u64(equality_hash(item))),
        Const::FrozenSet(items) => {
            hasher.write_u64(items.iter().fold(0, |sum: u64, item| sum.wrapping_add(equality_hash(item))));
        }
        Const::Complex(value) => hasher.write_u64((value.real + 0.0).to_bits()),
        // Equal numbers are equal as floats (integers out of range have no equal but themselves).
        _ => match Number::of(*value) {
            Some(number) => hasher.write_u64((number.to_float().unwrap_or(f64::INFINITY) + 0.0).to_bits()),
            None => hasher.write_u8(0),
        },
    }
    hasher.finish()
}

enum Number {
    Int(BigInt),
    Float(f64),
    Complex(Complex),
}

impl Number {
    fn of(value: Const<'_>) -> Option<Number> {
        Some(match value {
            Const::Float(value) => Number::Float(value),
            Const::Complex(value) => Number::Complex(value),
            _ => Number::Int(integer::to_big(value)?),
        })
    }

    /// `None` if it is out of range.
    fn to_float(&self) -> Option<f64> {
        match self {
            Number::Int(value) => integer::to_float(value),
            Number::Float(value) => Some(*value),
            Number::Complex(_) => None,
        }
    }

    fn equals(&self, other: &Number) -> bool {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => a == b,
            (Number::Int(int), Number::Float(float)) | (Number::Float(float), Number::Int(int)) => {
                float::equals_int(*float, int)
            }
            (Number::Float(a), Number::Float(b)) => a == b,
            (Number::Complex(a), Number::Complex(b)) => a == b,
            (Number::Complex(complex), real) | (real, Number::Complex(complex)) => {
                complex.imag == 0.0 && Number::Float(complex.real).equals(real)
            }
        }
    }
}

fn small_integers(oparg: u32, left: i64, right: i64) -> Option<i64> {
    match oparg {
        NB_ADD => left.checked_add(right),
        NB_SUBTRACT => left.checked_sub(right),
        NB_MULTIPLY => left.checked_mul(right),
        NB_OR => Some(left | right),
        NB_AND => Some(left & right),
        NB_XOR => Some(left ^ right),
        NB_LSHIFT if left.unsigned_abs() < 1 << 31 && (0..32).contains(&right) => Some(left << right),
        _ => None,
    }
}

type Operand<'a> = (Const<'a>, Number);

fn numbers<'a>(arena: &'a Arena, oparg: u32, left: Operand<'a>, right: Operand<'a>) -> Option<Const<'a>> {
    match (&left.1, &right.1) {
        (Number::Int(a), Number::Int(b)) => integer::binary(arena, oparg, (left.0, a), (right.0, b)),
        (Number::Complex(_), _) | (_, Number::Complex(_)) => complex::binary(oparg, &left.1, &right.1),
        (a, b) => float::binary(oparg, a.to_float()?, b.to_float()?),
    }
}
