//! What can be shared, as data; and the registry of classes whose instances can.

use super::{buffer, not_shareable};
use crate::err;
use crate::errors::{self, PyResult};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::object;
use crate::state::{self, PerInterpreter};
use crate::tstate;
use crate::types::{self, Bool, Bytes, Float, Function, Int, MemoryView, Str, Tuple};
use std::cell::RefCell;

/// Data that stands for an object. Dropping it gives back what it holds on to, in whatever interpreter.
pub trait Shared {
    /// An equivalent object in the running interpreter.
    fn new_object(&self) -> PyResult;
}

/// Data that stands for an object, and the interpreter that it comes from.
pub struct XIData {
    pub interpreter: i64,
    data: Data,
}

enum Data {
    None,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// As WTF-8.
    Str(Box<[u8]>),
    Bytes(Box<[u8]>),
    Tuple(Vec<XIData>),
    Other(Box<dyn Shared>),
}

impl XIData {
    fn new(data: Data) -> XIData {
        XIData { interpreter: state::get().id, data }
    }
    pub fn of(shared: Box<dyn Shared>) -> XIData {
        XIData::new(Data::Other(shared))
    }
    /// An equivalent object in the running interpreter.
    pub fn new_object(&self) -> PyResult {
        match &self.data {
            Data::None => Ok(types::none().to_owned()),
            Data::Bool(value) => Ok(types::bool_object(*value).to_owned()),
            Data::Int(value) => Ok(Int::from_i64(*value).into_object()),
            Data::Float(value) => Ok(Float::new(*value).into_object()),
            Data::Str(text) => Ok(Str::from_wtf8(text).into_object()),
            Data::Bytes(bytes) => Ok(Bytes::new(bytes).into_object()),
            Data::Tuple(items) => {
                let items = items.iter().map(XIData::new_object).collect::<PyResult<Vec<_>>>()?;
                Ok(Tuple::from_owned(items).into_object())
            }
            Data::Other(shared) => shared.new_object(),
        }
    }
}

/// Makes the data of an instance of a registered class.
pub type GetData = fn(&Object) -> PyResult<Box<dyn Shared>>;

static REGISTRY: PerInterpreter<RefCell<Vec<(Owned<Type>, GetData)>>> = PerInterpreter::new(RefCell::new(Vec::new()), Default::default);

/// Makes instances of exactly this class shareable, in this interpreter.
pub fn register(class: &Type, get_data: GetData) {
    let mut registry = REGISTRY.get().borrow_mut();
    if !registry.iter().any(|(known, _)| known.is(class)) {
        registry.push((Owned::from_type(class), get_data));
    }
}

/// Makes instances of a class unshareable again.
pub fn unregister(class: &Type) {
    let removed = {
        let mut registry = REGISTRY.get().borrow_mut();
        registry.iter().position(|(known, _)| known.is(class)).map(|at| registry.remove(at))
    };
    drop(removed);
}

fn registered(class: &Type) -> Option<GetData> {
    REGISTRY.get().borrow().iter().find(|(known, _)| known.is(class)).map(|&(_, get_data)| get_data)
}

/// Whether the type is one whose instances are shared (`_interpreters.is_shareable`); an instance may refuse all the same.
pub fn is_shareable(object: &Object) -> bool {
    let known: [fn(&Object) -> bool; 8] = [
        Object::is_none,
        Bool::check_exact,
        Int::check_exact,
        Float::check_exact,
        Str::check_exact,
        Bytes::check_exact,
        Tuple::check_exact,
        MemoryView::check_exact,
    ];
    known.iter().any(|check| check(object)) || registered(object.ty()).is_some()
}

/// The data of an object whose type has any; NotShareableError otherwise.
pub fn share(object: &Object) -> PyResult<XIData> {
    share_items(object, false)
}

/// As `share`; functions without state and everything that can be pickled are shared too.
pub fn share_with_fallback(object: &Object) -> PyResult<XIData> {
    let raised = match share_items(object, true) {
        Ok(data) => return Ok(data),
        Err(raised) => raised,
    };
    let original = errors::take();
    if Function::check(object)
        && let Ok(data) = super::share_function(object)
    {
        return Ok(data);
    }
    errors::clear();
    if let Ok(data) = super::share_pickled(object) {
        return Ok(data);
    }
    errors::clear();
    match original {
        Some(original) => Err(errors::restore(original)),
        None => Err(raised),
    }
}

fn share_items(object: &Object, fallback: bool) -> PyResult<XIData> {
    match get_data(object, fallback) {
        Ok(Some(data)) => Ok(XIData::new(data)),
        Ok(None) | Err(_) => Err(refusal(object)),
    }
}

/// NotShareableError for an object, caused by what is set.
#[cold]
fn refusal(object: &Object) -> errors::Raised {
    let cause = errors::take();
    match object::repr(object) {
        Ok(shown) => {
            if let Some(cause) = cause {
                errors::restore(cause);
            }
            not_shareable(format_args!("{} does not support cross-interpreter data", &*shown))
        }
        Err(raised) => raised,
    }
}

fn get_data(object: &Object, fallback: bool) -> PyResult<Option<Data>> {
    if object.is_none() {
        return Ok(Some(Data::None));
    }
    if Bool::check_exact(object) {
        return Ok(Some(Data::Bool(object.is(types::true_()))));
    }
    if let Some(int) = object.downcast_exact::<Int>() {
        return match int.as_i64() {
            Some(value) => Ok(Some(Data::Int(value))),
            None => Err(err!(OverflowError, "try sending as bytes")),
        };
    }
    if let Some(float) = object.downcast_exact::<Float>() {
        return Ok(Some(Data::Float(float.value())));
    }
    if let Some(text) = object.downcast_exact::<Str>() {
        return Ok(Some(Data::Str(text.to_wtf8().into_owned().into())));
    }
    if let Some(bytes) = object.downcast_exact::<Bytes>() {
        return Ok(Some(Data::Bytes(bytes.as_slice().into())));
    }
    if let Some(tuple) = object.downcast_exact::<Tuple>() {
        tstate::check_recursion(" while sharing a tuple")?;
        let mut items = Vec::with_capacity(tuple.len());
        for index in 0..tuple.len() {
            let item = tuple.get(index);
            items.push(if fallback { share_with_fallback(item)? } else { share(item)? });
        }
        return Ok(Some(Data::Tuple(items)));
    }
    if let Some(memory) = object.downcast_exact::<MemoryView>() {
        return Ok(Some(Data::Other(buffer::share(memory)?)));
    }
    match registered(object.ty()) {
        Some(get_data) => Ok(Some(Data::Other(get_data(object)?))),
        None => Ok(None),
    }
}
