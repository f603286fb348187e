"""Compares the graph optimiser with the reference's, pass for pass, before any code is generated.

Run with the reference interpreter (it needs `_testinternalcapi`):

    python3.14 tools/check_optimize_cfg.py PROGRAM [--random N] [FILE ...]

PROGRAM is the built example `optimize_cfg` of the compiler crate. Each FILE is compiled by the reference's code
generator; its instruction sequences, with constants made up for them, are the cases. --random adds short random
sequences.
"""

import argparse
import ast
import random
import struct
import subprocess
import warnings

import _testinternalcapi
from _opcode_metadata import opmap
import opcode

NAMES = {number: name for name, number in opmap.items()}
HAS_TARGET = {name for name in opmap if name in (
    "JUMP JUMP_NO_INTERRUPT JUMP_IF_FALSE JUMP_IF_TRUE POP_JUMP_IF_FALSE POP_JUMP_IF_TRUE POP_JUMP_IF_NONE "
    "POP_JUMP_IF_NOT_NONE FOR_ITER SEND END_ASYNC_FOR SETUP_FINALLY SETUP_WITH SETUP_CLEANUP").split()}
POOL = [
    None, True, False, ..., 0, 1, 2, 3, 255, 256, -1, -5, -6, 7, 64, 100, 127, 128, 1000, 2**31, 2**63, -2**63, 2**64 - 1, 2**127, 3**80,
    0.0, -0.0, 1.0, 1.5, -2.5, 1e308, 1e-308, float("inf"), 3.0, 0.1, 1e16, 0j, 1j, -0j, 2.5 + 1j, complex(-0.0, -0.0),
    "", "a", "abc", "ü€𝄞", "\ud800", "x" * 3000, b"", b"a", b"bytes" * 20, (), (1,), (1, 2.0, "x"), (None, (1, (2, 3))),
    (True, 1.0), slice(1, 2, None), slice(None, None, -1), slice(-3, None, 2), frozenset({1, "a"}), frozenset(),
]


def show(value):
    match value:
        case _ if value is None or value is ... or type(value) is bool:
            return repr(value)
        case int():
            return f"int {value}"
        case float():
            return f"float {bits(value)}"
        case complex():
            return f"complex {bits(value.real)} {bits(value.imag)}"
        case str():
            return "str x" + value.encode("utf-8", "surrogatepass").hex()
        case bytes():
            return "bytes x" + value.hex()
        case tuple():
            return f"tuple {len(value)}" + "".join(" " + show(item) for item in value)
        case frozenset():
            return f"frozenset {len(value)} {' '.join(sorted(map(show, value)))}".rstrip()
        case slice():
            return f"slice {show(value.start)} {show(value.stop)} {show(value.step)}"
        case _:
            return "code"


def bits(value):
    return struct.unpack("<Q", struct.pack("<d", value))[0]


def instr_lines(seq):
    return [f"{NAMES[op]} {arg or 0} {line} {end_line} {col} {end_col}"
            for op, arg, line, end_line, col, end_col in seq.get_instructions()]


def case_lines(case):
    nlocals, consts, instrs = case
    return [f"case {nlocals}", *map(show, consts), "--",
            *(f"{NAMES[op]} {arg or 0} {line} {end_line} {col} {end_col}"
              for op, arg, line, end_line, col, end_col in instrs), "=="]


def run_reference(case):
    nlocals, consts, instrs = case
    seq = _testinternalcapi.new_instruction_sequence()
    for at, (op, arg, line, end_line, col, end_col) in enumerate(instrs):
        seq.use_label(at)
        seq.addop(op, arg or 0, line, end_line, col, end_col)  # this order, whatever the names say
    seq.use_label(len(instrs))
    consts = list(consts)
    try:
        result = _testinternalcapi.optimize_cfg(seq, consts, nlocals)
    except Exception as error:
        return [f"{type(error).__name__}: {error}"]
    return [*map(show, consts), "--", *instr_lines(result)]


