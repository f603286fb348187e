//! Flags and numbers of the C API that belong to no single struct.

use crate::{Py_hash_t, c_int, c_ulong};

// Type flags.
pub const Py_TPFLAGS_HAVE_FINALIZE: c_ulong = 1 << 0;
pub const _Py_TPFLAGS_STATIC_BUILTIN: c_ulong = 1 << 1;
/// The attribute values lie right behind the object. Implies HAVE_GC.
pub const Py_TPFLAGS_INLINE_VALUES: c_ulong = 1 << 2;
pub const Py_TPFLAGS_MANAGED_WEAKREF: c_ulong = 1 << 3;
pub const Py_TPFLAGS_MANAGED_DICT: c_ulong = 1 << 4;
/// Two words stand before the GC header's place: dict and weak references.
pub const Py_TPFLAGS_PREHEADER: c_ulong = Py_TPFLAGS_MANAGED_WEAKREF | Py_TPFLAGS_MANAGED_DICT;
pub const Py_TPFLAGS_SEQUENCE: c_ulong = 1 << 5;
pub const Py_TPFLAGS_MAPPING: c_ulong = 1 << 6;
pub const Py_TPFLAGS_DISALLOW_INSTANTIATION: c_ulong = 1 << 7;
pub const Py_TPFLAGS_IMMUTABLETYPE: c_ulong = 1 << 8;
pub const Py_TPFLAGS_HEAPTYPE: c_ulong = 1 << 9;
pub const Py_TPFLAGS_BASETYPE: c_ulong = 1 << 10;
pub const Py_TPFLAGS_HAVE_VECTORCALL: c_ulong = 1 << 11;
pub const Py_TPFLAGS_READY: c_ulong = 1 << 12;
pub const Py_TPFLAGS_READYING: c_ulong = 1 << 13;
pub const Py_TPFLAGS_HAVE_GC: c_ulong = 1 << 14;
pub const Py_TPFLAGS_METHOD_DESCRIPTOR: c_ulong = 1 << 17;
pub const Py_TPFLAGS_HAVE_VERSION_TAG: c_ulong = 1 << 18;
pub const Py_TPFLAGS_VALID_VERSION_TAG: c_ulong = 1 << 19;
pub const Py_TPFLAGS_IS_ABSTRACT: c_ulong = 1 << 20;
pub const _Py_TPFLAGS_MATCH_SELF: c_ulong = 1 << 22;
pub const Py_TPFLAGS_ITEMS_AT_END: c_ulong = 1 << 23;
pub const Py_TPFLAGS_LONG_SUBCLASS: c_ulong = 1 << 24;
pub const Py_TPFLAGS_LIST_SUBCLASS: c_ulong = 1 << 25;
pub const Py_TPFLAGS_TUPLE_SUBCLASS: c_ulong = 1 << 26;
pub const Py_TPFLAGS_BYTES_SUBCLASS: c_ulong = 1 << 27;
pub const Py_TPFLAGS_UNICODE_SUBCLASS: c_ulong = 1 << 28;
pub const Py_TPFLAGS_DICT_SUBCLASS: c_ulong = 1 << 29;
pub const Py_TPFLAGS_BASE_EXC_SUBCLASS: c_ulong = 1 << 30;
pub const Py_TPFLAGS_TYPE_SUBCLASS: c_ulong = 1 << 31;
pub const Py_TPFLAGS_DEFAULT: c_ulong = 0;

/// `tp_versions_used` of a type whose attribute cache is off.
pub const _Py_ATTR_CACHE_UNUSED: u16 = 30000;

// Method flags.
pub const METH_VARARGS: c_int = 0x0001;
pub const METH_KEYWORDS: c_int = 0x0002;
pub const METH_NOARGS: c_int = 0x0004;
pub const METH_O: c_int = 0x0008;
pub const METH_CLASS: c_int = 0x0010;
pub const METH_STATIC: c_int = 0x0020;
pub const METH_COEXIST: c_int = 0x0040;
pub const METH_FASTCALL: c_int = 0x0080;
pub const METH_METHOD: c_int = 0x0200;

