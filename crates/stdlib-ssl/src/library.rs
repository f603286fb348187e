//! Declarations and numbers of OpenSSL that `openssl-sys` does not have.

use openssl_sys::{ASN1_INTEGER, BIO, GENERAL_NAME, SSL, SSL_CIPHER, SSL_CTX, SSL_SESSION, X509, X509_NAME, X509_NAME_ENTRY, X509_OBJECT, X509_STORE_CTX};
use openssl_sys::stack_st_SSL_CIPHER;
use std::ffi::{c_char, c_int, c_long, c_ulong, c_void};

pub type MessageCallback =
    unsafe extern "C" fn(is_write: c_int, version: c_int, content_type: c_int, data: *const c_void, length: usize, ssl: *mut SSL, arg: *mut c_void);
pub type ExtraDataFree =
    unsafe extern "C" fn(parent: *mut c_void, value: *mut c_void, data: *mut c_void, index: c_int, number: c_long, pointer: *mut c_void);
pub type PasswordCallback = unsafe extern "C" fn(out: *mut c_char, room: c_int, is_write: c_int, data: *mut c_void) -> c_int;
pub type VerifyCallback = extern "C" fn(c_int, *mut X509_STORE_CTX) -> c_int;

unsafe extern "C" {
    pub fn BIO_ctrl_pending(bio: *mut BIO) -> usize;
    pub fn BIO_new_file(path: *const c_char, mode: *const c_char) -> *mut BIO;
    pub fn BIO_test_flags(bio: *const BIO, flags: c_int) -> c_int;
    pub fn BIO_up_ref(bio: *mut BIO) -> c_int;
    pub fn CRYPTO_get_ex_new_index(
        class: c_int,
        number: c_long,
        pointer: *mut c_void,
        new: Option<unsafe extern "C" fn()>,
        copy: Option<unsafe extern "C" fn()>,
        free: Option<ExtraDataFree>,
    ) -> c_int;
    pub fn GENERAL_NAME_print(out: *mut BIO, name: *mut GENERAL_NAME) -> c_int;
    pub fn PEM_write_bio_X509_AUX(out: *mut BIO, certificate: *const X509) -> c_int;
    pub fn SSL_CIPHER_get_auth_nid(cipher: *const SSL_CIPHER) -> c_int;
    pub fn SSL_CIPHER_get_id(cipher: *const SSL_CIPHER) -> u32;
    pub fn SSL_CIPHER_get_kx_nid(cipher: *const SSL_CIPHER) -> c_int;
    pub fn SSL_CIPHER_is_aead(cipher: *const SSL_CIPHER) -> c_int;
    pub fn SSL_CTX_get_default_passwd_cb(context: *mut SSL_CTX) -> Option<PasswordCallback>;
    pub fn SSL_CTX_get_default_passwd_cb_userdata(context: *mut SSL_CTX) -> *mut c_void;
    pub fn SSL_CTX_get_verify_callback(context: *const SSL_CTX) -> Option<VerifyCallback>;
    pub fn SSL_CTX_load_verify_dir(context: *mut SSL_CTX, path: *const c_char) -> c_int;
    pub fn SSL_CTX_load_verify_file(context: *mut SSL_CTX, path: *const c_char) -> c_int;
    pub fn SSL_CTX_set_default_passwd_cb(context: *mut SSL_CTX, callback: Option<PasswordCallback>);
    pub fn SSL_CTX_set_default_passwd_cb_userdata(context: *mut SSL_CTX, data: *mut c_void);
    pub fn SSL_CTX_set_msg_callback(context: *mut SSL_CTX, callback: Option<MessageCallback>);
    pub fn SSL_CTX_use_psk_identity_hint(context: *mut SSL_CTX, hint: *const c_char) -> c_int;
    pub fn SSL_SESSION_get_ticket_lifetime_hint(session: *const SSL_SESSION) -> c_ulong;
    pub fn SSL_SESSION_has_ticket(session: *const SSL_SESSION) -> c_int;
    pub fn SSL_get1_session(ssl: *mut SSL) -> *mut SSL_SESSION;
    pub fn SSL_get_client_ciphers(ssl: *const SSL) -> *mut stack_st_SSL_CIPHER;
    pub fn SSL_get_ciphers(ssl: *const SSL) -> *mut stack_st_SSL_CIPHER;
    pub fn SSL_get_verify_callback(ssl: *const SSL) -> Option<VerifyCallback>;
    pub fn SSL_set_msg_callback(ssl: *mut SSL, callback: Option<MessageCallback>);
    pub fn SSL_set_post_handshake_auth(ssl: *mut SSL, value: c_int);
    pub fn SSL_set_read_ahead(ssl: *mut SSL, value: c_int);
    pub fn SSL_verify_client_post_handshake(ssl: *mut SSL) -> c_int;
    pub fn X509_NAME_ENTRY_set(entry: *const X509_NAME_ENTRY) -> c_int;
    pub fn X509_NAME_print_ex(out: *mut BIO, name: *const X509_NAME, indent: c_int, flags: c_ulong) -> c_int;
    pub fn X509_OBJECT_get_type(object: *const X509_OBJECT) -> c_int;
    pub fn X509_check_ca(certificate: *mut X509) -> c_int;
    pub fn X509_get_default_cert_dir() -> *const c_char;
    pub fn X509_get_default_cert_dir_env() -> *const c_char;
    pub fn X509_get_default_cert_file() -> *const c_char;
    pub fn X509_get_default_cert_file_env() -> *const c_char;
    pub fn i2a_ASN1_INTEGER(out: *mut BIO, number: *const ASN1_INTEGER) -> c_int;
}

pub const EX_INDEX_SSL_CTX: c_int = 1;
pub const BIO_C_SET_BUF_MEM_EOF_RETURN: c_int = 130;
/// Read, write, special, and "try again".
pub const BIO_FLAGS_RETRY: c_int = 0x0f;
pub const SSL_CTRL_SET_TMP_DH: c_int = 3;
pub const SSL_CTRL_SET_TLSEXT_SERVERNAME_CB: c_int = 53;
pub const SSL_CTRL_SET_TLSEXT_SERVERNAME_ARG: c_int = 54;
pub const SSL_VERIFY_POST_HANDSHAKE: c_int = 8;
pub const X509_LU_X509: c_int = 1;
pub const X509_LU_CRL: c_int = 2;
pub const XN_FLAG_RFC2253: c_ulong = 0x1110317;
