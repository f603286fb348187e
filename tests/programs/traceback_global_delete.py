value = 1


def clear():
    global value
    del value
    return value


clear()
