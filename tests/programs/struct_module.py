# struct: every code, byte orders, errors.
import struct

for fmt, values in [("bBhHiIlLqQ", (-1, 255, -2, 65535, -3, 2**32 - 1, -4, 2**64 - 1, -5, 2**63)), ("<bhiq", (1, 2, 3, 4)), (">hHi", (-2, 3, -4)),
                    ("!d", (1.5,)), ("<efd", (1.5, 2.5, 3.5)), ("?c3s4p", (True, b"x", b"ab", b"hello")), ("nNP", (-1, 1, 0)), ("2h3x1b", (1, 2, 3)),
                    ("<F", (1 + 2j,)), (">D", (-1.5j,)), ("ci", (b"a", 1)), ("=ci", (b"a", 1)), ("0i", ()), ("", ())]:
    data = struct.pack(fmt, *values)
    print(fmt, struct.calcsize(fmt), data.hex(), struct.unpack(fmt, data))

for value in (0.0, -0.0, 1.0, 65504.0, 6e-8, 2.0**-24, float("inf"), float("nan"), 0.1, 2049.0):
    print(value, struct.pack(">e", value).hex(), struct.unpack(">e", struct.pack(">e", value)))

s = struct.Struct("<hI")
print(s, s.format, s.size, s.pack(1, 2), s.unpack(b"\1\0\2\0\0\0"), s.unpack_from(b"..\1\0\2\0\0\0", 2), list(s.iter_unpack(bytes(12))))
buffer = bytearray(10)
s.pack_into(buffer, 2, -1, 7)
struct.pack_into(">H", buffer, -2, 0xABCD)
print(buffer, struct.unpack_from(">H", buffer, -2))

class Index:
    def __index__(self):
        return 7

print(struct.pack("b", Index()), struct.pack("?", []), struct.pack(b"h", 1))
for call in [lambda: struct.pack("b", 128), lambda: struct.pack("<H", -1), lambda: struct.pack("q", 2**63), lambda: struct.pack("i", "a"),
             lambda: struct.pack("i", 1.0), lambda: struct.pack("f", 1e40), lambda: struct.pack("e", 1e6), lambda: struct.pack("c", b"ab"),
             lambda: struct.pack("3s", "abc"), lambda: struct.pack("i"), lambda: struct.pack("i", 1, 2), lambda: struct.pack("z", 1),
             lambda: struct.pack("3", 1), lambda: struct.calcsize("99999999999999999999i"), lambda: struct.unpack("i", b"abc"),
             lambda: struct.unpack_from("i", b"abcd", 2), lambda: struct.unpack_from("i", b"abcd", -9), lambda: struct.iter_unpack("i", b"abc"),
             lambda: struct.pack_into("i", bytearray(3), 0, 1), lambda: struct.pack_into("i", b"abcd", 0, 1), lambda: struct.pack_into("i", bytearray(4), "x", 1),
             lambda: struct.Struct(5), lambda: struct.Struct("<P"), lambda: struct.pack("d", "x"), lambda: struct.pack("D", "x")]:
    try:
        print(call())
    except (struct.error, TypeError, OverflowError) as error:
        print(type(error).__name__, error)
