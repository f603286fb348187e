from functools import reduce


def largest(values):
    return reduce(lambda a, b: a if a > b else b, values)


print(largest([3, 9, 2]))
print(largest([]))
