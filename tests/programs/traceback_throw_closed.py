def steps():
    yield 1
    yield 2


s = steps()
print(next(s))
s.throw(KeyError("from outside"))
