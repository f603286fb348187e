# sys.settrace: the order of events, exceptions in trace functions, opcodes, generators, f_trace.
import sys


def record(run, *args, opcodes=False, lines=True):
    base = run.__code__.co_firstlineno
    log = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename != __file__:
            return None
        if event == "call":
            frame.f_trace_opcodes = opcodes
            frame.f_trace_lines = lines
        shown = ""
        if event == "exception":
            shown = arg[0].__name__
        elif event == "return":
            shown = repr(arg).split(" at 0x")[0]
        where = frame.f_lasti if event == "opcode" else frame.f_lineno - base
        log.append((event, frame.f_code.co_name, where, shown))
        return tracer

    sys.settrace(tracer)
    try:
        run(*args)
    except Exception as e:
        log.append(("raised", type(e).__name__))
    finally:
        sys.settrace(None)
    print("==", run.__name__)
    for row in log:
        print(*row)


def loops():
    total = 0
    for i in range(3):
        if i == 1:
            continue
        total += i
    while total: total -= 1
    else:
        total = 5
    return [x for x in range(2)]


def one_line_loop():
    for i in (1, 2): x = i
    while i: i -= 1


def handlers():
    try:
        try:
            1 / 0
        finally:
            x = 1
    except ZeroDivisionError as e:
        y = 2
    with open(__file__) as f:
        pass
    raise KeyError(y)


def numbers(n):
    for i in range(n):
        got = yield i
    return "end"


def delegating():
    x = yield from numbers(2)
    return x


def generators():
    for i in delegating():
        pass
    g = numbers(3)
    next(g)
    try:
        g.throw(ValueError("thrown"))
    except ValueError:
        pass
    g = numbers(1)
    next(g)
    g.close()


class Manager:
    def __enter__(self):
        return self

    def __exit__(self, *args):
        return True


def suppressed():
    with Manager() as m:
        raise ValueError
    return 1


def matched(value):
    match value:
        case [a, b]:
            return a
        case {"k": v}:
            return v
        case _:
            return None


def opcodes():
    a = 1
    return a + 1


async def awaited():
    return 3


async def main():
    async with AManager():
        pass
    return await awaited()


class AManager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *args):
        return None


def coroutines():
    try:
        main().send(None)
    except StopIteration as e:
        return e.value


def comprehension():
    return {
        k: v
        for k in "ab"
        for v in [1]
        if k
    }


record(loops)
record(one_line_loop)
record(handlers)
record(generators)
record(suppressed)
record(matched, {"k": 1})
record(opcodes, opcodes=True)
record(loops, lines=False)
record(coroutines)
record(comprehension)


def failing(frame, event, arg):
    if event == "line":
        raise RuntimeError("from the tracer")
    return failing


def victim():
    x = 1
    return x


sys.settrace(failing)
try:
    victim()
except RuntimeError as e:
    print("raised", e, sys.gettrace())
sys.settrace(None)


def outer():
    def local(frame, event, arg):
        print("local", event, frame.f_lineno - outer.__code__.co_firstlineno)
        return local

    frame = sys._getframe()
    frame.f_trace = local
    sys.settrace(lambda *args: None)
    x = 1
    y = 2
    sys.settrace(None)
    frame.f_trace = None
    return x + y


outer()
print(sys.gettrace(), sys.getprofile())


def jump_to(target, run):
    base = run.__code__.co_firstlineno
    state = {"done": False}

    def tracer(frame, event, arg):
        if frame.f_code is not run.__code__:
            return None
        if event == "line" and not state["done"] and frame.f_lineno == base + target[0]:
            state["done"] = True
            try:
                frame.f_lineno = base + target[1]
            except ValueError as e:
                print("cannot jump:", e)
        return tracer

    sys.settrace(tracer)
    try:
        print(run())
    finally:
        sys.settrace(None)


def straight():
    log = []
    log.append(1)
    log.append(2)
    log.append(3)
    return log


def looped():
    log = []
    for i in range(2):
        log.append(i)
    log.append("after")
    return log


def tried():
    log = []
    try:
        log.append("body")
        1 / 0
    except ZeroDivisionError:
        log.append("handler")
    log.append("end")
    return log


jump_to((2, 4), straight)
jump_to((4, 2), straight)
jump_to((1, 3), looped)
jump_to((3, 4), looped)
jump_to((1, 6), tried)
jump_to((6, 7), tried)
jump_to((2, 99), straight)
jump_to((2, 0), straight)
try:
    sys._getframe().f_lineno = 1
except ValueError as e:
    print(e)
