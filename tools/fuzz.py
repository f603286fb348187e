"""Damaged input for what reads input: no crash, no panic, no hang.

    python3.14 tools/fuzz.py INTERPRETER [TARGET ...] [--seconds N] [--seed N] [--findings DIRECTORY] [--corpus DIRECTORY ...]
    INTERPRETER tools/fuzz.py --replay TARGET FILE

Targets: tokenizer, parser, compiler, marshal (what the verifier accepts is executed), bytecode (functions with damaged code),
re, json, pickle, struct. Each runs in a process of its own, in which case after case is made from the corpus and a seed: the
same seed and corpus give the same cases. The case at work lies in a shared file, so that the one that ended the process, or
took longer than ten seconds, is known and saved. A panic that was caught shows as SystemError "internal error" and counts as well.
"""

import argparse
import glob
import mmap
import os
import random
import resource
import signal
import struct
import subprocess
import sys
import time

HEADER = 24
ROOM = 1 << 20
HANG = 10.0
MEMORY = 3 << 30

# ---- making cases ----------------------------------------------------------------------------------------------------

NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, 0x7fffffffffffffff, 0xffffffffffffffff]


def damage(data, chance, corpus, words):
    """Some bytes changed, dropped, doubled, put in, or taken from another input."""
    data = bytearray(data)
    for _ in range(1 << chance.randrange(5)):
        at = chance.randrange(len(data) + 1)
        length = min(1 << chance.randrange(8), len(data) - at)
        match chance.randrange(9):
            case 0 if at < len(data):
                data[at] ^= 1 << chance.randrange(8)
            case 1 if at < len(data):
                data[at] = chance.randrange(256)
            case 2:
                del data[at:at + length]
            case 3:
                data[at:at] = data[at:at + length] * chance.choice((1, 1, 2, 40))
            case 4:
                data[at:at] = chance.randbytes(chance.randrange(1, 9))
            case 5:
                size = chance.choice((1, 2, 4, 8))
                data[at:at + size] = (chance.choice(NUMBERS) & (1 << 8 * size) - 1).to_bytes(size, chance.choice(("little", "big")))
            case 6:
                other = chance.choice(corpus)
                start = chance.randrange(len(other) + 1)
                data[at:at + length] = other[start:start + (1 << chance.randrange(10))]
            case _ if words:
                data[at:at + chance.choice((0, 0, 1, length))] = chance.choice(words)
    return bytes(data[:ROOM])


SOURCE_WORDS = """if else elif for in while def class lambda return yield from await async with as try except finally raise import not and or is del
 global nonlocal match case _ type print None True pass break continue : ; , . = == := -> ( ) [ ] { } + - * ** / // % @ & | ^ ~ < > << >> != ... \\
 ' " ''' \"\"\" f' f\" t' rb' b\" f'{ }' {{ !r := 0x 1e9 1_0 0b1 1j 0o7 \n \t \x0c \r \0 é \ufeff \U0001f600 # @x *a **k [x*y] (yield) 0 1.5""".split(" ")
SOURCE_WORDS = [word.encode() for word in SOURCE_WORDS if word] + [b"\n    ", b"\n", b"\n\t", b"\\\n", b" ", b"(" * 50, b"[" * 20, b"-" * 200, b"# coding: latin-1\n", b"\xff", b"\xed\xa0\x80"]
RE_WORDS = [word.encode() for word in r"""( ) [ ] { } (?: (?= (?! (?<= (?<! (?P<n> (?P=n) (?(1) (?i) (?x) (?s-i: (?> *+ ++ ?+ *? +? ?? {2,3} {0,} {1}? | ^ $ \A \Z \b \B \d \D \s \w \W \1 \2 \99
 [^ [a-z] [\d-x] . .* \u0130 \x41 \N{DIGIT ONE} \0 - && || -- ~~ (?#c) (?u) (?L) (?a) {65535} {4294967294} ß İ ſ""".split()]
