def first_line(path):
    with open(path) as file:
        return file.readline()


first_line("/no/such/file.txt")
