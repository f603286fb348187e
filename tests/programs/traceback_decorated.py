import functools
def logged(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        print('call', function.__name__)
        return function(*args, **kwargs)
    return wrapper
@logged
def parse(text):
    return float(text)
print(parse('1.5'))
parse('1,5')
