"""Functions: arguments, closures, decorators, generators, coroutines, annotations."""
import asyncio


@decorator
@decorator.attribute(1)
def decorated(a, /, b: int, c: "str" = "x", *args: tuple, d, e: float = 1.5, **kwargs: dict) -> None:
    nonlocal_value = cell = 0

    def inner(x=a, *, y=b):
        nonlocal cell
        cell += x
        free = nonlocal_value

        def innermost():
            return cell, free, a, __class__
        return innermost
    cell = inner(cell)
    return lambda: (cell, args, kwargs, d, e)


def generator(n):
    received = yield
    yield n
    value = yield received
    result = yield from generator(n - 1)
    try:
        yield value
    finally:
        yield result
    return (yield), lambda: (yield n)


async def coroutine(source, manager):
    await source
    async with manager as m, manager:
        await m
    async with manager:
        return 1
    async for item in source:
        if item:
            break
        continue
    else:
        await source
    comprehension = [x async for x in source if await x]
    nested = {x: [y async for y in x] for x in await source}
    return comprehension, nested, (x async for x in source), (await x for x in source)


async def async_generator(n):
    for i in range(n):
        yield i
        received = yield
    await asyncio.sleep(0)
    return


def comprehensions(data, flag):
    a = [x for x in data]
    b = {x for x in data if x if flag}
    c = {k: v for k, v in data}
    d = (x for x in data)
    e = [[y for y in x if y is not flag] for x in data for z in x]
    f = [lambda: x for x in data]
    x = [x for x in data if (last := x)]
    g = [x for x in [1]] + [y for y in (flag,)]
    try:
        h = [i / 0 for i in data]
    except ZeroDivisionError:
        h = [data for data in data]
    any(x for x in data)
    all(not x for x in data)
    tuple(x for x in data)
    return a, b, c, d, e, f, g, h, last


class Comprehended:
    names = [1, 2]
    listed = [name for name in names]
    nested = [[n for n in names] for names in [listed]]


def recursion(recursion=None): return recursion and recursion()


def conditional_return(a):
    if a:
        return 1
    elif a is None:
        raise ValueError(a) from None
    else:
        raise


def unreachable():
    return 1
    print("never")
    yield 2


def cell_argument(a, b, *c, **d):
    return [lambda: (a, c) for _ in b], d


def deletes(a):
    del a
    print(a)
    for a in a:
        del a
    return a


def swaps(a, b, c, d):
    a, b = b, a
    a, b, c = c, a, b
    a, b, c, d = d, c, b, a
    (a, b), c = c, (a, b)
    a, a = b, c
    return a, b, c, d
