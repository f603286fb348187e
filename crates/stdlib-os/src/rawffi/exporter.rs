//! `_rawffi.Exporter`: memory as items of any format and shape, which `memoryview` cannot be told.

use abi::Py_buffer;
use macros::pytype;
use runtime::protocol::buffer::{self, BufferView};
use runtime::protocol::{number, sequence};
use runtime::types::{Dict, Str, Tuple};
use runtime::{ObjectHead, Owned, PyResult, PyTyped, Type, err};
use std::ffi::CString;

const WRITABLE: i32 = 1;
const FORMAT: i32 = 4;
const ND: i32 = 8;
const STRIDES: i32 = 0x18;

/// Memory of another object, described anew. The other's buffer stays exported.
#[repr(C)]
pub struct Exporter {
    head: ObjectHead,
    memory: BufferView,
    format: CString,
    itemsize: isize,
    shape: Box<[isize]>,
    strides: Box<[isize]>,
}

#[pytype(static = Exporter_Type, name = "Exporter", module = "_rawffi", flags = IMMUTABLETYPE, native, final)]
impl Exporter {
    /// Exporter(buffer, format, itemsize, shape)
    #[slot]
    fn tp_new(cls: &Type, args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Exporter>> {
        if args.len() != 4 {
            return Err(err!(TypeError, "Exporter expected 4 arguments, got {}", args.len()));
        }
        let Some(format) = args.get(1).downcast::<Str>().and_then(|text| CString::new(text.to_string_lossy().into_owned()).ok()) else {
            return Err(err!(TypeError, "a format is a str"));
        };
        let itemsize = number::as_isize(args.get(2), None)?;
        let shape = sequence::to_tuple(args.get(3))?;
        let shape = (0..shape.len()).map(|i| number::as_isize(shape.get(i), None)).collect::<PyResult<Vec<isize>>>()?;
        let memory = BufferView::get(args.get(0), WRITABLE)?;
        let size = shape.iter().try_fold(itemsize, |size, &length| size.checked_mul(length).filter(|_| length >= 0));
        if shape.len() > 64 || itemsize < 0 || size.is_none_or(|size| size > memory.len() as isize) {
            return Err(err!(ValueError, "the items do not fit into the memory"));
        }
        let strides = buffer::c_strides(&shape, itemsize).into();
        Exporter::construct(cls, Exporter { head: ObjectHead::placeholder(), memory, format, itemsize, shape: shape.into(), strides })
    }
    #[slot]
    fn bf_getbuffer(&self, view: *mut Py_buffer, flags: i32) -> PyResult<()> {
        let null = std::ptr::null_mut();
        // SAFETY: the view is the caller's; what it points to lives as long as this object, which it keeps.
        unsafe {
            let view = &*view;
            self.as_object().incref();
            view.obj.set(self.as_object().as_ptr());
            view.buf.set(self.memory.raw().buf.get());
            view.len.set(self.shape.iter().product::<isize>() * self.itemsize);
            view.itemsize.set(self.itemsize);
            view.readonly.set(0);
            view.ndim.set(self.shape.len() as i32);
            view.format.set(if flags & FORMAT != 0 { self.format.as_ptr().cast_mut() } else { std::ptr::null_mut() });
            view.shape.set(if flags & ND == ND { self.shape.as_ptr().cast_mut() } else { std::ptr::null_mut() });
            view.strides.set(if flags & STRIDES == STRIDES { self.strides.as_ptr().cast_mut() } else { std::ptr::null_mut() });
            view.suboffsets.set(std::ptr::null_mut());
            view.internal.set(null);
        }
        Ok(())
    }
    #[slot]
    fn bf_releasebuffer(&self, _view: *mut Py_buffer) {}
}
