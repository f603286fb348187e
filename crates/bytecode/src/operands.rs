//! What the arguments of instructions stand for: operators, intrinsics, special methods, common
//! constants, flag bits; and the fields of inline caches. `_opcode` and `opcode` are built from it.

/// Argument of `BINARY_OP`: name and symbol, by number.
pub static NB_OPS: [(&str, &str); 27] = [
    ("NB_ADD", "+"),
    ("NB_AND", "&"),
    ("NB_FLOOR_DIVIDE", "//"),
    ("NB_LSHIFT", "<<"),
    ("NB_MATRIX_MULTIPLY", "@"),
    ("NB_MULTIPLY", "*"),
    ("NB_REMAINDER", "%"),
    ("NB_OR", "|"),
    ("NB_POWER", "**"),
    ("NB_RSHIFT", ">>"),
    ("NB_SUBTRACT", "-"),
    ("NB_TRUE_DIVIDE", "/"),
    ("NB_XOR", "^"),
    ("NB_INPLACE_ADD", "+="),
    ("NB_INPLACE_AND", "&="),
    ("NB_INPLACE_FLOOR_DIVIDE", "//="),
    ("NB_INPLACE_LSHIFT", "<<="),
    ("NB_INPLACE_MATRIX_MULTIPLY", "@="),
    ("NB_INPLACE_MULTIPLY", "*="),
    ("NB_INPLACE_REMAINDER", "%="),
    ("NB_INPLACE_OR", "|="),
    ("NB_INPLACE_POWER", "**="),
    ("NB_INPLACE_RSHIFT", ">>="),
    ("NB_INPLACE_SUBTRACT", "-="),
    ("NB_INPLACE_TRUE_DIVIDE", "/="),
    ("NB_INPLACE_XOR", "^="),
    ("NB_SUBSCR", "[]"),
];

pub const NB_ADD: u32 = 0;
pub const NB_AND: u32 = 1;
pub const NB_FLOOR_DIVIDE: u32 = 2;
pub const NB_LSHIFT: u32 = 3;
pub const NB_MATRIX_MULTIPLY: u32 = 4;
pub const NB_MULTIPLY: u32 = 5;
pub const NB_REMAINDER: u32 = 6;
pub const NB_OR: u32 = 7;
pub const NB_POWER: u32 = 8;
pub const NB_RSHIFT: u32 = 9;
pub const NB_SUBTRACT: u32 = 10;
pub const NB_TRUE_DIVIDE: u32 = 11;
pub const NB_XOR: u32 = 12;
/// The in-place operators follow the plain ones in the same order.
pub const NB_INPLACE_ADD: u32 = 13;
pub const NB_INPLACE_AND: u32 = 14;
pub const NB_INPLACE_FLOOR_DIVIDE: u32 = 15;
pub const NB_INPLACE_LSHIFT: u32 = 16;
pub const NB_INPLACE_MATRIX_MULTIPLY: u32 = 17;
pub const NB_INPLACE_MULTIPLY: u32 = 18;
pub const NB_INPLACE_REMAINDER: u32 = 19;
pub const NB_INPLACE_OR: u32 = 20;
pub const NB_INPLACE_POWER: u32 = 21;
pub const NB_INPLACE_RSHIFT: u32 = 22;
pub const NB_INPLACE_SUBTRACT: u32 = 23;
pub const NB_INPLACE_TRUE_DIVIDE: u32 = 24;
pub const NB_INPLACE_XOR: u32 = 25;
pub const NB_SUBSCR: u32 = 26;

/// `COMPARE_OP`: the operator is in the bits from [`COMPARE_OP_SHIFT`] up.
pub static CMP_OPS: [&str; 6] = ["<", "<=", "==", "!=", ">", ">="];
pub const COMPARE_OP_SHIFT: u32 = 5;
/// Bit of `COMPARE_OP`'s argument: turn the result into a bool.
pub const COMPARE_OP_TO_BOOL: u32 = 16;
/// Low bits of `COMPARE_OP`'s argument: which outcomes of a comparison make it true.
pub const COMPARISON_UNORDERED: u32 = 1;
pub const COMPARISON_LESS_THAN: u32 = 2;
pub const COMPARISON_GREATER_THAN: u32 = 4;
pub const COMPARISON_EQUALS: u32 = 8;
/// The outcome bits by operator.
pub static COMPARE_MASKS: [u32; 6] = [
    COMPARISON_LESS_THAN,
    COMPARISON_LESS_THAN | COMPARISON_EQUALS,
    COMPARISON_EQUALS,
    COMPARISON_UNORDERED | COMPARISON_LESS_THAN | COMPARISON_GREATER_THAN,
    COMPARISON_GREATER_THAN,
    COMPARISON_GREATER_THAN | COMPARISON_EQUALS,
];

/// Argument of `CALL_INTRINSIC_1`, by number.
pub static INTRINSICS_1: [&str; 12] = [
    "INTRINSIC_1_INVALID",
    "INTRINSIC_PRINT",
    "INTRINSIC_IMPORT_STAR",
    "INTRINSIC_STOPITERATION_ERROR",
    "INTRINSIC_ASYNC_GEN_WRAP",
    "INTRINSIC_UNARY_POSITIVE",
    "INTRINSIC_LIST_TO_TUPLE",
    "INTRINSIC_TYPEVAR",
    "INTRINSIC_PARAMSPEC",
    "INTRINSIC_TYPEVARTUPLE",
    "INTRINSIC_SUBSCRIPT_GENERIC",
    "INTRINSIC_TYPEALIAS",
];
pub const INTRINSIC_PRINT: u32 = 1;
pub const INTRINSIC_IMPORT_STAR: u32 = 2;
pub const INTRINSIC_STOPITERATION_ERROR: u32 = 3;
pub const INTRINSIC_ASYNC_GEN_WRAP: u32 = 4;
pub const INTRINSIC_UNARY_POSITIVE: u32 = 5;
pub const INTRINSIC_LIST_TO_TUPLE: u32 = 6;
pub const INTRINSIC_TYPEVAR: u32 = 7;
pub const INTRINSIC_PARAMSPEC: u32 = 8;
pub const INTRINSIC_TYPEVARTUPLE: u32 = 9;
pub const INTRINSIC_SUBSCRIPT_GENERIC: u32 = 10;
pub const INTRINSIC_TYPEALIAS: u32 = 11;

