def parse(line):
    name, value = line.split("=")
    return name, int(value)


print(dict(map(parse, ["a=1", "b=2", "c"])))
