eval("1 if x else")
