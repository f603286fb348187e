//! OpenSSL's start, put off until it is used.
//!
//! libcrypto asks the processor for its abilities when the process starts, which in a virtual machine takes a noticeable part of a start. The
//! executable is linked with `--wrap=OPENSSL_cpuid_setup`, so that this lands here, and `initialize` does it. A linker that does not wrap leaves all as
//! it was.

use std::arch::global_asm;
use std::sync::Once;

// The real function, if the linker wraps; else nothing.
global_asm!(
    ".weak __real_OPENSSL_cpuid_setup",
    ".hidden taipan_cpuid_setup",
    ".globl taipan_cpuid_setup",
    "taipan_cpuid_setup:",
    "mov rax, qword ptr [rip + __real_OPENSSL_cpuid_setup@GOTPCREL]",
    "test rax, rax",
    "jz 1f",
    "jmp rax",
    "1:",
    "ret",
);

unsafe extern "C" {
    fn taipan_cpuid_setup();
}

/// What libcrypto's start calls.
#[unsafe(no_mangle)]
pub extern "C" fn __wrap_OPENSSL_cpuid_setup() {}

/// Starts OpenSSL; the first time.
pub fn initialize() {
    static STARTED: Once = Once::new();
    // SAFETY: OpenSSL's own function, before it is used.
    STARTED.call_once(|| unsafe { taipan_cpuid_setup() });
    openssl::init();
}
