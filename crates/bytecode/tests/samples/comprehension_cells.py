def restored(items, more):
    for r in items:
        pass
    try:
        out = [int(r) for r in more]
    except ValueError:
        out = None
    try:
        functions = [lambda: r for r in more if r]
    except AttributeError:
        functions = None
    return out, functions, r, [r for r in items if not any(r == e for e in more)], lambda: r
