# Futures and tasks at their edges: long chains, objects that change a future while it is used, tasks that die, cycles, threads.
import asyncio
import gc
import threading
import weakref
from asyncio import events

loop = asyncio.new_event_loop()
loop.set_exception_handler(lambda loop, context: None)


def chains():
    future = loop.create_future()
    future.set_result(None)
    for _ in range(50_000):
        following = loop.create_future()
        following.set_result(future)
        future = following
    del future, following
    future = loop.create_future()
    for _ in range(50_000):
        following = loop.create_future()
        following.add_done_callback(future.set_result)
        future = following


def dying_tasks():
    seen = []

    class Deleted(asyncio.Task):
        def __del__(self):
            seen.append(self in asyncio.all_tasks(loop))
            super().__del__()

    async def turn():
        await asyncio.sleep(0)

    for kind in asyncio.Task, Deleted:
        for number in range(10):
            task = kind(turn(), loop=loop)
            task.get_coro().close()
            loop._ready.clear()
            reference = weakref.ref(task, lambda _: seen.append(len(asyncio.all_tasks(loop))))
            if number % 2:
                task.own = task
            del task
            gc.collect()
    print("dying tasks", seen, asyncio.all_tasks(loop))


class Meddler:
    def __init__(self, future):
        self.future = future

    def __call__(self, *args):
        pass

    def __del__(self):
        try:
            self.future.add_done_callback(print)
            self.future.remove_done_callback(print)
        except RuntimeError:
            pass  # between two initialisations

    def __eq__(self, other):
        self.future.__init__(loop=loop)
        return False


def meddling():
    future = loop.create_future()
    for _ in range(5):
        future.add_done_callback(Meddler(future))
    future.__init__(loop=loop)
    print("initialised again", future._callbacks)
    for _ in range(5):
        future.add_done_callback(Meddler(future))
    print("removed", future.remove_done_callback(Meddler(future)))


def threads():
    async def wait(number):
        await asyncio.sleep(0.0001 * (number % 3))
        return number

    async def main():
        return sum(await asyncio.gather(*map(wait, range(50))))

    sums = []
    workers = [threading.Thread(target=lambda: sums.append(asyncio.run(main()))) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    print("threads", sums)


def cycles():
    references = []
    for _ in range(20):
        future = loop.create_future()
        future.own = future
        future.add_done_callback(lambda done, future=future: future)
        references.append(weakref.ref(future))
    del future
    gc.collect()
    print("cycles", sum(reference() is not None for reference in references))


chains()
events._set_running_loop(loop)
dying_tasks()
events._set_running_loop(None)
meddling()
threads()
cycles()
loop.close()
