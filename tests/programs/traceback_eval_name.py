scope = {"x": 3}
print(eval("x * 2", scope))
print(eval("x * yy", scope))
