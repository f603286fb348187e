def divide(a, b):
    return a / b

def total(values):
    return sum(divide(v, v - 3) for v in values)

print(total([1, 2]))
print(total([1, 2, 3]))
