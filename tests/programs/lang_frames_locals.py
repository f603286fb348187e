# Frames and locals(): snapshots, write-through proxies, cells, deleted names, exec and eval, code objects of frames.
import sys
def t(label, action):
    try: print(label, '->', action())
    except Exception as e: print(label, '!', type(e).__name__, e)
def f(a, b=2, *args, c=3, **kw):
    x = 10
    def inner(): return x, a
    snap = locals(); snap['x'] = 99; snap['new'] = 1
    print(sorted(snap), x, 'new' in locals())
    p = sys._getframe().f_locals
    print(type(p).__name__, sorted(p), len(p), 'x' in p, p['x'], p.get('zz', 'no'))
    p['x'] = 11; p['a'] = 'A'; p['extra'] = 5
    print(x, a, inner(), 'extra' in p, 'extra' in locals(), locals()['extra'])
    for code in ['p["nope"]', 'p.pop("x")', 'p.pop("extra")', 'p.pop("zz")', 'p.pop("zz", 7)', 'p.popitem()', 'p.clear()', 'p.__delitem__("x")', 'p.__delitem__("zz")', 'p.update({"b": 22, "q": 1})', 'p.update([("b", 23)])', 'p.setdefault("x", 5)', 'p.setdefault("y2", 6)', 'p | {"z": 1}', '{"z": 1} | p', 'p == dict(p)', 'p == 5', 'p.copy() == dict(p)', 'list(p) == list(dict(p))', 'p.keys() == dict(p).keys()', 'len(p.items())', 'list(reversed(p)) == list(reversed(list(p)))', '[] in p', 'p[5]', 'p.__setitem__(5, 6)', 'p[5]', 'hash(p)', 'bool(p)', 'p.get([])', 'p < p', 'p.fromkeys', 'p.__ior__({"b": 24})', 'p.__ior__([1])', 'repr(p)[:1]', 'type(p)()', 'type(p)(5)', 'type(p)(sys._getframe(1)) == sys._getframe(1).f_locals' if False else '1', '__import__("copy").copy(p) is p', 'str(p)[:1]', 'p is sys._getframe().f_locals' if False else '2']:
        try: r = eval(code, {'p': p, 'sys': sys})
        except Exception as e: r = f'{type(e).__name__}: {e}'
        print('  ', code, '->', type(r).__name__ if isinstance(r, type(p)) else r if not isinstance(r, dict) else sorted(map(str, r)))
    print(b, x)
    del x
    print('x' in p, 'x' in locals()); t('deleted', lambda: p['x']); p['x'] = 'back'; print(x)
    exec('y = 5; x = 6'); print(x, 'y' in locals()); ns = locals(); exec('y = 5', globals(), ns); print(ns['y'], eval('a + "!"'), eval('[x for _ in range(2)]'))
f(1, 2, 3, k=4)
def g():
    frame = sys._getframe(); print(frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_lineno > 0, frame.f_globals is globals(), frame.f_trace, frame.f_lasti > 0, frame.f_generator)
    for n, v in [('f_lineno', 5), ('f_locals', {}), ('f_code', 1), ('f_back', None), ('f_trace', 5), ('f_trace_lines', 'x'), ('f_trace_opcodes', True), ('x', 1)]:
        t(n, lambda: setattr(frame, n, v))
    t('clear', lambda: frame.clear()); t('del trace', lambda: delattr(frame, 'f_trace')); t('del locals', lambda: delattr(frame, 'f_locals')); return frame
fr = g(); print(fr.f_back.f_code.co_name, fr.f_locals['frame'] is fr, repr(fr)[:7]); fr.clear(); print(dict(fr.f_locals))
def gen():
    v = 1
    while True: v = yield v
h = gen(); next(h); print(h.gi_frame.f_locals); h.gi_frame.f_locals['v'] = 50; print(h.gi_frame.f_locals['v'], h.gi_frame.f_generator is h); t('clear suspended', lambda: h.gi_frame.clear())
class C:
    a = 1
    locals()['b'] = 2
    print(b, sorted(k for k in locals() if not k.startswith('__')), sys._getframe().f_locals is locals(), type(sys._getframe().f_locals).__name__)
    [locals() for _ in [0]]
    vars()['c'] = 3
print(C.b, C.c); locals()['module_level'] = 7; print(module_level, locals() is globals(), vars() is globals(), dir() == sorted(globals()))
t('depth', lambda: sys._getframe(9999)); t('neg', lambda: sys._getframe(-1) is sys._getframe()); t('type', lambda: sys._getframe('a')); t('name', lambda: sys._getframemodulename()); print(sys._getframemodulename(0), sys._getframemodulename(99))
def args_of():
    return [(n, getattr((lambda a, b, /, c, *d, e, **f: None).__code__, n)) for n in ('co_argcount', 'co_posonlyargcount', 'co_kwonlyargcount', 'co_nlocals', 'co_varnames', 'co_cellvars', 'co_freevars', 'co_flags')]
print(args_of()); code = f.__code__
for n in ('co_code', 'co_consts', 'co_names', 'co_firstlineno', 'co_x'): t('set ' + n, lambda: setattr(code, n, 1))
r = code.replace(co_name='renamed', co_firstlineno=5); print(r.co_name, r.co_firstlineno, r == code, r.co_qualname, code == code.replace(), hash(code) == hash(code.replace())); t('replace bad', lambda: code.replace(nope=1)); t('replace type', lambda: code.replace(co_name=5)); t('replace count', lambda: code.replace(co_argcount=100)); t('replace neg', lambda: code.replace(co_nlocals=-1)); t('new', lambda: type(code)()); t('exec free', lambda: exec((lambda: code).__code__)); t('eval args', lambda: eval(code)); print(list(code.co_lines())[0][2] is not None, len(list(code.co_positions())) > 10)
t('exec closure', lambda: exec(compile('1', 'f', 'exec'), closure=())); t('exec globals', lambda: exec('1', 5)); t('exec locals', lambda: exec('1', {}, 5)); t('eval bytes', lambda: eval(b'1 + 1')); t('eval null', lambda: eval('1\0')); t('eval strip', lambda: eval('  \t 5')); t('eval stmt', lambda: eval('x = 1')); t('compile mode', lambda: compile('1', 'f', 'x')); t('compile flags', lambda: compile('1', 'f', 'exec', 1 << 30)); t('compile type', lambda: compile(5, 'f', 'exec')); t('compile opt', lambda: compile('1', 'f', 'exec', optimize=7)); t('single', lambda: exec(compile('1 + 1', 'f', 'single'))); t('single two', lambda: compile('1\n2', 'f', 'single')); ns = {}; exec('a = 1', ns); print(sorted(ns)); ns = {'__builtins__': {}}; t('no builtins', lambda: eval('len', ns)); t('builtins module', lambda: eval('len([])', {'__builtins__': __import__('builtins')})); t('build class', lambda: exec('class X: pass', {'__builtins__': {}})); t('import', lambda: exec('import os', {'__builtins__': {}})); t('mapping', lambda: eval('q', {}, type('M', (), {'__getitem__': lambda s, k: k * 2})())); t('missing', lambda: eval('zz', {}, {}))
