//! Small headers: `pycapsule.h`, `structseq.h`, `fileobject.h`, `sysmodule.h`, `marshal.h`, `tracemalloc.h`, `pyhash.h`.

use crate::macros::{Done, Out, Ty, done, store};
use crate::object::{name, text};
use abi::{PyObject, PyStructSequence_Desc, c_void};
use runtime::errors::{self, PyResult};
use runtime::object::{Object, Owned, Type, xdecref, xincref};
use runtime::protocol::object as proto;
use runtime::protocol::call;
use runtime::types::{self, Bytes, Capsule, Int, Str, Tuple, structseq};
use runtime::{audit, err, import, intern, state};
use std::ffi::{CStr, c_char, c_int, c_long};
use std::ptr;

fn capsule<'a>(o: Option<&'a Object>, function: &str) -> PyResult<&'a Capsule> {
    match o.and_then(|o| o.downcast_exact::<Capsule>()).filter(|capsule| !capsule.0.pointer.get().is_null()) {
        Some(capsule) => Ok(capsule),
        None => Err(err!(ValueError, "{} called with invalid PyCapsule object", function)),
    }
}

/// What is left of a C stream.
unsafe fn read_all(file: *mut libc::FILE) -> PyResult<Vec<u8>> {
    let mut data = Vec::new();
    let mut chunk = [0u8; 8192];
    loop {
        // SAFETY: the caller's stream; a buffer of our own.
        let n = unsafe { libc::fread(chunk.as_mut_ptr().cast(), 1, chunk.len(), file) };
        if n == 0 {
            return Ok(data);
        }
        data.extend_from_slice(&chunk[..n]);
    }
}

/// A line in at most `size - 1` bytes and a NUL; "\r" and "\r\n" end one like "\n".
unsafe fn universal_line(buffer: *mut c_char, size: c_int, file: *mut libc::FILE) -> *mut c_char {
    let mut length = 0;
    // SAFETY: the caller's buffer of `size` bytes, and stream.
    unsafe {
        while length + 1 < size as isize {
            let mut c = libc::fgetc(file);
            if c == libc::EOF {
                break;
            }
            if c == b'\r' as c_int {
                let next = libc::fgetc(file);
                if next != b'\n' as c_int && next != libc::EOF {
                    ungetc(next, file);
                }
                c = b'\n' as c_int;
            }
            *buffer.offset(length) = c as c_char;
            length += 1;
            if c == b'\n' as c_int {
                break;
            }
        }
        if length == 0 {
            return ptr::null_mut();
        }
        *buffer.offset(length) = 0;
    }
    buffer
}

unsafe extern "C" {
    fn ungetc(c: c_int, stream: *mut libc::FILE) -> c_int;
}

unsafe fn write_all(file: *mut libc::FILE, data: &[u8]) {
    // SAFETY: the caller's stream.
    unsafe { libc::fwrite(data.as_ptr().cast(), 1, data.len(), file) };
}

unsafe fn read_number<const N: usize>(file: *mut libc::FILE) -> PyResult<[u8; N]> {
    let mut data = [0u8; N];
    // SAFETY: the caller's stream.
    if unsafe { libc::fread(data.as_mut_ptr().cast(), 1, N, file) } != N {
        return Err(err!(EOFError, "EOF read where data expected"));
    }
    Ok(data)
}

unsafe fn c_fields(desc: &PyStructSequence_Desc) -> (String, String, Vec<structseq::Field>) {
    let string = |s: *const c_char| if s.is_null() { String::new() } else { unsafe { CStr::from_ptr(s) }.to_string_lossy().into_owned() };
    let mut fields = Vec::new();
    // SAFETY: ended by a field without a name.
    unsafe {
        let mut at = desc.fields.get();
        while !(*at).name.get().is_null() {
            let unnamed = ptr::eq((*at).name.get(), crate::data::PyStructSequence_UnnamedField.0.get());
            // Field names live as long as their types do: for good.
            let leak = |s: String| -> &'static str { Box::leak(s.into_boxed_str()) };
            fields.push(if unnamed { structseq::Field::UNNAMED } else { structseq::Field::new(leak(string((*at).name.get())), leak(string((*at).doc.get()))) });
            at = at.add(1);
        }
    }
    (string(desc.name.get()), string(desc.doc.get()), fields)
}

