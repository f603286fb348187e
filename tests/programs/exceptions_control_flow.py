def f(kind):
    try:
        if kind == 1: return 'returned'
        if kind == 2: raise ValueError(2)
        if kind == 3: raise KeyError('three')
        print('body')
    except ValueError as e:
        print('caught', e)
        return 'from except'
    except (KeyError, IndexError) as e:
        print('keyed', repr(e))
    else:
        print('else')
        return 'from else'
    finally:
        print('finally', kind)
    return 'end'
for k in range(4): print(f(k))
def g():
    for i in range(4):
        try:
            if i == 1: continue
            if i == 3: break
            print(i)
        finally:
            print('f', i)
    while True:
        try:
            return 'inner'
        finally:
            return_value = 'set'
            break
    return return_value
print(g())
try:
    try: raise ValueError('a')
    except ValueError: raise TypeError('b')
except TypeError as e: print(repr(e.__context__), e.__cause__)
try: e
except NameError as n: print(n)
class Err(Exception):
    def __init__(self, code, *args): super().__init__(code, *args); self.code = code
    def __str__(self): return f'code {self.code}'
try: raise Err(7, 'x')
except Err as e: print(e, e.args, repr(e))
import traceback
try: 1 / 0
except ZeroDivisionError: print(traceback.format_exc().splitlines()[-1])
try: raise Err
except TypeError as e: print(e)
try: raise 5
except TypeError as e: print(e)
