import hashlib
import hmac
import io

for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s"):
    h = hashlib.new(name, b"abc")
    print(name, h.digest_size, h.block_size, h.hexdigest()[:32], h.name)
h = hashlib.sha256()
for part in (b"a", b"b", bytearray(b"c"), memoryview(b"d")):
    h.update(part)
twin = h.copy()
twin.update(b"e")
print(h.hexdigest() == hashlib.sha256(b"abcd").hexdigest(), twin.hexdigest()[:10])
print(hashlib.shake_128(b"x").hexdigest(10), hashlib.shake_256(b"x").digest(5))
print(hashlib.blake2b(b"x", digest_size=8, key=b"k", salt=b"s", person=b"p").hexdigest(), hashlib.file_digest(io.BytesIO(b"abc"), "sha1").hexdigest())
print(hmac.new(b"key", b"message", "sha256").hexdigest(), hmac.digest(b"k", b"m", "md5").hex(), hmac.compare_digest("a", "a"), hmac.compare_digest(b"a", b"b"))
print({"md5", "sha256", "blake2b"} <= hashlib.algorithms_guaranteed)
for bad in (lambda: hashlib.new("nope"), lambda: hashlib.sha256("text"), lambda: hashlib.blake2b(digest_size=99), lambda: hmac.compare_digest("ä", "a"), lambda: hmac.new(b"k")):
    try:
        bad()
    except (ValueError, TypeError) as error:
        print(type(error).__name__, error)
