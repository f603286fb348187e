# Exception groups: making, splitting, subgroups, except*, nesting, notes, subclasses, errors.
def attempt(label, action):
    try: print(label, '->', action())
    except BaseException as error: print(label, '!', type(error).__name__, repr(error))
E, B = ExceptionGroup, BaseExceptionGroup
attempt('none', lambda: E()); attempt('one', lambda: E('m')); attempt('three', lambda: E('m', [KeyError()], 1)); attempt('kw', lambda: E(message='m', exceptions=[])); attempt('message', lambda: E(1, [KeyError()])); attempt('empty', lambda: E('m', [])); attempt('not seq', lambda: E('m', 5)); attempt('set', lambda: E('m', {KeyError()})); attempt('gen', lambda: E('m', (x for x in [KeyError()]))); attempt('items', lambda: E('m', [1])); attempt('class', lambda: E('m', [KeyError])); attempt('base in E', lambda: E('m', [KeyboardInterrupt()])); attempt('B makes E', lambda: type(B('m', [KeyError()]))); attempt('B', lambda: type(B('m', [KeyError(), SystemExit()]))); attempt('str', lambda: str(E('m', [KeyError(1), ValueError(2)]))); attempt('str1', lambda: str(E('m', (KeyError(1),)))); attempt('repr', lambda: repr(E('m', (KeyError(1),)))); attempt('repr list', lambda: repr(E('m', [KeyError(1)]))); attempt('nested', lambda: repr(E('m', [E('n', [OSError(3)])]))); attempt('args', lambda: E('m', [KeyError(1)]).args); attempt('exceptions', lambda: E('m', [KeyError(1)]).exceptions); attempt('set msg', lambda: setattr(E('m', [KeyError()]), 'message', 'x')); attempt('set exc', lambda: setattr(E('m', [KeyError()]), 'exceptions', ())); attempt('mro', lambda: [c.__name__ for c in E.__mro__]); attempt('class_getitem', lambda: E[int]); attempt('new', lambda: E.__new__(E)); attempt('bool', lambda: E('', [KeyError()]).message)
lst = [KeyError(1)]; g = E('m', lst); lst.append(ValueError(2)); print(g.exceptions, repr(g))
class Seq:
    def __init__(self, *a): self.a = a
    def __len__(self): return len(self.a)
    def __getitem__(self, i): return self.a[i]
attempt('seq', lambda: E('m', Seq(KeyError(1), ValueError(2))).exceptions)
def tree(g, depth=0):
    if g is None: print('  ' * depth + 'None'); return
    print('  ' * depth + (f'{type(g).__name__} {g.message!r}' if isinstance(g, B) else repr(g)))
    if isinstance(g, B):
        for e in g.exceptions: tree(e, depth + 1)
def build(): return E('top', [KeyError('a'), E('mid', [ValueError('b'), E('low', [OSError('c'), KeyError('d')])]), TypeError('e')])
for cond in (KeyError, (ValueError, OSError), LookupError, Exception, ZeroDivisionError, E, lambda e: isinstance(e, TypeError), lambda e: 'c' in str(e) and not isinstance(e, E), lambda e: True, lambda e: False):
    g = build(); m, r = g.split(cond); print('--', getattr(cond, '__name__', cond)); tree(m, 1); tree(r, 1); s = g.subgroup(cond); print(s is g, m is g, r is g, (s is None) == (m is None))
for bad in (5, 'x', (KeyError, 5), int, (), [KeyError], None):
    attempt(f'split {bad}', lambda: build().split(bad)); attempt(f'subgroup {bad}', lambda: build().subgroup(bad))
def boom(e): raise RuntimeError('cond')
attempt('cond raises', lambda: build().split(boom)); attempt('no arg', lambda: build().split()); attempt('derive', lambda: build().derive([KeyError()])); attempt('derive none', lambda: build().derive())
class My(E):
    def __new__(cls, message, excs, code=0):
        self = super().__new__(cls, message, excs); self.code = code; return self
    def __init__(self, *a): pass
    def derive(self, excs): return My(self.message, excs, self.code)