// Member types and flags.
pub const Py_T_SHORT: c_int = 0;
pub const Py_T_INT: c_int = 1;
pub const Py_T_LONG: c_int = 2;
pub const Py_T_FLOAT: c_int = 3;
pub const Py_T_DOUBLE: c_int = 4;
pub const Py_T_STRING: c_int = 5;
pub const _Py_T_OBJECT: c_int = 6;
pub const Py_T_CHAR: c_int = 7;
pub const Py_T_BYTE: c_int = 8;
pub const Py_T_UBYTE: c_int = 9;
pub const Py_T_USHORT: c_int = 10;
pub const Py_T_UINT: c_int = 11;
pub const Py_T_ULONG: c_int = 12;
pub const Py_T_STRING_INPLACE: c_int = 13;
pub const Py_T_BOOL: c_int = 14;
pub const Py_T_OBJECT_EX: c_int = 16;
pub const Py_T_LONGLONG: c_int = 17;
pub const Py_T_ULONGLONG: c_int = 18;
pub const Py_T_PYSSIZET: c_int = 19;
pub const _Py_T_NONE: c_int = 20;
pub const Py_READONLY: c_int = 1;
pub const Py_AUDIT_READ: c_int = 2;
pub const _Py_WRITE_RESTRICTED: c_int = 4;
pub const Py_RELATIVE_OFFSET: c_int = 8;

// Slot numbers of `PyType_Slot`.
pub const Py_bf_getbuffer: c_int = 1;
pub const Py_bf_releasebuffer: c_int = 2;
pub const Py_mp_ass_subscript: c_int = 3;
pub const Py_mp_length: c_int = 4;
pub const Py_mp_subscript: c_int = 5;
pub const Py_nb_absolute: c_int = 6;
pub const Py_nb_add: c_int = 7;
pub const Py_nb_and: c_int = 8;
pub const Py_nb_bool: c_int = 9;
pub const Py_nb_divmod: c_int = 10;
pub const Py_nb_float: c_int = 11;
pub const Py_nb_floor_divide: c_int = 12;
pub const Py_nb_index: c_int = 13;
pub const Py_nb_inplace_add: c_int = 14;
pub const Py_nb_inplace_and: c_int = 15;
pub const Py_nb_inplace_floor_divide: c_int = 16;
pub const Py_nb_inplace_lshift: c_int = 17;
pub const Py_nb_inplace_multiply: c_int = 18;
pub const Py_nb_inplace_or: c_int = 19;
pub const Py_nb_inplace_power: c_int = 20;
pub const Py_nb_inplace_remainder: c_int = 21;
pub const Py_nb_inplace_rshift: c_int = 22;
pub const Py_nb_inplace_subtract: c_int = 23;
pub const Py_nb_inplace_true_divide: c_int = 24;
pub const Py_nb_inplace_xor: c_int = 25;
pub const Py_nb_int: c_int = 26;
pub const Py_nb_invert: c_int = 27;
pub const Py_nb_lshift: c_int = 28;
pub const Py_nb_multiply: c_int = 29;
pub const Py_nb_negative: c_int = 30;
pub const Py_nb_or: c_int = 31;
pub const Py_nb_positive: c_int = 32;
pub const Py_nb_power: c_int = 33;
pub const Py_nb_remainder: c_int = 34;
pub const Py_nb_rshift: c_int = 35;
pub const Py_nb_subtract: c_int = 36;
pub const Py_nb_true_divide: c_int = 37;
pub const Py_nb_xor: c_int = 38;
pub const Py_sq_ass_item: c_int = 39;
pub const Py_sq_concat: c_int = 40;
pub const Py_sq_contains: c_int = 41;
pub const Py_sq_inplace_concat: c_int = 42;
pub const Py_sq_inplace_repeat: c_int = 43;
pub const Py_sq_item: c_int = 44;
pub const Py_sq_length: c_int = 45;
pub const Py_sq_repeat: c_int = 46;
pub const Py_tp_alloc: c_int = 47;
pub const Py_tp_base: c_int = 48;
pub const Py_tp_bases: c_int = 49;
pub const Py_tp_call: c_int = 50;
pub const Py_tp_clear: c_int = 51;
pub const Py_tp_dealloc: c_int = 52;
pub const Py_tp_del: c_int = 53;
pub const Py_tp_descr_get: c_int = 54;
pub const Py_tp_descr_set: c_int = 55;
pub const Py_tp_doc: c_int = 56;
pub const Py_tp_getattr: c_int = 57;
pub const Py_tp_getattro: c_int = 58;
pub const Py_tp_hash: c_int = 59;
pub const Py_tp_init: c_int = 60;
pub const Py_tp_is_gc: c_int = 61;
pub const Py_tp_iter: c_int = 62;
pub const Py_tp_iternext: c_int = 63;
pub const Py_tp_methods: c_int = 64;
pub const Py_tp_new: c_int = 65;
pub const Py_tp_repr: c_int = 66;
pub const Py_tp_richcompare: c_int = 67;
pub const Py_tp_setattr: c_int = 68;
pub const Py_tp_setattro: c_int = 69;
pub const Py_tp_str: c_int = 70;
pub const Py_tp_traverse: c_int = 71;
pub const Py_tp_members: c_int = 72;
pub const Py_tp_getset: c_int = 73;
pub const Py_tp_free: c_int = 74;
pub const Py_nb_matrix_multiply: c_int = 75;
pub const Py_nb_inplace_matrix_multiply: c_int = 76;
pub const Py_am_await: c_int = 77;
pub const Py_am_aiter: c_int = 78;
pub const Py_am_anext: c_int = 79;
pub const Py_tp_finalize: c_int = 80;
pub const Py_am_send: c_int = 81;
pub const Py_tp_vectorcall: c_int = 82;
pub const Py_tp_token: c_int = 83;

