s = 'Hello, Wörld'
print(s.upper(), s.casefold(), s.swapcase(), s.title(), s[::-1], s[-5:], s.find('W'), s.index('l'), s.count('l'), s.rfind('l'))
print('a,b,,c'.split(','), ' a  b '.split(), 'a-b-c'.rsplit('-', 1), 'x\ny\r\nz'.splitlines(True), 'k=v=w'.partition('='), 'abc'.rpartition('z'))
print('-'.join('abc'), 'abc'.center(9, '*'), 'x'.ljust(3) + '|', '7'.zfill(3), '-7'.zfill(4), 'tab\tx'.expandtabs(4))
print('aXbX'.replace('X', '--', 1), 'xxhixx'.strip('x'), 'prefix_name'.removeprefix('prefix_'), 'a.py'.removesuffix('.py'))
print('abc'.translate({97: 'A', 98: None}), str.maketrans('ab', 'xy', 'c'), 'é'.encode(), b'\xc3\xa9'.decode())
print('12'.isdigit(), '½'.isnumeric(), 'ab1'.isalnum(), 'Ab'.istitle(), ' '.isspace(), 'a b'.isidentifier(), 'x'.isprintable())
print(f'{3.14159:.2f} {1e10:g} {255:#x} {255:08b} {1234567:,} {-5:+d} {"mid":^9} {0.25:.0%} {"r"!r:>5} {1=}')
print('%5.1f|%-5s|%05d|%x|%r|%%' % (2.25, 'ab', 42, 255, 'q'), '{0} {name} {0!r:>4}'.format('z', name='n'))
print(repr('it\'s "quoted"\n\t\x00\u2028'), ascii('é\U0001F600'), '\N{GREEK SMALL LETTER ALPHA}')
for bad in (lambda: 'a' + 1, lambda: 'abc'[5], lambda: 'a'.index('z'), lambda: '{'.format(), lambda: '%d' % 'x', lambda: '%s %s' % 'a', lambda: int('z', 16), lambda: chr(-1), lambda: ord('ab')):
    try: bad()
    except Exception as e: print(type(e).__name__, e)
