class Noisy:
    def __del__(self):
        print('deleted')
def f():
    n = Noisy()
    raise ValueError('while holding')
f()
