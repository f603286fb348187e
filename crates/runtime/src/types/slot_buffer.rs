//! Slots for `__buffer__` and `__release_buffer__`.
//!
//! A Python-made buffer is the memoryview that `__buffer__` returned. The view's owner is a small object that holds both the memoryview
//! and the exporter, so that releasing reaches `__release_buffer__` too.

use crate::errors::{self, PyResult, Raised, to_c};
use crate::macro_support::guard;
use crate::object::{Object, ObjectHead, Owned, PyTyped};
use crate::protocol::{call, number};
use crate::types::type_object::lookup_special;
use crate::types::{self, Int, MemoryView, Tuple};
use crate::{err, exceptions, intern};
use abi::{Py_buffer, PyMemoryViewObject, PyObject, c_int, c_void};
use macros::{Traverse, pytype};
use std::cell::Cell;
use std::ptr;

/// Owner of a view into a buffer that a Python class exports.
#[derive(Traverse)]
#[repr(C)]
pub struct BufferWrapper {
    head: ObjectHead,
    view: Cell<Option<Owned>>,
    exporter: Cell<Option<Owned>>,
}

#[pytype(static = _PyBufferWrapper_Type, name = "_buffer_wrapper", flags = HAVE_GC | DISALLOW_INSTANTIATION, native)]
impl BufferWrapper {
    #[slot]
    fn bf_releasebuffer(&self, view: *mut Py_buffer) {
        // SAFETY: the references to the inside end with the line.
        let (Some(memory), Some(exporter)) = (unsafe { (*self.view.as_ptr()).clone() }, unsafe { (*self.exporter.as_ptr()).clone() }) else {
            return;
        };
        // SAFETY: the view came from this memoryview's slots.
        unsafe {
            if let Some(procs) = memory.ty().0.tp_as_buffer.get().as_ref()
                && let Some(release) = procs.bf_releasebuffer.get()
            {
                release(memory.raw(), view);
            }
            let original = (*(memory.raw() as *const PyMemoryViewObject)).view.obj.get();
            let python_release = exporter
                .ty()
                .0
                .tp_as_buffer
                .get()
                .as_ref()
                .and_then(|procs| procs.bf_releasebuffer.get())
                .is_some_and(|f| ptr::fn_addr_eq(f, slot_bf_releasebuffer as abi::releasebufferproc));
            // A C function is called when the memoryview is released.
            if original != exporter.raw() && python_release {
                release_by_python(&exporter, view);
            }
        }
        drop((self.view.take(), self.exporter.take()));
    }
}

pub unsafe extern "C" fn slot_bf_getbuffer(this: *mut PyObject, view: *mut Py_buffer, flags: c_int) -> c_int {
    guard(|| {
        // SAFETY: a live object and a view to fill in.
        match unsafe { get_buffer(Object::from_ptr(this), view, flags) } {
            Ok(()) => 0,
            Err(Raised { .. }) => {
                // SAFETY: as above.
                unsafe { (*view).obj.set(ptr::null_mut()) };
                -1
            }
        }
    })
}

unsafe fn get_buffer(this: &Object, view: *mut Py_buffer, flags: c_int) -> PyResult<()> {
    let Some(method) = lookup_special(this, intern!("__buffer__"))? else {
        return Err(errors::raise_object(exceptions::AttributeError(), Some(intern!("__buffer__"))));
    };
    let memory = call::call1(&method, &*Int::from_i64(flags as i64))?;
    if !memory.is_instance_of::<MemoryView>() {
        return Err(err!(TypeError, "__buffer__ returned non-memoryview object"));
    }
    let wrapper = BufferWrapper::construct(
        BufferWrapper::type_object(),
        BufferWrapper {
            head: ObjectHead::placeholder(),
            view: Cell::new(Some(memory.clone())),
            exporter: Cell::new(Some(this.to_owned())),
        },
    )?;
    // SAFETY: a memoryview has buffer slots; the owner of the view is exchanged for the wrapper.
    unsafe {
        let Some(get) = memory.ty().0.tp_as_buffer.get().as_ref().and_then(|procs| procs.bf_getbuffer.get()) else {
            return Err(errors::bad_internal_call());
        };
        if get(memory.raw(), view, flags) < 0 {
            return Err(Raised::from_c());
        }
        let owner = (*view).obj.replace(wrapper.into_raw());
        crate::object::xdecref(owner);
    }
    Ok(())
}