def cases_of_file(path, rng):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            with open(path, "rb") as file:
                tree = ast.parse(file.read())
            seq, _ = _testinternalcapi.compiler_codegen(tree, path, 0, 0)
        except (SyntaxError, ValueError, RecursionError, UnicodeDecodeError):
            return
    KEEP.append(seq)
    todo = [seq]
    while todo:
        seq = todo.pop()
        todo.extend(seq.get_nested())
        instrs = [i for i in seq.get_instructions()]
        if any(NAMES[i[0]] == "ANNOTATIONS_PLACEHOLDER" for i in instrs):
            place = [NAMES[i[0]] for i in instrs].index("ANNOTATIONS_PLACEHOLDER")
            instrs[place] = (opmap["NOP"], None, *instrs[place][2:])
        nconsts = 1 + max((i[1] for i in instrs if NAMES[i[0]] == "LOAD_CONST"), default=-1)
        local = [i[1] for i in instrs if i[0] in FAST]
        yield 1 + max(local, default=-1), make_consts(nconsts, rng), instrs


# Freeing sequences with annotations is not safe.
KEEP = []
FAST = {number for name, number in opmap.items() if name in (
    "LOAD_FAST", "STORE_FAST", "DELETE_FAST", "LOAD_FAST_CHECK", "LOAD_FAST_AND_CLEAR", "STORE_FAST_MAYBE_NULL")}


def make_consts(count, rng):
    consts = rng.sample(POOL, min(count, len(POOL)))
    return consts + [f"constant {at}" for at in range(count - len(consts))]


# Instructions with what they pop and push, of which random sequences are made.
RANDOM = """LOAD_FAST LOAD_FAST LOAD_FAST STORE_FAST STORE_FAST DELETE_FAST LOAD_FAST_AND_CLEAR STORE_FAST_MAYBE_NULL
LOAD_CONST LOAD_CONST LOAD_CONST LOAD_CONST BINARY_OP BINARY_OP BINARY_OP UNARY_NOT UNARY_INVERT UNARY_NEGATIVE
CALL_INTRINSIC_1 BUILD_TUPLE BUILD_LIST BUILD_SET UNPACK_SEQUENCE SWAP SWAP SWAP COPY POP_TOP POP_TOP NOP
COMPARE_OP CONTAINS_OP IS_OP TO_BOOL LOAD_GLOBAL PUSH_NULL GET_ITER POP_JUMP_IF_FALSE POP_JUMP_IF_TRUE
POP_JUMP_IF_NONE POP_JUMP_IF_NOT_NONE JUMP_IF_FALSE JUMP_IF_TRUE JUMP LOAD_ATTR LOAD_SUPER_ATTR GET_LEN
MATCH_KEYS MATCH_MAPPING MATCH_SEQUENCE MATCH_CLASS WITH_EXCEPT_START GET_ANEXT IMPORT_FROM DICT_MERGE DICT_UPDATE LIST_APPEND
LIST_EXTEND MAP_ADD SET_ADD SET_UPDATE CHECK_EXC_MATCH CHECK_EG_MATCH FOR_ITER SEND END_SEND SET_FUNCTION_ATTRIBUTE LOAD_SPECIAL
PUSH_EXC_INFO STORE_ATTR STORE_SUBSCR CALL CALL_KW CALL_FUNCTION_EX BINARY_SLICE YIELD_VALUE GET_AWAITABLE END_FOR POP_ITER
BUILD_MAP FORMAT_SIMPLE CONVERT_VALUE GET_YIELD_FROM_ITER LOAD_NAME STORE_NAME LOAD_BUILD_CLASS MAKE_FUNCTION
LOAD_FROM_DICT_OR_GLOBALS LOAD_COMMON_CONSTANT STORE_SLICE UNPACK_EX BUILD_STRING BUILD_SLICE BUILD_INTERPOLATION
BUILD_TEMPLATE CLEANUP_THROW EXIT_INIT_CHECK LOAD_LOCALS POP_EXCEPT LOAD_FROM_DICT_OR_DEREF STORE_DEREF LOAD_DEREF""".split()


