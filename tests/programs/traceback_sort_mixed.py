values = [3, "one", 2]
print(sorted(values, key=str))
values.sort()
