//! recvmsg and sendmsg: messages with ancillary data.

use super::address::{self, Address};
use super::object::Socket;
use crate::call::Pointer;
use crate::posix::results::int;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::{Buffer, WritableBuffer};
use runtime::object::{Object, Owned};
use runtime::protocol::{iter, number, sequence};
use runtime::types::{Bytes, Int, List, Tuple};
use std::ffi::c_int;
use std::mem::size_of;

/// Ancillary data must be shorter than what a C int holds.
const CONTROL_MAX: usize = 0x7fff_ffff;

fn empty_header() -> libc::msghdr {
    // SAFETY: a struct of numbers and NULLs.
    unsafe { std::mem::zeroed() }
}

/// What CMSG_SPACE gives: the room for ancillary data of so many bytes.
pub fn control_space(data: usize) -> Option<usize> {
    // The space of one byte is kept free below the limit.
    if data > CONTROL_MAX - 24 {
        return None;
    }
    let aligned = data.checked_add(7)? & !7;
    let total = aligned.checked_add(control_length(0)?)?;
    (total <= CONTROL_MAX).then_some(total)
}

/// What CMSG_LEN gives: the length with the header, without padding behind.
pub fn control_length(data: usize) -> Option<usize> {
    let header = (size_of::<libc::cmsghdr>() + 7) & !7;
    let total = data.checked_add(header)?;
    (total <= CONTROL_MAX).then_some(total)
}

// ---- receiving ------------------------------------------------------------------------------------------------------------------

struct Received {
    count: isize,
    ancillary: Owned<List>,
    flags: c_int,
    address: Owned,
}

fn receive_parts(socket: &Socket, parts: &mut [libc::iovec], ancbufsize: isize, flags: c_int) -> PyResult<Received> {
    let Some(control_size) = usize::try_from(ancbufsize).ok().filter(|&n| n <= CONTROL_MAX) else {
        return Err(err!(ValueError, "invalid ancillary data buffer length"));
    };
    // Words, so that headers in it are aligned.
    let mut control: Vec<u64> = Vec::new();
    if control.try_reserve_exact(control_size / 8 + 1).is_err() {
        return Err(errors::no_memory());
    }
    control.resize(control_size / 8 + 1, 0);
    let mut from = Address::empty();
    let room = from.length;
    let mut header = empty_header();
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    header.msg_name = from.as_mut_ptr().cast();
    let control_at = Pointer(control.as_mut_ptr());
    let at = Pointer(&raw mut header);
    // SAFETY: parts, control and address are as long as the header says.
    let count = socket.call(false, move |fd| unsafe {
        (*at.get()).msg_namelen = room;
        (*at.get()).msg_control = if control_size > 0 { control_at.get().cast() } else { std::ptr::null_mut() };
        (*at.get()).msg_controllen = control_size as _;
        libc::recvmsg(fd, at.get(), flags)
    })?;
    from.length = header.msg_namelen;
    let ancillary = List::new();
    // SAFETY: the macros stay inside the control buffer, whose length the kernel set.
    unsafe {
        let end = control.as_ptr() as usize + (header.msg_controllen as usize).min(control_size);
        let mut item = if control_size > 0 { libc::CMSG_FIRSTHDR(&header) } else { std::ptr::null_mut() };
        while !item.is_null() {
            let data = libc::CMSG_DATA(item);
            let claimed = ((*item).cmsg_len as usize).checked_sub(data as usize - item as usize);
            let left = end.checked_sub(data as usize);
            let (Some(claimed), Some(left)) = (claimed, left) else {
                return Err(err!(RuntimeError, "received malformed or improperly-truncated ancillary data"));
            };
            let data = Bytes::new(std::slice::from_raw_parts(data, claimed.min(left)));
            ancillary.append(&Tuple::triple(int((*item).cmsg_level), int((*item).cmsg_type), data.into_object()))?;
            if claimed > left {
                break;
            }
            item = libc::CMSG_NXTHDR(&header, item);
        }
    }
    let address = address::to_python(&from, socket.proto.get())?;
    Ok(Received { count, ancillary, flags: header.msg_flags, address })
}

