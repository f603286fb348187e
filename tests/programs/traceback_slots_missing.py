class Small:
    __slots__ = ("a",)


s = Small()
s.a = 1
print(s.a)
s.b = 2
