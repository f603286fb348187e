//! `_ssl`: TLS sockets over OpenSSL, which is built with the crate (openssl-src) and initialised when the module is first imported.
//!
//! `context` has what many connections share, `connection` one connection (`transfer` its reading, writing and waiting), `certificate` what is in
//! certificates, `callbacks` what OpenSSL calls. OpenSSL runs without the GIL; `gate` has the rules for that. What the crates declare no safe
//! function for is in `library`.

mod callbacks;
mod certificate;
mod connection;
mod constants;
mod context;
mod credentials;
mod errors;
mod gate;
mod library;
mod memory_bio;
mod module;
mod paths;
mod reasons;
mod session;
mod socket_bio;
mod start;
mod transfer;
mod trust;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[NativeModule { name: "_ssl", definition: module::ssl::definition }];
