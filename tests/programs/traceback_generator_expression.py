numbers = [4, 2, 0]
print(sum(8 // n for n in numbers[:2]))
print(sum(
    8 // n
    for n in numbers
))
