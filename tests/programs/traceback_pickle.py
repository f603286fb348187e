import pickle


class Point:
    def __init__(self, x):
        self.x = x

    def __reduce__(self):
        return (Point, (self.x,), None, None, None, 5)


print(pickle.loads(pickle.dumps([1, 2])))
print(pickle.dumps(Point(1)))