def random_case(rng):
    """A random sequence whose stack is never empty and meets at jumps: forward jumps to the end only, at depth 0."""
    nlocals = rng.choice([1, 3, 5, 20, 70])
    consts = make_consts(rng.randint(1, 12), rng)
    instrs, depth, line = [], 0, 1
    chosen = rng.sample(RANDOM, 12) + ["LOAD_FAST", "LOAD_CONST", "STORE_FAST", "LOAD_CONST", "POP_TOP"]
    # Depth at which each pending label is reached.
    pending = []

    def add(name, arg):
        instrs.append([name, arg, line])

    for _ in range(rng.randint(3, 40)):
        if rng.random() < 0.25:
            line += rng.choice([1, 1, 0, -1])
        name = rng.choice(chosen)
        arg = 0
        if opmap[name] in FAST:
            arg = rng.randrange(nlocals)
        elif name == "LOAD_CONST":
            arg = rng.randrange(len(consts))
        elif name == "BINARY_OP":
            arg = rng.choice([*range(13), 26])
        elif name == "CALL_INTRINSIC_1":
            arg = 6
        elif name in ("SWAP", "COPY"):
            if depth < 1 + (name == "SWAP"):
                continue
            arg = rng.randint(1 + (name == "SWAP"), min(depth, 5))
        elif name in ("CONTAINS_OP", "IS_OP"):
            arg = rng.randrange(2)
        elif name in ("LIST_APPEND", "LIST_EXTEND", "SET_ADD", "SET_UPDATE", "DICT_UPDATE", "DICT_MERGE", "MAP_ADD"):
            arg = 1
        elif name in HAS_TARGET or name == "UNPACK_EX":
            arg = 0
        elif name == "LOAD_GLOBAL":
            arg = rng.choice([0, 0, 2, 1])
        elif opcode._opcode.has_arg(opmap[name]):
            arg = rng.randrange(4)
        if name in ("JUMP", "FOR_ITER", "SEND") or name in HAS_TARGET:
            needed = {"FOR_ITER": 2, "SEND": 2, "JUMP": 0}.get(name, 1)
            if depth < needed:
                continue
            effect = opcode.stack_effect(opmap[name], 0, jump=True)
            stay = opcode.stack_effect(opmap[name], 0, jump=False)
            pending.append((len(instrs), depth + effect))
            add(name, None)
            depth += stay
            if name == "JUMP":
                # What follows is reached by an own label at depth 0 only.
                depth = 0
        else:
            try:
                popped = POPPED.get(name, 0)
                effect = opcode.stack_effect(opmap[name], arg if opcode._opcode.has_arg(opmap[name]) else None)
            except ValueError:
                continue
            if depth < popped + (arg if name in VARIABLE else 0) or depth + effect < 0:
                continue
            add(name, arg)
            depth += effect
        # Meet a pending jump here if the depths agree.
        for item in list(pending):
            if item[1] == depth and rng.random() < 0.5:
                instrs[item[0]][1] = len(instrs)
                pending.remove(item)
    def finish(depth):
        start = len(instrs)
        for _ in range(depth):
            add("POP_TOP", 0)
        add("LOAD_CONST", 0)
        add("RETURN_VALUE", 0)
        return start
    finish(depth)
    for index, target_depth in pending:
        instrs[index][1] = finish(target_depth)
    no_line = rng.random() < 0.3
    result = []
    for name, arg, line in instrs:
        if no_line and rng.random() < 0.3:
            result.append((opmap[name], arg, -1, -1, -1, -1))
        else:
            result.append((opmap[name], arg, line, line, 0, 0))
    return nlocals, consts, result


