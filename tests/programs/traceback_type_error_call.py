def greet(name, *, greeting='hello', mark='!'):
    return greeting + name + mark
print(greet('x'))
print(greet('x', greting='hi'))
