//! `_operator`: Python's operators as functions. The callable getters are in `getters.rs`.

mod getters;

use getters::{AttrGetter_Type, ItemGetter_Type, MethodCaller_Type};
use macros::pymodule;
use runtime::err;
use runtime::errors::PyResult;
use runtime::macro_support::{Args, Buffer, KwArgs};
use runtime::object::{Object, Owned};
use runtime::protocol::object::{CompareOp, is_true, rich_compare};
use runtime::protocol::{iter, mapping, number, sequence};
use runtime::types::{Int, Str};

/// Whether two strings of bytes are equal, in a time that depends on the length of `b` only.
fn equal_in_constant_time(a: &[u8], b: &[u8]) -> bool {
    let (left, mut difference) = if a.len() == b.len() { (a, 0) } else { (b, 1u8) };
    for (x, y) in left.iter().zip(b) {
        difference |= std::hint::black_box(x ^ y);
    }
    std::hint::black_box(difference) == 0
}

/// Python's operators as functions: add(x, y) is x + y.
///
/// The names are those of the special methods without underscores.
#[pymodule(name = "_operator")]
#[types(AttrGetter_Type, ItemGetter_Type, MethodCaller_Type)]
pub mod operator {
    use super::*;

    /// Return True if a is true, False otherwise.
    #[function("truth($module, a, /)")]
    fn truth(a: &Object) -> PyResult<bool> {
        is_true(a)
    }

    /// Same as b in a (note reversed operands).
    #[function("contains($module, a, b, /)")]
    fn contains(a: &Object, b: &Object) -> PyResult<bool> {
        sequence::contains(a, b)
    }

    /// Return the first index of b in a.
    #[function("indexOf($module, a, b, /)")]
    fn index_of(a: &Object, b: &Object) -> PyResult<usize> {
        sequence::iter_index(a, b)
    }

    /// Return the number of items in a that are b or equal b.
    #[function("countOf($module, a, b, /)")]
    fn count_of(a: &Object, b: &Object) -> PyResult<usize> {
        sequence::iter_count(a, b)
    }

    /// Same as a is b.
    #[function("is_($module, a, b, /)")]
    fn is_(a: &Object, b: &Object) -> bool {
        a.is(b)
    }

    /// Same as a is not b.
    #[function("is_not($module, a, b, /)")]
    fn is_not(a: &Object, b: &Object) -> bool {
        !a.is(b)
    }

    /// Same as a is None.
    #[function("is_none($module, a, /)")]
    fn is_none(a: &Object) -> bool {
        a.is_none()
    }

    /// Same as a is not None.
    #[function("is_not_none($module, a, /)")]
    fn is_not_none(a: &Object) -> bool {
        !a.is_none()
    }

    /// Same as not a.
    #[function("not_($module, a, /)")]
    fn not_(a: &Object) -> PyResult<bool> {
        Ok(!is_true(a)?)
    }

    /// Same as a.__index__()
    #[function("index($module, a, /)")]
    fn index(a: &Object) -> PyResult<Owned<Int>> {
        number::index(a)?.to_exact()
    }

    /// Same as a[b] = c.
    #[function("setitem($module, a, b, c, /)")]
    fn setitem(a: &Object, b: &Object, c: &Object) -> PyResult<()> {
        mapping::set_item(a, b, c)
    }

    /// Same as del a[b].
    #[function("delitem($module, a, b, /)")]
    fn delitem(a: &Object, b: &Object) -> PyResult<()> {
        mapping::del_item(a, b)
    }

    /// Return 'a == b', in a time that does not tell where they differ.
    ///
    /// a and b are both str (ASCII only) or both bytes-like. Their lengths and types
    /// may still be guessed from the time taken.
    #[function("_compare_digest($module, a, b, /)")]
    fn compare_digest(a: &Object, b: &Object) -> PyResult<bool> {
        if let (Some(x), Some(y)) = (a.downcast::<Str>(), b.downcast::<Str>()) {
            return match (x.as_ascii(), y.as_ascii()) {
                (Some(x), Some(y)) => Ok(equal_in_constant_time(x.as_bytes(), y.as_bytes())),
                _ => Err(err!(TypeError, "comparing strings with non-ASCII characters is not supported")),
            };
        }
        if !has_buffer(a) && !has_buffer(b) {
            return Err(err!(
                TypeError,
                "unsupported operand types(s) or combination of types: '{}' and '{}'",
                a.type_name(),
                b.type_name()
            ));
        }
        let (x, y) = (Buffer::new(a)?, Buffer::new(b)?);
        Ok(equal_in_constant_time(&x, &y))
    }

