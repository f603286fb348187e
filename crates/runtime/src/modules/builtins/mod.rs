//! `builtins`: the functions, types and constants that every program sees.
//!
//! The functions are grouped by subject: classes, evaluation, iteration, output, asynchronous iteration; the short ones are here.

pub mod anext;
pub mod build_class;
pub mod evaluate;
pub mod iteration;
pub mod output;

pub use evaluate::eval_code;
pub use output::install_open;

use crate::err;
use crate::errors::PyResult;
use crate::exceptions;
use crate::interp::call::{Builtin, set_builtin};
use crate::macro_support::{Args, Buffer, KwArgs};
use crate::object::{Object, Owned, PyTyped, Type};
use crate::protocol::{call, number, object, sequence};
use crate::types::{self, ByteArray, Bytes, Dict, Int, List, Module, Str, Tuple};
use crate::{audit, intern, state};
use macros::pymodule;

/// `format(value, spec)`.
pub fn format_value(value: &Object, spec: Option<&Object>) -> PyResult {
    let spec = match spec {
        None => None,
        Some(spec) => match spec.downcast::<Str>() {
            Some(spec) => Some(spec),
            None => return Err(err!(SystemError, "Format specifier must be a string, not {}", spec.type_name())),
        },
    };
    Ok(crate::format::format_object(value, spec)?.into_object())
}

/// Makes the module, complete but for `open` (`install_open`).
pub fn create() -> PyResult<Owned<Module>> {
    let definition = module::definition().as_ptr();
    // SAFETY: a static definition.
    let module = unsafe {
        let made = types::module::from_definition(definition)?;
        types::module::exec_definition(&made, definition)?;
        made
    };
    let dict = module.dict();
    for (which, name) in [(Builtin::Len, "len"), (Builtin::IsInstance, "isinstance"), (Builtin::All, "all"), (Builtin::Any, "any")] {
        if let Some(function) = dict.get(name) {
            set_builtin(which, &function);
        }
    }
    if let Some(append) = List::type_object().lookup(intern!("append")) {
        set_builtin(Builtin::ListAppend, append);
    }
    Ok(module)
}

/// The types of the module, but for exceptions.
fn builtin_types() -> [&'static Type; 27] {
    use types::*;
    [
        Bool::type_object(),
        MemoryView::type_object(),
        ByteArray::type_object(),
        Bytes::type_object(),
        ClassMethod::type_object(),
        Complex::type_object(),
        Dict::type_object(),
        &enumerate::PyEnum_Type,
        &functional::PyFilter_Type,
        Float::type_object(),
        FrozenSet::type_object(),
        Property::type_object(),
        Int::type_object(),
        List::type_object(),
        &functional::PyMap_Type,
        object_type(),
        Range::type_object(),
        &enumerate::PyReversed_Type,
        Set::type_object(),
        Slice::type_object(),
        StaticMethod::type_object(),
        Str::type_object(),
        Super::type_object(),
        Tuple::type_object(),
        type_type(),
        &functional::PyZip_Type,
        anext::AnextAwaitable::type_object(),
    ]
}

fn fill(module: &Module) -> PyResult<()> {
    module.add("None", types::none())?;
    module.add("Ellipsis", types::ellipsis())?;
    module.add("NotImplemented", types::not_implemented())?;
    module.add("False", types::false_())?;
    module.add("True", types::true_())?;
    for ty in builtin_types() {
        types::builtin_type_ready(ty)?;
        if !std::ptr::eq(ty, anext::AnextAwaitable::type_object()) {
            module.add(ty.name(), ty)?;
        }
    }
    let optimized = state::get().config.borrow().optimization_level != 0;
    module.add("__debug__", types::bool_object(!optimized))?;
    for (name, ty) in exceptions::ALL {
        module.add(name, *ty)?;
    }
    module.add("EnvironmentError", exceptions::OSError())?;
    module.add("IOError", exceptions::OSError())?;
    module.add("ExceptionGroup", exceptions::group::exception_group()?)
}

fn name_argument(name: &Object) -> PyResult<&Str> {
    name.downcast::<Str>().ok_or_else(|| err!(TypeError, "attribute name must be string, not '{}'", name.type_name()))
}

