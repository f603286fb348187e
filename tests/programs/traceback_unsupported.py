import io

text = io.TextIOWrapper(io.BytesIO(b"a\nb\n"))
print(text.readline().strip())
print(text.fileno())
