# A comprehension's variable that is elsewhere a cell: the cell is back whatever the comprehension raises; the code passes the verifier.
import marshal

SOURCE = '''
def first(items, more):
    for r in items:
        pass
    try:
        out = [int(r) for r in more]
    except ValueError as error:
        out = str(error)
    try:
        out2 = [lambda: r for r in more if r != 3] if more[0] != 5 else [r.missing for r in more if any(r is e for e in more)]
    except AttributeError as error:
        out2 = str(error)
    keep = [r for r in items if not any(r == e for e in [2])]
    return out, out2 if isinstance(out2, str) else [f() for f in out2], keep, r, (lambda: r)()
'''
code = compile(SOURCE, "<source>", "exec")
namespace = {}
exec(marshal.loads(marshal.dumps(code)), namespace)
for items, more in (([1, 2, 3], [4, 3]), ([1], ["x"]), ([2, 2], [5, 6])):
    print(namespace["first"](items, more))
