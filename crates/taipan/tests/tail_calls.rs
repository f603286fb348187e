//! The interpreter's instructions end by calling the next one, and only because the compiler makes jumps of these calls does the native stack
//! not grow (`runtime::interp::registers`). Nothing in the language promises it, so this test reads the machine code. It needs `nm` and `objdump`.

use std::process::Command;

/// They return to whoever runs the activation.
const RETURN: [&str; 2] = ["iteration::yield_value", "iteration::interpreter_exit"];

/// They go on with the next instruction, too.
const CONTINUE: [&str; 3] = ["registers::irregular", "registers::dealloc_and_go_on", "registers::dealloc_close_and_go_on"];

fn output(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap_or_else(|error| panic!("{program}: {error}"));
    assert!(output.status.success(), "{program} {arguments:?} ended with {}", output.status);
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[test]
fn instructions_jump_to_the_next_one() {
    let binary = env!("CARGO_BIN_EXE_taipan");
    let mut looked_at = 0;
    let mut at_fault = Vec::new();
    for line in output("nm", &["--demangle", "--defined-only", "--print-size", binary]).lines() {
        let mut fields = line.splitn(4, ' ');
        let (Some(start), Some(size), Some(_), Some(name)) = (fields.next(), fields.next(), fields.next(), fields.next()) else { continue };
        let Some(name) = name.strip_prefix("runtime::interp::") else { continue };
        let instruction = name.strip_prefix("instructions::");
        // `FILE::NAME`, perhaps with a parameter or a hash; what is deeper is a part that the instruction calls.
        let parts = instruction.map(|name| name.split("::").filter(|part| !part.starts_with(['h', '<'])).count());
        if !(parts == Some(2) && !name.contains("instrumented::instruction")) && !CONTINUE.iter().any(|other| name.starts_with(other)) {
            continue;
        }
        let number = |digits| u64::from_str_radix(digits, 16).expect("an address");
        let (start, size) = (number(start), number(size));
        let code = output("objdump", &["-d", "--no-show-raw-insn", &format!("--start-address={start:#x}"), &format!("--stop-address={:#x}", start + size), binary]);
        let returns = code.lines().any(|line| line.split_whitespace().last() == Some("ret")) && !RETURN.iter().any(|other| name.contains(other));
        let calls_the_next = code.lines().any(|line| line.contains("call ") && line.contains(",8)"));
        if returns || calls_the_next {
            at_fault.push(name.to_owned());
        }
        looked_at += 1;
    }
    assert!(looked_at > 150, "found {looked_at} instructions only");
    assert!(at_fault.is_empty(), "these do not jump: {at_fault:?}");
}
