//! Hands the embedded library to the runtime.

use runtime::import::bootstrap::{self, Embedded, Library};

pub fn install() {
    bootstrap::set_library(Library {
        find: |name| {
            pylib::find(name).map(|module| Embedded {
                code: module.code,
                is_package: module.is_package,
                is_frozen: module.is_frozen,
                path: module.file.path,
                name: module.name,
            })
        },
        names: || pylib::modules().map(|module| module.name).collect(),
        file: |path| pylib::find_file(path).map(|file| file.contents()),
        files: || pylib::files().map(|file| (file.path, file.size)).collect(),
    });
}
