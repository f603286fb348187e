tags = {"a", ("b", 1)}
print(len(tags))
tags.add(["c"])
