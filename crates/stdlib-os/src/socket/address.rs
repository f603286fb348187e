//! Socket addresses: from and to the Python objects that stand for them in each family.

use super::names::{host_name, resolve};
use super::object::Socket;
use crate::call::{errno, os_error};
use crate::posix::path::{decode, encode};
use crate::posix::results::{int, text};
use runtime::err;
use runtime::errors::{self, PyResult};
use runtime::macro_support::Buffer;
use runtime::object::{Object, Owned};
use runtime::protocol::number;
use runtime::types::{Bytes, Str, Tuple};
use std::ffi::{CStr, c_char, c_int, c_void};
use std::mem::{offset_of, size_of};

const AF_QIPCRTR: c_int = 42;

unsafe extern "C" {
    fn inet_ntop(family: c_int, address: *const c_void, text: *mut c_char, size: libc::socklen_t) -> *const c_char;
}

/// A socket address as the system has it.
#[derive(Clone, Copy)]
pub struct Address {
    storage: libc::sockaddr_storage,
    pub length: libc::socklen_t,
}

impl Address {
    /// Room for an address that the system fills in.
    pub fn empty() -> Address {
        // SAFETY: a struct of numbers.
        Address { storage: unsafe { std::mem::zeroed() }, length: size_of::<libc::sockaddr_storage>() as libc::socklen_t }
    }
    /// # Safety
    /// `T` is a `sockaddr_*` struct.
    unsafe fn of<T: Copy>(value: T, length: usize) -> Address {
        let mut address = Address::empty();
        // SAFETY: socket addresses fit the storage.
        unsafe { (&raw mut address.storage as *mut T).write_unaligned(value) };
        address.length = length as libc::socklen_t;
        address
    }
    /// # Safety
    /// `length` bytes of an address at `data`.
    pub unsafe fn from_raw(data: *const libc::sockaddr, length: libc::socklen_t) -> Address {
        let mut address = Address::empty();
        let length = (length as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: by contract.
        unsafe { std::ptr::copy_nonoverlapping(data as *const u8, &raw mut address.storage as *mut u8, length) };
        address.length = length as libc::socklen_t;
        address
    }
    pub fn as_ptr(&self) -> *const libc::sockaddr {
        &raw const self.storage as *const libc::sockaddr
    }
    pub fn as_mut_ptr(&mut self) -> *mut libc::sockaddr {
        &raw mut self.storage as *mut libc::sockaddr
    }
    pub fn family(&self) -> c_int {
        self.storage.ss_family as c_int
    }
    /// # Safety
    /// `T` is the struct of the address's family.
    pub unsafe fn get<T: Copy>(&self) -> T {
        // SAFETY: by contract; the storage is as long as any address.
        unsafe { (&raw const self.storage as *const T).read_unaligned() }
    }
    fn bytes(&self) -> &[u8] {
        let length = (self.length as usize).min(size_of::<libc::sockaddr_storage>());
        // SAFETY: initialised storage.
        unsafe { std::slice::from_raw_parts(&raw const self.storage as *const u8, length) }
    }
    pub fn inet(address: libc::in_addr, port: u16) -> Address {
        // SAFETY: a struct of numbers.
        unsafe {
            let mut value: libc::sockaddr_in = std::mem::zeroed();
            value.sin_family = libc::AF_INET as libc::sa_family_t;
            value.sin_addr = address;
            value.sin_port = port.to_be();
            Address::of(value, size_of::<libc::sockaddr_in>())
        }
    }
    pub fn inet6(address: libc::in6_addr, port: u16, flowinfo: u32, scope_id: u32) -> Address {
        // SAFETY: a struct of numbers.
        unsafe {
            let mut value: libc::sockaddr_in6 = std::mem::zeroed();
            value.sin6_family = libc::AF_INET6 as libc::sa_family_t;
            value.sin6_addr = address;
            value.sin6_port = port.to_be();
            value.sin6_flowinfo = flowinfo.to_be();
            value.sin6_scope_id = scope_id;
            Address::of(value, size_of::<libc::sockaddr_in6>())
        }
    }
}

// ---- to Python ------------------------------------------------------------------------------------------------------------------

/// The host part of an internet address.
pub fn host_text(address: &Address) -> Owned<Str> {
    // SAFETY: the family says which struct it is.
    unsafe {
        if address.family() == libc::AF_INET6 {
            let octets = address.get::<libc::sockaddr_in6>().sin6_addr.s6_addr;
            return Str::new(&inet6_text(&octets));
        }
        let octets = address.get::<libc::sockaddr_in>().sin_addr.s_addr.to_ne_bytes();
        Str::new(&std::net::Ipv4Addr::from(octets).to_string())
    }
}

/// An IPv6 address as the C library writes it.
pub fn inet6_text(octets: &[u8; 16]) -> String {
    let mut buffer = [0u8; 64];
    // SAFETY: 16 bytes, and room for any text.
    let made = unsafe { inet_ntop(libc::AF_INET6, octets.as_ptr().cast(), buffer.as_mut_ptr().cast(), buffer.len() as _) };
    if made.is_null() { String::new() } else { String::from_utf8_lossy(buffer.split(|&b| b == 0).next().unwrap_or(&[])).into_owned() }
}

fn unix_address(address: &Address) -> Owned {
    let path = address.bytes().get(offset_of!(libc::sockaddr_un, sun_path)..).unwrap_or(&[]);
    match path.first() {
        None => text(""),
        // The abstract name space of Linux: all bytes count.
        Some(0) => Bytes::new(path).into_object(),
        Some(_) => decode(path.split(|&b| b == 0).next().unwrap_or(&[])).into_object(),
    }
}

fn interface_name(index: c_int) -> Owned {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: room for a name.
    let found = index != 0 && !unsafe { libc::if_indextoname(index as u32, name.as_mut_ptr().cast()) }.is_null();
    if found { decode(name.split(|&b| b == 0).next().unwrap_or(&[])).into_object() } else { text("") }
}

/// The object for an address; None for no address.
pub fn to_python(address: &Address, protocol: c_int) -> PyResult {
    if address.length == 0 {
        return Ok(runtime::types::none().to_owned());
    }
    let tuple = |items: Vec<Owned>| Ok(Tuple::from_owned(items).into_object());
    // SAFETY (all reads): the family says which struct it is; the storage is initialised whatever the length.
    unsafe {
        match address.family() {
            libc::AF_INET => {
                let value: libc::sockaddr_in = address.get();
                tuple(vec![host_text(address).into_object(), int(u16::from_be(value.sin_port))])
            }
            libc::AF_INET6 => {
                let value: libc::sockaddr_in6 = address.get();
                tuple(vec![
                    host_text(address).into_object(),
                    int(u16::from_be(value.sin6_port)),
                    int(u32::from_be(value.sin6_flowinfo)),
                    int(value.sin6_scope_id),
                ])
            }
            libc::AF_UNIX => Ok(unix_address(address)),
            libc::AF_NETLINK => {
                let value: libc::sockaddr_nl = address.get();
                tuple(vec![int(value.nl_pid), int(value.nl_groups)])
            }
            AF_QIPCRTR => {
                let value: [u32; 3] = address.get();
                tuple(vec![int(value[1]), int(value[2])])
            }
            libc::AF_VSOCK => {
                let value: libc::sockaddr_vm = address.get();
                tuple(vec![int(value.svm_cid), int(value.svm_port)])
            }
            libc::AF_PACKET => {
                let value: libc::sockaddr_ll = address.get();
                let hardware = &value.sll_addr[..(value.sll_halen as usize).min(value.sll_addr.len())];
                tuple(vec![
                    interface_name(value.sll_ifindex),
                    int(u16::from_be(value.sll_protocol)),
                    int(value.sll_pkttype),
                    int(value.sll_hatype),
                    Bytes::new(hardware).into_object(),
                ])
            }
            libc::AF_CAN => {
                let value: libc::sockaddr_can = address.get();
                let name = interface_name(value.can_ifindex);
                match protocol {
                    libc::CAN_ISOTP => tuple(vec![name, int(value.can_addr.tp.rx_id), int(value.can_addr.tp.tx_id)]),
                    libc::CAN_J1939 => {
                        tuple(vec![name, int(value.can_addr.j1939.name), int(value.can_addr.j1939.pgn), int(value.can_addr.j1939.addr)])
                    }
                    _ => tuple(vec![name]),
                }
            }
            family => {
                let data = address.bytes().get(2..).unwrap_or(&[]);
                let mut padded = data.to_vec();
                padded.truncate(14);
                tuple(vec![int(family), Bytes::new(&padded).into_object()])
            }
        }
    }
}

// ---- from Python ----------------------------------------------------------------------------------------------------------------

fn tuple_of<'a>(function: &str, family: &str, value: &'a Object) -> PyResult<&'a Tuple> {
    match value.downcast::<Tuple>() {
        Some(tuple) => Ok(tuple),
        None => Err(err!(TypeError, "{}(): {} address must be tuple, not {}", function, family, value.type_name())),
    }
}

