def lines(text):
    for number, line in enumerate(text.splitlines(), 1):
        yield number, line


def strip_comments(rows):
    for number, line in rows:
        line = line.partition("#")[0].strip()
        if line:
            yield number, line


def parse(rows):
    for number, line in rows:
        try:
            name, value = line.split("=")
            yield name.strip(), int(value)
        except ValueError as error:
            yield f"line {number}", error


def averager():
    total = count = 0
    average = None
    while True:
        try:
            value = yield average
        except ZeroDivisionError:
            total = count = 0
            average = None
            continue
        if value is None:
            return total, count
        total += value
        count += 1
        average = total / count


def delegating(results):
    while True:
        results.append((yield from averager()))


TEXT = "a = 1\n# note\nb=22 # two\nbroken\n\nc = x\n"
print(list(parse(strip_comments(lines(TEXT)))))
g = averager()
print(next(g), g.send(10), g.send(20), g.throw(ZeroDivisionError), g.send(4))
try:
    g.send(None)
except StopIteration as stop:
    print(stop.value)
results = []
d = delegating(results)
next(d)
for value in (1, 2, 3, None, 10, None):
    d.send(value)
print(results)


def tree(node):
    if node:
        left, value, right = node
        yield from tree(left)
        yield value
        yield from tree(right)


print(list(tree((((None, 1, None), 2, None), 3, ((None, 4, None), 5, None)))))


def primes():
    found = []
    n = 2
    while True:
        if all(n % p for p in found if p * p <= n):
            found.append(n)
            yield n
        n += 1


from itertools import islice, takewhile
print(list(islice(primes(), 15)), sum(takewhile(lambda p: p < 200, primes())))
squares = (x * x for x in range(5))
print(next(squares), sum(squares), list(squares), any(x > 3 for x in range(10)), dict((c, i) for i, c in enumerate("abc")))


def closing():
    try:
        yield 1
        yield 2
    finally:
        print("closed")


c = closing()
next(c)
c.close()
for x in closing():
    if x == 1:
        break
print(g.gi_frame, c.gi_running)
