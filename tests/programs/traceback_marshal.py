import marshal

print(marshal.loads(marshal.dumps((1, "a", None))))
print(marshal.dumps([1, object()]))
