# with, try/finally, return and loop exits through them, exceptions replaced or swallowed, order of evaluation.
def t(label, action):
    try: print(label, '->', action())
    except BaseException as e: print(label, '!', type(e).__name__, e, '| context', repr(e.__context__), '| cause', repr(e.__cause__))
class CM:
    def __init__(self, name, swallow=False, enter=None, exit=None): self.name, self.swallow, self.enter, self.exit = name, swallow, enter, exit
    def __enter__(self):
        print('  enter', self.name)
        if self.enter: raise self.enter
        return self.name
    def __exit__(self, kind, value, tb):
        print('  exit', self.name, kind and kind.__name__, value, tb is not None)
        if self.exit: raise self.exit
        return self.swallow
def w(*cms, body=None):
    def run(rest, got):
        if not rest: return body() if body else got
        with rest[0] as x: return run(rest[1:], got + [x])
        return 'swallowed'
    return run(cms, [])
def fail(e=None): raise e or KeyError('body')
t('plain', lambda: w(CM('a'), CM('b'))); t('body fails', lambda: w(CM('a'), CM('b'), body=fail)); t('inner swallows', lambda: w(CM('a'), CM('b', True), body=fail)); t('outer swallows', lambda: w(CM('a', True), CM('b'), body=fail)); t('enter fails', lambda: w(CM('a'), CM('b', enter=OSError('enter')))); t('exit fails', lambda: w(CM('a'), CM('b', exit=OSError('exit')))); t('both fail', lambda: w(CM('a'), CM('b', exit=OSError('exit')), body=fail)); t('exit replaces', lambda: w(CM('a', exit=ValueError('a')), CM('b', exit=OSError('b')), body=fail)); t('swallow then exit fails', lambda: w(CM('a', exit=ValueError('a')), CM('b', True), body=fail)); t('truthy', lambda: w(CM('a', [1]), body=fail)); t('falsy', lambda: w(CM('a', ''), body=fail))
class BoolFails:
    def __bool__(self): raise ArithmeticError('bool')
t('bool fails', lambda: w(CM('a', BoolFails()), body=fail)); t('SystemExit', lambda: w(CM('a', True), body=lambda: fail(SystemExit(3)))); t('StopIteration', lambda: w(CM('a', True), body=lambda: fail(StopIteration(3))))
class NoEnter:
    def __exit__(self, *a): pass
class NoExit:
    def __enter__(self): pass
class Inst: pass
i = Inst(); i.__enter__ = lambda: 1; i.__exit__ = lambda *a: 1
class Args:
    def __enter__(self, extra): pass
    def __exit__(self): pass
class Args2(Args):
    def __enter__(self): return self
for o in (NoEnter(), NoExit(), i, 5, Args(), Args2(), None, open): t(f'with {type(o).__name__}', lambda: w(o))
def loops():
    out = []
    for n in range(6):
        with CM(n, n == 3):
            if n == 1: continue
            if n == 3: raise KeyError
            if n == 4: break
            out.append(n)
    else: out.append('else')
    while True:
        try: break
        finally: out.append('finally')
    for n in range(3):
        try:
            if n == 0: continue
            if n == 2: break
        finally: out.append(('f', n))
    return out
print(loops())
import warnings; warnings.simplefilter('ignore')
src = '''
def r1():
    try: return 'try'
    finally: print('  fin')
def r2():
    try: return 'try'
    finally: return 'finally'
def r3():
    try: 1 / 0
    finally: return 'swallowed'
def r4():
    for x in range(3):
        try: 1 / 0
        finally: continue
    return 'continued'
def r5():
    while 1:
        try: return 'lost'
        finally: break
    return 'broke'
def r6():
    try: raise KeyError('a')
    except KeyError: raise ValueError('b')
    finally: raise OSError('c')
def r7():
    try:
        try: raise KeyError('a')
        finally: raise ValueError('b')
    except ValueError as e: return repr(e.__context__)
def r8():
    x = 'before'
    try: return x
    finally: x = 'after'
def r9():
    x = []
    try: return x
    finally: x.append(1)
def r10():
    try: pass
    except: return 'except'
    else: return 'else'
    finally: print('  fin')
def r11():
    try:
        try: return print('  inner') or 'in'
        finally: 1 / 0
    except ZeroDivisionError: return 'out'
def r12():
    with CM('r', True): return 'with return'
def r13():
    e = 'kept'
    try: raise KeyError
    except KeyError as e: pass
    try: return e
    except NameError as n: return str(n)
def r14():
    try: raise KeyError('x')
    except KeyError as e:
        err = e
        try: raise
        except KeyError as f: return f is err, f.__context__
def r15():
    try: raise KeyError('x')
    except (ValueError, KeyError): 
        try: fail(ValueError('y'))
        except ValueError as e: return repr(e.__context__)
def r16():
    import sys
    try: 1 / 0
    except ZeroDivisionError: a = sys.exception()
    return repr(a), sys.exception(), sys.exc_info()
def r17():
    def g():
        try: yield 1
        finally: yield 2
    return list(g())
def r18():
    with CM('a') as a, CM('b') as (x): return a, x
def r19():
    with (CM('a') as a, CM('b') as b,): return a, b
def r20():
    with CM('ab') as (a, b): return a, b
def r21():
    with CM('abc') as (a, b): return a, b
def r22():
    d = {}
    with CM('v') as d['k'], CM('w') as d['l']: pass
    return d
def r23():
    for i in [1]:
        with CM('x', exit=OSError('exit')): break
    return 'no'
def r24():
    try: raise KeyError
    except NoName: pass
def r25():
    try: raise KeyError
    except 5: pass
def r26():
    try: raise Exception('a') from KeyError('b')
    except Exception as e:
        e.__cause__ = None
        raise
'''
ns = dict(CM=CM, fail=fail); exec(src, ns)
for n in range(1, 27): t(f'r{n}', lambda: ns[f'r{n}']())
import contextlib
@contextlib.contextmanager
def cm(mode):
    print('  in')
    try: yield 'value'
    except KeyError as e:
        if mode == 'swallow': print('  got', e)
        elif mode == 'new': raise ValueError('new')
        elif mode == 'from': raise ValueError('new') from e
        else: raise
    finally: print('  out')
    if mode == 'twice': yield 'again'
for mode in ('swallow', 'new', 'from', 'raise', 'twice'): t('cm ' + mode, lambda: w(cm(mode), body=fail)); t('cm ok ' + mode, lambda: w(cm(mode)))
with contextlib.ExitStack() as st:
    for n in 'abc': st.enter_context(CM(n, n == 'b'))
    st.callback(print, '  callback'); st.push(lambda *a: print('  push', a[0]) or False); raise KeyError('stack')
t('suppress', lambda: w(contextlib.suppress(KeyError), body=fail)); t('suppress other', lambda: w(contextlib.suppress(ValueError), body=fail)); t('suppress group', lambda: w(contextlib.suppress(KeyError), body=lambda: fail(ExceptionGroup('g', [KeyError(1), ValueError(2)])))); t('closing', lambda: w(contextlib.closing(open(__file__)), body=lambda: 'closed')); t('nullcontext', lambda: w(contextlib.nullcontext(5))); t('reuse', lambda: (lambda c: (w(c), w(c)))(cm('swallow')))
