word = "python"
print(word[5], word[-6])
print(word[
    6
])
