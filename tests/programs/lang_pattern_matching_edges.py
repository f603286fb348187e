# match: sequences, mappings, classes, guards, captures, errors, and what each pattern asks of the subject.
import collections, re
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
class Log:
    def __init__(self, name): self.name = name
    def __getattr__(self, n): print('   getattr', n); raise AttributeError(n)
    def __len__(self): print('   len'); return 2
    def __getitem__(self, k): print('   getitem', k); return k
class Seq(Log, collections.abc.Sequence): pass
class Map(Log, collections.abc.Mapping):
    def __iter__(self): return iter('ab')
    def get(self, k, d=None): print('   get', k); return 'v' if k == 'a' else d
    def keys(self): print('   keys'); return ['a']
class P:
    __match_args__ = ('x', 'y')
    def __init__(self, x, y): self.x, self.y = x, y
class NoArgs:
    x = 1
class BadArgs1: __match_args__ = ['x']
class BadArgs2: __match_args__ = (1,)
class Sub(int): __match_args__ = ('real',)
def m(s):
    match s:
        case None | True | False: return ('singleton', s)
        case 0 | 1.5 | -2 | 3 + 4j | 'str' | b'by': return ('literal', s)
        case []: return 'empty'
        case [x]: return ('one', x)
        case [1, 2, *rest]: return ('12', rest)
        case [*a, 9]: return ('..9', a)
        case [x, [y, z]]: return ('nested', x, y, z)
        case (x, y) if x == y: return ('same', x)
        case {'k': v, **rest} if rest: return ('map rest', v, rest)
        case {'k': 1 | 2 as n}: return ('k', n)
        case {'a': {'b': [_, second]}}: return ('deep', second)
        case {}: return ('mapping', len(s))
        case P(1, y=y): return ('P1', y)
        case P(x, y): return ('P', x, y)
        case int(n) if n > 100: return ('big', n)
        case int() | float(): return ('number', s)
        case str(text): return ('text', text)
        case bytearray() | set() as b: return ('mutable', b)
        case re.Match(): return 'never'
        case _: return ('other', type(s).__name__)
for s in [None, True, False, 0, 0.0, 1, 1.5, -2, 3 + 4j, 'str', 'other', b'by', b'x', [], (), [7], (8,), [1, 2], [1, 2, 3, 4], [5, 9], (9,), [1, (2, 3)], [1, [2]], (4, 4), (4, 5), 'ab', range(2), range(0), collections.deque([1, 2, 3]), {'k': 5, 'z': 6}, {'k': 5}, {'k': 1}, {'k': 2, 'q': 1}, {'a': {'b': [0, 'hit']}}, {}, {'other': 1}, P(1, 2), P(3, 4), 101, 50, 2.5, bytearray(b'z'), {1}, object, 10**30, iter([1]), collections.OrderedDict(k=1), collections.ChainMap({'k': 2}), memoryview(b'ab'), Sub(200)]: t(f'{s!r:.40}'.split(' object at')[0].split(' at 0x')[0], lambda: m(s))
def show(s):
    match s:
        case {'a': x, 'z': y}: return 'a z'
        case {'a': x, **kw}: return x, kw
        case [1, y]: return '1y'
        case [x, 1]: return 'x1'
        case _: return 'none'
for s in (Seq('s'), Map('m'), Log('l')): print(s.name); t('result', lambda: show(s))
def cls(s, c, n):
    match n:
        case 1:
            match s:
                case c(a): return a
        case 2:
            match s:
                case c(a, b): return a, b
        case 'kw':
            match s:
                case c(x=a): return a
    return 'no match'
for s, c, n in [(5, int, 1), (5, int, 2), (P(1, 2), P, 1), (P(1, 2), P, 'kw'), (NoArgs(), NoArgs, 1), (NoArgs(), NoArgs, 'kw'), (BadArgs1(), BadArgs1, 1), (BadArgs2(), BadArgs2, 1), (5, 5, 1), (5, 'int', 1), (5, len, 1), (Sub(5), Sub, 1), (Sub(5), int, 1), ('s', str, 1), ([1], list, 1), ([1], list, 2), ({}, dict, 1), (1.5, float, 1), (True, int, 1), (True, bool, 1), (b'', bytes, 1), (5, object, 1), (P(1, 2), object, 'kw'), (5, int | str, 1), (5, (int,), 1)]: t(f'{c} {n}'.split(' at 0x')[0], lambda: cls(s, c, n))
class Dup: __match_args__ = ('x', 'x'); x = 1
class Pos: __match_args__ = ('x',); x = 1
def dup(s):
    match s:
        case Dup(1, 1): return 'dup'
        case Pos(1, x=1): return 'pos'
t('dup', lambda: dup(Dup())); t('pos', lambda: dup(Pos()))
for src in ['match 1:\n case x: pass\n case y: pass', 'match 1:\n case x | 1: pass', 'match 1:\n case (x | y): pass', 'match 1:\n case [x, x]: pass', 'match 1:\n case {**r, "a": 1}: pass', 'match 1:\n case {"a": 1, "a": 2}: pass', 'match 1:\n case {**_}: pass', 'match 1:\n case [*a, *b]: pass', 'match 1:\n case P(x=1, x=2): pass', 'match 1:\n case P(x=1, 2): pass', 'match 1:\n case 1 + 2: pass', 'match 1:\n case -x: pass', 'match 1:\n case f"a": pass', 'match 1:\n case _ as x: pass', 'match 1:\n case x as _: pass', 'match 1:\n case 1 as x.y: pass', 'match 1:\n case x.y: pass', 'match 1:\n case {x: 1}: pass', 'match 1:\n case *a: pass', 'match 1:\n case *a,: pass', 'match 1, 2:\n case a, b: print(a, b)', 'match *[1], 2:\n case a, b: print(a, b)', 'match 1:\n pass', 'match 1:\n case 1 if x := 1: pass', 'match = 5; case = 6; _ = 7; print(match, case, _)', 'match (1):\n case (1): print("paren")', 'match 1:\n case _ | 1: pass', 'match 1:\n case True.x: pass', 'match 1:\n case "a" "b": pass', 'match 1:\n case 1j + 1: pass', 'match 1:\n case 1 - 1j | -1 + 2j: pass']:
    try: exec(src, {'P': P}); print('ok', repr(src))
    except Exception as e: print(repr(src), type(e).__name__, getattr(e, 'msg', e))
