value = 3
print(eval('value + 1'))
print(eval('value + missing_name'))
