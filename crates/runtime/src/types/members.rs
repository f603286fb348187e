//! `PyMember_GetOne` and `PyMember_SetOne`: reading and writing a C field of an object as its `PyMemberDef` describes it.

use crate::errors::{PyResult, Raised};
use crate::object::{Object, set_cell};
use crate::protocol::number;
use crate::types::{self, Float, Int, Str};
use crate::{err, exceptions};
use abi::{PyMemberDef, PyObject};
use std::cell::Cell;
use std::ffi::{CStr, c_char};

const READONLY: i32 = 1;
const RELATIVE_OFFSET: i32 = 8;
/// Ours: the flags of a type, as `presented` shows them.
pub const T_TYPE_FLAGS: i32 = 1000;

fn name_of(member: &PyMemberDef) -> String {
    // SAFETY: a member's name is a C string.
    unsafe { CStr::from_ptr(member.name.get()) }.to_string_lossy().into_owned()
}

/// Reads the field.
/// # Safety
/// The member describes a field of the object.
pub unsafe fn get(o: &Object, member: &PyMemberDef) -> PyResult {
    if member.flags.get() & RELATIVE_OFFSET != 0 {
        return Err(err!(SystemError, "PyMember_GetOne used with Py_RELATIVE_OFFSET"));
    }
    // SAFETY: by contract.
    unsafe {
        let field = (o.as_ptr() as *const u8).offset(member.offset.get());
        macro_rules! int {
            ($ty:ty, $make:ident) => {
                Ok(Int::$make(*(field as *const $ty) as _).into_object())
            };
        }
        match member.r#type.get() {
            abi::Py_T_OBJECT_EX => match Object::from_ptr_opt(*(field as *const *mut PyObject)) {
                Some(value) => Ok(value.to_owned()),
                None => Err(err!(AttributeError, "'{}' object has no attribute '{}'", types::type_methods::fully_qualified_name(o.ty())?, name_of(member))),
            },
            abi::_Py_T_OBJECT => Ok(Object::from_ptr_opt(*(field as *const *mut PyObject)).unwrap_or(types::none()).to_owned()),
            abi::Py_T_BOOL => Ok(types::bool_object(*field != 0).to_owned()),
            abi::Py_T_BYTE => int!(i8, from_i64),
            abi::Py_T_UBYTE => int!(u8, from_i64),
            abi::Py_T_SHORT => int!(i16, from_i64),
            abi::Py_T_USHORT => int!(u16, from_i64),
            abi::Py_T_INT => int!(i32, from_i64),
            abi::Py_T_UINT => int!(u32, from_i64),
            abi::Py_T_LONG | abi::Py_T_LONGLONG | abi::Py_T_PYSSIZET => int!(i64, from_i64),
            abi::Py_T_ULONG | abi::Py_T_ULONGLONG => int!(u64, from_u64),
            T_TYPE_FLAGS => match o.downcast::<types::Type>() {
                Some(ty) => Ok(Int::from_u64(types::presented::flags(ty)).into_object()),
                None => Err(err!(SystemError, "bad memberdescr type for {}", name_of(member))),
            },
            abi::Py_T_FLOAT => Ok(Float::new(*(field as *const f32) as f64).into_object()),
            abi::Py_T_DOUBLE => Ok(Float::new(*(field as *const f64)).into_object()),
            abi::Py_T_STRING => {
                let text = *(field as *const *const c_char);
                if text.is_null() {
                    return Ok(types::none().to_owned());
                }
                Ok(Str::new(&CStr::from_ptr(text).to_string_lossy()).into_object())
            }
            abi::Py_T_STRING_INPLACE => Ok(Str::new(&CStr::from_ptr(field as *const c_char).to_string_lossy()).into_object()),
            abi::Py_T_CHAR => Ok(Str::new(&(*field as char).to_string()).into_object()),
            abi::_Py_T_NONE => Ok(types::none().to_owned()),
            _ => Err(err!(SystemError, "bad memberdescr type for {}", name_of(member))),
        }
    }
}

