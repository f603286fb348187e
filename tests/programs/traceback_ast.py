import ast

print(ast.unparse(ast.parse("x+1")))
compile(ast.Expression(ast.Constant(object())), "<tree>", "eval")
