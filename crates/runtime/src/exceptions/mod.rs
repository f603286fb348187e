//! The built-in exceptions: the hierarchy as one table, `BaseException` itself, and the kinds that carry fields of their own.
//!
//! Types are statics reached through accessors (`exceptions::TypeError()`); C code finds them through the exported pointers `PyExc_*`.
//! A kind without fields shares everything with its base but name, documentation and constructor.

pub mod attribute;
pub mod base;
pub mod group;
pub mod import_error;
mod interpreter_error;
mod module_exception;
pub mod os_error;
pub mod report;
pub mod syntax_error;
pub mod unicode_error;
pub mod values;

pub use group::prep_reraise_star;
pub use import_error::raise_import_error;
pub use interpreter_error::{InterpreterError, InterpreterNotFoundError, not_shareable_error};
pub use module_exception::ModuleException;
pub use os_error::{raise_errno, raise_errno_with_path, raise_os_error};
pub use report::write_unraisable;
pub use crate::modules::warnings::warn;

use crate::errors::PyResult;
use crate::macro_support::{static_type, type_flags};
use crate::object::{Object, Type};
use abi::{PyBaseExceptionObject, PyObject, PyTypeObject};
use std::cell::Cell;
use std::mem::size_of;

/// A `PyExc_*` variable: the address of the type, for C.
#[repr(transparent)]
pub struct Exported(Cell<*mut PyObject>);
// SAFETY: written by nobody but C code under the GIL.
unsafe impl Sync for Exported {}

const FLAGS: u64 = type_flags::BASETYPE | type_flags::BASE_EXC_SUBCLASS;

/// Declares accessors and exported pointers; rows with a struct and a text also declare the type.
macro_rules! hierarchy {
    ($( $name:ident = $static_:path, $exported:ident; )*) => {
        $(
            #[allow(non_snake_case)]
            #[inline(always)]
            pub fn $name() -> &'static Type { &$static_ }
            #[unsafe(no_mangle)]
            #[allow(non_upper_case_globals)]
            pub static $exported: Exported = Exported(Cell::new(&raw const $static_ as *mut PyObject));
        )*
        /// Every exception type, bases first, with its name in `builtins`.
        pub static ALL: &[(&str, &Type)] = &[$((stringify!($name), &$static_)),*];
    };
}

macro_rules! simple {
    ($( $static_:ident, $name:literal, $base:path, $layout:ty, $doc:literal; )*) => {$(
        #[allow(non_upper_case_globals)]
        static $static_: Type = Type({
            PyTypeObject { tp_base: Cell::new(&raw const $base as *mut PyTypeObject), tp_vectorcall: Cell::new(Some(base::vectorcall)), ..static_type($name, size_of::<$layout>(), 0, FLAGS, $doc.as_ptr()) }
        });
    )*};
}

