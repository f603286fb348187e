source = """
def f(x)
    return x
"""
compile(source, "<template>", "exec")
