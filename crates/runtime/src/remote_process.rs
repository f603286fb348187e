//! Reading another process that runs the same executable, while it goes on running.
//!
//! Its statics are as far from the start of its executable as ours; its structs are laid out as ours. What is read may change meanwhile:
//! every number that comes from there is bounded, and every address is only ever given to the kernel.

use crate::errors::PyResult;
use crate::interp::frame::{InterpreterFrame, OWNED_BY_INTERPRETER};
use crate::object::{Owned, PyTyped, Type};
use crate::tstate::ThreadState;
use crate::types::Str;
use crate::types::generator::{Coroutine, Generator};
use crate::{err, exceptions, gil, tstate};
use abi::{PyASCIIObject, PyBytesObject, PyCodeObject, PyCompactUnicodeObject, PyGenObject, PyLongObject, PyObject, PyThreadState, PyVarObject};
use std::cell::RefCell;
use std::collections::HashMap;
use std::ffi::c_void;
use std::mem::{ManuallyDrop, MaybeUninit, offset_of};

const MOST_THREADS: usize = 1 << 16;
const MOST_FRAMES: usize = 1 << 16;
const MOST_TEXT: usize = 1 << 12;
const LONGEST_TABLE: usize = 1 << 24;

/// What a frame runs: file, line and qualified name.
pub struct Place {
    pub filename: Owned<Str>,
    pub line: i32,
    pub function: Owned<Str>,
}

/// What is known of a code object there.
struct CodeFacts {
    filename: Owned<Str>,
    function: Owned<Str>,
    first_line: i32,
    table: Vec<u8>,
}

pub struct Process {
    pub pid: i32,
    /// From an address of ours to the same thing there.
    slide: usize,
    codes: RefCell<HashMap<usize, CodeFacts>>,
}

/// Where a process has its executable in memory, and which file that is (device and inode, as `maps` writes them).
fn executable_base(process: &str) -> Option<(usize, String)> {
    let name = std::fs::read_link(format!("/proc/{process}/exe")).ok()?;
    let maps = std::fs::read(format!("/proc/{process}/maps")).ok()?;
    for line in maps.split(|&byte| byte == b'\n') {
        let line = String::from_utf8_lossy(line);
        let fields: Vec<&str> = line.split_ascii_whitespace().collect();
        let [range, _, offset, device, inode, path, ..] = fields[..] else { continue };
        if offset.bytes().all(|digit| digit == b'0') && path.as_bytes() == name.as_os_str().as_encoded_bytes() {
            let base = usize::from_str_radix(range.split('-').next()?, 16).ok()?;
            return Some((base, format!("{device} {inode}")));
        }
    }
    None
}

impl Process {
    /// `None` if there is no such process, or it runs something else.
    pub fn open(pid: i32) -> Option<Process> {
        let (ours, theirs) = (executable_base("self")?, executable_base(&pid.to_string())?);
        (ours.1 == theirs.1).then(|| Process { pid, slide: theirs.0.wrapping_sub(ours.0), codes: RefCell::new(HashMap::new()) })
    }

    /// Where something of our executable is there.
    pub fn address_of<T>(&self, ours: *const T) -> usize {
        (ours as usize).wrapping_add(self.slide)
    }

    fn transfer(&self, address: usize, local: *mut c_void, len: usize, writing: bool) -> PyResult<()> {
        let here = libc::iovec { iov_base: local, iov_len: len };
        let there = libc::iovec { iov_base: address as *mut c_void, iov_len: len };
        // SAFETY: the local range is the caller's buffer; the remote one is checked by the kernel.
        let done = unsafe {
            if writing { libc::process_vm_writev(self.pid, &here, 1, &there, 1, 0) } else { libc::process_vm_readv(self.pid, &here, 1, &there, 1, 0) }
        };
        match done {
            done if done == len as isize => Ok(()),
            -1 => Err(exceptions::raise_errno()),
            _ => Err(err!(RuntimeError, "Failed to access the memory of process {}", self.pid)),
        }
    }

    pub fn read(&self, address: usize, into: &mut [u8]) -> PyResult<()> {
        self.transfer(address, into.as_mut_ptr().cast(), into.len(), false)
    }
    pub fn write(&self, address: usize, from: &[u8]) -> PyResult<()> {
        self.transfer(address, from.as_ptr() as *mut c_void, from.len(), true)
    }
    pub fn word(&self, address: usize) -> PyResult<usize> {
        let mut bytes = [0; size_of::<usize>()];
        self.read(address, &mut bytes)?;
        Ok(usize::from_ne_bytes(bytes))
    }
    pub fn number(&self, address: usize) -> PyResult<i32> {
        let mut bytes = [0; 4];
        self.read(address, &mut bytes)?;
        Ok(i32::from_ne_bytes(bytes))
    }
    pub fn byte(&self, address: usize) -> PyResult<u8> {
        let mut bytes = [0; 1];
        self.read(address, &mut bytes)?;
        Ok(bytes[0])
    }

