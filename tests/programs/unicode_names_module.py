# Names of characters come from the module unicodedata, which a first name imports.
import sys

print("unicodedata" in sys.modules)
print(eval(r"'\N{DIGIT ONE}'"), "unicodedata" in sys.modules)
del sys.modules["unicodedata"]
print("\u0661".encode("ascii", "namereplace"), b"\\N{DIGIT TWO}".decode("unicode_escape"), "unicodedata" in sys.modules)
