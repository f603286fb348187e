groups = {}
for key in ("a", (1, 2), (1, [2])):
    groups[key] = 1
    print(key)