fn received(first: Owned, received: Received) -> Owned<Tuple> {
    Tuple::from_owned(vec![first, received.ancillary.into_object(), int(received.flags), received.address])
}

pub fn receive(socket: &Socket, bufsize: isize, ancbufsize: isize, flags: c_int) -> PyResult<Owned<Tuple>> {
    let Ok(size) = usize::try_from(bufsize) else { return Err(err!(ValueError, "negative buffer size in recvmsg()")) };
    let mut buffer: Vec<u8> = Vec::new();
    if buffer.try_reserve_exact(size).is_err() {
        return Err(errors::no_memory());
    }
    let mut parts = [libc::iovec { iov_base: buffer.as_mut_ptr().cast(), iov_len: size }];
    let result = receive_parts(socket, &mut parts, ancbufsize, flags)?;
    // SAFETY: so many bytes were written.
    unsafe { buffer.set_len((result.count as usize).min(size)) };
    Ok(received(Bytes::new(&buffer).into_object(), result))
}

pub fn receive_into(socket: &Socket, buffers: &Object, ancbufsize: isize, flags: c_int) -> PyResult<Owned<Tuple>> {
    let items = iterable(buffers, "recvmsg_into() argument 1 must be an iterable")?;
    let mut views = Vec::new();
    let mut parts = Vec::new();
    for item in items.iter() {
        let mut view = match WritableBuffer::new(item) {
            Ok(view) => view,
            Err(_) => {
                errors::clear();
                return Err(err!(TypeError, "recvmsg_into() argument 1 must be an iterable of single-segment read-write buffers"));
            }
        };
        parts.push(libc::iovec { iov_base: view.as_mut_ptr().cast(), iov_len: view.len() });
        views.push(view);
    }
    let result = receive_parts(socket, &mut parts, ancbufsize, flags)?;
    drop(views);
    let count = Int::from_i64(result.count as i64).into_object();
    Ok(received(count, result))
}

/// The items of an iterable; TypeError with `words` for what is none.
fn iterable(object: &Object, words: &str) -> PyResult<Owned<Tuple>> {
    match errors::catch(iter::get_iter(object), runtime::exceptions::TypeError())? {
        Some(iterator) => sequence::to_tuple(&iterator),
        None => Err(err!(TypeError, "{}", words)),
    }
}

// ---- sending --------------------------------------------------------------------------------------------------------------------

fn data_parts(buffers: &Object) -> PyResult<(Vec<Buffer>, Vec<libc::iovec>)> {
    let items = iterable(buffers, "sendmsg() argument 1 must be an iterable")?;
    let (mut views, mut parts) = (Vec::new(), Vec::new());
    for item in items.iter() {
        let view = Buffer::new(item)?;
        parts.push(libc::iovec { iov_base: view.as_ptr() as *mut _, iov_len: view.len() });
        views.push(view);
    }
    Ok((views, parts))
}

/// Ancillary data items as the kernel takes them.
struct Control {
    words: Vec<u64>,
    length: usize,
}

impl Control {
    fn new(items: &[(c_int, c_int, Vec<u8>)]) -> PyResult<Control> {
        let mut length = 0usize;
        for (_, _, data) in items {
            let Some(space) = control_space(data.len()) else { return Err(err!(OSError, "ancillary data item too large")) };
            length = match length.checked_add(space).filter(|&n| n <= CONTROL_MAX) {
                Some(length) => length,
                None => return Err(err!(OSError, "too much ancillary data")),
            };
        }
        let mut words: Vec<u64> = Vec::new();
        if words.try_reserve_exact(length / 8 + 1).is_err() {
            return Err(errors::no_memory());
        }
        words.resize(length / 8 + 1, 0);
        let mut at = 0;
        for (level, kind, data) in items {
            // SAFETY: the space was counted above; items begin at aligned places.
            unsafe {
                let item = (words.as_mut_ptr() as *mut u8).add(at) as *mut libc::cmsghdr;
                (*item).cmsg_level = *level;
                (*item).cmsg_type = *kind;
                (*item).cmsg_len = control_length(data.len()).unwrap_or(0) as _;
                std::ptr::copy_nonoverlapping(data.as_ptr(), libc::CMSG_DATA(item), data.len());
            }
            at += control_space(data.len()).unwrap_or(0);
        }
        Ok(Control { words, length })
    }
}