    // ---- objects

    pub fn type_of(&self, object: usize) -> PyResult<usize> {
        self.word(object + offset_of!(PyObject, ob_type))
    }
    /// Whether the object is one of a native type, or of a class below it.
    pub fn is_instance(&self, object: usize, ty: &Type) -> PyResult<bool> {
        let wanted = self.address_of(ty.as_type_ptr());
        let mut at = self.type_of(object)?;
        for _ in 0..64 {
            if at == wanted || at == 0 {
                return Ok(at == wanted);
            }
            at = self.word(at + offset_of!(abi::PyTypeObject, tp_base))?;
        }
        Ok(false)
    }

    /// A str, or the beginning of a long one.
    pub fn text(&self, object: usize, most: usize) -> PyResult<Owned<Str>> {
        if !self.is_instance(object, Str::type_object())? {
            return Err(err!(RuntimeError, "Invalid string object in remote process"));
        }
        let length = self.word(object + offset_of!(PyASCIIObject, length))?.min(most);
        let state = self.number(object + offset_of!(PyASCIIObject, state))? as u32;
        if state & abi::PyUnicode_STATE_COMPACT == 0 {
            return Err(err!(RuntimeError, "Invalid string object in remote process"));
        }
        let header = if state & abi::PyUnicode_STATE_ASCII != 0 { size_of::<PyASCIIObject>() } else { size_of::<PyCompactUnicodeObject>() };
        let kind = match (state & abi::PyUnicode_STATE_KIND_MASK) >> abi::PyUnicode_STATE_KIND_SHIFT {
            2 => 2,
            4 => 4,
            _ => 1,
        };
        let mut bytes = vec![0; length * kind];
        self.read(object + header, &mut bytes)?;
        let point = |bytes: &[u8]| bytes.iter().rev().fold(0u32, |value, &byte| value << 8 | byte as u32).min(0x10ffff);
        Ok(Str::from_code_points(&bytes.chunks(kind).map(point).collect::<Vec<u32>>()))
    }

    fn bytes(&self, object: usize) -> PyResult<Vec<u8>> {
        let size = self.word(object + offset_of!(PyVarObject, ob_size))?;
        if size > LONGEST_TABLE {
            return Err(err!(RuntimeError, "Invalid bytes object in remote process"));
        }
        let mut bytes = vec![0; size];
        self.read(object + offset_of!(PyBytesObject, ob_sval), &mut bytes)?;
        Ok(bytes)
    }

    /// The magnitude of an int of at most two digits.
    pub fn small_int(&self, object: usize) -> PyResult<u64> {
        const DIGITS: usize = offset_of!(PyLongObject, long_value) + offset_of!(abi::_PyLongValue, ob_digit);
        let digits = self.word(object + offset_of!(PyLongObject, long_value))? >> 3;
        let mut value = 0;
        for i in 0..digits.min(2) {
            value |= (self.number(object + DIGITS + 4 * i)? as u32 as u64) << (30 * i);
        }
        Ok(value)
    }

    // ---- threads

    pub fn main_thread(&self) -> PyResult<usize> {
        self.word(gil::main_thread_slot().wrapping_add(self.slide))
    }

    /// The states of all threads, the newest first.
    pub fn threads(&self) -> PyResult<Vec<usize>> {
        let mut list: ManuallyDrop<MaybeUninit<Vec<*const ThreadState>>> = ManuallyDrop::new(MaybeUninit::zeroed());
        // SAFETY: the bytes of the variable.
        let bytes = unsafe { std::slice::from_raw_parts_mut(list.as_mut_ptr().cast::<u8>(), size_of::<Vec<*const ThreadState>>()) };
        self.read(self.address_of(tstate::list_of_threads()), bytes)?;
        // The list is only looked at as numbers: its memory is the other process's.
        // SAFETY: a vector's fields as another process has them; a pointer that is never followed. A vector's pointer is not null.
        let (items, len) = unsafe { ((*list.as_ptr()).as_ptr() as usize, (*list.as_ptr()).len()) };
        if len > MOST_THREADS {
            return Err(err!(RuntimeError, "Invalid thread list in remote process"));
        }
        (0..len).rev().map(|i| self.word(items + i * size_of::<usize>())).collect()
    }
    pub fn native_id(&self, thread: usize) -> PyResult<u64> {
        Ok(self.word(thread + offset_of!(PyThreadState, native_thread_id))? as u64)
    }
    pub fn holds_gil(&self, thread: usize) -> PyResult<bool> {
        Ok(self.number(thread + offset_of!(PyThreadState, holds_gil))? != 0)
    }
    /// The event loop and the task that run in the thread, or zeros.
    pub fn running(&self, thread: usize) -> PyResult<(usize, usize)> {
        let private = thread + offset_of!(ThreadState, 1);
        let event_loop = self.word(private + offset_of!(tstate::Private, asyncio_running_loop))?;
        Ok((event_loop, self.word(private + offset_of!(tstate::Private, asyncio_running_task))?))
    }

