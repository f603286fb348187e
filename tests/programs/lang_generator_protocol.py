# Generators and coroutines: send, throw, close, return values, delegation, running state, errors.
def attempt(label, action):
    try: print(label, '->', action())
    except BaseException as error: print(label, '!', type(error).__name__, error, '| cause', repr(error.__cause__), '| context', repr(error.__context__))
def gen():
    try:
        x = yield 'a'
        while True:
            x = yield ('got', x)
    except ValueError as e:
        yield ('value error', str(e))
        return 'returned'
    finally:
        print('(finally)')
g = gen()
attempt('send early', lambda: g.send(1)); attempt('next', lambda: next(g)); attempt('send', lambda: g.send(5)); attempt('throw', lambda: g.throw(ValueError('v'))); attempt('end', lambda: next(g)); attempt('after', lambda: next(g)); attempt('throw after', lambda: g.throw(KeyError)); attempt('close after', lambda: g.close())
g = gen(); next(g); attempt('close', lambda: g.close())
g = gen(); attempt('close unstarted', lambda: g.close()); attempt('next closed', lambda: next(g, 'default'))
g = gen(); attempt('throw unstarted', lambda: g.throw(IndexError('i'))); attempt('next', lambda: next(g))
def returns_on_close():
    try: yield 1
    except GeneratorExit: return 'value'
g = returns_on_close(); next(g); attempt('close value', lambda: g.close())
def yields_on_close():
    try: yield 1
    except GeneratorExit: yield 2
g = yields_on_close(); next(g); attempt('close ignored', lambda: g.close()); attempt('then', lambda: next(g))
def stop(): yield 1; raise StopIteration('inner')
g = stop(); next(g); attempt('stop iteration', lambda: next(g))
def throw_stop():
    try: yield
    except KeyError: raise StopIteration
g = throw_stop(); next(g); attempt('from throw', lambda: g.throw(KeyError('k')))
for args in [(5,), (int,), ('x',), (ValueError, 5), (ValueError, None), (ValueError, 'm'), (ValueError, ('a', 'b')), (ValueError('inst'), 'm'), (ValueError, KeyError('k')), (ValueError, None, 5), (None,), (), (1, 2, 3, 4), (KeyError, ValueError('v'), None)]:
    import warnings
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        g = gen(); next(g)
        attempt(f'throw{args}', lambda: g.throw(*args))
with warnings.catch_warnings(record=True) as w:
    warnings.simplefilter('always')
    g = gen(); next(g); g.throw(ValueError, 'x'); print([str(x.message) for x in w])
def itself():
    global running
    try: next(running)
    except ValueError as e: yield str(e)
    try: running.close()
    except ValueError as e: yield str(e)
    try: running.throw(KeyError)
    except ValueError as e: yield str(e)
    try: running.send(1)
    except ValueError as e: yield str(e)
running = itself(); print(list(running))

class It:
    def __init__(self): self.n = 0
    def __iter__(self): return self
    def __next__(self):
        self.n += 1
        if self.n > 2: raise StopIteration('done')
        return self.n
def outer(it): r = yield from it; print('result', r); return r
print(list(outer(It())), list(outer('ab')), list(outer([])), list(outer(range(0))))
class Full(It):
    def send(self, v): print('send', v); return v
    def throw(self, *a): print('throw', [getattr(x, '__name__', x) for x in a]); return 'thrown'
    def close(self): print('close')
o = outer(Full()); next(o); attempt('send', lambda: o.send(9)); attempt('send None', lambda: o.send(None)); attempt('throw', lambda: o.throw(KeyError)); attempt('close', lambda: o.close())
o = outer(It()); next(o); attempt('no send', lambda: o.send(3))
o = outer(It()); next(o); attempt('no throw', lambda: o.throw(KeyError('k')))
o = outer(It()); next(o); attempt('no close', lambda: o.close())
class CloseFails(It):
    def close(self): raise OSError('close')
o = outer(CloseFails()); next(o); attempt('close fails', lambda: o.close())
class ThrowStops(It):
    def throw(self, *a): raise StopIteration('from throw')
o = outer(ThrowStops()); next(o); attempt('throw stops', lambda: o.throw(KeyError))
class BadAttr(It):
    @property
    def throw(self): raise RuntimeError('throw attr')
    @property
    def close(self): raise RuntimeError('close attr')
o = outer(BadAttr()); next(o); attempt('throw attr', lambda: o.throw(KeyError))
o = outer(BadAttr()); next(o); attempt('close attr', lambda: o.close())
attempt('not iterable', lambda: list(outer(5)))
class BadIter:
    def __iter__(self): return 5
attempt('bad iter', lambda: list(outer(BadIter())))
def rec(n):
    if n: yield from rec(n - 1)
    yield n
print(sum(rec(200)))
def inner(): 
    try: yield 1
    finally: print('inner closed')
o = outer(inner()); next(o); del o
i = inner(); o = outer(i); next(o); print(o.gi_yieldfrom is i, i.gi_suspended, o.gi_running); i.close(); attempt('closed inner', lambda: next(o))
g = gen(); print(g.gi_frame.f_lineno > 0, g.gi_running, g.gi_yieldfrom, g.gi_code.co_name, g.__name__, g.__qualname__); g.__name__ = 'new'; g.__qualname__ = 'q.new'; print(repr(g)[:22])
for name, value in [('__name__', 5), ('__qualname__', None), ('gi_frame', 1), ('gi_running', 1), ('x', 1)]: attempt(name, lambda: setattr(g, name, value))
attempt('del', lambda: delattr(g, '__name__'))
import inspect, types, copy, pickle
print(inspect.getgeneratorstate(g)); next(g); print(inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g)); g.close(); print(inspect.getgeneratorstate(g), g.gi_frame)
attempt('copy', lambda: copy.copy(g)); attempt('pickle', lambda: pickle.dumps(g)); attempt('new', lambda: types.GeneratorType()); attempt('subclass', lambda: type('G', (types.GeneratorType,), {}))
async def co(x): return await x
c = co(5); attempt('await int', lambda: c.send(None))
c = co([]); attempt('await list', lambda: c.send(None))
c = co(None); attempt('iter', lambda: iter(c)); attempt('next', lambda: next(c)); attempt('send', lambda: c.send(1)); c.close(); attempt('closed', lambda: c.send(None)); attempt('reuse', lambda: c.throw(KeyError)); attempt('close', lambda: c.close())
class Aw:
    def __init__(self, v): self.v = v
    def __await__(self): return self.v
for v in (5, [], iter([]), co(1), (x for x in 'ab'), None):
    c = co(Aw(v)); attempt('await ' + type(v).__name__, lambda: c.send(None)); c.close()
    if hasattr(v, 'close'): v.close()
@types.coroutine
def old(): yield 'y'; return 'r'
c = co(old()); attempt('old', lambda: c.send(None)); attempt('cr_await', lambda: type(c.cr_await).__name__); attempt('end', lambda: c.send(None)); attempt('again', lambda: c.send(None))
w = co(old()).__await__(); print(type(w).__name__, list(w)); attempt('wrapper', lambda: w.send(None))
shared = old(); c1, c2 = co(shared), co(shared); c1.send(None); attempt('shared generator', lambda: c2.send(None)); c1.close(); c2.close()
sc = co(old()); c1, c2 = co(sc), co(sc); c1.send(None); attempt('shared coroutine', lambda: c2.send(None)); c1.close(); c2.close()
attempt('types.coroutine', lambda: types.coroutine(5))
