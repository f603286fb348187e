"""The ledger of CPython's test suite: `tests/conformance.tsv`, a module a line, the tests that pass here of those that pass on CPython.

    python3.14 tools/conformance.py run INTERPRETER --suite DIRECTORY --out RESULTS.json [--installed] [--modules test.test_int,...] [--jobs N]
    python3.14 tools/conformance.py ledger RESULTS.json REFERENCE.json [--ledger FILE]
    python3.14 tools/conformance.py check RESULTS.json REFERENCE.json [--ledger FILE]

With `--installed`, the interpreter (one that carries its library) is put into a prefix whose library has the package, as CPython's has: many
tests start children that ignore PYTHONPATH.

`run` executes each module of the suite (DIRECTORY holds the package `test`) in a process of its own, here and once on CPython for the
reference, and writes {module: {test id: outcome}}; results may also be gzipped. `ledger` writes the ledger; `check` compares with it, says
which modules lost or won tests, and ends with status 1 if any lost. A module that was not run keeps its line.
"""

import argparse
import concurrent.futures
import gzip
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile

LEDGER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "conformance.tsv")
COMPILED_HELPERS = ["_testcapi", "_testinternalcapi", "_testlimitedcapi", "_testbuffer", "_testimportmultiple", "_testmultiphase",
                    "_testsinglephase", "_testclinic", "_testclinic_limited", "_testexternalinspection", "_xxtestfuzz", "_ctypes_test"]


def drive(module):
    """In the interpreter under test: a line `T outcome id` for each test, then `M` and how it ended."""
    import importlib
    import unittest
    for name in COMPILED_HELPERS:
        sys.modules[name] = None

    def say(text):
        os.write(descriptor, (text + "\n").encode("utf-8", "backslashreplace"))

    descriptor = os.dup(1)

    class Result(unittest.TestResult):
        def __init__(self, *arguments, **options):
            super().__init__(*arguments, **options)
            self.bad = False

        def startTest(self, test):
            super().startTest(test)
            self.bad = False

        def addSuccess(self, test):
            say(f"T ok {test.id()}")

        def addFailure(self, test, error):
            say(f"T fail {test.id()}")

        def addError(self, test, error):
            say(f"T error {test.id()}")

        def addSkip(self, test, reason):
            say(f"T skip {test.id()}")

        def addExpectedFailure(self, test, error):
            say(f"T xfail {test.id()}")

        def addUnexpectedSuccess(self, test):
            say(f"T xpass {test.id()}")

        def addSubTest(self, test, subtest, error):
            if error is not None and not self.bad:
                self.bad = True
                say(f"T fail {test.id()}")

    try:
        loaded = importlib.import_module(module)
        tests = unittest.defaultTestLoader.loadTestsFromModule(loaded)
    except unittest.SkipTest as reason:
        say(f"M skip {reason}")
        return
    except BaseException as error:
        say(f"M importerror {type(error).__name__}: {error}"[:200])
        return
    tests.run(Result())
    say("M done")