/// Writes (or deletes) the field.
/// # Safety
/// The member describes a field of the object.
pub unsafe fn set(o: &Object, member: &PyMemberDef, value: Option<&Object>) -> PyResult<()> {
    if member.flags.get() & RELATIVE_OFFSET != 0 {
        return Err(err!(SystemError, "PyMember_SetOne used with Py_RELATIVE_OFFSET"));
    }
    if member.flags.get() & READONLY != 0 {
        return Err(err!(AttributeError, "readonly attribute"));
    }
    // SAFETY: by contract.
    unsafe {
        let field = (o.as_ptr() as *mut u8).offset(member.offset.get());
        let kind = member.r#type.get();
        if kind == abi::Py_T_OBJECT_EX || kind == abi::_Py_T_OBJECT {
            let cell = &*(field as *const Cell<*mut PyObject>);
            if value.is_none() && kind == abi::Py_T_OBJECT_EX && cell.get().is_null() {
                return Err(err!(AttributeError, "{}", name_of(member)));
            }
            set_cell(cell, value.map_or(std::ptr::null_mut(), |v| v.to_owned().into_raw()));
            return Ok(());
        }
        let Some(value) = value else {
            return Err(err!(TypeError, "can't delete numeric/char attribute"));
        };
        match kind {
            abi::Py_T_BOOL => {
                if !value.is(types::true_()) && !value.is(types::false_()) {
                    return Err(err!(TypeError, "attribute value type must be bool"));
                }
                *field = value.is(types::true_()) as u8;
            }
            abi::Py_T_BYTE => *field = narrow(value, "char", i8::MIN as i64, i8::MAX as i64)? as u8,
            abi::Py_T_UBYTE => *field = narrow(value, "unsigned char", 0, u8::MAX as i64)? as u8,
            abi::Py_T_SHORT => (field as *mut i16).write(narrow(value, "short", i16::MIN as i64, i16::MAX as i64)? as i16),
            abi::Py_T_USHORT => (field as *mut u16).write(narrow(value, "unsigned short", 0, u16::MAX as i64)? as u16),
            abi::Py_T_INT => (field as *mut i32).write(narrow(value, "int", i32::MIN as i64, i32::MAX as i64)? as i32),
            abi::Py_T_UINT => (field as *mut u32).write(unsigned(value, "unsigned int", u32::MAX as u64)? as u32),
            abi::Py_T_LONG | abi::Py_T_LONGLONG => (field as *mut i64).write(signed(value)?),
            abi::Py_T_PYSSIZET => (field as *mut isize).write(exact_isize(value)?),
            abi::Py_T_ULONG | abi::Py_T_ULONGLONG => (field as *mut u64).write(unsigned(value, "unsigned long", u64::MAX)?),
            abi::Py_T_FLOAT => (field as *mut f32).write(Float::as_f64(value)? as f32),
            abi::Py_T_DOUBLE => (field as *mut f64).write(Float::as_f64(value)?),
            abi::Py_T_CHAR => {
                let Some(text) = value.downcast::<Str>() else { return Err(bad_argument()) };
                if text.len() != 1 || text.char_at(0) > 0x7f {
                    return Err(bad_argument());
                }
                *field = text.char_at(0) as u8;
            }
            abi::Py_T_STRING | abi::Py_T_STRING_INPLACE => return Err(err!(TypeError, "readonly attribute")),
            _ => return Err(err!(SystemError, "bad memberdescr type for {}", name_of(member))),
        }
        Ok(())
    }
}

fn bad_argument() -> Raised {
    err!(TypeError, "bad argument type for built-in operation")
}

fn signed(value: &Object) -> PyResult<i64> {
    number::index(value)?.as_i64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C long"))
}

/// A value that does not fit is cut with a warning, as C does it.
fn narrow(value: &Object, name: &str, low: i64, high: i64) -> PyResult<i64> {
    let value = signed(value)?;
    if value < low || value > high {
        exceptions::warn(exceptions::RuntimeWarning(), &format!("Truncation of value to {name}"), 1)?;
    }
    Ok(value)
}

fn unsigned(value: &Object, name: &str, high: u64) -> PyResult<u64> {
    let value = number::index(value)?;
    if let Some(small) = value.as_i64() {
        if small < 0 {
            exceptions::warn(exceptions::RuntimeWarning(), "Writing negative value into unsigned field", 1)?;
        } else if small as u64 > high {
            exceptions::warn(exceptions::RuntimeWarning(), &format!("Truncation of value to {name}"), 1)?;
        }
        return Ok(small as u64);
    }
    let value = value.as_u64().ok_or_else(|| err!(OverflowError, "Python int too large to convert to C unsigned long"))?;
    if value > high {
        exceptions::warn(exceptions::RuntimeWarning(), &format!("Truncation of value to {name}"), 1)?;
    }
    Ok(value)
}

/// `PyLong_AsSsize_t`: only ints, without asking `__index__`.
fn exact_isize(value: &Object) -> PyResult<isize> {
    let Some(int) = value.downcast::<Int>() else {
        return Err(err!(TypeError, "an integer is required"));
    };
    match int.as_i64() {
        Some(number) => Ok(number as isize),
        None => Err(err!(OverflowError, "Python int too large to convert to C ssize_t")),
    }
}
