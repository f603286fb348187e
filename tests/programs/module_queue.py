import queue
import threading

fifo, lifo, priority, simple = queue.Queue(3), queue.LifoQueue(), queue.PriorityQueue(), queue.SimpleQueue()
for n in (3, 1, 2):
    fifo.put(n), lifo.put(n), priority.put((n, str(n))), simple.put(n)
print(fifo.full(), fifo.qsize(), [lifo.get() for _ in range(3)], [priority.get()[1] for _ in range(3)], [simple.get() for _ in range(3)], lifo.empty(), simple.empty())
for bad in (lambda: fifo.put_nowait(4), lambda: fifo.put(4, timeout=0.01), lambda: lifo.get_nowait(), lambda: simple.get(timeout=0.01), lambda: lifo.get(timeout=-1), lambda: fifo.task_done() or fifo.task_done() or fifo.task_done() or fifo.task_done()):
    try:
        bad()
    except (queue.Full, queue.Empty, ValueError) as error:
        print(type(error).__name__, error)
work, done = queue.Queue(2), []


def worker():
    while (item := work.get()) is not None:
        done.append(item * item)
        work.task_done()
    work.task_done()


threads = [threading.Thread(target=worker) for _ in range(3)]
for t in threads:
    t.start()
for n in range(20):
    work.put(n)
for _ in threads:
    work.put(None)
work.join()
for t in threads:
    t.join()
print(sorted(done) == [n * n for n in range(20)])
closing = queue.Queue()
closing.put(1)
closing.shutdown()
print(closing.get())
for bad in (closing.get, lambda: closing.put(1)):
    try:
        bad()
    except queue.ShutDown as error:
        print(type(error).__name__)
