import asyncio


async def worker(name, queue, results):
    while True:
        item = await queue.get()
        if item is None:
            break
        await asyncio.sleep(0)
        results.append((name, item * item))
        queue.task_done()


async def producer_consumer():
    queue, results = asyncio.Queue(maxsize=2), []
    tasks = [asyncio.create_task(worker(f"w{i}", queue, results), name=f"w{i}") for i in range(2)]
    for i in range(6):
        await queue.put(i)
    await queue.join()
    for _ in tasks:
        await queue.put(None)
    await asyncio.gather(*tasks)
    return sorted(value for _, value in results)


async def timeouts():
    try:
        async with asyncio.timeout(0.01):
            await asyncio.sleep(10)
    except TimeoutError as error:
        print("timeout", repr(error))
    try:
        await asyncio.wait_for(asyncio.Event().wait(), 0.01)
    except TimeoutError:
        print("waited")


async def groups():
    async def fail(after, error):
        await asyncio.sleep(after)
        raise error

    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(fail(0, ValueError("a")))
            group.create_task(fail(10, KeyError("b")))
    except* ValueError as errors:
        print("group", errors.exceptions)


async def cancelling():
    log = []

    async def task():
        try:
            await asyncio.sleep(10)
        except asyncio.CancelledError:
            log.append("cancelled")
            raise
        finally:
            log.append("finally")

    t = asyncio.create_task(task())
    await asyncio.sleep(0)
    print(t.cancel(), t.cancelling())
    try:
        await t
    except asyncio.CancelledError:
        print(log, t.cancelled(), t.done())


async def primitives():
    lock, event, condition, semaphore = asyncio.Lock(), asyncio.Event(), asyncio.Condition(), asyncio.Semaphore(2)
    order = []

    async def use(n):
        async with semaphore:
            async with lock:
                order.append(n)
                await asyncio.sleep(0)
        async with condition:
            condition.notify_all()

    async def wait():
        await event.wait()
        return "set"

    waiter = asyncio.ensure_future(wait())
    await asyncio.gather(*(use(n) for n in range(4)))
    event.set()
    print(order, await waiter, lock.locked(), semaphore.locked())
    barrier = asyncio.Barrier(2)
    print(await asyncio.gather(barrier.wait(), barrier.wait()))
    done, pending = await asyncio.wait([asyncio.create_task(asyncio.sleep(0, i)) for i in range(3)])
    print(sorted(t.result() for t in done), pending)
    print([await f for f in asyncio.as_completed([asyncio.sleep(0.02, "slow"), asyncio.sleep(0, "fast")])])
    print(await asyncio.to_thread(lambda: "thread"), await asyncio.gather(asyncio.sleep(0, 1), fail(), return_exceptions=True))


async def fail():
    raise ValueError("x")


async def subprocess():
    process = await asyncio.create_subprocess_exec("/bin/echo", "hello", stdout=asyncio.subprocess.PIPE)
    out, _ = await process.communicate()
    print(out, process.returncode)


async def streams():
    async def handle(reader, writer):
        line = await reader.readline()
        writer.write(line.upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"hello\n")
    print(await reader.read())
    writer.close()
    server.close()
    await server.wait_closed()


async def generators():
    async def ticks(n):
        try:
            for i in range(n):
                yield i
                await asyncio.sleep(0)
        finally:
            print("closed")

    async for i in ticks(5):
        if i == 2:
            break
    print([i async for i in ticks(3)], {i: i async for i in ticks(2)})
    print(await anext(ticks(1)), await anext(ticks(0), "default"))


print(asyncio.run(producer_consumer()))
for part in (timeouts, groups, cancelling, primitives, subprocess, streams, generators):
    print(part.__name__)
    asyncio.run(part())
with asyncio.Runner() as runner:
    print(runner.run(asyncio.sleep(0, "runner")))
