//! `Certificate`, and certificates as CPython's dicts.

use crate::errors;
use crate::library;
use crate::memory_bio::Bio;
use foreign_types::{ForeignType, ForeignTypeRef};
use macros::{Traverse, pytype};
use openssl::nid::Nid;
use openssl::stack::{StackRef, Stackable};
use openssl::x509::{GeneralNameRef, X509, X509NameEntryRef, X509NameRef, X509Ref};
use openssl_sys as sys;
use runtime::errors::PyResult;
use runtime::object::{Object, ObjectHead, Owned};
use runtime::protocol::object::{CompareOp, not_implemented};
use runtime::types::{Bytes, Dict, Int, Str, Tuple, bool_object, none};
use runtime::{PyTyped, codecs, err, exceptions};
use std::ffi::{c_int, c_void};

pub const ENCODING_PEM: i32 = 1;
pub const ENCODING_DER: i32 = 2;
/// With trust settings.
const ENCODING_PEM_AUX: i32 = ENCODING_PEM + 0x100;

fn text(bytes: &[u8]) -> PyResult<Owned<Str>> {
    codecs::decode(bytes, Some("utf-8"), None)
}

fn bio() -> PyResult<Bio> {
    Bio::memory().ok_or_else(|| errors::plain("failed to allocate BIO"))
}

/// An object identifier's name, or its numbers.
pub fn object_text(object: *const sys::ASN1_OBJECT, numbers: bool) -> PyResult<Owned> {
    let mut buffer = vec![0u8; 256];
    loop {
        // SAFETY: a live object, and a buffer of that length.
        let length = unsafe { sys::OBJ_obj2txt(buffer.as_mut_ptr().cast(), buffer.len() as c_int, object, numbers as c_int) };
        let Ok(length) = usize::try_from(length) else { return Err(errors::library(1160)) };
        if length == 0 && numbers {
            return Ok(none().to_owned());
        }
        if length < buffer.len() {
            return Ok(text(&buffer[..length])?.into_object());
        }
        buffer.resize(length + 1, 0);
    }
}

/// The bytes of a string of ASN.1's.
/// # Safety
/// A live string, or NULL.
unsafe fn string_bytes<'a>(string: *const sys::ASN1_STRING) -> &'a [u8] {
    // SAFETY: by contract.
    unsafe {
        let data = if string.is_null() { std::ptr::null() } else { sys::ASN1_STRING_get0_data(string) };
        if data.is_null() { &[] } else { std::slice::from_raw_parts(data, sys::ASN1_STRING_length(string).max(0) as usize) }
    }
}

/// (name, value) of a part of a distinguished name.
fn attribute(entry: &X509NameEntryRef) -> PyResult<Owned> {
    // SAFETY: the entry owns its value; the converted text is freed here.
    let value = unsafe {
        let mut data = std::ptr::null_mut();
        let length = sys::ASN1_STRING_to_UTF8(&mut data, entry.data().as_ptr().cast());
        if length < 0 {
            return Err(errors::library(1190));
        }
        let value = text(std::slice::from_raw_parts(data, length as usize));
        sys::OPENSSL_free(data as *mut c_void);
        value?
    };
    Ok(Tuple::pair(object_text(entry.object().as_ptr(), false)?, value.into_object()).into_object())
}

/// A distinguished name: a tuple of its relative names, each a tuple of (name, value).
fn distinguished_name(name: &X509NameRef) -> PyResult<Owned> {
    let mut relative_names: Vec<(c_int, Vec<Owned>)> = Vec::new();
    for entry in name.entries() {
        // SAFETY: a live entry.
        let set = unsafe { library::X509_NAME_ENTRY_set(entry.as_ptr()) };
        let attribute = attribute(entry)?;
        match relative_names.last_mut() {
            Some((last, attributes)) if *last == set => attributes.push(attribute),
            _ => relative_names.push((set, vec![attribute])),
        }
    }
    let relative_names = relative_names.into_iter().map(|(_, attributes)| Tuple::from_vec(attributes).into_object()).collect();
    Ok(Tuple::from_vec(relative_names).into_object())
}

/// A general name's kind and value.
fn parts(name: &GeneralNameRef) -> (c_int, *mut c_void) {
    // SAFETY: a live name.
    unsafe { ((*name.as_ptr()).type_, (*name.as_ptr()).d) }
}

