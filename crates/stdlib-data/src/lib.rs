//! Native modules of the standard library; which of them are here says the table below.

mod bz2;
mod cjk;
mod expat;
mod decimal;
mod elementtree;
mod hashes;
mod lzma;
mod pickle;
mod unicodedata;
mod zlib;
mod zstd;
mod datetime;

use runtime::import::native::NativeModule;

/// All modules of this crate.
pub static MODULES: &[NativeModule] = &[
    NativeModule { name: "zlib", definition: zlib::zlib::definition },
    NativeModule { name: "_bz2", definition: bz2::bz2::definition },
    NativeModule { name: "pyexpat", definition: expat::pyexpat::definition },
    NativeModule { name: "_elementtree", definition: elementtree::elementtree::definition },
    NativeModule { name: "unicodedata", definition: unicodedata::unicodedata::definition },
    NativeModule { name: "_pickle", definition: pickle::pickle::definition },
    NativeModule { name: "_lzma", definition: lzma::lzma::definition },
    NativeModule { name: "_zstd", definition: zstd::zstd::definition },
    NativeModule { name: "_md5", definition: hashes::md5_module::definition },
    NativeModule { name: "_sha1", definition: hashes::sha1_module::definition },
    NativeModule { name: "_sha2", definition: hashes::sha2_module::definition },
    NativeModule { name: "_sha3", definition: hashes::sha3_module::definition },
    NativeModule { name: "_blake2", definition: hashes::blake2_module::definition },
    NativeModule { name: "_hmac", definition: hashes::hmac_module::definition },
    NativeModule { name: "_hashlib", definition: hashes::hashlib_module::definition },
    NativeModule { name: "_decimal", definition: decimal::decimal_module::definition },
    NativeModule { name: "_multibytecodec", definition: cjk::multibytecodec_module::definition },
    NativeModule { name: "_codecs_cn", definition: cjk::codecs_cn::definition },
    NativeModule { name: "_codecs_hk", definition: cjk::codecs_hk::definition },
    NativeModule { name: "_codecs_iso2022", definition: cjk::codecs_iso2022::definition },
    NativeModule { name: "_codecs_jp", definition: cjk::codecs_jp::definition },
    NativeModule { name: "_codecs_kr", definition: cjk::codecs_kr::definition },
    NativeModule { name: "_codecs_tw", definition: cjk::codecs_tw::definition },
    NativeModule { name: "_zoneinfo", definition: datetime::zoneinfo::zoneinfo_module::definition },
    NativeModule { name: "_datetime", definition: datetime::datetime::definition },
];
