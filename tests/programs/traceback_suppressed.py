def f():
    try:
        [][1]
    except IndexError:
        raise ValueError('nothing there') from None
f()
