print('before')
exec('x = 1\nfor in range(3):\n    pass\n', {})
