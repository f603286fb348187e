class Resource:
    def __enter__(self):
        return self

    def __exit__(self, *details):
        raise OSError("could not release")


with Resource():
    raise ValueError("in the body")
