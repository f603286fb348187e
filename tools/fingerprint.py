"""Fingerprints of code objects, the same on every interpreter.

    python3.14 tools/fingerprint.py record [--levels 0,1,2] [--sources] FILE ... > reference.txt
    target/release/examples/fingerprint [--levels 0,1,2] FILE ... > ours.txt
    python3.14 tools/fingerprint.py compare reference.txt ours.txt
    python3.14 tools/fingerprint.py diff PROGRAM LEVEL FILE

FILE may be a directory (all .py files in it) or @LIST (a file of names). A line of the record is `LEVEL CRC LENGTH
PATH`, or `LEVEL error KIND PATH` for a file that does not compile. The fingerprint is the CRC-32 of a text that shows
every field of the code object and of those within it; `dump LEVEL FILE` prints that text.
"""

import argparse
import collections
import difflib
import os
import struct
import subprocess
import sys
import types
import warnings
import zlib


def show_code(code, out):
    """Appends the text of a code object, nested ones at their place among the constants."""
    out.append(f"code {code.co_argcount} {code.co_posonlyargcount} {code.co_kwonlyargcount} {code.co_stacksize} "
               f"{code.co_flags:x} {code.co_firstlineno}")
    out.append(f"name {text(code.co_name)} {text(code.co_qualname)}")
    for field in ("names", "varnames", "cellvars", "freevars"):
        out.append(field + "".join(" " + text(name) for name in getattr(code, "co_" + field)))
    bytecode = code.co_code
    out.append("code " + bytecode.hex())
    out.append("lines " + code.co_linetable.hex())
    out.append("exceptions " + code.co_exceptiontable.hex())
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            show_code(constant, out)
        else:
            out.append("const " + show_const(constant))
    out.append("end")


def text(string):
    return "x" + string.encode("utf-8", "surrogatepass").hex()


def show_const(value):
    if value is None or value is ... or type(value) is bool:
        return repr(value)
    kind = type(value)
    if kind is int:
        return f"int {value:x}"
    if kind is float:
        return f"float {bits(value):x}"
    if kind is complex:
        return f"complex {bits(value.real):x} {bits(value.imag):x}"
    if kind is str:
        return "str " + text(value)
    if kind is bytes:
        return "bytes x" + value.hex()
    if kind is tuple:
        return f"tuple {len(value)}" + "".join(" " + show_const(item) for item in value)
    if kind is frozenset:
        return f"frozenset {len(value)}" + "".join(" " + item for item in sorted(map(show_const, value)))
    if kind is slice:
        return f"slice {show_const(value.start)} {show_const(value.stop)} {show_const(value.step)}"
    raise TypeError(kind)


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def dump(path, level):
    """The text whose checksum is the fingerprint."""
    with open(path, "rb") as file:
        source = file.read()
    out = []
    show_code(compile(source, path, "exec", dont_inherit=True, optimize=level), out)
    return "\n".join(out) + "\n"


def fingerprint(path, level):
    try:
        data = dump(path, level).encode()
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        return f"{level} error {type(error).__name__} {path}"
    return f"{level} {zlib.crc32(data):08x} {len(data)} {path}"


def files(names):
    for name in names:
        if name.startswith("@"):
            with open(name[1:]) as file:
                yield from files(file.read().split("\n")[:-1])
        elif os.path.isdir(name):
            for folder, folders, found in os.walk(name):
                folders.sort()
                yield from (os.path.join(folder, file) for file in sorted(found) if file.endswith(".py"))
        else:
            yield name


def read_record(name):
    record = {}
    with open(name) as file:
        for line in file:
            level, check, length, path = line.rstrip("\n").split(" ", 3)
            record[level, path] = (check, length)
    return record


