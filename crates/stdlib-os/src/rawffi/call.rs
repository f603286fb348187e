//! Calls with the x86-64 System V convention, whose registers are given.

use runtime::gil;
use runtime::types::Bytes;
use runtime::{Owned, PyResult, err, errors};
use std::arch::global_asm;
use std::cell::Cell;
use std::ffi::c_void;

thread_local! {
    /// ctypes' own errno.
    pub static ERRNO: Cell<i32> = const { Cell::new(0) };
}

#[repr(C)]
struct Frame {
    ints: [u64; 6],
    floats: [u64; 8],
    stack: *const u64,
    /// In words.
    stack_len: usize,
    function: *const c_void,
    takes_st0: u64,
    /// rax, rdx, xmm0, xmm1.
    results: [u64; 4],
    st0: [u64; 2],
}

// The frame's address comes in rdi and stays in rbx. rsp is a multiple of 16 at the call.
global_asm!(
    ".globl taipan_ffi_call",
    ".hidden taipan_ffi_call",
    "taipan_ffi_call:",
    "push rbp",
    "mov rbp, rsp",
    "push rbx",
    "push r12",
    "mov rbx, rdi",
    "mov rcx, [rbx + 120]",
    "lea rax, [rcx + 1]",
    "and rax, -2",
    "shl rax, 3",
    "sub rsp, rax",
    "mov rsi, [rbx + 112]",
    "mov rdi, rsp",
    "cld",
    "rep movsq",
    "movsd xmm0, [rbx + 48]",
    "movsd xmm1, [rbx + 56]",
    "movsd xmm2, [rbx + 64]",
    "movsd xmm3, [rbx + 72]",
    "movsd xmm4, [rbx + 80]",
    "movsd xmm5, [rbx + 88]",
    "movsd xmm6, [rbx + 96]",
    "movsd xmm7, [rbx + 104]",
    "mov rdi, [rbx]",
    "mov rsi, [rbx + 8]",
    "mov rdx, [rbx + 16]",
    "mov rcx, [rbx + 24]",
    "mov r8, [rbx + 32]",
    "mov r9, [rbx + 40]",
    "mov eax, 8",
    "call [rbx + 128]",
    "mov [rbx + 144], rax",
    "mov [rbx + 152], rdx",
    "movsd [rbx + 160], xmm0",
    "movsd [rbx + 168], xmm1",
    "cmp qword ptr [rbx + 136], 0",
    "je 2f",
    "fstp tbyte ptr [rbx + 176]",
    "2:",
    "lea rsp, [rbp - 16]",
    "pop r12",
    "pop rbx",
    "pop rbp",
    "ret",
);

unsafe extern "C" {
    fn taipan_ffi_call(frame: *mut Frame);
}

/// A frame on its way into code without the GIL.
struct Sent(*mut Frame);
// SAFETY: the frame is on the stack of the thread that runs the code.
unsafe impl Send for Sent {}

impl Sent {
    fn run(self, uses_errno: bool) {
        // SAFETY: the caller answers for the function and its arguments.
        unsafe {
            let errno = libc::__errno_location();
            if uses_errno {
                *errno = ERRNO.replace(*errno);
            }
            taipan_ffi_call(self.0);
            if uses_errno {
                *errno = ERRNO.replace(*errno);
            }
        }
    }
}

fn words<const N: usize>(bytes: &[u8]) -> PyResult<[u64; N]> {
    if bytes.len() != N * 8 {
        return Err(err!(ValueError, "wrong number of registers"));
    }
    Ok(std::array::from_fn(|i| u64::from_ne_bytes(std::array::from_fn(|k| bytes[i * 8 + k]))))
}

pub fn call(address: u64, ints: &[u8], floats: &[u8], stack: &[u8], flags: i32) -> PyResult<Owned<Bytes>> {
    if address == 0 {
        return Err(err!(ValueError, "attempt to call a NULL function"));
    }
    let stack: Vec<u64> = stack.chunks(8).map(|chunk| u64::from_ne_bytes(std::array::from_fn(|k| chunk.get(k).copied().unwrap_or(0)))).collect();
    let mut frame = Frame {
        ints: words(ints)?,
        floats: words(floats)?,
        stack: stack.as_ptr(),
        stack_len: stack.len(),
        function: address as usize as *const c_void,
        takes_st0: (flags & 4 != 0) as u64,
        results: [0; 4],
        st0: [0; 2],
    };
    let sent = Sent(&raw mut frame);
    let uses_errno = flags & 1 != 0;
    if flags & 2 != 0 {
        sent.run(uses_errno);
        if errors::occurred() {
            return Err(runtime::Raised::from_c());
        }
    } else {
        super::callback::attach_this_thread();
        gil::allow_threads(move || sent.run(uses_errno));
    }
    let out: Vec<u8> = frame.results.iter().chain(&frame.st0).flat_map(|word| word.to_ne_bytes()).collect();
    Ok(Bytes::new(&out))
}
