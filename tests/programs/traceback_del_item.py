inventory = {"apple": 3}
del inventory["apple"]
print(inventory)
del inventory["apple"]
