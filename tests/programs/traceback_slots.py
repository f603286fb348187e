class Cell:
    __slots__ = ('value',)
    def __init__(self, value):
        self.value = value
c = Cell(1)
print(c.value)
del c.value
print(c.value)
