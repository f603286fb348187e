# bytes and bytearray: construction, methods at their edges, mutation, aliasing, buffers held while it changes.
def t(label, action):
    try: print(label, '->', ascii(action()))
    except Exception as e: print(label, '!', type(e).__name__, e)
class Idx:
    def __index__(self): return 3
class By:
    def __bytes__(self): return b'by'
class BadBy:
    def __bytes__(self): return 'x'
class Both:
    def __bytes__(self): return b'both'
    def __index__(self): return 2
class It:
    def __iter__(self): return iter([1, 2])
class Len(It):
    def __length_hint__(self): return 10**9
for T in (bytes, bytearray):
    n = T.__name__
    for args in [(), (3,), (0,), (-1,), (2**70,), ([1, 2],), ([256],), ([-1],), (['a'],), ('abc',), ('abc', 'ascii'), ('é', 'ascii'), ('é', 'ascii', 'replace'), (b'x', 'ascii'), (5, 'ascii'), (b'x',), (bytearray(b'y'),), (memoryview(b'z'),), (range(4),), (Idx(),), (By(),), (BadBy(),), (Both(),), (It(),), (Len(),), (None,), (1.5,), ({1: 2},), ({3},), (True,), ((1, 2),), (iter([7]),), ([Idx()],), ([2**80],), ([[]],), (1, 2, 3, 4)]: t(f'{n}{args}'.split(' at 0x')[0], lambda: T(*args))
    for kw in [dict(source=b'a'), dict(source='a', encoding='utf-8'), dict(encoding='utf-8'), dict(errors='strict'), dict(source='a', errors='x'), dict(string='a')]: t(f'{n}(**{kw})', lambda: T(**kw))
    b = T(b'abcabc')
    for x in (b'c', 99, b'', 256, -1, 'c', None, Idx(), b'bc', bytearray(b'ca'), 1.5): t(f'{n} find {x!a}'.split(' at 0x')[0], lambda: b.find(x)); t(f'{n} count', lambda: b.count(x)); t(f'{n} in', lambda: x in b); t(f'{n} index', lambda: b.index(x)); t(f'{n} rfind', lambda: b.rfind(x, 1, 5)); t(f'{n} partition', lambda: b.partition(x)); t(f'{n} split', lambda: b.split(x)); t(f'{n} strip', lambda: b.strip(x)); t(f'{n} replace', lambda: b.replace(x, b'-')); t(f'{n} startswith', lambda: b.startswith(x)); t(f'{n} removeprefix', lambda: b.removeprefix(x)); t(f'{n} join', lambda: b.join(x)); t(f'{n} center', lambda: b.center(9, x)); t(f'{n} add', lambda: b + x); t(f'{n} lt', lambda: b < x); t(f'{n} eq', lambda: b == x); t(f'{n} mul', lambda: b * x)
    t('case', lambda: [getattr(T(b'aB1 \xe9 x'), m)() for m in ('upper', 'lower', 'title', 'capitalize', 'swapcase', 'isalpha', 'isalnum', 'isdigit', 'isspace', 'istitle', 'isupper', 'islower', 'isascii')]); t('lines', lambda: T(b'a\nb\r\nc\rd\x0be\x85').splitlines(True)); t('expandtabs', lambda: T(b'a\tb').expandtabs(4)); t('zfill', lambda: (T(b'-5').zfill(4), T(b'+').zfill(3), T(b'').zfill(2))); t('translate', lambda: (T(b'abc').translate(None, b'b'), T(b'abc').translate(bytes(range(256))[::-1]), T(b'abc').translate(bytes.maketrans(b'a', b'z'), delete=b'c'))); t('translate short', lambda: T(b'a').translate(b'x')); t('maketrans', lambda: T.maketrans(b'ab', b'x')); t('hex', lambda: (b.hex(), b.hex('-'), b.hex(b':', 2), b.hex('.', -4), b.hex('_', 0), b.hex('_', 100))); t('hex sep', lambda: b.hex('--')); t('hex uni', lambda: b.hex('é')); t('hex int', lambda: b.hex(5)); t('fromhex', lambda: (T.fromhex('0a 0B\n0c'), T.fromhex(''), T.fromhex(b'0a'))); t('fromhex bad', lambda: T.fromhex('0g')); t('fromhex odd', lambda: T.fromhex('abc')); t('fromhex space', lambda: T.fromhex('a b')); t('fromhex uni', lambda: T.fromhex('é0')); t('fromhex type', lambda: T.fromhex(5)); t('decode', lambda: (b.decode(), b.decode('ascii', 'strict'), T(b'\xff').decode('utf-8', 'replace'))); t('decode bad', lambda: T(b'\xff').decode()); t('decode enc', lambda: b.decode('nope')); t('getitem', lambda: (b[0], b[-1], b[1:3], b[::-2], b[10:])); t('index err', lambda: b[6]); t('index type', lambda: b['a']); t('repr', lambda: (repr(T(b'\'"\\\n\x00\xff')), repr(T(b"'")), repr(T(b'"')))); t('mod', lambda: T(b'%d-%s') % (5, b'x')); t('mul', lambda: (b * 0, T(b'a') * 3, 2 * T(b'b'))); t('mul big', lambda: T(b'ab') * 2**62); t('startswith tuple', lambda: b.startswith((b'x', b'a'))); t('startswith bad', lambda: b.startswith((b'x', 'a'))); t('sep empty', lambda: b.split(b'')); t('rsplit', lambda: T(b' a b  c ').rsplit(None, 1)); t('rsplit2', lambda: T(b'a,b,c').rsplit(b',', 1)); t('join list', lambda: T(b'-').join([b'a', bytearray(b'b'), memoryview(b'c')])); t('join bad', lambda: T(b'-').join([b'a', 'b'])); t('join int', lambda: T(b'-').join([1]))
