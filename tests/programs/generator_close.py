import sys
log=[]
def a():
    yield 1
    yield 2
g=a(); next(g); print(g.close(), g.gi_frame, g.gi_running, g.gi_suspended)
def b():
    try: yield 1
    finally: log.append('fin')
g=b(); next(g); print(g.close(), log)
def c():
    try: yield 1
    except GeneratorExit: return 7
g=c(); next(g); print(g.close())
def d():
    x=yield from c()
    log.append(x)
    return 9
g=d(); next(g); print(g.close(), log)
class W:
    def __del__(self): log.append('del')
def e():
    w=W()
    yield 1
g=e(); next(g); g.close(); print(log)
g=e(); next(g); del g; print(log)
async def co():
    import types
    @types.coroutine
    def s(): yield
    await s()
k=co(); k.send(None); print(k.close())
def f():
    with open('/dev/null'): yield 1
g=f(); next(g); print(g.close())
print([any(x>2 for x in range(5)), next(x for x in 'abc')])
