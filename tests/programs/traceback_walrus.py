def first_match(rows):
    while (row := rows.pop(0)) is not None:
        if (n := row["n"]) > 2:
            return n


print(first_match([{"n": 1}, {"n": 3}]))
print(first_match([{"n": 1}, {"m": 3}]))
