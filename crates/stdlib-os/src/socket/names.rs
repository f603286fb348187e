//! Names and addresses: host, service and protocol lookups, conversions of addresses, network interfaces.

use super::address::{Address, host_text, inet6_text, to_python};
use super::messages::{control_length, control_space};
use super::{GAIERROR, HERROR};
use crate::call::{errno, os_error, quick};
use crate::posix::path::{FsString, decode, decode_c};
use crate::posix::results::int;
use runtime::audit::audit;
use runtime::err;
use runtime::errors::{PyResult, Raised};
use runtime::macro_support::Buffer;
use runtime::object::{Object, Owned};
use runtime::protocol::{call, number};
use runtime::types::{ByteArray, Bytes, Int, List, Str, Tuple};
use std::ffi::{CStr, CString, c_char, c_int, c_void};

unsafe extern "C" {
    fn gethostbyname_r(name: *const c_char, out: *mut libc::hostent, buffer: *mut c_char, size: usize, found: *mut *mut libc::hostent, h_errno: *mut c_int) -> c_int;
    fn gethostbyaddr_r(
        address: *const c_void,
        length: libc::socklen_t,
        family: c_int,
        out: *mut libc::hostent,
        buffer: *mut c_char,
        size: usize,
        found: *mut *mut libc::hostent,
        h_errno: *mut c_int,
    ) -> c_int;
    fn hstrerror(code: c_int) -> *const c_char;
    fn inet_pton(family: c_int, text: *const c_char, out: *mut c_void) -> c_int;
    fn inet_aton(text: *const c_char, out: *mut libc::in_addr) -> c_int;
}

// ---- host names -----------------------------------------------------------------------------------------------------------------

/// A host argument: bytes as they are, str in ASCII or by IDNA.
pub fn host_name(host: &Object) -> PyResult<CString> {
    let bytes = if let Some(bytes) = host.downcast::<Bytes>() {
        bytes.as_slice().to_vec()
    } else if host.is_instance_of::<ByteArray>() {
        Buffer::new(host)?.to_vec()
    } else if let Some(text) = host.downcast::<Str>() {
        idna(text)?
    } else {
        return Err(err!(TypeError, "str, bytes or bytearray expected, not {}", host.type_name()));
    };
    CString::new(bytes).map_err(|_| err!(TypeError, "host name must not contain null character"))
}

fn idna(text: &Str) -> PyResult<Vec<u8>> {
    if let Some(ascii) = text.as_ascii() {
        return Ok(ascii.as_bytes().to_vec());
    }
    let encoded = call::call_method(text, runtime::intern!("encode"), &[&Str::new("idna")])?;
    Ok(Buffer::new(&encoded)?.to_vec())
}

/// The host argument of a function that takes nothing but it ("et").
fn host_argument(function: &str, position: u32, host: &Object) -> PyResult<CString> {
    if !host.is_instance_of::<Str>() && !host.is_instance_of::<Bytes>() && !host.is_instance_of::<ByteArray>() {
        return Err(err!(TypeError, "{}() argument {} must be str, bytes or bytearray, not {}", function, position, host.type_name()));
    }
    host_name(host)
}

#[cold]
pub fn gai_error(code: c_int) -> Raised {
    if code == libc::EAI_SYSTEM {
        return os_error(errno());
    }
    // SAFETY: a static C string.
    let text = unsafe { decode_c(CStr::from_ptr(libc::gai_strerror(code))) };
    GAIERROR.with(&Tuple::new(&[&Int::from_i64(code as i64), &text]))
}

#[cold]
fn h_error(code: c_int) -> Raised {
    // SAFETY: a static C string.
    let text = unsafe { decode_c(CStr::from_ptr(hstrerror(code))) };
    HERROR.with(&Tuple::new(&[&Int::from_i64(code as i64), &text]))
}

/// The results of getaddrinfo, freed on drop.
pub struct AddressInfo(*mut libc::addrinfo);
// SAFETY: a list that has one owner.
unsafe impl Send for AddressInfo {}

