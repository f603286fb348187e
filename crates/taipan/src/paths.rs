//! Where the interpreter is: executable, prefixes, `sys.path`.
//!
//! The embedded library stands at `PREFIX/lib/python3.14`, whether or not there is such a directory.

use crate::environment::variable;
use runtime::state::Config;
use std::ffi::OsStr;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// The interpreter is in a shared library, not in the executable.
pub static IN_LIBRARY: AtomicBool = AtomicBool::new(false);

/// Where the shared library lies that the interpreter is in.
fn library() -> Option<PathBuf> {
    if !IN_LIBRARY.load(Ordering::Relaxed) {
        return None;
    }
    // SAFETY: asks which file this function was loaded from; the name lives as long as the file is loaded.
    let name = unsafe {
        let mut found: libc::Dl_info = std::mem::zeroed();
        if libc::dladdr(library as *const libc::c_void, &mut found) == 0 || found.dli_fname.is_null() {
            return None;
        }
        std::ffi::CStr::from_ptr(found.dli_fname)
    };
    std::fs::canonicalize(OsStr::from_bytes(name.to_bytes())).ok()
}

/// Fills in the paths of the configuration.
pub fn compute(config: &mut Config) {
    config.executable = executable(config);
    let pinned = pinned_paths(&config.executable);
    if pinned.is_some() {
        config.ignore_environment = true;
    }
    if config.platlibdir.is_empty() {
        config.platlibdir = variable(config, "PYTHONPLATLIBDIR").unwrap_or_else(|| "lib".into());
    }
    let own = PathBuf::from(OsStr::from_bytes(&config.executable));
    let real = std::fs::canonicalize(&own).unwrap_or_else(|_| own.clone());
    let venv = find_venv(&own);
    let base_executable = match &venv {
        Some(venv) => base_executable(venv, &own, &real),
        None => own.clone(),
    };
    let library = library();
    let installed = library.as_ref().unwrap_or(if venv.is_some() { &base_executable } else { &real });
    let prefix = installed.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
    if config.home.is_none() {
        config.home = variable(config, "PYTHONHOME").map(String::into_bytes);
    }
    let (base, exec_base) = match config.home.as_deref() {
        None => (bytes(prefix), bytes(prefix)),
        Some(home) => match home.iter().position(|&byte| byte == b':') {
            Some(colon) => (home[..colon].to_vec(), home[colon + 1..].to_vec()),
            None => (home.to_vec(), home.to_vec()),
        },
    };
    match venv.filter(|_| config.home.is_none()) {
        Some(venv) => {
            config.prefix = bytes(&venv.directory);
            config.exec_prefix = config.prefix.clone();
            config.base_executable = bytes(&base_executable);
        }
        None => {
            config.prefix = base.clone();
            config.exec_prefix = exec_base.clone();
            config.base_executable = config.executable.clone();
        }
    }
    config.stdlib_dir = [base.as_slice(), b"/", config.platlibdir.as_bytes(), b"/python3.14"].concat();
    let mut search = Vec::new();
    if !config.ignore_environment
        && let Some(list) = std::env::var_os("PYTHONPATH").filter(|list| !list.is_empty())
    {
        search.extend(list.as_bytes().split(|&byte| byte == b':').map(<[u8]>::to_vec));
    }
    search.push([base.as_slice(), b"/", config.platlibdir.as_bytes(), b"/python314.zip"].concat());
    search.push(config.stdlib_dir.clone());
    search.push([exec_base.as_slice(), b"/", config.platlibdir.as_bytes(), b"/python3.14/lib-dynload"].concat());
    config.module_search_paths = search;
    (config.base_prefix, config.base_exec_prefix) = (base, exec_base);
    if let Some(pinned) = pinned {
        pinned.apply(config);
    }
}

/// What a file `EXECUTABLE._pth` beside the executable lays down: `sys.path`, a line each, instead of everything else.
struct PinnedPaths {
    directory: PathBuf,
    text: String,
}

