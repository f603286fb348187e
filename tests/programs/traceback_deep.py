def descend(path, tree):
    head, *rest = path
    return descend(rest, tree[head]) if rest else tree[head]


tree = {"a": {"b": {"c": 1}}}
print(descend("abc", tree))
print(descend("abd", tree))
