//! `slice`: start, stop and step of a subscript; and their resolution against a length.

use crate::errors::PyResult;
use crate::gc;
use crate::object::{Object, Owned, PyTyped, Type, init_head, xdecref};
use crate::protocol::number;
use crate::protocol::object::{self as protocol, CompareOp, rich_compare, rich_compare_bool};
use crate::types::str::StrBuilder;
use crate::types::{Int, Str, Tuple, bool_object, none, not_implemented};
use crate::err;
use abi::PyObject;
use macros::pytype;
use std::cell::Cell;
use std::ptr;

#[repr(transparent)]
pub struct Slice(pub abi::PySliceObject);

/// A slice applied to a sequence: `count` indices from `start` by `step`, all within bounds.
#[derive(Clone, Copy, Debug)]
pub struct SliceRange {
    pub start: isize,
    pub stop: isize,
    pub step: isize,
    pub count: usize,
}

impl SliceRange {
    pub fn indices(self) -> impl ExactSizeIterator<Item = usize> {
        (0..self.count).map(move |i| self.start.wrapping_add((i as isize).wrapping_mul(self.step)) as usize)
    }
}

/// One dead slice is kept for the next.
struct Spare(Cell<*mut PyObject>);
// SAFETY: used under the GIL.
unsafe impl Sync for Spare {}
static SPARE: Spare = Spare(Cell::new(ptr::null_mut()));

impl Slice {
    pub fn new(start: &Object, stop: &Object, step: &Object) -> PyResult<Owned<Slice>> {
        Self::from_owned(start.to_owned(), stop.to_owned(), step.to_owned())
    }
    pub fn from_owned(start: Owned, stop: Owned, step: Owned) -> PyResult<Owned<Slice>> {
        // SAFETY: a fresh (or spare) block; all fields are written before it is tracked.
        unsafe {
            let mut op = SPARE.0.replace(ptr::null_mut());
            if op.is_null() {
                op = gc::gc_alloc(Slice::type_object(), size_of::<abi::PySliceObject>())?;
            } else {
                init_head(op, Slice::type_object());
            }
            let slice = &*(op as *const Slice);
            slice.0.start.set(start.into_raw());
            slice.0.stop.set(stop.into_raw());
            slice.0.step.set(step.into_raw());
            gc::track(op);
            Ok(Owned::from_raw(op))
        }
    }
    pub fn from_indices(start: isize, stop: isize) -> PyResult<Owned<Slice>> {
        Self::from_owned(Int::from_i64(start as i64).into_object(), Int::from_i64(stop as i64).into_object(), none().to_owned())
    }
    #[inline(always)]
    pub fn start(&self) -> &Object {
        // SAFETY: set at creation and never changed.
        unsafe { Object::from_ptr(self.0.start.get()) }
    }
    #[inline(always)]
    pub fn stop(&self) -> &Object {
        // SAFETY: as above.
        unsafe { Object::from_ptr(self.0.stop.get()) }
    }
    #[inline(always)]
    pub fn step(&self) -> &Object {
        // SAFETY: as above.
        unsafe { Object::from_ptr(self.0.step.get()) }
    }

    /// `PySlice_Unpack`: the fields as numbers, absent ones as the extremes, too large ones cut.
    pub fn unpack(&self) -> PyResult<(isize, isize, isize)> {
        let step = if self.step().is_none() {
            1
        } else {
            let step = eval_index(self.step())?;
            if step == 0 {
                return Err(err!(ValueError, "slice step cannot be zero"));
            }
            step.max(-isize::MAX)
        };
        let start = if self.start().is_none() { if step < 0 { isize::MAX } else { 0 } } else { eval_index(self.start())? };
        let stop = if self.stop().is_none() { if step < 0 { isize::MIN } else { isize::MAX } } else { eval_index(self.stop())? };
        Ok((start, stop, step))
    }
    /// `PySlice_Unpack` and `PySlice_AdjustIndices` for a sequence whose length does not change meanwhile.
    pub fn resolve(&self, len: usize) -> PyResult<SliceRange> {
        let (start, stop, step) = self.unpack()?;
        Ok(adjust(start, stop, step, len as isize))
    }

