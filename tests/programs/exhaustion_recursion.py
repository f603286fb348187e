"""Recursion without end in many ways: each raises RecursionError, and the interpreter goes on."""
import array, bisect, collections, contextvars, copy, functools, heapq, io, json, marshal, operator, os, pickle, re, sys, types


def nested(make, depth=150_000):
    value = make(None)
    for _ in range(depth):
        value = make(value)
    return value


def attempt(name, run):
    try:
        value = run()
    except (RecursionError, MemoryError) as error:
        print(name, type(error).__name__)
    else:
        print(name, "=", repr(value)[:60])


for name, make in {
    "list": lambda inner: [inner], "tuple": lambda inner: (inner,), "dict": lambda inner: {1: inner},
    "deque": lambda inner: collections.deque([inner]), "partial": lambda inner: functools.partial(print, inner),
    "exception": lambda inner: ValueError(inner), "namespace": lambda inner: types.SimpleNamespace(a=inner),
    "slice": lambda inner: slice(inner), "view": lambda inner: {1: inner}.values(), "alias": lambda inner: list[inner],
}.items():
    attempt("repr " + name, lambda: len(repr(nested(make))))
for name, make in {
    "list": lambda inner: [inner], "tuple": lambda inner: (inner,), "dict": lambda inner: {1: inner},
    "deque": lambda inner: collections.deque([inner]), "ordered dict": lambda inner: collections.OrderedDict(a=inner),
}.items():
    attempt("equality " + name, lambda: nested(make) == nested(make))
attempt("pickle", lambda: pickle.dumps(nested(lambda inner: [inner])))
attempt("json", lambda: json.dumps(nested(lambda inner: [inner])))
attempt("json text", lambda: json.loads("[" * 100_000))
attempt("copy", lambda: copy.deepcopy(nested(lambda inner: [inner])))
for source in ("-" * 100_000 + "1", "lambda: " * 100_000 + "x", "a" + ".b" * 100_000, "x if y else " * 100_000 + "z", "a" + "+a" * 100_000, "x**" * 100_000 + "x"):
    attempt("source " + source[:8], lambda: compile(source, "<s>", "eval"))


class Looping:
    def __getattr__(self, name): return getattr(self, name)
    def __getitem__(self, i): return self[i]
    def __iter__(self): return iter(self)
    def __len__(self): return len(self)
    def __bool__(self): return bool(self)
    def __add__(self, other): return self + other
    def __radd__(self, other): return other + self
    def __contains__(self, item): return item in self
    def __str__(self): return str(self)
    def __repr__(self): return repr(self)
    def __format__(self, spec): return format(self, spec)
    def __index__(self): return operator.index(self)
    def __call__(self): return self()
    def __hash__(self): return hash(self)
    def __eq__(self, other): return self == other
    def __lt__(self, other): return self < other
    def __class_getitem__(cls, item): return cls[item]
    def __float__(self): return float(self)
    def __fspath__(self): return os.fspath(self)
    def __copy__(self): return copy.copy(self)
    def __dir__(self): return dir(self)
    def __neg__(self): return -self
    def __enter__(self):
        with self:
            pass
    def __exit__(self, *details): pass
    def __buffer__(self, flags): return memoryview(self)
    def __reduce__(self): return Looping, (Looping(),)


loop = Looping()
for text in ("loop.x", "loop[0]", "list(loop)", "len(loop)", "bool(loop)", "loop + 1", "1 + loop", "1 in loop", "str(loop)", "repr(loop)", "f'{loop}'", "[1][loop]", "loop()", "hash(loop)",
             "loop == Looping()", "sorted([loop, Looping()])", "Looping[0]", "float(loop)", "os.fspath(loop)", "copy.copy(loop)", "dir(loop)", "-loop", "loop.__enter__()", "memoryview(loop)",
             "heapq.heapify([loop, Looping()])", "bisect.bisect([loop], Looping())", "array.array('i', [loop])", "sum([loop])", "max([loop, Looping()])", "{loop: 1}", "pickle.dumps(loop)"):
    attempt(text, lambda: eval(text))


def mapped(x): return list(map(mapped, [x]))
def keyed(x): return sorted([x], key=keyed)
def reduced(a, b): return functools.reduce(reduced, [a, b])
def substituted(match): return re.sub("a", substituted, "a")
def in_context(): return contextvars.copy_context().run(in_context)
def joined(): return "".join(joined() for _ in "a")
def generator(): yield from generator()
def starred(*arguments): return starred(*arguments, 1)


@functools.lru_cache
def cached(n): return cached(n + 1)


class Hooked(type):
    def __instancecheck__(cls, instance): return isinstance(instance, cls)
    def __call__(cls): return cls()


class Class(metaclass=Hooked): pass


for run in (lambda: mapped(1), lambda: keyed(1), lambda: reduced(1, 2), lambda: substituted(None), in_context, joined, lambda: next(generator()), starred, lambda: cached(0),
            lambda: isinstance(1, Class), Class, lambda: exec("exec(s)", {"s": "exec(s)"})):
    attempt(getattr(run, "__name__", "?"), run)
attempt("re", lambda: re.match("(?:a|b)*c", "ab" * 100_000))
attempt("marshal", lambda: isinstance(ValueError(), ValueError))
try:
    marshal.loads(b"[\x01\0\0\0" * 100_000 + b"N")
except ValueError as error:
    print(error)