fn port(function: &str, value: &Object) -> PyResult<u16> {
    let port = match errors::catch(number::as_i32(value), runtime::exceptions::OverflowError())? {
        Some(port) => port,
        None => -1,
    };
    u16::try_from(port).map_err(|_| err!(OverflowError, "{}(): port must be 0-65535.", function))
}

/// A C unsigned int ("I": no check for overflow).
fn unsigned(value: &Object) -> PyResult<u32> {
    Ok(number::index(value)?.as_u64_mask() as u32)
}

fn check_length(tuple: &Tuple, lengths: std::ops::RangeInclusive<usize>, words: &str) -> PyResult<()> {
    if lengths.contains(&tuple.len()) { Ok(()) } else { Err(err!(TypeError, "{}", words)) }
}

/// The index of a named network interface; an empty name is any interface.
fn interface_index(name: &CStr) -> PyResult<c_int> {
    if name.is_empty() {
        return Ok(0);
    }
    // SAFETY: a C string.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => Err(os_error(errno())),
        index => Ok(index as c_int),
    }
}

fn unix_from(value: &Object) -> PyResult<Address> {
    let path: Vec<u8> = match value.downcast::<Str>() {
        Some(text) => encode(text)?.into_owned(),
        None => Buffer::new(value)?.to_vec(),
    };
    // SAFETY: a struct of numbers.
    let mut address: libc::sockaddr_un = unsafe { std::mem::zeroed() };
    address.sun_family = libc::AF_UNIX as libc::sa_family_t;
    let room = address.sun_path.len();
    let is_abstract = path.first().is_none_or(|&b| b == 0);
    if path.len() > room || (!is_abstract && path.len() == room) {
        return Err(err!(OSError, "AF_UNIX path too long"));
    }
    for (to, from) in address.sun_path.iter_mut().zip(&path) {
        *to = *from as _;
    }
    // SAFETY: a socket address.
    Ok(unsafe { Address::of(address, offset_of!(libc::sockaddr_un, sun_path) + path.len()) })
}

