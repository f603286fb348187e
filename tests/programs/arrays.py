# array: type codes, the sequence interface, buffers, pickling.
from array import array, typecodes, _array_reconstructor
import pickle
import copy

print(typecodes)
for code in typecodes.replace("u", ""):
    a = array(code, "ab" if code == "w" else [1, 2, 3])
    print(a, a.typecode, a.itemsize, len(a), a.tobytes().hex(), memoryview(a).format, a == array(code, a), pickle.loads(pickle.dumps(a)) == a)

a = array("i", range(5))
a.append(9); a.extend([7, 8]); a.insert(1, -1); a.insert(-1, 5); a.fromlist([3]); a.frombytes(b"\1\0\0\0")
print(a, a.pop(), a.pop(0), a.index(9), a.count(3), 9 in a)
a.remove(9); a.reverse(); print(a)
a[1:3] = array("i", [100, 200, 300]); print(a)
a[::2] = array("i", [0] * len(a[::2])); print(a)
del a[1], a[-2:]; print(a, a[1], a[-1], a[::-1], a + array("i", [1]), a * 2, 2 * a[:1])
a += array("i", [4]); a *= 2; print(a)
a.byteswap(); print(a[:2]); a.clear(); print(a, list(a))
print(array("d", [1.5]) == array("f", [1.5]), array("i", [1]) < array("i", [1, 2]), array("b", [1]) != array("b", [2]), array("w", "héllo").tounicode())
print(copy.copy(array("h", [1])), copy.deepcopy(array("h", [1])), array("i", [1]).__reduce_ex__(2), array("i", [1]).__reduce_ex__(3)[1][1:])
print(_array_reconstructor(array, "i", 9, b"\0\0\0\1"), _array_reconstructor(array, "d", 15, b"\x3f\x80\0\0"))

class Sub(array):
    pass

s = Sub("b", [1]); s.x = 1
print(s, pickle.loads(pickle.dumps(s)).x, type(s[:]).__name__, array.__class_getitem__(int))
view = memoryview(array("i", [1, 2])); view[0] = 5
print(view.obj, view.tolist())
b = array("b", [1]); m = memoryview(b)
for call in [lambda: b.append(1), lambda: b.pop(), lambda: array("z"), lambda: array("i", "a"), lambda: array("i", b"abc"), lambda: array("b", [200]),
             lambda: array("B", [-1]), lambda: array("I", [-1]), lambda: array("q", [2**63]), lambda: array("w", ["ab"]), lambda: array("i", [1.5]),
             lambda: array("i")[0], lambda: array("i").pop(), lambda: array("i", [1])["x"], lambda: array("i").remove(1), lambda: array("i").index(1),
             lambda: array("i") + [1], lambda: array("i").extend(array("f", [1])), lambda: hash(b), lambda: array("i", [1]).__setitem__(slice(0), [1]), lambda: array()]:
    try:
        print(call())
    except Exception as error:
        print(type(error).__name__, error)
