"""Exceptions, context managers, and jumps out of them."""


def handlers(f):
    try:
        f()
    except ValueError:
        return 1
    except (KeyError, IndexError) as error:
        print(error)
        raise
    except Exception as error:
        raise RuntimeError from error
    except:
        pass
    else:
        f(1)
    finally:
        f(2)
    try:
        a and b
        if not a or b: c()
    except* OSError as group:
        print(group)
    except* (TypeError, ValueError):
        pass
    else:
        a
    finally:
        b


def loops(items):
    for item in items:
        try:
            if item: break
            elif item is None: continue
            else: return item
        finally:
            print(item)
    while True:
        try:
            try:
                return [i for i in items]
            except E as e:
                continue
        except F:
            break
        finally:
            x = lambda: items


def managers(a, b):
    with a: pass
    with a as x, b() as (y, z), a.b as a.c:
        return x
    with (a as x, b): print(x)
    for i in a:
        with b:
            if i: continue
            break
    with a:
        with b:
            raise a
    with a:
        try:
            with b as c: return c
        except: yield a
        finally: yield b


def returns():
    try: return 1
    finally: return 2


def nested():
    try:
        try:
            try: a
            except B: b
            finally: c
        except: d
        else: e
    finally:
        try: f
        finally: g


def suppressed():
    try: pass
    except: pass
    try: x = 1
    except E: x
    return x


def asserting(a):
    try: assert a, "message"
    except AssertionError as a: del a
    return a
