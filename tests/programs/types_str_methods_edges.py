# str methods at their edges: bounds, empty separators, case mapping, identifiers, translation, alignment.
def t(label, action):
    try: print(label, '->', ascii(action()))
    except Exception as e: print(label, '!', type(e).__name__, e)
s = 'abcabc'
for a in (None, 0, 2, -2, 100, -100, 2**80, -2**80): 
    for b in (None, 3, -1, 100): t(f'find {a} {b}', lambda: (s.find('c', a, b), s.rfind('', a, b), s.count('', a, b), s.startswith('', a, b), s.endswith('c', a, b), s.count('bc', a, b)))
for sub in ('', 'x', 'abc', 'abcabcabc', 'é'): t(f'index {sub!a}', lambda: s.index(sub)); t(f'rindex {sub!a}', lambda: s.rindex(sub)); t(f'in {sub!a}', lambda: sub in s)
for args in [(), (None,), (None, 1), (None, 0), (None, -1), (' ',), ('',), ('b', 1), ('bc',), (5,), ('b', 'x'), (b'b',), ('b', 2**80)]:
    t(f'split{args}', lambda: '  a b  b c '.split(*args)); t(f'rsplit{args}', lambda: '  a b  b c '.rsplit(*args))
for text in ['', 'a', 'a\nb', 'a\r\nb\r', '\n\n', 'a\x0bb\x0cc\x1cd\x1de\x1ef\x85g\u2028h\u2029i', '\r\r\n']: t(f'splitlines {text!a}', lambda: (text.splitlines(), text.splitlines(True), text.splitlines(keepends=1)))
for sep in ('b', '', 'xx', 'abcabc', None): t(f'partition {sep!r}', lambda: (s.partition(sep), s.rpartition(sep)))
for old, new, n in [('', '-', -1), ('', '-', 2), ('a', '', -1), ('abc', 'x', 1), ('a', 'é', -1), ('a', '\U0001f600', 0), ('z', 'y', 5), ('b', 'bb', 2**80), ('a', 5, 1), ('a', 'b', None)]: t(f'replace {old!a} {new!a} {n}', lambda: s.replace(old, new, n))
t('replace kw', lambda: s.replace('a', 'b', count=1))
for w in (0, 3, 7, 10, -5, 2**80): t(f'width {w}', lambda: (s.ljust(w), s.rjust(w, '*'), s.center(w, 'é'), s.zfill(w)))
t('center odd', lambda: ['ab'.center(n, '-') for n in range(2, 8)] + ['abc'.center(n, '-') for n in range(3, 8)]); t('fill', lambda: s.center(10, 'xx')); t('fill empty', lambda: s.center(10, '')); t('fill type', lambda: s.center(10, 5)); t('zfill', lambda: ['-5'.zfill(5), '+5'.zfill(5), '--5'.zfill(5), ''.zfill(3), 'a-'.zfill(4), '-'.zfill(1), '\u0661'.zfill(3)])
for text in ['hello world', "they're bill's", 'ǆ ß ŉ', 'ΑΣ ΑΣ. ΑΣΑ', 'İI ıi', 'ﬁ ﬂ', 'a1b2', '\u1e9e', 'ὈΔΥΣΣΕΎΣ', 'ŉ', 'x-y_z', '', '١a']: t(f'case {text!a}', lambda: (text.upper(), text.lower(), text.title(), text.capitalize(), text.swapcase(), text.casefold(), text.istitle(), text.isupper(), text.islower()))
for text in ['', 'a', 'A1', '1', '²', '½', '٣', 'Ⅷ', ' ', '\t', '\u3000', '\xa0', '\x1c', '_a', 'é', 'a b', 'def', '1a', '℘', '·', 'a·', '\u200b', '\x00', '😀', 'ª', 'ﬀ', '\ue000', '·a', '𝐱']: t(f'is {text!a}', lambda: ''.join('ny'[getattr(text, m)()] for m in ('isalpha', 'isdecimal', 'isdigit', 'isnumeric', 'isalnum', 'isspace', 'isidentifier', 'isprintable', 'isascii')))
for chars in (None, '', 'a', 'cba', ' ', 'é', 5): t(f'strip {chars!a}', lambda: ('abcxcba'.strip(chars), ' a '.lstrip(chars), 'aéa'.rstrip(chars)))
t('strip unicode', lambda: '\u3000\x85a\x1f\xa0'.strip()); t('removeprefix', lambda: (s.removeprefix('abc'), s.removeprefix('x'), s.removeprefix(''), s.removesuffix('bc'), s.removesuffix(s), s.removesuffix(''))); t('removeprefix type', lambda: s.removeprefix(('a',))); t('startswith tuple', lambda: (s.startswith(('x', 'a')), s.startswith(()), s.endswith(('c', 5)) if 0 else 1)); t('startswith bad', lambda: s.startswith(('x', 5))); t('startswith list', lambda: s.startswith(['a'])); t('startswith none', lambda: s.startswith(None)); t('startswith tuple ok', lambda: s.startswith(('a', 5)))
t('expandtabs', lambda: ['a\tb\tc'.expandtabs(n) for n in (0, 1, 4, 8, -3)] + ['\n\ta\r\tb'.expandtabs()]); t('expandtabs big', lambda: '\t\t'.expandtabs(2**62)); t('join', lambda: '-'.join('abc') + '-'.join([]) + '-'.join(['x']) + '-'.join({'a': 1})); t('join bad', lambda: '-'.join(['a', 5])); t('join none', lambda: '-'.join(None)); t('join bytes', lambda: ''.join([b'a'])); t('join gen', lambda: '-'.join(c for c in 'xyz'))
for table in [{97: 'X'}, {97: None}, {97: 98}, {97: 'long'}, {97: ''}, {97: 5.0}, {97: 0x110000}, {97: -1}, {}, 'ab', ['x'] * 100, {'a': 'b'}, None, 5, {97: 'é'}, {97: '\U0001f600'}]: t(f'translate {table!a:.30}', lambda: 'abca'.translate(table))
for args in [('ab', 'xy'), ('ab', 'x'), ('ab', 'xy', 'c'), ({'a': 'b'},), ({'ab': 'c'},), ({97: 'b'},), ({1.5: 'b'},), ('a',), (5, 'a'), ('a', 'b', 5), ({}, 'a'), ('', '')]: t(f'maketrans{args}', lambda: str.maketrans(*args))
class T:
    def __getitem__(self, k):
        if k == 97: raise LookupError
        if k == 98: raise ValueError('bad')
        return chr(k).upper()
