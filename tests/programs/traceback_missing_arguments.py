class A:
    def method(self, a, b, c=1, *, d):
        return a
A().method(1, 2, d=3)
A().method()