    fn has_buffer(o: &Object) -> bool {
        // SAFETY: a type's buffer table is NULL or lives as long as the type.
        unsafe { o.ty().0.tp_as_buffer.get().as_ref() }.is_some_and(|table| table.bf_getbuffer.get().is_some())
    }

    /// Return an estimate of the number of items in obj.
    ///
    /// It is exact where obj supports len(), and never negative. Containers are presized by it.
    #[function("length_hint($module, obj, default=0, /)")]
    fn length_hint(obj: &Object, default: isize) -> PyResult<isize> {
        if default < 0 {
            // A negative default is given back as it is.
            let hint = iter::length_hint(obj, usize::MAX)?;
            return Ok(if hint == usize::MAX { default } else { hint as isize });
        }
        Ok(iter::length_hint(obj, default as usize)? as isize)
    }

    /// Same as obj(*args, **kwargs).
    #[function("call($module, obj, /, *args, **kwargs)")]
    fn call(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult {
        let [callable, rest @ ..] = args else {
            return Err(err!(TypeError, "call expected at least 1 argument, got 0"));
        };
        crate::calls::call_with(callable, rest, kwargs)
    }

    /// Same as a + b.
    #[function("add($module, a, b, /)")]
    fn add(a: &Object, b: &Object) -> PyResult {
        number::add(a, b)
    }

    /// Same as a - b.
    #[function("sub($module, a, b, /)")]
    fn sub(a: &Object, b: &Object) -> PyResult {
        number::subtract(a, b)
    }

    /// Same as a * b.
    #[function("mul($module, a, b, /)")]
    fn mul(a: &Object, b: &Object) -> PyResult {
        number::multiply(a, b)
    }

    /// Same as a @ b.
    #[function("matmul($module, a, b, /)")]
    fn matmul(a: &Object, b: &Object) -> PyResult {
        number::matrix_multiply(a, b)
    }

    /// Same as a // b.
    #[function("floordiv($module, a, b, /)")]
    fn floordiv(a: &Object, b: &Object) -> PyResult {
        number::floor_divide(a, b)
    }

    /// Same as a / b.
    #[function("truediv($module, a, b, /)")]
    fn truediv(a: &Object, b: &Object) -> PyResult {
        number::true_divide(a, b)
    }

    /// Same as a % b.
    #[function("mod($module, a, b, /)")]
    fn r#mod(a: &Object, b: &Object) -> PyResult {
        number::remainder(a, b)
    }

    /// Same as a << b.
    #[function("lshift($module, a, b, /)")]
    fn lshift(a: &Object, b: &Object) -> PyResult {
        number::lshift(a, b)
    }

    /// Same as a >> b.
    #[function("rshift($module, a, b, /)")]
    fn rshift(a: &Object, b: &Object) -> PyResult {
        number::rshift(a, b)
    }

    /// Same as a & b.
    #[function("and_($module, a, b, /)")]
    fn and_(a: &Object, b: &Object) -> PyResult {
        number::and(a, b)
    }

    /// Same as a ^ b.
    #[function("xor($module, a, b, /)")]
    fn xor(a: &Object, b: &Object) -> PyResult {
        number::xor(a, b)
    }

    /// Same as a | b.
    #[function("or_($module, a, b, /)")]
    fn or_(a: &Object, b: &Object) -> PyResult {
        number::or(a, b)
    }

    /// Same as a += b.
    #[function("iadd($module, a, b, /)")]
    fn iadd(a: &Object, b: &Object) -> PyResult {
        number::in_place_add(a, b)
    }

    /// Same as a -= b.
    #[function("isub($module, a, b, /)")]
    fn isub(a: &Object, b: &Object) -> PyResult {
        number::in_place_subtract(a, b)
    }

    /// Same as a *= b.
    #[function("imul($module, a, b, /)")]
    fn imul(a: &Object, b: &Object) -> PyResult {
        number::in_place_multiply(a, b)
    }