/// `sys.argv`, and the program's folder in front of `sys.path`. What fails is fatal nowhere: there is nobody to tell.
unsafe fn set_argv(argc: c_int, argv: *const *const i32, update_path: bool) {
    // SAFETY: the caller's array of `argc` NUL-ended texts.
    let text = |i: usize| Str::from_code_points(unsafe { crate::unicodeobject::wide(*argv.add(i), -1) });
    let given = if argc < 1 || argv.is_null() { vec![Str::new("")] } else { (0..argc as usize).map(text).collect() };
    let first = given[0].to_string_lossy().into_owned();
    let list = types::List::from_owned(given.into_iter().map(Owned::into_object).collect());
    let done = (|| -> PyResult<()> {
        state::sys()?.add("argv", &list)?;
        if update_path {
            let folder = match first.as_str() {
                "" | "-c" => String::new(),
                _ => std::fs::canonicalize(&first).ok().and_then(|path| path.parent().map(|folder| folder.to_string_lossy().into_owned())).unwrap_or_default(),
            };
            runtime::pythonrun::prepend_path(folder.as_bytes())?;
        }
        Ok(())
    })();
    if done.is_err() {
        errors::clear();
    }
}

c_api! {
    // ---- capsules
    fn PyCapsule_New(pointer: *mut c_void, name: *const c_char, destructor: Option<abi::PyCapsule_Destructor>) -> PyResult<Owned<Capsule>> { Capsule::new(pointer, name, destructor) }
    fn PyCapsule_IsValid(o: Option<&Object>, name: Option<&CStr>) -> bool { o.is_some_and(|o| Capsule::is_valid(o, name)) }
    fn PyCapsule_GetPointer(o: Option<&Object>, name: Option<&CStr>) -> PyResult<*mut c_void> {
        let capsule = capsule(o, "PyCapsule_GetPointer")?;
        if capsule.name() != name {
            return Err(err!(ValueError, "PyCapsule_GetPointer called with incorrect name"));
        }
        Ok(capsule.0.pointer.get())
    }
    fn PyCapsule_GetName(o: Option<&Object>) -> PyResult<*const c_char> { Ok(capsule(o, "PyCapsule_GetName")?.0.name.get()) }
    fn PyCapsule_GetDestructor(o: Option<&Object>) -> PyResult<*mut c_void> { Ok(capsule(o, "PyCapsule_GetDestructor")?.0.destructor.get().map_or(ptr::null_mut(), |f| f as *mut c_void)) }
    fn PyCapsule_GetContext(o: Option<&Object>) -> PyResult<*mut c_void> { Ok(capsule(o, "PyCapsule_GetContext")?.0.context.get()) }
    fn PyCapsule_SetPointer(o: Option<&Object>, pointer: *mut c_void) -> PyResult<Done> {
        let capsule = capsule(o, "PyCapsule_SetPointer")?;
        if pointer.is_null() {
            return Err(err!(ValueError, "PyCapsule_SetPointer called with null pointer"));
        }
        capsule.0.pointer.set(pointer);
        Ok(Done)
    }
    fn PyCapsule_SetName(o: Option<&Object>, name: *const c_char) -> PyResult<Done> {
        capsule(o, "PyCapsule_SetName")?.0.name.set(name);
        Ok(Done)
    }
    fn PyCapsule_SetDestructor(o: Option<&Object>, destructor: Option<abi::PyCapsule_Destructor>) -> PyResult<Done> {
        capsule(o, "PyCapsule_SetDestructor")?.0.destructor.set(destructor);
        Ok(Done)
    }
    fn PyCapsule_SetContext(o: Option<&Object>, context: *mut c_void) -> PyResult<Done> {
        capsule(o, "PyCapsule_SetContext")?.0.context.set(context);
        Ok(Done)
    }
    fn PyCapsule_Import(full: &CStr, _no_block: c_int) -> PyResult<*mut c_void> {
        let path = full.to_string_lossy();
        let mut parts = full.to_bytes().split(|&c| c == b'.');
        let first = String::from_utf8_lossy(parts.next().unwrap_or(b"")).into_owned();
        let first = first.as_str();
        let mut found = import::import_module(first).map_err(|_| {
            errors::clear();
            err!(ImportError, "PyCapsule_Import could not import module \"{}\"", first)
        })?;
        for part in parts {
            found = proto::get_attr(&found, &*Str::intern(crate::unicodeobject::from_utf8(part)?))?;
        }
        match found.downcast_exact::<Capsule>().filter(|_| Capsule::is_valid(&found, Some(full))) {
            Some(capsule) => Ok(capsule.0.pointer.get()),
            None => Err(err!(AttributeError, "PyCapsule_Import \"{}\" is not valid", path)),
        }
    }
    fn _PyCapsule_SetTraverse(o: Option<&Object>, traverse: Option<abi::traverseproc>, clear: Option<abi::inquiry>) -> PyResult<Done> {
        let capsule = capsule(o, "_PyCapsule_SetTraverse")?;
        match (traverse, clear) {
            (Some(traverse), Some(clear)) => capsule.set_traverse(traverse, clear),
            _ => return Err(err!(ValueError, "_PyCapsule_SetTraverse() called with NULL callback")),
        }
        Ok(Done)
    }

    // ---- struct sequences
    fn PyStructSequence_NewType(desc: *mut PyStructSequence_Desc) -> PyResult<Owned<Type>> {
        let (name, doc, fields) = c_fields(&*desc);
        structseq::new_type(&name, &doc, &fields, (*desc).n_in_sequence.get().max(0) as usize)
    }
    fn PyStructSequence_InitType2(ty: Ty<'_>, desc: *mut PyStructSequence_Desc) -> PyResult<Done> {
        let (_, _, fields) = c_fields(&*desc);
        done(structseq::init_static(ty.0, (*desc).name.get(), (*desc).doc.get(), &fields, (*desc).n_in_sequence.get().max(0) as usize))
    }
    fn PyStructSequence_InitType(ty: Ty<'_>, desc: *mut PyStructSequence_Desc) {
        PyStructSequence_InitType2(ty.0.as_type_ptr(), desc);
    }
    fn PyStructSequence_New(ty: Ty<'_>) -> PyResult { structseq::new_empty(ty.0) }
    fn PyStructSequence_GetItem(o: &Tuple, i: isize) -> *mut PyObject { *o.items_ptr().offset(i) }
    fn PyStructSequence_SetItem(o: &Tuple, i: isize, value: *mut PyObject) {
        let old = std::mem::replace(&mut *o.items_ptr().offset(i), value);
        xdecref(old);
    }

    // ---- files
    fn PyFile_FromFd(fd: c_int, _name: Option<&CStr>, mode: Option<&CStr>, buffering: c_int, encoding: Option<&CStr>, errors: Option<&CStr>, newline: Option<&CStr>, closefd: c_int) -> PyResult {
        let open = proto::get_attr_str(&*import::import_module("io")?, "open")?;
        let optional = |s: Option<&CStr>| -> PyResult { Ok(match s { Some(s) => text(s)?.into_object(), None => types::none().to_owned() }) };
        let (encoding, handler, newline) = (optional(encoding)?, optional(errors)?, optional(newline)?);
        call::call_args(&open, &[&*Int::from_i64(fd as i64), &*text(mode.unwrap_or(c"r"))?, &*Int::from_i64(buffering as i64), &encoding, &handler, &newline, types::bool_object(closefd != 0)])
    }
    fn PyFile_GetLine(o: &Object, n: c_int) -> PyResult {
        let line = if n > 0 { call::call_method(o, intern!("readline"), &[&*Int::from_i64(n as i64)])? } else { call::call_method0(o, intern!("readline"))? };
        if !line.is_instance_of::<Str>() && !line.is_instance_of::<Bytes>() {
            return Err(err!(TypeError, "object.readline() returned non-string"));
        }
        if n >= 0 {
            return Ok(line);
        }
        if let Some(s) = line.downcast::<Str>() {
            if s.is_empty() {
                return Err(err!(EOFError, "EOF when reading a line"));
            }
            return if s.char_at(s.len() - 1) == 10 { Ok(s.substring(0, s.len() - 1)?.into_object()) } else { Ok(line) };
        }
        match line.downcast::<Bytes>().map(|b| b.as_slice()) {
            Some([]) => Err(err!(EOFError, "EOF when reading a line")),
            Some([rest @ .., b'\n']) => Ok(Bytes::new(rest).into_object()),
            _ => Ok(line),
        }
    }
    fn PyFile_WriteObject(o: Option<&Object>, file: Option<&Object>, flags: c_int) -> PyResult<Done> {
        let Some(file) = file else { return Err(err!(TypeError, "writeobject with NULL file")) };
        let Some(o) = o else { return call::call_method(file, intern!("write"), &[&*Str::new("<NULL>")]).map(|_| Done) };
        let shown = if flags & 1 != 0 { proto::str(o)? } else { proto::repr(o)? };
        call::call_method(file, intern!("write"), &[&*shown]).map(|_| Done)
    }
    fn PyFile_WriteString(s: &CStr, file: Option<&Object>) -> PyResult<Done> {
        if errors::occurred() {
            return Err(errors::Raised::from_c());
        }
        let Some(file) = file else { return Err(err!(SystemError, "null file for PyFile_WriteString")) };
        call::call_method(file, intern!("write"), &[&*text(s)?]).map(|_| Done)
    }
    fn PyOS_Readline(_input: *mut libc::FILE, _output: *mut libc::FILE, prompt: &CStr) -> PyResult<*mut c_char> {
        let line = runtime::interactive::read_line(prompt.to_bytes())?;
        let copy = runtime::memory::c_string_copy(&line);
        if copy.is_null() { Err(errors::no_memory()) } else { Ok(copy) }
    }
    fn PyFile_NewStdPrinter(fd: c_int) -> PyResult {
        if !matches!(fd, 1 | 2) {
            return Err(errors::bad_internal_call());
        }
        Ok(runtime::modules::sys::stderr_printer::StderrPrinter::new(fd)?.into_object())
    }
    fn Py_UniversalNewlineFgets(buffer: *mut c_char, size: c_int, file: *mut libc::FILE, decoder: *mut PyObject) -> *mut c_char {
        if !decoder.is_null() {
            *libc::__errno_location() = libc::ENXIO;
            return ptr::null_mut();
        }
        universal_line(buffer, size, file)
    }
    fn _Py_IsValidFD(fd: c_int) -> bool { fd >= 0 && libc::fcntl(fd, libc::F_GETFD) >= 0 }
    fn PyFile_OpenCodeObject(path: &Object) -> PyResult { call::call1(&*proto::get_attr_str(&*import::import_module("io")?, "open_code")?, path) }
    fn PyFile_OpenCode(path: &CStr) -> PyResult { call::call1(&*proto::get_attr_str(&*import::import_module("io")?, "open_code")?, &*text(path)?) }
    fn Py_fopen(path: &Object, mode: &CStr) -> PyResult<*mut libc::FILE> {
        audit::audit("open", &[path, &*text(mode)?, &*Int::from_i64(0)])?;
        let path = crate::unicodeobject::fs_path(path)?;
        let bytes = match path.downcast::<Str>() {
            Some(text) => crate::unicode_codecs::encode_fs(text)?,
            None => path.clone(),
        };
        let Ok(c_path) = std::ffi::CString::new(bytes.downcast::<Bytes>().map(|b| b.as_slice().to_vec()).unwrap_or_default()) else {
            return Err(err!(ValueError, "embedded null byte"));
        };
        let file = libc::fopen(c_path.as_ptr(), mode.as_ptr());
        if file.is_null() {
            return Err(runtime::exceptions::os_error::raise_errno_with_path(&path));
        }
        libc::fcntl(libc::fileno(file), libc::F_SETFD, libc::FD_CLOEXEC);
        Ok(file)
    }
    fn Py_fclose(file: *mut libc::FILE) -> c_int { libc::fclose(file) }

    // ---- sys
    fn PySys_GetObject(name: &CStr) -> *mut PyObject {
        let saved = errors::take();
        let found = text(name).and_then(|name| state::sys_attribute(&name));
        let found = match found {
            Ok(found) => found.map_or(ptr::null_mut(), crate::macros::borrowed),
            Err(_) => {
                runtime::exceptions::report::write_unraisable(Some("Exception ignored in PySys_GetObject()"), None);
                ptr::null_mut()
            }
        };
        if let Some(saved) = saved {
            errors::restore(saved);
        }
        found
    }
    fn PySys_GetAttr(name: &Str) -> PyResult {
        state::sys_attribute(name)?.ok_or_else(|| err!(RuntimeError, "lost sys.{}", name))
    }
    fn PySys_GetAttrString(name: &CStr) -> PyResult {
        let name = text(name)?;
        state::sys_attribute(&name)?.ok_or_else(|| err!(RuntimeError, "lost sys.{}", name))
    }
    fn PySys_GetOptionalAttr(name: &Str, out: Out<*mut PyObject>) -> PyResult<bool> { store(out.0, state::sys_attribute(name)) }
    fn PySys_GetOptionalAttrString(name: &CStr, out: Out<*mut PyObject>) -> PyResult<bool> {
        store(out.0, state::sys_attribute(&*text(name)?))
    }
    fn PySys_SetObject(key: &CStr, value: Option<&Object>) -> PyResult<Done> {
        let sys = state::sys()?;
        let key = name(key)?;
        done(match value {
            Some(value) => sys.dict().set_item(&key, value),
            None => sys.dict().pop(&key).map(drop),
        })
    }
    fn PySys_GetXOptions() -> PyResult<*mut PyObject> {
        if let Some(options) = state::sys_attribute(intern!("_xoptions"))?.filter(|options| options.is_instance_of::<types::Dict>()) {
            return Ok(crate::macros::borrowed(options));
        }
        let made = types::Dict::new();
        state::sys()?.add("_xoptions", &made)?;
        Ok(crate::macros::borrowed(made))
    }
    fn PySys_SetArgv(argc: c_int, argv: *const *const i32) { set_argv(argc, argv, !state::get().config.borrow().isolated) }
    fn PySys_SetArgvEx(argc: c_int, argv: *const *const i32, update_path: c_int) { set_argv(argc, argv, update_path != 0) }
    fn PySys_ResetWarnOptions() {
        if let Ok(Some(options)) = state::sys_attribute(intern!("warnoptions"))
            && let Some(list) = options.downcast::<types::List>()
        {
            list.clear();
        }
    }
    fn PySys_HasWarnOptions() -> bool { matches!(state::sys_attribute(intern!("warnoptions")), Ok(Some(options)) if options.downcast::<types::List>().is_some_and(|list| !list.is_empty())) }
    fn PySys_AuditTuple(event: &CStr, args: Option<&Object>) -> PyResult<Done> {
        let args = match args {
            None => Tuple::empty(),
            Some(args) => match args.downcast::<Tuple>() {
                Some(args) => Owned::from_ref(args),
                None => return Err(err!(TypeError, "args must be tuple, got {}", args.type_name())),
            },
        };
        done(audit::audit(&event.to_string_lossy(), args.as_slice()))
    }
    fn PySys_AddAuditHook(hook: Option<abi::Py_AuditHookFunction>, data: *mut c_void) -> PyResult<Done> {
        let Some(hook) = hook else { return Err(errors::bad_internal_call()) };
        audit::audit("sys.addaudithook", &[])?;
        audit::add_global_hook(crate::callback::make(&crate::callback::AUDIT, hook as *mut c_void, data)?);
        Ok(Done)
    }
    fn capi_has_audit_hooks() -> bool { audit::is_active() }
    fn capi_write_stream(stream: &CStr, message: &Str) {
        let file = state::sys_attribute(&Str::new(&stream.to_string_lossy())).ok().flatten().filter(|file| !file.is_none());
        errors::preserve(|| {
            let written = file.is_some_and(|file| call::call_method(&file, intern!("write"), &[message]).is_ok());
            if !written {
                errors::clear();
                let fd = if stream.to_bytes() == b"stdout" { 1 } else { 2 };
                let bytes = message.to_wtf8();
                libc::write(fd, bytes.as_ptr().cast(), bytes.len());
            }
        });
    }
    fn capi_write_unraisable(message: Option<&Object>) {
        let message = message.and_then(|message| message.downcast::<Str>()).map(|message| message.to_string());
        runtime::exceptions::report::write_unraisable_as(message.as_deref());
    }

    // ---- marshal
    fn PyMarshal_WriteObjectToString(o: &Object, version: c_int) -> PyResult<Owned<Bytes>> { Ok(Bytes::new(&runtime::modules::marshal::dumps(o, version, true)?)) }
    fn PyMarshal_ReadObjectFromString(data: *const c_char, len: isize) -> PyResult { runtime::modules::marshal::loads(crate::unicodeobject::bytes_at(data, len), false) }
    fn PyMarshal_WriteObjectToFile(o: &Object, file: *mut libc::FILE, version: c_int) {
        if let Ok(data) = runtime::modules::marshal::dumps(o, version, true) {
            write_all(file, &data);
        }
    }
    fn PyMarshal_ReadLastObjectFromFile(file: *mut libc::FILE) -> PyResult { runtime::modules::marshal::loads(&read_all(file)?, false) }
    fn PyMarshal_ReadObjectFromFile(file: *mut libc::FILE) -> PyResult {
        let start = libc::ftell(file);
        let (value, used) = runtime::modules::marshal::loads_prefix(&read_all(file)?, false)?;
        // Another object may follow; a pipe cannot go back.
        if start >= 0 {
            libc::fseek(file, start + used as c_long, libc::SEEK_SET);
        }
        Ok(value)
    }
    fn PyMarshal_ReadLongFromFile(file: *mut libc::FILE) -> PyResult<c_long> { Ok(i32::from_le_bytes(read_number(file)?) as c_long) }
    fn PyMarshal_ReadShortFromFile(file: *mut libc::FILE) -> PyResult<c_int> { Ok(i16::from_le_bytes(read_number(file)?) as c_int) }
    fn PyMarshal_WriteLongToFile(value: c_long, file: *mut libc::FILE, _version: c_int) { write_all(file, &(value as i32).to_le_bytes()) }

    // ---- hashes
    fn Py_HashBuffer(data: *const c_void, len: isize) -> isize {
        if len <= 0 { 0 } else { types::str::hash::hash_bytes(std::slice::from_raw_parts(data.cast(), len as usize)) }
    }
    fn PyHash_GetFuncDef() -> *const abi::PyHash_FuncDef {
        &raw const crate::watchers::HASH_DEFINITION.0
    }
    fn Py_HashPointer(pointer: *const c_void) -> isize {
        let value = (pointer as usize).rotate_right(4) as isize;
        if value == -1 { -2 } else { value }
    }
    fn Py_GETENV(name: *const c_char) -> *mut c_char {
        if state::get().config.borrow().ignore_environment { ptr::null_mut() } else { libc::getenv(name) }
    }
    fn Py_PACK_FULL_VERSION(x: c_int, y: c_int, z: c_int, level: c_int, serial: c_int) -> u32 {
        ((x as u32 & 0xff) << 24) | ((y as u32 & 0xff) << 16) | ((z as u32 & 0xff) << 8) | ((level as u32 & 0xf) << 4) | (serial as u32 & 0xf)
    }
    fn Py_PACK_VERSION(x: c_int, y: c_int) -> u32 { ((x as u32 & 0xff) << 24) | ((y as u32 & 0xff) << 16) }
    fn PyTraceMalloc_Track(domain: u32, block: usize, size: usize) -> c_int { runtime::tracemalloc::track(domain, block, size) }
    fn PyTraceMalloc_Untrack(domain: u32, block: usize) -> c_int { runtime::tracemalloc::untrack(domain, block) }
    fn _PyTraceMalloc_GetTraceback(domain: u32, block: usize) -> *mut PyObject {
        runtime::tracemalloc::block_traceback(domain, block).map_or_else(|| xincref(types::none().as_ptr()), |traceback| traceback.into_object().into_raw())
    }
}
