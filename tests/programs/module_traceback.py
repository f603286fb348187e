import io
import sys
import traceback


def inner(n):
    if n:
        inner(n - 1)
    else:
        raise KeyError("missing")


def outer():
    try:
        inner(2)
    except KeyError as error:
        error.add_note("a note")
        raise ValueError("outer failed") from error


try:
    outer()
except ValueError as error:
    caught = error
text = "".join(traceback.format_exception(caught)).replace(__file__, "FILE")
print(text)
print(traceback.format_exception_only(caught), [f.name for f in traceback.extract_tb(caught.__traceback__)], len(traceback.format_exception(caught, chain=False)))
print("".join(traceback.format_exception(caught.__cause__, limit=1)).replace(__file__, "FILE"), "".join(traceback.format_tb(caught.__cause__.__traceback__, limit=-1)).replace(__file__, "FILE"))
summary = traceback.TracebackException.from_exception(caught, capture_locals=True)
print(summary.exc_type_str, summary.__cause__.__notes__, summary.__cause__.stack[-1].locals, summary.stack[0].lineno, "n = '0'" in "".join(summary.format()))


def recursive():
    recursive()


limit = sys.getrecursionlimit()
try:
    recursive()
except RecursionError as error:
    lines = traceback.format_exception(error)
    print([line.strip() for line in lines if "repeated" in line][0].split(" more")[0][:22], lines[-1].strip()[:32])
try:
    raise ExceptionGroup("many", [ValueError(1), ExceptionGroup("sub", [TypeError("t")])])
except ExceptionGroup as error:
    print("".join(traceback.format_exception(error)).replace(__file__, "FILE"))
try:
    compile("x = = 1", "<s>", "exec")
except SyntaxError as error:
    print("".join(traceback.format_exception_only(error)))


class Bad(Exception):
    def __str__(self):
        raise RuntimeError


print(traceback.format_exception_only(Bad()), traceback.format_exception_only(type(None), None))
out = io.StringIO()
traceback.print_exception(ValueError("printed"), file=out)
print(out.getvalue())
try:
    [].appendd
except AttributeError as error:
    print(traceback.format_exception_only(error))
stack = traceback.extract_stack()
print(stack[-1].line, traceback.FrameSummary("f", 1, "name", line="text"), traceback.StackSummary.from_list([("f.py", 3, "g", "code")]).format())
