"""Contexts, context variables and tokens."""

import contextvars
import threading

var = contextvars.ContextVar("var", default=0)
plain = contextvars.ContextVar("plain")


def attempt(function, *args):
    try:
        print(repr(function(*args)))
    except Exception as error:
        print(type(error).__name__, "used" if "used" in str(error) else str(error).split(" at 0x")[0])


attempt(var.get)
attempt(plain.get, "given")
try:
    plain.get()
except LookupError as error:
    print("LookupError", error.args[0] is plain)

token = var.set(1)
print(var.get(), token.old_value is contextvars.Token.MISSING, token.var is var)
var.reset(token)
attempt(var.reset, token)
print(var.get())

context = contextvars.copy_context()


def change():
    var.set("inside")
    plain.set("also inside")
    return var.get()


print(context.run(change), var.get())
print(context[var], plain in context, len(context), sorted(v.name for v in context))
attempt(lambda: context[1])
attempt(context.run, lambda: context.run(print))
copy = context.copy()
print(copy == context, copy is context)
copy.run(var.set, "other")
print(copy == context, context[var])

with var.set("with"):
    print(var.get())
print(var.get())

foreign = context.run(var.set, 5)
try:
    var.reset(foreign)
except ValueError as error:
    print(str(error).split(">")[-1].strip())
attempt(contextvars.Token)
attempt(contextvars.Context, 1)

# Each thread has a context of its own.
var.set("main")
seen = []
thread = threading.Thread(target=lambda: seen.append(var.get()), context=contextvars.Context())
thread.start()
thread.join()
print(seen, var.get())

# Many variables, copies that share.
variables = [contextvars.ContextVar(f"v{i}") for i in range(100)]
base = contextvars.Context()


def fill():
    for i, variable in enumerate(variables):
        variable.set(i)


base.run(fill)
branches = [base.copy() for _ in range(3)]
for i, branch in enumerate(branches):
    branch.run(variables[50].set, f"branch {i}")
print(base[variables[50]], [branch[variables[50]] for branch in branches], sum(base.values()))
