table = {'half': lambda n: n / 2, 'inverse': lambda n: 1 / n}
for name, f in table.items():
    print(name, f(4))
print(sorted([3, 0, 1], key=lambda n: table['inverse'](n)))
