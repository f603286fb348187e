import re
print(re.match(r'(\w+) (\w+)', 'hello world').groups(), re.search(r'(?P<y>\d{4})-(?P<m>\d\d)', 'on 2024-05-06').groupdict(), re.findall(r'a(b)?', 'ab a'), re.split(r'[,;]\s*', 'a, b;c'), re.sub(r'(\d+)', lambda m: str(int(m[1]) * 2), 'a1b22'))
print(re.compile('x', re.I | re.M), re.fullmatch(r'[a-c]+?', 'abc'), re.sub(r'(?<=a)b', r'<\g<0>>', 'abab'), [m.span() for m in re.finditer('aa', 'aaaa')], re.escape('a.b*c'))
print(re.search(r'(?i)straße', 'STRASSE'), re.search(r'\bfoo\b', 'a foo b').start(), re.match(r'(a|ab)(c|bcd)(d*)', 'abcd').groups(), re.sub('', '-', 'abc'), re.subn('b', 'x', 'abb'))
print(re.match(r'(?:(a)|b)*', 'ab').groups(), re.search(r'(?s)a.b', 'a\nb').group(), re.findall(r'(?m)^\w', 'x\ny'), re.search(r'(\w)\1', 'hello').group(), re.match('a++b', 'aab'), re.match('(?>a+)ab', 'aab'))
for bad in ('(', '[', '*a', 'a{2,1}', r'\1', '(?P<n>a)(?P<n>b)', '(?<=a+)b'):
    try: re.compile(bad)
    except re.error as e: print(e, e.pos)
