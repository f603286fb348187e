# memoryview: casts between formats and shapes, slices, comparisons, assignment, release.
import array, struct
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
b = bytearray(range(24))
m = memoryview(b)
for fmt in 'bBhHiIlLqQnNfdeFD?cPsxp@ ':
    t('cast ' + fmt, lambda: (lambda c: (c.format, c.itemsize, c.shape, c.strides, len(c), c.nbytes, c.tolist()[:2] if fmt not in 'efdFD' else 'f'))(m.cast(fmt)))
for fmt in ['@i', '<i', '>i', '=i', 'ii', '', '2i', '@@i', 'é', '@', '@c', 'i ', ' i']:
    t('cast ' + fmt, lambda: m.cast(fmt).format)
t('shape', lambda: m.cast('B', [2, 3, 4]).tolist()); t('shape2', lambda: m.cast('h', (3, 4)).tolist()); t('shape bad', lambda: m.cast('B', [5, 5])); t('shape neg', lambda: m.cast('B', [-1, -24])); t('shape zero', lambda: m.cast('B', [0])); t('shape type', lambda: m.cast('B', 5)); t('shape items', lambda: m.cast('B', ['a'])); t('shape empty', lambda: m.cast('B', [])); t('shape 65', lambda: m.cast('B', [1] * 65)); t('shape 64', lambda: m[:1].cast('B', [1] * 64).ndim); t('shape big', lambda: m.cast('B', [2**40, 2**40])); t('h to i', lambda: m.cast('h').cast('i')); t('h to B to i', lambda: m.cast('h').cast('B').cast('i').shape); t('size', lambda: m[:3].cast('h')); t('noncontig', lambda: m[::2].cast('h')); t('nd to nd', lambda: m.cast('B', [4, 6]).cast('B', [6, 4])); t('nd to 1', lambda: m.cast('B', [4, 6]).cast('B').shape); t('nd h', lambda: m.cast('B', [4, 6]).cast('h').shape); t('scalar', lambda: memoryview(b'abcd').cast('i', []).tolist()); t('scalar len', lambda: len(memoryview(b'abcd').cast('i', []))); t('scalar idx', lambda: memoryview(b'abcd').cast('i', [])[()]); t('scalar idx0', lambda: memoryview(b'abcd').cast('i', [])[0]); t('scalar ellipsis', lambda: memoryview(b'abcd').cast('i', [])[...].shape)
n = m.cast('B', [4, 6])
t('n[1,2]', lambda: n[1, 2]); t('n[1]', lambda: n[1]); t('n[1:2]', lambda: n[1:2].tolist()); t('n[::2]', lambda: (n[::2].tolist(), n[::2].strides, n[::2].contiguous)); t('n[1:2,1:2]', lambda: n[1:2, 1:2]); t('n[9,9]', lambda: n[9, 9]); t('n[1,2,3]', lambda: n[1, 2, 3]); t('n[-1,-1]', lambda: n[-1, -1]); t('n iter', lambda: list(n)); t('n in', lambda: 1 in n); t('n bytes', lambda: bytes(n)[:3]); t('n rev', lambda: n[::-1].tobytes()[:7]); t('n F', lambda: n.tobytes('F')[:5]); t('n A', lambda: n.tobytes('A')[:5]); t('n X', lambda: n.tobytes('X')); t('n None', lambda: n.tobytes(None)[:2]); t('n int', lambda: n.tobytes(5)); t('hex', lambda: n[:1].hex('-', 2)); t('set', lambda: n.__setitem__((0, 0), 200)); t('got', lambda: b[0]); t('set sub', lambda: n.__setitem__(0, b'abcdef')); t('set slice', lambda: n.__setitem__(slice(0, 1), n[1:2])); t('del', lambda: n.__delitem__(0)); t('del m', lambda: m.__delitem__(0))
t('m[1]', lambda: m[1]); t('m[99]', lambda: m[99]); t('m[a]', lambda: m['a']); t('m[1.0]', lambda: m[1.0]); t('m[None]', lambda: m[None]); t('m[()]', lambda: m[()]); t('m[1,]', lambda: m[1,]); t('m[..]', lambda: m[...] is m); t('m[2**70]', lambda: m[2**70]); t('m[::0]', lambda: m[::0]); t('m[5:1:-2]', lambda: m[5:1:-2].tolist()); t('set 256', lambda: m.__setitem__(0, 256)); t('set -1', lambda: m.__setitem__(0, -1)); t('set a', lambda: m.__setitem__(0, 'a')); t('set b', lambda: m.__setitem__(0, b'a')); t('set slice size', lambda: m.__setitem__(slice(0, 2), b'abc')); t('set slice ok', lambda: m.__setitem__(slice(0, 2), b'ab')); t('set slice str', lambda: m.__setitem__(slice(0, 2), 'ab')); t('set slice fmt', lambda: m.__setitem__(slice(0, 4), memoryview(b'abcd').cast('h')))
for fmt, good, bad in [('b', -128, 128), ('h', -32768, 32768), ('H', 65535, -1), ('i', 2**31 - 1, 2**31), ('I', 2**32 - 1, 2**32), ('q', -2**63, 2**63), ('Q', 2**64 - 1, 2**64), ('n', 5, 2**63), ('N', 5, -1), ('f', 1.5, 1e300), ('d', 1e300, 'x'), ('e', 1.5, 1e10), ('?', True, 'x'), ('?', [], 0), ('c', b'x', b'xy'), ('c', b'x', 5), ('P', 5, -1), ('f', 3, None), ('d', 2**70, 2**5000)]:
    v = memoryview(bytearray(24)).cast(fmt)
    def put(x): v[0] = x; return v[0]
    t(f'{fmt} {good}', lambda: put(good)); t(f'{fmt} {bad!r:.20}', lambda: put(bad))
