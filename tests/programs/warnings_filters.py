"""Warnings: filters, registries, the place that is named."""

import warnings


def issue(message="message", category=UserWarning, **options):
    warnings.warn(message, category, **options)


def record(setup, action):
    with warnings.catch_warnings(record=True) as log:
        warnings.resetwarnings()
        setup()
        try:
            action()
        except Warning as error:
            print("raised", type(error).__name__, error)
        print([(str(w.message), w.category.__name__) for w in log])


record(lambda: warnings.simplefilter("always"), lambda: [issue() for _ in range(3)])
record(lambda: warnings.simplefilter("default"), lambda: [issue() for _ in range(3)])
record(lambda: warnings.simplefilter("once"), lambda: [issue("a"), issue("b"), issue("a")])
record(lambda: warnings.simplefilter("ignore"), issue)
record(lambda: warnings.simplefilter("error"), issue)
record(lambda: warnings.filterwarnings("error", message="bad.*"), lambda: [issue("good"), issue("bad thing")])
record(lambda: warnings.filterwarnings("ignore", category=DeprecationWarning), lambda: [issue("d", DeprecationWarning), issue("u")])
record(lambda: warnings.simplefilter("always"), lambda: issue(RuntimeWarning("an instance")))

with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("always")
    issue(stacklevel=2)
    issue(stacklevel=1)
print([w.lineno for w in log], log[0].filename == __file__)

for arguments in (("m", int), ("m", 1), ()):
    try:
        warnings.warn(*arguments)
    except TypeError as error:
        print(error)
try:
    warnings.warn("m", skip_file_prefixes=(1,))
except TypeError as error:
    print(error)

registry = {}
with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("default")
    for _ in range(2):
        warnings.warn_explicit("explicit", UserWarning, "file.py", 7, registry=registry)
print(len(log), log[0].filename, log[0].lineno, [key for key in registry if key != "version"])
try:
    warnings.warn_explicit("m", UserWarning, "f", 1, registry=3)
except TypeError as error:
    print(error)

warnings.filters.insert(0, ("nonsense", None, Warning, None, 0))
warnings._filters_mutated()
try:
    issue("anything")
except RuntimeError as error:
    print(error)
del warnings.filters[0]
warnings._filters_mutated()


@warnings.deprecated("use something else")
def old():
    return "result"


with warnings.catch_warnings(record=True) as log:
    warnings.simplefilter("always")
    print(old())
print([str(w.message) for w in log], old.__deprecated__)
