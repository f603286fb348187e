import pickle

data = pickle.dumps({"a": [1, 2, 3]})
print(pickle.loads(data))
print(pickle.loads(data[:-5]))
