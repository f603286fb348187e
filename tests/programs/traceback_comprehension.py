data = [{'a': 1}, {'a': 2}, {'b': 3}]
print([row['a'] for row in data[:2]])
print([row['a'] for row in data])
