class Lines:
    def __init__(self, lines):
        self.lines = lines

    def __iter__(self):
        for number, line in enumerate(self.lines, 1):
            if not line:
                raise ValueError(f"line {number} is empty")
            yield line


print(", ".join(Lines(["a", "b"])))
print(", ".join(Lines(["a", "", "c"])))
