import asyncio
async def work(name, delay, log):
    log.append(f'start {name}')
    await asyncio.sleep(delay)
    log.append(f'end {name}')
    return name.upper()
async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)
class Ctx:
    async def __aenter__(self): print('enter'); return self
    async def __aexit__(self, *a): print('exit', a[0]); return True
async def main():
    log = []
    print(await asyncio.gather(work('a', 0.02, log), work('b', 0.01, log)), log)
    print([x async for x in numbers(4) if x % 2], {x: x async for x in numbers(2)})
    async with Ctx(): raise ValueError('swallowed')
    try: await asyncio.wait_for(asyncio.sleep(5), 0.01)
    except TimeoutError as e: print('timeout', repr(e))
    task = asyncio.create_task(asyncio.sleep(10)); await asyncio.sleep(0); task.cancel()
    try: await task
    except asyncio.CancelledError: print('cancelled', task.cancelled())
    try:
        async with asyncio.TaskGroup() as tg:
            tg.create_task(work('x', 0, log)); tg.create_task(fail())
    except* ZeroDivisionError as eg: print(eg.exceptions)
    q = asyncio.Queue()
    async def produce():
        for i in range(3): await q.put(i)
        await q.put(None)
    async def consume():
        got = []
        while (x := await q.get()) is not None: got.append(x)
        return got
    print((await asyncio.gather(produce(), consume()))[1])
async def fail(): 1 / 0
asyncio.run(main())
