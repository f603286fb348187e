# %-formatting of str, bytes and bytearray: all conversions, flags, widths, mappings and errors.
def p(template, *args):
    value = args[0] if len(args) == 1 else args
    try: r = template % value
    except Exception as e: r = f'{type(e).__name__}: {e}'
    import re
    print(re.sub('0x[0-9a-f]{6,}', '0x...', f'{template!a} % {value!a} -> {r!a}'))
class Idx:
    def __index__(self): return 65
    def __repr__(self): return 'Idx()'
class Int:
    def __int__(self): return 66
    def __repr__(self): return 'Int()'
class Flt:
    def __float__(self): return 2.5
    def __repr__(self): return 'Flt()'
class Str:
    def __str__(self): return 'str!'
    def __repr__(self): return 'é!'
class Bytes:
    def __bytes__(self): return b'by!'
    def __repr__(self): return 'Bytes()'
values = [0, 1, -1, 255, -255, 10**20, 3.7, -2.5, 1e300, float('nan'), float('inf'), True, 'a', 'ab', '', 'é', b'x', None, 1j, Idx(), Int(), Flt(), Str(), [1], {}, 0x10ffff, 0x110000, 2**40]
for conv in 'diouxXeEfFgGcrsa%bkz ':
    for v in values:
        p('[%' + conv + ']', (v,))
for flags in ['', '-', '+', ' ', '0', '#', '-0', '+0', '#0', '+ ', '- ', '#-', '+#0']:
    for v, conv in [(42, 'd'), (-42, 'd'), (42, 'x'), (-42, 'x'), (42, 'o'), (0, 'o'), (0, 'x'), (3.14159, 'f'), (-3.0, 'g'), (1e10, 'g'), ('ab', 's'), (7, 'i')]:
        for width in ['', '8', '.3', '8.3', '.0', '.']:
            p('%' + flags + width + conv + '|', v)
p('%*d|', 5, 42); p('%-*d|', 5, 42); p('%*d|', -5, 42); p('%.*f|', 2, 3.14159); p('%.*f|', -2, 3.14159); p('%*.*f|', 8, 3, 3.14159); p('%*d', 'a', 1); p('%*d', 1); p('%.*d', 5, 42); p('%*d', 2**70, 1); p('%.*d', 2**70, 1); p('%99999999999999999999d', 1); p('%.99999999999999999999d', 1)
p('%(a)s %(b)d', {'a': 1, 'b': 2}); p('%(a)s', {'b': 1}); p('%(a)s', 5); p('%(a)s', (1,)); p('%(a', {'a': 1}); p('%(a)', {'a': 1}); p('%(a)5s|', {'a': 'q'}); p('%((a))s', {'(a)': 1}); p('%()s', {'': 2}); p('%(a)*d', {'a': 1}); p('%(a)s %s', {'a': 1}); p('%s %(a)s', {'a': 1}); p('%(a)%', {'a': 1}); p('%(a)s', []); p('%(a)s', 'abc'); p('%(a)s', [1])
p('%'); p('%s'); p('%s %s', 1); p('%s', 1, 2); p('', 1); p('', ()); p('', {}); p('', []); p('', 'a'); p('abc', {'a': 1}); p('abc', [1]); p('%%', ()); p('%%', 1); p('%5%|', ()); p('%-5%|', ()); p('%l', 1); p('%ld %hd %Ld', 1, 2, 3); p('%lld', 1); p('%hs', 'a'); p('%y', 1); p('%é', 1); p('%\u4e2d', 1); p('%\x00', 1); p('% d', 5); p('%+s', 'a'); p('%05s', 'a'); p('%s', ((1, 2),)); p('%r %a', 'é', 'é'); p('%.1r', 'é'); p('%.2a', 'é'); p('%c%c', 'a', 98); p('%c', 'ab'); p('%c', -1); p('%5c|', 'x'); p('%-5c|', 'x'); p('%05c|', 'x'); p('%s', Str()); p('%r', Str()); p('%a', Str()); p('%d', '5'); p('%x', 3.0); p('%x', Int()); p('%d', Int()); p('%i', 3.99); p('%d', float('nan')); p('%d', float('inf'))
for T in (bytes, bytearray):
    for tmpl in [b'%s', b'%b', b'%a', b'%r', b'%c', b'%d', b'%x', b'%f', b'%5s|', b'%-5b|', b'%.1s', b'%5.1b|', b'%05d', b'%i', b'%u', b'%e', b'%z', b'%']:
        for v in [b'ab', bytearray(b'q'), memoryview(b'mv'), 'str', 65, -1, 256, 3.5, None, Bytes(), Idx(), Int(), b'', [1], True]:
            p(T(tmpl), (v,))
    p(T(b'%(a)s'), {b'a': b'1'}); p(T(b'%(a)s'), {'a': b'1'}); p(T(b'%s %s'), (b'1',)); p(T(b'%s'), (b'1', 2)); p(T(b'%*d'), (5, 1)); p(T(b'%%'), ()); p(T(b''), b'a'); p(T(b'a'), 1); p(T(b'%\xff'), 1)
