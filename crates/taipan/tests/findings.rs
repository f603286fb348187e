//! Replays what fuzzing once found (`tests/findings/TARGET/*.bin`, read by `tools/fuzz.py --replay`): it must end well and quietly.

use std::path::Path;
use std::process::Command;

#[test]
fn findings_stay_mended() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project is there");
    let mut replayed = 0;
    for target in std::fs::read_dir(root.join("tests/findings")).expect("the findings are there") {
        let target = target.expect("a folder");
        for case in std::fs::read_dir(target.path()).expect("a folder") {
            let case = case.expect("a file").path();
            let run = Command::new(env!("CARGO_BIN_EXE_taipan"))
                .args(["-I".as_ref(), root.join("tools/fuzz.py").as_os_str(), "--replay".as_ref(), &target.file_name(), case.as_os_str()])
                .output()
                .expect("the interpreter starts");
            let said = String::from_utf8_lossy(&run.stdout);
            assert!(run.status.success() && said == "nothing\n", "{}: {}\n{said}{}", case.display(), run.status, String::from_utf8_lossy(&run.stderr));
            replayed += 1;
        }
    }
    assert!(replayed > 0);
}
