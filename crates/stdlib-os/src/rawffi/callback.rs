//! C functions that call Python: small pieces of code, each with a slot that says which object to call.
//!
//! The pieces of a page are written once, before the page becomes executable; what changes is only the slots.

use macros::{Traverse, pytype};
use runtime::protocol::call;
use runtime::types::{Bytes, Int};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, err, errors};
use std::arch::global_asm;
use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Mutex, OnceLock};

/// What the closures' common code saves, and what it gives back.
#[repr(C)]
struct Saved {
    ints: [u64; 6],
    floats: [u64; 8],
    stack: u64,
    rax: u64,
    xmm0: u64,
}

/// The object that a piece of code calls: borrowed from the `Closure` that owns the slot.
struct Slot(AtomicPtr<abi::PyObject>);

// r10 is the slot.
global_asm!(
    ".globl taipan_ffi_closure",
    ".hidden taipan_ffi_closure",
    "taipan_ffi_closure:",
    "push rbp",
    "mov rbp, rsp",
    "sub rsp, 144",
    "mov [rsp], rdi",
    "mov [rsp + 8], rsi",
    "mov [rsp + 16], rdx",
    "mov [rsp + 24], rcx",
    "mov [rsp + 32], r8",
    "mov [rsp + 40], r9",
    "movsd [rsp + 48], xmm0",
    "movsd [rsp + 56], xmm1",
    "movsd [rsp + 64], xmm2",
    "movsd [rsp + 72], xmm3",
    "movsd [rsp + 80], xmm4",
    "movsd [rsp + 88], xmm5",
    "movsd [rsp + 96], xmm6",
    "movsd [rsp + 104], xmm7",
    "lea rax, [rbp + 16]",
    "mov [rsp + 112], rax",
    "mov rdi, r10",
    "mov rsi, rsp",
    "call {run}",
    "mov rax, [rsp + 120]",
    "movsd xmm0, [rsp + 128]",
    "leave",
    "ret",
    run = sym run,
);

unsafe extern "C" {
    fn taipan_ffi_closure();
}

/// `PyGILState_Ensure` and `PyGILState_Release`, which the executable exports.
fn gil_state() -> Option<(unsafe extern "C" fn() -> c_int, unsafe extern "C" fn(c_int))> {
    static FOUND: OnceLock<(usize, usize)> = OnceLock::new();
    let &(ensure, release) = FOUND.get_or_init(|| {
        // SAFETY: names that end in NUL.
        let find = |name: &std::ffi::CStr| unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) as usize };
        (find(c"PyGILState_Ensure"), find(c"PyGILState_Release"))
    });
    if ensure == 0 || release == 0 {
        return None;
    }
    // SAFETY: the C API's functions have these types.
    Some(unsafe { (std::mem::transmute::<usize, unsafe extern "C" fn() -> c_int>(ensure), std::mem::transmute::<usize, unsafe extern "C" fn(c_int)>(release)) })
}

/// Makes the thread's state the one that a callback in this thread will find.
pub fn attach_this_thread() {
    if let Some((ensure, release)) = gil_state() {
        // SAFETY: the GIL is held.
        unsafe { release(ensure()) };
    }
}

unsafe extern "C" fn run(slot: *const Slot, saved: *mut Saved) {
    let Some((ensure, release)) = gil_state() else { return };
    // SAFETY: the code piece passes its slot and the block that it has saved; the GIL is taken.
    unsafe {
        let state = ensure();
        let handler = (*slot).0.load(Ordering::Acquire);
        if !handler.is_null() {
            let handler = Object::from_ptr(handler).to_owned();
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| enter(&handler, &mut *saved)));
            // An error reaches the call of ours that C code was called by, if that kept the GIL; else there is nobody.
            if !matches!(result, Ok(Ok(()))) && state != 0 {
                errors::clear();
            }
        }
        release(state);
    }
}

fn enter(handler: &Object, saved: &mut Saved) -> PyResult<()> {
    let bytes = |words: &[u64]| Bytes::new(&words.iter().flat_map(|word| word.to_ne_bytes()).collect::<Vec<u8>>());
    let stack = Int::from_i64(saved.stack as i64);
    let result = call::call_args(handler, &[&bytes(&saved.ints), &bytes(&saved.floats), &stack])?;
    let result = runtime::macro_support::Buffer::new(&result)?;
    if result.len() == 16 {
        let word = |at: usize| u64::from_ne_bytes(std::array::from_fn(|k| result[at + k]));
        (saved.rax, saved.xmm0) = (word(0), word(8));
    }
    Ok(())
}

const PAGE: usize = 4096;
const PIECE: usize = 32;

/// Addresses of code pieces that nobody uses, with their slots.
static FREE: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// A code piece and its slot, from a new page if there is none.
fn take_piece() -> PyResult<(usize, usize)> {
    let mut free = FREE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
    if let Some(piece) = free.pop() {
        return Ok(piece);
    }
    // SAFETY: a fresh page, filled before it becomes executable; slots are never freed.
    unsafe {
        let page = libc::mmap(std::ptr::null_mut(), PAGE, libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS, -1, 0);
        if page == libc::MAP_FAILED {
            return Err(errors::no_memory());
        }
        let mut pieces = Vec::with_capacity(PAGE / PIECE);
        for i in 0..PAGE / PIECE {
            let slot = Box::into_raw(Box::new(Slot(AtomicPtr::new(std::ptr::null_mut())))) as usize;
            let mut code = vec![0x49, 0xBA]; // mov r10, slot
            code.extend(slot.to_le_bytes());
            code.extend([0x49, 0xBB]); // mov r11, common
            code.extend((taipan_ffi_closure as *const () as usize).to_le_bytes());
            code.extend([0x41, 0xFF, 0xE3]); // jmp r11
            let at = page as usize + i * PIECE;
            std::ptr::copy_nonoverlapping(code.as_ptr(), at as *mut u8, code.len());
            pieces.push((at, slot));
        }
        if libc::mprotect(page, PAGE, libc::PROT_READ | libc::PROT_EXEC) != 0 {
            libc::munmap(page as *mut c_void, PAGE);
            return Err(err!(OSError, "closures are not allowed here"));
        }
        free.extend(pieces);
    }
    free.pop().ok_or_else(errors::no_memory)
}

#[derive(Traverse)]
#[repr(C)]
pub struct Closure {
    head: ObjectHead,
    handler: Owned,
    #[traverse(skip)]
    piece: Piece,
}

/// Gives its code back when the closure dies.
struct Piece {
    code: usize,
    slot: usize,
}

impl Drop for Piece {
    fn drop(&mut self) {
        // SAFETY: slots are never freed.
        unsafe { (*(self.slot as *const Slot)).0.store(std::ptr::null_mut(), Ordering::Release) };
        FREE.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push((self.code, self.slot));
    }
}

impl Closure {
    pub fn create(handler: &Object) -> PyResult<Owned<Closure>> {
        let (code, slot) = take_piece()?;
        // SAFETY: slots are never freed; the closure keeps the handler.
        unsafe { (*(slot as *const Slot)).0.store(handler.as_ptr(), Ordering::Release) };
        let value = Closure { head: ObjectHead::placeholder(), handler: handler.to_owned(), piece: Piece { code, slot } };
        Self::construct(Self::type_object(), value)
    }
}

/// A C function that calls a Python object.
#[pytype(static = Closure_Type, name = "Closure", module = "_rawffi", flags = HAVE_GC | IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl Closure {
    #[getter]
    fn address(&self) -> u64 {
        self.piece.code as u64
    }
}
