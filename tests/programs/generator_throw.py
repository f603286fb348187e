# What throw() does: contexts, delegates that end, bad exceptions, and the code that outlives the body.
import io, warnings
warnings.simplefilter("ignore")


def show(function):
    try:
        print(function.__name__, function())
    except BaseException as exc:
        print(function.__name__, type(exc).__name__, exc, repr(exc.__context__))


def context_of_handled():
    def body():
        try:
            raise KeyError("a")
        except Exception:
            yield
    g = body()
    next(g)
    g.throw(ValueError)


def context_through_delegate():
    def inner():
        yield

    def body():
        try:
            raise KeyError("a")
        except Exception:
            yield from inner()
    g = body()
    next(g)
    g.throw(ValueError)


def delegate_returns():
    def inner():
        try:
            yield
        except ValueError:
            return "result"

    def body():
        got = yield from inner()
        yield got
    g = body()
    next(g)
    return g.throw(ValueError)


def awaited_returns():
    class Awaitable:
        def __await__(self):
            try:
                yield
            except ValueError:
                return 5

    async def body():
        return await Awaitable()
    c = body()
    c.send(None)
    try:
        c.throw(ValueError)
    except StopIteration as stop:
        return stop.value


def bad_exception():
    class Bad(Exception):
        def __new__(cls, *args):
            return 1

    def body():
        try:
            yield
        except TypeError:
            yield "caught inside"
    g = body()
    next(g)
    return g.throw(Bad)


def code_after_the_end():
    def body():
        yield
    g = body()
    g.close()
    return g.gi_code.co_name, g.gi_frame


def frame_after_the_end():
    def body():
        yield
    g = body()
    frame = g.gi_frame
    list(g)
    return frame.f_back


def bytes_are_no_sequence():
    match b"xyz":
        case [*rest]:
            return rest
        case bytes(value):
            return value


def module_called():
    import io as module
    module.io = len
    try:
        module()
    finally:
        del module.io


for function in (context_of_handled, context_through_delegate, delegate_returns, awaited_returns, bad_exception, code_after_the_end,
                 frame_after_the_end, bytes_are_no_sequence, module_called):
    show(function)