fn packet_from(function: &str, tuple: &Tuple) -> PyResult<Address> {
    check_length(tuple, 2..=5, "AF_PACKET address must be a tuple of two to five elements")?;
    let name = crate::posix::path::fs_converter(tuple.get(0))?;
    let protocol = number::as_i32(tuple.get(1))?;
    let number_at = |i: usize| tuple.get_opt(i).map_or(Ok(0), number::as_i32);
    let (kind, hardware_type) = (number_at(2)?, number_at(3)?);
    let hardware = match tuple.get_opt(4) {
        Some(buffer) => Buffer::new(buffer)?.to_vec(),
        None => Vec::new(),
    };
    if hardware.len() > 8 {
        return Err(err!(ValueError, "Hardware address must be 8 bytes or less"));
    }
    if !(0..=0xffff).contains(&protocol) {
        return Err(err!(OverflowError, "{}(): proto must be 0-65535.", function));
    }
    // SAFETY: a struct of numbers.
    let mut address: libc::sockaddr_ll = unsafe { std::mem::zeroed() };
    address.sll_family = libc::AF_PACKET as u16;
    address.sll_protocol = (protocol as u16).to_be();
    address.sll_ifindex = interface_index(&name)?;
    address.sll_pkttype = kind as u8;
    address.sll_hatype = hardware_type as u16;
    address.sll_halen = hardware.len() as u8;
    address.sll_addr[..hardware.len()].copy_from_slice(&hardware);
    // SAFETY: a socket address.
    Ok(unsafe { Address::of(address, size_of::<libc::sockaddr_ll>()) })
}

