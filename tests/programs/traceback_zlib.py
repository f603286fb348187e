import zlib

packed = zlib.compress(b"data" * 100)
print(len(zlib.decompress(packed)))
print(zlib.decompress(packed[:-4]))
