//! `_socket`: the socket object (`object`), its addresses (`address`), messages (`messages`) and name lookups (`names`).

mod address;
mod constants;
mod messages;
mod names;
pub mod object;

use crate::call::{Pointer, once, os_error, quick};
use crate::exception::ExceptionClass;
use macros::pymodule;
use object::{DEFAULT_TIMEOUT, Socket, Socket_Type, timeout_argument, timeout_object};
use runtime::errors::PyResult;
use runtime::object::{Object, Owned};
use runtime::types::{Capsule, GilCell, Int, Module, Str};
use std::cell::UnsafeCell;
use std::ffi::{c_int, c_void};

static GAIERROR: ExceptionClass = ExceptionClass::new("socket", "gaierror", runtime::exceptions::OSError);
static HERROR: ExceptionClass = ExceptionClass::new("socket", "herror", runtime::exceptions::OSError);

/// What extensions find in the capsule `_socket.CAPI`.
#[repr(C)]
struct Api {
    socket_type: *mut abi::PyTypeObject,
    error: *mut abi::PyObject,
    timeout_error: *mut abi::PyObject,
}
static API: GilCell<UnsafeCell<Api>> =
    GilCell(UnsafeCell::new(Api { socket_type: std::ptr::null_mut(), error: std::ptr::null_mut(), timeout_error: std::ptr::null_mut() }));

/// The class is what the collector can see in the capsule; exceptions are the interpreter's.
unsafe extern "C" fn traverse_capi(_capsule: *mut abi::PyObject, visit: abi::visitproc, arg: *mut c_void) -> c_int {
    // SAFETY: the class is immortal.
    unsafe { visit(Socket_Type.as_type_ptr().cast(), arg) }
}

unsafe extern "C" fn clear_capi(_capsule: *mut abi::PyObject) -> c_int {
    0
}

/// The implementation of sockets; the socket module has the documentation.
#[pymodule(name = "_socket", include = [super::names::functions::FUNCTIONS])]
#[types(super::Socket_Type)]
pub mod _socket {
    use super::*;

    #[exec]
    fn exec(module: &Module) -> PyResult<()> {
        module.add("SocketType", &Socket_Type)?;
        module.add("error", runtime::exceptions::OSError())?;
        module.add("timeout", runtime::exceptions::TimeoutError())?;
        module.add("gaierror", GAIERROR.get()?)?;
        module.add("herror", HERROR.get()?)?;
        module.add("has_ipv6", runtime::types::true_())?;
        module.add("BDADDR_ANY", &Str::new("00:00:00:00:00:00"))?;
        module.add("BDADDR_LOCAL", &Str::new("00:00:00:FF:FF:FF"))?;
        for (name, value) in constants::CONSTANTS {
            module.add(name, &Int::from_i64(*value))?;
        }
        // SAFETY: written under the GIL, with the same values each time; the types are immortal.
        let capsule = unsafe {
            *API.0.get() = Api {
                socket_type: Socket_Type.as_type_ptr(),
                error: runtime::exceptions::OSError().as_ptr(),
                timeout_error: runtime::exceptions::TimeoutError().as_ptr(),
            };
            Capsule::new(API.0.get() as *mut c_void, c"_socket.CAPI".as_ptr(), None)?
        };
        capsule.set_traverse(traverse_capi, clear_capi);
        module.add("CAPI", &capsule)
    }

    /// socketpair([family[, type [, proto]]]) -> (socket object, socket object)
    ///
    /// Two sockets that are connected with each other; of the family AF_UNIX and the type SOCK_STREAM unless
    /// told otherwise.
    #[function("socketpair($module, family=1, type=1, proto=0, /)", nosig)]
    fn socketpair(family: i32, r#type: i32, proto: i32) -> PyResult<(Owned<Socket>, Owned<Socket>)> {
        let mut fds = [-1 as c_int; 2];
        let out = Pointer(fds.as_mut_ptr());
        // SAFETY: room for two descriptors.
        once(move || unsafe { libc::socketpair(family, r#type | libc::SOCK_CLOEXEC, proto, out.get()) }).map_err(os_error)?;
        let make = |fd: c_int| {
            let socket = Socket::new(&Socket_Type, -1, family, r#type, proto)?;
            socket.adopt(fd, family, r#type, proto)?;
            Ok(socket)
        };
        match (make(fds[0]), make(fds[1])) {
            (Ok(a), Ok(b)) => Ok((a, b)),
            (a, b) => {
                // SAFETY: descriptors of sockets that nobody has seen; a made object closes its own.
                unsafe {
                    if a.is_err() {
                        libc::close(fds[0]);
                    }
                    if b.is_err() {
                        libc::close(fds[1]);
                    }
                }
                Err(a.err().or(b.err()).unwrap_or_else(runtime::errors::bad_internal_call))
            }
        }
    }

    /// close(integer) -> None
    ///
    /// Close the descriptor of a socket.
    #[function("close($self, object, /)")]
    fn close(object: i32) -> PyResult<()> {
        // SAFETY: numbers only.
        match once(move || unsafe { libc::close(object) }) {
            Err(errno) if errno != libc::ECONNRESET && errno != libc::EINTR => Err(os_error(errno)),
            _ => Ok(()),
        }
    }

    /// dup(integer) -> integer
    ///
    /// Duplicate the descriptor of a socket.
    #[function("dup($self, object, /)")]
    fn dup(object: i32) -> PyResult<i32> {
        // SAFETY: numbers only.
        quick(unsafe { libc::fcntl(object, libc::F_DUPFD_CLOEXEC, 0) })
    }

    /// getdefaulttimeout() -> timeout
    ///
    /// The timeout of new sockets in seconds, or None.
    #[function("getdefaulttimeout($self, /)")]
    fn getdefaulttimeout() -> Owned {
        timeout_object(DEFAULT_TIMEOUT.0.get())
    }

    /// setdefaulttimeout(timeout)
    ///
    /// Set the timeout of new sockets in seconds, or None.
    #[function("setdefaulttimeout($self, object, /)")]
    fn setdefaulttimeout(object: &Object) -> PyResult<()> {
        DEFAULT_TIMEOUT.0.set(timeout_argument(object)?);
        Ok(())
    }
}
