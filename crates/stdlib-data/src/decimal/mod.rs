//! `_decimal`: decimal arithmetic. `number.rs` has the numbers and rounding, `text.rs` reads and writes them, `arithmetic.rs`, `compare.rs`,
//! `digitwise.rs` and `transcendental.rs` compute; `context.rs`, `decimal_object.rs` and `conversions.rs` are what Python sees.

mod arithmetic;
mod compare;
mod context;
mod context_methods;
mod conversions;
mod decimal_object;
mod digitwise;
mod format;
mod number;
mod text;
mod transcendental;

pub use module::decimal_module;

use context::{CONDITIONS, Context, ContextManager, DECIMAL_EXCEPTION, ROUNDINGS, SIGNALS};
use decimal_object::Decimal;
use runtime::protocol::{call, object};
use runtime::types::{Int, List, Str, none};
use runtime::{Object, Owned, PyResult, PyTyped, err, intern};
use std::cell::OnceCell;

/// The named tuple of `as_tuple`: one for all copies of the module.
fn decimal_tuple() -> PyResult<&'static Object> {
    static CLASS: context::Kept = context::Kept::new(OnceCell::new(), OnceCell::new);
    if CLASS.get().get().is_none() {
        let namedtuple = object::get_attr_str(&*runtime::import::import_module("collections")?, "namedtuple")?;
        let class = call::call_args(&namedtuple, &[&Str::new("DecimalTuple"), &Str::new("sign digits exponent")])?;
        object::set_attr(&class, intern!("__module__"), Some(&Str::new("decimal")))?;
        let _ = CLASS.get().set(class);
    }
    context::kept(&CLASS).ok_or_else(runtime::errors::bad_internal_call)
}

mod module {
    use super::*;
    use macros::pymodule;
    use runtime::macro_support::{Args, KwArgs};
    use runtime::types::{Module, bool_object};

    /// Decimal fixed-point and floating-point arithmetic, as the General Decimal Arithmetic specification has it.
    #[pymodule(name = "_decimal")]
    pub mod decimal_module {
        use super::*;

        #[exec]
        fn exec(module: &Module) -> PyResult<()> {
            let [default, basic, extended] = context::set_up()?;
            runtime::types::type_ready(Decimal::type_object())?;
            module.add("Decimal", Decimal::type_object())?;
            module.add("Context", Context::type_object())?;
            module.add("DecimalException", DECIMAL_EXCEPTION.ty()?)?;
            for (name, _, class) in SIGNALS.iter().chain(&CONDITIONS) {
                module.add(name, &*class.class()?)?;
            }
            for (name, _) in ROUNDINGS {
                module.add(name, &Str::intern(Str::new(name)))?;
            }
            module.add("DefaultContext", &default)?;
            module.add("BasicContext", &basic)?;
            module.add("ExtendedContext", &extended)?;
            let numbers = [
                ("MAX_PREC", number::MAX_PREC),
                ("MAX_EMAX", number::MAX_EMAX),
                ("MIN_EMIN", number::MIN_EMIN),
                ("MIN_ETINY", number::MIN_ETINY),
                ("IEEE_CONTEXT_MAX_BITS", 512),
            ];
            for (name, value) in numbers {
                module.add(name, &Int::from_i64(value))?;
            }
            module.add("HAVE_THREADS", bool_object(true))?;
            module.add("HAVE_CONTEXTVAR", bool_object(true))?;
            module.add("__version__", &Str::new("1.70"))?;
            module.add("__libmpdec_version__", &Str::new("2.5.1"))?;
            module.add("DecimalTuple", decimal_tuple()?)?;
            let register = |base: &str| -> PyResult<()> {
                let base = object::get_attr_str(&*runtime::import::import_module("numbers")?, base)?;
                call::call_method(&base, intern!("register"), &[Decimal::type_object()]).map(drop)
            };
            register("Number")
        }

        /// Get the current default context.
        #[function("getcontext($module, /)")]
        fn getcontext() -> PyResult<Owned<Context>> {
            context::current()
        }
        /// Set a new default context.
        #[function("setcontext($module, context, /)")]
        fn setcontext(context: &Object) -> PyResult<()> {
            super::super::context::set_current(context)
        }
        /// Return a context manager that will set the default context to a copy of ctx
        /// on entry to the with-statement and restore the previous default context when
        /// exiting the with-statement. If no context is supplied, a copy of the current
        /// default context is used.
        #[function("localcontext($module, ctx=None, **kwargs)")]
        fn localcontext(args: Args<'_>, kwargs: KwArgs<'_>) -> PyResult<Owned<ContextManager>> {
            if args.len() > 1 {
                return Err(err!(TypeError, "localcontext() takes at most 1 positional argument ({} given)", args.len()));
            }
            let ctx = args.first().copied().or_else(|| kwargs.get("ctx"));
            let global = context::current()?;
            let local = match ctx {
                None => global.duplicate()?,
                Some(ctx) if ctx.is_none() => global.duplicate()?,
                Some(ctx) => match ctx.downcast::<Context>() {
                    Some(context) => context.duplicate()?,
                    None => return Err(err!(TypeError, "optional argument must be a context")),
                },
            };
            for (name, value) in kwargs.iter().filter(|(name, _)| !name.downcast::<Str>().is_some_and(|name| name.eq_str("ctx"))) {
                let known = ["prec", "rounding", "Emin", "Emax", "capitals", "clamp", "flags", "traps"];
                let Some(name) = name.downcast::<Str>().filter(|name| known.iter().any(|known| name.eq_str(known))) else {
                    let name = runtime::protocol::object::str(name)?;
                    return Err(err!(TypeError, "this function got an unexpected keyword argument '{}'", name));
                };
                let is_dict = name.eq_str("flags") || name.eq_str("traps");
                if is_dict && value.is_instance_of::<List>() {
                    local.set_signals(name.eq_str("flags"), value)?;
                } else if !value.is(none()) {
                    object::set_attr(&local, name, Some(value))?;
                }
            }
            ContextManager::make(local, global)
        }
        /// Return a context object initialized to the proper values for one of the
        /// IEEE interchange formats.
        #[function("IEEEContext($module, bits, /)")]
        fn ieee_context(bits: i64) -> PyResult<Owned<Context>> {
            context::ieee(bits)
        }
    }
}
