import functools
import time


def counted(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        wrapper.calls += 1
        return function(*args, **kwargs)
    wrapper.calls = 0
    return wrapper


def retry(times, *errors):
    def decorate(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            for attempt in range(1, times + 1):
                try:
                    return function(*args, **kwargs)
                except errors as error:
                    print(f"attempt {attempt}: {error!r}")
                    if attempt == times:
                        raise
        return wrapper
    return decorate


class Memo:
    def __init__(self, function):
        functools.update_wrapper(self, function)
        self.function, self.memo = function, {}
    def __call__(self, *args):
        if args not in self.memo:
            self.memo[args] = self.function(*args)
        return self.memo[args]
    def __get__(self, instance, owner):
        return functools.partial(self, instance) if instance is not None else self


@counted
def add(a, b=1):
    """Adds."""
    return a + b


print(add(1), add(1, b=5), add.calls, add.__name__, add.__doc__, add.__wrapped__(2))
failures = iter([ValueError("first"), KeyError("second"), None])


@retry(3, ValueError, KeyError)
def flaky():
    if error := next(failures):
        raise error
    return "done"


print(flaky())


@Memo
def fibonacci(n):
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


print(fibonacci(80), len(fibonacci.memo), fibonacci.__name__)


class Shape:
    @Memo
    def area(self): return 42
    @property
    @counted
    def size(self): return 7
    @classmethod
    @counted
    def make(cls): return cls.__name__
    @staticmethod
    @functools.lru_cache
    def constant(): return object()


s = Shape()
print(s.area(), s.size, s.make(), Shape.constant() is Shape.constant(), Shape.__dict__["size"].fget.calls)


@functools.singledispatch
def describe(value): return f"object {value}"
@describe.register
def _(value: int): return f"int {value}"
@describe.register(list)
@describe.register(tuple)
def _(value): return f"sequence of {len(value)}"


print(describe(1), describe("x"), describe([1]), describe((1, 2)), describe(True), describe.dispatch(bool).__name__, sorted(t.__name__ for t in describe.registry))


@functools.total_ordering
class Version:
    def __init__(self, *parts): self.parts = parts
    def __eq__(self, other): return self.parts == other.parts
    def __lt__(self, other): return self.parts < other.parts


print(Version(1, 2) >= Version(1, 1), Version(1) <= Version(1, 0), max(Version(1), Version(3), Version(2)).parts)
try:
    retry(2, ValueError)(lambda: int("x"))()
except ValueError as error:
    print(error)
