def counter(start=0):
    count = start
    def step(by=1):
        nonlocal count
        count += by
        return count
    def peek():
        return count
    return step, peek
step, peek = counter(10)
print(step(), step(5), peek())
print([c.cell_contents for c in step.__closure__], step.__code__.co_freevars)
fs = [lambda i=i: i * j for i in range(3) for j in (1, 2)]
print([f() for f in fs])
def make():
    x = 1
    class C:
        x = 2
        def get(self): return x
        y = [x for _ in range(2)]
    return C
print(make()().get(), make().y)
def late():
    def show(): return value
    try:
        show()
    except NameError as e:
        print(e)
    value = 5
    return show()
print(late())
del peek
try: peek
except NameError as e: print(e)