fn can_from(function: &str, value: &Object, protocol: c_int) -> PyResult<Address> {
    let tuple = tuple_of(function, "AF_CAN", value)?;
    // SAFETY: a struct of numbers.
    let mut address: libc::sockaddr_can = unsafe { std::mem::zeroed() };
    address.can_family = libc::AF_CAN as u16;
    match protocol {
        libc::CAN_ISOTP => {
            check_length(tuple, 3..=3, "AF_CAN address must be a tuple (interface, rx_addr, tx_addr)")?;
            address.can_addr.tp.rx_id = number::as_i64(tuple.get(1))? as u32;
            address.can_addr.tp.tx_id = number::as_i64(tuple.get(2))? as u32;
        }
        libc::CAN_J1939 => {
            check_length(tuple, 4..=4, "AF_CAN address must be a tuple (interface, name, pgn, addr)")?;
            address.can_addr.j1939.name = number::index(tuple.get(1))?.as_u64_mask();
            address.can_addr.j1939.pgn = unsigned(tuple.get(2))?;
            address.can_addr.j1939.addr = unsigned(tuple.get(3))? as u8;
        }
        _ => check_length(tuple, 1..=1, "AF_CAN address must be a tuple (interface, )")?,
    }
    let name = crate::posix::path::fs_converter(tuple.get(0))?;
    if name.as_bytes().len() >= libc::IF_NAMESIZE {
        return Err(err!(OSError, "AF_CAN interface name too long"));
    }
    address.can_ifindex = interface_index(&name)?;
    // SAFETY: a socket address.
    Ok(unsafe { Address::of(address, size_of::<libc::sockaddr_can>()) })
}

fn alg_from(function: &str, value: &Object) -> PyResult<Address> {
    let tuple = tuple_of(function, "AF_ALG", value)?;
    check_length(tuple, 2..=4, "AF_ALG address must be a tuple (type, name[, feat[, mask]])")?;
    let part = |i: usize| match tuple.get(i).downcast::<Str>() {
        Some(text) => text.as_utf8().map(|text| text.as_bytes().to_vec()),
        None => Err(err!(TypeError, "AF_ALG address must be a tuple (type, name[, feat[, mask]])")),
    };
    let (kind, name) = (part(0)?, part(1)?);
    // SAFETY: a struct of numbers.
    let mut address: libc::sockaddr_alg = unsafe { std::mem::zeroed() };
    if kind.len() >= address.salg_type.len() {
        return Err(err!(ValueError, "AF_ALG type too long."));
    }
    if name.len() >= address.salg_name.len() {
        return Err(err!(ValueError, "AF_ALG name too long."));
    }
    address.salg_family = libc::AF_ALG as u16;
    address.salg_type[..kind.len()].copy_from_slice(&kind);
    address.salg_name[..name.len()].copy_from_slice(&name);
    address.salg_feat = tuple.get_opt(2).map_or(Ok(0), unsigned)?;
    address.salg_mask = tuple.get_opt(3).map_or(Ok(0), unsigned)?;
    // SAFETY: a socket address.
    Ok(unsafe { Address::of(address, size_of::<libc::sockaddr_alg>()) })
}

