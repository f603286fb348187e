def flatten(rows):
    return [cell for row in rows for cell in row]


print(flatten([[1], (2, 3)]))
flatten([[1], 2])
