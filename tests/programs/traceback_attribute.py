class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y
    def norm(self):
        return (self.x ** 2 + self.yy ** 2) ** 0.5
p = Point(3, 4)
print(p.x)
print(p.norm())
