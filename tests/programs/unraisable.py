import sys
class Bad:
    def __del__(self): raise ValueError('in del')
    def __repr__(self): return '<Bad>'
seen = []
sys.unraisablehook = lambda u: seen.append((type(u.exc_value).__name__, str(u.exc_value), u.err_msg.split(' at ')[0], u.object))
b = Bad(); del b
print(seen)
def g():
    try: yield 1
    except GeneratorExit: yield 2
it = g(); next(it)
try: it.close()
except RuntimeError as e: print(e)
def raises():
    raise KeyError('hook')
hooked = []
sys.excepthook = lambda *a: print('excepthook', a[0].__name__, a[1])
import threading
threading.excepthook = lambda a: print('thread', a.exc_type.__name__)
t = threading.Thread(target=raises); t.start(); t.join()
