import bisect

grades = [60, 70, 80, 90]
print(["FDCBA"[bisect.bisect(grades, score)] for score in (33, 99, 77, 70, 89, 90, 100)])
data = [("red", 5), ("blue", 1), ("yellow", 8), ("black", 0)]
data.sort(key=lambda r: r[1])
keys = [r[1] for r in data]
for wanted in (0, 1, 5, 8, 9):
    i = bisect.bisect_left(data, wanted, key=lambda r: r[1])
    print(wanted, i, data[i] if i < len(data) else None)
bisect.insort(data, ("brown", 7), key=lambda r: r[1])
bisect.insort_left(data, ("white", 5), key=lambda r: r[1])
print(data)
numbers = [1, 2, 2, 2, 3]
print(bisect.bisect_left(numbers, 2), bisect.bisect_right(numbers, 2), bisect.bisect(numbers, 2, 0, 2), bisect.bisect_left(range(0, 10**18, 3), 10**17))
for arguments in (([1, "a"], 2), ([1], 1, -1)):
    try:
        print(bisect.bisect(*arguments))
    except (TypeError, ValueError) as error:
        print(type(error).__name__, error)
