async def inner(n):
    if n == 0:
        raise LookupError('bottom')
    await inner(n - 1)
async def outer():
    await inner(2)
c = outer()
c.send(None)
