def run(eg):
    try: raise eg
    except* ValueError as e: print('values', [str(x) for x in e.exceptions])
    except* (TypeError, KeyError) as e: print('others', e.exceptions)
    else: print('else')
    finally: print('finally')
run(ExceptionGroup('g', [ValueError('1'), TypeError('2'), ValueError('3')]))
try: run(ExceptionGroup('g', [OSError('o'), KeyError('k')]))
except ExceptionGroup as e: print(repr(e), e.exceptions)
run(ValueError('naked'))
eg = ExceptionGroup('top', [ValueError(1), ExceptionGroup('sub', [TypeError(2), ValueError(3)])])
print(eg.subgroup(ValueError), eg.split(TypeError))
print(eg.derive([OSError()]), str(eg), eg.message)
for bad in (lambda: ExceptionGroup('x', []), lambda: ExceptionGroup('x', [1]), lambda: ExceptionGroup(1, [ValueError()])):
    try: bad()
    except (TypeError, ValueError) as e: print(type(e).__name__, e)