/// Built-in functions, types, exceptions and other objects.
///
/// Every program sees these names without importing anything; the module itself is for programs
/// that use one of the names for something else and need the original as well.
#[pymodule(
    name = "builtins",
    include = [
        super::build_class::functions::BUILD_CLASS, super::anext::functions::ASYNC, super::iteration::functions::ITERATION,
        super::evaluate::functions::EVALUATE, super::output::functions::OUTPUT
    ]
)]
pub mod module {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        fill(module)
    }

    /// Import a module: what the import statement calls.
    ///
    /// 'globals' only tells the package that relative names start from, 'locals' is not used.
    /// The result is the package before the first dot of the name, or with a non-empty 'fromlist'
    /// the module itself. 'level' is the number of leading dots.
    #[function("__import__($module, /, name, globals=None, locals=None, fromlist=(),\n           level=0)")]
    fn import(name: &Object, globals: Option<&Object>, locals: Option<&Object>, fromlist: Option<&Object>, level: i32) -> PyResult {
        let _ = locals;
        let Some(name) = name.downcast::<Str>() else { return Err(err!(TypeError, "module name must be a string")) };
        crate::import::import_module_level(name, globals, fromlist, level)
    }

    /// The absolute value of a number.
    #[function("abs($module, x, /)")]
    fn abs(x: &Object) -> PyResult {
        number::absolute(x)
    }

    /// The repr of an object with all characters outside ASCII escaped.
    #[function("ascii($module, obj, /)")]
    fn ascii(obj: &Object) -> PyResult<Owned<Str>> {
        object::ascii(obj)
    }

    /// An integer in binary.
    ///
    ///    >>> bin(2796202)
    ///    '0b1010101010101010101010'
    #[function("bin($module, number, /)")]
    fn bin(number: &Object) -> PyResult<String> {
        super::number::to_base(number, 2)
    }

    /// An integer in octal.
    ///
    ///    >>> oct(342391)
    ///    '0o1234567'
    #[function("oct($module, number, /)")]
    fn oct(number: &Object) -> PyResult<String> {
        super::number::to_base(number, 8)
    }

    /// An integer in hexadecimal.
    ///
    ///    >>> hex(12648430)
    ///    '0xc0ffee'
    #[function("hex($module, number, /)")]
    fn hex(number: &Object) -> PyResult<String> {
        super::number::to_base(number, 16)
    }

    /// Call sys.breakpointhook with the same arguments; by default that starts a debugger.
    #[function("breakpoint($module, /, *args, **kws)")]
    fn breakpoint(args: Args<'_>, kws: KwArgs<'_>) -> PyResult {
        let Some(hook) = state::sys_attribute(intern!("breakpointhook"))? else {
            return Err(err!(RuntimeError, "lost sys.breakpointhook"));
        };
        audit::audit("builtins.breakpoint", &[&hook])?;
        let words = Dict::new();
        for (word, value) in kws.iter() {
            words.set_item(word, value)?;
        }
        call::call(&hook, &Tuple::new(args), Some(&words))
    }

    /// Whether the object can be called.
    #[function("callable($module, obj, /)")]
    fn callable(obj: &Object) -> bool {
        object::is_callable(obj)
    }

    /// The string of one character with this code point; 0 <= i <= 0x10ffff.
    #[function("chr($module, i, /)")]
    fn chr(i: &Object) -> PyResult<Owned<Str>> {
        match number::index(i)?.as_i64() {
            Some(c @ 0..0x11_0000) => Str::from_char(c as u32),
            _ => Err(err!(ValueError, "chr() arg not in range(0x110000)")),
        }
    }

    /// Delete an attribute; delattr(x, 'y') is del x.y.
    #[function("delattr($module, obj, name, /)")]
    fn delattr(obj: &Object, name: &Object) -> PyResult<()> {
        object::set_attr_object(obj, name, None)
    }

    /// dir([object]) -> list of strings
    ///
    /// The names in the current scope; or the names of an object's attributes, which its
    /// __dir__ may choose, else those of the object, its class and its class's bases.
    #[function("dir($module, object=<unrepresentable>, /)", nosig)]
    fn dir(object: Option<&Object>) -> PyResult {
        if let Some(object) = object {
            return Ok(super::object::dir(object)?.into_object());
        }
        let locals = types::frame::current_locals()?;
        let names = match locals.downcast_exact::<Dict>() {
            Some(dict) => dict.keys_list()?.into_object(),
            None => {
                let keys = call::call_method0(&locals, intern!("keys"))?;
                sequence::to_list(&keys)?.into_object()
            }
        };
        call::call_method0(&names, intern!("sort"))?;
        Ok(names)
    }

    /// The pair (x//y, x%y).
    #[function("divmod($module, x, y, /)")]
    fn divmod(x: &Object, y: &Object) -> PyResult {
        number::divmod(x, y)
    }

    /// Format a value: type(value).__format__(value, format_spec).
    #[function("format($module, value, format_spec='', /)")]
    fn format(value: &Object, format_spec: Option<&Str>) -> PyResult {
        format_value(value, format_spec.map(|s| s.as_object()))
    }

    /// getattr(object, name[, default]) -> value
    ///
    /// An attribute by its name; getattr(x, 'y') is x.y. If there is none, the default, or
    /// without that AttributeError.
    #[function("getattr($module, object, name, default=<unrepresentable>, /)", nosig)]
    fn getattr(object: &Object, name: &Object, default: Option<&Object>) -> PyResult {
        let name = name_argument(name)?;
        match default {
            None => super::object::get_attr(object, name),
            Some(default) => Ok(super::object::get_attr_opt(object, name)?.unwrap_or_else(|| default.to_owned())),
        }
    }

    /// The namespace of the module that the caller is defined in. It is live.
    #[function("globals($module, /)")]
    fn globals() -> Option<Owned<Dict>> {
        crate::interp::current_globals()
    }

    /// Whether the object has an attribute of that name: whether getattr() finds it.
    #[function("hasattr($module, obj, name, /)")]
    fn hasattr(obj: &Object, name: &Object) -> PyResult<bool> {
        object::has_attr(obj, name_argument(name)?)
    }

    /// The hash of an object. Equal objects have equal hashes.
    #[function("hash($module, obj, /)")]
    fn hash(obj: &Object) -> PyResult<isize> {
        object::hash(obj)
    }

    /// The identity of an object: its address. No two objects that live at the same time share it.
    #[function("id($module, obj, /)")]
    fn id(obj: &Object) -> PyResult<usize> {
        let id = obj.as_ptr() as usize;
        audit::audit("builtins.id", &[&Int::from_usize(id)])?;
        Ok(id)
    }

    /// Whether an object is an instance of a class or of a subclass.
    ///
    /// A tuple of classes or a union asks whether it is one of any of them.
    #[function("isinstance($module, obj, class_or_tuple, /)")]
    fn isinstance(obj: &Object, class_or_tuple: &Object) -> PyResult<bool> {
        object::is_instance(obj, class_or_tuple)
    }

    /// Whether a class is another or derives from it.
    ///
    /// A tuple of classes or a union asks whether that is so of any of them.
    #[function("issubclass($module, cls, class_or_tuple, /)")]
    fn issubclass(cls: &Object, class_or_tuple: &Object) -> PyResult<bool> {
        object::is_subclass(cls, class_or_tuple)
    }

    /// The number of items in a container.
    #[function("len($module, obj, /)")]
    fn len(obj: &Object) -> PyResult<usize> {
        sequence::len(obj)
    }

    /// The local variables of the current scope: in a function a new dict each time, elsewhere
    /// the live namespace.
    #[function("locals($module, /)")]
    fn locals() -> PyResult {
        types::frame::current_locals()
    }

    /// The code point of a one-character string.
    #[function("ord($module, character, /)")]
    fn ord(character: &Object) -> PyResult<u32> {
        let length = if let Some(bytes) = character.downcast::<Bytes>() {
            match bytes.as_slice() {
                [only] => return Ok(*only as u32),
                more => more.len(),
            }
        } else if let Some(text) = character.downcast::<Str>() {
            match text.len() {
                1 => return Ok(text.char_at(0)),
                n => n,
            }
        } else if ByteArray::check(character) {
            let bytes = Buffer::new(character)?;
            match *bytes {
                [only] => return Ok(only as u32),
                ref more => more.len(),
            }
        } else {
            return Err(err!(TypeError, "ord() expected string of length 1, but {} found", character.type_name()));
        };
        Err(err!(TypeError, "ord() expected a character, but string of length {} found", length))
    }

    /// base**exp; with three arguments base**exp % mod.
    ///
    /// For some types, integers among them, the second is faster than the operators.
    #[function("pow($module, /, base, exp, mod=None)")]
    fn pow(base: &Object, exp: &Object, modulus: Option<&Object>) -> PyResult {
        number::power(base, exp, modulus)
    }

    /// The canonical text of an object; for many types eval(repr(obj)) == obj.
    #[function("repr($module, obj, /)")]
    fn repr(obj: &Object) -> PyResult<Owned<Str>> {
        object::repr(obj)
    }

    /// Round a number to a precision in decimal digits, which may be negative.
    ///
    /// Without a precision the result is an integer, otherwise of the number's type.
    #[function("round($module, /, number, ndigits=None)")]
    fn round(number: &Object, ndigits: Option<&Object>) -> PyResult {
        let Some(method) = object::lookup_special(number, intern!("__round__"))? else {
            return Err(err!(TypeError, "type {} doesn't define __round__ method", number.type_name()));
        };
        match ndigits {
            None => call::call0(&method),
            Some(ndigits) => call::call1(&method, ndigits),
        }
    }

    /// Set an attribute; setattr(x, 'y', v) is x.y = v.
    #[function("setattr($module, obj, name, value, /)")]
    fn setattr(obj: &Object, name: &Object, value: &Object) -> PyResult<()> {
        object::set_attr_object(obj, name, Some(value))
    }

    /// vars([object]) -> dictionary
    ///
    /// object.__dict__, or without an argument locals().
    #[function("vars($module, object=<unrepresentable>, /)", nosig)]
    fn vars(object: Option<&Object>) -> PyResult {
        let Some(object) = object else { return types::frame::current_locals() };
        match super::object::get_attr_opt(object, intern!("__dict__"))? {
            Some(dict) => Ok(dict),
            None => Err(err!(TypeError, "vars() argument must have __dict__ attribute")),
        }
    }
}
