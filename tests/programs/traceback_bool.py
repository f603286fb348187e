class Maybe:
    def __bool__(self):
        return "yes"


if Maybe():
    print("never")
