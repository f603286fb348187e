# Audit events of compiling, and of attributes that give access to code and frames; hooks are traced only if they say so.
import sys,ast,types
L=[]
on=False
def hook(e,a):
    if on: L.append((e,a if e!='exec' else 'CODE'))
sys.addaudithook(hook)
def t(name,f):
    global on
    L.clear(); on=True
    try: f()
    except BaseException as e: on=False; print(name,'!',e)
    on=False; print(name,[ (e,tuple(type(x).__name__ if not isinstance(x,(str,bytes,int,type(None))) else x for x in a) if a!='CODE' else a) for e,a in L])
def fn(): pass
def g(): yield
async def co(): pass
t('eval',lambda: eval("1"))
t('evalb',lambda: eval(b"1"))
t('exec',lambda: exec("1"))
t('compile',lambda: compile("1","f","exec"))
t('compile ast',lambda: compile(ast.parse("1"),"f","exec"))
t('parse',lambda: ast.parse("1"))
t('evalcode',lambda: eval(fn.__code__))
t('f.__code__',lambda: fn.__code__)
t('setcode',lambda: setattr(fn,'__code__',fn.__code__))
t('f_code',lambda: sys._getframe().f_code)
t('gi_code',lambda: g().gi_code)
t('gi_frame',lambda: g().gi_frame)
c=co()
t('cr_code',lambda: c.cr_code); t('cr_frame',lambda: c.cr_frame); c.close()
try: 1/0
except Exception as e: tb=e.__traceback__
t('tb_frame',lambda: tb.tb_frame)
t('__globals__',lambda: fn.__globals__)
t('defaults',lambda: fn.__defaults__)
t('setdefaults',lambda: setattr(fn,'__defaults__',None))
t('setkw',lambda: setattr(fn,'__kwdefaults__',None))
t('closure',lambda: fn.__closure__)
t('m.__self__',lambda: [].append.__self__)
t('method.__func__',lambda: types.MethodType(fn,1).__func__)
t('bases',lambda: setattr(type('X',(),{}),'__name__','Y'))
t('cls',lambda: setattr(type('X',(),{})(),'__class__',type('Z',(),{})))
t('getframe',lambda: sys._getframe())
t('curfr',lambda: sys._current_frames())



class Hook:
    def __call__(self, event, arguments):
        pass


hook, calls = Hook(), []
sys.settrace(lambda frame, event, argument: calls.append(event) if frame.f_code is Hook.__call__.__code__ else None)
sys.addaudithook(hook)
for value in (False, True, 0):
    hook.__cantrace__ = value
    eval('1')
    calls.append(value)
sys.settrace(None)
print(calls)
