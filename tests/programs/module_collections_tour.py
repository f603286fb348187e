from collections import *

c = Counter("mississippi")
print(c, c.most_common(2), c["z"], sorted(c.elements()), c.total(), c + Counter("ms"), c - Counter("ssss"), c & Counter("iiiiip"), c | Counter("zz"), +Counter(a=1, b=-1), -Counter(a=1, b=-1), c == Counter("ippississim"))
c.update("mm")
c.subtract({"s": 10})
print(c, Counter(a=2) <= Counter(a=3), Counter.fromkeys.__name__)
d = defaultdict(list, {"a": [1]})
d["b"].append(2)
print(d, d.default_factory, d.get("zz"), "zz" in d, d | {"c": 3}, d.copy() == d)
o = OrderedDict([("a", 1), ("b", 2), ("c", 3)])
o.move_to_end("a")
o.move_to_end("c", last=False)
print(o, list(reversed(o)), o.popitem(last=False), o == OrderedDict(a=1, b=2), o == dict(b=2, a=1), o | {"z": 0})
q = deque([1, 2, 3], maxlen=4)
q.appendleft(0), q.append(4), q.extendleft("ab"), q.rotate(1)
print(q, q.maxlen, q.index(1), q.count(2), q[-1], list(reversed(q)), q.copy(), q + deque([9]), q * 2, deque([1]) < deque([2]))
q.insert(0, "x") if len(q) < 4 else q.remove(1)
q.reverse()
print(q, q.pop(), q.popleft(), deque(range(3)) == deque([0, 1, 2]))
P = namedtuple("P", "x y z", defaults=[0], module="m")
p = P(1, y=2)
print(p, p._asdict(), p._replace(x=9), P._make("abc"), P._fields, P._field_defaults, p == (1, 2, 0), p.index(2), P.__module__, namedtuple("R", ["a", "class", "a"], rename=True)._fields)
m = ChainMap({"a": 1}, {"a": 2, "b": 3})
m["c"] = 4
print(m, m["a"], m["b"], sorted(m), m.maps[0], m.new_child({"z": 1})["z"], m.parents, dict(m), len(m), m.pop("c"))
class UD(UserDict):
    def __setitem__(self, k, v): super().__setitem__(str(k), v)
class UL(UserList): ...
u = UD({1: 2})
u[3] = 4
print(u, UL([1, 2]) + [3], UL("ab") * 2, UserString("abc").upper() + "d", UL([3, 1])[0:1], sorted(UL([3, 1])), UserString("a") < "b", isinstance(u, dict))
for bad in (lambda: deque(maxlen=-1), lambda: deque().pop(), lambda: q.index("none"), lambda: q.remove("none"), lambda: q[10], lambda: deque([1] * 3, 3).insert(0, 1), lambda: o["zz"], lambda: OrderedDict().popitem(), lambda: o.move_to_end("zz"), lambda: namedtuple("N", "a a"), lambda: namedtuple("N", "1x"), lambda: P(), lambda: P._make([1]), lambda: p._replace(w=1), lambda: m.pop("b"), lambda: del_(m), lambda: defaultdict(5), lambda: Counter(a="x").most_common(1) and Counter(1), lambda: defaultdict()["k"]):
    def del_(m): del m["b"]
    try:
        print(bad())
    except (ValueError, IndexError, KeyError, TypeError) as error:
        print(type(error).__name__, error)
