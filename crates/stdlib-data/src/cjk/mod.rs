//! `_multibytecodec` and the modules `_codecs_cn`, `_codecs_hk`, `_codecs_iso2022`, `_codecs_jp`, `_codecs_kr`, `_codecs_tw`: the encodings
//! of East Asia. `table.rs` has the characters, `codec.rs` and `iso2022.rs` encode and decode, `multibyte.rs` deals with errors; here are the
//! types that Python sees.

mod codec;
mod iso2022;
mod multibyte;
mod objects;
mod table;

pub use objects::multibytecodec_module;

use codec::Codec;
use macros::pymodule;
use objects::MultibyteCodec;
use runtime::types::Str;
use runtime::{Object, Owned, PyResult, err};

fn find(codecs: &'static [Codec], encoding: &Object) -> PyResult<Owned<MultibyteCodec>> {
    let Some(name) = encoding.downcast::<Str>() else {
        return Err(err!(TypeError, "encoding name must be a string."));
    };
    match codecs.iter().find(|codec| name.eq_str(codec.name)) {
        Some(codec) => MultibyteCodec::make(codec),
        None => Err(err!(LookupError, "no such codec is supported.")),
    }
}

macro_rules! codec_module {
    ($module:ident, $name:tt, $codecs:path) => {
        #[pymodule(name = $name)]
        pub mod $module {
            use super::*;

            #[function("getcodec($module, encoding, /)", nosig)]
            fn getcodec(encoding: &Object) -> PyResult<Owned<MultibyteCodec>> {
                find(&$codecs, encoding)
            }
        }
    };
}

codec_module!(codecs_cn, "_codecs_cn", codec::CODECS_CN);
codec_module!(codecs_hk, "_codecs_hk", codec::CODECS_HK);
codec_module!(codecs_iso2022, "_codecs_iso2022", codec::CODECS_ISO2022);
codec_module!(codecs_jp, "_codecs_jp", codec::CODECS_JP);
codec_module!(codecs_kr, "_codecs_kr", codec::CODECS_KR);
codec_module!(codecs_tw, "_codecs_tw", codec::CODECS_TW);