simple! {
    GENERATOR_EXIT, c"GeneratorExit", base::BASE_EXCEPTION, PyBaseExceptionObject, c"Request that a generator exit.";
    KEYBOARD_INTERRUPT, c"KeyboardInterrupt", base::BASE_EXCEPTION, PyBaseExceptionObject, c"Program interrupted by user.";
    EXCEPTION, c"Exception", base::BASE_EXCEPTION, PyBaseExceptionObject, c"Common base class for all non-exit exceptions.";
    STOP_ASYNC_ITERATION, c"StopAsyncIteration", EXCEPTION, PyBaseExceptionObject, c"Signal the end from iterator.__anext__().";
    ARITHMETIC_ERROR, c"ArithmeticError", EXCEPTION, PyBaseExceptionObject, c"Base class for arithmetic errors.";
    FLOATING_POINT_ERROR, c"FloatingPointError", ARITHMETIC_ERROR, PyBaseExceptionObject, c"Floating-point operation failed.";
    OVERFLOW_ERROR, c"OverflowError", ARITHMETIC_ERROR, PyBaseExceptionObject, c"Result too large to be represented.";
    ZERO_DIVISION_ERROR, c"ZeroDivisionError", ARITHMETIC_ERROR, PyBaseExceptionObject, c"Second argument to a division or modulo operation was zero.";
    ASSERTION_ERROR, c"AssertionError", EXCEPTION, PyBaseExceptionObject, c"Assertion failed.";
    BUFFER_ERROR, c"BufferError", EXCEPTION, PyBaseExceptionObject, c"Buffer error.";
    EOF_ERROR, c"EOFError", EXCEPTION, PyBaseExceptionObject, c"Read beyond end of file.";
    MODULE_NOT_FOUND_ERROR, c"ModuleNotFoundError", import_error::IMPORT_ERROR, abi::PyImportErrorObject, c"Module not found.";
    LOOKUP_ERROR, c"LookupError", EXCEPTION, PyBaseExceptionObject, c"Base class for lookup errors.";
    INDEX_ERROR, c"IndexError", LOOKUP_ERROR, PyBaseExceptionObject, c"Sequence index out of range.";
    MEMORY_ERROR, c"MemoryError", EXCEPTION, PyBaseExceptionObject, c"Out of memory.";
    UNBOUND_LOCAL_ERROR, c"UnboundLocalError", attribute::NAME_ERROR, abi::PyNameErrorObject, c"Local name referenced but not bound to a value.";
    BLOCKING_IO_ERROR, c"BlockingIOError", os_error::OS_ERROR, abi::PyOSErrorObject, c"I/O operation would block.";
    CONNECTION_ERROR, c"ConnectionError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Connection error.";
    BROKEN_PIPE_ERROR, c"BrokenPipeError", CONNECTION_ERROR, abi::PyOSErrorObject, c"Broken pipe.";
    CHILD_PROCESS_ERROR, c"ChildProcessError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Child process error.";
    CONNECTION_ABORTED_ERROR, c"ConnectionAbortedError", CONNECTION_ERROR, abi::PyOSErrorObject, c"Connection aborted.";
    CONNECTION_REFUSED_ERROR, c"ConnectionRefusedError", CONNECTION_ERROR, abi::PyOSErrorObject, c"Connection refused.";
    CONNECTION_RESET_ERROR, c"ConnectionResetError", CONNECTION_ERROR, abi::PyOSErrorObject, c"Connection reset.";
    FILE_EXISTS_ERROR, c"FileExistsError", os_error::OS_ERROR, abi::PyOSErrorObject, c"File already exists.";
    FILE_NOT_FOUND_ERROR, c"FileNotFoundError", os_error::OS_ERROR, abi::PyOSErrorObject, c"File not found.";
    INTERRUPTED_ERROR, c"InterruptedError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Interrupted by signal.";
    IS_A_DIRECTORY_ERROR, c"IsADirectoryError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Operation doesn't work on directories.";
    NOT_A_DIRECTORY_ERROR, c"NotADirectoryError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Operation only works on directories.";
    PERMISSION_ERROR, c"PermissionError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Not enough permissions.";
    PROCESS_LOOKUP_ERROR, c"ProcessLookupError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Process not found.";
    TIMEOUT_ERROR, c"TimeoutError", os_error::OS_ERROR, abi::PyOSErrorObject, c"Timeout expired.";
    REFERENCE_ERROR, c"ReferenceError", EXCEPTION, PyBaseExceptionObject, c"Weak ref proxy used after referent went away.";
    RUNTIME_ERROR, c"RuntimeError", EXCEPTION, PyBaseExceptionObject, c"Unspecified run-time error.";
    NOT_IMPLEMENTED_ERROR, c"NotImplementedError", RUNTIME_ERROR, PyBaseExceptionObject, c"Method or function hasn't been implemented yet.";
    RECURSION_ERROR, c"RecursionError", RUNTIME_ERROR, PyBaseExceptionObject, c"Recursion limit exceeded.";
    PYTHON_FINALIZATION_ERROR, c"PythonFinalizationError", RUNTIME_ERROR, PyBaseExceptionObject, c"Operation blocked during Python finalization.";
    INCOMPLETE_INPUT_ERROR, c"_IncompleteInputError", syntax_error::SYNTAX_ERROR, abi::PySyntaxErrorObject, c"incomplete input.";
    INDENTATION_ERROR, c"IndentationError", syntax_error::SYNTAX_ERROR, abi::PySyntaxErrorObject, c"Improper indentation.";
    TAB_ERROR, c"TabError", INDENTATION_ERROR, abi::PySyntaxErrorObject, c"Improper mixture of spaces and tabs.";
    SYSTEM_ERROR, c"SystemError", EXCEPTION, PyBaseExceptionObject, c"Internal error in the Python interpreter.";
    TYPE_ERROR, c"TypeError", EXCEPTION, PyBaseExceptionObject, c"Inappropriate argument type.";
    VALUE_ERROR, c"ValueError", EXCEPTION, PyBaseExceptionObject, c"Inappropriate argument value (of correct type).";
    UNICODE_ERROR, c"UnicodeError", VALUE_ERROR, PyBaseExceptionObject, c"Unicode related error.";
    WARNING, c"Warning", EXCEPTION, PyBaseExceptionObject, c"Base class for warning categories.";
    BYTES_WARNING, c"BytesWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about bytes and buffer related problems.";
    DEPRECATION_WARNING, c"DeprecationWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about deprecated features.";
    ENCODING_WARNING, c"EncodingWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about encodings.";
    FUTURE_WARNING, c"FutureWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about constructs that will change in future.";
    IMPORT_WARNING, c"ImportWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about probable mistakes in module imports.";
    PENDING_DEPRECATION_WARNING, c"PendingDeprecationWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about features that will be deprecated.";
    RESOURCE_WARNING, c"ResourceWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about resource usage.";
    RUNTIME_WARNING, c"RuntimeWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about dubious runtime behavior.";
    SYNTAX_WARNING, c"SyntaxWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about dubious syntax.";
    UNICODE_WARNING, c"UnicodeWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings about Unicode related problems.";
    USER_WARNING, c"UserWarning", WARNING, PyBaseExceptionObject, c"Base class for warnings generated by user code.";
}