/// The text of a name that is a URI.
fn uri(name: &GeneralNameRef) -> PyResult<Option<Owned>> {
    match parts(name) {
        // SAFETY: such a name holds a string.
        (sys::GEN_URI, value) => Ok(Some(text(unsafe { string_bytes(value as *const sys::ASN1_STRING) })?.into_object())),
        _ => Ok(None),
    }
}

fn ip_address(bytes: &[u8]) -> String {
    match bytes.len() {
        4 => format!("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]),
        16 => bytes.chunks(2).map(|pair| format!("{:X}", u16::from(pair[0]) << 8 | u16::from(pair[1]))).collect::<Vec<_>>().join(":"),
        _ => "<invalid>".to_string(),
    }
}

/// (kind, value) of one of the subject's other names.
fn alternative_name(name: &GeneralNameRef) -> PyResult<Owned> {
    let (kind, value) = parts(name);
    // SAFETY: the kind says what the value is.
    let string = || unsafe { string_bytes(value as *const sys::ASN1_STRING) };
    let (kind, value) = match kind {
        // SAFETY: as above.
        sys::GEN_DIRNAME => ("DirName", distinguished_name(unsafe { X509NameRef::from_ptr(value as *mut sys::X509_NAME) })?),
        sys::GEN_EMAIL => ("email", text(string())?.into_object()),
        sys::GEN_DNS => ("DNS", text(string())?.into_object()),
        sys::GEN_URI => ("URI", text(string())?.into_object()),
        sys::GEN_IPADD => ("IP Address", Str::new(&ip_address(string())).into_object()),
        sys::GEN_RID => ("Registered ID", object_text(value as *const sys::ASN1_OBJECT, false)?),
        kind => {
            if !matches!(kind, sys::GEN_OTHERNAME | sys::GEN_X400 | sys::GEN_EDIPARTY) {
                exceptions::warn(exceptions::RuntimeWarning(), &format!("Unknown general name type {kind}"), 1)?;
            }
            let out = bio()?;
            // SAFETY: live objects.
            unsafe { library::GENERAL_NAME_print(out.as_ptr(), name.as_ptr()) };
            let printed = out.contents();
            let Some(colon) = printed.iter().position(|&byte| byte == b':') else {
                return Err(err!(ValueError, "Invalid value {}", String::from_utf8_lossy(&printed)));
            };
            return Ok(Tuple::pair(text(&printed[..colon])?.into_object(), text(&printed[colon + 1..])?.into_object()).into_object());
        }
    };
    Ok(Tuple::pair(Str::new(kind).into_object(), value).into_object())
}

/// A tuple of what the items give; `None` if that is nothing.
fn collected<T: Stackable>(items: &StackRef<T>, mut each: impl FnMut(&T::Ref, &mut Vec<Owned>) -> PyResult<()>) -> PyResult<Option<Owned>> {
    let mut found = Vec::new();
    for item in items {
        each(item, &mut found)?;
    }
    Ok(if found.is_empty() { None } else { Some(Tuple::from_vec(found).into_object()) })
}

fn access_uris(certificate: &X509Ref, method: Nid) -> PyResult<Option<Owned>> {
    let Some(access) = certificate.authority_info() else { return Ok(None) };
    collected(&access, |description, found| {
        if description.method().nid() == method {
            found.extend(uri(description.location())?);
        }
        Ok(())
    })
}

fn crl_uris(certificate: &X509Ref) -> PyResult<Option<Owned>> {
    let Some(points) = certificate.crl_distribution_points() else { return Ok(None) };
    collected(&points, |point, found| {
        // A point may have no name at all.
        let Some(names) = point.distpoint().and_then(|name| name.fullname()) else { return Ok(()) };
        for name in names {
            found.extend(uri(name)?);
        }
        Ok(())
    })
}

/// What `print` writes.
fn printed(print: impl FnOnce(*mut sys::BIO)) -> PyResult<Owned> {
    let out = bio()?;
    print(out.as_ptr());
    Ok(text(&out.contents())?.into_object())
}

/// The certificate as a dict (`getpeercert()`).
pub fn decode(certificate: &X509Ref) -> PyResult<Owned<Dict>> {
    let dict = Dict::new();
    dict.set("subject", &*distinguished_name(certificate.subject_name())?)?;
    dict.set("issuer", &*distinguished_name(certificate.issuer_name())?)?;
    dict.set("version", &Int::from_i64(certificate.version() as i64 + 1))?;
    // SAFETY: parts of a live certificate.
    let serial = printed(|out| unsafe {
        library::i2a_ASN1_INTEGER(out, certificate.serial_number().as_ptr());
    })?;
    dict.set("serialNumber", &serial)?;
    dict.set("notBefore", &Str::new(&certificate.not_before().to_string()))?;
    dict.set("notAfter", &Str::new(&certificate.not_after().to_string()))?;
    if let Some(names) = certificate.subject_alt_names() {
        let found = collected(&names, |name, found| {
            found.push(alternative_name(name)?);
            Ok(())
        })?;
        dict.set("subjectAltName", &found.unwrap_or_else(|| Tuple::empty().into_object()))?;
    }
    let further = [
        ("OCSP", access_uris(certificate, Nid::AD_OCSP)?),
        ("caIssuers", access_uris(certificate, Nid::AD_CA_ISSUERS)?),
        ("crlDistributionPoints", crl_uris(certificate)?),
    ];
    for (name, value) in further {
        if let Some(value) = value {
            dict.set(name, &value)?;
        }
    }
    errors::clear();
    Ok(dict)
}

pub fn der(certificate: &X509Ref) -> PyResult<Owned<Bytes>> {
    match certificate.to_der() {
        Ok(data) => Bytes::try_new(&data),
        Err(stack) => {
            stack.put();
            Err(errors::library(1702))
        }
    }
}

/// A certificate with a reference of its own.
pub fn share(certificate: &X509Ref) -> X509 {
    certificate.to_owned()
}

#[derive(Traverse)]
#[repr(C)]
pub struct Certificate {
    head: ObjectHead,
    #[traverse(skip)]
    certificate: X509,
}

impl Certificate {
    pub fn create(certificate: X509) -> PyResult<Owned<Certificate>> {
        Self::construct(Self::type_object(), Certificate { head: ObjectHead::placeholder(), certificate })
    }
}

#[pytype(static = Certificate_Type, name = "Certificate", module = "_ssl", flags = IMMUTABLETYPE | DISALLOW_INSTANTIATION, native, final)]
impl Certificate {
    #[slot]
    fn tp_repr(&self) -> PyResult<String> {
        let name = self.certificate.subject_name();
        // SAFETY: live objects.
        let subject = printed(|out| unsafe {
            library::X509_NAME_print_ex(out, name.as_ptr(), 0, library::XN_FLAG_RFC2253);
        })?;
        let subject = subject.downcast::<Str>().map(|subject| subject.to_string_lossy().into_owned()).unwrap_or_default();
        Ok(format!("<{} '{subject}'>", "_ssl.Certificate"))
    }
    #[slot]
    fn tp_hash(&self) -> isize {
        self.certificate.subject_name_hash() as isize
    }
    #[slot]
    fn tp_richcompare(&self, other: &Object, op: CompareOp) -> Owned {
        let Some(other) = other.downcast::<Certificate>() else { return not_implemented() };
        let equal = self.certificate == other.certificate;
        match op {
            CompareOp::Eq => bool_object(equal).to_owned(),
            CompareOp::Ne => bool_object(!equal).to_owned(),
            _ => not_implemented(),
        }
    }
    #[method("public_bytes($self, /, format=Encoding.PEM)")]
    fn public_bytes(&self, format: Option<i32>) -> PyResult<Owned> {
        let certificate = self.certificate.as_ptr();
        match format.unwrap_or(ENCODING_PEM) {
            // SAFETY: live objects.
            ENCODING_PEM => printed(|out| unsafe {
                sys::PEM_write_bio_X509(out, certificate);
            }),
            // SAFETY: live objects.
            ENCODING_PEM_AUX => printed(|out| unsafe {
                library::PEM_write_bio_X509_AUX(out, certificate);
            }),
            ENCODING_DER => Ok(der(&self.certificate)?.into_object()),
            _ => Err(err!(ValueError, "Unsupported format")),
        }
    }
    #[method("get_info($self, /)")]
    fn get_info(&self) -> PyResult<Owned<Dict>> {
        decode(&self.certificate)
    }
}
