with memoryview(b"abc") as view:
    print(view[0])
print(view[0])
