class Countdown:
    def __init__(self, start):
        self.left = start

    def __iter__(self):
        return self

    def __next__(self):
        if self.left == 0:
            raise RuntimeError("ran below zero")
        self.left -= 1
        return self.left


for n in Countdown(2):
    print(n)
