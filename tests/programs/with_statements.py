class Manager:
    def __init__(self, name, swallow=False): self.name, self.swallow = name, swallow
    def __enter__(self): print('enter', self.name); return self
    def __exit__(self, kind, value, tb):
        print('exit', self.name, kind and kind.__name__, value)
        return self.swallow
with Manager('a') as a, Manager('b', True):
    raise ValueError('inside')
print('after', a.name)
try:
    with Manager('outer'):
        with Manager('inner'):
            raise KeyError('k')
except KeyError as e: print('out', e)
def f():
    with Manager('return'):
        return 'value'
print(f())
for i in range(3):
    with Manager(i):
        if i == 1: break
import contextlib, io
with contextlib.redirect_stdout(io.StringIO()) as out: print('hidden')
print(repr(out.getvalue()))
with contextlib.suppress(ZeroDivisionError): 1 / 0
with contextlib.ExitStack() as stack:
    for n in 'xy': stack.enter_context(Manager(n))
    stack.callback(print, 'callback')
try:
    with 5: pass
except TypeError as e: print(e)
