"""Compare our trees with the reference's, over every file of a directory.

Run with the reference interpreter: python3.14 tools/compare_ast.py DUMP DIRECTORY [CACHE]
DUMP is the built example `dump` of the crate syntax; CACHE keeps the reference's answers between runs.
"""
import ast
import hashlib
import json
import pathlib
import subprocess
import sys
import warnings


def expected(path):
    """What the reference says of a file, in the form that DUMP prints."""
    try:
        return ast.dump(ast.parse(path.read_bytes(), str(path)), include_attributes=True)
    except RecursionError:
        return "too deep"
    except SyntaxError as e:
        return (f"{type(e).__name__}: {e.msg} @ {e.lineno} {e.offset} {e.end_lineno} {e.end_offset} {e.text!r}")


def digest(text):
    return hashlib.sha1(text.encode("utf-8", "surrogatepass")).hexdigest()


def main():
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(20000)
    dump, directory = sys.argv[1], pathlib.Path(sys.argv[2])
    cache_path = pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
    cache = json.loads(cache_path.read_text()) if cache_path and cache_path.exists() else {}
    paths = sorted(path for path in directory.rglob("*.py") if path.is_file())
    same, different = 0, []
    for start in range(0, len(paths), 50):
        batch = paths[start:start + 50]
        run = subprocess.run([dump, *map(str, batch)], capture_output=True)
        lines = run.stdout.decode("utf-8", "surrogatepass").split("\n")
        for path, line in zip(batch, lines):
            key = str(path)
            if key not in cache:
                text = expected(path)
                cache[key] = text if len(text) < 300 else digest(text)
            if cache[key] in (line, digest(line)):
                same += 1
            else:
                different.append((path, line))
    if cache_path:
        cache_path.write_text(json.dumps(cache))
    print(f"{same} of {len(paths)} identical")
    for path, line in different[:40]:
        report(path, line)


def report(path, line):
    text = expected(path)
    at = next((i for i, (a, b) in enumerate(zip(text, line)) if a != b), min(len(text), len(line)))
    print(path)
    print("   reference:", text[max(0, at - 100):at + 100])
    print("   ours:     ", line[max(0, at - 100):at + 100])


if __name__ == "__main__":
    main()
