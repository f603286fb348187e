import atexit
atexit.register(print, 'at exit')
print('working')
raise SystemExit('stopped with a message')
