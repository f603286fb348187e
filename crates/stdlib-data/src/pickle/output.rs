//! The bytes of a pickle as they are written: one buffer, and from protocol 4 on frames in it.
//!
//! While framing is on, the buffer ends in an open frame, which begins with room for its header; a frame that stays too short loses it.

use super::opcodes::FRAME;
use runtime::protocol::call;
use runtime::types::Bytes;
use runtime::{Object, Owned, PyResult};

const FRAME_TARGET: usize = 64 * 1024;
const FRAME_HEADER: usize = 9;
const FRAME_MIN: usize = 4;
const FIRST_CAPACITY: usize = 1024;

pub struct Output<'a> {
    bytes: Vec<u8>,
    /// Where the open frame begins.
    frame: Option<usize>,
    /// The length of the buffer at which the open frame is large enough.
    limit: usize,
    /// Where the bytes go in the end; None: to the caller.
    write: Option<&'a Owned>,
}

impl<'a> Output<'a> {
    pub fn new(write: Option<&'a Owned>) -> Output<'a> {
        Output { bytes: Vec::with_capacity(FIRST_CAPACITY), frame: None, limit: usize::MAX, write }
    }
    pub fn begin_framing(&mut self) {
        self.open_frame();
    }
    /// All is written: what has not gone to the file.
    pub fn finish(mut self) -> PyResult<Vec<u8>> {
        self.close_frame();
        self.flush()?;
        Ok(self.bytes)
    }

    #[inline(always)]
    pub fn op(&mut self, opcode: u8) {
        self.put(&[opcode]);
    }
    #[inline(always)]
    pub fn put(&mut self, bytes: &[u8]) {
        runtime::memory::reserve::extend(&mut self.bytes, bytes);
    }

    fn open_frame(&mut self) {
        self.frame = Some(self.bytes.len());
        self.limit = self.bytes.len() + FRAME_HEADER + FRAME_TARGET;
        self.put(&[0; FRAME_HEADER]);
    }
    fn close_frame(&mut self) {
        let Some(start) = self.frame.take() else { return };
        self.limit = usize::MAX;
        let len = self.bytes.len() - start - FRAME_HEADER;
        if len >= FRAME_MIN {
            self.bytes[start] = FRAME;
            self.bytes[start + 1..start + FRAME_HEADER].copy_from_slice(&(len as u64).to_le_bytes());
        } else {
            drop(self.bytes.drain(start..start + FRAME_HEADER));
        }
    }
    fn flush(&mut self) -> PyResult<()> {
        let Some(write) = self.write else { return Ok(()) };
        let bytes = std::mem::take(&mut self.bytes);
        if !bytes.is_empty() {
            call::call1(write, Bytes::new(&bytes).object())?;
        }
        Ok(())
    }

    /// Between two objects: a frame that is large enough ends.
    #[inline(always)]
    pub fn boundary(&mut self) -> PyResult<()> {
        if self.bytes.len() < self.limit { Ok(()) } else { self.next_frame() }
    }
    #[cold]
    fn next_frame(&mut self) -> PyResult<()> {
        self.close_frame();
        let result = self.flush();
        self.open_frame();
        result
    }

    /// A header and its data; large data goes without a frame, and without a copy.
    #[inline]
    pub fn put_large(&mut self, header: &[u8], data: &[u8], payload: Option<&Object>) -> PyResult<()> {
        if data.len() < FRAME_TARGET || self.frame.is_none() {
            self.put(header);
            self.put(data);
            return Ok(());
        }
        self.put_unframed(header, data, payload)
    }
    #[cold]
    fn put_unframed(&mut self, header: &[u8], data: &[u8], payload: Option<&Object>) -> PyResult<()> {
        self.close_frame();
        self.put(header);
        let result = match self.write {
            Some(write) => self.flush().and_then(|()| match payload {
                Some(payload) => call::call1(write, payload).map(drop),
                None => call::call1(write, Bytes::new(data).object()).map(drop),
            }),
            None => {
                self.put(data);
                Ok(())
            }
        };
        self.open_frame();
        result
    }
}
