"""Compile throughput of the front end against this interpreter's `compile()`, in turn.

    python3.14 tools/throughput.py PROGRAM [--rounds N] FILE|DIRECTORY|@LIST ...

PROGRAM is the built example `throughput` of the compiler crate. Sources are in memory before any clock starts; the
figure of each side is the median of its rounds.
"""

import argparse
import ast
import re
import statistics
import subprocess
import time
import warnings

from fingerprint import files


def reference_round(sources, work):
    start = time.perf_counter()
    for source in sources:
        try:
            work(source)
        except (SyntaxError, ValueError):
            pass
    return time.perf_counter() - start


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("files", nargs="+")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    sources = []
    for path in files(options.files):
        with open(path, "rb") as file:
            sources.append(file.read())
    lines = sum(source.count(b"\n") for source in sources)
    ours, theirs = {"parse": [], "parse+compile": []}, {"parse": [], "parse+compile": []}
    for _ in range(options.rounds):
        theirs["parse"].append(reference_round(
            sources, lambda source: compile(source, "<source>", "exec", ast.PyCF_ONLY_AST, True)))
        theirs["parse+compile"].append(reference_round(
            sources, lambda source: compile(source, "<source>", "exec", 0, True)))
        run = subprocess.run([options.program, "--rounds", "1", *options.files], capture_output=True, text=True, check=True)
        for name, seconds in re.findall(r"^(\S+): ([\d.]+) s", run.stdout, re.M):
            ours[name].append(float(seconds))
    for name in ours:
        mine, other = statistics.median(ours[name]), statistics.median(theirs[name])
        print(f"{name}: ours {mine:.3f} s ({lines / mine:,.0f} lines/s), reference {other:.3f} s "
              f"({lines / other:,.0f} lines/s): {other / mine:.2f} times as fast")
    print("(the reference's parse makes the objects of the `ast` module, which ours leaves out)")


main()
