def grow(x, steps):
    for _ in range(steps):
        x = x ** 2
    return x


print(grow(1.5, 5))
print(grow(1e10, 6))
