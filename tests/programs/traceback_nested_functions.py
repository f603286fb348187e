def outer(n):
    def middle(m):
        def inner(k):
            return n / (m - k)
        return inner(2)
    return middle(n)


print(outer(4))
print(outer(2))
