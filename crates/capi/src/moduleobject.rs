//! `moduleobject.h`, the module functions of `modsupport.h`, `import.h`.

use crate::macros::{Done, Ty, borrowed, done};
use crate::object::{name, text};
use abi::{PyMethodDef, PyModuleDef, PyObject, c_void};
use runtime::errors::{self, PyResult};
use runtime::import::extension;
use runtime::object::{Object, Owned};
use runtime::protocol::object as proto;
use runtime::protocol::{call, mapping};
use runtime::types::{self, Dict, Int, Module, Str};
use runtime::{err, import, intern, state};
use std::ffi::{CStr, c_char, c_int, c_long};

fn module(o: &Object) -> PyResult<&Module> {
    o.downcast::<Module>().ok_or_else(errors::bad_internal_call)
}

fn module_argument(o: &Object) -> PyResult<&Module> {
    o.downcast::<Module>().ok_or_else(crate::unicodeobject::bad_argument)
}

fn module_name(o: &Object) -> PyResult<Owned<Str>> {
    module_argument(o)?.name().ok_or_else(|| err!(SystemError, "nameless module"))
}

fn module_filename(o: &Object) -> PyResult<Owned<Str>> {
    let found = module_argument(o)?.dict().get_str(intern!("__file__"));
    found.and_then(|file| file.try_into_typed::<Str>().ok()).ok_or_else(|| err!(SystemError, "module filename missing"))
}

fn add(o: &Object, key: &CStr, value: &Object) -> PyResult<Done> {
    let Some(module) = o.downcast::<Module>() else {
        return Err(err!(TypeError, "PyModule_AddObjectRef() first argument must be a module"));
    };
    done(module.dict().set_item(&*name(key)?, value))
}

/// `sys.modules[name]`, made if it is missing.
fn add_module(name: &Object) -> PyResult {
    let found = mapping::get_item(&*state::modules()?, name);
    if let Some(found) = errors::catch(found, runtime::exceptions::KeyError())?
        && found.is_instance_of::<Module>()
    {
        return Ok(found);
    }
    let made = Module::new_object(name)?;
    mapping::set_item(&*state::modules()?, name, &made)?;
    Ok(made.into_object())
}

/// The source of a `.pyc` file, where there is one.
fn source_of(cached: &Object) -> Option<Owned> {
    let find = || call::call1(&*proto::get_attr_str(&*import::import_module("importlib._bootstrap_external")?, "_get_sourcefile")?, cached);
    let found = find();
    if found.is_err() {
        errors::clear();
    }
    found.ok().filter(|found| !found.is_none())
}

fn file_name(path: Option<&CStr>) -> Option<Owned<Str>> {
    path.map(|path| runtime::codecs::fs_decode(path.to_bytes()))
}

fn exec_code_module(name: &Object, code: &Object, pathname: Option<&Object>, cached: Option<&Object>) -> PyResult {
    let module = add_module(name)?;
    let result = (|| {
        let dict = module.downcast::<Module>().ok_or_else(errors::bad_internal_call)?.dict();
        if !dict.contains(intern!("__builtins__"))? {
            dict.set_item(intern!("__builtins__"), &*state::builtins()?)?;
        }
        let none = types::none();
        let external = proto::get_attr_str(&*import::import_module("importlib._bootstrap_external")?, "_fix_up_module")?;
        let file = match pathname {
            Some(pathname) => pathname.to_owned(),
            None => proto::get_attr_str(code, "co_filename")?,
        };
        call::call_args(&external, &[dict, name, &file, cached.unwrap_or(none)])?;
        crate::code::eval_code(code, dict, dict)?;
        let found = errors::catch(mapping::get_item(&*state::modules()?, name), runtime::exceptions::KeyError())?;
        found.ok_or_else(|| match proto::repr(name) {
            Ok(shown) => err!(ImportError, "Loaded module {} not found in sys.modules", shown),
            Err(raised) => raised,
        })
    })();
    if result.is_err() {
        errors::preserve(|| {
            if mapping::del_item(&*state::modules().unwrap_or_else(|_| types::none().to_owned()), name).is_err() {
                errors::clear();
            }
        });
    }
    result
}

