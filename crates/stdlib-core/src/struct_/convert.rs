//! Values to bytes and back.

use super::ERROR;
use super::layout::{Item, Kind, Layout};
use runtime::macro_support::Buffer;
use runtime::protocol::number;
use runtime::types::{Bytes, ByteArray, Complex, Float, Int};
use runtime::{Object, Owned, PyResult, Raised, err, errors};

/// Writes `values` (as many as the layout has) into `out`, which has the layout's size and is zero.
pub fn pack(layout: &Layout, values: &[&Object], out: &mut [u8]) -> PyResult<()> {
    let mut values = values.iter();
    for item in &layout.items {
        for at in 0..item.repeat {
            let Some(value) = values.next() else { return Err(errors::bad_internal_call()) };
            let start = item.offset + at * item.size;
            pack_value(item, value, &mut out[start..start + item.size], layout.big_endian)?;
        }
    }
    Ok(())
}

/// The values of `data`, which has the layout's size.
pub fn unpack(layout: &Layout, data: &[u8]) -> Vec<Owned> {
    let mut values = runtime::memory::reserve::with_room(layout.values);
    for item in &layout.items {
        for at in 0..item.repeat {
            let start = item.offset + at * item.size;
            values.push(unpack_value(item, &data[start..start + item.size], layout.big_endian));
        }
    }
    values
}

/// Puts the low bytes of `value` into `out`.
fn store(value: u64, out: &mut [u8], big_endian: bool) {
    let size = out.len();
    if big_endian {
        out.copy_from_slice(&value.to_be_bytes()[8 - size..]);
    } else {
        out.copy_from_slice(&value.to_le_bytes()[..size]);
    }
}

fn load(data: &[u8], big_endian: bool) -> u64 {
    let mut bytes = [0; 8];
    if big_endian {
        bytes[8 - data.len()..].copy_from_slice(data);
        u64::from_be_bytes(bytes)
    } else {
        bytes[..data.len()].copy_from_slice(data);
        u64::from_le_bytes(bytes)
    }
}

fn integer(value: &Object) -> PyResult<Owned<Int>> {
    if let Some(int) = value.downcast::<Int>() {
        return Ok(Owned::from_ref(int));
    }
    if number::check_index(value) {
        return number::index(value);
    }
    Err(ERROR.raise(format_args!("required argument is not an integer")))
}

#[cold]
fn out_of_range(item: &Item) -> Raised {
    let bits = item.size as u32 * 8;
    let (low, high) = match item.kind {
        Kind::Signed => (-(1i128 << (bits - 1)), (1i128 << (bits - 1)) - 1),
        _ => (0, (1i128 << bits) - 1),
    };
    ERROR.raise(format_args!("'{}' format requires {} <= number <= {}", item.code as char, low, high))
}

fn float(value: &Object) -> PyResult<f64> {
    Float::as_f64(value).map_err(|_| {
        errors::clear();
        ERROR.raise(format_args!("required argument is not a float"))
    })
}

#[cold]
fn too_large(code: char) -> Raised {
    err!(OverflowError, "float too large to pack with {} format", code)
}

fn narrow(value: f64) -> PyResult<f32> {
    let narrowed = value as f32;
    if narrowed.is_infinite() && !value.is_infinite() { Err(too_large('f')) } else { Ok(narrowed) }
}

fn complex(value: &Object) -> PyResult<(f64, f64)> {
    runtime::types::complex::as_complex(value).map_err(|_| {
        errors::clear();
        ERROR.raise(format_args!("required argument is not a complex"))
    })
}

fn pack_value(item: &Item, value: &Object, out: &mut [u8], big: bool) -> PyResult<()> {
    match item.kind {
        Kind::Pad => {}
        Kind::Signed => {
            let value = integer(value)?.as_i64().ok_or_else(|| out_of_range(item))?;
            let spare = 64 - 8 * item.size as u32;
            if value << spare >> spare != value {
                return Err(out_of_range(item));
            }
            store(value as u64, out, big);
        }
        Kind::Unsigned => {
            let value = integer(value)?.as_u64().ok_or_else(|| out_of_range(item))?;
            let spare = 64 - 8 * item.size as u32;
            if value << spare >> spare != value {
                return Err(out_of_range(item));
            }
            store(value, out, big);
        }
        Kind::Pointer => {
            let value = integer(value)?;
            let address = value.as_u64().or_else(|| value.as_i64().map(|value| value as u64));
            store(address.ok_or_else(|| ERROR.raise(format_args!("int too large to convert")))?, out, big);
        }
        Kind::Bool => out[0] = runtime::protocol::object::is_true(value)? as u8,
        Kind::Char => match value.downcast::<Bytes>().map(Bytes::as_slice) {
            Some(&[byte]) => out[0] = byte,
            _ => return Err(ERROR.raise(format_args!("char format requires a bytes object of length 1"))),
        },
        Kind::Half => store(half_bits(float(value)?)? as u64, out, big),
        Kind::Float => store(narrow(float(value)?)?.to_bits() as u64, out, big),
        Kind::Double => store(float(value)?.to_bits(), out, big),
        Kind::ComplexFloat => {
            let (real, imag) = complex(value)?;
            store((real as f32).to_bits() as u64, &mut out[..4], big);
            store((imag as f32).to_bits() as u64, &mut out[4..], big);
        }
        Kind::ComplexDouble => {
            let (real, imag) = complex(value)?;
            store(real.to_bits(), &mut out[..8], big);
            store(imag.to_bits(), &mut out[8..], big);
        }
        Kind::Bytes | Kind::Pascal => {
            if !value.is_instance_of::<Bytes>() && !value.is_instance_of::<ByteArray>() {
                return Err(ERROR.raise(format_args!("argument for '{}' must be a bytes object", item.code as char)));
            }
            let data = Buffer::new(value)?;
            let mut out = out;
            if item.kind == Kind::Pascal {
                let Some((length, rest)) = out.split_first_mut() else { return Ok(()) };
                *length = data.len().min(rest.len()).min(255) as u8;
                out = rest;
            }
            let len = data.len().min(out.len());
            out[..len].copy_from_slice(&data[..len]);
        }
    }
    Ok(())
}

