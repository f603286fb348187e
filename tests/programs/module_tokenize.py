import io
import token
import tokenize

SOURCE = '''def f(x, *y):  # comment
    """doc"""
    if x >= 0x1F and y:
        return f"{x!r:>{y}} {{}}" + 'a' \\
            'b'
\tπ = 1_0.5e-3j ** ~x
@d
async def g(): x: int = (1,
  2); y = x if not y else ...
'''.replace("\t", "    ")
for t in tokenize.generate_tokens(io.StringIO(SOURCE).readline):
    print(t.start, t.end, tokenize.tok_name[t.type], tokenize.tok_name[t.exact_type], repr(t.string))
tokens = list(tokenize.tokenize(io.BytesIO(b"# -*- coding: latin-1 -*-\nx = '\xe9'\n").readline))
print(tokens[0], tokens[4].string)
print(tokenize.untokenize(tokenize.generate_tokens(io.StringIO("x=1+ 2\n").readline)), repr(tokenize.untokenize([(token.NAME, "a"), (token.OP, "="), (token.NUMBER, "1")])))
print(tokenize.detect_encoding(io.BytesIO(b"\xef\xbb\xbfx\n").readline))
for bad in ("(", "'''abc", "  x\n y\n", "a = 0b12\n", "x = 'a\n", "1__0", "a ? b", "if x:\n    a\n  b\n"):
    try:
        print(len(list(tokenize.generate_tokens(io.StringIO(bad).readline))))
    except (tokenize.TokenError, SyntaxError) as error:
        print(type(error).__name__, error)
