# hashlib on the built-in hash modules, hmac, binascii.
import binascii
import hashlib
import hmac
import _blake2, _md5, _sha1, _sha2, _sha3

for make in (_md5.md5, _sha1.sha1, _sha2.sha224, _sha2.sha256, _sha2.sha384, _sha2.sha512, _sha3.sha3_224, _sha3.sha3_256, _sha3.sha3_384, _sha3.sha3_512, _blake2.blake2b, _blake2.blake2s):
    h = make(b"abc")
    h.update(b"def" * 100)
    other = h.copy(); other.update(bytearray(b"!"))
    print(h.name, h.digest_size, h.block_size, h.hexdigest(), other.digest()[:4].hex(), h.digest().hex() == h.hexdigest())
for make in (_sha3.shake_128, _sha3.shake_256):
    print(make(b"abc").hexdigest(40), make().digest(0), make().block_size)
print(_blake2.blake2b(b"x", digest_size=8, key=b"k", salt=b"s", person=b"p", fanout=2, depth=3, leaf_size=4, node_offset=5, node_depth=1, inner_size=6, last_node=True).hexdigest())
print(_blake2.blake2s(b"x", digest_size=8, key=b"k", salt=b"s", person=b"p").hexdigest(), _blake2.blake2b.MAX_KEY_SIZE, _blake2.blake2s.SALT_SIZE)
print(hashlib.sha256(b"a").hexdigest(), hashlib.new("md5", b"a").hexdigest(), hmac.new(b"key", b"msg", "sha256").hexdigest())
for call in [lambda: _md5.md5("a"), lambda: _md5.md5(5), lambda: _blake2.blake2b(digest_size=65), lambda: _blake2.blake2b(key=b"x" * 65), lambda: _blake2.blake2s(salt=b"x" * 9),
             lambda: _blake2.blake2b(fanout=256), lambda: _blake2.blake2b(depth=0), lambda: _blake2.blake2b(leaf_size=-1), lambda: _sha3.shake_128().digest(-1)]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)

print(binascii.hexlify(b"\x00\xffab"), binascii.hexlify(b"abcdef", "-", 4), binascii.hexlify(b"abcdef", b":", -4), binascii.unhexlify("00fF"))
print(binascii.b2a_base64(b"hello\xff"), binascii.a2b_base64("aGVsbG//\n"), binascii.b2a_base64(b"ab", newline=False), binascii.a2b_base64(b"YW I="))
print(binascii.b2a_uu(b"hello"), binascii.a2b_uu(binascii.b2a_uu(b"hello world")), binascii.b2a_uu(b"\0\0", backtick=True))
print(binascii.b2a_qp(b"a = \xff \t\nend "), binascii.a2b_qp(b"a=3D=\nb=ff_"), binascii.a2b_qp(b"a_b", header=True), binascii.b2a_qp(b"x" * 80))
print(binascii.crc32(b"abc"), binascii.crc_hqx(b"abc", 0))
for call in [lambda: binascii.unhexlify("abc"), lambda: binascii.unhexlify("zz"), lambda: binascii.a2b_base64("abc"), lambda: binascii.a2b_base64("a"), lambda: binascii.a2b_base64("é"),
             lambda: binascii.a2b_base64("ab=c", strict_mode=True), lambda: binascii.a2b_base64("=", strict_mode=True), lambda: binascii.a2b_base64(5), lambda: binascii.b2a_uu(bytes(46)),
             lambda: binascii.hexlify(b"a", "::")]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