# At least so many items must be there (the effect alone does not tell).
POPPED = {"BINARY_OP": 2, "COMPARE_OP": 2, "CONTAINS_OP": 2, "IS_OP": 2, "UNARY_NOT": 1, "UNARY_INVERT": 1,
          "UNARY_NEGATIVE": 1, "CALL_INTRINSIC_1": 1, "TO_BOOL": 1, "GET_ITER": 1, "LOAD_ATTR": 1, "LOAD_SUPER_ATTR": 3,
          "GET_LEN": 1, "MATCH_KEYS": 2, "MATCH_MAPPING": 1, "MATCH_SEQUENCE": 1, "MATCH_CLASS": 3, "WITH_EXCEPT_START": 5,
          "GET_ANEXT": 1, "IMPORT_FROM": 1, "DICT_MERGE": 5, "DICT_UPDATE": 2, "LIST_APPEND": 2, "LIST_EXTEND": 2,
          "MAP_ADD": 3, "SET_ADD": 2, "SET_UPDATE": 2, "CHECK_EXC_MATCH": 2, "CHECK_EG_MATCH": 2, "END_SEND": 2,
          "SET_FUNCTION_ATTRIBUTE": 2, "LOAD_SPECIAL": 1, "PUSH_EXC_INFO": 1, "STORE_ATTR": 2, "STORE_SUBSCR": 3, "CALL": 2,
          "CALL_KW": 3, "CALL_FUNCTION_EX": 4, "BINARY_SLICE": 3, "YIELD_VALUE": 1, "GET_AWAITABLE": 1,
          "FORMAT_SIMPLE": 1, "CONVERT_VALUE": 1, "GET_YIELD_FROM_ITER": 1, "UNPACK_SEQUENCE": 1, "UNPACK_EX": 1,
          "STORE_SLICE": 4, "CLEANUP_THROW": 3, "LOAD_FROM_DICT_OR_GLOBALS": 1, "MAKE_FUNCTION": 1, "STORE_FAST": 1,
          "STORE_FAST_MAYBE_NULL": 1, "POP_TOP": 1, "BUILD_TEMPLATE": 2, "BUILD_INTERPOLATION": 3, "END_FOR": 1, "POP_ITER": 1,
          "LOAD_FROM_DICT_OR_DEREF": 1, "BUILD_SLICE": 3}
VARIABLE = {"CALL", "CALL_KW", "BUILD_TUPLE", "BUILD_LIST", "BUILD_SET", "BUILD_STRING"}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--random", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=3)
    parser.add_argument("--record", help="write the cases with the reference's results to this file instead")
    parser.add_argument("files", nargs="*", default=[])
    options = parser.parse_args()
    rng = random.Random(options.seed)
    cases = [(path, case) for path in options.files for case in cases_of_file(path, rng)]
    cases += [(f"random {at}", random_case(rng)) for at in range(options.random)]
    if options.record:
        with open(options.record, "w") as file:
            for _, case in cases:
                expected = run_reference(case)
                if "Error" not in expected[0]:
                    file.write("\n".join([*case_lines(case), *expected, "=="]) + "\n")
        return
    text = []
    for _, case in cases:
        text.extend(case_lines(case))
    run = subprocess.run([options.program], input="\n".join(text) + "\n", capture_output=True, text=True)
    if run.returncode:
        print(run.stderr[-3000:])
    ours = run.stdout.split("\n==\n")
    same = differ = errors = 0
    for (name, case), got in zip(cases, ours):
        expected = run_reference(case)
        if len(expected) == 1 and "Error" in expected[0]:
            errors += 1
            continue
        if "\n".join(expected) == got:
            same += 1
            continue
        differ += 1
        if differ <= options.show:
            print("DIFFERS", name)
            print("  consts", case[1])
            for at, instr in enumerate(case[2]):
                print("   in", at, NAMES[instr[0]], *instr[1:3])
            got = got.split("\n")
            for at in range(max(len(expected), len(got))):
                a = expected[at] if at < len(expected) else ""
                b = got[at] if at < len(got) else ""
                print("  ", "  " if a == b else "!!", a[:60].ljust(60), b[:60])
    print(f"{same} same, {differ} differ, {errors} refused by the reference, of {len(cases)}; {len(ours) - 1} answers")


main()
