import io
import zipfile

memory = io.BytesIO()
with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as z:
    z.writestr("a.txt", "hello " * 100)
    z.writestr(zipfile.ZipInfo("dir/b.bin", (2020, 1, 2, 3, 4, 6)), bytes(range(256)))
    z.writestr("empty", b"")
    with z.open("streamed", "w") as file:
        file.write(b"x" * 1000)
    z.mkdir("folder")
    z.comment = b"a comment"
with zipfile.ZipFile(memory) as z:
    print(z.namelist(), z.testzip(), z.comment)
    for info in z.infolist():
        print(info.filename, info.file_size, info.compress_type, hex(info.CRC), info.is_dir(), info.date_time if info.filename == "dir/b.bin" else "")
    print(z.read("a.txt")[:12], z.open("dir/b.bin").read(4), z.getinfo("empty").compress_size)
    with z.open("a.txt") as file:
        print(file.read(5), file.seek(6), file.readline()[:5], file.tell(), io.TextIOWrapper(file).read(5))
    root = zipfile.Path(z)
    print(sorted(p.name for p in root.iterdir()), (root / "dir" / "b.bin").exists(), (root / "a.txt").read_text()[:5], root.joinpath("dir").is_dir())
with zipfile.ZipFile(memory, "a") as z:
    z.writestr("more", "appended", compress_type=zipfile.ZIP_STORED)
    print(len(z.namelist()), z)if False else print(len(z.namelist()))
print(zipfile.is_zipfile(memory), zipfile.is_zipfile(io.BytesIO(b"PK")))
damaged = bytearray(memory.getvalue())
damaged[40] ^= 0xff
with zipfile.ZipFile(io.BytesIO(damaged)) as z:
    try:
        print(z.testzip())
    except Exception as error:
        print(type(error).__name__)
for bad in (lambda: zipfile.ZipFile(io.BytesIO(b"not a zip")), lambda: zipfile.ZipFile(memory).read("missing"), lambda: zipfile.ZipFile(memory, "z"), lambda: zipfile.ZipFile(io.BytesIO(), "w", 99), lambda: zipfile.ZipInfo("x", (1970, 1, 1, 0, 0, 0)), lambda: zipfile.ZipFile(memory).open("a.txt", "q"), lambda: z.read("a.txt")):
    try:
        bad()
    except (zipfile.BadZipFile, KeyError, ValueError, NotImplementedError) as error:
        print(type(error).__name__, error)