JSON_WORDS = [b"[", b"]", b"{", b"}", b",", b":", b"\"", b"\\u", b"\\ud800", b"\\udc00", b"\\", b"NaN", b"Infinity", b"-", b"1e999", b"0", b"true", b"null", b"\xc3\xa9", b"[" * 100, b'{"a":' * 100, b"9" * 5000]
PICKLE_WORDS = [bytes([code]) for code in b"(.012FIJKLMNPQRSTUVX]abcdeghijlopqrstu}B\x80\x81\x82\x83\x84\x85\x86\x87\x88\x89\x8a\x8b\x8c\x8d\x8e\x8f\x90\x91\x92\x93\x94\x95\x96\x97\x98C"] + [
    b"cbuiltins\nlist\n", b"cbuiltins\ncomplex\n", b"cbuiltins\nbytearray\n", b"ccollections\nOrderedDict\n", b"cdatetime\ndatetime\n", b"ccollections\ndeque\n", b"carray\n_array_reconstructor\n",
    b"cbuiltins\nobject\n", b"cdecimal\nDecimal\n", b"cfunctools\npartial\n", b"ccopyreg\n_reconstructor\n", b"cbuiltins\nset\n", b"cbuiltins\nslice\n", b"cbuiltins\nrange\n", b"cbuiltins\nValueError\n"]


def source_corpus(directories):
    files = [file for directory in directories for file in sorted(glob.glob(os.path.join(directory, "*.py")))]
    texts = []
    for file in filter(os.path.isfile, files[:400]):
        with open(file, "rb") as stream:
            data = stream.read(60_000)
        texts.extend(data[at:at + 3000] for at in range(0, min(len(data), 30_000), 3000))
    return texts or [b"def f(x, *y, z=1, **k):\n    return [x for x in y if x] or f'{z!r:>{x}}'\n"]


SNIPPETS = '''
def numbers(a, b=3):
    total = 0
    for i in range(10):
        total += i * a - b // 2 if i % 2 else ~i << 1
    return total, a / b, a ** 2, divmod(a, b), float(a), complex(a, b), -a, not a, a @ b if 0 else a

def texts(s, t="x"):
    words = s.split()
    return f"{s!r:>{len(t)}}{t}" + "".join(w.upper() for w in words), s[1:], s[::-1], t in s, "%s %d" % (s, 3), "{} {x}".format(1, x=2)

def containers(a, *rest, key=None, **options):
    first, *others = [a, 2, 3, *rest]
    d = {first: others, "k": key, **options}
    d["n"] = {x for x in others}
    del d["k"]
    return [x for x in d], {k: v for k, v in d.items()}, (a, *rest), d.get("n"), others[0:1], others[:]

def catching(a, b):
    try:
        try:
            return a // b
        except ZeroDivisionError as error:
            raise ValueError("again") from error
        finally:
            b += 1
    except (ValueError, TypeError) as error:
        return repr(error)
    else:
        return 1

def starred(a, b):
    try:
        raise ExceptionGroup("g", [ValueError(a), TypeError(b)])
    except* ValueError as group:
        a = group
    except* TypeError:
        b = 2
    return a, b

def generating(a, b):
    def inner(n):
        received = yield n
        try:
            yield from range(n)
        except GeneratorExit:
            raise
        return received
    return [x for x in inner(a)], list(zip(inner(a), inner(b))), sum(x * y for x in inner(a) for y in inner(b))

def closing(a, b):
    def outer(x):
        nonlocal a
        a += x
        def inner():
            nonlocal b
            b += a
            return lambda z=a: z + b + x
        return inner
    return outer(b)()(), a, b

def classes(a, b):
    class Base:
        x: int = a
        __slots__ = ()
        def method(self, y):
            return self.x + y
        @property
        def double(self):
            return self.x * 2
        def __add__(self, other):
            return other
    class Derived(Base):
        def method(self, y):
            return super().method(y) + __class__.x
        def __getitem__(self, i):
            return i
    d = Derived()
    return d.method(b), d.double, d + 1, d[1:2], d[b], isinstance(d, Base)

def matching(a, b):
    match (a, b):
        case (0, y) | (y, 0):
            return y
        case (int(x), int() as y) if x < y:
            return x, y
        case [x, *rest]:
            return rest
        case {"k": v, **others}:
            return v
    match {"k": a}:
        case {"k": v, **others}:
            return v, others

def withing(a, b):
    class Manager:
        def __enter__(self):
            return a
        def __exit__(self, kind, value, traceback):
            return kind is not None
    with Manager() as x, Manager():
        while True:
            if x > b:
                break
            x += 1
            if x == 3:
                continue
        raise ValueError(x)
    return x

def awaiting(a, b):
    async def coroutine(n):
        return n
    async def generator(n):
        for i in range(n):
            yield await coroutine(i)
    async def main():
        return [x async for x in generator(a)] + [await coroutine(b)]
    c = main()
    try:
        c.send(None)
    except StopIteration as end:
        return end.value

def comparing(a, b):
    return a < b <= 10, a is b, a is not b, a == b != 3, a in (b, 1), b or a, a and b, (x := a) + x, "a" if a else "b"

def unpacking(a, b):
    (x, y), *z = (a, b), 1, 2
    [p, q] = [b, a]
    x, y = y, x
    x, y, p = p, x, y
    return print if x is None else (x, y, z, p, q)

def template(a, b):
    t = t"{a!r:>5}{b}"
    return t.values, t.strings

type Alias[T] = list[T]
def generic[T: int, *Ts, **P](a: T, b: "x" = 1) -> T:
    return a
'''
CALLS = ["numbers", "containers", "catching", "starred", "generating", "closing", "classes", "matching", "withing", "awaiting", "comparing", "unpacking", "template", "generic"]
BUILTINS = """range len float complex divmod list dict set tuple sum zip repr print isinstance super property ValueError TypeError ZeroDivisionError
 ExceptionGroup BaseExceptionGroup GeneratorExit StopIteration int str bytes object __build_class__ type abs min max sorted reversed enumerate map filter
 iter next hash id slice frozenset bytearray memoryview callable chr ord any all round pow getattr hasattr staticmethod classmethod Exception KeyError
 IndexError AttributeError NameError RuntimeError AssertionError StopAsyncIteration""".split()


