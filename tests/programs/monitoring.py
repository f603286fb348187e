# sys.monitoring: events, DISABLE, restarting, local events, several tools, branches.
import sys

mon = sys.monitoring
E = mon.events
TOOL, OTHER = 3, 4
mon.use_tool_id(TOOL, "test")
mon.use_tool_id(OTHER, "other")
log = []


def name_of(x):
    if isinstance(x, BaseException):
        return type(x).__name__
    if x is mon.MISSING:
        return "MISSING"
    return getattr(x, "__qualname__", repr(x).split(" at 0x")[0])


def callback(event, result=None, tool=""):
    def call(code, *args):
        if code.co_filename != __file__ or code.co_name in ("watch", "<module>"):
            return None
        if event == "LINE":
            args = (args[0] - code.co_firstlineno,)
        log.append((tool + event, code.co_name, *map(name_of, args)))
        return result

    return call


def watch(run, names, *args, result=None, tools=(TOOL,), times=1):
    log.clear()
    events = 0
    for name in names.split():
        events |= getattr(E, name)
        for tool in tools:
            mon.register_callback(tool, getattr(E, name), callback(name, result, "" if tool == TOOL else "other "))
    for tool in tools:
        mon.set_events(tool, events)
    for _ in range(times):
        try:
            run(*args)
        except Exception as e:
            log.append(("raised", type(e).__name__))
    for tool in tools:
        mon.set_events(tool, 0)
        for name in names.split():
            mon.register_callback(tool, getattr(E, name), None)
    print("==", run.__name__, names)
    for row in log:
        print(*row)


def loop():
    total = 0
    for i in range(3):
        if i == 1:
            continue
        total += i
    while total: total -= 1
    return total


def errors():
    try:
        raise KeyError
    except KeyError:
        pass
    try:
        int("x")
    finally:
        pass


def gen():
    try:
        yield 1
    except ValueError:
        yield 2


def generators():
    for i in gen():
        pass
    g = gen()
    next(g)
    g.throw(ValueError)
    g.close()


def delegate():
    yield from gen()


class Base:
    def method(self):
        return 1


class Child(Base):
    def method(self):
        return super().method()


def calls():
    len([])
    Child().method()
    print(end="", *[])
    dict(a=1)
    "a".upper()


def implicit():
    it = iter(lambda: next(iter(())), 1)
    for x in it:
        pass


def branches(x):
    a = 1 if x else 2
    b = x and a
    if x is None:
        return b
    return [v for v in (1, 2) if v > 1]


ALL = "PY_START PY_RESUME PY_RETURN PY_YIELD PY_UNWIND PY_THROW"
watch(loop, "PY_START LINE PY_RETURN")
watch(loop, "LINE", result=mon.DISABLE, times=2)
watch(loop, "JUMP BRANCH_LEFT BRANCH_RIGHT")
watch(loop, "BRANCH", result=mon.DISABLE)
watch(errors, "RAISE RERAISE EXCEPTION_HANDLED PY_UNWIND")
watch(generators, ALL + " STOP_ITERATION")
watch(lambda: list(delegate()), ALL + " STOP_ITERATION RAISE")
watch(calls, "CALL C_RETURN C_RAISE")
watch(errors, "CALL C_RETURN C_RAISE")
watch(implicit, "RAISE")
watch(branches, "BRANCH_LEFT BRANCH_RIGHT", None)
watch(branches, "BRANCH_LEFT BRANCH_RIGHT", 5)
watch(branches, "INSTRUCTION LINE", None)
watch(loop, "LINE PY_START", tools=(TOOL, OTHER))
watch(loop, "INSTRUCTION", result=mon.DISABLE)

# Only what is disabled stays away; restarting brings it back.
log.clear()
only = {"first": None}


def lines(code, line):
    if code is not loop.__code__:
        return
    log.append(line - code.co_firstlineno)
    return mon.DISABLE if line - code.co_firstlineno == 4 else None


mon.register_callback(TOOL, E.LINE, lines)
mon.set_local_events(TOOL, loop.__code__, E.LINE)
loop()
print(log)
log.clear()
mon.restart_events()
loop()
print(log, mon.get_local_events(TOOL, loop.__code__) == E.LINE)
log.clear()
mon.set_local_events(TOOL, loop.__code__, 0)
loop()
print(log)

# Code looks the same to programs.
before = loop.__code__.co_code

copy = loop.__code__.replace()
mon.set_local_events(TOOL, loop.__code__, E.LINE | E.INSTRUCTION | E.BRANCH | E.JUMP | E.PY_START | E.PY_RETURN)
print(loop.__code__.co_code == before, loop.__code__ == copy, hash(loop.__code__) == hash(copy))
print(loop.__code__._co_code_adaptive != before)
import marshal
print(marshal.loads(marshal.dumps(loop.__code__)) == copy)
mon.set_local_events(TOOL, loop.__code__, 0)
print(list(branches.__code__.co_branches()))

for attempt in (
    lambda: mon.use_tool_id(9, "x"),
    lambda: mon.use_tool_id(TOOL, "again"),
    lambda: mon.use_tool_id(1, 5),
    lambda: mon.set_events(TOOL, 1 << 30),
    lambda: mon.set_events(TOOL, E.C_RETURN),
    lambda: mon.set_events(5, E.LINE),
    lambda: mon.set_local_events(TOOL, loop.__code__, E.RAISE),
    lambda: mon.set_local_events(TOOL, loop, E.LINE),
    lambda: mon.register_callback(TOOL, 3, None),
    lambda: mon.register_callback(TOOL, 1 << 25, None),
):
    try:
        print(attempt())
    except Exception as e:
        print(type(e).__name__, e)


def stops(*args):
    raise RuntimeError("from the callback")


mon.register_callback(TOOL, E.PY_START, stops)
mon.set_events(TOOL, E.PY_START)
try:
    loop()
except RuntimeError as e:
    mon.set_events(TOOL, 0)
    print(e)
mon.register_callback(TOOL, E.RAISE, lambda *args: mon.DISABLE)
mon.set_events(TOOL, E.RAISE)
try:
    errors()
except ValueError as e:
    mon.set_events(TOOL, 0)
    print(e)
mon.free_tool_id(TOOL)
mon.free_tool_id(OTHER)
print(mon.get_tool(TOOL), mon._all_events())
