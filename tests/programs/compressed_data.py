# zlib, gzip, bz2: round trips, incremental use, errors.
import bz2
import gzip
import zlib

data = b"The quick brown fox jumps over the lazy dog. " * 200 + bytes(range(256))
for level in (-1, 0, 1, 6, 9):
    assert zlib.decompress(zlib.compress(data, level)) == data
for wbits in (15, -15, 31, 9, -9):
    c = zlib.compressobj(wbits=wbits)
    packed = b"".join(c.compress(data[i:i + 100]) for i in range(0, len(data), 100)) + c.flush()
    d = zlib.decompressobj(wbits)
    out = d.decompress(packed + b"rest")
    print(wbits, out == data, d.eof, d.unused_data, len(packed) < len(data))
print(zlib.crc32(b"hello"), zlib.crc32(b"lo", zlib.crc32(b"hel")), zlib.adler32(b"hello"), zlib.adler32(b"lo", zlib.adler32(b"hel")))

packed = zlib.compress(data)
d = zlib.decompressobj()
parts = [d.decompress(packed, 1000)]
while d.unconsumed_tail:
    parts.append(d.decompress(d.unconsumed_tail, 1000))
parts.append(d.flush())
print(b"".join(parts) == data, max(map(len, parts)) <= 1000, d.eof)
c = zlib.compressobj(zdict=b"quick brown fox"); small = c.compress(b"brown fox") + c.flush()
print(zlib.decompressobj(zdict=b"quick brown fox").decompress(small))
c = zlib.compressobj(); first = c.compress(b"abc") + c.flush(zlib.Z_SYNC_FLUSH); other = c.copy()
print(zlib.decompress(first + c.compress(b"1") + c.flush()), zlib.decompress(first + other.compress(b"2") + other.flush()))
z = zlib._ZlibDecompressor()
print(len(z.decompress(packed, 10)), z.needs_input, z.decompress(b"") == data[10:], z.eof)

for call in [lambda: zlib.decompress(b"junk!!"), lambda: zlib.decompress(packed[:-1]), lambda: zlib.decompress(packed[:-1] + b"x"), lambda: zlib.decompress(b""),
             lambda: zlib.compress(b"", 10), lambda: zlib.compressobj(10), lambda: zlib.decompressobj(99), lambda: zlib.decompressobj().decompress(b"x", -1),
             lambda: z.decompress(b"x"), lambda: zlib.compress("text"), lambda: zlib.decompress(packed, bufsize=-1)]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)

print(gzip.decompress(gzip.compress(data)) == data, bz2.decompress(bz2.compress(data)) == data)
b = bz2.BZ2Compressor(1); packed = b.compress(data) + b.flush()
d = bz2.BZ2Decompressor()
print(d.decompress(packed + b"tail", 5), d.needs_input, d.decompress(b"") == data[5:], d.eof, d.unused_data)
for call in [lambda: bz2.decompress(b"BZh9junkjunkjunk"), lambda: b.compress(b"x"), lambda: b.flush(), lambda: bz2.BZ2Compressor(0), lambda: d.decompress(b""), lambda: bz2.decompress(packed[:-5])]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)

import lzma

for fmt, kw in [(lzma.FORMAT_XZ, {}), (lzma.FORMAT_XZ, {"check": lzma.CHECK_SHA256, "preset": 1}), (lzma.FORMAT_ALONE, {}),
                (lzma.FORMAT_RAW, {"filters": [{"id": lzma.FILTER_DELTA, "dist": 2}, {"id": lzma.FILTER_LZMA2, "dict_size": 65536}]})]:
    c = lzma.LZMACompressor(fmt, **kw)
    packed = c.compress(data) + c.flush()
    d = lzma.LZMADecompressor(fmt, filters=kw.get("filters"))
    out = d.decompress(packed + b"tail") if fmt != lzma.FORMAT_ALONE else d.decompress(packed)
    print(fmt, out == data, d.eof, d.check, d.unused_data, len(packed) < len(data))
packed = lzma.compress(data)
d = lzma.LZMADecompressor()
print(d.decompress(packed, 5), d.needs_input, d.decompress(b"") == data[5:], d.eof)
print(lzma._encode_filter_properties({"id": lzma.FILTER_LZMA2}), lzma._encode_filter_properties({"id": lzma.FILTER_LZMA1, "lc": 2}), lzma._decode_filter_properties(lzma.FILTER_LZMA2, b"\x16"), lzma._decode_filter_properties(lzma.FILTER_LZMA1, b"\x5d\0\0\x80\0"))
for call in [lambda: lzma.decompress(b"junk"), lambda: lzma.decompress(packed[:-3]), lambda: lzma.LZMACompressor(9), lambda: lzma.LZMACompressor(lzma.FORMAT_RAW), lambda: lzma.LZMACompressor(filters=[{}]),
             lambda: lzma.LZMACompressor(filters=[{"id": 99}]), lambda: lzma.LZMADecompressor(memlimit=10).decompress(packed), lambda: c.flush(), lambda: d.decompress(b"")]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
