class Point:
    __match_args__ = ("x", 1)

    def __init__(self, x):
        self.x = x


match Point(1):
    case Point(1):
        print("one")
match Point(2):
    case Point(x, y):
        print(x, y)
