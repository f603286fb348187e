import argparse


def build():
    parser = argparse.ArgumentParser(prog="tool", description="Works on files.", epilog="That is all.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="what to read")
    parser.add_argument("-v", "--verbose", action="count", default=0, help="say more")
    parser.add_argument("-o", "--output", default="-", help="where to write (default: %(default)s)")
    parser.add_argument("--level", type=int, choices=range(1, 4))
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--json", action="store_true")
    group.add_argument("--csv", action="store_true")
    commands = parser.add_argument_group("more")
    commands.add_argument("--no-color", dest="color", action="store_false")
    commands.add_argument("--pair", nargs=2, action="append")
    return parser


parser = build()
print(parser.format_help())
print(parser.format_usage())
for line in ("a b -vv", "--output=x --level 2 --json", "--pair 1 2 --pair 3 4 --no-color", "-ofile -v c", "--lev 3 -- -x"):
    print(vars(parser.parse_args(line.split())))

commands = argparse.ArgumentParser(prog="git", exit_on_error=False)
sub = commands.add_subparsers(dest="command", required=True)
add = sub.add_parser("add", help="add files", aliases=["a"])
add.add_argument("path")
log = sub.add_parser("log")
log.add_argument("-n", type=int, default=10)
print(vars(commands.parse_args(["add", "x"])), vars(commands.parse_args(["log", "-n", "3"])))
for bad in (["nope"], []):
    try:
        commands.parse_args(bad)
    except argparse.ArgumentError as error:
        print(type(error).__name__, error)
known, rest = parser.parse_known_args(["a", "--unknown", "1"])
print(known.files, rest)
for bad in (["--level", "9"], ["--json", "--csv"], ["--pair", "1"]):
    try:
        parser.exit = lambda status=0, message=None: print("exit", status, message)
        parser.error = lambda message: (_ for _ in ()).throw(SystemExit(message))
        parser.parse_args(bad)
    except SystemExit as error:
        print("error:", error)
