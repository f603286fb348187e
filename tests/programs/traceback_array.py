from array import array

numbers = array("h", [1, 2, 3])
numbers.append(32767)
print(numbers)
numbers.append(32768)
