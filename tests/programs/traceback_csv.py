import csv

for row in csv.reader(["a,b", 'c,"d'], strict=True):
    print(row)
