def parse(text):
    try:
        return int(text)
    except ValueError:
        raise LookupError(text)


def load(texts):
    try:
        return [parse(text) for text in texts]
    except LookupError as error:
        raise RuntimeError("cannot load") from error


load(["1", "two"])
