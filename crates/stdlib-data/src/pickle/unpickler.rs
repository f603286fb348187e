//! `Unpickler` and the proxy of its memo.

use super::UNPICKLING_ERROR;
use super::input::Input;
use super::load::{Core, Memo, load};
use macros::{Traverse, pytype};
use runtime::macro_support::{PyObject, Traverse, Visitor};
use runtime::protocol::{number, object};
use runtime::types::attributes::{generic_get_attr, generic_set_attr};
use runtime::types::{Dict, Int, Str, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Raised, Type, err, intern};
use std::cell::{Cell, RefCell};
use std::mem::offset_of;
use std::rc::Rc;

#[derive(Traverse)]
#[repr(C)]
pub struct Unpickler {
    head: ObjectHead,
    core: Held,
    methods: RefCell<Option<(Owned, Owned)>>,
    persistent_load: Cell<Option<Owned>>,
    loading: Cell<bool>,
    weakrefs: Cell<*mut PyObject>,
}

/// The settings of the last `__init__`.
#[derive(Default)]
struct Held(RefCell<Option<Rc<Core>>>);

impl Traverse for Held {
    fn traverse(&self, visitor: &mut Visitor) {
        let Ok(core) = self.0.try_borrow() else { return };
        let Some(core) = core.as_ref() else { return };
        if let Some(buffers) = core.buffers() {
            buffers.traverse(visitor);
        }
        if let Ok(memo) = core.memo.try_borrow() {
            memo.objects().for_each(|object| object.traverse(visitor));
        }
    }
    fn clear(&self) {
        let core = self.0.borrow_mut().take();
        drop(core);
    }
}

#[cold]
fn already_used() -> Raised {
    err!(RuntimeError, "Unpickler object is already used")
}

/// The function that finds objects by persistent ids: an instance's own, or that of a subclass. The base's would only complain.
pub fn persistent_load(unpickler: &Object) -> PyResult<Option<Owned>> {
    let name = intern!("persistent_load");
    if let Some(own) = unpickler.downcast::<Unpickler>().and_then(Unpickler::own_persistent_load) {
        return Ok(Some(own));
    }
    let base = Unpickler::type_object().lookup(name);
    match (unpickler.ty().lookup(name), base) {
        (Some(found), Some(base)) if found.is(base) => Ok(None),
        _ => object::get_attr_opt(unpickler, name),
    }
}

impl Unpickler {
    fn own_persistent_load(&self) -> Option<Owned> {
        let value = self.persistent_load.take();
        self.persistent_load.set(value.clone());
        value
    }
    fn core(&self) -> PyResult<Rc<Core>> {
        match self.core.0.borrow().as_ref() {
            Some(core) => Ok(core.clone()),
            None => {
                let name = self.as_object().type_name();
                Err(UNPICKLING_ERROR.raise(format_args!("Unpickler.__init__() was not called by {name}.__init__()")))
            }
        }
    }
}

/// This takes a binary file for reading a pickle data stream.
///
/// The protocol is detected automatically.  The argument *file* must have a
/// read() method that takes a number and a readline() method, which give bytes.
/// With *buffers*, an iterable, the buffers that are not in the pickle come from
/// there.  *fix_imports*, *encoding* and *errors* are for pickles of Python 2:
/// whether names are mapped, and how strings are decoded ('bytes': not at all).
#[pytype(static = Unpickler_Type, name = "Unpickler", module = "_pickle", flags = BASETYPE | HAVE_GC, native,
    signature = "(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())", weaklistoffset = offset_of!(Unpickler, weakrefs))]
