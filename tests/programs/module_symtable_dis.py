import dis
import io
import symtable


def example(a, *args, b=1, **kw):
    global G
    local = a + b
    def inner():
        nonlocal local
        return local, len, G
    return [x for x in args if x], inner


table = symtable.symtable("""
import os
class C(Base):
    attr: int = 1
    def method(self, x):
        y = x
        global g
        return lambda: y + g
def gen[T](z: T): yield z
[q for q in range(3)]
""", "<s>", "exec")


def show(t, depth=0):
    print("  " * depth, t.get_type(), t.get_name(), t.is_nested(), t.is_optimized(), sorted(t.get_identifiers()))
    for s in sorted(t.get_symbols(), key=lambda s: s.get_name()):
        print("  " * depth, "-", s.get_name(), [n for n in ("is_global", "is_local", "is_free", "is_parameter", "is_assigned", "is_referenced", "is_imported", "is_namespace", "is_annotated", "is_declared_global") if getattr(s, n)()])
    for child in t.get_children():
        show(child, depth + 1)


show(table)
out = io.StringIO()
dis.dis(example, file=out, depth=1)
print("\n".join(line.split("<code object")[0] for line in out.getvalue().splitlines()))
import re
print(re.sub("0x[0-9a-f]+", "0x", dis.code_info(example).replace(__file__, "FILE")))
print([(i.opname, i.argval) for i in dis.get_instructions("x = y + 1 if z else f(2)")])
print(dis.stack_effect(dis.opmap["BINARY_OP"], 0), dis.stack_effect(dis.opmap["FOR_ITER"], 0, jump=True), dis.opname[dis.opmap["RETURN_VALUE"]], dis.hasarg[:2], dis.findlabels(example.__code__.co_code), list(dis.findlinestarts(compile("a\nb\n", "", "exec"))))
for bad in (lambda: dis.dis(5), lambda: symtable.symtable("x =", "f", "exec"), lambda: symtable.symtable("x", "f", "bad"), lambda: dis.stack_effect(10**5), lambda: dis.dis("x =")):
    try:
        bad()
    except (TypeError, ValueError, SyntaxError) as error:
        print(type(error).__name__, error)
