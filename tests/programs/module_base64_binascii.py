import base64
import binascii
import quopri

data = bytes(range(0, 256, 7)) + b"text"
for encode, decode in ((base64.b64encode, base64.b64decode), (base64.urlsafe_b64encode, base64.urlsafe_b64decode), (base64.b32encode, base64.b32decode), (base64.b32hexencode, base64.b32hexdecode), (base64.b16encode, base64.b16decode), (base64.a85encode, base64.a85decode), (base64.b85encode, base64.b85decode), (base64.z85encode, base64.z85decode)):
    coded = encode(data)
    print(encode.__name__, coded, decode(coded) == data)
print(base64.b64encode(b"\xff\xfe", b"-_"), base64.encodebytes(b"x" * 60), base64.a85encode(b"\0\0\0\0abc", foldspaces=True, adobe=True, wrapcol=10), base64.b32decode(b"mfra====", casefold=True), base64.b64decode("aGk=!!"), base64.b16decode("ff", casefold=True))
print(binascii.hexlify(b"\x01\xab", "-"), binascii.unhexlify("01AB"), binascii.b2a_uu(b"uu data"), binascii.a2b_uu(b"'=74@9&%T80  "), binascii.crc32(b"x"), binascii.crc_hqx(b"x", 0), binascii.b2a_qp(b"a=b\x00 \n", quotetabs=True), binascii.a2b_qp("a=3Db=\nc"), quopri.encodestring("ü x".encode(), quotetabs=True), binascii.b2a_base64(b"x", newline=False))
for bad in (lambda: base64.b64decode("abc"), lambda: base64.b64decode("a*bc", validate=True), lambda: base64.b32decode("a"), lambda: base64.b16decode("xx"), lambda: base64.a85decode("\x7f"), lambda: base64.b85decode("~~~~~"), lambda: binascii.unhexlify("abc"), lambda: base64.b64encode("text"), lambda: base64.b64decode("ü"), lambda: binascii.a2b_uu(b"\xff"), lambda: base64.b64decode(b"AA=A", validate=True)):
    try:
        print(bad())
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
