data = "naïve café".encode("latin-1")


def text(data):
    return data.decode("utf-8")


print(text(data))
