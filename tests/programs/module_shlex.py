import shlex

for text in ("a b  c", "echo 'single quoted' \"double $x\"", r"back\ slash \"q", "a#b # comment", "x='a b'c", ""):
    print(shlex.split(text), shlex.split(text, comments=True), shlex.split(text, posix=False) if "\\" not in text else "-")
print(shlex.quote("it's"), shlex.quote("safe-name_1.txt"), shlex.quote(""), shlex.join(["a b", "c'd", "$x"]))
lexer = shlex.shlex("a && b || c; d>out | (e)", punctuation_chars=True)
print(list(lexer))
lexer = shlex.shlex("x = 'y' # note\nz", posix=True)
lexer.wordchars += "."
print([(token, lexer.lineno) for token in lexer])
for bad in ("'open", '"open', "trailing\\"):
    try:
        shlex.split(bad)
    except ValueError as error:
        print(error)
