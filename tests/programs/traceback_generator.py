def numbers():
    yield 1
    yield 2
    raise StopIteration('inside')
for n in numbers():
    print(n)