// Rich comparison.
pub const Py_LT: c_int = 0;
pub const Py_LE: c_int = 1;
pub const Py_EQ: c_int = 2;
pub const Py_NE: c_int = 3;
pub const Py_GT: c_int = 4;
pub const Py_GE: c_int = 5;

// `PySendResult`.
pub const PYGEN_RETURN: c_int = 0;
pub const PYGEN_ERROR: c_int = -1;
pub const PYGEN_NEXT: c_int = 1;

// `Py_GetConstant`.
pub const Py_CONSTANT_NONE: u32 = 0;
pub const Py_CONSTANT_FALSE: u32 = 1;
pub const Py_CONSTANT_TRUE: u32 = 2;
pub const Py_CONSTANT_ELLIPSIS: u32 = 3;
pub const Py_CONSTANT_NOT_IMPLEMENTED: u32 = 4;
pub const Py_CONSTANT_ZERO: u32 = 5;
pub const Py_CONSTANT_ONE: u32 = 6;
pub const Py_CONSTANT_EMPTY_STR: u32 = 7;
pub const Py_CONSTANT_EMPTY_BYTES: u32 = 8;
pub const Py_CONSTANT_EMPTY_TUPLE: u32 = 9;

// Buffer requests.
pub const PyBUF_MAX_NDIM: c_int = 64;
pub const PyBUF_SIMPLE: c_int = 0;
pub const PyBUF_WRITABLE: c_int = 0x0001;
pub const PyBUF_FORMAT: c_int = 0x0004;
pub const PyBUF_ND: c_int = 0x0008;
pub const PyBUF_STRIDES: c_int = 0x0010 | PyBUF_ND;
pub const PyBUF_C_CONTIGUOUS: c_int = 0x0020 | PyBUF_STRIDES;
pub const PyBUF_F_CONTIGUOUS: c_int = 0x0040 | PyBUF_STRIDES;
pub const PyBUF_ANY_CONTIGUOUS: c_int = 0x0080 | PyBUF_STRIDES;
pub const PyBUF_INDIRECT: c_int = 0x0100 | PyBUF_STRIDES;
pub const PyBUF_CONTIG: c_int = PyBUF_ND | PyBUF_WRITABLE;
pub const PyBUF_CONTIG_RO: c_int = PyBUF_ND;
pub const PyBUF_STRIDED: c_int = PyBUF_STRIDES | PyBUF_WRITABLE;
pub const PyBUF_STRIDED_RO: c_int = PyBUF_STRIDES;
pub const PyBUF_RECORDS: c_int = PyBUF_STRIDES | PyBUF_WRITABLE | PyBUF_FORMAT;
pub const PyBUF_RECORDS_RO: c_int = PyBUF_STRIDES | PyBUF_FORMAT;
pub const PyBUF_FULL: c_int = PyBUF_INDIRECT | PyBUF_WRITABLE | PyBUF_FORMAT;
pub const PyBUF_FULL_RO: c_int = PyBUF_INDIRECT | PyBUF_FORMAT;
pub const PyBUF_READ: c_int = 0x100;
pub const PyBUF_WRITE: c_int = 0x200;

// Compilation.
pub const Py_single_input: c_int = 256;
pub const Py_file_input: c_int = 257;
pub const Py_eval_input: c_int = 258;
pub const Py_func_type_input: c_int = 345;
pub const PyCF_SOURCE_IS_UTF8: c_int = 0x0100;
pub const PyCF_DONT_IMPLY_DEDENT: c_int = 0x0200;
pub const PyCF_ONLY_AST: c_int = 0x0400;
pub const PyCF_IGNORE_COOKIE: c_int = 0x0800;
pub const PyCF_TYPE_COMMENTS: c_int = 0x1000;
pub const PyCF_ALLOW_TOP_LEVEL_AWAIT: c_int = 0x2000;
pub const PyCF_ALLOW_INCOMPLETE_INPUT: c_int = 0x4000;
pub const PyCF_OPTIMIZED_AST: c_int = 0x8000 | PyCF_ONLY_AST;