class Expired(BaseException):
    pass


expirations = 0
running = False
give_up = None


def expire(*_):
    """A loop that catches everything is the case's right; it ends the process, without being a finding."""
    global expirations
    expirations += 1
    if expirations > 60 and give_up:
        give_up()
    # A signal may come just when the run has ended.
    if running:
        raise Expired


def limited(run):
    """Runs with an alarm; what it raises is its own affair, except a panic."""
    global expirations, running
    expirations, running = 0, True
    signal.setitimer(signal.ITIMER_REAL, 0.3, 0.05)
    try:
        try:
            run()
        finally:
            running = False
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Expired:
        pass


def shown(*values):
    """What a result can do without running away."""
    for value in values:
        repr(value)[:10]


class Target:
    words = ()

    def __init__(self, directories):
        self.corpus = [b""]

    def case(self, chance):
        return damage(chance.choice(self.corpus), chance, self.corpus, self.words)


class Source(Target):
    words = SOURCE_WORDS

    def __init__(self, directories):
        self.corpus = source_corpus(directories) + [SNIPPETS.encode()]

    def case(self, chance):
        text = chance.choice(self.corpus)
        if len(text) > 400 and chance.random() < 0.7:
            # A whole block of lines, so that much of it still parses.
            lines = text.split(b"\n")
            start = chance.randrange(len(lines))
            text = b"\n".join(lines[start:start + chance.randrange(1, 25)])
            indent = len(text) - len(text.lstrip(b" "))
            text = b"\n".join(line[indent:] for line in text.split(b"\n")) + b"\n"
        return damage(text, chance, self.corpus, self.words)


class Tokenizer(Source):
    def run(self, data):
        import io
        import tokenize
        try:
            for _ in tokenize.tokenize(io.BytesIO(data).readline):
                pass
        except (tokenize.TokenError, SyntaxError, UnicodeError):
            pass
        try:
            for _ in tokenize.generate_tokens(io.StringIO(data.decode("latin-1")).readline):
                pass
        except (tokenize.TokenError, SyntaxError):
            pass


class Parser(Source):
    def run(self, data):
        import ast
        tree = None
        for mode in ("exec", "eval", "single", "func_type"):
            try:
                tree = compile(data, "<case>", mode, ast.PyCF_ONLY_AST | ast.PyCF_TYPE_COMMENTS * (mode == "func_type"), dont_inherit=True)
            except (SyntaxError, ValueError, OverflowError):
                pass
            else:
                ast.dump(tree)
                ast.unparse(tree)