impl AddressInfo {
    /// `Err`: the code of the failure.
    pub fn look_up(host: Option<&CStr>, service: Option<&CStr>, hints: libc::addrinfo) -> Result<AddressInfo, c_int> {
        struct Hints(libc::addrinfo);
        // SAFETY: its pointers are NULL.
        unsafe impl Send for Hints {}
        let hints = Hints(hints);
        runtime::gil::allow_threads(move || {
            let hints = hints;
            let mut list = std::ptr::null_mut();
            let (host, service) = (host.map_or(std::ptr::null(), CStr::as_ptr), service.map_or(std::ptr::null(), CStr::as_ptr));
            // SAFETY: C strings or NULL.
            match unsafe { libc::getaddrinfo(host, service, &hints.0, &mut list) } {
                0 => Ok(AddressInfo(list)),
                code => Err(code),
            }
        })
    }
    pub fn iter(&self) -> impl Iterator<Item = &libc::addrinfo> {
        let mut at = self.0;
        std::iter::from_fn(move || {
            // SAFETY: a list that lives as long as self.
            let entry = unsafe { at.as_ref() }?;
            at = entry.ai_next;
            Some(entry)
        })
    }
}

impl Drop for AddressInfo {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the list of a successful lookup.
            unsafe { libc::freeaddrinfo(self.0) };
        }
    }
}

pub fn hints(family: c_int, kind: c_int, protocol: c_int, flags: c_int) -> libc::addrinfo {
    // SAFETY: a struct of numbers and NULLs.
    let mut hints: libc::addrinfo = unsafe { std::mem::zeroed() };
    (hints.ai_family, hints.ai_socktype, hints.ai_protocol, hints.ai_flags) = (family, kind, protocol, flags);
    hints
}

fn address_of(entry: &libc::addrinfo) -> Address {
    // SAFETY: an entry of a lookup.
    unsafe { Address::from_raw(entry.ai_addr, entry.ai_addrlen) }
}

/// The address of a host: "" is any, "<broadcast>" the broadcast address, else a number or a name.
pub fn resolve(host: &CStr, family: c_int) -> PyResult<Address> {
    if host.is_empty() {
        let found = AddressInfo::look_up(None, Some(c"0"), hints(family, libc::SOCK_DGRAM, 0, libc::AI_PASSIVE)).map_err(gai_error)?;
        let mut entries = found.iter();
        let first = entries.next().map(address_of);
        if entries.next().is_some() {
            return Err(err!(OSError, "wildcard resolved to multiple address"));
        }
        return first.ok_or_else(|| gai_error(libc::EAI_NONAME));
    }
    if host == c"<broadcast>" || host == c"255.255.255.255" {
        if family != libc::AF_INET && family != libc::AF_UNSPEC {
            return Err(err!(OSError, "address family mismatched"));
        }
        return Ok(Address::inet(libc::in_addr { s_addr: u32::MAX }, 0));
    }
    if let Ok(text) = host.to_str() {
        if family != libc::AF_INET6
            && let Ok(address) = text.parse::<std::net::Ipv4Addr>()
        {
            return Ok(Address::inet(libc::in_addr { s_addr: u32::from_ne_bytes(address.octets()) }, 0));
        }
        if family != libc::AF_INET
            && let Ok(address) = text.parse::<std::net::Ipv6Addr>()
        {
            return Ok(Address::inet6(libc::in6_addr { s6_addr: address.octets() }, 0, 0, 0));
        }
    }
    let found = AddressInfo::look_up(Some(host), None, hints(family, 0, 0, 0)).map_err(gai_error)?;
    found.iter().next().map(address_of).ok_or_else(|| gai_error(libc::EAI_NONAME))
}

// ---- lookups of hosts -----------------------------------------------------------------------------------------------------------

/// A host's entry, with the text that it refers to.
struct Host {
    entry: libc::hostent,
    _buffer: Vec<u8>,
}
// SAFETY: the pointers lead into the buffer.
unsafe impl Send for Host {}

