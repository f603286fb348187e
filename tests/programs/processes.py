# Processes: fork, exec, pipes, waiting, subprocess, signals, locks on files, memory maps.
import fcntl
import mmap
import os
import select
import signal
import struct
import subprocess
import sys
import tempfile


def show(label, function, *args, **kwargs):
    try:
        print(label, "->", function(*args, **kwargs))
    except Exception as e:
        print(label, "->", type(e).__name__, e)


sys.stdout.flush()

# Fork and wait.
read_end, write_end = os.pipe()
tracing = True
os.register_at_fork(
    before=lambda: tracing and os.write(write_end, b"before "),
    after_in_child=lambda: tracing and os.write(write_end, b"child "),
)
os.register_at_fork(before=lambda: tracing and os.write(write_end, b"last-registered "))
pid = os.fork()
if pid == 0:
    os.write(write_end, b"running")
    os._exit(7)
done, status = os.waitpid(pid, 0)
print(done == pid, os.WIFEXITED(status), os.WEXITSTATUS(status), os.waitstatus_to_exitcode(status), os.read(read_end, 100))
show("nothing left", os.waitpid, pid, 0)
show("register", os.register_at_fork)
show("register", os.register_at_fork, before=3)

tracing = False
pid = os.fork()
if pid == 0:
    os.kill(os.getpid(), signal.SIGKILL)
status = os.waitpid(pid, 0)[1]
print(os.WIFSIGNALED(status), os.WTERMSIG(status), os.waitstatus_to_exitcode(status))
pid = os.fork()
if pid == 0:
    os._exit(3)
result = os.waitid(os.P_PID, pid, os.WEXITED)
print(result.si_pid == pid, result.si_status, result.si_code == os.CLD_EXITED, len(result))
pid = os.fork()
if pid == 0:
    os._exit(0)
_, status, usage = os.wait4(pid, 0)
print(status, type(usage).__name__, usage.ru_utime >= 0)
os.close(read_end), os.close(write_end)

