//! The native modules that belong to the runtime itself: what a C header names, and what the interpreter cannot start without.

pub mod abc;
pub mod ast;
pub mod atexit;
pub mod builtins;
pub mod codecs_module;
pub mod contextvars;
pub mod embedded;
pub mod faulthandler;
pub mod gc;
pub mod imp;
pub mod marshal;
pub mod opcode;
pub mod string_module;
pub mod pytime;
pub mod queue;
pub mod signal;
pub mod symtable;
pub mod picklebuffer;
pub mod sys;
pub mod typing_module;
pub mod thread;
pub mod time;
pub mod testinternalcapi;
pub mod tokenize_module;
pub mod tracemalloc;
pub mod types_module;
pub mod warnings;
pub mod weakref;

use crate::errors::PyResult;
use crate::import::native::NativeModule;
use crate::object::Object;

/// All of them but `builtins` and `sys`, which start-up makes.
pub static MODULES: &[NativeModule] = &[
    NativeModule { name: "_ast", definition: ast::module::definition },
    NativeModule { name: "_codecs", definition: codecs_module::codecs_module::definition },
    NativeModule { name: "_contextvars", definition: contextvars::module::definition },
    NativeModule { name: "_embedded", definition: embedded::embedded::definition },
    NativeModule { name: "_imp", definition: imp::imp::definition },
    NativeModule { name: "_string", definition: string_module::string_module::definition },
    NativeModule { name: "_picklebuffer", definition: picklebuffer::module::definition },
    NativeModule { name: "_typing", definition: typing_module::typing::definition },
    NativeModule { name: "faulthandler", definition: faulthandler::module::definition },
    NativeModule { name: "gc", definition: gc::gc::definition },
    NativeModule { name: "marshal", definition: marshal::marshal::definition },
    NativeModule { name: "time", definition: time::module::definition },
    NativeModule { name: "_abc", definition: abc::module::definition },
    NativeModule { name: "_signal", definition: signal::module::definition },
    NativeModule { name: "_opcode", definition: opcode::module::definition },
    NativeModule { name: "_readline", definition: crate::interactive::readline::definition },
    NativeModule { name: "_queue", definition: queue::module::definition },
    NativeModule { name: "_suggestions", definition: opcode::suggestions::module::definition },
    NativeModule { name: "_symtable", definition: symtable::module::definition },
    NativeModule { name: "_sysconfig", definition: opcode::sysconfig::module::definition },
    NativeModule { name: "_testinternalcapi", definition: testinternalcapi::module::definition },
    NativeModule { name: "_thread", definition: thread::module::definition },
    NativeModule { name: "_tokenize", definition: tokenize_module::module::definition },
    NativeModule { name: "_tracemalloc", definition: tracemalloc::module::definition },
    NativeModule { name: "_types", definition: types_module::module::definition },
    NativeModule { name: "_warnings", definition: warnings::module::definition },
    NativeModule { name: "_weakref", definition: weakref::module::definition },
    NativeModule { name: "atexit", definition: atexit::module::definition },
];

/// An attribute of the builtins module.
pub fn builtins_attribute(name: &str) -> PyResult {
    crate::state::builtins_dict()?.get(name).ok_or_else(|| crate::err!(RuntimeError, "lost builtins.{}", name))
}

/// Raises an audit event.
pub fn audit(event: &str, args: &[&Object]) -> PyResult<()> {
    crate::audit::audit(event, args)
}

/// Runs the functions of `atexit`, at the interpreter's end.
pub fn atexit_run() {
    atexit::run_exit_functions();
}
