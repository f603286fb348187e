# The format mini-language: every field, for every type, and its errors.
def f(value, spec):
    try:
        return repr(format(value, spec))
    except Exception as error:
        return f'{type(error).__name__}: {error}'


ints = [0, 1, -1, 42, -12345, 1234567890, 10**30]
floats = [0.0, -0.0, 1.0, -1.5, 3.14159, 1e22, 1e-7, 123456.789, float('inf'), float('nan'), 5e-324, 1.7976931348623157e308]
complexes = [0j, 1+2j, -1.5-0.0j, complex('nan+infj')]
strings = ['', 'a', 'hello', 'é\u4e2d\U0001f600']
specs_int = ['', 'd', 'b', 'o', 'x', 'X', '#b', '#o', '#x', '#X', 'c', 'n', ',', '_', '_b', '_x', ',b', ',_', '010', '+d', ' d', '-d', '*^10', '<8', '>8', '=8', '08,', '010_x', '#010x', '+#012b', '.2', '.2f', 'e', '.0e', 'g', '%', '.1%', 's', 'z', 'zf', 'z.1f', '+,', '_,', 'é>5', '{<5', '0', '00', '000', '5.', '.', '99999999999999999999', 'dd', 'd1', '#', '+', '-', ' ', '<', 'x<', 'xx<5', '=+5', '<<5', '0<5', '0=5', '0^+8', '#,', 'v', '\0<5', '.1d', '.1c', '+c', '#c', ',c', '05c', '^5c', ',f', '_f', '_,f', '._f', '.,f', '.3,f', '.3_f', ',.3_f', '_.4,f']
for v in ints:
    print(repr(v), '|', ' | '.join(f(v, s) for s in specs_int))
specs_float = ['', 'f', 'F', 'e', 'E', 'g', 'G', 'n', '%', '.0f', '.1f', '.3e', '.10g', '.0g', '#g', '#.0f', '#.3g', '+', ' ', '-', '+.2f', '010.2f', '=+12.1f', '*<12', ',', ',.2f', '_.3f', 'd', 'x', 'b', 'c', 's', 'z', 'z.0f', 'z.1f', '+z.1f', 'z,', 'zd', '08', '012,.1f', '.15', '.16', '.17', '.17g', '.30f', '.50g', '<15.3e', '.2147483648f', '.99999999999999999999f', '5', '5.1', '.1', '.3', 'r', '.2r', '._f', '.,e', '.6_%', '.4_g', ',.5,f']
for v in floats:
    print(repr(v), '|', ' | '.join(f(v, s) for s in specs_float))
for v in complexes:
    print(repr(v), '|', ' | '.join(f(v, s) for s in ['', 'f', '.2f', 'e', 'g', '.3g', '+', '+.1f', '20', '<20.1f', '^20', '020', '=20', 'n', '%', 'd', ',', ',.1f', '#g', 'z.1f', 'x', '_f']))
for v in strings:
    print(ascii(v), '|', ' | '.join(ascii(f(v, s)) for s in ['', 's', '10', '<10', '>10', '^10', '*^11', '.2', '.0', '5.3', '05', '010s', '=10', '+', ' ', '-', '#', ',', '_', 'd', 'x', 'z', '.2d', 'é^9', '\U0001f600<8', '.', '1.', 's1']))
for v in [True, False]:
    print(v, '|', ' | '.join(f(v, s) for s in ['', 'd', 's', 'b', '5', '<5', '05', '.1f', 'x', 'c', '%', ',']))
for v in [None, [], (1,), {}, object, len, ..., NotImplemented, range(2), b'ab', bytearray(b'q'), slice(1)]:
    print(repr(v), '|', f(v, ''), f(v, 's'), f(v, '5'))
class Plain: pass
print(f(Plain(), 'd'), f(Plain, 'd'))
class WithStr:
    def __str__(self): return 'S'
print(f(WithStr(), ''), f(WithStr(), 's'))
class Sub(str):
    def __str__(self): return 'sub!'
    def __format__(self, spec): return 'F' + spec
print(f(Sub('x'), ''), '{:>5}|{!s:>6}|{!r:>5}'.format(Sub('x'), Sub('x'), Sub('x')), f'{Sub("x")}', f'{Sub("x")!s}')
class BadFormat:
    def __format__(self, spec): return 5
print(f(BadFormat(), ''))
class SubInt(int):
    def __str__(self): return 'SI'
    def __int__(self): return 99
print(f(SubInt(3), ''), f(SubInt(3), 'd'), f(SubInt(3), '5'), f'{SubInt(3)}', '%d %s' % (SubInt(3), SubInt(3)))
class SubFloat(float):
    def __str__(self): return 'SF'
print(f(SubFloat(3), ''), f(SubFloat(3), '5'), f'{SubFloat(3)}', '%f %s' % (SubFloat(3), SubFloat(3)))
for bad in (5, None, b'', 1.5):
    try: format(1, bad)
    except TypeError as e: print(e)

def t(template, *args, **kw):
    try: print(repr(template.format(*args, **kw)))
    except Exception as e: print(repr(template), type(e).__name__, e)
t('{}{}', 1, 2); t('{0}{}', 1, 2); t('{}{0}', 1, 2); t('{}', ); t('{1}', 1); t('{a}', a=1); t('{a}'); t('{'); t('}'); t('{{}}'); t('{{{}}}', 1); t('{!r}', 'x'); t('{!s:>4}|', 'x'); t('{!a}', 'é')
t('{!x}', 1); t('{!}', 1); t('{!rr}', 1); t('{!r', 1); t('{:{}}', 5, 10); t('{:{}.{}}', 3.14159, 10, 3); t('{:{:{}}}', 1, 2, 3); t('{0.real}', 5); t('{0.nope}', 5); t('{0[0]}', [7]); t('{0[a]}', {'a': 8}); t('{0[-1]}', [7]); t('{0[9]}', [7])
t('{0[}', [7]); t('{0[]}', [7]); t('{0.}', 1); t('{.real}', 4); t('{[0]}', 'q'); t('{0[0]x}', [1]); t('{0[0].real}', [1]); t('{a.b[c].d}', a=1); t('{ }', 1); t('{ 0}', 1); t('{0 }', 1); t('{-1}', 1); t('{00}', 1); t('{99999999999999999999}', 1); t('{0:{1}{2}}', 'a', '>', 4)
t('{:}}', 1); t('{:{}', 1); t('{:{{}', 1); t('{}}', 1); t('{!r:}', 'a'); t('{!:}', 'a'); t('{0!r }', 1); t('{:%Y-%m}', __import__('datetime').date(2020, 1, 2)); t('{a[b c]}', a={'b c': 3}); t('{a[{]}', a={'{': 3}); t('{0[1]}{1}', 'ab', 2)
class Map(dict):
    def __missing__(self, key): return f'<{key}>'
print('{x} {y!r} {z:>5}'.format_map(Map(x=1)))
for bad in ('{}', '{0}', '{x.y}'):
    try: print(bad.format_map(Map()))
    except Exception as e: print(bad, type(e).__name__, e)
try: '{x}'.format_map(5)
except Exception as e: print(type(e).__name__, e)
