import itertools

numbers = itertools.chain([1, 2], ["3"])
print(list(itertools.accumulate(numbers)))
