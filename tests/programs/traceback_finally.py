def close(name):
    raise OSError(5, "cannot close", name)


def work():
    try:
        return {}["result"]
    finally:
        close("log")


work()
