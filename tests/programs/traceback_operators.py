x = {'a': {'b': None}}
print(x['a'])
y = (1 + 2) * (x['a']['b'] + 4)