def compare(reference, ours):
    """Prints what differs, and how many files are identical at each level."""
    reference, ours = read_record(reference), read_record(ours)
    same, total, failed = collections.Counter(), collections.Counter(), 0
    for key, expected in reference.items():
        level, path = key
        got = ours.get(key)
        # Kinds of errors are not compared here.
        if expected[0] == "error":
            if got is None or got[0] != "error":
                print(f"level {level}: {path} must not compile ({expected[1]})")
                failed += 1
            continue
        total[level] += 1
        if got == expected:
            same[level] += 1
        else:
            print(f"level {level}: {path} {'is missing' if got is None else 'fails: ' + got[1] if got[0] == 'error' else 'differs'}")
    for level in sorted(total):
        print(f"level {level}: {same[level]} of {total[level]} identical")
    if failed:
        print(f"{failed} compile that must not")
    return failed or same != total


def explain(program, level, path):
    """Shows where the code objects of a file differ, instruction by instruction."""
    import dis

    expected = dump(path, level).splitlines()
    run = subprocess.run([program, "--dump", "--levels", str(level), path], capture_output=True, text=True)
    got = run.stdout.splitlines()
    if not got:
        print(run.stderr)
        return

    def readable(lines):
        where = []
        codes, first = [], [0]
        for line in lines:
            kind, _, rest = line.partition(" ")
            if kind == "code" and " " in rest:
                first.append(int(rest.split()[-1]))
                yield f"code {rest}"
            elif kind == "name":
                names = [bytes.fromhex(word[1:]).decode("utf-8", "replace") for word in rest.split()]
                where.append(names[1])
                yield f"name {names}"
            elif kind == "code":
                codes.append(bytes.fromhex(rest))
                data = codes[-1]
                for at in range(0, len(data), 2):
                    yield f"{where[-1]:30} {dis.opname[data[at]]} {data[at + 1]}"
            elif kind == "lines":
                table = bytes.fromhex(rest)
                empty = (lambda: None).__code__
                code = empty.replace(co_linetable=table, co_firstlineno=first[-1], co_code=codes.pop())
                yield from (f"{where[-1]:30} at {at} {position}" for at, position in enumerate(code.co_positions()))
            elif kind == "exceptions":
                code = (lambda: None).__code__.replace(co_exceptiontable=bytes.fromhex(rest))
                yield from (f"{where[-1]:30} {entry}" for entry in dis._parse_exception_table(code))
            elif kind == "end":
                where.pop()
                first.pop()
            elif kind in ("names", "varnames", "cellvars", "freevars"):
                names = [bytes.fromhex(word[1:]).decode("utf-8", "replace") for word in rest.split()]
                yield f"{where[-1]:30} {kind} {names}"
            else:
                yield f"{where[-1]:30} {line[:300]}"

    difference = difflib.unified_diff(list(readable(expected)), list(readable(got)), "reference", "ours", lineterm="", n=4)
    for line in list(difference)[:120]:
        print(line)


def main():
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("record")
    command.add_argument("--levels", default="0,1,2")
    command.add_argument("--sources", action="store_true", help="put the CRC of the source before the path")
    command.add_argument("files", nargs="+")
    command = commands.add_parser("compare")
    command.add_argument("reference")
    command.add_argument("ours")
    command = commands.add_parser("dump")
    command.add_argument("level", type=int)
    command.add_argument("file")
    command = commands.add_parser("diff")
    command.add_argument("program")
    command.add_argument("level", type=int)
    command.add_argument("file")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    if options.command == "record":
        for path in files(options.files):
            for level in map(int, options.levels.split(",")):
                line = fingerprint(path, level)
                if options.sources:
                    with open(path, "rb") as file:
                        line = line[:-len(path)] + f"{zlib.crc32(file.read()):08x} {path}"
                print(line)
    elif options.command == "compare":
        sys.exit(bool(compare(options.reference, options.ours)))
    elif options.command == "dump":
        sys.stdout.write(dump(options.file, options.level))
    else:
        explain(options.program, options.level, options.file)


if __name__ == "__main__":
    main()
