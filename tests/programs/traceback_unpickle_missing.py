import pickle

print(pickle.loads(b"cbuiltins\nlen\n."))
print(pickle.loads(b"cbuiltins\nno_such_function\n."))
