# pickle: every protocol, sharing, reductions, hooks, buffers, errors.
import collections
import copyreg
import io
import pickle
import pickletools
import sys


class Plain:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(self) is type(other) and self.__dict__ == other.__dict__


class Slots:
    __slots__ = ("a", "b")


class New:
    def __new__(cls, *, key):
        self = object.__new__(cls)
        self.key = key
        return self

    def __getnewargs_ex__(self):
        return (), {"key": self.key}


class State:
    def __getstate__(self):
        return {"s": 1}

    def __setstate__(self, state):
        self.got = state


class ListSub(list):
    pass


class DictSub(dict):
    pass


class Outer:
    class Inner:
        pass

    def method(self):
        return 5


Point = collections.namedtuple("Point", "x y")
shared = [1]
values = [None, True, False, 0, 1, -1, 255, 256, 65535, 65536, -(2**31), 2**31, 2**63, -(2**63), 2**100, -(10**50), 0.0, -1.5, 1e300, "", "abc", "é\u20ac\U0001f600\udc80\n\\",
          b"", b"abc", bytes(300), bytearray(b"xyz"), (), (1,), (1, 2), (1, 2, 3), (1, 2, 3, 4), [], [1], list(range(3000)), {}, {"a": 1}, {i: str(i) for i in range(2500)}, set(), {1, 2},
          frozenset([3]), [shared, shared], 1 + 2j, range(5), slice(1, 2), Ellipsis, NotImplemented, int, type(None), len, Outer.Inner, Point(1, 2), collections.OrderedDict(a=1), Plain([1, 2])]
for proto in range(pickle.HIGHEST_PROTOCOL + 1):
    for value in values:
        data = pickle.dumps(value, proto)
        back = pickle.loads(data)
        assert back == value and type(back) is type(value), (proto, value, back)
        assert pickle._loads(data) == value
        # The pure Python pickler gives the same bytes.
        if not isinstance(value, (set, frozenset)):
            assert pickle._dumps(value, proto) == data, (proto, value)
    print(proto, pickle.dumps([1, "a", (b"b", 2.5), {"k": None}], proto))
    loop = []
    loop.append((loop, {"self": loop}))
    back = pickle.loads(pickle.dumps(loop, proto))
    print(back[0][0] is back, back[0][1]["self"] is back)
    a, b = pickle.loads(pickle.dumps([shared, shared], proto))
    print(a is b)

for proto in (2, 4, 5):
    s = Slots(); s.a = 1
    back = pickle.loads(pickle.dumps(s, proto))
    print(back.a, hasattr(back, "b"), pickle.loads(pickle.dumps(New(key=7), proto)).key, pickle.loads(pickle.dumps(State(), proto)).got)
    l = ListSub([1, 2]); l.x = 3
    d = DictSub(a=1); d.y = 4
    l2, d2 = pickle.loads(pickle.dumps((l, d), proto))
    print(l2, l2.x, d2, d2.y, type(l2).__name__, pickle.loads(pickle.dumps(Outer().method, proto))())
    try:
        raise ValueError("x", 1)
    except ValueError as error:
        print(repr(pickle.loads(pickle.dumps(error, proto))))

# Persistent ids, dispatch tables, reducer_override.
class P(pickle.Pickler):
    def persistent_id(self, obj):
        return ("pid", obj.x) if isinstance(obj, Plain) else None

class U(pickle.Unpickler):
    def persistent_load(self, pid):
        return Plain(pid[1] * 2)

    def find_class(self, module, name):
        if name == "eval":
            raise pickle.UnpicklingError("forbidden")
        return super().find_class(module, name)

f = io.BytesIO(); P(f).dump([Plain(21), 1]); f.seek(0)
print(U(f).load()[0].x)
f = io.BytesIO(); p = pickle.Pickler(f, 2); p.dispatch_table = copyreg.dispatch_table.copy(); p.dispatch_table[complex] = lambda c: (abs, (-9,)); p.dump(1j)
print(pickle.loads(f.getvalue()))

class R(pickle.Pickler):
    def reducer_override(self, obj):
        return (int, ("42",)) if obj is Outer else NotImplemented

f = io.BytesIO(); R(f).dump([Outer, Plain]); print(pickle.loads(f.getvalue())[0])
f = io.BytesIO(); p = pickle.Pickler(f); p.dump([1]); p.dump([2]); f.seek(0); u = pickle.Unpickler(f); print(u.load(), u.load(), p.bin, p.fast, type(p.memo).__name__, len(p.memo.copy()))
p.clear_memo(); p.memo = {}; print(p.memo.copy(), u.memo.copy())

# Out-of-band buffers, framing, large data.
buffers = []
data = pickle.dumps([pickle.PickleBuffer(b"read-only"), pickle.PickleBuffer(bytearray(b"writable"))], 5, buffer_callback=buffers.append)
print([bytes(b) for b in buffers], [bytes(b) for b in pickle.loads(data, buffers=buffers)], pickle.loads(pickle.dumps(pickle.PickleBuffer(bytearray(b"in")), 5)))
big = ["x" * 70000, b"y" * 70000, list(range(30000))]
for proto in (1, 3, 4, 5):
    data = pickle.dumps(big, proto)
    print(len(data), pickle.loads(data) == big, pickle._dumps(big, proto) == data, pickle.load(io.BytesIO(data)) == big)
print(pickle.loads(b"\x80\x02U\x03abcq\x00.", encoding="bytes"), pickle.loads(b"S'a\\x62'\n."), pickle.loads(b"c__builtin__\nxrange\nq\0(K\1K\5tR."))
pickletools.dis(pickle.dumps(Point(1, [2]), 4))

# Errors.
bad = [b"", b"N", b".", b"(.", b"\x80\x06N.", b"]a.", b"h\x00.", b"(Kt.", b"X\xff\xff\xff\xffab", b"\x8d\xff\xff\xff\xff\xff\xff\xff\xff", b"cno_such_module\nx\n.", b"cos\nno_such_name\n.",
       b"K\x01K\x02R.", b"}K\x01u.", b"}(K\x01u.", b"\x97.", b"\xff.", b"Z", b"S'a\n.", b"Fx\n.", b"Ix\n.", b"\x8b\xff\xff\xff\xff.", b"\x82\x01.", b"Pid\n.", b"N\x93.", b"N)\x81.", b"0.", b"1.", b"2.", b"e.", b"]Nb.",
       b"\x95\xff\xff\xff\xff\x00\x00\x00\x00N.", b"r\xff\xff\xff\xff.", b"g-1\n."]
for data in bad:
    try:
        print(data, pickle.loads(data))
    except Exception as error:
        print(data, type(error).__name__, error)

class NoPickle:
    def __reduce__(self):
        return 5

class BadTuple:
    def __reduce__(self):
        return (1, ())

def local():
    def inner():
        pass
    return inner

deep = []
for _ in range(200000):
    deep = [deep]
for value in (NoPickle(), BadTuple(), local(), lambda: 0, sys.modules, open(__file__), deep, (x for x in ())):
    try:
        pickle.dumps(value)
    except RecursionError:
        print("RecursionError")
    except Exception as error:
        print(type(error).__name__, str(error).split(" at 0x")[0][:60])
del deep
for call in [lambda: pickle.dumps(1, 6), lambda: pickle.dumps(1, buffer_callback=print, protocol=4), lambda: pickle.Pickler(5), lambda: pickle.Unpickler(5), lambda: pickle.loads("x"), lambda: pickle.load(io.StringIO("N.")), lambda: pickle.Pickler.__new__(pickle.Pickler).dump(1)]:
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)