pub unsafe extern "C" fn slot_bf_releasebuffer(this: *mut PyObject, view: *mut Py_buffer) {
    guard(|| {
        // SAFETY: a live object and its view.
        unsafe {
            let object = Object::from_ptr(this);
            release_by_python(object, view);
            release_by_base(object, view);
        }
        0
    });
}

/// Calls `__release_buffer__`: with the memoryview that `__buffer__` gave, or with one that is good for the call only.
unsafe fn release_by_python(this: &Object, view: *mut Py_buffer) {
    errors::preserve(|| {
        // SAFETY: the owner of a view that is being released.
        let wrapper = unsafe { Object::from_ptr_opt((*view).obj.get()) }.and_then(|owner| owner.downcast_exact::<BufferWrapper>());
        let memory = match wrapper {
            // SAFETY: cloned at once.
            Some(wrapper) => match unsafe { (*wrapper.view.as_ptr()).clone() } {
                Some(memory) => memory,
                None => return,
            },
            // SAFETY: the view stays valid during the call.
            None => match unsafe { MemoryView::from_buffer_restricted(view) } {
                Ok(memory) => memory.into_object(),
                Err(_) => return exceptions::write_unraisable(Some("in bf_releasebuffer"), Some(this)),
            },
        };
        let result = match lookup_special(this, intern!("__release_buffer__")) {
            Ok(Some(method)) => call::call1(&method, &memory),
            Ok(None) => return,
            Err(raised) => Err(raised),
        };
        if result.is_err() {
            exceptions::write_unraisable(Some("in __release_buffer__"), Some(this));
        }
        if wrapper.is_none() && call::call_method0(&memory, intern!("release")).is_err() {
            errors::clear();
        }
    });
}

/// A C base that gave the buffer releases it as well.
unsafe fn release_by_base(this: &Object, view: *mut Py_buffer) {
    let Some(mro) = this.ty().mro() else { return };
    for i in 0..mro.len() {
        // SAFETY: an MRO holds types.
        let base = unsafe { mro.get(i).cast::<types::Type>() };
        // SAFETY: the slot table of a living type.
        let release = unsafe { base.0.tp_as_buffer.get().as_ref() }.and_then(|procs| procs.bf_releasebuffer.get());
        if let Some(release) = release
            && !ptr::fn_addr_eq(release, slot_bf_releasebuffer as abi::releasebufferproc)
        {
            // SAFETY: the base's slot on an instance of it.
            unsafe { release(this.as_ptr(), view) };
            return;
        }
    }
}

pub unsafe extern "C" fn wrap_buffer(this: *mut PyObject, args: *mut PyObject, wrapped: *mut c_void) -> *mut PyObject {
    // SAFETY: a wrapper's arguments.
    guard(|| {
        to_c((|| unsafe {
            let args = Object::from_ptr(args).cast::<Tuple>();
            if args.len() != 1 {
                return Err(err!(TypeError, "__buffer__ expected 1 argument, got {}", args.len()));
            }
            let flags = number::as_isize(args.get(0), Some(exceptions::OverflowError()))?;
            let Ok(flags) = c_int::try_from(flags) else {
                return Err(err!(OverflowError, "buffer flags out of range"));
            };
            let get = std::mem::transmute::<*mut c_void, abi::getbufferproc>(wrapped);
            MemoryView::from_slot(Object::from_ptr(this), flags, get).map(Owned::into_object)
        })())
    })
}

pub unsafe extern "C" fn wrap_releasebuffer(this: *mut PyObject, args: *mut PyObject, _wrapped: *mut c_void) -> *mut PyObject {
    // SAFETY: a wrapper's arguments.
    guard(|| {
        to_c((|| unsafe {
            let args = Object::from_ptr(args).cast::<Tuple>();
            if args.len() != 1 {
                return Err(err!(TypeError, "__release_buffer__ expected 1 argument, got {}", args.len()));
            }
            let memory = args.get(0);
            if !memory.is_instance_of::<MemoryView>() {
                return Err(err!(TypeError, "expected a memoryview object"));
            }
            let owner = (*(memory.as_ptr() as *const PyMemoryViewObject)).view.obj.get();
            if owner.is_null() {
                return Err(err!(ValueError, "memoryview's buffer has already been released"));
            }
            if owner != this {
                return Err(err!(ValueError, "memoryview's buffer is not this object"));
            }
            call::call_method0(memory, intern!("release"))
        })())
    })
}
