# deque, defaultdict, OrderedDict, Counter, namedtuple.
from collections import *
import copy, pickle


def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as e:
        print(type(e).__name__, e)


d = deque("abc", maxlen=4)
d.append("d"); d.append("e"); d.appendleft("z")
print(d, len(d), d[0], d[-1], d.maxlen)
d.rotate(1); print(d)
d.rotate(-2); print(d)
d.reverse(); print(d, "c" in d, d.count("c"), d.index("c"))
d.extendleft([1, 2]); print(d)
d[1] = "x"; del d[0]; print(d, d + deque([5, 6]), d * 2)
d = deque(range(5)); d.insert(2, "i"); d.insert(-1, "j"); d.insert(100, "k"); d.remove(3); print(d, d.pop(), d.popleft(), list(reversed(d)))
d += "xy"; d *= 2; print(d, d.copy() == d, copy.copy(d) is d, pickle.loads(pickle.dumps(d)) == d)
attempt(deque, 1)
attempt(deque, [], -1)
attempt(deque, [], "a")
attempt(deque().pop)
attempt(deque().popleft)
attempt(lambda: d[99])
attempt(lambda: d["a"])
attempt(d.remove, "nothing")
attempt(d.index, "nothing")
attempt(deque([1], 1).insert, 0, 2)
attempt(lambda: d + [1])
attempt(hash, d)
attempt(lambda: deque([1, 2]) < deque([1, 3]))
attempt(lambda: deque([1, 2]) < [1, 3])


def changing():
    x = deque([1, 2, 3])
    for _ in x:
        x.append(1)


attempt(changing)
x = deque(); x.append(x); print(x, deque([1], 3), deque[int])
x = deque(range(1000))
for _ in range(3000):
    x.append(x.popleft())
print(sum(x), len(x), x[0])
x.extend(x); print(len(x))


class Sub(deque):
    pass


s = Sub([1, 2], 5); s.note = 1
print(s, s.copy(), type(s * 2), pickle.loads(pickle.dumps(Sub((1,)))) if False else s.__reduce__()[1:3])

dd = defaultdict(list)
dd["a"].append(1); dd["a"].append(2); dd["b"]
print(dd, dd.copy(), dict(dd), dd | {"c": 1}, {"c": 1} | dd, dd == {"a": [1, 2], "b": []})
attempt(lambda: defaultdict()["k"])
attempt(defaultdict, 1)
print(defaultdict(int, {"a": 1}, b=2), dd.get("zz"), "zz" in dd, dd.__missing__("q"), pickle.loads(pickle.dumps(dd)))

o = OrderedDict(a=1, b=2, c=3)
o.move_to_end("a"); print(o)
o.move_to_end("c", last=False); print(o, list(reversed(o)), list(reversed(o.items())))
print(o.popitem(), o.popitem(last=False), o)
o["n"] = 1; o["b"] = 9; del o["n"]; o["n"] = 2
print(o, o.keys(), o.values(), o.items(), o.pop("b"), o.pop("zz", 0), o.setdefault("s", 5), o)
print(OrderedDict(a=1, b=2) == OrderedDict(b=2, a=1), OrderedDict(a=1, b=2) == {"b": 2, "a": 1})
attempt(OrderedDict().popitem)
attempt(o.move_to_end, "none")
attempt(o.pop, "none")
attempt(lambda: o["none"])
attempt(o.update, 1, 2)
attempt(OrderedDict, 1)


def changing(f):
    m = OrderedDict.fromkeys("abcde")
    for k in m:
        f(m, k)


attempt(changing, lambda m, k: m.pop(k))
attempt(changing, lambda m, k: m.move_to_end(k))
attempt(changing, lambda m, k: m.__setitem__("z", 1))
x = OrderedDict(); x[1] = x; print(x)
o = OrderedDict.fromkeys(range(5), 0); o |= {7: 7}; print(o | {8: 8}, {0: 1} | o, o.copy() == o, pickle.loads(pickle.dumps(o)) == o)
for i in range(2000):
    o[i] = i
    if i % 3 == 0:
        o.move_to_end(i, last=i % 2 == 0)
for i in range(0, 2000, 2):
    del o[i]
print(len(o), next(iter(o)), next(reversed(o)), sum(o))


class Recorder(OrderedDict):
    def __setitem__(self, key, value):
        super().__setitem__(key, value * 2)


r = Recorder(a=1); r.update(b=2); r["c"] = 3; r.setdefault("d", 4); r.note = 1
print(r, r.copy(), r.__reduce__()[2], vars(r))

c = Counter("abracadabra"); c.update("aa"); c["z"] += 1
print(c, c.most_common(2), c["none"], c.total(), +c, c - Counter(a=2), c & Counter(a=1, b=9), sorted(c.elements())[:3])
P = namedtuple("P", "x y", defaults=[5]); p = P(1)
print(p, p.x, p.y, p._replace(x=3), p._asdict(), P._fields, P.x.__doc__, P.__new__.__defaults__)
attempt(P)
attempt(setattr, p, "x", 1)
m = ChainMap({"a": 1}, {"b": 2, "a": 3}); print(m["a"], m["b"], dict(m), m.new_child({"c": 1}))