/// Calls a `_r` function with growing buffers; `Err`: h_errno.
fn host_entry(call: impl Fn(*mut libc::hostent, *mut c_char, usize, *mut *mut libc::hostent, *mut c_int) -> c_int + Send + Sync) -> Result<Host, c_int> {
    runtime::gil::allow_threads(|| {
        let mut size = 16384;
        loop {
            let mut buffer = vec![0u8; size];
            // SAFETY: a struct of numbers and pointers.
            let mut entry: libc::hostent = unsafe { std::mem::zeroed() };
            let (mut found, mut code) = (std::ptr::null_mut(), 0);
            let status = call(&mut entry, buffer.as_mut_ptr().cast(), size, &mut found, &mut code);
            if status == libc::ERANGE && size < 1 << 24 {
                size *= 2;
                continue;
            }
            return if found.is_null() { Err(code) } else { Ok(Host { entry, _buffer: buffer }) };
        }
    })
}

/// (name, aliases, addresses) of a host.
fn host_result(host: &Host, family: c_int) -> PyResult<Owned<Tuple>> {
    if host.entry.h_addrtype != family {
        return Err(os_error(libc::EAFNOSUPPORT));
    }
    let (aliases, addresses) = (List::new(), List::new());
    // SAFETY: NULL-ended arrays of C strings and of addresses of h_length bytes.
    unsafe {
        let mut at = host.entry.h_aliases;
        while !at.is_null() && !(*at).is_null() {
            aliases.append(&decode_c(CStr::from_ptr(*at)))?;
            at = at.add(1);
        }
        let mut at = host.entry.h_addr_list;
        while !at.is_null() && !(*at).is_null() {
            let octets = *at as *const u8;
            let address = if family == libc::AF_INET6 {
                Address::inet6(libc::in6_addr { s6_addr: (octets as *const [u8; 16]).read_unaligned() }, 0, 0, 0)
            } else {
                Address::inet(libc::in_addr { s_addr: (octets as *const u32).read_unaligned() }, 0)
            };
            addresses.append(&host_text(&address))?;
            at = at.add(1);
        }
        let name = decode_c(CStr::from_ptr(host.entry.h_name));
        Ok(Tuple::triple(name.into_object(), aliases.into_object(), addresses.into_object()))
    }
}

fn text_argument<'a>(function: &str, position: usize, value: &'a Object) -> PyResult<&'a str> {
    let Some(text) = value.downcast::<Str>() else {
        return Err(err!(TypeError, "{}() argument {} must be str, not {}", function, position, value.type_name()));
    };
    let text = text.as_utf8()?;
    if text.contains('\0') {
        return Err(err!(ValueError, "embedded null character"));
    }
    Ok(text)
}

fn c_text(text: &str) -> CString {
    CString::new(text).unwrap_or_default()
}

/// An unsigned number of so many bits, with the words of its errors.
fn unsigned(value: &Object, bits: u32, words: &str) -> PyResult<u64> {
    let int = number::index(value)?;
    if int.is_negative() {
        return Err(err!(ValueError, "Cannot convert negative int"));
    }
    match int.as_u64() {
        Some(number) if number >> bits == 0 => Ok(number),
        _ => Err(err!(OverflowError, "Python int too large for C {}", words)),
    }
}

#[macros::pyfunctions(FUNCTIONS)]
pub mod functions {
    use super::*;