t('translate object', lambda: 'acd'.translate(T())); t('translate raises', lambda: 'ab'.translate(T()))
for n in (0, 1, 3, -1, True, 2.0, '2', None, 2**62, 2**80): t(f'repeat {n!r:.9}', lambda: len('ab' * n)); 
t('getitem', lambda: (s[0], s[-1], s[1:4], s[::-1], s[::2], s[10:], s[-100:100], s[5:1:-2])); t('index', lambda: s[6]); t('index type', lambda: s['a']); t('index float', lambda: s[1.0]); t('slice type', lambda: s['a':]); t('step 0', lambda: s[::0]); t('index big', lambda: s[2**80]); t('slice big', lambda: s[-2**80:2**80]); t('setitem', lambda: exec("'a'[0] = 1")); t('delitem', lambda: exec("del 'a'[0]")); t('add', lambda: 'a' + 5); t('radd', lambda: 5 + 'a'); t('add bytes', lambda: 'a' + b'a'); t('lt', lambda: 'a' < 5); t('eq bytes', lambda: 'a' == b'a'); t('contains', lambda: 5 in 'a'); t('iter', lambda: list('aé\U0001f600')); t('reversed', lambda: list(reversed('abc'))); t('mul float', lambda: 'a' * 1.5); t('mod', lambda: 'a' % ()); t('compare', lambda: ('a' < 'b', 'a' < 'ab', 'é' > 'z', '\U0001f600' > '\uffff', 'a' >= 'a', '' < 'a'))
class S(str):
    def __str__(self): return 'S!'
    def __repr__(self): return 'S?'
    def __len__(self): return 99
    def __getitem__(self, i): return 'item'
    def __eq__(self, o): return 'eq'
    __hash__ = str.__hash__
x = S('abc'); t('subclass', lambda: (x + 'd', type(x + ''), x.upper(), type(x.strip()), str(x), f'{x}', '%s' % x, '%r' % x, ''.join([x]), x[0], len(x), x == 1, x.replace('a', 'b'), x.center(5), type(x[:]), x * 1, type(x * 1), list(x), x in ['abc'], {x: 1}.get('abc'), x.format(), '{}'.format(x)))
t('new', lambda: (str(b'a', 'ascii'), str(b'\xff', 'ascii', 'replace'), str(object=5), str(b'a'), str(errors='x'), str(encoding='utf-8'), str(bytearray(b'q'), 'utf8'))); t('new str', lambda: str('a', 'utf-8')); t('new int', lambda: str(5, 'utf-8')); t('new bad enc', lambda: str(b'a', 'nope')); t('new 4', lambda: str(1, 2, 3, 4))
