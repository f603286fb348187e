import ast

SOURCE = '''
@deco
async def f(a, /, b: int = 1, *c, d=2, **e) -> str:
    """Doc."""
    async with x as y, z: await w
    for i, (j, *k) in items: continue
    else: pass
    while a < b <= c and not d or e: break
    try: raise V from W
    except (A, B) as n: del n[0], m.x
    finally: assert q, "msg"
    return f"{a!r:>{b}}" if a else lambda *p, q=1: [*p, {**r}, {s for s in t if s}]
class K(Base, metaclass=M):
    x: int
    y = z = 1, -2, ~3
match v:
    case {"k": 1, **rest} | [1, *_] | P(x=3) if g: print(x := 5)
    case None | "s" | -1 | 1+2j | a.b: ...
    case _: x @= y ** z // 2
type T[U: int = str, *V, **W] = dict[U, V]
import a.b as c, d; from .. import e as f
a[1:2, ::3, ...] = b"bytes" "s" if 0 else 1e10
t"{x!s}"
'''.replace('b"bytes" "s"', 'b"bytes"')
tree = ast.parse(SOURCE)
print(ast.dump(tree, indent=1))
print(ast.unparse(tree))
print(ast.dump(ast.parse(ast.unparse(tree))) == ast.dump(tree))


class Fold(ast.NodeTransformer):
    def visit_BinOp(self, node):
        self.generic_visit(node)
        if isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant) and isinstance(node.op, ast.Add):
            return ast.copy_location(ast.Constant(node.left.value + node.right.value), node)
        return node


print(ast.unparse(Fold().visit(ast.parse("x = 1 + 2 + y + (3 + 4)"))), sorted({type(n).__name__ for n in ast.walk(tree)})[:10], ast.get_docstring(tree.body[0]), ast.get_source_segment(SOURCE, tree.body[1]).splitlines()[0])
print(ast.literal_eval("{'a': [1, -2.5, (3+4j)], b'x': {1, None}}"), eval(compile(ast.fix_missing_locations(ast.Expression(ast.BinOp(ast.Constant(2), ast.Pow(), ast.Constant(10)))), "", "eval")), [f for f, _ in ast.iter_fields(tree.body[1])], ast.Name("x"), ast.Name("x", ast.Load())._fields)
for bad in ("f()", "1+'a'", "x", "[", "{[]: 1}", "-'a'"):
    try:
        print(ast.literal_eval(bad))
    except (ValueError, SyntaxError, TypeError) as error:
        print(type(error).__name__, str(error).split(" at 0x")[0].split(": <")[0])
for bad in (ast.Module([ast.Name("x")], []), ast.Module([ast.Expr(ast.Constant(object()))], []), ast.Expression(ast.BinOp(ast.Constant(1), None, ast.Constant(2))), ast.Module([ast.Return()], []), ast.Module([ast.Assign([], ast.Constant(1))], []), ast.Expression(ast.Name("None", ast.Load()))):
    try:
        compile(ast.fix_missing_locations(bad), "<bad>", "eval" if isinstance(bad, ast.Expression) else "exec")
    except (TypeError, ValueError, SyntaxError) as error:
        print(type(error).__name__, str(error).split(" at 0x")[0])