    /// getaddrinfo(host, port [, family, type, proto, flags]) -> list of (family, type, proto, canonname, sockaddr)
    ///
    /// Look up a host and a service, either of which may be None.
    #[function("getaddrinfo($module, host, port, family=0, type=0, proto=0, flags=0)", nosig)]
    fn getaddrinfo(host: &Object, port: &Object, family: i32, r#type: i32, proto: i32, flags: i32) -> PyResult<Owned<List>> {
        let name = if host.is_none() {
            None
        } else if let Some(text) = host.downcast::<Str>() {
            Some(CString::new(idna(text)?).map_err(|_| err!(ValueError, "embedded null byte"))?)
        } else if let Some(bytes) = host.downcast::<Bytes>() {
            Some(CString::new(bytes.as_slice()).map_err(|_| err!(ValueError, "embedded null byte"))?)
        } else {
            return Err(err!(TypeError, "getaddrinfo() argument 1 must be string or None"));
        };
        let service = if port.is_none() {
            None
        } else if port.is_instance_of::<Int>() {
            Some(c_text(&runtime::protocol::object::str(port)?.to_string_lossy()))
        } else if let Some(text) = port.downcast::<Str>() {
            Some(CString::new(text.as_utf8()?).map_err(|_| err!(ValueError, "embedded null byte"))?)
        } else if let Some(bytes) = port.downcast::<Bytes>() {
            Some(CString::new(bytes.as_slice()).map_err(|_| err!(ValueError, "embedded null byte"))?)
        } else {
            return Err(err!(OSError, "Int or String expected"));
        };
        audit("socket.getaddrinfo", &[host, port, &int(family), &int(r#type), &int(proto), &int(flags)])?;
        let found = AddressInfo::look_up(name.as_deref(), service.as_deref(), hints(family, r#type, proto, flags)).map_err(gai_error)?;
        let all = List::new();
        for entry in found.iter() {
            let address = to_python(&address_of(entry), -1)?;
            let canonical = if entry.ai_canonname.is_null() {
                Str::new("")
            } else {
                // SAFETY: a C string of the entry.
                decode_c(unsafe { CStr::from_ptr(entry.ai_canonname) })
            };
            all.append(&Tuple::from_owned(vec![
                int(entry.ai_family),
                int(entry.ai_socktype),
                int(entry.ai_protocol),
                canonical.into_object(),
                address,
            ]))?;
        }
        Ok(all)
    }

    /// getnameinfo(sockaddr, flags) --> (host, port)
    ///
    /// Look up host and service of an address.
    #[function("getnameinfo($module, sockaddr, flags, /)", nosig)]
    fn getnameinfo(sockaddr: &Object, flags: i32) -> PyResult<(Owned<Str>, Owned<Str>)> {
        let Some(tuple) = sockaddr.downcast::<Tuple>() else {
            return Err(err!(TypeError, "getnameinfo() argument 1 must be a tuple"));
        };
        if !(2..=4).contains(&tuple.len()) {
            return Err(err!(TypeError, "getnameinfo(): illegal sockaddr argument"));
        }
        let host = c_text(text_argument("getnameinfo", 1, tuple.get(0))?);
        let port = number::as_i32(tuple.get(1))?;
        let rest = |i: usize| tuple.get_opt(i).map_or(Ok(0), |value| number::index(value).map(|n| n.as_u64_mask() as u32));
        let (flowinfo, scope_id) = (rest(2)?, rest(3)?);
        if flowinfo > 0xfffff {
            return Err(err!(OverflowError, "getnameinfo(): flowinfo must be 0-1048575."));
        }
        audit("socket.getnameinfo", &[sockaddr])?;
        let service = c_text(&port.to_string());
        // The address is not to be looked up.
        let found = AddressInfo::look_up(Some(&host), Some(&service), hints(libc::AF_UNSPEC, libc::SOCK_DGRAM, 0, libc::AI_NUMERICHOST))
            .map_err(gai_error)?;
        let mut entries = found.iter();
        let Some(mut address) = entries.next().map(address_of) else { return Err(gai_error(libc::EAI_NONAME)) };
        if entries.next().is_some() {
            return Err(err!(OSError, "sockaddr resolved to multiple addresses"));
        }
        if address.family() == libc::AF_INET && tuple.len() != 2 {
            return Err(err!(OSError, "IPv4 sockaddr must be 2 tuple"));
        }
        if address.family() == libc::AF_INET6 {
            // SAFETY: an address of that family.
            let value: libc::sockaddr_in6 = unsafe { address.get() };
            address = Address::inet6(value.sin6_addr, u16::from_be(value.sin6_port), flowinfo, scope_id);
        }
        let names = runtime::gil::allow_threads(move || {
            let (mut host, mut service) = ([0u8; libc::NI_MAXHOST as usize], [0u8; 32]);
            // SAFETY: an address, and room for two names.
            let code = unsafe {
                libc::getnameinfo(
                    address.as_ptr(),
                    address.length,
                    host.as_mut_ptr().cast(),
                    host.len() as _,
                    service.as_mut_ptr().cast(),
                    service.len() as _,
                    flags,
                )
            };
            if code == 0 { Ok((host, service)) } else { Err(code) }
        });
        let (host, service) = names.map_err(gai_error)?;
        let text = |bytes: &[u8]| decode(bytes.split(|&b| b == 0).next().unwrap_or(&[]));
        Ok((text(&host), text(&service)))
    }

    /// gethostbyname(host) -> address
    ///
    /// The IPv4 address of a host.
    #[function("gethostbyname($module, host, /)", nosig)]
    fn gethostbyname(host: &Object) -> PyResult<Owned<Str>> {
        let name = host_argument("gethostbyname", 1, host)?;
        audit("socket.gethostbyname", &[host])?;
        Ok(host_text(&resolve(&name, libc::AF_INET)?))
    }

    /// gethostbyname_ex(host) -> (name, aliaslist, addresslist)
    ///
    /// Name, other names and IPv4 addresses of a host.
    #[function("gethostbyname_ex($module, host, /)", nosig)]
    fn gethostbyname_ex(host: &Object) -> PyResult<Owned<Tuple>> {
        let name = host_argument("gethostbyname_ex", 1, host)?;
        audit("socket.gethostbyname", &[host])?;
        let family = resolve(&name, libc::AF_INET)?.family();
        let name = &name;
        // SAFETY: the arguments of the lookup.
        let found = host_entry(|out, buffer, size, found, code| unsafe { gethostbyname_r(name.as_ptr(), out, buffer, size, found, code) });
        host_result(&found.map_err(h_error)?, family)
    }

    /// gethostbyaddr(host) -> (name, aliaslist, addresslist)
    ///
    /// Name, other names and addresses of the host with an address.
    #[function("gethostbyaddr($module, host, /)", nosig)]
    fn gethostbyaddr(host: &Object) -> PyResult<Owned<Tuple>> {
        let name = host_argument("gethostbyaddr", 1, host)?;
        audit("socket.gethostbyaddr", &[host])?;
        let address = resolve(&name, libc::AF_UNSPEC)?;
        let family = address.family();
        // SAFETY: an address of that family.
        let octets = unsafe {
            match family {
                libc::AF_INET => address.get::<libc::sockaddr_in>().sin_addr.s_addr.to_ne_bytes().to_vec(),
                libc::AF_INET6 => address.get::<libc::sockaddr_in6>().sin6_addr.s6_addr.to_vec(),
                _ => return Err(err!(OSError, "unsupported address family")),
            }
        };
        let octets = &octets;
        // SAFETY: the arguments of the lookup.
        let found = host_entry(|out, buffer, size, found, code| unsafe {
            gethostbyaddr_r(octets.as_ptr().cast(), octets.len() as _, family, out, buffer, size, found, code)
        });
        host_result(&found.map_err(h_error)?, family)
    }

    /// gethostname() -> string
    ///
    /// This machine's name.
    #[function("gethostname($module, /)")]
    fn gethostname() -> PyResult<Owned<Str>> {
        audit("socket.gethostname", &[])?;
        let mut name = [0u8; 1024];
        // SAFETY: room for so many bytes, one of which stays 0.
        quick(unsafe { libc::gethostname(name.as_mut_ptr().cast(), name.len() - 1) })?;
        Ok(decode(name.split(|&b| b == 0).next().unwrap_or(&[])))
    }

    /// sethostname(name)
    ///
    /// Set this machine's name.
    #[function("sethostname($module, name, /)", nosig)]
    fn sethostname(name: &Object) -> PyResult<()> {
        let bytes = match name.downcast::<Bytes>() {
            Some(bytes) => bytes.as_slice().to_vec(),
            None => crate::posix::path::fs_converter(name)?.into_bytes(),
        };
        audit("socket.sethostname", &[name])?;
        // SAFETY: so many bytes.
        quick(unsafe { libc::sethostname(bytes.as_ptr().cast(), bytes.len()) }).map(drop)
    }

    /// getservbyname(servicename[, protocolname]) -> integer
    ///
    /// The port of a service, of any protocol or of "tcp" or "udp".
    #[function("getservbyname($module, servicename, protocolname='', /)", nosig)]
    fn getservbyname(servicename: &str, protocolname: Option<&str>) -> PyResult<u16> {
        let shown = protocolname.unwrap_or("");
        audit("socket.getservbyname", &[&Str::new(servicename), &Str::new(shown)])?;
        let (service, protocol) = (c_text(servicename), protocolname.map(c_text));
        // SAFETY: C strings or NULL; the result is read at once.
        unsafe {
            let found = libc::getservbyname(service.as_ptr(), protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr()));
            if found.is_null() { Err(err!(OSError, "service/proto not found")) } else { Ok(u16::from_be((*found).s_port as u16)) }
        }
    }

    /// getservbyport(port[, protocolname]) -> string
    ///
    /// The service at a port, of any protocol or of "tcp" or "udp".
    #[function("getservbyport($module, port, protocolname='', /)", nosig)]
    fn getservbyport(port: &Object, protocolname: Option<&str>) -> PyResult<Owned<Str>> {
        let number = number::as_i64(port)?;
        let Ok(number) = u16::try_from(number) else {
            return Err(err!(OverflowError, "getservbyport: port must be 0-65535."));
        };
        audit("socket.getservbyport", &[port, &Str::new(protocolname.unwrap_or(""))])?;
        let protocol = protocolname.map(c_text);
        // SAFETY: a C string or NULL; the result is read at once.
        unsafe {
            let found = libc::getservbyport(number.to_be() as c_int, protocol.as_ref().map_or(std::ptr::null(), |p| p.as_ptr()));
            if found.is_null() { Err(err!(OSError, "port/proto not found")) } else { Ok(decode_c(CStr::from_ptr((*found).s_name))) }
        }
    }

    /// getprotobyname(name) -> integer
    ///
    /// The number of a protocol.
    #[function("getprotobyname($module, name, /)", nosig)]
    fn getprotobyname(name: &str) -> PyResult<i32> {
        let name = c_text(name);
        // SAFETY: a C string; the result is read at once.
        unsafe {
            let found = libc::getprotobyname(name.as_ptr());
            if found.is_null() { Err(err!(OSError, "protocol not found")) } else { Ok((*found).p_proto) }
        }
    }

    /// Convert a 16-bit number from network to host byte order.
    #[function("ntohs($module, integer, /)")]
    fn ntohs(integer: &Object) -> PyResult<u16> {
        Ok(u16::from_be(unsigned(integer, 16, "uint16_t")? as u16))
    }
    /// Convert a 32-bit number from network to host byte order.
    #[function("ntohl($module, integer, /)")]
    fn ntohl(integer: &Object) -> PyResult<u32> {
        Ok(u32::from_be(unsigned(integer, 32, "uint32_t")? as u32))
    }
    /// Convert a 16-bit number from host to network byte order.
    #[function("htons($module, integer, /)")]
    fn htons(integer: &Object) -> PyResult<u16> {
        Ok((unsigned(integer, 16, "uint16_t")? as u16).to_be())
    }
    /// Convert a 32-bit number from host to network byte order.
    #[function("htonl($module, integer, /)")]
    fn htonl(integer: &Object) -> PyResult<u32> {
        Ok((unsigned(integer, 32, "uint32_t")? as u32).to_be())
    }

    /// Four bytes of the IPv4 address that a text stands for.
    #[function("inet_aton($module, ip_addr, /)")]
    fn inet_aton(ip_addr: &str) -> PyResult<Owned<Bytes>> {
        let text = c_text(ip_addr);
        let mut address = libc::in_addr { s_addr: 0 };
        // SAFETY: a C string and room for the address.
        if unsafe { super::inet_aton(text.as_ptr(), &mut address) } == 0 {
            return Err(err!(OSError, "illegal IP address string passed to inet_aton"));
        }
        Ok(Bytes::new(&address.s_addr.to_ne_bytes()))
    }

    /// The text for the four bytes of an IPv4 address.
    #[function("inet_ntoa($module, packed_ip, /)")]
    fn inet_ntoa(packed_ip: Buffer) -> PyResult<String> {
        match <[u8; 4]>::try_from(&packed_ip[..]) {
            Ok(octets) => Ok(std::net::Ipv4Addr::from(octets).to_string()),
            Err(_) => Err(err!(OSError, "packed IP wrong length for inet_ntoa")),
        }
    }

    /// inet_pton(af, ip) -> packed IP address string
    ///
    /// The bytes of the address that a text stands for.
    #[function("inet_pton($module, af, ip, /)", nosig)]
    fn inet_pton(af: i32, ip: &str) -> PyResult<Owned<Bytes>> {
        let text = c_text(ip);
        let mut octets = [0u8; 16];
        // SAFETY: a C string and room for any address.
        match unsafe { super::inet_pton(af, text.as_ptr(), octets.as_mut_ptr().cast()) } {
            -1 => Err(os_error(errno())),
            0 => Err(err!(OSError, "illegal IP address string passed to inet_pton")),
            _ if af == libc::AF_INET => Ok(Bytes::new(&octets[..4])),
            _ => Ok(Bytes::new(&octets)),
        }
    }

    /// inet_ntop(af, packed_ip) -> string formatted IP address
    ///
    /// The text for the bytes of an address.
    #[function("inet_ntop($module, af, packed_ip, /)", nosig)]
    fn inet_ntop(af: i32, packed_ip: Buffer) -> PyResult<String> {
        let wrong = || err!(ValueError, "invalid length of packed IP address string");
        match af {
            libc::AF_INET => {
                let octets = <[u8; 4]>::try_from(&packed_ip[..]).map_err(|_| wrong())?;
                Ok(std::net::Ipv4Addr::from(octets).to_string())
            }
            libc::AF_INET6 => {
                let octets = <[u8; 16]>::try_from(&packed_ip[..]).map_err(|_| wrong())?;
                Ok(inet6_text(&octets))
            }
            _ => Err(err!(ValueError, "unknown address family {}", af)),
        }
    }

    /// A list of (index, name) of the network interfaces.
    #[function("if_nameindex($module, /)")]
    fn if_nameindex() -> PyResult<Owned<List>> {
        let all = List::new();
        // SAFETY: an array ended by index 0, freed here.
        unsafe {
            let start = libc::if_nameindex();
            if start.is_null() {
                return Err(os_error(errno()));
            }
            let (mut at, mut result) = (start, Ok(()));
            while (*at).if_index != 0 && !(*at).if_name.is_null() && result.is_ok() {
                let name = decode_c(CStr::from_ptr((*at).if_name));
                result = all.append(&Tuple::pair(int((*at).if_index), name.into_object()));
                at = at.add(1);
            }
            libc::if_freenameindex(start);
            result?;
        }
        Ok(all)
    }

    /// The index of a network interface.
    #[function("if_nametoindex($module, oname, /)")]
    fn if_nametoindex(oname: FsString) -> PyResult<u32> {
        // SAFETY: a C string.
        match unsafe { libc::if_nametoindex(oname.as_ptr()) } {
            0 => Err(os_error(errno())),
            index => Ok(index),
        }
    }

    /// The name of a network interface.
    #[function("if_indextoname($module, if_index, /)")]
    fn if_indextoname(if_index: &Object) -> PyResult<Owned<Str>> {
        let index = unsigned(if_index, 32, "unsigned int")? as u32;
        let mut name = [0u8; libc::IF_NAMESIZE];
        // SAFETY: room for a name.
        if unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) }.is_null() {
            return Err(os_error(errno()));
        }
        Ok(decode(name.split(|&b| b == 0).next().unwrap_or(&[])))
    }

    /// CMSG_LEN(length) -> control message length
    ///
    /// The length of an ancillary data item with so many bytes of data, without padding behind.
    #[function("CMSG_LEN($module, length, /)", nosig)]
    fn cmsg_len(length: isize) -> PyResult<usize> {
        let known = usize::try_from(length).ok().and_then(control_length);
        known.ok_or_else(|| err!(OverflowError, "CMSG_LEN() argument out of range"))
    }

    /// CMSG_SPACE(length) -> buffer size
    ///
    /// The size of the buffer for an ancillary data item with so many bytes of data.
    #[function("CMSG_SPACE($module, length, /)", nosig)]
    fn cmsg_space(length: isize) -> PyResult<usize> {
        let known = usize::try_from(length).ok().and_then(control_space);
        known.ok_or_else(|| err!(OverflowError, "CMSG_SPACE() argument out of range"))
    }
}
