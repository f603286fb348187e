//! The embedded library: what must be in it, and what must not.

#[test]
fn modules_are_found_by_name() {
    let os = pylib::find("os").unwrap();
    assert!(os.is_frozen && !os.is_package && os.file.path == "os.py");
    let json = pylib::find("json").unwrap();
    assert!(json.is_package && json.file.path == "json/__init__.py");
    assert!(pylib::find("json.decoder").is_some());
    assert!(pylib::find("curses.ascii").is_some());
    assert!(pylib::find("_sysconfigdata__linux_x86_64-linux-gnu").is_some());
    for absent in ["", "js", "json.", "_pycodecs", "dummy_threading", "test"] {
        assert!(pylib::find(absent).is_none(), "{absent}");
    }
}

#[test]
fn tables_are_sorted_and_complete() {
    assert!(pylib::modules().map(|m| m.name).is_sorted());
    assert!(pylib::files().map(|f| f.path).is_sorted());
    assert!(pylib::modules().len() > 700);
    assert!(pylib::modules().all(|m| !m.code.is_empty()));
    for module in pylib::modules() {
        assert_eq!(
            pylib::find(module.name).unwrap().file.path,
            module.file.path
        );
    }
}

#[test]
fn files_come_back_whole() {
    for file in pylib::files() {
        assert_eq!(file.contents().len(), file.size, "{}", file.path);
    }
}

#[test]
fn edits_removed_the_other_interpreter() {
    for module in pylib::modules() {
        let source = module.source();
        let text = String::from_utf8_lossy(&source).to_lowercase();
        assert!(!text.contains("rustpython"), "{}", module.name);
    }
}