    /// `slice.indices(len)` for ints of any size.
    fn long_indices(&self, length: &Int) -> PyResult<[Owned; 3]> {
        let zero = || Int::from_i64(0).into_object();
        let one = || Int::from_i64(1).into_object();
        let step = if self.step().is_none() { one() } else { slice_int(self.step())? };
        let step_sign = sign(&step);
        if step_sign == 0 {
            return Err(err!(ValueError, "slice step cannot be zero"));
        }
        let negative = step_sign < 0;
        let length: &Object = length.as_object();
        let (lower, upper) = if negative {
            (Int::from_i64(-1).into_object(), number::subtract(length, &one())?)
        } else {
            (zero(), length.to_owned())
        };
        let bound = |field: &Object, absent: &Owned| -> PyResult {
            if field.is_none() {
                return Ok(absent.clone());
            }
            let value = slice_int(field)?;
            if sign(&value) < 0 {
                let value = number::add(&value, length)?;
                return Ok(if rich_compare_bool(&value, &lower, CompareOp::Lt)? { lower.clone() } else { value });
            }
            Ok(if rich_compare_bool(&value, &upper, CompareOp::Gt)? { upper.clone() } else { value })
        };
        let start = bound(self.start(), if negative { &upper } else { &lower })?;
        let stop = bound(self.stop(), if negative { &lower } else { &upper })?;
        Ok([start, stop, step])
    }
    /// `_PySlice_GetLongIndices`, for range.
    pub fn indices_for(&self, length: &Int) -> PyResult<[Owned; 3]> {
        self.long_indices(length)
    }
}

fn sign(o: &Owned) -> i32 {
    // SAFETY: results of `slice_int` are ints.
    unsafe { o.cast::<Int>() }.sign()
}

/// A field as an int of any size.
fn slice_int(o: &Object) -> PyResult {
    if !number::check_index(o) {
        return Err(err!(TypeError, "slice indices must be integers or None or have an __index__ method"));
    }
    Ok(number::index(o)?.into_object())
}

/// `_PyEval_SliceIndex`: a number cut to the size of an index.
#[inline]
pub fn eval_index(o: &Object) -> PyResult<isize> {
    match number::compact_int(o) {
        Some(value) => Ok(value),
        None => eval_index_slow(o),
    }
}

fn eval_index_slow(o: &Object) -> PyResult<isize> {
    if number::check_index(o) {
        return number::as_isize(o, None);
    }
    Err(err!(TypeError, "slice indices must be integers or None or have an __index__ method"))
}

/// `PySlice_AdjustIndices`.
pub fn adjust(mut start: isize, mut stop: isize, step: isize, len: isize) -> SliceRange {
    let cut = |i: isize| {
        if i < 0 {
            let i = i.saturating_add(len);
            if i < 0 { if step < 0 { -1 } else { 0 } } else { i }
        } else if i >= len {
            if step < 0 { len - 1 } else { len }
        } else {
            i
        }
    };
    start = cut(start);
    stop = cut(stop);
    let count = if step < 0 {
        if stop < start { (start - stop - 1) as usize / step.unsigned_abs() + 1 } else { 0 }
    } else if start < stop {
        (stop - start - 1) as usize / step as usize + 1
    } else {
        0
    };
    SliceRange { start, stop, step, count }
}

unsafe extern "C" fn dealloc(op: *mut PyObject) {
    // SAFETY: a dead slice.
    unsafe {
        gc::untrack(op);
        let slice = &*(op as *const Slice);
        xdecref(slice.0.step.get());
        xdecref(slice.0.start.get());
        xdecref(slice.0.stop.get());
        if SPARE.0.get().is_null() {
            SPARE.0.set(op);
        } else {
            gc::free(op as *mut _);
        }
    }
}

