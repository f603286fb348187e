import io

file = io.BytesIO(b"abc")
with file:
    print(file.read())
print(file.read())
