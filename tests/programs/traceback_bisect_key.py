import bisect

print(bisect.bisect([1, 2, 3], 2))
bisect.insort(["a", "b"], 1)
