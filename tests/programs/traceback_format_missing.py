print("{name} {0}".format("a", name="b"))
print("{name} {1}".format("a", name="b"))
