print("abc".encode("rot13" if False else "ascii"))
print("abc".encode("no-such-codec"))