a = bytearray(b'abc')
def m(label, code, start=b'abc'):
    a = bytearray(start)
    try: r = eval(code, {'a': a, 'Idx': Idx}) if not code.startswith(('a[', 'del', 'a +', 'a *')) else exec(code, {'a': a})
    except Exception as e: r = f'{type(e).__name__}: {e}'
    print(label or code, '->', r, a)
for code in ['a.append(100)', 'a.append(256)', 'a.append("x")', 'a.append(Idx())', 'a.extend(b"xy")', 'a.extend([1, 2])', 'a.extend([300])', 'a.extend("ab")', 'a.extend(5)', 'a.extend(a)', 'a.insert(1, 65)', 'a.insert(-100, 65)', 'a.insert(100, 65)', 'a.insert(0, 256)', 'a.pop()', 'a.pop(0)', 'a.pop(5)', 'a.pop(-4)', 'a.remove(98)', 'a.remove(120)', 'a.remove("a")', 'a.clear()', 'a.reverse()', 'a.copy() is a', 'a[0] = 65', 'a[0] = 256', 'a[0] = b"x"', 'a[3] = 65', 'a[1:2] = b"XYZ"', 'a[1:1] = [1, 2]', 'a[::2] = b"XY"', 'a[::2] = b"X"', 'a[:] = 5', 'a[:] = "abc"', 'a[:] = a', 'a[1:] = a', 'a[::-1] = b"123"', 'a[5:9] = b"end"', 'del a[0]', 'del a[5]', 'del a[::2]', 'del a[:]', 'del a[1:2]', 'a += b"x"', 'a += [1]', 'a += "x"', 'a *= 2', 'a *= 0', 'a *= -1', 'a *= 1.5', 'a.__init__(2)', 'a.__init__("q", "ascii")', 'a.resize(5)', 'a.resize(1)', 'a.resize(-1)', 'a.take_bytes()' if hasattr(bytearray, 'take_bytes') else 'a.copy()']: m('', code)
v = memoryview(a)
for code in ['a.append(1)', 'a.clear()', 'a.extend(b"x")', 'a.pop()', 'a.insert(0, 1)', 'a.remove(97)', 'del a[0]', 'a += b"x"', 'a *= 2', 'a[0:1] = b"xy"', 'a[0:1] = b"z"', 'a.reverse()', 'a[0] = 65', 'a.__init__(5)', 'a.resize(9)', 'a.extend(b"")', 'a *= 1']:
    try: exec(code); print(code, 'ok', a)
    except Exception as e: print(code, type(e).__name__, e)
v.release(); a.append(33); print(a, a == b'zbA!' or a)
class B(bytes):
    def __repr__(self): return 'B()'
class BA(bytearray): pass
x = BA(b'q'); x.attr = 1
import copy, pickle
t('sub', lambda: (type(B(b'a') + b''), type(B(b'abc')[1:]), B(b'a').upper(), bytes(B(b'a')), type(B(b'x') * 1), B.fromhex('61'), type(BA(b'a') + b''), copy.copy(x).attr, type(copy.deepcopy(x)), x.__reduce_ex__(2)[1], hash(B(b'a')) == hash(b'a'))); t('hash ba', lambda: hash(a)); t('dict', lambda: {b'a': 1}[B(b'a')]); t('iter', lambda: (list(b'ab'), list(reversed(b'ab')), iter(b'').__length_hint__())); t('cmp', lambda: (b'a' < b'b', b'a' < bytearray(b'b'), bytearray(b'a') == memoryview(b'a'), b'a' != 'a', b'' == bytearray())); t('lt', lambda: b'a' < 'b'); t('alloc', lambda: a.__alloc__() > 0)
import warnings
