# Names of characters in literals, codecs and unicodedata.
for n in ["TANGUT IDEOGRAPH-17000","TANGUT IDEOGRAPH-187F7","tangut ideograph-18d08", "LATIN CAPITAL LETTER GHA", "latin small letter  a", "latinsmall letter a","LATIN-SMALL LETTER A","TANGUT IDEOGRAPH-017000","CJK UNIFIED IDEOGRAPH-04E00","CJK UNIFIED IDEOGRAPH-4e00","HANGUL SYLLABLE GA","hangul syllable ga","HANGUL-SYLLABLE GA","LF","NULL","BEL","ALERT","BELL", "EMOJI", "SPACE ", " SPACE"]:
    for f in (lambda n: eval("'\\N{%s}'"%n), lambda n: ("\\N{%s}"%n).encode().decode('unicode_escape'), lambda n: __import__('unicodedata').lookup(n)):
        try: print(n, ascii(f(n)))
        except Exception as e: print(n, repr(e))
