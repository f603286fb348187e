import contextlib
import io
import os


@contextlib.contextmanager
def tag(name):
    print(f"<{name}>")
    try:
        yield name.upper()
    except ValueError as error:
        print("caught", error)
    finally:
        print(f"</{name}>")


with tag("a") as name, tag("b"):
    print(name)
with tag("c"):
    raise ValueError("swallowed")


@tag("decorated")
def function():
    print("inside")


function()
with contextlib.suppress(KeyError, IndexError):
    {}["x"]
with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.closing(io.StringIO("x")) as source:
    print("captured", source.read())
print(repr(out.getvalue()), source.closed)
with contextlib.ExitStack() as stack:
    for n in range(3):
        stack.callback(print, "callback", n)
    stack.enter_context(tag("stacked"))
    stack.push(lambda *details: details[0] is not None and print("saw", details[0].__name__) or True)
    raise TypeError("hidden")
with contextlib.ExitStack() as stack:
    stack.callback(print, "kept")
    later = stack.pop_all()
later.close()
with contextlib.nullcontext(5) as five, contextlib.chdir("/"):
    print(five, os.getcwd())


class Mixed(contextlib.AbstractContextManager):
    def __exit__(self, *details):
        print("exit", details[0])


with Mixed() as mixed:
    print(type(mixed).__name__, issubclass(Mixed, contextlib.AbstractContextManager))
broken = contextlib.contextmanager(lambda: iter(()))
for manager in (broken, contextlib.contextmanager(lambda: (i for i in (1, 2)))):
    try:
        with manager():
            pass
    except (RuntimeError, AttributeError) as error:
        print(type(error).__name__, error)
