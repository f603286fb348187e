//! `_opcode`: facts about instructions, for `dis` and `opcode`. `_suggestions` and `_sysconfig`, which are as small, are here too.

use crate::err;
use crate::errors::PyResult;
use crate::object::{Object, Owned, PyTyped};
use crate::protocol::object::is_true;
use crate::types::{self, Code, Dict, Int, List, Str, Tuple};
use bytecode::opcodes::{Opcode, flags};
use bytecode::operands::{INTRINSICS_1, INTRINSICS_2, NB_OPS, SPECIAL_METHODS};
use macros::pymodule;

fn instruction(number: i32) -> Option<Opcode> {
    u32::try_from(number).ok().and_then(Opcode::from_number)
}

fn has(number: i32, what: u32) -> bool {
    instruction(number).is_some_and(|opcode| opcode.has(what))
}

fn names(names: &[&str]) -> Owned<List> {
    List::from_owned(names.iter().map(|name| Str::intern(Str::new(name)).into_object()).collect())
}

/// Facts about the interpreter's instructions.
#[pymodule(name = "_opcode")]
pub mod module {
    use super::*;

    #[constant]
    const ENABLE_SPECIALIZATION: i64 = 1;
    #[constant]
    const ENABLE_SPECIALIZATION_FT: i64 = 1;

    /// By how much an instruction changes the depth of the stack; 'jump' says which way it goes, None is the larger effect.
    #[function("stack_effect($module, opcode, oparg=None, /, *, jump=None)")]
    fn stack_effect(opcode: i32, oparg: Option<&Object>, jump: Option<&Object>) -> PyResult<i32> {
        let oparg = match oparg {
            Some(oparg) => crate::protocol::number::as_i32(oparg)?,
            None => 0,
        };
        let jump = match jump {
            None => None,
            Some(jump) if jump.is(types::true_()) || jump.is(types::false_()) => Some(is_true(jump)?),
            Some(_) => return Err(err!(ValueError, "stack_effect: jump must be False, True or None")),
        };
        instruction(opcode).and_then(|i| i.checked_stack_effect(oparg, jump)).ok_or_else(|| err!(ValueError, "invalid opcode or oparg"))
    }

    /// Whether a number is an instruction.
    #[function("is_valid($module, /, opcode)")]
    fn is_valid(opcode: i32) -> bool {
        instruction(opcode).is_some()
    }
    /// Whether an instruction uses its argument.
    #[function("has_arg($module, /, opcode)")]
    fn has_arg(opcode: i32) -> bool {
        has(opcode, flags::ARG)
    }
    /// Whether an instruction refers to a constant.
    #[function("has_const($module, /, opcode)")]
    fn has_const(opcode: i32) -> bool {
        has(opcode, flags::CONST)
    }
    /// Whether an instruction refers to a name.
    #[function("has_name($module, /, opcode)")]
    fn has_name(opcode: i32) -> bool {
        has(opcode, flags::NAME)
    }
    /// Whether an instruction has a jump's target.
    #[function("has_jump($module, /, opcode)")]
    fn has_jump(opcode: i32) -> bool {
        has(opcode, flags::JUMP)
    }
    /// Whether an instruction refers to a free variable. (Cells that a function makes itself are among them.)
    #[function("has_free($module, /, opcode)")]
    fn has_free(opcode: i32) -> bool {
        has(opcode, flags::FREE)
    }
    /// Whether an instruction refers to a local variable.
    #[function("has_local($module, /, opcode)")]
    fn has_local(opcode: i32) -> bool {
        has(opcode, flags::LOCAL)
    }
    /// Whether an instruction sets an exception handler.
    #[function("has_exc($module, /, opcode)")]
    fn has_exc(opcode: i32) -> bool {
        instruction(opcode).is_some_and(Opcode::is_block_push)
    }

    /// Counts of the specialising interpreter; None, as they are not collected.
    #[function("get_specialization_stats($module, /)")]
    fn get_specialization_stats() {}

    /// Names of binary operators, with their signs.
    #[function("get_nb_ops($module, /)")]
    fn get_nb_ops() -> Owned<List> {
        let pair = |(name, sign): &(&str, &str)| {
            Tuple::pair(Str::new(name).into_object(), Str::new(sign).into_object()).into_object()
        };
        List::from_owned(NB_OPS.iter().map(pair).collect())
    }

    /// Names of the unary intrinsics.
    #[function("get_intrinsic1_descs($module, /)")]
    fn get_intrinsic1_descs() -> Owned<List> {
        names(&INTRINSICS_1)
    }

    /// Names of the binary intrinsics.
    #[function("get_intrinsic2_descs($module, /)")]
    fn get_intrinsic2_descs() -> Owned<List> {
        names(&INTRINSICS_2)
    }

    /// Names of the methods that LOAD_SPECIAL loads.
    #[function("get_special_method_names($module, /)")]
    fn get_special_method_names() -> Owned<List> {
        names(&SPECIAL_METHODS)
    }

    /// The executor at an offset of a code object. There are none.
    #[function("get_executor($module, /, code, offset)")]
    fn get_executor(code: &Object, offset: i32) -> PyResult<()> {
        let _ = offset;
        if !Code::check(code) {
            return Err(err!(TypeError, "expected a code object, not '{}'", code.type_name()));
        }
        Err(err!(ValueError, "no executor at given byte offset"))
    }
}

/// `_suggestions`.
pub mod suggestions {
    use super::*;

    /// The nearest of several names.
    #[pymodule(name = "_suggestions")]
    pub mod module {
        use super::*;

        /// The candidate that is nearest to the item, if one is near enough.
        #[function("_generate_suggestions($module, candidates, item, /)")]
        fn generate_suggestions(candidates: &Object, item: &Str) -> PyResult<Option<String>> {
            let Some(candidates) = candidates.downcast_exact::<List>() else {
                return Err(err!(TypeError, "candidates must be a list"));
            };
            let mut known: Vec<Owned<Str>> = Vec::with_capacity(candidates.len());
            for candidate in candidates.iter() {
                known.push(candidate.try_into_typed::<Str>().map_err(|_| err!(TypeError, "all elements in 'candidates' must be strings"))?);
            }
            Ok(crate::macro_support::suggestions::closest(&known, item))
        }
    }
}

/// `_sysconfig`.
pub mod sysconfig {
    use super::*;

    /// Configuration of the build.
    #[pymodule(name = "_sysconfig")]
    pub mod module {
        use super::*;

        /// The variables of the configuration that are known here.
        #[function("config_vars($module, /)")]
        fn config_vars() -> PyResult<Owned<Dict>> {
            let vars = Dict::new();
            vars.set("Py_GIL_DISABLED", &*Int::from_i64(0))?;
            vars.set("Py_DEBUG", &*Int::from_i64(0))?;
            Ok(vars)
        }
    }
}
