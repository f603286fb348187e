//! Where a pickle is read from: data that is all there, or a file, of which never more is read than needed.

use super::load::error;
use runtime::errors::Raised;
use runtime::protocol::{call, object};
use runtime::types::Int;
use runtime::{Object, Owned, PyResult, err, intern};

/// The largest part of a frame that is asked for at once, whatever its header says.
const READ_AHEAD: usize = 1 << 20;

/// Where the data comes from: all at once, or from a file bit by bit, never more than needed.
pub struct Input<'a> {
    data: std::borrow::Cow<'a, [u8]>,
    at: usize,
    /// Where the current frame ends; no opcode and no argument crosses that.
    frame: Option<usize>,
    /// What is before this place can be read at once: the end of the data, or of the frame.
    ready: usize,
    file: Option<(Owned, Owned)>,
}

#[cold]
pub fn truncated() -> Raised {
    error(format_args!("pickle data was truncated"))
}

impl<'a> Input<'a> {
    pub fn bytes(data: &'a [u8]) -> Input<'a> {
        Input { ready: data.len(), data: data.into(), at: 0, frame: None, file: None }
    }
    /// The `read` and `readline` methods of a file.
    pub fn methods(file: &Object) -> PyResult<(Owned, Owned)> {
        match (object::get_attr_opt(file, intern!("read"))?, object::get_attr_opt(file, intern!("readline"))?) {
            (Some(read), Some(readline)) => Ok((read, readline)),
            _ => Err(err!(TypeError, "file must have 'read' and 'readline' attributes")),
        }
    }
    pub fn file(file: &Object) -> PyResult<Input<'static>> {
        Ok(Input::of_methods(Input::methods(file)?))
    }
    pub fn of_methods(methods: (Owned, Owned)) -> Input<'static> {
        Input { data: Vec::new().into(), at: 0, frame: None, ready: 0, file: Some(methods) }
    }

    /// Appends what a method of the file gives.
    fn fill(&mut self, method: &Object, size: Option<usize>) -> PyResult<usize> {
        let made = match size {
            Some(size) => call::call1(method, Int::from_usize(size).object())?,
            None => call::call0(method)?,
        };
        let bytes = runtime::macro_support::Buffer::new(&made)?;
        let data = self.data.to_mut();
        if self.at == data.len() {
            data.clear();
            self.frame = self.frame.map(|end| end - self.at);
            self.at = 0;
        }
        data.extend_from_slice(&bytes);
        self.settle();
        Ok(bytes.len())
    }
    /// Finds out what is ready, after data or frame have changed.
    fn settle(&mut self) {
        if self.frame == Some(self.at) {
            self.frame = None;
        }
        self.ready = self.frame.unwrap_or(usize::MAX).min(self.data.len());
    }
    /// Makes sure that `n` bytes are here.
    fn need(&mut self, n: usize) -> PyResult<()> {
        let have = self.data.len() - self.at;
        if have >= n {
            return Ok(());
        }
        let Some((read, _)) = &self.file else { return Err(truncated()) };
        let read = read.clone();
        self.fill(&read, Some(n - have))?;
        if self.data.len() - self.at < n { Err(truncated()) } else { Ok(()) }
    }
    /// Checks what is to be read against the frame.
    fn check_frame(&mut self, n: usize) -> PyResult<()> {
        self.settle();
        match self.frame {
            Some(end) if n > end - self.at => Err(error(format_args!("pickle exhausted before end of frame"))),
            _ => Ok(()),
        }
    }
    /// Begins a frame, all of which must be there.
    pub fn begin_frame(&mut self, n: usize) -> PyResult<()> {
        self.settle();
        if self.frame.is_some() {
            return Err(error(format_args!("beginning of a new frame before end of current frame")));
        }
        loop {
            let missing = n.saturating_sub(self.data.len() - self.at);
            let Some((read, _)) = self.file.as_ref().filter(|_| missing > 0) else { break };
            let read = read.clone();
            if self.fill(&read, Some(missing.min(READ_AHEAD)))? == 0 {
                return Err(truncated());
            }
        }
        self.need(n)?;
        self.frame = Some(self.at + n);
        self.settle();
        Ok(())
    }
    #[inline(always)]
    pub fn read(&mut self, n: usize) -> PyResult<&[u8]> {
        if n > self.ready - self.at {
            self.make_ready(n)?;
        }
        let start = self.at;
        self.at += n;
        Ok(&self.data[start..self.at])
    }
    #[cold]
    fn make_ready(&mut self, n: usize) -> PyResult<()> {
        self.check_frame(n)?;
        self.need(n)
    }
    #[inline(always)]
    pub fn array<const N: usize>(&mut self) -> PyResult<[u8; N]> {
        let mut bytes = [0; N];
        bytes.copy_from_slice(self.read(N)?);
        Ok(bytes)
    }
    #[inline(always)]
    pub fn byte(&mut self) -> PyResult<u8> {
        Ok(self.array::<1>()?[0])
    }
    /// A line without its end.
    pub fn line(&mut self) -> PyResult<Vec<u8>> {
        loop {
            let rest = &self.data[self.at..];
            if let Some(len) = rest.iter().position(|&c| c == b'\n') {
                let line = rest[..len].to_vec();
                self.check_frame(len + 1)?;
                self.at += len + 1;
                return Ok(line);
            }
            let Some((_, readline)) = &self.file else { return Err(truncated()) };
            let readline = readline.clone();
            self.settle();
            if self.frame.is_some_and(|end| end <= self.data.len()) {
                return Err(error(format_args!("pickle exhausted before end of frame")));
            }
            if self.fill(&readline, None)? == 0 {
                return Err(truncated());
            }
        }
    }
    /// A length of four or eight bytes.
    pub fn size4(&mut self) -> PyResult<usize> {
        Ok(u32::from_le_bytes(self.array()?) as usize)
    }
    pub fn size8(&mut self, opcode: &str) -> PyResult<usize> {
        let size = u64::from_le_bytes(self.array()?);
        if size > isize::MAX as u64 {
            return Err(err!(OverflowError, "{} exceeds system's maximum size of {} bytes", opcode, isize::MAX));
        }
        Ok(size as usize)
    }
}