hierarchy! {
    BaseException = base::BASE_EXCEPTION, PyExc_BaseException;
    GeneratorExit = GENERATOR_EXIT, PyExc_GeneratorExit;
    SystemExit = values::SYSTEM_EXIT, PyExc_SystemExit;
    KeyboardInterrupt = KEYBOARD_INTERRUPT, PyExc_KeyboardInterrupt;
    BaseExceptionGroup = group::BASE_EXCEPTION_GROUP, PyExc_BaseExceptionGroup;
    Exception = EXCEPTION, PyExc_Exception;
    StopAsyncIteration = STOP_ASYNC_ITERATION, PyExc_StopAsyncIteration;
    StopIteration = values::STOP_ITERATION, PyExc_StopIteration;
    ArithmeticError = ARITHMETIC_ERROR, PyExc_ArithmeticError;
    FloatingPointError = FLOATING_POINT_ERROR, PyExc_FloatingPointError;
    OverflowError = OVERFLOW_ERROR, PyExc_OverflowError;
    ZeroDivisionError = ZERO_DIVISION_ERROR, PyExc_ZeroDivisionError;
    AssertionError = ASSERTION_ERROR, PyExc_AssertionError;
    AttributeError = attribute::ATTRIBUTE_ERROR, PyExc_AttributeError;
    BufferError = BUFFER_ERROR, PyExc_BufferError;
    EOFError = EOF_ERROR, PyExc_EOFError;
    ImportError = import_error::IMPORT_ERROR, PyExc_ImportError;
    ModuleNotFoundError = MODULE_NOT_FOUND_ERROR, PyExc_ModuleNotFoundError;
    LookupError = LOOKUP_ERROR, PyExc_LookupError;
    IndexError = INDEX_ERROR, PyExc_IndexError;
    KeyError = values::KEY_ERROR, PyExc_KeyError;
    MemoryError = MEMORY_ERROR, PyExc_MemoryError;
    NameError = attribute::NAME_ERROR, PyExc_NameError;
    UnboundLocalError = UNBOUND_LOCAL_ERROR, PyExc_UnboundLocalError;
    OSError = os_error::OS_ERROR, PyExc_OSError;
    BlockingIOError = BLOCKING_IO_ERROR, PyExc_BlockingIOError;
    ConnectionError = CONNECTION_ERROR, PyExc_ConnectionError;
    BrokenPipeError = BROKEN_PIPE_ERROR, PyExc_BrokenPipeError;
    ChildProcessError = CHILD_PROCESS_ERROR, PyExc_ChildProcessError;
    ConnectionAbortedError = CONNECTION_ABORTED_ERROR, PyExc_ConnectionAbortedError;
    ConnectionRefusedError = CONNECTION_REFUSED_ERROR, PyExc_ConnectionRefusedError;
    ConnectionResetError = CONNECTION_RESET_ERROR, PyExc_ConnectionResetError;
    FileExistsError = FILE_EXISTS_ERROR, PyExc_FileExistsError;
    FileNotFoundError = FILE_NOT_FOUND_ERROR, PyExc_FileNotFoundError;
    InterruptedError = INTERRUPTED_ERROR, PyExc_InterruptedError;
    IsADirectoryError = IS_A_DIRECTORY_ERROR, PyExc_IsADirectoryError;
    NotADirectoryError = NOT_A_DIRECTORY_ERROR, PyExc_NotADirectoryError;
    PermissionError = PERMISSION_ERROR, PyExc_PermissionError;
    ProcessLookupError = PROCESS_LOOKUP_ERROR, PyExc_ProcessLookupError;
    TimeoutError = TIMEOUT_ERROR, PyExc_TimeoutError;
    ReferenceError = REFERENCE_ERROR, PyExc_ReferenceError;
    RuntimeError = RUNTIME_ERROR, PyExc_RuntimeError;
    NotImplementedError = NOT_IMPLEMENTED_ERROR, PyExc_NotImplementedError;
    RecursionError = RECURSION_ERROR, PyExc_RecursionError;
    PythonFinalizationError = PYTHON_FINALIZATION_ERROR, PyExc_PythonFinalizationError;
    SyntaxError = syntax_error::SYNTAX_ERROR, PyExc_SyntaxError;
    _IncompleteInputError = INCOMPLETE_INPUT_ERROR, PyExc_IncompleteInputError;
    IndentationError = INDENTATION_ERROR, PyExc_IndentationError;
    TabError = TAB_ERROR, PyExc_TabError;
    SystemError = SYSTEM_ERROR, PyExc_SystemError;
    TypeError = TYPE_ERROR, PyExc_TypeError;
    ValueError = VALUE_ERROR, PyExc_ValueError;
    UnicodeError = UNICODE_ERROR, PyExc_UnicodeError;
    UnicodeDecodeError = unicode_error::UNICODE_DECODE_ERROR, PyExc_UnicodeDecodeError;
    UnicodeEncodeError = unicode_error::UNICODE_ENCODE_ERROR, PyExc_UnicodeEncodeError;
    UnicodeTranslateError = unicode_error::UNICODE_TRANSLATE_ERROR, PyExc_UnicodeTranslateError;
    Warning = WARNING, PyExc_Warning;
    BytesWarning = BYTES_WARNING, PyExc_BytesWarning;
    DeprecationWarning = DEPRECATION_WARNING, PyExc_DeprecationWarning;
    EncodingWarning = ENCODING_WARNING, PyExc_EncodingWarning;
    FutureWarning = FUTURE_WARNING, PyExc_FutureWarning;
    ImportWarning = IMPORT_WARNING, PyExc_ImportWarning;
    PendingDeprecationWarning = PENDING_DEPRECATION_WARNING, PyExc_PendingDeprecationWarning;
    ResourceWarning = RESOURCE_WARNING, PyExc_ResourceWarning;
    RuntimeWarning = RUNTIME_WARNING, PyExc_RuntimeWarning;
    SyntaxWarning = SYNTAX_WARNING, PyExc_SyntaxWarning;
    UnicodeWarning = UNICODE_WARNING, PyExc_UnicodeWarning;
    UserWarning = USER_WARNING, PyExc_UserWarning;
}

#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_EnvironmentError: Exported = Exported(Cell::new(&raw const os_error::OS_ERROR as *mut PyObject));
#[unsafe(no_mangle)]
#[allow(non_upper_case_globals)]
pub static PyExc_IOError: Exported = Exported(Cell::new(&raw const os_error::OS_ERROR as *mut PyObject));

/// The group type that wraps a naked exception for `except*`: ExceptionGroup, or BaseExceptionGroup for what is no Exception.
#[allow(non_snake_case)]
pub fn ExceptionGroup_for(exc: &Object) -> PyResult<&'static Object> {
    if exc.ty().is_subtype(Exception()) { Ok(group::exception_group()?) } else { Ok(BaseExceptionGroup()) }
}

/// Readies all exception types; bases come first in `ALL`.
pub fn ready_types() -> PyResult<()> {
    for (_, ty) in ALL {
        crate::types::builtin_type_ready(ty)?;
    }
    interpreter_error::ready()
}