class Compiler(Source):
    def run(self, data):
        for optimize in (0, 2):
            try:
                code = compile(data, "<case>", "exec", 0, True, optimize)
            except (SyntaxError, ValueError, OverflowError):
                continue
            code.co_code, list(code.co_lines()), list(code.co_positions())


class Marshal(Target):
    words = [b"\xe3" + bytes(20), b"\xa9\x02", b"\xda\x01a", b"r\0\0\0\0", b"r\x05\0\0\0", b"N", b"T", b"F", b".", b"S", b"\xe9\1\0\0\0", b"[\1\0\0\0", b"{", b"0", b"<\1\0\0\0", b">\0\0\0\0", b":NNN", b"\xf3\2\0\0\0\x80\0", b"\xfa\1x", b"c"]

    def __init__(self, directories):
        import marshal
        code = compile(SNIPPETS, "<snippets>", "exec")
        self.corpus = [marshal.dumps(constant) for constant in code.co_consts if hasattr(constant, "co_code")]
        self.corpus += [marshal.dumps(code), marshal.dumps([1, -2**70, 1.5, 2j, "é", b"x", (), (1, [2]), {1: {2}}, frozenset([3]), None, ..., True, slice(1, 2), StopIteration]),
                        marshal.dumps([1.5, "a" * 300, (1,) * 300, 2**1000], 1)]

    def run(self, data):
        import marshal
        import types
        try:
            value = marshal.loads(data)
        except (ValueError, EOFError, TypeError, MemoryError, SyntaxError):
            return
        if isinstance(value, types.CodeType):
            execute(value)


def namespace():
    import builtins
    names = {name: getattr(builtins, name) for name in BUILTINS}
    names["print"] = lambda *values, **options: None
    return {"__builtins__": names, "__name__": "case"}


def execute(code):
    import types

    def run():
        try:
            if code.co_freevars:
                function = types.FunctionType(code, namespace(), closure=tuple(types.CellType(i) for i in range(len(code.co_freevars))))
            else:
                function = types.FunctionType(code, namespace())
            result = function(*range(1, 1 + min(code.co_argcount + code.co_kwonlyargcount * 0, 300)), **{name: 1 for name in code.co_varnames[code.co_argcount:code.co_argcount + code.co_kwonlyargcount]})
            for _ in range(3):
                if hasattr(result, "send"):
                    result.send(None)
            shown(result)
            if hasattr(result, "close"):
                result.close()
        except SystemError:
            raise
        except Exception:
            pass
    list(code.co_lines()), list(code.co_positions())
    limited(run)


