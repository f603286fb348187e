def show(value):
    return f"value: {value
        .missing!r:>{10}}"


show(3)
