"""Record what the reference says of the programs in a case file of crates/syntax/tests.

Run with the reference interpreter: python3.14 tools/record_syntax_cases.py FILE...
A case is a line "=== MODE", the program, a line "--- ", and the tree or error; this script rewrites the last.
"""
import ast
import pathlib
import sys
import warnings


def answer(mode, source):
    try:
        return ast.dump(compile(source, "<no such file>", mode, ast.PyCF_ONLY_AST), include_attributes=True)
    except SyntaxError as e:
        at = e._metadata[:2] if getattr(e, "_metadata", None) else None
        place = f"{e.lineno} {e.offset} {e.end_lineno} {e.end_offset}"
        return f"{type(e).__name__}: {e.msg} @ {place} {e.text!r} {at}"


def main():
    warnings.simplefilter("ignore")
    for name in sys.argv[1:]:
        path = pathlib.Path(name)
        out = []
        for case in path.read_text("utf-8").split("=== ")[1:]:
            mode, _, rest = case.partition("\n")
            source, _, _ = rest.partition("--- \n")
            out.append(f"=== {mode}\n{source}--- \n{answer(mode, source)}\n")
        path.write_text("".join(out), "utf-8")


if __name__ == "__main__":
    main()
