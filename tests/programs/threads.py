"""Threads, locks, thread-local data, queues."""

import _thread
import queue
import threading
import time

# Locks.
lock = threading.Lock()
print(lock.acquire(), lock.acquire(False), lock.locked())
print(lock.acquire(timeout=0.01))
lock.release()
for call in (lock.release, lambda: lock.acquire(False, 1), lambda: lock.acquire(timeout=-2)):
    try:
        call()
    except Exception as error:
        print(type(error).__name__, error)

rlock = threading.RLock()
with rlock, rlock:
    print(rlock._is_owned(), rlock._recursion_count())
try:
    rlock.release()
except RuntimeError as error:
    print(error)

# Many threads, one counter.
total = 0


def work():
    global total
    for _ in range(1000):
        with lock:
            total += 1


threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(total, any(thread.is_alive() for thread in threads))

# Thread-local data.
class Local(threading.local):
    def __init__(self, start):
        self.value = start


local = Local(10)
local.value += 1
seen = []


def look():
    seen.append(local.value)
    local.value = "mine"


thread = threading.Thread(target=look)
thread.start()
thread.join()
print(seen, local.value, local.__dict__)

# Conditions, events, barriers, queues.
event = threading.Event()
print(event.wait(0.01))
threading.Timer(0.01, event.set).start()
print(event.wait(10))

barrier = threading.Barrier(3)
order = queue.SimpleQueue()


def arrive():
    barrier.wait()
    order.put("passed")


for _ in range(2):
    threading.Thread(target=arrive).start()
barrier.wait()
print(order.get(timeout=10), order.get(timeout=10))
try:
    order.get(timeout=0.01)
except queue.Empty:
    print("empty")

channel = queue.Queue(maxsize=2)


def produce():
    for number in range(5):
        channel.put(number)
    channel.put(None)


threading.Thread(target=produce).start()
print(list(iter(channel.get, None)))

# Handles.
handle = _thread.start_joinable_thread(lambda: time.sleep(0.01))
handle.join()
print(handle.is_done())
try:
    _thread._ThreadHandle().join()
except RuntimeError as error:
    print(error)

# An exception in a thread goes to the hook.
def hook(args):
    print("hook", args.exc_type.__name__, args.exc_value, args.thread.name)


threading.excepthook = hook


def fail():
    raise ValueError("in the thread")


thread = threading.Thread(target=fail, name="failing")
thread.start()
thread.join()

# A signal handler runs in the main thread while it waits.
import signal

signal.signal(signal.SIGALRM, lambda number, frame: print("alarm", threading.current_thread() is threading.main_thread()))
signal.setitimer(signal.ITIMER_REAL, 0.02)
deadline = time.monotonic() + 0.1
while time.monotonic() < deadline:
    time.sleep(0.01)
print("done")
