//! A zlib stream, safely: owns the state, and hands it slices of input and room for output.

use libz_rs_sys::{self as z, z_stream};
use std::ffi::CStr;
use std::mem::size_of;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Deflate,
    Inflate,
}

/// A stream that has been set up; ended on drop. The C struct does not move: the library's state points back to it.
pub struct Stream {
    raw: Box<z_stream>,
    direction: Direction,
    live: bool,
}

/// How far a step came.
pub struct Step {
    pub status: i32,
    pub consumed: usize,
}

fn version() -> *const std::ffi::c_char {
    // SAFETY: no arguments.
    z::zlibVersion()
}

impl Stream {
    pub fn deflate(level: i32, method: i32, wbits: i32, mem_level: i32, strategy: i32) -> Result<Stream, i32> {
        let mut raw = Box::new(z_stream::default());
        // SAFETY: a fresh stream and the version and size of this library.
        let status = unsafe { z::deflateInit2_(&mut *raw, level, method, wbits, mem_level, strategy, version(), size_of::<z_stream>() as i32) };
        if status == z::Z_OK { Ok(Stream { raw, direction: Direction::Deflate, live: true }) } else { Err(status) }
    }
    pub fn inflate(wbits: i32) -> Result<Stream, i32> {
        let mut raw = Box::new(z_stream::default());
        // SAFETY: as above.
        let status = unsafe { z::inflateInit2_(&mut *raw, wbits, version(), size_of::<z_stream>() as i32) };
        if status == z::Z_OK { Ok(Stream { raw, direction: Direction::Inflate, live: true }) } else { Err(status) }
    }
    pub fn is_live(&self) -> bool {
        self.live
    }
    pub fn set_dictionary(&mut self, dictionary: &[u8]) -> i32 {
        let len = dictionary.len().min(u32::MAX as usize) as u32;
        // SAFETY: a live stream and a slice of that length.
        unsafe {
            match self.direction {
                Direction::Deflate => z::deflateSetDictionary(&mut *self.raw, dictionary.as_ptr(), len),
                Direction::Inflate => z::inflateSetDictionary(&mut *self.raw, dictionary.as_ptr(), len),
            }
        }
    }
    /// Runs the library once: output goes to the end of `out`, at most `room` bytes.
    pub fn step(&mut self, input: &[u8], out: &mut Vec<u8>, room: usize, flush: i32) -> Result<Step, std::collections::TryReserveError> {
        if !self.live {
            return Ok(Step { status: z::Z_STREAM_ERROR, consumed: 0 });
        }
        let room = room.min(u32::MAX as usize);
        let given = input.len().min(u32::MAX as usize);
        out.try_reserve(room)?;
        let start = out.len();
        self.raw.next_in = input.as_ptr();
        self.raw.avail_in = given as u32;
        self.raw.next_out = out.spare_capacity_mut().as_mut_ptr().cast();
        self.raw.avail_out = room as u32;
        // SAFETY: a live stream; input and room are as long as said. The library has initialised what it says it wrote.
        let status = unsafe {
            let status = match self.direction {
                Direction::Deflate => z::deflate(&mut *self.raw, flush),
                Direction::Inflate => z::inflate(&mut *self.raw, flush),
            };
            out.set_len(start + room - self.raw.avail_out as usize);
            status
        };
        let consumed = given - self.raw.avail_in as usize;
        self.raw.next_in = std::ptr::null();
        self.raw.avail_in = 0;
        Ok(Step { status, consumed })
    }
    /// Gives the state up; later steps are stream errors.
    pub fn end(&mut self) {
        if std::mem::replace(&mut self.live, false) {
            // SAFETY: a live stream, ended once.
            unsafe {
                match self.direction {
                    Direction::Deflate => z::deflateEnd(&mut *self.raw),
                    Direction::Inflate => z::inflateEnd(&mut *self.raw),
                }
            };
        }
    }
    pub fn try_clone(&mut self) -> Result<Stream, i32> {
        if !self.live {
            return Err(z::Z_STREAM_ERROR);
        }
        let mut raw = Box::new(z_stream::default());
        // SAFETY: a fresh stream and a live one.
        let status = unsafe {
            match self.direction {
                Direction::Deflate => z::deflateCopy(&mut *raw, &mut *self.raw),
                Direction::Inflate => z::inflateCopy(&mut *raw, &*self.raw),
            }
        };
        if status == z::Z_OK { Ok(Stream { raw, direction: self.direction, live: true }) } else { Err(status) }
    }
    /// The library's words for the last error.
    pub fn message(&self) -> Option<String> {
        if self.raw.msg.is_null() {
            return None;
        }
        // SAFETY: a static C string of the library.
        Some(unsafe { CStr::from_ptr(self.raw.msg) }.to_string_lossy().into_owned())
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.end();
    }
}

pub fn adler32(data: &[u8], value: u32) -> u32 {
    // SAFETY: a slice of that length.
    unsafe { z::adler32_z(value as _, data.as_ptr(), data.len()) as u32 }
}
