# sys.setprofile and the profiler module.
import sys
import _lsprof


def record(run):
    log = []

    def profiler(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return
        name = getattr(arg, "__qualname__", None) if event.startswith("c_") else repr(arg)
        log.append((event, frame.f_code.co_name, name))

    sys.setprofile(profiler)
    try:
        run()
    except Exception as e:
        pass
    finally:
        sys.setprofile(None)
    print("==", run.__name__)
    for row in log:
        print(*row)


def simple():
    len([1])
    [].append(1)
    return str(5)


def failing():
    try:
        len(5)
    except TypeError:
        pass
    int("x")


def generator():
    yield 1
    yield 2


def runs_generator():
    return sum(generator())


class A:
    def __init__(self):
        self.x = [3, 1, 2]

    def method(self, *args, **kwargs):
        return sorted(self.x, key=lambda v: -v)


def methods():
    A().method(*[1], **{"k": 2})
    dict(a=1).get("a")
    "{}".format(1)


record(simple)
record(failing)
record(runs_generator)
record(methods)


def bad(frame, event, arg):
    raise RuntimeError("from the profiler")


sys.setprofile(bad)
try:
    simple()
except RuntimeError as e:
    print(e, sys.getprofile())


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


ticks = iter(range(10**6))
p = _lsprof.Profiler(lambda: next(ticks), 0.5)
p.enable()
fib(4)
len("abc")
p.disable()
rows = [(getattr(e.code, "co_name", e.code), e.callcount, e.reccallcount, e.totaltime, e.inlinetime, e.calls and sorted((getattr(c.code, "co_name", c.code), c.callcount, c.reccallcount) for c in e.calls)) for e in p.getstats()]
for row in sorted(rows, key=str):
    print(row)
p.clear()
print(p.getstats())
p.enable(subcalls=False, builtins=False)
fib(3)
p.disable()
print([(e.code.co_name, e.callcount, e.calls) for e in p.getstats()])
q = _lsprof.Profiler()
q.enable()
try:
    p.enable()
except ValueError as e:
    print(e)
q.disable()
