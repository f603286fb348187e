async def numbers():
    yield 1
    raise ValueError("no more numbers")


async def main():
    async for n in numbers():
        print(n)


try:
    main().send(None)
except StopIteration:
    pass