g = My('my', [KeyError(1), ValueError(2)], 7); g.add_note('n1'); g.__cause__ = OSError('cause')
m, r = g.split(KeyError); print(type(m), m.code, m.__notes__, m.__cause__, r.code, m.__notes__ is g.__notes__, m.__traceback__)
class NoDerive(E): pass
m, r = NoDerive('n', [KeyError(1), ValueError(2)]).split(KeyError); print(type(m), type(r))
class BadDerive(E):
    def derive(self, excs): return 5
attempt('bad derive', lambda: BadDerive('n', [KeyError(1), ValueError(2)]).split(KeyError))
class EG2(E, ValueError): pass
attempt('and ValueError', lambda: repr(EG2('x', [KeyError()])))
class BG(B): pass
attempt('BG', lambda: type(BG('x', [KeyError()]))); attempt('BG base', lambda: type(BG('x', [SystemExit()])))

def star(raise_, *kinds, body=None):
    log = []
    try:
        try: raise raise_
        except* KeyError as e: log.append(('key', repr(e))); body and body('key', e)
        except* (ValueError, OSError) as e: log.append(('val', repr(e))); body and body('val', e)
        else: log.append('else')
        finally: log.append('finally')
    except BaseException as e: return log, repr(e), repr(e.__context__), repr(e.__cause__)
    return log
print(star(KeyError(1))); print(star(TypeError(1))); print(star(build())); print(star(E('x', [KeyError(1), ValueError(2)]))); print(star(E('x', [TypeError(1)]))); print(star(B('x', [KeyError(1), SystemExit(2)]))); print(star(KeyboardInterrupt()))
def reraise(which, e): raise
def raise_new(which, e): raise RuntimeError(which)
def raise_from(which, e): raise RuntimeError(which) from e
def raise_e(which, e): raise e
for body in (reraise, raise_new, raise_from, raise_e): print(body.__name__, star(E('x', [KeyError(1), ValueError(2), TypeError(3)]), body=body))
print(star(KeyError(1), body=reraise), star(KeyError(1), body=raise_new))
def cannot():
    for src in ['try: raise E("x", [KeyError()])\nexcept* E: pass', 'try: raise KeyError\nexcept* (KeyError, E): pass', 'try: raise KeyError\nexcept* 5: pass', 'try: raise KeyError\nexcept* int: pass', 'try: pass\nexcept*: pass', 'try: pass\nexcept* A: pass\nexcept B: pass', 'for i in []:\n try: pass\n except* A: break', 'for i in []:\n try: pass\n except* A: continue', 'def f():\n try: pass\n except* A: return 1', 'try: pass\nexcept* A: pass\nexcept*: pass', 'try: raise KeyError\nexcept* KeyError, ValueError: print("two")']:
        try: exec(src, {'E': E}); print('ok', repr(src))
        except BaseException as e: print(repr(src), type(e).__name__, e)
cannot()
try:
    try: raise E('e', [KeyError(1), E('n', [ValueError(2)])])
    except* ValueError as v: print(repr(v), v.__traceback__ is not None); x = v
except E as rest: print(repr(rest), rest.__context__)
try: v
except NameError as e: print(e)
def notes():
    e = KeyError('k'); e.add_note('one'); e.add_note('two')
    try: e.add_note(5)
    except TypeError as t: print(t)
    print(e.__notes__); e.__notes__ = 5
    try: e.add_note('x')
    except TypeError as t: print(t)
    del e.__notes__; e.add_note('three'); print(e.__notes__, hasattr(KeyError(), '__notes__'))
notes()
import traceback
try:
    try: raise ValueError('first')
    except ValueError as v: raise build() from v
except E as e:
    e.add_note('a note\nof two lines'); e.exceptions[0].add_note('inner note')
    print(''.join(traceback.format_exception(e)).replace(__file__, '<file>'))
    print(''.join(traceback.format_exception(E('wide', [ValueError(i) for i in range(20)]))))
    deep = KeyError('deep')
    for i in range(15): deep = E(f'd{i}', [deep])
    print(''.join(traceback.format_exception(deep))); print(''.join(traceback.format_exception_only(e)), traceback.format_exception_only(e, show_group=True))
