import os
import shutil
import tempfile

with tempfile.TemporaryDirectory(prefix="pre-", suffix="-suf") as root:
    print(os.path.basename(root).startswith("pre-"), root.endswith("-suf"))
    with tempfile.NamedTemporaryFile("w+", dir=root, suffix=".txt", delete_on_close=False) as file:
        file.write("hello")
        file.flush()
        print(os.path.exists(file.name), file.name.endswith(".txt"), os.path.getsize(file.name), file.mode)
    print(os.path.exists(file.name))
    with tempfile.TemporaryFile() as file, tempfile.SpooledTemporaryFile(max_size=4, mode="w+") as spooled:
        print(file.write(b"abc"), file.seek(0), file.read(), spooled.write("abcdef"), spooled._rolled)
    descriptor, path = tempfile.mkstemp(dir=root)
    os.close(descriptor)
    print(oct(os.stat(path).st_mode & 0o777), os.path.isdir(tempfile.mkdtemp(dir=root)))
    source = os.path.join(root, "source")
    os.makedirs(os.path.join(source, "sub"))
    for name in ("a.txt", "b.py", "sub/c.txt"):
        with open(os.path.join(source, name), "w") as file:
            file.write(name)
    target = shutil.copytree(source, os.path.join(root, "target"), ignore=shutil.ignore_patterns("*.py"))
    print(sorted(os.path.relpath(os.path.join(d, f), target) for d, _, fs in os.walk(target) for f in fs))
    print(os.path.basename(shutil.copy(os.path.join(source, "a.txt"), os.path.join(root, "copied"))), os.path.basename(shutil.move(os.path.join(root, "copied"), os.path.join(root, "moved"))))
    archive = shutil.make_archive(os.path.join(root, "archive"), "zip", source)
    shutil.unpack_archive(archive, os.path.join(root, "unpacked"))
    print(os.path.basename(archive), sorted(os.listdir(os.path.join(root, "unpacked"))), [name for name, _ in shutil.get_archive_formats()][:2])
    shutil.rmtree(target)
    print(os.path.exists(target), shutil.which("sh") is not None, shutil.which("no-such-program"), shutil.disk_usage("/").total > 0)
    for bad in (lambda: shutil.rmtree(target), lambda: shutil.copytree(source, source), lambda: shutil.copy(source, root), lambda: shutil.move(source, os.path.join(source, "x")), lambda: shutil.make_archive("x", "nope"), lambda: shutil.copyfile(os.path.join(source, "a.txt"), os.path.join(source, "a.txt"))):
        try:
            bad()
        except (OSError, ValueError) as error:
            print(type(error).__name__, str(error).replace(root, "ROOT"))
print(os.path.exists(root))
