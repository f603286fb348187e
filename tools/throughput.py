"""Compile throughput of interpreters against each other: lines a second for parse, and for parse and compile.

    python3 tools/throughput.py [--rounds N] INTERPRETER INTERPRETER ... -- FILE|DIRECTORY|@LIST ...

Each interpreter is one process with all sources in memory. They take turns: a round is every source once through
`compile()`, to a tree (`PyCF_ONLY_AST`) and to a code object. The figure of each is the median of its rounds; ratios are
to the first interpreter.
"""

import argparse
import os
import statistics
import subprocess
import sys

WORKER = """
import sys, time, warnings
warnings.simplefilter("ignore")
sources = []
for name in sys.stdin.readline().rstrip("\\n").split("\\0"):
    with open(name, "rb") as file:
        sources.append((file.read(), name))
print(sum(source.count(b"\\n") for source, name in sources), flush=True)
for line in sys.stdin:
    flags = int(line)
    start = time.process_time()
    for source, name in sources:
        try:
            compile(source, name, "exec", flags, True)
        except (SyntaxError, ValueError):
            pass
    print(time.process_time() - start, flush=True)
"""
STAGES = {"parse to a tree": 0x400, "parse and compile": 0}


class Worker:
    def __init__(self, interpreter, names):
        self.process = subprocess.Popen([interpreter, "-c", WORKER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.lines = int(self.ask("\0".join(names)))
        self.seconds = {stage: [] for stage in STAGES}

    def ask(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline()

    def run(self, stage):
        self.seconds[stage].append(float(self.ask(str(STAGES[stage]))))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("interpreters", nargs="+")
    at = sys.argv.index("--")
    args = parser.parse_args(sys.argv[1:at])
    from fingerprint import files

    names = [name for name in files(sys.argv[at + 1:]) if "\n" not in name and os.path.isfile(name)]
    workers = [Worker(interpreter, names) for interpreter in args.interpreters]
    for _ in range(args.rounds):
        for stage in STAGES:
            for worker in workers:
                worker.run(stage)
    for stage in STAGES:
        first = statistics.median(workers[0].seconds[stage])
        for interpreter, worker in zip(args.interpreters, workers):
            seconds = statistics.median(worker.seconds[stage])
            print(f"{stage:18} {worker.lines / seconds:12,.0f} lines/s  {first / seconds:5.2f}  {interpreter}")


if __name__ == "__main__":
    main()
