cells = list(range(6))
cells[::2] = "abc"
print(cells)
cells[::2] = "ab"