    // ---- frames

    fn with_code<R>(&self, code: usize, then: impl FnOnce(&CodeFacts) -> R) -> PyResult<R> {
        if let Some(known) = self.codes.borrow().get(&code) {
            return Ok(then(known));
        }
        let field = |offset: usize| self.word(code + offset);
        let facts = CodeFacts {
            filename: self.text(field(offset_of!(PyCodeObject, co_filename))?, MOST_TEXT)?,
            function: self.text(field(offset_of!(PyCodeObject, co_qualname))?, MOST_TEXT)?,
            first_line: self.number(code + offset_of!(PyCodeObject, co_firstlineno))?,
            table: self.bytes(field(offset_of!(PyCodeObject, co_linetable))?)?,
        };
        let result = then(&facts);
        self.codes.borrow_mut().insert(code, facts);
        Ok(result)
    }

    /// Where a frame is; `None` for one that runs no Python code.
    fn place(&self, frame: usize) -> PyResult<Option<Place>> {
        if self.byte(frame + offset_of!(InterpreterFrame, owner))? >= OWNED_BY_INTERPRETER {
            return Ok(None);
        }
        let code = self.word(frame + offset_of!(InterpreterFrame, f_executable))? & !abi::Py_TAG_BITS;
        let at = self.word(frame + offset_of!(InterpreterFrame, instr_ptr))?;
        let first = code + offset_of!(PyCodeObject, co_code_adaptive);
        let unit = at.saturating_sub(first) / 2;
        self.with_code(code, |facts| {
            let line = bytecode::locations::line_at(&facts.table, facts.first_line, unit);
            Some(Place { filename: facts.filename.clone(), line, function: facts.function.clone() })
        })
    }

    /// The thread's Python frames, the innermost first, up to where C code called Python; or up to the frame `last`, through C code.
    pub fn stack(&self, thread: usize, last: Option<usize>) -> PyResult<Vec<Place>> {
        let mut frame = self.word(thread + offset_of!(PyThreadState, current_frame))?;
        let mut stack = Vec::new();
        for _ in 0..MOST_FRAMES {
            if frame == 0 {
                break;
            }
            match self.place(frame)? {
                Some(place) => stack.push(place),
                None if last.is_none() && !stack.is_empty() => break,
                None => {}
            }
            if Some(frame) == last {
                break;
            }
            frame = self.word(frame + offset_of!(InterpreterFrame, previous))?;
        }
        Ok(stack)
    }

    /// The frame in a generator or coroutine.
    pub fn frame_of(coroutine: usize) -> usize {
        coroutine + offset_of!(PyGenObject, gi_iframe)
    }

    /// What a suspended coroutine waits in, the innermost first: it, the coroutine that it awaits, and so on.
    pub fn awaited(&self, coroutine: usize) -> PyResult<Vec<Place>> {
        let (mut at, mut stack) = (coroutine, Vec::new());
        for _ in 0..MOST_FRAMES {
            if !self.is_instance(at, Coroutine::type_object())? && !self.is_instance(at, Generator::type_object())? {
                break;
            }
            let state = self.byte(at + offset_of!(PyGenObject, gi_frame_state))? as i8;
            if state == abi::FRAME_CLEARED {
                break;
            }
            let frame = Self::frame_of(at);
            stack.extend(self.place(frame)?);
            if state != abi::FRAME_SUSPENDED_YIELD_FROM {
                break;
            }
            let top = self.word(frame + offset_of!(InterpreterFrame, stackpointer))?;
            at = self.word(top.wrapping_sub(size_of::<usize>()))? & !abi::Py_TAG_BITS;
            if at == 0 {
                break;
            }
        }
        stack.reverse();
        Ok(stack)
    }
}