fn pinned_paths(executable: &[u8]) -> Option<PinnedPaths> {
    let own = Path::new(OsStr::from_bytes(executable));
    let real = std::fs::canonicalize(own).ok();
    [Some(own.to_path_buf()), real].into_iter().flatten().find_map(|path| {
        let mut name = path.clone().into_os_string();
        name.push("._pth");
        let text = std::fs::read_to_string(name).ok()?;
        Some(PinnedPaths { directory: path.parent()?.to_path_buf(), text })
    })
}

/// The path without `.` and `..`.
fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => drop(out.pop()),
            part => out.push(part),
        }
    }
    out
}

impl PinnedPaths {
    fn apply(&self, config: &mut Config) {
        config.isolated = true;
        config.safe_path = true;
        config.no_user_site = true;
        config.no_site = true;
        config.home = None;
        config.module_search_paths.clear();
        for line in self.text.lines() {
            match line.split('#').next().unwrap_or("").trim() {
                "" => {}
                "import site" => config.no_site = false,
                line if line.starts_with("import ") => eprintln!("unsupported 'import' line in ._pth file"),
                line => config.module_search_paths.push(bytes(&normal(&self.directory.join(line)))),
            }
        }
        let prefix = bytes(&self.directory);
        for place in [&mut config.prefix, &mut config.exec_prefix, &mut config.base_prefix, &mut config.base_exec_prefix] {
            place.clone_from(&prefix);
        }
    }
}

fn bytes(path: &Path) -> Vec<u8> {
    path.as_os_str().as_bytes().to_vec()
}

/// The executable's path: as given with a slash, else found in `PATH`.
fn executable(config: &Config) -> Vec<u8> {
    let name = config.program_name.clone().unwrap_or_default();
    let absolute = |path: &Path| std::path::absolute(path).map(|path| path.into_os_string().into_vec()).unwrap_or_default();
    if name.contains(&b'/') {
        return absolute(Path::new(OsStr::from_bytes(&name)));
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|directory| directory.join(OsStr::from_bytes(&name))).find(|file| file.is_file());
    match found {
        Some(file) if !name.is_empty() => absolute(&file),
        _ if IN_LIBRARY.load(Ordering::Relaxed) => Vec::new(),
        _ => std::env::current_exe().map(|path| path.into_os_string().into_vec()).unwrap_or_default(),
    }
}

/// A virtual environment, and what its `pyvenv.cfg` says about where it came from.
struct Venv {
    directory: PathBuf,
    home: Option<PathBuf>,
    executable: Option<PathBuf>,
}

/// `pyvenv.cfg` is beside the executable or one level up, and names a `home`.
fn find_venv(executable: &Path) -> Option<Venv> {
    let beside = executable.parent()?;
    let (directory, text) = [Some(beside), beside.parent()]
        .into_iter()
        .flatten()
        .find_map(|directory| Some((directory.to_path_buf(), std::fs::read_to_string(directory.join("pyvenv.cfg")).ok()?)))?;
    let key = |wanted: &str| {
        let mut pairs = text.lines().filter_map(|line| line.split_once('='));
        pairs.find(|(key, _)| key.trim().eq_ignore_ascii_case(wanted)).map(|(_, value)| PathBuf::from(value.trim()))
    };
    Some(Venv { home: key("home"), executable: key("executable"), directory })
}

/// The interpreter that made the environment: what a link leads to, else what `pyvenv.cfg` says.
fn base_executable(venv: &Venv, own: &Path, real: &Path) -> PathBuf {
    if let Some(home) = &venv.home {
        let named = own.file_name().map(|name| home.join(name)).filter(|path| path.is_file());
        let linked = Some(real).filter(|real| real.parent() == Some(home)).map(Path::to_path_buf);
        let recorded = venv.executable.clone().filter(|path| path.is_file());
        if let Some(found) = named.or(linked).or(recorded) {
            return found;
        }
    }
    real.to_path_buf()
}