def run_module(command, module, path, timeout):
    folder = tempfile.mkdtemp(prefix="conformance-")
    env = dict(os.environ)
    env.pop("PYTHONPATH", None)
    if path:
        env["PYTHONPATH"] = path
    child = subprocess.Popen([*command, os.path.abspath(__file__), "--drive", module], env=env, cwd=folder,
                             start_new_session=True, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        out, err = child.communicate(timeout=timeout)
        end = f"exit {child.returncode}"
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)
        out, err = child.communicate()
        end = "timeout"
    try:
        # Whatever the module left running.
        os.killpg(child.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    shutil.rmtree(folder, ignore_errors=True)
    result = {}
    for line in out.decode("utf-8", "replace").splitlines():
        match line.split(" ", 2):
            case ["T", outcome, test]:
                # A failed part of a test counts, whatever follows.
                if result.get(test) != "fail":
                    result[test] = outcome
            case ["M", *words]:
                end = " ".join(words)
    result["_end"] = end
    return result


def run(options):
    # What a shell starts in the background ignores interrupts, and so would the tests' programs, of which some wait for one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    names = options.modules.split(",") if options.modules else sorted(
        "test." + name.removesuffix(".py") for name in os.listdir(os.path.join(options.suite, "test")) if name.startswith("test_"))
    results = {}
    with tempfile.TemporaryDirectory(prefix="suite-") as path, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        command, library = options.interpreter.split(), path
        if options.installed:
            library = os.path.join(path, "lib", "python3.14")
            os.makedirs(library)
            os.mkdir(os.path.join(path, "bin"))
            command[0] = shutil.copy2(command[0], os.path.join(path, "bin"))
        # Only the package `test` of that library is to be seen.
        os.symlink(os.path.abspath(os.path.join(options.suite, "test")), os.path.join(library, "test"))
        path = None if options.installed else path
        futures = {pool.submit(run_module, command, name, path, options.timeout): name for name in names}
        for future in concurrent.futures.as_completed(futures):
            results[futures[future]] = future.result()
            with open(options.out, "w") as file:
                json.dump(results, file, indent=0, sort_keys=True)


def load(name):
    with (gzip.open if name.endswith(".gz") else open)(name, "rt") as file:
        return json.load(file)


def read_ledger(name):
    try:
        with open(name) as file:
            rows = [line.rstrip("\n").split("\t") for line in file if not line.startswith(("#", "module\t", "all\t"))]
    except FileNotFoundError:
        return {}
    return {row[0]: (int(row[1]), int(row[2]), row[3] if len(row) > 3 else "") for row in rows}


def rows_of(options):
    """{module: (passing here, passing on the reference, how it ended if that was not well)} for the modules that were run."""
    results, reference, rows = load(options.results), load(options.reference), {}
    for module, tests in reference.items():
        wanted = [test for test, outcome in tests.items() if outcome == "ok" and not test.startswith("_")]
        if wanted and module in results:
            found = results[module]
            end = found.get("_end", "done")
            rows[module] = sum(found.get(test) in ("ok", "xpass") for test in wanted), len(wanted), "" if end == "done" else end.replace("\t", " ")[:80]
    return rows


def write_ledger(options):
    rows = read_ledger(options.ledger) | rows_of(options)
    here, there = sum(row[0] for row in rows.values()), sum(row[1] for row in rows.values())
    with open(options.ledger, "w") as file:
        file.write("# Tests of CPython's suite, without compiled helpers, that pass here and on CPython 3.14.8. Written by tools/conformance.py.\n")
        file.write(f"module\there\tthere\tended\nall\t{here}\t{there}\t{100 * here / max(there, 1):.2f} %\n")
        for module, (here, there, end) in sorted(rows.items()):
            file.write(f"{module}\t{here}\t{there}\t{end}".rstrip() + "\n")


def check(options):
    known, lost = read_ledger(options.ledger), 0
    for module, (here, there, end) in sorted(rows_of(options).items()):
        before = known.get(module, (0, 0, ""))[0]
        if here != before:
            print(f"{module}: {before} -> {here} of {there} {end}")
            lost += here < before
    return lost


def main():
    if sys.argv[1:2] == ["--drive"]:
        return drive(sys.argv[2])
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    commands = parser.add_subparsers(dest="command", required=True)
    runs = commands.add_parser("run")
    runs.add_argument("interpreter")
    runs.add_argument("--suite", required=True)
    runs.add_argument("--out", required=True)
    runs.add_argument("--installed", action="store_true")
    runs.add_argument("--modules")
    runs.add_argument("--jobs", type=int, default=2)
    runs.add_argument("--timeout", type=float, default=300)
    for name in ("ledger", "check"):
        command = commands.add_parser(name)
        command.add_argument("results")
        command.add_argument("reference")
        command.add_argument("--ledger", default=LEDGER)
    options = parser.parse_args()
    match options.command:
        case "run":
            run(options)
        case "ledger":
            write_ledger(options)
        case "check":
            sys.exit(bool(check(options)))


if __name__ == "__main__":
    main()
