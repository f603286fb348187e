//! `ZstdDict`: a dictionary's contents, and what the library prepares from it, kept for the next use.
//!
//! A context that refers to a prepared dictionary or to the contents holds the `ZstdDict`; what is prepared stays until it goes.

use super::library::{self, CompressionDictionary, DecompressionDictionary};
use super::{ERROR, Ownership};
use macros::{Traverse, pytype};
use runtime::macro_support::Buffer;
use runtime::types::{Bytes, Int, Tuple};
use runtime::{Object, ObjectHead, Owned, PyResult, PyTyped, Type, err, errors};
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

#[derive(Traverse)]
#[repr(C)]
pub struct Dictionary {
    head: ObjectHead,
    #[traverse(skip)]
    pub content: Box<[u8]>,
    #[traverse(skip)]
    id: u32,
    #[traverse(skip)]
    for_compression: RefCell<BTreeMap<i32, Rc<CompressionDictionary>>>,
    #[traverse(skip)]
    for_decompression: OnceCell<DecompressionDictionary>,
}

/// How a context takes a dictionary; the numbers are those in the pairs that the `as_` attributes give.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Use {
    Digested = 0,
    Undigested = 1,
    Prefix = 2,
}

impl Dictionary {
    /// The dictionary prepared for compression at a level.
    pub fn for_compression(&self, level: i32) -> PyResult<Rc<CompressionDictionary>> {
        if let Some(known) = self.for_compression.borrow().get(&level) {
            return Ok(known.clone());
        }
        let Some(made) = CompressionDictionary::new(&self.content, level) else {
            return Err(ERROR.raise(format_args!("Failed to create a ZSTD_CDict instance from Zstandard dictionary content.")));
        };
        Ok(self.for_compression.borrow_mut().entry(level).or_insert(Rc::new(made)).clone())
    }
    pub fn for_decompression(&self) -> PyResult<&DecompressionDictionary> {
        if self.for_decompression.get().is_none() {
            let Some(made) = DecompressionDictionary::new(&self.content) else {
                return Err(ERROR.raise(format_args!("Failed to create a ZSTD_DDict instance from Zstandard dictionary content.")));
            };
            let _ = self.for_decompression.set(made);
        }
        self.for_decompression.get().ok_or_else(errors::no_memory)
    }
    fn pair(this: &Dictionary, how: Use) -> (Owned<Dictionary>, i32) {
        (Owned::from_ref(this), how as i32)
    }
}

/// A `zstd_dict` argument: a dictionary, or one of the pairs that its attributes give.
pub fn argument(value: &Object, default: Use) -> PyResult<(Ownership, Use)> {
    if let Some(dictionary) = value.downcast::<Dictionary>() {
        return Ok((Owned::from_ref(dictionary), default));
    }
    if let Some(pair) = value.downcast_exact::<Tuple>()
        && let [dictionary, how] = pair.as_slice()
        && let Some(dictionary) = dictionary.downcast::<Dictionary>()
        && how.is_instance_of::<Int>()
    {
        let how = super::compressor::option_number(how)?;
        if let Some(how) = [Use::Digested, Use::Undigested, Use::Prefix].into_iter().find(|known| *known as i32 == how) {
            return Ok((Owned::from_ref(dictionary), how));
        }
    }
    Err(err!(TypeError, "zstd_dict argument should be a ZstdDict object."))
}

/// A Zstandard dictionary, for any number of compressors and decompressors.
///
///   dict_content
///     A bytes-like object with the dictionary's contents.
///   is_raw
///     If true, take any contents as they are. Otherwise they must be a dictionary
///     that the zstd library or its command-line tool made.
#[pytype(static = Dictionary_Type, name = "ZstdDict", module = "compression.zstd", flags = IMMUTABLETYPE, native, final, signature = "(dict_content, /, *, is_raw=False)")]
impl Dictionary {
    #[slot("ZstdDict(dict_content, /, *, is_raw=False)")]
    fn tp_new(cls: &Type, dict_content: Buffer, is_raw: bool) -> PyResult<Owned<Dictionary>> {
        if dict_content.len() < 8 {
            return Err(err!(ValueError, "Zstandard dictionary content too short (must have at least eight bytes)"));
        }
        let mut content = Vec::new();
        content.try_reserve_exact(dict_content.len()).map_err(|_| errors::no_memory())?;
        content.extend_from_slice(&dict_content);
        let id = library::dictionary_id(&content);
        if id == 0 && !is_raw {
            return Err(err!(ValueError, "invalid Zstandard dictionary"));
        }
        let value = Dictionary {
            head: ObjectHead::placeholder(),
            content: content.into(),
            id,
            for_compression: RefCell::default(),
            for_decompression: OnceCell::new(),
        };
        Self::construct(cls, value)
    }
    #[slot]
    fn tp_repr(&self) -> String {
        format!("<ZstdDict dict_id={} dict_size={}>", self.id, self.content.len())
    }
    #[slot]
    fn mp_length(&self) -> usize {
        self.content.len()
    }
    /// The dictionary's id, an int between 0 and 2**32.
    ///
    /// 0 stands for a dictionary of "raw content", of no particular format.
    #[getter("dict_id")]
    fn dict_id(&self) -> u32 {
        self.id
    }
    /// The dictionary's contents, as bytes.
    #[getter("dict_content")]
    fn dict_content(&self) -> PyResult<Owned<Bytes>> {
        Bytes::try_new(&self.content)
    }
    /// For a compressor's zstd_dict: use the dictionary prepared.
    ///
    /// 1. Some parameters of the compressor may give way to those of the prepared dictionary.
    /// 2. One prepared for each compression level is kept, so the next use of a level is faster.
    /// 3. Decompression does so anyway.
    #[getter("as_digested_dict")]
    fn as_digested_dict(&self) -> (Owned<Dictionary>, i32) {
        Self::pair(self, Use::Digested)
    }
    /// For a compressor's zstd_dict: load the dictionary as it is.
    ///
    /// 1. The compressor's parameters stay as given.
    /// 2. Loading costs time; for many uses, keep the compressor.
    /// 3. Decompression has no need of it.
    #[getter("as_undigested_dict")]
    fn as_undigested_dict(&self) -> (Owned<Dictionary>, i32) {
        Self::pair(self, Use::Undigested)
    }
    /// For a zstd_dict argument: use the contents as a prefix.
    ///
    /// 1. Unlike a dictionary, a prefix goes with long distance matching.
    /// 2. It counts for the first frame only.
    /// 3. Decompression needs the same prefix.
    #[getter("as_prefix")]
    fn as_prefix(&self) -> (Owned<Dictionary>, i32) {
        Self::pair(self, Use::Prefix)
    }
    #[method("__reduce__($self, /)", nosig)]
    fn reduce(&self) -> PyResult {
        Err(err!(TypeError, "cannot pickle '{}' object", self.as_object().type_name()))
    }
}
