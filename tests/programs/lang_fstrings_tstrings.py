# f-strings and t-strings: nesting, conversions, debugging form, format specs, quoting, errors.
import string.templatelib as tl
x, y, w = 5, 'text', 10
class F:
    def __format__(self, spec): return f'<{spec}>'
    def __repr__(self): return 'repr é'
    def __str__(self): return 'str é'
o = F()
print(f'{x}{y}', f'{o} {o!s} {o!r} {o!a}', f'{o:abc} {o!r:>8}|', f'{x=} {x = } {x=!s} {x=:>5} {o=} {o=!s:>9}', f'{x + 1 = }', f'{ x = !r:^9}|', f'{{}} {{{x}}} {{x}}', f'{x!r:{w}}|{x:{w}d}|{y:{">"}{w}}|{x:0{w // 2}}', f'{"nested"}{f"{f'{x}'}"}', f'{y!r:*^{w + 2}}', f'{"\n".join(["a", "b"])!r}', f"{'quo"te'}", f'{x:{y[:0]}}', f'{lambda_}' if False else '', f'{(lambda a: a * 2)(x)}', f'{x if x else y}', f'{[i for i in range(3)]}', f'{ {"a": 1}["a"] }', f'{x,}', f'{x:>{w}}' f'{y}' 'plain' r'\n', rf'\{x}\n', f'\N{DIGIT ONE}{x}\x41\u00e9', fr'{x}\{y}', F'{x}', f'''{
x
    + 1
}''', f'''a
{x:{
w}}''', f'{x:%Y}' if False else '', f'{not x}', f'{x:=^5}', f'{x!s:=^5}', f'{(z := 3)}{z}', f'{x:{z}}', f'{*[1, 2],}', f'{yield_}' if False else '', f'{None}{True}{...}', f'{1.5:.3f}{10**10:,}{255:#x}', f'{"a" "b"}', f'{x}{x!r}{x:5}{x!r:5}', sep='\n')
import datetime
print(f'{datetime.date(2020, 5, 17):%d %B %Y}', f'{datetime.datetime(2020, 1, 2, 3):%H:%M}')
for src in ["f'{}'", "f'{ }'", "f'{!r}'", "f'{:5}'", "f'{=}'", "f'{x'", "f'}'", "f'{x}}'", "f'{x!}'", "f'{x!z}'", "f'{x!r z}'", "f'{x! r}'", "f'{x:{'", "f'{x:{y'", "f'{x:{y}'", "f'{x:{{}}}'", "f'{a b}'", "f'{1 +}'", "f'{*x}'", "f'{**x}'", "f'{lambda x: 1}'", "f'{x:{lambda y: 1}}'", "f'{yield}'", "f'{x = y}'", "f'{x:=5}'", "f'{x;y}'", "f'{#}'", "f'{x#}'", "f'{\\}'", "f'{x\\n}'", "f'{'", "f'{)'", "f'{(}'", "f'{x]}'", "f'{a[b}'", "f'\\N{NOPE}'", "f'\\x'", "fb'{x}'", "bf'{x}'", "fu'{x}'", "f'{del x}'", "f'{x' 'y}'", "f'{a.}'", "f'{$}'", "f'{x?}'", "f'{,}'", "f'{x:{x:{x:{x}}}}'", "f'{x!r!s}'", "f'''{\n}'''", "f'{1}' b'a'", "f'{1}' t'a'", "t'{1}' 'a'", "t'{'", "t'{}'", "t'{x!}'", "tf''", "tb''", "f'{await x}'", "f'{x for x in y}'", "f'{import os}'", "f'{x:{y!}}'", "f\"{'\"", "f'{\"'"]:
    try: print(src, '->', repr(eval(src, {'x': 1, 'y': 2})))
    except SyntaxError as e: print(src, '!', e.msg, e.offset)
    except Exception as e: print(src, '!', type(e).__name__, e)
t = t'a{x}b{y!r:>{w}}c{o=}{x + 1:x}'
print(t, t.strings, t.values, [(i.value if i.value is not o else 'o', i.expression, i.conversion, i.format_spec) for i in t.interpolations], list(t)[0], len(list(t)), type(t).__name__, t == t, t + t'z', (t'a' + t'b').strings)
print(t''.strings, t'{x}'.strings, list(t''), list(t'{x}'), t'{x}{y}'.strings, (t'a' t'b{x}' t'c').strings, rt'\n{x}'.strings, t'{x!a}'.interpolations[0].conversion, t'{x=}'.strings, t'{x = }'.strings, t'{x=!s:5}'.interpolations[0], t'{t"{x}"}'.values, t'''{
  x
}'''.interpolations[0].expression)
def at(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
I, T = tl.Interpolation, tl.Template
at('I', lambda: I(5)); at('I4', lambda: I(5, 'e', 'r', 'f')); at('I conv', lambda: I(5, 'e', 'x')); at('I kw', lambda: I(value=5, expression='q')); at('I none', lambda: I()); at('I expr', lambda: I(5, 6)); at('I spec', lambda: I(5, '', None, 7)); at('I set', lambda: setattr(I(5), 'value', 1)); at('I eq', lambda: I(5) == I(5)); at('I match', lambda: I.__match_args__); at('I sub', lambda: type('X', (I,), {})); at('T', lambda: T('a', I(1, 'x'), 'b', 'c').strings); at('T empty', lambda: T().strings); at('T two', lambda: T(I(1), I(2)).strings); at('T bad', lambda: T(5)); at('T kw', lambda: T(a=1)); at('T add str', lambda: t'a' + 'b'); at('str add', lambda: 'b' + t'a'); at('T mul', lambda: t'a' * 2); at('T iter', lambda: [type(p).__name__ for p in T('a', I(1), '', 'q')]); at('T sub', lambda: type('X', (T,), {})); at('T fmt', lambda: f'{t"a"}'[:9]); at('T set', lambda: setattr(t'a', 'strings', ())); at('T hash', lambda: hash(t'a') == hash(t'a')); at('convert', lambda: (tl.convert(5, 'r'), tl.convert('é', 'a'), tl.convert('é', None), tl.convert(1, 's'))); at('convert bad', lambda: tl.convert(5, 'q')); at('undefined', lambda: t'{undefined}'); import pickle, copy; at('pickle', lambda: pickle.loads(pickle.dumps(t'a{x}')).values); at('copy', lambda: copy.copy(t'a{x}').strings)
