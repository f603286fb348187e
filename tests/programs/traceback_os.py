import os

print(os.path.basename("/a/b"))
os.listdir("/no/such/folder")
