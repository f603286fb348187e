names = ["a", "b", "c"]
values = [1, 2]
for name, value in zip(names, values, strict=True):
    print(name, value)
