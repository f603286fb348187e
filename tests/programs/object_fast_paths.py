# What instances, exceptions, asynchronous generators and the collector do on their short ways is what they do on the long ones.
import asyncio
import gc
import sys
import weakref


# ---- attributes whose place among a class's shared keys is remembered

class Point:
    kind = "class"

    def method(self):
        return "method"


def read(objects, name):
    return [getattr(o, name, "-") for o in objects]


first, second = Point(), Point()
for _ in range(3):
    print(read([first, second], "late"), read([first, second], "kind"), read([first, second], "method")[0].__name__)
first.late = 1          # the class's keys grow
print(read([first, second], "late"))
second.kind = "own"     # hides the class's
print(read([first, second], "kind"), Point.kind)
second.method = lambda: "own method"
print([o.method() for o in (first, second, Point())])
del second.kind
print(read([first, second], "kind"))
try:
    del second.kind
except AttributeError as error:
    print(error)
first.__dict__["late"] = 2
print(first.late, vars(first))
first.__dict__ = {"late": 3}
print(first.late, read([first, Point()], "late"))
Point.late = property(lambda self: "property")
print(read([first, second], "late"))
del Point.late
print(read([first, second], "late"))


class Other:
    pass


second.__class__ = Other
print(read([second, first], "late"), hasattr(second, "kind"))
many = Other()
for i in range(40):
    setattr(many, f"a{i}", i)
print(many.a0, many.a29, many.a39, read([Other()], "a0"))

# ---- exceptions with and without a say of their own


class Plain(ValueError):
    pass


class WithNew(ValueError):
    def __new__(cls, *args):
        print("new", args)
        return super().__new__(cls, *args)


class WithInit(StopIteration):
    def __init__(self, *args):
        print("init", args)
        super().__init__(*args)


class Meta(type):
    def __call__(cls, *args):
        print("call", args)
        return super().__call__(*args)


class WithMeta(Exception, metaclass=Meta):
    pass


for cls in (ValueError, StopIteration, KeyError, Plain, WithNew, WithInit, WithMeta, StopAsyncIteration):
    for make in (lambda: cls, lambda: cls(), lambda: cls(1), lambda: cls((1, 2), "x")):
        try:
            raise make()
        except Exception as error:
            print(type(error).__name__, error.args, getattr(error, "value", "no value"), str(error))
try:
    ValueError(a=1)
except TypeError as error:
    print(error)
Plain.__init__ = lambda self, *args: print("given later", args)
try:
    raise Plain
except Plain as error:
    print(error.args)
try:
    raise Plain from KeyError
except Plain as error:
    print(repr(error.__cause__))


def chain():
    try:
        {}["missing"]
    except KeyError:
        try:
            [][1]
        finally:
            pass


try:
    chain()
except IndexError as error:
    print(repr(error.__context__), error.__traceback__.tb_next.tb_lineno - chain.__code__.co_firstlineno)

# ---- asynchronous generators


async def numbers(n):
    for i in range(n):
        got = yield i
        if got is not None:
            print("got", got)


async def use():
    print([i async for i in numbers(3)])
    g = numbers(5)
    print(await g.__anext__(), await g.asend("sent"), await anext(g))
    a = g.asend(None)
    try:
        a.send(None)
    except StopIteration as error:
        print("stop", error.value)
    try:
        a.send(None)
    except RuntimeError as error:
        print(error)
    await g.aclose()
    try:
        await g.__anext__()
    except StopAsyncIteration as error:
        print("end", error.args)
    tuples = pairs()
    print(await anext(tuples), await anext(tuples, "default"))


async def pairs():
    yield (1, 2)


asyncio.run(use())

events = []


def tracer(frame, event, arg):
    if frame.f_code.co_name in ("traced", "numbers"):
        if event == "exception":
            events.append((frame.f_code.co_name, arg[0].__name__, arg[1].args if arg[0] is StopIteration else None))
        return tracer


async def traced():
    async for i in numbers(2):
        pass


coroutine = traced()
sys.settrace(tracer)
try:
    coroutine.send(None)
except StopIteration:
    pass
sys.settrace(None)
print(events)

# ---- the collector

gc.collect()
gc.disable()


class Node:
    pass


row = [Node()] * 1000 + [None] * 1000
row.append(row)
alive = weakref.ref(row[0])
row = None
print(alive() is None, gc.collect() > 0, alive() is None)
outside = Node()
outside.rows = [[outside] * 5, (outside,) * 3, {"a": outside, "b": outside}, {outside, 1}]
gc.collect()
print(len(outside.rows), outside.rows[1][2] is outside, sys.getrefcount(outside) > 10)
nested = ((1, 2), ("a", (3.5, None)))
holder = tuple([nested, ()])
gc.collect()
gc.collect()
print(gc.is_tracked(nested), gc.is_tracked(holder), gc.is_tracked((Node(),)))


class Reviver:
    saved = []

    def __init__(self):
        self.me = self

    def __del__(self):
        Reviver.saved.append(self)


Reviver()
gc.collect()
print(len(Reviver.saved), Reviver.saved[0].me is Reviver.saved[0])
Reviver.saved.clear()
gc.collect()
print(len(Reviver.saved))
called = []
cycle = Node()
cycle.me = cycle
watch = weakref.ref(cycle, lambda r: called.append(r() is None))
del cycle
print(gc.collect(), called)
gc.enable()

# ---- deep structures end without deep recursion

deep = None
for _ in range(200_000):
    deep = [deep]
del deep
chained = None
for _ in range(100_000):
    node = Node()
    node.next = chained
    chained = node
del chained, node
print("done")