c_api! {
    // ---- definitions
    fn PyModuleDef_Init(def: *mut PyModuleDef) -> *mut PyObject { extension::init_definition(def) }
    fn PyModule_Create2(def: *mut PyModuleDef, _api_version: c_int) -> PyResult<Owned<Module>> {
        extension::init_definition(def);
        if !(*def).m_slots.get().is_null() {
            return Err(err!(SystemError, "module {}: PyModule_Create is incompatible with m_slots", CStr::from_ptr((*def).m_name.get()).to_string_lossy()));
        }
        types::module::from_definition(def)
    }
    fn PyModule_FromDefAndSpec2(def: *mut PyModuleDef, spec: &Object, _api_version: c_int) -> PyResult {
        extension::init_definition(def);
        types::module::from_definition_and_spec(def, spec)
    }
    fn PyModule_ExecDef(o: &Object, def: *mut PyModuleDef) -> PyResult<Done> { done(types::module::exec_definition(o, def)) }
    fn PyModule_New(name: &CStr) -> PyResult<Owned<Module>> { Module::new_object(&*text(name)?) }
    fn PyModule_NewObject(name: &Object) -> PyResult<Owned<Module>> { Module::new_object(name) }
    fn PyModule_GetDict(o: &Object) -> PyResult<*mut PyObject> { Ok(module(o)?.dict().as_ptr()) }
    fn PyModule_GetNameObject(o: &Object) -> PyResult<Owned<Str>> { module_name(o) }
    fn PyModule_GetName(o: &Object) -> PyResult<*const c_char> {
        // The module's dict keeps the name.
        let name = module_name(o)?;
        Ok(name.as_utf8()?.as_ptr().cast())
    }
    fn PyModule_GetFilenameObject(o: &Object) -> PyResult<Owned<Str>> { module_filename(o) }
    fn PyModule_GetFilename(o: &Object) -> PyResult<*const c_char> {
        let name = module_filename(o)?;
        Ok(name.as_utf8()?.as_ptr().cast())
    }
    fn PyModule_GetDef(o: &Object) -> PyResult<*mut PyModuleDef> { Ok(module_argument(o)?.0.md_def.get()) }
    fn PyModule_GetState(o: &Object) -> PyResult<*mut c_void> { Ok(module_argument(o)?.state()) }
    fn PyModule_SetDocString(o: &Object, doc: &CStr) -> PyResult<Done> { done(proto::set_attr(o, intern!("__doc__"), Some(&*text(doc)?))) }

    // ---- contents
    fn PyModule_AddObjectRef(o: &Object, name: &CStr, value: Option<&Object>) -> PyResult<Done> {
        let Some(value) = value else {
            if !errors::occurred() {
                return Err(err!(SystemError, "PyModule_AddObjectRef() must be called with an exception raised if value is NULL"));
            }
            return Err(errors::Raised::from_c());
        };
        add(o, name, value)
    }
    fn PyModule_Add(o: &Object, name: &CStr, value: *mut PyObject) -> PyResult<Done> {
        match Owned::<Object>::from_raw_opt(value) {
            Some(value) => add(o, name, &value),
            None => Err(errors::Raised::from_c()),
        }
    }
    fn PyModule_AddObject(o: &Object, name: &CStr, value: *mut PyObject) -> PyResult<Done> {
        let Some(borrow) = Object::from_ptr_opt(value) else { return Err(errors::Raised::from_c()) };
        add(o, name, borrow)?;
        // The reference is only taken over on success.
        runtime::object::xdecref(value);
        Ok(Done)
    }
    fn PyModule_AddIntConstant(o: &Object, name: &CStr, value: c_long) -> PyResult<Done> { add(o, name, &*Int::from_i64(value)) }
    fn PyModule_AddStringConstant(o: &Object, name: &CStr, value: &CStr) -> PyResult<Done> { add(o, name, &*text(value)?) }
    fn _PyNamespace_New(attributes: Option<&Object>) -> PyResult<Owned<types::namespace::Namespace>> {
        types::namespace::Namespace::new(attributes.and_then(|attributes| attributes.downcast::<Dict>()))
    }
    fn PyModule_AddType(o: &Object, ty: Ty<'_>) -> PyResult<Done> {
        types::type_ready(ty.0)?;
        let full = ty.0.name();
        let short = std::ffi::CString::new(full.rsplit('.').next().unwrap_or(full)).map_err(|_| errors::bad_internal_call())?;
        add(o, &short, ty.0)
    }
    fn PyModule_AddFunctions(o: &Object, functions: *mut PyMethodDef) -> PyResult<Done> { done(types::module::add_functions(o, functions, &*module_name(o)?)) }

    // ---- single-phase modules by definition
    fn PyState_FindModule(def: *mut PyModuleDef) -> *mut PyObject { extension::find_module(def) }
    fn PyState_AddModule(o: &Object, def: *mut PyModuleDef) -> PyResult<Done> {
        if def.is_null() {
            return Err(err!(SystemError, "module definition is NULL"));
        }
        if !(*def).m_slots.get().is_null() {
            return Err(err!(SystemError, "PyState_AddModule called on module with slots"));
        }
        done(extension::add_module(o, def))
    }
    fn PyState_RemoveModule(def: *mut PyModuleDef) -> PyResult<Done> { done(extension::remove_module(def)) }

    // ---- import.h
    fn PyImport_ImportModule(name: &CStr) -> PyResult { import_by_hook(&*text(name)?) }
    fn PyImport_ImportModuleNoBlock(name: &CStr) -> PyResult {
        let message = "PyImport_ImportModuleNoBlock() is deprecated and scheduled for removal in Python 3.15. Use PyImport_ImportModule() instead.";
        runtime::exceptions::warn(runtime::exceptions::DeprecationWarning(), message, 1)?;
        import_by_hook(&*text(name)?)
    }
    fn PyImport_Import(name: &Object) -> PyResult {
        let Some(name) = name.downcast::<Str>() else { return Err(err!(TypeError, "module name must be a string")) };
        import_by_hook(name)
    }
    fn PyImport_ImportModuleLevelObject(name: Option<&Object>, globals: Option<&Object>, _locals: Option<&Object>, fromlist: Option<&Object>, level: c_int) -> PyResult {
        let Some(name) = name else { return Err(err!(ValueError, "Empty module name")) };
        let Some(name) = name.downcast::<Str>() else { return Err(err!(TypeError, "module name must be a string")) };
        import::import_module_level(name, globals, fromlist, level)
    }
    fn PyImport_ImportModuleLevel(name: &CStr, globals: Option<&Object>, _locals: Option<&Object>, fromlist: Option<&Object>, level: c_int) -> PyResult {
        import::import_module_level(&*text(name)?, globals, fromlist, level)
    }
    fn PyImport_ImportModuleAttr(module: &Object, attr: &Object) -> PyResult {
        let Some(module) = module.downcast::<Str>() else { return Err(err!(TypeError, "module name must be a string")) };
        let module = import::import_absolute(module)?;
        match attr.downcast::<Str>() {
            Some(attr) => proto::get_attr(&module, attr),
            None => Err(err!(TypeError, "attribute name must be string, not '{}'", attr.type_name())),
        }
    }
    fn PyImport_ImportModuleAttrString(module: &CStr, attr: &CStr) -> PyResult { proto::get_attr(&*import::import_absolute(&*text(module)?)?, &*name(attr)?) }
    fn PyImport_GetModule(name: &Object) -> PyResult<Option<Owned>> {
        match name.downcast::<Str>() {
            Some(name) => import::get_module(name),
            None => errors::catch(mapping::get_item(&*state::modules()?, name), runtime::exceptions::KeyError()),
        }
    }
    fn PyImport_GetModuleDict() -> PyResult<*mut PyObject> { Ok(borrowed(state::modules()?)) }
    fn PyImport_AddModuleRef(name: &CStr) -> PyResult { add_module(&*text(name)?) }
    fn PyImport_AddModule(name: &CStr) -> PyResult<*mut PyObject> { Ok(borrowed(add_module(&*text(name)?)?)) }
    fn PyImport_AddModuleObject(name: &Object) -> PyResult<*mut PyObject> { Ok(borrowed(add_module(name)?)) }
    fn PyImport_ReloadModule(module: &Object) -> PyResult {
        call::call1(&*proto::get_attr_str(&*import::import_module("importlib")?, "reload")?, module)
    }
    fn PyImport_ExecCodeModule(name: &CStr, code: &Object) -> PyResult { exec_code_module(&*text(name)?, code, None, None) }
    fn PyImport_ExecCodeModuleEx(name: &CStr, code: &Object, path: Option<&CStr>) -> PyResult {
        let path = file_name(path);
        exec_code_module(&*text(name)?, code, path.as_ref().map(|p| p.object()), None)
    }
    fn PyImport_ExecCodeModuleWithPathnames(name: &CStr, code: &Object, path: Option<&CStr>, cached: Option<&CStr>) -> PyResult {
        let name = text(name)?;
        let cached = file_name(cached);
        let path = match (file_name(path), &cached) {
            (None, Some(cached)) => source_of(cached),
            (path, _) => path.map(Owned::into_object),
        };
        exec_code_module(&name, code, path.as_deref(), cached.as_ref().map(|p| p.object()))
    }
    fn PyImport_ExecCodeModuleObject(name: &Object, code: &Object, path: Option<&Object>, cached: Option<&Object>) -> PyResult { exec_code_module(name, code, path, cached) }
    fn PyImport_GetMagicNumber() -> c_long { u32::from_le_bytes(bytecode::MAGIC) as c_long }
    fn PyImport_GetMagicTag() -> *const c_char { c"cpython-314".as_ptr() }
    fn PyImport_GetImporter(path: &Object) -> PyResult {
        let cache = state::sys_attribute(intern!("path_importer_cache"))?.ok_or_else(|| err!(RuntimeError, "lost sys.path_importer_cache"))?;
        if let Some(found) = cache.downcast::<Dict>().ok_or_else(|| err!(RuntimeError, "sys.path_importer_cache must be a dict"))?.get_item(path)? {
            return Ok(found);
        }
        call::call1(&*proto::get_attr_str(&*import::import_module("pkgutil")?, "get_importer")?, path)
    }
    fn PyImport_ImportFrozenModuleObject(name: Option<&Object>) -> PyResult<c_int> {
        let Some(name) = name.and_then(|name| name.downcast::<Str>()) else { return Ok(0) };
        let imp = import::import_module("_imp")?;
        let frozen = call::call1(&*proto::get_attr_str(&imp, "is_frozen")?, name)?;
        if !proto::is_true(&frozen)? {
            return Ok(0);
        }
        import::import_absolute(name)?;
        Ok(1)
    }
    fn PyImport_ImportFrozenModule(name: &CStr) -> PyResult<c_int> {
        let name = text(name)?;
        Ok(PyImport_ImportFrozenModuleObject(name.raw()))
    }
    fn PyImport_AppendInittab(name: &CStr, init: Option<abi::PyModInitFunction>) -> c_int {
        match init {
            Some(init) => {
                extension::append_inittab(&name.to_string_lossy(), init);
                0
            }
            None => -1,
        }
    }
    fn PyImport_ExtendInittab(table: *mut abi::_inittab) -> c_int {
        let mut at = table;
        while !(*at).name.get().is_null() {
            if let Some(init) = (*at).initfunc.get() {
                extension::append_inittab(&CStr::from_ptr((*at).name.get()).to_string_lossy(), init);
            }
            at = at.add(1);
        }
        0
    }
}

/// Imports through `__import__` of the running code's builtins, as an `import` statement does, and gives the module named.
fn import_by_hook(name: &Str) -> PyResult {
    if name.is_empty() {
        return Err(err!(ValueError, "Empty module name"));
    }
    let function = match runtime::interp::current_globals() {
        Some(globals) => {
            let builtins = state::builtins_of_globals(&globals)?;
            mapping::get_item(&builtins, intern!("__import__"))?
        }
        None => return import::import_absolute(name),
    };
    if state::is_builtin_import(&function) {
        return import::import_absolute(name);
    }
    let fromlist = types::List::new();
    call::call_args(&function, &[name, &*Dict::new(), &*Dict::new(), &*fromlist, &*Int::from_i64(0)])?;
    import::get_module(name)?.ok_or_else(|| {
        errors::raise_object(runtime::exceptions::KeyError(), Some(name.as_object()))
    })
}
