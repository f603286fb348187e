//! Marshal data good and bad; messages are those of the reference.

use bytecode::marshal::{MarshalError, read_constant, write_constant};
use bytecode::{BigInt, Constant, Wtf8};

fn le(value: i32) -> [u8; 4] {
    value.to_le_bytes()
}

fn data(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

#[test]
fn bad_data_gives_the_reference_messages() {
    let value = |message: &str| MarshalError::Value(message.to_string());
    let cases: &[(Vec<u8>, MarshalError)] = &[
        (vec![], MarshalError::Eof("EOF read where object expected")),
        (
            b"0".to_vec(),
            MarshalError::Type("NULL object in marshal data for object"),
        ),
        (
            data(&[b"(", &le(1), b"0"]),
            MarshalError::Type("NULL object in marshal data for tuple"),
        ),
        (
            data(&[b">", &le(1), b"0"]),
            MarshalError::Type("NULL object in marshal data for set"),
        ),
        (
            data(&[b"c", &[0; 20], b"0"]),
            MarshalError::Type("NULL object in marshal data for code object"),
        ),
        (
            data(&[b"r", &le(0)]),
            value("bad marshal data (invalid reference)"),
        ),
        (
            data(&[b"\xbe", &le(1), b"r", &le(0)]),
            value("bad marshal data (invalid reference)"),
        ),
        (
            data(&[b"l", &le(1), b"\0\0"]),
            value("bad marshal data (unnormalized long data)"),
        ),
        (
            data(&[b"l", &le(1), b"\0\x80"]),
            value("bad marshal data (digit out of range in long)"),
        ),
        (
            data(&[b"l", &le(i32::MIN)]),
            value("bad marshal data (long size out of range)"),
        ),
        (
            data(&[b"s", &le(-1)]),
            value("bad marshal data (bytes object size out of range)"),
        ),
        (
            b"z".to_vec(),
            MarshalError::Eof("EOF read where not expected"),
        ),
        (
            b"z\x05abc".to_vec(),
            MarshalError::Eof("marshal data too short"),
        ),
        (b"Q".to_vec(), value("bad marshal data (unknown type code)")),
        (
            b"f\x03abc".to_vec(),
            value("could not convert string to float: 'abc'"),
        ),
        (
            b")\x01".repeat(2000),
            MarshalError::Eof("EOF read where object expected"),
        ),
        (b")\x01".repeat(2001), value("recursion limit exceeded")),
    ];
    for (bytes, error) in cases {
        assert_eq!(
            read_constant(bytes).as_ref(),
            Err(error),
            "{}",
            bytes.escape_ascii()
        );
    }
}

#[test]
fn constants_survive_a_round_trip() {
    let big = |text: &str| Constant::int(text.parse::<BigInt>().unwrap());
    let constants = Constant::Tuple(
        [
            Constant::None,
            Constant::Ellipsis,
            Constant::Int(0),
            Constant::Int(i64::MIN),
            big("-9223372036854775809"),
            big("123456789012345678901234567890123456789012345678901234567890"),
            Constant::Float(-0.0),
            Constant::Complex(1.5, f64::INFINITY),
            Constant::Str(Wtf8::from_code_points([0x61, 0xD800, 0x10FFFF]).unwrap()),
            Constant::Bytes((*b"\0\xff").into()),
            Constant::FrozenSet([Constant::Int(1), Constant::str("a b")].into()),
            Constant::Slice([Constant::None, Constant::Int(5), Constant::True].into()),
        ]
        .into(),
    );
    assert_eq!(
        read_constant(&write_constant(&constants).unwrap()),
        Ok(constants)
    );
}

#[test]
fn shared_constants_are_written_once() {
    let text = Constant::str("not a name");
    let pair = Constant::Tuple([text.clone(), text].into());
    let expected = data(&[b"\xa9\x02\xfa\x0anot a name", b"r", &le(1)]);
    assert_eq!(write_constant(&pair).unwrap(), expected);
}
