print("%s is %d" % ("x", 3))
print("%s is %d of %d" % ("x", 3))
