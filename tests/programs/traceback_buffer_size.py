import io

buffer = io.BytesIO(b"abc")
view = buffer.getbuffer()
print(bytes(view))
buffer.write(b"more than there was")
