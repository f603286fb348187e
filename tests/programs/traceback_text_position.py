import io

text = io.TextIOWrapper(io.BytesIO(b"a\nb\nc\n"), encoding="utf-8")
for line in text:
    print(line.strip(), text.tell())
