words = ["plain", "naïve", "\ud800"]
for word in words:
    print(word.encode("ascii", "replace"))
for word in words:
    print(word.encode("utf-8"))