// Operators of BINARY_OP.
pub const NB_ADD: c_int = 0;
pub const NB_AND: c_int = 1;
pub const NB_FLOOR_DIVIDE: c_int = 2;
pub const NB_LSHIFT: c_int = 3;
pub const NB_MATRIX_MULTIPLY: c_int = 4;
pub const NB_MULTIPLY: c_int = 5;
pub const NB_REMAINDER: c_int = 6;
pub const NB_OR: c_int = 7;
pub const NB_POWER: c_int = 8;
pub const NB_RSHIFT: c_int = 9;
pub const NB_SUBTRACT: c_int = 10;
pub const NB_TRUE_DIVIDE: c_int = 11;
pub const NB_XOR: c_int = 12;
pub const NB_INPLACE_ADD: c_int = 13;
pub const NB_INPLACE_AND: c_int = 14;
pub const NB_INPLACE_FLOOR_DIVIDE: c_int = 15;
pub const NB_INPLACE_LSHIFT: c_int = 16;
pub const NB_INPLACE_MATRIX_MULTIPLY: c_int = 17;
pub const NB_INPLACE_MULTIPLY: c_int = 18;
pub const NB_INPLACE_REMAINDER: c_int = 19;
pub const NB_INPLACE_OR: c_int = 20;
pub const NB_INPLACE_POWER: c_int = 21;
pub const NB_INPLACE_RSHIFT: c_int = 22;
pub const NB_INPLACE_SUBTRACT: c_int = 23;
pub const NB_INPLACE_TRUE_DIVIDE: c_int = 24;
pub const NB_INPLACE_XOR: c_int = 25;
pub const NB_SUBSCR: c_int = 26;
pub const NB_OPARG_LAST: c_int = 26;

// Monitoring events.
pub const PY_MONITORING_EVENT_PY_START: c_int = 0;
pub const PY_MONITORING_EVENT_PY_RESUME: c_int = 1;
pub const PY_MONITORING_EVENT_PY_RETURN: c_int = 2;
pub const PY_MONITORING_EVENT_PY_YIELD: c_int = 3;
pub const PY_MONITORING_EVENT_CALL: c_int = 4;
pub const PY_MONITORING_EVENT_LINE: c_int = 5;
pub const PY_MONITORING_EVENT_INSTRUCTION: c_int = 6;
pub const PY_MONITORING_EVENT_JUMP: c_int = 7;
pub const PY_MONITORING_EVENT_BRANCH_LEFT: c_int = 8;
pub const PY_MONITORING_EVENT_BRANCH_RIGHT: c_int = 9;
pub const PY_MONITORING_EVENT_STOP_ITERATION: c_int = 10;
pub const PY_MONITORING_EVENT_RAISE: c_int = 11;
pub const PY_MONITORING_EVENT_EXCEPTION_HANDLED: c_int = 12;
pub const PY_MONITORING_EVENT_PY_UNWIND: c_int = 13;
pub const PY_MONITORING_EVENT_PY_THROW: c_int = 14;
pub const PY_MONITORING_EVENT_RERAISE: c_int = 15;
pub const PY_MONITORING_EVENT_C_RETURN: c_int = 16;
pub const PY_MONITORING_EVENT_C_RAISE: c_int = 17;
pub const PY_MONITORING_EVENT_BRANCH: c_int = 18;

// Tracing.
pub const PyTrace_CALL: c_int = 0;
pub const PyTrace_EXCEPTION: c_int = 1;
pub const PyTrace_LINE: c_int = 2;
pub const PyTrace_RETURN: c_int = 3;
pub const PyTrace_C_CALL: c_int = 4;
pub const PyTrace_C_EXCEPTION: c_int = 5;
pub const PyTrace_C_RETURN: c_int = 6;
pub const PyTrace_OPCODE: c_int = 7;

/// `PyObject_Print` and `PyFile_WriteObject`: `str` instead of `repr`.
pub const Py_PRINT_RAW: c_int = 1;

// Hashes of numbers are values modulo this Mersenne prime.
pub const PyHASH_BITS: u32 = 61;
pub const PyHASH_MODULUS: usize = (1 << PyHASH_BITS) - 1;
pub const PyHASH_INF: Py_hash_t = 314159;
pub const PyHASH_MULTIPLIER: usize = 1_000_003;
pub const PyHASH_IMAG: usize = PyHASH_MULTIPLIER;

/// Largest number of users of `co_extra`.
pub const MAX_CO_EXTRA_USERS: usize = 255;
