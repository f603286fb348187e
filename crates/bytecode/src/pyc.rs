//! The header of `.pyc` files: 16 bytes before the marshalled code.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::opcodes::MAGIC;

pub const HEADER_SIZE: usize = 16;

/// How a cached file knows that it is out of date (PEP 552).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Invalidation {
    /// Seconds and size of the source, both modulo 2**32.
    Timestamp { mtime: u32, size: u32 },
    /// Hash of the source, compared on each import.
    CheckedHash([u8; 8]),
    /// Hash of the source, not compared.
    UncheckedHash([u8; 8]),
}

/// Why a header is refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HeaderError {
    BadMagic,
    Truncated,
    InvalidFlags(u32),
}

const HASH_BASED: u32 = 1;
const CHECK_SOURCE: u32 = 2;

pub fn write_header(invalidation: Invalidation) -> [u8; HEADER_SIZE] {
    let (flags, rest) = match invalidation {
        Invalidation::Timestamp { mtime, size } => {
            (0, (mtime as u64 | (size as u64) << 32).to_le_bytes())
        }
        Invalidation::CheckedHash(hash) => (HASH_BASED | CHECK_SOURCE, hash),
        Invalidation::UncheckedHash(hash) => (HASH_BASED, hash),
    };
    let mut header = [0; HEADER_SIZE];
    header[..4].copy_from_slice(&MAGIC);
    header[4..8].copy_from_slice(&flags.to_le_bytes());
    header[8..].copy_from_slice(&rest);
    header
}

pub fn read_header(data: &[u8]) -> Result<Invalidation, HeaderError> {
    if data.get(..4) != Some(&MAGIC) {
        return Err(HeaderError::BadMagic);
    }
    let header: &[u8; HEADER_SIZE] = data.first_chunk().ok_or(HeaderError::Truncated)?;
    let word = |at: usize| {
        u32::from_le_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let mut hash = [0; 8];
    hash.copy_from_slice(&header[8..]);
    match word(4) {
        0 => Ok(Invalidation::Timestamp {
            mtime: word(8),
            size: word(12),
        }),
        HASH_BASED => Ok(Invalidation::UncheckedHash(hash)),
        flags if flags == HASH_BASED | CHECK_SOURCE => Ok(Invalidation::CheckedHash(hash)),
        flags => Err(HeaderError::InvalidFlags(flags)),
    }
}

/// `importlib.util.source_hash`.
pub fn source_hash(source: &[u8]) -> [u8; 8] {
    keyed_hash(u32::from_le_bytes(MAGIC) as u64, source)
}

/// `_imp.source_hash`: SipHash-1-3 with the key in its first half.
pub fn keyed_hash(key: u64, source: &[u8]) -> [u8; 8] {
    let mut hasher = SipHasher13::new_with_keys(key, 0);
    hasher.write(source);
    hasher.finish().to_le_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn source_hash_is_that_of_the_reference() {
        assert_eq!(source_hash(b"print('hello')\n"), HELLO);
        assert_eq!(source_hash(b""), EMPTY);
    }

    #[test]
    fn headers_survive_a_round_trip() {
        for invalidation in [
            Invalidation::Timestamp {
                mtime: 0x12345678,
                size: u32::MAX,
            },
            Invalidation::CheckedHash([1, 2, 3, 4, 5, 6, 7, 8]),
            Invalidation::UncheckedHash([8; 8]),
        ] {
            assert_eq!(read_header(&write_header(invalidation)), Ok(invalidation));
        }
        assert_eq!(read_header(b"+\x0e\r\n"), Err(HeaderError::Truncated));
        assert_eq!(read_header(b"nonsense"), Err(HeaderError::BadMagic));
    }

    const HELLO: [u8; 8] = [125, 188, 4, 75, 122, 39, 116, 95];
    const EMPTY: [u8; 8] = [97, 245, 183, 203, 101, 58, 106, 164];
}
