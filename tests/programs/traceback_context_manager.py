from contextlib import contextmanager
@contextmanager
def resource(name):
    print('open', name)
    try:
        yield name
    finally:
        print('close', name)
with resource('a') as a, resource('b') as b:
    raise OSError(2, 'No such thing', 'name')
