async def fetch():
    return 1


async def main():
    value = await fetch()
    print(value)
    await value


try:
    main().send(None)
except StopIteration:
    pass