# Exec and spawn.
print(os.spawnv(os.P_WAIT, "/bin/sh", ["sh", "-c", "exit 4"]), os.system("exit 5") >> 8)
show("execv", os.execv, "/nonexistent", ["x"])
show("execv", os.execv, "/bin/sh", [])
show("execve", os.execve, "/bin/sh", ["sh"], {"a=b": "c"})
read_end, write_end = os.pipe()
pid = os.posix_spawn(
    "/bin/sh",
    ["sh", "-c", "echo $GREETING; exit 9"],
    {"GREETING": "hello"},
    file_actions=[(os.POSIX_SPAWN_DUP2, write_end, 1), (os.POSIX_SPAWN_CLOSE, read_end)],
    setsigmask=[signal.SIGUSR1],
)
os.close(write_end)
print(os.read(read_end, 100), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
os.close(read_end)
show("posix_spawn", os.posix_spawn, "/nonexistent", ["x"], {})
show("posix_spawn", os.posix_spawn, "/bin/sh", ["x"], {}, file_actions=[(7,)])

# subprocess.
print(subprocess.run(["cat"], input=b"some bytes", capture_output=True))
print(subprocess.run("echo out; echo err >&2; exit 3", shell=True, capture_output=True, text=True))
print(subprocess.check_output(["sh", "-c", "pwd; echo $X"], cwd="/", env={"X": "1"}))
show("missing program", subprocess.run, ["/nonexistent/program"])
show("missing directory", subprocess.run, ["true"], cwd="/nonexistent")
show("check", subprocess.check_call, ["sh", "-c", "exit 2"])
show("timeout", subprocess.run, ["sleep", "5"], timeout=0.05)
print(subprocess.run(["sh", "-c", "ulimit -c; echo $$"], stdout=subprocess.PIPE, preexec_fn=os.setsid).returncode)


def fail():
    raise ValueError


show("preexec_fn", subprocess.run, ["true"], preexec_fn=fail)
with subprocess.Popen(["sort"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
    print(process.communicate("b\na\nc\n"), process.returncode)
process = subprocess.Popen(["sleep", "10"])
process.terminate()
print(process.wait(), subprocess.getoutput("echo $((1 + 2))"))
keep, other = os.pipe()
script = f"import os\nfor fd in ({keep}, {other}):\n    try: os.fstat(fd); print('open')\n    except OSError as e: print(e.errno)"
print(subprocess.check_output([sys.executable, "-S", "-c", script], pass_fds=[keep]))

# Waiting for input.
poll = select.poll()
poll.register(keep, select.POLLIN)
print(poll.poll(0), select.select([keep], [other], [], 0)[:2] == ([], [other]))
os.write(other, b"x")
print(poll.poll(1000) == [(keep, select.POLLIN)], select.select([keep], [], [], 5)[0] == [keep])
with select.epoll() as epoll:
    epoll.register(keep, select.EPOLLIN)
    print(epoll.poll(1) == [(keep, select.EPOLLIN)], epoll.closed)
    epoll.unregister(keep)
    show("modify", epoll.modify, keep, select.EPOLLIN)
print(epoll.closed)
show("closed", epoll.poll)
show("select", select.select, 1, [], [])
show("select", select.select, [], [], [], -1)
show("select", select.select, ["x"], [], [])
show("poll", poll.poll, "x")
show("unregister", poll.unregister, other)
os.close(keep), os.close(other)

# Signals interrupt calls, which go on.
events = []
signal.signal(signal.SIGALRM, lambda number, frame: events.append(number))
signal.setitimer(signal.ITIMER_REAL, 0.05)
print(select.select([], [], [], 0.2), events == [signal.SIGALRM])
read_end, write_end = os.pipe()


def interrupt(number, frame):
    raise KeyError("from the handler")


signal.signal(signal.SIGALRM, interrupt)
signal.setitimer(signal.ITIMER_REAL, 0.05)
show("read", os.read, read_end, 1)
os.close(read_end), os.close(write_end)

# fcntl and mmap.
with tempfile.TemporaryFile() as f:
    f.write(b"0123456789" * 10)
    f.flush()
    print(fcntl.fcntl(f, fcntl.F_GETFD), fcntl.fcntl(f, fcntl.F_SETFD, 0), fcntl.fcntl(f.fileno(), fcntl.F_GETFD))
    fcntl.flock(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
    fcntl.lockf(f, fcntl.LOCK_EX, 10)
    lock = struct.pack("hhqqi4x", fcntl.F_RDLCK, 0, 0, 5, 0)
    print(len(fcntl.fcntl(f, fcntl.F_GETLK, lock)) == len(lock))
    show("fcntl", fcntl.fcntl, f, fcntl.F_GETFD, 1.5)
    show("fcntl", fcntl.fcntl, 999, fcntl.F_GETFD)
    with mmap.mmap(f.fileno(), 0) as m:
        print(m, len(m), m[3], m[5:9], m[::-20], m[-3:])
        m[0] = 65
        m[1:4] = b"bcd"
        print(m.read(6), m.tell(), m.seek(-5, os.SEEK_END), m.readline(), m.find(b"cd"), m.rfind(b"9"), m.find(b"zz"))
        m.move(10, 0, 5)
        m.seek(0)
        m.write(b"XY")
        m.flush()
        print(m[:16], os.pread(f.fileno(), 16, 0))
        show("assign", m.__setitem__, slice(0, 3), b"ab")
        show("value", m.__setitem__, 0, 256)
        show("index", m.__getitem__, 100)
        view = memoryview(m)
        show("exported", m.close)
        show("exported", m.resize, 200)
        print(view[:4].tobytes(), view.readonly)
        view.release()
        m.resize(200)
        print(len(m), os.fstat(f.fileno()).st_size, m.size())
    show("closed", m.read)
    print(m, m.closed)
    with mmap.mmap(f.fileno(), 10, access=mmap.ACCESS_READ) as m:
        print(bytes(m), m)
        show("read-only", m.write, b"x")
    show("too long", mmap.mmap, f.fileno(), 1000)
shared = mmap.mmap(-1, 100)
pid = os.fork()
if pid == 0:
    shared[:5] = b"child"
    os._exit(0)
os.waitpid(pid, 0)
print(shared[:5])
