"""hashlib over _hashlib: names, key derivation, HMAC by all ways."""
import hashlib
import hmac

for name in "md5 SHA1 sha2-256 SHA512-256 sha3-384 ripemd160 sm3 blake2b512 md5-sha1 shake128".split():
    h = hashlib.new(name, b"abc")
    print(name, h.name, h.digest_size, h.block_size, h.digest(8).hex() if h.digest_size == 0 else h.hexdigest())
print(type(hashlib.sha256()).__name__, hashlib.sha256().copy().hexdigest()[:16])
print(hashlib.pbkdf2_hmac("sha256", b"password", b"salt", 1000).hex())
print(hashlib.pbkdf2_hmac("sha3_256", b"password", b"salt", 3, 40).hex())
print(hashlib.scrypt(b"password", salt=b"NaCl", n=16, r=8, p=2, dklen=32).hex())
for digest in "sha1", hashlib.sha512, "blake2s":
    print(hmac.new(b"key", b"message", digest).hexdigest(), hmac.digest(b"key", b"message", digest).hex())
for call in (lambda: hashlib.new("nonsense"), lambda: hashlib.sha256("text"), lambda: hashlib.md5(b"", string=b""),
             lambda: hashlib.pbkdf2_hmac("sha1", b"", b"", 0), lambda: hashlib.scrypt(b"", salt=b"", n=3, r=8, p=1),
             lambda: hmac.new(b"key", b"", 5), lambda: hashlib.shake_256().digest(-1)):
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