fn ancillary_items(ancdata: &Object) -> PyResult<Vec<(c_int, c_int, Vec<u8>)>> {
    let items = iterable(ancdata, "sendmsg() argument 2 must be an iterable")?;
    let mut all = Vec::new();
    for item in items.iter() {
        let Some(triple) = item.downcast::<Tuple>() else {
            return Err(err!(TypeError, "[sendmsg() ancillary data items]() argument must be 3-item tuple, not {}", item.type_name()));
        };
        if triple.len() != 3 {
            return Err(err!(TypeError, "[sendmsg() ancillary data items]() argument must be tuple of length 3, not {}", triple.len()));
        }
        all.push((number::as_i32(triple.get(0))?, number::as_i32(triple.get(1))?, Buffer::new(triple.get(2))?.to_vec()));
    }
    Ok(all)
}

fn send_header(socket: &Socket, parts: &mut [libc::iovec], control: &mut Control, address: Option<&mut Address>, flags: c_int) -> PyResult<isize> {
    let mut header = empty_header();
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if let Some(address) = address {
        header.msg_namelen = address.length;
        header.msg_name = address.as_mut_ptr().cast();
    }
    if control.length > 0 {
        header.msg_control = control.words.as_mut_ptr().cast();
        header.msg_controllen = control.length as _;
    }
    let at = Pointer(&raw mut header);
    // SAFETY: parts, control and address are as long as the header says.
    socket.call(true, move |fd| unsafe { libc::sendmsg(fd, at.get(), flags) })
}

pub fn send(socket: &Socket, buffers: &Object, ancdata: Option<&Object>, flags: c_int, address: Option<&Object>) -> PyResult<isize> {
    let mut to = None;
    if let Some(given) = address {
        to = Some(address::from_python(socket, "sendmsg", given)?);
    }
    audit("socket.sendmsg", &[socket, address.unwrap_or(runtime::types::none())])?;
    let (views, mut parts) = data_parts(buffers)?;
    let items = ancdata.map_or(Ok(Vec::new()), ancillary_items)?;
    let mut control = Control::new(&items)?;
    let result = send_header(socket, &mut parts, &mut control, to.as_mut(), flags);
    drop(views);
    result
}

pub fn send_afalg(socket: &Socket, msg: Option<&Object>, op: c_int, iv: Option<&Object>, assoclen: Option<&Object>, flags: c_int) -> PyResult<isize> {
    if socket.family.get() != libc::AF_ALG {
        return Err(err!(OSError, "algset is only supported for AF_ALG"));
    }
    if op < 0 {
        return Err(err!(TypeError, "Invalid or missing argument 'op'"));
    }
    let mut items = vec![(libc::SOL_ALG, libc::ALG_SET_OP, (op as u32).to_ne_bytes().to_vec())];
    if let Some(iv) = iv {
        let iv = Buffer::new(iv)?;
        let mut data = (iv.len() as u32).to_ne_bytes().to_vec();
        data.extend_from_slice(&iv);
        items.push((libc::SOL_ALG, libc::ALG_SET_IV, data));
    }
    if let Some(assoclen) = assoclen {
        let length = number::as_i32(assoclen)?;
        if length < 0 {
            return Err(err!(TypeError, "assoclen must be positive"));
        }
        items.push((libc::SOL_ALG, libc::ALG_SET_AEAD_ASSOCLEN, (length as u32).to_ne_bytes().to_vec()));
    }
    let (views, mut parts) = match msg {
        Some(msg) => data_parts(msg)?,
        None => (Vec::new(), Vec::new()),
    };
    let mut control = Control::new(&items)?;
    let result = send_header(socket, &mut parts, &mut control, None, flags);
    drop(views);
    result
}
