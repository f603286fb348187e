import sys


class AppError(Exception):
    def __init__(self, message, code=1):
        super().__init__(message)
        self.code = code


class NotFound(AppError): ...


def level(n):
    try:
        if n == 0:
            raise NotFound("nothing", code=404)
        if n == 1:
            return 1 / 0
        if n == 2:
            return {}["k"]
        if n == 3:
            raise AppError("from") from ValueError("cause")
        return "fine"
    except NotFound as error:
        return f"not found {error.code} {error.args}"
    except (ZeroDivisionError, KeyError) as error:
        return f"{type(error).__name__} {error}"
    except AppError as error:
        return f"{error} / {error.__cause__!r} / {error.__suppress_context__}"
    else:
        return "else"
    finally:
        print("finally", n, end="; ")


print([level(n) for n in range(5)])


def order():
    log = []
    try:
        try:
            log.append("try")
            raise ValueError(1)
        except ValueError:
            log.append("except")
            raise TypeError(2)
        finally:
            log.append("inner finally")
    except TypeError as error:
        log.append(repr(error.__context__))
    return log


print(order(), sys.exc_info())


def returns():
    for i in range(3):
        try:
            if i == 1:
                continue
            if i == 2:
                return i
        finally:
            print("loop", i, end=" ")


print(returns())
error = ValueError("text", 2)
error.add_note("one")
error.add_note("two")
print(error.__notes__, error.args, str(error), repr(error), str(KeyError("k")), str(OSError(2, "No such", "file")), OSError(2, "x").errno, type(OSError(2, "x")).__name__, str(UnicodeDecodeError("utf-8", b"\xff", 0, 1, "bad")), StopIteration(5).value, SystemExit(3).code, str(SyntaxError("m", ("f", 1, 2, "t"))))
try:
    raise ExceptionGroup("eg", [ValueError(1), TypeError(2), ExceptionGroup("in", [ValueError(3), KeyError(4)])])
except* ValueError as group:
    print("values", group, [repr(e) for e in group.exceptions])
except* (TypeError, KeyError) as group:
    print("rest", group.exceptions)
group = ExceptionGroup("g", [OSError(1), ValueError(2)])
print(group.split(OSError), group.subgroup(lambda e: isinstance(e, ValueError)), group.derive([KeyError()]), BaseExceptionGroup("b", [KeyboardInterrupt()]))
try:
    try:
        raise ValueError("lost")
    except ValueError:
        raise KeyError("shown") from None
except KeyError as caught:
    print(caught.__cause__, caught.__context__, caught.__suppress_context__, caught.__traceback__.tb_lineno > 0, caught.with_traceback(None) is caught)
for bad in (lambda: ExceptionGroup("x", []), lambda: ExceptionGroup("x", [1]), lambda: ExceptionGroup("x", [KeyboardInterrupt()]), lambda: error.add_note(5), lambda: setattr(error, "__cause__", 5), lambda: setattr(error, "__traceback__", 5), lambda: exec("raise 5"), lambda: exec("raise ValueError from 5"), lambda: exec("raise"), lambda: exec("try:\n 1/0\nexcept 5: pass"), lambda: exec("assert 0, 'm'"), lambda: exec("x"), lambda: exec("def f():\n print(y)\n y = 1\nf()"), lambda: exec("import nope.x"), lambda: exec("a, b = 1,"), lambda: exec("a, *b = ()"), lambda: exec("del q")):
    try:
        bad()
    except BaseException as caught:
        print(type(caught).__name__, caught)
