//! Which files belong to the library, and which modules they are.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use crate::edits::{self, Edit};
use crate::edits_network;

pub struct File {
    /// Relative to `lib/python3.14`, with slashes.
    pub path: String,
    pub text: Vec<u8>,
}

/// In the crate but not in CPython's library.
const FOREIGN: [&str; 6] = [
    "README.md",
    "_dummy_os.py",
    "_dummy_thread.py",
    "_pycodecs.py",
    "dummy_threading.py",
    "PSF-LICENSE",
];

/// All files, ours over theirs, edits applied, sorted by path.
pub fn collect(theirs: &Path, ours: &Path) -> Vec<File> {
    let mut files = BTreeMap::new();
    walk(theirs, "", &mut files);
    let license = files.remove("PSF-LICENSE");
    files.retain(|path: &String, _| !FOREIGN.contains(&path.as_str()));
    if let Some(text) = license {
        files.insert("LICENSE.txt".to_string(), text);
    }
    for (path, edits) in edits::EDITS.iter().chain(edits_network::EDITS) {
        let text = files
            .get_mut(*path)
            .unwrap_or_else(|| panic!("{path} is not in the library"));
        for edit in *edits {
            apply(path, text, edit);
        }
    }
    walk(ours, "", &mut files);
    files
        .into_iter()
        .map(|(path, text)| File { path, text })
        .collect()
}

fn walk(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    let entries = fs::read_dir(folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    for entry in entries {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let path = format!("{prefix}{name}");
        if !entry.file_type().unwrap().is_dir() {
            files.insert(path, fs::read(entry.path()).unwrap());
        } else if name != "__pycache__" {
            walk(&entry.path(), &format!("{path}/"), files);
        }
    }
}

fn apply(path: &str, text: &mut Vec<u8>, edit: &Edit) {
    let old = std::str::from_utf8(text).unwrap_or_else(|e| panic!("{path}: {e}"));
    let find = |text: &str, part: &str| {
        text.find(part)
            .unwrap_or_else(|| panic!("{path}: an edit does not find {part:?}"))
    };
    let new = match *edit {
        Edit::Once { search, replace } => {
            assert!(
                old.matches(search).count() == 1,
                "{path}: not there once: {search:?}"
            );
            old.replace(search, replace)
        }
        Edit::All { search, replace } => {
            find(old, search);
            old.replace(search, replace)
        }
        Edit::Cut { from, to } => {
            let start = find(old, from);
            let end = if to.is_empty() {
                old.len()
            } else {
                start + find(&old[start..], to)
            };
            format!("{}{}", &old[..start], &old[end..])
        }
    };
    *text = new.into_bytes();
}

/// The module that a file is: its name and whether it is a package.
pub fn module_of(path: &str) -> Option<(String, bool)> {
    let stem = path.strip_suffix(".py")?;
    let is_identifier = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
    };
    // `_sysconfigdata` has the platform in its name, hyphens included.
    if !stem.split('/').all(is_identifier) && !stem.starts_with("_sysconfigdata") {
        return None;
    }
    match stem.strip_suffix("/__init__") {
        Some(package) => Some((package.replace('/', "."), true)),
        None => Some((stem.replace('/', "."), false)),
    }
}

/// The modules that CPython freezes into its executable; their code says `<frozen NAME>` for a file.
pub fn is_frozen(module: &str) -> bool {
    const FROZEN: [&str; 19] = [
        "_embedded_importer",
        "importlib._bootstrap",
        "importlib._bootstrap_external",
        "zipimport",
        "abc",
        "codecs",
        "io",
        "_collections_abc",
        "_sitebuiltins",
        "genericpath",
        "ntpath",
        "posixpath",
        "os",
        "site",
        "stat",
        "importlib.util",
        "importlib.machinery",
        "runpy",
        "__hello__",
    ];
    FROZEN.contains(&module) || module.split('.').next() == Some("__phello__")
}

/// Whether an ordinary start (`-c`, a file) loads the module.
pub fn loads_at_start(module: &str) -> bool {
    const OTHERS: [&str; 4] = ["encodings", "encodings.aliases", "encodings.utf_8", "linecache"];
    const NEVER: [&str; 5] = ["ntpath", "importlib.util", "importlib.machinery", "runpy", "__hello__"];
    (is_frozen(module) && !NEVER.contains(&module) && !module.starts_with("__phello__")) || OTHERS.contains(&module)
}
