"""Syntax errors of damaged programs, compared with this interpreter's.

    python3.14 tools/mutate_sources.py PROGRAM [--count N] [--seed N] FILE|DIRECTORY|@LIST ...

PROGRAM is the built example `syntax_errors` of the compiler crate. Each mutant is a source with one token dropped,
doubled, or swapped with the next; the same seed and files give the same mutants. Long files are cut after the
statement at about `--lines`, so that mutants of all parts of a file are as likely.
"""

import argparse
import ast
import collections
import io
import random
import subprocess
import tempfile
import tokenize
import warnings

from fingerprint import files

SKIPPED = {tokenize.ENCODING, tokenize.ENDMARKER, tokenize.NEWLINE, tokenize.NL, tokenize.COMMENT,
           tokenize.INDENT, tokenize.DEDENT}


def excerpt(source, lines, chance):
    """Some statements of a module that follow one another."""
    body = ast.parse(source).body
    if not body:
        return source
    first = chance.randrange(len(body))
    start = body[first].lineno
    if getattr(body[first], "decorator_list", None):
        start = body[first].decorator_list[0].lineno
    end = start
    for statement in body[first:]:
        end = statement.end_lineno
        if end - start >= lines:
            break
    return "\n".join(source.split("\n")[start - 1:end]) + "\n"


def mutate(source, chance):
    """The damaged source, and what was done to it; `None` if there is nothing to damage."""
    lines = source.splitlines(keepends=True)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    spans = [(starts[token.start[0] - 1] + token.start[1], starts[token.end[0] - 1] + token.end[1])
             for token in tokenize.generate_tokens(io.StringIO(source).readline) if token.type not in SKIPPED]
    if len(spans) < 2:
        return None
    at = chance.randrange(len(spans) - 1)
    (start, end), (next_start, next_end) = spans[at], spans[at + 1]
    match chance.choice(("drop", "double", "swap")):
        case "drop":
            return "drop " + source[start:end], source[:start] + source[end:]
        case "double":
            return "double " + source[start:end], source[:end] + " " + source[start:]
        case "swap":
            swapped = source[next_start:next_end] + source[end:next_start] + source[start:end]
            return "swap " + source[start:next_end], source[:start] + swapped + source[next_end:]


def verdict(source):
    try:
        compile(source.encode(), "<source>", "exec", dont_inherit=True)
    except SyntaxError as error:
        place = f"{error.lineno} {error.offset} {error.end_lineno} {error.end_offset}"
        return f"{type(error).__name__}: {error.msg} @ {place if error.lineno is not None else 'nowhere'}"
    except Exception as error:
        return f"{type(error).__name__}: {error} @ nowhere"
    return "ok"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--lines", type=int, default=60)
    parser.add_argument("--show", type=int, default=20, help="how many differences to print")
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    chance = random.Random(options.seed)
    paths, mutants = list(files(options.files)), []
    while len(mutants) < options.count:
        path = chance.choice(paths)
        try:
            with tokenize.open(path) as file:
                source = excerpt(file.read(), options.lines, chance)
            mutant = mutate(source, chance)
        except (SyntaxError, ValueError, tokenize.TokenError):
            continue
        if mutant is not None:
            mutants.append((path, *mutant))
    with tempfile.NamedTemporaryFile() as file:
        for _, _, source in mutants:
            data = source.encode()
            file.write(b"%d\n%b\n" % (len(data), data))
        file.flush()
        run = subprocess.run([options.program, file.name], capture_output=True, text=True)
    answers = run.stdout.split("\n")[:-1]
    if len(answers) != len(mutants):
        print(f"only {len(answers)} answers: {run.stderr[-2000:]}")
    count, shown = collections.Counter(), 0
    for (path, change, source), got in zip(mutants, answers):
        expected = verdict(source)
        count["good" if expected == "ok" else "bad"] += 1
        count["same"] += got == expected
        count["same when bad"] += got == expected != "ok"
        count["same whether it compiles"] += (got == "ok") == (expected == "ok")
        count["same message"] += got.rpartition(" @ ")[0] == expected.rpartition(" @ ")[0]
        if got != expected and shown < options.show:
            shown += 1
            print(f"{path}: {change!r}\n  expected {expected}\n  got      {got}")
            words = expected.rpartition(" @ ")[2].split()
            if words and words[0].isdigit():
                around = source.split("\n")[max(int(words[0]) - 2, 0):int(words[0]) + 1]
                print("".join(f"    | {line}\n" for line in around), end="")
    for name in count:
        print(f"{name}: {count[name]} of {count['bad'] if name == 'same when bad' else len(mutants)}")


main()
