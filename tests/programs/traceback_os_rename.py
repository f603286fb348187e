import os

os.rename("/no/such/file", "/no/such/other")