impl Unpickler {
    #[slot]
    fn tp_new(cls: &Type, _args: &Tuple, _kwargs: Option<&Dict>) -> PyResult<Owned<Unpickler>> {
        let value = Unpickler {
            head: ObjectHead::placeholder(),
            core: Held::default(),
            methods: RefCell::new(None),
            persistent_load: Cell::new(None),
            loading: Cell::new(false),
            weakrefs: Cell::new(std::ptr::null_mut()),
        };
        Self::construct(cls, value)
    }
    #[slot("Unpickler(file, *, fix_imports=True, encoding='ASCII', errors='strict', buffers=())")]
    fn tp_init(&self, file: &Object, fix_imports: bool, encoding: Option<&str>, errors: Option<&str>, buffers: Option<&Object>) -> PyResult<()> {
        if self.loading.get() {
            return Err(already_used());
        }
        let methods = Input::methods(file)?;
        let core = Core::new(fix_imports, encoding, errors, buffers)?;
        let old_methods = self.methods.borrow_mut().replace(methods);
        let old = self.core.0.borrow_mut().replace(Rc::new(core));
        drop((old, old_methods));
        Ok(())
    }
    /// Load a pickle.
    ///
    /// The object is read from the file given to the constructor.
    #[method("load($self, /)")]
    fn load(&self) -> PyResult {
        let core = self.core()?;
        let methods = self.methods.borrow().clone();
        let Some(methods) = methods else { return Err(runtime::errors::bad_internal_call()) };
        if self.loading.replace(true) {
            return Err(already_used());
        }
        let result = load(&core, Input::of_methods(methods), Some(self.as_object()));
        self.loading.set(false);
        result
    }
    /// Return an object from a specified module.
    ///
    /// The module is imported if necessary. Subclasses may override this, to
    /// restrict what can be unpickled.
    #[method("find_class($self, module_name, global_name, /)")]
    fn find_class(&self, module_name: &Object, global_name: &Object) -> PyResult {
        let (Some(module), Some(name)) = (module_name.downcast::<Str>(), global_name.downcast::<Str>()) else {
            return Err(err!(TypeError, "find_class() arguments must be str"));
        };
        self.core()?.find_class(module, name)
    }
    /// Size in memory, in bytes.
    #[method("__sizeof__($self, /)")]
    fn sizeof(&self) -> PyResult<usize> {
        let basic = self.as_object().ty().0.tp_basicsize.get() as usize;
        Ok(basic + self.core.0.borrow().as_ref().map_or(0, |core| core.memo.borrow().len() * 8))
    }
    #[getter]
    fn memo(&self) -> PyResult<Owned<UnpicklerMemoProxy>> {
        let value = UnpicklerMemoProxy { head: ObjectHead::placeholder(), unpickler: Owned::from_ref(self) };
        UnpicklerMemoProxy::construct(UnpicklerMemoProxy::type_object(), value)
    }
    #[setter]
    fn set_memo(&self, value: Option<&Object>) -> PyResult<()> {
        let Some(value) = value else { return Err(err!(TypeError, "attribute deletion is not supported")) };
        let mut memo = Memo::default();
        if let Some(proxy) = value.downcast::<UnpicklerMemoProxy>() {
            for (index, object) in proxy.unpickler.core()?.memo.borrow().entries() {
                memo.put(index, object);
            }
        } else if let Some(dict) = value.downcast::<Dict>() {
            let mut position = 0;
            while let Some((key, object)) = dict.next(&mut position) {
                if !key.is_instance_of::<Int>() {
                    return Err(err!(TypeError, "memo key must be integers"));
                }
                let Ok(index) = usize::try_from(number::as_isize(&key, None)?) else {
                    return Err(err!(ValueError, "memo key must be positive integers."));
                };
                memo.put(index, object);
            }
        } else {
            return Err(err!(TypeError, "'memo' attribute must be an UnpicklerMemoProxy object or dict, not {}", value.type_name()));
        }
        let old = std::mem::replace(&mut *self.core()?.memo.borrow_mut(), memo);
        drop(old);
        Ok(())
    }
    #[slot]
    fn tp_getattro(&self, name: &Str) -> PyResult {
        match name.eq_str("persistent_load").then(|| self.own_persistent_load()).flatten() {
            Some(own) => Ok(own),
            None => generic_get_attr(self.as_object(), name),
        }
    }
    /// An instance may have a `persistent_load` of its own.
    #[slot]
    fn tp_setattro(&self, name: &Str, value: Option<&Object>) -> PyResult<()> {
        if name.eq_str("persistent_load") {
            drop(self.persistent_load.replace(value.map(Object::to_owned)));
            return Ok(());
        }
        generic_set_attr(self.as_object(), name, value)
    }
    /// The object of a persistent id.
    #[method("persistent_load($self, pid, /)", nosig)]
    fn persistent_load(&self, _pid: &Object) -> PyResult {
        Err(super::load::no_persistent_load())
    }
}

#[derive(Traverse)]
#[repr(C)]
pub struct UnpicklerMemoProxy {
    head: ObjectHead,
    unpickler: Owned<Unpickler>,
}

#[pytype(static = UnpicklerMemoProxy_Type, name = "UnpicklerMemoProxy", module = "_pickle", flags = HAVE_GC, native, final)]
impl UnpicklerMemoProxy {
    #[slot(raw = tp_hash)]
    unsafe extern "C" fn tp_hash(op: *mut PyObject) -> isize {
        // SAFETY: a slot gets a live object.
        let _ = runtime::protocol::object::hash_not_implemented(unsafe { Object::from_ptr(op) });
        -1
    }
    /// Remove all items from memo.
    #[method("clear($self, /)")]
    fn clear(&self) -> PyResult<()> {
        let old = std::mem::take(&mut *self.unpickler.core()?.memo.borrow_mut());
        drop(old);
        Ok(())
    }
    /// Copy the memo to a new object.
    #[method("copy($self, /)")]
    fn copy(&self) -> PyResult<Owned<Dict>> {
        let core = self.unpickler.core()?;
        let entries = core.memo.borrow().entries();
        let copy = Dict::new();
        for (index, object) in entries {
            copy.set_item(Int::from_usize(index).object(), &object)?;
        }
        Ok(copy)
    }
    /// Implement pickling support.
    #[method("__reduce__($self, /)")]
    fn reduce(&self) -> PyResult<Owned<Tuple>> {
        Ok(Tuple::pair(Dict::type_object().to_owned(), Tuple::single(self.copy()?.into_object()).into_object()))
    }
}
