//! The `datetime` types and the table of functions in their capsule.
//!
//! `data` is big-endian. `tzinfo` (and its place in memory) exists only if `hastzinfo` is 1.

use crate::*;
use core::cell::Cell;

type P = *mut PyObject;
type T = *mut PyTypeObject;

layout! {
    pub struct PyDateTime_Delta {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        days: Cell<c_int>,
        seconds: Cell<c_int>,
        microseconds: Cell<c_int>,
    }

    pub struct PyDateTime_TZInfo {
        ob_base: PyObject,
    }

    pub struct _PyDateTime_BaseTZInfo {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
    }

    pub struct _PyDateTime_BaseTime {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
        data: [Cell<u8>; 6],
    }

    pub struct PyDateTime_Time {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
        data: [Cell<u8>; 6],
        fold: Cell<u8>,
        tzinfo: Cell<P>,
    }

    pub struct PyDateTime_Date {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
        data: [Cell<u8>; 4],
    }

    pub struct _PyDateTime_BaseDateTime {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
        data: [Cell<u8>; 10],
    }

    pub struct PyDateTime_DateTime {
        ob_base: PyObject,
        hashcode: Cell<Py_hash_t>,
        hastzinfo: Cell<u8>,
        data: [Cell<u8>; 10],
        fold: Cell<u8>,
        tzinfo: Cell<P>,
    }

    pub struct PyDateTime_CAPI {
        DateType: Cell<T>,
        DateTimeType: Cell<T>,
        TimeType: Cell<T>,
        DeltaType: Cell<T>,
        TZInfoType: Cell<T>,
        TimeZone_UTC: Cell<P>,
        Date_FromDate: Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, T) -> P>>,
        DateTime_FromDateAndTime:
            Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int, c_int, P, T) -> P>>,
        Time_FromTime: Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, c_int, P, T) -> P>>,
        Delta_FromDelta: Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, c_int, T) -> P>>,
        TimeZone_FromTimeZone: Cell<Option<unsafe extern "C" fn(P, P) -> P>>,
        DateTime_FromTimestamp: Cell<Option<unsafe extern "C" fn(P, P, P) -> P>>,
        Date_FromTimestamp: Cell<Option<unsafe extern "C" fn(P, P) -> P>>,
        DateTime_FromDateAndTimeAndFold:
            Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, c_int, c_int, c_int, c_int, P, c_int, T) -> P>>,
        Time_FromTimeAndFold: Cell<Option<unsafe extern "C" fn(c_int, c_int, c_int, c_int, P, c_int, T) -> P>>,
    }
}
