# Paths, files and directories through os: arguments of all kinds, errors and their attributes.
import errno
import os
import stat
import tempfile


def show(label, function, *args, **kwargs):
    try:
        print(label, "->", function(*args, **kwargs))
    except Exception as e:
        names = [getattr(e, "filename", None), getattr(e, "filename2", None)]
        print(label, "->", type(e).__name__, e, [n for n in names if n is not None])


class PathLike:
    def __init__(self, path):
        self.path = path

    def __fspath__(self):
        return self.path


base = tempfile.mkdtemp()
os.chdir(base)
print(os.getcwd() == os.path.realpath(base), os.getcwdb() == os.fsencode(os.getcwd()))

# Files and their status.
fd = os.open("file", os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o640)
print(os.write(fd, b"hello world"), os.lseek(fd, 0, os.SEEK_SET), os.read(fd, 5), os.read(fd, 100), os.read(fd, 100))
print(os.pread(fd, 3, 6), os.pwrite(fd, b"W", 6), os.pread(fd, 20, 0))
print(os.writev(fd, [b"ab", bytearray(b"cd")]), os.lseek(fd, -4, os.SEEK_CUR))
first, second = bytearray(2), bytearray(5)
print(os.readv(fd, [first, second]), first, second)
buffer = bytearray(4)
print(os.lseek(fd, 0, 0), os.readinto(fd, buffer), buffer)
print(os.get_inheritable(fd), os.set_inheritable(fd, True), os.get_inheritable(fd), os.get_blocking(fd), os.isatty(fd))
os.ftruncate(fd, 7)
st = os.fstat(fd)
print(st.st_size, stat.S_ISREG(st.st_mode), oct(st.st_mode & 0o777), st[6] == st.st_size, len(st), st.n_fields, st.n_unnamed_fields)
print(st.st_mtime_ns // 10**9 == st[8] == int(st.st_mtime), type(st.st_mtime), type(st.st_ino), st.__class__.__module__)
os.close(fd)
show("closed", os.fstat, fd)
show("closed write", os.write, fd, b"x")

for path in ["file", b"file", PathLike("file"), PathLike(b"file")]:
    print(type(path).__name__, os.stat(path).st_size, os.path.exists(path), os.access(path, os.R_OK), os.path.getsize(path))
show("missing", os.stat, "missing")
show("missing bytes", os.lstat, b"missing")
show("path-like", os.unlink, PathLike("missing"))
show("null", os.stat, "a\0b")
show("null bytes", os.open, b"a\0b", 0)
show("surrogate", os.stat, "\ud800x")
show("escaped", os.stat, "x\udcff")
show("float", os.stat, 1.5)
show("none", os.stat, None)
show("int for open", os.open, 3, 0)
show("bad path-like", os.stat, PathLike(3))
show("fspath", os.fspath, 3)
show("fd too large", os.stat, 1 << 70)
show("bad dir_fd", os.stat, "file", dir_fd=1.5)
show("fd and dir_fd", os.stat, 0, dir_fd=0)
show("fd and links", os.stat, 0, follow_symlinks=False)
show("listdir", os.listdir, "missing")
show("listdir file", os.listdir, "file")
show("rename", os.rename, "missing", "other")
show("link", os.link, "missing", b"other")
show("mkdir", os.mkdir, base.replace(base, "/"))
show("positional", os.mkdir, "a", 0o777, 3)
show("keyword", os.mkdir, "a", mod=3)

# Directories.
os.mkdir("dir")
os.makedirs("dir/a/b", exist_ok=True)
for name in ["one", "two", "três", b"raw\xff"]:
    path = os.path.join("dir" if isinstance(name, str) else b"dir", name)
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY))
print(sorted(os.listdir("dir")), sorted(os.listdir(b"dir")))
os.symlink("../file", "dir/link")
os.symlink("nowhere", "dir/broken")
print(os.readlink("dir/link"), os.readlink(b"dir/link"), os.path.islink("dir/link"), os.lstat("dir/link").st_size)
with os.scandir("dir") as entries:
    found = sorted(entries, key=lambda e: e.name)
for entry in found:
    print(repr(entry), ascii(entry.path), entry.is_dir(), entry.is_file(), entry.is_symlink(), entry.is_junction(), os.fspath(entry) == entry.path)