a = array.array('i', [1, 2, 3]); ma = memoryview(a)
t('array', lambda: (ma.format, ma.itemsize, ma.tolist(), ma[1], ma.readonly, ma.obj is a)); t('array resize', lambda: a.append(4)); t('bytearray resize', lambda: b.append(1)); t('bytearray del', lambda: b.__delitem__(0)); t('eq array', lambda: ma == a); t('eq list', lambda: ma == [1, 2, 3]); t('eq fmt', lambda: ma == array.array('q', [1, 2, 3])); t('eq float', lambda: ma == array.array('d', [1, 2, 3])); t('eq bytes', lambda: memoryview(b'ab') == b'ab'); t('ne', lambda: memoryview(b'ab') != bytearray(b'ab')); t('lt', lambda: memoryview(b'a') < memoryview(b'b')); t('hash', lambda: hash(memoryview(b'ab')) == hash(b'ab')); t('hash rw', lambda: hash(m)); t('hash fmt', lambda: hash(memoryview(b'abcd').cast('h'))); t('hash c', lambda: hash(memoryview(b'abcd').cast('c')) == hash(b'abcd')); t('eq shape', lambda: m == n); t('eq nan', lambda: memoryview(array.array('d', [float('nan')])) == memoryview(array.array('d', [float('nan')])))
t('readonly', lambda: memoryview(b'ab').__setitem__(0, 1)); t('toreadonly', lambda: m.toreadonly().__setitem__(0, 1)); t('bool', lambda: (bool(m), bool(m[:0]))); t('repr', lambda: repr(m)[:11]); t('new', lambda: memoryview('a')); t('new none', lambda: memoryview(None)); t('new2', lambda: memoryview(b'', 1)); t('count', lambda: m.count(5)); t('index', lambda: (m.index(7), memoryview(b'aba').index(97, 1))); t('index missing', lambda: m.index(999)); t('index range', lambda: m.index(5, 10, 20)); t('reversed', lambda: list(reversed(m))[:3]); t('iter c', lambda: list(memoryview(b'ab').cast('c'))); t('contains', lambda: (5 in m, b'a' in memoryview(b'ab').cast('c'))); t('suboffsets', lambda: (m.suboffsets, m.c_contiguous, m.f_contiguous, n.f_contiguous, n[::2].f_contiguous)); t('alias', lambda: memoryview[int])
x = memoryview(bytearray(b'abc')); y = x[1:]
x.release(); t('released', lambda: x[0]); t('released repr', lambda: repr(x)[:20]); t('released len', lambda: len(x)); t('released eq', lambda: (x == x, x == b'abc')); t('released hash', lambda: hash(x)); t('released enter', lambda: x.__enter__()); t('child', lambda: y.tolist()); t('again', lambda: x.release()); t('released format', lambda: x.format); t('released cast', lambda: x.cast('b')); t('released bool', lambda: bool(x)); t('released tobytes', lambda: x.tobytes())
with memoryview(b'abc') as w: print(w[0])
t('after with', lambda: w[0])
z = memoryview(bytearray(b'abcd')); it = iter(z); next(it); 
t('release during iter', lambda: (z.release(), next(it)))
import pickle, copy
t('pickle', lambda: pickle.dumps(m)); t('copy', lambda: copy.copy(m))
class Exporter:
    def __init__(self): self.data = bytearray(b'hello'); self.log = []
    def __buffer__(self, flags): self.log.append(('get', flags)); return memoryview(self.data)
    def __release_buffer__(self, view): self.log.append(('release', view.tobytes()))
e = Exporter(); v = memoryview(e); print(v.tobytes(), v.readonly, v.obj is e); v.release(); print(e.log, bytes(e), e.log)
class Bad:
    def __buffer__(self, flags): return b'x'
t('bad buffer', lambda: memoryview(Bad())); t('int', lambda: bytes(memoryview(struct.pack('3i', 1, 2, 3)).cast('i')[1:]))
