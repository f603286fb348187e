import unicodedata

print(unicodedata.name("é"), unicodedata.lookup("SNOWMAN"))
print(unicodedata.name("\x00"))
