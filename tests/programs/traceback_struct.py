"""A record that does not fit its format."""
import struct

RECORD = struct.Struct("<HBx4s")


def read(data, offset):
    kind, size, name = RECORD.unpack_from(data, offset)
    return kind, size, name.rstrip(b"\0").decode()


data = RECORD.pack(1, 2, b"ab") + RECORD.pack(3, 4, b"cdef")
print(read(data, 0), read(data, RECORD.size))
print(read(data, RECORD.size + 1))
