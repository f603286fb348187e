# Without the module unicodedata there are no names of characters.
import sys

sys.modules["unicodedata"] = None
for attempt in [
    lambda: eval(r"'\N{SOFT HYPHEN}'"),
    lambda: eval(r"f'{1}\N{SOFT HYPHEN}'"),
    lambda: eval(r"'\N'"),
    lambda: b"\\N{DIGIT ONE}".decode("unicode_escape"),
    lambda: b"\\N{DIGIT ONE}".decode("unicode_escape", "replace"),
    lambda: "\xe9".encode("ascii", "namereplace"),
]:
    try:
        print(ascii(attempt()))
    except Exception as error:
        print(type(error).__name__, error, error.__context__)
print(eval(r"b'\N{x}'"), eval(r"r'\N{x}'"))
