import tempfile
from pathlib import Path, PurePosixPath, PureWindowsPath

p = PurePosixPath("/usr/lib/python3.14/site.tar.gz")
print(p.parts, p.parent, p.name, p.stem, p.suffix, p.suffixes, p.root, p.anchor, p.is_absolute(), p.with_suffix(".zip"), p.with_name("x"), p.with_stem("y"), p.with_segments("a", "b"))
print(p / "a" / "../b", "x" / PurePosixPath("y"), p.relative_to("/usr"), p.is_relative_to("/lib"), p.match("*.gz"), p.full_match("/usr/**/*.gz"), list(p.parents)[:2], p.joinpath("a", "/b"), p.as_uri(), PurePosixPath("a//b/./c"), PurePosixPath(""))
w = PureWindowsPath(r"C:\Users\Ada\file.txt")
print(w.drive, w.parts, w.as_posix(), w == PureWindowsPath("c:/users/ada/FILE.TXT"), w.is_reserved() if False else w.stem, repr(w))
print(sorted([PurePosixPath("b"), PurePosixPath("a/c"), PurePosixPath("a")]), hash(PurePosixPath("a/")) == hash(PurePosixPath("a")), PurePosixPath("../a").relative_to("../b", walk_up=True))
with tempfile.TemporaryDirectory() as name:
    root = Path(name)
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "x.txt").write_text("hello\nworld\n", encoding="utf-8")
    (root / "a" / "b" / "y.txt").write_bytes(b"\x00\x01")
    print(sorted(str(q.relative_to(root)) for q in root.rglob("*")), [q.name for q in (root / "a").glob("*.txt")], (root / "a/x.txt").read_text().split(), (root / "a/b/y.txt").read_bytes(), (root / "a").is_dir(), (root / "no").exists())
    (root / "link").symlink_to("a/x.txt")
    print((root / "link").is_symlink(), (root / "link").readlink(), (root / "link").resolve() == (root / "a/x.txt").resolve(), (root / "a/x.txt").stat().st_size, (root / "link").samefile(root / "a/x.txt"))
    (root / "a/x.txt").rename(root / "z.txt")
    (root / "t").touch()
    print(sorted(q.name for q in root.iterdir()), [(d.name if d != root else "", sorted(ds), sorted(fs)) for d, ds, fs in root.walk()])
    with (root / "z.txt").open() as file:
        print(file.readline())
    (root / "z.txt").copy(root / "copy.txt")
    print((root / "copy.txt").read_text() == "hello\nworld\n")
    (root / "t").unlink()
    (root / "t").unlink(missing_ok=True)
    for bad in (lambda: (root / "t").unlink(), lambda: (root / "a").rmdir(), lambda: (root / "a").mkdir(), lambda: (root / "no").read_text(), lambda: p.relative_to("/x"), lambda: p.with_suffix("x"), lambda: p.with_name("a/b"), lambda: Path("a") + "b"):
        try:
            bad()
        except (OSError, ValueError, TypeError) as error:
            print(type(error).__name__, str(error).replace(name, "ROOT"))
