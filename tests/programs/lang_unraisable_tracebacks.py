# How exceptions that nobody can receive are shown.
import io, re, sys
def shown(action):
    old, sys.stderr = sys.stderr, io.StringIO()
    try:
        action()
        text = sys.stderr.getvalue()
    finally:
        sys.stderr = old
    print(re.sub('0x[0-9a-f]+', '0x...', text).replace(__file__, '<file>'), end='')
class M(Exception): __module__ = 'mod'
class S(Exception):
    def __str__(self): 1 / 0
def deep(n):
    if n: deep(n - 1)
    else: 1 / 0
def raising(error, cause=None):
    class D:
        def __del__(self):
            raise error from (
                cause)
    return lambda: D() and None
for e in (ValueError(), ValueError('a\nb'), M('m'), S(), KeyError('k'), SyntaxError('bad', ('f', 1, 2, 'text', 1, 3)), ExceptionGroup('g', [KeyError(1)]), OSError(2, 'x'), SystemExit(3), KeyboardInterrupt('i')):
    shown(raising(e))
e = ValueError('with a note'); e.add_note('note'); shown(raising(e, KeyError('cause')))
class Deep:
    def __del__(self): deep(8)
shown(Deep)
class Two:
    def __del__(self): deep(3)
shown(Two)
sys.tracebacklimit = 2; shown(Deep); sys.tracebacklimit = 0; shown(Deep); del sys.tracebacklimit
import weakref
class C: pass
def callback(ref): raise LookupError('callback')
c = C(); r = weakref.ref(c, callback)
def drop():
    global c
    del c
shown(drop)
def gen():
    try: yield
    finally: raise OSError('closing')
def close():
    g = gen(); next(g); del g
shown(close)
def ignores():
    while True:
        try: yield
        except GeneratorExit: pass
def close2():
    g = ignores(); next(g); del g
shown(close2)
class BadHash:
    def __init__(self): self.x = 1
    def __del__(self): self.missing
shown(BadHash)
def hook(args): print('hook', args.exc_type.__name__, args.exc_value, args.err_msg.split(' at 0x')[0], type(args.object).__name__, args.exc_traceback.tb_lineno > 0)
sys.unraisablehook = hook; Deep(); raising(M('hooked'))()
sys.unraisablehook = sys.__unraisablehook__
