//! Configuration, allocator hooks, hash functions and other small structs of the embedding API.

use crate::*;
use core::cell::Cell;

/// C's `wchar_t` on Linux.
pub type wchar_t = i32;

layout! {
    pub struct PyCompilerFlags {
        cf_flags: Cell<c_int>,
        cf_feature_version: Cell<c_int>,
    }

    pub struct PyMemAllocatorEx {
        ctx: Cell<*mut c_void>,
        malloc: Cell<Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>>,
        calloc: Cell<Option<unsafe extern "C" fn(*mut c_void, usize, usize) -> *mut c_void>>,
        realloc: Cell<Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize) -> *mut c_void>>,
        free: Cell<Option<unsafe extern "C" fn(*mut c_void, *mut c_void)>>,
    }

    pub struct PyObjectArenaAllocator {
        ctx: Cell<*mut c_void>,
        alloc: Cell<Option<unsafe extern "C" fn(*mut c_void, usize) -> *mut c_void>>,
        free: Cell<Option<unsafe extern "C" fn(*mut c_void, *mut c_void, usize)>>,
    }

    pub struct PyHash_FuncDef {
        hash: Cell<Option<unsafe extern "C" fn(*const c_void, Py_ssize_t) -> Py_hash_t>>,
        name: Cell<*const c_char>,
        hash_bits: Cell<c_int>,
        seed_bits: Cell<c_int>,
    }

    pub struct PyStatus {
        _type: Cell<c_int>,
        func: Cell<*const c_char>,
        err_msg: Cell<*const c_char>,
        exitcode: Cell<c_int>,
    }

    pub struct PyWideStringList {
        length: Cell<Py_ssize_t>,
        items: Cell<*mut *mut wchar_t>,
    }

    pub struct PyPreConfig {
        _config_init: Cell<c_int>,
        parse_argv: Cell<c_int>,
        isolated: Cell<c_int>,
        use_environment: Cell<c_int>,
        configure_locale: Cell<c_int>,
        coerce_c_locale: Cell<c_int>,
        coerce_c_locale_warn: Cell<c_int>,
        utf8_mode: Cell<c_int>,
        dev_mode: Cell<c_int>,
        allocator: Cell<c_int>,
    }

    pub struct PyConfig {
        _config_init: Cell<c_int>,
        isolated: Cell<c_int>,
        use_environment: Cell<c_int>,
        dev_mode: Cell<c_int>,
        install_signal_handlers: Cell<c_int>,
        use_hash_seed: Cell<c_int>,
        hash_seed: Cell<c_ulong>,
        faulthandler: Cell<c_int>,
        tracemalloc: Cell<c_int>,
        perf_profiling: Cell<c_int>,
        remote_debug: Cell<c_int>,
        import_time: Cell<c_int>,
        code_debug_ranges: Cell<c_int>,
        show_ref_count: Cell<c_int>,
        dump_refs: Cell<c_int>,
        dump_refs_file: Cell<*mut wchar_t>,
        malloc_stats: Cell<c_int>,
        filesystem_encoding: Cell<*mut wchar_t>,
        filesystem_errors: Cell<*mut wchar_t>,
        pycache_prefix: Cell<*mut wchar_t>,
        parse_argv: Cell<c_int>,
        orig_argv: PyWideStringList,
        argv: PyWideStringList,
        xoptions: PyWideStringList,
        warnoptions: PyWideStringList,
        site_import: Cell<c_int>,
        bytes_warning: Cell<c_int>,
        warn_default_encoding: Cell<c_int>,
        inspect: Cell<c_int>,
        interactive: Cell<c_int>,
        optimization_level: Cell<c_int>,
        parser_debug: Cell<c_int>,
        write_bytecode: Cell<c_int>,
        verbose: Cell<c_int>,
        quiet: Cell<c_int>,
        user_site_directory: Cell<c_int>,
        configure_c_stdio: Cell<c_int>,
        buffered_stdio: Cell<c_int>,
        stdio_encoding: Cell<*mut wchar_t>,
        stdio_errors: Cell<*mut wchar_t>,
        check_hash_pycs_mode: Cell<*mut wchar_t>,
        use_frozen_modules: Cell<c_int>,
        safe_path: Cell<c_int>,
        int_max_str_digits: Cell<c_int>,
        thread_inherit_context: Cell<c_int>,
        context_aware_warnings: Cell<c_int>,
        cpu_count: Cell<c_int>,
        pathconfig_warnings: Cell<c_int>,
        program_name: Cell<*mut wchar_t>,
        pythonpath_env: Cell<*mut wchar_t>,
        home: Cell<*mut wchar_t>,
        platlibdir: Cell<*mut wchar_t>,
        module_search_paths_set: Cell<c_int>,
        module_search_paths: PyWideStringList,
        stdlib_dir: Cell<*mut wchar_t>,
        executable: Cell<*mut wchar_t>,
        base_executable: Cell<*mut wchar_t>,
        prefix: Cell<*mut wchar_t>,
        base_prefix: Cell<*mut wchar_t>,
        exec_prefix: Cell<*mut wchar_t>,
        base_exec_prefix: Cell<*mut wchar_t>,
        skip_source_first_line: Cell<c_int>,
        run_command: Cell<*mut wchar_t>,
        run_module: Cell<*mut wchar_t>,
        run_filename: Cell<*mut wchar_t>,
        sys_path_0: Cell<*mut wchar_t>,
        _install_importlib: Cell<c_int>,
        _init_main: Cell<c_int>,
        _is_python_build: Cell<c_int>,
    }

    pub struct PyInterpreterConfig {
        use_main_obmalloc: Cell<c_int>,
        allow_fork: Cell<c_int>,
        allow_exec: Cell<c_int>,
        allow_threads: Cell<c_int>,
        allow_daemon_threads: Cell<c_int>,
        check_multi_interp_extensions: Cell<c_int>,
        gil: Cell<c_int>,
    }

    pub struct PerfMapState {
        perf_map: Cell<*mut c_void>,
        map_lock: Cell<*mut c_void>,
    }

    /// What `pyexpat` offers in its capsule; the functions are expat's own.
    pub struct PyExpat_CAPI {
        magic: Cell<*const c_char>,
        size: Cell<c_int>,
        MAJOR_VERSION: Cell<c_int>,
        MINOR_VERSION: Cell<c_int>,
        MICRO_VERSION: Cell<c_int>,
        ErrorString: Cell<*mut c_void>,
        GetErrorCode: Cell<*mut c_void>,
        GetErrorColumnNumber: Cell<*mut c_void>,
        GetErrorLineNumber: Cell<*mut c_void>,
        Parse: Cell<*mut c_void>,
        ParserCreate_MM: Cell<*mut c_void>,
        ParserFree: Cell<*mut c_void>,
        SetCharacterDataHandler: Cell<*mut c_void>,
        SetCommentHandler: Cell<*mut c_void>,
        SetDefaultHandlerExpand: Cell<*mut c_void>,
        SetElementHandler: Cell<*mut c_void>,
        SetNamespaceDeclHandler: Cell<*mut c_void>,
        SetProcessingInstructionHandler: Cell<*mut c_void>,
        SetUnknownEncodingHandler: Cell<*mut c_void>,
        SetUserData: Cell<*mut c_void>,
        SetStartDoctypeDeclHandler: Cell<*mut c_void>,
        SetEncoding: Cell<*mut c_void>,
        DefaultUnknownEncodingHandler: Cell<*mut c_void>,
        SetHashSalt: Cell<*mut c_void>,
        SetReparseDeferralEnabled: Cell<*mut c_void>,
        SetAllocTrackerActivationThreshold: Cell<*mut c_void>,
        SetAllocTrackerMaximumAmplification: Cell<*mut c_void>,
        SetBillionLaughsAttackProtectionActivationThreshold: Cell<*mut c_void>,
        SetBillionLaughsAttackProtectionMaximumAmplification: Cell<*mut c_void>,
        SetHashSalt16Bytes: Cell<*mut c_void>,
    }
}

pub const PYMEM_DOMAIN_RAW: c_int = 0;
pub const PYMEM_DOMAIN_MEM: c_int = 1;
pub const PYMEM_DOMAIN_OBJ: c_int = 2;

pub const _PyStatus_TYPE_OK: c_int = 0;
pub const _PyStatus_TYPE_ERROR: c_int = 1;
pub const _PyStatus_TYPE_EXIT: c_int = 2;
