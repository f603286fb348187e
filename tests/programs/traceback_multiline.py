def f(a, b, c):
    return a[b](
        c,
        key=1,
    )
f([print, None], 1,
  [x for x in range(3)])
