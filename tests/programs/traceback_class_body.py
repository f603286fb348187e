class Table:
    rows = [1, 2, 3]
    width = len(rows)
    first = rows[width]
