//! `_testinternalcapi`: what CPython's own tests ask of the compiler and of code objects, without reading private memory.
//!
//! CPython's compiled module of this name looks into structs that are ours to arrange, so it can never load here. This one is built in
//! and imports wherever the compiled one does from an installed CPython, whose distributions carry it: a program sees no difference that
//! does not list the built-in modules (`importlib` refuses a built-in module that is not listed; `sys.stdlib_module_names` has it neither
//! there nor here). Whoever puts `None` into `sys.modules`, as a test run without test extensions does, keeps it away like any other.
//! Functions that are not here are absent as attributes: tests that need them say so.
//!
//! Its input is made up by tests: instruction sequences are checked before the optimiser sees them (`sequence.rs`), and code that was
//! assembled from them passes the verifier, or raises when it is run, like any other that a program puts together.

mod code_facts;
mod machine;
mod objects;
mod sequence;
mod stages;
mod times;

use super::ast::Ast;
use crate::err;
use crate::errors::{PyResult, Raised};
use crate::object::{Object, Owned, PyTyped};
use crate::types::{self, Code, Dict, Frame, List, Module, Set, Str, Tuple};
use macros::pymodule;
pub use sequence::{_PyInstructionSequence_Type, Sequence};

/// What tests of the interpreter's inside need.
#[pymodule(name = "_testinternalcapi")]
#[types(_PyInstructionSequence_Type)]
pub mod module {
    use super::*;

