try:
    raise ExceptionGroup('outer', [ValueError(1), ExceptionGroup('inner', [TypeError('t'), KeyError('k')])])
except* TypeError as group:
    print('types', group.exceptions)
