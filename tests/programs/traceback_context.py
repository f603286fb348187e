def cleanup():
    raise RuntimeError('cleanup failed')

try:
    int('abc')
finally:
    cleanup()
