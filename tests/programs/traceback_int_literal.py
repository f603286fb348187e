values = ["1", " 22 ", "0x1f", "3_000", "four"]
print([int(value, 0) if value != "four" else int(value) for value in values])
