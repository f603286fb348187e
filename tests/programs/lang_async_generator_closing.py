# Async generators: how they end. aclose, athrow, asend, early exits, GeneratorExit, hooks, finalisation.
import sys, types

@types.coroutine
def pause(tag):
    return (yield tag)

def drive(coroutine, *sends):
    """Runs a coroutine by hand; gives what it yields and how it ends."""
    log = []
    sends = list(sends)
    try:
        log.append(('yield', coroutine.send(None)))
        while True:
            log.append(('yield', coroutine.send(sends.pop(0) if sends else None)))
    except StopIteration as stop:
        log.append(('return', stop.value))
    except StopAsyncIteration as stop:
        log.append(('stop', stop.args))
    except BaseException as error:
        log.append((type(error).__name__, str(error)))
    return log

async def plain():
    try:
        got = yield 1
        print('got', got)
        yield 2
    except ValueError as error:
        print('caught', error)
        yield 'after'
    finally:
        print('finally')

g = plain()
print(drive(g.__anext__())); print(drive(g.asend('x'))); print(drive(g.__anext__())); print(drive(g.__anext__()))
print(drive(g.aclose()), drive(g.athrow(ValueError)))
g = plain(); print(drive(g.asend(5))); print(drive(g.asend(None))); print(drive(g.athrow(ValueError('v')))); print(drive(g.aclose()))
g = plain(); print(drive(g.aclose())); print(drive(g.__anext__()))
g = plain(); print(drive(g.athrow(KeyError('k')))); print(drive(g.__anext__()))
g = plain(); drive(g.__anext__()); print(drive(g.athrow(ValueError, ValueError('two'))))
for bad in (5, int, None, 'x'):
    g = plain()
    try: print(drive(g.athrow(bad)))
    except BaseException as error: print(type(error).__name__, error)

async def ignores():
    while True:
        try: yield 1
        except GeneratorExit: print('ignored')
g = ignores(); drive(g.__anext__()); print(drive(g.aclose()))
del g

async def awaits():
    try:
        yield 1
    finally:
        await pause('closing')
        print('closed')
g = awaits(); drive(g.__anext__()); print(drive(g.aclose())); print(drive(g.aclose()))
async def yields_in_finally():
    try: yield 1
    finally: yield 2
g = yields_in_finally(); drive(g.__anext__()); print(drive(g.aclose()))
async def returns():
    try: yield 1
    except GeneratorExit: return
g = returns(); drive(g.__anext__()); print(drive(g.aclose()))
async def raises_on_close():
    try: yield 1
    except GeneratorExit: raise OSError('on close')
g = raises_on_close(); drive(g.__anext__()); print(drive(g.aclose())); print(drive(g.__anext__()))
async def stops(kind):
    yield 1
    raise kind('inside')
for kind in (StopIteration, StopAsyncIteration, GeneratorExit):
    g = stops(kind); drive(g.__anext__()); print(kind.__name__, drive(g.__anext__()))
async def from_stop():
    try: yield 1
    except ValueError: raise StopIteration(3)
g = from_stop(); drive(g.__anext__())
async def outer(g):
    try: await g.athrow(ValueError)
    except RuntimeError as error: return repr(error), repr(error.__cause__)
print(drive(outer(g)))

# two awaitables of one generator at a time
async def slow():
    yield await pause('first')
    yield await pause('second')
g = slow(); first = g.__anext__(); print(first.send(None))
for other in (g.__anext__, lambda: g.asend(1), g.aclose, lambda: g.athrow(ValueError)):
    awaitable = other()
    print(drive(awaitable))
print(drive(first)); print(g.ag_running, g.ag_await, g.ag_frame is None, g.ag_suspended)
print(drive(g.aclose()))
# awaitables can be used once
g = plain(); one = g.__anext__(); print(drive(one)); print(drive(one)); one.close()
try: one.throw(ValueError('late'))
except BaseException as error: print(type(error).__name__, error)
c = g.aclose(); print(drive(c)); print(drive(c))
g = plain(); fresh = g.asend(None); fresh.close(); print(drive(fresh))
g = plain(); fresh = g.aclose(); fresh.close(); print(drive(fresh))
g = plain(); t = g.athrow(ValueError); t.close(); print(drive(t))
g = plain(); s = g.asend(None)
try: s.throw(LookupError('thrown first'))
except BaseException as error: print(type(error).__name__, error)
print(drive(g.__anext__()))

# the hooks
def first(gen): print('first iteration', gen.__name__)
def final(gen): print('finalizer', gen.__name__, gen.ag_running)
old = sys.get_asyncgen_hooks(); sys.set_asyncgen_hooks(first, final)
g = plain(); print('made'); n = g.__anext__(); print('called'); drive(n)
del g, n
g = plain(); del g
g = plain(); drive(g.__anext__()); drive(g.aclose()); del g
print(sys.get_asyncgen_hooks().firstiter is first)
sys.set_asyncgen_hooks(*old)
for arguments in (dict(firstiter=5), dict(finalizer=5)):
    try: sys.set_asyncgen_hooks(**arguments)
    except TypeError as error: print(error)
print(sys.get_asyncgen_hooks())

# async for, async comprehensions and their errors
class Iterator:
    def __init__(self, n): self.n = n
    def __aiter__(self): return self
    async def __anext__(self):
        await pause('tick')
        if self.n == 0: raise StopAsyncIteration
        self.n -= 1
        return self.n
async def uses():
    result = [x async for x in Iterator(3) if x != 1]
    result.append({x: y async for x in Iterator(2) for y in 'ab'})
    result.append([y async for y in (z async for z in Iterator(2))])
    async for x in Iterator(1): pass
    else: result.append('else')
    return result
print(drive(uses())[-1])
class NoIter: pass
class BadIter:
    def __aiter__(self): return 5
class AwaitableIter:
    def __aiter__(self): return self
    def __anext__(self): return 5
class CoroutineIter:
    async def __aiter__(self): return self
async def over(x):
    async for y in x: pass
for x in (NoIter(), BadIter(), AwaitableIter(), CoroutineIter(), [1]):
    print(type(x).__name__, drive(over(x)))
print(drive(anext(Iterator(0), 'default'))[-1])
for bad in (5, NoIter()):
    for f in (aiter, anext):
        try: f(bad)
        except TypeError as error: print(error)
class CM:
    def __init__(self, swallow): self.swallow = swallow
    async def __aenter__(self): await pause('enter'); return 'value'
    async def __aexit__(self, kind, value, tb): await pause('exit'); print('exit', kind and kind.__name__, value); return self.swallow
async def within(swallow, error):
    async with CM(swallow) as v:
        if error: raise error
        return v
    return 'swallowed'
print(drive(within(True, KeyError('a')))); print(drive(within(False, KeyError('a')))); print(drive(within(False, None)))
class Half:
    async def __aenter__(self): pass
class NotAwaitable:
    def __aenter__(self): return 5
    def __aexit__(self, *a): return 5
async def use(x):
    async with x: pass
for x in (Half(), NotAwaitable(), 5, object()):
    print(type(x).__name__, drive(use(x)))