    #[constant]
    const SIZEOF_PYOBJECT: i64 = 16;
    #[constant]
    const SIZEOF_PYGC_HEAD: i64 = 16;
    #[constant]
    const SIZEOF_MANAGED_PRE_HEADER: i64 = 16;
    #[constant]
    const SIZEOF_TIME_T: i64 = size_of::<libc::time_t>() as i64;
    #[constant]
    const SHARED_KEYS_MAX_SIZE: i64 = 30;
    /// Executions of an adaptive instruction until it specialises.
    #[constant]
    const SPECIALIZATION_THRESHOLD: i64 = (crate::interp::backoff::WARMUP >> 4) as i64 + 1;
    /// Misses of a specialised instruction until it is specialised anew.
    #[constant]
    const SPECIALIZATION_COOLDOWN: i64 = (crate::interp::backoff::COOLDOWN >> 4) as i64 + 1;
    #[constant]
    const TIER2_THRESHOLD: i64 = 4096;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        // The type is reached through new_instruction_sequence() only.
        types::type_ready(Sequence::type_object())?;
        match module.dict().contains(crate::intern!("InstructionSequence"))? {
            true => module.dict().del_item(crate::intern!("InstructionSequence")),
            false => Ok(()),
        }
    }

    // ---- stages of the compiler -----------------------------------------------------------------------------------------------------

    /// A docstring without the indentation of the source, as the compiler stores it.
    #[function("compiler_cleandoc($module, /, doc)")]
    fn compiler_cleandoc(doc: &Str) -> PyResult<Owned<Str>> {
        stages::cleandoc(doc)
    }

    /// A new, empty InstructionSequence.
    #[function("new_instruction_sequence($module, /)")]
    fn new_instruction_sequence() -> PyResult<Owned<Sequence>> {
        Sequence::new_empty()
    }

    /// The instructions that the code generator makes of a tree, not optimised.
    ///
    /// Gives (sequence, metadata); metadata has "argcount", "posonlyargcount",
    /// "kwonlyargcount" and the list "consts" that LOAD_CONST counts in.
    #[function("compiler_codegen($module, /, ast, filename, optimize, compile_mode=0)")]
    fn compiler_codegen(ast: &Object, filename: &Object, optimize: i32, compile_mode: i32) -> PyResult<Owned<Tuple>> {
        if Ast::check(ast) { stages::codegen(ast, filename, optimize, compile_mode) } else { Err(err!(TypeError, "expected an AST")) }
    }

    /// What the graph optimiser makes of a sequence.
    ///
    /// consts is the list that LOAD_CONST counts in; it gets the constants that were folded.
    #[function("optimize_cfg($module, /, instructions, consts, nlocals)")]
    fn optimize_cfg(instructions: &Object, consts: &Object, nlocals: i32) -> PyResult<Owned<Sequence>> {
        let Some(sequence) = instructions.downcast::<Sequence>() else {
            return Err(err!(ValueError, "expected an instruction sequence"));
        };
        let Some(consts) = consts.downcast::<List>() else { return Err(err!(TypeError, "consts must be a list")) };
        stages::optimize(sequence, consts, nlocals)
    }

    /// A code object of a sequence as it stands, with names and constants from metadata.
    #[function("assemble_code_object($module, /, filename, instructions, metadata)")]
    fn assemble_code_object(filename: &Str, instructions: &Object, metadata: &Dict) -> PyResult {
        match instructions.downcast::<Sequence>() {
            Some(sequence) => stages::assemble(filename, sequence, metadata),
            None => Err(err!(TypeError, "expected an instruction sequence")),
        }
    }

    // ---- code objects ---------------------------------------------------------------------------------------------------------------

    /// The size of a frame of this code, in words.
    #[function("get_co_framesize($module, code, /)")]
    fn get_co_framesize(code: &Object) -> PyResult<i32> {
        Ok(code_argument(code)?.0.co_framesize.get())
    }

    /// The kinds of the code's variables, by name.
    #[function("get_co_localskinds($module, code, /)")]
    fn get_co_localskinds(code: &Object) -> PyResult<Owned<Dict>> {
        code_facts::local_kinds(code_argument(code)?)
    }

    /// Whether the code can give nothing but None.
    #[function("code_returns_only_none($module, code, /)")]
    fn code_returns_only_none(code: &Object) -> PyResult<bool> {
        Ok(code_facts::returns_only_none(code_argument(code)?))
    }

    /// How many variables of each kind code uses.
    #[function("get_code_var_counts($module, /, code, globalnames=None, attrnames=None, globalsns=None, builtinsns=None)")]
    fn get_code_var_counts(
        code: &Object,
        globalnames: Option<&Object>,
        attrnames: Option<&Object>,
        globalsns: Option<&Dict>,
        builtinsns: Option<&Dict>,
    ) -> PyResult<Owned<Dict>> {
        let names = |what: &str, given: Option<&Object>| match given {
            None => Ok(Set::new()),
            Some(set) => set.downcast::<Set>().map(Owned::from_ref).ok_or_else(|| {
                crate::protocol::object::repr(set)
                    .map_or_else(|raised| raised, |shown| err!(TypeError, "expected a set for \"{}\", got {}", what, &*shown))
            }),
        };
        let spaces = code_facts::Spaces::new(code, globalsns, builtinsns)?;
        code_facts::Counts::of(&spaces, &*names("globalnames", globalnames)?, &*names("attrnames", attrnames)?)?.to_dict()
    }

    /// Raises ValueError if running the code needs more than its arguments and builtins.
    #[function("verify_stateless_code($module, /, code, globalnames=None, globalsns=None, builtinsns=None)")]
    fn verify_stateless_code(
        code: &Object,
        globalnames: Option<&Set>,
        globalsns: Option<&Dict>,
        builtinsns: Option<&Dict>,
    ) -> PyResult<()> {
        let names = globalnames.map_or_else(Set::new, Owned::from_ref);
        code_facts::verify_stateless(&code_facts::Spaces::new(code, globalsns, builtinsns)?, &names)
    }

    /// The code of a frame.
    #[function("iframe_getcode($module, frame, /)")]
    fn iframe_getcode(frame: &Object) -> PyResult {
        Ok(frame_argument(frame)?.code().as_object().to_owned())
    }
    /// Where a frame is in its code, in bytes.
    #[function("iframe_getlasti($module, frame, /)")]
    fn iframe_getlasti(frame: &Object) -> PyResult<i32> {
        Ok(frame_argument(frame)?.lasti())
    }
    /// The line that a frame is in.
    #[function("iframe_getline($module, frame, /)")]
    fn iframe_getline(frame: &Object) -> PyResult<i32> {
        let frame = frame_argument(frame)?;
        Ok(frame.code().line_of(frame.lasti()))
    }

    // ---- the machine ----------------------------------------------------------------------------------------------------------------

    /// How deep Python calls are nested.
    #[function("get_recursion_depth($module, /)")]
    fn get_recursion_depth() -> i32 {
        machine::recursion_depth()
    }
    /// About how deep native code can still recurse.
    #[function("get_c_recursion_remaining($module, /)")]
    fn get_c_recursion_remaining() -> i64 {
        machine::native_recursion_remaining()
    }
    /// Where the native stack is now.
    #[function("get_stack_pointer($module, /)")]
    fn get_stack_pointer() -> usize {
        machine::stack_pointer()
    }
    /// How much native stack is kept for what runs after a stack overflow.
    #[function("get_stack_margin($module, /)")]
    fn get_stack_margin() -> usize {
        machine::STACK_MARGIN
    }
    /// The name of the allocator of small objects.
    #[function("pymem_getallocatorsname($module, /)")]
    fn pymem_getallocatorsname() -> &'static str {
        machine::allocators_name()
    }
    /// The names of all special methods that stand for a slot, a name again for each slot.
    #[function("identify_type_slot_wrappers($module, /)")]
    fn identify_type_slot_wrappers() -> Owned<List> {
        machine::slot_names()
    }
    /// The types that exist before any module does.
    #[function("get_static_builtin_types($module, /)")]
    fn get_static_builtin_types() -> Owned<List> {
        machine::static_types()
    }
    /// The number of objects that the collector knows.
    #[function("get_tracked_heap_size($module, /)")]
    fn get_tracked_heap_size() -> usize {
        machine::tracked_objects()
    }
    /// Whether a dict shares its keys with others.
    #[function("has_split_table($module, dict, /)")]
    fn has_split_table(dict: &Object) -> bool {
        dict.downcast::<Dict>().is_some_and(Dict::is_split)
    }
    /// An item of a dict by key and hash; the hash is not computed.
    #[function("dict_getitem_knownhash($module, mapping, key, hash, /)")]
    fn dict_getitem_knownhash(mapping: &Object, key: &Object, hash: isize) -> PyResult {
        let Some(dict) = mapping.downcast::<Dict>() else {
            return Err(err!(SystemError, "bad argument to internal function"));
        };
        dict.get_known_hash(key, hash)?.ok_or_else(|| types::dict::key_error(key))
    }
    /// Text as bytes in the file system's encoding.
    #[function("EncodeLocaleEx($module, text, current_locale=0, errors=None, /)")]
    fn encode_locale_ex(text: &Str, current_locale: i32, errors: Option<&str>) -> PyResult {
        let _ = current_locale;
        machine::encode_locale(text, errors)
    }
    /// Bytes in the file system's encoding as text.
    #[function("DecodeLocaleEx($module, bytes, current_locale=0, errors=None, /)")]
    fn decode_locale_ex(bytes: &types::Bytes, current_locale: i32, errors: Option<&str>) -> PyResult {
        let _ = current_locale;
        machine::decode_locale(bytes.as_slice(), errors)
    }
    // ---- objects ----------------------------------------------------------------------------------------------------------------------

    /// Whether an instance keeps its attributes without a dict.
    #[function("has_inline_values($module, obj, /)")]
    fn has_inline_values(obj: &Object) -> bool {
        objects::has_inline_values(obj)
    }
    /// The attributes that an instance keeps without a dict, in the order of its class; None without.
    #[function("get_object_dict_values($module, obj, /)")]
    fn get_object_dict_values(obj: &Object) -> Option<Owned<Tuple>> {
        objects::dict_values(obj)
    }
    /// Makes a function do nothing when it is called.
    #[function("set_vectorcall_nop($module, func, /)")]
    fn set_vectorcall_nop(func: &Object) -> PyResult<()> {
        objects::set_vectorcall_nop(func)
    }
    /// The version that the next dict keys get.
    #[function("get_next_dict_keys_version($module, /)")]
    fn get_next_dict_keys_version() -> u32 {
        types::dict::keys::next_version()
    }
    /// Gives a type a version; whoever has it already goes wrong.
    #[function("type_assign_specific_version_unsafe($module, type, version, /)")]
    fn type_assign_specific_version_unsafe(r#type: &Object, version: u32) -> PyResult<()> {
        objects::assign_version(r#type, version)
    }
    /// Whether an object is a static and can never die.
    #[function("is_static_immortal($module, obj, /)")]
    fn is_static_immortal(obj: &Object) -> bool {
        obj.is_immortal() && obj.0.ob_flags.get() & abi::_Py_STATICALLY_ALLOCATED_FLAG != 0
    }
    /// Adds items to a set.
    #[function("set_update($module, set, iterable, /)")]
    fn set_update(set: &Object, iterable: &Object) -> PyResult<()> {
        objects::set_update(set, iterable)
    }
    /// (1, next position, hash, item) of a set; None at its end.
    #[function("set_next_entry($module, set, pos, /)")]
    fn set_next_entry(set: &Object, pos: usize) -> PyResult {
        objects::set_next_entry(set, pos)
    }
    /// Digits and spaces of any script as ASCII.
    #[function("_PyUnicode_TransformDecimalAndSpaceToASCII($module, text, /)")]
    fn transform_decimal(text: &Object) -> PyResult<Owned<Str>> {
        objects::ascii_decimal(text)
    }
    /// complex + real, and errno.
    #[function("_py_cr_sum($module, a, b, /)")]
    fn py_cr_sum(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("cr_sum", a, b)
    }
    /// complex - real, and errno.
    #[function("_py_cr_diff($module, a, b, /)")]
    fn py_cr_diff(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("cr_diff", a, b)
    }
    /// real - complex, and errno.
    #[function("_py_rc_diff($module, a, b, /)")]
    fn py_rc_diff(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("rc_diff", a, b)
    }
    /// complex * real, and errno.
    #[function("_py_cr_prod($module, a, b, /)")]
    fn py_cr_prod(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("cr_prod", a, b)
    }
    /// complex / real, and errno.
    #[function("_py_cr_quot($module, a, b, /)")]
    fn py_cr_quot(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("cr_quot", a, b)
    }
    /// real / complex, and errno.
    #[function("_py_rc_quot($module, a, b, /)")]
    fn py_rc_quot(a: &Object, b: &Object) -> PyResult<Owned<Tuple>> {
        objects::mixed("rc_quot", a, b)
    }
    /// Whether no object at all is seen as a freed one.
    #[function("check_pyobject_null_is_freed($module, /)")]
    fn check_pyobject_null_is_freed() -> PyResult<()> {
        objects::check_is_freed("null")
    }
    /// Whether an object without a type yet is seen as a freed one.
    #[function("check_pyobject_uninitialized_is_freed($module, /)")]
    fn check_pyobject_uninitialized_is_freed() -> PyResult<()> {
        objects::check_is_freed("uninitialized")
    }
    /// Whether an object that ends before its type is seen as a freed one.
    #[function("check_pyobject_forbidden_bytes_is_freed($module, /)")]
    fn check_pyobject_forbidden_bytes_is_freed() -> PyResult<()> {
        objects::check_is_freed("forbidden bytes")
    }
    /// Whether an object that was freed is seen as such.
    #[function("check_pyobject_freed_is_freed($module, /)")]
    fn check_pyobject_freed_is_freed() -> PyResult<()> {
        objects::check_is_freed("freed")
    }
    /// Runs source in an interpreter that is made for it by a configuration; 0, or -1 if it raised.
    #[function("run_in_subinterp_with_config($module, code, config, *, xi=False)")]
    fn run_in_subinterp_with_config(code: &Str, config: &Object, xi: bool) -> PyResult<i32> {
        let _ = xi;
        objects::run_in_interpreter(code, config)
    }
    /// The interpreter that a pending call for one ran in.
    #[function("pending_identify($module, interpid, /)")]
    fn pending_identify(interpid: i64) -> PyResult<i64> {
        objects::identify_pending(interpid)
    }
    /// Queues a callable num times for whichever thread comes first; returns how many found room.
    #[function("pending_threadfunc($module, callback, num=1, *, blocking=False, ensure_added=False)")]
    fn pending_threadfunc(callback: &Object, num: u32, blocking: bool, ensure_added: bool) -> u32 {
        let _ = blocking;
        objects::add_pending(callback, num, ensure_added)
    }
    /// Forgets an extension module that was loaded before.
    #[function("clear_extension($module, name, filename, /)")]
    fn clear_extension(name: &Str, filename: &Str) -> PyResult<()> {
        crate::import::extension::forget(name, filename)
    }

    // ---- times ------------------------------------------------------------------------------------------------------------------------

    /// Nanoseconds of whole seconds.
    #[function("_PyTime_FromSeconds($module, seconds, /)")]
    fn pytime_from_seconds(seconds: i32) -> i64 {
        seconds as i64 * crate::modules::pytime::SECOND
    }
    /// Nanoseconds of a number of seconds.
    #[function("_PyTime_FromSecondsObject($module, seconds, rounding, /)")]
    fn pytime_from_seconds_object(seconds: &Object, rounding: i32) -> PyResult<i64> {
        crate::modules::pytime::from_seconds(seconds, times::rounding(rounding)?)
    }
    /// Seconds and microseconds of nanoseconds.
    #[function("_PyTime_AsTimeval($module, ns, rounding, /)")]
    fn pytime_as_timeval(ns: i64, rounding: i32) -> PyResult<Owned<Tuple>> {
        Ok(times::timeval(ns, times::rounding(rounding)?))
    }
    /// As _PyTime_AsTimeval; seconds that a time_t cannot hold become the nearest that it can.
    #[function("_PyTime_AsTimeval_clamp($module, ns, rounding, /)")]
    fn pytime_as_timeval_clamp(ns: i64, rounding: i32) -> PyResult<Owned<Tuple>> {
        Ok(times::timeval(ns, times::rounding(rounding)?))
    }
    /// Seconds and nanoseconds of nanoseconds.
    #[function("_PyTime_AsTimespec($module, ns, /)")]
    fn pytime_as_timespec(ns: i64) -> Owned<Tuple> {
        times::timespec(ns)
    }
    /// As _PyTime_AsTimespec; seconds that a time_t cannot hold become the nearest that it can.
    #[function("_PyTime_AsTimespec_clamp($module, ns, /)")]
    fn pytime_as_timespec_clamp(ns: i64) -> Owned<Tuple> {
        times::timespec(ns)
    }
    /// Milliseconds of nanoseconds.
    #[function("_PyTime_AsMilliseconds($module, ns, rounding, /)")]
    fn pytime_as_milliseconds(ns: i64, rounding: i32) -> PyResult<i64> {
        Ok(times::divide(ns, 1_000_000, times::rounding(rounding)?))
    }
    /// Microseconds of nanoseconds.
    #[function("_PyTime_AsMicroseconds($module, ns, rounding, /)")]
    fn pytime_as_microseconds(ns: i64, rounding: i32) -> PyResult<i64> {
        Ok(times::divide(ns, 1000, times::rounding(rounding)?))
    }
    /// Whole seconds of a number of seconds.
    #[function("_PyTime_ObjectToTime_t($module, seconds, rounding, /)")]
    fn pytime_object_to_time_t(seconds: &Object, rounding: i32) -> PyResult<i64> {
        crate::modules::pytime::to_time_t(seconds, times::rounding(rounding)?)
    }
    /// Seconds and microseconds of a number of seconds.
    #[function("_PyTime_ObjectToTimeval($module, seconds, rounding, /)")]
    fn pytime_object_to_timeval(seconds: &Object, rounding: i32) -> PyResult<Owned<Tuple>> {
        times::split(seconds, 1_000_000, times::rounding(rounding)?)
    }
    /// Seconds and nanoseconds of a number of seconds.
    #[function("_PyTime_ObjectToTimespec($module, seconds, rounding, /)")]
    fn pytime_object_to_timespec(seconds: &Object, rounding: i32) -> PyResult<Owned<Tuple>> {
        times::split(seconds, 1_000_000_000, times::rounding(rounding)?)
    }

    /// Raises KeyError with this argument.
    #[function("_pyerr_setkeyerror($module, arg, /)")]
    fn pyerr_setkeyerror(arg: &Object) -> PyResult {
        Err(types::dict::key_error(arg))
    }
}

fn code_argument(code: &Object) -> PyResult<&Code> {
    code.downcast::<Code>().ok_or_else(|| err!(TypeError, "argument must be a code object"))
}

fn frame_argument(frame: &Object) -> PyResult<&Frame> {
    frame.downcast::<Frame>().ok_or_else(|| err!(TypeError, "argument must be a frame"))
}

/// Errors of the graph as the reference raises them.
#[cold]
fn graph_error(error: compiler::flowgraph::GraphError) -> Raised {
    use compiler::flowgraph::GraphError;
    match error {
        GraphError::System(message) => err!(SystemError, "{}", message),
        GraphError::Value(message) => err!(ValueError, "{}", message),
    }
}
