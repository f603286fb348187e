compile("print((1, 2]", "<line>", "exec")
