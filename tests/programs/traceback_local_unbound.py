def total(items):
    for item in items:
        result = item
    return result


print(total([1, 2]))
print(total([]))
