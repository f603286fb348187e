import weakref


class Node:
    value = 1


node = Node()
proxy = weakref.proxy(node)
print(proxy.value)
del node
print(proxy.value)
