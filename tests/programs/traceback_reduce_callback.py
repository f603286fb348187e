from functools import reduce

print(reduce(lambda total, word: total + len(word), ["a", "bc", 3], 0))
