class Circle:
    def __init__(self, r):
        self._r = r
    @property
    def r(self):
        return self._r
    @r.setter
    def r(self, value):
        if value < 0:
            raise ValueError('negative radius')
        self._r = value
c = Circle(2)
c.r = 3
print(c.r)
c.r = -1