unsafe extern "C" fn traverse(op: *mut PyObject, visit: abi::visitproc, arg: *mut abi::c_void) -> abi::c_int {
    // SAFETY: a live slice.
    unsafe {
        let slice = &*(op as *const Slice);
        for field in [&slice.0.start, &slice.0.stop, &slice.0.step] {
            let result = visit(field.get(), arg);
            if result != 0 {
                return result;
            }
        }
        0
    }
}

/// slice(stop)
/// slice(start, stop[, step])
///
/// Which items of a sequence a subscript like a[0:10:2] names.
#[pytype(static = PySlice_Type, name = "slice", flags = HAVE_GC, tp_dealloc = dealloc, tp_traverse = traverse,
    members = [("start", T_OBJECT, core::mem::offset_of!(abi::PySliceObject, start), READONLY),
        ("stop", T_OBJECT, core::mem::offset_of!(abi::PySliceObject, stop), READONLY),
        ("step", T_OBJECT, core::mem::offset_of!(abi::PySliceObject, step), READONLY)])]
impl Slice {
    #[slot]
    fn tp_new(_cls: &Type, args: &Tuple, kwargs: Option<&crate::types::Dict>) -> PyResult<Owned<Slice>> {
        if kwargs.is_some_and(|k| !k.is_empty()) {
            return Err(err!(TypeError, "slice() takes no keyword arguments"));
        }
        match args.as_slice() {
            [] => Err(err!(TypeError, "slice expected at least 1 argument, got 0")),
            [stop] => Slice::new(none(), stop, none()),
            [start, stop] => Slice::new(start, stop, none()),
            [start, stop, step] => Slice::new(start, stop, step),
            more => Err(err!(TypeError, "slice expected at most 3 arguments, got {}", more.len())),
        }
    }
    #[slot]
    fn tp_repr(&self) -> PyResult<Owned<Str>> {
        let mut text = StrBuilder::new();
        text.push_str("slice(");
        text.push_str_object(&*protocol::repr(self.start())?)?;
        text.push_str(", ");
        text.push_str_object(&*protocol::repr(self.stop())?)?;
        text.push_str(", ");
        text.push_str_object(&*protocol::repr(self.step())?)?;
        text.push_str(")");
        text.finish()
    }
    #[slot]
    fn tp_hash(&self) -> PyResult<isize> {
        const P1: u64 = 11400714785074694791;
        const P2: u64 = 14029467366897019727;
        const P5: u64 = 2870177450012600261;
        let mut acc = P5;
        crate::tstate::check_recursion(" while hashing a slice")?;
        for field in [self.start(), self.stop(), self.step()] {
            let lane = protocol::hash(field)? as u64;
            acc = acc.wrapping_add(lane.wrapping_mul(P2)).rotate_left(31).wrapping_mul(P1);
        }
        Ok(if acc == u64::MAX { 1546275796 } else { acc as isize })
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> PyResult {
        let Some(other) = other.downcast_exact::<Slice>() else { return Ok(not_implemented().to_owned()) };
        if ptr::eq(self, other) {
            return Ok(bool_object(matches!(op, CompareOp::Eq | CompareOp::Le | CompareOp::Ge)).to_owned());
        }
        let fields = |s: &Slice| Tuple::new(&[s.start(), s.stop(), s.step()]);
        rich_compare(fields(self).object(), fields(other).object(), op)
    }
    /// S.indices(len) -> (start, stop, step)
    ///
    /// The indices that the slice names in a sequence of that length; what is out of bounds is cut as in subscripts.
    #[method("indices($self, object, /)", nosig)]
    fn indices(&self, length: &Object) -> PyResult<Owned<Tuple>> {
        let length = number::index(length)?;
        if length.sign() < 0 {
            return Err(err!(ValueError, "length should not be negative"));
        }
        let [start, stop, step] = self.long_indices(&length)?;
        Ok(Tuple::triple(start, stop, step))
    }
    /// State for pickling.
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> Owned<Tuple> {
        let fields = Tuple::new(&[self.start(), self.stop(), self.step()]);
        Tuple::pair(Slice::type_object().as_object().to_owned(), fields.into_object())
    }
}
