"""The built-in functions: results, argument errors, and what class statements do."""


def attempt(function, *args, **kwargs):
    try:
        print(repr(function(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error)


# Numbers and text.
attempt(abs, -3)
attempt(abs, "a")
attempt(bin, -5)
attempt(hex, 255)
attempt(oct, 8)
attempt(chr, 0x1F600)
attempt(chr, -1)
attempt(ord, "ab")
attempt(ord, b"a")
attempt(ascii, "é\U0001f600")
attempt(divmod, -7, 2)
attempt(pow, 3, -1, 7)
attempt(pow, 2, 3, 0)
attempt(round, 2.5)
attempt(round, 1234.5678, -2)
attempt(round, object())
attempt(format, 3.14159, ".2f")

# Iteration.
attempt(sum, [0.1] * 10)
attempt(sum, [1, 2.5, 3j])
attempt(sum, ["a"], "")
attempt(sum, [10**20, 1, 0.5])
attempt(min, [3, 1, 2], key=lambda x: -x)
attempt(max, [], default="none")
attempt(max, 1, 2, default=3)
attempt(min)
attempt(sorted, "hello", reverse=True)
attempt(sorted, [1, "a"])
attempt(all, [])
attempt(any, [0, "", None])
attempt(next, iter([]))
attempt(next, iter([]), "end")
attempt(list, iter(iter([1, 2, 0, 3]).__next__, 0))
attempt(iter, 1)

# Attributes, introspection.
class Thing:
    kind = "thing"

attempt(getattr, Thing, "kind")
attempt(getattr, Thing, "missing", 0)
attempt(getattr, Thing, "missing")
attempt(hasattr, Thing, 1)
attempt(setattr, 1, "x", 2)
attempt(vars, 1)
attempt(isinstance, 1, (str, int))
attempt(isinstance, 1, 1)
attempt(issubclass, bool, int | str)
attempt(callable, print)
attempt(len, 5)
attempt(hash, [])
print(sorted(name for name in dir(Thing()) if not name.startswith("__")))

# Programs.
attempt(eval, "1 + x", {"x": 2})
attempt(eval, "  3")
attempt(eval, "1", [])
attempt(exec, "y = 1", 5)
namespace = {}
exec("def f(n):\n    return n * 2", namespace)
attempt(namespace["f"], 21)
attempt(compile, "x", "f", "wrong")
attempt(compile, "x = ", "f", "exec")
attempt(compile, "a\0", "f", "exec")


def outer():
    x = 1

    def inner():
        return x

    return inner


function = outer()
attempt(eval, function.__code__)
attempt(exec, function.__code__, closure=())
attempt(exec, function.__code__, closure=function.__closure__)

# Class statements.
class Meta(type):
    @classmethod
    def __prepare__(mcs, name, bases, **kwargs):
        print("prepare", name, bases, kwargs)
        return {}

    def __new__(mcs, name, bases, namespace, **kwargs):
        return super().__new__(mcs, name, bases, namespace)

    def __init__(cls, name, bases, namespace, **kwargs):
        super().__init__(name, bases, namespace)


class A(metaclass=Meta, option=1):
    def me(self):
        return __class__


print(A().me())


class Entry:
    def __mro_entries__(self, bases):
        return (int,)


class FromEntry(Entry()):
    pass


print(FromEntry.__bases__, len(FromEntry.__orig_bases__))


class Forgetful(type):
    def __new__(mcs, name, bases, namespace):
        namespace.pop("__classcell__", None)
        return type.__new__(mcs, name, bases, namespace)


try:
    class Broken(metaclass=Forgetful):
        def me(self):
            return __class__
except RuntimeError as error:
    print(str(error).split(" defining ")[0])

print("a", 1, sep="-", end="!\n")
attempt(print, 1, sep=2)
