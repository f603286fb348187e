import collections
def compute(value):
    result = value * 2
    return reslt
compute(4)
