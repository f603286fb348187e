compile("x = 'abc", "<line>", "exec")
