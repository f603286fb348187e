import gzip
import io
import zlib

data = b"hello world " * 200 + bytes(range(256))
for level in (0, 1, 6, 9):
    print(level, zlib.decompress(zlib.compress(data, level)) == data)
print(zlib.crc32(data), zlib.adler32(data), zlib.crc32(b"b", zlib.crc32(b"a")) == zlib.crc32(b"ab"), zlib.adler32(b""), zlib.crc32(b""))
c = zlib.compressobj(9, zlib.DEFLATED, -15, 8, zlib.Z_DEFAULT_STRATEGY)
raw = c.compress(data[:500]) + c.flush(zlib.Z_SYNC_FLUSH) + c.copy().compress(b"") + c.compress(data[500:]) + c.flush()
d = zlib.decompressobj(-15)
out = d.decompress(raw + b"tail", 100)
print(len(out), len(d.unconsumed_tail) > 0, d.eof)
out += d.decompress(d.unconsumed_tail) + d.flush()
print(out == data, d.unused_data, d.eof)
words = zlib.compressobj(zdict=b"hello world ")
packed = words.compress(data) + words.flush()
print(zlib.decompressobj(zdict=b"hello world ").decompress(packed) == data, zlib.decompress(gzip.compress(data), 31) == data, zlib.decompress(zlib.compress(data, wbits=31), 47) == data)
memory = io.BytesIO()
with gzip.GzipFile("name", "wb", mtime=0, fileobj=memory) as g:
    g.write(data), g.write(b"more")
print(gzip.decompress(memory.getvalue()) == data + b"more", memory.getvalue()[:10])
memory.seek(0)
with gzip.open(memory, "rt", encoding="latin-1") as text:
    print(text.read(11), text.name if False else text.readable())
print(gzip.decompress(gzip.compress(b"a") + gzip.compress(b"b")))
for bad in (lambda: zlib.decompress(b"garbage"), lambda: zlib.decompress(zlib.compress(data)[:-9]), lambda: zlib.compress(data, 99), lambda: zlib.compress("text"), lambda: zlib.decompressobj().decompress(b"x", -1), lambda: zlib.decompressobj(zdict=b"no").decompress(packed), lambda: gzip.decompress(b"\x1f\x8bxx"), lambda: gzip.decompress(gzip.compress(data)[:-4]), lambda: zlib.decompress(zlib.compress(data)[:-1] + b"\0")):
    try:
        bad()
    except (zlib.error, ValueError, TypeError, OSError, EOFError) as error:
        print(type(error).__name__, error)
