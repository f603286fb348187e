"""Interpreters: each has its own modules, streams, filters, codecs, exit functions and collector; only data crosses."""
import _interpchannels
import _interpreters
import gc
import sys
from concurrent import interpreters


def show(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except BaseException as error:
        print(type(error).__qualname__, "|", error, "|", repr(error.__cause__))


# ---- separate state
interp = interpreters.create()
interp.exec("x = 1; import json, warnings, atexit, gc; gc.disable(); warnings.simplefilter('error')")
interp.exec("print(x, 'json' in __import__('sys').modules)")
print("json" in vars(), gc.isenabled(), sys.modules["__main__"].__name__)
interp.exec("class Int(int): pass\nprint([c.__name__ for c in int.__subclasses__() if c.__name__ == 'Int'])")
print([c.__name__ for c in int.__subclasses__() if c.__name__ == "Int"])
interp.exec("import sys; sys.setrecursionlimit(321); sys.stdout.write('written\\n')")
print(sys.getrecursionlimit() != 321)
interp.exec("atexit.register(print, 'exit function')")
interp.exec("class Last:\n    def __del__(self): print('finalizer', x)\nlast = Last()\ncycle = Last(); cycle.me = cycle")

# ---- what crosses
interp.prepare_main(a=None, b=True, c=-7, d=2.5, e="\u00e9\U0001f600", f=b"\0b", g=(1, ("two", None)))
interp.exec("print([ascii(v) for v in (a, b, c, d, e, f, g)])")
data = bytearray(b"abc")
interp.prepare_main(view=memoryview(data))
interp.exec("view[1] = ord('X'); print(type(view.obj).__name__, len(view))")
print(data)
show(interp.prepare_main, bad=object)
show(interp.prepare_main, big=1 << 64)
print([interpreters.is_shareable(v) for v in (None, 1, "s", b"", (), [], {}, object())])

# ---- calls
show(interp.call, lambda: 42)
show(interp.call, len, [1, 2, 3])
show(interp.call, lambda a, *, b: (a, b), [1], b={"k": (2,)})
show(interp.call, lambda: interp)
show(interp.call, lambda a=1: a)
show(interp.call, eval, "x")
try:
    interp.call(eval, "lambda: y")
except interpreters.NotShareableError as error:
    print(error, type(error.__cause__))
show(interp.call, "no callable")

# ---- exceptions cross as snapshots
try:
    interp.exec("def f():\n    raise KeyError('k')\nf()")
except interpreters.ExecutionFailed as failed:
    print(failed.excinfo.type.__name__, failed.excinfo.msg, failed.excinfo.formatted)
    print(failed.excinfo.errdisplay)
show(interp.exec, "a b")
show(interp.exec, lambda: 1)
show(interp.exec, 1)

# ---- what an isolated interpreter may not do
for script in ("import os; os.fork()", "import os; os.execv('x', ['x'])", "import signal; signal.signal(2, signal.SIG_DFL)",
               "import threading; threading.Thread(daemon=True)", "import faulthandler"):
    try:
        interp.exec(script)
    except interpreters.ExecutionFailed as failed:
        print(failed.excinfo.formatted)

# ---- queues
queue = interpreters.create_queue(2)
interp.prepare_main(queue=queue)
interp.exec("queue.put([1, {'a': 2}]); queue.put('second')\ntry: queue.put_nowait(3)\nexcept Exception as e: print(type(e).__name__)")
print(queue.get(), queue.get(), queue.empty())
show(queue.get_nowait)
interp.exec("queue.put('unbound')")

# ---- channels
channel = _interpchannels.create(3)
_interpchannels.send(channel, b"to the other", blocking=False)
interp.exec(f"import _interpchannels as c; print(c.recv({int(channel)})); c.send({int(channel)}, 'back', blocking=False)")
print(_interpchannels.recv(channel), _interpchannels.get_info(channel)[:4])
show(_interpchannels.recv, channel)

# ---- lives
print(interpreters.list_all(), interp.is_running(), interp.whence)
show(_interpreters.exec, 0, "pass")
show(_interpreters.destroy, 0)
interp.close()
print(queue.get())
show(interp.exec, "1")
show(_interpreters.new_config, "isolated", gil="none")
print(_interpreters.get_config(0).gil, _interpreters.new_config("legacy"))
interp = interpreters.create()
interp.exec("class Late:\n    def __del__(self): print('late')\nlate = Late()")
sys.stdout.flush()
del interp
print("end")