class Bytecode(Target):
    """Cases are which function, and what replaces which part of its code."""

    def __init__(self, directories):
        names = namespace()
        exec(compile(SNIPPETS, "<snippets>", "exec"), names)
        self.codes = [names[name].__code__ for name in CALLS]
        for code in list(self.codes):
            self.codes += [constant for constant in code.co_consts if hasattr(constant, "co_code")]
        self.corpus = [code.co_code for code in self.codes]

    def case(self, chance):
        which = chance.randrange(len(self.codes))
        code = self.codes[which]
        data = bytearray(code.co_code)
        # Code units: those of the same function and of others, changed arguments, instructions of all numbers.
        for _ in range(1 << chance.randrange(4)):
            at = chance.randrange(len(data) // 2) * 2
            match chance.randrange(6):
                case 0:
                    data[at] = chance.randrange(256)
                case 1:
                    data[at + 1] = chance.choice((0, 1, 2, 3, data[at + 1] + 1 & 255, data[at + 1] - 1 & 255, 255, chance.randrange(256)))
                case 2:
                    other = chance.choice(self.corpus)
                    start = chance.randrange(len(other) // 2) * 2
                    piece = other[start:start + 2 * chance.randrange(1, 6)]
                    data[at:at + (len(piece) if chance.random() < 0.7 else 0)] = piece
                case 3:
                    del data[at:at + 2 * chance.randrange(1, 4)]
                    if not data:
                        data = bytearray(code.co_code)
                case 4:
                    first = data[at:at + 2]
                    to = chance.randrange(len(data) // 2) * 2
                    data[at:at + 2], data[to:to + 2] = data[to:to + 2], first
                case 5:
                    data[at:at] = bytes([chance.randrange(256), chance.randrange(8)])
        table = code.co_exceptiontable
        if chance.random() < 0.2:
            table = damage(table, chance, [table, b"\x80"], ())[:200]
        sizes = bytes([chance.choice((0, 0, 0, 0, 1, 2, 255)), chance.choice((0, 0, 0, 0, 1)), len(table)])
        return bytes([which]) + sizes + table + bytes(data)

    def run(self, data):
        code = self.codes[data[0]]
        less, cut, length = data[1:4]
        table, words = data[4:4 + length], data[4 + length:]
        changes = {"co_code": words, "co_exceptiontable": table}
        if less:
            changes["co_stacksize"] = 0 if less == 255 else max(code.co_stacksize - less, 0)
        if cut:
            changes["co_consts"] = code.co_consts[:-1]
        try:
            damaged = code.replace(**changes)
        except (ValueError, TypeError, SyntaxError):
            return
        execute(damaged)


class Re(Target):
    words = RE_WORDS

    def __init__(self, directories):
        self.corpus = [pattern.encode() for pattern in (r"(a|b)*c(?P<n>\d+)(?P=n)", r"^(?:(\w+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'))?$", r"(?i)[a-zß]+(?=x)(?<!y)", r"(a)?(?(1)b|c)",
                       r"((?:a{2,3}|b*?)+?){1,4}\1?", r"\A[^\W\d_]++(?>.*?)\Z", r"(?x) a  # c" + "\n b", r"[\d\-.]+@\w+\.(?:com|org)", r"(?<=ab|cd)(?!x).{0,5}$", r"(?:(?:(?:a)*)*)*b", r"\b\u0130|\N{DIGIT ONE}",
                       r"(?:x*)*y", "[\U00010400-\U0001044f]|[^\u0100-\uffff]")]
        self.corpus += [b"aab1", b"ababc11 x='y' \xc4\xb0" * 3]

    def run(self, data):
        import re
        import warnings
        warnings.simplefilter("ignore")
        text, _, subject = data.partition(b"\xfe")
        subject = subject or b"aab b='c' xab11y\xc4\xb0 a@b.com" * 3

        def run():
            for pattern, string in ((text.decode("utf-8", "replace"), subject.decode("utf-8", "replace")), (text, subject)):
                try:
                    compiled = re.compile(pattern)
                except (re.PatternError, OverflowError, RecursionError, ValueError, UnicodeError, TypeError):
                    continue
                for method in (compiled.match, compiled.fullmatch, compiled.search):
                    found = method(string)
                    if found:
                        found.groups(), found.groupdict(), found.regs
                compiled.findall(string), compiled.split(string), compiled.sub("x", string) if isinstance(string, str) else compiled.subn(b"x", string)
                try:
                    compiled.sub(pattern[:20], string)
                except (re.PatternError, IndexError, ValueError):
                    pass
        limited(run)


class Json(Target):
    words = JSON_WORDS

    def __init__(self, directories):
        self.corpus = [b'{"a": [1, 2.5, -3e10, true, false, null, "x\\n\\u00e9\\ud83d\\ude00"], "b": {"c": {}, "d": []}}', b'[NaN, Infinity, -Infinity, 0, -0, 1e400, "\\/"]',
                       b'"' + b"abc\\t" * 40 + b'"', b'[[[[[1], 2], {"x": "y"}], "\xc3\xa9"], 12345678901234567890]']

    def run(self, data):
        import json
        for text in (data, data.decode("latin-1" if len(data) % 3 else "utf-8", "replace")):
            try:
                value = json.loads(text)
            except (ValueError, RecursionError):
                continue
            try:
                json.loads(json.dumps(value, indent=len(data) % 3 or None, ensure_ascii=len(data) % 2 == 0))
            except RecursionError:
                pass
        try:
            json.loads(data, object_pairs_hook=list, parse_float=str, parse_int=str, strict=False)
        except (ValueError, RecursionError):
            pass


class Pickle(Target):
    words = PICKLE_WORDS
    ALLOWED = {("builtins", name) for name in "list complex bytearray object set frozenset slice range ValueError dict tuple int str bytes float KeyError type".split()} | {
        ("collections", "OrderedDict"), ("collections", "deque"), ("collections", "Counter"), ("collections", "defaultdict"), ("datetime", "datetime"), ("datetime", "timedelta"), ("datetime", "date"),
        ("datetime", "timezone"), ("array", "_array_reconstructor"), ("decimal", "Decimal"), ("functools", "partial"), ("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("types", "SimpleNamespace"),
        ("itertools", "count"), ("itertools", "chain"), ("fractions", "Fraction"), ("uuid", "UUID"), ("random", "Random"), ("operator", "itemgetter"), ("operator", "attrgetter"), ("io", "BytesIO"), ("io", "StringIO")}

    def __init__(self, directories):
        import array
        import collections
        import datetime
        import decimal
        import fractions
        import functools
        import operator
        import pickle
        import random
        import types
        shared = [1]
        values = [[1, -5, 2**70, 1.5, "é", b"x", None, True, (1, 2, 3, 4), {1: {2}}, frozenset([3]), 2j, shared, shared], collections.OrderedDict(a=1), collections.deque([1, 2], 5), array.array("d", [1, 2]),
                  datetime.datetime(2020, 1, 2, tzinfo=datetime.timezone.utc), decimal.Decimal("1.5"), fractions.Fraction(1, 3), functools.partial(list, [1]), ValueError("x", 1), types.SimpleNamespace(a=1),
                  bytearray(b"abc"), range(5), slice(1, 2), {"a" * 300: b"b" * 300}, random.Random(1), operator.itemgetter(1), datetime.timedelta(1), collections.Counter("abc"),
                  collections.defaultdict(list, a=[1])]
        self.corpus = [pickle.dumps(value, protocol) for value in values for protocol in (0, 2, 4, 5)]

    def run(self, data):
        import io
        import pickle
        allowed = self.ALLOWED

        class Careful(pickle.Unpickler):
            def find_class(self, module, name):
                if (module, name) in allowed:
                    return super().find_class(module, name)
                raise pickle.UnpicklingError(name)

            def persistent_load(self, pid):
                return pid

        def run():
            try:
                value = Careful(io.BytesIO(data), buffers=[b"x", bytearray(b"y")]).load()
                shown(value)
                if isinstance(value, (list, dict, tuple, str, bytes, int)):
                    pickle.dumps(value)
            except SystemError:
                raise
            except Exception:
                pass
        limited(run)


class Struct(Target):
    words = [word.encode() for word in "< > = ! @ x c b B ? h H i I l L q Q n N e f d s p P F D 0 1 99 1000 4294967296 9223372036854775807 Z".split()] + [b" ", b"0s", b"0p", b"\0", b"\xe9"]

    def __init__(self, directories):
        self.corpus = [b"<3i2h10sf", b">Qd?c4x", b"@nN2P", b"=5p3e", b"!Bbq l", b"3i10s", b"2d2f1000x"]

    def run(self, data):
        import struct
        text, _, rest = data.partition(b"|")
        for form in (text, text.decode("latin-1")):
            try:
                compiled = struct.Struct(form)
            except (struct.error, UnicodeError, MemoryError, ValueError):
                continue
            compiled.size, compiled.format, repr(compiled)
            if compiled.size > 1 << 20:
                continue
            memory = bytearray(compiled.size)
            try:
                values = compiled.unpack(memory)
                compiled.pack(*values)
                compiled.pack_into(memory, 0, *values)
            except struct.error:
                pass
            for buffer, offset in ((rest, 0), (rest, -len(rest)), (memory, 1), (memory, -1), (memory, 2**62), (memory, -2**63)):
                try:
                    compiled.unpack_from(buffer, offset)
                except (struct.error, OverflowError):
                    pass
                try:
                    compiled.pack_into(memory, offset, *values)
                except (struct.error, OverflowError):
                    pass
            try:
                compiled.pack(*[chunk for chunk in (1, -1, 2**70, 1e999, b"x", "x", None, True)][:len(values)])
            except (struct.error, OverflowError, TypeError):
                pass
            try:
                for index, _ in enumerate(compiled.iter_unpack(rest)):
                    if index > 50:
                        break
            except struct.error:
                pass


TARGETS = {"tokenizer": Tokenizer, "parser": Parser, "compiler": Compiler, "marshal": Marshal, "bytecode": Bytecode, "re": Re, "json": Json, "pickle": Pickle, "struct": Struct}

# ---- the process that runs cases -------------------------------------------------------------------------------------


def attempt(target, data):
    """None, or what must not happen."""
    try:
        target.run(data)
    except (MemoryError, RecursionError, Expired):
        return None
    except SystemError as error:
        return f"SystemError: {error}" if "internal error" in str(error) or "without setting" in str(error) else None
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def work(name, seed, start, shared, directories):
    import warnings
    warnings.simplefilter("ignore")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, expire)
    sys.unraisablehook = lambda _: None
    sys.stderr.flush()
    with open(shared, "r+b") as file:
        view = mmap.mmap(file.fileno(), HEADER + ROOM)
    target = TARGETS[name](directories)
    number = start

    def end():
        view[16:HEADER] = struct.pack("<Q", 2)
        os._exit(0)
    global give_up
    give_up = end
    while True:
        data = target.case(random.Random(f"{name} {seed} {number}"))
        view[HEADER:HEADER + len(data)] = data
        view[:HEADER] = struct.pack("<QQQ", number + 1, len(data), 0)
        try:
            problem = attempt(target, data)
        except Expired:
            problem = None
        if problem:
            print(f"{number} {problem}", flush=True)
            view[:HEADER] = struct.pack("<QQQ", number + 1, len(data), 1)
            return
        number += 1


# ---- the process that watches ----------------------------------------------------------------------------------------


def watch(interpreter, name, seconds, seed, findings, directories):
    shared = os.path.join(findings, f"{name}.case")
    with open(shared, "wb") as file:
        file.truncate(HEADER + ROOM)
    with open(shared, "r+b") as file:
        view = mmap.mmap(file.fileno(), HEADER + ROOM)
    end, number, found = time.monotonic() + seconds, 0, 0
    while time.monotonic() < end:
        command = [*interpreter, os.path.abspath(__file__), "--work", name, str(seed), str(number), shared, *directories]
        log = open(os.path.join(findings, f"{name}.log"), "w+b")
        worker = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        moved, last = time.monotonic(), -1
        outcome = None
        while outcome is None:
            time.sleep(0.05)
            now = time.monotonic()
            at, length, _ = struct.unpack("<QQQ", view[:HEADER])
            if at != last:
                last, moved = at, now
            if worker.poll() is not None:
                outcome = f"ended with {worker.returncode}"
            elif now - moved > HANG * (3 if last <= number else 1):
                worker.kill()
                worker.wait()
                outcome = "hung"
            elif now > end:
                worker.kill()
                worker.wait()
                break
        number = at
        if outcome and struct.unpack("<Q", view[16:HEADER])[0] == 2:
            view[16:HEADER] = bytes(8)
        elif outcome:
            found += 1
            log.seek(0)
            words = log.read()[-1500:].decode("utf-8", "replace").strip()
            saved = os.path.join(findings, f"{name}-{seed}-{at - 1}.bin")
            with open(saved, "wb") as file:
                file.write(view[HEADER:HEADER + length])
            print(f"{name}: case {at - 1} {outcome}: {words[-300:]}\n    saved as {saved}", flush=True)
        log.close()
    os.unlink(shared)
    print(f"{name}: {number} cases in {seconds} s, {found} findings", flush=True)
    return found


def main():
    if sys.argv[1:2] == ["--work"]:
        name, seed, start, shared, *directories = sys.argv[2:]
        return work(name, int(seed), int(start), shared, directories)
    if sys.argv[1:2] == ["--replay"]:
        signal.signal(signal.SIGALRM, expire)
        with open(sys.argv[3], "rb") as file:
            print(attempt(TARGETS[sys.argv[2]]([]), file.read()) or "nothing")
        return
    here = os.path.dirname(os.path.abspath(__file__))
    options = argparse.ArgumentParser()
    options.add_argument("interpreter")
    options.add_argument("targets", nargs="*", choices=[*TARGETS, []], default=[])
    options.add_argument("--seconds", type=float, default=600)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--findings", default="fuzz-findings")
    options.add_argument("--corpus", action="append", default=[os.path.join(here, "..", "tests", "programs")])
    options = options.parse_args()
    os.makedirs(options.findings, exist_ok=True)
    found = 0
    for name in options.targets or TARGETS:
        found += watch([options.interpreter], name, options.seconds, options.seed, options.findings, options.corpus)
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
