def worker():
    while True:
        try:
            item = yield
            print('got', item)
        except ValueError as e:
            print('handled', e)
w = worker()
next(w)
w.send(1)
w.throw(ValueError('v'))
w.throw(KeyError('k'))
