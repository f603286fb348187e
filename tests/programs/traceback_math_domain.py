import math


def hypotenuse(a, c):
    return math.sqrt(
        c * c - a * a
    )


print(hypotenuse(3, 5))
print(hypotenuse(5, 3))