/// Argument of `CALL_INTRINSIC_2`, by number.
pub static INTRINSICS_2: [&str; 6] = [
    "INTRINSIC_2_INVALID",
    "INTRINSIC_PREP_RERAISE_STAR",
    "INTRINSIC_TYPEVAR_WITH_BOUND",
    "INTRINSIC_TYPEVAR_WITH_CONSTRAINTS",
    "INTRINSIC_SET_FUNCTION_TYPE_PARAMS",
    "INTRINSIC_SET_TYPEPARAM_DEFAULT",
];
pub const INTRINSIC_PREP_RERAISE_STAR: u32 = 1;
pub const INTRINSIC_TYPEVAR_WITH_BOUND: u32 = 2;
pub const INTRINSIC_TYPEVAR_WITH_CONSTRAINTS: u32 = 3;
pub const INTRINSIC_SET_FUNCTION_TYPE_PARAMS: u32 = 4;
pub const INTRINSIC_SET_TYPEPARAM_DEFAULT: u32 = 5;

/// Argument of `LOAD_SPECIAL`, by number.
pub static SPECIAL_METHODS: [&str; 4] = ["__enter__", "__exit__", "__aenter__", "__aexit__"];
pub const SPECIAL_ENTER: u32 = 0;
pub const SPECIAL_EXIT: u32 = 1;
pub const SPECIAL_AENTER: u32 = 2;
pub const SPECIAL_AEXIT: u32 = 3;

/// Argument of `LOAD_COMMON_CONSTANT`: names in `builtins`, by number.
pub static COMMON_CONSTANTS: [&str; 5] = [
    "AssertionError",
    "NotImplementedError",
    "tuple",
    "all",
    "any",
];
pub const CONSTANT_ASSERTIONERROR: u32 = 0;
pub const CONSTANT_NOTIMPLEMENTEDERROR: u32 = 1;
pub const CONSTANT_BUILTIN_TUPLE: u32 = 2;
pub const CONSTANT_BUILTIN_ALL: u32 = 3;
pub const CONSTANT_BUILTIN_ANY: u32 = 4;

/// Argument of `RESUME`.
pub const RESUME_AT_FUNC_START: u32 = 0;
pub const RESUME_AFTER_YIELD: u32 = 1;
pub const RESUME_AFTER_YIELD_FROM: u32 = 2;
pub const RESUME_AFTER_AWAIT: u32 = 3;
pub const RESUME_OPARG_LOCATION_MASK: u32 = 3;
/// The resumption point is inside exactly one (the generator's own) handler.
pub const RESUME_OPARG_DEPTH1_MASK: u32 = 4;

/// Argument of `SET_FUNCTION_ATTRIBUTE`.
pub const MAKE_FUNCTION_DEFAULTS: u32 = 0x01;
pub const MAKE_FUNCTION_KWDEFAULTS: u32 = 0x02;
pub const MAKE_FUNCTION_ANNOTATIONS: u32 = 0x04;
pub const MAKE_FUNCTION_CLOSURE: u32 = 0x08;
pub const MAKE_FUNCTION_ANNOTATE: u32 = 0x10;

/// Argument of `CONVERT_VALUE`; for `BUILD_INTERPOLATION` shifted left by two.
pub const FVC_STR: u32 = 1;
pub const FVC_REPR: u32 = 2;
pub const FVC_ASCII: u32 = 3;

/// Fields of the inline caches, in code units, in order: what `opcode._cache_format` shows.
pub static CACHE_FORMAT: [(&str, &[(&str, u8)]); 19] = [
    (
        "LOAD_GLOBAL",
        &[
            ("counter", 1),
            ("index", 1),
            ("module_keys_version", 1),
            ("builtin_keys_version", 1),
        ],
    ),
    ("BINARY_OP", &[("counter", 1), ("descr", 4)]),
    ("UNPACK_SEQUENCE", &[("counter", 1)]),
    ("COMPARE_OP", &[("counter", 1)]),
    ("CONTAINS_OP", &[("counter", 1)]),
    ("FOR_ITER", &[("counter", 1)]),
    ("LOAD_SUPER_ATTR", &[("counter", 1)]),
    (
        "LOAD_ATTR",
        &[
            ("counter", 1),
            ("version", 2),
            ("keys_version", 2),
            ("descr", 4),
        ],
    ),
    (
        "STORE_ATTR",
        &[("counter", 1), ("version", 2), ("index", 1)],
    ),
    ("CALL", &[("counter", 1), ("func_version", 2)]),
    ("CALL_KW", &[("counter", 1), ("func_version", 2)]),
    ("STORE_SUBSCR", &[("counter", 1)]),
    ("SEND", &[("counter", 1)]),
    ("JUMP_BACKWARD", &[("counter", 1)]),
    ("TO_BOOL", &[("counter", 1), ("version", 2)]),
    ("POP_JUMP_IF_TRUE", &[("counter", 1)]),
    ("POP_JUMP_IF_FALSE", &[("counter", 1)]),
    ("POP_JUMP_IF_NONE", &[("counter", 1)]),
    ("POP_JUMP_IF_NOT_NONE", &[("counter", 1)]),
];
