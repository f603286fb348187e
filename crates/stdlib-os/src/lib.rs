//! Native modules of the standard library that speak to the system; which of them are here says the table below.

pub mod call;
pub mod dbm;
pub mod errno;
pub mod exception;
pub mod fcntl;
pub mod grp;
pub mod interpreters;
pub mod io;
pub mod locale;
pub mod mmap;
pub mod multiprocessing;
pub mod posix;
pub mod posixshmem;
pub mod posixsubprocess;
pub mod pwd;
pub mod rawffi;
pub mod resource;
pub mod select;
pub mod sigset;
pub mod socket;
pub mod syslog;
pub mod termios;
pub mod timeout;
pub mod uuid;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[
    NativeModule { name: "_dbm", definition: dbm::_dbm::definition },
    NativeModule { name: "_interpchannels", definition: interpreters::channels_module::interpchannels::definition },
    NativeModule { name: "_interpqueues", definition: interpreters::queues::interpqueues::definition },
    NativeModule { name: "_interpreters", definition: interpreters::interpreters::definition },
    NativeModule { name: "_io", definition: io::_io::definition },
    NativeModule { name: "_locale", definition: locale::_locale::definition },
    NativeModule { name: "_multiprocessing", definition: multiprocessing::_multiprocessing::definition },
    NativeModule { name: "_posixshmem", definition: posixshmem::_posixshmem::definition },
    NativeModule { name: "_posixsubprocess", definition: posixsubprocess::_posixsubprocess::definition },
    NativeModule { name: "_socket", definition: socket::_socket::definition },
    NativeModule { name: "_uuid", definition: uuid::uuid::definition },
    NativeModule { name: "errno", definition: errno::errno::definition },
    NativeModule { name: "fcntl", definition: fcntl::fcntl::definition },
    NativeModule { name: "grp", definition: grp::grp::definition },
    NativeModule { name: "mmap", definition: mmap::mmap::definition },
    NativeModule { name: "posix", definition: posix::posix::definition },
    NativeModule { name: "pwd", definition: pwd::pwd::definition },
    NativeModule { name: "_rawffi", definition: rawffi::rawffi::definition },
    NativeModule { name: "resource", definition: resource::resource::definition },
    NativeModule { name: "select", definition: select::select::definition },
    NativeModule { name: "syslog", definition: syslog::syslog::definition },
    NativeModule { name: "termios", definition: termios::termios::definition },
];
