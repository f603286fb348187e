"""The limit on digits of decimal texts."""
text = "9" * 4300
print(int(text) % 97)
print(int(text + "9"))
