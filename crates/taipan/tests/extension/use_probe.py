import probe
import sys

print(probe.__name__, probe.__doc__, probe.ANSWER, probe.Error.__mro__[1], probe.Error.__module__)
c = probe.Counter(5, label="x")
print(c, c.step(), c.step(10), c.count, c.label)
c.count = 3
print(c.count, type(c), probe.Counter.__module__)
for bad in (lambda: probe.Counter("a"), lambda: probe.Counter(1, 2), lambda: probe.Counter(other=1), lambda: setattr(c, "label", 1)):
    try:
        bad()
    except Exception as e:
        print(type(e).__name__, e)


class Sub(probe.Counter):
    def step(self, by=1):
        return super().step(by) * 100


print(Sub(1).step(2), Sub(label=[]).label)
print(probe.total([1, 2, 3.5]), probe.total(range(5)))
try:
    probe.total([1, "a"])
except TypeError as e:
    print(e)
print(probe.parse(1, 2.5, "héé", None, [], ("a", {})))
for args in ((1, 2.5, "s", None, 1), (1, 2.5, "s", None, 1, (1,)), ("x", 2.5, "s", None, 1, (1, 2)), (1 << 40, 2.5, "s", None, 1, (1, 2)), (1, 2.5, 3, None, 1, (1, 2))):
    try:
        probe.parse(*args)
    except Exception as e:
        print(type(e).__name__, e)
try:
    probe.fail("thing")
except ValueError as e:
    print(e)


def raising(*args):
    raise ValueError(args)


print(probe.attempt(raising), probe.attempt(lambda *a: a))
try:
    probe.attempt(lambda *a: 1 // 0)
except ZeroDivisionError as e:
    print(e, e.__traceback__.tb_next is not None)
print(probe.methods([1]), probe.capsule())
try:
    probe.methods(5)
except AttributeError as e:
    print(e)

sys.stdout.flush()
script = """import sys, atexit
sys.path[:] = PATH
try:
    import probe
    print(probe.ANSWER)
except ImportError as error:
    print(error)
x = len(sys.modules) > 10
atexit.register(print, "end", x)
"""
for gil in -1, 1, 2, 7:
    try:
        print(probe.elsewhere(script.replace("PATH", repr(sys.path)), gil), flush=True)
    except RuntimeError as e:
        print(e)
print(probe.elsewhere("print('x' in globals(), flush=True)", -1))
