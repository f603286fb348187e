# Arguments of SyntaxError for damaged sources.
for src in ["'\\N{EMOJI}'", "a b", "1x", "0777", "'abc", "(", ")", "f(a=1, 2)", "b'é'", "x = = 1", "'\\x'", "f'{'", "f'{a!x}'", "f'{}'", "if x:\n1", " x", "x\n  y", "def f(a, a): pass", "return", "1 = 2", "f() = 1", "a$", "1__0", "1_", "0b2", "0xg", "1e", "1.e+", "else:", "match x:\n case a|b: pass", "async def f(): await = 1", "x: int: 2", "\\ ", "b'a' 'b'", "f'' b''", "t'' ''", "nonlocal x", "import a.b as c.d", "from . import *a", "print 1", "a if b", "{1:2, 3}", "lambda a=1, b: 1", "f(**a, *b)", "with a as 1: pass", "del f()", "for 1 in x: pass", "class A(: pass", "'''abc", "yield", "await x", "x = yield = 1", "(a, b): int", "0o8", "1if 2else 3", "0_7", "\ufeffx y", "é€ $", "a\tb\n\tc", "if 1:\n\ta\n        b\n    c"]:
    try: compile(src, '<s>', 'exec')
    except SyntaxError as e: print(ascii(src), ascii(e.args), type(e).__name__)
    else: print(ascii(src), 'ok')