print(found[0].inode() == os.lstat(found[0].path).st_ino, found[0].stat() is found[0].stat(), os.DirEntry[str])
show("broken", [e for e in found if e.name == "broken"][0].stat)
iterator = os.scandir(b"dir")
print(type(next(iterator).name), iterator.close(), next(iterator, "end"))
show("entry", os.DirEntry)
directory = os.open("dir", os.O_RDONLY | os.O_DIRECTORY)
print(sorted(os.listdir(directory)) == sorted(os.listdir("dir")), os.stat("one", dir_fd=directory).st_size)
print(sorted(e.name for e in os.scandir(directory) if e.is_file(follow_symlinks=False)))
os.rename("one", "uno", src_dir_fd=directory, dst_dir_fd=directory)
os.mkdir("c", dir_fd=directory)
os.link("uno", "dos", src_dir_fd=directory, dst_dir_fd=directory)
print(os.stat("dir/uno").st_nlink, os.path.samefile("dir/uno", "dir/dos"))
os.unlink("uno", dir_fd=directory)
os.rmdir("c", dir_fd=directory)
os.fchdir(directory)
print(os.path.basename(os.getcwd()), os.path.exists("dos"))
os.chdir("..")
os.close(directory)
show("rmdir", os.rmdir, "dir")
show("removed", os.replace, "dir/two", "dir/a")
os.replace("dir/two", "dir/dos")
print(sorted(os.listdir("dir"), key=os.fsencode))
for root, directories, files in os.walk("dir"):
    print(root, sorted(directories), sorted(files, key=os.fsencode))

# Modes, times, owners, attributes.
os.chmod("file", 0o600)
print(oct(os.stat("file").st_mode), os.umask(0o22) >= 0, os.umask(0o22))
os.utime("file", (1.5, 2.25))
print(os.stat("file").st_atime, os.stat("file").st_mtime_ns)
os.utime("file", ns=(1, 10**18 + 1))
print(os.stat("file").st_atime_ns, os.stat("file").st_mtime_ns, os.stat("file")[8])
os.utime("dir/link", (5, 6), follow_symlinks=False)
print(os.lstat("dir/link").st_mtime, os.stat("file").st_mtime_ns)
show("times and ns", os.utime, "file", (1, 2), ns=(3, 4))
show("one time", os.utime, "file", (1,))
show("bad time", os.utime, "file", (1, "x"))
show("nan", os.utime, "file", (float("nan"), 1))
os.truncate("file", 3)
print(os.path.getsize("file"))
os.chown("file", -1, -1)
show("chown", os.chown, "file", 1.5, 0)
show("chown large", os.chown, "file", 0, 1 << 40)
os.mkfifo("fifo")
print(stat.S_ISFIFO(os.stat("fifo").st_mode), stat.filemode(os.stat("fifo").st_mode & ~0o777))
print(os.statvfs(".").f_namemax, type(os.statvfs(".")), os.pathconf(".", "PC_NAME_MAX"))
show("pathconf", os.pathconf, ".", "PC_NOTHING")

# Normal forms.
for path in ["", "/", "//", "///", "a/./b/../c", "../a/../..", "/../x", "//x//y/", "a\0/b/..", b"/a/b/../../.."]:
    print(repr(path), repr(os.path.normpath(path)), os.path.splitroot(path))

# The environment.
os.environ["TAIPAN_TEST"] = "vålue"
print(os.environ["TAIPAN_TEST"], os.environb[b"TAIPAN_TEST"], os.getenv("TAIPAN_TEST"))
del os.environ["TAIPAN_TEST"]
print(os.getenv("TAIPAN_TEST"))
show("putenv", os.putenv, "a=b", "c")
show("environ", os.environ.__setitem__, "x", 3)
show("environ null", os.environ.__setitem__, "x", "a\0")

# Results.
print(os.stat_result(range(10)), os.stat_result(range(10)).st_atime, os.stat_result(range(13)).st_atime)
show("short", os.stat_result, (1, 2))
size = os.terminal_size((80, 24))
print(size, size.columns, size._replace if hasattr(size, "_replace") else "-", size == (80, 24))
print(errno.errorcode[2], errno.ENOENT, os.strerror(2), os.strerror(9999))
print(os.sysconf("SC_PAGE_SIZE") > 0, os.sysconf_names["SC_ARG_MAX"], len(os.urandom(7)), os.cpu_count() > 0)
show("sysconf", os.sysconf, "SC_NOTHING")
show("urandom", os.urandom, -1)
print(os.uname().sysname, os.makedev(8, 3), os.major(0x803), os.minor(0x803), os.device_encoding(99))

for root, directories, files in os.walk(os.fsencode(base), topdown=False):
    for name in files:
        os.unlink(os.path.join(root, name))
    for name in directories:
        path = os.path.join(root, name)
        os.unlink(path) if os.path.islink(path) else os.rmdir(path)
os.chdir("/")
os.rmdir(base)
print(os.path.exists(base))
