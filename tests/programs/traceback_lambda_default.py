handlers = {"add": lambda a, b: a + b, "neg": lambda a: -a}
print(handlers["add"](1, 2))
handlers["neg"](1, 2)
