import threading
import time

log, lock = [], threading.Lock()
local = threading.local()


def worker(n, *, extra=0):
    local.value = n
    time.sleep(0.001 * (3 - n))
    with lock:
        log.append((n, local.value, extra, threading.current_thread().name))


threads = [threading.Thread(target=worker, args=(n,), kwargs={"extra": n * 2}, name=f"worker-{n}") for n in range(3)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(sorted(log), threads[0].is_alive(), hasattr(local, "value"))
count = 0


def increment():
    global count
    for _ in range(1000):
        with lock:
            count += 1


threads = [threading.Thread(target=increment) for _ in range(4)]
[t.start() for t in threads], [t.join() for t in threads]
print(count)
condition, items = threading.Condition(), []


def consume():
    with condition:
        condition.wait_for(lambda: len(items) == 3)
        items.append("consumed")


consumer = threading.Thread(target=consume)
consumer.start()
for n in range(3):
    with condition:
        items.append(n)
        condition.notify()
consumer.join()
event, barrier, semaphore = threading.Event(), threading.Barrier(2, action=lambda: print("barrier")), threading.BoundedSemaphore(1)
timer = threading.Timer(0.01, event.set)
timer.start()
print(items, event.wait(5), event.is_set(), event.wait(0))
other = threading.Thread(target=barrier.wait)
other.start()
print(barrier.wait() in (0, 1), barrier.parties, barrier.broken)
other.join()
rlock = threading.RLock()
with rlock, rlock:
    print("reentered")
print(lock.acquire(), lock.acquire(blocking=False), lock.acquire(timeout=0.01), lock.release(), lock)if False else print(lock.acquire(), lock.acquire(blocking=False), lock.acquire(timeout=0.01), lock.release())
caught = []
threading.excepthook = lambda args: caught.append((args.exc_type.__name__, str(args.exc_value), args.thread.name))
broken = threading.Thread(target=lambda: 1 / 0, name="broken")
broken.start()
broken.join()
print(caught, threading.main_thread() is threading.current_thread(), threading.active_count())
for bad in (lambda: semaphore.release(), lambda: lock.release(), lambda: rlock.release(), lambda: broken.start(), lambda: threading.current_thread().join(), lambda: condition.notify(), lambda: threading.Thread().join(), lambda: threading.Barrier(2).wait(0.01), lambda: threading.stack_size(5)):
    try:
        bad()
    except (RuntimeError, ValueError, threading.BrokenBarrierError) as error:
        print(type(error).__name__, error)
