import operator

total = operator.itemgetter(1, "x")
print(operator.attrgetter("real")(3), operator.methodcaller("upper")("a"))
print(total([1, 2, 3]))