fn unpack_value(item: &Item, data: &[u8], big: bool) -> Owned {
    match item.kind {
        Kind::Pad => runtime::types::none().to_owned(),
        Kind::Signed => {
            let spare = 64 - 8 * item.size as u32;
            Int::from_i64((load(data, big) << spare) as i64 >> spare).into_object()
        }
        Kind::Unsigned | Kind::Pointer => Int::from_u64(load(data, big)).into_object(),
        Kind::Bool => runtime::types::bool_object(data[0] != 0).to_owned(),
        Kind::Char => Bytes::new(data).into_object(),
        Kind::Half => Float::new(half_value(load(data, big) as u16)).into_object(),
        Kind::Float => Float::new(f32::from_bits(load(data, big) as u32) as f64).into_object(),
        Kind::Double => Float::new(f64::from_bits(load(data, big))).into_object(),
        Kind::ComplexFloat => {
            let part = |data| f32::from_bits(load(data, big) as u32) as f64;
            Complex::new(part(&data[..4]), part(&data[4..])).into_object()
        }
        Kind::ComplexDouble => {
            let part = |data| f64::from_bits(load(data, big));
            Complex::new(part(&data[..8]), part(&data[8..])).into_object()
        }
        Kind::Bytes => Bytes::new(data).into_object(),
        Kind::Pascal => {
            let text = match data.split_first() {
                Some((&len, rest)) => &rest[..rest.len().min(len as usize)],
                None => data,
            };
            Bytes::new(text).into_object()
        }
    }
}

/// The nearest binary16 value, ties to even.
fn half_bits(value: f64) -> PyResult<u16> {
    let bits = value.to_bits();
    let sign = (bits >> 48) as u16 & 0x8000;
    if value.is_nan() {
        // Of the payload the upper bits are kept; one must remain.
        let payload = (bits >> 42) as u16 & 0x3ff;
        return Ok(sign | 0x7c00 | if payload == 0 { 0x200 } else { payload });
    }
    if value.is_infinite() {
        return Ok(sign | 0x7c00);
    }
    let magnitude = value.abs();
    // In units of the last place that the result has (never smaller than 2**-24) the value is rounded as an integer.
    let exponent = ((bits >> 52 & 0x7ff) as i32 - 1023).max(-14);
    let scaled = (magnitude * 2f64.powi(10 - exponent)).round_ties_even();
    // A carry into the next exponent falls out of the addition.
    let result = ((exponent + 14) as u32) * 1024 + scaled as u32;
    if result >= 0x7c00 { Err(too_large('e')) } else { Ok(sign | result as u16) }
}

fn half_value(bits: u16) -> f64 {
    let sign = (bits as u64 & 0x8000) << 48;
    let (exponent, mantissa) = ((bits >> 10 & 0x1f) as i32, bits as u64 & 0x3ff);
    let magnitude = match exponent {
        31 if mantissa != 0 => f64::from_bits(0x7ff << 52 | mantissa << 42),
        31 => f64::INFINITY,
        0 => mantissa as f64 * 2f64.powi(-24),
        _ => (mantissa + 1024) as f64 * 2f64.powi(exponent - 25),
    };
    f64::from_bits(magnitude.to_bits() | sign)
}

#[cfg(test)]
mod tests {
    use super::{half_bits, half_value};

    #[test]
    fn every_half_survives() {
        for bits in 0..=u16::MAX {
            assert_eq!(half_bits(half_value(bits)).ok(), Some(bits));
        }
        assert_eq!(half_bits(65519.0).ok(), Some(0x7bff));
        assert_eq!(half_bits(2f64.powi(-25)).ok(), Some(0));
        assert_eq!(half_bits(2f64.powi(-25) * 1.5).ok(), Some(1));
    }
}
