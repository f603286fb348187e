print(range(0, 10, 3)[-1])
print(range(0, 10, 0))