    /// Same as a @= b.
    #[function("imatmul($module, a, b, /)")]
    fn imatmul(a: &Object, b: &Object) -> PyResult {
        number::in_place_matrix_multiply(a, b)
    }

    /// Same as a //= b.
    #[function("ifloordiv($module, a, b, /)")]
    fn ifloordiv(a: &Object, b: &Object) -> PyResult {
        number::in_place_floor_divide(a, b)
    }

    /// Same as a /= b.
    #[function("itruediv($module, a, b, /)")]
    fn itruediv(a: &Object, b: &Object) -> PyResult {
        number::in_place_true_divide(a, b)
    }

    /// Same as a %= b.
    #[function("imod($module, a, b, /)")]
    fn imod(a: &Object, b: &Object) -> PyResult {
        number::in_place_remainder(a, b)
    }

    /// Same as a <<= b.
    #[function("ilshift($module, a, b, /)")]
    fn ilshift(a: &Object, b: &Object) -> PyResult {
        number::in_place_lshift(a, b)
    }

    /// Same as a >>= b.
    #[function("irshift($module, a, b, /)")]
    fn irshift(a: &Object, b: &Object) -> PyResult {
        number::in_place_rshift(a, b)
    }

    /// Same as a &= b.
    #[function("iand($module, a, b, /)")]
    fn iand(a: &Object, b: &Object) -> PyResult {
        number::in_place_and(a, b)
    }

    /// Same as a ^= b.
    #[function("ixor($module, a, b, /)")]
    fn ixor(a: &Object, b: &Object) -> PyResult {
        number::in_place_xor(a, b)
    }

    /// Same as a |= b.
    #[function("ior($module, a, b, /)")]
    fn ior(a: &Object, b: &Object) -> PyResult {
        number::in_place_or(a, b)
    }

    /// Same as a + b, for a and b sequences.
    #[function("concat($module, a, b, /)")]
    fn concat(a: &Object, b: &Object) -> PyResult {
        sequence::concat(a, b)
    }

    /// Same as a += b, for a and b sequences.
    #[function("iconcat($module, a, b, /)")]
    fn iconcat(a: &Object, b: &Object) -> PyResult {
        sequence::in_place_concat(a, b)
    }

    /// Same as a[b].
    #[function("getitem($module, a, b, /)")]
    fn getitem(a: &Object, b: &Object) -> PyResult {
        mapping::get_item(a, b)
    }

    /// Same as a ** b.
    #[function("pow($module, a, b, /)")]
    fn pow(a: &Object, b: &Object) -> PyResult {
        number::power(a, b, None)
    }

    /// Same as a **= b.
    #[function("ipow($module, a, b, /)")]
    fn ipow(a: &Object, b: &Object) -> PyResult {
        number::in_place_power(a, b, None)
    }

    /// Same as a == b.
    #[function("eq($module, a, b, /)")]
    fn eq(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Eq)
    }

    /// Same as a != b.
    #[function("ne($module, a, b, /)")]
    fn ne(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Ne)
    }

    /// Same as a < b.
    #[function("lt($module, a, b, /)")]
    fn lt(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Lt)
    }

    /// Same as a <= b.
    #[function("le($module, a, b, /)")]
    fn le(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Le)
    }

    /// Same as a > b.
    #[function("gt($module, a, b, /)")]
    fn gt(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Gt)
    }

    /// Same as a >= b.
    #[function("ge($module, a, b, /)")]
    fn ge(a: &Object, b: &Object) -> PyResult {
        rich_compare(a, b, CompareOp::Ge)
    }

    /// Same as -a.
    #[function("neg($module, a, /)")]
    fn neg(a: &Object) -> PyResult {
        number::negative(a)
    }

    /// Same as +a.
    #[function("pos($module, a, /)")]
    fn pos(a: &Object) -> PyResult {
        number::positive(a)
    }

    /// Same as abs(a).
    #[function("abs($module, a, /)")]
    fn abs(a: &Object) -> PyResult {
        number::absolute(a)
    }

    /// Same as ~a.
    #[function("inv($module, a, /)")]
    fn inv(a: &Object) -> PyResult {
        number::invert(a)
    }

    /// Same as ~a.
    #[function("invert($module, a, /)")]
    fn invert(a: &Object) -> PyResult {
        number::invert(a)
    }

}
