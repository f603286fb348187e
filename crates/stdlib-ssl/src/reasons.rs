//! Names of OpenSSL's libraries and reasons, as its headers define them: `ERR_LIB_X509` is X509, `PEM_R_NO_START_LINE` is NO_START_LINE.
//!
//! A reason's name is its text in capitals, but for those in the table below (from the headers of OpenSSL 3.6).

use openssl_sys as sys;
use std::ffi::{CStr, c_int, c_ulong};

/// Reasons that all libraries share (`ERR_R_PEM_LIB`) have this bit, and no name.
const COMMON: c_int = 2 << 18;
const SYSTEM: c_int = 2;
pub const SSL: c_int = 20;

const LIBRARIES: &[(c_int, &str)] = &[
    (1, "NONE"), (2, "SYS"), (3, "BN"), (4, "RSA"), (5, "DH"), (6, "EVP"), (7, "BUF"), (8, "OBJ"), (9, "PEM"), (10, "DSA"), (11, "X509"),
    (13, "ASN1"), (14, "CONF"), (15, "CRYPTO"), (16, "EC"), (20, "SSL"), (32, "BIO"), (33, "PKCS7"), (34, "X509V3"), (35, "PKCS12"),
    (36, "RAND"), (37, "DSO"), (38, "ENGINE"), (39, "OCSP"), (40, "UI"), (41, "COMP"), (42, "ECDSA"), (43, "ECDH"), (44, "OSSL_STORE"),
    (45, "FIPS"), (46, "CMS"), (47, "TS"), (48, "HMAC"), (50, "CT"), (51, "ASYNC"), (52, "KDF"), (53, "SM2"), (54, "ESS"), (55, "PROP"),
    (56, "CRMF"), (57, "PROV"), (58, "CMP"), (59, "OSSL_ENCODER"), (60, "OSSL_DECODER"), (61, "HTTP"), (128, "USER"),
];

/// Reasons whose name is not their text.
const REASONS: &[(c_int, c_int, &str)] = &[
    (SSL, 158, "AT_LEAST_TLS_1_2_NEEDED_IN_SUITEB_MODE"),
    (SSL, 330, "NO_GOST_CERTIFICATE_SENT_BY_PEER"),
    (SSL, 358, "MISSING_SRP_PARAM"),
    (SSL, 361, "SRP_A_CALC"),
    (SSL, 380, "ILLEGAL_SUITEB_DIGEST"),
    (SSL, 1010, "SSLV3_ALERT_UNEXPECTED_MESSAGE"),
    (SSL, 1020, "SSLV3_ALERT_BAD_RECORD_MAC"),
    (SSL, 1030, "SSLV3_ALERT_DECOMPRESSION_FAILURE"),
    (SSL, 1040, "SSLV3_ALERT_HANDSHAKE_FAILURE"),
    (SSL, 1041, "SSLV3_ALERT_NO_CERTIFICATE"),
    (SSL, 1042, "SSLV3_ALERT_BAD_CERTIFICATE"),
    (SSL, 1043, "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE"),
    (SSL, 1044, "SSLV3_ALERT_CERTIFICATE_REVOKED"),
    (SSL, 1045, "SSLV3_ALERT_CERTIFICATE_EXPIRED"),
    (SSL, 1046, "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
    (SSL, 1047, "SSLV3_ALERT_ILLEGAL_PARAMETER"),
    (4, 135, "SLEN_RECOVERY_FAILED"),
    (4, 136, "SLEN_CHECK_FAILED"),
    (5, 102, "INVALID_PUBKEY"),
    (6, 142, "EXPECTING_A_EC_KEY"),
    (6, 162, "PARTIALLY_OVERLAPPING"),
    (6, 219, "EXPECTING_A_ECX_KEY"),
    (10, 110, "SEED_LEN_SMALL"),
    (11, 114, "CANT_CHECK_DH_KEY"),
    (32, 111, "LOCAL_ADDR_NOT_AVAILABLE"),
    (32, 112, "NON_FATAL"),
    (32, 151, "PEER_ADDR_NOT_AVAILABLE"),
    (35, 100, "CANT_PACK_STRUCTURE"),
    (36, 101, "FUNC_NOT_IMPLEMENTED"),
    (36, 123, "FWRITE_ERROR"),
    (38, 105, "ENGINE_IS_NOT_IN_LIST"),
    (38, 108, "ID_OR_NAME_MISSING"),
    (47, 136, "VAR_LOOKUP_FAILURE"),
    (47, 137, "CANNOT_LOAD_CERT"),
    (47, 138, "CANNOT_LOAD_KEY"),
    (58, 198, "GENERATE_CRLSTATUS"),
];

/// The reason's number; errno for an error of the system (which `openssl_sys::ERR_GET_REASON` does not give).
pub fn number(code: c_ulong) -> c_int {
    let mask = if sys::ERR_SYSTEM_ERROR(code) { sys::ERR_SYSTEM_MASK } else { sys::ERR_REASON_MASK };
    (code & mask) as c_int
}

/// The library's name.
pub fn library(code: c_ulong) -> Option<&'static str> {
    let library = sys::ERR_GET_LIB(code);
    LIBRARIES.iter().find(|entry| entry.0 == library).map(|entry| entry.1)
}

/// The reason's name.
pub fn reason(code: c_ulong) -> Option<String> {
    let (library, reason) = (sys::ERR_GET_LIB(code), number(code));
    if library == SYSTEM || reason & COMMON != 0 {
        return None;
    }
    if let Some(entry) = REASONS.iter().find(|entry| (entry.0, entry.1) == (library, reason)) {
        return Some(entry.2.to_string());
    }
    let capital = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' };
    text(code).map(|text| text.chars().map(capital).collect())
}

/// The reason in words.
pub fn text(code: c_ulong) -> Option<String> {
    // SAFETY: a static C string or NULL.
    unsafe {
        let text = sys::ERR_reason_error_string(code);
        if text.is_null() { None } else { Some(CStr::from_ptr(text).to_string_lossy().into_owned()) }
    }
}
