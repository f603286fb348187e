data = bytearray(b"abcdef")
view = memoryview(data)
view[0:2] = b"XY"
print(data)
data += b"more"
