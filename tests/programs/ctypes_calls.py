# ctypes: types over memory, structures, pointers, calls, callbacks, errors.
import ctypes
from ctypes import *
from ctypes.util import find_library

libc, libm = CDLL(None, use_errno=True), CDLL("libm.so.6")
print(libc.strlen(b"hello"), libc.abs(-4), libc.toupper(ord("a")))
libm.pow.restype = c_double
libm.pow.argtypes = [c_double, c_double]
print(libm.pow(2, 0.5), libm.fabsf.__class__.__name__ != "")
libm.ldexpl.restype, libm.ldexpl.argtypes = c_longdouble, [c_longdouble, c_int]
print(libm.ldexpl(1.5, 4))
buffer = create_string_buffer(40)
print(libc.snprintf(buffer, c_size_t(40), b"%d %s %.3f %ld %c|%d %d %d %.1f", 1, b"two", c_double(3.5), c_long(-2**40), ord("x"), 7, 8, 9, c_double(0.5)), buffer.value, sizeof(buffer))


class Point(Structure):
    _fields_ = [("x", c_int), ("y", c_double), ("tag", c_char * 4), ("next", c_void_p)]


class Bits(LittleEndianStructure):
    _fields_ = [("a", c_uint, 3), ("b", c_int, 5), ("c", c_ubyte)]


class Either(Union):
    _anonymous_ = ["parts"]
    _fields_ = [("whole", c_uint64), ("parts", type("Parts", (Structure,), {"_fields_": [("low", c_uint32), ("high", c_uint32)]}))]


p = Point(1, 2.5, b"ab")
print(p.x, p.y, p.tag, p.next, sizeof(Point), alignment(Point), Point.y, bytes(p)[:4])
b = Bits(5, -3, 200)
print(b.a, b.b, b.c, bytes(b), Bits.b)
e = Either(whole=0x1122334455667788)
print(hex(e.low), hex(e.high), BigEndianStructure.__mro__[1] is Structure)
pp = pointer(p)
pp.contents.x = 9
print(p.x, pp[0].y, bool(POINTER(c_int)()), cast(pp, POINTER(c_int))[0])
array = (c_int * 5)(5, 3, 1, 4, 2)
compare = CFUNCTYPE(c_int, POINTER(c_int), POINTER(c_int))
libc.qsort(array, len(array), sizeof(c_int), compare(lambda a, b: a[0] - b[0]))
print(list(array), array[1:3], (c_char * 3)(*b"abc").raw, (c_wchar * 4)(*"äbc").value)
double = CFUNCTYPE(c_double, c_double, c_float, c_int64, c_uint8)(lambda a, b, c, d: a * b + c - d)
print(double(1.5, 2.0, -(2**40), 255))
div = libc.ldiv
div.restype = type("ldiv_t", (Structure,), {"_fields_": [("quot", c_long), ("rem", c_long)]})
div.argtypes = [c_long, c_long]
result = div(17, 5)
print(result.quot, result.rem)
print(libc.open(b"/does/not/exist", 0), get_errno(), set_errno(3), get_errno())
libc.time.restype = c_long
now = c_long()
print(libc.time(byref(now)) == now.value, pythonapi.PyLong_AsLong(py_object(7)))
pythonapi.PyUnicode_FromFormat.restype = py_object
print(pythonapi.PyUnicode_FromFormat(b"%d-%s", 5, b"x"))
libc.strchr.restype = c_char_p
libc.strchr.argtypes = [c_char_p, c_char]
print(libc.strchr(b"abcdef", b"d"), libc.strchr(b"abc", b"z"), string_at(b"xyz", 2), wstring_at("wide"), bytes(memoryview(array)))
for make in (lambda: c_int("x"), lambda: libm.pow(1), lambda: libm.pow("a", 1), lambda: CDLL("/no/such/lib.so"), lambda: array[9],
             lambda: POINTER(c_int)().contents, lambda: Point(1, 2, 3, 4, 5), lambda: pythonapi.PyLong_AsLong(py_object("x")), lambda: (c_int * -1), lambda: c_char(b"ab"),
             lambda: libc.strlen([]), lambda: setattr(p, "x", "no"), lambda: c_int.from_buffer(b"abcd"), lambda: byref(3), lambda: sizeof(3)):
    try:
        print(make())
    except Exception as error:
        print(type(error).__name__, error)
print(c_ubyte(300), c_short(-40000), c_bool(5), c_float(0.1), c_void_p(), c_longdouble(0.25), c_int(3) == c_int(3), repr(c_wchar("ä")))
print(find_library("c") is not None, c_int.from_buffer_copy(b"\1\2\0\0"), (c_int * 2 * 3)()[2][1], c_int.__ctype_be__(1).value, bytes(c_int.__ctype_be__(1)))
