counts = {"a": 1, "b": 2}
for name in counts:
    counts[name + name] = counts[name]
