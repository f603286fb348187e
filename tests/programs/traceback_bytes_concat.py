header = b"HTTP/1.1 "
print(header + b"200")
print(header + "200")