/// The address that an object stands for in the socket's family. `function` is for errors.
pub fn from_python(socket: &Socket, function: &str, value: &Object) -> PyResult<Address> {
    match socket.family.get() {
        libc::AF_INET => {
            let tuple = tuple_of(function, "AF_INET", value)?;
            check_length(tuple, 2..=2, "AF_INET address must be a pair (host, port)")?;
            let host = host_name(tuple.get(0))?;
            let port = port(function, tuple.get(1))?;
            let found = resolve(&host, libc::AF_INET)?;
            // SAFETY: an address of that family.
            Ok(Address::inet(unsafe { found.get::<libc::sockaddr_in>() }.sin_addr, port))
        }
        libc::AF_INET6 => {
            let tuple = tuple_of(function, "AF_INET6", value)?;
            check_length(tuple, 2..=4, "AF_INET6 address must be a tuple (host, port[, flowinfo[, scopeid]])")?;
            let host = host_name(tuple.get(0))?;
            let port_number = port(function, tuple.get(1))?;
            let flowinfo = tuple.get_opt(2).map_or(Ok(0), unsigned)?;
            let scope_id = tuple.get_opt(3).map_or(Ok(0), unsigned)?;
            if flowinfo > 0xfffff {
                return Err(err!(OverflowError, "{}(): flowinfo must be 0-1048575.", function));
            }
            let found = resolve(&host, libc::AF_INET6)?;
            // SAFETY: an address of that family.
            Ok(Address::inet6(unsafe { found.get::<libc::sockaddr_in6>() }.sin6_addr, port_number, flowinfo, scope_id))
        }
        libc::AF_UNIX => unix_from(value),
        libc::AF_NETLINK => {
            let tuple = tuple_of(function, "AF_NETLINK", value)?;
            check_length(tuple, 2..=2, "AF_NETLINK address must be a pair (pid, groups)")?;
            // SAFETY: a struct of numbers.
            let mut address: libc::sockaddr_nl = unsafe { std::mem::zeroed() };
            address.nl_family = libc::AF_NETLINK as u16;
            address.nl_pid = unsigned(tuple.get(0))?;
            address.nl_groups = unsigned(tuple.get(1))?;
            // SAFETY: a socket address.
            Ok(unsafe { Address::of(address, size_of::<libc::sockaddr_nl>()) })
        }
        AF_QIPCRTR => {
            let tuple = tuple_of(function, "AF_QIPCRTR", value)?;
            check_length(tuple, 2..=2, "AF_QIPCRTR address must be a pair (node, port)")?;
            let address = [AF_QIPCRTR as u16 as u32, unsigned(tuple.get(0))?, unsigned(tuple.get(1))?];
            // SAFETY: a family and two numbers.
            Ok(unsafe { Address::of(address, 12) })
        }
        libc::AF_VSOCK => {
            let Some(tuple) = value.downcast::<Tuple>() else {
                return Err(err!(TypeError, "getsockaddrarg: AF_VSOCK address must be tuple, not {}", value.type_name()));
            };
            check_length(tuple, 2..=2, "AF_VSOCK address must be a pair (CID, port)")?;
            // SAFETY: a struct of numbers.
            let mut address: libc::sockaddr_vm = unsafe { std::mem::zeroed() };
            address.svm_family = libc::AF_VSOCK as u16;
            address.svm_cid = unsigned(tuple.get(0))?;
            address.svm_port = unsigned(tuple.get(1))?;
            // SAFETY: a socket address.
            Ok(unsafe { Address::of(address, size_of::<libc::sockaddr_vm>()) })
        }
        libc::AF_PACKET => packet_from(function, tuple_of(function, "AF_PACKET", value)?),
        libc::AF_CAN => can_from(function, value, socket.proto.get()),
        libc::AF_ALG => alg_from(function, value),
        _ => Err(err!(OSError, "{}(): bad family", function)),
    }
}
